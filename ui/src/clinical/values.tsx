import type { ReactNode } from "react";
import * as m from "../paraglide/messages";
import type { BloodGroup as Group } from "../wire";
import { age, dayOf, formatDay, formatInstantDate, formatMoment, formatTime, ltr } from "./dates";
import { formatNumber, groupDin, groupLetters, groupWords } from "./words";
import { usePlace } from "./zone";

/** ABO large, RhD in words; negative is reversed. Never a lone + or −, never colour alone (Red Book 23.5.1). */
export function BloodGroup({ group, size = "md", stacked }: { group: Group; size?: "sm" | "md" | "lg" | "xl"; stacked?: boolean }) {
  return (
    <span className="hs-group" data-size={size} data-stacked={stacked || undefined} data-long={groupLetters(group).length > 2 || undefined} role="img" aria-label={groupWords(group)}>
      <span className="hs-abo" aria-hidden="true">{groupLetters(group)}</span>
      <span className="hs-rh" data-rh={group.rhd} aria-hidden="true">{group.rhd === "negative" ? "RhD NEGATIVE" : "RhD POSITIVE"}</span>
    </span>
  );
}

/** A donation identification number, grouped, with its check character boxed. Copied without spaces. */
export function DonationNumber({ din, check, size }: { din: string; check?: string; size?: "lg" }) {
  return (
    <span className="hs-din" data-size={size} onCopy={(e) => { e.clipboardData.setData("text/plain", din); e.preventDefault(); }}>
      <span>{groupDin(din)}</span>
      {check && <b>{check}</b>}
    </span>
  );
}

/** Hospital, sample and other numbers: mono, never wrapped, never shortened. */
export function Identifier({ children }: { children: string }) {
  return <span className="hs-mono">{children}</span>;
}

/** `05-Mar-2026`. `value` is a day (`2026-03-05`, also `2026-03`, `2026`) or an instant, shown in the facility's zone. */
export function ClinicalDate({ value, zone }: { value: string | null; zone?: string }) {
  const place = usePlace();
  const isInstant = value?.includes("T") ?? false;
  const text = value && (isInstant ? formatInstantDate(value, zone ?? place.zone) : formatDay(value));
  if (!value || !text) return <NotKnown />;
  return <time dateTime={value} dir="ltr" className="whitespace-nowrap">{text}</time>;
}

/** `14:32` for today, `19-Nov-2026 14:32` before; `always="date-time"` prints both in any case. */
export function ClinicalTime({ value, zone, always }: { value: string | null; zone?: string; always?: "date-time" | "time" }) {
  const place = usePlace();
  const at = zone ?? place.zone;
  const text = value && (always === "time" ? formatTime(value, at) : always === "date-time" ? ltr(`${formatInstantDate(value, at)} ${formatTime(value, at)}`) : formatMoment(value, at, place.now));
  if (!value || !text) return <NotKnown />;
  return <time dateTime={value} dir="ltr" className="whitespace-nowrap">{text}</time>;
}

/** Age in words beside a birth date: days, weeks under two years, years. */
export function Age({ birthDate, on }: { birthDate: string | null; on?: string }) {
  const place = usePlace();
  const today = on ?? dayOf(place.now, place.zone) ?? place.now.slice(0, 10);
  const text = birthDate && age(birthDate, today);
  return text ? <span className="whitespace-nowrap">{text}</span> : <NotKnown>{m.design_age_not_known()}</NotKnown>;
}

/** A number and its unit, never apart: `0.5 mL`. null is "Not recorded". */
export function Quantity({ value, unit, decimals }: { value: number | null; unit: string; decimals?: number }) {
  if (value === null) return <NotKnown>{m.design_not_recorded()}</NotKnown>;
  return <span dir="ltr" className="inline-block whitespace-nowrap">{formatNumber(value, decimals)} {unit}</span>;
}

/** Unknown is a word: Not known, Not recorded, Not performed. Never a dash, a zero or an empty cell. */
export function NotKnown({ children }: { children?: ReactNode }) {
  return <span className="hs-unknown">{children ?? m.design_not_known()}</span>;
}

/** Stands on everything a model says. */
export function AiNotice({ children }: { children?: ReactNode }) {
  return <span className="hs-ai"><b>AI</b> {children ?? m.design_ai_not_a_report()}</span>;
}

/** A value that may be out of date: dotted underline and its own time. */
export function Stale({ children, asOf }: { children: ReactNode; asOf: string }) {
  return <><span className="hs-stale">{children}</span> <span className="hs-meta">{m.design_as_of()} <ClinicalTime value={asOf} /></span></>;
}
