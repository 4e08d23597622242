import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(__dirname, "../messages");
const areas = readdirSync(root, { withFileTypes: true }).filter((d) => d.isDirectory()).map((d) => d.name);
const read = (area: string, locale: string): Record<string, string> => {
  const { $schema: _, ...words } = JSON.parse(readFileSync(join(root, area, `${locale}.json`), "utf8"));
  return words;
};
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

describe.each(areas)("messages of %s", (area) => {
  const en = read(area, "en");
  const ar = read(area, "ar");

  it("exist in both languages", () => {
    expect(Object.keys(ar).sort()).toEqual(Object.keys(en).sort());
  });

  it("have the same values in both languages", () => {
    const different = Object.keys(en).filter((k) => typeof en[k] === "string" && typeof ar[k] === "string" && placeholders(en[k]).join() !== placeholders(ar[k]).join());
    expect(different).toEqual([]);
  });
});

describe("all messages", () => {
  it("never say OK, Oops, successfully or Are you sure", () => {
    const bad = areas.flatMap((area) => Object.entries(read(area, "en")).filter(([, t]) => typeof t === "string" && /\b(ok|oops|successfully|are you sure|an error occurred)\b/i.test(t.replace(/\{\w+\}/g, ""))).map(([k]) => k));
    expect(bad).toEqual([]);
  });
});
