import { ErrorBlock, useScreenSearch } from "../../app";
import { useCommand } from "../../backend";
import { dayOf } from "../../clinical/dates";
import { usePlace } from "../../clinical";
import { Button, DateField, Loading, SectionHead } from "../../design";
import * as m from "../../paraglide/messages";
import type { DiscardReason, FigureName, FigureRow, Figures } from "../../wire";
import { figureLines } from "../appeals/words";
import { BloodHead } from "../bloodbank/common";

/** A day so many days before another. */
export function daysBefore(day: string, days: number): string {
  const at = new Date(`${day}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() - days);
  return at.toISOString().slice(0, 10);
}

const names: Record<FigureName, () => string> = {
  inventory_accuracy: m.figures_inventory_accuracy, fulfilment: m.figures_fulfilment, critical_fulfilment: m.figures_critical_fulfilment, waste: m.figures_waste,
  waste_with_cold_chain: m.figures_waste_with_cold_chain, waste_of_issues: m.figures_waste_of_issues, crossmatched_to_transfused: m.figures_crossmatched_to_transfused,
  o_negative_to_others: m.figures_o_negative_to_others, appeal_response: m.figures_appeal_response, appeal_turn_out: m.figures_appeal_turn_out,
};
const definitions: Record<FigureName, (within: { within: number }) => string> = {
  inventory_accuracy: () => m.figures_inventory_accuracy_what(), fulfilment: () => m.figures_fulfilment_what(), critical_fulfilment: m.figures_critical_fulfilment_what, waste: () => m.figures_waste_what(),
  waste_with_cold_chain: () => m.figures_waste_with_cold_chain_what(), waste_of_issues: () => m.figures_waste_of_issues_what(), crossmatched_to_transfused: () => m.figures_crossmatched_to_transfused_what(),
  o_negative_to_others: () => m.figures_o_negative_to_others_what(), appeal_response: m.figures_appeal_response_what, appeal_turn_out: m.figures_appeal_turn_out_what,
};
const reasons: Record<DiscardReason, () => string> = {
  expired: m.figures_reason_expired, leak: m.figures_reason_leak, clot: m.figures_reason_clot, haemolysis: m.figures_reason_haemolysis, cold_chain: m.figures_reason_cold_chain,
  reactive: m.figures_reason_reactive, lipaemic: m.figures_reason_lipaemic, not_sufficient: m.figures_reason_not_sufficient, returned_late: m.figures_reason_returned_late, returned_warm: m.figures_reason_returned_warm,
  group_discrepancy: m.figures_reason_group_discrepancy, broken_on_thaw: m.figures_reason_broken_on_thaw, not_used: m.figures_reason_not_used, supplier_recall: m.figures_reason_supplier_recall,
  volume: m.figures_reason_volume, recalled: m.figures_reason_recalled, processed: m.figures_reason_processed, other: m.figures_reason_other,
};
const supply: readonly FigureName[] = ["fulfilment", "critical_fulfilment"];
const donors: readonly FigureName[] = ["appeal_response", "appeal_turn_out"];

/** The figures of a period: each with what it is a share of, how sure it is, and what it means. */
export function FiguresPage() {
  const place = usePlace();
  const today = dayOf(place.now, place.zone) ?? "";
  const [search, setSearch] = useScreenSearch();
  const to = search.to ?? today;
  const from = search.from ?? daysBefore(today, 29);
  const view = useCommand("figures.show", { from, to }, { keepPrevious: true });
  const last = (days: number) => setSearch({ from: daysBefore(today, days - 1), to: undefined });
  return (
    <>
      <BloodHead title={m.figures_title()} />
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2 border-b border-line px-4 py-3" role="group" aria-label={m.figures_period()}>
        <div className="max-w-[320px]"><DateField label={m.figures_from()} value={from} onChange={(day) => day && setSearch({ from: day })} /></div>
        <div className="max-w-[320px]"><DateField label={m.figures_to()} value={to} onChange={(day) => day && setSearch({ to: day })} /></div>
        <Button className="mt-5" onPress={() => last(30)}>{m.figures_last_30()}</Button>
        <Button className="mt-5" onPress={() => last(90)}>{m.figures_last_90()}</Button>
        <Button className="mt-5" onPress={() => last(365)}>{m.figures_last_365()}</Button>
      </div>
      {view.isPending && <div className="p-4"><Loading label={m.figures_reading()} lines={6} /></div>}
      {view.error && <div className="p-4"><ErrorBlock error={view.error} title={m.figures_failed()} actions={<Button onPress={() => void view.refetch()}>{m.figures_try_again()}</Button>} /></div>}
      {view.data && <Shown figures={view.data} />}
    </>
  );
}

function Shown({ figures }: { figures: Figures }) {
  const of = (which: (name: FigureName) => boolean) => figures.rows.filter((r) => which(r.name));
  return (
    <div className="relative min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.figures_title()}>
      <section>
        <SectionHead title={m.figures_supply()} />
        <ul className="m-0 list-none p-0">
          {of((n) => supply.includes(n)).map((r) => <Row key={r.name} row={r} />)}
          <Line name={m.figures_request_time()} what={m.figures_request_time_what()} value={figures.requestMinutes === null ? null : minutesWords(figures.requestMinutes)} under={[m.figures_request_time_of({ given: figures.requestsGiven, all: figures.requests })]} />
        </ul>
      </section>
      <section>
        <SectionHead title={m.figures_stock()} />
        <ul className="m-0 list-none p-0">{of((n) => !supply.includes(n) && !donors.includes(n)).map((r) => <Row key={r.name} row={r} />)}</ul>
        <div className="border-b border-line px-4 py-3">
          <h3 className="m-0 mb-2 text-base">{m.figures_wastage()}</h3>
          {figures.wastage.length === 0 ? <p className="text-ink-2">{m.figures_wastage_none()}</p> : (
            <dl className="m-0 grid max-w-[520px] grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-1">
              {figures.wastage.map((w) => <div key={w.reason} className="contents"><dt>{reasons[w.reason]()}</dt><dd className="m-0 text-end font-strong">{m.requests_units_count({ count: w.units })}</dd></div>)}
            </dl>
          )}
        </div>
      </section>
      <section>
        <SectionHead title={m.figures_donors()} />
        <ul className="m-0 list-none p-0">{of((n) => donors.includes(n)).map((r) => <Row key={r.name} row={r} />)}</ul>
      </section>
    </div>
  );
}

export function minutesWords(minutes: number): string {
  return minutes < 60 ? m.figures_minutes({ count: minutes }) : m.figures_hours({ hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

function Row({ row }: { row: FigureRow }) {
  const ratio = row.name === "crossmatched_to_transfused";
  const { numerator, denominator } = row.figure;
  const lines = figureLines(row.figure, (n, d) => m.figures_of({ numerator: n, denominator: d }), (low, high) => m.figures_interval({ low, high }));
  const value = lines.share === null ? null : ratio ? m.figures_to_one({ numerator: (numerator / denominator).toFixed(1), denominator: 1 }) : lines.share;
  const under = lines.share === null ? [] : [ratio ? m.figures_to_one({ numerator, denominator }) : lines.of, ...(lines.interval && !ratio ? [lines.interval] : [])];
  return <Line name={names[row.name]()} what={definitions[row.name]({ within: row.within ?? 0 })} value={value} under={under} />;
}

function Line({ name, what, value, under }: { name: string; what: string; value: string | null; under: string[] }) {
  return (
    <li className="grid grid-cols-[minmax(0,240px)_minmax(0,240px)_minmax(0,1fr)] items-start gap-x-6 gap-y-1 border-b border-line px-4 py-3 max-[900px]:grid-cols-1">
      <h3 className="m-0 text-base">{name}</h3>
      <div className="grid">
        {value === null ? <span className="text-ink-2">{m.figures_none()}</span> : <b className="text-2xl leading-tight">{value}</b>}
        {value !== null && under.map((line, n) => <span key={line} className={n === 0 ? "" : "hs-meta"}>{line}</span>)}
      </div>
      <p className="m-0 max-w-[720px] text-ink-2">{what}</p>
    </li>
  );
}
