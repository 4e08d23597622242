import { beforeEach, describe, expect, it } from "vitest";
import { type Hanging, hung, keepLayout, layoutFor, moved, nextLayout, othersOf, pictureBeside, put, studyBeside, whenOf } from "./hanging";
import { image, row } from "./testkit";

const slot = (study: string, picture: string | null = null) => ({ study, image: picture });
const alone: Hanging = { layout: "1x1", slots: [slot("now", "n1")], active: 0, linked: true };
const pictures = [slot("now", "n1"), slot("now", "n2")];

describe("hanging", () => {
  it("puts the prior on the left and what is read on the right", () => {
    const two = hung(alone, "1x2", ["before", "long_ago"], pictures);
    expect(two.slots).toEqual([slot("before"), slot("now", "n1")]);
    expect(two.active).toBe(1);
  });
  it("fills four with priors, then with the pictures beside it, and leaves the rest empty", () => {
    expect(hung(alone, "2x2", ["before"], pictures).slots).toEqual([slot("before"), slot("now", "n1"), slot("now", "n2"), null]);
    expect(hung(alone, "1x2", [], pictures.slice(0, 1)).slots).toEqual([null, slot("now", "n1")]);
  });
  it("never hangs the same picture twice, not even as \"the first of its study\"", () => {
    const first: Hanging = { ...alone, slots: [slot("now")] };
    expect(hung(first, "2x2", [], pictures).slots.filter((s) => s?.image === "n1" || s?.image === null)).toHaveLength(1);
  });
  it("keeps what was chosen by hand when it goes from two to four, and the active one when it goes back to one", () => {
    const chosen = put(hung(alone, "1x2", ["before", "long_ago"], pictures), 0, slot("long_ago"));
    const four = hung({ ...chosen, active: 1 }, "2x2", ["before", "long_ago"], pictures);
    expect(four.slots).toEqual([slot("long_ago"), slot("now", "n1"), slot("before"), slot("now", "n2")]);
    expect(hung({ ...four, active: 2 }, "1x1", ["before"], pictures)).toMatchObject({ slots: [slot("before")], active: 0 });
  });
  it("goes through one, two and four, and the active pane stops at the ends", () => {
    expect([nextLayout("1x1"), nextLayout("1x2"), nextLayout("2x2")]).toEqual(["1x2", "2x2", "1x1"]);
    const two = hung(alone, "1x2", ["before"], pictures);
    expect(moved(two, 1).active).toBe(1);
    expect(moved(moved(two, -1), -1).active).toBe(0);
  });
});

describe("other studies", () => {
  const now = row({ id: "now", modality: "DX", bodyPart: "CHEST", takenAt: "2026-11-20" });
  const before = row({ id: "before", takenAt: "2026-03-02" });
  const ancient = row({ id: "ancient", takenAt: "2019-01-01" });
  const hand = row({ id: "hand", bodyPart: "HAND", takenAt: "2026-11-19" });
  const undated = row({ id: "undated", takenAt: null, addedAt: "2026-11-20T23:00:00Z", modality: "CT" });

  it("come with the same kind and part of the body first, then the nearest in time", () => {
    expect(othersOf([undated, hand, ancient, now, before], now).map((s) => s.id)).toEqual(["before", "ancient", "undated", "hand"]);
  });
  it("are called earlier, later or of the same day, by their day", () => {
    expect([before, now, undated, row({ id: "x", takenAt: "2026-12-01" })].map((s) => whenOf(s, now))).toEqual(["earlier", "current", "same_day", "later"]);
  });
  it("are walked through by time and end at the ends", () => {
    const all = [now, before, ancient];
    expect(studyBeside(all, "now", "older")).toBe("before");
    expect(studyBeside(all, "before", "older")).toBe("ancient");
    expect(studyBeside(all, "ancient", "older")).toBeNull();
    expect(studyBeside(all, "now", "newer")).toBeNull();
  });
  it("are scrolled picture by picture in their own study only", () => {
    const study = { row: now, images: [image({ id: "a" }), image({ id: "b" })] };
    expect(pictureBeside(study, "a", 1)).toEqual(slot("now", "b"));
    expect(pictureBeside(study, "b", 1)).toBeNull();
    expect(pictureBeside(study, "a", -1)).toBeNull();
  });
});

describe("the layout of last time", () => {
  beforeEach(() => localStorage.clear());
  it("is kept for each kind of picture, and is one where nothing sensible was kept", () => {
    keepLayout("CT", "2x2");
    expect([layoutFor("CT"), layoutFor("DX"), layoutFor(null)]).toEqual(["2x2", "1x1", "1x1"]);
    localStorage.setItem("healthsync.hanging", "{broken");
    expect(layoutFor("CT")).toBe("1x1");
    localStorage.setItem("healthsync.hanging", '{"CT":"9x9"}');
    expect(layoutFor("CT")).toBe("1x1");
  });
});
