import { useEffect, useState } from "react";
import { useBackend } from "../../backend";

/** This window, also after its page was loaded anew: it must not be told of itself as of another. */
function nameOfWindow(): string {
  const key = "healthsync.window";
  try {
    const kept = sessionStorage.getItem(key) ?? crypto.randomUUID();
    sessionStorage.setItem(key, kept);
    return kept;
  } catch {
    return crypto.randomUUID(); // storage may be closed; a window loaded anew is then another one for a minute
  }
}
const here = nameOfWindow();
/** A list that is older than this may be wrong about a window that was closed or opened since, ms. */
const every = 5000;
const nothing: ReadonlySet<string> = new Set();

/**
 * Says to the other windows of this computer which study this one shows, and hears what they show. Who is silent is
 * forgotten; a locked screen shows nothing. Other computers are not asked: there may be none, or no line to them.
 */
export function useReading(study: string | null, beside?: "beside"): ReadonlySet<string> {
  const backend = useBackend();
  const [elsewhere, setElsewhere] = useState(nothing);
  useEffect(() => {
    let left = false;
    // A browser hands the name of a window on to the one that it opens.
    const name = beside ? `${here} ${study?.slice(-12)}` : here;
    const say = (now: string | null) => backend.call("reading.here", { window: name, study: now });
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
  }, [backend, study, beside]);
  return elsewhere;
}
