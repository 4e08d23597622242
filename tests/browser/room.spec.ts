import type { Page } from "@playwright/test";
import { phantom } from "./film";
import { axe, enter, expect, ownHouse, test } from "./house";

// A house of its own, because the pictures stay in it.
const house = ownHouse();
test.use({ viewport: { width: 1366, height: 768 } });

async function rpc<T>(page: Page, name: string, body: object): Promise<T> {
  return page.evaluate(
    async ([name, body]) => (await fetch(`/rpc/${name}`, { method: "POST", headers: { "content-type": "application/json" }, body })).json() as Promise<T>,
    [name, JSON.stringify(body)] as const,
  );
}

/** Three studies of one person, the way they come in: one file after the other, then assigned. */
async function threeStudies(page: Page): Promise<string[]> {
  for (const [i, size] of [640, 512, 400].entries()) {
    const choosing = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Open images" }).click();
    await (await choosing).setFiles([{ name: `phantom${i}.png`, mimeType: "image/png", buffer: phantom(size) }]);
    await expect(page.getByRole("region", { name: "Files just opened" }).getByText(`phantom${i}.png`)).toBeVisible({ timeout: 20_000 });
    await expect.poll(async () => (await rpc<{ total: number }>(page, "study.worklist", { text: null, limit: 1 })).total).toBe(i + 1);
  }
  const found = await rpc<{ rows: { id: string }[] }>(page, "patient.search", { text: "smith john", limit: 1 });
  const list = await rpc<{ rows: { id: string }[] }>(page, "study.worklist", { text: null, limit: 9 });
  for (const study of list.rows) await rpc(page, "study.assign", { study: study.id, patient: found.rows[0]?.id });
  return list.rows.map((r) => r.id);
}

/** Grey levels of a pane's own canvas: a film that was taken away by the graphics card is black everywhere. */
async function lightOf(page: Page, pane: number): Promise<number> {
  const shot = (await page.locator(`[data-pane="${pane}"] [data-engine]`).screenshot()).toString("base64");
  return page.evaluate(async (shot) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(shot), (c) => c.charCodeAt(0))]));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    const context = canvas.getContext("2d")!;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum += data[i]!;
    return sum / (data.length / 4);
  }, shot);
}

test("priors hang side by side, are measured, and every film stays lit from one pane to four", async ({ page }) => {
  await enter(page, house, "khan", "/images");
  const studies = await threeStudies(page);
  await page.goto(`${house.address}/#/images`);
  await expect(page.getByRole("grid", { name: "Studies" })).toBeVisible();
  expect(await axe(page)).toEqual([]);

  await page.goto(`${house.address}/#/images/${studies[0]}`);
  const films = page.locator("[data-ready][data-engine]");
  await expect(films).toHaveCount(1, { timeout: 20_000 });
  await films.first().focus();
  await page.keyboard.press("g");
  await expect(films).toHaveCount(2);
  await expect(page.getByRole("region", { name: "pane 2 of 2" })).toHaveAttribute("aria-current", "true");
  expect(await axe(page)).toEqual([]);

  await page.keyboard.press("d");
  const box = (await page.locator('[data-pane="1"] [data-engine]').boundingBox())!;
  await page.mouse.move(box.x + 100, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + 200, box.y + 100, { steps: 4 });
  await page.mouse.up();
  await expect(page.getByText(/^Length \d+ px, uncalibrated$/)).toBeAttached();
  await page.keyboard.press("Escape");

  await page.keyboard.press("g");
  await expect(films).toHaveCount(3);
  await expect(page.getByText("Nothing hangs here")).toBeVisible();
  for (const pane of [0, 1, 2]) await expect.poll(() => lightOf(page, pane), { message: `pane ${pane}` }).toBeGreaterThan(20);
  expect(await axe(page)).toEqual([]);
});
