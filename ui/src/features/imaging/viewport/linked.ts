import { fitScale, type Film, type Placement, scaleOf, type Size, type Turn } from "./geometry";
import type { WindowLevel } from "./window";

/** What one pane must know of itself to follow another. */
export interface Pane {
  film: Film;
  size: Size;
  /** Millimetres per row and per column, when the file gives them. */
  spacing: [number, number] | null;
}

const measured = (p: Pane): p is Pane & { spacing: [number, number] } => p.spacing !== null && p.spacing[1] > 0;

/**
 * Scales at which every picture fits its pane and a millimetre is as long in one as in another; null unless all are
 * calibrated. Two hearts that are not drawn at the same scale cannot be compared by eye.
 */
export function commonScales(panes: (Pane & { turn: Turn })[]): number[] | null {
  if (panes.length < 2) return null;
  const calibrated = panes.filter(measured) as (Pane & { spacing: [number, number]; turn: Turn })[];
  if (calibrated.length !== panes.length) return null;
  const pointsPerMm = Math.min(...calibrated.map((p) => fitScale(p.film, p.size, p.turn) / p.spacing[1]));
  return calibrated.map((p) => pointsPerMm * p.spacing[1]);
}

/**
 * Where the follower lies when the leader lies at `lead`: as many points per millimetre where both are calibrated,
 * else as far from fitting. Turning is never followed: a prior that was stored upside down is turned alone.
 */
export function followedPlacement(lead: Placement, from: Pane, own: Placement, to: Pane): Placement {
  if (lead.scale === null) return { ...own, scale: null, pan: lead.pan };
  const scale = measured(from) && measured(to)
    ? (lead.scale / from.spacing[1]) * to.spacing[1]
    : (lead.scale / fitScale(from.film, from.size, lead.turn)) * fitScale(to.film, to.size, own.turn);
  return { ...own, scale, pan: lead.pan };
}

/** True when both pictures show a millimetre at the same length now. */
export function sameScale(a: Placement, paneA: Pane, b: Placement, paneB: Pane): boolean {
  if (!measured(paneA) || !measured(paneB)) return false;
  const [x, y] = [scaleOf(a, paneA.film, paneA.size) / paneA.spacing[1], scaleOf(b, paneB.film, paneB.size) / paneB.spacing[1]];
  return Math.abs(x - y) <= 1e-6 * Math.max(x, y);
}

/** The window a picture came with, and whether its numbers mean the same in every picture of its kind (CT: Hounsfield). */
export interface Light { first: WindowLevel; absolute: boolean }

/**
 * The follower's window: the same numbers where numbers mean the same, else the same change in proportion to the
 * window each picture came with, because 12-bit and 8-bit greys share no scale.
 */
export function followedWindow(lead: WindowLevel, from: Light, to: Light): WindowLevel {
  if (from.absolute && to.absolute) return { ...lead };
  const k = to.first.width / from.first.width;
  return { center: to.first.center + (lead.center - from.first.center) * k, width: Math.max(1, lead.width * k) };
}
