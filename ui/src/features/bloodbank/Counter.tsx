import { useEffect, useRef, useState } from "react";
import { AppLink, errorTone, fitting, type Scan, type ScanAnswer, useDraft, useGo, useKeys, useMay, useScanner, useScreenSearch } from "../../app";
import { CommandFailed, useBackend, useCommand, useSend } from "../../backend";
import { componentName, formatMoment, formatName, groupDin, PatientBanner, UnitLabel, usePlace } from "../../clinical";
import { Bar, Button, Checkbox, Empty, Loading } from "../../design";
import * as m from "../../paraglide/messages";
import type { Alternative, Code, CommandError, IssueAsk, IssueGates, Override, ScanPart, SecondPerson, UnitRow } from "../../wire";
import { lacks, type Later, LaterFields, sent as sentLater } from "../downtime/Later";
import { urgencyWord } from "../requests/words";
import { Alternatives } from "./Alternatives";
import { BagRead, bagScanOf, type BagParts, bagParts, missingWords, nothingRead, partState, partWord } from "./BagRead";
import { BloodHead, CouldNotRead, PatientChoice, Refused, sentenceFor, wantsSecond } from "./common";
import { BagChoice, Compare, type Identity, IdentityColumn, PatientQuadrants, TypedUnit } from "./CounterPair";
import { CrossmatchHere } from "./CrossmatchHere";
import { EmergencyButton, EmergencyFields, noOrder, orderAsked, type OrderEntry, orderNotNow, orderSent, usePhysicians } from "./Emergency";
import { Fills, Gates, seen } from "./Gates";
import { IssuedPanel, type Issued } from "./IssuedPanel";
import { type Appearance, IssueFields } from "./IssueFields";
import { unitPath } from "./nav";
import { PassDialog } from "./PassDialog";
import type { Subject } from "./refusals";
import { useDigits, useNoEnterFromScanner } from "./rhythm";
import { SlipDialog } from "./Slip";
import { anotherUnitHelps, crossmatchable, releasable, stopsOf } from "./verdict";
import { partKind } from "./words";

/** Where one unit is given to one patient. An address may bring one or both, for instance from the unit's page. */
export function Counter() {
  const [search] = useScreenSearch();
  const [mixUp, setMixUp] = useState<MixUp | null>(null);
  return <Desk key={`${search.patient ?? ""} ${search.unit ?? ""}`} patient={search.patient} unit={search.unit} mixUp={mixUp} onMixUp={setMixUp} />;
}

/** Another patient's wristband was read beside a pair: nothing of it stays, and the near miss is in the book. */
interface MixUp { name: string; nearMiss: string | null; error: CommandFailed | null }

/** The bag that stands here, or the bags of one number that it may be, or why the number that was read last is none. */
interface LabelNow { unit: string | null; among: readonly UnitRow[]; lost: string | null }
const noLabel: LabelNow = { unit: null, among: [], lost: null };

interface Passing { act: "issue" | "reserve"; unit: UnitRow; rules: Code[]; second: boolean }

function Desk({ mixUp, onMixUp, ...given }: { patient?: string; unit?: string; mixUp: MixUp | null; onMixUp(next: MixUp | null): void }) {
  const backend = useBackend();
  const place = usePlace();
  const may = useMay();
  const go = useGo();
  const chosen = (id: string | undefined): Identity | null => (id ? { id, how: "chosen", at: place.now } : null);
  const [patientAt, setPatientAt] = useState<Identity | null>(() => chosen(given.patient));
  const [unitAt, setUnitAt] = useState<Identity | null>(() => chosen(given.unit));
  // Whose label is being read, said at once: what is drawn follows a moment later, and the next code may come before it.
  const label = useRef<LabelNow>({ ...noLabel, unit: given.unit ?? null });
  const looking = useRef<Promise<unknown>>(Promise.resolve());
  const [read, setRead] = useState<BagParts>(nothingRead);
  const [slip, setSlip] = useState<string | null>(null);
  const [bags, setBags] = useState<UnitRow[]>([]);
  const [note, setNote] = useState<{ kind: "notice" | "caution"; text: string } | null>(null);
  const [last, setLast] = useState<{ what: string; at: string } | null>(null);
  const [appearance, setAppearance] = useState<Appearance>(null);
  const [collector, setCollector] = useState("");
  const [order, setOrder] = useState<OrderEntry | null>(null);
  // Written on a downtime form, and entered now.
  const [later, setLater] = useState<Later>(null);
  // The massive transfusion under which it is issued.
  const [protocol, setProtocol] = useState<string | null>(null);
  const [picked, setPicked] = useState(0);
  const [passing, setPassing] = useState<Passing | null>(null);
  const [slipOpen, setSlipOpen] = useState(false);
  const [matching, setMatching] = useState(false);
  const [issued, setIssued] = useState<Issued | null>(null);
  const decision = useRef<HTMLElement>(null);
  const words = useRef<HTMLDivElement>(null);
  // Who and which bag, by whatever way they were read, and what was entered about the pair. Coming back they are
  // asked of the store anew, and count as chosen: a scan before a lock is no scan now.
  const draft = useDraft("counter", issued === null && (patientAt || unitAt) ? { patient: patientAt?.id ?? "", unit: unitAt?.id ?? "", collector } : null, (kept) => {
    const then = fitting({ patient: "", unit: "", collector: "" }, kept);
    setPatientAt(chosen(then.patient || undefined));
    setUnitAt(chosen(then.unit || undefined));
    label.current = { ...noLabel, unit: then.unit || null };
    setRead(nothingRead);
    setCollector(then.collector);
  });

  const patient = useCommand("patient.view", { id: patientAt?.id ?? "" }, { enabled: patientAt !== null });
  const unit = useCommand("unit.view", { id: unitAt?.id ?? "" }, { enabled: unitAt !== null });
  const ask = useCommand("counter.ask", { patient: patientAt?.id ?? null, unit: unitAt?.id ?? null }, { enabled: patientAt !== null || unitAt !== null });
  const who = patientAt && patient.data ? patient.data : null;
  const bag = unitAt && unit.data ? unit.data : null;
  const finished = issued !== null && issued.unit.id === unitAt?.id;
  const physicians = usePhysicians(order !== null);

  // Every gate, asked with all that was read and entered. The name of the collector and the words of a reason change
  // no gate, so they are not asked letter by letter; they are sent with the issue itself.
  const asked: IssueAsk = {
    unit: unitAt?.id ?? "", patient: patientAt?.id ?? "", wristband: patientAt?.how === "scanned" ? patientAt.id : null, bag: bag ? bagScanOf(read, bag.row) : null, slip,
    collectedBy: "", appearanceOk: appearance !== "bad", emergency: orderAsked(order), protocol, override: null, second: null, ...sentLater(later),
  };
  const gates = useCommand("issue.gates", asked, { enabled: who !== null && bag !== null && !finished });
  // While the answer to one more scan is on its way the last one of the same pair stays; nothing is issued on it.
  const pair = who && bag ? `${who.id} ${bag.row.id}` : null;
  const held = useRef<{ pair: string; answer: IssueGates } | null>(null);
  if (gates.data && pair) held.current = { pair, answer: gates.data };
  const answer = gates.data ?? (held.current?.pair === pair && !gates.isError ? held.current.answer : null);

  // Said as soon as the store has answered, before everything on the screen is asked again: in between, the same
  // unit would be refused as already gone.
  const issuing = useRef<UnitRow | null>(null);
  const issue = useSend("issue.give", { onDone: () => { if (issuing.current) afterIssue(issuing.current); } });
  const reserve = useSend("unit.reserve");

  const name = who ? formatName(who) : m.blood_the_patient();
  const alternatives = ask.data?.alternatives ?? [];
  const early = refusalToShow(ask.data?.refused ?? null);
  // What has happened on paper is stopped by nothing any more: it is asked for as a whole, and kept with its rules.
  const onPaper = asked.happened !== undefined;
  const stops = answer && !onPaper ? stopsOf(answer) : [];
  const refused: CommandError | null = pair ? (stops[0] ?? answer?.refused ?? null) : early;
  // In an emergency nothing is set aside: the next bag is scanned.
  const showAlternatives = patientAt !== null && !finished && order === null && (unitAt === null || (pair ? refused !== null && anotherUnitHelps(answer) : early !== null));
  const subject: Subject = { unit: bag?.row ?? null, patient: who ? { name, group: who.group } : null, listed: showAlternatives && alternatives.length > 0, ...place };
  const missing = bag ? missingWords(read) : "";
  const shown = seen(answer?.gates ?? null, { patientScanned: patientAt?.how === "scanned", bagMissing: missing, slip: slip !== null, looked: appearance !== null, collector: collector.trim() !== "" });

  /** What a person reads when something else was scanned than what belongs here; the scan itself then sounds. */
  function wrong(text: string): ScanAnswer {
    setNote({ kind: "caution", text });
    return "refused";
  }

  // ---- Identities ------------------------------------------------------------------------------------------

  /** What belonged to the pair before must not be carried to another pair. */
  function forget() {
    setAppearance(null);
    setPassing(null);
    setPicked(0);
    setBags([]);
    label.current = { ...noLabel, unit: label.current.unit };
    setNote(null);
    setSlip(null);
    setOrder(null);
    setLater(null);
    setProtocol(null);
    issue.reset();
    reserve.reset();
  }

  function dropUnit() {
    forget();
    setUnitAt(null);
    label.current = noLabel;
    setRead(nothingRead);
  }

  function putUnit(id: string, how: Identity["how"], at: string, parts: Partial<BagParts> = {}) {
    const other = id !== unitAt?.id;
    if (other) {
      // A slip that came before its bag waits for it.
      const kept = unitAt === null ? slip : null;
      forget();
      setSlip(kept);
      setIssued(null);
    }
    setBags([]);
    setRead((was) => ({ ...(other ? nothingRead : was), ...parts }));
    setUnitAt({ id, how, at });
    label.current = { ...noLabel, unit: id };
  }

  function putPatient(next: Identity) {
    if (next.id !== patientAt?.id) {
      const kept = patientAt === null ? slip : null;
      forget();
      setSlip(kept);
      setCollector("");
      if (finished) dropUnit();
      setIssued(null);
    }
    setPatientAt(next);
  }

  async function findUnit(number: Extract<ScanPart, { kind: "donation_number" }>, parts: Partial<BagParts>, how: Identity["how"], at: string): Promise<string | null> {
    const all = { ...parts, din: number.din };
    if (number.unit) {
      putUnit(number.unit, how, at, all);
      return null;
    }
    // One of several bags of a donation stands here already: its product code, read next, tells whether it is this one.
    if (bag && !finished && bag.row.din === number.din && (parts.product ?? bag.row.productCode) === bag.row.productCode) {
      putUnit(bag.row.id, how, at, all);
      return null;
    }
    // None, or several bags of one donation: the list tells which, and the product code decides.
    const found = await backend.call("unit.list", { component: null, group: null, status: null, text: number.din, limit: 50 });
    const rows = found.rows.filter((r) => r.din === number.din && (!parts.product || r.productCode === parts.product));
    if (rows.length === 1 && rows[0]) putUnit(rows[0].id, how, at, all);
    else if (rows.length > 1) {
      setBags(rows);
      label.current = { ...label.current, among: rows, lost: null };
    } else return `${m.blood_unit_unknown_din({ din: groupDin(number.din) })} ${m.blood_unit_unknown_din_next()}`;
    return null;
  }

  /** A part of the label of the bag that is on the screen; one that differs stops at once, with its tone. */
  function putParts(parts: Partial<BagParts>, row: UnitRow): ScanAnswer {
    setRead((was) => ({ ...was, ...parts }));
    const differs = bagParts.find((p) => parts[p] !== undefined && partState(p, { ...nothingRead, ...parts }, row) === "differs");
    return differs ? wrong(m.blood_scan_other_bag({ part: partWord[differs]() })) : "taken";
  }

  function onBand(band: Extract<ScanPart, { kind: "patient" }>, at: string): ScanAnswer {
    setLast({ what: partKind(band), at });
    if (!band.patient) return wrong(m.blood_patient_unknown_number({ number: band.number }));
    const next: Identity = { id: band.patient, how: "scanned", at };
    const busy = patientAt !== null && patientAt.id !== band.patient && unitAt !== null && !finished;
    if (busy) {
      void stopMixUp(patientAt.id, unitAt.id, band.patient);
      return "refused";
    }
    putPatient(next);
    return "taken";
  }

  /** Everything is cleared first; the store writes the near miss by itself (bloodbank.md 6, scenario 22). */
  async function stopMixUp(expected: string, bag: string, wristband: string) {
    start();
    onMixUp({ name, nearMiss: null, error: null });
    try {
      await backend.call("issue.scan", { patient: expected, unit: bag, wristband });
    } catch (cause) {
      const failed = CommandFailed.from(cause);
      onMixUp({ name, nearMiss: failed.args.nearMiss ?? null, error: failed.code === "wristband_of_another" ? null : failed });
    }
  }

  /** The number that was read, one after the other; why it is none here. Its other codes are then nobody's. */
  async function lookUp(number: Extract<ScanPart, { kind: "donation_number" }>, parts: Partial<BagParts>, at: string): Promise<string | null> {
    await looking.current;
    let unknown: string | null;
    try {
      unknown = await findUnit(number, parts, "scanned", at);
    } catch (cause) {
      const s = sentenceFor(CommandFailed.from(cause), place);
      unknown = `${s.title} ${s.doNow}`;
    }
    if (unknown) label.current = { ...label.current, among: [], lost: unknown };
    return unknown;
  }

  /** The codes of a label beside its number. They may come before the store has said whose number it was, and wait for that. */
  async function readLabel(parts: Partial<BagParts>, part: ScanPart, at: string): Promise<ScanAnswer> {
    await looking.current;
    const { unit: id, among, lost } = label.current;
    if (lost) return wrong(lost);
    if (among.length > 0) {
      const one = among.find((b) => b.productCode === parts.product);
      if (!one) return wrong(m.shelf_box_which());
      putUnit(one.id, "scanned", at, { ...parts, din: one.din });
      return "taken";
    }
    if (id === null) return wrong(m.blood_wrong_kind({ was: partKind(part), wanted: wanted() }));
    try {
      const { row } = bag?.row.id === id ? bag : await backend.call("unit.view", { id });
      // Another bag took its place meanwhile: a code of the one before says nothing of it.
      return label.current.unit === row.id ? putParts(parts, row) : "taken";
    } catch (cause) {
      const s = sentenceFor(CommandFailed.from(cause), place);
      return wrong(`${s.title} ${s.doNow}`);
    }
  }

  async function onScan(scan: Scan): Promise<ScanAnswer> {
    setNote(null);
    onMixUp(null);
    if (scan.slip) {
      setLast({ what: m.blood_kind_slip(), at: scan.at });
      setSlip(scan.slip);
      setNote({ kind: "notice", text: pair ? m.blood_slip_read() : m.blood_slip_kept() });
      return "taken";
    }
    if (scan.error) {
      const s = sentenceFor(scan.error, place);
      return wrong(`${s.title} ${s.doNow}`);
    }
    const number = scan.parts.find((p) => p.kind === "donation_number");
    const band = scan.parts.find((p) => p.kind === "patient");
    const product = scan.parts.find((p) => p.kind === "product");
    const group = scan.parts.find((p) => p.kind === "group");
    const parts: Partial<BagParts> = { ...(product && { product: product.code }), ...(group && { group: group.group }) };
    let answer: ScanAnswer = band ? onBand(band, scan.at) : "taken";
    if (number) {
      setLast({ what: groupDin(number.din), at: scan.at });
      const found = lookUp(number, parts, scan.at);
      looking.current = found;
      const unknown = await found;
      if (unknown) answer = wrong(unknown);
    } else if (!band && !finished && (product || group)) {
      const part = product ?? group ?? { kind: "other", name: "", raw: "" };
      setLast({ what: partKind(part), at: scan.at });
      answer = await readLabel(parts, part, scan.at);
    } else if (!band && scan.parts[0] && !(bag && isLabelPart(scan.parts[0]))) {
      answer = wrong(m.blood_wrong_kind({ was: partKind(scan.parts[0]), wanted: wanted() }));
    }
    return answer;
  }
  useScanner(onScan);
  useNoEnterFromScanner();

  /** What would have been the right thing to scan. */
  function wanted(): string {
    if (!patientAt) return unitAt ? m.blood_want_patient() : m.blood_want_unit_or_patient();
    if (!unitAt) return m.blood_want_unit();
    return missing ? m.blood_want_bag_rest({ parts: missing }) : m.blood_want_slip_or_unit();
  }

  // A slip that nobody here made is no slip: it is said, and the next scan may be the right one.
  const slipError = gates.error && slip !== null && gates.error.code === "slip_not_genuine" ? gates.error : null;
  useEffect(() => {
    if (!slipError) return;
    const s = sentenceFor(slipError, place);
    setSlip(null);
    // The store's own answer comes after the scan was taken.
    errorTone();
    wrong(`${s.title} ${s.doNow}`);
  }, [slipError]);

  // ---- Acts --------------------------------------------------------------------------------------------------

  function sendIssue(row: UnitRow, override: Override | null, second: SecondPerson | null) {
    issuing.current = row;
    return issue.mutateAsync({ ...asked, unit: row.id, collectedBy: collector.trim(), appearanceOk: appearance === "ok", emergency: orderSent(order), override, second });
  }

  function afterIssue(row: UnitRow) {
    draft.done();
    setPassing(null);
    const physician = physicians?.find((p) => p.user === order?.physician)?.name ?? "";
    setIssued({ unit: row, name, collector: collector.trim(), at: place.now, gates: shown, within: answer?.returnMinutes ?? 0, emergency: order ? { physician, signed: order.sign === "now" } : null });
    setOrder(null);
    setLater(null);
    setProtocol(null);
  }

  async function issueNow(row: UnitRow) {
    if (issue.isPending) return;
    try {
      await sendIssue(row, null, null);
    } catch (cause) {
      const error = CommandFailed.from(cause);
      // The physician's own password is asked again where it is typed, not in a dialog for a second person.
      if (wantsSecond(error) && order) setOrder({ ...order, password: "" });
      else if (wantsSecond(error)) setPassing({ act: "issue", unit: row, rules: [], second: true });
      else void gates.refetch();
    }
  }

  const alternative = alternatives[Math.min(picked, alternatives.length - 1)];

  function fetchAndScan(row: UnitRow) {
    setPassing(null);
    // The unit must still be read from its own label before anything is issued.
    dropUnit();
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

  useDigits(showAlternatives ? Math.min(9, alternatives.length) : 0, setPicked);
  useKeys(showAlternatives && alternatives.length > 0 ? [{ keys: ["1–9"], words: m.blood_keys_choose() }] : []);

  // A stop is where the eyes and the keyboard have to be; a field that is being filled keeps the focus.
  const refusedKey = refused ? `${patientAt?.id} ${unitAt?.id} ${refused.code}` : null;
  useEffect(() => {
    const active = document.activeElement;
    if (finished && words.current) words.current.scrollTop = 0;
    if ((refusedKey || finished) && !(active instanceof HTMLInputElement || active instanceof HTMLTextAreaElement)) decision.current?.focus({ preventScroll: true });
  }, [refusedKey, finished]);

  function start() {
    dropUnit();
    setIssued(null);
    setPatientAt(null);
    setCollector("");
    setLast(null);
    if (given.patient || given.unit) go("/blood/issue");
  }

  const notYet = !may("issue_blood") ? m.blood_issue_forbidden()
    : lacks(later) ?? (order ? orderNotNow(order) : undefined);
  const bagNotNow = missing ? m.blood_issue_off_bag({ parts: missing }) : undefined;
  const issueNotNow = notYet
    ?? (appearance !== "ok" ? m.blood_issue_off_appearance()
      : collector.trim() === "" ? m.blood_issue_off_collector()
      : bagNotNow ?? (gates.data ? undefined : m.blood_issue_off_checks()));
  const fields = <IssueFields appearance={appearance} onAppearance={setAppearance} collector={collector} onCollector={setCollector} unit={unitAt?.id ?? null} />;
  const ready = !refused && pair !== null && bag !== null && answer !== null;
  const passwordRefused = issue.error && order && wantsSecond(issue.error) ? issue.error : null;
  const mayRelease = order === null && bag !== null && who !== null && answer !== null && may("issue_blood") && releasable(bag.row.component, answer);

  return (
    <>
      {who && <PatientBanner patient={who} />}
      <BloodHead title={m.blood_counter_title()} />
      <div className="relative flex min-h-0 grow flex-col overflow-auto">
        {draft.offer}
        <div aria-live="polite">{note && <Bar kind={note.kind}>{note.text}</Bar>}</div>
        {mixUp && (
          <div role="alert">
            <Bar kind="critical" action={mixUp.nearMiss ? <AppLink to={`/reactions/${mixUp.nearMiss}`} className="hs-btn">{m.bedside_near_miss_open()}</AppLink> : undefined}>
              <b>{m.blood_other_patient_title()}.</b> {m.blood_other_patient_body({ name: mixUp.name })} {mixUp.nearMiss && m.bedside_near_miss()}
              {mixUp.error && ` ${sentenceFor(mixUp.error, place).title}`}
            </Bar>
          </div>
        )}
        <section className="grid flex-none grid-cols-[minmax(0,1fr)_112px_minmax(0,1fr)] items-stretch border-b border-line-2 bg-sunken px-4 pt-2 pb-2 max-[1000px]:grid-cols-1" aria-label={m.blood_counter_compare()}>
          <IdentityColumn title={m.blood_counter_patient()} at={patientAt} change={patientAt && !finished ? <Button size="sm" variant="quiet" onPress={start}>{m.blood_change_patient()}</Button> : null}>
            {!patientAt ? (
              <div className="grid gap-2 border border-line-2 bg-surface p-3">
                <p className="text-ink-2">{m.blood_counter_no_patient()}</p>
                <PatientChoice onChoose={(row) => putPatient({ id: row.id, how: "chosen", at: place.now })} />
                <WaitingRequests onTake={(id) => putPatient({ id, how: "chosen", at: place.now })} />
              </div>
            ) : patient.isError ? <CouldNotRead title={m.blood_counter_patient()} error={patient.error} onRetry={() => void patient.refetch()} />
              : !who ? <Loading label={m.blood_checking()} />
              : <PatientQuadrants patient={who} />}
          </IdentityColumn>
          <Compare patient={who} unit={bag} refused={refused} />
          <IdentityColumn title={m.blood_counter_unit()} at={unitAt} change={unitAt && !finished ? <Button size="sm" variant="quiet" onPress={dropUnit}>{m.blood_change_unit()}</Button> : null}>
            {bags.length > 0 ? <BagChoice bags={bags} onChoose={(id) => putUnit(id, "chosen", place.now)} />
              : !unitAt ? <TypedUnit onFound={(part) => findUnit(part, {}, "chosen", place.now)} />
              : unit.isError ? <CouldNotRead title={m.blood_failed_unit()} error={unit.error} onRetry={() => void unit.refetch()} />
              : !bag ? <Loading label={m.blood_checking()} />
              : (
                <>
                  <UnitLabel din={bag.row.din} check={bag.row.check} group={bag.row.group} component={bag.row.component} productCode={bag.row.productCode} volumeMl={bag.volumeMl} expires={bag.row.expiresAt} place={bag.row.place} collected={bag.collectedAt} />
                  {!finished && <BagRead read={read} row={bag.row} onTyped={(parts) => { setNote(null); putParts(parts, bag.row); }} />}
                </>
              )}
          </IdentityColumn>
        </section>
        <div className="grid min-h-[340px] grow basis-0 grid-cols-[minmax(0,11fr)_minmax(0,9fr)] grid-rows-[minmax(0,1fr)] max-[1000px]:flex-none max-[1000px]:grid-cols-1 max-[1000px]:grid-rows-none">
          <Gates gates={finished ? issued.gates : shown} pair={pair !== null} subject={subject} last={last} />
          <section ref={decision} tabIndex={-1} aria-label={m.blood_do_now()} className="flex min-h-0 min-w-0 flex-col border-s border-line-2 focus-visible:outline-none focus-visible:[box-shadow:none]">
            <div ref={words} className="relative min-h-0 grow overflow-auto" tabIndex={0}>
              {ask.isError && !pair && <CouldNotRead title={m.blood_checks_title()} error={ask.error} onRetry={() => void ask.refetch()} />}
              {gates.isError && !slipError && pair && <CouldNotRead title={m.blood_gates_title()} error={gates.error} onRetry={() => void gates.refetch()} />}
              {finished ? <IssuedPanel issued={issued} onSame={() => { dropUnit(); setIssued(null); setCollector(""); }} onNew={start} />
                : (
                  <>
                    {answer?.protocol && (
                      <div className="border-b border-line px-4 py-2">
                        <Checkbox isSelected={protocol === answer.protocol.id} onChange={(on) => setProtocol(on ? answer.protocol?.id ?? null : null)} sub={answer.protocol.pack === null ? m.blood_protocol_own() : m.blood_protocol_pack({ number: answer.protocol.pack })}>{m.blood_protocol_for({ name })}</Checkbox>{" "}
                        <AppLink to={`/massive/${answer.protocol.id}`}>{m.blood_protocol_show()}</AppLink>
                      </div>
                    )}
                    {answer && bag && !protocol && <Fills request={answer.request} component={componentName(bag.row.component).toLocaleLowerCase()} />}
                    {refused && !issue.error && (
                      <Refused
                        error={refused}
                        more={stops.slice(1)}
                        subject={subject}
                        title={pair ? (refused.kind === "needs_override" ? m.blood_counter_needs() : m.blood_counter_refused()) : undefined}
                        actions={answer && crossmatchable(answer) && may("crossmatch") ? <Button onPress={() => setMatching(true)}>{m.requests_xm_record()}</Button>
                          : bag && refused.code === "label_not_read" && may("test_donations") ? <Button onPress={() => go(unitPath(bag.row.id))}>{m.processing_label_read()}</Button>
                          : bag && refused.code === "unit_group_unconfirmed" && may("crossmatch") ? <Button onPress={() => go(unitPath(bag.row.id))}>{m.blood_trait_enter()}</Button>
                          : undefined}
                      />
                    )}
                    {issue.error && !wantsSecond(issue.error) && !passing && <Refused error={issue.error} subject={subject} title={m.blood_counter_refused()} />}
                    {reserve.error && reserve.error.kind !== "needs_override" && !wantsSecond(reserve.error) && !passing && alternative && <Refused error={reserve.error} subject={{ ...subject, unit: alternative.unit }} />}
                    {order && (
                      <div className="p-4 pb-0">
                        <EmergencyFields
                          entry={order}
                          onChange={(next) => { setOrder(next); if (issue.error) issue.reset(); }}
                          physicians={physicians}
                          refused={passwordRefused && <Refused error={passwordRefused} subject={subject} />}
                        />
                      </div>
                    )}
                    {showAlternatives && ask.data && (
                      <Alternatives rows={alternatives} total={ask.data.alternativesTotal} picked={picked} onPick={setPicked} groupKnown={who?.group.state === "once" || who?.group.state === "confirmed"} />
                    )}
                    {pair && bag && may("issue_blood") && (
                      <div className="max-w-[660px] p-5 pb-0">
                        <LaterFields entry={later} onChange={(next) => { setLater(next); if (issue.error) issue.reset(); }} />
                      </div>
                    )}
                    {!patientAt && !unitAt && <Empty plain title={m.blood_counter_start_title()}>{m.blood_counter_start()}</Empty>}
                    {!patientAt && unitAt && !refused && <p className="p-5 text-ink-2">{m.blood_counter_scan_patient()}</p>}
                    {ready && (!issue.error || passwordRefused) && (
                      <div className="grid gap-4 p-5">
                        {!order && <div><h2 className="m-0 text-xl">{m.blood_counter_ready()}</h2><p className="text-ink-2">{m.blood_counter_ready_body()}</p></div>}
                        {fields}
                      </div>
                    )}
                  </>
                )}
            </div>
            {!finished && (patientAt || unitAt) && (
              <div className="flex flex-none flex-wrap items-center gap-2 border-t border-line-2 bg-surface px-4 py-2">
                {ready && bag && (
                  <Button variant={order ? "danger" : "primary"} size="lg" className="h-auto! min-h-10 max-w-full whitespace-normal! text-start" pending={issue.isPending} notNow={issueNotNow} onPress={() => void issueNow(bag.row)}>
                    {order ? m.blood_emergency_give({ din: groupDin(bag.row.din), name }) : m.blood_issue({ din: groupDin(bag.row.din), name })}
                  </Button>
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
                {refused && unitAt && <Button size="lg" onPress={dropUnit}>{m.blood_counter_another()}</Button>}
                {ready && bag && !order && <Button size="lg" onPress={() => setSlipOpen(true)}>{m.blood_slip_make()}</Button>}
                <span className="ms-auto flex flex-wrap items-center gap-2">
                  {refused?.kind === "needs_override" && bag && who && (
                    <Button
                      variant="danger"
                      size="lg"
                      notNow={may("override_blood_warning") && may("issue_blood") ? lacks(later) ?? (order ? orderNotNow(order) : undefined) ?? bagNotNow : m.blood_counter_override_who()}
                      onPress={() => setPassing({ act: "issue", unit: bag.row, rules: refused.rules.length > 0 ? refused.rules : [refused.code], second: true })}
                    >
                      {m.blood_counter_override()}
                    </Button>
                  )}
                  {mayRelease && <EmergencyButton onPress={() => { issue.reset(); setOrder(noOrder); }} />}
                  {order && <Button size="lg" onPress={() => { issue.reset(); setOrder(null); }}>{m.blood_emergency_back()}</Button>}
                  <Button size="lg" variant="quiet" onPress={start}>{m.blood_counter_stop()}</Button>
                </span>
              </div>
            )}
          </section>
        </div>
      </div>
      {matching && bag && who && <CrossmatchHere unit={bag.row} patient={who.id} onClose={() => setMatching(false)} />}
      {slipOpen && bag && who && <SlipDialog unit={bag.row} patient={who.id} onClose={() => setSlipOpen(false)} />}
      {passing && patientAt && (
        <PassDialog
          key={`${passing.act} ${passing.unit.id} ${patientAt.id}`}
          rules={passing.rules}
          secondAsked={passing.second}
          subject={{ ...subject, unit: passing.unit }}
          args={refused?.args}
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

/** Without a wristband at hand: the orders that wait, the most urgent first. */
function WaitingRequests({ onTake }: { onTake(patient: string): void }) {
  const place = usePlace();
  const may = useMay();
  const requests = useCommand("request.list", {}, { enabled: may("see_patients") });
  const open = requests.data?.open.filter((r) => r.issued < r.count).slice(0, 4) ?? [];
  if (open.length === 0) return null;
  return (
    <div className="grid gap-1 border-t border-line pt-2">
      <h3 className="m-0 text-base">{m.blood_waiting_requests()}</h3>
      <ul className="m-0 grid list-none gap-1 p-0">
        {open.map((r) => (
          <li key={r.id} className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
            <span className="min-w-0 grow basis-[220px] break-words">
              <b><bdi>{formatName(r.patient)}</bdi></b> <span className="hs-meta block">{m.blood_fills_line({ count: r.count, component: componentName(r.component).toLocaleLowerCase(), urgency: urgencyWord(r.urgency).toLocaleLowerCase(), time: formatMoment(r.neededBy, place.zone, place.now) ?? "" })}</span>
            </span>
            <Button size="sm" onPress={() => onTake(r.patient.id)}>{m.blood_waiting_take({ name: formatName(r.patient) })}</Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function errorOfRole(): string {
  return sentenceFor(new CommandFailed({ code: "forbidden", kind: "refusal" }), { zone: "UTC", now: "" }).title;
}

/** The other codes of a label: nobody is scolded for scanning all of it. */
function isLabelPart(part: ScanPart): boolean {
  return part.kind === "expiry" || part.kind === "collected";
}

/** While one of the two is still to be scanned, "not found" only says that. */
function refusalToShow(refused: CommandError | null): CommandError | null {
  return refused && refused.code !== "not_found" ? refused : null;
}
