import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useKeys, useMay, useViewerKeys, type ViewerAct } from "../../app";
import { useSend } from "../../backend";
import { ClinicalTime } from "../../clinical";
import { Button, type IconName, Menu, SegmentedControl, SidePanel } from "../../design";
import * as m from "../../paraglide/messages";
import type { AnalysisJob, ImageView, StudyView } from "../../wire";
import { AiPanel, visibleFindings } from "./AiPanel";
import { isFaint } from "./Heat";
import { ModelCard } from "./ModelCard";
import { Stage } from "./Stage";
import { crossMoved, crossPressed, type Preset, presetsOf, stepped, type Tool, useFilm } from "./useFilm";
import * as g from "./viewport/geometry";

/** Under this width the AI panel is a second view of the middle. */
const narrow = 1100;

function useNarrow(): boolean {
  const [is, set] = useState(() => window.innerWidth < narrow);
  useEffect(() => {
    const look = () => set(window.innerWidth < narrow);
    window.addEventListener("resize", look);
    return () => window.removeEventListener("resize", look);
  }, []);
  return is;
}

const presetWords: Record<string, () => string> = {
  soft_tissue: m.image_preset_soft_tissue,
  lung: m.image_preset_lung,
  liver: m.image_preset_liver,
  bone: m.image_preset_bone,
  brain: m.image_preset_brain,
};
const presetWord = (p: Preset, i: number) => (p.ct && p.name ? presetWords[p.name]?.() : p.name) ?? m.image_preset_from_file({ number: i + 1 });

/** The letter of a key whatever the keyboard's language: an Arabic layout has O where others have it. */
export function keyOf(e: Pick<KeyboardEvent, "key" | "code">): string {
  if (/^[\x20-\x7e]$/.test(e.key)) return e.key.toUpperCase();
  return /^Key([A-Z])$/.exec(e.code)?.[1] ?? /^Digit(\d)$/.exec(e.code)?.[1] ?? e.key;
}

/** Keys belong to the viewer while the focus is in it, and never to a field, a list of choices or a slider's arrows. */
function takesKeys(e: KeyboardEvent): boolean {
  // React brings keys of dialogs and menus here too; their elements stand elsewhere in the page.
  if (!(e.target instanceof Element) || !e.currentTarget.contains(e.target)) return false;
  if (e.target.closest("input:not([type=range]):not([role=switch]):not([type=checkbox]), textarea, select, [contenteditable=true], [role=combobox]")) return false;
  const arrow = e.key.startsWith("Arrow") || e.key === "Home" || e.key === "End" || e.key.startsWith("Page");
  return !(arrow && e.target.closest("input, [role=radiogroup], [role=group][aria-label] button, [role=slider], [role=toolbar]") !== null);
}

export function Viewer({ study, image, onImage, job, next, beside }: { study: StudyView; image: ImageView; onImage(id: string): void; job: AnalysisJob | null; next?(): void; beside?(): void }) {
  const keys = useViewerKeys();
  const film = useFilm(image);
  const { change, place, reset } = film;
  const stage = useRef<HTMLDivElement>(null);
  const may = useMay();
  const isNarrow = useNarrow();
  const [view, setView] = useState<"picture" | "ai">("picture");
  const [overlay, setOverlay] = useState(false);
  const [opacity, setOpacity] = useState(60);
  const [active, setActive] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [unfolded, setUnfolded] = useState<string | null>(null);
  const [card, setCard] = useState(false);
  const judging = useSend("analysis.judge");

  const analyses = study.analyses.filter((a) => a.image === image.id);
  const analysis = analyses.find((a) => a.id === chosen) ?? analyses[0] ?? null;
  const isUnfolded = analysis !== null && unfolded === analysis.id;
  const findings = visibleFindings(analysis, isUnfolded);
  const drawable = analysis?.state === "done" && (analysis.outsideIntendedUse === null || isUnfolded) ? analysis.findings.filter((f) => f.map && !f.normal) : [];
  const current = findings.find((f) => f.label === active) ?? findings[0] ?? null;
  const mapped = overlay ? (drawable.find((f) => f.label === active) ?? drawable.find((f) => f.label === current?.label) ?? [...drawable].sort((a, b) => b.probability - a.probability)[0] ?? null) : null;

  // Off again for another picture or another analysis: the film comes first.
  const about = `${image.id} ${analysis?.id ?? ""}`;
  useEffect(() => { setOverlay(false); setActive(null); }, [about]);
  useEffect(() => { setChosen(null); setUnfolded(null); }, [image.id]);
  // On arrival the keys of the viewer work, unless somebody is typing elsewhere.
  useEffect(() => {
    const at = document.activeElement;
    if (!at || at === document.body || at.closest("[data-viewer]") || at.closest("a[href]") || at.id === "sheet") stage.current?.focus({ preventScroll: true });
  }, [study.row.id]);

  const presets = presetsOf(image);
  const index = study.images.findIndex((i) => i.id === image.id);
  const goImage = (step: 1 | -1) => { const to = study.images[index + step]; if (to) onImage(to.id); };
  const step = (by: 1 | -1) => {
    if (image.frames > 1) change((s) => ({ frame: Math.min(image.frames - 1, Math.max(0, s.frame + by)) }));
    else goImage(by);
  };
  const zoom = (factor: number) => {
    const element = stage.current;
    if (element) place((p) => g.zoomed(p, film.film, { width: element.clientWidth, height: element.clientHeight }, factor));
  };
  const move = (x: number, y: number) => place((p) => ({ ...p, pan: { x: p.pan.x + x, y: p.pan.y + y } }));
  const judge = (label: string, agree: boolean) => { if (analysis) judging.mutate({ analysis: analysis.id, label, agree }); };
  const judgeKey = (agree: boolean) => { if (current && may("judge_findings") && !judging.isPending) judge(current.label, agree); };
  const goFinding = (by: 1 | -1) => {
    if (findings.length === 0) return;
    const at = findings.findIndex((f) => f.label === current?.label);
    setActive(findings[(at + by + findings.length) % findings.length]?.label ?? null);
  };

  useKeys([
    { keys: [keys.of("overlay")], words: m.image_key_overlay() },
    { keys: [keys.of("agree"), keys.of("disagree")], words: m.image_key_judge() },
    { keys: [keys.of("finding_before"), keys.of("finding_next")], words: m.image_key_finding() },
    { keys: ["1", "5"], words: m.image_key_presets() },
    { keys: [keys.of("reset")], words: m.image_key_reset() },
    ...(next ? [{ keys: [keys.of("next")], words: m.image_key_next() }] : []),
    ...(beside ? [{ keys: [keys.of("window")], words: m.image_key_window() }] : []),
    { keys: [keys.of("card")], words: m.image_key_card() },
    { keys: ["=", keys.of("fit")], words: m.image_key_fit() },
    { keys: [keys.of("zoom_in"), keys.of("zoom_out")], words: m.image_key_zoom_step() },
    { keys: [keys.of("invert")], words: m.image_key_invert() },
    { keys: [keys.of("flip_h"), keys.of("flip_v")], words: m.image_key_flip() },
    { keys: [keys.of("rotate_right"), keys.of("rotate_left")], words: m.image_key_rotate() },
    { keys: [keys.of("level")], words: m.image_key_level() },
    { keys: [keys.of("zoom")], words: m.image_key_zoom() },
    { keys: [keys.of("pan")], words: m.image_key_pan_tool() },
    { keys: [keys.of("length")], words: m.image_key_length() },
    { keys: [`${keys.of("length")} + ↑ ↓ ← → Enter`], words: m.image_key_length_keys() },
    { keys: ["Backspace"], words: m.image_key_delete() },
    { keys: ["Space"], words: m.image_key_pan() },
    { keys: ["↑", "↓", "PgUp", "PgDn"], words: m.image_key_frames() },
    { keys: ["Shift + ↑ ↓ ← →"], words: m.image_key_brightness() },
    { keys: ["Ctrl + ↑ ↓ ← →"], words: m.image_key_move() },
  ]);

  function onKeyDown(e: KeyboardEvent) {
    if (e.altKey || e.metaKey || e.defaultPrevented || !takesKeys(e)) return;
    const done = () => { e.preventDefault(); e.stopPropagation(); };
    const arrow = e.key.startsWith("Arrow") ? e.key.slice(5) : null;
    if (film.state.tool === "length" && e.target === stage.current && !e.ctrlKey) {
      if (e.key === "Enter") { change((s) => crossPressed(s, image)); return done(); }
      if (arrow) {
        // Along the screen, whatever way the picture is turned; Shift for one point at a time.
        const far = e.shiftKey ? 1 : 10;
        const m = g.matrixOf(film.state.placement, film.film, { width: stage.current.clientWidth, height: stage.current.clientHeight });
        const [from, to] = [g.toImage(m, { x: 0, y: 0 }), g.toImage(m, { x: arrow === "Left" ? -far : arrow === "Right" ? far : 0, y: arrow === "Up" ? -far : arrow === "Down" ? far : 0 })];
        change((s) => crossMoved(s, image, { x: to.x - from.x, y: to.y - from.y }));
        return done();
      }
    }
    if (arrow) {
      if (e.ctrlKey) move(arrow === "Left" ? -40 : arrow === "Right" ? 40 : 0, arrow === "Up" ? -40 : arrow === "Down" ? 40 : 0);
      else if (e.shiftKey) change((s) => ({ window: stepped(s.window, arrow === "Up" ? "brighter" : arrow === "Down" ? "darker" : arrow === "Left" ? "narrower" : "wider") }));
      else if (arrow === "Up") step(-1);
      else if (arrow === "Down") step(1);
      else return;
      return done();
    }
    if (e.ctrlKey) return;
    const key = keyOf(e);
    const preset = presets[Number(key) - 1];
    if (preset && /^[1-5]$/.test(key)) change({ window: { center: preset.center, width: preset.width } });
    else switch (keys.act(key) ?? key) {
      case "overlay": setOverlay(!overlay && drawable.length > 0); break;
      case "agree": judgeKey(true); break;
      case "disagree": judgeKey(false); break;
      case "finding_before": goFinding(-1); break;
      case "finding_next": goFinding(1); break;
      case "card": setCard(true); break;
      case "next": if (!next) return; next(); break;
      case "window": if (!beside) return; beside(); break;
      case "invert": change((s) => ({ inverted: !s.inverted })); break;
      case "flip_h": place(g.flipH); break;
      case "flip_v": place(g.flipV); break;
      case "rotate_right": place(g.rotateRight); break;
      case "rotate_left": place(g.rotateLeft); break;
      // The scanner keeps "=" for itself, because codes begin with it; the key beside it does the same.
      case "=": case "fit": place((p) => ({ ...p, scale: null, pan: { x: 0, y: 0 } })); break;
      case "zoom_in": zoom(1.25); break;
      case "zoom_out": zoom(0.8); break;
      case "reset": reset(); break;
      case "level": change({ tool: "level", draft: null, cross: null }); break;
      case "zoom": change({ tool: "zoom", draft: null, cross: null }); break;
      case "pan": change({ tool: "pan", draft: null, cross: null }); break;
      case "length": change({ tool: "length", draft: null, cross: null }); break;
      case "Backspace": case "Delete": change((s) => ({ measures: s.measures.slice(0, -1), draft: null, cross: null })); break;
      case "Escape": change({ tool: "level", draft: null, cross: null }); break;
      case "PageUp": goImage(-1); break;
      case "PageDown": goImage(1); break;
      case "Home": change({ frame: 0 }); break;
      case "End": change({ frame: image.frames - 1 }); break;
      default: return;
    }
    done();
  }

  const panel = (
    <AiPanel
      image={image}
      analyses={analyses}
      analysis={analysis}
      onChoose={setChosen}
      job={job}
      overlay={overlay}
      onOverlay={setOverlay}
      opacity={opacity}
      onOpacity={setOpacity}
      active={current?.label ?? null}
      onActive={setActive}
      unfolded={isUnfolded}
      onUnfold={(on) => setUnfolded(on && analysis ? analysis.id : null)}
      judge={judge}
      judging={judging}
      onCard={() => setCard(true)}
      faint={mapped?.map ? isFaint(mapped.map) : false}
      keyOfAct={keys.of}
    />
  );

  return (
    <div data-viewer className="flex min-h-0 min-w-0 grow" onKeyDown={onKeyDown}>
      <div className="flex min-h-0 min-w-0 grow flex-col bg-canvas">
        {isNarrow && (
          <div className="flex-none border-b border-line px-3 py-1.5">
            <SegmentedControl label={m.image_view_label()} options={[{ id: "picture", label: m.image_view_picture() }, { id: "ai", label: m.image_view_ai() }]} value={view} onChange={setView} />
          </div>
        )}
        {isNarrow && view === "ai" ? <div className="flex min-h-0 grow flex-col overflow-auto bg-surface" tabIndex={0} role="region" aria-label={m.image_ai_title()}>{panel}</div> : (
          <>
            <Tools film={film} presets={presets} zoom={zoom} image={image} keyOfAct={keys.of} />
            <Stage
              ref={stage}
              image={image}
              film={film}
              overlay={mapped && { finding: mapped, opacity: opacity / 100 }}
              steps={image.frames > 1 || study.images.length > 1}
              onWheelStep={step}
              caption={
                <>
                  <b>{[image.modality, study.row.bodyPart].filter(Boolean).join(" ") || image.fileName}</b>
                  {study.row.takenAt && <span>{m.image_stage_taken()} <ClinicalTime value={study.row.takenAt} always="date-time" /></span>}
                  {study.images.length > 1 && <span>{m.image_stage_picture({ number: index + 1, total: study.images.length })}</span>}
                </>
              }
            />
            {study.images.length > 1 && (
              <div className="flex flex-none items-center gap-2 border-t border-line bg-surface px-3 py-1.5">
                <Button size="sm" icon="back" notNow={index > 0 ? undefined : m.image_stage_picture({ number: 1, total: study.images.length })} onPress={() => goImage(-1)}>{m.image_previous_picture()}</Button>
                <span className="text-sm text-ink-2">{m.image_stage_picture({ number: index + 1, total: study.images.length })} · <bdi>{image.fileName}</bdi></span>
                <span className="ms-auto"><Button size="sm" icon="forward" notNow={index < study.images.length - 1 ? undefined : m.image_stage_picture({ number: study.images.length, total: study.images.length })} onPress={() => goImage(1)}>{m.image_next_picture()}</Button></span>
              </div>
            )}
          </>
        )}
      </div>
      {!isNarrow && <SidePanel label={m.image_ai_title()} width={316}>{panel}</SidePanel>}
      {card && <ModelCard pack={analysis?.pack ?? null} onClose={() => { setCard(false); stage.current?.focus({ preventScroll: true }); }} />}
    </div>
  );
}

function Tools({ film: { state, change, place, reset }, presets, zoom, image, keyOfAct }: { keyOfAct(act: ViewerAct): string; film: ReturnType<typeof useFilm>; presets: Preset[]; zoom(factor: number): void; image: ImageView }) {
  const tools: { id: Tool; label: string; icon: IconName }[] = [
    { id: "level", label: m.image_tool_level(), icon: "level" },
    { id: "pan", label: m.image_tool_pan(), icon: "pan" },
    { id: "zoom", label: m.image_tool_zoom(), icon: "zoom" },
    { id: "length", label: m.image_tool_length(), icon: "length" },
  ];
  const grey = image.samples !== 3;
  const window = (what: Parameters<typeof stepped>[1]) => change((s) => ({ window: stepped(s.window, what) }));
  return (
    <div role="group" aria-label={m.image_tool_bar()} className="flex min-h-9 flex-none flex-wrap items-center gap-1 border-b border-line bg-surface px-2 py-1">
      <SegmentedControl label={m.image_tool_group()} options={tools} value={state.tool} onChange={(tool) => change({ tool, draft: null, cross: null })} />
      <Menu
        label={m.image_tool_window()}
        trigger={<Button size="sm" variant="quiet" icon="level">{m.image_tool_window()}</Button>}
        items={[
          ...presets.map((p, i) => ({ id: `preset${i}`, label: `${presetWord(p, i)}  W ${Math.round(p.width)} L ${Math.round(p.center)}`, kbd: String(i + 1), onAction: () => change({ window: { center: p.center, width: p.width } }) })),
          ...(grey ? [
            { id: "brighter", label: m.image_tool_brighter(), kbd: "Shift ↑", onAction: () => window("brighter") },
            { id: "darker", label: m.image_tool_darker(), kbd: "Shift ↓", onAction: () => window("darker") },
            { id: "narrower", label: m.image_tool_narrower(), kbd: "Shift ←", onAction: () => window("narrower") },
            { id: "wider", label: m.image_tool_wider(), kbd: "Shift →", onAction: () => window("wider") },
          ] : []),
          { id: "in", label: m.image_tool_zoom_in(), kbd: keyOfAct("zoom_in"), onAction: () => zoom(1.25) },
          { id: "out", label: m.image_tool_zoom_out(), kbd: keyOfAct("zoom_out"), onAction: () => zoom(0.8) },
          { id: "delete", label: m.image_tool_delete_length(), kbd: "Backspace", onAction: () => change((s) => ({ measures: s.measures.slice(0, -1), draft: null, cross: null })) },
        ]}
      />
      <Menu
        label={m.image_tool_turn()}
        trigger={<Button size="sm" variant="quiet" icon="rotate">{m.image_tool_turn()}</Button>}
        items={[
          { id: "h", label: m.image_tool_flip_h(), icon: "flipH", kbd: keyOfAct("flip_h"), onAction: () => place(g.flipH) },
          { id: "v", label: m.image_tool_flip_v(), kbd: keyOfAct("flip_v"), onAction: () => place(g.flipV) },
          { id: "r", label: m.image_tool_rotate_right(), icon: "rotate", kbd: keyOfAct("rotate_right"), onAction: () => place(g.rotateRight) },
          { id: "l", label: m.image_tool_rotate_left(), kbd: keyOfAct("rotate_left"), onAction: () => place(g.rotateLeft) },
        ]}
      />
      <Button size="sm" variant="quiet" icon="invert" kbd={keyOfAct("invert")} onPress={() => change((s) => ({ inverted: !s.inverted }))}>{m.image_tool_invert()}</Button>
      <Button size="sm" variant="quiet" icon="fit" kbd={keyOfAct("fit")} onPress={() => place((p) => ({ ...p, scale: null, pan: { x: 0, y: 0 } }))}>{m.image_tool_fit()}</Button>
      <Button size="sm" variant="quiet" icon="undo" kbd={keyOfAct("reset")} onPress={reset}>{m.image_tool_reset()}</Button>
    </div>
  );
}
