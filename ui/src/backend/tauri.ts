import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { PickedFile } from "../wire";
import { type Backend, CommandFailed } from "./backend";

/** The desktop program. The only file that may import the Tauri packages. */
export function tauriBackend(): Backend {
  return {
    kind: "desktop",
    call: (name, req) => invoke("rpc", { name, payload: req }).catch(fail) as never,
    frame: (instance, index) => invoke<ArrayBuffer>("frame", { instance, index }).catch(fail),
    pickFiles: () => invoke<PickedFile[]>("pick_files").catch(fail),
    pickFolder: () => invoke<PickedFile[]>("pick_folder").catch(fail),
    pickBackupPlace: (title, name) => invoke<string | null>("pick_backup_place", { title, name }).catch(fail),
    pickExportPlace: (title) => invoke<string | null>("pick_export_place", { title }).catch(fail),
    openViewer: (study) => invoke<boolean>("open_viewer", { study }).catch(fail),
    closeViewer: () => void invoke("close_viewer").catch(() => undefined),
    touch: () => void invoke("touch").catch(() => undefined),
    on(topic, listener) {
      // `listen` answers later; a subscriber that leaves before must still be removed.
      let left = false;
      let remove: (() => void) | undefined;
      void listen(topic, (event) => listener(event.payload as never)).then((unlisten) => {
        if (left) unlisten();
        else remove = unlisten;
      });
      return () => {
        left = true;
        remove?.();
      };
    },
  };
}

function fail(cause: unknown): never {
  throw CommandFailed.from(cause);
}
