import { useState } from "react";
import { ErrorBlock, useMay } from "../../app";
import { useSend } from "../../backend";
import { ClinicalTime, conditionWord, formatNumber, ltr } from "../../clinical";
import { Button, Dialog, Progress, RadioGroup, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { FitAnswer, FitNeeds, FitView, TaskQuality } from "../../wire";
import { taskWord } from "./words";

/** A fit of one task on the judgements of this facility: what is missing, the way to it, and what waits to be installed. */
export function Fit({ row: r, fits }: { row: TaskQuality; fits: FitView[] }) {
  const may = useMay();
  const [open, setOpen] = useState(false);
  const waiting = fits.filter((f) => f.task === r.task && f.pack.id === r.pack.id);
  if (!r.fit) return null;
  const enough = r.fit.temperature || r.fit.head;
  return (
    <div className="grid max-w-[72ch] content-start justify-items-start gap-2">
      <h3 className="m-0 text-base font-strong">{m.image_fit_title()}</h3>
      <p className="text-ink-2">{m.image_fit_text()}</p>
      <Needs needs={r.fit} />
      {enough && <Button notNow={may("judge_findings") ? undefined : m.image_ai_may_not_judge()} onPress={() => setOpen(true)}>{m.image_fit_open()} <span className="hs-vh">{taskWord(r.task)}</span></Button>}
      {waiting.map((f) => <Waiting key={f.pack.sha256} fit={f} />)}
      {open && <FitDialog row={r} needs={r.fit} onClose={() => setOpen(false)} />}
    </div>
  );
}

/** How many pictures each fit needs, and how many there are of each finding. */
function Needs({ needs: n }: { needs: FitNeeds }) {
  // What is missing for the smaller of the two fits is told beside what there is.
  const of = (count: number, needed: number) => (count < needed ? <span className="font-strong">{m.image_fit_short({ n: formatNumber(count), least: formatNumber(needed) })}</span> : formatNumber(count));
  const columns = [m.image_perf_label(), m.image_fit_judged(), m.image_fit_kept()];
  const least = (count: number) => m.image_fit_least({ n: formatNumber(count), apart: formatNumber(n.leastHeldOut) });
  return (
    <div className="grid gap-0.5 text-sm">
      <p>{n.temperature ? <Status kind="good" wrap>{m.image_fit_enough_temperature()}</Status> : <><Status kind="inactive" wrap>{m.image_fit_few_temperature()}</Status> {least(n.leastTemperature)}</>}</p>
      <p>{n.head ? <Status kind="good" wrap>{m.image_fit_enough_head()}</Status> : <><Status kind="inactive" wrap>{m.image_fit_few_head()}</Status> {least(n.leastHead)}</>}</p>
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={m.image_perf_pictures()}>
        <table className="mt-1 border-collapse">
          <thead><tr>{columns.map((c) => <th key={c} scope="col" className={head}>{c}</th>)}</tr></thead>
          <tbody>
            {n.labels.map((l) => (
              <tr key={l.label}>
                <th scope="row" className={`${cell} text-start font-regular`}>{conditionWord(l.condition, l.label)}</th>
                <td className={cell}>{of(l.found, n.leastTemperature)}</td>
                <td className={cell}>{of(l.heldOut, n.leastHeldOut)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function FitDialog({ row: r, needs, onClose }: { row: TaskQuality; needs: FitNeeds; onClose(): void }) {
  const [what, setWhat] = useState<"temperature" | "head">(needs.temperature ? "temperature" : "head");
  const fit = useSend("quality.fit");
  return (
    <Dialog
      isOpen
      keepOpen
      onClose={onClose}
      title={m.image_fit_dialog({ task: taskWord(r.task) })}
      footer={<Button size="lg" onPress={onClose}>{fit.data ? m.image_fit_close() : m.image_fit_not_now()}</Button>}
      footerEnd={!fit.data?.made && <Button size="lg" variant="primary" pending={fit.isPending} onPress={() => fit.mutate({ task: r.task, pack: r.pack.id, head: what === "head" })}>{m.image_fit_start()}</Button>}
    >
      <div className="grid gap-4">
        {!fit.data?.made && (
          <RadioGroup
            stacked
            label={m.image_fit_what()}
            value={what}
            onChange={(v) => { setWhat(v); fit.reset(); }}
            options={[
              { id: "temperature", label: m.image_fit_temperature(), sub: m.image_fit_temperature_sub(), isDisabled: !needs.temperature },
              { id: "head", label: m.image_fit_head(), sub: needs.head ? m.image_fit_head_sub() : m.image_fit_few_head(), isDisabled: !needs.head },
            ]}
          />
        )}
        {!fit.data?.made && <p className="text-ink-2">{m.image_fit_how()}</p>}
        <div role="status" className="grid gap-3 empty:hidden">
          {fit.isPending && <Progress label={m.image_fit_running()} />}
          {fit.data && <Came answer={fit.data} />}
        </div>
        {fit.error && <ErrorBlock error={fit.error} title={m.image_fit_failed()} />}
      </div>
    </Dialog>
  );
}

/** Better, not better, or too few after all: each with its numbers. */
function Came({ answer: { made, tooFew, notBetter } }: { answer: FitAnswer }) {
  if (made) {
    return (
      <>
        <Status kind="good" wrap>{m.image_fit_made({ version: ltr(made.pack.version) })}</Status>
        <FitFigures fit={made} />
        <p>{m.image_fit_waits({ before: ltr(made.from) })}</p>
      </>
    );
  }
  if (tooFew) return <Status kind="notice" wrap>{m.image_fit_too_few({ label: conditionWord(tooFew.label), found: formatNumber(tooFew.found), least: formatNumber(tooFew.least), apart: formatNumber(tooFew.heldOut) })}</Status>;
  if (notBetter) {
    return (
      <div className="grid gap-1">
        <Status kind="notice" wrap>{m.image_fit_not_better()}</Status>
        <p>{m.image_fit_not_better_text({ n: formatNumber(notBetter.n), before: notBetter.before.toFixed(3), after: notBetter.after.toFixed(3), share: formatNumber(Math.round(notBetter.share)) })}</p>
      </div>
    );
  }
  return null;
}

const head = "border-b border-line-2 px-2 py-1 text-start text-sm font-regular text-ink-3 first:ps-0";
const cell = "border-b border-line px-2 py-1 first:ps-0";

/** Before and after on the judged pictures kept for measuring. */
export function FitFigures({ fit: f }: { fit: FitView }) {
  const number = (x: number | null) => (x === null ? m.image_fit_unknown() : x.toFixed(3));
  const rows: [string, string, string][] = [
    [m.image_fit_log_loss(), number(f.before.logLoss), number(f.after.logLoss)],
    [m.image_fit_ece(), number(f.before.ece), number(f.after.ece)],
    [m.image_perf_auroc_short(), number(f.before.macroAuroc), number(f.after.macroAuroc)],
    [m.image_fit_temperature_value(), number(f.before.temperature), number(f.after.temperature)],
  ];
  return (
    <div className="grid justify-items-start gap-1.5">
      <table className="border-collapse text-sm">
        <caption className="pb-1 text-start text-sm text-ink-2">{m.image_fit_measured({ fitted: formatNumber(f.fittedOn), n: formatNumber(f.measuredOn) })}</caption>
        <thead><tr><th scope="col" className={head}>{m.image_fit_figure()}</th><th scope="col" className={head}>{m.image_fit_before()} <bdi className="hs-mono">{f.from}</bdi></th><th scope="col" className={head}>{m.image_fit_after()} <bdi className="hs-mono">{f.pack.version}</bdi></th></tr></thead>
        <tbody>{rows.map(([name, before, after]) => <tr key={name}><th scope="row" className={`${cell} text-start font-regular`}>{name}</th><td className={cell}><bdi>{before}</bdi></td><td className={cell}><bdi>{after}</bdi></td></tr>)}</tbody>
      </table>
      <p className="text-sm text-ink-3">{m.image_fit_better({ share: formatNumber(Math.round(f.better)) })}</p>
    </div>
  );
}

/** A fit that nobody installed yet, with what changes and by whom. */
export function Waiting({ fit: f }: { fit: FitView }) {
  const may = useMay();
  const [asking, setAsking] = useState(false);
  const install = useSend("quality.fit_install", { onDone: () => setAsking(false) });
  const drop = useSend("quality.fit_drop");
  const mayInstall = may("manage_facility");
  return (
    <div className="grid justify-items-start gap-2 border border-line bg-sunken px-3 py-2" role="group" aria-label={m.image_fit_waiting({ version: ltr(f.pack.version) })}>
      <p><Status kind="notice" wrap>{m.image_fit_waiting({ version: ltr(f.pack.version) })}</Status> <span className="text-sm text-ink-3"><bdi>{f.by}</bdi> · <ClinicalTime value={f.at} always="date-time" /></span></p>
      <p className="text-sm">{taskWord(f.task)} · <bdi className="hs-mono">{f.pack.id}</bdi> · {f.head ? m.image_fit_head() : m.image_fit_temperature()}</p>
      <FitFigures fit={f} />
      <div className="flex flex-wrap gap-2">
        {mayInstall && <Button variant="primary" size="sm" onPress={() => { install.reset(); setAsking(true); }}>{m.image_fit_install()} <span className="hs-vh">{f.pack.version}</span></Button>}
        <Button size="sm" pending={drop.isPending} onPress={() => drop.mutate({ sha256: f.pack.sha256 })}>{m.image_fit_drop()} <span className="hs-vh">{f.pack.version}</span></Button>
      </div>
      {!mayInstall && <p className="text-sm text-ink-3">{m.image_fit_who()}</p>}
      {drop.error && <ErrorBlock error={drop.error} title={m.image_fit_failed()} />}
      {asking && (
        <Dialog
          isOpen
          role="alertdialog"
          onClose={() => setAsking(false)}
          title={m.image_fit_install_title({ version: ltr(f.pack.version) })}
          footer={<Button size="lg" onPress={() => setAsking(false)}>{m.image_fit_not_now()}</Button>}
          footerEnd={<Button size="lg" variant="primary" pending={install.isPending} onPress={() => install.mutate({ sha256: f.pack.sha256 })}>{m.image_fit_install()}</Button>}
        >
          <div className="grid gap-3">
            <p>{f.head ? m.image_fit_changes_head({ task: taskWord(f.task) }) : m.image_fit_changes_temperature({ task: taskWord(f.task) })}</p>
            <FitFigures fit={f} />
            <p>{m.image_fit_stays({ before: ltr(f.from) })}</p>
            {install.error && <ErrorBlock error={install.error} title={m.image_fit_failed()} />}
          </div>
        </Dialog>
      )}
    </div>
  );
}
