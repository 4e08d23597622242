/** How long a bag is out, in words, and why one does not go back on the shelf. */
import * as m from "../../paraglide/messages";

/** From this share of the time on somebody has to hurry. */
const hurry = 2 / 3;

export function minutesOut(at: string, now: string): number {
  return Math.max(0, Math.floor((Date.parse(now) - Date.parse(at)) / 60_000));
}

/** `within`: the minutes of the policy in force; the store's own rule decides about the return. */
export function outState(at: string, now: string, within: number): "fresh" | "soon" | "over" {
  const minutes = minutesOut(at, now);
  return minutes > within ? "over" : minutes >= within * hurry ? "soon" : "fresh";
}

/** "12 min, 18 left" up to the line; after it how long, in the unit that a person reads. */
export function outWords(at: string, { now }: { now: string }, within: number): string {
  const minutes = minutesOut(at, now);
  if (minutes <= within) return m.blood_out_minutes({ minutes, left: within - minutes });
  if (minutes < 120) return m.blood_out_over_minutes({ minutes, within });
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? m.blood_out_over_hours({ hours, within }) : m.blood_out_over_days({ days: Math.floor(hours / 24), within });
}

const faults: Record<string, () => string> = {
  too_long: m.blood_fault_too_long, time_uncertain: m.blood_fault_time_uncertain, too_warm: m.blood_fault_too_warm, too_cold: m.blood_fault_too_cold,
  temperature_not_measured: m.blood_fault_temperature_not_measured, seal_broken: m.blood_fault_seal_broken, segment_missing: m.blood_fault_segment_missing,
  appearance: m.blood_fault_appearance, too_many_excursions: m.blood_fault_too_many_excursions,
};
/** A fault of the return rule; one that this page does not know yet is shown as it is named. */
export const returnFaultWord = (fault: string): string => faults[fault]?.() ?? fault;
