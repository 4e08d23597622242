import { useEffect, useState } from "react";
import { ErrorBlock, type Scan, type ScanAnswer, useGo, useKeys, useMay, useScanner, useScreenSearch } from "../../app";
import { useCommand } from "../../backend";
import { Age, ClinicalDate, formatName, groupDin, Identifier, NotKnown, sexWord } from "../../clinical";
import { Bar, Button, Chip, DataGrid, Empty, Loading, PageHead, SearchField, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { PatientRow } from "../../wire";
import { unitPath } from "../bloodbank/nav";
import { partKind } from "../bloodbank/words";

/** Rows asked for at once; the rest is counted and the page says so. */
const LIMIT = 50;

/** Finds a person by any part of the name, spelled well or not, or by number. */
export function PatientsPage() {
  const [search, setSearch] = useScreenSearch();
  const [text, setWritten] = useState(search.text ?? "");
  const [note, setNote] = useState<string | null>(null);
  // What was wrong with a scan is not said of what is looked for after it.
  function setText(next: string) { setWritten(next); setNote(null); }
  const asked = useSettled(text, 120);
  const found = useCommand("patient.search", { text: asked.trim(), limit: LIMIT }, { keepPrevious: true });
  const go = useGo();
  const may = useMay();
  useKeys([{ keys: ["Enter"], words: m.patient_key_open() }]);
  // A wristband opens the person, the number of a bag its page, as everywhere else; any other code is told what this page takes.
  useScanner((scan: Scan): ScanAnswer => {
    const refuse = (words: string): ScanAnswer => { setNote(words); return "refused"; };
    const band = scan.parts.find((p) => p.kind === "patient");
    const bag = scan.parts.find((p) => p.kind === "donation_number");
    const [part] = scan.parts;
    if (scan.error) return refuse(m.shell_scan_unreadable());
    if (band ? !band.patient : bag && !bag.unit) return refuse(band ? m.shell_scan_unknown_patient({ number: band.number }) : m.shell_scan_unknown_unit({ din: groupDin(bag?.din ?? "") }));
    if (band?.patient) go(`/patients/${band.patient}`);
    else if (bag?.unit) go(unitPath(bag.unit));
    else return refuse(m.blood_wrong_kind({ was: part ? partKind(part) : m.blood_kind_slip(), wanted: may("see_stock") ? m.blood_want_unit_or_patient() : m.blood_want_patient() }));
    return "taken";
  });
  // The address keeps the text, so that coming back from a patient shows the same list.
  useEffect(() => { if ((search.text ?? "") !== asked) setSearch({ text: asked || undefined }); }, [asked]);

  const rows = found.data?.rows ?? [];
  const total = found.data?.total ?? 0;
  const similar = rows.some((r) => r.similarName);
  return (
    <>
      <PageHead
        title={m.patient_title()}
        actions={may("register_patients") && <Button variant="primary" icon="plus" onPress={() => go("/patients/register", text.trim() ? { name: text.trim() } : undefined)}>{m.patient_register()}</Button>}
      />
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2 border-b border-line px-4 py-3">
        <div className="w-full max-w-[440px]">
          <SearchField
            label={m.patient_search()}
            placeholder={m.patient_search_placeholder()}
            value={text}
            onChange={setText}
            onSubmit={() => { const [only] = rows; if (only && total === 1 && asked === text) go(`/patients/${only.id}`); }}
            autoFocus
          />
        </div>
        <p className="min-h-5 text-ink-2" role="status">
          {found.data && (rows.length > 0 || asked.trim() !== "") && (
            <>
              <b>{total > rows.length ? m.patient_found_hidden({ shown: rows.length, total, hidden: total - rows.length }) : m.patient_found({ shown: rows.length, total })}</b>{" "}
              {rows.length > 1 && (asked.trim() ? m.patient_found_order_text() : m.patient_found_order_none())}
            </>
          )}
        </p>
      </div>
      <div aria-live="polite">{note && <Bar kind="caution">{note}</Bar>}</div>
      {similar && <p className="border-b border-line px-4 py-2"><Status kind="caution" wrap>{m.patient_similar_note()}</Status></p>}
      {found.error && <div className="p-4"><ErrorBlock error={found.error} title={m.patient_failed_title()} actions={<Button onPress={() => void found.refetch()}>{m.patient_try_again()}</Button>} /></div>}
      {found.isPending && <div className="p-4"><Loading label={m.patient_searching()} lines={5} /></div>}
      {found.data && rows.length === 0 && (
        <div className="p-4">
          {/* Without a text the store names nobody: that is not the same as nobody being there. */}
          {asked.trim()
            ? <Empty title={m.patient_no_match_title({ text: asked.trim() })} action={<Button onPress={() => setText("")}>{m.patient_clear_search()}</Button>}>{m.patient_no_match_text()}</Empty>
            : <Empty title={m.patient_start_title()}>{m.patient_start_text()}</Empty>}
        </div>
      )}
      {rows.length > 0 && <Rows rows={rows} onOpen={(id) => go(`/patients/${id}`)} />}
    </>
  );
}

function Rows({ rows, onOpen }: { rows: PatientRow[]; onOpen(id: string): void }) {
  return (
    <DataGrid
      label={m.patient_list()}
      rows={rows}
      rowKey={(r) => r.id}
      rowText={formatName}
      onAction={onOpen}
      columns={[
        { id: "name", title: m.patient_col_name(), isRowHeader: true, cell: (r) => <bdi className="font-strong [overflow-wrap:anywhere]">{formatName(r)}</bdi> },
        { id: "born", title: m.patient_col_born(), cell: (r) => <><ClinicalDate value={r.birthDate} />{r.birthDate && !r.deceased && <span className="text-ink-2"> <Age birthDate={r.birthDate} /></span>}</> },
        { id: "sex", title: m.patient_col_sex(), cell: (r) => (r.sex === "not_known" ? <NotKnown /> : sexWord(r.sex)) },
        { id: "number", title: m.patient_col_number(), cell: (r) => <Identifier>{r.hospitalNumber}</Identifier> },
        {
          id: "mark", title: m.patient_col_mark(),
          cell: (r) => (
            <span className="flex flex-wrap gap-1">
              {r.similarName && <Chip kind="caution">{m.patient_similar()}</Chip>}
              {r.deceased && <Chip kind="inactive">{m.patient_deceased()}</Chip>}
              {r.belongsTo && <Chip kind="caution">{m.patient_same_mark({ number: r.belongsTo.hospitalNumber })}</Chip>}
            </span>
          ),
        },
      ]}
    />
  );
}

/** The text once the typing has paused, so that not every letter asks the store. */
function useSettled(text: string, ms: number): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), ms);
    return () => clearTimeout(timer);
  }, [text, ms]);
  return settled;
}
