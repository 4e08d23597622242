import { QueryClient, QueryClientProvider, useMutation, type UseMutationResult, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";
import type { Commands, PickedFile } from "../wire";
import { type Backend, CommandFailed } from "./backend";

const BackendContext = createContext<Backend | null>(null);

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The store is on this computer: there is no network to wait for, and a refusal is not cured by asking again.
      queries: { networkMode: "always", retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false, staleTime: 0 },
      mutations: { networkMode: "always", retry: false },
    },
  });
}

export function BackendProvider({ backend, client, children }: { backend: Backend; client?: QueryClient; children: ReactNode }) {
  const [queries] = useState(() => client ?? makeQueryClient());
  useEffect(() => backend.on("changed", () => void queries.invalidateQueries()), [backend, queries]);
  return (
    <BackendContext value={backend}>
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </BackendContext>
  );
}

export function useBackend(): Backend {
  const backend = useContext(BackendContext);
  if (!backend) throw new Error("useBackend needs a BackendProvider above it");
  return backend;
}

/** Reads with one command and keeps the answer; asked again whenever the store says that something changed. */
export function useCommand<K extends keyof Commands>(
  name: K,
  req: Commands[K]["req"],
  options: { enabled?: boolean; keepPrevious?: boolean } = {},
): UseQueryResult<Commands[K]["res"], CommandFailed> {
  const backend = useBackend();
  return useQuery<Commands[K]["res"], CommandFailed>({
    queryKey: [name, req],
    queryFn: () => backend.call(name, req),
    enabled: options.enabled ?? true,
    placeholderData: options.keepPrevious ? ((previous: Commands[K]["res"] | undefined) => previous) as never : undefined,
  });
}

/** Sends one command; afterwards every answer on the screen is asked again. `error` is a `CommandFailed`. */
export function useSend<K extends keyof Commands>(
  name: K,
  options: { onDone?(answer: Commands[K]["res"], req: Commands[K]["req"]): void } = {},
): UseMutationResult<Commands[K]["res"], CommandFailed, Commands[K]["req"]> {
  const backend = useBackend();
  const queries = useQueryClient();
  return useMutation<Commands[K]["res"], CommandFailed, Commands[K]["req"]>({
    mutationFn: (req) => backend.call(name, req),
    onSuccess: (answer, req) => {
      options.onDone?.(answer, req);
      return queries.invalidateQueries();
    },
  });
}

/** Files dropped anywhere on the window while the screen is open. */
export function useDropped(listener: (files: PickedFile[]) => void) {
  const backend = useBackend();
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => backend.on("dropped", (files) => latest.current(files)), [backend]);
}
