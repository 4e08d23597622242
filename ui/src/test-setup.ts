import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

afterEach(cleanup);

// jsdom has no layout and therefore does not scroll.
Element.prototype.scrollIntoView ??= () => {};

// A busy computer is slow, not wrong.
configure({ asyncUtilTimeout: 10_000 });
