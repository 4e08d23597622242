import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { DoorFrame, useSetStatus, useStatus } from "../../app";
import { useSend } from "../../backend";
import { Bar, Button, Empty, SearchField, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Status, UserName } from "../../wire";
import { CapsLock, Refused, useCapsLock, useWait, WaitWords } from "./parts";
import { RecoverForm } from "./RecoverForm";
import { roleWord } from "./words";

/** From this many names on, a search stands above them. */
const MANY = 9;

/** A facility is here and nobody is signed in. */
export function SignIn() {
  const status = useStatus();
  const [forgotten, setForgotten] = useState(false);
  return (
    <DoorFrame wide={!forgotten}>
      {forgotten
        ? <RecoverForm onBack={() => setForgotten(false)} />
        : <SignInForm status={status} onForgotten={() => setForgotten(true)} />}
    </DoorFrame>
  );
}

/** Names at the start, password at the end: two touches and a password, also when the person before is only locked out of sight. */
export function SignInForm({ status, onForgotten, onBack, backTo }: { status: Status; onForgotten(): void; onBack?(): void; backTo?: string }) {
  const { users, facility } = status;
  const [chosen, setChosen] = useState<string | null>(users.length === 1 ? users[0]!.user : null);
  const [typedUser, setTypedUser] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const [text, setText] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const caps = useCapsLock();
  const send = useSend("session.sign_in", { onDone: useSetStatus() });
  const wait = useWait(send.error);
  const person = users.find((u) => u.user === chosen);
  const user = users.length > 0 ? chosen : typedUser.trim() || null;
  const focusPassword = () => form.current?.querySelector<HTMLInputElement>('input[name="password"]')?.focus();

  // One name only: nothing to choose, the password is next. Otherwise the list of names is.
  useEffect(() => {
    if (users.length === 1) focusPassword();
    else form.current?.querySelector<HTMLElement>(users.length >= MANY ? "input" : '[role="option"], input')?.focus();
  }, [users.length]);

  function choose(name: string) {
    setChosen(name);
    setPassword("");
    if (send.error) send.reset();
    focusPassword();
  }

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    if (wait && wait.left > 0) return;
    if (!user) { form.current?.querySelector<HTMLElement>('[role="option"], input')?.focus(); return; }
    if (!password) { focusPassword(); return; }
    send.mutate({ user, password }, { onError: () => { setPassword(""); setTried(false); focusPassword(); } });
  }

  const wanted = fold(text);
  const rows = users.filter((u) => fold(`${u.displayName} ${u.user}`).includes(wanted));
  return (
    <form ref={form} onSubmit={submit} onKeyDown={caps.onKey} noValidate className="grid gap-4">
      <h1 className="m-0 text-2xl">{m.account_sign_in_title()}</h1>
      {facility?.training && (
        <Bar kind="notice">{m.account_sign_in_training()} <b className="hs-mono">training</b></Bar>
      )}
      <div className="grid rounded-md border border-line-2 bg-surface md:grid-cols-2">
        <div className="flex max-h-[52vh] min-h-0 flex-col gap-2 border-line-2 p-4 max-md:border-b md:border-e">
          {users.length === 0
            ? <TextField name="user" label={m.account_field_user()} hint={m.account_sign_in_no_users()} mono autoComplete="username" value={typedUser} onChange={setTypedUser} error={tried && !typedUser.trim() ? m.account_need_user() : undefined} />
            : (
              <>
                <div className="flex items-baseline gap-2">
                  <h2 id="who" className="m-0 text-lg">{m.account_sign_in_who()}</h2>
                  <span className="hs-meta">{rows.length < users.length ? m.account_sign_in_shown({ shown: rows.length, total: users.length, hidden: users.length - rows.length }) : m.account_sign_in_count({ count: users.length })}</span>
                </div>
                {users.length >= MANY && <SearchField label={m.account_sign_in_filter()} value={text} onChange={setText} />}
                {rows.length === 0
                  ? <Empty title={m.account_sign_in_none()} />
                  : <Names rows={rows} chosen={chosen} onChoose={choose} />}
                <div role="status">{tried && !user && <b>{m.account_sign_in_choose()}</b>}</div>
              </>
            )}
        </div>
        <div className="grid content-start gap-3 p-4">
          <TextField
            name="password"
            type="password"
            size="lg"
            autoComplete="current-password"
            label={person ? m.account_sign_in_as({ name: person.displayName }) : m.account_field_password()}
            value={password}
            onChange={(v) => { setPassword(v); if (send.error && !(wait && wait.left > 0)) send.reset(); }}
            error={tried && user && !password && !send.error ? m.account_sign_in_need() : undefined}
          />
          <CapsLock on={caps.on} />
          {send.error && <Refused error={send.error}>{wait && <WaitWords wait={wait} />}</Refused>}
          <div className="flex flex-wrap items-center gap-2">
            <Button type="submit" variant="primary" size="lg" pending={send.isPending} notNow={wait && wait.left > 0 ? m.account_wait_not_now() : undefined}>{m.account_sign_in_button()}</Button>
            <Button variant="quiet" onPress={onForgotten}>{m.account_sign_in_forgotten()}</Button>
            {onBack && backTo && <Button variant="quiet" onPress={onBack}>{backTo}</Button>}
          </div>
        </div>
      </div>
    </form>
  );
}

/** A list of names: arrows, Home and End move, Enter or a press chooses and goes on to the password. */
function Names({ rows, chosen, onChoose }: { rows: UserName[]; chosen: string | null; onChoose(user: string): void }) {
  const list = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const active = Math.min(at, rows.length - 1);

  function onKey(e: KeyboardEvent) {
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: rows.length - 1 }[e.key];
    if (to !== undefined) {
      const next = Math.max(0, Math.min(rows.length - 1, to));
      setAt(next);
      list.current?.querySelectorAll<HTMLElement>('[role="option"]')[next]?.focus();
    } else if (e.key === "Enter" || e.key === " ") {
      const row = rows[active];
      if (row) onChoose(row.user);
    } else return;
    e.preventDefault();
  }
  return (
    <div ref={list} role="listbox" aria-labelledby="who" onKeyDown={onKey} className="-mx-1 min-h-0 overflow-auto p-1">
      {rows.map((u, i) => (
        <div
          key={u.user}
          role="option"
          aria-selected={u.user === chosen}
          tabIndex={i === active ? 0 : -1}
          onFocus={() => setAt(i)}
          onClick={() => { setAt(i); onChoose(u.user); }}
          className={`relative flex min-h-11 cursor-default flex-wrap items-center gap-x-2 border-s-3 px-3 py-1 ${u.user === chosen ? "border-selected-line bg-selected" : "border-transparent hover:bg-hover"}`}
        >
          <bdi className="min-w-0 font-strong [overflow-wrap:anywhere]">{u.displayName}</bdi>
          {u.role && <span className="ms-auto text-sm text-ink-2">{roleWord(u.role)}</span>}
        </div>
      ))}
    </div>
  );
}

/** Letters without marks and case, so that "osei" finds "Öséi". */
export function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase().trim();
}
