import { AppLink } from "../../app";
import { componentName, formatMoment, usePlace } from "../../clinical";
import { Bar, SectionHead, Shape, type StatusKind } from "../../design";
import * as m from "../../paraglide/messages";
import type { CheckResult, Code, GateRow, IssueGate, RequestRow } from "../../wire";
import { urgencyWord } from "../requests/words";
import { careWhy, gateNames, gateWord } from "./careWords";
import type { Subject } from "./refusals";
import { resultKind, resultWord, ruleTitle } from "./words";

/** What a person sees of a gate: its result, or that it is not asked in this case. */
export type GateResult = CheckResult | "not_asked";

export interface GateSeen {
  gate: IssueGate;
  result: GateResult;
  code: Code | null;
  args: GateRow["args"];
  /** What is still to be done, where nothing stands against it yet. */
  wait: string | null;
}

/** What the page itself knows about the gates: the store counts what was not given yet as in order. */
export interface Entered {
  patientScanned: boolean;
  bagMissing: string;
  slip: boolean;
  looked: boolean;
  collector: boolean;
}

/** A gate passes on this screen only when what it looks at was really given. */
export function seen(rows: readonly GateRow[] | null, given: Entered): GateSeen[] {
  if (!rows) return gateNames.map((gate) => ({ gate, result: "not_yet", code: null, args: {}, wait: null }));
  const open: Partial<Record<IssueGate, string>> = {
    ...(given.patientScanned ? {} : { patient_identity: m.blood_gate_wait_identity() }),
    ...(given.bagMissing === "" ? {} : { scan: m.blood_gate_wait_scan({ parts: given.bagMissing }) }),
    ...(given.slip ? {} : { slip: m.blood_gate_wait_slip() }),
    ...(given.looked ? {} : { appearance: m.blood_gate_wait_appearance() }),
    ...(given.collector ? {} : { collector: m.blood_gate_wait_collector() }),
  };
  return rows.map(({ gate, result, code, args }) => {
    const wait = open[gate];
    if (wait && (result === "pass" || result === "not_yet")) return { gate, result: "not_yet", code: null, args, wait };
    // The store is asked without the name, so that not every letter asks it again.
    if (gate === "collector" && result === "not_yet") return { gate, result: "pass", code: null, args, wait: null };
    return { gate, result: result === "not_yet" ? "not_asked" : result, code, args, wait: null };
  });
}

const kindOf = (result: GateResult): StatusKind => (result === "not_asked" ? "inactive" : resultKind(result));
const wordOf = (result: GateResult): string => (result === "not_asked" ? m.blood_result_not_asked() : resultWord(result));

/** Every gate of this issue, always all of them and in order: what it looks at, its result, and why where it is not a pass. */
export function Gates({ gates, pair, subject, last }: { gates: readonly GateSeen[]; pair: boolean; subject: Subject; last: { what: string; at: string } | null }) {
  const place = usePlace();
  const count = (result: CheckResult) => gates.filter((g) => g.result === result).length;
  return (
    <section aria-label={m.blood_gates_title()} tabIndex={0} className="min-h-0 min-w-0 overflow-auto">
      <SectionHead title={m.blood_gates_title()} note={pair ? m.blood_checks_count({ stop: count("stop"), caution: count("caution"), pass: count("pass"), not_yet: count("not_yet") }) : m.blood_gate_wait_pair()} />
      <ul className="m-0 list-none p-0 min-[1200px]:columns-2 min-[1200px]:gap-0">
        {gates.map((g) => {
          const why = g.code ? [ruleTitle(g.code, subject), careWhy({ code: g.code, args: g.args }, place)].filter(Boolean).join(". ").replace("..", ".") : g.wait;
          return (
            <li key={g.gate} data-gate={g.gate} data-result={g.result} className={`grid min-h-[26px] break-inside-avoid grid-cols-[18px_1fr_auto] items-baseline gap-x-2 border-b border-line px-4 py-[3px] ${g.result === "stop" ? "bg-critical-bg" : ""}`}>
              <span className="self-start pt-[3px]"><Shape kind={kindOf(g.result)} /></span>
              <span className={`min-w-0 break-words ${g.result === "stop" || g.result === "caution" ? "font-strong" : g.result === "pass" ? "" : "text-ink-2"}`}>{gateWord(g.gate)}</span>
              <span className={`text-end text-sm ${g.result === "stop" ? "font-strong text-critical" : g.result === "caution" ? "font-strong text-caution-ink" : "text-ink-2"}`}>{wordOf(g.result)}</span>
              {why && <span className="col-span-2 col-start-2 min-w-0 text-sm break-words text-ink-2">{why}</span>}
            </li>
          );
        })}
      </ul>
      <p className="hs-meta px-4 py-2">{m.blood_scan_hint()} {last && m.blood_scan_last({ what: last.what, time: formatMoment(last.at, place.zone, place.now) ?? "" })}</p>
    </section>
  );
}

/** Which order of the ward this issue counts for. */
export function Fills({ request, component }: { request: RequestRow | null; component: string }) {
  const place = usePlace();
  if (!request) return <Bar kind="notice">{m.blood_fills_none({ component })}</Bar>;
  return (
    <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1 border-b border-line px-4 py-2">
      <AppLink to={`/requests/${request.id}`}><b>{m.blood_fills()}</b></AppLink>
      <span>{m.blood_fills_line({ count: request.count, component: componentName(request.component).toLocaleLowerCase(), urgency: urgencyWord(request.urgency).toLocaleLowerCase(), time: formatMoment(request.neededBy, place.zone, place.now) ?? "" })}</span>
      <span className="text-ink-2">{m.blood_fills_done({ issued: request.issued, count: request.count })}</span>
    </p>
  );
}
