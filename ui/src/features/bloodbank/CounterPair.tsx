/** The two that are compared at the counter, patient and unit, each as it was read or chosen. */
import { type ReactNode, useState } from "react";
import { CommandFailed, useBackend } from "../../backend";
import { Age, BloodGroup, ClinicalDate, comma, componentName, DonationNumber, formatMoment, formatName, groupLetters, groupWords, Identifier, NotKnown, Quadrant, Quadrants, sexWord, usePlace } from "../../clinical";
import { Button, Shape, Status, type StatusKind, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { CommandError, PatientView, ScanPart, UnitRow, UnitView } from "../../wire";
import { sentenceFor } from "./common";
import { partKind } from "./words";

export interface Identity {
  id: string;
  how: "scanned" | "chosen";
  at: string;
}

export function IdentityColumn({ title, at, change, children }: { title: string; at: Identity | null; change: ReactNode; children: ReactNode }) {
  const place = usePlace();
  const time = at ? (formatMoment(at.at, place.zone, place.now) ?? "") : "";
  return (
    <div className="flex min-w-0 flex-col [&>.hs-unit]:grow [&>.hs-unit]:grid-rows-[auto_1fr] [&>.hs-unit>div]:py-1.5">
      <div className="mb-1.5 flex min-h-[26px] flex-wrap items-center gap-2">
        <h2 className="m-0 text-lg">{title}</h2>
        {change}
        {at && <span className="hs-meta ms-auto">{at.how === "scanned" ? m.blood_counter_scanned({ time }) : m.blood_counter_chosen({ time })}</span>}
      </div>
      {children}
    </div>
  );
}

export function PatientQuadrants({ patient }: { patient: PatientView }) {
  const { group } = patient;
  const held = patient.units.filter((u) => u.status === "reserved");
  return (
    <Quadrants
      kind="patient"
      label={m.blood_counter_patient()}
      cells={[
        <Quadrant heading={m.blood_counter_read_band()} value={formatName(patient)}>
          <span className="hs-k"><ClinicalDate value={patient.birthDate} /> <Age birthDate={patient.birthDate} /> · {sexWord(patient.sex)}</span>
          <span className="hs-k"><Identifier>{patient.hospitalNumber}</Identifier></span>
        </Quadrant>,
        <>
          <span className="hs-k">{group.state === "confirmed" ? m.blood_counter_group_confirmed() : group.state === "once" ? m.blood_counter_group_once() : m.blood_counter_group()}</span>
          {group.state === "confirmed" || group.state === "once" ? <BloodGroup group={group.group} size="xl" />
            : group.state === "conflict" ? <Status kind="critical" wrap>{m.blood_counter_group_conflict({ groups: group.groups.map(groupWords).join(comma()) })}</Status>
            : <span className="hs-big"><NotKnown>{m.blood_counter_group_unknown()}</NotKnown></span>}
        </>,
        <>
          <span className="hs-k">{m.blood_counter_antibody()}</span>
          {patient.antiDEver ? <Status kind="caution" wrap>{m.blood_counter_anti_d()}</Status> : <span className="hs-big">{m.blood_counter_no_anti_d()}</span>}
        </>,
        <>
          <span className="hs-k">{m.blood_counter_held()}</span>
          {held.length === 0 ? <span>{m.blood_counter_held_none()}</span> : held.map((u) => <span key={u.id} className="flex flex-wrap items-center gap-x-2"><DonationNumber din={u.din} check={u.check} /> <span className="hs-k">{componentName(u.component)}</span></span>)}
        </>,
      ]}
    />
  );
}

/** What is the same and what is different between the two, in the column between them. */
export function Compare({ patient, unit, refused }: { patient: PatientView | null; unit: UnitView | null; refused: CommandError | null }) {
  const group = patient && (patient.group.state === "once" || patient.group.state === "confirmed") ? patient.group.group : null;
  const box = "grid content-start justify-items-center gap-1 px-2 pt-10 text-center max-[1000px]:grid-flow-col max-[1000px]:justify-start max-[1000px]:py-2";
  if (!group || !unit) return <div className={box}><Shape kind="inactive" size={20} /><span className="text-ink-2">{m.blood_counter_compare_wait()}</span></div>;
  const abo = groupLetters(group) !== groupLetters(unit.row.group);
  const rhd = group.rhd !== unit.row.group.rhd;
  if (!abo && !rhd) return <div className={box}><Shape kind="good" size={20} /><b>{m.blood_counter_same()}</b></div>;
  const kind: StatusKind = refused ? (refused.kind === "needs_override" ? "caution" : "critical") : "notice";
  return (
    <div className={box}>
      <Shape kind={kind} size={24} />
      <b>{refused ? m.blood_counter_different() : m.blood_counter_different_fits()}</b>
      <span className="text-ink-2">{abo && rhd ? m.blood_counter_diff_both() : abo ? m.blood_counter_diff_abo() : m.blood_counter_diff_rhd()}</span>
    </div>
  );
}

/** Without a scanner: the number with its check character, read exactly as a scan is. */
export function TypedUnit({ onFound }: { onFound(part: Extract<ScanPart, { kind: "donation_number" }>): Promise<string | null> }) {
  const backend = useBackend();
  const place = usePlace();
  const [text, setText] = useState("");
  const [error, setError] = useState<string>();
  async function read() {
    if (text.trim() === "") return;
    try {
      const { parts } = await backend.call("scan.read", { text: text.trim(), typed: !/^[=&]/.test(text.trim()) });
      const number = parts.find((p) => p.kind === "donation_number");
      if (number) setError((await onFound(number)) ?? undefined);
      else setError(parts[0] ? m.blood_wrong_kind_typed({ was: partKind(parts[0]), wanted: m.blood_kind_donation_number() }) : m.blood_scan_unreadable());
    } catch (cause) {
      const failed = CommandFailed.from(cause);
      const s = sentenceFor(failed, place);
      setError(failed.code === "check_character_wrong" ? m.blood_check_wrong() : `${s.title} ${s.doNow}`);
    }
  }
  return (
    <form className="grid gap-2 border border-line-2 bg-surface p-3" onSubmit={(e) => { e.preventDefault(); void read(); }}>
      <p className="text-ink-2">{m.blood_counter_no_unit()}</p>
      <TextField label={m.blood_field_din()} hint={m.blood_counter_no_unit_typed()} error={error} value={text} onChange={(v) => { setText(v); setError(undefined); }} mono autoComplete="off" />
      <span><Button type="submit">{m.blood_field_din_take()}</Button></span>
    </form>
  );
}

export function BagChoice({ bags, onChoose }: { bags: UnitRow[]; onChoose(id: string): void }) {
  return (
    <div className="grid gap-2 border border-line-2 bg-surface p-3" role="group" aria-label={m.blood_several_bags()}>
      <p className="text-ink-2">{m.blood_several_bags()}</p>
      {bags.map((b) => (
        <Button key={b.id} onPress={() => onChoose(b.id)}>{componentName(b.component)}, {b.productCode}, {b.place}</Button>
      ))}
    </div>
  );
}
