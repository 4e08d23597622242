import { type FormEvent, useId, useRef, useState } from "react";
import { ErrorBlock, useMay } from "../../app";
import { useSend } from "../../backend";
import { BloodGroup } from "../../clinical";
import { Button, Checkbox, Dialog, RadioGroup, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Abo, PatientView, Rhd } from "../../wire";
import { Determinations } from "./Determinations";
import { isThere, nobody, SecondPersonFields } from "./SecondPerson";

/** What is known of the group, and what follows from it for the next bag. */
export function GroupPanel({ patient }: { patient: Pick<PatientView, "id" | "group" | "determinations" | "antiDEver" | "belongsTo"> }) {
  const { group, antiDEver } = patient;
  const may = useMay();
  const [open, setOpen] = useState(false);
  return (
    <section className="grid justify-items-start gap-2 border-b border-line-2 px-4 py-3">
      <h2 className="m-0 text-lg">{m.patient_group()}</h2>
      {group.state === "unknown" && <><Status kind="inactive" wrap>{m.patient_group_unknown()}</Status><p className="text-ink-2">{m.patient_group_unknown_text()}</p></>}
      {group.state === "once" && <><BloodGroup group={group.group} size="lg" /><Status kind="caution" wrap>{m.patient_group_once()}</Status><p className="text-ink-2">{m.patient_group_once_text()}</p></>}
      {group.state === "confirmed" && <><BloodGroup group={group.group} size="lg" /><p className="text-ink-2"><b>{m.patient_group_confirmed()}</b> {m.patient_group_confirmed_text()}</p></>}
      {group.state === "conflict" && (
        <>
          <Status kind="critical" wrap>{m.patient_group_conflict()}</Status>
          <div className="flex flex-wrap gap-x-6 gap-y-1">{group.groups.map((g) => <BloodGroup key={`${g.abo} ${g.rhd}`} group={g} />)}</div>
          <p className="text-ink-2">{m.patient_group_conflict_text()}</p>
        </>
      )}
      {antiDEver && <Status kind="caution" wrap>{m.patient_group_anti_d()}</Status>}
      <Determinations patient={patient} />
      {may("record_blood_group") && !patient.belongsTo && <Button size="sm" icon="plus" onPress={() => setOpen(true)}>{m.patient_group_record()}</Button>}
      {open && <RecordGroup patient={patient.id} onClose={() => setOpen(false)} />}
    </section>
  );
}

function RecordGroup({ patient, onClose }: { patient: string; onClose(): void }) {
  const [sample, setSample] = useState("");
  const [abo, setAbo] = useState<Abo | null>(null);
  const [rhd, setRhd] = useState<Rhd | null>(null);
  const [antiD, setAntiD] = useState(false);
  const [tried, setTried] = useState(false);
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  // Once asked for, the second person's fields stay, whatever the next answer is.
  const [asked, setAsked] = useState(false);
  const [second, setSecond] = useState(nobody);
  const send = useSend("patient.group", { onDone: onClose });

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    if (!sample.trim()) { form.current?.querySelector<HTMLElement>('input[name="sample"]')?.focus(); return; }
    if (!abo || !rhd) { form.current?.querySelector<HTMLElement>(`[data-part="${abo ? "rhd" : "abo"}"] input`)?.focus(); return; }
    if (asked && !isThere(second)) { form.current?.querySelector<HTMLElement>('[name="second"]')?.focus(); return; }
    send.mutate({ patient, group: { abo, rhd }, sample: sample.trim(), antiD, second: asked ? { ...second, user: second.user.trim() } : null }, {
      onError: (error) => {
        if (error.code === "second_person_needed") { setAsked(true); setTried(false); }
      },
    });
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      keepOpen
      title={m.patient_group_dialog()}
      footer={<><Button type="submit" form={id} variant="primary" pending={send.isPending}>{m.patient_group_submit()}</Button><Button onPress={onClose}>{m.patient_cancel()}</Button></>}
    >
      <form ref={form} id={id} onSubmit={submit} noValidate className="grid gap-3">
        <p className="text-ink-2">{m.patient_group_dialog_text()}</p>
        <TextField name="sample" mono label={m.patient_group_sample()} hint={m.patient_group_sample_hint()} value={sample} onChange={setSample} error={tried && !sample.trim() ? m.patient_group_need_sample() : undefined} autoFocus autoComplete="off" />
        <div data-part="abo"><RadioGroup<Abo> label={m.patient_group_abo()} options={(["O", "A", "B", "AB"] as const).map((a) => ({ id: a, label: a }))} value={abo} onChange={setAbo} error={tried && !abo ? m.patient_group_need_abo() : undefined} /></div>
        <div data-part="rhd"><RadioGroup<Rhd> label={m.patient_group_rhd()} options={[{ id: "negative", label: m.patient_rhd_negative() }, { id: "positive", label: m.patient_rhd_positive() }]} value={rhd} onChange={setRhd} error={tried && !rhd ? m.patient_group_need_rhd() : undefined} /></div>
        {abo && rhd && <div role="status"><BloodGroup group={{ abo, rhd }} size="xl" /></div>}
        <Checkbox isSelected={antiD} onChange={setAntiD}>{m.patient_group_found_anti_d()}</Checkbox>
        {asked && <SecondPersonFields value={second} onChange={setSecond} tried={tried} text={m.patient_second_confirm()} />}
        {send.error && send.error.code !== "second_person_needed" && <ErrorBlock error={send.error} />}
      </form>
    </Dialog>
  );
}
