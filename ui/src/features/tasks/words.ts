import type { Search } from "../../app";
import type { StatusKind } from "../../design";
import * as m from "../../paraglide/messages";
import type { TodoLink, TodoRow, TodoWhose } from "../../wire";
import { holdWord } from "../donors/words";

/** Where a task is done. */
export function placeOf(link: TodoLink): string {
  const to = (path: string, id: string) => `${path}/${encodeURIComponent(id)}`;
  switch (link.kind) {
    case "bag": return to("/blood/unit", link.id);
    case "donor": return to("/donors", link.id);
    case "recall": return to("/blood/recall", link.id);
    case "case": return to("/reactions", link.id);
    case "bedside": return to("/bedside", link.id);
    case "place": return to("/blood/place", link.id);
    case "issues": return "/issues";
    case "board": return "/blood";
    case "units": return "/blood/units";
    case "appeal": return "/appeals/new";
  }
}

/** What that page is opened with. */
export function searchOf(link: TodoLink): Search | undefined {
  if (link.kind === "units") return { component: link.component, status: "available" };
  return link.kind === "appeal" ? { request: link.request } : undefined;
}

export function whatWord(row: TodoRow): string {
  const site = row.site ?? "";
  switch (row.what) {
    case "alert_ward": return m.tasks_what_alert_ward();
    case "alert_physician": return m.tasks_what_alert_physician();
    case "alert_site": return m.tasks_what_alert_site({ site });
    case "stop_transfusion": return m.tasks_what_stop_transfusion();
    case "place_out_of_range": return m.tasks_what_place_out_of_range();
    case "resolve_custody": return m.tasks_what_resolve_custody();
    case "review_given": return m.tasks_what_review_given();
    case "medical_review": return m.tasks_what_medical_review();
    case "sign_emergency_order": return m.tasks_what_sign_emergency_order();
    case "anti_d_consult": return m.tasks_what_anti_d_consult();
    case "retrospective_crossmatch": return m.tasks_what_retrospective_crossmatch();
    case "acknowledge_recall": return m.tasks_what_acknowledge_recall({ site });
    case "trace_recipient": return m.tasks_what_trace_recipient();
    case "work_up_case": return row.count > 0 ? m.tasks_what_work_up_case({ count: row.count }) : m.tasks_what_judge_case();
    case "record_outcome": return m.tasks_what_record_outcome();
    case "answer_alarm": return m.tasks_what_answer_alarm({ count: row.count });
    case "stock_critical": return m.tasks_what_stock_critical();
    case "stock_under_floor": return m.tasks_what_stock_under_floor();
    case "units_ending": return m.tasks_what_units_ending({ count: row.count });
    case "ask_donors": return m.tasks_what_ask_donors({ count: row.count });
  }
}

/** As far as the program tells whoever looks: it never says more here than it sent. */
export function whyWord(row: TodoRow): string {
  switch (row.why) {
    case "reactive": return m.tasks_why_reactive();
    case "not_clear": return m.tasks_why_not_clear();
    case "run_invalid": return m.tasks_why_run_invalid();
    case "unverified": return m.tasks_why_unverified();
    case "held": return row.hold ? m.tasks_why_held({ hold: holdWord(row.hold) }) : m.tasks_why_not_free();
    case "not_free": return m.tasks_why_not_free();
    case "gave_too_soon": return m.tasks_why_gave_too_soon();
    case "recalled": return m.tasks_why_recalled();
    case "incompatible": return m.tasks_why_incompatible();
    case "without_custody": return m.tasks_why_without_custody();
    case "not_crossmatched": return m.tasks_why_not_crossmatched();
    case "rhd_positive": return m.tasks_why_rhd_positive();
    case "reaction": return m.tasks_why_reaction();
    case "prevented": return m.tasks_why_prevented();
    case "running_too_long": return m.tasks_why_running_too_long();
    case "no_outcome": return m.tasks_why_no_outcome();
    case "too_warm": return m.tasks_why_too_warm();
    case "too_cold": return m.tasks_why_too_cold();
    case "no_readings": return m.tasks_why_no_readings();
    case "under_floor": return m.tasks_why_under_floor();
    case "none_left": return m.tasks_why_none_left();
    case "ends_soon": return m.tasks_why_ends_soon();
    case "shelf_cannot_fill": return m.tasks_why_shelf_cannot_fill();
  }
}

export function whoseWord(whose: TodoWhose): string {
  switch (whose) {
    case "ward": return m.tasks_whose_ward();
    case "physician": return m.tasks_whose_physician();
    case "blood_bank": return m.tasks_whose_blood_bank();
  }
}

/** The shape and the word of when: each alone tells an urgent task from one that is late or only waits. */
export function whenOf(row: TodoRow): { kind: StatusKind; word: string } {
  if (row.urgent) return { kind: "critical", word: m.tasks_urgent() };
  if (row.overdue) return { kind: "caution", word: m.tasks_overdue() };
  return row.due ? { kind: "inactive", word: m.tasks_due() } : { kind: "notice", word: m.tasks_at_once() };
}
