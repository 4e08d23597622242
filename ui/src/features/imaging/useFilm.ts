import { useCallback, useMemo, useReducer } from "react";
import type { ImageView } from "../../wire";
import * as g from "./viewport/geometry";
import { filmOf, type Look } from "./viewport/Viewport";
import { ctPresets, type WindowLevel } from "./viewport/window";

export type Tool = "level" | "pan" | "zoom" | "length";

export interface Measure { from: g.Point; to: g.Point }

export interface FilmState extends Look {
  frame: number;
  placement: g.Placement;
  tool: Tool;
  measures: Measure[];
  /** Being drawn. */
  draft: Measure | null;
  /** Where the keys have put the measuring cross, in image pixels. */
  cross: g.Point | null;
}

export interface Preset extends WindowLevel {
  /** Key of the catalogue for CT, the file's own words, or null. */
  name: string | null;
  ct: boolean;
}

/** CT has five agreed windows; every other picture starts from its own header. */
export function presetsOf(image: ImageView): Preset[] {
  if (image.samples === 3) return [];
  if (image.modality === "CT") return ctPresets.map((p) => ({ ...p, ct: true }));
  return image.windows.filter(usable).slice(0, 5).map((w) => ({ center: w.center, width: w.width, name: w.name, ct: false }));
}

const usable = (w: WindowLevel) => Number.isFinite(w.center) && Number.isFinite(w.width) && w.width >= 1;

/** The header's first usable window; without one, everything the file can hold. */
export function firstWindow(image: ImageView): WindowLevel {
  const own = image.windows.find(usable);
  if (own) return { center: own.center, width: own.width };
  const range = 2 ** Math.min(16, Math.max(1, image.bitsStored));
  const middle = image.signed ? 0 : range / 2;
  return { center: middle * image.slope + image.intercept, width: Math.max(1, range * Math.abs(image.slope)) };
}

export function freshFilm(image: ImageView): FilmState {
  return { frame: 0, placement: g.start, window: firstWindow(image), inverted: false, tool: "level", measures: [], draft: null, cross: null };
}

type Change = Partial<FilmState> | ((s: FilmState) => Partial<FilmState>);

/** How one picture is looked at. A new picture starts fresh: what was flipped before must not surprise. */
export function useFilm(image: ImageView) {
  const [all, change] = useReducer((old: { id: string; state: FilmState }, act: Change) => {
    const state = old.id === image.id ? old.state : { ...freshFilm(image), tool: old.state.tool };
    return { id: image.id, state: { ...state, ...(typeof act === "function" ? act(state) : act) } };
  }, image, (i) => ({ id: i.id, state: freshFilm(i) }));
  const state = useMemo(() => (all.id === image.id ? all.state : { ...freshFilm(image), tool: all.state.tool }), [all, image]);
  const film = useMemo(() => filmOf(image), [image]);
  const reset = useCallback(() => change({ ...freshFilm(image), frame: state.frame, measures: state.measures }), [image, state.frame, state.measures]);
  const place = useCallback((next: (p: g.Placement) => g.Placement) => change((s) => ({ placement: next(s.placement) })), []);
  return { state, change, place, reset, film };
}

/** One step of the keys and of the menu: an eighth of the present width. */
export function stepped(window: WindowLevel, what: "brighter" | "darker" | "wider" | "narrower"): WindowLevel {
  const step = Math.max(window.width / 8, 1);
  switch (what) {
    case "brighter": return { ...window, center: window.center - step };
    case "darker": return { ...window, center: window.center + step };
    case "wider": return { ...window, width: window.width + step };
    case "narrower": return { ...window, width: Math.max(1, window.width - step) };
  }
}

/** Moves the measuring cross, which begins in the middle of the picture and never leaves it. */
export function crossMoved(s: FilmState, image: Pick<ImageView, "cols" | "rows">, by: g.Point): Partial<FilmState> {
  const from = s.cross ?? { x: image.cols / 2, y: image.rows / 2 };
  const cross = { x: Math.min(image.cols, Math.max(0, from.x + by.x)), y: Math.min(image.rows, Math.max(0, from.y + by.y)) };
  return { cross, draft: s.draft && { ...s.draft, to: cross } };
}

/** The first press begins a length at the cross, the second ends it there. */
export function crossPressed(s: FilmState, image: Pick<ImageView, "cols" | "rows">): Partial<FilmState> {
  const cross = s.cross ?? { x: image.cols / 2, y: image.rows / 2 };
  return s.draft ? { cross, measures: [...s.measures, { from: s.draft.from, to: cross }], draft: null } : { cross, draft: { from: cross, to: cross } };
}
