//! A patient as this facility knows them.

use crate::names;
use chrono::{Datelike as _, NaiveDate};
use kernel::{BloodGroup, Instant, PatientId};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Female,
    Male,
    Other,
    NotKnown,
}

/// A birth date as far as it is known: `1958-03-05`, `1958-03` or `1958`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct BirthDate {
    pub year: i32,
    pub month: Option<u32>,
    pub day: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a birth date is a year, a year and month, or a full date")]
pub struct NotABirthDate;

impl std::str::FromStr for BirthDate {
    type Err = NotABirthDate;
    fn from_str(text: &str) -> Result<Self, NotABirthDate> {
        let mut parts = text.split('-');
        let mut next = |len: usize| match parts.next() {
            None => Ok(None),
            Some(p) if p.len() == len && p.bytes().all(|b| b.is_ascii_digit()) => {
                p.parse::<u32>().map(Some).map_err(|_| NotABirthDate)
            }
            Some(_) => Err(NotABirthDate),
        };
        let year = next(4)?.ok_or(NotABirthDate)?;
        let (month, day) = (next(2)?, next(2)?);
        if parts.next().is_some() {
            return Err(NotABirthDate);
        }
        let year = i32::try_from(year).map_err(|_| NotABirthDate)?;
        NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1)).ok_or(NotABirthDate)?;
        Ok(Self { year, month, day })
    }
}

impl TryFrom<String> for BirthDate {
    type Error = NotABirthDate;
    fn try_from(text: String) -> Result<Self, NotABirthDate> {
        text.parse()
    }
}

impl From<BirthDate> for String {
    fn from(date: BirthDate) -> String {
        date.to_string()
    }
}

impl std::fmt::Display for BirthDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(f, "-{day:02}")?;
        }
        Ok(())
    }
}

impl BirthDate {
    /// Completed years on `today`; with a partial date the youngest the person can be.
    pub fn age_on(&self, today: NaiveDate) -> Option<u32> {
        let (month, day) = (self.month.unwrap_or(12), self.day.unwrap_or(28));
        let before = (today.month(), today.day()) < (month, day);
        u32::try_from(today.year() - self.year - i32::from(before)).ok()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allergy {
    pub substance: String,
    pub reaction: Option<String>,
    pub severe: bool,
    pub recorded_at: Instant,
}

/// The four headings, less "unavailable", which is about a record that is elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Allergies {
    NotRecorded,
    NoneKnown,
    Known { list: Vec<Allergy> },
}

/// One determination of the group, on one sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Determination {
    pub group: BloodGroup,
    pub sample: String,
    pub at: Instant,
}

/// What is known about the group; two different samples that agree confirm it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownGroup {
    Unknown,
    Once(BloodGroup),
    Confirmed(BloodGroup),
    Conflict(Vec<BloodGroup>),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patient {
    pub id: PatientId,
    pub family: String,
    pub given: String,
    pub title: Option<String>,
    pub birth_date: Option<BirthDate>,
    pub sex: Sex,
    pub phone: Option<String>,
    pub national_id: Option<String>,
    pub hospital_number: String,
    pub registered_at: Instant,
    pub allergies: Allergies,
    pub determinations: Vec<Determination>,
    /// Found now or ever; it never disappears.
    pub anti_d_ever: bool,
    pub died: Option<Instant>,
}

impl Patient {
    pub fn group(&self) -> KnownGroup {
        let mut groups: Vec<BloodGroup> = self.determinations.iter().map(|d| d.group).collect();
        groups.sort_unstable();
        groups.dedup();
        let mut samples: Vec<&str> =
            self.determinations.iter().map(|d| d.sample.as_str()).collect();
        samples.sort_unstable();
        samples.dedup();
        match groups[..] {
            [] => KnownGroup::Unknown,
            [group] if samples.len() >= 2 => KnownGroup::Confirmed(group),
            [group] => KnownGroup::Once(group),
            _ => KnownGroup::Conflict(groups),
        }
    }

    /// `SMITH, John (Mr)`; a person with one name has just that.
    pub fn display_name(&self) -> String {
        display_name(&self.family, &self.given, self.title.as_deref())
    }
}

/// Family name upper case first, comma, given name, title (style.md rule 2).
pub fn display_name(family: &str, given: &str, title: Option<&str>) -> String {
    let mut name = match (family.trim(), given.trim()) {
        ("", given) => given.to_owned(),
        (family, "") => family.to_uppercase(),
        (family, given) => format!("{}, {given}", family.to_uppercase()),
    };
    if let Some(title) = title.filter(|t| !t.trim().is_empty()) {
        name += &format!(" ({})", title.trim());
    }
    name
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Register {
        family: String,
        given: String,
        title: Option<String>,
        birth_date: Option<BirthDate>,
        sex: Sex,
        phone: Option<String>,
        national_id: Option<String>,
        hospital_number: String,
    },
    RecordAllergy {
        substance: String,
        reaction: Option<String>,
        severe: bool,
    },
    RecordNoAllergies,
    RecordGroup {
        group: BloodGroup,
        sample: String,
        anti_d: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Registered { patient: Box<Patient> },
    AllergyRecorded { allergy: Allergy },
    NoAllergiesRecorded,
    GroupRecorded { determination: Determination, anti_d: bool },
}

/// What a decision may look at beside the patient.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Display names of people who may be the same person.
    pub possible_duplicates: Vec<String>,
    pub today: NaiveDate,
}

/// Why not. Each variant is a sentence a registrar would say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Refused {
    #[error("a name is needed")]
    NameMissing,
    #[error("the birth date is in the future or more than 130 years ago")]
    BirthDateImpossible,
    #[error("this may be someone already registered")]
    PossibleDuplicate { candidates: Vec<String> },
    #[error("this patient is not known here")]
    NotFound,
    #[error("this patient is already registered")]
    Known,
    #[error("a substance or a sample number is needed")]
    ValueMissing,
}

pub fn decide(
    state: Option<&Patient>,
    id: PatientId,
    facts: &Facts,
    command: &Command,
    duplicates_overridden: bool,
    now: Instant,
) -> Result<Vec<Event>, Refused> {
    let present = |text: &str| kernel::said(text).is_some();
    match (state, command) {
        (Some(_), Command::Register { .. }) => Err(Refused::Known),
        (
            None,
            Command::Register {
                family,
                given,
                title,
                birth_date,
                sex,
                phone,
                national_id,
                hospital_number,
            },
        ) => {
            if names::words(family).is_empty() && names::words(given).is_empty() {
                return Err(Refused::NameMissing);
            }
            if birth_date.is_some_and(|d| d.age_on(facts.today).is_none_or(|age| age > 130)) {
                return Err(Refused::BirthDateImpossible);
            }
            if !facts.possible_duplicates.is_empty() && !duplicates_overridden {
                let candidates = facts.possible_duplicates.clone();
                return Err(Refused::PossibleDuplicate { candidates });
            }
            let patient = Patient {
                id,
                family: family.trim().to_owned(),
                given: given.trim().to_owned(),
                title: title.clone().filter(|t| present(t)),
                birth_date: *birth_date,
                sex: *sex,
                phone: phone.clone().filter(|t| present(t)),
                national_id: national_id.clone().filter(|t| present(t)),
                hospital_number: hospital_number.clone(),
                registered_at: now,
                allergies: Allergies::NotRecorded,
                determinations: vec![],
                anti_d_ever: false,
                died: None,
            };
            Ok(vec![Event::Registered { patient: Box::new(patient) }])
        }
        (None, _) => Err(Refused::NotFound),
        (Some(_), Command::RecordAllergy { substance, reaction, severe }) => {
            if !present(substance) {
                return Err(Refused::ValueMissing);
            }
            let allergy = Allergy {
                substance: substance.trim().to_owned(),
                reaction: reaction.clone().filter(|t| present(t)),
                severe: *severe,
                recorded_at: now,
            };
            Ok(vec![Event::AllergyRecorded { allergy }])
        }
        // Saying "none" never erases one that is known: that needs a correction with a reason.
        (Some(p), Command::RecordNoAllergies) => match p.allergies {
            Allergies::Known { .. } => Err(Refused::Known),
            Allergies::NotRecorded | Allergies::NoneKnown => Ok(vec![Event::NoAllergiesRecorded]),
        },
        (Some(_), Command::RecordGroup { group, sample, anti_d }) => {
            if !present(sample) {
                return Err(Refused::ValueMissing);
            }
            let sample = sample.trim().to_uppercase();
            let determination = Determination { group: *group, sample, at: now };
            Ok(vec![Event::GroupRecorded { determination, anti_d: *anti_d }])
        }
    }
}

/// Moves the patient forward by one fact.
pub fn apply(state: Option<Patient>, event: &Event) -> Option<Patient> {
    if let Event::Registered { patient } = event {
        return Some((**patient).clone());
    }
    let mut patient = state?;
    match event {
        Event::Registered { .. } => {}
        Event::AllergyRecorded { allergy } => match &mut patient.allergies {
            Allergies::Known { list } => list.push(allergy.clone()),
            Allergies::NotRecorded | Allergies::NoneKnown => {
                patient.allergies = Allergies::Known { list: vec![allergy.clone()] };
            }
        },
        Event::NoAllergiesRecorded => patient.allergies = Allergies::NoneKnown,
        Event::GroupRecorded { determination, anti_d } => {
            patient.determinations.push(determination.clone());
            patient.anti_d_ever |= anti_d;
        }
    }
    Some(patient)
}

/// A hospital number: facility prefix, six digits and a check character (mod 37-2 over the rest is
/// the barcode's; here the simple weighted mod 23 letter, so that a mistyped digit is seen).
pub fn hospital_number(serial: u32) -> String {
    const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRSTUVWXY";
    let digits = format!("{serial:06}");
    let sum: usize =
        digits.bytes().rev().enumerate().map(|(i, b)| (i + 2) * usize::from(b - b'0')).sum();
    format!("HS{digits}{}", char::from(LETTERS[sum % 23]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Abo, Rhd};

    fn now() -> Instant {
        "2026-11-20T12:00:00Z".parse().expect("an instant")
    }
    fn facts() -> Facts {
        Facts { possible_duplicates: vec![], today: now().date_naive() }
    }
    fn id() -> PatientId {
        "0192f0c0-0000-7000-8000-000000000001".parse().expect("an id")
    }
    fn register(family: &str, given: &str, born: Option<&str>) -> Command {
        Command::Register {
            family: family.into(),
            given: given.into(),
            title: None,
            birth_date: born.map(|b| b.parse().expect("a birth date")),
            sex: Sex::Male,
            phone: None,
            national_id: None,
            hospital_number: hospital_number(1),
        }
    }
    fn registered() -> Patient {
        let events = decide(
            None,
            id(),
            &facts(),
            &register("Smith", "John", Some("1958-03-05")),
            false,
            now(),
        )
        .expect("a plain registration passes");
        apply(None, &events[0]).expect("registered")
    }

    #[test]
    fn a_person_with_one_name_can_be_registered() {
        assert!(decide(None, id(), &facts(), &register("", "Suharto", None), false, now()).is_ok());
        assert_eq!(display_name("", "Suharto", None), "Suharto");
    }

    #[test]
    fn an_empty_name_is_refused() {
        let refused = decide(None, id(), &facts(), &register(" ", "-", None), false, now());
        assert_eq!(refused, Err(Refused::NameMissing));
    }

    #[test]
    fn a_birth_date_in_the_future_is_refused() {
        let refused = decide(None, id(), &facts(), &register("A", "B", Some("2027")), false, now());
        assert_eq!(refused, Err(Refused::BirthDateImpossible));
    }

    #[test]
    fn a_likely_duplicate_needs_a_reason() {
        let mut facts = facts();
        facts.possible_duplicates = vec!["SMITH, Jon".into()];
        let command = register("Smith", "John", None);
        assert!(matches!(
            decide(None, id(), &facts, &command, false, now()),
            Err(Refused::PossibleDuplicate { .. })
        ));
        assert!(decide(None, id(), &facts, &command, true, now()).is_ok());
    }

    #[test]
    fn two_samples_confirm_a_group_and_a_third_that_differs_is_a_conflict() {
        let mut patient = registered();
        let group = BloodGroup { abo: Abo::A, rhd: Rhd::Negative };
        let mut record = |group, sample: &str| {
            let command = Command::RecordGroup { group, sample: sample.into(), anti_d: false };
            let events =
                decide(Some(&patient), id(), &facts(), &command, false, now()).expect("recorded");
            patient = apply(Some(patient.clone()), &events[0]).expect("kept");
            patient.group()
        };
        assert_eq!(record(group, "S1"), KnownGroup::Once(group));
        assert_eq!(record(group, "s1"), KnownGroup::Once(group), "the same sample twice is one");
        assert_eq!(record(group, "S2"), KnownGroup::Confirmed(group));
        let other = BloodGroup { abo: Abo::B, rhd: Rhd::Negative };
        assert!(matches!(record(other, "S3"), KnownGroup::Conflict(_)));
    }

    #[test]
    fn saying_none_never_erases_a_known_allergy() {
        let mut patient = registered();
        let command =
            Command::RecordAllergy { substance: "Penicillin".into(), reaction: None, severe: true };
        let events =
            decide(Some(&patient), id(), &facts(), &command, false, now()).expect("recorded");
        patient = apply(Some(patient), &events[0]).expect("kept");
        let refused =
            decide(Some(&patient), id(), &facts(), &Command::RecordNoAllergies, false, now());
        assert_eq!(refused, Err(Refused::Known));
    }

    #[test]
    fn partial_birth_dates_read_back_and_age_is_the_youngest_possible() {
        for text in ["1958", "1958-03", "1958-03-05"] {
            assert_eq!(text.parse::<BirthDate>().expect("valid").to_string(), text);
        }
        for text in ["58", "1958-13", "1958-02-30", "1958-3-5", "1958-03-05-01", ""] {
            assert!(text.parse::<BirthDate>().is_err(), "{text}");
        }
        let today = now().date_naive();
        assert_eq!("2010".parse::<BirthDate>().expect("valid").age_on(today), Some(15));
        assert_eq!("2010-11-20".parse::<BirthDate>().expect("valid").age_on(today), Some(16));
    }

    #[test]
    fn one_wrong_digit_changes_the_check_letter() {
        assert_ne!(&hospital_number(123_456)[8..], &hospital_number(123_457)[8..]);
        assert_ne!(&hospital_number(123_456)[8..], &hospital_number(123_465)[8..]);
    }
}
