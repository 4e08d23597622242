import * as m from "../../paraglide/messages";
import type { CommandError, Grading, MarkerState, PartStanding, ReleaseProblem, TestOutcome, TypingState } from "../../wire";
import { listed } from "../bloodbank/careWords";

/** Words that the store names and a rule book may add to: an unknown one is shown as it is written. */
const words = m as unknown as Record<string, ((args?: Record<string, string | number>) => string) | undefined>;

export const productWord = (product: string) => words[`lab_product_${product}`]?.() ?? product.replaceAll("_", " ");
export const markerWord = (marker: string) => words[`lab_marker_${marker.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase()}`]?.() ?? marker;

export function stateWord(state: MarkerState): string {
  switch (state) {
    case "non_reactive": return m.lab_state_non_reactive();
    case "missing": return m.lab_state_missing();
    case "unverified": return m.lab_state_unverified();
    case "indeterminate": return m.lab_state_indeterminate();
    case "initial_reactive": return m.lab_state_initial_reactive();
    case "unsafe": return m.lab_state_unsafe();
  }
}

export const stateKind = (state: MarkerState) => (state === "non_reactive" ? "good" : state === "unsafe" || state === "initial_reactive" ? "critical" : "caution") as "good" | "critical" | "caution";

export const outcomes: readonly TestOutcome[] = ["non_reactive", "reactive", "grey_zone", "not_enough"];
export function outcomeWord(outcome: TestOutcome): string {
  switch (outcome) {
    case "non_reactive": return m.lab_outcome_non_reactive();
    case "reactive": return m.lab_outcome_reactive();
    case "grey_zone": return m.lab_outcome_grey_zone();
    case "not_enough": return m.lab_outcome_not_enough();
  }
}

export const gradings: readonly Grading[] = ["negative", "positive", "weak", "mixed_field", "not_done"];
export function gradingWord(grading: Grading): string {
  switch (grading) {
    case "not_done": return m.lab_grade_not_done();
    case "negative": return m.lab_grade_negative();
    case "weak": return m.lab_grade_weak();
    case "positive": return m.lab_grade_positive();
    case "mixed_field": return m.lab_grade_mixed_field();
  }
}

export function partWord(state: PartStanding): string {
  switch (state) {
    case "available": return m.lab_part_available();
    case "quarantine": return m.lab_part_quarantine();
    case "recalled": return m.lab_part_recalled();
    case "modified": return m.lab_part_modified();
    case "discarded": return m.lab_part_discarded();
  }
}

/** Where the typing stands, for states without a group. */
export function typingWord(typing: TypingState): string {
  switch (typing.state) {
    case "not_done": return m.lab_typing_not_done();
    case "ambiguous": return m.lab_typing_ambiguous({ needs: typing.needs });
    case "no_match": return m.lab_typing_no_match();
    case "no_type_determined": return m.lab_typing_no_type_determined();
    case "indeterminate": return m.lab_typing_indeterminate();
    case "match":
    case "resolved": return "";
  }
}

/** A rule of the laboratory in words, with the values it has. */
export function ruleWord(rule: string, args: Record<string, string | undefined> = {}): string {
  const given = { marker: markerWord(args.marker ?? ""), volume: args.volume ?? "", least: args.least ?? "", most: args.most ?? "", minutes: args.minutes ?? "", hours: args.hours ?? "", day: args.day ?? "", latest: args.latest ?? "" };
  return words[`lab_rule_${rule}`]?.(given) ?? m.lab_rule_other();
}

export const problemWord = (p: ReleaseProblem) => ruleWord(p.rule, { marker: p.marker ?? "" });

/** The sentence for a refusal of the laboratory; null for any other. */
export function refusalWord(error: Pick<CommandError, "code" | "args">): string | null {
  if (error.code !== "lab_refused") return null;
  const rule = ruleWord(error.args.rule ?? "", error.args);
  const faults = (error.args.faults ?? "").split(",").flatMap((fault) => words[`lab_fault_${fault}`]?.() ?? []);
  return faults.length > 0 ? `${rule}: ${listed(faults)}.` : rule;
}
