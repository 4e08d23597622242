import { useEffect, useState } from "react";
import { useBackend } from "../../backend";

/** This window, for as long as its page lives. */
const here = crypto.randomUUID();
/** A list that is older than this may be wrong about a window that was closed or opened since, ms. */
const every = 5000;
const nothing: ReadonlySet<string> = new Set();

/**
 * Says to the other windows of this computer which study this one shows, and hears what they show. Who is silent is
 * forgotten; a locked screen shows nothing. Other computers are not asked: there may be none, or no line to them.
 */
export function useReading(study: string | null): ReadonlySet<string> {
  const backend = useBackend();
  const [elsewhere, setElsewhere] = useState(nothing);
  useEffect(() => {
    let left = false;
    const say = (now: string | null) => backend.call("reading.here", { window: here, study: now });
    const ask = () => say(study).then(
      ({ studies }) => { if (!left) setElsewhere((old) => (old.size === studies.length && studies.every((s) => old.has(s)) ? old : new Set(studies))); },
      // Locked, signed out or gone: then nothing is known of the others, and nothing is said of them.
      () => { if (!left) setElsewhere(nothing); },
    );
    const leave = () => void say(null).catch(() => undefined);
    void ask();
    const timer = setInterval(() => void ask(), every);
    window.addEventListener("pagehide", leave);
    return () => {
      left = true;
      clearInterval(timer);
      window.removeEventListener("pagehide", leave);
      if (study !== null) leave();
    };
  }, [backend, study]);
  return elsewhere;
}
