import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { type FilmHand, isMeasure, type Measures } from "./films";
import * as g from "./viewport/geometry";
import { beginsStroke } from "./viewport/measure";
import { dragged } from "./viewport/window";

/** Points of the element under the pointer. */
export function at(e: { clientX: number; clientY: number }, element: HTMLElement | null): g.Point {
  const box = element?.getBoundingClientRect();
  return { x: e.clientX - (box?.left ?? 0), y: e.clientY - (box?.top ?? 0) };
}

type Drag = { what: "level" | "pan" | "zoom" | "measure"; from: g.Point; last: g.Point; window: { center: number; width: number }; began: boolean };

/** Left drag does what the tool says; middle, or Space and left, pans; right zooms (OHIF's hands). */
export function useHand({ surface, hand: { image, state, change, place, film }, measures, size, matrix }: { surface: { current: HTMLDivElement | null }; hand: FilmHand; measures: Measures; size: g.Size; matrix: g.Matrix }) {
  const drag = useRef<Drag | null>(null);
  const [space, setSpace] = useState(false);
  const { tool } = measures;

  function down(e: PointerEvent<HTMLDivElement>) {
    if (e.target instanceof Element && e.target.closest("button")) return;
    const from = at(e, surface.current);
    const what = e.button === 1 || (e.button === 0 && space) ? "pan" : e.button === 2 ? "zoom" : e.button === 0 ? (isMeasure(tool) ? "measure" : tool) : null;
    if (!what) return;
    if (e.button === 1) e.preventDefault();
    surface.current?.focus({ preventScroll: true });
    surface.current?.setPointerCapture?.(e.pointerId);
    let began = false;
    if (what === "measure" && isMeasure(tool)) {
      const have = measures.current(image.id, state.frame)?.points.length ?? 0;
      began = beginsStroke(tool, have);
      const p = g.toImage(matrix, from);
      if (began) measures.press(image.id, state.frame, p);
      else measures.move(image.id, state.frame, p);
    }
    drag.current = { what, from, last: from, window: state.window, began };
  }

  function move(e: PointerEvent<HTMLDivElement>) {
    const now = at(e, surface.current);
    const d = drag.current;
    if (!d) return measures.move(image.id, state.frame, g.toImage(matrix, now));
    const [dx, dy] = [now.x - d.last.x, now.y - d.last.y];
    d.last = now;
    switch (d.what) {
      case "level": change({ window: dragged(d.window, now.x - d.from.x, now.y - d.from.y) }); break;
      case "pan": place((p) => ({ ...p, pan: { x: p.pan.x + dx, y: p.pan.y + dy } })); break;
      case "zoom": place((p) => g.zoomed(p, film, size, Math.exp(-dy / 150), d.from)); break;
      case "measure": measures.move(image.id, state.frame, g.toImage(matrix, now)); break;
    }
  }

  function up(e: PointerEvent<HTMLDivElement>) {
    const d = drag.current;
    drag.current = null;
    if (d?.what !== "measure") return;
    const now = at(e, surface.current);
    // Two presses do what a drag does: a press that begins a stroke and does not move waits for the next one.
    if (d.began && Math.hypot(now.x - d.from.x, now.y - d.from.y) < 4) return;
    measures.press(image.id, state.frame, g.toImage(matrix, now));
  }

  const cursors = { level: "ns-resize", pan: "grab", zoom: "zoom-in" };
  return {
    cursor: space ? "grab" : isMeasure(tool) ? "crosshair" : cursors[tool],
    handlers: {
      onPointerDown: down,
      onPointerMove: move,
      onPointerUp: up,
      onPointerCancel: () => { drag.current = null; },
      onKeyDown: (e: KeyboardEvent) => { if (e.key === " " && e.target === surface.current) { e.preventDefault(); setSpace(true); } },
      onKeyUp: (e: KeyboardEvent) => { if (e.key === " ") setSpace(false); },
      onBlur: () => setSpace(false),
    },
  };
}
