import { TextField } from "../../design";
import * as m from "../../paraglide/messages";

export interface SecondGiven { user: string; password: string }
export const nobody: SecondGiven = { user: "", password: "" };
export const isThere = (s: SecondGiven) => s.user.trim() !== "" && s.password !== "";
export const secondSent = (s: SecondGiven) => ({ user: s.user.trim(), password: s.password });

/** Somebody else signs in beside whoever acts. */
export function Second({ value, onChange, tried }: { value: SecondGiven; onChange(next: SecondGiven): void; tried: boolean }) {
  return (
    <fieldset className="m-0 grid gap-3 border border-line-2 p-3">
      <legend className="px-1 font-strong">{m.donor_second_title()}</legend>
      <TextField name="second" label={m.donor_second_user()} value={value.user} onChange={(user) => onChange({ ...value, user })} error={tried && !isThere(value) ? m.donor_second_need() : undefined} autoComplete="off" />
      <TextField name="second-password" type="password" label={m.donor_second_password()} value={value.password} onChange={(password) => onChange({ ...value, password })} autoComplete="off" />
    </fieldset>
  );
}
