// WebKitWebDriver is spoken to directly (W3C WebDriver over HTTP): nothing is installed for this.
// One driver, one window, one home. Used by the smokes and by the measurement of the window.

import { spawn } from "node:child_process";
import { readdir, readlink } from "node:fs/promises";
import { createServer } from "node:net";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** Starts the driver for `program` with its home folder; `close()` ends both. */
export async function startDriver(program, home) {
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
  await Promise.race([opened(port), noDriver]);
  return new Window(port, driver, program);
}

class Window {
  #session;
  constructor(port, driver, program) {
    this.port = port;
    this.driver = driver;
    this.program = program;
  }

  get isOpen() {
    return this.#session !== undefined;
  }

  async open() {
    const binary = { binary: this.program, args: [] };
    const answer = await this.#send("POST", "/session", {
      capabilities: { alwaysMatch: { "webkitgtk:browserOptions": binary } },
    });
    this.#session = answer.sessionId;
  }

  async shut() {
    const session = this.#session;
    this.#session = undefined;
    if (session) await this.#send("DELETE", `/session/${session}`).catch(() => {});
  }

  /**
   * Ends both. The program ends first, because the driver has to tell it so; a second start of a
   * program that still runs would only show its window.
   */
  async close() {
    await this.shut();
    const end = Date.now() + 10_000;
    let pid;
    while ((pid = await processOf(this.program)) && Date.now() < end) await new Promise((next) => setTimeout(next, 50));
    if (pid) process.kill(Number(pid));
    this.driver.kill();
  }

  /** A command of the open window. */
  async send(method, path, body) {
    if (!this.#session) throw new Error("there is no window");
    return this.#send(method, `/session/${this.#session}${path}`, body);
  }

  async ask(script, args = []) {
    return this.send("POST", "/execute/sync", { script, args });
  }

  async find(xpath) {
    const found = await this.send("POST", "/element", { using: "xpath", value: xpath });
    return found[ELEMENT];
  }

  async click(xpath) {
    await this.send("POST", `/element/${await this.find(xpath)}/click`, {});
  }

  async type(xpath, text) {
    await this.send("POST", `/element/${await this.find(xpath)}/value`, { text });
  }

  /** Asks the page again and again; a page that is loading anew counts as "not yet". */
  async until(what, script, seconds = 20) {
    if (!this.#session) throw new Error("there is no window");
    const end = Date.now() + seconds * 1000;
    let last = "";
    while (Date.now() < end) {
      try {
        if (await this.ask(script)) return;
      } catch (error) {
        last = `: ${error.message}`;
      }
      await new Promise((next) => setTimeout(next, 50));
    }
    throw new Error(`${what} did not come within ${seconds} s${last}`);
  }

  async #send(method, path, body) {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      body: body && JSON.stringify(body),
      // A program that ends before it has a window is never answered.
      signal: AbortSignal.timeout(60_000),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(value?.message || value?.error || `${response.status}`);
    return value;
  }
}

/** The process of this program, if it runs. */
export async function processOf(path) {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    if ((await readlink(`/proc/${pid}/exe`).catch(() => "")) === path) return pid;
  }
  return undefined;
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
