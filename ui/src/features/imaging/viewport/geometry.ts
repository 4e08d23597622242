/**
 * Where the picture lies on the screen. One matrix from image pixels to points of the viewport; the engine that draws
 * the pixels, the heat-map, the measurements and the orientation letters all use it, so they cannot disagree.
 */

/** `x' = a x + c y + e`, `y' = b x + d y + f`, as in CSS and canvas. */
export interface Matrix { a: number; b: number; c: number; d: number; e: number; f: number }
export interface Point { x: number; y: number }
export interface Size { width: number; height: number }

/** A quarter turn and a mirror as the integers of a 2 x 2 matrix: rotations and flips compose without drift. */
export interface Turn { a: number; b: number; c: number; d: number }

/** How a person has moved the picture. */
export interface Placement {
  /** Points per image column; null fits the picture into the viewport. */
  scale: number | null;
  /** The picture's middle, in points from the viewport's middle. */
  pan: Point;
  turn: Turn;
}

export interface Film {
  cols: number;
  rows: number;
  /** Height of a pixel divided by its width; 1 without a known spacing. */
  aspect: number;
}

const upright: Turn = { a: 1, b: 0, c: 0, d: 1 };
export const start: Placement = { scale: null, pan: { x: 0, y: 0 }, turn: upright };

function after(p: Placement, act: Turn): Placement {
  const t = p.turn;
  return {
    ...p,
    // On the screen, after everything done before: what one sees is what is flipped or turned.
    turn: { a: act.a * t.a + act.c * t.b, b: act.b * t.a + act.d * t.b, c: act.a * t.c + act.c * t.d, d: act.b * t.c + act.d * t.d },
    pan: { x: act.a * p.pan.x + act.c * p.pan.y, y: act.b * p.pan.x + act.d * p.pan.y },
  };
}
export const flipH = (p: Placement) => after(p, { a: -1, b: 0, c: 0, d: 1 });
export const flipV = (p: Placement) => after(p, { a: 1, b: 0, c: 0, d: -1 });
export const rotateRight = (p: Placement) => after(p, { a: 0, b: 1, c: -1, d: 0 });
export const rotateLeft = (p: Placement) => after(p, { a: 0, b: -1, c: 1, d: 0 });

/** What a badge must say until reset: mirrored or not, and the quarter turns to the right after it. */
export function turned({ turn }: Placement): { mirrored: "none" | "sides" | "top_bottom"; degrees: 0 | 90 | 180 | 270 } {
  const mirrored = turn.a * turn.d - turn.b * turn.c < 0;
  // With the mirror taken out first, what is left is a rotation.
  const [x, y] = mirrored ? [-turn.a, -turn.b] : [turn.a, turn.b];
  const degrees = x === 1 ? 0 : y === 1 ? 90 : x === -1 ? 180 : 270;
  // Left-right after half a turn is top-bottom, and that is what a person did.
  if (mirrored && degrees === 180) return { mirrored: "top_bottom", degrees: 0 };
  return { mirrored: mirrored ? "sides" : "none", degrees };
}

/** The scale at which the whole picture is seen. */
export function fitScale(film: Film, view: Size, turn: Turn): number {
  const lies = turn.a === 0;
  const [w, h] = lies ? [film.rows * film.aspect, film.cols] : [film.cols, film.rows * film.aspect];
  const scale = Math.min(view.width / w, view.height / h);
  return Number.isFinite(scale) && scale > 0 ? scale : 1;
}

export function scaleOf(p: Placement, film: Film, view: Size): number {
  return p.scale ?? fitScale(film, view, p.turn);
}

export function matrixOf(p: Placement, film: Film, view: Size): Matrix {
  const s = scaleOf(p, film, view);
  const { a, b, c, d } = p.turn;
  const m = { a: a * s, b: b * s, c: c * s * film.aspect, d: d * s * film.aspect };
  const middle = { x: film.cols / 2, y: film.rows / 2 };
  return {
    ...m,
    e: view.width / 2 + p.pan.x - (m.a * middle.x + m.c * middle.y),
    f: view.height / 2 + p.pan.y - (m.b * middle.x + m.d * middle.y),
  };
}

export const toScreen = (m: Matrix, p: Point): Point => ({ x: m.a * p.x + m.c * p.y + m.e, y: m.b * p.x + m.d * p.y + m.f });
export function toImage(m: Matrix, p: Point): Point {
  const det = m.a * m.d - m.b * m.c;
  const [x, y] = [p.x - m.e, p.y - m.f];
  return { x: (m.d * x - m.c * y) / det, y: (m.a * y - m.b * x) / det };
}

/** Zooms by a factor and keeps the given point of the viewport where it is. */
export function zoomed(p: Placement, film: Film, view: Size, factor: number, at?: Point): Placement {
  const now = scaleOf(p, film, view);
  const fit = fitScale(film, view, p.turn);
  const scale = Math.min(Math.max(now * factor, fit / 4), Math.max(fit, 1) * 32);
  const k = scale / now;
  const from = { x: (at?.x ?? view.width / 2) - view.width / 2, y: (at?.y ?? view.height / 2) - view.height / 2 };
  return { ...p, scale, pan: { x: from.x + (p.pan.x - from.x) * k, y: from.y + (p.pan.y - from.y) * k } };
}

/** The letters as they stand on the screen now, from those at the picture's own left, right, top and bottom. */
export function lettersOnScreen(letters: [string, string, string, string], { turn }: Placement): Record<"left" | "right" | "top" | "bottom", string> {
  const [left, right, top, bottom] = letters;
  const sides: [Point, string][] = [[{ x: -1, y: 0 }, left], [{ x: 1, y: 0 }, right], [{ x: 0, y: -1 }, top], [{ x: 0, y: 1 }, bottom]];
  const out = { left: "", right: "", top: "", bottom: "" };
  for (const [p, letter] of sides) {
    const x = turn.a * p.x + turn.c * p.y;
    const y = turn.b * p.x + turn.d * p.y;
    if (x < 0) out.left = letter;
    else if (x > 0) out.right = letter;
    else if (y < 0) out.top = letter;
    else out.bottom = letter;
  }
  return out;
}

/** Millimetres with a known spacing (rows first, as in the header), else pixels of the picture. */
export function lengthOf(from: Point, to: Point, spacing: [number, number] | null): { value: number; unit: "mm" | "px" } {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  return spacing ? { value: Math.hypot(dx * spacing[1], dy * spacing[0]), unit: "mm" } : { value: Math.hypot(dx, dy), unit: "px" };
}

/** A round length that takes at most `most` points, for the scale bar. */
export function scaleBar(mmPerPoint: number, most: number): { mm: number; points: number } | null {
  const steps = [200, 100, 50, 20, 10, 5, 2, 1, 0.5];
  const mm = steps.find((s) => s / mmPerPoint <= most);
  return mm === undefined ? null : { mm, points: mm / mmPerPoint };
}
