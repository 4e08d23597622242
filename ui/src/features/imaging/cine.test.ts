import { describe, expect, it } from "vitest";
import { ownSpeed, speedsOf, speedText, waitOf } from "./cine";

const even = { play: { fps: 30, waitsMs: [] } };
const uneven = { play: { fps: 10, waitsMs: [50, 150] } };

describe("the speed of a cine", () => {
  it("is the file's own where the file names one, and stands among the others", () => {
    expect(ownSpeed(even)).toBe(30);
    expect(ownSpeed({})).toBeNull();
    expect(speedsOf({ play: { fps: 7.5, waitsMs: [] } })).toEqual([1, 2, 4, 6, 7.5, 8, 10, 12, 15, 20, 25, 30]);
    expect(speedsOf(even)).toHaveLength(11);
    expect([speedText(15), speedText(7.5)]).toEqual(["15", "7.5"]);
  });
  it("keeps the file's times between frames, faster or slower as chosen", () => {
    expect([0, 1, 2].map((f) => waitOf(uneven, f, 10))).toEqual([50, 150, 100]);
    expect(waitOf(uneven, 1, 20)).toBe(75);
    expect(waitOf(even, 0, 15)).toBeCloseTo(66.7, 1);
    expect(waitOf({}, 0, 10)).toBe(100);
  });
});
