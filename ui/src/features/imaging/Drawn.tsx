import { useMemo } from "react";
import { formatNumber } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { ImageView } from "../../wire";
import type { FilmHand, Measures } from "./films";
import { isMeasure } from "./films";
import * as g from "./viewport/geometry";
import { angleOf, ellipseArea, ellipseValues, type Measure, type MeasureKind, ratioOf } from "./viewport/measure";

export const measureWords: Record<MeasureKind, () => string> = {
  length: m.image_tool_length,
  angle: m.image_tool_angle,
  ellipse: m.image_tool_ellipse,
  ratio: m.image_tool_ratio,
};

const sized = ({ value, unit }: { value: number; unit: "mm" | "px" }) =>
  unit === "mm" ? m.image_stage_mm({ value: formatNumber(value, 1) }) : m.image_stage_px({ value: formatNumber(value, 0) });

type Pixels = { bytes: ArrayBuffer | null };

/** What a measure says, line by line; every line without a spacing of the file says "uncalibrated". */
export function measureLines({ kind, points }: Pick<Measure, "kind" | "points">, image: ImageView, { bytes }: Pixels): string[] {
  const { spacingMm } = image;
  switch (kind) {
    case "length": {
      const [from, to] = points;
      return from && to ? [sized(g.lengthOf(from, to, spacingMm))] : [];
    }
    case "angle": {
      const degrees = angleOf(points, spacingMm);
      if (degrees === null) return [];
      return [spacingMm ? m.image_measure_angle({ value: formatNumber(degrees, 1) }) : m.image_measure_angle_uncalibrated({ value: formatNumber(degrees, 1) })];
    }
    case "ellipse": {
      const area = ellipseArea(points, spacingMm);
      if (!area) return [];
      const inside = bytes && ellipseValues(points, image, bytes);
      const size = area.unit === "mm" ? m.image_measure_area_mm({ value: formatNumber(area.value, 1) }) : m.image_measure_area_px({ value: formatNumber(area.value, 0) });
      if (image.samples !== 1) return [size, m.image_measure_colour()];
      if (!bytes) return [size];
      if (!inside) return [size, m.image_measure_empty()];
      const hounsfield = image.modality === "CT";
      // Whole greys where the file has whole greys: a decimal of the mean is real, one of the least is not.
      const whole = Number.isInteger(image.slope) && Number.isInteger(image.intercept) ? 0 : 2;
      const say = hounsfield ? m.image_measure_mean_hu : m.image_measure_mean;
      return [
        say({ mean: formatNumber(inside.mean, 1), sd: formatNumber(inside.sd, 1) }),
        m.image_measure_range({ min: formatNumber(inside.min, whole), max: formatNumber(inside.max, whole) }),
        size,
      ];
    }
    case "ratio": {
      const ratio = ratioOf(points, spacingMm);
      if (!ratio) return [];
      const [heart, thorax] = [ratio.heart, ratio.thorax].map(({ value, unit }) => formatNumber(value, unit === "mm" ? 1 : 0)) as [string, string];
      const parts = spacingMm ? m.image_measure_ratio_mm({ heart, thorax }) : m.image_measure_ratio_px({ heart, thorax });
      return [ratio.value === null ? m.image_measure_ratio_wrong() : m.image_measure_ratio({ value: ratio.value.toFixed(2) }), parts];
    }
  }
}

/** Everything measured on this frame, above the film, and the newest of it for those who listen. */
export function Drawn({ hand: { image, state }, measures, matrix, size, bytes }: { hand: FilmHand; measures: Measures; matrix: g.Matrix; size: g.Size; bytes: ArrayBuffer | null }) {
  const here = useMemo(() => measures.measures.filter((x) => x.image === image.id && x.frame === state.frame), [measures.measures, image.id, state.frame]);
  // Walking through a million pixels is done once for each region, not at each move of the hand.
  const done = useMemo(() => here.map((x) => ({ measure: x, lines: measureLines(x, image, { bytes }) })), [here, image, bytes]);
  const draft = measures.current(image.id, state.frame);
  const drawing = draft && { measure: { ...draft, points: [...draft.points, draft.at] }, lines: measureLines({ kind: draft.kind, points: [...draft.points, draft.at] }, image, { bytes: null }) };
  const cross = isMeasure(measures.tool) && measures.cross?.image === image.id ? g.toScreen(matrix, measures.cross.at) : null;
  const newest = done.at(-1);
  return (
    <>
      <svg className="pointer-events-none absolute inset-0 size-full" aria-hidden="true">
        {cross && <path data-cross d={`M${cross.x - 12} ${cross.y}h24M${cross.x} ${cross.y - 12}v24`} stroke="var(--focus)" strokeWidth="1.5" />}
        {[...done, ...(drawing ? [drawing] : [])].map(({ measure, lines }, i) => <One key={i} measure={measure} lines={lines} matrix={matrix} size={size} />)}
      </svg>
      <span className="hs-vh" role="status">{newest && m.image_measure_said({ what: measureWords[newest.measure.kind](), value: newest.lines.join(". ") })}</span>
    </>
  );
}

function One({ measure: { kind, points }, lines, matrix, size }: { measure: Pick<Measure, "kind" | "points">; lines: string[]; matrix: g.Matrix; size: g.Size }) {
  const on = points.map((p) => g.toScreen(matrix, p));
  const last = kind === "ellipse" ? corner(on) : on.at(-1);
  if (!last) return null;
  const wide = Math.max(...lines.map((l) => l.length), 0) * 6.6;
  const text = { x: Math.min(Math.max(last.x + 8, 8), Math.max(8, size.width - wide - 8)), y: Math.min(Math.max(last.y - 6 - (lines.length - 1) * 15, 16), Math.max(16, size.height - 8 - (lines.length - 1) * 15)) };
  return (
    <g stroke="var(--focus)" strokeWidth="1.5" fill="none" data-measure={kind}>
      <path d={outline(kind, points, matrix)} />
      {on.map((p, j) => <path key={j} d={`M${p.x - 5} ${p.y}h10M${p.x} ${p.y - 5}v10`} />)}
      <text x={text.x} y={text.y} fill="var(--focus)" stroke="var(--canvas)" strokeWidth="3" paintOrder="stroke" fontSize="12" fontWeight="600">
        {lines.map((line, i) => <tspan key={i} x={text.x} dy={i === 0 ? 0 : 15}>{line}</tspan>)}
      </text>
    </g>
  );
}

const corner = (on: g.Point[]): g.Point | undefined => (on.length < 2 ? on[0] : { x: Math.max(...on.map((p) => p.x)), y: Math.min(...on.map((p) => p.y)) });

function outline(kind: MeasureKind, points: g.Point[], matrix: g.Matrix): string {
  const line = (ps: g.Point[]) => ps.map((p, i) => { const s = g.toScreen(matrix, p); return `${i === 0 ? "M" : "L"}${s.x} ${s.y}`; }).join("");
  const [a, b, c, d] = points;
  switch (kind) {
    case "length": case "angle": return line(points);
    case "ratio": return line([a, b].filter((p) => p !== undefined)) + line([c, d].filter((p) => p !== undefined));
    case "ellipse": {
      if (!a || !b) return "";
      // In the picture's own pixels, then through the matrix: it turns and stretches with the film.
      const ring = Array.from({ length: 64 }, (_, i) => {
        const t = (i / 64) * 2 * Math.PI;
        return { x: (a.x + b.x) / 2 + (Math.abs(b.x - a.x) / 2) * Math.cos(t), y: (a.y + b.y) / 2 + (Math.abs(b.y - a.y) / 2) * Math.sin(t) };
      });
      return `${line(ring)}Z`;
    }
  }
}
