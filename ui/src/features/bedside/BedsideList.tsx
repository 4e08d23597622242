import { useState } from "react";
import { AppLink, ErrorBlock, type Scan, useGo, useKeys, useScanner, useScreenSearch } from "../../app";
import { useCommand } from "../../backend";
import { BloodGroup, ClinicalTime, componentName, DonationNumber, formatName, groupDin, usePlace } from "../../clinical";
import { Bar, Button, Chip, Empty, Loading, PageHead, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { BedsideRow } from "../../wire";
import { LeftOut } from "../bloodbank/LeftOut";
import { CareTabs } from "../requests/CareTabs";
import { alarmKind, alarmWord, nextLimit, openWord, outcomeWord, tenths, until } from "./words";

/** All blood that is with the wards: what runs first. A scanned wristband opens the bag of that patient. */
export function BedsideList() {
  const list = useCommand("bedside.list", {}, { keepPrevious: true });
  const go = useGo();
  const [search, setSearch] = useScreenSearch();
  const [note, setNote] = useState<string | null>(null);
  useKeys([{ keys: ["Scan"], words: m.bedside_scan_hint() }]);
  const { waiting = [], running = [], ended = [], recent = [] } = list.data ?? {};
  const open = [...running, ...waiting, ...ended];
  useScanner((scan: Scan) => {
    const band = scan.parts.find((p) => p.kind === "patient");
    const of = band?.patient ? open.filter((row) => row.patient.id === band.patient) : [];
    setNote(of.length > 0 ? null : !band ? m.bedside_scan_other() : band.patient ? m.bedside_scan_none() : m.bedside_scan_unknown({ number: band.number }));
    if (!band?.patient || of.length === 0) return "refused";
    if (of.length === 1 && of[0]) go(`/bedside/${of[0].id}`);
    else setSearch({ patient: band.patient });
    return "taken";
  });
  const only = search.patient ? open.find((row) => row.patient.id === search.patient) : undefined;
  const shown = (rows: BedsideRow[]) => (only ? rows.filter((row) => row.patient.id === only.patient.id) : rows);
  return (
    <>
      <PageHead title={m.bedside_title()} tabs={<CareTabs />} />
      <LeftOut count={list.data?.leftOut} />
      <div aria-live="polite">{note && <Bar kind="caution">{note}</Bar>}</div>
      {only && <Bar kind="notice" action={<Button size="sm" onPress={() => setSearch({ patient: undefined })}>{m.bedside_scan_all()}</Button>}>{m.bedside_scan_shown({ name: formatName(only.patient) })}</Bar>}
      {list.isPending && <div className="p-4"><Loading label={m.bedside_reading()} lines={5} /></div>}
      {list.error && <div className="p-4"><ErrorBlock error={list.error} title={m.bedside_failed()} actions={<Button onPress={() => void list.refetch()}>{m.bedside_try_again()}</Button>} /></div>}
      {list.data && (
        <div className="min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.bedside_title()}>
          <p className="border-b border-line px-4 py-3 text-xl">{m.bedside_scan_hint()}</p>
          {open.length === 0 && <div className="p-4"><Empty title={m.bedside_none()}>{m.bedside_none_text()}</Empty></div>}
          <Section title={m.bedside_running()} rows={shown(running)} />
          <Section title={m.bedside_waiting()} rows={shown(waiting)} />
          <Section title={m.bedside_ended()} rows={shown(ended)} />
          <Section title={m.bedside_recent()} rows={shown(recent)} />
        </div>
      )}
    </>
  );
}

function Section({ title, rows }: { title: string; rows: BedsideRow[] }) {
  if (rows.length === 0) return null;
  return (
    <section>
      <SectionHead title={title} note={String(rows.length)} />
      <ul className="m-0 list-none p-0">{rows.map((row) => <Bag key={row.id} row={row} />)}</ul>
    </section>
  );
}

/** One bag: whose, which, what its clock says, and the one act that is next. */
function Bag({ row }: { row: BedsideRow }) {
  const go = useGo();
  const place = usePlace();
  const limit = nextLimit(row);
  const left = limit && until(limit.at, place.now);
  const name = formatName(row.patient);
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_minmax(0,1.1fr)_minmax(0,1fr)_180px] items-start gap-x-4 gap-y-2 border-b border-line px-4 py-3 max-[1100px]:grid-cols-2 max-[700px]:grid-cols-1">
      <span className="grid min-w-0 justify-items-start gap-1">
        <AppLink to={`/bedside/${row.id}`} className="text-xl font-strong text-ink [overflow-wrap:anywhere] hover:text-accent"><bdi>{name}</bdi></AppLink>
        <span className="hs-meta">{row.patient.hospitalNumber}</span>
      </span>
      <span className="grid min-w-0 justify-items-start gap-1">
        <span className="flex flex-wrap items-center gap-x-3"><BloodGroup group={row.unit.group} size="sm" /><DonationNumber din={row.unit.din} check={row.unit.check} /></span>
        <span className="hs-meta">{componentName(row.unit.component)} · {m.bedside_left()} <ClinicalTime value={row.leftAt} /></span>
        {row.uncrossmatched && <Chip kind="critical">{m.bedside_uncrossmatched()}</Chip>}
      </span>
      <span className="grid min-w-0 justify-items-start gap-1">
        {row.alarms.map((a) => <Status key={a.alarm} kind={alarmKind(a.alarm)} wrap>{alarmWord(a.alarm)}</Status>)}
        {limit && left && !left.over && <span><span className="text-ink-2">{limit.label}</span> <b><ClinicalTime value={limit.at} /></b> <span className="text-ink-2">{left.words}</span></span>}
        {limit && left?.over && <span className="hs-meta">{limit.label} <ClinicalTime value={limit.at} /> · {left.words}</span>}
        {row.riseTenths !== null && row.riseTenths >= 10 && <Status kind="critical" wrap>{m.bedside_rise({ degrees: tenths(row.riseTenths) })}</Status>}
        {row.presumed && <Status kind="caution" wrap>{m.bedside_presumed()}</Status>}
        {row.outcome && <Status kind={row.outcome === "reaction" ? "critical" : row.outcome === "uneventful" ? "good" : "caution"}>{outcomeWord(row.outcome)}</Status>}
      </span>
      <span className="flex justify-end max-[1100px]:justify-start"><Button size="lg" variant={row.stand === "done" ? "quiet" : row.stand === "running" ? "secondary" : "primary"} onPress={() => go(`/bedside/${row.id}`)}>{openWord(row)}<span className="hs-vh"> {name} {groupDin(row.unit.din)}</span></Button></span>
    </li>
  );
}
