import { type ReactNode, useState } from "react";
import { AppLink, ErrorBlock, useGo, useMay, useScreenParams } from "../../app";
import { useCommand } from "../../backend";
import { BloodGroup, ClinicalDate, ClinicalTime, componentName, DonationNumber } from "../../clinical";
import { Button, Chip, Empty, Icon, Loading, PageHead, SectionHead, SidePanel, Status, type StatusKind } from "../../design";
import * as m from "../../paraglide/messages";
import type { BloodRecord, CrossmatchRow, ExposureKind, HPhenotype, IssueRow, IssueStatus, RequestRow, RequirementRow, UnitRow } from "../../wire";
import { GivenWay } from "../patients/SamePerson";
import { Done } from "../requests/Aside";
import { GroupCard, SampleLines, Who } from "../requests/parts";
import { antibodyWord, antigenSign, indicationWord, needKey, needWord, own, statusWord, urgencyKind, urgencyWord, whatWord } from "../requests/words";
import { AntibodyDialog, ExposureDialog, NeedDialog, PhenotypeDialog, TransplantDialog } from "./dialogs";

type Doing = "antibody" | "need" | "exposure" | "phenotype" | "transplant";

/** One person's blood: what must never be forgotten, and what was done. It only grows. */
export function BloodRecordPage() {
  const { id = "" } = useScreenParams();
  const view = useCommand("blood.record", { id }, { enabled: id !== "" });
  const go = useGo();
  if (view.isPending) return <><PageHead title={m.record_title()} /><div className="p-4"><Loading label={m.record_reading()} lines={5} /></div></>;
  if (!view.data) return <><PageHead title={m.record_title()} /><div className="max-w-[720px] p-4"><ErrorBlock error={view.error} title={m.record_failed()} actions={<><Button variant="primary" onPress={() => void view.refetch()}>{m.record_try_again()}</Button><Button onPress={() => go(`/patients/${id}`)}>{m.record_back()}</Button></>} /></div></>;
  return <Of key={view.data.patient.id} record={view.data} />;
}

function Of({ record }: { record: BloodRecord }) {
  const { patient } = record;
  const may = useMay();
  const [doing, setDoing] = useState<Doing | null>(null);
  const close = () => setDoing(null);
  const add = (what: Doing, label: string) => may("crossmatch") && !patient.belongsTo && <Button size="sm" icon="plus" onPress={() => setDoing(what)}>{label}</Button>;
  return (
    <>
      <Who id={patient.id} />
      <GivenWay to={patient.belongsTo} />
      <PageHead
        title={m.record_title()}
        actions={
          <>
            <AppLink to={`/patients/${patient.id}`} className="hs-btn"><Icon name="back" />{m.record_back()}</AppLink>
            {may("recall_blood") && <AppLink to="/blood/look-back" search={{ from: "patient", id: patient.id }} className="hs-btn"><Icon name="overlay" />{m.recall_look_title()}</AppLink>}
            {may("request_blood") && !patient.deceased && !patient.belongsTo && <AppLink to="/requests/new" search={{ patient: patient.id }} className="hs-btn"><Icon name="blood" />{m.record_ask()}</AppLink>}
          </>
        }
      />
      <div className="flex min-h-[280px] grow max-[900px]:flex-col max-[900px]:overflow-auto max-[900px]:[&>aside]:w-full!">
        <SidePanel side="start" width={292} label={m.requests_card()}>
          <SectionHead title={m.requests_card()} />
          <GroupCard group={record.group} antiDEver={record.antiDEver} />
          <SectionHead title={m.record_phenotype()} actions={add("phenotype", m.record_phenotype_change())} />
          <div className="grid gap-1 border-b border-line px-4 py-3"><Phenotype phenotype={record.phenotype} /></div>
          <SectionHead title={m.record_transplant()} />
          <div className="grid justify-items-start gap-2 px-4 py-3">
            {record.transplant ? <Status kind="caution" wrap>{m.record_transplant_yes()}</Status> : <><span className="text-ink-2">{m.record_transplant_no()}</span>{add("transplant", m.record_transplant_add())}</>}
          </div>
        </SidePanel>
        <div className="grid min-h-0 min-w-0 grow grid-cols-2 grid-rows-[minmax(0,1fr)] max-[1200px]:block max-[1200px]:overflow-auto max-[900px]:overflow-visible">
          <div className="relative min-h-0 min-w-0 overflow-auto max-[1200px]:overflow-visible" tabIndex={0} role="region" aria-label={m.record_known()}>
            <Antibodies record={record} action={add("antibody", m.record_antibody_add())} />
            <Requirements rows={record.requirements} action={add("need", m.record_need_add())} />
            <Exposures record={record} action={add("exposure", m.record_exposure_add())} />
          </div>
          <div className="relative min-h-0 min-w-0 overflow-auto border-s border-line-2 max-[1200px]:overflow-visible max-[1200px]:border-s-0" tabIndex={0} role="region" aria-label={m.record_history()}>
            <Requests rows={record.requests} />
            <List title={m.record_samples()} none={m.record_samples_none()} rows={record.samples} rowKey={(s) => s.id}>
              {(s) => <span className="flex flex-wrap justify-between gap-x-4"><SampleLines sample={s} /><span className="hs-meta">{m.samples_drawn()} <ClinicalTime value={s.drawnAt} always="date-time" /></span></span>}
            </List>
            <List title={m.record_crossmatches()} none={m.record_crossmatches_none()} rows={record.crossmatches} rowKey={(x) => x.id}>{(x) => <Crossmatch done={x} />}</List>
            <List title={m.record_issues()} none={m.record_issues_none()} rows={record.issues} rowKey={(i) => i.id}>{(i) => <Issue issue={i} />}</List>
          </div>
        </div>
      </div>
      {doing === "antibody" && <AntibodyDialog patient={patient.id} onClose={close} />}
      {doing === "need" && <NeedDialog patient={patient.id} onClose={close} />}
      {doing === "exposure" && <ExposureDialog patient={patient.id} onClose={close} />}
      {doing === "phenotype" && <PhenotypeDialog patient={patient.id} now={record.phenotype} onClose={close} />}
      {doing === "transplant" && <TransplantDialog patient={patient.id} onClose={close} />}
    </>
  );
}

function Antibodies({ record, action }: { record: BloodRecord; action: ReactNode }) {
  return (
    <section>
      <SectionHead title={m.record_antibodies()} note={m.record_antibodies_note()} actions={action} />
      {record.antibodies.length === 0 ? <div className="border-b border-line p-4"><Empty title={m.record_antibodies_none()}>{m.record_antibodies_none_text()}</Empty></div> : (
        <ul className="m-0 list-none p-0">
          {record.antibodies.map((a, n) => (
            <li key={n} className="grid justify-items-start gap-0.5 border-b border-line px-4 py-2">
              <span className="text-lg [&_.hs-status]:text-lg"><Status kind="caution" wrap>{a.antigen ? antibodyWord(a.antigen) : m.record_antibody_unidentified({ words: own(a.words ?? "") })}</Status></span>
              {a.antigen && <span>{m.record_antibody_avoid({ antigen: antigenSign(a.antigen) })}</span>}
              <span className="hs-meta [overflow-wrap:anywhere]">{m.record_antibody_found()} <ClinicalDate value={a.foundAt} /> · {m.record_antibody_from({ source: own(a.toldBy), name: own(a.recordedBy) })}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Requirements({ rows, action }: { rows: RequirementRow[]; action: ReactNode }) {
  // What holds stands before what has ended.
  const ordered = [...rows].sort((a, b) => Number(b.holds) - Number(a.holds));
  return (
    <section>
      <SectionHead title={m.record_needs()} actions={action} />
      {rows.length === 0 ? <p className="border-b border-line px-4 py-3 text-ink-2">{m.record_needs_none()}</p> : (
        <ul className="m-0 list-none p-0">
          {ordered.map((r) => (
            <li key={needKey(r.need) + r.from} className="grid justify-items-start gap-0.5 border-b border-line px-4 py-2">
              <span className="flex flex-wrap items-center gap-2"><Chip kind={r.holds ? "caution" : "inactive"}>{needWord(r.need)}</Chip>{!r.holds && <span className="text-ink-2">{m.record_need_ended()}</span>}</span>
              <bdi className="[overflow-wrap:anywhere]">{r.reason}</bdi>
              <span className="hs-meta">{m.record_need_from()} <ClinicalDate value={r.from} /> · {r.until ? <>{m.record_need_holds_until()} <ClinicalDate value={r.until} /></> : m.record_need_life()} · {r.recordedBy}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export const exposureWord = (kind: ExposureKind) => (kind === "transfusion" ? m.record_exposure_transfusion() : m.record_exposure_pregnancy());

function Exposures({ record, action }: { record: BloodRecord; action: ReactNode }) {
  return (
    <section>
      <SectionHead title={m.record_exposures()} actions={action} />
      {record.exposures.length === 0 ? <p className="border-b border-line px-4 py-3 text-ink-2">{m.record_exposures_none()}</p> : (
        <ul className="m-0 list-none p-0">
          {record.exposures.map((e, n) => (
            <li key={n} className="flex flex-wrap items-baseline gap-x-4 border-b border-line px-4 py-2"><b>{exposureWord(e.kind)}</b> <ClinicalDate value={e.at} /> <span className="hs-meta">{m.record_exposure_recorded()} <ClinicalTime value={e.recordedAt} always="date-time" /></span></li>
          ))}
        </ul>
      )}
    </section>
  );
}

export function phenotypeWord(phenotype: HPhenotype): string {
  switch (phenotype) {
    case "ordinary": return m.record_phenotype_ordinary();
    case "bombay": return m.record_phenotype_bombay();
    case "para_bombay": return m.record_phenotype_para_bombay();
  }
}

function Phenotype({ phenotype }: { phenotype: HPhenotype }) {
  if (phenotype === "ordinary") return <span>{phenotypeWord(phenotype)}</span>;
  return <><Status kind="critical" wrap>{phenotypeWord(phenotype)}</Status>{phenotype === "bombay" && <span>{m.record_phenotype_bombay_text()}</span>}</>;
}

/** A list of what was done, newest first as the store has it. */
function List<T>({ title, none, rows, rowKey, children }: { title: string; none: string; rows: T[]; rowKey(row: T): string; children(row: T): ReactNode }) {
  return (
    <section>
      <SectionHead title={title} note={rows.length > 0 ? rows.length : undefined} />
      {rows.length === 0 ? <p className="border-b border-line px-4 py-3 text-ink-2">{none}</p> : <ul className="m-0 list-none p-0">{rows.map((r) => <li key={rowKey(r)} className="border-b border-line px-4 py-2">{children(r)}</li>)}</ul>}
    </section>
  );
}

function Requests({ rows }: { rows: RequestRow[] }) {
  return (
    <List title={m.record_requests()} none={m.record_requests_none()} rows={rows} rowKey={(r) => r.id}>
      {(r) => (
        <span className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-0.5">
          <span className="grid gap-0.5">
            <AppLink to={`/requests/${r.id}`} className="font-strong text-ink hover:text-accent">{whatWord(r)}</AppLink>
            <span className="hs-meta [overflow-wrap:anywhere]">{indicationWord(r.indication)} · {m.requests_asked_by({ name: own(r.requestedBy) })} <ClinicalTime value={r.placedAt} always="date-time" /></span>
          </span>
          <span className="flex flex-wrap items-center gap-x-3">
            {r.status === "open" && r.urgency !== "routine" && <Status kind={urgencyKind(r.urgency)}>{urgencyWord(r.urgency)}</Status>}
            <Status kind={r.status === "open" ? "notice" : r.status === "cancelled" ? "inactive" : "good"}>{statusWord(r)}</Status>
            <span className="hs-meta">{m.requests_filled({ issued: r.issued, count: r.count })}</span>
          </span>
        </span>
      )}
    </List>
  );
}

function Bag({ unit }: { unit: UnitRow }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3">
      <AppLink to={`/blood/unit/${unit.id}`} className="text-ink hover:text-accent"><DonationNumber din={unit.din} check={unit.check} /></AppLink>
      <BloodGroup group={unit.group} size="sm" />
      <span className="hs-meta">{componentName(unit.component)}</span>
    </span>
  );
}

function Crossmatch({ done }: { done: CrossmatchRow }) {
  return <span className="grid gap-1"><Bag unit={done.unit} /><Done done={done} /></span>;
}

const issueWord: Record<IssueStatus, [StatusKind, () => string]> = {
  out: ["notice", m.record_issue_out], used: ["good", m.record_issue_used], returned: ["inactive", m.record_issue_returned], entered_in_error: ["inactive", m.downtime_error_line],
};

function Issue({ issue }: { issue: IssueRow }) {
  const [kind, word] = issueWord[issue.status];
  return (
    <span className="grid justify-items-start gap-1">
      <span className="flex w-full flex-wrap items-center justify-between gap-x-4"><Bag unit={issue.unit} /><Status kind={kind}>{word()}</Status></span>
      <span className="hs-meta [overflow-wrap:anywhere]"><ClinicalTime value={issue.at} always="date-time" /> · {m.record_issue_by({ name: own(issue.collectedBy) })}</span>
      {issue.uncrossmatched && <Status kind="critical" wrap>{m.record_issue_uncrossmatched()}</Status>}
      {issue.crossmatchDue && <Status kind="caution" wrap>{m.record_issue_due()} <ClinicalTime value={issue.crossmatchDue} always="date-time" /></Status>}
      {issue.unsignedBy && <Status kind="caution" wrap>{m.record_issue_unsigned({ name: own(issue.unsignedBy) })}</Status>}
    </span>
  );
}
