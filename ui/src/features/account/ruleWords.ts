import { formatNumber } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { PolicyValue } from "../../wire";

type Named = { words(): string; unit?: "hours" | "years" };

/** Every rule of the wire by its stable name. One that this page does not know yet shows its name. */
const rules: Record<string, Named> = {
  hold_hours: { words: m.account_rule_hold_hours, unit: "hours" },
  childbearing_age_max: { words: m.account_rule_childbearing_age_max, unit: "years" },
  male_child_max: { words: m.account_rule_male_child_max, unit: "years" },
  expires_soon_hours: { words: m.account_rule_expires_soon_hours, unit: "hours" },
  low_titre_plasma: { words: m.account_rule_low_titre_plasma },
  stock: { words: m.account_rule_stock },
};

export const ruleWords = (name: string): string => rules[name]?.words() ?? name;

export function unitWord(name: string, count: number): string {
  switch (rules[name]?.unit) {
    case "hours": return m.account_unit_hours({ count });
    case "years": return m.account_unit_years({ count });
    case undefined: return "";
  }
}

export function valueWords(name: string, value: string): string {
  if (value === "true") return m.account_rules_yes();
  if (value === "false") return m.account_rules_no();
  const number = Number(value);
  return Number.isFinite(number) && value !== "" ? `${formatNumber(number)} ${unitWord(name, number)}`.trim() : value;
}

export function boundsWords(value: Pick<PolicyValue, "least" | "most">): string {
  return value.least === null || value.most === null ? "" : m.account_rules_between({ least: formatNumber(value.least), most: formatNumber(value.most) });
}
