import { type FormEvent, useRef, useState } from "react";
import { ErrorBlock, fitting, ScanGuard, useDraft, useGo, useScreenSearch } from "../../app";
import { useSend } from "../../backend";
import { dayOf, formatDay, usePlace } from "../../clinical";
import { Button, Checkbox, DateField, OverrideDialog, PageHead, RadioGroup, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { DonorRegister, Sex } from "../../wire";

interface Fields {
  family: string;
  given: string;
  birthDate: string | null;
  birthUnknown: boolean;
  sex: Sex;
  phone: string;
  area: string;
  paper: string;
  guardian: string;
}

const blank: Fields = { family: "", given: "", birthDate: null, birthUnknown: false, sex: "not_known", phone: "", area: "", paper: "", guardian: "" };

const or = (text: string) => text.trim() || null;

/** What goes to the store; nothing that was left empty becomes a value. */
export function toRegister(f: Fields, consent: boolean): DonorRegister {
  return {
    family: f.family.trim(), given: f.given.trim(), birthDate: f.birthUnknown ? null : f.birthDate, sex: f.sex,
    phone: or(f.phone), area: or(f.area), paper: or(f.paper), consent, guardian: or(f.guardian), override: null,
  };
}

/** One page, one person, and the agreement on the same page: nothing else stands between the door and the chair. */
export function RegisterDonor() {
  const go = useGo();
  const [search] = useScreenSearch();
  const { now, zone } = usePlace();
  const [fields, setFields] = useState<Fields>({ ...blank, family: search.name ?? "" });
  // An agreement is said now or not at all; a draft never carries it.
  const [consent, setConsent] = useState(false);
  const [tried, setTried] = useState(false);
  const [reason, setReason] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const begun = Object.entries(fields).some(([name, value]) => value !== blank[name as keyof Fields] && !(name === "family" && value === (search.name ?? "")));
  const draft = useDraft("donor.register", begun ? fields : null, (kept) => setFields(fitting(blank, kept)));
  const send = useSend("donor.register", { onDone: (made) => { draft.done(); go(`/donors/${made.id}`); } });

  function put<K extends keyof Fields>(name: K) {
    return (value: Fields[K]) => { setFields((f) => ({ ...f, [name]: value })); if (send.error) send.reset(); };
  }
  const noName = !fields.family.trim();
  const noBirth = !fields.birthUnknown && fields.birthDate === null;
  const duplicate = send.error?.code === "possible_duplicate" ? send.error : null;
  const impossible = send.error?.code === "birth_date_impossible";
  const elsewhere = send.error && !duplicate && !impossible ? send.error : null;

  function submit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    if (noName) return form.current?.querySelector<HTMLElement>('input[name="family"]')?.focus();
    if (noBirth) return form.current?.querySelector<HTMLElement>('[role="spinbutton"]')?.focus();
    setReason("");
    send.mutate(toRegister(fields, consent));
  }
  const met = (duplicate?.args.candidates ?? "").replace(/\b\d{4}-\d{2}-\d{2}\b/g, (iso) => formatDay(iso) ?? iso);
  return (
    <>
      <PageHead title={m.donor_register()} actions={<Button icon="back" onPress={() => go("/donors")}>{m.donor_back()}</Button>} />
      <ScanGuard />
      <div className="min-h-0 grow overflow-auto">
        {draft.offer}
        <form ref={form} onSubmit={submit} noValidate className="grid max-w-[720px] gap-4 p-4">
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField name="family" label={m.donor_family()} value={fields.family} onChange={put("family")} error={(tried && noName) || send.error?.code === "name_missing" ? m.donor_need_family() : undefined} autoFocus autoComplete="off" />
            <TextField name="given" label={m.donor_given()} value={fields.given} onChange={put("given")} autoComplete="off" />
          </div>
          <div className="grid gap-4 sm:grid-cols-2">
            <div className="grid content-start gap-1">
              <DateField label={m.donor_born()} hint={m.donor_born_hint()} value={fields.birthDate} onChange={put("birthDate")} ageOn={dayOf(now, zone) ?? undefined} notNow={fields.birthUnknown ? m.donor_born_unknown() : undefined} error={impossible ? m.donor_born_impossible() : tried && noBirth ? m.donor_born_need() : undefined} />
              <Checkbox isSelected={fields.birthUnknown} onChange={put("birthUnknown")}>{m.donor_born_unknown()}</Checkbox>
            </div>
            <RadioGroup<Sex>
              label={m.donor_sex()}
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
            <TextField name="phone" type="tel" label={m.donor_phone()} hint={m.donor_optional()} value={fields.phone} onChange={put("phone")} autoComplete="off" />
            <TextField name="area" label={m.donor_area()} hint={m.donor_optional()} value={fields.area} onChange={put("area")} autoComplete="off" />
            <TextField name="paper" mono label={m.donor_paper()} hint={m.donor_optional()} value={fields.paper} onChange={put("paper")} autoComplete="off" />
          </div>
          <fieldset className="m-0 grid gap-3 border border-line-2 p-3">
            <legend className="px-1 font-strong">{m.donor_consent()}</legend>
            <p>{m.donor_consent_text()}</p>
            <Checkbox isSelected={consent} onChange={setConsent} sub={m.donor_consent_later()}>{m.donor_consent_yes()}</Checkbox>
            <TextField name="guardian" label={m.donor_guardian()} hint={m.donor_optional()} value={fields.guardian} onChange={put("guardian")} autoComplete="off" />
          </fieldset>
          {elsewhere && <ErrorBlock error={elsewhere} />}
          <div><Button type="submit" variant="primary" size="lg" pending={send.isPending && !duplicate}>{m.donor_register_submit()}</Button></div>
        </form>
      </div>
      {duplicate && (
        <OverrideDialog
          isOpen
          onClose={() => send.reset()}
          rule={m.donor_duplicate_rule()}
          title={m.donor_duplicate_title()}
          values={<><p>{m.donor_duplicate_who()}</p><p className="text-lg text-ink"><bdi className="font-strong [overflow-wrap:anywhere]">{met}</bdi></p>{duplicate.args.deferred === "true" && <p><Status kind="critical" wrap>{m.donor_why_likely_same_deferred()}</Status></p>}</>}
          safeLabel={m.donor_duplicate_open()}
          onSafe={duplicate.args.donor ? () => { draft.done(); go(`/donors/${duplicate.args.donor}`); } : undefined}
          overrideLabel={m.donor_duplicate_anyway()}
          notNow={reason.trim() ? undefined : m.donor_duplicate_need()}
          onOverride={() => send.mutate({ ...toRegister(fields, consent), override: { rules: duplicate.rules.length > 0 ? duplicate.rules : [duplicate.code], reason: reason.trim() } })}
        >
          <TextField label={m.donor_duplicate_reason()} hint={m.patient_duplicate_reason_hint()} value={reason} onChange={setReason} lines={2} />
        </OverrideDialog>
      )}
    </>
  );
}
