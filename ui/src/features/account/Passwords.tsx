import { type FormEvent, useId, useRef, useState } from "react";
import { useSend } from "../../backend";
import { Button, Dialog, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { CommandError, StaffRow } from "../../wire";
import { Refused } from "./parts";
import { accountSentence } from "./refusals";

/** One's own password, by whoever knows the old one. */
export function ChangePassword({ onClose, onDone }: { onClose(): void; onDone(): void }) {
  const send = useSend("session.change_password", { onDone });
  return (
    <Ask
      title={m.account_password_change()}
      submit={m.account_password_change_submit()}
      withOld
      error={send.error}
      pending={send.isPending}
      onTyped={() => send.error && send.reset()}
      onClose={onClose}
      onSubmit={(old, next) => send.mutate({ old, new: next })}
    />
  );
}

/** A colleague's, by whoever manages the staff. `back`: they were away and have none. */
export function SetPassword({ row, back, onClose, onDone }: { row: StaffRow; back: boolean; onClose(): void; onDone(): void }) {
  const send = useSend("staff.set_password", { onDone });
  const name = row.displayName;
  return (
    <Ask
      title={m.account_password_set_title({ name })}
      text={back ? m.account_password_set_back({ name }) : m.account_password_set_text({ name })}
      submit={m.account_password_set_submit()}
      error={send.error}
      pending={send.isPending}
      onTyped={() => send.error && send.reset()}
      onClose={onClose}
      onSubmit={(_, password) => send.mutate({ id: row.id, password })}
    />
  );
}

type Field = "old" | "next" | "again";

function Ask({ title, text, submit, withOld = false, error, pending, onTyped, onClose, onSubmit }: {
  title: string; text?: string; submit: string; withOld?: boolean; error: CommandError | null; pending: boolean;
  onTyped(): void; onClose(): void; onSubmit(old: string, next: string): void;
}) {
  const [typed, setTyped] = useState({ old: "", next: "", again: "" });
  const [tried, setTried] = useState(false);
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const missing: Record<Field, string | undefined> = {
    old: !withOld || typed.old ? undefined : m.account_need_password(),
    next: typed.next ? undefined : m.account_need_password(),
    again: typed.next === typed.again ? undefined : m.account_need_password_same(),
  };
  const errors: Partial<Record<Field, string>> = tried ? { ...missing } : {};
  const sentence = error && accountSentence(error);
  const at: Field | null = error?.code === "wrong_password" ? "old" : error?.code === "password_too_short" ? "next" : null;
  if (sentence && at) errors[at] ??= `${sentence.what} ${sentence.next}`;
  const type = (field: Field) => (value: string) => { setTyped((t) => ({ ...t, [field]: value })); onTyped(); };

  function send(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    const first = (Object.keys(missing) as Field[]).find((k) => missing[k]);
    if (first) form.current?.querySelector<HTMLElement>(`input[name="${first}"]`)?.focus();
    else onSubmit(typed.old, typed.next);
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      keepOpen
      size="sm"
      title={title}
      footer={<><Button type="submit" form={id} variant="primary" pending={pending}>{submit}</Button><Button onPress={onClose}>{m.account_cancel()}</Button></>}
    >
      <form ref={form} id={id} onSubmit={send} noValidate className="grid gap-3">
        {text && <p className="text-ink-2">{text}</p>}
        {withOld && <TextField name="old" type="password" label={m.account_password_old()} value={typed.old} onChange={type("old")} error={errors.old} autoFocus autoComplete="current-password" />}
        <TextField name="next" type="password" label={m.account_password_new()} hint={m.account_field_password_hint()} value={typed.next} onChange={type("next")} error={errors.next} autoFocus={!withOld} autoComplete="new-password" />
        <TextField name="again" type="password" label={m.account_field_password_again()} value={typed.again} onChange={type("again")} error={errors.again} autoComplete="new-password" />
        {error && !at && <Refused error={error} />}
      </form>
    </Dialog>
  );
}
