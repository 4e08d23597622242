import { type ReactNode, useId } from "react";
import { ErrorBlock } from "../../app";
import { useCommand } from "../../backend";
import { ClinicalTime, formatNumber } from "../../clinical";
import { Bar, Button, Empty, Loading, PageHead, SectionHead, Stats, Status } from "../../design";
import * as m from "../../paraglide/messages";
import type { LabelQuality, MaybeFigure, Quality, TaskQuality } from "../../wire";
import { ExportSet } from "./ExportSet";
import { Fit } from "./Fit";
import { Calibration, DriftPlot } from "./PerformancePlots";
import { figureText, refusedWord, secondsText, trendKind, trendWords } from "./performanceWords";
import { findingWord, networkWord, taskWord } from "./words";

/** How the packs do at this facility: what its people made of their results, and whether what comes in has changed. */
export function Performance() {
  const quality = useCommand("quality.show", {});
  const { data } = quality;
  return (
    <div className="flex min-h-0 grow flex-col">
      <PageHead title={m.image_perf_title()} actions={data && <span className="text-sm text-ink-3">{m.image_perf_as_of()} <ClinicalTime value={data.asOf} always="date-time" /></span>} />
      <div className="relative min-h-0 grow overflow-auto" tabIndex={0} role="region" aria-label={m.image_perf_title()}>
        {quality.isPending && <div className="p-4"><Loading label={m.image_perf_loading()} lines={6} /></div>}
        {quality.error && <div className="p-4"><ErrorBlock error={quality.error} title={m.image_perf_failed()} actions={<Button size="sm" onPress={() => void quality.refetch()}>{m.image_try_again()}</Button>} /></div>}
        {data && data.rows.length === 0 && <div className="p-4"><Empty title={m.image_perf_none()}>{m.image_perf_none_text()}</Empty></div>}
        {data && data.rows.length > 0 && <Everything quality={data} />}
      </div>
    </div>
  );
}

function Everything({ quality }: { quality: Quality }) {
  const loud = quality.rows.filter((r) => r.drift.some((d) => d.trend === "much") || r.belowCard);
  return (
    <>
      {loud.map((r) => <Bar key={`${r.task} ${r.pack.sha256}`} kind="caution">{r.belowCard ? m.image_perf_alarm_card({ task: taskWord(r.task) }) : m.image_perf_alarm_drift({ task: taskWord(r.task) })}</Bar>)}
      <div className="grid max-w-[1080px] gap-2 px-4 pt-3 text-ink-2">
        <p>{m.image_perf_lead()}</p>
        <p className="text-sm text-ink-3">{m.image_perf_seen_first()}</p>
        {quality.noTask > 0 && <p className="text-sm text-ink-3">{m.image_perf_no_task({ n: formatNumber(quality.noTask) })}</p>}
      </div>
      {quality.rows.map((r) => <Task key={`${r.task} ${r.pack.sha256}`} row={r} quality={quality} />)}
      <ExportSet judged={quality.judgedPictures} />
    </>
  );
}

function Task({ row: r, quality }: { row: TaskQuality; quality: Quality }) {
  const id = useId();
  const refused = Object.entries(r.refused).sort((a, b) => b[1] - a[1]);
  const times = refused.reduce((sum, [, n]) => sum + n, 0);
  const { rules } = quality;
  return (
    <section aria-labelledby={id} className="border-b border-line">
      <SectionHead title={<span id={id}>{taskWord(r.task)}</span>} note={<><bdi className="hs-mono">{r.pack.id} {r.pack.version}</bdi>{r.network && <> · {networkWord(r.network)}</>}</>} />
      <Stats
        items={[
          { label: m.image_perf_analysed(), value: formatNumber(r.analysed) },
          { label: m.image_perf_answered(), value: formatNumber(r.answered) },
          { label: m.image_perf_refused(), value: formatNumber(times) },
          { label: m.image_perf_judged(), value: formatNumber(r.judged) },
          { label: m.image_perf_agreed(), value: formatNumber(r.agreed) },
          { label: m.image_perf_disagreed(), value: formatNumber(r.disagreed + r.corrected) },
          ...(r.time ? [{ label: m.image_perf_time(), value: secondsText(r.time.median), unit: m.image_perf_time_most({ most: secondsText(r.time.most) }) }] : []),
        ]}
      />
      {refused.length > 0 && <p className="px-4 pt-2 text-sm text-ink-2">{m.image_perf_refused_by()} {refused.map(([reason, n]) => `${refusedWord(reason)} ${formatNumber(n)}`).join(" · ")}</p>}
      {r.refusalsRight + r.refusalsWrong > 0 && <p className="px-4 pt-1 text-sm text-ink-2">{m.image_perf_refusals_judged({ right: formatNumber(r.refusalsRight), wrong: formatNumber(r.refusalsWrong), found: formatNumber(r.refusedFindings) })}</p>}
      <div className="grid gap-x-8 gap-y-4 px-4 py-3 [@media(min-width:1000px)]:grid-cols-2">
        <Block title={m.image_perf_figures()}>
          <Overall row={r} />
          {r.labels.length > 0 && <Labels row={r} />}
          {r.confusion.some((line) => line.some((n) => n > 0)) && <Confusion row={r} />}
        </Block>
        <div className="grid content-start gap-4">
          <Block title={m.image_perf_calibration()}>
            {r.bins.length > 0 ? <Calibration row={r} /> : <p className="text-ink-3">{m.image_perf_calibration_few({ least: formatNumber(rules.leastCalibration), n: formatNumber(r.pictures) })}</p>}
          </Block>
          <Block title={m.image_perf_drift()}>
            {r.drift.map((d) => (
              <div key={d.what} className="grid gap-1">
                <p><Status kind={trendKind(d)} wrap>{trendWords(d, rules)}</Status></p>
                {d.trend !== "too_few" && <DriftPlot drift={d} />}
              </div>
            ))}
            <p className="text-sm text-ink-3">{m.image_perf_drift_rule({ first: formatNumber(rules.first), days: formatNumber(rules.recentDays) })}</p>
          </Block>
        </div>
      </div>
      <div className="px-4 pb-4"><Fit row={r} fits={quality.fits} /></div>
    </section>
  );
}

function Block({ title, children }: { title: string; children: ReactNode }) {
  return <div className="grid content-start gap-2"><h3 className="m-0 text-base font-strong">{title}</h3>{children}</div>;
}

/** The figure beside that of the card, or how many pictures are missing. */
function Overall({ row: r }: { row: TaskQuality }) {
  const facts: [string, ReactNode][] = [
    [m.image_perf_accuracy(), <Maybe key="a" figure={r.accuracy} />],
    [m.image_perf_auroc(), <Maybe key="b" figure={r.macroAuroc} />],
    ...(r.cardAuroc ? [[m.image_perf_auroc_card(), <bdi key="c">{figureText(r.cardAuroc)}</bdi>] as [string, ReactNode]] : []),
    [m.image_perf_coverage(), <Maybe key="d" figure={r.coverage} />],
  ];
  return (
    <>
      <dl className="m-0 grid grid-cols-[minmax(120px,max-content)_1fr] gap-x-4 gap-y-1">
        {facts.map(([term, value]) => <div key={term} className="contents"><dt className="text-ink-3">{term}</dt><dd className="m-0">{value}</dd></div>)}
      </dl>
      {r.belowCard && <p><Status kind="caution" wrap>{m.image_perf_below_card()}</Status></p>}
    </>
  );
}

function Maybe({ figure: f }: { figure: MaybeFigure }) {
  return f.value === null ? <span className="text-ink-3">{m.image_perf_needs({ n: formatNumber(f.needs) })}</span> : <bdi>{figureText({ value: f.value, low: f.low, high: f.high, n: f.n })}</bdi>;
}

const head = "border-b border-line-2 px-2 py-1 text-sm font-regular text-ink-3 first:ps-0";
const cell = "border-b border-line px-2 py-1 align-top first:ps-0";

function Labels({ row: r }: { row: TaskQuality }) {
  const columns = [m.image_perf_label(), m.image_perf_pictures(), m.image_perf_sensitivity(), m.image_perf_specificity(), m.image_perf_auroc_short()];
  return (
    <Scroll label={m.image_perf_labels()}>
      <table className="w-full border-collapse text-sm">
        <caption className="hs-vh">{m.image_perf_labels()}</caption>
        <thead><tr>{columns.map((c) => <th key={c} scope="col" className={`${head} text-start`}>{c}</th>)}</tr></thead>
        <tbody>
          {r.labels.map((l) => (
            <tr key={l.label}>
              <th scope="row" className={`${cell} text-start font-regular`}>{labelWord(l)}</th>
              <td className={cell}>{formatNumber(l.n)}</td>
              <td className={cell}><Maybe figure={l.sensitivity} /></td>
              <td className={cell}><Maybe figure={l.specificity} /></td>
              <td className={cell}><Maybe figure={l.auroc} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

const labelWord = (l: LabelQuality) => (l.normal ? `${findingWord(l)} (${m.image_ai_normal()})` : findingWord(l));

function Confusion({ row: r }: { row: TaskQuality }) {
  return (
    <Scroll label={m.image_perf_confusion()}>
      <table className="border-collapse text-sm">
        <caption className="pb-1 text-start text-ink-3">{m.image_perf_confusion()}</caption>
        <thead><tr><th scope="col" className={`${head} text-start`}>{m.image_perf_truly()}</th>{r.labels.map((l) => <th key={l.label} scope="col" className={`${head} text-end`}>{findingWord(l)}</th>)}</tr></thead>
        <tbody>
          {r.labels.map((l, i) => (
            <tr key={l.label}>
              <th scope="row" className={`${cell} text-start font-regular`}>{findingWord(l)}</th>
              {(r.confusion[i] ?? []).map((n, j) => <td key={r.labels[j]?.label ?? j} className={`${cell} text-end ${i === j ? "font-strong" : n > 0 ? "" : "text-ink-3"}`}>{formatNumber(n)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** A wide table scrolls by itself, and by keyboard too. */
function Scroll({ label, children }: { label: string; children: ReactNode }) {
  return <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={label}>{children}</div>;
}
