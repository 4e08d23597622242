import { type FormEvent, useRef, useState } from "react";
import { DoorFrame, useSetStatus, useStatus } from "../../app";
import { useSend } from "../../backend";
import { Button, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import { Kiosk } from "../donors/Kiosk";
import { useKiosk } from "../donors/kiosk";
import { CapsLock, Refused, useCapsLock, useWait, WaitWords } from "./parts";
import { RecoverForm } from "./RecoverForm";
import { SignInForm } from "./SignIn";

/** Nothing of any patient is on this page: the person who left opens it again, or somebody else signs in. */
export function Locked() {
  const status = useStatus();
  const [mode, setMode] = useState<"same" | "other" | "forgotten">("same");
  const own = useKiosk();
  if (own) return <Kiosk own={own} />;
  const name = status.session?.displayName ?? null;
  const back = name ? m.account_locked_same({ name }) : m.account_back();
  return (
    <DoorFrame wide={mode === "other"}>
      {mode === "same" && <Unlock name={name} training={status.facility?.training ?? false} onOther={() => setMode("other")} />}
      {mode === "other" && <SignInForm status={status} onForgotten={() => setMode("forgotten")} onBack={() => setMode("same")} backTo={back} />}
      {mode === "forgotten" && <RecoverForm onBack={() => setMode("other")} />}
    </DoorFrame>
  );
}

function Unlock({ name, training, onOther }: { name: string | null; training: boolean; onOther(): void }) {
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const caps = useCapsLock();
  const send = useSend("session.unlock", { onDone: useSetStatus() });
  const wait = useWait(send.error);
  const focus = () => form.current?.querySelector<HTMLInputElement>("input")?.focus();

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    if (!password) { focus(); return; }
    if (wait && wait.left > 0) return;
    send.mutate({ password }, { onError: () => { setPassword(""); setTried(false); focus(); } });
  }
  return (
    <form ref={form} onSubmit={submit} onKeyDown={caps.onKey} noValidate className="grid gap-4 rounded-md border border-line-2 bg-surface p-6">
      <h1 className="m-0 text-2xl">{m.account_locked_title()}</h1>
      <p className="text-ink-2">{name ? m.account_locked_text({ name }) : m.account_locked_text_no_name()}</p>
      <TextField
        name="password"
        type="password"
        size="lg"
        autoFocus
        autoComplete="current-password"
        label={name ? m.account_sign_in_as({ name }) : m.account_field_password()}
        hint={training ? `${m.account_sign_in_training()} training` : undefined}
        value={password}
        onChange={(v) => { setPassword(v); if (send.error && !(wait && wait.left > 0)) send.reset(); }}
        error={tried && !password && !send.error ? m.account_sign_in_need() : undefined}
      />
      <CapsLock on={caps.on} />
      {send.error && <Refused error={send.error}>{wait && <WaitWords wait={wait} />}</Refused>}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" size="lg" pending={send.isPending} notNow={wait && wait.left > 0 ? m.account_wait_not_now() : undefined}>{m.account_locked_button()}</Button>
        <Button size="lg" onPress={onOther}>{m.account_locked_someone()}</Button>
      </div>
    </form>
  );
}
