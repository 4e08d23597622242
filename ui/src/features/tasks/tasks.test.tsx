import { readFileSync } from "node:fs";
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import type { PatientRow, Todos, TodoRow } from "../../wire";
import { BloodHead } from "../bloodbank/common";
import { screens } from "./screens";
import { placeOf, whatWord, whenOf, whyWord } from "./words";

// Typing key by key is slow while other work fills both cores.
vi.setConfig({ testTimeout: 60_000 });

const patient: PatientRow = { id: "p1", family: "Oyelaran-Fitzgerald", given: "Oluwaseun", title: "Mr", birthDate: "1949-06-11", ageYears: 77, sex: "male", hospitalNumber: "HS000004K", similarName: false, deceased: false };
const alert: TodoRow = {
  id: "alert_ward/u1/p1", what: "alert_ward", urgent: true, whose: "ward", person: "Dr Ana Ferreira", why: "reactive", hold: null, site: null,
  bag: { id: "u1", din: "A999826000500", check: "K", component: "red_cells" }, patient, donor: null, din: null, place: null, component: null, groups: [], count: 0,
  since: "2026-11-20T12:00:00Z", due: null, overdue: false, link: { kind: "bag", id: "u1" },
};
const review: TodoRow = {
  ...alert, id: "medical_review/d1", what: "medical_review", urgent: false, whose: "physician", person: null, why: "gave_too_soon", bag: null, patient: null,
  donor: { id: "d1", number: "DN000001A", name: "Achieng, Mercy" }, din: "A999826000501", link: { kind: "donor", id: "d1" },
};
const owed: TodoRow = { ...alert, id: "retrospective/u2", what: "retrospective_crossmatch", urgent: false, whose: "blood_bank", person: null, why: "not_crossmatched", due: "2026-11-20T13:00:00Z", overdue: true, link: { kind: "issues" } };
const trace: TodoRow = { ...owed, id: "trace/u3", what: "trace_recipient", why: "recalled", due: "2026-11-23T13:00:00Z", overdue: false, link: { kind: "recall", id: "r1" } };
const red: TodoRow = { ...alert, id: "stock_critical/red_cells/", what: "stock_critical", whose: "blood_bank", person: null, why: "under_floor", bag: null, patient: null, component: "red_cells", groups: [{ abo: "O", rhd: "negative" }, { abo: "B", rhd: "positive" }], since: null, link: { kind: "board" } };
const ending: TodoRow = { ...red, id: "units_ending/platelets/", what: "units_ending", urgent: false, why: "ends_soon", component: "platelets", groups: [], count: 3, since: "2026-11-20T01:00:00Z", due: "2026-11-21T01:00:00Z", link: { kind: "units", component: "platelets" } };
const donors: TodoRow = { ...red, id: "ask_donors/r1/p1", what: "ask_donors", why: "shelf_cannot_fill", patient, groups: [{ abo: "A", rhd: "negative" }], count: 4, since: "2026-11-20T12:00:00Z", due: "2026-11-20T13:00:00Z", link: { kind: "appeal", request: "r1" } };
const todos = (rows: TodoRow[], leftOut: number | null = null): Todos => ({ rows, leftOut, count: { urgent: rows.filter((r) => r.urgent).length, all: rows.length + (leftOut ?? 0) }, asOf: "2026-11-20T14:46:00Z" });

function start(answer: () => Todos, path = "/blood/tasks") {
  const backend = memory({
    "app.status": () => statusOf({ door: "signed_in", facility: clinic, session: { user: "u", displayName: "OKELLO, Amina", role: "blood_bank_scientist", permissions: ["see_stock", "see_patients"], since: "2026-11-20T08:00:00Z" } }),
    "tasks.list": answer,
    "tasks.count": () => answer().count,
  });
  const head = { path: "/blood", area: "blood" as const, title: () => "Stock", component: () => <BloodHead /> };
  render(<Program backend={backend} screens={[...screens, head]} path={path} />);
  return backend;
}
const rowOf = (text: string | RegExp) => screen.getByText(text).closest<HTMLElement>('[role="row"]')!;

describe("the list of what is to be done", () => {
  it("says what, about whom, whose and by when, and marks the urgent by a shape and a word", async () => {
    start(() => todos([alert, owed, review, trace], 3));
    expect(await screen.findByText("1 urgent · 7 in all")).toBeVisible();
    const first = rowOf("Call the ward: this bag must not be given");
    expect(first).toHaveAttribute("data-state", "critical");
    const when = within(first).getByText("Urgent, now");
    expect(when).toHaveAttribute("data-kind", "critical");
    expect(when.querySelector("svg")).not.toBeNull();
    for (const text of ["A test of its donation is reactive", "Ward", "Dr Ana Ferreira"]) expect(within(first).getByText(text)).toBeVisible();
    expect(within(first).getByText(/OYELARAN-FITZGERALD/)).toBeVisible();
    expect(within(rowOf(/See this donor/)).getByText("Achieng, Mercy")).toBeVisible();
    expect(within(rowOf(/See this donor/)).getByText("As soon as possible")).toBeVisible();
    expect(within(rowOf("Crossmatch afterwards")).getByText("Overdue")).toBeVisible();
    expect(rowOf("Crossmatch afterwards")).not.toHaveAttribute("data-state");
    expect(within(rowOf("Find this patient and close the recall")).getByText("By")).toBeVisible();
    expect(screen.getByText("Not in this list, which shows what is most urgent: 3")).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("is walked and opened by keys", async () => {
    start(() => todos([alert, owed]));
    await screen.findByText("1 urgent · 2 in all");
    const grid = screen.getByRole("grid", { name: "To do" });
    act(() => within(grid).getAllByRole("row")[1]!.focus());
    await userEvent.keyboard("{ArrowDown}");
    expect(within(grid).getAllByRole("row")[2]).toHaveFocus();
    await userEvent.keyboard("{Enter}");
    // The address of the task is no screen of this test.
    expect(await screen.findByText("elsewhere")).toBeVisible();
  });

  it("shows one group of people alone, and says so when nothing waits for them", async () => {
    start(() => todos([alert, owed]));
    await userEvent.click(await screen.findByRole("radio", { name: "Physician" }));
    expect(await screen.findByText("Nothing is waiting for these people")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("radio", { name: "Blood bank" }));
    expect(await screen.findByText("Crossmatch afterwards")).toBeVisible();
    expect(screen.queryByText("Call the ward: this bag must not be given")).toBeNull();
    await userEvent.click(screen.getByRole("radio", { name: "All" }));
    expect(await screen.findByText("Call the ward: this bag must not be given")).toBeVisible();
  });

  it("draws the most urgent of very many first, and the rest when asked for", async () => {
    start(() => todos([alert, ...Array.from({ length: 119 }, (_, n) => ({ ...owed, id: `owed/${n}` }))]));
    await screen.findByText("1 urgent · 120 in all");
    const grid = screen.getByRole("grid", { name: "To do" });
    expect(within(grid).getAllByRole("row")).toHaveLength(101);
    await userEvent.click(screen.getByRole("button", { name: "Show more (20)" }));
    await waitFor(() => expect(within(grid).getAllByRole("row")).toHaveLength(121));
    expect(screen.queryByRole("button", { name: /Show more/ })).toBeNull();
  });

  it("says that nothing waits, and a task is gone when the program no longer sends it", async () => {
    let rows = [owed];
    const backend = start(() => todos(rows));
    await screen.findByText("Crossmatch afterwards");
    rows = [];
    backend.news();
    expect(await screen.findByText("Nothing is waiting")).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("says what went wrong when it cannot be read", async () => {
    start(() => refuse({ code: "forbidden" }));
    expect(await screen.findByText("The list could not be read")).toBeVisible();
    expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
  });

  it("stands in the tabs of the blood bank with how much of it is urgent", async () => {
    let rows = [alert, owed];
    const backend = start(() => todos(rows), "/blood");
    const tab = await screen.findByRole("link", { name: /To do/ });
    await waitFor(() => expect(tab).toHaveTextContent(/^To do1 urgent$/));
    rows = [owed];
    backend.news();
    await waitFor(() => expect(tab).toHaveTextContent(/^To do1$/));
    expect(within(tab).queryByText(/urgent/)).toBeNull();
    expect(await faults()).toEqual([]);
  });
});

describe("what the shelf asks for", () => {
  it("names the component and its groups, and says no time that nobody kept", async () => {
    start(() => todos([red, donors, ending]));
    const first = (await screen.findByText("Get these bags now: the next emergency could not be met")).closest<HTMLElement>('[role="row"]')!;
    expect(first).toHaveAttribute("data-state", "critical");
    expect(within(first).getByText("Red cells")).toBeVisible();
    expect(within(first).getByText("Less is free than is kept for emergencies")).toBeVisible();
    for (const group of [/^O/, /^B/]) expect(within(first).getAllByText(group).length).toBeGreaterThan(0);
    expect(first.querySelectorAll("time")).toHaveLength(0);
    expect(within(rowOf("Ask donors: the shelf lacks 4")).getByText(/OYELARAN-FITZGERALD/)).toBeVisible();
    expect(rowOf("Use these bags first, or offer them to another site: 3")).not.toHaveAttribute("data-state");
    expect(await faults()).toEqual([]);
  });

  it("leads to the board, to the free bags and to an appeal for that request", async () => {
    start(() => todos([red, donors, ending]));
    const link = async (name: string) => (await screen.findByRole("link", { name })).getAttribute("href");
    expect(await link("Get these bags now: the next emergency could not be met")).toMatch(/\/blood$/);
    expect(await link("Ask donors: the shelf lacks 4")).toMatch(/\/appeals\/new\?request=r1$/);
    expect(await link("Use these bags first, or offer them to another site: 3")).toMatch(/\/blood\/units\?component=platelets&status=available$/);
  });
});

describe("the words", () => {
  it("never say more of a donation than the program sent", () => {
    expect(whyWord({ ...alert, why: "not_free" })).toBe("Its donation is not free");
    expect(whyWord({ ...alert, why: "held", hold: null })).toBe("Its donation is not free");
    expect(whyWord({ ...alert, why: "held", hold: "reported_after" })).toBe("Its donation is held: The donor reported something afterwards");
  });

  it("name the steps that are open, and the judging when none is", () => {
    const work: TodoRow = { ...alert, what: "work_up_case", urgent: false, count: 4, link: { kind: "case", id: "c 1" } };
    expect(whatWord(work)).toBe("Work up this case. Steps open: 4");
    expect(whatWord({ ...work, count: 0 })).toBe("Judge this case and close it");
    expect(placeOf(work.link)).toBe("/reactions/c%201");
    expect(whenOf({ ...work, overdue: true }).kind).toBe("caution");
  });

  it("exist in both languages with the same values", () => {
    const read = (locale: string) => JSON.parse(readFileSync(`messages/tasks/${locale}.json`, "utf8")) as Record<string, string>;
    const [en, ar] = [read("en"), read("ar")];
    const holes = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    expect(Object.keys(ar)).toEqual(Object.keys(en));
    for (const [key, text] of Object.entries(en)) expect(holes(ar[key]!), key).toEqual(holes(text));
  });
});
