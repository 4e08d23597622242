import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { readFileSync } from "node:fs";
import { describe, expect, it, test, vi } from "vitest";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import type { ForecastDay, ForecastLine, ForecastView, OfferBag, Offers, Permission, UnitRow, WhatIfAnswer } from "../../wire";
import { ticksUpTo } from "./Chart";
import { screens as stock } from "../stock/screens";
import { screens } from "./screens";
import { chanceWords, countedWords, coverWords, intervalWords, meanWords, pointWords, shareInterval } from "./words";

vi.setConfig({ testTimeout: 60_000 });

const line = (patch: Partial<ForecastLine> = {}): ForecastLine => ({
  group: { abo: "O", rhd: "negative" }, method: "smoothed", daily: 1.72, week: { mean: 12.04, low: 8, high: 17 }, month: { mean: 48, low: 36, high: 61 },
  free: 9, ending: 2, held: 1, coverDays: 5.9, runsOut: 0.004, floor: 4, orderTo: 15, why: "service", order: 7, ...patch,
});

const day = (n: number) => new Date(Date.UTC(2026, 8, 26 + n)).toISOString().slice(0, 10);
const days = (known: number): ForecastDay[] => [
  ...Array.from({ length: 56 }, (_, n) => ({ day: day(n), used: n < 56 - known ? null : n % 4, expected: null })),
  ...Array.from({ length: 14 }, (_, n) => ({ day: day(56 + n), used: null, expected: { mean: 1.5, low: 0, high: 4 } })),
];

const view = (patch: Partial<ForecastView> = {}): ForecastView => ({
  asOf: "2026-11-21T09:00:00Z", daysKnown: 300, intervalPercent: 95, days: days(56), unconfirmed: false, counted: { given: 310, byBag: 0, lacking: 0, lackingCounted: 0 },
  lines: [line(), line({ group: { abo: "B", rhd: "negative" }, orderTo: 0, order: 0, why: "too_rare", coverDays: null, runsOut: 0 })], ...patch,
});

const share = (mean: number, low: number, high: number) => ({ mean, low, high });
const answer: WhatIfAnswer = {
  now: { waste: share(0.05, 0.03, 0.07), fulfilment: share(0.97, 0.94, 1.002), critical: share(0.99, 0.97, 1.01), oNegative: share(0.2, 0.1, 0.3) },
  then: { waste: share(0.15, 0.12, 0.18), fulfilment: share(0.9, 0.88, 0.92), critical: share(0.99, 0.97, 1.01), oNegative: share(0.25, 0.1, 0.4) },
  difference: { waste: share(0.1, 0.08, 0.12), fulfilment: share(-0.07, -0.09, -0.05), critical: share(0, 0, 0), oNegative: share(0.05, -0.02, 0.12) },
  daily: 6.2, days: 180, runs: 6,
};

const noOffers: Offers = { asOf: "2026-11-21T09:00:00Z", withinDays: null, together: false, below: 50, useDays: 28, staleDays: 28, sites: [], offers: [], nowhere: [], leftOut: 0 };

function start(path = "/forecast", what: ForecastView = view(), offers: Offers = noOffers, permissions: Permission[] = ["see_stock"]) {
  const backend = memory({
    "app.status": () => statusOf({ door: "signed_in", facility: clinic, session: { user: "u", displayName: "OKELLO, Amina", role: "blood_bank_scientist", permissions, since: "2026-11-20T08:00:00Z" } }),
    "stock.forecast": () => what,
    "stock.what_if": () => answer,
    "stock.offers": () => offers,
    "site.use": () => ({}),
    "transfer.begin": () => ({ id: "box 1" }),
    "draft.put": () => ({}),
  });
  render(<Program backend={backend} screens={[...screens, ...stock]} path={path} />);
  return backend;
}

describe("the forecast", () => {
  it("says for each group what is needed, what is there, what to order and why, and that a person decides", async () => {
    start();
    const table = await screen.findByRole("table", { name: /Need, stock and suggested order/ });
    const [, first, second] = within(table).getAllByRole("row");
    expect(first).toHaveTextContent("1.78 to 17mean 1236 to 61mean 48");
    expect(first).toHaveTextContent("5 daysUnder 1 %15Enough until the next delivery7");
    expect(second).toHaveTextContent("No need expected0 %0Used too rarely to keep; another group stands inNothing");
    expect(screen.getByText(/A person decides what is ordered/)).toBeVisible();
    expect(screen.getByText("7 units in all")).toBeVisible();
    expect(screen.queryByText(/mix of blood groups/)).toBeNull();
    expect(await faults()).toEqual([]);
  });

  it("says what is counted as need: by the patient's group, by the bag's where that is unknown, and what was not supplied", async () => {
    start();
    expect(await screen.findByText("Counted as need: units that were given, each under the blood group of its patient: 310.")).toBeVisible();
    expect(screen.queryByText(/group of the bag counts/)).toBeNull();
    expect(countedWords({ given: 310, byBag: 4, lacking: 9, lackingCounted: 6.5 })).toBe("Counted as need: units that were given, each under the blood group of its patient: 310. Where nobody knows the patient's group, the group of the bag counts: 4 of these. Also counted are units that were asked for and not supplied: 9, which count as 6.5. In an emergency every one counts, otherwise the part that is usually given.");
  });

  it("asks for the component that is chosen", async () => {
    const backend = start();
    await userEvent.click(await screen.findByRole("radio", { name: "Platelets" }));
    await waitFor(() => expect(backend.of("stock.forecast").at(-1)).toEqual({ component: "platelets" }));
  });

  it("says that few days are known, that the numbers lean on the book, and that nobody confirmed it", async () => {
    start("/forecast", view({ daysKnown: 13, days: days(13), unconfirmed: true, lines: [line({ group: null, method: "cold_start" })] }));
    expect(await screen.findByText(/Use is known for 13 days only/)).toBeVisible();
    expect(screen.getByText(/Nobody at this facility has confirmed/)).toBeVisible();
    expect(screen.getByText("All groups together")).toBeVisible();
    expect(screen.getByText("From the mix of the book")).toBeVisible();
  });

  it("says that no use is known when there is none", async () => {
    start("/forecast", view({ daysKnown: 0, days: days(0), lines: [line({ method: "cold_start", daily: 0, coverDays: null, runsOut: 0, orderTo: 0, order: 0 })] }));
    expect(await screen.findByText(/No use of this component is known yet/)).toBeVisible();
    expect(screen.getByText("No use known in these eight weeks")).toBeVisible();
    // A 0 would say that nothing is needed.
    const [, row] = within(screen.getByRole("table")).getAllByRole("row");
    expect(row).toHaveTextContent("Not knownNot knownNot known921Not knownNot known0No need is knownNothing");
    expect(screen.getByText("Nothing to order now")).toBeVisible();
  });

  it("is read day by day with the arrow keys, and as a table of the same numbers", async () => {
    start();
    const chart = await screen.findByRole("slider");
    chart.focus();
    expect(chart).toHaveAttribute("aria-valuetext", "21-Nov-2026: 1.5 expected, likely 0 to 4");
    await userEvent.keyboard("{ArrowLeft}");
    expect(chart).toHaveAttribute("aria-valuetext", "20-Nov-2026: 3 units used");
    await userEvent.keyboard("{Home}");
    expect(chart).toHaveAttribute("aria-valuenow", "1");
    await userEvent.click(screen.getByRole("radio", { name: "Table" }));
    const rows = within(screen.getByRole("table", { name: /day by day/ })).getAllByRole("row");
    expect(rows).toHaveLength(71);
    expect(rows[56]).toHaveTextContent("20-Nov-20263");
    expect(rows[57]).toHaveTextContent("21-Nov-20261.50 to 4");
    expect(await faults()).toEqual([]);
  });

  it("says when it cannot be read, and reads again", async () => {
    const backend = start();
    backend.answers["stock.forecast"] = () => refuse({ code: "internal", kind: "fault" });
    backend.news();
    expect(await screen.findByText("The forecast could not be read")).toBeVisible();
    backend.answers["stock.forecast"] = () => view();
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("slider")).toBeVisible();
  });
});

const bag = (n: number, there: number | null): OfferBag => ({ id: `u${n}`, din: `A99982600010${n}`, check: "K", group: { abo: "B", rhd: "negative" }, endsAt: "2026-11-26T20:59:00Z", daysLeft: 5, here: 0.12, there });
const clinic1 = { name: "Hill Clinic", uses: [], saidAt: null, saidBy: null, stale: false };
const listed: Offers = { ...noOffers, withinDays: 10, sites: [clinic1], nowhere: [bag(1, null)] };
const operator: Permission[] = ["see_stock", "receive_blood"];

describe("short-dated units", () => {
  it("are told although no other site is known, with what the list would need", async () => {
    start("/forecast", view(), { ...listed, sites: [] });
    expect(await screen.findByText("Ending within 10 days and used here in time with less than 50 %")).toBeVisible();
    expect(screen.getByText("No other site is known here.")).toBeVisible();
    expect(screen.getByText(/must know another site, by its key/)).toBeVisible();
    expect(within(screen.getByRole("table", { name: /nobody to offer them to/ })).getAllByRole("row")[1]).toHaveTextContent("12 %");
    expect(screen.queryByRole("link", { name: "Open the sites" })).toBeNull();
    expect(await faults()).toEqual([]);
  });

  it("are not spoken of for a component that keeps", async () => {
    const backend = start("/forecast?component=plasma");
    expect(await screen.findByText(/A person decides what is ordered/)).toBeVisible();
    await waitFor(() => expect(backend.of("stock.offers")).toEqual([{ component: "plasma" }]));
    await waitFor(() => expect(screen.queryByText("Short-dated units to offer")).toBeNull());
  });

  it("go to the site that would rather use them: a box is begun, and nothing is sent by the list", async () => {
    const said = { ...clinic1, uses: [{ group: { abo: "B" as const, rhd: "negative" as const }, units: 40 }], saidAt: "2026-10-01T08:00:00Z", saidBy: "OKELLO, Amina", stale: true };
    const backend = start("/forecast", view(), { ...listed, sites: [said], offers: [{ to: "Hill Clinic", stale: true, bags: [bag(2, 0.9), bag(3, 0.8)] }], nowhere: [] }, operator);
    const table = await screen.findByRole("table", { name: "Send to Hill Clinic. Units: 2" });
    expect(within(table).getAllByRole("row")[1]).toHaveTextContent(/12 %.*90 %/);
    expect(screen.getByText(/Here they would likely end unused; Hill Clinic would clearly more likely use them/)).toBeVisible();
    expect(screen.getByText("What Hill Clinic uses was said long ago. Ask again before you send.")).toBeVisible();
    expect(screen.getByText("Older than 28 days: ask again")).toBeVisible();
    expect(await faults()).toEqual([]);
    expect(backend.of("transfer.begin")).toEqual([]);
    backend.answers["transfer.view"] = ({ id }) => ({ row: { id, from: clinic.name, to: "Hill Clinic", ours: true, component: "red_cells", bags: 0, open: 0, missing: 0, status: "packing", sentAt: null }, bags: [], readings: [], least: null, most: null, mostBags: 40, slip: null });
    const lies = (id: string): UnitRow => ({ ...bag(Number(id.slice(1)), null), productCode: "D1001V00", component: "red_cells", status: "available", expiresAt: "2026-11-26T20:59:00Z", place: `Fridge ${id.slice(1)}`, patient: null, patientName: null, until: null });
    backend.answers["unit.view"] = ({ id }) => ({ row: lies(id), volumeMl: 284, collectedAt: null, receivedAt: "2026-11-08T09:30:00Z", supplier: null, lowTitre: false, quarantines: [], quarantineReason: null, discardReason: null, given: false, labelUnread: false, history: [] });
    await userEvent.click(screen.getByRole("button", { name: "Begin a box" }));
    await waitFor(() => expect(backend.of("transfer.begin")).toEqual([{ to: "Hill Clinic", component: "red_cells" }]));
    // Nobody has to remember the numbers on the way to the fridge, nor when the box is opened again later.
    const carried = await screen.findByRole("table", { name: "Offered for this box" });
    expect(await within(carried).findByText("Fridge 3")).toBeVisible();
    expect(within(carried).getAllByRole("row")[1]).toHaveTextContent(/A9998 26 000102.*Fridge 2/);
    expect(backend.of("draft.put")).toEqual([{ screen: "offered/box 1", body: '{"offered":["u2","u3"]}' }]);
  });

  it("ask for what a site uses of every group, and keep nothing that is half said", async () => {
    const backend = start("/forecast", view(), listed, operator);
    await userEvent.click(await screen.findByRole("button", { name: "Enter what they use" }));
    const dialog = await screen.findByRole("dialog", { name: "What Hill Clinic uses" });
    const fields = within(dialog).getAllByRole("textbox");
    expect(fields).toHaveLength(8);
    for (const field of fields.slice(0, 7)) { await userEvent.clear(field); await userEvent.type(field, "3"); }
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    expect(await within(dialog).findByText("Enter a number; 0 where none was needed.")).toBeVisible();
    expect(backend.of("site.use")).toEqual([]);
    await userEvent.type(fields[7]!, "0");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(backend.of("site.use")).toHaveLength(1));
    const [sent] = backend.of("site.use") as { site: string; component: string; uses: { units: number }[] }[];
    expect(sent).toMatchObject({ site: "Hill Clinic", component: "red_cells" });
    expect(sent!.uses.map((use) => use.units)).toEqual([3, 3, 3, 3, 3, 3, 3, 0]);
  });

  it("are read by everybody and entered only by those who take blood in", async () => {
    start("/forecast", view(), listed);
    expect(await screen.findByText("Nobody has said it")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Enter what they use" })).toBeNull();
  });
});

describe("what if", () => {
  const at = "/forecast?view=what_if";
  const ask = () => screen.getByRole("button", { name: /Ask what would happen/ });

  it("asks nothing before something is chosen, and then the chosen changes in their units", async () => {
    const backend = start(at);
    await screen.findByRole("checkbox", { name: /The need grows/ });
    await userEvent.click(ask());
    expect(backend.of("stock.what_if")).toEqual([]);
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("checkbox", { name: /The need grows/ }));
    await userEvent.click(screen.getByRole("checkbox", { name: /kept surer/ }));
    await userEvent.click(screen.getByRole("checkbox", { name: /fresher or older/ }));
    await userEvent.click(ask());
    await waitFor(() => expect(backend.of("stock.what_if")).toEqual([{ component: "red_cells", changes: [{ kind: "need", percent: 130 }, { kind: "service", permille: 900 }, { kind: "life", least: 7, most: 14 }] }]));
  });

  it("answers before, after and the difference with intervals, and claims a way only where it is clear", async () => {
    start(at);
    await userEvent.click(await screen.findByRole("checkbox", { name: /Deliveries take/ }));
    await userEvent.click(ask());
    const table = await screen.findByRole("table", { name: /Before, after/ });
    const [, waste, fulfilment, critical, oNegative] = within(table).getAllByRole("row");
    expect(waste).toHaveTextContent("5.0 %3.0 % to 7.0 %15.0 %12.0 % to 18.0 %More+10.0 points+8.0 to +12.0");
    expect(fulfilment).toHaveTextContent("97.0 %94.0 % to 100.0 %");
    expect(fulfilment).toHaveTextContent("Less−7.0 points−9.0 to −5.0");
    expect(critical).toHaveTextContent("No difference");
    expect(oNegative).toHaveTextContent("No clear difference+5.0 points−2.0 to +12.0");
    expect(screen.getByText("Expected, not promised")).toBeVisible();
    expect(screen.getByText(/From 6 runs of 180 days each, at 6.2 units a day/)).toBeVisible();
    expect(screen.getByText("Delivery takes 3 days")).toBeVisible();
    expect(screen.queryByText(/The question has changed/)).toBeNull();
    await userEvent.click(screen.getByRole("checkbox", { name: /Deliveries take/ }));
    expect(screen.getByText(/The question has changed/)).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("says that it is being simulated while it is", async () => {
    const backend = start(at);
    let done: (a: WhatIfAnswer) => void = () => {};
    backend.answers["stock.what_if"] = () => new Promise((resolve) => { done = resolve; });
    await userEvent.click(await screen.findByRole("checkbox", { name: /Reservations hold/ }));
    await userEvent.click(ask());
    expect(await screen.findByRole("progressbar", { name: /Simulating the hospital/ })).toBeVisible();
    done({ ...answer, daily: 0.5 });
    expect(await screen.findByText(/Very little was used here/)).toBeVisible();
  });

  it.each([
    [/The need grows/, { field: "need", value: "0", least: "1", most: "1000" }, /Need, compared/, "0 cannot be asked. Enter 1 to 1000."],
    [/kept surer/, { field: "service", value: "1000", least: "500", most: "999" }, /Lasts until/, "100 cannot be asked. Enter 50 to 99.9."],
    [/fresher or older/, { field: "life", value: "14", least: "1", most: "365" }, /Longest/, "14 cannot be asked. Enter 1 to 365."],
    [/fresher or older/, { field: "life", value: "7", least: "1", most: "3" }, /Shortest/, "7 cannot be asked. Enter 1 to 3."],
  ])("shows a number out of bounds beside its field: %s", async (name, args, label, words) => {
    const backend = start(at);
    backend.answers["stock.what_if"] = () => refuse({ code: "out_of_bounds", args });
    await userEvent.click(await screen.findByRole("checkbox", { name }));
    await userEvent.click(ask());
    await waitFor(() => expect(screen.getByRole("textbox", { name: label })).toHaveAccessibleDescription(words));
    expect(await faults()).toEqual([]);
  });

  it("does not ask with an empty field, and says so beside it", async () => {
    const backend = start(at);
    await userEvent.click(await screen.findByRole("checkbox", { name: /Reservations hold/ }));
    await userEvent.clear(screen.getByRole("textbox", { name: "A reservation holds" }));
    await userEvent.click(ask());
    expect(await screen.findByText("Enter a number.")).toBeVisible();
    expect(backend.of("stock.what_if")).toEqual([]);
  });
});

describe("the words of numbers", () => {
  test("a mean has as many decimals as it deserves", () => expect([0, 0.004, 0.284, 3.44, 12.04].map(meanWords)).toEqual(["0.0", "Under 0.01", "0.28", "3.4", "12"]));
  test("an interval of one number is that number", () => expect([intervalWords({ low: 2, high: 2 }), intervalWords({ low: 8, high: 17 })]).toEqual(["2", "8 to 17"]));
  test("cover is rounded down and never longer than it is", () => expect([null, 0.9, 5.9, 900].map(coverWords)).toEqual(["No need expected", "Under 1 day", "5 days", "Over a year"]));
  test("only what is impossible or certain has 0 or 100 percent", () => expect([0, 0.001, 0.324, 0.999, 1].map(chanceWords)).toEqual(["0 %", "Under 1 %", "32 %", "Over 99 %", "100 %"]));
  test("no share goes beyond what a share can be", () => expect(shareInterval(-0.06, 1.03)).toBe("0.0 % to 100.0 %"));
  test("a change has its sign", () => expect([0.1, -0.052, 0].map(pointWords)).toEqual(["+10.0", "−5.2", "0.0"]));
  test("the ticks are whole numbers that reach the highest day", () => expect([1, 4, 7, 37].map(ticksUpTo)).toEqual([[0, 1], [0, 1, 2, 3, 4], [0, 2, 4, 6, 8], [0, 10, 20, 30, 40]]));
});

test("every sentence of the forecast exists in both languages with the same values", () => {
  type Entry = string | { match: Record<string, string> }[];
  const read = (locale: string) => JSON.parse(readFileSync(`messages/forecast/${locale}.json`, "utf8")) as Record<string, Entry>;
  const holes = (e: Entry) => [...new Set((typeof e === "string" ? [e] : e.flatMap((v) => Object.values(v.match))).flatMap((t) => t.match(/\{\w+\}/g) ?? []))].sort();
  const [en, ar] = [read("en"), read("ar")];
  expect(Object.keys(ar)).toEqual(Object.keys(en));
  for (const [key, entry] of Object.entries(en)) expect(holes(ar[key]!), key).toEqual(holes(entry));
});
