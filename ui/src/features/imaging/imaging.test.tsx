import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { conditionWord } from "../../clinical";
import { refused } from "../../testing/fakeBackend";
import type { AnalysisView } from "../../wire";
import { heatColour } from "./Heat";
import { analysis, faults, finding, image, normal, open, room, row } from "./testkit";
import { keyOf } from "./keys";
import { alike } from "./Who";
import { abstainedWhy, fileName, probabilityText, rowState, sorted } from "./words";

const { drawn } = vi.hoisted(() => ({ drawn: [] as { look: { window: { center: number; width: number }; inverted: boolean } }[] }));
// jsdom draws nothing; what the page asks the engine to draw is what is tested here.
vi.mock("./viewport/Viewport", async (original) => ({
  ...(await original<typeof import("./viewport/Viewport")>()),
  makeViewport: async () => ({ engine: "canvas", show: async () => undefined, draw: (look: never) => { drawn.push({ look }); }, dispose: () => undefined }),
}));

beforeEach(() => {
  drawn.length = 0;
  Object.defineProperty(window, "innerWidth", { value: 1366, configurable: true });
  // jsdom lays nothing out; a film without a size is not drawn.
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { value: 600, configurable: true });
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 600, configurable: true });
  HTMLCanvasElement.prototype.getContext = (() => null) as never;
});

const stage = () => screen.findByRole("group", { name: "Picture chest.dcm" });
const study = (over: Partial<AnalysisView> = {}) => room({ row: row(), images: [image()], analyses: [analysis(over)], report: null });
async function ready() {
  const film = await stage();
  await waitFor(() => expect(film).toHaveAttribute("data-ready"));
  return film;
}
const last = () => drawn.at(-1)?.look;

describe("the reading room", () => {
  it("is clean for axe with a study, with none, and with an empty list", async () => {
    const first = open(room());
    await ready();
    expect(await faults()).toEqual([]);
    first.unmount();
    const second = open(room(), "/images");
    await screen.findByRole("grid", { name: "Studies" });
    expect(await faults()).toEqual([]);
    second.unmount();
    open(room(null), "/images");
    await screen.findByText("No images yet");
    expect(await faults()).toEqual([]);
  });

  it("says which study could not be read and offers to try again", async () => {
    const backend = room();
    backend.answers["study.view"] = () => { throw refused({ code: "not_found" }); };
    open(backend);
    expect(await screen.findByText("This study could not be read")).toBeVisible();
    expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
  });

  it("opens files, shows each result by itself and goes to the first study", async () => {
    const backend = room();
    backend.pickFiles = async () => [{ handle: "h1", name: "a.dcm" }, { handle: "h2", name: "b.dcm" }];
    backend.answers["study.import"] = {
      files: [
        { name: "a.dcm", study: "s1", image: "i1", analysis: "a1", error: null, known: false },
        { name: "b.dcm", study: null, image: null, analysis: null, known: false, error: { code: "image_not_an_image", kind: "refusal", args: {}, rules: [], incident: null } },
        { name: "CD/report", study: null, image: null, analysis: null, known: false, error: { code: "image_not_an_image", kind: "refusal", args: { why: "no_pixels" }, rules: [], incident: null } },
      ],
      others: 12,
    };
    const { router } = open(backend, "/images");
    await userEvent.click(await screen.findByRole("button", { name: /Open images/ }));
    expect(await screen.findByText("1 of 3 opened")).toBeVisible();
    expect(screen.getByText(/This file is not a picture/)).toBeVisible();
    expect(screen.getByText(/holds no picture/)).toBeVisible();
    expect(screen.getByText(/^12 other files/)).toBeVisible();
    expect(backend.calls.find((c) => c.name === "study.import")?.req).toEqual({ handles: ["h1", "h2"], patient: null, analyse: true });
    await waitFor(() => expect(router.state.location.pathname).toBe("/images/s1"));
  });

  it("takes dropped files, and none from somebody who may not import", async () => {
    const backend = room();
    backend.answers["study.import"] = { files: [], others: 0 };
    const { unmount } = open(backend);
    await ready();
    backend.emit("dropped", [{ handle: "d1", name: "x.png" }]);
    await waitFor(() => expect(backend.calls.some((c) => c.name === "study.import")).toBe(true));
    unmount();
    const other = room();
    open(other, "/images/s1", ["see_images", "see_patients"]);
    await ready();
    other.emit("dropped", [{ handle: "d1", name: "x.png" }]);
    expect(other.calls.some((c) => c.name === "study.import")).toBe(false);
  });

  it("shows the queue and cancels one analysis", async () => {
    const backend = room();
    backend.answers["analysis.queue"] = { jobs: [{ analysis: "a9", study: "s1", fileName: "slow.dcm", state: "running", progress: 40 }] };
    backend.answers["analysis.cancel"] = {};
    open(backend);
    await userEvent.click(await screen.findByRole("button", { name: /^Cancel\s*slow\.dcm$/ }));
    expect(backend.calls.find((c) => c.name === "analysis.cancel")?.req).toEqual({ id: "a9" });
  });

  it("holds back new studies until asked, so that no row moves", async () => {
    const backend = room();
    open(backend);
    await ready();
    backend.answers["study.worklist"] = { rows: [row({ id: "s9", patientName: "NEW^One" }), row()], total: 2, as_of: "2026-11-20T11:47:00Z" };
    backend.emit("changed", undefined);
    expect(await screen.findByText("1 new, list is waiting")).toBeVisible();
    expect(screen.queryByText("NEW, One")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Show them" }));
    expect(await screen.findByText("NEW, One")).toBeVisible();
  });
});

describe("the film", () => {
  it("says what is not known instead of guessing: orientation and calibration", async () => {
    open(room());
    const film = await ready();
    expect(within(film).getByText("Orientation unknown")).toBeVisible();
    expect(within(film).getByText("uncalibrated")).toBeVisible();
    expect(within(film).getByText("Not for primary diagnosis on this screen")).toBeVisible();
    expect(within(film).getByText("W 4096 · L 2048")).toBeVisible();
  });

  it("obeys its keys and keeps badges until reset", async () => {
    open(room());
    const film = await ready();
    film.focus();
    await userEvent.keyboard("ihr");
    expect(within(film).getByText("Inverted")).toBeVisible();
    expect(within(film).getByText("Flipped left to right")).toBeVisible();
    expect(within(film).getByText("Rotated 90°")).toBeVisible();
    expect(last()?.inverted).toBe(true);
    await userEvent.keyboard("0");
    expect(within(film).queryByText("Inverted")).toBeNull();
    expect(within(film).queryByText(/Flipped/)).toBeNull();
    expect(last()?.inverted).toBe(false);
  });

  it("hears no letter outside the viewer", async () => {
    open(room());
    const film = await ready();
    await userEvent.type(screen.getByRole("searchbox", { name: "Find in the list" }), "iho");
    expect(within(film).queryByText("Inverted")).toBeNull();
    expect(within(film).queryByText(/Flipped/)).toBeNull();
  });

  it("has the five agreed windows for CT, and its own for everything else", async () => {
    const { unmount } = open(room({ row: row(), images: [image({ modality: "CT", signed: true, intercept: -1024 })], analyses: [], report: null }));
    (await ready()).focus();
    await userEvent.keyboard("2");
    expect(last()?.window).toEqual({ center: -600, width: 1500 });
    unmount();
    open(room());
    (await ready()).focus();
    await userEvent.keyboard("2");
    expect(last()?.window).toEqual({ center: 2048, width: 4096 });
    await userEvent.keyboard("{Shift>}{ArrowLeft}{/Shift}");
    expect(last()?.window.width).toBe(3584);
  });

  it("measures by two presses, in pixels when uncalibrated, and deletes the last", async () => {
    open(room());
    const film = await ready();
    film.focus();
    await userEvent.keyboard("d");
    for (const [x, y] of [[0, 0], [300, 0]] as const) {
      fireEvent.pointerDown(film, { button: 0, clientX: x, clientY: y });
      fireEvent.pointerUp(film, { button: 0, clientX: x, clientY: y });
    }
    // 4 columns across 600 points: 300 points are 2 pixels.
    expect(within(film).getByText("Length 2 px, uncalibrated")).toBeInTheDocument();
    await userEvent.keyboard("{Backspace}");
    expect(within(film).queryByText(/Length 2 px/)).toBeNull();
  });

  it("measures with the keys alone", async () => {
    open(room({ row: row(), images: [image({ spacingMm: [0.5, 0.5] })], analyses: [], report: null }));
    const film = await ready();
    film.focus();
    await userEvent.keyboard("d{Enter}");
    for (let i = 0; i < 15; i++) await userEvent.keyboard("{ArrowRight}");
    await userEvent.keyboard("{Enter}");
    // 150 points of 150 points per column: one column, half a millimetre.
    expect(within(film).getByText("Length 0.5 mm")).toBeInTheDocument();
  });

  it("shows nothing rather than something wrong when a frame fails", async () => {
    const backend = room();
    backend.frame = async () => { throw refused({ code: "image_broken" }); };
    open(backend);
    expect(await screen.findByText("The picture chest.dcm could not be shown")).toBeVisible();
    expect(await stage()).not.toHaveAttribute("data-ready");
  });

  it("reads keys of an Arabic keyboard by their place", () => {
    expect(keyOf({ key: "خ", code: "KeyO" })).toBe("O");
    expect(keyOf({ key: "o", code: "KeyO" })).toBe("O");
    expect(keyOf({ key: "٢", code: "Digit2" })).toBe("2");
  });
});

describe("what the model says", () => {
  it("keeps its overlay off until O is pressed", async () => {
    open(room());
    const film = await ready();
    expect(screen.queryByRole("img", { name: /Heat-map/ })).toBeNull();
    film.focus();
    await userEvent.keyboard("o");
    expect(await screen.findByRole("img", { name: "Heat-map: Bacterial pneumonia" })).toBeInTheDocument();
    expect(within(film).getByText("AI · not a report")).toBeVisible();
    expect(screen.getByRole("img", { name: /Colour scale of the heat-map, 0 to 1/ })).toBeInTheDocument();
    await userEvent.keyboard("o");
    expect(screen.queryByRole("img", { name: /^Heat-map/ })).toBeNull();
  });

  it("gives each finding a word, a number, its threshold and what that is worth", async () => {
    open(room());
    const card = await screen.findByRole("region", { name: "Bacterial pneumonia" });
    expect(within(card).getByText("Likely")).toBeVisible();
    expect(within(card).getByText("0.82")).toBeVisible();
    expect(within(card).getByText("threshold 0.46 · sens 0.86 · spec 0.91")).toBeVisible();
  });

  it("records agreement by A and disagreement by X, once each", async () => {
    const backend = room();
    open(backend);
    (await ready()).focus();
    await userEvent.keyboard("a");
    await userEvent.keyboard("x");
    await waitFor(() => expect(backend.calls.filter((c) => c.name === "analysis.judge").map((c) => c.req)).toEqual([
      { analysis: "a1", label: "bacterial_pneumonia", agree: true },
      { analysis: "a1", label: "bacterial_pneumonia", agree: false },
    ]));
  });

  it("takes no judgement from a role that may not", async () => {
    const backend = room();
    open(backend, "/images/s1", ["see_images"]);
    (await ready()).focus();
    await userEvent.keyboard("a");
    expect(backend.calls.some((c) => c.name === "analysis.judge")).toBe(false);
  });

  it("shows nothing found, abstained, failed, cancelled and not assessed as different things", async () => {
    const cases: [Partial<AnalysisView> | null, RegExp][] = [
      [{ findings: [normal, finding({ probability: 0.1 })] }, /^No finding of this model reaches its threshold/],
      [{ state: "abstained", reason: "not_chest_xray", findings: [] }, /does not look like an upright frontal chest X-ray/],
      [{ state: "abstained", reason: "moon_phase", detail: "The moon was full.", findings: [] }, /The moon was full/],
      [{ state: "failed", reason: "decode", detail: null, findings: [] }, /Step: reading the file/],
      [{ state: "cancelled", findings: [] }, /Nothing of it was kept/],
      [null, /No analysis was asked for this picture/],
    ];
    for (const [over, words] of cases) {
      const { unmount } = open(over ? study(over) : room({ row: row(), images: [image()], analyses: [], report: null }));
      expect(await screen.findByText(words)).toBeVisible();
      // Nothing found is a result too: it may be right or wrong. What is no result cannot be judged.
      expect(screen.queryAllByRole("button", { name: /^Agree/ })).toHaveLength(over?.state === undefined && over ? 1 : 0);
      unmount();
    }
  });

  it("folds findings away outside intended use, and no key reaches them there", async () => {
    const backend = study({ outsideIntendedUse: "made for children up to 15 years" });
    open(backend);
    const film = await ready();
    expect(screen.getByText("Outside intended use: made for children up to 15 years")).toBeVisible();
    expect(screen.queryByRole("region", { name: "Bacterial pneumonia" })).toBeNull();
    film.focus();
    await userEvent.keyboard("oa");
    expect(screen.queryByRole("img", { name: /Heat-map/ })).toBeNull();
    expect(backend.calls.some((c) => c.name === "analysis.judge")).toBe(false);
    await userEvent.click(screen.getByRole("button", { name: /Show what the model says/ }));
    expect(screen.getByRole("region", { name: "Bacterial pneumonia" })).toBeVisible();
  });

  it("shows the card of the pack that spoke, its markup as text", async () => {
    const backend = room();
    backend.answers["model.list"] = { tasks: [], keys: [], packs: [{ origin: "built_in", versions: [], id: "chest-xray-basic", version: "0.1.0", sha256: "ab", network: "basic_cnn", licence: "MIT", licenceClass: "open", enabled: true, tasks: [{ task: "chest_xray_pneumonia", labels: ["normal"], intendedUse: "Teaching", outOfScope: "Else", caution: "One hospital", established: true, auroc: 0.94 }], problem: null, card: "# Card\n\n<img src=x onerror=alert(1)> **bold**" }] };
    open(backend);
    (await ready()).focus();
    await userEvent.keyboard("m");
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText(/<img src=x/)).toBeVisible();
    expect(dialog.querySelector("img")).toBeNull();
  });
});

describe("what is asked", () => {
  it("is what the picture seems to be, until somebody chooses an analysis or a network that does it", async () => {
    const backend = room();
    const sent: unknown[] = [];
    backend.answers["model.list"] = { packs: [], keys: [], tasks: [
      { task: "chest_xray_pneumonia", kind: "chest_xray", network: "resnet50", networks: ["basic_cnn", "resnet50"] },
      { task: "nc_skin_lesion", kind: "dermatoscopy", network: "basic_cnn", networks: ["basic_cnn"] },
    ] };
    backend.answers["analysis.start"] = (req) => { sent.push(req); return { id: "a9" }; };
    open(backend);
    await ready();
    const again = await screen.findByRole("button", { name: "Analyse again" });
    await userEvent.click(again);
    const choose = async (field: RegExp, option: string) => {
      await userEvent.click(screen.getByRole("button", { name: field }));
      await userEvent.click(await screen.findByRole("option", { name: option }));
    };
    await choose(/^Network|Network$/, "ResNet-50");
    await choose(/Analysis$|^Analysis/, "Chest X-ray: pneumonia");
    await userEvent.click(again);
    await choose(/Analysis$|^Analysis/, "Skin lesion, dermatoscopy");
    await userEvent.click(again);
    expect(sent).toEqual([
      { image: "i1", pack: null },
      { image: "i1", pack: null, network: "resnet50", task: "chest_xray_pneumonia" },
      { image: "i1", pack: null, task: "nc_skin_lesion" },
    ]);
    expect(screen.getAllByText(/^Chest X-ray: pneumonia/).length).toBeGreaterThan(0);
  });
});

describe("who is on the picture", () => {
  it("marks a name of the file as such, and assigns only after both were shown side by side", async () => {
    const backend = room();
    backend.answers["patient.search"] = { rows: [{ id: "p1", family: "Smith", given: "John", title: "Mr", birthDate: "1958-03-05", ageYears: 68, sex: "male", hospitalNumber: "LD 1", similarName: false, deceased: false }], total: 1 };
    backend.answers["study.assign"] = {};
    open(backend);
    expect(await screen.findByText("Name as written in the file")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Assign to a patient" }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByRole("searchbox")).toHaveValue("SMITH");
    await userEvent.click(await within(dialog).findByRole("button", { name: /Choose/ }));
    expect(backend.calls.some((c) => c.name === "study.assign")).toBe(false);
    expect(within(dialog).getByText("SMITH, John")).toBeVisible();
    await userEvent.click(within(dialog).getByRole("button", { name: "Assign to SMITH, John (Mr)" }));
    await waitFor(() => expect(backend.calls.find((c) => c.name === "study.assign")?.req).toEqual({ study: "s1", patient: "p1" }));
  });

  it("notices when the file names somebody else", () => {
    expect(alike("SMITH, John", { family: "Smith", given: "John Paul" })).toBe(true);
    expect(alike("PEREIRA, Tomas", { family: "Pereira", given: "Tomás" })).toBe(true);
    expect(alike("SMYTHE, John", { family: "Smith", given: "John" })).toBe(false);
  });
});

describe("words", () => {
  it("never round a probability to certainty", () => {
    expect([0.996, 0.004, 0.5, 1, 0].map(probabilityText)).toEqual([">\u00a00.99", "<\u00a00.01", "0.50", "1.00", "0.00"]);
  });

  it("name what the catalogue does not know", () => {
    expect(conditionWord("rib_fracture")).toBe("Rib fracture");
    expect(abstainedWhy({ reason: null, detail: null }).sentence).toMatch(/gave no reason/);
    expect(fileName("GARCIA^ANA^MARIA=あ")).toBe("GARCIA, ANA MARIA");
    expect(fileName("WHOLE NAME")).toBe("WHOLE NAME");
  });

  it("never count the normal class as a finding", () => {
    expect(sorted([finding({ probability: 0.05 }), { ...normal, probability: 0.95 }]).found).toEqual([]);
    expect(rowState({ state: "done", finding: null, probability: null }).words).toBe("AI: nothing found");
    expect(rowState({ state: "done", finding: null, probability: null, outsideIntendedUse: true }).words).toBe("AI: outside intended use");
  });

  it("colour the map on its fixed scale, clear under what would veil the film", () => {
    const ramp: [number, number, number][] = [[0, 0, 0], [100, 0, 0], [200, 0, 0]];
    expect(heatColour(0.1, ramp)[3]).toBe(0);
    expect(heatColour(0.75, ramp)).toEqual([150, 0, 0, 255]);
    expect(heatColour(7, ramp)).toEqual([200, 0, 0, 255]);
  });
});
