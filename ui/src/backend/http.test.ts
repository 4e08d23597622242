import { afterEach, describe, expect, it, vi } from "vitest";
import { errorWords } from "../app/errors";
import { CommandFailed } from "./backend";
import { httpBackend } from "./http";

afterEach(() => vi.unstubAllGlobals());

function answer(status: number, body: unknown) {
  const asked = vi.fn(async (_path: string, _init?: RequestInit) => new Response(JSON.stringify(body), { status }));
  vi.stubGlobal("fetch", asked);
  return asked;
}

describe("the dev-host adapter", () => {
  it("sends a command as JSON to its own path", async () => {
    const asked = answer(200, { parts: [] });
    await expect(httpBackend().call("scan.read", { text: "=A", typed: false })).resolves.toEqual({ parts: [] });
    expect(asked.mock.calls[0]?.[0]).toBe("/rpc/scan.read");
    expect(asked.mock.calls[0]?.[1]).toMatchObject({ method: "POST", body: '{"text":"=A","typed":false}' });
  });

  it("turns a refusal into the error it carries", async () => {
    answer(409, { code: "unit_expired", kind: "refusal", args: { din: "A9998" }, rules: [], incident: null });
    const failed = await httpBackend().call("unit.board", {}).catch((e: unknown) => e);
    expect(failed).toBeInstanceOf(CommandFailed);
    expect(failed).toMatchObject({ code: "unit_expired", kind: "refusal", args: { din: "A9998" } });
  });

  it("takes an answer it does not understand for a fault", async () => {
    vi.stubGlobal("fetch", vi.fn(async () => new Response("<html>", { status: 502 })));
    await expect(httpBackend().call("unit.board", {})).rejects.toMatchObject({ code: "internal", kind: "fault" });
  });

  it("takes a host that is away for a fault", async () => {
    vi.stubGlobal("fetch", vi.fn(async () => { throw new TypeError("refused"); }));
    const failed = await httpBackend().call("unit.board", {}).catch((e: unknown) => e as CommandFailed);
    expect(failed).toMatchObject({ code: "internal", kind: "fault", args: { answered: "no" } });
    // Not "nothing was changed", and no incident number is asked for that nobody has.
    expect(errorWords(failed as CommandFailed)).toEqual({ title: "The program does not answer.", why: null, doNow: expect.stringContaining("may be saved or not") });
  });
});
