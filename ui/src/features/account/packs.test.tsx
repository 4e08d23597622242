import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Commands, ConditionRow, FitView, PackKey, PackVersion, PackView } from "../../wire";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import { doors, screens } from "./screens";

// Typing key by key is slow while other work fills both cores.
vi.setConfig({ testTimeout: 30_000 });

const own: PackKey = { key: "aa".repeat(32), fingerprint: "1111 2222 3333 4444 5555 6666 7777 8888", name: "Lakeside District Hospital", own: true, at: null, by: null };
const lake: PackKey = { key: "bb".repeat(32), fingerprint: "9999 8888 7777 6666 5555 4444 3333 2222", name: "Lake Trust", own: false, at: "2026-11-20T08:00:00Z", by: "ADEYEMI, Tola" };
const version = (v: string, over: Partial<PackVersion> = {}): PackVersion => ({ version: v, sha256: v.padEnd(64, "0"), origin: "imported", current: false, signedBy: "Lake Trust", at: "2026-11-20T08:00:00Z", by: "ADEYEMI, Tola", problem: null, ...over });
const wrist = (over: Partial<PackView> = {}): PackView => ({
  id: "wrist", version: "1.1.0", sha256: "1.1.0".padEnd(64, "0"), network: "basic_cnn", licence: "CC0", licenceClass: "open", enabled: false, origin: "imported",
  versions: [version("1.1.0", { current: true }), version("1.0.0")],
  tasks: [{ task: "wrist_xray_fracture", labels: ["no_fracture", "fracture"], intendedUse: "Wrists", outOfScope: "Else", caution: "A test", established: false, auroc: null }], problem: null, card: "# Wrist", ...over,
});
const fracture = (state: ConditionRow["state"]): ConditionRow => ({ id: "bone_fracture", name: "Bone fracture", area: "bone_and_teeth", state, packs: state === "imported" ? ["wrist"] : [], reason: state === "vocabulary_only" ? "no_pictures" : null, why: null });

function page(packs: PackView[] = [wrist()], permissions: ("manage_facility" | "see_images")[] = ["manage_facility"], fits: FitView[] = []) {
  const session = { user: "a", displayName: "ADEYEMI, Tola", role: "administrator" as const, permissions, since: "2026-11-20T08:00:00Z" };
  const status = statusOf({ door: "signed_in", facility: clinic, session, lastBackup: "2026-11-20T02:00:00Z" });
  const backend = memory({ "app.status": () => status, "model.list": () => ({ packs, tasks: [], keys: [own, lake], fits }), "model.conditions": () => [fracture("vocabulary_only")] });
  backend.pickFiles = async () => [{ handle: "file-1", name: "wrist.zip" }];
  render(<Program backend={backend} screens={screens} doors={doors} path="/settings/models" />);
  return backend;
}

const imported: Commands["model.import"]["res"] = { pack: { id: "wrist", version: "1.1.0", sha256: "ab" }, replaced: "1.0.0", enabled: false, known: false, others: 0 };
const unknown = (args: Record<string, string> = {}) => refuse({ code: "pack_key_unknown", args: { key: lake.key, fingerprint: lake.fingerprint, pack: "wrist", version: "1.1.0", ...args } });

const fitted: FitView = {
  task: "chest_xray_pneumonia", pack: { id: "basic-cnn-open", version: "0.1.0+site.1", sha256: "cd".repeat(32) }, from: "0.1.0", head: true, fittedOn: 143, measuredOn: 61,
  before: { temperature: 1, logLoss: 0.71, ece: 0.12, macroAuroc: 0.9 }, after: { temperature: 1.8, logLoss: 0.52, ece: 0.05, macroAuroc: 0.95 }, better: 97, at: "2026-11-20T11:46:00Z", by: "KHAN, Sameera",
};

describe("a fit that waits", () => {
  it("is installed after a question that says what changes and what stays", async () => {
    const backend = page([wrist()], ["manage_facility"], [fitted]);
    await userEvent.click(await screen.findByRole("button", { name: /^Install 0\.1\.0\+site\.1/ }));
    const dialog = await screen.findByRole("alertdialog");
    expect(within(dialog).getByText(/the last step from the picture to the findings changes/)).toBeVisible();
    expect(within(dialog).getByText("Fitted on 143 judged pictures, measured on 61 others")).toBeVisible();
    expect(within(dialog).getByText(/Version 0\.1\.0 stays here and can be brought back/)).toBeVisible();
    expect(await faults()).toEqual([]);
    backend.answers["quality.fit_install"] = () => ({ ...imported, pack: fitted.pack });
    await userEvent.click(within(dialog).getByRole("button", { name: "Install" }));
    await waitFor(() => expect(backend.of("quality.fit_install")).toEqual([{ sha256: fitted.pack.sha256 }]));
  });
});

describe("installed packs", () => {
  it("names the version whose files did not come back", async () => {
    const gone = { code: "pack_gone" as const, kind: "refusal" as const, args: { pack: "wrist", version: "1.1.0" }, rules: [], incident: null };
    page([wrist({ problem: gone, versions: [version("1.1.0", { problem: gone }), version("1.0.0")] })]);
    expect(await screen.findByText(/The files of wrist 1\.1\.0 are not on this computer/)).toBeVisible();
    expect(screen.getByText("Files missing")).toBeVisible();
  });

  it("imports a file and says what is kept and what is still to be done", async () => {
    const backend = page();
    backend.answers["model.import"] = () => imported;
    await userEvent.click(await screen.findByRole("button", { name: "Import a pack" }));
    expect(await screen.findByText(/wrist 1.1.0 is installed/)).toBeVisible();
    expect(screen.getByText(/Version 1.0.0 is kept/)).toBeVisible();
    expect(screen.getByText(/It answers nothing yet/)).toBeVisible();
    expect(backend.of("model.import")).toEqual([{ handle: "file-1" }]);
    expect(await faults()).toEqual([]);
  });

  it("says of a bad pack which file is wrong and that nothing was installed", async () => {
    const backend = page();
    backend.answers["model.import"] = () => refuse({ code: "pack_file_changed", args: { file: "heads.safetensors" } });
    await userEvent.click(await screen.findByRole("button", { name: "Import a pack" }));
    expect(await screen.findByText("heads.safetensors is not the file it was signed with, or only half of it.")).toBeVisible();
    expect(screen.getByText(/Nothing was installed/)).toBeVisible();
    backend.answers["model.import"] = () => refuse({ code: "pack_card_wrong", args: { detail: "missing field `caution`" } });
    await userEvent.click(screen.getByRole("button", { name: "Import a pack" }));
    expect(await screen.findByText(/missing field `caution`/)).toBeVisible();
  });

  it("trusts a new publisher only by the fingerprint they told, and then goes on by itself", async () => {
    const backend = page();
    let known = false;
    backend.answers["model.import"] = () => (known ? imported : unknown({ handle: "file-2" }));
    backend.answers["model.trust"] = () => { known = true; return {}; };
    await userEvent.click(await screen.findByRole("button", { name: "Import a pack" }));
    const dialog = within(await screen.findByRole("dialog", { name: "A publisher nobody here knows yet" }));
    expect(dialog.getByText(lake.fingerprint)).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.type(dialog.getByLabelText("Who is the publisher?"), "Lake Trust");
    await userEvent.type(dialog.getByLabelText("The fingerprint the publisher told you"), "0000");
    await userEvent.click(dialog.getByRole("button", { name: "Trust this publisher and install" }));
    expect(dialog.getByText(/This is not the fingerprint above/)).toBeVisible();
    expect(backend.of("model.trust")).toEqual([]);
    await userEvent.clear(dialog.getByLabelText("The fingerprint the publisher told you"));
    await userEvent.type(dialog.getByLabelText("The fingerprint the publisher told you"), `${lake.fingerprint.replaceAll(" ", "-")}{Enter}`);
    expect(await screen.findByText(/wrist 1.1.0 is installed/)).toBeVisible();
    expect(backend.of("model.trust")).toEqual([{ key: lake.key, name: "Lake Trust", fingerprint: lake.fingerprint.replaceAll(" ", "-") }]);
    expect(backend.of("model.import").at(-1)).toEqual({ handle: "file-2" });
  });

  it("shows the versions and lets an earlier one answer", async () => {
    const backend = page();
    backend.answers["model.use"] = () => ({});
    const grid = within(await screen.findByRole("grid", { name: "Versions of wrist" }));
    expect(grid.getAllByText("Signed by Lake Trust")).toHaveLength(2);
    expect(grid.getByText("Answers now")).toBeVisible();
    await userEvent.click(grid.getByRole("button", { name: "Use this version wrist 1.0.0" }));
    expect(backend.of("model.use")).toEqual([{ id: "wrist", sha256: "1.0.0".padEnd(64, "0") }]);
    expect(await screen.findByText(/wrist 1.0.0 answers from now on/)).toBeVisible();
    expect(screen.getByText(/It did not come with the program/)).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("goes back to the program's own version by its name", async () => {
    const builtIn = version("0.1.0", { origin: "built_in", signedBy: null, at: null, by: null });
    const backend = page([wrist({ id: "basic-cnn-open", enabled: true, versions: [version("0.2.0", { current: true, origin: "made_here", signedBy: null }), builtIn] })]);
    backend.answers["model.use"] = () => ({});
    await userEvent.click(await screen.findByRole("button", { name: "Use this version basic-cnn-open 0.1.0" }));
    expect(backend.of("model.use")).toEqual([{ id: "basic-cnn-open", sha256: null }]);
    expect(screen.queryByRole("button", { name: /Stop using this pack/ })).toBeNull();
  });

  it("stops trusting a publisher after asking, and never itself", async () => {
    const backend = page();
    backend.answers["model.distrust"] = () => ({});
    const grid = within(await screen.findByRole("grid", { name: "Who may sign packs" }));
    expect(grid.queryByRole("button", { name: /Lakeside/ })).toBeNull();
    await userEvent.click(grid.getByRole("button", { name: "Stop trusting Lake Trust" }));
    const dialog = within(await screen.findByRole("alertdialog", { name: "Stop trusting Lake Trust" }));
    expect(backend.of("model.distrust")).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Stop trusting" }));
    await waitFor(() => expect(backend.of("model.distrust")).toEqual([{ key: lake.key }]));
  });

  it("offers nothing that the person may not do, and says who may", async () => {
    const backend = page([wrist()], ["see_images"]);
    await userEvent.click(await screen.findByRole("button", { name: /Import a pack/ }));
    expect(screen.getAllByText("Whoever manages the facility imports packs.")[0]).toBeInTheDocument();
    expect(backend.of("model.import")).toEqual([]);
    expect(screen.queryByRole("button", { name: /Stop trusting/ })).toBeNull();
  });
});

describe("conditions", () => {
  it("say of one whose pack is not used here that nobody answers", async () => {
    const backend = page();
    backend.answers["model.conditions"] = () => [{ ...fracture("trained"), id: "renal_cyst", name: "Renal cyst" }];
    await userEvent.click(await screen.findByRole("button", { name: "Show the conditions" }));
    expect(await screen.findByText("The program can; its pack is not used here")).toBeVisible();
    expect(screen.getByText(/^0 answered by packs of the program/)).toBeVisible();
  });

  it("tell who answers, and why nobody does", async () => {
    const backend = page();
    expect(await screen.findByText(/0 answered by packs of the program, 0 by imported packs, 1 are words only/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Show the conditions" }));
    const grid = within(await screen.findByRole("grid", { name: "Conditions" }));
    expect(grid.getByText("Words only")).toBeVisible();
    expect(grid.getByText("No pictures of it were at hand for training.")).toBeVisible();
    // After an import the page asks again.
    backend.answers["model.conditions"] = () => [fracture("imported")];
    backend.answers["model.import"] = () => imported;
    await userEvent.click(screen.getByRole("button", { name: "Import a pack" }));
    expect(await grid.findByText("Answered by an imported pack")).toBeVisible();
    expect(grid.getByText("wrist")).toBeVisible();
    expect(await faults()).toEqual([]);
  });
});
