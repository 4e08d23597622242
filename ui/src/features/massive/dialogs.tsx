import { useState } from "react";
import { ErrorBlock, errorWords, type Scan, type ScanAnswer, useScanner } from "../../app";
import { CommandFailed, useBackend, useSend } from "../../backend";
import { type AboOrBombay, bagLetters, componentName, DonationNumber, groupOf } from "../../clinical";
import { Bar, Button, Checkbox, RadioGroup, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Abo, BagScan, BloodPackView, PackBag, Rhd, ScanPart, UnitFate } from "../../wire";
import { usePhysicians } from "../bloodbank/Emergency";
import { partKind } from "../bloodbank/words";
import { Ask, refusal } from "../requests/parts";
import { fates, fateWord } from "./words";

/** Every bag is scanned before the cooler leaves; a bag that was not scanned leaves nothing of the pack. */
export function IssueDialog({ protocol, pack, onClose }: { protocol: string; pack: BloodPackView; onClose(): void }) {
  const [bags, setBags] = useState<BagScan[]>([]);
  const [half, setHalf] = useState<Partial<BagScan>>({});
  const [note, setNote] = useState<string | null>(null);
  const [physician, setPhysician] = useState("");
  // Chosen by name; typed where the names cannot be read, because the patient bleeds.
  const physicians = usePhysicians(true);
  const [password, setPassword] = useState("");
  const [collector, setCollector] = useState("");
  const [look, setLook] = useState(false);
  const [pass, setPass] = useState({ reason: "", user: "", password: "" });
  const [tried, setTried] = useState(false);
  const send = useSend("protocol.issue", { onDone: onClose });
  const has = (bag: PackBag) => bags.some((b) => b.din === bag.unit.din && b.productCode === bag.unit.productCode);
  useScanner((scan: Scan) => {
    if (scan.parts.length > 0) return take(scan.parts);
    setNote(scan.slip ? m.massive_issue_again() : m.shell_scan_unreadable());
    return "refused";
  });
  function take(parts: readonly ScanPart[]): ScanAnswer {
    const next = { ...half };
    for (const part of parts) {
      // A new donation number begins a new bag: codes of two bags never make one.
      if (part.kind === "donation_number") { next.din = part.din; delete next.productCode; delete next.group; }
    }
    for (const part of parts) {
      if (part.kind === "product") next.productCode = part.code;
      if (part.kind === "group") next.group = part.group;
    }
    const strange = parts.find((part) => part.kind === "patient" || part.kind === "other" || part.kind === "slip");
    setNote(strange ? m.blood_wrong_kind({ was: partKind(strange), wanted: m.blood_want_unit() }) : null);
    if (strange) return "refused";
    if (!next.din || !next.productCode || !next.group) {
      setHalf(next);
      if (next.din) return "taken";
      setNote(m.massive_issue_again());
      return "refused";
    }
    const bag: BagScan = { din: next.din, productCode: next.productCode, group: next.group };
    setHalf({});
    if (!pack.bags.some((b) => b.unit.din === bag.din && b.unit.productCode === bag.productCode)) {
      setNote(m.massive_issue_foreign());
      return "refused";
    }
    setBags((all) => [...all.filter((b) => b.din !== bag.din || b.productCode !== bag.productCode), bag]);
    return "taken";
  }
  // A wrong second person does not take the fields away in which the right one is named.
  const [late, setLate] = useState<CommandFailed | null>(null);
  if (send.error?.kind === "needs_override" && send.error !== late) {
    setLate(send.error);
    setTried(false);
  }
  const other = send.error !== null && send.error !== late;
  const ready = pack.bags.every(has) && physician.trim() !== "" && collector.trim() !== "" && look;
  const passes = !late || (pass.reason.trim().length >= 10 && pass.user.trim() !== "" && pass.password !== "");
  return (
    <Ask
      size="lg"
      title={m.massive_issue_title({ number: pack.number })}
      act={late ? m.massive_issue_over_save() : m.massive_issue_save()}
      keep={m.massive_cancel()}
      pending={send.isPending}
      error={<>{late && <ErrorBlock error={late} title={m.massive_issue_over()} />}{other && refusal(send.error)}</>}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (!ready || !passes) return;
        send.mutate({
          protocol, number: pack.number, physician: physician.trim(), password: password || null, collectedBy: collector.trim(), appearanceOk: look, bags,
          override: late ? { rules: late.rules, reason: pass.reason.trim() } : null,
          second: late ? { user: pass.user.trim(), password: pass.password } : null,
        });
      }}
    >
      <p className="text-lg">{m.massive_issue_text()} <b>{m.massive_issue_scanned({ count: pack.bags.filter(has).length, of: pack.bags.length })}</b></p>
      <div aria-live="polite">{note && <Bar kind="caution">{note}</Bar>}</div>
      <ul className="m-0 grid list-none grid-cols-2 gap-2 p-0 max-[700px]:grid-cols-1">
        {pack.bags.map((bag) => <li key={bag.unit.id} className="flex flex-wrap items-center gap-2 border border-line-2 px-2 py-1.5"><Status kind={has(bag) ? "good" : "inactive"}>{has(bag) ? m.massive_issue_bag_scanned() : m.massive_issue_bag_open()}</Status><DonationNumber din={bag.unit.din} check={bag.unit.check} /><span className="hs-meta ms-auto">{componentName(bag.unit.component)}</span></li>)}
      </ul>
      <TypedBag onParts={take} />
      <div className="grid grid-cols-2 gap-3 max-[700px]:grid-cols-1">
        {physicians && physicians.length > 0
          ? <Select label={m.massive_issue_physician()} value={physician || null} onChange={setPhysician} options={physicians.map((p) => ({ id: p.user, label: p.name }))} error={tried && !physician ? m.massive_issue_physician_need() : undefined} />
          : <TextField label={m.massive_issue_physician_typed()} value={physician} onChange={setPhysician} autoComplete="off" error={tried && !physician.trim() ? m.massive_issue_physician_need() : undefined} />}
        <TextField type="password" label={m.massive_issue_password()} hint={m.massive_issue_password_hint()} value={password} onChange={setPassword} autoComplete="off" />
        <TextField label={m.massive_issue_collector()} value={collector} onChange={setCollector} autoComplete="off" error={tried && !collector.trim() ? m.massive_issue_collector_need() : undefined} />
      </div>
      <Checkbox isSelected={look} onChange={setLook}>{m.massive_issue_look()}</Checkbox>
      <Bar kind="critical">{m.massive_tag()}</Bar>
      {late && (
        <div className="grid grid-cols-2 gap-3 max-[700px]:grid-cols-1">
          <TextField label={m.massive_issue_over_reason()} value={pass.reason} onChange={(reason) => setPass({ ...pass, reason })} lines={2} hint={m.blood_override_reason_short()} error={tried && pass.reason.trim().length < 10 ? m.downtime_need_reason() : undefined} />
          <TextField label={m.massive_second_user()} value={pass.user} onChange={(user) => setPass({ ...pass, user })} autoComplete="off" error={tried && (!pass.user.trim() || !pass.password) ? m.blood_second_missing() : undefined} />
          <TextField type="password" label={m.massive_second_password()} value={pass.password} onChange={(word) => setPass({ ...pass, password: word })} autoComplete="off" />
        </div>
      )}
      {tried && !ready && <div role="alert"><Status kind="critical" wrap>{m.massive_issue_need()}</Status></div>}
    </Ask>
  );
}

/** A broken scanner does not keep a pack from a patient who bleeds: what is printed on the bag is typed, bag by bag. */
function TypedBag({ onParts }: { onParts(parts: ScanPart[]): void }) {
  const backend = useBackend();
  const [din, setDin] = useState("");
  const [code, setCode] = useState("");
  const [abo, setAbo] = useState<AboOrBombay | null>(null);
  const [rhd, setRhd] = useState<Rhd | null>(null);
  const [error, setError] = useState<string | null>(null);
  async function use() {
    setError(null);
    if (!din.trim() || !code.trim() || !abo || !rhd) return setError(m.massive_issue_typed_need());
    try {
      const { parts } = await backend.call("scan.read", { text: din.trim(), typed: !/^[=&]/.test(din.trim()) });
      onParts([...parts, { kind: "product", code: code.trim().toUpperCase(), component: null, name: null }, { kind: "group", group: groupOf(abo, rhd), donation_type: "" }]);
      setDin("");
      setCode("");
      setAbo(null);
      setRhd(null);
    } catch (cause) {
      const words = errorWords(CommandFailed.from(cause));
      setError(`${words.title} ${words.doNow}`);
    }
  }
  return (
    <details>
      <summary className="cursor-pointer py-1">{m.bedside_bag_type()}</summary>
      <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,1fr)_90px_140px_auto] items-end gap-3 pt-2 max-[700px]:grid-cols-1">
        <TextField mono label={m.bedside_bag_din()} value={din} onChange={setDin} autoComplete="off" />
        <TextField mono label={m.bedside_bag_product()} value={code} onChange={setCode} autoComplete="off" maxLength={8} />
        <Select<AboOrBombay> label={m.bedside_bag_abo()} options={bagLetters.map((id) => ({ id, label: id }))} value={abo} onChange={setAbo} />
        <Select<Rhd> label={m.bedside_bag_rhd()} options={[{ id: "negative", label: "NEGATIVE" }, { id: "positive", label: "POSITIVE" }]} value={rhd} onChange={setRhd} />
        <Button onPress={() => void use()}>{m.bedside_bag_use()}</Button>
      </div>
      <div aria-live="polite">{error && <Status kind="critical" wrap>{error}</Status>}</div>
    </details>
  );
}

export function AccountDialog({ protocol, bag, onClose }: { protocol: string; bag: PackBag; onClose(): void }) {
  const [fate, setFate] = useState<UnitFate | null>(bag.known);
  const [tried, setTried] = useState(false);
  const send = useSend("protocol.account", { onDone: onClose });
  return (
    <Ask title={m.massive_account_title()} act={m.massive_account_save()} keep={m.massive_cancel()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (fate) send.mutate({ protocol, unit: bag.unit.id, fate }); }}>
      <p><DonationNumber din={bag.unit.din} check={bag.unit.check} size="lg" /></p>
      <RadioGroup stacked label={m.massive_account()} options={fates.map((id) => ({ id, label: fateWord(id) }))} value={fate} onChange={setFate} autoFocus hint={bag.known ? undefined : m.massive_account_hint()} error={tried && !fate ? m.massive_account_need() : undefined} />
    </Ask>
  );
}

const abos: Abo[] = ["O", "A", "B", "AB"];

export function GroupDialog({ protocol, onClose }: { protocol: string; onClose(): void }) {
  const [abo, setAbo] = useState<Abo | null>(null);
  const [rhd, setRhd] = useState<Rhd | null>(null);
  const [tried, setTried] = useState(false);
  const send = useSend("protocol.group", { onDone: onClose });
  return (
    <Ask title={m.massive_group()} act={m.massive_group_save()} keep={m.massive_cancel()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => { setTried(true); if (abo && rhd) send.mutate({ protocol, group: { abo, rhd } }); }}>
      <p className="text-ink-2">{m.massive_group_text()}</p>
      <RadioGroup label="ABO" options={abos.map((id) => ({ id, label: id }))} value={abo} onChange={setAbo} error={tried && !abo ? m.massive_group_need() : undefined} autoFocus />
      <RadioGroup label="RhD" options={[{ id: "negative", label: "NEGATIVE" }, { id: "positive", label: "POSITIVE" }]} value={rhd} onChange={setRhd} error={tried && !rhd ? m.massive_group_need() : undefined} />
    </Ask>
  );
}
