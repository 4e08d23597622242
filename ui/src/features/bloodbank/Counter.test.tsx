import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { CommandFailed } from "../../backend";
import type { Alternative, CounterView, IssueAsk, IssueGates, RequestRow, ScanPart, StaffName } from "../../wire";
import { gateNames } from "./careWords";
import { A_NEG, all, counterView, fail, faults, gatesView, memory, O_NEG, open, patientView, refuse, row, scan, unitView } from "./memory.testkit";

const { tone } = vi.hoisted(() => ({ tone: vi.fn() }));
vi.mock("../../app/tone", () => ({ errorTone: tone }));
beforeEach(() => tone.mockClear());

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

const bits = (u: typeof bad): ScanPart[] => [...part(u), { kind: "product", code: u.productCode, component: "red_cells", name: null }, { kind: "group", group: u.group, donation_type: "volunteer" }];
/** A bag whose number, product code and group were read in one scan. */
Object.assign(scans, { "=WHOLE455": bits(bad), "=WHOLE140": bits(good), "=%6200": [{ kind: "group", group: A_NEG, donation_type: "volunteer" }] as ScanPart[], "=%7300": [{ kind: "group", group: bad.group, donation_type: "volunteer" }] as ScanPart[] });
const request: RequestRow = {
  id: "r-1", patient: { id: "p-1", family: "Smith", given: "John", title: "Mr", birthDate: "1958-03-05", ageYears: 68, sex: "male", hospitalNumber: "LD4H8P2RVA9", similarName: false, deceased: false },
  component: "red_cells", count: 2, urgency: "urgent", indication: "anaemia", neededBy: "2026-11-20T20:00:00Z", placedAt: "2026-11-20T12:00:00Z", requestedBy: "FERREIRA, Ana (Dr)",
  acceptedBy: null, allocated: 1, issued: 0, status: "open", sample: "ready", overdue: false, consent: true, group: { state: "once", group: { abo: "A", rhd: "negative" } },
};
const physician: StaffName = { user: "ferreira", name: "FERREIRA, Ana (Dr)", role: "physician", me: false, draws: true };

const units = new Map([bad, good, scarce].map((u) => [u.id, u]));
type Gate = (req: IssueAsk) => IssueGates;
function desk(ask: (req: { patient: string | null; unit: string | null }) => CounterView, gate: Gate, more: Parameters<typeof memory>[0] = {}) {
  return memory({
    "patient.view": ({ id }) => patientView(id === "p-2" ? { id: "p-2", family: "Smythe", given: "Joan", title: "Ms" } : {}),
    "unit.view": ({ id }) => unitView(units.get(id) ?? bad),
    "counter.ask": ask,
    "issue.gates": gate,
    "staff.names": () => [physician, { user: "mbeki", name: "MBEKI, Ruth", role: "nurse", me: false, draws: true }],
    ...more,
  }, scans);
}

const some = (): CounterView => counterView({ alternatives, alternativesTotal: 7 });
const stop: Gate = ({ unit, bag }) => gatesView({ ...(unit === "u-455" ? { abo: { result: "stop", code: "abo_incompatible" } } : {}), scan: { result: bag ? "pass" : "not_yet" } }, { request });
const warn: Gate = ({ bag }) => gatesView({ rhd: { result: "caution", code: "rhd_mismatch" }, scan: { result: bag ? "pass" : "not_yet" } }, { request });

async function both(unit = "=WHOLE455") {
  await screen.findByRole("heading", { name: "Issue blood" });
  await scan("&#9912BAND");
  await screen.findByText(/2 samples agree/);
  await scan(unit);
}

/** One gate as it stands on the screen. */
const gate = (words: RegExp | string) => screen.getByText(words).closest("li")!;

describe("the issue counter", () => {
  test("shows every gate in its order, each with its result in words and why where it is not a pass", async () => {
    const { backend } = desk(some, ({ bag }) => gatesView({
      specimen: { result: "stop", code: "sample_too_old", args: { validUntil: "2026-11-19T20:59:00Z" } },
      crossmatch: { result: "stop", code: "crossmatch_missing", args: { least: "ahg" } },
      requirements: { result: "caution", code: "requirement_unmet", args: { requirements: "irradiated,K-" } },
      scan: { result: bag ? "pass" : "not_yet" },
    }, { request }));
    const { container } = await open("/blood/issue", backend);
    await both();
    await screen.findByRole("heading", { name: "This unit cannot be issued to this patient" });
    expect([...container.querySelectorAll("[data-gate]")].map((g) => g.getAttribute("data-gate"))).toEqual([...gateNames]);
    expect(gate("Crossmatch is valid")).toHaveTextContent(/Stop.*There is no crossmatch of this unit for this patient. Needed crossmatch: Full \(antiglobulin\)/);
    expect(gate("Sample is this patient’s and in date")).toHaveTextContent(/Stop.*The sample is too old. It was good until 19-Nov-2026 20:59/);
    expect(gate("Special needs are met")).toHaveTextContent(/Caution.*Missing: irradiated, K negative/i);
    expect(gate("ABO fits")).toHaveTextContent("Pass");
    expect(gate("Bag looks right")).toHaveTextContent("Not yet");
    expect(gate("Physician orders without crossmatch")).toHaveTextContent("Not needed");
    // Both stops are said where the eyes are, and another bag would not help.
    const alert = screen.getByRole("heading", { name: "This unit cannot be issued to this patient" }).closest("section")!;
    expect(alert).toHaveTextContent(/The sample is too old.*Also: There is no crossmatch/);
    expect(screen.queryByRole("button", { name: /Reserve unit 1/ })).not.toBeInTheDocument();
  });

  test("asks for number, product code and group of the bag, and says what is still to be scanned", async () => {
    const { backend, sent } = desk(some, stop);
    await open("/blood/issue", backend);
    await both("=A99982600014000");
    await waitFor(() => expect(gate(/Bag is the unit/)).toHaveTextContent("Still to scan: product code, blood group."));
    expect(sent("issue.gates").at(-1)).toMatchObject({ bag: null, wristband: "p-1" });
    await scan("=<E0382V00");
    expect(gate(/Bag is the unit/)).toHaveTextContent("Still to scan: blood group.");
    expect(screen.getByRole("button", { name: /^Issue A9998/ })).toHaveAttribute("aria-disabled", "true");
    await scan("=%6200");
    await waitFor(() => expect(sent("issue.gates").at(-1)).toMatchObject({ bag: { din: "A999826000140", productCode: "E0382V00", group: A_NEG } }));
    await waitFor(() => expect(gate(/Bag is the unit/)).toHaveTextContent("Pass"));
  });

  test("a code of another bag sounds, is said at once, and is sent to the gate as it was read", async () => {
    const { backend, sent } = desk(some, ({ bag }) => gatesView({ scan: bag?.group.abo === "B" ? { result: "stop", code: "scan_disagrees", args: { field: "group" } } : { result: "not_yet" } }, { request }));
    await open("/blood/issue", backend);
    await both("=A99982600014000");
    tone.mockClear();
    await scan("=%7300");
    expect(await screen.findByText(/the blood group of the bag differs/)).toBeInTheDocument();
    expect(tone).toHaveBeenCalledTimes(1);
    expect(sent("issue.gates").at(-1)).toMatchObject({ bag: { group: bad.group } });
    expect((await screen.findByRole("heading", { name: "This unit cannot be issued to this patient" })).closest("section")).toHaveTextContent(/SCAN_DISAGREES.*What was scanned is not what stands here/);
    expect(screen.queryByRole("button", { name: /^Issue A9998/ })).not.toBeInTheDocument();
  });

  test("a code of a label that is read before the bag was looked up waits for it, and is compared with it", async () => {
    let there = (): void => undefined;
    const known = new Promise<void>((done) => { there = done; });
    const { backend } = desk(some, ({ bag }) => gatesView({ scan: bag ? { result: "stop", code: "scan_disagrees", args: { field: "group" } } : { result: "not_yet" } }, { request }), {
      "unit.view": async ({ id }) => { await known; return unitView(units.get(id) ?? bad); },
    });
    await open("/blood/issue", backend);
    await both("=A99982600014000");
    tone.mockClear();
    await scan("=%7300");
    expect(tone).not.toHaveBeenCalled();
    expect(screen.queryByText(/^That is .*; scan /)).not.toBeInTheDocument();
    there();
    expect(await screen.findByText(/the blood group of the bag differs/)).toBeInTheDocument();
    expect(tone).toHaveBeenCalledTimes(1);
    expect(await screen.findByRole("heading", { name: "This unit cannot be issued to this patient" })).toBeInTheDocument();
  });

  test("a code of a bag that another has replaced meanwhile is not taken for the other's", async () => {
    let there = (): void => undefined;
    const known = new Promise<void>((done) => { there = done; });
    const { backend, sent } = desk(some, () => gatesView({ scan: { result: "not_yet" } }, { request }), {
      "unit.view": async ({ id }) => { if (id === good.id) await known; return unitView(units.get(id) ?? bad); },
    });
    await open("/blood/issue", backend);
    await both("=A99982600014000");
    await scan("=%6200");
    await scan("=A99982600045500");
    there();
    await waitFor(() => expect(gate(/Bag is the unit/)).toHaveTextContent("Still to scan: product code, blood group."));
    await scan("=<E0382V00");
    await waitFor(() => expect(gate(/Bag is the unit/)).toHaveTextContent("Still to scan: blood group."));
    expect(sent("issue.gates").at(-1)).toMatchObject({ unit: bad.id, bag: null });
  });

  test("the product code that follows the number of several bags waits until they are found", async () => {
    let there = (): void => undefined;
    const known = new Promise<void>((done) => { there = done; });
    const plasma = row({ id: "u-141", din: good.din, check: good.check, group: A_NEG, productCode: "E0701V00", component: "plasma" });
    const { backend } = memory({
      "patient.view": () => patientView(), "unit.view": ({ id }) => unitView(id === plasma.id ? plasma : good), "counter.ask": some,
      "issue.gates": () => gatesView({ scan: { result: "not_yet" } }, { request }), "unit.list": async () => { await known; return { rows: [good, plasma], total: 2 }; },
    }, { ...scans, "=A99982600014000": [{ kind: "donation_number", din: good.din, check: good.check, unit: null }] as ScanPart[] });
    await open("/blood/issue", backend);
    await both("=A99982600014000");
    tone.mockClear();
    await scan("=<E0382V00");
    there();
    await waitFor(() => expect(gate(/Bag is the unit/)).toHaveTextContent("Still to scan: blood group."));
    expect(tone).not.toHaveBeenCalled();
  });

  test("after a number that nobody knows its other codes are not those of the bag that stands here", async () => {
    const { backend, sent } = memory({
      "patient.view": () => patientView(), "unit.view": () => unitView(good), "counter.ask": some,
      "issue.gates": () => gatesView({ scan: { result: "not_yet" } }, { request }), "unit.list": () => ({ rows: [], total: 0 }),
    }, { ...scans, "=A99982600099900": [{ kind: "donation_number", din: "A999826000999", check: "Q", unit: null }] as ScanPart[] });
    await open("/blood/issue", backend);
    await both("=A99982600014000");
    await waitFor(() => expect(gate(/Bag is the unit/)).toHaveTextContent("Still to scan: product code, blood group."));
    await scan("=A99982600099900");
    tone.mockClear();
    await scan("=%6200");
    await waitFor(() => expect(tone).toHaveBeenCalledTimes(1));
    expect(screen.getByText(/A9998 26 000999/)).toBeInTheDocument();
    expect(gate(/Bag is the unit/)).toHaveTextContent("Still to scan: product code, blood group.");
    // Its own number again, and its codes are its own.
    await scan("=A99982600014000");
    await scan("=%6200");
    await waitFor(() => expect(gate(/Bag is the unit/)).toHaveTextContent("Still to scan: product code."));
    expect(sent("issue.gates").at(-1)).toMatchObject({ bag: null });
  });

  test("says which order it fills, and that there is none", async () => {
    const { backend } = desk(some, stop);
    await open("/blood/issue", backend);
    await both("=WHOLE140");
    expect(await screen.findByText("2 × red cells, urgent, needed by 20:00")).toBeInTheDocument();
    expect(screen.getByText("0 of 2 issued")).toBeInTheDocument();
  });

  test("takes the patient of an open request", async () => {
    const { backend, sent } = desk(some, stop, { "request.list": () => ({ open: [request], ended: [] }) });
    await open("/blood/issue", backend);
    await userEvent.click(await screen.findByRole("button", { name: "Issue for SMITH, John (Mr)" }));
    await waitFor(() => expect(sent("counter.ask").at(-1)).toEqual({ patient: "p-1", unit: null }));
  });

  test("a slip is read anywhere, compared with the pair, and one that is none of ours is dropped with its sentence", async () => {
    const { backend, sent } = desk(some, (req) => (req.slip === "HSC1BAD" ? fail("slip_not_genuine") : gatesView({ scan: { result: "pass" }, slip: req.slip ? { result: "stop", code: "slip_of_another", args: { field: "patient" } } : { result: "pass" } })));
    await open("/blood/issue", backend);
    await both();
    expect(gate(/^Slip belongs/)).toHaveTextContent("Not yet");
    await scan("HSC1BAD");
    expect(await screen.findByText(/This slip was not made here, or it was changed/)).toBeInTheDocument();
    await waitFor(() => expect(sent("issue.gates").at(-1)).toMatchObject({ slip: null }));
    await scan("HSC1A1B2");
    await waitFor(() => expect(gate(/^Slip belongs/)).toHaveTextContent(/Stop.*another patient. What differs: the patient/));
  });

  test("without a scanner the three parts are typed from the bag, with the check character", async () => {
    const { backend, sent } = memory({
      "patient.view": () => patientView(), "unit.view": () => unitView(good), "counter.ask": some, "issue.gates": stop,
      "scan.read": ({ text, typed }) => (typed ? (text === "A999826000140H" ? { parts: part(good) } : fail("check_character_wrong")) : { parts: scans[text as keyof typeof scans] ?? [] }),
    });
    await open("/blood/issue?patient=p-1&unit=u-140", backend);
    await userEvent.click(await screen.findByRole("button", { name: "Type it instead" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.type(dialog.getByRole("textbox", { name: /Donation number/ }), "A999826000140X");
    await userEvent.type(dialog.getByRole("textbox", { name: "Product code" }), "e0382v00");
    await userEvent.click(dialog.getByRole("button", { name: /Blood group on the bag/ }));
    await userEvent.click(await screen.findByRole("option", { name: "A RhD NEGATIVE" }));
    await userEvent.click(dialog.getByRole("button", { name: "Compare" }));
    expect(await dialog.findAllByText(/This number does not check/)).not.toHaveLength(0);
    await userEvent.clear(dialog.getByRole("textbox", { name: /Donation number/ }));
    await userEvent.type(dialog.getByRole("textbox", { name: /Donation number/ }), "A999826000140H");
    await userEvent.click(dialog.getByRole("button", { name: "Compare" }));
    await waitFor(() => expect(sent("issue.gates").at(-1)).toMatchObject({ wristband: null, bag: { din: "A999826000140", productCode: "E0382V00", group: A_NEG } }));
  });

  test("an emergency release is another way: who orders it, why, signed or owed, and UNCROSSMATCHED on the answer", async () => {
    const without: Gate = ({ emergency, bag }) => gatesView({
      ...(emergency ? { specimen: { result: "not_yet" }, crossmatch: { result: "not_yet" }, order: { result: emergency.justification ? "pass" : "stop", code: emergency.justification ? null : "order_missing" } }
        : { specimen: { result: "stop", code: "sample_missing" }, crossmatch: { result: "stop", code: "crossmatch_missing" } }),
      scan: { result: bag ? "pass" : "not_yet" },
    }, { request });
    const { backend, sent } = desk(some, without, { "issue.give": (req) => (req.emergency?.password === "wrong" ? fail("second_person_refused") : { id: "i-9" }) });
    await open("/blood/issue", backend);
    await both("=WHOLE140");
    await userEvent.click(await screen.findByRole("button", { name: "Emergency release without crossmatch" }));
    expect(await screen.findByText(/The unit leaves UNCROSSMATCHED/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: /Physician who orders it/ }));
    expect(screen.queryByRole("option", { name: /MBEKI/ })).not.toBeInTheDocument();
    await userEvent.click(await screen.findByRole("option", { name: "FERREIRA, Ana (Dr)" }));
    expect((await screen.findByRole("heading", { name: "This unit cannot be issued to this patient" })).closest("section")).toHaveTextContent(/ORDER_MISSING.*Blood without a crossmatch needs a physician’s order/);
    await userEvent.type(screen.getByRole("textbox", { name: /Why it cannot wait/ }), "Bleeding after delivery");
    const give = () => screen.getByRole("button", { name: "Release UNCROSSMATCHED: A9998 26 000140 to SMITH, John (Mr)" });
    await screen.findByRole("radio", { name: /Looked at/ });
    await userEvent.click(screen.getByRole("radio", { name: /Looked at/ }));
    await userEvent.type(screen.getByRole("textbox", { name: /Collected by/ }), "Grace Mutua");
    expect(give()).toHaveAttribute("aria-disabled", "true");
    await userEvent.click(screen.getByRole("radio", { name: /Here and now/ }));
    await userEvent.type(screen.getByLabelText(/Password of FERREIRA/), "wrong");
    await userEvent.click(give());
    expect(await screen.findByText("The second person was not accepted")).toBeInTheDocument();
    expect(screen.getByLabelText(/Password of FERREIRA/)).toHaveValue("");
    await userEvent.click(screen.getByRole("radio", { name: /By voice now/ }));
    await userEvent.click(give());
    expect(await screen.findByRole("heading", { name: "Issued to SMITH, John (Mr)" })).toBeInTheDocument();
    expect(screen.getAllByText("UNCROSSMATCHED").length).toBeGreaterThan(0);
    expect(screen.getAllByText("Ordered by FERREIRA, Ana (Dr). The signature is owed.").length).toBeGreaterThan(0);
    expect(sent("issue.give").at(-1)).toMatchObject({ unit: "u-140", emergency: { physician: "ferreira", justification: "Bleeding after delivery", password: null } });
    expect(gate("Crossmatch is valid")).toHaveTextContent("Not needed");
  });

  test("a refusal points to the list only where one stands: in an emergency another unit is scanned", async () => {
    const without: Gate = ({ emergency }) => gatesView(emergency ? { abo: { result: "stop", code: "abo_incompatible" } } : { specimen: { result: "stop", code: "sample_missing" } }, { request });
    const { backend } = desk(some, without);
    await open("/blood/issue", backend);
    await both("=WHOLE140");
    await userEvent.click(await screen.findByRole("button", { name: "Emergency release without crossmatch" }));
    await userEvent.click(screen.getByRole("button", { name: /Physician who orders it/ }));
    await userEvent.click(await screen.findByRole("option", { name: "FERREIRA, Ana (Dr)" }));
    expect(await screen.findByText(/Put A9998 26 000140 back at Fridge 1, shelf A\. Scan another unit\./)).toBeVisible();
    expect(screen.queryByText(/below/)).not.toBeInTheDocument();
    expect(screen.queryByRole("grid", { name: /units/i })).not.toBeInTheDocument();
  });

  test("an incompatible crossmatch or a wrong ABO group opens no emergency way", async () => {
    const { backend } = desk(some, () => gatesView({ specimen: { result: "stop", code: "sample_missing" }, crossmatch: { result: "stop", code: "crossmatch_incompatible" } }));
    await open("/blood/issue", backend);
    await both("=WHOLE140");
    expect(await screen.findByText(/CROSSMATCH_INCOMPATIBLE/)).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /Emergency release/ })).not.toBeInTheDocument();
  });

  test("makes the slip of the pair before anything leaves", async () => {
    const { backend, sent } = desk(some, stop, { "slip.make": () => ({ id: "01a1feb5-ff79-7000-8000-000000000148", text: `HSC1${"0F".repeat(120)}`, patient: request.patient, unit: good, at: "2026-11-20T14:46:00Z" }) });
    await open("/blood/issue", backend);
    await both("=WHOLE140");
    await userEvent.click(await screen.findByRole("button", { name: "Make the slip" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(await dialog.findByRole("img", { name: /Code of the slip/ })).toBeInTheDocument();
    expect(dialog.getByText("LD4H8P2RVA9")).toBeInTheDocument();
    expect(sent("slip.make")).toEqual([{ unit: "u-140", patient: "p-1" }]);
    expect(await faults()).toEqual([]);
  });

  test("a stop says why, by which rule, that nobody can override it, and what to do now", async () => {
    const { backend } = desk(some, stop);
    await open("/blood/issue", backend);
    await both();
    const alert = (await screen.findByRole("heading", { name: "This unit cannot be issued to this patient" })).closest("section")!;
    expect(alert).toHaveTextContent("The unit is group B RhD POSITIVE. The patient is group A RhD NEGATIVE.");
    expect(alert).toHaveTextContent("Nobody can override this rule.");
    expect(alert).toHaveTextContent("Put A9998 26 000455 back at Fridge 2, shelf B.");
    expect(screen.getByText("1 stop · 0 caution · 17 pass · 3 not yet")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /^Issue / })).not.toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Go past this warning" })).not.toBeInTheDocument();
    expect(screen.getByText("ABO and RhD")).toBeInTheDocument();
  });

  test("a digit chooses an alternative, the button reserves it, and then its label must be scanned", async () => {
    const { backend, sent } = desk(some, stop, { "unit.reserve": () => ({}) });
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
    const { backend } = desk(some, stop);
    await open("/blood/issue", backend);
    await screen.findByRole("heading", { name: "Issue blood" });
    await scan("&#9912BAND");
    await screen.findByRole("button", { name: "Reserve unit 1, then scan it" });
    await userEvent.type(screen.getByRole("textbox", { name: "Donation number" }), "2");
    expect(screen.getByRole("button", { name: "Reserve unit 1, then scan it" })).toBeInTheDocument();
  });

  test("a unit's scan replaces the unit only", async () => {
    const { backend, sent } = desk(some, stop);
    await open("/blood/issue", backend);
    await both();
    await screen.findByRole("heading", { name: "This unit cannot be issued to this patient" });
    await scan("=A99982600014000");
    expect(await screen.findByRole("heading", { name: "This unit may be issued to this patient" })).toBeInTheDocument();
    expect(sent("counter.ask").at(-1)).toEqual({ patient: "p-1", unit: "u-140" });
  });

  test("s22: another patient's wristband clears everything, stops, and the near miss is in the book", async () => {
    const { backend, sent } = desk(some, stop, { "issue.scan": () => { throw new CommandFailed({ ...refuse("wristband_of_another"), args: { nearMiss: "c-7", clears: "true" } }); } });
    await open("/blood/issue", backend);
    await both();
    await screen.findByRole("heading", { name: "This unit cannot be issued to this patient" });
    tone.mockClear();
    await scan("&#9912OTHER");
    expect(await screen.findByText(/That is another patient/)).toBeInTheDocument();
    expect(tone).toHaveBeenCalledTimes(1);
    await waitFor(() => expect(sent("issue.scan")).toEqual([{ patient: "p-1", unit: "u-455", wristband: "p-2" }]));
    expect(await screen.findByRole("link", { name: /near miss/i })).toHaveAttribute("href", expect.stringContaining("/reactions/c-7"));
    // Nothing of the pair is left, and the wrong patient is not taken over either.
    expect(screen.queryByText(/2 samples agree/)).not.toBeInTheDocument();
    expect(screen.queryByRole("heading", { name: "This unit cannot be issued to this patient" })).not.toBeInTheDocument();
    await scan("&#9912BAND");
    expect(await screen.findByText(/2 samples agree/)).toBeInTheDocument();
    expect(screen.queryByText(/That is another patient/)).not.toBeInTheDocument();
  });

  test("a bag for a massive transfusion that is open is given under it", async () => {
    const { backend, sent } = desk(some, () => ({ ...gatesView({}, { request }), protocol: { id: "m-1", pack: null } }), { "issue.give": () => ({ id: "i-1" }) });
    await open("/blood/issue", backend);
    await both("=WHOLE140");
    await userEvent.click(await screen.findByRole("checkbox", { name: /For the massive transfusion of SMITH/ }));
    await userEvent.click(await screen.findByRole("radio", { name: /Looked at/ }));
    await userEvent.type(screen.getByRole("textbox", { name: /Collected by/ }), "Grace Mutua");
    await userEvent.click(screen.getByRole("button", { name: /^Issue A9998/ }));
    await waitFor(() => expect(sent("issue.give")).toMatchObject([{ protocol: "m-1" }]));
  });

  test("s61: what stands on a downtime form is entered with its time, its person and its reason", async () => {
    const refused = { code: "unit_expired" as const, kind: "needs_override" as const, rules: ["unit_expired" as const], args: {} };
    const paper: Gate = ({ happened }) => ({ ...gatesView({ unit_in_date: { result: "stop", code: "unit_expired" } }, { request }), refused: happened ? refused : { ...refused, kind: "refusal", rules: [] } }) as IssueGates;
    const { backend, sent } = desk(some, paper, { "issue.give": () => ({ id: "i-1" }) });
    await open("/blood/issue", backend);
    await both("=WHOLE140");
    await screen.findByRole("heading", { name: "This unit cannot be issued to this patient" });
    await userEvent.click(await screen.findByRole("checkbox", { name: /happened earlier/ }));
    await userEvent.type(screen.getByRole("textbox", { name: /Time it happened/ }), "0915");
    await userEvent.click(screen.getByRole("button", { name: /Who did it/ }));
    await userEvent.click(await screen.findByRole("option", { name: /MBEKI/ }));
    expect(sent("issue.gates").at(-1)).not.toHaveProperty("happened");
    await userEvent.type(screen.getByRole("textbox", { name: /Which form/ }), "Issue log, sheet 2");
    await waitFor(() => expect(sent("issue.gates").at(-1)).toMatchObject({ happened: { wall: "2026-11-20T09:15", by: "mbeki", reason: "Issue log, sheet 2" } }));
    // What stopped it then is a rule to be named now.
    expect(await screen.findByRole("heading", { name: /needs a decision before it is issued/ })).toBeInTheDocument();
  });

  test("the wrong kind of code says what it was", async () => {
    const { backend } = desk(some, stop);
    await open("/blood/issue", backend);
    await screen.findByRole("heading", { name: "Issue blood" });
    await scan("&#9912BAND");
    await screen.findByText(/2 samples agree/);
    await scan("=<E0382V00");
    expect(await screen.findByText("That is the product code; scan the donation number of the unit.")).toBeInTheDocument();
  });

  test("issues after the bag was looked at and somebody collects it, and says what was issued to whom", async () => {
    const { backend, sent } = desk(some, stop, { "issue.give": () => ({ id: "i-1" }) });
    await open("/blood/issue", backend);
    await both("=WHOLE140");
    await screen.findByRole("heading", { name: "This unit may be issued to this patient" });
    const button = () => screen.getByRole("button", { name: "Issue A9998 26 000140 to SMITH, John (Mr)" });
    expect(button()).toHaveAttribute("aria-disabled", "true");
    await userEvent.click(button());
    expect(sent("issue.give")).toEqual([]);
    await userEvent.click(screen.getByRole("radio", { name: /Looked at/ }));
    await userEvent.type(screen.getByRole("textbox", { name: /Collected by/ }), "Grace Mutua");
    await userEvent.click(button());
    expect(await screen.findByRole("heading", { name: "Issued to SMITH, John (Mr)" })).toBeInTheDocument();
    expect(screen.getByText(/Red cells A9998 26 000140, collected by Grace Mutua at 14:46/)).toBeInTheDocument();
    expect(sent("issue.give")).toEqual([{
      unit: "u-140", patient: "p-1", wristband: "p-1", bag: { din: "A999826000140", productCode: "E0382V00", group: A_NEG }, slip: null,
      collectedBy: "Grace Mutua", appearanceOk: true, emergency: null, protocol: null, override: null, second: null,
    }]);
    expect(screen.getByRole("button", { name: "Next patient" })).toBeInTheDocument();
  });

  test("a bag that looks wrong is not issued and says where it goes", async () => {
    const { backend } = desk(some, stop);
    await open("/blood/issue", backend);
    await both("=WHOLE140");
    await userEvent.click(await screen.findByRole("radio", { name: "Something is wrong with the bag" }));
    expect(screen.getByText(/Do not issue it. Put it in quarantine/)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: /^Issue A9998/ })).toHaveAttribute("aria-disabled", "true");
  });

  test("goes past a warning only with the rule, a reason and, when asked, a second person; nothing typed is lost", async () => {
    const { backend, sent } = desk(some, warn, {
      "issue.give": (req) => (req.second?.password === "right" ? { id: "i-1" } : fail("second_person_refused")),
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
    expect(dialog.getByText("Second person", { selector: "legend" })).toBeInTheDocument();
    expect(act()).toHaveAttribute("aria-disabled", "true");
    await userEvent.type(dialog.getByRole("textbox", { name: "Their user name" }), "sokafor");
    await userEvent.type(dialog.getByLabelText("Their password"), "wrong");
    await userEvent.click(act());
    expect(await dialog.findByText(/The second person was not accepted/)).toBeInTheDocument();
    expect(dialog.getByLabelText("Their password")).toHaveValue("");
    await userEvent.type(dialog.getByLabelText("Their password"), "right");
    await userEvent.click(act());
    expect(await screen.findByRole("heading", { name: /Issued to SMITH/ })).toBeInTheDocument();
    expect(sent("issue.give").at(-1)).toMatchObject({
      unit: "u-455", patient: "p-1", collectedBy: "Grace Mutua", appearanceOk: true, emergency: null,
      override: { rules: ["rhd_mismatch"], reason: "Massive bleeding, no RhD NEGATIVE left" }, second: { user: "sokafor", password: "right" },
    });
  });

  test("a role that may not go past warnings is told who can", async () => {
    const { backend } = desk(some, warn);
    await open("/blood/issue", backend, all.filter((p) => p !== "override_blood_warning"));
    await both();
    const button = await screen.findByRole("button", { name: "Go past this warning" });
    expect(button).toHaveAttribute("aria-disabled", "true");
    expect(button).toHaveAccessibleDescription(/Your role does not go past blood warnings/);
    await userEvent.click(button);
    expect(screen.queryByRole("alertdialog")).not.toBeInTheDocument();
  });

  test("a scan under an open question changes nothing and says so", async () => {
    const { backend, sent } = desk(some, warn);
    await open("/blood/issue", backend);
    await both();
    await userEvent.click(await screen.findByRole("button", { name: "Go past this warning" }));
    await screen.findByRole("alertdialog");
    await scan("=A99982600014000");
    expect(await screen.findByText(/A scan came while this question is open/)).toBeInTheDocument();
    expect(sent("counter.ask").at(-1)).toEqual({ patient: "p-1", unit: "u-455" });
  });

  test("an Enter at a scanner's pace presses no button, of a code we know or not", async () => {
    const { backend, sent } = desk(some, stop, { "unit.reserve": () => ({}) });
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
      "patient.view": () => patientView(), "unit.view": () => unitView(bad), "counter.ask": some,
      "unit.list": () => ({ rows: [bad, two], total: 2 }),
    }, {
      ...scans,
      "=A99982600045500": [{ kind: "donation_number", din: bad.din, check: bad.check, unit: null }] as ScanPart[],
      "=<E0382VA0": [{ kind: "product", code: "E0382VA0", component: "red_cells", name: null }] as ScanPart[],
      "=BOTH": [{ kind: "donation_number", din: bad.din, check: bad.check, unit: null }, { kind: "product", code: "E0382VA0", component: "red_cells", name: null }] as ScanPart[],
    });
    await open("/blood/issue", backend);
    await screen.findByRole("heading", { name: "Issue blood" });
    await scan("=A99982600045500");
    expect(await screen.findByText(/More than one bag here carries this number/)).toBeInTheDocument();
    await scan("=<E0382V00");
    await waitFor(() => expect(sent("counter.ask").at(-1)).toEqual({ patient: null, unit: "u-455" }));
    expect(screen.queryByText(/More than one bag here carries this number/)).not.toBeInTheDocument();
    // It stands here: read again, its number is its own, until a product code says that it is the other bag.
    await scan("=A99982600045500");
    expect(screen.queryByText(/More than one bag here carries this number/)).not.toBeInTheDocument();
    tone.mockClear();
    await scan("=<E0382VA0");
    expect(tone).toHaveBeenCalledTimes(1);
    expect(screen.getByText(/the product code of the bag differs/)).toBeInTheDocument();
    // Scanned in one go it is taken for what it is.
    await scan("=BOTH");
    await waitFor(() => expect(sent("counter.ask").at(-1)).toEqual({ patient: null, unit: "u-456" }));
  });

  test("has no fault that axe can find, refused or ready or asking", async () => {
    const { backend } = desk(some, warn);
    const { container } = await open("/blood/issue", backend);
    await screen.findByRole("heading", { name: "Issue blood" });
    expect(await faults(container)).toEqual([]);
    await both();
    await userEvent.click(await screen.findByRole("button", { name: "Go past this warning" }));
    await screen.findByRole("alertdialog");
    expect(await faults()).toEqual([]);
  });
});

