import { useEffect, useState } from "react";

/** True while the window is narrower than so many points: large text on a small screen halves what there is. */
export function useNarrow(points: number): boolean {
  const [is, set] = useState(() => window.innerWidth < points);
  useEffect(() => {
    const look = () => set(window.innerWidth < points);
    look();
    window.addEventListener("resize", look);
    return () => window.removeEventListener("resize", look);
  }, [points]);
  return is;
}
