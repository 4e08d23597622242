import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Batches, BatchView, PickedFile } from "../../wire";
import { leftWords } from "./Batch";
import { faults, open, room } from "./testkit";

vi.mock("./viewport/Viewport", async (original) => ({
  ...(await original<typeof import("./viewport/Viewport")>()),
  makeViewport: async () => ({ engine: "canvas", show: async () => undefined, draw: () => undefined, dispose: () => undefined }),
}));

beforeEach(() => localStorage.clear());

function batch(over: Partial<BatchView> = {}): BatchView {
  return {
    id: "b1", name: "knees", sources: 1, askedBy: "OKELLO, Amina", askedAt: "2026-11-20T11:00:00Z", task: null, network: null, state: "running",
    total: 500, untaken: 200, queued: 163, done: 130, known: 3, abstained: 2, failed: 1, refused: 1, cancelled: 0, others: 0, secondsLeft: 118, ...over,
  };
}
function rooms(batches: BatchView[], halted: Batches["halted"] = null) {
  const backend = room(null);
  const state = { batches, halted };
  backend.answers["batch.list"] = () => ({ ...state });
  backend.answers["model.list"] = { packs: [], keys: [], tasks: [{ task: "knee_xray_oa", kind: "knee_xray", network: "resnet50", networks: ["resnet50", "basic_cnn"] }] };
  return { backend, state };
}
const bar = () => screen.findByRole("region", { name: "Many pictures at once" });
const sent = (backend: ReturnType<typeof room>, name: string) => backend.calls.filter((c) => c.name === name).map((c) => c.req);

describe("a batch above the worklist", () => {
  it("says how far it is, what got no answer and how long it takes, and is clean for axe", async () => {
    open(rooms([batch({ task: "knee_xray_oa" })]).backend, "/images");
    const region = await bar();
    expect(within(region).getByRole("heading", { name: "knees" })).toBeVisible();
    expect(within(region).getByText("137 of 500")).toBeVisible();
    expect(within(region).getByText("130 answered · 3 done before · 2 not assessed · 1 not opened · 1 failed")).toBeVisible();
    expect(within(region).getByText("about 2 min left")).toBeVisible();
    expect(within(region).getByText("200 still to be read")).toBeVisible();
    expect(within(region).getByRole("progressbar", { name: "Progress of knees" })).toHaveAttribute("aria-valuenow", "27");
    expect(await faults()).toEqual([]);
  });

  it("is paused, goes on and is cancelled, and put away when it is over", async () => {
    const { backend, state } = rooms([batch()]);
    backend.answers["batch.pause"] = () => { state.batches = [batch({ state: "paused", secondsLeft: null })]; return {}; };
    backend.answers["batch.resume"] = () => { state.batches = [batch()]; return {}; };
    backend.answers["batch.cancel"] = () => { state.batches = [batch({ state: "cancelled", untaken: 0, queued: 0, cancelled: 363, secondsLeft: null })]; return {}; };
    backend.answers["batch.forget"] = () => { state.batches = []; return {}; };
    open(backend, "/images");
    await userEvent.click(await screen.findByRole("button", { name: /^Pause *knees/ }));
    await userEvent.click(await screen.findByRole("button", { name: /^Go on *knees/ }));
    await userEvent.click(await screen.findByRole("button", { name: /^Cancel *knees/ }));
    expect(await screen.findByText("Cancelled; what was done stays")).toBeVisible();
    expect(screen.getByText(/363 left out/)).toBeVisible();
    expect(screen.queryByRole("progressbar")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: /^Put away *knees/ }));
    await waitFor(() => expect(screen.queryByRole("region", { name: "Many pictures at once" })).toBeNull());
  });

  it("lists what got no answer with its reason, and leads to the picture", async () => {
    const { backend } = rooms([batch({ state: "over", untaken: 0, queued: 0, done: 493 })]);
    backend.answers["batch.items"] = {
      items: [
        { name: "a/letter.png", state: "abstained", study: "s9", error: null, reason: "blank", detail: null, values: { measured: 1.25, limit: 2.5 } },
        { name: "b.dcm", state: "refused", study: null, error: { code: "image_broken", kind: "refusal", args: { why: "gone" }, rules: [], incident: null }, reason: null, detail: null, values: null },
        { name: "c.png", state: "failed", study: null, error: null, reason: "analysis_too_long", detail: null, values: null },
      ],
      total: 4,
    };
    const { router } = open(backend, "/images");
    await userEvent.click(await screen.findByRole("button", { name: "Show the 4 without an answer" }));
    const list = await screen.findByRole("list", { name: "Pictures without an answer" });
    expect(within(list).getAllByRole("listitem").map((li) => li.textContent)).toEqual([
      expect.stringMatching(/^a\/letter\.pngNot assessed.*Contrast 1\.3 of 255/),
      "b.dcmNot openedThe program was closed before this file was read. Choose it again.",
      "c.pngFailedtaking longer than one picture may",
    ]);
    expect(screen.getByText("1 more are not shown here.")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(within(list).getByRole("button", { name: /^Show it/ }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/images/s9"));
  });

  it("says that the disk is full, what to do, and goes on when asked", async () => {
    const { backend, state } = rooms([batch()], { code: "disk_full", kind: "refusal", args: {}, rules: [], incident: null });
    backend.answers["analysis.go_on"] = () => { state.halted = null; return {}; };
    open(backend, "/images");
    expect(await screen.findByText(/Nothing is lost\. Free some space, then press Go on\./)).toBeVisible();
    expect(screen.getByText("Standing still")).toBeVisible();
    expect(screen.queryByText(/min left/)).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Go on" }));
    await waitFor(() => expect(screen.queryByText(/disk is full/)).toBeNull());
    expect(screen.getByText("Under way")).toBeVisible();
  });

  it("shows nothing to press to somebody who may only look", async () => {
    open(rooms([batch()]).backend, "/images", ["see_images"]);
    await bar();
    expect(screen.queryByRole("button", { name: /^(Pause|Cancel) *knees/ })).toBeNull();
    expect(screen.queryByRole("button", { name: "Open a folder" })).toBeNull();
  });
});

describe("asking for a folder", () => {
  const files = (n: number): PickedFile[] => Array.from({ length: n }, (_, i) => ({ handle: `h${i}`, name: `${i}.png` }));

  it("asks one question for all of its pictures", async () => {
    const { backend } = rooms([]);
    backend.pickFolder = async () => [{ handle: "folder", name: "knees" }];
    backend.answers["batch.start"] = { id: "b1" };
    open(backend, "/images");
    await userEvent.click(await screen.findByRole("button", { name: "Open a folder" }));
    const dialog = await screen.findByRole("dialog", { name: "Analyse many pictures" });
    expect(within(dialog).getByText("knees")).toBeVisible();
    await userEvent.click(within(dialog).getByRole("button", { name: "Start the analyses" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(sent(backend, "batch.start")).toEqual([{ handles: ["folder"], task: null, network: null }]);
  });

  it("is offered for many files at once, and a few are opened as before", async () => {
    const { backend } = rooms([]);
    backend.answers["study.import"] = { files: [], others: 0 };
    backend.pickFiles = async () => files(20);
    open(backend, "/images");
    await userEvent.click(await screen.findByRole("button", { name: "Open images" }));
    await waitFor(() => expect(sent(backend, "study.import")).toHaveLength(1));
    backend.pickFiles = async () => files(21);
    await userEvent.click(screen.getByRole("button", { name: "Open images" }));
    const dialog = await screen.findByRole("dialog", { name: "Analyse many pictures" });
    expect(within(dialog).getByText("0.png and 20 more")).toBeVisible();
    await userEvent.click(within(dialog).getByRole("button", { name: "Not now" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(sent(backend, "batch.start")).toEqual([]);
    expect(sent(backend, "study.import")).toHaveLength(1);
  });
});

describe("the time that is left", () => {
  it("is rounded to what a batch can know", () => {
    expect([null, 3, 42, 60, 118, 3500, 3600, 9000].map((s) => leftWords(s))).toEqual([
      null, "about 10 seconds left", "about 50 seconds left", "about 1 min left", "about 2 min left", "about 58 min left", "about 1 h left", "about 3 h left",
    ]);
  });
});
