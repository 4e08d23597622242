/** What every screen of the blood bank makes of a scan it has no use for: it says so in words, sounds once, and stays. */
import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { faults, refuse } from "../testing/program.testkit";
import type { Commands, DonorView, Permission, ScanPart } from "../wire";
import { screens as bedside } from "./bedside/screens";
import { screens as blood } from "./bloodbank/screens";
import { screens as donors } from "./donors/screens";
import { screens as patients } from "./patients/screens";
import { screens as recall } from "./recall/screens";
import { desk, open, row, scan, unit } from "./requests/care.testkit";
import { screens as requests } from "./requests/screens";
import { screens as samples } from "./samples/screens";
import { screens as stock } from "./stock/screens";

const { tone } = vi.hoisted(() => ({ tone: vi.fn() }));
vi.mock("../app/tone", () => ({ errorTone: tone }));
beforeEach(() => tone.mockClear());

const all: Permission[] = ["see_patients", "see_stock", "receive_blood", "reserve_blood", "issue_blood", "discard_blood", "request_blood", "crossmatch", "recall_blood", "see_donors", "register_donors", "screen_donors", "transfuse"];
const group: ScanPart = { kind: "group", group: { abo: "O", rhd: "positive" }, donation_type: "" };
const band = (patient: string | null): ScanPart => ({ kind: "patient", number: "LD9", patient });
const bag = (din: string, known: string | null): ScanPart => ({ kind: "donation_number", din, check: "K", unit: known });
const view = { row: unit(), volumeMl: 284, collectedAt: null, receivedAt: "2026-11-08T09:30:00Z", supplier: null, lowTitre: false, quarantines: [], quarantineReason: null, discardReason: null, given: false, labelUnread: false, history: [] };
const box: Commands["transfer.view"]["res"] = {
  row: { id: "t1", from: "Lakeside", to: "Hill Clinic", ours: true, component: "red_cells", bags: 0, open: 0, missing: 0, status: "packing", sentAt: null },
  bags: [], readings: [], least: 10, most: 100, mostBags: 40, slip: null,
};
const donor: DonorView = {
  row: { id: "d1", number: "DN000001K", family: "Odhiambo", given: "Peter", birthDate: "1990-05-17", ageYears: 36, sex: "male", group: { state: "unknown" }, next: { kind: "whole_blood", on: "2026-11-20", why: null, code: null }, similarName: false },
  photo: null, phone: null, area: "Lakeside", paper: null, consent: { at: "2026-11-20T08:00:00Z", guardian: null }, deferrals: [], next: [], donations: [], screenings: [], likelySame: [], samePerson: [],
  questions: [], mayGive: true, screenedFor: "whole_blood", elsewhere: [], groups: [], told: [], health: { everPregnant: null, afterMenopause: null, hlaNegative: null }, deferralCodes: [], rules: { name: "who", version: 1, signed: false, bags: [{ code: "triple-450", volumeMl: 450 }] }, today: "2026-11-20",
};

/** A scan that says `part` on the page at `path`. */
async function at(path: string, part: ScanPart | "unreadable", more: Parameters<typeof desk>[1] = {}, before?: () => Promise<void>) {
  const backend = open([...bedside, ...blood, ...donors, ...patients, ...recall, ...requests, ...samples, ...stock], path, desk(all, {
    "scan.read": () => (part === "unreadable" ? refuse({ code: "scan_unreadable" }) : { parts: [part] }),
    "unit.list": () => ({ rows: [], total: 0 }),
    "unit.view": () => view,
    "unit.traits": () => refuse({ code: "unknown_command" }),
    "issue.list": () => ({ out: [], unsigned: [], antiD: [], owed: [], returnMinutes: 30 }),
    "bedside.list": () => ({ waiting: [], running: [], ended: [], recent: [] }),
    "recall.list": () => ({ open: [], closed: [] }),
    "transfer.view": () => box,
    "count.place": () => ({ place: "Fridge 1", booked: 1, counted: 0, places: ["Fridge 1"], differences: [] }),
    "request.list": () => ({ open: [row()], ended: [] }),
    "donor.desk": () => ({ rules: donor.rules, blocks: [], left: 1, next: null, doubles: 0, donations: [], today: "2026-11-20" }),
    "donor.view": () => donor,
    "donor.contact": () => ({ channels: [], reachable: true, messages: [], appointments: [] }),
    "donor.search": () => ({ rows: [], total: 0 }),
    ...more,
  }));
  await screen.findByRole("heading", { level: 1, hidden: true });
  if (path.startsWith("/requests/r")) await screen.findByText("Proposed from the shelf");
  await before?.();
  await scan("=%5100");
  return backend;
}

describe("a scan that a screen has no use for", () => {
  const wrong: [what: string, path: string, part: ScanPart | "unreadable", words: RegExp][] = [
    ["the worklist: no wristband", "/requests", group, /That is not a wristband/],
    ["the worklist: a patient without a request", "/requests", band("p-9"), /has no open request/],
    ["a request: a code that is neither bag nor person", "/requests/r-1", group, /That is the blood group; scan the donation number of the unit, or the patient's wristband/],
    ["a request: another patient", "/requests/r-1", band("p-9"), /That wristband is another patient's/],
    ["an order: no wristband", "/requests/new", group, /That is not a wristband/],
    ["the tubes: a code of a bag", "/samples", group, /That is the blood group; scan the number of a tube/],
    ["a tube that arrives: a code of a bag", "/samples/receive", group, /That is the blood group; scan the number of a tube/],
    ["a tube that arrives: nobody's wristband", "/samples/receive", band(null), /LD9 is not known here/],
    ["the bedside: no wristband", "/bedside", group, /Scan a wristband/],
    ["the units: no number", "/blood/units", group, /That is the blood group; scan the donation number/],
    ["one unit: no number", "/blood/unit/u-1", group, /That is the blood group; scan the donation number/],
    ["one unit: a number that is not here", "/blood/unit/u-1", bag("A999826000777", null), /No unit with the number A9998 26 000777/],
    ["what is out: no number", "/issues", group, /./],
    ["what is out: a bag that is not out", "/issues", bag("A999826000777", "u-7"), /A9998 26 000777/],
    ["several bags for one patient: no number", "/blood/reserve", group, /That is the blood group/],
    ["the counter: a code without its bag", "/blood/issue", group, /That is the blood group/],
    ["the look-back: no number", "/blood/look-back", group, /not a donation number/],
    ["the look-back: a number that is not here", "/blood/look-back", bag("A999826000777", null), /./],
    ["a box: a wristband", "/blood/box/t1", band("p-1"), /That is a patient's number; scan the donation number/],
    ["a box: a number that is not known here", "/blood/box/t1", bag("A999826000777", null), /This number is not known here: scan its product code too/],
    ["a count: a wristband", "/blood/count", band("p-1"), /That is a patient's number/],
    ["the donor desk: a code of a bag", "/donors", group, /That is the blood group; scan the donation number\./],
    ["the donor desk: a product code", "/donors", { kind: "product", code: "D1001V00", component: "red_cells", name: null }, /That is the product code; scan the donation number\./],
    ["the donor desk: a wristband", "/donors", band("p-1"), /That is a patient's number; scan the donation number\./],
    ["the patients: a code of a bag", "/patients", group, /That is the blood group; scan the donation number of the unit, or the patient's wristband\./],
    ["the patients: nobody's wristband", "/patients", band(null), /Hospital number LD9 is not known here/],
    ["a register of donors holds its form", "/donors/register", bag("A999826000777", "u-7"), /This page waits for no scan/],
    ["the questions for a donor hold their form", "/donors/d1/screen", bag("A999826000777", "u-7"), /This page waits for no scan/],
    ["a code that cannot be read", "/blood/units", "unreadable", /./],
  ];
  it.each(wrong)("%s", async (_, path, part, words) => {
    const backend = await at(path, part);
    await waitFor(() => expect(tone).toHaveBeenCalledTimes(1));
    expect((await screen.findAllByText(words)).length).toBeGreaterThan(0);
    // Nothing else was opened.
    if (path !== "/blood/unit/u-1") expect(backend.of("unit.view")).toEqual([]);
    expect(screen.queryByText("elsewhere")).toBeNull();
  });

  it("a wrong code is no name to look for, and the note goes with the next thing that is looked for", async () => {
    const backend = await at("/donors", group);
    const field = await screen.findByRole("searchbox", { name: "Find a donor" });
    expect(await screen.findByText(/That is the blood group/)).toBeVisible();
    expect(field).toHaveValue("");
    expect(await faults()).toEqual([]);
    backend.answers["scan.read"] = () => ({ parts: [bag("A999826000777", null)] });
    await scan("=A99982600077700");
    await waitFor(() => expect(backend.of("donor.search")).toEqual([{ text: "A999826000777", limit: 50 }]));
    expect(screen.queryByText(/That is the blood group/)).toBeNull();
    expect(tone).toHaveBeenCalledTimes(1);
  });

  it("a wristband opens its person from the list of patients, and a bag its page", async () => {
    const backend = await at("/patients", band("p-1"));
    await waitFor(() => expect(backend.of("patient.view")).toEqual([{ id: "p-1" }]));
    cleanup();
    const other = await at("/patients", bag(unit().din, "u-1"));
    await waitFor(() => expect(other.of("unit.view")).toEqual([{ id: "u-1" }]));
    expect(tone).not.toHaveBeenCalled();
  });

  it("a label for a donation takes nothing but a number, and says what else it was", async () => {
    await at("/donors/d1", group, {}, async () => {
      await userEvent.click(await screen.findByRole("button", { name: "Begin the donation" }));
      await screen.findByRole("dialog");
    });
    expect(await screen.findByText("That is the blood group; scan the donation number.")).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(1);
    expect(await faults()).toEqual([]);
  });

  it("a box says by number how many bags a number may mean, and packs nothing for it", async () => {
    const backend = await at("/blood/box/t1", bag(unit().din, null), { "unit.list": () => ({ rows: [unit(), unit({ id: "u-2", productCode: "D1002V00" })], total: 2 }) });
    expect(await screen.findByText("Several bags carry this number: scan the product code too.")).toBeVisible();
    expect(tone).not.toHaveBeenCalled();
    backend.answers["scan.read"] = () => ({ parts: [{ kind: "product", code: "D1002V00", component: "red_cells", name: null }] });
    backend.answers["transfer.pack"] = () => refuse({ code: "product_not_ordered" });
    await scan("=<D1002V00");
    await waitFor(() => expect(backend.of("transfer.pack")).toEqual([{ transfer: "t1", bag: { din: unit().din, productCode: "D1002V00" } }]));
    // The box refuses it: that is heard too.
    await waitFor(() => expect(tone).toHaveBeenCalledTimes(1));
  });
});
