import { useEffect, useRef } from "react";
import * as m from "../../paraglide/messages";
import type { HeatMap } from "../../wire";
import type { Matrix } from "./viewport/geometry";

/** Clear below the first, full strength from the second: a faint veil everywhere would only hide the film. */
export const clearUnder = 0.15;
const fullFrom = 0.35;

/** True when nothing of the map would be seen: then a sentence stands where a picture cannot. */
export function isFaint(map: HeatMap): boolean {
  return !map.values.some((v) => v / 1000 > clearUnder);
}
const stops = ["--heat-0", "--heat-25", "--heat-50", "--heat-75", "--heat-100"];

function channels(hex: string): [number, number, number] {
  const n = Number.parseInt(hex.trim().slice(1), 16);
  return Number.isNaN(n) ? [255, 255, 255] : [(n >> 16) & 255, (n >> 8) & 255, n & 255];
}

/** Red, green, blue, alpha of one value on the fixed scale from 0 to 1. */
export function heatColour(value: number, ramp: [number, number, number][]): [number, number, number, number] {
  const v = Math.min(1, Math.max(0, value));
  const at = v * (ramp.length - 1);
  const low = Math.min(Math.floor(at), ramp.length - 2);
  const white: [number, number, number] = [255, 255, 255];
  const from = ramp[low] ?? white;
  const to = ramp[low + 1] ?? white;
  const mix = (i: 0 | 1 | 2) => Math.round(from[i] + (to[i] - from[i]) * (at - low));
  const alpha = Math.min(1, Math.max(0, (v - clearUnder) / (fullFrom - clearUnder)));
  return [mix(0), mix(1), mix(2), Math.round(alpha * 255)];
}

/** The map above the film. It lies in its rectangle of the picture and follows the picture's matrix. */
export function HeatOverlay({ map, matrix, opacity, label }: { map: HeatMap; matrix: Matrix; opacity: number; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context || map.values.length < map.cols * map.rows) return;
    const style = getComputedStyle(element);
    const ramp = stops.map((name) => channels(style.getPropertyValue(name)));
    const data = context.createImageData(map.cols, map.rows);
    map.values.slice(0, map.cols * map.rows).forEach((v, i) => data.data.set(heatColour(v / 1000, ramp), i * 4));
    context.putImageData(data, 0, 0);
  }, [map]);
  const { x, y, width, height } = map.rect;
  const place = `matrix(${matrix.a},${matrix.b},${matrix.c},${matrix.d},${matrix.e},${matrix.f}) translate(${x}px,${y}px) scale(${width / map.cols},${height / map.rows})`;
  return (
    <canvas
      ref={canvas}
      width={map.cols}
      height={map.rows}
      role="img"
      aria-label={m.image_stage_overlay({ label })}
      className="pointer-events-none absolute"
      style={{ left: 0, top: 0, width: map.cols, height: map.rows, transformOrigin: "0 0", transform: place, opacity }}
    />
  );
}

/** The fixed scale, on the film for as long as the map is on it, or between two films. */
export function ColourBar({ between }: { between?: boolean }) {
  return (
    <div dir="ltr" className={`pointer-events-none grid justify-items-end gap-1 p-1 text-sm ${between ? "" : "absolute end-2.5 top-1/2 -translate-y-1/2 bg-canvas/75"}`} role="img" aria-label={m.image_stage_scale({ value: clearUnder })}>
      <span className="text-ink-2" aria-hidden="true">{m.image_stage_scale_more()}</span>
      <div className="flex gap-1.5">
        <div className="flex h-[132px] flex-col justify-between text-end leading-3" aria-hidden="true">
          {["1", "0.75", "0.5", "0.25", "0"].map((t) => <span key={t}>{t}</span>)}
        </div>
        <i className="relative block h-[132px] w-2.5 border border-control-line" style={{ background: "linear-gradient(to top, var(--heat-0), var(--heat-25) 25%, var(--heat-50) 50%, var(--heat-75) 75%, var(--heat-100))" }}>
          {/* Under this line the film is clear. */}
          <i className="absolute -inset-x-1 border-t border-dashed border-ink" style={{ bottom: `${clearUnder * 100}%` }} />
        </i>
      </div>
      <span className="text-ink-2" aria-hidden="true">{m.image_stage_scale_clear({ value: clearUnder })}</span>
    </div>
  );
}
