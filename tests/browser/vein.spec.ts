/** From a person at the desk to a bag on the shelf: registered, asked, bled, divided, typed, tested, labelled and released by two. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { axe, enter, expect, ownHouse, scan, test } from "./house";

// A house of its own, because what is done here stays in it. The journeys follow one another.
const house = ownHouse();
let folder: string;
test.beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), "healthsync-vein-")); });
test.afterAll(async () => { await rm(folder, { recursive: true, force: true }); });

const number = "=A99982600050000";

/** The code of the end of a component, as its label says it: from the day that the page shows. */
async function ends(page: Page, product: string): Promise<string> {
  const row = await page.getByRole("listitem").filter({ hasText: product }).filter({ hasText: "Ends" }).first().innerText();
  const [, day, month, year] = /Ends (\d\d)-(\w{3})-(\d{4}) 23:59/.exec(row.replace(/\s+/g, " ")) ?? [];
  const at = new Date(`${day} ${month} ${year} UTC`).getTime();
  const ordinal = Math.round((at - Date.UTC(Number(year), 0, 0)) / 86_400_000);
  return `&>0${year!.slice(2)}${String(ordinal).padStart(3, "0")}2359`;
}

/** Chooses in a list that opens under its button. */
async function pick(page: Page, field: RegExp, option: RegExp): Promise<void> {
  await page.getByRole("button", { name: field }).first().click();
  await page.getByRole("option", { name: option }).first().click();
}

/** The page of the donation in the laboratory, by its number as everywhere. */
async function bench(page: Page, user: string): Promise<void> {
  await enter(page, house, user, "/lab");
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await scan(page, number);
  await expect(page.getByRole("heading", { name: "Components" })).toBeVisible();
}

async function type(page: Page, lot: string): Promise<void> {
  await page.getByRole("button", { name: "Enter a typing" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Method").fill("Tube");
  await dialog.getByLabel("Lot of the reagents").fill(lot);
  for (const [tube, read] of [[/Anti-A$/, /^Negative/], [/Anti-B$/, /^Negative/], [/Anti-D/, /^Positive/], [/Control/, /^Negative/], [/A cells/, /^Positive/], [/B cells/, /^Positive/]] as const) {
    await dialog.getByRole("button", { name: tube }).click();
    await page.getByRole("option", { name: read }).click();
  }
  await dialog.getByRole("button", { name: "Save the typing" }).click();
  await expect(dialog).toHaveCount(0);
}

test("a donor is registered, asked, measured and bled", async ({ page }) => {
  // The training facility is made first.
  test.setTimeout(180_000);
  await enter(page, house, "luis", "/donors");
  await page.getByRole("button", { name: "Register a donor" }).click();
  await page.getByLabel("Family name").fill("Achterberg");
  await page.getByLabel("Given names").fill("Willem Johannes");
  await page.getByRole("spinbutton", { name: /^Day/ }).focus();
  await page.keyboard.type("14031988");
  await page.getByText("Male", { exact: true }).click();
  await page.getByText(/^The donor has read this and agrees/).first().click();
  await page.getByRole("button", { name: "Register this donor" }).click();
  await page.getByRole("button", { name: "Ask and measure" }).click();
  await page.getByText(/^Who it is was proven/).first().click();
  for (const [name, value] of [["Haemoglobin", "148"], ["Weight", "82"], ["Height", "180"], ["Temperature", "36.6"], ["Upper blood pressure", "124"], ["Lower blood pressure", "78"], ["Pulse", "68"]] as const) {
    await page.getByRole("textbox", { name }).fill(value);
  }
  await pick(page, /Bag/, /^Triple bag, 450 mL/);
  for (const question of (await page.getByRole("radiogroup").all()).slice(1)) {
    const well = /feel well/.test(await question.innerText());
    await question.getByText(well ? "Yes" : "No", { exact: true }).click();
  }
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Save and decide" }).click();
  await expect(page.getByText("Asked and measured, and accepted: the donation can begin.")).toBeVisible();
  await page.getByRole("button", { name: "Begin the donation" }).click();
  await pick(page, /Bag/, /^Triple bag, 450 mL/);
  await page.getByRole("button", { name: "The needle is in" }).click();
  await expect(page.getByText("Blood is being taken")).toBeVisible();
  await page.getByRole("button", { name: "End the donation" }).click();
  await page.getByRole("textbox", { name: "Volume of blood" }).fill("455");
  await page.getByRole("button", { name: "Save the end" }).click();
  await expect(page.getByText("455 mL")).toBeVisible();
  expect(await axe(page)).toEqual([]);
});

test("it is divided and typed; a second typing with the same reagents does not count", async ({ page }) => {
  test.setTimeout(120_000);
  await bench(page, "luis");
  await page.getByRole("button", { name: "Divide" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Red cells in additive solution + Platelets + Fresh frozen plasma").click();
  for (const [n, volume] of ["285", "55", "230"].entries()) await dialog.getByRole("textbox", { name: "Volume" }).nth(n).fill(volume);
  await dialog.getByRole("button", { name: "Save the components" }).click();
  await expect(page.getByText("All components wait for:")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await type(page, "L2611");
  await bench(page, "amina");
  await page.getByRole("button", { name: "I read the same" }).first().click();
  await expect(page.getByText("Typings still needed: 1")).toBeVisible();
  await type(page, "L2611");
  await expect(page.getByText(/another lot of reagents or another method/)).toBeVisible();
  await type(page, "L9902");
  await bench(page, "luis");
  for (let left = 2; left > 0; left--) {
    await expect(page.getByRole("button", { name: "I read the same", exact: true })).toHaveCount(left);
    await page.getByRole("button", { name: "I read the same", exact: true }).first().click();
  }
  await expect(page.getByText(/^Typings still needed/)).toHaveCount(0);
});

test("its four tests are entered by one and read by another", async ({ page }) => {
  test.setTimeout(120_000);
  for (const marker of ["HIV", "Hepatitis B", "Hepatitis C", "Syphilis"]) {
    await enter(page, house, "amina", "/lab/run");
    await expect(page.getByText(/^Choose the test first/)).toBeVisible();
    await pick(page, /Test/, new RegExp(`^${marker}$`));
    await page.getByLabel("Kit").fill(`Kit ${marker}`);
    await page.getByLabel("Lot", { exact: true }).fill("K77");
    await page.getByRole("spinbutton", { name: /^Day/ }).focus();
    await page.keyboard.type("31122099");
    await page.getByText("The positive control was positive").click();
    await page.getByText("The negative control was negative").click();
    await page.getByRole("radiogroup").getByText("Non-reactive", { exact: true }).click();
    await page.getByRole("button", { name: "Save the run" }).click();
    await expect(page.getByRole("heading", { name: "Laboratory", level: 1 })).toBeVisible();
  }
  await bench(page, "luis");
  await page.getByRole("button", { name: "I read the same in all" }).click();
  await expect(page.getByText("Nothing stands against its release")).toHaveCount(3);
});

test("its labels are printed before the release, which reads them back and refuses another bag's", async ({ page }) => {
  test.setTimeout(120_000);
  await bench(page, "amina");
  await page.getByRole("button", { name: "Print 3 labels" }).click();
  let dialog = page.getByRole("dialog");
  await dialog.getByLabel("Folder").fill(folder);
  await dialog.getByRole("button", { name: "Write the file" }).click();
  await expect(dialog.getByText(/^Written: unit-labels-/)).toBeVisible();
  expect(await readdir(folder)).toEqual([expect.stringMatching(/^unit-labels-.*\.pdf$/)]);
  await dialog.getByRole("button", { name: "Close" }).click();

  const [cells, platelets] = [await ends(page, "Red cells"), await ends(page, "Platelets")];
  await page.getByRole("button", { name: /^Release Red cells/ }).click();
  dialog = page.getByRole("dialog");
  // The product code of the plasma first.
  for (const code of [number, "=%5100", "=<D1003V00", cells]) await scan(page, code);
  await expect(dialog.getByText("expiry read")).toBeVisible();
  await dialog.getByText("The bag looks as it should").click();
  await dialog.getByText("The bag weighs as it should").click();
  await dialog.getByLabel("Place").fill("Fridge 1, shelf B");
  await dialog.getByLabel("Sign-in name").fill("luis");
  await dialog.getByLabel("Password").fill("training");
  await dialog.getByRole("button", { name: "Release this component" }).click();
  await expect(dialog.getByText("The label does not say what it must: product code is another.")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await scan(page, "=<D1001V00");
  await dialog.getByRole("button", { name: "Release this component" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText("On the shelf")).toBeVisible();

  // The platelets follow; of two bags with one number the product code says which is meant.
  await page.getByRole("button", { name: /^Release Platelets/ }).click();
  for (const code of [number, "=%5100", "=<D1002V00", platelets]) await scan(page, code);
  await dialog.getByText("The bag looks as it should").click();
  await dialog.getByText("The bag weighs as it should").click();
  await dialog.getByLabel("Place").fill("Agitator");
  await dialog.getByLabel("Sign-in name").fill("luis");
  await dialog.getByLabel("Password").fill("training");
  await dialog.getByRole("button", { name: "Release this component" }).click();
  await expect(dialog).toHaveCount(0);
  await enter(page, house, "amina", "/blood/reserve");
  await page.getByLabel("Name or hospital number").fill("oyelaran");
  await page.getByRole("button", { name: /^Choose / }).first().click();
  await expect(page.getByText("No unit is chosen yet")).toBeVisible();
  await scan(page, number);
  await expect(page.getByText("Several bags carry this number: scan the product code too.")).toBeVisible();
  await scan(page, "=<D1001V00");
  await expect(page.getByRole("region", { name: "1 unit chosen" })).toBeVisible();
});

test("who gave it and what became of it is one map", async ({ page }) => {
  await enter(page, house, "amina", "/donors");
  await page.getByRole("searchbox", { name: "Find a donor" }).fill("achterberg");
  await page.getByRole("row", { name: /ACHTERBERG/ }).click();
  await page.getByRole("button", { name: "Look-back" }).click();
  await expect(page.getByText("Donors 1 · Bags 3 · Recipients 0")).toBeVisible();
  await expect(page.getByText("ACHTERBERG, Willem Johannes")).toBeVisible();
  expect(await axe(page)).toEqual([]);
});
