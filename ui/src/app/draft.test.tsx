import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it } from "vitest";
import { BackendProvider } from "../backend";
import { ZoneProvider } from "../clinical";
import { TextField } from "../design";
import { type FakeBackend, fakeBackend, refused } from "../testing/fakeBackend";
import { fitting, useDraft } from "./draft";

/** A store that keeps drafts as the program's does. */
function desk(kept: Record<string, string> = {}): FakeBackend & { kept: Record<string, string> } {
  const backend = fakeBackend({
    "draft.get": ({ screen }) => ({ body: kept[screen] ?? null, at: kept[screen] ? "2026-11-20T11:05:00Z" : null }),
    "draft.put": ({ screen, body }) => { kept[screen] = body; return {}; },
    "draft.drop": ({ screen }) => { delete kept[screen]; return {}; },
  });
  return Object.assign(backend, { kept });
}

function Form() {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const draft = useDraft("test.form", name ? { name } : null, (kept) => setName(fitting({ name: "" }, kept).name));
  return (
    <>
      {draft.offer}
      <TextField label="Name" value={name} onChange={setName} />
      <TextField label="Password" type="password" value={password} onChange={setPassword} />
      <button type="button" onClick={() => draft.done()}>Saved</button>
    </>
  );
}

function show(backend: FakeBackend) {
  return render(<BackendProvider backend={backend}><ZoneProvider zone="Africa/Nairobi" now="2026-11-20T11:46:00Z"><Form /></ZoneProvider></BackendProvider>);
}
const puts = (backend: FakeBackend) => backend.calls.filter((c) => c.name === "draft.put").length;

describe("a half-filled form", () => {
  it("is kept after a moment of quiet, once, and without what is no part of it", async () => {
    const backend = desk();
    show(backend);
    await userEvent.type(screen.getByLabelText("Name"), "Amina");
    await userEvent.type(screen.getByLabelText("Password"), "secret words");
    await waitFor(() => expect(backend.kept).toEqual({ "test.form": '{"name":"Amina"}' }));
    expect(puts(backend)).toBeLessThanOrEqual(2);
    expect(JSON.stringify(backend.calls)).not.toContain("secret");
  });

  it("is offered back with its time and continued", async () => {
    show(desk({ "test.form": '{"name":"Amina"}' }));
    expect(await screen.findByText("You began this at 14:05.")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Continue" }));
    expect(screen.getByLabelText("Name")).toHaveValue("Amina");
    expect(screen.queryByText("You began this at 14:05.")).not.toBeInTheDocument();
  });

  it("is not written over before the offer is answered, and goes when somebody starts fresh", async () => {
    const backend = desk({ "test.form": '{"name":"Amina"}' });
    show(backend);
    await screen.findByText("You began this at 14:05.");
    await userEvent.type(screen.getByLabelText("Name"), "J");
    await act(() => new Promise((done) => setTimeout(done, 700)));
    expect(backend.kept["test.form"]).toBe('{"name":"Amina"}');
    await userEvent.click(screen.getByRole("button", { name: "Start fresh" }));
    await waitFor(() => expect(backend.kept["test.form"]).toBe('{"name":"J"}'));
  });

  it("is held in the window where the store refuses it, says so, and is offered again to whoever typed it", async () => {
    const backend = desk();
    const put = backend.answers["draft.put"];
    backend.answers["draft.put"] = () => { throw refused({ code: "disk_full" }); };
    const first = show(backend);
    await userEvent.type(screen.getByLabelText("Name"), "Amina");
    expect(await screen.findByText("What you typed is held in this window only. Save it before you close the window.")).toBeVisible();
    first.unmount();
    const second = show(backend);
    await userEvent.click(await screen.findByRole("button", { name: "Continue" }));
    expect(screen.getByLabelText("Name")).toHaveValue("Amina");
    backend.answers["draft.put"] = put;
    await userEvent.type(screen.getByLabelText("Name"), " K");
    await waitFor(() => expect(backend.kept).toEqual({ "test.form": '{"name":"Amina K"}' }));
    await waitFor(() => expect(screen.queryByText(/held in this window only/)).toBeNull());
    await userEvent.click(screen.getByRole("button", { name: "Saved" }));
    second.unmount();
  });

  it("is kept at once when the screen is taken away, and gone after a save", async () => {
    const backend = desk();
    const first = show(backend);
    await userEvent.type(screen.getByLabelText("Name"), "Am");
    await waitFor(() => expect(backend.calls.length).toBeGreaterThan(0));
    first.unmount();
    await waitFor(() => expect(backend.kept).toEqual({ "test.form": '{"name":"Am"}' }));
    delete backend.kept["test.form"];
    const second = show(backend);
    await userEvent.type(screen.getByLabelText("Name"), "Amina");
    await userEvent.click(screen.getByRole("button", { name: "Saved" }));
    second.unmount();
    await act(() => new Promise((done) => setTimeout(done, 700)));
    expect(backend.kept).toEqual({});
  });

  it("works where no draft can be kept, and takes of a strange one only what fits", async () => {
    const backend = fakeBackend({ "draft.get": () => { throw refused({ code: "not_signed_in" }); } });
    show(backend);
    await userEvent.type(screen.getByLabelText("Name"), "Amina");
    expect(screen.getByLabelText("Name")).toHaveValue("Amina");
    expect(fitting({ a: "", b: 0, c: null as string | null }, { a: 7, b: 1, c: "x", d: "y" })).toEqual({ a: "", b: 1, c: "x" });
    expect(fitting({ a: "" }, "[")).toEqual({ a: "" });
  });
});
