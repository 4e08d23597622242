import type { ReactNode } from "react";
import * as m from "../paraglide/messages";
import { Shape } from "./status";

interface StateProps {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** No dashed edge, more air: when it stands for a whole region. */
  plain?: boolean;
}

function Region({ kind, title, children, action, plain }: StateProps & { kind?: "critical" | "inactive" }) {
  return (
    <div className="hs-state" data-plain={plain || undefined} role={kind === "critical" ? "alert" : undefined}>
      {kind ? <b className="hs-status" data-kind={kind} data-wrap><Shape kind={kind} />{title}</b> : <b>{title}</b>}
      {children && <p>{children}</p>}
      {action && <div className="hs-actions">{action}</div>}
    </div>
  );
}

/** What would be here and how it gets here. For a filtered list: name the filters, offer to clear them. */
export const Empty = (props: StateProps) => <Region {...props} />;
/** Which item failed, and that the rest is fine. */
export const Failed = (props: StateProps) => <Region {...props} kind="critical" />;
/** Held elsewhere or not readable now. Never looks like none. */
export const Unavailable = (props: StateProps) => <Region {...props} kind="inactive" />;

/** Grey lines while something is being read. `label` names what. */
export function Loading({ label, lines = 3 }: { label?: string; lines?: number }) {
  const widths = ["70%", "92%", "54%", "81%", "63%"];
  return (
    <div className="hs-skeleton" role="status" aria-label={label ?? m.design_loading()}>
      {Array.from({ length: lines }, (_, i) => <i key={i} style={{ width: widths[i % widths.length] }} />)}
    </div>
  );
}

/** `value` 0 to 1; without it the end is unknown and the bar is striped and still. */
export function Progress({ label, detail, value }: { label: string; detail?: string; value?: number }) {
  const percent = value === undefined ? undefined : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div className="hs-progress">
      <div className="flex gap-2"><span>{label}</span>{detail && <span className="hs-meta ms-auto">{detail}</span>}</div>
      <div className="hs-track" data-unknown={percent === undefined || undefined} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} aria-valuetext={detail}>
        {percent !== undefined && <i style={{ width: `${percent}%` }} />}
      </div>
    </div>
  );
}
