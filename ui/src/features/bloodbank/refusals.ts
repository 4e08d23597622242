/**
 * The sentences of the blood bank: what the program says when it says no. Every blood code is named here once;
 * a code that is added to the wire and belongs to blood does not compile until it has its sentence.
 */
import { comma, componentName, formatDay, formatMoment, groupDin, groupWords } from "../../clinical";
import * as m from "../../paraglide/messages";
import type { BloodGroup, Code, CommandError, Component, GroupState, UnitRow } from "../../wire";

/** Who and what the sentence is about, as far as the screen knows it. */
export interface Subject {
  unit?: Pick<UnitRow, "din" | "group" | "component" | "place" | "expiresAt" | "patientName"> | null;
  patient?: { name: string; group: GroupState } | null;
  /** Other units to choose from stand beneath the sentence. Where none do, another one is scanned. */
  listed?: boolean;
  zone: string;
  now: string;
}

export interface Sentence {
  title: string;
  why: string;
  rule: string;
  doNow: string;
}

/** The codes of the wire that blood screens explain themselves; the rest is explained by the shell. */
export type BloodCode =
  | "unit_known" | "unit_expired" | "unit_expiry_unsure" | "unit_reserved" | "unit_quarantined" | "unit_gone"
  | "unit_not_here" | "unit_not_issued" | "abo_incompatible" | "anti_d_history" | "patient_group_unknown"
  | "patient_group_conflict" | "patient_deceased" | "local_code_not_isbt" | "expiry_in_past" | "reason_missing"
  | "appearance_not_accepted" | "rhd_mismatch" | "plasma_mismatch" | "not_identical_group" | "expires_soon"
  | "group_not_confirmed" | "scan_unreadable" | "scan_wrong_kind" | "check_character_wrong"
  | "second_person_needed" | "second_person_refused"
  | "not_counted_since_restore" | "kept_wrong" | "donation_groups_differ" | "expiry_too_far" | "collection_impossible" | "volume_impossible" | "place_missing" | "place_unfit" | "product_is_other";

/** Codes that other areas explain. Together with `BloodCode` they are the whole wire, see the proof below. */
type OtherCode =
  | "wrong_password" | "locked_out" | "not_signed_in" | "screen_locked" | "forbidden" | "password_too_short"
  | "name_taken" | "user_name_unfit" | "last_administrator" | "no_facility" | "facility_exists" | "home_not_empty" | "home_unsuitable"
  | "store_newer" | "store_damaged" | "key_slots_damaged" | "recovery_code_wrong" | "restored_copy" | "disk_full"
  | "training_only" | "not_in_training" | "not_found" | "malformed" | "changed" | "name_missing" | "birth_date_impossible"
  | "possible_duplicate" | "image_not_an_image" | "image_unsupported" | "image_too_large" | "image_broken"
  | "image_heic" | "model_missing" | "model_changed" | "model_unsupported" | "model_not_enabled" | "analysis_not_running" | "analysis_too_long" | "batch_not_over"
  | "report_signed" | "report_not_signed" | "report_empty" | "archive_failed" | "receiver_unfit" | "folder_unsuitable"
  | "pack_not_found" | "pack_incomplete" | "pack_file_changed" | "pack_card_wrong" | "pack_self_test" | "pack_too_large"
  | "pack_unsigned" | "pack_signature_wrong" | "pack_key_unknown" | "pack_fingerprint_wrong" | "pack_version_taken" | "pack_gone"
  | "donor_clock_unsure" | "donor_not_screened" | "donor_not_accepted" | "donor_no_consent" | "donor_already_gave" | "donor_too_light"
  | "donation_number_used" | "donation_number_not_ours" | "no_donation_numbers" | "numbers_since_restore" | "number_block_unfit" | "donation_times_reversed" | "donation_volume_impossible" | "donation_day_impossible" | "donation_told_already" | "photo_no_consent" | "photo_no_guardian" | "photo_not_a_picture" | "photo_broken" | "photo_too_small" | "lab_refused" | "group_not_usual" | "facility_unreadable"
  | "known" | "blank" | "out_of_bounds" | "too_many_at_once" | "time_not_possible" | "same_person_twice" | "person_not_active"
  | "not_a_physician" | "may_not_draw" | "unique_number_missing" | "identity_mismatch" | "wristband_of_another" | "sample_missing" | "sample_rejected"
  | "sample_of_another" | "sample_too_old" | "typing_discrepant" | "method_too_weak" | "electronic_not_allowed" | "only_group_o"
  | "crossmatch_missing" | "crossmatch_too_old" | "crossmatch_incompatible" | "request_closed" | "product_not_ordered" | "nothing_left_to_allocate"
  | "requirement_unmet" | "antigen_positive" | "phenotype_incompatible" | "low_titre_limit" | "low_titre_not_allowed" | "scan_disagrees"
  | "slip_of_another" | "slip_part_of_another" | "slip_used" | "slip_not_genuine" | "label_not_read" | "unit_group_unconfirmed" | "unit_group_mismatch" | "order_missing"
  | "consent_missing" | "units_unaccounted" | "pack_not_next" | "out_too_long" | "already_transfused" | "already_entered" | "no_conflict" | "record_taken_over" | "step_missing"
  | "recalled" | "custody_elsewhere" | "not_in_this_box" | "difference_unexplained" | "sites_not_acknowledged" | "may_not_be_asked" | "nobody_to_ask"
  | "policy_out_of_bounds" | "rule_book_unfit" | "floor_above_target" | "policy_in_the_past" | "unknown_command" | "internal";

// A new code on the wire is in neither list, and this line stops compiling until somebody decides whose it is.
const _everyCodeIsSomebodys: Exclude<Code, BloodCode | OtherCode> extends never ? true : never = true;
void _everyCodeIsSomebodys;

function patientGroup(state: GroupState | undefined): string {
  switch (state?.state) {
    case "once":
    case "confirmed": return groupWords(state.group);
    case "conflict": return state.groups.map(groupWords).join(comma());
    default: return m.blood_not_known();
  }
}

/** What each placeholder of a sentence says, from the screen first, then from the error, then in general words. */
function values(args: CommandError["args"], s: Subject) {
  const group = (g: BloodGroup | undefined) => (g ? groupWords(g) : undefined);
  // `patient` in the arguments is an id and never shown; names come from the screen.
  const when = args.expiresAt ?? s.unit?.expiresAt;
  const isInstant = when !== undefined && /(Z|[+-]\d{2}:\d{2})$/.test(when);
  return {
    din: groupDin(args.din ?? s.unit?.din ?? m.blood_the_unit()),
    place: s.unit?.place || m.blood_its_place(),
    // In the middle of a sentence.
    component: s.unit ? componentName(s.unit.component).toLocaleLowerCase() : m.blood_this_component(),
    unitGroup: group(s.unit?.group) ?? args.unitGroup ?? m.blood_not_known(),
    patientGroup: s.patient ? patientGroup(s.patient.group) : args.patientGroup ?? m.blood_not_known(),
    patient: s.patient?.name ?? m.blood_the_patient(),
    other: s.unit?.patientName ?? m.blood_other_patient(),
    // The component that the error is about, which is not always the one that the screen shows.
    componentName: args.component ? componentName(args.component as Component) : s.unit ? componentName(s.unit.component) : m.blood_this_component(),
    otherGroup: args.otherGroup ?? m.blood_not_known(),
    otherProduct: args.otherProductCode ?? m.blood_not_known(),
    productCode: args.productCode ?? m.blood_not_known(),
    collected: args.collectedAt ? formatMoment(args.collectedAt, s.zone, s.now) ?? args.collectedAt : m.blood_time_unknown(),
    latest: args.latest ? formatDay(args.latest) ?? args.latest : m.blood_time_unknown(),
    days: args.days ?? m.blood_not_known(),
    volume: args.volume ?? m.blood_not_known(),
    least: args.least ?? m.blood_not_known(),
    most: args.most ?? m.blood_not_known(),
    when: (when && (isInstant ? formatMoment(when, s.zone, s.now) : when.replace("T", " "))) || m.blood_time_unknown(),
  };
}

export function isBloodCode(code: Code): code is BloodCode {
  return bloodCodes.has(code);
}

/** The sentence of one blood code. */
export function sentenceOf(code: BloodCode, subject: Subject, args: CommandError["args"] = {}): Sentence {
  const v = values(args, subject);
  switch (code) {
    case "unit_known": return { title: m.blood_ref_unit_known_title(), why: m.blood_ref_unit_known_why(), rule: m.blood_ref_unit_known_rule(), doNow: m.blood_ref_unit_known_now() };
    case "unit_expired": return { title: m.blood_ref_unit_expired_title(), why: m.blood_ref_unit_expired_why(v), rule: m.blood_ref_unit_expired_rule(), doNow: m.blood_ref_unit_expired_now() };
    case "unit_expiry_unsure": return { title: m.blood_ref_unit_expiry_unsure_title(), why: m.blood_ref_unit_expiry_unsure_why(), rule: m.blood_ref_unit_expiry_unsure_rule(), doNow: m.blood_ref_unit_expiry_unsure_now() };
    case "unit_reserved": return { title: m.blood_ref_unit_reserved_title(), why: m.blood_ref_unit_reserved_why(v), rule: m.blood_ref_unit_reserved_rule(), doNow: (subject.listed ? m.blood_ref_unit_reserved_now : m.blood_ref_unit_reserved_scan)(v) };
    case "unit_quarantined": return { title: m.blood_ref_unit_quarantined_title(), why: m.blood_ref_unit_quarantined_why(), rule: m.blood_ref_unit_quarantined_rule(), doNow: m.blood_ref_unit_quarantined_now() };
    case "unit_gone": return { title: m.blood_ref_unit_gone_title(), why: args.by ? m.blood_ref_unit_gone_by({ by: args.by }) : m.blood_ref_unit_gone_why(), rule: m.blood_ref_unit_gone_rule(), doNow: m.blood_ref_unit_gone_now() };
    case "unit_not_here": return { title: m.blood_ref_unit_not_here_title(), why: m.blood_ref_unit_not_here_why(), rule: m.blood_ref_unit_not_here_rule(), doNow: m.blood_ref_unit_not_here_now() };
    case "unit_not_issued": return { title: m.blood_ref_unit_not_issued_title(), why: m.blood_ref_unit_not_issued_why(), rule: m.blood_ref_unit_not_issued_rule(), doNow: m.blood_ref_unit_not_issued_now() };
    case "abo_incompatible": return { title: m.blood_ref_abo_incompatible_title(), why: m.blood_ref_abo_incompatible_why(v), rule: m.blood_ref_abo_incompatible_rule(v), doNow: (subject.listed ? m.blood_ref_abo_incompatible_now : m.blood_ref_abo_incompatible_scan)(v) };
    case "anti_d_history": return { title: m.blood_ref_anti_d_history_title(), why: m.blood_ref_anti_d_history_why(), rule: m.blood_ref_anti_d_history_rule(), doNow: m.blood_ref_anti_d_history_now(v) };
    case "patient_group_unknown": return { title: m.blood_ref_patient_group_unknown_title(), why: m.blood_ref_patient_group_unknown_why(), rule: m.blood_ref_patient_group_unknown_rule(), doNow: m.blood_ref_patient_group_unknown_now() };
    case "patient_group_conflict": return { title: m.blood_ref_patient_group_conflict_title(), why: m.blood_ref_patient_group_conflict_why(), rule: m.blood_ref_patient_group_conflict_rule(), doNow: m.blood_ref_patient_group_conflict_now() };
    case "patient_deceased": return { title: m.blood_ref_patient_deceased_title(), why: m.blood_ref_patient_deceased_why(v), rule: m.blood_ref_patient_deceased_rule(), doNow: m.blood_ref_patient_deceased_now() };
    case "local_code_not_isbt": return { title: m.blood_ref_local_code_not_isbt_title(), why: m.blood_ref_local_code_not_isbt_why(), rule: m.blood_ref_local_code_not_isbt_rule(), doNow: m.blood_ref_local_code_not_isbt_now() };
    case "expiry_in_past": return { title: m.blood_ref_expiry_in_past_title(), why: m.blood_ref_expiry_in_past_why(v), rule: m.blood_ref_expiry_in_past_rule(), doNow: m.blood_ref_expiry_in_past_now() };
    case "reason_missing": return { title: m.blood_ref_reason_missing_title(), why: m.blood_ref_reason_missing_why(), rule: m.blood_ref_reason_missing_rule(), doNow: m.blood_ref_reason_missing_now() };
    case "appearance_not_accepted": return { title: m.blood_ref_appearance_not_accepted_title(), why: m.blood_ref_appearance_not_accepted_why(), rule: m.blood_ref_appearance_not_accepted_rule(), doNow: m.blood_ref_appearance_not_accepted_now() };
    case "rhd_mismatch": return { title: m.blood_ref_rhd_mismatch_title(), why: m.blood_ref_rhd_mismatch_why(v), rule: m.blood_ref_rhd_mismatch_rule(), doNow: (subject.listed ? m.blood_ref_rhd_mismatch_now : m.blood_ref_rhd_mismatch_scan)() };
    case "plasma_mismatch": return { title: m.blood_ref_plasma_mismatch_title(), why: m.blood_ref_plasma_mismatch_why(v), rule: m.blood_ref_plasma_mismatch_rule(), doNow: (subject.listed ? m.blood_ref_plasma_mismatch_now : m.blood_ref_plasma_mismatch_scan)() };
    case "not_identical_group": return { title: m.blood_ref_not_identical_group_title(), why: m.blood_ref_not_identical_group_why(v), rule: m.blood_ref_not_identical_group_rule(), doNow: (subject.listed ? m.blood_ref_not_identical_group_now : m.blood_ref_not_identical_group_scan)() };
    case "expires_soon": return { title: m.blood_ref_expires_soon_title(), why: m.blood_ref_expires_soon_why(v), rule: m.blood_ref_expires_soon_rule(), doNow: m.blood_ref_expires_soon_now() };
    case "group_not_confirmed": return { title: m.blood_ref_group_not_confirmed_title(), why: m.blood_ref_group_not_confirmed_why(v), rule: m.blood_ref_group_not_confirmed_rule(), doNow: m.blood_ref_group_not_confirmed_now() };
    case "scan_unreadable": return { title: m.blood_ref_scan_unreadable_title(), why: m.blood_ref_scan_unreadable_why(), rule: m.blood_ref_scan_unreadable_rule(), doNow: m.blood_ref_scan_unreadable_now() };
    case "scan_wrong_kind": return { title: m.blood_ref_scan_wrong_kind_title(), why: m.blood_ref_scan_wrong_kind_why(), rule: m.blood_ref_scan_wrong_kind_rule(), doNow: m.blood_ref_scan_wrong_kind_now() };
    case "check_character_wrong": return { title: m.blood_ref_check_character_wrong_title(), why: m.blood_ref_check_character_wrong_why(), rule: m.blood_ref_check_character_wrong_rule(), doNow: m.blood_ref_check_character_wrong_now() };
    case "second_person_needed": return { title: m.blood_ref_second_person_needed_title(), why: m.blood_ref_second_person_needed_why(), rule: m.blood_ref_second_person_needed_rule(), doNow: m.blood_ref_second_person_needed_now() };
    case "second_person_refused": return { title: m.blood_ref_second_person_refused_title(), why: secondWhy(args.why), rule: m.blood_ref_second_person_refused_rule(), doNow: m.blood_ref_second_person_refused_now() };
    case "place_unfit": return { title: m.blood_ref_place_unfit_title(), why: m.blood_ref_place_unfit_why(), rule: m.blood_ref_place_unfit_rule(), doNow: m.blood_ref_place_unfit_now() };
    case "kept_wrong": return { title: m.blood_ref_kept_wrong_title(), why: m.blood_ref_kept_wrong_why({ place: args.place ?? "" }), rule: m.blood_ref_kept_wrong_rule(), doNow: m.blood_ref_kept_wrong_now() };
    case "not_counted_since_restore": return { title: m.blood_ref_not_counted_since_restore_title(), why: m.blood_ref_not_counted_since_restore_why(), rule: m.blood_ref_not_counted_since_restore_rule(), doNow: m.blood_ref_not_counted_since_restore_now() };
    case "donation_groups_differ": return { title: m.blood_ref_donation_groups_differ_title(), why: m.blood_ref_donation_groups_differ_why(v), rule: m.blood_ref_donation_groups_differ_rule(), doNow: m.blood_ref_donation_groups_differ_now() };
    case "expiry_too_far": return { title: m.blood_ref_expiry_too_far_title(), why: m.blood_ref_expiry_too_far_why(v), rule: m.blood_ref_expiry_too_far_rule(), doNow: m.blood_ref_expiry_too_far_now() };
    case "collection_impossible": return { title: m.blood_ref_collection_impossible_title(), why: m.blood_ref_collection_impossible_why(v), rule: m.blood_ref_collection_impossible_rule(), doNow: m.blood_ref_collection_impossible_now() };
    case "volume_impossible": return { title: m.blood_ref_volume_impossible_title(), why: m.blood_ref_volume_impossible_why(v), rule: m.blood_ref_volume_impossible_rule(), doNow: m.blood_ref_volume_impossible_now() };
    case "place_missing": return { title: m.blood_ref_place_missing_title(), why: m.blood_ref_place_missing_why(), rule: m.blood_ref_place_missing_rule(), doNow: m.blood_ref_place_missing_now() };
    case "product_is_other": return { title: m.blood_ref_product_is_other_title(), why: m.blood_ref_product_is_other_why(v), rule: m.blood_ref_product_is_other_rule(), doNow: m.blood_ref_product_is_other_now() };
    default: return unreachable(code);
  }
}

/** A wrong name and a wrong password sound the same: nobody may learn who works here by trying. */
function secondWhy(why: string | undefined): string {
  switch (why) {
    case "same_person": return m.blood_second_why_same_person();
    case "role": return m.blood_second_why_role();
    case "unknown":
    case "password": return m.blood_second_why_password();
    default: return m.blood_ref_second_person_refused_why();
  }
}

function unreachable(code: never): never {
  throw new Error(`no sentence for ${String(code)}`);
}

const bloodCodes: ReadonlySet<Code> = new Set<BloodCode>([
  "unit_known", "unit_expired", "unit_expiry_unsure", "unit_reserved", "unit_quarantined", "unit_gone",
  "unit_not_here", "unit_not_issued", "abo_incompatible", "anti_d_history", "patient_group_unknown",
  "patient_group_conflict", "patient_deceased", "local_code_not_isbt", "expiry_in_past", "reason_missing",
  "appearance_not_accepted", "rhd_mismatch", "plasma_mismatch", "not_identical_group", "expires_soon",
  "group_not_confirmed", "scan_unreadable", "scan_wrong_kind", "check_character_wrong",
  "second_person_needed", "second_person_refused",
  "not_counted_since_restore", "kept_wrong", "donation_groups_differ", "expiry_too_far", "collection_impossible", "volume_impossible", "place_missing", "place_unfit", "product_is_other",
]);

/** The sentence of an error when it is one of blood; null when the shell's sentence is to be used. */
export function bloodSentence(error: Pick<CommandError, "code" | "args">, subject: Subject): Sentence | null {
  return isBloodCode(error.code) ? sentenceOf(error.code, subject, error.args) : null;
}
