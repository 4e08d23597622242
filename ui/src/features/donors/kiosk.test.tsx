import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { render } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import type { DonorOwn, Status } from "../../wire";
import { Locked } from "../account/Locked";
import { showKiosk } from "./kiosk";

vi.setConfig({ testTimeout: 60_000 });

const own: DonorOwn = {
  given: "Mercy", number: "DN000001K", today: "2026-11-20", gifts: [{ din: "A999726000700", kind: "whole_blood", on: "2026-08-01", volumeMl: 450 }],
  next: [{ kind: "whole_blood", on: "2026-12-24", why: "interval" }, { kind: "platelets", on: null, why: "ask_us" }], appointments: [{ at: "2026-12-24T06:30:00Z", kind: "whole_blood" }],
};
const locked = (door: Status["door"]) => statusOf({ door, facility: clinic, session: { user: "joseph", displayName: "KAMAU, Joseph", role: "reception", permissions: ["see_donors"], since: "2026-11-20T08:00:00Z" } });

afterEach(() => showKiosk(null));

describe("the page of a donor", () => {
  it("shows what they gave and when again, in words for everybody, and nothing that leads elsewhere", async () => {
    showKiosk(own);
    render(<Program backend={memory({ "app.status": () => locked("locked") })} doors={{ locked: Locked }} />);
    expect(await screen.findByRole("heading", { name: "Thank you, Mercy" })).toBeVisible();
    expect(screen.getByText("From 24-Dec-2026")).toBeVisible();
    expect(screen.getByText("Your body needs this time after your last donation.")).toBeVisible();
    expect(screen.getByText("Please ask us")).toBeVisible();
    expect(screen.queryByRole("link")).toBeNull();
    expect(screen.getAllByRole("button")).toHaveLength(1);
    expect(await faults()).toEqual([]);
  });

  it("does not call the newest hundred all that somebody gave", async () => {
    showKiosk({ ...own, gifts: Array.from({ length: 100 }, (_, n) => ({ ...own.gifts[0]!, din: `A99972600${1000 + n}` })) });
    render(<Program backend={memory({ "app.status": () => locked("locked") })} doors={{ locked: Locked }} />);
    expect(await screen.findByText("Your newest 100 donations")).toBeVisible();
    expect(screen.queryByText("100 donations")).toBeNull();
  });

  it("closes with the password of the staff only", async () => {
    showKiosk(own);
    const backend = memory({ "app.status": () => locked("locked") });
    backend.answers["session.unlock"] = (req) => { if (req.password !== "right") refuse({ code: "wrong_password" }); backend.answers["app.status"] = () => locked("signed_in"); return locked("signed_in"); };
    render(<Program backend={backend} doors={{ locked: Locked }} />);
    await userEvent.click(await screen.findByRole("button", { name: "For staff" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByLabelText(/Password of KAMAU/), "wrong{Enter}");
    await waitFor(() => expect(within(dialog).getByLabelText(/Password of KAMAU/)).toHaveValue(""));
    expect(screen.getByRole("heading", { name: "Thank you, Mercy", hidden: true })).toBeInTheDocument();
    await userEvent.type(within(dialog).getByLabelText(/Password of KAMAU/), "right{Enter}");
    await waitFor(() => expect(screen.queryByRole("heading", { name: "Thank you, Mercy", hidden: true })).toBeNull());
  });
});
