import { existsSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "@playwright/test";

// Debian's own Chromium where it is; elsewhere the one that Playwright was told to fetch.
const debian = "/usr/bin/chromium";
const chromium = process.env.HEALTHSYNC_CHROMIUM ?? (existsSync(debian) ? debian : undefined);

export default defineConfig({
  testDir: __dirname,
  outputDir: process.env.HEALTHSYNC_TEST_OUTPUT ?? join(__dirname, "../../target/browser"),
  reporter: "list",
  forbidOnly: !!process.env.CI,
  // A test that fails once in twenty is a bug; it is mended, never run again.
  retries: 0,
  // One: a program and a browser are enough for two cores.
  workers: 1,
  // The pictures of the documentation are drawn anew when somebody asks for it, and are no test.
  testIgnore: [...(process.env.HEALTHSYNC_PICTURES ? [] : ["pictures.spec.ts"]), ...(process.env.HEALTHSYNC_LOOK ? [] : ["look.spec.ts"])],
  fullyParallel: false,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    browserName: "chromium",
    locale: "en-GB",
    viewport: { width: 1440, height: 900 },
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    // A build machine runs as root, where Chromium's sandbox cannot.
    launchOptions: { executablePath: chromium, args: ["--no-sandbox"] },
  },
});
