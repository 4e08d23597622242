import { describe, expect, it } from "vitest";
import { acted } from "../films";
import { image } from "../testkit";
import { apart, byPosition, nearest } from "./slices";

type V = [number, number, number];
const axial: V = [0, 0, 1];
const stack = (series: string, heights: number[], over: { frameOfReference?: string; normal?: V } = {}) =>
  ({ frameOfReference: over.frameOfReference ?? "1.2", series, places: heights.map((z) => ({ at: [0, 0, z] as V, normal: over.normal ?? axial })) });
const volume = (series: string, heights: number[], over?: Parameters<typeof stack>[2]) => image({ id: series, frames: heights.length, slices: stack(series, heights, over) });

describe("scrolling by position", () => {
  const thick = volume("thick", [0, 5, 10, 15]);
  const thin = volume("thin", [20, 19, 18, 11, 10, 9, 0]);

  it("needs one frame of reference, parallel planes and two series", () => {
    expect(byPosition(thick, thin)).toBe(true);
    expect(byPosition(thick, thick)).toBe(false);
    expect(byPosition(thick, volume("other", [0], { frameOfReference: "9.9" }))).toBe(false);
    expect(byPosition(thick, volume("coronal", [0], { normal: [0, 1, 0] }))).toBe(false);
    expect(byPosition(thick, volume("below", [0], { normal: [0, 0, -1] }))).toBe(true);
    expect(byPosition(thick, image({ id: "x" }))).toBe(false);
  });
  it("finds the nearest slice in a volume, and the nearest picture in a series of single ones", () => {
    const place = thick.slices?.places[2];
    if (!place) throw new Error("made above");
    expect(nearest(place, thin, { images: [thin] })).toMatchObject({ image: "thin", frame: 4 });
    const single = [14, 9.5, 5].map((z, i) => image({ id: `s${i}`, slices: stack("single", [z]) }));
    const foreign = image({ id: "f", slices: stack("foreign", [10]) });
    expect(nearest(place, single[0] ?? foreign, { images: [...single, foreign] })).toMatchObject({ image: "s1", frame: 0 });
    expect(apart(place, { at: [40, 40, 9.5], normal: axial })).toBeCloseTo(0.5);
  });
  it("does not count along as well", () => {
    const view = (i: typeof thick) => ({ image: i, size: { width: 100, height: 100 } });
    expect(acted([], [view(thick), view(thin)], 0, () => ({ frame: 2 }), true)[1]).toBeUndefined();
    expect(acted([], [view(thick), view(image({ id: "n", frames: 9 }))], 0, () => ({ frame: 2 }), true)[1]?.state.frame).toBe(2);
  });
});
