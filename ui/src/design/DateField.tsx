import { type ClipboardEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { age, daysInMonth, monthShort, parseTypedDate } from "../clinical/dates";
import * as m from "../paraglide/messages";
import { Shape } from "./status";

type Part = "day" | "month" | "year";
type Parts = { day: number | null; month: number | null; year: number | null };

function split(value: string | null): Parts {
  const [, y, mo, d] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(value ?? "") ?? [];
  return { year: y ? Number(y) : null, month: mo ? Number(mo) : null, day: d ? Number(d) : null };
}

const two = (n: number) => String(n).padStart(2, "0");

/** ISO text of what is there: a day, a month (`2026-03`), a year (`2026`), or null when it is not yet a date. */
function join({ day, month, year }: Parts, yearAlone: boolean): string | null {
  if (year === null || year < 1000) return null;
  if (month !== null && day !== null) return day <= daysInMonth(year, month) ? `${year}-${two(month)}-${two(day)}` : null;
  if (!yearAlone || day !== null) return null;
  return month === null ? String(year) : `${year}-${two(month)}`;
}

export interface DateFieldProps {
  label: string;
  /** `YYYY-MM-DD`; with `yearAlone` also `YYYY-MM` or `YYYY`. */
  value: string | null;
  onChange(value: string | null): void;
  /** Dates of birth may be known only to the year. */
  yearAlone?: boolean;
  /** Prints the age beside the date; give today in the facility's zone as `YYYY-MM-DD`. */
  ageOn?: string;
  hint?: string;
  error?: string;
  notNow?: string;
  isRequired?: boolean;
}

/**
 * A date in three segments, 05-Mar-1958, the same on every computer: never the regional settings. The month is
 * letters, so day and month cannot be exchanged. Digits and letters type, arrows step, Backspace empties, a
 * pasted date is read whole.
 */
export function DateField({ label, value, onChange, yearAlone = false, ageOn, hint, error, notNow, isRequired }: DateFieldProps) {
  const id = useId();
  const [parts, setParts] = useState(() => split(value));
  const typed = useRef("");
  const boxes = useRef<Partial<Record<Part, HTMLSpanElement | null>>>({});
  const given = useRef(value);
  useEffect(() => {
    // Follow the outside only when it really differs: a half-typed date is null outside and must stay here.
    if (value !== given.current) {
      given.current = value;
      setParts(split(value));
    }
  }, [value]);

  const impossible = parts.day !== null && parts.month !== null && parts.day > daysInMonth(parts.year ?? 2000, parts.month);
  const shownError = error ?? (impossible ? m.design_date_impossible({ day: two(parts.day ?? 0), month: monthShort(parts.month ?? 1) }) : undefined);

  function put(next: Parts) {
    setParts(next);
    const iso = join(next, yearAlone);
    if (iso !== given.current) {
      given.current = iso;
      onChange(iso);
    }
  }
  const order: Part[] = ["day", "month", "year"];
  function go(from: Part, by: 1 | -1) {
    const next = order[order.indexOf(from) + by];
    if (next) boxes.current[next]?.focus();
  }
  const limits: Record<Part, [number, number]> = { day: [1, 31], month: [1, 12], year: [1000, 9999] };

  function step(part: Part, by: number) {
    const [low, high] = limits[part];
    const start = part === "year" ? Number((ageOn ?? new Date().toISOString()).slice(0, 4)) : by > 0 ? low - 1 : high + 1;
    const raw = (parts[part] ?? start) + by;
    put({ ...parts, [part]: raw < low ? high : raw > high ? low : raw });
  }

  function onKey(part: Part, e: KeyboardEvent<HTMLSpanElement>) {
    if (notNow || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === "ArrowRight") { go(part, 1); }
    else if (e.key === "ArrowLeft") { go(part, -1); }
    else if (e.key === "ArrowUp") step(part, 1);
    else if (e.key === "ArrowDown") step(part, -1);
    else if (e.key === "PageUp") step(part, part === "year" ? 10 : 5);
    else if (e.key === "PageDown") step(part, part === "year" ? -10 : -5);
    else if (e.key === "Backspace" || e.key === "Delete") {
      if (parts[part] === null && e.key === "Backspace") go(part, -1);
      typed.current = "";
      put({ ...parts, [part]: null });
    } else if (/^[-./ ]$/.test(e.key)) { go(part, 1); }
    else if (/^\d$/.test(e.key)) digit(part, e.key);
    else if (part === "month" && /^\p{L}$/u.test(e.key)) letter(e.key);
    else return;
    e.preventDefault();
  }

  function digit(part: Part, key: string) {
    const width = part === "year" ? 4 : 2;
    const text = (typed.current.replace(/\D/g, "") + key).slice(-width);
    const n = Number(text);
    const [, high] = limits[part];
    const fits = n <= high ? text : key;
    typed.current = fits;
    const value = Number(fits);
    put({ ...parts, [part]: value === 0 ? null : value });
    const full = fits.length === width || (part !== "year" && value * 10 > high);
    if (full) { typed.current = ""; go(part, 1); }
  }

  function letter(key: string) {
    const text = (typed.current.replace(/\d/g, "") + key).toLowerCase();
    const hits = Array.from({ length: 12 }, (_, i) => i + 1).filter((n) => monthShort(n).toLowerCase().startsWith(text));
    const use = hits.length > 0 ? hits : Array.from({ length: 12 }, (_, i) => i + 1).filter((n) => monthShort(n).toLowerCase().startsWith(key.toLowerCase()));
    const first = use[0];
    if (first === undefined) return;
    typed.current = hits.length > 0 ? text : key;
    put({ ...parts, month: first });
    if (use.length === 1) { typed.current = ""; go("month", 1); }
  }

  function onPaste(e: ClipboardEvent) {
    const iso = parseTypedDate(e.clipboardData.getData("text"));
    if (iso && !notNow) { e.preventDefault(); put(split(iso)); }
  }

  const words: Record<Part, string> = { day: m.design_day(), month: m.design_month(), year: m.design_year() };
  const show: Record<Part, string> = {
    day: parts.day === null ? "dd" : two(parts.day),
    month: parts.month === null ? "mmm" : monthShort(parts.month),
    year: parts.year === null ? "yyyy" : String(parts.year),
  };
  const full = join(parts, false);
  return (
    <div className="hs-field" role="group" aria-labelledby={`${id}l`} aria-describedby={`${id}d`}>
      <span className="hs-label" id={`${id}l`}>{label}</span>
      <div className="hs-input" data-invalid={shownError ? true : undefined} data-disabled={notNow ? true : undefined} onPaste={onPaste}>
        <span className="hs-seg-date">
          {order.map((part, i) => (
            <span key={part} className="contents">
              {i > 0 && <span aria-hidden="true">-</span>}
              <span
                ref={(el) => { boxes.current[part] = el; }}
                role="spinbutton"
                tabIndex={notNow ? -1 : 0}
                aria-label={`${words[part]}, ${label}`}
                aria-valuenow={parts[part] ?? undefined}
                aria-valuetext={parts[part] === null ? m.design_empty() : show[part]}
                aria-valuemin={limits[part][0]}
                aria-valuemax={limits[part][1]}
                aria-disabled={notNow ? true : undefined}
                aria-required={isRequired}
                aria-invalid={shownError ? true : undefined}
                data-placeholder={parts[part] === null || undefined}
                onKeyDown={(e) => onKey(part, e)}
                onFocus={() => { typed.current = ""; }}
              >
                {show[part]}
              </span>
            </span>
          ))}
        </span>
        {ageOn && full && <span className="hs-suffix">{age(full, ageOn)}</span>}
      </div>
      {shownError ? <span className="hs-error" id={`${id}d`}><Shape kind="critical" /><span>{shownError}</span></span> : <span className="hs-hint" id={`${id}d`}>{notNow ?? hint}</span>}
    </div>
  );
}
