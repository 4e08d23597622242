import * as m from "../paraglide/messages";
import type { BloodGroup, Component, Sex } from "../wire";
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

/** `O RhD NEGATIVE`: for sentences and readers. On the screen use `<BloodGroup>`. */
export function groupWords(group: BloodGroup): string {
  return ltr(`${group.abo} ${group.rhd === "negative" ? "RhD NEGATIVE" : "RhD POSITIVE"}`);
}

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
};

/** A condition in the reader's language; a pack may know one that the catalogue does not, then in its own words. */
export function conditionWord(condition: string, label?: string): string {
  const known = conditions[condition] ?? (label === undefined ? undefined : conditions[label]);
  if (known) return known();
  const text = (label ?? condition).replaceAll("_", " ");
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
