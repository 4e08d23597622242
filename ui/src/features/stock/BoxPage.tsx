import { useState } from "react";
import { AppLink, ErrorBlock, useGo, useMay, useScreenParams } from "../../app";
import { CommandFailed, useBackend, useCommand, useSend } from "../../backend";
import { BloodGroup, ClinicalTime, componentName, DonationNumber, groupDin, NotKnown } from "../../clinical";
import { Button, DataGrid, Loading, NumberField, PageHead, RefusalBlock, SectionHead, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Component, TransferBag, TransferRow, TransferView } from "../../wire";
import { unitPath } from "../bloodbank/nav";
import { Ask } from "../donors/dialogs";
import { PrintButton } from "../printing/PrintDialog";
import { Offered } from "./Offered";
import { boxesPath } from "./paths";
import { useBags } from "./useBags";
import { bagStatus, boxStatus, degrees, tenths } from "./words";

export function BoxPage() {
  const { id = "" } = useScreenParams();
  const view = useCommand("transfer.view", { id }, { enabled: id !== "" });
  const go = useGo();
  if (view.isPending) return <div className="p-4"><Loading label={m.shelf_reading()} lines={5} /></div>;
  if (!view.data) return <div className="max-w-[720px] p-4"><ErrorBlock error={view.error} title={m.shelf_failed()} actions={<Button onPress={() => go(boxesPath)}>{m.shelf_box_back()}</Button>} /></div>;
  return <Box view={view.data} />;
}

/** One box: packed under the scanner, closed with its thermometer, followed until it has arrived. */
function Box({ view }: { view: TransferView }) {
  const go = useGo();
  const may = useMay();
  const [sending, setSending] = useState(false);
  const [missing, setMissing] = useState<TransferBag | null>(null);
  const { row, bags } = view;
  const packing = row.status === "packing" && row.ours && may("receive_blood");
  const travels = (row.status === "on_its_way" || row.status === "arriving") && may("receive_blood");
  const unpack = useSend("transfer.unpack");
  const status = boxStatus(row.status);
  return (
    <>
      <PageHead
        title={<span className="[overflow-wrap:anywhere]"><bdi>{row.from}</bdi> <span role="img" aria-label={m.shelf_box_to()} className="rtl:inline-block rtl:-scale-x-100">→</span> <bdi>{row.to}</bdi></span>}
        actions={<><Button icon="back" onPress={() => go(boxesPath)}>{m.shelf_box_back()}</Button>{packing && bags.length > 0 && <Button variant="primary" onPress={() => setSending(true)}>{m.shelf_box_close()}</Button>}</>}
      >
        <span className="flex flex-wrap items-center gap-3"><Status kind={status.kind}>{status.word}</Status><span>{componentName(row.component)}</span>{row.sentAt && <ClinicalTime value={row.sentAt} always="date-time" />}</span>
      </PageHead>
      <div className="min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.shelf_box_bags()}>
        {packing && <Packing transfer={row.id} component={row.component} count={bags.length} most={view.mostBags} />}
        {packing && <Offered transfer={row.id} bags={bags} />}
        {view.slip && row.ours && <Slip text={view.slip} row={row} />}
        <SectionHead title={m.shelf_box_bags()} note={String(bags.length)} />
        {unpack.error && <div className="p-4"><ErrorBlock error={unpack.error} /></div>}
        {bags.length === 0 ? <p className="p-4 text-ink-2">{m.shelf_box_empty()}</p> : (
          <DataGrid
            label={m.shelf_box_bags()}
            rows={bags}
            rowKey={(b) => b.id}
            rowText={(b) => b.din}
            columns={[
              { id: "din", title: m.recall_col_din(), isRowHeader: true, cell: (b) => (b.unit ? <AppLink to={unitPath(b.id)}><DonationNumber din={b.din} check={b.unit.check} /></AppLink> : <DonationNumber din={b.din} />) },
              { id: "code", title: m.lab_divide_code(), cell: (b) => <span className="hs-mono">{b.productCode}</span> },
              { id: "group", title: m.lab_col_typing(), cell: (b) => { const group = b.unit?.group ?? b.label?.group; return group ? <BloodGroup group={group} size="sm" /> : <NotKnown />; } },
              { id: "state", title: m.shelf_box_status(), cell: (b) => { const s = bagStatus(b.state); return <span className="flex flex-wrap items-center gap-2"><Status kind={s.kind}>{s.word}</Status>{b.reason && <bdi className="break-words">{b.reason}</bdi>}</span>; } },
              ...(packing || travels ? [{
                id: "act", title: m.shelf_box_act(), cell: (b: TransferBag) => (packing
                  ? <Button size="sm" onPress={() => unpack.mutate({ transfer: row.id, unit: b.id })}>{m.shelf_box_take_out()}</Button>
                  : b.state === "on_its_way" && <Button size="sm" variant="danger" onPress={() => setMissing(b)}>{m.shelf_box_report()}</Button>),
              }] : []),
            ]}
          />
        )}
        {view.readings.length > 0 && (
          <section>
            <SectionHead title={m.shelf_box_readings()} />
            <ul className="m-0 list-none p-0">{view.readings.map((r, n) => <li key={n} className="flex gap-3 border-b border-line px-4 py-1.5"><b dir="ltr">{degrees(r.tenths)} °C</b><ClinicalTime value={r.at} always="date-time" /></li>)}</ul>
          </section>
        )}
      </div>
      {sending && <SendDialog view={view} onClose={() => setSending(false)} />}
      {missing && <MissingDialog transfer={row.id} bag={missing} onClose={() => setMissing(null)} />}
    </>
  );
}

function Packing({ transfer, component, count, most }: { transfer: string; component: Component; count: number; most: number }) {
  const [text, setText] = useState("");
  const pack = useSend("transfer.pack");
  const backend = useBackend();
  // What a bag of another kind is, for the words that send it to a box of its own.
  const [other, setOther] = useState<Component | null>(null);
  const bags = useBags(async (bag) => {
    setOther(null);
    try {
      await pack.mutateAsync({ transfer, bag });
      return "taken";
    } catch (cause) {
      if (CommandFailed.from(cause).code === "product_not_ordered") {
        const { rows } = await backend.call("unit.list", { component: null, group: null, status: null, text: bag.din, limit: 20 }).catch(() => ({ rows: [] }));
        setOther(rows.find((r) => r.din === bag.din && (bag.productCode === null || r.productCode === bag.productCode))?.component ?? null);
      }
      return "refused";
    }
  });
  return (
    <form className="grid max-w-[720px] gap-3 p-4" noValidate onSubmit={(e) => { e.preventDefault(); if (text.trim()) void bags.typed(text.trim()).then((read) => read && setText("")); }}>
      <p className="text-lg">{m.shelf_box_scan_hint()}</p>
      <p className={count >= most ? "" : "text-ink-2"}>{count >= most ? <Status kind="caution" wrap>{m.shelf_box_full({ most })}</Status> : m.shelf_box_room({ count, most })}</p>
      <div className="flex items-start gap-2">
        <div className="grow"><TextField name="number" mono label={m.shelf_box_typed()} hint={m.shelf_box_typed_hint()} value={text} onChange={setText} error={bags.wrong} autoFocus autoComplete="off" /></div>
        <Button className="mt-5" type="submit" pending={pack.isPending}>{m.shelf_box_add()}</Button>
      </div>
      {/* What was refused before is not said of what was read since. */}
      {pack.error && !bags.wrong && (pack.error.code === "product_not_ordered"
        ? <RefusalBlock title={m.shelf_box_other_kind()} why={other ? m.shelf_box_carries({ box: componentName(component), bag: componentName(other) }) : m.shelf_box_carries_only({ box: componentName(component) })} doNow={m.shelf_box_own()} code={pack.error.code.toUpperCase()} />
        : <ErrorBlock error={pack.error} />)}
    </form>
  );
}

function SendDialog({ view, onClose }: { view: TransferView; onClose(): void }) {
  const [value, setValue] = useState<number | null>(null);
  const [tried, setTried] = useState(false);
  const send = useSend("transfer.scan_out", { onDone: onClose });
  const read = tenths(value);
  const warm = send.error?.code === "out_of_bounds" ? send.error : null;
  return (
    <Ask title={m.shelf_box_close_title()} act={m.shelf_box_send()} error={warm ? null : send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (read !== null) send.mutate({ transfer: view.row.id, tenths: read }); }}>
      <p>{m.shelf_box_close_text()}</p>
      <NumberField label={m.shelf_box_degrees()} unit="°C" decimals={1} step={0.1} min={-100} max={60} value={value} onChange={setValue} autoFocus hint={view.least !== null && view.most !== null ? m.shelf_box_range({ least: degrees(view.least), most: degrees(view.most) }) : undefined} error={tried && read === null ? m.shelf_box_need() : undefined} />
      {warm && <RefusalBlock title={m.shelf_box_outside()} why={m.shelf_box_outside_why({ value: degrees(Number(warm.args.value)), least: degrees(Number(warm.args.least)), most: degrees(Number(warm.args.most)) })} doNow={m.shelf_box_outside_do()} code={warm.code.toUpperCase()} />}
    </Ask>
  );
}

function MissingDialog({ transfer, bag, onClose }: { transfer: string; bag: TransferBag; onClose(): void }) {
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("transfer.missing", { onDone: onClose });
  return (
    <Ask title={m.shelf_box_report_title()} act={m.shelf_box_report_act()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (reason.trim()) send.mutate({ transfer, unit: bag.id, reason: reason.trim() }); }}>
      <p><b className="hs-mono">{groupDin(bag.din)}</b> {bag.productCode}</p>
      <p>{m.shelf_box_report_text()}</p>
      <TextField name="reason" label={m.shelf_box_report_why()} value={reason} onChange={setReason} lines={2} autoFocus error={tried && !reason.trim() ? m.shelf_box_need() : undefined} />
    </Ask>
  );
}

function Slip({ text, row }: { text: string; row: TransferRow }) {
  const may = useMay();
  const [copied, setCopied] = useState(false);
  return (
    <section className="grid max-w-[860px] gap-2 p-4">
      <h2 className="m-0 text-lg">{m.shelf_box_slip()}</h2>
      <p className="text-ink-2">{m.shelf_box_slip_text()}</p>
      <TextField mono readOnly lines={3} label={m.shelf_box_slip()} value={text} onChange={() => {}} />
      <div className="flex flex-wrap items-center gap-3">
        {may("see_patients") && <PrintButton variant="primary" what={{ kind: "box_slip", transfer: row.id }} subject={`${row.from} → ${row.to}`}>{m.printing_box()}</PrintButton>}
        <Button onPress={() => void navigator.clipboard?.writeText(text).then(() => setCopied(true))}>{m.shelf_box_slip_copy()}</Button>
        <span role="status">{copied && <Status kind="good">{m.shelf_box_slip_copied()}</Status>}</span>
      </div>
    </section>
  );
}
