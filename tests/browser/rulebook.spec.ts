/** The rule book of donors and laboratory: a value, a file, a signature, by keys and pointer on the real program. */
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { axe, enter, expect, ownHouse, test } from "./house";

// A house of its own, because what is done here stays in it. The journeys follow one another.
const house = ownHouse();

test("a value of the rule book is changed in its own unit; what nobody can have meant is refused in words", async ({ page }) => {
  // The training facility is made first.
  test.setTimeout(180_000);
  await enter(page, house, "amina", "/settings/rules");
  await page.getByRole("button", { name: /^Show the rule book/ }).click();
  const main = page.getByRole("main");
  // Every value is in words: nothing is left as the program writes it.
  await expect(main).not.toContainText('{"');
  await expect(main).not.toContainText("undefined");
  await expect(page.getByRole("rowheader", { name: /Deferral: Tattoo or piercing/ })).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("textbox", { name: /^Find a value/ }).fill("red cells in additive");
  // A key that is pressed while the list still changes under it is lost.
  await expect(page.getByRole("rowheader", { name: /Deferral: Tattoo or piercing/ })).toHaveCount(0);
  await page.getByRole("button", { name: "Change Life: Red cells in additive solution" }).press("Enter");
  const dialog = page.getByRole("dialog");
  const days = dialog.getByRole("textbox", { name: "How long" });
  await days.fill("420");
  await page.keyboard.press("Tab");
  await dialog.getByRole("textbox", { name: "Source" }).fill("Ministry circular 12");
  await dialog.getByRole("textbox", { name: "Reason" }).fill("our committee");
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Look at the change" }).click();
  await dialog.getByRole("button", { name: "Adopt version 2" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Life: Red cells in additive solution cannot be 420 days: 1 hour to 49 days is possible.");
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Go on writing" }).click();
  await days.fill("35");
  await page.keyboard.press("Tab");
  await dialog.getByRole("button", { name: "Look at the change" }).click();
  await expect(dialog.getByText("35 days")).toBeVisible();
  await dialog.getByRole("button", { name: "Adopt version 2" }).click();
  await expect(page.getByText("Version 2 is adopted. It stands in the record for ever.")).toBeVisible();
  await expect(page.getByRole("row", { name: /Life: Red cells in additive solution/ })).toContainText("35 days");
  await expect(page.getByText("WHO, version 2")).toBeVisible();
});

test("a country brings its rule book as a file, and a person signs it for that country", async ({ page }) => {
  test.setTimeout(120_000);
  await enter(page, house, "amina", "/settings/rules");
  const dialog = page.getByRole("dialog");
  const folder = await mkdtemp(join(tmpdir(), "healthsync-rule-book-"));
  const saved = join(folder, "rules.json");
  await page.getByRole("button", { name: "Save as a file" }).click();
  await dialog.getByRole("textbox", { name: "Write it to this file" }).fill(saved);
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(page.getByText(`The rule book is written to ${saved}`)).toBeVisible();

  const book = JSON.parse(await readFile(saved, "utf8")) as { name: string; testing: { mandatory: unknown[] } };
  const bring = async (name: string, text: string) => {
    const path = join(folder, name);
    await writeFile(path, text);
    const chosen = page.waitForEvent("filechooser");
    await dialog.getByRole("button", { name: "Choose a file" }).click();
    await (await chosen).setFiles(path);
    await expect(dialog.getByText(`Chosen: ${name}`)).toBeVisible();
    await dialog.getByRole("button", { name: "Look at the change" }).click();
    await dialog.getByRole("button", { name: /^Adopt version \d+$/ }).click();
  };
  await page.getByRole("button", { name: "Another rule book" }).click();
  await dialog.locator("label", { hasText: "One from a file" }).click();
  await dialog.getByRole("textbox", { name: "Reason" }).fill("the rules of our country");
  expect(await axe(page)).toEqual([]);
  await bring("lacking.json", JSON.stringify({ ...book, testing: { ...book.testing, mandatory: [] } }));
  await expect(dialog.getByRole("alert")).toContainText("The rule book lacks a value without which nobody can work: Tested in every donation: HIV");
  await dialog.getByRole("button", { name: "Go on writing" }).click();
  await bring("tanzania.json", JSON.stringify({ ...book, name: "who/TZ" }));
  await expect(page.getByText(/^WHO, as Tanzania \(TZ\) changes it, version \d+$/)).toBeVisible();

  await page.getByRole("button", { name: "Sign", exact: true }).click();
  await dialog.getByText("I have read this rule book as it stands and answer for it in Tanzania (TZ).").click();
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Sign", exact: true }).click();
  await expect(page.getByText("The rule book is signed.")).toBeVisible();
  await expect(page.getByText(/^Signed by .*Amina.* for Tanzania \(TZ\), /)).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign", exact: true })).toHaveCount(0);
});
