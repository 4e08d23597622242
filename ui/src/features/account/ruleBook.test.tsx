import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { setLocale } from "../../paraglide/runtime";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import type { Permission, PolicyBook, RuleBookRow, RuleBookView } from "../../wire";
import { accountSentence } from "./refusals";
import { bookValueWords, bookWords, parsed, partsOf, placeInRow, placeNumber, placeWords, rowWords, typedOf, withTyped, written } from "./ruleBookValues";
import { doors, screens } from "./screens";

vi.setConfig({ testTimeout: 60_000 });

const row = (name: string, value: unknown, confirmed = false): RuleBookRow => ({ name, value: typeof value === "string" ? value : JSON.stringify(value), source: "WHO 2012 (K)", effectiveFrom: "2026-01-01", confirmed });

const rows = [
  row("donors.age_min", 18),
  row("donors.age_max_first", { whole_year: true, years: 65 }),
  row("donors.apheresis_weight", 500),
  row("donors.pressure", null),
  row("donors.bag_weights.1", { bag: 350, least: 450, more_than: false }),
  row("donors.intervals.1", { after_menopause: null, days: 84, from: "whole_blood", red_cells_returned: null, sex: "male", to: "whole_blood" }),
  row("deferrals.1", { code: "tattoo", lasts: { for: { months: 12 } }, only: [] }),
  row("deferrals.2", { code: "hiv", lasts: "permanent", only: [] }, true),
  row("lives.1", { anchor: "collection", product: "red_cells_additive", span: { days: 42 }, store: { agitated: false, coldest: 10, warmest: 60 } }),
  row("testing.mandatory.1", "hiv"),
];

const who: RuleBookView = { name: "who", version: 1, signed: null, rows };

function book(change: { version?: number; newestIs?: number; now?: RuleBookView; newest?: RuleBookView } = {}): PolicyBook {
  const version = change.version ?? 1;
  const newest = change.newestIs ?? version;
  const ruleBook = change.now ?? who;
  const of = (n: number) => ({ profile: "who", version: n, hash: `hash ${n}`, effectiveAt: n > version ? "2026-12-01T05:00:00Z" : "2026-01-01T00:00:00Z", adoptedAt: "2026-01-01T00:00:00Z", author: "OKELLO, Amina", reason: "the committee", urgent: false, inForce: n === version });
  const values = [{ name: "hold_hours", value: "24", source: "us", effectiveFrom: "2026-01-01", least: 1, most: 72, confirmed: true }];
  return {
    profile: "who", version, hash: `hash ${version}`, values, stock: [], ruleBook, ruleBooks: ["who", "fda", "eu", "uk", "india"],
    versions: Array.from({ length: newest }, (_, n) => of(newest - n)),
    electronic: { stands: "not_validated", program: "0.1.0", recordProven: false, validations: [] },
    newest: { version: newest, hash: `hash ${newest}`, values, stock: [], ruleBook: change.newest ?? ruleBook },
  };
}

function at(first: PolicyBook, permissions: Permission[] = ["adopt_policy"]) {
  const shown = { now: first };
  const status = statusOf({ door: "signed_in", facility: clinic, session: { user: "a", displayName: "OKELLO, Amina", role: "blood_bank_scientist", permissions, since: "2026-11-20T08:00:00Z" } });
  const backend = memory({ "app.status": () => status, "policy.show": () => shown.now, "policy.adopt": () => ({}), "draft.get": () => ({ body: null, at: null }), "draft.put": () => ({}), "draft.drop": () => ({}) });
  render(<Program backend={backend} screens={screens} doors={doors} path="/settings/rules" />);
  return { backend, shown };
}

async function change(name: string) {
  await userEvent.click(await screen.findByRole("button", { name: /^Show the rule book/ }));
  await userEvent.click(screen.getByRole("button", { name: `Change ${name}` }));
  return within(await screen.findByRole("dialog"));
}

async function type(dialog: ReturnType<typeof within>, name: string | RegExp, text: string) {
  const field = dialog.getByRole("textbox", { name });
  await userEvent.clear(field);
  await userEvent.type(field, text);
  await userEvent.tab();
}

const base = { base: "hash 1", values: [], stock: null, effectiveWall: null, urgent: false, ruleBook: null, rows: [], signFor: null };

describe("the rule book", () => {
  afterEach(() => setLocale("en", { reload: false }));

  it("says whose it is, that it is a draft, and each value in words", async () => {
    at(book({ now: { ...who, name: "who/TZ", version: 3 } }), []);
    expect(await screen.findByText("WHO, as Tanzania (TZ) changes it, version 3")).toBeVisible();
    expect(screen.getByText(/nobody of the country has signed it. 9 of 10 values wait/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Show the rule book (10 values)" }));
    expect(screen.getByText("Time between: Whole blood, then Whole blood, Male")).toBeVisible();
    expect(screen.getByText("Days between: 84 days")).toBeVisible();
    expect(screen.getByText("How long: 12 months; Only for: everything")).toBeVisible();
    expect(screen.getByText("Counted from: the collection; How long: 42 days; Kept in gentle movement: No; Kept no colder than: 1 °C; Kept no warmer than: 6 °C")).toBeVisible();
    expect(screen.getByText("50 kg")).toBeVisible();
    expect(screen.getByText("no limit")).toBeVisible();
    // Who may not adopt is offered nothing.
    for (const name of [/^Change/, "Another rule book", "Save as a file", "Sign"]) expect(screen.queryByRole("button", { name })).toBeNull();
    expect(await faults()).toEqual([]);
  });

  it("says who signed it, and is not signed twice", async () => {
    at(book({ now: { ...who, signed: { by: "OKELLO, Amina", country: "TZ", on: "2026-11-20" } } }));
    expect(await screen.findByText("Signed by OKELLO, Amina for Tanzania (TZ), 20-Nov-2026")).toBeVisible();
    expect(screen.getByRole("button", { name: "Another rule book" })).toBeVisible();
    expect(screen.queryByRole("button", { name: "Sign" })).toBeNull();
  });

  it("has a number changed in its own unit, looked at, and adopted with its source", async () => {
    const { backend } = at(book());
    const dialog = await change("Lowest body weight for donations by machine");
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    expect(dialog.getByText("Nothing is changed yet.")).toBeVisible();
    await type(dialog, "Lowest body weight for donations by machine", "52.5");
    // A new value needs its own origin: the field takes the focus.
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    expect(dialog.getByText("Say where the value comes from.")).toBeVisible();
    await vi.waitFor(() => expect(dialog.getByRole("textbox", { name: "Source" })).toHaveFocus());
    await userEvent.type(dialog.getByRole("textbox", { name: "Source" }), "Ministry circular 12");
    await userEvent.type(dialog.getByRole("textbox", { name: "Reason" }), "our committee");
    expect(await faults()).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    expect(dialog.getByText("50 kg")).toBeVisible();
    expect(dialog.getByText("52.5 kg")).toBeVisible();
    expect(backend.of("policy.adopt")).toEqual([]);
    expect(await faults()).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Adopt version 2" }));
    expect(await screen.findByText(/^Version 2 is adopted/)).toBeVisible();
    expect(backend.of("policy.adopt")).toEqual([{ ...base, reason: "our committee", rows: [{ name: "donors.apheresis_weight", value: "525", source: "Ministry circular 12", confirmed: false }] }]);
  });

  it("has a length of time changed in number and unit, from a day on", async () => {
    const { backend } = at(book());
    const dialog = await change("Deferral: Tattoo or piercing");
    expect(dialog.getByRole("radio", { name: "For a time, from the day it happened" })).toBeChecked();
    await type(dialog, "So long", "26");
    await userEvent.click(dialog.getByRole("button", { name: /Counted in/ }));
    await userEvent.click(await screen.findByRole("option", { name: "Days" }));
    await userEvent.type(dialog.getByRole("textbox", { name: "Source" }), "circular 12");
    await userEvent.click(dialog.getByRole("checkbox", { name: "Confirmed by a transfusion specialist" }));
    await userEvent.click(dialog.getByRole("radio", { name: /^From a day and hour on/ }));
    await userEvent.type(dialog.getByRole("textbox", { name: "Reason" }), "said so");
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    expect(dialog.getByText("Choose a day.")).toBeVisible();
    await userEvent.click(dialog.getByRole("radio", { name: "At once" }));
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    expect(dialog.getByText("12 months")).toBeVisible();
    expect(dialog.getByText("26 days")).toBeVisible();
    await userEvent.click(dialog.getByRole("button", { name: "Adopt version 2" }));
    const [sent] = backend.of("policy.adopt");
    expect(sent?.rows).toEqual([{ name: "deferrals.1", value: expect.any(String), source: "circular 12", confirmed: true }]);
    expect(JSON.parse(sent?.rows[0]?.value ?? "")).toEqual({ code: "tattoo", lasts: { for: { days: 26 } }, only: [] });
  });

  it("takes the mark of a specialist off a value that changes, and leaves one that stays its source", async () => {
    const { backend } = at(book());
    const dialog = await change("Deferral: HIV");
    expect(dialog.getByRole("checkbox", { name: "Confirmed by a transfusion specialist" })).toBeChecked();
    await userEvent.click(dialog.getByRole("radio", { name: "Until a person lifts it" }));
    expect(dialog.getByRole("checkbox", { name: "Confirmed by a transfusion specialist" })).not.toBeChecked();
    await userEvent.click(dialog.getByRole("radio", { name: "For ever" }));
    expect(dialog.getByRole("checkbox", { name: "Confirmed by a transfusion specialist" })).toBeChecked();
    await userEvent.click(dialog.getByRole("checkbox", { name: "Confirmed by a transfusion specialist" }));
    await userEvent.type(dialog.getByRole("textbox", { name: "Reason" }), "not looked at");
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    await userEvent.click(dialog.getByRole("button", { name: "Adopt version 2" }));
    expect(backend.of("policy.adopt")[0]?.rows).toEqual([{ name: "deferrals.2", value: JSON.stringify({ code: "hiv", lasts: "permanent", only: [] }), source: "WHO 2012 (K)", confirmed: false }]);
  });

  it("shows a limit that nobody has set, and how one is set", async () => {
    at(book());
    const dialog = await change("Blood pressure");
    expect(dialog.getAllByText("no limit")).toHaveLength(2);
    expect(dialog.getByText(/is set in a file: save the rule book/)).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("says a refusal in words inside the dialog, and nothing typed is lost", async () => {
    const { backend } = at(book());
    backend.answers["policy.adopt"] = () => refuse({ code: "policy_out_of_bounds", args: { name: "lives.RedCellsAdditive in hours", value: "10080", least: "1", most: "1176" } });
    const dialog = await change("Life: Red cells in additive solution");
    await type(dialog, "How long", "420");
    await userEvent.type(dialog.getByRole("textbox", { name: "Source" }), "mistyped");
    await userEvent.type(dialog.getByRole("textbox", { name: "Reason" }), "mistyped");
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    await userEvent.click(dialog.getByRole("button", { name: "Adopt version 2" }));
    expect(await dialog.findByText("Life: Red cells in additive solution cannot be 420 days: 1 hour to 49 days is possible.")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Go on writing" }));
    expect(dialog.getByRole("textbox", { name: "How long" })).toHaveValue("420");
  });

  it("names the row of a list whose number is refused, which the program names by its list alone", async () => {
    const { backend } = at(book());
    backend.answers["policy.adopt"] = () => refuse({ code: "policy_out_of_bounds", args: { name: "bag_weights.least", value: "300", least: "400", most: "700" } });
    const dialog = await change("Body weight for a bag: 350 mL");
    await type(dialog, "At least", "30");
    await userEvent.type(dialog.getByRole("textbox", { name: "Source" }), "mistyped");
    await userEvent.type(dialog.getByRole("textbox", { name: "Reason" }), "mistyped");
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    await userEvent.click(dialog.getByRole("button", { name: "Adopt version 2" }));
    expect(await dialog.findByText("Body weight for a bag: 350 mL, At least cannot be 30 kg: 40 kg to 70 kg is possible.")).toBeVisible();
  });

  it("never changes a value that somebody else has changed meanwhile without a second look", async () => {
    const { backend, shown } = at(book());
    backend.answers["policy.adopt"] = ({ base: on }) => (on === "hash 2" ? {} : refuse({ code: "changed" }));
    const dialog = await change("A donor is at least");
    await type(dialog, "A donor is at least", "17");
    await userEvent.type(dialog.getByRole("textbox", { name: "Source" }), "circular");
    await userEvent.type(dialog.getByRole("textbox", { name: "Reason" }), "us");
    shown.now = book({ version: 2, now: { ...who, rows: [row("donors.age_min", 19), ...rows.slice(1)] } });
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    await userEvent.click(dialog.getByRole("button", { name: "Adopt version 2" }));
    await userEvent.click(await dialog.findByRole("button", { name: "Read the rules again" }));
    expect(await screen.findByText(/^Somebody has changed this value meanwhile/)).toBeVisible();
    expect(screen.getByRole("textbox", { name: "A donor is at least" })).toHaveValue("19");
  });

  it("works on the newest version where that waits for its hour, and lets it wait", async () => {
    const newest = { ...who, version: 2, rows: [row("donors.age_min", 17), ...rows.slice(1)] };
    const { backend } = at(book({ newestIs: 2, newest }));
    expect(await screen.findByText(/^Version 2 of the rules has another rule book or other values in it/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: /^Show the rule book/ }));
    expect(screen.getByText("17 years")).toBeVisible();
    await userEvent.click(screen.getByRole("radio", { name: "In force now" }));
    expect(screen.getByText("18 years")).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Change/ })).toBeNull();
    await userEvent.click(screen.getByRole("radio", { name: "Version 2, not yet in force" }));
    await userEvent.click(screen.getByRole("button", { name: "Change A donor is at least" }));
    const dialog = within(await screen.findByRole("dialog"));
    await type(dialog, "A donor is at least", "16");
    await userEvent.type(dialog.getByRole("textbox", { name: "Source" }), "circular");
    await userEvent.type(dialog.getByRole("textbox", { name: "Reason" }), "us");
    // At once would bring the whole of version 2 into force at once too.
    expect(dialog.queryByText(/would then take effect earlier/)).toBeNull();
    await userEvent.click(dialog.getByRole("radio", { name: "At once" }));
    expect(dialog.getByText(/would then take effect earlier/)).toBeVisible();
    // Still there where the button is.
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    expect(dialog.getByText(/which is not in force yet/).closest("p")).toHaveTextContent(/01-Dec-2026,? 08:00/);
    expect(dialog.getByText(/would then take effect earlier/)).toBeVisible();
    await userEvent.click(dialog.getByRole("button", { name: "Go on writing" }));
    await userEvent.click(dialog.getByRole("radio", { name: /^From a day and hour on/ }));
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    await userEvent.click(dialog.getByRole("button", { name: "Adopt version 3" }));
    expect(backend.of("policy.adopt")).toEqual([expect.objectContaining({ base: "hash 2", effectiveWall: "2026-12-01T08:00" })]);
  });

  it("is signed by a person for a country, who has read it", async () => {
    const { backend } = at(book());
    await userEvent.click(await screen.findByRole("button", { name: "Sign" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByText("OKELLO, Amina")).toBeVisible();
    expect(dialog.getByText(/^9 of 10 values are not confirmed/)).toBeVisible();
    await userEvent.click(dialog.getByRole("button", { name: "Sign" }));
    expect(dialog.getByText("Choose the country.")).toBeVisible();
    expect(dialog.getByText("Only who has read it signs it.")).toBeVisible();
    expect(backend.of("policy.adopt")).toEqual([]);
    await vi.waitFor(() => expect(dialog.getByRole("combobox")).toHaveFocus());
    await userEvent.type(dialog.getByRole("combobox"), "(TZ{ArrowDown}{Enter}");
    await userEvent.click(dialog.getByRole("checkbox", { name: "I have read this rule book as it stands and answer for it in Tanzania (TZ)." }));
    expect(await faults()).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Sign" }));
    expect(await screen.findByText("The rule book is signed.")).toBeVisible();
    expect(backend.of("policy.adopt")).toEqual([{ ...base, signFor: "TZ", reason: "I have read this rule book as it stands and answer for it in Tanzania (TZ)." }]);
  });

  it("is signed for its own country only, and not before its hour", async () => {
    const newest = { ...who, name: "who/TZ" };
    const { backend } = at(book({ newestIs: 2, newest }));
    await userEvent.click(await screen.findByRole("button", { name: "Sign" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.queryByRole("combobox")).toBeNull();
    await userEvent.click(dialog.getByRole("checkbox"));
    await userEvent.click(dialog.getByRole("button", { name: "Sign" }));
    expect(backend.of("policy.adopt")).toEqual([expect.objectContaining({ base: "hash 2", signFor: "TZ", effectiveWall: "2026-12-01T08:00" })]);
  });

  it("is replaced by one of the program after what follows was said", async () => {
    const { backend } = at(book());
    await userEvent.click(await screen.findByRole("button", { name: "Another rule book" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.getByText(/^All values of donors, components and tests are replaced/)).toBeVisible();
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    expect(dialog.getByText("Choose a rule book.")).toBeVisible();
    await userEvent.click(dialog.getByRole("radio", { name: "FDA and AABB (United States)" }));
    await userEvent.type(dialog.getByRole("textbox", { name: "Reason" }), "our law");
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    expect(dialog.getByText("WHO, version 1")).toBeVisible();
    await userEvent.click(dialog.getByRole("button", { name: "Adopt version 2" }));
    expect(backend.of("policy.adopt")).toEqual([{ ...base, reason: "our law", ruleBook: { from: "built_in", name: "fda" } }]);
  });

  it("is replaced by one from a file, and a file that was refused is chosen anew", async () => {
    const { backend } = at(book());
    let picked = 0;
    backend.pickFiles = async () => [{ handle: `file-${++picked}`, name: `rules-${picked}.json` }];
    backend.answers["policy.adopt"] = ({ ruleBook }) => (ruleBook?.from === "file" && ruleBook.file === "file-1" ? refuse({ code: "rule_book_unfit", args: { why: "missing", detail: "mandatory.Hiv" } }) : {});
    await userEvent.click(await screen.findByRole("button", { name: "Another rule book" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.click(dialog.getByRole("radio", { name: /^One from a file/ }));
    await userEvent.type(dialog.getByRole("textbox", { name: "Reason" }), "Tanzania");
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    await vi.waitFor(() => expect(dialog.getByRole("button", { name: "Choose a file" })).toHaveFocus());
    await userEvent.click(dialog.getByRole("button", { name: "Choose a file" }));
    expect(await dialog.findByText("Chosen: rules-1.json")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    await userEvent.click(dialog.getByRole("button", { name: "Adopt version 2" }));
    expect(await dialog.findByText("The rule book lacks a value without which nobody can work: Tested in every donation: HIV (mandatory.Hiv).")).toBeVisible();
    expect(dialog.queryByRole("button", { name: "Adopt version 2" })).toBeNull();
    await userEvent.click(dialog.getByRole("button", { name: "Go on writing" }));
    await userEvent.click(dialog.getByRole("button", { name: "Choose a file" }));
    await userEvent.click(dialog.getByRole("button", { name: "Look at the change" }));
    await userEvent.click(dialog.getByRole("button", { name: "Adopt version 2" }));
    expect(await screen.findByText(/^Version 2 is adopted/)).toBeVisible();
    expect(backend.of("policy.adopt")[1]).toEqual({ ...base, reason: "Tanzania", ruleBook: { from: "file", file: "file-2" } });
  });

  it("is written to a file that is chosen or typed", async () => {
    const { backend } = at(book({ now: { ...who, name: "who/TZ" } }));
    const asked: string[] = [];
    backend.pickBackupPlace = async (_title, name) => { asked.push(name); return "/media/usb/book.json"; };
    backend.answers["policy.rule_book_save"] = ({ path }) => (path === "/media/usb/book.json" ? refuse({ code: "home_unsuitable", args: { why: "backup_other_file" } }) : {});
    await userEvent.click(await screen.findByRole("button", { name: "Save as a file" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.click(dialog.getByRole("button", { name: "Write the file" }));
    expect(dialog.getByText("Write a full path with a file name.")).toBeVisible();
    await userEvent.click(dialog.getByRole("button", { name: "Choose a place" }));
    expect(asked).toEqual(["rule-book-who-TZ-1-2026-11-20.json"]);
    await userEvent.click(dialog.getByRole("button", { name: "Write the file" }));
    expect(await dialog.findByText("Something already has this name. Nothing is written over.")).toBeVisible();
    expect(await faults()).toEqual([]);
    await type(dialog, "Write it to this file", "/media/usb/other.json");
    await userEvent.click(dialog.getByRole("button", { name: "Write the file" }));
    expect(await screen.findByText("The rule book is written to /media/usb/other.json")).toBeVisible();
  });

  it("offers back what was typed before a lock, and only over the same version", async () => {
    const { backend } = at(book());
    const form = { when: "now", day: null, time: "", reason: "half", typed: { "": 17 }, source: "circular", confirmed: null };
    backend.answers["draft.get"] = ({ screen: of }) => (of === "policy.book.donors.age_min" ? { body: JSON.stringify({ base: "hash 1", form }), at: "2026-11-20T14:00:00Z" } : { body: null, at: null });
    const dialog = await change("A donor is at least");
    await userEvent.click(await dialog.findByRole("button", { name: /Continue/ }));
    expect(dialog.getByRole("textbox", { name: "A donor is at least" })).toHaveValue("17");
    expect(dialog.getByRole("textbox", { name: "Reason" })).toHaveValue("half");
  });

  it("is there in Arabic", async () => {
    setLocale("ar", { reload: false });
    at(book({ now: { ...who, name: "who/TZ", signed: { by: "OKELLO, Amina", country: "TZ", on: "2026-11-20" } } }));
    expect(await screen.findByText(/تنزانيا/, { selector: "bdi" })).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: /^اعرض|^أظهر|كتاب القواعد \(/ }));
    expect(screen.getByText("وزن الجسم للكيس: \u2066350 mL\u2069", { selector: "bdi" })).toBeVisible();
    expect(screen.getByText("المدة: 12 شهرًا؛ فقط لـ: كل شيء")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: /^غيّر عمر المتبرع/ }));
    expect(await screen.findByRole("textbox", { name: "عمر المتبرع لا يقل عن" })).toBeVisible();
    expect(await faults()).toEqual([]);
  });
});

describe("a value of the rule book", () => {
  it.each([
    ["donors.age_max_first", { whole_year: true, years: 65 }, { years: 60, whole_year: false }, { whole_year: false, years: 60 }],
    ["donors.pulse", [50, 100], { "0": 55 }, [55, 100]],
    ["donors.pressure", { diastolic: [60, 100], refers: false, systolic: [100, 180] }, { "systolic.1": 170 }, { diastolic: [60, 100], refers: false, systolic: [100, 170] }],
    ["works.1", { component: "red_cells", latest_day: null, life: { days: 28 }, open: null, work: "irradiate" }, { life: { how: "for", count: 14, unit: "days" } }, { component: "red_cells", latest_day: null, life: { days: 14 }, open: null, work: "irradiate" }],
    ["testing.mandatory.1", "hiv", {}, "hiv"],
    ["lives.1", { store: { coldest: null, warmest: -180 } }, { "store.warmest": -200 }, { store: { coldest: null, warmest: -200 } }],
  ] as const)("%s keeps its shape and what nobody touched", (name, value, typed, next) => {
    expect(withTyped(name, value as never, typed as never)).toEqual(next);
    expect(withTyped(name, value as never, typedOf(name, value as never))).toEqual(value);
    expect(written(value as never)).toBe(typeof value === "string" ? value : JSON.stringify(value));
  });

  it("has a field for what may change and words for which row it is", () => {
    const interval = partsOf("donors.intervals.1", parsed('{"after_menopause":true,"days":84,"from":"whole_blood","red_cells_returned":null,"sex":"female","to":"plasma"}'));
    expect(interval.filter((p) => p.kind === "number" || p.kind === "flag").map((p) => p.id)).toEqual(["days"]);
    const limits = partsOf("donors.pressure", parsed('{"diastolic":[60,100],"refers":false,"systolic":[100,180]}'));
    expect(limits.map((p) => p.label)).toEqual(["Diastolic, lowest", "Diastolic, highest", "Outside it a physician decides, instead of a deferral", "Systolic, lowest", "Systolic, highest"]);
  });

  it.each([
    ["donors.intervals.1", '{"after_menopause":true,"days":84,"from":"whole_blood","red_cells_returned":null,"sex":"female","to":"plasma"}', "Time between: Whole blood, then Plasma by machine, Female, After menopause: Yes", "Days between: 84 days"],
    ["works.3", '{"component":"platelets","latest_day":null,"life":{"hours":4},"open":true,"work":"pool"}', "Treatment: Pool into one bag, Platelets, Opened: Yes", "Not after this day from the collection: no limit; Life from then on: 4 hours"],
    ["bags.2", '{"anticoagulant":"cpda1","anticoagulant_volume":63,"code":"double-450","sets":[["red_cells_cpda1","fresh_frozen_plasma"]],"tolerance_percent":10,"volume":450}', /^Bag: /, /May be made of it: Red cells, CPDA-1 \+ Fresh frozen plasma; Allowed above and below: 10 %; Volume: 450 mL$/],
    ["look_back.1", '{"due_days":3,"marker":"hiv","months":12}', "Look-back: HIV", "Done within: 3 days; Donations before the last negative test: 12 months"],
    ["donors.bag_weights.1", '{"bag":350,"least":450,"more_than":false}', "Body weight for a bag: 350 mL", "At least: 45 kg; More than the lowest, not as much: No"],
    ["of_a_later_program.4", '{"what":7}', "of a later program · 4", "what: 7"],
  ])("%s is read aloud", (name, value, words, says) => {
    expect(rowWords(name, parsed(value))).toEqual(typeof words === "string" ? words : expect.stringMatching(words));
    expect(bookValueWords(name, parsed(value))).toEqual(typeof says === "string" ? says : expect.stringMatching(says));
  });
});

describe("a refusal of the rule book", () => {
  it.each([
    ["lives.RedCellsAdditive in hours", "10080", "Life: Red cells in additive solution", "420 days"],
    ["donors.haemoglobin.female", "90", "Lowest haemoglobin, Women", "90 g/L"],
    ["bag_weights.least", "300", "Body weight for a bag: At least", "30 kg"],
    ["bag_weights.350.least", "300", "Body weight for a bag: 350 mL, At least", "30 kg"],
    ["limits.Plasma, Female.most", "90", "At most so often: Plasma by machine, female, At most so many donations", "90"],
    ["limits.Plasma.within_days", "900", /^At most so often: Plasma by machine, ./, "900 days"],
    ["donors.temperature_max", "390", "Highest temperature", "39 °C"],
    ["intervals.WholeBlood to WholeBlood, Male", "30", "Time between: Whole blood – Whole blood, male", "30 days"],
    ["donors.pressure.systolic to", "250", "Blood pressure, Systolic, highest", "250 mmHg"],
    ["deferrals.tattoo in hours", "90000", "Deferral: Tattoo or piercing", "3750 days"],
    ["volumes.FreshFrozenPlasma.grams_per_litre", "2000", "Volume: Fresh frozen plasma, Weight of a litre", "2000 g"],
    ["bags.triple-450.volume", "600", /^Bag: .*450 mL, Volume$/, "600 mL"],
    ["limits.most", "90", "At most so often: At most", "90"],
    ["intervals.WholeBlood to WholeBlood", "1", "Time between: Whole blood – Whole blood", "1 day"],
    ["look_back.Hiv", "900", "Look-back: HIV", "900"],
  ])("names %s in words", (place, value, words, number) => {
    expect(placeWords(place)).toEqual(typeof words === "string" ? words : expect.stringMatching(words));
    expect(placeNumber(place, value)).toBe(number);
  });

  it("names the row that is changed, and leaves a place of another part of the book as it is", () => {
    const limit = parsed('{"kind":"plasma","most":90,"sex":null,"within_days":365}');
    expect(placeInRow("donors.limits.2", limit, "limits.most")).toBe("At most so often: Plasma by machine, At most so many donations");
    expect(placeInRow("donors.limits.2", limit, "limits.within_days")).toMatch(/^At most so often: Plasma by machine, ./);
    expect(placeInRow("donors.limits.2", limit, "bag_weights.least")).toBeNull();
    expect(placeInRow("donors.age_min", 18, "donors.age_min")).toBeNull();
  });

  it.each(["unreadable", "no_value", "shape", "twice", "blank", "missing", "country", "signed", "signed_unread", "question"])("%s has its own sentence and what to do next", (why) => {
    const said = accountSentence({ code: "rule_book_unfit", kind: "refusal", args: { why, detail: "who" }, incident: null });
    const general = accountSentence({ code: "rule_book_unfit", kind: "refusal", args: {}, incident: null });
    expect(said.what).not.toBe(general.what);
    expect(said.next).not.toBe(general.next);
  });

  it("names a book by the country that changes it, and one of a file as it names itself", () => {
    expect(bookWords("who/TZ")).toBe("WHO, as Tanzania (TZ) changes it");
    expect(bookWords("uk")).toBe("United Kingdom, JPAC");
    expect(bookWords("our house")).toBe("our house");
    expect(bookWords("who/nowhere at all")).toBe("WHO, as nowhere at all changes it");
  });
});
