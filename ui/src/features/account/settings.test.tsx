import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { PackVersion, ProofReport, Status } from "../../wire";
import { backupIsDue, backupName } from "./Backup";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import { verdictWords } from "./Proof";
import { doors, screens } from "./screens";

// Typing key by key is slow while other work fills both cores.
vi.setConfig({ testTimeout: 30_000 });

const administrator = { user: "a", displayName: "ADEYEMI, Tola", role: "administrator" as const, permissions: ["manage_staff", "manage_facility", "read_audit"] as const, since: "2026-11-20T08:00:00Z" };

function at(path: string, change: Partial<Status> = {}) {
  let status = statusOf({ door: "signed_in", facility: clinic, session: { ...administrator, permissions: [...administrator.permissions] }, lastBackup: "2026-11-20T02:00:00Z", ...change });
  const backend = memory({ "app.status": () => status });
  const go = (next: Partial<Status>) => (status = { ...status, ...next });
  return { backend, go, show: () => render(<Program backend={backend} screens={screens} doors={doors} path={path} />) };
}

describe("facility", () => {
  it("says what it is, and offers no deletion of a real one", async () => {
    const { show } = at("/settings");
    show();
    expect(await screen.findByText("Lakeside District Hospital")).toBeVisible();
    expect(screen.getByText("Africa/Nairobi")).toBeVisible();
    expect(screen.queryByText("Delete the training facility")).toBeNull();
    expect(screen.getByRole("link", { name: "Facility" })).toHaveAttribute("aria-current", "page");
    expect(await faults()).toEqual([]);
  });

  it("offers only the sections the role may open", async () => {
    const { show } = at("/settings", { session: { ...administrator, role: "nurse", permissions: ["see_patients"] } });
    show();
    await screen.findByText("Lakeside District Hospital");
    expect(screen.queryByRole("link", { name: "Staff" })).toBeNull();
    expect(screen.getByRole("link", { name: "Models" })).toBeVisible();
  });

  it("says that the clock cannot be right, and lets two people say that it is", async () => {
    const clock = { wall: "2036-11-18T12:00:00Z", last: "2026-11-20T12:00:00Z", ahead: true };
    const { backend, go, show } = at("/settings", { clockSuspect: true, clock });
    backend.answers["clock.confirm"] = ({ second }) => (second?.password === "right words" ? (go({ clockSuspect: false, clock: null }), {} as never) : refuse({ code: "second_person_refused" }));
    show();
    expect(await screen.findByText(/shows 18-Nov-2036 \d\d:00, the last record was written 20-Nov-2026 \d\d:00/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "The clock is right" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.click(dialog.getByRole("button", { name: "The clock is right" }));
    expect(dialog.getByText("Write in a few words why.")).toBeVisible();
    await userEvent.type(dialog.getByLabelText(/Why do the two not fit together/), "The battery was empty");
    await userEvent.type(dialog.getByLabelText(/Their sign-in name/), "rosa");
    await userEvent.type(dialog.getByLabelText(/Their password/), "wrong words");
    expect(await faults()).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "The clock is right" }));
    expect(await dialog.findByText("SECOND_PERSON_REFUSED")).toBeVisible();
    await userEvent.clear(dialog.getByLabelText(/Their password/));
    await userEvent.type(dialog.getByLabelText(/Their password/), "right words");
    await userEvent.click(dialog.getByRole("button", { name: "The clock is right" }));
    await waitFor(() => expect(screen.queryByText(/the last record was written/)).toBeNull());
    expect(backend.of("clock.confirm").at(-1)).toEqual({ wall: clock.wall, reason: "The battery was empty", second: { user: "rosa", password: "right words" } });
  });

  it("leaves a doubted clock to whoever manages the facility", async () => {
    const clock = { wall: "2020-01-01T00:00:00Z", last: "2026-11-20T12:00:00Z", ahead: false };
    const { show } = at("/settings", { clockSuspect: true, clock, session: { ...administrator, role: "nurse", permissions: ["see_patients"] } });
    show();
    expect(await screen.findByText(/Only somebody who manages the facility can confirm the clock/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "The clock is right" })).toBeNull();
  });

  it("deletes the training facility in one step after saying what goes", async () => {
    const { backend, go, show } = at("/settings", { facility: { ...clinic, training: true } });
    backend.answers["setup.leave_training"] = () => go({ door: "empty", facility: null, session: null });
    show();
    await userEvent.click(await screen.findByRole("button", { name: "Delete the training facility" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(within(dialog).getByRole("button", { name: "Keep looking around" })).toHaveFocus();
    await userEvent.click(within(dialog).getByRole("button", { name: "Delete it" }));
    expect(await screen.findByRole("heading", { level: 1, name: "This computer is ready" })).toBeVisible();
  });
});

describe("staff", () => {
  const rows = [
    { id: "1", user: "a", displayName: "ADEYEMI, Tola", role: "administrator" as const, active: true },
    { id: "2", user: "l.santos", displayName: "SANTOS, Lucia", role: "nurse" as const, active: true },
    { id: "3", user: "old", displayName: "BEFORE, Anna", role: "reception" as const, active: false },
  ];

  it("lists who may sign in and deactivates after naming what stays", async () => {
    const { backend, show } = at("/settings/staff");
    backend.answers["staff.list"] = () => rows;
    backend.answers["staff.set_active"] = ({ id }) => (id === "1" ? refuse({ code: "last_administrator" }) : ({} as never));
    show();
    expect(await screen.findByText("2 active, 1 not active, in order of name")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Deactivate ADEYEMI, Tola" }));
    const dialog = await screen.findByRole("alertdialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Deactivate" }));
    expect(await within(dialog).findByText("This is the last administrator.")).toBeVisible();
    await userEvent.click(within(dialog).getByRole("button", { name: "Leave ADEYEMI, Tola active" }));
    await userEvent.click(screen.getByRole("button", { name: "Deactivate SANTOS, Lucia" }));
    await userEvent.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Deactivate" }));
    expect(await screen.findByText("SANTOS, Lucia cannot sign in any more.")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Activate BEFORE, Anna" }));
    await waitFor(() => expect(backend.of("staff.set_active")).toEqual([{ id: "1", active: false }, { id: "2", active: false }, { id: "3", active: true }]));
  });

  it("adds a colleague, and says under the field that a name is taken", async () => {
    const { backend, show } = at("/settings/staff");
    backend.answers["staff.list"] = () => rows;
    backend.answers["staff.add"] = ({ user }) => (user === "l.santos" ? refuse({ code: "name_taken" }) : { id: "4" });
    show();
    await userEvent.click(await screen.findByRole("button", { name: "Add a colleague" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Add this colleague" }));
    expect(within(dialog).getByText("Choose a role.")).toBeVisible();
    await userEvent.type(within(dialog).getByLabelText("Full name"), "KHAN, Sara (Dr)");
    await userEvent.type(within(dialog).getByLabelText("Sign-in name"), "l.santos");
    await userEvent.type(within(dialog).getByLabelText("Password"), "calm words");
    await userEvent.type(within(dialog).getByLabelText("Password again"), "calm words");
    await userEvent.click(within(dialog).getByRole("button", { name: /Role/ }));
    await userEvent.click(await screen.findByRole("option", { name: "Radiologist" }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Add this colleague" }));
    expect(await within(dialog).findByText(/This sign-in name is in use already/)).toBeVisible();
    await userEvent.type(within(dialog).getByLabelText("Sign-in name"), "2");
    await userEvent.click(within(dialog).getByRole("button", { name: "Add this colleague" }));
    expect(await screen.findByText("KHAN, Sara (Dr) can sign in now.")).toBeVisible();
    expect(backend.of("staff.add").at(-1)).toEqual({ user: "l.santos2", displayName: "KHAN, Sara (Dr)", role: "radiologist", password: "calm words" });
  });
});

describe("backup", () => {
  it("is due without one and after 48 hours", () => {
    expect(backupIsDue(null, "2026-11-20T12:00:00Z")).toBe(true);
    expect(backupIsDue("2026-11-18T12:00:01Z", "2026-11-20T12:00:00Z")).toBe(false);
    expect(backupIsDue("2026-11-18T11:59:59Z", "2026-11-20T12:00:00Z")).toBe(true);
  });

  it("is called made only when the program says so, and says where it is", async () => {
    const { backend, show } = at("/settings/backup", { lastBackup: null });
    backend.answers["backup.make"] = ({ path }) => (path.startsWith("/media") ? { path, at: "2026-11-20T14:46:00Z", bytes: "1048576", commands: 212 } : refuse({ code: "home_unsuitable", args: { why: "backup_in_home" } }));
    show();
    expect(await screen.findByText("There is no backup of this computer yet.")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Make a backup and verify it" }));
    expect(screen.getByText("Write a full path with a file name.")).toBeVisible();
    await userEvent.type(screen.getByLabelText("Write it to this file"), "here{Enter}");
    expect(await screen.findByText("A backup does not belong into the home folder of a facility, neither this one nor another.")).toBeVisible();
    await userEvent.clear(screen.getByLabelText("Write it to this file"));
    await userEvent.type(screen.getByLabelText("Write it to this file"), "/media/usb/a.backup{Enter}");
    expect(await screen.findByText("Backup made and read back")).toBeVisible();
    expect(screen.getByText(/\/media\/usb\/a\.backup, 1,048,576 bytes, 212 recorded commands/)).toBeVisible();
    expect(await faults()).toEqual([]);
  });
});

describe("backup place", () => {
  it("is chosen in the system's dialog where there is one, and never asked for twice", async () => {
    const { backend, show } = at("/settings/backup", { lastBackup: null });
    const asked: string[] = [];
    backend.pickBackupPlace = async (_title, name) => { asked.push(name); return asked.length === 1 ? "/media/usb/chosen.backup" : null; };
    show();
    await userEvent.click(await screen.findByRole("button", { name: "Choose a place" }));
    expect(await screen.findByDisplayValue("/media/usb/chosen.backup")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Choose a place" }));
    expect(asked).toHaveLength(2);
    for (const name of asked) expect(name).toMatch(/^healthsync-\d{4}-\d{2}-\d{2}-\d{4}\.backup$/);
    expect(screen.getByLabelText("Write it to this file")).toHaveValue("/media/usb/chosen.backup");
  });

  it("has a name with the day and the time of the facility, so that no backup meets another", () => {
    expect(backupName("2026-11-20T22:46:00Z", "Africa/Nairobi")).toBe("healthsync-2026-11-21-0146.backup");
  });

  it("has no such button in a browser, which has no such dialog", async () => {
    at("/settings/backup", { lastBackup: null }).show();
    expect(await screen.findByLabelText("Write it to this file")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Choose a place" })).toBeNull();
  });

  it.each([
    ["backup_not_a_path", "This is not the full path of a file."],
    ["backup_no_folder", "This folder does not exist, or may not be opened."],
    ["backup_other_file", "Something already has this name. A backup replaces nothing, not even an earlier backup."],
    ["backup_not_writable", "Nothing can be written here, or the name is too long."],
  ])("says why not: %s", async (why, words) => {
    const { backend, show } = at("/settings/backup", { lastBackup: null });
    backend.answers["backup.make"] = () => refuse({ code: "home_unsuitable", args: { why } });
    show();
    await userEvent.type(await screen.findByLabelText("Write it to this file"), "/x/y{Enter}");
    expect(await screen.findByText(words)).toBeVisible();
  });
});

describe("proof", () => {
  const report: ProofReport = { verdict: "whole", commands: 412, receipts: 412, records: 998, files: 37, root: "0f".repeat(32), findings: [], noticed: [], milliseconds: 840 };

  it("says the verdict in words with its counts and root", async () => {
    const { backend, show } = at("/settings/proof");
    backend.answers["proof.verify"] = () => report;
    show();
    await userEvent.click(await screen.findByRole("button", { name: "Check every record now" }));
    expect(await screen.findByText("Whole: nothing was altered")).toBeVisible();
    expect(screen.getByText("998")).toBeVisible();
    expect(screen.getByText(/^0f0f0f0f 0f0f0f0f/)).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("lists what does not fit and says to stop", async () => {
    const { backend, show } = at("/settings/proof");
    backend.answers["proof.verify"] = () => ({ ...report, verdict: "tampered", findings: [{ what: "command 118", detail: "its hash does not fit" }] });
    show();
    await userEvent.click(await screen.findByRole("button", { name: "Check every record now" }));
    expect(await screen.findByText("Altered: something is not as it was written")).toBeVisible();
    expect(screen.getByText("command 118")).toBeVisible();
    expect(screen.getByText(/Stop working on this computer/)).toBeVisible();
  });

  it("tells what was noticed and mended before, without changing the verdict", async () => {
    const { backend, show } = at("/settings/proof");
    backend.answers["proof.verify"] = () => ({ ...report, noticed: [{ what: "attempts_missing", detail: "gone" }] });
    show();
    await userEvent.click(await screen.findByRole("button", { name: "Check every record now" }));
    expect(await screen.findByText("The count of wrong passwords was missing")).toBeVisible();
    expect(screen.queryByText("gone")).toBeNull();
    expect(await faults()).toEqual([]);
  });

  it("has other words for every verdict", () => {
    expect(new Set((["whole", "tampered", "fork", "cannot_decide"] as const).map((v) => verdictWords(v).title)).size).toBe(4);
  });
});

describe("models", () => {
  const builtIn: PackVersion = { version: "1.0.0", sha256: "ab".repeat(32), origin: "built_in", current: true, signedBy: null, at: null, by: null, problem: null };

  it("shows each pack with its card, and why one is not offered", async () => {
    const { backend, show } = at("/settings/models");
    backend.answers["model.conditions"] = () => [];
    const pack = { id: "chest-xray", version: "1.0.0", sha256: "ab".repeat(32), network: "basic_cnn", licence: "CC BY 4.0", licenceClass: "open" as const, enabled: true, origin: "built_in" as const, versions: [builtIn], tasks: [{ task: "chest_xray_pneumonia", labels: ["normal", "pneumonia"], intendedUse: "Children", outOfScope: "Adults", caution: "One hospital", established: true, auroc: 0.9402 }], problem: null, card: "# Chest X-ray\n\nTrained on children.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |" };
    backend.answers["model.list"] = () => ({ tasks: [], keys: [], packs: [pack, { ...pack, id: "old", card: "", problem: { code: "model_changed", kind: "refusal", args: {}, rules: [], incident: null } }] });
    show();
    expect(await screen.findByText("2 model packs")).toBeVisible();
    expect(screen.getByText("Verified and in use")).toBeVisible();
    expect(screen.getByText("Not offered")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Model card chest-xray" }));
    expect(screen.getByRole("heading", { name: "Chest X-ray" })).toBeVisible();
    expect(screen.getByText("Trained on children.")).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("asks before a pack with stricter terms may answer, and takes the yes back", async () => {
    const { backend, show } = at("/settings/models");
    backend.answers["model.conditions"] = () => [];
    let enabled = false;
    const sent: unknown[] = [];
    const pack = () => ({ id: "skin", version: "1.0.0", sha256: "ab".repeat(32), network: "basic_cnn", licence: "CC BY-NC 4.0", licenceClass: "non_commercial" as const, enabled, origin: "built_in" as const, versions: [builtIn], tasks: [{ task: "nc_skin_lesion", labels: ["melanoma"], intendedUse: "Lesions", outOfScope: "Else", caution: "Light skin", established: false, auroc: null }], problem: null, card: "" });
    backend.answers["model.list"] = () => ({ packs: [pack()], tasks: [], keys: [] });
    backend.answers["model.enable"] = (req) => { sent.push(req); enabled = req.enabled; return {}; };
    show();
    expect(await screen.findByText("Not used here")).toBeVisible();
    expect(screen.getByText("Figures not established")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Use this pack here skin" }));
    expect(await screen.findByText("Verified and in use")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Stop using this pack skin" }));
    expect(sent).toEqual([{ id: "skin", enabled: true }, { id: "skin", enabled: false }]);
    expect(await faults()).toEqual([]);
  });

  it("says that none is installed", async () => {
    const { backend, show } = at("/settings/models");
    backend.answers["model.list"] = () => ({ packs: [], tasks: [], keys: [] });
    backend.answers["model.conditions"] = () => [];
    show();
    expect(await screen.findByText("No model pack is installed")).toBeVisible();
  });
});

describe("passwords", () => {
  const rows = [
    { id: "1", user: "a", displayName: "ADEYEMI, Tola", role: "administrator" as const, active: true },
    { id: "3", user: "old", displayName: "BEFORE, Anna", role: "reception" as const, active: false },
  ];

  it("sets one for a colleague who is back, in the same breath", async () => {
    const { backend, show } = at("/settings/staff");
    backend.answers["staff.list"] = () => rows;
    backend.answers["staff.set_active"] = () => ({});
    backend.answers["staff.set_password"] = ({ password }) => (password.length < 10 ? refuse({ code: "password_too_short", args: { least: "10" } }) : {});
    show();
    await userEvent.click(await screen.findByRole("button", { name: "Activate BEFORE, Anna" }));
    const dialog = await screen.findByRole("dialog", { name: "New password for BEFORE, Anna" });
    expect(await faults()).toEqual([]);
    const send = within(dialog).getByRole("button", { name: "Set the password" });
    await userEvent.click(send);
    expect(backend.of("staff.set_password")).toEqual([]);
    await userEvent.type(within(dialog).getByLabelText("New password"), "short");
    await userEvent.type(within(dialog).getByLabelText("Password again"), "short");
    await userEvent.click(send);
    expect(await within(dialog).findByText(/10/)).toBeVisible();
    await userEvent.type(within(dialog).getByLabelText("New password"), " but longer");
    await userEvent.type(within(dialog).getByLabelText("Password again"), " but longer");
    await userEvent.click(send);
    expect(await screen.findByText("BEFORE, Anna signs in with the new password from now on.")).toBeVisible();
    expect(backend.of("staff.set_password").at(-1)).toEqual({ id: "3", password: "short but longer" });
  });

  it("changes one's own with the old one, and says under the field that the old one is wrong", async () => {
    const { backend, show } = at("/settings");
    backend.answers["session.change_password"] = ({ old }) => (old === "until now" ? {} : refuse({ code: "wrong_password" }));
    show();
    await userEvent.click(await screen.findByRole("button", { name: "Change my password" }));
    const dialog = await screen.findByRole("dialog", { name: "Change my password" });
    const old = within(dialog).getByLabelText("Password until now");
    expect(old).toHaveFocus();
    await userEvent.type(old, "a guess");
    await userEvent.type(within(dialog).getByLabelText("New password"), "calm new words");
    await userEvent.type(within(dialog).getByLabelText("Password again"), "calm new words");
    await userEvent.click(within(dialog).getByRole("button", { name: "Change it" }));
    await waitFor(() => expect(old).toBeInvalid());
    await userEvent.clear(old);
    await userEvent.type(old, "until now");
    await userEvent.click(within(dialog).getByRole("button", { name: "Change it" }));
    expect(await screen.findByText("Your new password is in force.")).toBeVisible();
    expect(backend.of("session.change_password").at(-1)).toEqual({ old: "until now", new: "calm new words" });
  });

  it("offers no change where the password is printed", async () => {
    const { show } = at("/settings", { facility: { ...clinic, training: true } });
    show();
    expect(await screen.findByText("In the training facility everybody has the same printed password.")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Change my password" })).toBeNull();
  });
});
