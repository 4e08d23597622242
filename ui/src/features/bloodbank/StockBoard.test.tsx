import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import type { BloodGroup } from "../../wire";
import { A_NEG, board, fail, faults, memory, O_NEG, open, row } from "./memory.testkit";

describe("the stock board", () => {
  test("says each level in words beside the count, and only exceptions are coloured", async () => {
    const { backend } = memory({
      "unit.board": () => board([
        { available: 2, level: "critical", daysOfCover: 0 },
        { available: 31 },
        { available: 5, level: "low", daysOfCover: 2 },
        {},
        { available: 0, level: "not_stocked" },
        { available: 0, level: "critical", daysOfCover: 0, oldestExpiry: null },
      ]),
    });
    await open("/blood", backend);
    const grid = await screen.findByRole("grid", { name: "Stock by component and blood group" });
    const cells = within(grid).getAllByRole("gridcell");
    expect(cells).toHaveLength(8);
    expect(cells[0]).toHaveTextContent("2CriticalUnder 1 day");
    expect(cells[0]).toHaveAttribute("data-level", "critical");
    expect(cells[1]).toHaveTextContent("31Good6 days01-Dec-2026");
    expect(cells[2]).toHaveTextContent("5Low2 days");
    expect(cells[4]).toHaveTextContent("Not stocked");
    expect(cells[5]).toHaveTextContent("None in stock");
    expect(within(cells[0]!).getByRole("link")).toHaveAccessibleName(/^Red cells, O RhD NEGATIVE: ?2 ?Critical ?Under 1 day/);
  });

  test("shows bags without H beside the table and leads to them, and to no bag of group O", async () => {
    const bombay: BloodGroup = { abo: "O", rhd: "negative", phenotype: "bombay" };
    const rare = [{ component: "red_cells" as const, group: bombay, available: 1, reserved: 0, quarantined: 2 }];
    const { backend, sent } = memory({ "unit.board": () => ({ ...board(), rare }), "unit.list": () => ({ rows: [row({ group: bombay })], total: 1 }) });
    await open("/blood", backend);
    const part = within(await screen.findByRole("region", { name: "Without the H antigen" }));
    expect(part.getByText("Bombay is not group O. Only for patients without H.")).toBeVisible();
    await userEvent.click(part.getByRole("link", { name: /Bombay RhD NEGATIVE.*1 unit/ }));
    expect(await screen.findByRole("grid", { name: "Units" })).toHaveTextContent("Bombay");
    expect(sent("unit.list").at(-1)).toMatchObject({ group: bombay, status: "available" });
  });

  test("shows what lies at other sites apart, without a level, and leads to those bags", async () => {
    const elsewhere = [
      { site: "Hill clinic", lines: [{ component: "red_cells" as const, available: 3, cells: [
        { component: "red_cells" as const, group: O_NEG, available: 3, reserved: 1, quarantined: 0 },
        { component: "red_cells" as const, group: A_NEG, available: 0, reserved: 0, quarantined: 2 },
        { component: "red_cells" as const, group: { ...O_NEG, phenotype: "bombay" as const }, available: 1, reserved: 0, quarantined: 0 },
      ] }] },
      { site: "Lake post", lines: [] },
    ];
    const there = row({ site: "Hill clinic", group: O_NEG, place: "Box 2" });
    const { backend, sent } = memory({ "unit.board": () => ({ ...board(), elsewhere }), "unit.list": () => ({ rows: [there], total: 1 }) });
    const { container } = await open("/blood", backend);
    const part = within(await screen.findByRole("region", { name: "At other sites" }));
    const line = part.getByRole("row", { name: /^Red cells ?3 units/ });
    expect(within(line).getAllByRole("cell").map((cell) => cell.textContent)).toEqual([
      expect.stringMatching(/3reserved: 1$/), "0", expect.stringMatching(/0quarantined: 2$/), "0", "0", "0", "0", "0",
    ]);
    expect(part.getByRole("row", { name: /^Without the H antigen/ })).toHaveTextContent(/Bombay RhD NEGATIVE: ?1/);
    expect(line).not.toHaveTextContent(/Good|Low|Critical/);
    expect(part.getByText("Nothing free, held or in quarantine is known there.")).toBeVisible();
    expect(await faults(container)).toEqual([]);
    await userEvent.click(part.getByRole("link", { name: /O RhD NEGATIVE: ?3/ }));
    const list = await screen.findByRole("grid", { name: "Units" });
    expect(list).toHaveTextContent("At Hill clinic");
    expect(within(list).queryByRole("checkbox")).toBeNull();
    expect(screen.getByText(/Filtered by Hill clinic/)).toBeVisible();
    expect(sent("unit.list").at(-1)).toMatchObject({ component: "red_cells", site: "Hill clinic", status: "available" });
    await userEvent.click(screen.getByRole("button", { name: "Clear the filters" }));
    await waitFor(() => expect(sent("unit.list").at(-1)).not.toHaveProperty("site"));
  });

  test("says first that somebody has to be called, with the way to the list", async () => {
    const { backend } = memory({ "unit.board": () => board(), "tasks.count": () => ({ urgent: 3, all: 5 }) });
    await open("/blood", backend);
    const bar = (await screen.findByText("Urgent tasks: 3")).closest<HTMLElement>("[role=status]")!;
    expect(bar.querySelector("svg")).not.toBeNull();
    expect(within(bar).getByRole("link", { name: "Open the list" })).toHaveAttribute("href", "/blood/tasks");
    expect(await faults()).toEqual([]);
  });

  test("says nothing of what is to be done while none of it is urgent", async () => {
    const { backend } = memory({ "unit.board": () => board(), "tasks.count": () => ({ urgent: 0, all: 5 }) });
    await open("/blood", backend);
    expect(await screen.findByRole("link", { name: /^To do ?5$/ })).toBeVisible();
    expect(screen.queryByText(/Urgent tasks/)).toBeNull();
  });

  test("shows every total of the store with its unit and the units that end first", async () => {
    const { backend } = memory({ "unit.board": () => board() });
    await open("/blood", backend);
    expect(await screen.findByText("Below target")).toBeInTheDocument();
    expect(screen.getByText("6", { selector: "dd" })).toHaveTextContent("6groups");
    expect(screen.getByText(/1 of 14 shown/)).toBeInTheDocument();
    expect(screen.getByText("Today")).toBeInTheDocument();
  });

  test("is one Tab stop in which the arrows move", async () => {
    const { backend } = memory({ "unit.board": () => board() });
    await open("/blood", backend);
    const links = within(await screen.findByRole("grid")).getAllByRole("link");
    expect(links.filter((l) => l.tabIndex === 0)).toHaveLength(1);
    links[0]!.focus();
    await userEvent.keyboard("{ArrowRight}{ArrowRight}");
    expect(links[2]).toHaveFocus();
    expect(links[2]).toHaveAttribute("tabindex", "0");
    await userEvent.keyboard("{End}");
    expect(links[7]).toHaveFocus();
  });

  test("leads from a cell to the units behind it", async () => {
    const { backend, sent } = memory({ "unit.board": () => board(), "unit.list": () => ({ rows: [row()], total: 1 }) });
    await open("/blood", backend);
    const links = within(await screen.findByRole("grid")).getAllByRole("link");
    await userEvent.click(links[3]!);
    await screen.findByRole("grid", { name: "Units" });
    expect(sent("unit.list").at(-1)).toMatchObject({ component: "red_cells", group: { abo: "A", rhd: "positive" }, status: "available" });
  });

  test("says that nothing is here yet and how it gets here", async () => {
    const empty = board();
    empty.totals = { available: 0, reserved: 0, quarantined: 0, expired: 0, expiring: 0, below_target: 0 };
    empty.expiring = [];
    const { backend } = memory({ "unit.board": () => empty });
    await open("/blood", backend);
    expect(await screen.findByText("No units here yet")).toBeInTheDocument();
  });

  test("says when it cannot be read, and reads again", async () => {
    let broken = true;
    const { backend } = memory({ "unit.board": () => (broken ? fail("internal", "fault") : board()) });
    await open("/blood", backend);
    expect(await screen.findByText("The stock could not be read")).toBeInTheDocument();
    broken = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.getByRole("grid")).toBeInTheDocument());
  });

  test("has no fault that axe can find", async () => {
    const { backend } = memory({ "unit.board": () => board([{ level: "critical" }, { level: "not_stocked" }]) });
    const { container } = await open("/blood", backend);
    await screen.findByRole("grid");
    expect(await faults(container)).toEqual([]);
  });
});
