import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { StudyRow } from "../../wire";
import { faults, image, open, room, row } from "./testkit";

vi.mock("./viewport/Viewport", async (original) => ({
  ...(await original<typeof import("./viewport/Viewport")>()),
  makeViewport: async () => ({ engine: "canvas", show: async () => undefined, draw: () => undefined, dispose: () => undefined }),
}));

beforeEach(() => {
  localStorage.clear();
  Object.defineProperty(window, "innerWidth", { value: 1366, configurable: true });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { value: 600, configurable: true });
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 600, configurable: true });
  HTMLCanvasElement.prototype.getContext = (() => null) as never;
});

const rows: StudyRow[] = [
  row({ id: "calm", patientName: "CALM^C", finding: null, probability: null, addedAt: "2026-11-20T08:00:00Z" }),
  row({ id: "found", patientName: "FOUND^F", addedAt: "2026-11-20T10:00:00Z" }),
  row({ id: "ct", patientName: "TOMO^T", modality: "CT", state: "none", finding: null, probability: null, addedAt: "2026-11-20T11:00:00Z" }),
];
function list(over: { rows?: StudyRow[]; total?: number } = {}) {
  const backend = room({ row: rows[0] as StudyRow, images: [image()], analyses: [], report: null });
  backend.answers["study.worklist"] = ({ text, limit }) => {
    const all = over.rows ?? rows;
    const matching = all.filter((r) => !text || r.patientName?.includes(text.toUpperCase()));
    return { rows: matching.slice(0, limit), total: text ? matching.length : (over.total ?? all.length), as_of: "2026-11-20T11:46:00Z" };
  };
  backend.answers["study.view"] = ({ id }) => ({ row: rows.find((r) => r.id === id) as StudyRow, images: [image({ id: `i-${id}` })], analyses: [], report: null });
  return backend;
}
const names = () => within(screen.getByRole("complementary", { name: "Studies" })).getAllByRole("link").map((a) => a.querySelector("b")?.textContent);

describe("the worklist", () => {
  it("says which study another window shows, and tells the others which one this shows", async () => {
    const backend = list();
    backend.answers["reading.here"] = { studies: ["ct"] };
    const { unmount } = open(backend, "/images/found");
    const line = (await screen.findByText("TOMO, T")).closest("li");
    expect(await within(line as HTMLElement).findByText("Open in another window of this computer")).toBeVisible();
    expect(screen.getAllByText("Open in another window of this computer")).toHaveLength(1);
    const said = () => backend.calls.filter((c) => c.name === "reading.here").map((c) => (c.req as { study: string | null }).study);
    expect(said()[0]).toBe("found");
    unmount();
    expect(said().at(-1)).toBeNull();
  });

  it("has the whole width and columns as long as nothing is chosen, and is clean for axe", async () => {
    const { router } = open(list(), "/images");
    const grid = await screen.findByRole("grid", { name: "Studies" });
    expect(within(grid).getAllByRole("columnheader").map((h) => h.textContent)).toEqual(["AI", "Patient", "Picture", "Taken", "Waiting since", "Report"]);
    expect(within(grid).getAllByRole("rowheader").map((h) => h.textContent)).toEqual(["FOUND, Fas written in the file", "TOMO, Tas written in the file", "CALM, Cas written in the file"]);
    expect(await faults()).toEqual([]);
    await userEvent.click(within(grid).getByText("TOMO, T"));
    await waitFor(() => expect(router.state.location.pathname).toBe("/images/ct"));
  });

  it("stands by urgency and says so, or by age when asked", async () => {
    open(list(), "/images/calm");
    await waitFor(() => expect(names()).toEqual(["FOUND, F", "TOMO, T", "CALM, C"]));
    expect(screen.getByText(/^AI findings first, nothing found last/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Filter" }));
    await userEvent.click(screen.getByRole("button", { name: /Order/ }));
    await userEvent.click(await screen.findByRole("option", { name: "Newest first" }));
    await waitFor(() => expect(names()).toEqual(["CALM, C", "FOUND, F", "TOMO, T"]));
  });

  it("says how many are hidden and by what, and shows all again", async () => {
    open(list({ total: 40 }), "/images/found?ai=finding");
    await waitFor(() => expect(names()).toEqual(["FOUND, F"]));
    expect(screen.getByText("1 of 40")).toBeVisible();
    expect(screen.getByText("Hidden: 37 older than the newest 500, 2 by AI.")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Show all studies" }));
    await waitFor(() => expect(names()).toHaveLength(3));
  });

  it("counts what the text hides", async () => {
    open(list(), "/images/found?q=found");
    await waitFor(() => expect(names()).toEqual(["FOUND, F"]));
    expect(await screen.findByText("Hidden: 2 by the text.")).toBeVisible();
    expect(screen.getByText("1 of 3")).toBeVisible();
  });

  it("goes to the next one that nobody signed by N, round the end, and says when there is none", async () => {
    const { router } = open(list({ rows: rows.map((r) => (r.id === "calm" ? { ...r, report: "signed" } : r)) }), "/images/ct");
    const at = () => router.state.location.pathname;
    await waitFor(() => expect(names()).toEqual(["FOUND, F", "TOMO, T"]));
    (await screen.findByRole("group", { name: /^Picture chest/ })).focus();
    await userEvent.keyboard("n");
    await waitFor(() => expect(at()).toBe("/images/found"));
    expect(within(screen.getByRole("complementary", { name: "Studies" })).getByText("open here")).toBeVisible();
    (await screen.findByRole("group", { name: /^Picture chest/ })).focus();
    await userEvent.keyboard("n");
    await waitFor(() => expect(at()).toBe("/images/ct"));
  });

  it("begins with what nobody signed, who is writing and how many are put away, and shows them when asked", async () => {
    open(list({ rows: rows.map((r) => (r.id === "found" ? { ...r, report: "signed" } : r.id === "ct" ? { ...r, report: "draft", writing: "FERREIRA, Luis" } : r)) }), "/images");
    const grid = await screen.findByRole("grid", { name: "Studies" });
    expect(within(grid).getAllByRole("row").slice(1).map((r) => within(r).getAllByRole("gridcell").at(-1)?.textContent)).toEqual(["FERREIRA, Luis is writing", "Not begun"]);
    expect(screen.getByText("Hidden: 1 signed.")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Show the signed ones" }));
    expect(await within(grid).findByText("Signed")).toBeVisible();
  });

  it("says that everything is read when every report is signed", async () => {
    open(list({ rows: rows.map((r) => ({ ...r, report: "signed" })) }), "/images");
    expect(await screen.findByText("Everything is read")).toBeVisible();
    expect(screen.queryByText("No images yet")).toBeNull();
  });

  it("opens the first study by N before anything has the focus", async () => {
    const { router } = open(list(), "/images");
    await screen.findByRole("grid", { name: "Studies" });
    await userEvent.keyboard("n");
    await waitFor(() => expect(router.state.location.pathname).toBe("/images/found"));
  });

  it("keeps every row in its place when a state changes, and sorts when asked", async () => {
    const backend = list();
    open(backend, "/images/calm");
    await waitFor(() => expect(names()).toEqual(["FOUND, F", "TOMO, T", "CALM, C"]));
    const done = rows.map((r) => (r.id === "ct" ? { ...r, state: "done" as const, finding: "pneumonia", probability: 0.9, addedAt: "2026-11-20T07:00:00Z" } : r));
    backend.answers["study.worklist"] = { rows: done, total: 3, as_of: "2026-11-20T11:50:00Z" };
    backend.emit("changed", undefined);
    expect(await screen.findByText("States have changed the order.")).toBeVisible();
    expect(names()).toEqual(["FOUND, F", "TOMO, T", "CALM, C"]);
    await userEvent.click(screen.getByRole("button", { name: "Sort again" }));
    await waitFor(() => expect(names()).toEqual(["TOMO, T", "FOUND, F", "CALM, C"]));
  });
});
