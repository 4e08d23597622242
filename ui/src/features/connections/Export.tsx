import { useState } from "react";
import { type CommandFailed, useCommand, useSend } from "../../backend";
import { Button, Checkbox, Dialog, Failed, Loading, Progress, Select, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { ResultKind, ResultsOffer, SavedFiles } from "../../wire";
import { FolderField } from "./FolderField";
import { isDicom, kindWord, why } from "./words";

/** Opens what can leave the program of a study: results as files or to an archive, pictures without their patient. */
export function ExportButton({ study, size }: { study: string; size?: "sm" | "md" }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size={size} icon="document" onPress={() => setOpen(true)}>{m.connect_export()}</Button>
      {open && <ExportDialog study={study} onClose={() => setOpen(false)} />}
    </>
  );
}

function ExportDialog({ study, onClose }: { study: string; onClose(): void }) {
  const offer = useCommand("results.offer", { study, analysis: null }, { keepPrevious: true });
  return (
    <Dialog isOpen keepOpen size="lg" title={m.connect_export_title()} onClose={onClose} footer={<Button autoFocus onPress={onClose}>{m.connect_close()}</Button>}>
      <Status kind="caution" wrap>{m.connect_export_warning()}</Status>
      {offer.isPending && <Loading lines={4} />}
      {offer.error && <Failed title={m.connect_export_save_failed()}>{why(offer.error)}</Failed>}
      {offer.data && <Offer study={study} offer={offer.data} />}
    </Dialog>
  );
}

function Offer({ study, offer }: { study: string; offer: ResultsOffer }) {
  const [folder, setFolder] = useState("");
  const [without, setWithout] = useState<ResultKind[]>([]);
  const [archive, setArchive] = useState(offer.archives[0]?.id ?? null);
  const [looked, setLooked] = useState(false);
  const [intervals, setIntervals] = useState(false);
  const save = useSend("results.save");
  const send = useSend("results.send");
  const copies = useSend("copies.save");
  const kinds = offer.kinds.filter((k) => !without.includes(k));
  const name = offer.archives.find((a) => a.id === (send.variables?.archive ?? archive))?.name ?? "";
  const needFolder = folder.trim() === "" ? m.connect_export_need_folder() : undefined;
  const analysis = offer.analysis;

  return (
    <div className="grid gap-4">
      <FolderField value={folder} onChange={setFolder} />
      <section className="grid gap-2 border-t border-line pt-3" aria-label={m.connect_export_results()}>
        <h3 className="m-0 text-base font-strong">{m.connect_export_results()}</h3>
        {offer.kinds.length === 0 && <p className="text-ink-2">{m.connect_export_no_results()}</p>}
        {offer.kinds.length > 0 && (
          <>
            <div className="grid gap-1 sm:grid-cols-2">
              {offer.kinds.map((kind) => <Checkbox key={kind} isSelected={kinds.includes(kind)} onChange={(on) => setWithout(on ? without.filter((k) => k !== kind) : [...without, kind])}>{kindWord(kind)}</Checkbox>)}
            </div>
            <div className="flex flex-wrap items-end gap-2">
              <Button variant="primary" pending={save.isPending} notNow={needFolder ?? (kinds.length === 0 ? m.connect_export_need_kind() : undefined)} onPress={() => save.mutate({ study, analysis, kinds, folder: folder.trim() })}>{m.connect_export_save()}</Button>
              {archive && offer.archives.length > 1 && <Select label={m.connect_search_archive()} options={offer.archives.map((a) => ({ id: a.id, label: a.name }))} value={archive} onChange={setArchive} />}
              {archive && <Button icon="server" pending={send.isPending} notNow={kinds.some(isDicom) ? undefined : m.connect_export_send_need()} onPress={() => send.mutate({ archive, study, analysis, kinds: kinds.filter(isDicom) })}>{m.connect_export_send()}{offer.archives.length === 1 && <>: <bdi>{name}</bdi></>}</Button>}
            </div>
            <Outcome saved={save.data} error={save.error} />
            <div role="status" className="grid gap-1 empty:hidden">
              {send.isPending && <Progress label={m.connect_archive_testing({ name })} />}
              {send.data && send.data.kept > 0 && <Status kind="good" wrap>{m.connect_export_sent({ name, count: send.data.kept })}</Status>}
              {send.data && send.data.refused > 0 && <Status kind="caution" wrap>{m.connect_export_sent_refused({ name, count: send.data.refused })}</Status>}
              {send.error && <Status kind="caution" wrap><span>{m.connect_export_send_failed()}. {why(send.error)}</span></Status>}
            </div>
          </>
        )}
      </section>
      <section className="grid gap-2 border-t border-line pt-3" aria-label={m.connect_copies()}>
        <h3 className="m-0 text-base font-strong">{m.connect_copies()}</h3>
        <p className="text-ink-2">{offer.pictures === 0 ? m.connect_copies_none() : m.connect_copies_text()}</p>
        {offer.pictures > 0 && (
          <>
            <Checkbox isSelected={looked} onChange={setLooked}>{m.connect_copies_looked()}</Checkbox>
            <Checkbox isSelected={intervals} onChange={setIntervals}>{m.connect_copies_intervals()}</Checkbox>
            <div><Button pending={copies.isPending} notNow={needFolder} onPress={() => copies.mutate({ study, folder: folder.trim(), pixelsChecked: looked, keepIntervals: intervals })}>{m.connect_copies_save({ count: offer.pictures })}</Button></div>
            <Outcome saved={copies.data} error={copies.error} />
          </>
        )}
      </section>
    </div>
  );
}

/** What was written, and each file that was not with its reason. */
export function Outcome({ saved, error }: { saved: SavedFiles | undefined; error: CommandFailed | null }) {
  return (
    <div role="status" className="grid gap-1 empty:hidden [overflow-wrap:anywhere]">
      {saved && saved.files.length > 0 && <Status kind="good" wrap>{m.connect_export_saved({ count: saved.files.length, folder: saved.folder })}</Status>}
      {saved?.refused.slice(0, 5).map((r) => <Status key={r.name} kind="caution" wrap>{m.connect_export_refused({ name: r.name, why: why(r.error) })}</Status>)}
      {error && <Status kind="caution" wrap><span>{m.connect_export_save_failed()}. {why(error)}</span></Status>}
    </div>
  );
}
