import { formatNumber } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { PolicyValue } from "../../wire";

type Named = { words(): string; unit?: "hours" | "years" | "days" | "minutes" };

/** Every rule of the wire by its stable name. One that this page does not know yet shows its name. */
const rules: Record<string, Named> = {
  hold_hours: { words: m.account_rule_hold_hours, unit: "hours" },
  childbearing_age_max: { words: m.account_rule_childbearing_age_max, unit: "years" },
  male_child_max: { words: m.account_rule_male_child_max, unit: "years" },
  expires_soon_hours: { words: m.account_rule_expires_soon_hours, unit: "hours" },
  low_titre_plasma: { words: m.account_rule_low_titre_plasma },
  stock: { words: m.account_rule_stock },
  facilities: { words: m.account_rule_facilities },
  "care.sample_risk_days": { words: m.account_rule_care_sample_risk_days, unit: "days" },
  "care.sample_hours": { words: m.account_rule_care_sample_hours, unit: "hours" },
  "care.risk_look_back_days": { words: m.account_rule_care_risk_look_back_days, unit: "days" },
  "care.electronic_sync_minutes": { words: m.account_rule_care_electronic_sync_minutes, unit: "minutes" },
  "care.crossmatch_hours": { words: m.account_rule_care_crossmatch_hours, unit: "hours" },
  "care.anti_d_hours": { words: m.account_rule_care_anti_d_hours, unit: "hours" },
  "care.retrospective_hours": { words: m.account_rule_care_retrospective_hours, unit: "hours" },
  "care.return_minutes": { words: m.account_rule_care_return_minutes, unit: "minutes" },
  "care.return_excursions_max": { words: m.account_rule_care_return_excursions_max },
  "care.start_minutes": { words: m.account_rule_care_start_minutes, unit: "minutes" },
  "care.transfusion_minutes": { words: m.account_rule_care_transfusion_minutes, unit: "minutes" },
  "care.observe_minutes": { words: m.account_rule_care_observe_minutes, unit: "minutes" },
  "care.presumed_hours": { words: m.account_rule_care_presumed_hours, unit: "hours" },
  "care.low_titre_whole_blood_max": { words: m.account_rule_care_low_titre_whole_blood_max },
  "care.protocol_rhd_switch": { words: m.account_rule_care_protocol_rhd_switch },
  "care.abbreviated_units": { words: m.account_rule_care_abbreviated_units },
  "care.look_back_task_days": { words: m.account_rule_care_look_back_task_days, unit: "days" },
  "care.contact.from_hour": { words: m.account_rule_care_contact_from_hour },
  "care.contact.to_hour": { words: m.account_rule_care_contact_to_hour },
  "care.contact.days_between_appeals": { words: m.account_rule_care_contact_days_between_appeals, unit: "days" },
  "care.contact.response_hours": { words: m.account_rule_care_contact_response_hours, unit: "hours" },
  "care.contact.turnout_days": { words: m.account_rule_care_contact_turnout_days, unit: "days" },
  "care.electronic_crossmatch": { words: m.account_rule_care_electronic_crossmatch },
  "care.reason_for_other_group": { words: m.account_rule_care_reason_for_other_group },
  "care.return_tenths_max": { words: m.account_rule_care_return_tenths_max },
  "care.fever_rise_tenths": { words: m.account_rule_care_fever_rise_tenths },
};

export const ruleWords = (name: string): string => rules[name]?.words() ?? name;

export function unitWord(name: string, count: number): string {
  switch (rules[name]?.unit) {
    case "hours": return m.account_unit_hours({ count });
    case "years": return m.account_unit_years({ count });
    case "days": return m.account_unit_days({ count });
    case "minutes": return m.account_unit_minutes({ count });
    case undefined: return "";
  }
}

export function valueWords(name: string, value: string): string {
  if (name === "facilities") return value || m.account_rule_facilities_none();
  if (value === "true") return m.account_rules_yes();
  if (value === "false") return m.account_rules_no();
  const number = Number(value);
  return Number.isFinite(number) && value !== "" ? `${formatNumber(number)} ${unitWord(name, number)}`.trim() : value;
}

export function boundsWords(value: Pick<PolicyValue, "least" | "most">): string {
  return value.least === null || value.most === null ? "" : m.account_rules_between({ least: formatNumber(value.least), most: formatNumber(value.most) });
}
