import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import type { Permission, UnitRow, UnitView, WorkChoice } from "../../wire";
import { screens as blood } from "../bloodbank/screens";
import { discardReasons } from "../bloodbank/words";
import { scan } from "../../testing/scanning.testkit";
import { whyNotDone, works, workOf, workWord } from "./words";

const { tone } = vi.hoisted(() => ({ tone: vi.fn() }));
vi.mock("../../app/tone", () => ({ errorTone: tone }));
beforeEach(() => tone.mockClear());

// Typing key by key is slow while other work fills both cores.
vi.setConfig({ testTimeout: 60_000 });

const row = (patch: Partial<UnitRow> = {}): UnitRow => ({
  id: "u1", din: "A999826000122", check: "L", productCode: "D1001V00", component: "red_cells", group: { abo: "A", rhd: "positive" }, status: "available",
  expiresAt: "2026-11-23T23:59:00Z", daysLeft: 2, place: "Fridge 1", patient: null, patientName: null, until: null, ...patch,
});
const view = (r: UnitRow, patch: Partial<UnitView> = {}): UnitView => ({
  row: r, volumeMl: 284, collectedAt: null, receivedAt: "2026-11-08T09:30:00Z", supplier: null, lowTitre: false, quarantines: [], quarantineReason: null, discardReason: null, given: false, labelUnread: false, history: [], ...patch,
});
const irradiate: WorkChoice = { work: "irradiate", product: "red_cells_additive", code: "D1101V00", volumeMl: 284, several: false, mostBags: 8, mostNew: 6 };
const split: WorkChoice = { work: "split", product: "red_cells_additive", code: "", volumeMl: 284, several: true, mostBags: 8, mostNew: 6 };
const pool: WorkChoice = { work: "pool", product: "platelets_pooled", code: "D1502V00", volumeMl: 210, several: false, mostBags: 8, mostNew: 6 };
const all: Permission[] = ["see_patients", "see_stock", "discard_blood", "test_donations"];

function start(path: string, rows: UnitRow[], answers: Parameters<typeof memory>[0] = {}, permissions = all) {
  const backend = memory({
    "app.status": () => statusOf({ door: "signed_in", facility: clinic, session: { user: "amina", displayName: "OKELLO, Amina", role: "blood_bank_scientist", permissions, since: "2026-11-20T08:00:00Z" } }),
    "unit.view": ({ id }) => view(rows.find((r) => r.id === id) ?? row({ id, productCode: "D1101V00" })),
    "unit.list": () => ({ rows, total: rows.length }),
    "unit.traits": () => refuse({ code: "unknown_command" }),
    "draft.get": () => ({ body: null, at: null }),
    "preference.get": () => ({ body: null }),
    "work.choices": () => [irradiate, split],
    ...answers,
  });
  render(<Program backend={backend} screens={blood} path={path} />);
  return backend;
}

describe("treating a bag", () => {
  it("asks for nothing that the house's table knows, says that the bag ends, and leads on to the label of the new one", async () => {
    const user = userEvent.setup();
    const backend = start("/blood/unit/u1", [row()], { "work.do": () => ({ units: ["u9"] }) });
    await user.click(await screen.findByRole("button", { name: "Treat" }));
    const dialog = await screen.findByRole("dialog", { name: /^Treat A9998 26 000122/ });
    await user.click(await within(dialog).findByRole("radio", { name: "Irradiate" }));
    expect(within(dialog).getByLabelText("New product code")).toHaveValue("D1101V00");
    expect(within(dialog).getByText(/This bag ends here, and the new bag stands for it/)).toBeVisible();
    await user.click(within(dialog).getByRole("button", { name: "Record: Irradiate" }));
    // Opened or not decides the end: it is never assumed.
    expect(backend.of("work.do")).toHaveLength(0);
    expect(within(dialog).getByText("Say whether it was opened.")).toBeVisible();
    expect(await faults()).toEqual([]);
    // The page below is out of reach while the dialog is open.
    expect(screen.queryByRole("button", { name: "Treat" })).toBeNull();
    await user.click(within(dialog).getByRole("radio", { name: "No, it stayed closed" }));
    await user.click(within(dialog).getByRole("button", { name: "Record: Irradiate" }));
    expect(await screen.findByRole("button", { name: "Print its label" })).toBeVisible();
    expect(backend.of("work.do")).toEqual([{ units: ["u1"], work: "irradiate", open: false, into: [{ productCode: "D1101V00", volumeMl: 284 }], place: "Fridge 1" }]);
    expect(backend.of("unit.view").at(-1)).toEqual({ id: "u9" });
  });

  it("divides into bags told apart by their code, and says whose hold ends with it", async () => {
    const user = userEvent.setup();
    const backend = start("/blood/unit/u1", [row({ status: "reserved", patient: "p1", patientName: "Mercy Achieng" })], { "work.do": () => ({ units: ["u8", "u9"] }) });
    await user.click(await screen.findByRole("button", { name: "Treat" }));
    const dialog = await screen.findByRole("dialog");
    await user.click(await within(dialog).findByRole("radio", { name: "Divide into bags" }));
    expect(within(dialog).getByText(/is held for Mercy Achieng. This hold ends/)).toBeVisible();
    await user.click(within(dialog).getByRole("radio", { name: /^Yes, it was opened/ }));
    for (const field of within(dialog).getAllByRole("textbox", { name: "Volume" })) await user.type(field, "140");
    await user.click(within(dialog).getByRole("button", { name: /^Record/ }));
    expect(await screen.findByText(/2 bags were just made/)).toBeVisible();
    expect(backend.of("work.do")[0]).toMatchObject({ open: true, into: [{ productCode: "D1001VA0", volumeMl: 140 }, { productCode: "D1001VB0", volumeMl: 140 }] });
  });

  it("reads the new label back: all four codes, and what is wrong with it is named", async () => {
    const user = userEvent.setup();
    let unread = true;
    const backend = start("/blood/unit/u1", [], {
      "unit.view": () => view(row({ productCode: "D1101V00" }), { labelUnread: unread }),
      "scan.read": () => ({ parts: [{ kind: "product", code: "D1101V00", component: "red_cells", name: null }] }),
      "work.label": ({ label }) => { if (label.includes("=%5100")) return refuse({ code: "lab_refused", args: { rule: "label_not_verified", faults: "group_differs" } }); unread = false; return {}; },
    });
    await user.click(await screen.findByRole("button", { name: "Read the label back" }));
    const dialog = await screen.findByRole("dialog", { name: "Read the new label back" });
    await user.click(within(dialog).getByRole("button", { name: "The label is right" }));
    expect(backend.of("work.label")).toHaveLength(0);
    for (const code of ["=A99982600012200", "=%5100", "=<D1101V00", "&>0263262359"]) await scan(code);
    expect(within(dialog).getByText("expiry read")).toBeVisible();
    await user.click(within(dialog).getByRole("button", { name: "The label is right" }));
    expect(await within(dialog).findByText("The label does not say what it must: blood group is another.")).toBeVisible();
    expect(await faults()).toEqual([]);
    await scan("=%6200");
    await user.click(within(dialog).getByRole("button", { name: "The label is right" }));
    await waitFor(() => expect(screen.queryByText("The new label was not read back.")).toBeNull());
    expect(backend.of("work.label").at(-1)).toEqual({ unit: "u1", label: "=A99982600012200=<D1101V00&>0263262359=%6200" });
  });

  it("who does not work at the bench sees that the label waits, and no button", async () => {
    start("/blood/unit/u1", [], { "unit.view": () => view(row(), { labelUnread: true }) }, ["see_stock"]);
    expect(await screen.findByText("The new label was not read back.")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Read the label back" })).toBeNull();
  });

  it("says that a hold goes on with a single new bag", async () => {
    const user = userEvent.setup();
    start("/blood/unit/u1", [row({ status: "reserved", patient: "p1", patientName: "Mercy Achieng" })], { "work.choices": () => [irradiate] });
    await user.click(await screen.findByRole("button", { name: "Treat" }));
    expect(await screen.findByText("It is held for Mercy Achieng. The hold goes on with the new bag.")).toBeVisible();
  });

  it.each([
    ["too_old_for_this", { day: "30", latest: "28" }, /too old for this: day 30, at the latest day 28/],
    ["not_available", {}, /It is not free: on hold, recalled/],
    ["volume_exceeds", { volume: "900", most: "284" }, /900 mL is more than there was: 284 mL/],
  ])("a refusal stands in the dialog in words and keeps what was filled in: %s", async (rule, args, words) => {
    const user = userEvent.setup();
    start("/blood/unit/u1", [row()], { "work.choices": () => [irradiate], "work.do": () => refuse({ code: "lab_refused", args: { rule, ...args } }) });
    await user.click(await screen.findByRole("button", { name: "Treat" }));
    const dialog = await screen.findByRole("dialog");
    await user.click(await within(dialog).findByRole("radio", { name: "No, it stayed closed" }));
    await user.click(within(dialog).getByRole("button", { name: /^Record/ }));
    expect(await within(dialog).findByText(words)).toBeVisible();
    expect(within(dialog).getByLabelText("New product code")).toHaveValue("D1101V00");
  });

  it("is not offered for a bag in quarantine, nor to whoever does not work at the bench", async () => {
    start("/blood/unit/u1", [row({ status: "quarantined" })]);
    expect(await screen.findByRole("button", { name: "Print label" })).toBeVisible();
    expect(screen.queryByRole("button", { name: "Treat" })).toBeNull();
  });
});

it("says that a bag without a time of collection cannot be treated, and asks for no reason", () => {
  expect(whyNotDone({ code: "reason_missing", kind: "refusal", args: { rule: "field_missing", field: "collectedAt" }, incident: null })).toMatch(/^It is not recorded when this bag was collected/);
});

describe("several bags of the list", () => {
  const two = [row({ id: "u1" }), row({ id: "u2", din: "A999826000123" })];
  it("are chosen by keyboard, labelled together, and pooled where they can be", async () => {
    const user = userEvent.setup();
    const backend = start("/blood/units", two, { "work.choices": () => [pool], "work.do": () => ({ units: ["u9"] }) });
    const first = await screen.findByRole("checkbox", { name: /000122/ });
    first.focus();
    await user.keyboard(" ");
    await user.click(screen.getByRole("checkbox", { name: /000123/ }));
    expect(screen.getByText("2 units chosen")).toBeVisible();
    expect(screen.getByRole("button", { name: "Print 2 labels" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Treat" }));
    const dialog = await screen.findByRole("dialog", { name: "Treat 2 units together" });
    expect(await within(dialog).findByRole("radio", { name: /^Pool into one bag/ })).toBeChecked();
    await user.click(within(dialog).getByRole("radio", { name: "No, it stayed closed" }));
    await user.click(within(dialog).getByRole("button", { name: /^Record/ }));
    expect(await screen.findByRole("button", { name: "Print its label" })).toBeVisible();
    expect(backend.of("work.do")[0]).toMatchObject({ units: ["u1", "u2"], work: "pool", into: [{ productCode: "D1502V00", volumeMl: 210 }] });
  });

  it("that cannot be pooled are treated one after the other", async () => {
    const user = userEvent.setup();
    const backend = start("/blood/units", two, { "work.choices": ({ units }) => (units.length > 1 ? [] : [irradiate]) });
    for (const box of await screen.findAllByRole("checkbox")) await user.click(box);
    await user.click(screen.getByRole("button", { name: "Treat" }));
    await user.click(await screen.findByRole("button", { name: /^Treat A9998 26 000123/ }));
    expect(await screen.findByRole("radio", { name: "Irradiate" })).toBeChecked();
    expect(backend.of("work.choices").at(-1)).toEqual({ units: ["u2"] });
    expect(await faults()).toEqual([]);
  });
});

describe("a bag that was made into another", () => {
  it("says so in its state and its history, and how", async () => {
    const gone = row({ status: "modified", became: [{ id: "u9", din: "A999826000123", check: "J", productCode: "D1101V00", onShelf: true }] });
    start("/blood/unit/u1", [gone], {
      "unit.view": () => view(gone, { discardReason: "processed", history: [{ at: "2026-11-20T10:00:00Z", what: "discarded", by: "OKELLO, Amina", second: null, reason: "irradiate", patientName: null, overrides: [] }] }),
    });
    expect(await screen.findByText("Made into another bag")).toBeVisible();
    expect(screen.getByText("Made into others")).toBeVisible();
    expect(screen.getByRole("link", { name: /D1101V00/ })).toHaveAttribute("href", expect.stringContaining("/blood/unit/u9"));
    expect(screen.getByText("Irradiate")).toBeVisible();
    expect(screen.queryByText("Discarded")).toBeNull();
    expect(screen.queryByRole("button", { name: "Print label" })).toBeNull();
  });

  it("is never a reason that somebody may give for discarding", () => {
    expect(discardReasons).not.toContain("processed");
  });

  it("has a word for every work, and takes free words for none of them", () => {
    expect(new Set(works.map(workWord)).size).toBe(works.length);
    expect(workOf("the bag was torn")).toBeNull();
  });
});

describe("a scan above a bag that is treated", () => {
  it("is the code of a new bag, and another bag's number opens nothing", async () => {
    const user = userEvent.setup();
    start("/blood/unit/u1", [row()], {
      "work.choices": () => [{ ...irradiate, code: "" }],
      "scan.read": ({ text }) => ({ parts: [text.startsWith("=<") ? { kind: "product", code: text.slice(2), component: null, name: null } : { kind: "donation_number", din: text.slice(1, 14), check: "L", unit: "u7" }] }),
    });
    await user.click(await screen.findByRole("button", { name: "Treat" }));
    const dialog = await screen.findByRole("dialog", { name: /^Treat A9998 26 000122/ });
    const field = await within(dialog).findByLabelText("New product code");
    await scan("=<D1101V00");
    expect(field).toHaveValue("D1101V00");
    expect(await within(dialog).findByText("D1101V00 is the code of new bag 1.")).toBeVisible();
    await scan("=A99982600012200");
    expect(await within(dialog).findByText("A9998 26 000122 is a bag of this form.")).toBeVisible();
    expect(tone).not.toHaveBeenCalled();
    await scan("=A99982600077700");
    expect(await within(dialog).findByText(/A9998 26 000777 is none of the bags that this form is about/)).toBeVisible();
    await scan("=<D1109V00");
    expect(await within(dialog).findByText(/Every new bag has a code/)).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(2);
    expect(field).toHaveValue("D1101V00");
    expect(screen.getByRole("dialog", { name: /^Treat A9998 26 000122/ })).toBeVisible();
  });
});
