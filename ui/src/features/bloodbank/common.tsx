/** What the blood screens share: their head, who works here, the choice of a patient, and how a no is shown. */
import { type ReactNode, useDeferredValue, useState } from "react";
import { errorWords } from "../../app";
import { type CommandFailed, useCommand } from "../../backend";
import { Age, ClinicalDate, DonationNumber, formatName, Identifier, sexWord, usePlace } from "../../clinical";
import { Button, Chip, Dialog, Failed, Loading, PageHead, RefusalBlock, SearchField, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { Code, CommandError, PatientRow, SecondPerson, UnitLink as BagLink } from "../../wire";
import { Go, paths, unitPath } from "./nav";
import { useTodoCount } from "../tasks/useTodoCount";
import { careWhy } from "./careWords";
import { bloodSentence, isBloodCode, type Sentence, type Subject } from "./refusals";
import { ruleTitle } from "./words";

type Tab = "stock" | "tasks" | "forecast" | "issue" | "issues" | "receive" | "units" | "boxes" | "recalls" | "figures";

/** The tabs are addresses of their own, so they are links. */
export function BloodHead({ title, actions }: { title?: string; actions?: ReactNode }) {
  const count = useTodoCount();
  const tabs: [Tab, string][] = [["stock", m.blood_tab_stock()], ["tasks", m.tasks_title()], ["forecast", m.forecast_title()], ["issue", m.blood_tab_issue()], ["issues", m.blood_tab_issues()], ["receive", m.blood_tab_receive()], ["units", m.blood_tab_units()], ["boxes", m.shelf_box_title()], ["recalls", m.recall_title()], ["figures", m.figures_title()]];
  return (
    <PageHead
      title={title ?? m.blood_title()}
      tabs={
        <nav aria-label={m.blood_tabs()} className="hs-tablist">
          {tabs.map(([id, words]) => <Go key={id} to={paths[id]} className="hs-tab">{words}{id === "tasks" && count && count.all > 0 && (count.urgent > 0 ? <Status kind="critical">{m.tasks_tab_urgent({ count: count.urgent })}</Status> : <span className="hs-count">{count.all}</span>)}</Go>)}
        </nav>
      }
      actions={actions}
    />
  );
}

/** A bag that another was made of, or into, by number and code; one that is still in the laboratory has no page. */
export function Became({ bag }: { bag: BagLink }) {
  const code = <span className="hs-mono">{bag.productCode}</span>;
  return bag.onShelf
    ? <UnitLink id={bag.id}><span className="flex flex-wrap gap-x-2"><DonationNumber din={bag.din} check={bag.check} />{code}</span></UnitLink>
    : <span className="hs-meta">{m.blood_unit_in_laboratory({ code: bag.productCode })}</span>;
}

export function UnitLink({ id, children }: { id: string; children: ReactNode }) {
  return <Go to={unitPath(id)} className="text-ink hover:text-accent">{children}</Go>;
}

/** Any error in the four answers: title, why, rule, what now. */
export function sentenceFor(error: CommandError, subject: Subject): Sentence {
  const blood = bloodSentence(error, subject);
  const more = careWhy(error, subject);
  if (blood) return more ? { ...blood, why: `${blood.why} ${more}` } : blood;
  const words = errorWords(error);
  return { ...words, why: more ?? words.why ?? "", rule: "" };
}

/** The stops that no signature lifts. Others ("a reason is needed") are settled by doing what is asked. */
const absolute: ReadonlySet<Code> = new Set<Code>([
  "unit_expired", "unit_expiry_unsure", "unit_reserved", "unit_quarantined", "unit_gone", "unit_not_here", "abo_incompatible", "anti_d_history",
  "patient_group_unknown", "patient_group_conflict", "patient_deceased", "expiry_in_past", "appearance_not_accepted",
  "wristband_of_another", "scan_disagrees", "crossmatch_incompatible", "phenotype_incompatible", "recalled", "unit_group_mismatch", "slip_of_another", "slip_used",
  "not_counted_since_restore", "kept_wrong", "donation_groups_differ", "expiry_too_far", "collection_impossible", "volume_impossible", "product_is_other", "record_taken_over",
]);

/** A refusal of an act, where the act was asked for. Several warnings are all named, the worst first. */
export function Refused({ error, subject, title, actions, more = [] }: { error: CommandFailed | CommandError; subject: Subject; title?: string; actions?: ReactNode; more?: readonly CommandError[] }) {
  const codes = error.kind === "needs_override" && error.rules.length > 0 ? error.rules : [error.code];
  const all = codes.map((code) => sentenceFor({ ...error, code, kind: error.kind, args: error.args, rules: error.rules, incident: error.incident }, subject));
  const [first] = all;
  const rules = all.map((s) => s.rule).filter(Boolean).join(" ");
  const said = all.some((s) => s.why || (title && s.title !== title)) || more.length > 0;
  const last = error.kind === "needs_override" ? m.blood_may_override() : absolute.has(error.code) ? m.blood_nobody() : null;
  return (
    <RefusalBlock
      title={title ?? first?.title ?? ""}
      why={said && [
        ...all.map((s, i) => <span key={i} className="block">{title && s.title !== title && !s.why.includes(s.title) && !isBloodCode(codes[i] ?? error.code) ? `${s.title} ` : ""}{s.why}</span>),
        ...more.map((one, i) => { const s = sentenceFor(one, subject); return <span key={`more ${i}`} className="block">{m.blood_counter_more_rules()}: {s.title} {careWhy(one, subject)}</span>; }),
      ]}
      rule={rules || last ? <>{rules} {last && <b>{last}</b>}</> : undefined}
      doNow={first?.doNow ?? ""}
      code={error.code.toUpperCase()}
      kind={error.kind === "needs_override" ? "caution" : "critical"}
      actions={actions}
    />
  );
}

/** A screen or region whose values could not be read: which one, and that the rest works. */
export function CouldNotRead({ title, error, onRetry }: { title: string; error: CommandFailed; onRetry(): void }) {
  const place = usePlace();
  const s = sentenceFor(error, place);
  return (
    <Failed plain title={title} action={<Button icon="refresh" onPress={onRetry}>{m.blood_retry()}</Button>}>
      {s.title} {s.why} {s.doNow}
    </Failed>
  );
}

// ---- Choosing a patient without a wristband -----------------------------------------------------------------

/** Search by name or hospital number; one row, one person; names that look alike say so. */
export function PatientChoice({ onChoose, autoFocus }: { onChoose(row: PatientRow): void; autoFocus?: boolean }) {
  const [text, setText] = useState("");
  const asked = useDeferredValue(text.trim());
  const found = useCommand("patient.search", { text: asked, limit: 8 }, { enabled: asked.length >= 2, keepPrevious: true });
  const rows = asked.length >= 2 ? (found.data?.rows ?? []) : [];
  return (
    <div className="grid content-start gap-2">
      <SearchField label={m.blood_patient_search()} hideLabel={false} value={text} onChange={setText} autoFocus={autoFocus} />
      <div role="status" className="hs-meta">
        {asked.length < 2 ? m.blood_patient_search_hint()
          : found.isError ? `${errorWords(found.error).title} ${errorWords(found.error).doNow}`
          : found.data ? (rows.length === 0 ? m.blood_patient_none({ text: asked }) : m.blood_patient_count({ shown: rows.length, total: found.data.total }))
          : m.blood_checking()}
      </div>
      <ul className="m-0 max-h-[264px] list-none overflow-auto p-0">
        {rows.map((row) => (
          <li key={row.id} className="flex flex-wrap items-center gap-x-3 gap-y-0.5 border-b border-line py-1.5">
            <span className="min-w-0 grow basis-[220px]">
              <b className="block break-words"><bdi>{formatName(row)}</bdi></b>
              <span className="hs-meta flex flex-wrap gap-x-3">
                <span><ClinicalDate value={row.birthDate} /> <Age birthDate={row.birthDate} /></span>
                <span>{sexWord(row.sex)}</span>
                <Identifier>{row.hospitalNumber}</Identifier>
              </span>
            </span>
            {row.similarName && <Chip kind="caution">{m.blood_patient_similar()}</Chip>}
            {row.deceased && <Status kind="inactive">{m.blood_patient_died()}</Status>}
            {row.belongsTo && <Status kind="caution">{m.patient_same_mark({ number: row.belongsTo.hospitalNumber })}</Status>}
            <Button onPress={() => onChoose(row)}>{m.blood_patient_choose({ name: formatName(row) })}</Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

// ---- A second person, checked inline --------------------------------------------------------------------------

export const nobody: SecondPerson = { user: "", password: "" };

/** `tried`: the act was asked for without them, and the field says what is missing. */
export function SecondPersonFields({ value, onChange, error, tried }: { value: SecondPerson; onChange(next: SecondPerson): void; error?: CommandFailed | null; tried?: boolean }) {
  const place = usePlace();
  const refused = error?.code === "second_person_refused" ? sentenceFor(error, place) : null;
  return (
    <fieldset className="m-0 grid gap-3 border border-line-2 p-3">
      <legend className="px-1 font-strong">{m.blood_second_title()}</legend>
      <p className="text-ink-2">{m.blood_second_body()}</p>
      {refused && <div role="alert" ref={(node) => node?.scrollIntoView?.({ block: "nearest" })}><Status kind="critical" wrap>{refused.title}. {refused.why} {refused.doNow}</Status></div>}
      <div className="grid grid-cols-2 gap-3 max-[700px]:grid-cols-1">
        <TextField label={m.blood_second_user()} value={value.user} onChange={(user) => onChange({ ...value, user })} error={tried && !secondReady(value) ? m.blood_second_missing() : undefined} autoComplete="off" />
        <TextField label={m.blood_second_password()} type="password" value={value.password} onChange={(password) => onChange({ ...value, password })} autoComplete="off" />
      </div>
    </fieldset>
  );
}

export function secondReady(second: SecondPerson): boolean {
  return second.user.trim() !== "" && second.password !== "";
}

/** True for the two answers that a second person's password settles. */
export function wantsSecond(error: CommandFailed | null | undefined): boolean {
  return error?.code === "second_person_needed" || error?.code === "second_person_refused";
}

/** The rules somebody goes past, each with why. */
export function RuleList({ rules, subject, args = {} }: { rules: Code[]; subject: Subject; args?: CommandError["args"] }) {
  return (
    <div className="grid gap-1">
      <h3 className="m-0 text-base">{m.blood_override_rules()}</h3>
      <ul className="m-0 grid list-none gap-1 p-0">
        {rules.map((code) => {
          const why = [bloodSentence({ code, args }, subject)?.why, careWhy({ code, args }, subject)].filter(Boolean).join(" ");
          return (
            <li key={code} className="grid gap-0.5">
              <Status kind="caution" wrap>{ruleTitle(code, subject)}</Status>
              {why && <span className="ps-5 text-ink-2">{why}</span>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** A question with a safe way out at the start edge and the act at the far end. */
export function AskDialog({ isOpen, title, onClose, act, danger, children, notNow, pending, onAct, keepLabel, hideAct }: {
  isOpen: boolean; title: string; onClose(): void; act: string; danger?: boolean; children: ReactNode; notNow?: string; pending?: boolean; onAct(): void; keepLabel?: string;
  /** The act does not exist yet, for instance before somebody was chosen. */
  hideAct?: boolean;
}) {
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={title}
      keepOpen
      footer={<Button size="lg" onPress={onClose}>{keepLabel ?? m.blood_keep()}</Button>}
      footerEnd={!hideAct && <Button size="lg" variant={danger ? "danger" : "primary"} notNow={notNow} pending={pending} onPress={onAct}>{act}</Button>}
    >
      {children}
    </Dialog>
  );
}

export function Waiting({ label }: { label: string }) {
  return <div className="p-4"><Loading label={label} lines={4} /></div>;
}
