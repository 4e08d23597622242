import { type FormEvent, useRef, useState } from "react";
import { useSend } from "../../backend";
import { zoneWords } from "../../clinical";
import { Button, Checkbox, ComboBox, Select, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import { getLocale, locales } from "../../paraglide/runtime";
import type { LicenceKind, SetUp } from "../../wire";
import { CapsLock, Refused, useCapsLock } from "./parts";
import { keepShown } from "./recovery";
import { accountSentence } from "./refusals";
import { languageWord, PROFILES, proposedZone, profileWord, zones } from "./words";

type Fields = SetUp & { again: string };
type Errors = Partial<Record<keyof Fields, string>>;

/** What a person can see to be missing. Every other rule is the program's, and comes back as a refusal. */
function missing(f: Fields): Errors {
  const errors: Errors = {};
  if (!f.facility.trim()) errors.facility = m.account_need_facility();
  if (!f.zone) errors.zone = m.account_need_zone();
  if (!f.adminName.trim()) errors.adminName = m.account_need_name();
  if (!f.adminUser.trim() || /\s/.test(f.adminUser.trim())) errors.adminUser = m.account_need_user();
  if (!f.adminPassword) errors.adminPassword = m.account_need_password();
  if (f.adminPassword !== f.again) errors.again = m.account_need_password_same();
  return errors;
}

/** One page: the facility and its first administrator. Ends in the recovery code. */
export function SetUpForm({ onBack }: { onBack(): void }) {
  const [fields, setFields] = useState<Fields>(() => ({
    facility: "", zone: proposedZone(), profile: "who", language: getLocale(), adminName: "", adminUser: "", adminPassword: "", allow: [], again: "",
  }));
  const [allZones] = useState(() => zones().map((id) => ({ id, label: zoneWords(id) })));
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const caps = useCapsLock();
  // Kept before the answer makes the shell ask for the door again, so that the next page has it.
  const send = useSend("setup.facility", { onDone: (done, req) => keepShown(done.recoveryCode, req.facility) });

  const errors: Errors = tried ? missing(fields) : {};
  const sentence = send.error && accountSentence(send.error);
  // Refusals that belong to one field stand under it.
  if (sentence && send.error?.code === "password_too_short") errors.adminPassword ??= `${sentence.what} ${sentence.next}`;
  const ofUser = send.error?.code === "name_taken" || send.error?.code === "user_name_unfit";
  if (sentence && ofUser) errors.adminUser ??= `${sentence.what} ${sentence.next}`;
  const elsewhere = send.error && send.error.code !== "password_too_short" && !ofUser ? send.error : null;

  function put<K extends keyof Fields>(name: K) {
    return (value: Fields[K]) => { setFields((f) => ({ ...f, [name]: value })); if (send.error) send.reset(); };
  }

  function allow(kind: LicenceKind) {
    return (on: boolean) => put("allow")(on ? [...fields.allow, kind] : fields.allow.filter((k) => k !== kind));
  }

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    const [first] = Object.keys(missing(fields));
    if (first) {
      form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
      return;
    }
    const { again: _, ...req } = fields;
    send.mutate({ ...req, facility: req.facility.trim(), adminName: req.adminName.trim(), adminUser: req.adminUser.trim() });
  }

  return (
    <form ref={form} onSubmit={submit} onKeyDown={caps.onKey} noValidate className="grid gap-6 rounded-md border border-line-2 bg-surface p-6">
      <h1 className="m-0 text-xl">{m.account_form_title()}</h1>
      <fieldset className="m-0 grid min-w-0 gap-4 border-0 p-0">
        <legend className="mb-2 p-0 text-lg font-strong">{m.account_form_place()}</legend>
        <TextField name="facility" label={m.account_field_facility()} hint={m.account_field_facility_hint()} value={fields.facility} onChange={put("facility")} error={errors.facility} isRequired autoFocus />
        <ComboBox name="zone" label={m.account_field_zone()} hint={m.account_field_zone_hint()} options={allZones} value={fields.zone} onChange={put("zone")} error={errors.zone} isRequired />
        <Select label={m.account_field_profile()} hint={m.account_field_profile_hint()} options={PROFILES.map((id) => ({ id, label: profileWord(id) }))} value={fields.profile} onChange={put("profile")} />
        <Select label={m.account_field_language()} options={locales.map((id) => ({ id, label: languageWord(id) }))} value={fields.language} onChange={put("language")} />
      </fieldset>
      <fieldset className="m-0 grid min-w-0 gap-4 border-0 p-0">
        <legend className="mb-2 p-0 text-lg font-strong">{m.account_form_admin()}</legend>
        <TextField name="adminName" label={m.account_field_admin_name()} hint={m.account_field_admin_name_hint()} value={fields.adminName} onChange={put("adminName")} error={errors.adminName} isRequired autoComplete="off" />
        <TextField name="adminUser" label={m.account_field_user()} hint={m.account_field_user_hint()} value={fields.adminUser} onChange={put("adminUser")} error={errors.adminUser} isRequired mono autoComplete="off" />
        <TextField name="adminPassword" type="password" label={m.account_field_password()} hint={m.account_field_password_hint()} value={fields.adminPassword} onChange={put("adminPassword")} error={errors.adminPassword} isRequired autoComplete="new-password" />
        <TextField name="again" type="password" label={m.account_field_password_again()} value={fields.again} onChange={put("again")} error={errors.again} isRequired autoComplete="new-password" />
        <CapsLock on={caps.on} />
      </fieldset>
      <fieldset className="m-0 grid min-w-0 gap-4 border-0 p-0">
        <legend className="mb-2 p-0 text-lg font-strong">{m.account_form_models()}</legend>
        <p className="m-0 text-ink-2">{m.account_form_models_text()}</p>
        <Checkbox isSelected={fields.allow.includes("research_only")} onChange={allow("research_only")} sub={m.account_models_terms_research()}>{m.account_form_models_research()}</Checkbox>
        <Checkbox isSelected={fields.allow.includes("non_commercial")} onChange={allow("non_commercial")} sub={m.account_models_terms_non_commercial()}>{m.account_form_models_non_commercial()}</Checkbox>
      </fieldset>
      {elsewhere && <Refused error={elsewhere} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" size="lg" pending={send.isPending}>{m.account_form_submit()}</Button>
        <Button size="lg" onPress={onBack}>{m.account_back()}</Button>
      </div>
    </form>
  );
}
