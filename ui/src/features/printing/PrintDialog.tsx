import { type FormEvent, useId, useState } from "react";
import { type CommandFailed, useSend } from "../../backend";
import { Button, type ButtonProps, Dialog, Loading, NumberField, RadioGroup, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { PrintWhat, SavedFiles } from "../../wire";
import { FolderField } from "../connections/FolderField";
import { type PrintChoice, papers, printers, usePrintChoice } from "./choice";
import { paperSub, paperWord, printerWord, titleOf, whyNotPrinted } from "./words";

/** As many labels of one tube as the store makes. */
const mostCopies = 40;

/** What stands on paper of its own size whatever the printer: there is nothing to choose. */
const isSheet = (what: PrintWhat) => what.kind === "slip" || what.kind === "box_slip" || what.kind === "forms";

interface PrintProps {
  what: PrintWhat;
  /** What it is about, in words: the number of the bag, the name of the patient. */
  subject: string;
}

/** Opens `PrintDialog`; `children` are the words of the button. */
export function PrintButton({ what, subject, children, size, variant, className }: PrintProps & Pick<ButtonProps, "children" | "size" | "variant" | "className">) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon="print" size={size} variant={variant} className={className} onPress={() => setOpen(true)}>{children}</Button>
      {open && <PrintDialog what={what} subject={subject} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Labels, slips, tags, wristbands and forms, as a file for a printer. The printer and the paper are remembered. */
export function PrintDialog({ what, subject, onClose }: PrintProps & { onClose(): void }) {
  const { choice, keep } = usePrintChoice();
  const form = useId();
  const [changed, setChanged] = useState<Partial<PrintChoice>>({});
  const [ward, setWard] = useState(what.kind === "slip" ? what.ward : "");
  const [copies, setCopies] = useState<number | null>(what.kind === "tube_labels" ? what.copies : 1);
  const send = useSend("print.save", { onDone: (_, { printer, media, language, folder }) => keep({ printer, media, language: language === "ar" ? "ar" : "en", folder }) });
  const now = choice && { ...choice, ...changed };
  const put = (next: Partial<PrintChoice>) => setChanged((all) => ({ ...all, ...next }));
  const notNow = what.kind === "slip" && ward.trim() === "" ? m.printing_need_ward()
    : what.kind === "tube_labels" && copies === null ? m.printing_need_copies()
    : now?.folder.trim() === "" ? m.connect_export_need_folder()
    : undefined;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!now || notNow || send.isPending) return;
    send.mutate({ ...now, folder: now.folder.trim(), what: asked(what, ward, copies) });
  }
  return (
    <Dialog
      isOpen
      keepOpen
      title={titleOf[what.kind]()}
      onClose={onClose}
      footer={<Button size="lg" onPress={onClose}>{m.connect_close()}</Button>}
      footerEnd={now && <Button size="lg" variant="primary" icon="print" type="submit" form={form} pending={send.isPending} notNow={notNow}>{send.data ? m.printing_again() : m.printing_act()}</Button>}
    >
      {!now ? <Loading lines={4} /> : (
        <form id={form} onSubmit={submit} noValidate className="grid gap-4">
          <p className="font-strong [overflow-wrap:anywhere]"><bdi>{subject}</bdi></p>
          {what.kind === "slip" && <TextField label={m.printing_ward()} hint={m.printing_ward_hint()} value={ward} onChange={setWard} autoFocus isRequired autoComplete="off" maxLength={80} />}
          {what.kind === "tube_labels" && <NumberField label={m.printing_copies()} unit="" min={1} max={mostCopies} value={copies} onChange={setCopies} autoFocus />}
          {!isSheet(what) && (
            <>
              <RadioGroup stacked label={m.printing_printer()} options={printers.map((id) => ({ id, label: printerWord[id]() }))} value={now.printer} onChange={(printer) => put({ printer })} hint={m.printing_printer_hint()} autoFocus={what.kind !== "tube_labels"} />
              <RadioGroup stacked label={m.printing_paper()} options={papers.map((id) => ({ id, label: paperWord[id](), sub: paperSub[id]() }))} value={now.media} onChange={(media) => put({ media })} />
            </>
          )}
          <RadioGroup label={m.printing_language()} options={[{ id: "en", label: "English" }, { id: "ar", label: "العربية" }]} value={now.language} onChange={(language) => put({ language })} />
          <FolderField value={now.folder} onChange={(folder) => put({ folder })} />
          <PrintOutcome saved={send.data} error={send.error} />
        </form>
      )}
    </Dialog>
  );
}

function asked(what: PrintWhat, ward: string, copies: number | null): PrintWhat {
  if (what.kind === "slip") return { ...what, ward: ward.trim() };
  return what.kind === "tube_labels" ? { ...what, copies: copies ?? 1 } : what;
}

/** Which file lies where, or why there is none. */
export function PrintOutcome({ saved, error }: { saved: SavedFiles | undefined; error: CommandFailed | null }) {
  return (
    <div role="status" className="grid gap-1 empty:hidden [overflow-wrap:anywhere]">
      {(error || saved) && <span ref={(node) => node?.parentElement?.scrollIntoView?.({ block: "nearest" })} hidden />}
      {!error && saved?.files.map((file) => <Status key={file} kind="good" wrap>{m.printing_written({ file, folder: saved.folder })}</Status>)}
      {!error && saved && saved.files.length > 0 && <p className="text-ink-2">{m.printing_written_next()}</p>}
      {!error && saved?.refused.map((one) => <Status key={one.name} kind="critical" wrap>{m.printing_not_written()} {whyNotPrinted(one.error)}</Status>)}
      {error && <Status kind="critical" wrap>{m.printing_not_written()} {whyNotPrinted(error)}</Status>}
    </div>
  );
}
