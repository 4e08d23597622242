import type { KeyboardEvent } from "react";
import type { useViewerKeys } from "../../app";
import * as m from "../../paraglide/messages";

/** Keys of the middle of the board that print something else in another layout: named by their place. */
const places: Record<string, string> = { BracketLeft: "[", BracketRight: "]", Comma: ",", Period: ".", Semicolon: ";", Quote: "'", Minus: "-", Equal: "=", Slash: "/" };
const shifted: Record<string, string> = { Comma: "<", Period: ">", Equal: "+" };

/** The sign of a key whatever the keyboard's language: an Arabic layout has O where others have it. */
export function keyOf(e: Pick<KeyboardEvent, "key" | "code"> & Partial<Pick<KeyboardEvent, "shiftKey">>): string {
  if (/^[\x20-\x7e]$/.test(e.key)) return e.key.toUpperCase();
  return /^Key([A-Z])$/.exec(e.code)?.[1] ?? /^Digit(\d)$/.exec(e.code)?.[1] ?? (e.shiftKey ? shifted[e.code] : undefined) ?? places[e.code] ?? e.key;
}

/** Keys belong to the viewer while the focus is in it, and never to a field, a list of choices or a slider's arrows. */
export function takesKeys(e: KeyboardEvent): boolean {
  // React brings keys of dialogs and menus here too; their elements stand elsewhere in the page.
  if (!(e.target instanceof Element) || !e.currentTarget.contains(e.target)) return false;
  if (e.target.closest("input:not([type=range]):not([role=switch]):not([type=checkbox]), textarea, select, [contenteditable=true], [role=combobox]")) return false;
  const arrow = e.key.startsWith("Arrow") || e.key === "Home" || e.key === "End" || e.key.startsWith("Page");
  return !(arrow && e.target.closest("input, [role=radiogroup], [role=group][aria-label] button, [role=slider], [role=toolbar]") !== null);
}

/** What the list of keys says of the viewer. */
export function hints(keys: ReturnType<typeof useViewerKeys>, can: { next: boolean; beside: boolean; play: boolean; presets: number; findings: boolean }) {
  const of = keys.of;
  const said = [
    { keys: [of("overlay")], words: m.image_key_overlay() },
    { keys: [of("agree"), of("disagree"), of("correct")], words: m.image_key_judge() },
    { keys: [of("finding_before"), of("finding_next")], words: m.image_key_finding() },
  ];
  // The first ones stand below the picture: there is no use in those of findings where there are none.
  return [
    ...(can.findings ? said : []),
    ...(can.presets > 0 ? [{ keys: can.presets > 1 ? ["1", String(can.presets)] : ["1"], words: m.image_key_presets() }] : []),
    { keys: [of("reset")], words: m.image_key_reset() },
    ...(can.next ? [{ keys: [of("next")], words: m.image_key_next() }] : []),
    { keys: [of("layout")], words: m.image_key_layout() },
    { keys: [of("linked")], words: m.image_key_linked() },
    { keys: ["←", "→"], words: m.image_key_pane() },
    { keys: [of("choose")], words: m.image_key_choose() },
    { keys: [of("older"), of("newer")], words: m.image_key_older_newer() },
    ...(can.beside ? [{ keys: [of("window")], words: m.image_key_window() }] : []),
    { keys: [of("report")], words: m.image_key_report() },
    { keys: [of("card")], words: m.image_key_card() },
    { keys: ["=", of("fit")], words: m.image_key_fit() },
    { keys: [of("zoom_in"), of("zoom_out")], words: m.image_key_zoom_step() },
    { keys: [of("invert")], words: m.image_key_invert() },
    { keys: [of("flip_h"), of("flip_v")], words: m.image_key_flip() },
    { keys: [of("rotate_right"), of("rotate_left")], words: m.image_key_rotate() },
    { keys: [of("level")], words: m.image_key_level() },
    { keys: [of("zoom")], words: m.image_key_zoom() },
    { keys: [of("pan")], words: m.image_key_pan_tool() },
    { keys: [of("length")], words: m.image_key_length() },
    { keys: [of("angle")], words: m.image_key_angle() },
    { keys: [of("ellipse")], words: m.image_key_ellipse() },
    { keys: [of("ratio")], words: m.image_key_ratio() },
    { keys: ["↑ ↓ ← → Enter"], words: m.image_key_measure_keys() },
    { keys: ["Backspace"], words: m.image_key_delete() },
    ...(can.play ? [{ keys: [of("play")], words: m.image_key_play() }, { keys: [of("slower"), of("faster")], words: m.image_key_speed() }] : []),
    { keys: ["Space"], words: m.image_key_pan() },
    { keys: ["↑", "↓", "PgUp", "PgDn"], words: m.image_key_frames() },
    { keys: ["Shift + ↑ ↓ ← →"], words: m.image_key_brightness() },
    { keys: ["Ctrl + ↑ ↓ ← →"], words: m.image_key_move() },
    ...(can.findings ? [] : said),
  ];
}
