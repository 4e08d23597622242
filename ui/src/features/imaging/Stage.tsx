import { type ReactNode, type Ref, useEffect, useLayoutEffect, useRef, useState } from "react";
import { ErrorBlock } from "../../app";
import { formatNumber } from "../../clinical";
import { Button, Chip, Failed, Loading } from "../../design";
import * as m from "../../paraglide/messages";
import type { FindingView } from "../../wire";
import { Drawn } from "./Drawn";
import type { FilmHand, Measures } from "./films";
import { type LoadFrame, useFrame } from "./frames";
import { at, useHand } from "./hand";
import { ColourBar, HeatOverlay } from "./Heat";
import * as g from "./viewport/geometry";
import { makeViewport, type Viewport } from "./viewport/Viewport";
import { findingWord } from "./words";

interface StageProps {
  hand: FilmHand;
  measures: Measures;
  /** Of the whole room: all panes keep their frames in one place, with one limit. */
  load: LoadFrame;
  onSize(size: g.Size): void;
  /** The frame that is on the screen now. */
  onFrame?(image: string, frame: number): void;
  /** What stands in the corner beside the picture's name: when taken, which of how many. */
  caption: ReactNode;
  /** The finding whose map lies on the film, when the overlay is on. */
  overlay: { finding: FindingView; opacity: number } | null;
  onWheelStep(step: 1 | -1): void;
  steps: boolean;
  /** How fast its frames play, and who says so. */
  speed?: string;
  /** One of several, and not the active one: what is said of the whole screen is said once, on that. */
  brief?: boolean;
  /** What a reader hears beside the file's name, such as which pane this is. */
  note?: string;
  ref?: Ref<HTMLDivElement>;
}

/** Film runs from left to right in every language; sentences in its place do not. */
const ofPage = () => document.documentElement.dir || "ltr";
const none: g.Size = { width: 0, height: 0 };

/** The film: pixels, what lies above them, and the hand on them. Film is never mirrored for a language. */
export function Stage({ hand: filmHand, measures, load, onSize, onFrame, caption, overlay, onWheelStep, steps, speed, brief, note, ref }: StageProps) {
  const { image, state, place, film } = filmHand;
  const [again, setAgain] = useState(0);
  const frame = useFrame(load, image.id, Math.min(state.frame, image.frames - 1), image.frames, again);
  const host = useRef<HTMLDivElement>(null);
  const surface = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<g.Size>(none);
  const [viewport, setViewport] = useState<Viewport | null>(null);
  const [shown, setShown] = useState<string | null>(null);
  const [broken, setBroken] = useState<string | null>(null);

  const told = useRef(onSize);
  told.current = onSize;

  useLayoutEffect(() => {
    const element = surface.current;
    if (!element) return;
    const measure = () => {
      const now = { width: element.clientWidth, height: element.clientHeight };
      setSize(now);
      told.current(now);
    };
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
        if (left) return v.dispose();
        // A film that lost its graphics card would stay black: the canvas draws it from here on, and says so.
        v.onLost?.(() => void import("./viewport/canvas").then(({ canvasViewport }) => {
          if (left || !host.current) return;
          v.dispose();
          made = canvasViewport(host.current);
          setShown(null);
          setViewport(made);
        }));
        setViewport(v);
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

  useEffect(() => {
    if (ready && shown) onFrame?.(image.id, Number(shown.slice(image.id.length + 1)));
  }, [ready, shown, image.id, onFrame]);

  const hand = useHand({ surface, hand: filmHand, measures, size, matrix });

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
      aria-label={note ? m.image_stage_noted({ file: image.fileName, note }) : m.image_stage({ file: image.fileName })}
      data-engine={viewport?.engine}
      data-ready={visible || undefined}
      className="group/stage relative isolate min-h-0 min-w-0 grow touch-none overflow-hidden bg-canvas text-sm text-ink shadow-none outline-none select-none focus-visible:shadow-none"
      style={{ cursor: hand.cursor }}
      {...hand.handlers}
      onContextMenu={(e) => e.preventDefault()}
    >
      <div ref={host} className="absolute inset-0 isolate z-0" style={{ visibility: visible ? "visible" : "hidden" }} aria-hidden="true" />
      {/* A layer of its own above the engine's canvas, whatever the graphics card does with that. */}
      <div className="pointer-events-none absolute inset-0 z-10 overflow-hidden [&_button]:pointer-events-auto">
      {visible && overlay?.finding.map && <HeatOverlay map={overlay.finding.map} matrix={matrix} opacity={overlay.opacity} label={findingWord(overlay.finding)} />}
      {visible && overlay?.finding.map && <ColourBar />}

      {!visible && frame.state !== "failed" && !broken && <div className="absolute inset-0 grid place-items-center"><div dir={ofPage()} className="w-60"><Loading label={m.image_stage_loading()} /></div></div>}
      {frame.state === "failed" && (
        <div dir={ofPage()} className="absolute inset-0 grid content-center p-4">
          <ErrorBlock error={frame.error} title={m.image_stage_failed({ file: image.fileName })} actions={<Button onPress={() => setAgain(again + 1)}>{m.image_try_again()}</Button>} />
        </div>
      )}
      {broken && (
        <div dir={ofPage()} className="absolute inset-0 grid content-center p-4">
          <Failed title={m.image_stage_failed({ file: image.fileName })}>{m.image_stage_mismatch()} <span className="hs-mono">{broken}</span></Failed>
        </div>
      )}

      <Corner at="start-2.5 top-2.5">{caption}</Corner>
      <Corner end at="end-2.5 top-2.5">
        {visible && overlay && <><b>{m.image_ai_not_report()}</b><span>{m.image_stage_overlay({ label: findingWord(overlay.finding) })}</span></>}
        {(state.inverted || mirrored !== "none" || degrees !== 0) && (
          <span className="grid justify-items-end gap-1 pt-1" role="status">
            {state.inverted && <Chip kind="caution">{m.image_stage_inverted()}</Chip>}
            {mirrored !== "none" && <Chip kind="caution">{mirrored === "sides" ? m.image_stage_flipped_h() : m.image_stage_flipped_v()}</Chip>}
            {degrees !== 0 && <Chip kind="caution">{m.image_stage_rotated({ degrees })}</Chip>}
          </span>
        )}
      </Corner>
      {/* Nothing of a film that is not shown may lie on the sentence that says why. */}
      {frame.state === "failed" || broken ? null : letters
        ? (["left", "right", "top", "bottom"] as const).map((side) => letters[side] && <b key={side} data-side={side} className={`${side === "right" && visible && overlay?.finding.map ? "right-16 top-1/2 -translate-y-1/2" : letterPlace[side]} ${shadow} pointer-events-none absolute text-lg`}>{letters[side]}</b>)
        : <span className={`${shadow} pointer-events-none absolute start-2.5 top-1/2 -translate-y-1/2`}>{m.image_stage_orientation_unknown()}</span>}
      <Corner at="start-2.5 bottom-2.5">
        {image.samples !== 3 && <span>{m.image_stage_window({ width: formatNumber(state.window.width, state.window.width < 10 ? 1 : 0), center: formatNumber(state.window.center, state.window.width < 10 ? 1 : 0) })}</span>}
        <span>{m.image_stage_zoom({ percent: zoom })}</span>
        {image.frames > 1 && <span>{m.image_stage_frame({ number: state.frame + 1, total: image.frames })}</span>}
        {speed && <span data-speed>{speed}</span>}
      </Corner>
      <Corner end at="end-2.5 bottom-2.5">
        {visible && image.spacingMm
          ? <ScaleBar mmPerPoint={image.spacingMm[1] / g.scaleOf(state.placement, film, size)} most={Math.min(160, size.width / 4)} />
          : visible && <><span>{m.image_stage_uncalibrated()}</span>{!brief && <span>{m.image_stage_no_spacing()}</span>}</>}
        {!brief && viewport?.engine === "canvas" && <span className="text-ink-2">{m.image_stage_canvas()}</span>}
        {!brief && <span>{m.image_stage_not_primary()}</span>}
      </Corner>
      {visible && <Drawn hand={filmHand} measures={measures} matrix={matrix} size={size} bytes={key === `${image.id}/${state.frame}` ? bytes : null} />}
      {/* Above the film: a shadow of the element itself would lie under the pixels and never be seen. */}
      <i className="absolute inset-0 z-30 hidden border-2 border-(--focus) group-focus-visible/stage:block" aria-hidden="true" />
      </div>
    </div>
  );
}

/** White film may lie under the words; each line has its own ground, so that no more film is covered than needed. */
const shadow = "bg-canvas/75 px-1";
const letterPlace = {
  left: "left-2.5 top-1/2 -translate-y-1/2",
  right: "right-2.5 top-1/2 -translate-y-1/2",
  top: "left-1/2 top-2.5 -translate-x-1/2",
  bottom: "left-1/2 bottom-2.5 -translate-x-1/2",
};

function Corner({ at: place, end, children }: { at: string; end?: boolean; children: ReactNode }) {
  return <div className={`${place} ${end ? "justify-items-end text-end" : "justify-items-start"} pointer-events-none absolute grid max-w-[45%] empty:hidden [&>*]:bg-canvas/75 [&>*]:px-1 [&>*]:[unicode-bidi:plaintext]`}>{children}</div>;
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
