import * as m from "../../paraglide/messages";
import type { ReportSection, StudyRow } from "../../wire";

/** A template is headings and nothing else: no sentence stands in a report that nobody wrote. */
export interface Template {
  id: string;
  words(): string;
  sections: string[];
}

export const templates: Template[] = [
  { id: "chest", words: m.image_template_chest, sections: ["technique", "comparison", "lungs", "heart", "bones", "impression"] },
  { id: "skeleton", words: m.image_template_skeleton, sections: ["technique", "comparison", "bones", "joints", "soft_tissue", "impression"] },
  { id: "ct_mr", words: m.image_template_ct_mr, sections: ["technique", "contrast", "comparison", "findings", "impression"] },
  { id: "ultrasound", words: m.image_template_ultrasound, sections: ["technique", "comparison", "findings", "limits", "impression"] },
  { id: "general", words: m.image_template_general, sections: ["findings", "impression"] },
];

const headings: Record<string, () => string> = {
  technique: m.image_section_technique,
  comparison: m.image_section_comparison,
  contrast: m.image_section_contrast,
  lungs: m.image_section_lungs,
  heart: m.image_section_heart,
  bones: m.image_section_bones,
  joints: m.image_section_joints,
  soft_tissue: m.image_section_soft_tissue,
  findings: m.image_section_findings,
  limits: m.image_section_limits,
  impression: m.image_section_impression,
};
/** A heading that a later program wrote is still shown, by its name. */
export const headingOf = (name: string): string => headings[name]?.() ?? name.replaceAll("_", " ");
export const templateWords = (id: string): string => templates.find((t) => t.id === id)?.words() ?? id.replaceAll("_", " ");

/** The template for this kind of picture; what is not known gets the general one. */
export function templateFor({ modality, bodyPart }: Pick<StudyRow, "modality" | "bodyPart">): string {
  const part = (bodyPart ?? "").toUpperCase();
  if (modality === "CT" || modality === "MR") return "ct_mr";
  if (modality === "US") return "ultrasound";
  if (modality === "CR" || modality === "DX") return part === "" ? "general" : /CHEST|THORAX|LUNG/.test(part) ? "chest" : "skeleton";
  return "general";
}

/**
 * The sections of a template with what was written so far. What stands under a heading that the template does not
 * have is kept behind it, as long as it says something: changing the template loses no word.
 */
export function arranged(template: string, written: ReportSection[]): ReportSection[] {
  const names = templates.find((t) => t.id === template)?.sections ?? [];
  const text = (name: string) => written.find((s) => s.name === name)?.text ?? "";
  return [
    ...names.map((name) => ({ name, text: text(name) })),
    ...written.filter((s) => !names.includes(s.name) && (s.text.trim() !== "" || names.length === 0)),
  ];
}

/** What a signed or printed report shows: headings under which something stands. */
export const said = (sections: ReportSection[]): ReportSection[] => sections.filter((s) => s.text.trim() !== "");
