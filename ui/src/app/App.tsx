import { useQueryClient } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { type Backend, BackendProvider, useBackend, useCommand } from "../backend";
import { ZoneProvider } from "../clinical";
import { Button, Loading, Mark } from "../design";
import * as m from "../paraglide/messages";
import { DoorFrame } from "./DoorFrame";
import { ErrorBlock, ErrorBoundary } from "./ErrorBlock";
import { useIdle } from "./idle";
import { PreferencesProvider } from "./preferences";
import { makeRouter } from "./routes";
import { useLock } from "./Shell";
import { StatusProvider, useStatus } from "./status";
import { doors } from "./table";

const DesignPage = lazy(() => import("./DesignPage"));

export function App({ backend }: { backend: Backend }) {
  const design = useHash().startsWith("#/design");
  return (
    <PreferencesProvider>
      {/* The sheet of components stands outside the door: it shows nothing that belongs to anybody. */}
      {design ? <Suspense fallback={null}><DesignPage /><Stands /></Suspense> : (
        <BackendProvider backend={backend}>
          <ErrorBoundary><Gate /></ErrorBoundary>
        </BackendProvider>
      )}
    </PreferencesProvider>
  );
}

/** Tells whoever drives the window from outside, such as the desktop tests, that the page stands. */
function Stands() {
  useEffect(() => { document.documentElement.dataset.ready = ""; }, []);
  return null;
}

/** Decides what stands in the window: a door, or the program. */
function Gate() {
  const status = useCommand("app.status", {});
  useDoorFollowsErrors();
  if (status.isPending) {
    return (
      <div className="grid h-full place-items-center">
        <div className="grid w-[260px] justify-items-center gap-3 text-accent"><span className="size-12"><Mark /></span><span className="w-full"><Loading label={m.shell_starting()} /></span></div>
      </div>
    );
  }
  if (!status.data) {
    return (
      <div className="mx-auto max-w-[720px] p-6">
        <ErrorBlock error={status.error} title={m.shell_no_program_title()} actions={<Button variant="primary" onPress={() => void status.refetch()}>{m.shell_try_again()}</Button>} />
      </div>
    );
  }
  return (
    <StatusProvider status={status.data}>
      <ZoneProvider zone={status.data.facility?.zone ?? "UTC"} now={status.data.now}>
        <Behind />
        <Stands />
      </ZoneProvider>
    </StatusProvider>
  );
}

/** A window opened for one study alone. Its address says so, and nothing in it leads elsewhere. */
const viewerAtStart = window.location.hash.startsWith("#/viewer/");

function Behind() {
  const status = useStatus();
  if (viewerAtStart && status.door !== "signed_in") return <ViewerCleared />;
  if (status.door === "signed_in") return <Program key={status.session?.user} />;
  const Door = doors[status.door];
  if (Door) return <Door />;
  return <DoorFrame><h1 className="text-xl">{m.shell_door_missing()}</h1><p className="hs-mono">{status.door}</p></DoorFrame>;
}

/** Survives the drawing again that a change of language brings. */
let lastUser: string | undefined;

/** A second window has no door of its own: the first one opens both again, and for another person this one goes. */
function ViewerCleared() {
  const backend = useBackend();
  const { door } = useStatus();
  useEffect(() => { if (door !== "locked") backend.closeViewer(); }, [backend, door]);
  return (
    <DoorFrame>
      <h1 className="m-0 text-2xl">{m.shell_viewer_cleared_title()}</h1>
      <p className="mt-1 text-ink-2">{m.shell_viewer_cleared_text()}</p>
    </DoorFrame>
  );
}

function Program() {
  const { idleMinutes, session } = useStatus();
  const [stranger] = useState(() => viewerAtStart && lastUser !== undefined && lastUser !== session?.user);
  const [router] = useState(() => {
    // The same person comes back to the same place after a lock; the next one must not land on what was open.
    if (!viewerAtStart && lastUser !== undefined && lastUser !== session?.user) window.history.replaceState(null, "", "#/");
    lastUser = session?.user;
    return makeRouter();
  });
  const lock = useLock();
  useIdle(idleMinutes, lock);
  const backend = useBackend();
  useEffect(() => { if (stranger) backend.closeViewer(); }, [backend, stranger]);
  if (stranger) return <DoorFrame><h1 className="m-0 text-2xl">{m.shell_viewer_stranger_title()}</h1><p className="mt-1 text-ink-2">{m.shell_viewer_stranger_text()}</p></DoorFrame>;
  return <RouterProvider router={router} />;
}

/** A session that ended behind the page's back (idle lock in the program, another window) brings the door back. */
function useDoorFollowsErrors() {
  const queries = useQueryClient();
  useEffect(() => {
    const closed = (error: unknown) => {
      const code = (error as { code?: string } | null)?.code;
      if (code === "not_signed_in" || code === "screen_locked") void queries.invalidateQueries({ queryKey: ["app.status"] });
    };
    const off = [
      queries.getQueryCache().subscribe((e) => { if (e.type === "updated" && e.action.type === "error") closed(e.action.error); }),
      queries.getMutationCache().subscribe((e) => { if (e.type === "updated" && e.action.type === "error") closed(e.action.error); }),
    ];
    return () => off.forEach((stop) => stop());
  }, [queries]);
}

function useHash(): string {
  return useSyncExternalStore((tell) => {
    window.addEventListener("hashchange", tell);
    return () => window.removeEventListener("hashchange", tell);
  }, () => window.location.hash);
}
