import { BloodGroup, ClinicalDate, componentName, DonationNumber, groupDin, groupWords } from "../../clinical";
import { DataGrid, type GridColumn, Kbd, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { Alternative } from "../../wire";
import { alternativeWord, daysLeftWords } from "./words";

/** Which other units here fit this patient, the best first; a digit chooses one. */
export function Alternatives({ rows, total, picked, onPick, groupKnown }: { rows: Alternative[]; total: number; picked: number; onPick(index: number): void; groupKnown: boolean }) {
  if (rows.length === 0) {
    return <><SectionHead title={m.blood_alt_title()} /><p className="p-4 text-ink-2">{groupKnown ? m.blood_alt_none() : m.blood_alt_group_unknown()}</p></>;
  }
  const index = new Map(rows.map((a, i) => [a.unit.id, i]));
  // Said once in the head when it is the same for all.
  const components = new Set(rows.map((a) => a.unit.component));
  const [only] = components.size === 1 ? components : [];
  const columns: GridColumn<Alternative>[] = [
    { id: "key", title: m.blood_col_key(), width: 52, cell: (a) => { const i = index.get(a.unit.id) ?? 0; return i < 9 ? <Kbd>{i + 1}</Kbd> : null; } },
    { id: "din", title: m.blood_col_din(), isRowHeader: true, cell: (a) => <DonationNumber din={a.unit.din} check={a.unit.check} /> },
    { id: "group", title: m.blood_col_group(), cell: (a) => <BloodGroup group={a.unit.group} size="sm" /> },
    ...(components.size > 1 ? [{ id: "component", title: m.blood_col_component(), cell: (a: Alternative) => componentName(a.unit.component) }] : []),
    { id: "why", title: m.blood_col_why(), cell: (a) => (a.why === "compatible_scarce" ? <Status kind="caution" wrap>{alternativeWord(a.why, a.scarce_left)}</Status> : <span className="text-ink-2">{alternativeWord(a.why, a.scarce_left)}</span>) },
    { id: "expires", title: m.blood_col_expires(), cell: (a) => <span className="whitespace-nowrap"><ClinicalDate value={a.unit.expiresAt} /> <span className="hs-meta">{daysLeftWords(a.unit.daysLeft)}</span></span> },
    { id: "place", title: m.blood_col_place(), cell: (a) => a.unit.place },
  ];
  return (
    <>
      <SectionHead title={m.blood_alt_title()} note={`${only ? `${componentName(only)} · ` : ""}${m.blood_alt_count({ shown: rows.length, total })} · ${m.blood_alt_keys({ n: Math.min(9, rows.length) })}`} />
      <DataGrid
        label={m.blood_alt_title()}
        columns={columns}
        rows={rows}
        rowKey={(a) => a.unit.id}
        rowText={(a) => `${groupDin(a.unit.din)}, ${groupWords(a.unit.group)}, ${alternativeWord(a.why, a.scarce_left)}`}
        selectedKey={rows[picked]?.unit.id ?? null}
        onSelect={(id) => onPick(index.get(id) ?? 0)}
      />
    </>
  );
}
