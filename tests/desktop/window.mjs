// How long until the window can be used, and what the idle program holds in memory: a part of
// `cargo xtask bench`. The first opening is thrown away (the disk's cache is cold), then five are
// timed, from asking for the program until the page says that it is ready; what the driver costs is
// in the figure.

import { readFile } from "node:fs/promises";
import { processOf, startDriver } from "./driver.mjs";

const [program, home] = [process.env.HEALTHSYNC_DESKTOP, process.env.HEALTHSYNC_HOME];
if (!program || !home) {
  console.error("HEALTHSYNC_DESKTOP and HEALTHSYNC_HOME are set by `cargo xtask bench`.");
  process.exit(1);
}

const READY = "return document.documentElement.dataset.ready !== undefined";
const took = [];
let idle = [];
for (let round = 0; round < 6; round += 1) {
  const window = await startDriver(program, home);
  try {
    const begun = performance.now();
    await window.open();
    await window.until("the page is ready", READY);
    if (round > 0) took.push(performance.now() - begun);
    if (round === 5) {
      await new Promise((next) => setTimeout(next, 5000));
      idle = await memoryOf(program);
    }
  } finally {
    await window.close();
  }
}
took.sort((a, b) => a - b);
say("window until usable, warm, driver included, median of 5", `${took[2].toFixed(0)} ms`);
say("window until usable, slowest of 5", `${took.at(-1).toFixed(0)} ms`);
for (const [name, kilobytes] of idle) say(`memory of the idle program, ${name}`, `${(kilobytes / 1024).toFixed(0)} MB`);

function say(what, figure) {
  console.log(`${what.padEnd(56)} ${figure.padStart(13)}`);
}

/** Resident memory in kB: all of it, and without the pages it shares with others. */
async function memoryOf(path) {
  const pid = await processOf(path);
  if (!pid) throw new Error("the program is not among the processes");
  const status = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  return [
    ["resident", field("Rss")],
    ["its own (shared libraries not counted)", field("Private_Dirty") + field("Private_Clean")],
  ];
}
