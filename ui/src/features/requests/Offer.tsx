import { useEffect, useState } from "react";
import { useMay } from "../../app";
import { CommandFailed, useSend } from "../../backend";
import { groupDin, usePlace } from "../../clinical";
import { Button, Checkbox, Empty, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { Code, CrossmatchRow, ProposalLine, RequestView } from "../../wire";
import { Refused, wantsSecond } from "../bloodbank/common";
import { PassDialog } from "../bloodbank/PassDialog";
import type { Subject } from "../bloodbank/refusals";
import { ruleTitle } from "../bloodbank/words";
import { UnitLine, UnitLines } from "./Aside";
import { momentWord, reasonWord } from "./words";

/** What the shelf offers, each unit with its reasons; and what it leaves out, with the reason for that. */
export function Offer({ view, name, chosen, incompatible, onNote }: { view: RequestView; name: string; chosen: { id: string } | null; incompatible: CrossmatchRow[]; onNote(note: null): void }) {
  const { row, proposal } = view;
  const place = usePlace();
  const may = useMay();
  const left = row.count - row.allocated - row.issued;
  const bad = (id: string) => incompatible.find((x) => x.unit.id === id);
  // All that is proposed is chosen until somebody says otherwise, but for a bag that was found incompatible and for one
  // that somebody has to answer for with a reason: that is a decision, and no default.
  const [said, setSaid] = useState<Record<string, boolean>>({});
  const isChosen = (line: ProposalLine) => said[line.unit.id] ?? (!bad(line.unit.id) && line.cautions.length === 0);
  const [added, setAdded] = useState<ProposalLine[]>([]);
  const [passing, setPassing] = useState<{ rules: Code[]; second: boolean } | null>(null);
  // Where nothing is offered that fits, the rest and its reasons are the answer.
  const [asked, setShowOut] = useState<boolean | null>(null);
  // Before a tube is typed nothing can fit, and a list of the whole shelf would say so forty times.
  const untyped = view.group.state === "unknown";
  const showOut = asked ?? (!untyped && left > 0 && proposal.every((l) => bad(l.unit.id)));
  useEffect(() => { if (chosen) setSaid((old) => ({ ...old, [chosen.id]: true })); }, [chosen]);
  const lines = [...proposal, ...added.filter((a) => !proposal.some((p) => p.unit.id === a.unit.id) && view.leftOut.some((l) => l.unit.id === a.unit.id))];
  const picked = lines.filter(isChosen);
  const units = picked.map((l) => l.unit.id);
  const send = useSend("request.allocate", { onDone: () => { setSaid({}); setAdded([]); setPassing(null); onNote(null); } });
  const request = { request: row.id, units, override: null, second: null };
  const first = picked.find((l) => l.cautions.length > 0) ?? picked[0];
  const subject: Subject = { unit: picked.length === 1 ? first?.unit ?? null : null, patient: { name, group: view.group }, listed: lines.length > picked.length, ...place };
  const passable = send.error && ((send.error.kind === "needs_override" && may("override_blood_warning")) || wantsSecond(send.error));

  function go() {
    send.mutate(request, { onError: (cause) => { const error = CommandFailed.from(cause); if (wantsSecond(error)) setPassing({ rules: [], second: true }); } });
  }
  const out = view.leftOut.filter((l) => !added.some((a) => a.unit.id === l.unit.id) && l.reasons[0]?.why !== "allocated_already");
  const hidden = view.leftOut.length - out.length;
  const notNow = units.length === 0 ? m.requests_offer_choose() : units.length > left ? m.requests_offer_many({ count: left }) : undefined;
  return (
    <>
      <section>
        <SectionHead
          title={m.requests_offer()}
          note={lines.length > 0 ? m.requests_offer_order() : undefined}
          actions={lines.length > 0 && may("reserve_blood") && <Button variant="primary" pending={send.isPending} notNow={notNow} onPress={go}>{units.length === 0 ? m.requests_offer_act_none() : m.requests_offer_act({ count: units.length })}</Button>}
        />
        {send.error && !passing && (
          <div ref={(box) => box?.scrollIntoView?.({ block: "nearest" })} className="border-b border-line p-4">
            <Refused
              error={send.error}
              subject={subject}
              title={m.requests_offer_not()}
              actions={passable ? <Button variant="danger" onPress={() => setPassing({ rules: send.error?.rules ?? [], second: wantsSecond(send.error) })}>{m.requests_offer_override()}</Button> : undefined}
            />
          </div>
        )}
        {left > 0 && view.missing > 0 && <p className="border-b border-line px-4 py-2"><Status kind="caution" wrap>{untyped && lines.length === 0 ? m.requests_offer_untyped() : m.requests_offer_missing({ count: view.missing })}</Status></p>}
        {lines.length === 0 && (left <= 0 ? <p className="border-b border-line px-4 py-3 text-ink-2">{m.requests_offer_full()}</p> : view.leftOut.length === 0 && <Empty plain title={m.requests_offer_none()} />)}
        <ul className="m-0 list-none p-0">
          {lines.map((line) => (
            <li key={line.unit.id} className="grid grid-cols-[auto_290px_minmax(0,1fr)] items-start gap-x-3 gap-y-1 border-b border-line px-4 py-2.5 max-[900px]:grid-cols-[auto_minmax(0,1fr)]">
              <Checkbox
                isDisabled={!may("reserve_blood")}
                isSelected={isChosen(line)}
                onChange={(on) => { send.reset(); setSaid({ ...said, [line.unit.id]: on }); }}
              >
                <span className="hs-vh">{m.requests_offer_pick({ din: groupDin(line.unit.din) })}</span>
              </Checkbox>
              <UnitLines unit={line.unit} />
              <ul className="m-0 grid list-none gap-0.5 p-0 max-[900px]:col-start-2">
                {bad(line.unit.id) && <li><Status kind="critical" wrap>{m.requests_offer_incompatible({ time: momentWord(bad(line.unit.id)?.doneAt ?? "", place) })}</Status></li>}
                {line.reasons.map((r) => <li key={r.why}>{quiet(r.why) ? <span className="text-ink-2">{reasonWord(r, place)}</span> : <Status kind="notice" wrap>{reasonWord(r, place)}</Status>}</li>)}
                {line.cautions.map((code) => <li key={code}><Status kind="caution" wrap>{m.requests_offer_caution({ rule: ruleTitle(code, { ...subject, unit: line.unit }) })}</Status></li>)}
              </ul>
            </li>
          ))}
        </ul>
      </section>
      {out.length > 0 && (
        <section>
          <SectionHead
            title={m.requests_left_out({ count: view.leftOutTotal - hidden })}
            note={showOut && view.leftOutTotal > view.leftOut.length ? m.requests_left_shown({ shown: out.length, total: view.leftOutTotal }) : undefined}
            actions={<Button size="sm" aria-expanded={showOut} onPress={() => setShowOut(!showOut)}>{showOut ? m.requests_left_hide() : m.requests_left_show()}</Button>}
          />
          {showOut && byReason(out, place).map(([word, group]) => (
            <div key={word} role="group" aria-label={word}>
              <p className="m-0 flex flex-wrap items-center gap-x-3 border-b border-line bg-sunken px-4 py-1.5"><Status kind="inactive" wrap>{word}</Status> <span className="hs-meta">{m.requests_units_count({ count: group.length })}</span></p>
              <ul className="m-0 list-none p-0">
                {group.map((line) => (
                  <li key={line.unit.id} className="flex flex-wrap items-center gap-x-4 gap-y-0.5 border-b border-line px-4 py-1.5">
                    <UnitLine unit={line.unit} />
                    {line.reasons.every((r) => r.why === "not_needed") && may("reserve_blood") && <span className="ms-auto"><Button size="sm" onPress={() => { setAdded([...added, line]); setSaid({ ...said, [line.unit.id]: true }); }}>{m.requests_left_take()}<span className="hs-vh"> {groupDin(line.unit.din)}</span></Button></span>}
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </section>
      )}
      {passing && (
        <PassDialog
          rules={passing.rules}
          subject={subject}
          act={passing.rules.length > 0 ? m.requests_offer_override() : m.requests_offer_act({ count: units.length })}
          draftOf={row.id}
          units={picked.map((l) => groupDin(l.unit.din)).join(", ")}
          secondAsked={passing.second}
          onClose={() => { setPassing(null); send.reset(); }}
          send={(override, second) => send.mutateAsync({ ...request, override, second })}
          onDone={() => setPassing(null)}
          onOtherRules={(rules) => setPassing({ rules, second: passing.second })}
        />
      )}
    </>
  );
}

/** What is as it should be is ink on paper; what somebody may want to weigh has a shape. */
function quiet(why: ProposalLine["reasons"][number]["why"]): boolean {
  return why === "identical_group" || why === "compatible_group" || why === "oldest_first" || why === "meets_needs" || why === "held_for_this_patient";
}

/** The same sentence is said once, above the units that it is about; in the order in which the store gives them. */
function byReason(lines: ProposalLine[], place: { zone: string; now: string }): [string, ProposalLine[]][] {
  const groups = new Map<string, ProposalLine[]>();
  for (const line of lines) {
    const word = line.reasons.map((r) => reasonWord(r, place)).join(" ");
    groups.set(word, [...(groups.get(word) ?? []), line]);
  }
  return [...groups];
}
