import { useEffect, useState } from "react";
import { useGo, useMay } from "../../app";
import { useCommand, useSend } from "../../backend";
import { formatNumber } from "../../clinical";
import { Button, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { FetchView } from "../../wire";
import { leftWords } from "../imaging/Batch";
import { fileErrorWords } from "../imaging/words";
import { why } from "./words";

export const underWay = (f: FetchView) => f.state === "waiting" || f.state === "running" || f.state === "saving";

/** Studies on their way and those that came lately. Asked again while one moves, so it goes on wherever one walks. */
export function useFetches(): FetchView[] {
  const list = useCommand("archive.fetches", {}, { keepPrevious: true });
  const fetches = list.data?.fetches ?? [];
  const busy = fetches.some(underWay);
  const { refetch } = list;
  useEffect(() => {
    if (!busy) return;
    const timer = setInterval(() => void refetch(), 1000);
    return () => clearInterval(timer);
  }, [busy, refetch]);
  return fetches;
}

/** As many as fit above a list without pushing it away. */
const shown = 3;

/** What moves comes first, then what went wrong: neither may hide behind what waits or is over. */
const rank: Record<FetchView["state"], number> = { running: 0, saving: 0, failed: 1, waiting: 2, over: 3, cancelled: 4 };

/** Studies on their way from archives. While a film is read the height is the film's. */
export function FetchBar({ reading = false }: { reading?: boolean }) {
  const [all, setAll] = useState(false);
  const present = [...useFetches()].sort((a, b) => rank[a.state] - rank[b.state]);
  const rows = reading ? [] : all ? present : present.slice(0, shown);
  const hidden = reading ? 0 : present.length - rows.length;
  if (rows.length === 0) return null;
  return (
    <section aria-label={m.connect_fetches()} className="flex-none border-b border-line bg-sunken">
      {rows.map((fetch) => <Line key={fetch.id} fetch={fetch} />)}
      {hidden > 0 && <div className="px-4 pb-1"><Button size="sm" variant="quiet" onPress={() => setAll(true)}>{m.connect_fetch_earlier({ count: hidden })}</Button></div>}
    </section>
  );
}

export const fetchName = (f: FetchView) => f.patientName ?? m.connect_fetch_unnamed({ uid: f.studyUid });

/** How much came, in one line. */
function cameWords(f: FetchView): string {
  const count = f.total === null ? m.connect_fetch_count_open({ got: f.got }) : m.connect_fetch_count({ got: f.got, total: f.total });
  // Below a tenth it would say nothing.
  const size = f.kilobytes >= 100 ? m.connect_fetch_size({ size: formatNumber(f.kilobytes / 1000, 1) }) : null;
  return [count, size].filter(Boolean).join(" · ");
}

/** Where it stands, in words; `null` where the bar says it. */
export function standing(f: FetchView): string {
  switch (f.state) {
    case "waiting": return m.connect_fetch_waiting();
    case "running": return f.got === 0 ? m.connect_fetch_asking() : m.connect_fetch_running();
    case "saving": return m.connect_fetch_saving();
    case "over": return m.connect_fetch_over();
    case "failed": return m.connect_fetch_broke();
    case "cancelled": return m.connect_fetch_cancelled();
  }
}

function Line({ fetch }: { fetch: FetchView }) {
  const may = useMay();
  const go = useGo();
  const cancel = useSend("archive.cancel");
  const forget = useSend("archive.forget");
  const again = useSend("archive.fetch", { onDone: () => forget.mutate({ id: fetch.id }) });
  const name = fetchName(fetch);
  const open = underWay(fetch);
  const percent = fetch.total ? Math.min(100, Math.floor((fetch.got / fetch.total) * 100)) : undefined;
  const left = leftWords(fetch.secondsLeft);
  const fewer = fetch.state === "over" && fetch.total !== null && fetch.got < fetch.total;
  const failed = [cancel, forget, again].find((s) => s.error)?.error;
  const unseen = <> <span className="hs-vh">{name}</span></>;
  return (
    <div className="px-4 py-1.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="m-0 min-w-0 text-base font-strong"><bdi className="[overflow-wrap:anywhere]">{name}</bdi></h2>
        <span className="text-sm text-ink-2">{m.connect_fetch_from({ name: fetch.archiveName })}</span>
        <span className="text-sm text-ink-3">{m.connect_fetch_by({ name: fetch.askedBy })}</span>
        <span className="ms-auto flex flex-wrap items-center gap-2">
          {fetch.study && <Button size="sm" variant="primary" onPress={() => fetch.study && go(`/images/${encodeURIComponent(fetch.study)}`)}>{m.connect_open()}{unseen}</Button>}
          {may("import_images") && <>
            {(fetch.state === "waiting" || fetch.state === "running") && <Button size="sm" pending={cancel.isPending} onPress={() => cancel.mutate({ id: fetch.id })}>{m.connect_fetch_cancel()}{unseen}</Button>}
            {(fetch.state === "failed" || fetch.state === "cancelled" || fewer) && <Button size="sm" pending={again.isPending} onPress={() => again.mutate({ archive: fetch.archive, studyUid: fetch.studyUid, analyse: fetch.analyse })}>{m.connect_fetch_again()}{unseen}</Button>}
            {!open && <Button size="sm" pending={forget.isPending} onPress={() => forget.mutate({ id: fetch.id })}>{m.connect_fetch_forget()}{unseen}</Button>}
          </>}
        </span>
      </div>
      <div className="flex flex-wrap items-center gap-x-3 text-sm">
        {open && fetch.state !== "waiting" && (
          <span className="h-1.5 min-w-24 max-w-[320px] grow border border-line-2 bg-hover" role="progressbar" aria-label={m.connect_fetch_bar({ name })} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} aria-valuetext={cameWords(fetch)}>
            <i className="block h-full bg-accent" style={{ width: `${percent ?? 0}%` }} />
          </span>
        )}
        {open && fetch.state !== "waiting" && <span>{cameWords(fetch)}</span>}
        {left && <span className="text-ink-2">{left}</span>}
        {fetch.state === "over" && <Status kind={fewer || fetch.refused > 0 ? "caution" : "good"} wrap><span>{m.connect_fetched({ taken: fetch.taken, total: fetch.total ?? fetch.got })}{fewer && <> {m.connect_fetch_fewer({ got: fetch.got })}</>}{fetch.refused > 0 && fetch.refusedWhy && <> {m.connect_fetch_refused({ count: fetch.refused, why: fetch.refusedWhy.args.why === "other_study" ? m.connect_fetch_other_study() : fileErrorWords(fetch.refusedWhy) })}</>}</span></Status>}
        {fetch.state === "failed" && <Status kind="caution" wrap><span>{fetch.error && why(fetch.error)} {m.connect_fetch_nothing_kept()}</span></Status>}
        {fetch.state === "cancelled" && <span className="text-ink-2">{m.connect_fetch_nothing_kept()}</span>}
        <span className="ms-auto text-ink-3" role="status">{standing(fetch)}</span>
      </div>
      {failed && <p role="alert"><Status kind="caution" wrap>{why(failed)}</Status></p>}
    </div>
  );
}
