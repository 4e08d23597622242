import { type FormEvent, useId, useRef, useState } from "react";
import { ErrorBlock, useMay } from "../../app";
import { useSend } from "../../backend";
import { BloodGroup, ClinicalTime } from "../../clinical";
import { Button, Dialog, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { GroupResult, PatientView } from "../../wire";
import { isThere, nobody, SecondPersonFields } from "./SecondPerson";

/** Every result with who recorded it. One that was entered in error stays here and says so. */
export function Determinations({ patient }: { patient: Pick<PatientView, "id" | "determinations" | "belongsTo"> }) {
  const may = useMay();
  const [taking, setTaking] = useState<GroupResult | null>(null);
  if (patient.determinations.length === 0) return null;
  return (
    <>
      <ul aria-label={m.patient_group_results()} className="m-0 grid w-full list-none gap-1.5 p-0">
        {patient.determinations.map((d) => (
          <li key={d.nth} className="grid gap-0.5 border-t border-line pt-1.5">
            <span className="flex flex-wrap items-center gap-x-2">
              {d.withdrawn ? <s><BloodGroup group={d.group} size="sm" /></s> : <BloodGroup group={d.group} size="sm" />}
              <bdi className="hs-mono">{d.sample}</bdi>
            </span>
            <span className="hs-meta"><ClinicalTime value={d.at} always="date-time" /> {m.patient_group_by({ name: d.by })}</span>
            {d.withdrawn ? (
              <>
                <Status kind="inactive" wrap>{m.patient_group_withdrawn({ reason: d.withdrawn.reason })}</Status>
                <span className="hs-meta"><ClinicalTime value={d.withdrawn.at} always="date-time" /> {d.withdrawn.second ? m.patient_group_withdrawn_by({ name: d.withdrawn.by, second: d.withdrawn.second }) : d.withdrawn.by}</span>
              </>
            ) : may("record_blood_group") && !patient.belongsTo && (
              <span><Button size="sm" variant="quiet" aria-label={m.patient_group_withdraw_of({ sample: d.sample })} onPress={() => setTaking(d)}>{m.patient_group_withdraw()}</Button></span>
            )}
          </li>
        ))}
      </ul>
      {taking && <TakeBack patient={patient.id} result={taking} onClose={() => setTaking(null)} />}
    </>
  );
}

function TakeBack({ patient, result, onClose }: { patient: string; result: GroupResult; onClose(): void }) {
  const [reason, setReason] = useState("");
  const [second, setSecond] = useState(nobody);
  const [tried, setTried] = useState(false);
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const send = useSend("patient.group_withdraw", { onDone: onClose });

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    const missing = !reason.trim() ? "reason" : !second.user.trim() ? "second" : !second.password ? "second-password" : null;
    if (missing) form.current?.querySelector<HTMLElement>(`[name="${missing}"]`)?.focus();
    else send.mutate({ patient, nth: result.nth, at: result.at, reason: reason.trim(), second: { ...second, user: second.user.trim() } });
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      keepOpen
      title={m.patient_group_withdraw_title({ sample: result.sample })}
      footer={<><Button type="submit" form={id} variant="danger" pending={send.isPending}>{m.patient_group_withdraw_submit()}</Button><Button onPress={onClose}>{m.patient_cancel()}</Button></>}
    >
      <form ref={form} id={id} onSubmit={submit} noValidate className="grid gap-3">
        <BloodGroup group={result.group} size="lg" />
        <p className="text-ink-2">{m.patient_group_withdraw_text()}</p>
        <TextField name="reason" label={m.patient_group_withdraw_reason()} hint={m.patient_group_withdraw_hint()} value={reason} onChange={setReason} lines={2} error={tried && !reason.trim() ? m.patient_group_withdraw_need() : undefined} autoFocus />
        <SecondPersonFields value={second} onChange={setSecond} tried={tried && !isThere(second)} />
        {send.error && <ErrorBlock error={send.error} />}
      </form>
    </Dialog>
  );
}
