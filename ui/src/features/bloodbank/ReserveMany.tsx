import { useState } from "react";
import { fitting, type ScanAnswer, useDraft, useMay, useScanner } from "../../app";
import { useCommand, useSend } from "../../backend";
import { BloodGroup, ClinicalDate, componentName, DonationNumber, formatMoment, formatName, groupDin, PatientBanner, usePlace } from "../../clinical";
import { Bar, Button, Empty, SectionHead, SegmentedControl, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { Code, Component, UnitRow } from "../../wire";
import { BloodHead, CouldNotRead, PatientChoice, Refused, sentenceFor, Waiting, wantsSecond } from "./common";
import { PassDialog } from "./PassDialog";
import type { Subject } from "./refusals";
import { alternativeWord, components, daysLeftKind, daysLeftWords, partKind, ruleTitle, statusWord } from "./words";
import { useOneBag } from "./oneBag";

/** As many as one command may write. */
const most = 20;

/** Several units for one patient in one act: all of them are held, or none is. */
export function ReserveMany() {
  const place = usePlace();
  const [patientId, setPatientId] = useState<string | null>(null);
  const [units, setUnits] = useState<string[]>([]);
  const [note, setNote] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const patient = useCommand("patient.view", { id: patientId ?? "" }, { enabled: patientId !== null });
  const draft = useDraft("reserve_many", patientId || units.length > 0 ? { patient: patientId ?? "", units } : null, (kept) => {
    const then = fitting({ patient: "", units: [] as string[] }, kept);
    setPatientId(then.patient || null);
    setUnits(then.units.slice(0, most));
  });
  const add = (id: string): ScanAnswer => {
    const not = units.includes(id) ? m.blood_many_twice() : units.length >= most ? m.blood_many_most({ most }) : null;
    setDone(null);
    setNote(not);
    setUnits((all) => (all.includes(id) || all.length >= most ? all : [...all, id]));
    return not ? "refused" : "taken";
  };
  const bag = useOneBag(add, setNote);
  useScanner((scan) => {
    const who = scan.parts.find((p) => p.kind === "patient");
    const heard = bag(scan.parts);
    if (heard) return heard;
    setNote(null);
    if (who?.patient && !patientId) {
      setPatientId(who.patient);
      return "taken";
    }
    if (who?.patient && who.patient === patientId) {
      setNote(m.requests_scan_same_patient());
      return "taken";
    }
    const [part] = scan.parts;
    if (scan.error) setNote(sentenceFor(scan.error, place).doNow);
    else if (who?.patient && patient.data) setNote(m.blood_many_other_band({ name: formatName(patient.data) }));
    else setNote(m.blood_wrong_kind({ was: part ? partKind(part) : m.blood_kind_slip(), wanted: m.blood_want_unit() }));
    return "refused";
  });
  function finish(name: string, count: number) {
    draft.done();
    setDone(m.blood_many_done({ count, name, time: formatMoment(place.now, place.zone, place.now) ?? "" }));
    setUnits([]);
    setNote(null);
  }
  return (
    <>
      <BloodHead title={m.blood_many_title()} />
      {note && <Bar kind="notice" live>{note}</Bar>}
      <div role="status">{done && <Bar kind="notice">{done}</Bar>}</div>
      <div className="min-h-0 grow overflow-auto">
        <div className="px-4 empty:hidden [&:not(:empty)]:py-3">{draft.offer}</div>
        {!patientId ? (
          <section className="max-w-[760px] p-4">
            <p className="mb-3 text-ink-2">{m.blood_many_first()}</p>
            <PatientChoice autoFocus onChoose={(p) => setPatientId(p.id)} />
          </section>
        ) : patient.isError ? <CouldNotRead title={m.blood_failed_title()} error={patient.error} onRetry={() => void patient.refetch()} />
          : !patient.data ? <Waiting label={m.blood_loading()} />
          : (
            <>
              <PatientBanner patient={patient.data} end={<Button size="sm" onPress={() => { setPatientId(null); setUnits([]); setDone(null); setNote(null); }}>{m.blood_many_other_patient()}</Button>} />
              <Chosen
                patient={{ id: patientId, name: formatName(patient.data), group: patient.data.group }}
                units={units}
                onDrop={(id) => { setNote(null); setUnits((all) => all.filter((u) => u !== id)); }}
                onDone={finish}
              />
              <Offered patient={patientId} chosen={units} onAdd={add} />
            </>
          )}
      </div>
    </>
  );
}

interface Who { id: string; name: string; group: NonNullable<Subject["patient"]>["group"] }

function Chosen({ patient, units, onDrop, onDone }: { patient: Who; units: string[]; onDrop(id: string): void; onDone(name: string, count: number): void }) {
  const place = usePlace();
  const may = useMay();
  const [rules, setRules] = useState<Code[] | null>(null);
  const send = useSend("unit.reserve_many");
  const subject: Subject = { unit: null, patient: { name: patient.name, group: patient.group }, ...place };
  const request = { units, patient: patient.id, override: null, second: null };
  const blocked = send.error?.args.part?.replace(/^Unit\//, "");
  const passable = send.error?.kind === "needs_override" && may("override_blood_warning");
  return (
    <section aria-label={m.blood_many_chosen({ count: units.length })}>
      <SectionHead
        title={m.blood_many_chosen({ count: units.length })}
        note={m.blood_many_all_or_none()}
        actions={may("reserve_blood") && units.length > 0 && <Button variant="primary" pending={send.isPending} onPress={() => send.mutate(request, { onSuccess: () => onDone(patient.name, units.length) })}>{m.blood_many_act({ count: units.length })}</Button>}
      />
      {units.length === 0 && <Empty plain title={m.blood_many_none()}>{m.blood_many_none_text()}</Empty>}
      <ul className="m-0 list-none p-0">
        {units.map((id) => <OneBag key={id} id={id} patient={patient} blocked={blocked === id} onDrop={() => { send.reset(); onDrop(id); }} />)}
      </ul>
      {send.error && !rules && (
        <div className="grid gap-2 p-4">
          <Refused
            error={send.error}
            subject={subject}
            title={blocked ? m.blood_many_blocked() : undefined}
            actions={<>
              {blocked && units.includes(blocked) && units.length > 1 && <Button onPress={() => { send.reset(); onDrop(blocked); }}>{m.blood_many_without()}</Button>}
              {(passable || wantsSecond(send.error)) && <Button variant="danger" onPress={() => setRules(send.error?.rules ?? [])}>{m.blood_counter_override()}</Button>}
            </>}
          />
        </div>
      )}
      {rules && (
        <PassDialog
          rules={rules}
          subject={subject}
          act={m.blood_override_reserve()}
          draftOf={patient.id}
          secondAsked={wantsSecond(send.error)}
          onClose={() => setRules(null)}
          send={(override, second) => send.mutateAsync({ ...request, override, second })}
          onDone={() => { setRules(null); onDone(patient.name, units.length); }}
          onOtherRules={setRules}
        />
      )}
    </section>
  );
}

/** One chosen bag, and whether it may go to this patient as things stand. */
function OneBag({ id, patient, blocked, onDrop }: { id: string; patient: Who; blocked: boolean; onDrop(): void }) {
  const place = usePlace();
  const unit = useCommand("unit.view", { id });
  const ask = useCommand("counter.ask", { patient: patient.id, unit: id });
  const row = unit.data?.row;
  const subject: Subject = { unit: row ?? null, patient: { name: patient.name, group: patient.group }, ...place };
  return (
    <li className="grid items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2 [grid-template-columns:minmax(180px,auto)_minmax(160px,1fr)_minmax(200px,2fr)_auto] max-[1000px]:grid-cols-2" data-state={blocked ? "critical" : undefined}>
      {row ? <BagWords row={row} /> : <span className="hs-meta">{unit.isError ? sentenceFor(unit.error, subject).title : m.blood_checking()}</span>}
      <span className="min-w-0">
        {!ask.data ? <span className="hs-meta">{ask.isError ? sentenceFor(ask.error, subject).title : m.blood_checking()}</span>
          : <Verdict code={ask.data.refused?.code ?? null} soft={ask.data.refused?.kind === "needs_override"} held={row?.status === "reserved"} subject={subject} />}
      </span>
      <Button size="sm" onPress={onDrop}>{m.blood_many_drop()}{row && <span className="hs-vh"> {groupDin(row.din)}</span>}</Button>
    </li>
  );
}

function Verdict({ code, soft, held, subject }: { code: Code | null; soft: boolean; held: boolean; subject: Subject }) {
  if (code) return <Status kind={soft ? "caution" : "critical"} wrap>{ruleTitle(code, subject)}</Status>;
  return held ? <Status kind="notice" wrap>{statusWord("reserved")}</Status> : <Status kind="good">{m.blood_many_fits()}</Status>;
}

function BagWords({ row }: { row: UnitRow }) {
  return (
    <>
      <DonationNumber din={row.din} check={row.check} />
      <span className="flex min-w-0 flex-wrap items-center gap-x-3">
        <BloodGroup group={row.group} size="sm" /> <span>{componentName(row.component)}</span>
        <ClinicalDate value={row.expiresAt} /> <Status kind={daysLeftKind(row.daysLeft)}>{daysLeftWords(row.daysLeft)}</Status>
      </span>
    </>
  );
}

/** What the store would take from the shelf for this patient, the best first. */
function Offered({ patient, chosen, onAdd }: { patient: string; chosen: string[]; onAdd(id: string): void }) {
  const [component, setComponent] = useState<Component>("red_cells");
  const ask = useCommand("counter.ask", { patient, unit: null, component }, { keepPrevious: true });
  if (ask.isError) return <div className="p-4"><Status kind="critical" wrap>{m.blood_failed_title()}</Status></div>;
  if (!ask.data) return <Waiting label={m.blood_checking()} />;
  const rows = ask.data.alternatives.filter((a) => !chosen.includes(a.unit.id) && a.why !== "held_for_this_patient");
  return (
    <section aria-label={m.blood_many_offered()}>
      <SectionHead
        title={m.blood_many_offered()}
        note={m.blood_many_offered_note({ shown: rows.length, total: ask.data.alternativesTotal })}
        actions={<SegmentedControl label={m.blood_filter_component()} options={components.map((id) => ({ id, label: componentName(id) }))} value={component} onChange={setComponent} />}
      />
      {rows.length === 0 && <Empty plain title={m.blood_many_offered_none()} />}
      <ul className="m-0 list-none p-0">
        {rows.map((a) => (
          <li key={a.unit.id} className="grid items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2 [grid-template-columns:minmax(180px,auto)_minmax(160px,1fr)_minmax(200px,2fr)_auto] max-[1000px]:grid-cols-2">
            <BagWords row={a.unit} />
            <span className="text-ink-2">{alternativeWord(a.why, a.scarce_left)}</span>
            <Button size="sm" icon="plus" onPress={() => onAdd(a.unit.id)}>{m.blood_many_add()}<span className="hs-vh"> {groupDin(a.unit.din)}</span></Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

