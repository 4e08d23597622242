import { useEffect, useRef, useState } from "react";
import { AppLink, ErrorBlock, type Scan, type ScanAnswer, useScanner } from "../../app";
import { CommandFailed, useBackend, useSend } from "../../backend";
import { type AboOrBombay, bagLetters, groupOf, sameGroup } from "../../clinical";
import { Bar, Button, Checkbox, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { BagScan, BedsideView, BloodGroup, Rhd, ScanPart, UnitRow } from "../../wire";
import { partKind } from "../bloodbank/words";

const allSteps = ["wristband", "bag", "slip", "look", "second"] as const;
type Step = (typeof allSteps)[number];
const stepWord: Record<Step, () => string> = { wristband: m.bedside_step_wristband, bag: m.bedside_step_bag, slip: m.bedside_step_slip, look: m.bedside_step_look, second: m.bedside_step_second };

interface Read { wristband: string | null; din: string; product: string; group: BloodGroup | null; slip: string }
export const nothing: Read = { wristband: null, din: "", product: "", group: null, slip: "" };
export const bagOf = (read: Read): BagScan | null => (read.din && read.product && read.group ? { din: read.din, productCode: read.product, group: read.group } : null);

/** Whether a code is of this bag; null for a code that no bag is known by. */
function ofThisBag(part: ScanPart, unit: UnitRow): boolean | null {
  if (part.kind === "donation_number") return part.din === unit.din;
  if (part.kind === "product") return part.code === unit.productCode;
  return part.kind === "group" ? sameGroup(part.group, unit.group) : null;
}

/**
 * The check at the bed, step by step and scan first. The store judges each scan at once: a wristband of another
 * patient clears everything, and the near miss is in the book before anybody has typed a word. Nothing of it is
 * kept: a check that is broken off begins again with the wristband.
 */
export function Check({ view, onAgain }: { view: BedsideView; onAgain(): void }) {
  const backend = useBackend();
  const { row } = view;
  // A pack of a massive transfusion leaves without slips.
  const steps: readonly Step[] = view.slip === null ? allSteps.filter((s) => s !== "slip") : allSteps;
  const [step, setStep] = useState<Step>("wristband");
  const [read, setRead] = useState<Read>(nothing);
  const [error, setError] = useState<CommandFailed | null>(null);
  const [note, setNote] = useState<{ kind: "notice" | "caution"; text: string } | null>(null);
  const [cleared, setCleared] = useState(false);
  // What was typed is drawn anew too: nothing of the wrong patient stays in a field.
  const [round, setRound] = useState(0);
  const [said, setSaid] = useState({ spoken: false, look: false, consent: false });
  const [tried, setTried] = useState(false);
  const [second, setSecond] = useState({ user: "", password: "" });
  const send = useSend("bedside.check");
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus({ preventScroll: true }), [step, cleared]);

  function start() {
    setRead(nothing);
    setSaid({ spoken: false, look: false, consent: false });
    setSecond({ user: "", password: "" });
    setTried(false);
    setStep("wristband");
    setRound((n) => n + 1);
  }

  function failed(cause: unknown) {
    const refused = CommandFailed.from(cause);
    setError(refused);
    setSecond((s) => ({ ...s, password: "" }));
    if (refused.args.clears === "true") {
      start();
      setCleared(true);
    }
  }

  function refuse(text: string): ScanAnswer {
    setNote({ kind: "caution", text });
    return "refused";
  }

  function tell(text: string): ScanAnswer {
    setNote({ kind: "notice", text });
    return "taken";
  }

  /** What was read so far goes to the store; when it belongs together the next step comes. */
  async function judge(next: Read, after: Step): Promise<ScanAnswer> {
    setError(null);
    setNote(null);
    setCleared(false);
    if (!next.wristband) return "refused";
    try {
      await backend.call("bedside.scan", { issue: row.id, wristband: next.wristband, bag: bagOf(next), slip: next.slip || null });
      setRead(next);
      setStep(after);
      return "taken";
    } catch (cause) {
      failed(cause);
      return "refused";
    }
  }

  function takeBag(parts: ScanPart[]): ScanAnswer | Promise<ScanAnswer> {
    const next = { ...read };
    for (const part of parts) {
      if (part.kind === "donation_number") next.din = part.din;
      if (part.kind === "product") next.product = part.code;
      if (part.kind === "group") next.group = part.group;
    }
    setNote(null);
    setRead(next);
    if (bagOf(next)) return judge(next, view.slip === null ? "look" : "slip");
    // Which part is another bag's stands in the list; it sounds at once, before the others are read.
    return parts.some((part) => ofThisBag(part, row.unit) === false) ? "refused" : "taken";
  }

  function takeBand(part: Extract<ScanPart, { kind: "patient" }>): ScanAnswer | Promise<ScanAnswer> {
    return part.patient ? judge({ ...nothing, wristband: part.patient }, "bag") : refuse(m.bedside_scan_unknown({ number: part.number }));
  }

  useScanner((scan: Scan) => {
    setNote(null);
    setError(scan.error);
    if (scan.error) return "refused";
    const band = scan.parts.find((p) => p.kind === "patient");
    const begun = scan.raw.indexOf("HSC1");
    const slip = begun < 0 ? null : scan.raw.slice(begun);
    const ofBag = scan.parts.map((part) => ofThisBag(part, row.unit));
    // A wristband counts at any step: another one than before begins the check again, in the store's own words.
    if (band) return step === "wristband" || band.patient !== read.wristband ? takeBand(band) : tell(m.bedside_scan_same_band());
    if (step === "wristband") return refuse(m.bedside_wristband_do());
    if (step === "bag") {
      if (ofBag.some((is) => is !== null)) return takeBag(scan.parts);
      const [part] = scan.parts;
      // The other codes of a label: nobody is scolded for scanning all of it.
      if (part?.kind === "expiry" || part?.kind === "collected") return tell(m.bedside_scan_label_rest());
      return refuse(m.blood_wrong_kind({ was: part ? partKind(part) : m.blood_kind_slip(), wanted: m.bedside_scan_want_bag() }));
    }
    if (ofBag.includes(false)) return refuse(m.bedside_scan_other_bag());
    if (ofBag.includes(true)) return tell(step === "slip" ? m.bedside_scan_bag_read_slip() : m.bedside_scan_bag_read());
    if (step === "slip") return slip ? judge({ ...read, slip }, "look") : refuse(m.bedside_slip_do());
    // Everything has been scanned: the same slip is no mistake, anything else does not belong here.
    return slip && slip === read.slip ? tell(m.bedside_scan_slip_read()) : refuse(m.bedside_scan_done());
  });

  const ready = second.user.trim() !== "" && second.password !== "";
  const all = said.spoken && said.look && said.consent;
  const number = steps.indexOf(step) + 1;
  return (
    <div className="grid max-w-[760px] gap-4 p-5">
      <ol className="m-0 grid list-none auto-cols-fr grid-flow-col gap-1 p-0 max-[700px]:grid-flow-row">
        {steps.map((s, n) => {
          const state = n + 1 < number ? "done" : s === step ? "now" : "later";
          return (
            <li key={s} aria-current={state === "now" ? "step" : undefined} className={`border-t-2 pt-1 ${state === "later" ? "border-line-2 text-ink-2" : "border-accent"}`}>
              <Status kind={state === "done" ? "good" : state === "now" ? "notice" : "inactive"} wrap>{stepWord[s]()} <span className="hs-meta">{state === "done" ? m.bedside_step_done() : state === "now" ? m.bedside_step_now() : m.bedside_step_later()}</span></Status>
            </li>
          );
        })}
      </ol>
      {cleared && <Bar kind="critical" live>{m.bedside_cleared()}</Bar>}
      {error && (
        <div className="grid gap-2">
          <ErrorBlock error={error} />
          {error.args.nearMiss && <p>{m.bedside_near_miss()} <AppLink to={`/reactions/${error.args.nearMiss}`} className="underline">{m.bedside_near_miss_open()}</AppLink></p>}
        </div>
      )}
      <div aria-live="polite">{note && <Bar kind={note.kind}>{note.text}</Bar>}</div>
      <div>
        <p className="hs-meta">{m.bedside_step_of({ n: number, of: steps.length })}</p>
        <h2 ref={head} tabIndex={-1} className="m-0 text-2xl focus-visible:outline-none focus-visible:[box-shadow:none]">{{ wristband: m.bedside_wristband_do, bag: m.bedside_bag_do, slip: m.bedside_slip_do, look: m.bedside_look_do, second: m.bedside_second_do }[step]()}</h2>
        <p className="text-ink-2">{{ wristband: m.bedside_wristband_text, bag: m.bedside_bag_text, slip: m.bedside_slip_text, look: m.bedside_look_need, second: m.bedside_second_text }[step]()}</p>
      </div>
      {step === "wristband" && <Typed key={round} label={m.bedside_wristband_type()} act={m.bedside_wristband_use()} onText={async (text) => {
        const { parts } = await backend.call("scan.read", { text, typed: !/^[=&]/.test(text) });
        const band = parts.find((p) => p.kind === "patient");
        if (band) await takeBand(band);
        else refuse(m.bedside_scan_unknown({ number: text }));
      }} onFailed={failed} />}
      {step === "bag" && <BagStep unit={row.unit} read={read} onParts={(parts) => void takeBag(parts)} onFailed={failed} />}
      {step === "slip" && <Typed label={m.bedside_slip_field()} act={m.bedside_slip_use()} autoFocus onText={async (slip) => { await judge({ ...read, slip }, "look"); }} onFailed={failed} />}
      {step === "look" && (
        <form className="grid justify-items-start gap-4" onSubmit={(e) => { e.preventDefault(); setTried(true); if (all) setStep("second"); }}>
          <Checkbox large isSelected={said.spoken} onChange={(spoken) => setSaid({ ...said, spoken })}>{m.bedside_look_spoken()}</Checkbox>
          <Checkbox large isSelected={said.look} onChange={(look) => setSaid({ ...said, look })}>{m.bedside_look_bag()}</Checkbox>
          <Checkbox large isSelected={said.consent} onChange={(consent) => setSaid({ ...said, consent })}>{m.bedside_look_consent()}</Checkbox>
          {tried && !all && <div role="alert"><Status kind="critical" wrap>{m.bedside_look_need()}</Status></div>}
          <Button type="submit" variant="primary" size="lg">{m.bedside_look_next()}</Button>
        </form>
      )}
      {step === "second" && (
        <form
          className="grid max-w-[440px] justify-items-start gap-4 [&>.hs-field]:w-full"
          onSubmit={(e) => {
            e.preventDefault();
            setTried(true);
            const bag = bagOf(read);
            if (!ready || !bag || !read.wristband) return;
            setError(null);
            send.mutateAsync({ issue: row.id, wristband: read.wristband, spokenAgrees: said.spoken, bag, slip: read.slip || null, appearanceOk: said.look, consent: said.consent, second: { user: second.user.trim(), password: second.password } }).catch(failed);
          }}
        >
          <TextField size="lg" name="second" label={m.bedside_second_user()} value={second.user} onChange={(user) => setSecond({ ...second, user })} autoComplete="off" autoFocus />
          <TextField size="lg" name="second-password" type="password" label={m.bedside_second_password()} value={second.password} onChange={(password) => setSecond({ ...second, password })} autoComplete="off" error={tried && !ready && !error ? m.bedside_second_need() : undefined} />
          <Button type="submit" variant="primary" size="lg" pending={send.isPending}>{m.bedside_second_save()}</Button>
        </form>
      )}
      {step !== "wristband" && <span><Button size="lg" variant="quiet" icon="undo" onPress={onAgain}>{m.bedside_again()}</Button></span>}
    </div>
  );
}

/** For a code that no scanner can read, and for a scanner that types without a mark. */
function Typed({ label, act, autoFocus, onText, onFailed }: { label: string; act: string; autoFocus?: boolean; onText(text: string): Promise<void>; onFailed(cause: unknown): void }) {
  const [text, setText] = useState("");
  return (
    <form className="grid max-w-[440px] justify-items-start gap-2 [&>.hs-field]:w-full" onSubmit={(e) => { e.preventDefault(); if (text.trim()) onText(text.trim()).catch(onFailed); }}>
      <TextField size="lg" mono label={label} value={text} onChange={setText} autoComplete="off" autoFocus={autoFocus} />
      <Button type="submit" size="lg">{act}</Button>
    </form>
  );
}

/** The store judges when all three are read; which of them is another bag's is said with each. */
export function BagStep({ unit, read, onParts, onFailed }: { unit: UnitRow; read: Read; onParts(parts: ScanPart[]): void; onFailed(cause: unknown): void }) {
  const backend = useBackend();
  const [din, setDin] = useState("");
  const [code, setCode] = useState("");
  const [abo, setAbo] = useState<AboOrBombay | null>(null);
  const [rhd, setRhd] = useState<Rhd | null>(null);
  const rows: [string, there: boolean, other: boolean][] = [
    [m.bedside_bag_din(), read.din !== "", read.din !== unit.din],
    [m.bedside_bag_product(), read.product !== "", read.product !== unit.productCode],
    [m.bedside_bag_group(), read.group !== null, read.group === null || !sameGroup(read.group, unit.group)],
  ];
  async function typed() {
    const parts: ScanPart[] = [];
    if (din.trim()) parts.push(...(await backend.call("scan.read", { text: din.trim(), typed: !/^[=&]/.test(din.trim()) })).parts);
    if (code.trim()) parts.push({ kind: "product", code: code.trim().toUpperCase(), component: null, name: null });
    if (abo && rhd) parts.push({ kind: "group", group: groupOf(abo, rhd), donation_type: "" });
    onParts(parts);
  }
  return (
    <>
      <ul className="m-0 grid list-none gap-2 p-0" aria-live="polite">
        {rows.map(([word, there, other]) => <li key={word} className="border border-line-2 px-3 py-2 text-lg"><Status kind={!there ? "inactive" : other ? "critical" : "good"} wrap>{word} <span className="hs-meta">{!there ? m.bedside_bag_missing() : other ? m.bedside_bag_other() : m.bedside_bag_read()}</span></Status></li>)}
      </ul>
      <details>
        <summary className="flex min-h-[44px] cursor-pointer items-center">{m.bedside_bag_type()}</summary>
        <form className="grid max-w-[440px] justify-items-start gap-3 pt-2 [&>.hs-field]:w-full" onSubmit={(e) => { e.preventDefault(); typed().catch(onFailed); }}>
          <TextField size="lg" mono label={m.bedside_bag_din()} value={din} onChange={setDin} autoComplete="off" />
          <TextField size="lg" mono label={m.bedside_bag_product()} value={code} onChange={setCode} autoComplete="off" maxLength={8} />
          <Select<AboOrBombay> size="lg" label={m.bedside_bag_abo()} options={bagLetters.map((id) => ({ id, label: id }))} value={abo} onChange={setAbo} />
          <Select<Rhd> size="lg" label={m.bedside_bag_rhd()} options={[{ id: "negative", label: "NEGATIVE" }, { id: "positive", label: "POSITIVE" }]} value={rhd} onChange={setRhd} />
          <Button type="submit" size="lg">{m.bedside_bag_use()}</Button>
        </form>
      </details>
    </>
  );
}
