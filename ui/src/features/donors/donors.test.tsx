import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { DonorDesk, DonorLine, DonorRow, DonorView, DoubleView, Permission } from "../../wire";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import { screens } from "./screens";
import { whyWords } from "./words";

// Typing key by key is slow while other work fills both cores.
vi.setConfig({ testTimeout: 60_000 });

const all: Permission[] = ["see_donors", "register_donors", "screen_donors", "see_donor_tests", "adopt_policy"];
const today = "2026-11-20";
const rules = { name: "who", version: 1, signed: false, bags: [{ code: "triple-450", volumeMl: 450 }] };
const desk: DonorDesk = { rules, blocks: [], left: 300, next: { din: "A999726000700", check: "K" }, doubles: 0, donations: [], today };

const row: DonorRow = {
  id: "d1", number: "DN000001K", family: "Odhiambo", given: "Peter", birthDate: "1990-05-17", ageYears: 36, sex: "male",
  group: { state: "unknown" }, next: { kind: "whole_blood", on: today, why: null, code: null }, similarName: false,
};

const view: DonorView = {
  row, photo: null, phone: null, area: "Lakeside", paper: null, consent: { at: "2026-11-20T08:00:00Z", guardian: null }, deferrals: [], next: [row.next], donations: [],
  screenings: [], likelySame: [], samePerson: [], questions: [{ id: "feeling_well", when: false, asksWhen: false }, { id: "tattoo", when: true, asksWhen: true }], mayGive: false, screenedFor: null, elsewhere: [], health: { everPregnant: null, afterMenopause: null, hlaNegative: null }, groups: [], told: [],
  deferralCodes: ["tattoo"], rules, today,
};

const donation: DonorView["donations"][number] = { id: "n1", din: "A999826000500", check: "K", donor: "d1", donorName: "ODHIAMBO, Peter", kind: "whole_blood", begunAt: "2026-11-20T08:30:00Z", endedAt: "2026-11-20T08:40:00Z", volumeMl: 450, bag: "triple-450", redCellsReturned: null, holds: [], held: [], reactions: [], asked: true };

function start(path: string, patch: Partial<DonorView> = {}, permissions = all) {
  const backend = memory({
    "app.status": () => statusOf({ door: "signed_in", facility: clinic, session: { user: "u", displayName: "OKELLO, Amina", role: "blood_bank_scientist", permissions, since: "2026-11-20T08:00:00Z" } }),
    "donor.desk": () => desk,
    "donor.view": () => ({ ...view, ...patch }),
    "donor.contact": () => ({ channels: [{ channel: "sms", agreed: null, at: null }], reachable: true, messages: [], appointments: [] }),
    // A store that refused would leave what one test typed to be offered in the next.
    "draft.get": () => ({ body: null, at: null }),
    "draft.put": () => ({}),
    "draft.drop": () => ({}),
  });
  render(<Program backend={backend} screens={screens} path={path} />);
  return backend;
}

describe("the donor desk", () => {
  it("finds a donor and says when they may give again and why not sooner", async () => {
    const backend = start("/donors");
    backend.answers["donor.search"] = () => ({ rows: [{ ...row, next: { kind: "whole_blood", on: "2027-02-12", why: "interval", code: null } }], total: 1 });
    expect(await screen.findByText("Nobody has given today.")).toBeVisible();
    await userEvent.type(screen.getByRole("searchbox"), "odhiambo");
    expect(await screen.findByText("From 12-Feb-2027")).toBeVisible();
    expect(screen.getByText("Too soon after the last donation")).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("says that nobody can be bled without numbers, and lets the block be entered only by those who may", async () => {
    const backend = start("/donors", {}, ["see_donors"]);
    backend.answers["donor.desk"] = () => ({ ...desk, next: null, left: 0 });
    expect(await screen.findByText(/Nobody can be bled until a block/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Enter a block" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Register a donor" })).toBeNull();
  });
});

describe("registering", () => {
  it("sends the agreement with the person, and asks before a second record is made", async () => {
    const backend = start("/donors/register");
    backend.answers["donor.register"] = (req) => (req.override ? { id: "d1" } : refuse({ code: "possible_duplicate", kind: "needs_override", rules: ["possible_duplicate"], args: { candidates: "Odhiambo, Peter 1990-05-17 DN000001K" } }));
    await screen.findByRole("heading", { name: "Register a donor" });
    await userEvent.click(screen.getByRole("button", { name: "Register this donor" }));
    expect(screen.getByText("Write the family name, or the only name there is.")).toBeVisible();
    await userEvent.type(screen.getByLabelText("Family name"), "Odiambo");
    await userEvent.click(screen.getByRole("checkbox", { name: "Not known" }));
    await userEvent.click(screen.getByRole("checkbox", { name: /read this and agrees/ }));
    await userEvent.click(screen.getByRole("button", { name: "Register this donor" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(within(dialog).getByText(/Odhiambo, Peter 17-May-1990/)).toBeVisible();
    await userEvent.type(within(dialog).getByRole("textbox"), "Brothers");
    await userEvent.click(within(dialog).getByRole("button", { name: "Register a second record" }));
    const [, second] = backend.of("donor.register");
    expect(second).toMatchObject({ family: "Odiambo", birthDate: null, consent: true, override: { reason: "Brothers" } });
  });

  it("opens the record that is there already, and says when its donor is deferred for ever", async () => {
    const backend = start("/donors/register");
    backend.answers["donor.register"] = () => refuse({ code: "possible_duplicate", kind: "needs_override", rules: ["possible_duplicate"], args: { candidates: "Odhiambo, Peter 1990-05-17 DN000001K", donor: "d1", deferred: "true" } });
    await userEvent.type(await screen.findByLabelText("Family name"), "Odiambo");
    await userEvent.click(screen.getByRole("checkbox", { name: "Not known" }));
    await userEvent.click(screen.getByRole("button", { name: "Register this donor" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(within(dialog).getByText("Looks like a donor who is deferred for ever")).toBeVisible();
    await userEvent.click(within(dialog).getByRole("button", { name: "Go back and open that record" }));
    expect(await screen.findByRole("heading", { level: 1, name: "ODHIAMBO, Peter" })).toBeVisible();
    expect(backend.of("donor.register")).toHaveLength(1);
  });
});

describe("asking and measuring", () => {
  it("lets nobody through with an open question and asks for the day where it counts", async () => {
    const backend = start("/donors/d1/screen");
    backend.answers["donor.screen"] = () => ({});
    await screen.findByText("Do you feel well today?");
    expect(screen.getByText("Questions still open: 2")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Save and decide" }));
    expect(backend.of("donor.screen")).toHaveLength(0);
    // The first thing that is missing comes to whoever pressed the button, far below it.
    expect(screen.getByRole("button", { name: /Bag/ })).toHaveFocus();
    const tattoo = screen.getByRole("radiogroup", { name: /tattoo/ });
    await userEvent.click(within(tattoo).getByRole("radio", { name: "Yes" }));
    await userEvent.click(screen.getByRole("button", { name: "Save and decide" }));
    // Here a day cannot be marked as not known, as a day of birth can.
    expect(screen.getByText("Write the whole day it happened.")).toBeVisible();
    expect(screen.getByRole("group", { name: "The day it happened" })).toBeVisible();
    expect(screen.getByText("Questions still open: 2")).toBeVisible();
    await userEvent.click(within(tattoo).getByRole("radio", { name: "No" }));
    expect(screen.getByText("Questions still open: 1")).toBeVisible();
    expect(await faults()).toEqual([]);
  });
});

describe("a screening half done", () => {
  it("is kept over a lock and offered again, without an answer to a question that is asked no more", async () => {
    const kept: Record<string, string> = {};
    const keeping = (backend: ReturnType<typeof start>) => {
      backend.answers["draft.get"] = ({ screen: name }) => ({ body: kept[name] ?? null, at: kept[name] ? "2026-11-20T09:00:00Z" : null });
      backend.answers["draft.put"] = ({ screen: name, body }) => { kept[name] = body; return {}; };
      backend.answers["draft.drop"] = ({ screen: name }) => { delete kept[name]; return {}; };
    };
    keeping(start("/donors/d1/screen"));
    await userEvent.type(await screen.findByRole("textbox", { name: "Haemoglobin" }), "141");
    await userEvent.click(within(screen.getByRole("radiogroup", { name: /well today/ })).getByRole("radio", { name: "Yes" }));
    // What is typed is kept a moment later; a busy machine takes longer over it.
    await waitFor(() => expect(kept["donor.screen/d1"] ?? "").toContain("feeling_well"), { timeout: 5000 });
    expect(kept["donor.screen/d1"]).toContain("141");
    cleanup();
    kept["donor.screen/d1"] = JSON.stringify({ ...JSON.parse(kept["donor.screen/d1"]!), bag: "no-such-bag", answers: { feeling_well: { yes: true, when: null }, gone: { yes: true, when: null }, tattoo: "spoiled" } });
    const again = start("/donors/d1/screen");
    keeping(again);
    again.answers["donor.screen"] = () => ({});
    await userEvent.click(await screen.findByRole("button", { name: "Continue" }));
    expect(screen.getByRole("textbox", { name: "Haemoglobin" })).toHaveValue("141");
    expect(screen.getByText("Questions still open: 1")).toBeVisible();
    expect(screen.getByRole("button", { name: /Bag/ })).toHaveTextContent(/Choose|Bag/);
    await userEvent.click(within(screen.getByRole("radiogroup", { name: /tattoo/ })).getByRole("radio", { name: "No" }));
    await userEvent.click(screen.getByRole("button", { name: /Bag/ }));
    await userEvent.click(await screen.findByRole("option", { name: "Triple bag, 450 mL" }));
    await userEvent.click(screen.getByRole("button", { name: "Save and decide" }));
    await waitFor(() => expect(again.of("donor.screen")).toMatchObject([{ haemoglobin: 141, bag: "triple-450", answers: [{ question: "feeling_well", yes: true }, { question: "tattoo", yes: false }] }]));
    await waitFor(() => expect(kept).toEqual({}));
  });
});

describe("a screening on a downtime form", () => {
  it("is sent with its time, its person and its form, and names the rules of that day", async () => {
    const backend = start("/donors/d1/screen");
    backend.answers["donor.screen"] = () => ({});
    backend.answers["staff.names"] = () => [{ user: "luis", name: "MARQUES, Luis", role: "blood_bank_scientist", me: false, draws: true }];
    backend.answers["late.rules"] = () => ({ version: 1, today: 2, changed: [{ name: "care.start_minutes", then: "30", now: "15" }] });
    await screen.findByText("Do you feel well today?");
    await userEvent.click(screen.getByRole("button", { name: /Bag/ }));
    await userEvent.click(await screen.findByRole("option", { name: "Triple bag, 450 mL" }));
    for (const group of screen.getAllByRole("radiogroup", { name: /well today|tattoo/ })) await userEvent.click(within(group).getByRole("radio", { name: group.textContent?.includes("well") ? "Yes" : "No" }));
    await userEvent.click(screen.getByRole("checkbox", { name: /happened earlier/ }));
    await userEvent.click(screen.getByRole("button", { name: "Save and decide" }));
    expect(backend.of("donor.screen")).toHaveLength(0);
    await userEvent.type(screen.getByRole("textbox", { name: /Time it happened/ }), "0900");
    await userEvent.click(screen.getByRole("button", { name: /Who did it/ }));
    await userEvent.click(await screen.findByRole("option", { name: /MARQUES/ }));
    await userEvent.type(screen.getByRole("textbox", { name: /Which form/ }), "Donor form 7, power cut");
    expect(await screen.findByText("Judged by the rules of that day, version 1. Today version 2 is in force.")).toBeVisible();
    expect(screen.getByText(/then 30 minutes, today 15 minutes/)).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Save and decide" }));
    await waitFor(() => expect(backend.of("donor.screen")).toMatchObject([{ donor: "d1", happened: { wall: `${today}T09:00`, by: "luis", reason: "Donor form 7, power cut" } }]));
  });

  it("of another day lets the collection of that day be entered, from paper only", async () => {
    const backend = start("/donors/d1", { paperOf: { day: "2026-11-19", kind: "whole_blood" } });
    backend.answers["staff.names"] = () => [{ user: "luis", name: "MARQUES, Luis", role: "blood_bank_scientist", me: false, draws: true }];
    backend.answers["donation.begin"] = () => ({ id: "n1" });
    expect(await screen.findByRole("button", { name: "Ask and measure" })).toBeVisible();
    expect(screen.queryByRole("button", { name: "Begin the donation" })).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Enter a collection from paper" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.queryByRole("checkbox", { name: /happened earlier/ })).toBeNull();
    await userEvent.click(dialog.getByRole("button", { name: /Bag/ }));
    await userEvent.click(await screen.findByRole("option", { name: "Triple bag, 450 mL" }));
    await userEvent.click(dialog.getByRole("button", { name: "The needle is in" }));
    expect(backend.of("donation.begin")).toHaveLength(0);
    await userEvent.type(dialog.getByRole("textbox", { name: /Time it happened/ }), "0930");
    await userEvent.click(dialog.getByRole("button", { name: /Who did it/ }));
    await userEvent.click(await screen.findByRole("option", { name: /MARQUES/ }));
    await userEvent.type(dialog.getByRole("textbox", { name: /Which form/ }), "Donor form 7, power cut");
    await userEvent.click(dialog.getByRole("button", { name: "The needle is in" }));
    await waitFor(() => expect(backend.of("donation.begin")).toMatchObject([{ donor: "d1", bag: "triple-450", happened: { wall: "2026-11-19T09:30", by: "luis" } }]));
  });
});

describe("a donor's page", () => {
  it("offers the needle only after a screening of today", async () => {
    start("/donors/d1");
    expect(await screen.findByRole("button", { name: "Ask and measure" })).toBeVisible();
    expect(screen.queryByRole("button", { name: "Begin the donation" })).toBeNull();
    expect(await faults()).toEqual([]);
  });

  it("begins with the next number of the site unless a label is scanned", async () => {
    const backend = start("/donors/d1", { mayGive: true, screenedFor: "whole_blood" });
    backend.answers["donation.begin"] = () => ({ id: "n1" });
    await userEvent.click(await screen.findByRole("button", { name: "Begin the donation" }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText("ODHIAMBO, Peter")).toBeVisible();
    await userEvent.click(within(dialog).getByRole("button", { name: /Bag/ }));
    await userEvent.click(await screen.findByRole("option", { name: "Triple bag, 450 mL" }));
    await userEvent.click(within(dialog).getByRole("button", { name: "The needle is in" }));
    expect(backend.of("donation.begin")).toEqual([{ donor: "d1", bag: "triple-450", din: null }]);
  });

  it("leads to the laboratory from each donation that is over, for those who test", async () => {
    start("/donors/d1", { donations: [donation, { ...donation, id: "n2", din: "A999826000501", endedAt: null }] }, [...all, "test_donations"]);
    await screen.findByRole("button", { name: "Ask and measure" });
    const link = screen.getByRole("link", { name: /^Laboratory/ });
    expect(link).toHaveAccessibleName("Laboratory A9998 26 000500");
    expect(link).toHaveAttribute("href", expect.stringContaining("/lab/donation/n1"));
    expect(screen.getAllByRole("link", { name: /^Laboratory/ })).toHaveLength(1);
    cleanup();
    start("/donors/d1", { donations: [donation] });
    await screen.findByRole("button", { name: "Ask and measure" });
    expect(screen.queryByRole("link", { name: /^Laboratory/ })).toBeNull();
  });

  it("does not call a cut list a total", async () => {
    const donations = Array.from({ length: 50 }, (_, n) => ({ ...donation, id: `n${n}`, din: `A99982600${1000 + n}`, endedAt: null }));
    start("/donors/d1", { donations });
    expect(await screen.findByText("The newest 50 are shown")).toBeVisible();
    expect(screen.queryByText("50")).toBeNull();
  });

  it("shows a deferral without its reason to those who may not know it, and no way to lift it", async () => {
    const deferral = { donor: "d1", cause: "c", happened: today, ends: { kind: "never" as const }, holds: true, only: [], source: "", note: null };
    start("/donors/d1", { deferrals: [{ ...deferral, code: null }] }, ["see_donors"]);
    expect(await screen.findByText("for ever")).toBeVisible();
    expect(screen.getByText("Deferred")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Lift" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Ask and measure" })).toBeNull();
  });
});

describe("words of reasons", () => {
  it("give the values where they are known and a plain sentence where not", () => {
    expect(whyWords("interval", { from: "2026-11-20", days: "84" })).toContain("84 days");
    expect(whyWords("deferred", {})).toBe("Deferred");
    expect(whyWords("haemoglobin", { value: "124", least: "130" })).toBe("Haemoglobin 124 g/L; at least 130 is needed");
  });
});

describe("two records of one person", () => {
  const other: DonorRow = { ...row, id: "d2", number: "DN000002M", family: "Odiambo", birthDate: "1990-05-18" };
  const waiting = { id: "n1", din: "A999726000700", check: "K", donor: "d2", donorName: "Odiambo, Peter", kind: "whole_blood" as const, begunAt: "2026-11-20T08:00:00Z", endedAt: "2026-11-20T08:05:00Z", volumeMl: 450, bag: "triple-450", redCellsReturned: null, held: [], holds: ["identity_pending"], asked: true, reactions: [] };
  const pair: DoubleView = { donor: view, other: { ...view, row: other, likelySame: [row] }, signs: ["alike_name", "near_birth_date"], standing: "open", people: 2, waiting: [waiting] };

  it("are listed with what speaks for one person and lead to the comparison", async () => {
    const backend = start("/donors/doubles");
    backend.answers["donor.doubles"] = () => ({ pairs: [{ donor: other, other: row, signs: ["same_paper"], deferred: true, waiting: 1 }], total: 1 });
    backend.answers["donor.double"] = () => pair;
    expect(await screen.findByText("Same identity paper")).toBeVisible();
    expect(screen.getByText("One of the two may not give")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Put side by side" }));
    expect(await screen.findByText("Nobody has looked at these two yet.")).toBeVisible();
  });

  it("are settled by two people with how they know, and what differs is said in words", async () => {
    const backend = start("/donors/d1/same/d2");
    backend.answers["donor.double"] = () => pair;
    backend.answers["donor.settle"] = () => ({});
    const table = await screen.findByRole("table");
    expect(within(within(table).getByRole("row", { name: /^Date of birth/ })).getByText("differs")).toBeVisible();
    expect(within(within(table).getByRole("row", { name: /^Sex/ })).queryByText("differs")).toBeNull();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Two people" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Two people" }));
    expect(backend.of("donor.settle")).toHaveLength(0);
    await userEvent.type(within(dialog).getByLabelText("How you know"), "Brothers");
    await userEvent.type(within(dialog).getByLabelText("Sign-in name"), "luis");
    await userEvent.type(within(dialog).getByLabelText("Password"), "training");
    await userEvent.click(within(dialog).getByRole("button", { name: "Two people" }));
    expect(backend.of("donor.settle")).toEqual([{ donor: "d1", other: "d2", same: false, reason: "Brothers", second: { user: "luis", password: "training" } }]);
  });

  it("are decided by nobody who may not, and a decision that stands can only be turned", async () => {
    const backend = start("/donors/d1/same/d2", {}, ["see_donors"]);
    backend.answers["donor.double"] = () => ({ ...pair, standing: "same_person" });
    expect(await screen.findByText("Found to be the same person.")).toBeVisible();
    expect(screen.queryByRole("button", { name: "The same person" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Two people" })).toBeNull();
  });
});

describe("a donation by machine", () => {
  const given = { id: "n1", din: "A999726000700", check: "K", donor: "d1", donorName: "Odhiambo, Peter", kind: "platelets" as const, begunAt: "2026-11-20T08:00:00Z", endedAt: null, volumeMl: null, bag: null, redCellsReturned: null, held: [], holds: [], asked: false, reactions: [] };

  it("is asked for without a bag and with the platelets that were counted", async () => {
    const backend = start("/donors/d1/screen", { questions: [] });
    backend.answers["donor.screen"] = () => ({});
    await userEvent.click(await screen.findByRole("radio", { name: "Platelets by machine" }));
    expect(screen.queryByRole("button", { name: /Bag/ })).toBeNull();
    await userEvent.type(screen.getByRole("textbox", { name: "Platelets" }), "220");
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Save and decide" }));
    expect(backend.of("donor.screen")).toMatchObject([{ kind: "platelets", bag: null, platelets: 220 }]);
  });

  it("ends only when somebody says what became of the red cells", async () => {
    const backend = start("/donors/d1", { donations: [given] });
    backend.answers["donation.end"] = () => ({});
    await userEvent.click(await screen.findByRole("button", { name: "End the donation" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByRole("textbox", { name: "Volume collected" }), "300");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the end" }));
    expect(backend.of("donation.end")).toHaveLength(0);
    await userEvent.click(within(dialog).getByRole("radio", { name: "Red cells not given back" }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the end" }));
    expect(backend.of("donation.end")).toEqual([{ donation: "n1", volumeMl: 300, minutes: null, redCellsReturned: false }]);
  });
});

describe("what becomes known after giving", () => {
  const held = [{ cause: "c1", reason: "interval_violation", final: false }, { cause: "c2", reason: "excluded_by_donor", final: true }];
  const given = { id: "n1", din: "A999726000700", check: "K", donor: "d1", donorName: "Odhiambo, Peter", kind: "whole_blood" as const, begunAt: "2026-11-20T08:00:00Z", endedAt: "2026-11-20T08:05:00Z", volumeMl: 450, bag: "triple-450", redCellsReturned: null, held, holds: held.map((h) => h.reason), asked: true, reactions: [] };

  it("stops the donation, and says what a ward already has", async () => {
    const backend = start("/donors/d1", { donations: [given] });
    backend.answers["donation.report"] = () => ({ recall: "r1", bags: 3, issued: 1 });
    await userEvent.click(await screen.findByRole("button", { name: "Told after giving" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Stop this donation" }));
    expect(backend.of("donation.report")).toHaveLength(0);
    await userEvent.click(within(dialog).getByRole("button", { name: /What the donor tells/ }));
    await userEvent.click(await screen.findByRole("option", { name: "Fever, or unwell" }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Stop this donation" }));
    expect(backend.of("donation.report")).toEqual([{ donation: "n1", what: "fever", note: null, defer: null, happened: null }]);
    expect(await screen.findByText("Already with a ward: 1. Ring the ward now.")).toBeVisible();
    expect(screen.getByRole("link", { name: "Open the recall" })).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("leaves a hold that somebody may lift with a second person, and offers none that nobody lifts", async () => {
    const backend = start("/donors/d1", { donations: [given] }, [...all, "judge_donors"]);
    backend.answers["donation.lift"] = () => ({});
    const lifts = await screen.findAllByRole("button", { name: /^Lift the hold/ });
    expect(lifts.map((b) => b.textContent)).toEqual(["Lift the hold: Given too soon"]);
    await userEvent.click(lifts[0]!);
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByLabelText("Why it ends"), "Seen");
    await userEvent.type(within(dialog).getByLabelText("Sign-in name"), "luis");
    await userEvent.type(within(dialog).getByLabelText("Password"), "training");
    await userEvent.click(within(dialog).getByRole("button", { name: "Lift the hold" }));
    expect(backend.of("donation.lift")).toEqual([{ donation: "n1", hold: "c1", reason: "Seen", second: { user: "luis", password: "training" } }]);
  });

  it("stands in the history with who wrote it, also what was lifted since", async () => {
    const backend = start("/donors/d1/history");
    const lines: DonorLine[] = [
      { what: "deferral_lifted", at: "2026-11-20T09:00:00Z", by: "Dr Ferreira", second: "Luis Santos", args: { code: "tattoo", reason: "Entered for another" }, record: null },
      { what: "gave_elsewhere", at: "2026-11-20T08:00:00Z", by: "Amina", second: null, args: { kind: "plasma", on: "2026-10-01", place: "Kisumu" }, record: "DN000002M" },
    ];
    backend.answers["donor.history"] = () => ({ lines });
    expect(await screen.findByText("Tattoo or piercing · Entered for another")).toBeVisible();
    expect(screen.getByText(/with Luis Santos/)).toBeVisible();
    expect(screen.getByText(/Kisumu/)).toBeVisible();
    expect(await faults()).toEqual([]);
  });
});
