import { useSyncExternalStore } from "react";

/**
 * The recovery code between "shown" and "typed back". It lives in the memory of this window only: the program
 * shows it once, and a page that stored it would undo that.
 */
let shown: { code: string; facility: string } | null = null;
const listeners = new Set<() => void>();
const change = (to: typeof shown) => {
  shown = to;
  listeners.forEach((told) => told());
};

export function keepShown(code: string, facility: string) {
  change({ code, facility });
}

export function shownCode(): { code: string; facility: string } | null {
  return shown;
}

export function forgetShown() {
  change(null);
}

/** The same for a screen: the news that a facility waits for its code may be here before the code itself is. */
export function useShownCode(): { code: string; facility: string } | null {
  return useSyncExternalStore((told) => {
    listeners.add(told);
    return () => listeners.delete(told);
  }, shownCode);
}
