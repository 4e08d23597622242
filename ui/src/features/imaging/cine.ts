import { useEffect, useRef, useState } from "react";
import { formatNumber } from "../../clinical";
import type { ImageView } from "../../wire";
import type { FilmHand } from "./films";

/** Frames a second that can be chosen beside the file's own. */
export const speeds = [1, 2, 4, 6, 8, 10, 12, 15, 20, 25, 30] as const;
/** Where the file says nothing: slow enough to see each frame, fast enough to see it move. */
const usual = 10;

/** How fast the file wants to be shown, in frames a second; null where it does not say. */
export const ownSpeed = (image: Pick<ImageView, "play">): number | null => image.play?.fps ?? null;

/** Every speed of a picture, slowest first: the usual ones and its own. */
export function speedsOf(image: Pick<ImageView, "play">): number[] {
  const own = ownSpeed(image);
  return [...new Set<number>([...speeds, ...(own === null ? [] : [own])])].sort((a, b) => a - b);
}

/** As it is said: 15, 29.97 as 30.0. */
export const speedText = (fps: number): string => formatNumber(fps, Number.isInteger(fps) ? 0 : 1);

/** Milliseconds from one frame to the next. Where the file times each frame, so does the screen, faster or slower as chosen. */
export function waitOf(image: Pick<ImageView, "play">, frame: number, speed: number): number {
  const { play } = image;
  const own = play?.waitsMs[frame];
  // Behind the last frame comes the first: no file says how long that takes.
  return play && own !== undefined ? own * (play.fps / speed) : 1000 / speed;
}

export interface Cine {
  /** The picture has more than one frame. */
  can: boolean;
  playing: boolean;
  /** Frames a second asked for. */
  speed: number;
  /** Of the picture in hand. */
  speeds: number[];
  /** What the file says; null where it says nothing. */
  own: number | null;
  slower: number | null;
  faster: number | null;
  toggle(): void;
  stop(): void;
  setSpeed(fps: number): void;
}

/** The frame after this one; the last is followed by the first. */
export const following = (frame: number, frames: number): number => (frames > 0 ? (frame + 1) % frames : 0);

/**
 * Plays the frames of the active pane. The next frame is asked for when the present one is on the screen, so none is
 * skipped on a slow computer: it plays slower instead. A speed chosen by hand stays with its picture.
 */
export function useCine(hand: FilmHand | null, onScreen: { image: string; frame: number } | null): Cine {
  const [playing, setPlaying] = useState<string | null>(null);
  const [chosen, setChosen] = useState<Record<string, number>>({});
  /** When the present frame was asked for: the time it took to draw is part of its time. */
  const begun = useRef(0);
  const image = hand?.image;
  const can = image !== undefined && image.frames > 1;
  const own = image ? ownSpeed(image) : null;
  const speed = (image && chosen[image.id]) ?? own ?? usual;
  const on = can && playing === image.id;
  const frame = hand?.state.frame ?? 0;
  const drawn = on && onScreen?.image === image.id && onScreen.frame === frame;
  const [change, frames] = [hand?.change, image?.frames ?? 0];
  useEffect(() => {
    if (!drawn || !image) return;
    const now = performance.now();
    const timer = setTimeout(() => {
      begun.current = performance.now();
      change?.({ frame: following(frame, frames) });
    }, Math.max(0, begun.current + waitOf(image, frame, speed) - now));
    return () => clearTimeout(timer);
    // `change` is made anew at every drawing and does the same; listing it would begin the wait anew at each.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [drawn, frame, frames, speed]);
  const all = image ? speedsOf(image) : [...speeds];
  return {
    can,
    playing: on,
    speed,
    speeds: all,
    own,
    slower: all.findLast((s) => s < speed) ?? null,
    faster: all.find((s) => s > speed) ?? null,
    toggle: () => { begun.current = performance.now(); setPlaying(on ? null : (image?.id ?? null)); },
    stop: () => setPlaying(null),
    setSpeed: (fps) => { if (image) setChosen((old) => ({ ...old, [image.id]: fps })); },
  };
}
