/** Donors are asked, one answers, an appointment is kept, and a donor sees their own page without seeing anything else. */
import { type Page } from "@playwright/test";
import { axe, enter, expect, ownHouse, test } from "./house";

// A house of its own, because what is done here stays in it. The journeys follow one another.
const house = ownHouse();

test("an appeal says beforehand who is asked and who is not, and stands with its donors afterwards", async ({ page }) => {
  // The training facility is made first.
  test.setTimeout(180_000);
  await enter(page, house, "amina", "/appeals");
  await expect(page.getByText("No appeal in the last 90 days")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Ask donors" }).first().click();
  await expect(page.getByText("Choose at least one group.").first()).toBeVisible();
  await page.locator("label", { hasText: /^O\s*RhD POSITIVE/ }).click();
  await page.getByLabel("Why donors are asked").fill("O positive is short for the weekend");
  for (const [area, km] of [["lakeside", "4"], ["hill road", "9"], ["market", "60"]] as const) await page.getByRole("textbox", { name: new RegExp(`^${area}`, "i") }).fill(km);
  await page.keyboard.press("Tab");
  await expect(page.getByText("Have another group, or none on record")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Ask 1 donor", exact: true }).click();
  const asked = page.getByRole("list", { name: "Donors asked" });
  await expect(asked.getByRole("link", { name: "BARASA, Daniel" })).toBeVisible();
  await expect(page.getByText("1 asked · 1 not reached yet · 0 of 4 said yes · 0 gave blood")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  // By night nobody is called: only a stop can be noted. By day the answer of the call.
  const yes = asked.getByRole("button", { name: /^Comes|^Said yes|^Yes/ });
  if (await yes.count()) {
    await yes.click();
    await expect(page.getByText(/1 of 4 said yes/)).toBeVisible();
  } else {
    await expect(asked.getByText("Not before")).toBeVisible();
  }
  await page.getByRole("button", { name: "End this appeal" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End this appeal" }).click();
  await expect(page.getByRole("dialog").getByRole("radiogroup")).toBeVisible();
  await page.getByRole("dialog").getByRole("radiogroup").locator("label").first().click();
  await page.getByRole("dialog").getByRole("button", { name: "End this appeal" }).click();
  await expect(page.getByRole("button", { name: "End this appeal" })).toHaveCount(0);
});

test("an appointment is booked for tomorrow, and who comes without one is noted today", async ({ page }) => {
  await enter(page, house, "amina", "/appointments");
  await page.getByRole("button", { name: "Day after" }).click();
  await page.getByRole("button", { name: "Book an appointment" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Book", exact: false }).last().click();
  await expect(dialog.getByRole("alert").first()).toBeVisible();
  await dialog.getByRole("searchbox").fill("barasa");
  await dialog.locator("label", { hasText: "BARASA, Daniel" }).click();
  await dialog.getByLabel("Time", { exact: false }).fill("10:30");
  expect(await axe(page)).toEqual([]);
  await dialog.locator("button[type=submit]").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByText("10:30")).toBeVisible();
  await expect(page.getByText(/^1 expected/)).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Today" }).click();
  await page.getByRole("button", { name: "Came without one" }).click();
  await dialog.getByRole("searchbox").fill("lindgren");
  await dialog.locator("label", { hasText: "LINDGREN, Astrid" }).click();
  await dialog.locator("button[type=submit]").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByText(/1 came/)).toBeVisible();
});

/** A picture as a camera gives it, larger than what is kept. */
const portrait = (page: Page) => page.evaluate(() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1200, height: 1600 });
  const draw = canvas.getContext("2d")!;
  draw.fillStyle = "#c8b0a0";
  draw.fillRect(0, 0, 1200, 1600);
  draw.fillStyle = "#604030";
  draw.arc(600, 600, 320, 0, 7);
  draw.fill();
  return canvas.toDataURL("image/jpeg", 0.9).split(",")[1]!;
});

test("a photo is kept with the donor's yes, and stands on the record and where the donor is asked", async ({ page }) => {
  await enter(page, house, "joseph", "/donors");
  await page.getByRole("searchbox", { name: "Find a donor" }).fill("barasa");
  await page.getByRole("row", { name: /BARASA/ }).click();
  await expect(page.getByRole("img", { name: "BARASA, Daniel: No photo" })).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Add photo" }).click();
  const dialog = page.getByRole("dialog");
  const choose = async (name: string, buffer: Buffer) => {
    const chooser = page.waitForEvent("filechooser");
    await dialog.getByRole("button", { name: "Choose a file" }).click();
    await (await chooser).setFiles({ name, mimeType: "application/octet-stream", buffer });
    await expect(dialog.getByText(`Chosen: ${name}`)).toBeVisible();
  };
  await choose("letter.jpg", Buffer.from("Dear donor"));
  await dialog.locator("button[type=submit]").click();
  await expect(dialog.getByText("Without the donor’s own yes no photo is kept.")).toBeVisible();
  await dialog.locator("label", { hasText: "The donor has read this and agrees" }).click();
  await dialog.locator("button[type=submit]").click();
  await expect(dialog.getByText("This file is no photo that can be kept here.")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await choose("daniel.jpg", Buffer.from(await portrait(page), "base64"));
  await dialog.locator("button[type=submit]").click();
  await expect(dialog).toHaveCount(0);
  const photo = page.getByRole("img", { name: "Photo of BARASA, Daniel" });
  await expect(photo).toBeVisible();
  expect(await photo.evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight, img.clientWidth <= 96])).toEqual([480, 640, true]);
  expect(await axe(page)).toEqual([]);
  // Whoever asks and measures sees it too.
  await enter(page, house, "mbeki", "/donors");
  await page.getByRole("searchbox", { name: "Find a donor" }).fill("barasa");
  await expect(page.getByRole("row", { name: /BARASA/ })).toBeVisible();
  await expect(photo, "no list shows it").toHaveCount(0);
  await page.getByRole("row", { name: /BARASA/ }).click();
  await page.getByRole("button", { name: "Ask and measure" }).click();
  await expect(photo).toBeVisible();
  expect(await axe(page)).toEqual([]);
});

test("a donor's own page leads nowhere else, and is closed with the password of the staff", async ({ page }) => {
  await enter(page, house, "amina", "/donors");
  await page.getByRole("searchbox", { name: "Find a donor" }).fill("barasa");
  await page.getByRole("row", { name: /BARASA/ }).click();
  await expect(page.getByRole("heading", { name: /BARASA, Daniel/ }).or(page.getByText("BARASA, Daniel")).first()).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Show the donor" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Show it and lock" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /Daniel/ })).toBeVisible();
  await expect(page.getByRole("navigation")).toHaveCount(0);
  await expect(page.getByRole("img", { name: /BARASA/ })).toHaveCount(0);
  await expect(page.getByText(/10:30/)).toBeVisible();
  expect(await axe(page)).toEqual([]);
  // Nothing behind it answers: the door of the program is shut while a donor looks.
  expect(await page.evaluate(async () => (await fetch("/rpc/patient.search", { method: "POST", headers: { "content-type": "application/json" }, body: '{"text":"smith","limit":1}' })).status)).toBe(409);
  await page.getByRole("button", { name: "For staff" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^Password of/).fill("wrong");
  await dialog.getByRole("button", { name: "Close this page" }).click();
  await expect(dialog.getByText("The name or the password is not right.")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await dialog.getByLabel(/^Password of/).fill("training");
  await dialog.getByRole("button", { name: "Close this page" }).click();
  await expect(page.getByRole("navigation").first()).toBeVisible();
});

test("a photo is removed with a reason and goes for good", async ({ page }) => {
  await enter(page, house, "joseph", "/donors");
  await page.getByRole("searchbox", { name: "Find a donor" }).fill("barasa");
  await page.getByRole("row", { name: /BARASA/ }).click();
  await page.getByRole("button", { name: "Remove photo" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Why it is removed").fill("He asked for it");
  expect(await axe(page)).toEqual([]);
  await dialog.locator("button[type=submit]").click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("img", { name: "BARASA, Daniel: No photo" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Remove photo" })).toHaveCount(0);
});
