import { afterEach, describe, expect, it, vi } from "vitest";
import { currentZone, zoneNames, zoneWords } from "./zone";

afterEach(() => vi.restoreAllMocks());

describe("the names of time zones", () => {
  it.each([
    ["Asia/Calcutta", "Asia/Kolkata", "Asia/Kolkata (Calcutta)"],
    ["Asia/Katmandu", "Asia/Kathmandu", "Asia/Kathmandu (Katmandu)"],
    ["Asia/Rangoon", "Asia/Yangon", "Asia/Yangon (Rangoon)"],
    ["Asia/Saigon", "Asia/Ho_Chi_Minh", "Asia/Ho Chi Minh (Saigon)"],
    ["Europe/Kiev", "Europe/Kyiv", "Europe/Kyiv (Kiev)"],
  ])("%s is offered as %s, once, and either name finds it", (then, now, words) => {
    vi.spyOn(Intl, "supportedValuesOf").mockReturnValue([then, now, "Africa/Nairobi"]);
    expect(zoneNames().sort()).toEqual(["Africa/Nairobi", now, "UTC"].sort());
    expect(currentZone(then)).toBe(now);
    expect(zoneWords(now)).toBe(words);
  });

  it("says no former name where only the region has changed", () => {
    expect(zoneWords("America/Argentina/Buenos_Aires")).toBe("America/Argentina/Buenos Aires");
    expect(zoneWords("Africa/Nairobi")).toBe("Africa/Nairobi");
  });

  it("keeps the older name in an engine that does not know the newer one", () => {
    const { DateTimeFormat } = Intl;
    vi.spyOn(Intl, "DateTimeFormat").mockImplementation(function (locale?: string, options?: Intl.DateTimeFormatOptions) {
      if (options?.timeZone === "Europe/Kyiv") throw new RangeError("Invalid time zone specified: Europe/Kyiv");
      return new DateTimeFormat(locale, options);
    } as never);
    expect(currentZone("Europe/Kiev")).toBe("Europe/Kiev");
    expect(currentZone("Asia/Calcutta")).toBe("Asia/Kolkata");
  });
});
