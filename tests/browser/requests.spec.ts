import type { Page } from "@playwright/test";
import { axe, enter, expect, ownHouse, scan, test } from "./house";

// A house of its own, because what is done here stays in it. The journeys follow one another.
const house = ownHouse();

/** Chooses in a list that opens under its button. */
async function pick(page: Page, field: RegExp, option: RegExp): Promise<void> {
  await page.getByRole("button", { name: field }).click();
  await page.getByRole("option", { name: option }).click();
}

/** A patient's number as a wristband carries it: where it stood, its length, the number. */
const wristband = (number: string) => `&#01${String(number.length).padStart(2, "0")}${number}`;

const choice = (page: Page, group: RegExp, word: string) => page.getByRole("radiogroup", { name: group }).getByText(word, { exact: true });

test("a nurse asks for blood; the advice is shown and is not in the way", async ({ page }) => {
  await enter(page, house, "mbeki", "/requests/new");
  await page.getByRole("button", { name: "Send the request to the blood bank" }).click();
  await expect(page.getByText("Choose the patient first.")).toBeVisible();
  await expect(page.getByRole("searchbox")).toBeFocused();
  await page.getByRole("searchbox").fill("kowalska");
  await page.getByRole("button", { name: "KOWALSKA, Zofia (Mrs)" }).click();
  await expect(page.getByText(/This patient already has 1 open request/)).toBeVisible();
  await page.getByText("Red cells", { exact: true }).click();
  await page.locator("label", { hasText: /^Urgent/ }).click();
  await page.getByText("In 4 hours").click();
  await pick(page, /Reason/, /^Anaemia$/);
  await page.getByRole("textbox", { name: "Haemoglobin" }).fill("92");
  await page.keyboard.press("Tab");
  await expect(page.getByText(/Haemoglobin 92 g\/L is not below 70 g\/L.*Is the transfusion needed\?/)).toBeVisible();
  await page.getByText(/has agreed to the transfusion/).click();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Send the request to the blood bank" }).click();
  await expect(page.getByRole("heading", { name: "Red cells × 1" })).toBeVisible();
  await expect(page.getByText("A sample is needed")).toBeVisible();
  // The ward has no act of the laboratory.
  await expect(page.getByRole("button", { name: "Accept the request" })).toHaveCount(0);
});

test("a tube is refused for the words of its label, then received, typed and screened", async ({ page }) => {
  await enter(page, house, "amina", "/samples/receive");
  await page.getByRole("searchbox").fill("kowalska");
  await page.getByRole("button", { name: "KOWALSKA, Zofia (Mrs)" }).click();
  await page.getByLabel("Number of the tube").fill("S26 009 001");
  await page.getByLabel("Hospital number on the label").fill("HS000008X");
  await page.getByLabel("Time it was drawn").fill("0005");
  await pick(page, /Drawn by/, /Mbeki/);
  await pick(page, /Patient identified by/, /Ferreira/);
  await choice(page, /Transfused/, "No").click();
  await choice(page, /Pregnant/, "No").click();
  await page.getByRole("button", { name: "Receive this tube" }).click();
  await expect(page.getByText("The hospital number on the label is not this patient's.")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  const number = (await page.locator(".hs-banner .hs-mono").textContent()) ?? "";
  await page.getByLabel("Hospital number on the label").fill("");
  await scan(page, wristband(number));
  await expect(page.getByLabel("Hospital number on the label")).toHaveValue(number);
  await page.getByRole("button", { name: "Receive this tube" }).click();

  await page.getByRole("button", { name: "Record the group S26 009 001" }).click();
  await choice(page, /Cells/, "B").click();
  await choice(page, /Plasma/, "B").click();
  await choice(page, /^RhD/, "NEGATIVE").click();
  await expect(page.getByText("The same as on record.")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Save the group" }).click();
  await page.getByRole("button", { name: "Record the antibody screen S26 009 001" }).click();
  await page.getByRole("dialog").locator("label", { hasText: /^Negative/ }).click();
  await page.getByRole("button", { name: "Save the screen" }).click();
  await expect(page.getByRole("button", { name: "Type again S26 009 001" })).toBeVisible();
});

test("the urgent request is accepted, set aside and crossmatched; what does not fit goes back and is not chosen again", async ({ page }) => {
  await enter(page, house, "amina", "/requests");
  const band = (await page.getByRole("grid", { name: "Open requests" }).getByRole("row", { name: /OYELARAN/ }).locator(".hs-mono").textContent()) ?? "";
  await scan(page, wristband(band));
  await page.getByRole("button", { name: "Accept the request" }).click();
  await expect(page.getByText("Set 2 units aside")).toBeVisible();
  await expect(page.getByText("Same group as the patient").first()).toBeVisible();
  await page.getByRole("button", { name: "Show why" }).click();
  await expect(page.getByText("A rule stops it: The groups do not fit")).toHaveCount(1);
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Set these 2 units aside" }).click();
  await page.getByRole("button", { name: "Record the crossmatch A9998 26 000107" }).click();
  await page.locator("label", { hasText: /^Compatible/ }).click();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Save the crossmatch" }).click();
  await expect(page.getByText("May be issued")).toBeVisible();
  await page.getByRole("button", { name: "Record the crossmatch A9998 26 000108" }).click();
  await page.locator("label", { hasText: /^Incompatible/ }).click();
  await page.getByRole("button", { name: "Save the crossmatch" }).click();
  await expect(page.getByText("Immediate spin: Incompatible")).toBeVisible();
  await page.getByRole("button", { name: "Put back A9998 26 000108" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("Incompatible crossmatch");
  await page.getByRole("dialog").getByRole("button", { name: "Put back" }).click();
  // Whether the shelf still offers it or not: nobody sets it aside without meaning to.
  await expect(page.getByRole("dialog")).toHaveCount(0);
  const again = page.getByRole("checkbox", { name: "Choose A9998 26 000108" });
  if (await again.count()) await expect(again).not.toBeChecked();
  await scan(page, "=A999826000107" + "00");
  await expect(page.getByText("A9998 26 000107 is set aside for this request.")).toBeVisible();
});

test("an antibody is recorded for good, and counts for the next request", async ({ page }) => {
  await enter(page, house, "amina", "/requests");
  await page.getByRole("grid", { name: "Open requests" }).getByRole("row", { name: /KOWALSKA/ }).first().click();
  await page.getByRole("link", { name: "Blood record" }).click();
  await page.getByRole("button", { name: "Record an antibody" }).click();
  await pick(page, /Antibody/, /^anti-K$/);
  await page.getByLabel("Where this is known from").fill("Card of the Regional Centre");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByText("anti-K", { exact: true })).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("link", { name: "Red cells × 1" }).first().click();
  await expect(page.getByText("K negative").first()).toBeVisible();
});
