import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import type { Permission, PolicyBook, PolicyValue, RuleBookView } from "../../wire";
import { doors, screens } from "./screens";

vi.setConfig({ testTimeout: 60_000 });

const value = (name: string, value: string): PolicyValue => ({ name, value, source: "our handbook 3", effectiveFrom: "2026-01-01", least: 1, most: 72, confirmed: false });

const ruleBook: RuleBookView = {
  name: "who", version: 1, signed: null,
  rows: [
    { name: "testing.release_people", value: "2", source: "bloodbank.md 2.6", effectiveFrom: "2026-01-01", confirmed: false },
    { name: "deferrals.1", value: '{"code":"hiv","lasts":"permanent","only":[]}', source: "WHO 2012", effectiveFrom: "2026-01-01", confirmed: false },
  ],
};

function book(version: number, hold: string): PolicyBook {
  const values = [value("hold_hours", hold), value("expires_soon_hours", "24"), { ...value("stock", ""), least: null, most: null }];
  const stock = [{ component: "red_cells" as const, group: { abo: "O" as const, rhd: "negative" as const }, floor: 2, target: 4 }];
  const row = (n: number) => ({ profile: "who", version: n, hash: `hash ${n}`, effectiveAt: "2026-01-01T00:00:00Z", adoptedAt: "2026-01-01T00:00:00Z", author: "OKELLO, Amina", reason: "the committee", urgent: false, inForce: n === version });
  const versions = Array.from({ length: version }, (_, n) => row(version - n));
  return { profile: "who", version, hash: `hash ${version}`, values, stock, versions, ruleBook, ruleBooks: ["who", "fda", "eu", "uk", "india"], electronic: { stands: "not_validated", program: "0.1.0", recordProven: false, validations: [] }, newest: { version, hash: `hash ${version}`, values, stock, ruleBook } };
}

function at(first: PolicyBook, permissions: Permission[] = ["adopt_policy"]) {
  const shown = { now: first };
  const listeners: (() => void)[] = [];
  const status = statusOf({ door: "signed_in", facility: clinic, session: { user: "a", displayName: "ADEYEMI, Tola", role: "administrator", permissions, since: "2026-11-20T08:00:00Z" } });
  const backend = memory({ "app.status": () => status, "policy.show": () => shown.now, "draft.get": () => ({ body: null, at: null }), "draft.put": () => ({}), "draft.drop": () => ({}) });
  backend.on = ((topic: string, listener: () => void) => { if (topic === "changed") listeners.push(listener); return () => {}; }) as never;
  render(<Program backend={backend} screens={screens} doors={doors} path="/settings/rules" />);
  const adoptedElsewhere = (next: PolicyBook) => act(async () => {
    shown.now = next;
    listeners.forEach((l) => l());
    await new Promise((r) => setTimeout(r, 200));
  });
  return { backend, adoptedElsewhere };
}

async function type(name: RegExp, text: string) {
  const field = screen.getByRole("textbox", { name });
  await userEvent.clear(field);
  await userEvent.type(field, text);
  await userEvent.tab();
}

describe("the rules", () => {
  it("are readable for everybody and offer nothing to whoever may not adopt", async () => {
    at(book(1, "24"), []);
    expect(await screen.findByText("A reservation holds at most")).toBeVisible();
    expect(screen.getAllByText("24 hours")[0]).toBeVisible();
    expect(screen.getByText(/^3 of 3 rules are not confirmed yet/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Write the next version" })).toBeNull();
    expect(await faults()).toEqual([]);
  });

  it("say why the electronic crossmatch is off, and record a validation by two people", async () => {
    const { backend } = at(book(1, "24"));
    backend.answers["validation.record"] = () => ({ id: "v1" });
    expect(await screen.findByText(/^Off: this site has no validation/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Record a validation" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.type(dialog.getByLabelText(/Protocol/), "QM 12/2026");
    await userEvent.click(dialog.getByRole("radio", { name: "Passed" }));
    await userEvent.click(dialog.getByRole("checkbox", { name: /no unit of a wrong ABO group/ }));
    await userEvent.click(dialog.getByRole("button", { name: "Save the validation" }));
    expect(backend.of("validation.record")).toHaveLength(0);
    await userEvent.type(dialog.getByLabelText("Their user name"), "luis");
    await userEvent.type(dialog.getByLabelText("Their password"), "secret");
    expect(await faults()).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Save the validation" }));
    expect(backend.of("validation.record")).toEqual([expect.objectContaining({ program: "0.1.0", protocol: "QM 12/2026", passed: true, aboPreventionShown: true, second: { user: "luis", password: "secret" } })]);
  });

  it("show a withdrawn validation with who withdrew it, and take one that stands back with a reason", async () => {
    const row = (id: string, protocol: string) => ({ id, program: "0.1.0", carriedOutOn: "2026-11-01", protocol, passed: true, aboPreventionShown: true, note: null, by: "OKELLO, Amina", second: "SANTOS, Luis", recordedAt: "2026-11-01T09:00:00Z", withdrawn: null });
    const gone = { ...row("v1", "QM 11"), withdrawn: { reason: "scanner fault", by: "SANTOS, Luis", at: "2026-11-02T09:00:00Z" } };
    const { backend } = at({ ...book(1, "24"), electronic: { stands: "on", program: "0.1.0", recordProven: true, validations: [row("v2", "QM 12"), gone] } });
    backend.answers["validation.withdraw"] = () => ({});
    expect(await screen.findByText("SANTOS, Luis: scanner fault")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: /^Withdraw/ }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.type(dialog.getByLabelText(/Why/), "wrong reading found");
    await userEvent.click(dialog.getByRole("button", { name: "Withdraw" }));
    expect(backend.of("validation.withdraw")).toEqual([{ validation: "v2", reason: "wrong reading found" }]);
  });

  it("show the rule book with its sources, folded away, and find a value in it", async () => {
    at(book(1, "24"), []);
    expect(await screen.findByText(/nobody of the country has signed it. 2 of 2 values wait/)).toBeVisible();
    expect(screen.queryByText("WHO 2012")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Show the rule book (2 values)" }));
    expect(screen.getByText("WHO 2012")).toBeVisible();
    await userEvent.type(screen.getByRole("textbox", { name: /Find a value/ }), "release");
    expect(screen.queryByText("WHO 2012")).toBeNull();
    expect(screen.getByText("People who must agree to a release")).toBeVisible();
    expect(await faults()).toEqual([]);
  });
  it("are adopted after the changes were looked at, and only what was changed is sent", async () => {
    const { backend } = at(book(1, "24"));
    backend.answers["policy.adopt"] = () => ({});
    await userEvent.click(await screen.findByRole("button", { name: "Write the next version" }));
    await userEvent.click(screen.getByRole("button", { name: "Look at the changes" }));
    expect(screen.getByText("Nothing is changed yet.")).toBeVisible();
    await type(/holds at most/, "12");
    await userEvent.type(screen.getByLabelText(/^Reason/), "less waste");
    await userEvent.click(screen.getByRole("button", { name: "Look at the changes" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(within(dialog).getByText("24 hours")).toBeVisible();
    expect(within(dialog).getByText("12 hours")).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Adopt version 2" }));
    expect(await screen.findByText(/^Version 2 is adopted/)).toBeVisible();
    expect(backend.of("policy.adopt")).toEqual([{
      base: "hash 1", values: [{ name: "hold_hours", value: "12", source: "our handbook 3", confirmed: false }],
      stock: null, effectiveWall: null, reason: "less waste", urgent: false, ruleBook: null, rows: [], signFor: null,
    }]);
  });

  it("say before they are adopted at once that a later version, which waits, comes into force with them", async () => {
    const now = book(1, "24");
    const two = book(2, "12");
    const waiting = { ...two.versions[0]!, effectiveAt: "2026-12-01T05:00:00Z", inForce: false };
    at({ ...now, versions: [waiting, ...now.versions], newest: two.newest });
    await userEvent.click(await screen.findByRole("button", { name: "Write the next version" }));
    const builds = /This changes version 2, which is not in force yet\. It takes effect on 01-Dec-2026,? 08:00/;
    const says = (el: Element | null) => el?.tagName === "P" && builds.test(el.textContent ?? "");
    expect(screen.getByText((_, el) => says(el))).toBeVisible();
    await type(/ending soon/, "30");
    await userEvent.type(screen.getByLabelText(/^Reason/), "us");
    await userEvent.click(screen.getByRole("button", { name: "Look at the changes" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(within(dialog).getByText((_, el) => says(el))).toBeVisible();
    expect(within(dialog).getByText(/Whatever else version 2 changes would then take effect earlier/)).toBeVisible();
    expect(within(dialog).getByRole("button", { name: "Adopt version 3" })).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("never bring back a value that somebody else changed while the form was open", async () => {
    const { backend, adoptedElsewhere } = at(book(1, "24"));
    backend.answers["policy.adopt"] = ({ base }) => (base === "hash 2" ? {} : refuse({ code: "changed" }));
    await userEvent.click(await screen.findByRole("button", { name: "Write the next version" }));
    await type(/ending soon/, "30");
    await userEvent.type(screen.getByLabelText(/^Reason/), "mine");
    await adoptedElsewhere(book(2, "12"));
    await userEvent.click(screen.getByRole("button", { name: "Look at the changes" }));
    const dialog = await screen.findByRole("alertdialog");
    expect(within(dialog).queryByText(/holds at most/)).toBeNull();
    await userEvent.click(within(dialog).getByRole("button", { name: /^Adopt version/ }));
    expect(backend.of("policy.adopt")[0]?.base).toBe("hash 1");
    await userEvent.click(await within(dialog).findByRole("button", { name: "Read the rules again" }));
    expect(screen.getByRole("textbox", { name: /holds at most/ })).toHaveValue("12");
    expect(screen.getByRole("textbox", { name: /ending soon/ })).toHaveValue("30");
    await userEvent.click(screen.getByRole("button", { name: "Look at the changes" }));
    await userEvent.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Adopt version 3" }));
    expect(backend.of("policy.adopt")[1]).toMatchObject({ base: "hash 2", values: [{ name: "expires_soon_hours", value: "30" }] });
  });
});
