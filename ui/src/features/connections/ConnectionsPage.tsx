import { useState } from "react";
import { useCommand, useSend } from "../../backend";
import { Button, DataGrid, Dialog, Empty, Failed, Loading, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { Archive } from "../../wire";
import { SettingsFrame } from "../account/SettingsFrame";
import { ArchiveDialog } from "./ArchiveDialog";
import { ReceiverForm } from "./ReceiverForm";
import { why } from "./words";

/** With whom this facility exchanges pictures: who may send here, and which archives are asked. */
export function ConnectionsPage() {
  const shown = useCommand("connections.show", {}, { keepPrevious: true });
  return (
    <SettingsFrame at="connections">
      {shown.isPending && <div className="p-4"><Loading label={m.connect_loading()} lines={5} /></div>}
      {shown.error && <div className="p-4"><Failed title={m.connect_failed()} action={<Button onPress={() => void shown.refetch()}>{m.connect_try_again()}</Button>}>{why(shown.error)}</Failed></div>}
      {/* A saved setting begins the form anew; counts that move meanwhile leave it alone. */}
      {shown.data && <ReceiverForm key={JSON.stringify([shown.data.receiver.on, shown.data.receiver.title, shown.data.receiver.allowed, shown.data.receiver.bind, shown.data.receiver.port, shown.data.receiver.analyse])} receiver={shown.data.receiver} />}
      {shown.data && <Archives archives={shown.data.archives} />}
    </SettingsFrame>
  );
}

/** How what is sent travels. */
function Safety({ archive }: { archive: Archive }) {
  if (/^https:/i.test(archive.address)) return <Status kind="good">{m.connect_archive_encrypted()}</Status>;
  return archive.plain ? <Status kind="caution">{m.connect_archive_unencrypted()}</Status> : <Status kind="good">{m.connect_archive_local()}</Status>;
}

function Archives({ archives }: { archives: Archive[] }) {
  const [editing, setEditing] = useState<Archive | "new" | null>(null);
  const [leaving, setLeaving] = useState<Archive | null>(null);
  const [said, setSaid] = useState("");
  const test = useSend("archive.test");
  const remove = useSend("archive.remove", { onDone: () => setLeaving(null) });
  const asked = archives.find((a) => a.id === test.variables?.id)?.name ?? "";
  return (
    <section>
      <SectionHead
        title={m.connect_archives()}
        note={m.connect_archives_count({ count: archives.length })}
        actions={<Button icon="plus" onPress={() => { setSaid(""); test.reset(); setEditing("new"); }}>{m.connect_archive_add()}</Button>}
      />
      <p className="max-w-[720px] px-4 pt-4 text-ink-2">{m.connect_archives_text()}</p>
      <div role="status" className="px-4 py-2 empty:hidden">
        {test.isPending ? m.connect_archive_testing({ name: asked })
          : test.isSuccess ? <Status kind="good" wrap>{m.connect_archive_tested({ name: asked })}</Status>
            : test.error ? <Status kind="caution" wrap><span><bdi>{asked}</bdi>: {why(test.error)}</span></Status>
              : said ? <Status kind="good" wrap>{said}</Status> : null}
      </div>
      {archives.length === 0
        ? <div className="p-4"><Empty title={m.connect_archives_none()}>{m.connect_archives_none_text()}</Empty></div>
        : (
          <DataGrid
            label={m.connect_archives()}
            rows={archives}
            rowKey={(a) => a.id}
            rowText={(a) => a.name}
            columns={[
              { id: "name", title: m.connect_archive_name(), isRowHeader: true, cell: (a) => <bdi className="font-strong [overflow-wrap:anywhere]">{a.name}</bdi> },
              { id: "address", title: m.connect_archive_address(), cell: (a) => <span className="hs-mono [overflow-wrap:anywhere]" dir="ltr">{a.address}</span> },
              { id: "safety", title: m.connect_archive_state(), cell: (a) => <Safety archive={a} /> },
              { id: "acts", title: m.connect_column_acts(), align: "end", cell: (a) => (
                <span className="inline-flex flex-wrap justify-end gap-2">
                  <Button size="sm" pending={test.isPending && test.variables?.id === a.id} onPress={() => { setSaid(""); test.mutate({ id: a.id }); }}>{m.connect_archive_test()} <span className="hs-vh">{a.name}</span></Button>
                  <Button size="sm" onPress={() => { setSaid(""); test.reset(); setEditing(a); }}>{m.connect_archive_edit()} <span className="hs-vh">{a.name}</span></Button>
                  <Button size="sm" onPress={() => { setSaid(""); remove.reset(); setLeaving(a); }}>{m.connect_archive_remove()} <span className="hs-vh">{a.name}</span></Button>
                </span>
              ) },
            ]}
          />
        )}
      {editing && <ArchiveDialog archive={editing === "new" ? null : editing} onClose={() => setEditing(null)} onSaved={(name) => { setEditing(null); setSaid(m.connect_archive_saved({ name })); }} />}
      {leaving && (
        <Dialog
          isOpen
          role="alertdialog"
          size="sm"
          onClose={() => setLeaving(null)}
          title={m.connect_archive_remove_title({ name: leaving.name })}
          footer={<Button variant="primary" size="lg" autoFocus onPress={() => setLeaving(null)}>{m.connect_archive_keep({ name: leaving.name })}</Button>}
          footerEnd={<Button variant="danger" pending={remove.isPending} onPress={() => remove.mutate({ id: leaving.id }, { onSuccess: () => { test.reset(); setSaid(m.connect_archive_removed({ name: leaving.name })); } })}>{m.connect_archive_remove()}</Button>}
        >
          <p>{m.connect_archive_remove_text()}</p>
          {remove.error && <p role="alert"><Status kind="critical" wrap>{why(remove.error)}</Status></p>}
        </Dialog>
      )}
    </section>
  );
}
