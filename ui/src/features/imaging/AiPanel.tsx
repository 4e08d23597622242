import { type ReactNode, useState } from "react";
import { ErrorBlock, useMay, type ViewerAct } from "../../app";
import { useCommand, useSend } from "../../backend";
import { AiNotice, ClinicalTime } from "../../clinical";
import { Button, Kbd, SectionHead, Select, Slider, Status, Switch } from "../../design";
import * as m from "../../paraglide/messages";
import type { AnalysisJob, AnalysisView, FindingView, ImageView } from "../../wire";
import { AskAgain } from "./Compare";
import { clearUnder } from "./Heat";
import { type Judge, JudgeBar, JudgeRefusal, judgedOf } from "./Judging";
import { Prevalence } from "./Prevalence";
import { abstainedWhy, findingWord, likelihoodWord, networkWord, otherKind, outsideWhy, probabilityText, sorted, stepWord, taskWord } from "./words";
import { isolated } from "./Written";

export interface AiPanelProps {
  image: ImageView;
  /** Of this picture, newest first. */
  analyses: AnalysisView[];
  /** The one looked at. */
  analysis: AnalysisView | null;
  onChoose(id: string | null): void;
  job: AnalysisJob | null;
  overlay: boolean;
  onOverlay(on: boolean): void;
  opacity: number;
  onOpacity(percent: number): void;
  /** Label of the finding that the overlay and the keys A and X are about. */
  active: string | null;
  onActive(label: string): void;
  /** Findings outside intended use stay folded until somebody unfolds them. */
  unfolded: boolean;
  onUnfold(on: boolean): void;
  judge: Judge;
  judging: ReturnType<typeof useSend<"analysis.judge">>;
  onCard(): void;
  /** The map that lies on the film shows nothing. */
  faint: boolean;
  keyOfAct(act: ViewerAct): string;
}

/** Findings a person may see now: none while they are folded away. */
export function visibleFindings(analysis: AnalysisView | null, unfolded: boolean): FindingView[] {
  if (analysis?.state !== "done" || (analysis.outsideIntendedUse !== null && !unfolded)) return [];
  return sorted(analysis.findings).found;
}

/** What the model says, beside the film and never before it. */
export function AiPanel(props: AiPanelProps) {
  const { image, analyses, analysis, onChoose, overlay, onOverlay, opacity, onOpacity, onCard } = props;
  const may = useMay();
  const start = useSend("analysis.start", { onDone: () => onChoose(null) });
  const asked = useQuestion();
  const older = analysis !== null && analyses[0]?.id !== analysis.id;
  const drawable = visibleFindings(analysis, props.unfolded).some((f) => f.map) || (analysis?.state === "done" && (analysis.outsideIntendedUse === null || props.unfolded) && analysis.findings.some((f) => f.map && !f.normal));
  const waits = analysis?.state === "queued" || analysis?.state === "running";

  const startButton = (words: string, primary?: boolean) => (
    <Button
      size="sm"
      variant={primary ? "primary" : "secondary"}
      pending={start.isPending}
      notNow={may("analyse_images") ? undefined : m.image_ai_may_not_analyse()}
      onPress={() => start.mutate({ image: image.id, pack: null, ...asked.wish })}
    >
      {words}
    </Button>
  );

  return (
    <>
      <SectionHead title={m.image_ai_title()} actions={<AiNotice />} />
      {drawable && (
        <div className="grid gap-1 border-b border-line px-4 py-2 text-sm text-ink-2">
          <div className="flex items-center gap-2"><Switch isSelected={overlay} onChange={onOverlay}>{m.image_ai_overlay()}</Switch><span className="ms-auto"><Kbd>{props.keyOfAct("overlay")}</Kbd></span></div>
          {overlay && <Slider label={m.image_ai_opacity()} value={opacity} onChange={onOpacity} min={5} max={100} step={5} text={(value) => m.image_ai_percent({ value })} />}
          {overlay && props.faint && <p role="status">{m.image_ai_overlay_faint({ value: clearUnder })}</p>}
          {overlay && <p className="text-ink-3">{m.image_ai_explains()}</p>}
        </div>
      )}
      {older && (
        <div className="flex items-center gap-2 border-b border-line bg-inactive-bg px-4 py-2 text-sm">
          <span className="grow">{m.image_ai_history_old()}</span>
          <Button size="sm" onPress={() => onChoose(null)}>{m.image_ai_history_newest()}</Button>
        </div>
      )}
      {start.error && <ErrorBlock error={start.error} title={m.image_ai_start_failed()} />}

      {analysis?.task && <p className="m-0 border-b border-line px-4 py-2 text-sm text-ink-2">{taskWord(analysis.task)}{analysis.network && <> · <bdi>{networkWord(analysis.network)}</bdi></>}</p>}
      {analysis === null && <State kind="inactive" word={m.image_ai_none()} text={m.image_ai_none_text()} action={startButton(m.image_ai_start(), true)} />}
      {analysis && <Outcome {...props} analysis={analysis} startButton={startButton} />}

      {!waits && asked.tasks.length > 0 && <div className="grid gap-2 border-b border-line px-4 py-2">{asked.fields}{analysis && (analysis.state === "done" || analysis.state === "abstained") && <div>{startButton(m.image_ai_again())}</div>}</div>}
      {analyses.length > 1 && <History {...props} />}
      {analysis?.pack && (analysis.state === "done" || analysis.state === "abstained") && <AskAgain key={analysis.id} image={image} analysis={analysis} />}
      {analysis?.pack && <Origin analysis={analysis} onCard={onCard} cardKey={props.keyOfAct("card")} />}
    </>
  );
}

/** What the next run asks: by default what the picture seems to be, answered by the best measured network. */
export function useQuestion() {
  const packs = useCommand("model.list", {});
  const [task, setTask] = useState("");
  const [network, setNetwork] = useState("");
  const tasks = packs.data?.tasks ?? [];
  const networks = tasks.find((t) => t.task === task)?.networks ?? [...new Set(tasks.flatMap((t) => t.networks))];
  // A network that does not do the task is no choice for it.
  const chosen = networks.includes(network) ? network : "";
  return {
    tasks,
    wish: { ...(task && { task }), ...(chosen && { network: chosen }) },
    fields: (
      <div className="grid grid-cols-2 gap-2">
        <Select label={m.image_task_label()} value={task} onChange={setTask} options={[{ id: "", label: m.image_task_auto() }, ...tasks.map((t) => ({ id: t.task, label: taskWord(t.task) }))]} />
        <Select label={m.image_network_label()} value={chosen} onChange={setNetwork} options={[{ id: "", label: m.image_network_best() }, ...networks.map((n) => ({ id: n, label: networkWord(n) }))]} />
      </div>
    ),
  };
}

function State({ kind, word, text, note, action }: { kind: "inactive" | "caution" | "good"; word: string; text?: ReactNode; note?: ReactNode; action?: ReactNode }) {
  return (
    <div className={`grid justify-items-start gap-1.5 border-b border-line px-4 py-2.5 ${kind === "good" ? "" : kind === "caution" ? "bg-caution-bg" : "bg-inactive-bg"}`}>
      <b><Status kind={kind} wrap>{word}</Status></b>
      {text && <p>{text}</p>}
      {note && <p className="text-sm text-ink-3">{note}</p>}
      {action}
    </div>
  );
}

function Outcome({ image, analysis, job, startButton, ...rest }: AiPanelProps & { analysis: AnalysisView; startButton(words: string, primary?: boolean): ReactNode }) {
  switch (analysis.state) {
    case "none": return <State kind="inactive" word={m.image_ai_none()} text={m.image_ai_none_text()} action={startButton(m.image_ai_start(), true)} />;
    case "queued": return <State kind="inactive" word={m.image_ai_queued()} />;
    case "running": return <State kind="inactive" word={m.image_ai_running()} note={job && m.image_queue_percent({ percent: job.progress })} />;
    case "cancelled": return <State kind="inactive" word={m.image_ai_cancelled()} text={m.image_ai_cancelled_text()} action={startButton(m.image_ai_again())} />;
    case "abstained": {
      const { sentence, numbers } = abstainedWhy(analysis);
      const tried = analysis.task && analysis.reason && otherKind.has(analysis.reason) ? m.image_ai_nearest({ task: taskWord(analysis.task) }) : null;
      return (
        <>
          <State kind="inactive" word={m.image_ai_abstained()} text={[sentence, tried].filter(Boolean).join(" ")} note={numbers} />
          {analysis.pack && analysis.task && <JudgeRefusal analysis={analysis} judge={rest.judge} judging={rest.judging} />}
        </>
      );
    }
    case "failed":
      return (
        <State
          kind="caution"
          word={m.image_ai_failed()}
          text={m.image_ai_failed_text({ file: isolated(image.fileName) })}
          note={[analysis.reason && m.image_ai_failed_step({ step: stepWord(analysis.reason) }), analysis.detail && m.image_ai_failed_technical({ detail: analysis.detail })].filter(Boolean).join(". ")}
          action={startButton(m.image_try_again())}
        />
      );
    case "done": return <Done {...rest} image={image} job={job} analysis={analysis} />;
  }
}

function Done(props: AiPanelProps & { analysis: AnalysisView }) {
  const { analysis, unfolded, onUnfold } = props;
  const instead = analysis.detail && <p className="m-0 border-b border-line px-4 py-2 text-sm text-ink-3">{m.image_ai_fell_back({ detail: analysis.detail })}</p>;
  if (analysis.outsideIntendedUse === null) return <><Findings {...props} />{instead}</>;
  return (
    <>
      <div className="grid justify-items-start gap-1.5 border-b border-line bg-caution-bg px-4 py-2.5">
        <b><Status kind="caution" wrap>{m.image_ai_outside({ why: outsideWhy(analysis) })}</Status></b>
        <p>{m.image_ai_outside_text()}</p>
        <Button size="sm" icon={unfolded ? "up" : "down"} aria-expanded={unfolded} onPress={() => onUnfold(!unfolded)}>{unfolded ? m.image_ai_outside_hide() : m.image_ai_outside_show()}</Button>
      </div>
      {unfolded && <Findings {...props} />}
      {instead}
    </>
  );
}

function Findings(props: AiPanelProps & { analysis: AnalysisView }) {
  const { found, under, normal } = sorted(props.analysis.findings);
  const rest = [...under, ...(normal ? [normal] : [])];
  const judged = judgedOf(props.analysis, props.unfolded, null);
  const asked = found.find((f) => f.label === props.active) ?? found[0] ?? under[0];
  return (
    <>
      {found.length === 0 && <State kind="good" word={m.image_ai_nothing()} text={m.image_ai_nothing_text()} action={judged && <div><JudgeBar {...props} finding={judged} on /></div>} />}
      {found.length > 0 && <ul className="m-0 list-none p-0">{found.map((f) => <li key={f.label}><Finding {...props} finding={f} /></li>)}</ul>}
      {props.judging.error && <ErrorBlock error={props.judging.error} title={m.image_ai_judge_failed()} />}
      {rest.length > 0 && (
        <div className="grid gap-1 border-b border-line px-4 py-2 text-sm">
          <h3 className="m-0 text-sm font-regular text-ink-3">{m.image_ai_other_title()}</h3>
          <ul className="m-0 grid list-none gap-1 p-0">
            {rest.map((f) => (
              <li key={f.label} className="grid gap-0.5">
                <span className="flex gap-2"><span>{findingWord(f)}</span>{f.normal && <span className="text-ink-3">{m.image_ai_normal()}</span>}<span className="ms-auto">{probabilityText(f.probability)}</span></span>
                <Meter finding={f} thin />
              </li>
            ))}
          </ul>
        </div>
      )}
      {asked && <Prevalence key={`${props.analysis.id} ${asked.label}`} analysis={props.analysis} finding={asked} />}
    </>
  );
}

function Finding(props: AiPanelProps & { finding: FindingView; analysis: AnalysisView }) {
  const { finding: f, active, onActive, overlay } = props;
  const label = findingWord(f);
  const on = active === f.label;
  return (
    <section
      aria-label={label}
      aria-current={on || undefined}
      onFocusCapture={() => onActive(f.label)}
      onPointerDown={() => onActive(f.label)}
      className={`border-b border-line px-4 pt-2.5 pb-3 ${on ? "bg-sunken shadow-[inset_3px_0_var(--accent)] rtl:shadow-[inset_-3px_0_var(--accent)]" : ""}`}
    >
      <div className="flex flex-wrap items-baseline gap-x-2">
        <h3 className="m-0 text-lg font-strong">{label}</h3>
        <span className="text-ink-2">{likelihoodWord(f.word)}</span>
        <b className="ms-auto text-lg">{probabilityText(f.probability)}</b>
      </div>
      <Meter finding={f} />
      {overlay && !f.map && <p className="text-sm text-ink-3">{m.image_ai_overlay_none()}</p>}
      <JudgeBar {...props} on={on} />
    </section>
  );
}

/** One hue on a fixed scale from 0 to 1, the threshold as a broken line with what it is worth. */
function Meter({ finding: f, thin }: { finding: FindingView; thin?: boolean }) {
  const percent = Math.min(100, Math.max(0, f.probability * 100));
  const words = f.threshold === null ? null : [
    m.image_ai_threshold({ value: probabilityText(f.threshold) }),
    f.sensitivity !== null && m.image_ai_sensitivity({ value: probabilityText(f.sensitivity) }),
    f.specificity !== null && m.image_ai_specificity({ value: probabilityText(f.specificity) }),
  ].filter(Boolean).join(" · ");
  return (
    <>
      <div className={`relative ${thin ? "h-2.5" : "mt-1 h-[18px]"}`} role="img" aria-label={m.image_ai_probability({ label: findingWord(f), value: probabilityText(f.probability) })}>
        <i className={`absolute inset-x-0 border border-line-2 bg-hover ${thin ? "top-0.5 h-1.5" : "top-[5px] h-2"}`} />
        <i className={`absolute start-0 bg-viz-1 ${thin ? "top-0.5 h-1.5" : "top-[5px] h-2"}`} style={{ width: `${percent}%` }} />
        {f.threshold !== null && <i className={`absolute border-s border-dashed border-ink ${thin ? "top-0 h-2.5" : "top-0 h-[18px]"}`} style={{ insetInlineStart: `${Math.min(100, Math.max(0, f.threshold * 100))}%` }} />}
      </div>
      {words && !thin && <p className="text-sm text-ink-3">{words}</p>}
    </>
  );
}

const stateWord = (a: AnalysisView): string => {
  switch (a.state) {
    case "done": return sorted(a.findings).found.length > 0 && a.outsideIntendedUse === null ? sorted(a.findings).found.map((f) => `${findingWord(f)} ${probabilityText(f.probability)}`).join(", ") : a.outsideIntendedUse !== null ? m.image_ai_outside({ why: outsideWhy(a) }) : m.image_ai_nothing();
    case "abstained": return m.image_ai_abstained();
    case "failed": return m.image_ai_failed();
    case "cancelled": return m.image_ai_cancelled();
    case "queued": return m.image_ai_queued();
    case "running": return m.image_ai_running();
    case "none": return m.image_ai_none();
  }
};

function History({ analyses, analysis, onChoose }: AiPanelProps) {
  const [open, setOpen] = useState(false);
  return (
    <div className="grid justify-items-start gap-1.5 border-t border-line px-4 py-2">
      <Button size="sm" variant="quiet" icon={open ? "up" : "down"} aria-expanded={open} onPress={() => setOpen(!open)}>{m.image_ai_history()} <span className="text-ink-3">{analyses.length - 1}</span></Button>
      {open && (
        <ul className="m-0 grid w-full list-none gap-1 p-0 text-sm">
          {analyses.slice(1).map((a) => (
            <li key={a.id} className="flex items-start gap-2">
              <span className="grid min-w-0 grow">
                <span>{stateWord(a)}</span>
                <span className="text-ink-3"><ClinicalTime value={a.finishedAt ?? a.startedAt} always="date-time" />{a.pack && <> · <span className="hs-mono">{a.pack.id} {a.pack.version}</span></>}</span>
              </span>
              {a.id !== analysis?.id && <Button size="sm" onPress={() => onChoose(a.id)}>{m.image_ai_history_show()}</Button>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Which pack said it, and when: enough to find it again. */
function Origin({ analysis, onCard, cardKey }: { analysis: AnalysisView; onCard(): void; cardKey: string }) {
  const { pack, timingMs: t } = analysis;
  if (!pack) return null;
  return (
    <div className="mt-auto grid gap-1 border-t border-line px-4 py-2 text-sm text-ink-3">
      <div className="flex flex-wrap items-center gap-2">
        <span className="hs-mono text-ink-2">{pack.id} {pack.version}</span>
        <span className="hs-mono" title={pack.sha256}>{pack.sha256.slice(0, 4)} {pack.sha256.slice(4, 8)}</span>
        <span className="ms-auto"><Button size="sm" variant="quiet" kbd={cardKey} onPress={onCard}>{m.image_ai_card()}</Button></span>
      </div>
      <div>{m.image_ai_ran()} <ClinicalTime value={analysis.finishedAt ?? analysis.startedAt} /> · {m.image_ai_asked_by({ name: isolated(analysis.askedBy) })}</div>
      {t && <div>{m.image_ai_timing({ decode: t.decode, preprocess: t.preprocess, infer: t.infer })}</div>}
    </div>
  );
}
