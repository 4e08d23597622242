import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { type ScanAnswer, useGo, useScanner } from "../../app";
import { useCommand, useSend } from "../../backend";
import { ClinicalTime, groupDin } from "../../clinical";
import { Bar, Button, Dialog, Loading, NumberField, RadioGroup, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { UnitRow, Work, WorkChoice } from "../../wire";
import { unitPath } from "../bloodbank/nav";
import { partKind } from "../bloodbank/words";
import { lacks, type Later, LaterFields, sent as sentLater } from "../downtime/Later";
import { productWord } from "../lab/words";
import { whyNotDone, workWord } from "./words";

export type Bag = Pick<UnitRow, "id" | "din" | "productCode" | "status" | "patientName" | "expiresAt" | "place">;
interface New { code: string; volume: number | null }

/** What comes of these has another name; after the others it is the same product with another property. */
const becomesOther: ReadonlySet<Work> = new Set(["thaw", "relabel_thawed", "pool", "freeze", "deglycerolise"]);

/** After these the bag is kept at another temperature: where it lay is where it would spoil. */
const movesElsewhere: ReadonlySet<Work> = new Set(["thaw", "freeze", "deglycerolise"]);

/** The bags of a division keep the description of the code and are told apart by its seventh character. */
function codesFor(choice: WorkChoice, bag: Bag): New[] {
  if (!choice.several) return [{ code: choice.code, volume: choice.volumeMl || null }];
  return [0, 1].map((n) => ({ code: divisionCode(bag.productCode, n), volume: null }));
}

const divisionCode = (code: string, n: number) => (/^.{6}00$/.test(code) ? `${code.slice(0, 6)}${String.fromCharCode(65 + n)}0` : "");

/** Irradiated, washed, thawed, pooled, divided: the bag ends, and what comes of it stands for it. */
export function TreatDialog({ bags: asked, onClose }: { bags: readonly Bag[]; onClose(): void }) {
  const go = useGo();
  const form = useId();
  const [only, setOnly] = useState<Bag | null>(null);
  const bags = only ? [only] : asked;
  const [first] = bags;
  const offered = useCommand("work.choices", { units: bags.map((b) => b.id) });
  const choices = offered.data ?? [];
  const [picked, setPicked] = useState<Work | null>(null);
  const work = picked ?? (choices.length === 1 ? (choices[0]?.work ?? null) : null);
  const [opened, setOpened] = useState<"yes" | "no" | null>(null);
  const [made, setMade] = useState<New[]>([]);
  const [place, setPlace] = useState(first?.place ?? "");
  const [later, setLater] = useState<Later>(null);
  const [tried, setTried] = useState(false);
  const send = useSend("work.do", { onDone: ({ units }) => { onClose(); if (units[0]) go(unitPath(units[0]), { made: units.join(",") }); } });
  const choice = choices.find((c) => c.work === work);
  const about = `${choice?.work} ${first?.id}`;
  // Prefilled once for each work and bag: what was typed since stays when the store is asked again.
  const filledFor = useRef("");
  useEffect(() => {
    if (!choice || !first || filledFor.current === about) return;
    filledFor.current = about;
    setMade(codesFor(choice, first));
    setPlace(movesElsewhere.has(choice.work) ? "" : first.place);
  }, [about, choice, first]);
  // Said before anything is filled in: a pool is one entry, and one entry holds so many bags.
  const tooMany = choice !== undefined && bags.length > choice.mostBags;
  const put = (n: number, next: Partial<New>) => setMade((all) => all.map((one, i) => (i === n ? { ...one, ...next } : one)));
  const filled = made.length > 0 && made.every((one) => one.code.trim() !== "" && one.volume !== null);
  const total = made.reduce((sum, one) => sum + (one.volume ?? 0), 0);

  const [heard, setHeard] = useState<{ n: number; kind: "notice" | "caution" | "critical"; text: string } | null>(null);
  /** A scanned product code is that of the new bag; the number is the one of the bag in hand, or the wrong bag is. */
  useScanner((scan) => {
    const say = (kind: "notice" | "caution" | "critical", text: string): ScanAnswer => {
      setHeard((was) => ({ n: (was?.n ?? 0) + 1, kind, text }));
      return kind === "notice" ? "taken" : "refused";
    };
    const [part] = scan.parts;
    const number = scan.parts.find((p) => p.kind === "donation_number");
    const product = scan.parts.find((p) => p.kind === "product");
    if (!part) return say("caution", scan.error ? m.shell_scan_unreadable() : m.blood_wrong_kind({ was: m.blood_kind_slip(), wanted: m.blood_kind_product() }));
    if (number && !bags.some((b) => b.din === number.din)) return say("critical", m.processing_scan_another({ din: groupDin(number.din) }));
    if (!product) return number ? say("notice", m.processing_scan_own({ din: groupDin(number.din) })) : say("caution", m.blood_wrong_kind({ was: partKind(part), wanted: m.blood_kind_product() }));
    if (made.length === 0) return say("caution", m.processing_scan_first());
    const codes = made.map((one) => one.code.trim().toUpperCase());
    const at = codes.indexOf("");
    if (at >= 0) {
      put(at, { code: product.code });
      return say("notice", m.processing_scan_put({ code: product.code, n: at + 1 }));
    }
    if (codes.includes(product.code)) return say("notice", m.processing_scan_there({ code: product.code }));
    return say("caution", m.processing_scan_full({ code: product.code }));
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    setTried(true);
    if (!choice || tooMany || !opened || !filled || place.trim() === "" || lacks(later) || send.isPending) return;
    send.mutate({
      units: bags.map((b) => b.id), work: choice.work, open: opened === "yes", place: place.trim(), ...sentLater(later),
      into: made.map((one) => ({ productCode: one.code.trim().toUpperCase(), volumeMl: one.volume ?? 0 })),
    });
  }
  return (
    <Dialog
      isOpen
      keepOpen
      title={bags.length === 1 && first ? m.processing_title({ din: groupDin(first.din) }) : m.processing_title_many({ count: bags.length })}
      onClose={onClose}
      footer={<Button size="lg" onPress={onClose}>{m.processing_keep()}</Button>}
      footerEnd={choices.length > 0 && <Button size="lg" variant="primary" type="submit" form={form} pending={send.isPending}>{choice ? m.processing_act({ work: workWord(choice.work) }) : m.processing_act_open()}</Button>}
    >
      <div aria-live="polite" className="empty:hidden">{heard && <Bar key={heard.n} kind={heard.kind}>{heard.text}</Bar>}</div>
      {offered.isPending && <Loading lines={4} />}
      {offered.error && <div role="alert"><Status kind="caution" wrap>{whyNotDone(offered.error)}</Status></div>}
      {offered.data?.length === 0 && <Status kind="caution" wrap>{bags.length === 1 ? m.processing_none() : m.processing_none_together()}</Status>}
      {(offered.error || offered.data?.length === 0) && bags.length > 1 && <OneByOne bags={bags} onOne={(bag) => { setOnly(bag); setPlace(bag.place); }} />}
      {first && choices.length > 0 && <form id={form} onSubmit={submit} noValidate className="grid gap-4">
        {bags.length > 1 && (
          <ul className="m-0 grid list-none gap-1 p-0" aria-label={m.processing_bags()}>
            {bags.map((bag) => <li key={bag.id} className="flex flex-wrap gap-x-3"><span className="hs-mono">{groupDin(bag.din)} {bag.productCode}</span><span className="hs-meta"><ClinicalTime value={bag.expiresAt} always="date-time" /></span></li>)}
          </ul>
        )}
        <RadioGroup<Work> stacked label={m.processing_what()} options={choices.map((c) => ({ id: c.work, label: workWord(c.work), sub: becomesOther.has(c.work) ? m.processing_makes({ product: productWord(c.product) }) : undefined }))} value={work} onChange={setPicked} error={tried && !work ? m.processing_need_work() : undefined} autoFocus />
        {tooMany && choice && <Status kind="caution" wrap>{m.processing_most_bags({ most: choice.mostBags, count: bags.length })}</Status>}
        {choice && (
          <>
            <RadioGroup stacked label={m.processing_open()} options={[{ id: "no", label: m.processing_open_no() }, { id: "yes", label: m.processing_open_yes(), sub: m.processing_open_yes_sub() }]} value={opened} onChange={setOpened} error={tried && !opened ? m.processing_need_open() : undefined} />
            {made.map((one, n) => (
              <fieldset key={n} className="m-0 grid grid-cols-2 items-start gap-3 border border-line-2 p-3">
                <legend className="px-1 font-strong">{choice.several ? m.processing_new_nth({ n: n + 1 }) : m.processing_new()}</legend>
                <TextField mono label={m.processing_code()} value={one.code} onChange={(code) => put(n, { code })} maxLength={8} autoComplete="off" hint={choice.code || choice.several ? undefined : m.processing_code_none()} error={tried && !one.code.trim() ? m.processing_need_code() : undefined} />
                <NumberField label={m.processing_volume()} unit="mL" min={1} max={2000} value={one.volume} onChange={(volume) => put(n, { volume })} hint={n === 0 && choice.volumeMl > 0 ? m.processing_volume_hint({ volume: choice.volumeMl }) : undefined} error={tried && one.volume === null ? m.processing_need_volume() : undefined} />
                {choice.several && made.length > 2 && <div><Button size="sm" icon="minus" onPress={() => setMade((all) => all.filter((_, i) => i !== n))}>{m.processing_drop({ n: n + 1 })}</Button></div>}
              </fieldset>
            ))}
            {choice.several && (
              <div className="flex flex-wrap items-center gap-3">
                {made.length < choice.mostNew ? <Button size="sm" icon="plus" onPress={() => setMade((all) => [...all, { code: divisionCode(first.productCode, all.length), volume: null }])}>{m.processing_add()}</Button> : <span className="hs-meta">{m.processing_most_new({ most: choice.mostNew })}</span>}
                <span className="hs-meta" role="status">{m.processing_total({ total, volume: choice.volumeMl })}</span>
              </div>
            )}
            <TextField label={m.processing_place()} value={place} onChange={setPlace} error={tried && !place.trim() ? m.processing_need_place() : undefined} />
            <LaterFields entry={later} onChange={setLater} tried={tried} />
            <Ends bags={bags} choice={choice} />
          </>
        )}
        {send.error && <div role="alert" ref={intoView}><Status kind="critical" wrap>{m.processing_not_done()} {whyNotDone(send.error)}</Status></div>}
      </form>}
    </Dialog>
  );
}

/** A refusal below a long form is brought to where it is read. */
function intoView(node: HTMLElement | null) {
  node?.scrollIntoView?.({ block: "nearest" });
}

/** Most works are done to one bag at a time. */
function OneByOne({ bags, onOne }: { bags: readonly Bag[]; onOne(bag: Bag): void }) {
  return (
    <div className="grid gap-2">
      <p>{m.processing_one_by_one()}</p>
      <ul className="m-0 grid list-none gap-2 p-0">
        {bags.map((bag) => <li key={bag.id}><Button onPress={() => onOne(bag)}>{m.processing_this_one({ din: `${groupDin(bag.din)} ${bag.productCode}` })}</Button></li>)}
      </ul>
    </div>
  );
}

/** What the act does besides what was asked for, said before it is done. */
function Ends({ bags, choice }: { bags: readonly Bag[]; choice: WorkChoice }) {
  const [first] = bags;
  const held = bags.filter((b) => b.status === "reserved");
  // The store moves the hold of the first bag to a single child; every other hold ends with its bag.
  const goesOn = !choice.several && first?.status === "reserved" ? first : null;
  const ends = held.filter((b) => b !== goesOn);
  const name = (bag: Bag) => bag.patientName ?? m.blood_the_patient();
  return (
    <div className="grid gap-1.5 border-t border-line pt-3">
      <p>{choice.several ? m.processing_ends_several() : bags.length > 1 ? m.processing_ends_pool() : m.processing_ends()}</p>
      {goesOn && <Status kind="notice" wrap>{m.processing_hold({ name: name(goesOn) })}</Status>}
      {ends.map((bag) => <Status key={bag.id} kind="caution" wrap>{m.processing_hold_ends({ din: groupDin(bag.din), name: name(bag) })}</Status>)}
    </div>
  );
}
