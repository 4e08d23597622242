//! The door: first start, signing in, staff, proof and backup.

use crate::LicenceKind;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// No facility in the home folder yet: "Look around" or "Set up this facility".
    Empty,
    /// A facility is here, nobody is signed in (the store may still be sealed).
    SignIn,
    /// The recovery code was printed but not yet typed back.
    ConfirmRecovery,
    SignedIn,
    /// Someone is signed in, the screen is cleared; their password opens it again.
    Locked,
    /// The home cannot be opened; `problem` says why.
    Problem,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    pub door: Door,
    pub problem: Option<crate::CommandError>,
    pub facility: Option<Facility>,
    pub session: Option<Session>,
    /// Names offered on the sign-in page (never a patient's).
    pub users: Vec<UserName>,
    pub now: String,
    /// True when the computer's clock is more than five minutes behind the last record, or more
    /// than seven days ahead of it.
    pub clock_suspect: bool,
    /// The two times that do not fit together, then.
    pub clock: Option<ClockDoubt>,
    pub version: String,
    /// The last verified backup, if any.
    pub last_backup: Option<String>,
    /// Minutes without a touch after which the page locks.
    pub idle_minutes: u32,
}

/// What the computer's clock shows, and the time of the last record, which stands until somebody
/// confirms the clock or sets it right.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ClockDoubt {
    pub wall: String,
    pub last: String,
    /// The clock is ahead of the last record, and not behind it.
    pub ahead: bool,
}

/// Two people have compared the computer's clock with another one: it is right.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ClockConfirm {
    /// The time that they were shown ([`ClockDoubt::wall`]).
    pub wall: String,
    pub reason: String,
    pub second: Option<crate::SecondPerson>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Facility {
    pub name: String,
    /// IANA zone, for instance `Africa/Nairobi`.
    pub zone: String,
    /// `who`, `fda`, `eu`, `uk` or `in`.
    pub profile: String,
    pub language: String,
    /// A training facility shows a permanent banner and can never join a hospital.
    pub training: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub user: String,
    pub display_name: String,
    pub role: Role,
    pub permissions: Vec<Permission>,
    pub since: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct UserName {
    pub user: String,
    pub display_name: String,
    /// Not known while the store is sealed.
    pub role: Option<Role>,
}

/// Roles are named sets of permissions; the sets are one table in the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Administrator,
    Physician,
    Radiologist,
    BloodBankScientist,
    Nurse,
    Reception,
    Auditor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    SeePatients,
    RegisterPatients,
    RecordAllergies,
    RecordBloodGroup,
    SeeStock,
    ReceiveBlood,
    ReserveBlood,
    IssueBlood,
    DiscardBlood,
    OverrideBloodWarning,
    SeeDonors,
    RegisterDonors,
    ScreenDonors,
    /// Lets a referred donor give, and lifts deferrals.
    JudgeDonors,
    /// Sees why a donor is deferred and why a donation is held.
    SeeDonorTests,
    /// Divides, types, tests, releases and discards what was given.
    TestDonations,
    /// Asks for blood for a patient.
    RequestBlood,
    DrawSamples,
    /// Receives and types samples, crossmatches, reads a unit's group again.
    Crossmatch,
    /// Checks, starts, watches and ends a transfusion.
    Transfuse,
    /// Classifies and closes cases of haemovigilance.
    JudgeReactions,
    /// Opens and closes recalls.
    RecallBlood,
    AskDonors,
    BeSecondPerson,
    SeeImages,
    ImportImages,
    AnalyseImages,
    JudgeFindings,
    WriteReports,
    ManageStaff,
    ManageFacility,
    AdoptPolicy,
    ReadAudit,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetUp {
    pub facility: String,
    pub zone: String,
    pub profile: String,
    pub language: String,
    pub admin_user: String,
    pub admin_name: String,
    pub admin_password: String,
    /// Terms of training pictures, stricter than open ones, that the facility agrees to: the packs
    /// that are there under these terms are enabled.
    #[serde(default)]
    pub allow: Vec<LicenceKind>,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SetUpDone {
    /// Shown once, to be printed and typed back.
    pub recovery_code: String,
}

#[derive(Clone, Serialize, Deserialize, TS)]
pub struct Credentials {
    pub user: String,
    pub password: String,
}

#[derive(Clone, Serialize, Deserialize, TS)]
pub struct Password {
    pub password: String,
}

#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Recover {
    pub code: String,
    pub user: String,
    pub new_password: String,
}

#[derive(Clone, Serialize, Deserialize, TS)]
pub struct RecoveryCode {
    pub code: String,
}

#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StaffAdd {
    pub user: String,
    pub display_name: String,
    pub role: Role,
    pub password: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StaffRow {
    pub id: String,
    pub user: String,
    pub display_name: String,
    pub role: Role,
    pub active: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StaffActive {
    pub id: String,
    pub active: bool,
}

/// A new password for somebody who forgot theirs or came back. Their waiting time ends with it.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct StaffPassword {
    pub id: String,
    pub password: String,
}

/// One's own password, changed by whoever knows the old one.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct PasswordChange {
    pub old: String,
    pub new: String,
}

/// What `healthsync verify` found, for a page.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProofReport {
    pub verdict: ProofVerdict,
    pub commands: u32,
    pub receipts: u32,
    pub records: u32,
    pub files: u32,
    pub root: String,
    pub findings: Vec<ProofFinding>,
    /// What the program noticed at an earlier sign-in, mended and wrote down (`attempts_missing`,
    /// `attempts_damaged`, `attempts_unsealed`, `attempts_older`, `key_slots_older`), where two
    /// people confirmed the clock (`clock_confirmed`), and files of the operating system in the
    /// home (`system_file`). It does not change the verdict; a person has to judge it.
    pub noticed: Vec<ProofFinding>,
    pub milliseconds: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProofVerdict {
    Whole,
    Tampered,
    Fork,
    CannotDecide,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProofFinding {
    /// Which record or file, by its own name.
    pub what: String,
    pub detail: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct BackupTo {
    pub path: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BackupDone {
    pub path: String,
    pub at: String,
    pub bytes: String,
    pub commands: u32,
    /// Versions of packs that lie beside the copy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<crate::PackRef>>")]
    pub packs: Vec<crate::PackRef>,
    /// Installed versions whose files are missing or altered here, and so are in no copy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<crate::PackRef>>")]
    pub packs_missing: Vec<crate::PackRef>,
}
