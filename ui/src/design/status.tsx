import type { ReactNode } from "react";
import * as m from "../paraglide/messages";

export type StatusKind = "critical" | "caution" | "notice" | "inactive" | "good";

/** The five shapes, each readable in black and white: octagon, triangle, circle, broken ring, thin tick. */
export function Shape({ kind, size = 14 }: { kind: StatusKind; size?: number }) {
  const box = { viewBox: "0 0 14 14", width: size, height: size, "aria-hidden": true } as const;
  switch (kind) {
    case "critical":
      return <svg {...box}><path d="M4.300.5h5.400l3.800 3.800v5.400l-3.800 3.800H4.300L.5 9.700V4.300z" fill="var(--critical)" /><path d="M7 3.300v4.300M7 10.300v.1" stroke="var(--on-critical)" strokeWidth="1.800" strokeLinecap="round" /></svg>;
    case "caution":
      return <svg {...box}><path d="M7 1 13.300 12.800H.7z" fill="var(--caution)" stroke="var(--caution-line)" strokeLinejoin="round" /><path d="M7 5.300v3.400M7 10.900v.1" stroke="var(--on-caution)" strokeWidth="1.600" strokeLinecap="round" /></svg>;
    case "notice":
      return <svg {...box}><circle cx="7" cy="7" r="6.300" fill="var(--notice)" /><path d="M7 6.500v3.800M7 3.800v.1" stroke="var(--on-notice)" strokeWidth="1.700" strokeLinecap="round" /></svg>;
    case "inactive":
      return <svg {...box}><circle cx="7" cy="7" r="5.600" fill="none" stroke="var(--inactive)" strokeWidth="1.500" strokeDasharray="2.600 1.800" /></svg>;
    case "good":
      return <svg {...box} fill="none" stroke="var(--ink-3)" strokeWidth="1.600" strokeLinecap="round" strokeLinejoin="round"><path d="m2.500 7.500 3 3 6-7" /></svg>;
  }
}

/** Shape + word + colour, always all three. Normal things use "good", which is a thin tick and plain ink. */
export function Status({ kind, children, wrap }: { kind: StatusKind; children: ReactNode; wrap?: boolean }) {
  return <span className="hs-status" data-kind={kind} data-wrap={wrap || undefined}><Shape kind={kind} />{children}</span>;
}

/** A word in a box; without a kind it is only a place or a label. */
export function Chip({ kind, children }: { kind?: Exclude<StatusKind, "good">; children: ReactNode }) {
  return <span className="hs-chip" data-kind={kind}>{kind && <Shape kind={kind} />}{children}</span>;
}

/** One line across a page: a strong opening, what follows from it, and at most one act at the end. */
export function Bar({ kind, children, action, live }: { kind: Exclude<StatusKind, "good">; children: ReactNode; action?: ReactNode; live?: boolean }) {
  return (
    <div className="hs-bar" data-kind={kind} role={live ? "status" : undefined}>
      <Shape kind={kind} size={16} />
      <div className="hs-bar-text">{children}</div>
      {action}
    </div>
  );
}

export interface RefusalBlockProps {
  /** Says what is: "This unit cannot be issued to this patient." */
  title: string;
  /** Left out where the title says all there is to say. */
  why?: ReactNode;
  /** The rule by name, and who may override it or that nobody can. */
  rule?: ReactNode;
  doNow: ReactNode;
  /** Machine code, small, for the telephone. */
  code?: string;
  /** caution when somebody may override it. */
  kind?: "critical" | "caution";
  actions?: ReactNode;
}

/** In a dialog it stands under the fields, where a small screen would hide it: a no that nobody reads is no answer. */
function broughtUp(block: HTMLElement | null) {
  if (block?.closest(".hs-dialog")) block.scrollIntoView?.({ block: "nearest" });
}

/** A blocked action explains itself: why, by which rule, what to do now. At most one of these on a screen. */
export function RefusalBlock({ title, why, rule, doNow, code, kind = "critical", actions }: RefusalBlockProps) {
  return (
    <section className="hs-refusal" data-kind={kind} role="alert" ref={broughtUp}>
      <Shape kind={kind} size={26} />
      <h2>{title}</h2>
      {code ? <span className="hs-code">{code}</span> : <span />}
      <dl>
        {why && <><dt>{m.design_why()}</dt><dd>{why}</dd></>}
        {rule && <><dt>{m.design_rule()}</dt><dd>{rule}</dd></>}
        <dt>{m.design_do_now()}</dt><dd>{doNow}</dd>
      </dl>
      {actions && <div className="hs-actions">{actions}</div>}
    </section>
  );
}
