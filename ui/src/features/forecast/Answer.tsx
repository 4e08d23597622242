import { componentName, formatNumber } from "../../clinical";
import { Bar, Chip, Empty, Icon, Progress, SectionHead } from "../../design";
import * as m from "../../paraglide/messages";
import type { Component, ShareEstimate, WhatIfAnswer, WhatIfChange, WhatIfFigures } from "../../wire";
import { changeWords } from "./changes";
import { pointInterval, pointWords, shareInterval, shareWords } from "./words";

export function Nothing() {
  return <Empty plain title={m.forecast_answer_before()}>{m.forecast_answer_before_body()}</Empty>;
}

export function AnswerWaits() {
  return (
    <div className="grid max-w-[640px] gap-2 p-4" role="status">
      <Progress label={m.forecast_waiting()} />
      <p className="text-ink-2">{m.forecast_waiting_says()}</p>
    </div>
  );
}

const figures: [keyof WhatIfFigures, title: () => string, sub: () => string][] = [
  ["waste", m.forecast_waste, m.forecast_waste_sub],
  ["fulfilment", m.forecast_fulfilment, m.forecast_fulfilment_sub],
  ["critical", m.forecast_critical, m.forecast_critical_sub],
  ["oNegative", m.forecast_o_negative, m.forecast_o_negative_sub],
];

/** A site that used less is asked about with this much a day. */
const leastDaily = 0.5;

const head = "border-b border-line-2 bg-sunken px-3 py-1.5 text-start text-sm font-regular text-ink-3";
const cell = "border-b border-line px-3 py-2.5 align-top";

/** Before, after and the difference, each with where it may lie. */
export function Answer({ answer, changes, component, stale }: { answer: WhatIfAnswer; changes: WhatIfChange[]; component: Component; stale: boolean }) {
  // Only red cells of O RhD negative are counted.
  const shown = figures.filter(([name]) => name !== "oNegative" || component === "red_cells");
  return (
    <section>
      <div role="status"><SectionHead title={m.forecast_answer_title()} note={componentName(component)} /></div>
      {stale && <Bar kind="caution" live>{m.forecast_answer_stale()}</Bar>}
      {answer.daily <= leastDaily && <Bar kind="notice">{m.forecast_answer_small()}</Bar>}
      <div className="flex flex-wrap items-center gap-2 px-4 pt-3"><span className="text-ink-2">{m.forecast_answer_asked()}</span>{changes.map((c) => <Chip key={c.kind}>{changeWords(c)}</Chip>)}</div>
      <p className="max-w-[90ch] px-4 py-3 text-ink-2">{m.forecast_answer_from({ count: answer.runs, days: answer.days, daily: formatNumber(answer.daily, 1) })}</p>
      <div className="overflow-x-auto px-4 pb-4" tabIndex={0} role="region" aria-label={m.forecast_answer_table()}>
        <table className="w-full min-w-[620px] border-separate border-spacing-0 border border-line-2" aria-label={m.forecast_answer_table()}>
          <thead>
            <tr>{[m.forecast_col_figure(), m.forecast_col_now(), m.forecast_col_then(), m.forecast_col_difference()].map((words) => <th key={words} scope="col" className={head}>{words}</th>)}</tr>
          </thead>
          <tbody>
            {shown.map(([name, title, sub]) => (
              <tr key={name}>
                <th scope="row" className={`${cell} w-[34%] text-start font-regular`}><b className="text-lg">{title()}</b><span className="block text-sm text-ink-3">{sub()}</span></th>
                <Share of={answer.now[name]} />
                <Share of={answer.then[name]} />
                <td className={cell}><Difference of={answer.difference[name]} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Share({ of }: { of: ShareEstimate }) {
  return (
    <td className={`${cell} whitespace-nowrap`}>
      <span className="text-xl">{shareWords(of.mean)}</span>
      <span className="hs-meta block">{shareInterval(of.low, of.high)}</span>
    </td>
  );
}

/** Which way it goes is said only where its whole interval lies on one side. */
function Difference({ of }: { of: ShareEstimate }) {
  const none = of.low === 0 && of.high === 0;
  const way = none ? "same" : of.low > 0 ? "more" : of.high < 0 ? "less" : "unclear";
  const words = { same: m.forecast_same, more: m.forecast_more, less: m.forecast_less, unclear: m.forecast_unclear }[way]();
  return (
    <>
      <span className="flex items-center gap-1.5 font-strong">{way === "more" && <Icon name="up" />}{way === "less" && <Icon name="down" />}{words}</span>
      {!none && <span className="block whitespace-nowrap">{m.forecast_points({ points: pointWords(of.mean) })}</span>}
      {!none && <span className="hs-meta block whitespace-nowrap">{pointInterval(of.low, of.high)}</span>}
    </>
  );
}
