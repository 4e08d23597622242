import { type FormEvent, useRef, useState } from "react";
import { useSetStatus } from "../../app";
import { useSend } from "../../backend";
import { Button, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import { CapsLock, Refused, useCapsLock, useWait, WaitWords } from "./parts";

/** Every password forgotten: the code from the paper gives one person a new password. */
export function RecoverForm({ onBack }: { onBack(): void }) {
  const [code, setCode] = useState("");
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const caps = useCapsLock();
  const send = useSend("session.recover", { onDone: useSetStatus() });
  const wait = useWait(send.error);
  const clear = <T,>(set: (v: T) => void) => (v: T) => { set(v); if (send.error && !(wait && wait.left > 0)) send.reset(); };

  const errors = {
    code: code.trim() ? undefined : m.account_retype_need(),
    user: user.trim() ? undefined : m.account_need_user(),
    password: password ? undefined : m.account_need_password(),
    again: password === again ? undefined : m.account_need_password_same(),
  };
  const shown = tried ? errors : { code: undefined, user: undefined, password: undefined, again: undefined };
  // The code was right and nobody has this name: the refusal belongs to the name.
  const userError = shown.user ?? (send.error?.code === "wrong_password" ? m.account_recover_nobody() : undefined);

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    const first = (Object.keys(errors) as (keyof typeof errors)[]).find((k) => errors[k]);
    if (first) { form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus(); return; }
    if (wait && wait.left > 0) return;
    send.mutate({ code: code.trim(), user: user.trim(), newPassword: password });
  }
  return (
    <form ref={form} onSubmit={submit} onKeyDown={caps.onKey} noValidate className="grid gap-4 rounded-md border border-line-2 bg-surface p-6">
      <h1 className="m-0 text-xl">{m.account_recover_title()}</h1>
      <p className="text-ink-2">{m.account_recover_text()}</p>
      <TextField name="code" mono label={m.account_recover_code()} hint={m.account_retype_hint()} value={code} onChange={clear(setCode)} error={shown.code} autoFocus autoComplete="off" />
      <TextField name="user" mono label={m.account_recover_user()} value={user} onChange={clear(setUser)} error={userError} autoComplete="off" />
      <TextField name="password" type="password" label={m.account_recover_new()} hint={m.account_field_password_hint()} value={password} onChange={clear(setPassword)} error={shown.password} autoComplete="new-password" />
      <TextField name="again" type="password" label={m.account_field_password_again()} value={again} onChange={clear(setAgain)} error={shown.again} autoComplete="new-password" />
      <CapsLock on={caps.on} />
      {send.error && send.error.code !== "wrong_password" && <Refused error={send.error}>{wait && <WaitWords wait={wait} />}</Refused>}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" size="lg" pending={send.isPending}>{m.account_recover_button()}</Button>
        <Button size="lg" onPress={onBack}>{m.account_back()}</Button>
      </div>
      <p className="text-sm text-ink-2">{m.account_recover_other()}</p>
    </form>
  );
}
