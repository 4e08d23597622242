import { describe, expect, it } from "vitest";
import { acted, type Films, presetsOf, shownFilms, type View } from "./films";
import { image } from "./testkit";
import { flipH, zoomed } from "./viewport/geometry";

const size = { width: 400, height: 400 };
const view = (over: Parameters<typeof image>[0]): View => ({ image: image(over), size });
const none: Films = [];

describe("one act in linked panes", () => {
  const a = view({ id: "a", rows: 400, cols: 400, frames: 10 });
  const b = view({ id: "b", rows: 800, cols: 800, frames: 4 });

  it("scrolls the others by as much, and stops them at their ends", () => {
    const once = acted(none, [a, b], 0, () => ({ frame: 2 }), true);
    expect(shownFilms(once, [a, b], true).map((s) => s?.frame)).toEqual([2, 2]);
    const twice = acted(once, [a, b], 0, () => ({ frame: 8 }), true);
    expect(shownFilms(twice, [a, b], true).map((s) => s?.frame)).toEqual([8, 3]);
  });
  it("zooms and pans the others, and touches nothing when they are not linked", () => {
    const act = (s: { placement: Parameters<typeof zoomed>[0] }) => ({ placement: zoomed(s.placement, { cols: 400, rows: 400, aspect: 1 }, size, 2) });
    const linked = shownFilms(acted(none, [a, b], 0, act, true), [a, b], true);
    expect(linked.map((s) => s?.placement.scale)).toEqual([2, 1]);
    const free = shownFilms(acted(none, [a, b], 0, act, false), [a, b], false);
    expect(free.map((s) => s?.placement.scale)).toEqual([2, null]);
  });
  it("never turns another picture", () => {
    const films = acted(none, [a, b], 0, (s) => ({ placement: flipH(s.placement) }), true);
    expect(shownFilms(films, [a, b], true)[1]?.placement.turn.a).toBe(1);
  });
  it("leaves a picture alone that is colour, and one that hangs nowhere", () => {
    const colour = view({ id: "c", samples: 3 });
    const films = acted(none, [a, null, colour], 0, () => ({ window: { center: 1, width: 2 } }), true);
    expect(films[2]).toBeUndefined();
    expect(acted(none, [null], 0, () => ({ inverted: true }), true)).toEqual(none);
  });
  it("begins afresh with another picture in the same pane", () => {
    const films = acted(none, [a], 0, () => ({ inverted: true }), false);
    expect(shownFilms(films, [a], false)[0]?.inverted).toBe(true);
    expect(shownFilms(films, [b], false)[0]?.inverted).toBe(false);
  });
  it("shares one scale from the start where all are calibrated", () => {
    const [near, far] = [view({ id: "n", rows: 400, cols: 400, spacingMm: [1, 1] }), view({ id: "f", rows: 400, cols: 400, spacingMm: [0.5, 0.5] })];
    expect(shownFilms(none, [near, far], true).map((s) => s?.placement.scale)).toEqual([1, 0.5]);
    expect(shownFilms(none, [near, far], false).map((s) => s?.placement.scale)).toEqual([null, null]);
    // A window does not nail down what was only fitted.
    const films = acted(none, [near, far], 0, () => ({ window: { center: 5, width: 6 } }), true);
    expect(films[0]?.state.placement.scale).toBeNull();
  });
});

describe("presets", () => {
  it("are the agreed windows for CT and then those of the file, nine at most", () => {
    const ct = presetsOf(image({ modality: "CT", windows: [1, 2, 3].map((n) => ({ center: n, width: 10 * n, name: `w${n}` })) }));
    expect(ct.map((p) => p.name)).toEqual(["soft_tissue", "lung", "liver", "bone", "brain", "mediastinum", "abdomen", "w1", "w2"]);
  });
  it("are those of the header elsewhere, without the ones that mean nothing, and none for colour", () => {
    const windows = [{ center: 1, width: 0, name: "no width" }, { center: Number.NaN, width: 5, name: "no centre" }, { center: 7, width: 8, name: "good" }];
    expect(presetsOf(image({ windows })).map((p) => p.name)).toEqual(["good"]);
    expect(presetsOf(image({ samples: 3 }))).toEqual([]);
  });
});
