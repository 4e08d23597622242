import type { ReactNode } from "react";

/** The 48 px head of a page: title, tabs, acts. */
export function PageHead({ title, tabs, actions, children }: { title: ReactNode; tabs?: ReactNode; actions?: ReactNode; children?: ReactNode }) {
  return (
    <div className="hs-head">
      <h1>{title}</h1>
      {tabs}
      {children}
      {actions && <div className="hs-actions">{actions}</div>}
    </div>
  );
}

/** The 40 px head of a region: title, what it counts or how it is ordered, acts. */
export function SectionHead({ title, note, actions }: { title: ReactNode; note?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="hs-section">
      <h2>{title}</h2>
      {note && <span className="hs-meta">{note}</span>}
      {actions && <div className="hs-actions">{actions}</div>}
    </div>
  );
}

/** Numbers in a row, each with its unit, divided by hairlines. */
export function Stats({ items }: { items: { label: string; value: ReactNode; unit?: string }[] }) {
  return (
    <dl className="hs-stats">
      {items.map((s) => <div key={s.label}><dt>{s.label}</dt><dd>{s.value}{s.unit && <small>{s.unit}</small>}</dd></div>)}
    </dl>
  );
}

/** A side panel of fixed width that scrolls on its own. */
export function SidePanel({ children, side = "end", width = 304, label }: { children: ReactNode; side?: "start" | "end"; width?: number; label: string }) {
  // A region that scrolls must be reachable by keyboard, or its lower part cannot be read without a mouse.
  return <aside className="hs-side" data-side={side} style={{ width, flex: "none" }} aria-label={label} tabIndex={0}>{children}</aside>;
}
