/**
 * The label being read at the receiving table. Codes come in any order, alone or several in one burst; each
 * lands where its kind belongs, and nothing that was read is lost when something is refused.
 */
import { comma, formatWall, groupDin, groupWords, parseTypedDate } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { BloodGroup, Component, ScanPart, UnitReceive } from "../../wire";
import { partKind, partWords } from "./words";

export interface Draft {
  din: { din: string; check: string } | null;
  product: { code: string; component: Component | null; name: string | null } | null;
  /** Chosen by hand when no table names the product code. */
  component: Component | null;
  group: BloodGroup | null;
  /** The group was read by the scanner, not chosen by hand. */
  groupRead: boolean;
  expires: string | null;
  collected: string | null;
  volume: number | null;
  place: string;
  supplier: string;
  /** The time zone in which the label says its times; empty: that of this facility. */
  zone: string;
}

export const emptyDraft: Draft = { din: null, product: null, component: null, group: null, groupRead: false, expires: null, collected: null, volume: null, place: "", supplier: "", zone: "" };

/** Place, supplier and the zone of their labels stay from bag to bag: a delivery goes into one fridge. */
export function nextDraft(draft: Draft): Draft {
  return { ...emptyDraft, place: draft.place, supplier: draft.supplier, zone: draft.zone };
}

export type Heard =
  | { kind: "read"; words: string[] }
  | { kind: "same" }
  | { kind: "replaced"; what: string; old: string }
  /** Nothing was taken from the burst: another bag's number while this one is not saved. */
  | { kind: "other_unit"; parts: ScanPart[]; din: string }
  | { kind: "wrong_kind"; was: string };

const labelKinds = new Set<ScanPart["kind"]>(["donation_number", "product", "group", "expiry", "collected"]);

/** Puts what a burst said into the draft. All or nothing: a burst with one strange code changes nothing. */
export function hear(draft: Draft, parts: ScanPart[]): { draft: Draft; heard: Heard } {
  const strange = parts.find((p) => !labelKinds.has(p.kind));
  if (strange) return { draft, heard: { kind: "wrong_kind", was: partKind(strange) } };
  const number = parts.find((p) => p.kind === "donation_number");
  if (number && draft.din && draft.din.din !== number.din) return { draft, heard: { kind: "other_unit", parts, din: number.din } };

  let next = draft;
  let replaced: { what: string; old: string } | null = null;
  const changed: string[] = [];
  const put = (part: ScanPart, old: string | null, patch: Partial<Draft>) => {
    const now = partWords(part);
    next = { ...next, ...patch };
    if (old === null) changed.push(now);
    else if (old !== now) replaced = { what: partKind(part), old };
  };
  for (const part of parts) {
    switch (part.kind) {
      case "donation_number":
        put(part, draft.din && groupDin(draft.din.din), { din: { din: part.din, check: part.check } });
        break;
      case "product": {
        const before = draft.product && partWords({ kind: "product", ...draft.product });
        // A component chosen for another code must not stay with this one.
        const component = draft.product?.code === part.code ? draft.component : null;
        put(part, before, { product: { code: part.code, component: part.component, name: part.name }, component });
        break;
      }
      case "group": put(part, draft.group && groupWords(draft.group), { group: part.group, groupRead: true }); break;
      case "expiry": put(part, draft.expires && (formatWall(draft.expires) ?? draft.expires), { expires: part.wall }); break;
      case "collected": put(part, draft.collected && (formatWall(draft.collected) ?? draft.collected), { collected: part.wall }); break;
    }
  }
  if (replaced) return { draft: next, heard: { kind: "replaced", ...(replaced as { what: string; old: string }) } };
  return { draft: next, heard: changed.length > 0 ? { kind: "read", words: changed } : { kind: "same" } };
}

export type Missing = "din" | "product" | "component" | "group" | "expiry" | "place";

/** What is not known yet, in the order of the label; the place is asked last because it is not on the label. */
export function missing(draft: Draft): Missing[] {
  const list: Missing[] = [];
  if (!draft.din) list.push("din");
  if (!draft.group) list.push("group");
  if (!draft.product) list.push("product");
  else if (!draft.product.component && !draft.component) list.push("component");
  if (!draft.expires) list.push("expiry");
  if (!draft.place.trim()) list.push("place");
  return list;
}

export function missingWord(what: Missing): string {
  switch (what) {
    case "din": return m.blood_kind_donation_number();
    case "product": return m.blood_kind_product();
    case "component": return m.blood_missing_component();
    case "group": return m.blood_kind_group();
    case "expiry": return m.blood_kind_expiry();
    case "place": return m.blood_missing_place();
  }
}

export function missingWords(list: Missing[]): string {
  return list.map(missingWord).join(comma());
}

/** The command, once nothing is missing. */
export function toCommand(draft: Draft): UnitReceive | null {
  if (!draft.din || !draft.product || !draft.group || !draft.expires || missing(draft).length > 0) return null;
  return {
    din: draft.din.din,
    productCode: draft.product.code,
    // What the code itself says; a choice counts only where no table names it.
    component: draft.product.component ?? draft.component,
    group: draft.group,
    expiresWall: draft.expires,
    collectedWall: draft.collected,
    ...(draft.zone && { zone: draft.zone }),
    volumeMl: draft.volume,
    place: draft.place.trim(),
    supplier: draft.supplier.trim() || null,
  };
}

/** `05-Dec-2026 23:59` or `05-Dec-2026` as wall time; a day alone lasts until 23:59, as on the label. */
export function readTypedExpiry(text: string): string | null {
  const [, day, time] = /^(.*?)(?:[ T,]+(\d{1,2}:\d{2}))?$/.exec(text.trim()) ?? [];
  const iso = parseTypedDate(day ?? "");
  if (!iso) return null;
  if (!time) return `${iso}T23:59`;
  const [hour, minute] = time.split(":").map(Number);
  if (hour === undefined || minute === undefined || hour > 23 || minute > 59) return null;
  return `${iso}T${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}
