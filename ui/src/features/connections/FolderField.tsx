import { useState } from "react";
import { CommandFailed, useBackend } from "../../backend";
import { Button, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import { why } from "./words";

/** Where files are put: typed, or chosen in the window of the operating system where the program has one. */
export function FolderField({ value, onChange }: { value: string; onChange(folder: string): void }) {
  const backend = useBackend();
  const [failed, setFailed] = useState<CommandFailed | null>(null);
  const example = navigator.userAgent.includes("Windows") ? "E:\\" : "/media/usb";
  function choose() {
    setFailed(null);
    backend.pickExportPlace?.(m.connect_export_folder()).then((chosen) => { if (chosen) onChange(chosen); }, (cause: unknown) => setFailed(CommandFailed.from(cause)));
  }
  return (
    <>
      <div className="flex flex-wrap items-end gap-2">
        <div className="min-w-0 grow"><TextField mono label={m.connect_export_folder()} hint={m.connect_export_folder_hint({ example })} value={value} onChange={onChange} autoComplete="off" /></div>
        {backend.pickExportPlace && <Button onPress={choose}>{m.connect_export_choose()}</Button>}
      </div>
      {failed && <p role="alert"><Status kind="critical" wrap>{why(failed)}</Status></p>}
    </>
  );
}
