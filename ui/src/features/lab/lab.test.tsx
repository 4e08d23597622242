import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { LabRow, LabView, PartView, ResultView } from "../../wire";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import { scan } from "../../testing/scanning.testkit";
import { withCode } from "./LabelRead";
import { screens } from "./screens";
import { ruleWord } from "./words";

const { tone } = vi.hoisted(() => ({ tone: vi.fn() }));
vi.mock("../../app/tone", () => ({ errorTone: tone }));
beforeEach(() => tone.mockClear());

// Typing key by key is slow while other work fills both cores.
vi.setConfig({ testTimeout: 60_000 });

const row: LabRow = {
  donation: "n1", din: "A999826000500", check: "K", endedAt: "2026-11-20T09:00:00Z", volumeMl: 450, bag: "triple-450", kind: "whole_blood", parts: 0, waiting: 0,
  typing: { state: "not_done" }, open: [{ marker: "hiv", state: "missing" }], held: false,
};
const part: PartView = {
  id: "u1", product: "red_cells_additive", productCode: "D1001V00", component: "red_cells", volumeMl: 290, expiresAt: "2027-01-01T20:59:00Z",
  state: "quarantine", problems: [{ rule: "marker_missing", marker: "hcv", detail: "" }],
};
const view: LabView = {
  row, sets: [[{ product: "red_cells_additive", code: "D1001V00", leastMl: 230, mostMl: 400 }, { product: "fresh_frozen_plasma", code: "D1003V00", leastMl: 100, mostMl: 300 }]],
  parts: [], typings: [], markers: [{ marker: "hiv", state: "missing" }], results: [], holds: [], releasePeople: 2, resolvable: [], resolution: null, neighbours: [],
};

function start(path: string, patch: Partial<LabView> = {}) {
  const backend = memory({
    "app.status": () => statusOf({ door: "signed_in", facility: clinic, session: { user: "u", displayName: "OKELLO, Amina", role: "blood_bank_scientist", permissions: ["see_donors", "test_donations", "see_patients", "see_stock"], since: "2026-11-20T08:00:00Z" } }),
    "lab.board": () => ({ rows: [row], markers: ["hiv", "hcv"] }),
    "lab.view": () => ({ ...view, ...patch }),
  });
  render(<Program backend={backend} screens={screens} path={path} />);
  return backend;
}

describe("the laboratory", () => {
  it("lists what is not through it and says what is open", async () => {
    start("/lab");
    expect(await screen.findByText("Not divided")).toBeVisible();
    expect(screen.getByText("Not typed")).toBeVisible();
    expect(screen.getByText("1 open")).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("divides into one of the sets of the bag, with the codes of the house", async () => {
    const backend = start("/lab/donation/n1");
    backend.answers["lab.divide"] = () => ({});
    await userEvent.click(await screen.findByRole("button", { name: "Divide" }));
    const dialog = await screen.findByRole("dialog");
    const [red, plasma] = within(dialog).getAllByRole("textbox", { name: "Volume" });
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the components" }));
    expect(backend.of("lab.divide")).toHaveLength(0);
    await userEvent.type(red!, "290");
    await userEvent.type(plasma!, "220");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the components" }));
    expect(backend.of("lab.divide")).toEqual([{ donation: "n1", parts: [{ product: "red_cells_additive", productCode: "D1001V00", volumeMl: 290 }, { product: "fresh_frozen_plasma", productCode: "D1003V00", volumeMl: 220 }] }]);
  });

  it("divides what a machine collected into bags of one product, each with its own volume and code", async () => {
    const bag = (code: string) => ({ product: "platelets_apheresis", code, leastMl: 100, mostMl: 500 });
    const backend = start("/lab/donation/n1", { sets: [[bag("D1008V00")], [bag("D1008VA0"), bag("D1008VB0")]] });
    backend.answers["lab.divide"] = () => ({});
    await userEvent.click(await screen.findByRole("button", { name: "Divide" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("radio", { name: /^2 ×/ }));
    const [one, two] = within(dialog).getAllByRole("textbox", { name: "Volume" });
    await userEvent.type(one!, "250");
    await userEvent.type(two!, "260");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the components" }));
    expect(backend.of("lab.divide")).toEqual([{ donation: "n1", parts: [{ product: "platelets_apheresis", productCode: "D1008VA0", volumeMl: 250 }, { product: "platelets_apheresis", productCode: "D1008VB0", volumeMl: 260 }] }]);
  });

  it("names what stands against a release and offers none while something does", async () => {
    start("/lab/donation/n1", { parts: [part] });
    expect(await screen.findByText("Test missing: Hepatitis C")).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Release/ })).toBeNull();
    expect(screen.getByRole("button", { name: /^Discard ?Red cells in additive solution/ })).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("says once what all components wait for, and prints the label of each and of all before the release", async () => {
    const plasma: PartView = { ...part, id: "u2", product: "fresh_frozen_plasma", productCode: "D1003V00", component: "plasma", problems: [...part.problems, { rule: "expired", marker: null, detail: "" }] };
    const backend = start("/lab/donation/n1", { parts: [part, plasma] });
    backend.answers["print.save"] = () => ({ folder: "/tmp/labels", files: ["unit-labels-1.pdf"], refused: [] });
    expect(await screen.findByText("All components wait for:")).toBeVisible();
    expect(screen.getAllByText("Test missing: Hepatitis C")).toHaveLength(1);
    expect(screen.getByText("It has expired")).toBeVisible();
    expect(screen.getByText("Until nothing stands against its release, a label says quarantine.")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Print 2 labels" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByLabelText("Folder"), "/tmp/labels");
    await userEvent.click(within(dialog).getByRole("button", { name: "Write the file" }));
    await waitFor(() => expect(backend.of("print.save")[0]?.what).toEqual({ kind: "unit_labels", units: ["u1", "u2"] }));
    expect(await faults()).toEqual([]);
  });

  it("says where a released bag is now, and leads to it", async () => {
    start("/lab/donation/n1", { parts: [{ ...part, state: "available", bag: "quarantined", problems: [] }, { ...part, id: "u2", product: "fresh_frozen_plasma", productCode: "D1003V00", state: "available", bag: "available", problems: [] }] });
    expect(await screen.findByText("In quarantine")).toBeVisible();
    expect(screen.getAllByText("On the shelf")).toHaveLength(1);
    expect(screen.getAllByRole("link", { name: /^Open the bag/ })[0]).toHaveAttribute("href", expect.stringContaining("/blood/unit/u1"));
  });

  it("says why a typing with the same reagents does not help, before and while it is entered", async () => {
    const typing = { entry: "t1", group: { abo: "O" as const, rhd: "positive" as const }, method: "Tube", lot: "L2611", by: "Luis Santos", at: "2026-11-20T09:30:00Z", verifiedBy: "OKELLO, Amina", mine: false };
    start("/lab/donation/n1", { row: { ...row, typing: { state: "ambiguous", needs: 1 } }, typings: [typing] });
    expect(await screen.findByText("Typings still needed: 1")).toBeVisible();
    expect(screen.getByText(/another lot of reagents or another method/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Enter a typing" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByLabelText("Method"), "Tube");
    await userEvent.type(within(dialog).getByLabelText("Lot of the reagents"), "L2611");
    expect(within(dialog).getByText(/it counts once/)).toBeVisible();
    await userEvent.type(within(dialog).getByLabelText("Lot of the reagents"), "B");
    expect(within(dialog).queryByText(/it counts once/)).toBeNull();
  });

  it("releases with the label read back and a second person, and says why the label is void", async () => {
    const backend = start("/lab/donation/n1", { parts: [{ ...part, problems: [] }] });
    backend.answers["lab.release"] = () => refuse({ code: "lab_refused", args: { rule: "label_not_verified", faults: "group_missing,expiry_differs" } });
    await userEvent.click(await screen.findByRole("button", { name: /^Release ?Red cells in additive solution/ }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Release this component" }));
    expect(backend.of("lab.release")).toHaveLength(0);
    // Pasted: typed fast, a text that begins like a label is a scan.
    await userEvent.click(within(dialog).getByLabelText("Scan the label on the bag"));
    await userEvent.paste("=A999826000500");
    expect(within(dialog).getByText("donation number read")).toBeVisible();
    expect(within(dialog).getByText("scan the blood group")).toBeVisible();
    await userEvent.type(within(dialog).getByLabelText("Place"), "Fridge 1");
    await userEvent.type(within(dialog).getByLabelText("Sign-in name"), "luis");
    await userEvent.type(within(dialog).getByLabelText("Password"), "secret");
    await userEvent.click(within(dialog).getByRole("button", { name: "Release this component" }));
    expect(await within(dialog).findByText("The label does not say what it must: blood group not read, expiry is another.")).toBeVisible();
    expect(backend.of("lab.release")[0]).toMatchObject({ part: "u1", place: "Fridge 1", second: { user: "luis" } });
  });

  it("takes a code read again for the one before of its kind, and leaves the others", () => {
    const all = ["=A99982600050000", "=%5100", "=<D1003V00", "&>0263312359"].reduce(withCode, "");
    expect(all).toBe("=A99982600050000=%5100=<D1003V00&>0263312359");
    expect(withCode(all, "=<D1002V00")).toBe("=A99982600050000=%5100&>0263312359=<D1002V00");
    expect(withCode(all, "=A99982600050000")).toBe("=%5100=<D1003V00&>0263312359=A99982600050000");
    expect(withCode(all, "=A99982600060000=%6200")).toBe("=<D1003V00&>0263312359=A99982600060000=%6200");
    expect(withCode("typed ", "=%5100")).toBe("typed =%5100");
  });

  it("lets nobody verify what they entered themselves", async () => {
    const typing = { entry: "e1", group: { abo: "O" as const, rhd: "positive" as const }, method: "tube", lot: "A1", by: "OKELLO, Amina", at: "2026-11-20T10:00:00Z", verifiedBy: null, mine: true };
    start("/lab/donation/n1", { typings: [typing] });
    expect(await screen.findByText("Waits for another person")).toBeVisible();
    expect(screen.queryByRole("button", { name: "I read the same" })).toBeNull();
  });
});

describe("what was wrong afterwards", () => {
  const result: ResultView = {
    entry: "r1", marker: "hiv", stage: "initial", outcome: "reactive", valid: true, by: "SANTOS, Luis", at: "2026-11-20T10:00:00Z", verifiedBy: null, mine: false,
    run: "run-1", kit: "Elisa", lot: "L1", before: [], reason: null, correctable: true,
  };

  it("corrects a result with a reason, and offers it only to somebody else", async () => {
    const backend = start("/lab/donation/n1", { results: [result] });
    backend.answers["lab.correct"] = () => ({});
    await userEvent.click(await screen.findByRole("button", { name: /^Correct/ }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).queryByRole("radio", { name: "Reactive" })).toBeNull();
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the correction" }));
    expect(backend.of("lab.correct")).toHaveLength(0);
    await userEvent.click(within(dialog).getByRole("radio", { name: "Non-reactive" }));
    await userEvent.type(within(dialog).getByLabelText("Why it was wrong"), "wrong sample");
    expect(await faults()).toEqual([]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the correction" }));
    expect(backend.of("lab.correct")).toEqual([{ donation: "n1", entry: "r1", outcome: "non_reactive", reason: "wrong sample" }]);
  });

  it("shows both versions of a corrected result, and no correction to who entered one", async () => {
    const before = [{ outcome: "reactive" as const, by: "SANTOS, Luis", at: "2026-11-20T10:00:00Z", reason: null }];
    start("/lab/donation/n1", { results: [{ ...result, outcome: "non_reactive", by: "OKELLO, Amina", mine: true, before, reason: "wrong sample", correctable: false }] });
    expect(await screen.findByText("Corrected from Reactive, which SANTOS, Luis entered: wrong sample")).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Correct/ })).toBeNull();
  });

  it("takes a run back and names the bags that are with the wards already", async () => {
    const backend = start("/lab/donation/n1", { results: [{ ...result, outcome: "non_reactive" }] });
    backend.answers["lab.invalidate"] = () => ({ donations: 3, quarantined: 4, issued: ["A999826000500"] });
    await userEvent.click(await screen.findByRole("button", { name: /Take this run back/ }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText("HIV: Elisa, lot L1")).toBeVisible();
    await userEvent.type(within(dialog).getByLabelText("Why it does not count"), "lot recalled");
    await userEvent.click(within(dialog).getByRole("button", { name: "Take the run back" }));
    expect(backend.of("lab.invalidate")).toEqual([{ run: "run-1", reason: "lot recalled" }]);
    expect(await screen.findByText(/donations back to testing 3, bags put in quarantine 4.*Call the wards now/)).toBeVisible();
  });

  it("resolves a group by two people, to one that was read, and names the samples beside it", async () => {
    const backend = start("/lab/donation/n1", {
      row: { ...row, typing: { state: "no_match" } },
      resolvable: [{ abo: "O", rhd: "positive" }, { abo: "A", rhd: "positive" }],
      neighbours: [{ donation: "n2", din: "A999826000501", check: "K" }],
    });
    backend.answers["lab.resolve"] = () => ({});
    expect(await screen.findByText(/two may have been exchanged/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Resolve the blood group" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("radio", { name: "O RhD POSITIVE" }));
    await userEvent.type(within(dialog).getByLabelText("How the difference came about"), "tube of the neighbour");
    await userEvent.click(within(dialog).getByRole("button", { name: "Resolve" }));
    expect(backend.of("lab.resolve")).toHaveLength(0);
    await userEvent.type(within(dialog).getByLabelText("Sign-in name"), "luis");
    await userEvent.type(within(dialog).getByLabelText("Password"), "secret");
    expect(await faults()).toEqual([]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Resolve" }));
    expect(backend.of("lab.resolve")).toEqual([{ donation: "n1", group: { abo: "O", rhd: "positive" }, reason: "tube of the neighbour", second: { user: "luis", password: "secret" } }]);
  });
});

describe("a run", () => {
  it("carries its controls and only the samples that were in it", async () => {
    const backend = start("/lab/run");
    backend.answers["lab.run"] = () => ({});
    await userEvent.click(await screen.findByRole("button", { name: /Test/ }));
    await userEvent.click(await screen.findByRole("option", { name: "HIV" }));
    await userEvent.click(screen.getByRole("button", { name: "Save the run" }));
    expect(backend.of("lab.run")).toHaveLength(0);
    expect(screen.getByRole("radio", { name: "Not in this run" })).toBeChecked();
    expect(await faults()).toEqual([]);
  });
});

describe("words of rules", () => {
  it("carry their values, and an unknown rule has a sentence of its own", () => {
    expect(ruleWord("volume_outside", { volume: "20", least: "230", most: "400" })).toBe("20 mL is outside 230 to 400 mL");
    expect(ruleWord("reactive", { marker: "Hiv" })).toBe("Reactive: HIV");
    expect(ruleWord("new_rule")).toBe("A rule of the laboratory stands against it");
  });
});

describe("a scan at the bench", () => {
  const dinPart = (din: string) => ({ kind: "donation_number" as const, din, check: "K", unit: null });
  const code = (text: string) => ({ kind: "product" as const, code: text, component: null, name: null });
  const reads = (backend: ReturnType<typeof start>) => {
    backend.answers["scan.read"] = ({ text }) => ({ parts: [text.startsWith("=<") ? code(text.slice(2)) : text.startsWith("=%") ? { kind: "group", group: { abo: "O", rhd: "positive" }, donation_type: "" } : dinPart(text.slice(1, 14))] });
    return backend;
  };

  it("in a run marks the line of the sample in the hand, and says when it does not wait for this test", async () => {
    const backend = reads(start("/lab/run"));
    backend.answers["lab.board"] = () => ({ rows: [row, { ...row, donation: "n2", din: "A999826000501" }, { ...row, donation: "n3", din: "A999826000502", open: [{ marker: "hcv", state: "missing" }] }], markers: ["hiv", "hcv"] });
    backend.news();
    await userEvent.type(await screen.findByLabelText("Kit"), "Kit A");
    await scan("=A99982600050100");
    expect(await screen.findByText("Choose the test first, then scan the sample.")).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(1);
    await userEvent.click(screen.getByRole("button", { name: /Test/ }));
    await userEvent.click(await screen.findByRole("option", { name: "HIV" }));
    await scan("=A99982600050100");
    expect(await screen.findByText("A9998 26 000501: its line is marked. Enter its result.")).toBeVisible();
    expect(document.activeElement?.closest("[data-donation]")).toHaveAttribute("data-donation", "n2");
    expect(screen.getByText("Scanned")).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(1);
    await scan("=A99982600050200");
    expect(await screen.findByText(/A9998 26 000502 is not among the donations that wait for/)).toBeVisible();
    await scan("=%5100");
    expect(await screen.findByText("That is the blood group; scan the donation number of a sample or a bag.")).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(3);
    expect(screen.getByLabelText("Kit")).toHaveValue("Kit A");
    expect(await faults()).toEqual([]);
  });

  it("in a division puts a product code into the first empty field, and another donation's number sounds", async () => {
    reads(start("/lab/donation/n1", { sets: [[{ product: "red_cells_additive", code: "", leastMl: 230, mostMl: 400 }, { product: "fresh_frozen_plasma", code: "", leastMl: 100, mostMl: 300 }]] }));
    await userEvent.click(await screen.findByRole("button", { name: "Divide" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getAllByRole("textbox", { name: "Volume" })[0]!, "290");
    await scan("=<D1001V00");
    await scan("=<D1003V00");
    const fields = within(dialog).getAllByRole("textbox", { name: "Product code on the label" });
    expect(fields.map((f) => (f as HTMLInputElement).value)).toEqual(["D1001V00", "D1003V00"]);
    await scan("=A99982600050000");
    expect(await within(dialog).findByText("A9998 26 000500 is this donation.")).toBeVisible();
    expect(tone).not.toHaveBeenCalled();
    await scan("=<D1009V00");
    expect(await within(dialog).findByText(/Every bag has a code/)).toBeVisible();
    await scan("=A99982600077700");
    expect(await within(dialog).findByText("A9998 26 000777 is another donation. This form is for A9998 26 000500, and what is entered stays.")).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(2);
    expect(within(dialog).getAllByRole("textbox", { name: "Volume" })[0]).toHaveValue("290");
  });

  it("at the release keeps out of the reading what is no code of a label", async () => {
    const backend = reads(start("/lab/donation/n1", { parts: [{ ...part, problems: [] }] }));
    await userEvent.click(await screen.findByRole("button", { name: /^Release ?Red cells in additive solution/ }));
    const dialog = await screen.findByRole("dialog");
    await scan("=A99982600050000");
    expect(within(dialog).getByRole("textbox", { name: /^Scan the label on the bag/ })).toHaveValue("=A99982600050000");
    expect(tone).not.toHaveBeenCalled();
    backend.answers["scan.read"] = () => ({ parts: [{ kind: "patient", number: "1", patient: "p-1" }] });
    await scan("&;1BAND");
    expect(await within(dialog).findByText(/^That is a patient's number; scan the label of the unit/)).toBeVisible();
    expect(within(dialog).getByRole("textbox", { name: /^Scan the label on the bag/ })).toHaveValue("=A99982600050000");
    backend.answers["scan.read"] = () => refuse({ code: "check_character_wrong" });
    await scan("=A99982600050099");
    expect(within(dialog).getByRole("textbox", { name: /^Scan the label on the bag/ })).toHaveValue("=A99982600050000");
    expect(tone).toHaveBeenCalledTimes(2);
  });

  it("on the board opens also what is through, scanned or typed, and sounds for a number of nobody", async () => {
    const backend = reads(start("/lab"));
    backend.answers["lab.find"] = ({ din }) => ({ donation: din === "A999826000600" ? "n9" : null });
    await screen.findByText("Not divided");
    await scan("=A99982600077700");
    expect(await screen.findByText("No donation of this house has this number: A9998 26 000777")).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(1);
    backend.answers["scan.read"] = () => refuse({ code: "check_character_wrong" });
    await userEvent.type(screen.getByLabelText("Donation number"), "A999826000600Q{Enter}");
    await waitFor(() => expect(tone).toHaveBeenCalledTimes(2));
    expect(backend.of("lab.view")).toHaveLength(0);
    backend.answers["scan.read"] = () => ({ parts: [dinPart("A999826000600")] });
    await userEvent.type(screen.getByLabelText("Donation number"), "{Enter}");
    await waitFor(() => expect(backend.of("lab.view")[0]).toEqual({ id: "n9" }));
  });

  it("on the board says what a code was that is no donation", async () => {
    reads(start("/lab"));
    await screen.findByText("Not divided");
    await scan("=<D1001V00");
    expect(await screen.findByText("That is the product code; scan the donation number of a sample or a bag.")).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(1);
  });
});
