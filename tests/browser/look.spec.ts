/**
 * Draws every screen for a person to look at: light and dark, both sizes, large text, right to left, long names,
 * empty, and with the program gone. No test: `HEALTHSYNC_LOOK=DIR` and the command of the browser tests;
 * `HEALTHSYNC_LOOK_MODES=rtl-1366,dark-1920` draws only some.
 */
import { join } from "node:path";
import { type Page, test } from "@playwright/test";
import { enter, type House, open, ready } from "./house";

const out = process.env.HEALTHSYNC_LOOK ?? "";
const long = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh";
let house: House & { close(): Promise<void> };

test.beforeAll(async () => { house = await open(); });
test.afterAll(async () => { await house.close(); });

const screens: [name: string, user: string, path: string][] = [
  ["stock", "amina", "/blood"], ["counter", "amina", "/blood/issue"], ["issues", "amina", "/issues"], ["tasks", "amina", "/blood/tasks"], ["receive", "amina", "/blood/receive"],
  ["units", "amina", "/blood/units"], ["reserve", "amina", "/blood/reserve"], ["patients", "amina", "/patients"],
  ["register", "amina", "/patients/register"], ["donors", "amina", "/donors"],
  ["donor-register", "amina", "/donors/register"], ["lab", "amina", "/lab"], ["lab-run", "amina", "/lab/run"], ["forecast", "amina", "/forecast"], ["what-if", "amina", "/forecast?view=what_if"], ["requests", "amina", "/requests"], ["request-new", "mbeki", "/requests/new"], ["samples", "amina", "/samples"], ["sample-receive", "amina", "/samples/receive"], ["rules", "amina", "/settings/rules"], ["worklist", "khan", "/images"],
  ["models", "khan", "/settings/models"], ["keys", "khan", "/settings/keys"], ["facility", "admin", "/settings"],
  ["staff", "admin", "/settings/staff"], ["backup", "admin", "/settings/backup"], ["scanner", "admin", "/settings/scanner"],
  ["display", "admin", "/settings/display"], ["proof", "audit", "/settings/proof"],
];
const modes: { name: string; width: number; height: number; set: Record<string, string>; zoom?: number }[] = [
  { name: "light-1366", width: 1366, height: 768, set: {} },
  { name: "dark-1920", width: 1920, height: 1080, set: { "healthsync.theme": "dark" } },
  { name: "rtl-1366", width: 1366, height: 768, set: { PARAGLIDE_LOCALE: "ar" } },
  // 200 % text on the small screen leaves half the room.
  { name: "zoom-1366", width: 683, height: 384, set: {}, zoom: 2 },
];

async function rpc<T>(page: Page, name: string, body: object): Promise<T> {
  return page.evaluate(
    async ([name, body]) => (await fetch(`/rpc/${name}`, { method: "POST", headers: { "content-type": "application/json" }, body })).json() as Promise<T>,
    [name, JSON.stringify(body)] as const,
  );
}

test("every screen", async ({ browser }) => {
  test.setTimeout(1_200_000);
  const asked = process.env.HEALTHSYNC_LOOK_MODES?.split(",");
  for (const mode of modes.filter((m) => asked?.includes(m.name) ?? true)) {
    const context = await browser.newContext({ viewport: { width: mode.width, height: mode.height }, deviceScaleFactor: mode.zoom ?? 1, locale: "en-GB" });
    const page = await context.newPage();
    for (const [name, user, path] of screens) {
      await enter(page, house, user, path);
      await prefer(page, mode.set);
      if (name === "patients") {
        const { total } = await rpc<{ total: number }>(page, "patient.search", { text: long, limit: 1 });
        if (total === 0) await rpc(page, "patient.register", { family: long, given: "Bartholomew Maximilian Oluwaseun Chukwuemeka", title: "Prof Dr", birthDate: "1958-03-05", sex: "male", phone: null, nationalId: null, override: null });
      }
      await page.waitForTimeout(500);
      await page.screenshot({ path: join(out, `${mode.name}-${name}.png`) });
    }
    await enter(page, house, "amina", "/patients");
    await prefer(page, mode.set);
    const found = await rpc<{ rows: { id: string }[] }>(page, "patient.search", { text: long, limit: 1 });
    await page.goto(`${house.address}/#/patients/${found.rows[0]?.id}`);
    await page.waitForTimeout(600);
    await page.screenshot({ path: join(out, `${mode.name}-patient-long.png`) });
    await page.goto(`${house.address}/#/blood/units`);
    await page.waitForTimeout(400);
    const units = await rpc<{ rows: { id: string }[] }>(page, "unit.list", { component: null, group: null, status: null, text: null, limit: 1 });
    await page.goto(`${house.address}/#/blood/unit/${units.rows[0]?.id}`);
    await page.waitForTimeout(400);
    await page.screenshot({ path: join(out, `${mode.name}-unit.png`) });
    await context.close();
  }
});

/** The display preferences live in the page's own storage. */
async function prefer(page: Page, set: Record<string, string>): Promise<void> {
  const before = await page.evaluate(() => JSON.stringify(localStorage));
  await page.evaluate((set) => { for (const [k, v] of Object.entries(set)) localStorage.setItem(k, v); }, set);
  if (before !== (await page.evaluate(() => JSON.stringify(localStorage)))) {
    await page.reload();
    await ready(page);
  }
}
