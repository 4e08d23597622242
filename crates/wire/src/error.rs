//! The one error shape a page receives. `Code` is switched on exhaustively in TypeScript; renaming
//! a code is a breaking change.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// Whose turn it is: a refusal is the program saying no for a reason a person can act on; a fault
/// is something broken, shown as "nothing was changed" with an incident number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// Nobody may pass.
    Refusal,
    /// The same command may be sent again with an override naming the rules.
    NeedsOverride,
    Fault,
}

/// The stable name of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    // the door
    WrongPassword,
    LockedOut,
    NotSignedIn,
    ScreenLocked,
    Forbidden,
    SecondPersonNeeded,
    SecondPersonRefused,
    PasswordTooShort,
    NameTaken,
    /// A sign-in name that is not letters, digits, `.`, `-` and `_`.
    UserNameUnfit,
    LastAdministrator,
    NoFacility,
    FacilityExists,
    HomeNotEmpty,
    HomeUnsuitable,
    StoreNewer,
    StoreDamaged,
    KeySlotsDamaged,
    RecoveryCodeWrong,
    RestoredCopy,
    DiskFull,
    TrainingOnly,
    NotInTraining,
    // any record
    NotFound,
    Malformed,
    Changed,
    // people
    NameMissing,
    BirthDateImpossible,
    PossibleDuplicate,
    // barcodes
    ScanUnreadable,
    ScanWrongKind,
    CheckCharacterWrong,
    /// A group without the H antigen that no label says: Bombay has the letters O, para-Bombay has none.
    GroupNotUsual,
    /// A list of facilities with something in it that is no identification number (`detail`).
    FacilityUnreadable,
    /// A rule book that cannot be adopted or signed: `why` (`unreadable`, `no_value`, `shape`, `twice`,
    /// `blank`, `missing`, `country`, `signed`, `signed_unread`, `question`), `detail`.
    RuleBookUnfit,
    // blood: hard stops
    UnitKnown,
    UnitExpired,
    UnitExpiryUnsure,
    UnitReserved,
    UnitQuarantined,
    UnitGone,
    UnitNotHere,
    UnitNotIssued,
    AboIncompatible,
    AntiDHistory,
    PatientGroupUnknown,
    PatientGroupConflict,
    PatientDeceased,
    /// `din`, `unitGroup`, `otherProductCode`, `otherGroup`.
    NotCountedSinceRestore,
    /// It lies, or stood, where it spoils.
    KeptWrong,
    DonationGroupsDiffer,
    LocalCodeNotIsbt,
    ExpiryInPast,
    /// `expiresAt`, `latest`, `days`, `component`.
    ExpiryTooFar,
    /// `collectedAt`, `expiresAt`.
    CollectionImpossible,
    /// `volume`, `least`, `most`, `component`.
    VolumeImpossible,
    PlaceMissing,
    /// The range of the place (`least`, `most`, 1/10 degree Celsius) would spoil this component.
    PlaceUnfit,
    /// The table of this house says that a product code means another component: `productCode`,
    /// `component`, `chosen`.
    ProductIsOther,
    ReasonMissing,
    AppearanceNotAccepted,
    // donors
    /// The clock is doubted, so no interval can be counted.
    DonorClockUnsure,
    /// No screening today for this way of giving.
    DonorNotScreened,
    /// Deferred, or waiting for a physician.
    DonorNotAccepted,
    DonorNoConsent,
    DonorAlreadyGave,
    /// `bag`, `weight`.
    DonorTooLight,
    /// `din`.
    DonationNumberUsed,
    /// `din`.
    DonationNumberNotOurs,
    /// This site has no donation number left for this year.
    NoDonationNumbers,
    /// The store was put back from a copy: which numbers stand on bags since is not known.
    NumbersSinceRestore,
    /// `detail`.
    NumberBlockUnfit,
    /// An end before the beginning, or after now.
    DonationTimesReversed,
    /// `volume`.
    DonationVolumeImpossible,
    /// A donation elsewhere on a day that has not come, or before the donor was born: `day`.
    DonationDayImpossible,
    /// A donation elsewhere that is written down already: `day`.
    DonationToldAlready,
    /// A picture of a donor needs a yes of its own.
    PhotoNoConsent,
    /// `years`.
    PhotoNoGuardian,
    /// Neither PNG nor JPEG.
    PhotoNotAPicture,
    PhotoBroken,
    /// `least`: pixels of the smaller side, as it would be kept.
    PhotoTooSmall,
    /// A rule of the laboratory: `rule`, and the values of its sentence.
    LabRefused,
    // the rules of the facility
    /// `name`, `value`, `least`, `most`.
    PolicyOutOfBounds,
    /// `component`, `group`, `floor`, `target`.
    FloorAboveTarget,
    /// It would have governed what was decided without it.
    PolicyInThePast,
    // blood: warnings
    RhdMismatch,
    PlasmaMismatch,
    NotIdenticalGroup,
    ExpiresSoon,
    GroupNotConfirmed,
    // from the request to the bedside; `bloodbank::care::CareRule` says what each means
    Known,
    Blank,
    OutOfBounds,
    /// More than one entry may hold: `what` (`pool`, `division`, `run`, `box`, `records`), `number`, `most`.
    TooManyAtOnce,
    TimeNotPossible,
    SamePersonTwice,
    PersonNotActive,
    NotAPhysician,
    MayNotDraw,
    UniqueNumberMissing,
    IdentityMismatch,
    WristbandOfAnother,
    SampleMissing,
    SampleRejected,
    SampleOfAnother,
    SampleTooOld,
    TypingDiscrepant,
    MethodTooWeak,
    ElectronicNotAllowed,
    OnlyGroupO,
    CrossmatchMissing,
    CrossmatchTooOld,
    CrossmatchIncompatible,
    RequestClosed,
    ProductNotOrdered,
    NothingLeftToAllocate,
    RequirementUnmet,
    AntigenPositive,
    PhenotypeIncompatible,
    LowTitreLimit,
    LowTitreNotAllowed,
    ScanDisagrees,
    SlipOfAnother,
    SlipUsed,
    SlipNotGenuine,
    /// A code of the slip of another box.
    SlipPartOfAnother,
    LabelNotRead,
    UnitGroupUnconfirmed,
    UnitGroupMismatch,
    OrderMissing,
    ConsentMissing,
    UnitsUnaccounted,
    PackNotNext,
    OutTooLong,
    AlreadyTransfused,
    AlreadyEntered,
    NoConflict,
    /// `to`, `number`: the record to use.
    RecordTakenOver,
    StepMissing,
    Recalled,
    CustodyElsewhere,
    NotInThisBox,
    DifferenceUnexplained,
    SitesNotAcknowledged,
    MayNotBeAsked,
    NobodyToAsk,
    // images
    ImageNotAnImage,
    ImageUnsupported,
    ImageTooLarge,
    ImageBroken,
    ImageHeic,
    ModelMissing,
    ModelChanged,
    ModelUnsupported,
    /// Its training pictures have stricter terms and this facility has not said yes to them.
    ModelNotEnabled,
    // packs from elsewhere
    /// No `model.toml` in it, or several.
    PackNotFound,
    /// `file`, `detail`.
    PackIncomplete,
    /// `file`: not the one the pack was signed with; half-written files among them.
    PackFileChanged,
    /// `detail`: the field of the card that is missing or wrong.
    PackCardWrong,
    /// Its own check pictures are answered otherwise here: `difference`.
    PackSelfTest,
    PackTooLarge,
    PackUnsigned,
    PackSignatureWrong,
    /// `key`, `fingerprint`, `pack`, `version`.
    PackKeyUnknown,
    /// The typed fingerprint is another than that of the key.
    PackFingerprintWrong,
    /// This version is installed with other contents: `pack`, `version`.
    PackVersionTaken,
    /// The very pack of a stored result is not here any more: `pack`, `version`.
    PackGone,
    AnalysisNotRunning,
    /// Several pictures in a row took longer than one may: `seconds`.
    AnalysisTooLong,
    /// Something of it still waits or runs.
    BatchNotOver,
    ReportSigned,
    ReportNotSigned,
    ReportEmpty,
    // connections
    /// `why` (a stable name), `detail`, `archive`.
    ArchiveFailed,
    /// `why`: `title`, `allowed`, `bind`, `port`; `value`.
    ReceiverUnfit,
    /// Files cannot be written there; `why`: `not_a_path`, `no_folder`, `in_home`, `other_file`,
    /// `not_writable`.
    FolderUnsuitable,
    // anything else
    UnknownCommand,
    Internal,
}

/// What crosses to the page when a command does not succeed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CommandError {
    pub code: Code,
    pub kind: ErrorKind,
    /// Values the sentence needs, already in display form (names, numbers, RFC 3339 instants).
    pub args: BTreeMap<String, String>,
    /// For `NeedsOverride`: every rule that has to be named, the worst first.
    pub rules: Vec<Code>,
    /// For faults only; the log has the same number.
    pub incident: Option<String>,
}

impl CommandError {
    pub fn refusal(code: Code) -> Self {
        Self {
            code,
            kind: ErrorKind::Refusal,
            args: BTreeMap::new(),
            rules: vec![],
            incident: None,
        }
    }
    pub fn fault(incident: String) -> Self {
        Self {
            code: Code::Internal,
            kind: ErrorKind::Fault,
            args: BTreeMap::new(),
            rules: vec![],
            incident: Some(incident),
        }
    }
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }
    /// The payload did not have the shape the table promises.
    pub fn malformed(detail: &serde_json::Error) -> Self {
        Self::refusal(Code::Malformed).with("detail", detail)
    }
}

/// A decision to go past one or more warnings: names exactly what it covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Override {
    pub rules: Vec<Code>,
    pub reason: String,
}

/// A second person's password, checked inline without switching the session.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct SecondPerson {
    pub user: String,
    pub password: String,
}

impl std::fmt::Debug for SecondPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecondPerson({})", self.user)
    }
}
