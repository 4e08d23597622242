import type { StatusKind } from "../../design";
import * as m from "../../paraglide/messages";
import type { BagState, RecallTaskKind } from "../../wire";

export function stateWord(state: BagState): string {
  switch (state) {
    case "available": return m.recall_state_available();
    case "reserved": return m.recall_state_reserved();
    case "quarantined": return m.recall_state_quarantined();
    case "in_transit": return m.recall_state_in_transit();
    case "issued": return m.recall_state_issued();
    case "transfused": return m.recall_state_transfused();
    case "discarded": return m.recall_state_discarded();
    case "expired": return m.recall_state_expired();
    case "in_laboratory": return m.recall_state_in_laboratory();
    case "used_up": return m.recall_state_used_up();
    case "not_known": return m.recall_state_not_known();
  }
}

/** What is urgent about a bag of a recall: one that is with a ward, and one that nobody has stopped. */
export function stateKind(state: BagState): StatusKind {
  switch (state) {
    case "issued": return "critical";
    case "available": case "reserved": case "in_transit": case "transfused": case "not_known": return "caution";
    case "quarantined": return "good";
    case "discarded": case "expired": case "in_laboratory": case "used_up": return "inactive";
  }
}

export function taskWord(what: RecallTaskKind): string {
  switch (what) {
    case "alert_ward": return m.recall_task_alert_ward();
    case "alert_physician": return m.recall_task_alert_physician();
    case "trace_recipient": return m.recall_task_trace_recipient();
    case "acknowledge_recall": return m.recall_task_acknowledge_recall();
  }
}

/** The word for this site; another site has its name. */
export function siteWord(site: string, here: string): string {
  return site === here ? m.recall_here() : site;
}
