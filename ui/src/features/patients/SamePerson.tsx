import { type FormEvent, useId, useRef, useState } from "react";
import { AppLink, ErrorBlock, useMay } from "../../app";
import { useSend } from "../../backend";
import { formatName, Identifier } from "../../clinical";
import { Button, Dialog, RadioGroup, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { PatientRow, PatientView, RecordLink } from "../../wire";
import { PatientChoice } from "../bloodbank/common";
import { KnownOf, Who } from "../requests/parts";
import { isThere, nobody, SecondPersonFields } from "./SecondPerson";

/** Above everything else of a record that another one of the same person has taken over. */
export function GivenWay({ to }: { to: RecordLink | undefined }) {
  if (!to) return null;
  return (
    <div role="status" className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line-2 bg-sunken px-4 py-2">
      <Status kind="critical" wrap>{m.patient_same_given_way()}</Status>
      <AppLink to={`/patients/${to.id}`} className="font-strong"><bdi>{to.name}</bdi> <Identifier>{to.hospitalNumber}</Identifier></AppLink>
      <span className="text-ink-2">{m.patient_same_given_way_text()}</span>
    </div>
  );
}

/** One person under two records: what was taken over, and the way to say so. */
export function SamePersonPanel({ patient }: { patient: PatientView }) {
  const may = useMay();
  const [open, setOpen] = useState(false);
  const others = patient.takenOver ?? [];
  const offered = may("record_blood_group") && !patient.belongsTo;
  if (!offered && others.length === 0) return null;
  return (
    <section className="grid justify-items-start gap-2 border-t border-line-2 px-4 py-3">
      {others.length > 0 && (
        <>
          <h2 className="m-0 text-lg">{m.patient_same_also()}</h2>
          <ul className="m-0 grid list-none gap-1 p-0">
            {others.map((o) => <li key={o.id}><AppLink to={`/patients/${o.id}`}><bdi>{o.name}</bdi> <Identifier>{o.hospitalNumber}</Identifier></AppLink></li>)}
          </ul>
        </>
      )}
      {offered && <Button size="sm" variant="quiet" className="-ms-[7px]" onPress={() => setOpen(true)}>{m.patient_same_open()}</Button>}
      {open && <SamePerson patient={patient} onClose={() => setOpen(false)} />}
    </section>
  );
}

function SamePerson({ patient, onClose }: { patient: PatientView; onClose(): void }) {
  const [other, setOther] = useState<PatientRow | null>(null);
  const [stays, setStays] = useState<"this" | "other" | null>(null);
  const [reason, setReason] = useState("");
  const [second, setSecond] = useState(nobody);
  const [tried, setTried] = useState(false);
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const send = useSend("patient.take_over", { onDone: onClose });
  const itself = other?.id === patient.id;
  const gone = other?.belongsTo;

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    if (!other || itself || gone) return;
    if (!stays) { form.current?.querySelector<HTMLElement>('[data-part="stays"] input')?.focus(); return; }
    const missing = !reason.trim() ? "reason" : !second.user.trim() ? "second" : !second.password ? "second-password" : null;
    if (missing) { form.current?.querySelector<HTMLElement>(`[name="${missing}"]`)?.focus(); return; }
    const [survivor, of] = stays === "this" ? [patient.id, other.id] : [other.id, patient.id];
    send.mutate({ patient: survivor, of, reason: reason.trim(), second: { ...second, user: second.user.trim() } });
  }
  const named = (p: Pick<PatientRow, "family" | "given" | "title" | "hospitalNumber">) => `${formatName(p)}, ${p.hospitalNumber}`;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      keepOpen
      size="lg"
      title={m.patient_same_title()}
      footer={<Button onPress={onClose}>{m.patient_cancel()}</Button>}
      footerEnd={other && !itself && !gone && <Button type="submit" form={id} variant="danger" pending={send.isPending}>{m.patient_same_submit()}</Button>}
    >
      {!other && <PatientChoice onChoose={setOther} autoFocus />}
      {other && (itself || gone) && (
        <div className="grid justify-items-start gap-2">
          <Status kind="caution" wrap>{itself ? m.patient_same_itself() : m.patient_same_gone({ record: gone ? `${gone.name} ${gone.hospitalNumber}` : "" })}</Status>
          <Button onPress={() => setOther(null)}>{m.patient_same_choose()}</Button>
        </div>
      )}
      {other && !itself && !gone && (
        <form ref={form} id={id} onSubmit={submit} noValidate className="grid gap-3">
          <div className="grid grid-cols-2 gap-3 max-[900px]:grid-cols-1">
            {[patient.id, other.id].map((one) => (
              <section key={one} className="min-w-0 border border-line-2 [&_.hs-banner>div]:border-s-0 [&_.hs-banner>div]:ps-0"><Who id={one} /><KnownOf id={one} /></section>
            ))}
          </div>
          <span><Button size="sm" variant="quiet" onPress={() => { setOther(null); setStays(null); }}>{m.patient_same_choose()}</Button></span>
          <div data-part="stays">
            <RadioGroup<"this" | "other">
              label={m.patient_same_stays()}
              stacked
              options={[{ id: "this", label: named(patient) }, { id: "other", label: named(other) }]}
              autoFocus
              value={stays}
              onChange={setStays}
              error={tried && !stays ? m.patient_same_need() : undefined}
            />
          </div>
          <p className="text-ink-2">{m.patient_same_text()}</p>
          <TextField name="reason" label={m.patient_same_reason()} hint={m.patient_same_hint()} value={reason} onChange={setReason} lines={2} error={tried && !reason.trim() ? m.patient_same_reason_need() : undefined} />
          <SecondPersonFields value={second} onChange={setSecond} tried={tried && !isThere(second)} />
          {send.error && <ErrorBlock error={send.error} />}
        </form>
      )}
    </Dialog>
  );
}
