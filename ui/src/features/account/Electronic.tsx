import { useState } from "react";
import { useMay } from "../../app";
import { type CommandFailed, useSend } from "../../backend";
import { ClinicalDate, ClinicalTime, dayOf, usePlace } from "../../clinical";
import { Bar, Button, Checkbox, DataGrid, DateField, Dialog, RadioGroup, SectionHead, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { ElectronicStand, ElectronicView, SecondPerson, ValidationRow } from "../../wire";
import { Refused } from "./parts";

function standWord(view: ElectronicView): string {
  switch (view.stands) {
    case "not_validated": return m.account_xm_not_validated();
    case "other_program": return m.account_xm_other_program({ version: view.program });
    case "withdrawn": return m.account_xm_withdrawn();
    case "record_not_proven": return m.account_xm_record_not_proven();
    case "switched_off": return m.account_xm_switched_off();
    case "on": return m.account_xm_on();
  }
}

const standKind = (stands: ElectronicStand) => (stands === "on" || stands === "switched_off" ? "notice" : "caution") as "notice" | "caution";

/** The electronic crossmatch of this site: what it still needs, and every validation ever recorded. */
export function Electronic({ view }: { view: ElectronicView }) {
  const may = useMay();
  const [open, setOpen] = useState<"record" | ValidationRow | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <SectionHead
        title={m.account_xm_title()}
        note={m.account_xm_program({ version: view.program })}
        actions={may("adopt_policy") && <Button onPress={() => setOpen("record")}>{m.account_xm_record()}</Button>}
      />
      <Bar kind={standKind(view.stands)}>{standWord(view)}</Bar>
      <DataGrid
        label={m.account_xm_validations()}
        rows={view.validations}
        rowKey={(v) => v.id}
        columns={[
          { id: "on", title: m.account_xm_on_day(), isRowHeader: true, cell: (v: ValidationRow) => <ClinicalDate value={v.carriedOutOn} /> },
          { id: "program", title: m.account_xm_version(), cell: (v) => <bdi className="hs-mono">{v.program}</bdi> },
          { id: "protocol", title: m.account_xm_protocol(), cell: (v) => <span className="grid gap-px py-1"><bdi className="[overflow-wrap:anywhere]">{v.protocol}</bdi>{v.note && <bdi className="hs-meta [overflow-wrap:anywhere]">{v.note}</bdi>}</span> },
          { id: "result", title: m.account_xm_result(), cell: (v) => <Result row={v} /> },
          { id: "by", title: m.account_xm_by(), cell: (v) => <span className="grid gap-px py-1"><bdi>{v.by}, {v.second}</bdi><span className="hs-meta"><ClinicalTime value={v.recordedAt} always="date-time" /></span></span> },
          { id: "act", title: m.account_xm_act(), cell: (v) => (may("adopt_policy") && !v.withdrawn ? <Button size="sm" onPress={() => setOpen(v)}>{m.account_xm_withdraw()}<span className="hs-vh"> {v.protocol}</span></Button> : null) },
        ]}
        empty={m.account_xm_none()}
      />
      {open === "record" && <RecordDialog program={view.program} onClose={close} />}
      {open !== null && open !== "record" && <WithdrawDialog row={open} onClose={close} />}
    </>
  );
}

function Result({ row }: { row: ValidationRow }) {
  if (row.withdrawn) return <span className="grid gap-px py-1"><Status kind="critical" wrap>{m.account_xm_row_withdrawn()}</Status><bdi className="hs-meta [overflow-wrap:anywhere]">{row.withdrawn.by}: {row.withdrawn.reason}</bdi></span>;
  if (!row.passed) return <Status kind="critical" wrap>{m.account_xm_failed()}</Status>;
  if (!row.aboPreventionShown) return <Status kind="caution" wrap>{m.account_xm_abo_not_shown()}</Status>;
  return <Status kind="good" wrap>{m.account_xm_passed()}</Status>;
}

const nobody: SecondPerson = { user: "", password: "" };

/** Two people say what was shown on the machines of this site. A failed one is recorded too, and counts. */
function RecordDialog({ program, onClose }: { program: string; onClose(): void }) {
  const place = usePlace();
  const [day, setDay] = useState<string | null>(() => dayOf(place.now, place.zone));
  const [protocol, setProtocol] = useState("");
  const [result, setResult] = useState<"passed" | "failed" | null>(null);
  const [abo, setAbo] = useState(false);
  const [note, setNote] = useState("");
  const [second, setSecond] = useState(nobody);
  const send = useSend("validation.record", { onDone: onClose });
  const missing = !day || !protocol.trim() || result === null ? m.account_xm_need() : !second.user.trim() || !second.password ? m.account_xm_need_second() : undefined;
  function save() {
    if (!day || result === null || missing) return;
    send.mutate({ program, carriedOutOn: day, protocol: protocol.trim(), passed: result === "passed", aboPreventionShown: abo, note: note.trim() || null, second: { user: second.user.trim(), password: second.password } }, {
      onError: (_: CommandFailed) => setSecond((s) => ({ ...s, password: "" })),
    });
  }
  return (
    <Dialog isOpen onClose={onClose} keepOpen title={m.account_xm_record_title()} footer={<Button onPress={onClose}>{m.account_xm_cancel()}</Button>} footerEnd={<Button variant="primary" notNow={missing} pending={send.isPending} onPress={save}>{m.account_xm_save()}</Button>}>
      <p className="text-ink-2">{m.account_xm_record_text({ version: program })}</p>
      <DateField label={m.account_xm_on_day()} value={day} onChange={setDay} />
      <TextField label={m.account_xm_protocol()} hint={m.account_xm_protocol_hint()} value={protocol} onChange={setProtocol} isRequired autoFocus />
      <RadioGroup label={m.account_xm_result()} options={[{ id: "passed", label: m.account_xm_passed() }, { id: "failed", label: m.account_xm_failed() }]} value={result} onChange={setResult} />
      <Checkbox isSelected={abo} onChange={setAbo}>{m.account_xm_abo()}</Checkbox>
      <TextField label={m.account_xm_note()} value={note} onChange={setNote} lines={2} />
      <fieldset className="m-0 grid gap-3 border border-line-2 p-3">
        <legend className="px-1 font-strong">{m.account_xm_second()}</legend>
        <div className="grid grid-cols-2 gap-3 max-[700px]:grid-cols-1">
          <TextField label={m.account_xm_second_user()} value={second.user} onChange={(user) => setSecond((s) => ({ ...s, user }))} autoComplete="off" />
          <TextField type="password" label={m.account_xm_second_password()} value={second.password} onChange={(password) => setSecond((s) => ({ ...s, password }))} autoComplete="off" />
        </div>
      </fieldset>
      {send.error && <Refused error={send.error} />}
    </Dialog>
  );
}

function WithdrawDialog({ row, onClose }: { row: ValidationRow; onClose(): void }) {
  const [reason, setReason] = useState("");
  const send = useSend("validation.withdraw", { onDone: onClose });
  return (
    <Dialog isOpen onClose={onClose} keepOpen title={m.account_xm_withdraw_title()} footer={<Button onPress={onClose}>{m.account_xm_cancel()}</Button>} footerEnd={<Button variant="danger" notNow={reason.trim() ? undefined : m.account_xm_need_reason()} pending={send.isPending} onPress={() => send.mutate({ validation: row.id, reason: reason.trim() })}>{m.account_xm_withdraw()}</Button>}>
      <p className="text-ink-2">{m.account_xm_withdraw_text()}</p>
      <p><b><bdi className="[overflow-wrap:anywhere]">{row.protocol}</bdi></b></p>
      <TextField label={m.account_xm_reason()} value={reason} onChange={setReason} lines={2} isRequired autoFocus />
      {send.error && <Refused error={send.error} />}
    </Dialog>
  );
}
