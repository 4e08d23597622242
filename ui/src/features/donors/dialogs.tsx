import { type FormEvent, type ReactNode, useId, useState } from "react";
import { ErrorBlock, useScanner } from "../../app";
import { type CommandFailed, useCommand, useSend } from "../../backend";
import { DonationNumber, formatName } from "../../clinical";
import { Button, DateField, Dialog, NumberField, RadioGroup, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { DonationRow, DonorReaction, DonorView } from "../../wire";
import { partKind } from "../bloodbank/words";
import { Photo } from "./Photo";
import { bagWord, codeWord, grades, kindWord, reactions, reactionWord } from "./words";
import { lacks, type Later, LaterFields, sent as sentLater, useLater } from "../downtime/Later";

/** One question, one answer: a form in a dialog, with the refusal under it. `danger` puts the act at the far end, away from the safe way out. */
export function Ask({ title, act, danger, error, pending, onClose, onSubmit, children }: { title: string; act: string; danger?: boolean; error: CommandFailed | null; pending: boolean; onClose(): void; onSubmit(): void; children: ReactNode }) {
  const id = useId();
  const submit = (e: FormEvent) => { e.preventDefault(); onSubmit(); };
  const send = <Button type="submit" form={id} variant={danger ? "danger" : "primary"} pending={pending}>{act}</Button>;
  const stay = <Button onPress={onClose}>{m.donor_cancel()}</Button>;
  return (
    <Dialog isOpen onClose={onClose} keepOpen title={title} footer={danger ? stay : <>{send}{stay}</>} footerEnd={danger && send}>
      <form id={id} noValidate onSubmit={submit} className="grid gap-3">
        {children}
        {error && <ErrorBlock error={error} />}
      </form>
    </Dialog>
  );
}

/** The needle goes in: who it is, which bag, and the label that is stuck on it. */
export function GiveDialog({ donor, onClose }: { donor: DonorView; onClose(): void }) {
  const desk = useCommand("donor.desk", {});
  const [bag, setBag] = useState<string | null>(null);
  const [din, setDin] = useState("");
  const [wrong, setWrong] = useState<string>();
  const [tried, setTried] = useState(false);
  const { open } = useLater();
  // After a screening of another day nothing begins now: it stands on the form of that day.
  const paper = donor.mayGive ? null : donor.paperOf ?? null;
  const [later, setLater] = useState<Later>(() => (paper ? { ...open(), day: paper.day } : null));
  const send = useSend("donation.begin", { onDone: onClose });
  useScanner((scan) => {
    const part = scan.parts.find((p) => p.kind === "donation_number");
    const [first] = scan.parts;
    setWrong(part ? undefined : first ? m.blood_wrong_kind({ was: partKind(first), wanted: m.blood_kind_donation_number() }) : m.shell_scan_unreadable());
    if (part?.kind !== "donation_number") return "refused";
    setDin(part.din + part.check);
    return "taken";
  });
  const next = desk.data?.next ?? null;
  const kind = paper?.kind ?? donor.screenedFor ?? "whole_blood";
  const machine = kind !== "whole_blood";
  return (
    <Ask
      title={m.donor_give_title()}
      act={m.donor_give_submit()}
      error={send.error}
      pending={send.isPending}
      onClose={onClose}
      onSubmit={() => { setTried(true); if ((bag || machine) && !lacks(later)) send.mutate({ donor: donor.row.id, bag: machine ? null : bag, din: din.trim() || null, ...sentLater(later) }); }}
    >
      <div className="flex flex-wrap gap-4">
        <Photo row={donor.row} photo={donor.photo} />
        <div className="grid min-w-0 grow content-start gap-3">
          <p className="text-xl"><bdi className="font-strong">{formatName({ ...donor.row, title: null })}</bdi></p>
          <p className="text-ink-2">{m.donor_give_text()}</p>
        </div>
      </div>
      {machine ? <p className="font-strong">{kindWord(kind)}</p> : <Select label={m.donor_give_bag()} options={donor.rules.bags.map((b) => ({ id: b.code, label: bagWord(b.code) }))} value={bag} onChange={setBag} error={tried && !bag ? m.donor_screen_bag_need() : undefined} autoFocus />}
      <TextField name="din" mono label={m.donor_give_din()} hint={m.donor_give_din_hint()} value={din} onChange={(text) => { setDin(text); setWrong(undefined); }} error={wrong} autoComplete="off" />
      {!din.trim() && desk.data && (next ? <p><span className="hs-k">{m.donor_numbers_next()}</span> <DonationNumber din={next.din} check={next.check} size="lg" /></p> : <Status kind="caution" wrap>{desk.data.left > 0 ? m.donor_give_since_restore() : m.donor_give_no_numbers()}</Status>)}
      <LaterFields entry={later} onChange={setLater} tried={tried} fixed={paper !== null} />
    </Ask>
  );
}

type Returned = "yes" | "no" | "unknown";

export function EndDialog({ donation, onClose }: { donation: DonationRow; onClose(): void }) {
  const [volume, setVolume] = useState<number | null>(null);
  const [minutes, setMinutes] = useState<number | null>(null);
  const [returned, setReturned] = useState<Returned | null>(null);
  const [tried, setTried] = useState(false);
  const machine = donation.kind !== "whole_blood";
  // Two bags of red cells are what was wanted: nothing of them goes back.
  const asked = donation.kind === "platelets" || donation.kind === "plasma";
  const [later, setLater] = useState<Later>(null);
  const send = useSend("donation.end", { onDone: onClose });
  return (
    <Ask title={m.donor_end()} act={m.donor_end_submit()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (volume !== null && (!asked || returned !== null) && !lacks(later)) send.mutate({ donation: donation.id, volumeMl: volume, minutes, redCellsReturned: asked ? (returned === "yes" ? true : returned === "no" ? false : null) : machine ? false : null, ...sentLater(later) }); }}>
      <p><DonationNumber din={donation.din} check={donation.check} size="lg" /></p>
      <NumberField label={machine ? m.donor_end_collected() : m.donor_end_volume()} hint={machine ? m.donor_end_collected_hint() : undefined} unit="mL" min={1} max={1000} value={volume} onChange={setVolume} error={tried && volume === null ? m.donor_end_need() : undefined} autoFocus />
      {asked && <RadioGroup<Returned> stacked label={m.donor_end_returned()} options={[{ id: "yes", label: m.donor_end_returned_yes() }, { id: "no", label: m.donor_end_returned_no() }, { id: "unknown", label: m.donor_end_returned_unknown() }]} value={returned} onChange={setReturned} error={tried && returned === null ? m.donor_end_returned_need() : undefined} />}
      <NumberField label={m.donor_end_minutes()} hint={m.donor_end_minutes_hint()} unit="min" min={0} max={240} value={minutes} onChange={setMinutes} />
      <LaterFields entry={later} onChange={setLater} tried={tried} />
    </Ask>
  );
}

export function ReactDialog({ donation, onClose }: { donation: DonationRow; onClose(): void }) {
  const [kind, setKind] = useState<DonorReaction | null>(null);
  const [grade, setGrade] = useState<string | null>(null);
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("donation.react", { onDone: onClose });
  return (
    <Ask title={m.donor_react_title()} act={m.donor_react_save()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (kind && grade) send.mutate({ donation: donation.id, reaction: kind, grade: Number(grade), note: note.trim() || null }); }}>
      <Select<DonorReaction> label={m.donor_react_kind()} options={reactions.map((id) => ({ id, label: reactionWord(id) }))} value={kind} onChange={setKind} error={tried && !kind ? m.donor_react_need() : undefined} autoFocus />
      <RadioGroup stacked label={m.donor_react_grade()} options={grades.map((word, n) => ({ id: String(n + 1), label: word() }))} value={grade} onChange={setGrade} error={tried && !grade ? m.donor_react_grade_need() : undefined} />
      <TextField label={m.donor_react_note()} hint={m.donor_optional()} value={note} onChange={setNote} lines={2} />
    </Ask>
  );
}

/** Asked alone; both answers are buttons of one size, so that nobody beside the screen reads which was pressed. */
export function ConfidenceDialog({ donation, onClose }: { donation: DonationRow; onClose(): void }) {
  const send = useSend("donation.exclude", { onDone: onClose });
  const say = (excluded: boolean) => send.mutate({ donation: donation.id, excluded });
  return (
    <Dialog isOpen onClose={onClose} keepOpen title={m.donor_confidence_title()} footer={<Button onPress={onClose}>{m.donor_cancel()}</Button>}>
      <p>{m.donor_confidence_text()}</p>
      <div className="flex flex-wrap gap-3">
        <Button size="lg" pending={send.isPending} onPress={() => say(false)}>{m.donor_confidence_use()}</Button>
        <Button size="lg" pending={send.isPending} onPress={() => say(true)}>{m.donor_confidence_not()}</Button>
      </div>
      {send.error && <ErrorBlock error={send.error} />}
    </Dialog>
  );
}

export function DeferDialog({ donor, onClose }: { donor: DonorView; onClose(): void }) {
  const [code, setCode] = useState<string | null>(null);
  const [happened, setHappened] = useState<string | null>(donor.today);
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const toCome = happened !== null && happened > donor.today;
  const send = useSend("donor.defer", { onDone: onClose });
  const codes = donor.deferralCodes.map((id) => ({ id, label: codeWord(id) })).sort((a, b) => a.label.localeCompare(b.label));
  return (
    <Ask title={m.donor_defer_title()} act={m.donor_defer_save()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (code && happened && !toCome) send.mutate({ donor: donor.row.id, code, happened, note: note.trim() || null }); }}>
      <Select label={m.donor_defer_code()} options={codes} value={code} onChange={setCode} error={tried && !code ? m.donor_defer_need() : undefined} autoFocus />
      <DateField label={m.donor_defer_happened()} value={happened} onChange={setHappened} error={toCome ? m.design_date_to_come() : tried && !happened ? m.donor_defer_need() : undefined} />
      <TextField label={m.donor_defer_note()} hint={m.donor_optional()} value={note} onChange={setNote} lines={2} />
    </Ask>
  );
}
