import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { useKeys } from "../../app";
import { formatDay, formatNumber, ltr, monthShort } from "../../clinical";
import * as m from "../../paraglide/messages";
import { getLocale } from "../../paraglide/runtime";
import type { ForecastDay } from "../../wire";
import { meanWords } from "./words";

const height = 236;
const edge = { start: 40, end: 16, top: 28, bottom: 26 };

/** `26-Sep`: the year stands beside the title. */
function dayMonth(day: string): string {
  const [, month, date] = day.split("-");
  return ltr(`${date}-${monthShort(Number(month))}`);
}

/** Whole steps only: nobody uses half a unit. */
export function ticksUpTo(most: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((s) => most / s <= 5) ?? Math.ceil(most / 5);
  const count = Math.max(1, Math.ceil(most / step));
  return Array.from({ length: count + 1 }, (_, n) => n * step);
}

/** One day in words: what is under the pointer or the arrow keys. */
export function dayWords({ day, used, expected }: ForecastDay): string {
  const what = used !== null ? m.forecast_read_used({ count: used })
    : expected ? m.forecast_read_expected({ mean: meanWords(expected.mean), low: formatNumber(expected.low), high: formatNumber(expected.high) })
    : m.forecast_read_not_known();
  return `${formatDay(day) ?? day}: ${what}`;
}

function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(960);
  useEffect(() => {
    const node = box.current;
    if (!node) return;
    const measure = () => { if (node.clientWidth > 0) setWidth(node.clientWidth); };
    measure();
    const watch = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(measure);
    watch?.observe(node);
    return () => watch?.disconnect();
  }, []);
  return { box, width };
}

/**
 * Use as bars, what is expected as a dashed line with squares in a band with an edge: told apart by form as well as by hue.
 * Time runs as the language reads. The arrow keys go from day to day and say each.
 */
export function Chart({ days, percent }: { days: ForecastDay[]; percent: number }) {
  useKeys([{ keys: ["←", "→"], words: m.forecast_key_day() }]);
  const { box, width } = useWidth();
  const rtl = getLocale() === "ar";
  const today = Math.max(0, days.findIndex((d) => d.expected !== null));
  const [at, setAt] = useState(today);
  const [shown, setShown] = useState(false);
  const ticks = ticksUpTo(Math.max(1, ...days.map((d) => Math.max(d.used ?? 0, d.expected?.high ?? 0))));
  const top = ticks.at(-1) ?? 1;
  const slot = (width - edge.start - edge.end) / days.length;
  const across = (n: number) => { const from = edge.start + n * slot; return rtl ? width - from : from; };
  const middle = (n: number) => across(n + 0.5);
  const y = (units: number) => edge.top + (1 - units / top) * (height - edge.top - edge.bottom);
  const left = (n: number, part: number) => middle(n) - (slot * part) / 2;
  const base = y(0);

  function onKeyDown(e: KeyboardEvent) {
    const forward = rtl ? "ArrowLeft" : "ArrowRight", back = rtl ? "ArrowRight" : "ArrowLeft";
    const next = e.key === forward ? at + 1 : e.key === back ? at - 1 : e.key === "PageDown" ? at + 7 : e.key === "PageUp" ? at - 7 : e.key === "Home" ? 0 : e.key === "End" ? days.length - 1 : null;
    if (next === null) return;
    e.preventDefault();
    setShown(true);
    setAt(Math.min(days.length - 1, Math.max(0, next)));
  }
  function onPointerMove(e: PointerEvent<HTMLDivElement>) {
    const place = e.clientX - e.currentTarget.getBoundingClientRect().left;
    const n = Math.floor(((rtl ? width - place : place) - edge.start) / slot);
    if (n < 0 || n >= days.length) return;
    setShown(true);
    setAt(n);
  }

  const one = days[at];
  return (
    <div className="px-4 py-3">
      <Key percent={percent} />
      <div
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={m.forecast_chart()}
        aria-valuemin={1}
        aria-valuemax={days.length}
        aria-valuenow={at + 1}
        aria-valuetext={one ? dayWords(one) : undefined}
        onKeyDown={onKeyDown}
        onFocus={() => setShown(true)}
        onBlur={() => setShown(false)}
        onPointerMove={onPointerMove}
        onPointerLeave={(e) => { if (document.activeElement !== e.currentTarget) setShown(false); }}
        className="outline-none focus-visible:shadow-(--focus-ring)"
      >
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} className="block" style={{ direction: "ltr" }} aria-hidden="true">
          <Unknown days={days} across={across} base={base} top={edge.top} rtl={rtl} />
          {ticks.map((t) => (
            <g key={t}>
              <line x1={across(0)} x2={across(days.length)} y1={y(t)} y2={y(t)} stroke={t === 0 ? "var(--viz-axis)" : "var(--viz-grid)"} />
              <text x={rtl ? width - edge.start + 8 : edge.start - 8} y={y(t) + 4} textAnchor={rtl ? "start" : "end"} fontSize="12" fill="var(--ink-3)">{formatNumber(t)}</text>
            </g>
          ))}
          <text x={rtl ? width - 2 : 2} y={14} textAnchor={rtl ? "end" : "start"} fontSize="12" fill="var(--ink-3)">{m.forecast_units_a_day()}</text>
          <Band days={days} across={across} y={y} />
          {days.map((d, n) => d.used !== null && (
            d.used === 0 ? <line key={d.day} x1={left(n, 0.5)} x2={left(n, 0.5) + slot * 0.5} y1={base - 1} y2={base - 1} stroke="var(--viz-1)" strokeWidth="2" />
              : <rect key={d.day} x={left(n, 0.66)} y={y(d.used)} width={slot * 0.66} height={base - y(d.used)} fill="var(--viz-1)" />
          ))}
          <polyline points={days.flatMap((d, n) => (d.expected ? [`${middle(n)},${y(d.expected.mean)}`] : [])).join(" ")} fill="none" stroke="var(--viz-2)" strokeWidth="2" strokeDasharray="5 3" />
          {days.map((d, n) => d.expected && <rect key={d.day} x={middle(n) - 3} y={y(d.expected.mean) - 3} width="6" height="6" fill="var(--viz-2)" />)}
          <line x1={across(today)} x2={across(today)} y1={edge.top - 10} y2={base} stroke="var(--ink-2)" />
          <text x={across(today) + (rtl ? 5 : -5)} y={edge.top - 2} textAnchor={rtl ? "start" : "end"} fontSize="12" fontWeight="600" fill="var(--ink-2)">{m.forecast_today()}</text>
          {days.map((d, n) => n % 7 === today % 7 && (
            <g key={d.day}>
              <line x1={across(n)} x2={across(n)} y1={base} y2={base + 5} stroke="var(--viz-axis)" />
              <text x={across(n) + (rtl ? -3 : 3)} y={base + 17} textAnchor={rtl ? "end" : "start"} fontSize="12" fill="var(--ink-3)">{dayMonth(d.day)}</text>
            </g>
          ))}
          {shown && <rect x={left(at, 1)} y={edge.top} width={slot} height={base - edge.top} fill="none" stroke="var(--ink)" strokeWidth="1.5" />}
        </svg>
      </div>
      <p className="mt-2 min-h-5 font-strong">{shown && one ? dayWords(one) : " "}</p>
    </div>
  );
}

/** The days before the first use: hatched and named, so that they do not look like days without use. */
function Unknown({ days, across, base, top, rtl }: { days: ForecastDay[]; across(n: number): number; base: number; top: number; rtl: boolean }) {
  const count = days.filter((d) => d.used === null && d.expected === null).length;
  if (count === 0) return null;
  const [from, to] = [across(0), across(count)];
  const first = days.find((d) => d.used !== null);
  const x = Math.min(from, to);
  const words = first ? m.forecast_not_known_before({ day: formatDay(first.day) ?? first.day }) : m.forecast_not_known_any();
  return (
    <g>
      <defs>
        <pattern id="forecast-unknown" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" x2="0" y1="0" y2="8" stroke="var(--line-2)" /></pattern>
      </defs>
      <rect x={x} y={top} width={Math.abs(to - from)} height={base - top} fill="url(#forecast-unknown)" />
      {Math.abs(to - from) > 220 && (
        <text x={(from + to) / 2} y={(top + base) / 2} textAnchor="middle" fontSize="12" fill="var(--ink-2)" stroke="var(--surface)" strokeWidth="6" paintOrder="stroke" style={{ direction: rtl ? "rtl" : "ltr" }}>{words}</text>
      )}
    </g>
  );
}

/** Every day is a step as wide as the day: between two days there is nothing to interpolate. */
function Band({ days, across, y }: { days: ForecastDay[]; across(n: number): number; y(units: number): number }) {
  const of = days.flatMap((d, n) => (d.expected ? [{ n, ...d.expected }] : []));
  if (of.length === 0) return null;
  const upper = of.flatMap(({ n, high }) => [`${across(n)},${y(high)}`, `${across(n + 1)},${y(high)}`]);
  const lower = of.flatMap(({ n, low }) => [`${across(n)},${y(low)}`, `${across(n + 1)},${y(low)}`]);
  return (
    <>
      <polygon points={[...upper, ...lower.reverse()].join(" ")} fill="var(--viz-band)" />
      <polyline points={upper.join(" ")} fill="none" stroke="var(--viz-band-edge)" />
      <polyline points={lower.join(" ")} fill="none" stroke="var(--viz-band-edge)" />
    </>
  );
}

function Key({ percent }: { percent: number }) {
  const box = { width: 22, height: 12, viewBox: "0 0 22 12", "aria-hidden": true } as const;
  return (
    <ul className="m-0 mb-2.5 flex list-none flex-wrap gap-x-5 gap-y-1 p-0 text-sm text-ink-2">
      <li className="flex items-center gap-1.5"><svg {...box}><rect x="6" y="1" width="10" height="11" fill="var(--viz-1)" /></svg>{m.forecast_key_used()}</li>
      <li className="flex items-center gap-1.5"><svg {...box}><line x1="0" x2="22" y1="6" y2="6" stroke="var(--viz-2)" strokeWidth="2" strokeDasharray="5 3" /><rect x="8" y="3" width="6" height="6" fill="var(--viz-2)" /></svg>{m.forecast_key_expected()}</li>
      <li className="flex items-center gap-1.5"><svg {...box}><rect x=".5" y=".5" width="21" height="11" fill="var(--viz-band)" stroke="var(--viz-band-edge)" /></svg>{m.forecast_key_interval({ percent })}</li>
    </ul>
  );
}
