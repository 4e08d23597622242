import { useState } from "react";
import { usePreferences } from "../../app";
import { CommandFailed, useBackend, useSend } from "../../backend";
import { ClinicalDate } from "../../clinical";
import { Button, Dialog, RadioGroup, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { DonationRow, PaperLanguage } from "../../wire";
import { Outcome } from "../connections/Export";
import { why } from "../connections/words";
import { kindWord } from "./words";

/** A certificate of one donation as a file: that somebody gave, and nothing that was found. */
export function CertificateDialog({ donation, onClose }: { donation: DonationRow; onClose(): void }) {
  const backend = useBackend();
  const { locale } = usePreferences();
  const [folder, setFolder] = useState("");
  const [language, setLanguage] = useState<PaperLanguage>(locale === "ar" ? "ar" : "en");
  const [failed, setFailed] = useState<CommandFailed | null>(null);
  const save = useSend("certificate.save");
  const example = navigator.userAgent.includes("Windows") ? "E:\\" : "/media/usb";
  function choose() {
    setFailed(null);
    backend.pickExportPlace?.(m.connect_export_folder()).then((chosen) => { if (chosen) setFolder(chosen); }, (cause: unknown) => setFailed(CommandFailed.from(cause)));
  }
  return (
    <Dialog
      isOpen
      keepOpen
      onClose={onClose}
      title={m.kiosk_certificate_title({ name: donation.donorName })}
      footer={<><Button variant="primary" pending={save.isPending} notNow={folder.trim() ? undefined : m.connect_export_need_folder()} onPress={() => save.mutate({ donation: donation.id, folder: folder.trim(), language })}>{m.kiosk_certificate_save()}</Button><Button onPress={onClose}>{m.kiosk_certificate_close()}</Button></>}
    >
      <div className="grid gap-4">
        <p>{kindWord(donation.kind)} · <ClinicalDate value={donation.endedAt} /></p>
        <p className="text-ink-2">{m.kiosk_certificate_text()}</p>
        <RadioGroup label={m.kiosk_certificate_language()} options={[{ id: "en", label: m.kiosk_certificate_en() }, { id: "ar", label: m.kiosk_certificate_ar() }]} value={language} onChange={setLanguage} />
        <div className="flex flex-wrap items-end gap-2">
          <div className="min-w-0 grow"><TextField mono label={m.connect_export_folder()} hint={m.connect_export_folder_hint({ example })} value={folder} onChange={setFolder} autoComplete="off" /></div>
          {backend.pickExportPlace && <Button onPress={choose}>{m.connect_export_choose()}</Button>}
        </div>
        {failed && <p role="alert"><Status kind="critical" wrap>{why(failed)}</Status></p>}
        <Outcome saved={save.data} error={save.error} />
      </div>
    </Dialog>
  );
}
