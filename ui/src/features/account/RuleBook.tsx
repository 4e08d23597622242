import { useState } from "react";
import { useMay } from "../../app";
import { useCommand } from "../../backend";
import { ClinicalDate, ClinicalTime, formatDay, formatNumber } from "../../clinical";
import { Bar, Button, DataGrid, SectionHead, SegmentedControl, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { PolicyBook, RuleBookRow } from "../../wire";
import { comingOf } from "./RuleBookAdopt";
import { OtherBook, SaveBook, SignBook } from "./RuleBookOther";
import { ChangeRow } from "./RuleBookRow";
import { bookValueWords, bookWords, countryWords, parsed, rowWords, searched } from "./ruleBookValues";

type Open = { what: "row"; book: PolicyBook; row: RuleBookRow } | { what: "other" | "sign" | "save"; book: PolicyBook };

/** Donors, components and tests: some hundred values, each with where it comes from. Folded away until somebody looks. */
export function RuleBook({ book }: { book: PolicyBook }) {
  const may = useMay()("adopt_policy");
  // The answer that the page has already; asked for again when somebody else adopted meanwhile.
  const again = useCommand("policy.show", {});
  const [open, setOpen] = useState(false);
  const [wanted, setWanted] = useState("");
  const [doing, setDoing] = useState<Open | null>(null);
  const [said, setSaid] = useState("");
  const [shows, setShows] = useState<"now" | "newest">(may ? "newest" : "now");
  const coming = comingOf(book);
  const newest = book.newest.ruleBook;
  const two = coming !== undefined && JSON.stringify(book.ruleBook) !== JSON.stringify(newest);
  const view = two && shows === "now" ? book.ruleBook : newest;
  const count = view.rows.length;
  const waiting = view.rows.filter((r) => !r.confirmed).length;
  const words = wanted.trim().toLowerCase();
  const rows = view.rows.filter((r) => !words || searched(r).includes(words));
  const close = () => setDoing(null);
  const done = (sentence: string) => { setDoing(null); setSaid(sentence); };
  const adopted = (version: number) => done(m.account_rules_adopted({ version: formatNumber(version) }));
  const reread = async () => (await again.refetch()).data;
  const begin = (next: Open) => { setSaid(""); setDoing(next); };
  const says = (r: RuleBookRow) => rowWords(r.name, parsed(r.value));
  return (
    <>
      <SectionHead
        title={m.account_rules_book()}
        note={<bdi>{m.account_book_named({ name: bookWords(view.name), version: formatNumber(view.version) })}</bdi>}
        actions={<Button onPress={() => setOpen(!open)} aria-expanded={open}>{open ? m.account_rules_book_hide() : m.account_rules_book_show({ count: formatNumber(count) })}</Button>}
      />
      <div role="status" className="px-4 empty:hidden">{said && <p className="py-2 [overflow-wrap:anywhere]"><Status kind="good" wrap>{said}</Status></p>}</div>
      {coming && <Bar kind="notice">{two ? m.account_book_coming_other({ version: formatNumber(coming.version) }) : m.account_book_coming_same({ version: formatNumber(coming.version) })} <ClinicalTime value={coming.effectiveAt} always="date-time" /></Bar>}
      {view.signed
        ? <p className="px-4 py-2"><Status kind="good" wrap>{m.account_book_signed({ by: view.signed.by, country: countryWords(view.signed.country), day: formatDay(view.signed.on) ?? view.signed.on })}</Status></p>
        : <Bar kind="caution">{m.account_rules_book_draft({ open: formatNumber(waiting), count: formatNumber(count) })}</Bar>}
      {(two || may) && (
        <div className="flex flex-wrap items-center gap-2 px-4 py-2">
          {two && <SegmentedControl label={m.account_book_which()} value={shows} onChange={setShows} options={[{ id: "now", label: m.account_book_which_now() }, { id: "newest", label: m.account_book_which_newest({ version: formatNumber(book.newest.version) }) }]} />}
          {may && (
            <>
              <Button onPress={() => begin({ what: "other", book })}>{m.account_book_other()}</Button>
              <Button onPress={() => begin({ what: "save", book })}>{m.account_book_save()}</Button>
              {!newest.signed && <Button onPress={() => begin({ what: "sign", book })}>{m.account_book_sign()}</Button>}
            </>
          )}
        </div>
      )}
      {open && (
        <>
          <div className="grid gap-2 px-4 py-2">
            <p className="max-w-[75ch] text-ink-2">{m.account_rules_book_known()}</p>
            <div className="max-w-[620px]"><TextField label={m.account_rules_book_filter()} value={wanted} onChange={setWanted} /></div>
          </div>
          <DataGrid
            label={m.account_rules_book()}
            rows={rows}
            rowKey={(r) => r.name}
            rowText={says}
            density="compact"
            columns={[
              { id: "name", title: m.account_rules_rule(), isRowHeader: true, cell: (r: RuleBookRow) => <span className="grid gap-px py-1 [overflow-wrap:anywhere]"><bdi>{says(r)}</bdi><span className="hs-meta hs-mono"><bdi dir="ltr">{r.name}</bdi></span></span> },
              { id: "value", title: m.account_rules_value(), cell: (r) => <bdi className="[overflow-wrap:anywhere]">{bookValueWords(r.name, parsed(r.value))}</bdi> },
              { id: "source", title: m.account_rules_source(), cell: (r) => <bdi className="[overflow-wrap:anywhere]">{r.source}</bdi> },
              { id: "from", title: m.account_rules_from(), cell: (r) => <ClinicalDate value={r.effectiveFrom} /> },
              { id: "state", title: m.account_rules_state(), cell: (r) => (r.confirmed ? <Status kind="good">{m.account_rules_confirmed()}</Status> : <Status kind="caution">{m.account_rules_unconfirmed()}</Status>) },
              // What is in force now is not what the next version changes, while a newer one waits.
              ...(may && view === newest ? [{ id: "act", title: m.account_book_change(), cell: (r: RuleBookRow) => <Button size="sm" onPress={() => begin({ what: "row", book, row: r })}>{m.account_book_change()} <span className="hs-vh">{says(r)}</span></Button> }] : []),
            ]}
            empty={m.account_rules_book_none()}
          />
        </>
      )}
      {doing?.what === "row" && <ChangeRow book={doing.book} row={doing.row} onClose={close} onDone={adopted} onReread={reread} />}
      {doing?.what === "other" && <OtherBook book={doing.book} onClose={close} onDone={adopted} onReread={reread} />}
      {doing?.what === "sign" && <SignBook book={doing.book} onClose={close} onDone={() => done(m.account_book_sign_done())} onReread={reread} />}
      {doing?.what === "save" && <SaveBook view={doing.book.newest.ruleBook} onClose={close} onDone={(path) => done(m.account_book_saved({ path }))} />}
    </>
  );
}
