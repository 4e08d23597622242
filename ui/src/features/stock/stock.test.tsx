import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import type { CountView, Permission, PlaceView, ScanPart, TransferView, UnitRow } from "../../wire";
import { scan } from "../requests/care.testkit";
import { screens } from "./screens";

const { tone } = vi.hoisted(() => ({ tone: vi.fn() }));
vi.mock("../../app/tone", () => ({ errorTone: tone }));
beforeEach(() => tone.mockClear());

// Typing key by key is slow while other work fills both cores.
vi.setConfig({ testTimeout: 60_000 });

const unit: UnitRow = { id: "u1", din: "A999826000500", check: "K", productCode: "D1001V00", component: "red_cells", group: { abo: "O", rhd: "positive" }, status: "available", expiresAt: "2027-01-01T20:59:00Z", daysLeft: 40, place: "Fridge 1", patient: null, patientName: null, until: null };
const box: TransferView = {
  row: { id: "t1", from: "Lakeside District Hospital", to: "Hill Clinic", ours: true, component: "red_cells", bags: 1, open: 1, missing: 0, status: "packing", sentAt: null },
  bags: [{ id: "u1", din: unit.din, productCode: unit.productCode, state: "packed", reason: null, unit }], readings: [], least: 10, most: 100, mostBags: 40, slip: null,
};
const count: CountView = {
  place: "Fridge 1", booked: 3, counted: 2, places: ["Fridge 1", "Freezer A"],
  differences: [
    { unit: "u1", din: unit.din, productCode: unit.productCode, kind: "missing", bookPlace: "Fridge 1", row: unit },
    { unit: "u9", din: "A999826000509", productCode: "", kind: "unknown", bookPlace: null, row: null },
  ],
};
const place: PlaceView = {
  row: { id: "f1", name: "Fridge 1", least: 20, most: 60, delayMinutes: 10, gapMinutes: 240, inUse: true, last: { at: "2026-11-20T09:20:00Z", tenths: 52 }, bags: 1, alarm: "too_warm" },
  readings: [{ at: "2026-11-20T09:00:00Z", tenths: 40 }, { at: "2026-11-20T09:05:00Z", tenths: 91 }, { at: "2026-11-20T09:20:00Z", tenths: 52 }],
  alarms: [{ kind: "too_warm", from: "2026-11-20T09:05:00Z", until: "2026-11-20T09:20:00Z", extreme: 91, noted: null, noted_by: null, bags: [unit] }],
};
const number: ScanPart = { kind: "donation_number", din: unit.din, check: "K", unit: "u1" };

const scientist: Permission[] = ["see_stock", "receive_blood", "discard_blood"];
function start(path: string, permissions: Permission[] = scientist) {
  const backend = memory({
    "app.status": () => statusOf({ door: "signed_in", facility: clinic, session: { user: "u", displayName: "OKELLO, Amina", role: "blood_bank_scientist", permissions, since: "2026-11-20T08:00:00Z" } }),
    "transfer.list": () => ({ open: [box.row], ended: [] }),
    "transfer.view": () => box,
    "site.list": () => ({ here: { name: clinic.name, fingerprint: "0A1B 2C3D 4E5F 6071" }, code: "HSS1AB", known: [{ name: "Hill Clinic", fingerprint: "1111 2222 3333 4444" }] }),
    "count.place": ({ scanned }) => (scanned.length > 0 ? count : { ...count, counted: 0 }),
    "place.list": () => ({ rows: [place.row], unnamed: ["Agitator"] }),
    "place.view": () => place,
    "scan.read": () => ({ parts: [number] }),
    "draft.get": () => ({ body: null, at: null }),
    "draft.put": () => ({}),
    "draft.drop": () => ({}),
  });
  render(<Program backend={backend} screens={screens} path={path} />);
  return backend;
}

describe("boxes", () => {
  it("are listed with where they go, and one begins with a site and a component", async () => {
    const backend = start("/blood/boxes");
    backend.answers["transfer.begin"] = () => ({ id: "t2" });
    expect(await screen.findByText("Being packed")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "New box" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(await within(dialog).findByRole("button", { name: "Hill Clinic" }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Begin the box" }));
    expect(backend.of("transfer.begin")).toHaveLength(0);
    await userEvent.click(within(dialog).getByRole("button", { name: /Component/ }));
    await userEvent.click(await screen.findByRole("option", { name: "Red cells" }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Begin the box" }));
    await waitFor(() => expect(backend.of("transfer.begin")).toEqual([{ to: "Hill Clinic", component: "red_cells" }]));
  });

  it("take bags by their number, say a refusal, and leave with the thermometer", async () => {
    const backend = start("/blood/box/t1");
    backend.answers["transfer.pack"] = () => refuse({ code: "unit_quarantined", args: { reason: "The seal" } });
    backend.answers["transfer.scan_out"] = () => ({ text: "HST1" });
    await userEvent.type(await screen.findByLabelText("Number of a bag"), "A999826000500K{Enter}");
    await waitFor(() => expect(backend.of("transfer.pack")).toEqual([{ transfer: "t1", bag: { din: unit.din, productCode: null } }]));
    expect(await screen.findByRole("alert")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Close the box and send it" }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText("This box is kept between 1.0 and 10.0 °C.")).toBeVisible();
    await userEvent.click(within(dialog).getByRole("button", { name: "Send the box" }));
    expect(backend.of("transfer.scan_out")).toHaveLength(0);
    await userEvent.type(within(dialog).getByRole("textbox", { name: "Thermometer in the box" }), "4.2");
    await userEvent.click(within(dialog).getByRole("button", { name: "Send the box" }));
    await waitFor(() => expect(backend.of("transfer.scan_out")).toEqual([{ transfer: "t1", tenths: 42 }]));
  });

  it("that were begun from an offer list its bags with where they lie, until each is packed", async () => {
    const second: UnitRow = { ...unit, id: "u2", din: "A999826000600", group: { abo: "B", rhd: "negative" }, place: "Fridge 2, shelf B", expiresAt: "2026-11-26T20:59:00Z", daysLeft: 5 };
    const third: UnitRow = { ...unit, id: "u3", din: "A999826000700", status: "issued" };
    const backend = start("/blood/box/t1?offered=u1,u2,u3");
    const about = { volumeMl: 284, collectedAt: null, receivedAt: "2026-11-08T09:30:00Z", supplier: null, lowTitre: false, quarantines: [], quarantineReason: null, discardReason: null, given: false, labelUnread: false, history: [] };
    backend.answers["unit.view"] = ({ id }) => ({ row: id === "u2" ? second : third, ...about });
    const list = await screen.findByRole("table", { name: "Offered for this box" });
    // The first one is in the box already.
    expect(screen.getByText("Still to pack: 2 of 3")).toBeVisible();
    expect(await within(list).findByText("Fridge 2, shelf B")).toBeVisible();
    const rows = within(list).getAllByRole("row");
    expect(rows).toHaveLength(3);
    expect(rows[1]).toHaveTextContent(/A9998 26 000600.*26-Nov-2026/);
    expect(rows[1]).not.toHaveTextContent("Available");
    expect(rows[2]).toHaveTextContent(/A9998 26 000700.*Issued/);
    expect(await faults()).toEqual([]);
    backend.answers["transfer.pack"] = () => {
      backend.answers["transfer.view"] = () => ({ ...box, bags: [...box.bags, ...[second, third].map((u) => ({ ...box.bags[0]!, id: u.id, din: u.din, unit: u }))] });
      return {};
    };
    backend.answers["scan.read"] = () => ({ parts: [{ ...number, din: second.din, unit: "u2" } as ScanPart] });
    await scan("=A99982600060000");
    expect(await screen.findByText("Every offered bag is in the box.")).toBeVisible();
    expect(backend.of("transfer.pack")).toEqual([{ transfer: "t1", bag: { din: second.din, productCode: null } }]);
    expect(screen.queryByRole("table", { name: "Offered for this box" })).toBeNull();
  });

  it("that are opened from the list still know what was offered for them, and others know of no offer", async () => {
    const backend = start("/blood/boxes");
    backend.answers["draft.get"] = ({ screen: of }) => ({ body: of === "offered/t1" ? '{"offered":["u1"]}' : null, at: null });
    await userEvent.click(await screen.findByText("Hill Clinic"));
    expect(await screen.findByText("Every offered bag is in the box.")).toBeVisible();
    cleanup();
    start("/blood/box/t1");
    expect(await screen.findByText("1 of at most 40 bags.")).toBeVisible();
    expect(screen.queryByRole("heading", { name: "Offered for this box" })).toBeNull();
  });

  it("are taken in by their slip, bag by bag, and a bag that is too warm is said", async () => {
    const backend = start("/blood/take-in");
    backend.answers["transfer.read"] = () => ({ transfer: "t1", from: "Hill Clinic", component: "red_cells", sentAt: "2026-11-20T08:00:00Z", bags: [{ ...box.bags[0]!, state: "on_its_way" }] });
    backend.answers["transfer.scan_in"] = () => ({ unit, held: true, open: 0 });
    await userEvent.click(await screen.findByRole("button", { name: "Read the slip" }));
    expect(backend.of("transfer.read")).toHaveLength(0);
    await userEvent.type(screen.getByLabelText("Scan or paste the slip of the box"), "HST1ABC");
    await userEvent.click(screen.getByRole("button", { name: "Read the slip" }));
    expect(await screen.findByText("From Hill Clinic")).toBeVisible();
    await userEvent.type(screen.getByLabelText("Number of a bag"), "A999826000500K{Enter}");
    expect(backend.of("transfer.scan_in")).toHaveLength(0);
    await userEvent.type(screen.getByRole("textbox", { name: "Thermometer in the box" }), "14");
    await userEvent.type(screen.getByLabelText("Where the bags are put"), "Fridge 2");
    await userEvent.type(screen.getByLabelText("Number of a bag"), "A999826000500K{Enter}");
    await waitFor(() => expect(backend.of("transfer.scan_in")).toEqual([{ slip: "HST1ABC", bag: { din: unit.din, productCode: null }, tenths: 140, place: "Fridge 2", label: null }]));
    expect(await screen.findByText(/is in quarantine/)).toBeVisible();
    expect(screen.getByText("Every bag has been taken in.")).toBeVisible();
    expect(await faults()).toEqual([]);
  });
});

describe("a printed slip", () => {
  const part = (n: number) => `HSP10${n}03ABCDEFGK7QZ`;
  const text = "HST2ABC";

  it("is scanned code by code in any order, and the screen says which is missing", async () => {
    const backend = start("/blood/take-in");
    const missing = (parts: string[]) => [1, 2, 3].filter((n) => !parts.includes(part(n)));
    backend.answers["transfer.gather"] = ({ parts }) => {
      if (parts.some((p: string) => p.endsWith("TORN"))) return refuse({ code: "scan_unreadable" });
      if (parts.some((p: string) => p.endsWith("OTHER"))) return refuse({ code: "slip_part_of_another" });
      return { of: 3, missing: missing(parts), text: missing(parts).length === 0 ? text : null };
    };
    backend.answers["transfer.read"] = () => ({ transfer: "t1", from: "Hill Clinic", component: "red_cells", sentAt: "2026-11-20T08:00:00Z", bags: [{ ...box.bags[0]!, state: "on_its_way" }] });
    backend.answers["scan.read"] = ({ text: raw }) => ({ parts: [{ kind: "other", name: "part of a slip", raw }] });
    expect(await screen.findByText("Scan the codes on the printed slip, in any order.")).toBeVisible();
    await scan(`${part(3)}`);
    expect(await screen.findByText("1 of 3 codes are read. Still to scan: 1, 2.")).toBeVisible();
    await scan(`${part(1)}TORN`);
    expect(await screen.findByText(/it was not read whole/)).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(1);
    expect(screen.getByText("1 of 3 codes are read. Still to scan: 1, 2.")).toBeVisible();
    await scan(`${part(1)}OTHER`);
    expect(await screen.findByText("This code belongs to the slip of another box.")).toBeVisible();
    await scan(`${part(1)}`);
    expect(await screen.findByText("2 of 3 codes are read. Still to scan: 2.")).toBeVisible();
    // The torn one and the one of another box sounded, the good ones did not.
    expect(tone).toHaveBeenCalledTimes(2);
    expect(await faults()).toEqual([]);
    // Typed or pasted, one code counts as one that was scanned.
    fireEvent.change(screen.getByLabelText("Scan or paste the slip of the box"), { target: { value: part(2) } });
    await userEvent.click(screen.getByRole("button", { name: "Read the slip" }));
    expect(await screen.findByText("From Hill Clinic")).toBeVisible();
    expect(backend.of("transfer.read")).toEqual([{ text }]);
    expect(backend.of("transfer.gather").at(-1)).toEqual({ parts: [part(3), part(1), part(2)] });
  });

  it("is printed from the page of its box, which says beforehand how many bags it names", async () => {
    const backend = start("/blood/box/t1", [...scientist, "see_patients"]);
    expect(await screen.findByText("1 of at most 40 bags.")).toBeVisible();
    backend.answers["transfer.view"] = () => ({ ...box, mostBags: 1 });
    cleanup();
    const full = start("/blood/box/t1");
    full.answers["transfer.view"] = () => ({ ...box, mostBags: 1 });
    expect(await screen.findByText(/This box holds 1 bags/)).toBeVisible();
    cleanup();
    const sent = start("/blood/box/t1", [...scientist, "see_patients"]);
    sent.answers["transfer.view"] = () => ({ ...box, row: { ...box.row, status: "on_its_way" }, slip: text });
    await userEvent.click(await screen.findByRole("button", { name: "Print the slip of the box" }));
    expect(await screen.findByRole("dialog", { name: "Slip of a box" })).toBeVisible();
  });
});

describe("a count", () => {
  it("says that no bag is booked at a place of that name, so that half a name makes no shelf of differences", async () => {
    const backend = start("/blood/count");
    backend.answers["count.place"] = ({ place, scanned }) => (place === "Fridge 1" ? { ...count, counted: scanned.length } : { ...count, place, booked: 0, counted: 0, differences: [] });
    const place = await screen.findByRole("combobox", { name: "Which place is counted" });
    await userEvent.type(place, "Fridge");
    expect(await screen.findByText(/^No bag is booked at a place of this name/)).toBeInTheDocument();
    await userEvent.type(place, " 1");
    await waitFor(() => expect(screen.queryByText(/^No bag is booked at a place of this name/)).toBeNull());
  });

  it("is closed only when every difference has its reason", async () => {
    const backend = start("/blood/count");
    backend.answers["count.close"] = () => ({});
    await userEvent.type(await screen.findByRole("combobox", { name: "Which place is counted" }), "Fridge 1");
    await userEvent.keyboard("{Escape}");
    await userEvent.type(screen.getByLabelText("Number of a bag"), "A999826000500K{Enter}");
    expect(await screen.findByText("In the book and not scanned")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Close the count" }));
    expect(backend.of("count.close")).toHaveLength(0);
    expect(screen.getAllByText("Say what happened.").length).toBeGreaterThan(1);
    const [first, other] = screen.getAllByRole("button", { name: /What happened/ });
    await userEvent.click(first!);
    await userEvent.click(await screen.findByRole("option", { name: "Nobody knows: hold it" }));
    await userEvent.click(other!);
    await userEvent.click(await screen.findByRole("option", { name: "Not ours" }));
    await userEvent.click(screen.getByRole("button", { name: "Close the count" }));
    expect(backend.of("count.close")).toHaveLength(0);
    await userEvent.type(screen.getByLabelText("Whose it is"), "Of the clinic");
    await userEvent.click(screen.getByRole("button", { name: "Close the count" }));
    await waitFor(() => expect(backend.of("count.close")).toEqual([{
      place: "Fridge 1", scanned: [{ din: unit.din, productCode: null }], second: null,
      explained: [{ unit: "u1", why: { kind: "lost" } }, { unit: "u9", why: { kind: "not_ours", words: "Of the clinic" } }],
    }]));
    expect(await screen.findByText("The count of Fridge 1 is closed.")).toBeVisible();
  });
});

describe("a count of a shelf on which nothing lies", () => {
  const missing = { ...count, booked: 1, counted: 0, differences: [count.differences[0]!] };

  it("can be closed: what the book has is a difference, and each has its reason", async () => {
    const backend = start("/blood/count");
    backend.answers["count.place"] = ({ place }) => ({ ...missing, place });
    backend.answers["count.close"] = () => ({});
    await userEvent.type(await screen.findByRole("combobox", { name: "Which place is counted" }), "Fridge 1");
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByRole("button", { name: "Close the count" })).toBeNull();
    await userEvent.click(await screen.findByRole("button", { name: "Nothing lies here" }));
    expect(await screen.findByText("In the book and not scanned")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Close the count" }));
    expect(backend.of("count.close")).toHaveLength(0);
    await userEvent.click(screen.getByRole("button", { name: /What happened/ }));
    await userEvent.click(await screen.findByRole("option", { name: "Nobody knows: hold it" }));
    await userEvent.click(screen.getByRole("button", { name: "Close the count" }));
    await waitFor(() => expect(backend.of("count.close")).toEqual([{ place: "Fridge 1", scanned: [], second: null, explained: [{ unit: "u1", why: { kind: "lost" } }] }]));
    expect(await screen.findByText("The count of Fridge 1 is closed.")).toBeVisible();
    // What the book says of the place, with nothing scanned beside it, is no result of the count.
    expect(screen.queryByText("Differences")).toBeNull();
    expect(screen.queryByText("By the book")).toBeNull();
    // The next place is another count.
    await userEvent.type(screen.getByRole("combobox", { name: "Which place is counted" }), "0");
    await userEvent.tab();
    expect(screen.queryByText("The count of Fridge 1 is closed.")).toBeNull();
    expect(await screen.findByText("By the book")).toBeVisible();
  });

  it("begins with the field of the place, whose list is not open before somebody asks for it", async () => {
    start("/blood/count");
    const field = await screen.findByRole("combobox", { name: "Which place is counted" });
    await waitFor(() => expect(field).toHaveFocus());
    expect(field).toHaveAttribute("aria-expanded", "false");
    // An open list would hide this from a screen reader.
    expect(screen.getByRole("heading", { level: 1 })).toBeVisible();
    await userEvent.keyboard("{ArrowDown}");
    expect(await screen.findByRole("option", { name: "Freezer A" })).toBeVisible();
    await userEvent.keyboard("{Escape}");
    // Whoever comes back to the field asks for it.
    await userEvent.tab();
    await userEvent.tab({ shift: true });
    expect(await screen.findByRole("option", { name: "Freezer A" })).toBeVisible();
  });

  it("is no such count any more when a bag is scanned or another place is named", async () => {
    const backend = start("/blood/count");
    backend.answers["count.place"] = ({ place }) => ({ ...missing, place });
    await userEvent.type(await screen.findByRole("combobox", { name: "Which place is counted" }), "Fridge 1");
    await userEvent.keyboard("{Escape}");
    await userEvent.click(await screen.findByRole("button", { name: "Nothing lies here" }));
    await screen.findByText("Looked at: nothing lies here.");
    await scan("=A99982600050000");
    await waitFor(() => expect(screen.queryByText("Looked at: nothing lies here.")).toBeNull());
    await userEvent.click(screen.getByRole("button", { name: "Start anew" }));
    await userEvent.click(await screen.findByRole("button", { name: "Nothing lies here" }));
    await userEvent.type(screen.getByRole("combobox", { name: "Which place is counted" }), "0");
    await userEvent.tab();
    expect(await screen.findByRole("button", { name: "Nothing lies here" })).toBeVisible();
    expect(screen.queryByRole("button", { name: "Close the count" })).toBeNull();
  });
});

describe("a count that was left half-way", () => {
  it("is kept for its counter and comes back as it was, without anybody's password", async () => {
    const backend = start("/blood/count");
    await userEvent.type(await screen.findByRole("combobox", { name: "Which place is counted" }), "Fridge 1");
    await userEvent.keyboard("{Escape}");
    await scan("=A99982600050000");
    await waitFor(() => expect(backend.of("draft.put").at(-1)).toMatchObject({ screen: "stock.count" }));
    const { body } = backend.of("draft.put").at(-1)!;
    expect(JSON.parse(body)).toEqual({ place: "Fridge 1", scanned: [{ din: unit.din, productCode: null }], said: {}, empty: false });
    cleanup();
    const later = start("/blood/count");
    later.answers["draft.get"] = () => ({ body, at: "2026-11-20T14:00:00Z" });
    await userEvent.click(await screen.findByRole("button", { name: "Continue" }));
    expect(await screen.findByText("In the book and not scanned")).toBeVisible();
    expect(screen.getByRole("combobox", { name: "Which place is counted" })).toHaveValue("Fridge 1");
    expect(later.of("count.place").at(-1)).toEqual({ place: "Fridge 1", scanned: [{ din: unit.din, productCode: null }] });
  });
});

describe("a box under the scanner", () => {
  it("says of a bag of another kind what both are, and that it needs a box of its own", async () => {
    const backend = start("/blood/box/t1");
    const platelets = { ...unit, id: "u2", din: "A999826000600", component: "platelets" as const };
    backend.answers["transfer.pack"] = () => refuse({ code: "product_not_ordered" });
    backend.answers["unit.list"] = () => ({ rows: [platelets], total: 1 });
    backend.answers["scan.read"] = () => ({ parts: [{ ...number, din: platelets.din, unit: "u2" } as ScanPart] });
    await screen.findByLabelText("Number of a bag");
    await scan("=A99982600060000");
    expect(await screen.findByText("This box carries Red cells; this bag is Platelets.")).toBeVisible();
    expect(screen.getByText(/Pack it in a box of its own/)).toBeVisible();
    expect(screen.queryByText(/kind that was asked for/)).toBeNull();
    expect(tone).toHaveBeenCalledTimes(1);
    expect(await faults()).toEqual([]);
  });

  it("does not say of a bag what was wrong with the scan before it", async () => {
    const backend = start("/blood/take-in");
    backend.answers["transfer.read"] = () => ({ transfer: "t1", from: "Hill Clinic", component: "red_cells", sentAt: "2026-11-20T08:00:00Z", bags: [{ ...box.bags[0]!, unit: null, state: "on_its_way" }] });
    await userEvent.type(await screen.findByLabelText("Scan or paste the slip of the box"), "HST1ABC");
    await userEvent.click(screen.getByRole("button", { name: "Read the slip" }));
    await userEvent.type(await screen.findByRole("textbox", { name: "Thermometer in the box" }), "4");
    await userEvent.type(screen.getByLabelText("Where the bags are put"), "Fridge 2");
    backend.answers["scan.read"] = () => ({ parts: [{ kind: "group", group: unit.group, donation_type: "" }] });
    await scan("=%9500");
    expect(await screen.findByText(/^That is the blood group/)).toBeVisible();
    backend.answers["scan.read"] = () => ({ parts: [number] });
    await scan("=A99982600050000");
    expect(await screen.findByText(/^This bag was never here: scan its whole label/)).toBeVisible();
    expect(screen.queryByText(/^That is the blood group/)).toBeNull();
  });

  it("at the other end says when the box is complete", async () => {
    const backend = start("/blood/take-in");
    const two = [box.bags[0]!, { ...box.bags[0]!, id: "u2", productCode: "D1002V00", unit: { ...unit, id: "u2", productCode: "D1002V00" } }].map((b) => ({ ...b, state: "on_its_way" as const }));
    backend.answers["transfer.read"] = () => ({ transfer: "t1", from: "Hill Clinic", component: "red_cells", sentAt: "2026-11-20T08:00:00Z", bags: two });
    backend.answers["transfer.scan_in"] = ({ bag }) => ({ unit: two.find((b) => b.productCode === bag.productCode)!.unit!, held: false, open: 0 });
    await userEvent.type(await screen.findByLabelText("Scan or paste the slip of the box"), "HST1ABC");
    await userEvent.click(screen.getByRole("button", { name: "Read the slip" }));
    await userEvent.type(await screen.findByRole("textbox", { name: "Thermometer in the box" }), "4");
    await userEvent.type(screen.getByLabelText("Where the bags are put"), "Fridge 2");
    expect(screen.getByRole("button", { name: "Take in" })).toBeVisible();
    const read = (code: string) => { backend.answers["scan.read"] = () => ({ parts: [number, { kind: "product", code, component: "red_cells", name: null }] }); };
    read("D1001V00");
    await scan("=A99982600050000=<D1001V00");
    expect(await screen.findByText(/^Taken in:/)).toBeVisible();
    expect(screen.queryByText(/The box is complete/)).toBeNull();
    read("D1002V00");
    await scan("=A99982600050000=<D1002V00");
    expect(await screen.findByText("The box is complete: every bag on its slip is taken in.")).toBeVisible();
    expect(tone).not.toHaveBeenCalled();
    expect(await faults()).toEqual([]);
  });
});

describe("places", () => {
  it("ring in words, and name what nobody has described", async () => {
    start("/blood/places");
    expect(await screen.findByText("Too warm")).toBeVisible();
    expect(screen.getByText(/Agitator/)).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("show the alarm, what stood in it, and let a person decide", async () => {
    const backend = start("/blood/place/f1");
    backend.answers["unit.quarantine"] = () => ({});
    backend.answers["place.note"] = () => ({});
    expect(await screen.findByText("Worst: 9.1 °C")).toBeVisible();
    expect(screen.getByRole("img", { name: "Temperature of Fridge 1: 3 readings" })).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Put these in quarantine" }));
    await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Put these in quarantine" }));
    await waitFor(() => expect(backend.of("unit.quarantine")).toEqual([{ unit: "u1", reason: "Fridge 1: Too warm" }]));
    await userEvent.click(await screen.findByRole("button", { name: "Say what happened" }));
    await userEvent.type(within(await screen.findByRole("dialog")).getByLabelText("What was found and done"), "Door");
    await userEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(backend.of("place.note")).toEqual([{ place: "f1", from: "2026-11-20T09:05:00Z", words: "Door" }]));
  });

  it("are read in degrees with one decimal", async () => {
    const backend = start("/blood/place/f1");
    backend.answers["place.reading"] = () => ({});
    await userEvent.click(await screen.findByRole("button", { name: "Enter a reading" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByRole("textbox", { name: "Thermometer" }), "-4.5");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(backend.of("place.reading")).toEqual([{ place: "f1", tenths: -45, wall: null }]));
  });

  it("offer a ward nothing but to read", async () => {
    start("/blood/place/f1", ["see_stock"]);
    await screen.findByText("Worst: 9.1 °C");
    for (const name of ["Change", "Enter a reading", "Say what happened", "Put these in quarantine"]) expect(screen.queryByRole("button", { name })).toBeNull();
  });
});

describe("sites", () => {
  it("are believed with the code and the fingerprint that was read out", async () => {
    const backend = start("/settings/sites", ["manage_facility"]);
    backend.answers["site.know"] = () => refuse({ code: "identity_mismatch", args: { field: "fingerprint" } });
    expect(await screen.findByText("0A1B 2C3D 4E5F 6071")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Believe another site" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByLabelText("Code of the other site"), "HSS1CD");
    await userEvent.type(within(dialog).getByLabelText("Fingerprint"), "1111");
    await userEvent.click(within(dialog).getByRole("button", { name: "Believe another site" }));
    await waitFor(() => expect(backend.of("site.know")).toEqual([{ code: "HSS1CD", fingerprint: "1111" }]));
    expect(await within(dialog).findByRole("alert")).toHaveTextContent(/The fingerprint is not the one of this code.*Call the site again/);
    expect(within(dialog).queryByText(/label does not say/)).toBeNull();
  });

  it("are forgotten only after what follows was read", async () => {
    const backend = start("/settings/sites", ["manage_facility"]);
    backend.answers["site.forget"] = () => ({});
    await userEvent.click(await screen.findByRole("button", { name: "Do not believe it any more Hill Clinic" }));
    const dialog = await screen.findByRole("dialog", { name: "Do not believe Hill Clinic any more?" });
    expect(backend.of("site.forget")).toEqual([]);
    expect(within(dialog).getByText(/No slip of this site is taken in here afterwards/)).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Do not believe it any more" }));
    await waitFor(() => expect(backend.of("site.forget")).toEqual([{ name: "Hill Clinic" }]));
  });
});
