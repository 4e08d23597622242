import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { clinic, faults, memory, Program, statusOf } from "../../testing/program.testkit";
import type { CaseRow, CaseView, Permission } from "../../wire";
import { at, bedsideRow, caseRow, smith } from "../bedside/bedside.testkit";
import { patientView, row as unit } from "../bloodbank/memory.testkit";
import * as m from "../../paraglide/messages";
import { screens } from "./screens";
import { caseStand, cdcWord, missingSteps, noFindings } from "./words";

vi.setConfig({ testTimeout: 60_000 });

function caseView(patch: Partial<CaseView> = {}): CaseView {
  return {
    row: caseRow(), transfusion: bedsideRow({ stand: "ended" }), found: null, findings: { ...noFindings, riseTenths: 20, signs: ["rigors"] },
    suggestions: [{ category: "infection_bacterial", met: ["rise_2", "rigors"], source: null }],
    work: [{ what: "clerical_check", due: null, args: {}, done: false }, { what: "stop_transfusion", due: null, args: {}, done: true }],
    steps: [], judgement: null, held: [unit({ id: "u-9", din: "A999826000999", check: "X" })], ...patch,
  };
}

function start(path: string, view = caseView(), rows: CaseRow[] = [view.row], permissions: Permission[] = ["see_patients", "see_stock", "judge_reactions"]) {
  const backend = memory({
    "app.status": () => statusOf({ door: "signed_in", facility: clinic, session: { user: "ferreira", displayName: "Dr Ana Ferreira", role: "physician", permissions, since: at(-60) } }),
    "patient.view": () => patientView(),
    "case.list": () => ({ open: rows, closed: [] }),
    "case.view": () => view,
  });
  render(<Program backend={backend} screens={screens} path={path} />);
  return backend;
}

describe("haemovigilance", () => {
  it("lists cases and near misses with what still stands between each and its end", async () => {
    start("/reactions", caseView(), [caseRow(), caseRow({ id: "c-2", prevented: "wristband_of_another", suspected: ["near_miss"], missing: ["clerical"] })]);
    expect(await screen.findByText("Missing: Papers compared, Plasma looked at, Direct antiglobulin test, judgement")).toBeVisible();
    expect(screen.getByText(/^Prevented: /)).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("says what it may be, on what that rests, and what is held; closing waits for the work", async () => {
    const backend = start("/reactions/c-1");
    expect(await screen.findByText("Bacterial infection")).toBeVisible();
    expect(screen.getByText("because of rise of 2 °C, Rigors")).toBeVisible();
    expect(screen.getByText("Temperature rose by 2.0 °C")).toBeVisible();
    expect(screen.getByText("Held in quarantine for this case")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Close the case" }));
    expect(backend.of("case.close")).toHaveLength(0);
    expect(await faults()).toEqual([]);
  });

  it("names the rules that were broken when the bag left, and whether the form turned out wrong", async () => {
    const broken = { issue: "i-9", unit: unit({ id: "u-9", din: "A999826000999", check: "X" }), at: at(-60), rules: ["unit_gone", "abo_incompatible"] as const, inError: true };
    start("/reactions/c-1", caseView({ against: [{ ...broken, rules: [...broken.rules] }] }));
    const section = within((await screen.findByRole("heading", { name: "Rules broken" })).closest("section")!);
    const named = section.getAllByRole("listitem").filter((item) => item.querySelector("li") === null).map((item) => item.textContent ?? "");
    expect(named).toHaveLength(2);
    for (const words of named) expect(words).not.toMatch(/_|unit_gone|abo_incompatible/);
    expect(new Set(named).size).toBe(2);
    expect(section.getByText("Entered in error")).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("has no such part where nothing was broken", async () => {
    start("/reactions/c-1");
    expect(await screen.findByText("Bacterial infection")).toBeVisible();
    expect(screen.queryByRole("heading", { name: "Rules broken" })).toBeNull();
  });

  it("records a step only with its result, the missing one first", async () => {
    const backend = start("/reactions/c-1");
    backend.answers["case.step"] = () => ({});
    await userEvent.click(await screen.findByRole("button", { name: "Record a result" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the result" }));
    expect(within(dialog).getByText("Write what was found.")).toBeVisible();
    await userEvent.type(within(dialog).getByLabelText("Result"), "All agree");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save the result" }));
    await waitFor(() => expect(backend.of("case.step")).toEqual([{ case: "c-1", step: "clerical", result: "All agree" }]));
  });

  it("shows the judgement in the words of both reports, and that it must go to the authority", async () => {
    const row = caseRow({ category: "allergic", severity: "severe", missing: [], mustNotify: true });
    const judgement = { category: "allergic", severity: "severe", grade: 2, imputability: "probable", eu: "2", cdc: "probable", by: "Dr Ana Ferreira", at: at(-3) } as const;
    const backend = start("/reactions/c-1", caseView({ row, judgement }));
    backend.answers["case.close"] = () => ({});
    expect(await screen.findByText("Must be reported")).toBeVisible();
    expect(screen.getByText(/EU level 2/)).toHaveTextContent("CDC: Probable");
    await userEvent.click(screen.getByRole("button", { name: "Close the case" }));
    await waitFor(() => expect(backend.of("case.close")).toEqual([{ id: "c-1" }]));
  });

  it("says every judgement of the CDC in words of the catalogue, in both languages", () => {
    for (const cdc of ["not_determined", "ruled_out", "doubtful", "possible", "probable", "definite"]) {
      for (const locale of ["en", "ar"] as const) {
        const words = (m as unknown as Record<string, (inputs: object, options: { locale: "en" | "ar" }) => string>)[`haemovigilance_cdc_${cdc}`];
        expect(words?.({}, { locale })).toMatch(locale === "en" ? /^[A-Z][a-z ]+$/ : /^[\u0600-\u06ff ]+$/);
      }
      expect(cdcWord(cdc)).not.toContain("_");
    }
  });

  it("shows whose wristband it was in a near miss", async () => {
    const row = caseRow({ prevented: "wristband_of_another", suspected: ["near_miss"], missing: ["clerical"] });
    start("/reactions/c-1", caseView({ row, transfusion: null, suggestions: [], found: { ...smith, id: "p-2", family: "Smythe" } }));
    expect(await screen.findByText(/The wristband was that of .*Smythe/i)).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("counts a judgement among what is missing, and a closed case as closed", () => {
    expect(missingSteps(caseRow({ missing: [] }))).toEqual(["judgement"]);
    expect(caseStand(caseRow({ missing: [], category: "allergic" })).kind).toBe("good");
    expect(caseStand(caseRow({ closedAt: at(0) })).word).toBe("Closed");
  });
});
