import type { Page } from "@playwright/test";
import { phantom } from "./film";
import { axe, enter, expect, ownHouse, ready, test } from "./house";

// A house of its own, because what is signed here stays in it.
const house = ownHouse();
test.use({ viewport: { width: 1366, height: 768 } });
test.setTimeout(180_000);
/** Everything here is signed and stored, and the machine may be busy with other builds. */
const slow = { timeout: 40_000 };

async function rpc<T>(page: Page, name: string, body: object): Promise<T> {
  return page.evaluate(
    async ([name, body]) => (await fetch(`/rpc/${name}`, { method: "POST", headers: { "content-type": "application/json" }, body })).json() as Promise<T>,
    [name, JSON.stringify(body)] as const,
  );
}

/** A study of its own for each test: the same bytes twice would be one. */
async function film(page: Page, size: number, analyse = false): Promise<string> {
  const handle = await page.evaluate(async ([name, bytes]) => {
    const body = new Blob([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))]);
    return ((await (await fetch(`/upload?name=${name}`, { method: "POST", body })).json()) as { handle: string }).handle;
  }, [`phantom${size}.png`, phantom(size).toString("base64")] as const);
  const { files } = await rpc<{ files: { study: string }[] }>(page, "study.import", { handles: [handle], patient: null, analyse });
  const study = files[0]?.study ?? "";
  await page.goto(`${house.address}/#/images/${study}`);
  await expect(page.locator("[data-ready][data-engine]")).toBeVisible(slow);
  return study;
}

/** The panel and not the sheet of paper, which stands in the page as well. */
const side = (page: Page) => page.getByRole("complementary", { name: "Report" });

/** By its key, from the film: the focus lands in the first field. */
async function toReport(page: Page): Promise<void> {
  await page.locator("[data-ready][data-engine]").first().focus();
  await page.keyboard.press("j");
  await expect(page.getByRole("textbox", { name: "Findings" })).toBeFocused(slow);
}

test("a report is written, read once more, signed and added to without a mouse, and every step is clean for axe", async ({ page }) => {
  await enter(page, house, "khan", "/images");
  await expect(page.getByText("No images yet")).toBeVisible(slow);
  expect(await axe(page)).toEqual([]);
  await film(page, 300);
  await toReport(page);
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.type("Lungs clear.");
  await page.keyboard.press("Control+s");
  await expect(page.getByText(/^Saved by Dr Sameera Khan/)).toBeVisible(slow);
  await page.keyboard.press("Control+Enter");
  const dialog = page.getByRole("dialog", { name: "Sign this report?" });
  await expect(dialog.getByText("Nothing is written under: Impression.")).toBeVisible(slow);
  await expect(dialog.getByRole("button", { name: "Go on writing" })).toBeFocused(slow);
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(side(page).getByText(/^Signed by Dr Sameera Khan/)).toBeVisible(slow);
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Write an addendum" }).press("Enter");
  await expect(page.getByRole("textbox", { name: "Addendum" })).toBeFocused(slow);
  await page.keyboard.type("Told the ward. أُبلغ القسم.");
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("Control+Enter");
  const question = page.getByRole("dialog", { name: "Sign this addendum?" });
  await expect(question.getByRole("button", { name: "Go on writing" })).toBeFocused(slow);
  // Pressed twice it neither signs nor gives up.
  await page.keyboard.press("Control+Enter");
  await expect(question).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await question.getByRole("button", { name: "Sign the addendum" }).press("Enter");
  await expect(page.getByRole("heading", { name: "Addendum 1" })).toBeVisible(slow);
  await expect(page.getByRole("button", { name: "Write an addendum" })).toBeFocused(slow);
  await page.emulateMedia({ media: "print" });
  await expect(page.locator(".hs-print-page")).toContainText("Told the ward.");
  await expect(page.getByRole("navigation")).toBeHidden();
  await page.emulateMedia({ media: "screen" });
  await page.goto(`${house.address}/#/images`);
  await expect(page.getByText("Everything is read")).toBeVisible(slow);
  await page.getByRole("button", { name: "Show the signed ones" }).first().click();
  await expect(page.getByRole("gridcell", { name: "Signed" })).toBeVisible(slow);
  expect(await axe(page)).toEqual([]);
});

test("an addendum to a draft and a text beyond all measure are refused, and what was typed stays", async ({ page }) => {
  await enter(page, house, "khan", "/images");
  const study = await film(page, 310);
  await toReport(page);
  await page.getByRole("textbox", { name: "Findings" }).fill("x".repeat(100_000));
  await expect(page.getByText(/^Too long for the record, \d+ % over/)).toBeVisible(slow);
  const save = page.getByRole("button", { name: "Save draft" });
  await expect(save).toHaveAccessibleDescription('The text under "Findings" is too long for the record.');
  expect(await axe(page)).toEqual([]);
  await page.getByRole("textbox", { name: "Findings" }).fill("Short.");
  await save.press("Enter");
  await expect(page.getByText(/^Saved by/)).toBeVisible(slow);
  await expect(page.getByRole("button", { name: "Write an addendum" })).toHaveCount(0);
  expect(await rpc(page, "report.addend", { study, text: "Not yet." })).toMatchObject({ kind: "refusal" });
  // Taken out again entirely: an empty text is no report to sign.
  await page.getByRole("textbox", { name: "Findings" }).fill("");
  await expect(page.getByRole("button", { name: "Read and sign" })).toHaveAccessibleDescription("Nothing is written yet.");
});

test("a text outlives a lock, and a report signed in the other window keeps it for an addendum", async ({ page }) => {
  await enter(page, house, "khan", "/images");
  const study = await film(page, 320);
  await toReport(page);
  await page.keyboard.type("Half a sentence");
  await expect.poll(async () => (await rpc<{ body: string | null }>(page, "draft.get", { screen: `report ${study}` })).body ?? "").toContain("Half a sentence");
  await page.keyboard.press("F9");
  await page.getByLabel(/Password/).fill("training");
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-ready][data-engine]")).toBeVisible(slow);
  await page.locator("[data-ready][data-engine]").focus();
  await page.keyboard.press("j");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("textbox", { name: "Findings" })).toHaveValue("Half a sentence");
  await rpc(page, "report.sign", { study, template: "general", revision: 0, sections: [{ name: "findings", text: "Signed elsewhere." }] });
  await page.reload();
  await ready(page);
  await expect(page.locator("[data-ready][data-engine]")).toBeVisible(slow);
  await page.locator("[data-ready][data-engine]").focus();
  await page.keyboard.press("j");
  await expect(side(page).getByText("Signed elsewhere.")).toBeVisible(slow);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("textbox", { name: "Addendum" })).toHaveValue("Findings\nHalf a sentence");
});

test("a text longer than the record takes outlives the window, and an open study is seen from another until it closes", async ({ page, context }) => {
  await enter(page, house, "khan", "/images");
  const study = await film(page, 350);
  await toReport(page);
  await page.getByRole("textbox", { name: "Findings" }).fill("word ".repeat(20_000));
  await expect.poll(async () => (await rpc<{ body: string | null }>(page, "draft.get", { screen: `report ${study}` })).body?.length ?? 0, slow).toBeGreaterThan(100_000);
  await page.reload();
  await ready(page);
  await expect(page.locator("[data-ready][data-engine]")).toBeVisible(slow);
  await page.locator("[data-ready][data-engine]").focus();
  await page.keyboard.press("j");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("textbox", { name: "Findings" })).toHaveValue("word ".repeat(20_000));

  const other = await context.newPage();
  await other.goto(`${house.address}/#/images`);
  await expect(other.getByText("Open in another window of this computer")).toHaveCount(1, slow);
  expect(await axe(other)).toEqual([]);
  await page.close();
  await expect(other.getByText("Open in another window of this computer")).toHaveCount(0, slow);
});

for (const theme of ["light", "dark"]) {
  test(`film, panes, filter, list of keys and card are clean for axe (${theme})`, async ({ page }) => {
    await enter(page, house, "khan", "/images");
    await page.evaluate((theme) => localStorage.setItem("healthsync.theme", theme), theme);
    await film(page, theme === "light" ? 330 : 340, true);
    await expect(page.getByText(/^Ran here/)).toBeVisible(slow);
    const stage = page.locator("[data-ready][data-engine]").first();
    const unfold = page.getByRole("button", { name: "Show what the model says all the same" });
    if (await unfold.isVisible()) await unfold.click();
    await stage.focus();
    await page.keyboard.press("o");
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("g");
    await page.keyboard.press("g");
    await expect(page.getByText("Nothing hangs here").first()).toBeVisible(slow);
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog")).toBeVisible(slow);
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.locator("[data-ready][data-engine]").first().focus();
    await page.keyboard.press("m");
    await expect(page.getByRole("dialog")).toBeVisible(slow);
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Filter" }).click();
    expect(await axe(page)).toEqual([]);
    await page.setViewportSize({ width: 683, height: 384 });
    await expect(page.getByRole("link", { name: "All studies" })).toBeVisible(slow);
    expect(await axe(page)).toEqual([]);
  });
}
