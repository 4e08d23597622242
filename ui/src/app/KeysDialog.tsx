import { Button, Dialog, Kbd } from "../design";
import * as m from "../paraglide/messages";
import type { KeyHint } from "./screens";

const globalKeys = (): KeyHint[] => [
  { keys: ["Ctrl", "K"], words: m.shell_key_palette() },
  { keys: ["?", "F1"], words: m.shell_key_keys() },
  { keys: ["F9"], words: m.shell_key_lock() },
  { keys: ["Tab"], words: m.shell_key_tab() },
  { keys: ["↑", "↓", "←", "→"], words: m.shell_key_arrows() },
  { keys: ["Esc"], words: m.shell_key_escape() },
  { keys: ["Ctrl", "Shift", "R"], words: m.shell_key_reload() },
];

/** All keys that do something now. */
export function KeysDialog({ isOpen, onClose, here }: { isOpen: boolean; onClose(): void; here: KeyHint[] }) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={m.shell_keys_title()} footer={<Button variant="primary" autoFocus onPress={onClose}>{m.shell_close()}</Button>}>
      {here.length > 0 && <KeyTable title={m.shell_keys_here()} keys={here} />}
      <KeyTable title={m.shell_keys_everywhere()} keys={globalKeys()} />
    </Dialog>
  );
}

function KeyTable({ title, keys }: { title: string; keys: KeyHint[] }) {
  return (
    <section className="grid gap-1">
      <h3 className="text-lg">{title}</h3>
      <dl className="grid grid-cols-[minmax(140px,max-content)_1fr] gap-x-6">
        {keys.map((k) => (
          <div key={k.words} className="contents">
            <dt className="flex gap-1 border-b border-line py-1.5" dir="ltr">{k.keys.map((key) => <Kbd key={key}>{key}</Kbd>)}</dt>
            <dd className="border-b border-line py-1.5">{k.words}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
