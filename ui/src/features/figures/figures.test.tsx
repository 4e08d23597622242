import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { faults, refuse } from "../../testing/program.testkit";
import type { Figure, FigureName, Figures } from "../../wire";
import { desk, open } from "../requests/care.testkit";
import { daysBefore, minutesWords } from "./FiguresPage";
import { screens } from "./screens";

const none: Figure = { numerator: 0, denominator: 0, share: null, low: null, high: null };
const figure = (name: FigureName, patch: Partial<Figure> = {}, within: number | null = null) => ({ name, figure: { ...none, ...patch }, within });
const shown: Figures = {
  from: "2026-10-22", to: "2026-11-20",
  rows: [
    figure("inventory_accuracy"), figure("fulfilment", { numerator: 18, denominator: 20, share: 9_000, low: 6_990, high: 9_721 }), figure("critical_fulfilment", {}, 15), figure("waste", { numerator: 1, denominator: 40, share: 250, low: 44, high: 1_288 }),
    figure("waste_with_cold_chain"), figure("waste_of_issues"), figure("crossmatched_to_transfused", { numerator: 30, denominator: 20, share: 15_000 }), figure("o_negative_to_others"), figure("appeal_response", {}, 24), figure("appeal_turn_out", {}, 14),
  ],
  requestMinutes: 75, requestsGiven: 9, requests: 11, wastage: [{ reason: "expired", units: 1 }],
};

describe("the figures", () => {
  it("stand with what they are a share of, how sure they are and what they mean", async () => {
    open(screens, "/blood/figures", desk(["see_stock"], { "figures.show": () => shown }));
    const fulfilment = (await screen.findByRole("heading", { name: "Fulfilment" })).closest("li") as HTMLElement;
    expect(within(fulfilment).getByText("90 %")).toBeVisible();
    expect(within(fulfilment).getByText("18 of 20")).toBeVisible();
    expect(within(fulfilment).getByText("95 % interval 69.9 to 97.2 %")).toBeVisible();
    expect(within(fulfilment).getByText(/Units issued and not brought back/)).toBeVisible();
    expect(screen.getByText(/Units issued within 15 minutes/)).toBeVisible();
    expect(screen.getByText("1.5 to 1")).toBeVisible();
    expect(screen.getByText("1 h 15 min")).toBeVisible();
    expect(screen.getByText("9 of 11 requests were given a unit")).toBeVisible();
    expect(screen.getByText("Time over")).toBeVisible();
    expect(screen.getAllByText("Nothing to count in this period").length).toBeGreaterThan(3);
    expect(await faults()).toEqual([]);
  });

  it("are counted for the period that is chosen, and say when they cannot be", async () => {
    const backend = open(screens, "/blood/figures", desk(["see_stock"], { "figures.show": () => shown }));
    expect(await screen.findByText("90 %")).toBeVisible();
    expect(backend.of("figures.show")[0]).toEqual({ from: "2026-10-22", to: "2026-11-20" });
    await userEvent.click(screen.getByRole("button", { name: "1 year" }));
    await waitFor(() => expect(backend.of("figures.show").at(-1)).toEqual({ from: "2025-11-21", to: "2026-11-20" }));
    backend.answers["figures.show"] = () => refuse({ code: "store_damaged", kind: "fault" });
    backend.news();
    expect(await screen.findByText("The figures could not be counted")).toBeVisible();
    expect([daysBefore("2026-01-01", 1), minutesWords(59), minutesWords(60)]).toEqual(["2025-12-31", "59 min", "1 h 0 min"]);
  });
});
