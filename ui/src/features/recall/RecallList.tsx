import { useState } from "react";
import { ErrorBlock, useGo, useMay } from "../../app";
import { useCommand } from "../../backend";
import { ClinicalTime } from "../../clinical";
import { Button, DataGrid, Empty, type GridColumn, Loading, PageHead, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { RecallRow } from "../../wire";
import { LeftOut } from "../bloodbank/LeftOut";
import { OpenDialog } from "./dialogs";
import { recallPath, RecallTabs } from "./RecallTabs";

/** What is recalled, the newest first: which bags are out, and who has not answered. */
export function RecallList() {
  const list = useCommand("recall.list", {});
  const go = useGo();
  const may = useMay();
  const [opening, setOpening] = useState(false);
  const { open = [], closed = [] } = list.data ?? {};
  return (
    <>
      <PageHead title={m.recall_title()} tabs={<RecallTabs />} actions={may("recall_blood") && <Button variant="primary" icon="plus" onPress={() => setOpening(true)}>{m.recall_new()}</Button>} />
      <LeftOut count={list.data?.leftOut} />
      <div className="min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.recall_title()}>
        {list.isPending && <div className="p-4"><Loading label={m.recall_reading()} lines={5} /></div>}
        {list.error && <div className="p-4"><ErrorBlock error={list.error} title={m.recall_failed()} actions={<Button onPress={() => void list.refetch()}>{m.recall_try_again()}</Button>} /></div>}
        {list.data && open.length === 0 && <div className="p-4"><Empty title={m.recall_none()}>{m.recall_none_text()}</Empty></div>}
        {open.length > 0 && <Rows label={m.recall_open()} rows={open} onOpen={(id) => go(recallPath(id))} />}
        {closed.length > 0 && <><SectionHead title={m.recall_closed()} /><Rows label={m.recall_closed()} rows={closed} onOpen={(id) => go(recallPath(id))} /></>}
      </div>
      {opening && <OpenDialog onClose={() => setOpening(false)} onDone={(id) => go(recallPath(id))} />}
    </>
  );
}

function Rows({ label, rows, onOpen }: { label: string; rows: RecallRow[]; onOpen(id: string): void }) {
  const columns: GridColumn<RecallRow>[] = [
    { id: "reason", title: m.recall_col_reason(), isRowHeader: true, cell: (r) => <bdi className="break-words">{r.reason}</bdi> },
    { id: "opened", title: m.recall_col_opened(), cell: (r) => <ClinicalTime value={r.openedAt} always="date-time" /> },
    { id: "bags", title: m.recall_col_bags(), cell: (r) => r.bags },
    { id: "issued", title: m.recall_col_issued(), cell: (r) => (r.issued > 0 ? <Status kind="critical">{String(r.issued)}</Status> : 0) },
    { id: "state", title: m.recall_col_state(), cell: (r) => <RecallState row={r} /> },
  ];
  return <DataGrid label={label} rows={rows} rowKey={(r) => r.id} rowText={(r) => r.reason} onAction={onOpen} columns={columns} />;
}

export function RecallState({ row }: { row: RecallRow }) {
  if (row.closedAt) return <Status kind="inactive">{m.recall_is_closed()}</Status>;
  if (row.overdue) return <Status kind="critical">{m.recall_overdue()}</Status>;
  return row.pending.length > 0 ? <Status kind="caution">{m.recall_waiting()}</Status> : <Status kind="good">{m.recall_answered()}</Status>;
}
