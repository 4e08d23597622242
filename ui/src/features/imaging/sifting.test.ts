import { beforeEach, describe, expect, it } from "vitest";
import { groupOf, keepOpened, nextUnread, openedBy, ordered, sifted } from "./sifting";
import { row } from "./testkit";

const found = row({ id: "found", probability: 0.6, addedAt: "2026-11-20T10:00:00Z" });
const surer = row({ id: "surer", probability: 0.99, addedAt: "2026-11-20T11:00:00Z" });
const nothing = row({ id: "nothing", finding: null, probability: null, addedAt: "2026-11-20T08:00:00Z", modality: "CT" });
const failed = row({ id: "failed", state: "failed", finding: null, addedAt: "2026-11-20T09:30:00Z" });
const outside = row({ id: "outside", outsideIntendedUse: true, finding: null, addedAt: "2026-11-20T09:00:00Z", modality: null });
const fresh = row({ id: "fresh", state: "none", finding: null, addedAt: "2026-11-20T11:30:00Z" });
const all = [fresh, surer, found, failed, outside, nothing];
const nobody = () => false;

describe("the worklist", () => {
  it("puts findings first, then what says nothing to rely on, nothing found last; inside each who waits longest", () => {
    expect(ordered(all, "urgency").map((r) => r.id)).toEqual(["found", "surer", "outside", "failed", "fresh", "nothing"]);
    expect(ordered(all, "newest")).toBe(all);
  });
  it("never counts what is outside intended use as nothing found or as a finding", () => {
    expect(groupOf(outside)).toBe("look");
    expect(groupOf(row({ outsideIntendedUse: true }))).toBe("look");
    expect(groupOf(nothing)).toBe("nothing");
  });
  it("counts every hidden row once, for the sieve that holds it first", () => {
    const { rows, hidden } = sifted(all, { group: "finding", modality: "DX", unread: true }, (r) => r.id === "surer");
    expect(rows.map((r) => r.id)).toEqual(["found"]);
    expect(hidden).toEqual({ group: 4, modality: 0, unread: 1 });
    expect(sifted(all, { group: null, modality: "", unread: false }, nobody)).toEqual({ rows: [outside], hidden: { group: 0, modality: 5, unread: 0 } });
  });
  it("goes on to the next unread one, from the top when the end is reached, and stops when all are read", () => {
    const rows = ordered(all, "urgency");
    expect(nextUnread(rows, null, nobody)?.id).toBe("found");
    expect(nextUnread(rows, "found", (r) => r.id === "surer")?.id).toBe("outside");
    expect(nextUnread(rows, "nothing", (r) => r.id === "found")?.id).toBe("surer");
    expect(nextUnread(rows, "nothing", (r) => r.id !== "nothing")).toBeNull();
    expect(nextUnread(rows, "gone", nobody)?.id).toBe("found");
  });
});

describe("what a person opened", () => {
  beforeEach(() => localStorage.clear());
  it("is kept for that person alone, once each, and a broken keeping forgets instead of failing", () => {
    keepOpened("khan", "a");
    keepOpened("khan", "b");
    expect(keepOpened("khan", "a")).toEqual(["b", "a"]);
    expect(openedBy("ferreira")).toEqual([]);
    localStorage.setItem("healthsync.opened.khan", "{");
    expect(openedBy("khan")).toEqual([]);
  });
});
