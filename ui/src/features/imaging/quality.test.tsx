import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AnalysisView, DriftView, FitNeeds, FitView, PackView, Quality, TaskQuality } from "../../wire";
import { refused } from "../../testing/fakeBackend";
import { trendWords } from "./performanceWords";
import { analysis, faults, finding, image, normal, open, room, row } from "./testkit";

beforeEach(() => {
  Object.defineProperty(window, "innerWidth", { value: 1366, configurable: true });
  HTMLCanvasElement.prototype.getContext = (() => null) as never;
});
afterEach(cleanup);

const viral = finding({ label: "viral_pneumonia", condition: "viral_pneumonia", probability: 0.1, threshold: 0.2, map: null });
const three = (over: Partial<AnalysisView> = {}) => room({ row: row(), images: [image()], analyses: [analysis({ findings: [finding(), viral, normal], ...over })], report: null });
const judged = (backend: ReturnType<typeof room>) => backend.calls.filter((c) => c.name === "analysis.judge").map((c) => c.req);

describe("judging", () => {
  it("says what it is instead by one key and a choice, with the label that is right", async () => {
    const backend = three();
    open(backend);
    (await screen.findByRole("group", { name: "Picture chest.dcm" })).focus();
    await screen.findByRole("button", { name: /^It is/ });
    await userEvent.keyboard("u");
    const list = await screen.findByRole("menu");
    expect(within(list).getAllByRole("menuitem").map((i) => i.textContent)).toEqual(["Viral pneumonia", expect.stringMatching(/normal/i)]);
    // Where the menu's focus stands when it opens differs between jsdom and a browser.
    await userEvent.click(within(list).getByRole("menuitem", { name: "Viral pneumonia" }));
    await waitFor(() => expect(judged(backend)).toEqual([{ analysis: "a1", label: "bacterial_pneumonia", agree: false, correct: "viral_pneumonia" }]));
  });

  it("judges what the model called where it found nothing, by the same keys", async () => {
    const backend = three({ findings: [finding({ probability: 0.1 }), viral, finding({ ...normal, probability: 0.8 })] });
    open(backend);
    (await screen.findByRole("group", { name: "Picture chest.dcm" })).focus();
    await userEvent.keyboard("a");
    await waitFor(() => expect(judged(backend)).toEqual([{ analysis: "a1", label: "normal", agree: true }]));
  });

  it("shows who said what it is, and offers no choice where there are two labels", async () => {
    const by = { agree: false, correct: "viral_pneumonia", by: "KHAN, Sameera", at: "2026-11-20T11:30:00Z" };
    const { unmount } = open(three({ findings: [finding({ judged: by }), viral, normal] }));
    expect(await screen.findByText("KHAN, Sameera: it is Viral pneumonia")).toBeVisible();
    unmount();
    open(room());
    expect(await screen.findByRole("button", { name: /^Disagree/ })).toBeVisible();
    expect(screen.queryByRole("button", { name: /^It is/ })).toBeNull();
  });
});

describe("a refusal", () => {
  const chest = { task: "chest_xray_pneumonia", labels: ["normal", "viral_pneumonia"], intendedUse: "", outOfScope: "", caution: "", established: true, auroc: null };
  it("is judged right or wrong, with what the picture shows", async () => {
    const backend = three({ state: "abstained", reason: "low_confidence", findings: [], task: "chest_xray_pneumonia" });
    const pack: PackView = { id: "chest-xray-basic", version: "0.1.0", sha256: "", network: "basic_cnn", licence: "", licenceClass: "open", enabled: true, origin: "built_in", versions: [], tasks: [chest], problem: null, card: "" };
    backend.answers["model.list"] = { packs: [pack], tasks: [], keys: [] };
    open(backend);
    const group = await screen.findByRole("group", { name: "Was it right to give no result?" });
    await userEvent.click(within(group).getByRole("button", { name: "Right" }));
    await waitFor(() => expect(judged(backend)).toEqual([{ analysis: "a1", label: "low_confidence", agree: true }]));
    await userEvent.click(await within(group).findByRole("button", { name: "It shows …" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Viral pneumonia" }));
    await waitFor(() => expect(judged(backend).at(-1)).toEqual({ analysis: "a1", label: "low_confidence", agree: false, correct: "viral_pneumonia" }));
  });

  it("shows what was said of it", async () => {
    open(three({ state: "abstained", reason: "low_confidence", findings: [], task: "chest_xray_pneumonia", judged: { agree: false, correct: "viral_pneumonia", by: "KHAN, Sameera", at: "2026-11-20T11:30:00Z" } }));
    expect(await screen.findByText("KHAN, Sameera: wrong to give no result. It shows: Viral pneumonia")).toBeVisible();
  });
});

describe("another prevalence", () => {
  it("is off until asked for, shows before and after, and says that it is only shown", async () => {
    const backend = three();
    backend.answers["quality.prevalence"] = ({ share }) => ({
      measured: 0.35, n: 606,
      rows: [{ label: "bacterial_pneumonia", condition: "bacterial_pneumonia", before: 0.82, after: share === null ? 0.82 : share }],
    });
    open(backend);
    const off = await screen.findByRole("switch", { name: "Another prevalence" });
    expect(off).not.toBeChecked();
    expect(screen.queryByText(/The stored result does not change/)).toBeNull();
    await userEvent.click(off);
    expect(screen.getByText(/was in 35 % of the 606 pictures/)).toBeVisible();
    expect(screen.getByText(/The stored result does not change/)).toBeVisible();
    const slider = screen.getByRole("slider", { name: "Here" });
    fireEvent.change(slider, { target: { value: "3" } });
    expect(await screen.findByText("0.01")).toBeVisible();
    expect(backend.calls.some((c) => c.name === "quality.prevalence" && (c.req as { share: number | null }).share === 0.01)).toBe(true);
    expect(await faults()).toEqual([]);
  });

  it("has no slider where the card does not say how frequent the finding was", async () => {
    const backend = three();
    backend.answers["quality.prevalence"] = { measured: null, n: 0, rows: [] };
    open(backend);
    expect(await screen.findByRole("region", { name: "Bacterial pneumonia" })).toBeVisible();
    expect(screen.queryByRole("switch", { name: "Another prevalence" })).toBeNull();
  });
});

const known = (value: number, n: number) => ({ value, low: value - 0.05, high: Math.min(1, value + 0.05), n, needs: 0 });
const needs = (more: number) => ({ value: null, low: null, high: null, n: 0, needs: more });
const drift = (over: Partial<DriftView> = {}): DriftView => ({ what: "distance", trend: "steady", needs: 0, index: 0.03, chance: 0.3, firstN: 100, recentN: 60, edges: [0.8, 1, 1.2, 1.5], first: [0.2, 0.2, 0.2, 0.2, 0.2], recent: [0.1, 0.2, 0.3, 0.2, 0.2], ...over });
const task = (over: Partial<TaskQuality> = {}): TaskQuality => ({
  task: "chest_xray_pneumonia", pack: { id: "basic-cnn-open", version: "0.1.0", sha256: "ab".repeat(32) }, network: "basic_cnn",
  analysed: 180, answered: 160, failed: 0, refused: { out_of_distribution: 15, other_kind: 5 }, judged: 60, agreed: 50, disagreed: 4, corrected: 6, pictures: 58,
  labels: [
    { label: "normal", condition: "normal", normal: true, n: 30, threshold: 0.37, sensitivity: known(0.93, 30), specificity: known(0.9, 28), auroc: known(0.95, 58) },
    { label: "bacterial_pneumonia", condition: "bacterial_pneumonia", normal: false, n: 6, threshold: 0.34, sensitivity: needs(4), specificity: known(0.88, 52), auroc: needs(4) },
  ],
  confusion: [[28, 2], [1, 5]], accuracy: known(0.9, 58), macroAuroc: needs(4), cardAuroc: { value: 0.94, low: 0.92, high: 0.96, n: 606 }, belowCard: false,
  bins: [{ sure: 0.55, right: 0.5, n: 12 }, { sure: 0.95, right: 0.93, n: 46 }], ece: 0.031,
  drift: [drift(), drift({ what: "probability", trend: "too_few", needs: 12, recentN: 18 })], time: { median: 410, most: 980, n: 160 }, coverage: known(0.89, 180), refusalsRight: 0, refusalsWrong: 0, refusedFindings: 0, fit: null, ...over,
});
const rules = { least: 10, leastCalibration: 30, first: 100, recent: 30, recentDays: 30 };
const quality = (rows: TaskQuality[], fits: FitView[] = []): Quality => ({ asOf: "2026-11-20T11:46:00Z", rows, noTask: 3, judgedPictures: 58, rules, fits });

function page(rows: TaskQuality[]) {
  const backend = room();
  backend.answers["quality.show"] = quality(rows);
  open(backend, "/images/performance");
  return backend;
}

describe("performance here", () => {
  it("gives each figure with its interval, or how many pictures are missing", async () => {
    page([task()]);
    const chest = await screen.findByRole("region", { name: /pneumonia/i });
    expect(within(chest).getAllByText("0.90 (0.85 to 0.95), 58 pictures")[0]).toBeVisible();
    expect(within(chest).getAllByText("Not enough yet: needs 4 more").length).toBe(3);
    expect(within(chest).getByText("0.94 (0.92 to 0.96), 606 pictures")).toBeVisible();
    expect(within(chest).getByText(/unlike the training pictures 15 · another kind of picture 5/)).toBeVisible();
    expect(within(chest).getByText("Probability of a finding: 12 more recent results are needed.")).toBeVisible();
    expect(within(chest).getByRole("img", { name: /sure 0\.95, right 0\.93, 46 pictures/ })).toBeVisible();
    expect(screen.getByText(/had seen the result before/)).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("raises an alarm in words when much has changed or the figure falls under the card", async () => {
    page([task({ drift: [drift({ trend: "much", index: 0.9 })] }), task({ task: "knee_xray_oa", belowCard: true })]);
    expect(await screen.findByText(/recent results are unlike the first ones/)).toBeVisible();
    expect(screen.getByText(/Look at some of them before you trust the findings/)).toBeVisible();
    expect(screen.getByText(/lies under that of the model's card/)).toBeVisible();
    expect(screen.getByText("Lower here than on the card, beyond chance.")).toBeVisible();
  });

  it("explains an empty page, and every trend has a sentence of its own", async () => {
    page([]);
    expect(await screen.findByText("No results yet")).toBeVisible();
    const all = (["distance", "probability"] as const).flatMap((what) => (["steady", "changed", "much"] as const).map((trend) => trendWords(drift({ what, trend }), rules)));
    expect(new Set(all).size).toBe(6);
    expect(trendWords(drift({ trend: "too_few", needs: 40, firstN: 60 }), rules)).toMatch(/40 more results/);
  });

  it("writes an evaluation set and says what was left out, or what is wrong with the place", async () => {
    const backend = page([task()]);
    const where = await screen.findByLabelText("New folder");
    await userEvent.type(where, "/media/usb/set");
    await userEvent.click(screen.getByRole("checkbox", { name: /With the pictures/ }));
    backend.answers["quality.export"] = () => { throw refused({ code: "home_unsuitable", args: { why: "backup_other_file" } }); };
    await userEvent.click(screen.getByRole("button", { name: "Write the set" }));
    expect(await screen.findByText("Something already has this name. Choose another.")).toBeVisible();
    backend.answers["quality.export"] = (req) => ({ path: req.path, rows: 58, pictures: 50, leftOut: [{ name: "I-1", why: "may_show_name" }], sha256: "ab" });
    await userEvent.click(screen.getByRole("button", { name: "Write the set" }));
    expect(await screen.findByText("Written: 58 lines, 50 pictures")).toBeVisible();
    expect(screen.getByText("They may show a name. Look at them, then say so above.")).toBeVisible();
    expect(backend.calls.filter((c) => c.name === "quality.export").at(-1)?.req).toEqual({ path: "/media/usb/set", pictures: true, pixelsChecked: false });
  });
});

const enough: FitNeeds = {
  labels: [{ label: "normal", condition: "normal", found: 40, heldOut: 12 }, { label: "bacterial_pneumonia", condition: "bacterial_pneumonia", found: 22, heldOut: 7 }],
  leastTemperature: 10, leastHead: 30, leastHeldOut: 5, temperature: true, head: false,
};
const made: FitView = {
  task: "chest_xray_pneumonia", pack: { id: "basic-cnn-open", version: "0.1.0+site.1", sha256: "cd".repeat(32) }, from: "0.1.0", head: false, fittedOn: 43, measuredOn: 19,
  before: { temperature: 1, logLoss: 0.71, ece: 0.12, macroAuroc: 0.9 }, after: { temperature: 1.8, logLoss: 0.52, ece: 0.05, macroAuroc: null }, better: 97, at: "2026-11-20T11:46:00Z", by: "KHAN, Sameera",
};

describe("a fit to this facility", () => {
  it("has no button before there are enough judgements, and says how many there are", async () => {
    page([task({ fit: { ...enough, temperature: false, labels: [{ label: "normal", condition: "normal", found: 3, heldOut: 1 }] } })]);
    expect(await screen.findByText("Needs 10 judged pictures of each finding, 5 of them kept for measuring.")).toBeVisible();
    expect(screen.getByRole("cell", { name: "3 of 10" })).toBeVisible();
    expect(screen.getByRole("cell", { name: "1 of 5" })).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Fit …/ })).toBeNull();
  });

  it("says what changes, and gives before and after on the pictures kept apart", async () => {
    const backend = page([task({ fit: enough })]);
    await userEvent.click(await screen.findByRole("button", { name: /^Fit …/ }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByRole("radio", { name: /What it decides/ })).toBeDisabled();
    backend.answers["quality.fit"] = { made: null, tooFew: null, notBetter: { n: 19, before: 0.48, after: 0.49, share: 42 } };
    await userEvent.click(within(dialog).getByRole("button", { name: "Fit and measure" }));
    expect(await within(dialog).findByText(/On 19 pictures kept apart the error was 0\.480 and would be 0\.490; better in 42 of 100/)).toBeVisible();
    backend.answers["quality.fit"] = { made, tooFew: null, notBetter: null };
    await userEvent.click(within(dialog).getByRole("button", { name: "Fit and measure" }));
    expect(await within(dialog).findByText("Version 0.1.0+site.1 does better. It waits to be installed.")).toBeVisible();
    expect(within(dialog).getByText("Fitted on 43 judged pictures, measured on 19 others")).toBeVisible();
    const line = within(dialog).getByRole("row", { name: /log loss/ });
    expect(within(line).getAllByRole("cell").map((c) => c.textContent)).toEqual(["0.710", "0.520"]);
    expect(within(dialog).getByText(/Version 0\.1\.0 stays and can be brought back/)).toBeVisible();
    expect(backend.calls.filter((c) => c.name === "quality.fit").at(-1)?.req).toEqual({ task: "chest_xray_pneumonia", pack: "basic-cnn-open", head: false });
    expect(await faults()).toEqual([]);
  });

  it("waits to be installed where the reader may not, and is written as one ZIP file where asked", async () => {
    const backend = room();
    backend.answers["quality.show"] = quality([task({ fit: enough, refusalsWrong: 1, refusedFindings: 1 })], [made]);
    open(backend, "/images/performance", ["see_images", "judge_findings"]);
    const waits = await screen.findByRole("group", { name: "Version 0.1.0+site.1 waits to be installed" });
    expect(within(waits).queryByRole("button", { name: /^Install/ })).toBeNull();
    expect(within(waits).getByText("An administrator installs it under Settings, Models.")).toBeVisible();
    expect(screen.getByText(/0 were right and 1 wrong\. 1 refused pictures truly show a finding/)).toBeVisible();
    await userEvent.click(screen.getByRole("checkbox", { name: /As one ZIP file/ }));
    await userEvent.type(screen.getByLabelText("New file"), "/media/usb/set");
    backend.answers["quality.export"] = (req) => ({ path: req.path, rows: 1, pictures: 0, leftOut: [], sha256: "ab" });
    await userEvent.click(screen.getByRole("button", { name: "Write the set" }));
    await waitFor(() => expect(backend.calls.filter((c) => c.name === "quality.export").at(-1)?.req).toMatchObject({ path: "/media/usb/set.zip" }));
  });
});
