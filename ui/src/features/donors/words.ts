import { comma, componentName, formatDay, ltr } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { DeferralEnd, DonationKind, DonorEffect, DonorNext, DonorReaction, DonorReason, DonorVerdict, DonorWhy } from "../../wire";

/** Words that the store names and a later questionnaire or rule book may add to: an unknown one is shown as it is written. */
const words = m as unknown as Record<string, ((args?: Record<string, string | number>) => string) | undefined>;
const named = (key: string, otherwise: string) => words[key]?.() ?? otherwise;

export const questionWord = (id: string) => named(`donor_q_${id}`, id);
export const codeWord = (code: string) => named(`donor_code_${code}`, code);
export const holdWord = (hold: string) => named(`donor_hold_${hold}`, m.donor_hold_hold());

/** A bag by the name in the rules (`triple-450`): how many bags hang together, and what goes in. */
export function bagWord(code: string): string {
  const [, set = "", volume = ""] = /^([a-z]+)-(\d+)$/.exec(code) ?? [];
  const known = words[`donor_bag_${set}`];
  return known ? `${known()}, ${ltr(`${volume} mL`)}` : code;
}

export const kinds: readonly DonationKind[] = ["whole_blood", "platelets", "plasma", "double_red_cells"];
export function kindWord(kind: DonationKind): string {
  switch (kind) {
    case "whole_blood": return m.donor_kind_whole_blood();
    case "platelets": return m.donor_kind_platelets();
    case "plasma": return m.donor_kind_plasma();
    case "double_red_cells": return m.donor_kind_double_red_cells();
  }
}

export const reactions: readonly DonorReaction[] = ["vasovagal", "haematoma", "arterial_puncture", "nerve_injury", "thrombophlebitis", "citrate", "allergic", "air_embolism", "other"];
export function reactionWord(kind: DonorReaction): string {
  switch (kind) {
    case "vasovagal": return m.donor_reaction_vasovagal();
    case "haematoma": return m.donor_reaction_haematoma();
    case "arterial_puncture": return m.donor_reaction_arterial_puncture();
    case "nerve_injury": return m.donor_reaction_nerve_injury();
    case "thrombophlebitis": return m.donor_reaction_thrombophlebitis();
    case "citrate": return m.donor_reaction_citrate();
    case "allergic": return m.donor_reaction_allergic();
    case "air_embolism": return m.donor_reaction_air_embolism();
    case "other": return m.donor_reaction_other();
  }
}

export const grades = [m.donor_grade_1, m.donor_grade_2, m.donor_grade_3, m.donor_grade_4, m.donor_grade_5] as const;

export function verdictWord(verdict: DonorVerdict): string {
  switch (verdict) {
    case "accept": return m.donor_verdict_accept();
    case "accept_limited": return m.donor_verdict_accept_limited();
    case "refer": return m.donor_verdict_refer();
    case "defer": return m.donor_verdict_defer();
  }
}

const day = (iso: string | undefined) => (iso ? ltr(formatDay(iso) ?? iso) : "");

export function endWords(end: DeferralEnd): string {
  switch (end.kind) {
    case "on": return m.donor_until_day({ day: day(end.day) });
    case "when_lifted": return m.donor_until_lifted();
    case "never": return m.donor_until_never();
  }
}

/** What a measurement is called where it is missing. */
const measured: Record<string, () => string> = {
  weight: m.donor_screen_weight, height: m.donor_screen_height, haemoglobin: m.donor_screen_haemoglobin, systolic: m.donor_screen_systolic,
  diastolic: m.donor_screen_diastolic, pulse: m.donor_screen_pulse, temperature: m.donor_screen_temperature, platelets: m.donor_screen_platelets,
};

/** A reason in words. Without its values, where somebody may not know them, the plain sentence stands. */
export function whyWords(why: DonorWhy, args: Record<string, string | undefined> = {}): string {
  switch (why) {
    case "identity_not_shown": return m.donor_why_identity_not_shown();
    case "likely_same": return args.deferred === "true" ? m.donor_why_likely_same_deferred() : m.donor_why_likely_same();
    case "deferred": {
      if (!args.code) return m.donor_why_deferred();
      return args.happened ? m.donor_why_deferred_code({ reason: codeWord(args.code), day: day(args.happened) }) : codeWord(args.code);
    }
    case "interval": return args.from && args.days ? m.donor_why_interval({ day: day(args.from), days: args.days }) : m.donor_why_interval_plain();
    case "too_often": return args.most && args.days ? m.donor_why_too_often({ most: args.most, days: args.days }) : m.donor_why_too_often_plain();
    case "age_unknown": return m.donor_why_age_unknown();
    case "too_young": return m.donor_why_too_young();
    case "too_old": return m.donor_why_too_old();
    case "too_old_first_time": return m.donor_why_too_old_first_time();
    case "too_old_apheresis": return m.donor_why_too_old_apheresis();
    case "not_measured": return m.donor_why_not_measured({ what: measured[args.what ?? ""]?.() ?? args.what ?? "" });
    case "weight": return m.donor_why_weight({ weight: args.weight ?? "" });
    case "blood_volume": return m.donor_why_blood_volume();
    case "haemoglobin": return m.donor_why_haemoglobin({ value: args.value ?? "", least: args.least ?? "" });
    case "pressure": return m.donor_why_pressure({ value: ltr(args.value ?? "") });
    case "pulse": return m.donor_why_pulse({ value: args.value ?? "" });
    case "temperature": return m.donor_why_temperature({ value: args.value ? (Number(args.value) / 10).toFixed(1) : "" });
    case "platelet_count": return m.donor_why_platelet_count();
    case "bag": return m.donor_why_bag();
    case "answer": return args.question ? `${m.donor_why_answer()}: ${questionWord(args.question)}` : m.donor_why_answer();
    case "unanswered": return m.donor_why_unanswered();
    case "pregnancies": return m.donor_why_pregnancies();
    case "no_consent": return m.donor_why_no_consent();
    case "no_guardian": return m.donor_why_no_guardian();
  }
}

export function effectWords(effect: DonorEffect): string {
  switch (effect.kind) {
    case "pending": return m.donor_pending();
    case "limit": return m.donor_limit({ components: effect.components.map(componentName).join(comma()) });
    case "refer": return m.donor_verdict_refer();
    case "defer": return endWords(effect.until);
  }
}

export const reasonWords = (reason: DonorReason) => whyWords(reason.why, reason.args);

export function nextWords(next: DonorNext, today: string): string {
  if (next.on === null) return m.donor_next_not();
  return next.on <= today ? m.donor_next_now() : m.donor_next_on({ day: day(next.on) });
}

/** What the next day hangs on; empty where nothing stands in the way. */
export function nextWhy(next: DonorNext): string {
  return next.why ? whyWords(next.why, next.code ? { code: next.code } : {}) : "";
}
