/** The words of the blood screens: one place for each name on the wire that a person reads. */
import { ruleWords } from "../../app";
import { componentName, formatWall, groupDin, groupWords, formatNumber } from "../../clinical";
import type { StatusKind } from "../../design";
import * as m from "../../paraglide/messages";
import type {
  AlternativeWhy, CheckResult, Code, Component, DiscardReason, Level, OtherScan, ScanPart, StockLine, UnitAct, UnitRow, UnitStatus,
} from "../../wire";
import { isBloodCode, sentenceOf, type Subject } from "./refusals";

export const components: readonly Component[] = ["red_cells", "platelets", "plasma", "cryoprecipitate", "whole_blood"];
export const statuses: readonly UnitStatus[] = ["available", "reserved", "quarantined", "expired", "issued", "discarded", "modified"];
export const discardReasons: readonly DiscardReason[] = ["expired", "leak", "clot", "haemolysis", "cold_chain", "volume", "reactive", "lipaemic", "not_sufficient", "returned_late", "returned_warm", "not_used", "group_discrepancy", "broken_on_thaw", "supplier_recall", "recalled", "other"];

export function levelWord(level: Level): string {
  switch (level) {
    case "good": return m.blood_level_good();
    case "low": return m.blood_level_low();
    case "critical": return m.blood_level_critical();
    case "not_stocked": return m.blood_level_not_stocked();
  }
}

export function statusWord(status: UnitStatus): string {
  switch (status) {
    case "available": return m.blood_status_available();
    case "reserved": return m.blood_status_reserved();
    case "quarantined": return m.blood_status_quarantined();
    case "issued": return m.blood_status_issued();
    case "discarded": return m.blood_status_discarded();
    case "modified": return m.blood_status_modified();
    case "expired": return m.blood_status_expired();
  }
}

/** Neither given out nor over: something may still be done with it. */
export const isOver = (status: UnitStatus): boolean => status === "issued" || status === "discarded" || status === "modified";

/** Normal is quiet: only what keeps a unit from being used has a shape of its own. */
export function statusKind(status: UnitStatus): StatusKind {
  switch (status) {
    case "available": return "good";
    case "reserved": return "notice";
    case "quarantined": return "caution";
    case "expired": return "critical";
    case "issued":
    case "modified":
    case "discarded": return "inactive";
  }
}

export function discardWord(reason: DiscardReason): string {
  switch (reason) {
    case "expired": return m.blood_discard_reason_expired();
    case "leak": return m.blood_discard_reason_leak();
    case "clot": return m.blood_discard_reason_clot();
    case "haemolysis": return m.blood_discard_reason_haemolysis();
    case "reactive": return m.blood_discard_reason_reactive();
    case "lipaemic": return m.blood_discard_reason_lipaemic();
    case "not_sufficient": return m.blood_discard_reason_not_sufficient();
    case "returned_late": return m.blood_discard_reason_returned_late();
    case "returned_warm": return m.blood_discard_reason_returned_warm();
    case "group_discrepancy": return m.blood_discard_reason_group_discrepancy();
    case "broken_on_thaw": return m.blood_discard_reason_broken_on_thaw();
    case "not_used": return m.blood_discard_reason_not_used();
    case "supplier_recall": return m.blood_discard_reason_supplier_recall();
    case "cold_chain": return m.blood_discard_reason_cold_chain();
    case "volume": return m.blood_discard_reason_volume();
    case "recalled": return m.blood_discard_reason_recalled();
    case "processed": return m.blood_discard_reason_processed();
    case "other": return m.blood_discard_reason_other();
  }
}

/** The reason as the store wrote it: a name of the table, or free words. */
export function discardText(reason: string): string {
  return reason === "processed" || (discardReasons as readonly string[]).includes(reason) ? discardWord(reason as DiscardReason) : reason;
}

export function actWords(what: UnitAct, patientName: string | null): string {
  const patient = patientName ?? m.blood_act_patient_unknown();
  switch (what) {
    case "received": return m.blood_act_received();
    case "reserved": return m.blood_act_reserved({ patient });
    case "released": return m.blood_act_released();
    case "hold_lapsed": return m.blood_act_hold_lapsed();
    case "issued": return m.blood_act_issued({ patient });
    case "given": return m.blood_act_given();
    case "not_given": return m.blood_act_not_given();
    case "quarantined": return m.blood_act_quarantined();
    case "quarantine_lifted": return m.blood_act_quarantine_lifted();
    case "discarded": return m.blood_act_discarded();
    case "moved": return m.blood_act_moved();
    case "sent": return m.blood_act_sent();
  }
}

export function resultWord(result: CheckResult): string {
  switch (result) {
    case "pass": return m.blood_result_pass();
    case "caution": return m.blood_result_caution();
    case "stop": return m.blood_result_stop();
    case "not_yet": return m.blood_result_not_yet();
  }
}

export function resultKind(result: CheckResult): StatusKind {
  switch (result) {
    case "pass": return "good";
    case "caution": return "caution";
    case "stop": return "critical";
    case "not_yet": return "inactive";
  }
}

export function alternativeWord(why: AlternativeWhy, scarceLeft: number | null): string {
  switch (why) {
    case "held_for_this_patient": return m.blood_alt_why_held_for_this_patient();
    case "identical_oldest": return m.blood_alt_why_identical_oldest();
    case "identical": return m.blood_alt_why_identical();
    case "compatible": return m.blood_alt_why_compatible();
    case "compatible_scarce":
      return scarceLeft === null ? m.blood_alt_why_compatible_scarce() : m.blood_alt_why_compatible_scarce_left({ left: scarceLeft });
  }
}

/** "Today", "3 days", "Expired 2 days ago": always beside the date itself. */
export function daysLeftWords(days: number): string {
  if (days < 0) return m.blood_past_days({ count: -days });
  return days === 0 ? m.blood_today() : m.blood_n_days({ count: days });
}

/** Two days is when somebody has to act, four when somebody has to look. */
export function daysLeftKind(days: number): StatusKind {
  if (days <= 1) return "critical";
  return days <= 4 ? "caution" : "good";
}

/** What a code is, as in "That is the product code". */
const otherWords: Record<OtherScan, () => string> = {
  blood_group: m.blood_other_blood_group,
  product_division: m.blood_other_product_division,
  production_date: m.blood_other_production_date,
  patient_birth_date: m.blood_other_patient_birth_date,
  staff_badge: m.blood_other_staff_badge,
  other_label: m.blood_other_other_label,
  unknown: m.blood_other_unknown,
};

/** Where a component is kept; a store that says no range shows its own words. */
export function storageWords(line: Pick<StockLine, "storage" | "storage_range">): string {
  const kept = line.storage_range;
  if (!kept) return line.storage;
  const range = kept.fromC === null ? m.blood_storage_below({ to: formatNumber(kept.toC) }) : m.blood_storage_range({ from: formatNumber(kept.fromC), to: formatNumber(kept.toC) });
  return kept.agitated ? m.blood_storage_agitated({ range }) : range;
}

export function partKind(part: ScanPart): string {
  switch (part.kind) {
    case "donation_number": return m.blood_kind_donation_number();
    case "product": return m.blood_kind_product();
    case "group": return m.blood_kind_group();
    case "expiry": return m.blood_kind_expiry();
    case "collected": return m.blood_kind_collected();
    case "patient": return m.blood_kind_patient();
    case "slip": return m.blood_kind_slip();
    case "other": return m.blood_kind_other({ name: part.code ? otherWords[part.code]() : part.name });
  }
}

/** What a code says, read back in words. */
export function partWords(part: ScanPart): string {
  switch (part.kind) {
    case "donation_number": return groupDin(part.din);
    case "product": return [part.code, part.name ?? (part.component && componentName(part.component))].filter(Boolean).join(", ");
    case "group": return groupWords(part.group);
    case "expiry":
    case "collected": return formatWall(part.wall) ?? part.wall;
    case "patient": return part.number;
    case "slip": return part.genuine ? m.blood_slip_ours() : m.blood_slip_not_ours();
    case "other": return part.raw;
  }
}

/** The title of a rule, for lists of rules that were passed. */
export function ruleTitle(code: Code, subject: Subject): string {
  return isBloodCode(code) ? sentenceOf(code, subject).title : ruleWords(code);
}

/** A unit in one line of words, for readers and for rows. */
export function unitWords(row: Pick<UnitRow, "din" | "component" | "group">): string {
  return `${groupDin(row.din)}, ${componentName(row.component)}, ${groupWords(row.group)}`;
}
