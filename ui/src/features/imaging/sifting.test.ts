import { describe, expect, it } from "vitest";
import { groupOf, nextUnread, ordered, sifted } from "./sifting";
import { row } from "./testkit";

const found = row({ id: "found", probability: 0.6, addedAt: "2026-11-20T10:00:00Z" });
const surer = row({ id: "surer", probability: 0.99, addedAt: "2026-11-20T11:00:00Z" });
const nothing = row({ id: "nothing", finding: null, probability: null, addedAt: "2026-11-20T08:00:00Z", modality: "CT" });
const failed = row({ id: "failed", state: "failed", finding: null, addedAt: "2026-11-20T09:30:00Z" });
const outside = row({ id: "outside", outsideIntendedUse: true, finding: null, addedAt: "2026-11-20T09:00:00Z", modality: null });
const fresh = row({ id: "fresh", state: "none", finding: null, addedAt: "2026-11-20T11:30:00Z" });
const all = [fresh, surer, found, failed, outside, nothing];
const signed = (...ids: string[]) => all.map((r) => (ids.includes(r.id) ? { ...r, report: "signed" as const } : r));

describe("the worklist", () => {
  it("puts findings first, then what says nothing to rely on, nothing found last; inside each who waits longest", () => {
    expect(ordered(all, "urgency").map((r) => r.id)).toEqual(["found", "surer", "outside", "failed", "fresh", "nothing"]);
    expect(ordered(all, "newest")).toBe(all);
  });
  it("puts what is signed behind all, whatever was found in it; a draft still waits", () => {
    expect(ordered(signed("found"), "urgency").map((r) => r.id)).toEqual(["surer", "outside", "failed", "fresh", "nothing", "found"]);
    expect(ordered([{ ...found, report: "draft" as const }, nothing], "urgency").map((r) => r.id)).toEqual(["found", "nothing"]);
  });
  it("never counts what is outside intended use as nothing found or as a finding", () => {
    expect(groupOf(outside)).toBe("look");
    expect(groupOf(row({ outsideIntendedUse: true }))).toBe("look");
    expect(groupOf(nothing)).toBe("nothing");
  });
  it("counts every hidden row once, for the sieve that holds it first", () => {
    const { rows, hidden } = sifted(signed("surer"), { group: "finding", modality: "DX", unread: true }, null);
    expect(rows.map((r) => r.id)).toEqual(["found"]);
    expect(hidden).toEqual({ group: 4, modality: 0, unread: 1 });
    expect(sifted(signed("surer"), { group: "finding", modality: "DX", unread: true }, "surer").hidden).toEqual({ group: 4, modality: 0, unread: 0 });
    expect(sifted(all, { group: null, modality: "", unread: false }, null)).toEqual({ rows: [outside], hidden: { group: 0, modality: 5, unread: 0 } });
  });
  it("goes on to the next one that nobody signed, from the top when the end is reached, and stops when all are signed", () => {
    const next = (from: string | null, ...done: string[]) => {
      const kept = signed(...done);
      return nextUnread(ordered(all, "urgency").map((r) => kept.find((k) => k.id === r.id) ?? r), from)?.id ?? null;
    };
    expect(next(null)).toBe("found");
    expect(next("found", "surer")).toBe("outside");
    expect(next("nothing", "found")).toBe("surer");
    expect(next("nothing", "found", "surer", "outside", "failed", "fresh")).toBeNull();
    expect(next("gone")).toBe("found");
  });
});
