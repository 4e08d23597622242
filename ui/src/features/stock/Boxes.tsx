import { useState } from "react";
import { ErrorBlock, useGo, useMay } from "../../app";
import { useCommand, useSend } from "../../backend";
import { ClinicalTime, componentName } from "../../clinical";
import { Button, DataGrid, Empty, Loading, PageHead, SectionHead, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Component, TransferRow } from "../../wire";
import { LeftOut } from "../bloodbank/LeftOut";
import { components } from "../bloodbank/words";
import { Ask } from "../donors/dialogs";
import { boxPath, takeInPath } from "./paths";
import { boxStatus, StockTabs } from "./words";

/** Boxes between this site and others. */
export function Boxes() {
  const list = useCommand("transfer.list", {});
  const go = useGo();
  const may = useMay();
  const [opening, setOpening] = useState(false);
  const { open = [], ended = [] } = list.data ?? {};
  return (
    <>
      <PageHead
        title={m.shelf_title()}
        tabs={<StockTabs />}
        actions={may("receive_blood") && <><Button icon="scan" onPress={() => go(takeInPath)}>{m.shelf_box_take_in()}</Button><Button variant="primary" icon="plus" onPress={() => setOpening(true)}>{m.shelf_box_new()}</Button></>}
      />
      <LeftOut count={list.data?.leftOut} />
      <div className="min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.shelf_box_title()}>
        {list.isPending && <div className="p-4"><Loading label={m.shelf_reading()} lines={5} /></div>}
        {list.error && <div className="p-4"><ErrorBlock error={list.error} title={m.shelf_failed()} actions={<Button onPress={() => void list.refetch()}>{m.shelf_try_again()}</Button>} /></div>}
        {list.data && open.length === 0 && <div className="p-4"><Empty title={m.shelf_box_none()}>{m.shelf_box_none_text()}</Empty></div>}
        {open.length > 0 && <Rows label={m.shelf_box_open()} rows={open} onOpen={(id) => go(boxPath(id))} />}
        {ended.length > 0 && <><SectionHead title={m.shelf_box_ended()} /><Rows label={m.shelf_box_ended()} rows={ended} onOpen={(id) => go(boxPath(id))} /></>}
      </div>
      {opening && <BeginDialog onClose={() => setOpening(false)} onDone={(id) => go(boxPath(id))} />}
    </>
  );
}

function Rows({ label, rows, onOpen }: { label: string; rows: TransferRow[]; onOpen(id: string): void }) {
  return (
    <DataGrid
      label={label}
      rows={rows}
      rowKey={(r) => r.id}
      rowText={(r) => `${r.from} ${r.to}`}
      onAction={onOpen}
      columns={[
        { id: "from", title: m.shelf_box_from(), isRowHeader: true, cell: (r) => <bdi className="break-words">{r.from}</bdi> },
        { id: "to", title: m.shelf_box_to(), cell: (r) => <bdi className="break-words">{r.to}</bdi> },
        { id: "component", title: m.shelf_box_component(), cell: (r) => componentName(r.component) },
        { id: "bags", title: m.shelf_box_bags(), cell: (r) => r.bags },
        { id: "status", title: m.shelf_box_status(), cell: (r) => { const s = boxStatus(r.status); return <span className="flex flex-wrap gap-2"><Status kind={s.kind}>{s.word}</Status>{r.missing > 0 && <Status kind="critical">{m.shelf_box_missing({ count: r.missing })}</Status>}</span>; } },
        { id: "sent", title: m.shelf_box_sent(), cell: (r) => (r.sentAt ? <ClinicalTime value={r.sentAt} always="date-time" /> : <span className="text-ink-2">{m.shelf_box_not_sent()}</span>) },
      ]}
    />
  );
}

function BeginDialog({ onClose, onDone }: { onClose(): void; onDone(id: string): void }) {
  const sites = useCommand("site.list", {});
  const [to, setTo] = useState("");
  const [component, setComponent] = useState<Component | null>(null);
  const [tried, setTried] = useState(false);
  const send = useSend("transfer.begin");
  return (
    <Ask title={m.shelf_box_new()} act={m.shelf_box_begin()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (to.trim() && component) send.mutate({ to: to.trim(), component }, { onSuccess: (made) => onDone(made.id) }); }}>
      <TextField name="to" label={m.shelf_box_to()} hint={m.shelf_box_to_hint()} value={to} onChange={setTo} autoFocus autoComplete="off" error={tried && !to.trim() ? m.shelf_box_need() : undefined} />
      {(sites.data?.known.length ?? 0) > 0 && <p className="flex flex-wrap gap-2">{sites.data?.known.map((s) => <Button key={s.name} size="sm" onPress={() => setTo(s.name)}>{s.name}</Button>)}</p>}
      <Select<Component> label={m.shelf_box_component()} options={components.map((id) => ({ id, label: componentName(id) }))} value={component} onChange={setComponent} error={tried && !component ? m.shelf_box_need() : undefined} />
    </Ask>
  );
}
