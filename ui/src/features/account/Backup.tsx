import { type FormEvent, useRef, useState } from "react";
import { useStatus } from "../../app";
import { CommandFailed, useBackend, useSend } from "../../backend";
import { ClinicalTime, dayOf, formatNumber, formatTime, usePlace } from "../../clinical";
import { Bar, Button, Progress, SectionHead, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import { Facts, Refused } from "./parts";
import { SettingsFrame } from "./SettingsFrame";

const TOO_OLD_MS = 48 * 60 * 60 * 1000;

/** True when there is none, or none from the last 48 hours. */
export function backupIsDue(lastBackup: string | null, now: string): boolean {
  return lastBackup === null || Date.parse(now) - Date.parse(lastBackup) > TOO_OLD_MS;
}

/** A name that no earlier backup has: with the day and the time, in the facility's zone. */
export function backupName(now: string, zone: string): string {
  const time = formatTime(now, zone)?.replace(":", "");
  return ["healthsync", dayOf(now, zone), time].filter(Boolean).join("-") + ".backup";
}

/** A backup is written, read back and only then called made. */
export function BackupPage() {
  const status = useStatus();
  const place = usePlace();
  const [path, setPath] = useState("");
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const send = useSend("backup.make");
  const backend = useBackend();
  const [failed, setFailed] = useState<CommandFailed | null>(null);

  function choose() {
    setFailed(null);
    backend.pickBackupPlace?.(m.account_backup_path(), backupName(place.now, place.zone)).then(
      (chosen) => { if (chosen) { setPath(chosen); if (send.error) send.reset(); } },
      (cause: unknown) => setFailed(CommandFailed.from(cause)),
    );
  }

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    if (!path.trim()) { form.current?.querySelector("input")?.focus(); return; }
    send.mutate({ path: path.trim() });
  }
  // A folder only the reader's own system has; shown as a form to follow, never used.
  const example = (navigator.userAgent.includes("Windows") ? "E:\\" : "/media/usb/") + backupName(place.now, place.zone);
  const last = status.lastBackup;
  return (
    <SettingsFrame at="backup">
      {backupIsDue(last, status.now) && <Bar kind="caution">{last ? m.account_backup_old() : m.account_backup_none()}</Bar>}
      <SectionHead title={m.account_backup_title()} />
      <div className="grid max-w-[620px] gap-4 p-4">
        <Facts items={[{ label: m.account_backup_last(), value: last ? <ClinicalTime value={last} always="date-time" /> : m.account_backup_never() }]} />
        <form ref={form} onSubmit={submit} noValidate className="grid justify-items-start gap-3">
          <div className="w-full"><TextField label={m.account_backup_path()} mono hint={m.account_backup_path_hint({ example })} value={path} onChange={(v) => { setPath(v); if (send.error) send.reset(); }} error={tried && !path.trim() ? m.account_backup_need() : undefined} autoComplete="off" /></div>
          <div className="flex flex-wrap gap-2">
            {backend.pickBackupPlace && <Button onPress={choose}>{m.account_backup_choose()}</Button>}
            <Button type="submit" variant="primary" pending={send.isPending}>{m.account_backup_button()}</Button>
          </div>
        </form>
        <div role="status" className="grid gap-2">
          {send.isPending && <Progress label={m.account_backup_making()} />}
          {send.data && (
            <>
              <Status kind="good" wrap>{m.account_backup_done()}</Status>
              <p className="[overflow-wrap:anywhere]">{m.account_backup_done_text({ path: send.data.path, bytes: formatNumber(Number(send.data.bytes)), commands: formatNumber(send.data.commands) })} <ClinicalTime value={send.data.at} always="date-time" /></p>
              {send.data.packs && <p className="[overflow-wrap:anywhere]">{m.account_backup_packs({ count: formatNumber(send.data.packs.length), path: `${send.data.path}.packs` })}</p>}
              {send.data.packsMissing?.map((p) => <p key={p.sha256}><Status kind="caution" wrap>{m.account_backup_pack_missing({ pack: p.id, version: p.version })}</Status></p>)}
            </>
          )}
        </div>
        {(send.error ?? failed) && <Refused error={(send.error ?? failed)!} />}
        <p className="text-ink-2">{m.account_backup_encrypted()}</p>
      </div>
    </SettingsFrame>
  );
}
