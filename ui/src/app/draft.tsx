import { type ReactNode, useEffect, useRef, useState } from "react";
import { CommandFailed, useBackend } from "../backend";
import { formatMoment, usePlace } from "../clinical";
import { Bar, Button } from "../design";
import * as m from "../paraglide/messages";
import { ErrorBlock } from "./ErrorBlock";
import { useSignedIn } from "./status";

/** Quiet after the last change before the form is kept, ms. */
const wait = 500;
/** Until a store that refused is asked again, ms. */
const again = 5000;

/**
 * What the store did not take, by person and form: it outlives the form and a lock, and ends with the window. Nobody
 * else is offered it.
 */
const unkept = new Map<string, { body: string; at: string }>();

/**
 * Keeps a half-filled form in the store of this workstation, for its writer alone, and offers it back after a lock,
 * a crash or a restart. A password or a code is never part of `value`: what is given here is written down.
 *
 * `body` is what would be kept, or null while nothing worth keeping was entered. `restore` gets what was kept and
 * takes of it what still fits. Until the offer is answered the old draft is left as it is.
 */
export function useDraft(screen: string, body: object | null, restore: (kept: unknown) => void): { offer: ReactNode; done(): void } {
  const backend = useBackend();
  const place = usePlace();
  const user = useSignedIn();
  const [refused, setRefused] = useState<CommandFailed | null>(null);
  const [found, setFound] = useState<{ kept: unknown; at: string | null } | null>(null);
  const state = useRef({ looked: false, open: false, written: null as string | null, timer: undefined as ReturnType<typeof setTimeout> | undefined, text: null as string | null });
  const text = body === null ? null : JSON.stringify(body);
  state.current.text = text;

  const name = `${user}\n${screen}`;

  useEffect(() => {
    const s = state.current;
    let left = false;
    Object.assign(s, { looked: false, open: false, written: null });
    backend.call("draft.get", { screen }).then(
      (stored) => {
        if (left) return;
        s.looked = true;
        const { body, at } = unkept.get(name) ?? stored;
        const kept = body === null ? undefined : parse(body);
        // A form that already says the same, drawn again, has nothing to offer.
        if (kept === undefined || body === s.text) { s.written = s.text === body ? body : null; return; }
        s.open = true;
        setFound({ kept, at });
      },
      // Without a draft the form is a form: whatever is wrong will be said when it is saved.
      () => { s.looked = true; },
    );
    const tried = setInterval(() => { if (unkept.has(name) && !s.open) { s.written = null; flush(); } }, again);
    return () => {
      left = true;
      clearInterval(tried);
      flush();
      setFound(null);
      setRefused(null);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the form is another one when its name changes
  }, [backend, screen, user]);

  function flush() {
    const s = state.current;
    clearTimeout(s.timer);
    s.timer = undefined;
    if (s.open || s.text === s.written) return;
    if (s.text === null) drop();
    else {
      const body = s.text;
      s.written = body;
      backend.call("draft.put", { screen, body }).then(
        () => { unkept.delete(name); setRefused(null); },
        (cause: unknown) => {
          s.written = null;
          const error = CommandFailed.from(cause);
          // Behind a lock this is kept until the same person is back; it was not refused.
          if (error.code !== "screen_locked" && error.code !== "not_signed_in") setRefused(error);
          unkept.set(name, { body, at: new Date().toISOString() });
        },
      );
    }
  }

  function drop() {
    state.current.written = null;
    unkept.delete(name);
    setRefused(null);
    backend.call("draft.drop", { screen }).catch(() => undefined);
  }

  useEffect(() => {
    const s = state.current;
    if (s.open || text === s.written) return;
    clearTimeout(s.timer);
    s.timer = setTimeout(function write() {
      // Not before the answer whether there is an older one: it would be written over.
      if (s.looked) flush();
      else s.timer = setTimeout(write, wait);
    }, wait);
    return () => clearTimeout(s.timer);
    // flush reads only what the ref holds
  }, [text]);

  function answer(kept?: unknown) {
    state.current.open = false;
    setFound(null);
    if (kept === undefined) {
      if (state.current.text === null) drop();
      else flush();
    } else restore(kept);
  }

  const time = found?.at ? formatMoment(found.at, place.zone, place.now) : null;
  return {
    offer: <>{refused && <ErrorBlock error={refused} title={m.shell_draft_unkept()} />}{found && (
      <Bar
        kind="notice"
        live
        action={
          <span className="flex flex-wrap gap-2">
            <Button size="sm" variant="primary" onPress={() => answer(found.kept)}>{m.shell_draft_continue()}</Button>
            <Button size="sm" onPress={() => answer()}>{m.shell_draft_fresh()}</Button>
          </span>
        }
      >
        {time ? m.shell_draft_began({ time }) : m.shell_draft_began_before()}
      </Bar>
    )}</>,
    /** After a successful save: what was entered is a record now and no draft. */
    done() {
      const s = state.current;
      clearTimeout(s.timer);
      s.written = s.text;
      s.open = false;
      setFound(null);
      unkept.delete(name);
      setRefused(null);
      backend.call("draft.drop", { screen }).catch(() => undefined);
    },
  };
}

function parse(body: string): unknown {
  try {
    const kept: unknown = JSON.parse(body);
    return typeof kept === "object" && kept !== null ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** Of what was kept, the entries that the form still has and that still are of its kind. */
export function fitting<T extends object>(blank: T, kept: unknown): T {
  if (typeof kept !== "object" || kept === null) return blank;
  const next = { ...blank } as Record<string, unknown>;
  for (const [key, empty] of Object.entries(blank)) {
    const value = (kept as Record<string, unknown>)[key];
    if (value === undefined) continue;
    if (empty === null || value === null ? empty === null : typeof value === typeof empty) next[key] = value;
  }
  return next as T;
}
