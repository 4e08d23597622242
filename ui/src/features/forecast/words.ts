/** The numbers of the forecast as a person reads them. */
import { formatNumber, groupWords, ltr } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { ExpectedNeed, ForecastCounted, ForecastLine, ForecastView } from "../../wire";

/** As many decimals as the number deserves: 12, 3.4, 0.28. */
export function meanWords(mean: number): string {
  if (mean > 0 && mean < 0.005) return m.forecast_under_number({ number: formatNumber(0.01) });
  return mean >= 10 ? formatNumber(Math.round(mean)) : formatNumber(mean, mean > 0 && mean < 1 ? 2 : 1);
}

/** "8 to 17"; one number when both ends are the same. */
export function intervalWords({ low, high }: Pick<ExpectedNeed, "low" | "high">): string {
  return low === high ? formatNumber(low) : m.forecast_interval({ low: formatNumber(low), high: formatNumber(high) });
}

/** Whole days, rounded down: nobody is told that blood lasts longer than it does. */
export function coverWords(days: number | null): string {
  if (days === null) return m.forecast_no_need();
  if (days < 1) return m.forecast_under_day();
  return days > 365 ? m.forecast_over_year() : m.forecast_days({ count: Math.floor(days) });
}

/** Never "0 %" or "100 %" of something that is only unlikely or likely. */
export function chanceWords(chance: number): string {
  const percent = Math.round(chance * 100);
  if (chance > 0 && percent < 1) return m.forecast_under_percent({ percent: 1 });
  if (chance < 1 && percent > 99) return m.forecast_over_percent({ percent: 99 });
  return ltr(m.forecast_percent({ percent }));
}

export function whyWords({ why, group, orderTo }: Pick<ForecastLine, "why" | "group" | "orderTo">): string {
  switch (why) {
    case "service": return orderTo === 0 ? m.forecast_why_none() : m.forecast_why_service();
    case "would_end": return m.forecast_why_would_end();
    case "too_rare": return group ? m.forecast_why_too_rare_rare_group() : m.forecast_why_too_rare();
    case "floor": return m.forecast_why_floor();
  }
}

/** Without a day of use and without a mean nothing is expected: a 0 would say that nothing is needed. */
export function nothingKnown(view: ForecastView): boolean {
  return view.daysKnown === 0 && view.lines.every((line) => line.daily === 0);
}

/** What the numbers are counted from, as far as each part is there. */
export function countedWords({ given, byBag, lacking, lackingCounted }: ForecastCounted): string {
  const said = [m.forecast_counted({ given: formatNumber(given) })];
  if (byBag > 0) said.push(m.forecast_counted_by_bag({ count: formatNumber(byBag) }));
  if (lacking > 0) said.push(m.forecast_counted_lacking({ asked: formatNumber(lacking), counted: meanWords(lackingCounted) }));
  return said.join(" ");
}

export function lineName(line: Pick<ForecastLine, "group">): string {
  return line.group ? groupWords(line.group) : m.forecast_all_groups();
}

const share = (value: number) => formatNumber(Math.round(value * 1000) / 10, 1);
const inside = (value: number) => Math.min(1, Math.max(0, value));

/** A share in percent with one decimal. The ends of an interval are cut where no share can be. */
export function shareWords(value: number): string {
  return ltr(m.forecast_percent({ percent: share(inside(value)) }));
}

export function shareInterval(low: number, high: number): string {
  return m.forecast_interval({ low: shareWords(low), high: shareWords(high) });
}

/** The change of a share in percentage points, always with its sign. */
export function pointWords(value: number): string {
  const rounded = Math.round(value * 1000) / 10;
  const sign = rounded > 0 ? "+" : rounded < 0 ? "−" : "";
  return ltr(`${sign}${formatNumber(Math.abs(rounded), 1)}`);
}

export function pointInterval(low: number, high: number): string {
  return m.forecast_interval({ low: pointWords(Math.max(-1, low)), high: pointWords(Math.min(1, high)) });
}
