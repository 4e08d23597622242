import { describe, expect, it } from "vitest";
import { setLocale } from "../paraglide/runtime";
import { age, formatDay, formatMoment, formatTime, formatWall, parseTypedDate } from "./dates";
import { comma } from "./lists";
import { formatName, formatNumber, groupDin } from "./words";

describe("dates", () => {
  it("are written with letters for the month and four figures for the year", () => {
    expect(formatDay("2026-03-05")).toBe("05-Mar-2026");
    expect(formatDay("1958-03")).toBe("Mar-1958");
    expect(formatDay("1958")).toBe("1958");
    expect(formatDay("soon")).toBeNull();
  });

  it("of an instant are those of the facility's zone, not of this computer", () => {
    expect(formatMoment("2026-11-19T21:30:00Z", "Africa/Nairobi", "2026-11-20T11:00:00Z")).toBe("00:30");
    expect(formatMoment("2026-11-19T20:30:00Z", "Africa/Nairobi", "2026-11-20T11:00:00Z")).toBe("19-Nov-2026 23:30");
  });

  it("have 24 hours, and midnight is 00:00", () => {
    expect(formatTime("2026-11-20T00:00:00Z", "UTC")).toBe("00:00");
    expect(formatTime("2026-11-20T23:59:00Z", "UTC")).toBe("23:59");
  });

  it("on labels keep the wall time that is printed", () => {
    expect(formatWall("2026-12-05T23:59")).toBe("05-Dec-2026 23:59");
    expect(formatWall("2026-12-05")).toBe("05-Dec-2026");
  });

  it("that could be read in two ways are not read at all", () => {
    expect(parseTypedDate("05-Mar-1958")).toBe("1958-03-05");
    expect(parseTypedDate("5 March 1958")).toBe("1958-03-05");
    expect(parseTypedDate("1958-03-05")).toBe("1958-03-05");
    expect(parseTypedDate("25.03.1958")).toBe("1958-03-25");
    expect(parseTypedDate("05/03/1958")).toBeNull();
    expect(parseTypedDate("31-Feb-2026")).toBeNull();
  });
});

describe("age", () => {
  it("counts days in the first weeks, weeks until two years, then years", () => {
    expect(age("2026-11-19", "2026-11-20")).toBe("1 day");
    expect(age("2026-11-01", "2026-11-20")).toBe("19 days");
    expect(age("2026-09-18", "2026-11-20")).toBe("9 weeks");
    expect(age("1958-03-05", "2026-03-04")).toBe("67 years");
    expect(age("1958-03-05", "2026-03-05")).toBe("68 years");
  });

  it("is not known for a birth date in the future", () => {
    expect(age("2027-01-01", "2026-11-20")).toBeNull();
  });
});

describe("names and numbers", () => {
  it("put the family name first and in capitals", () => {
    expect(formatName({ family: "Smith", given: "John", title: "Mr" })).toBe("SMITH, John (Mr)");
    expect(formatName({ family: "", given: "Madonna", title: null })).toBe("Madonna");
  });

  it("keep a leading zero and add none at the end", () => {
    expect(formatNumber(0.5)).toBe("0.5");
    expect(formatNumber(5)).toBe("5");
    expect(formatNumber(12400)).toBe("12,400");
  });

  it("group a donation number as the label does", () => {
    expect(groupDin("A999826000411")).toBe("A9998 26 000411");
  });
});

describe("in a sentence from right to left", () => {
  it("a date keeps its own order", () => {
    setLocale("ar", { reload: false });
    expect(formatDay("2026-03-05")).toBe("\u206605-Mar-2026\u2069");
    setLocale("en", { reload: false });
    expect(formatDay("2026-03-05")).toBe("05-Mar-2026");
  });
});

describe("a list of words", () => {
  it("has the comma of its language", () => {
    expect(["a", "b"].join(comma())).toBe("a, b");
    setLocale("ar", { reload: false });
    expect(["ا", "ب"].join(comma())).toBe("ا، ب");
    setLocale("en", { reload: false });
  });
});
