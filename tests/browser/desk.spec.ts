import type { Page } from "@playwright/test";
import { axe, enter, expect, ownHouse, ready, scan, test } from "./house";
import { phantom } from "./film";

// A house of its own, because what is done here stays in it.
const house = ownHouse();

async function openPhantom(page: Page): Promise<void> {
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Open images" }).click();
  await (await choosing).setFiles([{ name: "phantom.png", mimeType: "image/png", buffer: phantom() }]);
  await expect(page.locator("[data-ready][data-engine]")).toBeVisible({ timeout: 20_000 });
}

test("a study opens in a second window, is cleared by a lock in the first, comes back, and closes for another person", async ({ page }) => {
  await enter(page, house, "khan", "/images");
  await openPhantom(page);
  await page.locator("[data-ready][data-engine]").focus();
  const opening = page.waitForEvent("popup");
  await page.keyboard.press("b");
  const second = await opening;
  await expect(second.locator("[data-ready][data-engine]")).toBeVisible({ timeout: 20_000 });
  await expect(second.getByRole("navigation")).toHaveCount(0);
  await expect(second.getByText("Training facility.")).toBeVisible();
  expect(await axe(second)).toEqual([]);

  await page.keyboard.press("F9");
  await expect(page.getByLabel(/Password/)).toBeVisible();
  await expect(second.getByRole("heading", { name: "This window is cleared" })).toBeVisible();
  await expect(second.locator("[data-engine]")).toHaveCount(0);
  expect(await axe(second)).toEqual([]);

  await page.getByLabel(/Password/).fill("training");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeVisible();
  await expect(second.locator("[data-ready][data-engine]")).toBeVisible({ timeout: 20_000 });

  const closed = second.waitForEvent("close");
  await page.getByRole("button", { name: /Dr Sameera Khan/ }).click();
  await page.getByRole("menuitem", { name: /sign out/i }).click();
  await closed;
});

test("a half-filled form outlives a lock and a reload, and is gone once it was saved", async ({ page }) => {
  await enter(page, house, "ferreira", "/patients/register");
  const family = page.getByLabel("Family name");
  await family.fill("Draftwell");
  await expect.poll(async () => page.evaluate(async () => {
    const answer = await fetch("/rpc/draft.get", { method: "POST", headers: { "content-type": "application/json" }, body: '{"screen":"patient.register"}' });
    return ((await answer.json()) as { body: string | null }).body ?? "";
  })).toContain("Draftwell");
  await page.keyboard.press("F9");
  await page.getByLabel(/Password/).fill("training");
  await page.keyboard.press("Enter");
  await expect(page.getByText(/^You began this at/)).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.reload();
  await ready(page);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(family).toHaveValue("Draftwell");
  await page.getByText("Date of birth not known").click();
  await page.getByRole("button", { name: /^Register/ }).click();
  await expect(page.getByRole("region", { name: /^Patient DRAFTWELL/ })).toBeVisible();
  await page.goto(`${house.address}/#/patients/register`);
  await expect(family).toBeVisible();
  await expect(page.getByText(/^You began this/)).toHaveCount(0);
});

test("the scanner is measured by three scans of the label, and its prefix no longer reaches a screen", async ({ page }) => {
  await enter(page, house, "admin", "/settings/scanner");
  await page.getByRole("button", { name: "Measure the scanner" }).click();
  await expect(page.getByRole("img", { name: "Test label, Code 128" })).toBeVisible();
  expect(await axe(page)).toEqual([]);
  for (let n = 1; n <= 3; n++) {
    await scan(page, "]C0=<%>&-/AMQWYZ0123456789");
    await expect(page.getByText(`${n} of 3 read`)).toBeVisible();
  }
  await page.getByRole("button", { name: "Use these values" }).click();
  await expect(page.getByRole("button", { name: "Measure again" })).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await enter(page, house, "amina", "/blood/receive");
  await page.waitForLoadState("load");
  await expect(page.getByText("Still missing:").first()).toBeVisible();
  await scan(page, "]C0=A99982600077700");
  await expect(page.getByText("A9998 26 000777").first()).toBeVisible();
});

test("a key of the viewer is changed, kept, and refused where it is taken", async ({ page }) => {
  await enter(page, house, "khan", "/settings/keys");
  await page.getByRole("button", { name: "Change invert" }).click();
  await page.keyboard.press("o");
  await expect(page.getByText(/^O is taken: overlay on or off/)).toBeVisible();
  await page.keyboard.press("q");
  await expect(page.getByText("invert: the key is Q now.")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.reload();
  await ready(page);
  await expect(page.getByText("first I")).toBeVisible();
});

test("the next version of the rules is written, looked at, refused out of bounds, and adopted", async ({ page }) => {
  await enter(page, house, "joseph", "/settings/rules");
  await expect(page.getByRole("heading", { name: "Rules of the blood bank" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Write the next version" })).toHaveCount(0);

  await enter(page, house, "amina", "/settings/rules");
  await expect(page.getByText("24 hours").first()).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Write the next version" }).click();
  const hold = page.getByRole("textbox", { name: "A reservation holds at most" });
  await hold.fill("12");
  await page.getByRole("button", { name: "Look at the changes" }).click();
  await expect(page.getByText("Say in a few words why.")).toBeVisible();
  await page.getByRole("textbox", { name: "Reason", exact: true }).fill("The committee of November: less waste");
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Look at the changes" }).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog.getByText("12 hours")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Adopt version 2" }).click();
  await expect(page.getByText("Version 2 is adopted. It stands in the record for ever.")).toBeVisible();
  await expect(page.getByText("12 hours").first()).toBeVisible();
  await expect(page.getByRole("gridcell", { name: "The committee of November: less waste" })).toBeVisible();
});

test("several units are reserved for one patient by keyboard, and one that does not fit stops all", async ({ page }) => {
  await enter(page, house, "amina", "/blood/reserve");
  await page.getByLabel("Name or hospital number").fill("smith");
  const choose = page.getByRole("button", { name: /^Choose / }).first();
  await choose.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("No unit is chosen yet")).toBeVisible();
  const offered = page.getByRole("region", { name: "Units here that fit, the best first" });
  for (let n = 1; n <= 2; n++) {
    await offered.getByRole("button", { name: /^Add/ }).first().focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("button", { name: /^Leave out/ })).toHaveCount(n);
  }
  await expect(page.getByText("Fits this patient")).toHaveCount(2);
  expect(await axe(page)).toEqual([]);
  // Somebody takes one of the two in the meantime.
  const ask = (name: string, body: object) =>
    page.evaluate(async ([name, body]) => (await fetch(`/rpc/${name}`, { method: "POST", headers: { "content-type": "application/json" }, body })).json(), [name, JSON.stringify(body)] as const);
  // What was chosen is kept as a draft, a moment after the last change.
  const kept = async () => JSON.parse(((await ask("draft.get", { screen: "reserve_many" })) as { body: string | null }).body ?? "{}") as { units?: string[] };
  await expect.poll(async () => (await kept()).units?.length).toBe(2);
  await ask("unit.quarantine", { unit: (await kept()).units?.[1], reason: "found warm" });
  await page.getByRole("button", { name: "Reserve these 2 units" }).click();
  await expect(page.getByText("One unit stands in the way, so none was reserved")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Go on without this unit" }).click();
  await page.getByRole("button", { name: "Reserve this unit" }).click();
  await expect(page.getByText(/^1 unit is reserved for /)).toBeVisible();
});
