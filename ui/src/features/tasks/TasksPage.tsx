import { useState } from "react";
import { AppLink, ErrorBlock, useGo, useKeys, useMay, useScreenSearch } from "../../app";
import { useCommand } from "../../backend";
import { BloodGroup, ClinicalTime, componentName, DonationNumber, formatName, groupDin, Identifier } from "../../clinical";
import { Button, DataGrid, Empty, type GridColumn, Loading, SegmentedControl, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { TodoRow, TodoWhose } from "../../wire";
import { BloodHead } from "../bloodbank/common";
import { placeOf, searchOf, whatWord, whenOf, whoseWord, whyWord } from "./words";

/** Rows drawn at once: of two or three lines each, which a table of fixed rows would cut off. */
const step = 100;

const everybody: TodoWhose[] = ["ward", "physician", "blood_bank"];
const whoseOf = (text: string | undefined) => everybody.find((one) => one === text) ?? null;

/** Everything that is open, the highest priority first. A row leads to where its task is done, and is gone when it is. */
export function TasksPage() {
  const list = useCommand("tasks.list", {}, { keepPrevious: true });
  const go = useGo();
  const [search, setSearch] = useScreenSearch();
  const whose = whoseOf(search.for);
  useKeys([{ keys: ["Enter"], words: m.tasks_key_open() }]);
  const all = list.data?.rows ?? [];
  const [most, setMost] = useState(step);
  const rows = whose ? all.filter((row) => row.whose === whose) : all;
  const shown = rows.slice(0, most);
  const open = (id: string) => {
    const row = rows.find((one) => one.id === id);
    if (row) go(placeOf(row.link), searchOf(row.link));
  };
  return (
    <>
      <BloodHead title={m.tasks_title()} />
      {list.isPending && <div className="p-4"><Loading label={m.tasks_reading()} lines={5} /></div>}
      {list.error && <div className="max-w-[720px] p-4"><ErrorBlock error={list.error} title={m.tasks_failed()} actions={<Button onPress={() => void list.refetch()}>{m.tasks_try_again()}</Button>} /></div>}
      {list.data && (
        <>
          {all.length > 0 && (
            <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2">
              <b role="status">{m.tasks_count({ urgent: list.data.count.urgent, all: list.data.count.all })}</b>
              <SegmentedControl
                label={m.tasks_filter()}
                options={[{ id: "all", label: m.tasks_all() }, ...everybody.map((one) => ({ id: one, label: whoseWord(one) }))]}
                value={whose ?? "all"}
                onChange={(id) => setSearch({ for: id === "all" ? undefined : id })}
              />
              {list.data.leftOut !== null && <span className="text-ink-2">{m.tasks_left_out({ count: list.data.leftOut })}</span>}
            </div>
          )}
          {rows.length === 0
            ? <div className="p-4"><Empty title={all.length === 0 ? m.tasks_none() : m.tasks_none_for()}>{m.tasks_none_text()}</Empty></div>
            : (
              <div className="relative min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.tasks_title()}>
                <DataGrid
                  label={m.tasks_title()}
                  rows={shown}
                  rowKey={(row) => row.id}
                  rowText={(row) => `${whatWord(row)} ${row.bag ? groupDin(row.bag.din) : ""}`}
                  rowState={(row) => (row.urgent ? "critical" : undefined)}
                  onAction={open}
                  columns={columnsOf()}
                  density="double"
                />
                {shown.length < rows.length && <div className="p-4"><Button onPress={() => setMost(most + step)}>{m.tasks_more({ count: rows.length - shown.length })}</Button></div>}
              </div>
            )}
        </>
      )}
    </>
  );
}

const columnsOf = (): GridColumn<TodoRow>[] => [
  {
    id: "when", title: m.tasks_col_when(),
    cell: (row) => {
      const when = whenOf(row);
      return <span className="grid gap-0.5"><Status kind={when.kind} wrap>{when.word}</Status>{row.due && <span className="hs-meta"><ClinicalTime value={row.due} always="date-time" /></span>}</span>;
    },
  },
  { id: "what", title: m.tasks_col_what(), isRowHeader: true, cell: (row) => <span className="grid gap-0.5 py-1"><AppLink to={placeOf(row.link)} search={searchOf(row.link)} className="font-strong text-ink [overflow-wrap:anywhere] hover:text-accent">{whatWord(row)}</AppLink><span className="hs-meta">{whyWord(row)}</span></span> },
  { id: "about", title: m.tasks_col_about(), cell: (row) => <About row={row} /> },
  { id: "whose", title: m.tasks_col_whose(), cell: (row) => <span className="grid gap-0.5"><span>{whoseWord(row.whose)}</span>{row.person && <bdi className="hs-meta [overflow-wrap:anywhere]">{row.person}</bdi>}</span> },
  { id: "since", title: m.tasks_col_since(), cell: (row) => row.since && <ClinicalTime value={row.since} always="date-time" /> },
];

/** The bag and whose it is; or the donor, the place, or what the shelf lacks. */
function About({ row }: { row: TodoRow }) {
  const may = useMay();
  return (
    <span className="grid min-w-0 gap-0.5 py-1 [overflow-wrap:anywhere]">
      {row.bag && <span className="flex flex-wrap gap-x-2"><DonationNumber din={row.bag.din} check={row.bag.check} /><span className="hs-meta">{componentName(row.bag.component)}</span></span>}
      {row.donor && <span className="flex flex-wrap gap-x-2"><bdi>{row.donor.name}</bdi><Identifier>{row.donor.number}</Identifier></span>}
      {row.din && <span className="hs-mono">{groupDin(row.din)}</span>}
      {row.patient && <span className="flex flex-wrap gap-x-2"><bdi>{may("see_patients") ? <AppLink to={`/patients/${row.patient.id}`} className="text-ink hover:text-accent">{formatName(row.patient)}</AppLink> : formatName(row.patient)}</bdi><Identifier>{row.patient.hospitalNumber}</Identifier></span>}
      {row.place && <bdi>{row.place}</bdi>}
      {row.component && <span>{componentName(row.component)}</span>}
      {row.groups.length > 0 && <span className="flex flex-wrap gap-x-3 gap-y-1">{row.groups.map((g) => <BloodGroup key={`${g.abo} ${g.rhd}`} group={g} size="sm" />)}</span>}
    </span>
  );
}

