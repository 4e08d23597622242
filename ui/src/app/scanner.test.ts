import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { defaultScanner, listenForScans } from "./scanner";
import { keyEvent } from "../testing/scanning.testkit";

const scans: string[] = [];
let stop: () => void;

function key(k: string, target: EventTarget = document.body, at = performance.now()): KeyboardEvent {
  const event = keyEvent("keydown", k, at);
  target.dispatchEvent(event);
  return event;
}

/** Sends the characters with the same pause between them, as a scanner does. */
function burst(text: string, gap = 5, target?: EventTarget) {
  for (const c of text) {
    key(c, target);
    vi.advanceTimersByTime(gap);
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  scans.length = 0;
  document.body.innerHTML = "";
  stop = listenForScans(window, (raw) => scans.push(raw));
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

describe("a scan", () => {
  it("is one text that begins with a data identifier and ends with the suffix key", () => {
    burst("=A999826000411003");
    key("Enter");
    expect(scans).toEqual(["=A999826000411003"]);
  });

  it("ends with 150 ms of silence when the scanner sends no suffix", () => {
    burst("&>026340", 20);
    vi.advanceTimersByTime(129);
    expect(scans).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(scans).toEqual(["&>026340"]);
  });

  it("may be as slow as 120 ms between two characters", () => {
    burst("=A999826", 120);
    key("Tab");
    expect(scans).toEqual(["=A999826"]);
  });

  it("is swallowed before fields and shortcuts see it", () => {
    const field = document.body.appendChild(document.createElement("input"));
    field.focus();
    const shortcut = vi.fn();
    document.body.addEventListener("keydown", shortcut);
    const events = [..."=A9998"].map((c) => key(c, field));
    const suffix = key("Enter", field);
    expect([...events, suffix].every((e) => e.defaultPrevented)).toBe(true);
    expect(shortcut).not.toHaveBeenCalled();
    expect(scans).toEqual(["=A9998"]);
  });

  it("of our own slip is known by its mark, and leaves nothing in the field that had the focus", () => {
    const field = document.body.appendChild(document.createElement("input"));
    field.value = "Ruth ";
    field.focus();
    field.setSelectionRange(5, 5);
    for (const c of "HSC1AB12") {
      const event = key(c, field);
      if (!event.defaultPrevented) { field.value += c; field.setSelectionRange(field.value.length, field.value.length); }
      vi.advanceTimersByTime(5);
    }
    key("Enter", field);
    expect(scans).toEqual(["HSC1AB12"]);
    expect(field.value).toBe("Ruth ");
  });

  it("of a code of a box's slip is known by its own mark", () => {
    for (const c of "HSP10102ABCD") key(c);
    key("Enter");
    expect(scans).toEqual(["HSP10102ABCD"]);
  });

  it("is not begun by a person who types the letters of the mark", () => {
    for (const c of "HSC1") { expect(key(c).defaultPrevented).toBe(false); vi.advanceTimersByTime(200); }
    for (const c of "HSCA") { expect(key(c).defaultPrevented).toBe(false); vi.advanceTimersByTime(5); }
    key("Enter");
    expect(scans).toEqual([]);
  });

  it("does not let its suffix press the focused button on key up", () => {
    const pressed = vi.fn();
    document.body.addEventListener("keyup", pressed);
    burst("=A9998");
    key("Enter");
    document.body.dispatchEvent(new KeyboardEvent("keyup", { key: "Enter", bubbles: true, cancelable: true }));
    expect(pressed).not.toHaveBeenCalled();
  });

  it("ignores the Shift a scanner presses between characters", () => {
    for (const c of ["=", "Shift", "A", "9", "9", "9", "8"]) key(c);
    key("Enter");
    expect(scans).toEqual(["=A9998"]);
  });

  it("is followed at once by the next one", () => {
    burst("=A999826000411003");
    key("Enter");
    burst("=%6200");
    key("Enter");
    expect(scans).toEqual(["=A999826000411003", "=%6200"]);
  });
});

describe("a page that is busy for a moment", () => {
  it("gets the keys of a scan late, and reads it by when they were pressed", () => {
    vi.advanceTimersByTime(1000);
    const start = performance.now();
    for (const [i, c] of [..."=A99982600"].entries()) key(c, undefined, start + 5 * i - 100);
    // The page draws for half a second; what the scanner sent meanwhile comes afterwards.
    vi.spyOn(performance, "now").mockReturnValue(start + 500);
    for (const [i, c] of [..."0411003"].entries()) key(c, undefined, start + 5 * (i + 10) - 100);
    key("Enter", undefined, start);
    vi.restoreAllMocks();
    expect(scans).toEqual(["=A999826000411003"]);
  });

  it("does not take its own delay for the scanner's silence", () => {
    for (const c of "=A9998") key(c);
    const now = performance.now();
    // The timer of the silence is called first, 400 ms late.
    const clock = vi.spyOn(performance, "now").mockReturnValue(now + 550);
    vi.advanceTimersByTime(150);
    for (const c of "26000411003") key(c, undefined, now + 20);
    key("Enter", undefined, now + 30);
    clock.mockRestore();
    expect(scans).toEqual(["=A999826000411003"]);
  });

  it("closes a scan without a suffix all the same", () => {
    for (const c of "=A9998") key(c);
    const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now() + 550);
    vi.advanceTimersByTime(150);
    clock.mockRestore();
    expect(scans).toEqual([]);
    vi.advanceTimersByTime(40);
    expect(scans).toEqual(["=A9998"]);
  });
});

describe("typing", () => {
  it("without a data identifier is left alone", () => {
    expect(key("a").defaultPrevented).toBe(false);
    expect(key("Enter").defaultPrevented).toBe(false);
    vi.advanceTimersByTime(500);
    expect(scans).toEqual([]);
  });

  it("of a lone = on a choice or a tick is given to nobody: it would become its value", () => {
    for (const type of ["radio", "checkbox"]) {
      const choice = document.body.appendChild(document.createElement("input"));
      choice.type = type;
      choice.value = "compatible";
      choice.focus();
      key("=", choice);
      vi.advanceTimersByTime(200);
      // A slip's first letters pass as typed ones, and are taken back from fields only.
      for (const c of "HSC1AB") { key(c, choice); vi.advanceTimersByTime(5); }
      key("Enter", choice);
      expect(choice.value).toBe("compatible");
    }
    expect(scans).toEqual(["HSC1AB", "HSC1AB"]);
  });

  it("of a lone = in a field is given back to the field", () => {
    const field = document.body.appendChild(document.createElement("input"));
    field.value = "a";
    field.focus();
    key("=", field);
    vi.advanceTimersByTime(150);
    expect(field.value).toBe("a=");
    expect(scans).toEqual([]);
  });

  it("slower than the gap is not taken for a scan", () => {
    const field = document.body.appendChild(document.createElement("input"));
    field.focus();
    key("&", field);
    vi.advanceTimersByTime(200);
    const next = key("b", field);
    expect(next.defaultPrevented).toBe(false);
    expect(field.value).toBe("&");
    expect(scans).toEqual([]);
  });

  it("of a password is never held back", () => {
    const field = document.body.appendChild(document.createElement("input"));
    field.type = "password";
    field.focus();
    expect(key("=", field).defaultPrevented).toBe(false);
    expect(key("A", field).defaultPrevented).toBe(false);
  });

  it("with Control or Command is a shortcut", () => {
    const event = new KeyboardEvent("keydown", { key: "=", ctrlKey: true, bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(false);
  });
});

describe("settings", () => {
  it("of the site may add a prefix and change the suffix", () => {
    stop();
    stop = listenForScans(window, (raw) => scans.push(raw), { ...defaultScanner, prefixes: ["=", "&", "~"], suffixes: ["F12"], gap: 120, silence: 150, shortest: 4 });
    burst("~LD7K2M");
    key("F12");
    expect(scans).toEqual(["~LD7K2M"]);
  });
});
