import { type FormEvent, useRef, useState } from "react";
import { ErrorBlock, partMark, type ScanAnswer, useGo, useScanner } from "../../app";
import { CommandFailed, useBackend, useSend } from "../../backend";
import { BloodGroup, ClinicalTime, comma, componentName, DonationNumber, groupDin } from "../../clinical";
import { Bar, Button, NumberField, PageHead, RefusalBlock, SectionHead, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { BagLabel, BoxView, ScanPart, SlipGathered } from "../../wire";
import { LabelZone } from "../bloodbank/LabelZone";
import { type Draft, emptyDraft, hear, missing, missingWords, toCommand } from "../bloodbank/receiveDraft";
import { boxesPath } from "./paths";
import { useBags } from "./useBags";
import { bagStatus, StockTabs, tenths } from "./words";

/** At the other end: the slip says what is in the box, the scanner what comes out of it. */
export function TakeIn() {
  const go = useGo();
  const [box, setBox] = useState<{ slip: string; view: BoxView } | null>(null);
  return (
    <>
      <PageHead title={m.shelf_in_title()} tabs={<StockTabs />} actions={<><Button icon="back" onPress={() => go(boxesPath)}>{m.shelf_box_back()}</Button>{box && <Button onPress={() => setBox(null)}>{m.shelf_in_another()}</Button>}</>} />
      <div className="min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.shelf_in_title()}>
        {box === null ? <Reading onRead={(slip, view) => setBox({ slip, view })} /> : <Unpacking key={box.view.transfer} slip={box.slip} box={box.view} />}
      </div>
    </>
  );
}

/** The slip as text, or code by code from paper: which of its codes are still to scan is said after each. */
function Reading({ onRead }: { onRead(slip: string, view: BoxView): void }) {
  const backend = useBackend();
  const [slip, setSlip] = useState("");
  const [tried, setTried] = useState(false);
  const [gathered, setGathered] = useState<SlipGathered | null>(null);
  const [wrong, setWrong] = useState<CommandFailed | null>(null);
  const codes = useRef<readonly string[]>([]);
  // Two quick scans are put together one after the other.
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  const read = useSend("transfer.read");
  const open = (text: string) => read.mutate({ text }, { onSuccess: (view) => onRead(text, view) });
  function again() { codes.current = []; setGathered(null); setWrong(null); setSlip(""); setTried(false); read.reset(); }

  function bring(code: string): Promise<ScanAnswer> {
    const turn = queue.current.then(async (): Promise<ScanAnswer> => {
      read.reset();
      try {
        const parts = codes.current.includes(code) ? [...codes.current] : [...codes.current, code];
        const found = await backend.call("transfer.gather", { parts });
        codes.current = parts;
        setGathered(found);
        setWrong(null);
        if (found.text) open(found.text);
        return "taken";
      } catch (cause) {
        // What was read before stays read.
        setWrong(CommandFailed.from(cause));
        return "refused";
      }
    });
    queue.current = turn;
    return turn;
  }
  useScanner((scan) => bring(scan.raw));
  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    const text = slip.trim();
    if (text.toUpperCase().startsWith(partMark)) { void bring(text); setSlip(""); setTried(false); } else if (text) { setWrong(null); open(text); }
  }
  return (
    <form className="grid max-w-[860px] gap-3 p-4" noValidate onSubmit={submit}>
      <p className="text-lg">{m.shelf_in_parts()}</p>
      <div aria-live="assertive" className="grid gap-2">
        {gathered && <Bar kind="notice">{gathered.missing.length === 0 ? m.shelf_in_parts_all({ of: gathered.of }) : m.shelf_in_parts_left({ read: gathered.of - gathered.missing.length, of: gathered.of, missing: gathered.missing.join(comma()) })}</Bar>}
        {wrong && (wrong.code === "scan_unreadable" ? <Bar kind="caution">{m.shelf_in_part_wrong()}</Bar> : <ErrorBlock error={wrong} />)}
      </div>
      <TextField name="slip" mono lines={4} label={m.shelf_in_slip()} value={slip} onChange={setSlip} autoFocus autoComplete="off" error={tried && !slip.trim() ? m.shelf_box_need() : undefined} />
      {read.error && <SlipRefused error={read.error} />}
      <div className="flex flex-wrap gap-3">
        <Button type="submit" variant="primary" size="lg" pending={read.isPending}>{m.shelf_in_read()}</Button>
        {gathered && <Button size="lg" onPress={again}>{m.shelf_in_parts_again()}</Button>}
      </div>
    </form>
  );
}

/** The codes of a slip speak of the slip of a bag; here it is one of a box. */
function SlipRefused({ error }: { error: CommandFailed }) {
  switch (error.code) {
    case "slip_of_another": return <RefusalBlock title={m.shelf_in_other({ site: error.args.to ?? m.design_not_known() })} doNow={m.shelf_in_other_do()} code={error.code.toUpperCase()} />;
    case "slip_not_genuine": return <RefusalBlock title={m.shelf_in_not_genuine()} doNow={m.shelf_in_not_genuine_do()} code={error.code.toUpperCase()} />;
    default: return <ErrorBlock error={error} />;
  }
}

type Note = { kind: "notice" | "caution"; text: string };

function Unpacking({ slip, box }: { slip: string; box: BoxView }) {
  const [degrees, setDegrees] = useState<number | null>(null);
  const [place, setPlace] = useState("");
  const [zone, setZone] = useState("");
  const [done, setDone] = useState<ReadonlySet<string>>(() => new Set(box.bags.filter((b) => b.state === "taken_in").map((b) => b.id)));
  const [note, setNote] = useState<Note | null>(null);
  const [typed, setTyped] = useState("");
  const take = useSend("transfer.scan_in");
  // The label of a bag that was never here, as far as it has been read.
  const label = useRef<Draft>(emptyDraft);
  const read = tenths(degrees);
  const ready = read !== null && place.trim() !== "";

  async function bring(bag: BagLabel, whole: Draft | null): Promise<ScanAnswer> {
    if (read === null || place.trim() === "") {
      setNote({ kind: "caution", text: m.shelf_in_first() });
      return "refused";
    }
    const full = whole ? toCommand({ ...whole, place: place.trim(), zone }) : null;
    try {
      const taken = await take.mutateAsync({ slip, bag, tenths: read, place: place.trim(), label: full });
      label.current = emptyDraft;
      setDone((all) => new Set(all).add(taken.unit.id));
      const din = groupDin(taken.unit.din);
      setNote(taken.held ? { kind: "caution", text: m.shelf_in_held({ din }) } : { kind: "notice", text: m.shelf_in_taken({ din }) });
      // A bag that is set aside goes to another place than the others: that is heard too.
      return taken.held ? "refused" : "taken";
    } catch {
      setNote(null);
      return "refused";
    }
  }

  /** Codes of a bag of this box that this site has never had are gathered until its label is whole. */
  function gather(parts: ScanPart[]): ScanAnswer | Promise<ScanAnswer> | null {
    const number = parts.find((p) => p.kind === "donation_number");
    const din = number?.kind === "donation_number" ? number.din : label.current.din?.din;
    const code = parts.find((p) => p.kind === "product");
    const of = box.bags.filter((b) => b.din === din);
    const bag = code?.kind === "product" ? of.find((b) => b.productCode === code.code) : of.length === 1 ? of[0] : undefined;
    const begun = label.current.din !== null;
    if (!begun && (!bag || bag.unit)) return null;
    if (number && label.current.din && label.current.din.din !== din) label.current = emptyDraft;
    const next = hear({ ...label.current, place: place.trim() || "x" }, parts);
    label.current = next.draft;
    take.reset();
    const open = missing(next.draft);
    if (open.length > 0) setNote({ kind: "caution", text: m.shelf_in_label({ missing: missingWords(open) }) });
    else if (next.draft.din && next.draft.product) return bring({ din: next.draft.din.din, productCode: next.draft.product.code }, next.draft);
    return next.heard.kind === "wrong_kind" ? "refused" : "taken";
  }

  const bags = useBags((bag) => bring(bag, null), gather);
  const left = box.bags.filter((b) => !done.has(b.id)).length;
  return (
    <>
      <div className="grid max-w-[860px] gap-3 p-4">
        <p className="text-lg"><b><bdi>{m.shelf_in_from({ site: box.from })}</bdi></b> {componentName(box.component)} <ClinicalTime value={box.sentAt} always="date-time" /></p>
        <div className="grid grid-cols-2 gap-3 max-[700px]:grid-cols-1">
          <NumberField label={m.shelf_box_degrees()} unit="°C" decimals={1} step={0.1} min={-100} max={60} value={degrees} onChange={setDegrees} autoFocus />
          <TextField name="place" label={m.shelf_in_place()} value={place} onChange={setPlace} autoComplete="off" />
          <LabelZone value={zone} onChange={setZone} />
        </div>
        <form className="flex items-start gap-2" noValidate onSubmit={(e) => { e.preventDefault(); if (typed.trim()) void bags.typed(typed.trim()).then((ok) => ok && setTyped("")); }}>
          <div className="grow"><TextField name="number" mono label={m.shelf_box_typed()} hint={ready ? m.shelf_in_scan() : m.shelf_in_first()} value={typed} onChange={setTyped} error={bags.wrong} autoComplete="off" /></div>
          <Button className="mt-5" type="submit" pending={take.isPending}>{m.shelf_in_add()}</Button>
        </form>
        {take.error && <ErrorBlock error={take.error} />}
      </div>
      <div aria-live="assertive">
        {note && <Bar kind={note.kind}>{note.text}</Bar>}
        {left === 0 && <p className="border-b border-line px-4 py-3 text-lg"><Status kind="good" wrap>{m.shelf_in_complete()}</Status></p>}
      </div>
      <SectionHead title={m.shelf_box_bags()} note={left === 0 ? m.shelf_in_all() : m.shelf_in_left({ count: left })} />
      <ul className="m-0 list-none p-0">
        {box.bags.map((b) => {
          const s = bagStatus(done.has(b.id) ? "taken_in" : b.state);
          const group = b.unit?.group ?? b.label?.group;
          return <li key={b.id} className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2">{group && <BloodGroup group={group} size="sm" />}<DonationNumber din={b.din} check={b.unit?.check} /><span className="hs-mono">{b.productCode}</span><Status kind={s.kind}>{s.word}</Status></li>;
        })}
      </ul>
    </>
  );
}
