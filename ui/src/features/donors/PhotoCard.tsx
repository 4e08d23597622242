import { useState } from "react";
import { useMay } from "../../app";
import { CommandFailed, useBackend, useSend } from "../../backend";
import { ClinicalDate, formatName } from "../../clinical";
import { Button, Checkbox, Dialog, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { DonorRow, DonorView, PhotoView, PickedFile } from "../../wire";
import { Ask } from "./dialogs";
import { Photo } from "./Photo";

const nameOf = (row: DonorRow) => formatName({ ...row, title: null });

/** The picture with who took it and what may be done about it. */
export function PhotoCard({ donor }: { donor: DonorView }) {
  const may = useMay();
  const [open, setOpen] = useState<"set" | "remove" | null>(null);
  const { row, photo } = donor;
  const close = () => setOpen(null);
  return (
    <section aria-label={m.donor_photo()} className="flex gap-3 border-b border-line-2 px-4 py-3">
      <Photo row={row} photo={photo} />
      <div className="grid content-start justify-items-start gap-2">
        {photo && <span className="hs-meta"><ClinicalDate value={photo.at} /> · {m.donor_by({ who: photo.by })}{photo.guardian && <> · {photo.guardian}</>}</span>}
        {may("register_donors") && <Button size="sm" onPress={() => setOpen("set")}>{photo ? m.donor_photo_replace() : m.donor_photo_add()}</Button>}
        {photo && may("register_donors") && <Button size="sm" onPress={() => setOpen("remove")}>{m.donor_photo_remove()}</Button>}
      </div>
      {open === "set" && <SetDialog row={row} photo={photo} onClose={close} />}
      {open === "remove" && photo && <RemoveDialog row={row} photo={photo} onClose={close} />}
    </section>
  );
}

function SetDialog({ row, photo, onClose }: { row: DonorRow; photo: PhotoView | null; onClose(): void }) {
  const backend = useBackend();
  const [file, setFile] = useState<PickedFile | null>(null);
  const [failed, setFailed] = useState<CommandFailed | null>(null);
  const [agreed, setAgreed] = useState(false);
  const [guardian, setGuardian] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("donor.photo_set", { onDone: onClose });
  // The no of a person leaves the file as it is; whatever else was wrong, the file is used.
  const kept = send.error === null || send.error.code === "photo_no_consent" || send.error.code === "photo_no_guardian";
  const chosen = kept ? file : null;
  const pick = () => {
    setFailed(null);
    backend.pickFiles().then(([first]) => { if (first) { setFile(first); send.reset(); } }, (cause: unknown) => setFailed(CommandFailed.from(cause)));
  };
  return (
    <Ask
      title={photo ? m.donor_photo_replace() : m.donor_photo_add()}
      act={m.donor_photo_save()}
      error={failed ?? send.error}
      pending={send.isPending}
      onClose={onClose}
      onSubmit={() => { setTried(true); if (chosen && agreed) send.mutate({ donor: row.id, file: chosen.handle, agreed, guardian: guardian.trim() || null, replaces: photo?.sha256 ?? null }); }}
    >
      <p><bdi className="font-strong">{nameOf(row)}</bdi></p>
      <div className="grid justify-items-start gap-1">
        <Button icon="plus" onPress={pick} autoFocus>{m.donor_photo_choose()}</Button>
        <span className="text-ink-2">{m.donor_photo_choose_hint()}</span>
        <span role="status">{chosen ? m.donor_photo_chosen({ name: chosen.name }) : ""}</span>
        {tried && !chosen && !failed && <Status kind="caution" wrap>{m.donor_photo_need_file()}</Status>}
      </div>
      <p>{m.donor_photo_text()}</p>
      <Checkbox isSelected={agreed} onChange={setAgreed}>{m.donor_consent_yes()}</Checkbox>
      {tried && !agreed && <Status kind="caution" wrap>{m.donor_photo_need_yes()}</Status>}
      <TextField label={m.donor_guardian()} hint={m.donor_optional()} value={guardian} onChange={setGuardian} autoComplete="off" />
    </Ask>
  );
}

function RemoveDialog({ row, photo, onClose }: { row: DonorRow; photo: PhotoView; onClose(): void }) {
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const [shared, setShared] = useState(false);
  const send = useSend("donor.photo_remove", { onDone: ({ erased }) => (erased ? onClose() : setShared(true)) });
  if (shared) {
    return <Dialog isOpen onClose={onClose} title={m.donor_photo_remove()} footer={<Button variant="primary" autoFocus onPress={onClose}>{m.donor_photo_close()}</Button>}><p role="status">{m.donor_photo_shared()}</p></Dialog>;
  }
  return (
    <Ask title={m.donor_photo_remove()} act={m.donor_photo_remove()} error={send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (reason.trim()) send.mutate({ donor: row.id, sha256: photo.sha256, reason: reason.trim() }); }}>
      <p><bdi className="font-strong">{nameOf(row)}</bdi></p>
      <p className="text-ink-2">{m.donor_photo_remove_text()}</p>
      <TextField label={m.donor_photo_reason()} value={reason} onChange={setReason} lines={2} error={tried && !reason.trim() ? m.donor_photo_reason_need() : undefined} autoFocus />
    </Ask>
  );
}
