import { useEffect, useRef } from "react";
import type { useFilms } from "./films";
import type { usePanes } from "./usePanes";
import { byPosition, nearest, placeOf } from "./viewport/slices";

/**
 * Panes that lie in the same space as the active one follow it through the body. They are moved when the active pane
 * has scrolled within its series, or when linking begins; taking another pane in hand, or hanging another series,
 * moves nothing.
 */
export function useFollowing({ hanging, contents, hang }: ReturnType<typeof usePanes>, { hands, follow }: ReturnType<typeof useFilms>) {
  const last = useRef({ pane: -1, series: "", at: "", linked: false });
  const lead = contents[hanging.active];
  const frame = hands[hanging.active]?.state.frame ?? 0;
  const image = lead?.image ?? null;
  const linked = hanging.linked && hanging.layout !== "1x1";
  const now = { pane: hanging.active, series: image?.slices?.series ?? "", at: `${image?.id}/${frame}`, linked };
  useEffect(() => {
    const was = last.current;
    last.current = now;
    const moved = was.linked && was.pane === now.pane && was.series === now.series && was.at !== now.at;
    const place = image && placeOf(image, frame);
    if (!linked || !place || !(moved || (!was.linked && was.pane >= 0))) return;
    contents.forEach((c, i) => {
      if (i === hanging.active || !c.image || !c.study || !byPosition(image, c.image)) return;
      const to = nearest(place, c.image, c.study);
      if (!to) return;
      if (to.image !== c.image.id) hang(i, { study: c.study.row.id, image: to.image });
      else follow(i, to.frame);
    });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- what moves is the active pane; the rest is only looked at
  }, [now.pane, now.series, now.at, now.linked]);
}
