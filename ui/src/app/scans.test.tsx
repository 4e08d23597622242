import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { type ReactNode, useState } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { BackendProvider } from "../backend";
import { Dialog, TextField } from "../design";
import { faults, memory, refuse } from "../testing/program.testkit";
import { scan } from "../testing/scanning.testkit";
import type { ScanPart } from "../wire";
import { type ScanAnswer, ScanGuard, ScannerProvider, useScanner } from "./scanner";

const { tone } = vi.hoisted(() => ({ tone: vi.fn() }));
vi.mock("./tone", () => ({ errorTone: tone }));
beforeEach(() => tone.mockClear());

const number: ScanPart = { kind: "donation_number", din: "A999826000455", check: "G", unit: "u-455" };
const opened = vi.fn((): ScanAnswer => "taken");
beforeEach(() => opened.mockClear());

function show(page: ReactNode) {
  const backend = memory({ "scan.read": ({ text }) => (text === "=BADBAD" ? refuse({ code: "scan_unreadable" }) : { parts: [number] }) });
  render(<BackendProvider backend={backend}><ScannerProvider onUnclaimed={opened}>{page}</ScannerProvider></BackendProvider>);
  return backend;
}

function Page({ answer }: { answer: () => ScanAnswer | Promise<ScanAnswer> }) {
  useScanner(answer);
  return <p>page</p>;
}

it("sounds for a scan that the screen refuses, now or when its store has answered, and not for one it takes", async () => {
  let answer: ScanAnswer | Promise<ScanAnswer> = "taken";
  show(<Page answer={() => answer} />);
  await scan("=A99982600045500");
  expect(tone).not.toHaveBeenCalled();
  answer = "refused";
  await scan("=A99982600045500");
  expect(tone).toHaveBeenCalledTimes(1);
  answer = new Promise((done) => setTimeout(() => done("refused"), 5));
  await scan("=A99982600045500");
  expect(tone).toHaveBeenCalledTimes(2);
});

it("sounds once for a code that cannot be read, whatever the screen makes of it", async () => {
  let answer: ScanAnswer = "refused";
  show(<Page answer={() => answer} />);
  await scan("=BADBAD");
  expect(tone).toHaveBeenCalledTimes(1);
  answer = "taken";
  await scan("=BADBAD");
  expect(tone).toHaveBeenCalledTimes(2);
});

it("asks the store for no slip of ours, and a part of a box's slip is no unreadable code", async () => {
  const heard = vi.fn((): ScanAnswer => "taken");
  const backend = show(<Page answer={heard} />);
  await scan("HSP1ABCD");
  expect(heard).toHaveBeenCalledWith(expect.objectContaining({ raw: "HSP1ABCD", parts: [], error: null }));
  expect(heard).not.toHaveBeenCalledWith(expect.objectContaining({ slip: expect.anything() }));
  expect(backend.of("scan.read")).toEqual([]);
  expect(tone).not.toHaveBeenCalled();
});

function Asking({ waits }: { waits: boolean }) {
  const [open, setOpen] = useState(false);
  useScanner(opened);
  return <><button type="button" onClick={() => setOpen(true)}>ask</button>{open && (waits ? <Waiting /> : <Dialog isOpen title="A question" onClose={() => setOpen(false)}><TextField label="Words" value="" onChange={() => {}} /></Dialog>)}</>;
}

function Waiting() {
  const [din, setDin] = useState("");
  useScanner((s) => { setDin(s.raw); return "taken"; });
  return <Dialog isOpen title="A question" onClose={() => {}}><p>read {din}</p></Dialog>;
}

it("lets no scan go past an open dialog, not the first one and not the next", async () => {
  show(<Asking waits={false} />);
  await userEvent.click(screen.getByRole("button", { name: "ask" }));
  await screen.findByRole("dialog");
  for (const n of [1, 2, 3]) {
    await scan("=A99982600045500");
    expect(await screen.findByText(/A scan came while this question is open/)).toBeVisible();
    expect(tone).toHaveBeenCalledTimes(n);
  }
  expect(opened).not.toHaveBeenCalled();
  expect(await faults()).toEqual([]);
});

it("leaves a dialog that waits for scans its own", async () => {
  show(<Asking waits />);
  await userEvent.click(screen.getByRole("button", { name: "ask" }));
  await screen.findByRole("dialog");
  for (const _ of [1, 2]) {
    await scan("=A99982600045500");
    expect(await screen.findByText("read =A99982600045500")).toBeVisible();
  }
  expect(screen.queryByText(/A scan came while/)).toBeNull();
  expect(tone).not.toHaveBeenCalled();
});

it("keeps a page of typed work where it is", async () => {
  show(<ScanGuard />);
  await scan("=A99982600045500");
  expect(await screen.findByText(/Scanned: donation number\. This page waits for no scan/)).toBeVisible();
  expect(opened).not.toHaveBeenCalled();
  expect(tone).toHaveBeenCalledTimes(1);
});
