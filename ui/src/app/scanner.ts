import { createContext, createElement, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import { CommandFailed, useBackend, useCommand } from "../backend";
import { Bar, DialogHead } from "../design";
import * as m from "../paraglide/messages";
import type { ScanPart, Scanner } from "../wire";
import { pressedAt } from "./pressed";
import { deadKey, readLayout } from "./scannerMeasure";
import { errorTone } from "./tone";
import { partWord } from "./words";

/**
 * A barcode scanner is a keyboard. What tells a scan from typing is its first character, a data identifier
 * (`=`, `&`, or the prefix this site's scanner sends), and its rhythm: gaps of at most 120 ms, ended by a suffix
 * key or by 150 ms of silence. Whatever belongs to a scan is swallowed before shortcuts and fields see it, and
 * reaches the screen as one text. Nothing has to be focused.
 */
export interface ScannerSettings {
  /** Characters that open a burst. */
  prefixes: string[];
  /** Keys that close it. */
  suffixes: string[];
  /** Longest pause between two characters of one burst, ms. */
  gap: number;
  /** Silence that closes a burst without a suffix, ms. */
  silence: number;
  /** A shorter burst was typed by hand and is given back. */
  shortest: number;
  /** Text this site's scanner sends before each code, and after it; neither reaches the screen. */
  before: string;
  after: string;
  /** What the keyboard's layout makes of the scanner's keys, to what was meant. */
  layout: ReadonlyMap<string, string>;
}

export const defaultScanner: ScannerSettings = { prefixes: ["=", "&"], suffixes: ["Enter", "Tab"], gap: 120, silence: 150, shortest: 4, before: "", after: "", layout: new Map() };

/** What was measured at this workstation, as the recogniser uses it. */
export function settingsOf(scanner: Scanner): ScannerSettings {
  const key = /^[A-Z]\w{2,}$/.test(scanner.suffix);
  return {
    ...defaultScanner,
    suffixes: key && !defaultScanner.suffixes.includes(scanner.suffix) ? [...defaultScanner.suffixes, scanner.suffix] : defaultScanner.suffixes,
    gap: scanner.gapMs,
    silence: scanner.silenceMs,
    before: scanner.prefix,
    after: key ? "" : scanner.suffix,
    layout: readLayout(scanner.layout),
  };
}

/**
 * What the barcodes of our own slips begin with: that of a bag for a ward, and one part of that of a box. They have no
 * data identifier: the first letters pass as typed ones until the mark is whole, and are taken back out of the field
 * that got them.
 */
export const slipMark = "HSC1";
export const partMark = "HSP1";
const ownMarks = [slipMark, partMark];

/** A timer later than this says that the page was busy, ms. */
const late = 40;

/** Listens on `target` before anybody else; answers with a function that stops listening. */
export function listenForScans(target: Window, onScan: (raw: string) => void, settings: ScannerSettings = defaultScanner): () => void {
  // What came, key by key, and what it means: a field gets back the one, the screen gets the other.
  let burst = "";
  let held = "";
  let last = 0;
  let field: Element | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tail = false;
  let begun = "";

  function giveBack() {
    // A person typed "=" or "&" into a field: it was held for a moment and belongs to the field after all.
    const text = held.replaceAll(deadKey, "");
    const to = field;
    burst = held = "";
    field = null;
    if (text && to && to === target.document.activeElement) typeInto(to, text);
  }

  function finish() {
    clearTimeout(timer);
    if (burst.length < settings.shortest) return giveBack();
    let raw = burst;
    burst = held = "";
    field = null;
    if (settings.before && raw.startsWith(settings.before)) raw = raw.slice(settings.before.length);
    if (settings.after && raw.endsWith(settings.after)) raw = raw.slice(0, -settings.after.length);
    onScan(raw);
  }

  /** The silence that closes a burst. A page that was busy meanwhile hears first what it has not heard yet. */
  function awaitSilence() {
    clearTimeout(timer);
    const due = performance.now() + settings.silence;
    timer = setTimeout(() => {
      if (performance.now() - due > late) timer = setTimeout(finish, late);
      else finish();
    }, settings.silence);
  }

  function swallow(e: KeyboardEvent) {
    e.preventDefault();
    e.stopImmediatePropagation();
  }

  function down(e: KeyboardEvent) {
    if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
    const now = pressedAt(e);
    const came = e.key === "Dead" ? deadKey : e.key;
    const meant = settings.layout.get(came) ?? came;
    if (burst !== "" && now - last > settings.gap) finish();
    if (burst === "") {
      // A password may contain "=" or "&" and must arrive whole; nobody scans into one.
      const focused = target.document.activeElement;
      const secret = focused instanceof HTMLInputElement && focused.type === "password";
      if (came.length === 1) begun = (now - last > settings.gap ? meant : begun + meant).slice(-slipMark.length);
      if (ownMarks.includes(begun) && !secret) {
        burst = held = begun;
        takeBack(focused, begun.slice(0, -1));
        begun = "";
        last = now;
        swallow(e);
        awaitSilence();
        return;
      }
      if (came.length === 1) last = now;
      const opens = settings.prefixes.includes(meant) || (settings.before !== "" && came === settings.before[0]);
      if (!opens || secret) return;
      burst = settings.before !== "" && came === settings.before[0] ? came : meant;
      held = came;
      field = focused;
    } else if (settings.suffixes.includes(e.key)) {
      swallow(e);
      if (burst.length >= settings.shortest) { tail = true; return finish(); }
      // Not a scan: the field gets its characters, and the key keeps its meaning on the next press.
      return finish();
    } else if (came.length === 1) {
      // The prefix was measured as it comes, and is compared as it comes.
      burst += settings.before.startsWith(held + came) ? came : meant;
      held += came;
    } else {
      // Shift and other dead keys come between the characters of a scan; they say nothing.
      return;
    }
    last = now;
    swallow(e);
    awaitSilence();
  }

  function up(e: KeyboardEvent) {
    // The key-up of a swallowed key would press a focused button in some toolkits.
    if (burst !== "") swallow(e);
    else if (tail && settings.suffixes.includes(e.key)) { tail = false; swallow(e); }
  }

  target.addEventListener("keydown", down, true);
  target.addEventListener("keyup", up, true);
  return () => {
    clearTimeout(timer);
    target.removeEventListener("keydown", down, true);
    target.removeEventListener("keyup", up, true);
  };
}

/** A choice, a tick or a button has the focus as often as a field does; letters given to it would become its value. */
const unwritten: ReadonlySet<string> = new Set(["radio", "checkbox", "button", "submit", "reset", "file", "range", "color", "image", "hidden"]);
const takesLetters = (field: Element | null): field is HTMLInputElement | HTMLTextAreaElement =>
  field instanceof HTMLTextAreaElement || (field instanceof HTMLInputElement && !unwritten.has(field.type));

function typeInto(field: Element, text: string) {
  if (!takesLetters(field)) return;
  const start = field.selectionStart ?? field.value.length;
  const end = field.selectionEnd ?? start;
  const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set;
  // Through the prototype's setter, so that React sees the change.
  setter?.call(field, field.value.slice(0, start) + text + field.value.slice(end));
  field.setSelectionRange?.(start + text.length, start + text.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Takes letters that a scan left in a field before it was known as one. */
function takeBack(field: Element | null, letters: string) {
  if (!takesLetters(field)) return;
  const end = field.selectionStart ?? field.value.length;
  if (field.value.slice(0, end).endsWith(letters)) {
    field.setSelectionRange?.(end - letters.length, end);
    typeInto(field, "");
  }
}

export interface Scan {
  /** What the scanner sent. */
  raw: string;
  /** What it says, in the order of the label; empty when it could not be read, and for a slip of ours. */
  parts: ScanPart[];
  /** The text of a slip for a bag; nothing else is in such a scan. */
  slip?: string;
  /** Why it could not be read, as the store puts it. */
  error: CommandFailed | null;
  /** When, RFC 3339, by this computer's clock. */
  at: string;
}

/**
 * What a screen made of a scan. A refused one sounds: whoever scans looks at the bag and not at the words. There is no
 * third answer, so that no screen lets a scan pass without deciding about it.
 */
export type ScanAnswer = "taken" | "refused";
type Subscriber = (scan: Scan) => ScanAnswer | Promise<ScanAnswer>;
interface ScannerHub {
  subscribe(listener: Subscriber): () => void;
  last: Scan | null;
  /** False while the screen is locked. */
  ready: boolean;
  /** Lets every key through for as long as somebody measures; answers with the way back. */
  rest(): () => void;
}

const ScannerContext = createContext<ScannerHub | null>(null);

/** `onUnclaimed` gets scans of screens that wait for none, for instance to open the unit or the patient. */
export function ScannerProvider({ children, onUnclaimed, settings: given, paused: closed }: { children: ReactNode; onUnclaimed?: Subscriber; settings?: ScannerSettings; paused?: boolean }) {
  const backend = useBackend();
  const measured = useCommand("scanner.get", {}, { enabled: given === undefined });
  // By its words: an answer asked again is another object and the same scanner.
  const words = measured.data ? JSON.stringify(measured.data) : null;
  const settings = useMemo(() => given ?? (words === null ? defaultScanner : settingsOf(JSON.parse(words) as Scanner)), [given, words]);
  const [resting, setResting] = useState(0);
  const paused = (closed ?? false) || resting > 0;
  const subscribers = useRef<Subscriber[]>([]);
  const unclaimed = useRef(onUnclaimed);
  unclaimed.current = onUnclaimed;
  const [last, setLast] = useState<Scan | null>(null);

  useEffect(() => {
    if (paused) return;
    // Two quick scans may be answered in the wrong order; each waits for the one before.
    let queue = Promise.resolve();
    return listenForScans(window, (raw) => {
      const at = new Date().toISOString();
      queue = queue.then(async () => {
        // Our own slips are text for whoever waits for them, and no codes of a label.
        const own = ownMarks.find((mark) => raw.startsWith(mark));
        const scan: Scan = own ? { raw, parts: [], ...(own === slipMark && { slip: raw }), error: null, at } : await backend
          .call("scan.read", { text: raw, typed: false })
          .then((read) => ({ raw, parts: read.parts, error: null, at }))
          .catch((cause: unknown) => ({ raw, parts: [], error: CommandFailed.from(cause), at }));
        setLast(scan);
        // An unreadable code sounds whatever the screen makes of it, and once.
        if (scan.error) errorTone();
        const answer = (subscribers.current.at(-1) ?? unclaimed.current)?.(scan);
        // A slow answer holds up no scan behind it.
        void Promise.resolve(answer).then((said) => { if (said === "refused" && !scan.error) errorTone(); });
      });
    }, settings);
  }, [backend, settings, paused]);

  // The same two for good: were they new after a scan, every screen would subscribe again, and a page would come to
  // stand above the dialog that is open on it.
  const ways = useMemo<Pick<ScannerHub, "rest" | "subscribe">>(() => ({
    rest() {
      setResting((n) => n + 1);
      return () => setResting((n) => n - 1);
    },
    subscribe(listener) {
      subscribers.current.push(listener);
      return () => { subscribers.current = subscribers.current.filter((s) => s !== listener); };
    },
  }), []);
  const hub = useMemo<ScannerHub>(() => ({ ...ways, last, ready: !paused }), [ways, last, paused]);
  return createElement(ScannerContext.Provider, { value: hub }, createElement(DialogHead.Provider, { value: DialogGuard }, children));
}

/** Takes every scan while the screen is open; a dialog opened above it takes them from it. */
export function useScanner(onScan: Subscriber) {
  const hub = useContext(ScannerContext);
  const latest = useRef(onScan);
  latest.current = onScan;
  const subscribe = hub?.subscribe;
  useEffect(() => subscribe?.((scan) => latest.current(scan)), [subscribe]);
}

/** While `active`, no scan is recognised: whoever measures the scanner must see its keys as they come. */
export function useScannerRest(active: boolean) {
  const rest = useContext(ScannerContext)?.rest;
  const latest = useRef(rest);
  latest.current = rest;
  useEffect(() => (active ? latest.current?.() : undefined), [active]);
}

/** For the ground line: whether scans are taken, and the last one. */
export function useScannerState(): { ready: boolean; last: Scan | null } {
  const hub = useContext(ScannerContext);
  return { ready: hub?.ready ?? false, last: hub?.last ?? null };
}

/** At the head of every dialog: a scan that the dialog itself does not wait for opens nothing underneath, and says so. */
export function DialogGuard(): ReactNode {
  const [heard, setHeard] = useState(0);
  useScanner(() => { setHeard((n) => n + 1); return "refused"; });
  return heard > 0 ? createElement(Bar, { key: heard, kind: "caution", live: true, children: m.shell_scan_dialog() }) : null;
}

/** On a page that holds typed work and waits for no scan: the scan opens nothing, and what is written stays. */
export function ScanGuard(): ReactNode {
  const [heard, setHeard] = useState<{ n: number; what: string } | null>(null);
  useScanner(({ slip, parts: [part] }) => {
    setHeard((was) => ({ n: (was?.n ?? 0) + 1, what: slip ? m.shell_code_slip() : part ? partWord(part) : m.shell_code_other() }));
    return "refused";
  });
  return heard ? createElement(Bar, { key: heard.n, kind: "caution", live: true, children: m.shell_scan_page({ what: heard.what }) }) : null;
}
