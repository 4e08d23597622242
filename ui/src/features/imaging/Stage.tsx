import { type KeyboardEvent, type PointerEvent, type ReactNode, type Ref, useEffect, useLayoutEffect, useRef, useState } from "react";
import { ErrorBlock } from "../../app";
import { formatNumber } from "../../clinical";
import { Button, Chip, Failed, Loading } from "../../design";
import * as m from "../../paraglide/messages";
import type { FindingView, ImageView } from "../../wire";
import { useFrame } from "./frames";
import { ColourBar, HeatOverlay } from "./Heat";
import type { useFilm } from "./useFilm";
import * as g from "./viewport/geometry";
import { makeViewport, type Viewport } from "./viewport/Viewport";
import { dragged } from "./viewport/window";
import { findingWord } from "./words";

interface StageProps {
  image: ImageView;
  film: ReturnType<typeof useFilm>;
  /** What stands in the corner beside the picture's name: when taken, which of how many. */
  caption: ReactNode;
  /** The finding whose map lies on the film, when the overlay is on. */
  overlay: { finding: FindingView; opacity: number } | null;
  onWheelStep(step: 1 | -1): void;
  steps: boolean;
  ref?: Ref<HTMLDivElement>;
}

const none: g.Size = { width: 0, height: 0 };

/** The film: pixels, what lies above them, and the hand on them. Film is never mirrored for a language. */
export function Stage({ image, film: { state, change, place, film }, caption, overlay, onWheelStep, steps, ref }: StageProps) {
  const [again, setAgain] = useState(0);
  const frame = useFrame(image.id, Math.min(state.frame, image.frames - 1), image.frames, again);
  const host = useRef<HTMLDivElement>(null);
  const surface = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<g.Size>(none);
  const [viewport, setViewport] = useState<Viewport | null>(null);
  const [shown, setShown] = useState<string | null>(null);
  const [broken, setBroken] = useState<string | null>(null);

  useLayoutEffect(() => {
    const element = surface.current;
    if (!element) return;
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    if (typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    let left = false;
    let made: Viewport | undefined;
    if (host.current) {
      void makeViewport(host.current).then((v) => {
        made = v;
        if (left) v.dispose();
        else setViewport(v);
      });
    }
    return () => { left = true; made?.dispose(); };
  }, []);

  const bytes = frame.state === "ready" ? frame.bytes : null;
  const key = frame.state === "ready" ? frame.key : null;
  useEffect(() => {
    if (!viewport || !bytes || !key) return;
    let left = false;
    setBroken(null);
    viewport.show({ key, image, bytes }).then(
      () => { if (!left) setShown(key); },
      (cause: unknown) => { if (!left) { setShown(null); setBroken(cause instanceof Error ? cause.message : String(cause)); } },
    );
    return () => { left = true; };
  }, [viewport, bytes, key, image]);

  const matrix = g.matrixOf(state.placement, film, size);
  const ready = shown !== null && shown.startsWith(`${image.id}/`);
  useEffect(() => {
    if (viewport && ready && size.width > 0) viewport.draw(state, matrix, size);
  });

  const hand = useHand({ surface, state, change, place, film, size, matrix });

  // React listens to wheels passively; a page that scrolls under the film would be worse than no wheel.
  const wheel = useRef<(e: WheelEvent) => void>(() => undefined);
  wheel.current = (e) => {
    e.preventDefault();
    if (e.ctrlKey || !steps) place((p) => g.zoomed(p, film, size, Math.exp(-e.deltaY / 400), at(e, surface.current)));
    else if (Math.abs(e.deltaY) > 1) onWheelStep(e.deltaY > 0 ? 1 : -1);
  };
  useEffect(() => {
    const element = surface.current;
    const listener = (e: WheelEvent) => wheel.current(e);
    element?.addEventListener("wheel", listener, { passive: false });
    return () => element?.removeEventListener("wheel", listener);
  }, []);

  const letters = image.orientation && g.lettersOnScreen(image.orientation, state.placement);
  const { mirrored, degrees } = g.turned(state.placement);
  const zoom = Math.round(g.scaleOf(state.placement, film, size) * 100);
  const visible = ready && frame.state === "ready" && !broken;

  return (
    <div
      ref={(element) => { surface.current = element; if (typeof ref === "function") ref(element); else if (ref) ref.current = element; }}
      dir="ltr"
      tabIndex={0}
      role="group"
      aria-label={m.image_stage({ file: image.fileName })}
      data-engine={viewport?.engine}
      data-ready={visible || undefined}
      className="relative isolate min-h-0 min-w-0 grow touch-none overflow-hidden bg-canvas text-sm text-ink outline-none select-none focus-visible:shadow-[inset_0_0_0_3px_var(--focus)]"
      style={{ cursor: hand.cursor }}
      {...hand.handlers}
      onContextMenu={(e) => e.preventDefault()}
    >
      <div ref={host} className="absolute inset-0 isolate z-0" style={{ visibility: visible ? "visible" : "hidden" }} aria-hidden="true" />
      {/* A layer of its own above the engine's canvas, whatever the graphics card does with that. */}
      <div className="pointer-events-none absolute inset-0 z-10 overflow-hidden [&_button]:pointer-events-auto">
      {visible && overlay?.finding.map && <HeatOverlay map={overlay.finding.map} matrix={matrix} opacity={overlay.opacity} label={findingWord(overlay.finding)} />}
      {visible && <Lengths state={state} matrix={matrix} spacing={image.spacingMm} size={size} />}
      {visible && overlay?.finding.map && <ColourBar />}

      {!visible && frame.state !== "failed" && !broken && <div className="absolute inset-0 grid place-items-center"><div className="w-60"><Loading label={m.image_stage_loading()} /></div></div>}
      {frame.state === "failed" && (
        <div className="absolute inset-0 grid content-center p-4">
          <ErrorBlock error={frame.error} title={m.image_stage_failed({ file: image.fileName })} actions={<Button onPress={() => setAgain(again + 1)}>{m.image_try_again()}</Button>} />
        </div>
      )}
      {broken && (
        <div className="absolute inset-0 grid content-center p-4">
          <Failed title={m.image_stage_failed({ file: image.fileName })}>{m.image_stage_mismatch()} <span className="hs-mono">{broken}</span></Failed>
        </div>
      )}

      <Corner at="start-2.5 top-2.5">{caption}</Corner>
      <Corner at="end-2.5 top-2.5 justify-items-end text-end">
        {visible && overlay && <><b>{m.image_ai_not_report()}</b><span>{m.image_stage_overlay({ label: findingWord(overlay.finding) })}</span></>}
        {(state.inverted || mirrored !== "none" || degrees !== 0) && (
          <span className="grid justify-items-end gap-1 pt-1" role="status">
            {state.inverted && <Chip kind="caution">{m.image_stage_inverted()}</Chip>}
            {mirrored !== "none" && <Chip kind="caution">{mirrored === "sides" ? m.image_stage_flipped_h() : m.image_stage_flipped_v()}</Chip>}
            {degrees !== 0 && <Chip kind="caution">{m.image_stage_rotated({ degrees })}</Chip>}
          </span>
        )}
      </Corner>
      {letters
        ? (["left", "right", "top", "bottom"] as const).map((side) => letters[side] && <b key={side} data-side={side} className={`${side === "right" && visible && overlay?.finding.map ? "right-16 top-1/2 -translate-y-1/2" : letterPlace[side]} ${shadow} pointer-events-none absolute text-lg`}>{letters[side]}</b>)
        : <span className={`${shadow} pointer-events-none absolute start-2.5 top-1/2 -translate-y-1/2`}>{m.image_stage_orientation_unknown()}</span>}
      <Corner at="start-2.5 bottom-2.5">
        {image.samples !== 3 && <span>{m.image_stage_window({ width: formatNumber(state.window.width, state.window.width < 10 ? 1 : 0), center: formatNumber(state.window.center, state.window.width < 10 ? 1 : 0) })}</span>}
        <span>{m.image_stage_zoom({ percent: zoom })}</span>
        {image.frames > 1 && <span>{m.image_stage_frame({ number: state.frame + 1, total: image.frames })}</span>}
      </Corner>
      <Corner at="end-2.5 bottom-2.5 justify-items-end text-end">
        {visible && image.spacingMm
          ? <ScaleBar mmPerPoint={image.spacingMm[1] / g.scaleOf(state.placement, film, size)} most={Math.min(160, size.width / 4)} />
          : visible && <><span>{m.image_stage_uncalibrated()}</span><span>{m.image_stage_no_spacing()}</span></>}
        {viewport?.engine === "canvas" && <span className="text-ink-2">{m.image_stage_canvas()}</span>}
        <span>{m.image_stage_not_primary()}</span>
      </Corner>
      </div>
    </div>
  );
}

/** White film may lie under the words. */
const shadow = "bg-canvas/60 px-1";
const letterPlace = {
  left: "left-2.5 top-1/2 -translate-y-1/2",
  right: "right-2.5 top-1/2 -translate-y-1/2",
  top: "left-1/2 top-2.5 -translate-x-1/2",
  bottom: "left-1/2 bottom-2.5 -translate-x-1/2",
};

function Corner({ at: place, children }: { at: string; children: ReactNode }) {
  return <div className={`${place} ${shadow} pointer-events-none absolute grid max-w-[45%] empty:hidden [&>*]:[unicode-bidi:plaintext]`}>{children}</div>;
}

function ScaleBar({ mmPerPoint, most }: { mmPerPoint: number; most: number }) {
  const bar = g.scaleBar(mmPerPoint, most);
  if (!bar) return null;
  return (
    <span className="grid justify-items-end">
      <span>{m.image_stage_mm({ value: formatNumber(bar.mm) })}</span>
      <i className="block h-1.5 border-x border-b border-ink" style={{ width: bar.points }} aria-hidden="true" />
    </span>
  );
}

export function lengthWords(measure: { from: g.Point; to: g.Point }, spacing: [number, number] | null): string {
  const { value, unit } = g.lengthOf(measure.from, measure.to, spacing);
  return unit === "mm" ? m.image_stage_mm({ value: formatNumber(value, 1) }) : m.image_stage_px({ value: formatNumber(value, 0) });
}

function Lengths({ state, matrix, spacing, size }: { state: { cross: g.Point | null; tool: string; measures: { from: g.Point; to: g.Point }[]; draft: { from: g.Point; to: g.Point } | null }; matrix: g.Matrix; spacing: [number, number] | null; size: g.Size }) {
  const all = state.draft ? [...state.measures, state.draft] : state.measures;
  const newest = state.measures.at(-1);
  const cross = state.tool === "length" && state.cross ? g.toScreen(matrix, state.cross) : null;
  return (
    <>
      <svg className="pointer-events-none absolute inset-0 size-full" aria-hidden="true">
        {cross && <path data-cross d={`M${cross.x - 12} ${cross.y}h24M${cross.x} ${cross.y - 12}v24`} stroke="var(--focus)" strokeWidth="1.5" />}
        {all.map((measure, i) => {
          const [from, to] = [g.toScreen(matrix, measure.from), g.toScreen(matrix, measure.to)];
          const text = { x: Math.min(Math.max(to.x + 8, 8), size.width - 120), y: Math.min(Math.max(to.y - 6, 16), size.height - 8) };
          return (
            <g key={i} stroke="var(--focus)" strokeWidth="1.5" fill="none">
              <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
              {[from, to].map((p, j) => <path key={j} d={`M${p.x - 5} ${p.y}h10M${p.x} ${p.y - 5}v10`} />)}
              <text x={text.x} y={text.y} fill="var(--focus)" stroke="var(--canvas)" strokeWidth="3" paintOrder="stroke" fontSize="12" fontWeight="600">{lengthWords(measure, spacing)}</text>
            </g>
          );
        })}
      </svg>
      <span className="hs-vh" role="status">{newest && m.image_stage_length_said({ value: lengthWords(newest, spacing) })}</span>
    </>
  );
}

function at(e: { clientX: number; clientY: number }, element: HTMLElement | null): g.Point {
  const box = element?.getBoundingClientRect();
  return { x: e.clientX - (box?.left ?? 0), y: e.clientY - (box?.top ?? 0) };
}

type Drag = { what: "level" | "pan" | "zoom" | "length"; from: g.Point; last: g.Point; window: { center: number; width: number }; pointer: number };

/** Left drag does what the tool says; middle, or Space and left, pans; right zooms (OHIF's hands). */
function useHand({ surface, state, change, place, film, size, matrix }: { surface: { current: HTMLDivElement | null }; size: g.Size; matrix: g.Matrix } & Pick<ReturnType<typeof useFilm>, "state" | "change" | "place" | "film">) {
  const drag = useRef<Drag | null>(null);
  const [space, setSpace] = useState(false);

  function down(e: PointerEvent<HTMLDivElement>) {
    if (e.target instanceof Element && e.target.closest("button")) return;
    const from = at(e, surface.current);
    const what = e.button === 1 || (e.button === 0 && space) ? "pan" : e.button === 2 ? "zoom" : e.button === 0 ? state.tool : null;
    if (!what) return;
    if (e.button === 1) e.preventDefault();
    surface.current?.focus({ preventScroll: true });
    surface.current?.setPointerCapture?.(e.pointerId);
    if (what === "length") {
      const p = g.toImage(matrix, from);
      // Two presses do what a drag does.
      if (state.draft) {
        const { from: start } = state.draft;
        change((s) => ({ measures: [...s.measures, { from: start, to: p }], draft: null }));
        return;
      }
      change({ draft: { from: p, to: p } });
    }
    drag.current = { what, from, last: from, window: state.window, pointer: e.pointerId };
  }

  function move(e: PointerEvent<HTMLDivElement>) {
    const now = at(e, surface.current);
    const d = drag.current;
    if (!d) {
      if (state.draft && state.tool === "length") change((s) => ({ draft: s.draft && { ...s.draft, to: g.toImage(matrix, now) } }));
      return;
    }
    const [dx, dy] = [now.x - d.last.x, now.y - d.last.y];
    d.last = now;
    switch (d.what) {
      case "level": change({ window: dragged(d.window, now.x - d.from.x, now.y - d.from.y) }); break;
      case "pan": place((p) => ({ ...p, pan: { x: p.pan.x + dx, y: p.pan.y + dy } })); break;
      case "zoom": place((p) => g.zoomed(p, film, size, Math.exp(-dy / 150), d.from)); break;
      case "length": change((s) => ({ draft: s.draft && { ...s.draft, to: g.toImage(matrix, now) } })); break;
    }
  }

  function up(e: PointerEvent<HTMLDivElement>) {
    const d = drag.current;
    drag.current = null;
    if (d?.what !== "length" || !state.draft) return;
    const now = at(e, surface.current);
    // A press without a drag leaves the first point standing and waits for the second.
    if (Math.hypot(now.x - d.from.x, now.y - d.from.y) < 4) return;
    const to = g.toImage(matrix, now);
    change((s) => ({ measures: s.draft ? [...s.measures, { from: s.draft.from, to }] : s.measures, draft: null }));
  }

  const cursors = { level: "ns-resize", pan: "grab", zoom: "zoom-in", length: "crosshair" };
  return {
    cursor: space ? "grab" : cursors[state.tool],
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
