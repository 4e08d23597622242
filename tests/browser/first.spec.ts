import { axe, expect, ready, test } from "./house";

test("the page stands and asks for what comes first: look around or set up", async ({ house, page }) => {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(house.address);
  await ready(page);
  await expect(page.getByRole("button", { name: "Look around" })).toBeVisible();
  await expect(page.getByRole("button", { name: /set up/i })).toBeVisible();
  expect(errors).toEqual([]);
  expect(await axe(page)).toEqual([]);
});

test("an unknown command is answered with a code and never with a page", async ({ house, page }) => {
  await page.goto(house.address);
  const answer = await page.evaluate(async () => {
    const headers = { "content-type": "application/json" };
    const response = await fetch("/rpc/nothing.such", { method: "POST", headers, body: "{}" });
    return { ok: response.ok, body: await response.text() };
  });
  expect(answer.ok).toBe(false);
  expect(JSON.parse(answer.body)).toHaveProperty("code");
});

test("the page asks nothing of any other machine", async ({ house, page }) => {
  const strangers: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith("http") && url.origin !== house.address) strangers.push(request.url());
  });
  await page.goto(house.address);
  await ready(page);
  expect(strangers).toEqual([]);
});

for (const scheme of ["light", "dark"] as const) {
  test(`every component in every state is accessible (${scheme})`, async ({ house, page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto(`${house.address}/#/design`);
    await ready(page);
    await expect(page.getByRole("heading").first()).toBeVisible();
    // The sheet shows several patient banners, of which a screen has one.
    expect(await axe(page, ["landmark-unique"])).toEqual([]);
  });
}
