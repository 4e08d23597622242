import { useCallback, useEffect, useRef, useState } from "react";
import { CommandFailed, useBackend } from "../../backend";

const most = 256 * 1024 * 1024;

/**
 * Frames of the room, whatever pane they hang in, newest use last, limited by bytes. Not in the query cache: pixels never change,
 * and asking again for megabytes whenever the store changes would stop the hand on the wheel.
 */
export function useFrames() {
  const backend = useBackend();
  const kept = useRef(new Map<string, ArrayBuffer>());
  const coming = useRef(new Map<string, Promise<ArrayBuffer>>());

  const load = useCallback((image: string, index: number): Promise<ArrayBuffer> => {
    const key = `${image}/${index}`;
    const here = kept.current.get(key);
    if (here) {
      kept.current.delete(key);
      kept.current.set(key, here);
      return Promise.resolve(here);
    }
    let promise = coming.current.get(key);
    if (!promise) {
      promise = backend.frame(image, index).then((bytes) => {
        kept.current.set(key, bytes);
        let total = 0;
        for (const b of kept.current.values()) total += b.byteLength;
        for (const [old, b] of kept.current) {
          if (total <= most || old === key) break;
          kept.current.delete(old);
          total -= b.byteLength;
        }
        return bytes;
      }).finally(() => coming.current.delete(key));
      coming.current.set(key, promise);
    }
    return promise;
  }, [backend]);

  // Pixels of one person must not outlive the screen they were shown on.
  useEffect(() => () => kept.current.clear(), []);
  return load;
}

type FrameState = { state: "loading" } | { state: "ready"; key: string; bytes: ArrayBuffer } | { state: "failed"; error: CommandFailed };

export type LoadFrame = ReturnType<typeof useFrames>;

/** One frame, and its neighbours fetched behind it. */
export function useFrame(load: LoadFrame, image: string, index: number, frames: number, again: number): FrameState {
  const [state, setState] = useState<FrameState>({ state: "loading" });
  useEffect(() => {
    let left = false;
    // The frame before stays on the screen for the moment the next one needs; another picture never does.
    setState((old) => (old.state === "ready" && old.key.startsWith(`${image}/`) ? old : { state: "loading" }));
    load(image, index).then(
      (bytes) => {
        if (left) return;
        setState({ state: "ready", key: `${image}/${index}`, bytes });
        for (const next of [index + 1, index - 1, index + 2]) if (next >= 0 && next < frames) void load(image, next).catch(() => undefined);
      },
      (cause: unknown) => { if (!left) setState({ state: "failed", error: CommandFailed.from(cause) }); },
    );
    return () => { left = true; };
  }, [load, image, index, frames, again]);
  return state;
}
