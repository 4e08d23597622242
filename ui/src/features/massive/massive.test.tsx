import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import type { Permission, ProtocolView, ScanPart } from "../../wire";
import { at, smith } from "../bedside/bedside.testkit";
import { O_NEG, patientView, row as unit, scan } from "../bloodbank/memory.testkit";
import { screens } from "./screens";

const { tone } = vi.hoisted(() => ({ tone: vi.fn() }));
vi.mock("../../app/tone", () => ({ errorTone: tone }));
beforeEach(() => tone.mockClear());

vi.setConfig({ testTimeout: 60_000 });

const one = unit({ id: "u-1", din: "A999826000411", check: "3", group: O_NEG });
const two = unit({ id: "u-2", din: "A999826000412", check: "5", group: O_NEG });
const din = (u: typeof one): ScanPart[] => [{ kind: "donation_number", din: u.din, check: u.check, unit: u.id }];
const scans: Record<string, ScanPart[]> = {
  "=A99982600041100": din(one), "=A99982600041200": din(two), "=A99982600099900": din(unit({ id: "u-3", din: "A999826000999" })),
  "=<E0382V00": [{ kind: "product", code: "E0382V00", component: "red_cells", name: null }],
  "&;1BAND": [{ kind: "patient", number: "LD9", patient: "p-1" }],
  "=%9500": [{ kind: "group", group: O_NEG, donation_type: "" }],
};

function protocol(patch: Partial<ProtocolView> = {}): ProtocolView {
  return {
    row: { id: "m-1", patient: smith, activatedBy: "Dr Ana Ferreira", activatedAt: at(-30), reason: "Ruptured spleen", packs: 1, units: 2, unaccounted: 2, status: "active" },
    group: { state: "unknown" }, currentGroup: null, rhdSwitchedAt: null, redCellsInADay: 2,
    packs: [{ number: 1, preparedAt: at(-20), issuedAt: null, bags: [{ unit: one, fate: null, known: null }, { unit: two, fate: null, known: null }] }],
    prompts: [{ prompt: "switch_rhd_positive", args: { given: "4", stock: "1" } }],
    next: [{ component: "red_cells", count: 4, bags: [{ unit: unit({ id: "u-7", din: "A999826000777" }), reasons: [] }], missing: 3 }], nextNumber: 2, ...patch,
  };
}

function start(path: string, view = protocol(), permissions: Permission[] = ["see_patients", "see_stock", "issue_blood", "request_blood"]) {
  const backend = memory({
    "app.status": () => statusOf({ door: "signed_in", facility: clinic, session: { user: "amina", displayName: "OKELLO, Amina", role: "blood_bank_scientist", permissions, since: at(-60) } }),
    "patient.view": () => patientView(),
    "scan.read": ({ text }) => ({ parts: scans[text] ?? [] }),
    "protocol.list": () => ({ open: [view.row], closed: [] }),
    "protocol.view": () => view,
  });
  render(<Program backend={backend} screens={screens} path={path} />);
  return backend;
}

describe("massive transfusion", () => {
  it("lists protocols with the bags of which nobody has said where they are", async () => {
    start("/massive");
    expect(await screen.findByText("Ruptured spleen")).toBeVisible();
    expect(screen.getByText("Active")).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("says what to ask the team, what the shelf lacks, and makes up the next pack", async () => {
    const backend = start("/massive/m-1");
    backend.answers["protocol.pack"] = () => ({});
    expect(await screen.findByText(/4 RhD-negative red cells given, 1 left/)).toBeVisible();
    expect(screen.getByText("3 missing on the shelf")).toBeVisible();
    expect(screen.getByText("Not known: group O is used")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Make up pack 2" }));
    await waitFor(() => expect(backend.of("protocol.pack")).toEqual([{ protocol: "m-1", number: 2, units: null }]));
  });

  it("gives out a pack only when every bag was scanned, and asks for a reason when the store wants one", async () => {
    const backend = start("/massive/m-1");
    await userEvent.click(await screen.findByRole("button", { name: "Give out pack 1" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByLabelText("Physician whose order it is (sign-in name)"), "ferreira");
    await userEvent.type(within(dialog).getByLabelText("Collected by"), "Theatre 2");
    await userEvent.click(within(dialog).getByRole("checkbox", { name: "Every bag looks right" }));
    for (const code of ["=A99982600041100", "=<E0382V00", "=%9500"]) await scan(code);
    expect(await within(dialog).findByText("1 of 2 bags scanned")).toBeVisible();
    await userEvent.click(within(dialog).getByRole("button", { name: "Give out all bags" }));
    expect(backend.of("protocol.issue")).toHaveLength(0);
    // The codes of two bags never make one, and a bag of elsewhere is none of this pack.
    for (const code of ["=A99982600099900", "=<E0382V00", "=%9500"]) await scan(code);
    expect(await within(dialog).findByText("This bag is not in the pack.")).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(1);
    await scan("&;1BAND");
    expect(await within(dialog).findByText(/^That is a patient's number; scan the donation number/)).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(2);
    for (const code of ["=A99982600041200", "=<E0382V00", "=%9500"]) await scan(code);
    expect(await within(dialog).findByText("2 of 2 bags scanned")).toBeVisible();
    backend.answers["protocol.issue"] = () => refuse({ code: "rhd_mismatch", kind: "needs_override", rules: ["rhd_mismatch"], args: {} });
    await userEvent.click(within(dialog).getByRole("button", { name: "Give out all bags" }));
    await userEvent.type(await within(dialog).findByLabelText("Reason"), "Bleeding to death");
    await userEvent.type(within(dialog).getByLabelText("Second person, sign-in name"), "luis");
    await userEvent.type(within(dialog).getByLabelText("Second person, password"), "secret");
    // Somebody who may not: the fields stay, with what was typed.
    backend.answers["protocol.issue"] = () => refuse({ code: "not_a_physician", args: {} });
    await userEvent.click(within(dialog).getByRole("button", { name: "Give out for this reason" }));
    expect(await within(dialog).findByText("Only a physician may sign this.")).toBeVisible();
    expect(within(dialog).getByLabelText("Reason")).toHaveValue("Bleeding to death");
    backend.answers["protocol.issue"] = () => ({});
    await userEvent.click(within(dialog).getByRole("button", { name: "Give out for this reason" }));
    await waitFor(() => expect(backend.of("protocol.issue")).toHaveLength(3));
    expect(backend.of("protocol.issue")[2]).toMatchObject({ number: 1, physician: "ferreira", password: null, override: { rules: ["rhd_mismatch"], reason: "Bleeding to death" }, second: { user: "luis" } });
  });

  it("chooses the physician by name, and says of each field what it lacks", async () => {
    const backend = start("/massive/m-1");
    backend.answers["staff.names"] = () => [{ user: "ferreira", name: "Dr Ana Ferreira", role: "physician", me: false, draws: false }, { user: "luis", name: "Luis Santos", role: "blood_bank_scientist", me: false, draws: false }];
    await userEvent.click(await screen.findByRole("button", { name: "Give out pack 1" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Give out all bags" }));
    expect(within(dialog).getByText("Say who ordered it.")).toBeVisible();
    expect(within(dialog).getByText("Write who takes the bags.")).toBeVisible();
    await userEvent.click(await within(dialog).findByRole("button", { name: /Physician whose order it is/ }));
    expect(await screen.findByRole("option", { name: "Dr Ana Ferreira" })).toBeVisible();
    expect(screen.queryByRole("option", { name: "Luis Santos" })).toBeNull();
    await userEvent.click(screen.getByRole("option", { name: "Dr Ana Ferreira" }));
    expect(within(dialog).queryByText("Say who ordered it.")).toBeNull();
    expect(backend.of("protocol.issue")).toHaveLength(0);
    expect(await faults()).toEqual([]);
  });

  it("says of RhD-positive red cells in the next pack that anti-D could do harm, and tells who makes it up", async () => {
    const [line] = protocol().next;
    const reasons = [{ why: "group_unknown" as const, args: { group: "O RhD POSITIVE", protected: "true" } }];
    start("/massive/m-1", protocol({ next: [{ ...line!, bags: [{ unit: unit({ id: "u-8", din: "A999826000778", group: { abo: "O", rhd: "positive" } }), reasons }, { unit: unit({ id: "u-7", din: "A999826000777", group: O_NEG }), reasons }] }] }), ["see_patients", "see_stock", "request_blood"]);
    expect(await screen.findAllByText(/anti-D could harm this patient/)).toHaveLength(1);
    expect(screen.getByText("The blood bank makes up each pack and gives it out.")).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Make up pack/ })).toBeNull();
  });

  it("does not close while a bag is not accounted for, and takes what the records show", async () => {
    const packs = protocol().packs.map((p) => ({ ...p, issuedAt: at(-10), bags: [{ unit: one, fate: "transfused" as const, known: null }, { unit: two, fate: null, known: "returned" as const }] }));
    const ended = protocol({ row: { ...protocol().row, status: "ended", unaccounted: 1 }, packs, next: [], prompts: [] });
    const backend = start("/massive/m-1", ended);
    backend.answers["protocol.close"] = () => ({});
    expect(await screen.findByText("By the records: Returned")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Close the protocol" }));
    await waitFor(() => expect(backend.of("protocol.close")).toEqual([{ id: "m-1" }]));
  });

  it("keeps the button shut while nobody knows where a bag is", async () => {
    const backend = start("/massive/m-1", protocol({ row: { ...protocol().row, status: "ended" }, next: [], prompts: [] }));
    await userEvent.click(await screen.findByRole("button", { name: "Close the protocol" }));
    expect(backend.of("protocol.close")).toHaveLength(0);
    expect(screen.getByText("2 bags are not accounted for.")).toBeInTheDocument();
  });

  it("takes back what was said of a bag, with a reason, as long as the protocol is open", async () => {
    const said = protocol({ packs: [{ number: 1, preparedAt: at(-20), issuedAt: at(-15), bags: [{ unit: one, fate: "transfused", known: null }, { unit: two, fate: null, known: null }] }] });
    const backend = start("/massive/m-1", said);
    backend.answers["protocol.withdraw"] = () => ({});
    await userEvent.click(await screen.findByRole("button", { name: /^It was not so/ }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByRole("textbox"), "The bag lay under the trolley");
    await userEvent.click(within(dialog).getByRole("button", { name: "It was not so" }));
    await waitFor(() => expect(backend.of("protocol.withdraw")).toEqual([{ protocol: "m-1", unit: "u-1", reason: "The bag lay under the trolley" }]));
  });

  it("a closed protocol is not opened by a word", async () => {
    const base = protocol();
    start("/massive/m-1", { ...base, row: { ...base.row, status: "closed", unaccounted: 0 }, packs: [{ number: 1, preparedAt: at(-20), issuedAt: at(-15), bags: [{ unit: one, fate: "transfused", known: null }] }] });
    expect(await screen.findByText("Closed")).toBeVisible();
    expect(screen.queryByRole("button", { name: /^It was not so/ })).toBeNull();
  });
});
