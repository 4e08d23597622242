import { act } from "@testing-library/react";

/** A key as the engine would hand it over, stamped with the moment it was pressed at. */
export function keyEvent(type: "keydown" | "keyup", key: string, at = performance.now()): KeyboardEvent {
  const event = new KeyboardEvent(type, { key, bubbles: true, cancelable: true });
  Object.defineProperty(event, "timeStamp", { value: at });
  return event;
}

/**
 * A code as a scanner types it, suffix and all, at whatever has the focus. All its keys bear one moment: a machine that
 * stops for a while between two of them says nothing about the scanner.
 */
export async function scan(text: string) {
  await act(async () => {
    const at = performance.now();
    for (const key of [...text, "Enter"]) {
      const target = document.activeElement ?? document.body;
      target.dispatchEvent(keyEvent("keydown", key, at));
      target.dispatchEvent(keyEvent("keyup", key, at));
    }
    await new Promise((done) => setTimeout(done, 20));
  });
}
