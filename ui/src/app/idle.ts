import { useEffect, useRef } from "react";
import { useBackend } from "../backend";

const signs = ["pointerdown", "pointermove", "wheel", "keydown", "touchstart"] as const;

/** How often the other windows are told, ms. */
const tellEvery = 5000;

/** Calls `onIdle` once when nothing was touched for that long, in this window or another one; an absent person's screen is not left open. */
export function useIdle(minutes: number, onIdle: () => void) {
  const backend = useBackend();
  const latest = useRef(onIdle);
  latest.current = onIdle;
  useEffect(() => {
    if (minutes <= 0) return;
    const limit = minutes * 60_000;
    let touched = Date.now();
    let done = false;
    let told = 0;
    const touch = () => {
      touched = Date.now();
      if (touched - told > tellEvery) { told = touched; backend.touch(); }
    };
    const elsewhere = backend.on("touched", () => { touched = Date.now(); });
    for (const sign of signs) window.addEventListener(sign, touch, { capture: true, passive: true });
    // Compared with the clock, not counted: a computer that slept through the limit locks when it wakes.
    const timer = setInterval(() => {
      if (!done && Date.now() - touched >= limit) { done = true; latest.current(); }
    }, 1000);
    return () => {
      clearInterval(timer);
      elsewhere();
      for (const sign of signs) window.removeEventListener(sign, touch, { capture: true });
    };
  }, [minutes, backend]);
}
