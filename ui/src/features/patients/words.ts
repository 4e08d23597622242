import * as m from "../../paraglide/messages";
import { componentName, conditionWord } from "../../clinical";
import type { AnalysisState, Component, TimelineEntry, TimelineKind, UnitRow, UnitStatus } from "../../wire";
import { attributes, attributeWord, methods, methodWord, outcomeWord, urgencies, urgencyWord } from "../requests/words";
import type { IconName, StatusKind } from "../../design";

export function timelineWord(what: TimelineKind): string {
  switch (what) {
    case "registered": return m.patient_tl_registered();
    case "allergy_recorded": return m.patient_tl_allergy_recorded();
    case "no_allergies_recorded": return m.patient_tl_no_allergies_recorded();
    case "group_recorded": return m.patient_tl_group_recorded();
    case "group_withdrawn": return m.patient_tl_group_withdrawn();
    case "record_taken_over": return m.patient_tl_record_taken_over();
    case "record_gave_way": return m.patient_tl_record_gave_way();
    case "death_recorded": return m.patient_tl_death_recorded();
    case "death_withdrawn": return m.patient_tl_death_withdrawn();
    case "unit_reserved": return m.patient_tl_unit_reserved();
    case "reservation_released": return m.patient_tl_reservation_released();
    case "unit_issued": return m.patient_tl_unit_issued();
    case "image_added": return m.patient_tl_image_added();
    case "image_analysed": return m.patient_tl_image_analysed();
    case "finding_judged": return m.patient_tl_finding_judged();
    case "report_signed": return m.patient_tl_report_signed();
    case "report_addended": return m.patient_tl_report_addended();
    case "blood_requested": return m.patient_tl_blood_requested();
    case "request_cancelled": return m.patient_tl_request_cancelled();
    case "sample_received": return m.patient_tl_sample_received();
    case "sample_rejected": return m.patient_tl_sample_rejected();
    case "antibody_recorded": return m.patient_tl_antibody_recorded();
    case "need_recorded": return m.patient_tl_need_recorded();
    case "transplant_recorded": return m.patient_tl_transplant_recorded();
    case "crossmatched": return m.patient_tl_crossmatched();
    case "uncrossmatched_issued": return m.patient_tl_uncrossmatched_issued();
    case "unit_returned": return m.patient_tl_unit_returned();
    case "issue_entered_in_error": return m.downtime_tl_error();
    case "transfusion_started": return m.patient_tl_transfusion_started();
    case "transfusion_stopped": return m.patient_tl_transfusion_stopped();
    case "transfusion_ended": return m.patient_tl_transfusion_ended();
    case "transfusion_outcome": return m.patient_tl_transfusion_outcome();
    case "reaction_case_opened": return m.patient_tl_reaction_case_opened();
    case "reaction_case_closed": return m.patient_tl_reaction_case_closed();
    case "massive_transfusion_started": return m.patient_tl_massive_transfusion_started();
    case "massive_transfusion_ended": return m.patient_tl_massive_transfusion_ended();
  }
}

const outcomes: Record<string, () => string> = {
  uneventful: m.patient_tl_outcome_uneventful, reaction: m.patient_tl_outcome_reaction, stopped: m.patient_tl_outcome_stopped, not_transfused: m.patient_tl_outcome_not_transfused,
  unknown: m.patient_tl_outcome_unknown,
};
/** A word of the store in the words of a person, as long as this page knows it. */
const known = <T extends string>(names: readonly T[], name: string, word: (name: T) => string): string => (names.includes(name as T) ? word(name as T) : name);

/** The values of an entry between the request and the bedside. */
export function careWords(what: TimelineKind, args: TimelineEntry["args"]): string[] {
  switch (what) {
    case "blood_requested": return args.urgency ? [known(urgencies, args.urgency, urgencyWord)] : [];
    case "sample_received":
    case "sample_rejected": return args.number ? [m.patient_tl_sample({ sample: args.number })] : [];
    case "antibody_recorded": return [...(args.against ? [leftToRight(args.against)] : []), ...(args.toldBy ? [m.patient_tl_told_by({ who: args.toldBy })] : [])];
    case "need_recorded": return args.need ? [known(attributes, args.need, attributeWord)] : [];
    case "crossmatched": return [...(args.method ? [known(methods, args.method, methodWord)] : []), ...(args.outcome ? [known(["compatible", "incompatible"] as const, args.outcome, outcomeWord)] : [])];
    case "transfusion_outcome": return args.outcome ? [outcomes[args.outcome]?.() ?? args.outcome] : [];
    default: return [];
  }
}

export type TimelineArea = "record" | "blood" | "images";

export function timelineArea(what: TimelineKind): TimelineArea {
  switch (what) {
    case "registered":
    case "allergy_recorded":
    case "no_allergies_recorded":
    case "record_taken_over":
    case "record_gave_way":
    case "death_recorded":
    case "death_withdrawn": return "record";
    case "group_recorded":
    case "group_withdrawn":
    case "unit_reserved":
    case "reservation_released":
    case "unit_issued":
    case "blood_requested":
    case "request_cancelled":
    case "sample_received":
    case "sample_rejected":
    case "antibody_recorded":
    case "need_recorded":
    case "transplant_recorded":
    case "crossmatched":
    case "uncrossmatched_issued":
    case "unit_returned":
    case "issue_entered_in_error":
    case "transfusion_started":
    case "transfusion_stopped":
    case "transfusion_ended":
    case "transfusion_outcome":
    case "reaction_case_opened":
    case "reaction_case_closed":
    case "massive_transfusion_started":
    case "massive_transfusion_ended": return "blood";
    case "image_added":
    case "image_analysed":
    case "finding_judged":
    case "report_signed":
    case "report_addended": return "images";
  }
}

export function timelineIcon(what: TimelineKind): IconName {
  switch (what) {
    case "registered":
    case "record_taken_over":
    case "record_gave_way":
    case "death_recorded":
    case "death_withdrawn": return "person";
    case "allergy_recorded":
    case "no_allergies_recorded": return "document";
    case "group_recorded":
    case "sample_received":
    case "sample_rejected":
    case "antibody_recorded":
    case "crossmatched":
    case "group_withdrawn": return "tube";
    case "unit_reserved":
    case "reservation_released":
    case "blood_requested":
    case "uncrossmatched_issued":
    case "unit_returned":
    case "issue_entered_in_error":
    case "transfusion_started":
    case "transfusion_stopped":
    case "transfusion_ended":
    case "massive_transfusion_started":
    case "massive_transfusion_ended":
    case "unit_issued": return "blood";
    case "image_added":
    case "image_analysed": return "lungs";
    case "transfusion_outcome":
    case "finding_judged": return "check";
    case "report_signed":
    case "request_cancelled":
    case "need_recorded":
    case "transplant_recorded":
    case "reaction_case_opened":
    case "reaction_case_closed":
    case "report_addended": return "document";
  }
}

export function unitStatusWord(status: UnitStatus): { kind: StatusKind | null; word: string } {
  switch (status) {
    case "available": return { kind: null, word: m.patient_unit_available() };
    case "reserved": return { kind: "notice", word: m.patient_unit_reserved() };
    case "issued": return { kind: null, word: m.patient_unit_issued() };
    case "quarantined": return { kind: "caution", word: m.patient_unit_quarantined() };
    case "discarded": return { kind: "inactive", word: m.patient_unit_discarded() };
    case "modified": return { kind: "inactive", word: m.patient_unit_modified() };
    case "expired": return { kind: "caution", word: m.patient_unit_expired() };
  }
}

/** A number and its sign keep their order inside a sentence that runs from right to left. */
export function leftToRight(text: string): string {
  return `\u2066${text}\u2069`;
}

/** Held ones first, then those that left; each earliest expiry first. */
export function unitsInOrder(units: readonly UnitRow[]): UnitRow[] {
  const rank: Record<UnitStatus, number> = { reserved: 0, available: 1, quarantined: 2, expired: 3, issued: 4, modified: 5, discarded: 6 };
  return [...units].sort((a, b) => rank[a.status] - rank[b.status] || a.expiresAt.localeCompare(b.expiresAt));
}

/** Not analysed, nothing found, abstained and failed are four different things and four different words. */
export function analysisWord(state: AnalysisState, finding: string | null, probability: number | null, outside = false): { kind: StatusKind | null; word: string } {
  switch (state) {
    case "none": return { kind: "inactive", word: m.patient_ai_none() };
    case "queued": return { kind: null, word: m.patient_ai_queued() };
    case "running": return { kind: null, word: m.patient_ai_running() };
    case "done":
      if (outside) return { kind: "caution", word: m.patient_ai_outside() };
      return finding === null
        ? { kind: null, word: m.patient_ai_done_nothing() }
        : { kind: null, word: m.patient_ai_done_finding({ finding: conditionWord(finding), percent: probability === null ? "" : leftToRight(`${Math.round(probability * 100)} %`) }).trim() };
    case "abstained": return { kind: "inactive", word: m.patient_ai_abstained() };
    case "failed": return { kind: "caution", word: m.patient_ai_failed() };
    case "cancelled": return { kind: "inactive", word: m.patient_ai_cancelled() };
  }
}

const components: readonly string[] = ["red_cells", "platelets", "plasma", "cryoprecipitate", "whole_blood"] satisfies Component[];

/** The component's name from the name the record carries; anything else as it was written. */
export function componentText(text: string): string {
  return components.includes(text) ? componentName(text as Component) : text;
}

/** `O RhD NEGATIVE` out of the short forms a record may carry; never a lone plus or minus on a screen. */
export function groupText(text: string): string {
  const [, abo, rhd] = /^(AB|A|B|O)\s*(?:RhD\s*)?(\+|-|−|pos(?:itive)?|neg(?:ative)?)$/i.exec(text.trim()) ?? [];
  if (!abo || !rhd) return text;
  return `${abo.toUpperCase()} ${/^(\+|pos)/i.test(rhd) ? m.patient_rhd_positive() : m.patient_rhd_negative()}`;
}
