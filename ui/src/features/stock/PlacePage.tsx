import { useState } from "react";
import { AppLink, ErrorBlock, useGo, useMay, useScreenParams } from "../../app";
import { CommandFailed, useBackend, useCommand, useSend } from "../../backend";
import { BloodGroup, ClinicalTime, componentName, DonationNumber } from "../../clinical";
import { Button, Loading, NumberField, PageHead, SectionHead, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { PlaceAlarm, PlaceView, UnitRow } from "../../wire";
import { unitPath } from "../bloodbank/nav";
import { statusKind, statusWord } from "../bloodbank/words";
import { Ask } from "../donors/dialogs";
import { placesPath } from "./paths";
import { PlaceDialog, PlaceState } from "./Places";
import { alarmWord, degrees, tenths } from "./words";

export function PlacePage() {
  const { id = "" } = useScreenParams();
  const view = useCommand("place.view", { id }, { enabled: id !== "" });
  const go = useGo();
  const head = <PageHead title={m.shelf_place_title()} />;
  if (view.isPending) return <>{head}<div className="p-4"><Loading label={m.shelf_reading()} lines={5} /></div></>;
  if (!view.data) return <>{head}<div className="max-w-[720px] p-4"><ErrorBlock error={view.error} title={m.shelf_failed()} actions={<Button onPress={() => go(placesPath)}>{m.shelf_place_back()}</Button>} /></div></>;
  return <Place view={view.data} />;
}

type Open = { what: "edit" | "read" } | { what: "note" | "hold"; alarm: PlaceAlarm };

/** One place: its thermometer, its alarms, and the bags that stood in them. */
function Place({ view }: { view: PlaceView }) {
  const go = useGo();
  const may = useMay();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const { row } = view;
  const works = may("receive_blood");
  return (
    <>
      <PageHead
        title={<bdi className="break-words">{row.name}</bdi>}
        actions={<><Button icon="back" onPress={() => go(placesPath)}>{m.shelf_place_back()}</Button>{works && <Button onPress={() => setOpen({ what: "edit" })}>{m.shelf_place_edit()}</Button>}{works && <Button variant="primary" onPress={() => setOpen({ what: "read" })}>{m.shelf_place_read()}</Button>}</>}
      >
        <span className="flex flex-wrap items-center gap-3"><PlaceState row={row} /><bdi>{degrees(row.least)} – {degrees(row.most)} °C</bdi>{row.last && <><b dir="ltr">{degrees(row.last.tenths)} °C</b><ClinicalTime value={row.last.at} always="date-time" /></>}</span>
      </PageHead>
      <div className="min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={row.name}>
        <SectionHead title={m.shelf_place_alarms()} />
        {view.alarms.length === 0 ? <p className="p-4 text-ink-2">{m.shelf_place_alarms_none()}</p> : (
          <ul className="m-0 list-none p-0">
            {view.alarms.map((a) => <Alarm key={a.from + a.kind} alarm={a} works={works} onOpen={setOpen} />)}
          </ul>
        )}
        <SectionHead title={m.shelf_place_readings()} />
        {view.readings.length === 0 ? <p className="p-4 text-ink-2">{m.shelf_place_readings_none()}</p> : (
          <>
            <Chart view={view} />
            <ul className="m-0 list-none p-0">
              {[...view.readings].reverse().slice(0, 40).map((r) => {
                const out = r.tenths < row.least || r.tenths > row.most;
                return <li key={r.at} className="flex gap-3 border-b border-line px-4 py-1"><ClinicalTime value={r.at} always="date-time" /><b dir="ltr">{degrees(r.tenths)} °C</b>{out && <Status kind="critical">{r.tenths > row.most ? alarmWord("too_warm") : alarmWord("too_cold")}</Status>}</li>;
              })}
            </ul>
          </>
        )}
      </div>
      {open?.what === "edit" && <PlaceDialog row={row} onClose={close} />}
      {open?.what === "read" && <ReadDialog place={row.id} onClose={close} />}
      {open?.what === "note" && <NoteDialog place={row.id} alarm={open.alarm} onClose={close} />}
      {open?.what === "hold" && <HoldDialog alarm={open.alarm} place={row.name} onClose={close} />}
    </>
  );
}

function Alarm({ alarm, works, onOpen }: { alarm: PlaceAlarm; works: boolean; onOpen(open: Open): void }) {
  const free = alarm.bags.filter((b) => b.status === "available" || b.status === "reserved" || b.status === "expired");
  return (
    <li className="grid gap-2 border-b border-line px-4 py-3">
      <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Status kind={alarm.noted ? "inactive" : "critical"}>{alarmWord(alarm.kind)}</Status>
        <ClinicalTime value={alarm.from} always="date-time" /><span aria-hidden="true">–</span>
        {alarm.until ? <ClinicalTime value={alarm.until} always="date-time" /> : <b>{m.shelf_place_alarm_goes_on()}</b>}
        {alarm.extreme !== null && <b>{m.shelf_place_extreme({ degrees: degrees(alarm.extreme) })}</b>}
      </span>
      {alarm.noted && <p><bdi>{m.shelf_place_noted({ who: alarm.noted_by ?? "", words: alarm.noted })}</bdi></p>}
      {alarm.kind !== "no_readings" && (
        <details>
          <summary>{alarm.bags.length === 0 ? m.shelf_place_stood_none() : `${m.shelf_place_stood()}: ${alarm.bags.length}`}</summary>
          <ul className="m-0 list-none p-0">{alarm.bags.map((b) => <BagLine key={b.id} bag={b} />)}</ul>
        </details>
      )}
      {works && (
        <span className="flex flex-wrap gap-2">
          <Button size="sm" onPress={() => onOpen({ what: "note", alarm })}>{m.shelf_place_note()}</Button>
          {alarm.kind !== "no_readings" && free.length > 0 && <Button size="sm" variant="danger" onPress={() => onOpen({ what: "hold", alarm: { ...alarm, bags: free } })}>{m.shelf_place_hold()}</Button>}
        </span>
      )}
    </li>
  );
}

function BagLine({ bag }: { bag: UnitRow }) {
  return (
    <li className="flex flex-wrap items-center gap-3 border-b border-line py-1">
      <AppLink to={unitPath(bag.id)}><DonationNumber din={bag.din} check={bag.check} /></AppLink>
      <BloodGroup group={bag.group} size="sm" /><span>{componentName(bag.component)}</span><Status kind={statusKind(bag.status)}>{statusWord(bag.status)}</Status>
    </li>
  );
}

/** The readings as a line, with the range behind it; the list below says the same in numbers. */
function Chart({ view }: { view: PlaceView }) {
  const { row, readings } = view;
  const times = readings.map((r) => Date.parse(r.at));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const low = Math.min(row.least, ...readings.map((r) => r.tenths)) - 5;
  const high = Math.max(row.most, ...readings.map((r) => r.tenths)) + 5;
  const x = (at: string) => (last === first ? 500 : ((Date.parse(at) - first) / (last - first)) * 1000);
  const y = (t: number) => 120 - ((t - low) / (high - low)) * 120;
  return (
    <div className="grid grid-cols-[auto_1fr] gap-x-2 p-4 text-sm text-ink-3" dir="ltr">
      {/* The svg is stretched, its words must not be: the limits stand beside it, the first and the last hour below. */}
      <span className="relative h-[140px] w-[60px]" aria-hidden="true">
        {[row.most, row.least].map((t) => <span key={t} className="absolute end-0 -translate-y-1/2 whitespace-nowrap" style={{ top: `${(y(t) / 120) * 100}%` }}>{degrees(t)} °C</span>)}
      </span>
      <svg viewBox="0 0 1000 120" className="block h-[140px] w-full" preserveAspectRatio="none" role="img" aria-label={m.shelf_place_chart({ name: row.name, count: readings.length })}>
        <rect x="0" y={y(row.most)} width="1000" height={Math.max(1, y(row.least) - y(row.most))} className="fill-accent opacity-10" />
        <polyline points={readings.map((r) => `${x(r.at)},${y(r.tenths)}`).join(" ")} fill="none" stroke="currentColor" strokeWidth="2" vectorEffect="non-scaling-stroke" />
        {readings.filter((r) => r.tenths < row.least || r.tenths > row.most).map((r) => <circle key={r.at} cx={x(r.at)} cy={y(r.tenths)} r="3" className="fill-critical" />)}
      </svg>
      <span />
      <span className="flex justify-between pt-1" aria-hidden="true"><ClinicalTime value={readings[0]?.at ?? null} always="date-time" />{readings.length > 1 && <ClinicalTime value={readings.at(-1)?.at ?? null} always="date-time" />}</span>
    </div>
  );
}

function ReadDialog({ place, onClose }: { place: string; onClose(): void }) {
  const [value, setValue] = useState<number | null>(null);
  const [tried, setTried] = useState(false);
  const send = useSend("place.reading", { onDone: onClose });
  const read = tenths(value);
  return (
    <Ask title={m.shelf_place_read()} act={m.shelf_save()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (read !== null) send.mutate({ place, tenths: read, wall: null }); }}>
      <NumberField label={m.shelf_place_degrees()} unit="°C" decimals={1} step={0.1} min={-100} max={60} value={value} onChange={setValue} autoFocus error={tried && read === null ? m.shelf_box_need() : undefined} />
    </Ask>
  );
}

function NoteDialog({ place, alarm, onClose }: { place: string; alarm: PlaceAlarm; onClose(): void }) {
  const [words, setWords] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("place.note", { onDone: onClose });
  return (
    <Ask title={m.shelf_place_note()} act={m.shelf_save()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (words.trim()) send.mutate({ place, from: alarm.from, words: words.trim() }); }}>
      <TextField name="words" label={m.shelf_place_note_words()} value={words} onChange={setWords} lines={3} autoFocus error={tried && !words.trim() ? m.shelf_box_need() : undefined} />
    </Ask>
  );
}

/** The bags one after another, each a signed act of its own; one that is refused does not keep the others. */
function HoldDialog({ alarm, place, onClose }: { alarm: PlaceAlarm; place: string; onClose(): void }) {
  const backend = useBackend();
  const [reason, setReason] = useState(`${place}: ${alarmWord(alarm.kind)}`);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<CommandFailed | null>(null);
  async function hold() {
    setTried(true);
    if (!reason.trim() || busy) return;
    setBusy(true);
    let wrong: CommandFailed | null = null;
    for (const bag of alarm.bags) {
      try { await backend.call("unit.quarantine", { unit: bag.id, reason: reason.trim() }); } catch (cause) { wrong = CommandFailed.from(cause); }
    }
    setBusy(false);
    if (wrong) setFailed(wrong);
    else onClose();
  }
  return (
    <Ask title={m.shelf_place_hold_title({ count: alarm.bags.length })} act={m.shelf_place_hold()} error={failed} pending={busy} onClose={onClose} onSubmit={() => void hold()}>
      <p>{m.shelf_place_hold_text()}</p>
      <TextField name="reason" label={m.shelf_place_hold_reason()} value={reason} onChange={setReason} autoFocus error={tried && !reason.trim() ? m.shelf_box_need() : undefined} />
    </Ask>
  );
}
