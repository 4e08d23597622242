import * as m from "../paraglide/messages";
import { getLocale } from "../paraglide/runtime";

/**
 * Dates as a ward reads them: 05-Mar-2026 and 14:32, whatever the computer's regional settings are
 * (NHS CUI D+Ta-0002 and following). An instant is always shown in the facility's zone, never the computer's.
 */

/**
 * Keeps a date, a number with its unit or a code in its own order inside a sentence that runs from right to left.
 * Without it `05-Mar-2026` is drawn as `Mar-2026-05`. The two marks (U+2066, U+2069) are invisible.
 */
export function ltr(text: string): string {
  return getLocale() === "ar" ? `\u2066${text}\u2069` : text;
}

const twoDigits = (n: number) => String(n).padStart(2, "0");

/** Letters, never a number, so that day and month cannot be exchanged. `month` is 1 to 12. */
export function monthShort(month: number): string {
  return m.design_months().split(" ")[month - 1] ?? String(month);
}

export function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

interface Wall { year: number; month: number; day: number; hour: number; minute: number }

const formats = new Map<string, Intl.DateTimeFormat>();
function wallOf(instant: string, zone: string): Wall | null {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return null;
  let format = formats.get(zone);
  if (!format) {
    const options: Intl.DateTimeFormatOptions = { calendar: "gregory", numberingSystem: "latn", hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" };
    try {
      format = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
    } catch {
      // A zone this engine does not know: UTC is honest and the same everywhere.
      format = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
    }
    formats.set(zone, format);
  }
  const get = Object.fromEntries(format.formatToParts(at).map((p) => [p.type, Number(p.value)]));
  return { year: get.year ?? 0, month: get.month ?? 1, day: get.day ?? 1, hour: get.hour ?? 0, minute: get.minute ?? 0 };
}

/** `05-Mar-2026`, `Mar-2026` or `2026` from `YYYY[-MM[-DD]]`; null when the text is no date. */
export function formatDay(iso: string): string | null {
  const [, y, mo, d] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?/.exec(iso) ?? [];
  if (!y) return null;
  if (!mo) return y;
  return ltr(d ? `${d}-${monthShort(Number(mo))}-${y}` : `${monthShort(Number(mo))}-${y}`);
}

/** The calendar day of an instant in a zone, as `YYYY-MM-DD`. */
export function dayOf(instant: string, zone: string): string | null {
  const w = wallOf(instant, zone);
  return w && `${String(w.year).padStart(4, "0")}-${twoDigits(w.month)}-${twoDigits(w.day)}`;
}

export function formatInstantDate(instant: string, zone: string): string | null {
  const day = dayOf(instant, zone);
  return day && formatDay(day);
}

/** `14:32`, 24 hours, midnight is `00:00`. */
export function formatTime(instant: string, zone: string): string | null {
  const w = wallOf(instant, zone);
  return w && `${twoDigits(w.hour)}:${twoDigits(w.minute)}`;
}

/** A wall time without a zone, as labels carry it: `2026-12-05T23:59` becomes `05-Dec-2026 23:59`. */
export function formatWall(wall: string): string | null {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}))?/.exec(wall) ?? [];
  if (!day) return null;
  return time ? ltr(`${formatDay(day)} ${time}`) : formatDay(day);
}

/** The time alone when it was today, else date and time: anything older than today shows its date. */
export function formatMoment(instant: string, zone: string, now: string): string | null {
  const time = formatTime(instant, zone);
  return dayOf(instant, zone) === dayOf(now, zone) ? time : ltr(`${formatInstantDate(instant, zone)} ${time}`);
}

/**
 * Age in words on a given day: days in the first four weeks, weeks until two years, then years. A birth date
 * known only to the year or month gives whole years.
 */
export function age(birth: string, on: string): string | null {
  const b = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?/.exec(birth);
  const t = /^(\d{4})-(\d{2})-(\d{2})/.exec(on);
  if (!b || !t) return null;
  const [by, bm, bd] = [Number(b[1]), Number(b[2] ?? 1), Number(b[3] ?? 1)];
  const [ty, tm, td] = [Number(t[1]), Number(t[2]), Number(t[3])];
  const years = ty - by - (tm < bm || (tm === bm && td < bd) ? 1 : 0);
  if (years < 0) return null;
  if (years >= 2 || !b[3]) return m.design_age_years({ count: years });
  const days = Math.round((Date.UTC(ty, tm - 1, td) - Date.UTC(by, bm - 1, bd)) / 86_400_000);
  if (days === 1) return m.design_age_one_day();
  return days < 28 ? m.design_age_days({ count: days }) : m.design_age_weeks({ count: Math.floor(days / 7) });
}

/** Reads a whole typed or pasted date: `1958-03-05`, `05-Mar-1958`, `5 March 1958`, `05.03.1958` (day first). */
export function parseTypedDate(text: string): string | null {
  const s = text.trim();
  let y: number, mo: number, d: number;
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(s);
  const words = /^(\d{1,2})[-./ ]+([A-Za-z]{3,9})\.?[-./, ]+(\d{4})$/.exec(s);
  const numbers = /^(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4})$/.exec(s);
  if (iso) [y, mo, d] = [Number(iso[1]), Number(iso[2]), Number(iso[3])];
  else if (words) {
    const index = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ").indexOf(words[2]!.slice(0, 3).toLowerCase());
    [y, mo, d] = [Number(words[3]), index + 1, Number(words[1])];
  } else if (numbers && Number(numbers[1]) > 12) {
    // Only when it cannot be read the other way round; an ambiguous date must be typed.
    [y, mo, d] = [Number(numbers[3]), Number(numbers[2]), Number(numbers[1])];
  } else return null;
  if (mo < 1 || mo > 12 || d < 1 || d > daysInMonth(y, mo)) return null;
  return `${String(y).padStart(4, "0")}-${twoDigits(mo)}-${twoDigits(d)}`;
}
