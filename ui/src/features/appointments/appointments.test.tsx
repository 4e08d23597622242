import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { faults, refuse } from "../../testing/program.testkit";
import type { AppointmentRow, DonorRow, Permission } from "../../wire";
import { desk, open } from "../requests/care.testkit";
import { dayFrom } from "./AppointmentsPage";
import { screens } from "./screens";

const all: Permission[] = ["see_donors", "register_donors", "screen_donors"];
const row = (patch: Partial<AppointmentRow> = {}): AppointmentRow => ({
  id: "t-1", donor: "d-1", donorName: "Achieng, Mercy", donorNumber: "DN000001K", kind: "whole_blood", at: "2026-11-20T15:30:00Z", state: "booked", cancelReason: null, walkIn: false, moved: 0,
  cameAt: null, reminder: "held", similarName: false, ...patch,
});
const donor: DonorRow = {
  id: "d-1", number: "DN000001K", family: "Achieng", given: "Mercy", birthDate: "1994-06-02", ageYears: 32, sex: "female", group: { state: "unknown" },
  next: { kind: "whole_blood", on: "2026-11-24", why: null, code: null }, similarName: false,
};
const start = (rows: AppointmentRow[], answers: Parameters<typeof desk>[1] = {}, permissions = all) =>
  open(screens, "/appointments", desk(permissions, { "appointment.list": (ask) => ({ day: ask.day ?? "2026-11-20", today: "2026-11-20", rows }), "donor.search": () => ({ rows: [donor], total: 1 }), ...answers }));

describe("the day of the donor desk", () => {
  it("shows who is expected, who is late and who came, and never by colour alone", async () => {
    start([row(), row({ id: "t-2", donorName: "Barasa, Daniel", at: "2026-11-20T09:00:00Z", reminder: null }), row({ id: "t-3", donorName: "Wekesa, Naomi", state: "came", cameAt: "2026-11-20T08:00:00Z", walkIn: true })]);
    expect(await screen.findByText("Expected")).toBeVisible();
    expect(screen.getByText("Not here yet")).toBeVisible();
    expect(screen.getByText("Without an appointment")).toBeVisible();
    expect(screen.getByText("2 expected · 1 came · 0 did not come")).toBeVisible();
    expect(screen.getByRole("button", { name: /^Did not come ?Barasa, Daniel$/ })).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Did not come ?Achieng, Mercy$/ })).toBeNull();
    expect(await faults()).toEqual([]);
  });

  it("notes who came, and turns to other days", async () => {
    const backend = start([row()], { "appointment.came": () => ({}) });
    await userEvent.click(await screen.findByRole("button", { name: /^Came ?Achieng, Mercy$/ }));
    await waitFor(() => expect(backend.of("appointment.came")).toEqual([{ id: "t-1" }]));
    await userEvent.click(screen.getByRole("button", { name: "Day after" }));
    await waitFor(() => expect(backend.of("appointment.list").at(-1)).toEqual({ day: "2026-11-21" }));
    expect([dayFrom("2026-12-31", 1), dayFrom("2026-03-01", -1)]).toEqual(["2027-01-01", "2026-02-28"]);
  });

  it("has words for an empty day and for a day that cannot be read", async () => {
    const backend = start([]);
    expect(await screen.findByText("Nobody is expected on this day")).toBeVisible();
    backend.answers["appointment.list"] = () => refuse({ code: "store_damaged", kind: "fault" });
    backend.news();
    expect(await screen.findByText("The appointments could not be read")).toBeVisible();
  });
});

describe("booking", () => {
  it("finds the donor, says from when they may give, and wants a time", async () => {
    const backend = start([], { "appointment.book": () => ({ id: "t-9" }) });
    await userEvent.click(await screen.findByRole("button", { name: "Book an appointment" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Book" }));
    expect(within(dialog).getByText("Choose the donor.")).toBeVisible();
    expect(within(dialog).getByText("Write the time of day.")).toBeVisible();
    await userEvent.type(within(dialog).getByRole("searchbox"), "ach");
    await userEvent.click(await within(dialog).findByRole("radio", { name: /Mercy/ }));
    expect(within(dialog).getByText(/May give again from 24-Nov-2026/)).toBeVisible();
    await userEvent.type(within(dialog).getByRole("textbox", { name: /Time/ }), "930");
    expect(await faults()).toEqual([]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Book" }));
    await waitFor(() => expect(backend.of("appointment.book")).toEqual([{ donor: "d-1", kind: "whole_blood", wall: "2026-11-21T09:30" }]));
  });

  it("opens for the donor who said yes to an appeal, and then shows the day that was booked", async () => {
    const backend = desk(["see_donors", "register_donors"], { "appointment.list": (ask) => ({ day: ask.day ?? "2026-11-20", today: "2026-11-20", rows: [] }), "donor.search": () => ({ rows: [donor], total: 1 }), "appointment.book": () => ({ id: "t-9" }) });
    open(screens, "/appointments?book=DN000001K", backend);
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(await within(dialog).findByRole("radio", { name: /Mercy/ }));
    expect(backend.of("donor.search").at(-1)).toMatchObject({ text: "DN000001K" });
    await userEvent.type(within(dialog).getByRole("textbox", { name: /Time/ }), "930");
    await userEvent.click(within(dialog).getByRole("button", { name: "Book" }));
    await waitFor(() => expect(backend.of("appointment.list").at(-1)).toEqual({ day: "2026-11-21" }));
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("calls off with a reason only", async () => {
    const backend = start([row()], { "appointment.cancel": () => ({}) });
    await userEvent.click(await screen.findByRole("button", { name: /^Call off ?Achieng, Mercy$/ }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Call it off" }));
    expect(backend.of("appointment.cancel")).toEqual([]);
    await userEvent.type(within(dialog).getByRole("textbox"), "A journey");
    await userEvent.click(within(dialog).getByRole("button", { name: "Call it off" }));
    await waitFor(() => expect(backend.of("appointment.cancel")).toEqual([{ appointment: "t-1", reason: "A journey" }]));
  });
});
