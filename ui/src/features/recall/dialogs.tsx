import { useState } from "react";
import { ErrorBlock, useScanner } from "../../app";
import { CommandFailed, useBackend, useSend } from "../../backend";
import { DonationNumber, groupDin } from "../../clinical";
import { Button, IconButton, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import { Ask } from "../donors/dialogs";

interface Number { din: string; check: string }

/** Donation numbers, scanned one after another or typed with their check character. */
function Numbers({ value, onChange, need }: { value: Number[]; onChange(next: Number[]): void; need: boolean }) {
  const backend = useBackend();
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState<string>();
  const add = (one: Number) => onChange(value.some((v) => v.din === one.din) ? value : [...value, one]);
  useScanner((scan) => {
    const part = scan.parts.find((p) => p.kind === "donation_number");
    setWrong(part ? undefined : m.recall_number_wrong());
    if (part?.kind !== "donation_number") return "refused";
    add(part);
    return "taken";
  });
  async function put() {
    const text = typed.trim();
    if (text === "") return;
    try {
      const { parts } = await backend.call("scan.read", { text, typed: !/^[=&]/.test(text) });
      const part = parts.find((p) => p.kind === "donation_number");
      if (part?.kind !== "donation_number") return setWrong(m.recall_number_wrong());
      add(part);
      setTyped("");
      setWrong(undefined);
    } catch (cause) {
      setWrong(CommandFailed.from(cause).code === "check_character_wrong" ? m.blood_check_wrong() : m.recall_number_wrong());
    }
  }
  return (
    <div className="grid gap-2">
      <div className="flex items-start gap-2">
        <div className="grow"><TextField name="number" mono label={m.recall_number()} hint={m.recall_number_hint()} value={typed} onChange={setTyped} error={wrong ?? (need && value.length === 0 ? m.recall_number_need() : undefined)} autoComplete="off" /></div>
        <Button className="mt-5" onPress={() => void put()}>{m.recall_number_add()}</Button>
      </div>
      <ul className="m-0 grid list-none gap-px p-0" aria-live="polite">
        {value.map((one) => (
          <li key={one.din} className="flex items-center gap-2 border-b border-line py-1">
            <DonationNumber din={one.din} check={one.check} />
            <IconButton icon="close" size="sm" label={m.recall_number_remove({ din: groupDin(one.din) })} onPress={() => onChange(value.filter((v) => v.din !== one.din))} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Opens a recall: of scanned numbers, or of bags that a look-back found. */
export function OpenDialog({ units = [], onClose, onDone }: { units?: string[]; onClose(): void; onDone(id: string): void }) {
  const [reason, setReason] = useState("");
  const [numbers, setNumbers] = useState<Number[]>([]);
  const [tried, setTried] = useState(false);
  const send = useSend("recall.open");
  const given = units.length > 0;
  const ready = reason.trim() !== "" && (given || numbers.length > 0);
  return (
    <Ask
      title={m.recall_new()}
      act={m.recall_open_act()}
      error={null}
      pending={send.isPending}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (ready) send.mutate({ reason: reason.trim(), units, dins: numbers.map((n) => n.din) }, { onSuccess: (made) => onDone(made.id) });
      }}
    >
      <TextField name="reason" label={m.recall_reason()} value={reason} onChange={setReason} lines={2} autoFocus error={tried && !reason.trim() ? m.recall_reason_need() : undefined} />
      {given ? <p>{m.recall_look_recall_count({ count: units.length })}</p> : <Numbers value={numbers} onChange={setNumbers} need={tried} />}
      {!given && <Status kind="caution" wrap>{m.recall_all_of_number()}</Status>}
      {send.error && <ErrorBlock error={send.error} />}
    </Ask>
  );
}

export function ExtendDialog({ recall, onClose }: { recall: string; onClose(): void }) {
  const [numbers, setNumbers] = useState<Number[]>([]);
  const [tried, setTried] = useState(false);
  const send = useSend("recall.extend", { onDone: onClose });
  return (
    <Ask title={m.recall_extend_title()} act={m.recall_extend_act()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (numbers.length > 0) send.mutate({ recall, units: [], dins: numbers.map((n) => n.din) }); }}>
      <Numbers value={numbers} onChange={setNumbers} need={tried} />
      <Status kind="caution" wrap>{m.recall_all_of_number()}</Status>
    </Ask>
  );
}

export function AcknowledgeDialog({ recall, onClose }: { recall: string; onClose(): void }) {
  const send = useSend("recall.acknowledge", { onDone: onClose });
  return (
    <Ask title={m.recall_acknowledge_title()} act={m.recall_acknowledge_act()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => send.mutate({ recall, site: null })}>
      <p>{m.recall_acknowledge_text()}</p>
    </Ask>
  );
}

export function CloseDialog({ recall, onClose }: { recall: string; onClose(): void }) {
  const send = useSend("recall.close", { onDone: onClose });
  return (
    <Ask title={m.recall_close_title()} act={m.recall_close_act()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => send.mutate({ id: recall })}>
      <p>{m.recall_close_text()}</p>
    </Ask>
  );
}
