import { type ReactNode, useLayoutEffect, useMemo, useRef, useState } from "react";
import { ErrorBlock, type ScanAnswer, useGo, useMay, useScanner, useScreenSearch } from "../../app";
import { CommandFailed, useBackend, useCommand } from "../../backend";
import { ClinicalDate, componentName, DonationNumber, formatName, Identifier } from "../../clinical";
import { Bar, Button, Chip, Loading, PageHead, SearchField, SegmentedControl, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { LookBackFrom, LookBackMap, UnitRow } from "../../wire";
import { PatientChoice } from "../bloodbank/common";
import { unitPath } from "../bloodbank/nav";
import { markerWord, stateKind as testKind, stateWord as testWord } from "../lab/words";
import { OpenDialog } from "./dialogs";
import { bagsOf, linked } from "./map";
import { lookPath, recallPath, RecallTabs } from "./RecallTabs";
import { stateKind, stateWord } from "./words";

const starts: readonly LookBackFrom[] = ["unit", "patient", "donor"];

/** From a donor to everybody who received, from a recipient to everybody who gave, from a bag both ways. */
export function LookBack() {
  const [search] = useScreenSearch();
  const from = starts.find((s) => s === search.from);
  const id = search.id;
  return from && id ? <Followed from={from} id={id} /> : <Start />;
}

function Start() {
  const go = useGo();
  const may = useMay();
  const [from, setFrom] = useState<LookBackFrom>("unit");
  const follow = (what: LookBackFrom, id: string) => go(lookPath, { from: what, id });
  const options = [
    { id: "unit" as const, label: m.recall_look_from_bag() },
    ...(may("see_patients") ? [{ id: "patient" as const, label: m.recall_look_from_patient() }] : []),
    ...(may("see_donors") ? [{ id: "donor" as const, label: m.recall_look_from_donor() }] : []),
  ];
  return (
    <>
      <PageHead title={m.recall_look_title()} tabs={<RecallTabs />} />
      <div className="grid max-w-[760px] content-start gap-4 overflow-auto p-4">
        <div className="justify-self-start"><SegmentedControl<LookBackFrom> label={m.recall_look_from()} options={options} value={from} onChange={setFrom} /></div>
        {from === "unit" && <BagChoice onChoose={(id) => follow("unit", id)} />}
        {from === "patient" && <PatientChoice autoFocus onChoose={(row) => follow("patient", row.id)} />}
        {from === "donor" && <DonorChoice onChoose={(id) => follow("donor", id)} />}
      </div>
    </>
  );
}

function BagChoice({ onChoose }: { onChoose(id: string): void }) {
  const backend = useBackend();
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState<string>();
  const [several, setSeveral] = useState<UnitRow[]>([]);
  async function take(din: string, unit: string | null): Promise<boolean> {
    if (unit) { onChoose(unit); return true; }
    const found = await backend.call("unit.list", { component: null, group: null, status: null, text: din, limit: 20 });
    setSeveral(found.rows);
    setWrong(found.rows.length === 0 ? m.recall_look_unknown() : undefined);
    const [one, two] = found.rows;
    if (one && !two) onChoose(one.id);
    return one !== undefined;
  }
  useScanner((scan) => {
    const part = scan.parts.find((p) => p.kind === "donation_number");
    const refuse = (words?: string): ScanAnswer => { if (words) setWrong(words); return "refused"; };
    if (part?.kind !== "donation_number") return refuse(m.recall_number_wrong());
    return take(part.din, part.unit).then((known) => (known ? "taken" as const : refuse()), () => refuse(m.recall_look_failed()));
  });
  async function read() {
    const text = typed.trim();
    if (text === "") return;
    try {
      const { parts } = await backend.call("scan.read", { text, typed: !/^[=&]/.test(text) });
      const part = parts.find((p) => p.kind === "donation_number");
      if (part?.kind !== "donation_number") return setWrong(m.recall_number_wrong());
      await take(part.din, part.unit);
    } catch (cause) {
      setWrong(CommandFailed.from(cause).code === "check_character_wrong" ? m.blood_check_wrong() : m.recall_number_wrong());
    }
  }
  return (
    <form className="grid gap-3" noValidate onSubmit={(e) => { e.preventDefault(); void read(); }}>
      <div className="flex items-start gap-2">
        <div className="grow"><TextField name="number" mono label={m.recall_number()} hint={m.recall_look_scan()} value={typed} onChange={setTyped} error={wrong} autoFocus autoComplete="off" /></div>
        <Button className="mt-5" type="submit" variant="primary">{m.recall_look_show()}</Button>
      </div>
      {several.length > 1 && (
        <section className="grid gap-2">
          <p>{m.recall_look_several()}</p>
          <ul className="m-0 grid list-none gap-px p-0">
            {several.map((u) => (
              <li key={u.id} className="flex flex-wrap items-center gap-3 border-b border-line py-1.5">
                <DonationNumber din={u.din} check={u.check} /><span className="hs-mono">{u.productCode}</span><span className="grow">{componentName(u.component)}</span>
                <Button size="sm" onPress={() => onChoose(u.id)}>{m.recall_look_choose()}</Button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </form>
  );
}

function DonorChoice({ onChoose }: { onChoose(id: string): void }) {
  const [text, setText] = useState("");
  const asked = text.trim();
  const enough = asked.length >= 2;
  const found = useCommand("donor.search", { text: asked, limit: 8 }, { enabled: enough, keepPrevious: true });
  const rows = enough ? (found.data?.rows ?? []) : [];
  return (
    <div className="grid gap-2">
      <SearchField label={m.recall_look_donor_search()} hideLabel={false} value={text} onChange={setText} autoFocus />
      {found.error && <ErrorBlock error={found.error} title={m.donor_failed()} />}
      <p role="status" className="hs-meta">{!enough ? m.blood_patient_search_hint() : found.data && rows.length === 0 ? m.blood_patient_none({ text: asked }) : found.data && found.data.total > rows.length ? m.donor_found({ shown: rows.length, total: found.data.total }) : ""}</p>
      <ul className="m-0 grid list-none gap-px p-0" aria-live="polite">
        {rows.map((d) => (
          <li key={d.id} className="flex flex-wrap items-center gap-3 border-b border-line py-1.5">
            <b className="grow break-words"><bdi>{formatName({ ...d, title: null })}</bdi></b>
            <ClinicalDate value={d.birthDate} /><Identifier>{d.number}</Identifier>
            <Button size="sm" onPress={() => onChoose(d.id)}>{m.recall_look_choose()}</Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Followed({ from, id }: { from: LookBackFrom; id: string }) {
  const go = useGo();
  const map = useCommand(from === "donor" ? "lookback.donor" : from === "unit" ? "lookback.unit" : "lookback.patient", { id });
  const again = <Button icon="back" onPress={() => go(lookPath)}>{m.recall_look_again()}</Button>;
  if (map.isPending) return <><PageHead title={m.recall_look_title()} tabs={<RecallTabs />} actions={again} /><div className="p-4"><Loading label={m.recall_look_reading()} lines={6} /></div></>;
  if (!map.data) return <><PageHead title={m.recall_look_title()} tabs={<RecallTabs />} actions={again} /><div className="max-w-[720px] p-4"><ErrorBlock error={map.error} title={m.recall_look_failed()} actions={<Button onPress={() => void map.refetch()}>{m.recall_try_again()}</Button>} /></div></>;
  return <LookMap key={`${from} ${id}`} map={map.data} again={again} />;
}

/** Four columns and the lines between them. What is chosen shows everything that it is linked with, both ways. */
export function LookMap({ map, again }: { map: LookBackMap; again?: ReactNode }) {
  const go = useGo();
  const may = useMay();
  const [chosen, setChosen] = useState<string | null>(null);
  const [opening, setOpening] = useState(false);
  const links = useMemo(() => (chosen === null ? null : linked(map.edges, chosen)), [map, chosen]);
  const on = (id: string) => links === null || links.has(id);
  const bags = bagsOf(map, links);
  const node = (id: string, children: ReactNode) => (
    <li key={id}>
      <button type="button" data-node={id} className="hs-node" data-dim={!on(id) || undefined} data-start={id === map.id || undefined} aria-pressed={chosen === id} onClick={() => setChosen(chosen === id ? null : id)}>
        {children}
      </button>
    </li>
  );
  return (
    <>
      <PageHead title={m.recall_look_title()} tabs={<RecallTabs />} actions={<>{again}{may("recall_blood") && bags.length > 0 && <Button variant="primary" onPress={() => setOpening(true)}>{m.recall_look_recall_these()}</Button>}</>} />
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2" role="status">
        <b>{m.recall_look_summary({ donors: count(map.donors, on), bags: bags.length, recipients: count(map.recipients, on) })}</b>
        <span className="text-ink-2">{chosen === null ? m.recall_look_pick_hint() : m.recall_look_linked()}</span>
        {chosen !== null && <Button size="sm" onPress={() => setChosen(null)}>{m.recall_look_clear()}</Button>}
      </div>
      {!map.seesDonors && <Bar kind="notice">{m.recall_look_hidden()}</Bar>}
      {map.more > 0 && <Bar kind="caution">{m.recall_look_more({ count: map.more })}</Bar>}
      <Lines edges={map.edges} on={links}>
        <Column title={m.recall_look_donors()} count={map.donors.length}>
          {map.donors.map((d) => node(d.id, <><b className="break-words"><bdi>{d.name ?? m.recall_look_donor()}</bdi></b>{d.number && <Identifier>{d.number}</Identifier>}</>))}
        </Column>
        <Column title={m.recall_look_donations()} count={map.donations.length}>
          {map.donations.map((d) => node(d.id, <><DonationNumber din={d.din} check={d.check} /><span className="hs-meta"><ClinicalDate value={d.at} /></span>{d.found.map((f) => <Status key={f.marker} kind={testKind(f.state)} wrap>{markerWord(f.marker)}: {testWord(f.state)}</Status>)}</>))}
        </Column>
        <Column title={m.recall_look_bags()} count={map.bags.length}>
          {map.bags.map((b) => (
            <li key={b.id} className="grid gap-px">
              <button type="button" data-node={b.id} className="hs-node" data-dim={!on(b.id) || undefined} data-start={b.id === map.id || undefined} aria-pressed={chosen === b.id} onClick={() => setChosen(chosen === b.id ? null : b.id)}>
                <span className="flex flex-wrap items-center gap-2"><DonationNumber din={b.din} check={b.check} /><span className="hs-mono">{b.productCode}</span></span>
                <span className="flex flex-wrap items-center gap-2">{b.component && componentName(b.component)}<Status kind={stateKind(b.state)} wrap>{stateWord(b.state)}</Status>{b.recall && <Chip kind="critical">{m.recall_look_recalled()}</Chip>}</span>
                {b.fromOutside && <span className="hs-meta">{m.recall_look_outside()}</span>}
              </button>
              {chosen === b.id && b.state !== "in_laboratory" && b.state !== "used_up" && <Button size="sm" onPress={() => go(unitPath(b.id))}>{m.recall_look_open_bag()}</Button>}
            </li>
          ))}
        </Column>
        <Column title={m.recall_look_recipients()} count={map.recipients.length}>
          {map.recipients.map((p) => node(p.id, <><b className="break-words"><bdi>{formatName(p)}</bdi></b><span className="hs-meta flex flex-wrap gap-2"><ClinicalDate value={p.birthDate} /><Identifier>{p.hospitalNumber}</Identifier></span></>))}
        </Column>
      </Lines>
      {opening && <OpenDialog units={bags} onClose={() => setOpening(false)} onDone={(made) => go(recallPath(made))} />}
    </>
  );
}

const count = (all: { id: string }[], on: (id: string) => boolean) => all.filter((one) => on(one.id)).length;

function Column({ title, count, children }: { title: string; count: number; children: ReactNode }) {
  return (
    <section className="min-w-[200px] grow basis-0">
      <h2 className="m-0 pb-2 text-base">{title} <span className="hs-count">{count}</span></h2>
      {count === 0 ? <p className="text-ink-2">{m.recall_look_none()}</p> : <ul className="m-0 grid list-none content-start gap-2 p-0">{children}</ul>}
    </section>
  );
}

/** The lines between the nodes: drawn from where the nodes stand, so they follow wrapping, zoom and language. */
function Lines({ edges, on, children }: { edges: LookBackMap["edges"]; on: Set<string> | null; children: ReactNode }) {
  const frame = useRef<HTMLDivElement>(null);
  const [paths, setPaths] = useState<{ d: string; key: string; lit: boolean }[]>([]);
  useLayoutEffect(() => {
    const box = frame.current;
    if (!box) return;
    const draw = () => {
      const origin = box.getBoundingClientRect();
      const rtl = getComputedStyle(box).direction === "rtl";
      const at = new Map([...box.querySelectorAll<HTMLElement>("[data-node]")].map((n) => [n.dataset.node ?? "", n.getBoundingClientRect()]));
      setPaths(edges.flatMap((edge) => {
        const from = at.get(edge.from);
        const to = at.get(edge.to);
        if (!from || !to) return [];
        const same = Math.abs(from.left - to.left) < 4;
        const x1 = (rtl ? from.left : from.right) - origin.left;
        const y1 = from.top + from.height / 2 - origin.top;
        const x2 = (same ? (rtl ? to.left : to.right) : (rtl ? to.right : to.left)) - origin.left;
        const y2 = to.top + to.height / 2 - origin.top;
        const bend = same ? (rtl ? -24 : 24) : (x2 - x1) / 2;
        return [{ d: `M${x1} ${y1} C${x1 + bend} ${y1} ${same ? x2 + bend : x2 - bend} ${y2} ${x2} ${y2}`, key: `${edge.from} ${edge.to}`, lit: on === null || (on.has(edge.from) && on.has(edge.to)) }];
      }));
    };
    draw();
    const watch = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(draw);
    watch?.observe(box);
    return () => watch?.disconnect();
  }, [edges, on]);
  return (
    <div className="min-h-0 grow overflow-auto p-4" tabIndex={0} role="region" aria-label={m.recall_look_title()}>
      <div ref={frame} className="relative flex min-w-[980px] gap-12">
        <svg className="pointer-events-none absolute inset-0 h-full w-full overflow-visible" aria-hidden="true">
          {paths.map((p) => <path key={p.key} d={p.d} fill="none" stroke="currentColor" className={p.lit ? "text-accent" : "text-line"} strokeWidth={p.lit ? 1.5 : 1} />)}
        </svg>
        {children}
      </div>
    </div>
  );
}
