import { useEffect } from "react";
import { pressedAt } from "../../app";

/** Nobody types a character and presses Enter within this time; a scanner does. */
const fastest = 60;

/**
 * The shell swallows scans that it recognises. A scanner that sends something else still ends with Enter, and that
 * Enter must not press the button that happens to have the focus. In a text field it is left alone.
 */
export function useNoEnterFromScanner() {
  useEffect(() => {
    let last = Number.NEGATIVE_INFINITY;
    function down(e: KeyboardEvent) {
      const now = pressedAt(e);
      if (e.key.length === 1) last = now;
      else if (e.key === "Enter" && now - last < fastest && !takesText(e.target)) {
        e.preventDefault();
        e.stopImmediatePropagation();
      }
    }
    window.addEventListener("keydown", down, true);
    return () => window.removeEventListener("keydown", down, true);
  }, []);
}

/** True where a character is text and not a shortcut. */
export function takesText(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select, [role=spinbutton], [role=listbox], [role=listbox] *"));
}

/** Digits 1 to 9 choose from a list; never while text is typed, a dialog is open or a modifier is held. */
export function useDigits(count: number, onDigit: (index: number) => void) {
  useEffect(() => {
    if (count === 0) return;
    function down(e: KeyboardEvent) {
      if (e.defaultPrevented || e.ctrlKey || e.altKey || e.metaKey || takesText(e.target)) return;
      if (document.querySelector("[role=dialog], [role=alertdialog]")) return;
      const index = /^[1-9]$/.test(e.key) ? Number(e.key) - 1 : -1;
      if (index < 0 || index >= count) return;
      e.preventDefault();
      onDigit(index);
    }
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  });
}
