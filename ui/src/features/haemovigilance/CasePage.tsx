import { useState } from "react";
import { AppLink, ErrorBlock, useGo, useMay, useScreenParams } from "../../app";
import { useCommand, useSend } from "../../backend";
import { BloodGroup, ClinicalTime, comma, componentName, DonationNumber, formatName, sourceWords } from "../../clinical";
import { Bar, Button, Chip, Loading, PageHead, SectionHead, SidePanel, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { CaseAgainst, CaseView, UnitRow } from "../../wire";
import { Tasks } from "../bedside/BedsidePage";
import { RuleNames } from "../downtime/Later";
import { refusal, Who } from "../requests/parts";
import { What } from "./CaseList";
import { FindDialog, JudgeDialog, ReopenDialog, StepDialog, SuspectDialog } from "./dialogs";
import { cdcWord, caseStand, categoryWord, findingWords, imputabilityWord, metWord, missingSteps, severityWord, stepWord } from "./words";

/** One case: what was found, what it may be, what has to be done, and who judged it how. */
export function CasePage() {
  const { id = "" } = useScreenParams();
  const view = useCommand("case.view", { id }, { enabled: id !== "" });
  const go = useGo();
  const reading = <PageHead title={m.haemovigilance_one()} />;
  if (view.isPending) return <>{reading}<div className="p-4"><Loading label={m.haemovigilance_reading()} lines={5} /></div></>;
  if (!view.data) return <>{reading}<div className="max-w-[720px] p-4"><ErrorBlock error={view.error} title={m.haemovigilance_failed()} actions={<><Button variant="primary" onPress={() => void view.refetch()}>{m.haemovigilance_try_again()}</Button><Button onPress={() => go("/reactions")}>{m.haemovigilance_title()}</Button></>} /></div></>;
  return <One key={view.data.row.id} view={view.data} />;
}

type Doing = "find" | "suspect" | "step" | "judge" | "reopen";

function One({ view }: { view: CaseView }) {
  const { row } = view;
  const go = useGo();
  const may = useMay();
  const judges = may("judge_reactions");
  const works = judges || may("transfuse");
  const open = row.closedAt === null;
  const [doing, setDoing] = useState<Doing | null>(null);
  const close = useSend("case.close");
  const missing = missingSteps(row);
  const stand = caseStand(row);
  const stop = () => setDoing(null);
  const found = findingWords(view.findings);
  return (
    <>
      <Who id={row.patient.id} />
      <PageHead
        title={row.category || row.prevented || row.suspected.length > 0 ? <What row={row} /> : m.haemovigilance_one()}
        actions={
          <>
            <Button icon="back" onPress={() => go("/reactions")}>{m.haemovigilance_title()}</Button>
            {open && judges && <Button variant="primary" pending={close.isPending} notNow={missing.length > 0 ? m.haemovigilance_close_not_now({ steps: missing.join(comma()) }) : undefined} onPress={() => close.mutate({ id: row.id })}>{m.haemovigilance_close()}</Button>}
            {!open && judges && <Button onPress={() => setDoing("reopen")}>{m.haemovigilance_reopen()}</Button>}
          </>
        }
      >
        <span className="flex flex-wrap items-center gap-x-4"><Status kind={stand.kind} wrap>{stand.word}</Status>{row.mustNotify && <Chip kind="critical">{m.haemovigilance_must_notify()}</Chip>}</span>
      </PageHead>
      {view.found && <Bar kind="caution">{m.haemovigilance_found({ name: formatName(view.found) })}</Bar>}
      <div className="flex min-h-0 grow max-[1100px]:flex-col max-[1100px]:overflow-auto max-[1100px]:[&>aside]:w-full!">
        <div className="min-h-0 min-w-0 grow overflow-auto max-[1100px]:overflow-visible" tabIndex={0} role="region" aria-label={m.haemovigilance_one()}>
          {close.error && <div className="p-4">{refusal(close.error)}</div>}
          <section>
            <SectionHead title={m.haemovigilance_findings()} actions={open && works && <Button size="sm" onPress={() => setDoing("find")}>{m.haemovigilance_find()}</Button>} />
            <ul className="m-0 grid list-none gap-1 px-4 py-3 text-lg">{found.length === 0 ? <li className="text-ink-2">{m.haemovigilance_findings_none()}</li> : found.map((words) => <li key={words}>{words}</li>)}</ul>
          </section>
          {view.against && view.against.length > 0 && <Broken rows={view.against} />}
          {view.transfusion && (
            <section>
              <SectionHead title={m.haemovigilance_suggest()} note={m.haemovigilance_suggest_note()} />
              <ul className="m-0 grid list-none gap-2 px-4 py-3">
                {view.suggestions.length === 0 && <li className="text-ink-2">{m.haemovigilance_suggest_none()}</li>}
                {view.suggestions.map((s) => <li key={s.category} className="grid"><b>{categoryWord(s.category)}</b><span>{m.haemovigilance_suggest_because({ met: s.met.map(metWord).join(comma()) })}</span>{s.source && <span className="hs-meta">{sourceWords(s.source)}</span>}</li>)}
              </ul>
            </section>
          )}
          <section>
            <SectionHead title={m.haemovigilance_steps()} actions={open && works && <Button size="sm" onPress={() => setDoing("step")}>{m.haemovigilance_step()}</Button>} />
            <ul className="m-0 grid list-none gap-2 px-4 py-3">
              {view.steps.length === 0 && <li className="text-ink-2">{m.haemovigilance_steps_none()}</li>}
              {view.steps.map((s) => <li key={`${s.step} ${s.at}`} className="grid"><span><b>{stepWord(s.step)}</b>: <span className="[overflow-wrap:anywhere]">{s.result}</span></span><span className="hs-meta">{s.by} · <ClinicalTime value={s.at} /></span></li>)}
            </ul>
          </section>
          <section>
            <SectionHead title={m.haemovigilance_judgement()} actions={open && judges && <Button size="sm" variant="primary" onPress={() => setDoing("judge")}>{m.haemovigilance_judge()}</Button>} />
            <div className="grid gap-1 px-4 py-3">
              {!view.judgement && <span className="text-ink-2">{m.haemovigilance_judgement_none()}</span>}
              {view.judgement && (
                <>
                  <b className="text-lg">{categoryWord(view.judgement.category)}</b>
                  <span>{severityWord(view.judgement.severity)} · {m.haemovigilance_grade({ grade: view.judgement.grade })}</span>
                  <span>{imputabilityWord(view.judgement.imputability)} · {m.haemovigilance_eu({ level: view.judgement.eu })} · {m.haemovigilance_cdc({ word: cdcWord(view.judgement.cdc) })}</span>
                  <span className="hs-meta">{m.haemovigilance_judgement_by({ name: view.judgement.by })} · <ClinicalTime value={view.judgement.at} /></span>
                </>
              )}
            </div>
          </section>
        </div>
        <SidePanel label={m.haemovigilance_work()} width={340}>
          <Tasks title={m.haemovigilance_work()} tasks={view.work} />
          <section>
            <SectionHead title={m.haemovigilance_suspected()} actions={open && judges && <Button size="sm" onPress={() => setDoing("suspect")}>{m.haemovigilance_suspect()}</Button>} />
            <ul className="m-0 grid list-none gap-1 px-4 py-2">{row.suspected.length === 0 ? <li className="text-ink-2">{m.haemovigilance_suspected_none()}</li> : row.suspected.map((c) => <li key={c}>{categoryWord(c)}</li>)}</ul>
          </section>
          <section><SectionHead title={m.haemovigilance_col_bag()} /><Bags units={row.units} /></section>
          {view.held.length > 0 && <section><SectionHead title={m.haemovigilance_held()} /><Bags units={view.held} /></section>}
          {view.transfusion && <div className="px-4 py-3"><AppLink to={`/bedside/${view.transfusion.id}`} className="hs-btn">{m.haemovigilance_transfusion_show()}</AppLink></div>}
        </SidePanel>
      </div>
      {doing === "find" && <FindDialog id={row.id} onClose={stop} />}
      {doing === "suspect" && <SuspectDialog id={row.id} onClose={stop} />}
      {doing === "step" && <StepDialog view={view} onClose={stop} />}
      {doing === "judge" && <JudgeDialog view={view} onClose={stop} />}
      {doing === "reopen" && <ReopenDialog id={row.id} onClose={stop} />}
    </>
  );
}

/** The rules that an issue, a check or a start broke on paper or by what was known elsewhere, by name. */
function Broken({ rows }: { rows: CaseAgainst[] }) {
  return (
    <section>
      <SectionHead title={m.haemovigilance_against()} note={m.haemovigilance_against_note()} />
      <ul className="m-0 grid list-none gap-3 px-4 py-3">
        {rows.map((r) => (
          <li key={r.issue} className="grid justify-items-start gap-1">
            <span className="flex flex-wrap items-center gap-x-3"><AppLink to={`/bedside/${r.issue}`}><DonationNumber din={r.unit.din} check={r.unit.check} /></AppLink><span className="hs-meta">{m.haemovigilance_against_left()} <ClinicalTime value={r.at} always="date-time" /></span></span>
            <RuleNames codes={r.rules} />
            {r.inError && <Status kind="inactive" wrap>{m.downtime_error_line()}</Status>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Bags({ units }: { units: UnitRow[] }) {
  return (
    <ul className="m-0 grid list-none gap-2 px-4 py-2">
      {units.map((u) => <li key={u.id} className="grid justify-items-start gap-0.5"><AppLink to={`/blood/unit/${u.id}`}><DonationNumber din={u.din} check={u.check} /></AppLink><span className="flex flex-wrap items-center gap-x-3"><BloodGroup group={u.group} size="sm" />{componentName(u.component)}</span></li>)}
    </ul>
  );
}
