import { useState } from "react";
import { useSend } from "../../backend";
import { Checkbox, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { DeferralView, ScreeningView } from "../../wire";
import { Ask } from "./dialogs";
import { isThere, nobody, Second, secondSent } from "./Second";
import { codeWord, endWords, reasonWords } from "./words";

export function ConsentDialog({ donor, onClose }: { donor: string; onClose(): void }) {
  const [agreed, setAgreed] = useState(false);
  const [guardian, setGuardian] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("donor.consent", { onDone: onClose });
  return (
    <Ask title={m.donor_consent()} act={m.donor_consent_record()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (agreed) send.mutate({ donor, guardian: guardian.trim() || null }); }}>
      <p>{m.donor_consent_text()}</p>
      <Checkbox isSelected={agreed} onChange={setAgreed}>{m.donor_consent_yes()}</Checkbox>
      {tried && !agreed && <p role="alert"><Status kind="critical" wrap>{m.donor_consent_need()}</Status></p>}
      <TextField label={m.donor_guardian()} hint={m.donor_optional()} value={guardian} onChange={setGuardian} autoComplete="off" />
    </Ask>
  );
}

/** A physician lets a referred donor give, and says why. */
export function ClearDialog({ donor, screening, onClose }: { donor: string; screening: ScreeningView; onClose(): void }) {
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("donor.clear", { onDone: onClose });
  return (
    <Ask title={m.donor_clear_act()} act={m.donor_clear_act()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (reason.trim()) send.mutate({ donor, screening: screening.cause, reason: reason.trim() }); }}>
      <ul className="m-0 ps-5">{screening.reasons.map((r, n) => <li key={n}>{reasonWords(r)}</li>)}</ul>
      <TextField label={m.donor_clear_reason()} value={reason} onChange={setReason} lines={2} error={tried && !reason.trim() ? m.donor_lift_need() : undefined} autoFocus />
    </Ask>
  );
}

/** What lasts for ever, or until somebody lifts it, takes two people. */
export function LiftDialog({ donor, deferral, onClose }: { donor: string; deferral: DeferralView; onClose(): void }) {
  const two = deferral.ends.kind !== "on";
  const [reason, setReason] = useState("");
  const [second, setSecond] = useState(nobody);
  const [tried, setTried] = useState(false);
  const send = useSend("donor.lift", { onDone: onClose });
  const ready = reason.trim() !== "" && (!two || isThere(second));
  return (
    <Ask
      title={m.donor_lift_title()}
      act={m.donor_lift_save()}
      error={send.error}
      pending={send.isPending}
      onClose={onClose}
      onSubmit={() => { setTried(true); if (ready) send.mutate({ donor, cause: deferral.cause, code: deferral.code ?? "", reason: reason.trim(), second: two ? secondSent(second) : null }); }}
    >
      <p><b>{codeWord(deferral.code ?? "")}</b> {endWords(deferral.ends)}</p>
      <TextField label={m.donor_lift_reason()} value={reason} onChange={setReason} lines={2} error={tried && !reason.trim() ? m.donor_lift_need() : undefined} autoFocus />
      {two && <Second value={second} onChange={setSecond} tried={tried} />}
    </Ask>
  );
}
