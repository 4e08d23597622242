import { type FormEvent, useRef, useState } from "react";
import { ErrorBlock } from "../../app";
import { CommandFailed, useBackend } from "../../backend";
import { Button, Checkbox, NumberField, SectionHead, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { Component, WhatIfAnswer, WhatIfAsk } from "../../wire";
import { Answer, AnswerWaits, Nothing } from "./Answer";
import { changesOf, type Field, fieldsOf, first, type Kind, kinds, refusedField, type Typed } from "./changes";

interface FieldWords { label(): string; hint(): string; unit(): string; decimals?: number }

const percent = () => "%";
const fields: Record<Field, FieldWords> = {
  need: { label: m.forecast_need_field, hint: m.forecast_need_hint, unit: percent },
  service: { label: m.forecast_service_field, hint: m.forecast_service_hint, unit: percent, decimals: 1 },
  floors: { label: m.forecast_floors_field, hint: m.forecast_floors_hint, unit: percent },
  life_least: { label: m.forecast_life_least, hint: m.forecast_life_least_hint, unit: m.forecast_unit_days },
  life_most: { label: m.forecast_life_most, hint: m.forecast_life_most_hint, unit: m.forecast_unit_days },
  hold: { label: m.forecast_hold_field, hint: m.forecast_hold_hint, unit: m.forecast_unit_hours },
  delivery: { label: m.forecast_delivery_field, hint: m.forecast_delivery_hint, unit: m.forecast_unit_days },
};

const names: Record<Kind, [title: () => string, sub: () => string]> = {
  need: [m.forecast_need, m.forecast_need_sub],
  service: [m.forecast_service, m.forecast_service_sub],
  floors: [m.forecast_floors, m.forecast_floors_sub],
  life: [m.forecast_life, m.forecast_life_sub],
  hold: [m.forecast_hold, m.forecast_hold_sub],
  delivery: [m.forecast_delivery, m.forecast_delivery_sub],
};

interface Question { asked: WhatIfAsk | null; waits: boolean; answer: WhatIfAnswer | null; error: CommandFailed | null }

/** Not `useSend`: nothing is saved by a question. Not `useCommand`: it is simulated once, not again whenever the store changes. */
function useQuestion() {
  const backend = useBackend();
  const [state, setState] = useState<Question>({ asked: null, waits: false, answer: null, error: null });
  const latest = useRef(0);
  function ask(asked: WhatIfAsk) {
    const mine = ++latest.current;
    const settle = (part: Partial<Question>) => { if (latest.current === mine) setState({ asked, waits: false, answer: null, error: null, ...part }); };
    settle({ waits: true });
    backend.call("stock.what_if", asked).then((answer) => settle({ answer }), (cause: unknown) => settle({ error: CommandFailed.from(cause) }));
  }
  return { ...state, ask };
}

/** A question about other days: chosen, asked, waited for, answered. Nothing is written by it. */
export function WhatIf({ component }: { component: Component }) {
  const [chosen, setChosen] = useState<Kind[]>([]);
  const [typed, setTyped] = useState<Typed>(first);
  const [tried, setTried] = useState(false);
  const send = useQuestion();
  const changes = changesOf(chosen, typed);
  const asked = send.asked;
  const same = asked !== null && JSON.stringify(asked.changes) === JSON.stringify(changes);
  const refused = same ? refusedField(send.error, typed) : null;

  function onSubmit(e: FormEvent) {
    e.preventDefault();
    setTried(true);
    if (chosen.length > 0 && changes && !send.waits) send.ask({ component, changes });
  }
  const choose = (kind: Kind, on: boolean) => setChosen(on ? [...chosen, kind] : chosen.filter((k) => k !== kind));
  const errorOf = (field: Field) => (tried && typed[field] === null ? m.forecast_number_needed() : refused?.field === field ? refused.words : undefined);

  return (
    <div className="grid min-h-0 grow grid-cols-[minmax(340px,440px)_minmax(0,1fr)] max-[1000px]:relative max-[1000px]:block max-[1000px]:overflow-auto">
      <form onSubmit={onSubmit} noValidate className="flex min-h-0 flex-col border-e border-line-2 max-[1000px]:border-e-0 max-[1000px]:border-b">
        {/* `relative`: the boxes under the marks of the checkboxes are placed by it, and focus would move the page otherwise. */}
        <div className="relative min-h-0 grow overflow-auto max-[1000px]:overflow-visible" tabIndex={0} role="region" aria-label={m.forecast_ask_title()}>
          <SectionHead title={m.forecast_ask_title()} />
          <p className="px-4 pt-2 text-ink-2">{m.forecast_ask_says()}</p>
          <ul className="m-0 list-none p-0">
            {kinds.map((kind) => (
              <li key={kind} className="grid gap-2 border-b border-line px-4 py-2.5">
                <Checkbox isSelected={chosen.includes(kind)} onChange={(on) => choose(kind, on)} sub={names[kind][1]()}>{names[kind][0]()}</Checkbox>
                {chosen.includes(kind) && (
                  <div className="flex flex-wrap gap-3 ps-[26px] [&>*]:w-[176px] [&>*:only-child]:w-[240px]" role="group" aria-label={names[kind][0]()}>
                    {fieldsOf(kind).map((field) => {
                      const { label, hint, unit, decimals } = fields[field];
                      return <NumberField key={field} label={label()} hint={hint()} unit={unit()} decimals={decimals} min={0} value={typed[field]} onChange={(value) => setTyped((t) => ({ ...t, [field]: value }))} error={errorOf(field)} />;
                    })}
                  </div>
                )}
              </li>
            ))}
          </ul>
        </div>
        <div className="flex-none border-t border-line-2 px-4 py-3">
          <Button type="submit" variant="primary" size="lg" pending={send.waits} notNow={chosen.length === 0 ? m.forecast_ask_none() : undefined}>{m.forecast_ask()}</Button>
        </div>
      </form>
      <div className="relative min-h-0 overflow-auto max-[1000px]:overflow-visible" tabIndex={0} role="region" aria-label={m.forecast_answer_title()}>
        {send.waits ? <AnswerWaits />
          : send.answer && asked ? <Answer answer={send.answer} changes={asked.changes} component={component} stale={!same} />
          : refused ? <div className="p-4" role="alert"><Status kind="critical" wrap>{fields[refused.field].label()}: {refused.words}</Status></div>
          : send.error && send.error.code !== "out_of_bounds" ? <div className="max-w-[760px] p-4"><ErrorBlock error={send.error} title={m.forecast_answer_failed()} /></div>
          : <Nothing />}
      </div>
    </div>
  );
}
