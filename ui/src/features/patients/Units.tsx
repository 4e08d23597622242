import { AppLink, useMay } from "../../app";
import { BloodGroup, ClinicalTime, componentName, DonationNumber } from "../../clinical";
import { Empty, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { UnitRow } from "../../wire";
import { unitsInOrder, unitStatusWord } from "./words";

/** Units held for this person now, then those that left for them. */
export function UnitsPanel({ units }: { units: readonly UnitRow[] }) {
  const may = useMay();
  return (
    <section>
      <SectionHead title={m.patient_units()} note={units.length > 0 ? m.patient_units_count({ count: units.length }) : undefined} />
      {units.length === 0
        ? <div className="p-4"><Empty title={m.patient_units_none()}>{m.patient_units_none_text()}</Empty></div>
        : (
          <ul className="m-0 list-none p-0">
            {unitsInOrder(units).map((u) => {
              const { kind, word } = unitStatusWord(u.status);
              const held = u.status === "reserved";
              return (
                <li key={u.id} className="grid gap-1 border-b border-line px-4 py-2">
                  <span className="flex flex-wrap items-center justify-between gap-x-3">
                    {may("see_stock")
                      ? <AppLink to={`/blood/unit/${u.id}`} className="text-ink hover:text-accent"><DonationNumber din={u.din} check={u.check} /></AppLink>
                      : <DonationNumber din={u.din} check={u.check} />}
                    <BloodGroup group={u.group} size="sm" />
                  </span>
                  <span className="flex flex-wrap items-center justify-between gap-x-3">
                    <span>{componentName(u.component)}</span>
                    {kind ? <Status kind={kind}>{word}</Status> : <span>{word}</span>}
                  </span>
                  {held && u.until && <span className="hs-meta">{m.patient_unit_reserved_until()} <ClinicalTime value={u.until} /></span>}
                  {(held || u.status === "available") && <span className="hs-meta">{m.patient_unit_expires()} <ClinicalTime value={u.expiresAt} always="date-time" /></span>}
                </li>
              );
            })}
          </ul>
        )}
    </section>
  );
}
