import { useState } from "react";
import { ErrorBlock, useMay, useScanner } from "../../app";
import { CommandFailed, useBackend, useSend } from "../../backend";
import { Bar, Button, Checkbox, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { BedsideView, Override, ScanPart, SecondPerson } from "../../wire";
import { partKind } from "../bloodbank/words";
import { AgainstRules, lacks, type Later, LaterFields, sent, useLater } from "../downtime/Later";
import { BagStep, bagOf, nothing } from "./Check";

/** The check as two people wrote it on the downtime form: entered as it was, with what it broke by name. */
export function OnPaper({ view, onBack }: { view: BedsideView; onBack(): void }) {
  const backend = useBackend();
  const may = useMay();
  const { open } = useLater();
  const [later, setLater] = useState<Later>(open);
  const [read, setRead] = useState(nothing);
  const [number, setNumber] = useState("");
  const [said, setSaid] = useState({ spoken: false, look: false, consent: false });
  const [tried, setTried] = useState(false);
  const [note, setNote] = useState<string | null>(null);
  const [error, setError] = useState<CommandFailed | null>(null);
  const send = useSend("bedside.check");
  const bag = bagOf(read);
  const against = error?.kind === "needs_override" ? error : null;

  function takeBag(parts: ScanPart[]) {
    const next = { ...read };
    for (const part of parts) {
      if (part.kind === "donation_number") next.din = part.din;
      if (part.kind === "product") next.product = part.code;
      if (part.kind === "group") next.group = part.group;
    }
    setRead(next);
  }

  // Bag and wristband may still be at hand when the form is entered.
  useScanner((scan) => {
    const band = scan.parts.find((p) => p.kind === "patient");
    const [part] = scan.parts;
    const bagPart = scan.parts.some((p) => p.kind === "donation_number" || p.kind === "product" || p.kind === "group");
    setNote(band || bagPart ? null : part ? m.blood_wrong_kind({ was: partKind(part), wanted: m.bedside_scan_want_either() }) : m.shell_scan_unreadable());
    if (band) setNumber(band.number);
    if (bagPart) takeBag(scan.parts);
    return band || bagPart ? "taken" : "refused";
  });

  /** The patient of the form: by the number on it, or the one the bag was issued for. */
  async function patient(): Promise<string | null> {
    const text = number.trim();
    if (!text) return view.row.patient.id;
    const { parts } = await backend.call("scan.read", { text, typed: !/^[=&]/.test(text) });
    return parts.find((p) => p.kind === "patient")?.patient ?? null;
  }

  async function save(override?: Override, second: SecondPerson | null = null) {
    setTried(true);
    setNote(null);
    if (!bag || lacks(later, true)) return;
    setError(null);
    try {
      const wristband = await patient();
      if (!wristband) return setNote(m.downtime_check_patient_unknown({ number: number.trim() }));
      await send.mutateAsync({ issue: view.row.id, wristband, spokenAgrees: said.spoken, bag, slip: null, appearanceOk: said.look, consent: said.consent, second, ...(override ? { override } : {}), ...sent(later, true) });
    } catch (cause) {
      setError(CommandFailed.from(cause));
    }
  }

  return (
    <div className="grid max-w-[760px] gap-4 p-5">
      <h2 className="m-0 text-2xl">{m.downtime_check_title()}</h2>
      <LaterFields entry={later} onChange={(next) => { setLater(next); setError(null); }} two fixed tried={tried} />
      <TextField size="lg" label={m.downtime_check_patient()} hint={m.downtime_check_patient_hint()} mono value={number} onChange={setNumber} autoComplete="off" />
      <BagStep unit={view.row.unit} read={read} onParts={takeBag} onFailed={(cause) => setError(CommandFailed.from(cause))} />
      <p>{m.downtime_check_text()}</p>
      <Checkbox large isSelected={said.spoken} onChange={(spoken) => setSaid({ ...said, spoken })}>{m.bedside_look_spoken()}</Checkbox>
      <Checkbox large isSelected={said.look} onChange={(look) => setSaid({ ...said, look })}>{m.bedside_look_bag()}</Checkbox>
      <Checkbox large isSelected={said.consent} onChange={(consent) => setSaid({ ...said, consent })}>{m.bedside_look_consent()}</Checkbox>
      <div aria-live="polite">{note && <Bar kind="caution">{note}</Bar>}{tried && !bag && <Status kind="critical" wrap>{m.downtime_check_need_bag()}</Status>}</div>
      {error && !against && <ErrorBlock error={error} />}
      {against && <AgainstRules error={against} pending={send.isPending} mayPass={may("override_blood_warning")} onPass={(override, second) => void save(override, second)} />}
      <span className="flex flex-wrap gap-3">
        {!against && <Button variant="primary" size="lg" pending={send.isPending} onPress={() => void save()}>{m.downtime_check_save()}</Button>}
        <Button size="lg" onPress={onBack}>{m.downtime_check_back()}</Button>
      </span>
    </div>
  );
}
