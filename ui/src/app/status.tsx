import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import type { Permission, Status } from "../wire";

const StatusContext = createContext<Status | null>(null);

export function StatusProvider({ status, children }: { status: Status; children: ReactNode }) {
  return <StatusContext value={status}>{children}</StatusContext>;
}

/** The answer of `app.status`: facility, session, clock, version. */
export function useStatus(): Status {
  const status = useContext(StatusContext);
  if (!status) throw new Error("useStatus needs the gate above it");
  return status;
}

/** Puts the answer of a door command (sign in, lock, unlock, ...) in place of the last status; the gate then follows. */
export function useSetStatus(): (status: Status) => void {
  const queries = useQueryClient();
  return (status) => {
    if (status.door !== "signed_in") {
      // What one person had on the screen must not flash up for the next one.
      queries.removeQueries({ predicate: (q) => q.queryKey[0] !== "app.status" });
    }
    queries.setQueryData(["app.status", {}], status);
  };
}

/** The sign-in name of whoever is at the keyboard, or behind the lock; empty for nobody. */
export const useSignedIn = (): string => useContext(StatusContext)?.session?.user ?? "";

/** Hides what a role may not do. The store decides again: this is courtesy, not protection. */
export function useMay(): (permission: Permission) => boolean {
  const { session } = useStatus();
  return (permission) => session?.permissions.includes(permission) ?? false;
}
