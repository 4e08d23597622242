import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Entry = string | { match: Record<string, string> }[];
const read = (locale: string) => JSON.parse(readFileSync(`messages/blood/${locale}.json`, "utf8")) as Record<string, Entry>;
const texts = (e: Entry) => (typeof e === "string" ? [e] : e.flatMap((v) => Object.values(v.match)));
const holes = (text: unknown) => [...new Set(JSON.stringify(text).match(/\{\w+\}/g) ?? [])].sort();

test("every sentence of the blood bank exists in both languages with the same values", () => {
  const [en, ar] = [read("en"), read("ar")];
  expect(Object.keys(ar)).toEqual(Object.keys(en));
  for (const [key, entry] of Object.entries(en)) {
    const english = [...new Set(texts(entry).flatMap(holes))].sort();
    const arabic = [...new Set(texts(ar[key]!).flatMap(holes))].sort();
    expect(arabic, key).toEqual(english);
  }
});

test("an Arabic count has all six plural forms", () => {
  for (const [key, entry] of Object.entries(read("ar"))) {
    if (typeof entry !== "string") expect(Object.keys(entry[0]!.match), key).toEqual(["n=zero", "n=one", "n=two", "n=few", "n=many", "n=other"]);
  }
});
