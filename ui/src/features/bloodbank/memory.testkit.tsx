/** For tests only: a blood bank in memory behind the `Backend` interface, and the frame a screen stands in. */
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from "@tanstack/react-router";
import { act, configure, render } from "@testing-library/react";
import axe from "axe-core";
import { vi } from "vitest";
import { ScannerProvider } from "../../app/scanner";
import { StatusProvider } from "../../app/status";
import { type Backend, BackendProvider, CommandFailed } from "../../backend";
import { ZoneProvider } from "../../clinical";
import { oneWindow } from "../../testing/fakeBackend";
import type { BloodGroup, Code, Commands, CounterView, ErrorKind, GateRow, IssueGate, IssueGates, PatientView, Permission, Role, ScanPart, Status, StockBoard, StockCell, UnitRow, UnitView } from "../../wire";
import { gateNames } from "./careWords";
import { screens } from "./screens";

// A busy computer is slow, not wrong.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 60_000 });

export const now = "2026-11-20T14:46:00Z";
export const all: Permission[] = ["see_patients", "see_stock", "receive_blood", "reserve_blood", "issue_blood", "discard_blood", "override_blood_warning", "crossmatch"];

export const O_NEG: BloodGroup = { abo: "O", rhd: "negative" };
export const A_NEG: BloodGroup = { abo: "A", rhd: "negative" };
export const A_POS: BloodGroup = { abo: "A", rhd: "positive" };
export const B_POS: BloodGroup = { abo: "B", rhd: "positive" };

export function row(patch: Partial<UnitRow> = {}): UnitRow {
  return {
    id: "u-455", din: "A999826000455", check: "G", productCode: "E0382V00", component: "red_cells", group: B_POS, status: "available",
    expiresAt: "2026-12-05T23:59:00Z", daysLeft: 15, place: "Fridge 2, shelf B", patient: null, patientName: null, until: null, ...patch,
  };
}

export function unitView(r: UnitRow, patch: Partial<UnitView> = {}): UnitView {
  return {
    row: r, volumeMl: 284, collectedAt: "2026-10-24T08:00:00Z", receivedAt: "2026-10-26T09:30:00Z", supplier: "Regional Blood Centre", lowTitre: false,
    quarantines: [], quarantineReason: null, discardReason: null, given: false, labelUnread: false,
    history: [{ at: "2026-10-26T09:30:00Z", what: "received", by: "OKELLO, Amina", second: null, reason: null, patientName: null, overrides: [] }], ...patch,
  };
}

export function patientView(patch: Partial<PatientView> = {}): PatientView {
  return {
    id: "p-1", family: "Smith", given: "John", title: "Mr", birthDate: "1958-03-05", ageYears: 68, sex: "male", hospitalNumber: "LD 4H8P 2RVA 9", phone: null,
    nationalId: null, allergies: { state: "none_known" }, group: { state: "confirmed", group: A_NEG }, determinations: [], antiDEver: false, died: null, timeline: [], timelineHidden: 0,
    units: [], studies: [], asOf: now, ...patch,
  };
}

export function counterView(patch: Partial<CounterView> = {}): CounterView {
  return { refused: null, alternatives: [], alternativesTotal: 0, ...patch };
}

/** Every gate of an issue, passed unless said otherwise. */
export function gates(patch: Partial<Record<IssueGate, Partial<GateRow>>> = {}): GateRow[] {
  return gateNames.map((gate) => ({ gate, result: gate === "collector" || gate === "scan" || gate === "order" ? "not_yet" : "pass", code: null, args: {}, ...patch[gate] }));
}

export function gatesView(patch: Partial<Record<IssueGate, Partial<GateRow>>> = {}, more: Partial<IssueGates> = {}): IssueGates {
  const rows = gates(patch);
  const stop = rows.find((g) => g.result === "stop");
  const warnings = rows.flatMap((g) => (g.result === "caution" && g.code ? [g.code] : []));
  const refused = stop?.code ? refuse(stop.code) : warnings[0] ? refuse(warnings[0], "needs_override", warnings) : null;
  return { returnMinutes: 30, gates: rows, refused, request: null, ...more };
}

export function refuse(code: Code, kind: ErrorKind = "refusal", rules: Code[] = []) {
  return { code, kind, args: {}, rules, incident: null };
}

export function cell(group: BloodGroup, patch: Partial<StockCell> = {}): StockCell {
  return { group, available: 8, reserved: 1, quarantined: 0, level: "good", floor: 2, target: 6, daysOfCover: 6, oldestExpiry: "2026-12-01T23:59:00Z", ...patch };
}

export function board(cells: Partial<StockCell>[] = []): StockBoard {
  const groups = (["O", "A", "B", "AB"] as const).flatMap((abo) => [{ abo, rhd: "negative" as const }, { abo, rhd: "positive" as const }]);
  return {
    asOf: now,
    rows: [{ component: "red_cells", storage: "2 to 6 °C", available: 94, cells: groups.map((g, i) => cell(g, cells[i])) }],
    rare: [],
    totals: { available: 94, reserved: 11, quarantined: 7, expired: 1, expiring: 14, below_target: 6 },
    expiring: [row({ id: "u-1", din: "A999826000411", check: "3", daysLeft: 0, expiresAt: "2026-11-20T23:59:00Z" })],
    expiringTotal: 14,
  };
}

/** What scans say, by what the scanner sends. */
export type Scans = Record<string, ScanPart[] | Code>;

type Handlers = { [K in keyof Commands]?: (req: Commands[K]["req"]) => Commands[K]["res"] | Promise<Commands[K]["res"]> };

export function memory(handlers: Handlers, scans: Scans = {}) {
  const calls: { name: keyof Commands; req: unknown }[] = [];
  const backend: Backend = {
    ...oneWindow,
    kind: "browser",
    async call(name, req) {
      calls.push({ name, req: structuredClone(req) });
      if (name === "scan.read" && !handlers["scan.read"]) {
        const said = scans[(req as { text: string }).text];
        if (said === undefined) throw new CommandFailed(refuse("scan_unreadable"));
        if (typeof said === "string") throw new CommandFailed(refuse(said));
        return { parts: said } as never;
      }
      const handler = handlers[name] as ((r: unknown) => unknown) | undefined;
      if (!handler) throw new CommandFailed(refuse("unknown_command"));
      return (await handler(req)) as never;
    },
    frame: () => Promise.resolve(new ArrayBuffer(0)),
    on: () => () => {},
    pickFiles: () => Promise.resolve([]),
    pickFolder: () => Promise.resolve([]),
  };
  return { backend, calls, sent: (name: keyof Commands) => calls.filter((c) => c.name === name).map((c) => c.req) };
}

export function fail(code: Code, kind: ErrorKind = "refusal", rules: Code[] = []): never {
  throw new CommandFailed(refuse(code, kind, rules));
}

function status(permissions: Permission[], role: Role): Status {
  return {
    door: "signed_in", problem: null, facility: { name: "Lakeside District Hospital", zone: "UTC", profile: "who", language: "en", training: true },
    session: { user: "amina", displayName: "OKELLO, Amina", role, permissions, since: now },
    users: [], now, clockSuspect: false, clock: null, version: "0.1.0", lastBackup: null, idleMinutes: 10,
  };
}

/** Opens the screens at an address, as the shell does: signed in, scanner listening, zone set. */
export async function open(at: string, backend: Backend, permissions: Permission[] = all, role: Role = "blood_bank_scientist") {
  const root = createRootRoute({ component: () => <main><Outlet /></main> });
  const elsewhere = createRoute({ getParentRoute: () => root, path: "/patients/$id", component: () => <p>Patient page</p> });
  const routes = screens.map((s) => createRoute({ getParentRoute: () => root, path: s.path, component: s.component as () => React.ReactNode, validateSearch: (x: Record<string, unknown>) => x }));
  const router = createRouter({ routeTree: root.addChildren([...routes, elsewhere]), history: createMemoryHistory({ initialEntries: [at] }), defaultPreload: false });
  const view = render(
    <BackendProvider backend={backend}>
      <StatusProvider status={status(permissions, role)}>
        <ZoneProvider zone="UTC" now={now}>
          <ScannerProvider>
            <RouterProvider router={router as never} />
          </ScannerProvider>
        </ZoneProvider>
      </StatusProvider>
    </BackendProvider>,
  );
  await act(async () => { await router.load(); });
  return { ...view, router };
}

export { scan } from "../../testing/scanning.testkit";

/** What axe finds. Contrast needs a real engine and is measured in the browser tests. */
export async function faults(container: Element = document.body): Promise<string[]> {
  // React Aria keeps what it announced in a node of its own; the elements it names are gone after each test.
  const result = await axe.run({ include: container, exclude: "[data-live-announcer]" } as never, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`);
}
