import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { fitting, useDraft } from "../../app";
import { useSend } from "../../backend";
import { ClinicalTime, dayOf, formatDay, formatNumber, formatTime, ltr, usePlace } from "../../clinical";
import { Button, DateField, Dialog, RadioGroup, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { PolicyAdopt, PolicyBook, PolicyVersionRow } from "../../wire";
import { Refused } from "./parts";
import { accountSentence } from "./refusals";
import type { Json } from "./ruleBookValues";

/** What every change of the rule book says beside the change itself. */
export interface Adoption {
  when: "now" | "then";
  day: string | null;
  time: string;
  reason: string;
}

export interface Line {
  what: string;
  from: string;
  to: string;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** The newest version while it waits for its hour: the next one builds on it. */
export const comingOf = (book: PolicyBook): PolicyVersionRow | undefined =>
  (book.newest.version === book.version ? undefined : book.versions.find((v) => v.version === book.newest.version && v.hash === book.newest.hash));

export const nextVersion = (book: PolicyBook): number => Math.max(book.version, ...book.versions.map((v) => v.version)) + 1;

/** The hour at which the newest version takes effect, as the facility's clock shows it; nothing when it has. */
export function comingWall(book: PolicyBook, zone: string): { day: string; time: string } | null {
  const coming = comingOf(book);
  const day = coming && dayOf(coming.effectiveAt, zone);
  const time = coming && formatTime(coming.effectiveAt, zone);
  return day && time ? { day, time } : null;
}

/** Nothing of a version that waits is meant to begin earlier because something else is changed. */
export function startOf(book: PolicyBook, zone: string): Adoption {
  const coming = comingWall(book, zone);
  return coming ? { when: "then", ...coming, reason: "" } : { when: "now", day: null, time: "", reason: "" };
}

export const wallOf = (form: Adoption): string | null => (form.when === "then" ? `${form.day}T${form.time.trim()}` : null);

/** The first thing that is wrong takes the focus. */
export function focusWrong(root: HTMLElement | null) {
  setTimeout(() => root?.querySelector<HTMLElement>("input[aria-invalid=true], textarea[aria-invalid=true], [role=radiogroup][aria-invalid=true] input, [data-wrong] input, [data-wrong] button, [aria-invalid=true]")?.focus());
}

export interface AdoptProps<F extends Adoption> {
  /** The name of the draft. */
  screen: string;
  title: string;
  book: PolicyBook;
  start: F;
  /** What of the form outlives the window. */
  keep?(form: F): object;
  onClose(): void;
  onDone(version: number): void;
  /** Another version was adopted meanwhile: reads it. */
  onReread(): void;
  /** After a refusal: what it used up. */
  onRefused?(form: F): F;
  fields(form: F, put: (change: Partial<F>) => void, errors: Record<string, string | undefined>): ReactNode;
  errorsOf(form: F): Record<string, string>;
  lines(form: F): Line[];
  /** What follows from it, in words, beside the change. */
  follows?(form: F): ReactNode;
  request(form: F): Pick<PolicyAdopt, "ruleBook" | "rows">;
  /** The one row that is changed, which a refusal may name by its list alone. */
  row?: { name: string; value: Json };
}

/** One change of the rule book: typed, looked at as a whole, adopted as the next version of the rules. */
export function AdoptDialog<F extends Adoption>({ screen, title, book, start, keep, onClose, onDone, onReread, onRefused, fields, errorsOf, lines, follows, request, row }: AdoptProps<F>) {
  const [form, setForm] = useState(start);
  const [tried, setTried] = useState(false);
  const [looking, setLooking] = useState(false);
  const root = useRef<HTMLFormElement>(null);
  const kept = (of: F): object => (keep ? keep(of) : of);
  const draft = useDraft(screen, same(kept(form), kept(start)) ? null : { base: book.newest.hash, form: kept(form) }, (stored) => {
    const then = fitting({ base: "", form: kept(start) }, stored);
    // Another version has been adopted since: what was changed then is not what it would change now.
    if (then.base === book.newest.hash) setForm({ ...start, ...fitting(kept(start), then.form) });
  });
  const version = nextVersion(book);
  const send = useSend("policy.adopt", { onDone: () => { draft.done(); onDone(version); } });
  const put = (change: Partial<F>) => { setForm((f) => ({ ...f, ...change })); if (send.error) send.reset(); };
  const errors = { ...errorsOf(form), ...adoptionErrors(form) };
  if (lines(form).length === 0) errors.nothing = m.account_rules_nothing();
  const shown: Record<string, string | undefined> = tried ? errors : {};

  function look(e?: FormEvent) {
    e?.preventDefault();
    setTried(true);
    if (Object.keys(errors).length === 0) { send.reset(); setLooking(true); }
    else focusWrong(root.current);
  }
  function adopt() {
    send.mutate(
      { base: book.newest.hash, values: [], stock: null, effectiveWall: wallOf(form), reason: form.reason.trim(), urgent: false, signFor: null, ...request(form) },
      { onError: (error) => { if (onRefused && error.code !== "changed") setForm(onRefused); } },
    );
  }
  function reread() {
    setLooking(false);
    send.reset();
    onReread();
  }
  const refused = send.error && <Refused error={send.error} words={accountSentence(send.error, row)}>{send.error.code === "changed" && <span><Button size="sm" onPress={reread}>{m.account_rules_reread()}</Button></span>}</Refused>;
  return (
    <Dialog
      isOpen
      keepOpen
      onClose={onClose}
      title={title}
      footer={looking
        ? <Button variant="primary" size="lg" autoFocus onPress={() => setLooking(false)}>{m.account_rules_go_on()}</Button>
        : <><Button variant="primary" onPress={() => look()}>{m.account_book_look()}</Button><Button onPress={onClose}>{m.account_cancel()}</Button></>}
      footerEnd={looking && Object.keys(errors).length === 0 && <Button variant="danger" pending={send.isPending} onPress={adopt}>{m.account_rules_adopt({ version: formatNumber(version) })}</Button>}
    >
      {looking ? (
        <div className="grid gap-3">
          <Lines lines={lines(form)} />
          {follows?.(form)}
          <p>{form.when === "now" ? m.account_rules_confirm_now() : m.account_rules_confirm_then({ day: form.day ? formatDay(form.day) ?? "" : "", time: ltr(form.time) })}</p>
          <Waits book={book} />
          <Earlier book={book} form={form} />
          <p className="text-ink-2">{m.account_rules_for_ever()}</p>
          {refused}
        </div>
      ) : (
        <form ref={root} onSubmit={look} noValidate className="grid gap-4">
          {draft.offer}
          <Waits book={book} />
          {fields(form, put, shown)}
          <RadioGroup
            label={m.account_rules_effective()}
            stacked
            value={form.when}
            onChange={(when) => put({ when } as Partial<F>)}
            options={[{ id: "now", label: m.account_rules_at_once() }, { id: "then", label: m.account_rules_later(), sub: m.account_rules_later_text() }]}
          />
          {form.when === "then" && (
            <div className="flex flex-wrap gap-3">
              <DateField label={m.account_rules_day()} value={form.day} onChange={(day) => put({ day } as Partial<F>)} error={shown.day} />
              <TextField label={m.account_rules_time()} mono placeholder="08:00" value={form.time} onChange={(time) => put({ time } as Partial<F>)} error={shown.time} autoComplete="off" />
            </div>
          )}
          <Earlier book={book} form={form} />
          <TextField label={m.account_rules_reason()} hint={m.account_rules_reason_hint()} lines={2} value={form.reason} onChange={(reason) => put({ reason } as Partial<F>)} error={shown.reason} maxLength={500} />
          {shown.nothing && <p role="alert" className="text-critical">{shown.nothing}</p>}
          {refused}
          <button type="submit" hidden />
        </form>
      )}
    </Dialog>
  );
}

/** The version that waits for its hour is what is changed: its number and its hour. */
export function Waits({ book }: { book: PolicyBook }) {
  const coming = comingOf(book);
  return coming && <p><Status kind="notice" wrap>{m.account_book_builds_on({ version: formatNumber(coming.version) })}{" "}<ClinicalTime value={coming.effectiveAt} always="date-time" /></Status></p>;
}

/** What begins before it takes the whole of it along. */
export function Earlier({ book, form }: { book: PolicyBook; form: Adoption }) {
  const { zone } = usePlace();
  const coming = comingWall(book, zone);
  const errors = adoptionErrors(form);
  const early = coming && (form.when === "now" || (!errors.day && !errors.time && `${form.day}T${form.time.trim()}` < `${coming.day}T${coming.time}`));
  return early && <p><Status kind="caution" wrap>{m.account_book_earlier({ version: formatNumber(book.newest.version) })}</Status></p>;
}

function adoptionErrors(form: Adoption): Record<string, string> {
  const errors: Record<string, string> = {};
  if (form.when === "then") {
    if (!form.day) errors.day = m.account_rules_need_day();
    if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(form.time.trim())) errors.time = m.account_rules_need_time();
  }
  if (!form.reason.trim()) errors.reason = m.account_rules_need_reason();
  return errors;
}

/** What was, and what it becomes. */
function Lines({ lines }: { lines: Line[] }) {
  return (
    <ul className="grid gap-1">
      {lines.map((line) => (
        <li key={line.what} className="[overflow-wrap:anywhere]">
          <b>{line.what}</b>{" "}<bdi className="text-ink-2">{line.from}</bdi>{" "}<span role="img" aria-label={m.account_rules_becomes()} className="rtl:inline-block rtl:-scale-x-100">→</span>{" "}<b><bdi>{line.to}</bdi></b>
        </li>
      ))}
    </ul>
  );
}
