// Three smokes in the real window: WebKitGTK, the desktop program, its own backend.
//
// Started by `cargo xtask test` under `xvfb-run … dbus-run-session -- node tests/desktop/run.mjs`.
// Each test waits for a mark of the page and never for a time.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDriver } from "./driver.mjs";

const program = process.env.HEALTHSYNC_DESKTOP;
const output = process.env.HEALTHSYNC_TEST_OUTPUT ?? "target/desktop";
if (!program) {
  console.error("HEALTHSYNC_DESKTOP names the desktop program; `cargo xtask test` sets it.");
  process.exit(1);
}

const home = await mkdtemp(join(tmpdir(), "healthsync-desktop-"));
let window;
let passed = 0;
let failed = 0;

try {
  window = await startDriver(program, home);
  await smoke("the window opens and the page says that it is ready", async () => {
    await window.open();
    await window.until("the page is ready", "return document.documentElement.dataset.ready !== undefined");
  });

  await smoke("a newcomer looks around the training facility", async () => {
    await window.click("//button[normalize-space()='Look around']");
    // Making two weeks of work takes some seconds, more on a slow machine.
    await window.until(
      "somebody is signed in, or is asked to",
      "return !!document.querySelector('nav a, input[name=password]')",
      180,
    );
    if (await window.ask("return !!document.querySelector('input[name=password]')")) await signIn();
    await window.until("the areas are there", "return !!document.querySelector('nav a')", 60);
  });

  await smoke("the stock board opens and shows units", async () => {
    await window.until("the door to the blood bank", "return !!document.querySelector('nav a[href*=\"blood\"]')");
    await window.ask("document.querySelector('nav a[href*=\"blood\"]').click()");
    await window.until(
      "the stock board",
      "return /blood/.test(location.href) && !!document.querySelector('main h1') && !!document.querySelector('main [role=grid], main table')",
      30,
    );
  });
} catch (error) {
  failed += 1;
  console.log(`not ok  ${error.message}`);
} finally {
  await window?.close();
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
  await window.click(person);
  await window.type("//input[@name='password']", "training\uE007");
}

/** Takes what the page shows, through the driver: the root window under Xvfb would be black. */
async function picture(name) {
  if (!window?.isOpen) return;
  await mkdir(output, { recursive: true });
  const image = await window.send("GET", "/screenshot");
  const path = join(output, `${name.replaceAll(/[^a-z]+/g, "-")}.png`);
  await writeFile(path, Buffer.from(image, "base64"));
  console.log(`        picture: ${path}`);
  console.log(`        page: ${(await window.ask("return document.body.innerText")).slice(0, 600)}`);
}
