import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import type { IssueRow, PatientRow } from "../../wire";
import { all, fail, faults, memory, O_NEG, open, patientView, row, scan } from "./memory.testkit";

const patient: PatientRow = { id: "p-1", family: "Smith", given: "John", title: "Mr", birthDate: "1958-03-05", ageYears: 68, sex: "male", hospitalNumber: "LD4H8P2RVA9", similarName: false, deceased: false };
const issue = (patch: Partial<IssueRow> = {}): IssueRow => ({
  id: "i-1", unit: row({ status: "issued", patient: "p-1", patientName: "SMITH, John (Mr)" }), patient, at: "2026-11-20T14:34:00Z", collectedBy: "Grace Mutua", status: "out", uncrossmatched: false,
  unsignedBy: null, crossmatchDue: null, returnFaults: [], ...patch,
});
const other = issue({ id: "i-2", unit: row({ id: "u-140", din: "A999826000140", check: "H", group: O_NEG }), at: "2026-11-20T14:10:00Z", uncrossmatched: true, unsignedBy: "FERREIRA, Ana (Dr)", crossmatchDue: "2026-11-20T12:10:00Z" });
const lists = { returnMinutes: 30, out: [other, issue()], unsigned: [other], antiD: [], owed: [other] };
const scans = { "=A99982600045500": [{ kind: "donation_number" as const, din: "A999826000455", check: "G", unit: "u-455" }], "=A99982600099900": [{ kind: "donation_number" as const, din: "A999826000999", check: "B", unit: null }] };
const of = (section: string) => within(screen.getByRole("region", { name: section }));

describe("units that are out", () => {
  test("each says how long it is out, where the thirty minutes are, and who carried it", async () => {
    const { backend } = memory({ "issue.list": () => lists });
    await open("/issues", backend);
    expect(await screen.findByText("12 min, 18 left")).toBeInTheDocument();
    expect(of("Out of the blood bank").getByText("36 min: over 30 minutes").closest("[data-kind]")).toHaveAttribute("data-kind", "critical");
    expect(of("Out of the blood bank").getByText("2 out · 1 over 30 minutes")).toBeInTheDocument();
    expect(of("Out of the blood bank").getAllByText("Grace Mutua")).toHaveLength(2);
    expect(of("Out of the blood bank").getByText("UNCROSSMATCHED")).toBeInTheDocument();
    expect(of("Crossmatches owed").getByText(/was due 12:10/)).toBeInTheDocument();
  });

  /** The dialog of a bag that comes back, with nothing wrong seen of it; its temperature is still to be said. */
  async function backInOrder(backend: Parameters<typeof open>[1]) {
    await open("/issues", backend);
    await screen.findByText("12 min, 18 left");
    await userEvent.click(of("Out of the blood bank").getAllByRole("button", { name: "Take back" })[0]!);
    const dialog = within(await screen.findByRole("dialog"));
    for (const name of ["Unbroken", "Attached", /Looked at/]) await userEvent.click(dialog.getByRole("radio", { name }));
    return dialog;
  }

  test("a bag that comes back is scanned, measured and looked at, and the answer says where it goes and why", async () => {
    const { backend, sent } = memory({ "issue.list": () => lists, "issue.return": () => ({ back: false, faults: ["too_warm", "segment_missing"] }) }, scans);
    await open("/issues", backend);
    await screen.findByText("12 min, 18 left");
    await scan("=A99982600045500");
    const dialog = within(await screen.findByRole("dialog"));
    const act = () => dialog.getByRole("button", { name: "Take back" });
    expect(act()).toHaveAttribute("aria-disabled", "true");
    await userEvent.type(dialog.getByRole("textbox", { name: /Temperature/ }), "11.4");
    await userEvent.click(dialog.getByRole("radio", { name: "Unbroken" }));
    await userEvent.click(dialog.getByRole("radio", { name: "Missing" }));
    await userEvent.click(dialog.getByRole("radio", { name: /Looked at/ }));
    expect(await faults()).toEqual([]);
    await userEvent.click(act());
    const said = within(await screen.findByRole("dialog"));
    expect(await said.findByText("In quarantine")).toBeInTheDocument();
    expect(said.getAllByRole("listitem").map((l) => l.textContent)).toEqual(["It is too warm.", "The segment is missing."]);
    expect(sent("issue.return")).toEqual([{ issue: "i-1", temperature: 114, sealIntact: true, segmentAttached: false, appearanceOk: true }]);
  });

  test("a temperature that cannot be is not sent as one that nobody measured", async () => {
    const { backend, sent } = memory({ "issue.list": () => lists, "issue.return": () => ({ back: true, faults: [] }) }, scans);
    const dialog = await backInOrder(backend);
    const field = dialog.getByRole("textbox", { name: /Temperature/ });
    await userEvent.type(field, "110");
    await userEvent.click(dialog.getByRole("button", { name: "Take back" }));
    expect(sent("issue.return")).toEqual([]);
    expect(field).toHaveFocus();
    expect(dialog.getByText(/This cannot be/)).toBeInTheDocument();
  });

  test("back on the shelf says which shelf; a temperature that was not measured is sent as not measured", async () => {
    const { backend, sent } = memory({ "issue.list": () => lists, "issue.return": () => ({ back: true, faults: [] }) }, scans);
    const dialog = await backInOrder(backend);
    await userEvent.click(dialog.getByRole("button", { name: "Take back" }));
    expect(await screen.findByText("Back on the shelf")).toBeInTheDocument();
    expect(screen.getByText(/Put it back at Fridge 2, shelf B now/)).toBeInTheDocument();
    expect(sent("issue.return")).toMatchObject([{ issue: "i-1", temperature: null, segmentAttached: true }]);
  });

  test("one of two records of a bag is taken back as entered in error by two people, and says so from then on", async () => {
    let against = [issue({ id: "i-7", against: ["unit_gone"], inConflict: true, recordedAt: "2026-11-20T14:40:00Z" })];
    const inError = { at: "2026-11-20T14:41:00Z", by: "OKELLO, Amina", second: "MARQUES, Luis", reason: "Sheet 3 names another bag" };
    const { backend, sent } = memory({
      "issue.list": () => ({ ...lists, against }),
      "issue.in_error": () => { against = [issue({ id: "i-7", against: ["unit_gone"], status: "entered_in_error", inError })]; return {}; },
    });
    await open("/issues", backend);
    await userEvent.click(await screen.findByRole("button", { name: "This form was wrong" }));
    const dialog = within(await screen.findByRole("dialog"));
    const act = () => dialog.getByRole("button", { name: "Take it back as entered in error" });
    await userEvent.type(dialog.getByLabelText("What was wrong on the form, and how it was found"), inError.reason);
    expect(act()).toHaveAttribute("aria-disabled", "true");
    await userEvent.type(dialog.getByLabelText("Their user name"), "luis");
    await userEvent.type(dialog.getByLabelText("Their password"), "training");
    expect(await faults()).toEqual([]);
    await userEvent.click(act());
    await waitFor(() => expect(sent("issue.in_error")).toEqual([{ issue: "i-7", reason: inError.reason, second: { user: "luis", password: "training" } }]));
    expect(await screen.findByText(/is kept as entered in error/)).toBeInTheDocument();
  });

  test("what was taken back as entered in error stays on the list with who said so", async () => {
    const inError = { at: "2026-11-20T14:41:00Z", by: "OKELLO, Amina", second: "MARQUES, Luis", reason: "Sheet 3 names another bag" };
    const { backend } = memory({ "issue.list": () => ({ ...lists, against: [issue({ id: "i-7", against: ["unit_gone"], status: "entered_in_error", inError })] }) });
    await open("/issues", backend);
    expect(await screen.findByText("Entered in error")).toBeVisible();
    expect(screen.getByText("Sheet 3 names another bag")).toBeVisible();
    expect(screen.queryByRole("button", { name: "This form was wrong" })).toBeNull();
  });

  test("a bag that is not out says so", async () => {
    const { backend } = memory({ "issue.list": () => lists }, scans);
    await open("/issues", backend);
    await screen.findByText("12 min, 18 left");
    await scan("=A99982600099900");
    expect(await screen.findByText("A9998 26 000999 is not on the list of units that are out.")).toBeInTheDocument();
    expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  });

  test("only the physician of an order signs it", async () => {
    const mine = issue({ id: "i-3", unsignedBy: "OKELLO, Amina" });
    const { backend, sent } = memory({ "issue.list": () => ({ ...lists, unsigned: [other, mine] }), "issue.sign": () => ({}) });
    await open("/issues", backend, [...all, "request_blood"]);
    await screen.findByText("FERREIRA, Ana (Dr) signs it, signed in here");
    const buttons = of("Signatures owed").getAllByRole("button", { name: "Sign" });
    expect(buttons).toHaveLength(1);
    await userEvent.click(buttons[0]!);
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByText(/You ordered this unit of red cells for SMITH, John \(Mr\) without a crossmatch/)).toBeInTheDocument();
    await userEvent.click(dialog.getByRole("button", { name: "Sign this order" }));
    await waitFor(() => expect(sent("issue.sign")).toEqual([{ issue: "i-3" }]));
    expect(await screen.findByText("The release of A9998 26 000455 is signed.")).toBeInTheDocument();
  });

  test("anti-D after RhD positive blood is decided by a physician, in words", async () => {
    const { backend, sent } = memory({ "issue.list": () => ({ ...lists, unsigned: [], antiD: [other] }), "issue.anti_d": () => ({}) });
    await open("/issues", backend, [...all, "request_blood"], "physician");
    await screen.findByText("12 min, 18 left");
    await userEvent.click(of("Anti-D to be decided").getByRole("button", { name: "Enter the decision" }));
    const dialog = within(await screen.findByRole("dialog"));
    const save = () => dialog.getByRole("button", { name: "Save the decision" });
    expect(save()).toHaveAttribute("aria-disabled", "true");
    await userEvent.type(dialog.getByRole("textbox", { name: "What was decided" }), "Anti-D 1500 IU today");
    await userEvent.click(save());
    await waitFor(() => expect(sent("issue.anti_d")).toEqual([{ issue: "i-2", words: "Anti-D 1500 IU today" }]));
    expect(await screen.findByText("Decision on anti-D kept for A9998 26 000140")).toBeInTheDocument();
  });

  test("anti-D is shown to whoever else looks, without a button", async () => {
    const { backend } = memory({ "issue.list": () => ({ ...lists, unsigned: [], antiD: [other] }) });
    await open("/issues", backend);
    await screen.findByText("12 min, 18 left");
    expect(of("Anti-D to be decided").getByText("A physician decides")).toBeInTheDocument();
    expect(of("Anti-D to be decided").queryByRole("button", { name: "Enter the decision" })).toBeNull();
    expect(await faults()).toEqual([]);
  });

  test("an owed crossmatch is recorded from its row", async () => {
    const { backend, sent } = memory({
      "issue.list": () => lists, "patient.view": () => patientView(), "crossmatch.record": () => ({ id: "x-1" }),
      "crossmatch.ask": () => ({ need: { kind: "method", method: "ahg" }, groupOOnly: false, medicalReview: false, antigenNegative: [], failed: [], why: [] }),
    });
    await open("/issues", backend);
    await screen.findByText(/was due 12:10/);
    await userEvent.click(of("Crossmatches owed").getByRole("button", { name: "Record the crossmatch" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Record the crossmatch" }));
    await userEvent.click(await dialog.findByRole("radio", { name: /^Compatible/ }));
    await userEvent.click(dialog.getByRole("button", { name: "Save the crossmatch" }));
    await waitFor(() => expect(sent("crossmatch.record")).toMatchObject([{ patient: "p-1", unit: "u-140", method: "ahg", outcome: "compatible", doneWall: null }]));
  });

  test("whoever may not issue has no button, an empty list says what it is for, and a failed one that the rest works", async () => {
    const { backend } = memory({ "issue.list": () => ({ returnMinutes: 30, out: [], unsigned: [], antiD: [], owed: [] }) });
    await open("/issues", backend, ["see_stock"]);
    expect(await screen.findByText("No unit is out")).toBeInTheDocument();
    const broken = memory({ "issue.list": () => fail("internal", "fault") });
    await open("/issues", broken.backend);
    expect(await screen.findByText("The units that are out could not be read")).toBeInTheDocument();
  });

  test("has no fault that axe can find", async () => {
    const { backend } = memory({ "issue.list": () => lists });
    const { container } = await open("/issues", backend);
    await screen.findByText("12 min, 18 left");
    expect(await faults(container)).toEqual([]);
  });
});
