import type { ReactNode } from "react";
import * as m from "../paraglide/messages";
import type { BloodGroup as Group, Component } from "../wire";
import { formatInstantDate, formatTime, formatWall, ltr } from "./dates";
import { BloodGroup, DonationNumber, NotKnown } from "./values";
import { componentName } from "./words";
import { usePlace } from "./zone";

/**
 * Two identities compared at a glance need the same four places on both sides. They are those of the printed label,
 * number left and group right, in every language; only the words in them run as the language does.
 */
export function Quadrants({ kind, label, cells }: { kind: "unit" | "patient"; label: string; cells: [ReactNode, ReactNode, ReactNode, ReactNode] }) {
  return (
    <div dir="ltr" className="hs-unit" data-kind={kind} role="group" aria-label={label}>
      {cells.map((cell, i) => <div key={i} dir={document.documentElement.dir || "ltr"}>{cell}</div>)}
    </div>
  );
}

/** One quadrant: a small heading, the deciding value, and lines around it. */
export function Quadrant({ heading, value, children }: { heading: ReactNode; value: ReactNode; children?: ReactNode }) {
  return <><span className="hs-k">{heading}</span><span className="hs-big">{value}</span>{children}</>;
}

export interface UnitLabelProps {
  din: string;
  check?: string;
  group: Group;
  component: Component;
  productCode?: string;
  /** The name on the label when a table knows the product code; else the component's name. */
  productName?: string | null;
  volumeMl?: number | null;
  /** Storage range in words: `2 to 6 °C`. */
  storage?: string;
  /** An instant (shown in the facility's zone) or the label's own wall time `2026-12-05T23:59`. */
  expires: string;
  /** Where it is, or who collected it. */
  place?: ReactNode;
  collected?: string | null;
}

/**
 * A unit as its label shows it (ISBT 128): donation number top left, group top right, product bottom left, expiry
 * bottom right; black on white in both themes, square corners. The bars are not drawn: they could not be scanned.
 */
export function UnitLabel({ din, check, group, component, productCode, productName, volumeMl, storage, expires, place, collected }: UnitLabelProps) {
  const { zone } = usePlace();
  const isInstant = /(Z|[+-]\d{2}:\d{2})$/.test(expires);
  const when = isInstant ? ltr(`${formatInstantDate(expires, zone)} ${formatTime(expires, zone)}`) : formatWall(expires);
  const taken = collected && (/(Z|[+-]\d{2}:\d{2})$/.test(collected) ? formatInstantDate(collected, zone) : formatWall(collected));
  return (
    <Quadrants
      kind="unit"
      label={m.design_unit()}
      cells={[
        <>
          <DonationNumber din={din} check={check} />
          {place && <span className="hs-k"><bdi>{place}</bdi></span>}
          {taken && <span className="hs-k">{m.design_collected()} {taken}</span>}
        </>,
        <BloodGroup group={group} size="xl" />,
        <>
          <span className="hs-big">{productName ?? componentName(component)}</span>
          {productCode && <span className="hs-k"><span className="hs-mono">{productCode}</span></span>}
          <span className="hs-k">{[volumeMl != null ? ltr(`${volumeMl} mL`) : null, storage && ltr(storage)].filter(Boolean).join(" · ")}</span>
        </>,
        <><span className="hs-k">{m.design_expires()}</span><span className="hs-big">{when ?? <NotKnown />}</span></>,
      ]}
    />
  );
}
