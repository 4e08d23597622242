import { useState } from "react";
import { useSend } from "../../backend";
import { RadioGroup, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { BloodNeed, RequestRow, Urgency } from "../../wire";
import { Ask, NeedSelect, refusal } from "./parts";
import { urgencies, urgencyText, urgencyWord } from "./words";

/** The patient got worse, or better. */
export function UrgencyDialog({ row, onClose }: { row: RequestRow; onClose(): void }) {
  const [urgency, setUrgency] = useState<Urgency>(row.urgency);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("request.urgency", { onDone: onClose });
  const same = urgency === row.urgency;
  return (
    <Ask title={m.requests_urgency_change()} act={m.requests_urgency_save()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (!same && reason.trim()) send.mutate({ request: row.id, urgency, reason: reason.trim() }); }}>
      <RadioGroup stacked label={m.requests_col_urgency()} options={urgencies.map((id) => ({ id, label: urgencyWord(id), sub: urgencyText(id) }))} value={urgency} onChange={setUrgency} error={tried && same ? m.requests_urgency_other() : undefined} />
      <TextField label={m.requests_reason()} hint={m.requests_reason_hint()} value={reason} onChange={setReason} lines={2} error={tried && !reason.trim() ? m.requests_reason_need() : undefined} />
    </Ask>
  );
}

export function NeedDialog({ request, onClose }: { request: string; onClose(): void }) {
  const [need, setNeed] = useState<BloodNeed | null>(null);
  const [tried, setTried] = useState(false);
  const send = useSend("request.need", { onDone: onClose });
  return (
    <Ask title={m.requests_need_add()} act={m.requests_need_save()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (need) send.mutate({ request, need }); }}>
      <p className="text-ink-2">{m.requests_need_add_text()}</p>
      <NeedSelect label={m.requests_need_which()} value={need} onChange={setNeed} error={tried && !need ? m.requests_need_choose() : undefined} autoFocus />
    </Ask>
  );
}
