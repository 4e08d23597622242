/** The words of the bedside: each name on the wire that a person reads, once. */
import type { StatusKind } from "../../design";
import * as m from "../../paraglide/messages";
import type { BedsideAlarm, BedsideRow, CareTask, TransfusionOutcome, VitalSigns } from "../../wire";

const words = m as unknown as Record<string, (() => string) | undefined>;

export function alarmWord(alarm: BedsideAlarm): string {
  switch (alarm) {
    case "start_late": return m.bedside_alarm_start_late();
    case "observation_due": return m.bedside_alarm_observation_due();
    case "running_too_long": return m.bedside_alarm_running_too_long();
    case "outcome_missing": return m.bedside_alarm_outcome_missing();
    case "incompatible": return m.bedside_alarm_incompatible();
  }
}

export const alarmKind = (alarm: BedsideAlarm): StatusKind => (alarm === "outcome_missing" ? "caution" : "critical");

export const outcomes: readonly TransfusionOutcome[] = ["uneventful", "reaction", "stopped", "not_transfused", "unknown"];

export function outcomeWord(outcome: TransfusionOutcome): string {
  switch (outcome) {
    case "uneventful": return m.bedside_outcome_uneventful();
    case "reaction": return m.bedside_outcome_reaction();
    case "stopped": return m.bedside_outcome_stopped();
    case "not_transfused": return m.bedside_outcome_not_transfused();
    case "unknown": return m.bedside_outcome_unknown();
  }
}

export function outcomeText(outcome: TransfusionOutcome): string {
  switch (outcome) {
    case "uneventful": return m.bedside_outcome_uneventful_sub();
    case "reaction": return m.bedside_outcome_reaction_sub();
    case "stopped": return m.bedside_outcome_stopped_sub();
    case "not_transfused": return m.bedside_outcome_not_transfused_sub();
    case "unknown": return m.bedside_outcome_unknown_sub();
  }
}

export const taskWord = (task: CareTask) => words[`bedside_task_${task.what}`]?.() ?? task.what.replaceAll("_", " ");

export const tenths = (value: number) => (value / 10).toFixed(1);

/** A stretch of time as a clock on the wall would be read: minutes below two hours, then hours and minutes. */
export function stretch(minutes: number): string {
  const whole = Math.abs(Math.round(minutes));
  return whole < 120 ? m.bedside_minutes({ count: whole }) : m.bedside_hours({ hours: Math.floor(whole / 60), minutes: whole % 60 });
}

/** How long until an instant, or by how much it has passed. */
export function until(instant: string, now: string): { over: boolean; words: string } {
  const minutes = (Date.parse(instant) - Date.parse(now)) / 60_000;
  const over = minutes <= 0;
  return { over, words: over ? m.bedside_clock_over({ time: stretch(minutes) }) : m.bedside_clock_left({ time: stretch(Math.ceil(minutes)) }) };
}

/** The next limit of a bag: what it is, and when. */
export function nextLimit(row: BedsideRow): { label: string; at: string } | null {
  if (row.stand === "out" || row.stand === "checked") return { label: m.bedside_begin_before(), at: row.startBefore };
  if (row.stand !== "running") return null;
  if (row.observeBefore) return { label: m.bedside_observe_before(), at: row.observeBefore };
  return row.endBefore ? { label: m.bedside_end_before(), at: row.endBefore } : null;
}

export function openWord(row: BedsideRow): string {
  switch (row.stand) {
    case "out": return m.bedside_open_check();
    case "checked": return m.bedside_open_start();
    case "ended": return m.bedside_open_outcome();
    case "running":
    case "done": return m.bedside_open_running();
  }
}

export const noVitals: VitalSigns = { temperature: null, pulse: null, systolic: null, diastolic: null, breaths: null, oxygen: null };
export const anyVital = (vitals: VitalSigns) => Object.values(vitals).some((v) => v !== null);
