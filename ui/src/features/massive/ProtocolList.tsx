import { useState } from "react";
import { ErrorBlock, useGo, useMay } from "../../app";
import { useCommand, useSend } from "../../backend";
import { ClinicalTime, formatName, Identifier } from "../../clinical";
import { Button, DataGrid, Empty, Loading, PageHead, SectionHead, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { PatientRow, ProtocolRow } from "../../wire";
import { LeftOut } from "../bloodbank/LeftOut";
import { PatientChoice } from "../bloodbank/common";
import { CareTabs } from "../requests/CareTabs";
import { Ask, refusal } from "../requests/parts";
import { statusKind, statusWord } from "./words";

/** Patients who bleed faster than single bags can follow, and bags of which nobody has said where they are. */
export function ProtocolList() {
  const list = useCommand("protocol.list", {}, { keepPrevious: true });
  const may = useMay();
  const [asking, setAsking] = useState(false);
  const { open = [], closed = [] } = list.data ?? {};
  return (
    <>
      <PageHead title={m.massive_title()} tabs={<CareTabs />} actions={<Button variant="danger" icon="plus" notNow={may("request_blood") ? undefined : m.massive_forbidden_request()} onPress={() => setAsking(true)}>{m.massive_activate()}</Button>} />
      <LeftOut count={list.data?.leftOut} />
      {list.isPending && <div className="p-4"><Loading label={m.massive_reading()} lines={5} /></div>}
      {list.error && <div className="p-4"><ErrorBlock error={list.error} title={m.massive_failed()} actions={<Button onPress={() => void list.refetch()}>{m.massive_try_again()}</Button>} /></div>}
      {list.data && (
        <div className="min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.massive_title()}>
          {open.length === 0 && <div className="p-4"><Empty title={m.massive_none()}>{m.massive_none_text()}</Empty></div>}
          {open.length > 0 && <Rows title={m.massive_open()} rows={open} />}
          {closed.length > 0 && <Rows title={m.massive_closed()} rows={closed} />}
        </div>
      )}
      {asking && <ActivateDialog onClose={() => setAsking(false)} />}
    </>
  );
}

function Rows({ title, rows }: { title: string; rows: ProtocolRow[] }) {
  const go = useGo();
  return (
    <section>
      <SectionHead title={title} note={String(rows.length)} />
      <DataGrid
        label={title}
        rows={rows}
        rowKey={(r) => r.id}
        rowText={(r) => formatName(r.patient)}
        onAction={(id) => go(`/massive/${id}`)}
        columns={[
          { id: "patient", title: m.massive_col_patient(), isRowHeader: true, cell: (r) => <bdi>{formatName(r.patient)}</bdi> },
          { id: "at", title: m.massive_activated(), cell: (r) => <span className="grid justify-items-start"><ClinicalTime value={r.activatedAt} /><span className="hs-meta [overflow-wrap:anywhere]"><bdi>{r.reason}</bdi></span></span> },
          { id: "packs", title: m.massive_col_packs(), cell: (r) => r.packs },
          { id: "bags", title: m.massive_col_bags(), cell: (r) => r.units },
          { id: "open", title: m.massive_col_open(), cell: (r) => (r.unaccounted > 0 ? <Status kind="caution">{r.unaccounted}</Status> : r.unaccounted) },
          { id: "status", title: m.massive_col_status(), cell: (r) => <Status kind={statusKind(r.status)}>{statusWord(r.status)}</Status> },
        ]}
      />
    </section>
  );
}

function ActivateDialog({ onClose }: { onClose(): void }) {
  const go = useGo();
  const [patient, setPatient] = useState<PatientRow | null>(null);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("protocol.activate", { onDone: (made) => go(`/massive/${made.id}`) });
  const ready = patient !== null && reason.trim() !== "";
  return (
    <Ask title={m.massive_activate_title()} act={m.massive_activate_save()} danger keep={m.massive_cancel()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (patient && ready) send.mutate({ patient: patient.id, reason: reason.trim() }); }}>
      {patient ? <p className="flex flex-wrap items-center gap-3 text-xl"><bdi className="font-strong">{formatName(patient)}</bdi> <Identifier>{patient.hospitalNumber}</Identifier> <Button size="sm" onPress={() => setPatient(null)}>{m.massive_another_patient()}</Button></p> : <PatientChoice onChoose={setPatient} autoFocus />}
      {tried && !patient && <div role="alert"><Status kind="critical" wrap>{m.massive_activate_need_patient()}</Status></div>}
      <TextField label={m.massive_activate_reason()} value={reason} onChange={setReason} lines={2} error={tried && !reason.trim() ? m.massive_activate_need() : undefined} />
    </Ask>
  );
}
