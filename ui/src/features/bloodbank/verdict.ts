/** What the answers of the gates mean for the next step at the counter. */
import type { Code, CommandError, Component, GateRow, IssueGate, IssueGates } from "../../wire";

/** What has to be read first when several gates stop: who it is, then what would kill, then the rest in order. */
const gravest: readonly Code[] = [
  "wristband_of_another", "scan_disagrees", "patient_deceased", "abo_incompatible", "phenotype_incompatible", "recalled", "crossmatch_incompatible", "anti_d_history", "antigen_positive",
  "unit_group_mismatch", "unit_quarantined", "unit_expired",
];

/** Every stop as the refusal it would be, the gravest first. A code that two gates name stands once. */
export function stopsOf(answer: IssueGates): CommandError[] {
  const rank = ({ code }: { code: Code }) => { const at = gravest.indexOf(code); return at < 0 ? gravest.length : at; };
  const stops = answer.gates.flatMap((g) => (g.result === "stop" && g.code ? [{ code: g.code, kind: "refusal" as const, args: g.args, rules: [], incident: null }] : []));
  return stops.filter((s, i) => stops.findIndex((o) => o.code === s.code) === i).sort((a, b) => rank(a) - rank(b));
}

const stopped = (answer: IssueGates): GateRow[] => answer.gates.filter((g) => g.result === "stop");

/** Gates that another bag does not change. */
const notTheBag: ReadonlySet<IssueGate> = new Set<IssueGate>(["patient_identity", "patient_alive", "specimen", "scan", "appearance", "slip", "collector", "order"]);
/** What is done with this very bag, and does not call for another. */
const toBeDone: ReadonlySet<Code> = new Set<Code>(["crossmatch_missing", "crossmatch_too_old", "method_too_weak", "sample_too_old", "sample_missing"]);

/** Whether the list of other units answers what stands against this one; a warning always has that answer. */
export function anotherUnitHelps(answer: IssueGates | null): boolean {
  if (!answer) return false;
  const stops = stopped(answer);
  return stops.length === 0 || stops.some((g) => !notTheBag.has(g.gate) && !(g.code && toBeDone.has(g.code)));
}

/** Who or which bag it is stands in doubt: nothing is tested on that. */
const inDoubt: ReadonlySet<IssueGate> = new Set<IssueGate>(["patient_identity", "patient_alive", "scan", "slip"]);

/** Whether a crossmatch of this bag is what is missing. */
export function crossmatchable(answer: IssueGates): boolean {
  const stops = stopped(answer);
  return stops.every((g) => !inDoubt.has(g.gate) && (notTheBag.has(g.gate) || (g.code && toBeDone.has(g.code)))) && stops.some((g) => g.code === "crossmatch_missing" || g.code === "crossmatch_too_old" || g.code === "method_too_weak");
}

/** Gates that an emergency release does not ask, or asks otherwise. */
const lifted: ReadonlySet<IssueGate> = new Set<IssueGate>(["specimen", "patient_group", "crossmatch", "requirements"]);
/** Where the group is not known they follow the rule for an unknown group instead. */
const ofTheGroup: ReadonlySet<IssueGate> = new Set<IssueGate>(["abo", "rhd"]);

/** Whether the emergency way is one: red cells, stopped by what can be missing and not by what is known to be wrong. */
export function releasable(component: Component, answer: IssueGates): boolean {
  const stops = stopped(answer);
  const unknown = stops.some((g) => g.gate === "patient_group");
  return (component === "red_cells" || component === "whole_blood") && stops.length > 0
    && stops.every((g) => (lifted.has(g.gate) || (unknown && ofTheGroup.has(g.gate))) && g.code !== "crossmatch_incompatible" && g.code !== "patient_deceased")
    && stops.some((g) => g.gate === "specimen" || g.gate === "crossmatch" || g.gate === "patient_group");
}
