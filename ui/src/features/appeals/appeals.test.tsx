import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { faults, refuse } from "../../testing/program.testkit";
import type { AppealPreview, AppealRow, Appeals, AppealView, Figure, MessageRow, Permission, RemindersDue } from "../../wire";
import { desk, now, open } from "../requests/care.testkit";
import { screens } from "./screens";
import { percent } from "./words";

const bench: Permission[] = ["see_donors", "register_donors", "ask_donors", "see_patients"];
const oNegative = { abo: "O", rhd: "negative" } as const;
const nothing: Figure = { numerator: 0, denominator: 0, share: null, low: null, high: null };
const message = (patch: Partial<MessageRow> = {}): MessageRow => ({
  id: "m-1", donor: "d-1", donorName: "Achieng, Mercy", donorNumber: "DN000001K", phone: "0700 000 101", about: "appeal", appeal: "a-1", appointmentAt: null, channel: "call_list",
  state: "to_call", reply: null, queuedAt: now, notBefore: now, voidAt: "2026-11-21T14:46:00Z", tries: 0, ...patch,
});
const row = (patch: Partial<AppealRow> = {}): AppealRow => ({
  id: "a-1", request: null, reason: "Two O negative on the shelf", component: "red_cells", groups: [oNegative], channel: "call_list", wanted: 2, startedAt: now, startedBy: "OKELLO, Amina",
  voidAt: "2026-11-21T14:46:00Z", state: "runs", asked: 3, waiting: 2, yes: 1, came: 0, ...patch,
});
const list = (patch: Partial<Appeals> = {}): Appeals => ({ due: [], rows: [], areas: [{ area: "Lakeside", donors: 3, metres: null }], channels: [], ...patch });
const view = (patch: Partial<AppealView> = {}): AppealView => ({
  row: row(), reach: { withinMetres: 30_000, areas: [], unknownToo: true }, response: { numerator: 1, denominator: 4, share: 2_500, low: 456, high: 6_994 }, responseHours: 24, turnOut: nothing, turnOutDays: 14, messages: [message()], ...patch,
});
const preview = (patch: Partial<AppealPreview> = {}): AppealPreview => ({
  all: 6, could: 2, batch: 2, answers: nothing, leftOut: [{ why: "other_group", count: 3 }, { why: "no_agreement", count: 1 }], notLookedAt: 0, leavesAt: null, ...patch,
});
const again = (patch: Partial<RemindersDue> = {}): RemindersDue => ({ could: 0, batch: 0, leftOut: [], notLookedAt: 0, ...patch });
const start = (path: string, answers: Parameters<typeof desk>[1] = {}, permissions = bench) =>
  open(screens, path, desk(permissions, { "appeal.list": () => list(), "message.list": () => ({ rows: [], channels: [] }), "reminder.due": () => again(), "appeal.view": () => view(), "appeal.preview": () => preview(), ...answers }));

describe("the appeals", () => {
  it("say first which urgent requests cannot be filled, and that nothing leaves by itself", async () => {
    start("/appeals", { "appeal.list": () => list({ due: [{ request: "r-1", component: "red_cells", urgency: "massive", neededBy: "2026-11-20T15:46:00Z", missing: 4, groups: [oNegative] }], rows: [row()] }) });
    expect(await screen.findByText("4 units missing")).toBeVisible();
    expect(screen.getByText(/No channel for messages is set up/)).toBeVisible();
    expect(screen.getByText("3 asked · 2 not reached yet · 1 of 2 said yes · 0 gave blood")).toBeVisible();
    expect(screen.getByRole("link", { name: "Open the request" })).toHaveAttribute("href", expect.stringContaining("/requests/r-1"));
    expect(await faults()).toEqual([]);
  });

  it("have no button for whoever may not ask, and words for nothing and for not readable", async () => {
    const backend = start("/appeals", {}, ["see_donors"]);
    expect(await screen.findByText("No appeal in the last 90 days")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Ask donors" })).toBeNull();
    backend.answers["appeal.list"] = () => refuse({ code: "store_damaged", kind: "fault" });
    backend.news();
    expect(await screen.findByText("The appeals could not be read")).toBeVisible();
  });

  it("do not say that nothing waits when what waits could not be read", async () => {
    const backend = start("/appeals", { "message.list": () => refuse({ code: "store_damaged", kind: "fault" }) });
    const failed = (await screen.findByText("What waits to leave could not be read")).closest<HTMLElement>("[role=alert], section")!;
    expect(screen.queryByText(/Nothing waits/)).toBeNull();
    backend.answers["message.list"] = () => ({ rows: [], channels: [] });
    await userEvent.click(within(failed).getByRole("button", { name: "Try again" }));
    expect(await screen.findByText(/Nothing waits/)).toBeVisible();
  });
});

describe("who may give again", () => {
  it("is counted with whoever is not told and why, and told when somebody says so", async () => {
    const backend = start("/appeals", {
      "reminder.due": () => again({ could: 120, batch: 100, leftOut: [{ why: "expected", count: 3 }, { why: "not_yet_eligible", count: 40 }] }), "reminder.make": () => ({ made: 100 }),
    });
    expect(await screen.findByText("120 donors may give again and were not told")).toBeVisible();
    expect(screen.getByText("Have an appointment")).toBeVisible();
    expect(backend.of("reminder.make")).toEqual([]);
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Remind 100 donors" }));
    expect(await screen.findByText("100 reminders stand below")).toBeVisible();
    expect(backend.of("reminder.make")).toEqual([{}]);
  });

  it("says so when there is nobody, and is not shown to whoever may not write to donors", async () => {
    const backend = start("/appeals");
    expect(await screen.findByText("Nobody is to be told now.")).toBeVisible();
    expect(screen.queryByRole("button", { name: /Remind/ })).toBeNull();
    expect(backend.of("reminder.due")).toEqual([{}]);
  });

  it("stands in the outbox under its own words", async () => {
    const backend = start("/appeals", { "message.list": () => ({ rows: [message({ about: "may_give", appeal: null })], channels: [] }) }, ["see_donors"]);
    const list = await screen.findByRole("list", { name: "Waiting to leave" });
    expect(within(list).getByText("May give again")).toBeVisible();
    expect(backend.of("reminder.due")).toEqual([]);
  });
});

describe("a new appeal", () => {
  it("shows who would be asked and why others are not before anything is written, and asks for the reason", async () => {
    const backend = start("/appeals/new", { "appeal.start": () => ({ id: "a-1" }) });
    expect(await screen.findByText("Choose at least one group.")).toBeVisible();
    await userEvent.click(screen.getByRole("checkbox", { name: /O.*NEGATIVE/ }));
    expect(await screen.findByText("2 donors are asked first")).toBeVisible();
    expect(screen.getByText("Have another group, or none on record")).toBeVisible();
    expect(backend.of("appeal.start")).toEqual([]);
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Ask 2 donors" }));
    expect(screen.getByText("Write why.")).toBeVisible();
    await userEvent.type(screen.getByRole("textbox", { name: /Why donors are asked/ }), "Theatre tomorrow");
    await userEvent.type(screen.getByRole("textbox", { name: /Lakeside/ }), "2.5");
    await userEvent.tab();
    await userEvent.click(screen.getByRole("button", { name: "Ask 2 donors" }));
    await waitFor(() => expect(backend.of("appeal.start")).toHaveLength(1));
    expect(backend.of("appeal.start")[0]).toMatchObject({
      request: null, reason: "Theatre tomorrow", component: "red_cells", groups: [oNegative], channel: "call_list", wanted: 4, reach: { withinMetres: 30_000, areas: [{ area: "Lakeside", metres: 2_500 }], unknownToo: true },
    });
  });

  it("offers no button where nobody can be asked, and says that it is night", async () => {
    start("/appeals/new", { "appeal.preview": () => preview({ batch: 0, could: 0, leavesAt: "2026-11-21T05:00:00Z" }) });
    await userEvent.click(await screen.findByRole("checkbox", { name: /O.*NEGATIVE/ }));
    expect(await screen.findByText("Nobody can be asked")).toBeVisible();
    expect(screen.getByText(/It is night/)).toBeVisible();
    expect(screen.queryByRole("button", { name: /Ask \d/ })).toBeNull();
  });

  it("takes component, groups and number from the request that cannot be filled", async () => {
    const due = { request: "r-1", component: "plasma", urgency: "emergency", neededBy: "2026-11-20T15:46:00Z", missing: 5, groups: [{ abo: "AB", rhd: "positive" }] } as const;
    const backend = start("/appeals/new?request=r-1", { "appeal.list": () => list({ due: [{ ...due, groups: [...due.groups] }] }), "appeal.start": () => ({ id: "a-1" }) });
    await userEvent.click(await screen.findByRole("button", { name: "Ask 2 donors" }));
    await waitFor(() => expect(backend.of("appeal.start")[0]).toMatchObject({ request: "r-1", component: "plasma", wanted: 5, groups: [{ abo: "AB", rhd: "positive" }] }));
  });
});

describe("one appeal", () => {
  it("shows what came of it with what it is a share of, and words where there is nothing to share", async () => {
    start("/appeals/a-1");
    expect(await screen.findByText("25 %")).toBeVisible();
    expect(screen.getByText("1 of 4 reached")).toBeVisible();
    expect(screen.getByText("95 % interval 4.6 to 69.9 %")).toBeVisible();
    expect(screen.getByText("Nobody was reached yet")).toBeVisible();
    expect(await faults()).toEqual([]);
    expect([percent(2_500), percent(1), percent(3_333)]).toEqual(["25", "0.0", "33.3"]);
  });

  it("notes what was said on the telephone, and asks once more before a stop", async () => {
    const backend = start("/appeals/a-1", { "message.answer": () => ({}) });
    expect(await screen.findByText("0700 000 101")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: /^Comes ?Achieng, Mercy$/ }));
    await waitFor(() => expect(backend.of("message.answer")).toEqual([{ message: "m-1", answer: "yes" }]));
    await userEvent.click(screen.getByRole("button", { name: /^No more messages ?Achieng, Mercy$/ }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText(/Everything that waits for this donor is taken out/)).toBeVisible();
    await userEvent.click(within(dialog).getByRole("button", { name: "Stop all messages" }));
    await waitFor(() => expect(backend.of("message.answer").at(-1)).toEqual({ message: "m-1", answer: "stop" }));
  });

  it("leads from a yes to an appointment, and from no other answer", async () => {
    start("/appeals/a-1", { "appeal.view": () => view({ messages: [message({ state: "replied", reply: "yes" }), message({ id: "m-2", donorName: "Barasa, Daniel", state: "replied", reply: "no" })] }) });
    expect(await screen.findByRole("button", { name: /^Book an appointment ?Achieng, Mercy$/ })).toBeVisible();
    expect(screen.getAllByRole("button", { name: /^Book an appointment/ })).toHaveLength(1);
    expect(await faults()).toEqual([]);
  });

  it("never says of a text message that it left, and takes only a stop for it", async () => {
    start("/appeals/a-1", { "appeal.view": () => view({ row: row({ channel: "sms" }), messages: [message({ channel: "sms", state: "waits", phone: null })] }) });
    expect(await screen.findByText("Waits: no channel is set up")).toBeVisible();
    expect(screen.queryByRole("button", { name: /Comes/ })).toBeNull();
    expect(screen.getByRole("button", { name: /No more messages/ })).toBeVisible();
  });

  it("ends with a reason", async () => {
    const backend = start("/appeals/a-1", { "appeal.end": () => ({}) });
    await userEvent.click(await screen.findByRole("button", { name: "End this appeal" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "End this appeal" }));
    expect(within(dialog).getByText("Choose why.")).toBeVisible();
    await userEvent.click(within(dialog).getByRole("radio", { name: "It is no longer needed" }));
    await userEvent.click(within(dialog).getByRole("button", { name: "End this appeal" }));
    await waitFor(() => expect(backend.of("appeal.end")).toEqual([{ appeal: "a-1", enough: false }]));
  });
});
