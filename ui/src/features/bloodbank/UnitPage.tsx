import { type ReactNode, useState } from "react";
import { AppLink, fitting, useDraft, useGo, useMay, useScanner, useScreenParams } from "../../app";
import { type CommandFailed, useCommand, useSend } from "../../backend";
import { ClinicalTime, formatMoment, formatWall, formatName, groupDin, NotKnown, Quantity, UnitLabel, usePlace } from "../../clinical";
import { Bar, Button, RadioGroup, SectionHead, SidePanel, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Code, DiscardReason, QuarantineRow, SecondPerson, UnitHistory, UnitRow, UnitView } from "../../wire";
import { AskDialog, Became, BloodHead, CouldNotRead, nobody, PatientChoice, Refused, RuleList, secondReady, SecondPersonFields, sentenceFor, Waiting, wantsSecond } from "./common";
import { HappenedLine } from "../downtime/Later";
import { BagActs } from "../processing/Placed";
import { LabelUnread } from "../processing/ReadLabel";
import { refusalWord } from "../lab/words";
import { workOf, workWord } from "../processing/words";
import { paths, unitPath } from "./nav";
import type { Subject } from "./refusals";
import { PassDialog } from "./PassDialog";
import { SlipDialog } from "./Slip";
import { Traits } from "./Traits";
import { actWords, daysLeftKind, daysLeftWords, discardReasons, discardText, discardWord, isOver, partKind, ruleTitle, statusKind, statusWord } from "./words";
import { useOneBag } from "./oneBag";

/** One unit: its label, where it stands, all that happened to it, and what this person may do with it. */
export function UnitPage() {
  const { id = "" } = useScreenParams();
  // Another unit is another page: nothing half-typed may move from one bag to the next.
  return <OneUnit key={id} id={id} />;
}

function OneUnit({ id }: { id: string }) {
  const unit = useCommand("unit.view", { id });
  const go = useGo();
  const place = usePlace();
  const [note, setNote] = useState<string | null>(null);
  const bag = useOneBag((unit) => go(unitPath(unit)), setNote);
  useScanner((scan) => {
    const heard = bag(scan.parts);
    if (heard) return heard;
    const [part] = scan.parts;
    setNote(scan.error ? sentenceFor(scan.error, place).doNow : m.blood_wrong_kind({ was: part ? partKind(part) : m.blood_kind_slip(), wanted: m.blood_want_unit() }));
    return "refused";
  });
  return (
    <>
      <BloodHead title={unit.data ? groupDin(unit.data.row.din) : m.blood_counter_unit()} />
      {note && <Bar kind="notice" live>{note}</Bar>}
      {unit.isError ? <CouldNotRead title={m.blood_failed_unit()} error={unit.error} onRetry={() => void unit.refetch()} />
        : !unit.data ? <Waiting label={m.blood_loading()} />
        : <Body unit={unit.data} />}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return <div className="grid grid-cols-[120px_1fr] gap-x-3 py-1"><dt className="text-ink-3">{name}</dt><dd className="m-0 min-w-0 break-words">{children}</dd></div>;
}

type Doing = "reserve" | "slip" | "release" | "quarantine" | "discard" | { lift: QuarantineRow } | null;

function Body({ unit }: { unit: UnitView }) {
  const { row } = unit;
  const place = usePlace();
  const go = useGo();
  const may = useMay();
  const [doing, setDoing] = useState<Doing>(null);
  const [done, setDone] = useState<string | null>(null);
  // A bag from elsewhere was tested elsewhere: only a donation of this house has a page in the laboratory.
  const lab = useCommand("lab.find", { din: row.din }, { enabled: may("test_donations") });
  const close = () => setDoing(null);
  const finish = (words: (time: string) => string) => {
    setDone(words(formatMoment(place.now, place.zone, place.now) ?? ""));
    close();
  };

  // The same states the store decides by; a button that would only be refused is not shown.
  const live = !isOver(row.status);
  // Of a bag at another site only what stops it may be said from here (bloodbank.md 6, scenario 56).
  const ours = live && !row.site;
  const can = {
    issue: may("issue_blood") && ours && (row.status === "available" || row.status === "reserved"),
    slip: may("issue_blood") && ours && row.status === "reserved" && row.patient !== null,
    reserve: may("reserve_blood") && ours && row.status === "available",
    release: may("reserve_blood") && ours && row.status === "reserved",
    quarantine: may("receive_blood") && live && row.status !== "quarantined",
    lift: may("discard_blood") && ours && row.status === "quarantined",
    discard: may("discard_blood") && ours,
    print: may("see_patients") && ours,
  };
  const din = groupDin(row.din);
  const lifting = typeof doing === "object" ? doing?.lift : undefined;
  return (
    <div className="flex min-h-0 grow max-[1100px]:flex-col max-[1100px]:overflow-auto max-[1100px]:[&>aside]:w-full!">
      <div className="min-h-0 min-w-0 grow overflow-auto max-[1100px]:flex-none max-[1100px]:overflow-visible" tabIndex={0} role="region" aria-label={m.blood_counter_unit()}>
        <div role="status">{done && <Bar kind="notice">{done}</Bar>}</div>
        {row.site && live && <Bar kind="caution"><b>{m.blood_sites_bar({ site: row.site })}</b> {m.blood_sites_bar_text()}</Bar>}
        {ours && unit.labelUnread && <LabelUnread row={row} />}
        <section aria-label={m.blood_unit_label()} className="border-b border-line-2 bg-sunken p-4">
          <div className="max-w-[680px]">
            <UnitLabel din={row.din} check={row.check} group={row.group} component={row.component} productCode={row.productCode} volumeMl={unit.volumeMl} expires={row.expiresAt} place={unit.supplier} collected={unit.collectedAt} />
          </div>
        </section>
        <section aria-label={m.blood_unit_state()} className="grid gap-x-6 p-4 min-[900px]:grid-cols-2">
          <dl className="m-0">
            <Fact name={m.blood_unit_state()}>
              <Status kind={statusKind(row.status)}>{unit.given && row.status === "issued" ? m.blood_status_given() : statusWord(row.status)}</Status>
              {row.until && <> <span className="hs-meta">{m.blood_until({ time: formatMoment(row.until, place.zone, place.now) ?? "" })}</span></>}
              {unit.quarantines.map((q) => <span key={q.cause} className="block"><bdi>{q.reason}</bdi> <span className="hs-meta"><ClinicalTime value={q.at} always="date-time" /></span></span>)}
              {unit.discardReason && unit.discardReason !== "processed" && <span className="block">{discardText(unit.discardReason)}</span>}
            </Fact>
            {row.patientName && (
              <Fact name={m.blood_unit_patient()}>
                {row.patient && may("see_patients") ? <AppLink to={`/patients/${row.patient}`}>{row.patientName}</AppLink> : row.patientName}
              </Fact>
            )}
            {row.became && row.became.length > 0 && <Fact name={m.blood_unit_became()}><span className="grid justify-items-start gap-px">{row.became.map((b) => <Became key={b.id} bag={b} />)}</span></Fact>}
            {unit.madeOf && unit.madeOf.length > 0 && <Fact name={m.blood_unit_made_of()}><span className="grid justify-items-start gap-px">{unit.madeOf.map((b) => <Became key={b.id} bag={b} />)}</span></Fact>}
            <Fact name={live ? m.blood_unit_where() : m.blood_unit_where_last()}>{row.site && <bdi className="block">{m.blood_sites_at({ site: row.site })}</bdi>}{row.place ? <bdi>{row.place}</bdi> : <NotKnown>{m.blood_not_recorded()}</NotKnown>}</Fact>
            <Fact name={m.blood_expires()}>
              <ClinicalTime value={row.expiresAt} always="date-time" />
              {row.labelTime && <span className="hs-meta block">{m.blood_label_time({ time: formatWall(row.labelTime.wall) ?? row.labelTime.wall, zone: row.labelTime.zone.replaceAll("_", " ") })}</span>}
              {live && <> <Status kind={daysLeftKind(row.daysLeft)}>{daysLeftWords(row.daysLeft)}</Status></>}
            </Fact>
          </dl>
          <dl className="m-0">
            <Fact name={m.blood_unit_received()}><ClinicalTime value={unit.receivedAt} always="date-time" /></Fact>
            <Fact name={m.blood_unit_supplier()}>{unit.supplier ? <bdi>{unit.supplier}</bdi> : <NotKnown>{m.blood_not_recorded()}</NotKnown>}</Fact>
            {lab.data?.donation && <Fact name={m.blood_unit_lab()}><AppLink to={`/lab/donation/${lab.data.donation}`}>{m.blood_unit_lab_open()}</AppLink></Fact>}
            <Fact name={m.blood_unit_volume()}><Quantity value={unit.volumeMl} unit="mL" /></Fact>
            {unit.lowTitre && <Fact name={m.blood_unit_low_titre()}>{m.blood_yes()}</Fact>}
          </dl>
        </section>
        {may("see_stock") && <Traits row={row} live={ours} onDone={(words) => setDone(words)} />}
        <SectionHead title={m.blood_unit_history()} note={m.blood_unit_history_order()} />
        <ol className="m-0 list-none p-0">
          {[...unit.history].sort((a, b) => b.at.localeCompare(a.at)).map((h, i) => <HistoryRow key={`${h.at}-${i}`} entry={h} row={row} />)}
        </ol>
      </div>
      <SidePanel label={m.blood_unit_actions()}>
        <SectionHead title={m.blood_unit_actions()} />
        <div className="grid justify-items-stretch gap-2 p-4">
          {can.issue && <Button variant={unit.labelUnread ? "secondary" : "primary"} size="lg" onPress={() => go(paths.issue, { unit: row.id, patient: row.patient ?? undefined })}>{m.blood_do_issue()}</Button>}
          {can.slip && <Button icon="print" onPress={() => setDoing("slip")}>{m.blood_slip_make()}</Button>}
          {ours && <BagActs row={row} />}
          {can.reserve && <Button onPress={() => setDoing("reserve")}>{m.blood_do_reserve()}</Button>}
          {can.release && <Button onPress={() => setDoing("release")}>{m.blood_do_release()}</Button>}
          {can.quarantine && <Button onPress={() => setDoing("quarantine")}>{m.blood_do_quarantine()}</Button>}
          {/* Each reason is lifted by its own name: none goes with another that nobody read. */}
          {can.lift && unit.quarantines.map((q) => (
            <Button key={q.cause} onPress={() => setDoing({ lift: q })}>{unit.quarantines.length === 1 ? m.blood_do_lift() : m.blood_do_lift_of({ reason: q.reason })}</Button>
          ))}
          {may("recall_blood") && <Button onPress={() => go("/blood/look-back", { from: "unit", id: row.id })}>{m.recall_look_title()}</Button>}
          {can.discard && <Button variant="danger" className="mt-4" onPress={() => setDoing("discard")}>{m.blood_do_discard()}</Button>}
          {!Object.values(can).includes(true) && !may("recall_blood") && <p className="text-ink-2">{m.blood_unit_no_actions()}</p>}
        </div>
      </SidePanel>
      {doing === "reserve" && <ReserveDialog row={row} onClose={close} onDone={(name) => finish((time) => m.blood_done_reserved({ name, time }))} />}
      {doing === "release" && <ReasonDialog command="unit.release" row={row} title={m.blood_release_title({ din })} body={m.blood_release_body({ name: row.patientName ?? m.blood_the_patient() })} act={m.blood_do_release()} onClose={close} onDone={() => finish((time) => m.blood_done_released({ time }))} />}
      {doing === "quarantine" && <ReasonDialog command="unit.quarantine" row={row} title={m.blood_quarantine_title({ din })} body={row.status === "reserved" ? `${m.blood_quarantine_body()} ${m.blood_quarantine_held({ name: row.patientName ?? m.blood_the_patient() })}` : m.blood_quarantine_body()} act={m.blood_do_quarantine()} onClose={close} onDone={() => finish((time) => m.blood_done_quarantined({ time }))} />}
      {lifting && <ReasonDialog command="unit.lift" cause={lifting.cause} row={row} title={m.blood_lift_title({ din })} body={m.blood_lift_body({ reason: lifting.reason })} act={m.blood_do_lift()} onClose={close} onDone={() => finish((time) => m.blood_done_lifted({ time }))} />}
      {doing === "slip" && row.patient && <SlipDialog unit={row} patient={row.patient} onClose={close} />}
      {doing === "discard" && <DiscardDialog row={row} onClose={close} onDone={() => finish((time) => m.blood_done_discarded({ time }))} />}
    </div>
  );
}

function HistoryRow({ entry, row }: { entry: UnitHistory; row: UnitRow }) {
  const place = usePlace();
  // A treatment ends the bag under its own name: nobody threw it away.
  const work = entry.what === "discarded" ? workOf(entry.reason) : null;
  return (
    <li className="grid grid-cols-[150px_1fr] gap-x-3 gap-y-0.5 border-b border-line px-4 py-2">
      <span className="text-ink-2"><ClinicalTime value={entry.at} always="date-time" /></span>
      <span className="min-w-0 break-words">
        <b>{work || (entry.what === "discarded" && entry.reason === "processed") ? m.blood_act_processed() : actWords(entry.what, entry.patientName)}</b> <span className="text-ink-2">{entry.by ? <bdi>{entry.by}</bdi> : m.blood_act_by_itself()}{entry.second && `, ${m.blood_act_second({ name: entry.second })}`}</span>
        {entry.reason && entry.reason !== "processed" && <span className="block text-ink-2"><bdi>{work ? workWord(work) : discardText(entry.reason)}</bdi></span>}
        <HappenedLine happened={entry.happened && { ...entry.happened, reason: null }} enteredBy={entry.by} enteredAt={entry.at} />
        {entry.overrides.length > 0 && <span className="block"><Status kind="caution" wrap>{m.blood_act_overrides({ rules: entry.overrides.map((c) => ruleTitle(c, { unit: row, ...place })).join("; ") })}</Status></span>}
      </span>
    </li>
  );
}

/** `cause` names the quarantine that a lift lifts: the one whose reason stands in `body`. */
function ReasonDialog({ command, cause, row, title, body, act, onClose, onDone }: { command: "unit.release" | "unit.quarantine" | "unit.lift"; cause?: string; row: UnitRow; title: string; body: string; act: string; onClose(): void; onDone(): void }) {
  const place = usePlace();
  const [reason, setReason] = useState("");
  const draft = useDraft(`${command}/${row.id}${cause ? `/${cause.slice(-8)}` : ""}`, reason.trim() ? { reason } : null, (kept) => setReason(fitting({ reason: "" }, kept).reason));
  // Only a lift asks for one, and only where a test was corrected; once asked for, the fields stay.
  const [second, setSecond] = useState<SecondPerson>(nobody);
  const [asked, setAsked] = useState(false);
  const send = useSend(command, { onDone: () => { draft.done(); onDone(); } });
  // A test that is missing is named: it is made up for in the laboratory, not by a reason.
  const missing = send.error && refusalWord(send.error);
  const atBench = ["marker_missing", "marker_unverified"].includes(send.error?.args.rule ?? "");
  const notNow = !reason.trim() ? m.blood_reason_missing() : asked && !secondReady(second) ? m.blood_second_missing() : undefined;
  function ask() {
    send.mutate({ unit: row.id, cause: cause ?? "", reason: reason.trim(), second: asked ? second : null }, {
      onError: (error: CommandFailed) => {
        if (!wantsSecond(error)) return;
        setAsked(true);
        setSecond((s) => ({ ...s, password: "" }));
      },
    });
  }
  return (
    <AskDialog isOpen title={title} onClose={onClose} act={act} pending={send.isPending} notNow={notNow} onAct={ask}>
      {draft.offer}
      <p className="text-ink-2">{body}</p>
      <TextField label={m.blood_reason()} hint={m.blood_reason_hint()} value={reason} onChange={setReason} lines={3} isRequired autoFocus />
      {asked && <SecondPersonFields value={second} onChange={setSecond} error={send.error} />}
      {missing && <Bar kind="critical">{m.blood_lift_not_yet({ why: missing })}{atBench ? ` ${m.blood_lift_at_bench()}` : ""}</Bar>}
      {send.error && !missing && !wantsSecond(send.error) && <Refused error={send.error} subject={{ unit: row, ...place }} />}
    </AskDialog>
  );
}

function DiscardDialog({ row, onClose, onDone }: { row: UnitRow; onClose(): void; onDone(): void }) {
  const place = usePlace();
  const [reason, setReason] = useState<DiscardReason | null>(row.status === "expired" ? "expired" : null);
  const [note, setNote] = useState("");
  const [second, setSecond] = useState<SecondPerson>(nobody);
  // Once asked for, the second person's fields stay, whatever the next answer is.
  const [asked, setAsked] = useState(false);
  const draft = useDraft(`discard/${row.id}`, note.trim() ? { reason, note } : null, (kept) => {
    const then = fitting({ reason: null as DiscardReason | null, note: "" }, kept);
    setReason(discardReasons.find((r) => r === then.reason) ?? null);
    setNote(then.note);
  });
  const send = useSend("unit.discard", { onDone: () => { draft.done(); onDone(); } });
  const noteMissing = reason === "other" && note.trim() === "";
  const notNow = !reason ? m.blood_reason_missing() : noteMissing ? m.blood_note_missing() : asked && !secondReady(second) ? m.blood_second_missing() : undefined;
  function act() {
    if (!reason) return;
    send.mutate({ unit: row.id, reason, note: note.trim() || null, second: asked ? second : null }, {
      onError: (error: CommandFailed) => {
        if (!wantsSecond(error)) return;
        setAsked(true);
        setSecond((s) => ({ ...s, password: "" }));
      },
    });
  }
  return (
    <AskDialog isOpen title={m.blood_discard_title({ din: groupDin(row.din) })} onClose={onClose} act={m.blood_do_discard()} danger pending={send.isPending} notNow={notNow} onAct={act}>
      {draft.offer}
      <p className="text-ink-2">{m.blood_discard_body()}</p>
      {/* In two columns, so that the note and the second person stand on the same screen. */}
      <div className="[&_.hs-options]:grid [&_.hs-options]:grid-cols-2 max-[700px]:[&_.hs-options]:grid-cols-1"><RadioGroup label={m.blood_reason()} options={discardReasons.map((id) => ({ id, label: discardWord(id) }))} value={reason} onChange={setReason} stacked autoFocus /></div>
      <TextField label={m.blood_note()} value={note} onChange={setNote} lines={2} isRequired={reason === "other"} />
      {asked && <SecondPersonFields value={second} onChange={setSecond} error={send.error} />}
      {send.error && !wantsSecond(send.error) && <Refused error={send.error} subject={{ unit: row, ...place }} />}
    </AskDialog>
  );
}

function ReserveDialog({ row, onClose, onDone }: { row: UnitRow; onClose(): void; onDone(name: string): void }) {
  const place = usePlace();
  const [chosen, setChosen] = useState<{ id: string; name: string } | null>(null);
  const [rules, setRules] = useState<Code[] | null>(null);
  const patient = useCommand("patient.view", { id: chosen?.id ?? "" }, { enabled: chosen !== null });
  const send = useSend("unit.reserve");
  const subject: Subject = { unit: row, patient: chosen && patient.data ? { name: chosen.name, group: patient.data.group } : null, ...place };

  function reserve(who: { id: string; name: string }) {
    setChosen(who);
    send.mutate({ unit: row.id, patient: who.id, override: null, second: null }, {
      onSuccess: () => onDone(who.name),
    });
  }

  if (rules && chosen) {
    return (
      <PassDialog
        rules={rules}
        subject={subject}
        act={m.blood_override_reserve()}
        onClose={() => setRules(null)}
        send={(override, second) => send.mutateAsync({ unit: row.id, patient: chosen.id, override, second })}
        onDone={() => onDone(chosen.name)}
        onOtherRules={setRules}
      />
    );
  }
  const needs = send.error?.kind === "needs_override" ? send.error.rules : null;
  return (
    <AskDialog
      isOpen
      title={m.blood_reserve_title({ din: groupDin(row.din) })}
      onClose={onClose}
      act={m.blood_counter_override()}
      danger
      hideAct={!needs && !wantsSecond(send.error)}
      onAct={() => setRules(needs ?? [])}
    >
      {send.error && chosen && (
        <>
          <b className="break-words">{chosen.name}</b>
          {wantsSecond(send.error) ? null : <Refused error={send.error} subject={subject} />}
          {needs && needs.length > 1 && <RuleList rules={needs} subject={subject} />}
        </>
      )}
      <PatientChoice autoFocus onChoose={(p) => reserve({ id: p.id, name: formatName(p) })} />
    </AskDialog>
  );
}
