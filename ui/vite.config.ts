import { paraglideVitePlugin } from "@inlang/paraglide-js";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { messages } from "./scripts/messages.options.mjs";

const backend = process.env.HEALTHSYNC_DEV_HOST ?? "http://127.0.0.1:4870";

export default defineConfig({
  // Relative, so that the same files work under tauri:// and behind the dev-host.
  base: "./",
  // The catalogues are compiled by `npm run messages` first; the plug-in only watches them in dev.
  plugins: [tailwindcss(), react(), ...(process.env.VITEST ? [] : [paraglideVitePlugin(messages)])],
  build: {
    outDir: "dist",
    target: "es2022",
    // The CSP allows no data: fonts, so nothing is inlined.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  server: {
    port: 5173,
    strictPort: true,
    fs: { allow: [".."] },
    proxy: {
      "/rpc": backend,
      "/frame": backend,
      "/upload": backend,
      "/events": backend,
    },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["./src/test-setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    css: false,
    // Two slow cores run other things beside the tests; axe alone takes seconds there.
    testTimeout: 30_000,
  },
});
