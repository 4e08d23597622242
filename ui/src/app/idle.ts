import { useEffect, useRef } from "react";

const signs = ["pointerdown", "pointermove", "wheel", "keydown", "touchstart"] as const;

/** Calls `onIdle` once when nothing was touched for that long; an absent person's screen is not left open. */
export function useIdle(minutes: number, onIdle: () => void) {
  const latest = useRef(onIdle);
  latest.current = onIdle;
  useEffect(() => {
    if (minutes <= 0) return;
    const limit = minutes * 60_000;
    let touched = Date.now();
    let done = false;
    const touch = () => { touched = Date.now(); };
    for (const sign of signs) window.addEventListener(sign, touch, { capture: true, passive: true });
    // Compared with the clock, not counted: a computer that slept through the limit locks when it wakes.
    const timer = setInterval(() => {
      if (!done && Date.now() - touched >= limit) { done = true; latest.current(); }
    }, 1000);
    return () => {
      clearInterval(timer);
      for (const sign of signs) window.removeEventListener(sign, touch, { capture: true });
    };
  }, [minutes]);
}
