import * as m from "../paraglide/messages";
import type { Abo, BloodGroup, Component, Rhd, Sex } from "../wire";
import { ltr } from "./dates";

export interface PersonName {
  family: string;
  given: string;
  title?: string | null;
}

/** `SMITH, John (Mr)`: family name first and in capitals, so that the two names cannot be exchanged (NID-0001). */
export function formatName({ family, given, title }: PersonName): string {
  const upper = family.toLocaleUpperCase();
  const name = upper && given ? `${upper}, ${given}` : upper || given;
  return title ? `${name} (${title})` : name;
}

export function sexWord(sex: Sex): string {
  switch (sex) {
    case "female": return m.design_sex_female();
    case "male": return m.design_sex_male();
    case "other": return m.design_sex_other();
    case "not_known": return m.design_not_known();
  }
}

export function componentName(component: Component): string {
  switch (component) {
    case "red_cells": return m.design_component_red_cells();
    case "platelets": return m.design_component_platelets();
    case "plasma": return m.design_component_plasma();
    case "cryoprecipitate": return m.design_component_cryoprecipitate();
    case "whole_blood": return m.design_component_whole_blood();
  }
}

/** What stands in the place of the letters. Blood without the H antigen is never written as O (scenario 16). */
export function groupLetters(group: BloodGroup): AboOrBombay {
  return group.phenotype === "bombay" ? "Bombay" : group.phenotype === "para_bombay" ? "para-Bombay" : group.abo;
}

/** `O RhD NEGATIVE`: for sentences and readers. On the screen use `<BloodGroup>`. */
export function groupWords(group: BloodGroup): string {
  return ltr(`${groupLetters(group)} ${group.rhd === "negative" ? "RhD NEGATIVE" : "RhD POSITIVE"}`);
}

export function sameGroup(a: BloodGroup, b: BloodGroup): boolean {
  return groupLetters(a) === groupLetters(b) && a.rhd === b.rhd;
}

export type AboOrBombay = Abo | "Bombay" | "para-Bombay";

/** What a bag's label can say in the place of the letters, as a person types it. */
export const bagLetters: readonly AboOrBombay[] = ["O", "A", "B", "AB", "Bombay"];

/** The group that letters and RhD of a label say together. */
export function groupOf(letters: AboOrBombay, rhd: Rhd): BloodGroup {
  switch (letters) {
    case "Bombay": return { abo: "O", rhd, phenotype: "bombay" };
    case "para-Bombay": return { abo: "O", rhd, phenotype: "para_bombay" };
    default: return { abo: letters, rhd };
  }
}

/** Every group that a bag can have. */
export const bagGroups: readonly BloodGroup[] = bagLetters.flatMap((letters) => [groupOf(letters, "negative"), groupOf(letters, "positive")]);

/** `A9998 26 000412` from the thirteen characters. */
export function groupDin(din: string): string {
  return din.length === 13 ? ltr(`${din.slice(0, 5)} ${din.slice(5, 7)} ${din.slice(7)}`) : din;
}

/** `0.5`, `5`, `1,240`: leading zero, thousands separated, decimals as recorded. */
export function formatNumber(value: number, decimals?: number): string {
  return new Intl.NumberFormat("en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals ?? 6, useGrouping: value >= 10_000 || value <= -10_000 }).format(value);
}

const conditions: Record<string, () => string> = {
  normal: m.image_condition_normal,
  pneumonia: m.image_condition_pneumonia,
  bacterial_pneumonia: m.image_condition_bacterial_pneumonia,
  viral_pneumonia: m.image_condition_viral_pneumonia,
  covid: m.image_condition_covid,
  tuberculosis: m.image_condition_tuberculosis,
  covid_19: m.image_condition_covid_19,
  no_tumor: m.image_condition_no_tumor,
  glioma: m.image_condition_glioma,
  meningioma: m.image_condition_meningioma,
  pituitary_tumor: m.image_condition_pituitary_tumor,
  non_demented: m.image_condition_non_demented,
  very_mild_dementia: m.image_condition_very_mild_dementia,
  mild_dementia: m.image_condition_mild_dementia,
  moderate_dementia: m.image_condition_moderate_dementia,
  no_hemorrhage: m.image_condition_no_hemorrhage,
  intracranial_hemorrhage: m.image_condition_intracranial_hemorrhage,
  cataract: m.image_condition_cataract,
  diabetic_retinopathy: m.image_condition_diabetic_retinopathy,
  glaucoma: m.image_condition_glaucoma,
  benign_lesion: m.image_condition_benign_lesion,
  malignant_lesion: m.image_condition_malignant_lesion,
  kl0_normal: m.image_condition_kl0_normal,
  kl1_doubtful: m.image_condition_kl1_doubtful,
  kl2_mild: m.image_condition_kl2_mild,
  kl3_moderate: m.image_condition_kl3_moderate,
  kl4_severe: m.image_condition_kl4_severe,
  burr_cell: m.image_condition_burr_cell,
  elliptocyte: m.image_condition_elliptocyte,
  hypochromia: m.image_condition_hypochromia,
  macrocyte: m.image_condition_macrocyte,
  microcyte: m.image_condition_microcyte,
  ovalocyte: m.image_condition_ovalocyte,
  schistocyte: m.image_condition_schistocyte,
  spherocyte: m.image_condition_spherocyte,
  stomatocyte: m.image_condition_stomatocyte,
  target_cell: m.image_condition_target_cell,
  teardrop: m.image_condition_teardrop,
  nilm: m.image_condition_nilm,
  lsil: m.image_condition_lsil,
  hsil: m.image_condition_hsil,
  squamous_cell_carcinoma: m.image_condition_squamous_cell_carcinoma,
  oral_squamous_cell_carcinoma: m.image_condition_oral_squamous_cell_carcinoma,
  kidney_cyst: m.image_condition_kidney_cyst,
  kidney_stone: m.image_condition_kidney_stone,
  kidney_tumor: m.image_condition_kidney_tumor,
  benign_hematogones: m.image_condition_benign_hematogones,
  all_early_pre_b: m.image_condition_all_early_pre_b,
  all_pre_b: m.image_condition_all_pre_b,
  all_pro_b: m.image_condition_all_pro_b,
  normal_superficial: m.image_condition_normal_superficial,
  normal_intermediate: m.image_condition_normal_intermediate,
  normal_columnar: m.image_condition_normal_columnar,
  mild_dysplasia: m.image_condition_mild_dysplasia,
  moderate_dysplasia: m.image_condition_moderate_dysplasia,
  severe_dysplasia: m.image_condition_severe_dysplasia,
  carcinoma_in_situ: m.image_condition_carcinoma_in_situ,
  benign_keratosis: m.image_condition_benign_keratosis,
  actinic_keratosis: m.image_condition_actinic_keratosis,
  basal_cell_carcinoma: m.image_condition_basal_cell_carcinoma,
  dermatofibroma: m.image_condition_dermatofibroma,
  melanocytic_nevus: m.image_condition_melanocytic_nevus,
  melanoma: m.image_condition_melanoma,
  vascular_lesion: m.image_condition_vascular_lesion,
};

/** A condition in the reader's language; a pack may know one that the catalogue does not, then in its own words. */
export function conditionWord(condition: string, label?: string): string {
  const known = conditions[condition] ?? (label === undefined ? undefined : conditions[label]);
  if (known) return known();
  const text = (label ?? condition).replaceAll("_", " ");
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
