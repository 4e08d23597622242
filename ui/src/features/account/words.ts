import { currentZone, zoneNames } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { Role } from "../../wire";

export function roleWord(role: Role): string {
  switch (role) {
    case "administrator": return m.account_role_administrator();
    case "physician": return m.account_role_physician();
    case "radiologist": return m.account_role_radiologist();
    case "blood_bank_scientist": return m.account_role_blood_bank_scientist();
    case "nurse": return m.account_role_nurse();
    case "reception": return m.account_role_reception();
    case "auditor": return m.account_role_auditor();
  }
}

export const ROLES: readonly Role[] = ["administrator", "physician", "radiologist", "blood_bank_scientist", "nurse", "reception", "auditor"];

/** The country profiles of the wire; the word itself when a later version knows one more. */
export function profileWord(profile: string): string {
  switch (profile) {
    case "who": return m.account_profile_who();
    case "fda": return m.account_profile_fda();
    case "eu": return m.account_profile_eu();
    case "uk": return m.account_profile_uk();
    case "in": return m.account_profile_in();
    default: return profile;
  }
}

export const PROFILES = ["who", "fda", "eu", "uk", "in"] as const;

export function languageWord(language: string): string {
  switch (language) {
    case "en": return m.account_language_en();
    case "ar": return m.account_language_ar();
    default: return language;
  }
}

/** The zone of this computer when the engine knows it, as a first proposal for the facility's zone. */
export function proposedZone(): string {
  try {
    return currentZone(Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC");
  } catch {
    return "UTC";
  }
}

/** Every zone this engine can reckon in, the proposed one included. */
export function zones(): string[] {
  return [...new Set([proposedZone(), ...zoneNames()])].sort();
}
