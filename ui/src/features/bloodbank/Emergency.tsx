import { type ReactNode } from "react";
import { useCommand } from "../../backend";
import { Button, RadioGroup, Select, Shape, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { EmergencyOrder, StaffName } from "../../wire";

/** Shorter is no justification that a physician would sign. */
const shortest = 10;

/** The order of a physician to give blood without crossmatch, as far as it is entered. */
export interface OrderEntry {
  physician: string | null;
  why: string;
  /** null: not said yet whether the physician signs here or owes the signature. */
  sign: "now" | "later" | null;
  password: string;
}
export const noOrder: OrderEntry = { physician: null, why: "", sign: null, password: "" };

/** For the gates: they are asked who orders it and whether a reason is there, not which. */
export function orderAsked(entry: OrderEntry | null): EmergencyOrder | null {
  return entry?.physician ? { physician: entry.physician, justification: entry.why.trim() === "" ? "" : "given", password: null } : null;
}

export function orderSent(entry: OrderEntry | null): EmergencyOrder | null {
  return entry?.physician ? { physician: entry.physician, justification: entry.why.trim(), password: entry.sign === "now" ? entry.password : null } : null;
}

/** Why the release is not open yet. */
export function orderNotNow(entry: OrderEntry): string | undefined {
  if (!entry.physician) return m.blood_emergency_off_physician();
  if (entry.why.trim().length < shortest) return m.blood_emergency_off_why();
  return entry.sign === null || (entry.sign === "now" && entry.password === "") ? m.blood_emergency_off_password() : undefined;
}

export function usePhysicians(enabled: boolean): StaffName[] | null {
  const names = useCommand("staff.names", {}, { enabled });
  return names.data ? names.data.filter((s) => s.role === "physician") : null;
}

/** It opens below the stop that led to it: its part of the page is moved until it is seen, and nothing else. */
function toTop(node: HTMLElement | null) {
  const part = node?.closest<HTMLElement>(".overflow-auto");
  if (node && part) part.scrollTop += node.getBoundingClientRect().top - part.getBoundingClientRect().top - 8;
}

/** The deliberate other way: who orders it, why it cannot wait, and whether the signature is given or owed. */
export function EmergencyFields({ entry, onChange, physicians, refused }: { entry: OrderEntry; onChange(next: OrderEntry): void; physicians: StaffName[] | null; refused?: ReactNode }) {
  const chosen = physicians?.find((p) => p.user === entry.physician);
  return (
    <fieldset ref={toTop} className="m-0 grid max-w-[620px] gap-3 border-2 border-critical p-3">
      <legend className="px-1 text-lg font-strong"><span className="flex items-center gap-2"><Shape kind="critical" size={18} />{m.blood_emergency_title()}: <span className="hs-mono" lang="en" dir="ltr">{m.blood_uncrossmatched()}</span></span></legend>
      <p>{m.blood_emergency_warn()}</p>
      {physicians?.length === 0 && <Status kind="caution" wrap>{m.blood_emergency_nobody()}</Status>}
      <Select label={m.blood_emergency_physician()} value={entry.physician} onChange={(physician) => onChange({ ...entry, physician, password: "" })} options={(physicians ?? []).map((p) => ({ id: p.user, label: p.name }))} isRequired autoFocus />
      <TextField label={m.blood_emergency_why()} hint={m.blood_emergency_why_hint()} value={entry.why} onChange={(why) => onChange({ ...entry, why })} lines={2} isRequired />
      <RadioGroup label={m.blood_emergency_sign()} value={entry.sign} onChange={(sign: "now" | "later") => onChange({ ...entry, sign, password: "" })} stacked options={[{ id: "now", label: m.blood_emergency_sign_now() }, { id: "later", label: m.blood_emergency_sign_later() }]} />
      {entry.sign === "now" && <TextField label={m.blood_emergency_password({ name: chosen?.name ?? "" })} type="password" value={entry.password} onChange={(password) => onChange({ ...entry, password })} autoComplete="off" isRequired />}
      {refused}
    </fieldset>
  );
}

/** The way into it: never the first thing that the hand finds. */
export function EmergencyButton({ onPress, notNow }: { onPress(): void; notNow?: string }) {
  return <Button size="lg" onPress={onPress} notNow={notNow}>{m.blood_emergency_open()}</Button>;
}
