/** What pages of the blood bank place of this bench: one button, one bar, one column. */
import { useMemo, useState } from "react";
import { useMay, useScreenSearch } from "../../app";
import { groupDin } from "../../clinical";
import { Button, Checkbox, type GridColumn, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { UnitRow } from "../../wire";
import { PrintLabels, PrintSlip } from "../printing/Placed";
import { PrintButton } from "../printing/PrintDialog";
import { isOver } from "../bloodbank/words";
import { type Bag, TreatDialog } from "./TreatDialog";

/** The states in which a bag may come to the bench; the store decides. */
const mayBeTreated = (bag: Bag) => bag.status === "available" || bag.status === "reserved";

function TreatButton({ bags }: { bags: readonly Bag[] }) {
  const may = useMay();
  const [open, setOpen] = useState(false);
  if (!may("test_donations") || bags.length === 0 || !bags.every(mayBeTreated)) return null;
  return (
    <>
      <Button icon="specimen" onPress={() => setOpen(true)}>{m.processing_treat()}</Button>
      {open && <TreatDialog bags={bags} onClose={() => setOpen(false)} />}
    </>
  );
}

/** On the page of a bag that is still here: its label, its slip, and what may be done to it. */
export function BagActs({ row }: { row: UnitRow }) {
  const [search] = useScreenSearch();
  const made = typeof search.made === "string" ? search.made.split(",") : [];
  const isNew = made.includes(row.id);
  return (
    <>
      {isNew && <Status kind="notice" wrap>{made.length > 1 ? m.printing_new_labels({ count: made.length }) : m.printing_new_label()}</Status>}
      {isNew && made.length > 1
        ? <PrintButton variant="primary" what={{ kind: "unit_labels", units: made }} subject={m.printing_subject_units({ count: made.length, numbers: groupDin(row.din) })}>{m.printing_their_labels()}</PrintButton>
        : <PrintLabels units={[row]} variant={isNew ? "primary" : undefined}>{isNew ? m.printing_its_label() : undefined}</PrintLabels>}
      {row.status === "reserved" && row.patient && <PrintSlip unit={row} patient={row.patient} />}
      <TreatButton bags={[row]} />
    </>
  );
}

/** Several rows of a list: a column to choose by, and a bar with what may be done to all of them. */
export function useChosenBags(rows: readonly UnitRow[]) {
  const [ids, setIds] = useState<readonly string[]>([]);
  const [known, setKnown] = useState<ReadonlyMap<string, UnitRow>>(new Map());
  const column: GridColumn<UnitRow> = {
    id: "choose", title: m.printing_col_choose(), width: 84,
    cell: (u) => !isOver(u.status) && !u.site && (
      <Checkbox
        isSelected={ids.includes(u.id)}
        onChange={(on) => {
          setIds((all) => (on ? [...all, u.id] : all.filter((id) => id !== u.id)));
          setKnown((all) => new Map(all).set(u.id, u));
        }}
      ><span className="hs-vh">{m.printing_choose({ number: `${groupDin(u.din)} ${u.productCode}` })}</span></Checkbox>
    ),
  };
  // A row that is no longer shown stays chosen; one that changed is taken as it stands now.
  const chosen = useMemo(() => ids.flatMap((id) => rows.find((r) => r.id === id) ?? known.get(id) ?? []), [ids, rows, known]);
  const here = chosen.filter((u) => !isOver(u.status) && !u.site);
  const bar = chosen.length > 0 && (
    <div className="flex flex-none flex-wrap items-center gap-2 border-b border-line bg-sunken px-4 py-2">
      <span role="status" className="font-strong">{m.printing_chosen({ count: chosen.length })}</span>
      <PrintLabels units={here} />
      <TreatButton bags={here} />
      <Button variant="quiet" onPress={() => setIds([])}>{m.printing_choose_none()}</Button>
    </div>
  );
  return { column, bar };
}
