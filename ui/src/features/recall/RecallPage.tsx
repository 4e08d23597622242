import { useState } from "react";
import { AppLink, ErrorBlock, useGo, useMay, useScreenParams } from "../../app";
import { useCommand } from "../../backend";
import { ClinicalTime, DonationNumber, formatName, groupDin, NotKnown } from "../../clinical";
import { Button, DataGrid, Loading, PageHead, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { RecallTask, RecallView } from "../../wire";
import { unitPath } from "../bloodbank/nav";
import { AcknowledgeDialog, CloseDialog, ExtendDialog } from "./dialogs";
import { RecallState } from "./RecallList";
import { recallsPath } from "./RecallTabs";
import { siteWord, stateKind, stateWord, taskWord } from "./words";

export function RecallPage() {
  const { id = "" } = useScreenParams();
  const view = useCommand("recall.view", { id }, { enabled: id !== "" });
  const go = useGo();
  if (view.isPending) return <div className="p-4"><Loading label={m.recall_reading()} lines={5} /></div>;
  if (!view.data) return <div className="max-w-[720px] p-4"><ErrorBlock error={view.error} title={m.recall_failed()} actions={<Button onPress={() => go(recallsPath)}>{m.recall_back()}</Button>} /></div>;
  return <Recall view={view.data} />;
}

type Open = "extend" | "acknowledge" | "close";

/** One recall: who has to be called now, then every bag with where it is. */
function Recall({ view }: { view: RecallView }) {
  const go = useGo();
  const may = useMay();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const { row } = view;
  const runs = row.closedAt === null;
  const asked = row.pending.includes(view.here);
  return (
    <>
      <PageHead
        title={<bdi className="break-words">{row.reason}</bdi>}
        actions={
          <>
            <Button icon="back" onPress={() => go(recallsPath)}>{m.recall_back()}</Button>
            <Button icon="print" onPress={() => window.print()}>{m.recall_print()}</Button>
            {runs && may("recall_blood") && <Button onPress={() => setOpen("extend")}>{m.recall_extend()}</Button>}
            {runs && asked && may("receive_blood") && <Button variant="primary" onPress={() => setOpen("acknowledge")}>{m.recall_acknowledge()}</Button>}
            {runs && row.pending.length === 0 && may("recall_blood") && <Button variant="primary" onPress={() => setOpen("close")}>{m.recall_close()}</Button>}
          </>
        }
      >
        <span className="flex flex-wrap items-center gap-3"><RecallState row={row} /><span className="hs-meta"><ClinicalTime value={row.openedAt} always="date-time" /></span></span>
      </PageHead>
      <div className="min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.recall_bags()}>
        <Tasks view={view} />
        <SectionHead title={m.recall_bags()} note={String(view.targets.length)} />
        <DataGrid
          label={m.recall_bags()}
          rows={view.targets}
          rowKey={(t) => t.id}
          rowText={(t) => t.din}
          columns={[
            { id: "din", title: m.recall_col_din(), isRowHeader: true, cell: (t) => (t.unit ? <AppLink to={unitPath(t.id)}><DonationNumber din={t.din} check={t.check} /></AppLink> : <DonationNumber din={t.din} check={t.check} />) },
            { id: "code", title: m.lab_divide_code(), cell: (t) => (t.unit ? <span className="hs-mono">{t.unit.productCode}</span> : <NotKnown />) },
            { id: "state", title: m.recall_col_state(), cell: (t) => <Status kind={stateKind(t.state)} wrap>{stateWord(t.state)}</Status> },
            { id: "where", title: m.recall_col_place(), cell: (t) => <bdi>{[siteWord(t.site, view.here), t.unit?.place].filter(Boolean).join(" · ")}</bdi> },
            { id: "patient", title: m.recall_col_patient(), cell: (t) => (t.patient ? <AppLink to={`/patients/${t.patient.id}`}><bdi>{formatName(t.patient)}</bdi></AppLink> : t.state === "issued" || t.state === "transfused" ? <NotKnown /> : <span className="text-ink-2">{m.recall_look_none()}</span>) },
          ]}
        />
        {view.answers.length > 0 && (
          <section>
            <SectionHead title={m.recall_answers()} />
            <ul className="m-0 list-none p-0">
              {view.answers.map((a) => <li key={a.site + a.at} className="flex flex-wrap gap-x-3 border-b border-line px-4 py-2"><Status kind="good">{siteWord(a.site, view.here)}</Status><span>{a.by}</span><ClinicalTime value={a.at} always="date-time" /></li>)}
            </ul>
          </section>
        )}
      </div>
      {open === "extend" && <ExtendDialog recall={row.id} onClose={close} />}
      {open === "acknowledge" && <AcknowledgeDialog recall={row.id} onClose={close} />}
      {open === "close" && <CloseDialog recall={row.id} onClose={close} />}
    </>
  );
}

function Tasks({ view }: { view: RecallView }) {
  const waiting = view.tasks.filter((t) => !t.done);
  if (waiting.length === 0) return null;
  return (
    <section>
      <SectionHead title={m.recall_tasks()} note={String(waiting.length)} />
      <ul className="m-0 list-none p-0">
        {waiting.map((t, n) => <Task key={n} task={t} here={view.here} />)}
      </ul>
    </section>
  );
}

function Task({ task, here }: { task: RecallTask; here: string }) {
  const now = task.due === null;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2">
      <Status kind={now || task.overdue ? "critical" : "caution"} wrap>{now ? m.recall_at_once() : task.overdue ? m.recall_overdue() : m.recall_due()}</Status>
      {task.due && <ClinicalTime value={task.due} always="date-time" />}
      <b>{taskWord(task.what)}</b>
      {task.patient && <bdi className="break-words">{task.patient}</bdi>}
      {task.what === "alert_physician" && task.clinician && <bdi className="break-words">{task.clinician}</bdi>}
      {task.din && <span className="hs-mono">{groupDin(task.din)}</span>}
      {task.what === "acknowledge_recall" && task.site && <bdi>{siteWord(task.site, here)}</bdi>}
    </li>
  );
}
