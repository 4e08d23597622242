/** What the stock will need, what would be if, and the rules that both lean on. */
import { axe, enter, expect, ownHouse, test } from "./house";

// A house of its own, because what is done here stays in it. The journeys follow one another.
const house = ownHouse();

test("the need of each group stands with its range, as a chart and as a table, and nothing is ordered by it", async ({ page }) => {
  // The training facility is made first.
  test.setTimeout(180_000);
  await enter(page, house, "amina", "/forecast");
  await expect(page.getByText(/^Use is known for \d+ days only/)).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("This is a suggestion. A person decides what is ordered; this page orders nothing.")).toBeVisible();
  const groups = page.getByRole("table").first().or(page.getByRole("grid").first()).first();
  await expect(groups.getByRole("row")).toHaveCount(9);
  await expect(groups).toContainText("Under 1 %");
  expect(await axe(page)).toEqual([]);
  await page.getByRole("main").getByText("Table", { exact: true }).click();
  await expect(page.getByText(/^0 to \d$/).last()).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("main").getByText("Platelets", { exact: true }).click();
  await expect(groups.getByRole("row").nth(1)).toBeVisible();
});

test("a question about other days is refused without a choice or out of bounds, and answered with how sure it is", async ({ page }) => {
  test.setTimeout(180_000);
  await enter(page, house, "amina", "/forecast?view=what_if");
  const ask = page.getByRole("button", { name: "Ask what would happen" });
  await expect(ask).toHaveAttribute("aria-disabled", "true");
  await expect(page.getByText("Choose what would be different first.")).toBeVisible();
  await page.locator("label", { hasText: /^The need grows/ }).click();
  const need = page.getByRole("textbox", { name: "Need, compared with today" });
  await need.fill("5000");
  await page.keyboard.press("Tab");
  await ask.click();
  await expect(page.getByRole("alert").first()).toContainText("5000 cannot be asked. Enter 1 to 1000.");
  expect(await axe(page)).toEqual([]);
  await need.fill("150");
  await page.keyboard.press("Tab");
  await ask.click();
  await expect(page.getByText("Need 150 % of today")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/^From \d+ runs of 180 days each/)).toBeVisible();
  await expect(page.getByRole("row", { name: /Wasted/ })).toContainText("points");
  expect(await axe(page)).toEqual([]);
});

test("the rule book opens in words and is searched; the next rules begin at the hour that was said", async ({ page }) => {
  await enter(page, house, "amina", "/settings/rules");
  await page.getByRole("button", { name: /^Show the rule book/ }).click();
  const find = page.getByRole("textbox", { name: /^Find a value/ }).or(page.getByRole("searchbox", { name: /^Find a value/ }));
  await find.fill("hiv");
  await expect(page.getByText(/hiv/i).nth(1)).toBeVisible();
  await expect(page.getByRole("main")).not.toContainText('{"');
  expect(await axe(page)).toEqual([]);

  await page.getByRole("button", { name: "Write the next version" }).click();
  const hold = page.getByRole("textbox", { name: "A reservation holds at most" });
  await hold.fill("500");
  await page.keyboard.press("Tab");
  await page.getByRole("textbox", { name: "Reason", exact: true }).fill("Less waste, said the committee");
  await page.getByRole("button", { name: "Look at the changes" }).click();
  await expect(page.getByRole("alertdialog")).toHaveCount(0);
  expect(await axe(page)).toEqual([]);
  await hold.fill("18");
  await page.keyboard.press("Tab");
  await page.getByRole("button", { name: "Look at the changes" }).click();
  await expect(page.getByRole("alertdialog").getByText("18 hours")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("alertdialog").getByRole("button", { name: "Adopt version 2" }).click();
  await expect(page.getByText("Version 2 is adopted. It stands in the record for ever.")).toBeVisible();
});
