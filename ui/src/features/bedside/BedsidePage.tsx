import { useState } from "react";
import { AppLink, ErrorBlock, useGo, useMay, useScreenParams } from "../../app";
import { useCommand } from "../../backend";
import { BloodGroup, ClinicalTime, componentName, DonationNumber, usePlace } from "../../clinical";
import { Bar, Button, Chip, Loading, PageHead, SectionHead, SidePanel, Status, Unavailable } from "../../design";
import * as m from "../../paraglide/messages";
import type { BedsideView, CareTask } from "../../wire";
import { RuleNames } from "../downtime/Later";
import { Needs, Who } from "../requests/parts";
import { Check } from "./Check";
import { OnPaper } from "./OnPaper";
import { Observations, Outcome, Running, Start } from "./Running";
import { Scanned } from "./Scanned";
import { alarmKind, alarmWord, nextLimit, outcomeWord, taskWord, tenths, until } from "./words";

/** One bag at one bed. The middle of the screen holds one task: the one that is next. */
export function BedsidePage() {
  const { id = "" } = useScreenParams();
  const view = useCommand("bedside.view", { id }, { enabled: id !== "" });
  const go = useGo();
  if (view.isPending) return <div className="p-4"><Loading label={m.bedside_reading()} lines={5} /></div>;
  if (!view.data) return <div className="max-w-[720px] p-4"><ErrorBlock error={view.error} title={m.bedside_failed()} actions={<><Button variant="primary" onPress={() => void view.refetch()}>{m.bedside_try_again()}</Button><Button onPress={() => go("/bedside")}>{m.bedside_title()}</Button></>} /></div>;
  return <One key={view.data.row.id} view={view.data} />;
}

function One({ view }: { view: BedsideView }) {
  const { row } = view;
  const go = useGo();
  const may = useMay();
  const works = may("transfuse");
  // A check that is finished shows its end before the start is offered.
  const [again, setAgain] = useState(0);
  const [paper, setPaper] = useState(false);
  return (
    <>
      <Who id={row.patient.id} />
      <PageHead title={m.bedside_page_title()} actions={<Button icon="back" onPress={() => go("/bedside")}>{m.bedside_title()}</Button>}>
        <span className="flex flex-wrap items-center gap-x-3"><DonationNumber din={row.unit.din} check={row.unit.check} />{row.uncrossmatched && <Chip kind="critical">{m.bedside_uncrossmatched()}</Chip>}</span>
      </PageHead>
      <Alarms view={view} />
      {works && row.stand !== "out" && row.stand !== "done" && <Scanned key={row.stand} row={row} />}
      {view.case && <Bar kind="critical" action={<AppLink to={`/reactions/${view.case}`} className="hs-btn">{m.bedside_case_show()}</AppLink>}>{m.bedside_case_open()}</Bar>}
      <div className="flex min-h-0 grow max-[1100px]:flex-col max-[1100px]:overflow-auto max-[1100px]:[&>aside]:w-full!">
        <div className="min-h-0 min-w-0 grow overflow-auto max-[1100px]:overflow-visible" tabIndex={0} role="region" aria-label={m.bedside_page_title()}>
          {!works && row.stand !== "done" && <Unavailable plain title={m.bedside_forbidden()}>{null}</Unavailable>}
          {works && row.stand === "out" && !paper && (
            <>
              <Check key={again} view={view} onAgain={() => setAgain((n) => n + 1)} />
              <p className="px-5 pb-5"><Button size="lg" onPress={() => setPaper(true)}>{m.downtime_check_open()}</Button></p>
            </>
          )}
          {works && row.stand === "out" && paper && <OnPaper view={view} onBack={() => setPaper(false)} />}
          {works && row.stand === "checked" && <Start view={view} />}
          {works && row.stand === "running" && <Running view={view} />}
          {works && row.stand === "ended" && <Outcome view={view} />}
          <Observations view={view} />
        </div>
        <Facts view={view} />
      </div>
    </>
  );
}

/** From 1 °C a rise counts as a mild febrile reaction; policy says from where on one stops. */
const mildRise = 10;

function Alarms({ view }: { view: BedsideView }) {
  const { row } = view;
  const place = usePlace();
  const stop = view.tasks.find((task) => task.what === "stop_transfusion" && !task.done);
  return (
    <div aria-live="assertive">
      {stop && <Bar kind="critical"><b>{taskWord(stop)}</b>{row.riseTenths !== null && <> · {m.bedside_rise({ degrees: tenths(row.riseTenths) })}</>}</Bar>}
      {!stop && row.stand === "running" && row.riseTenths !== null && row.riseTenths >= mildRise && <Bar kind="caution"><b>{m.bedside_rise({ degrees: tenths(row.riseTenths) })}</b> · {m.bedside_rise_mild()}</Bar>}
      {row.alarms.map((a) => <Bar key={a.alarm} kind={alarmKind(a.alarm) === "critical" ? "critical" : "caution"}><b>{alarmWord(a.alarm)}</b> · {until(a.since, place.now).words}</Bar>)}
      {row.presumed && <Bar kind="caution">{m.bedside_presumed()}</Bar>}
    </div>
  );
}

/** What the bag is, whom it is for, who checked it, and the clocks. */
function Facts({ view }: { view: BedsideView }) {
  const { row } = view;
  const place = usePlace();
  const limit = nextLimit(row);
  const left = limit && until(limit.at, place.now);
  return (
    <SidePanel label={m.bedside_bag()}>
      {limit && left && (
        <div className="grid justify-items-start gap-1 border-b border-line px-4 py-3">
          <span className="hs-k">{limit.label}</span>
          <span className="text-2xl font-strong"><ClinicalTime value={limit.at} always="time" /></span>
          <Status kind={left.over ? "critical" : "good"} wrap>{left.words}</Status>
        </div>
      )}
      {view.tasks.length > 0 && <Tasks title={m.bedside_todo()} tasks={view.tasks} />}
      <div className="grid justify-items-start gap-3 px-4 py-3">
        <span className="grid justify-items-start gap-1"><span className="hs-k">{m.bedside_bag()}</span><BloodGroup group={row.unit.group} size="lg" /><span>{componentName(row.unit.component)} · <span className="hs-mono">{row.unit.productCode}</span></span></span>
        <span className="grid justify-items-start gap-1">
          <span className="hs-k">{m.bedside_patient_group()}</span>
          {(view.group.state === "once" || view.group.state === "confirmed") && <BloodGroup group={view.group.group} size="lg" />}
          {view.group.state === "unknown" && <Status kind="caution" wrap>{m.bedside_group_unknown()}</Status>}
          {view.group.state === "conflict" && <Status kind="critical" wrap>{m.bedside_group_conflict()}</Status>}
        </span>
        <span className="grid justify-items-start gap-1"><span className="hs-k">{m.bedside_needs()}</span>{view.needs.length > 0 ? <Needs needs={view.needs} /> : <span className="text-ink-2">{m.bedside_needs_none()}</span>}</span>
        <span className="grid justify-items-start gap-1"><span className="hs-k">{m.bedside_left()}</span><ClinicalTime value={row.leftAt} /><span className="text-ink-2">{m.bedside_by_ward({ name: row.collectedBy })}</span></span>
        {view.first && view.second && <span>{m.bedside_checked_by({ first: view.first, second: view.second })}</span>}
        {view.against && view.against.length > 0 && <span className="grid justify-items-start gap-1"><span className="hs-k">{m.downtime_against_kept()}</span><RuleNames codes={view.against} /></span>}
        {view.stopReason && <Status kind="critical" wrap>{m.bedside_stopped_because({ reason: view.stopReason })}</Status>}
        {row.riseTenths !== null && row.riseTenths > 0 && <Status kind={row.riseTenths >= view.feverRiseTenths ? "critical" : row.riseTenths >= mildRise ? "caution" : "good"} wrap>{m.bedside_rise({ degrees: tenths(row.riseTenths) })}</Status>}
        {row.outcome && <Status kind={row.outcome === "reaction" ? "critical" : row.outcome === "uneventful" ? "good" : "caution"} wrap>{outcomeWord(row.outcome)}</Status>}
      </div>
    </SidePanel>
  );
}

/** Work that follows by itself, each line with its shape and whether it is done. */
export function Tasks({ title, tasks }: { title: string; tasks: CareTask[] }) {
  return (
    <section>
      <SectionHead title={title} />
      <ul className="m-0 grid list-none gap-1 px-4 py-2">
        {tasks.map((task, n) => <li key={`${task.what} ${n}`} className="flex items-start justify-between gap-3"><Status kind={task.done ? "good" : "caution"} wrap>{taskWord(task)}</Status><span className="hs-meta flex-none">{task.done ? m.bedside_task_done() : m.bedside_task_open()}</span></li>)}
      </ul>
    </section>
  );
}
