import { type FormEvent, useId, useRef, useState } from "react";
import { ErrorBlock, useMay } from "../../app";
import { useSend } from "../../backend";
import { ClinicalDate, ClinicalTime, dayOf, formatName, Identifier, usePlace } from "../../clinical";
import { Button, Dialog, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { PatientView } from "../../wire";
import { MomentFields } from "../requests/parts";
import { readTime } from "../requests/time";
import { isThere, nobody, SecondPersonFields } from "./SecondPerson";

type Person = Pick<PatientView, "id" | "family" | "given" | "title" | "birthDate" | "hospitalNumber" | "died" | "belongsTo">;

/** A death, and the way back from one that was recorded by mistake. Quiet: nobody comes to this page for it often. */
export function DeathPanel({ patient }: { patient: Person }) {
  const may = useMay();
  const [open, setOpen] = useState(false);
  const mayRecord = may("transfuse") && !patient.belongsTo;
  if (!patient.died && !mayRecord) return null;
  return (
    <section className="grid justify-items-start gap-2 border-t border-line-2 px-4 py-3">
      {patient.died && (
        <>
          <h2 className="m-0 text-lg">{m.patient_deceased()}</h2>
          <p><ClinicalTime value={patient.died} always="date-time" /></p>
          <p className="text-ink-2">{m.patient_death_stopped()}</p>
        </>
      )}
      {mayRecord && <Button size="sm" variant="quiet" className="-ms-[7px]" onPress={() => setOpen(true)}>{patient.died ? m.patient_death_mistake() : m.patient_death_record()}</Button>}
      {open && (patient.died
        ? <Mistake patient={patient} died={patient.died} onClose={() => setOpen(false)} />
        : <Record patient={patient} onClose={() => setOpen(false)} />)}
    </section>
  );
}

/** Whom it is about, once more, where a slip costs most. */
function Who({ patient }: { patient: Person }) {
  return (
    <p className="grid gap-0.5 border border-line-2 p-2">
      <bdi className="font-strong [overflow-wrap:anywhere]">{formatName(patient)}</bdi>
      <span className="flex flex-wrap gap-x-3"><ClinicalDate value={patient.birthDate} /> <Identifier>{patient.hospitalNumber}</Identifier></span>
    </p>
  );
}

function Record({ patient, onClose }: { patient: Person; onClose(): void }) {
  const place = usePlace();
  const [day, setDay] = useState<string | null>(dayOf(place.now, place.zone) ?? null);
  const [time, setTime] = useState("");
  const [tried, setTried] = useState(false);
  const id = useId();
  const send = useSend("patient.died", { onDone: onClose });
  const clock = readTime(time);

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    if (day && clock) send.mutate({ patient: patient.id, wall: `${day}T${clock}` });
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      keepOpen
      title={m.patient_death_title()}
      footer={<Button onPress={onClose}>{m.patient_cancel()}</Button>}
      footerEnd={<Button type="submit" form={id} variant="danger" pending={send.isPending}>{m.patient_death_submit()}</Button>}
    >
      <form id={id} onSubmit={submit} noValidate className="grid gap-3">
        <Who patient={patient} />
        <MomentFields
          day={day}
          time={time}
          onDay={setDay}
          onTime={setTime}
          dayLabel={m.patient_death_day()}
          timeLabel={m.patient_death_time()}
          dayError={tried && !day ? m.patient_death_need() : undefined}
          timeError={tried && day && !clock ? m.patient_death_need() : undefined}
          autoFocus
        />
        <p className="text-ink-2">{m.patient_death_text()}</p>
        {send.error && <ErrorBlock error={send.error} />}
      </form>
    </Dialog>
  );
}

function Mistake({ patient, died, onClose }: { patient: Person; died: string; onClose(): void }) {
  const [reason, setReason] = useState("");
  const [second, setSecond] = useState(nobody);
  const [tried, setTried] = useState(false);
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const send = useSend("patient.died_withdraw", { onDone: onClose });

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    const missing = !reason.trim() ? "reason" : !second.user.trim() ? "second" : !second.password ? "second-password" : null;
    if (missing) form.current?.querySelector<HTMLElement>(`[name="${missing}"]`)?.focus();
    else send.mutate({ patient: patient.id, at: died, reason: reason.trim(), second: { ...second, user: second.user.trim() } });
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      keepOpen
      title={m.patient_death_mistake_title()}
      footer={<><Button type="submit" form={id} variant="primary" pending={send.isPending}>{m.patient_death_mistake_submit()}</Button><Button onPress={onClose}>{m.patient_cancel()}</Button></>}
    >
      <form ref={form} id={id} onSubmit={submit} noValidate className="grid gap-3">
        <Who patient={patient} />
        <p className="text-ink-2">{m.patient_death_mistake_text()}</p>
        <TextField name="reason" label={m.patient_death_mistake_reason()} hint={m.patient_death_mistake_hint()} value={reason} onChange={setReason} lines={2} error={tried && !reason.trim() ? m.patient_death_mistake_need() : undefined} autoFocus />
        <SecondPersonFields value={second} onChange={setSecond} tried={tried && !isThere(second)} text={m.patient_death_second()} />
        {send.error && <ErrorBlock error={send.error} />}
      </form>
    </Dialog>
  );
}
