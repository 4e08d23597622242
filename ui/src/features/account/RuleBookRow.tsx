import { useState } from "react";
import { usePlace } from "../../clinical";
import { Checkbox, NumberField, RadioGroup, ReadOnly, Select, Status, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { PolicyBook, RuleBookRow } from "../../wire";
import { type Adoption, AdoptDialog, type Line, startOf } from "./RuleBookAdopt";
import { bookValueWords, type How, isIdentity, type Length, parsed, type Part, partsOf, partWords, rowWords, spanUnits, spanWord, type Typed, typedOf, withTyped, written } from "./ruleBookValues";

interface Form extends Adoption {
  typed: Record<string, Typed>;
  source: string;
  /** Null until somebody ticks it: a value that changes has not been confirmed. */
  confirmed: boolean | null;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** One value of the rule book set otherwise. */
export function ChangeRow({ book: opened, row: first, onClose, onDone, onReread }: { book: PolicyBook; row: RuleBookRow; onClose(): void; onDone(version: number): void; onReread(): Promise<PolicyBook | undefined> }) {
  const { zone } = usePlace();
  // The book as it was opened: what others adopt meanwhile must not slip under what is typed here.
  const [at, setAt] = useState({ book: opened, row: first, again: 0 });
  const { book, row } = at;
  const value = parsed(row.value);
  const parts = partsOf(row.name, value);
  const changed = (form: Form) => !same(form.typed, typedOf(row.name, value));
  // A value that stays keeps its origin; a new one needs its own.
  const source = (form: Form) => form.source.trim() || (changed(form) ? "" : row.source);
  const confirmed = (form: Form) => form.confirmed ?? (changed(form) ? false : row.confirmed);

  async function reread() {
    const next = await onReread();
    if (!next) return;
    const there = next.newest.ruleBook.rows.find((r) => r.name === row.name);
    // Another rule book may have nothing at this place.
    if (!there) return onClose();
    setAt({ book: next, row: there, again: there.value === row.value ? at.again : at.again + 1 });
  }

  function errorsOf(form: Form): Record<string, string> {
    const errors: Record<string, string> = {};
    for (const part of parts) {
      const typed = form.typed[part.id];
      const empty = part.kind === "number" ? typed === null : (part.kind === "span" || part.kind === "lasts") && typeof typed === "object" && typed?.how === "for" && typed.count === null;
      if (empty) errors[`part.${part.id}`] = m.account_rules_need_number();
    }
    if (!source(form)) errors.source = m.account_rules_need_source();
    return errors;
  }

  function lines(form: Form): Line[] {
    const all: Line[] = [];
    const next = partsOf(row.name, withTyped(row.name, value, form.typed));
    for (const part of parts) {
      const other = next.find((p) => p.id === part.id);
      if (other && !same(part.value, other.value)) all.push({ what: part.label, from: partWords(row.name, part), to: partWords(row.name, other) });
    }
    if (source(form) !== row.source) all.push({ what: m.account_rules_source(), from: row.source, to: source(form) });
    if (confirmed(form) !== row.confirmed) all.push({ what: m.account_rules_state(), from: stateWord(row.confirmed), to: stateWord(confirmed(form)) });
    return all;
  }

  return (
    <AdoptDialog<Form>
      key={at.again}
      screen={`policy.book.${row.name}`}
      title={rowWords(row.name, value)}
      book={book}
      start={{ ...startOf(book, zone), typed: typedOf(row.name, value), source: "", confirmed: null }}
      onClose={onClose}
      onDone={onDone}
      onReread={() => void reread()}
      errorsOf={errorsOf}
      lines={lines}
      row={{ name: row.name, value }}
      request={(form) => ({ ruleBook: null, rows: [{ name: row.name, value: written(withTyped(row.name, value, form.typed)), source: source(form), confirmed: confirmed(form) }] })}
      fields={(form, put, errors) => (
        <>
          {at.again > 0 && <p role="status"><Status kind="caution" wrap>{m.account_book_row_changed()}</Status></p>}
          <p className="text-ink-2">{m.account_book_stands()} <b><bdi>{bookValueWords(row.name, value)}</bdi></b> <bdi className="hs-mono hs-meta" dir="ltr">{row.name}</bdi></p>
          {parts.map((part) => <PartField key={part.id} name={row.name} part={part} typed={form.typed[part.id] ?? null} error={errors[`part.${part.id}`]} onChange={(typed) => put({ typed: { ...form.typed, [part.id]: typed } })} />)}
          {parts.some((p) => p.kind === "none" || p.kind === "word") && <p className="text-sm text-ink-3">{m.account_book_by_file()}</p>}
          <TextField label={m.account_rules_source()} hint={m.account_book_source_hint({ source: row.source })} value={form.source} onChange={(typed) => put({ source: typed })} error={errors.source} maxLength={300} />
          <Checkbox isSelected={confirmed(form)} onChange={(on) => put({ confirmed: on })}>{m.account_rules_confirm_box()}</Checkbox>
        </>
      )}
    />
  );
}

const stateWord = (confirmed: boolean) => (confirmed ? m.account_rules_confirmed() : m.account_rules_unconfirmed());

function PartField({ name, part, typed, error, onChange }: { name: string; part: Part; typed: Typed; error?: string; onChange(typed: Typed): void }) {
  const { unit } = part;
  switch (part.kind) {
    case "flag": return <Checkbox isSelected={typed === true} onChange={onChange}>{part.label}</Checkbox>;
    case "number": {
      const number = typeof typed === "number" ? typed : null;
      const shown = number !== null && unit?.tenths ? number / 10 : number;
      return (
        <NumberField
          label={part.label}
          unit={unit?.word(shown ?? 0) ?? ""}
          value={shown}
          min={unit?.cold ? undefined : 0}
          decimals={unit?.tenths ? 1 : 0}
          onChange={(v) => onChange(v === null ? null : Math.round(unit?.tenths ? v * 10 : v))}
          error={error}
        />
      );
    }
    case "span":
    case "lasts": return typeof typed === "object" && typed !== null ? <LengthField part={part} typed={typed} error={error} onChange={onChange} /> : null;
    case "word":
    case "none":
      // The title says which row it is.
    return isIdentity(name, part) ? null : <ReadOnly label={part.label}>{partWords(name, part)}</ReadOnly>;
  }
}

const hows: readonly How[] = ["for", "until_lifted", "permanent"];
const howWord = (how: How) => ({ for: m.account_book_lasts_for, until_lifted: m.account_book_lasts_until_lifted, permanent: m.account_book_lasts_permanent })[how]();

function LengthField({ part, typed, error, onChange }: { part: Part; typed: Length; error?: string; onChange(typed: Typed): void }) {
  return (
    <fieldset className="m-0 grid gap-3 border-0 p-0">
      <legend className="hs-vh">{part.label}</legend>
      {part.kind === "lasts" && <RadioGroup label={part.label} stacked value={typed.how} onChange={(how) => onChange({ ...typed, how })} options={hows.map((id) => ({ id, label: capital(howWord(id)) }))} />}
      {typed.how === "for" && (
        <div className="grid grid-cols-2 items-start gap-3">
          <NumberField label={part.kind === "lasts" ? m.account_book_lasts_length() : part.label} unit="" value={typed.count} min={0} onChange={(count) => onChange({ ...typed, count })} error={error} />
          <Select label={m.account_book_span_unit()} value={typed.unit} onChange={(unit) => onChange({ ...typed, unit })} options={spanUnits.map((id) => ({ id, label: capital(spanWord(id, typed.count ?? 0)) }))} />
        </div>
      )}
    </fieldset>
  );
}

const capital = (word: string) => word.charAt(0).toLocaleUpperCase() + word.slice(1);
