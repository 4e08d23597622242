import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import type { UnitTraitsView } from "../../wire";
import { all, B_POS, fail, faults, memory, open, O_NEG, row, unitView } from "./memory.testkit";

const none: UnitTraitsView = { attributes: [], antigens: [], phenotype: "ordinary", confirmed: null, entered: null, enteredByMe: false, readings: [], readByMe: false, settled: null };
function page(traits: Partial<UnitTraitsView>, more: Parameters<typeof memory>[0] = {}, unit = row()) {
  return memory({ "unit.view": () => unitView(unit), "unit.traits": () => ({ ...none, ...traits }), ...more });
}
const section = () => within(screen.getByRole("region", { name: "Beside the label" }));

describe("what is known of a unit beside its label", () => {
  test("the group that one person read is entered, and nothing of the label is chosen beforehand", async () => {
    const { backend, sent } = page({}, { "unit.retype": () => ({}) });
    await open("/blood/unit/u-455", backend);
    expect(await screen.findByText("Nobody has read the group again since it arrived")).toBeInTheDocument();
    await userEvent.click(section().getByRole("button", { name: "Read the group" }));
    const dialog = within(await screen.findByRole("dialog"));
    expect(dialog.queryByRole("radio", { checked: true })).not.toBeInTheDocument();
    await userEvent.click(dialog.getByRole("radio", { name: "B RhD POSITIVE" }));
    expect(await faults()).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Save this reading" }));
    await waitFor(() => expect(sent("unit.retype")).toEqual([{ unit: "u-455", group: B_POS, reason: null }]));
    expect(await screen.findByText("The reading is saved. Another person verifies it.")).toBeInTheDocument();
  });

  test("a reading that differs from the label says beforehand and afterwards that the unit goes into quarantine", async () => {
    const { backend } = page({}, { "unit.retype": () => ({}) });
    await open("/blood/unit/u-455", backend);
    await userEvent.click(await screen.findByRole("button", { name: "Read the group" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.click(dialog.getByRole("radio", { name: "O RhD NEGATIVE" }));
    expect(dialog.getByText("The label says B RhD POSITIVE. Saving this puts the unit in quarantine at once.")).toBeInTheDocument();
    await userEvent.click(dialog.getByRole("button", { name: "Save this reading" }));
    expect(await screen.findByText("The reading differs from the label: the unit is in quarantine.")).toBeInTheDocument();
  });

  test("another person verifies without seeing the first reading; one that differs keeps the unit in quarantine", async () => {
    const { backend } = page({ entered: B_POS }, { "unit.retype": () => ({}) });
    await open("/blood/unit/u-455", backend);
    expect(await screen.findByText("Read by one person. Another one verifies it.")).toBeInTheDocument();
    await userEvent.click(section().getByRole("button", { name: "Verify the group" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.click(dialog.getByRole("radio", { name: "A RhD POSITIVE" }));
    await userEvent.click(dialog.getByRole("button", { name: "Verify with this reading" }));
    expect(await screen.findByText("The readings differ: the unit is in quarantine until another person settles it.")).toBeInTheDocument();
  });

  test("two readings that differ are shown, and somebody who made neither settles them with a reason", async () => {
    const { backend, sent } = page({ readings: [{ group: B_POS, by: "Luis Santos" }, { group: O_NEG, by: "Amina Okello" }] }, { "unit.retype": () => ({}) });
    await open("/blood/unit/u-455", backend);
    expect(await screen.findByText("O RhD NEGATIVE, read by Amina Okello")).toBeInTheDocument();
    await userEvent.click(section().getByRole("button", { name: "Settle the group" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.click(dialog.getByRole("radio", { name: "B RhD POSITIVE" }));
    await userEvent.click(dialog.getByRole("button", { name: "Save the settling reading" }));
    expect(sent("unit.retype")).toEqual([]);
    await userEvent.type(dialog.getByLabelText(/Why the readings differed/), "wrong tube");
    expect(await faults()).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Save the settling reading" }));
    await waitFor(() => expect(sent("unit.retype")).toEqual([{ unit: "u-455", group: B_POS, reason: "wrong tube" }]));
    expect(await screen.findByText("The group is settled. A unit whose label agrees may leave quarantine.")).toBeInTheDocument();
  });

  test("whoever made one of two readings that differ is told that another person settles it", async () => {
    const { backend } = page({ readings: [{ group: B_POS, by: "Luis Santos" }, { group: O_NEG, by: "Amina Okello" }], readByMe: true });
    await open("/blood/unit/u-455", backend);
    expect(await screen.findByText("You read it before, so another person settles it.")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Settle the group" })).not.toBeInTheDocument();
  });

  test("whoever read it first cannot verify it, and a verified one is closed", async () => {
    const mine = page({ entered: B_POS, enteredByMe: true });
    await open("/blood/unit/u-455", mine.backend);
    expect(await screen.findByText("You have read it. Another person verifies it.")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Verify the group" })).not.toBeInTheDocument();
  });

  test("a verified group and a differing one look different in word and shape", async () => {
    const { backend } = page({ confirmed: O_NEG });
    await open("/blood/unit/u-455", backend);
    expect((await screen.findByText("O RhD NEGATIVE: not the label’s B RhD POSITIVE")).closest("[data-kind]")).toHaveAttribute("data-kind", "critical");
    expect(screen.queryByRole("button", { name: /the group$/ })).not.toBeInTheDocument();
  });

  test("records a property and an antigen; one that is known otherwise changes nothing", async () => {
    const { backend, sent } = page({ attributes: ["irradiated"], antigens: [{ antigen: "K", positive: false }] }, { "unit.attribute": () => ({}), "unit.antigen": () => fail("known") });
    await open("/blood/unit/u-455", backend);
    await userEvent.click(await screen.findByRole("button", { name: "Add a property" }));
    expect(screen.queryByRole("radio", { name: /Irradiated/ })).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("radio", { name: /Washed/ }));
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(sent("unit.attribute")).toEqual([]);
    await userEvent.type(screen.getByLabelText("Their user name"), "luis");
    await userEvent.type(screen.getByLabelText("Their password"), "training");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(sent("unit.attribute")).toEqual([{ unit: "u-455", attribute: "washed", second: { user: "luis", password: "training" } }]));
    await userEvent.click(await screen.findByRole("button", { name: "Record an antigen" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.click(dialog.getByRole("button", { name: /Antigen/ }));
    await userEvent.click((await screen.findAllByRole("option"))[5]!);
    await userEvent.click(dialog.getByRole("radio", { name: "Positive" }));
    await userEvent.click(dialog.getByRole("button", { name: "Save" }));
    expect(await dialog.findByText(/This antigen is recorded with the other result. Nothing was changed/)).toBeInTheDocument();
    expect(sent("unit.antigen")).toEqual([{ unit: "u-455", antigen: "K", positive: true }]);
  });

  test("a held unit gives its slip from its own page, and nobody without the right sees the acts", async () => {
    const held = row({ status: "reserved", patient: "p-1", patientName: "SMITH, John (Mr)" });
    const { backend } = page({}, { "slip.make": () => fail("not_found") }, held);
    const { unmount } = await open("/blood/unit/u-455", backend);
    await userEvent.click(await screen.findByRole("button", { name: "Make the slip" }));
    expect(await screen.findByText(/NOT_FOUND/)).toBeInTheDocument();
    unmount();
    await open("/blood/unit/u-455", page({}, {}, held).backend, all.filter((p) => p !== "crossmatch" && p !== "issue_blood"));
    await screen.findByText("Nobody has read the group again since it arrived");
    expect(screen.queryByRole("button", { name: /Read the group|Make the slip|Add a property/ })).not.toBeInTheDocument();
  });
});
