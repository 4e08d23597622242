import { type FormEvent, useRef, useState } from "react";
import { ErrorBlock, errorWords, fitting, ScanGuard, useDraft, useGo, useScreenSearch } from "../../app";
import { useSend } from "../../backend";
import { dayOf, formatDay, usePlace } from "../../clinical";
import { Button, Checkbox, DateField, OverrideDialog, PageHead, RadioGroup, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { CommandError, PatientRegister, Sex } from "../../wire";

interface Fields {
  family: string;
  given: string;
  title: string;
  birthDate: string | null;
  birthUnknown: boolean;
  sex: Sex;
  phone: string;
  nationalId: string;
}

const blank: Fields = { family: "", given: "", title: "", birthDate: null, birthUnknown: false, sex: "not_known", phone: "", nationalId: "" };

const or = (text: string) => text.trim() || null;

/** What goes to the store; nothing that was left empty becomes a value. */
export function toRegister(f: Fields): PatientRegister {
  return {
    family: f.family.trim(),
    given: f.given.trim(),
    title: or(f.title),
    birthDate: f.birthUnknown ? null : f.birthDate,
    sex: f.sex,
    phone: or(f.phone),
    nationalId: or(f.nationalId),
    override: null,
  };
}

/** The names the store met, one a line, whatever it puts between them. */
export function duplicateNames(error: Pick<CommandError, "args">): string[] {
  const text = error.args.names ?? error.args.candidates ?? error.args.name ?? "";
  return text.split(/\s*(?:\n|;|\|)\s*/).filter(Boolean).map((name) => name.replace(/\b\d{4}-\d{2}(?:-\d{2})?\b/g, (iso) => formatDay(iso) ?? iso));
}

/** One page, one person. A single name is a name; a date of birth may be a year, or not known, but never left open by accident. */
export function RegisterPage() {
  const go = useGo();
  const [search] = useScreenSearch();
  const { now, zone } = usePlace();
  const [fields, setFields] = useState<Fields>({ ...blank, given: search.name ?? "" });
  const [tried, setTried] = useState(false);
  const [reason, setReason] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const begun = Object.entries(fields).some(([name, value]) => value !== blank[name as keyof Fields] && !(name === "given" && value === (search.name ?? "")));
  const draft = useDraft("patient.register", begun ? fields : null, (kept) => setFields(fitting(blank, kept)));
  const send = useSend("patient.register", { onDone: (made) => { draft.done(); go(`/patients/${made.id}`); } });

  function put<K extends keyof Fields>(name: K) {
    return (value: Fields[K]) => { setFields((f) => ({ ...f, [name]: value })); if (send.error) send.reset(); };
  }
  const noName = !fields.family.trim() && !fields.given.trim();
  const noBirth = !fields.birthUnknown && fields.birthDate === null;
  const refused = send.error?.code;
  const words = send.error && errorWords(send.error);
  const underField = words && `${words.title} ${words.doNow}`;
  const duplicate = send.error?.code === "possible_duplicate" ? send.error : null;
  const elsewhere = send.error && !duplicate && refused !== "name_missing" && refused !== "birth_date_impossible" ? send.error : null;

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    if (noName) return form.current?.querySelector<HTMLElement>('input[name="family"]')?.focus();
    if (noBirth) return form.current?.querySelector<HTMLElement>('[role="spinbutton"]')?.focus();
    setReason("");
    send.mutate(toRegister(fields));
  }

  return (
    <>
      <PageHead title={m.patient_register_title()} actions={<Button icon="back" onPress={() => go("/patients")}>{m.patient_register_cancel()}</Button>} />
      <ScanGuard />
      <div className="min-h-0 grow overflow-auto">
        {draft.offer}
        <form ref={form} onSubmit={submit} noValidate className="grid max-w-[720px] gap-4 p-4">
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField name="family" label={m.patient_field_family()} hint={m.patient_field_family_hint()} value={fields.family} onChange={put("family")} error={(tried && noName) || refused === "name_missing" ? m.patient_need_name() : undefined} autoFocus autoComplete="off" />
            <TextField name="given" label={m.patient_field_given()} hint={m.patient_field_given_hint()} value={fields.given} onChange={put("given")} autoComplete="off" />
          </div>
          <div className="grid gap-4 sm:grid-cols-2">
            <div className="grid content-start gap-1">
              <DateField
                label={m.patient_birth()}
                hint={m.patient_birth_hint()}
                yearAlone
                value={fields.birthDate}
                onChange={put("birthDate")}
                ageOn={dayOf(now, zone) ?? undefined}
                notNow={fields.birthUnknown ? m.patient_birth_unknown() : undefined}
                error={tried && noBirth ? m.patient_birth_need() : refused === "birth_date_impossible" ? underField ?? undefined : undefined}
              />
              <Checkbox isSelected={fields.birthUnknown} onChange={put("birthUnknown")}>{m.patient_birth_unknown()}</Checkbox>
            </div>
            <RadioGroup<Sex>
              label={m.patient_field_sex()}
              value={fields.sex}
              onChange={put("sex")}
              options={[
                { id: "female", label: m.design_sex_female() },
                { id: "male", label: m.design_sex_male() },
                { id: "other", label: m.design_sex_other() },
                { id: "not_known", label: m.design_not_known() },
              ]}
            />
          </div>
          <div className="grid gap-4 sm:grid-cols-3">
            <TextField name="title" label={m.patient_field_title()} hint={m.patient_field_title_hint()} value={fields.title} onChange={put("title")} autoComplete="off" />
            <TextField name="phone" type="tel" label={m.patient_field_phone()} hint={m.patient_optional()} value={fields.phone} onChange={put("phone")} autoComplete="off" />
            <TextField name="nationalId" mono label={m.patient_field_national()} hint={m.patient_optional()} value={fields.nationalId} onChange={put("nationalId")} autoComplete="off" />
          </div>
          {elsewhere && <ErrorBlock error={elsewhere} />}
          <div><Button type="submit" variant="primary" size="lg" pending={send.isPending && !duplicate}>{m.patient_register_submit()}</Button></div>
        </form>
      </div>
      {duplicate && (
        <OverrideDialog
          isOpen
          onClose={() => send.reset()}
          rule={m.patient_duplicate_rule()}
          title={m.patient_duplicate_title()}
          values={
            <>
              <p>{m.patient_duplicate_who()}</p>
              <ul className="m-0 grid list-none gap-1 p-0">
                {duplicateNames(duplicate).map((name) => <li key={name} className="text-lg text-ink"><bdi className="font-strong [overflow-wrap:anywhere]">{name}</bdi></li>)}
              </ul>
            </>
          }
          safeLabel={m.patient_duplicate_open()}
          overrideLabel={m.patient_duplicate_anyway()}
          notNow={reason.trim() ? undefined : m.patient_duplicate_need()}
          onOverride={() => send.mutate({ ...toRegister(fields), override: { rules: duplicate.rules.length > 0 ? duplicate.rules : [duplicate.code], reason: reason.trim() } })}
        >
          <TextField label={m.patient_duplicate_reason()} hint={m.patient_duplicate_reason_hint()} value={reason} onChange={setReason} lines={2} />
        </OverrideDialog>
      )}
    </>
  );
}
