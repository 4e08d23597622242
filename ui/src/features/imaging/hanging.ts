import type { StudyRow, StudyView } from "../../wire";

export const layouts = ["1x1", "1x2", "2x2"] as const;
export type Layout = (typeof layouts)[number];
export const panesIn: Record<Layout, number> = { "1x1": 1, "1x2": 2, "2x2": 4 };

/** What lies in one pane: a picture of a study; null means the study's first. */
export interface Slot { study: string; image: string | null }

export interface Hanging {
  layout: Layout;
  slots: (Slot | null)[];
  /** The pane that keys and panel are about. */
  active: number;
  linked: boolean;
}

export const nextLayout = (layout: Layout): Layout => layouts[(layouts.indexOf(layout) + 1) % layouts.length] ?? "1x1";

type Dated = Pick<StudyRow, "id" | "takenAt" | "addedAt" | "modality" | "bodyPart">;
const moment = (s: Dated) => Date.parse(s.takenAt ?? s.addedAt) || 0;

/** The person's other studies, those of the same kind and part of the body first, then the nearest in time. */
export function othersOf<T extends Dated>(studies: T[], current: Dated): T[] {
  const unlike = (s: Dated) => Number(s.modality !== current.modality) + Number((s.bodyPart ?? "") !== (current.bodyPart ?? ""));
  const far = (s: Dated) => Math.abs(moment(s) - moment(current));
  return studies.filter((s) => s.id !== current.id).sort((a, b) => unlike(a) - unlike(b) || far(a) - far(b) || (a.id < b.id ? -1 : 1));
}

/** What a study is beside the one being read. A day is all that most files know, so the same day is "other". */
export function whenOf(study: Dated, current: Dated): "current" | "earlier" | "later" | "same_day" {
  if (study.id === current.id) return "current";
  const day = (s: Dated) => (s.takenAt ?? s.addedAt).slice(0, 10);
  const [a, b] = [day(study), day(current)];
  return a === b ? "same_day" : a < b ? "earlier" : "later";
}

const same = (a: Slot, b: Slot) => a.study === b.study && a.image === b.image;

/**
 * Hangs a layout anew: what was active stays and becomes the right one (above, where there are four), the priors lie
 * on its left. What was hung by hand stays as long as there is room, then come other studies, then the pictures
 * beside it in its own study. A pane without anything stays empty.
 */
export function hung(old: Hanging, layout: Layout, others: string[], pictures: Slot[]): Hanging {
  const main = old.slots[old.active] ?? old.slots.find((s) => s !== null) ?? null;
  if (layout === "1x1" || main === null) return { ...old, layout, slots: [main, ...Array<null>(panesIn[layout] - 1).fill(null)], active: 0 };
  const rest: Slot[] = [];
  const offer = (s: Slot) => { if (!same(s, main) && !rest.some((r) => same(r, s))) rest.push(s); };
  old.slots.forEach((s) => { if (s) offer(s); });
  for (const study of others) if (study !== main.study && !rest.some((r) => r.study === study)) offer({ study, image: null });
  // "The first picture" of a study is a picture as well: it must not hang twice.
  const named = (s: Slot): Slot => pictures.find((p) => p.study === s.study && s.image === null) ?? s;
  for (const p of pictures) if (!same(named(main), p) && !rest.some((r) => same(named(r), p))) rest.push(p);
  const at = (i: number) => rest[i] ?? null;
  return layout === "1x2" ? { ...old, layout, slots: [at(0), main], active: 1 } : { ...old, layout, slots: [at(0), main, at(1), at(2)], active: 1 };
}

/** The same hanging with something else in one pane, which becomes the active one. */
export function put(old: Hanging, pane: number, slot: Slot | null): Hanging {
  return pane < old.slots.length ? { ...old, slots: old.slots.map((s, i) => (i === pane ? slot : s)), active: pane } : old;
}

/** The active pane one further to the left or right, in the order of reading, without going round. */
export function moved(old: Hanging, by: 1 | -1): Hanging {
  return { ...old, active: Math.min(old.slots.length - 1, Math.max(0, old.active + by)) };
}

/** One study further back or forward in time for a pane, of all studies of the person; null at either end. */
export function studyBeside<T extends Dated>(studies: T[], shown: string, by: "older" | "newer"): string | null {
  const byTime = [...studies].sort((a, b) => moment(a) - moment(b) || (a.id < b.id ? -1 : 1));
  const at = byTime.findIndex((s) => s.id === shown);
  return at < 0 ? (byTime.at(-1)?.id ?? null) : (byTime[at + (by === "older" ? -1 : 1)]?.id ?? null);
}

/** One picture further in its own study, or null at either end. */
export function pictureBeside(study: Pick<StudyView, "images" | "row">, image: string, by: 1 | -1): Slot | null {
  const to = study.images[study.images.findIndex((i) => i.id === image) + by];
  return to ? { study: study.row.id, image: to.id } : null;
}

const key = "healthsync.hanging";

/** The layout this computer last used for a kind of picture. */
export function layoutFor(modality: string | null): Layout {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "{}") as Record<string, unknown>;
    return layouts.find((l) => l === kept[modality ?? ""]) ?? "1x1";
  } catch {
    return "1x1"; // storage may be closed or broken; a single pane is never wrong
  }
}

export function keepLayout(modality: string | null, layout: Layout): void {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "{}") as Record<string, unknown>;
    localStorage.setItem(key, JSON.stringify({ ...kept, [modality ?? ""]: layout }));
  } catch {
    // as above
  }
}
