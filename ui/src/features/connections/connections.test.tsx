import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import type { Archive, ArchiveRow, Connections, FetchView, Receiver, ResultsOffer, Status } from "../../wire";
import { doors } from "../account/screens";
import { ExportButton } from "./Export";
import { screens } from "./screens";

// Typing key by key is slow while other work fills both cores.
vi.setConfig({ testTimeout: 30_000 });

const receiver: Receiver = { on: false, title: "HEALTHSYNC", allowed: [], bind: "127.0.0.1", port: 11112, analyse: false, state: "off", problem: null, taken: 0, refused: 0, lastSender: null, lastAt: null };
const north: Archive = { id: "n", name: "North", address: "https://north.example/dicom-web", plain: false, door: "password", user: "desk", authority: false };
const status = (permissions: NonNullable<Status["session"]>["permissions"]) => statusOf({ door: "signed_in", facility: clinic, session: { user: "a", displayName: "ADEYEMI, Tola", role: "administrator", permissions, since: "2026-11-20T08:00:00Z" } });

function at(path: string, answers: Parameters<typeof memory>[0]) {
  const backend = memory({ "app.status": () => status(["manage_facility", "import_images", "see_images", "analyse_images"]), ...answers });
  render(<Program backend={backend} screens={screens} doors={doors} path={path} />);
  return backend;
}

const settings = (shown: Partial<Connections>, more: Parameters<typeof memory>[0] = {}) => at("/settings/connections", { "connections.show": () => ({ receiver, archives: [], ...shown }), ...more });

describe("the receiver", () => {
  it("asks for a sender before it is switched on, and says what the protocol lacks", async () => {
    const user = userEvent.setup();
    const backend = settings({}, { "receiver.set": () => ({}) });
    await user.click(await screen.findByRole("switch", { name: "Receive pictures on this computer" }));
    expect(screen.getByText(/no passwords and no encryption/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Save receiver" }));
    expect(screen.getByText("Name at least one sender, or switch the receiver off.")).toBeVisible();
    expect(backend.of("receiver.set")).toEqual([]);
    await user.type(screen.getByLabelText("Senders that may deliver"), "CT1{Enter}{Enter} MR2 ");
    await user.click(screen.getByRole("button", { name: "Save receiver" }));
    expect(backend.of("receiver.set")).toEqual([{ on: true, title: "HEALTHSYNC", allowed: ["CT1", "MR2"], bind: "127.0.0.1", port: 11112, analyse: false }]);
    expect(await faults()).toEqual([]);
  });

  it("shows where it listens, what came, and why it does not listen", async () => {
    settings({ receiver: { ...receiver, on: true, allowed: ["CT1"], state: "listening", taken: 3, refused: 1, lastSender: "CT1", lastAt: "2026-11-20T08:00:00Z" } });
    expect(await screen.findByText("Listening on 127.0.0.1:11112 as HEALTHSYNC")).toBeVisible();
    expect(screen.getByText("3 pictures taken, 1 refused")).toBeVisible();
  });

  it("analyses what arrives only when somebody ticks it, and says that the program then asks by itself", async () => {
    const user = userEvent.setup();
    const backend = settings({ receiver: { ...receiver, on: true, allowed: ["CT1"], state: "listening" } }, { "receiver.set": () => ({}) });
    const tick = await screen.findByRole("checkbox", { name: /^Analyse what arrives/ });
    expect(tick).not.toBeChecked();
    expect(screen.getByText(/behind what people ask for/)).toBeVisible();
    expect(screen.getByRole("button", { name: "Save receiver" })).toHaveAttribute("aria-disabled", "true");
    await user.click(tick);
    await user.click(screen.getByRole("button", { name: "Save receiver" }));
    expect(backend.of("receiver.set")).toMatchObject([{ on: true, analyse: true }]);
    expect(await faults()).toEqual([]);
  });

  it("says at the field what is refused", async () => {
    const user = userEvent.setup();
    settings({ receiver: { ...receiver, on: true, allowed: ["CT1"], state: "failed", problem: "in use" } }, { "receiver.set": () => refuse({ code: "receiver_unfit", args: { why: "bind", value: "here" } }) });
    expect(await screen.findByText("Could not listen on 127.0.0.1:11112: in use")).toBeVisible();
    const bind = screen.getByLabelText("Address to listen on");
    await user.clear(bind);
    await user.type(bind, "here");
    await user.click(screen.getByRole("button", { name: "Save receiver" }));
    expect(await screen.findByText(/"here" is no address/)).toBeVisible();
  });
});

describe("archives", () => {
  it("are added with a password that is asked for once, and a plain address needs its own tick", async () => {
    const user = userEvent.setup();
    const backend = settings({}, { "archive.put": () => ({ id: "n" }) });
    await user.click(await screen.findByRole("button", { name: "Add archive" }));
    const dialog = await screen.findByRole("dialog");
    await user.type(within(dialog).getByLabelText("Name"), "North");
    const address = within(dialog).getByLabelText("Address");
    await user.type(address, "https://north.example");
    expect(within(dialog).queryByRole("checkbox")).toBeNull();
    await user.clear(address);
    await user.type(address, "http://north.example");
    await user.click(within(dialog).getByRole("checkbox", { name: /unencrypted/ }));
    await user.type(within(dialog).getByLabelText("User name"), "desk");
    await user.type(within(dialog).getByLabelText("Password"), "s3cret");
    expect(within(dialog).getByLabelText("Password")).toHaveAttribute("type", "password");
    await user.click(within(dialog).getByRole("button", { name: "Save archive" }));
    expect(backend.of("archive.put")).toEqual([{ id: null, name: "North", address: "http://north.example", plain: true, door: "password", user: "desk", secret: "s3cret", authority: null }]);
    expect(await screen.findByText("North is saved.")).toBeVisible();
  });

  it("keep their password when it is left empty, and are tested by name", async () => {
    const user = userEvent.setup();
    const backend = settings({ archives: [north] }, { "archive.put": () => ({ id: "n" }), "archive.test": () => refuse({ code: "archive_failed", args: { why: "not_let_in", detail: "" } }) });
    await user.click(await screen.findByRole("button", { name: "Test North" }));
    expect(await screen.findByText(/does not let this program in. Check/)).toBeVisible();
    expect(await faults()).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Change North" }));
    await user.click(await screen.findByRole("button", { name: "Save archive" }));
    expect(backend.of("archive.put")[0]).toMatchObject({ id: "n", secret: null, authority: null });
  });
});

const row: ArchiveRow = { studyUid: "1.2.3", patientName: "ROE, Jane", patientId: "A1", accession: "77", takenOn: "2026-11-02", modalities: ["CT"], description: "Thorax", images: 12, here: null };
const search = (more: Parameters<typeof memory>[0]) => at("/archives", { "archive.list": () => [{ id: "n", name: "North" }], "archive.fetches": () => ({ fetches: [] }), ...more });

const coming: FetchView = {
  id: "f1", archive: "n", archiveName: "North", studyUid: "1.2.3", patientName: "ROE, Jane", askedBy: "KHAN, Sara", askedAt: "2026-11-20T08:00:00Z", analyse: true,
  state: "running", got: 3, total: 12, kilobytes: 1540, secondsLeft: 42, taken: 0, refused: 0, refusedWhy: null, study: null, error: null,
};
const broken = { code: "archive_failed" as const, kind: "refusal" as const, args: { why: "cut_short", detail: "" }, rules: [], incident: null };

describe("searching an archive", () => {
  it("asks for something first, then sends for the study that was found", async () => {
    const user = userEvent.setup();
    let list: FetchView[] = [];
    const backend = search({
      "archive.search": ({ patientName }) => (patientName === "*" ? refuse({ code: "archive_failed", args: { why: "no_criterion" } }) : { rows: [row], more: true, unusable: 2 }),
      "archive.fetches": () => ({ fetches: list }),
      "archive.fetch": () => { list = [coming]; return { id: "f1" }; },
    });
    await user.click(await screen.findByRole("button", { name: "Search" }));
    const need = /^Fill in at least one field/;
    expect(screen.getByText(need)).toBeVisible();
    const name = screen.getByLabelText("Patient name");
    await user.type(name, "*");
    await user.click(screen.getByRole("button", { name: "Search" }));
    expect(await screen.findByText(need)).toBeVisible();
    expect(screen.queryByText("The archive could not be searched")).toBeNull();
    await user.clear(name);
    await user.type(name, "roe");
    await user.click(screen.getByRole("button", { name: "Search" }));
    expect(await screen.findByRole("rowheader", { name: /ROE, Jane/ })).toBeVisible();
    expect(screen.queryByText(need)).toBeNull();
    expect(backend.of("archive.search")[1]).toEqual({ archive: "n", patientName: "roe", patientId: "", accession: "", modality: "", from: null, to: null });
    expect(screen.getByText(/There are more/)).toBeVisible();
    expect(screen.getByText(/^2 rows of the answer/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: /^Fetch/ }));
    expect(backend.of("archive.fetch")).toEqual([{ archive: "n", studyUid: "1.2.3", analyse: true }]);
    // The row says that it is on its way, and the bar above how far.
    expect(await screen.findByRole("progressbar", { name: "Progress of ROE, Jane" })).toHaveAttribute("aria-valuenow", "25");
    expect(screen.getByText("3 of 12 pictures · 1.5 MB")).toBeVisible();
    expect(screen.getByText("about 50 seconds left")).toBeVisible();
    expect(screen.getByRole("button", { name: "Fetch ROE, Jane" })).toHaveAttribute("aria-disabled", "true");
    expect(await faults()).toEqual([]);
  });

  it("shows what is on its way to whoever comes back, and cancels it", async () => {
    const user = userEvent.setup();
    let list = [coming, { ...coming, id: "f2", studyUid: "1.2.4", patientName: "DOE, John", state: "waiting" as const, got: 0, total: null }];
    const backend = search({
      "archive.fetches": () => ({ fetches: list }),
      "archive.cancel": ({ id }) => { list = list.map((f) => (f.id === id ? { ...f, state: "cancelled" as const } : f)); return {}; },
      "archive.forget": ({ id }) => { list = list.filter((f) => f.id !== id); return {}; },
    });
    expect(await screen.findByText("Waiting for its turn")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Cancel ROE, Jane" }));
    expect(backend.of("archive.cancel")).toEqual([{ id: "f1" }]);
    expect(await screen.findByText(/^Nothing of this fetch was kept/)).toBeVisible();
    expect(screen.queryByRole("progressbar")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Put away ROE, Jane" }));
    await waitFor(() => expect(screen.queryByRole("heading", { name: "ROE, Jane" })).toBeNull());
    expect(screen.getByRole("heading", { name: "DOE, John" })).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("says of each study that came how much of it is here, and of each that did not why", async () => {
    const user = userEvent.setup();
    const odd = { code: "image_broken" as const, kind: "refusal" as const, args: { why: "other_study" }, rules: [], incident: null };
    let list: FetchView[] = [
      { ...coming, state: "over", got: 11, taken: 10, refused: 1, refusedWhy: odd, study: "s1" },
      { ...coming, id: "f2", patientName: null, state: "failed", error: broken },
    ];
    const backend = search({
      "archive.fetches": () => ({ fetches: list }),
      "archive.fetch": () => ({ id: "f3" }),
      "archive.forget": ({ id }) => { list = list.filter((f) => f.id !== id); return {}; },
    });
    expect(await screen.findByText(/10 of 12 pictures taken over. The archive sent only 11: the study may lack pictures. 1 not taken over: It belongs to another study/)).toBeVisible();
    expect(screen.getByText(/^The connection broke off. Nothing of this fetch was kept/)).toBeVisible();
    expect(screen.getByRole("button", { name: "Open ROE, Jane" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Fetch again Study 1.2.3" }));
    expect(backend.of("archive.fetch")).toEqual([{ archive: "n", studyUid: "1.2.3", analyse: true }]);
    expect(backend.of("archive.forget")).toEqual([{ id: "f2" }]);
    expect(await faults()).toEqual([]);
  });

  it("says who sets archives up when there is none", async () => {
    search({ "archive.list": () => [] });
    expect(await screen.findByText("No archive is set up")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Search" })).toBeNull();
  });
});

describe("save or send", () => {
  const offer: ResultsOffer = { analysis: "a1", kinds: ["pdf", "fhir", "sr", "capture"], pictures: 2, archives: [{ id: "n", name: "North" }] };
  function dialog(answers: Parameters<typeof memory>[0]) {
    const backend = memory({ "app.status": () => status(["see_images"]), "results.offer": () => offer, ...answers });
    const Only = () => <ExportButton study="s1" />;
    render(<Program backend={backend} screens={[{ path: "/x", area: "images", title: () => "x", component: Only }]} doors={doors} path="/x" />);
    return backend;
  }

  it("writes the ticked forms into a named folder, and each file that was not written with its reason", async () => {
    const user = userEvent.setup();
    const other = { code: "folder_unsuitable" as const, kind: "refusal" as const, args: { why: "other_file" }, rules: [], incident: null };
    const backend = dialog({ "results.save": () => ({ folder: "/media/usb", files: ["a1.pdf"], refused: [{ name: "a1.sr.dcm", error: other }] }) });
    await user.click(await screen.findByRole("button", { name: "Save or send" }));
    const save = await screen.findByRole("button", { name: "Save results" });
    expect(save).toHaveAttribute("aria-disabled", "true");
    await user.type(screen.getByLabelText("Folder"), "/media/usb");
    await user.click(screen.getByRole("checkbox", { name: "FHIR report (JSON)" }));
    await user.click(screen.getByRole("button", { name: "Save results" }));
    expect(backend.of("results.save")).toEqual([{ study: "s1", analysis: "a1", kinds: ["pdf", "sr", "capture"], folder: "/media/usb" }]);
    expect(await screen.findByText("1 files written to /media/usb.")).toBeVisible();
    expect(screen.getByText("Not written: a1.sr.dcm. A file of this name is there already and stays.")).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("sends only the DICOM forms, and says what the archive keeps", async () => {
    const user = userEvent.setup();
    const backend = dialog({ "results.send": () => ({ kept: 1, refused: 1 }) });
    await user.click(await screen.findByRole("button", { name: "Save or send" }));
    await user.click(await screen.findByRole("button", { name: /Send to archive/ }));
    expect(backend.of("results.send")).toEqual([{ archive: "n", study: "s1", analysis: "a1", kinds: ["sr", "capture"] }]);
    expect(await screen.findByText("North keeps 1 files.")).toBeVisible();
    expect(screen.getByText("North did not keep 1 files.")).toBeVisible();
  });

  it("has no button for what cannot be done", async () => {
    const user = userEvent.setup();
    dialog({ "results.offer": () => ({ analysis: null, kinds: [], pictures: 0, archives: [] }) });
    await user.click(await screen.findByRole("button", { name: "Save or send" }));
    expect(await screen.findByText(/No analysis of this study has ended/)).toBeVisible();
    expect(screen.queryByRole("button", { name: /Save results|Send to|copies/ })).toBeNull();
  });
});
