import { type ReactNode, useRef, useState } from "react";
import { AppLink, useMay, useScanner, useStatus } from "../../app";
import { useCommand, useSend } from "../../backend";
import { BloodGroup, ClinicalTime, componentName, DonationNumber, formatMoment, formatName, groupDin, Identifier, usePlace } from "../../clinical";
import { Bar, Button, Chip, DataGrid, Dialog, Empty, type GridColumn, NumberField, RadioGroup, SectionHead, Shape, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { InError, IssueRow, Returned, SecondPerson } from "../../wire";
import { lacks, type Later, LaterFields, RuleNames, sent as sentLater } from "../downtime/Later";
import { PrintTag } from "../printing/Placed";
import { CrossmatchHere } from "./CrossmatchHere";
import { AskDialog, BloodHead, CouldNotRead, nobody, Refused, secondReady, SecondPersonFields, UnitLink, Waiting } from "./common";
import { LeftOut } from "./LeftOut";
import { unitPath } from "./nav";
import { outState, outWords, returnFaultWord } from "./issueWords";

/** What left the counter and is not settled: bags out, signatures owed, crossmatches owed. */
export function IssuesPage() {
  const issues = useCommand("issue.list", {});
  const may = useMay();
  const [back, setBack] = useState<IssueRow | null>(null);
  const [signing, setSigning] = useState<IssueRow | null>(null);
  const [deciding, setDeciding] = useState<IssueRow | null>(null);
  const [matching, setMatching] = useState<IssueRow | null>(null);
  const [wrong, setWrong] = useState<IssueRow | null>(null);
  const [note, setNote] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  /** A number that several bags out there bear: the product code says which. */
  const waiting = useRef<string | null>(null);
  // A bag that is brought back is scanned, and its row is found by it.
  useScanner((scan) => {
    const number = scan.parts.find((p) => p.kind === "donation_number");
    const product = scan.parts.find((p) => p.kind === "product");
    const din = number?.din ?? (product ? waiting.current : null);
    const rows = issues.data?.out.filter((r) => r.unit.din === din && (!product || r.unit.productCode === product.code)) ?? [];
    setNote(null);
    waiting.current = null;
    if (rows.length === 1 && rows[0] && may("issue_blood")) setBack(rows[0]);
    else if (rows.length > 1 && din) {
      waiting.current = din;
      setNote(m.shelf_box_which());
    } else {
      setNote(number ? m.blood_out_scan_none({ din: groupDin(number.din) }) : m.blood_out_scan());
      return "refused";
    }
    return "taken";
  });
  return (
    <>
      <BloodHead title={m.blood_issues_title()} />
      <div aria-live="polite">{note ? <Bar kind="caution">{note}</Bar> : done && <Bar kind="notice">{done}</Bar>}</div>
      {issues.isError ? <CouldNotRead title={m.blood_issues_failed()} error={issues.error} onRetry={() => void issues.refetch()} />
        : !issues.data ? <Waiting label={m.blood_loading()} />
        : (
          <div className="relative min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.blood_issues_title()}>
            <LeftOut count={issues.data.leftOut} />
            {issues.data.unsigned.length > 0 && <Unsigned rows={issues.data.unsigned} onSign={setSigning} />}
            {issues.data.antiD.length > 0 && <AntiD rows={issues.data.antiD} onDecide={setDeciding} />}
            {issues.data.owed.length > 0 && <Owed rows={issues.data.owed} onMatch={may("crossmatch") ? setMatching : null} />}
            {issues.data.against && issues.data.against.length > 0 && <Against rows={issues.data.against} onWrong={may("issue_blood") ? setWrong : null} />}
            <Out rows={issues.data.out} within={issues.data.returnMinutes} onBack={may("issue_blood") ? setBack : null} />
          </div>
        )}
      {back && issues.data && <ReturnDialog row={back} within={issues.data.returnMinutes} onClose={() => setBack(null)} />}
      {signing && <SignDialog row={signing} onClose={() => setSigning(null)} onDone={() => { setDone(m.blood_sign_done({ din: groupDin(signing.unit.din) })); setSigning(null); }} />}
      {deciding && <AntiDDialog row={deciding} onClose={() => setDeciding(null)} onDone={() => { setDone(m.blood_anti_d_done({ din: groupDin(deciding.unit.din) })); setDeciding(null); }} />}
      {wrong && <InErrorDialog row={wrong} onClose={() => setWrong(null)} onDone={() => { setDone(m.downtime_error_done({ din: groupDin(wrong.unit.din) })); setWrong(null); }} />}
      {matching && <CrossmatchHere unit={matching.unit} patient={matching.patient.id} onClose={() => setMatching(null)} />}
    </>
  );
}

function Uncrossmatched({ row }: { row: IssueRow }) {
  return row.uncrossmatched ? <span lang="en"><Chip kind="critical">{m.blood_uncrossmatched()}</Chip></span> : null;
}

const rowText = (row: IssueRow) => `${groupDin(row.unit.din)}, ${formatName(row.patient)}`;

/** The columns that every list here begins with: which bag, for whom. */
function useBagColumns(): GridColumn<IssueRow>[] {
  const may = useMay();
  return [
    { id: "din", title: m.blood_col_din(), isRowHeader: true, cell: (r) => <span className="grid gap-0.5 py-1"><UnitLink id={r.unit.id}><DonationNumber din={r.unit.din} check={r.unit.check} /></UnitLink><Uncrossmatched row={r} /></span> },
    { id: "group", title: m.blood_col_group(), cell: (r) => <span className="grid justify-items-start gap-0.5"><BloodGroup group={r.unit.group} size="sm" /><span className="hs-meta">{componentName(r.unit.component)}</span></span> },
    {
      id: "patient", title: m.blood_counter_patient(),
      cell: (r) => (
        <span className="grid min-w-0 [overflow-wrap:anywhere]">
          <b><bdi>{may("see_patients") ? <AppLink to={`/patients/${r.patient.id}`} className="text-ink hover:text-accent">{formatName(r.patient)}</AppLink> : formatName(r.patient)}</bdi></b>
          <span className="hs-meta"><Identifier>{r.patient.hospitalNumber}</Identifier></span>
        </span>
      ),
    },
  ];
}

function Out({ rows, within, onBack }: { rows: IssueRow[]; within: number; onBack: ((row: IssueRow) => void) | null }) {
  const place = usePlace();
  const bag = useBagColumns();
  const latest = [...rows].sort((a, b) => b.at.localeCompare(a.at));
  const over = rows.filter((r) => outState(r.at, place.now, within) === "over").length;
  const columns: GridColumn<IssueRow>[] = [
    ...bag,
    {
      id: "since", title: m.blood_out_since(),
      cell: (r) => {
        const state = outState(r.at, place.now, within);
        return (
          <span className="grid gap-0.5">
            <Status kind={state === "fresh" ? "good" : state === "soon" ? "caution" : "critical"} wrap>{outWords(r.at, place, within)}</Status>
            <span className="hs-meta"><ClinicalTime value={r.at} always="date-time" /></span>
          </span>
        );
      },
    },
    { id: "by", title: m.blood_collected_by(), cell: (r) => <span className="[overflow-wrap:anywhere]"><bdi>{r.collectedBy}</bdi></span> },
    ...(onBack ? [{ id: "act", title: m.blood_col_act(), cell: (r: IssueRow) => <span className="flex flex-wrap gap-2"><Button onPress={() => onBack(r)}>{m.blood_back_open()}</Button><PrintTag row={r} /></span> }] : []),
  ];
  return (
    <section aria-label={m.blood_out_title()}>
      <SectionHead title={m.blood_out_title()} note={rows.length > 0 ? m.blood_out_note({ count: rows.length, over, within }) : undefined} />
      <p className="px-4 py-2 text-ink-2">{m.blood_out_rule({ within })}</p>
      {rows.length === 0 ? <Empty plain title={m.blood_out_none()}>{m.blood_out_none_body()}</Empty>
        : <DataGrid label={m.blood_out_title()} columns={columns} rows={latest} rowKey={(r) => r.id} rowText={rowText} density="double" virtual={rows.length > 100} />}
    </section>
  );
}

/** A physician signs the own order, and nobody else's. */
function Unsigned({ rows, onSign }: { rows: IssueRow[]; onSign(row: IssueRow): void }) {
  const may = useMay();
  const me = useStatus().session?.displayName;
  const bag = useBagColumns();
  const columns: GridColumn<IssueRow>[] = [
    ...bag,
    { id: "at", title: m.blood_out_left(), cell: (r) => <ClinicalTime value={r.at} always="date-time" /> },
    { id: "by", title: m.blood_sign_by(), cell: (r) => <b className="[overflow-wrap:anywhere]"><bdi>{r.unsignedBy}</bdi></b> },
    {
      id: "act", title: m.blood_col_act(),
      cell: (r) => (r.unsignedBy === me && may("request_blood") ? <Button variant="primary" onPress={() => onSign(r)}>{m.blood_sign_open()}</Button> : <span className="text-ink-2">{m.blood_sign_wait({ name: r.unsignedBy ?? "" })}</span>),
    },
  ];
  return (
    <section aria-label={m.blood_sign_title()}>
      <SectionHead title={m.blood_sign_title()} note={m.blood_sign_note({ count: rows.length })} />
      <DataGrid label={m.blood_sign_title()} columns={columns} rows={rows} rowKey={(r) => r.id} rowText={rowText} density="double" />
    </section>
  );
}

/** RhD positive to somebody whom anti-D could harm: a physician decides on the immunoglobulin. */
function AntiD({ rows, onDecide }: { rows: IssueRow[]; onDecide(row: IssueRow): void }) {
  const physician = useStatus().session?.role === "physician";
  const bag = useBagColumns();
  const columns: GridColumn<IssueRow>[] = [
    ...bag,
    { id: "at", title: m.blood_out_left(), cell: (r) => <ClinicalTime value={r.at} always="date-time" /> },
    { id: "act", title: m.blood_col_act(), cell: (r) => (physician ? <Button variant="primary" onPress={() => onDecide(r)}>{m.blood_anti_d_open()}</Button> : <span className="text-ink-2">{m.blood_anti_d_wait()}</span>) },
  ];
  return (
    <section aria-label={m.blood_anti_d_title()}>
      <SectionHead title={m.blood_anti_d_title()} note={m.blood_anti_d_note({ count: rows.length })} />
      <DataGrid label={m.blood_anti_d_title()} columns={columns} rows={rows} rowKey={(r) => r.id} rowText={rowText} density="double" />
    </section>
  );
}

function AntiDDialog({ row, onClose, onDone }: { row: IssueRow; onClose(): void; onDone(): void }) {
  const place = usePlace();
  const [words, setWords] = useState("");
  const send = useSend("issue.anti_d", { onDone });
  return (
    <AskDialog isOpen title={m.blood_anti_d_ask({ din: groupDin(row.unit.din) })} onClose={onClose} act={m.blood_anti_d_save()} pending={send.isPending} notNow={words.trim() ? undefined : m.blood_anti_d_need()} onAct={() => send.mutate({ issue: row.id, words: words.trim() })}>
      <p><bdi className="font-strong">{formatName(row.patient)}</bdi> {m.blood_anti_d_text()}</p>
      <TextField label={m.blood_anti_d_words()} value={words} onChange={setWords} lines={2} autoFocus />
      {send.error && <Refused error={send.error} subject={{ unit: row.unit, ...place }} />}
    </AskDialog>
  );
}

function Owed({ rows, onMatch }: { rows: IssueRow[]; onMatch: ((row: IssueRow) => void) | null }) {
  const place = usePlace();
  const bag = useBagColumns();
  const columns: GridColumn<IssueRow>[] = [
    ...bag,
    {
      id: "due", title: m.blood_owed_due(),
      cell: (r) => {
        const late = r.crossmatchDue !== null && Date.parse(r.crossmatchDue) < Date.parse(place.now);
        return <Status kind={late ? "critical" : "caution"} wrap>{late ? m.blood_owed_late({ time: formatMoment(r.crossmatchDue ?? "", place.zone, place.now) ?? "" }) : m.blood_owed_until({ time: formatMoment(r.crossmatchDue ?? "", place.zone, place.now) ?? "" })}</Status>;
      },
    },
    ...(onMatch ? [{ id: "act", title: m.blood_col_act(), cell: (r: IssueRow) => <Button onPress={() => onMatch(r)}>{m.requests_xm_record()}</Button> }] : []),
  ];
  return (
    <section aria-label={m.blood_owed_title()}>
      <SectionHead title={m.blood_owed_title()} note={m.blood_owed_note({ count: rows.length })} />
      <DataGrid label={m.blood_owed_title()} columns={columns} rows={rows} rowKey={(r) => r.id} rowText={rowText} density="double" />
    </section>
  );
}

/** What left on paper against a rule, with each rule by name: people work it out. */
function Against({ rows, onWrong }: { rows: IssueRow[]; onWrong: ((row: IssueRow) => void) | null }) {
  const bag = useBagColumns();
  const columns: GridColumn<IssueRow>[] = [
    ...bag,
    {
      id: "at", title: m.blood_out_left(),
      cell: (r) => <span className="grid gap-0.5"><ClinicalTime value={r.at} always="date-time" />{r.recordedAt && <span className="hs-meta">{m.downtime_line_entered()} <ClinicalTime value={r.recordedAt} always="date-time" /></span>}</span>,
    },
    { id: "rules", title: m.downtime_against_kept(), cell: (r) => <RuleNames codes={r.against ?? []} /> },
    { id: "act", title: m.blood_col_act(), cell: (r) => <span className="grid justify-items-start gap-1"><AppLink to="/reactions">{m.downtime_against_case()}</AppLink>{r.inError && <InErrorLine of={r.inError} />}{r.inConflict && onWrong && <Button size="sm" onPress={() => onWrong(r)}>{m.downtime_error()}</Button>}</span> },
  ];
  return (
    <section aria-label={m.downtime_against_kept()}>
      <SectionHead title={m.downtime_against_kept()} note={m.downtime_against_note({ count: rows.length })} />
      <DataGrid label={m.downtime_against_kept()} columns={columns} rows={rows} rowKey={(r) => r.id} rowText={rowText} density="double" />
    </section>
  );
}

function InErrorLine({ of }: { of: InError }) {
  return <span className="grid gap-0.5"><Status kind="inactive" wrap>{m.downtime_error_line()}</Status><span className="hs-meta [overflow-wrap:anywhere]"><bdi>{of.reason}</bdi> · <bdi>{of.by}</bdi>, <bdi>{of.second}</bdi> · <ClinicalTime value={of.at} /></span></span>;
}

/** Two records name one bag, and this one was not so: two people say why. Nothing is struck out. */
function InErrorDialog({ row, onClose, onDone }: { row: IssueRow; onClose(): void; onDone(): void }) {
  const place = usePlace();
  const [reason, setReason] = useState("");
  const [second, setSecond] = useState<SecondPerson>(nobody);
  const send = useSend("issue.in_error", { onDone });
  const short = reason.trim().length < 10;
  return (
    <AskDialog
      isOpen
      title={m.downtime_error_title({ din: groupDin(row.unit.din) })}
      onClose={onClose}
      act={m.downtime_error_act()}
      pending={send.isPending}
      notNow={short ? m.downtime_need_reason() : secondReady(second) ? undefined : m.downtime_error_need_second()}
      onAct={() => send.mutate({ issue: row.id, reason: reason.trim(), second: { ...second, user: second.user.trim() } })}
    >
      <p><bdi className="font-strong">{formatName(row.patient)}</bdi>. {m.downtime_error_text()}</p>
      <TextField label={m.downtime_error_reason()} value={reason} onChange={setReason} lines={2} autoFocus />
      <SecondPersonFields value={second} onChange={setSecond} error={send.error} />
      {send.error && send.error.code !== "second_person_refused" && <Refused error={send.error} subject={{ unit: row.unit, ...place }} />}
    </AskDialog>
  );
}

type YesNo = "yes" | "no" | null;
const yesNo = (yes: string, no: string): { id: "yes" | "no"; label: string }[] => [{ id: "yes", label: yes }, { id: "no", label: no }];

/** A bag comes back: what is measured and seen, then where it goes and why. The rule decides, not the person. */
function ReturnDialog({ row, within, onClose }: { row: IssueRow; within: number; onClose(): void }) {
  const place = usePlace();
  const [temperature, setTemperature] = useState<number | null>(null);
  const [seal, setSeal] = useState<YesNo>(null);
  const [segment, setSegment] = useState<YesNo>(null);
  const [look, setLook] = useState<YesNo>(null);
  const [answer, setAnswer] = useState<Returned | null>(null);
  const [later, setLater] = useState<Later>(null);
  const send = useSend("issue.return", { onDone: setAnswer });
  const cells = row.unit.component === "red_cells" || row.unit.component === "whole_blood";
  const open = seal === null || look === null || (cells && segment === null);
  const title = m.blood_back_title({ din: groupDin(row.unit.din) });
  if (answer) return <BackDialog row={row} answer={answer} title={title} onClose={onClose} />;
  return (
    <AskDialog
      isOpen
      title={title}
      onClose={onClose}
      act={m.blood_back_act()}
      pending={send.isPending}
      notNow={open ? m.blood_back_open_fields() : lacks(later)}
      onAct={() => send.mutate({ issue: row.id, temperature: temperature === null ? null : Math.round(temperature * 10), sealIntact: seal === "yes", segmentAttached: !cells || segment === "yes", appearanceOk: look === "yes", ...sentLater(later) })}
    >
      <p className="text-ink-2"><bdi>{formatName(row.patient)}</bdi>. {m.blood_back_left({ time: formatMoment(row.at, place.zone, place.now) ?? "" })}</p>
      <Status kind={outState(row.at, place.now, within) === "over" ? "critical" : "notice"} wrap>{outWords(row.at, place, within)}</Status>
      <NumberField label={m.blood_back_temperature()} hint={m.blood_back_temperature_hint()} value={temperature} onChange={setTemperature} unit="°C" min={-90} max={60} step={0.1} decimals={1} autoFocus />
      <RadioGroup label={m.blood_back_seal()} options={yesNo(m.blood_back_seal_yes(), m.blood_back_seal_no())} value={seal} onChange={setSeal} />
      {cells && <RadioGroup label={m.blood_back_segment()} options={yesNo(m.blood_back_segment_yes(), m.blood_back_segment_no())} value={segment} onChange={setSegment} />}
      <RadioGroup label={m.blood_appearance()} options={yesNo(m.blood_appearance_ok(), m.blood_appearance_bad())} value={look} onChange={setLook} stacked />
      <LaterFields entry={later} onChange={setLater} />
      {send.error && <Refused error={send.error} subject={{ unit: row.unit, ...place }} />}
    </AskDialog>
  );
}

function BackDialog({ row, answer, title, onClose }: { row: IssueRow; answer: Returned; title: string; onClose(): void }) {
  const where: ReactNode = answer.back ? m.blood_back_shelf() : m.blood_back_quarantine();
  return (
    <Dialog isOpen onClose={onClose} title={title} footer={<Button size="lg" variant="primary" autoFocus onPress={onClose}>{m.blood_close()}</Button>}>
      <div role="status" className="grid gap-3">
        <p className="flex items-center gap-2 text-xl font-strong"><Shape kind={answer.back ? "good" : "caution"} size={20} />{where}</p>
        {answer.faults.length > 0 && (
          <div className="grid gap-1">
            <b>{m.blood_back_why()}</b>
            <ul className="m-0 grid gap-0.5 ps-5">{answer.faults.map((f) => <li key={f}>{returnFaultWord(f)}</li>)}</ul>
          </div>
        )}
        <p><b>{m.blood_do_now()}</b> {answer.back ? m.blood_back_shelf_next({ place: row.unit.place || m.blood_its_place() }) : m.blood_back_quarantine_next()}</p>
        <AppLink to={unitPath(row.unit.id)}>{m.blood_appearance_bad_open()}</AppLink>
      </div>
    </Dialog>
  );
}

function SignDialog({ row, onClose, onDone }: { row: IssueRow; onClose(): void; onDone(): void }) {
  const place = usePlace();
  const send = useSend("issue.sign", { onDone });
  return (
    <AskDialog isOpen title={m.blood_sign_dialog({ din: groupDin(row.unit.din) })} onClose={onClose} act={m.blood_sign_act()} pending={send.isPending} onAct={() => send.mutate({ issue: row.id })}>
      <p>{m.blood_sign_body({ component: componentName(row.unit.component).toLocaleLowerCase(), name: formatName(row.patient), time: formatMoment(row.at, place.zone, place.now) ?? "" })}</p>
      <p className="text-ink-2">{m.blood_sign_final()}</p>
      {send.error && <Refused error={send.error} subject={{ unit: row.unit, ...place }} />}
    </AskDialog>
  );
}
