import type { Backend } from "./backend";
import { httpBackend } from "./http";
import { tauriBackend } from "./tauri";

export { type Backend, CommandFailed, type Topics } from "./backend";
export { BackendProvider, makeQueryClient, useBackend, useCommand, useDropped, useSend } from "./useCommand";

/** The desktop window has Tauri's internals; a browser asks the dev-host it was served by. */
export function chooseBackend(): Backend {
  return "__TAURI_INTERNALS__" in window ? tauriBackend() : httpBackend();
}
