import { TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { SecondPerson } from "../../wire";

export const nobody: SecondPerson = { user: "", password: "" };

export function isThere(second: SecondPerson): boolean {
  return second.user.trim() !== "" && second.password !== "";
}

/** Somebody else's name and password, checked by the store without switching the session. */
export function SecondPersonFields({ value, onChange, tried, text }: { value: SecondPerson; onChange(next: SecondPerson): void; tried: boolean; text?: string }) {
  return (
    <fieldset className="m-0 grid gap-3 border border-line-2 p-3">
      <legend className="px-1 font-strong">{m.patient_second_title()}</legend>
      {text && <p className="text-ink-2">{text}</p>}
      <TextField name="second" label={m.patient_second_user()} value={value.user} onChange={(user) => onChange({ ...value, user })} error={tried && !isThere(value) ? m.patient_second_need() : undefined} autoComplete="off" />
      <TextField name="second-password" type="password" label={m.patient_second_password()} value={value.password} onChange={(password) => onChange({ ...value, password })} autoComplete="off" />
    </fieldset>
  );
}
