import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AnalysisView, DriftView, Quality, TaskQuality } from "../../wire";
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
  drift: [drift(), drift({ what: "probability", trend: "too_few", needs: 12, recentN: 18 })], time: { median: 410, most: 980, n: 160 }, ...over,
});
const rules = { least: 10, leastCalibration: 30, first: 100, recent: 30, recentDays: 30 };
const quality = (rows: TaskQuality[]): Quality => ({ asOf: "2026-11-20T11:46:00Z", rows, noTask: 3, judgedPictures: 58, rules });

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
