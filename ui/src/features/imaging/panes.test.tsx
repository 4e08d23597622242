import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { FakeBackend } from "../../testing/fakeBackend";
import type { PatientView, StudyView } from "../../wire";
import { keyOf } from "./keys";
import { analysis, faults, image, open, room, row } from "./testkit";

const { drawn, lost } = vi.hoisted(() => ({ lost: [] as (() => void)[], drawn: [] as { key: string; look: { window: { center: number; width: number }; inverted: boolean; frame: number }; matrix: { a: number } }[] }));
vi.mock("./viewport/Viewport", async (original) => ({
  ...(await original<typeof import("./viewport/Viewport")>()),
  makeViewport: async () => {
    let key = "";
    return { engine: "gpu", show: async (frame: { key: string }) => { key = frame.key; }, draw: (look: never, matrix: never) => { drawn.push({ key, look, matrix }); }, dispose: () => undefined, onLost: (listener: () => void) => { lost.push(listener); } };
  },
}));

beforeEach(() => {
  drawn.length = 0;
  lost.length = 0;
  localStorage.clear();
  Object.defineProperty(window, "innerWidth", { value: 1366, configurable: true });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { value: 600, configurable: true });
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 600, configurable: true });
  HTMLCanvasElement.prototype.getContext = (() => null) as never;
});

const patient: PatientView = {
  id: "p1", family: "Smith", given: "John", title: "Mr", birthDate: "1958-03-05", ageYears: 68, sex: "male", hospitalNumber: "LD 1", phone: null, nationalId: null,
  allergies: { state: "not_recorded" } as never, group: { state: "unknown" }, determinations: [], antiDEver: false, died: null, timeline: [], timelineHidden: 0, units: [], studies: [], asOf: "2026-11-20T11:00:00Z",
};
const now: StudyView = { row: row({ patient: "p1", patientName: "SMITH, John (Mr)", takenAt: "2026-11-20", images: 2 }), images: [image(), image({ id: "i2", fileName: "lateral.dcm" })], analyses: [analysis()], report: null };
const before: StudyView = { row: row({ id: "s0", patient: "p1", takenAt: "2026-03-02", state: "none" }), images: [image({ id: "i0", fileName: "march.dcm" })], analyses: [], report: null };

function priors(over: { now?: Partial<StudyView>; before?: Partial<StudyView> } = {}): FakeBackend {
  const [a, b] = [{ ...now, ...over.now }, { ...before, ...over.before }];
  const backend = room(a);
  backend.answers["patient.view"] = { ...patient, studies: [a.row, b.row] };
  backend.answers["study.view"] = ({ id }) => (id === "s0" ? b : a);
  return backend;
}
const film = (name: RegExp) => screen.findByRole("group", { name });
async function side() {
  (await film(/^Picture chest\.dcm/)).focus();
  await userEvent.keyboard("g");
  const left = await film(/^Picture march\.dcm, Prior/);
  const right = await film(/^Picture chest\.dcm, Current/);
  await waitFor(() => { expect(left).toHaveAttribute("data-ready"); expect(right).toHaveAttribute("data-ready"); });
  return { left, right };
}
const last = (key: string) => drawn.filter((d) => d.key.startsWith(key)).at(-1);

describe("panes", () => {
  it("hang the prior on the left by G, each with its word, its date and its hue, and are clean for axe", async () => {
    open(priors());
    await side();
    const [one, two] = ["pane 1 of 2", "pane 2 of 2"].map((name) => screen.getByRole("region", { name }));
    expect(within(one as HTMLElement).getByText("Prior")).toBeVisible();
    expect(within(one as HTMLElement).getByText("02-Mar-2026")).toBeVisible();
    expect(within(two as HTMLElement).getByText("Current")).toBeVisible();
    expect(within(two as HTMLElement).getByText("20-Nov-2026")).toBeVisible();
    const hue = (pane: HTMLElement | undefined) => pane?.querySelector("header")?.style.borderTopColor;
    expect(hue(one)).not.toBe(hue(two));
    expect(two).toHaveAttribute("aria-current", "true");
    expect(two?.querySelector("[data-active-ring]")).not.toBeNull();
    expect(one?.querySelector("[data-active-ring]")).toBeNull();
    expect(await faults()).toEqual([]);
  });

  it("are walked by the arrows, and the panel speaks of the active one", async () => {
    open(priors());
    const { left, right } = await side();
    right.focus();
    expect(screen.getByRole("region", { name: "Bacterial pneumonia" })).toBeVisible();
    await userEvent.keyboard("{ArrowLeft}");
    expect(left).toHaveFocus();
    expect(screen.queryByRole("region", { name: "Bacterial pneumonia" })).toBeNull();
    expect(screen.getByText("No analysis was asked for this picture.")).toBeVisible();
    await userEvent.keyboard("{ArrowLeft}{ArrowRight}");
    expect(right).toHaveFocus();
  });

  it("change the window together while they are linked, and alone after K", async () => {
    open(priors());
    const { right } = await side();
    right.focus();
    await userEvent.keyboard("{Shift>}{ArrowRight}{/Shift}");
    expect([last("i1")?.look.window.width, last("i0")?.look.window.width]).toEqual([4608, 4608]);
    await userEvent.keyboard("k");
    expect(screen.getByRole("switch", { name: /Linked/ })).not.toBeChecked();
    await userEvent.keyboard("{Shift>}{ArrowRight}{/Shift}");
    expect([last("i1")?.look.window.width, last("i0")?.look.window.width]).toEqual([5184, 4608]);
  });

  it("zoom to one scale when calibrated, and say so", async () => {
    open(priors({ now: { images: [image({ spacingMm: [1, 1] })] }, before: { images: [image({ id: "i0", fileName: "march.dcm", spacingMm: [0.5, 0.5] })] } }));
    const { left, right } = await side();
    expect(within(left).getByText("Same scale")).toBeVisible();
    right.focus();
    await userEvent.keyboard("+");
    expect((last("i1")?.matrix.a ?? 0) / (last("i0")?.matrix.a ?? 1)).toBeCloseTo(2, 9);
  });

  it("turn one picture only, whatever is linked", async () => {
    open(priors());
    const { left, right } = await side();
    right.focus();
    await userEvent.keyboard("h");
    expect(within(right).getByText("Flipped left to right")).toBeVisible();
    expect(within(left).queryByText("Flipped left to right")).toBeNull();
  });

  it("take what is chosen from their list, and walk through time by the comma and the full stop", async () => {
    open(priors());
    const { left } = await side();
    await userEvent.click(within(screen.getByRole("region", { name: "pane 1 of 2" })).getByRole("button", { name: /Hang here/ }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Current: picture 2 of 2, lateral.dcm" }));
    const lateral = await film(/^Picture lateral\.dcm, Current, pane 1 of 2/);
    expect(left.isConnected && left === lateral).toBe(true);
    // The focus goes back to the button in the pane, where the keys work as well.
    await waitFor(() => expect(screen.getByRole("region", { name: "pane 1 of 2" })).toContainElement(document.activeElement as HTMLElement));
    await userEvent.keyboard(",");
    expect(await film(/^Picture march\.dcm, Prior, pane 1 of 2/)).toBeVisible();
    await userEvent.keyboard(".");
    expect(await film(/^Picture chest\.dcm, Current, pane 1 of 2/)).toBeVisible();
  });

  it("say why there is nothing to hang: no patient, no other study", async () => {
    const { unmount } = open(room());
    (await film(/^Picture chest/)).focus();
    await userEvent.keyboard("g");
    expect((await screen.findAllByText("Earlier studies appear when the study is assigned to a patient."))[0]).toBeVisible();
    unmount();
    localStorage.clear();
    const backend = room({ ...now, images: [image()] });
    backend.answers["patient.view"] = { ...patient, studies: [now.row] };
    open(backend);
    (await film(/^Picture chest/)).focus();
    await userEvent.keyboard("g");
    expect((await screen.findAllByText("This patient has no other study here."))[0]).toBeVisible();
  });

  it("warn on the pane whose file names somebody else", async () => {
    open(priors({ before: { images: [image({ id: "i0", fileName: "march.dcm", filePatientName: "SMYTHE^Joan" })] } }));
    await side();
    const one = screen.getByRole("region", { name: "pane 1 of 2" });
    expect(await within(one).findByText("The file says SMYTHE, Joan")).toBeVisible();
    expect(within(screen.getByRole("region", { name: "pane 2 of 2" })).queryByText(/The file says/)).toBeNull();
  });

  it("keep the heat-map on the picture it belongs to while another pane is active, and off for others", async () => {
    open(priors());
    const { left, right } = await side();
    right.focus();
    await userEvent.keyboard("o");
    expect(within(right).getByRole("img", { name: "Heat-map: Bacterial pneumonia" })).toBeInTheDocument();
    await userEvent.keyboard("{ArrowLeft}");
    expect(within(right).getByRole("img", { name: "Heat-map: Bacterial pneumonia" })).toBeInTheDocument();
    expect(within(left).queryByRole("img", { name: /^Heat-map/ })).toBeNull();
  });

  it("come back as they were last hung for this kind of picture", async () => {
    const { unmount } = open(priors());
    await side();
    unmount();
    open(priors());
    expect(await film(/^Picture march\.dcm, Prior, pane 1 of 2/)).toBeVisible();
  });
});

describe("a film whose graphics card was taken away", () => {
  it("is drawn by the canvas from then on, and says so", async () => {
    open(room());
    const stage = await film(/^Picture chest\.dcm/);
    await waitFor(() => expect(stage).toHaveAttribute("data-ready"));
    expect(stage).toHaveAttribute("data-engine", "gpu");
    lost.forEach((listener) => listener());
    await waitFor(() => expect(stage).toHaveAttribute("data-engine", "canvas"));
    expect(within(stage).getByText("Drawn without the graphics card")).toBeVisible();
    await waitFor(() => expect(stage).toHaveAttribute("data-ready"));
  });
});

describe("linked scrolling", () => {
  const slices = (series: string, heights: number[], frameOfReference = "1.2") => ({ frameOfReference, series, places: heights.map((z) => ({ at: [0, 0, z] as [number, number, number], normal: [0, 0, 1] as [number, number, number] })) });
  const two = (space: string) => priors({
    now: { images: [image({ frames: 4, slices: slices("new", [0, 5, 10, 15]) })] },
    before: { images: [image({ id: "i0", fileName: "march.dcm", frames: 6, slices: slices("old", [20, 16, 12, 9.5, 4, 0], space) })] },
  });

  it("goes to the same place in the body where both files say where they lie, and says how far apart", async () => {
    open(two("1.2"));
    const { left, right } = await side();
    right.focus();
    await userEvent.keyboard("{ArrowDown}{ArrowDown}");
    expect(await within(left).findByText("Frame 4 of 6")).toBeVisible();
    expect(within(left).getByText("Scrolls by position")).toBeVisible();
    expect(within(left).getByText("0.5 mm apart")).toBeVisible();
    // The other one in hand moves nothing by itself.
    left.focus();
    expect(within(right).getByText("Frame 3 of 4")).toBeVisible();
    await userEvent.keyboard("{ArrowDown}");
    expect(await within(right).findByText("Frame 2 of 4")).toBeVisible();
  });

  it("counts along where the two lie in no common space, and says so", async () => {
    open(two("9.9"));
    const { left, right } = await side();
    right.focus();
    await userEvent.keyboard("{ArrowDown}{ArrowDown}");
    expect(await within(left).findByText("Frame 3 of 6")).toBeVisible();
    expect(within(left).getByText("Scrolls by step")).toBeVisible();
  });
});

describe("cine", () => {
  it("plays from frame to frame when each is on the screen, goes round, and pauses", async () => {
    open(room({ row: row(), images: [image({ frames: 3 })], analyses: [], report: null }));
    const stage = await film(/^Picture chest\.dcm/);
    await waitFor(() => expect(stage).toHaveAttribute("data-ready"));
    stage.focus();
    await userEvent.keyboard(">>>>>>");
    expect(screen.getByRole("button", { name: /30 per second/ })).toBeVisible();
    const seen = new Set<string>();
    await userEvent.keyboard("c");
    expect(screen.getByRole("button", { name: /^Pause/ })).toBeVisible();
    await waitFor(() => {
      seen.add(within(stage).getByText(/^Frame/).textContent ?? "");
      expect([...seen].sort()).toEqual(["Frame 1 of 3", "Frame 2 of 3", "Frame 3 of 3"]);
    }, { interval: 5, timeout: 3000 });
    await userEvent.keyboard("c");
    const at = within(stage).getByText(/^Frame/).textContent;
    await new Promise((done) => setTimeout(done, 120));
    expect(within(stage).getByText(/^Frame/).textContent).toBe(at);
  });

  it("begins at the file's own speed and says so; another one stays with its picture", async () => {
    open(room({ row: row(), images: [image({ frames: 3, play: { fps: 7.5, waitsMs: [] } })], analyses: [], report: null }));
    const stage = await film(/^Picture chest\.dcm/);
    expect(await within(stage).findByText("7.5 per second, as in the file")).toBeVisible();
    stage.focus();
    await userEvent.keyboard(">");
    expect(within(stage).getByText("8 per second; the file says 7.5")).toBeVisible();
    await userEvent.keyboard("<<");
    expect(within(stage).getByText("6 per second; the file says 7.5")).toBeVisible();
  });

  it("is not offered for a single frame", async () => {
    open(room());
    (await film(/^Picture chest/)).focus();
    await userEvent.keyboard("c");
    expect(screen.queryByRole("button", { name: /^(Play|Pause)/ })).toBeNull();
  });
});

describe("measuring", () => {
  const press = (stage: HTMLElement, x: number, y: number) => {
    fireEvent.pointerDown(stage, { button: 0, clientX: x, clientY: y });
    fireEvent.pointerUp(stage, { button: 0, clientX: x, clientY: y });
  };
  // 4 columns across 600 points.
  const open4 = async (over: Parameters<typeof image>[0] = {}) => {
    const backend = room({ row: row(), images: [image(over)], analyses: [], report: null });
    backend.frame = async () => new Uint16Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]).buffer as ArrayBuffer;
    open(backend);
    const stage = await film(/^Picture chest\.dcm/);
    await waitFor(() => expect(stage).toHaveAttribute("data-ready"));
    stage.focus();
    return stage;
  };

  it("takes an angle from three presses, uncalibrated without a spacing", async () => {
    const stage = await open4();
    await userEvent.keyboard("y");
    press(stage, 300, 0);
    press(stage, 0, 0);
    press(stage, 0, 300);
    expect(within(stage).getByText("Angle 90.0°, uncalibrated")).toBeInTheDocument();
  });

  it("reads the values of a region from the frame, in HU for CT, by one drag", async () => {
    const stage = await open4({ modality: "CT", spacingMm: [2, 2], intercept: -1000 });
    await userEvent.keyboard("e");
    fireEvent.pointerDown(stage, { button: 0, clientX: 0, clientY: 0 });
    fireEvent.pointerMove(stage, { button: 0, clientX: 500, clientY: 500 });
    fireEvent.pointerUp(stage, { button: 0, clientX: 600, clientY: 600 });
    // The twelve middles of sixteen: all but the corners 0, 3, 12 and 15; their mean is 7.5.
    expect(within(stage).getByText(/^Region mean -992\.5 HU, SD 3\.9 HU\. least -999, greatest -986\. area 50\.3 mm²$/)).toBeInTheDocument();
  });

  it("says px² and uncalibrated, and no unit where the values have none", async () => {
    const stage = await open4();
    await userEvent.keyboard("e");
    press(stage, 0, 0);
    press(stage, 600, 600);
    expect(within(stage).getByText(/^Region mean 7\.5, SD 3\.9\. least 1, greatest 14\. area 13 px², uncalibrated$/)).toBeInTheDocument();
  });

  it("divides the heart by the chest, drawn as two lines, and refuses lines in the wrong order", async () => {
    const stage = await open4({ spacingMm: [10, 10] });
    await userEvent.keyboard("t");
    for (const [x, y] of [[150, 100], [450, 100], [0, 300], [600, 300]] as const) press(stage, x, y);
    expect(within(stage).getByText("Heart and chest CTR 0.50. heart 20.0 mm, chest 40.0 mm")).toBeInTheDocument();
    for (const [x, y] of [[0, 300], [600, 300], [150, 100], [450, 100]] as const) press(stage, x, y);
    expect(within(stage).getByText(/^Heart and chest The heart line is longer than the chest line/)).toBeInTheDocument();
    await userEvent.keyboard("{Backspace}");
    expect(within(stage).getByText(/^Heart and chest CTR 0\.50/)).toBeInTheDocument();
  });

  it("sets every point by the keys alone", async () => {
    const stage = await open4({ spacingMm: [1, 1] });
    await userEvent.keyboard("y{Enter}");
    for (let i = 0; i < 15; i++) await userEvent.keyboard("{ArrowRight}");
    await userEvent.keyboard("{Enter}");
    for (let i = 0; i < 15; i++) await userEvent.keyboard("{ArrowDown}");
    await userEvent.keyboard("{Enter}");
    expect(within(stage).getByText("Angle 90.0°")).toBeInTheDocument();
  });
});

describe("keys", () => {
  it("between the letters are read by their place in an Arabic layout", () => {
    expect(keyOf({ key: "و", code: "Comma", shiftKey: false })).toBe(",");
    expect(keyOf({ key: "ز", code: "Period", shiftKey: true })).toBe(">");
    expect(keyOf({ key: "ج", code: "BracketLeft", shiftKey: false })).toBe("[");
    expect(keyOf({ key: "<", code: "Comma", shiftKey: true })).toBe("<");
  });
});
