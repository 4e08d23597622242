import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import type { Alternative, CounterView, ScanPart } from "../../wire";
import { A_NEG, all, checks, counterView, fail, faults, memory, O_NEG, open, patientView, refuse, row, scan, unitView } from "./memory.testkit";

const bad = row();
const good = row({ id: "u-140", din: "A999826000140", check: "H", group: A_NEG, place: "Fridge 1, shelf A", daysLeft: 7 });
const scarce = row({ id: "u-377", din: "A999826000377", check: "C", group: O_NEG, place: "Fridge 1, shelf C", daysLeft: 4 });
const alternatives: Alternative[] = [
  { unit: good, why: "identical_oldest", scarce_left: null },
  { unit: scarce, why: "compatible_scarce", scarce_left: 2 },
];
const part = (u: typeof bad): ScanPart[] => [{ kind: "donation_number", din: u.din, check: u.check, unit: u.id }];
const scans = {
  "=A99982600045500": part(bad),
  "=A99982600014000": part(good),
  "&#9912BAND": [{ kind: "patient", number: "LD4H8P2RVA9", patient: "p-1" }] as ScanPart[],
  "&#9912OTHER": [{ kind: "patient", number: "LD9", patient: "p-2" }] as ScanPart[],
  "=<E0382V00": [{ kind: "product", code: "E0382V00", component: "red_cells", name: null }] as ScanPart[],
};

const units = new Map([bad, good, scarce].map((u) => [u.id, u]));
function desk(ask: (req: { patient: string | null; unit: string | null }) => CounterView, more: Parameters<typeof memory>[0] = {}) {
  return memory({
    "patient.view": ({ id }) => patientView(id === "p-2" ? { id: "p-2", family: "Smythe", given: "Joan", title: "Ms" } : {}),
    "unit.view": ({ id }) => unitView(units.get(id) ?? bad),
    "counter.ask": ask,
    ...more,
  }, scans);
}

const stop = (req: { unit: string | null }): CounterView => req.unit === "u-455"
  ? counterView({ checks: checks({ abo_compatible: { result: "stop", code: "abo_incompatible" } }), refused: refuse("abo_incompatible"), alternatives, alternativesTotal: 7 })
  : counterView({ alternatives, alternativesTotal: 7 });
const warn = (): CounterView => counterView({ checks: checks({ rhd_rule: { result: "caution", code: "rhd_mismatch" } }), refused: refuse("rhd_mismatch", "needs_override", ["rhd_mismatch"]), alternatives, alternativesTotal: 7 });

async function both(unit = "=A99982600045500") {
  await screen.findByRole("heading", { name: "Issue blood" });
  await scan("&#9912BAND");
  await screen.findByText(/2 samples agree/);
  await scan(unit);
}

describe("the issue counter", () => {
  test("a stop says why, by which rule, that nobody can override it, and what to do now", async () => {
    const { backend } = desk(stop);
    await open("/blood/issue", backend);
    await both();
    const alert = (await screen.findByRole("heading", { name: "This unit cannot be issued to this patient" })).closest("section")!;
    expect(alert).toHaveTextContent("The unit is group B RhD POSITIVE. The patient is group A RhD NEGATIVE.");
    expect(alert).toHaveTextContent("Nobody can override this rule.");
    expect(alert).toHaveTextContent("Put A9998 26 000455 back at Fridge 2, shelf B.");
    expect(screen.getByText("1 stop · 0 caution · 8 pass · 0 not yet")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /^Issue / })).not.toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Go past this warning" })).not.toBeInTheDocument();
    expect(screen.getByText("ABO and RhD")).toBeInTheDocument();
  });

  test("a digit chooses an alternative, the button reserves it, and then its label must be scanned", async () => {
    const { backend, sent } = desk(stop, { "unit.reserve": () => ({}) });
    await open("/blood/issue", backend);
    await both();
    expect(await screen.findByRole("button", { name: "Reserve unit 1, then scan it" })).toBeInTheDocument();
    expect(screen.getByText("Compatible. Uses scarce stock: 2 left")).toBeInTheDocument();
    await userEvent.keyboard("2");
    await userEvent.click(await screen.findByRole("button", { name: "Reserve unit 2, then scan it" }));
    await waitFor(() => expect(sent("unit.reserve")).toEqual([{ unit: "u-377", patient: "p-1", override: null, second: null }]));
    expect(await screen.findByText(/A9998 26 000377 is held for this patient. Fetch it from Fridge 1, shelf C and scan it./)).toBeInTheDocument();
    expect(screen.getByText("Scan the donation number of the unit.")).toBeInTheDocument();
  });

  test("a digit typed into a field chooses nothing", async () => {
    const { backend } = desk(stop);
    await open("/blood/issue", backend);
    await screen.findByRole("heading", { name: "Issue blood" });
    await scan("&#9912BAND");
    await screen.findByRole("button", { name: "Reserve unit 1, then scan it" });
    await userEvent.type(screen.getByRole("textbox", { name: "Donation number" }), "2");
    expect(screen.getByRole("button", { name: "Reserve unit 1, then scan it" })).toBeInTheDocument();
  });

  test("a unit's scan replaces the unit only", async () => {
    const { backend, sent } = desk(stop);
    await open("/blood/issue", backend);
    await both();
    await screen.findByRole("heading", { name: "This unit cannot be issued to this patient" });
    await scan("=A99982600014000");
    expect(await screen.findByRole("heading", { name: "This unit may be issued to this patient" })).toBeInTheDocument();
    expect(sent("counter.ask").at(-1)).toEqual({ patient: "p-1", unit: "u-140" });
  });

  test("another patient's wristband asks before anything changes", async () => {
    const { backend, sent } = desk(stop);
    await open("/blood/issue", backend);
    await both();
    await screen.findByRole("heading", { name: "This unit cannot be issued to this patient" });
    await scan("&#9912OTHER");
    expect(await screen.findByText(/That is another patient/)).toBeInTheDocument();
    expect(sent("counter.ask").at(-1)).toEqual({ patient: "p-1", unit: "u-455" });
    await userEvent.click(screen.getByRole("button", { name: "Change to the scanned patient" }));
    await waitFor(() => expect(sent("counter.ask").at(-1)).toEqual({ patient: "p-2", unit: "u-455" }));
  });

  test("the wrong kind of code says what it was", async () => {
    const { backend } = desk(stop);
    await open("/blood/issue", backend);
    await screen.findByRole("heading", { name: "Issue blood" });
    await scan("&#9912BAND");
    await screen.findByText(/2 samples agree/);
    await scan("=<E0382V00");
    expect(await screen.findByText("That is the product code; scan the donation number of the unit.")).toBeInTheDocument();
  });

  test("issues after the bag was looked at and somebody collects it, and says what was issued to whom", async () => {
    const { backend, sent } = desk(stop, { "unit.issue": () => ({}) });
    await open("/blood/issue", backend);
    await both("=A99982600014000");
    await screen.findByRole("heading", { name: "This unit may be issued to this patient" });
    const button = () => screen.getByRole("button", { name: "Issue A9998 26 000140 to SMITH, John (Mr)" });
    expect(button()).toHaveAttribute("aria-disabled", "true");
    await userEvent.click(button());
    expect(sent("unit.issue")).toEqual([]);
    await userEvent.click(screen.getByRole("radio", { name: /Looked at/ }));
    await userEvent.type(screen.getByRole("textbox", { name: /Collected by/ }), "Grace Mutua");
    await userEvent.click(button());
    expect(await screen.findByRole("heading", { name: "Issued to SMITH, John (Mr)" })).toBeInTheDocument();
    expect(screen.getByText(/Red cells A9998 26 000140, collected by Grace Mutua at 14:46/)).toBeInTheDocument();
    expect(sent("unit.issue")).toEqual([{ unit: "u-140", patient: "p-1", collectedBy: "Grace Mutua", appearanceOk: true, override: null, second: null }]);
    expect(screen.getByRole("button", { name: "Next patient" })).toBeInTheDocument();
  });

  test("a bag that looks wrong is not issued and says where it goes", async () => {
    const { backend } = desk(stop);
    await open("/blood/issue", backend);
    await both("=A99982600014000");
    await userEvent.click(await screen.findByRole("radio", { name: "Something is wrong with the bag" }));
    expect(screen.getByText(/Do not issue it. Put it in quarantine/)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: /^Issue A9998/ })).toHaveAttribute("aria-disabled", "true");
  });

  test("goes past a warning only with the rule, a reason and, when asked, a second person; nothing typed is lost", async () => {
    const { backend, sent } = desk(warn, {
      "unit.issue": (req) => (req.second ? (req.second.password === "right" ? {} : fail("second_person_refused")) : fail("second_person_needed")),
    });
    await open("/blood/issue", backend);
    await both();
    expect(await screen.findByRole("heading", { name: "This unit needs a decision before it is issued" })).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Go past this warning" }));
    const dialog = within(await screen.findByRole("alertdialog"));
    expect(dialog.getByRole("button", { name: "Choose another unit" })).toHaveFocus();
    expect(dialog.getAllByText("RhD POSITIVE to an RhD NEGATIVE patient").length).toBeGreaterThan(0);
    const act = () => dialog.getByRole("button", { name: "Issue with this reason" });
    await userEvent.click(dialog.getByRole("radio", { name: /Looked at/ }));
    await userEvent.type(dialog.getByRole("textbox", { name: /Collected by/ }), "Grace Mutua");
    expect(act()).toHaveAttribute("aria-disabled", "true");
    await userEvent.type(dialog.getByRole("textbox", { name: /Clinical reason/ }), "Massive bleeding, no RhD NEGATIVE left");
    await userEvent.click(act());
    expect(await dialog.findByText("Second person", { selector: "legend" })).toBeInTheDocument();
    expect(dialog.getByRole("textbox", { name: /Clinical reason/ })).toHaveValue("Massive bleeding, no RhD NEGATIVE left");
    await userEvent.type(dialog.getByRole("textbox", { name: "Their user name" }), "sokafor");
    await userEvent.type(dialog.getByLabelText("Their password"), "wrong");
    await userEvent.click(act());
    expect(await dialog.findByText(/The second person was not accepted/)).toBeInTheDocument();
    expect(dialog.getByLabelText("Their password")).toHaveValue("");
    await userEvent.type(dialog.getByLabelText("Their password"), "right");
    await userEvent.click(act());
    expect(await screen.findByRole("heading", { name: /Issued to SMITH/ })).toBeInTheDocument();
    expect(sent("unit.issue").at(-1)).toEqual({
      unit: "u-455", patient: "p-1", collectedBy: "Grace Mutua", appearanceOk: true,
      override: { rules: ["rhd_mismatch"], reason: "Massive bleeding, no RhD NEGATIVE left" }, second: { user: "sokafor", password: "right" },
    });
  });

  test("a role that may not go past warnings is told who can", async () => {
    const { backend } = desk(warn);
    await open("/blood/issue", backend, all.filter((p) => p !== "override_blood_warning"));
    await both();
    const button = await screen.findByRole("button", { name: "Go past this warning" });
    expect(button).toHaveAttribute("aria-disabled", "true");
    expect(button).toHaveAccessibleDescription(/Your role does not go past blood warnings/);
    await userEvent.click(button);
    expect(screen.queryByRole("alertdialog")).not.toBeInTheDocument();
  });

  test("a scan under an open question changes nothing and says so", async () => {
    const { backend, sent } = desk(warn);
    await open("/blood/issue", backend);
    await both();
    await userEvent.click(await screen.findByRole("button", { name: "Go past this warning" }));
    await screen.findByRole("alertdialog");
    await scan("=A99982600014000");
    expect(await screen.findByText(/A scan came while this question is open/)).toBeInTheDocument();
    expect(sent("counter.ask").at(-1)).toEqual({ patient: "p-1", unit: "u-455" });
  });

  test("an Enter at a scanner's pace presses no button, of a code we know or not", async () => {
    const { backend, sent } = desk(stop, { "unit.reserve": () => ({}) });
    await open("/blood/issue", backend);
    await both();
    const button = await screen.findByRole("button", { name: "Reserve unit 1, then scan it" });
    button.focus();
    await scan("=A99982600045500");
    button.focus();
    await scan("4006381333931");
    expect(sent("unit.reserve")).toEqual([]);
  });

  test("several bags of one donation are told apart by the product code", async () => {
    const two = row({ id: "u-456", productCode: "E0382VA0" });
    const { backend, sent } = memory({
      "patient.view": () => patientView(), "unit.view": () => unitView(bad), "counter.ask": stop,
      "unit.list": () => ({ rows: [bad, two], total: 2 }),
    }, { ...scans, "=A99982600045500": [{ kind: "donation_number", din: bad.din, check: bad.check, unit: null }] as ScanPart[] });
    await open("/blood/issue", backend);
    await screen.findByRole("heading", { name: "Issue blood" });
    await scan("=A99982600045500");
    expect(await screen.findByText(/More than one bag here carries this number/)).toBeInTheDocument();
    await scan("=<E0382V00");
    await waitFor(() => expect(sent("counter.ask").at(-1)).toEqual({ patient: null, unit: "u-455" }));
  });

  test("has no fault that axe can find, refused or ready or asking", async () => {
    const { backend } = desk(warn);
    const { container } = await open("/blood/issue", backend);
    await screen.findByRole("heading", { name: "Issue blood" });
    expect(await faults(container)).toEqual([]);
    await both();
    await userEvent.click(await screen.findByRole("button", { name: "Go past this warning" }));
    await screen.findByRole("alertdialog");
    expect(await faults()).toEqual([]);
  });
});

