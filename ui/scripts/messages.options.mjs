import { fileURLToPath } from "node:url";

/** One set of options for every place that compiles the catalogues. */
/** @type {import("@inlang/paraglide-js").CompilerOptions} */
export const messages = {
  project: fileURLToPath(new URL("../project.inlang", import.meta.url)),
  outdir: fileURLToPath(new URL("../src/paraglide", import.meta.url)),
  // The language is a setting of this computer, kept by the page; there is no server to ask.
  strategy: ["localStorage", "baseLocale"],
  outputStructure: "locale-modules",
  emitGitIgnore: false,
  emitPrettierIgnore: false,
};
