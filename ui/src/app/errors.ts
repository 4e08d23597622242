import type { CommandFailed } from "../backend";
import * as m from "../paraglide/messages";
import type { Code } from "../wire";

type Words = readonly [title: () => string, doNow: () => string];

/** Every code has its two sentences: what is, then what to do. A new code in the wire fails the type check here. */
const sentences: Record<Code, Words> = {
  wrong_password: [m.error_wrong_password, m.error_wrong_password_do],
  locked_out: [m.error_locked_out, m.error_locked_out_do],
  not_signed_in: [m.error_not_signed_in, m.error_not_signed_in_do],
  screen_locked: [m.error_screen_locked, m.error_screen_locked_do],
  forbidden: [m.error_forbidden, m.error_forbidden_do],
  second_person_needed: [m.error_second_person_needed, m.error_second_person_needed_do],
  second_person_refused: [m.error_second_person_refused, m.error_second_person_refused_do],
  password_too_short: [m.error_password_too_short, m.error_password_too_short_do],
  name_taken: [m.error_name_taken, m.error_name_taken_do],
  user_name_unfit: [m.error_user_name_unfit, m.error_user_name_unfit_do],
  last_administrator: [m.error_last_administrator, m.error_last_administrator_do],
  no_facility: [m.error_no_facility, m.error_no_facility_do],
  facility_exists: [m.error_facility_exists, m.error_facility_exists_do],
  home_not_empty: [m.error_home_not_empty, m.error_home_not_empty_do],
  home_unsuitable: [m.error_home_unsuitable, m.error_home_unsuitable_do],
  store_newer: [m.error_store_newer, m.error_store_newer_do],
  store_damaged: [m.error_store_damaged, m.error_store_damaged_do],
  key_slots_damaged: [m.error_key_slots_damaged, m.error_key_slots_damaged_do],
  recovery_code_wrong: [m.error_recovery_code_wrong, m.error_recovery_code_wrong_do],
  restored_copy: [m.error_restored_copy, m.error_restored_copy_do],
  disk_full: [m.error_disk_full, m.error_disk_full_do],
  training_only: [m.error_training_only, m.error_training_only_do],
  not_in_training: [m.error_not_in_training, m.error_not_in_training_do],
  not_found: [m.error_not_found, m.error_not_found_do],
  malformed: [m.error_malformed, m.error_malformed_do],
  changed: [m.error_changed, m.error_changed_do],
  name_missing: [m.error_name_missing, m.error_name_missing_do],
  birth_date_impossible: [m.error_birth_date_impossible, m.error_birth_date_impossible_do],
  possible_duplicate: [m.error_possible_duplicate, m.error_possible_duplicate_do],
  scan_unreadable: [m.error_scan_unreadable, m.error_scan_unreadable_do],
  scan_wrong_kind: [m.error_scan_wrong_kind, m.error_scan_wrong_kind_do],
  check_character_wrong: [m.error_check_character_wrong, m.error_check_character_wrong_do],
  unit_known: [m.error_unit_known, m.error_unit_known_do],
  unit_expired: [m.error_unit_expired, m.error_unit_expired_do],
  unit_expiry_unsure: [m.error_unit_expiry_unsure, m.error_unit_expiry_unsure_do],
  unit_reserved: [m.error_unit_reserved, m.error_unit_reserved_do],
  unit_quarantined: [m.error_unit_quarantined, m.error_unit_quarantined_do],
  unit_gone: [m.error_unit_gone, m.error_unit_gone_do],
  unit_not_here: [m.error_unit_not_here, m.error_unit_not_here_do],
  unit_not_issued: [m.error_unit_not_issued, m.error_unit_not_issued_do],
  abo_incompatible: [m.error_abo_incompatible, m.error_abo_incompatible_do],
  anti_d_history: [m.error_anti_d_history, m.error_anti_d_history_do],
  patient_group_unknown: [m.error_patient_group_unknown, m.error_patient_group_unknown_do],
  patient_group_conflict: [m.error_patient_group_conflict, m.error_patient_group_conflict_do],
  patient_deceased: [m.error_patient_deceased, m.error_patient_deceased_do],
  local_code_not_isbt: [m.error_local_code_not_isbt, m.error_local_code_not_isbt_do],
  donation_groups_differ: [m.error_donation_groups_differ, m.error_donation_groups_differ_do],
  expiry_too_far: [m.error_expiry_too_far, m.error_expiry_too_far_do],
  collection_impossible: [m.error_collection_impossible, m.error_collection_impossible_do],
  volume_impossible: [m.error_volume_impossible, m.error_volume_impossible_do],
  place_missing: [m.error_place_missing, m.error_place_missing_do],
  product_is_other: [m.error_product_is_other, m.error_product_is_other_do],
  expiry_in_past: [m.error_expiry_in_past, m.error_expiry_in_past_do],
  reason_missing: [m.error_reason_missing, m.error_reason_missing_do],
  appearance_not_accepted: [m.error_appearance_not_accepted, m.error_appearance_not_accepted_do],
  donor_clock_unsure: [m.error_donor_clock_unsure, m.error_donor_clock_unsure_do],
  donor_not_screened: [m.error_donor_not_screened, m.error_donor_not_screened_do],
  donor_not_accepted: [m.error_donor_not_accepted, m.error_donor_not_accepted_do],
  donor_no_consent: [m.error_donor_no_consent, m.error_donor_no_consent_do],
  donor_already_gave: [m.error_donor_already_gave, m.error_donor_already_gave_do],
  donor_too_light: [m.error_donor_too_light, m.error_donor_too_light_do],
  donation_number_used: [m.error_donation_number_used, m.error_donation_number_used_do],
  donation_number_not_ours: [m.error_donation_number_not_ours, m.error_donation_number_not_ours_do],
  no_donation_numbers: [m.error_no_donation_numbers, m.error_no_donation_numbers_do],
  number_block_unfit: [m.error_number_block_unfit, m.error_number_block_unfit_do],
  donation_times_reversed: [m.error_donation_times_reversed, m.error_donation_times_reversed_do],
  group_not_usual: [m.error_group_not_usual, m.error_group_not_usual_do],
  lab_refused: [m.error_lab_refused, m.error_lab_refused_do],
  donation_volume_impossible: [m.error_donation_volume_impossible, m.error_donation_volume_impossible_do],
  policy_out_of_bounds: [m.error_policy_out_of_bounds, m.error_policy_out_of_bounds_do],
  floor_above_target: [m.error_floor_above_target, m.error_floor_above_target_do],
  policy_in_the_past: [m.error_policy_in_the_past, m.error_policy_in_the_past_do],
  rhd_mismatch: [m.error_rhd_mismatch, m.error_rhd_mismatch_do],
  plasma_mismatch: [m.error_plasma_mismatch, m.error_plasma_mismatch_do],
  not_identical_group: [m.error_not_identical_group, m.error_not_identical_group_do],
  expires_soon: [m.error_expires_soon, m.error_expires_soon_do],
  group_not_confirmed: [m.error_group_not_confirmed, m.error_group_not_confirmed_do],
  image_not_an_image: [m.error_image_not_an_image, m.error_image_not_an_image_do],
  image_unsupported: [m.error_image_unsupported, m.error_image_unsupported_do],
  image_too_large: [m.error_image_too_large, m.error_image_too_large_do],
  image_broken: [m.error_image_broken, m.error_image_broken_do],
  image_heic: [m.error_image_heic, m.error_image_heic_do],
  model_missing: [m.error_model_missing, m.error_model_missing_do],
  model_changed: [m.error_model_changed, m.error_model_changed_do],
  model_unsupported: [m.error_model_unsupported, m.error_model_unsupported_do],
  model_not_enabled: [m.error_model_not_enabled, m.error_model_not_enabled_do],
  analysis_too_long: [m.error_analysis_too_long, m.error_analysis_too_long_do],
  batch_not_over: [m.error_batch_not_over, m.error_batch_not_over_do],
  pack_not_found: [m.error_pack_not_found, m.error_pack_not_found_do],
  pack_incomplete: [m.error_pack_incomplete, m.error_pack_incomplete_do],
  pack_file_changed: [m.error_pack_file_changed, m.error_pack_file_changed_do],
  pack_card_wrong: [m.error_pack_card_wrong, m.error_pack_card_wrong_do],
  pack_self_test: [m.error_pack_self_test, m.error_pack_self_test_do],
  pack_too_large: [m.error_pack_too_large, m.error_pack_too_large_do],
  pack_unsigned: [m.error_pack_unsigned, m.error_pack_unsigned_do],
  pack_signature_wrong: [m.error_pack_signature_wrong, m.error_pack_signature_wrong_do],
  pack_key_unknown: [m.error_pack_key_unknown, m.error_pack_key_unknown_do],
  pack_fingerprint_wrong: [m.error_pack_fingerprint_wrong, m.error_pack_fingerprint_wrong_do],
  pack_version_taken: [m.error_pack_version_taken, m.error_pack_version_taken_do],
  pack_gone: [m.error_pack_gone, m.error_pack_gone_do],
  analysis_not_running: [m.error_analysis_not_running, m.error_analysis_not_running_do],
  report_signed: [m.error_report_signed, m.error_report_signed_do],
  report_not_signed: [m.error_report_not_signed, m.error_report_not_signed_do],
  report_empty: [m.error_report_empty, m.error_report_empty_do],
  archive_failed: [m.error_archive_failed, m.error_archive_failed_do],
  receiver_unfit: [m.error_receiver_unfit, m.error_receiver_unfit_do],
  folder_unsuitable: [m.error_folder_unsuitable, m.error_folder_unsuitable_do],
  unknown_command: [m.error_unknown_command, m.error_unknown_command_do],
  internal: [m.error_internal, m.error_internal_do],
};

export interface ErrorWords {
  title: string;
  why: string;
  doNow: string;
}

/**
 * The words for a refused or failed command. A feature that knows more (which group, which shelf) writes its own
 * `why` and keeps the rest.
 */
export function errorWords(error: Pick<CommandFailed, "code" | "kind" | "args" | "incident">): ErrorWords {
  const [title, doNow] = sentences[error.code] ?? sentences.internal;
  const until = error.args.until;
  return {
    title: title(),
    why: error.kind === "fault" ? m.error_why_fault() : m.error_why_rule(),
    doNow: [doNow(), until && m.error_until({ time: until }), error.incident && m.error_incident({ incident: error.incident })].filter(Boolean).join(" "),
  };
}

/** One sentence for a rule, for instance in the list of rules that an override must name. */
export function ruleWords(code: Code): string {
  return (sentences[code] ?? sentences.internal)[0]();
}
