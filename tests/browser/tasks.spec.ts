/** What the blood bank still has to do: an urgent call stands where staff look first, leads to its page, and is gone when it is done. */
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { axe, enter, expect, ownHouse, ready, test } from "./house";

// A house of its own, because what is done here stays in it.
const house = ownHouse();

async function rpc<T>(page: Page, name: string, body: object): Promise<T> {
  return page.evaluate(
    async ([name, body]) => (await fetch(`/rpc/${name}`, { method: "POST", headers: { "content-type": "application/json" }, body })).json() as Promise<T>,
    [name, JSON.stringify(body)] as const,
  );
}

/** Light, dark and right to left, each looked at by axe with its real contrast; and as pictures for whoever asks for them. */
async function looks(page: Page, name: string): Promise<void> {
  const out = process.env.HEALTHSYNC_LOOK;
  for (const [mode, set] of [["light", {}], ["dark", { "healthsync.theme": "dark" }], ["rtl", { "healthsync.theme": "light", PARAGLIDE_LOCALE: "ar" }], ["light", { PARAGLIDE_LOCALE: "en" }]] as const) {
    await page.evaluate((set) => { for (const [k, v] of Object.entries(set)) localStorage.setItem(k, v); }, set);
    await page.reload();
    await ready(page);
    await expect(page.locator("[role=grid] [role=row]").nth(1)).toBeVisible();
    expect(await axe(page), mode).toEqual([]);
    if (out) await page.screenshot({ path: join(out, `${mode}-${name}.png`) });
  }
}

test("a recalled bag that is with a patient is an urgent call on the stock board and in the list, until the site has answered", async ({ page }) => {
  // The training facility is made first.
  test.setTimeout(180_000);
  await enter(page, house, "amina", "/blood");
  await expect(page.getByRole("link", { name: /^To do/ })).toBeVisible();
  await expect(page.getByText(/^Urgent tasks/)).toHaveCount(0);
  const { rows } = await rpc<{ rows: { id: string }[] }>(page, "patient.search", { text: "oyelaran", limit: 1 });
  const given = await rpc<{ issues: { unit: { id: string } }[] }>(page, "blood.record", { id: rows[0]!.id });
  const bag = given.issues[0]!.unit;
  const { id } = await rpc<{ id: string }>(page, "recall.open", { reason: "The supplier calls it back", units: [bag.id], dins: [] });
  const bar = page.getByRole("status").filter({ hasText: /^Urgent tasks/ });
  await expect(bar).toBeVisible();
  await looks(page, "stock-urgent");
  await bar.getByRole("link", { name: "Open the list" }).click();
  const call = page.getByRole("row").filter({ hasText: "Call the ward" }).first();
  await expect(call).toContainText("Urgent, now");
  await looks(page, "tasks");

  // By the keyboard alone: into the table, to the row, and to where it is done.
  await page.getByRole("grid", { name: "To do" }).getByRole("row").nth(1).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/blood/recall/${id}`));
  await page.getByRole("button", { name: "I looked everywhere here" }).click();
  await page.getByRole("button", { name: "Every fridge was looked into" }).click();
  await expect(page.getByRole("heading", { name: "Answers of the sites" })).toBeVisible();
  await page.goto(`${house.address}/#/blood/tasks`);
  await expect(page.getByRole("row").filter({ hasText: "Find this patient" }).first()).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "Call the ward" })).toHaveCount(0);
});

test("the list of one group of people stands in the address", async ({ page }) => {
  await enter(page, house, "mbeki", "/blood/tasks");
  await page.getByRole("radio", { name: "Physician" }).check({ force: true });
  await expect(page).toHaveURL(/for=physician/);
  expect(await axe(page)).toEqual([]);
});
