import { useCallback, useMemo, useRef, useState } from "react";
import type { ImageView } from "../../wire";
import * as g from "./viewport/geometry";
import { commonScales, followedPlacement, followedWindow, type Light, type Pane } from "./viewport/linked";
import { type Measure, type MeasureKind, pointsOf, withPoint } from "./viewport/measure";
import { byPosition } from "./viewport/slices";
import { filmOf, type Look } from "./viewport/Viewport";
import { ctPresets, type WindowLevel } from "./viewport/window";

export type Tool = "level" | "pan" | "zoom" | MeasureKind;
export const isMeasure = (tool: Tool): tool is MeasureKind => tool in pointsOf;

/** How one picture is looked at in one pane. */
export interface FilmState extends Look {
  frame: number;
  placement: g.Placement;
}

export interface Preset extends WindowLevel {
  /** Key of the catalogue for CT, the file's own words, or null. */
  name: string | null;
  ct: boolean;
}

const usable = (w: WindowLevel) => Number.isFinite(w.center) && Number.isFinite(w.width) && w.width >= 1;

/** The keys 1 to 9: CT has its agreed windows first; then, and for every other picture, those of its own header. */
export function presetsOf(image: ImageView): Preset[] {
  if (image.samples === 3) return [];
  const agreed: Preset[] = image.modality === "CT" ? ctPresets.map((p) => ({ ...p, ct: true })) : [];
  const own = image.windows.filter(usable).map((w) => ({ center: w.center, width: w.width, name: w.name, ct: false }));
  return [...agreed, ...own].slice(0, 9);
}

/** The header's first usable window; without one, everything the file can hold. */
export function firstWindow(image: ImageView): WindowLevel {
  const own = image.windows.find(usable);
  if (own) return { center: own.center, width: own.width };
  const range = 2 ** Math.min(16, Math.max(1, image.bitsStored));
  const middle = image.signed ? 0 : range / 2;
  return { center: middle * image.slope + image.intercept, width: Math.max(1, range * Math.abs(image.slope)) };
}

export function freshFilm(image: ImageView): FilmState {
  return { frame: 0, placement: g.start, window: firstWindow(image), inverted: false };
}

/** A pane as the films see it: its picture and its size in points. */
export interface View { image: ImageView; size: g.Size }

const paneOf = ({ image, size }: View): Pane => ({ film: filmOf(image), size, spacing: image.spacingMm });
// Hounsfield numbers are the same in every CT; no other modality of the wire promises that.
const lightOf = (image: ImageView): Light => ({ first: firstWindow(image), absolute: image.modality === "CT" });

/** By place of the pane; a picture that is new in its pane starts fresh: what was flipped before must not surprise. */
export type Films = ({ image: string; state: FilmState } | undefined)[];

const filmAt = (films: Films, at: number, image: ImageView): FilmState => {
  const kept = films[at];
  return kept?.image === image.id ? kept.state : freshFilm(image);
};

/** What is drawn: linked pictures that were not zoomed yet share one scale, where all are calibrated. */
export function shownFilms(films: Films, views: (View | null)[], linked: boolean): (FilmState | null)[] {
  const states = views.map((v, i) => v && filmAt(films, i, v.image));
  if (!linked) return states;
  const fitting = states.flatMap((s, i) => { const v = views[i]; return s && v && s.placement.scale === null && v.size.width > 0 ? [{ i, pane: { ...paneOf(v), turn: s.placement.turn } }] : []; });
  const scales = fitting.length === states.filter(Boolean).length ? commonScales(fitting.map((f) => f.pane)) : null;
  if (!scales) return states;
  const at = new Map(fitting.map((f, n) => [f.i, scales[n]]));
  return states.map((s, i) => { const scale = at.get(i); return s && scale !== undefined ? { ...s, placement: { ...s.placement, scale } } : s; });
}

export type Act = (s: FilmState) => Partial<FilmState>;

/** One act in one pane, and what follows from it in the linked ones: scrolling, zoom, pan, window. */
export function acted(films: Films, views: (View | null)[], at: number, act: Act, linked: boolean): Films {
  const lead = views[at];
  const shown = shownFilms(films, views, linked);
  const before = shown[at];
  if (!lead || !before) return films;
  const kept = filmAt(films, at, lead.image);
  const patch = act(before);
  // An act that moved nothing must not nail down a scale that was only fitted.
  const after: FilmState = { ...kept, ...patch };
  const next: Films = views.map((_, i) => films[i]);
  next[at] = { image: lead.image.id, state: after };
  if (!linked) return next;
  const placed = patch.placement !== undefined && patch.placement.turn === before.placement.turn;
  const scrolled = after.frame - before.frame;
  views.forEach((view, i) => {
    const own = shown[i];
    if (i === at || !view || !own) return;
    const change: Partial<FilmState> = {};
    if (placed && patch.placement) change.placement = followedPlacement(patch.placement, paneOf(lead), own.placement, paneOf(view));
    if (patch.window && lead.image.samples === 1 && view.image.samples === 1) change.window = followedWindow(patch.window, lightOf(lead.image), lightOf(view.image));
    // What lies in the same space follows by its place in the body, not by counting.
    if (scrolled !== 0 && !byPosition(lead.image, view.image)) change.frame = Math.min(view.image.frames - 1, Math.max(0, own.frame + scrolled));
    if (Object.keys(change).length > 0) next[i] = { image: view.image.id, state: { ...filmAt(films, i, view.image), ...change } };
  });
  return next;
}

/** A measure being drawn: the points so far, and where the hand is. */
export interface Draft extends Measure { at: g.Point }

/** The hand of one pane. */
export interface FilmHand {
  image: ImageView;
  state: FilmState;
  film: g.Film;
  change(next: Partial<FilmState> | Act): void;
  place(next: (p: g.Placement) => g.Placement): void;
  reset(): void;
}

/** How all panes are looked at. */
export function useFilms(images: (ImageView | null)[], linked: boolean) {
  const [films, setFilms] = useState<Films>([]);
  const [sizes, setSizes] = useState<(g.Size | undefined)[]>([]);
  const views = images.map((image, i) => (image ? { image, size: sizes[i] ?? { width: 0, height: 0 } } : null));
  const shown = shownFilms(films, views, linked);
  const now = useRef({ views, linked });
  now.current = { views, linked };

  const act = useCallback((at: number, next: Act) => setFilms((old) => acted(old, now.current.views, at, next, now.current.linked)), []);
  const sized = useCallback((at: number, size: g.Size) => setSizes((old) => {
    const was = old[at];
    if (was && was.width === size.width && was.height === size.height) return old;
    const next = [...old];
    next[at] = size;
    return next;
  }), []);

  /** One pane at a frame, and no other after it. */
  const follow = useCallback((at: number, frame: number) => setFilms((old) => {
    const view = now.current.views[at];
    if (!view || filmAt(old, at, view.image).frame === frame) return old;
    const next = [...old];
    next[at] = { image: view.image.id, state: { ...filmAt(old, at, view.image), frame } };
    return next;
  }), []);

  const hands = images.map((image, i): FilmHand | null => {
    const state = shown[i];
    if (!image || !state) return null;
    return {
      image,
      state,
      film: filmOf(image),
      change: (next) => act(i, typeof next === "function" ? next : () => next),
      place: (next) => act(i, (s) => ({ placement: next(s.placement) })),
      reset: () => act(i, (s) => ({ ...freshFilm(image), frame: s.frame })),
    };
  });
  return { hands, views, sized, follow };
}

/** The tool in the hand and everything measured. One set for all panes: the same picture may hang in two of them. */
export function useMeasures() {
  const [tool, setTool] = useState<Tool>("level");
  /** What was measured last. */
  const [kind, setKind] = useState<MeasureKind>("length");
  const [measures, setMeasures] = useState<Measure[]>([]);
  const [draft, setDraft] = useState<Draft | null>(null);
  /** Where the keys have put the measuring cross. */
  const [cross, setCross] = useState<{ image: string; at: g.Point } | null>(null);
  const pick = useCallback((next: Tool) => { setTool(next); if (isMeasure(next)) setKind(next); setDraft(null); setCross(null); }, []);

  return useMemo(() => {
    const current = (image: string, frame: number) => (draft && draft.image === image && draft.frame === frame && draft.kind === tool ? draft : null);
    return {
      tool, pick, kind, measures, draft, cross,
      /** The draft that belongs on this picture, if there is one. */
      current,
      /** One more point; the last one ends the measure. */
      press(image: string, frame: number, at: g.Point) {
        if (!isMeasure(tool)) return;
        const have = current(image, frame);
        const points = withPoint(tool, have?.points ?? [], at);
        if (points.length < pointsOf[tool]) return setDraft({ kind: tool, image, frame, points, at });
        setDraft(null);
        setMeasures((old) => [...old, { kind: tool, image, frame, points }]);
      },
      move(image: string, frame: number, at: g.Point) {
        const have = current(image, frame);
        if (have) setDraft({ ...have, at });
      },
      /** Moves the measuring cross, which begins in the middle of the picture and never leaves it. */
      moveCross(image: Pick<ImageView, "id" | "cols" | "rows">, frame: number, by: g.Point) {
        const from = cross?.image === image.id ? cross.at : { x: image.cols / 2, y: image.rows / 2 };
        const at = { x: Math.min(image.cols, Math.max(0, from.x + by.x)), y: Math.min(image.rows, Math.max(0, from.y + by.y)) };
        setCross({ image: image.id, at });
        const have = current(image.id, frame);
        if (have) setDraft({ ...have, at });
      },
      crossAt: (image: Pick<ImageView, "id" | "cols" | "rows">): g.Point => (cross?.image === image.id ? cross.at : { x: image.cols / 2, y: image.rows / 2 }),
      showCross(image: string, at: g.Point) { setCross({ image, at }); },
      /** Takes away what is being drawn, else the newest measure of this picture's frame. */
      removeLast(image: string, frame: number) {
        setCross(null);
        if (draft) return setDraft(null);
        setMeasures((old) => {
          const at = old.findLastIndex((x) => x.image === image && x.frame === frame);
          return at < 0 ? old : old.filter((_, i) => i !== at);
        });
      },
    };
  }, [tool, pick, kind, measures, draft, cross]);
}
export type Measures = ReturnType<typeof useMeasures>;

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
