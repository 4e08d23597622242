import { useState } from "react";
import { AppLink, useMay } from "../../app";
import { useSend } from "../../backend";
import { BloodGroup, ClinicalTime, componentName, DonationNumber, groupDin } from "../../clinical";
import { Button, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { AllocatedUnit, CrossmatchRow, RequestView, UnitRow } from "../../wire";
import { CrossmatchDialog } from "./CrossmatchDialog";
import { ReasonDialog } from "./parts";
import { antigenSign, methodWord, outcomeWord, own, whyWord, xmNeedWord } from "./words";

type Doing = { what: "crossmatch"; unit: AllocatedUnit } | { what: "back"; unit: UnitRow } | { what: "withdraw"; done: CrossmatchRow };

/** The units that are held for this request: what each still needs, and where that is recorded. */
export function Aside({ view, name }: { view: RequestView; name: string }) {
  const [doing, setDoing] = useState<Doing | null>(null);
  const stop = () => setDoing(null);
  const back = useSend("request.unallocate", { onDone: stop });
  const withdraw = useSend("crossmatch.withdraw", { onDone: stop });
  const { row } = view;
  if (view.allocated.length === 0 && row.status !== "open") return null;
  return (
    <section>
      <SectionHead title={m.requests_aside()} note={view.allocated.length > 0 ? m.requests_set_aside({ count: view.allocated.length }) : undefined} />
      {view.allocated.length === 0 ? <p className="border-b border-line px-4 py-3 text-ink-2">{m.requests_aside_none()}</p> : (
        <ul className="m-0 list-none p-0">
          {view.allocated.map((a) => <Held key={a.unit.id} held={a} patient={row.patient.id} critical={row.urgency === "emergency" || row.urgency === "massive"} onDoing={setDoing} />)}
        </ul>
      )}
      {doing?.what === "crossmatch" && <CrossmatchDialog held={doing.unit} patient={{ id: row.patient.id, name, number: row.patient.hospitalNumber, birthDate: row.patient.birthDate, group: view.group, sample: view.sample?.number }} onClose={stop} />}
      {doing?.what === "back" && <ReasonDialog title={m.requests_aside_back_title({ din: groupDin(doing.unit.din) })} text={m.requests_aside_back_text()} act={m.requests_aside_back()} pending={back.isPending} error={back.error} onClose={stop} onReason={(reason) => back.mutate({ request: row.id, unit: doing.unit.id, reason })} />}
      {doing?.what === "withdraw" && <ReasonDialog title={m.requests_xm_withdraw_title()} text={m.requests_xm_withdraw_text()} act={m.requests_xm_withdraw()} danger pending={withdraw.isPending} error={withdraw.error} onClose={stop} onReason={(reason) => withdraw.mutate({ crossmatch: doing.done.id, reason })} />}
    </section>
  );
}

/** A unit in three columns: what it is, what it needs and has, what can be done. */
function Held({ held, patient, critical, onDoing }: { held: AllocatedUnit; patient: string; critical: boolean; onDoing(doing: Doing): void }) {
  const may = useMay();
  const { unit, needed, crossmatch } = held;
  const testable = needed.need.kind === "method" && may("crossmatch");
  const bad = crossmatch?.outcome === "incompatible" && crossmatch.withdrawn === null;
  const withdraw = crossmatch && may("crossmatch") && crossmatch.withdrawn === null ? () => onDoing({ what: "withdraw", done: crossmatch }) : undefined;
  const hidden = <span className="hs-vh"> {groupDin(unit.din)}</span>;
  return (
    <li id={`aside-${unit.id}`} tabIndex={-1} className="grid grid-cols-[290px_minmax(0,1fr)_auto] items-start gap-x-4 gap-y-2 border-b border-line px-4 py-2.5 max-[900px]:grid-cols-1">
      <UnitLines unit={unit} />
      <span className="grid min-w-0 justify-items-start gap-1">
        {bad && crossmatch && <Done done={crossmatch} onWithdraw={withdraw} />}
        {held.ready ? <Status kind="good">{m.requests_aside_ready()}</Status> : <Status kind={needed.need.kind === "emergency_only" || needed.need.kind === "new_sample" ? "caution" : "notice"} wrap>{xmNeedWord(needed.need)}</Status>}
        {needed.groupOOnly && unit.group.abo !== "O" && <Status kind="critical" wrap>{m.requests_xm_group_o()}</Status>}
        {needed.medicalReview && <Status kind="caution" wrap>{m.requests_xm_review()}</Status>}
        {needed.antigenNegative.length > 0 && <Status kind="caution" wrap>{m.requests_xm_lacking({ antigens: needed.antigenNegative.map(antigenSign).join(", ") })}</Status>}
        {!held.ready && needed.why.length > 0 && <span className="hs-meta">{needed.why.map(whyWord).join(" · ")}</span>}
        {!bad && crossmatch && <Done done={crossmatch} onWithdraw={withdraw} />}
      </span>
      <span className="flex flex-wrap justify-end gap-2">
        {held.ready && may("issue_blood") && <AppLink to="/blood/issue" search={{ patient, unit: unit.id }} className="hs-btn">{m.requests_aside_issue()}{hidden}</AppLink>}
        {/* Where it cannot wait, the counter has a way of its own, with a physician's order. */}
        {!held.ready && !bad && critical && may("issue_blood") && <AppLink to="/blood/issue" search={{ patient, unit: unit.id }} className="hs-btn">{m.requests_aside_emergency()}{hidden}</AppLink>}
        {testable && <Button variant={held.ready || crossmatch ? "secondary" : "primary"} onPress={() => onDoing({ what: "crossmatch", unit: held })}>{crossmatch ? m.requests_xm_again() : m.requests_xm_record()}{hidden}</Button>}
        {may("reserve_blood") && <Button variant={bad ? "primary" : "quiet"} onPress={() => onDoing({ what: "back", unit })}>{m.requests_aside_back()}{hidden}</Button>}
      </span>
    </li>
  );
}

/** A unit in one line, in long lists. */
export function UnitLine({ unit }: { unit: UnitRow }) {
  return (
    <>
      <AppLink to={`/blood/unit/${unit.id}`} className="text-ink hover:text-accent"><DonationNumber din={unit.din} check={unit.check} /></AppLink>
      <span className="min-w-[120px]"><BloodGroup group={unit.group} size="sm" /></span>
      <span className="hs-meta">{m.requests_expires()} <ClinicalTime value={unit.expiresAt} always="date-time" /></span>
      <span className="hs-meta [overflow-wrap:anywhere]">{unit.place}</span>
    </>
  );
}

export function UnitLines({ unit }: { unit: UnitRow }) {
  return (
    <span className="grid min-w-0 gap-1">
      <span className="flex flex-wrap items-center gap-x-3">
        <AppLink to={`/blood/unit/${unit.id}`} className="text-ink hover:text-accent"><DonationNumber din={unit.din} check={unit.check} /></AppLink>
        <BloodGroup group={unit.group} size="sm" />
      </span>
      <span className="hs-meta">{componentName(unit.component)} · {m.requests_expires()} <ClinicalTime value={unit.expiresAt} always="date-time" /></span>
      <span className="hs-meta [overflow-wrap:anywhere]">{unit.place}</span>
    </span>
  );
}

/** A crossmatch that was done: by whom, on which tube, until when it counts. */
export function Done({ done, onWithdraw }: { done: CrossmatchRow; onWithdraw?: () => void }) {
  const bad = done.outcome === "incompatible";
  return (
    <span className="grid justify-items-start gap-0.5">
      <Status kind={done.withdrawn !== null ? "inactive" : bad ? "critical" : "good"} wrap>{m.requests_xm_done({ method: methodWord(done.method), outcome: outcomeWord(done.outcome) })}</Status>
      {done.withdrawn !== null && <span className="hs-meta">{m.requests_xm_withdrawn({ reason: own(done.withdrawn) })}</span>}
      <span className="hs-meta">
        <ClinicalTime value={done.doneAt} /> · {m.requests_xm_by({ name: own(done.by), sample: own(done.sample) })}
        {done.retrospective && <> · {m.requests_xm_retro()}</>}
        {done.withdrawn === null && !bad && <> · {m.requests_xm_until()} <ClinicalTime value={done.validUntil} always="date-time" /></>}
        {onWithdraw && <Button size="sm" variant="quiet" onPress={onWithdraw}>{m.requests_xm_withdraw()}</Button>}
      </span>
    </span>
  );
}
