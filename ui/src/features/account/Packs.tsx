import { useState } from "react";
import { useMay } from "../../app";
import { CommandFailed, useBackend, useDropped, useSend } from "../../backend";
import { ClinicalTime } from "../../clinical";
import { Button, DataGrid, Dialog, Progress, SectionHead, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { ModelImported, PackKey, PackVersion, PackView } from "../../wire";
import { Refused } from "./parts";

/** What an import came to, in one place for button, drop and the way over a new publisher. */
export function useImport() {
  const backend = useBackend();
  const may = useMay();
  const [done, setDone] = useState<ModelImported | null>(null);
  const [said, setSaid] = useState("");
  const [broken, setBroken] = useState<CommandFailed | null>(null);
  const send = useSend("model.import", { onDone: (answer) => { setDone(answer); setSaid(""); } });
  const bring = (handle: string) => { setDone(null); setSaid(""); setBroken(null); send.mutate({ handle }); };
  const pick = () => {
    backend.pickFiles().then((files) => { if (files[0]) bring(files[0].handle); }, (cause: unknown) => setBroken(CommandFailed.from(cause)));
  };
  const mayImport = may("manage_facility");
  useDropped((files) => { if (mayImport && files[0]) bring(files[0].handle); });
  const unknown = send.error?.code === "pack_key_unknown" ? send.error : null;
  return {
    button: <Button variant="primary" icon="plus" pending={send.isPending} notNow={mayImport ? undefined : m.account_packs_import_who()} onPress={pick}>{m.account_packs_import()}</Button>,
    state: (
      <>
        <div role="status" className="grid gap-1 px-4 empty:hidden">
          {send.isPending && <div className="py-2"><Progress label={m.account_packs_importing()} /></div>}
          {done && <Imported done={done} />}
          {said && <p className="pt-2"><Status kind="good" wrap>{said}</Status></p>}
        </div>
        {broken && <div className="p-4"><Refused error={broken} /></div>}
        {send.error && !unknown && <div className="p-4"><Refused error={send.error} /></div>}
        {unknown && (
          <Trust
            error={unknown}
            onClose={() => send.reset()}
            onTrusted={(name) => {
              const again = unknown.args.handle;
              send.reset();
              if (again) bring(again);
              else setSaid(m.account_packs_trusted({ name }));
            }}
          />
        )}
      </>
    ),
  };
}

function Imported({ done }: { done: ModelImported }) {
  const { id: pack, version } = done.pack;
  return (
    <div className="grid gap-1 pt-2">
      <Status kind="good" wrap>{done.known ? m.account_packs_imported_known({ pack, version }) : m.account_packs_imported({ pack, version })}</Status>
      {done.replaced !== null && <p>{m.account_packs_imported_kept({ version: done.replaced })}</p>}
      {!done.enabled && <p>{m.account_packs_imported_ask()}</p>}
    </div>
  );
}

const plain = (text: string) => text.replace(/[\s:-]/g, "").toLowerCase();

/** A new publisher: the fingerprint is typed as they said it, and the program compares. */
function Trust({ error, onClose, onTrusted }: { error: CommandFailed; onClose(): void; onTrusted(name: string): void }) {
  const [name, setName] = useState("");
  const [typed, setTyped] = useState("");
  const [tried, setTried] = useState(false);
  const { key = "", fingerprint = "", pack = "", version = "" } = error.args;
  const trust = useSend("model.trust", { onDone: () => onTrusted(name.trim()) });
  const missing = {
    name: name.trim() ? undefined : m.account_packs_trust_name_missing(),
    typed: plain(typed) === plain(fingerprint) ? undefined : m.account_packs_trust_differs(),
  };
  const send = () => {
    setTried(true);
    if (!missing.name && !missing.typed) trust.mutate({ key, name: name.trim(), fingerprint: typed });
  };
  return (
    <Dialog
      isOpen
      keepOpen
      onClose={onClose}
      title={m.account_packs_trust_title()}
      footer={<Button size="lg" onPress={onClose}>{m.account_packs_trust_not()}</Button>}
      footerEnd={<Button type="submit" variant="primary" pending={trust.isPending} onPress={send}>{error.args.handle ? m.account_packs_trust_install() : m.account_packs_trust()}</Button>}
    >
      <form className="grid gap-4" onSubmit={(e) => { e.preventDefault(); send(); }}>
        <p>{m.account_packs_trust_text({ pack, version })}</p>
        <p className="grid gap-1 border border-line bg-sunken px-3 py-2">
          <span className="text-sm text-ink-3">{m.account_packs_trust_shown()}</span>
          <b className="font-mono text-lg" dir="ltr">{fingerprint}</b>
        </p>
        <TextField autoFocus label={m.account_packs_trust_name()} value={name} onChange={setName} error={tried ? missing.name : undefined} />
        <TextField mono label={m.account_packs_trust_typed()} value={typed} onChange={setTyped} error={tried ? missing.typed : undefined} />
        {trust.error && <Refused error={trust.error} />}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

const origins = { built_in: m.account_packs_origin_built_in, imported: m.account_packs_origin_imported, made_here: m.account_packs_origin_made_here };
export const originWord = (v: Pick<PackVersion, "origin" | "signedBy">) => (v.origin === "imported" && v.signedBy !== null ? m.account_packs_origin_imported_by({ name: v.signedBy }) : origins[v.origin]());

/** Every version that is here; another may be chosen at any time, and none is ever deleted. */
export function Versions({ pack, onSaid }: { pack: PackView; onSaid(words: string): void }) {
  const may = useMay();
  const use = useSend("model.use", {
    onDone: (_, req) => {
      const version = pack.versions.find((v) => (req.sha256 === null ? v.origin === "built_in" : v.sha256 === req.sha256))?.version ?? "";
      onSaid(m.account_packs_use_done({ pack: pack.id, version }));
    },
  });
  const to = (v: PackVersion) => (v.origin === "built_in" ? null : v.sha256);
  return (
    <div className="grid gap-2">
      <DataGrid
        label={m.account_packs_versions({ pack: pack.id })}
        rows={pack.versions}
        rowKey={(v) => `${v.origin} ${v.sha256}`}
        rowText={(v) => v.version}
        columns={[
          { id: "version", title: m.account_packs_version(), isRowHeader: true, cell: (v) => <span className="hs-mono" title={v.sha256}>{v.version}</span> },
          { id: "origin", title: m.account_packs_origin(), cell: originWord },
          { id: "at", title: m.account_packs_installed(), cell: (v) => v.at && <><ClinicalTime value={v.at} /> <span className="text-ink-3">{v.by}</span></> },
          {
            id: "state", title: m.account_packs_state(), cell: (v) => (v.problem
              ? <Status kind="caution">{v.problem.code === "pack_gone" ? m.account_packs_files_gone() : m.account_models_refused()}</Status>
              : v.current ? <Status kind="good">{m.account_packs_answers()}</Status> : <Status kind="inactive">{m.account_packs_kept()}</Status>),
          },
          {
            id: "do", title: m.account_packs_use(), align: "end", cell: (v) => !v.current && !v.problem && (
              <Button size="sm" pending={use.isPending && use.variables?.sha256 === to(v)} notNow={may("manage_facility") ? undefined : m.account_models_terms_who()} onPress={() => use.mutate({ id: pack.id, sha256: to(v) })}>
                {m.account_packs_use()} <span className="hs-vh">{pack.id} {v.version}</span>
              </Button>
            ),
          },
        ]}
      />
      <p className="text-sm text-ink-3">{m.account_packs_kept_text()}</p>
      {use.error && <Refused error={use.error} />}
    </div>
  );
}

/** Whose signature on a pack counts here. */
export function Keys({ keys }: { keys: PackKey[] }) {
  const may = useMay();
  const [leaving, setLeaving] = useState<PackKey | null>(null);
  const drop = useSend("model.distrust", { onDone: () => setLeaving(null) });
  const name = leaving?.name ?? "";
  return (
    <>
      <SectionHead title={m.account_packs_keys()} />
      <p className="max-w-[72ch] px-4 py-2 text-ink-2">{m.account_packs_keys_text()}</p>
      <DataGrid
        label={m.account_packs_keys()}
        rows={keys}
        rowKey={(k) => k.key}
        rowText={(k) => k.name}
        columns={[
          { id: "name", title: m.account_packs_key_name(), isRowHeader: true, cell: (k) => <><bdi>{k.name}</bdi>{k.own && <> <span className="text-ink-3">{m.account_packs_key_own()}</span></>}</> },
          { id: "fingerprint", title: m.account_packs_key_fingerprint(), cell: (k) => <span className="font-mono text-sm" dir="ltr">{k.fingerprint}</span> },
          { id: "since", title: m.account_packs_key_since(), cell: (k) => k.at && <><ClinicalTime value={k.at} /> <span className="text-ink-3">{k.by}</span></> },
          {
            id: "do", title: m.account_packs_distrust(), align: "end", cell: (k) => !k.own && may("manage_facility") && (
              <Button size="sm" onPress={() => { drop.reset(); setLeaving(k); }}>{m.account_packs_distrust()} <span className="hs-vh">{k.name}</span></Button>
            ),
          },
        ]}
      />
      <Dialog
        isOpen={leaving !== null}
        onClose={() => setLeaving(null)}
        role="alertdialog"
        size="sm"
        title={m.account_packs_distrust_title({ name })}
        footer={<Button variant="primary" size="lg" autoFocus onPress={() => setLeaving(null)}>{m.account_packs_distrust_keep()}</Button>}
        footerEnd={<Button variant="danger" pending={drop.isPending} onPress={() => leaving && drop.mutate({ key: leaving.key })}>{m.account_packs_distrust()}</Button>}
      >
        <p>{m.account_packs_distrust_text({ name })}</p>
        {drop.error && <Refused error={drop.error} />}
      </Dialog>
    </>
  );
}
