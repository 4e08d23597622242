import { useEffect, useState } from "react";
import type { FilmHand } from "./films";

/** Frames a second that can be chosen; the file's own speed does not reach the page. */
export const speeds = [1, 2, 4, 6, 8, 10, 12, 15, 20, 25, 30] as const;
const first = 10;

export interface Cine {
  /** The picture has more than one frame. */
  can: boolean;
  playing: boolean;
  /** Frames a second asked for. */
  speed: number;
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
 * skipped on a slow computer: it plays slower instead.
 */
export function useCine(hand: FilmHand | null, onScreen: { image: string; frame: number } | null): Cine {
  const [playing, setPlaying] = useState<string | null>(null);
  const [speed, setSpeed] = useState<number>(first);
  const can = hand !== null && hand.image.frames > 1;
  const on = can && playing === hand.image.id;
  const drawn = on && onScreen?.image === hand.image.id && onScreen.frame === hand.state.frame;
  const [change, frames] = [hand?.change, hand?.image.frames ?? 0];
  const frame = hand?.state.frame ?? 0;
  useEffect(() => {
    if (!drawn) return;
    const timer = setTimeout(() => change?.({ frame: following(frame, frames) }), 1000 / speed);
    return () => clearTimeout(timer);
    // `change` is made anew at every drawing and does the same; listing it would begin the wait anew at each.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [drawn, frame, frames, speed]);
  const at = speeds.findIndex((s) => s === speed);
  return {
    can,
    playing: on,
    speed,
    slower: speeds[at - 1] ?? null,
    faster: speeds[at + 1] ?? null,
    toggle: () => setPlaying(on ? null : (hand?.image.id ?? null)),
    stop: () => setPlaying(null),
    setSpeed,
  };
}
