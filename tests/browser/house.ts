import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test as base, expect, type Page } from "@playwright/test";

const root = join(__dirname, "../..");

/** One running workstation with an empty home of its own. */
export interface House {
  /** `http://127.0.0.1:PORT` */
  address: string;
  home: string;
}

/** `house`: one per file that asks for it (per worker); every test opens `address` itself. */
export const test = base.extend<object, { house: House }>({
  house: [
    async ({}, use) => {
      const house = await open();
      await use(house);
      await house.close();
    },
    { scope: "worker", timeout: 60_000 },
  ],
});

export { expect };

/** Starts a dev-host on an empty home and waits for the line in which it says its address. */
export async function open(): Promise<House & { close(): Promise<void> }> {
  const program = process.env.HEALTHSYNC_DEV_HOST ?? join(root, "target/debug/dev-host");
  if (!existsSync(program)) throw new Error(`${program} is missing: cargo build -p dev-host`);
  const home = await mkdtemp(join(tmpdir(), "healthsync-browser-"));
  const args = ["--home", home, "--port", "0", "--page", join(root, "ui/dist")];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const address = await listening(child);
  return {
    address,
    home,
    async close() {
      const ended = new Promise((done) => child.once("exit", done));
      child.kill();
      await ended;
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * A house of its own for the journeys of one file, because what is done there stays in it and they follow one another.
 * An error of the page that nobody saw fails its test.
 */
export function ownHouse(): House {
  let house: Awaited<ReturnType<typeof open>>;
  test.beforeAll(async () => { house = await open(); });
  test.afterAll(async () => { await house.close(); });
  const errors: string[] = [];
  test.beforeEach(({ page }) => {
    errors.length = 0;
    page.on("pageerror", (error) => errors.push(error.message));
  });
  test.afterEach(() => { expect(errors).toEqual([]); });
  return { get address() { return house.address; }, get home() { return house.home; } };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((answer, fail) => {
    child.once("error", fail);
    child.once("exit", (code) => fail(new Error(`dev-host ended (${code}) before it listened`)));
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const found = /^listening (http:\/\/127\.0\.0\.1:\d+)\/?$/.exec(line.trim());
      if (found) answer(found[1]!);
    });
  });
}

/** Waits until the page says that it stands. */
export async function ready(page: Page): Promise<void> {
  const mark = () => document.documentElement.dataset.ready !== undefined;
  await page.waitForFunction(mark, undefined, { timeout: 15_000 });
}

/**
 * Runs axe over what is shown; answers each violation as one readable line. `except` names rules
 * that cannot hold here, and the caller says why. The page's security policy forbids foreign script
 * tags, so axe comes in through the debugger.
 */
export async function axe(page: Page, except: string[] = []): Promise<string[]> {
  await page.evaluate(await readFile(require.resolve("axe-core/axe.min.js"), "utf8"));
  return page.evaluate(async (except) => {
    type Found = { id: string; help: string; nodes: { target: string[] }[] };
    type Axe = { run(what: object, options: object): Promise<{ violations: Found[] }> };
    const { axe } = window as unknown as { axe: Axe };
    const rules = Object.fromEntries(except.map((rule) => [rule, { enabled: false }]));
    // What react-aria reads out stays there for seconds after the thing that it names has gone.
    const { violations } = await axe.run({ exclude: [["[data-live-announcer]"]] }, { rules });
    return violations.map((v) => `${v.id}: ${v.help} (${v.nodes.map((n) => n.target.join(" ")).join(", ")})`);
  }, except);
}

/** Comes in as one of the training facility's people, whoever was there before; makes the facility first if need be. */
export async function enter(page: Page, house: House, user: string, screen = "/"): Promise<void> {
  await page.goto(house.address);
  await ready(page);
  const look = page.getByRole("button", { name: "Look around" });
  const rpc = (name: string, body: object) =>
    page.evaluate(
      async ([name, body]) => {
        const headers = { "content-type": "application/json" };
        const response = await fetch(`/rpc/${name}`, { method: "POST", headers, body });
        return (await response.json()) as { door?: string };
      },
      [name, JSON.stringify(body)] as const,
    );
  if (await look.isVisible()) {
    await look.click();
    await expect(page.getByRole("option").first()).toBeVisible({ timeout: 60_000 });
  }
  await rpc("session.sign_out", {});
  const { door } = await rpc("session.sign_in", { user, password: "training" });
  expect(door, `${user} signs in`).toBe("signed_in");
  // From an empty page: the page of before learns of its new person and chooses a screen by itself,
  // just while the address changes.
  await page.goto("about:blank");
  await page.goto(`${house.address}/#${screen}`);
  await ready(page);
  await expect(page.getByRole("main")).toBeVisible();
}

/** What a barcode scanner does: the characters one after the other faster than any hand, and Enter. */
export async function scan(page: Page, burst: string): Promise<void> {
  await page.keyboard.type(burst);
  await page.keyboard.press("Enter");
}

/** The expiry of a unit label, `&>cyyjjjhhmm`: end of the day so many days from now. */
export function expiryBurst(days: number): string {
  const day = new Date(Date.now() + days * 86_400_000);
  const year = day.getUTCFullYear();
  const ordinal = Math.floor((day.getTime() - Date.UTC(year, 0, 0)) / 86_400_000);
  return `&>0${String(year % 100).padStart(2, "0")}${String(ordinal).padStart(3, "0")}2359`;
}
