import type { ReactNode } from "react";
import {
  Checkbox as AriaCheckbox,
  Label,
  Radio,
  RadioGroup as AriaRadioGroup,
  Slider as AriaSlider,
  SliderOutput,
  SliderThumb,
  SliderTrack,
  Switch as AriaSwitch,
  Tab,
  TabList,
  TabPanel,
  Tabs as AriaTabs,
  ToggleButton,
  ToggleButtonGroup,
} from "react-aria-components";
import { Below, type FieldProps } from "./fields";
import { Icon, type IconName } from "./Icon";

/** `large` at the bedside: the whole box around the words is the target, for a gloved hand. */
export function Checkbox({ children, isSelected, onChange, isIndeterminate, isDisabled, sub, large, autoFocus }: { children: ReactNode; isSelected: boolean; onChange?(on: boolean): void; isIndeterminate?: boolean; isDisabled?: boolean; sub?: string; large?: boolean; autoFocus?: boolean }) {
  return (
    <AriaCheckbox className="hs-check" data-large={large || undefined} isSelected={isSelected} onChange={onChange} isIndeterminate={isIndeterminate} isDisabled={isDisabled} autoFocus={autoFocus}>
      <span className="hs-box">{isIndeterminate ? <Icon name="minus" /> : isSelected && <Icon name="check" />}</span>
      <span>{children}{sub && <span className="hs-sub">{sub}</span>}</span>
    </AriaCheckbox>
  );
}

export interface Choice<T extends string> {
  id: T;
  label: string;
  sub?: string;
  icon?: IconName;
  /** The key that does the same; printed where the window is wide enough. */
  kbd?: string;
  isDisabled?: boolean;
}

export function RadioGroup<T extends string>({ label, options, value, onChange, stacked, hint, error, notNow, autoFocus }: Pick<FieldProps, "label" | "hint" | "error" | "notNow" | "autoFocus"> & { options: Choice<T>[]; value: T | null; onChange(id: NoInfer<T>): void; stacked?: boolean }) {
  return (
    <AriaRadioGroup className="hs-field" value={value} onChange={(v) => onChange(v as T)} isInvalid={!!error} isDisabled={!!notNow} orientation={stacked ? "vertical" : "horizontal"}>
      <Label className="hs-label">{label}</Label>
      <div className="hs-options" data-stacked={stacked || undefined}>
        {options.map((o, n) => (
          <Radio key={o.id} value={o.id} isDisabled={o.isDisabled} autoFocus={autoFocus && (value === null ? n === 0 : o.id === value)} className="hs-check" data-radio>
            <span className="hs-box" />
            <span>{o.label}{o.sub && <span className="hs-sub">{o.sub}</span>}</span>
          </Radio>
        ))}
      </div>
      <Below hint={hint} error={error} notNow={notNow} />
    </AriaRadioGroup>
  );
}

/** One of a few, in targets that a gloved hand hits: at the bench and the bedside. `large` for a letter that is the answer. */
export function BigChoice<T extends string>({ label, options, value, onChange, hint, error, notNow, autoFocus }: Pick<FieldProps, "label" | "hint" | "error" | "notNow" | "autoFocus"> & { options: (Choice<T> & { large?: boolean })[]; value: T | null; onChange(id: NoInfer<T>): void }) {
  return (
    <AriaRadioGroup className="hs-field" value={value} onChange={(v) => onChange(v as T)} isInvalid={!!error} isDisabled={!!notNow} orientation="horizontal">
      <Label className="hs-label">{label}</Label>
      <div className="hs-tiles">
        {options.map((o, n) => (
          <Radio key={o.id} value={o.id} isDisabled={o.isDisabled} autoFocus={autoFocus && n === 0} className="hs-tile" data-large={o.large || undefined}>
            <span className="hs-tile-mark"><Icon name="check" /></span>
            <span className="hs-tile-word">{o.label}{o.sub && <span className="hs-sub">{o.sub}</span>}</span>
          </Radio>
        ))}
      </div>
      <Below hint={hint} error={error} notNow={notNow} />
    </AriaRadioGroup>
  );
}

export function Switch({ children, isSelected, onChange, isDisabled }: { children: ReactNode; isSelected: boolean; onChange?(on: boolean): void; isDisabled?: boolean }) {
  return (
    <AriaSwitch className="hs-switch" isSelected={isSelected} onChange={onChange} isDisabled={isDisabled}>
      <span className="hs-track" />
      {children}
    </AriaSwitch>
  );
}

/** `text` prints the value with its unit ("45 %"). The arrow keys move it: a drag always has another way. */
export function Slider({ label, value, onChange, min = 0, max = 100, step = 1, text, isDisabled }: { label: string; value: number; onChange(value: number): void; min?: number; max?: number; step?: number; text(value: number): string; isDisabled?: boolean }) {
  return (
    <AriaSlider className="hs-slider" value={value} onChange={(v) => onChange(v as number)} minValue={min} maxValue={max} step={step} isDisabled={isDisabled}>
      <Label>{label}</Label>
      <SliderTrack className="hs-rail">
        {({ state }) => (
          <>
            <div className="hs-fill" style={{ width: `${state.getThumbPercent(0) * 100}%` }} />
            <SliderThumb className="hs-thumb" />
          </>
        )}
      </SliderTrack>
      <SliderOutput>{() => text(value)}</SliderOutput>
    </AriaSlider>
  );
}

/** Two to five views of the same thing; exactly one is on. */
export function SegmentedControl<T extends string>({ label, options, value, onChange }: { label: string; options: Choice<T>[]; value: T; onChange(id: NoInfer<T>): void }) {
  return (
    <ToggleButtonGroup
      className="hs-segment"
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(keys) => { const [first] = [...keys]; if (first !== undefined) onChange(first as T); }}
    >
      {options.map((o) => (
        <ToggleButton key={o.id} id={o.id} isDisabled={o.isDisabled}>{o.icon && <Icon name={o.icon} />}{o.label}{o.kbd && <kbd className="hs-kbd" aria-hidden="true">{o.kbd}</kbd>}</ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}

export interface TabItem {
  id: string;
  label: string;
  count?: number;
  isDisabled?: boolean;
  content: ReactNode;
}

/** Views inside one screen. Tabs that are addresses of their own are links: use `TabLinks` of the shell. */
export function Tabs({ label, items, value, onChange }: { label: string; items: TabItem[]; value?: string; onChange?(id: string): void }) {
  return (
    <AriaTabs className="hs-tabs" selectedKey={value} onSelectionChange={(k) => onChange?.(String(k))}>
      <TabList className="hs-tablist" aria-label={label}>
        {items.map((t) => (
          <Tab key={t.id} id={t.id} isDisabled={t.isDisabled} className="hs-tab">{t.label}{t.count !== undefined && <span className="hs-count">{t.count}</span>}</Tab>
        ))}
      </TabList>
      {items.map((t) => <TabPanel key={t.id} id={t.id} className="min-h-0 grow">{t.content}</TabPanel>)}
    </AriaTabs>
  );
}
