import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ReportView, StudyView } from "../../wire";
import { arranged, headingOf, said, templateFor, templates } from "./templates";
import { analysis, faults, image, open, room, row } from "./testkit";

vi.mock("./viewport/Viewport", async (original) => ({
  ...(await original<typeof import("./viewport/Viewport")>()),
  makeViewport: async () => ({ engine: "canvas", show: async () => undefined, draw: () => undefined, dispose: () => undefined }),
}));

beforeEach(() => {
  localStorage.clear();
  Object.defineProperty(window, "innerWidth", { value: 1366, configurable: true });
  HTMLCanvasElement.prototype.getContext = (() => null) as never;
});

const mark = { by: "KHAN, Sameera", at: "2026-11-20T11:40:00Z" };
const draft: ReportView = { template: "chest", sections: [{ name: "lungs", text: "Consolidation, right lower zone." }], revision: 3, written: mark, signed: null, addenda: [] };
const signed: ReportView = { ...draft, signed: mark, addenda: [{ text: "Compared with 2024: new.", ...mark }] };

function desk(report: ReportView | null, over: Partial<StudyView> = {}) {
  const study: StudyView = { row: row({ report: report === null ? "none" : report.signed ? "signed" : "draft" }), images: [image()], analyses: [analysis()], report, ...over };
  const backend = room(study);
  Object.assign(backend.answers, { "report.draft": {}, "report.sign": {}, "report.addend": {}, "draft.get": { body: null, at: null }, "draft.put": {}, "draft.drop": {} });
  return backend;
}
async function panel() {
  await userEvent.click(await screen.findByRole("radio", { name: "Report" }));
  return screen.findByRole("complementary", { name: "Report" });
}
const sent = (backend: ReturnType<typeof desk>, name: string) => backend.calls.filter((c) => c.name === name).map((c) => c.req);

describe("the report", () => {
  it("keeps a text that is too long to be saved, instead of forgetting what was kept before", async () => {
    const backend = desk(null);
    open(backend);
    const side = await panel();
    fireEvent.change(within(side).getAllByRole("textbox")[0] as HTMLElement, { target: { value: "x".repeat(20_000) } });
    await waitFor(() => expect(sent(backend, "draft.put")).toHaveLength(1), { timeout: 5000 });
    expect(JSON.stringify(sent(backend, "draft.put")[0])).toContain("x".repeat(20_000));
    expect(sent(backend, "draft.drop")).toEqual([]);
  });

  it("asks which one stands, when what was kept was begun from an older text", async () => {
    const backend = desk(draft);
    const old = { template: "chest", sections: [{ name: "lungs", text: "Mine." }], revision: 2 };
    backend.answers["draft.get"] = { body: JSON.stringify(old), at: "2026-11-20T11:00:00Z" };
    open(backend);
    const side = await panel();
    await userEvent.click(await within(side).findByRole("button", { name: "Continue" }));
    expect(within(side).getByDisplayValue("Mine.")).toBeVisible();
    expect(within(side).getByRole("button", { name: "Save draft" })).toHaveAccessibleDescription(/./);
    await userEvent.click(within(side).getByRole("button", { name: /^Take the saved text/ }));
    expect(within(side).getByDisplayValue("Consolidation, right lower zone.")).toBeVisible();
  });

  it("begins empty with the template of its picture, never with what the model says, and is clean for axe", async () => {
    open(desk(null));
    const side = await panel();
    expect(within(side).getByText("Not begun")).toBeVisible();
    expect(within(side).getByRole("button", { name: /Template/ })).toHaveTextContent("Chest X-ray");
    const fields = within(side).getAllByRole("textbox");
    expect(fields.map((f) => (f as HTMLTextAreaElement).value)).toEqual(fields.map(() => ""));
    expect(within(side).getByRole("button", { name: "Read and sign" })).toHaveAccessibleDescription("Nothing is written yet.");
    expect(await faults()).toEqual([]);
  });

  it("saves a draft with the revision it was begun from, and only what says something", async () => {
    const backend = desk(draft);
    open(backend);
    const side = await panel();
    await userEvent.type(within(side).getByRole("textbox", { name: "Impression" }), "Pneumonia.");
    await userEvent.click(within(side).getByRole("button", { name: "Save draft" }));
    await waitFor(() => expect(sent(backend, "report.draft")).toHaveLength(1));
    const [req] = sent(backend, "report.draft") as [{ study: string; template: string; revision: number; sections: { name: string; text: string }[] }];
    expect(req).toMatchObject({ study: "s1", template: "chest", revision: 3 });
    expect(said(req.sections)).toEqual([{ name: "lungs", text: "Consolidation, right lower zone." }, { name: "impression", text: "Pneumonia." }]);
  });

  it("is read once more before it is signed, and the safe button has the focus", async () => {
    const backend = desk(draft);
    open(backend);
    const side = await panel();
    await userEvent.click(within(side).getByRole("button", { name: "Read and sign" }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText("Consolidation, right lower zone.")).toBeVisible();
    expect(within(dialog).getByText("Not assigned to a patient")).toBeVisible();
    expect(within(dialog).getByRole("button", { name: "Go on writing" })).toHaveFocus();
    expect(sent(backend, "report.sign")).toEqual([]);
    expect(await faults()).toEqual([]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Sign this report" }));
    await waitFor(() => expect(sent(backend, "report.sign")).toHaveLength(1));
  });

  it("shows a signed text without a field to change it, with its addenda, and takes another", async () => {
    const backend = desk(signed);
    open(backend);
    const side = await panel();
    expect(within(side).getByText("Consolidation, right lower zone.")).toBeVisible();
    expect(within(side).getByText(/^Signed by KHAN, Sameera,/)).toBeVisible();
    expect(within(side).getByText("Compared with 2024: new.")).toBeVisible();
    expect(within(side).queryByRole("textbox")).toBeNull();
    expect(within(side).queryByRole("button", { name: "Save draft" })).toBeNull();
    await userEvent.click(within(side).getByRole("button", { name: "Write an addendum" }));
    await userEvent.type(within(side).getByRole("textbox", { name: "Addendum" }), "Told the ward.");
    // Ctrl and Enter asks, as the report does; twice in a row it neither signs nor gives up.
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    const dialog = await screen.findByRole("dialog", { name: "Sign this addendum?" });
    expect(within(dialog).getByText("Told the ward.")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    expect(dialog).toBeVisible();
    expect(sent(backend, "report.addend")).toEqual([]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Sign the addendum" }));
    await waitFor(() => expect(sent(backend, "report.addend")).toEqual([{ study: "s1", text: "Told the ward." }]));
    await waitFor(() => expect(within(side).getByRole("button", { name: "Write an addendum" })).toHaveFocus());
  });

  it("is not given up by Ctrl and Enter inside the question, and leads on when it is signed", async () => {
    const backend = desk(draft);
    backend.answers["study.worklist"] = { rows: [row({ report: "draft" }), row({ id: "s2" })], total: 2, as_of: "2026-11-20T11:46:00Z" };
    const { router } = open(backend);
    const side = await panel();
    within(side).getByRole("textbox", { name: "Impression" }).focus();
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    const dialog = await screen.findByRole("dialog", { name: "Sign this report?" });
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    expect(dialog).toBeVisible();
    expect(sent(backend, "report.sign")).toEqual([]);
    backend.answers["report.sign"] = () => {
      backend.answers["study.view"] = { row: row({ report: "signed" }), images: [image()], analyses: [analysis()], report: signed };
      return {};
    };
    await userEvent.click(within(dialog).getByRole("button", { name: "Sign this report" }));
    const next = await within(side).findByRole("button", { name: "Next study" });
    await waitFor(() => expect(next).toHaveFocus());
    await userEvent.keyboard("{Enter}");
    await waitFor(() => expect(router.state.location.pathname).toBe("/images/s2"));
  });

  it("names the file of a picture without a name before it is signed", async () => {
    open(desk(draft, { images: [image({ filePatientName: null, fileName: "IMG_0042.jpg" })] }));
    const side = await panel();
    await userEvent.click(within(side).getByRole("button", { name: "Read and sign" }));
    expect(within(await screen.findByRole("dialog")).getByText("IMG_0042.jpg")).toBeVisible();
  });

  it("is told when somebody else saved meanwhile, and neither text is lost unasked", async () => {
    const backend = desk(draft);
    open(backend);
    const side = await panel();
    await userEvent.type(within(side).getByRole("textbox", { name: "Impression" }), "Mine.");
    backend.answers["study.view"] = { row: row({ report: "draft" }), images: [image()], analyses: [analysis()], report: { ...draft, revision: 4, written: { ...mark, by: "FERREIRA, Luis" }, sections: [{ name: "impression", text: "His." }] } };
    backend.emit("changed", undefined);
    expect(await within(side).findByText("FERREIRA, Luis saved another text while you were writing.")).toBeVisible();
    expect(within(side).getByRole("textbox", { name: "Impression" })).toHaveValue("Mine.");
    expect(within(side).getByRole("button", { name: "Save draft" })).toHaveAccessibleDescription("Decide first which text goes on.");
    await userEvent.click(within(side).getByRole("button", { name: "Take the saved text, drop mine" }));
    expect(within(side).getByRole("textbox", { name: "Impression" })).toHaveValue("His.");
  });

  it("is read and not written by a role that may not", async () => {
    open(desk(draft), "/images/s1", ["see_images"]);
    const side = await panel();
    expect(within(side).getByRole("textbox", { name: "Lungs and pleura" })).toHaveAttribute("readonly");
    expect(within(side).getByRole("button", { name: "Read and sign" })).toHaveAccessibleDescription("Your role may not write reports.");
  });

  it("goes to paper as it is kept, a draft saying so in its first line", async () => {
    const print = vi.spyOn(window, "print").mockImplementation(() => undefined);
    open(desk(draft));
    const side = await panel();
    await userEvent.type(within(side).getByRole("textbox", { name: "Impression" }), "Still typing.");
    await userEvent.click(within(side).getByRole("button", { name: "Print" }));
    expect(print).toHaveBeenCalledOnce();
    const paper = document.querySelector(".hs-print-page");
    expect(paper?.firstElementChild).toHaveTextContent("DRAFT. Not signed, not for the record.");
    expect(paper).toHaveTextContent("Consolidation, right lower zone.");
    expect(paper).not.toHaveTextContent("Still typing.");
  });

  it("comes and goes by J", async () => {
    open(desk(signed));
    const film = await screen.findByRole("group", { name: "Picture chest.dcm" });
    film.focus();
    await userEvent.keyboard("j");
    expect(screen.getByRole("complementary", { name: "Report" })).toBeVisible();
    await userEvent.keyboard("j");
    expect(screen.getByRole("complementary", { name: "AI findings" })).toBeVisible();
  });
});

describe("templates", () => {
  it("are chosen by the kind of picture, and nothing is guessed where the part is not written", () => {
    const of = (modality: string | null, bodyPart: string | null) => templateFor({ modality, bodyPart });
    expect([of("DX", "CHEST"), of("CR", "HAND"), of("CR", null), of("CT", "HEAD"), of("US", null), of(null, null)]).toEqual(["chest", "skeleton", "general", "ct_mr", "ultrasound", "general"]);
  });
  it("lose no word when another one is taken", () => {
    const written = [{ name: "lungs", text: "Clear." }, { name: "heart", text: " " }, { name: "impression", text: "Normal." }];
    const next = arranged("general", written);
    expect(next).toEqual([{ name: "findings", text: "" }, { name: "impression", text: "Normal." }, { name: "lungs", text: "Clear." }]);
  });
  it("have a heading in words for every section, and fit what the record takes", () => {
    for (const t of templates) {
      expect(t.id).toMatch(/^[a-z0-9_]{1,32}$/);
      expect(new Set(t.sections).size).toBe(t.sections.length);
      expect(t.sections.length).toBeLessThanOrEqual(12);
      for (const s of t.sections) {
        expect(s).toMatch(/^[a-z0-9_]{1,32}$/);
        expect(headingOf(s)).not.toBe(s);
      }
    }
    expect(headingOf("from_a_later_program")).toBe("from a later program");
  });
});
