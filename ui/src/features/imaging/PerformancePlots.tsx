import { formatNumber } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { DriftView, TaskQuality } from "../../wire";
import { whatWord } from "./performanceWords";

const side = 180;
const edge = { left: 34, bottom: 30, top: 8, right: 8 };

/** How sure it was against how often it was right; on the line it is as sure as it should be. */
export function Calibration({ row: r }: { row: TaskQuality }) {
  const x = (v: number) => edge.left + v * side;
  const y = (v: number) => edge.top + (1 - v) * side;
  const most = Math.max(...r.bins.map((b) => b.n), 1);
  const [width, height] = [edge.left + side + edge.right, edge.top + side + edge.bottom];
  const words = r.bins.map((b) => m.image_perf_calibration_point({ sure: b.sure.toFixed(2), right: b.right.toFixed(2), n: formatNumber(b.n) })).join("; ");
  return (
    <div className="flex flex-wrap items-center gap-4">
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={`${m.image_perf_calibration()}: ${words}`} className="flex-none" style={{ direction: "ltr" }}>
        <rect x={x(0)} y={y(1)} width={side} height={side} fill="none" stroke="var(--viz-axis)" />
        {[0.25, 0.5, 0.75].map((v) => <g key={v} stroke="var(--viz-grid)"><line x1={x(v)} x2={x(v)} y1={y(0)} y2={y(1)} /><line x1={x(0)} x2={x(1)} y1={y(v)} y2={y(v)} /></g>)}
        <line x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} stroke="var(--viz-ref)" strokeDasharray="4 3" />
        <polyline points={r.bins.map((b) => `${x(b.sure)},${y(b.right)}`).join(" ")} fill="none" stroke="var(--viz-1)" />
        {r.bins.map((b) => <circle key={b.sure} cx={x(b.sure)} cy={y(b.right)} r={3 + 3 * Math.sqrt(b.n / most)} fill="var(--viz-1)" />)}
        <g fill="currentColor" fontSize="11" className="text-ink-3">
          {[0, 0.5, 1].map((v) => <g key={v}><text x={x(v)} y={y(0) + 13} textAnchor="middle">{v}</text><text x={x(0) - 5} y={y(v) + 4} textAnchor="end">{v}</text></g>)}
          <text x={x(0.5)} y={y(0) + 27} textAnchor="middle">{m.image_perf_calibration_x()}</text>
        </g>
      </svg>
      <div className="grid max-w-[32ch] gap-1 text-sm text-ink-2">
        <p>{m.image_perf_calibration_read()}</p>
        {r.ece !== null && <p>{m.image_perf_ece({ value: r.ece.toFixed(3) })}</p>}
      </div>
    </div>
  );
}

/** The first results and the recent ones, bin by bin: two bars that are told apart by form as well as by hue. */
export function DriftPlot({ drift: d }: { drift: DriftView }) {
  const top = Math.max(...d.first, ...d.recent, 0.01);
  const [width, height, gap] = [36, 60, 6];
  const bars = (v: number) => Math.max(1, (v / top) * height);
  const percent = (v: number) => `${(v * 100).toFixed(0)} %`;
  const words = d.first.map((v, i) => `${percent(v)} ${m.image_perf_drift_then_now()} ${percent(d.recent[i] ?? 0)}`).join("; ");
  const whole = d.first.length * (width + gap);
  return (
    <div className="grid gap-1">
      <svg viewBox={`0 0 ${whole} ${height + 16}`} width={whole} height={height + 16} role="img" aria-label={`${whatWord(d)}: ${words}`} style={{ direction: "ltr" }} className="max-w-full">
        {d.first.map((v, i) => (
          <g key={i}>
            <rect x={i * (width + gap)} y={height - bars(v)} width={width / 2 - 1} height={bars(v)} fill="none" stroke="var(--viz-axis)" strokeDasharray="3 2" />
            <rect x={i * (width + gap) + width / 2} y={height - bars(d.recent[i] ?? 0)} width={width / 2} height={bars(d.recent[i] ?? 0)} fill="var(--viz-1)" />
            <text x={i * (width + gap) + width / 2} y={height + 12} fontSize="10" textAnchor="middle" fill="currentColor" className="text-ink-3">{edgeText(d, i)}</text>
          </g>
        ))}
      </svg>
      <p className="text-sm text-ink-3">{m.image_perf_drift_key({ first: formatNumber(d.firstN), recent: formatNumber(d.recentN), index: d.index.toFixed(2), chance: d.chance.toFixed(2) })}</p>
    </div>
  );
}

function edgeText(d: DriftView, i: number): string {
  const edge = (n: number) => (d.edges[n] ?? 0).toFixed(2);
  if (d.edges.length === 0) return "";
  return i === 0 ? `≤${edge(0)}` : i === d.edges.length ? `>${edge(i - 1)}` : edge(i);
}
