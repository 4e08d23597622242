/** Long names, empty files and the frame around them, at the smallest screen that the program is made for. */
import type { Page } from "@playwright/test";
import { phantom } from "./film";
import { axe, enter, expect, ownHouse, test } from "./house";

const house = ownHouse();
test.use({ viewport: { width: 1366, height: 768 } });

/** Nothing beside the window: the clock at its end, and no region that one would have to scroll sideways. */
async function fits(page: Page): Promise<void> {
  const box = await page.locator(".hs-ground time").boundingBox();
  expect(box && box.x >= 0 && box.x + box.width <= 1366, "the clock is whole").toBe(true);
  const wide = () => [...document.querySelectorAll(".hs-sheet, .hs-grid-wrap, .hs-side, .hs-banner")].filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.className);
  expect(await page.evaluate(wide)).toEqual([]);
}

test("a long file name pushes nothing away, and what was not opened says so first", async ({ page }) => {
  test.setTimeout(120_000);
  await enter(page, house, "khan", "/images");
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Open images" }).click();
  const nothing = Buffer.concat([Buffer.from("504b0506", "hex"), Buffer.alloc(18)]);
  await (await choosing).setFiles([
    { name: `IMG_${"long".repeat(50)}.png`, mimeType: "image/png", buffer: phantom(400) },
    { name: "empty.dcm", mimeType: "application/dicom", buffer: Buffer.alloc(0) },
    { name: "nothing.zip", mimeType: "application/zip", buffer: nothing },
  ]);
  const results = page.getByRole("region", { name: "Files just opened" });
  await expect(results.getByText("1 of 3 opened")).toBeVisible({ timeout: 30_000 });
  await expect(results.getByRole("listitem").first()).toContainText("This file is empty");
  await expect(results.getByText("This archive is empty.")).toBeInViewport();
  await expect(page.locator("[data-ready][data-engine]")).toHaveCount(1, { timeout: 20_000 });
  await fits(page);
  expect(await axe(page)).toEqual([]);
  await page.goto(`${house.address}/#/images`);
  await expect(page.getByRole("grid", { name: "Studies" })).toContainText("IMG_long");
  await fits(page);
  await page.evaluate(() => localStorage.setItem("PARAGLIDE_LOCALE", "ar"));
  await page.reload();
  await expect(page.getByRole("grid")).toContainText("IMG_long");
  await fits(page);
  await page.getByRole("row").nth(1).click();
  await expect(page.locator("[data-ready][data-engine]")).toHaveCount(1, { timeout: 20_000 });
  await fits(page);
  if (process.env.HEALTHSYNC_LOOK) await page.screenshot({ path: `${process.env.HEALTHSYNC_LOOK}/names-ar.png` });
});
