import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Allergies, BloodRecord, GroupState, PatientRow, PatientView, Permission, StudyRow, UnitRow } from "../../wire";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import { duplicateNames } from "./RegisterPage";
import { screens } from "./screens";
import { analysisWord, groupText } from "./words";

// Typing key by key is slow while other work fills both cores.
vi.setConfig({ testTimeout: 30_000 });

const everything: Permission[] = ["see_patients", "register_patients", "record_allergies", "record_blood_group", "see_stock", "issue_blood", "see_images"];

function backendFor(permissions: Permission[] = everything) {
  return memory({
    "app.status": () => statusOf({ door: "signed_in", facility: clinic, session: { user: "u", displayName: "FERREIRA, Ana (Dr)", role: "physician", permissions, since: "2026-11-20T08:00:00Z" } }),
  });
}

const person: PatientRow = {
  id: "p1", family: "Oyelaran-Fitzgerald", given: "Oluwaseun Bartholomew Emeka", title: "Mr", birthDate: "1949-06-11", ageYears: 77,
  sex: "male", hospitalNumber: "LD9TQ063FW2", similarName: false, deceased: false,
};

const view: PatientView = {
  id: "p1", family: "Oyelaran-Fitzgerald", given: "Oluwaseun Bartholomew Emeka", title: "Mr", birthDate: "1949-06-11", ageYears: 77, sex: "male",
  hospitalNumber: "LD9TQ063FW2", phone: null, nationalId: null, allergies: { state: "not_recorded" }, group: { state: "unknown" }, determinations: [], antiDEver: false,
  died: null, timeline: [], timelineHidden: 0, units: [], studies: [], asOf: "2026-11-20T14:46:00Z",
};

const unit: UnitRow = {
  id: "u1", din: "A999826000219", check: "3", productCode: "E0382V00", component: "red_cells", group: { abo: "O", rhd: "negative" }, status: "reserved",
  expiresAt: "2026-12-01T20:59:00Z", daysLeft: 11, place: "Fridge 2", patient: "p1", patientName: null, until: "2026-11-21T12:00:00Z",
};

const study: StudyRow = {
  id: "s1", patient: "p1", patientName: null, fileName: null, modality: "CR", bodyPart: "Chest", takenAt: "2026-11-19T13:04:00Z", addedAt: "2026-11-19T13:10:00Z",
  images: 1, state: "done", outsideIntendedUse: false, finding: "Pneumonia", probability: 0.93, report: "none", writing: null,
};

function open(patient: Partial<PatientView>, permissions?: Permission[]) {
  const backend = backendFor(permissions);
  let now = { ...view, ...patient };
  backend.answers["patient.view"] = () => now;
  render(<Program backend={backend} screens={screens} path="/patients/p1" />);
  return { backend, set: (next: Partial<PatientView>) => { now = { ...now, ...next }; } };
}

describe("search", () => {
  it("says how many are shown, how many are hidden, and marks similar names", async () => {
    const backend = backendFor();
    backend.answers["patient.search"] = ({ text }) => ({ rows: [{ ...person, similarName: text !== "" }, { ...person, id: "p2", given: "Oluwaseun", similarName: text !== "", birthDate: null, sex: "not_known" }], total: text ? 41 : 2 });
    render(<Program backend={backend} screens={screens} path="/patients" />);
    expect(await screen.findByText("2 of 2")).toBeVisible();
    expect(screen.getByRole("searchbox")).toHaveFocus();
    await userEvent.type(screen.getByRole("searchbox"), "oyelaran");
    expect(await screen.findByText(/2 of 41, 39 hidden/)).toBeVisible();
    expect(await screen.findAllByText("Similar name")).toHaveLength(2);
    expect(screen.getByText("OYELARAN-FITZGERALD, Oluwaseun Bartholomew Emeka (Mr)")).toBeVisible();
    // Unknown is a word.
    expect(screen.getAllByText("Not known")).toHaveLength(2);
    expect(await faults()).toEqual([]);
  });

  it("opens a person by Enter on the row", async () => {
    const backend = backendFor();
    backend.answers["patient.search"] = () => ({ rows: [person], total: 1 });
    backend.answers["patient.view"] = () => view;
    render(<Program backend={backend} screens={screens} path="/patients" />);
    await screen.findByText("1 of 1");
    await userEvent.type(screen.getByRole("searchbox"), "{Enter}");
    expect(await screen.findByRole("heading", { name: "Allergies not recorded" })).toBeVisible();
    expect(backend.of("patient.view")).toEqual([{ id: "p1" }]);
  });

  it("tells nothing asked, nobody found and not readable apart", async () => {
    const backend = backendFor();
    backend.answers["patient.search"] = ({ text }) => (text === "x" ? refuse({ code: "internal", kind: "fault", incident: "7F3A" }) : { rows: [], total: 0 });
    render(<Program backend={backend} screens={screens} path="/patients" />);
    expect(await screen.findByText("Write a name or a hospital number")).toBeVisible();
    await userEvent.type(screen.getByRole("searchbox"), "zzz");
    expect(await screen.findByText("Nobody fits “zzz”")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Clear the search" }));
    await userEvent.type(screen.getByRole("searchbox"), "x");
    expect(await screen.findByText("The patients could not be read")).toBeVisible();
    expect(screen.getByText(/7F3A/)).toBeVisible();
  });

  it("offers registering only to those who may", async () => {
    const backend = backendFor(["see_patients"]);
    backend.answers["patient.search"] = () => ({ rows: [], total: 0 });
    render(<Program backend={backend} screens={screens} path="/patients" />);
    await screen.findByText("Write a name or a hospital number");
    expect(screen.queryByRole("button", { name: "Register a patient" })).toBeNull();
  });
});

describe("register", () => {
  function start() {
    const backend = backendFor();
    backend.answers["patient.register"] = () => ({ id: "p1" });
    backend.answers["patient.view"] = () => view;
    render(<Program backend={backend} screens={screens} path="/patients/register" />);
    return backend;
  }
  const submit = () => userEvent.click(screen.getByRole("button", { name: "Register this patient" }));

  it("wants one name and a deliberate word about the date of birth", async () => {
    const backend = start();
    await screen.findByRole("heading", { name: "Register a patient" });
    await submit();
    expect(screen.getByText("Write at least one name.")).toBeVisible();
    expect(screen.getByText("Write the date, or the year alone, or mark it as not known.")).toBeVisible();
    expect(screen.getByLabelText("Family name")).toHaveFocus();
    expect(backend.of("patient.register")).toHaveLength(0);
    expect(await faults()).toEqual([]);
  });

  it("registers a person with a single name whose date of birth is not known", async () => {
    const backend = start();
    await userEvent.type(await screen.findByLabelText("Given names"), "Suharto");
    await userEvent.click(screen.getByRole("checkbox", { name: "Date of birth not known" }));
    await submit();
    await waitFor(() => expect(backend.of("patient.register")).toEqual([
      { family: "", given: "Suharto", title: null, birthDate: null, sex: "not_known", phone: null, nationalId: null, override: null },
    ]));
    expect(await screen.findByRole("heading", { name: "Allergies not recorded" })).toBeVisible();
  });

  it("keeps a year alone as a year, and month and year as such", async () => {
    const backend = start();
    await userEvent.type(await screen.findByLabelText("Family name"), "Okafor");
    screen.getByRole("spinbutton", { name: /Year/ }).focus();
    await userEvent.keyboard("1958");
    await submit();
    await waitFor(() => expect(backend.of("patient.register")[0]?.birthDate).toBe("1958"));
  });

  it("does not take a half-typed date for an unknown one", async () => {
    const backend = start();
    await userEvent.type(await screen.findByLabelText("Family name"), "Okafor");
    screen.getByRole("spinbutton", { name: /Month/ }).focus();
    await userEvent.keyboard("mar");
    await submit();
    expect(screen.getByText("Write the date, or the year alone, or mark it as not known.")).toBeVisible();
    expect(backend.of("patient.register")).toHaveLength(0);
    screen.getByRole("spinbutton", { name: /Year/ }).focus();
    await userEvent.keyboard("1958");
    await submit();
    await waitFor(() => expect(backend.of("patient.register")[0]?.birthDate).toBe("1958-03"));
  });

  it("puts an impossible date of birth under its field", async () => {
    const backend = start();
    backend.answers["patient.register"] = () => refuse({ code: "birth_date_impossible" });
    await userEvent.type(await screen.findByLabelText("Family name"), "Okafor");
    screen.getByRole("spinbutton", { name: /Year/ }).focus();
    await userEvent.keyboard("1358");
    await submit();
    expect(await screen.findByText(/This date of birth cannot be/)).toBeVisible();
  });

  it("shows who may be the same person, has the safe way in focus, and registers another person only with a reason", async () => {
    const backend = start();
    backend.answers["patient.register"] = ({ override }) => (override
      ? { id: "p1" }
      : refuse({ code: "possible_duplicate", kind: "needs_override", rules: ["possible_duplicate"], args: { names: "OKAFOR, Samuel, born 05-Mar-1958; OKAFOR, Samwel" } }));
    await userEvent.type(await screen.findByLabelText("Family name"), "Okafor");
    await userEvent.click(screen.getByRole("checkbox", { name: "Date of birth not known" }));
    await submit();
    const dialog = await screen.findByRole("alertdialog", { name: "This person may be registered already" });
    expect(within(dialog).getAllByRole("listitem").map((li) => li.textContent)).toEqual(["OKAFOR, Samuel, born 05-Mar-1958", "OKAFOR, Samwel"]);
    expect(within(dialog).getByRole("button", { name: "Look at the list again" })).toHaveFocus();
    expect(await faults()).toEqual([]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Register as another person" }));
    expect(backend.of("patient.register")).toHaveLength(1);
    await userEvent.type(within(dialog).getByLabelText("How do you know that this is somebody else?"), "Both are here");
    await userEvent.click(within(dialog).getByRole("button", { name: "Register as another person" }));
    await waitFor(() => expect(backend.of("patient.register")[1]?.override).toEqual({ rules: ["possible_duplicate"], reason: "Both are here" }));
    expect(await screen.findByRole("heading", { name: "Allergies not recorded" })).toBeVisible();
  });
});

describe("allergies", () => {
  const penicillin = { substance: "Penicillin", reaction: "Anaphylaxis, 1998", severe: true, recordedAt: "2026-11-02T09:00:00Z" };
  it.each<[Allergies, string]>([
    [{ state: "known", list: [penicillin] }, "Known allergies"],
    [{ state: "none_known" }, "No known allergies"],
    [{ state: "not_recorded" }, "Allergies not recorded"],
    [{ state: "unavailable" }, "Allergies unavailable"],
  ])("has a heading of its own for %j", async (allergies, heading) => {
    open({ allergies });
    expect(await screen.findByRole("heading", { level: 2, name: heading })).toBeVisible();
    expect(screen.queryByRole("button", { name: "Record no known allergies" }) !== null).toBe(allergies.state === "not_recorded");
    expect(screen.queryByRole("button", { name: "Add an allergy" }) !== null).toBe(allergies.state !== "unavailable");
    expect(await faults()).toEqual([]);
  });

  it("records a severe one, and the panel follows", async () => {
    const { backend, set } = open({});
    backend.answers["patient.allergy"] = () => { set({ allergies: { state: "known", list: [penicillin] } }); return {} as never; };
    await userEvent.click(await screen.findByRole("button", { name: "Add an allergy" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Record this allergy" }));
    expect(within(dialog).getByText("Write the substance.")).toBeVisible();
    await userEvent.type(within(dialog).getByLabelText("Substance"), "Penicillin");
    await userEvent.click(within(dialog).getByRole("checkbox"));
    await userEvent.click(within(dialog).getByRole("button", { name: "Record this allergy" }));
    expect(await screen.findByRole("heading", { name: "Known allergies" })).toBeVisible();
    expect(backend.of("patient.allergy")).toEqual([{ patient: "p1", entry: { kind: "substance", substance: "Penicillin", reaction: null, severe: true } }]);
    expect(screen.getAllByText("Severe")[0]).toBeVisible();
  });

  it("records none known only as an answer, and shows nothing to those who may not", async () => {
    const { backend } = open({});
    backend.answers["patient.allergy"] = () => ({}) as never;
    await userEvent.click(await screen.findByRole("button", { name: "Record no known allergies" }));
    await userEvent.click(await screen.findByRole("button", { name: "Asked, none known" }));
    await waitFor(() => expect(backend.of("patient.allergy")).toEqual([{ patient: "p1", entry: { kind: "none_known" } }]));
  });

  it("offers nothing to record to those who may not", async () => {
    open({}, ["see_patients"]);
    await screen.findByRole("heading", { name: "Allergies not recorded" });
    expect(screen.queryByRole("button", { name: "Add an allergy" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Record a group" })).toBeNull();
  });
});

describe("a result entered in error", () => {
  const determinations = [
    { nth: 0, group: { abo: "A" as const, rhd: "negative" as const }, sample: "S1", at: "2026-11-19T10:05:00Z", by: "OKELLO, Amina", withdrawn: null },
    { nth: 1, group: { abo: "B" as const, rhd: "negative" as const }, sample: "S2", at: "2026-11-20T10:05:00Z", by: "OKELLO, Amina", withdrawn: null },
  ];

  it("is taken back by two people with what was wrong, and stays on the page", async () => {
    const { backend, set } = open({ group: { state: "conflict", groups: determinations.map((d) => d.group) }, determinations });
    backend.answers["patient.group_withdraw"] = ({ second }) => {
      if (second?.password !== "right words") return refuse({ code: "second_person_refused" });
      const withdrawn = { reason: "Another's tube", at: "2026-11-20T14:46:00Z", by: "OKELLO, Amina", second: "MBEKI, Ruth" };
      set({ group: { state: "once", group: determinations[0]!.group }, determinations: [determinations[0]!, { ...determinations[1]!, withdrawn }] });
      return {} as never;
    };
    await userEvent.click(await screen.findByRole("button", { name: "Sample S2 was entered in error" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.click(dialog.getByRole("button", { name: "Mark as entered in error" }));
    expect(dialog.getByText("Write in a few words what was wrong.")).toBeVisible();
    await userEvent.type(dialog.getByLabelText(/What was wrong with it/), "Another's tube");
    await userEvent.type(dialog.getByLabelText(/Their sign-in name/), "mbeki");
    await userEvent.type(dialog.getByLabelText(/Their password/), "wrong");
    expect(await faults()).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Mark as entered in error" }));
    expect(await dialog.findByText("SECOND_PERSON_REFUSED")).toBeVisible();
    await userEvent.clear(dialog.getByLabelText(/Their password/));
    await userEvent.type(dialog.getByLabelText(/Their password/), "right words");
    await userEvent.click(dialog.getByRole("button", { name: "Mark as entered in error" }));
    expect(await screen.findByText("Entered in error: Another's tube")).toBeVisible();
    expect(backend.of("patient.group_withdraw").at(-1)).toEqual({ patient: "p1", nth: 1, at: "2026-11-20T10:05:00Z", reason: "Another's tube", second: { user: "mbeki", password: "right words" } });
    expect(screen.getByText("Grouped once")).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("is not offered to who may not record a group", async () => {
    open({ group: { state: "once", group: determinations[0]!.group }, determinations: determinations.slice(0, 1) }, ["see_patients"]);
    expect(await screen.findByText("S1")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Sample S1 was entered in error" })).toBeNull();
  });

  it("asks for a second person when the same one would confirm a group alone", async () => {
    const { backend } = open({ group: { state: "once", group: determinations[0]!.group }, determinations: determinations.slice(0, 1) });
    backend.answers["patient.group"] = ({ second }) => (second ? ({} as never) : refuse({ code: "second_person_needed" }));
    await userEvent.click(await screen.findByRole("button", { name: "Record a group" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.type(dialog.getByLabelText(/Sample number/), "S3");
    await userEvent.click(dialog.getByRole("radio", { name: "A" }));
    await userEvent.click(dialog.getByRole("radio", { name: "RhD NEGATIVE" }));
    await userEvent.click(dialog.getByRole("button", { name: "Record this group" }));
    expect(await dialog.findByText(/drawn by a venepuncture of its own/)).toBeVisible();
    await userEvent.type(dialog.getByLabelText(/Their sign-in name/), "mbeki");
    await userEvent.type(dialog.getByLabelText(/Their password/), "right words");
    await userEvent.click(dialog.getByRole("button", { name: "Record this group" }));
    await waitFor(() => expect(backend.of("patient.group").at(-1)).toMatchObject({ sample: "S3", second: { user: "mbeki", password: "right words" } }));
  });
});

describe("blood group", () => {
  const o = { abo: "O", rhd: "negative" } as const;
  const a = { abo: "A", rhd: "positive" } as const;
  it.each<[GroupState, string]>([
    [{ state: "unknown" }, "Blood group not known"],
    [{ state: "once", group: o }, "Grouped once"],
    [{ state: "confirmed", group: o }, "Confirmed"],
    [{ state: "conflict", groups: [o, a] }, "Samples disagree"],
  ])("says in words what %j means", async (group, words) => {
    open({ group, antiDEver: true });
    expect(await screen.findByText(words)).toBeVisible();
    expect(screen.getByText(/Anti-D found/)).toBeVisible();
  });

  it("is recorded with its sample, never with a part missing", async () => {
    const { backend } = open({});
    backend.answers["patient.group"] = () => ({}) as never;
    await userEvent.click(await screen.findByRole("button", { name: "Record a group" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByLabelText("Sample number"), "S26004398");
    await userEvent.click(within(dialog).getByRole("radio", { name: "AB" }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Record this group" }));
    expect(within(dialog).getByText("Choose the RhD group.")).toBeVisible();
    expect(backend.of("patient.group")).toHaveLength(0);
    await userEvent.click(within(dialog).getByRole("radio", { name: "RhD NEGATIVE" }));
    expect(await faults()).toEqual([]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Record this group" }));
    await waitFor(() => expect(backend.of("patient.group")).toEqual([{ patient: "p1", group: { abo: "AB", rhd: "negative" }, sample: "S26004398", antiD: false, second: null }]));
  });
});

describe("what was done and what is held", () => {
  const timeline: PatientView["timeline"] = [
    { at: "2026-11-20T08:52:00Z", what: "unit_reserved", args: { din: "A999826000219", component: "Red cells" }, by: "SANTOS, Lucia" },
    { at: "2026-11-19T13:10:00Z", what: "image_analysed", args: { label: "Pneumonia", probability: "0.93" }, by: "KHAN, Sara (Dr)" },
    { at: "2026-11-19T10:05:00Z", what: "group_recorded", args: { group: "O-", sample: "S26004398" }, by: "MBEKI, Ruth" },
    { at: "2026-11-02T09:00:00Z", what: "registered", args: {}, by: "SANTOS, Lucia" },
  ];

  it("lists the acts by day in the facility's zone, says what is hidden, and filters", async () => {
    open({ timeline, timelineHidden: 39 });
    expect(await screen.findByText("4 of 43, 39 hidden")).toBeVisible();
    expect(screen.getByText("Today, 20-Nov-2026")).toBeVisible();
    // 08:52 UTC is 11:52 in Nairobi.
    expect(screen.getByText("11:52")).toBeVisible();
    expect(screen.getByText("O RhD NEGATIVE")).toBeVisible();
    expect(screen.getByText("Sample S26004398")).toBeVisible();
    expect(screen.getByText(/93 %/)).toBeVisible();
    await userEvent.click(screen.getByRole("radio", { name: "Images" }));
    expect(screen.getByText("1 of 43, 42 hidden")).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("shows units with their state and leads to the unit, the counter and the viewer", async () => {
    open({ units: [{ ...unit, id: "u2", status: "issued" }, unit], studies: [study] });
    expect(await screen.findByText("Reserved")).toBeVisible();
    expect(screen.getByText(/^AI, not a report: Pneumonia .?93 %/)).toBeVisible();
    expect(screen.getByRole("link", { name: "Issue blood" })).toHaveAttribute("href", expect.stringContaining("/blood/issue?patient=p1"));
    expect(screen.getByRole("link", { name: "Open Chest, CR" })).toHaveAttribute("href", expect.stringContaining("/images/s1"));
    expect(screen.getAllByRole("link", { name: /A9998 26 000219/ })[0]).toHaveAttribute("href", expect.stringContaining("/blood/unit/u1"));
    expect(await faults()).toEqual([]);
  });

  it("has no way to the counter for a person who has died", async () => {
    open({ died: "2026-11-19T10:00:00Z" });
    expect((await screen.findAllByText("Died"))[0]).toBeVisible();
    expect(screen.queryByRole("link", { name: "Issue blood" })).toBeNull();
  });

  const atTheBed: Permission[] = ["see_patients", "transfuse"];

  it("records a death with its day and time by the clock on the wall", async () => {
    const { backend, set } = open({}, atTheBed);
    backend.answers["patient.died"] = () => {
      set({ died: "2026-11-20T11:05:00Z" });
      return {} as never;
    };
    await userEvent.click(await screen.findByRole("button", { name: "Record a death" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByText("OYELARAN-FITZGERALD, Oluwaseun Bartholomew Emeka (Mr)")).toBeVisible();
    await userEvent.click(dialog.getByRole("button", { name: "Record the death" }));
    expect(dialog.getByText("Enter the day and the time of the death.")).toBeVisible();
    expect(backend.of("patient.died")).toEqual([]);
    await userEvent.type(dialog.getByLabelText(/Time of the death/), "1405");
    expect(await faults()).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Record the death" }));
    expect(await screen.findByRole("button", { name: "This was a mistake" })).toBeVisible();
    expect(backend.of("patient.died")).toEqual([{ patient: "p1", wall: "2026-11-20T14:05" }]);
    expect(screen.queryByRole("button", { name: "Record a death" })).toBeNull();
    expect(screen.getByText(/No blood is held, issued or begun/)).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("takes a death back by two people, and asks for the reason", async () => {
    const { backend, set } = open({ died: "2026-11-20T11:05:00Z" }, atTheBed);
    backend.answers["patient.died_withdraw"] = ({ second }) => {
      if (second?.password !== "right words") return refuse({ code: "second_person_refused" });
      set({ died: null });
      return {} as never;
    };
    await userEvent.click(await screen.findByRole("button", { name: "This was a mistake" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.click(dialog.getByRole("button", { name: "Take the death back" }));
    expect(dialog.getByText("Write in a few words what was wrong.")).toBeVisible();
    await userEvent.type(dialog.getByLabelText(/What was wrong/), "Another patient");
    await userEvent.type(dialog.getByLabelText(/Their sign-in name/), "ferreira");
    await userEvent.type(dialog.getByLabelText(/Their password/), "wrong");
    await userEvent.click(dialog.getByRole("button", { name: "Take the death back" }));
    expect(await dialog.findByText("SECOND_PERSON_REFUSED")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.clear(dialog.getByLabelText(/Their password/));
    await userEvent.type(dialog.getByLabelText(/Their password/), "right words");
    await userEvent.click(dialog.getByRole("button", { name: "Take the death back" }));
    expect(await screen.findByRole("button", { name: "Record a death" })).toBeVisible();
    expect(backend.of("patient.died_withdraw").at(-1)).toEqual({ patient: "p1", at: "2026-11-20T11:05:00Z", reason: "Another patient", second: { user: "ferreira", password: "right words" } });
  });

  it("shows a death and no way to record or undo one to who is not at the bed", async () => {
    open({ died: "2026-11-20T11:05:00Z" }, ["see_patients", "issue_blood"]);
    expect(await screen.findByText(/No blood is held, issued or begun/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "This was a mistake" })).toBeNull();
  });

  it("says when the person could not be read, and offers to try again", async () => {
    const backend = backendFor();
    backend.answers["patient.view"] = () => refuse({ code: "not_found" });
    render(<Program backend={backend} screens={screens} path="/patients/gone" />);
    expect(await screen.findByText("This patient could not be read")).toBeVisible();
    expect(screen.getByRole("button", { name: "All patients" })).toBeVisible();
  });
});

describe("one person under two records", () => {
  const scientist: Permission[] = ["see_patients", "record_blood_group", "request_blood", "issue_blood"];
  const unknown: PatientRow = { ...person, id: "p7", family: "Unknown", given: "Male 7", title: null, birthDate: null, ageYears: null, hospitalNumber: "LD7TQ063FW7" };
  const link = { id: "p1", name: "OYELARAN-FITZGERALD, Oluwaseun", hospitalNumber: "LD9TQ063FW2" };
  const record = (patient: PatientRow): BloodRecord => ({
    patient, group: { state: "unknown" }, antiDEver: false, phenotype: "ordinary", transplant: false, requirements: [], exposures: [], samples: [], requests: [], crossmatches: [], issues: [],
    antibodies: patient.id === "p1" ? [{ antigen: "K", words: null, foundAt: "2019-03-01T00:00:00Z", toldBy: "Card", recordedBy: "OKELLO, Amina" }] : [],
  });

  it("shows both records side by side and lets two people say which one goes on", async () => {
    const { backend } = open({}, scientist);
    backend.answers["patient.view"] = ({ id }) => (id === "p1" ? view : { ...view, ...unknown });
    backend.answers["patient.search"] = () => ({ rows: [unknown], total: 1 });
    backend.answers["blood.record"] = ({ id }) => record(id === "p1" ? person : unknown);
    backend.answers["patient.take_over"] = () => ({}) as never;
    await userEvent.click(await screen.findByRole("button", { name: "This is the same person as…" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.type(dialog.getByRole("searchbox"), "unknown");
    await userEvent.click(await dialog.findByRole("button", { name: /UNKNOWN, Male 7/ }));
    expect(await dialog.findByText(/anti-.?K/i)).toBeVisible();
    expect(await dialog.findAllByText("LD7TQ063FW7")).not.toHaveLength(0);
    const send = dialog.getByRole("button", { name: "Take over the other record" });
    await userEvent.click(send);
    expect(dialog.getByText("Choose the record that goes on.")).toBeVisible();
    await userEvent.click(dialog.getByRole("radio", { name: /OYELARAN-FITZGERALD.*LD9TQ063FW2/ }));
    await userEvent.click(send);
    expect(dialog.getByText("Write in a few words how it is known.")).toBeVisible();
    await userEvent.type(dialog.getByLabelText(/How is it known/), "The brother came");
    await userEvent.type(dialog.getByLabelText(/Their sign-in name/), "mbeki");
    await userEvent.type(dialog.getByLabelText(/Their password/), "right words");
    expect(await faults()).toEqual([]);
    expect(backend.of("patient.take_over")).toEqual([]);
    await userEvent.click(send);
    await waitFor(() => expect(backend.of("patient.take_over")).toEqual([{ patient: "p1", of: "p7", reason: "The brother came", second: { user: "mbeki", password: "right words" } }]));
  }, 90_000);

  it("does not take a record over by itself, nor one that has gone on elsewhere", async () => {
    const { backend } = open({}, scientist);
    backend.answers["patient.search"] = () => ({ rows: [person, { ...unknown, belongsTo: link }], total: 2 });
    await userEvent.click(await screen.findByRole("button", { name: "This is the same person as…" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.type(dialog.getByRole("searchbox"), "any");
    await userEvent.click(await dialog.findByRole("button", { name: /OYELARAN/ }));
    expect(dialog.getByText("This is the record that is open. Choose the other one.")).toBeVisible();
    await userEvent.click(dialog.getByRole("button", { name: "Choose another record" }));
    await userEvent.type(dialog.getByRole("searchbox"), "any");
    await userEvent.click(await dialog.findByRole("button", { name: /UNKNOWN, Male 7/ }));
    expect(dialog.getByText(/was taken over already/)).toBeVisible();
    expect(dialog.queryByRole("button", { name: "Take over the other record" })).toBeNull();
  });

  it("says on the page and in the search which record to use, and begins nothing", async () => {
    const { backend } = open({ ...unknown, belongsTo: link }, [...scientist, "record_allergies", "transfuse"]);
    expect(await screen.findByText("Do not use this record. The same person goes on in:")).toBeVisible();
    expect(screen.getByRole("link", { name: /LD9TQ063FW2/ })).toHaveAttribute("href", expect.stringContaining("/patients/p1"));
    for (const name of ["Issue blood", "Record a group", "Add an allergy", "Record a death", "This is the same person as…"]) {
      expect(screen.queryByRole("link", { name })).toBeNull();
      expect(screen.queryByRole("button", { name })).toBeNull();
    }
    expect(await faults()).toEqual([]);
    backend.answers["patient.search"] = () => ({ rows: [{ ...unknown, belongsTo: link }], total: 1 });
    render(<Program backend={backend} screens={screens} path="/patients" />);
    expect(await screen.findByText("Use LD9TQ063FW2")).toBeVisible();
  });

  it("names the records that it has taken over", async () => {
    open({ takenOver: [{ id: "p7", name: "UNKNOWN, Male 7", hospitalNumber: "LD7TQ063FW7" }] }, ["see_patients"]);
    expect(await screen.findByRole("link", { name: /UNKNOWN, Male 7/ })).toHaveAttribute("href", expect.stringContaining("/patients/p7"));
  });
});

describe("words", () => {
  it("never prints a lone plus or minus for a group", () => {
    expect(groupText("O-")).toBe("O RhD NEGATIVE");
    expect(groupText("AB+")).toBe("AB RhD POSITIVE");
    expect(groupText("B RhD positive")).toBe("B RhD POSITIVE");
  });

  it("keeps nothing found, not analysed, abstained and failed apart", () => {
    const words = [analysisWord("done", null, null), analysisWord("none", null, null), analysisWord("abstained", null, null), analysisWord("failed", null, null)].map((w) => w.word);
    expect(new Set(words).size).toBe(4);
  });

  it("reads the names of possible duplicates, whatever stands between them", () => {
    expect(duplicateNames({ args: { names: "A, Ann; B, Ben" } })).toEqual(["A, Ann", "B, Ben"]);
    expect(duplicateNames({ args: { candidates: "A, Ann 1958-03-05 LD1; B, Ben" } })).toEqual(["A, Ann 05-Mar-1958 LD1", "B, Ben"]);
    expect(duplicateNames({ args: {} })).toEqual([]);
  });
});
