/** What a file, a name or a device may do to the screen. */
import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CommandError, Imported } from "../../wire";
import { analysis, faults, image, open, room, row } from "./testkit";
import { isolated, shortened } from "./Written";
import { abstainedWhy, fileErrorWords, probabilityText } from "./words";

vi.mock("./viewport/Viewport", async (original) => ({
  ...(await original<typeof import("./viewport/Viewport")>()),
  makeViewport: async () => ({ engine: "canvas", show: async () => undefined, draw: () => undefined, dispose: () => undefined }),
}));
const { locale } = vi.hoisted(() => ({ locale: { now: "en" } }));
vi.mock("../../paraglide/runtime", async (original) => ({ ...(await original<typeof import("../../paraglide/runtime")>()), getLocale: () => locale.now }));

beforeEach(() => {
  localStorage.clear();
  locale.now = "en";
  Object.defineProperty(window, "innerWidth", { value: 1366, configurable: true });
  HTMLCanvasElement.prototype.getContext = (() => null) as never;
});

const endless = "A".repeat(3000);
const refusal = (code: CommandError["code"], why?: string, args: Record<string, string> = {}): CommandError => ({ code, kind: "refusal", args: { ...(why && { why }), ...args }, rules: [], incident: null });

describe("a name of 3,000 letters", () => {
  const nobody = { row: row({ patientName: endless, bodyPart: endless }), images: [image({ filePatientName: endless, filePatientId: endless })], analyses: [], report: null };

  it("stays in its place in the list, whole in its title", async () => {
    open(room(nobody), "/images");
    const grid = await screen.findByRole("grid", { name: "Studies" });
    const name = within(grid).getByRole("rowheader").querySelector("bdi");
    expect(name).toHaveClass("hs-written");
    expect(name).toHaveAttribute("title", endless);
    // The row is read out by what tells it from another one.
    for (const line of within(grid).getAllByRole("row")) expect((line.getAttribute("aria-label") ?? "").length).toBeLessThan(200);
  });

  it("leaves the head of the study its height, and is reached by keys", async () => {
    open(room(nobody));
    const head = await screen.findByRole("region", { name: "Patient" });
    const fields = within(head).getAllByRole("group");
    expect(fields.map((f) => f.textContent)).toEqual([endless, endless]);
    for (const field of fields) {
      expect(field).toHaveAttribute("data-scroll");
      expect(field).toHaveAttribute("tabindex", "0");
    }
    expect(await faults()).toEqual([]);
  });

  it("does not widen a sentence or a button", () => {
    expect([...shortened(endless)]).toHaveLength(81);
    expect(shortened("WOLFE, Bart")).toBe("WOLFE, Bart");
  });
});

describe("what runs from right to left", () => {
  it("keeps a name from reordering the sentence around it", () => {
    expect(isolated("SMITH, John")).toBe("SMITH, John");
    expect(isolated("\u0639\u0644\u064a")).toBe("\u2068\u0639\u0644\u064a\u2069");
    locale.now = "ar";
    expect(isolated("SMITH, John")).toBe("\u2068SMITH, John\u2069");
  });

  it("keeps the sign before its number, on one line", () => {
    expect(probabilityText(0.999)).toBe(">\u00a00.99");
    locale.now = "ar";
    expect(probabilityText(0.999)).toBe("\u2066>\u00a00.99\u2069");
    expect(probabilityText(0.001)).toBe("\u2066<\u00a00.01\u2069");
  });
});

describe("pictures without a name", () => {
  it("are told apart by their files, in the list and in the head", async () => {
    const study = { row: row({ patientName: null, fileName: "IMG_0042.jpg" }), images: [image({ filePatientName: null, filePatientId: null, fileName: "IMG_0042.jpg" })], analyses: [], report: null };
    const { unmount } = open(room(study), "/images");
    const grid = await screen.findByRole("grid", { name: "Studies" });
    expect(within(grid).getByRole("rowheader")).toHaveTextContent("No name in the fileIMG_0042.jpg");
    unmount();
    open(room(study));
    expect(within(await screen.findByRole("region", { name: "Patient" })).getByText("IMG_0042.jpg")).toBeVisible();
    expect(within(screen.getByRole("complementary", { name: "Studies" })).getByText("IMG_0042.jpg")).toBeVisible();
  });
});

describe("the files just opened", () => {
  async function opened(answer: Imported) {
    const backend = room(null);
    backend.pickFiles = async () => [{ handle: "h1", name: "a.zip" }];
    backend.answers["study.import"] = answer;
    open(backend, "/images");
    await userEvent.click(await screen.findByRole("button", { name: /Open images/ }));
    return screen.findByRole("region", { name: "Files just opened" });
  }
  const good = (name: string) => ({ name, study: null, image: null, analysis: null, error: null, known: false });

  it("begin with those that were not opened, and say how many", async () => {
    const region = await opened({ files: [good("1.dcm"), good("2.dcm"), { ...good("3.dcm"), error: refusal("image_not_an_image", "empty") }], others: 0 });
    expect(within(region).getAllByRole("listitem").map((li) => li.querySelector("bdi")?.textContent)).toEqual(["3.dcm", "1.dcm", "2.dcm"]);
    expect(within(region).getByText("2 of 3 opened")).toBeVisible();
    expect(within(region).getByText("1 not opened")).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("are told of even when there was nothing in them", async () => {
    expect(within(await opened({ files: [], others: 0 })).getByText("Nothing was opened")).toBeVisible();
  });

  it("say of each what it is", () => {
    expect(fileErrorWords(refusal("image_not_an_image", "empty"))).toMatch(/^This file is empty/);
    expect(fileErrorWords(refusal("image_unsupported", "video", { name: "MPEG-2 video (Main Level)" }))).toMatch(/^This is a video \(MPEG-2 video \(Main Level\)\)/);
    expect(fileErrorWords(refusal("image_unsupported", "unsupported_syntax", { name: "JPEG XL" }))).toMatch(/packed as JPEG XL/);
    expect(fileErrorWords(refusal("image_unsupported", "unsupported_syntax"))).toMatch(/cannot read yet/);
    expect(fileErrorWords(refusal("image_broken", "no_size"))).toMatch(/no rows, no columns or no frames/);
    expect(fileErrorWords(refusal("image_too_large", "archive_too_much"))).toMatch(/^This archive unfolds/);
    expect(fileErrorWords(refusal("image_too_large", "too_large", { detail: "(a file that unfolds without end)" }))).toMatch(/unfolds to more, than one file may/);
    expect(fileErrorWords(refusal("image_too_large", "too_large", { detail: "(70000 x 70000 pixels)" }))).toMatch(/16,384 points/);
    expect(fileErrorWords(refusal("image_not_an_image", "archive_empty"))).toBe("This archive is empty.");
  });
});

describe("an abstention", () => {
  it("says as what the picture was tried, or that nothing installed fits", async () => {
    const study = (task: string | null) => room({ row: row(), images: [image()], analyses: [analysis({ state: "abstained", reason: "other_kind", findings: [], task })], report: null });
    const { unmount } = open(study("knee_xray_oa"));
    expect(await screen.findByText(/It was tried as: Knee X-ray: osteoarthritis\./)).toBeVisible();
    unmount();
    open(study(null));
    expect(await screen.findByText(/^No installed analysis fits this picture/)).toBeVisible();
    expect(abstainedWhy({ reason: "blank", detail: null, task: null }).sentence).toMatch(/blank/);
  });
});
