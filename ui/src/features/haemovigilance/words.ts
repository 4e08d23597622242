/** The words of haemovigilance: each name on the wire that a person reads, once. */
import type { StatusKind } from "../../design";
import { comma } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { CaseRow, CaseStep, Imputability, ReactionCategory, ReactionFindings, ReactionSeverity, ReactionSign } from "../../wire";
import { tenths } from "../bedside/words";

const words = m as unknown as Record<string, (() => string) | undefined>;
const plain = (name: string) => name.replaceAll("_", " ");

export const categories: readonly ReactionCategory[] = [
  "febrile_non_haemolytic", "mild_febrile", "allergic", "anaphylactic", "acute_haemolytic", "delayed_haemolytic", "delayed_serologic", "trali", "taco", "dyspnoea", "hypotensive",
  "purpura", "graft_versus_host", "infection_bacterial", "infection_viral", "infection_parasitic", "haemosiderosis", "hyperkalaemia", "other", "wrong_component", "requirement_not_met",
  "handling_error", "near_miss",
];
/** Suspicions that reach the other bags of the donation. */
export const reaching: readonly ReactionCategory[] = ["infection_bacterial", "infection_viral", "infection_parasitic", "trali"];
export const severities: readonly ReactionSeverity[] = ["non_severe", "severe", "life_threatening", "death"];
export const imputabilities: readonly Imputability[] = ["not_assessable", "excluded", "unlikely", "possible", "probable", "definite"];
export const caseSteps: readonly CaseStep[] = ["clerical", "visual", "direct_antiglobulin", "repeat_groups", "culture", "bag_returned", "reported"];
export const signs: readonly ReactionSign[] = [
  "rigors", "urticaria", "wheeze_or_angioedema", "dyspnoea", "hypoxia", "bilateral_infiltrates", "haemoglobinuria", "haemolysis", "direct_antiglobulin_positive", "new_antibody",
  "platelets_fell", "culture_positive",
];

export const categoryWord = (category: ReactionCategory) => words[`haemovigilance_cat_${category}`]?.() ?? plain(category);
export const severityWord = (severity: ReactionSeverity) => words[`haemovigilance_sev_${severity}`]?.() ?? plain(severity);
export const imputabilityWord = (imputability: Imputability) => words[`haemovigilance_imp_${imputability}`]?.() ?? plain(imputability);
/** The same judgement in the words of the CDC. */
export const cdcWord = (cdc: string) => words[`haemovigilance_cdc_${cdc}`]?.() ?? plain(cdc);
export const stepWord = (step: CaseStep | "classification") => words[`haemovigilance_step_${step}`]?.() ?? plain(step);
export const signWord = (sign: ReactionSign) => words[`haemovigilance_sign_${sign}`]?.() ?? plain(sign);
/** What a proposal rests on: a finding, or a measure that was met. */
export const metWord = (met: string) => words[`haemovigilance_met_${met}`]?.() ?? words[`haemovigilance_sign_${met}`]?.() ?? plain(met);

/** Everything that was found, each in its own words. */
export function findingWords(of: ReactionFindings): string[] {
  const found: string[] = [];
  if (of.riseTenths !== null) found.push(m.haemovigilance_rise({ degrees: tenths(of.riseTenths) }));
  if (of.highestTenths !== null) found.push(m.haemovigilance_highest({ degrees: tenths(of.highestTenths) }));
  if (of.systolicDrop !== null) found.push(m.haemovigilance_drop({ mmhg: of.systolicDrop }));
  if (of.overloadSigns > 0) found.push(m.haemovigilance_overload({ count: of.overloadSigns }));
  return [...found, ...of.signs.map(signWord)];
}

/** What still stands between a case and its end. */
export function missingSteps(row: CaseRow): string[] {
  const open: (CaseStep | "classification")[] = [...row.missing, ...(row.category === null ? ["classification" as const] : [])];
  return open.map(stepWord);
}

export function caseStand(row: CaseRow): { kind: StatusKind; word: string } {
  if (row.closedAt !== null) return { kind: "inactive", word: m.haemovigilance_is_closed() };
  const missing = missingSteps(row);
  if (missing.length === 0) return { kind: "good", word: m.haemovigilance_ready() };
  return { kind: "caution", word: m.haemovigilance_missing({ steps: missing.join(comma()) }) };
}

export const noFindings: ReactionFindings = { riseTenths: null, highestTenths: null, systolicDrop: null, overloadSigns: 0, signs: [] };
