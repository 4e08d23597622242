import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { faults, refuse } from "../../testing/program.testkit";
import { crossmatch, desk, held, line, now, open, patient, person, record as recordOf, row, scan, unit, view, ward } from "./care.testkit";
import { missing, orderOf } from "./Place";
import { screens } from "./screens";
import { distanceWords, instantOf, readTime } from "./time";
import { nextSteps, reasonWord } from "./words";

const { tone } = vi.hoisted(() => ({ tone: vi.fn() }));
vi.mock("../../app/tone", () => ({ errorTone: tone }));
beforeEach(() => tone.mockClear());

const zone = "Africa/Nairobi";

describe("the worklist", () => {
  it("shows who, what, by when, how far, and what is missing next; ended ones apart", async () => {
    open(screens, "/requests", desk(ward, { "request.list": () => ({
      open: [row({ urgency: "emergency", overdue: true, neededBy: "2026-11-20T14:16:00Z", sample: "none", acceptedBy: null, consent: false }), row({ id: "r-2", urgency: "routine", issued: 1, allocated: 1 })],
      ended: [row({ id: "r-3", status: "cancelled" })],
    }) }));
    const grid = await screen.findByRole("grid", { name: "Open requests" });
    const [, late, next] = within(grid).getAllByRole("row");
    expect(within(late!).getByText("Emergency")).toBeVisible();
    expect(within(late!).getByText(/Overdue · 30 minutes ago/)).toBeVisible();
    expect(within(late!).getByText("Accept the request")).toBeVisible();
    expect(within(late!).getByText("A sample is needed")).toBeVisible();
    expect(within(late!).getByText("No consent recorded")).toBeVisible();
    expect(within(next!).getByText("1 of 2 issued")).toBeVisible();
    expect(within(next!).getByText("Crossmatch, then issue")).toBeVisible();
    expect(screen.getByText("1 overdue")).toBeVisible();
    expect(within(screen.getByRole("grid", { name: "Ended in the last day" })).getByText("Cancelled")).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("opens a request by keyboard, and says what stands here when there is none", async () => {
    const backend = open(screens, "/requests", desk(ward, { "request.list": () => ({ open: [row()], ended: [] }) }));
    const grid = await screen.findByRole("grid", { name: "Open requests" });
    within(grid).getAllByRole("row")[1]!.focus();
    await userEvent.keyboard("{Enter}");
    await waitFor(() => expect(backend.of("request.view")).toEqual([{ id: "r-1" }]));
  });

  it("opens the request of a scanned wristband, and says so when there is none", async () => {
    const backend = desk(ward, { "request.list": () => ({ open: [row()], ended: [] }), "scan.read": (req) => ({ parts: [{ kind: "patient", number: "HS", patient: req.text === "&patient1" ? "p-1" : "p-2" }] }) });
    open(screens, "/requests", backend);
    await screen.findByRole("grid", { name: "Open requests" });
    await scan("&patient2");
    expect(await screen.findByText("This patient has no open request.")).toBeVisible();
    await scan("&patient1");
    expect(await screen.findByText("Proposed from the shelf")).toBeVisible();
    await scan("&patient2");
    expect(await screen.findByText(/That wristband is another patient's/)).toBeVisible();
  });

  it("says where a scanned bag stands in a request", async () => {
    open(screens, "/requests/r-1", desk(undefined, {
      "request.view": () => view({ leftOut: [line({ unit: unit({ id: "u-3", din: "A999826000119" }), reasons: [{ why: "kept_for_critical", args: { left: "2", floor: "2" } }] })], leftOutTotal: 1 }),
      "scan.read": (req) => ({ parts: [{ kind: "donation_number", din: req.text.slice(1), check: "J", unit: null }] }),
    }));
    await screen.findByText("Proposed from the shelf");
    await userEvent.click(screen.getByRole("checkbox", { name: "Choose A9998 26 000107" }));
    await scan("=A999826000107");
    expect(await screen.findByText("A9998 26 000107 is chosen.")).toBeVisible();
    expect(screen.getByRole("checkbox", { name: "Choose A9998 26 000107" })).toBeChecked();
    await scan("=A999826000119");
    expect(await screen.findByText("A9998 26 000119 is left out: Kept for emergencies: 2 left, 2 must stay")).toBeVisible();
    await scan("=A999826000777");
    expect(await screen.findByText("A9998 26 000777 is not among the units for this request.")).toBeVisible();
  });

  it("has words for nothing and for not readable", async () => {
    const backend = desk(ward);
    open(screens, "/requests", backend);
    expect(await screen.findByText("No open requests")).toBeVisible();
    backend.answers["request.list"] = () => refuse({ code: "store_damaged", kind: "fault" });
    backend.news();
    expect(await screen.findByText("The requests could not be read")).toBeVisible();
    expect(await faults()).toEqual([]);
  });
});

describe("asking for blood", () => {
  it("says everything that is missing and puts the keyboard on the first of it", async () => {
    const backend = open(screens, "/requests/new?patient=p-1", desk(ward));
    await screen.findByText("What is needed?");
    await userEvent.click(screen.getByRole("button", { name: "Send the request to the blood bank" }));
    expect(screen.getByText("Choose a component.")).toBeVisible();
    expect(screen.getByText("Choose how urgent it is.")).toBeVisible();
    expect(screen.getByText("Choose or write the reason.")).toBeVisible();
    expect(document.activeElement).toBe(screen.getByRole("radio", { name: "Red cells" }));
    expect(backend.of("request.place")).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  it("sends what was chosen, with the advice shown and not in the way", async () => {
    const backend = open(screens, "/requests/new?patient=p-1", desk(ward, {
      "request.advise": (req) => [{ measure: "haemoglobin", value: req.measured[0]!.value, below: 70, reconsider: true, source: "AABB 2023" }],
      "request.place": () => ({ id: "r-9" }),
    }));
    await userEvent.click(await screen.findByRole("radio", { name: "Red cells" }));
    await userEvent.click(screen.getByRole("radio", { name: /^Urgent/ }));
    await userEvent.click(screen.getByRole("radio", { name: "In 4 hours" }));
    await userEvent.click(screen.getByRole("button", { name: /Reason/ }));
    await userEvent.click(await screen.findByRole("option", { name: "Anaemia" }));
    await userEvent.type(screen.getByRole("textbox", { name: "Haemoglobin" }), "92");
    await userEvent.tab();
    expect(await screen.findByText(/Haemoglobin 92 g\/L is not below 70 g\/L.*Is the transfusion needed\?/)).toBeVisible();
    await userEvent.click(screen.getByRole("checkbox", { name: "Irradiated" }));
    await userEvent.click(screen.getByRole("checkbox", { name: /has agreed to the transfusion/ }));
    await userEvent.click(screen.getByRole("button", { name: "Send the request to the blood bank" }));
    await waitFor(() => expect(backend.of("request.place")).toHaveLength(1));
    const [sent] = backend.of("request.place");
    expect(sent).toMatchObject({ patient: "p-1", component: "red_cells", count: 1, urgency: "urgent", indication: "anaemia", measured: [{ measure: "haemoglobin", value: 92 }], needs: [{ attribute: "irradiated" }], freshDays: null, consent: true });
    // Four hours from the store's clock, not from this computer's.
    expect(Math.abs(Date.parse(sent!.neededBy) - Date.parse("2026-11-20T18:46:00Z"))).toBeLessThan(120_000);
    expect(backend.of("draft.drop")).not.toEqual([]);
  });

  it("clears what was written for one patient when another one's wristband is scanned, and sounds", async () => {
    const other = { ...person, id: "p-2", family: "Jones", given: "Mary", title: null, hospitalNumber: "HS000009K" };
    const backend = open(screens, "/requests/new?patient=p-1", desk(ward, {
      "patient.view": (req) => (req.id === "p-2" ? { ...patient, ...other } : patient),
      "scan.read": (req) => ({ parts: [{ kind: "patient", number: "HS", patient: req.text === "&patient1" ? "p-1" : req.text === "&patient2" ? "p-2" : null }] }),
    }));
    expect(await screen.findByText("SMITH,")).toBeVisible();
    await userEvent.click(await screen.findByRole("radio", { name: "Red cells" }));
    await userEvent.click(screen.getByRole("checkbox", { name: /has agreed to the transfusion/ }));
    await scan("&patient1");
    expect(await screen.findByText("The wristband is this patient's.")).toBeVisible();
    expect(screen.getByRole("radio", { name: "Red cells" })).toBeChecked();
    expect(tone).not.toHaveBeenCalled();

    await scan("&patient3");
    expect(await screen.findByText("The number HS is not known here.")).toBeVisible();
    expect(screen.getByRole("radio", { name: "Red cells" })).toBeChecked();
    expect(tone).toHaveBeenCalledTimes(1);

    await scan("&patient2");
    expect((await screen.findByText(/another patient's wristband\. What was written for the patient before is cleared/)).closest("[data-kind=critical]")).not.toBeNull();
    expect(await screen.findByText("JONES,")).toBeVisible();
    expect(screen.queryByText("SMITH,")).toBeNull();
    expect(screen.getByRole("radio", { name: "Red cells" })).not.toBeChecked();
    expect(screen.getByRole("checkbox", { name: /has agreed to the transfusion/ })).not.toBeChecked();
    expect(tone).toHaveBeenCalledTimes(2);
    expect(backend.of("request.place")).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  it("keeps nothing of one patient for the next one who is chosen", async () => {
    open(screens, "/requests/new?patient=p-1", desk(ward));
    await userEvent.click(await screen.findByRole("radio", { name: "Red cells" }));
    await userEvent.click(screen.getByRole("button", { name: "Another patient" }));
    expect(screen.getByText("What was written for the patient before is cleared.")).toBeVisible();
    expect(screen.getByRole("radio", { name: "Red cells" })).not.toBeChecked();
  });

  it("is kept half-filled and offered again", async () => {
    const backend = desk(ward, { "draft.get": () => ({ body: JSON.stringify({ patient: "p-1", component: "plasma", count: 4, words: "Warfarin", indication: "own", bogus: 1 }), at: now }) });
    open(screens, "/requests/new", backend);
    await userEvent.click(await screen.findByRole("button", { name: "Continue" }));
    expect(screen.getByRole("radio", { name: "Frozen plasma" })).toBeChecked();
    expect(screen.getByRole("textbox", { name: "The reason, in a few words" })).toHaveValue("Warfarin");
    expect(await screen.findByText("SMITH,")).toBeVisible();
  });

  it("tells of a request that is open already", async () => {
    open(screens, "/requests/new?patient=p-1", desk(ward, { "request.list": () => ({ open: [row()], ended: [] }) }));
    expect(await screen.findByText(/already has 1 open request/)).toBeVisible();
    expect(screen.getByRole("button", { name: "Look at it first" })).toBeVisible();
  });

  it("turns a form into an order: tenths of the INR, own words, a time on the wall", () => {
    const form = {
      patient: "p-1", component: "plasma", count: 2, urgency: "routine", when: "at", day: "2026-11-21", time: "0930", indication: "own", words: " Warfarin ", values: { inr: 2.4 },
      attributes: [], antigens: ["K" as const], fresh: 5, consent: false,
    };
    expect(missing(form, zone)).toEqual([]);
    expect(orderOf(form, zone, now)).toEqual({
      patient: "p-1", component: "plasma", count: 2, urgency: "routine", indication: "Warfarin", measured: [{ measure: "inr", value: 24 }], needs: [{ antigen_negative: "K" }], freshDays: 5,
      neededBy: "2026-11-21T06:30:00.000Z", consent: false,
    });
    expect(missing({ ...form, time: "25:00", words: " " }, zone)).toEqual(["moment", "words"]);
  });
});

describe("a request", () => {
  it("gives the reason for each proposed unit, and sets the chosen ones aside", async () => {
    const scarce = line({ unit: unit({ id: "u-2", din: "A999826000108", group: { abo: "O", rhd: "negative" } }), reasons: [{ why: "o_negative_kept", args: { left: "3" } }] });
    const backend = open(screens, "/requests/r-1", desk(undefined, { "request.view": () => view({ proposal: [line(), scarce] }), "request.allocate": () => ({}) }));
    expect(await screen.findByText("Same group as the patient")).toBeVisible();
    expect(screen.getByText("The oldest of its group: used first")).toBeVisible();
    expect(screen.getByText("O RhD NEGATIVE is kept for those who need it and used last (3 left)")).toBeVisible();
    expect(await screen.findByText("SMITH,")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("checkbox", { name: "Choose A9998 26 000108" }));
    await userEvent.click(screen.getByRole("button", { name: "Set this unit aside" }));
    await waitFor(() => expect(backend.of("request.allocate")).toEqual([{ request: "r-1", units: ["u-1"], override: null, second: null }]));
  });

  it("goes past a caution with a reason, and names exactly that rule", async () => {
    const backend = open(screens, "/requests/r-1", desk());
    backend.answers["request.allocate"] = (req) => (req.override ? {} : refuse({ code: "rhd_mismatch", kind: "needs_override", rules: ["rhd_mismatch"] }));
    await userEvent.click(await screen.findByRole("button", { name: "Set this unit aside" }));
    await userEvent.click(await screen.findByRole("button", { name: "Set aside with a reason" }));
    const dialog = await screen.findByRole("alertdialog");
    await userEvent.type(within(dialog).getByRole("textbox"), "No RhD NEGATIVE unit is left here");
    await userEvent.click(within(dialog).getByRole("button", { name: "Set aside with a reason" }));
    await waitFor(() => expect(backend.of("request.allocate").at(-1)).toEqual({ request: "r-1", units: ["u-1"], override: { rules: ["rhd_mismatch"], reason: "No RhD NEGATIVE unit is left here" }, second: null }));
  });

  it("asks for a second person where the store wants one", async () => {
    const backend = open(screens, "/requests/r-1", desk());
    backend.answers["request.allocate"] = (req) => (req.second ? {} : refuse({ code: "second_person_needed" }));
    await userEvent.click(await screen.findByRole("button", { name: "Set this unit aside" }));
    const dialog = await screen.findByRole("alertdialog");
    const [user] = within(dialog).getAllByRole("textbox");
    await userEvent.type(user!, "luis");
    await userEvent.type(within(dialog).getByLabelText(/assword/), "training");
    await userEvent.click(within(dialog).getByRole("button", { name: "Set this unit aside" }));
    await waitFor(() => expect(backend.of("request.allocate").at(-1)).toMatchObject({ second: { user: "luis", password: "training" } }));
  });

  it("does not choose by itself what was found incompatible", async () => {
    open(screens, "/requests/r-1", desk(undefined, { "blood.record": () => ({ ...recordOf(), crossmatches: [crossmatch({ outcome: "incompatible" })] }) }));
    expect(await screen.findByText(/Incompatible with this patient/)).toBeVisible();
    expect(screen.getByRole("checkbox", { name: "Choose A9998 26 000107" })).not.toBeChecked();
  });

  it("does not choose by itself what somebody has to answer for with a reason", async () => {
    const positive = line({ unit: unit({ id: "u-2", din: "A999826000108", group: { abo: "A", rhd: "positive" } }), cautions: ["rhd_mismatch"] });
    const backend = open(screens, "/requests/r-1", desk(undefined, { "request.view": () => view({ proposal: [positive], leftOut: [], leftOutTotal: 0 }), "request.allocate": () => ({}) }));
    const box = await screen.findByRole("checkbox", { name: "Choose A9998 26 000108" });
    expect(box).not.toBeChecked();
    await userEvent.click(screen.getByRole("button", { name: /aside/ }));
    expect(backend.of("request.allocate")).toEqual([]);
    await userEvent.click(box);
    await userEvent.click(screen.getByRole("button", { name: "Set this unit aside" }));
    await waitFor(() => expect(backend.of("request.allocate")).toEqual([{ request: "r-1", units: ["u-2"], override: null, second: null }]));
  });

  it("leaves units out with the reason said once, and opens that list where nothing is offered", async () => {
    const out = (id: string, din: string) => line({ unit: unit({ id, din }), reasons: [{ why: "stopped", args: { rule: "abo_incompatible" } }] });
    open(screens, "/requests/r-1", desk(undefined, { "request.view": () => view({ proposal: [], missing: 2, leftOut: [out("u-3", "A999826000119"), out("u-4", "A999826000120")], leftOutTotal: 2 }) }));
    expect(await screen.findByText("2 units are missing: the shelf cannot supply them.")).toBeVisible();
    expect(screen.getAllByText(/A rule stops it: /)).toHaveLength(1);
    expect(screen.getByText("2 units")).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("keeps a crossmatch half entered over a lock, and offers it to the same person again", async () => {
    const kept: Record<string, string> = {};
    const backend = open(screens, "/requests/r-1", desk(undefined, {
      "request.view": () => view({ row: row({ allocated: 1 }), allocated: [held()] }), "crossmatch.record": () => ({ id: "x" }),
      "draft.get": (ask) => ({ body: kept[ask.screen] ?? null, at: kept[ask.screen] ? now : null }),
      "draft.put": (ask) => { kept[ask.screen] = ask.body; return {}; }, "draft.drop": (ask) => { delete kept[ask.screen]; return {}; },
    }));
    const opened = async () => { await userEvent.click(await screen.findByRole("button", { name: /Record the crossmatch/ })); return within(await screen.findByRole("dialog")); };
    let dialog = await opened();
    await userEvent.click(dialog.getByRole("radio", { name: "Full (antiglobulin)" }));
    await userEvent.click(dialog.getByRole("radio", { name: /^Incompatible/ }));
    await waitFor(() => expect(kept["crossmatch/p-1/u-1"]).toContain("incompatible"));
    await userEvent.keyboard("{Escape}");
    if (screen.queryByRole("dialog")) await userEvent.click(dialog.getByRole("button", { name: /^Cancel/ }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    dialog = await opened();
    await userEvent.click(await dialog.findByRole("button", { name: "Continue" }));
    expect(dialog.getByRole("radio", { name: /^Incompatible/ })).toBeChecked();
    await userEvent.click(dialog.getByRole("button", { name: "Save the crossmatch" }));
    await waitFor(() => expect(backend.of("crossmatch.record")).toEqual([{ patient: "p-1", unit: "u-1", method: "ahg", outcome: "incompatible", doneWall: null }]));
    await waitFor(() => expect(kept).toEqual({}));
  });

  it("records a crossmatch right there, never without a result", async () => {
    const backend = open(screens, "/requests/r-1", desk(undefined, { "request.view": () => view({ row: row({ allocated: 1 }), allocated: [held()] }), "crossmatch.record": () => ({ id: "x" }) }));
    expect(await screen.findByText("At least: Immediate spin")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: /Record the crossmatch/ }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).queryByRole("radio", { name: "Electronic" })).toBeNull();
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the crossmatch" }));
    expect(within(dialog).getByText("Choose the result.")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(within(dialog).getByRole("radio", { name: "Full (antiglobulin)" }));
    await userEvent.click(within(dialog).getByRole("radio", { name: /^Compatible/ }));
    await userEvent.click(within(dialog).getByRole("radio", { name: "Earlier, recorded late" }));
    await userEvent.type(within(dialog).getByRole("textbox", { name: "Time" }), "1605");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the crossmatch" }));
    await waitFor(() => expect(backend.of("crossmatch.record")).toEqual([{ patient: "p-1", unit: "u-1", method: "ahg", outcome: "compatible", doneWall: "2026-11-20T16:05" }]));
  });

  it("leads to the emergency release at the counter only where the request is an emergency", async () => {
    const answers = (urgency: "emergency" | "routine") => ({ "request.view": () => view({ row: row({ urgency, allocated: 1, sample: "none" as const }), sample: null, allocated: [held({ needed: { ...held().needed, need: { kind: "new_sample" as const }, why: ["sample_not_usable"] } })] }) });
    const backend = desk(undefined, answers("routine"));
    open(screens, "/requests/r-1", backend);
    expect(await screen.findByText("A new sample is needed first")).toBeVisible();
    expect(screen.queryByRole("link", { name: /Emergency release/ })).toBeNull();
    expect(screen.queryByRole("button", { name: /Record the crossmatch/ })).toBeNull();
    Object.assign(backend.answers, answers("emergency"));
    backend.news();
    expect(await screen.findByRole("link", { name: /Emergency release/ })).toHaveAttribute("href", expect.stringContaining("/blood/issue"));
  });

  it("says so when a unit may be issued, withdraws with a reason and puts back with one", async () => {
    const backend = open(screens, "/requests/r-1", desk(undefined, { "request.view": () => view({ row: row({ allocated: 1 }), allocated: [held({ ready: true, crossmatch: crossmatch() })] }), "crossmatch.withdraw": () => ({}), "request.unallocate": () => ({}) }));
    expect(await screen.findByText("May be issued")).toBeVisible();
    expect(screen.getByRole("link", { name: /To the counter/ })).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Withdraw" }));
    let dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Withdraw" }));
    expect(backend.of("crossmatch.withdraw")).toEqual([]);
    await userEvent.type(within(dialog).getByRole("textbox"), "Wrong tube");
    await userEvent.click(within(dialog).getByRole("button", { name: "Withdraw" }));
    await waitFor(() => expect(backend.of("crossmatch.withdraw")).toEqual([{ crossmatch: "x-1", reason: "Wrong tube" }]));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await userEvent.click(screen.getByRole("button", { name: /Put back/ }));
    dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByRole("textbox"), "Needed elsewhere");
    await userEvent.click(within(dialog).getByRole("button", { name: "Put back" }));
    await waitFor(() => expect(backend.of("request.unallocate")).toEqual([{ request: "r-1", unit: "u-1", reason: "Needed elsewhere" }]));
  });

  it("offers a ward no act of the laboratory, and still lets it change and cancel", async () => {
    const backend = open(screens, "/requests/r-1", desk(ward, { "request.view": () => view({ row: row({ acceptedBy: null, allocated: 1 }), allocated: [held()] }), "request.cancel": () => ({}), "request.urgency": () => ({}) }));
    await screen.findByText("At least: Immediate spin");
    expect(screen.queryByRole("button", { name: "Accept the request" })).toBeNull();
    expect(screen.queryByRole("button", { name: /Record the crossmatch/ })).toBeNull();
    expect(screen.queryByRole("button", { name: /Set this unit aside/ })).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "More" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Change the urgency" }));
    let dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the urgency" }));
    expect(within(dialog).getByText("Choose another urgency than now.")).toBeVisible();
    await userEvent.click(within(dialog).getByRole("radio", { name: /^Emergency/ }));
    await userEvent.type(within(dialog).getByRole("textbox"), "Bleeding again");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the urgency" }));
    await waitFor(() => expect(backend.of("request.urgency")).toEqual([{ request: "r-1", urgency: "emergency", reason: "Bleeding again" }]));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await userEvent.click(screen.getByRole("button", { name: "More" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Cancel the request" }));
    dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByRole("textbox"), "Asked twice");
    await userEvent.click(within(dialog).getByRole("button", { name: "Cancel the request" }));
    await waitFor(() => expect(backend.of("request.cancel")).toEqual([{ request: "r-1", reason: "Asked twice" }]));
  });

  it("is accepted, gets another need, and is closed by the laboratory", async () => {
    const backend = open(screens, "/requests/r-1", desk(undefined, { "request.view": () => view({ row: row({ acceptedBy: null }) }), "request.accept": () => ({}), "request.need": () => ({}), "request.close": () => ({}) }));
    await userEvent.click(await screen.findByRole("button", { name: "Accept the request" }));
    await waitFor(() => expect(backend.of("request.accept")).toEqual([{ id: "r-1" }]));
    await userEvent.click(screen.getByRole("button", { name: "More" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Add a special need" }));
    let dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Add this need" }));
    expect(within(dialog).getByText("Choose what the unit has to have.")).toBeVisible();
    await userEvent.click(within(dialog).getByRole("button", { name: /The unit must be/ }));
    await userEvent.click(await screen.findByRole("option", { name: "K negative" }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Add this need" }));
    await waitFor(() => expect(backend.of("request.need")).toEqual([{ request: "r-1", need: { antigen_negative: "K" } }]));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await userEvent.click(screen.getByRole("button", { name: "More" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Close: no more is needed" }));
    dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Keep the request" }));
    expect(backend.of("request.close")).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "More" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Close: no more is needed" }));
    await userEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Close the request" }));
    await waitFor(() => expect(backend.of("request.close")).toEqual([{ id: "r-1" }]));
  });

  it("shows why it was cancelled and offers nothing more", async () => {
    open(screens, "/requests/r-1", desk(undefined, { "request.view": () => view({ row: row({ status: "cancelled" }), cancelReason: "Asked twice", proposal: [] }) }));
    expect(await screen.findByText("Cancelled: Asked twice")).toBeVisible();
    expect(screen.queryByRole("button", { name: "More" })).toBeNull();
    expect(screen.queryByText("Proposed from the shelf")).toBeNull();
  });
});

describe("words and times of requests", () => {
  it("know what is missing next", () => {
    const words = (patch: Parameters<typeof row>[0]) => nextSteps(row(patch)).map((s) => s.word);
    expect(words({ acceptedBy: null, sample: "too_old" })).toEqual(["Accept the request", "Sample too old: a new one is needed"]);
    expect(words({ allocated: 1 })).toEqual(["Set 1 unit aside"]);
    expect(words({ component: "plasma", sample: "none", allocated: 2 })).toEqual(["Issue at the counter"]);
    expect(words({ issued: 2 })).toEqual(["Filled"]);
  });

  it("name the rule, the need and the numbers of a reason", () => {
    const place = { zone, now };
    expect(reasonWord({ why: "need_not_met", args: { need: "irradiated" } }, place)).toBe("Not shown to be: Irradiated");
    expect(reasonWord({ why: "need_not_met", args: { need: "Jka" } }, place)).toBe("Not shown to be: Jka negative");
    expect(reasonWord({ why: "kept_for_critical", args: { left: "2", floor: "2" } }, place)).toBe("Kept for emergencies: 2 left, 2 must stay");
    expect(reasonWord({ why: "not_fresh", args: { days: "unknown", limit: "5" } }, place)).toContain("not known");
  });

  it("turn the wall clock into an instant, across a change of the clock too", () => {
    expect(instantOf("2026-11-20T17:46", zone)).toBe("2026-11-20T14:46:00.000Z");
    expect(instantOf("2026-03-29T03:30", "Europe/Berlin")).toBe("2026-03-29T01:30:00.000Z");
    expect(instantOf("2026-03-29T01:30", "Europe/Berlin")).toBe("2026-03-29T00:30:00.000Z");
    expect(instantOf("nonsense", zone)).toBeNull();
    expect([readTime("930"), readTime("9:30"), readTime("24:00"), readTime("")]).toEqual(["09:30", "09:30", null, null]);
    expect(distanceWords("2026-11-22T15:46:00Z", now)).toBe("in 2 days");
    expect(distanceWords("2026-11-20T12:46:00Z", now)).toBe("2 hours ago");
  });
});
