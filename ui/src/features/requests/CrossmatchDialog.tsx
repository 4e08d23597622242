import { useState } from "react";
import { fitting, useDraft } from "../../app";
import { useSend } from "../../backend";
import { BloodGroup, ClinicalDate, dayOf, Identifier, Quadrant, Quadrants, UnitLabel, usePlace } from "../../clinical";
import { BigChoice, RadioGroup, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { AllocatedUnit, CrossmatchMethod, CrossmatchOutcome, GroupState } from "../../wire";
import { Ask, MomentFields, refusal } from "./parts";
import { readTime } from "./time";
import { antigenSign, conditionOpen, methods, methodWord, whyWord, xmNeedWord } from "./words";

export interface XmPatient { id: string; name: string; number: string; birthDate: string | null; group: GroupState; sample?: string }

/** One crossmatch: the unit and the patient side by side, the method, the result in two large choices. */
export function CrossmatchDialog({ held, patient, onClose }: { held: Pick<AllocatedUnit, "unit" | "needed">; patient: XmPatient; onClose(): void }) {
  const place = usePlace();
  const { unit, needed } = held;
  const least: CrossmatchMethod = needed.need.kind === "method" ? needed.need.method : "ahg";
  const [method, setMethod] = useState<CrossmatchMethod>(least);
  const [outcome, setOutcome] = useState<CrossmatchOutcome | null>(null);
  const [late, setLate] = useState<"now" | "earlier">("now");
  const [day, setDay] = useState<string | null>(() => dayOf(place.now, place.zone));
  const [time, setTime] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("crossmatch.record", { onDone: () => { draft.done(); onClose(); } });
  const begun = outcome !== null || method !== least || late === "earlier";
  const draft = useDraft(`crossmatch/${patient.id}/${unit.id}`, begun ? { method, outcome: outcome ?? "", late, day, time } : null, (kept) => {
    const was = fitting({ method: "", outcome: "", late: "", day: null as string | null, time: "" }, kept);
    // The rule may have become stricter since: what is no longer enough is not taken over.
    setMethod(offered.find((x) => x === was.method) ?? least);
    setOutcome(was.outcome === "compatible" || was.outcome === "incompatible" ? was.outcome : null);
    setLate(was.late === "earlier" ? "earlier" : "now");
    if (was.day !== null) setDay(was.day);
    setTime(was.time);
  });
  const clock = readTime(time);
  const ready = outcome !== null && (late === "now" || (day !== null && clock !== null));
  // What is weaker than needed is not offered; the electronic one only where its conditions hold.
  const offered = methods.filter((x) => methods.indexOf(x) >= methods.indexOf(least));
  const known = patient.group.state === "once" || patient.group.state === "confirmed" ? patient.group.group : null;
  return (
    <Ask
      size="lg"
      title={m.requests_xm_record()}
      act={m.requests_xm_save()}
      pending={send.isPending}
      error={refusal(send.error)}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (ready && outcome) send.mutate({ patient: patient.id, unit: unit.id, method, outcome, doneWall: late === "now" ? null : `${day}T${clock}` });
      }}
    >
      {draft.offer}
      <div className="grid grid-cols-2 gap-3 max-[800px]:grid-cols-1">
        <Quadrants
          kind="patient"
          label={m.requests_col_patient()}
          cells={[
            <Quadrant key="n" heading={m.requests_col_patient()} value={<bdi className="[overflow-wrap:anywhere]">{patient.name}</bdi>}><span className="hs-k"><ClinicalDate value={patient.birthDate} /></span></Quadrant>,
            known ? <BloodGroup key="g" group={known} size="xl" /> : <Status key="g" kind="caution" wrap>{m.requests_card_unknown()}</Status>,
            <span key="i" className="grid justify-items-start gap-1"><Identifier>{patient.number}</Identifier>{patient.sample && <span className="hs-k">{m.requests_sample()} <Identifier>{patient.sample}</Identifier></span>}</span>,
            <Status key="x" kind="notice" wrap>{xmNeedWord(needed.need)}</Status>,
          ]}
        />
        <UnitLabel din={unit.din} check={unit.check} group={unit.group} component={unit.component} productCode={unit.productCode} expires={unit.expiresAt} place={unit.place} />
      </div>
      {needed.antigenNegative.length > 0 && <Status kind="caution" wrap>{m.requests_xm_lacking({ antigens: needed.antigenNegative.map(antigenSign).join(", ") })}</Status>}
      <div className="grid grid-cols-2 gap-4 max-[800px]:grid-cols-1">
        <div className="grid content-start gap-2">
          <RadioGroup stacked label={m.requests_xm_method()} options={offered.map((id) => ({ id, label: methodWord(id) }))} value={method} onChange={setMethod} hint={needed.why.map(whyWord).join(" · ")} />
          {needed.failed.length > 0 && (
            <details className="text-ink-2">
              <summary className="cursor-default py-1 text-accent">{m.requests_cond_title()}</summary>
              <ul className="m-0 grid gap-px ps-5">{needed.failed.map((c) => <li key={c}>{conditionOpen(c)}</li>)}</ul>
            </details>
          )}
        </div>
        <BigChoice<CrossmatchOutcome>
          autoFocus
          label={m.requests_xm_outcome()}
          options={[{ id: "compatible", label: m.requests_xm_compatible(), sub: m.requests_xm_compatible_sub() }, { id: "incompatible", label: m.requests_xm_incompatible(), sub: m.requests_xm_incompatible_sub() }]}
          value={outcome}
          onChange={setOutcome}
          error={tried && outcome === null ? m.requests_xm_need_outcome() : undefined}
        />
      </div>
      <RadioGroup label={m.requests_xm_when()} options={[{ id: "now", label: m.requests_xm_now() }, { id: "earlier", label: m.requests_xm_earlier() }]} value={late} onChange={setLate} />
      {late === "earlier" && <MomentFields day={day} time={time} onDay={setDay} onTime={setTime} dayLabel={m.requests_date()} timeLabel={m.requests_time()} dayError={tried && !day ? m.requests_date_need() : undefined} timeError={tried && clock === null ? m.requests_time_need() : undefined} />}
    </Ask>
  );
}
