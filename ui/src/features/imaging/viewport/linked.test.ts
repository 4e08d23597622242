import { describe, expect, it } from "vitest";
import { matrixOf, rotateRight, start, toImage } from "./geometry";
import { commonScales, followedPlacement, followedWindow, type Pane, sameScale } from "./linked";

const pane = (cols: number, rows: number, mm: number | null, width = 300, height = 400): Pane => ({ film: { cols, rows, aspect: 1 }, size: { width, height }, spacing: mm === null ? null : [mm, mm] });

describe("linked panes", () => {
  it("begin at one scale when all are calibrated: a millimetre is as long in each, and each fits", () => {
    // 300 columns of 1 mm fit at 1 point per mm; 1200 of 0.2 mm would fit at 1.25.
    const panes = [pane(300, 300, 1), pane(1200, 1200, 0.2)].map((p) => ({ ...p, turn: start.turn }));
    expect(commonScales(panes)).toEqual([1, 0.2]);
  });
  it("have no common scale with one that is uncalibrated, or alone", () => {
    const turn = start.turn;
    expect(commonScales([{ ...pane(300, 300, 1), turn }, { ...pane(300, 300, null), turn }])).toBeNull();
    expect(commonScales([{ ...pane(300, 300, 1), turn }])).toBeNull();
  });
  it("zoom to the same millimetres, and pan by the same way on the screen", () => {
    const [a, b] = [pane(300, 300, 1), pane(1200, 1200, 0.2)];
    const lead = { ...start, scale: 3, pan: { x: 12, y: -7 } };
    const follower = followedPlacement(lead, a, start, b);
    expect(follower.scale).toBeCloseTo(0.6, 12);
    expect(follower.pan).toEqual({ x: 12, y: -7 });
    expect(sameScale(lead, a, follower, b)).toBe(true);
    // The same distance from the middle, in millimetres, lies under the same point of both.
    const [pa, pb] = [matrixOf(lead, a.film, a.size), matrixOf(follower, b.film, b.size)].map((m) => toImage(m, { x: 40, y: 300 }));
    expect(((pa?.x ?? 0) - 150) * 1).toBeCloseTo(((pb?.x ?? 0) - 600) * 0.2, 9);
  });
  it("zoom as far from fitting where a spacing is missing, and never claim one scale", () => {
    const [a, b] = [pane(300, 300, null), pane(600, 600, 0.2)];
    const follower = followedPlacement({ ...start, scale: 2 }, a, start, b);
    expect(follower.scale).toBe(1);
    expect(sameScale({ ...start, scale: 2 }, a, follower, b)).toBe(false);
  });
  it("fit together, and are turned each for itself", () => {
    const turned = rotateRight(start);
    expect(followedPlacement({ ...start, scale: null, pan: { x: 0, y: 0 } }, pane(3, 3, 1), { ...turned, scale: 4 }, pane(3, 3, 1))).toEqual({ scale: null, pan: { x: 0, y: 0 }, turn: turned.turn });
  });
});

describe("linked windows", () => {
  it("are the same Hounsfield numbers in CT", () => {
    const light = { first: { center: 40, width: 400 }, absolute: true };
    expect(followedWindow({ center: -600, width: 1500 }, light, { first: { center: 90, width: 150 }, absolute: true })).toEqual({ center: -600, width: 1500 });
  });
  it("change in proportion elsewhere: 12-bit greys do not become those of 8 bits", () => {
    const from = { first: { center: 2048, width: 4096 }, absolute: false };
    const to = { first: { center: 128, width: 256 }, absolute: false };
    expect(followedWindow({ center: 1024, width: 2048 }, from, to)).toEqual({ center: 64, width: 128 });
    expect(followedWindow(from.first, from, to)).toEqual(to.first);
    expect(followedWindow({ center: 0, width: 1 }, from, to).width).toBe(1);
  });
});
