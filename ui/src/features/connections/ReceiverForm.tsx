import { type FormEvent, useState } from "react";
import { useSend } from "../../backend";
import { ClinicalTime } from "../../clinical";
import { Button, Checkbox, SectionHead, Status, Switch, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Receiver } from "../../wire";
import { Facts } from "../account/parts";
import { why } from "./words";

const lines = (text: string) => text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean);

/** Whether others may send pictures here, and how that goes. */
export function ReceiverForm({ receiver }: { receiver: Receiver }) {
  const [on, setOn] = useState(receiver.on);
  const [title, setTitle] = useState(receiver.title);
  const [senders, setSenders] = useState(receiver.allowed.join("\n"));
  const [bind, setBind] = useState(receiver.bind);
  const [port, setPort] = useState(String(receiver.port));
  const [analyse, setAnalyse] = useState(receiver.analyse);
  const [tried, setTried] = useState(false);
  const send = useSend("receiver.set");
  const number = /^\d{1,5}$/.test(port.trim()) ? Number(port) : 0;
  const allowed = lines(senders);
  const missing = {
    senders: on && allowed.length === 0 ? m.connect_receiver_need_senders() : undefined,
    port: number < 1 || number > 65_535 ? m.connect_receiver_need_port() : undefined,
  };
  const refused = send.error?.code === "receiver_unfit" ? send.error : null;
  const at = (field: string) => (refused?.args.why === field ? why(refused) : undefined);
  const same = on === receiver.on && analyse === receiver.analyse && title === receiver.title && bind === receiver.bind && number === receiver.port && allowed.join("\n") === receiver.allowed.join("\n");
  const clear = <T,>(set: (v: T) => void) => (v: T) => { set(v); if (send.error) send.reset(); };

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    if (missing.senders || missing.port) return;
    send.mutate({ on, title: title.trim(), allowed, bind: bind.trim(), port: number, analyse });
  }
  return (
    <section>
      <SectionHead title={m.connect_receiver()} />
      <div className="grid max-w-[720px] gap-4 p-4">
        <p className="text-ink-2">{m.connect_receiver_text()}</p>
        <Facts items={[
          { label: m.connect_receiver_state(), value: <State receiver={receiver} /> },
          { label: m.connect_receiver_count(), value: m.connect_receiver_counts({ taken: receiver.taken, refused: receiver.refused }) },
          { label: m.connect_receiver_last(), value: receiver.lastAt ? <><bdi>{receiver.lastSender}</bdi>, <ClinicalTime value={receiver.lastAt} /></> : m.connect_receiver_last_none() },
        ]} />
        <form onSubmit={submit} noValidate className="grid gap-3">
          <Switch isSelected={on} onChange={clear(setOn)}>{m.connect_receiver_on()}</Switch>
          {on && <Status kind="caution" wrap>{m.connect_receiver_warning()}</Status>}
          <div className="grid gap-3 sm:grid-cols-2">
            <TextField mono label={m.connect_receiver_name()} hint={m.connect_receiver_name_hint()} value={title} onChange={clear(setTitle)} error={at("title")} maxLength={16} autoComplete="off" />
            <TextField mono lines={3} label={m.connect_receiver_senders()} hint={m.connect_receiver_senders_hint()} value={senders} onChange={clear(setSenders)} error={(tried ? missing.senders : undefined) ?? at("allowed")} />
            <TextField mono label={m.connect_receiver_address()} hint={m.connect_receiver_address_hint()} value={bind} onChange={clear(setBind)} error={at("bind")} autoComplete="off" />
            <TextField mono label={m.connect_receiver_port()} value={port} onChange={clear(setPort)} error={(tried ? missing.port : undefined) ?? at("port")} maxLength={5} autoComplete="off" />
          </div>
          <Checkbox isSelected={analyse} onChange={clear(setAnalyse)} sub={m.connect_receiver_analyse_sub()}>{m.connect_receiver_analyse()}</Checkbox>
          <div><Button type="submit" variant="primary" pending={send.isPending} notNow={same ? m.connect_receiver_nothing_new() : undefined}>{m.connect_receiver_save()}</Button></div>
          {send.error && !refused && <p role="alert"><Status kind="critical" wrap>{why(send.error)}</Status></p>}
        </form>
      </div>
    </section>
  );
}

function State({ receiver }: { receiver: Receiver }) {
  const address = `${receiver.bind.includes(":") ? `[${receiver.bind}]` : receiver.bind}:${receiver.port}`;
  switch (receiver.state) {
    case "listening": return <Status kind="good" wrap>{m.connect_state_listening({ address, title: receiver.title })}</Status>;
    case "starting": return <Status kind="notice">{m.connect_state_starting()}</Status>;
    case "failed": return <Status kind="caution" wrap>{m.connect_state_failed({ address, why: receiver.problem ?? "" })}</Status>;
    case "not_here": return <Status kind="inactive" wrap>{m.connect_state_not_here()}</Status>;
    case "off": return <Status kind="inactive">{m.connect_state_off()}</Status>;
  }
}
