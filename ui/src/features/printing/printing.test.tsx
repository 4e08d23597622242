import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import type { IssueRow, Permission, PrintWhat, UnitRow } from "../../wire";
import { readChoice } from "./choice";
import { PrintLabels, PrintTag } from "./Placed";
import { PrintButton } from "./PrintDialog";
import { screens } from "./screens";
import { forms } from "./words";

// Typing key by key is slow while other work fills both cores.
vi.setConfig({ testTimeout: 60_000 });

const unit: UnitRow = {
  id: "u1", din: "A999826000122", check: "L", productCode: "D1001V00", component: "red_cells", group: { abo: "A", rhd: "positive" }, status: "available",
  expiresAt: "2026-11-23T23:59:00Z", daysLeft: 2, place: "Fridge 1", patient: null, patientName: null, until: null,
};
const all: Permission[] = ["see_patients", "see_stock", "request_blood", "crossmatch", "issue_blood", "receive_blood"];

function start(answers: Parameters<typeof memory>[0], Only: (() => React.ReactNode) | null, path = "/x", permissions = all) {
  const backend = memory({
    "app.status": () => statusOf({ door: "signed_in", facility: clinic, session: { user: "amina", displayName: "OKELLO, Amina", role: "blood_bank_scientist", permissions, since: "2026-11-20T08:00:00Z" } }),
    "preference.get": () => ({ body: null }),
    "preference.put": () => ({}),
    "print.save": () => ({ folder: "/media/usb", files: ["unit-labels-1.pdf"], refused: [] }),
    ...answers,
  });
  render(<Program backend={backend} screens={Only ? [{ path: "/x", area: "blood", title: () => "x", component: Only as never }] : screens} path={path} />);
  return backend;
}
const button = (what: PrintWhat) => () => <PrintButton what={what} subject="A9998 26 000122">Print</PrintButton>;

describe("the print dialog", () => {
  it("writes the file by keyboard alone, says where it lies, and keeps printer, paper, language and folder", async () => {
    const user = userEvent.setup();
    const backend = start({}, button({ kind: "unit_labels", units: ["u1"] }));
    await screen.findByRole("button", { name: "Print" });
    await user.tab();
    await user.keyboard("{Enter}");
    const dialog = await screen.findByRole("dialog", { name: "Print unit labels" });
    await user.click(within(dialog).getByRole("radio", { name: /300 dots/ }));
    await user.click(within(dialog).getByRole("radio", { name: /^Roll of labels/ }));
    const act = within(dialog).getByRole("button", { name: "Write the file" });
    expect(act).toHaveAttribute("aria-disabled", "true");
    await user.type(within(dialog).getByLabelText("Folder"), " /media/usb {Enter}");
    expect(await within(dialog).findByText("Written: unit-labels-1.pdf in /media/usb")).toBeVisible();
    const choice = { printer: "dots300", media: "roll", language: "en", folder: "/media/usb" };
    expect(backend.of("print.save")).toEqual([{ what: { kind: "unit_labels", units: ["u1"] }, ...choice }]);
    expect(backend.of("preference.put")).toEqual([{ name: "print_choice", body: JSON.stringify(choice) }]);
    expect(await faults()).toEqual([]);
  });

  it("begins with what was chosen last, and does not write it down again", async () => {
    const user = userEvent.setup();
    const body = JSON.stringify({ printer: "dots203", media: "roll", language: "ar", folder: "/srv/labels" });
    const backend = start({ "preference.get": () => ({ body }) }, button({ kind: "wristband", patient: "p1" }));
    await user.click(await screen.findByRole("button", { name: "Print" }));
    await user.click(await screen.findByRole("button", { name: "Write the file" }));
    expect(backend.of("print.save")).toEqual([{ what: { kind: "wristband", patient: "p1" }, printer: "dots203", media: "roll", language: "ar", folder: "/srv/labels" }]);
    expect(backend.of("preference.put")).toEqual([]);
  });

  it("prints where nothing can be remembered", async () => {
    const user = userEvent.setup();
    const backend = start({ "preference.get": () => refuse({ code: "malformed" }), "preference.put": () => refuse({ code: "malformed" }) }, button({ kind: "wristband", patient: "p1" }));
    await user.click(await screen.findByRole("button", { name: "Print" }));
    await user.type(await screen.findByLabelText("Folder"), "/media/usb");
    await user.click(screen.getByRole("button", { name: "Write the file" }));
    expect(await screen.findByText(/^Written:/)).toBeVisible();
    expect(backend.of("print.save")).toHaveLength(1);
  });

  it("a slip needs its ward; printer and paper are not asked, a slip is always a sheet", async () => {
    const user = userEvent.setup();
    const backend = start({}, button({ kind: "slip", unit: "u1", patient: "p1", ward: "" }));
    await user.click(await screen.findByRole("button", { name: "Print" }));
    const dialog = await screen.findByRole("dialog", { name: "Print a collection slip" });
    expect(within(dialog).queryByRole("radio", { name: /Roll/ })).toBeNull();
    await user.type(within(dialog).getByLabelText("Folder"), "/media/usb{Enter}");
    expect(backend.of("print.save")).toHaveLength(0);
    await user.type(within(dialog).getByLabelText(/^Ward/), " Maternity ");
    await user.click(within(dialog).getByRole("button", { name: "Write the file" }));
    expect(backend.of("print.save")[0]?.what).toEqual({ kind: "slip", unit: "u1", patient: "p1", ward: "Maternity" });
    expect(await faults()).toEqual([]);
  });

  it("prints as many labels of a tube as are asked for", async () => {
    const user = userEvent.setup();
    const backend = start({}, button({ kind: "tube_labels", sample: "s1", copies: 2 }));
    await user.click(await screen.findByRole("button", { name: "Print" }));
    const copies = await screen.findByRole("textbox", { name: "Labels of this tube" });
    await user.clear(copies);
    await user.type(copies, "4");
    await user.type(screen.getByLabelText("Folder"), "/media/usb");
    await user.click(screen.getByRole("button", { name: "Write the file" }));
    expect(backend.of("print.save")[0]?.what).toEqual({ kind: "tube_labels", sample: "s1", copies: 4 });
  });

  it.each([
    [{ code: "folder_unsuitable" as const, args: { why: "missing" } }, /Nothing was written\. ./],
    [{ code: "scan_unreadable" as const, args: {} }, /cannot be made into a barcode/],
    [{ code: "changed" as const, args: {} }, /did not leave without a crossmatch/],
  ])("says in words why nothing was written, and remembers nothing: %j", async (error, words) => {
    const user = userEvent.setup();
    const backend = start({ "print.save": () => refuse(error) }, button({ kind: "tag", issue: "i1" }));
    await user.click(await screen.findByRole("button", { name: "Print" }));
    await user.type(await screen.findByLabelText("Folder"), "/nowhere");
    await user.click(screen.getByRole("button", { name: "Write the file" }));
    expect(await screen.findByText(words)).toBeVisible();
    expect(screen.queryByText(/^Written/)).toBeNull();
    expect(backend.of("preference.put")).toEqual([]);
  });
});

describe("where it is placed", () => {
  it("several labels name the first three and say how many more", async () => {
    const user = userEvent.setup();
    const units = [1, 2, 3, 4, 5].map((n) => ({ ...unit, id: `u${n}` }));
    const backend = start({}, () => <PrintLabels units={units} />);
    await user.click(await screen.findByRole("button", { name: "Print 5 labels" }));
    expect(await screen.findByText(/^5 units: .*and 2 more$/)).toBeVisible();
    await user.type(screen.getByLabelText("Folder"), "/media/usb");
    await user.click(screen.getByRole("button", { name: "Write the file" }));
    expect(backend.of("print.save")[0]?.what).toEqual({ kind: "unit_labels", units: ["u1", "u2", "u3", "u4", "u5"] });
  });

  it("a tag is for a bag that left without crossmatch, and nothing is offered to whoever may not see patients", async () => {
    const row = { id: "i1", unit, patient: { id: "p1", family: "Achieng", given: "Mercy", title: null }, uncrossmatched: true } as unknown as IssueRow;
    start({}, () => <><PrintTag row={row} /><PrintTag row={{ ...row, id: "i2", uncrossmatched: false }} /><p>here</p></>);
    expect(await screen.findAllByRole("button", { name: /Print tag/ })).toHaveLength(1);
  });

  it("no button without the right to see patients", async () => {
    start({}, () => <><PrintLabels units={[unit]} /><p>here</p></>, "/x", ["see_stock"]);
    expect(await screen.findByText("here")).toBeVisible();
    expect(screen.queryByRole("button")).toBeNull();
  });
});

describe("forms for the hours without power", () => {
  it("prints the chosen forms, as many of each as asked, those of one kind together", async () => {
    const user = userEvent.setup();
    const backend = start({}, null, "/forms");
    for (const name of [/^Sample collection/, /^Issue log/, /^Transfusion record/, /^Donor desk/]) await user.click(await screen.findByRole("checkbox", { name }));
    const copies = screen.getByRole("textbox", { name: "Copies of each" });
    await user.clear(copies);
    await user.type(copies, "2");
    await user.type(screen.getByLabelText("Folder"), "/media/usb");
    await user.click(screen.getByRole("button", { name: "Write the file" }));
    expect(backend.of("print.save")[0]?.what).toEqual({ kind: "forms", forms: ["request", "request", "stock", "stock", "bench", "bench"] });
    expect(await faults()).toEqual([]);
  });

  it("says what to do afterwards, and leads to the pages this person may use", async () => {
    start({}, null, "/forms", ["see_patients", "crossmatch"]);
    expect(await screen.findByText(/with the time it happened and not the time you enter it/)).toBeVisible();
    const after = screen.getByRole("region", { name: "When the power is back" });
    expect(within(after).getAllByRole("link").map((a) => a.textContent)).toEqual(["Sample collection"]);
  });

  it("asks for a form before it writes none", async () => {
    const user = userEvent.setup();
    start({}, null, "/forms");
    for (const box of await screen.findAllByRole("checkbox")) await user.click(box);
    expect(screen.getByRole("button", { name: "Write the file" })).toHaveAttribute("aria-disabled", "true");
    expect(screen.getByText("Choose a form first.")).toBeInTheDocument();
    expect(forms).toHaveLength(7);
  });
});

it("a choice that was kept by another version, or spoilt, falls back where it no longer fits", () => {
  const first = { printer: "office", media: "a4", language: "en", folder: "" } as const;
  for (const body of [null, "", "{", "7", "null", "[]"]) expect(readChoice(body, first)).toEqual(first);
  expect(readChoice(JSON.stringify({ printer: "laser", media: "roll", language: "fr", folder: 7 }), first)).toEqual({ ...first, media: "roll" });
});
