import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { faults, refuse } from "../../testing/program.testkit";
import { desk, open, patient, scan, tube } from "../requests/care.testkit";
import { reads } from "./dialogs";
import { lacking, tubeOf } from "./ReceiveTube";
import { screens } from "./screens";

const fresh = tube({ stand: "waiting", group: null, typings: 0, screen: null });

describe("the tubes", () => {
  it("stand with what each still waits for, and the rest apart", async () => {
    open(screens, "/samples", desk(undefined, { "sample.list": () => ({ waiting: [fresh], recent: [fresh, tube({ id: "s-2", number: "S26 006 102", atRisk: true }), tube({ id: "s-3", number: "S26 006 103", stand: "rejected", rejected: "Clotted" })] }) }));
    expect(await screen.findByText("Group open")).toBeVisible();
    expect(screen.getByText("Antibody screen open")).toBeVisible();
    expect(screen.getAllByText("S26 006 101", { selector: ".hs-mono" })).toHaveLength(1);
    expect(screen.getByText("Rejected: Clotted")).toBeVisible();
    expect(screen.getByText("Transfused or pregnant lately, or not known")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Reject S26 006 103" })).toBeNull();
    expect(await faults()).toEqual([]);
  });

  it("are found by number without its spaces, and by a scanned wristband", async () => {
    open(screens, "/samples", desk(undefined, {
      "sample.list": () => ({ waiting: [fresh, tube({ id: "s-2", patient: "p-2", patientName: "OTHER, Ann", number: "S26 006 102", stand: "waiting", screen: null })], recent: [] }),
      "scan.read": () => ({ parts: [{ kind: "patient", number: "HS", patient: "p-2" }] }),
    }));
    await userEvent.type(await screen.findByRole("searchbox"), "s26006101");
    expect(screen.queryByText("OTHER, Ann")).toBeNull();
    await userEvent.clear(screen.getByRole("searchbox"));
    await scan("&patient2");
    expect(await screen.findByText("Only the tubes of OTHER, Ann are shown.")).toBeVisible();
    expect(screen.queryByText("SMITH, John (Mr)")).toBeNull();
  });

  it("open what a tube waits for when its number is typed or scanned into the field, and at once take a letter by keyboard", async () => {
    open(screens, "/samples", desk(undefined, { "sample.list": () => ({ waiting: [fresh], recent: [] }) }));
    await screen.findByText("Group open");
    expect(screen.getByRole("searchbox")).toHaveFocus();
    await userEvent.keyboard("S26006101{Enter}");
    const dialog = await screen.findByRole("dialog", { name: "Group of tube S26 006 101" });
    await waitFor(() => expect(within(within(dialog).getByRole("radiogroup", { name: /Cells/ })).getByRole("radio", { name: "O" })).toHaveFocus());
    await userEvent.keyboard("{ArrowRight}");
    expect(within(within(dialog).getByRole("radiogroup", { name: /Cells/ })).getByRole("radio", { name: "A" })).toBeChecked();
  });

  it("have words for nothing and for not readable", async () => {
    const backend = open(screens, "/samples", desk());
    expect(await screen.findByText("No sample waits")).toBeVisible();
    backend.answers["sample.list"] = () => refuse({ code: "store_damaged", kind: "fault" });
    backend.news();
    expect(await screen.findByText("The samples could not be read")).toBeVisible();
  });
});

describe("typing a tube", () => {
  async function type(cells: string, plasma: string, rhd: string) {
    const dialog = await screen.findByRole("dialog");
    const pick = async (group: RegExp, word: string) => userEvent.click(within(within(dialog).getByRole("radiogroup", { name: group })).getByRole("radio", { name: word }));
    await pick(/Cells/, cells);
    await pick(/Plasma/, plasma);
    await pick(/RhD/, rhd);
    return dialog;
  }

  it("shows what the readings say together, and what the record says, before anything is saved", async () => {
    const backend = open(screens, "/samples", desk(undefined, { "sample.list": () => ({ waiting: [fresh], recent: [] }), "sample.type": () => ({}) }));
    await userEvent.click(await screen.findByRole("button", { name: /Record the group/ }));
    await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Save the group" }));
    expect(screen.getAllByText("Choose one.")).toHaveLength(3);
    const dialog = await type("A", "B", "POSITIVE");
    expect(within(dialog).getByText(/No clear group/)).toBeVisible();
    await type("O", "O", "POSITIVE");
    expect(within(dialog).getByText(/The record says another group/)).toBeVisible();
    await type("A", "A", "Weak or partial");
    expect(within(dialog).getByText("Weak RhD: the patient is treated as RhD NEGATIVE.")).toBeVisible();
    expect(within(dialog).getByText("The same as on record.")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the group" }));
    await waitFor(() => expect(backend.of("sample.type")).toEqual([{ sample: "s-1", forward: { kind: "group", value: "A" }, reverse: { kind: "group", value: "A" }, rhd: "weak", second: null }]));
  });

  it("asks for a second person where it confirms, keeps the readings, and forgets a refused password", async () => {
    const backend = open(screens, "/samples", desk(undefined, { "sample.list": () => ({ waiting: [fresh], recent: [] }) }));
    backend.answers["sample.type"] = (req) => (!req.second ? refuse({ code: "second_person_needed" }) : req.second.password === "wrong" ? refuse({ code: "second_person_refused", args: { why: "password" } }) : {});
    await userEvent.click(await screen.findByRole("button", { name: /Record the group/ }));
    const dialog = await type("A", "A", "NEGATIVE");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the group" }));
    await userEvent.type(await within(dialog).findByRole("textbox"), "luis");
    await userEvent.type(within(dialog).getByLabelText(/assword/), "wrong");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the group" }));
    await waitFor(() => expect(within(dialog).getByLabelText(/assword/)).toHaveValue(""));
    await userEvent.type(within(dialog).getByLabelText(/assword/), "training");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the group" }));
    await waitFor(() => expect(backend.of("sample.type").at(-1)).toMatchObject({ rhd: "negative", second: { user: "luis", password: "training" } }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("never makes a group of two sides that differ", () => {
    expect(reads("A", "A", "negative")).toEqual({ abo: "A", rhd: "negative" });
    expect(reads("AB", "AB", "weak")).toEqual({ abo: "AB", rhd: "negative" });
    expect(reads("A", "O", "positive")).toBeNull();
    expect(reads("mixed_field", "mixed_field", "positive")).toBeNull();
  });
});

describe("screen and reject", () => {
  it("record the antibody screen and lead to the record when it is positive", async () => {
    const backend = open(screens, "/samples", desk(undefined, { "sample.list": () => ({ waiting: [{ ...fresh, group: { abo: "A", rhd: "negative" }, typings: 1 }], recent: [] }), "sample.screen": () => ({}) }));
    await userEvent.click(await screen.findByRole("button", { name: /Record the antibody screen/ }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("radio", { name: /^Positive/ }));
    expect(within(dialog).getByRole("link", { name: "Blood record" })).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the screen" }));
    await waitFor(() => expect(backend.of("sample.screen")).toEqual([{ sample: "s-1", screen: "positive" }]));
  });

  it("reject with a reason only, in the words of whoever rejects where none fits", async () => {
    const backend = open(screens, "/samples", desk(undefined, { "sample.list": () => ({ waiting: [fresh], recent: [] }), "sample.reject": () => ({}) }));
    await userEvent.click(await screen.findByRole("button", { name: /^Reject/ }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Reject this tube" }));
    expect(within(dialog).getByText("Choose or write the reason.")).toBeVisible();
    await userEvent.click(within(dialog).getByRole("radio", { name: "Another reason" }));
    await userEvent.type(within(dialog).getByRole("textbox"), "Broken in the post");
    await userEvent.click(within(dialog).getByRole("button", { name: "Reject this tube" }));
    await waitFor(() => expect(backend.of("sample.reject")).toEqual([{ sample: "s-1", reason: "Broken in the post" }]));
  });
});

describe("receiving a tube", () => {
  const form = {
    patient: "p-1", number: " S26 007 001 ", labelNumber: "hs 000004j", family: "Smith", given: "John", birth: "1958-03-05", day: "2026-11-20", time: "905", drawnBy: "mbeki", identifiedBy: "ferreira", transfused: "no", pregnant: "unknown",
  };

  it("sends what the label says, forgives nothing but its spaces, and gives the name in the record's order", () => {
    expect(lacking(form)).toEqual([]);
    expect(tubeOf(form, patient)).toEqual({
      patient: "p-1", number: "S26 007 001", labelNumber: "HS000004J", labelName: "John Smith", labelBirthDate: "1958-03-05", drawnWall: "2026-11-20T09:05", drawnBy: "mbeki", identifiedBy: "ferreira", transfused: "no", pregnant: "unknown",
    });
    expect(tubeOf({ ...form, labelNumber: "HS000005L", family: "", given: "" }, patient)).toMatchObject({ labelNumber: "HS000005L", labelName: null });
    expect(lacking({ ...form, identifiedBy: "mbeki" })).toEqual(["identifiedBy"]);
  });

  it("names what is missing, takes two people, and says which word of the label is wrong", async () => {
    const backend = open(screens, "/samples/receive?patient=p-1", desk());
    backend.answers["sample.receive"] = () => refuse({ code: "identity_mismatch", args: { field: "number" } });
    await userEvent.click(await screen.findByRole("button", { name: "Receive this tube" }));
    expect(screen.getByText("Scan or type the number of the tube.")).toBeVisible();
    expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Number of the tube" }));
    expect(await faults()).toEqual([]);
    await userEvent.type(screen.getByRole("textbox", { name: "Number of the tube" }), "S26 007 001");
    await userEvent.type(screen.getByRole("textbox", { name: "Hospital number on the label" }), "HS000009X");
    await userEvent.type(screen.getByRole("textbox", { name: "Time it was drawn" }), "1430");
    const choose = async (label: RegExp, name: string) => { await userEvent.click(screen.getByRole("button", { name: label })); await userEvent.click(await screen.findByRole("option", { name: new RegExp(name) })); };
    await choose(/Drawn by/, "Mbeki");
    await choose(/Patient identified by/, "Mbeki");
    expect(screen.getByText("These have to be two people.")).toBeVisible();
    await choose(/Patient identified by/, "Ferreira");
    await userEvent.click(within(screen.getByRole("radiogroup", { name: "Transfused?" })).getByRole("radio", { name: "No" }));
    await userEvent.click(within(screen.getByRole("radiogroup", { name: "Pregnant?" })).getByRole("radio", { name: "Not known" }));
    await userEvent.click(screen.getByRole("button", { name: "Receive this tube" }));
    expect(await screen.findByText("The hospital number on the label is not this patient's.")).toBeVisible();
    expect(backend.of("sample.receive")[0]).toMatchObject({ labelNumber: "HS000009X", drawnWall: "2026-11-20T14:30", identifiedBy: "ferreira" });
  });
});
