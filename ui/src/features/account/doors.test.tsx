import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { doors } from "./screens";
import type { Status } from "../../wire";
import { clinic, faults, type Memory, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import { waitEnds } from "./parts";
import { forgetShown } from "./recovery";
import { accountSentence } from "./refusals";

const users = [
  { user: "s.okafor", displayName: "OKAFOR, Samuel (Dr)", role: "physician" as const },
  { user: "l.santos", displayName: "SANTOS, Lucia", role: "nurse" as const },
];
const session = { user: "s.okafor", displayName: "OKAFOR, Samuel (Dr)", role: "physician" as const, permissions: [], since: "2026-11-20T14:00:00Z" };

/** A backend whose door moves when a command answers with a new status. */
function at(first: Partial<Status>): { backend: Memory; go(next: Partial<Status>): Status } {
  let status = statusOf(first);
  const backend = memory({ "app.status": () => status, "model.list": () => ({ packs: [], tasks: [], keys: [] }), "model.conditions": () => [] });
  return { backend, go: (next) => (status = statusOf(next)) };
}

// Typing key by key is slow while other work fills both cores.
vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => {
  forgetShown();
  window.location.hash = "";
});

describe("first start", () => {
  it("offers two equal cards and is clean for readers", async () => {
    const { backend } = at({ door: "empty" });
    render(<Program backend={backend} doors={doors} />);
    expect(await screen.findByRole("heading", { level: 1, name: "This computer is ready" })).toBeVisible();
    expect(screen.getByRole("button", { name: "Look around" })).toBeVisible();
    expect(screen.getByRole("button", { name: "Set up this facility" })).toHaveFocus();
    expect(await faults()).toEqual([]);
  });

  it("looks around with one press, says that it takes some seconds, and arrives at the names with the training password", async () => {
    const { backend, go } = at({ door: "empty" });
    let done: (s: Status) => void = () => {};
    backend.answers["setup.look_around"] = () => new Promise<Status>((resolve) => { done = resolve; });
    render(<Program backend={backend} doors={doors} />);
    await userEvent.click(await screen.findByRole("button", { name: "Look around" }));
    expect(await screen.findByText(/It takes some seconds/)).toBeVisible();
    done(go({ door: "sign_in", facility: { ...clinic, training: true }, users }));
    expect(await screen.findByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
    expect(screen.getByText("training", { selector: "b" })).toBeVisible();
  });

  it("says what is missing in the form, focuses it, and sends nothing", async () => {
    const { backend } = at({ door: "empty" });
    render(<Program backend={backend} doors={doors} />);
    await userEvent.click(await screen.findByRole("button", { name: "Set up this facility" }));
    await userEvent.click(screen.getByRole("button", { name: "Create the facility and its recovery code" }));
    expect(await screen.findByText("Write the name of the facility.")).toBeVisible();
    expect(screen.getByLabelText("Name of the facility")).toHaveFocus();
    expect(backend.of("setup.facility")).toHaveLength(0);
    expect(await faults()).toEqual([]);
  });

  it("shows the recovery code also where the news of the new facility is here before the code", async () => {
    const { backend, go } = at({ door: "empty" });
    let came: (answer: { recoveryCode: string }) => void = () => {};
    backend.answers["setup.facility"] = () => { go({ door: "confirm_recovery", facility: clinic }); return new Promise((done) => { came = done; }); };
    render(<Program backend={backend} doors={doors} />);
    await userEvent.click(await screen.findByRole("button", { name: "Set up this facility" }));
    await userEvent.type(screen.getByLabelText("Name of the facility"), "Lakeside");
    await userEvent.type(screen.getByLabelText("Full name"), "OKAFOR, Samuel (Dr)");
    await userEvent.type(screen.getByLabelText("Sign-in name"), "s.okafor");
    await userEvent.type(screen.getByLabelText("Password"), "four calm words here");
    await userEvent.type(screen.getByLabelText("Password again"), "four calm words here");
    await userEvent.click(screen.getByRole("button", { name: "Create the facility and its recovery code" }));
    backend.news();
    expect(await screen.findByRole("heading", { level: 1, name: "Type the recovery code back" })).toBeVisible();
    came({ recoveryCode: "9TQ0-63FW-K2PD-7HXM" });
    expect(await screen.findByTestId("recovery-code")).toHaveTextContent("9TQ0-63FW-K2PD-7HXM");
  });

  it("shows the recovery code once, hides it while it is typed back, refuses a wrong one and accepts the right one", async () => {
    const { backend, go } = at({ door: "empty" });
    backend.answers["setup.facility"] = () => { go({ door: "confirm_recovery", facility: clinic }); return { recoveryCode: "9TQ0-63FW-K2PD-7HXM" }; };
    backend.answers["setup.confirm"] = ({ code }) => (code === "9TQ0-63FW-K2PD-7HXM" ? go({ door: "sign_in", facility: clinic, users }) : refuse({ code: "recovery_code_wrong" }));
    const print = vi.spyOn(window, "print").mockImplementation(() => {});
    render(<Program backend={backend} doors={doors} />);
    await userEvent.click(await screen.findByRole("button", { name: "Set up this facility" }));
    await userEvent.type(screen.getByLabelText("Name of the facility"), "Lakeside");
    await userEvent.type(screen.getByLabelText("Full name"), "OKAFOR, Samuel (Dr)");
    await userEvent.type(screen.getByLabelText("Sign-in name"), "s.okafor");
    await userEvent.type(screen.getByLabelText("Password"), "four calm words here");
    await userEvent.type(screen.getByLabelText("Password again"), "four calm words here");
    const [research, skin] = screen.getAllByRole("checkbox");
    expect([research, skin].every((box) => !(box as HTMLInputElement).checked)).toBe(true);
    await userEvent.click(research!);
    await userEvent.click(screen.getByRole("button", { name: "Create the facility and its recovery code" }));

    expect(await screen.findByTestId("recovery-code")).toHaveTextContent("9TQ0-63FW-K2PD-7HXM");
    expect(backend.of("setup.facility")[0]).toMatchObject({ facility: "Lakeside", profile: "who", adminUser: "s.okafor", allow: ["research_only"] });
    expect(backend.of("setup.facility")[0]).not.toHaveProperty("again");
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Print this page" }));
    expect(print).toHaveBeenCalledOnce();

    await userEvent.click(screen.getByRole("button", { name: "It is on paper, type it back" }));
    expect(screen.queryByText("9TQ0-63FW-K2PD-7HXM")).toBeNull();
    await userEvent.type(screen.getByLabelText("Recovery code"), "9TQ0-63FW-K2PD-7HXN{Enter}");
    expect(await screen.findByText("This is not the recovery code of this facility.")).toBeVisible();
    expect(screen.getByLabelText("Recovery code")).toHaveFocus();
    await userEvent.type(screen.getByLabelText("Recovery code"), "{Backspace}M{Enter}");
    expect(await screen.findByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  });

  it("asks for the code from the paper when the program was started again before it was typed back", async () => {
    const { backend } = at({ door: "confirm_recovery", facility: clinic });
    render(<Program backend={backend} doors={doors} />);
    expect(await screen.findByText(/not shown a second time/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Show the code again" })).toBeNull();
  });
});

describe("sign in", () => {
  it("goes from the name to the password by keyboard alone", async () => {
    const { backend, go } = at({ door: "sign_in", facility: clinic, users });
    backend.answers["session.sign_in"] = ({ password }) => (password === "right" ? go({ door: "locked", facility: clinic, users, session }) : refuse({ code: "wrong_password" }));
    render(<Program backend={backend} doors={doors} />);
    await waitFor(() => expect(screen.getByRole("option", { name: /OKAFOR/ })).toHaveFocus());
    await userEvent.keyboard("{ArrowDown}{Enter}");
    expect(screen.getByLabelText("Password of SANTOS, Lucia")).toHaveFocus();
    expect(await faults()).toEqual([]);
    await userEvent.keyboard("wrong{Enter}");
    expect(await screen.findByText("This password does not fit the name.")).toBeVisible();
    await waitFor(() => expect(screen.getByLabelText("Password of SANTOS, Lucia")).toHaveValue(""));
    expect(screen.getByLabelText("Password of SANTOS, Lucia")).toHaveFocus();
    await userEvent.keyboard("right{Enter}");
    expect(await screen.findByRole("heading", { name: "The screen is locked" })).toBeVisible();
    expect(backend.of("session.sign_in")).toEqual([{ user: "l.santos", password: "wrong" }, { user: "l.santos", password: "right" }]);
  });

  it("says until when a name is locked out, in the facility's zone, and takes no further attempt", async () => {
    const { backend } = at({ door: "sign_in", facility: clinic, users, now: new Date().toISOString() });
    const until = new Date(Date.now() + 45_000).toISOString();
    backend.answers["session.sign_in"] = () => refuse({ code: "locked_out", args: { until } });
    render(<Program backend={backend} doors={doors} />);
    await userEvent.click(await screen.findByRole("option", { name: /OKAFOR/ }));
    await userEvent.keyboard("guess{Enter}");
    expect(await screen.findByText("Too many wrong passwords for this name.")).toBeVisible();
    const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "Africa/Nairobi", hour: "2-digit", minute: "2-digit" }).format(new Date(until));
    expect(screen.getByText(new RegExp(`You can try again at .*${clock}`))).toBeVisible();
    expect(screen.getByText(/That is in \d+ seconds/)).toBeVisible();
    await userEvent.keyboard("again{Enter}");
    expect(backend.of("session.sign_in")).toHaveLength(1);
    // Another person is not held up by it.
    await userEvent.click(screen.getByRole("option", { name: /SANTOS/ }));
    expect(screen.queryByText("Too many wrong passwords for this name.")).toBeNull();
  });

  it("gives a new password with the recovery code", async () => {
    const { backend, go } = at({ door: "sign_in", facility: clinic, users });
    backend.answers["session.recover"] = () => go({ door: "locked", facility: clinic, users, session });
    render(<Program backend={backend} doors={doors} />);
    await userEvent.click(await screen.findByRole("button", { name: "Password forgotten" }));
    await userEvent.type(screen.getByLabelText("Recovery code"), "9TQ0");
    await userEvent.type(screen.getByLabelText("Sign-in name that gets a new password"), "s.okafor");
    await userEvent.type(screen.getByLabelText("New password"), "five calm words");
    await userEvent.type(screen.getByLabelText("Password again"), "five calm word");
    await userEvent.click(screen.getByRole("button", { name: "Set the new password and sign in" }));
    expect(await screen.findByText("The two passwords differ. Write the same one twice.")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.type(screen.getByLabelText("Password again"), "s");
    await userEvent.click(screen.getByRole("button", { name: "Set the new password and sign in" }));
    await screen.findByRole("heading", { name: "The screen is locked" });
    expect(backend.of("session.recover")).toEqual([{ code: "9TQ0", user: "s.okafor", newPassword: "five calm words" }]);
  });

  it("finds one name among many", async () => {
    const many = Array.from({ length: 12 }, (_, i) => ({ user: `u${i}`, displayName: i === 7 ? "MÜLLER, Öse" : `PERSON, Number ${i}`, role: "nurse" as const }));
    const { backend } = at({ door: "sign_in", facility: clinic, users: many });
    render(<Program backend={backend} doors={doors} />);
    const search = await screen.findByRole("searchbox");
    await waitFor(() => expect(search).toHaveFocus());
    await userEvent.type(search, "muller");
    expect(screen.getAllByRole("option")).toHaveLength(1);
    expect(screen.getByText("1 of 12, 11 hidden")).toBeVisible();
  });
});

describe("locked", () => {
  it("opens with the password of the same person, or lets somebody else sign in", async () => {
    const { backend, go } = at({ door: "locked", facility: clinic, users, session });
    backend.answers["session.unlock"] = () => refuse({ code: "wrong_password" });
    backend.answers["session.sign_in"] = () => go({ door: "locked", facility: clinic, users, session: { ...session, displayName: "SANTOS, Lucia" } });
    render(<Program backend={backend} doors={doors} />);
    await waitFor(() => expect(screen.getByLabelText("Password of OKAFOR, Samuel (Dr)")).toHaveFocus());
    expect(await faults()).toEqual([]);
    await userEvent.keyboard("nope{Enter}");
    expect(await screen.findByText("This password does not fit the name.")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Someone else signs in" }));
    await userEvent.click(await screen.findByRole("option", { name: /SANTOS/ }));
    await userEvent.keyboard("right{Enter}");
    await waitFor(() => expect(backend.of("session.sign_in")).toEqual([{ user: "l.santos", password: "right" }]));
  });
});

describe("problem", () => {
  it.each([
    ["store_newer", /newer version of HealthSync/, /Install the newer version/],
    ["store_damaged", /the file is damaged/, /healthsync restore FILE/],
    ["key_slots_damaged", /Neither a password nor the recovery code/, /its own keys beside it/],
    ["restored_copy", /an old copy was put back/, /restore on purpose/],
    ["disk_full", /disk is full/i, /Free some space/],
  ] as const)("says what is and what to do for %s", async (code, what, next) => {
    const { backend } = at({ door: "problem", problem: { code, kind: "refusal", args: {}, rules: [], incident: null } });
    render(<Program backend={backend} doors={doors} />);
    const alert = await screen.findByRole("alert");
    expect(within(alert).getByText(what)).toBeVisible();
    expect(within(alert).getByText(next)).toBeVisible();
    expect(within(alert).getByText(code.toUpperCase())).toBeVisible();
    // Nothing is offered that could not work while the records are closed.
    expect(screen.queryAllByRole("button")).toEqual([]);
    expect(await faults()).toEqual([]);
  });
});

describe("words", () => {
  it("reads a wait from an instant or from seconds, and from nothing else", () => {
    expect(waitEnds({ code: "locked_out", args: { until: "2026-11-20T15:00:00Z" } }, 0)).toBe(Date.parse("2026-11-20T15:00:00Z"));
    expect(waitEnds({ code: "locked_out", args: { seconds: "30" } }, 1000)).toBe(31_000);
    expect(waitEnds({ code: "locked_out", args: {} }, 0)).toBeNull();
    expect(waitEnds({ code: "wrong_password", args: { seconds: "30" } }, 0)).toBeNull();
  });

  it("names the permission, the least length and the name that is taken when the program says them", () => {
    const of = (code: Parameters<typeof accountSentence>[0]["code"], args: { [key: string]: string }) => accountSentence({ code, kind: "refusal", args, incident: null }).what;
    expect(of("forbidden", { permission: "manage_staff" })).toContain("manage staff");
    expect(of("password_too_short", { min: "10" })).toContain("10");
    expect(of("name_taken", { user: "s.okafor" })).toContain("s.okafor");
    expect(of("internal", {})).toMatch(/broke/);
  });
});
