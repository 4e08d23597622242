/** A bag from the shelf to the arm, a mix-up that is prevented, a fever that stops it, and the case until it is closed. */
import type { Page } from "@playwright/test";
import { axe, enter, expect, ownHouse, scan, test } from "./house";

// A house of its own, because what is done here stays in it. The journeys follow one another.
const house = ownHouse();

const wristband = (number: string) => `&#01${String(number.length).padStart(2, "0")}${number}`;
const band = wristband("HS000004J");
const bag = { number: "=A999826000107" + "00", product: "=<D1001V00", group: "=%5100" };

async function rpc<T>(page: Page, name: string, body: object): Promise<T> {
  return page.evaluate(
    async ([name, body]) => (await fetch(`/rpc/${name}`, { method: "POST", headers: { "content-type": "application/json" }, body })).json() as Promise<T>,
    [name, JSON.stringify(body)] as const,
  );
}

/** Codes of one bag, each answered before the next: a person's hand is never faster. */
async function scanBag(page: Page, number = bag.number): Promise<void> {
  await scan(page, number);
  await expect(page.getByText(/^Donation number (read|not this bag's)/)).toBeVisible();
  await scan(page, bag.product);
  await expect(page.getByText("Product read")).toBeVisible();
  await scan(page, bag.group);
}

/** The text of the slip, which a reader takes from its square code; the screen draws it and does not spell it. */
let slip = "";

test("the bag is crossmatched, scanned against the patient and handed out with its slip", async ({ page }) => {
  // The training facility is made first.
  test.setTimeout(180_000);
  await enter(page, house, "amina", "/requests");
  await page.getByRole("grid", { name: "Open requests" }).getByRole("row", { name: /OYELARAN/ }).click();
  await page.getByRole("button", { name: "Accept the request" }).click();
  await page.getByRole("button", { name: "Set these 2 units aside" }).click();
  await page.getByRole("button", { name: "Record the crossmatch A9998 26 000107" }).click();
  await page.locator("label", { hasText: /^Compatible/ }).click();
  await page.getByRole("button", { name: "Save the crossmatch" }).click();
  await page.getByRole("link", { name: "To the counter A9998 26 000107" }).click();
  await page.getByRole("heading", { name: "Issue blood" }).click();
  await scan(page, band);
  await expect(page.getByText(/^scanned/).first()).toBeVisible();
  await scan(page, bag.number);
  await expect(page.getByText("donation number read")).toBeVisible();
  await scan(page, bag.product);
  await expect(page.getByText("product code read")).toBeVisible();
  await scan(page, bag.group);
  await expect(page.getByText("blood group read")).toBeVisible();
  await page.locator("label", { hasText: /^Looked at/ }).click();
  await page.getByLabel("Collected by").fill("Ruth Mbeki, ward 3");
  await page.getByRole("button", { name: "Make the slip" }).click();
  await expect(page.getByRole("img", { name: /^Code of the slip/ })).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  const view = await rpc<{ parts: { unit?: string }[] }>(page, "scan.read", { text: bag.number, typed: false });
  const patient = await rpc<{ parts: { patient?: string }[] }>(page, "scan.read", { text: band, typed: false });
  slip = (await rpc<{ text: string }>(page, "slip.make", { unit: view.parts[0]?.unit, patient: patient.parts[0]?.patient })).text;
  await page.getByRole("heading", { name: "Issue blood" }).click();
  await scan(page, slip);
  await expect(page.getByText("0 stop · 0 caution · 21 pass")).toBeVisible();
  await page.getByRole("button", { name: /^Issue A9998 26 000107 to OYELARAN/ }).click();
  await expect(page.getByText(/^Issued to OYELARAN/)).toBeVisible();
  expect(await axe(page)).toEqual([]);
});

test("another patient's wristband clears the screen, another bag is named, and two people finish the check", async ({ page }) => {
  await enter(page, house, "mbeki", "/bedside");
  await scan(page, band);
  await expect(page.getByRole("heading", { name: "Scan the wristband" })).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await scan(page, wristband("HS000001C"));
  await expect(page.getByText("All input was cleared. Begin with the wristband.")).toBeVisible();
  await expect(page.getByText("This wristband is another patient’s.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Open the near miss" })).toBeVisible();
  expect(await axe(page)).toEqual([]);

  await scan(page, band);
  await expect(page.getByRole("heading", { name: "Scan the bag" })).toBeVisible();
  await scanBag(page, "=A999826000108" + "00");
  await expect(page.getByText("What was scanned is not what stands here.")).toBeVisible();
  await expect(page.getByText("Donation number not this bag's. Compare the bag once more.")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Begin the check again" }).click();
  await scan(page, band);
  await expect(page.getByText("Donation number still to scan")).toBeVisible();
  await scanBag(page);
  await expect(page.getByRole("heading", { name: "Scan the slip" })).toBeVisible();
  await scan(page, slip);
  await expect(page.getByRole("heading", { name: "Ask the patient, look at the bag" })).toBeVisible();
  await expect(page.getByText(/^Read .*slip/)).toBeVisible();
  await page.getByRole("button", { name: "All three are so" }).click();
  await expect(page.getByRole("alert")).toContainText("All three must be so.");
  for (const said of await page.getByRole("main").getByRole("checkbox").all()) await said.check({ force: true });
  await page.getByRole("button", { name: "All three are so" }).click();
  await page.getByLabel("Sign-in name").fill("mbeki");
  await page.getByLabel("Password").fill("training");
  await page.getByRole("button", { name: "Finish the check" }).click();
  await expect(page.getByText("The second person could not be accepted.")).toBeVisible();
  await page.getByLabel("Sign-in name").fill("ferreira");
  await page.getByLabel("Password").fill("training");
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Finish the check" }).click();
  await expect(page.getByRole("heading", { name: "Observations before the start" })).toBeVisible();
  await expect(page.getByText("Checked by Ruth Mbeki and Dr Ana Ferreira")).toBeVisible();
});

test("a rise of two degrees says stop, one press stops it, and a case is open", async ({ page }) => {
  await enter(page, house, "mbeki", "/bedside");
  await scan(page, band);
  const start = page.getByRole("button", { name: "Start the transfusion" });
  await start.click();
  await expect(page.getByText("The temperature is needed: a rise is told from it.")).toBeVisible();
  await page.getByRole("textbox", { name: "Temperature" }).fill("36.8");
  await page.getByRole("textbox", { name: "Systolic" }).fill("120");
  await start.click();
  await expect(page.getByText(/^Runs since/)).toBeVisible();
  expect(await axe(page)).toEqual([]);

  const observe = async (degrees: string) => {
    await page.getByRole("button", { name: "Record observations" }).click();
    await page.getByRole("dialog").getByRole("textbox", { name: "Temperature" }).fill(degrees);
    await page.getByRole("button", { name: "Save observations" }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
  };
  await observe("38.2");
  await expect(page.getByText(/^1.4 °C above the start · A mild rise/)).toBeVisible();
  await observe("38.9");
  await expect(page.getByText(/^Stop the transfusion, keep the line open · 2.1 °C above the start/)).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Stop now" }).click();
  await page.getByRole("button", { name: "Fever or shivering" }).click();
  await expect(page.getByText("Stopped: Fever or shivering")).toBeVisible();
  await page.getByRole("link", { name: "Open the case" }).click();
  await expect(page.getByText("Temperature rose by 2.1 °C")).toBeVisible();
  expect(await axe(page)).toEqual([]);
});

test("the case is closed only after the work, a judgement and the report", async ({ page }) => {
  await enter(page, house, "amina", "/reactions");
  await page.getByRole("row", { name: /OYELARAN/ }).filter({ hasText: "Direct antiglobulin test" }).click();
  const close = page.getByRole("button", { name: "Close the case" });
  await expect(close).toHaveAttribute("aria-disabled", "true");
  for (const [step, result] of [["Papers compared", "Patient, bag and slip agree"], ["Plasma looked at", "Not red"], ["Direct antiglobulin test", "Negative"]] as const) {
    await page.getByRole("button", { name: "Record a result" }).click();
    await page.getByRole("dialog").getByText(step, { exact: true }).click();
    await page.getByRole("dialog").getByRole("textbox", { name: "Result" }).fill(result);
    await page.getByRole("button", { name: "Save the result" }).click();
    await expect(page.getByText(`${step}: ${result}`)).toBeVisible();
  }
  await enter(page, house, "ferreira", "/reactions");
  await page.getByRole("row", { name: /OYELARAN/ }).filter({ hasText: "Missing: judgement" }).click();
  await page.getByRole("button", { name: "Judge", exact: true }).click();
  await page.getByRole("button", { name: /Category/ }).click();
  await page.getByRole("option", { name: "Febrile reaction", exact: true }).click();
  await page.getByText("Not severe", { exact: true }).click();
  await page.getByText("Probable", { exact: true }).click();
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Save the judgement" }).click();
  await expect(page.getByText("Must be reported").first()).toBeVisible();
});
