/** A backend in memory, for tests only: answers by command, and remembers what was asked. */
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from "@tanstack/react-router";
import axe from "axe-core";
import { type ReactNode, useState } from "react";
import { PreferencesProvider } from "../app/preferences";
import { ScannerProvider } from "../app/scanner";
import type { Doors, Screen } from "../app/screens";
import { StatusProvider } from "../app/status";
import { type Backend, BackendProvider, CommandFailed, useCommand } from "../backend";
import { ZoneProvider } from "../clinical";
import { oneWindow } from "./fakeBackend";
import type { CommandError, Commands, Status } from "../wire";

type Answers = { [K in keyof Commands]?: (req: Commands[K]["req"]) => Commands[K]["res"] | Promise<Commands[K]["res"]> };

export interface Memory extends Backend {
  answers: Answers;
  asked: { name: keyof Commands; req: unknown }[];
  /** The requests of one command, in order. */
  of<K extends keyof Commands>(name: K): Commands[K]["req"][];
  /** The program tells its windows that something changed. */
  news(): void;
}

export function memory(answers: Answers): Memory {
  const asked: Memory["asked"] = [];
  const told = new Set<() => void>();
  return {
    ...oneWindow,
    kind: "browser",
    answers,
    asked,
    of: (name) => asked.filter((a) => a.name === name).map((a) => a.req) as never,
    async call(name, req) {
      asked.push({ name, req });
      const answer = this.answers[name];
      if (!answer) throw new CommandFailed({ code: "unknown_command", kind: "fault" });
      return (answer as (r: unknown) => never)(req);
    },
    frame: async () => new ArrayBuffer(0),
    on(topic, listener) {
      const tell = listener as () => void;
      if (topic === "changed") told.add(tell);
      return () => { told.delete(tell); };
    },
    news: () => told.forEach((tell) => tell()),
    pickFiles: async () => [],
    pickFolder: async () => [],
  };
}

export function refuse(error: Partial<CommandError>): never {
  throw new CommandFailed({ kind: "refusal", ...error });
}

export function statusOf(change: Partial<Status>): Status {
  return {
    door: "empty", problem: null, facility: null, session: null, users: [], now: "2026-11-20T14:46:00Z", clockSuspect: false, clock: null,
    version: "0.1.0", lastBackup: null, idleMinutes: 10, ...change,
  };
}

export const clinic = { name: "Lakeside District Hospital", zone: "Africa/Nairobi", profile: "who", language: "en", training: false };

/** What axe finds on the page as it stands; contrast needs a real browser and is checked there. */
export async function faults(): Promise<string[]> {
  // The announcer of React Aria stands outside the page and keeps what it said for a moment.
  const result = await axe.run({ include: [["body"]], exclude: [["[data-live-announcer]"]] }, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" | ")}`);
}

/** The door and the screens of one feature behind `backend`, without the frame of the program around them. */
export function Program({ backend, screens = [], doors = {}, path = "/" }: { backend: Backend; screens?: Screen[]; doors?: Partial<Doors>; path?: string }) {
  return <PreferencesProvider><BackendProvider backend={backend}><Gate screens={screens} doors={doors} path={path} /></BackendProvider></PreferencesProvider>;
}

function Gate({ screens, doors, path }: { screens: Screen[]; doors: Partial<Doors>; path: string }): ReactNode {
  const status = useCommand("app.status", {}).data;
  const [router] = useState(() => {
    const root = createRootRoute({ component: () => <ScannerProvider onUnclaimed={() => "taken"}><Outlet /></ScannerProvider>, notFoundComponent: () => <p>elsewhere</p> });
    const routes = screens.map((s) => createRoute({ getParentRoute: () => root, path: s.path, component: s.component, validateSearch: (q: Record<string, unknown>) => q }));
    return createRouter({ routeTree: root.addChildren(routes), history: createMemoryHistory({ initialEntries: [path] }) });
  });
  if (!status) return null;
  const Door = status.door === "signed_in" ? null : doors[status.door];
  return (
    <StatusProvider status={status}>
      <ZoneProvider zone={status.facility?.zone ?? "UTC"} now={status.now}>
        {Door ? <Door /> : <RouterProvider router={router as never} />}
      </ZoneProvider>
    </StatusProvider>
  );
}
