import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeBackend, refused, signedIn } from "../testing/fakeBackend";
import { scan } from "../testing/scanning.testkit";
import type { Status } from "../wire";
import { App } from "./App";

const { tone } = vi.hoisted(() => ({ tone: vi.fn() }));
vi.mock("./tone", () => ({ errorTone: tone }));

beforeEach(() => {
  window.location.hash = "#/settings/display";
  window.scrollTo = () => {};
});
afterEach(() => vi.useRealTimers());

describe("the frame", () => {
  it("says where one is, who is signed in, and that this is practice", async () => {
    render(<App backend={fakeBackend({ "app.status": signedIn() })} />);
    expect(await screen.findByText("Lakeside District Hospital")).toBeInTheDocument();
    expect(screen.getByText("OKELLO, Amina")).toBeInTheDocument();
    expect(screen.getByText("Training facility.")).toBeInTheDocument();
    expect(screen.getByText("This computer only")).toBeInTheDocument();
    expect(screen.getByText("Scanner ready")).toBeInTheDocument();
  });

  it("has nothing that axe objects to", async () => {
    const { container } = render(<App backend={fakeBackend({ "app.status": signedIn() })} />);
    await screen.findByText("This computer only");
    const result = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
    expect(result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`)).toEqual([]);
  });

  it("names the page that a role may not see, as every page does", async () => {
    window.location.hash = "#/blood/count";
    const status = signedIn();
    const { container } = render(<App backend={fakeBackend({ "app.status": { ...status, session: { ...status.session!, permissions: ["see_stock"] } } })} />);
    expect(await screen.findByText("Not for your role")).toBeInTheDocument();
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Stock-taking");
    const result = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
    expect(result.violations.map((v) => v.id)).toEqual([]);
  });

  it("lists the keys when ? is pressed", async () => {
    render(<App backend={fakeBackend({ "app.status": signedIn() })} />);
    await screen.findByText("This computer only");
    await userEvent.keyboard("?");
    expect(await screen.findByRole("dialog", { name: "Keys" })).toBeInTheDocument();
  });

  it("goes anywhere from the palette by keyboard alone", async () => {
    render(<App backend={fakeBackend({ "app.status": signedIn(), "patient.search": { rows: [], total: 0 }, "unit.list": { rows: [], total: 0 } })} />);
    await screen.findByText("This computer only");
    await userEvent.keyboard("{Control>}k{/Control}");
    const field = await screen.findByRole("combobox");
    await userEvent.type(field, "This computer");
    expect(screen.getByRole("option", { name: /This computer/ })).toHaveAttribute("aria-selected", "true");
    await userEvent.keyboard("{Enter}");
    await waitFor(() => expect(screen.queryByRole("combobox")).not.toBeInTheDocument());
    expect(window.location.hash).toBe("#/settings/display");
  });

  it("lets no scan act on the page that the palette covers, and says so", async () => {
    const unit = { kind: "donation_number", din: "A999826000455", check: "G", unit: "u-455" } as const;
    render(<App backend={fakeBackend({ "app.status": signedIn(), "patient.search": { rows: [], total: 0 }, "unit.list": { rows: [], total: 0 }, "scan.read": { parts: [unit] } })} />);
    await screen.findByText("This computer only");
    const before = window.location.hash;
    await userEvent.keyboard("{Control>}k{/Control}");
    await screen.findByRole("combobox");
    await scan("=A99982600045500");
    expect(await screen.findByText(/A scan came while this question is open/)).toBeInTheDocument();
    expect(screen.getByRole("combobox")).toHaveValue("");
    expect(window.location.hash).toBe(before);
  });

  it("turns right to left with the language", async () => {
    render(<App backend={fakeBackend({ "app.status": signedIn() })} />);
    await screen.findByText("This computer only");
    await userEvent.click(screen.getByRole("radio", { name: "العربية" }));
    expect(document.documentElement.dir).toBe("rtl");
    expect(await screen.findByText("هذا الحاسوب فقط")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("radio", { name: "English" }));
    expect(document.documentElement.dir).toBe("ltr");
  });
});

describe("a scan for which no page waits", () => {
  it("sounds and says why where it opens nothing", async () => {
    tone.mockClear();
    window.location.hash = "#/blood";
    const answers = { "app.status": signedIn(), "scan.read": { parts: [{ kind: "donation_number" as const, din: "A999826000455", check: "G", unit: null }] } };
    render(<App backend={fakeBackend(answers)} />);
    await screen.findByText("This computer only");
    await scan("=A99982600045500");
    expect(await screen.findByText(/is not known here\. Receive it first\./)).toBeInTheDocument();
    expect(tone).toHaveBeenCalledTimes(1);
    await scan("HSC1ABCD");
    expect(await screen.findByText(/That is a collection slip/)).toBeInTheDocument();
    expect(tone).toHaveBeenCalledTimes(2);
    expect(window.location.hash).toBe("#/blood");
  });

  it("opens the unit without a sound where it is known", async () => {
    tone.mockClear();
    window.location.hash = "#/blood";
    render(<App backend={fakeBackend({ "app.status": signedIn(), "scan.read": { parts: [{ kind: "donation_number", din: "A999826000455", check: "G", unit: "u-455" }] } })} />);
    await screen.findByText("This computer only");
    await scan("=A99982600045500");
    await waitFor(() => expect(window.location.hash).toBe("#/blood/unit/u-455"));
    expect(tone).not.toHaveBeenCalled();
  });
});

describe("the door", () => {
  const locked: Status = signedIn({ door: "locked" });

  it("comes back and clears the screen when the lock is pressed", async () => {
    const backend = fakeBackend({ "app.status": signedIn(), "session.lock": locked });
    render(<App backend={backend} />);
    await screen.findByText("This computer only");
    await userEvent.click(screen.getByRole("button", { name: "Lock" }));
    await waitFor(() => expect(screen.queryByText("Scanner ready")).not.toBeInTheDocument());
    expect(backend.calls.some((c) => c.name === "session.lock")).toBe(true);
  });

  it("clears the screen even when the program does not answer the lock", async () => {
    render(<App backend={fakeBackend({ "app.status": signedIn() })} />);
    await screen.findByText("This computer only");
    await userEvent.keyboard("{F9}");
    await waitFor(() => expect(screen.queryByText("Scanner ready")).not.toBeInTheDocument());
  });

  it("locks by itself after the idle time", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const backend = fakeBackend({ "app.status": signedIn(), "session.lock": locked });
    render(<App backend={backend} />);
    await screen.findByText("This computer only");
    await act(() => vi.advanceTimersByTimeAsync(4 * 60_000));
    expect(backend.calls.some((c) => c.name === "session.lock")).toBe(false);
    await act(() => vi.advanceTimersByTimeAsync(61_000));
    expect(backend.calls.some((c) => c.name === "session.lock")).toBe(true);
  });

  it("says what to do when the program cannot be reached", async () => {
    render(<App backend={fakeBackend({ "app.status": () => { throw refused({ code: "internal", kind: "fault", incident: "F-12" }); } })} />);
    expect(await screen.findByText("The page cannot reach the program")).toBeInTheDocument();
    expect(screen.getByRole("alert")).toHaveTextContent("F-12");
  });
});

describe("a scan on a page that waits for none", () => {
  it("is read by the store and said in the ground line", async () => {
    const backend = fakeBackend({ "app.status": signedIn(), "scan.read": { parts: [{ kind: "product", code: "E0336V00", component: "red_cells", name: null }] } });
    render(<App backend={backend} />);
    await screen.findByText("This computer only");
    await userEvent.keyboard("=<E0336V00{Enter}");
    expect(await screen.findByText(/^Read product code at/)).toBeInTheDocument();
    expect(backend.calls.find((c) => c.name === "scan.read")?.req).toEqual({ text: "=<E0336V00", typed: false });
  });
});
