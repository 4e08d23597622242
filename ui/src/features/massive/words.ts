/** The words of massive transfusion: each name on the wire that a person reads, once. */
import type { StatusKind } from "../../design";
import * as m from "../../paraglide/messages";
import type { PromptRow, ProtocolStatus, UnitFate } from "../../wire";

export const fates: readonly UnitFate[] = ["transfused", "returned", "discarded"];

export function fateWord(fate: UnitFate): string {
  switch (fate) {
    case "transfused": return m.massive_fate_transfused();
    case "returned": return m.massive_fate_returned();
    case "discarded": return m.massive_fate_discarded();
  }
}

export function statusWord(status: ProtocolStatus): string {
  switch (status) {
    case "active": return m.massive_status_active();
    case "ended": return m.massive_status_ended();
    case "closed": return m.massive_status_closed();
  }
}

export const statusKind = (status: ProtocolStatus): StatusKind => (status === "active" ? "critical" : status === "ended" ? "caution" : "inactive");

export function promptWord({ prompt, args }: PromptRow): string {
  switch (prompt) {
    case "switch_rhd_positive": return m.massive_prompt_switch_rhd_positive({ given: args.given ?? "", stock: args.stock ?? "" });
    case "switch_to_own_group": return m.massive_prompt_switch_to_own_group({ group: args.group ?? "" });
    case "abbreviated_crossmatch": return m.massive_prompt_abbreviated_crossmatch({ redCells: args.redCells ?? "" });
  }
}
