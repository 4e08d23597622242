import { type FormEvent, useId, useState } from "react";
import { useSend } from "../../backend";
import { Button, Checkbox, Dialog, RadioGroup, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Archive, ArchiveDoor } from "../../wire";
import { why } from "./words";

const isPlain = (address: string) => /^\s*http:/i.test(address);

/** Sets up an archive, or changes one. A stored password never comes back to be shown. */
export function ArchiveDialog({ archive, onClose, onSaved }: { archive: Archive | null; onClose(): void; onSaved(name: string): void }) {
  const [name, setName] = useState(archive?.name ?? "");
  const [address, setAddress] = useState(archive?.address ?? "");
  const [door, setDoor] = useState<ArchiveDoor>(archive?.door ?? "password");
  const [user, setUser] = useState(archive?.user ?? "");
  const [secret, setSecret] = useState("");
  const [authority, setAuthority] = useState("");
  const [drop, setDrop] = useState(false);
  const [plain, setPlain] = useState(archive?.plain ?? false);
  const id = useId();
  const send = useSend("archive.put", { onDone: () => onSaved(name.trim()) });
  const clear = <T,>(set: (v: T) => void) => (v: T) => { set(v); if (send.error) send.reset(); };
  const kept = archive !== null && archive.door === door && archive.address === address.trim();
  const refused = send.error?.code === "archive_failed" ? send.error : null;
  const name_ = send.error && ["name_missing", "name_taken"].includes(send.error.code) ? why(send.error) : undefined;
  const ofAddress = refused && ["no_address", "credentials_in_address", "query_in_address", "plain_address"].includes(refused.args.why ?? "") ? why(refused) : undefined;
  const ofSecret = refused?.args.why === "no_credentials" ? why(refused) : undefined;
  const ofAuthority = refused?.args.why === "bad_certificate" ? why(refused) : undefined;
  const elsewhere = send.error && !name_ && !ofAddress && !ofSecret && !ofAuthority ? send.error : null;

  function submit(e: FormEvent) {
    e.preventDefault();
    send.mutate({
      id: archive?.id ?? null,
      name: name.trim(),
      address: address.trim(),
      plain: plain && isPlain(address),
      door,
      user: door === "password" ? user.trim() : null,
      secret: door === "open" || secret === "" ? null : secret,
      authority: drop ? "" : authority.trim() === "" ? null : authority,
    });
  }
  return (
    <Dialog
      isOpen
      keepOpen
      size="lg"
      onClose={onClose}
      title={archive ? m.connect_archive_edit_title({ name: archive.name }) : m.connect_archive_add_title()}
      footer={<><Button type="submit" form={id} variant="primary" pending={send.isPending}>{m.connect_archive_save()}</Button><Button onPress={onClose}>{m.connect_cancel()}</Button></>}
    >
      <form id={id} onSubmit={submit} noValidate className="grid gap-3">
        <TextField autoFocus label={m.connect_archive_name()} value={name} onChange={clear(setName)} error={name_} maxLength={80} autoComplete="off" />
        <TextField mono label={m.connect_archive_address()} hint={m.connect_archive_address_hint()} value={address} onChange={clear(setAddress)} error={ofAddress} autoComplete="off" />
        {(isPlain(address) || plain) && <Checkbox isSelected={plain} onChange={clear(setPlain)} sub={m.connect_archive_plain_sub()}>{m.connect_archive_plain()}</Checkbox>}
        <RadioGroup
          label={m.connect_archive_door()}
          value={door}
          onChange={clear(setDoor)}
          options={[{ id: "password", label: m.connect_door_password() }, { id: "token", label: m.connect_door_token() }, { id: "open", label: m.connect_door_open() }]}
        />
        {door === "password" && <TextField label={m.connect_archive_user()} value={user} onChange={clear(setUser)} error={user.trim() === "" ? ofSecret : undefined} autoComplete="off" />}
        {door !== "open" && (
          <TextField
            type="password"
            label={door === "password" ? m.connect_archive_password() : m.connect_archive_token()}
            hint={kept ? m.connect_archive_secret_kept() : m.connect_archive_secret_stored()}
            value={secret}
            onChange={clear(setSecret)}
            error={door === "token" || user.trim() !== "" ? ofSecret : undefined}
            autoComplete="new-password"
          />
        )}
        <TextField mono lines={3} label={m.connect_archive_authority()} hint={archive?.authority ? m.connect_archive_authority_kept() : m.connect_archive_authority_hint()} value={authority} onChange={clear(setAuthority)} error={ofAuthority} notNow={drop ? m.connect_archive_authority_drop() : undefined} />
        {archive?.authority && <Checkbox isSelected={drop} onChange={clear(setDrop)}>{m.connect_archive_authority_drop()}</Checkbox>}
        {elsewhere && <p role="alert"><Status kind="critical" wrap>{why(elsewhere)}</Status></p>}
      </form>
    </Dialog>
  );
}
