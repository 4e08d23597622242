import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as g from "./geometry";
import { checkFrame, filmOf, FrameMismatch } from "./Viewport";
import { dragged, grey, greyTable, storedRange, type VoiFunction } from "./window";

interface Vector { function: VoiFunction; center: number; width: number; slope: number; intercept: number; photometric: "mono1" | "mono2"; stored: number[]; grey: number[] }
const goldenPath = join(__dirname, "../../../../../crates/imaging/src/window_golden.json");

describe("window and level", () => {
  it.runIf(existsSync(goldenPath))("gives the greys of the shared vectors, to the last one", () => {
    const { vectors } = JSON.parse(readFileSync(goldenPath, "utf8")) as { vectors: Vector[] };
    expect(vectors.length).toBeGreaterThanOrEqual(10);
    for (const v of vectors) {
      const table = greyTable(v, v, { signed: true, turned: v.photometric === "mono1", voi: v.function });
      expect(v.stored.map((s) => table[s & 0xffff]), JSON.stringify(v)).toEqual(v.grey);
    }
  });

  it("reads unsigned values above 32,767 as themselves", () => {
    const table = greyTable({ center: 50_000, width: 1 }, { slope: 1, intercept: 0 }, { signed: false, turned: false });
    expect([table[49_999], table[50_001]]).toEqual([0, 255]);
  });

  it("hands an engine without a slope the same window in stored values", () => {
    const window = { center: 40, width: 400 };
    for (const modality of [{ slope: 2, intercept: -1024 }, { slope: -0.5, intercept: 30 }]) {
      const { lower, upper, turned } = storedRange(window, modality);
      expect(upper).toBeGreaterThan(lower);
      for (const t of [0.1, 0.5, 0.9]) {
        const light = (turned ? 1 - t : t) * 255;
        expect(Math.abs(grey((lower + t * (upper - lower)) * modality.slope + modality.intercept, window) - light)).toBeLessThanOrEqual(0.51);
      }
    }
  });

  it("is never dragged to a width of nothing", () => {
    expect(dragged({ center: 10, width: 20 }, -100_000, 0).width).toBe(1);
  });
});

describe("where the picture lies", () => {
  const film = { cols: 400, rows: 200, aspect: 1.5 };
  const view = { width: 800, height: 600 };
  const near = (a: g.Point, b: g.Point) => expect([a.x, a.y].map((n) => Math.round(n * 1e6) / 1e6)).toEqual([b.x, b.y]);

  it("fits the whole picture, its pixels as tall as the spacing says", () => {
    const m = g.matrixOf(g.start, film, view);
    near(g.toScreen(m, { x: 0, y: 0 }), { x: 0, y: 0 });
    near(g.toScreen(m, { x: 400, y: 200 }), { x: 800, y: 600 });
  });

  it("brings every point back, however the picture is turned", () => {
    const moves = [g.flipH, g.flipV, g.rotateRight, g.rotateLeft];
    let p: g.Placement = { ...g.start, pan: { x: 31, y: -7 } };
    for (let i = 0; i < 64; i++) {
      p = (moves[(i * 7 + (i >> 2)) % 4] ?? g.flipH)(p);
      const m = g.matrixOf(g.zoomed(p, film, view, 1.7, { x: 10, y: 20 }), film, view);
      const back = g.toImage(m, g.toScreen(m, { x: 123, y: 45 }));
      expect(back.x).toBeCloseTo(123, 6);
      expect(back.y).toBeCloseTo(45, 6);
    }
  });

  it("keeps the point under the pointer where it is when zooming", () => {
    const at = { x: 120, y: 433 };
    const before = g.toImage(g.matrixOf(g.start, film, view), at);
    const after = g.toImage(g.matrixOf(g.zoomed(g.start, film, view, 2.3, at), film, view), at);
    expect(after.x).toBeCloseTo(before.x, 6);
    expect(after.y).toBeCloseTo(before.y, 6);
  });

  it("turns the letters with the picture", () => {
    const letters: [string, string, string, string] = ["R", "L", "H", "F"];
    expect(g.lettersOnScreen(letters, g.start)).toEqual({ left: "R", right: "L", top: "H", bottom: "F" });
    expect(g.lettersOnScreen(letters, g.flipH(g.start))).toEqual({ left: "L", right: "R", top: "H", bottom: "F" });
    expect(g.lettersOnScreen(letters, g.rotateRight(g.start))).toEqual({ left: "F", right: "H", top: "R", bottom: "L" });
    expect(g.lettersOnScreen(letters, g.rotateRight(g.flipV(g.start)))).toEqual({ left: "H", right: "F", top: "R", bottom: "L" });
  });

  it("names what was done, and nothing after it was undone", () => {
    expect(g.turned(g.start)).toEqual({ mirrored: "none", degrees: 0 });
    expect(g.turned(g.flipH(g.start))).toEqual({ mirrored: "sides", degrees: 0 });
    expect(g.turned(g.flipV(g.start))).toEqual({ mirrored: "top_bottom", degrees: 0 });
    expect(g.turned(g.flipV(g.flipH(g.start)))).toEqual({ mirrored: "none", degrees: 180 });
    expect(g.turned(g.rotateRight(g.start))).toEqual({ mirrored: "none", degrees: 90 });
    expect(g.turned(g.rotateLeft(g.rotateRight(g.flipH(g.flipH(g.start)))))).toEqual({ mirrored: "none", degrees: 0 });
  });

  it("measures in millimetres only with a spacing of the file, rows and columns each with their own", () => {
    expect(g.lengthOf({ x: 0, y: 0 }, { x: 3, y: 4 }, null)).toEqual({ value: 5, unit: "px" });
    expect(g.lengthOf({ x: 0, y: 0 }, { x: 3, y: 4 }, [0.5, 2]).value).toBeCloseTo(Math.hypot(6, 2), 9);
    expect(filmOf({ rows: 1, cols: 1, spacingMm: [0, 1] }).aspect).toBe(1);
  });
});

describe("a frame", () => {
  it("whose bytes do not fit its description is refused", () => {
    const image = { rows: 2, cols: 3, samples: 1, signed: false, bitsStored: 12, inverted: false, slope: 1, intercept: 0, spacingMm: null };
    expect(() => checkFrame({ key: "a", image, bytes: new ArrayBuffer(12) })).not.toThrow();
    expect(() => checkFrame({ key: "a", image, bytes: new ArrayBuffer(11) })).toThrow(FrameMismatch);
    expect(() => checkFrame({ key: "a", image: { ...image, samples: 3 }, bytes: new ArrayBuffer(18) })).not.toThrow();
  });
});
