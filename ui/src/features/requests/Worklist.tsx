import { useState } from "react";
import { ErrorBlock, type Scan, useGo, useKeys, useMay, useScanner } from "../../app";
import { useCommand } from "../../backend";
import { BloodGroup, ClinicalDate, ClinicalTime, formatName, Identifier, usePlace } from "../../clinical";
import { Bar, Button, Chip, DataGrid, Empty, type GridColumn, Loading, PageHead, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { GroupState, RequestRow } from "../../wire";
import { LeftOut } from "../bloodbank/LeftOut";
import { CareTabs } from "./CareTabs";
import { distanceWords } from "./time";
import { indicationWord, isOverdue, nextSteps, statusWord, urgencyKind, urgencyWord, whatWord } from "./words";

/** What the wards asked for, the most urgent first. A scanned wristband opens the request of that patient. */
export function Worklist() {
  const list = useCommand("request.list", {}, { keepPrevious: true });
  const go = useGo();
  const may = useMay();
  const [note, setNote] = useState<string | null>(null);
  const open = list.data?.open ?? [];
  const ended = list.data?.ended ?? [];
  useKeys([{ keys: ["Enter"], words: m.requests_key_open() }]);
  useScanner((scan: Scan) => {
    const band = scan.parts.find((p) => p.kind === "patient");
    // Of several the most urgent, which stands first.
    const mine = band?.patient && open.find((r) => r.patient.id === band.patient);
    if (!mine) {
      setNote(!band ? m.requests_scan_wrong() : band.patient ? m.requests_scan_none() : m.requests_scan_unknown({ number: band.number }));
      return "refused";
    }
    go(`/requests/${mine.id}`);
    return "taken";
  });
  const columns = useOpenColumns();
  const place = usePlace();
  const overdue = open.filter((r) => isOverdue(r, place.now)).length;
  const ask = may("request_blood") && <Button variant="primary" icon="plus" onPress={() => go("/requests/new")}>{m.requests_place()}</Button>;
  return (
    <>
      <PageHead title={m.requests_title()} tabs={<CareTabs />} actions={ask} />
      <LeftOut count={list.data?.leftOut} />
      <div aria-live="polite">{note && <Bar kind="caution">{note}</Bar>}</div>
      {list.isPending && <div className="p-4"><Loading label={m.requests_reading()} lines={5} /></div>}
      {list.error && <div className="p-4"><ErrorBlock error={list.error} title={m.requests_failed()} actions={<Button onPress={() => void list.refetch()}>{m.requests_try_again()}</Button>} /></div>}
      {list.data && (
        <div className="relative min-h-0 grow overflow-auto">
          {open.length === 0
            ? <div className="p-4"><Empty title={m.requests_open_none()}>{m.requests_open_none_text()}</Empty></div>
            : (
              <>
                <SectionHead
                  title={m.requests_open()}
                  note={<>{m.requests_shown({ count: open.length })} · {m.requests_open_order()}</>}
                  actions={overdue > 0 && <Status kind="critical">{m.requests_shown_overdue({ count: overdue })}</Status>}
                />
                <Rows label={m.requests_open()} rows={open} columns={columns} onOpen={(id) => go(`/requests/${id}`)} />
              </>
            )}
          {ended.length > 0 && (
            <>
              <SectionHead title={m.requests_ended()} note={m.requests_shown({ count: ended.length })} />
              <Rows label={m.requests_ended()} rows={ended} columns={endedColumns()} onOpen={(id) => go(`/requests/${id}`)} />
            </>
          )}
        </div>
      )}
    </>
  );
}

function Rows({ label, rows, columns, onOpen }: { label: string; rows: RequestRow[]; columns: GridColumn<RequestRow>[]; onOpen(id: string): void }) {
  const place = usePlace();
  return (
    <DataGrid
      label={label}
      rows={rows}
      rowKey={(r) => r.id}
      rowText={(r) => formatName(r.patient)}
      rowState={(r) => (isOverdue(r, place.now) ? "critical" : undefined)}
      density="double"
      onAction={onOpen}
      columns={columns}
    />
  );
}

const patient: GridColumn<RequestRow> = {
  id: "patient", title: "", isRowHeader: true,
  cell: ({ patient: p }) => (
    <span className="grid min-w-[180px] justify-items-start gap-px py-1">
      <span className="flex flex-wrap items-center gap-x-2">
        <bdi className="hs-person font-strong [overflow-wrap:anywhere]">{formatName(p)}</bdi>
        {p.similarName && <Chip kind="caution">{m.requests_similar()}</Chip>}
        {p.deceased && <Chip kind="inactive">{m.requests_deceased()}</Chip>}
      </span>
      <span className="hs-meta flex flex-wrap gap-x-3"><ClinicalDate value={p.birthDate} /> <Identifier>{p.hospitalNumber}</Identifier></span>
    </span>
  ),
};

const what: GridColumn<RequestRow> = {
  id: "what", title: "",
  cell: (r) => (
    <span className="grid min-w-[150px] justify-items-start gap-px py-1">
      <b>{whatWord(r)}</b>
      <span className="hs-meta [overflow-wrap:anywhere]">{indicationWord(r.indication)}</span>
    </span>
  ),
};

function useOpenColumns(): GridColumn<RequestRow>[] {
  const place = usePlace();
  return [
    { id: "urgency", title: m.requests_col_urgency(), cell: (r) => <Status kind={urgencyKind(r.urgency)}>{urgencyWord(r.urgency)}</Status> },
    { ...patient, title: m.requests_col_patient() },
    { id: "group", title: m.requests_col_group(), cell: (r) => <Group group={r.group} /> },
    { ...what, title: m.requests_col_what() },
    {
      id: "needed", title: m.requests_col_needed(),
      cell: (r) => (
        <span className="grid justify-items-start gap-px py-1">
          <ClinicalTime value={r.neededBy} />
          {isOverdue(r, place.now) ? <Status kind="critical">{m.requests_overdue()} · {distanceWords(r.neededBy, place.now)}</Status> : <span className="hs-meta">{distanceWords(r.neededBy, place.now)}</span>}
        </span>
      ),
    },
    { id: "filled", title: m.requests_col_filled(), cell: (r) => <Filled row={r} /> },
    {
      id: "next", title: m.requests_col_next(),
      cell: (r) => <span className="grid min-w-[190px] justify-items-start gap-px py-1">{nextSteps(r).map((next) => <Status key={next.word} kind={next.kind} wrap>{next.word}</Status>)}{!r.consent && <Status kind="caution" wrap>{m.requests_no_consent()}</Status>}</span>,
    },
  ];
}

function endedColumns(): GridColumn<RequestRow>[] {
  return [
    { ...patient, title: m.requests_col_patient() },
    { ...what, title: m.requests_col_what() },
    { id: "asked", title: m.requests_col_asked(), cell: (r) => <ClinicalTime value={r.placedAt} /> },
    { id: "filled", title: m.requests_col_filled(), cell: (r) => <Filled row={r} /> },
    { id: "end", title: m.requests_col_end(), cell: (r) => <Status kind={r.status === "cancelled" ? "inactive" : "good"}>{statusWord(r)}</Status> },
  ];
}

/** The patient's group and how sure it is; nothing is guessed where two samples do not agree. */
function Group({ group }: { group: GroupState }) {
  switch (group.state) {
    case "unknown": return <Status kind="caution" wrap>{m.requests_group_unknown()}</Status>;
    case "conflict": return <Status kind="critical" wrap>{m.requests_card_conflict()}</Status>;
    case "once": return <span className="grid justify-items-start gap-px py-1"><BloodGroup group={group.group} size="sm" /><span className="hs-meta">{m.requests_group_once()}</span></span>;
    case "confirmed": return <BloodGroup group={group.group} size="sm" />;
  }
}

/** How much has left and how much is set aside, as a bar and in words. */
function Filled({ row }: { row: RequestRow }) {
  const part = (n: number) => `${Math.min(100, (100 * n) / Math.max(1, row.count))}%`;
  return (
    <span className="grid min-w-[130px] gap-1 py-1">
      <span className="flex h-[6px] overflow-hidden border border-line-2 bg-surface" aria-hidden="true">
        <i className="bg-ink-2" style={{ width: part(row.issued) }} />
        <i className="hs-hatch bg-line-2" style={{ width: part(row.allocated) }} />
      </span>
      <span>{m.requests_filled({ issued: row.issued, count: row.count })}{row.status === "open" && row.allocated > 0 && <span className="text-ink-2"> · {m.requests_set_aside({ count: row.allocated })}</span>}</span>
    </span>
  );
}
