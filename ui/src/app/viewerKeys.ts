import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { CommandFailed, useBackend, useCommand } from "../backend";
import * as m from "../paraglide/messages";

/**
 * The single keys of the viewer, and what this person made of them (WCAG 2.1.4: they can be changed). The arrows,
 * PgUp, Home, Space, Backspace, Escape and the digits of the presets stay where they are on every workstation.
 */
export const viewerActs = {
  overlay: { key: "O", words: m.image_key_overlay },
  agree: { key: "A", words: m.image_key_agree },
  disagree: { key: "X", words: m.image_key_disagree },
  correct: { key: "U", words: m.image_key_correct },
  finding_before: { key: "[", words: m.image_key_finding_before },
  finding_next: { key: "]", words: m.image_key_finding_next },
  next: { key: "N", words: m.image_key_next },
  card: { key: "M", words: m.image_key_card },
  window: { key: "B", words: m.image_key_window },
  reset: { key: "0", words: m.image_key_reset },
  fit: { key: "F", words: m.image_key_fit },
  zoom_in: { key: "+", words: m.image_key_zoom_in },
  zoom_out: { key: "-", words: m.image_key_zoom_out },
  invert: { key: "I", words: m.image_key_invert },
  flip_h: { key: "H", words: m.image_key_flip_h },
  flip_v: { key: "V", words: m.image_key_flip_v },
  rotate_right: { key: "R", words: m.image_key_rotate_right },
  rotate_left: { key: "L", words: m.image_key_rotate_left },
  level: { key: "W", words: m.image_key_level },
  pan: { key: "P", words: m.image_key_pan_tool },
  zoom: { key: "Z", words: m.image_key_zoom },
  length: { key: "D", words: m.image_key_length },
  angle: { key: "Y", words: m.image_key_angle },
  ellipse: { key: "E", words: m.image_key_ellipse },
  ratio: { key: "T", words: m.image_key_ratio },
  play: { key: "C", words: m.image_key_play },
  slower: { key: "<", words: m.image_key_slower },
  faster: { key: ">", words: m.image_key_faster },
  report: { key: "J", words: m.image_key_report },
  layout: { key: "G", words: m.image_key_layout },
  linked: { key: "K", words: m.image_key_linked },
  choose: { key: "S", words: m.image_key_choose },
  older: { key: ",", words: m.image_key_older },
  newer: { key: ".", words: m.image_key_newer },
} as const satisfies Record<string, { key: string; words(): string }>;

export type ViewerAct = keyof typeof viewerActs;
export const viewerActNames = Object.keys(viewerActs) as ViewerAct[];

/** What a person changed; an act that is missing keeps its first key. */
export type KeyChanges = Partial<Record<ViewerAct, string>>;

/** The program's own keys: the presets, the list of keys, and the two characters every barcode begins with. */
const taken = new Set(["1", "2", "3", "4", "5", "6", "7", "8", "9", "?", "=", "&"]);

export type KeyRefusal = { why: "taken_by"; act: ViewerAct } | { why: "reserved" } | { why: "not_a_key" };

/** Why `key` cannot stand for `act`, or null when it can. */
export function refusalOf(act: ViewerAct, key: string, changes: KeyChanges): KeyRefusal | null {
  const wanted = key.toUpperCase();
  if ([...wanted].length !== 1 || !/^[\x21-\x7e]$/.test(wanted)) return { why: "not_a_key" };
  if (taken.has(wanted)) return { why: "reserved" };
  const other = viewerActNames.find((o) => o !== act && keyOfAct(o, changes) === wanted);
  return other ? { why: "taken_by", act: other } : null;
}

export const keyOfAct = (act: ViewerAct, changes: KeyChanges): string => changes[act] ?? viewerActs[act].key;

export function actOfKey(key: string, changes: KeyChanges): ViewerAct | null {
  return viewerActNames.find((act) => keyOfAct(act, changes) === key) ?? null;
}

/** Reads what was kept. Anything that no longer fits, or would stand for two acts, falls back to the first keys. */
export function readChanges(body: string | null): KeyChanges {
  if (body === null) return {};
  let kept: unknown;
  try {
    kept = JSON.parse(body);
  } catch {
    return {};
  }
  if (typeof kept !== "object" || kept === null) return {};
  const changes: KeyChanges = {};
  for (const act of viewerActNames) {
    const key = (kept as Record<string, unknown>)[act];
    if (typeof key === "string") changes[act] = key.toUpperCase();
  }
  return viewerActNames.every((act) => changes[act] === undefined || refusalOf(act, changes[act], changes) === null) ? changes : {};
}

/** The person's own keys, kept in the store of this workstation. */
const name = "viewer_keys";

export function useViewerKeys() {
  const backend = useBackend();
  const queries = useQueryClient();
  const kept = useCommand("preference.get", { name });
  const body = kept.data?.body ?? null;
  const changes = useMemo(() => readChanges(body), [body]);
  return useMemo(() => ({
    changes,
    of: (act: ViewerAct) => keyOfAct(act, changes),
    act: (key: string) => actOfKey(key, changes),
    /** Rejects with a `CommandFailed`. */
    async save(next: KeyChanges) {
      try {
        await backend.call("preference.put", { name, body: JSON.stringify(next) });
      } catch (cause) {
        throw CommandFailed.from(cause);
      }
      await queries.invalidateQueries({ queryKey: ["preference.get"] });
    },
  }), [changes, backend, queries]);
}
