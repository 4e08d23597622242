import { describe, expect, it } from "vitest";
import { careWords, timelineArea, timelineWord } from "./words";

describe("an entry between the request and the bedside", () => {
  it("says what was asked for and how soon", () => {
    expect(timelineWord("blood_requested")).toBe("Blood requested");
    expect(careWords("blood_requested", { component: "red_cells", count: "2", urgency: "emergency" })).toEqual(["Emergency"]);
  });

  it("says the number of a sample, but not the hospital number of a registration", () => {
    expect(careWords("sample_received", { number: "S26 006 101" })).toEqual(["Sample S26 006 101"]);
    expect(careWords("registered", { number: "HS000004J" })).toEqual([]);
  });

  it("says the method and the result of a crossmatch in words", () => {
    expect(careWords("crossmatched", { method: "ahg", outcome: "incompatible" })).toEqual(["Full (antiglobulin)", "Incompatible"]);
  });

  it("shows what the ward wrote as it is where no word of ours is known", () => {
    expect(careWords("antibody_recorded", { against: "anti-K", toldBy: "Regional centre" })).toEqual(["\u2066anti-K\u2069", "as Regional centre says"]);
    expect(careWords("need_recorded", { need: "K\u2212" })).toEqual(["K\u2212"]);
    expect(careWords("transfusion_outcome", { outcome: "presumed" })).toEqual(["presumed"]);
  });

  it("stands under blood", () => {
    expect(timelineArea("massive_transfusion_started")).toBe("blood");
  });
});
