import { errorWords } from "../../app/errors";
import { ltr } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { Code, CommandError, Permission } from "../../wire";
import { bookCountry, bookWords, countryWords, type Json, placeInRow, placeNumber, placeWords } from "./ruleBookValues";
import { ruleWords } from "./ruleWords";

/** What is, then what to do now. */
export interface Sentence {
  what: string;
  next: string;
}

/**
 * The codes of the door, of staff and of people about which this page knows more than the general sentence: a
 * name, a number, the next command. Every other code keeps the sentence all pages share, which is exhaustive.
 */
type Special = Extract<Code,
  | "wrong_password" | "locked_out" | "forbidden" | "password_too_short" | "name_taken" | "last_administrator"
  | "home_not_empty" | "home_unsuitable" | "store_newer" | "store_damaged" | "key_slots_damaged"
  | "recovery_code_wrong" | "restored_copy" | "possible_duplicate" | "malformed"
  | "pack_incomplete" | "pack_file_changed" | "pack_card_wrong" | "pack_version_taken" | "pack_gone"
  | "policy_out_of_bounds" | "rule_book_unfit">;

type Spoken = Pick<CommandError, "code" | "kind" | "args" | "incident">;

/** The row of the rule book on which somebody works: a refusal names its list, and not which row of it. */
type Row = { name: string; value: Json } | undefined;

const special: Record<Special, (args: CommandError["args"], row: Row) => Sentence> = {
  wrong_password: () => ({ what: m.account_what_wrong_password(), next: m.account_do_wrong_password() }),
  locked_out: () => ({ what: m.account_what_locked_out(), next: m.account_do_locked_out() }),
  forbidden: (args) => {
    const permission = args.permission && permissionWord(args.permission);
    return { what: permission ? m.account_what_forbidden_permission({ permission }) : m.account_what_forbidden(), next: m.account_do_forbidden() };
  },
  password_too_short: (args) => {
    const min = args.min ?? args.minimum ?? args.least;
    return { what: min ? m.account_what_password_too_short_at({ min }) : m.account_what_password_too_short(), next: m.account_do_password_too_short() };
  },
  name_taken: (args) => {
    const user = args.user ?? args.name;
    return { what: user ? m.account_what_name_taken_name({ user }) : m.account_what_name_taken(), next: m.account_do_name_taken() };
  },
  last_administrator: () => ({ what: m.account_what_last_administrator(), next: m.account_do_last_administrator() }),
  home_not_empty: () => ({ what: m.account_what_home_not_empty(), next: m.account_do_home_not_empty() }),
  home_unsuitable: (args) => {
    // Most of the reasons need another next step than a better folder.
    switch (args.why) {
      case "in_use": return { what: m.account_what_open_already(), next: m.account_do_open_already() };
      case "backup_in_home": return { what: m.account_what_backup_inside(), next: m.account_do_backup_inside() };
      case "backup_not_a_path": return { what: m.account_what_backup_not_a_path(), next: m.account_backup_need() };
      case "backup_no_folder": return { what: m.account_what_backup_no_folder(), next: m.account_do_backup_no_folder() };
      case "backup_other_file": return { what: m.account_what_backup_other_file(), next: m.account_do_backup_other_file() };
      case "backup_not_writable": return { what: m.account_what_backup_not_writable(), next: m.account_do_backup_inside() };
      case "synced_folder": return { what: m.account_what_home_synced({ by: args.by ?? "" }), next: m.account_do_home_unsuitable() };
      case "not_a_folder":
      case "link_to_nowhere": return { what: m.account_what_home_not_a_folder(), next: m.account_do_home_unsuitable() };
      case "not_writable": return { what: m.account_what_home_not_writable(), next: m.account_do_home_unsuitable() };
      case "name_too_long":
      case "not_text": return { what: m.account_what_home_name(), next: m.account_do_home_unsuitable() };
      default: return { what: m.account_what_home_unsuitable(), next: m.account_do_home_unsuitable() };
    }
  },
  store_newer: () => ({ what: m.account_what_store_newer(), next: m.account_do_store_newer() }),
  store_damaged: () => ({ what: m.account_what_store_damaged(), next: m.account_do_store_damaged() }),
  key_slots_damaged: () => ({ what: m.account_what_key_slots_damaged(), next: m.account_do_key_slots_damaged() }),
  recovery_code_wrong: () => ({ what: m.account_what_recovery_code_wrong(), next: m.account_do_recovery_code_wrong() }),
  restored_copy: () => ({ what: m.account_what_restored_copy(), next: m.account_do_restored_copy() }),
  possible_duplicate: (args) => {
    const names = args.names ?? args.candidates ?? args.name;
    return { what: names ? m.account_what_possible_duplicate_names({ names }) : m.account_what_possible_duplicate(), next: m.account_do_possible_duplicate() };
  },
  malformed: () => ({ what: m.account_what_malformed(), next: m.account_do_malformed() }),
  pack_incomplete: ({ file }) => ({ what: file ? m.account_what_pack_file({ file }) : m.error_pack_incomplete(), next: m.error_pack_incomplete_do() }),
  pack_file_changed: ({ file }) => ({ what: file ? m.account_what_pack_changed({ file }) : m.error_pack_file_changed(), next: m.error_pack_file_changed_do() }),
  pack_card_wrong: ({ detail }) => ({ what: detail ? m.account_what_pack_card({ detail }) : m.error_pack_card_wrong(), next: m.error_pack_card_wrong_do() }),
  pack_gone: ({ pack, version }) => ({ what: pack && version ? m.account_what_pack_gone({ pack, version }) : m.error_pack_gone(), next: m.error_pack_gone_do() }),
  pack_version_taken: ({ pack, version }) => ({ what: pack && version ? m.account_what_pack_taken({ pack, version }) : m.error_pack_version_taken(), next: m.error_pack_version_taken_do() }),
  policy_out_of_bounds: ({ name, value, least, most }, row) => {
    if (!name || !value || !least || !most) return { what: m.error_policy_out_of_bounds(), next: m.error_policy_out_of_bounds_do() };
    // Its number is the warmer end alone, also where the two ends are the wrong way round.
    if (/^lives\..+\.store$/.test(name)) return { what: m.account_what_book_store({ place: placeWords(name) }), next: m.account_do_policy_out_of_bounds() };
    const own = ruleWords(name);
    const place = own === name ? (row && placeInRow(row.name, row.value, name)) ?? placeWords(name) : own;
    return { what: m.account_what_policy_out_of_bounds({ place, value: placeNumber(name, value), least: placeNumber(name, least), most: placeNumber(name, most) }), next: m.account_do_policy_out_of_bounds() };
  },
  rule_book_unfit: ({ why, detail = "" }) => {
    // Those who change a file look for the place as the file writes it.
    const place = placeWords(detail) === detail ? detail : `${placeWords(detail)} (${ltr(detail)})`;
    switch (why) {
      case "unreadable": return { what: m.account_what_book_unreadable({ detail: ltr(detail) }), next: m.account_do_book_unreadable() };
      case "no_value": return { what: m.account_what_book_no_value({ place }), next: m.account_do_book_no_value() };
      case "shape": return { what: m.account_what_book_shape({ place }), next: m.account_do_book_shape() };
      case "twice": return { what: m.account_what_book_twice({ place }), next: m.account_do_book_twice() };
      case "blank": return { what: m.account_what_book_blank({ place }), next: m.account_do_book_blank() };
      case "missing": return { what: m.account_what_book_missing({ place }), next: m.account_do_book_missing() };
      case "country": {
        const country = bookCountry(detail);
        return country ? { what: m.account_what_book_country({ name: bookWords(detail), country: countryWords(country) }), next: m.account_do_book_country() } : { what: m.account_what_book_no_country(), next: m.account_do_book_no_country() };
      }
      case "signed": return { what: m.account_what_book_signed(), next: m.account_do_book_signed() };
      case "signed_unread": return { what: m.account_what_book_signed_unread(), next: m.account_do_book_signed_unread() };
      case "question": return { what: m.account_what_book_question({ detail: ltr(detail) }), next: m.account_do_book_question() };
      default: return { what: m.error_rule_book_unfit(), next: m.error_rule_book_unfit_do() };
    }
  },
};

/** The sentence for any code: its own where this page knows more, else the one all pages share. */
export function accountSentence(error: Spoken, row?: Row): Sentence {
  const own = (special as Partial<Record<Code, (args: CommandError["args"], row: Row) => Sentence>>)[error.code];
  if (own) return own(error.args, row);
  // The time of a wait is printed by the page that waits, in the facility's zone.
  const words = errorWords({ ...error, args: {} });
  return { what: words.title, next: words.doNow };
}

/** A permission as people name it; null for a name this page does not know. */
export function permissionWord(permission: string): string | null {
  return permission in permissions ? permissions[permission as Permission]() : null;
}

const permissions: Record<Permission, () => string> = {
  see_patients: m.account_may_see_patients,
  register_patients: m.account_may_register_patients,
  record_allergies: m.account_may_record_allergies,
  record_blood_group: m.account_may_record_blood_group,
  see_stock: m.account_may_see_stock,
  receive_blood: m.account_may_receive_blood,
  reserve_blood: m.account_may_reserve_blood,
  issue_blood: m.account_may_issue_blood,
  discard_blood: m.account_may_discard_blood,
  override_blood_warning: m.account_may_override_blood_warning,
  see_donors: m.account_may_see_donors,
  register_donors: m.account_may_register_donors,
  screen_donors: m.account_may_screen_donors,
  judge_donors: m.account_may_judge_donors,
  see_donor_tests: m.account_may_see_donor_tests,
  test_donations: m.account_may_test_donations,
  request_blood: m.account_may_request_blood,
  draw_samples: m.account_may_draw_samples,
  crossmatch: m.account_may_crossmatch,
  transfuse: m.account_may_transfuse,
  judge_reactions: m.account_may_judge_reactions,
  recall_blood: m.account_may_recall_blood,
  ask_donors: m.account_may_ask_donors,
  be_second_person: m.account_may_be_second_person,
  see_images: m.account_may_see_images,
  import_images: m.account_may_import_images,
  analyse_images: m.account_may_analyse_images,
  judge_findings: m.account_may_judge_findings,
  write_reports: m.account_may_write_reports,
  manage_staff: m.account_may_manage_staff,
  manage_facility: m.account_may_manage_facility,
  adopt_policy: m.account_may_adopt_policy,
  read_audit: m.account_may_read_audit,
};
