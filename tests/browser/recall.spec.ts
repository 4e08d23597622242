/** Bags are irradiated, divided and pooled; a donor telephones, and every bag that was made from the donation is found again. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { axe, enter, expect, ownHouse, scan, test } from "./house";

// A house of its own, because what is done here stays in it. The journeys follow one another.
const house = ownHouse();
let folder: string;
test.beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), "healthsync-labels-")); });
test.afterAll(async () => { await rm(folder, { recursive: true, force: true }); });

/** Opens the page of a bag by its number, as a scan anywhere does. */
async function bag(page: Page, din: string): Promise<void> {
  await enter(page, house, "amina", "/blood/units");
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await scan(page, `=${din}00`);
  await expect(page.getByRole("button", { name: "Treat" })).toBeVisible();
}

/** What is asked of every treatment. */
async function record(page: Page, work: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: `Record: ${work}` }).click();
  await expect(dialog.getByText("Say whether it was opened.")).toBeVisible();
  await dialog.getByText("No, it stayed closed").click();
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole("button", { name: `Record: ${work}` }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
}

test("a bag is irradiated, and the label of the new one is written as a file", async ({ page }) => {
  // The training facility is made first.
  test.setTimeout(180_000);
  await bag(page, "A999826000113");
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Treat" }).click();
  await page.getByRole("dialog").getByText("Irradiate", { exact: true }).click();
  await record(page, "Irradiate");
  await expect(page.getByText("This bag was just made. It has no label yet.")).toBeVisible();
  await expect(page.getByText("Irradiated", { exact: true })).toBeVisible();
  await expect(page.getByText("D1101V00")).toBeVisible();
  await page.getByRole("button", { name: "Print its label" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Folder").fill(join(folder, "missing"));
  await dialog.getByRole("button", { name: "Write the file" }).click();
  await expect(dialog.getByText("Nothing was written. This folder does not exist.")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await dialog.getByLabel("Folder").fill(folder);
  await dialog.getByRole("button", { name: "Write the file" }).click();
  await expect(dialog.getByText(/^Written: unit-labels-/)).toBeVisible();
  expect(await readdir(folder)).toEqual([expect.stringMatching(/^unit-labels-.*\.pdf$/)]);
});

test("a bag is divided into two, whose volumes are counted against what went in", async ({ page }) => {
  await bag(page, "A999826000114");
  await page.getByRole("button", { name: "Treat" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Divide into bags", { exact: true }).click();
  const volumes = dialog.getByRole("textbox", { name: "Volume" });
  await expect(volumes).toHaveCount(2);
  await volumes.nth(0).fill("140");
  await volumes.nth(1).fill("144");
  await page.keyboard.press("Tab");
  await expect(dialog.getByText("284 of 284 mL")).toBeVisible();
  await record(page, "Divide into bags");
  await expect(page.getByText("2 bags were just made. They have no labels yet.")).toBeVisible();
});

test("two platelets are pooled under a new number of this hospital, and plasma is thawed", async ({ page }) => {
  await enter(page, house, "amina", "/blood/units?component=platelets");
  for (const number of ["000402", "000403"]) {
    const choose = page.getByRole("checkbox", { name: new RegExp(`^Choose A9998 26 ${number}`) });
    await choose.check({ force: true });
    await expect(choose).toBeChecked();
  }
  await page.getByRole("button", { name: "Treat" }).click();
  await expect(page.getByRole("dialog").getByText("It becomes: Platelets, pooled")).toBeVisible();
  await record(page, "Pool into one bag");
  await expect(page.getByRole("heading", { level: 1, name: "A9998 26 000500" })).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await bag(page, "A999826000149");
  await page.getByRole("button", { name: "Treat" }).click();
  await expect(page.getByRole("dialog").getByRole("radio", { name: /^Thaw/ })).toBeChecked();
  // Thawed plasma does not go back into the freezer: its place is asked for.
  const place = page.getByRole("dialog").getByLabel("Where the new bag lies");
  await expect(place).toHaveValue("");
  await place.fill("Fridge 1, shelf B");
  await record(page, "Thaw");
  await expect(page.getByText("This bag was just made. It has no label yet.")).toBeVisible();
});

test("a recall of two numbers holds the halves and the pool, and is closed once every fridge was looked into", async ({ page }) => {
  await enter(page, house, "amina", "/blood/recalls");
  await expect(page.getByText("No recall is open.")).toBeVisible();
  await page.getByRole("button", { name: "New recall" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Why they are recalled").fill("The donor telephoned: fever the day after");
  await dialog.getByLabel("Donation number").fill("A999826000114X");
  await dialog.getByRole("button", { name: "Add" }).click();
  await expect(dialog.getByText(/^This number does not check/)).toBeVisible();
  await dialog.getByLabel("Donation number").fill("A999826000114L");
  await dialog.getByRole("button", { name: "Add" }).click();
  await expect(dialog.getByRole("button", { name: "Take out A9998 26 000114" })).toBeVisible();
  await scan(page, "=A99982600040200");
  await expect(dialog.getByRole("button", { name: "Take out A9998 26 000402" })).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Open the recall" }).click();

  const bags = page.getByRole("grid", { name: "Bags" });
  await expect(bags.getByRole("row").filter({ hasText: "D1001VA0" }).filter({ hasText: "In quarantine" })).toBeVisible();
  await expect(bags.getByRole("row").filter({ hasText: "D1001VB0" }).filter({ hasText: "In quarantine" })).toBeVisible();
  await expect(bags.getByRole("row").filter({ hasText: "A9998 26 000500" }).filter({ hasText: "In quarantine" })).toBeVisible();
  await expect(page.getByText("Look into every fridge here and answer")).toBeVisible();
  await expect(page.getByRole("button", { name: "Close the recall" })).toHaveCount(0);
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "I looked everywhere here" }).click();
  await page.getByRole("button", { name: "Every fridge was looked into" }).click();
  await expect(page.getByRole("heading", { name: "Answers of the sites" })).toBeVisible();
  await page.getByRole("button", { name: "Close the recall" }).click();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("dialog").getByRole("button", { name: /^Close/ }).first().click();
  await expect(page.getByRole("button", { name: "Add bags" })).toHaveCount(0);
});

test("the map leads from the pool to what it was made from, and from a patient to the bags", async ({ page }) => {
  await enter(page, house, "amina", "/blood/look-back");
  await scan(page, "=A99982600050000");
  await expect(page.getByText("Donors 0 · Bags 3 · Recipients 0")).toBeVisible();
  const source = page.getByRole("button", { name: /^A9998 26 000402/ });
  await source.click();
  await expect(source).toHaveAttribute("aria-pressed", "true");
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Start anew" }).click();
  await page.getByText("A patient", { exact: true }).click();
  await page.getByRole("searchbox").fill("ramirez");
  await page.getByRole("button", { name: /RAMIREZ-OKONKWO/ }).click();
  await expect(page.getByRole("button", { name: /^A9998 26 000137/ })).toBeVisible();
  await expect(page.getByText(/Bags 2 · Recipients 1/)).toBeVisible();
  expect(await axe(page)).toEqual([]);
});
