import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ErrorBlock, useGo, useMay } from "../../app";
import { CommandFailed, useBackend, useCommand, useDropped, useSend } from "../../backend";
import { Button, IconButton, Loading, Status, type StatusKind } from "../../design";
import * as m from "../../paraglide/messages";
import type { AnalysisJob, Imported, PickedFile } from "../../wire";
import { many } from "./Batch";
import { fileErrorWords } from "./words";
import { Written } from "./Written";

const resultsKey = ["imaging", "opened files"];
const studyPath = (id: string) => `/images/${encodeURIComponent(id)}`;

/**
 * Opening files: by the dialog or by dropping them anywhere. The list of what became of each file stays while one
 * walks from study to study, and goes with everything else when the screen is locked.
 */
export function useImporting(offer: (files: PickedFile[]) => void) {
  const backend = useBackend();
  const queries = useQueryClient();
  const go = useGo();
  const may = useMay();
  const allowed = may("import_images");
  const [failed, setFailed] = useState<CommandFailed | null>(null);
  // Written here and read here; never asked of the store, so an invalidated cache leaves it alone.
  const { data: results = null } = useQuery<Imported | null>({ queryKey: resultsKey, queryFn: () => queries.getQueryData<Imported>(resultsKey) ?? null, enabled: false, initialData: null, gcTime: Number.POSITIVE_INFINITY, staleTime: Number.POSITIVE_INFINITY });
  const send = useSend("study.import", {
    onDone(answer) {
      queries.setQueryData(resultsKey, answer);
      const first = answer.files.find((f) => f.study !== null);
      if (first?.study) go(studyPath(first.study));
    },
  });

  function take(files: PickedFile[]) {
    if (files.length === 0) return;
    // Dropped by somebody who may not: said, not ignored.
    if (!allowed) return setFailed(new CommandFailed({ code: "forbidden", kind: "refusal" }));
    setFailed(null);
    // Nobody waits in front of hundreds: they go on in the background.
    if (files.length > many && may("analyse_images")) return offer(files);
    send.mutate({ handles: files.map((f) => f.handle), patient: null, analyse: may("analyse_images") });
  }
  useDropped(take);
  const over = useDragOver(allowed);

  return {
    allowed,
    over,
    busy: send.isPending ? (send.variables?.handles.length ?? 0) : 0,
    error: failed ?? send.error,
    results,
    pick: () => { setFailed(null); backend.pickFiles().then(take, (cause: unknown) => setFailed(CommandFailed.from(cause))); },
    close: () => { setFailed(null); send.reset(); queries.setQueryData(resultsKey, null); },
  };
}

/** True while files hang over the window. The desktop window keeps such events to itself; there the hint in the head must do. */
function useDragOver(allowed: boolean): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    if (!allowed) return;
    const enter = (e: DragEvent) => setOver(e.dataTransfer?.types.includes("Files") ?? false);
    // Leaving one element for another inside the window has a target to go to; leaving the window has none.
    const leave = (e: DragEvent) => { if (e.relatedTarget === null) setOver(false); };
    const drop = () => setOver(false);
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [allowed]);
  return over;
}

export type Importing = ReturnType<typeof useImporting>;

/** What became of one file, as far as the queue knows. */
function resultWords(known: boolean, analysis: string | null, jobs: readonly AnalysisJob[]): { kind: StatusKind; words: string } {
  if (known) return { kind: "good", words: m.image_results_known() };
  const job = analysis === null ? undefined : jobs.find((j) => j.analysis === analysis);
  switch (job?.state) {
    case "queued": return { kind: "good", words: m.image_results_analysed() };
    case "running": return { kind: "good", words: m.image_results_running({ percent: job.progress }) };
    case "done": return { kind: "good", words: m.image_results_done() };
    case "abstained": return { kind: "inactive", words: m.image_results_abstained() };
    case "failed": return { kind: "caution", words: m.image_results_failed() };
    case "cancelled": return { kind: "inactive", words: m.image_results_cancelled() };
    default: return { kind: "good", words: m.image_results_opened() };
  }
}

export function ImportResults({ importing, jobs }: { importing: Importing; jobs: readonly AnalysisJob[] }) {
  const go = useGo();
  const { busy, error, results, close } = importing;
  if (busy > 0) {
    const words = busy === 1 ? m.image_opening_one() : m.image_opening({ count: busy });
    return <div className="border-b border-line px-4 py-2"><p className="pb-1 text-sm">{words}</p><Loading label={words} lines={1} /></div>;
  }
  if (error) return <div className="flex-none border-b border-line"><ErrorBlock error={error} title={m.image_pick_failed()} actions={<Button size="sm" onPress={close}>{m.image_results_close()}</Button>} /></div>;
  if (!results) return null;
  // What was not opened comes first: it must not wait below the fold of what was.
  const files = [...results.files.filter((f) => f.error), ...results.files.filter((f) => !f.error)];
  const bad = results.files.filter((f) => f.error).length;
  return (
    <section aria-label={m.image_results_title()} className="flex-none border-b border-line bg-sunken">
      <div className="flex items-center gap-2 px-4 py-1">
        <h2 className="m-0 text-base font-strong">{m.image_results_title()}</h2>
        <span className="flex flex-wrap gap-x-3 text-sm text-ink-3" role="status">
          <span>{files.length === 0 ? m.image_results_none() : m.image_results_count({ ok: files.length - bad, total: files.length })}</span>
          {bad > 0 && <Status kind="caution">{m.image_results_failed_count({ count: bad })}</Status>}
        </span>
        <span className="ms-auto"><IconButton size="sm" icon="close" label={m.image_results_close()} onPress={close} /></span>
      </div>
      {files.length > 0 && <ul className="m-0 list-none overflow-auto px-4 pb-2" style={{ maxHeight: `min(40vh, ${6 + 2 * bad}rem)` }} tabIndex={0} aria-label={m.image_results_title()}>
        {files.map((f, i) => {
          const became = resultWords(f.known, f.analysis, jobs);
          return <li key={i} className="flex flex-wrap items-start gap-x-3 py-0.5">
            <span className="max-w-[45%]"><Written>{f.name}</Written></span>
            {f.error
              ? <Status kind="caution" wrap>{fileErrorWords(f.error)} <span className="hs-mono text-sm text-ink-3">{f.error.incident ?? f.error.code.toUpperCase()}</span></Status>
              : <Status kind={became.kind}>{became.words}</Status>}
            {f.study && files.length > 1 && <span className="ms-auto"><Button size="sm" variant="quiet" onPress={() => f.study && go(studyPath(f.study))}>{m.image_results_show()}<span className="hs-vh"> {f.name}</span></Button></span>}
          </li>;
        })}
      </ul>}
      {results.others > 0 && <p className="px-4 pb-2 text-sm text-ink-3">{m.image_results_others({ count: results.others })}</p>}
    </section>
  );
}

/** Analyses: all this start of the program knows of, and those waiting or running. Asked again while there are any, so that a lost event cannot freeze the bar. */
export function useQueue(): { all: AnalysisJob[]; open: AnalysisJob[] } {
  const queue = useCommand("analysis.queue", {}, { keepPrevious: true });
  const all = queue.data?.jobs ?? [];
  const open = all.filter((j) => j.state === "queued" || j.state === "running");
  const busy = open.length > 0;
  const { refetch } = queue;
  useEffect(() => {
    if (!busy) return;
    const timer = setInterval(() => void refetch(), 1000);
    return () => clearInterval(timer);
  }, [busy, refetch]);
  return { all, open };
}

const rowsShown = 3;

export function QueueStrip({ jobs }: { jobs: AnalysisJob[] }) {
  const cancel = useSend("analysis.cancel");
  const hurry = useSend("analysis.hurry");
  const may = useMay();
  if (jobs.length === 0) return null;
  return (
    <section aria-label={m.image_queue_title()} className="flex-none border-b border-line bg-sunken px-4 py-1.5">
      <h2 className="m-0 text-sm font-regular text-ink-3">{m.image_queue_title()}</h2>
      <ul className="m-0 grid list-none gap-1 p-0">
        {jobs.slice(0, rowsShown).map((job) => (
          <li key={job.analysis} className="flex items-center gap-3 text-sm">
            <span className="w-48 flex-none"><Written>{job.fileName}</Written></span>
            <span className="h-1.5 min-w-16 grow border border-line-2 bg-hover" role="progressbar" aria-label={job.fileName} aria-valuemin={0} aria-valuemax={100} aria-valuenow={job.state === "running" ? job.progress : undefined}>
              {job.state === "running" && <i className="block h-full bg-accent" style={{ width: `${Math.min(100, job.progress)}%` }} />}
            </span>
            <span className="w-16 text-ink-2">{job.state === "running" ? m.image_queue_percent({ percent: job.progress }) : m.image_queue_waiting()}</span>
            {may("analyse_images") && job.state === "queued" && (job.urgent
              ? <span className="text-ink-3">{m.image_queue_urgent()}</span>
              : jobs.length > 1 && <Button size="sm" variant="quiet" pending={hurry.isPending && hurry.variables?.id === job.analysis} onPress={() => hurry.mutate({ id: job.analysis })}>{m.image_queue_first()}<span className="hs-vh"> {job.fileName}</span></Button>)}
            {may("analyse_images") && <Button size="sm" pending={cancel.isPending && cancel.variables?.id === job.analysis} onPress={() => cancel.mutate({ id: job.analysis })}>{m.image_queue_cancel()}<span className="hs-vh"> {job.fileName}</span></Button>}
          </li>
        ))}
      </ul>
      {jobs.length > rowsShown && <p className="text-sm text-ink-3">{m.image_queue_more({ count: jobs.length - rowsShown })}</p>}
      {cancel.error && cancel.error.code !== "analysis_not_running" && <ErrorBlock error={cancel.error} />}
    </section>
  );
}
