import { expect, test } from "vitest";
import { dataMatrix, dataMatrixWords, errorWordsOf } from "./matrix";

test("the example of the standard has its codewords and its error words (ISO/IEC 16022, annex O)", () => {
  expect(dataMatrixWords("123456")).toEqual([142, 164, 186]);
  expect(errorWordsOf([142, 164, 186], 5)).toEqual([114, 25, 5, 88, 102]);
});

test("three capital letters or digits take two words", () => {
  // C40: latch, then 1600 * 14 + 40 * 15 + 16 + 1 for each ABC, then back.
  expect(dataMatrixWords("ABCABC")).toEqual([230, 89, 233, 89, 233, 254]);
});

test("the symbol of the standard's example, module for module", () => {
  const drawn = dataMatrix("123456")?.map((row) => row.map((dark) => (dark ? "#" : ".")).join(""));
  expect(drawn).toEqual([
    "#.#.#.#.#.",
    "##..#.##.#",
    "##.....#..",
    "##...###.#",
    "##....#...",
    "#.....####",
    "###.##....",
    "####.##..#",
    "#..###.#..",
    "##########",
  ]);
});

test("the sealed text of a slip fits one block, and what is too long or no plain text gives no symbol", () => {
  expect(dataMatrix(`HSC1${"0F".repeat(120)}`)?.length).toBe(48);
  expect(dataMatrix("9".repeat(400))).toBeNull();
  expect(dataMatrix("é")).toBeNull();
  expect(dataMatrix("")).toBeNull();
});
