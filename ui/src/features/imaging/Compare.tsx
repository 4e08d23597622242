import { useState } from "react";
import { ErrorBlock, useMay } from "../../app";
import { useCommand, useSend } from "../../backend";
import { Button, Dialog, Loading, Select, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { AnalysisView, FindingView, ImageView, PackView, Reran } from "../../wire";
import { Maps } from "./CompareMaps";
import { abstainedWhy, findingWord, networkWord, outsideWhy, probabilityText, taskWord } from "./words";

/** Asking again without storing: the same pack once more, or two packs side by side. */
export function AskAgain({ image, analysis }: { image: ImageView; analysis: AnalysisView }) {
  const may = useMay();
  const [comparing, setComparing] = useState(false);
  const rerun = useSend("analysis.rerun");
  const shown = rerun.data && rerun.variables?.id === analysis.id ? rerun.data : null;
  const notNow = may("analyse_images") ? undefined : m.image_ai_may_not_analyse();
  if (analysis.pack === null) return null;
  return (
    <div className="grid justify-items-start gap-1.5 border-t border-line px-4 py-2 text-sm">
      <div className="flex flex-wrap gap-2">
        <Button size="sm" pending={rerun.isPending} notNow={notNow} onPress={() => rerun.mutate({ id: analysis.id })}>{m.image_again_run()}</Button>
        <Button size="sm" notNow={notNow} onPress={() => setComparing(true)}>{m.image_compare_open()}</Button>
      </div>
      <div role="status" className="empty:hidden">{shown && <Again reran={shown} />}</div>
      {rerun.error && rerun.variables?.id === analysis.id && <ErrorBlock error={rerun.error} title={m.image_again_failed()} />}
      {comparing && <Compare image={image} analysis={analysis} onClose={() => setComparing(false)} />}
    </div>
  );
}

function Again({ reran }: { reran: Reran }) {
  const pack = reran.analysis.pack;
  if (reran.same) return <Status kind="good" wrap>{m.image_again_same({ pack: pack?.id ?? "", version: pack?.version ?? "" })}</Status>;
  const part = (p: number | null) => (p === null ? m.image_again_nothing() : probabilityText(p));
  const word = (label: string) => findingWord(reran.analysis.findings.find((f) => f.label === label) ?? { label, condition: label });
  return (
    <div className="grid gap-1">
      <Status kind="caution" wrap>{reran.differences.length > 0 ? m.image_again_differs({ value: probabilityText(reran.largest) }) : m.image_again_outcome()}</Status>
      <ul className="m-0 list-none p-0">{reran.differences.map((d) => <li key={d.label}>{m.image_again_line({ label: word(d.label), then: part(d.then), now: part(d.now) })}</li>)}</ul>
    </div>
  );
}

interface Candidate { key: string; id: string; sha256: string; version: string; pack: PackView }

/** Every version that may be looked at: of packs in use, and of open ones that wait for their yes. */
function candidates(packs: PackView[], task: string): Candidate[] {
  return packs
    .filter((p) => !p.problem && (p.enabled || p.licenceClass === "open") && (task === "" || p.tasks.some((t) => t.task === task)))
    .flatMap((pack) => pack.versions.filter((v) => !v.problem).map((v) => ({ key: `${pack.id} ${v.sha256}`, id: pack.id, sha256: v.sha256, version: v.version, pack })));
}

function Compare({ image, analysis, onClose }: { image: ImageView; analysis: AnalysisView; onClose(): void }) {
  const list = useCommand("model.list", {});
  const packs = list.data?.packs ?? [];
  const [task, setTask] = useState(analysis.task ?? "");
  const found = candidates(packs, task);
  const here = `${analysis.pack?.id} ${analysis.pack?.sha256}`;
  const [chosen, setChosen] = useState({ left: here, right: "" });
  const left = found.find((c) => c.key === chosen.left) ?? found[0];
  const right = found.find((c) => c.key === chosen.right) ?? found.find((c) => c !== left);
  const compare = useSend("analysis.compare");
  const tasks = [...new Set(packs.filter((p) => !p.problem).flatMap((p) => p.tasks.map((t) => t.task)))].sort((a, b) => taskWord(a).localeCompare(taskWord(b)));
  const options = found.map((c) => ({ id: c.key, label: `${c.id} ${c.version} · ${networkWord(c.pack.network)}` }));
  const both = left && right;
  return (
    <Dialog isOpen size="lg" onClose={onClose} title={m.image_compare_title()} footer={<Button onPress={onClose}>{m.image_compare_close()}</Button>}>
      <div className="grid gap-4">
        <p className="text-ink-2">{m.image_compare_text()}</p>
        {list.isPending && <Loading label={m.image_card_loading()} lines={3} />}
        {list.error && <ErrorBlock error={list.error} title={m.image_card_failed()} />}
        {list.data && (
          <form className="grid items-end gap-3 sm:grid-cols-2" onSubmit={(e) => e.preventDefault()}>
            <div className="sm:col-span-2"><Select label={m.image_compare_task()} value={task} onChange={(t) => { setTask(t); compare.reset(); }} options={[{ id: "", label: m.image_task_auto() }, ...tasks.map((t) => ({ id: t, label: taskWord(t) }))]} /></div>
            {both ? (
              <>
                <Select label={m.image_compare_left()} value={left.key} onChange={(key) => setChosen({ left: key, right: right.key })} options={options.filter((o) => o.id !== right.key)} />
                <Select label={m.image_compare_right()} value={right.key} onChange={(key) => setChosen({ left: left.key, right: key })} options={options.filter((o) => o.id !== left.key)} />
                <div className="sm:col-span-2">
                  <Button
                    variant="primary"
                    pending={compare.isPending}
                    onPress={() => compare.mutate({ image: image.id, task: task || null, left: { id: left.id, sha256: left.sha256 }, right: { id: right.id, sha256: right.sha256 } })}
                  >
                    {m.image_compare_go()}
                  </Button>
                </div>
              </>
            ) : <p className="sm:col-span-2">{m.image_compare_one()}</p>}
          </form>
        )}
        {compare.error && <ErrorBlock error={compare.error} title={m.image_compare_failed()} />}
        <div role="status" aria-live="polite">{compare.isPending ? <Loading label={m.image_compare_running()} lines={4} /> : compare.data && <Sides left={compare.data.left} right={compare.data.right} />}</div>
        {compare.data && <Maps key={compare.submittedAt} image={image} left={compare.data.left} right={compare.data.right} />}
      </div>
    </Dialog>
  );
}

/** Every answer of either, with both probabilities; what is silent says why. */
export function Sides({ left, right }: { left: AnalysisView; right: AnalysisView }) {
  const labels = [...new Set([...left.findings, ...right.findings].map((f) => f.label))];
  const of = (side: AnalysisView, label: string) => side.findings.find((f) => f.label === label);
  const apart = Math.max(0, ...labels.map((label) => {
    const [l, r] = [of(left, label), of(right, label)];
    return l && r ? Math.abs(l.probability - r.probability) : 0;
  }));
  return (
    <div className="grid gap-2">
      <table className="w-full border-collapse text-start">
        <thead>
          <tr>
            <th scope="col" className="border-b border-line-2 p-2 text-start align-top text-sm font-regular text-ink-3">{m.image_compare_label()}</th>
            <Head side={left} />
            <Head side={right} />
          </tr>
        </thead>
        <tbody>
          {labels.map((label) => {
            const any = of(left, label) ?? of(right, label);
            return (
              <tr key={label}>
                <th scope="row" className="border-b border-line p-2 text-start font-strong">{any && findingWord(any)}</th>
                <Cell side={left} finding={of(left, label)} />
                <Cell side={right} finding={of(right, label)} />
              </tr>
            );
          })}
        </tbody>
      </table>
      {left.state === "done" && right.state === "done" && apart > 0 && <p className="text-sm text-ink-2">{m.image_compare_apart({ value: probabilityText(apart) })}</p>}
    </div>
  );
}

function Head({ side }: { side: AnalysisView }) {
  return (
    <th scope="col" className="w-[36%] border-b border-line-2 p-2 text-start align-top font-regular">
      <span className="grid gap-1">
        <span className="hs-mono">{side.pack?.id} {side.pack?.version}</span>
        <span className="text-sm text-ink-3">{side.task && taskWord(side.task)}{side.task && side.network && " · "}{side.network && <bdi>{networkWord(side.network)}</bdi>}</span>
        {side.state !== "done" && <span className="grid gap-1 text-sm"><Status kind="inactive" wrap>{m.image_compare_silent()}</Status><span>{abstainedWhy(side).sentence}</span></span>}
        {side.outsideIntendedUse !== null && <span className="text-sm"><Status kind="caution" wrap>{m.image_ai_outside({ why: outsideWhy(side) })}</Status></span>}
      </span>
    </th>
  );
}

function Cell({ side, finding: f }: { side: AnalysisView; finding?: FindingView }) {
  if (!f) return <td className="border-b border-line p-2 text-ink-3">{side.state === "done" ? m.image_compare_not_asked() : "–"}</td>;
  const above = !f.normal && f.threshold !== null && f.probability >= f.threshold;
  return (
    <td className="border-b border-line p-2 align-top">
      <span className="grid gap-1">
        <span className="flex items-center gap-2"><b className="min-w-[5ch]">{probabilityText(f.probability)}</b>
          <span aria-hidden="true" className="relative h-2 grow border border-line-2 bg-hover"><i className="absolute inset-y-0 start-0 bg-viz-1" style={{ width: `${Math.min(100, f.probability * 100)}%` }} /></span>
        </span>
        <span className="text-sm text-ink-3">{[above && m.image_compare_above(), !f.normal && (f.map ? m.image_compare_map_yes() : m.image_compare_map_no())].filter(Boolean).join(" · ")}</span>
      </span>
    </td>
  );
}
