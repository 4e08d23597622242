import { useEffect, useId, useState } from "react";
import { ErrorBlock, useGo, useMay } from "../../app";
import { CommandFailed, useBackend, useCommand, useSend } from "../../backend";
import { Bar, Button, Dialog, Loading, Status, type StatusKind } from "../../design";
import * as m from "../../paraglide/messages";
import type { Batches, BatchItem, BatchView, PickedFile } from "../../wire";
import { errorWords } from "../../app";
import { useQuestion } from "./AiPanel";
import { abstainedWhy, fileErrorWords, networkWord, stepWord, taskWord } from "./words";
import { isolated, Written } from "./Written";

/** More files than this are not opened one by one: they become a batch. */
export const many = 20;

/** All batches on the list. Asked again while one moves, because the store tells of a batch only now and then. */
export function useBatches(): Batches {
  const list = useCommand("batch.list", {}, { keepPrevious: true });
  const batches = list.data ?? { batches: [], halted: null };
  const busy = batches.halted === null && batches.batches.some((b) => b.state === "listing" || b.state === "running");
  const { refetch } = list;
  useEffect(() => {
    if (!busy) return;
    const timer = setInterval(() => void refetch(), 1000);
    return () => clearInterval(timer);
  }, [busy, refetch]);
  return batches;
}

/** Pictures of which there is nothing more to wait for. */
export const finished = (b: BatchView) => b.total - b.untaken - b.queued;
/** Pictures that got no answer. */
export const unanswered = (b: BatchView) => b.abstained + b.failed + b.refused;

/** Rounded, because a batch does not know better: seconds under a minute in tens, then whole minutes, then hours. */
export function leftWords(seconds: number | null): string | null {
  if (seconds === null) return null;
  if (seconds < 60) return m.image_batch_left_seconds({ seconds: Math.max(10, Math.ceil(seconds / 10) * 10) });
  if (seconds < 3570) return m.image_batch_left_minutes({ minutes: Math.round(seconds / 60) });
  return m.image_batch_left_hours({ hours: Math.max(1, Math.round(seconds / 3600)) });
}

const stateWords: Record<BatchView["state"], () => string> = {
  listing: m.image_batch_listing,
  running: m.image_batch_running,
  paused: m.image_batch_paused,
  cancelled: m.image_batch_cancelled,
  over: m.image_batch_over,
};

/** What became of the pictures, in one line: only what there is. */
function counts(b: BatchView): string {
  return [
    b.done > 0 && m.image_batch_done({ count: b.done }),
    b.known > 0 && m.image_batch_known({ count: b.known }),
    b.abstained > 0 && m.image_batch_abstained({ count: b.abstained }),
    b.refused > 0 && m.image_batch_refused({ count: b.refused }),
    b.failed > 0 && m.image_batch_failed({ count: b.failed }),
    b.cancelled > 0 && m.image_batch_left_out({ count: b.cancelled }),
  ].filter(Boolean).join(" · ");
}

/** As many as fit above the list without pushing it away. */
const shown = 2;

/** Folders under way or over, above the worklist. While a film is read the height is the film's: only what stands still is told. */
export function BatchBar({ batches, reading }: { batches: Batches; reading: boolean }) {
  const [all, setAll] = useState(false);
  const present = reading ? [] : batches.batches;
  const rows = all ? present : present.slice(0, shown);
  const hidden = present.length - rows.length;
  return (
    <>
      {batches.halted && <Halted error={new CommandFailed(batches.halted)} />}
      {rows.length > 0 && (
        <section aria-label={m.image_batch_title()} className="flex-none border-b border-line bg-sunken">
          {rows.map((batch) => <Line key={batch.id} batch={batch} halted={batches.halted !== null} />)}
          {hidden > 0 && <div className="px-4 pb-1"><Button size="sm" variant="quiet" onPress={() => setAll(true)}>{m.image_batch_earlier({ count: hidden })}</Button></div>}
        </section>
      )}
    </>
  );
}

/** Nothing moves until somebody says so: the disk is full, or pictures take too long one after the other. */
function Halted({ error }: { error: CommandFailed }) {
  const may = useMay();
  const goOn = useSend("analysis.go_on");
  const full = error.code === "disk_full";
  const words = errorWords(error);
  return (
    <div className="flex-none">
      <Bar kind="caution" live action={<Button size="sm" pending={goOn.isPending} notNow={may("analyse_images") ? undefined : m.image_ai_may_not_analyse()} onPress={() => goOn.mutate({})}>{m.image_batch_go_on_all()}</Button>}>
        <b>{full ? m.image_batch_full() : m.image_batch_halted()}</b> {full ? m.image_batch_full_do() : `${words.title} ${words.doNow}`}
      </Bar>
      {goOn.error && <ErrorBlock error={goOn.error} />}
    </div>
  );
}

function Line({ batch, halted }: { batch: BatchView; halted: boolean }) {
  const may = useMay();
  const [open, setOpen] = useState(false);
  const list = useId();
  const pause = useSend("batch.pause");
  const resume = useSend("batch.resume");
  const cancel = useSend("batch.cancel");
  const forget = useSend("batch.forget");
  const done = finished(batch);
  const over = batch.state === "over" || batch.state === "cancelled";
  const percent = batch.total === 0 ? 0 : Math.floor((done / batch.total) * 100);
  const left = halted ? null : leftWords(batch.secondsLeft);
  const more = counts(batch);
  const name = batch.sources > 1 ? m.image_batch_name_more({ name: isolated(batch.name), count: batch.sources - 1 }) : batch.name;
  const question = [batch.task && taskWord(batch.task), batch.network && networkWord(batch.network)].filter(Boolean).join(" · ");
  const failed = [pause, resume, cancel, forget].find((s) => s.error && s.error.code !== "analysis_not_running")?.error;
  const progress = batch.state === "listing" ? stateWords.listing() : m.image_batch_progress({ done, total: batch.total });
  return (
    <div className="px-4 py-1.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="m-0 min-w-0 text-base font-strong"><Written>{name}</Written></h2>
        {question && <span className="text-sm text-ink-2">{question}</span>}
        <span className="text-sm text-ink-3">{m.image_batch_by({ name: isolated(batch.askedBy) })}</span>
        <span className="ms-auto flex flex-wrap items-center gap-2">
          {unanswered(batch) > 0 && <Button size="sm" variant="quiet" aria-expanded={open} aria-controls={list} onPress={() => setOpen(!open)}>{open ? m.image_batch_hide() : m.image_batch_show({ count: unanswered(batch) })}</Button>}
          {may("analyse_images") && <>
            {(batch.state === "running" || batch.state === "listing") && <Button size="sm" pending={pause.isPending} onPress={() => pause.mutate({ id: batch.id })}>{m.image_batch_pause()}<span className="hs-vh"> {name}</span></Button>}
            {batch.state === "paused" && <Button size="sm" variant="primary" pending={resume.isPending} onPress={() => resume.mutate({ id: batch.id })}>{m.image_batch_go_on()}<span className="hs-vh"> {name}</span></Button>}
            {!over && <Button size="sm" pending={cancel.isPending} onPress={() => cancel.mutate({ id: batch.id })}>{m.image_batch_cancel()}<span className="hs-vh"> {name}</span></Button>}
            {over && <Button size="sm" pending={forget.isPending} onPress={() => forget.mutate({ id: batch.id })}>{m.image_batch_forget()}<span className="hs-vh"> {name}</span></Button>}
          </>}
        </span>
      </div>
      <div className="flex flex-wrap items-center gap-x-3 text-sm">
        {!over && (
          <span className="h-1.5 min-w-24 max-w-[320px] grow border border-line-2 bg-hover" role="progressbar" aria-label={m.image_batch_bar({ name })} aria-valuemin={0} aria-valuemax={100} aria-valuenow={batch.state === "listing" ? undefined : percent} aria-valuetext={progress}>
            <i className="block h-full bg-accent" style={{ width: `${percent}%` }} />
          </span>
        )}
        <span>{progress}</span>
        {more && <span className="text-ink-2">{more}</span>}
        {batch.untaken > 0 && !over && <span className="text-ink-3">{m.image_batch_untaken({ count: batch.untaken })}</span>}
        {left && <span className="text-ink-2">{left}</span>}
        <span className="ms-auto text-ink-3" role="status">{halted && !over ? m.image_batch_stands() : stateWords[batch.state]()}</span>
      </div>
      {over && batch.others > 0 && <p className="text-sm text-ink-3">{m.image_results_others({ count: batch.others })}</p>}
      {failed && <ErrorBlock error={failed} />}
      <div id={list}>{open && <Items id={batch.id} />}</div>
    </div>
  );
}

function itemWords(item: BatchItem): { kind: StatusKind; word: string; why: string | null } {
  switch (item.state) {
    case "abstained": {
      const { sentence, numbers } = abstainedWhy({ reason: item.reason, detail: item.detail, values: item.values ?? undefined });
      return { kind: "inactive", word: m.image_batch_item_abstained(), why: [sentence, numbers].filter(Boolean).join(" ") };
    }
    case "failed": return { kind: "caution", word: m.image_batch_item_failed(), why: item.error ? fileErrorWords(item.error) : item.reason && stepWord(item.reason) };
    default: return { kind: "caution", word: m.image_batch_item_refused(), why: item.error && fileErrorWords(item.error) };
  }
}

/** The pictures without an answer, each with its reason. */
function Items({ id }: { id: string }) {
  const go = useGo();
  const items = useCommand("batch.items", { id, all: false }, { keepPrevious: true });
  if (items.isPending) return <Loading label={m.image_batch_items()} lines={2} />;
  if (items.error) return <ErrorBlock error={items.error} />;
  return (
    <>
      <ul className="m-0 max-h-40 list-none overflow-auto border-t border-line p-0 pt-1" tabIndex={0} aria-label={m.image_batch_items()}>
        {items.data.items.map((item, i) => {
          const { kind, word, why } = itemWords(item);
          return (
            <li key={i} className="flex flex-wrap items-start gap-x-3 py-0.5 text-sm">
              <span className="max-w-[45%]"><Written>{item.name}</Written></span>
              <Status kind={kind} wrap>{word}</Status>
              {why && <span className="min-w-0 text-ink-2">{why}</span>}
              {item.study && <span className="ms-auto"><Button size="sm" variant="quiet" onPress={() => item.study && go(`/images/${encodeURIComponent(item.study)}`)}>{m.image_results_show()}<span className="hs-vh"> {item.name}</span></Button></span>}
            </li>
          );
        })}
      </ul>
      {items.data.total > items.data.items.length && <p className="text-sm text-ink-3">{m.image_batch_items_more({ count: items.data.total - items.data.items.length })}</p>}
    </>
  );
}

/** Asking for a whole folder: chosen first, then the question for all of its pictures. */
export function useBatchStart() {
  const backend = useBackend();
  const may = useMay();
  const allowed = may("import_images") && may("analyse_images");
  const [files, setFiles] = useState<PickedFile[]>([]);
  const [failed, setFailed] = useState<CommandFailed | null>(null);
  const [reading, setReading] = useState(false);
  return {
    allowed,
    files,
    failed,
    reading,
    /** Files that came by another way, such as many at once dropped on the window. */
    offer: setFiles,
    close: () => { setFiles([]); setFailed(null); },
    pick: () => {
      setFailed(null);
      const picked = backend.pickFolder();
      setReading(true);
      picked.then(setFiles, (cause: unknown) => setFailed(CommandFailed.from(cause))).finally(() => setReading(false));
    },
  };
}

export function BatchStart({ start }: { start: ReturnType<typeof useBatchStart> }) {
  const asked = useQuestion();
  const send = useSend("batch.start", { onDone: start.close });
  const first = start.files[0];
  return (
    <>
      {start.failed && <div className="flex-none border-b border-line"><ErrorBlock error={start.failed} title={m.image_pick_failed()} actions={<Button size="sm" onPress={start.close}>{m.image_batch_close()}</Button>} /></div>}
      <Dialog
        isOpen={first !== undefined}
        onClose={start.close}
        title={m.image_batch_ask()}
        footer={<>
          <Button variant="primary" autoFocus pending={send.isPending} onPress={() => send.mutate({ handles: start.files.map((f) => f.handle), task: asked.wish.task ?? null, network: asked.wish.network ?? null })}>{m.image_batch_start()}</Button>
          <Button onPress={start.close}>{m.image_batch_not()}</Button>
        </>}
      >
        <div className="grid gap-3">
          {first && <p><bdi className="font-strong [overflow-wrap:anywhere]">{start.files.length > 1 ? m.image_batch_name_more({ name: isolated(first.name), count: start.files.length - 1 }) : first.name}</bdi></p>}
          {asked.fields}
          <p className="text-sm text-ink-2">{m.image_batch_text()}</p>
          {send.error && <ErrorBlock error={send.error} />}
        </div>
      </Dialog>
    </>
  );
}
