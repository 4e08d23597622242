/** The words of the way from the request to the ward: gates, urgency, methods, needs, and why a rule of it stands against an issue. */
import { componentName, formatMoment } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { CommandError, Component, CrossmatchMethod, IssueGate, UnitAttribute } from "../../wire";
import { attributes, attributeWord, methods, methodWord } from "../requests/words";

/** In the order in which the store shows them; the list on the screen is never shorter. */
export const gateNames = [
  "patient_identity", "patient_alive", "specimen", "patient_group", "unit_here", "unit_status", "unit_in_date", "unit_group", "scan", "product", "held_for_this_patient",
  "abo", "rhd", "antibody_history", "phenotype", "crossmatch", "requirements", "identical_group", "appearance", "slip", "collector", "order",
] as const satisfies readonly IssueGate[];

const gates: Record<IssueGate, () => string> = {
  patient_identity: m.blood_gate_patient_identity, patient_alive: m.blood_gate_patient_alive, specimen: m.blood_gate_specimen, patient_group: m.blood_gate_patient_group,
  unit_here: m.blood_gate_unit_here, unit_status: m.blood_gate_unit_status, unit_in_date: m.blood_gate_unit_in_date, unit_group: m.blood_gate_unit_group,
  scan: m.blood_gate_scan, product: m.blood_gate_product, held_for_this_patient: m.blood_gate_held_for_this_patient, abo: m.blood_gate_abo, rhd: m.blood_gate_rhd,
  antibody_history: m.blood_gate_antibody_history, phenotype: m.blood_gate_phenotype, crossmatch: m.blood_gate_crossmatch, requirements: m.blood_gate_requirements,
  identical_group: m.blood_gate_identical_group, appearance: m.blood_gate_appearance, slip: m.blood_gate_slip, collector: m.blood_gate_collector, order: m.blood_gate_order,
};
/** What a gate looks at, as a statement that holds when it passes. */
export const gateWord = (gate: IssueGate): string => gates[gate]();

const methodName = (method: string): string => ((methods as readonly string[]).includes(method) ? methodWord(method as CrossmatchMethod) : method);

/** `irradiated` or `K-`, as the rules write a need in their arguments. */
function needWord(need: string): string {
  if ((attributes as readonly string[]).includes(need)) return attributeWord(need as UnitAttribute);
  const antigen = /^(.+?)[-\u2212]$/.exec(need)?.[1];
  return antigen ? m.blood_antigen_negative({ antigen }) : need;
}

const fields: Record<string, () => string> = {
  din: m.blood_part_din, productCode: m.blood_part_product, group: m.blood_part_group, spoken: m.blood_field_spoken, unit: m.blood_field_unit, patient: m.blood_field_patient,
  expiry: m.lab_release_expiry, label: m.blood_field_label,
  request: m.blood_field_request, number: m.blood_field_number, name: m.blood_field_name, birthDate: m.blood_field_birth_date, birth_date: m.blood_field_birth_date,
};
export const fieldWord = (field: string): string | null => fields[field]?.() ?? null;

/** Several words of a list, with the comma of the language. */
export const listed = (words: readonly string[]): string => words.join(m.blood_list_comma());

/** What the values of a refusal add to its sentence, or null when they add nothing. */
export function careWhy({ code, args }: Pick<CommandError, "code" | "args">, place: { zone: string; now: string }): string | null {
  const time = (at: string | undefined) => (at ? formatMoment(at, place.zone, place.now) : null);
  const until = time(args.validUntil);
  const least = args.least && methodName(args.least);
  switch (code) {
    case "sample_too_old":
    case "crossmatch_too_old": return until ? m.blood_care_when({ time: until }) : null;
    case "crossmatch_missing": return least ? m.blood_care_least({ least }) : null;
    case "method_too_weak": return least && args.method ? m.blood_care_least_done({ least, method: methodName(args.method) }) : null;
    case "crossmatch_incompatible": return args.doneAt ? m.blood_care_done_at({ time: time(args.doneAt) ?? "" }) : null;
    case "requirement_unmet":
    case "antigen_positive": return args.requirements ? m.blood_care_missing({ list: listed(args.requirements.split(",").map(needWord)) }) : null;
    case "scan_disagrees":
    case "identity_mismatch":
    case "slip_of_another": {
      const field = args.field && fieldWord(args.field);
      return field ? m.blood_care_differs({ field }) : null;
    }
    case "unit_group_mismatch": return args.label && args.confirmed ? m.blood_care_groups({ label: args.label, read: args.confirmed }) : null;
    case "product_not_ordered": return args.ordered ? m.blood_care_ordered({ component: componentName(args.ordered as Component) }) : null;
    case "sample_rejected": return args.reason ? m.blood_care_reason({ reason: args.reason }) : null;
    case "rhd_mismatch": return args.protected === "true" ? m.blood_care_protected() : null;
    case "not_identical_group": return args.identicalLeft ? m.blood_care_own_left({ count: args.identicalLeft }) : null;
    default: return null;
  }
}
