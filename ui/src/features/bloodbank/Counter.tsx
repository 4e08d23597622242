import { type ReactNode, useEffect, useRef, useState } from "react";
import { fitting, type Scan, useDraft, useGo, useKeys, useMay, useScanner, useScreenSearch } from "../../app";
import { CommandFailed, useBackend, useCommand, useSend } from "../../backend";
import { Age, BloodGroup, ClinicalDate, ClinicalTime, componentName, DonationNumber, formatMoment, formatName, groupDin, groupWords, Identifier, NotKnown, PatientBanner, Quadrant, Quadrants, sexWord, UnitLabel, usePlace } from "../../clinical";
import { Bar, Button, DataGrid, Empty, type GridColumn, Kbd, Loading, RadioGroup, SectionHead, Shape, Status, type StatusKind, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Alternative, Check, CheckResult, Code, CommandError, Override, PatientView, ScanPart, SecondPerson, UnitRow, UnitView } from "../../wire";
import { BloodHead, CouldNotRead, PatientChoice, Refused, sentenceFor, wantsSecond } from "./common";
import { unitPath } from "./nav";
import { PassDialog } from "./PassDialog";
import type { Subject } from "./refusals";
import { useDigits, useNoEnterFromScanner } from "./rhythm";
import { alternativeWord, checkWord, daysLeftWords, partKind, resultKind, resultWord, ruleTitle } from "./words";

interface Identity {
  id: string;
  how: "scanned" | "chosen";
  at: string;
}

/** Where one unit is given to one patient. An address may bring one or both, for instance from the unit's page. */
export function Counter() {
  const [search] = useScreenSearch();
  return <Desk key={`${search.patient ?? ""} ${search.unit ?? ""}`} patient={search.patient} unit={search.unit} />;
}

type Appearance = "ok" | "bad" | null;
interface Passing { act: "issue" | "reserve"; unit: UnitRow; rules: Code[]; second: boolean }
interface Issued { unit: UnitRow; name: string; collector: string; at: string }

function Desk(given: { patient?: string; unit?: string }) {
  const backend = useBackend();
  const place = usePlace();
  const may = useMay();
  const go = useGo();
  const chosen = (id: string | undefined): Identity | null => (id ? { id, how: "chosen", at: place.now } : null);
  const [patientAt, setPatientAt] = useState<Identity | null>(() => chosen(given.patient));
  const [unitAt, setUnitAt] = useState<Identity | null>(() => chosen(given.unit));
  const [otherPatient, setOtherPatient] = useState<Identity | null>(null);
  const [bags, setBags] = useState<UnitRow[]>([]);
  const [note, setNote] = useState<{ kind: "notice" | "caution"; text: string } | null>(null);
  const [last, setLast] = useState<{ what: string; at: string } | null>(null);
  const [appearance, setAppearance] = useState<Appearance>(null);
  const [collector, setCollector] = useState("");
  const [picked, setPicked] = useState(0);
  const [passing, setPassing] = useState<Passing | null>(null);
  const [issued, setIssued] = useState<Issued | null>(null);
  const decision = useRef<HTMLElement>(null);
  // Who and which bag, by whatever way they were read, and what was entered about the pair. Coming back they are
  // asked of the store anew, and count as chosen: a scan before a lock is no scan now.
  const draft = useDraft("counter", issued === null && (patientAt || unitAt) ? { patient: patientAt?.id ?? "", unit: unitAt?.id ?? "", collector } : null, (kept) => {
    const then = fitting({ patient: "", unit: "", collector: "" }, kept);
    setPatientAt(chosen(then.patient || undefined));
    setUnitAt(chosen(then.unit || undefined));
    setCollector(then.collector);
  });

  const patient = useCommand("patient.view", { id: patientAt?.id ?? "" }, { enabled: patientAt !== null });
  const unit = useCommand("unit.view", { id: unitAt?.id ?? "" }, { enabled: unitAt !== null });
  const ask = useCommand("counter.ask", { patient: patientAt?.id ?? null, unit: unitAt?.id ?? null }, { enabled: patientAt !== null || unitAt !== null });
  // Said as soon as the store has answered, before everything on the screen is asked again: in between, the same
  // unit would be refused as already gone.
  const issuing = useRef<UnitRow | null>(null);
  const issue = useSend("unit.issue", { onDone: () => { if (issuing.current) afterIssue(issuing.current); } });
  const reserve = useSend("unit.reserve");

  const who = patientAt && patient.data ? patient.data : null;
  const bag = unitAt && unit.data ? unit.data : null;
  const name = who ? formatName(who) : m.blood_the_patient();
  const subject: Subject = { unit: bag?.row ?? null, patient: who ? { name, group: who.group } : null, ...place };
  const alternatives = ask.data?.alternatives ?? [];
  const refused = refusalToShow(ask.data?.refused ?? null, patientAt !== null && unitAt !== null);
  const finished = issued !== null && issued.unit.id === unitAt?.id;

  // ---- Identities ------------------------------------------------------------------------------------------

  /** What belonged to the pair before must not be carried to another pair. */
  function forget() {
    setAppearance(null);
    setPassing(null);
    setPicked(0);
    setBags([]);
    setNote(null);
    issue.reset();
    reserve.reset();
  }

  function putUnit(id: string, how: Identity["how"], at: string) {
    if (id !== unitAt?.id) {
      forget();
      setIssued(null);
    }
    setUnitAt({ id, how, at });
  }

  function putPatient(next: Identity) {
    if (next.id !== patientAt?.id) {
      forget();
      setCollector("");
      if (finished) setUnitAt(null);
      setIssued(null);
    }
    setOtherPatient(null);
    setPatientAt(next);
  }

  async function findUnit(part: Extract<ScanPart, { kind: "donation_number" }>, product: string | undefined, how: Identity["how"], at: string): Promise<string | null> {
    if (part.unit) {
      putUnit(part.unit, how, at);
      return null;
    }
    // None, or several bags of one donation: the list tells which, and the product code decides.
    const found = await backend.call("unit.list", { component: null, group: null, status: null, text: part.din, limit: 50 });
    const rows = found.rows.filter((r) => r.din === part.din && (!product || r.productCode === product));
    if (rows.length === 1 && rows[0]) putUnit(rows[0].id, how, at);
    else if (rows.length > 1) setBags(rows);
    else return `${m.blood_unit_unknown_din({ din: groupDin(part.din) })} ${m.blood_unit_unknown_din_next()}`;
    return null;
  }

  async function onScan(scan: Scan) {
    setNote(null);
    if (scan.error) {
      const s = sentenceFor(scan.error, place);
      setNote({ kind: "caution", text: `${s.title} ${s.doNow}` });
      return;
    }
    const number = scan.parts.find((p) => p.kind === "donation_number");
    const band = scan.parts.find((p) => p.kind === "patient");
    const product = scan.parts.find((p) => p.kind === "product");
    if (band) {
      setLast({ what: partKind(band), at: scan.at });
      if (!band.patient) setNote({ kind: "caution", text: m.blood_patient_unknown_number({ number: band.number }) });
      else {
        const next: Identity = { id: band.patient, how: "scanned", at: scan.at };
        const busy = patientAt !== null && patientAt.id !== band.patient && unitAt !== null && !finished;
        if (busy) setOtherPatient(next);
        else putPatient(next);
      }
    }
    if (number) {
      setLast({ what: groupDin(number.din), at: scan.at });
      try {
        const missing = await findUnit(number, product?.code, "scanned", scan.at);
        if (missing) setNote({ kind: "caution", text: missing });
      } catch (cause) {
        const s = sentenceFor(CommandFailed.from(cause), place);
        setNote({ kind: "caution", text: `${s.title} ${s.doNow}` });
      }
    } else if (!band && product && bags.some((b) => b.productCode === product.code)) {
      const match = bags.find((b) => b.productCode === product.code);
      if (match) putUnit(match.id, "scanned", scan.at);
    } else if (!band && scan.parts[0]) {
      const wanted = patientAt && !unitAt ? m.blood_want_unit() : !patientAt && unitAt ? m.blood_want_patient() : m.blood_want_unit_or_patient();
      setNote({ kind: "caution", text: m.blood_wrong_kind({ was: partKind(scan.parts[0]), wanted }) });
    }
  }
  useScanner((scan) => void onScan(scan));
  useNoEnterFromScanner();

  // ---- Acts --------------------------------------------------------------------------------------------------

  function sendIssue(row: UnitRow, override: Override | null, second: SecondPerson | null) {
    issuing.current = row;
    return issue.mutateAsync({ unit: row.id, patient: patientAt?.id ?? "", collectedBy: collector.trim(), appearanceOk: appearance === "ok", override, second });
  }

  function afterIssue(row: UnitRow) {
    draft.done();
    setPassing(null);
    setIssued({ unit: row, name, collector: collector.trim(), at: place.now });
  }

  async function issueNow(row: UnitRow) {
    if (issue.isPending) return;
    try {
      await sendIssue(row, null, null);
    } catch (cause) {
      const error = CommandFailed.from(cause);
      if (wantsSecond(error)) setPassing({ act: "issue", unit: row, rules: [], second: true });
      else void ask.refetch();
    }
  }

  const alternative = alternatives[Math.min(picked, alternatives.length - 1)];

  function fetchAndScan(row: UnitRow) {
    setPassing(null);
    // The unit must still be read from its own label before anything is issued.
    setUnitAt(null);
    setIssued(null);
    setNote({ kind: "notice", text: m.blood_alt_reserved({ din: groupDin(row.din), place: row.place || m.blood_its_place() }) });
  }

  async function takeAlternative(a: Alternative) {
    if (!patientAt || reserve.isPending) return;
    if (a.why === "held_for_this_patient") return fetchAndScan(a.unit);
    try {
      await reserve.mutateAsync({ unit: a.unit.id, patient: patientAt.id, override: null, second: null });
      fetchAndScan(a.unit);
    } catch (cause) {
      const error = CommandFailed.from(cause);
      if (error.kind === "needs_override" && may("override_blood_warning")) setPassing({ act: "reserve", unit: a.unit, rules: error.rules, second: false });
      else if (wantsSecond(error)) setPassing({ act: "reserve", unit: a.unit, rules: [], second: true });
    }
  }

  const showAlternatives = patientAt !== null && !finished && (refused !== null || unitAt === null);
  useDigits(showAlternatives ? Math.min(9, alternatives.length) : 0, setPicked);
  useKeys(showAlternatives && alternatives.length > 0 ? [{ keys: ["1–9"], words: m.blood_keys_choose() }] : []);

  // A stop is where the eyes and the keyboard have to be; a field that is being filled keeps the focus.
  const refusedKey = refused ? `${patientAt?.id} ${unitAt?.id} ${refused.code}` : null;
  useEffect(() => {
    const active = document.activeElement;
    if ((refusedKey || finished) && !(active instanceof HTMLInputElement || active instanceof HTMLTextAreaElement)) decision.current?.focus({ preventScroll: true });
  }, [refusedKey, finished]);

  function start() {
    forget();
    setIssued(null);
    setUnitAt(null);
    setPatientAt(null);
    setOtherPatient(null);
    setCollector("");
    setLast(null);
    if (given.patient || given.unit) go("/blood/issue");
  }

  const issueNotNow = !may("issue_blood") ? m.blood_issue_forbidden()
    : appearance !== "ok" ? m.blood_issue_off_appearance()
    : collector.trim() === "" ? m.blood_issue_off_collector()
    : undefined;
  const fields = <IssueFields appearance={appearance} onAppearance={setAppearance} collector={collector} onCollector={setCollector} unit={unitAt?.id ?? null} />;

  return (
    <>
      {who && <PatientBanner patient={who} />}
      <BloodHead title={m.blood_counter_title()} />
      <div className="flex min-h-0 grow flex-col overflow-auto">
        {draft.offer}
        <div aria-live="polite">{note && <Bar kind={note.kind}>{note.text}</Bar>}</div>
        {otherPatient && who && (
          <div role="alert">
            <Bar
              kind="caution"
              action={
                <span className="flex flex-wrap gap-2">
                  <Button variant="primary" onPress={() => setOtherPatient(null)}>{m.blood_other_patient_keep({ name })}</Button>
                  <Button onPress={() => putPatient(otherPatient)}>{m.blood_other_patient_change()}</Button>
                </span>
              }
            >
              <b>{m.blood_other_patient_title()}.</b> {m.blood_other_patient_body({ name })}
            </Bar>
          </div>
        )}
        <section className="grid flex-none grid-cols-[minmax(0,1fr)_112px_minmax(0,1fr)] items-stretch border-b border-line-2 bg-sunken px-4 pt-2 pb-3 max-[1000px]:grid-cols-1" aria-label={m.blood_counter_compare()}>
          <IdentityColumn title={m.blood_counter_patient()} at={patientAt} change={patientAt && !finished ? <Button size="sm" variant="quiet" onPress={start}>{m.blood_change_patient()}</Button> : null}>
            {!patientAt ? (
              <div className="grid gap-2 border border-line-2 bg-surface p-3">
                <p className="text-ink-2">{m.blood_counter_no_patient()}</p>
                <PatientChoice onChoose={(row) => putPatient({ id: row.id, how: "chosen", at: place.now })} />
              </div>
            ) : patient.isError ? <CouldNotRead title={m.blood_counter_patient()} error={patient.error} onRetry={() => void patient.refetch()} />
              : !who ? <Loading label={m.blood_checking()} />
              : <PatientQuadrants patient={who} />}
          </IdentityColumn>
          <Compare patient={who} unit={bag} refused={refused} />
          <IdentityColumn title={m.blood_counter_unit()} at={unitAt} change={unitAt && !finished ? <Button size="sm" variant="quiet" onPress={() => { forget(); setUnitAt(null); }}>{m.blood_change_unit()}</Button> : null}>
            {bags.length > 0 ? <BagChoice bags={bags} onChoose={(id) => putUnit(id, "chosen", place.now)} />
              : !unitAt ? <TypedUnit onFound={(part) => findUnit(part, undefined, "chosen", place.now)} />
              : unit.isError ? <CouldNotRead title={m.blood_failed_unit()} error={unit.error} onRetry={() => void unit.refetch()} />
              : !bag ? <Loading label={m.blood_checking()} />
              : <UnitLabel din={bag.row.din} check={bag.row.check} group={bag.row.group} component={bag.row.component} productCode={bag.row.productCode} volumeMl={bag.volumeMl} expires={bag.row.expiresAt} place={bag.row.place} collected={bag.collectedAt} />}
          </IdentityColumn>
        </section>
        <div className="grid min-h-[300px] grow basis-0 grid-cols-[388px_minmax(0,1fr)] grid-rows-[minmax(0,1fr)] max-[1000px]:flex-none max-[1000px]:grid-cols-1 max-[1000px]:grid-rows-none">
          <Checks checks={ask.data?.checks ?? null} subject={subject} last={last} />
          <section ref={decision} tabIndex={-1} aria-label={m.blood_do_now()} className="flex min-h-0 min-w-0 flex-col border-s border-line-2 focus-visible:outline-none focus-visible:[box-shadow:none]">
            <div className="min-h-0 grow overflow-auto" tabIndex={0}>
              {ask.isError && <CouldNotRead title={m.blood_checks_title()} error={ask.error} onRetry={() => void ask.refetch()} />}
              {finished ? <IssuedPanel issued={issued} onSame={() => { forget(); setIssued(null); setUnitAt(null); setCollector(""); }} onNew={start} />
                : (
                  <>
                    {refused && !issue.error && (
                      <Refused
                        error={refused}
                        subject={subject}
                        title={patientAt && unitAt ? (refused.kind === "needs_override" ? m.blood_counter_needs() : m.blood_counter_refused()) : undefined}
                      />
                    )}
                    {issue.error && !wantsSecond(issue.error) && !passing && <Refused error={issue.error} subject={subject} title={m.blood_counter_refused()} />}
                    {reserve.error && reserve.error.kind !== "needs_override" && !wantsSecond(reserve.error) && !passing && alternative && <Refused error={reserve.error} subject={{ ...subject, unit: alternative.unit }} />}
                    {showAlternatives && ask.data && (
                      <Alternatives rows={alternatives} total={ask.data.alternativesTotal} picked={picked} onPick={setPicked} groupKnown={who?.group.state === "once" || who?.group.state === "confirmed"} />
                    )}
                    {!patientAt && !unitAt && <Empty plain title={m.blood_counter_start_title()}>{m.blood_counter_start()}</Empty>}
                    {!patientAt && unitAt && !refused && <p className="p-5 text-ink-2">{m.blood_counter_scan_patient()}</p>}
                    {!refused && patientAt && unitAt && bag && ask.data && !issue.error && (
                      <div className="grid gap-4 p-5">
                        <div><h2 className="m-0 text-xl">{m.blood_counter_ready()}</h2><p className="text-ink-2">{m.blood_counter_ready_body()}</p></div>
                        {fields}
                      </div>
                    )}
                  </>
                )}
            </div>
            {!finished && (patientAt || unitAt) && (
              <div className="flex flex-none flex-wrap items-center gap-2 border-t border-line-2 bg-surface px-4 py-2">
                {!refused && patientAt && unitAt && bag && ask.data && (
                  <Button variant="primary" size="lg" pending={issue.isPending} notNow={issueNotNow} onPress={() => void issueNow(bag.row)}>{m.blood_issue({ din: groupDin(bag.row.din), name })}</Button>
                )}
                {showAlternatives && alternative && (
                  <Button
                    variant="primary"
                    size="lg"
                    pending={reserve.isPending}
                    notNow={alternative.why !== "held_for_this_patient" && !may("reserve_blood") ? errorOfRole() : undefined}
                    onPress={() => void takeAlternative(alternative)}
                  >
                    {alternative.why === "held_for_this_patient" ? m.blood_alt_fetch({ key: picked + 1 }) : m.blood_alt_reserve({ key: picked + 1 })}
                  </Button>
                )}
                {refused && unitAt && <Button size="lg" onPress={() => { forget(); setUnitAt(null); }}>{m.blood_counter_another()}</Button>}
                <span className="ms-auto flex flex-wrap items-center gap-2">
                  {refused?.kind === "needs_override" && bag && who && (
                    <Button variant="danger" size="lg" notNow={may("override_blood_warning") && may("issue_blood") ? undefined : m.blood_counter_override_who()} onPress={() => setPassing({ act: "issue", unit: bag.row, rules: refused.rules.length > 0 ? refused.rules : [refused.code], second: false })}>{m.blood_counter_override()}</Button>
                  )}
                  <Button size="lg" variant="quiet" onPress={start}>{m.blood_counter_stop()}</Button>
                </span>
              </div>
            )}
          </section>
        </div>
      </div>
      {passing && patientAt && (
        <PassDialog
          key={`${passing.act} ${passing.unit.id} ${patientAt.id}`}
          rules={passing.rules}
          secondAsked={passing.second}
          subject={{ ...subject, unit: passing.unit }}
          act={passing.act === "reserve" ? m.blood_override_reserve() : passing.rules.length > 0 ? m.blood_override_issue() : m.blood_issue({ din: groupDin(passing.unit.din), name })}
          notNow={passing.act === "issue" ? issueNotNow : undefined}
          onClose={() => { setPassing(null); issue.reset(); reserve.reset(); }}
          send={(override, second) => passing.act === "issue" ? sendIssue(passing.unit, override, second) : reserve.mutateAsync({ unit: passing.unit.id, patient: patientAt.id, override, second })}
          onDone={() => { if (passing.act === "reserve") fetchAndScan(passing.unit); }}
          onOtherRules={(rules) => setPassing({ ...passing, rules })}
        >
          {passing.act === "issue" && fields}
        </PassDialog>
      )}
    </>
  );
}

function errorOfRole(): string {
  return sentenceFor(new CommandFailed({ code: "forbidden", kind: "refusal" }), { zone: "UTC", now: "" }).title;
}

/** While one of the two is still to be scanned, "not found" only says that. */
function refusalToShow(refused: CommandError | null, both: boolean): CommandError | null {
  return refused && (both || refused.code !== "not_found") ? refused : null;
}

function IdentityColumn({ title, at, change, children }: { title: string; at: Identity | null; change: ReactNode; children: ReactNode }) {
  const place = usePlace();
  const time = at ? (formatMoment(at.at, place.zone, place.now) ?? "") : "";
  return (
    <div className="flex min-w-0 flex-col [&>.hs-unit]:grow [&>.hs-unit]:grid-rows-[auto_1fr] [&>.hs-unit>div]:py-1.5">
      <div className="mb-1.5 flex min-h-[26px] flex-wrap items-center gap-2">
        <h2 className="m-0 text-lg">{title}</h2>
        {change}
        {at && <span className="hs-meta ms-auto">{at.how === "scanned" ? m.blood_counter_scanned({ time }) : m.blood_counter_chosen({ time })}</span>}
      </div>
      {children}
    </div>
  );
}

function PatientQuadrants({ patient }: { patient: PatientView }) {
  const { group } = patient;
  const held = patient.units.filter((u) => u.status === "reserved");
  return (
    <Quadrants
      kind="patient"
      label={m.blood_counter_patient()}
      cells={[
        <Quadrant heading={m.blood_counter_read_band()} value={formatName(patient)}>
          <span className="hs-k"><ClinicalDate value={patient.birthDate} /> <Age birthDate={patient.birthDate} /> · {sexWord(patient.sex)}</span>
          <span className="hs-k"><Identifier>{patient.hospitalNumber}</Identifier></span>
        </Quadrant>,
        <>
          <span className="hs-k">{group.state === "confirmed" ? m.blood_counter_group_confirmed() : group.state === "once" ? m.blood_counter_group_once() : m.blood_counter_group()}</span>
          {group.state === "confirmed" || group.state === "once" ? <BloodGroup group={group.group} size="xl" />
            : group.state === "conflict" ? <Status kind="critical" wrap>{m.blood_counter_group_conflict({ groups: group.groups.map(groupWords).join(", ") })}</Status>
            : <span className="hs-big"><NotKnown>{m.blood_counter_group_unknown()}</NotKnown></span>}
        </>,
        <>
          <span className="hs-k">{m.blood_counter_antibody()}</span>
          {patient.antiDEver ? <Status kind="caution" wrap>{m.blood_counter_anti_d()}</Status> : <span className="hs-big">{m.blood_counter_no_anti_d()}</span>}
        </>,
        <>
          <span className="hs-k">{m.blood_counter_held()}</span>
          {held.length === 0 ? <span>{m.blood_counter_held_none()}</span> : held.map((u) => <span key={u.id} className="flex flex-wrap items-center gap-x-2"><DonationNumber din={u.din} check={u.check} /> <span className="hs-k">{componentName(u.component)}</span></span>)}
        </>,
      ]}
    />
  );
}

/** What is the same and what is different between the two, in the column between them. */
function Compare({ patient, unit, refused }: { patient: PatientView | null; unit: UnitView | null; refused: CommandError | null }) {
  const group = patient && (patient.group.state === "once" || patient.group.state === "confirmed") ? patient.group.group : null;
  const box = "grid content-start justify-items-center gap-1 px-2 pt-10 text-center max-[1000px]:grid-flow-col max-[1000px]:justify-start max-[1000px]:py-2";
  if (!group || !unit) return <div className={box}><Shape kind="inactive" size={20} /><span className="text-ink-2">{m.blood_counter_compare_wait()}</span></div>;
  const abo = group.abo !== unit.row.group.abo;
  const rhd = group.rhd !== unit.row.group.rhd;
  if (!abo && !rhd) return <div className={box}><Shape kind="good" size={20} /><b>{m.blood_counter_same()}</b></div>;
  const kind: StatusKind = refused ? (refused.kind === "needs_override" ? "caution" : "critical") : "notice";
  return (
    <div className={box}>
      <Shape kind={kind} size={24} />
      <b>{m.blood_counter_different()}</b>
      <span className="text-ink-2">{abo && rhd ? m.blood_counter_diff_both() : abo ? m.blood_counter_diff_abo() : m.blood_counter_diff_rhd()}</span>
    </div>
  );
}

/** Without a scanner: the number with its check character, read exactly as a scan is. */
function TypedUnit({ onFound }: { onFound(part: Extract<ScanPart, { kind: "donation_number" }>): Promise<string | null> }) {
  const backend = useBackend();
  const place = usePlace();
  const [text, setText] = useState("");
  const [error, setError] = useState<string>();
  async function read() {
    if (text.trim() === "") return;
    try {
      const { parts } = await backend.call("scan.read", { text: text.trim(), typed: !/^[=&]/.test(text.trim()) });
      const number = parts.find((p) => p.kind === "donation_number");
      if (number) setError((await onFound(number)) ?? undefined);
      else setError(parts[0] ? m.blood_wrong_kind_typed({ was: partKind(parts[0]), wanted: m.blood_kind_donation_number() }) : m.blood_scan_unreadable());
    } catch (cause) {
      const failed = CommandFailed.from(cause);
      const s = sentenceFor(failed, place);
      setError(failed.code === "check_character_wrong" ? m.blood_check_wrong() : `${s.title} ${s.doNow}`);
    }
  }
  return (
    <form className="grid gap-2 border border-line-2 bg-surface p-3" onSubmit={(e) => { e.preventDefault(); void read(); }}>
      <p className="text-ink-2">{m.blood_counter_no_unit()}</p>
      <TextField label={m.blood_field_din()} hint={m.blood_counter_no_unit_typed()} error={error} value={text} onChange={(v) => { setText(v); setError(undefined); }} mono autoComplete="off" />
      <span><Button type="submit">{m.blood_field_din_take()}</Button></span>
    </form>
  );
}

function BagChoice({ bags, onChoose }: { bags: UnitRow[]; onChoose(id: string): void }) {
  return (
    <div className="grid gap-2 border border-line-2 bg-surface p-3" role="group" aria-label={m.blood_several_bags()}>
      <p className="text-ink-2">{m.blood_several_bags()}</p>
      {bags.map((b) => (
        <Button key={b.id} onPress={() => onChoose(b.id)}>{componentName(b.component)}, {b.productCode}, {b.place}</Button>
      ))}
    </div>
  );
}

function Checks({ checks, subject, last }: { checks: Check[] | null; subject: Subject; last: { what: string; at: string } | null }) {
  const place = usePlace();
  const count = (result: CheckResult) => checks?.filter((c) => c.result === result).length ?? 0;
  return (
    <section aria-label={m.blood_checks_title()} tabIndex={0} className="min-h-0 min-w-0 overflow-auto">
      <SectionHead title={m.blood_checks_title()} note={checks ? m.blood_checks_count({ stop: count("stop"), caution: count("caution"), pass: count("pass"), not_yet: count("not_yet") }) : undefined} />
      {!checks ? <p className="p-4 text-ink-2">{m.blood_checks_none()}</p> : (
        <ul className="m-0 list-none p-0">
          {checks.map((c) => (
            <li key={c.name} data-result={c.result} className={`grid min-h-[28px] grid-cols-[18px_auto_1fr] items-baseline gap-x-2 border-b border-line px-4 py-1 ${c.result === "stop" ? "bg-critical-bg font-strong" : ""}`}>
              <span className="self-start pt-[3px]"><Shape kind={resultKind(c.result)} /></span>
              <span className={c.result === "not_yet" ? "text-ink-2" : ""}>{checkWord(c.name)}</span>
              <span className={`text-end text-sm ${c.result === "stop" ? "text-critical" : c.result === "caution" ? "text-caution-ink" : "text-ink-2"}`}>
                {c.code ? <><span className="hs-vh">{resultWord(c.result)}: </span>{ruleTitle(c.code, subject)}</> : c.result === "pass" && c.name === "unit_in_date" && c.args.expiresAt ? <ClinicalTime value={c.args.expiresAt} always="date-time" /> : resultWord(c.result)}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className="hs-meta px-4 py-3">{m.blood_scan_hint()} {last && m.blood_scan_last({ what: last.what, time: formatMoment(last.at, place.zone, place.now) ?? "" })}</p>
    </section>
  );
}

function Alternatives({ rows, total, picked, onPick, groupKnown }: { rows: Alternative[]; total: number; picked: number; onPick(index: number): void; groupKnown: boolean }) {
  if (rows.length === 0) {
    return <><SectionHead title={m.blood_alt_title()} /><p className="p-4 text-ink-2">{groupKnown ? m.blood_alt_none() : m.blood_alt_group_unknown()}</p></>;
  }
  const index = new Map(rows.map((a, i) => [a.unit.id, i]));
  // Said once in the head when it is the same for all.
  const components = new Set(rows.map((a) => a.unit.component));
  const [only] = components.size === 1 ? components : [];
  const columns: GridColumn<Alternative>[] = [
    { id: "key", title: m.blood_col_key(), width: 52, cell: (a) => { const i = index.get(a.unit.id) ?? 0; return i < 9 ? <Kbd>{i + 1}</Kbd> : null; } },
    { id: "din", title: m.blood_col_din(), isRowHeader: true, cell: (a) => <DonationNumber din={a.unit.din} check={a.unit.check} /> },
    { id: "group", title: m.blood_col_group(), cell: (a) => <BloodGroup group={a.unit.group} size="sm" /> },
    ...(components.size > 1 ? [{ id: "component", title: m.blood_col_component(), cell: (a: Alternative) => componentName(a.unit.component) }] : []),
    { id: "why", title: m.blood_col_why(), cell: (a) => (a.why === "compatible_scarce" ? <Status kind="caution" wrap>{alternativeWord(a.why, a.scarce_left)}</Status> : <span className="text-ink-2">{alternativeWord(a.why, a.scarce_left)}</span>) },
    { id: "expires", title: m.blood_col_expires(), cell: (a) => <span className="whitespace-nowrap"><ClinicalDate value={a.unit.expiresAt} /> <span className="hs-meta">{daysLeftWords(a.unit.daysLeft)}</span></span> },
    { id: "place", title: m.blood_col_place(), cell: (a) => a.unit.place },
  ];
  return (
    <>
      <SectionHead title={m.blood_alt_title()} note={`${only ? `${componentName(only)} · ` : ""}${m.blood_alt_count({ shown: rows.length, total })} · ${m.blood_alt_keys({ n: Math.min(9, rows.length) })}`} />
      <DataGrid
        label={m.blood_alt_title()}
        columns={columns}
        rows={rows}
        rowKey={(a) => a.unit.id}
        rowText={(a) => `${groupDin(a.unit.din)}, ${groupWords(a.unit.group)}, ${alternativeWord(a.why, a.scarce_left)}`}
        selectedKey={rows[picked]?.unit.id ?? null}
        onSelect={(id) => onPick(index.get(id) ?? 0)}
      />
    </>
  );
}

function IssueFields({ appearance, onAppearance, collector, onCollector, unit }: { appearance: Appearance; onAppearance(a: Appearance): void; collector: string; onCollector(name: string): void; unit: string | null }) {
  const go = useGo();
  return (
    <div className="grid max-w-[520px] gap-3">
      <RadioGroup label={m.blood_appearance()} stacked options={[{ id: "ok", label: m.blood_appearance_ok() }, { id: "bad", label: m.blood_appearance_bad() }]} value={appearance} onChange={(v: "ok" | "bad") => onAppearance(v)} />
      {appearance === "bad" && (
        <div role="alert" className="grid justify-items-start gap-2">
          <Status kind="critical" wrap>{m.blood_appearance_bad_next()}</Status>
          {unit && <Button onPress={() => go(unitPath(unit))}>{m.blood_appearance_bad_open()}</Button>}
        </div>
      )}
      <TextField label={m.blood_collected_by()} hint={m.blood_collected_by_hint()} value={collector} onChange={onCollector} size="lg" isRequired autoComplete="off" />
    </div>
  );
}

function IssuedPanel({ issued, onSame, onNew }: { issued: Issued; onSame(): void; onNew(): void }) {
  const place = usePlace();
  return (
    <div role="status" className="grid gap-3 p-5">
      <h2 className="m-0 flex items-start gap-2 text-xl break-words"><span className="pt-1"><Shape kind="good" size={18} /></span>{m.blood_issued_title({ name: issued.name })}</h2>
      <p>{m.blood_issued_body({ component: componentName(issued.unit.component), din: groupDin(issued.unit.din), collector: issued.collector, time: formatMoment(issued.at, place.zone, place.now) ?? "" })}</p>
      <p className="text-ink-2"><b>{m.blood_do_now()}</b> {m.blood_issued_next()}</p>
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" size="lg" onPress={onNew}>{m.blood_issued_again_new()}</Button>
        <Button size="lg" onPress={onSame}>{m.blood_issued_again_same()}</Button>
      </div>
    </div>
  );
}
