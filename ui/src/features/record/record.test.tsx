import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { faults, refuse } from "../../testing/program.testkit";
import { crossmatch, desk, open, person, record, row, tube, unit, ward } from "../requests/care.testkit";
import { screens } from "./screens";

const path = "/patients/p-1/blood";
const full = record({
  antiDEver: true, phenotype: "bombay", transplant: true,
  antibodies: [{ antigen: "K", words: null, foundAt: "2019-05-02T00:00:00Z", toldBy: "Card of the Regional Centre", recordedBy: "OKELLO, Amina" }, { antigen: null, words: "pan-reactive", foundAt: "2021-05-02T00:00:00Z", toldBy: "Our bench", recordedBy: "Luis Santos" }],
  requirements: [
    { need: { attribute: "washed" }, from: "2024-01-01T00:00:00Z", until: "2024-06-01T00:00:00Z", holds: false, reason: "IgA deficiency", recordedBy: "Luis Santos" },
    { need: { attribute: "irradiated" }, from: "2025-01-01T00:00:00Z", until: null, holds: true, reason: "Hodgkin lymphoma", recordedBy: "OKELLO, Amina" },
  ],
  exposures: [{ kind: "pregnancy", at: "2025-01-01T00:00:00Z", recordedAt: "2026-11-20T10:00:00Z" }],
  samples: [tube()], requests: [row()], crossmatches: [crossmatch({ outcome: "incompatible" })],
  issues: [{ id: "i-1", unit: unit({ status: "issued" }), patient: person, at: "2026-11-20T12:00:00Z", collectedBy: "Ruth Mbeki", status: "out", uncrossmatched: true, unsignedBy: "Dr Ana Ferreira", crossmatchDue: "2026-11-21T12:00:00Z", returnFaults: [] }],
});

describe("the blood record", () => {
  it("shows what must never be forgotten, and everything that was done", async () => {
    open(screens, path, desk(undefined, { "blood.record": () => full }));
    expect(await screen.findByText("anti-K")).toBeVisible();
    expect(screen.getByText("Units must lack K")).toBeVisible();
    expect(screen.getByText("Not identified: pan-reactive")).toBeVisible();
    expect(screen.getByText("Anti-D was found before")).toBeVisible();
    expect(screen.getByText("Only Bombay units fit.")).toBeVisible();
    expect(screen.getByText("Pregnancy")).toBeVisible();
    expect(screen.getByText("Full (antiglobulin): Incompatible")).toBeVisible();
    expect(screen.getByText("UNCROSSMATCHED")).toBeVisible();
    expect(screen.getByText("Signature owed by Dr Ana Ferreira")).toBeVisible();
    // What holds stands first, what has ended is said to have ended.
    const [first, second] = screen.getAllByText(/Irradiated|Washed/);
    expect(first).toHaveTextContent("Irradiated");
    expect(second).toHaveTextContent("Washed");
    expect(screen.getByText("Ended")).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("does not say that there is no antibody where only none is recorded, and offers a ward nothing to record", async () => {
    open(screens, path, desk(ward));
    expect(await screen.findByText("No antibodies on record")).toBeVisible();
    expect(screen.getByText(/It does not say that there is none/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Record an antibody" })).toBeNull();
    expect(screen.getByRole("link", { name: "Ask for blood" })).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("records an antibody by name, or in words where it has none", async () => {
    const backend = open(screens, path, desk(undefined, { "history.antibody": () => ({}) }));
    await userEvent.click(await screen.findByRole("button", { name: "Record an antibody" }));
    let dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    expect(within(dialog).getByText("Choose the antibody.")).toBeVisible();
    expect(await faults()).toEqual([]);
    const choose = async (name: string) => { await userEvent.click(within(dialog).getByRole("button", { name: /Antibody/ })); await userEvent.click(await screen.findByRole("option", { name })); };
    await choose("anti-Jkᵃ");
    await userEvent.type(within(dialog).getByRole("textbox", { name: "Where this is known from" }), "Letter");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(backend.of("history.antibody")).toEqual([{ patient: "p-1", antigen: "Jka", words: null, foundOn: "2026-11-20", toldBy: "Letter" }]));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await userEvent.click(screen.getByRole("button", { name: "Record an antibody" }));
    dialog = await screen.findByRole("dialog");
    await choose("Not identified, or not in this list");
    await userEvent.type(within(dialog).getByRole("textbox", { name: "What is known of it" }), "cold antibody");
    await userEvent.type(within(dialog).getByRole("textbox", { name: "Where this is known from" }), "Our bench");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(backend.of("history.antibody")[1]).toMatchObject({ antigen: null, words: "cold antibody" }));
  });

  it("records a need for life, an exposure with its day, a phenotype, and a transplant only deliberately", async () => {
    const backend = open(screens, path, desk(undefined, { "history.need": () => ({}), "history.exposure": () => ({}), "history.phenotype": () => ({}), "history.transplant": () => ({}) }));
    const gone = () => waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await userEvent.click(await screen.findByRole("button", { name: "Record a need" }));
    let dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: /Units must be/ }));
    await userEvent.click(await screen.findByRole("option", { name: "CMV negative" }));
    await userEvent.type(within(dialog).getByRole("textbox", { name: "Reason" }), "Newborn");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(backend.of("history.need")).toEqual([{ patient: "p-1", need: { attribute: "cmv_negative" }, until: null, reason: "Newborn" }]));
    await gone();
    await userEvent.click(screen.getByRole("button", { name: "Record one from elsewhere" }));
    dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    expect(within(dialog).getByText("Choose one.")).toBeVisible();
    await userEvent.click(within(dialog).getByRole("radio", { name: "Transfusion" }));
    within(dialog).getAllByRole("spinbutton")[0]!.focus();
    await userEvent.keyboard("01102026");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(backend.of("history.exposure")).toEqual([{ patient: "p-1", kind: "transfusion", on: "2026-10-01" }]));
    await gone();
    await userEvent.click(screen.getByRole("button", { name: "Change" }));
    dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("radio", { name: "Bombay" }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(backend.of("history.phenotype")).toEqual([{ patient: "p-1", phenotype: "bombay" }]));
    await gone();
    await userEvent.click(screen.getByRole("button", { name: "Record a transplant" }));
    dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Do not record" }));
    expect(backend.of("history.transplant")).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Record a transplant" }));
    await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Record the transplant" }));
    await waitFor(() => expect(backend.of("history.transplant")).toEqual([{ id: "p-1" }]));
  });

  it("says that it could not be read, and never shows an empty record instead", async () => {
    open(screens, path, desk(undefined, { "blood.record": () => refuse({ code: "store_damaged", kind: "fault" }) }));
    expect(await screen.findByText("The blood record could not be read")).toBeVisible();
    expect(screen.queryByText("No antibodies on record")).toBeNull();
    expect(await faults()).toEqual([]);
  });
});
