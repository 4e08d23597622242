import { type FormEvent, useEffect, useRef, useState } from "react";
import { CommandFailed, useBackend, useSend } from "../../backend";
import { dayOf, formatNumber, ltr, usePlace } from "../../clinical";
import { Button, Checkbox, Progress, SectionHead, Status, TextField } from "../../design";
import { errorWords } from "../../app";
import * as m from "../../paraglide/messages";
import type { CommandError } from "../../wire";

/** Judged pictures as a set to measure packs with, here or elsewhere: nobody's name is in it. */
export function ExportSet({ judged }: { judged: number }) {
  const place = usePlace();
  const backend = useBackend();
  const send = useSend("quality.export");
  const [path, setPath] = useState("");
  const [pictures, setPictures] = useState(false);
  const [checked, setChecked] = useState(false);
  const [zip, setZip] = useState(false);
  const [failed, setFailed] = useState<CommandFailed | null>(null);
  const name = `healthsync-evaluation-${dayOf(place.now, place.zone) ?? ""}`;
  const example = (navigator.userAgent.includes("Windows") ? "E:\\" : "/media/usb/") + name;
  const error = send.error ?? failed;
  // The form ends the page: what came of it would stand below the edge of the window.
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (send.data || error) end.current?.scrollIntoView?.({ block: "nearest" });
  }, [send.data, error]);

  function choose() {
    setFailed(null);
    backend.pickBackupPlace?.(m.image_set_folder(), name).then(
      (chosen) => { if (chosen) { setPath(chosen); send.reset(); } },
      (cause: unknown) => setFailed(CommandFailed.from(cause)),
    );
  }
  function submit(e: FormEvent) {
    e.preventDefault();
    if (judged > 0 && path.trim()) send.mutate({ path: named(path.trim(), zip), pictures, pixelsChecked: pictures && checked });
  }

  const label = zip ? m.image_set_file() : m.image_set_folder();
  return (
    <section aria-label={m.image_set_title()}>
      <SectionHead title={m.image_set_title()} note={m.image_set_count({ n: formatNumber(judged) })} />
      <form onSubmit={submit} noValidate className="grid max-w-[640px] justify-items-start gap-3 p-4">
        <p className="text-ink-2">{m.image_set_text()}</p>
        <div className="w-full"><TextField label={label} mono hint={zip ? m.image_set_file_hint({ example: ltr(`${example}.zip`) }) : m.image_set_folder_hint({ example: ltr(example) })} value={path} onChange={(v) => { setPath(v); if (send.error) send.reset(); }} autoComplete="off" /></div>
        <Checkbox isSelected={zip} onChange={setZip} sub={m.image_set_zip_sub()}>{m.image_set_zip()}</Checkbox>
        <Checkbox isSelected={pictures} onChange={setPictures} sub={m.image_set_pictures_sub()}>{m.image_set_pictures()}</Checkbox>
        {pictures && <Checkbox isSelected={checked} onChange={setChecked} sub={m.image_set_checked_sub()}>{m.image_set_checked()}</Checkbox>}
        <div className="flex flex-wrap gap-2">
          {backend.pickBackupPlace && <Button onPress={choose}>{m.image_set_choose()}</Button>}
          <Button type="submit" variant="primary" pending={send.isPending} notNow={judged === 0 ? m.image_set_none() : path.trim() ? undefined : m.image_set_need()}>{m.image_set_button()}</Button>
        </div>
        <div role="status" className="grid gap-2">
          {send.isPending && <Progress label={m.image_set_making()} />}
          {send.data && (
            <>
              <Status kind="good" wrap>{m.image_set_done({ rows: formatNumber(send.data.rows), pictures: formatNumber(send.data.pictures) })}</Status>
              <p className="[overflow-wrap:anywhere]"><bdi className="hs-mono">{send.data.path}</bdi></p>
              {send.data.leftOut.length > 0 && <p><Status kind="caution" wrap>{m.image_set_left_out({ n: formatNumber(send.data.leftOut.length) })}</Status> {send.data.leftOut.some((l) => l.why === "may_show_name") && m.image_set_look()}</p>}
            </>
          )}
        </div>
        {error && <p role="alert"><Status kind="critical" wrap>{placeWords(error)}</Status></p>}
        <div ref={end} />
      </form>
    </section>
  );
}

/** A ZIP is told by its name. */
const named = (path: string, zip: boolean) => (zip && !/\.zip$/i.test(path) ? `${path}.zip` : path);

/** What is wrong with a place, in the words of this page; anything else as everywhere. */
function placeWords(error: CommandFailed): string {
  if (error.code === "home_unsuitable") {
    switch (error.args.why) {
      case "backup_in_home": return m.image_set_in_home();
      case "backup_not_a_path": return m.image_set_not_a_path();
      case "backup_no_folder": return m.image_set_no_folder();
      case "backup_other_file": return m.image_set_exists();
      case "backup_not_writable": return m.image_set_not_writable();
    }
  }
  const { title, doNow } = errorWords(error as CommandError as CommandFailed);
  return `${title} ${doNow}`;
}
