/** Moments of a form: a wall clock of the facility on one side, an instant on the other. */
import { dayOf, formatTime } from "../../clinical/dates";
import * as m from "../../paraglide/messages";

const minute = 60_000;

/** What the clock on the wall shows at an instant: `2026-11-20T14:46`. */
export function wallAt(instant: string, zone: string): string {
  return `${dayOf(instant, zone) ?? ""}T${formatTime(instant, zone) ?? ""}`;
}

/** The instant of a wall time `YYYY-MM-DDTHH:mm` in the facility's zone; null when it is none. */
export function instantOf(wall: string, zone: string): string | null {
  const wanted = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(wall) ? Date.parse(`${wall}:00Z`) : Number.NaN;
  if (Number.isNaN(wanted)) return null;
  // The zone's distance from UTC is looked up twice: near a change of the clock the first guess may be an hour off.
  let at = wanted;
  for (let i = 0; i < 2; i++) at += wanted - Date.parse(`${wallAt(new Date(at).toISOString(), zone)}:00Z`);
  return new Date(at).toISOString();
}

/** A time as people type it, `9:30` or `0930`, as `09:30`; null when it is none. */
export function readTime(text: string): string | null {
  const [, hours, minutes] = /^\s*(\d{1,2})[:. ]?(\d{2})\s*$/.exec(text) ?? [];
  if (hours === undefined || Number(hours) > 23 || Number(minutes) > 59) return null;
  return `${hours.padStart(2, "0")}:${minutes}`;
}

/** How far off a moment is, in whole minutes, hours or days. It stands beside the moment itself, never alone. */
export function distanceWords(instant: string, now: string): string {
  const minutes = Math.round((Date.parse(instant) - Date.parse(now)) / minute);
  const far = Math.abs(minutes);
  const [count, before, after] = far < 60 ? [far, m.requests_ago_minutes, m.requests_in_minutes] as const
    : far < 48 * 60 ? [Math.floor(far / 60), m.requests_ago_hours, m.requests_in_hours] as const
    : [Math.floor(far / 1440), m.requests_ago_days, m.requests_in_days] as const;
  return minutes < 0 ? before({ count }) : after({ count });
}

export const later = (now: string, minutes: number) => new Date(Date.parse(now) + minutes * minute).toISOString();
