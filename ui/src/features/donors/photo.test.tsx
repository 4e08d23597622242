import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { DonorRow, DonorView, DoubleView, Permission, PhotoView } from "../../wire";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import { initials } from "./Photo";
import { screens } from "./screens";

vi.setConfig({ testTimeout: 60_000 });

const today = "2026-11-20";
const row: DonorRow = {
  id: "d1", number: "DN000001K", family: "Odhiambo", given: "Peter", birthDate: "1990-05-17", ageYears: 36, sex: "male",
  group: { state: "unknown" }, next: { kind: "whole_blood", on: today, why: null, code: null }, similarName: false,
};
const photo: PhotoView = { sha256: "ab", at: "2026-11-20T08:00:00Z", by: "KAMAU, Joseph", guardian: null };
const view: DonorView = {
  row, photo, phone: null, area: null, paper: null, consent: null, deferrals: [], next: [row.next], donations: [], screenings: [], likelySame: [], samePerson: [], questions: [],
  mayGive: false, screenedFor: null, elsewhere: [], health: null, groups: [], told: [], deferralCodes: [], rules: { name: "who", version: 1, signed: false, bags: [] }, today,
};
const all: Permission[] = ["see_donors", "register_donors", "screen_donors"];

function start(path: string, patch: Partial<DonorView> = {}, permissions = all) {
  const backend = memory({
    "app.status": () => statusOf({ door: "signed_in", facility: clinic, session: { user: "u", displayName: "KAMAU, Joseph", role: "reception", permissions, since: "2026-11-20T08:00:00Z" } }),
    "donor.view": () => ({ ...view, ...patch }),
    "donor.photo": ({ sha256 }) => ({ mediaType: "image/jpeg", data: `/9j/${sha256}`, cols: 480, rows: 640 }),
    "donor.contact": () => ({ channels: [], reachable: true, messages: [], appointments: [] }),
  });
  render(<Program backend={backend} screens={screens} path={path} />);
  return backend;
}

describe("the photo of a donor", () => {
  it("stands on the record and where the donor is asked, under the name", async () => {
    const backend = start("/donors/d1");
    const picture = await screen.findByRole("img", { name: "Photo of ODHIAMBO, Peter" });
    expect(picture).toHaveAttribute("src", "data:image/jpeg;base64,/9j/ab");
    expect(backend.of("donor.photo")[0]).toEqual({ donor: "d1", sha256: "ab" });
    expect(within(screen.getByRole("region", { name: "Photo" })).getByText(/KAMAU, Joseph/)).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Ask and measure" }));
    expect(await screen.findByRole("img", { name: "Photo of ODHIAMBO, Peter" })).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("stands beside the name where the needle goes in", async () => {
    const backend = start("/donors/d1", { mayGive: true, screenedFor: "whole_blood" });
    backend.answers["donor.desk"] = () => ({ rules: view.rules, blocks: [], left: 1, next: null, doubles: 0, donations: [], today });
    await userEvent.click(await screen.findByRole("button", { name: "Begin the donation" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByRole("img", { name: "Photo of ODHIAMBO, Peter" })).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("is not missed where there is none: initials, and no way to add one for those who may not", async () => {
    const backend = start("/donors/d1", { photo: null }, ["see_donors"]);
    const empty = await screen.findByRole("img", { name: "ODHIAMBO, Peter: No photo" });
    expect(within(empty).getByText("PO")).toBeVisible();
    expect(backend.of("donor.photo")).toEqual([]);
    expect(screen.queryByRole("button", { name: "Add photo" })).toBeNull();
    expect(await faults()).toEqual([]);
    expect(initials({ given: "", family: "\u{1F600}a" })).toBe("\u{1F600}");
    expect(initials({ given: " ólafur ", family: "" })).toBe("Ó");
  });

  it("says so when it cannot be read, and the record stands all the same", async () => {
    const backend = start("/donors/d1");
    backend.answers["donor.photo"] = () => refuse({ code: "photo_broken" });
    expect(await screen.findByRole("img", { name: "ODHIAMBO, Peter: The photo cannot be shown" })).toBeVisible();
    expect(screen.getByRole("button", { name: "Replace photo" })).toBeVisible();
  });

  it("is kept only with a file and a yes, and a file that was refused is chosen anew", async () => {
    const backend = start("/donors/d1", { photo: null });
    let picked = 0;
    backend.pickFiles = async () => [{ handle: `file-${++picked}`, name: `me-${picked}.jpg` }];
    backend.answers["donor.photo_set"] = ({ file }) => (file === "file-1" ? refuse({ code: "photo_too_small", args: { least: "96" } }) : {});
    await userEvent.click(await screen.findByRole("button", { name: "Add photo" }));
    const dialog = await screen.findByRole("dialog");
    const save = within(dialog).getByRole("button", { name: "Save this photo" });
    await userEvent.click(save);
    expect(within(dialog).getByText("Choose a file.")).toBeVisible();
    expect(within(dialog).getByText("Without the donor’s own yes no photo is kept.")).toBeVisible();
    expect(await faults()).toEqual([]);
    const choose = within(dialog).getByRole("button", { name: "Choose a file" });
    await userEvent.click(choose);
    expect(await within(dialog).findByText("Chosen: me-1.jpg")).toBeVisible();
    await userEvent.click(save);
    expect(backend.of("donor.photo_set"), "no yes, no photo").toEqual([]);
    await userEvent.click(within(dialog).getByRole("checkbox"));
    await userEvent.click(save);
    expect(await within(dialog).findByText("This photo is too small to know somebody by.")).toBeVisible();
    expect(within(dialog).queryByText("Chosen: me-1.jpg")).toBeNull();
    await userEvent.click(choose);
    expect(await within(dialog).findByText("Chosen: me-2.jpg")).toBeVisible();
    await userEvent.click(save);
    expect(backend.of("donor.photo_set").at(-1)).toEqual({ donor: "d1", file: "file-2", agreed: true, guardian: null, replaces: null });
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("is replaced as the one that was seen, and removed with a reason and what became of it", async () => {
    const backend = start("/donors/d1");
    backend.pickFiles = async () => [{ handle: "file-1", name: "me.jpg" }];
    backend.answers["donor.photo_set"] = () => ({});
    backend.answers["donor.photo_remove"] = ({ reason }) => ({ erased: reason !== "Another person" });
    await userEvent.click(await screen.findByRole("button", { name: "Replace photo" }));
    let dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Choose a file" }));
    await userEvent.click(within(dialog).getByRole("checkbox"));
    await userEvent.click(within(dialog).getByRole("button", { name: "Save this photo" }));
    expect(backend.of("donor.photo_set")).toMatchObject([{ replaces: "ab" }]);
    await userEvent.click(await screen.findByRole("button", { name: "Remove photo" }));
    dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Remove photo" }));
    expect(within(dialog).getByText("Write why.")).toBeVisible();
    expect(backend.of("donor.photo_remove")).toEqual([]);
    await userEvent.type(within(dialog).getByLabelText("Why it is removed"), "Another person");
    expect(await faults()).toEqual([]);
    await userEvent.click(within(dialog).getByRole("button", { name: "Remove photo" }));
    expect(backend.of("donor.photo_remove")).toEqual([{ donor: "d1", sha256: "ab", reason: "Another person" }]);
    // Its bytes stay for another record: somebody who promised that it is erased is told.
    expect(await screen.findByText(/not erased: another record is kept with the same picture/)).toBeVisible();
    await userEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Close" }));
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("stands beside the other one where two records are compared", async () => {
    const backend = start("/donors/d1/same/d2");
    const other = { ...view, row: { ...row, id: "d2", number: "DN000002M", family: "Odiambo" }, photo: { ...photo, sha256: "cd" } };
    const both: DoubleView = { donor: view, other, signs: ["alike_name"], standing: "open", people: 2, waiting: [] };
    backend.answers["donor.double"] = () => both;
    const line = await screen.findByRole("row", { name: /^Photo/ });
    expect(await within(line).findByRole("img", { name: "Photo of ODHIAMBO, Peter" })).toHaveAttribute("src", "data:image/jpeg;base64,/9j/ab");
    expect(await within(line).findByRole("img", { name: "Photo of ODIAMBO, Peter" })).toHaveAttribute("src", "data:image/jpeg;base64,/9j/cd");
    expect(await faults()).toEqual([]);
  });
});
