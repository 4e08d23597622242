import { describe, expect, it } from "vitest";
import { angleOf, beginsStroke, ellipseArea, ellipseValues, ratioOf, withPoint } from "./measure";

const at = (x: number, y: number) => ({ x, y });
const grey = (rows: number, cols: number, over: object = {}) => ({ rows, cols, samples: 1, signed: false, slope: 1, intercept: 0, ...over });
const frame = (values: number[], signed = false) => (signed ? new Int16Array(values) : new Uint16Array(values)).buffer as ArrayBuffer;

describe("an angle", () => {
  it("is right at the corner of a square, straight on a line, nothing on itself", () => {
    expect(angleOf([at(10, 0), at(0, 0), at(0, 7)], null)).toBe(90);
    expect(angleOf([at(-3, 0), at(0, 0), at(5, 0)], null)).toBe(180);
    expect(angleOf([at(2, 2), at(0, 0), at(5, 5)], null)).toBe(0);
    expect(angleOf([at(1, 0), at(0, 0), at(1, 1)], null)).toBeCloseTo(45, 12);
    expect(angleOf([at(1, 0), at(0, 0), at(1, Math.sqrt(3))], null)).toBeCloseTo(60, 12);
  });
  it("is measured in millimetres: pixels twice as tall as wide turn 45 into 63.4 degrees", () => {
    expect(angleOf([at(1, 0), at(0, 0), at(1, 1)], [2, 1])).toBeCloseTo((Math.atan(2) * 180) / Math.PI, 12);
  });
  it("does not depend on the order of its arms, nor on where it lies", () => {
    const [a, c, b] = [at(31, 7), at(12, 5), at(18, 44)];
    expect(angleOf([a, c, b], [0.3, 0.2])).toBe(angleOf([b, c, a], [0.3, 0.2]));
  });
  it("has no value while an arm has no length or is missing", () => {
    expect(angleOf([at(1, 1), at(1, 1), at(4, 4)], null)).toBeNull();
    expect(angleOf([at(1, 1), at(2, 1)], null)).toBeNull();
  });
});

describe("an ellipse", () => {
  it("has the area of its two half axes, in mm² only with a spacing", () => {
    expect(ellipseArea([at(0, 0), at(10, 4)], null)).toEqual({ value: Math.PI * 5 * 2, unit: "px" });
    expect(ellipseArea([at(10, 4), at(0, 0)], [0.5, 0.25])).toEqual({ value: Math.PI * 5 * 2 * 0.125, unit: "mm" });
  });
  it("counts the pixels whose middle lies inside: the twelve of a circle in a square of four", () => {
    // Corners of a 4 x 4 square lie 2.12 pixels from the middle and are out; the rest lies within 1.58.
    const values = [90, 1, 2, 90, 3, 4, 5, 6, 7, 8, 9, 10, 90, 11, 12, 90];
    expect(ellipseValues([at(0, 0), at(4, 4)], grey(4, 4), frame(values))).toEqual({ pixels: 12, mean: 6.5, sd: Math.sqrt(143 / 12), min: 1, max: 12 });
  });
  it("gives the modality's values, signed and scaled", () => {
    const values = Array.from({ length: 9 }, () => -1000);
    expect(ellipseValues([at(0, 0), at(3, 3)], grey(3, 3, { signed: true, slope: 2, intercept: 100 }), frame(values, true))).toMatchObject({ mean: -1900, sd: 0, min: -1900, max: -1900 });
  });
  it("reads values above 32,767 as themselves when they are not signed", () => {
    expect(ellipseValues([at(0, 0), at(1, 1)], grey(1, 1), frame([60_000]))).toEqual({ pixels: 1, mean: 60_000, sd: 0, min: 60_000, max: 60_000 });
  });
  it("keeps its digits where values are large and alike", () => {
    const values = Array.from({ length: 16 }, (_, i) => 60_000 + (i % 2));
    const found = ellipseValues([at(-4, -4), at(8, 8)], grey(4, 4), frame(values));
    expect(found?.pixels).toBe(16);
    expect(found?.sd).toBe(0.5);
  });
  it("takes only what lies in the picture, and says nothing when nothing does", () => {
    const values = [1, 2, 3, 4];
    expect(ellipseValues([at(-2, -2), at(1.2, 1.2)], grey(2, 2), frame(values))?.pixels).toBe(1);
    expect(ellipseValues([at(5, 5), at(9, 9)], grey(2, 2), frame(values))).toBeNull();
    expect(ellipseValues([at(0.6, 0.6), at(0.7, 0.7)], grey(2, 2), frame(values))).toBeNull();
    expect(ellipseValues([at(0, 0), at(0, 2)], grey(2, 2), frame(values))).toBeNull();
  });
  it("refuses colour and a frame that is too short", () => {
    expect(ellipseValues([at(0, 0), at(2, 2)], grey(2, 2, { samples: 3 }), new ArrayBuffer(12))).toBeNull();
    expect(ellipseValues([at(0, 0), at(2, 2)], grey(2, 2), new ArrayBuffer(6))).toBeNull();
  });
});

describe("the cardiothoracic ratio", () => {
  it("is heart by chest, with each in millimetres when calibrated", () => {
    expect(ratioOf([at(10, 50), at(23, 50), at(0, 60), at(26, 60)], [10, 10])).toEqual({ value: 0.5, heart: { value: 130, unit: "mm" }, thorax: { value: 260, unit: "mm" } });
  });
  it("is the same number in pixels, and says that they are pixels", () => {
    expect(ratioOf([at(0, 0), at(3, 4), at(0, 0), at(0, 20)], null)).toEqual({ value: 0.25, heart: { value: 5, unit: "px" }, thorax: { value: 20, unit: "px" } });
  });
  it("has no value when the heart is wider than the chest, and none before four points", () => {
    expect(ratioOf([at(0, 0), at(9, 0), at(0, 5), at(8, 5)], null)?.value).toBeNull();
    expect(ratioOf([at(0, 0), at(9, 0), at(0, 5)], null)).toBeNull();
  });
});

describe("points", () => {
  it("that lie on the last one of their stroke are not taken twice", () => {
    expect(withPoint("length", [at(1, 1)], at(1.2, 1.2))).toHaveLength(1);
    expect(withPoint("length", [at(1, 1)], at(2, 1))).toHaveLength(2);
    // The chest line may begin where the heart line ended.
    expect(withPoint("ratio", [at(0, 0), at(5, 0)], at(5, 0))).toHaveLength(3);
  });
  it("begin a stroke at the first, and at the third of a ratio", () => {
    expect([0, 1, 2, 3].map((n) => beginsStroke("ratio", n))).toEqual([true, false, true, false]);
    expect([0, 1, 2].map((n) => beginsStroke("angle", n))).toEqual([true, false, false]);
  });
});
