// Smokes in the real window: WebKitGTK, the desktop program, its own backend.
//
// Started by `cargo xtask test` under `xvfb-run … dbus-run-session -- node tests/desktop/run.mjs`.
// Each test waits for a mark of the page and never for a time.

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { crc32, deflateSync } from "node:zlib";
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
  await window.close();

  // A home of its own: the one thing that is done once in the life of a facility.
  window = await startDriver(program, join(home, "real"));
  await smoke("a real facility is set up, its code typed back, and opened again with the password", async () => {
    await window.open();
    await window.until("the first page", "return document.documentElement.dataset.ready !== undefined");
    await window.click("//button[normalize-space()='Set up this facility']");
    for (const [name, text] of [
      ["facility", "Zahanati ya Kijiji, the village clinic beyond the second river"],
      ["adminName", "Wolfeschlegelsteinhausenbergerdorff, Grace"],
      ["adminUser", "grace"],
      ["adminPassword", "calm long words"],
      ["again", "calm long words"],
    ]) await window.type(`//input[@name='${name}']`, text);
    await window.click("//button[@type='submit']");
    await window.until("the recovery code", "return !!document.querySelector('[data-testid=recovery-code]')", 60);
    const code = await window.ask("return document.querySelector('[data-testid=recovery-code]').textContent");
    await window.click("//button[normalize-space()='It is on paper, type it back']");
    await window.until("the field for the code", "return !!document.querySelector('form input')");
    await window.type("//form//input", `${code.slice(0, -1)}${code.endsWith("0") ? "1" : "0"}\uE007`);
    await window.until("a wrong code is refused", "return !!document.querySelector('[role=alert]')", 60);
    await window.ask("document.querySelector('form input').select()");
    await window.type("//form//input", `${code}\uE007`);
    await window.until("the facility is open", "return !!document.querySelector('nav a')", 60);
    const status = await call("app.status", {});
    if (status.facility.training || status.session.user !== "grace") throw new Error(JSON.stringify(status));
    await call("session.sign_out", {});
    const again = await call("session.sign_in", { user: "grace", password: "calm long words" });
    if (again.door !== "signed_in") throw new Error(`the door is ${again.door}`);
  });
  await window.close();

  // The same home through the program for a browser, which takes a picture without a dialogue.
  const second = join(home, "second");
  const study = await studyIn(second);
  window = await startDriver(program, second);
  await smoke("a study opens in a second window and goes when its person signs out", async () => {
    await window.open();
    await window.until("the page is ready", "return document.documentElement.dataset.ready !== undefined");
    await call("session.sign_in", { user: "khan", password: "training" });
    await window.ask(`location.hash = '#/images/${study}'; location.reload()`);
    await window.until("the film", "return !!document.querySelector('[data-ready][data-engine]')", 60);
    await window.ask("window.__TAURI_INTERNALS__.invoke('open_viewer', { study: arguments[0] })", [study]);
    const first = await window.send("GET", "/window");
    const viewer = (await handles(2)).find((handle) => handle !== first);
    await window.send("POST", "/window", { handle: viewer });
    await window.until("the same film beside the first", "return !!document.querySelector('[data-ready][data-engine]')", 60);
    if (await window.ask("return !!document.querySelector('nav')")) throw new Error("the second window leads elsewhere");
    await window.send("POST", "/window", { handle: first });
    await call("session.sign_out", {});
    await window.ask("location.reload()");
    await handles(1);
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

/** A command of the page's own table, through the page's own door. */
async function call(name, payload) {
  const script = `
    const [name, payload, done] = arguments;
    window.__TAURI_INTERNALS__.invoke("rpc", { name, payload }).then((ok) => done({ ok }), (no) => done({ no }));`;
  const { ok, no } = await window.send("POST", "/execute/async", { script, args: [name, payload] });
  if (no) throw new Error(`${name}: ${JSON.stringify(no)}`);
  return ok;
}

/** Waits until there are so many windows. */
async function handles(count) {
  const end = Date.now() + 20_000;
  let all = [];
  while (Date.now() < end) {
    all = await window.send("GET", "/window/handles");
    if (all.length === count) return all;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error(`there are ${all.length} windows and not ${count}`);
}

/** Makes the training facility in `home` with one picture in it; answers the study's id. */
async function studyIn(home) {
  const host = spawn(join(dirname(program), "dev-host"), ["--home", home, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const address = await new Promise((answer, fail) => {
      host.once("exit", (code) => fail(new Error(`dev-host ended (${code})`)));
      createInterface({ input: host.stdout }).on("line", (line) => {
        const found = /^listening (http:\/\/127\.0\.0\.1:\d+)/.exec(line.trim());
        if (found) answer(found[1]);
      });
    });
    const cookie = (await fetch(address)).headers.getSetCookie().map((c) => c.split(";")[0]).join("; ");
    const ask = async (path, body, type) => {
      const answer = await fetch(address + path, { method: "POST", headers: { cookie, origin: address, "content-type": type }, body });
      const value = await answer.json();
      if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(value)}`);
      return value;
    };
    const rpc = (name, payload) => ask(`/rpc/${name}`, JSON.stringify(payload), "application/json");
    await rpc("setup.look_around", {});
    await rpc("session.sign_in", { user: "khan", password: "training" });
    const { handle } = await ask("/upload?name=film.png", film(), "application/octet-stream");
    await rpc("study.import", { handles: [handle], patient: null, analyse: false });
    const { rows } = await rpc("study.worklist", { text: null, patient: null, limit: 1 });
    return rows[0].id;
  } finally {
    const ended = new Promise((done) => host.once("exit", done));
    host.kill();
    await ended;
  }
}

/** A grey gradient as a PNG: a picture, but of nothing. */
function film(size = 320) {
  const rows = Buffer.alloc(size * (size + 1));
  for (let y = 0; y < size; y += 1) for (let x = 0; x < size; x += 1) rows[y * (size + 1) + 1 + x] = (x + y) % 256;
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body) >>> 0);
    return Buffer.concat([length, body, check]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head[8] = 8;
  const mark = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([mark, chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
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
