import { describe, expect, it } from "vitest";
import { actOfKey, keyOfAct, readChanges, refusalOf, viewerActNames, viewerActs } from "./viewerKeys";

describe("the keys of the viewer", () => {
  it("stand for one act each from the start", () => {
    for (const act of viewerActNames) expect(refusalOf(act, viewerActs[act].key, {})).toBeNull();
    expect(new Set(viewerActNames.map((act) => viewerActs[act].key)).size).toBe(viewerActNames.length);
  });

  it("refuse a key that another act has, and give it free when that act has moved", () => {
    expect(refusalOf("overlay", "i", {})).toEqual({ why: "taken_by", act: "invert" });
    expect(refusalOf("overlay", "i", { invert: "Q" })).toBeNull();
    expect(actOfKey("I", { invert: "Q", overlay: "I" })).toBe("overlay");
    expect(keyOfAct("invert", { invert: "Q" })).toBe("Q");
  });

  it("refuse the presets, the list of keys, what a barcode begins with, and what is no single character", () => {
    for (const key of ["1", "5", "9", "?", "=", "&"]) expect(refusalOf("overlay", key, {})).toEqual({ why: "reserved" });
    for (const key of ["", "F9", "Enter", " ", "é", "ض"]) expect(refusalOf("overlay", key, {})).toEqual({ why: "not_a_key" });
  });

  it("fall back to the first keys when what was kept is broken or stands for two acts", () => {
    expect(readChanges('{"overlay":"q"}')).toEqual({ overlay: "Q" });
    for (const body of [null, "", "[1", "null", '"O"', '{"overlay":"I"}', '{"overlay":"1"}', '{"overlay":"KK"}']) expect(readChanges(body)).toEqual({});
  });
});
