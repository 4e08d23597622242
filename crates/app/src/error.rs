//! Every way a use case can end other than well, and the one shape a page receives.

use crate::convert::code;
use sqlite::keyslots::KeySlotError;
use sqlite::{BackupError, OpenError};
use store_sqlite::StoreError;
use wire::{Code, CommandError, ErrorKind};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program says no, in a way a person can act on.
    #[error("{0:?}")]
    Say(Box<CommandError>),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Slots(#[from] KeySlotError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error("the file system failed: {0}")]
    Io(#[from] std::io::Error),
    #[error("a value does not read back: {0}")]
    Json(#[from] serde_json::Error),
    #[error("{0}")]
    Broken(String),
}

impl From<CommandError> for Error {
    fn from(error: CommandError) -> Self {
        Self::Say(Box::new(error))
    }
}

/// A refusal with this code.
pub(crate) fn no(code: Code) -> Error {
    CommandError::refusal(code).into()
}

/// More than may stand in one entry: what, how many there are, and how many may be.
pub(crate) fn too_many(what: &str, number: usize, most: usize) -> Error {
    let error = CommandError::refusal(Code::TooManyAtOnce).with("what", what);
    error.with("number", number).with("most", most).into()
}

impl Error {
    /// What crosses to the page. A fault is logged with its incident number; patient data and SQL
    /// values are in neither.
    pub fn into_command_error(self) -> CommandError {
        let refusal = CommandError::refusal;
        match self {
            Error::Say(error) => *error,
            Error::Store(error) if error.is_disk_full() => refusal(Code::DiskFull),
            Error::Store(StoreError::Older) => refusal(Code::RestoredCopy),
            Error::Store(StoreError::Open(OpenError::Newer { found, known })) => {
                refusal(Code::StoreNewer).with("found", found).with("known", known)
            }
            Error::Store(error) if error.is_damaged() => {
                tracing::error!("the store is damaged: {error}");
                refusal(Code::StoreDamaged)
            }
            Error::Store(StoreError::Open(OpenError::Io(error)))
                if error.kind() == std::io::ErrorKind::NotFound =>
            {
                refusal(Code::StoreDamaged).with("missing", "store.db")
            }
            Error::Slots(error) => match error {
                KeySlotError::WrongPassword | KeySlotError::NoSuchUser => {
                    refusal(Code::WrongPassword)
                }
                KeySlotError::UserExists => refusal(Code::NameTaken),
                KeySlotError::RecoveryTypo(_) | KeySlotError::WrongRecoveryCode => {
                    refusal(Code::RecoveryCodeWrong).with("detail", error)
                }
                KeySlotError::BothTorn | KeySlotError::Altered | KeySlotError::Missing(_) => {
                    refusal(Code::KeySlotsDamaged).with("detail", error)
                }
                KeySlotError::Newer { found, known } => {
                    refusal(Code::StoreNewer).with("found", found).with("known", known)
                }
                KeySlotError::AlreadyThere => refusal(Code::FacilityExists),
                KeySlotError::TooFewSlots => refusal(Code::LastAdministrator),
                KeySlotError::Full => refusal(Code::DiskFull),
                KeySlotError::NoKeyring
                | KeySlotError::WrongKey
                | KeySlotError::Io(_)
                | KeySlotError::Memory => fault(&error),
            },
            Error::Backup(BackupError::Full) => refusal(Code::DiskFull),
            Error::Backup(BackupError::NameTaken) => {
                refusal(Code::HomeUnsuitable).with("why", "backup_other_file")
            }
            Error::Backup(BackupError::Io(error)) => crate::backup::unwritten(&error),
            Error::Io(error) if sqlite::is_disk_full_io(&error) => refusal(Code::DiskFull),
            Error::Store(error) => fault(&error),
            Error::Backup(error) => fault(&error),
            Error::Io(error) => fault(&error),
            Error::Json(error) => fault(&error),
            Error::Broken(what) => fault(&what),
        }
    }
}

/// Logs a fault under a fresh incident number.
pub(crate) fn fault(what: &dyn std::fmt::Display) -> CommandError {
    let incident = kernel::Clock::new_uuid(&kernel::SystemClock).to_string();
    tracing::error!(incident, "{what}");
    CommandError::fault(incident)
}

/// A refusal of a domain crate in the words of the wire.
pub(crate) fn refused(why: records::Refused) -> Error {
    use bloodbank::BadPolicy as B;
    use hospital::{patient::Refused as P, staff::Refused as S};
    use imaging::study::Refused as F;
    use records::Refused as R;
    let plain = CommandError::refusal;
    match why {
        R::Unit(bloodbank::Refused::HardStop { rule, args }) => {
            let mut error = plain(code(rule));
            error.args = args.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
            error
        }
        R::Unit(bloodbank::Refused::NeedsOverride { rules, args }) => CommandError {
            code: rules.first().map_or(Code::Internal, |r| code(*r)),
            kind: ErrorKind::NeedsOverride,
            args: args.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
            rules: rules.into_iter().map(code).collect(),
            incident: None,
        },
        R::Patient(P::PossibleDuplicate { candidates }) => CommandError {
            code: Code::PossibleDuplicate,
            kind: ErrorKind::NeedsOverride,
            args: [("candidates".to_owned(), candidates.join("; "))].into(),
            rules: vec![Code::PossibleDuplicate],
            incident: None,
        },
        R::Patient(P::NameMissing) | R::Staff(S::NameMissing) => plain(Code::NameMissing),
        R::Patient(P::BirthDateImpossible) => plain(Code::BirthDateImpossible),
        R::Patient(P::ValueMissing | P::ReasonMissing) => plain(Code::ReasonMissing),
        R::Patient(P::TakenOver { to }) => plain(Code::RecordTakenOver).with("to", to),
        R::Patient(P::SameRecord) => plain(Code::NotFound),
        R::Patient(P::DeathTimeImpossible) => plain(Code::TimeNotPossible).with("field", "died"),
        R::Patient(P::Changed) => plain(Code::Changed),
        R::Patient(P::SecondPersonNeeded) => plain(Code::SecondPersonNeeded),
        R::Patient(P::Known) | R::Mismatch => plain(Code::Changed),
        R::Patient(P::NotFound) | R::Staff(S::NotFound) => plain(Code::NotFound),
        R::Staff(S::NameUnfit) => plain(Code::UserNameUnfit),
        R::Staff(S::NameTaken) => plain(Code::NameTaken),
        R::Staff(S::LastAdministrator) => plain(Code::LastAdministrator),
        R::Study(F::NotFound) => plain(Code::NotFound),
        R::Study(F::ReportSigned) => plain(Code::ReportSigned),
        R::Study(F::ReportNotSigned) => plain(Code::ReportNotSigned),
        R::Study(F::ReportEmpty) => plain(Code::ReportEmpty),
        R::Study(why @ F::ReportUnfit) => plain(Code::Malformed).with("detail", why),
        R::Study(F::Known | F::Empty | F::ReportChanged | F::JudgedAnother) => plain(Code::Changed),
        R::Study(why @ F::CorrectUnfit) => plain(Code::Malformed).with("detail", why),
        R::InPart { part, why } => {
            // Which of several stands in the way.
            return match refused(*why) {
                Error::Say(said) => said.with("part", part).into(),
                other => other,
            };
        }
        R::TooManyWrites(number) => return too_many("records", number, records::MOST_WRITES),
        R::DependsOnRejected => plain(Code::Changed),
        R::Policy(why) => match why {
            bloodbank::NotAdopted::ReasonMissing => plain(Code::ReasonMissing),
            bloodbank::NotAdopted::NotNext { .. } => plain(Code::Changed),
            bloodbank::NotAdopted::InThePast => plain(Code::PolicyInThePast),
            bloodbank::NotAdopted::Bad(B::OutOfBounds { name, value, least, most }) => {
                plain(Code::PolicyOutOfBounds)
                    .with("name", name)
                    .with("value", value)
                    .with("least", least)
                    .with("most", most)
            }
            bloodbank::NotAdopted::Bad(B::FloorAboveTarget { component, group, floor, target }) => {
                plain(Code::FloorAboveTarget)
                    .with("component", crate::convert::same::<_, String>(component))
                    .with("group", group)
                    .with("floor", floor)
                    .with("target", target)
            }
            bloodbank::NotAdopted::Bad(B::Blank { name }) => {
                plain(Code::ReasonMissing).with("field", name)
            }
            bloodbank::NotAdopted::Bad(B::RuleBook(why)) => crate::rule_book::bad(why),
            bloodbank::NotAdopted::Bad(B::Questionnaire(why)) => {
                plain(Code::RuleBookUnfit).with("why", "question").with("detail", why)
            }
            bloodbank::NotAdopted::RuleBookKnown { .. } => plain(Code::Changed),
            bloodbank::NotAdopted::SignedUnread => {
                plain(Code::RuleBookUnfit).with("why", "signed_unread").with("detail", "")
            }
            why => plain(Code::Malformed).with("detail", why),
        },
        R::Donor(why) => return crate::donors::refused_donor(why),
        R::Care(bloodbank::care::Refusal::HardStop { rule, args }) => {
            let mut error = plain(crate::convert::care_code(rule));
            error.args = args.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
            error
        }
        R::Care(bloodbank::care::Refusal::NeedsOverride { rules, args }) => CommandError {
            code: rules.first().map_or(Code::Internal, |r| crate::convert::care_code(*r)),
            kind: ErrorKind::NeedsOverride,
            args: args.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
            rules: rules.into_iter().map(crate::convert::care_code).collect(),
            incident: None,
        },
        R::Lab(why) => return crate::lab::refused_lab(why),
        R::Donation(why) => return crate::donors::refused_donation(why),
        R::Numbers(why) => return crate::donors::refused_numbers(&why),
        R::FacilityKnown => plain(Code::FacilityExists),
    }
    .into()
}
