import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { phantom, png } from "./film";
import { axe, enter, expect, type House, open, test } from "./house";

// A house of its own, because the pictures stay in it.
let house: House & { close(): Promise<void> };
let folder: string;
const count = 24;
test.beforeAll(async () => {
  house = await open();
  folder = await mkdtemp(join(tmpdir(), "healthsync-folder-"));
  for (let i = 0; i < count; i++) {
    // Each a little different: the same bytes are one picture.
    const picture = i % 6 === 0 ? phantom(300 + i) : png(256, 256, (x, y) => (x * 3 + y * (i + 1)) % 255);
    await writeFile(join(folder, `film-${String(i).padStart(2, "0")}.png`), picture);
  }
  await writeFile(join(folder, "cut.png"), phantom(200).subarray(0, 900));
});
test.afterAll(async () => {
  await house.close();
  await rm(folder, { recursive: true, force: true });
});
test.use({ viewport: { width: 1366, height: 768 } });

test("a folder runs in the background, is paused, goes on, and says what got no answer", async ({ page }) => {
  await enter(page, house, "khan", "/images");
  // Listened for, so that the browser leaves its own dialog shut.
  page.on("filechooser", () => undefined);
  await page.getByRole("button", { name: "Open a folder" }).click();
  // The dialog for a folder is the browser's own; its answer is put where the page waits for it.
  await page.locator("input[type=file]").setInputFiles(folder);
  const dialog = page.getByRole("dialog", { name: "Analyse many pictures" });
  await expect(dialog.getByText(`and ${count} more`)).toBeVisible({ timeout: 20_000 });
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("Enter");
  const bar = page.getByRole("region", { name: "Many pictures at once" });
  await bar.getByRole("button", { name: /^Pause/ }).click();
  await expect(bar.getByText("Paused", { exact: true })).toBeVisible();
  expect(await axe(page)).toEqual([]);

  // It is still paused for whoever comes in next, and goes on when they say so.
  await enter(page, house, "khan", "/images");
  await expect(bar.getByText("Paused", { exact: true })).toBeVisible();
  await bar.getByRole("button", { name: /^Go on/ }).click();
  await expect(bar.getByText("Finished")).toBeVisible({ timeout: 50_000 });
  await expect(bar.getByText(`${count + 1} of ${count + 1}`)).toBeVisible();
  await expect(bar.getByText(/1 not opened/)).toBeVisible();
  await bar.getByRole("button", { name: /without an answer/ }).click();
  const list = bar.getByRole("list", { name: "Pictures without an answer" });
  await expect(list.getByText("cut.png")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await bar.getByRole("button", { name: /^Put away/ }).click();
  await expect(bar).toHaveCount(0);
  await expect(page.getByRole("grid", { name: "Studies" })).toBeVisible();
});
