import { formatNumber } from "../../clinical";
import type { StatusKind } from "../../design";
import * as m from "../../paraglide/messages";
import type { CardFigure, DriftView, QualityRules } from "../../wire";

/** `0.91 (0.86 to 0.95), 140 pictures`. */
export function figureText({ value, low, high, n }: CardFigure): string {
  const number = (x: number) => x.toFixed(2);
  const range = low === null || high === null ? "" : ` ${m.image_perf_interval({ low: number(low), high: number(high) })}`;
  return `${number(value)}${range}, ${m.image_perf_n({ n: formatNumber(n) })}`;
}

export const secondsText = (ms: number): string => m.image_perf_seconds({ n: (ms / 1000).toFixed(ms < 10_000 ? 2 : 0) });

const refusals: Record<string, () => string> = {
  too_small: m.image_perf_refused_too_small,
  blank: m.image_perf_refused_blank,
  clipped: m.image_perf_refused_clipped,
  ruled_out: m.image_perf_refused_ruled_out,
  other_kind: m.image_perf_refused_other_kind,
  out_of_distribution: m.image_perf_refused_unusual,
  low_confidence: m.image_perf_refused_unsure,
};
export const refusedWord = (reason: string): string => refusals[reason]?.() ?? reason.replaceAll("_", " ");

export function trendKind({ trend }: DriftView): StatusKind {
  switch (trend) {
    case "too_few": return "inactive";
    case "steady": return "good";
    case "changed": return "notice";
    case "much": return "caution";
  }
}

/** What a comparison says, with the next step where there is one. */
export function trendWords(d: DriftView, rules: QualityRules): string {
  const distance = d.what === "distance";
  switch (d.trend) {
    case "too_few":
      return d.firstN < rules.first ? m.image_perf_drift_few_first({ what: whatWord(d), n: formatNumber(d.needs) }) : m.image_perf_drift_few_recent({ what: whatWord(d), n: formatNumber(d.needs) });
    case "steady": return distance ? m.image_perf_drift_distance_steady() : m.image_perf_drift_probability_steady();
    case "changed": return distance ? m.image_perf_drift_distance_changed() : m.image_perf_drift_probability_changed();
    case "much": return distance ? m.image_perf_drift_distance_much() : m.image_perf_drift_probability_much();
  }
}

export const whatWord = ({ what }: Pick<DriftView, "what">): string => (what === "distance" ? m.image_perf_drift_distance() : m.image_perf_drift_probability());
