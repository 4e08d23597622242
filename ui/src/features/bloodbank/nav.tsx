/** Where the blood screens lead. One place, so that an address is written once. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Search } from "../../app";
import { groupLetters } from "../../clinical";
import type { BloodGroup, Component, CountedCell } from "../../wire";

export const paths = { stock: "/blood", forecast: "/forecast", issue: "/blood/issue", receive: "/blood/receive", units: "/blood/units", reserve: "/blood/reserve", issues: "/issues", boxes: "/blood/boxes", recalls: "/blood/recalls", figures: "/blood/figures", tasks: "/blood/tasks" } as const;
export const unitPath = (id: string) => `/blood/unit/${encodeURIComponent(id)}`;

interface GoProps {
  to: string;
  search?: Search;
  children: ReactNode;
  className?: string;
  "aria-label"?: string;
  tabIndex?: number;
  onFocus?: () => void;
}

/** A link with a class and a place in a grid. It is current only on its very own address: `/blood` is not `/blood/issue`. */
export function Go({ search, ...rest }: GoProps) {
  return <Link {...rest} search={(search ?? {}) as never} activeOptions={{ exact: true, includeSearch: false }} />;
}

/** The units behind one cell of the board. */
export function filterFor(component: Component, group: BloodGroup): Search {
  return { component, abo: groupLetters(group), rhd: group.rhd, status: "available" };
}

/** Those behind a cell of another site: the free ones, or what there is instead. */
export function filterThere(cell: CountedCell, site: string): Search {
  const status = cell.available > 0 ? "available" : cell.reserved > 0 ? "reserved" : "quarantined";
  return { ...filterFor(cell.component, cell.group), status, site };
}
