import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { AppLink, ErrorBlock, useScreenSearch } from "../../app";
import { useCommand } from "../../backend";
import { ClinicalTime, NotKnown } from "../../clinical";
import { Button, Empty, Loading, SearchField, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { StudyRow } from "../../wire";
import { fileName, rowState } from "./words";

const limit = 200;
export const studyPath = (id: string) => `/images/${encodeURIComponent(id)}`;

/**
 * The list as the store gives it. New studies that nobody here opened wait above it until asked for, so that no row
 * moves under the pointer; what the own hand opened (`selected`) is shown at once.
 */
export function useWorklist(selected: string | null) {
  const [search, setSearch] = useScreenSearch();
  const [text, setText] = useState(search.q ?? "");
  const list = useCommand("study.worklist", { text: text.trim() || null, limit }, { keepPrevious: true });
  const rows = useMemo(() => list.data?.rows ?? [], [list.data]);
  const [shown, setShown] = useState<{ text: string; ids: string[] } | null>(null);

  const ids = rows.map((r) => r.id).join(" ");
  useEffect(() => {
    if (!list.data || list.isPlaceholderData) return;
    const all = ids === "" ? [] : ids.split(" ");
    setShown((old) => {
      if (!old || old.text !== text || old.ids.length === 0) return { text, ids: all };
      const here = new Set(old.ids);
      const gone = old.ids.filter((id) => all.includes(id));
      // The own hand brought it in: it stands where the store puts it.
      return selected && all.includes(selected) && !here.has(selected) ? { text, ids: all } : gone.length === old.ids.length ? old : { text, ids: gone };
    });
  }, [ids, list.data, list.isPlaceholderData, text, selected]);

  const byId = new Map(rows.map((r) => [r.id, r]));
  const visible = shown && shown.text === text ? shown.ids.flatMap((id) => byId.get(id) ?? []) : rows;
  const waiting = rows.length - visible.length;
  return {
    list,
    rows: visible,
    waiting: Math.max(0, waiting),
    total: list.data?.total ?? 0,
    showNew: () => setShown({ text, ids: rows.map((r) => r.id) }),
    text,
    filter: (next: string) => { setText(next); setSearch({ q: next || undefined }); },
    next: (): string | null => {
      const at = visible.findIndex((r) => r.id === selected);
      return visible[at + 1]?.id ?? null;
    },
  };
}

export function Worklist({ work, selected, next }: { work: ReturnType<typeof useWorklist>; selected: string | null; next(): void }) {
  const { list, rows, waiting, total, text } = work;
  const lines = useRef<HTMLUListElement>(null);
  const [search] = useScreenSearch();

  function arrows(e: KeyboardEvent) {
    const step = e.key === "ArrowDown" ? 1 : e.key === "ArrowUp" ? -1 : 0;
    const to = e.key === "Home" ? 0 : e.key === "End" ? -1 : null;
    if (step === 0 && to === null) return;
    const links = [...(lines.current?.querySelectorAll("a") ?? [])];
    const now = links.indexOf(document.activeElement as HTMLAnchorElement);
    (to === null ? links[Math.min(links.length - 1, Math.max(0, now + step))] : links.at(to))?.focus();
    e.preventDefault();
  }

  return (
    <aside className="hs-side" data-side="start" style={{ width: 244, flex: "none" }} aria-label={m.image_list_label()}>
      <div className="flex min-h-10 flex-wrap items-center gap-x-2 border-b border-line px-3 py-1">
        <h2 className="m-0 text-lg">{m.image_list_title()}</h2>
        {list.data && <span className="text-sm text-ink-3">{m.image_list_count({ shown: rows.length, total })}{total > rows.length && ` · ${m.image_list_hidden({ hidden: total - rows.length })}`}</span>}
      </div>
      <div className="border-b border-line px-3 py-2">
        <SearchField label={m.image_list_filter()} hideLabel value={text} onChange={work.filter} placeholder={m.image_list_placeholder()} />
        <p className="pt-1 text-sm text-ink-3">{m.image_list_order()}</p>
      </div>
      {list.isPending && <div className="p-3"><Loading label={m.image_list_loading()} lines={5} /></div>}
      {list.error && <div className="p-3"><ErrorBlock error={list.error} title={m.image_list_failed()} actions={<Button size="sm" onPress={() => void list.refetch()}>{m.image_try_again()}</Button>} /></div>}
      {list.data && rows.length === 0 && waiting === 0 && (
        <div className="p-3">
          {text.trim()
            ? <Empty plain title={m.image_list_none_match({ text: text.trim() })} action={<Button size="sm" onPress={() => work.filter("")}>{m.image_list_clear()}</Button>}>{m.image_list_none_match_text()}</Empty>
            : <Empty plain title={m.image_list_empty()}>{m.image_list_empty_text()}</Empty>}
        </div>
      )}
      <ul ref={lines} className="m-0 min-h-0 grow list-none overflow-auto p-0" onKeyDown={arrows}>
        {rows.map((row) => <Row key={row.id} row={row} on={row.id === selected} q={search.q} />)}
      </ul>
      {(waiting > 0 || rows.length > 1) && (
        <div className="flex flex-wrap items-center gap-2 border-t border-line-2 px-3 py-2">
          {waiting > 0 && <span className="text-sm" role="status">{m.image_list_waiting({ count: waiting })}</span>}
          {waiting > 0 && <Button size="sm" onPress={work.showNew}>{m.image_list_show_new()}</Button>}
          {rows.length > 1 && work.next() !== null && <span className="ms-auto"><Button size="sm" kbd="N" onPress={next}>{m.image_list_next()}</Button></span>}
        </div>
      )}
    </aside>
  );
}

function Row({ row, on, q }: { row: StudyRow; on: boolean; q: string | undefined }) {
  const state = rowState(row);
  const what = [row.modality, row.bodyPart].filter(Boolean).join(" ");
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => { if (on) line.current?.scrollIntoView?.({ block: "nearest" }); }, [on]);
  return (
    <li ref={line} className={`relative border-b border-line ${on ? "bg-selected shadow-[inset_3px_0_var(--accent)] rtl:shadow-[inset_-3px_0_var(--accent)]" : "hover:bg-hover"}`}>
      <AppLink to={studyPath(row.id)} search={{ q }} className="grid gap-0.5 px-3.5 py-2 text-ink no-underline outline-none focus-visible:shadow-[inset_0_0_0_3px_var(--focus)]">
        <b className="[overflow-wrap:anywhere]">{row.patientName ? <bdi>{row.patient ? row.patientName : fileName(row.patientName)}</bdi> : <NotKnown>{m.image_list_nobody()}</NotKnown>}</b>
        {row.patientName && !row.patient && <span className="text-sm text-ink-3">{m.image_list_as_written()}</span>}
        <span className="flex flex-wrap gap-x-2 text-sm text-ink-2">
          {what && <span>{what}</span>}
          {row.images > 1 && <span>{m.image_list_images({ count: row.images })}</span>}
          <span className="ms-auto text-ink-3"><ClinicalTime value={row.takenAt ?? row.addedAt} /></span>
        </span>
        <span className="text-sm"><Status kind={state.kind} wrap>{state.words}</Status></span>
      </AppLink>
    </li>
  );
}
