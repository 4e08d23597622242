import { createContext, createElement, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";
import { CommandFailed, useBackend } from "../backend";
import type { ScanPart } from "../wire";

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
}

export const defaultScanner: ScannerSettings = { prefixes: ["=", "&"], suffixes: ["Enter", "Tab"], gap: 120, silence: 150, shortest: 4 };

/** Listens on `target` before anybody else; answers with a function that stops listening. */
export function listenForScans(target: Window, onScan: (raw: string) => void, settings: ScannerSettings = defaultScanner): () => void {
  let burst = "";
  let last = 0;
  let field: Element | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tail = false;

  function giveBack() {
    // A person typed "=" or "&" into a field: it was held for a moment and belongs to the field after all.
    const text = burst;
    const to = field;
    burst = "";
    field = null;
    if (text && to && to === target.document.activeElement) typeInto(to, text);
  }

  function finish() {
    clearTimeout(timer);
    if (burst.length < settings.shortest) return giveBack();
    const raw = burst;
    burst = "";
    field = null;
    onScan(raw);
  }

  function swallow(e: KeyboardEvent) {
    e.preventDefault();
    e.stopImmediatePropagation();
  }

  function down(e: KeyboardEvent) {
    if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
    const now = performance.now();
    if (burst !== "" && now - last > settings.gap) finish();
    if (burst === "") {
      // A password may contain "=" or "&" and must arrive whole; nobody scans into one.
      const focused = target.document.activeElement;
      if (!settings.prefixes.includes(e.key) || (focused instanceof HTMLInputElement && focused.type === "password")) return;
      burst = e.key;
      field = focused;
    } else if (settings.suffixes.includes(e.key)) {
      swallow(e);
      if (burst.length >= settings.shortest) { tail = true; return finish(); }
      // Not a scan: the field gets its characters, and the key keeps its meaning on the next press.
      return finish();
    } else if (e.key.length === 1) {
      burst += e.key;
    } else {
      // Shift and other dead keys come between the characters of a scan; they say nothing.
      return;
    }
    last = now;
    swallow(e);
    clearTimeout(timer);
    timer = setTimeout(finish, settings.silence);
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

function typeInto(field: Element, text: string) {
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
  const start = field.selectionStart ?? field.value.length;
  const end = field.selectionEnd ?? start;
  const setter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set;
  // Through the prototype's setter, so that React sees the change.
  setter?.call(field, field.value.slice(0, start) + text + field.value.slice(end));
  field.setSelectionRange?.(start + text.length, start + text.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export interface Scan {
  /** What the scanner sent. */
  raw: string;
  /** What it says, in the order of the label; empty when it could not be read. */
  parts: ScanPart[];
  /** Why it could not be read, as the store puts it. */
  error: CommandFailed | null;
  /** When, RFC 3339, by this computer's clock. */
  at: string;
}

type Subscriber = (scan: Scan) => void;
interface ScannerHub {
  subscribe(listener: Subscriber): () => void;
  last: Scan | null;
  /** False while the screen is locked. */
  ready: boolean;
}

const ScannerContext = createContext<ScannerHub | null>(null);

/** `onUnclaimed` gets scans of screens that wait for none, for instance to open the unit or the patient. */
export function ScannerProvider({ children, onUnclaimed, settings = defaultScanner, paused }: { children: ReactNode; onUnclaimed?: Subscriber; settings?: ScannerSettings; paused?: boolean }) {
  const backend = useBackend();
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
        const scan: Scan = await backend
          .call("scan.read", { text: raw, typed: false })
          .then((read) => ({ raw, parts: read.parts, error: null, at }))
          .catch((cause: unknown) => ({ raw, parts: [], error: CommandFailed.from(cause), at }));
        setLast(scan);
        (subscribers.current.at(-1) ?? unclaimed.current)?.(scan);
      });
    }, settings);
  }, [backend, settings, paused]);

  const hub = useMemo<ScannerHub>(() => ({
    last,
    ready: !paused,
    subscribe(listener) {
      subscribers.current.push(listener);
      return () => { subscribers.current = subscribers.current.filter((s) => s !== listener); };
    },
  }), [last, paused]);
  return createElement(ScannerContext.Provider, { value: hub }, children);
}

/** Takes every scan while the screen is open; a dialog opened above it takes them from it. */
export function useScanner(onScan: Subscriber) {
  const hub = useContext(ScannerContext);
  const latest = useRef(onScan);
  latest.current = onScan;
  const subscribe = hub?.subscribe;
  useEffect(() => subscribe?.((scan) => latest.current(scan)), [subscribe]);
}

/** For the ground line: whether scans are taken, and the last one. */
export function useScannerState(): { ready: boolean; last: Scan | null } {
  const hub = useContext(ScannerContext);
  return { ready: hub?.ready ?? false, last: hub?.last ?? null };
}
