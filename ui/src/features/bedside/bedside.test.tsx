import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { clinic, faults, memory, Program, refuse, statusOf } from "../../testing/program.testkit";
import type { BedsideView, Permission, ScanPart } from "../../wire";
import { A_NEG, patientView, scan } from "../bloodbank/memory.testkit";
import { at, bedsideRow, bedsideView } from "./bedside.testkit";
import { screens } from "./screens";
import { until } from "./words";

const { tone } = vi.hoisted(() => ({ tone: vi.fn() }));
vi.mock("../../app/tone", () => ({ errorTone: tone }));
beforeEach(() => tone.mockClear());

// Typing key by key is slow while other work fills both cores.
vi.setConfig({ testTimeout: 60_000 });

const scans: Record<string, ScanPart[]> = {
  "&;1BAND": [{ kind: "patient", number: "LD4H8P2RVA9", patient: "p-1" }],
  "&;1OTHER": [{ kind: "patient", number: "LD9", patient: "p-2" }],
  "=A99982600045500": [{ kind: "donation_number", din: "A999826000455", check: "G", unit: "u-455" }],
  "=<E0382V00": [{ kind: "product", code: "E0382V00", component: "red_cells", name: null }],
  "=A99982600045600": [{ kind: "donation_number", din: "A999826000456", check: "H", unit: "u-456" }],
  "&>0270122359": [{ kind: "expiry", wall: "2027-01-12T23:59:00" }],
  "=%0600": [{ kind: "group", group: A_NEG, donation_type: "" }],
  "&;1NOBODY": [{ kind: "patient", number: "LD0", patient: null }],
  LD9: [{ kind: "patient", number: "LD9", patient: "p-2" }],
  "&=HSC1ABCD": [{ kind: "other", name: "unknown", raw: "&=HSC1ABCD" }],
};

function start(path: string, view: BedsideView = bedsideView(), permissions: Permission[] = ["see_patients", "see_stock", "transfuse"]) {
  const backend = memory({
    "app.status": () => statusOf({ door: "signed_in", facility: clinic, session: { user: "mbeki", displayName: "MBEKI, Ruth", role: "nurse", permissions, since: at(-60) } }),
    "patient.view": () => patientView(),
    "scan.read": ({ text }) => ({ parts: scans[text] ?? [{ kind: "other", name: "unknown", raw: text }] }),
    "bedside.list": () => ({
      waiting: [view.row],
      running: [bedsideRow({ id: "i-2", stand: "running", startedAt: at(-250), endBefore: at(-10), alarms: [{ alarm: "running_too_long", since: at(-10) }] })],
      ended: [], recent: [bedsideRow({ id: "i-3", stand: "done", outcome: "uneventful" })],
    }),
    "bedside.view": () => view,
    "bedside.scan": () => ({}),
  });
  render(<Program backend={backend} screens={screens} path={path} />);
  return backend;
}

describe("the list of the bedside", () => {
  it("shows what runs first, its alarm in words, and the one act that is next", async () => {
    start("/bedside");
    expect(await screen.findByText("Running too long: end it")).toBeVisible();
    expect(screen.getByText("10 min over", { exact: false })).toBeVisible();
    expect(screen.getByRole("button", { name: /^Check at the bed/ })).toBeVisible();
    expect(screen.getByText("20 min left", { exact: false })).toBeVisible();
    expect(screen.getByText("No reaction")).toBeVisible();
    expect(await faults()).toEqual([]);
  });

  it("shows only the bags of the patient whose wristband was scanned, and says when nobody has one", async () => {
    start("/bedside");
    await screen.findByText("Running too long: end it");
    await scan("&;1OTHER");
    expect(await screen.findByText("No blood is out for this patient.")).toBeVisible();
    await scan("&;1BAND");
    expect(await screen.findByText(/Only the blood of/)).toBeVisible();
  });
});

describe("the check at the bed", () => {
  it("goes scan by scan to the second person, and sends all of it once", async () => {
    const backend = start("/bedside/i-1");
    backend.answers["bedside.check"] = () => ({});
    expect(await screen.findByRole("heading", { name: "Scan the wristband" })).toBeVisible();
    expect(await faults()).toEqual([]);
    await scan("&;1BAND");
    expect(await screen.findByRole("heading", { name: "Scan the bag" })).toBeVisible();
    for (const code of ["=A99982600045500", "=<E0382V00", "=%0600"]) await scan(code);
    expect(await screen.findByRole("heading", { name: "Scan the slip" })).toBeVisible();
    await userEvent.type(screen.getByLabelText("Code on the slip"), "HSC1ABCD");
    await userEvent.click(screen.getByRole("button", { name: "Use this code" }));
    await screen.findByRole("heading", { name: "Ask the patient, look at the bag" });
    await userEvent.click(screen.getByRole("button", { name: "All three are so" }));
    expect(screen.getByRole("alert")).toHaveTextContent("All three must be so");
    // The whole box is the target, not the small square in it.
    for (const box of screen.getAllByRole("checkbox")) {
      expect(box.closest("label")).toHaveAttribute("data-large", "true");
      await userEvent.click(box.closest("label")!);
      expect(box).toBeChecked();
    }
    await userEvent.click(screen.getByRole("button", { name: "All three are so" }));
    await userEvent.type(await screen.findByLabelText("Sign-in name"), "ferreira");
    await userEvent.type(screen.getByLabelText("Password"), "secret");
    await userEvent.click(screen.getByRole("button", { name: "Finish the check" }));
    await waitFor(() => expect(backend.of("bedside.check")).toEqual([{
      issue: "i-1", wristband: "p-1", spokenAgrees: true, bag: { din: "A999826000455", productCode: "E0382V00", group: A_NEG }, slip: "HSC1ABCD", appearanceOk: true, consent: true,
      second: { user: "ferreira", password: "secret" },
    }]));
    expect(backend.of("bedside.scan")).toHaveLength(3);
  });

  it("clears everything at the wristband of another, and shows the near miss that was written", async () => {
    const backend = start("/bedside/i-1");
    await screen.findByRole("heading", { name: "Scan the wristband" });
    await scan("&;1BAND");
    await screen.findByRole("heading", { name: "Scan the bag" });
    await scan("=A99982600045500");
    backend.answers["bedside.scan"] = () => refuse({ code: "wristband_of_another", args: { nearMiss: "c-9", clears: "true" } });
    await scan("&;1OTHER");
    expect(await screen.findByText("All input was cleared. Begin with the wristband.")).toBeVisible();
    expect(screen.getByRole("heading", { name: "Scan the wristband" })).toBeVisible();
    expect(screen.getByRole("link", { name: "Open the near miss" })).toHaveAttribute("href", expect.stringContaining("/reactions/c-9"));
    expect(await faults()).toEqual([]);
  });

  it("leaves nothing of another patient in the field where the number was typed", async () => {
    const backend = start("/bedside/i-1");
    backend.answers["bedside.scan"] = () => refuse({ code: "wristband_of_another", args: { nearMiss: "c-9", clears: "true" } });
    await userEvent.type(await screen.findByLabelText(/hospital number/), "LD9");
    await userEvent.click(screen.getByRole("button", { name: "Use this number" }));
    expect(await screen.findByText("All input was cleared. Begin with the wristband.")).toBeVisible();
    expect(screen.getByLabelText(/hospital number/)).toHaveValue("");
  });

  it("offers no check to somebody who does not work at the bed", async () => {
    start("/bedside/i-1", bedsideView(), ["see_patients", "see_stock"]);
    expect(await screen.findByText("A nurse or a physician does this.")).toBeVisible();
    expect(screen.queryByRole("heading", { name: "Scan the wristband" })).toBeNull();
  });
});

describe("the transfusion", () => {
  it("starts with a temperature, sent in tenths", async () => {
    const backend = start("/bedside/i-1", bedsideView({ stand: "checked" }, { first: "MBEKI, Ruth", second: "Dr Ana Ferreira" }));
    backend.answers["bedside.start"] = () => ({});
    await userEvent.click(await screen.findByRole("button", { name: "Start the transfusion" }));
    expect(screen.getByText("The temperature is needed: a rise is told from it.")).toBeVisible();
    await userEvent.type(screen.getByRole("textbox", { name: "Temperature" }), "36.7");
    await userEvent.click(screen.getByRole("button", { name: "Start the transfusion" }));
    await waitFor(() => expect(backend.of("bedside.start")).toHaveLength(1));
    expect(backend.of("bedside.start")[0]).toMatchObject({ issue: "i-1", vitals: { temperature: 367, pulse: null }, override: null, second: null });
  });

  it("stops with one press on the reason, and the reason brings its sign", async () => {
    const vitals = { temperature: 367, pulse: 88, systolic: 120, diastolic: 76, breaths: null, oxygen: 97 };
    const view = bedsideView({ stand: "running", startedAt: at(-20), endBefore: at(220), riseTenths: 20 }, {
      observations: [{ vitals, by: "MBEKI, Ruth", at: at(-20) }, { vitals: { ...vitals, temperature: 387 }, by: "MBEKI, Ruth", at: at(-1) }],
      tasks: [{ what: "stop_transfusion", due: null, args: {}, done: false }], case: "c-1",
    });
    const backend = start("/bedside/i-1", view);
    backend.answers["bedside.stop"] = () => ({ case: "c-1" });
    // On top of the page and among the tasks.
    expect(await screen.findAllByText("Stop the transfusion, keep the line open")).toHaveLength(2);
    expect(screen.getByText("+2.0")).toBeVisible();
    expect(screen.getByRole("link", { name: "Open the case" })).toBeVisible();
    expect(await faults()).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Stop now" }));
    await userEvent.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Fever or shivering" }));
    await waitFor(() => expect(backend.of("bedside.stop")).toHaveLength(1));
    expect(backend.of("bedside.stop")[0]).toMatchObject({ issue: "i-1", reason: "Fever or shivering", findings: { signs: ["rigors"] } });
  });

  it("asks how it went when it has ended", async () => {
    const backend = start("/bedside/i-1", bedsideView({ stand: "ended", alarms: [{ alarm: "outcome_missing", since: at(-5) }] }));
    backend.answers["bedside.outcome"] = () => ({ case: null });
    await userEvent.click(await screen.findByRole("button", { name: "Save how it went" }));
    expect(screen.getByText("Choose how it went.")).toBeVisible();
    await userEvent.click(screen.getByRole("radio", { name: /^No reaction/ }));
    await userEvent.click(screen.getByRole("button", { name: "Save how it went" }));
    await waitFor(() => expect(backend.of("bedside.outcome")).toEqual([{ issue: "i-1", outcome: "uneventful", findings: null }]));
    expect(await faults()).toEqual([]);
  });
});

describe("the clock of a bag", () => {
  it("counts up to its limit and says by how much it was passed", () => {
    expect(until(at(20), at(0))).toEqual({ over: false, words: "20 min left" });
    expect(until(at(0), at(0))).toEqual({ over: true, words: "0 min over" });
    expect(until(at(-135), at(0))).toEqual({ over: true, words: "2 h 15 min over" });
  });
});

describe("a scan at the bed", () => {
  const toTheBag = async () => {
    await screen.findByRole("heading", { name: "Scan the wristband" });
    await scan("&;1BAND");
    await screen.findByRole("heading", { name: "Scan the bag" });
    tone.mockClear();
  };

  it("sounds for what does not belong to the step, and says what is scanned instead", async () => {
    start("/bedside/i-1");
    await screen.findByRole("heading", { name: "Scan the wristband" });
    await scan("=A99982600045500");
    expect(tone).toHaveBeenCalledTimes(1);
    await scan("&;1NOBODY");
    expect(await screen.findByText("The wristband LD0 names nobody here.")).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(2);
    await toTheBag();
    // A slip, the rest of the label, and the number of another bag.
    await scan("HSC1ABCD");
    expect(await screen.findByText("That is a collection slip; scan the donation number, the product and the blood group of the bag.")).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(1);
    await scan("&>0270122359");
    expect(await screen.findByText(/That code of the label is not needed here/)).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(1);
    await scan("=A99982600045600");
    expect(await screen.findByText(/not this bag's/)).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(2);
    await scan("&;1BAND");
    expect(await screen.findByText("That is this patient's wristband. It has been read.")).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(2);
  });

  it("after the bag and the slip says what each further scan is, and never asks again for what was read", async () => {
    start("/bedside/i-1");
    await toTheBag();
    for (const code of ["=A99982600045500", "=<E0382V00", "=%0600"]) await scan(code);
    await screen.findByRole("heading", { name: "Scan the slip" });
    await scan("=A99982600045500");
    expect(await screen.findByText("The bag has been read. Now scan the slip.")).toBeVisible();
    expect(tone).not.toHaveBeenCalled();
    await scan("=A99982600045600");
    expect(await screen.findByText(/not the bag that was scanned for this patient/)).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(1);
    await scan("HSC1ABCD");
    await screen.findByRole("heading", { name: "Ask the patient, look at the bag" });
    tone.mockClear();
    await scan("HSC1ABCD");
    expect(await screen.findByText("The slip has been read.")).toBeVisible();
    await scan("=A99982600045500");
    expect(await screen.findByText("That is this bag. It has been read.")).toBeVisible();
    expect(tone).not.toHaveBeenCalled();
    await scan("HSC1OTHER");
    expect(await screen.findByText(/Everything has been scanned/)).toBeVisible();
    expect(screen.queryByText("Scan the slip", { selector: "[data-kind=caution] *" })).toBeNull();
    expect(tone).toHaveBeenCalledTimes(1);
  });

  it("takes bag and wristband on the page of the downtime form too", async () => {
    start("/bedside/i-1");
    await screen.findByRole("heading", { name: "Scan the wristband" });
    await userEvent.click(screen.getByRole("button", { name: "It was checked on paper" }));
    await scan("=A99982600045500");
    await scan("&;1BAND");
    expect(await screen.findByDisplayValue("LD4H8P2RVA9")).toBeVisible();
    expect(screen.getAllByText("read")).toHaveLength(1);
    expect(tone).not.toHaveBeenCalled();
    await scan("&>0270122359");
    expect(await screen.findByText(/That is the expiry date; scan the wristband, or the codes of the bag/)).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(1);
  });

  it("after the check opens nothing and loses nothing: another wristband sounds and says whose it is", async () => {
    const backend = start("/bedside/i-1", bedsideView({ stand: "checked" }));
    backend.answers["patient.view"] = ({ id }) => (id === "p-2" ? patientView({ id: "p-2", family: "Jones", given: "Mary", title: null }) : patientView());
    await userEvent.type(await screen.findByRole("textbox", { name: /Temperature/ }), "36.8");
    await scan("&;1OTHER");
    expect(await screen.findByText(/That is the wristband of JONES, Mary\. This blood is for SMITH, John/)).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(1);
    expect(screen.getByRole("textbox", { name: /Temperature/ })).toHaveValue("36.8");
    await scan("=A99982600045600");
    expect(await screen.findByText(/That is another bag than the one of this page/)).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(2);
    await scan("&;1BAND");
    expect(await screen.findByText(/the right patient/)).toBeVisible();
    await scan("=A99982600045500");
    expect(await screen.findByText("That is the bag of this page.")).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(2);
    expect(screen.getByRole("textbox", { name: /Temperature/ })).toHaveValue("36.8");
    expect(await faults()).toEqual([]);
  });

  it("does the same inside the question for the observations", async () => {
    const backend = start("/bedside/i-1", bedsideView({ stand: "running", startedAt: at(-20) }));
    backend.answers["patient.view"] = ({ id }) => (id === "p-2" ? patientView({ id: "p-2", family: "Jones", given: "Mary", title: null }) : patientView());
    await userEvent.click(await screen.findByRole("button", { name: "Record observations" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByRole("textbox", { name: /Pulse/ }), "88");
    await scan("&;1OTHER");
    expect(await within(dialog).findByText(/That is the wristband of JONES, Mary/)).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(1);
    await scan("&;1BAND");
    expect(await within(dialog).findByText(/the right patient/)).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(1);
    expect(within(dialog).getByRole("textbox", { name: /Pulse/ })).toHaveValue("88");
  });
});
