import { useEffect, useState } from "react";
import type { AnalysisView, FindingView, ImageView, StudyView } from "../../wire";
import { visibleFindings } from "./AiPanel";

/** What a person made of the model's word on one picture; forgotten when the picture is hung away. */
export interface Mark {
  /** The analysis whose map was asked for: a newer one keeps its own off until it is asked for too. */
  overlay: string | null;
  /** Label of the finding looked at. */
  active: string | null;
  /** An earlier analysis, when one was chosen. */
  chosen: string | null;
  /** The analysis whose findings outside intended use were unfolded. */
  unfolded: string | null;
}
const blank: Mark = { overlay: null, active: null, chosen: null, unfolded: null };

export interface Said {
  analyses: AnalysisView[];
  analysis: AnalysisView | null;
  unfolded: boolean;
  overlay: boolean;
  findings: FindingView[];
  drawable: FindingView[];
  current: FindingView | null;
  /** The finding whose map lies on the film. */
  mapped: FindingView | null;
}

/** What the model said of a picture, as far as a person may see it now. */
export function saidOf(study: StudyView, image: ImageView, mark: Mark): Said {
  const analyses = study.analyses.filter((a) => a.image === image.id);
  const analysis = analyses.find((a) => a.id === mark.chosen) ?? analyses[0] ?? null;
  const unfolded = analysis !== null && mark.unfolded === analysis.id;
  const overlay = analysis !== null && mark.overlay === analysis.id;
  const findings = visibleFindings(analysis, unfolded);
  const drawable = analysis?.state === "done" && (analysis.outsideIntendedUse === null || unfolded) ? analysis.findings.filter((f) => f.map && !f.normal) : [];
  const current = findings.find((f) => f.label === mark.active) ?? findings[0] ?? null;
  const mapped = overlay ? (drawable.find((f) => f.label === mark.active) ?? drawable.find((f) => f.label === current?.label) ?? [...drawable].sort((a, b) => b.probability - a.probability)[0] ?? null) : null;
  return { analyses, analysis, unfolded, overlay, findings, drawable, current, mapped };
}

/** The marks of the pictures that hang now: the film comes first whenever a picture comes back. */
export function useMarks(hanging: string[]) {
  const [kept, setKept] = useState<Record<string, Mark>>({});
  const images = hanging.join(" ");
  useEffect(() => setKept((old) => {
    const here = images.split(" ");
    const left = Object.entries(old).filter(([id]) => here.includes(id));
    return left.length === Object.keys(old).length ? old : Object.fromEntries(left);
  }), [images]);
  return {
    of: (image: string): Mark => kept[image] ?? blank,
    set: (image: string, change: Partial<Mark>) => setKept((old) => ({ ...old, [image]: { ...(old[image] ?? blank), ...change } })),
  };
}
