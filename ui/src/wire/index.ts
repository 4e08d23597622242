// Printed by `cargo xtask bindings` from crates/wire. Never edited by hand.

export type Nothing = Record<symbol, never>;

export type Made = { id: string, };

export type ById = { id: string, };

export type ErrorKind = "refusal" | "needs_override" | "fault";

export type Code = "wrong_password" | "locked_out" | "not_signed_in" | "screen_locked" | "forbidden" | "second_person_needed" | "second_person_refused" | "password_too_short" | "name_taken" | "user_name_unfit" | "last_administrator" | "no_facility" | "facility_exists" | "home_not_empty" | "home_unsuitable" | "store_newer" | "store_damaged" | "key_slots_damaged" | "recovery_code_wrong" | "restored_copy" | "disk_full" | "training_only" | "not_in_training" | "not_found" | "malformed" | "changed" | "name_missing" | "birth_date_impossible" | "possible_duplicate" | "scan_unreadable" | "scan_wrong_kind" | "check_character_wrong" | "group_not_usual" | "facility_unreadable" | "rule_book_unfit" | "unit_known" | "unit_expired" | "unit_expiry_unsure" | "unit_reserved" | "unit_quarantined" | "unit_gone" | "unit_not_here" | "unit_not_issued" | "abo_incompatible" | "anti_d_history" | "patient_group_unknown" | "patient_group_conflict" | "patient_deceased" | "not_counted_since_restore" | "kept_wrong" | "donation_groups_differ" | "local_code_not_isbt" | "expiry_in_past" | "expiry_too_far" | "collection_impossible" | "volume_impossible" | "place_missing" | "place_unfit" | "product_is_other" | "reason_missing" | "appearance_not_accepted" | "donor_clock_unsure" | "donor_not_screened" | "donor_not_accepted" | "donor_no_consent" | "donor_already_gave" | "donor_too_light" | "donation_number_used" | "donation_number_not_ours" | "no_donation_numbers" | "numbers_since_restore" | "number_block_unfit" | "donation_times_reversed" | "donation_volume_impossible" | "donation_day_impossible" | "donation_told_already" | "photo_no_consent" | "photo_no_guardian" | "photo_not_a_picture" | "photo_broken" | "photo_too_small" | "lab_refused" | "policy_out_of_bounds" | "floor_above_target" | "policy_in_the_past" | "rhd_mismatch" | "plasma_mismatch" | "not_identical_group" | "expires_soon" | "group_not_confirmed" | "known" | "blank" | "out_of_bounds" | "too_many_at_once" | "time_not_possible" | "same_person_twice" | "person_not_active" | "not_a_physician" | "may_not_draw" | "unique_number_missing" | "identity_mismatch" | "wristband_of_another" | "sample_missing" | "sample_rejected" | "sample_of_another" | "sample_too_old" | "typing_discrepant" | "method_too_weak" | "electronic_not_allowed" | "only_group_o" | "crossmatch_missing" | "crossmatch_too_old" | "crossmatch_incompatible" | "request_closed" | "product_not_ordered" | "nothing_left_to_allocate" | "requirement_unmet" | "antigen_positive" | "phenotype_incompatible" | "low_titre_limit" | "low_titre_not_allowed" | "scan_disagrees" | "slip_of_another" | "slip_used" | "slip_not_genuine" | "slip_part_of_another" | "label_not_read" | "unit_group_unconfirmed" | "unit_group_mismatch" | "order_missing" | "consent_missing" | "units_unaccounted" | "pack_not_next" | "out_too_long" | "already_transfused" | "already_entered" | "no_conflict" | "record_taken_over" | "step_missing" | "recalled" | "custody_elsewhere" | "not_in_this_box" | "difference_unexplained" | "sites_not_acknowledged" | "may_not_be_asked" | "nobody_to_ask" | "image_not_an_image" | "image_unsupported" | "image_too_large" | "image_broken" | "image_heic" | "model_missing" | "model_changed" | "model_unsupported" | "model_not_enabled" | "pack_not_found" | "pack_incomplete" | "pack_file_changed" | "pack_card_wrong" | "pack_self_test" | "pack_too_large" | "pack_unsigned" | "pack_signature_wrong" | "pack_key_unknown" | "pack_fingerprint_wrong" | "pack_version_taken" | "pack_gone" | "analysis_not_running" | "analysis_too_long" | "batch_not_over" | "report_signed" | "report_not_signed" | "report_empty" | "archive_failed" | "receiver_unfit" | "folder_unsuitable" | "unknown_command" | "internal";

export type CommandError = { code: Code, kind: ErrorKind, 
/**
 * Values the sentence needs, already in display form (names, numbers, RFC 3339 instants).
 */
args: { [key in string]: string }, 
/**
 * For `NeedsOverride`: every rule that has to be named, the worst first.
 */
rules: Array<Code>, 
/**
 * For faults only; the log has the same number.
 */
incident: string | null, };

export type Override = { rules: Array<Code>, reason: string, };

export type SecondPerson = { user: string, password: string, };

export type Door = "empty" | "sign_in" | "confirm_recovery" | "signed_in" | "locked" | "problem";

export type Status = { door: Door, problem: CommandError | null, facility: Facility | null, session: Session | null, 
/**
 * Names offered on the sign-in page (never a patient's).
 */
users: Array<UserName>, now: string, 
/**
 * True when the computer's clock is more than five minutes behind the last record, or more
 * than seven days ahead of it.
 */
clockSuspect: boolean, 
/**
 * The two times that do not fit together, then.
 */
clock: ClockDoubt | null, version: string, 
/**
 * The last verified backup, if any.
 */
lastBackup: string | null, 
/**
 * Minutes without a touch after which the page locks.
 */
idleMinutes: number, };

export type ClockDoubt = { wall: string, last: string, 
/**
 * The clock is ahead of the last record, and not behind it.
 */
ahead: boolean, };

export type ClockConfirm = { 
/**
 * The time that they were shown ([`ClockDoubt::wall`]).
 */
wall: string, reason: string, second: SecondPerson | null, };

export type Facility = { name: string, 
/**
 * IANA zone, for instance `Africa/Nairobi`.
 */
zone: string, 
/**
 * `who`, `fda`, `eu`, `uk` or `in`.
 */
profile: string, language: string, 
/**
 * A training facility shows a permanent banner and can never join a hospital.
 */
training: boolean, };

export type Session = { user: string, displayName: string, role: Role, permissions: Array<Permission>, since: string, };

export type UserName = { user: string, displayName: string, 
/**
 * Not known while the store is sealed.
 */
role: Role | null, };

export type Role = "administrator" | "physician" | "radiologist" | "blood_bank_scientist" | "nurse" | "reception" | "auditor";

export type Permission = "see_patients" | "register_patients" | "record_allergies" | "record_blood_group" | "see_stock" | "receive_blood" | "reserve_blood" | "issue_blood" | "discard_blood" | "override_blood_warning" | "see_donors" | "register_donors" | "screen_donors" | "judge_donors" | "see_donor_tests" | "test_donations" | "request_blood" | "draw_samples" | "crossmatch" | "transfuse" | "judge_reactions" | "recall_blood" | "ask_donors" | "be_second_person" | "see_images" | "import_images" | "analyse_images" | "judge_findings" | "write_reports" | "manage_staff" | "manage_facility" | "adopt_policy" | "read_audit";

export type SetUp = { facility: string, zone: string, profile: string, language: string, adminUser: string, adminName: string, adminPassword: string, 
/**
 * Terms of training pictures, stricter than open ones, that the facility agrees to: the packs
 * that are there under these terms are enabled.
 */
allow: Array<LicenceKind>, };

export type SetUpDone = { 
/**
 * Shown once, to be printed and typed back.
 */
recoveryCode: string, };

export type Credentials = { user: string, password: string, };

export type Password = { password: string, };

export type Recover = { code: string, user: string, newPassword: string, };

export type RecoveryCode = { code: string, };

export type StaffAdd = { user: string, displayName: string, role: Role, password: string, };

export type StaffRow = { id: string, user: string, displayName: string, role: Role, active: boolean, };

export type StaffActive = { id: string, active: boolean, };

export type ProofReport = { verdict: ProofVerdict, commands: number, receipts: number, records: number, files: number, root: string, findings: Array<ProofFinding>, 
/**
 * What the program noticed at an earlier sign-in, mended and wrote down (`attempts_missing`,
 * `attempts_damaged`, `attempts_unsealed`, `attempts_older`, `key_slots_older`), where two
 * people confirmed the clock (`clock_confirmed`), and files of the operating system in the
 * home (`system_file`). It does not change the verdict; a person has to judge it.
 */
noticed: Array<ProofFinding>, milliseconds: number, };

export type ProofVerdict = "whole" | "tampered" | "fork" | "cannot_decide";

export type ProofFinding = { 
/**
 * Which record or file, by its own name.
 */
what: string, detail: string, };

export type PolicyBook = { profile: string, version: number, 
/**
 * SHA-256 of `text`.
 */
hash: string, values: Array<PolicyValue>, stock: Array<StockTarget>, 
/**
 * Donors, components and tests.
 */
ruleBook: RuleBookView, 
/**
 * The rule books that come with the program.
 */
ruleBooks: Array<string>, versions: Array<PolicyVersionRow>, electronic: ElectronicView, 
/**
 * The newest version, which may not be in force yet: the next one changes this one.
 */
newest: PolicyNewest, };

export type ElectronicStand = "not_validated" | "other_program" | "withdrawn" | "record_not_proven" | "switched_off" | "on";

export type ElectronicView = { stands: ElectronicStand, 
/**
 * The version that runs here.
 */
program: string, recordProven: boolean, 
/**
 * The newest first.
 */
validations: Array<ValidationRow>, };

export type ValidationRow = { id: string, program: string, carriedOutOn: string, protocol: string, passed: boolean, aboPreventionShown: boolean, note: string | null, by: string, second: string, recordedAt: string, withdrawn: ValidationEnd | null, };

export type ValidationEnd = { reason: string, by: string, at: string, };

export type ValidationAsk = { 
/**
 * The version that was looked at, as the page showed it.
 */
program: string, carriedOutOn: string, 
/**
 * Where the written protocol lies.
 */
protocol: string, passed: boolean, aboPreventionShown: boolean, note: string | null, second: SecondPerson | null, };

export type ValidationWithdraw = { validation: string, reason: string, };

export type PolicyValue = { 
/**
 * A stable name; the page has the words.
 */
name: string, 
/**
 * As a number or `true`/`false`; empty for the table of stock.
 */
value: string, source: string, effectiveFrom: string, 
/**
 * Bounds outside which no hospital can have meant it; nothing for what is no number.
 */
least: number | null, most: number | null, 
/**
 * False: a transfusion specialist has yet to confirm it.
 */
confirmed: boolean, };

export type RuleBookRow = { 
/**
 * Its place in the book: `donors.intervals.3`.
 */
name: string, 
/**
 * As the book writes it: a word, or JSON.
 */
value: string, source: string, effectiveFrom: string, confirmed: boolean, };

export type StockTarget = { component: Component, group: BloodGroup, 
/**
 * Under it the level is critical.
 */
floor: number, 
/**
 * Under it the level is low.
 */
target: number, };

export type PolicyVersionRow = { profile: string, version: number, hash: string, effectiveAt: string, adoptedAt: string, author: string, reason: string, urgent: boolean, inForce: boolean, };

export type PolicyNewest = { version: number, hash: string, values: Array<PolicyValue>, stock: Array<StockTarget>, ruleBook: RuleBookView, };

export type PolicyValueSet = { name: string, 
/**
 * As a number or `true`/`false`. Nothing stands here for `stock`: its table is sent beside it.
 */
value: string, source: string, 
/**
 * A transfusion specialist has confirmed it.
 */
confirmed: boolean, };

export type PolicyAdopt = { 
/**
 * The hash of the newest version, as it was read. Another one has been adopted since: `changed`.
 */
base: string, values: Array<PolicyValueSet>, 
/**
 * The whole table of stock, if it changes.
 */
stock: Array<StockTarget> | null, 
/**
 * From when on it decides, `YYYY-MM-DDTHH:MM` in the facility's time; at once when empty.
 */
effectiveWall: string | null, reason: string, 
/**
 * Also meant for what has been asked for and not yet answered.
 */
urgent: boolean, 
/**
 * Another rule book in place of the one that stands.
 */
ruleBook: RuleBookFrom | null, 
/**
 * Values of the rule book that change.
 */
rows: Array<RuleBookSet>, 
/**
 * Two letters of a country: who sends this answers for the rule book as it stands. By itself: what
 * is signed has been adopted before.
 */
signFor: string | null, };

export type RuleBookView = { 
/**
 * `who`, `fda`, `eu`, `uk`, `india`, or one of these with a country: `who/TZ`.
 */
name: string, 
/**
 * Records of donors name the book by this.
 */
version: number, 
/**
 * Who answers for it; none: a draft.
 */
signed: RuleBookSigned | null, rows: Array<RuleBookRow>, };

export type RuleBookFrom = { "from": "built_in", name: string, } | { "from": "file", file: string, };

export type RuleBookSave = { 
/**
 * A new file, with its whole path.
 */
path: string, };

export type RuleBookSet = { 
/**
 * Its place, as [`RuleBookRow::name`].
 */
name: string, 
/**
 * As [`RuleBookRow::value`], in the shape that stands there.
 */
value: string, source: string, 
/**
 * A specialist has confirmed it.
 */
confirmed: boolean, };

export type RuleBookSigned = { by: string, 
/**
 * Two letters.
 */
country: string, on: string, };

export type BackupTo = { path: string, };

export type BackupDone = { path: string, at: string, bytes: string, commands: number, 
/**
 * Versions of packs that lie beside the copy.
 */
packs?: Array<PackRef>, 
/**
 * Installed versions whose files are missing or altered here, and so are in no copy.
 */
packsMissing?: Array<PackRef>, };

export type DraftPut = { 
/**
 * The page's own name of the form, at most 64 characters; with an id in it where one form
 * exists per record (`patient.register`, `counter/0190...`).
 */
screen: string, 
/**
 * JSON of the page's own making, at most 1 MiB.
 */
body: string, };

export type DraftOf = { screen: string, };

export type Draft = { body: string | null, 
/**
 * When it was last put.
 */
at: string | null, };

export type Scanner = { 
/**
 * Text that opens a burst besides the data identifiers `=` and `&`. Empty: none.
 */
prefix: string, 
/**
 * Text or named key (`Enter`, `Tab`) that closes it. Empty: Enter, Tab or silence.
 */
suffix: string, 
/**
 * The longest pause between two characters of one burst, in milliseconds.
 */
gapMs: number, 
/**
 * The silence that closes a burst without a suffix, in milliseconds.
 */
silenceMs: number, 
/**
 * The keyboard layout the scanner believes in, in the site's own words.
 */
layout: string, 
/**
 * When a person measured it here; nothing while the defaults stand.
 */
measuredAt: string | null, };

export type PreferencePut = { name: PreferenceName, 
/**
 * JSON of the page's own making, at most 8 KiB.
 */
body: string, };

export type PreferenceOf = { name: PreferenceName, };

export type PreferenceName = "viewer_keys" | "print_choice";

export type Preference = { 
/**
 * None: nothing was set.
 */
body: string | null, };

export type StaffPassword = { id: string, password: string, };

export type PasswordChange = { old: string, new: string, };

export type ScannerSet = { prefix: string, suffix: string, 
/**
 * 5 to 500.
 */
gapMs: number, layout: string, };

export type Sex = "female" | "male" | "other" | "not_known";

export type PatientRegister = { 
/**
 * Family name; may be empty for a person with a single name (put it in `given`).
 */
family: string, given: string, title: string | null, birthDate: string | null, sex: Sex, phone: string | null, nationalId: string | null, override: Override | null, };

export type PatientSearch = { text: string, limit: number, };

export type PatientFound = { rows: Array<PatientRow>, 
/**
 * How many match in all; the rest is hidden and the page says so.
 */
total: number, };

export type PatientRow = { id: string, family: string, given: string, title: string | null, birthDate: string | null, ageYears: number | null, sex: Sex, hospitalNumber: string, 
/**
 * Another person on the same list has a name that looks or sounds alike.
 */
similarName: boolean, deceased: boolean, 
/**
 * The record of the same person to use in the place of this one.
 */
belongsTo?: RecordLink, };

export type Allergies = { "state": "known", list: Array<Allergy>, } | { "state": "none_known" } | { "state": "not_recorded" } | { "state": "unavailable" };

export type Allergy = { substance: string, reaction: string | null, severe: boolean, recordedAt: string, };

export type AllergyEntry = { "kind": "substance", substance: string, reaction: string | null, severe: boolean, } | { "kind": "none_known" };

export type AllergyRecord = { patient: string, entry: AllergyEntry, };

export type GroupRecord = { patient: string, group: BloodGroup, 
/**
 * The sample the determination was made on; two different samples confirm a group.
 */
sample: string, 
/**
 * Anti-D found now or ever.
 */
antiD: boolean, 
/**
 * Needed for the determination that confirms, when the same person recorded those before it.
 */
second?: SecondPerson | null, };

export type GroupState = { "state": "unknown" } | { "state": "once", group: BloodGroup, } | { "state": "confirmed", group: BloodGroup, } | { "state": "conflict", groups: Array<BloodGroup>, };

export type GroupWithdraw = { patient: string, 
/**
 * Which one, and when it was recorded, as [`PatientView::determinations`] shows it.
 */
nth: number, at: string, reason: string, second: SecondPerson | null, };

export type GroupResult = { nth: number, group: BloodGroup, sample: string, at: string, by: string, withdrawn: GroupWithdrawal | null, };

export type GroupWithdrawal = { reason: string, at: string, by: string, second: string | null, };

export type RecordLink = { id: string, name: string, hospitalNumber: string, };

export type RecordTakeOver = { patient: string, of: string, reason: string, second: SecondPerson | null, };

export type DeathRecord = { patient: string, 
/**
 * When, by the clock on the wall of this place: `2026-11-20T14:30`.
 */
wall: string, };

export type DeathWithdraw = { patient: string, 
/**
 * [`PatientView::died`], as it is shown.
 */
at: string, reason: string, second: SecondPerson | null, };

export type PatientView = { id: string, family: string, given: string, title: string | null, birthDate: string | null, ageYears: number | null, sex: Sex, hospitalNumber: string, phone: string | null, nationalId: string | null, allergies: Allergies, group: GroupState, 
/**
 * All determinations, the oldest first, also those that were entered in error.
 */
determinations: Array<GroupResult>, antiDEver: boolean, died: string | null, 
/**
 * The record of the same person to use in the place of this one.
 */
belongsTo?: RecordLink, 
/**
 * Records of the same person that this one has taken over.
 */
takenOver?: Array<RecordLink>, timeline: Array<TimelineEntry>, 
/**
 * Earlier entries not sent.
 */
timelineHidden: number, units: Array<UnitRow>, studies: Array<StudyRow>, asOf: string, };

export type TimelineEntry = { at: string, what: TimelineKind, 
/**
 * Values for the sentence: `din`, `group`, `label`, `probability`, ...
 */
args: { [key in string]: string }, by: string, 
/**
 * It was written on paper: when it happened, and by whose hand; `at` and `by` are of the entry.
 */
happened?: HappenedRow, };

export type TimelineKind = "registered" | "allergy_recorded" | "no_allergies_recorded" | "group_recorded" | "group_withdrawn" | "record_taken_over" | "record_gave_way" | "death_recorded" | "death_withdrawn" | "unit_reserved" | "reservation_released" | "unit_issued" | "image_added" | "image_analysed" | "finding_judged" | "report_signed" | "report_addended" | "blood_requested" | "request_cancelled" | "sample_received" | "sample_rejected" | "antibody_recorded" | "need_recorded" | "transplant_recorded" | "crossmatched" | "uncrossmatched_issued" | "unit_returned" | "issue_entered_in_error" | "transfusion_started" | "transfusion_stopped" | "transfusion_ended" | "transfusion_outcome" | "reaction_case_opened" | "reaction_case_closed" | "massive_transfusion_started" | "massive_transfusion_ended";

export type Abo = "O" | "A" | "B" | "AB";

export type Rhd = "negative" | "positive";

export type BloodGroup = { abo: Abo, rhd: Rhd, 
/**
 * Of a bag, or of a label, without the H antigen. Its letters are O, and it is no group O.
 */
phenotype?: HPhenotype, };

export type Component = "red_cells" | "platelets" | "plasma" | "cryoprecipitate" | "whole_blood";

export type UnitStatus = "quarantined" | "available" | "reserved" | "issued" | "discarded" | "modified" | "expired";

export type ScanText = { text: string, 
/**
 * True when a person typed it: then the check character is required.
 */
typed: boolean, };

export type ScanRead = { parts: Array<ScanPart>, };

export type ScanPart = { "kind": "donation_number", din: string, check: string, unit: string | null, } | { "kind": "product", code: string, component: Component | null, name: string | null, } | { "kind": "group", group: BloodGroup, donation_type: string, } | { "kind": "expiry", wall: string, } | { "kind": "collected", wall: string, } | { "kind": "patient", number: string, patient: string | null, } | { "kind": "slip", genuine: boolean, } | { "kind": "other", code?: OtherScan, name: string, raw: string, };

export type OtherScan = "blood_group" | "product_division" | "production_date" | "patient_birth_date" | "staff_badge" | "other_label" | "unknown";

export type StorageRange = { fromC: number | null, toC: number, agitated: boolean, };

export type Level = "good" | "low" | "critical" | "not_stocked";

export type StockBoard = { asOf: string, rows: Array<StockLine>, 
/**
 * Bags without H: in none of the cells, because they are for nobody else.
 */
rare: Array<CountedCell>, totals: StockTotals, 
/**
 * Available and reserved units ending within seven days, earliest first.
 */
expiring: Array<UnitRow>, expiringTotal: number, 
/**
 * What is known of the stock of other sites, by name. In none of the counts above: it is not ours to
 * give.
 */
elsewhere?: Array<SiteStock>, };

export type StockTotals = { available: number, reserved: number, quarantined: number, expired: number, expiring: number, below_target: number, };

export type CountedCell = { component: Component, group: BloodGroup, available: number, reserved: number, quarantined: number, };

export type SiteStock = { site: string, 
/**
 * Components of which anything is free, held or in quarantine there, as far as was heard.
 */
lines: Array<SiteLine>, };

export type SiteLine = { component: Component, 
/**
 * Without those that lack H.
 */
available: number, 
/**
 * Groups of which there is anything; one with a phenotype counts bags without H.
 */
cells: Array<CountedCell>, };

export type StockLine = { component: Component, 
/**
 * Storage range in words, e.g. `2 to 6 °C`.
 */
storage: string, 
/**
 * The same in numbers.
 */
storage_range?: StorageRange, available: number, 
/**
 * Always eight cells: O, A, B, AB, each negative then positive.
 */
cells: Array<StockCell>, };

export type StockCell = { group: BloodGroup, available: number, reserved: number, quarantined: number, level: Level, 
/**
 * The floor under which the level is critical, and the target under which it is low.
 */
floor: number, target: number, 
/**
 * Available units divided by the mean daily issue of the last 28 days; none when nothing was issued.
 */
daysOfCover: number | null, oldestExpiry: string | null, };

export type UnitList = { component: Component | null, 
/**
 * With a phenotype: of that, whatever the letters.
 */
group: BloodGroup | null, status: UnitStatus | null, 
/**
 * Part of a donation number.
 */
text: string | null, 
/**
 * Bags of another site. None: those of this one, and where a number is asked for those of all.
 */
site?: string, limit: number, };

export type UnitsFound = { rows: Array<UnitRow>, total: number, 
/**
 * There are at least as many as `total`: more are not counted out.
 */
more?: boolean, };

export type UnitRow = { id: string, din: string, check: string, productCode: string, component: Component, group: BloodGroup, status: UnitStatus, 
/**
 * Instant; display in the facility's zone.
 */
expiresAt: string, 
/**
 * What the label says, where it was written in a zone that has another time then (bloodbank.md 6,
 * scenario 2).
 */
labelTime?: LabelTime, 
/**
 * Whole days left, 0 on the last day; negative when past.
 */
daysLeft: number, place: string, 
/**
 * The site that has custody of it, where it is not this one.
 */
site?: string, patient: string | null, patientName: string | null, until: string | null, 
/**
 * What was made of it, where it is modified.
 */
became?: Array<UnitLink>, };

export type UnitLink = { id: string, din: string, check: string, productCode: string, 
/**
 * It stands on the board; without it the bag is still in the laboratory and has no page.
 */
onShelf: boolean, };

export type UnitView = { row: UnitRow, volumeMl: number | null, collectedAt: string | null, receivedAt: string, supplier: string | null, lowTitre: boolean, 
/**
 * Every quarantine that is not lifted, the oldest first; each needs its own lift.
 */
quarantines: Array<QuarantineRow>, quarantineReason: string | null, discardReason: string | null, 
/**
 * Some of it has run into somebody.
 */
given: boolean, 
/**
 * It came of a treatment, and nobody has read its new label back yet.
 */
labelUnread: boolean, 
/**
 * The bags that it was made of.
 */
madeOf?: Array<UnitLink>, history: Array<UnitHistory>, };

export type UnitHistory = { at: string, what: UnitAct, 
/**
 * Empty: nobody did it, as a hold that ended by itself.
 */
by: string, second: string | null, reason: string | null, patientName: string | null, overrides: Array<Code>, 
/**
 * It was written on paper: when it happened, and by whose hand; `at` and `by` are of the entry.
 */
happened?: HappenedRow, };

export type UnitAct = "moved" | "sent" | "received" | "reserved" | "released" | "hold_lapsed" | "issued" | "given" | "not_given" | "quarantined" | "quarantine_lifted" | "discarded";

export type LabelTime = { 
/**
 * Wall time, `2026-12-05T23:59`.
 */
wall: string, 
/**
 * Of the facility that labelled it, such as `Asia/Kolkata`.
 */
zone: string, };

export type UnitReceive = { din: string, productCode: string, 
/**
 * Needed when no table names the product code.
 */
component: Component | null, group: BloodGroup, 
/**
 * Wall time on the label, `2026-12-05T23:59`.
 */
expiresWall: string, collectedWall: string | null, 
/**
 * The zone in which the label says its times, such as `Asia/Kolkata`; none: that of this facility.
 */
zone?: string, volumeMl: number | null, place: string, supplier: string | null, };

export type UnitReserve = { unit: string, patient: string, override: Override | null, second: SecondPerson | null, };

export type UnitReserveMany = { units: Array<string>, patient: string, override: Override | null, second: SecondPerson | null, };

export type UnitReason = { unit: string, reason: string, };

export type UnitLift = { unit: string, cause: string, reason: string, 
/**
 * Asked for where a test of the donation was corrected.
 */
second: SecondPerson | null, };

export type QuarantineRow = { cause: string, reason: string, at: string, };

export type UnitDiscard = { unit: string, reason: DiscardReason, note: string | null, second: SecondPerson | null, };

export type DiscardReason = "expired" | "leak" | "clot" | "haemolysis" | "cold_chain" | "volume" | "recalled" | "reactive" | "lipaemic" | "not_sufficient" | "returned_late" | "returned_warm" | "group_discrepancy" | "broken_on_thaw" | "not_used" | "supplier_recall" | "processed" | "other";

export type CounterAsk = { patient: string | null, unit: string | null, 
/**
 * Only alternatives of this component, and then all a page can show.
 */
component?: Component, };

export type CounterView = { 
/**
 * Why it may not be set aside as it stands; none when it may. What stands against an issue is said by
 * `issue.gates` alone.
 */
refused: CommandError | null, 
/**
 * Compatible units here, the best first, with why. Filled when a patient is known.
 */
alternatives: Array<Alternative>, alternativesTotal: number, };

export type BlankForm = "request" | "sample" | "issue_log" | "transfusion" | "stock" | "donation" | "bench";

export type PrintWhat = { "kind": "unit_labels", units: Array<string>, } | { "kind": "slip", unit: string, patient: string, ward: string, } | { "kind": "box_slip", transfer: string, } | { "kind": "tag", issue: string, } | { "kind": "tube_labels", sample: string, copies: number, } | { "kind": "wristband", patient: string, } | { "kind": "forms", forms: Array<BlankForm>, };

export type PrinterKind = "dots203" | "dots300" | "office";

export type PrintMedia = "roll" | "a4";

export type PrintSave = { what: PrintWhat, printer: PrinterKind, media: PrintMedia, 
/**
 * `en` or `ar`.
 */
language: string, 
/**
 * Where the file is put.
 */
folder: string, };

export type ForecastAsk = { component: Component, };

export type ForecastMethod = "cold_start" | "smoothed" | "holt_winters";

export type TargetWhy = "service" | "would_end" | "too_rare" | "floor";

export type ExpectedNeed = { mean: number, low: number, high: number, };

export type ForecastDay = { 
/**
 * `YYYY-MM-DD` at this place.
 */
day: string, used: number | null, expected: ExpectedNeed | null, };

export type ForecastLine = { 
/**
 * None: all groups together, where any may be given.
 */
group: BloodGroup | null, method: ForecastMethod, daily: number, week: ExpectedNeed, month: ExpectedNeed, free: number, 
/**
 * Of these, ending before the next delivery.
 */
ending: number, held: number, 
/**
 * Days until the mean need has used the free ones.
 */
coverDays: number | null, 
/**
 * The probability that they run out before a delivery ordered now.
 */
runsOut: number, floor: number, orderTo: number, why: TargetWhy, order: number, };

export type ForecastCounted = { 
/**
 * Units given, each under the group of its patient.
 */
given: number, 
/**
 * Of these, under the group of the bag, because nobody knows the patient's.
 */
byBag: number, 
/**
 * Units asked for and not supplied, and as how many they count.
 */
lacking: number, lackingCounted: number, };

export type ForecastView = { asOf: string, 
/**
 * Days of use that are known, a year at most.
 */
daysKnown: number, 
/**
 * Of every interval shown, in percent.
 */
intervalPercent: number, 
/**
 * All groups together: eight weeks back, two ahead.
 */
days: Array<ForecastDay>, lines: Array<ForecastLine>, counted: ForecastCounted, 
/**
 * The numbers of the book that nobody has confirmed for this facility.
 */
unconfirmed: boolean, };

export type SiteUse = { group: BloodGroup | null, 
/**
 * Over the days that are asked about.
 */
units: number, };

export type SiteUseSay = { site: string, component: Component, 
/**
 * Each group once, or all together, as the component is ordered.
 */
uses: Array<SiteUse>, };

export type SiteNeed = { name: string, 
/**
 * Empty: nobody has said it.
 */
uses: Array<SiteUse>, saidAt: string | null, saidBy: string | null, 
/**
 * Said so long ago that it is asked again.
 */
stale: boolean, };

export type OfferBag = { id: string, din: string, check: string, group: BloodGroup, endsAt: string, daysLeft: number, 
/**
 * The probability of its use before its end, here and where it is offered.
 */
here: number, there: number | null, };

export type SiteOffer = { to: string, stale: boolean, bags: Array<OfferBag>, };

export type Offers = { asOf: string, 
/**
 * Bags with so many days or less are looked at; none: the component is not exchanged.
 */
withinDays: number | null, 
/**
 * All groups of it are ordered, and said, together.
 */
together: boolean, 
/**
 * In percent: below it a bag is not likely to be used.
 */
below: number, 
/**
 * What a site uses is said over so many days, and asked again after so many.
 */
useDays: number, staleDays: number, sites: Array<SiteNeed>, offers: Array<SiteOffer>, 
/**
 * Not likely to be used here, and no site is known that would clearly rather use them.
 */
nowhere: Array<OfferBag>, 
/**
 * Of either kind, beyond the most that are sent.
 */
leftOut: number, };

export type WhatIfChange = { "kind": "need", percent: number, } | { "kind": "service", permille: number, } | { "kind": "floors", percent: number, } | { "kind": "life", least: number, most: number, } | { "kind": "hold", hours: number, } | { "kind": "delivery", days: number, };

export type WhatIfAsk = { component: Component, changes: Array<WhatIfChange>, };

export type ShareEstimate = { mean: number, low: number, high: number, };

export type WhatIfFigures = { waste: ShareEstimate, fulfilment: ShareEstimate, critical: ShareEstimate, 
/**
 * O RhD negative red cells given to others.
 */
oNegative: ShareEstimate, };

export type WhatIfAnswer = { now: WhatIfFigures, then: WhatIfFigures, difference: WhatIfFigures, 
/**
 * Units a day that the simulated hospital uses: from this site's own forecast.
 */
daily: number, days: number, runs: number, };

export type Work = "irradiate" | "leukoreduce" | "wash" | "thaw" | "relabel_thawed" | "pool" | "split" | "volume_reduce" | "freeze" | "deglycerolise" | "aliquot";

export type WorkAsk = { units: Array<string>, };

export type WorkChoice = { work: Work, 
/**
 * Stable; the words stand with the page.
 */
product: string, 
/**
 * The code that this house gives to what is made; empty where its table has none.
 */
code: string, 
/**
 * What went in.
 */
volumeMl: number, 
/**
 * Several bags come of it, otherwise one.
 */
several: boolean, 
/**
 * As many bags may be pooled at once.
 */
mostBags: number, 
/**
 * As many bags may come of one.
 */
mostNew: number, };

export type WorkInto = { productCode: string, volumeMl: number, };

export type WorkDo = { units: Array<string>, work: Work, 
/**
 * The closed system was opened.
 */
open: boolean, into: Array<WorkInto>, 
/**
 * Where the new bags lie.
 */
place: string, 
/**
 * It was done then and is entered now: the new lives run from the act.
 */
happened?: Happened, };

export type WorkDone = { units: Array<string>, };

export type WorkLabel = { unit: string, 
/**
 * What a scanner reads off the label that was put on the bag: all four codes.
 */
label: string, };

export type BagState = "available" | "reserved" | "quarantined" | "in_transit" | "issued" | "transfused" | "discarded" | "expired" | "in_laboratory" | "used_up" | "not_known";

export type LookBackFrom = "donor" | "unit" | "patient";

export type LineageDonor = { id: string, number: string | null, name: string | null, };

export type LineageDonation = { id: string, din: string, check: string, at: string, 
/**
 * Markers that are reactive or unclear; none for those who may not know.
 */
found: Array<MarkerRow>, };

export type LineageBag = { id: string, din: string, check: string, productCode: string, component: Component | null, state: BagState, site: string, place: string, expiresAt: string | null, 
/**
 * Its donor is known to its supplier only.
 */
fromOutside: boolean, 
/**
 * The recall that names it.
 */
recall: string | null, };

export type LineageEdge = { from: string, to: string, };

export type LookBackMap = { from: LookBackFrom, id: string, donors: Array<LineageDonor>, donations: Array<LineageDonation>, bags: Array<LineageBag>, recipients: Array<PatientRow>, edges: Array<LineageEdge>, 
/**
 * Whether who looks may see who gave.
 */
seesDonors: boolean, 
/**
 * Bags that are not shown because there are too many.
 */
more: number, };

export type RecallFound = "in_stock" | "issued" | "discarded" | "used_up" | "not_here";

export type RecallRow = { id: string, reason: string, openedAt: string, closedAt: string | null, bags: number, 
/**
 * Of them with somebody, or given.
 */
issued: number, 
/**
 * Sites that have not answered.
 */
pending: Array<string>, 
/**
 * The earliest thing to be done, where it is overdue.
 */
overdue: boolean, };

export type Recalls = { open: Array<RecallRow>, closed: Array<RecallRow>, 
/**
 * Older ones that wait as well and are not in the list.
 */
leftOut?: number, };

export type RecallTarget = { id: string, din: string, check: string, site: string, 
/**
 * What it was found as when the recall named it.
 */
found: RecallFound, 
/**
 * What it is now.
 */
state: BagState, patient: PatientRow | null, unit: UnitRow | null, };

export type RecallAnswer = { site: string, by: string, at: string, };

export type RecallTaskKind = "alert_ward" | "alert_physician" | "trace_recipient" | "acknowledge_recall";

export type RecallTask = { what: RecallTaskKind, 
/**
 * None: at once.
 */
due: string | null, overdue: boolean, din: string | null, patient: string | null, 
/**
 * Whoever asked for the bag, or ordered it, and answers for the patient.
 */
clinician: string | null, site: string | null, 
/**
 * The site has answered, or the recall is closed.
 */
done: boolean, };

export type RecallView = { row: RecallRow, targets: Array<RecallTarget>, answers: Array<RecallAnswer>, tasks: Array<RecallTask>, 
/**
 * The word for the site where this is read.
 */
here: string, };

export type RecallOpen = { reason: string, units: Array<string>, dins: Array<string>, };

export type RecallExtend = { recall: string, units: Array<string>, dins: Array<string>, };

export type RecallAcknowledge = { recall: string, 
/**
 * None: the site that acts.
 */
site: string | null, };

export type TodoKind = "alert_ward" | "alert_physician" | "alert_site" | "stop_transfusion" | "place_out_of_range" | "resolve_custody" | "review_given" | "medical_review" | "sign_emergency_order" | "anti_d_consult" | "retrospective_crossmatch" | "acknowledge_recall" | "trace_recipient" | "work_up_case" | "record_outcome" | "answer_alarm" | "stock_critical" | "stock_under_floor" | "units_ending" | "ask_donors";

export type TodoWhose = "ward" | "physician" | "blood_bank";

export type TodoWhy = "reactive" | "not_clear" | "run_invalid" | "unverified" | "held" | "not_free" | "gave_too_soon" | "recalled" | "incompatible" | "without_custody" | "not_crossmatched" | "rhd_positive" | "reaction" | "prevented" | "running_too_long" | "no_outcome" | "too_warm" | "too_cold" | "no_readings" | "under_floor" | "none_left" | "ends_soon" | "shelf_cannot_fill";

export type TodoLink = { "kind": "bag", id: string, } | { "kind": "donor", id: string, } | { "kind": "recall", id: string, } | { "kind": "case", id: string, } | { "kind": "bedside", id: string, } | { "kind": "place", id: string, } | { "kind": "issues" } | { "kind": "board" } | { "kind": "units", component: Component, } | { "kind": "appeal", request: string, };

export type TodoBag = { id: string, din: string, check: string, component: Component, };

export type TodoDonor = { id: string, number: string, name: string, };

export type TodoRow = { 
/**
 * The same for the same task, whenever it is asked for.
 */
id: string, what: TodoKind, 
/**
 * Of the highest priority.
 */
urgent: boolean, whose: TodoWhose, 
/**
 * Who answers for the patient, or whose signature it is.
 */
person: string | null, why: TodoWhy, 
/**
 * The reason of the hold, for those who may see it.
 */
hold: string | null, 
/**
 * The other site, or the one that has to answer.
 */
site: string | null, bag: TodoBag | null, patient: PatientRow | null, donor: TodoDonor | null, 
/**
 * The number of the donation, where it is not about a bag.
 */
din: string | null, place: string | null, 
/**
 * Of what the shelf has too little, or which bags end.
 */
component: Component | null, 
/**
 * The groups that are under their floor, or whose donors help.
 */
groups: Array<BloodGroup>, 
/**
 * Steps of a work-up, alarms or bags that are open; 0 where there is nothing to count.
 */
count: number, 
/**
 * None: the shelf does not keep since when.
 */
since: string | null, 
/**
 * None: at once.
 */
due: string | null, overdue: boolean, link: TodoLink, };

export type Todos = { rows: Array<TodoRow>, count: TodoCount, 
/**
 * Others that wait as well and are not in the list.
 */
leftOut: number | null, asOf: string, };

export type TodoCount = { urgent: number, all: number, };

export type BagLabel = { din: string, productCode: string | null, };

export type SiteRow = { name: string, 
/**
 * Short form of its key, to be compared by telephone.
 */
fingerprint: string, };

export type Sites = { here: SiteRow, 
/**
 * What another site types or scans to believe the slips of this one.
 */
code: string, known: Array<SiteRow>, };

export type SiteKnow = { code: string, 
/**
 * As the other site reads it out.
 */
fingerprint: string, };

export type SiteForget = { name: string, };

export type TransferStatus = "packing" | "on_its_way" | "arriving" | "arrived";

export type TransferRow = { id: string, from: string, to: string, 
/**
 * It leaves, or left, from here.
 */
ours: boolean, component: Component, bags: number, 
/**
 * Bags of which the other end has said nothing.
 */
open: number, missing: number, status: TransferStatus, sentAt: string | null, };

export type Transfers = { open: Array<TransferRow>, 
/**
 * Arrived in the last month.
 */
ended: Array<TransferRow>, 
/**
 * Older ones that wait as well and are not in the list.
 */
leftOut?: number, };

export type TransferBagState = "packed" | "on_its_way" | "taken_in" | "missing";

export type TransferBag = { id: string, din: string, productCode: string, state: TransferBagState, reason: string | null, unit: UnitRow | null, 
/**
 * What the slip says of its label; none on a slip of an earlier release.
 */
label?: BagOnSlip, };

export type BagOnSlip = { group: BloodGroup, expiresAt: string, };

export type TemperatureRow = { at: string, tenths: number, };

export type TransferView = { row: TransferRow, bags: Array<TransferBag>, readings: Array<TemperatureRow>, 
/**
 * What the box may be between, in tenths of a degree; none where policy names nothing.
 */
least: number | null, most: number | null, 
/**
 * As many bags go into one box.
 */
mostBags: number, 
/**
 * The text of the slip in the box; none before it was scanned out.
 */
slip: string | null, };

export type TransferBegin = { to: string, component: Component, };

export type TransferPack = { transfer: string, bag: BagLabel, };

export type TransferUnpack = { transfer: string, unit: string, };

export type TransferOut = { transfer: string, 
/**
 * Of the thermometer in the box, tenths of a degree.
 */
tenths: number, };

export type SlipText = { text: string, };

export type SlipParts = { parts: Array<string>, };

export type SlipGathered = { 
/**
 * How many codes the slip has.
 */
of: number, 
/**
 * Those that were not scanned yet, by the number printed under each.
 */
missing: Array<number>, 
/**
 * The text of the slip, when none is missing.
 */
text: string | null, };

export type BoxView = { transfer: string, from: string, component: Component, sentAt: string, bags: Array<TransferBag>, };

export type TransferIn = { 
/**
 * The text of the slip.
 */
slip: string, bag: BagLabel, tenths: number, 
/**
 * Where it is put.
 */
place: string, 
/**
 * The whole label of a bag that this site has never had.
 */
label: UnitReceive | null, };

export type TakenIn = { unit: UnitRow, 
/**
 * Too warm or too cold on the way: it is in quarantine.
 */
held: boolean, 
/**
 * Bags on the slip of which nothing has been said yet.
 */
open: number, };

export type TransferMissing = { transfer: string, unit: string, reason: string, };

export type CountKind = "missing" | "elsewhere" | "unexpected" | "unknown" | "twice";

export type CountDifference = { unit: string, din: string, productCode: string, kind: CountKind, 
/**
 * The place that the book names.
 */
bookPlace: string | null, row: UnitRow | null, };

export type CountAsk = { place: string, scanned: Array<BagLabel>, };

export type CountView = { place: string, 
/**
 * Bags that the book has here.
 */
booked: number, 
/**
 * Different bags that were scanned.
 */
counted: number, differences: Array<CountDifference>, 
/**
 * Places that bags lie in, by the book.
 */
places: Array<string>, };

export type CountWhy = { "kind": "moved" } | { "kind": "issued_on_paper" } | { "kind": "discarded", reason: DiscardReason, note: string | null, } | { "kind": "lost" } | { "kind": "not_ours", words: string, };

export type CountExplained = { unit: string, why: CountWhy, };

export type CountClose = { place: string, scanned: Array<BagLabel>, explained: Array<CountExplained>, second: SecondPerson | null, };

export type AlarmKind = "too_warm" | "too_cold" | "no_readings";

export type PlaceAlarm = { kind: AlarmKind, from: string, 
/**
 * None: it goes on.
 */
until: string | null, 
/**
 * The worst reading, tenths of a degree; none where there was none.
 */
extreme: number | null, 
/**
 * What a person said about it.
 */
noted: string | null, noted_by: string | null, 
/**
 * Bags that stand here and stood here in it.
 */
bags: Array<UnitRow>, };

export type PlaceRow = { id: string, name: string, 
/**
 * Tenths of a degree Celsius, inclusive.
 */
least: number, most: number, 
/**
 * Minutes out of range before it is an alarm.
 */
delayMinutes: number, 
/**
 * Minutes without a reading before that is one.
 */
gapMinutes: number, inUse: boolean, last: TemperatureRow | null, bags: number, 
/**
 * An alarm that goes on, or that nobody has said anything about.
 */
alarm: AlarmKind | null, };

export type Places = { rows: Array<PlaceRow>, 
/**
 * Places that bags lie in and that nobody has described.
 */
unnamed: Array<string>, };

export type PlaceView = { row: PlaceRow, 
/**
 * The newest last.
 */
readings: Array<TemperatureRow>, 
/**
 * The newest first.
 */
alarms: Array<PlaceAlarm>, };

export type PlacePut = { name: string, least: number, most: number, delayMinutes: number, gapMinutes: number, inUse: boolean, };

export type PlaceReading = { place: string, tenths: number, 
/**
 * When it was read, if not now: wall time of the facility.
 */
wall: string | null, };

export type PlaceNote = { place: string, 
/**
 * The beginning of the alarm, as it was sent.
 */
from: string, words: string, };

export type StaffName = { user: string, name: string, role: Role, 
/**
 * Whoever is signed in.
 */
me: boolean, 
/**
 * May stand as the one who drew a tube.
 */
draws: boolean, };

export type Urgency = "routine" | "urgent" | "emergency" | "massive";

export type Measure = "haemoglobin" | "platelet_count" | "inr" | "fibrinogen";

export type Measured = { measure: Measure, value: number, };

export type UnitAttribute = "irradiated" | "cmv_negative" | "leukoreduced" | "washed" | "hbs_negative";

export type Antigen = "D" | "C" | "c" | "E" | "e" | "K" | "k" | "Fya" | "Fyb" | "Jka" | "Jkb" | "S" | "s" | "M" | "N" | "Lea" | "Leb" | "P1" | "Lua" | "Cw";

export type BloodNeed = { "attribute": UnitAttribute } | { "antigen_negative": Antigen };

export type RequestPlace = { patient: string, component: Component, count: number, urgency: Urgency, 
/**
 * A code of `request.choices`, or the words of the ward.
 */
indication: string, measured: Array<Measured>, needs: Array<BloodNeed>, 
/**
 * No older than so many days since collection.
 */
freshDays: number | null, 
/**
 * RFC 3339.
 */
neededBy: string, 
/**
 * The patient, or whoever stands for them, has agreed to be transfused.
 */
consent: boolean, };

export type RequestChoices = { thresholds: Array<ThresholdRow>, };

export type ThresholdRow = { indication: string, component: Component, measure: Measure, below: number, source: string, };

export type AdviceRow = { measure: Measure, value: number, below: number, 
/**
 * The value is not under the threshold: is the transfusion needed?
 */
reconsider: boolean, source: string, };

export type RequestStatus = "open" | "closed" | "cancelled";

export type SampleStand = "none" | "waiting" | "ready" | "too_old" | "rejected";

export type RequestRow = { id: string, patient: PatientRow, component: Component, count: number, urgency: Urgency, indication: string, neededBy: string, placedAt: string, requestedBy: string, acceptedBy: string | null, allocated: number, issued: number, status: RequestStatus, sample: SampleStand, 
/**
 * Its time has come and it is not filled.
 */
overdue: boolean, 
/**
 * There is consent on record for this order.
 */
consent: boolean, 
/**
 * What is known of the patient's group.
 */
group: GroupState, };

export type Requests = { 
/**
 * Open ones: the most urgent first, then by when they are needed.
 */
open: Array<RequestRow>, 
/**
 * Ended in the last day.
 */
ended: Array<RequestRow>, 
/**
 * Older ones that wait as well and are not in the list.
 */
leftOut?: number, };

export type ProposalWhy = "held_for_this_patient" | "identical_group" | "compatible_group" | "compatible_scarce" | "oldest_first" | "o_negative_kept" | "meets_needs" | "group_unknown" | "from_the_floor" | "stopped" | "need_not_met" | "kept_for_critical" | "not_fresh" | "allocated_already" | "not_needed";

export type ProposalReason = { why: ProposalWhy, args: { [key in string]: string }, };

export type ProposalLine = { unit: UnitRow, reasons: Array<ProposalReason>, 
/**
 * What an override would have to name.
 */
cautions: Array<Code>, };

export type CrossmatchMethod = "electronic" | "immediate_spin" | "ahg";

export type CrossmatchOutcome = "compatible" | "incompatible";

export type CrossmatchNeed = { "kind": "nothing" } | { "kind": "method", method: CrossmatchMethod, } | { "kind": "new_sample" } | { "kind": "emergency_only" };

export type NeededView = { need: CrossmatchNeed, groupOOnly: boolean, medicalReview: boolean, 
/**
 * Antigens that the unit must be shown to lack.
 */
antigenNegative: Array<Antigen>, 
/**
 * Conditions of the electronic crossmatch that do not hold.
 */
failed: Array<string>, why: Array<string>, };

export type CrossmatchRow = { id: string, unit: UnitRow, sample: string, method: CrossmatchMethod, outcome: CrossmatchOutcome, doneAt: string, recordedAt: string, by: string, validUntil: string, retrospective: boolean, withdrawn: string | null, };

export type AllocatedUnit = { unit: UnitRow, needed: NeededView, crossmatch: CrossmatchRow | null, 
/**
 * It may go to the ward by the ordinary way.
 */
ready: boolean, };

export type RequestView = { row: RequestRow, group: GroupState, antiDEver: boolean, measured: Array<Measured>, 
/**
 * Of the request and of the patient's history together.
 */
needs: Array<BloodNeed>, freshDays: number | null, cancelReason: string | null, advice: Array<AdviceRow>, sample: SampleRow | null, allocated: Array<AllocatedUnit>, issued: Array<UnitRow>, proposal: Array<ProposalLine>, leftOut: Array<ProposalLine>, leftOutTotal: number, 
/**
 * Units that the shelf cannot supply.
 */
missing: number, };

export type RequestUnits = { request: string, units: Array<string>, override: Override | null, second: SecondPerson | null, };

export type RequestUnit = { request: string, unit: string, reason: string, };

export type RequestReason = { request: string, reason: string, };

export type RequestUrgency = { request: string, urgency: Urgency, reason: string, };

export type RequestNeed = { request: string, need: BloodNeed, };

export type SaidAnswer = "no" | "yes" | "unknown";

export type SampleReceive = { patient: string, 
/**
 * On the tube.
 */
number: string, 
/**
 * The hospital number as the label says it.
 */
labelNumber: string, labelName: string | null, 
/**
 * `YYYY-MM-DD`.
 */
labelBirthDate: string | null, 
/**
 * Wall time of the facility.
 */
drawnWall: string, 
/**
 * Sign-in names of two people.
 */
drawnBy: string, identifiedBy: string, transfused: SaidAnswer, pregnant: SaidAnswer, };

export type SampleRow = { id: string, patient: string, patientName: string, number: string, drawnAt: string, drawnBy: string, identifiedBy: string, receivedAt: string, validUntil: string, 
/**
 * Transfused or pregnant lately, or nobody knows.
 */
atRisk: boolean, stand: SampleStand, rejected: string | null, group: BloodGroup | null, 
/**
 * Typings that do not read clearly, or disagree.
 */
discrepant: boolean, typings: number, screen: ScreenResult | null, };

export type Samples = { 
/**
 * Not typed or not screened yet.
 */
waiting: Array<SampleRow>, 
/**
 * Of the last three days.
 */
recent: Array<SampleRow>, 
/**
 * Older ones that wait as well and are not in the list.
 */
leftOut?: number, };

export type ScreenResult = "negative" | "positive";

export type GroupSide = { "kind": "group", "value": Abo } | { "kind": "mixed_field" } | { "kind": "not_readable" };

export type RhdSide = "negative" | "positive" | "weak";

export type SampleType = { sample: string, forward: GroupSide, reverse: GroupSide, rhd: RhdSide, second: SecondPerson | null, happened?: Happened, };

export type SampleScreen = { sample: string, screen: ScreenResult, happened?: Happened, };

export type SampleReason = { sample: string, reason: string, };

export type BloodRecord = { patient: PatientRow, group: GroupState, antiDEver: boolean, phenotype: HPhenotype, transplant: boolean, antibodies: Array<AntibodyRow>, requirements: Array<RequirementRow>, exposures: Array<ExposureRow>, samples: Array<SampleRow>, requests: Array<RequestRow>, crossmatches: Array<CrossmatchRow>, issues: Array<IssueRow>, };

export type HPhenotype = "ordinary" | "bombay" | "para_bombay";

export type AntibodyRow = { 
/**
 * None: not identified, or outside the list; `words` says what is known.
 */
antigen: Antigen | null, words: string | null, foundAt: string, toldBy: string, recordedBy: string, };

export type RequirementRow = { need: BloodNeed, from: string, until: string | null, holds: boolean, reason: string, recordedBy: string, };

export type ExposureKind = "transfusion" | "pregnancy";

export type ExposureRow = { kind: ExposureKind, at: string, recordedAt: string, };

export type AntibodyRecord = { patient: string, antigen: Antigen | null, 
/**
 * Where it is not identified, or not on the list.
 */
words: string | null, 
/**
 * `YYYY-MM-DD`.
 */
foundOn: string, 
/**
 * The site, card or letter that says so.
 */
toldBy: string, };

export type NeedRecord = { patient: string, need: BloodNeed, 
/**
 * RFC 3339; none for life.
 */
until: string | null, reason: string, };

export type ExposureRecord = { patient: string, kind: ExposureKind, 
/**
 * `YYYY-MM-DD`.
 */
on: string, };

export type PhenotypeRecord = { patient: string, phenotype: HPhenotype, };

export type CrossmatchAsk = { patient: string, unit: string, };

export type CrossmatchRecord = { patient: string, unit: string, method: CrossmatchMethod, outcome: CrossmatchOutcome, 
/**
 * When it was done, if not now: wall time of the facility.
 */
doneWall: string | null, };

export type CrossmatchWithdraw = { crossmatch: string, reason: string, };

export type UnitRetype = { unit: string, group: BloodGroup, 
/**
 * Why two readings differed; of the one that settles it.
 */
reason: string | null, };

export type UnitAttributeSet = { unit: string, attribute: UnitAttribute, 
/**
 * Who read the label too: a property opens gates that nothing else opens.
 */
second: SecondPerson | null, };

export type UnitAntigenRecord = { unit: string, antigen: Antigen, positive: boolean, };

export type UnitTraitsView = { attributes: Array<UnitAttribute>, antigens: Array<AntigenRow>, phenotype: HPhenotype, 
/**
 * The group as it was read again and verified.
 */
confirmed: BloodGroup | null, 
/**
 * Read again by one person; another has yet to look.
 */
entered: BloodGroup | null, enteredByMe: boolean, 
/**
 * Readings that differ; somebody who made none of them settles it. Empty when none do.
 */
readings: Array<GroupRead>, readByMe: boolean, 
/**
 * Why they differed, once that was settled.
 */
settled: string | null, };

export type GroupRead = { group: BloodGroup, by: string, };

export type AntigenRow = { antigen: Antigen, positive: boolean, };

export type BagScan = { din: string, productCode: string, group: BloodGroup, };

export type EmergencyOrder = { 
/**
 * Sign-in name.
 */
physician: string, justification: string, password: string | null, };

export type IssueAsk = { unit: string, patient: string, 
/**
 * The patient of the wristband or paper that the collector brought, as it was scanned.
 */
wristband: string | null, 
/**
 * None: not scanned yet, so the gate of the scan stays open.
 */
bag: BagScan | null, 
/**
 * The text of the slip's barcode.
 */
slip: string | null, collectedBy: string, appearanceOk: boolean, emergency: EmergencyOrder | null, protocol: string | null, override: Override | null, second: SecondPerson | null, happened?: Happened, };

export type IssueGate = "patient_identity" | "patient_alive" | "specimen" | "patient_group" | "unit_here" | "unit_status" | "unit_in_date" | "unit_group" | "scan" | "product" | "held_for_this_patient" | "abo" | "rhd" | "antibody_history" | "phenotype" | "crossmatch" | "requirements" | "identical_group" | "appearance" | "slip" | "collector" | "order";

export type GateRow = { gate: IssueGate, result: CheckResult, code: Code | null, args: { [key in string]: string }, };

export type IssueGates = { 
/**
 * Minutes in which a bag that left is begun or brought back: of the policy in force.
 */
returnMinutes: number, gates: Array<GateRow>, 
/**
 * What the issue would be refused with now, the scan and the collector taken as in order.
 */
refused: CommandError | null, request: RequestRow | null, 
/**
 * The massive transfusion of this patient that is open.
 */
protocol?: CounterProtocol, };

export type SlipMade = { id: string, text: string, patient: PatientRow, unit: UnitRow, at: string, };

export type SlipAsk = { unit: string, patient: string, };

export type IssueStatus = "out" | "used" | "returned" | "entered_in_error";

export type IssueRow = { id: string, unit: UnitRow, patient: PatientRow, at: string, collectedBy: string, status: IssueStatus, 
/**
 * It left without a crossmatch: the bag carries the tag UNCROSSMATCHED.
 */
uncrossmatched: boolean, 
/**
 * A physician's signature is owed; whose.
 */
unsignedBy: string | null, 
/**
 * A crossmatch is owed until then.
 */
crossmatchDue: string | null, 
/**
 * Why it did not go back on the shelf.
 */
returnFaults: Array<string>, 
/**
 * It was written on paper and entered then.
 */
recordedAt?: string, 
/**
 * The rules that it broke on paper.
 */
against?: Array<Code>, 
/**
 * Another record names the same bag, and one of the two may be taken back as entered in error.
 */
inConflict?: boolean, 
/**
 * Why it was taken back as entered in error, by whom, and with whom.
 */
inError?: InError, };

export type Happened = { 
/**
 * Wall time of the facility.
 */
wall: string, 
/**
 * Which form, which sheet, why.
 */
reason: string, 
/**
 * Sign-in name of whoever did it, as the form says; they may have left since.
 */
by: string, 
/**
 * The second person on the form, where the act takes two.
 */
second?: string, };

export type HappenedRow = { at: string, by: string, 
/**
 * Which form, which sheet, why.
 */
reason: string | null, 
/**
 * By these rules of the day of the entry it would have been refused; those of its own day judged it.
 */
againstToday?: Array<Code>, 
/**
 * The version of the rules that judged it, where another was in force at the entry.
 */
rulesVersion?: number, };

export type LateAsk = { 
/**
 * Wall time of the facility.
 */
wall: string, };

export type LateRules = { version: number, today: number, changed: Array<RuleChanged>, };

export type RuleChanged = { name: string, then: string, now: string, };

export type IssueInError = { issue: string, reason: string, second: SecondPerson | null, };

export type InError = { at: string, by: string, second: string, reason: string, };

export type PaperOf = { day: string, kind: DonationKind, };

export type CaseAgainst = { issue: string, unit: UnitRow, at: string, rules: Array<Code>, 
/**
 * It turned out not to have been so.
 */
inError: boolean, };

export type IssueScan = { patient: string, unit: string, 
/**
 * The patient whom the wristband names.
 */
wristband: string, };

export type CounterProtocol = { id: string, 
/**
 * The pack in which the bag lies; none: it becomes a pack of its own.
 */
pack: number | null, };

export type Issues = { 
/**
 * Minutes out of storage after which a bag does not go back on the shelf: of the policy in force.
 */
returnMinutes: number, 
/**
 * With a ward and not begun.
 */
out: Array<IssueRow>, unsigned: Array<IssueRow>, 
/**
 * RhD positive to somebody whom anti-D could harm, and no physician has decided on anti-D.
 */
antiD: Array<IssueRow>, 
/**
 * Given without a crossmatch that is still owed.
 */
owed: Array<IssueRow>, 
/**
 * Older ones that wait as well and are not in the list.
 */
leftOut?: number, 
/**
 * Given on paper against a rule, in the last 30 days.
 */
against?: Array<IssueRow>, };

export type IssueAntiD = { issue: string, words: string, };

export type IssueSign = { issue: string, };

export type IssueReturn = { issue: string, 
/**
 * Tenths of a degree Celsius.
 */
temperature: number | null, sealIntact: boolean, segmentAttached: boolean, appearanceOk: boolean, happened?: Happened, };

export type Returned = { 
/**
 * Back on the shelf; otherwise in quarantine for these reasons.
 */
back: boolean, faults: Array<string>, };

export type VitalSigns = { 
/**
 * Tenths of a degree Celsius.
 */
temperature: number | null, 
/**
 * Beats a minute.
 */
pulse: number | null, 
/**
 * mmHg
 */
systolic: number | null, diastolic: number | null, 
/**
 * Breaths a minute.
 */
breaths: number | null, 
/**
 * Percent.
 */
oxygen: number | null, };

export type ObservationRow = { vitals: VitalSigns, by: string, at: string, 
/**
 * It was written on paper and entered then.
 */
recordedAt?: string, };

export type BedsideStand = "out" | "checked" | "running" | "ended" | "done";

export type BedsideAlarm = "start_late" | "observation_due" | "running_too_long" | "outcome_missing" | "incompatible";

export type AlarmRow = { alarm: BedsideAlarm, since: string, };

export type TransfusionOutcome = "uneventful" | "reaction" | "stopped" | "not_transfused" | "unknown";

export type BedsideRow = { id: string, unit: UnitRow, patient: PatientRow, stand: BedsideStand, leftAt: string, collectedBy: string, 
/**
 * The bag carries the tag UNCROSSMATCHED.
 */
uncrossmatched: boolean, startedAt: string | null, endedAt: string | null, 
/**
 * It has to be begun by then.
 */
startBefore: string, 
/**
 * While it runs: the first observation, while there is none, and the end.
 */
observeBefore: string | null, endBefore: string | null, alarms: Array<AlarmRow>, 
/**
 * Nobody said how it ended and the period of policy is over.
 */
presumed: boolean, 
/**
 * Since the start.
 */
riseTenths: number | null, outcome: TransfusionOutcome | null, };

export type Bedside = { 
/**
 * Not begun, the one that left its storage first on top.
 */
waiting: Array<BedsideRow>, running: Array<BedsideRow>, 
/**
 * Ended, and nobody said how it went.
 */
ended: Array<BedsideRow>, 
/**
 * Done in the last day.
 */
recent: Array<BedsideRow>, 
/**
 * Older ones that wait as well and are not in the list.
 */
leftOut?: number, };

export type CareTask = { what: CareTaskKind, 
/**
 * None: at once.
 */
due: string | null, args: { [key in string]: string }, done: boolean, };

export type CareTaskKind = "sign_emergency_order" | "retrospective_crossmatch" | "anti_d_consult" | "alert_ward" | "alert_physician" | "alert_site" | "open_reaction_case" | "recheck_units" | "new_sample" | "medical_review" | "stop_transfusion" | "clerical_check" | "visual_check" | "direct_antiglobulin_test" | "repeat_groups" | "culture" | "return_bag_and_set" | "notify_authority" | "resolve_custody" | "acknowledge_recall" | "trace_recipient";

export type BedsideView = { row: BedsideRow, group: GroupState, 
/**
 * What this patient's blood must have or must not have.
 */
needs: Array<BloodNeed>, 
/**
 * The number of the slip with which it left; none left with it.
 */
slip: string | null, first: string | null, second: string | null, observations: Array<ObservationRow>, volumeMl: number | null, stopReason: string | null, tasks: Array<CareTask>, 
/**
 * The case of haemovigilance about it.
 */
case: string | null, 
/**
 * A rise of so many tenths of a degree stops a transfusion.
 */
feverRiseTenths: number, 
/**
 * The rules that issue, check and start broke on paper.
 */
against?: Array<Code>, };

export type BedsideScan = { 
/**
 * The bag whose page is open.
 */
issue: string, 
/**
 * The patient whom the wristband names.
 */
wristband: string, bag: BagScan | null, 
/**
 * The text of the barcode on the slip.
 */
slip: string | null, };

export type BedsideCheck = { issue: string, wristband: string, 
/**
 * The patient, or somebody with them, said name and birth date and they agree.
 */
spokenAgrees: boolean, bag: BagScan, 
/**
 * None where the bag left without one.
 */
slip: string | null, appearanceOk: boolean, consent: boolean, second: SecondPerson | null, 
/**
 * For what happened on paper against a rule.
 */
override?: Override, happened?: Happened, };

export type BedsideStart = { issue: string, vitals: VitalSigns, override: Override | null, second: SecondPerson | null, happened?: Happened, };

export type BedsideObserve = { issue: string, vitals: VitalSigns, findings: ReactionFindings | null, happened?: Happened, };

export type BedsideStop = { issue: string, reason: string, findings: ReactionFindings | null, happened?: Happened, };

export type BedsideEnd = { issue: string, vitals: VitalSigns, volumeMl: number | null, happened?: Happened, };

export type BedsideOutcome = { issue: string, outcome: TransfusionOutcome, findings: ReactionFindings | null, happened?: Happened, };

export type BedsideDone = { 
/**
 * The case that it opened, or that it added to.
 */
case: string | null, };

export type ReactionSign = "rigors" | "urticaria" | "wheeze_or_angioedema" | "dyspnoea" | "hypoxia" | "bilateral_infiltrates" | "haemoglobinuria" | "haemolysis" | "direct_antiglobulin_positive" | "new_antibody" | "platelets_fell" | "culture_positive";

export type ReactionFindings = { 
/**
 * Rise since the start, tenths of a degree.
 */
riseTenths: number | null, highestTenths: number | null, 
/**
 * Fall of the systolic pressure in mmHg.
 */
systolicDrop: number | null, 
/**
 * Signs of overload beside dyspnoea and hypoxia.
 */
overloadSigns: number, signs: Array<ReactionSign>, };

export type ReactionCategory = "febrile_non_haemolytic" | "mild_febrile" | "allergic" | "anaphylactic" | "acute_haemolytic" | "delayed_haemolytic" | "delayed_serologic" | "trali" | "taco" | "dyspnoea" | "hypotensive" | "purpura" | "graft_versus_host" | "infection_bacterial" | "infection_viral" | "infection_parasitic" | "haemosiderosis" | "hyperkalaemia" | "other" | "wrong_component" | "requirement_not_met" | "handling_error" | "near_miss";

export type ReactionSeverity = "non_severe" | "severe" | "life_threatening" | "death";

export type Imputability = "not_assessable" | "excluded" | "unlikely" | "possible" | "probable" | "definite";

export type CaseStep = "clerical" | "visual" | "direct_antiglobulin" | "repeat_groups" | "culture" | "bag_returned" | "reported";

export type CaseRow = { id: string, patient: PatientRow, units: Array<UnitRow>, openedAt: string, suspected: Array<ReactionCategory>, category: ReactionCategory | null, severity: ReactionSeverity | null, 
/**
 * The mix-up that a refusal prevented.
 */
prevented: Code | null, 
/**
 * Work that must be done before it may be closed.
 */
missing: Array<CaseStep>, mustNotify: boolean, closedAt: string | null, };

export type Cases = { 
/**
 * The oldest first.
 */
open: Array<CaseRow>, 
/**
 * Closed ones of the last 90 days.
 */
closed: Array<CaseRow>, 
/**
 * Older ones that wait as well and are not in the list.
 */
leftOut?: number, };

export type CaseSuggestion = { category: ReactionCategory, 
/**
 * Stable names of the findings that speak for it.
 */
met: Array<string>, 
/**
 * Where the time window comes from.
 */
source: string | null, };

export type CaseStepDone = { step: CaseStep, result: string, by: string, at: string, };

export type CaseJudgement = { category: ReactionCategory, severity: ReactionSeverity, grade: number, imputability: Imputability, 
/**
 * Directive 2005/61/EC: `NA`, `0` to `3`.
 */
eu: string, 
/**
 * The word of the CDC protocol.
 */
cdc: string, by: string, at: string, };

export type CaseView = { row: CaseRow, transfusion: BedsideRow | null, 
/**
 * The patient of the wristband, where a mix-up was prevented.
 */
found: PatientRow | null, findings: ReactionFindings, suggestions: Array<CaseSuggestion>, work: Array<CareTask>, steps: Array<CaseStepDone>, judgement: CaseJudgement | null, 
/**
 * Other bags of the same donations that this case holds in quarantine.
 */
held: Array<UnitRow>, 
/**
 * What the issues of its bags to this patient broke on paper, and check and start after them.
 */
against?: Array<CaseAgainst>, };

export type CaseOpen = { transfusion: string | null, 
/**
 * Without a transfusion.
 */
patient: string | null, units: Array<string>, findings: ReactionFindings, suspected: Array<ReactionCategory>, };

export type CaseFind = { case: string, findings: ReactionFindings, };

export type CaseSuspect = { case: string, category: ReactionCategory, };

export type CaseStepRecord = { case: string, step: CaseStep, result: string, };

export type CaseClassify = { case: string, category: ReactionCategory, severity: ReactionSeverity, imputability: Imputability, };

export type CaseReason = { case: string, reason: string, };

export type ProtocolStatus = "active" | "ended" | "closed";

export type UnitFate = "transfused" | "returned" | "discarded";

export type ProtocolWithdraw = { protocol: string, unit: string, reason: string, };

export type ProtocolRow = { id: string, patient: PatientRow, activatedBy: string, activatedAt: string, reason: string, packs: number, units: number, 
/**
 * Bags of which nobody has said where they are.
 */
unaccounted: number, status: ProtocolStatus, };

export type Protocols = { open: Array<ProtocolRow>, 
/**
 * Closed in the last 30 days.
 */
closed: Array<ProtocolRow>, 
/**
 * Older ones that wait as well and are not in the list.
 */
leftOut?: number, };

export type PackBag = { unit: UnitRow, 
/**
 * What was said of it.
 */
fate: UnitFate | null, 
/**
 * What the records show of it, where nobody said anything.
 */
known: UnitFate | null, };

export type BloodPackView = { number: number, preparedAt: string, issuedAt: string | null, bags: Array<PackBag>, };

export type PackLineView = { component: Component, count: number, bags: Array<PackProposal>, 
/**
 * Bags that the shelf does not have.
 */
missing: number, };

export type PackProposal = { unit: UnitRow, reasons: Array<ProposalReason>, };

export type ProtocolPrompt = "switch_rhd_positive" | "switch_to_own_group" | "abbreviated_crossmatch";

export type PromptRow = { prompt: ProtocolPrompt, args: { [key in string]: string }, };

export type ProtocolView = { row: ProtocolRow, 
/**
 * As the record knows it; for this protocol the group of a sample of this admission counts.
 */
group: GroupState, currentGroup: BloodGroup | null, rhdSwitchedAt: string | null, redCellsInADay: number, packs: Array<BloodPackView>, prompts: Array<PromptRow>, 
/**
 * The next pack, while the protocol is active.
 */
next: Array<PackLineView>, nextNumber: number, };

export type ProtocolActivate = { patient: string, reason: string, };

export type ProtocolPack = { protocol: string, 
/**
 * Counts from 1; a pack that somebody else has made up meanwhile is refused.
 */
number: number, units: Array<string> | null, };

export type ProtocolIssue = { protocol: string, number: number, 
/**
 * Whose order it is.
 */
physician: string, 
/**
 * The physician's password, where they sign now; otherwise a signature is owed.
 */
password: string | null, collectedBy: string, appearanceOk: boolean, 
/**
 * What a scanner read of every bag of the pack.
 */
bags: Array<BagScan>, override: Override | null, second: SecondPerson | null, };

export type ProtocolGroup = { protocol: string, group: BloodGroup, };

export type ProtocolReason = { protocol: string, reason: string, };

export type ProtocolAccount = { protocol: string, unit: string | null, fate: UnitFate | null, };

export type CheckResult = "pass" | "caution" | "stop" | "not_yet";

export type Alternative = { unit: UnitRow, why: AlternativeWhy, 
/**
 * Units of that group left here, when it is scarce.
 */
scarce_left: number | null, };

export type AlternativeWhy = "held_for_this_patient" | "identical_oldest" | "identical" | "compatible" | "compatible_scarce";

export type DonationKind = "whole_blood" | "platelets" | "plasma" | "double_red_cells";

export type DonorWhy = "identity_not_shown" | "likely_same" | "deferred" | "interval" | "too_often" | "age_unknown" | "too_young" | "too_old" | "too_old_first_time" | "too_old_apheresis" | "not_measured" | "weight" | "blood_volume" | "haemoglobin" | "pressure" | "pulse" | "temperature" | "platelet_count" | "bag" | "answer" | "unanswered" | "pregnancies" | "no_consent" | "no_guardian";

export type DeferralEnd = { "kind": "on", day: string, } | { "kind": "when_lifted" } | { "kind": "never" };

export type DonorEffect = { "kind": "pending" } | { "kind": "limit", components: Array<Component>, } | { "kind": "refer" } | { "kind": "defer", until: DeferralEnd, };

export type DonorReason = { why: DonorWhy, effect: DonorEffect, args: { [key in string]: string }, 
/**
 * Where the value of the rule comes from; empty where no value is involved.
 */
source: string, };

export type DonorVerdict = "accept" | "accept_limited" | "refer" | "defer";

export type DonorNext = { kind: DonationKind, 
/**
 * None: not as things stand.
 */
on: string | null, why: DonorWhy | null, 
/**
 * The deferral, for those who may know it.
 */
code: string | null, };

export type DonorSearch = { text: string, limit: number, };

export type DonorFound = { rows: Array<DonorRow>, total: number, };

export type DonorRow = { id: string, number: string, family: string, given: string, birthDate: string | null, ageYears: number | null, sex: Sex, group: GroupState, 
/**
 * Of whole blood.
 */
next: DonorNext, 
/**
 * Another person on the same list has a name that looks or sounds alike.
 */
similarName: boolean, };

export type DonorRegister = { family: string, given: string, 
/**
 * A whole day, or nothing when nobody knows it.
 */
birthDate: string | null, sex: Sex, phone: string | null, 
/**
 * A part of town or a village.
 */
area: string | null, 
/**
 * The number of an identity card or another paper.
 */
paper: string | null, 
/**
 * The donor has read the text and agrees to give and to the tests.
 */
consent: boolean, 
/**
 * Who agreed beside a minor.
 */
guardian: string | null, override: Override | null, };

export type DonorView = { row: DonorRow, 
/**
 * Of this record alone.
 */
photo: PhotoView | null, phone: string | null, area: string | null, paper: string | null, consent: ConsentView | null, deferrals: Array<DeferralView>, 
/**
 * Per kind of donation.
 */
next: Array<DonorNext>, donations: Array<DonationRow>, 
/**
 * Given elsewhere, the newest first.
 */
elsewhere: Array<ElsewhereRow>, 
/**
 * For those who ask and measure, and the laboratory.
 */
health: HealthView | null, 
/**
 * Every determination, the newest first.
 */
groups: Array<GroupFound>, 
/**
 * Told after a donation, the newest first; for those who may know.
 */
told: Array<ToldAfter>, 
/**
 * The newest first.
 */
screenings: Array<ScreeningView>, 
/**
 * Others who may be the same person.
 */
likelySame: Array<DonorRow>, 
/**
 * Other records of the same person, by decision; what they say counts here, too.
 */
samePerson: Array<DonorRow>, 
/**
 * What is asked before a donation, for this donor.
 */
questions: Array<QuestionView>, 
/**
 * Today's screening lets the donor give and nothing was given yet.
 */
mayGive: boolean, 
/**
 * What that screening was for.
 */
screenedFor: DonationKind | null, 
/**
 * A screening of an earlier day, from paper, after which a collection may still be entered.
 */
paperOf?: PaperOf, 
/**
 * Codes by which a donor may be deferred.
 */
deferralCodes: Array<string>, rules: RuleBook, 
/**
 * The local day of this facility.
 */
today: string, };

export type PhotoView = { sha256: string, at: string, by: string, 
/**
 * Who agreed beside a minor.
 */
guardian: string | null, };

export type PhotoAsk = { donor: string, sha256: string, };

export type PhotoPicture = { mediaType: string, 
/**
 * The bytes, in base64.
 */
data: string, cols: number, rows: number, };

export type PhotoSet = { donor: string, 
/**
 * The handle of the file; used once.
 */
file: string, 
/**
 * The donor said yes to the picture.
 */
agreed: boolean, guardian: string | null, 
/**
 * The picture that the page shows and this one takes the place of.
 */
replaces: string | null, };

export type PhotoRemove = { donor: string, sha256: string, reason: string, };

export type PhotoRemoved = { 
/**
 * Taken out of the store; otherwise another record is kept by the same picture.
 */
erased: boolean, };

export type HealthView = { afterMenopause: boolean | null, everPregnant: boolean | null, 
/**
 * Tested free of HLA antibodies.
 */
hlaNegative: boolean | null, };

export type DonorHealth = { donor: string, health: HealthView, };

export type GroupFound = { group: BloodGroup, at: string, 
/**
 * The donation it was determined from.
 */
din: string | null, };

export type ToldAfter = { what: AfterGiving, note: string | null, at: string, din: string, };

export type AfterGiving = "fever" | "diarrhoea" | "infection" | "test_elsewhere" | "risk" | "medicine" | "vaccine" | "travel" | "other";

export type DonationReport = { donation: string, what: AfterGiving, note: string | null, 
/**
 * A deferral that follows for the donor, by its code.
 */
defer: string | null, 
/**
 * The day it happened; needed with a deferral.
 */
happened: string | null, };

export type ReportTaken = { 
/**
 * The recall that was opened; none when nothing was made of the donation yet, or an open recall
 * names all of it.
 */
recall: string | null, 
/**
 * Bags that it names.
 */
bags: number, 
/**
 * Of them, those that left the bank.
 */
issued: number, };

export type GivenElsewhere = { donor: string, kind: DonationKind, 
/**
 * `2026-11-20`.
 */
on: string, place: string, redCellsReturned: boolean | null, };

export type ElsewhereRow = { kind: DonationKind, on: string, place: string, redCellsReturned: boolean | null, };

export type DonorEvent = "registered" | "amended" | "consented" | "consent_withdrawn" | "health_said" | "group_found" | "deferred" | "deferral_lifted" | "screened" | "cleared" | "gave" | "gave_elsewhere" | "told_after" | "same_person" | "two_people" | "photo_set" | "photo_removed";

export type DonorLine = { what: DonorEvent, at: string, by: string, second: string | null, args: { [key in string]: string }, 
/**
 * Number of another record of the same person, where it stands in that one.
 */
record: string | null, };

export type DonorHistory = { lines: Array<DonorLine>, };

export type DoubleSign = "same_paper" | "same_finger" | "same_phone" | "same_birth_date" | "near_birth_date" | "same_name" | "alike_name";

export type Doubles = { pairs: Array<DoublePair>, total: number, };

export type DoublePair = { donor: DonorRow, other: DonorRow, signs: Array<DoubleSign>, 
/**
 * One of the two may not give, for ever or until somebody lifts it.
 */
deferred: boolean, 
/**
 * Donations that wait for the look.
 */
waiting: number, };

export type DoubleAsk = { donor: string, other: string, };

export type DoubleStanding = "open" | "same_person" | "two_people" | "not_proposed";

export type DoubleView = { donor: DonorView, other: DonorView, signs: Array<DoubleSign>, standing: DoubleStanding, 
/**
 * Different people whom policy asks for.
 */
people: number, 
/**
 * Donations that wait for the look.
 */
waiting: Array<DonationRow>, };

export type DoubleSettle = { donor: string, other: string, same: boolean, reason: string, second: SecondPerson | null, };

export type ConsentView = { at: string, guardian: string | null, };

export type DeferralView = { 
/**
 * The record it stands in: this one, or another of the same person.
 */
donor: string, 
/**
 * With the code its name.
 */
cause: string, 
/**
 * None: you may only know that there is one.
 */
code: string | null, happened: string, ends: DeferralEnd, 
/**
 * In force today.
 */
holds: boolean, 
/**
 * Empty: everything.
 */
only: Array<Component>, source: string, note: string | null, };

export type DonationRow = { id: string, din: string, check: string, donor: string, donorName: string, kind: DonationKind, begunAt: string, endedAt: string | null, volumeMl: number | null, bag: string | null, 
/**
 * Whether the machine gave the red cells back; not known, or whole blood: nothing.
 */
redCellsReturned: boolean | null, 
/**
 * Why nothing of it leaves quarantine; a neutral word for those who may not know.
 */
holds: Array<string>, 
/**
 * The same by name, for those who may know: each is lifted by naming it.
 */
held: Array<HoldView>, 
/**
 * Whether the donor was asked in confidence.
 */
asked: boolean, reactions: Array<DonorReactionView>, };

export type DonorReactionView = { kind: DonorReaction, 
/**
 * 1 to 5.
 */
grade: number, at: string, note: string | null, };

export type DonorReaction = "vasovagal" | "haematoma" | "arterial_puncture" | "nerve_injury" | "thrombophlebitis" | "citrate" | "allergic" | "air_embolism" | "other";

export type ScreeningView = { cause: string, at: string, verdict: DonorVerdict, until: DeferralEnd | null, pending: boolean, reasons: Array<DonorReason>, 
/**
 * Profile and version it was decided under.
 */
rules: string, by: string, 
/**
 * Who let a referred donor give.
 */
cleared: string | null, };

export type QuestionView = { 
/**
 * Stable; the words stand with the page.
 */
id: string, 
/**
 * The answer that has a consequence.
 */
when: boolean, 
/**
 * It asks for the day.
 */
asksWhen: boolean, };

export type RuleBook = { name: string, version: number, 
/**
 * A person of the country has signed it; otherwise it is a draft.
 */
signed: boolean, bags: Array<BagView>, };

export type BagView = { code: string, volumeMl: number, };

export type DonorConsent = { donor: string, guardian: string | null, };

export type AnswerGiven = { question: string, yes: boolean, 
/**
 * `2026-11-20`.
 */
when: string | null, };

export type DonorScreen = { donor: string, kind: DonationKind, 
/**
 * The bag that is meant, for whole blood.
 */
bag: string | null, identityShown: boolean, 
/**
 * Tenths of a kilogram.
 */
weight: number | null, 
/**
 * Centimetres.
 */
height: number | null, 
/**
 * g/L.
 */
haemoglobin: number | null, 
/**
 * mmHg.
 */
systolic: number | null, diastolic: number | null, 
/**
 * A minute.
 */
pulse: number | null, 
/**
 * Tenths of a degree Celsius.
 */
temperature: number | null, 
/**
 * 10⁹/L, before platelets are given.
 */
platelets: number | null, answers: Array<AnswerGiven>, 
/**
 * It stands on a downtime form.
 */
happened?: Happened, };

export type DonorClear = { donor: string, screening: string, reason: string, };

export type DonorDefer = { donor: string, code: string, 
/**
 * The day it happened.
 */
happened: string, note: string | null, };

export type DonorLift = { donor: string, cause: string, code: string, reason: string, second: SecondPerson | null, };

export type DonationBegin = { donor: string, 
/**
 * 13 characters; none takes the next number of the site.
 */
din: string | null, 
/**
 * For whole blood; a machine has a set of its own.
 */
bag: string | null, 
/**
 * It stands on a downtime form.
 */
happened?: Happened, };

export type DonationEnd = { donation: string, volumeMl: number, 
/**
 * Minutes that it bled, from the beginning; none: it ends now.
 */
minutes: number | null, 
/**
 * By a machine: whether it gave the red cells back. None: nobody knows, and the longer wait counts.
 */
redCellsReturned: boolean | null, 
/**
 * It stands on a downtime form.
 */
happened?: Happened, };

export type DonationReact = { donation: string, reaction: DonorReaction, grade: number, note: string | null, };

export type DonationExclude = { donation: string, excluded: boolean, };

export type DonorDesk = { rules: RuleBook, blocks: Array<NumberBlock>, 
/**
 * Numbers left in this year.
 */
left: number, 
/**
 * The next number and its check character.
 */
next: NextNumber | null, 
/**
 * Pairs of records that may be of one person.
 */
doubles: number, 
/**
 * Donations of today, and those that have not ended.
 */
donations: Array<DonationRow>, 
/**
 * The local day of this facility.
 */
today: string, };

export type NextNumber = { din: string, check: string, };

export type NumberBlock = { 
/**
 * Facility identification number, five characters.
 */
fin: string, 
/**
 * Two digits.
 */
year: number, first: number, last: number, };

export type Marker = "hiv" | "hbv" | "hcv" | "syphilis" | "hb_core" | "htlv" | "malaria" | "chagas" | "west_nile" | "babesia";

export type MarkerState = "non_reactive" | "missing" | "unverified" | "indeterminate" | "initial_reactive" | "unsafe";

export type TestOutcome = "non_reactive" | "reactive" | "grey_zone" | "not_enough";

export type TestStage = "initial" | "repeat";

export type Grading = "not_done" | "negative" | "weak" | "positive" | "mixed_field";

export type TypingState = { "state": "not_done" } | { "state": "ambiguous", needs: number, } | { "state": "no_match" } | { "state": "match", group: BloodGroup, } | { "state": "resolved", group: BloodGroup, } | { "state": "no_type_determined" } | { "state": "indeterminate" };

export type LabAsk = { din: string, };

export type LabBoard = { 
/**
 * Donations that are not through the laboratory; the oldest first.
 */
rows: Array<LabRow>, 
/**
 * The mandatory markers of the rule book.
 */
markers: Array<Marker>, 
/**
 * Older ones that wait as well and are not in the list.
 */
leftOut?: number, };

export type LabFound = { 
/**
 * None: no donation that has ended here bears this number.
 */
donation: string | null, };

export type LabRow = { donation: string, din: string, check: string, endedAt: string, volumeMl: number, bag: string | null, kind: DonationKind, 
/**
 * Components made, and how many of them wait in quarantine.
 */
parts: number, waiting: number, typing: TypingState, 
/**
 * Those that are not non-reactive, the worst first.
 */
open: Array<MarkerRow>, held: boolean, };

export type MarkerRow = { marker: Marker, state: MarkerState, };

export type LabView = { row: LabRow, 
/**
 * What the bag may be divided into; one inner list per allowed set.
 */
sets: Array<Array<ProductView>>, parts: Array<PartView>, typings: Array<TypingView>, markers: Array<MarkerRow>, results: Array<ResultView>, holds: Array<HoldView>, 
/**
 * How many people a release takes.
 */
releasePeople: number, 
/**
 * Groups that a verified typing supports while they disagree; empty when nothing is to be resolved.
 */
resolvable: Array<BloodGroup>, resolution: ResolutionView | null, 
/**
 * While the group is in doubt: whose samples lay beside this one.
 */
neighbours: Array<LabNeighbour>, };

export type ProductView = { 
/**
 * Stable; the words stand with the page.
 */
product: string, 
/**
 * The code that this house gives it; empty where its table has none.
 */
code: string, 
/**
 * What it usually holds.
 */
leastMl: number | null, mostMl: number | null, };

export type PartView = { id: string, product: string, productCode: string, 
/**
 * None: it never stands on the shelf.
 */
component: Component | null, volumeMl: number, expiresAt: string, state: PartStanding, 
/**
 * Where its bag is since it was released.
 */
bag?: BagState, 
/**
 * What stands against its release, the gravest first; empty when it may go.
 */
problems: Array<ReleaseProblem>, };

export type PartStanding = "available" | "quarantine" | "recalled" | "modified" | "discarded";

export type ReleaseProblem = { 
/**
 * The name of the rule; the words stand with the page.
 */
rule: string, marker: Marker | null, detail: string, };

export type TypingView = { entry: string, 
/**
 * What the sheet says; none when it gives no group.
 */
group: BloodGroup | null, method: string, lot: string, by: string, at: string, verifiedBy: string | null, 
/**
 * You entered it, so somebody else verifies it.
 */
mine: boolean, };

export type ResultView = { entry: string, marker: Marker, stage: TestStage, outcome: TestOutcome, 
/**
 * The run's controls and lot were in order.
 */
valid: boolean, by: string, at: string, verifiedBy: string | null, mine: boolean, 
/**
 * The run that it came from, and the reagents of that run.
 */
run: string, kit: string, lot: string, 
/**
 * What it said before it was corrected, the oldest first; empty when it never was.
 */
before: Array<ResultVersion>, 
/**
 * Why it was corrected the last time.
 */
reason: string | null, 
/**
 * You entered none of it and nobody has confirmed it reactive, so you may correct it.
 */
correctable: boolean, };

export type ResultVersion = { outcome: TestOutcome, by: string, at: string, reason: string | null, };

export type ResolutionView = { group: BloodGroup, reason: string, by: string, second: string, at: string, };

export type LabNeighbour = { donation: string, din: string, check: string, };

export type LabCorrect = { donation: string, entry: string, outcome: TestOutcome, reason: string, };

export type LabInvalidate = { run: string, reason: string, };

export type RunInvalidated = { 
/**
 * Donations that were in the run.
 */
donations: number, 
/**
 * Bags that went from the shelf into quarantine.
 */
quarantined: number, 
/**
 * Donation numbers of bags that have been issued already: their wards have to be told.
 */
issued: Array<string>, };

export type LabResolve = { donation: string, group: BloodGroup, reason: string, second: SecondPerson | null, };

export type HoldView = { cause: string, reason: string, 
/**
 * Nobody lifts it.
 */
final: boolean, };

export type LabDivide = { donation: string, parts: Array<PartMade>, };

export type PartMade = { product: string, productCode: string, volumeMl: number, };

export type LabType = { donation: string, method: string, lot: string, antiA: Grading, antiB: Grading, antiD: Grading, control: Grading, aCells: Grading, bCells: Grading, 
/**
 * It stands on a downtime form.
 */
happened?: Happened, };

export type LabVerify = { donation: string, typings: Array<string>, results: Array<string>, };

export type LabRun = { marker: Marker, kit: string, lot: string, 
/**
 * The last day on which the lot may be used.
 */
lotExpires: string, positiveControl: boolean, negativeControl: boolean, results: Array<RunResult>, };

export type RunResult = { donation: string, stage: TestStage, outcome: TestOutcome, };

export type LabRelease = { donation: string, part: string, 
/**
 * What a scanner reads off the label that was put on the bag: all four codes.
 */
label: string, looksRight: boolean, weighsRight: boolean, place: string, second: SecondPerson | null, };

export type LabDiscard = { donation: string, part: string, reason: DiscardReason, note: string | null, second: SecondPerson | null, };

export type HoldLift = { donation: string, hold: string, reason: string, second: SecondPerson | null, };

export type StudyImport = { handles: Array<string>, patient: string | null, 
/**
 * Start the analysis at once.
 */
analyse: boolean, };

export type Imported = { files: Array<ImportedFile>, 
/**
 * Files of folders, archives and discs that are no pictures of a study and were left alone: a
 * viewer, its help, its icons.
 */
others: number, };

export type ImportedFile = { name: string, study: string | null, image: string | null, analysis: string | null, error: CommandError | null, 
/**
 * The same bytes were here already.
 */
known: boolean, };

export type PickedFile = { handle: string, name: string, };

export type WorklistAsk = { text: string | null, limit: number, };

export type Worklist = { rows: Array<StudyRow>, total: number, as_of: string, };

export type StudyRow = { id: string, patient: string | null, 
/**
 * From the registry when assigned, else as written in the file.
 */
patientName: string | null, 
/**
 * Of the first picture: what tells studies without a name apart.
 */
fileName: string | null, modality: string | null, bodyPart: string | null, takenAt: string | null, addedAt: string, images: number, state: AnalysisState, 
/**
 * The newest result was made for another kind of patient: never shown as "nothing found".
 */
outsideIntendedUse: boolean, 
/**
 * The strongest finding that is not the normal class, at or above its threshold, of the newest
 * analysis of every picture.
 */
finding: string | null, probability: number | null, report: ReportState, 
/**
 * Who has the unsigned report in hand; null when nobody has, and outside the worklist.
 */
writing: string | null, 
/**
 * A study that was here before and says the same study UID of another patient.
 */
conflict?: string, };

export type AnalysisState = "none" | "queued" | "running" | "done" | "abstained" | "failed" | "cancelled";

export type StudyView = { row: StudyRow, images: Array<ImageView>, 
/**
 * Newest first.
 */
analyses: Array<AnalysisView>, report: ReportView | null, };

export type ImageView = { id: string, fileName: string, rows: number, cols: number, frames: number, 
/**
 * 1 for grey (16-bit little endian frames), 3 for colour (8-bit RGB frames).
 */
samples: number, signed: boolean, bitsStored: number, inverted: boolean, slope: number, intercept: number, 
/**
 * Centre and width from the header, or from the 0.5 and 99.5 percentiles.
 */
windows: Array<Window>, 
/**
 * Millimetres per row and per column; absent means uncalibrated.
 */
spacingMm: [number, number] | null, 
/**
 * Letters at left, right, top, bottom; absent means "Orientation unknown".
 */
orientation: [string, string, string, string] | null, 
/**
 * How fast the file says its frames follow each other; absent where it says nothing.
 */
play?: PlayRateView, 
/**
 * Where its frames lie in the body; absent means that they can be followed by number only.
 */
slices?: Slices, modality: string | null, filePatientName: string | null, filePatientId: string | null, sha256: string, };

export type PlayRateView = { 
/**
 * Frames a second; the mean where times differ.
 */
fps: number, 
/**
 * Milliseconds from each frame to the next where the file gives them one by one, one fewer
 * than there are frames; else empty.
 */
waitsMs: Array<number>, };

export type Slices = { 
/**
 * Only pictures with the same UID have millimetres in common.
 */
frameOfReference: string, series: string | null, 
/**
 * One for each frame.
 */
places: Array<SlicePlaceView>, };

export type SlicePlaceView = { at: [number, number, number], normal: [number, number, number], };

export type ReadingHere = { 
/**
 * The window's own name for itself, at most 64 characters.
 */
window: string, 
/**
 * None: it shows no study.
 */
study: string | null, };

export type ReadingElsewhere = { studies: Array<string>, };

export type Window = { center: number, width: number, name: string | null, };

export type AnalysisStart = { image: string, 
/**
 * This pack and no other.
 */
pack: string | null, 
/**
 * Without one the gate proposes what the picture seems to be.
 */
task?: string, 
/**
 * Without one the best measured network for the task answers.
 */
network?: string, };

export type AnalysisView = { id: string, image: string, state: AnalysisState, 
/**
 * Why it abstained or failed, as a stable name (`not_a_chest_xray`, `blank`, ...).
 */
reason: string | null, 
/**
 * The numbers behind the reason, in words.
 */
detail: string | null, 
/**
 * The same numbers by name, for a sentence of the catalogue: `measured` and `limit` of a
 * reason; `any`, `threshold`, `sensitivity` and `specificity` of a result; `age_max` and `age`.
 */
values?: { [key in string]: number }, 
/**
 * All classes of the task, the normal class included; they sum to 1.
 */
findings: Array<FindingView>, 
/**
 * What a person thinks of a refusal: agreed, the gate was right; `correct`, what it shows.
 */
judged?: Judgement, 
/**
 * The pack was made for another kind of patient; findings only under "outside intended use".
 */
outsideIntendedUse: string | null, 
/**
 * The same in numbers; an age that is not known counts as outside.
 */
outside?: OutsideUse, 
/**
 * The question that was answered; nothing where none fitted.
 */
task: string | null, 
/**
 * `basic_cnn`, `resnet50` or `efficientnet_b0`.
 */
network: string | null, pack: PackRef | null, startedAt: string | null, finishedAt: string | null, timingMs: Timing | null, askedBy: string, };

export type OutsideUse = { 
/**
 * The oldest the pack was trained for, in years.
 */
ageMax: number, 
/**
 * Nothing when it is not known.
 */
age: number | null, };

export type Timing = { decode: number, preprocess: number, infer: number, };

export type PackRef = { id: string, version: string, sha256: string, };

export type FindingView = { label: string, condition: string, normal: boolean, probability: number, word: Likelihood, threshold: number | null, sensitivity: number | null, specificity: number | null, 
/**
 * Exact class-activation map on a fixed 0 to 1 scale.
 */
map: HeatMap | null, judged: Judgement | null, };

export type Likelihood = "very_unlikely" | "unlikely" | "possible" | "likely" | "very_likely";

export type HeatMap = { cols: number, rows: number, values: Array<number>, rect: MapRect, };

export type MapRect = { x: number, y: number, width: number, height: number, };

export type Judgement = { agree: boolean, 
/**
 * The label that is right instead, where the judge said so.
 */
correct?: string, by: string, at: string, };

export type FindingJudge = { analysis: string, label: string, agree: boolean, 
/**
 * The label of the same result that is right instead; only without agreement.
 */
correct?: string, };

export type ReportState = "none" | "draft" | "signed";

export type ReportView = { template: string, sections: Array<ReportSection>, 
/**
 * Sent back with the next text, so that nobody wipes out what somebody else saved meanwhile.
 */
revision: number, written: ReportMark, signed: ReportMark | null, 
/**
 * Oldest first.
 */
addenda: Array<ReportAddendum>, };

export type ReportSection = { 
/**
 * `findings`, `impression`, ...: lower-case letters, digits and `_`.
 */
name: string, text: string, };

export type ReportMark = { by: string, at: string, };

export type ReportAddendum = { text: string, by: string, at: string, };

export type ReportText = { study: string, template: string, sections: Array<ReportSection>, 
/**
 * Of the text it was begun from; 0 when there was none.
 */
revision: number, };

export type ReportAddend = { study: string, text: string, };

export type StudyAssign = { study: string, patient: string, };

export type Queue = { jobs: Array<AnalysisJob>, };

export type AnalysisJob = { analysis: string, study: string, fileName: string, state: AnalysisState, 
/**
 * 0 to 100.
 */
progress: number, 
/**
 * It goes before everything else.
 */
urgent?: boolean, 
/**
 * Why nothing was recorded: whoever asked may not ask any more, or something broke.
 */
error?: CommandError, };

export type BatchStart = { 
/**
 * As in `StudyImport`: a handle may stand for a folder, a ZIP archive or a DICOMDIR.
 */
handles: Array<string>, 
/**
 * For every picture; without one the gate proposes what each seems to be.
 */
task: string | null, 
/**
 * For every picture; without one the best measured network for the task answers.
 */
network: string | null, };

export type BatchState = "listing" | "running" | "paused" | "cancelled" | "over";

export type BatchView = { id: string, 
/**
 * The name of the folder or file, or of the first of them.
 */
name: string, 
/**
 * How many files and folders were chosen.
 */
sources: number, askedBy: string, askedAt: string, task: string | null, network: string | null, state: BatchState, total: number, 
/**
 * Files that are not in the store yet.
 */
untaken: number, 
/**
 * In the store, and waiting for their turn.
 */
queued: number, done: number, 
/**
 * Answered before: the same question by the same pack about the same picture.
 */
known: number, abstained: number, failed: number, 
/**
 * Not taken in: no picture, broken, too large, or whoever asked may not ask any more.
 */
refused: number, cancelled: number, 
/**
 * Files beside the pictures that were left alone.
 */
others: number, 
/**
 * By the speed of this run; nothing before a few pictures are done, and none while it waits.
 */
secondsLeft: number | null, };

export type Batches = { 
/**
 * The newest first.
 */
batches: Array<BatchView>, 
/**
 * The whole queue stands still until somebody says "go on": the disk is full, for instance.
 */
halted: CommandError | null, };

export type BatchItemsAsk = { id: string, 
/**
 * Also those that were answered, and those that wait.
 */
all: boolean, };

export type BatchItems = { 
/**
 * In their order, at most 1,000.
 */
items: Array<BatchItem>, 
/**
 * How many there are.
 */
total: number, };

export type BatchItem = { 
/**
 * The path below the folder, or inside the archive.
 */
name: string, state: ItemState, study: string | null, 
/**
 * Why a file was not taken in, or nothing was recorded about it.
 */
error: CommandError | null, 
/**
 * Why it abstained or failed, as in `AnalysisView`.
 */
reason: string | null, detail: string | null, values: { [key in string]: number } | null, };

export type ItemState = "untaken" | "queued" | "done" | "known" | "abstained" | "failed" | "refused" | "cancelled";

export type PackView = { id: string, version: string, sha256: string, network: string, licence: string, licenceClass: LicenceKind, 
/**
 * Whether this facility uses it: open packs of the program always, others after somebody said
 * yes.
 */
enabled: boolean, origin: PackOrigin, 
/**
 * Every version that is here, the newest installed first; the one of the program last.
 */
versions: Array<PackVersion>, tasks: Array<PackTask>, 
/**
 * Set when the pack could not be loaded; it is then not offered.
 */
problem: CommandError | null, 
/**
 * The model card, Markdown.
 */
card: string, };

export type PackOrigin = "built_in" | "imported" | "made_here";

export type PackVersion = { version: string, sha256: string, origin: PackOrigin, 
/**
 * It answers for its id.
 */
current: boolean, 
/**
 * Name of the publisher; nothing for what came with the program.
 */
signedBy: string | null, 
/**
 * When and by whom it was installed.
 */
at: string | null, by: string | null, 
/**
 * Its publisher is not trusted any more, or its files are gone: it cannot be used.
 */
problem: CommandError | null, };

export type GraphicsState = "none" | "software" | "card" | "lost";

export type GraphicsView = { state: GraphicsState, 
/**
 * As it names itself.
 */
name: string, 
/**
 * For people who mend computers.
 */
detail: string | null, 
/**
 * How many networks it computes.
 */
networks: number, };

export type PackKey = { 
/**
 * 32 bytes, hexadecimal.
 */
key: string, 
/**
 * 16 bytes in groups of four, as they are read out and typed.
 */
fingerprint: string, name: string, 
/**
 * This facility's own.
 */
own: boolean, at: string | null, by: string | null, };

export type ModelImport = { handle: string, };

export type ModelImported = { pack: PackRef, 
/**
 * The version that answered before and is kept.
 */
replaced: string | null, 
/**
 * Whether it answers at once, or only after somebody says yes to it.
 */
enabled: boolean, 
/**
 * It was installed already; nothing changed but which version answers.
 */
known: boolean, 
/**
 * Files beside the pack that were left alone.
 */
others: number, };

export type ModelUse = { id: string, sha256: string | null, };

export type ModelTrust = { key: string, name: string, fingerprint: string, };

export type ModelDistrust = { key: string, };

export type ConditionRow = { id: string, 
/**
 * In English.
 */
name: string, 
/**
 * `chest`, `bone_and_teeth`, ...
 */
area: string, state: ConditionState, 
/**
 * Ids of the packs in use that answer for it.
 */
packs: Array<string>, 
/**
 * Why nothing answers, as a stable name: `no_pictures`, `not_labelled`, `told_in_parts`.
 */
reason: string | null, 
/**
 * The same in an English sentence.
 */
why: string | null, };

export type ConditionState = "trained" | "imported" | "vocabulary_only";

export type PackChoice = { id: string, sha256: string, };

export type CompareAsk = { image: string, 
/**
 * Without one each pack's own gate proposes one.
 */
task: string | null, left: PackChoice, right: PackChoice, };

export type Compared = { left: AnalysisView, right: AnalysisView, };

export type Reran = { analysis: AnalysisView, 
/**
 * Outcome, reason and every probability are as they were recorded.
 */
same: boolean, 
/**
 * Largest difference of a probability, 0 to 1.
 */
largest: number, differences: Array<RerunDifference>, };

export type RerunDifference = { label: string, 
/**
 * As recorded; nothing where it was not among the answers then.
 */
then: number | null, now: number | null, };

export type LicenceKind = "open" | "research_only" | "non_commercial";

export type PackTask = { task: string, labels: Array<string>, intendedUse: string, outOfScope: string, 
/**
 * What is confounded or unknown about the pictures.
 */
caution: string, 
/**
 * False: too few groups for a figure to mean much.
 */
established: boolean, 
/**
 * Macro AUROC with gates off, of the card.
 */
auroc: number | null, };

export type TaskChoice = { task: string, 
/**
 * The kind of picture it is for.
 */
kind: string, 
/**
 * The best measured network for it.
 */
network: string, 
/**
 * All that answer it.
 */
networks: Array<string>, };

export type ModelEnable = { id: string, enabled: boolean, };

export type Packs = { packs: Array<PackView>, tasks: Array<TaskChoice>, 
/**
 * Who may sign packs for this facility; its own key first.
 */
keys: Array<PackKey>, 
/**
 * Versions fitted on this facility's own judgements that wait to be installed or dropped.
 */
fits?: Array<FitView>, 
/**
 * What is known of a graphics card; nothing before a network was loaded.
 */
graphics?: GraphicsView, };

export type Quality = { asOf: string, 
/**
 * One for each task and pack that answered or refused here, the most used first.
 */
rows: Array<TaskQuality>, 
/**
 * Runs where no task fitted the picture.
 */
noTask: number, 
/**
 * Pictures whose true label somebody gave.
 */
judgedPictures: number, 
/**
 * The rules behind the figures, for the words beside them.
 */
rules: QualityRules, 
/**
 * Fits that wait for somebody to install or drop them.
 */
fits: Array<FitView>, };

export type QualityRules = { 
/**
 * Pictures of a kind that a share or an area needs.
 */
least: number, 
/**
 * Judged pictures that a calibration plot needs.
 */
leastCalibration: number, 
/**
 * The first results of a pack that later ones are compared with.
 */
first: number, 
/**
 * Recent results that a comparison needs.
 */
recent: number, 
/**
 * Days that are recent.
 */
recentDays: number, };

export type TaskQuality = { task: string, pack: PackRef, network: string | null, 
/**
 * Runs that named the task: answered, refused or failed.
 */
analysed: number, answered: number, failed: number, 
/**
 * How often each gate refused, by the name of its reason.
 */
refused: { [key in string]: number }, 
/**
 * Results with a judgement; the next three add up to it.
 */
judged: number, agreed: number, 
/**
 * Not agreed, and nobody said what it is.
 */
disagreed: number, corrected: number, 
/**
 * Pictures with an answer of this pack whose true label is known.
 */
pictures: number, labels: Array<LabelQuality>, 
/**
 * Pictures of a true label (row) that were called each label (column).
 */
confusion: Array<Array<number>>, accuracy: MaybeFigure, macroAuroc: MaybeFigure, 
/**
 * The same figure on the pack's card; nothing where the pack is not installed any more.
 */
cardAuroc: CardFigure | null, 
/**
 * The interval here lies wholly under that of the card.
 */
belowCard: boolean, 
/**
 * Calibration plot; empty while there are too few.
 */
bins: Array<CalibrationBin>, ece: number | null, 
/**
 * `distance` and `probability`.
 */
drift: Array<DriftView>, 
/**
 * Milliseconds from the file to the findings: middle, and what 95 of 100 stay under.
 */
time: TimeView | null, 
/**
 * Share of the pictures that the gates let through.
 */
coverage: MaybeFigure, 
/**
 * Refusals that a person judged right, and wrong.
 */
refusalsRight: number, refusalsWrong: number, 
/**
 * Refused pictures that truly show a finding, in the eyes of a person.
 */
refusedFindings: number, 
/**
 * What a fit on the judgements needs; nothing where this version does not answer any more.
 */
fit: FitNeeds | null, };

export type LabelQuality = { label: string, condition: string, normal: boolean, 
/**
 * Pictures that truly show it.
 */
n: number, threshold: number | null, sensitivity: MaybeFigure, specificity: MaybeFigure, auroc: MaybeFigure, };

export type MaybeFigure = { value: number | null, low: number | null, high: number | null, n: number, 
/**
 * 0 where there are enough.
 */
needs: number, };

export type CardFigure = { value: number, low: number | null, high: number | null, n: number, };

export type CalibrationBin = { 
/**
 * Mean probability of the label that was called.
 */
sure: number, 
/**
 * Share that was called right.
 */
right: number, n: number, };

export type DriftTrend = "too_few" | "steady" | "changed" | "much";

export type DriftView = { 
/**
 * `distance` (from the ordinary) or `probability` (of any finding).
 */
what: string, trend: DriftTrend, 
/**
 * Results that are missing, where there are too few.
 */
needs: number, 
/**
 * Population stability index.
 */
index: number, 
/**
 * What chance alone stays under 99 times of 100.
 */
chance: number, firstN: number, recentN: number, 
/**
 * Upper edges of all bins but the last.
 */
edges: Array<number>, 
/**
 * Share of the first results in each bin.
 */
first: Array<number>, recent: Array<number>, };

export type TimeView = { median: number, most: number, n: number, };

export type EvaluationExport = { 
/**
 * A new folder.
 */
path: string, 
/**
 * With copies of the pictures, without their patients.
 */
pictures: boolean, 
/**
 * Somebody has looked at all of them and found no name in the picture itself.
 */
pixelsChecked: boolean, };

export type EvaluationDone = { path: string, 
/**
 * Lines of the list.
 */
rows: number, 
/**
 * Pictures that were copied.
 */
pictures: number, 
/**
 * Pictures that were not, with the reason.
 */
leftOut: Array<LeftOut>, 
/**
 * SHA-256 of the list.
 */
sha256: string, };

export type FitNeeds = { labels: Array<FitCount>, 
/**
 * Judged pictures of each label for the temperature, and for the head.
 */
leastTemperature: number, leastHead: number, 
/**
 * So many of each label have to be of people held out.
 */
leastHeldOut: number, 
/**
 * Whether there are enough.
 */
temperature: boolean, head: boolean, };

export type FitCount = { label: string, condition: string, found: number, heldOut: number, };

export type FitAsk = { task: string, 
/**
 * Id of the pack; the version that answers now is fitted.
 */
pack: string, head: boolean, };

export type FitAnswer = { made: FitView | null, tooFew: FitTooFew | null, notBetter: FitNotBetter | null, };

export type FitTooFew = { label: string, found: number, least: number, heldOut: number, };

export type FitNotBetter = { n: number, before: number, after: number, share: number, };

export type FitView = { task: string, pack: PackRef, 
/**
 * The version it was made from.
 */
from: string, 
/**
 * The head too, not only the temperature.
 */
head: boolean, fittedOn: number, measuredOn: number, before: FitSide, after: FitSide, 
/**
 * Of 100 resamples by person, those in which it is better.
 */
better: number, at: string, 
/**
 * Display name.
 */
by: string, };

export type FitSide = { temperature: number, logLoss: number, ece: number, macroAuroc: number | null, };

export type FitOf = { sha256: string, };

export type LeftOut = { 
/**
 * Its name in the list.
 */
name: string, why: string, };

export type PrevalenceAsk = { analysis: string, label: string, 
/**
 * 0 to 1; without one, that of the pictures the pack was measured on.
 */
share: number | null, };

export type PrevalenceView = { 
/**
 * Share of the label among the pictures the pack was measured on; nothing where the card does
 * not say, and then there is no slider.
 */
measured: number | null, 
/**
 * Pictures that share comes from.
 */
n: number, rows: Array<PrevalenceRow>, };

export type PrevalenceRow = { label: string, condition: string, before: number, after: number, };

export type Connections = { receiver: Receiver, archives: Array<Archive>, };

export type Receiver = { on: boolean, 
/**
 * Its own application title.
 */
title: string, 
/**
 * Titles that may send; nobody else is let in.
 */
allowed: Array<string>, 
/**
 * The address it listens on; `127.0.0.1` hears this computer only.
 */
bind: string, port: number, 
/**
 * Queue the analyses of what arrives.
 */
analyse: boolean, state: ReceiverState, 
/**
 * What the operating system says when it could not listen.
 */
problem: string | null, 
/**
 * Since the program started.
 */
taken: number, refused: number, lastSender: string | null, lastAt: string | null, };

export type ReceiverState = "off" | "starting" | "listening" | "failed" | "not_here";

export type ReceiverSet = { on: boolean, title: string, allowed: Array<string>, bind: string, port: number, analyse: boolean, };

export type ArchiveDoor = "open" | "password" | "token";

export type Archive = { id: string, name: string, address: string, 
/**
 * Somebody decided that patients may travel to it unencrypted.
 */
plain: boolean, door: ArchiveDoor, user: string | null, 
/**
 * Its certificate has to come from an authority that was given here.
 */
authority: boolean, };

export type ArchivePut = { 
/**
 * Nothing for a new one.
 */
id: string | null, name: string, address: string, plain: boolean, door: ArchiveDoor, user: string | null, 
/**
 * Password or token; nothing leaves the one that is kept.
 */
secret: string | null, 
/**
 * PEM; nothing leaves the one that is kept, an empty text takes it away.
 */
authority: string | null, };

export type ArchiveSearch = { archive: string, patientName: string, patientId: string, accession: string, modality: string, from: string | null, to: string | null, };

export type ArchiveFound = { rows: Array<ArchiveRow>, 
/**
 * There are more than are shown.
 */
more: boolean, 
/**
 * Rows of the answer that cannot be fetched by.
 */
unusable: number, };

export type ArchiveRow = { studyUid: string, patientName: string | null, patientId: string | null, accession: string | null, 
/**
 * `YYYY-MM-DD`, if it is a day.
 */
takenOn: string | null, modalities: Array<string>, description: string | null, images: number | null, 
/**
 * The study of the worklist that it already is.
 */
here: string | null, };

export type ArchiveFetch = { archive: string, studyUid: string, 
/**
 * Start the analysis at once.
 */
analyse: boolean, };

export type FetchState = "waiting" | "running" | "saving" | "over" | "failed" | "cancelled";

export type FetchView = { id: string, archive: string, archiveName: string, studyUid: string, 
/**
 * As the archive says it.
 */
patientName: string | null, askedBy: string, askedAt: string, analyse: boolean, state: FetchState, 
/**
 * Instances that came.
 */
got: number, 
/**
 * How many the archive says there are, if it does.
 */
total: number | null, 
/**
 * Bytes that came, in units of 1,000.
 */
kilobytes: number, 
/**
 * By the speed so far.
 */
secondsLeft: number | null, 
/**
 * Of what came: pictures that are in the study now, and instances that were not taken over.
 */
taken: number, refused: number, 
/**
 * Why the first of them was not.
 */
refusedWhy: CommandError | null, 
/**
 * The study of the worklist.
 */
study: string | null, 
/**
 * Why it failed.
 */
error: CommandError | null, };

export type Fetches = { 
/**
 * The newest first.
 */
fetches: Array<FetchView>, };

export type ResultKind = "pdf" | "fhir" | "sr" | "capture";

export type ResultsAsk = { study: string, 
/**
 * Without one the newest that ended.
 */
analysis: string | null, };

export type ResultsOffer = { 
/**
 * The analysis whose results they are; nothing when none has ended.
 */
analysis: string | null, kinds: Array<ResultKind>, 
/**
 * DICOM pictures of which a copy without the patient can be made.
 */
pictures: number, archives: Array<ArchiveName>, };

export type ArchiveName = { id: string, name: string, };

export type ResultsSave = { study: string, analysis: string | null, kinds: Array<ResultKind>, 
/**
 * A folder that is there; the user's own words.
 */
folder: string, };

export type CopiesSave = { study: string, folder: string, 
/**
 * Somebody has looked at the pictures and found no name in them.
 */
pixelsChecked: boolean, 
/**
 * Move the dates instead of removing them.
 */
keepIntervals: boolean, };

export type SavedFiles = { folder: string, files: Array<string>, refused: Array<NotSaved>, };

export type NotSaved = { name: string, error: CommandError, };

export type ResultsSend = { archive: string, study: string, analysis: string | null, 
/**
 * Of these only the DICOM ones.
 */
kinds: Array<ResultKind>, };

export type ResultsSent = { kept: number, 
/**
 * Files that the archive did not keep.
 */
refused: number, };

export type ContactChannel = "sms" | "voice" | "email" | "call_list";

export type DonorChannel = "sms" | "call" | "email" | "post";

export type NotAsked = "stopped" | "no_agreement" | "deferred" | "not_yet_eligible" | "not_available" | "asked_recently" | "other_group" | "too_far" | "distance_unknown" | "same_person" | "expected" | "reminded";

export type AreaDistance = { area: string, metres: number, };

export type AreaRow = { area: string, donors: number, 
/**
 * As the newest appeal had it; none: nobody has said.
 */
metres: number | null, };

export type AppealReach = { withinMetres: number, areas: Array<AreaDistance>, 
/**
 * Donors of areas of which nobody has said how far they are, after all others.
 */
unknownToo: boolean, };

export type AppealAsk = { 
/**
 * The order that the shelf cannot fill.
 */
request: string | null, 
/**
 * Kept here, never sent.
 */
reason: string, component: Component, groups: Array<BloodGroup>, channel: ContactChannel, 
/**
 * Donors who say that they come.
 */
wanted: number, 
/**
 * It is over after so many hours.
 */
hours: number, reach: AppealReach, };

export type AppealPreview = { 
/**
 * Donors known here.
 */
all: number, 
/**
 * Could be asked.
 */
could: number, 
/**
 * Asked first: as many as it takes by what came of the appeals of a year.
 */
batch: number, 
/**
 * What came of them.
 */
answers: Figure, 
/**
 * How many are left out, under each reason that holds for them.
 */
leftOut: Array<DonorsLeftOut>, 
/**
 * Farther donors at whom nobody has looked, because nearer ones suffice.
 */
notLookedAt: number, 
/**
 * It is night here: nothing leaves before.
 */
leavesAt: string | null, };

export type DonorsLeftOut = { why: NotAsked, count: number, };

export type Figure = { numerator: number, denominator: number, 
/**
 * None without a denominator.
 */
share: number | null, 
/**
 * None where it is no share.
 */
low: number | null, high: number | null, };

export type AppealDue = { request: string, component: Component, urgency: Urgency, neededBy: string, 
/**
 * Units that the shelf lacks.
 */
missing: number, 
/**
 * Groups of donors that help.
 */
groups: Array<BloodGroup>, };

export type Appeals = { due: Array<AppealDue>, 
/**
 * The newest first; those of 90 days.
 */
rows: Array<AppealRow>, areas: Array<AreaRow>, 
/**
 * Channels by which messages leave by themselves; none of them is set up yet.
 */
channels: Array<ContactChannel>, };

export type AppealState = "runs" | "over" | "enough" | "no_longer_needed";

export type AppealRow = { id: string, request: string | null, reason: string, component: Component, groups: Array<BloodGroup>, channel: ContactChannel, wanted: number, startedAt: string, startedBy: string, voidAt: string, state: AppealState, 
/**
 * Messages in it.
 */
asked: number, 
/**
 * Of these, still to leave.
 */
waiting: number, 
/**
 * Said that they come.
 */
yes: number, 
/**
 * Gave blood after it.
 */
came: number, };

export type AppealView = { row: AppealRow, reach: AppealReach, 
/**
 * Said YES within the hours of policy after delivery / delivered.
 */
response: Figure, responseHours: number, 
/**
 * Gave within the days of policy after delivery / delivered.
 */
turnOut: Figure, turnOutDays: number, messages: Array<MessageRow>, };

export type AppealMore = { appeal: string, reach: AppealReach, };

export type AppealEnd = { appeal: string, 
/**
 * As many have said that they come as are wanted; otherwise it is no longer needed.
 */
enough: boolean, };

export type MessageState = "waits" | "held" | "to_call" | "over" | "sent" | "delivered" | "failed" | "replied" | "donated" | "purged";

export type MessageReply = "yes" | "no" | "later" | "stop" | "not_understood";

export type MessageAbout = "appeal" | "appointment" | "may_give";

export type MessageRow = { id: string, donor: string, donorName: string, donorNumber: string, 
/**
 * For whoever calls, of a call that is to be made.
 */
phone: string | null, about: MessageAbout, 
/**
 * The appeal.
 */
appeal: string | null, 
/**
 * Of the appointment.
 */
appointmentAt: string | null, channel: ContactChannel, state: MessageState, reply: MessageReply | null, queuedAt: string, 
/**
 * It does not leave before.
 */
notBefore: string, 
/**
 * It does not leave after.
 */
voidAt: string, tries: number, };

export type Outbox = { 
/**
 * What waits, the first first.
 */
rows: Array<MessageRow>, channels: Array<ContactChannel>, 
/**
 * Older ones that wait as well and are not in the list.
 */
leftOut?: number, };

export type RemindersDue = { 
/**
 * Donors who would be told.
 */
could: number, 
/**
 * Of these, as many as are put into the outbox at once.
 */
batch: number, leftOut: Array<DonorsLeftOut>, 
/**
 * Donations after them that were not looked at.
 */
notLookedAt: number, };

export type RemindersMade = { made: number, };

export type MessageAnswer = "yes" | "no" | "later" | "stop" | "not_reached";

export type MessageAnswered = { message: string, answer: MessageAnswer, };

export type DonorAgree = { donor: string, channel: DonorChannel, agreed: boolean, };

export type ContactView = { channels: Array<ChannelRow>, 
/**
 * A telephone number, an address or an area is known.
 */
reachable: boolean, 
/**
 * The newest first.
 */
messages: Array<MessageRow>, 
/**
 * That stand.
 */
appointments: Array<AppointmentRow>, };

export type ChannelRow = { channel: DonorChannel, 
/**
 * None: never asked.
 */
agreed: boolean | null, at: string | null, };

export type AppointmentState = "booked" | "cancelled" | "came" | "did_not_come";

export type AppointmentRow = { id: string, donor: string, donorName: string, donorNumber: string, kind: DonationKind, at: string, state: AppointmentState, cancelReason: string | null, walkIn: boolean, moved: number, 
/**
 * When they came.
 */
cameAt: string | null, 
/**
 * The reminder; none: none stands.
 */
reminder: MessageState | null, 
/**
 * Another person on the same list has a name that looks or sounds alike.
 */
similarName: boolean, };

export type AppointmentDay = { 
/**
 * A local day, `2026-11-20`; none: today.
 */
day: string | null, };

export type AppointmentList = { day: string, today: string, 
/**
 * By the hour.
 */
rows: Array<AppointmentRow>, };

export type AppointmentBook = { donor: string, kind: DonationKind, 
/**
 * Local, `2026-11-24T09:30`.
 */
wall: string, };

export type AppointmentWalkIn = { donor: string, kind: DonationKind, };

export type AppointmentMove = { appointment: string, wall: string, };

export type AppointmentCancel = { appointment: string, reason: string, };

export type DonorOwn = { given: string, number: string, gifts: Array<OwnGift>, 
/**
 * Per kind of donation that this facility takes.
 */
next: Array<OwnNext>, appointments: Array<OwnAppointment>, today: string, };

export type OwnGift = { din: string, kind: DonationKind, 
/**
 * Local day.
 */
on: string, volumeMl: number | null, };

export type OwnWhy = "interval" | "too_often" | "age" | "ask_us";

export type OwnNext = { kind: DonationKind, 
/**
 * The first day; none: the centre says.
 */
on: string | null, why: OwnWhy | null, };

export type OwnAppointment = { at: string, kind: DonationKind, };

export type CertificateSave = { donation: string, 
/**
 * A folder that is there; the user's own words.
 */
folder: string, language: PaperLanguage, };

export type PaperLanguage = "en" | "ar";

export type FiguresAsk = { from: string, to: string, };

export type FigureName = "inventory_accuracy" | "fulfilment" | "critical_fulfilment" | "waste" | "waste_with_cold_chain" | "waste_of_issues" | "crossmatched_to_transfused" | "o_negative_to_others" | "appeal_response" | "appeal_turn_out";

export type FigureRow = { name: FigureName, figure: Figure, 
/**
 * The time that the definition names.
 */
within: number | null, };

export type Figures = { from: string, to: string, rows: Array<FigureRow>, 
/**
 * From the placing of a request to its first unit: the median in minutes; none when no request of
 * the period was given any.
 */
requestMinutes: number | null, 
/**
 * The requests that were given any, of all of the period.
 */
requestsGiven: number, requests: number, 
/**
 * Units discarded, by reason.
 */
wastage: Array<WastageRow>, };

export type WastageRow = { reason: DiscardReason, units: number, };

export interface Commands {
  "app.status": { req: Nothing; res: Status };
  "setup.look_around": { req: Nothing; res: Status };
  "setup.facility": { req: SetUp; res: SetUpDone };
  "setup.confirm": { req: RecoveryCode; res: Status };
  "setup.leave_training": { req: Nothing; res: Status };
  "session.sign_in": { req: Credentials; res: Status };
  "session.sign_out": { req: Nothing; res: Status };
  "session.lock": { req: Nothing; res: Status };
  "session.unlock": { req: Password; res: Status };
  "session.recover": { req: Recover; res: Status };
  "recovery.renew": { req: Nothing; res: SetUpDone };
  "recovery.confirm": { req: RecoveryCode; res: Status };
  "staff.list": { req: Nothing; res: Array<StaffRow> };
  "staff.add": { req: StaffAdd; res: Made };
  "staff.set_active": { req: StaffActive; res: Nothing };
  "staff.set_password": { req: StaffPassword; res: Nothing };
  "session.change_password": { req: PasswordChange; res: Nothing };
  "clock.confirm": { req: ClockConfirm; res: Nothing };
  "proof.verify": { req: Nothing; res: ProofReport };
  "policy.show": { req: Nothing; res: PolicyBook };
  "late.rules": { req: LateAsk; res: LateRules };
  "validation.record": { req: ValidationAsk; res: Made };
  "validation.withdraw": { req: ValidationWithdraw; res: Nothing };
  "policy.adopt": { req: PolicyAdopt; res: Nothing };
  "policy.rule_book_save": { req: RuleBookSave; res: Nothing };
  "backup.make": { req: BackupTo; res: BackupDone };
  "draft.put": { req: DraftPut; res: Nothing };
  "draft.get": { req: DraftOf; res: Draft };
  "draft.drop": { req: DraftOf; res: Nothing };
  "preference.put": { req: PreferencePut; res: Nothing };
  "preference.get": { req: PreferenceOf; res: Preference };
  "scanner.get": { req: Nothing; res: Scanner };
  "scanner.set": { req: ScannerSet; res: Scanner };
  "patient.search": { req: PatientSearch; res: PatientFound };
  "patient.register": { req: PatientRegister; res: Made };
  "patient.view": { req: ById; res: PatientView };
  "patient.allergy": { req: AllergyRecord; res: Nothing };
  "patient.group": { req: GroupRecord; res: Nothing };
  "patient.group_withdraw": { req: GroupWithdraw; res: Nothing };
  "patient.take_over": { req: RecordTakeOver; res: Nothing };
  "patient.died": { req: DeathRecord; res: Nothing };
  "patient.died_withdraw": { req: DeathWithdraw; res: Nothing };
  "scan.read": { req: ScanText; res: ScanRead };
  "unit.board": { req: Nothing; res: StockBoard };
  "unit.list": { req: UnitList; res: UnitsFound };
  "unit.view": { req: ById; res: UnitView };
  "unit.receive": { req: UnitReceive; res: Made };
  "unit.reserve": { req: UnitReserve; res: Nothing };
  "unit.reserve_many": { req: UnitReserveMany; res: Nothing };
  "unit.release": { req: UnitReason; res: Nothing };
  "unit.quarantine": { req: UnitReason; res: Nothing };
  "unit.lift": { req: UnitLift; res: Nothing };
  "unit.discard": { req: UnitDiscard; res: Nothing };
  "counter.ask": { req: CounterAsk; res: CounterView };
  "stock.forecast": { req: ForecastAsk; res: ForecastView };
  "stock.what_if": { req: WhatIfAsk; res: WhatIfAnswer };
  "print.save": { req: PrintSave; res: SavedFiles };
  "staff.names": { req: Nothing; res: Array<StaffName> };
  "request.choices": { req: Nothing; res: RequestChoices };
  "request.advise": { req: RequestPlace; res: Array<AdviceRow> };
  "request.list": { req: Nothing; res: Requests };
  "request.view": { req: ById; res: RequestView };
  "request.place": { req: RequestPlace; res: Made };
  "request.accept": { req: ById; res: Nothing };
  "request.allocate": { req: RequestUnits; res: Nothing };
  "request.unallocate": { req: RequestUnit; res: Nothing };
  "request.urgency": { req: RequestUrgency; res: Nothing };
  "request.need": { req: RequestNeed; res: Nothing };
  "request.cancel": { req: RequestReason; res: Nothing };
  "request.close": { req: ById; res: Nothing };
  "sample.list": { req: Nothing; res: Samples };
  "sample.receive": { req: SampleReceive; res: Made };
  "sample.type": { req: SampleType; res: Nothing };
  "sample.screen": { req: SampleScreen; res: Nothing };
  "sample.reject": { req: SampleReason; res: Nothing };
  "blood.record": { req: ById; res: BloodRecord };
  "history.antibody": { req: AntibodyRecord; res: Nothing };
  "history.need": { req: NeedRecord; res: Nothing };
  "history.exposure": { req: ExposureRecord; res: Nothing };
  "history.transplant": { req: ById; res: Nothing };
  "history.phenotype": { req: PhenotypeRecord; res: Nothing };
  "crossmatch.ask": { req: CrossmatchAsk; res: NeededView };
  "crossmatch.record": { req: CrossmatchRecord; res: Made };
  "crossmatch.withdraw": { req: CrossmatchWithdraw; res: Nothing };
  "unit.traits": { req: ById; res: UnitTraitsView };
  "unit.retype": { req: UnitRetype; res: Nothing };
  "unit.attribute": { req: UnitAttributeSet; res: Nothing };
  "unit.antigen": { req: UnitAntigenRecord; res: Nothing };
  "slip.make": { req: SlipAsk; res: SlipMade };
  "issue.gates": { req: IssueAsk; res: IssueGates };
  "issue.scan": { req: IssueScan; res: Nothing };
  "issue.give": { req: IssueAsk; res: Made };
  "issue.list": { req: Nothing; res: Issues };
  "issue.sign": { req: IssueSign; res: Nothing };
  "issue.anti_d": { req: IssueAntiD; res: Nothing };
  "issue.return": { req: IssueReturn; res: Returned };
  "issue.in_error": { req: IssueInError; res: Nothing };
  "lookback.donor": { req: ById; res: LookBackMap };
  "lookback.unit": { req: ById; res: LookBackMap };
  "lookback.patient": { req: ById; res: LookBackMap };
  "recall.list": { req: Nothing; res: Recalls };
  "recall.view": { req: ById; res: RecallView };
  "recall.open": { req: RecallOpen; res: Made };
  "recall.extend": { req: RecallExtend; res: Nothing };
  "recall.acknowledge": { req: RecallAcknowledge; res: Nothing };
  "recall.close": { req: ById; res: Nothing };
  "tasks.list": { req: Nothing; res: Todos };
  "tasks.count": { req: Nothing; res: TodoCount };
  "site.list": { req: Nothing; res: Sites };
  "site.know": { req: SiteKnow; res: Nothing };
  "site.forget": { req: SiteForget; res: Nothing };
  "site.use": { req: SiteUseSay; res: Nothing };
  "stock.offers": { req: ForecastAsk; res: Offers };
  "transfer.list": { req: Nothing; res: Transfers };
  "transfer.view": { req: ById; res: TransferView };
  "transfer.begin": { req: TransferBegin; res: Made };
  "transfer.pack": { req: TransferPack; res: Nothing };
  "transfer.unpack": { req: TransferUnpack; res: Nothing };
  "transfer.scan_out": { req: TransferOut; res: SlipText };
  "transfer.gather": { req: SlipParts; res: SlipGathered };
  "transfer.read": { req: SlipText; res: BoxView };
  "transfer.scan_in": { req: TransferIn; res: TakenIn };
  "transfer.missing": { req: TransferMissing; res: Nothing };
  "count.place": { req: CountAsk; res: CountView };
  "count.close": { req: CountClose; res: Nothing };
  "place.list": { req: Nothing; res: Places };
  "place.view": { req: ById; res: PlaceView };
  "place.put": { req: PlacePut; res: Made };
  "place.reading": { req: PlaceReading; res: Nothing };
  "place.note": { req: PlaceNote; res: Nothing };
  "bedside.list": { req: Nothing; res: Bedside };
  "bedside.view": { req: ById; res: BedsideView };
  "bedside.scan": { req: BedsideScan; res: Nothing };
  "bedside.check": { req: BedsideCheck; res: Nothing };
  "bedside.start": { req: BedsideStart; res: Nothing };
  "bedside.observe": { req: BedsideObserve; res: BedsideDone };
  "bedside.stop": { req: BedsideStop; res: BedsideDone };
  "bedside.end": { req: BedsideEnd; res: BedsideDone };
  "bedside.outcome": { req: BedsideOutcome; res: BedsideDone };
  "case.list": { req: Nothing; res: Cases };
  "case.view": { req: ById; res: CaseView };
  "case.open": { req: CaseOpen; res: Made };
  "case.find": { req: CaseFind; res: Nothing };
  "case.suspect": { req: CaseSuspect; res: Nothing };
  "case.step": { req: CaseStepRecord; res: Nothing };
  "case.classify": { req: CaseClassify; res: Nothing };
  "case.close": { req: ById; res: Nothing };
  "case.reopen": { req: CaseReason; res: Nothing };
  "protocol.list": { req: Nothing; res: Protocols };
  "protocol.view": { req: ById; res: ProtocolView };
  "protocol.activate": { req: ProtocolActivate; res: Made };
  "protocol.pack": { req: ProtocolPack; res: Nothing };
  "protocol.issue": { req: ProtocolIssue; res: Nothing };
  "protocol.group": { req: ProtocolGroup; res: Nothing };
  "protocol.switch": { req: ProtocolReason; res: Nothing };
  "protocol.account": { req: ProtocolAccount; res: Nothing };
  "protocol.withdraw": { req: ProtocolWithdraw; res: Nothing };
  "protocol.end": { req: ById; res: Nothing };
  "protocol.close": { req: ById; res: Nothing };
  "donor.desk": { req: Nothing; res: DonorDesk };
  "donor.search": { req: DonorSearch; res: DonorFound };
  "donor.register": { req: DonorRegister; res: Made };
  "donor.view": { req: ById; res: DonorView };
  "donor.consent": { req: DonorConsent; res: Nothing };
  "donor.screen": { req: DonorScreen; res: Nothing };
  "donor.clear": { req: DonorClear; res: Nothing };
  "donor.defer": { req: DonorDefer; res: Nothing };
  "donor.lift": { req: DonorLift; res: Nothing };
  "donor.health": { req: DonorHealth; res: Nothing };
  "donor.history": { req: ById; res: DonorHistory };
  "donor.elsewhere": { req: GivenElsewhere; res: Nothing };
  "donor.photo": { req: PhotoAsk; res: PhotoPicture };
  "donor.photo_set": { req: PhotoSet; res: Nothing };
  "donor.photo_remove": { req: PhotoRemove; res: PhotoRemoved };
  "donation.report": { req: DonationReport; res: ReportTaken };
  "donor.doubles": { req: Nothing; res: Doubles };
  "donor.double": { req: DoubleAsk; res: DoubleView };
  "donor.settle": { req: DoubleSettle; res: Nothing };
  "donation.begin": { req: DonationBegin; res: Made };
  "donation.end": { req: DonationEnd; res: Nothing };
  "donation.react": { req: DonationReact; res: Nothing };
  "donation.exclude": { req: DonationExclude; res: Nothing };
  "donation.lift": { req: HoldLift; res: Nothing };
  "donor.agree": { req: DonorAgree; res: Nothing };
  "donor.contact": { req: ById; res: ContactView };
  "appeal.list": { req: Nothing; res: Appeals };
  "appeal.preview": { req: AppealAsk; res: AppealPreview };
  "appeal.start": { req: AppealAsk; res: Made };
  "appeal.view": { req: ById; res: AppealView };
  "appeal.more": { req: AppealMore; res: Nothing };
  "appeal.end": { req: AppealEnd; res: Nothing };
  "message.list": { req: Nothing; res: Outbox };
  "message.answer": { req: MessageAnswered; res: Nothing };
  "reminder.due": { req: Nothing; res: RemindersDue };
  "reminder.make": { req: Nothing; res: RemindersMade };
  "appointment.list": { req: AppointmentDay; res: AppointmentList };
  "appointment.book": { req: AppointmentBook; res: Made };
  "appointment.walk_in": { req: AppointmentWalkIn; res: Made };
  "appointment.move": { req: AppointmentMove; res: Nothing };
  "appointment.cancel": { req: AppointmentCancel; res: Nothing };
  "appointment.came": { req: ById; res: Nothing };
  "appointment.missed": { req: ById; res: Nothing };
  "donor.own": { req: ById; res: DonorOwn };
  "kiosk.open": { req: ById; res: DonorOwn };
  "certificate.save": { req: CertificateSave; res: SavedFiles };
  "figures.show": { req: FiguresAsk; res: Figures };
  "lab.board": { req: Nothing; res: LabBoard };
  "lab.find": { req: LabAsk; res: LabFound };
  "lab.view": { req: ById; res: LabView };
  "lab.divide": { req: LabDivide; res: Nothing };
  "lab.type": { req: LabType; res: Nothing };
  "lab.run": { req: LabRun; res: Nothing };
  "lab.verify": { req: LabVerify; res: Nothing };
  "lab.correct": { req: LabCorrect; res: Nothing };
  "lab.invalidate": { req: LabInvalidate; res: RunInvalidated };
  "lab.resolve": { req: LabResolve; res: Nothing };
  "lab.release": { req: LabRelease; res: Nothing };
  "lab.discard": { req: LabDiscard; res: Nothing };
  "work.choices": { req: WorkAsk; res: Array<WorkChoice> };
  "work.do": { req: WorkDo; res: WorkDone };
  "work.label": { req: WorkLabel; res: Nothing };
  "numbers.hold": { req: NumberBlock; res: Nothing };
  "study.import": { req: StudyImport; res: Imported };
  "study.worklist": { req: WorklistAsk; res: Worklist };
  "study.view": { req: ById; res: StudyView };
  "reading.here": { req: ReadingHere; res: ReadingElsewhere };
  "study.assign": { req: StudyAssign; res: Nothing };
  "analysis.start": { req: AnalysisStart; res: Made };
  "analysis.cancel": { req: ById; res: Nothing };
  "analysis.queue": { req: Nothing; res: Queue };
  "analysis.hurry": { req: ById; res: Nothing };
  "analysis.go_on": { req: Nothing; res: Nothing };
  "batch.start": { req: BatchStart; res: Made };
  "batch.list": { req: Nothing; res: Batches };
  "batch.items": { req: BatchItemsAsk; res: BatchItems };
  "batch.pause": { req: ById; res: Nothing };
  "batch.resume": { req: ById; res: Nothing };
  "batch.cancel": { req: ById; res: Nothing };
  "batch.forget": { req: ById; res: Nothing };
  "analysis.judge": { req: FindingJudge; res: Nothing };
  "quality.show": { req: Nothing; res: Quality };
  "quality.export": { req: EvaluationExport; res: EvaluationDone };
  "quality.prevalence": { req: PrevalenceAsk; res: PrevalenceView };
  "quality.fit": { req: FitAsk; res: FitAnswer };
  "quality.fit_install": { req: FitOf; res: ModelImported };
  "quality.fit_drop": { req: FitOf; res: Nothing };
  "report.draft": { req: ReportText; res: Nothing };
  "report.sign": { req: ReportText; res: Nothing };
  "report.addend": { req: ReportAddend; res: Nothing };
  "model.list": { req: Nothing; res: Packs };
  "model.enable": { req: ModelEnable; res: Nothing };
  "connections.show": { req: Nothing; res: Connections };
  "receiver.set": { req: ReceiverSet; res: Nothing };
  "archive.list": { req: Nothing; res: Array<ArchiveName> };
  "archive.put": { req: ArchivePut; res: Made };
  "archive.remove": { req: ById; res: Nothing };
  "archive.test": { req: ById; res: Nothing };
  "archive.search": { req: ArchiveSearch; res: ArchiveFound };
  "archive.fetch": { req: ArchiveFetch; res: Made };
  "archive.fetches": { req: Nothing; res: Fetches };
  "archive.cancel": { req: ById; res: Nothing };
  "archive.forget": { req: ById; res: Nothing };
  "results.offer": { req: ResultsAsk; res: ResultsOffer };
  "results.save": { req: ResultsSave; res: SavedFiles };
  "results.send": { req: ResultsSend; res: ResultsSent };
  "copies.save": { req: CopiesSave; res: SavedFiles };
  "model.import": { req: ModelImport; res: ModelImported };
  "model.use": { req: ModelUse; res: Nothing };
  "model.trust": { req: ModelTrust; res: Nothing };
  "model.distrust": { req: ModelDistrust; res: Nothing };
  "model.conditions": { req: Nothing; res: Array<ConditionRow> };
  "analysis.compare": { req: CompareAsk; res: Compared };
  "analysis.rerun": { req: ById; res: Reran };
}
