import type { ImageView } from "../../../wire";
import { lengthOf, type Point } from "./geometry";

/** What can be measured, and by how many points: the ends, the arms around a corner, two corners of a box, two lines. */
export const pointsOf = { length: 2, angle: 3, ellipse: 2, ratio: 4 } as const;
export type MeasureKind = keyof typeof pointsOf;

/** Points in pixels of the picture, (0, 0) at the outer corner of the first pixel. */
export interface Measure {
  kind: MeasureKind;
  image: string;
  frame: number;
  points: Point[];
}

type Spacing = [number, number] | null;

/** Points that begin a stroke of their own: the second line of a ratio has nothing to do with the first. */
export const beginsStroke = (kind: MeasureKind, have: number): boolean => have === 0 || (kind === "ratio" && have === 2);

/** The points with one more; one that lies on the last point of its stroke is not a second point. */
export function withPoint(kind: MeasureKind, points: Point[], next: Point): Point[] {
  const last = points.at(-1);
  if (last && !beginsStroke(kind, points.length) && Math.hypot(next.x - last.x, next.y - last.y) < 0.5) return points;
  return [...points, next];
}

/**
 * Degrees between the arms from the middle point, 0 to 180, in millimetres where the file gives a spacing: pixels
 * that are not square would bend an angle. Null while an arm has no length.
 */
export function angleOf([a, corner, b]: readonly (Point | undefined)[], spacing: Spacing): number | null {
  if (!a || !corner || !b) return null;
  const [row, col] = spacing ?? [1, 1];
  const arm = (p: Point) => ({ x: (p.x - corner.x) * col, y: (p.y - corner.y) * row });
  const [u, v] = [arm(a), arm(b)];
  if (Math.hypot(u.x, u.y) === 0 || Math.hypot(v.x, v.y) === 0) return null;
  // atan2 stays exact near 0 and 180, where the arc cosine does not.
  return (Math.atan2(Math.abs(u.x * v.y - u.y * v.x), u.x * v.x + u.y * v.y) * 180) / Math.PI;
}

/** Area of the ellipse in the box between two corners, in mm² with a spacing, else in pixels. */
export function ellipseArea([a, b]: readonly (Point | undefined)[], spacing: Spacing): { value: number; unit: "mm" | "px" } | null {
  if (!a || !b) return null;
  const pixels = (Math.PI / 4) * Math.abs(b.x - a.x) * Math.abs(b.y - a.y);
  return spacing ? { value: pixels * spacing[0] * spacing[1], unit: "mm" } : { value: pixels, unit: "px" };
}

export interface EllipseValues {
  /** Pixels whose middle lies in the ellipse and in the picture. */
  pixels: number;
  mean: number;
  /** Of these pixels themselves (divided by their number), not an estimate for others. */
  sd: number;
  min: number;
  max: number;
}

type Grey = Pick<ImageView, "rows" | "cols" | "samples" | "signed" | "slope" | "intercept">;

/**
 * Values after the modality's slope and intercept (Hounsfield numbers in CT), never after the window. Null without
 * one pixel inside, and for colour, which has no single value.
 */
export function ellipseValues([a, b]: readonly (Point | undefined)[], image: Grey, bytes: ArrayBuffer): EllipseValues | null {
  if (!a || !b || image.samples !== 1 || bytes.byteLength < image.rows * image.cols * 2) return null;
  const stored = image.signed ? new Int16Array(bytes) : new Uint16Array(bytes);
  const [cx, cy] = [(a.x + b.x) / 2, (a.y + b.y) / 2];
  const [rx, ry] = [Math.abs(b.x - a.x) / 2, Math.abs(b.y - a.y) / 2];
  if (rx === 0 || ry === 0) return null;
  const from = Math.max(0, Math.floor(cy - ry));
  const to = Math.min(image.rows - 1, Math.ceil(cy + ry));
  let [n, sum, min, max] = [0, 0, Infinity, -Infinity];
  const each = (see: (value: number) => void) => {
    for (let y = from; y <= to; y++) {
      const h = (y + 0.5 - cy) / ry;
      const half = 1 - h * h;
      if (half < 0) continue;
      const w = rx * Math.sqrt(half);
      const first = Math.max(0, Math.ceil(cx - w - 0.5));
      const last = Math.min(image.cols - 1, Math.floor(cx + w - 0.5));
      for (let x = first; x <= last; x++) see((stored[y * image.cols + x] ?? 0) * image.slope + image.intercept);
    }
  };
  each((v) => {
    n++;
    sum += v;
    if (v < min) min = v;
    if (v > max) max = v;
  });
  if (n === 0) return null;
  const mean = sum / n;
  // A second walk: the sum of squares alone loses its digits where values are large and alike.
  let squares = 0;
  each((v) => { squares += (v - mean) ** 2; });
  return { pixels: n, mean, sd: Math.sqrt(squares / n), min, max };
}

export interface Ratio {
  /** Heart divided by thorax, or null when the lines cannot be that: the heart is not wider than the chest around it. */
  value: number | null;
  heart: { value: number; unit: "mm" | "px" };
  thorax: { value: number; unit: "mm" | "px" };
}

/** Cardiothoracic ratio: greatest width of the heart by greatest inner width of the thorax, as two drawn lines. */
export function ratioOf([a, b, c, d]: readonly (Point | undefined)[], spacing: Spacing): Ratio | null {
  if (!a || !b || !c || !d) return null;
  const [heart, thorax] = [lengthOf(a, b, spacing), lengthOf(c, d, spacing)];
  return { value: thorax.value > 0 && heart.value <= thorax.value ? heart.value / thorax.value : null, heart, thorax };
}
