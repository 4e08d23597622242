import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { ScanPart } from "../../wire";
import { A_NEG, fail, faults, memory, open, O_NEG, scan } from "./memory.testkit";
import { emptyDraft, hear, missing, readTypedExpiry } from "./receiveDraft";

const { tone } = vi.hoisted(() => ({ tone: vi.fn() }));
vi.mock("../../app/tone", () => ({ errorTone: tone }));
beforeEach(() => tone.mockClear());

const number: ScanPart = { kind: "donation_number", din: "A999826000455", check: "G", unit: null };
const group: ScanPart = { kind: "group", group: A_NEG, donation_type: "voluntary" };
const product: ScanPart = { kind: "product", code: "E0382V00", component: "red_cells", name: null };
const expiry: ScanPart = { kind: "expiry", wall: "2026-12-05T23:59" };
const scans = {
  "=A99982600045500": [number],
  "=%0600": [group],
  "=<E0382V00": [product],
  "=<X9999V00": [{ kind: "product", code: "X9999V00", component: null, name: null }] as ScanPart[],
  "&>0263392359": [expiry],
  "=A99982600045500=%0600": [number, group],
  "=A99982600099900": [{ ...number, din: "A999826000999", check: "K" }] as ScanPart[],
  "&#1234LD4H8P2RVA9": [{ kind: "patient", number: "LD4H8P2RVA9", patient: "p-1" }] as ScanPart[],
  "=%G600": [{ kind: "group", group: { abo: "O", rhd: "negative", phenotype: "bombay" }, donation_type: "voluntary" }] as ScanPart[],
  "=%9500": [{ kind: "group", group: O_NEG, donation_type: "voluntary" }] as ScanPart[],
};

async function label() {
  return within((await screen.findAllByRole("group", { name: "Label as read" }))[0]!);
}

describe("receiving a unit", () => {
  test("takes the four codes in any order, says what is missing, saves, and is ready for the next", async () => {
    const { backend, sent } = memory({ "unit.receive": () => ({ id: "u-new" }) }, scans);
    await open("/blood/receive", backend);
    await label();
    await scan("&>0263392359");
    expect(screen.getByText("Read: 05-Dec-2026 23:59.")).toBeInTheDocument();
    await scan("=<E0382V00");
    await scan("=A99982600045500=%0600");
    const read = await label();
    expect(read.getByText("A9998 26 000455")).toBeInTheDocument();
    expect(read.getByRole("img", { name: "A RhD NEGATIVE" })).toBeInTheDocument();
    expect(read.getByText("Red cells")).toBeInTheDocument();
    expect(screen.getByText("Still missing: where it is stored.")).toBeInTheDocument();
    await userEvent.type(screen.getByRole("textbox", { name: /Stored in/ }), "Fridge 2, shelf B");
    await userEvent.click(screen.getByRole("button", { name: "Save this unit" }));
    expect(await screen.findByText(/A9998 26 000455 saved on this computer/)).toBeInTheDocument();
    expect(sent("unit.receive")).toEqual([{
      din: "A999826000455", productCode: "E0382V00", component: "red_cells", group: A_NEG, expiresWall: "2026-12-05T23:59",
      collectedWall: null, volumeMl: null, place: "Fridge 2, shelf B", supplier: null,
    }]);
    expect(screen.getByText(/Still missing: the donation number/, { selector: "p" })).toBeInTheDocument();
    expect(screen.getByRole("textbox", { name: /Stored in/ })).toHaveValue("Fridge 2, shelf B");
    const sitting = within(screen.getByRole("complementary", { name: "Received in this sitting" }));
    expect(sitting.getByText("A9998 26 000455")).toBeInTheDocument();
  });

  test("says what a wrong kind of code was and what is wanted, and changes nothing", async () => {
    const { backend } = memory({}, scans);
    await open("/blood/receive", backend);
    await label();
    await scan("=%0600");
    await scan("&#1234LD4H8P2RVA9");
    expect(screen.getByText(/^That is a patient's number; scan the donation number, the product code, the expiry date\.$/)).toBeInTheDocument();
    expect((await label()).getByRole("img", { name: "A RhD NEGATIVE" })).toBeInTheDocument();
  });

  // s14: `=%5100` while the keyboard stands in the number field.
  test("s14 a blood group scanned into the number field leaves it as it is, sounds, and is put where it belongs", async () => {
    const O_POS = { abo: "O", rhd: "positive" } as const;
    const { backend } = memory({}, { ...scans, "=%5100": [{ kind: "group", group: O_POS, donation_type: "voluntary" }] });
    await open("/blood/receive", backend);
    await label();
    const field = screen.getByRole("textbox", { name: "Donation number" });
    await userEvent.type(field, "A999");
    expect(field).toHaveFocus();
    await scan("=%5100");
    expect(field).toHaveValue("A999");
    expect(tone).toHaveBeenCalledTimes(1);
    expect(await screen.findByText("That is the blood group, not the donation number. It was put where it belongs, and the field was left as it is.")).toBeInTheDocument();
    expect((await label()).getByRole("img", { name: "O RhD POSITIVE" })).toBeInTheDocument();
    await scan("=A99982600045500");
    expect(tone).toHaveBeenCalledTimes(1);
    // Without a field under the keyboard any order is right.
    field.blur();
    await scan("=<E0382V00");
    expect(tone).toHaveBeenCalledTimes(1);
    await scan("&#1234LD4H8P2RVA9");
    expect(tone).toHaveBeenCalledTimes(2);
  });

  test("refuses a blood group in the number field calmly", async () => {
    const { backend } = memory({ "scan.read": () => ({ parts: [group] }) });
    await open("/blood/receive", backend);
    await userEvent.type(await screen.findByRole("textbox", { name: "Donation number" }), "%0600");
    await userEvent.click(screen.getByRole("button", { name: "Read number" }));
    expect(await screen.findByText("That is the blood group; this field takes the donation number.")).toBeInTheDocument();
    expect(screen.getByRole("textbox", { name: "Donation number" })).toHaveValue("%0600");
  });

  test("never tells the right check character", async () => {
    const { backend } = memory({ "scan.read": () => fail("check_character_wrong") });
    await open("/blood/receive", backend);
    await userEvent.type(await screen.findByRole("textbox", { name: "Donation number" }), "A999826000455X{Enter}");
    expect(await screen.findByText("This number does not check. Scan it, or read it again from the bag.")).toBeInTheDocument();
  });

  test("asks which component an unknown product code is", async () => {
    const { backend, sent } = memory({ "unit.receive": () => ({ id: "u-new" }) }, scans);
    await open("/blood/receive", backend);
    await label();
    await scan("=<X9999V00");
    expect(screen.getByText("No table here names X9999V00. Choose what the bag says.")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: /Component$/ }));
    await userEvent.click(await screen.findByRole("option", { name: "Platelets" }));
    await scan("=A99982600045500=%0600");
    await scan("&>0263392359");
    await userEvent.type(screen.getByRole("textbox", { name: /Stored in/ }), "Agitator 1");
    await userEvent.click(screen.getByRole("button", { name: "Save this unit" }));
    await waitFor(() => expect(sent("unit.receive")[0]).toMatchObject({ productCode: "X9999V00", component: "platelets" }));
  });

  test("a group that the scanner read is not typed over, and Bombay is sent as Bombay", async () => {
    const { backend, sent } = memory({ "unit.receive": () => ({ id: "u-new" }) }, scans);
    await open("/blood/receive", backend);
    await label();
    for (const code of ["=A99982600045500", "=%G600", "=<E0382V00", "&>0263392359"]) await scan(code);
    expect((await label()).getByRole("img", { name: "Bombay RhD NEGATIVE" })).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: /ABO/ }));
    await userEvent.click(await screen.findByRole("option", { name: "O" }));
    expect(screen.getByText(/The scanner read Bombay RhD NEGATIVE from this label/)).toBeInTheDocument();
    await userEvent.type(screen.getByRole("textbox", { name: /Stored in/ }), "Fridge 2");
    await userEvent.click(screen.getByRole("button", { name: "Save this unit" }));
    await waitFor(() => expect(sent("unit.receive")[0]).toMatchObject({ group: { abo: "O", rhd: "negative", phenotype: "bombay" } }));
  });

  test("keeps everything when the store says no", async () => {
    const { backend } = memory({ "unit.receive": () => fail("unit_known") }, scans);
    await open("/blood/receive", backend);
    await label();
    await scan("=A99982600045500=%0600");
    await scan("=<E0382V00");
    await scan("&>0263392359");
    await userEvent.type(screen.getByRole("textbox", { name: /Stored in/ }), "Fridge 1");
    await userEvent.click(screen.getByRole("button", { name: "Save this unit" }));
    expect(await screen.findByRole("heading", { name: "This unit is here already" })).toBeInTheDocument();
    expect(screen.getByText("This unit was not saved. Everything you scanned is still here.")).toBeInTheDocument();
    expect((await label()).getByText("A9998 26 000455")).toBeInTheDocument();
    expect(screen.getByRole("textbox", { name: /Stored in/ })).toHaveValue("Fridge 1");
  });

  test("asks before another bag's number replaces an unsaved one", async () => {
    const { backend } = memory({}, scans);
    await open("/blood/receive", backend);
    await label();
    await scan("=A99982600045500=%0600");
    await scan("=A99982600099900");
    expect(screen.getByText(/That is another donation number/)).toBeInTheDocument();
    expect((await label()).getByText("A9998 26 000455")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Start again with A9998 26 000999" }));
    const read = await label();
    expect(read.getByText("A9998 26 000999")).toBeInTheDocument();
    expect(read.queryByRole("img", { name: "A RhD NEGATIVE" })).not.toBeInTheDocument();
  });

  test("says that an unreadable scan is to be scanned again", async () => {
    const { backend } = memory({}, scans);
    await open("/blood/receive", backend);
    await label();
    await scan("=Q1234567");
    expect(screen.getByText(/That scan could not be read/)).toBeInTheDocument();
  });

  test("has no fault that axe can find", async () => {
    const { backend } = memory({}, scans);
    const { container } = await open("/blood/receive", backend);
    await label();
    await scan("=A99982600045500=%0600");
    expect(await faults(container)).toEqual([]);
  });
});

describe("the label being read", () => {
  test("a burst with one strange code changes nothing at all", () => {
    const { draft, heard } = hear(emptyDraft, [number, { kind: "patient", number: "1", patient: null }]);
    expect(draft).toBe(emptyDraft);
    expect(heard).toMatchObject({ kind: "wrong_kind" });
  });

  test("a second group on the label is said, with what it was", () => {
    const first = hear(emptyDraft, [group]).draft;
    const { heard } = hear(first, [{ kind: "group", group: O_NEG, donation_type: "" }]);
    expect(heard).toEqual({ kind: "replaced", what: "the blood group", old: "A RhD NEGATIVE" });
  });

  test("a component chosen for one code does not stay with another", () => {
    const chosen = { ...hear(emptyDraft, [{ kind: "product", code: "X1", component: null, name: null }]).draft, component: "plasma" as const };
    expect(hear(chosen, [product]).draft.component).toBeNull();
  });

  test("the unit is complete only with number, group, product, expiry and place", () => {
    expect(missing(emptyDraft)).toEqual(["din", "group", "product", "expiry", "place"]);
    expect(missing({ ...hear(emptyDraft, [number, group, product, expiry]).draft, place: "F1" })).toEqual([]);
  });

  test("a typed day lasts until 23:59, and an ambiguous one is not read", () => {
    expect(readTypedExpiry("05-Dec-2026")).toBe("2026-12-05T23:59");
    expect(readTypedExpiry("5 dec 2026 8:05")).toBe("2026-12-05T08:05");
    expect(readTypedExpiry("05/12/2026")).toBeNull();
    expect(readTypedExpiry("31-Feb-2026")).toBeNull();
    expect(readTypedExpiry("05-Dec-2026 25:00")).toBeNull();
  });
});
