import { useState } from "react";
import { ClinicalDate, formatDay, formatNumber } from "../../clinical";
import { Empty, SectionHead, SegmentedControl } from "../../design";
import * as m from "../../paraglide/messages";
import type { ForecastDay, ForecastView } from "../../wire";
import { Chart } from "./Chart";
import { countedWords, intervalWords, meanWords, nothingKnown } from "./words";

type Shown = "chart" | "table";

/** Eight weeks of use and two expected, as a picture or as the same numbers. */
export function Use({ view }: { view: ForecastView }) {
  const [shown, setShown] = useState<Shown>("chart");
  const first = view.days[0]?.day, last = view.days.at(-1)?.day;
  if (!first || !last) return null;
  if (nothingKnown(view)) {
    return (
      <section>
        <SectionHead title={m.forecast_use_title()} />
        <Empty plain title={m.forecast_not_known_any()}>{m.forecast_no_picture()}</Empty>
      </section>
    );
  }
  return (
    <section>
      <SectionHead
        title={m.forecast_use_title()}
        note={m.forecast_use_note({ from: formatDay(first) ?? first, to: formatDay(last) ?? last })}
        actions={<SegmentedControl<Shown> label={m.forecast_show_as()} options={[{ id: "chart", label: m.forecast_as_chart() }, { id: "table", label: m.forecast_as_table() }]} value={shown} onChange={setShown} />}
      />
      {shown === "chart" ? <Chart days={view.days} percent={view.intervalPercent} /> : <DayTable days={view.days} />}
      <p className="hs-meta max-w-[110ch] px-4 py-2">{countedWords(view.counted)}</p>
    </section>
  );
}

const head = "sticky top-0 border-b border-line-2 bg-sunken px-3 py-1.5 text-sm font-regular text-ink-3";
const cell = "border-b border-line px-3 py-1";

function DayTable({ days }: { days: ForecastDay[] }) {
  return (
    <div className="mx-4 my-3 max-h-[320px] max-w-[640px] overflow-auto border border-line-2" tabIndex={0} role="region" aria-label={m.forecast_use_title()}>
      <table className="w-full border-separate border-spacing-0" aria-label={m.forecast_table()}>
        <thead>
          <tr>
            <th scope="col" className={`${head} text-start`}>{m.forecast_col_day()}</th>
            <th scope="col" className={`${head} text-end`}>{m.forecast_col_used()}</th>
            <th scope="col" className={`${head} text-end`}>{m.forecast_col_expected()}</th>
            <th scope="col" className={`${head} text-end`}>{m.forecast_col_interval()}</th>
          </tr>
        </thead>
        <tbody>
          {days.map(({ day, used, expected }) => (
            <tr key={day}>
              <th scope="row" className={`${cell} text-start font-regular`}><ClinicalDate value={day} /></th>
              <td className={`${cell} text-end`}>{used !== null ? formatNumber(used) : !expected && <span className="text-ink-3">{m.forecast_not_known()}</span>}</td>
              <td className={`${cell} text-end`}>{expected && meanWords(expected.mean)}</td>
              <td className={`${cell} text-end`}>{expected && intervalWords(expected)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
