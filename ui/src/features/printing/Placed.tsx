/** The print buttons as the pages of the blood bank place them: each knows when it has something to print. */
import { useMay } from "../../app";
import { formatName, groupDin } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { IssueRow, UnitRow } from "../../wire";
import { PrintButton } from "./PrintDialog";

/** A slip as a file, for a unit that is held for a patient. */
export function PrintSlip({ unit, patient }: { unit: Pick<UnitRow, "id" | "din" | "patientName">; patient: string }) {
  const may = useMay();
  if (!may("see_patients") || !may("see_stock")) return null;
  return <PrintButton what={{ kind: "slip", unit: unit.id, patient, ward: "" }} subject={[groupDin(unit.din), unit.patientName].filter(Boolean).join(", ")}>{m.printing_slip()}</PrintButton>;
}

/** The tag of a bag that left without crossmatch; nothing for any other. */
export function PrintTag({ row }: { row: IssueRow }) {
  const may = useMay();
  if (!row.uncrossmatched || !may("see_patients") || !may("see_stock")) return null;
  return <PrintButton what={{ kind: "tag", issue: row.id }} subject={`${groupDin(row.unit.din)}, ${formatName(row.patient)}`}>{m.printing_tag()}<span className="hs-vh"> {groupDin(row.unit.din)}</span></PrintButton>;
}

/** As many labels as one file holds. */
const most = 200;

/** The labels of one bag or of several. */
export function PrintLabels({ units, variant, size, children }: { units: readonly Pick<UnitRow, "id" | "din" | "productCode">[]; variant?: "primary"; size?: "sm"; children?: string }) {
  const may = useMay();
  if (units.length === 0 || !may("see_patients") || !may("see_stock")) return null;
  const some = units.slice(0, most);
  const numbers = some.slice(0, 3).map((u) => `${groupDin(u.din)} ${u.productCode}`);
  const subject = some.length === 1 ? (numbers[0] ?? "") : m.printing_subject_units({ count: some.length, numbers: [...numbers, ...(some.length > 3 ? [m.printing_subject_more({ count: some.length - 3 })] : [])].join("; ") });
  return <PrintButton variant={variant} size={size} what={{ kind: "unit_labels", units: some.map((u) => u.id) }} subject={subject}>{children ?? (some.length === 1 ? m.printing_unit() : m.printing_units({ count: some.length }))}</PrintButton>;
}
