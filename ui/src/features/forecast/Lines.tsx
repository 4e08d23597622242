import type { ReactNode } from "react";
import { BloodGroup, formatNumber } from "../../clinical";
import { SectionHead } from "../../design";
import * as m from "../../paraglide/messages";
import type { ExpectedNeed, ForecastLine, ForecastView } from "../../wire";
import { chanceWords, coverWords, intervalWords, lineName, meanWords, nothingKnown, whyWords } from "./words";

const head = "border-b border-line-2 bg-sunken px-2 py-1.5 align-bottom text-sm font-regular text-ink-3";
const cell = "border-b border-line px-2 py-1.5 align-top";

/** One row for each group: what is needed, what is there, what to order and why. */
export function Lines({ view }: { view: ForecastView }) {
  const known = !nothingKnown(view);
  const sum = view.lines.reduce((all, line) => all + line.order, 0);
  return (
    <section>
      <SectionHead title={m.forecast_order_title()} note={sum === 0 ? m.forecast_order_none() : m.forecast_order_sum({ count: sum })} actions={<b>{m.forecast_order_says()}</b>} />
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={m.forecast_order_title()}>
        <table className="w-full min-w-[1080px] border-separate border-spacing-0" aria-label={m.forecast_lines()}>
          <thead>
            <tr>
              <th scope="col" className={`${head} ps-4 text-start`}>{m.forecast_col_group()}</th>
              <th scope="col" className={`${head} text-end`}>{m.forecast_col_daily()}</th>
              <th scope="col" className={`${head} text-end`}>{m.forecast_col_week()}</th>
              <th scope="col" className={`${head} text-end`}>{m.forecast_col_month()}</th>
              <th scope="col" className={`${head} border-s border-s-line text-end`}>{m.forecast_col_free()}</th>
              <th scope="col" className={`${head} w-[92px] text-end`}>{m.forecast_col_ending()}</th>
              <th scope="col" className={`${head} text-end`}>{m.forecast_col_held()}</th>
              <th scope="col" className={`${head} border-s border-s-line text-start`}>{m.forecast_col_cover()}</th>
              <th scope="col" className={`${head} w-[104px] text-start`}>{m.forecast_col_runs_out()}</th>
              <th scope="col" className={`${head} border-s border-s-line text-start`}>{m.forecast_col_target()}</th>
              <th scope="col" className={`${head} pe-4 text-end`}>{m.forecast_col_order()}</th>
            </tr>
          </thead>
          <tbody>{view.lines.map((line) => <Line key={lineName(line)} line={line} known={known} />)}</tbody>
        </table>
      </div>
      <p className="hs-meta max-w-[110ch] px-4 py-2">{m.forecast_unit_note({ percent: view.intervalPercent })}</p>
    </section>
  );
}

function Line({ line, known }: { line: ForecastLine; known: boolean }) {
  return (
    <tr className="hover:bg-hover">
      <th scope="row" className={`${cell} ps-4 text-start font-regular`}>
        {line.group ? <BloodGroup group={line.group} /> : <b>{m.forecast_all_groups()}</b>}
        {known && line.method === "cold_start" && <span className="hs-meta block">{m.forecast_from_book()}</span>}
      </th>
      <td className={`${cell} text-end`}>{known ? meanWords(line.daily) : <Unknown />}</td>
      <Expected of={known ? line.week : null} />
      <Expected of={known ? line.month : null} />
      <td className={`${cell} border-s border-s-line text-end`}><b>{formatNumber(line.free)}</b></td>
      <Count>{line.ending}</Count>
      <Count>{line.held}</Count>
      <td className={`${cell} border-s border-s-line whitespace-nowrap`}>{known ? coverWords(line.coverDays) : <Unknown />}</td>
      <td className={cell}>{known ? <Chance of={line.runsOut} /> : <Unknown />}</td>
      <td className={`${cell} border-s border-s-line`}><b>{formatNumber(line.orderTo)}</b><span className="block text-sm text-ink-2">{whyWords(line)}</span></td>
      <td className={`${cell} pe-4 text-end`}>
        {line.order > 0 ? <b className="text-xl">{formatNumber(line.order)}</b> : <span className="text-ink-2">{m.forecast_nothing_to_order()}</span>}
      </td>
    </tr>
  );
}

function Count({ children }: { children: number }): ReactNode {
  return <td className={`${cell} text-end ${children === 0 ? "text-ink-3" : ""}`}>{formatNumber(children)}</td>;
}

function Unknown() {
  return <span className="text-ink-3">{m.forecast_not_known()}</span>;
}

function Expected({ of }: { of: ExpectedNeed | null }) {
  if (!of) return <td className={`${cell} text-end`}><Unknown /></td>;
  return (
    <td className={`${cell} whitespace-nowrap text-end`}>
      {intervalWords(of)}
      <span className="hs-meta block">{m.forecast_mean({ mean: meanWords(of.mean) })}</span>
    </td>
  );
}

/** The number says it; the bar only lets the eye find the long ones. */
function Chance({ of }: { of: number }) {
  return (
    <>
      {chanceWords(of)}
      <span className="mt-1 block h-[4px] w-[72px] bg-(--viz-band)" aria-hidden="true"><span className="block h-full bg-viz-1" style={{ width: `${Math.round(of * 100)}%` }} /></span>
    </>
  );
}
