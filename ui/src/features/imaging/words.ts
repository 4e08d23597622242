import { type CommandFailed } from "../../backend";
import { errorWords } from "../../app";
import { conditionWord, ltr } from "../../clinical";
import type { StatusKind } from "../../design";
import * as m from "../../paraglide/messages";
import type { AnalysisView, Code, CommandError, FindingView, Likelihood, StudyRow } from "../../wire";

export const findingWord = (f: Pick<FindingView, "condition" | "label">) => conditionWord(f.condition, f.label);

const tasks: Record<string, () => string> = {
  chest_xray_pneumonia: m.image_task_chest_xray_pneumonia,
  chest_xray_covid: m.image_task_chest_xray_covid,
  brain_mri_tumor: m.image_task_brain_mri_tumor,
  brain_mri_dementia: m.image_task_brain_mri_dementia,
  head_ct_hemorrhage: m.image_task_head_ct_hemorrhage,
  retina_fundus: m.image_task_retina_fundus,
  breast_ultrasound: m.image_task_breast_ultrasound,
  knee_xray_oa: m.image_task_knee_xray_oa,
  red_cell_morphology: m.image_task_red_cell_morphology,
  cervical_cytology_lbc: m.image_task_cervical_cytology_lbc,
  oral_histology: m.image_task_oral_histology,
  kidney_ct: m.image_task_kidney_ct,
  blood_smear_leukemia: m.image_task_blood_smear_leukemia,
  cervical_cytology_pap: m.image_task_cervical_cytology_pap,
  nc_skin_lesion: m.image_task_nc_skin_lesion,
};
/** An analysis in the reader's language; one that an imported pack brings has its own name. */
export const taskWord = (task: string) => tasks[task]?.() ?? task.replaceAll("_", " ");

const networks: Record<string, () => string> = {
  basic_cnn: m.image_network_basic_cnn,
  resnet50: m.image_network_resnet50,
  efficientnet_b0: m.image_network_efficientnet_b0,
};
export const networkWord = (network: string) => networks[network]?.() ?? network;

const likelihoods: Record<Likelihood, () => string> = {
  very_unlikely: m.image_ai_word_very_unlikely,
  unlikely: m.image_ai_word_unlikely,
  possible: m.image_ai_word_possible,
  likely: m.image_ai_word_likely,
  very_likely: m.image_ai_word_very_likely,
};
export const likelihoodWord = (word: Likelihood) => likelihoods[word]();

/** Two decimals: more would claim a precision nobody measured, and rounding must never say certain or impossible. */
export function probabilityText(p: number): string {
  if (!Number.isFinite(p)) return m.design_not_known();
  // The sign and its number stay on one line and in this order, whichever way the page runs.
  if (p > 0.99 && p < 1) return ltr(">\u00a00.99");
  if (p < 0.01 && p > 0) return ltr("<\u00a00.01");
  return p.toFixed(2);
}

const reasons: Record<string, () => string> = {
  not_a_chest_xray: m.image_reason_not_a_chest_xray,
  not_chest_xray: m.image_reason_not_a_chest_xray,
  ruled_out: m.image_reason_ruled_out,
  other_kind: m.image_reason_other_kind,
  blank: m.image_reason_blank,
  clipped: m.image_reason_clipped,
  too_small: m.image_reason_too_small,
  out_of_distribution: m.image_reason_out_of_distribution,
  low_confidence: m.image_reason_low_confidence,
};

/** The picture shows something else than the analysis is for. */
export const otherKind: ReadonlySet<string> = new Set(["other_kind", "ruled_out", "not_a_chest_xray", "not_chest_xray"]);

const whole = (x: number): string => x.toFixed(0);
const tenths = (x: number): string => x.toFixed(1);
const share = (x: number): string => ltr(`${(x * 100).toFixed(0)}\u00a0%`);
/** What was measured and the limit it did not keep, each in its own unit. */
const limits: Record<string, readonly [(words: { measured: string; limit: string }) => string, (x: number) => string]> = {
  too_small: [m.image_limit_too_small, whole],
  blank: [m.image_limit_blank, tenths],
  clipped: [m.image_limit_clipped, share],
  other_kind: [m.image_limit_other_kind, share],
  not_a_chest_xray: [m.image_limit_other_kind, share],
  not_chest_xray: [m.image_limit_other_kind, share],
  out_of_distribution: [m.image_limit_out_of_distribution, tenths],
  low_confidence: [m.image_limit_low_confidence, share],
};

/** Why the model kept silent, and what to do; an unknown code falls back to the recorded words. */
export function abstainedWhy({ reason, detail, values, task }: Pick<AnalysisView, "reason" | "detail" | "values"> & { task?: string | null }): { sentence: string; numbers: string | null } {
  // Nothing was chosen, and nothing that is installed was near enough to be tried.
  if (task === null && reason !== null && otherKind.has(reason)) return { sentence: m.image_ai_none_fits(), numbers: null };
  const known = reason === null ? undefined : reasons[reason];
  const { measured, limit } = values ?? {};
  const told = reason === null ? undefined : limits[reason];
  const numbers = told && measured !== undefined && limit !== undefined ? told[0]({ measured: told[1](measured), limit: told[1](limit) }) : null;
  return known ? { sentence: known(), numbers } : { sentence: detail ?? m.image_reason_unknown(), numbers: null };
}

/** Why a result is outside intended use; what was recorded before numbers were sent keeps its words. */
export function outsideWhy({ outside, outsideIntendedUse }: Pick<AnalysisView, "outside" | "outsideIntendedUse">): string {
  if (!outside) return outsideIntendedUse ?? "";
  return outside.age === null ? m.image_outside_age_unknown({ max: String(outside.ageMax) }) : m.image_outside_age({ max: String(outside.ageMax), age: String(outside.age) });
}

const steps: Record<string, () => string> = {
  decode: m.image_step_decode,
  preprocess: m.image_step_preprocess,
  infer: m.image_step_infer,
  model_missing: m.image_step_model,
  model_changed: m.image_step_model,
  model_unsupported: m.image_step_model,
  image_broken: m.image_step_image_broken,
  image_unsupported: m.image_step_image_unsupported,
  interrupted: m.image_step_interrupted,
  analysis_too_long: m.image_step_too_long,
};
export const stepWord = (reason: string) => steps[reason]?.() ?? reason.replaceAll("_", " ");

const fileErrors: Partial<Record<Code, () => string>> = {
  image_not_an_image: m.image_file_not_an_image,
  image_unsupported: m.image_file_unsupported,
  image_too_large: m.image_file_too_large,
  image_broken: m.image_file_broken,
  image_heic: m.image_file_heic,
};
/** What the reader of files knows more precisely than the code says. */
const fileReasons: Record<string, (error: CommandError) => string | null> = {
  empty: m.image_file_empty,
  truncated: m.image_file_truncated,
  no_size: m.image_file_no_size,
  video: (e) => m.image_file_video({ name: ltr(e.args.name ?? "MPEG") }),
  unsupported_syntax: (e) => (e.args.name ? m.image_file_packed({ name: ltr(e.args.name) }) : null),
  too_large: (e) => (/ pixels\b/.test(e.args.detail ?? "") ? m.image_file_too_large() : m.image_file_too_much()),
  archive_too_much: m.image_file_archive_too_much,
  archive_empty: m.image_file_archive_empty,
  no_pixels: m.image_file_no_pixels,
  for_processing: m.image_file_for_processing,
  took_too_long: m.image_file_took_too_long,
  no_decoder: m.image_file_no_decoder,
  io: m.image_file_unreadable,
  missing: m.image_file_missing,
  directory_alone: m.image_file_directory_alone,
  archive_too_large: m.image_file_archive_too_large,
  gone: m.image_file_gone,
};
/** One sentence for one file that was not taken, with the next step. */
export function fileErrorWords(error: CommandError): string {
  const own = fileReasons[error.args.why ?? ""]?.(error) ?? fileErrors[error.code]?.();
  if (own) return own;
  const { title, doNow } = errorWords(error as CommandFailed);
  return `${title} ${doNow}`;
}

/** A list row's AI state: shape and word. */
export function rowState(row: Pick<StudyRow, "state" | "finding" | "probability"> & Partial<Pick<StudyRow, "outsideIntendedUse">>): { kind: StatusKind; words: string } {
  switch (row.state) {
    case "none": return { kind: "inactive", words: m.image_ai_row_none() };
    case "queued": return { kind: "inactive", words: m.image_ai_row_queued() };
    case "running": return { kind: "inactive", words: m.image_ai_row_running() };
    case "abstained": return { kind: "inactive", words: m.image_ai_row_abstained() };
    case "cancelled": return { kind: "inactive", words: m.image_ai_row_cancelled() };
    case "failed": return { kind: "caution", words: m.image_ai_row_failed() };
    case "done":
      // What was made for other patients found neither something nor nothing.
      if (row.outsideIntendedUse) return { kind: "caution", words: m.image_ai_row_outside() };
      return row.finding === null
        ? { kind: "good", words: m.image_ai_row_nothing() }
        : { kind: "notice", words: m.image_ai_row_finding({ label: conditionWord(row.finding), probability: row.probability === null ? "" : probabilityText(row.probability) }).trim() };
  }
}

/** Without a measured threshold one half decides, as it does in the list. */
export const thresholdOf = (f: Pick<FindingView, "threshold">) => f.threshold ?? 0.5;

/** What reaches its threshold, the strongest first; the rest; and the normal class, which is never a finding. */
export function sorted(findings: FindingView[]): { found: FindingView[]; under: FindingView[]; normal: FindingView | null } {
  const byProbability = [...findings].sort((a, b) => b.probability - a.probability);
  const abnormal = byProbability.filter((f) => !f.normal);
  return {
    found: abnormal.filter((f) => f.probability >= thresholdOf(f)),
    under: abnormal.filter((f) => f.probability < thresholdOf(f)),
    normal: byProbability.find((f) => f.normal) ?? null,
  };
}

/** `GARCIA^ANA^MARIA` of a DICOM header, in the order of this program: family, given. */
export function fileName(raw: string): string {
  const [family = "", given = "", middle = ""] = (raw.split("=")[0] ?? "").split("^").map((p) => p.trim());
  const rest = [given, middle].filter(Boolean).join(" ");
  return family && rest ? `${family}, ${rest}` : family || rest;
}
