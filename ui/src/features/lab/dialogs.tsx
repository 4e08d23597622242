import { useState } from "react";
import { ErrorBlock, type ScanAnswer, useScanner } from "../../app";
import { type CommandFailed, useSend } from "../../backend";
import { DonationNumber, groupDin, groupWords } from "../../clinical";
import { Bar, Checkbox, NumberField, RadioGroup, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { DiscardReason, Grading, HoldView, LabView, PartView, ResultView, RunInvalidated, ScanPart, TestOutcome } from "../../wire";
import { discardReasons, discardWord, partKind } from "../bloodbank/words";
import { Ask } from "../donors/dialogs";
import { holdWord } from "../donors/words";
import { useLabelRead } from "./LabelRead";
import { gradings, gradingWord, markerWord, outcomes, outcomeWord, productWord, refusalWord } from "./words";
import { lacks, type Later, LaterFields, sent as sentLater } from "../downtime/Later";

/** A refusal of the laboratory by its rule; anything else as everywhere. */
export function LabError({ error }: { error: CommandFailed }) {
  const rule = refusalWord(error);
  return rule ? <div role="alert"><Status kind="critical" wrap>{rule}</Status></div> : <ErrorBlock error={error} />;
}

interface Second { user: string; password: string }
const nobody: Second = { user: "", password: "" };
const there = (s: Second) => s.user.trim() !== "" && s.password !== "";
const sent = (s: Second) => ({ user: s.user.trim(), password: s.password });

function SecondPerson({ value, onChange, tried }: { value: Second; onChange(next: Second): void; tried: boolean }) {
  return (
    <fieldset className="m-0 grid gap-3 border border-line-2 p-3">
      <legend className="px-1 font-strong">{m.lab_second()}</legend>
      <TextField name="second" label={m.lab_second_user()} value={value.user} onChange={(user) => onChange({ ...value, user })} error={tried && !there(value) ? m.lab_second_need() : undefined} autoComplete="off" />
      <TextField name="second-password" type="password" label={m.lab_second_password()} value={value.password} onChange={(password) => onChange({ ...value, password })} autoComplete="off" />
    </fieldset>
  );
}

interface Note { n: number; kind: "notice" | "caution" | "critical"; text: string }

/**
 * A scan beside a form of one donation: its own number is confirmed, another one's sounds, and what the form itself can
 * use goes to `onPart`, which answers with the words for it.
 */
export function useOwnDonation(din: string, wanted: string, onPart?: (part: ScanPart) => { kind: Note["kind"]; text: string } | null) {
  const [note, setNote] = useState<Note | null>(null);
  const put = (kind: Note["kind"], text: string): ScanAnswer => {
    setNote((was) => ({ n: (was?.n ?? 0) + 1, kind, text }));
    return kind === "notice" ? "taken" : "refused";
  };
  useScanner((scan) => {
    const [part] = scan.parts;
    if (!part) return put("caution", scan.error ? m.shell_scan_unreadable() : m.blood_wrong_kind({ was: m.blood_kind_slip(), wanted }));
    const number = scan.parts.find((p) => p.kind === "donation_number");
    if (number && number.din !== din) return put("critical", m.lab_scan_another({ din: groupDin(din), other: groupDin(number.din) }));
    for (const one of scan.parts) {
      const heard = onPart?.(one);
      if (heard) return put(heard.kind, heard.text);
    }
    return number ? put("notice", m.lab_scan_own({ din: groupDin(din) })) : put("caution", m.blood_wrong_kind({ was: partKind(part), wanted }));
  });
  return <div aria-live="polite" className="empty:hidden">{note && <Bar key={note.n} kind={note.kind}>{note.text}</Bar>}</div>;
}

interface Piece { volume: number | null; code: string }

export function DivideDialog({ lab, onClose }: { lab: LabView; onClose(): void }) {
  const [set, setSet] = useState<string | null>(lab.sets.length === 1 ? "0" : null);
  const [pieces, setPieces] = useState<Record<string, Piece>>({});
  const [tried, setTried] = useState(false);
  const send = useSend("lab.divide", { onDone: onClose });
  const products = set === null ? [] : (lab.sets[Number(set)] ?? []);
  // A machine fills several bags of one product: each has its own place in the list.
  const piece = (n: number, code: string): Piece => pieces[`${set} ${n}`] ?? { volume: null, code };
  const scanned = useOwnDonation(lab.row.din, m.blood_kind_product(), (part) => {
    if (part.kind !== "product") return null;
    if (set === null) return { kind: "caution", text: m.lab_divide_scan_first() };
    const codes = products.map((p, n) => piece(n, p.code).code.trim().toUpperCase());
    const at = codes.indexOf("");
    if (at < 0) return codes.includes(part.code) ? { kind: "notice", text: m.lab_divide_scan_there({ code: part.code }) } : { kind: "caution", text: m.lab_divide_scan_full({ code: part.code }) };
    setPieces((all) => ({ ...all, [`${set} ${at}`]: { ...piece(at, ""), code: part.code } }));
    return { kind: "notice", text: m.lab_divide_scan_put({ code: part.code, n: at + 1 }) };
  });
  const ready = products.length > 0 && products.every((p, n) => { const it = piece(n, p.code); return it.volume !== null && it.code.trim() !== ""; });
  return (
    <Ask
      title={m.lab_divide_title()}
      act={m.lab_divide_save()}
      error={null}
      pending={send.isPending}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (ready) send.mutate({ donation: lab.row.donation, parts: products.map((p, n) => { const it = piece(n, p.code); return { product: p.product, productCode: it.code.trim().toUpperCase(), volumeMl: it.volume ?? 0 }; }) });
      }}
    >
      {scanned}
      <p className="text-ink-2">{m.lab_divide_text()}</p>
      <RadioGroup stacked label={m.lab_divide_set()} options={lab.sets.map((s, n) => ({ id: String(n), label: s.every((p) => p.product === s[0]?.product) && s.length > 1 ? `${s.length} × ${productWord(s[0]?.product ?? "")}` : s.map((p) => productWord(p.product)).join(" + ") }))} value={set} onChange={setSet} error={tried && set === null ? m.lab_divide_need_set() : undefined} autoFocus />
      {products.map((p, n) => {
        const it = piece(n, p.code);
        const put = (next: Partial<Piece>) => setPieces((all) => ({ ...all, [`${set} ${n}`]: { ...it, ...next } }));
        return (
          <fieldset key={`${set} ${n}`} className="m-0 grid grid-cols-2 gap-3 border border-line-2 p-3">
            <legend className="px-1 font-strong">{productWord(p.product)}</legend>
            <NumberField label={m.lab_divide_volume()} unit="mL" min={1} max={1000} value={it.volume} onChange={(volume) => put({ volume })} hint={p.leastMl !== null && p.mostMl !== null ? m.lab_divide_usual({ least: p.leastMl, most: p.mostMl }) : undefined} error={tried && it.volume === null ? m.lab_divide_need_volume() : undefined} />
            <TextField mono label={m.lab_divide_code()} value={it.code} onChange={(code) => put({ code })} maxLength={8} autoComplete="off" error={tried && !it.code.trim() ? m.lab_divide_need_code() : undefined} />
          </fieldset>
        );
      })}
      {send.error && <LabError error={send.error} />}
    </Ask>
  );
}

const tubes = ["antiA", "antiB", "antiD", "control", "aCells", "bCells"] as const;
type Tube = (typeof tubes)[number];
const tubeWord: Record<Tube, () => string> = { antiA: m.lab_type_anti_a, antiB: m.lab_type_anti_b, antiD: m.lab_type_anti_d, control: m.lab_type_control, aCells: m.lab_type_a_cells, bCells: m.lab_type_b_cells };

export function TypeDialog({ lab, onClose }: { lab: LabView; onClose(): void }) {
  const { donation } = lab.row;
  const [method, setMethod] = useState("");
  const [lot, setLot] = useState("");
  const [sheet, setSheet] = useState<Partial<Record<Tube, Grading>>>({});
  const [tried, setTried] = useState(false);
  const [later, setLater] = useState<Later>(null);
  const send = useSend("lab.type", { onDone: onClose });
  const { antiA, antiB, antiD, control, aCells, bCells } = sheet;
  const scanned = useOwnDonation(lab.row.din, m.blood_kind_donation_number());
  const again = lab.typings.some((t) => t.method === method.trim() && t.lot === lot.trim());
  return (
    <Ask
      title={m.lab_type_title()}
      act={m.lab_type_save()}
      error={null}
      pending={send.isPending}
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (method.trim() && lot.trim() && antiA && antiB && antiD && control && aCells && bCells && !lacks(later)) send.mutate({ donation, method: method.trim(), lot: lot.trim(), antiA, antiB, antiD, control, aCells, bCells, ...sentLater(later) });
      }}
    >
      {scanned}
      <div className="grid grid-cols-2 gap-3">
        <TextField name="method" label={m.lab_type_method()} value={method} onChange={setMethod} error={tried && !method.trim() ? m.lab_type_need_method() : undefined} autoFocus autoComplete="off" />
        <TextField name="lot" mono label={m.lab_type_lot()} value={lot} onChange={setLot} error={tried && !lot.trim() ? m.lab_need_lot() : undefined} autoComplete="off" />
      </div>
      <div role="status" className="empty:hidden">{again && <Status kind="notice" wrap>{m.lab_type_same()}</Status>}</div>
      <div className="grid grid-cols-2 gap-3">
        {tubes.map((tube) => (
          <Select<Grading> key={tube} label={tubeWord[tube]()} options={gradings.map((id) => ({ id, label: gradingWord(id) }))} value={sheet[tube] ?? null} onChange={(id) => setSheet((s) => ({ ...s, [tube]: id }))} error={tried && !sheet[tube] ? m.lab_type_need_tube() : undefined} />
        ))}
      </div>
      <LaterFields entry={later} onChange={setLater} tried={tried} />
      {send.error && <LabError error={send.error} />}
    </Ask>
  );
}

/** The label is read back before the bag leaves quarantine: what the scanner says is compared, not what somebody saw. */
export function ReleaseDialog({ lab, part, onClose }: { lab: LabView; part: PartView; onClose(): void }) {
  const [looks, setLooks] = useState(false);
  const [weighs, setWeighs] = useState(false);
  const [place, setPlace] = useState("");
  const [second, setSecond] = useState(nobody);
  const [tried, setTried] = useState(false);
  const two = lab.releasePeople >= 2;
  const send = useSend("lab.release", { onDone: onClose });
  const { label, fields } = useLabelRead(tried);
  const ready = label !== "" && place.trim() !== "" && (!two || there(second));
  return (
    <Ask
      title={m.lab_release_title()}
      act={m.lab_release_save()}
      error={null}
      pending={send.isPending}
      onClose={onClose}
      onSubmit={() => { setTried(true); if (ready) send.mutate({ donation: lab.row.donation, part: part.id, label, looksRight: looks, weighsRight: weighs, place: place.trim(), second: two ? sent(second) : null }); }}
    >
      <p className="flex flex-wrap items-center gap-2"><b>{productWord(part.product)}</b> <DonationNumber din={lab.row.din} check={lab.row.check} /> <span className="hs-mono">{part.productCode}</span></p>
      {fields}
      <Checkbox isSelected={looks} onChange={setLooks}>{m.lab_release_looks()}</Checkbox>
      <Checkbox isSelected={weighs} onChange={setWeighs}>{m.lab_release_weighs()}</Checkbox>
      <TextField name="place" label={m.lab_release_place()} value={place} onChange={setPlace} error={tried && !place.trim() ? m.lab_release_need_place() : undefined} autoComplete="off" />
      {two && <SecondPerson value={second} onChange={setSecond} tried={tried} />}
      {send.error && <LabError error={send.error} />}
    </Ask>
  );
}

export function DiscardDialog({ lab, part, onClose }: { lab: LabView; part: PartView; onClose(): void }) {
  const [reason, setReason] = useState<DiscardReason | null>(null);
  const [note, setNote] = useState("");
  const [second, setSecond] = useState(nobody);
  const [tried, setTried] = useState(false);
  const send = useSend("lab.discard", { onDone: onClose });
  return (
    <Ask
      title={m.lab_discard_title()}
      act={m.lab_discard_save()}
      danger
      error={null}
      pending={send.isPending}
      onClose={onClose}
      onSubmit={() => { setTried(true); if (reason && there(second)) send.mutate({ donation: lab.row.donation, part: part.id, reason, note: note.trim() || null, second: sent(second) }); }}
    >
      <p><b>{productWord(part.product)}</b></p>
      <Select<DiscardReason> label={m.lab_discard_reason()} options={discardReasons.map((id) => ({ id, label: discardWord(id) }))} value={reason} onChange={setReason} error={tried && !reason ? m.lab_discard_need() : undefined} autoFocus />
      <TextField label={m.lab_discard_note()} value={note} onChange={setNote} lines={2} />
      <SecondPerson value={second} onChange={setSecond} tried={tried} />
      {send.error && <LabError error={send.error} />}
    </Ask>
  );
}

export function LiftDialog({ donation, hold, onClose }: { donation: string; hold: HoldView; onClose(): void }) {
  const [reason, setReason] = useState("");
  const [second, setSecond] = useState(nobody);
  const [tried, setTried] = useState(false);
  const send = useSend("donation.lift", { onDone: onClose });
  return (
    <Ask title={m.lab_lift()} act={m.lab_lift()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (reason.trim() && there(second)) send.mutate({ donation, hold: hold.cause, reason: reason.trim(), second: sent(second) }); }}>
      <p><b>{holdWord(hold.reason)}</b></p>
      <TextField label={m.lab_lift_reason()} value={reason} onChange={setReason} lines={2} error={tried && !reason.trim() ? m.lab_lift_need() : undefined} autoFocus />
      <SecondPerson value={second} onChange={setSecond} tried={tried} />
    </Ask>
  );
}

/** Somebody else entered it wrong: the earlier version stays, and a third look verifies the new one. */
export function CorrectDialog({ donation, result, onClose }: { donation: string; result: ResultView; onClose(): void }) {
  const [outcome, setOutcome] = useState<TestOutcome | null>(null);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("lab.correct", { onDone: onClose });
  return (
    <Ask title={m.lab_correct_title()} act={m.lab_correct_save()} error={null} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (outcome && reason.trim()) send.mutate({ donation, entry: result.entry, outcome, reason: reason.trim() }); }}>
      <p className="text-ink-2">{m.lab_correct_text()}</p>
      <p><b>{markerWord(result.marker)}</b> · {m.lab_correct_was({ outcome: outcomeWord(result.outcome) })}</p>
      <RadioGroup stacked label={m.lab_correct_outcome()} options={outcomes.filter((id) => id !== result.outcome).map((id) => ({ id, label: outcomeWord(id) }))} value={outcome} onChange={setOutcome} error={tried && !outcome ? m.lab_correct_need_outcome() : undefined} autoFocus />
      <TextField label={m.lab_correct_reason()} value={reason} onChange={setReason} lines={2} error={tried && !reason.trim() ? m.lab_correct_need() : undefined} />
      {send.error && <LabError error={send.error} />}
    </Ask>
  );
}

/** A whole run is taken back: one page's result names it, all its donations follow. */
export function InvalidateDialog({ result, onClose, onDone }: { result: ResultView; onClose(): void; onDone(done: RunInvalidated): void }) {
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("lab.invalidate", { onDone });
  return (
    <Ask title={m.lab_invalidate_title()} act={m.lab_invalidate_save()} danger error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (reason.trim()) send.mutate({ run: result.run, reason: reason.trim() }); }}>
      <p className="text-ink-2">{m.lab_invalidate_text()}</p>
      <p><b>{m.lab_invalidate_run({ marker: markerWord(result.marker), kit: result.kit, lot: result.lot })}</b></p>
      <TextField label={m.lab_invalidate_reason()} value={reason} onChange={setReason} lines={2} error={tried && !reason.trim() ? m.lab_invalidate_need() : undefined} autoFocus />
    </Ask>
  );
}

/** Two people say which group it is and how the difference came about. */
export function ResolveDialog({ lab, onClose }: { lab: LabView; onClose(): void }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const [second, setSecond] = useState(nobody);
  const [tried, setTried] = useState(false);
  const send = useSend("lab.resolve", { onDone: onClose });
  const group = lab.resolvable.find((g) => groupWords(g) === chosen);
  return (
    <Ask title={m.lab_resolve_title()} act={m.lab_resolve_save()} error={null} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (group && reason.trim() && there(second)) send.mutate({ donation: lab.row.donation, group, reason: reason.trim(), second: sent(second) }); }}>
      <p className="text-ink-2">{m.lab_resolve_text()}</p>
      <RadioGroup stacked label={m.lab_resolve_group()} options={lab.resolvable.map((g) => ({ id: groupWords(g), label: groupWords(g) }))} value={chosen} onChange={setChosen} error={tried && !group ? m.lab_resolve_need_group() : undefined} autoFocus />
      <TextField label={m.lab_resolve_reason()} value={reason} onChange={setReason} lines={2} error={tried && !reason.trim() ? m.lab_resolve_need() : undefined} />
      <SecondPerson value={second} onChange={setSecond} tried={tried} />
      {send.error && <LabError error={send.error} />}
    </Ask>
  );
}
