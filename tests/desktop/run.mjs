// Three smokes in the real window: WebKitGTK, the desktop program, its own backend.
//
// WebKitWebDriver is spoken to directly (W3C WebDriver over HTTP). Nothing is installed for this;
// it is started by `cargo xtask test` under `xvfb-run … dbus-run-session -- node tests/desktop/run.mjs`.
// Each test waits for a mark of the page and never for a time.

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = process.env.HEALTHSYNC_DESKTOP;
const output = process.env.HEALTHSYNC_TEST_OUTPUT ?? "target/desktop";
if (!program) {
  console.error("HEALTHSYNC_DESKTOP names the desktop program; `cargo xtask test` sets it.");
  process.exit(1);
}

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const home = await mkdtemp(join(tmpdir(), "healthsync-desktop-"));
const port = await freePort();
const driver = spawn("WebKitWebDriver", [`--port=${port}`], {
  stdio: ["ignore", "inherit", "inherit"],
  env: {
    ...process.env,
    // The two variables with which Tauri hands its window to the driver, and no other.
    TAURI_AUTOMATION: "true",
    TAURI_WEBVIEW_AUTOMATION: "true",
    HEALTHSYNC_HOME: home,
  },
});
const noDriver = new Promise((_, fail) => {
  driver.on("error", (error) => fail(new Error(`WebKitWebDriver does not start: ${error.message}`)));
});
noDriver.catch(() => {});

let session;
let passed = 0;
let failed = 0;

try {
  await Promise.race([opened(port), noDriver]);
  await smoke("the window opens and the page says that it is ready", async () => {
    const answer = await send("POST", "/session", {
      capabilities: { alwaysMatch: { "webkitgtk:browserOptions": { binary: program, args: [] } } },
    });
    session = answer.sessionId;
    await until("the page is ready", "return document.documentElement.dataset.ready !== undefined");
  });

  await smoke("a newcomer looks around the training facility", async () => {
    await click("//button[normalize-space()='Look around']");
    // Making two weeks of work takes some seconds, more on a slow machine.
    await until(
      "somebody is signed in, or is asked to",
      "return !!document.querySelector('nav a, input[name=password]')",
      180,
    );
    if (await ask("return !!document.querySelector('input[name=password]')")) await signIn();
    await until("the areas are there", "return !!document.querySelector('nav a')", 60);
  });

  await smoke("the stock board opens and shows units", async () => {
    await until("the door to the blood bank", "return !!document.querySelector('nav a[href*=\"blood\"]')");
    await ask("document.querySelector('nav a[href*=\"blood\"]').click()");
    await until(
      "the stock board",
      "return /blood/.test(location.href) && !!document.querySelector('main h1') && !!document.querySelector('main [role=grid], main table')",
      30,
    );
  });
} catch (error) {
  failed += 1;
  console.log(`not ok  ${error.message}`);
} finally {
  if (session) await send("DELETE", `/session/${session}`).catch(() => {});
  driver.kill();
  await rm(home, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

async function smoke(name, work) {
  const begun = Date.now();
  try {
    await work();
    passed += 1;
    console.log(`ok      ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    console.log(`not ok  ${name}: ${error.message}`);
    await picture(name).catch((reason) => console.log(`        no picture: ${reason.message}`));
  }
}

/** Signs in as the blood bank scientist; the password of every name here is "training". */
async function signIn() {
  const person =
    "//*[@role='option' or self::button][contains(translate(., 'BLOD', 'blod'), 'blood bank')]";
  await click(person);
  const field = await find("//input[@name='password']");
  await send("POST", `/session/${session}/element/${field}/value`, { text: "training\uE007" });
}

/** Takes what the page shows, through the driver: the root window under Xvfb would be black. */
async function picture(name) {
  if (!session) return;
  await mkdir(output, { recursive: true });
  const image = await send("GET", `/session/${session}/screenshot`);
  const path = join(output, `${name.replaceAll(/[^a-z]+/g, "-")}.png`);
  await writeFile(path, Buffer.from(image, "base64"));
  console.log(`        picture: ${path}`);
  console.log(`        page: ${(await ask("return document.body.innerText")).slice(0, 600)}`);
}

async function ask(script) {
  return send("POST", `/session/${session}/execute/sync`, { script, args: [] });
}

async function find(xpath) {
  const found = await send("POST", `/session/${session}/element`, { using: "xpath", value: xpath });
  return found[ELEMENT];
}

async function click(xpath) {
  const element = await find(xpath);
  await send("POST", `/session/${session}/element/${element}/click`, {});
}

/** Asks the page again and again; a page that is loading anew counts as "not yet". */
async function until(what, script, seconds = 20) {
  if (!session) throw new Error("there is no window");
  const end = Date.now() + seconds * 1000;
  let last = "";
  while (Date.now() < end) {
    try {
      if (await ask(script)) return;
    } catch (error) {
      last = `: ${error.message}`;
    }
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error(`${what} did not come within ${seconds} s${last}`);
}

async function send(method, path, body) {
  if (path.startsWith("/session/undefined")) throw new Error("there is no window");
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    body: body && JSON.stringify(body),
    // A program that ends before it has a window is never answered.
    signal: AbortSignal.timeout(60_000),
  });
  const { value } = await response.json();
  if (!response.ok) throw new Error(value?.message || value?.error || `${response.status}`);
  return value;
}

/** WebKitWebDriver cannot choose a port by itself. */
function freePort() {
  return new Promise((answer, fail) => {
    const server = createServer();
    server.on("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => answer(port));
    });
  });
}

async function opened(port) {
  const end = Date.now() + 20_000;
  while (Date.now() < end) {
    try {
      await fetch(`http://127.0.0.1:${port}/status`);
      return;
    } catch {
      await new Promise((next) => setTimeout(next, 50));
    }
  }
  throw new Error("WebKitWebDriver does not answer");
}
