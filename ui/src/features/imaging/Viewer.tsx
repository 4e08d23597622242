import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import { AppLink, useKeys, useMay, useViewerKeys } from "../../app";
import { useSend } from "../../backend";
import { formatNumber } from "../../clinical";
import { Button, SegmentedControl, SidePanel } from "../../design";
import * as m from "../../paraglide/messages";
import type { AnalysisJob, ImageView, StudyView } from "../../wire";
import { AiPanel } from "./AiPanel";
import { speedText, useCine } from "./cine";
import { type FilmHand, isMeasure, presetsOf, stepped, useFilms, useMeasures } from "./films";
import { useFrames } from "./frames";
import { moved, nextLayout } from "./hanging";
import { isFaint } from "./Heat";
import { type Judge, judgedOf } from "./Judging";
import { hints, keyOf, takesKeys } from "./keys";
import { saidOf, useMarks } from "./marks";
import { ModelCard } from "./ModelCard";
import { useNarrow } from "./narrow";
import { type Content, Panes, studyWords, whenWord } from "./Panes";
import { ReportPanel } from "./Report";
import { Stage } from "./Stage";
import { Tools } from "./Tools";
import { usePanes } from "./usePanes";
import { When } from "./When";
import { shortened, Written } from "./Written";
import * as g from "./viewport/geometry";
import { sameScale } from "./viewport/linked";
import { apart, byPosition, placeOf } from "./viewport/slices";
import { useFollowing } from "./following";

/** Under this width the AI panel is a second view of the middle. */
const narrow = 1100;

type Shown = Content & { image: ImageView; study: StudyView };

export function Viewer({ study, onImage, jobs, next, more, beside }: { study: StudyView; onImage(id: string): void; jobs: AnalysisJob[]; next?(): void; more?: boolean; beside?(): void }) {
  const keys = useViewerKeys();
  const may = useMay();
  const isNarrow = useNarrow(narrow);
  const panes = usePanes(study);
  const { hanging, contents } = panes;
  const load = useFrames();
  const films = useFilms(contents.map((c) => c.image), hanging.linked && hanging.layout !== "1x1");
  const measures = useMeasures();
  const marks = useMarks(contents.flatMap((c) => c.image?.id ?? []));
  const stages = useRef<(HTMLDivElement | null)[]>([]);
  const room = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<"picture" | "ai" | "report">("picture");
  /** What stands beside the picture. */
  const [beneath, setBeneath] = useState<"ai" | "report">("ai");
  const [toReport, setToReport] = useState(false);
  const [opacity, setOpacity] = useState(60);
  const [card, setCard] = useState(false);
  const [onScreen, setOnScreen] = useState<{ image: string; frame: number } | null>(null);
  const judging = useSend("analysis.judge");

  const hand: FilmHand | null = films.hands[hanging.active] ?? null;
  const size = films.views[hanging.active]?.size ?? null;
  const here = panes.active?.study && panes.active.image ? (panes.active as Shown) : null;
  const image = here?.image ?? null;
  const mark = marks.of(image?.id ?? "");
  const said = here && saidOf(here.study, here.image, mark);
  const setMark = (change: Parameters<typeof marks.set>[1]) => { if (image) marks.set(image.id, change); };
  const cine = useCine(hand, onScreen);
  useFollowing(panes, films);
  const focusStage = (pane: number) => stages.current[pane]?.focus({ preventScroll: true });

  // The banner speaks of the study that was opened, so it hears of that study's pictures alone.
  const told = here?.study.row.id === study.row.id ? here.image.id : null;
  useEffect(() => { if (told) onImage(told); }, [told, onImage]);
  // On arrival the keys of the viewer work, unless somebody is typing elsewhere.
  useEffect(() => {
    const at = document.activeElement;
    if (!at || at === document.body || at.closest("[data-viewer]") || at.closest("a[href]") || at.id === "sheet") focusStage(0);
  }, [study.row.id]);

  // Another layout moves the active pane; the focus goes with it, unless it was outside the films.
  const shownLayout = useRef(hanging.layout);
  useEffect(() => {
    if (shownLayout.current === hanging.layout) return;
    shownLayout.current = hanging.layout;
    const at = document.activeElement;
    if (!at || at === document.body || at.closest("[data-pane]")) focusStage(hanging.active);
  }, [hanging.layout, hanging.active]);

  const presets = image ? presetsOf(image) : [];
  const pictures = here?.study.images ?? [];
  const index = pictures.findIndex((i) => i.id === image?.id);

  /** Scrolls one pane, and with it those that are linked: frames where there are frames, else the pictures. */
  function scroll(pane: number, by: 1 | -1) {
    const lead = films.hands[pane];
    if (!lead) return;
    if (lead.image.frames > 1) return lead.change((s) => ({ frame: Math.min(lead.image.frames - 1, Math.max(0, s.frame + by)) }));
    panes.goPicture(pane, by);
    if (hanging.linked) contents.forEach((c, i) => { if (i !== pane && c.image && c.image.frames <= 1 && c.slot?.study !== contents[pane]?.slot?.study && !byPosition(lead.image, c.image)) panes.goPicture(i, by); });
  }
  const zoom = (factor: number) => { if (hand && size) hand.place((p) => g.zoomed(p, hand.film, size, factor)); };
  const shift = (x: number, y: number) => hand?.place((p) => ({ ...p, pan: { x: p.pan.x + x, y: p.pan.y + y } }));
  const judged = said && judgedOf(said.analysis, said.unfolded, said.current);
  const judge: Judge = (label, agree, correct) => { if (said?.analysis) judging.mutate({ analysis: said.analysis.id, label, agree, ...(correct && { correct }) }); };
  const judgeKey = (agree: boolean) => { if (judged && may("judge_findings") && !judging.isPending) judge(judged.label, agree); };
  const correct = () => room.current?.querySelector<HTMLElement>("[data-judging] [data-judge=correct] button")?.click();
  const goFinding = (by: 1 | -1) => {
    if (!said || said.findings.length === 0) return;
    const at = said.findings.findIndex((f) => f.label === said.current?.label);
    setMark({ active: said.findings[(at + by + said.findings.length) % said.findings.length]?.label ?? null });
  };
  const goPane = (by: 1 | -1) => {
    const to = moved(hanging, by).active;
    panes.setActive(to);
    (stages.current[to] ?? room.current?.querySelector<HTMLElement>(`[data-pane="${to}"] [data-stage]`))?.focus({ preventScroll: true });
  };
  /** By its key the report comes with the focus in it; Escape there gives the keys back to the film. */
  function showReport(on: boolean) {
    if (isNarrow) setView(on ? "report" : "picture");
    else setBeneath(on ? "report" : "ai");
    setToReport(on);
  }
  useEffect(() => {
    if (!toReport) return;
    setToReport(false);
    const at = (what: string) => room.current?.querySelector<HTMLElement>(`[data-report] ${what}`);
    (at("textarea:not([readonly])") ?? at("button"))?.focus();
  }, [toReport]);
  const setOverlay = (on: boolean) => setMark({ overlay: on && said?.analysis ? said.analysis.id : null });
  const choose = () => room.current?.querySelector<HTMLElement>(`[data-pane="${hanging.active}"] [data-choose]`)?.closest("button")?.click();
  const pick = measures.pick;

  useKeys(hints(keys, { next: next !== undefined, beside: beside !== undefined, play: cine.can, presets: presets.length, findings: (said?.findings.length ?? 0) > 0 }));

  /** A measuring tool takes the arrows and Enter: whoever cannot hold a mouse measures too. */
  function measuring(e: KeyboardEvent, arrow: string | null): boolean {
    if (!hand || !size || !isMeasure(measures.tool) || e.ctrlKey || e.target !== stages.current[hanging.active]) return false;
    const frame = hand.state.frame;
    if (e.key === "Enter") {
      const at = measures.crossAt(hand.image);
      measures.showCross(hand.image.id, at);
      measures.press(hand.image.id, frame, at);
      return true;
    }
    if (!arrow) return false;
    // Along the screen, whatever way the picture is turned; Shift for one point at a time.
    const far = e.shiftKey ? 1 : 10;
    const matrix = g.matrixOf(hand.state.placement, hand.film, size);
    const [from, to] = [g.toImage(matrix, { x: 0, y: 0 }), g.toImage(matrix, { x: arrow === "Left" ? -far : arrow === "Right" ? far : 0, y: arrow === "Up" ? -far : arrow === "Down" ? far : 0 })];
    measures.moveCross(hand.image, frame, { x: to.x - from.x, y: to.y - from.y });
    return true;
  }

  function onKeyDown(e: KeyboardEvent) {
    if (e.altKey || e.metaKey || e.defaultPrevented || !takesKeys(e)) return;
    const done = () => { e.preventDefault(); e.stopPropagation(); };
    const arrow = e.key.startsWith("Arrow") ? e.key.slice(5) : null;
    if (measuring(e, arrow)) return done();
    if (arrow) {
      if (e.ctrlKey) shift(arrow === "Left" ? -40 : arrow === "Right" ? 40 : 0, arrow === "Up" ? -40 : arrow === "Down" ? 40 : 0);
      else if (e.shiftKey) hand?.change((s) => ({ window: stepped(s.window, arrow === "Up" ? "brighter" : arrow === "Down" ? "darker" : arrow === "Left" ? "narrower" : "wider") }));
      else if (arrow === "Up") scroll(hanging.active, -1);
      else if (arrow === "Down") scroll(hanging.active, 1);
      else if (hanging.layout !== "1x1") goPane(arrow === "Left" ? -1 : 1);
      else return;
      return done();
    }
    if (e.ctrlKey) return;
    const key = keyOf(e);
    const preset = /^[1-9]$/.test(key) ? presets[Number(key) - 1] : undefined;
    if (preset) hand?.change({ window: { center: preset.center, width: preset.width } });
    else switch (keys.act(key) ?? key) {
      case "overlay": if (said) setOverlay(!said.overlay && said.drawable.length > 0); break;
      case "agree": judgeKey(true); break;
      case "disagree": judgeKey(false); break;
      case "correct": correct(); break;
      case "finding_before": goFinding(-1); break;
      case "finding_next": goFinding(1); break;
      case "report": showReport(isNarrow ? view !== "report" : beneath !== "report"); break;
      case "card": setCard(true); break;
      case "next": if (!next) return; next(); break;
      case "window": if (!beside) return; beside(); break;
      case "layout": panes.setLayout(nextLayout(hanging.layout)); break;
      case "linked": if (hanging.layout === "1x1") return; panes.setLinked(!hanging.linked); break;
      case "choose": choose(); break;
      case "older": panes.goStudy("older"); break;
      case "newer": panes.goStudy("newer"); break;
      case "play": if (!cine.can) return; cine.toggle(); break;
      case "slower": if (cine.slower) cine.setSpeed(cine.slower); break;
      case "faster": if (cine.faster) cine.setSpeed(cine.faster); break;
      case "invert": hand?.change((s) => ({ inverted: !s.inverted })); break;
      case "flip_h": hand?.place(g.flipH); break;
      case "flip_v": hand?.place(g.flipV); break;
      case "rotate_right": hand?.place(g.rotateRight); break;
      case "rotate_left": hand?.place(g.rotateLeft); break;
      // The scanner keeps "=" for itself, because codes begin with it; the key beside it does the same.
      case "=": case "fit": hand?.place((p) => ({ ...p, scale: null, pan: { x: 0, y: 0 } })); break;
      case "zoom_in": zoom(1.25); break;
      case "zoom_out": zoom(0.8); break;
      case "reset": pick("level"); hand?.reset(); break;
      case "level": case "zoom": case "pan": case "length": case "angle": case "ellipse": case "ratio": pick(keys.act(key) as Parameters<typeof pick>[0]); break;
      case "Backspace": case "Delete": if (hand) measures.removeLast(hand.image.id, hand.state.frame); break;
      case "Escape": pick("level"); cine.stop(); break;
      case "PageUp": panes.goPicture(hanging.active, -1); break;
      case "PageDown": panes.goPicture(hanging.active, 1); break;
      case "Home": hand?.change({ frame: 0 }); break;
      case "End": hand?.change((_) => ({ frame: hand.image.frames - 1 })); break;
      default: return;
    }
    done();
  }

  const seen = useCallback((shown: string, frame: number) => setOnScreen((old) => (old?.image === shown && old.frame === frame ? old : { image: shown, frame })), []);

  const panel = here && said && image && (
    <AiPanel
      image={image}
      analyses={said.analyses}
      analysis={said.analysis}
      onChoose={(chosen) => setMark({ chosen, overlay: null, active: null })}
      job={jobs.find((j) => j.study === here.study.row.id && j.state === "running") ?? null}
      overlay={said.overlay}
      onOverlay={setOverlay}
      opacity={opacity}
      onOpacity={setOpacity}
      active={said.current?.label ?? null}
      onActive={(active) => setMark({ active })}
      unfolded={said.unfolded}
      onUnfold={(on) => setMark({ unfolded: on && said.analysis ? said.analysis.id : null })}
      judge={judge}
      judging={judging}
      onCard={() => setCard(true)}
      faint={said.mapped?.map ? isFaint(said.mapped.map) : false}
      keyOfAct={keys.of}
    />
  );

  // Of the study in the active pane: what is written stands beside what is looked at.
  const report = here && <ReportPanel key={here.study.row.id} study={here.study} next={more ? next : undefined} nextKey={keys.of("next")} onLeave={() => { if (isNarrow) setView("picture"); setTimeout(() => focusStage(hanging.active)); }} />;

  /** The scale that this pane has in common with the active one, when that can be said. */
  function alikeScale(pane: number): boolean {
    const [a, b] = [films.hands[pane], hand];
    const [sa, sb] = [films.views[pane]?.size, size];
    if (!a || !b || !sa || !sb || pane === hanging.active || sa.width === 0) return false;
    return sameScale(a.state.placement, { film: a.film, size: sa, spacing: a.image.spacingMm }, b.state.placement, { film: b.film, size: sb, spacing: b.image.spacingMm });
  }

  /** How this pane scrolls with the active one. */
  function linkWords(pane: number, { study: shown, image: picture }: Shown): string[] {
    if (!hanging.linked || hanging.layout === "1x1" || pane === hanging.active || !here || !hand) return [];
    const several = (s: StudyView, i: ImageView) => i.frames > 1 || s.images.length > 1;
    if (!several(here.study, here.image) || !several(shown, picture)) return [];
    if (byPosition(here.image, picture)) {
      const [from, to] = [placeOf(here.image, hand.state.frame), placeOf(picture, films.hands[pane]?.state.frame ?? 0)];
      return from && to ? [m.image_pane_by_position(), m.image_pane_apart({ mm: formatNumber(apart(from, to), 1) })] : [];
    }
    // Pictures of the same study lie in their panes until they are moved by hand.
    const counts = here.image.frames > 1 ? picture.frames > 1 : picture.frames <= 1 && shown.row.id !== here.study.row.id;
    return counts ? [m.image_pane_by_step()] : [];
  }

  function stage(pane: number, content: Shown) {
    const filmHand = films.hands[pane];
    if (!filmHand) return null;
    const { study: shown, image: picture } = content;
    const words = saidOf(shown, picture, marks.of(picture.id));
    const at = shown.images.findIndex((i) => i.id === picture.id) + 1;
    const several = hanging.layout !== "1x1";
    return (
      <Stage
        key={pane}
        ref={(element) => { stages.current[pane] = element; }}
        hand={filmHand}
        measures={measures}
        load={load}
        onSize={(now) => films.sized(pane, now)}
        onFrame={pane === hanging.active ? seen : undefined}
        overlay={words.mapped && { finding: words.mapped, opacity: opacity / 100 }}
        speed={pane === hanging.active && cine.can ? (cine.own === null ? m.image_cine_usual : cine.speed === cine.own ? m.image_cine_own : m.image_cine_chosen)({ fps: speedText(cine.speed), own: speedText(cine.own ?? 0) }) : undefined}
        steps={picture.frames > 1 || shown.images.length > 1}
        onWheelStep={(by) => scroll(pane, by)}
        brief={several && pane !== hanging.active}
        note={several ? `${whenWord(shown.row, study.row)}, ${m.image_pane({ number: pane + 1, total: hanging.slots.length })}` : undefined}
        caption={
          <>
            <b><Written>{studyWords({ ...shown.row, modality: picture.modality }) || picture.fileName}</Written></b>
            {!several && shown.row.takenAt && <span>{m.image_stage_taken()} <When row={shown.row} always="date-time" /></span>}
            {shown.images.length > 1 && <span>{m.image_stage_picture({ number: at, total: shown.images.length })}</span>}
            {several && alikeScale(pane) && <span>{m.image_pane_same_scale()}</span>}
            {linkWords(pane, content).map((words) => <span key={words} data-link>{words}</span>)}
          </>
        }
      />
    );
  }

  return (
    <div data-viewer ref={room} className="flex min-h-0 min-w-0 grow" onKeyDown={onKeyDown}>
      <div className="flex min-h-0 min-w-0 grow flex-col bg-canvas">
        {isNarrow && (
          <div className="flex flex-none flex-wrap items-center gap-2 border-b border-line px-3 py-1.5">
            <SegmentedControl label={m.image_view_label()} options={[{ id: "picture", label: m.image_view_picture() }, { id: "ai", label: m.image_view_ai() }, { id: "report", label: m.image_report_title() }]} value={view} onChange={setView} />
            {next && (
              <span className="ms-auto flex items-center gap-2 min-[900px]:hidden">
                <AppLink to="/images">{m.image_list_back()}</AppLink>
                <Button size="sm" kbd={keys.of("next")} onPress={next}>{m.image_list_next()}</Button>
              </span>
            )}
          </div>
        )}
        {isNarrow && view !== "picture" ? <div className="flex min-h-0 grow flex-col overflow-auto bg-surface" tabIndex={0} role="region" aria-label={view === "ai" ? m.image_ai_title() : m.image_report_title()}>{view === "ai" ? panel : report}</div> : (
          <>
            <Tools hand={hand} measures={measures} presets={presets} cine={cine} layout={hanging.layout} onLayout={panes.setLayout} linked={hanging.linked} onLinked={panes.setLinked} zoom={zoom} beside={beside} keyOfAct={keys.of} />
            <Panes
              hanging={hanging}
              contents={contents}
              current={study.row}
              others={panes.others}
              offers={panes.offers}
              nothingElse={panes.nothingElse}
              chooseKey={keys.of("choose")}
              onActive={panes.setActive}
              onPut={panes.put}
              warning={panes.warning}
              stage={stage}
            />
            {pictures.length > 1 && image && (
              <div className="flex flex-none items-center gap-2 border-t border-line bg-surface px-3 py-1.5">
                <Button size="sm" icon="back" notNow={index > 0 ? undefined : m.image_stage_picture({ number: 1, total: pictures.length })} onPress={() => panes.goPicture(hanging.active, -1)}>{m.image_previous_picture()}</Button>
                <span className="text-sm text-ink-2">{here && here.study.row.id !== study.row.id ? `${studyWords(here.study.row)} ` : ""}{m.image_stage_picture({ number: index + 1, total: pictures.length })} · <bdi title={image.fileName}>{shortened(image.fileName)}</bdi></span>
                <span className="ms-auto"><Button size="sm" icon="forward" notNow={index < pictures.length - 1 ? undefined : m.image_stage_picture({ number: pictures.length, total: pictures.length })} onPress={() => panes.goPicture(hanging.active, 1)}>{m.image_next_picture()}</Button></span>
              </div>
            )}
          </>
        )}
      </div>
      {!isNarrow && (
        <SidePanel label={beneath === "ai" ? m.image_ai_title() : m.image_report_title()} width={316}>
          <div className="flex-none border-b border-line px-3 py-1.5"><SegmentedControl label={m.image_panel_label()} options={[{ id: "ai", label: m.image_ai_title() }, { id: "report", label: m.image_report_title() }]} value={beneath} onChange={setBeneath} /></div>
          {beneath === "ai" ? panel : report}
        </SidePanel>
      )}
      {card && <ModelCard pack={said?.analysis?.pack ?? null} onClose={() => { setCard(false); focusStage(hanging.active); }} />}
    </div>
  );
}
