/**
 * A window is not a browser tab: reload, print, find and the context menu of the web view would lose typed work
 * or show a page nobody designed. Ctrl+Shift+R stays, as the deliberate way to draw everything again.
 */
export function holdBrowserKeys(target: Window) {
  target.addEventListener("keydown", (e) => {
    const ctrl = e.ctrlKey || e.metaKey;
    const key = e.key.toLowerCase();
    if (e.key === "F5" || (ctrl && !e.shiftKey && ["r", "p", "f", "g", "u", "s"].includes(key)) || (e.altKey && (e.key === "ArrowLeft" || e.key === "ArrowRight"))) {
      e.preventDefault();
    }
  });
  target.addEventListener("contextmenu", (e) => {
    // Paste into a field must stay possible with the mouse.
    if (!(e.target instanceof HTMLInputElement || e.target instanceof HTMLTextAreaElement)) e.preventDefault();
  });
}
