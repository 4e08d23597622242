import type { ImageView, SlicePlaceView, StudyView } from "../../../wire";

type Placed = Pick<ImageView, "id" | "slices">;

const dot = (a: [number, number, number], b: [number, number, number]) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** Planes within one degree of each other, looked at from the same or the other side. */
const parallel = (a: SlicePlaceView, b: SlicePlaceView) => Math.abs(dot(a.normal, b.normal)) > Math.cos(Math.PI / 180);

/** Millimetres between two planes, across the second. */
export const apart = (from: SlicePlaceView, to: SlicePlaceView): number =>
  Math.abs(dot([from.at[0] - to.at[0], from.at[1] - to.at[1], from.at[2] - to.at[2]], to.normal));

/**
 * Whether one picture can follow the other through the body: two series in the same frame of reference whose planes
 * are parallel. Two panes of one series are two places of it on purpose and never pull each other to the same slice.
 */
export function byPosition(a: Placed, b: Placed): boolean {
  const [p, q] = [a.slices?.places[0], b.slices?.places[0]];
  return p !== undefined && q !== undefined && a.slices?.frameOfReference === b.slices?.frameOfReference
    && !!a.slices?.series && !!b.slices?.series && a.slices.series !== b.slices.series && parallel(p, q);
}

/** Where a picture lies now; its frames may lie in different places. */
export const placeOf = (image: Placed, frame: number): SlicePlaceView | null => image.slices?.places[frame] ?? null;

/** The slice of the follower's series that lies nearest: a frame of its own picture, or another picture. */
export function nearest(place: SlicePlaceView, follower: ImageView, study: Pick<StudyView, "images">): { image: string; frame: number } | null {
  const series = follower.frames > 1 ? [follower] : study.images.filter((i) => i.frames === 1 && i.slices?.series === follower.slices?.series && i.slices?.frameOfReference === follower.slices?.frameOfReference);
  let best: { image: string; frame: number; mm: number } | null = null;
  for (const image of series) {
    image.slices?.places.forEach((p, frame) => {
      const mm = apart(place, p);
      if (parallel(place, p) && (best === null || mm < best.mm)) best = { image: image.id, frame, mm };
    });
  }
  return best;
}
