import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { PackVersion, PackView } from "../../wire";
import { refuse } from "../../testing/program.testkit";
import { analysis, finding, normal, open, room } from "./testkit";

vi.setConfig({ testTimeout: 30_000 });
// jsdom draws nothing and lays nothing out.
vi.mock("./viewport/Viewport", async (original) => ({
  ...(await original<typeof import("./viewport/Viewport")>()),
  makeViewport: async () => ({ engine: "canvas", show: async () => undefined, draw: () => undefined, dispose: () => undefined }),
}));
beforeEach(() => {
  Object.defineProperty(window, "innerWidth", { value: 1366, configurable: true });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { value: 600, configurable: true });
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 600, configurable: true });
  HTMLCanvasElement.prototype.getContext = (() => null) as never;
});

const version = (v: string, sha256: string, current: boolean): PackVersion => ({ version: v, sha256, origin: "built_in", current, signedBy: null, at: null, by: null, problem: null });
const spoke = analysis().pack;
const pack = (id: string, versions: PackVersion[], over: Partial<PackView> = {}): PackView => ({
  id, version: versions[0]?.version ?? "", sha256: versions[0]?.sha256 ?? "", network: "basic_cnn", licence: "MIT", licenceClass: "open", enabled: true, origin: "built_in", versions,
  tasks: [{ task: "chest_xray_pneumonia", labels: [], intendedUse: "", outOfScope: "", caution: "", established: true, auroc: null }], problem: null, card: "", ...over,
});

function reading() {
  const backend = room();
  backend.answers["model.list"] = { tasks: [], keys: [], packs: [
    pack("chest-xray-basic", [version("0.1.0", spoke?.sha256 ?? "", true)]),
    pack("resnet50-open", [version("0.2.0", "cd", true), version("0.1.0", "ef", false)], { network: "resnet50" }),
    pack("skin", [version("1.0.0", "11", true)], { enabled: false, licenceClass: "non_commercial" }),
    pack("knee", [version("1.0.0", "22", true)], { tasks: [] }),
  ] };
  open(backend);
  return backend;
}

describe("asking again", () => {
  it("says that the numbers are the same, or by how much they differ", async () => {
    const backend = reading();
    const run = await screen.findByRole("button", { name: "Compute again" });
    backend.answers["analysis.rerun"] = { analysis: analysis(), same: true, largest: 0, differences: [] };
    await userEvent.click(run);
    expect(await screen.findByText("Same numbers: chest-xray-basic 0.1.0 answers as it did then.")).toBeVisible();
    backend.answers["analysis.rerun"] = { analysis: analysis(), same: false, largest: 0.2, differences: [{ label: "bacterial_pneumonia", then: 0.82, now: 0.62 }] };
    await userEvent.click(run);
    expect(await screen.findByText(/Not the same numbers: a probability differs by up to 0.20/)).toBeVisible();
    expect(screen.getByText("Bacterial pneumonia: then 0.82, now 0.62")).toBeVisible();
    backend.answers["analysis.rerun"] = () => refuse({ code: "pack_gone", args: { pack: "chest-xray-basic", version: "0.1.0" } });
    await userEvent.click(run);
    expect(await screen.findByText(/is not installed any more/)).toBeVisible();
  });
});

describe("comparing", () => {
  it("puts both answers of a label side by side, with silence and maps", async () => {
    const backend = reading();
    await userEvent.click(await screen.findByRole("button", { name: "Compare two models" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Two models on this picture" }));
    const left = analysis();
    const right = analysis({ network: "resnet50", pack: { id: "resnet50-open", version: "0.2.0", sha256: "cd" }, findings: [finding({ probability: 0.4, map: null }), { ...normal, probability: 0.6 }] });
    backend.answers["analysis.compare"] = { left, right };
    await userEvent.click(await dialog.findByRole("button", { name: "Compare" }));
    const row = within(await dialog.findByRole("row", { name: /^Bacterial pneumonia/ }));
    expect(row.getByText("0.82")).toBeVisible();
    expect(row.getByText("0.40")).toBeVisible();
    expect(row.getByText(/Heat-map at hand/)).toBeVisible();
    expect(row.getByText("No heat-map")).toBeVisible();
    expect(dialog.getByText("Largest difference of an answer: 0.42")).toBeVisible();
    // Off until asked; then both sides, and the one without a map says so.
    expect(dialog.queryByRole("group", { name: /^The picture as/ })).toBeNull();
    await userEvent.click(dialog.getByRole("switch", { name: "Heat-maps on the picture" }));
    const films = await dialog.findAllByRole("group", { name: /^The picture as/ });
    expect(films.map((f) => f.getAttribute("data-map"))).toEqual(["drawn", "none"]);
    expect(await dialog.findAllByRole("img", { name: /^Heat-map of|Bacterial pneumonia/ })).toHaveLength(1);
    expect(dialog.getAllByRole("img", { name: /0.15/ })).toHaveLength(1);
    const sent = backend.calls.filter((c) => c.name === "analysis.compare").map((c) => c.req);
    expect(sent).toEqual([{ image: "i1", task: "chest_xray_pneumonia", left: { id: "chest-xray-basic", sha256: spoke?.sha256 }, right: { id: "resnet50-open", sha256: "cd" } }]);
    backend.answers["analysis.compare"] = { left, right: analysis({ state: "abstained", reason: "low_confidence", findings: [] }) };
    await userEvent.click(dialog.getByRole("button", { name: "Compare" }));
    expect(await dialog.findByText("Gives no answer")).toBeVisible();
    expect(dialog.getByText(/cannot decide between its findings/)).toBeVisible();
  });

  it("offers the versions that may be looked at and answer the question, and no others", async () => {
    reading();
    await userEvent.click(await screen.findByRole("button", { name: "Compare two models" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Two models on this picture" }));
    await userEvent.click(await dialog.findByRole("button", { name: /Second model/ }));
    const offered = (await screen.findAllByRole("option")).map((o) => o.textContent);
    expect(offered).toHaveLength(2);
    expect(offered.join()).toMatch(/resnet50-open 0.2.0.*resnet50-open 0.1.0/);
  });
});
