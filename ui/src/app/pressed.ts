/**
 * When a key was pressed, ms on the page's clock. Not when the page got round to it: one that draws for a moment gets
 * the keys of a scan late and together, or with a pause that the scanner never made. An engine that stamps its events
 * by another clock is not believed.
 */
export function pressedAt(e: Pick<KeyboardEvent, "timeStamp">): number {
  const now = performance.now();
  return e.timeStamp > 0 && e.timeStamp <= now ? e.timeStamp : now;
}
