import { readFileSync } from "node:fs";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import type { LookBackMap, PatientRow, Permission, RecallRow, RecallView, UnitRow } from "../../wire";
import { bagsOf, linked } from "./map";
import { screens } from "./screens";

// Typing key by key is slow while other work fills both cores.
vi.setConfig({ testTimeout: 60_000 });

const patient: PatientRow = { id: "p1", family: "Oyelaran-Fitzgerald", given: "Oluwaseun", title: "Mr", birthDate: "1949-06-11", ageYears: 77, sex: "male", hospitalNumber: "HS000004K", similarName: false, deceased: false };
const unit: UnitRow = { id: "u1", din: "A999826000500", check: "K", productCode: "D1001V00", component: "red_cells", group: { abo: "O", rhd: "positive" }, status: "issued", expiresAt: "2027-01-01T20:59:00Z", daysLeft: 40, place: "Fridge 1, shelf A", patient: "p1", patientName: "OYELARAN", until: null };
const row: RecallRow = { id: "r1", reason: "hbv confirmed in donation A999826000500", openedAt: "2026-11-20T09:00:00Z", closedAt: null, bags: 2, issued: 1, pending: ["here"], overdue: false };
const view: RecallView = {
  row, here: "here", answers: [],
  targets: [
    { id: "u1", din: unit.din, check: "K", site: "here", found: "issued", state: "issued", patient, unit },
    { id: "u2", din: unit.din, check: "K", site: "here", found: "in_stock", state: "in_laboratory", patient: null, unit: null },
  ],
  tasks: [
    { what: "alert_ward", due: null, overdue: false, din: unit.din, patient: "OYELARAN-FITZGERALD, Oluwaseun", clinician: "Dr Ferreira", site: "here", done: false },
    { what: "acknowledge_recall", due: "2026-11-23T09:00:00Z", overdue: false, din: null, patient: null, clinician: null, site: "here", done: false },
    { what: "alert_physician", due: null, overdue: false, din: unit.din, patient: "gone", clinician: null, site: "here", done: true },
  ],
};
/** Two donations of one donor; a pool of the second with another's; two recipients. */
const map: LookBackMap = {
  from: "donor", id: "d1", seesDonors: true, more: 0,
  donors: [{ id: "d1", number: "D00001", name: "Mercy Achieng" }, { id: "d2", number: "D00002", name: "Daniel Barasa" }],
  donations: [
    { id: "n1", din: "A999826000500", check: "K", at: "2026-11-01T09:00:00Z", found: [{ marker: "hbv", state: "unsafe" }] },
    { id: "n2", din: "A999826000501", check: "L", at: "2026-11-02T09:00:00Z", found: [] },
  ],
  bags: [
    { id: "b1", din: "A999826000500", check: "K", productCode: "D1001V00", component: "red_cells", state: "issued", site: "here", place: "", expiresAt: null, fromOutside: false, recall: "r1" },
    { id: "b2", din: "A999826000500", check: "K", productCode: "D1002V00", component: "platelets", state: "used_up", site: "here", place: "", expiresAt: null, fromOutside: false, recall: null },
    { id: "b3", din: "A999826000501", check: "L", productCode: "D1002V00", component: "platelets", state: "used_up", site: "here", place: "", expiresAt: null, fromOutside: false, recall: null },
    { id: "pool", din: "A999826000700", check: "M", productCode: "D1009V00", component: "platelets", state: "available", site: "here", place: "Agitator", expiresAt: null, fromOutside: false, recall: null },
  ],
  recipients: [patient],
  edges: [
    { from: "d1", to: "n1" }, { from: "d2", to: "n2" }, { from: "n1", to: "b1" }, { from: "n1", to: "b2" }, { from: "n2", to: "b3" },
    { from: "b2", to: "pool" }, { from: "b3", to: "pool" }, { from: "b1", to: "p1" },
  ],
};

const scientist: Permission[] = ["see_stock", "recall_blood", "receive_blood", "see_patients", "see_donors"];
function start(path: string, permissions: Permission[] = scientist) {
  const backend = memory({
    "app.status": () => statusOf({ door: "signed_in", facility: clinic, session: { user: "u", displayName: "OKELLO, Amina", role: "blood_bank_scientist", permissions, since: "2026-11-20T08:00:00Z" } }),
    "recall.list": () => ({ open: [row], closed: [{ ...row, id: "r0", reason: "Old one", closedAt: "2026-11-10T09:00:00Z", pending: [] }] }),
    "recall.view": () => view,
    "lookback.donor": () => map,
    "lookback.unit": () => map,
    "scan.read": ({ text }) => (text.endsWith("X") ? refuse({ code: "check_character_wrong" }) : { parts: [{ kind: "donation_number", din: "A999826000500", check: "K", unit: "u1" }] }),
  });
  render(<Program backend={backend} screens={screens} path={path} />);
  return backend;
}

describe("recalls", () => {
  it("lists what is open and says who is waited for", async () => {
    start("/blood/recalls");
    expect(await screen.findByText(row.reason)).toBeVisible();
    expect(screen.getByText("Waits for an answer")).toBeVisible();
    expect(screen.getByRole("grid", { name: "Closed recalls" })).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("opens one for typed numbers with a reason, and takes no wrong check character", async () => {
    const backend = start("/blood/recalls");
    backend.answers["recall.open"] = () => ({ id: "r1" });
    await userEvent.click(await screen.findByRole("button", { name: "New recall" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Open the recall" }));
    expect(backend.of("recall.open")).toHaveLength(0);
    expect(within(dialog).getByText("Say why.")).toBeVisible();
    await userEvent.type(within(dialog).getByLabelText("Why they are recalled"), "Supplier calls them back");
    await userEvent.type(within(dialog).getByLabelText("Donation number"), "A999826000500X");
    await userEvent.click(within(dialog).getByRole("button", { name: "Add" }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Open the recall" }));
    expect(backend.of("recall.open")).toHaveLength(0);
    await userEvent.clear(within(dialog).getByLabelText("Donation number"));
    await userEvent.type(within(dialog).getByLabelText("Donation number"), "A999826000500K");
    await userEvent.click(within(dialog).getByRole("button", { name: "Add" }));
    await within(dialog).findByRole("button", { name: /Take out/ });
    expect(await faults()).toEqual([]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Open the recall" }));
    await waitFor(() => expect(backend.of("recall.open")).toEqual([{ reason: "Supplier calls them back", units: [], dins: ["A999826000500"] }]));
  });

  it("puts first who has to be called, and what was answered is not asked again", async () => {
    start("/blood/recall/r1");
    expect(await screen.findByText("Call the ward now: this bag must not be given")).toBeVisible();
    expect(screen.getByText("At once")).toBeVisible();
    expect(screen.queryByText("Call the physician of this patient now")).toBeNull();
    expect(screen.getByText("Given out, perhaps not begun")).toBeVisible();
    expect(screen.getByText("In the laboratory")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Close the recall" })).toBeNull();
    expect(await faults()).toEqual([]);
  });

  it("is answered for by a person who says that they looked everywhere", async () => {
    const backend = start("/blood/recall/r1");
    backend.answers["recall.acknowledge"] = () => ({});
    await userEvent.click(await screen.findByRole("button", { name: "I looked everywhere here" }));
    await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Every fridge was looked into" }));
    await waitFor(() => expect(backend.of("recall.acknowledge")).toEqual([{ recall: "r1", site: null }]));
  });

  it("offers a ward nothing but to read", async () => {
    start("/blood/recall/r1", ["see_stock", "see_patients"]);
    await screen.findByText("Given out, perhaps not begun");
    for (const name of ["Add bags", "I looked everywhere here", "Close the recall"]) expect(screen.queryByRole("button", { name })).toBeNull();
  });
});

describe("the look-back map", () => {
  it("shows four columns and what is linked with a choice, both ways", async () => {
    start("/blood/look-back?from=donor&id=d1");
    expect(await screen.findByText("Donors 2 · Bags 4 · Recipients 1")).toBeVisible();
    expect(screen.getByText(/Hepatitis B/)).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: /Daniel Barasa/ }));
    expect(screen.getByText("Donors 1 · Bags 2 · Recipients 0")).toBeVisible();
    expect(screen.getByRole("button", { name: /Daniel Barasa/ })).toHaveAttribute("aria-pressed", "true");
    await userEvent.click(screen.getByRole("button", { name: "Show all" }));
    expect(screen.getByText("Donors 2 · Bags 4 · Recipients 1")).toBeVisible();
  });

  it("recalls exactly the bags of the choice", async () => {
    const backend = start("/blood/look-back?from=donor&id=d1");
    backend.answers["recall.open"] = () => ({ id: "r9" });
    await userEvent.click(await screen.findByRole("button", { name: /Mercy Achieng/ }));
    await userEvent.click(screen.getByRole("button", { name: "Recall these bags" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByLabelText("Why they are recalled"), "HBV");
    await userEvent.click(within(dialog).getByRole("button", { name: "Open the recall" }));
    await waitFor(() => expect(backend.of("recall.open")).toEqual([{ reason: "HBV", units: ["b1", "b2", "pool"], dins: [] }]));
  });

  it("starts from a bag that was typed", async () => {
    const backend = start("/blood/look-back");
    expect(await faults()).toEqual([]);
    await userEvent.type(await screen.findByLabelText("Donation number"), "A999826000500K");
    await userEvent.click(screen.getByRole("button", { name: "Show" }));
    await waitFor(() => expect(backend.of("lookback.unit")).toEqual([{ id: "u1" }]));
  });

  it("says when no donor fits, and when donors could not be read", async () => {
    const backend = start("/blood/look-back");
    backend.answers["donor.search"] = () => ({ rows: [], total: 0 });
    await userEvent.click(await screen.findByRole("radio", { name: "A donor" }));
    await userEvent.type(screen.getByRole("searchbox", { name: "Name or number of the donor" }), "Nobody");
    expect(await screen.findByText("Nobody matches “Nobody”.")).toBeVisible();
    backend.answers["donor.search"] = () => refuse({ code: "store_damaged", kind: "fault" });
    await userEvent.type(screen.getByRole("searchbox", { name: "Name or number of the donor" }), "y");
    expect(await screen.findByText("The donors could not be read")).toBeVisible();
    expect(screen.queryByText(/Nobody matches/)).toBeNull();
  });

  it("walks up and down and never sideways", () => {
    expect([...linked(map.edges, "n1")].sort()).toEqual(["b1", "b2", "d1", "n1", "p1", "pool"]);
    expect([...linked(map.edges, "pool")].sort()).toEqual(["b2", "b3", "d1", "d2", "n1", "n2", "pool"]);
    expect(bagsOf(map, linked(map.edges, "p1"))).toEqual(["b1"]);
    expect(bagsOf(map, null)).toHaveLength(4);
    // Damaged data may hold a ring.
    expect(linked([{ from: "a", to: "b" }, { from: "b", to: "a" }], "a").size).toBe(2);
  });
});

describe("the words", () => {
  it("exist in both languages with the same values", () => {
    for (const area of ["recall", "shelf"]) {
      const read = (locale: string) => JSON.parse(readFileSync(`messages/${area}/${locale}.json`, "utf8")) as Record<string, unknown>;
      const [en, ar] = [read("en"), read("ar")];
      // Also of a sentence in several numbers.
      const holes = (text: unknown) => [...new Set(JSON.stringify(text).match(/\{\w+\}/g) ?? [])].sort();
      expect(Object.keys(ar)).toEqual(Object.keys(en));
      for (const [key, text] of Object.entries(en)) expect(holes(ar[key]!), key).toEqual(holes(text));
    }
  });
});
