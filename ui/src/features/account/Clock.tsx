import { type FormEvent, useId, useRef, useState } from "react";
import { useMay } from "../../app";
import { useSend } from "../../backend";
import { formatInstantDate, formatTime } from "../../clinical";
import { Bar, Button, Dialog, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { ClockDoubt } from "../../wire";
import { Refused } from "./parts";

/** The two times as people write them, each with its date: they may be years apart. */
function times({ wall, last }: ClockDoubt, zone: string) {
  const words = (at: string) => `${formatInstantDate(at, zone)} ${formatTime(at, zone)}`;
  return { wall: words(wall), last: words(last) };
}

/** Says that the computer's clock cannot be right as it stands, and who may say that it is. */
export function ClockBar({ doubt, zone }: { doubt: ClockDoubt; zone: string }) {
  const may = useMay();
  const [asking, setAsking] = useState<ClockDoubt | null>(null);
  return (
    <>
      <Bar kind="caution" action={may("manage_facility") || may("issue_blood") ? <Button onPress={() => setAsking(doubt)}>{m.account_clock_confirm()}</Button> : undefined}>
        {m.account_facility_clock(times(doubt, zone))} {!may("manage_facility") && m.account_clock_ask()}
      </Bar>
      {asking && <ConfirmClock doubt={asking} zone={zone} onClose={() => setAsking(null)} />}
    </>
  );
}

/** Two people and a reason. The time that is sent is the one that stands in the question. */
function ConfirmClock({ doubt, zone, onClose }: { doubt: ClockDoubt; zone: string; onClose(): void }) {
  const [reason, setReason] = useState("");
  const [second, setSecond] = useState({ user: "", password: "" });
  const [tried, setTried] = useState(false);
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const send = useSend("clock.confirm", { onDone: onClose });
  const lacking = { reason: !reason.trim(), user: !second.user.trim(), password: !second.password };

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    const first = (Object.keys(lacking) as (keyof typeof lacking)[]).find((k) => lacking[k]);
    if (first) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
    else send.mutate({ wall: doubt.wall, reason: reason.trim(), second: { user: second.user.trim(), password: second.password } });
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      keepOpen
      size="sm"
      title={m.account_clock_title()}
      footer={<><Button type="submit" form={id} variant="primary" pending={send.isPending}>{m.account_clock_confirm()}</Button><Button onPress={onClose}>{m.account_cancel()}</Button></>}
    >
      <form ref={form} id={id} onSubmit={submit} noValidate className="grid gap-3">
        <p>{m.account_clock_text(times(doubt, zone))}</p>
        <TextField name="reason" label={m.account_clock_reason()} hint={m.account_clock_reason_hint()} value={reason} onChange={setReason} lines={2} error={tried && lacking.reason ? m.account_clock_reason_need() : undefined} autoFocus />
        <fieldset className="m-0 grid gap-3 border border-line-2 p-3">
          <legend className="px-1 font-strong">{m.account_clock_second()}</legend>
          <TextField name="user" label={m.account_clock_second_user()} value={second.user} onChange={(user) => setSecond((s) => ({ ...s, user }))} error={tried && lacking.user ? m.account_clock_second_need() : undefined} autoComplete="off" />
          <TextField name="password" type="password" label={m.account_clock_second_password()} value={second.password} onChange={(password) => setSecond((s) => ({ ...s, password }))} error={tried && lacking.password ? m.account_clock_second_need() : undefined} autoComplete="off" />
        </fieldset>
        {send.error && <Refused error={send.error} />}
      </form>
    </Dialog>
  );
}
