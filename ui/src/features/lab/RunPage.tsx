import { type FormEvent, useRef, useState } from "react";
import { ErrorBlock, type ScanAnswer, useGo, useScanner, useScreenSearch } from "../../app";
import { useCommand, useSend } from "../../backend";
import { DonationNumber, groupDin } from "../../clinical";
import { Bar, Button, Checkbox, DateField, Loading, PageHead, RadioGroup, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { LabBoard, Marker, RunResult, TestOutcome } from "../../wire";
import { partKind } from "../bloodbank/words";
import { LabError } from "./dialogs";
import { markerWord, outcomes, outcomeWord } from "./words";

/** The largest plate that is made; more is saved in two runs of the same lot. */
const MOST = 384;

/** One run: which test, which lot, whether its controls held, and what it said of each sample. */
export function RunPage() {
  const board = useCommand("lab.board", {});
  const head = <PageHead title={m.lab_run_title()} />;
  if (board.isPending) return <>{head}<div className="p-4"><Loading label={m.lab_reading()} lines={5} /></div></>;
  if (!board.data) return <>{head}<div className="max-w-[720px] p-4"><ErrorBlock error={board.error} title={m.lab_failed()} actions={<Button variant="primary" onPress={() => void board.refetch()}>{m.lab_try_again()}</Button>} /></div></>;
  return <Run board={board.data} />;
}

function Run({ board }: { board: LabBoard }) {
  const go = useGo();
  const [search] = useScreenSearch();
  const back = search.donation ? `/lab/donation/${search.donation}` : "/lab";
  const [marker, setMarker] = useState<Marker | null>(null);
  const [kit, setKit] = useState("");
  const [lot, setLot] = useState("");
  const [expires, setExpires] = useState<string | null>(null);
  const [positive, setPositive] = useState(false);
  const [negative, setNegative] = useState(false);
  const [said, setSaid] = useState<Record<string, TestOutcome>>({});
  const [tried, setTried] = useState(false);
  const send = useSend("lab.run", { onDone: () => go(back) });
  // Only what still waits for this test; what is settled is not tested again by accident.
  const rows = board.rows.filter((r) => marker !== null && r.open.some((o) => o.marker === marker && o.state !== "unsafe" && o.state !== "unverified"));
  const results: RunResult[] = rows.flatMap((r) => {
    const outcome = said[r.donation];
    const repeat = r.open.some((o) => o.marker === marker && (o.state === "initial_reactive" || o.state === "indeterminate"));
    return outcome ? [{ donation: r.donation, stage: repeat ? "repeat" as const : "initial" as const, outcome }] : [];
  });
  const many = results.length > MOST;
  const ready = marker !== null && kit.trim() !== "" && lot.trim() !== "" && expires !== null && results.length > 0 && !many;

  // The tube in the hand is scanned, and its line is where the keyboard stands.
  const form = useRef<HTMLFormElement>(null);
  const [marked, setMarked] = useState<string | null>(null);
  const [note, setNote] = useState<{ kind: "notice" | "caution"; text: string } | null>(null);
  useScanner((scan) => {
    const refuse = (text: string): ScanAnswer => { setNote({ kind: "caution", text }); return "refused"; };
    const number = scan.parts.find((p) => p.kind === "donation_number");
    const [part] = scan.parts;
    setMarked(null);
    if (!number) return refuse(scan.error ? m.shell_scan_unreadable() : m.blood_wrong_kind({ was: part ? partKind(part) : m.blood_kind_slip(), wanted: m.lab_want() }));
    if (marker === null) return refuse(m.lab_run_scan_first());
    const row = rows.find((r) => r.din === number.din);
    if (!row) return refuse(m.lab_run_scan_none({ din: groupDin(number.din), test: markerWord(marker) }));
    setMarked(row.donation);
    setNote({ kind: "notice", text: m.lab_run_scan_here({ din: groupDin(number.din) }) });
    const line = form.current?.querySelector<HTMLElement>(`[data-donation="${row.donation}"]`);
    line?.scrollIntoView?.({ block: "center" });
    line?.querySelector<HTMLElement>("input:checked, input")?.focus({ preventScroll: true });
    return "taken";
  });

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    if (ready) send.mutate({ marker, kit: kit.trim(), lot: lot.trim(), lotExpires: expires, positiveControl: positive, negativeControl: negative, results });
  }
  return (
    <>
      <PageHead title={m.lab_run_title()} actions={<Button icon="back" onPress={() => go(back)}>{m.lab_cancel()}</Button>} />
      <div aria-live="polite">{note && <Bar kind={note.kind}>{note.text}</Bar>}</div>
      <div className="min-h-0 grow overflow-auto">
        <form ref={form} onSubmit={submit} noValidate className="grid max-w-[860px] gap-4 p-4">
          <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
            <Select<Marker> label={m.lab_run_marker()} options={board.markers.map((id) => ({ id, label: markerWord(id) }))} value={marker} onChange={(id) => { setMarker(id); setSaid({}); }} autoFocus error={tried && !marker ? m.lab_run_need_marker() : undefined} />
            <TextField name="kit" label={m.lab_run_kit()} value={kit} onChange={setKit} autoComplete="off" error={tried && !kit.trim() ? m.lab_run_need_kit() : undefined} />
            <TextField name="lot" mono label={m.lab_run_lot()} value={lot} onChange={setLot} autoComplete="off" error={tried && !lot.trim() ? m.lab_need_lot() : undefined} />
            <DateField label={m.lab_run_lot_expires()} value={expires} onChange={setExpires} error={tried && !expires ? m.lab_run_need_expires() : undefined} />
          </div>
          <Checkbox isSelected={positive} onChange={setPositive}>{m.lab_run_positive()}</Checkbox>
          <Checkbox isSelected={negative} onChange={setNegative}>{m.lab_run_negative()}</Checkbox>
          <section className="grid gap-2">
            <h2 className="m-0 text-lg">{m.lab_run_samples()}</h2>
            {marker === null && <p className="text-ink-2">{m.lab_run_samples_first()}</p>}
            {rows.map((r) => (
              <div key={r.donation} data-donation={r.donation} aria-current={marked === r.donation || undefined} className={`grid gap-1 border-t border-line pt-2 ${marked === r.donation ? "border-s-[3px] border-s-accent ps-2" : ""}`}>
                <span className="flex flex-wrap items-center gap-x-3"><DonationNumber din={r.din} check={r.check} />{marked === r.donation && <Status kind="notice">{m.lab_run_scanned()}</Status>}</span>
                <RadioGroup<TestOutcome | "skip"> label={r.din} options={[{ id: "skip", label: m.lab_run_skip() }, ...outcomes.map((id) => ({ id, label: outcomeWord(id) }))]} value={said[r.donation] ?? "skip"} onChange={(id) => setSaid((all) => { const { [r.donation]: _, ...rest } = all; return id === "skip" ? rest : { ...rest, [r.donation]: id }; })} />
              </div>
            ))}
            {marker !== null && rows.length === 0 && <p className="text-ink-2">{m.lab_todo_none()}</p>}
          </section>
          {many && <Status kind="caution" wrap>{m.lab_run_most({ count: MOST })}</Status>}
          {tried && !ready && !many && <div role="alert"><Status kind="caution" wrap>{m.lab_run_need()}</Status></div>}
          {send.error && <LabError error={send.error} />}
          <div><Button type="submit" variant="primary" size="lg" pending={send.isPending}>{m.lab_run_save()}</Button></div>
        </form>
      </div>
    </>
  );
}
