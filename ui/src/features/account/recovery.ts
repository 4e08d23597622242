/**
 * The recovery code between "shown" and "typed back". It lives in the memory of this window only: the program
 * shows it once, and a page that stored it would undo that.
 */
let shown: { code: string; facility: string } | null = null;

export function keepShown(code: string, facility: string) {
  shown = { code, facility };
}

export function shownCode(): { code: string; facility: string } | null {
  return shown;
}

export function forgetShown() {
  shown = null;
}
