/** What requests, samples and blood records share. */
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { AppLink, ErrorBlock } from "../../app";
import { type CommandFailed, useCommand } from "../../backend";
import { BloodGroup, ClinicalTime, Identifier, PatientBanner } from "../../clinical";
import { Button, Chip, DateField, Dialog, Icon, Loading, SectionHead, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { BloodNeed, BloodRecord, GroupState, SampleRow } from "../../wire";
import { antibodyWord, antigens, antigenSign, attributes, attributeWord, needKey, needWord, own, standKind, standWord } from "./words";

/** A form in a dialog: the safe way out beside the act, the refusal under the fields. */
export function Ask({ title, act, danger, keep, error, pending, notNow, size, onClose, onSubmit, children }: {
  title: string; act: string; danger?: boolean; keep?: string; error: ReactNode; pending: boolean; notNow?: string; size?: "sm" | "md" | "lg"; onClose(): void; onSubmit(): void; children: ReactNode;
}) {
  const id = useId();
  const submit = (e: FormEvent) => { e.preventDefault(); onSubmit(); };
  const send = <Button type="submit" form={id} variant={danger ? "danger" : "primary"} size="lg" pending={pending} notNow={notNow}>{act}</Button>;
  const stay = <Button size="lg" onPress={onClose}>{keep ?? m.requests_cancel()}</Button>;
  return (
    <Dialog isOpen onClose={onClose} keepOpen size={size} title={title} footer={danger ? stay : <>{send}{stay}</>} footerEnd={danger ? send : undefined}>
      <form id={id} noValidate onSubmit={submit} className="grid gap-4">
        {children}
        {error}
      </form>
    </Dialog>
  );
}

export const refusal = (error: CommandFailed | null) => (error ? <ErrorBlock error={error} /> : null);

/** One reason in one sentence, for whoever reads it in a year. */
export function ReasonDialog({ title, text, act, danger, keep, pending, error, onClose, onReason }: { title: string; text: string; act: string; danger?: boolean; keep?: string; pending: boolean; error: CommandFailed | null; onClose(): void; onReason(reason: string): void }) {
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  return (
    <Ask title={title} act={act} danger={danger} keep={keep} pending={pending} error={refusal(error)} onClose={onClose} onSubmit={() => { setTried(true); if (reason.trim()) onReason(reason.trim()); }}>
      <p className="text-ink-2">{text}</p>
      <TextField label={m.requests_reason()} hint={m.requests_reason_hint()} value={reason} onChange={setReason} lines={2} autoFocus error={tried && !reason.trim() ? m.requests_reason_need() : undefined} />
    </Ask>
  );
}

/** The banner of a patient of whom only the id is known here. */
export function Who({ id, end }: { id: string; end?: ReactNode }) {
  const view = useCommand("patient.view", { id });
  if (view.data) return <PatientBanner patient={view.data} end={end} />;
  if (view.error) return <ErrorBlock error={view.error} />;
  return <div className="hs-banner items-center"><Loading lines={1} /></div>;
}

/** The group as the clinical rules want it, with how sure it is and what follows from that. */
export function GroupCard({ group, antiDEver }: { group: GroupState; antiDEver: boolean }) {
  return (
    <div className="grid justify-items-start gap-2 px-4 py-3">
      {group.state === "unknown" && <><Status kind="caution" wrap>{m.requests_card_unknown()}</Status><p className="text-ink-2">{m.requests_card_unknown_text()}</p></>}
      {(group.state === "once" || group.state === "confirmed") && <BloodGroup group={group.group} size="xl" />}
      {group.state === "once" && <><Status kind="caution" wrap>{m.requests_card_once()}</Status><p className="text-ink-2">{m.requests_card_once_text()}</p></>}
      {group.state === "confirmed" && <Status kind="good" wrap>{m.requests_card_confirmed()}</Status>}
      {group.state === "conflict" && (
        <>
          <Status kind="critical" wrap>{m.requests_card_conflict()}</Status>
          <div className="flex flex-wrap gap-x-6 gap-y-1">{group.groups.map((g) => <BloodGroup key={`${g.abo} ${g.rhd}`} group={g} size="lg" />)}</div>
          <p className="text-ink-2">{m.requests_card_conflict_text()}</p>
        </>
      )}
      {antiDEver && <Status kind="caution" wrap>{m.requests_card_anti_d()}</Status>}
    </div>
  );
}

/** What the blood bank knows of a person, in a side panel: group, antibodies, needs. */
export function KnownOf({ id }: { id: string }) {
  const record = useCommand("blood.record", { id });
  if (record.error) return <div className="p-4"><ErrorBlock error={record.error} /></div>;
  if (!record.data) return <div className="p-4"><Loading lines={4} /></div>;
  return <Known record={record.data} />;
}

function Known({ record }: { record: BloodRecord }) {
  const needs = record.requirements.filter((r) => r.holds).map((r) => r.need);
  return (
    <>
      <GroupCard group={record.group} antiDEver={record.antiDEver} />
      <div className="grid justify-items-start gap-1.5 border-t border-line px-4 py-3">
        {record.antibodies.length === 0 ? <span className="text-ink-2">{m.requests_card_antibodies_none()}</span> : record.antibodies.map((a, n) => (
          <Status key={n} kind="caution" wrap>{a.antigen ? antibodyWord(a.antigen) : m.record_antibody_unidentified({ words: own(a.words ?? "") })}</Status>
        ))}
        {record.transplant && <Status kind="caution" wrap>{m.requests_card_transplant()}</Status>}
        {record.phenotype !== "ordinary" && <Status kind="critical" wrap>{record.phenotype === "bombay" ? m.record_phenotype_bombay() : m.record_phenotype_para_bombay()}</Status>}
        <Needs needs={needs} />
        <RecordLink id={record.patient.id} />
      </div>
    </>
  );
}

export function RecordLink({ id }: { id: string }) {
  return <AppLink to={`/patients/${id}/blood`} className="hs-btn"><Icon name="document" />{m.requests_card_record()}</AppLink>;
}

export function Needs({ needs }: { needs: readonly BloodNeed[] }) {
  if (needs.length === 0) return <span className="text-ink-2">{m.requests_needs_none()}</span>;
  return <span className="hs-wrap flex flex-wrap gap-1">{needs.map((n) => <Chip key={needKey(n)} kind="caution">{needWord(n)}</Chip>)}</span>;
}

/** A tube in one block: its number, whether it does, and until when. */
export function SampleLines({ sample }: { sample: SampleRow }) {
  return (
    <span className="grid justify-items-start gap-0.5">
      <span className="flex flex-wrap items-center gap-x-3"><Identifier>{sample.number}</Identifier><Status kind={standKind(sample.stand)} wrap>{sample.rejected ? m.samples_rejected({ reason: own(sample.rejected) }) : standWord(sample.stand)}</Status></span>
      {sample.group && <BloodGroup group={sample.group} size="sm" />}
      {sample.discrepant && <Status kind="critical" wrap>{m.samples_discrepant()}</Status>}
      {sample.screen && <span>{m.samples_screened()} {sample.screen === "negative" ? m.samples_screen_negative() : <Status kind="caution">{m.samples_screen_positive()}</Status>}</span>}
      {!sample.rejected && <span className="hs-meta">{m.requests_sample_until()} <ClinicalTime value={sample.validUntil} always="date-time" /></span>}
    </span>
  );
}

/** A label above a value, in a side panel. */
export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return <div className="grid gap-0.5 border-b border-line px-4 py-2"><dt className="hs-meta">{label}</dt><dd className="m-0 min-w-0 [overflow-wrap:anywhere]">{children}</dd></div>;
}

/** One need of a unit: an attribute, or an antigen that it must lack. */
export function NeedSelect({ label, value, onChange, error, autoFocus }: { label: string; value: BloodNeed | null; onChange(need: BloodNeed): void; error?: string; autoFocus?: boolean }) {
  const options = allNeeds.map((need) => ({ id: needKey(need), label: needWord(need) }));
  return (
    <Select
      label={label}
      options={options}
      value={value ? needKey(value) : null}
      onChange={(id) => { const need = allNeeds.find((n) => needKey(n) === id); if (need) onChange(need); }}
      error={error}
      autoFocus={autoFocus}
    />
  );
}

const allNeeds: readonly BloodNeed[] = [...attributes.map((attribute) => ({ attribute })), ...antigens.map((antigen_negative) => ({ antigen_negative }))];

export const attributeOptions = () => attributes.map((id) => ({ id, label: attributeWord(id) }));
export const antigenOptions = () => antigens.map((id) => ({ id, label: antigenSign(id) }));

/** A day and a time of day, as the clock on the wall shows them. */
export function MomentFields({ day, time, onDay, onTime, dayLabel, timeLabel, dayError, timeError, autoFocus }: { day: string | null; time: string; onDay(day: string | null): void; onTime(time: string): void; dayLabel: string; timeLabel: string; dayError?: string; timeError?: string; autoFocus?: boolean }) {
  return (
    <div className="grid grid-cols-2 gap-3 max-[700px]:grid-cols-1">
      <DateField label={dayLabel} value={day} onChange={onDay} error={dayError} />
      <TextField label={timeLabel} hint={m.requests_time_hint()} mono value={time} onChange={onTime} error={timeError} maxLength={5} autoComplete="off" autoFocus={autoFocus} />
    </div>
  );
}

/** A section with a head; `flush` for lists that bring their own padding. */
export function Part({ title, note, actions, children }: { title: string; note?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return <section><SectionHead title={title} note={note} actions={actions} />{children}</section>;
}
