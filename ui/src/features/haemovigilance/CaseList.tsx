import { useState } from "react";
import { ErrorBlock, ruleWords, useGo, useMay } from "../../app";
import { useCommand } from "../../backend";
import { ClinicalTime, comma, DonationNumber, formatName } from "../../clinical";
import { Button, Chip, DataGrid, Empty, Loading, PageHead, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { CaseRow } from "../../wire";
import { LeftOut } from "../bloodbank/LeftOut";
import { CareTabs } from "../requests/CareTabs";
import { OpenDialog } from "./dialogs";
import { caseStand, categoryWord } from "./words";

/** What went wrong or nearly did, the oldest first. */
export function CaseList() {
  const list = useCommand("case.list", {}, { keepPrevious: true });
  const { open = [], closed = [] } = list.data ?? {};
  const may = useMay();
  const go = useGo();
  const [opening, setOpening] = useState(false);
  return (
    <>
      <PageHead title={m.haemovigilance_title()} tabs={<CareTabs />} actions={(may("transfuse") || may("judge_reactions")) && may("see_patients") ? <Button icon="plus" onPress={() => setOpening(true)}>{m.haemovigilance_new()}</Button> : undefined} />
      <LeftOut count={list.data?.leftOut} />
      {opening && <OpenDialog onClose={() => setOpening(false)} onDone={(id) => go(`/reactions/${id}`)} />}
      {list.isPending && <div className="p-4"><Loading label={m.haemovigilance_reading()} lines={5} /></div>}
      {list.error && <div className="p-4"><ErrorBlock error={list.error} title={m.haemovigilance_failed()} actions={<Button onPress={() => void list.refetch()}>{m.haemovigilance_try_again()}</Button>} /></div>}
      {list.data && (
        <div className="min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.haemovigilance_title()}>
          {open.length === 0 && <div className="p-4"><Empty title={m.haemovigilance_none()}>{m.haemovigilance_none_text()}</Empty></div>}
          {open.length > 0 && <Rows title={m.haemovigilance_open()} rows={open} />}
          {closed.length > 0 && <Rows title={m.haemovigilance_closed()} rows={closed} />}
        </div>
      )}
    </>
  );
}

function Rows({ title, rows }: { title: string; rows: CaseRow[] }) {
  const go = useGo();
  return (
    <section>
      <SectionHead title={title} note={String(rows.length)} />
      <DataGrid
        label={title}
        rows={rows}
        rowKey={(r) => r.id}
        rowText={(r) => formatName(r.patient)}
        onAction={(id) => go(`/reactions/${id}`)}
        columns={[
          { id: "patient", title: m.haemovigilance_col_patient(), isRowHeader: true, cell: (r) => <span className="grid justify-items-start"><bdi>{formatName(r.patient)}</bdi><span className="hs-meta hs-mono">{r.patient.hospitalNumber}</span></span> },
          { id: "what", title: m.haemovigilance_col_what(), cell: (r) => <What row={r} /> },
          { id: "bag", title: m.haemovigilance_col_bag(), cell: (r) => <span className="grid justify-items-start">{r.units.map((u) => <DonationNumber key={u.id} din={u.din} check={u.check} />)}</span> },
          { id: "opened", title: m.haemovigilance_col_opened(), cell: (r) => <ClinicalTime value={r.openedAt} /> },
          { id: "stand", title: m.haemovigilance_col_stand(), cell: (r) => { const s = caseStand(r); return <span className="flex flex-wrap gap-2"><Status kind={s.kind} wrap>{s.word}</Status>{r.mustNotify && <Chip kind="critical">{m.haemovigilance_must_notify()}</Chip>}</span>; } },
        ]}
      />
    </section>
  );
}

/** The judged category; before that what is suspected, or what was prevented. */
export function What({ row }: { row: CaseRow }) {
  if (row.category) return <>{categoryWord(row.category)}</>;
  if (row.prevented) return <>{m.haemovigilance_prevented({ what: ruleWords(row.prevented) })}</>;
  if (row.suspected.length > 0) return <>{m.haemovigilance_suspected()}: {row.suspected.map(categoryWord).join(comma())}</>;
  return <span className="text-ink-2">{m.haemovigilance_not_judged()}</span>;
}
