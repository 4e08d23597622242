import { type FormEvent, useRef, useState } from "react";
import { fitting, useDraft } from "../../app";
import { useSend } from "../../backend";
import { BloodGroup, componentName, formatDay, formatNumber, groupWords } from "../../clinical";
import { Button, Checkbox, DateField, Dialog, NumberField, RadioGroup, SectionHead, TextField } from "../../design";
import * as m from "../../paraglide/messages";
import type { PolicyAdopt, PolicyBook, PolicyValue, StockTarget } from "../../wire";
import { Refused } from "./parts";
import { Earlier, Waits } from "./RuleBookAdopt";
import { cell } from "./Rules";
import { boundsWords, ruleWords, unitWord, valueWords } from "./ruleWords";

interface Typed {
  value: string;
  source: string;
  confirmed: boolean;
}

interface Form {
  values: Record<string, Typed>;
  stock: { floor: number | null; target: number | null }[];
  when: "now" | "then";
  day: string | null;
  time: string;
  reason: string;
  urgent: boolean;
}

const typedOf = (v: PolicyValue): Typed => ({ value: v.value, source: v.source, confirmed: v.confirmed });
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

function blank(book: PolicyBook): Form {
  return {
    values: Object.fromEntries(book.newest.values.map((v) => [v.name, typedOf(v)])),
    stock: book.newest.stock.map(({ floor, target }) => ({ floor, target })),
    when: "now", day: null, time: "", reason: "", urgent: false,
  };
}

/** The next version: the newest one, changed value by value, looked at as a whole before it is adopted. */
export function NextRules({ book: newest, onClose, onDone, onReread }: { book: PolicyBook; onClose(): void; onDone(version: number): void; onReread(): Promise<PolicyBook | undefined> }) {
  // The book as it was opened. What others adopt meanwhile must not slip under what is typed here: the old values
  // would be sent as if somebody had wanted them back.
  const [book, setBook] = useState(newest);
  const start = blank(book);
  const [form, setForm] = useState<Form>(start);
  const [tried, setTried] = useState(false);
  const [looking, setLooking] = useState(false);
  const root = useRef<HTMLFormElement>(null);
  const version = Math.max(...book.versions.map((v) => v.version)) + 1;
  const draft = useDraft("policy.next", same(form, start) ? null : { base: book.newest.hash, form }, (kept) => {
    const then = fitting({ base: "", form: start }, kept);
    // Another version has been adopted since: what was changed then is not what it would change now.
    if (then.base === book.newest.hash) setForm({ ...start, ...then.form });
  });
  const send = useSend("policy.adopt", { onDone: () => { draft.done(); onDone(version); } });
  const put = (change: Partial<Form>) => { setForm((f) => ({ ...f, ...change })); if (send.error) send.reset(); };

  /** Takes what was changed here, and nothing else, over to the newest version. */
  async function reread() {
    const next = await onReread();
    setLooking(false);
    send.reset();
    if (next) {
      setForm(carriedOver(book, form, next));
      setBook(next);
    }
  }
  const changes = changesOf(book, form);
  const errors = errorsOf(book, form, changes);

  function look(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    if (Object.keys(errors).length === 0) setLooking(true);
    else setTimeout(() => root.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  }
  const shown: Record<string, string | undefined> = tried ? errors : {};
  const rule = (v: PolicyValue) => (
    <RuleRow
      key={v.name}
      rule={v}
      typed={form.values[v.name] ?? typedOf(v)}
      error={shown[v.name]}
      sourceError={shown[`${v.name}.source`]}
      changed={changes.values.some((c) => c.name === v.name)}
      onChange={(typed) => put({ values: { ...form.values, [v.name]: typed } })}
    />
  );
  return (
    <form ref={root} onSubmit={look} noValidate>
      <div className="grid gap-3 p-4">
        {draft.offer}
        <Waits book={book} />
        <p className="max-w-[72ch] text-ink-2">{m.account_rules_next_text({ version: formatNumber(version) })}</p>
      </div>
      <div className="grid border-t border-line">
        {book.newest.values.filter((v) => v.name !== "stock").map(rule)}
      </div>
      <SectionHead title={m.account_rules_stock()} note={m.account_rules_stock_text()} />
      {book.newest.values.filter((v) => v.name === "stock").map(rule)}
      <StockFields rows={book.newest.stock} typed={form.stock} errors={shown} onChange={(stock) => put({ stock })} />
      <SectionHead title={m.account_rules_when()} />
      <div className="grid max-w-[620px] gap-4 p-4">
        <RadioGroup
          label={m.account_rules_effective()}
          stacked
          value={form.when}
          onChange={(when) => put({ when })}
          options={[{ id: "now", label: m.account_rules_at_once() }, { id: "then", label: m.account_rules_later(), sub: m.account_rules_later_text() }]}
        />
        {form.when === "then" && (
          <div className="flex flex-wrap gap-3">
            <DateField label={m.account_rules_day()} value={form.day} onChange={(day) => put({ day })} error={shown.day} />
            <TextField label={m.account_rules_time()} mono placeholder="08:00" value={form.time} onChange={(time) => put({ time })} error={shown.time} autoComplete="off" />
          </div>
        )}
        <Earlier book={book} form={form} />
        <TextField label={m.account_rules_reason()} hint={m.account_rules_reason_hint()} lines={2} value={form.reason} onChange={(reason) => put({ reason })} error={shown.reason} maxLength={500} />
        <Checkbox isSelected={form.urgent} onChange={(urgent) => put({ urgent })} sub={m.account_rules_urgent_text()}>{m.account_rules_urgent()}</Checkbox>
        {shown.nothing && <p role="alert" className="text-critical">{shown.nothing}</p>}
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary">{m.account_rules_look()}</Button>
          <Button onPress={onClose}>{m.account_cancel()}</Button>
        </div>
      </div>
      <Dialog
        isOpen={looking}
        onClose={() => { setLooking(false); send.reset(); }}
        role="alertdialog"
        title={m.account_rules_confirm({ version: formatNumber(version) })}
        footer={<Button variant="primary" size="lg" autoFocus onPress={() => { setLooking(false); send.reset(); }}>{m.account_rules_go_on()}</Button>}
        footerEnd={<Button variant="danger" pending={send.isPending} onPress={() => send.mutate(request(book, form, changes))}>{m.account_rules_adopt({ version: formatNumber(version) })}</Button>}
      >
        <div className="grid gap-3">
          <ul className="grid gap-1">
            {changes.lines.map((line) => (
              <li key={line.what}>
                <b>{line.what}</b>{" "}<span className="text-ink-2">{line.from}</span>{" "}<span aria-label={m.account_rules_becomes()} className="rtl:inline-block rtl:-scale-x-100">→</span>{" "}<b>{line.to}</b>
              </li>
            ))}
          </ul>
          <p>{form.when === "now" ? m.account_rules_confirm_now() : m.account_rules_confirm_then({ day: form.day ? formatDay(form.day) ?? "" : "", time: form.time })}</p>
          <Waits book={book} />
          <Earlier book={book} form={form} />
          {form.urgent && <p>{m.account_rules_urgent_text()}</p>}
          <p className="text-ink-2">{m.account_rules_for_ever()}</p>
          {send.error && <Refused error={send.error}>{send.error.code === "changed" && <Button size="sm" onPress={() => void reread()}>{m.account_rules_reread()}</Button>}</Refused>}
        </div>
      </Dialog>
    </form>
  );
}

function RuleRow({ rule, typed, error, sourceError, changed, onChange }: { rule: PolicyValue; typed: Typed; error?: string; sourceError?: string; changed: boolean; onChange(typed: Typed): void }) {
  const name = ruleWords(rule.name);
  const flag = rule.value === "true" || rule.value === "false";
  const bounds = boundsWords(rule);
  return (
    <fieldset className="grid gap-3 border-b border-line px-4 py-3 [grid-template-columns:minmax(220px,1fr)_minmax(260px,2fr)_auto] max-[1000px]:grid-cols-1" data-changed={changed || undefined}>
      <legend className="hs-vh">{name}</legend>
      {rule.name === "stock" ? <p className="self-center text-ink-2">{m.account_rules_stock_source()}</p>
        : flag ? (
          <div className="self-center">
            <Checkbox isSelected={typed.value === "true"} onChange={(on) => onChange({ ...typed, value: String(on) })}>{name}</Checkbox>
          </div>
        ) : rule.name === "facilities" ? (
          <TextField label={name} hint={m.account_rule_facilities_hint()} mono value={typed.value} onChange={(value) => onChange({ ...typed, value })} error={error} maxLength={2000} />
        ) : (
          <NumberField
            label={name}
            unit={unitWord(rule.name, Number(typed.value))}
            hint={bounds}
            value={typed.value === "" ? null : Number(typed.value)}
            onChange={(v) => onChange({ ...typed, value: v === null ? "" : String(v) })}
            error={error}
          />
        )}
      <TextField label={m.account_rules_source()} hint={m.account_rules_source_hint()} value={typed.source} onChange={(source) => onChange({ ...typed, source })} error={sourceError} maxLength={300} />
      <div className="self-center"><Checkbox isSelected={typed.confirmed} onChange={(confirmed) => onChange({ ...typed, confirmed })}>{m.account_rules_confirm_box()}</Checkbox></div>
    </fieldset>
  );
}

function StockFields({ rows, typed, errors, onChange }: { rows: StockTarget[]; typed: Form["stock"]; errors: Record<string, string | undefined>; onChange(stock: Form["stock"]): void }) {
  const set = (at: number, change: Partial<Form["stock"][number]>) => onChange(typed.map((t, n) => (n === at ? { ...t, ...change } : t)));
  return (
    <div className="grid gap-x-6 px-4 py-3 [grid-template-columns:repeat(auto-fill,minmax(420px,1fr))]">
      {rows.map((row, n) => (
        <fieldset key={cell(row)} className="grid items-end gap-3 border-b border-line py-2 [grid-template-columns:1fr_minmax(120px,150px)_minmax(120px,150px)]">
          <legend className="hs-vh">{componentName(row.component)} {groupWords(row.group)}</legend>
          <span className="self-center" aria-hidden="true">{componentName(row.component)} <BloodGroup group={row.group} size="sm" /></span>
          <NumberField label={m.account_rules_floor()} unit={m.account_unit_units({ count: typed[n]?.floor ?? 0 })} value={typed[n]?.floor ?? null} onChange={(floor) => set(n, { floor })} min={0} error={errors[`stock.${n}`]} />
          <NumberField label={m.account_rules_target()} unit={m.account_unit_units({ count: typed[n]?.target ?? 0 })} value={typed[n]?.target ?? null} onChange={(target) => set(n, { target })} min={0} />
        </fieldset>
      ))}
    </div>
  );
}

/** The form over another version: its values, with those that a person changed here. */
export function carriedOver(from: PolicyBook, form: Form, to: PolicyBook): Form {
  const next = blank(to);
  for (const v of from.newest.values) {
    const typed = form.values[v.name];
    if (typed && v.name in next.values && !same(typed, typedOf(v))) next.values[v.name] = typed;
  }
  from.newest.stock.forEach((row, n) => {
    const typed = form.stock[n];
    const at = to.newest.stock.findIndex((other) => cell(other) === cell(row));
    if (typed && at >= 0 && (typed.floor !== row.floor || typed.target !== row.target)) next.stock[at] = typed;
  });
  return { ...form, values: next.values, stock: next.stock };
}

interface Changes {
  values: PolicyValue[];
  stock: boolean;
  lines: { what: string; from: string; to: string }[];
}

/** What the next version says that the newest one does not, in words. */
function changesOf(book: PolicyBook, form: Form): Changes {
  const lines: Changes["lines"] = [];
  const values = book.newest.values.filter((v) => !same(form.values[v.name], typedOf(v)));
  for (const v of values) {
    const typed = form.values[v.name]!;
    if (typed.value !== v.value) lines.push({ what: ruleWords(v.name), from: valueWords(v.name, v.value), to: valueWords(v.name, typed.value) });
    if (typed.source !== v.source) lines.push({ what: m.account_rules_source_of({ rule: ruleWords(v.name) }), from: v.source, to: typed.source });
    if (typed.confirmed !== v.confirmed) lines.push({ what: ruleWords(v.name), from: stateWord(v.confirmed), to: stateWord(typed.confirmed) });
  }
  book.newest.stock.forEach((row, n) => {
    const typed = form.stock[n];
    const words = (of: { floor: number | null; target: number | null }) => m.account_rules_stock_line({ floor: formatNumber(of.floor ?? 0), target: formatNumber(of.target ?? 0) });
    if (typed && (typed.floor !== row.floor || typed.target !== row.target)) lines.push({ what: `${componentName(row.component)} ${groupWords(row.group)}`, from: words(row), to: words(typed) });
  });
  const stock = book.newest.stock.some((row, n) => form.stock[n]?.floor !== row.floor || form.stock[n]?.target !== row.target);
  return { values, stock, lines };
}

const stateWord = (confirmed: boolean) => (confirmed ? m.account_rules_confirmed() : m.account_rules_unconfirmed());

function errorsOf(book: PolicyBook, form: Form, changes: Changes): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const v of changes.values) {
    const typed = form.values[v.name]!;
    const number = Number(typed.value);
    if (v.least !== null && v.most !== null && (typed.value === "" || !(number >= v.least && number <= v.most))) errors[v.name] = boundsWords(v);
    if (!typed.source.trim()) errors[`${v.name}.source`] = m.account_rules_need_source();
  }
  book.newest.stock.forEach((_, n) => {
    const typed = form.stock[n];
    if (!typed || typed.floor === null || typed.target === null) errors[`stock.${n}`] = m.account_rules_need_number();
    else if (typed.floor > typed.target) errors[`stock.${n}`] = m.account_rules_floor_above();
  });
  if (form.when === "then") {
    if (!form.day) errors.day = m.account_rules_need_day();
    if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(form.time.trim())) errors.time = m.account_rules_need_time();
  }
  if (!form.reason.trim()) errors.reason = m.account_rules_need_reason();
  if (changes.lines.length === 0) errors.nothing = m.account_rules_nothing();
  return errors;
}

function request(book: PolicyBook, form: Form, changes: Changes): PolicyAdopt {
  return {
    base: book.newest.hash,
    values: changes.values.map((v) => ({ name: v.name, ...form.values[v.name]! })),
    stock: changes.stock ? book.newest.stock.map((row, n) => ({ ...row, floor: form.stock[n]?.floor ?? row.floor, target: form.stock[n]?.target ?? row.target })) : null,
    effectiveWall: form.when === "then" ? `${form.day}T${form.time.trim()}` : null,
    reason: form.reason.trim(),
    urgent: form.urgent,
    ruleBook: null,
    rows: [],
    signFor: null,
  };
}
