import { type FormEvent, useId, useRef, useState } from "react";
import { fitting, useDraft, useStatus } from "../../app";
import { useCommand, useSend } from "../../backend";
import { Bar, Button, DataGrid, Dialog, Failed, Loading, SectionHead, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Role, StaffRow } from "../../wire";
import { Refused } from "./parts";
import { SetPassword } from "./Passwords";
import { accountSentence } from "./refusals";
import { SettingsFrame } from "./SettingsFrame";
import { ROLES, roleWord } from "./words";

/** Who may sign in, as what. Nobody is ever deleted: their name stands on what they recorded. */
export function StaffPage() {
  const staff = useCommand("staff.list", {});
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<StaffRow | null>(null);
  const [password, setPassword] = useState<{ row: StaffRow; back: boolean } | null>(null);
  const [said, setSaid] = useState("");
  const training = useStatus().facility?.training ?? false;
  const set = useSend("staff.set_active", { onDone: () => setLeaving(null) });

  function change(row: StaffRow, active: boolean) {
    set.mutate({ id: row.id, active }, { onSuccess: () => {
      setSaid(active ? m.account_staff_activated({ name: row.displayName }) : m.account_staff_deactivated({ name: row.displayName }));
      // Whoever left opens nothing any more, so whoever is back has no password.
      if (active && !training) setPassword({ row, back: true });
    } });
  }

  const rows = [...(staff.data ?? [])].sort((a, b) => Number(b.active) - Number(a.active) || a.displayName.localeCompare(b.displayName));
  const active = rows.filter((r) => r.active).length;
  return (
    <SettingsFrame at="staff">
      <SectionHead
        title={m.account_staff_title()}
        note={staff.data && m.account_staff_count({ active, inactive: rows.length - active })}
        actions={<Button variant="primary" icon="plus" onPress={() => setAdding(true)}>{m.account_staff_add()}</Button>}
      />
      <div role="status" className="px-4 empty:hidden">{said && <p className="py-2"><Status kind="good" wrap>{said}</Status></p>}</div>
      {set.error && !leaving && <div className="p-4"><Refused error={set.error} /></div>}
      {staff.isPending && <div className="p-4"><Loading label={m.account_loading()} lines={5} /></div>}
      {staff.error && <div className="p-4"><Failed title={m.account_staff_failed()} action={<Button onPress={() => void staff.refetch()}>{m.account_try_again()}</Button>}>{accountSentence(staff.error).what}</Failed></div>}
      {rows.length === 1 && <Bar kind="notice">{m.account_staff_alone()}</Bar>}
      {staff.data && (
        <DataGrid
          label={m.account_staff_title()}
          rows={rows}
          rowKey={(r) => r.id}
          rowText={(r) => r.displayName}
          rowState={(r) => (r.active ? undefined : "elsewhere")}
          columns={[
            { id: "name", title: m.account_staff_name(), isRowHeader: true, cell: (r) => <bdi className="font-strong [overflow-wrap:anywhere]">{r.displayName}</bdi> },
            { id: "user", title: m.account_staff_user(), cell: (r) => <span className="hs-mono">{r.user}</span> },
            { id: "role", title: m.account_staff_role(), cell: (r) => roleWord(r.role) },
            { id: "state", title: m.account_staff_state(), cell: (r) => (r.active ? m.account_staff_active() : <Status kind="inactive" wrap>{m.account_staff_inactive()}</Status>) },
            {
              id: "act", title: m.account_staff_act(), align: "end",
              cell: (r) => (r.active
                ? (
                  <span className="inline-flex flex-wrap justify-end gap-2">
                    {!training && <Button size="sm" onPress={() => setPassword({ row: r, back: false })}>{m.account_password_set_short()}{" "}<span className="hs-vh">{r.displayName}</span></Button>}
                    <Button size="sm" onPress={() => { set.reset(); setLeaving(r); }}>{m.account_staff_deactivate_short()}{" "}<span className="hs-vh">{r.displayName}</span></Button>
                  </span>
                )
                : <Button size="sm" onPress={() => change(r, true)}>{m.account_staff_activate_short()}{" "}<span className="hs-vh">{r.displayName}</span></Button>),
            },
          ]}
        />
      )}
      {password && <SetPassword row={password.row} back={password.back} onClose={() => setPassword(null)} onDone={() => { setSaid(m.account_password_set_done({ name: password.row.displayName })); setPassword(null); }} />}
      {adding && <AddStaff onClose={() => setAdding(false)} onAdded={(name) => { setAdding(false); setSaid(m.account_staff_added({ name })); }} />}
      <Dialog
        isOpen={leaving !== null}
        onClose={() => setLeaving(null)}
        role="alertdialog"
        size="sm"
        title={m.account_staff_deactivate({ name: leaving?.displayName ?? "" })}
        footer={<Button variant="primary" size="lg" autoFocus onPress={() => setLeaving(null)}>{m.account_staff_keep({ name: leaving?.displayName ?? "" })}</Button>}
        footerEnd={<Button variant="danger" pending={set.isPending} onPress={() => leaving && change(leaving, false)}>{m.account_staff_deactivate_short()}</Button>}
      >
        <p>{m.account_staff_deactivate_text({ name: leaving?.displayName ?? "" })}</p>
        {set.error && <Refused error={set.error} />}
      </Dialog>
    </SettingsFrame>
  );
}

function AddStaff({ onClose, onAdded }: { onClose(): void; onAdded(name: string): void }) {
  const [displayName, setName] = useState("");
  const [user, setUser] = useState("");
  const [role, setRole] = useState<Role | null>(null);
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  // The two passwords are never part of it.
  const draft = useDraft("staff.add", displayName || user || role ? { displayName, user, role } : null, (kept) => {
    const then = fitting({ displayName: "", user: "", role: null as Role | null }, kept);
    setName(then.displayName);
    setUser(then.user);
    setRole(ROLES.find((r) => r === then.role) ?? null);
  });
  const send = useSend("staff.add", { onDone: () => { draft.done(); onAdded(displayName.trim()); } });
  const missing = {
    displayName: displayName.trim() ? undefined : m.account_need_name(),
    user: user.trim() && !/\s/.test(user.trim()) ? undefined : m.account_need_user(),
    role: role ? undefined : m.account_staff_need_role(),
    password: password ? undefined : m.account_need_password(),
    again: password === again ? undefined : m.account_need_password_same(),
  };
  const errors: Partial<Record<keyof typeof missing, string>> = tried ? { ...missing } : {};
  const sentence = send.error && accountSentence(send.error);
  const ofUser = send.error?.code === "name_taken" || send.error?.code === "user_name_unfit";
  if (sentence && ofUser) errors.user ??= `${sentence.what} ${sentence.next}`;
  if (sentence && send.error?.code === "password_too_short") errors.password ??= `${sentence.what} ${sentence.next}`;
  const elsewhere = send.error && !ofUser && send.error.code !== "password_too_short" ? send.error : null;
  const clear = <T,>(set: (v: T) => void) => (v: T) => { set(v); if (send.error) send.reset(); };

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    const first = (Object.keys(missing) as (keyof typeof missing)[]).find((k) => missing[k]);
    if (first || !role) {
      form.current?.querySelector<HTMLElement>(`input[name="${first}"], .hs-trigger`)?.focus();
      return;
    }
    send.mutate({ displayName: displayName.trim(), user: user.trim(), role, password });
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      keepOpen
      title={m.account_staff_add_title()}
      footer={<><Button type="submit" form={id} variant="primary" pending={send.isPending}>{m.account_staff_add_submit()}</Button><Button onPress={onClose}>{m.account_cancel()}</Button></>}
    >
      <form ref={form} id={id} onSubmit={submit} noValidate className="grid gap-3">
        {draft.offer}
        <p className="text-ink-2">{m.account_staff_add_text()}</p>
        <TextField name="displayName" label={m.account_field_admin_name()} hint={m.account_field_admin_name_hint()} value={displayName} onChange={clear(setName)} error={errors.displayName} autoFocus autoComplete="off" />
        <TextField name="user" mono label={m.account_field_user()} hint={m.account_field_user_hint()} value={user} onChange={clear(setUser)} error={errors.user} autoComplete="off" />
        <Select label={m.account_staff_role()} options={ROLES.map((r) => ({ id: r, label: roleWord(r) }))} value={role} onChange={(r) => clear(setRole)(r as Role)} error={errors.role} />
        <TextField name="password" type="password" label={m.account_field_password()} hint={m.account_field_password_hint()} value={password} onChange={clear(setPassword)} error={errors.password} autoComplete="new-password" />
        <TextField name="again" type="password" label={m.account_field_password_again()} value={again} onChange={clear(setAgain)} error={errors.again} autoComplete="new-password" />
        {elsewhere && <Refused error={elsewhere} />}
      </form>
    </Dialog>
  );
}
