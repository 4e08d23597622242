import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { type KeyChanges, type KeyRefusal, refusalOf, useViewerKeys, type ViewerAct, viewerActNames, viewerActs } from "../../app";
import { CommandFailed } from "../../backend";
import { Button, DataGrid, Kbd, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import { Refused } from "./parts";
import { SettingsFrame } from "./SettingsFrame";

function refusalWords(refusal: KeyRefusal, key: string): string {
  switch (refusal.why) {
    case "taken_by": return m.account_keys_taken({ key, act: viewerActs[refusal.act].words() });
    case "reserved": return m.account_keys_reserved({ key });
    case "not_a_key": return m.account_keys_not_a_key();
  }
}

/** The single keys of the viewer, each to be changed by pressing another; a key never stands for two acts. */
export function KeysPage() {
  const keys = useViewerKeys();
  const [asking, setAsking] = useState<ViewerAct | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [error, setError] = useState<CommandFailed | null>(null);
  const [said, setSaid] = useState("");
  const changed = Object.keys(keys.changes).length;

  function keep(next: KeyChanges, words: string) {
    setError(null);
    setRefused(null);
    keys.save(next).then(() => { setAsking(null); setSaid(words); }, (cause: unknown) => setError(CommandFailed.from(cause)));
  }

  function back(act: ViewerAct) {
    const next = { ...keys.changes };
    delete next[act];
    const refusal = refusalOf(act, viewerActs[act].key, next);
    if (refusal) { setAsking(act); setRefused(refusalWords(refusal, viewerActs[act].key)); return; }
    keep(next, m.account_keys_back_done({ act: viewerActs[act].words(), key: viewerActs[act].key }));
  }

  function take(act: ViewerAct, e: KeyboardEvent) {
    if (["Shift", "Control", "Alt", "Meta", "AltGraph", "Tab"].includes(e.key)) return;
    e.preventDefault();
    e.stopPropagation();
    if (e.key === "Escape") { setAsking(null); setRefused(null); return; }
    const key = e.key.toUpperCase();
    const refusal = e.ctrlKey || e.metaKey || e.altKey ? { why: "not_a_key" } as const : refusalOf(act, key, keys.changes);
    if (refusal) return setRefused(refusalWords(refusal, key));
    keep({ ...keys.changes, [act]: key }, m.account_keys_done({ act: viewerActs[act].words(), key }));
  }

  return (
    <SettingsFrame at="keys">
      <SectionHead
        title={m.account_keys_title()}
        note={changed === 0 ? m.account_keys_none_changed() : m.account_keys_changed({ count: changed })}
        actions={<Button notNow={changed === 0 ? m.account_keys_none_changed() : undefined} onPress={() => keep({}, m.account_keys_all_back_done())}>{m.account_keys_all_back()}</Button>}
      />
      <p className="max-w-[72ch] px-4 pt-3 text-ink-2">{m.account_keys_text()}</p>
      <div role="status" className="px-4 empty:hidden">{said && <p className="pt-2"><Status kind="good" wrap>{said}</Status></p>}</div>
      {error && <div className="p-4"><Refused error={error} /></div>}
      <div className="max-w-[760px] py-3">
        <DataGrid
          label={m.account_keys_title()}
          rows={[...viewerActNames]}
          rowKey={(act) => act}
          rowText={(act) => viewerActs[act].words()}
          columns={[
            { id: "act", title: m.account_keys_act(), isRowHeader: true, cell: (act) => viewerActs[act].words() },
            {
              id: "key", title: m.account_keys_key(), cell: (act) => (
                <span className="flex flex-wrap items-center gap-2"><Kbd>{keys.of(act)}</Kbd>{keys.changes[act] !== undefined && <span className="hs-meta">{m.account_keys_was({ key: viewerActs[act].key })}</span>}</span>
              ),
            },
            {
              id: "do", title: m.account_keys_change(), align: "end", cell: (act) => (asking === act
                ? <Catch words={m.account_keys_press()} refused={refused} onKey={(e) => take(act, e)} onLeave={() => { setAsking(null); setRefused(null); }} />
                : (
                  <span className="inline-flex flex-wrap justify-end gap-1">
                    {keys.changes[act] !== undefined && <Button size="sm" variant="quiet" onPress={() => back(act)}>{m.account_keys_back()}<span className="hs-vh"> {viewerActs[act].words()}</span></Button>}
                    <Button size="sm" onPress={() => { setRefused(null); setSaid(""); setAsking(act); }}>{m.account_keys_change()}<span className="hs-vh"> {viewerActs[act].words()}</span></Button>
                  </span>
                )),
            },
          ]}
        />
      </div>
    </SettingsFrame>
  );
}

/** Waits for one key. Escape or leaving it changes nothing. */
function Catch({ words, refused, onKey, onLeave }: { words: string; refused: string | null; onKey(e: KeyboardEvent): void; onLeave(): void }) {
  const box = useRef<HTMLButtonElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <span className="grid justify-items-end gap-1">
      <button ref={box} type="button" className="hs-btn" data-size="sm" onKeyDown={onKey} onBlur={onLeave}>{words}</button>
      <span role="alert" className="text-start text-sm text-critical">{refused}</span>
    </span>
  );
}
