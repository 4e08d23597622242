import { useState } from "react";
import { AppLink, ErrorBlock, useGo, useMay } from "../../app";
import { useSend } from "../../backend";
import { ClinicalTime, Identifier } from "../../clinical";
import { Button, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { MessageAnswer, MessageRow } from "../../wire";
import { Ask, refusal } from "../requests/parts";
import { channelWords, messageKind, messageWords, replyWords } from "./words";

/** Messages one under another: to whom, where each stands, and what a person can note about it. */
export function Messages({ rows, label }: { rows: readonly MessageRow[]; label: string }) {
  const may = useMay();
  const [stop, setStop] = useState<MessageRow | null>(null);
  const send = useSend("message.answer");
  const failed = send.error && send.variables;
  return (
    <>
      <ul className="m-0 list-none p-0" aria-label={label}>
        {rows.map((r) => (
          <li key={r.id} className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_minmax(0,520px)] items-start gap-x-4 gap-y-2 border-b border-line px-4 py-2.5 max-[1100px]:grid-cols-2 max-[700px]:grid-cols-1">
            <span className="grid justify-items-start gap-0.5">
              <AppLink to={`/donors/${r.donor}`} className="hs-link font-strong"><bdi className="[overflow-wrap:anywhere]">{r.donorName}</bdi></AppLink>
              <Identifier>{r.donorNumber}</Identifier>
              <span className="hs-meta"><What row={r} /></span>
            </span>
            <span className="grid justify-items-start gap-0.5">
              <Where row={r} />
              <span className="hs-meta">{channelWords[r.channel]()}{r.tries > 0 && <> · {m.appeals_tried({ count: r.tries })}</>}</span>
              {(r.state === "waits" || r.state === "to_call" || r.state === "held") && <span className="hs-meta">{m.appeals_until()} <ClinicalTime value={r.voidAt} always="date-time" /></span>}
            </span>
            <span className="grid justify-items-start gap-2">
              {may("register_donors") && <Answers row={r} pending={send.isPending} onAnswer={(answer) => (answer === "stop" ? setStop(r) : send.mutate({ message: r.id, answer }))} />}
              {failed && failed.message === r.id && refusal(send.error)}
            </span>
          </li>
        ))}
      </ul>
      {stop && <StopDialog row={stop} onClose={() => setStop(null)} />}
    </>
  );
}

/** What the message is about. */
function What({ row: r }: { row: MessageRow }) {
  switch (r.about) {
    case "appeal": return r.appeal ? <AppLink to={`/appeals/${r.appeal}`} className="hs-link">{m.appeals_appeal_of()}</AppLink> : m.appeals_appeal_of();
    case "appointment": return <>{m.appeals_reminder_of()} <ClinicalTime value={r.appointmentAt} always="date-time" /></>;
    case "may_give": return m.appeals_may_give_of();
  }
}

function Where({ row: r }: { row: MessageRow }) {
  if (r.state === "held") return <Status kind="caution" wrap><span>{messageWords.held()} <ClinicalTime value={r.notBefore} always="date-time" /></span></Status>;
  return (
    <span className="flex flex-wrap items-center gap-x-3">
      <Status kind={messageKind(r.state)} wrap>{messageWords[r.state]()}{r.reply && <>: {replyWords[r.reply]()}</>}</Status>
      {r.state === "to_call" && (r.phone ? <bdi dir="ltr" className="hs-mono text-lg">{r.phone}</bdi> : <span className="text-ink-2">{m.appeals_phone_none()}</span>)}
    </span>
  );
}

/** What can be noted of a message: a call has all answers, what waits for a channel only a stop. */
function Answers({ row: r, pending, onAnswer }: { row: MessageRow; pending: boolean; onAnswer(answer: MessageAnswer): void }) {
  const who = <span className="hs-vh"> {r.donorName}</span>;
  const go = useGo();
  const act = (answer: MessageAnswer, words: string, primary = false) => <Button key={answer} variant={primary ? "primary" : answer === "stop" ? "quiet" : "secondary"} pending={pending} onPress={() => onAnswer(answer)}>{words}{who}</Button>;
  const stop = act("stop", m.appeals_answer_stop());
  switch (r.state) {
    case "to_call": return <Row>{act("yes", m.appeals_answer_yes(), true)}{act("no", m.appeals_answer_no())}{act("later", m.appeals_answer_later())}{act("not_reached", m.appeals_answer_not_reached())}{stop}</Row>;
    case "sent": case "delivered": case "failed": return <Row>{act("yes", m.appeals_answer_yes())}{act("no", m.appeals_answer_no())}{act("later", m.appeals_answer_later())}{stop}</Row>;
    case "replied": return r.reply === "stop" ? null : <Row>{r.reply === "yes" && r.about === "appeal" && <Button onPress={() => go("/appointments", { book: r.donorNumber })}>{m.appointments_book()}{who}</Button>}{r.reply !== "yes" && act("yes", m.appeals_answer_yes())}{r.reply !== "no" && act("no", m.appeals_answer_no())}{stop}</Row>;
    // Somebody who was called and not reached may call back before it is their turn again.
    case "held": return <Row>{r.channel === "call_list" && r.tries > 0 && <>{act("yes", m.appeals_answer_yes(), true)}{act("no", m.appeals_answer_no())}{act("later", m.appeals_answer_later())}</>}{stop}</Row>;
    case "waits": return <Row>{stop}</Row>;
    default: return null;
  }
}

function Row({ children }: { children: React.ReactNode }) {
  return <span className="flex flex-wrap gap-2" role="group" aria-label={m.appeals_answer()}>{children}</span>;
}

function StopDialog({ row, onClose }: { row: MessageRow; onClose(): void }) {
  const send = useSend("message.answer", { onDone: onClose });
  return (
    <Ask title={m.appeals_stop_title({ name: row.donorName })} act={m.appeals_stop_act()} danger keep={m.appeals_stop_keep()} pending={send.isPending} error={send.error ? <ErrorBlock error={send.error} /> : null} onClose={onClose} onSubmit={() => send.mutate({ message: row.id, answer: "stop" })}>
      <p>{m.appeals_stop_text()}</p>
    </Ask>
  );
}
