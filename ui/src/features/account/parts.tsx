import { type ReactNode, useEffect, useState } from "react";
import { formatMoment, usePlace } from "../../clinical";
import { Icon, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { CommandError } from "../../wire";
import { accountSentence, type Sentence } from "./refusals";

/** A refusal beside the field or button it belongs to: what is, what to do, and the code for the telephone. */
export function Refused({ error, words, children }: { error: Pick<CommandError, "code" | "kind" | "args" | "incident">; words?: Sentence; children?: ReactNode }) {
  const { what, next } = words ?? accountSentence(error);
  return (
    <div role="alert" className="grid gap-1 rounded-md border border-critical-line bg-critical-bg px-3 py-2">
      <div className="flex flex-wrap items-start gap-x-3">
        <span className="min-w-0 grow"><Status kind="critical" wrap>{what}</Status></span>
        <span className="hs-mono hs-meta">{error.code.toUpperCase()}</span>
      </div>
      <p className="text-ink-2">{next}</p>
      {children}
    </div>
  );
}

/** When a lock-out ends, as milliseconds of this computer's clock; null when the error is another or says no time. */
export function waitEnds(error: Pick<CommandError, "code" | "args"> | null, now: number): number | null {
  if (error?.code !== "locked_out") return null;
  const { until } = error.args;
  if (until) {
    const at = Date.parse(until);
    if (!Number.isNaN(at)) return at;
  }
  const seconds = Number(error.args.seconds ?? error.args.wait_seconds ?? error.args.wait);
  return Number.isFinite(seconds) && seconds > 0 ? now + seconds * 1000 : null;
}

/** Whole seconds left of a lock-out, counted down; null when there is none. */
export function useWait(error: Pick<CommandError, "code" | "args"> | null): { ends: number; left: number } | null {
  const [ends, setEnds] = useState<number | null>(null);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    setNow(Date.now());
    setEnds(waitEnds(error, Date.now()));
  }, [error]);
  const over = ends === null || now >= ends;
  useEffect(() => {
    if (over) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [over, ends]);
  return ends === null ? null : { ends, left: Math.max(0, Math.ceil((ends - now) / 1000)) };
}

/** The time of day a wait is over, always with the time that is left beside it. Read out once, not every second. */
export function WaitWords({ wait }: { wait: { ends: number; left: number } }) {
  const place = usePlace();
  if (wait.left === 0) return <p role="status">{m.account_wait_over()}</p>;
  const time = formatMoment(new Date(wait.ends).toISOString(), place.zone, place.now) ?? "";
  return (
    <p>
      <b>{m.account_wait_until({ time })}</b>{" "}
      <span aria-hidden="true">{wait.left > 90 ? m.account_wait_minutes({ count: Math.ceil(wait.left / 60) }) : m.account_wait_seconds({ count: wait.left })}</span>
    </p>
  );
}

/** Caps Lock is seen on any key; the words stand by the password field. */
export function useCapsLock() {
  const [on, setOn] = useState(false);
  return {
    on,
    onKey: (e: { getModifierState?(key: string): boolean }) => setOn(e.getModifierState?.("CapsLock") ?? false),
  };
}

export function CapsLock({ on }: { on: boolean }) {
  return <div role="status">{on && <Status kind="caution">{m.account_sign_in_caps()}</Status>}</div>;
}

/** Facts in two columns: label small, value louder. */
export function Facts({ items }: { items: { label: string; value: ReactNode }[] }) {
  return (
    <dl className="m-0 grid items-baseline gap-x-6 gap-y-3 sm:grid-cols-[minmax(160px,max-content)_1fr]">
      {items.map((item) => (
        <div key={item.label} className="contents">
          <dt className="text-sm text-ink-3">{item.label}</dt>
          <dd className="m-0 min-w-0 font-strong [overflow-wrap:anywhere]">{item.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** One step or fact in a card of the first page. */
export function Point({ icon, n, children }: { icon?: Parameters<typeof Icon>[0]["name"]; n?: number; children: ReactNode }) {
  return (
    <li className="grid grid-cols-[20px_1fr] gap-2">
      {icon ? <span className="mt-0.5 text-ink-3"><Icon name={icon} /></span> : <span aria-hidden="true" className="grid h-5 w-5 place-items-center rounded-full border border-line-2 text-sm font-strong">{n}</span>}
      <span>{children}</span>
    </li>
  );
}
