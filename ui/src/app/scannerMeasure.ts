import type { ScannerSet } from "../wire";

/** Stands for a key that prints nothing by itself: a layout that is not the scanner's makes "=" such a key. */
export const deadKey = "\u25cc";

/**
 * What the test label says: what ISBT 128 begins its codes with, and the characters that a keyboard of another
 * country puts elsewhere. No code of a label begins like this, so that it can never be taken for one.
 */
export const testText = "=<%>&-/AMQWYZ0123456789";

/** One key as it came; `at` in milliseconds. */
export interface Press { key: string; at: number }

export interface Measured {
  prefix: string;
  suffix: string;
  /** The longest pause inside the burst, ms. */
  gap: number;
  /** What came for what was meant, only where they differ. */
  layout: ReadonlyMap<string, string>;
}

export type MeasureRefusal = "too_short" | "not_the_label" | "layout_ambiguous";

const named = new Set(["Enter", "Tab", "Escape", "ArrowDown", "NumpadEnter"]);
const character = (key: string) => (key === "Dead" ? deadKey : [...key].length === 1 ? key : null);

/** Reads one burst of the test label: what stands before and after it, how slow it was, what the keyboard made of it. */
export function measure(presses: readonly Press[]): Measured | MeasureRefusal {
  const telling = presses.filter((p) => character(p.key) !== null || named.has(p.key));
  const tail = telling.at(-1);
  const key = tail && named.has(tail.key) ? tail.key : null;
  const typed = telling.filter((p) => character(p.key) !== null);
  const text = typed.map((p) => character(p.key) ?? "");
  const meant = [...testText];
  if (text.length < meant.length) return "too_short";

  // Where the label stands in what came: where most of its characters are themselves.
  let best = { from: -1, same: -1 };
  for (let from = 0; from + meant.length <= text.length; from++) {
    const same = meant.filter((c, i) => text[from + i]?.toUpperCase() === c).length;
    if (same > best.same) best = { from, same };
  }
  // Half of it at least. A French keyboard leaves fewer where they were; but no character stands twice on the label,
  // and hardly any other code of this length can say that of itself.
  if (best.same * 2 < meant.length) {
    const places = Array.from({ length: text.length - meant.length + 1 }, (_, from) => from).filter((from) => new Set(text.slice(from, from + meant.length)).size === meant.length);
    if (places.length !== 1 || places[0] === undefined) return "not_the_label";
    best.from = places[0];
  }
  const came = text.slice(best.from, best.from + meant.length);
  const layout = new Map<string, string>();
  for (const [i, got] of came.entries()) {
    const want = meant[i] ?? "";
    const known = layout.get(got) ?? (meant.includes(got) && came[meant.indexOf(got)] === got ? got : undefined);
    if (known !== undefined && known !== want) return "layout_ambiguous";
    if (got !== want) layout.set(got, want);
  }
  let gap = 0;
  for (let i = 1; i < telling.length; i++) gap = Math.max(gap, (telling[i]?.at ?? 0) - (telling[i - 1]?.at ?? 0));
  return {
    prefix: text.slice(0, best.from).join(""),
    suffix: key ?? text.slice(best.from + meant.length).join(""),
    gap: Math.ceil(gap),
    layout,
  };
}

export type Disagreement = "prefix" | "suffix" | "layout";

/** In what several readings of the same label differ; a scanner that is set up well differs in nothing. */
export function disagreement(readings: readonly Measured[]): Disagreement | null {
  const [first, ...rest] = readings;
  if (!first) return null;
  for (const r of rest) {
    if (r.prefix !== first.prefix) return "prefix";
    if (r.suffix !== first.suffix) return "suffix";
    if (layoutText(r.layout) !== layoutText(first.layout)) return "layout";
  }
  return null;
}

/** Half as much again as the slowest pause that was seen and never under 80 ms: a busy computer must not tear a scan in two. */
export function toSettings(readings: readonly Measured[]): ScannerSet {
  const first = readings[0];
  const slowest = Math.max(0, ...readings.map((r) => r.gap));
  return {
    prefix: first?.prefix ?? "",
    suffix: first?.suffix ?? "",
    gapMs: Math.min(500, Math.max(80, Math.ceil(slowest * 1.5) + 10)),
    layout: first ? layoutText(first.layout) : "",
  };
}

/** A prefix that begins with a letter or a digit would hold up everybody who types one. */
export const isAwkwardPrefix = (prefix: string) => /^[\p{L}\p{N} ]/u.test(prefix);

export type LayoutName = "same" | "qwertz" | "azerty" | "caps" | "other";

export function layoutName(layout: ReadonlyMap<string, string>): LayoutName {
  if (layout.size === 0) return "same";
  const letter = (got: string) => layout.get(got) ?? layout.get(got.toUpperCase());
  if (letter("Y") === "Z" || letter("y") === "Z") return "qwertz";
  if (letter("A") === "Q" || letter("a") === "Q") return "azerty";
  return [...layout].every(([got, want]) => got.toUpperCase() === want) ? "caps" : "other";
}

/** As the store keeps it: pairs of what comes and what is meant, nothing between them. */
export function layoutText(layout: ReadonlyMap<string, string>): string {
  return [...layout].sort(([a], [b]) => (a < b ? -1 : 1)).map(([got, want]) => got + want).join("");
}

/** Back again; a text that is no list of pairs changes nothing. */
export function readLayout(text: string): ReadonlyMap<string, string> {
  const all = [...text];
  const layout = new Map<string, string>();
  if (all.length % 2 !== 0) return layout;
  for (let i = 0; i < all.length; i += 2) {
    const [got, want] = [all[i] ?? "", all[i + 1] ?? ""];
    if (layout.has(got) || got === want) return new Map();
    layout.set(got, want);
  }
  // Shift is exchanged for all letters or for none; the label carries only some of them.
  if ([...layout.keys()].some((got) => /[a-z]/.test(got))) {
    for (const c of "abcdefghijklmnopqrstuvwxyz") if (!layout.has(c)) layout.set(c, c.toUpperCase());
  }
  return layout;
}
