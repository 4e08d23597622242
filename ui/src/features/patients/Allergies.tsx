import { type FormEvent, useId, useRef, useState } from "react";
import { ErrorBlock, useMay } from "../../app";
import { useSend } from "../../backend";
import { AllergyHeading, ClinicalDate } from "../../clinical";
import { Button, Checkbox, Dialog, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Allergy, PatientView } from "../../wire";

/** Exactly four headings, and each says what it means: the absence of data never looks like the absence of an allergy. */
export function AllergiesPanel({ patient }: { patient: Pick<PatientView, "id" | "allergies" | "belongsTo"> }) {
  const { allergies } = patient;
  const may = useMay();
  const [open, setOpen] = useState<"substance" | "none" | null>(null);
  // "None known" is no answer where one is known, and none where the record cannot be read.
  const mayDeny = allergies.state === "not_recorded";
  return (
    <section className="grid gap-2 border-b border-line-2 px-4 py-3">
      <h2 className="m-0 text-lg [&_.hs-status]:text-lg"><AllergyHeading allergies={allergies} /></h2>
      {allergies.state === "known" && (
        <ul className="m-0 grid list-none p-0">
          {inOrder(allergies.list).map((a) => (
            <li key={`${a.substance} ${a.recordedAt}`} className="grid gap-0.5 border-line py-2 not-first:border-t">
              <span className="flex flex-wrap items-center gap-x-1.5">{a.severe && <Status kind="critical">{m.patient_allergy_severe()}</Status>}<bdi className="font-strong [overflow-wrap:anywhere]">{a.substance}</bdi></span>
              <span className="text-ink-2 [overflow-wrap:anywhere]">{a.reaction ?? m.patient_allergy_reaction_unknown()}</span>
              <span className="hs-meta">{m.patient_allergy_recorded()} <ClinicalDate value={a.recordedAt} /></span>
            </li>
          ))}
        </ul>
      )}
      {allergies.state === "none_known" && <p className="text-ink-2">{m.patient_allergies_none_text()}</p>}
      {allergies.state === "not_recorded" && <p className="text-ink-2">{m.patient_allergies_not_recorded_text()}</p>}
      {allergies.state === "unavailable" && <p className="text-ink-2">{m.patient_allergies_unavailable_text()}</p>}
      {may("record_allergies") && !patient.belongsTo && allergies.state !== "unavailable" && (
        <div className="flex flex-wrap gap-2">
          <Button size="sm" icon="plus" onPress={() => setOpen("substance")}>{m.patient_allergy_add()}</Button>
          {mayDeny && <Button size="sm" onPress={() => setOpen("none")}>{m.patient_allergy_none()}</Button>}
        </div>
      )}
      {open === "substance" && <AddAllergy patient={patient.id} onClose={() => setOpen(null)} />}
      {open === "none" && <NoneKnown patient={patient.id} onClose={() => setOpen(null)} />}
    </section>
  );
}

function inOrder(list: readonly Allergy[]): Allergy[] {
  return [...list].sort((a, b) => Number(b.severe) - Number(a.severe) || a.substance.localeCompare(b.substance));
}

function AddAllergy({ patient, onClose }: { patient: string; onClose(): void }) {
  const [substance, setSubstance] = useState("");
  const [reaction, setReaction] = useState("");
  const [severe, setSevere] = useState(false);
  const [tried, setTried] = useState(false);
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const send = useSend("patient.allergy", { onDone: onClose });

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    if (!substance.trim()) { form.current?.querySelector("input")?.focus(); return; }
    send.mutate({ patient, entry: { kind: "substance", substance: substance.trim(), reaction: reaction.trim() || null, severe } });
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      keepOpen
      size="sm"
      title={m.patient_allergy_dialog()}
      footer={<><Button type="submit" form={id} variant="primary" pending={send.isPending}>{m.patient_allergy_submit()}</Button><Button onPress={onClose}>{m.patient_cancel()}</Button></>}
    >
      <form ref={form} id={id} onSubmit={submit} noValidate className="grid gap-3">
        <TextField label={m.patient_allergy_substance()} hint={m.patient_allergy_substance_hint()} value={substance} onChange={setSubstance} error={tried && !substance.trim() ? m.patient_allergy_need() : undefined} autoFocus autoComplete="off" />
        <TextField label={m.patient_allergy_reaction()} hint={m.patient_allergy_reaction_hint()} value={reaction} onChange={setReaction} autoComplete="off" />
        <Checkbox isSelected={severe} onChange={setSevere} sub={m.patient_allergy_is_severe_sub()}>{m.patient_allergy_is_severe()}</Checkbox>
        {send.error && <ErrorBlock error={send.error} />}
      </form>
    </Dialog>
  );
}

function NoneKnown({ patient, onClose }: { patient: string; onClose(): void }) {
  const send = useSend("patient.allergy", { onDone: onClose });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      size="sm"
      title={m.patient_allergy_none_dialog()}
      footer={<><Button variant="primary" pending={send.isPending} onPress={() => send.mutate({ patient, entry: { kind: "none_known" } })}>{m.patient_allergy_none_submit()}</Button><Button autoFocus onPress={onClose}>{m.patient_cancel()}</Button></>}
    >
      <p>{m.patient_allergy_none_dialog_text()}</p>
      {send.error && <ErrorBlock error={send.error} />}
    </Dialog>
  );
}
