import { ErrorBlock, useMay } from "../../app";
import { useCommand, useSend } from "../../backend";
import { ClinicalDate, ClinicalTime } from "../../clinical";
import { Button, Loading, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { ChannelRow } from "../../wire";
import { refusal } from "../requests/parts";
import { Messages } from "./Messages";
import { agreedWords } from "./words";

/** How a donor may be reached, what they are expected for, and what was written to them. */
export function Contact({ donor }: { donor: string }) {
  const view = useCommand("donor.contact", { id: donor });
  const may = useMay();
  const send = useSend("donor.agree");
  if (view.error) return <div className="p-4"><ErrorBlock error={view.error} title={m.appeals_contact_failed()} actions={<Button onPress={() => void view.refetch()}>{m.appeals_try_again()}</Button>} /></div>;
  if (!view.data) return <div className="p-4"><Loading lines={3} /></div>;
  const { channels, reachable, messages, appointments } = view.data;
  return (
    <>
      <section>
        <SectionHead title={m.appointments_of_donor()} note={String(appointments.length)} />
        {appointments.length === 0 ? <p className="p-4 text-ink-2">{m.appointments_of_donor_none()}</p> : (
          <ul className="m-0 list-none p-0">{appointments.map((a) => <li key={a.id} className="border-b border-line px-4 py-2"><ClinicalTime value={a.at} always="date-time" /></li>)}</ul>
        )}
      </section>
      <section>
        <SectionHead title={m.appeals_contact()} />
        {!reachable && <p className="px-4 pt-3 text-ink-2">{m.appeals_contact_none()}</p>}
        <ul className="m-0 list-none p-0">
          {channels.map((c) => (
            <li key={c.channel} className="grid grid-cols-[minmax(0,1fr)_minmax(0,2fr)_minmax(0,220px)] items-center gap-3 border-b border-line px-4 py-2 max-[700px]:grid-cols-1">
              <span className="font-strong">{agreedWords[c.channel]()}</span>
              <Said row={c} />
              {may("register_donors") && reachable && (
                <span className="flex flex-wrap justify-end gap-2 max-[700px]:justify-start">
                  {c.agreed !== true && <Button size="sm" pending={send.isPending} onPress={() => send.mutate({ donor, channel: c.channel, agreed: true })}>{m.appeals_contact_agreed()}<span className="hs-vh"> {agreedWords[c.channel]()}</span></Button>}
                  {c.agreed !== false && <Button size="sm" pending={send.isPending} onPress={() => send.mutate({ donor, channel: c.channel, agreed: false })}>{m.appeals_contact_not()}<span className="hs-vh"> {agreedWords[c.channel]()}</span></Button>}
                </span>
              )}
            </li>
          ))}
        </ul>
        {send.error && <div className="px-4 py-2">{refusal(send.error)}</div>}
      </section>
      <section>
        <SectionHead title={m.appeals_contact_written()} note={String(messages.length)} />
        {messages.length === 0 ? <p className="p-4 text-ink-2">{m.appeals_contact_written_none()}</p> : <Messages rows={messages} label={m.appeals_contact_written()} />}
      </section>
    </>
  );
}

function Said({ row }: { row: ChannelRow }) {
  if (row.agreed === null) return <Status kind="inactive">{m.appeals_contact_never()}</Status>;
  return <span className="flex flex-wrap items-center gap-x-3"><Status kind={row.agreed ? "good" : "caution"}>{row.agreed ? m.appeals_contact_agreed() : m.appeals_contact_not()}</Status><span className="hs-meta"><ClinicalDate value={row.at} /></span></span>;
}
