import { useState } from "react";
import { ErrorBlock, fitting, useDraft } from "../../app";
import { useCommand, useSend } from "../../backend";
import { BloodGroup, componentName, DonationNumber, groupDin } from "../../clinical";
import { Bar, Button, ComboBox, PageHead, SectionHead, Select, Stats, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { BagLabel, CountDifference, CountExplained, CountWhy, DiscardReason, SecondPerson } from "../../wire";
import { nobody, SecondPersonFields, secondReady } from "../bloodbank/common";
import { discardReasons, discardWord } from "../bloodbank/words";
import { useBags } from "./useBags";
import { countWord, StockTabs } from "./words";

type Why = CountWhy["kind"];
interface Said { why: Why | null; words: string; discard: DiscardReason | null }
const unsaid: Said = { why: null, words: "", discard: null };

/** Which reasons make sense for a difference; the program refuses the others anyway. */
function reasons(d: CountDifference): Why[] {
  switch (d.kind) {
    case "missing": return ["lost", "issued_on_paper", "discarded"];
    case "elsewhere": return ["moved", "discarded", "not_ours"];
    case "unexpected": return ["issued_on_paper", "not_ours", "lost"];
    case "unknown": return ["not_ours"];
    case "twice": return [];
  }
}

function whyWord(why: Why): string {
  switch (why) {
    case "moved": return m.shelf_count_why_moved();
    case "issued_on_paper": return m.shelf_count_why_issued_on_paper();
    case "discarded": return m.shelf_count_why_discarded();
    case "lost": return m.shelf_count_why_lost();
    case "not_ours": return m.shelf_count_why_not_ours();
  }
}

function whole(said: Said): CountWhy | null {
  switch (said.why) {
    case null: return null;
    case "not_ours": return said.words.trim() ? { kind: "not_ours", words: said.words.trim() } : null;
    case "discarded": return said.discard && (said.discard !== "other" || said.words.trim()) ? { kind: "discarded", reason: said.discard, note: said.words.trim() || null } : null;
    default: return { kind: said.why };
  }
}

/** A shelf under the scanner, beside the book; it is closed when every difference has its reason. */
export function Count() {
  const [place, setPlace] = useState("");
  const [scanned, setScanned] = useState<BagLabel[]>([]);
  const [last, setLast] = useState<string | null>(null);
  const [typed, setTyped] = useState("");
  const [said, setSaid] = useState<Record<string, Said>>({});
  const [second, setSecond] = useState<SecondPerson>(nobody);
  const [tried, setTried] = useState(false);
  // The place whose count was closed, until another is begun.
  const [closed, setClosed] = useState<string | null>(null);
  // Nothing can be scanned on an empty shelf: that it was looked at is said.
  const [empty, setEmpty] = useState(false);
  const counting = scanned.length > 0 || empty;
  // A long shelf is counted over a break, and a lock must not lose it. The second person is asked anew.
  const draft = useDraft("stock.count", counting ? { place, scanned, said, empty } : null, (kept) => {
    const then = fitting({ place: "", scanned: [] as BagLabel[], said: {} as Record<string, Said>, empty: false }, kept);
    setPlace(then.place);
    setScanned(Array.isArray(then.scanned) ? then.scanned : []);
    setSaid(then.said);
    setEmpty(then.empty);
    setLast(null);
    setClosed(null);
  });
  const found = useCommand("count.place", { place: place.trim(), scanned }, { keepPrevious: true });
  const close = useSend("count.close");
  const bags = useBags((bag) => { setScanned((all) => [...all, bag]); setLast(bag.din); setClosed(null); setEmpty(false); return "taken"; });
  const named = place.trim() !== "";
  const differences = named ? (found.data?.differences ?? []) : [];
  const asked = differences.filter((d) => reasons(d).length > 0);
  const answers: CountExplained[] = asked.flatMap((d) => { const why = whole(said[d.unit] ?? unsaid); return why ? [{ unit: d.unit, why }] : []; });
  const discards = answers.some((a) => a.why.kind === "discarded");
  // The answer of the place that stands in the field, not the one before.
  const here = named && found.data?.place === place.trim();
  // Half a name ("Agitator" for "Agitator, shelf A") would make every bag a difference.
  const strange = here && found.data !== undefined && found.data.booked === 0 && !found.data.places.includes(place.trim());
  const ready = named && counting && here && answers.length === asked.length && (!discards || secondReady(second));
  function again() { setScanned([]); setSaid({}); setSecond(nobody); setTried(false); setLast(null); setEmpty(false); close.reset(); }
  return (
    <>
      <PageHead
        title={m.shelf_count_title()}
        tabs={<StockTabs />}
        actions={counting && (
          <>
            <Button onPress={again}>{m.shelf_count_again()}</Button>
            <Button variant="primary" pending={close.isPending} onPress={() => { setTried(true); if (ready) close.mutate({ place: place.trim(), scanned, explained: answers, second: discards ? second : null }, { onSuccess: () => { draft.done(); again(); setClosed(place.trim()); } }); }}>{m.shelf_count_close()}</Button>
          </>
        )}
      />
      <div className="min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.shelf_count_title()}>
        {draft.offer}
        <form className="grid max-w-[860px] gap-3 p-4" noValidate onSubmit={(e) => { e.preventDefault(); if (typed.trim()) void bags.typed(typed.trim()).then((ok) => ok && setTyped("")); }}>
          <ComboBox label={m.shelf_count_place()} options={(found.data?.places ?? []).map((p) => ({ id: p, label: p }))} value={place || null} onChange={(id) => { setPlace(id); setEmpty(false); }} inputValue={place} onInputChange={(text) => { setPlace(text); if (text !== place) { setEmpty(false); setClosed(null); } }} hint={strange && closed === null ? m.shelf_count_place_unknown() : undefined} error={tried && !named ? m.shelf_box_need() : undefined} autoFocus />
          <div className="flex items-start gap-2">
            <div className="grow"><TextField name="number" mono label={m.shelf_box_typed()} hint={m.shelf_count_scan()} value={typed} onChange={setTyped} error={bags.wrong} autoComplete="off" /></div>
            <Button className="mt-5" type="submit">{m.shelf_box_add()}</Button>
          </div>
          {found.error && <ErrorBlock error={found.error} />}
          {close.error && <ErrorBlock error={close.error} />}
        </form>
        <div aria-live="polite">
          {closed !== null && <Bar kind="notice">{m.shelf_count_closed({ place: closed })}</Bar>}
          {last && <Bar kind="notice">{m.shelf_count_scanned({ din: groupDin(last) })}</Bar>}
        </div>
        {/* The book of a place that has just been counted, with nothing scanned beside it, would read as a count full of differences. */}
        {named && found.data && closed === null && (
          <>
            <div className="px-4"><Stats items={[{ label: m.shelf_count_booked(), value: found.data.booked }, { label: m.shelf_count_counted(), value: found.data.counted }, { label: m.shelf_count_differences(), value: differences.length }]} /></div>
            <SectionHead title={m.shelf_count_differences()} note={empty ? m.shelf_count_empty_said() : scanned.length === 0 ? m.shelf_count_none() : undefined} />
            {!counting && here && found.data.booked > 0 && (
              <div className="flex flex-wrap items-center gap-3 px-4 py-3">
                <Button size="lg" onPress={() => setEmpty(true)}>{m.shelf_count_empty()}</Button>
                <span className="text-ink-2">{m.shelf_count_empty_text()}</span>
              </div>
            )}
            {counting && differences.length === 0 && <div className="p-4"><Status kind="good">{m.shelf_count_equal()}</Status></div>}
            <ul className="m-0 list-none p-0">
              {(counting ? differences : []).map((d) => (
                <Difference key={d.unit + d.kind} difference={d} said={said[d.unit] ?? unsaid} tried={tried} onSay={(next) => setSaid((all) => ({ ...all, [d.unit]: { ...(all[d.unit] ?? unsaid), ...next } }))} />
              ))}
            </ul>
            {discards && <div className="max-w-[860px] p-4"><SecondPersonFields value={second} onChange={setSecond} error={close.error} tried={tried} /></div>}
          </>
        )}
      </div>
    </>
  );
}

function Difference({ difference, said, tried, onSay }: { difference: CountDifference; said: Said; tried: boolean; onSay(next: Partial<Said>): void }) {
  const offered = reasons(difference);
  const words = said.why === "not_ours" || (said.why === "discarded" && said.discard === "other");
  return (
    <li className="grid gap-2 border-b border-line px-4 py-3">
      <span className="flex flex-wrap items-center gap-3">
        <Status kind={difference.kind === "twice" ? "inactive" : difference.kind === "missing" ? "critical" : "caution"} wrap>{countWord(difference.kind)}</Status>
        <DonationNumber din={difference.din} check={difference.row?.check} />
        <span className="hs-mono">{difference.productCode}</span>
        {difference.row && <><BloodGroup group={difference.row.group} size="sm" /><span>{componentName(difference.row.component)}</span></>}
        {difference.kind === "elsewhere" && difference.bookPlace && <bdi className="text-ink-2">{m.shelf_count_book_place({ place: difference.bookPlace })}</bdi>}
      </span>
      {offered.length > 0 && (
        <div className="grid max-w-[860px] grid-cols-2 gap-3 max-[700px]:grid-cols-1">
          <Select<Why> label={`${m.shelf_count_why()}: ${groupDin(difference.din)}`} options={offered.map((id) => ({ id, label: whyWord(id) }))} value={said.why} onChange={(why) => onSay({ why })} error={tried && whole(said) === null ? m.shelf_count_why_need() : undefined} />
          {said.why === "discarded" && <Select<DiscardReason> label={m.shelf_count_discard()} options={discardReasons.map((id) => ({ id, label: discardWord(id) }))} value={said.discard} onChange={(discard) => onSay({ discard })} />}
          {words && <TextField label={m.shelf_count_words()} value={said.words} onChange={(text) => onSay({ words: text })} />}
        </div>
      )}
    </li>
  );
}
