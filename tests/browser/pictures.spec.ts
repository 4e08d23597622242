// Draws the pictures of the documentation anew: HEALTHSYNC_PICTURES=1, and ImageMagick for small files.
import { execFileSync } from "node:child_process";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { phantom } from "./film";
import { enter, expect, type House, open, ready, scan, test } from "./house";

const folder = join(__dirname, "../../docs/pictures");
const most = 200 * 1024;

let house: House & { close(): Promise<void> };
test.beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  house = await open();
});
test.afterAll(async () => { await house.close(); });
test.use({ viewport: { width: 1366, height: 768 }, colorScheme: "light" });

async function picture(page: Page, name: string): Promise<void> {
  const path = join(folder, `${name}.png`);
  await page.mouse.move(700, 764);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path, animations: "disabled", caret: "hide" });
  execFileSync("convert", [path, "-strip", "-dither", "None", "-colors", "128", `PNG8:${path}`]);
  expect((await stat(path)).size, `${name}.png is small`).toBeLessThanOrEqual(most);
}

test("first start", async ({ page }) => {
  await page.goto(house.address);
  await ready(page);
  await expect(page.getByRole("button", { name: "Look around" })).toBeVisible();
  await picture(page, "first-start");
});

test("stock board", async ({ page }) => {
  await enter(page, house, "amina", "/blood");
  await expect(page.getByRole("grid")).toBeVisible();
  await picture(page, "stock-board");
});

test("issue counter with a refusal", async ({ page }) => {
  await enter(page, house, "amina", "/blood/issue");
  await page.getByRole("searchbox", { name: "Name or hospital number" }).fill("smith");
  await page.getByRole("button", { name: "Choose SMITH, John (Mr)" }).click();
  await scan(page, "=A99982600013500");
  await expect(page.getByText("Nobody can override this rule.")).toBeVisible();
  await picture(page, "issue-refused");
});

test("patient", async ({ page }) => {
  await enter(page, house, "ferreira", "/patients");
  await page.getByRole("searchbox").fill("oyelaran");
  await page.getByRole("grid").getByText("OYELARAN").first().click();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("region", { name: /^Patient OYELARAN/ })).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  await picture(page, "patient");
});

test("viewer with an invented film", async ({ page }) => {
  await enter(page, house, "khan", "/images");
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Open images" }).click();
  await (await choosing).setFiles([{ name: "phantom.png", mimeType: "image/png", buffer: phantom() }]);
  await expect(page.locator("[data-ready][data-engine]")).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText(/^Ran here/)).toBeVisible({ timeout: 45_000 });
  const unfold = page.getByRole("button", { name: "Show what the model says all the same" });
  if (await unfold.isVisible()) {
    await unfold.click();
    await page.keyboard.press("o");
  }
  await page.getByRole("region", { name: "Files just opened" }).getByRole("button", { name: /close/i }).click();
  await picture(page, "viewer");
});
