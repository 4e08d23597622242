/** The words of requests, samples and blood records: each name on the wire that a person reads, once. */
import { componentName, formatMoment, formatNumber, ltr } from "../../clinical";
import type { StatusKind } from "../../design";
import * as m from "../../paraglide/messages";
import { getLocale } from "../../paraglide/runtime";
import type { Antigen, BloodNeed, Code, Component, CrossmatchMethod, CrossmatchNeed, CrossmatchOutcome, Measure, ProposalReason, RequestRow, RequestStatus, SampleStand, UnitAttribute, Urgency } from "../../wire";
import { ruleTitle } from "../bloodbank/words";

/** Words that the store names and a rule book may add to. */
const words = m as unknown as Record<string, (() => string) | undefined>;

/** What a person wrote, or a name, inside a sentence of the program: it keeps its own direction. */
export const own = (text: string) => (getLocale() === "ar" ? `\u2068${text}\u2069` : text);

export const urgencies: readonly Urgency[] = ["routine", "urgent", "emergency", "massive"];

export function urgencyWord(urgency: Urgency): string {
  switch (urgency) {
    case "routine": return m.requests_urgency_routine();
    case "urgent": return m.requests_urgency_urgent();
    case "emergency": return m.requests_urgency_emergency();
    case "massive": return m.requests_urgency_massive();
  }
}

export function urgencyText(urgency: Urgency): string {
  switch (urgency) {
    case "routine": return m.requests_urgency_routine_sub();
    case "urgent": return m.requests_urgency_urgent_sub();
    case "emergency": return m.requests_urgency_emergency_sub();
    case "massive": return m.requests_urgency_massive_sub();
  }
}

/** Normal is quiet: a routine request has no colour. */
export function urgencyKind(urgency: Urgency): StatusKind {
  switch (urgency) {
    case "routine": return "good";
    case "urgent": return "caution";
    case "emergency":
    case "massive": return "critical";
  }
}

export function statusWord(row: Pick<RequestRow, "status" | "issued" | "count">): string {
  const status: RequestStatus = row.status;
  switch (status) {
    case "open": return m.requests_status_open();
    case "closed": return row.issued >= row.count ? m.requests_status_filled() : m.requests_status_closed();
    case "cancelled": return m.requests_status_cancelled();
  }
}

/** The reason for a request: a code of the policy, or the words of the ward. */
export const indicationWord = (indication: string) => words[`requests_ind_${indication}`]?.() ?? own(indication);

export const measures: readonly Measure[] = ["haemoglobin", "platelet_count", "inr", "fibrinogen"];

export function measureWord(measure: Measure): string {
  switch (measure) {
    case "haemoglobin": return m.requests_measure_haemoglobin();
    case "platelet_count": return m.requests_measure_platelet_count();
    case "inr": return m.requests_measure_inr();
    case "fibrinogen": return m.requests_measure_fibrinogen();
  }
}

export const measureUnit: Record<Measure, string> = { haemoglobin: "g/L", platelet_count: "× 10⁹/L", inr: "", fibrinogen: "mg/dL" };

/** The INR is kept in tenths; everything else as it is. */
export const measureFactor = (measure: Measure) => (measure === "inr" ? 10 : 1);

export function measureValue(measure: Measure, value: number): string {
  const number = measure === "inr" ? formatNumber(value / 10, 1) : formatNumber(value);
  return ltr(`${number} ${measureUnit[measure]}`.trim());
}

/** What usually decides about a component. */
export function measureOf(component: Component): Measure {
  switch (component) {
    case "red_cells":
    case "whole_blood": return "haemoglobin";
    case "platelets": return "platelet_count";
    case "plasma": return "inr";
    case "cryoprecipitate": return "fibrinogen";
  }
}

export const attributes: readonly UnitAttribute[] = ["irradiated", "cmv_negative", "leukoreduced", "washed", "hbs_negative"];

export function attributeWord(attribute: UnitAttribute): string {
  switch (attribute) {
    case "irradiated": return m.requests_attr_irradiated();
    case "cmv_negative": return m.requests_attr_cmv_negative();
    case "leukoreduced": return m.requests_attr_leukoreduced();
    case "washed": return m.requests_attr_washed();
    case "hbs_negative": return m.requests_attr_hbs_negative();
  }
}

export const antigens: readonly Antigen[] = ["D", "C", "c", "E", "e", "K", "k", "Fya", "Fyb", "Jka", "Jkb", "S", "s", "M", "N", "Lea", "Leb", "P1", "Lua", "Cw"];

/** As a laboratory writes them; the same in every language. */
const signs: Record<Antigen, string> = {
  D: "D", C: "C", c: "c", E: "E", e: "e", K: "K", k: "k", Fya: "Fyᵃ", Fyb: "Fyᵇ", Jka: "Jkᵃ", Jkb: "Jkᵇ", S: "S", s: "s", M: "M", N: "N", Lea: "Leᵃ", Leb: "Leᵇ", P1: "P1", Lua: "Luᵃ", Cw: "Cʷ",
};
export const antigenSign = (antigen: Antigen) => ltr(signs[antigen]);

export const antibodyWord = (antigen: Antigen) => m.record_anti({ antigen: antigenSign(antigen) });

export function needWord(need: BloodNeed): string {
  return "attribute" in need ? attributeWord(need.attribute) : m.requests_need_antigen({ antigen: antigenSign(need.antigen_negative) });
}

/** Two needs are the same need when they ask the same of a unit. */
export const needKey = (need: BloodNeed) => ("attribute" in need ? `attribute ${need.attribute}` : `antigen ${need.antigen_negative}`);

/** The name of a need as a reason carries it: an attribute by its name, an antigen by its sign. */
function needByName(name: string): string {
  return (attributes as readonly string[]).includes(name) ? attributeWord(name as UnitAttribute) : m.requests_need_antigen({ antigen: ltr(name) });
}

export function standWord(stand: SampleStand): string {
  switch (stand) {
    case "none": return m.requests_sample_none();
    case "waiting": return m.requests_sample_waiting();
    case "ready": return m.requests_sample_ready();
    case "too_old": return m.requests_sample_too_old();
    case "rejected": return m.requests_sample_rejected();
  }
}

export function standKind(stand: SampleStand): StatusKind {
  switch (stand) {
    case "ready": return "good";
    case "waiting": return "notice";
    case "none":
    case "too_old": return "caution";
    case "rejected": return "critical";
  }
}

export const methods: readonly CrossmatchMethod[] = ["electronic", "immediate_spin", "ahg"];

export function methodWord(method: CrossmatchMethod): string {
  switch (method) {
    case "electronic": return m.requests_xm_method_electronic();
    case "immediate_spin": return m.requests_xm_method_immediate_spin();
    case "ahg": return m.requests_xm_method_ahg();
  }
}

export const outcomeWord = (outcome: CrossmatchOutcome) => (outcome === "compatible" ? m.requests_xm_compatible() : m.requests_xm_incompatible());

export function xmNeedWord(need: CrossmatchNeed): string {
  switch (need.kind) {
    case "nothing": return m.requests_xm_nothing();
    case "method": return m.requests_xm_least({ method: methodWord(need.method) });
    case "new_sample": return m.requests_xm_new_sample();
    case "emergency_only": return m.requests_xm_emergency_only();
  }
}

export const whyWord = (why: string) => words[`requests_why_${why}`]?.() ?? m.requests_word_other({ word: why });
export const conditionOpen = (condition: string) => words[`requests_cond_${condition}`]?.() ?? m.requests_word_other({ word: condition });

/** Why a unit is proposed, or is left out: one plain sentence. */
export function reasonWord({ why, args }: ProposalReason, place: { zone: string; now: string }): string {
  const left = args.left ?? "0";
  switch (why) {
    case "held_for_this_patient": return m.requests_pw_held_for_this_patient();
    case "identical_group": return m.requests_pw_identical_group();
    case "compatible_group": return m.requests_pw_compatible_group();
    case "compatible_scarce": return m.requests_pw_compatible_scarce({ left, target: args.target ?? "0" });
    case "oldest_first": return m.requests_pw_oldest_first();
    case "o_negative_kept": return m.requests_pw_o_negative_kept({ left });
    case "meets_needs": return m.requests_pw_meets_needs();
    case "group_unknown": return m.requests_pw_group_unknown();
    case "from_the_floor": return m.requests_pw_from_the_floor({ left, floor: args.floor ?? "0" });
    case "need_not_met": return m.requests_pw_need_not_met({ need: needByName(args.need ?? "") });
    case "kept_for_critical": return m.requests_pw_kept_for_critical({ left, floor: args.floor ?? "0" });
    case "not_fresh":
      return args.days === "unknown" ? m.requests_pw_not_fresh_unknown({ limit: args.limit ?? "" }) : m.requests_pw_not_fresh({ days: args.days ?? "", limit: args.limit ?? "" });
    case "allocated_already": return m.requests_pw_allocated_already();
    case "not_needed": return m.requests_pw_not_needed();
    case "stopped": return m.requests_pw_stopped({ rule: args.rule ? ruleTitle(args.rule as Code, place) : m.requests_pw_not_needed() });
  }
}

export const carriesRedCells = (component: Component) => component === "red_cells" || component === "whole_blood";

/** Red cells are given against a sample; for plasma and platelets it is enough to know the group. */
export const needsSample = (component: Component, groupKnown: boolean) => carriesRedCells(component) || !groupKnown;

export interface NextStep { kind: StatusKind; word: string }

/** What is missing next before the next unit can leave. Two people may be waited for at once: who accepts, and who draws. */
export function nextSteps(row: Pick<RequestRow, "status" | "acceptedBy" | "sample" | "component" | "count" | "allocated" | "issued">, groupKnown = true, ready = 0): NextStep[] {
  if (row.status !== "open" || row.issued >= row.count) return [{ kind: "good", word: m.requests_next_done() }];
  const steps: NextStep[] = [];
  if (row.acceptedBy === null) steps.push({ kind: "notice", word: m.requests_next_accept() });
  const sample = needsSample(row.component, groupKnown) ? sampleStep(row.sample) : null;
  if (sample) steps.push(sample);
  if (steps.length > 0) return steps;
  const left = row.count - row.issued - row.allocated;
  if (left > 0) return [{ kind: "notice", word: m.requests_next_allocate({ count: left }) }];
  const crossmatched = row.allocated > 0 && ready >= row.allocated;
  return [{ kind: "notice", word: carriesRedCells(row.component) && !crossmatched ? m.requests_next_crossmatch() : m.requests_next_issue() }];
}

function sampleStep(stand: SampleStand): NextStep | null {
  switch (stand) {
    case "ready": return null;
    case "none": return { kind: "caution", word: m.requests_next_sample() };
    case "waiting": return { kind: "notice", word: m.requests_next_sample_waits() };
    case "too_old": return { kind: "caution", word: m.requests_next_sample_old() };
    case "rejected": return { kind: "critical", word: m.requests_next_sample_rejected() };
  }
}

/** Its time has come and it is not filled; the clock goes on while a list stands open. */
export const isOverdue = (row: Pick<RequestRow, "status" | "overdue" | "neededBy">, now: string) => row.status === "open" && (row.overdue || Date.parse(row.neededBy) < Date.parse(now));

export const whatWord = (row: Pick<RequestRow, "component" | "count">) => m.requests_count_of({ component: componentName(row.component), count: row.count });

export const momentWord = (at: string, place: { zone: string; now: string }) => formatMoment(at, place.zone, place.now) ?? at;
