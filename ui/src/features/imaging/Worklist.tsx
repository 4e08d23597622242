import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { AppLink, ErrorBlock, useGo, useViewerKeys } from "../../app";
import { ClinicalTime, NotKnown } from "../../clinical";
import { Button, DataGrid, Empty, Loading, SearchField, Select, Status, Switch } from "../../design";
import * as m from "../../paraglide/messages";
import type { ReportState, StudyRow } from "../../wire";
import { keyOf } from "./keys";
import { useNarrow } from "./narrow";
import { type Group, groups, type Order, orders } from "./sifting";
import type { Hidden, useWorklist } from "./useWorklist";
import { When } from "./When";
import { fileName, rowState } from "./words";
import { isolated, shortened, Written } from "./Written";

export const studyPath = (id: string) => `/images/${encodeURIComponent(id)}`;

const groupWords: Record<Group, () => string> = {
  finding: m.image_sieve_finding,
  look: m.image_sieve_look,
  waiting: m.image_sieve_waiting,
  none: m.image_sieve_none,
  nothing: m.image_sieve_nothing,
};
const orderWords: Record<Order, () => string> = { urgency: m.image_order_urgency, newest: m.image_order_newest };
const hiddenWords: Record<Hidden["what"], (of: { count: number }) => string> = {
  text: m.image_hidden_text,
  older: m.image_hidden_older,
  group: m.image_hidden_group,
  modality: m.image_hidden_modality,
  unread: m.image_hidden_signed,
};

const reportWords: Record<ReportState, () => string> = { none: m.image_report_none, draft: m.image_report_draft, signed: m.image_report_signed };

/** Where the report is, and who has it in hand. */
const reportLine = (row: StudyRow) => (row.writing ? m.image_list_writing({ name: isolated(row.writing) }) : reportWords[row.report]());

type Work = ReturnType<typeof useWorklist>;

/** The list beside the film; as long as no study is chosen it has the whole width, and columns. */
export function Worklist({ work, selected, next, wide, elsewhere, opener }: { work: Work; selected: string | null; next(): void; wide?: boolean; elsewhere: ReadonlySet<string>; opener?: ReactNode }) {
  const { list, rows, waiting, moved, total, text, hidden, order } = work;
  const lines = useRef<HTMLUListElement>(null);
  const keys = useViewerKeys();
  const go = useGo();
  const [open, setOpen] = useState(false);
  const following = work.next();
  // Columns need room; where text is large, a list says the same.
  const narrow = useNarrow(900);

  function onKeyDown(e: KeyboardEvent | globalThis.KeyboardEvent) {
    if (e.defaultPrevented || e.altKey || e.ctrlKey || e.metaKey || !(e.target instanceof Element) || e.target.closest("input, [role=listbox], [role=combobox]")) return;
    if (keys.act(keyOf(e)) !== "next" || following === null) return;
    e.preventDefault();
    next();
  }

  // Whoever has just come here, or to a study that could not be read, has the focus nowhere; the next one is one key away all the same.
  const typed = useRef(onKeyDown);
  typed.current = onKeyDown;
  useEffect(() => {
    const listen = (e: globalThis.KeyboardEvent) => { if (e.target === document.body || (e.target instanceof Element && (e.target.id === "sheet" || e.target.closest("nav")))) typed.current(e); };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);

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
    <aside className={wide ? "flex min-h-0 min-w-0 grow flex-col bg-surface" : "hs-side"} data-side="start" style={wide ? undefined : { width: 244, flex: "none" }} aria-label={m.image_list_label()} onKeyDown={onKeyDown}>
      <div className="flex min-h-10 flex-none flex-wrap items-center gap-x-2 border-b border-line px-3 py-1">
        <h2 className="m-0 text-lg">{m.image_list_title()}</h2>
        {list.data && <span className="text-sm text-ink-3">{m.image_list_count({ shown: rows.length, total })}</span>}
        <span className="ms-auto"><Button size="sm" variant="quiet" icon="filter" onPress={() => setOpen(!open)}>{open ? m.image_sieve_close() : m.image_sieve_open()}</Button></span>
      </div>
      <div className={`flex-none border-b border-line px-3 py-2 ${wide ? "grid gap-1" : ""}`}>
        <div className={wide ? "max-w-[420px]" : ""}><SearchField label={m.image_list_filter()} hideLabel value={text} onChange={work.filter} placeholder={m.image_list_placeholder()} /></div>
        {open && (
          <div className={`grid gap-2 pt-2 ${wide ? "max-w-[720px] grid-cols-3" : ""}`}>
            <Select label={m.image_sieve_ai()} options={[{ id: "all", label: m.image_sieve_all() }, ...groups.map((id) => ({ id, label: groupWords[id]() }))]} value={work.sieve.group ?? "all"} onChange={(id) => work.set({ group: groups.find((x) => x === id) ?? null })} />
            <Select label={m.image_sieve_modality()} options={[{ id: "all", label: m.image_sieve_all() }, ...work.modalities.map((id) => ({ id: `=${id}`, label: id || m.image_pane_no_kind() }))]} value={work.sieve.modality === null ? "all" : `=${work.sieve.modality}`} onChange={(id) => work.set({ modality: id === "all" ? null : id.slice(1) })} />
            <Select label={m.image_order()} options={orders.map((id) => ({ id, label: orderWords[id]() }))} value={order} onChange={(id) => work.set({ order: id })} />
            <Switch isSelected={work.sieve.unread} onChange={(unread) => work.set({ unread })}>{m.image_sieve_unread()}</Switch>
          </div>
        )}
        <p className="pt-1 text-sm text-ink-3">{order === "urgency" ? m.image_order_urgency_text() : m.image_list_order()}</p>
        {hidden.length > 0 && (
          <div className="flex flex-wrap items-center gap-x-2 pt-1 text-sm" role="status">
            <span>{m.image_hidden({ what: hidden.map((h) => hiddenWords[h.what]({ count: h.count })).join(", ") })}</span>
            {work.sifting
              ? <Button size="sm" variant="quiet" onPress={work.showAll}>{m.image_list_clear()}</Button>
              : work.sieve.unread && hidden.some((h) => h.what === "unread") && <Button size="sm" variant="quiet" onPress={() => work.set({ unread: false })}>{m.image_list_show_signed()}</Button>}
          </div>
        )}
      </div>
      {list.isPending && <div className="p-3"><Loading label={m.image_list_loading()} lines={5} /></div>}
      {list.error && <div className="p-3"><ErrorBlock error={list.error} title={m.image_list_failed()} actions={<Button size="sm" onPress={() => void list.refetch()}>{m.image_try_again()}</Button>} /></div>}
      {list.data && rows.length === 0 && waiting === 0 && (
        <div className="p-3">
          {work.sifting
            ? <Empty plain title={text.trim() ? m.image_list_none_match({ text: isolated(text.trim()) }) : m.image_sieve_empty()} action={<Button size="sm" onPress={work.showAll}>{m.image_list_clear()}</Button>}>{text.trim() ? m.image_list_none_match_text() : m.image_sieve_empty_text()}</Empty>
            : hidden.length > 0
              ? <Empty plain title={m.image_list_all_signed()} action={<Button size="sm" onPress={() => work.set({ unread: false })}>{m.image_list_show_signed()}</Button>}>{m.image_list_all_signed_text()}</Empty>
              : <Empty plain title={m.image_list_empty()}>{m.image_list_empty_text()}</Empty>}
        </div>
      )}
      {wide && !narrow
        ? <div className="min-h-0 grow overflow-auto" tabIndex={-1}>{rows.length > 0 && <Wide rows={rows} elsewhere={elsewhere} onOpen={(id) => go(studyPath(id), work.search)} />}</div>
        : (
          <ul ref={lines} className="m-0 min-h-0 grow list-none overflow-auto p-0" onKeyDown={arrows}>
            {rows.map((row) => <Row key={row.id} row={row} on={row.id === selected} elsewhere={elsewhere.has(row.id)} search={work.search} />)}
          </ul>
        )}
      {(waiting > 0 || moved || rows.length > 0 || opener) && (
        <div className="flex flex-none flex-wrap items-center gap-2 border-t border-line-2 px-3 py-2">
          {opener}
          {waiting > 0 && <span className="text-sm" role="status">{m.image_list_waiting({ count: waiting })}</span>}
          {waiting > 0 && <Button size="sm" onPress={work.showNew}>{m.image_list_show_new()}</Button>}
          {moved && <span className="text-sm" role="status">{m.image_list_moved()}</span>}
          {moved && <Button size="sm" onPress={work.showNew}>{m.image_list_sort()}</Button>}
          {rows.length > 0 && <span className="ms-auto"><Button size="sm" kbd={keys.of("next")} notNow={following === null ? m.image_list_no_next() : undefined} onPress={next}>{m.image_list_next()}</Button></span>}
        </div>
      )}
    </aside>
  );
}

const nameOf = (row: StudyRow) => row.patientName && (row.patient ? row.patientName : fileName(row.patientName));
const whatOf = (row: StudyRow) => [row.modality, row.bodyPart].filter(Boolean).join(" ");

function Who({ row }: { row: StudyRow }) {
  if (!row.patientName) return <><NotKnown>{m.image_list_nobody()}</NotKnown>{row.fileName && <span className="block text-sm font-regular"><Written>{row.fileName}</Written></span>}</>;
  return <Written>{nameOf(row) ?? ""}</Written>;
}

function Row({ row, on, elsewhere, search }: { row: StudyRow; on: boolean; elsewhere: boolean; search: Work["search"] }) {
  const state = rowState(row);
  const what = whatOf(row);
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => { if (on) line.current?.scrollIntoView?.({ block: "nearest" }); }, [on]);
  return (
    <li ref={line} className={`relative border-b border-line ${on ? "bg-selected shadow-[inset_3px_0_var(--accent)] rtl:shadow-[inset_-3px_0_var(--accent)]" : "hover:bg-hover"}`}>
      <AppLink to={studyPath(row.id)} search={search} className="grid grid-cols-[minmax(0,1fr)] gap-0.5 px-3.5 py-2 text-ink no-underline outline-none focus-visible:shadow-[inset_0_0_0_3px_var(--focus)]">
        <b className="[overflow-wrap:anywhere]"><Who row={row} /></b>
        {row.patientName && !row.patient && <span className="text-sm text-ink-3">{m.image_list_as_written()}</span>}
        {row.conflict && <Status kind="critical" wrap>{m.connect_conflict()}</Status>}
        <span className="flex flex-wrap gap-x-2 text-sm text-ink-2">
          {what && <Written>{what}</Written>}
          {row.images > 1 && <span>{m.image_list_images({ count: row.images })}</span>}
          <span className={`text-ink-3 ${what || row.images > 1 ? "ms-auto" : ""}`}><When row={row} /></span>
        </span>
        <span className="flex flex-wrap gap-x-2 text-sm"><Status kind={state.kind} wrap>{state.words}</Status>{(on || row.report !== "none" || row.writing) && <span className="ms-auto text-end text-ink-3">{on && row.report === "none" ? m.image_list_here() : reportLine(row)}</span>}</span>
        {elsewhere && <span className="text-sm text-ink-2">{m.image_list_elsewhere()}</span>}
      </AppLink>
    </li>
  );
}

/** Columns, one row one study. */
function Wide({ rows, elsewhere, onOpen }: { rows: StudyRow[]; elsewhere: ReadonlySet<string>; onOpen(id: string): void }) {
  return (
    <DataGrid
      label={m.image_list_label()}
      rows={rows}
      rowKey={(row) => row.id}
      rowText={(row) => `${shortened(nameOf(row) ?? ([m.image_list_nobody(), row.fileName].filter(Boolean).join(" ")))}, ${rowState(row).words}`}
      onAction={onOpen}
      density="double"
      columns={[
        { id: "ai", title: m.image_column_ai(), cell: (row) => <div className="min-w-[210px]"><Status kind={rowState(row).kind} wrap>{rowState(row).words}</Status></div> },
        { id: "who", title: m.image_column_who(), isRowHeader: true, cell: (row) => <div className="max-w-[420px] min-w-[140px]"><b><Who row={row} /></b>{row.patientName && !row.patient && <span className="hs-meta block">{m.image_list_as_written()}</span>}{row.conflict && <Status kind="critical" wrap>{m.connect_conflict()}</Status>}</div> },
        { id: "what", title: m.image_column_what(), cell: (row) => <>{whatOf(row) ? <div className="max-w-[240px]"><Written>{whatOf(row)}</Written></div> : <NotKnown>{m.image_pane_no_kind()}</NotKnown>}{row.images > 1 && <span className="hs-meta block">{m.image_list_images({ count: row.images })}</span>}</> },
        { id: "taken", title: m.image_column_taken(), cell: (row) => (row.takenAt === null ? <NotKnown>{m.image_pane_no_day()}</NotKnown> : <When row={row} />) },
        { id: "since", title: m.image_column_since(), cell: (row) => <ClinicalTime value={row.addedAt} /> },
        { id: "report", title: m.image_report_title(), cell: (row) => <span className={row.writing ? undefined : `whitespace-nowrap ${row.report === "none" ? "text-ink-3" : ""}`}>{reportLine(row)}{elsewhere.has(row.id) && <span className="hs-meta block whitespace-normal">{m.image_list_elsewhere()}</span>}</span> },
      ]}
    />
  );
}
