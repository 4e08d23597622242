import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { CommandFailed } from "../../backend";
import type { ScanPart } from "../../wire";
import { all, counterView, faults, memory, open, patientView, refuse, row, scan, unitView } from "./memory.testkit";

const person = { id: "p-1", family: "Smith", given: "John", title: "Mr", birthDate: "1958-03-05", ageYears: 68, sex: "male" as const, hospitalNumber: "LD 1", similarName: false, deceased: false };
const bags = [row({ id: "u-1", din: "A999826000001" }), row({ id: "u-2", din: "A999826000002" }), row({ id: "u-3", din: "A999826000003" })];
const part = (n: number): ScanPart[] => [{ kind: "donation_number", din: bags[n]!.din, check: "G", unit: bags[n]!.id }];

function desk(reserve: (units: string[]) => void) {
  return memory(
    {
      "patient.search": () => ({ rows: [person], total: 1 }),
      "patient.view": () => patientView(),
      "draft.get": () => ({ body: null, at: null }), "draft.put": () => ({}), "draft.drop": () => ({}),
      "unit.view": ({ id }) => unitView(bags.find((b) => b.id === id)!),
      "counter.ask": ({ unit }) => (unit === "u-2" ? counterView({ refused: refuse("abo_incompatible") })
        : unit === null ? counterView({ alternatives: [{ unit: bags[2]!, why: "identical", scarce_left: null }], alternativesTotal: 1 }) : counterView()),
      "unit.reserve_many": ({ units }) => { reserve(units); return {}; },
    },
    { "=A99982600000100": part(0), "=A99982600000200": part(1) },
  );
}

async function choosePatient() {
  await userEvent.type(await screen.findByLabelText("Name or hospital number"), "smith");
  await userEvent.click(await screen.findByRole("button", { name: /^Choose SMITH/ }));
  await screen.findByText("No unit is chosen yet");
}

test("bags are scanned one after the other, each with its verdict, and one that stands in the way is left out", async () => {
  const { backend, sent } = desk((units) => {
    if (units.includes("u-2")) throw new CommandFailed({ ...refuse("abo_incompatible"), args: { part: "Unit/u-2" } });
  });
  const { container } = await open("/blood/reserve", backend, all);
  await choosePatient();
  await scan("=A99982600000100");
  await scan("=A99982600000200");
  await scan("=A99982600000100");
  expect(await screen.findByText("This unit is in the list already.")).toBeInTheDocument();
  const chosen = screen.getByRole("region", { name: "2 units chosen" });
  expect(await within(chosen).findByText("Fits this patient")).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: /^Add/ }));
  expect(await screen.findByRole("region", { name: "3 units chosen" })).toBeInTheDocument();
  expect(await faults(container)).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Reserve these 3 units" }));
  expect(await screen.findByText("One unit stands in the way, so none was reserved")).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Go on without this unit" }));
  await userEvent.click(screen.getByRole("button", { name: "Reserve these 2 units" }));
  expect(await screen.findByText(/^2 units are reserved for SMITH, John/)).toBeInTheDocument();
  expect(sent("unit.reserve_many")).toEqual([
    { units: ["u-1", "u-2", "u-3"], patient: "p-1", override: null, second: null },
    { units: ["u-1", "u-3"], patient: "p-1", override: null, second: null },
  ]);
});

test("of two bags with one donation number the product code says which, and one that is not here is said", async () => {
  const din = "A999826000500";
  const twins = [row({ id: "u-8", din, productCode: "D1001V00" }), row({ id: "u-9", din, productCode: "D1002V00" })];
  const number: ScanPart[] = [{ kind: "donation_number", din, check: "1", unit: null }];
  const product = (code: string): ScanPart[] => [{ kind: "product", code, component: "red_cells", name: null }];
  const backend = memory(
    {
      "patient.search": () => ({ rows: [person], total: 1 }),
      "patient.view": () => patientView(),
      "draft.get": () => ({ body: null, at: null }), "draft.put": () => ({}), "draft.drop": () => ({}),
      "unit.view": ({ id }) => unitView([...twins, ...bags].find((b) => b.id === id)!),
      "unit.list": ({ text }) => ({ rows: twins.filter((u) => u.din === text), total: 2 }),
      "counter.ask": () => counterView(),
    },
    { "=A99982600050000": number, "=<D1002V00": product("D1002V00"), "=<D1009V00": product("D1009V00"), "=BOTH": [...number, ...product("D1001V00")], "=A99982600060000": [{ ...number[0], din: "A999826000600" } as ScanPart] },
  );
  await open("/blood/reserve", backend.backend, all);
  await choosePatient();
  await scan("=A99982600050000");
  expect(await screen.findByText("Several bags carry this number: scan the product code too.")).toBeInTheDocument();
  await scan("=<D1009V00");
  await scan("=<D1002V00");
  expect(await screen.findByRole("region", { name: "1 unit chosen" })).toBeInTheDocument();
  await scan("=BOTH");
  expect(await screen.findByRole("region", { name: "2 units chosen" })).toBeInTheDocument();
  await waitFor(() => expect([...new Set(backend.sent("counter.ask").map((ask) => (ask as { unit: string | null }).unit))]).toEqual(expect.arrayContaining(["u-9", "u-8"])));
  await scan("=A99982600060000");
  expect(await screen.findByText(/No unit with the number A9998 26 000600 is here/)).toBeInTheDocument();
});

test("whoever may not reserve has no button for it", async () => {
  const { backend } = desk(() => {});
  await open("/blood/reserve", backend, ["see_stock", "see_patients"]);
  await choosePatient();
  await userEvent.click(screen.getByRole("button", { name: /^Add/ }));
  await screen.findByRole("region", { name: "1 unit chosen" });
  expect(screen.queryByRole("button", { name: /^Reserve/ })).toBeNull();
});
