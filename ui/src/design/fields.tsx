import { type ReactNode, useEffect, useRef, useState } from "react";
import {
  Button as AriaButton,
  ComboBox as AriaComboBox,
  FieldError,
  Group,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  NumberField as AriaNumberField,
  Popover,
  SearchField as AriaSearchField,
  Select as AriaSelect,
  SelectValue,
  Text,
  TextArea,
  TextField as AriaTextField,
} from "react-aria-components";
import { ltr } from "../clinical/dates";
import * as m from "../paraglide/messages";
import { Icon } from "./Icon";
import { Shape } from "./status";

/** What every field shares. `error` replaces the hint in its place and says what is expected. */
export interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string;
  /** Why the field is closed; shown as its hint. */
  notNow?: string;
  isRequired?: boolean;
  size?: "md" | "lg";
  autoFocus?: boolean;
  name?: string;
}

export function Below({ hint, error, notNow }: Pick<FieldProps, "hint" | "error" | "notNow">) {
  if (error) return <FieldError className="hs-error"><Shape kind="critical" /><span>{error}</span></FieldError>;
  const words = notNow ?? hint;
  return words ? <Text slot="description" className="hs-hint">{words}</Text> : null;
}

export interface TextFieldProps extends FieldProps {
  value: string;
  onChange(value: string): void;
  placeholder?: string;
  /** Identifiers: donation, hospital and sample numbers, codes. */
  mono?: boolean;
  unit?: string;
  readOnly?: boolean;
  type?: "text" | "password" | "email" | "tel";
  autoComplete?: string;
  lines?: number;
  maxLength?: number;
  onBlur?(): void;
}

export function TextField({ label, hint, error, notNow, size, placeholder, mono, unit, readOnly, lines, ...rest }: TextFieldProps) {
  return (
    <AriaTextField {...rest} isReadOnly={readOnly} isDisabled={!!notNow} isInvalid={!!error} className="hs-field" data-size={size}>
      <Label className="hs-label">{label}</Label>
      <Group className="hs-input" data-mono={mono || undefined} data-readonly={readOnly || undefined} data-invalid={error ? true : undefined} data-disabled={notNow ? true : undefined}>
        {lines ? <TextArea rows={lines} placeholder={placeholder} /> : <Input placeholder={placeholder} spellCheck={mono ? false : undefined} />}
        {unit && <bdi className="hs-suffix" aria-hidden="true">{unit}</bdi>}
      </Group>
      <Below hint={hint} error={error} notNow={notNow} />
    </AriaTextField>
  );
}

export interface NumberFieldProps extends FieldProps {
  /** null is "not recorded". */
  value: number | null;
  onChange(value: number | null): void;
  /** Always present after the number; "" only for plain counts with a label that says what is counted. */
  unit: string;
  min?: number;
  max?: number;
  step?: number;
  decimals?: number;
}

export function NumberField({ label, hint, error, notNow, size, value, onChange, unit, min, max, step, decimals = 0, ...rest }: NumberFieldProps) {
  // A number that cannot be is never put right silently: 999 kg would become 300, and nobody would have written it.
  const [outside, setOutside] = useState<number | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const wrong = value === null && outside !== null && !notNow ? boundsWords(min, max, unit) : undefined;
  function put(v: number) {
    const out = v < (min ?? v) || v > (max ?? v);
    setOutside(out ? v : null);
    onChange(out || Number.isNaN(v) ? null : v);
  }
  // Its form does not go while it says so, or it would go as if nothing had been written. Where there is no form, the
  // button that acts looks for the mark (`Button`).
  useEffect(() => {
    const input = wrong ? box.current?.querySelector("input") : null;
    const form = input?.form;
    if (!input || !form) return;
    const stay = (e: Event) => { e.preventDefault(); e.stopPropagation(); input.focus(); };
    form.addEventListener("submit", stay);
    return () => form.removeEventListener("submit", stay);
  }, [wrong]);
  const shown = wrong ?? error;
  return (
    <AriaNumberField {...rest} ref={box} commitBehavior="validate" value={value ?? outside ?? Number.NaN} onChange={put} minValue={min} maxValue={max} step={step} formatOptions={{ maximumFractionDigits: decimals }} isDisabled={!!notNow} isInvalid={!!shown} className="hs-field" data-size={size}>
      <Label className="hs-label">{label}</Label>
      <Group className="hs-input" data-outside={wrong ? true : undefined} data-invalid={shown ? true : undefined} data-disabled={notNow ? true : undefined}>
        <Input />
        {unit && <bdi className="hs-suffix">{unit}</bdi>}
        <AriaButton slot="decrement" className="hs-step"><Icon name="minus" /></AriaButton>
        <AriaButton slot="increment" className="hs-step"><Icon name="plus" /></AriaButton>
      </Group>
      <Below hint={hint} error={shown} notNow={notNow} />
    </AriaNumberField>
  );
}

function boundsWords(min: number | undefined, max: number | undefined, unit: string): string {
  const words = (n: number) => ltr(unit ? `${n} ${unit}` : String(n));
  if (min !== undefined && max !== undefined) return m.design_number_outside({ least: ltr(String(min)), most: words(max) });
  return min !== undefined ? m.design_number_least({ least: words(min) }) : m.design_number_most({ most: words(max ?? 0) });
}

/** Filters a list on the screen. Escape empties it. */
export function SearchField({ label, value, onChange, onSubmit, placeholder, autoFocus, hideLabel = true }: { label: string; value: string; onChange(value: string): void; onSubmit?(value: string): void; placeholder?: string; autoFocus?: boolean; hideLabel?: boolean }) {
  return (
    <AriaSearchField className="hs-field" value={value} onChange={onChange} onSubmit={onSubmit} autoFocus={autoFocus} aria-label={hideLabel ? label : undefined}>
      {!hideLabel && <Label className="hs-label">{label}</Label>}
      <Group className="hs-input">
        <Icon name="search" />
        <Input placeholder={placeholder ?? label} />
        {value !== "" && <AriaButton className="hs-input-btn" aria-label={m.design_clear()}><Icon name="close" /></AriaButton>}
      </Group>
    </AriaSearchField>
  );
}

export interface Option<T extends string = string> {
  id: T;
  label: string;
  /** Small, at the end of the row. */
  note?: string;
  notNow?: string;
}

function OptionItem({ option }: { option: Option }) {
  return (
    <ListBoxItem id={option.id} textValue={option.label} className="hs-item">
      {({ isSelected }) => (
        <>
          <span className="hs-tick">{isSelected && <Icon name="check" />}</span>
          <span className="grow">{option.label}</span>
          {(option.notNow ?? option.note) && <span className="hs-meta">{option.notNow ?? option.note}</span>}
        </>
      )}
    </ListBoxItem>
  );
}

export interface SelectProps<T extends string = string> extends FieldProps {
  options: Option<T>[];
  /** null until something was chosen. */
  value: T | null;
  onChange(id: NoInfer<T>): void;
  placeholder?: string;
}

export function Select<T extends string = string>({ label, hint, error, notNow, size, options, value, onChange, placeholder, ...rest }: SelectProps<T>) {
  return (
    <AriaSelect {...rest} value={value} onChange={(key) => key !== null && onChange(String(key) as NoInfer<T>)} isDisabled={!!notNow} isInvalid={!!error} className="hs-field" data-size={size} placeholder={placeholder ?? m.design_choose()}>
      <Label className="hs-label">{label}</Label>
      <AriaButton className="hs-input hs-trigger" data-invalid={error ? true : undefined}>
        <SelectValue className="hs-value">{({ selectedText, isPlaceholder, defaultChildren }) => (isPlaceholder ? <span data-placeholder>{defaultChildren}</span> : selectedText)}</SelectValue>
        <Icon name="updown" />
      </AriaButton>
      <Below hint={hint} error={error} notNow={notNow} />
      <Popover className="hs-pop" offset={4}>
        <ListBox className="hs-list" items={options} disabledKeys={options.filter((o) => o.notNow).map((o) => o.id)}>
          {(option) => <OptionItem option={option} />}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

export interface ComboBoxProps extends SelectProps {
  /** What was typed, when the list comes from the store. Without it the given options are filtered here. */
  inputValue?: string;
  onInputChange?(text: string): void;
  empty?: string;
}

/** The option that a typed text means: the one that is called so, or the only one that has it in its name. */
function meant(options: Option[], text: string): Option | undefined {
  const typed = text.trim().toLowerCase();
  if (typed === "") return undefined;
  const free = options.filter((o) => !o.notNow);
  const among = free.filter((o) => o.label.toLowerCase().includes(typed));
  return free.find((o) => o.label.toLowerCase() === typed) ?? (among.length === 1 ? among[0] : undefined);
}

export function ComboBox({ label, hint, error, notNow, size, options, value, onChange, placeholder, inputValue, onInputChange, empty, ...rest }: ComboBoxProps) {
  const list = onInputChange ? { items: options } : { defaultItems: options };
  // Focus opens the list, but not that of arrival: an open list hides the rest of the page from a screen reader, and
  // nobody has asked for it yet.
  const [arriving, setArriving] = useState(rest.autoFocus ?? false);
  // Who types a whole name, or as much as only one has, and goes on, has chosen it. Without this the field would
  // quietly go back to what it was before.
  function take(input: HTMLInputElement) {
    if (onInputChange || input.getAttribute("aria-activedescendant")) return;
    const option = meant(options, input.value);
    if (option && option.id !== value) onChange(option.id);
  }
  return (
    <AriaComboBox {...rest} {...list} onBlur={() => setArriving(false)} value={value} onChange={(key) => key !== null && onChange(String(key))} inputValue={inputValue} onInputChange={onInputChange} isDisabled={!!notNow} isInvalid={!!error} allowsEmptyCollection menuTrigger={arriving ? "input" : "focus"} className="hs-field" data-size={size} disabledKeys={options.filter((o) => o.notNow).map((o) => o.id)}>
      <Label className="hs-label">{label}</Label>
      <Group className="hs-input" data-invalid={error ? true : undefined} data-disabled={notNow ? true : undefined}>
        <Input placeholder={placeholder} onKeyDown={(e) => { if (e.key === "Enter" || e.key === "Tab") take(e.currentTarget); }} onBlur={(e) => take(e.currentTarget)} />
        <AriaButton className="hs-input-btn"><Icon name="down" /></AriaButton>
      </Group>
      <Below hint={hint} error={error} notNow={notNow} />
      <Popover className="hs-pop" offset={4}>
        <ListBox<Option> className="hs-list" renderEmptyState={() => <div className="hs-item text-ink-3">{empty ?? m.design_nothing_matches()}</div>}>
          {(option) => <OptionItem option={option} />}
        </ListBox>
      </Popover>
    </AriaComboBox>
  );
}

/** A value shown where a field would stand, with where to change it. */
export function ReadOnly({ label, children, hint }: { label: string; children: ReactNode; hint?: ReactNode }) {
  return (
    <div className="hs-field">
      <span className="hs-label">{label}</span>
      <div className="hs-input" data-readonly>{children}</div>
      {hint && <span className="hs-hint">{hint}</span>}
    </div>
  );
}
