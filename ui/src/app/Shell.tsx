import { useIsMutating, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useMatches } from "@tanstack/react-router";
import { useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { Button as AriaButton } from "react-aria-components";
import { useCommand, useSend } from "../backend";
import { formatInstantDate, formatTime, usePlace } from "../clinical";
import { Button, Chip, Icon, type IconName, Kbd, Mark, Menu, Status, toast, ToastRegion } from "../design";
import * as m from "../paraglide/messages";
import { TrainingStrip } from "./DoorFrame";
import { KeysDialog } from "./KeysDialog";
import { KeyContext, type KeyRegistry, useGo } from "./navigation";
import { Palette } from "./Palette";
import { usePreferences } from "./preferences";
import { areas, homeOf, screenAt } from "./table";
import { type Scan, type ScanAnswer, ScannerProvider, useScannerState } from "./scanner";
import type { Area, KeyHint } from "./screens";
import { useMay, useSetStatus, useStatus } from "./status";
import { partWord, roleWord } from "./words";

const areaIcon: Record<Area, IconName> = { blood: "blood", care: "bed", donors: "person", images: "lungs", patients: "patients", settings: "settings" };
const areaWord: Record<Area, () => string> = { blood: m.shell_blood, care: m.shell_care, donors: m.shell_donors, images: m.shell_images, patients: m.shell_patients, settings: m.shell_settings };

/** The quiet grey frame around the one white sheet: rail, top bar, ground line. It never moves. */
export function Shell() {
  const go = useGo();
  const bare = useMatches().at(-1)?.staticData.screen?.bare ?? false;

  function unclaimed(scan: Scan): ScanAnswer {
    const refuse = (words: string, kind: "notice" | "caution" = "notice"): ScanAnswer => { toast(words, { kind }); return "refused"; };
    const open = (path: string): ScanAnswer => { go(path); return "taken"; };
    if (bare) return refuse(m.shell_scan_other_window());
    if (scan.error) return refuse(m.shell_scan_unreadable(), "caution");
    if (scan.slip) return refuse(m.shell_scan_slip());
    // A screen that waits for no scan lets the unit or the patient be opened by it.
    for (const part of scan.parts) {
      if (part.kind === "donation_number" && screenAt("/blood/unit/$id")) return part.unit ? open(`/blood/unit/${part.unit}`) : refuse(m.shell_scan_unknown_unit({ din: part.din }));
      if (part.kind === "patient" && screenAt("/patients/$id")) return part.patient ? open(`/patients/${part.patient}`) : refuse(m.shell_scan_unknown_patient({ number: part.number }));
    }
    const first = scan.parts[0];
    return refuse(m.shell_scan_not_expected({ what: first ? partWord(first) : m.shell_code_other() }));
  }

  return <ScannerProvider onUnclaimed={unclaimed}><Frame /></ScannerProvider>;
}

function Frame() {
  const status = useStatus();
  const may = useMay();
  const { setScreenDark } = usePreferences();
  const matches = useMatches();
  const screen = matches.at(-1)?.staticData.screen;
  const pathname = matches.at(-1)?.pathname;
  const sheet = useRef<HTMLElement>(null);
  const [palette, setPalette] = useState(false);
  const [keysOpen, setKeysOpen] = useState(false);
  const [hints, setHints] = useState<ReadonlyMap<string, KeyHint[]>>(new Map());
  const lock = useLock();

  const registry = useMemo<KeyRegistry>(() => ({
    set: (id, list) => setHints((old) => new Map(old).set(id, list)),
    drop: (id) => setHints((old) => { const next = new Map(old); next.delete(id); return next; }),
  }), []);
  const here = useMemo(() => [...hints.values()].flat(), [hints]);

  useLayoutEffect(() => setScreenDark(screen?.dark ?? false), [screen, setScreenDark]);
  useEffect(() => () => setScreenDark(false), [setScreenDark]);

  const bare = screen?.bare ?? false;
  const title = screen?.title();
  useEffect(() => {
    document.title = title ? `${title} · HealthSync` : "HealthSync";
  }, [title]);
  const arrived = useRef(false);
  useEffect(() => {
    // After a change of screen the keyboard stands at its beginning; at the very start nothing is taken.
    if (arrived.current && !sheet.current?.contains(document.activeElement)) sheet.current?.focus();
    arrived.current = true;
  }, [pathname]);

  useEffect(() => {
    function onKey(e: KeyboardEvent) {
      const typing = e.target instanceof HTMLInputElement || e.target instanceof HTMLTextAreaElement || (e.target instanceof HTMLElement && e.target.isContentEditable);
      if ((e.ctrlKey || e.metaKey) && !e.shiftKey && e.key.toLowerCase() === "k") { if (!bare) setPalette(true); }
      else if (e.key === "F1" || (e.key === "?" && !typing)) setKeysOpen(true);
      else if (e.key === "F9") lock();
      else return;
      e.preventDefault();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [lock, bare]);

  const visible = areas.filter((a) => { const s = homeOf(a); return s && (!s.needs || may(s.needs)); });
  const first = visible.filter((a) => a !== "settings");
  return (
    <KeyContext value={registry}>
      <div className="hs-shell" data-bare={bare || undefined}>
        <a className="hs-skip" href="#sheet" onClick={(e) => { e.preventDefault(); sheet.current?.focus(); }}>{m.shell_skip()}</a>
        {status.facility?.training && <TrainingStrip />}
        {!bare && <nav className="hs-rail-nav" aria-label={m.shell_areas()}>
          <span className="hs-mark"><Mark /></span>
          {first.map((a) => <RailLink key={a} area={a} current={screen?.area === a} />)}
          <span className="hs-space" />
          {visible.includes("settings") && <RailLink area="settings" current={screen?.area === "settings"} />}
        </nav>}
        {!bare && <header className="hs-top">
          <div className="hs-place"><b>{status.facility?.name}</b></div>
          <AriaButton className="hs-find" onPress={() => setPalette(true)} aria-haspopup="dialog">
            <Icon name="scan" />
            <span>{m.shell_find()}</span>
            <span className="hs-keys" aria-hidden="true"><Kbd>Ctrl</Kbd><Kbd>K</Kbd></span>
          </AriaButton>
          <Person onLock={lock} />
        </header>}
        <main className="hs-sheet" id="sheet" ref={sheet} tabIndex={-1} aria-label={title}>
          <Outlet />
        </main>
        <Ground here={here} onKeys={() => setKeysOpen(true)} />
      </div>
      <ToastRegion />
      {palette && <Palette onClose={() => setPalette(false)} onLock={lock} onKeys={() => setKeysOpen(true)} />}
      <KeysDialog isOpen={keysOpen} onClose={() => setKeysOpen(false)} here={here} />
    </KeyContext>
  );
}

function RailLink({ area, current }: { area: Area; current: boolean }) {
  const home = homeOf(area);
  if (!home) return null;
  // The area, not the address, says where one is: a unit's own page still belongs to Blood.
  return (
    <Link to={home.path} aria-current={current ? "page" : undefined} activeProps={{ "aria-current": current ? "page" : undefined }}>
      <Icon name={areaIcon[area]} size={20} />
      <span>{areaWord[area]()}</span>
    </Link>
  );
}

/** Locks at once on the page even when the program does not answer: the screen must be clear. */
export function useLock(): () => void {
  const send = useSend("session.lock");
  const setStatus = useSetStatus();
  const status = useStatus();
  const latest = useRef({ send, setStatus, status });
  latest.current = { send, setStatus, status };
  return useMemo(() => () => {
    const { send, setStatus, status } = latest.current;
    send.mutate({}, { onSuccess: setStatus, onError: () => setStatus({ ...status, door: "locked" }) });
  }, []);
}

function Person({ onLock }: { onLock(): void }) {
  const { session } = useStatus();
  const setStatus = useSetStatus();
  const signOut = useSend("session.sign_out", { onDone: setStatus });
  const { theme, setTheme } = usePreferences();
  if (!session) return <div className="hs-who" />;
  return (
    <div className="hs-who">
      <Menu
        label={m.shell_person()}
        trigger={<Button variant="quiet" size="sm"><b className="text-base text-ink">{session.displayName}</b> <span className="hs-role text-base text-ink-2">{roleWord(session.role)}</span></Button>}
        items={[
          { id: "theme", icon: "theme", label: theme === "dark" ? m.shell_theme_switch_light() : m.shell_theme_switch_dark(), onAction: () => setTheme(theme === "dark" ? "light" : "dark") },
          { id: "out", icon: "person", label: m.shell_sign_out(), onAction: () => signOut.mutate({}) },
        ]}
      />
      <Button variant="quiet" size="sm" icon="lock" onPress={onLock}>{m.shell_lock()}</Button>
    </div>
  );
}

/** Everyone learns to look here: connection, freshness, what waits, scanner, keys, date. */
function Ground({ here, onKeys }: { here: KeyHint[]; onKeys(): void }) {
  const { clockSuspect } = useStatus();
  const { zone, now } = usePlace();
  const saving = useIsMutating();
  const running = useRunning();
  const asOf = useAsOf();
  const scanner = useScannerState();
  // In the store's time, like everything else here: the page's own clock may differ from it.
  // By whole minutes: a few milliseconds of travel would otherwise make "as of" a minute older than it is.
  const drift = Math.round((Date.parse(now) - Date.now()) / 60_000) * 60_000;
  const time = formatTime(asOf ? new Date(asOf + drift).toISOString() : now, zone);
  const read = scanner.last && formatTime(new Date(Date.parse(scanner.last.at) + drift).toISOString(), zone);
  const part = scanner.last?.parts[0];
  return (
    <footer className="hs-ground">
      <span><Icon name="computer" />{m.shell_this_computer_only()}</span>
      <span><b>{m.shell_as_of({ time: time ?? "" })}</b> <span>· {saving > 0 ? m.shell_changes_waiting({ count: saving }) : running > 0 ? running === 1 ? m.shell_analyses_running_one() : m.shell_analyses_running({ count: running }) : m.shell_nothing_waiting()}</span></span>
      {clockSuspect && <Link to="/settings"><Chip kind="caution">{m.shell_clock_suspect()}</Chip></Link>}
      <span className="hs-end" role="status">
        <Icon name="scan" />
        {scanner.last === null ? m.shell_scanner_ready() : scanner.last.error ? <Status kind="caution">{m.shell_scanner_unread({ time: read ?? "" })}</Status> : m.shell_scanner_read({ what: part ? partWord(part) : m.shell_code_slip(), time: read ?? "" })}
      </span>
      <i className="hs-sep hs-optional" />
      {/* One line high: a hint that has no room wraps out of sight, and the list behind ? has it all the same. */}
      {here.length > 0 && <span className="flex h-[24px] min-w-0 shrink flex-wrap justify-end gap-x-3 overflow-hidden max-[1200px]:hidden">{here.slice(0, 4).map((k) => <span key={k.words} className="inline-flex h-[24px] items-center gap-1 whitespace-nowrap">{k.keys.map((key) => <Kbd key={key}>{key}</Kbd>)} {k.words}</span>)}</span>}
      <Button variant="quiet" size="sm" onPress={onKeys}><Kbd>?</Kbd> {m.shell_keys()}</Button>
      <i className="hs-sep" />
      <span><time dateTime={now} dir="ltr">{formatInstantDate(now, zone)} {formatTime(now, zone)}</time></span>
    </footer>
  );
}

/** Analyses that wait or run: the single ones of the queue, and the pictures of folders, which the queue leaves out. */
function useRunning(): number {
  const may = useMay();
  const enabled = may("see_images");
  const queue = useCommand("analysis.queue", {}, { enabled, keepPrevious: true });
  const list = useCommand("batch.list", {}, { enabled, keepPrevious: true });
  const open = (queue.data?.jobs ?? []).filter((j) => j.state === "queued" || j.state === "running").length;
  const left = (list.data?.batches ?? []).filter((b) => b.state === "listing" || b.state === "running" || b.state === "paused").reduce((sum, b) => sum + Math.max(1, b.untaken + b.queued), 0);
  const count = open + left;
  const { refetch: again } = queue;
  const { refetch: anew } = list;
  useEffect(() => {
    if (count === 0) return;
    const timer = setInterval(() => { void again(); void anew(); }, 5000);
    return () => clearInterval(timer);
  }, [count === 0, again, anew]);
  return count;
}

/** These go on by themselves and say nothing of how old the rest of the screen is. */
const background: ReadonlySet<unknown> = new Set(["analysis.queue", "batch.list", "tasks.count"]);

/** When the newest answer on the screen was read from the store. */
function useAsOf(): number | null {
  const cache = useQueryClient().getQueryCache();
  const newest = () => {
    const times = cache.getAll().filter((q) => q.isActive() && !background.has(q.queryKey[0]) && q.state.dataUpdatedAt > 0).map((q) => q.state.dataUpdatedAt);
    // By the minute: the ground line must not be drawn again for every answer.
    return times.length > 0 ? Math.floor(Math.max(...times) / 60_000) * 60_000 : 0;
  };
  const value = useSyncExternalStore((tell) => cache.subscribe(tell), newest);
  return value === 0 ? null : value;
}

