import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import { CommandFailed } from "../../backend";
import type { Code, ScanPart } from "../../wire";
import { sentenceOf } from "./refusals";
import { all, fail, faults, memory, now, open, patientView, refuse, row, scan, unitView } from "./memory.testkit";

const person = { id: "p-1", family: "Wickramasinghe Arachchige", given: "Priyanthi Dilrukshi Kumari", title: "Mrs", birthDate: "1990-02-01", ageYears: 36, sex: "female" as const, hospitalNumber: "LD 1", similarName: true, deceased: false };

describe("the list of units", () => {
  test("says how many, of how many, what hides the rest, and clears it", async () => {
    const { backend, sent } = memory({ "unit.list": (req) => (req.status ? { rows: [row()], total: 1 } : { rows: [row(), row({ id: "u-2", din: "A999826000001", status: "issued", patientName: "SMITH, John (Mr)" })], total: 41 }) });
    await open("/blood/units?status=available", backend);
    expect((await screen.findByText(/1 of 1 units · 0 hidden/)).closest("[role=status]")).toHaveTextContent("Filtered by Available.");
    await userEvent.click(screen.getByRole("button", { name: "Clear the filters" }));
    expect(await screen.findByText(/2 of 41 units · 39 hidden/)).toBeInTheDocument();
    expect(sent("unit.list").at(-1)).toMatchObject({ status: null, component: null });
    expect(screen.getByText("for SMITH, John (Mr)")).toBeInTheDocument();
  });

  test("says that more are there than were counted", async () => {
    const { backend } = memory({ "unit.list": () => ({ rows: [row()], total: 20000, more: true }) });
    await open("/blood/units", backend);
    expect(await screen.findByText(/1 of at least 20000 units/)).toBeVisible();
    expect(screen.queryByText(/hidden/)).toBeNull();
  });

  test("a scanned unit opens its page", async () => {
    const { backend } = memory(
      { "unit.list": () => ({ rows: [row()], total: 1 }), "unit.view": () => unitView(row()) },
      { "=A99982600045500": [{ kind: "donation_number", din: "A999826000455", check: "G", unit: "u-455" }] as ScanPart[] },
    );
    const { container } = await open("/blood/units", backend);
    await screen.findByRole("grid");
    expect(await faults(container)).toEqual([]);
    await scan("=A99982600045500");
    expect(await screen.findByRole("heading", { name: "A9998 26 000455" })).toBeInTheDocument();
  });
});

describe("the page of a unit", () => {
  test("shows label, state, place and every act with who and with whom", async () => {
    const { backend } = memory({
      "unit.view": () => unitView(row({ status: "reserved", patient: "p-1", patientName: "SMITH, John (Mr)", until: "2026-11-21T14:00:00Z" }), {
        history: [
          { at: "2026-10-26T09:30:00Z", what: "received", by: "OKELLO, Amina", second: null, reason: null, patientName: null, overrides: [] },
          { at: "2026-11-20T14:00:00Z", what: "reserved", by: "OKELLO, Amina", second: "OKAFOR, Sam", reason: "Bleeding", patientName: "SMITH, John (Mr)", overrides: ["rhd_mismatch"] },
        ],
      }),
    });
    const { container } = await open("/blood/unit/u-455", backend);
    expect(await screen.findByText("Reserved for SMITH, John (Mr)")).toBeInTheDocument();
    expect(screen.getByText(/with OKAFOR, Sam as second person/)).toBeInTheDocument();
    expect(screen.getByText("Went past: RhD POSITIVE to an RhD NEGATIVE patient")).toBeInTheDocument();
    expect(screen.getByText("until 21-Nov-2026 14:00")).toBeInTheDocument();
    expect(await faults(container)).toEqual([]);
  });

  test("leads whoever tests donations to the tests of its own", async () => {
    const handlers = { "unit.view": () => unitView(row()), "lab.find": () => ({ donation: "n-9" }) };
    const { backend, sent } = memory(handlers);
    await open("/blood/unit/u-455", backend, [...all, "test_donations"]);
    expect(await screen.findByRole("link", { name: "Tests of this donation" })).toHaveAttribute("href", expect.stringContaining("/lab/donation/n-9"));
    expect(sent("lab.find")).toEqual([{ din: row().din }]);
  });

  test("has no way to the laboratory for a bag from elsewhere, nor for who may not test", async () => {
    const elsewhere = memory({ "unit.view": () => unitView(row()), "lab.find": () => ({ donation: null }) });
    const shown = await open("/blood/unit/u-455", elsewhere.backend, [...all, "test_donations"]);
    await screen.findByText("Volume");
    await waitFor(() => expect(elsewhere.sent("lab.find")).toHaveLength(1));
    expect(screen.queryByText("Tests of this donation")).not.toBeInTheDocument();
    shown.unmount();
    const barred = memory({ "unit.view": () => unitView(row()), "lab.find": () => ({ donation: "n-9" }) });
    await open("/blood/unit/u-455", barred.backend, all);
    await screen.findByText("Volume");
    expect(barred.sent("lab.find")).toEqual([]);
  });

  test("shows only the acts that the state and the role allow", async () => {
    const { backend } = memory({ "unit.view": () => unitView(row({ status: "issued", patientName: "SMITH, John (Mr)" })) });
    await open("/blood/unit/u-455", backend);
    expect(await screen.findByText(/Nothing can be done with this unit/)).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Discard this unit" })).not.toBeInTheDocument();
  });

  test("of a bag at another site says so, and offers nothing but to stop it", async () => {
    const { backend } = memory({ "unit.view": () => unitView(row({ site: "Hill clinic", place: "Box 2" }), { labelUnread: true }) });
    await open("/blood/unit/u-455", backend);
    expect(await screen.findByText("This unit is in the care of Hill clinic.")).toBeVisible();
    expect(screen.getByText("At Hill clinic")).toBeVisible();
    const acts = screen.getByRole("complementary", { name: "What you can do" });
    expect(within(acts).getAllByRole("button").map((b) => b.textContent)).toEqual(["Put in quarantine"]);
  });

  test("discards with a reason, and with a second person when the store asks for one", async () => {
    const { backend, sent } = memory({ "unit.view": () => unitView(row()), "unit.discard": (req) => (req.second ? {} : fail("second_person_needed")) });
    await open("/blood/unit/u-455", backend);
    await userEvent.click(await screen.findByRole("button", { name: "Discard this unit" }));
    const dialog = within(await screen.findByRole("dialog"));
    // Asked for again each time: a closed button and an open one are two elements.
    const act = () => dialog.getByRole("button", { name: "Discard this unit" });
    expect(act()).toHaveAttribute("aria-disabled", "true");
    await userEvent.click(dialog.getByRole("radio", { name: "Leaking or damaged bag" }));
    await userEvent.click(act());
    await userEvent.type(await dialog.findByRole("textbox", { name: "Their user name" }), "sokafor");
    await userEvent.type(dialog.getByLabelText("Their password"), "secret words");
    expect(await faults()).toEqual([]);
    await userEvent.click(act());
    await waitFor(() => expect(sent("unit.discard").at(-1)).toEqual({ unit: "u-455", reason: "leak", note: null, second: { user: "sokafor", password: "secret words" } }));
    expect(await screen.findByText(/Discarded at 14:46/)).toBeInTheDocument();
  });

  test("lifts the quarantine whose reason was read, and no other", async () => {
    const quarantines = [
      { cause: "c-1", reason: "Label to be read again", at: "2026-11-20T09:00:00Z" },
      { cause: "c-2", reason: "HIV recall", at: "2026-11-20T14:00:00Z" },
    ];
    const { backend, sent } = memory({ "unit.view": () => unitView(row({ status: "quarantined" }), { quarantines, quarantineReason: "HIV recall" }), "unit.lift": () => fail("changed") });
    const { container } = await open("/blood/unit/u-455", backend, all);
    await userEvent.click(await screen.findByRole("button", { name: "Lift: Label to be read again" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByText("It was put there because: Label to be read again")).toBeInTheDocument();
    await userEvent.type(dialog.getByRole("textbox"), "Label is right");
    await userEvent.click(dialog.getByRole("button", { name: "Lift the quarantine" }));
    await waitFor(() => expect(sent("unit.lift")).toEqual([{ unit: "u-455", cause: "c-1", reason: "Label is right", second: null }]));
    expect(await dialog.findByText("CHANGED")).toBeInTheDocument();
    expect(await faults(container)).toEqual([]);
  });

  test("a test that is missing is named where a quarantine is to be lifted; a given bag says so", async () => {
    const quarantines = [{ cause: "c-1", reason: "Run K77 was invalid", at: "2026-11-20T09:00:00Z" }];
    const { backend } = memory({
      "unit.view": () => unitView(row({ status: "quarantined" }), { quarantines }),
      "unit.lift": () => { throw new CommandFailed({ ...refuse("lab_refused"), args: { rule: "marker_missing", marker: "hiv" } }); },
    });
    await open("/blood/unit/u-455", backend, all);
    await userEvent.click(await screen.findByRole("button", { name: "Lift the quarantine" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.type(dialog.getByRole("textbox"), "Tested again");
    await userEvent.click(dialog.getByRole("button", { name: "Lift the quarantine" }));
    expect(await dialog.findByText(/The quarantine stays: .*HIV.*laboratory/)).toBeInTheDocument();
  });

  test("a bag that ran is given, not only issued", async () => {
    const history = [{ at: "2026-11-20T14:00:00Z", what: "given" as const, by: "Luis", second: null, reason: null, patientName: null, overrides: [] }];
    const { backend } = memory({ "unit.view": () => unitView(row({ status: "issued", patient: "p-1", patientName: "SMITH, John (Mr)" }), { given: true, history }) });
    await open("/blood/unit/u-455", backend, all);
    expect((await screen.findAllByText("Given")).length).toBe(2);
    expect(screen.queryByText("Issued")).toBeNull();
  });

  test("a quarantine of a held unit says whose hold it ends", async () => {
    const { backend } = memory({ "unit.view": () => unitView(row({ status: "reserved", patient: "p-1", patientName: "SMITH, John (Mr)", until: "2026-11-21T14:00:00Z" })) });
    await open("/blood/unit/u-455", backend, all);
    await userEvent.click(await screen.findByRole("button", { name: "Put in quarantine" }));
    expect(await screen.findByText(/It is held for SMITH, John \(Mr\)\. The hold ends/)).toBeInTheDocument();
  });

  test("reserves for a patient found by name; names that look alike say so", async () => {
    const { backend, sent } = memory({
      "unit.view": () => unitView(row()), "patient.search": () => ({ rows: [person], total: 1 }), "patient.view": () => patientView({ id: "p-1" }), "unit.reserve": () => ({}),
    });
    await open("/blood/unit/u-455", backend);
    await userEvent.click(await screen.findByRole("button", { name: "Reserve for a patient" }));
    await userEvent.type(await screen.findByRole("searchbox", { name: "Name or hospital number" }), "wick");
    expect(await screen.findByText("Similar name on this list")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: /^Choose WICKRAMASINGHE/ }));
    await waitFor(() => expect(sent("unit.reserve")).toEqual([{ unit: "u-455", patient: "p-1", override: null, second: null }]));
    expect(await screen.findByText(/^Reserved for WICKRAMASINGHE ARACHCHIGE/)).toBeInTheDocument();
  });

  test("a reservation that meets a warning is refused in words and can be passed with a reason", async () => {
    const { backend, sent } = memory({
      "unit.view": () => unitView(row()), "patient.search": () => ({ rows: [person], total: 1 }), "patient.view": () => patientView({ id: "p-1" }),
      "unit.reserve": (req) => (req.override ? {} : fail("rhd_mismatch", "needs_override", ["rhd_mismatch"])),
    });
    await open("/blood/unit/u-455", backend, all);
    await userEvent.click(await screen.findByRole("button", { name: "Reserve for a patient" }));
    await userEvent.type(await screen.findByRole("searchbox"), "wick");
    await userEvent.click(await screen.findByRole("button", { name: /^Choose WICK/ }));
    await userEvent.click(await screen.findByRole("button", { name: "Go past this warning" }));
    await userEvent.type(await screen.findByRole("textbox", { name: /Clinical reason/ }), "No RhD NEGATIVE within the hour");
    await userEvent.click(screen.getByRole("button", { name: "Reserve with this reason" }));
    await waitFor(() => expect(sent("unit.reserve").at(-1)).toMatchObject({ override: { rules: ["rhd_mismatch"], reason: "No RhD NEGATIVE within the hour" } }));
  });
});

describe("the sentences", () => {
  const codes: Code[] = ["unit_known", "unit_expired", "unit_expiry_unsure", "unit_reserved", "unit_quarantined", "unit_gone", "unit_not_here", "unit_not_issued", "abo_incompatible", "anti_d_history", "patient_group_unknown", "patient_group_conflict", "patient_deceased", "local_code_not_isbt", "expiry_in_past", "reason_missing", "appearance_not_accepted", "rhd_mismatch", "plasma_mismatch", "not_identical_group", "expires_soon", "group_not_confirmed", "scan_unreadable", "scan_wrong_kind", "check_character_wrong", "second_person_needed", "second_person_refused", "not_counted_since_restore", "kept_wrong", "donation_groups_differ", "expiry_too_far", "collection_impossible", "volume_impossible", "place_missing", "product_is_other"];
  test("each is whole with nothing known and with everything known", () => {
    for (const code of codes) {
      for (const subject of [{ zone: "UTC", now }, { unit: row(), patient: { name: "SMITH, John (Mr)", group: { state: "unknown" as const } }, zone: "UTC", now }]) {
        const s = sentenceOf(code as never, subject);
        for (const text of Object.values(s)) {
          expect(text, code).not.toMatch(/undefined|null|NaN|\{|\}|OK|Are you sure|error/);
          expect(text.length, code).toBeGreaterThan(5);
        }
      }
    }
  });
});
