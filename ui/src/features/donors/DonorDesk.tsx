import { useEffect, useId, useState } from "react";
import { AppLink, ErrorBlock, type Scan, useGo, useKeys, useMay, useScanner, useScreenSearch } from "../../app";
import { useCommand, useSend } from "../../backend";
import { Age, BloodGroup, ClinicalDate, ClinicalTime, DonationNumber, formatName, Identifier, NotKnown, sexWord } from "../../clinical";
import { Bar, Button, Chip, DataGrid, Dialog, Empty, Loading, NumberField, PageHead, SearchField, SectionHead, SidePanel, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { DonationRow, DonorDesk as Desk, DonorRow, GroupState, RuleBook } from "../../wire";
import { partKind } from "../bloodbank/words";
import { BenchTabs } from "./BenchTabs";
import { holdWord, nextWhy, nextWords } from "./words";

/** Rows asked for at once; the rest is counted and the page says so. */
const LIMIT = 50;

/** Who comes in: found by label, name, number or telephone; beside it what is going on today. */
export function DonorDesk() {
  const [search, setSearch] = useScreenSearch();
  const [text, setWritten] = useState(search.text ?? "");
  const [note, setNote] = useState<string | null>(null);
  // What was wrong with a scan is not said of what is looked for after it.
  function setText(next: string) { setWritten(next); setNote(null); }
  const asked = useSettled(text, 150).trim();
  const found = useCommand("donor.search", { text: asked, limit: LIMIT }, { enabled: asked !== "", keepPrevious: true });
  const desk = useCommand("donor.desk", {});
  const go = useGo();
  const may = useMay();
  useKeys([{ keys: ["Enter"], words: m.donor_search() }]);
  useEffect(() => { if ((search.text ?? "") !== asked) setSearch({ text: asked || undefined }); }, [asked]);
  useScanner((scan: Scan) => {
    const number = scan.parts.find((p) => p.kind === "donation_number");
    // A code of the house that no standard knows is looked for as it stands; another from the label of a bag, or a
    // wristband, is no donor's, and a search for it would advise to register somebody new.
    const house = scan.parts.find((p) => p.kind === "other" && (p.code === undefined || p.code === "unknown"));
    if (number) setText(number.din);
    else if (house?.kind === "other") setText(house.raw.replace(/^[=&]/, ""));
    else {
      const [part] = scan.parts;
      setNote(part || scan.slip ? m.blood_wrong_kind({ was: part ? partKind(part) : m.blood_kind_slip(), wanted: m.blood_kind_donation_number() }) : m.shell_scan_unreadable());
      return "refused";
    }
    return "taken";
  });
  const rows = asked ? (found.data?.rows ?? []) : [];
  const total = found.data?.total ?? 0;
  const today = desk.data?.today ?? "";
  return (
    <>
      <PageHead
        title={m.donor_title()}
        tabs={<BenchTabs />}
        actions={may("register_donors") && <Button variant="primary" icon="plus" onPress={() => go("/donors/register", asked ? { name: asked } : undefined)}>{m.donor_register()}</Button>}
      />
      <div className="flex min-h-0 grow max-[1100px]:flex-col max-[1100px]:overflow-auto max-[1100px]:[&>aside]:w-full!">
        <div className="min-h-0 min-w-0 grow overflow-auto max-[1100px]:flex-none max-[1100px]:overflow-visible">
          <div className="flex flex-wrap items-end gap-x-4 gap-y-2 border-b border-line px-4 py-3">
            <div className="w-full max-w-[520px]">
              <SearchField label={m.donor_search()} placeholder={m.donor_search_hint()} value={text} onChange={setText} onSubmit={() => { const [only] = rows; if (only && total === 1 && asked === text.trim()) go(`/donors/${only.id}`); }} autoFocus />
            </div>
            <p className="min-h-5 text-ink-2" role="status">{asked && found.data ? <b>{m.donor_found({ shown: rows.length, total })}</b> : null}</p>
          </div>
          <div aria-live="polite">{note && <Bar kind="caution">{note}</Bar>}</div>
          {found.error && <div className="p-4"><ErrorBlock error={found.error} title={m.donor_failed()} actions={<Button onPress={() => void found.refetch()}>{m.donor_try_again()}</Button>} /></div>}
          {asked && found.isPending && <div className="p-4"><Loading label={m.donor_searching()} lines={4} /></div>}
          {asked && found.data && rows.length === 0 && (
            <div className="p-4"><Empty title={m.donor_none_title({ text: asked })} action={<Button onPress={() => setText("")}>{m.donor_clear()}</Button>}>{m.donor_none_text()}</Empty></div>
          )}
          {rows.length > 0 && <Found rows={rows} today={today} onOpen={(id) => go(`/donors/${id}`)} />}
          {!asked && <Today desk={desk.data} error={desk.error} onRetry={() => void desk.refetch()} />}
        </div>
        <SidePanel label={m.donor_numbers()}>
          {desk.data && desk.data.doubles > 0 && <section className="grid justify-items-start gap-2 border-b border-line-2 px-4 py-3"><Status kind="caution" wrap>{m.donor_doubles_count({ count: desk.data.doubles })}</Status><AppLink to="/donors/doubles" className="hs-link">{m.donor_doubles_look()}</AppLink></section>}
          {desk.data && <Numbers desk={desk.data} />}
          {desk.data && <Rules rules={desk.data.rules} />}
        </SidePanel>
      </div>
    </>
  );
}

function Found({ rows, today, onOpen }: { rows: DonorRow[]; today: string; onOpen(id: string): void }) {
  return (
    <DataGrid
      label={m.donor_list()}
      rows={rows}
      rowKey={(r) => r.id}
      rowText={(r) => formatName({ ...r, title: null })}
      onAction={onOpen}
      columns={[
        { id: "name", title: m.donor_col_name(), isRowHeader: true, cell: (r) => <span className="flex flex-wrap gap-1"><bdi className="font-strong [overflow-wrap:anywhere]">{formatName({ ...r, title: null })}</bdi>{r.similarName && <Chip kind="caution">{m.donor_similar()}</Chip>}</span> },
        { id: "born", title: m.donor_col_born(), cell: (r) => <><ClinicalDate value={r.birthDate} />{r.birthDate && <span className="text-ink-2"> <Age birthDate={r.birthDate} /></span>}</> },
        { id: "sex", title: m.donor_col_sex(), cell: (r) => (r.sex === "not_known" ? <NotKnown /> : sexWord(r.sex)) },
        { id: "number", title: m.donor_col_number(), cell: (r) => <Identifier>{r.number}</Identifier> },
        { id: "group", title: m.donor_col_group(), cell: (r) => <DonorGroup group={r.group} /> },
        { id: "next", title: m.donor_col_next(), cell: (r) => <NextCell row={r} today={today} /> },
      ]}
    />
  );
}

function NextCell({ row, today }: { row: DonorRow; today: string }) {
  const { next } = row;
  const now = next.on !== null && next.on <= today;
  return <span className="grid"><Status kind={now ? "good" : next.on === null ? "critical" : "caution"}>{nextWords(next, today)}</Status>{!now && <span className="hs-meta">{nextWhy(next)}</span>}</span>;
}

export function DonorGroup({ group }: { group: GroupState }) {
  switch (group.state) {
    case "unknown": return <NotKnown>{m.donor_group_open()}</NotKnown>;
    case "once": return <span className="inline-flex flex-wrap items-center gap-1"><BloodGroup group={group.group} size="sm" /><span className="hs-meta">{m.donor_group_once()}</span></span>;
    case "confirmed": return <BloodGroup group={group.group} size="sm" />;
    case "conflict": return <Status kind="critical">{m.donor_group_conflict()}</Status>;
  }
}

function Today({ desk, error, onRetry }: { desk: Desk | undefined; error: Parameters<typeof ErrorBlock>[0]["error"] | null; onRetry(): void }) {
  if (error) return <div className="p-4"><ErrorBlock error={error} title={m.donor_failed()} actions={<Button onPress={onRetry}>{m.donor_try_again()}</Button>} /></div>;
  if (!desk) return <div className="p-4"><Loading label={m.donor_reading()} lines={4} /></div>;
  return (
    <section>
      <SectionHead title={m.donor_today()} note={String(desk.donations.length)} />
      {desk.donations.length === 0 ? <p className="p-4 text-ink-2">{m.donor_today_none()}</p> : (
        <ul className="m-0 list-none p-0">
          {desk.donations.map((d) => (
            <li key={d.id} className="grid gap-px border-b border-line px-4 py-2">
              <span className="flex flex-wrap items-center gap-x-3"><AppLink to={`/donors/${d.donor}`} className="hs-link"><bdi className="font-strong">{d.donorName}</bdi></AppLink><DonationNumber din={d.din} check={d.check} /></span>
              <DonationState donation={d} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Running, ended with its volume, and what holds it. */
export function DonationState({ donation }: { donation: DonationRow }) {
  return (
    <span className="flex flex-wrap items-center gap-x-3 text-ink-2">
      {donation.endedAt ? <>{donation.volumeMl !== null && m.donor_ended({ volume: donation.volumeMl })} <ClinicalTime value={donation.endedAt} /></> : <Status kind="notice">{m.donor_running()}</Status>}
      {donation.holds.map((h) => <Chip key={h} kind="caution">{holdWord(h)}</Chip>)}
    </span>
  );
}

function Numbers({ desk }: { desk: Desk }) {
  const may = useMay();
  const [open, setOpen] = useState(false);
  return (
    <section className="grid justify-items-start gap-2 border-b border-line-2 px-4 py-3">
      <h2 className="m-0 text-lg">{m.donor_numbers()}</h2>
      {desk.next
        ? <><span className="hs-k">{m.donor_numbers_next()}</span><DonationNumber din={desk.next.din} check={desk.next.check} size="lg" /><p className="text-ink-2">{m.donor_numbers_left({ count: desk.left })}</p></>
        : <Bar kind="caution">{m.donor_numbers_none()}</Bar>}
      {may("adopt_policy") && <Button size="sm" icon="plus" onPress={() => setOpen(true)}>{m.donor_numbers_enter()}</Button>}
      {open && <HoldBlock year={Number(desk.today.slice(2, 4))} onClose={() => setOpen(false)} />}
    </section>
  );
}

function HoldBlock({ year: now, onClose }: { year: number; onClose(): void }) {
  const id = useId();
  const [fin, setFin] = useState("");
  const [year, setYear] = useState<number | null>(now);
  const [first, setFirst] = useState<number | null>(null);
  const [last, setLast] = useState<number | null>(null);
  const [tried, setTried] = useState(false);
  const send = useSend("numbers.hold", { onDone: onClose });
  const complete = fin.trim().length === 5 && year !== null && first !== null && last !== null;
  return (
    <Dialog isOpen onClose={onClose} keepOpen title={m.donor_numbers_title()} footer={<><Button type="submit" form={id} variant="primary" pending={send.isPending}>{m.donor_numbers_save()}</Button><Button onPress={onClose}>{m.donor_cancel()}</Button></>}>
      <form
        id={id}
        noValidate
        className="grid gap-3"
        onSubmit={(e) => { e.preventDefault(); setTried(true); if (complete) send.mutate({ fin: fin.trim().toUpperCase(), year, first, last }); }}
      >
        <p className="text-ink-2">{m.donor_numbers_text()}</p>
        <TextField name="fin" mono autoFocus maxLength={5} label={m.donor_numbers_fin()} hint={m.donor_numbers_fin_hint()} value={fin} onChange={setFin} error={tried && !complete ? m.donor_numbers_need() : undefined} autoComplete="off" />
        <NumberField label={m.donor_numbers_year()} hint={m.donor_numbers_year_hint()} unit="" min={0} max={99} value={year} onChange={setYear} />
        <div className="grid grid-cols-2 gap-3">
          <NumberField label={m.donor_numbers_first()} unit="" min={1} max={999999} value={first} onChange={setFirst} />
          <NumberField label={m.donor_numbers_last()} unit="" min={1} max={999999} value={last} onChange={setLast} />
        </div>
        {send.error && <ErrorBlock error={send.error} />}
      </form>
    </Dialog>
  );
}

export function Rules({ rules }: { rules: RuleBook }) {
  return (
    <section className="grid gap-1 px-4 py-3 text-ink-2">
      <p>{m.donor_rules({ name: rules.name.toUpperCase(), version: rules.version })}</p>
      {!rules.signed && <Status kind="caution" wrap>{m.donor_rules_draft()}</Status>}
    </section>
  );
}

/** The text once the typing has paused, so that not every letter asks the store. */
function useSettled(text: string, ms: number): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), ms);
    return () => clearTimeout(timer);
  }, [text, ms]);
  return settled;
}
