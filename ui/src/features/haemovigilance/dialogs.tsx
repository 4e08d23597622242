import { useState } from "react";
import { useCommand, useSend } from "../../backend";
import { ClinicalTime, componentName, DonationNumber, formatName, Identifier } from "../../clinical";
import { Button, Checkbox, NumberField, RadioGroup, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { CaseStep, CaseView, PatientRow, Imputability, ReactionCategory, ReactionSeverity, ReactionSign } from "../../wire";
import { PatientChoice } from "../bloodbank/common";
import { Ask, refusal } from "../requests/parts";
import { caseSteps, categories, categoryWord, imputabilities, imputabilityWord, noFindings, reaching, severities, severityWord, signs, signWord, stepWord } from "./words";

interface Of { id: string; onClose(): void }

/** Nothing that was found is taken back, so only more can be added. */
export function FindDialog({ id, onClose }: Of) {
  const [chosen, setChosen] = useState<ReactionSign[]>([]);
  const [overload, setOverload] = useState<number | null>(null);
  const [tried, setTried] = useState(false);
  const send = useSend("case.find", { onDone: onClose });
  const any = chosen.length > 0 || (overload ?? 0) > 0;
  return (
    <Ask title={m.haemovigilance_find()} act={m.haemovigilance_find_save()} keep={m.haemovigilance_cancel()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (any) send.mutate({ case: id, findings: { ...noFindings, overloadSigns: overload ?? 0, signs: chosen } }); }}>
      <fieldset className="m-0 grid grid-cols-2 gap-2 border-0 p-0 max-[700px]:grid-cols-1">
        <legend className="hs-vh">{m.haemovigilance_findings()}</legend>
        {signs.map((sign, n) => <Checkbox key={sign} autoFocus={n === 0} isSelected={chosen.includes(sign)} onChange={(on) => setChosen((all) => (on ? [...all, sign] : all.filter((s) => s !== sign)))}>{signWord(sign)}</Checkbox>)}
      </fieldset>
      <NumberField label={m.haemovigilance_overload_field()} unit="" min={0} max={5} value={overload} onChange={setOverload} />
      {tried && !any && <div role="alert"><Status kind="critical" wrap>{m.haemovigilance_find_need()}</Status></div>}
    </Ask>
  );
}

export function SuspectDialog({ id, onClose }: Of) {
  const [category, setCategory] = useState<ReactionCategory | null>(null);
  const [tried, setTried] = useState(false);
  const send = useSend("case.suspect", { onDone: onClose });
  return (
    <Ask title={m.haemovigilance_suspect_title()} act={m.haemovigilance_suspect_save()} keep={m.haemovigilance_cancel()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (category) send.mutate({ case: id, category }); }}>
      <p className="text-ink-2">{m.haemovigilance_suspect_text()}</p>
      <RadioGroup stacked label={m.haemovigilance_suspect_which()} options={reaching.map((c) => ({ id: c, label: categoryWord(c) }))} value={category} onChange={setCategory} error={tried && !category ? m.haemovigilance_judge_need() : undefined} autoFocus />
    </Ask>
  );
}

/** The step that is missing first is chosen already. */
export function StepDialog({ view, onClose }: { view: CaseView; onClose(): void }) {
  const [step, setStep] = useState<CaseStep>(view.row.missing[0] ?? "culture");
  const [result, setResult] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("case.step", { onDone: onClose });
  return (
    <Ask title={m.haemovigilance_step_title()} act={m.haemovigilance_step_save()} keep={m.haemovigilance_cancel()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (result.trim()) send.mutate({ case: view.row.id, step, result: result.trim() }); }}>
      <RadioGroup stacked label={m.haemovigilance_step_which()} options={caseSteps.filter((s) => s !== "reported" || view.row.mustNotify).map((s) => ({ id: s, label: stepWord(s) }))} value={step} onChange={setStep} autoFocus />
      <TextField label={step === "reported" ? m.haemovigilance_step_report() : m.haemovigilance_step_result()} value={result} onChange={setResult} lines={2} error={tried && !result.trim() ? m.haemovigilance_step_result_need() : undefined} />
    </Ask>
  );
}

/** The first proposal is not chosen for anybody: a person judges. */
export function JudgeDialog({ view, onClose }: { view: CaseView; onClose(): void }) {
  const known = view.judgement;
  const [category, setCategory] = useState<ReactionCategory | null>(known?.category ?? null);
  const [severity, setSeverity] = useState<ReactionSeverity | null>(known?.severity ?? null);
  const [imputability, setImputability] = useState<Imputability | null>(known?.imputability ?? null);
  const [tried, setTried] = useState(false);
  const send = useSend("case.classify", { onDone: onClose });
  const need = (there: unknown) => (tried && !there ? m.haemovigilance_judge_need() : undefined);
  return (
    <Ask title={m.haemovigilance_judge_title()} act={m.haemovigilance_judge_save()} keep={m.haemovigilance_cancel()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (category && severity && imputability) send.mutate({ case: view.row.id, category, severity, imputability }); }}>
      <Select<ReactionCategory> label={m.haemovigilance_judge_category()} options={categories.map((c) => ({ id: c, label: categoryWord(c) }))} value={category} onChange={setCategory} error={need(category)} autoFocus />
      <RadioGroup stacked label={m.haemovigilance_judge_severity()} options={severities.map((s) => ({ id: s, label: severityWord(s) }))} value={severity} onChange={setSeverity} error={need(severity)} />
      <RadioGroup stacked label={m.haemovigilance_judge_imputability()} options={imputabilities.map((i) => ({ id: i, label: imputabilityWord(i) }))} value={imputability} onChange={setImputability} error={need(imputability)} />
    </Ask>
  );
}

export function ReopenDialog({ id, onClose }: Of) {
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("case.reopen", { onDone: onClose });
  return (
    <Ask title={m.haemovigilance_reopen()} act={m.haemovigilance_reopen_save()} keep={m.haemovigilance_cancel()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (reason.trim()) send.mutate({ case: id, reason: reason.trim() }); }}>
      <TextField label={m.haemovigilance_reopen_reason()} value={reason} onChange={setReason} lines={2} autoFocus error={tried && !reason.trim() ? m.haemovigilance_reopen_need() : undefined} />
    </Ask>
  );
}

/** What showed itself without a transfusion that runs: a reaction after days, or an incident. Never a near miss by hand. */
const opening = categories.filter((c) => c !== "near_miss");

/** A case by hand: whose, about which bags, what was seen, and what it may be. */
export function OpenDialog({ onClose, onDone }: { onClose(): void; onDone(id: string): void }) {
  const [patient, setPatient] = useState<PatientRow | null>(null);
  const [units, setUnits] = useState<string[]>([]);
  const [category, setCategory] = useState<ReactionCategory | null>(null);
  const [chosen, setChosen] = useState<ReactionSign[]>([]);
  const [tried, setTried] = useState(false);
  const record = useCommand("blood.record", { id: patient?.id ?? "" }, { enabled: patient !== null });
  const send = useSend("case.open", { onDone: (made) => onDone(made.id) });
  const had = record.data?.issues.filter((i) => i.status !== "returned") ?? [];
  const ready = patient !== null && category !== null;
  return (
    <Ask size="lg" title={m.haemovigilance_new()} act={m.haemovigilance_new_save()} keep={m.haemovigilance_cancel()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (ready) send.mutate({ transfusion: null, patient: patient.id, units, findings: { ...noFindings, signs: chosen }, suspected: [category] }); }}>
      <p className="text-ink-2">{m.haemovigilance_new_text()}</p>
      {patient
        ? <p className="flex flex-wrap items-center gap-3 text-lg"><b><bdi>{formatName(patient)}</bdi></b> <Identifier>{patient.hospitalNumber}</Identifier> <Button size="sm" onPress={() => { setPatient(null); setUnits([]); }}>{m.haemovigilance_new_other()}</Button></p>
        : <PatientChoice onChoose={setPatient} autoFocus />}
      {tried && !patient && <div role="alert"><Status kind="critical" wrap>{m.haemovigilance_new_patient_need()}</Status></div>}
      {patient && record.data && (
        <fieldset className="m-0 grid gap-2 border-0 p-0">
          <legend className="font-strong">{m.haemovigilance_new_bags()}</legend>
          {had.length === 0 && <p className="text-ink-2">{m.haemovigilance_new_bags_none()}</p>}
          {had.map((i) => <Checkbox key={i.id} isSelected={units.includes(i.unit.id)} onChange={(on) => setUnits((all) => (on ? [...all, i.unit.id] : all.filter((u) => u !== i.unit.id)))}><span className="flex flex-wrap items-center gap-x-3"><DonationNumber din={i.unit.din} check={i.unit.check} /><span>{componentName(i.unit.component)}</span><span className="hs-meta"><ClinicalTime value={i.at} always="date-time" /></span></span></Checkbox>)}
        </fieldset>
      )}
      <Select<ReactionCategory> label={m.haemovigilance_new_category()} options={opening.map((c) => ({ id: c, label: categoryWord(c) }))} value={category} onChange={setCategory} error={tried && !category ? m.haemovigilance_judge_need() : undefined} />
      <fieldset className="m-0 grid grid-cols-2 gap-2 border-0 p-0 max-[700px]:grid-cols-1">
        <legend className="font-strong">{m.haemovigilance_findings()}</legend>
        {signs.map((sign) => <Checkbox key={sign} isSelected={chosen.includes(sign)} onChange={(on) => setChosen((all) => (on ? [...all, sign] : all.filter((s) => s !== sign)))}>{signWord(sign)}</Checkbox>)}
      </fieldset>
    </Ask>
  );
}
