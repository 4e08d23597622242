import { describe, expect, it } from "vitest";
import { code128, code128Bars, code128Widths } from "./Code128";

describe("a Code 128 symbol", () => {
  it("is drawn from a table in which every pattern is eleven modules, has an even sum of bars, and stands once", () => {
    expect(code128Widths).toHaveLength(107);
    expect(new Set(code128Widths).size).toBe(107);
    for (const [value, pattern] of code128Widths.entries()) {
      const w = [...pattern].map(Number);
      expect(w.reduce((a, b) => a + b, 0), pattern).toBe(value === 106 ? 13 : 11);
      if (value < 106) expect(w.filter((_, i) => i % 2 === 0).reduce((a, b) => a + b, 0) % 2, pattern).toBe(0);
      expect(w.every((x) => x >= 1 && x <= 4), pattern).toBe(true);
    }
  });

  it("carries the check of the standard's sum and ends with the stop", () => {
    // "PJJ123C": 48 42 42 17 18 19 35, weighted 1 to 7, with start B.
    expect(code128("PJJ123C")).toEqual([104, 48, 42, 42, 17, 18, 19, 35, (104 + 48 + 84 + 126 + 68 + 90 + 114 + 245) % 103, 106]);
    expect(code128Bars("A")?.length).toBe(3 * 6 + 7);
  });

  it("is refused for what set B cannot say", () => {
    for (const text of ["", "é", "a\tb", "\u007f"]) expect(code128(text)).toBeNull();
  });
});
