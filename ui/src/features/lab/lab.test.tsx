import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { LabRow, LabView, PartView } from "../../wire";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import { screens } from "./screens";
import { ruleWord } from "./words";

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
  parts: [], typings: [], markers: [{ marker: "hiv", state: "missing" }], results: [], holds: [], releasePeople: 2,
};

function start(path: string, patch: Partial<LabView> = {}) {
  const backend = memory({
    "app.status": () => statusOf({ door: "signed_in", facility: clinic, session: { user: "u", displayName: "OKELLO, Amina", role: "blood_bank_scientist", permissions: ["see_donors", "test_donations"], since: "2026-11-20T08:00:00Z" } }),
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
    expect(screen.queryByRole("button", { name: "Release" })).toBeNull();
    expect(screen.getByRole("button", { name: "Discard" })).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("releases with the label read back and a second person, and says why the label is void", async () => {
    const backend = start("/lab/donation/n1", { parts: [{ ...part, problems: [] }] });
    backend.answers["lab.release"] = () => refuse({ code: "lab_refused", args: { rule: "label_not_verified" } });
    await userEvent.click(await screen.findByRole("button", { name: "Release" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Release this component" }));
    expect(backend.of("lab.release")).toHaveLength(0);
    // Pasted: typed fast, a text that begins like a label is a scan.
    await userEvent.click(within(dialog).getByLabelText("Scan the label on the bag"));
    await userEvent.paste("=A999826000500");
    await userEvent.type(within(dialog).getByLabelText("Place"), "Fridge 1");
    await userEvent.type(within(dialog).getByLabelText("Sign-in name"), "luis");
    await userEvent.type(within(dialog).getByLabelText("Password"), "secret");
    await userEvent.click(within(dialog).getByRole("button", { name: "Release this component" }));
    expect(await within(dialog).findByText("The label does not say what it must")).toBeVisible();
    expect(backend.of("lab.release")[0]).toMatchObject({ part: "u1", place: "Fridge 1", second: { user: "luis" } });
  });

  it("lets nobody verify what they entered themselves", async () => {
    const typing = { entry: "e1", group: { abo: "O" as const, rhd: "positive" as const }, method: "tube", lot: "A1", by: "OKELLO, Amina", at: "2026-11-20T10:00:00Z", verifiedBy: null, mine: true };
    start("/lab/donation/n1", { typings: [typing] });
    expect(await screen.findByText("Waits for another person")).toBeVisible();
    expect(screen.queryByRole("button", { name: "I read the same" })).toBeNull();
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
