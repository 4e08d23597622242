// Compiles the message catalogues to typed functions. A script and not the command-line tool,
// because the page, the tests and the type check must all compile with the same options.
import { compile } from "@inlang/paraglide-js";
import { messages } from "./messages.options.mjs";

await compile(messages);
