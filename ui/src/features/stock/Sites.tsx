import { useState } from "react";
import { ErrorBlock, useMay } from "../../app";
import { useCommand, useSend } from "../../backend";
import { Button, Loading, RefusalBlock, SectionHead, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import { SettingsFrame } from "../account/SettingsFrame";
import { Ask } from "../donors/dialogs";
import { Ask as Careful, refusal } from "../requests/parts";

/** Whose slips are believed: their key was compared by telephone. */
export function Sites() {
  const may = useMay();
  const sites = useCommand("site.list", {});
  const [adding, setAdding] = useState(false);
  const [forgetting, setForgetting] = useState<string | null>(null);
  const rules = may("manage_facility");
  return (
    <SettingsFrame at="sites">
      <div className="grid content-start gap-4 p-4">
        {sites.isPending && <Loading label={m.shelf_reading()} lines={4} />}
        {sites.error && <ErrorBlock error={sites.error} title={m.shelf_failed()} actions={<Button onPress={() => void sites.refetch()}>{m.shelf_try_again()}</Button>} />}
        {sites.data && (
          <>
            <section className="grid max-w-[860px] gap-2">
              <h2 className="m-0 text-lg"><bdi>{m.shelf_site_here({ name: sites.data.here.name })}</bdi></h2>
              <p>{m.shelf_site_print()}: <b className="hs-mono text-xl">{sites.data.here.fingerprint}</b></p>
              <TextField mono readOnly lines={2} label={m.shelf_site_code()} value={sites.data.code} onChange={() => {}} />
            </section>
            <section className="-mx-4">
              <SectionHead title={m.shelf_site_title()} note={String(sites.data.known.length)} actions={rules && <Button variant="primary" icon="plus" onPress={() => setAdding(true)}>{m.shelf_site_know()}</Button>} />
              {sites.data.known.length === 0 ? <p className="p-4 text-ink-2">{m.shelf_site_none()}</p> : (
                <ul className="m-0 list-none p-0">
                  {sites.data.known.map((s) => (
                    <li key={s.name} className="flex flex-wrap items-center gap-3 border-b border-line px-4 py-2">
                      <b className="break-words"><bdi>{s.name}</bdi></b><span className="hs-mono">{s.fingerprint}</span>
                      {rules && <Button size="sm" variant="danger" onPress={() => setForgetting(s.name)}>{m.shelf_site_forget()} <span className="hs-vh">{s.name}</span></Button>}
                    </li>
                  ))}
                </ul>
              )}
            </section>
          </>
        )}
      </div>
      {adding && <KnowDialog onClose={() => setAdding(false)} />}
      {forgetting !== null && <ForgetDialog name={forgetting} onClose={() => setForgetting(null)} />}
    </SettingsFrame>
  );
}

/** A wrong touch would cost a telephone call: what follows is read first. */
function ForgetDialog({ name, onClose }: { name: string; onClose(): void }) {
  const send = useSend("site.forget", { onDone: onClose });
  return (
    <Careful title={m.shelf_site_forget_title({ name })} act={m.shelf_site_forget()} danger keep={m.shelf_site_forget_keep()} pending={send.isPending} error={refusal(send.error)} onClose={onClose} onSubmit={() => send.mutate({ name })}>
      <p>{m.shelf_site_forget_text()}</p>
    </Careful>
  );
}

function KnowDialog({ onClose }: { onClose(): void }) {
  const [code, setCode] = useState("");
  const [print, setPrint] = useState("");
  const [tried, setTried] = useState(false);
  const send = useSend("site.know", { onDone: onClose });
  const unreadable = send.error?.code === "scan_unreadable";
  const differs = send.error?.code === "identity_mismatch" && send.error.args.field === "fingerprint";
  return (
    <Ask title={m.shelf_site_know()} act={m.shelf_site_know()} error={differs || unreadable ? null : send.error} pending={send.isPending} onClose={onClose} onSubmit={() => { setTried(true); if (code.trim() && print.trim()) send.mutate({ code: code.trim(), fingerprint: print.trim() }); }}>
      <p>{m.shelf_site_know_text()}</p>
      {unreadable && <RefusalBlock title={m.shelf_site_unreadable()} doNow={m.shelf_site_unreadable_do()} code="SCAN_UNREADABLE" />}
      {differs && <RefusalBlock title={m.shelf_site_differs()} why={m.shelf_site_differs_why()} doNow={m.shelf_site_differs_do()} code="IDENTITY_MISMATCH" />}
      <TextField name="code" mono lines={2} label={m.shelf_site_their_code()} value={code} onChange={setCode} autoFocus autoComplete="off" error={tried && !code.trim() ? m.shelf_box_need() : undefined} />
      <TextField name="fingerprint" mono label={m.shelf_site_print()} value={print} onChange={setPrint} autoComplete="off" error={tried && !print.trim() ? m.shelf_box_need() : undefined} />
    </Ask>
  );
}
