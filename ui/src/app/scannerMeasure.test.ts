import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keyEvent } from "../testing/scanning.testkit";
import type { Scanner } from "../wire";
import { defaultScanner, listenForScans, type ScannerSettings, settingsOf } from "./scanner";
import { deadKey, disagreement, isAwkwardPrefix, layoutName, layoutText, measure, type Measured, type Press, readLayout, testText, toSettings } from "./scannerMeasure";

/** What a keyboard of another country makes of a scanner that believes in the American one. */
const german = new Map([["=", "Dead"], ["<", ";"], [">", ":"], ["&", "/"], ["-", "ß"], ["/", "-"], ["Y", "Z"], ["Z", "Y"]]);
const french = new Map([["<", "."], ["%", "5"], [">", "/"], ["&", "7"], ["-", ")"], ["/", "!"], ["A", "Q"], ["M", "?"], ["Q", "A"], ["W", "Z"], ["Z", "W"], ["0", "à"], ["1", "&"], ["2", "é"], ["3", '"'], ["4", "'"], ["5", "("], ["6", "-"], ["7", "è"], ["8", "_"], ["9", "ç"]]);
const caps = new Map([..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].map((c) => [c, c.toLowerCase()]));
const boards = { american: new Map<string, string>(), german, french, caps };

/** A seeded source of chance: a failure can be had again. */
function chance(seed: number) {
  let s = seed >>> 0;
  const next = () => { s = (Math.imul(s, 1_664_525) + 1_013_904_223) >>> 0; return s / 2 ** 32; };
  return { next, whole: (from: number, to: number) => from + Math.floor(next() * (to - from + 1)), of: <T,>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T };
}

const keysOf = (text: string, board: ReadonlyMap<string, string>) => [...text].map((c) => board.get(c) ?? c);
function presses(keys: string[], pause: () => number): Press[] {
  let at = 1000;
  return keys.map((key) => { const p = { key, at }; at += pause(); return p; });
}
function read(text: string, board: ReadonlyMap<string, string> = boards.american, pause = () => 4, end: string[] = ["Enter"]): Measured {
  const m = measure(presses([...keysOf(text, board), ...end], pause));
  if (typeof m === "string") throw new Error(m);
  return m;
}
function stored(readings: Measured[]): ScannerSettings {
  const set = toSettings(readings);
  const kept: Scanner = { ...set, silenceMs: Math.max(150, set.gapMs + 30), measuredAt: "2026-11-20T11:00:00Z" };
  return settingsOf(kept);
}

describe("three scans of the test label", () => {
  it("tell the prefix, the suffix key and the slowest pause", () => {
    const m = read(`]C0${testText}`, undefined, () => 11, ["Tab"]);
    expect(m).toMatchObject({ prefix: "]C0", suffix: "Tab", gap: 11 });
    expect(m.layout.size).toBe(0);
    expect(read(`${testText}##`, undefined, undefined, [])).toMatchObject({ prefix: "", suffix: "##" });
  });

  it("name the keyboard", () => {
    expect(layoutName(read(testText).layout)).toBe("same");
    expect(layoutName(read(testText, german).layout)).toBe("qwertz");
    expect(layoutName(read(testText, french).layout)).toBe("azerty");
    expect(layoutName(read(testText, caps).layout)).toBe("caps");
    expect(read(testText, german).layout.get(deadKey)).toBe("=");
  });

  it("refuse what is too short, what is another code, and a keyboard that makes one sign of two", () => {
    expect(measure(presses([..."=A9998", "Enter"], () => 4))).toBe("too_short");
    expect(measure([])).toBe("too_short");
    expect(measure(presses([..."=A99982600045500&>0263402359", "Enter"], () => 4))).toBe("not_the_label");
    expect(measure(presses(keysOf(testText, new Map([["<", "="]])), () => 4))).toBe("layout_ambiguous");
  });

  it("must agree", () => {
    expect(disagreement([read(testText), read(testText)])).toBeNull();
    expect(disagreement([read(testText), read(`]${testText}`)])).toBe("prefix");
    expect(disagreement([read(testText), read(testText, undefined, undefined, ["Tab"])])).toBe("suffix");
    expect(disagreement([read(testText), read(testText, caps)])).toBe("layout");
  });

  it("keep the layout within what the store takes, and read it back whole", () => {
    for (const board of Object.values(boards)) {
      const { layout } = read(testText, board);
      const text = layoutText(layout);
      expect([...text].length).toBeLessThanOrEqual(64);
      for (const [got, want] of layout) expect(readLayout(text).get(got)).toBe(want);
    }
    for (const broken of ["x", "aa", "abac"]) expect(readLayout(broken).size).toBe(0);
  });

  it("know that a letter or digit in front would hold up everybody who types", () => {
    expect(["b", "7", " ", "É"].every(isAwkwardPrefix)).toBe(true);
    expect(["", "]C0", "~"].some(isAwkwardPrefix)).toBe(false);
  });
});

describe("the recogniser with measured settings", () => {
  const scans: string[] = [];
  let stop = () => {};
  const listen = (settings: ScannerSettings) => { stop(); scans.length = 0; stop = listenForScans(window, (raw) => scans.push(raw), settings); };
  beforeEach(() => { vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] }); document.body.innerHTML = ""; });
  afterEach(() => { stop(); stop = () => {}; vi.useRealTimers(); });

  function send(keys: string[], pause: () => number): KeyboardEvent[] {
    return keys.map((key) => {
      const event = keyEvent("keydown", key);
      (document.activeElement ?? document.body).dispatchEvent(event);
      vi.advanceTimersByTime(pause());
      return event;
    });
  }
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const code = (c: ReturnType<typeof chance>) => c.of(["=", "&", "=<", "&>", "=%"]) + Array.from({ length: c.whole(3, 26) }, () => c.of([...alphabet])).join("");

  it("reads every code at any pause up to the measured one, with any affix, whatever the keyboard: 300 scanners", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const c = chance(seed);
      const board = c.of(Object.values(boards).filter((b) => b !== french));
      const before = c.of(["", "", "]", "]C0", "~"]);
      const end = c.of([["Enter"], ["Tab"], ["Escape"], []]);
      const slow = c.whole(1, 300);
      listen(stored([1, 2, 3].map(() => read(before + testText, board, () => c.whole(1, slow), end))));
      const text = code(c);
      send([...keysOf(before + text, board), ...end], () => c.whole(1, Math.max(1, Math.floor(slow / 2))));
      vi.advanceTimersByTime(600);
      expect(scans, `seed ${seed}`).toEqual([text]);
    }
  });

  it("takes two codes in a row for two, and swallows both from the field that has the focus: 100 pairs", () => {
    const field = document.body.appendChild(document.createElement("input"));
    field.focus();
    listen(defaultScanner);
    for (let seed = 1; seed <= 100; seed++) {
      const c = chance(seed);
      const [one, two] = [code(c), code(c)];
      scans.length = 0;
      const events = [...send([...one, "Enter"], () => c.whole(1, 40)), ...send([...two, "Enter"], () => c.whole(1, 40))];
      expect(scans, `seed ${seed}`).toEqual([one, two]);
      expect(events.every((e) => e.defaultPrevented)).toBe(true);
      expect(field.value).toBe("");
    }
  });

  it("never takes a hand for a scanner: whoever types slower than the gap keeps every character: 100 typists", () => {
    const field = document.body.appendChild(document.createElement("input"));
    field.focus();
    listen(stored([1, 2, 3].map(() => read(testText, undefined, () => 8))));
    for (let seed = 1; seed <= 100; seed++) {
      const c = chance(seed);
      field.value = "";
      const text = Array.from({ length: c.whole(1, 12) }, () => c.of([..."=&abcXYZ 0123"]));
      for (const key of text) {
        const [event] = send([key], () => c.whole(160, 400));
        // What nobody swallowed the browser would have put into the field.
        if (!event?.defaultPrevented) field.value += key;
      }
      vi.advanceTimersByTime(600);
      expect(scans, `seed ${seed}`).toEqual([]);
      expect(field.value, `seed ${seed}`).toBe(text.join(""));
    }
  });
});
