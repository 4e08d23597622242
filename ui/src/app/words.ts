import * as m from "../paraglide/messages";
import type { Role, ScanPart } from "../wire";

export function roleWord(role: Role): string {
  switch (role) {
    case "administrator": return m.shell_role_administrator();
    case "physician": return m.shell_role_physician();
    case "radiologist": return m.shell_role_radiologist();
    case "blood_bank_scientist": return m.shell_role_blood_bank_scientist();
    case "nurse": return m.shell_role_nurse();
    case "reception": return m.shell_role_reception();
    case "auditor": return m.shell_role_auditor();
  }
}

/** What kind of code was read, in words: "That was the product code." */
export function partWord(part: ScanPart): string {
  switch (part.kind) {
    case "donation_number": return m.shell_code_donation();
    case "product": return m.shell_code_product();
    case "group": return m.shell_code_group();
    case "expiry": return m.shell_code_expiry();
    case "collected": return m.shell_code_collected();
    case "patient": return m.shell_code_patient();
    case "slip": return m.shell_code_slip();
    case "other": return m.shell_code_other();
  }
}
