import { useState } from "react";
import { useCommand } from "../../backend";
import { Slider, Status, Switch } from "../../design";
import * as m from "../../paraglide/messages";
import type { AnalysisView, FindingView } from "../../wire";
import { findingWord, probabilityText } from "./words";

/** Per cent; finer where findings are rare, because there a step changes most. */
const steps = [0.1, 0.2, 0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90];

export const shareText = (share: number): string => m.image_ai_percent({ value: share * 100 < 1 ? (share * 100).toFixed(1) : (share * 100).toFixed(share * 100 < 10 && (share * 100) % 1 !== 0 ? 1 : 0) });

/**
 * What the probabilities would be where the finding is rarer or more frequent than among the pictures the pack was
 * measured on. Off until asked for, and nothing of it is stored.
 */
export function Prevalence({ analysis, finding }: { analysis: AnalysisView; finding: FindingView }) {
  const [on, setOn] = useState(false);
  const [step, setStep] = useState<number | null>(null);
  const share = step === null ? null : (steps[step] ?? 10) / 100;
  const own = useCommand("quality.prevalence", { analysis: analysis.id, label: finding.label, share: null });
  const shifted = useCommand("quality.prevalence", { analysis: analysis.id, label: finding.label, share });
  const measured = own.data?.measured ?? null;
  // A card that does not say how frequent the finding was has no slider.
  if (measured === null) return null;
  const nearest = steps.reduce((best, s, i) => (Math.abs(s - measured * 100) < Math.abs((steps[best] ?? 0) - measured * 100) ? i : best), 0);
  const rows = (shifted.data ?? own.data)?.rows ?? [];
  return (
    <div className="grid gap-2 border-b border-line px-4 py-2 text-sm">
      <Switch isSelected={on} onChange={(next) => { setOn(next); if (!next) setStep(null); }}>{m.image_prevalence_switch()}</Switch>
      {on && (
        <>
          <p className="text-ink-2">{m.image_prevalence_measured({ label: findingWord(finding), share: shareText(measured), n: String(own.data?.n ?? 0) })}</p>
          <Slider label={m.image_prevalence_here()} value={step ?? nearest} onChange={setStep} min={0} max={steps.length - 1} step={1} text={(i) => shareText((steps[i] ?? 10) / 100)} />
          <table className="w-full border-collapse">
            <thead><tr>{[m.image_prevalence_label(), m.image_prevalence_before(), m.image_prevalence_after()].map((t, i) => <th key={t} scope="col" className={`border-b border-line-2 py-1 font-regular text-ink-3 ${i ? "text-end" : "text-start"}`}>{t}</th>)}</tr></thead>
            <tbody>
              {rows.map((r) => (
                <tr key={r.label}>
                  <th scope="row" className="py-0.5 text-start font-regular">{findingWord(r)}</th>
                  <td className="py-0.5 text-end text-ink-2">{probabilityText(r.before)}</td>
                  <td className="py-0.5 text-end font-strong" role="status">{probabilityText(step === null ? r.before : r.after)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p><Status kind="notice" wrap>{m.image_prevalence_display_only()}</Status></p>
          <p className="text-ink-3">{m.image_prevalence_rule()}</p>
        </>
      )}
    </div>
  );
}
