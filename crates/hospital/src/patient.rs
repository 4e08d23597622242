//! A patient as this facility knows them.

use crate::group;
pub use crate::group::{Determination, KnownGroup, Withdrawn, sample_key};
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
    /// The first day it can mean.
    pub fn earliest(&self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year, self.month.unwrap_or(1), self.day.unwrap_or(1))
    }

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
    /// The record of the same person that goes on in the place of this one: here nothing begins any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub belongs_to: Option<PatientId>,
    /// Records of the same person that this one has taken over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken_over: Vec<PatientId>,
}

impl Patient {
    /// What another record of the same person takes over.
    pub fn known(&self) -> Known {
        Known {
            determinations: self.determinations.clone(),
            anti_d_ever: self.anti_d_ever,
            allergies: match &self.allergies {
                Allergies::Known { list } => list.clone(),
                Allergies::NotRecorded | Allergies::NoneKnown => vec![],
            },
            taken_over: self.taken_over.clone(),
        }
    }

    /// What the determinations that stand say together.
    pub fn group(&self) -> KnownGroup {
        group::known(&self.determinations)
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
    /// Marks the `nth` determination, recorded at `at`, as entered in error. An anti-D that came
    /// with it stays: it is never taken back by a correction of the group.
    WithdrawGroup {
        nth: u32,
        at: Instant,
        reason: String,
    },
    /// The record `of` is of the same person: what it knew is known here too, beside what is known here.
    TakeOver {
        of: PatientId,
        known: Box<Known>,
        reason: String,
    },
    /// The other side of [`Command::TakeOver`]: nothing is taken out of this record.
    BelongTo {
        to: PatientId,
        reason: String,
    },
    /// The patient has died, at this time.
    RecordDeath {
        at: Instant,
    },
    /// Marks the death recorded as of `at` as a mistake.
    WithdrawDeath {
        at: Instant,
        reason: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Registered { patient: Box<Patient> },
    AllergyRecorded { allergy: Allergy },
    NoAllergiesRecorded,
    GroupRecorded { determination: Determination, anti_d: bool },
    GroupWithdrawn { nth: u32, withdrawn: Withdrawn },
    Died { at: Instant },
    DeathWithdrawn { withdrawn: Withdrawn },
    TookOver { of: PatientId, known: Box<Known>, reason: String },
    BelongsTo { to: PatientId, reason: String },
}

/// What a record that is taken over knew, as it was then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    pub determinations: Vec<Determination>,
    pub anti_d_ever: bool,
    pub allergies: Vec<Allergy>,
    /// Records that it had taken over itself.
    pub taken_over: Vec<PatientId>,
}

/// What a decision may look at beside the patient.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Display names of people who may be the same person.
    pub possible_duplicates: Vec<String>,
    pub today: NaiveDate,
    /// Who acts.
    pub by: String,
    /// Who recorded each determination, in their order.
    pub recorded_by: Vec<String>,
    /// A second person was checked beside who acts.
    pub second: bool,
    /// The day of a death that is recorded, as the calendar on the wall shows it.
    pub died_on: Option<NaiveDate>,
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
    #[error("a reason is needed")]
    ReasonMissing,
    #[error("the determination is not, or no longer, as it was shown")]
    Changed,
    #[error("another record of the same person goes on in the place of this one")]
    TakenOver { to: PatientId },
    #[error("one record is not two")]
    SameRecord,
    #[error("nobody dies in the future, or before they were born")]
    DeathTimeImpossible,
    /// Nobody alone confirms a group, or takes a determination or a death back.
    #[error("a second person is needed")]
    SecondPersonNeeded,
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
    if let Some(to) = state.and_then(|patient| patient.belongs_to) {
        return Err(Refused::TakenOver { to });
    }
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
                belongs_to: None,
                taken_over: vec![],
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
        (Some(patient), Command::RecordGroup { group, sample, anti_d }) => {
            if sample_key(sample).is_empty() {
                return Err(Refused::ValueMissing);
            }
            let sample = sample.trim().to_uppercase();
            let determination = Determination { group: *group, sample, at: now, withdrawn: None };
            if group::would_confirm(&patient.determinations, &determination)
                && !another_stands_for_it(patient, facts)
            {
                return Err(Refused::SecondPersonNeeded);
            }
            Ok(vec![Event::GroupRecorded { determination, anti_d: *anti_d }])
        }
        (Some(patient), Command::WithdrawGroup { nth, at, reason }) => {
            let shown = usize::try_from(*nth).ok().and_then(|n| patient.determinations.get(n));
            if !shown.is_some_and(|d| d.at == *at && d.withdrawn.is_none()) {
                return Err(Refused::Changed);
            }
            let reason = by_two(reason, facts)?;
            Ok(vec![Event::GroupWithdrawn { nth: *nth, withdrawn: Withdrawn { reason, at: now } }])
        }
        (Some(patient), Command::TakeOver { of, known, reason }) => {
            if *of == id || known.taken_over.contains(&id) {
                return Err(Refused::SameRecord);
            }
            if patient.taken_over.contains(of) {
                return Err(Refused::Known);
            }
            let reason = by_two(reason, facts)?;
            Ok(vec![Event::TookOver { of: *of, known: known.clone(), reason }])
        }
        (Some(_), Command::BelongTo { to, reason }) => {
            if *to == id {
                return Err(Refused::SameRecord);
            }
            Ok(vec![Event::BelongsTo { to: *to, reason: by_two(reason, facts)? }])
        }
        (Some(patient), Command::RecordDeath { at }) => {
            // Another time is entered after the first was taken back, so that both stand in the record.
            if patient.died.is_some() {
                return Err(Refused::Known);
            }
            let day = facts.died_on.unwrap_or_else(|| at.date_naive());
            let unborn = patient.birth_date.and_then(|b| b.earliest()).is_some_and(|b| day < b);
            if *at > now || unborn {
                return Err(Refused::DeathTimeImpossible);
            }
            Ok(vec![Event::Died { at: *at }])
        }
        (Some(patient), Command::WithdrawDeath { at, reason }) => {
            if patient.died != Some(*at) {
                return Err(Refused::Changed);
            }
            let reason = by_two(reason, facts)?;
            Ok(vec![Event::DeathWithdrawn { withdrawn: Withdrawn { reason, at: now } }])
        }
    }
}

/// The reason of what two people stand for.
fn by_two(reason: &str, facts: &Facts) -> Result<String, Refused> {
    let reason = kernel::reason(reason).ok_or(Refused::ReasonMissing)?;
    if facts.second { Ok(reason) } else { Err(Refused::SecondPersonNeeded) }
}

/// The second sample comes from a separate venepuncture (bloodbank.md 2.7), and one person with one
/// tube can write two numbers: so another one stands for it, who recorded an earlier determination
/// or was checked beside who records this one. A recorder who is not known is nobody else.
fn another_stands_for_it(patient: &Patient, facts: &Facts) -> bool {
    let standing = patient.determinations.iter().enumerate().filter(|(_, d)| d.withdrawn.is_none());
    let by_another = |n: usize| facts.recorded_by.get(n).is_some_and(|who| *who != facts.by);
    facts.second || standing.into_iter().any(|(n, _)| by_another(n))
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
        Event::GroupWithdrawn { nth, withdrawn } => {
            let found = usize::try_from(*nth).ok();
            if let Some(of) = found.and_then(|n| patient.determinations.get_mut(n)) {
                of.withdrawn.get_or_insert_with(|| withdrawn.clone());
            }
        }
        Event::TookOver { of, known, .. } => {
            patient.determinations.extend(known.determinations.iter().cloned());
            patient.anti_d_ever |= known.anti_d_ever;
            for allergy in &known.allergies {
                match &mut patient.allergies {
                    Allergies::Known { list } if list.contains(allergy) => {}
                    Allergies::Known { list } => list.push(allergy.clone()),
                    Allergies::NotRecorded | Allergies::NoneKnown => {
                        patient.allergies = Allergies::Known { list: vec![allergy.clone()] };
                    }
                }
            }
            patient.taken_over.push(*of);
            patient.taken_over.extend(&known.taken_over);
        }
        Event::BelongsTo { to, .. } => patient.belongs_to = Some(*to),
        Event::Died { at } => patient.died = Some(*at),
        Event::DeathWithdrawn { .. } => patient.died = None,
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
        Facts { today: now().date_naive(), ..Facts::default() }
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

    /// A patient with determinations by `who` on samples, all A RhD negative but the last letter B.
    fn determined(list: &[(&str, &str)]) -> (Patient, Facts) {
        let mut patient = registered();
        let mut known = facts();
        known.second = true;
        for (who, sample) in list {
            let abo = if sample.starts_with('B') { Abo::B } else { Abo::A };
            let group = BloodGroup { abo, rhd: Rhd::Negative };
            let command = Command::RecordGroup { group, sample: (*sample).into(), anti_d: false };
            let events =
                decide(Some(&patient), id(), &known, &command, false, now()).expect("recorded");
            patient = apply(Some(patient), &events[0]).expect("kept");
            known.recorded_by.push((*who).to_owned());
        }
        known.second = false;
        (patient, known)
    }
    const A_NEG: BloodGroup = BloodGroup { abo: Abo::A, rhd: Rhd::Negative };

    #[test]
    fn two_samples_confirm_a_group_and_a_third_that_differs_is_a_conflict() {
        let group = |list: &[(&str, &str)]| determined(list).0.group();
        assert_eq!(group(&[("amina", "S1")]), KnownGroup::Once(A_NEG));
        assert_eq!(group(&[("amina", "S1"), ("luis", "s-1")]), KnownGroup::Once(A_NEG));
        let confirmed = [("amina", "S1"), ("luis", "S2")];
        assert_eq!(group(&confirmed), KnownGroup::Confirmed(A_NEG));
        let three = [("amina", "S1"), ("luis", "S2"), ("luis", "B3")];
        assert!(matches!(group(&three), KnownGroup::Conflict(_)));
    }

    #[test]
    fn nobody_confirms_a_group_alone() {
        let (patient, mut facts) = determined(&[("amina", "1")]);
        let second = |facts: &Facts| {
            let command = Command::RecordGroup { group: A_NEG, sample: "2".into(), anti_d: false };
            decide(Some(&patient), id(), facts, &command, false, now())
        };
        facts.by = "amina".into();
        assert_eq!(second(&facts), Err(Refused::SecondPersonNeeded));
        facts.second = true;
        assert!(second(&facts).is_ok(), "somebody stands beside her");
        facts.second = false;
        facts.by = "luis".into();
        assert!(second(&facts).is_ok(), "another recorded the first");
        facts.recorded_by.clear();
        assert_eq!(second(&facts), Err(Refused::SecondPersonNeeded), "nobody knows who did");
        // The same sample again confirms nothing, so nobody else is needed.
        let again = Command::RecordGroup { group: A_NEG, sample: "1".into(), anti_d: false };
        assert!(decide(Some(&patient), id(), &facts, &again, false, now()).is_ok());
    }

    #[test]
    fn a_determination_entered_in_error_is_taken_back_by_two_and_stays_in_the_record() {
        let (patient, mut facts) = determined(&[("amina", "S1"), ("luis", "S2"), ("luis", "B3")]);
        let at = patient.determinations[2].at;
        let take = |facts: &Facts, nth, at, reason: &str| {
            let command = Command::WithdrawGroup { nth, at, reason: reason.into() };
            decide(Some(&patient), id(), facts, &command, false, now())
        };
        assert_eq!(take(&facts, 2, at, "wrong tube"), Err(Refused::SecondPersonNeeded));
        facts.second = true;
        assert_eq!(take(&facts, 2, at, "\u{200b}"), Err(Refused::ReasonMissing));
        assert_eq!(take(&facts, 9, at, "wrong tube"), Err(Refused::Changed));
        let other = at + kernel::TimeDelta::seconds(1);
        assert_eq!(take(&facts, 2, other, "wrong tube"), Err(Refused::Changed));
        let events = take(&facts, 2, at, "wrong tube").expect("withdrawn");
        let patient = apply(Some(patient.clone()), &events[0]).expect("kept");
        assert_eq!(patient.group(), KnownGroup::Confirmed(A_NEG));
        assert_eq!(patient.determinations.len(), 3, "nothing is struck out");
        let command = Command::WithdrawGroup { nth: 2, at, reason: "once more".into() };
        let twice = decide(Some(&patient), id(), &facts, &command, false, now());
        assert_eq!(twice, Err(Refused::Changed));
    }

    #[test]
    fn nobody_dies_in_the_future_before_their_birth_or_twice() {
        let patient = registered();
        let die = |patient: &Patient, at: Instant| {
            let command = Command::RecordDeath { at };
            decide(Some(patient), id(), &facts(), &command, false, now())
        };
        let at = |text: &str| text.parse::<Instant>().expect("an instant");
        let later = now() + kernel::TimeDelta::seconds(1);
        assert_eq!(die(&patient, later), Err(Refused::DeathTimeImpossible));
        let unborn = die(&patient, at("1958-03-04T23:59:00Z"));
        assert_eq!(unborn, Err(Refused::DeathTimeImpossible));
        // Who dies on the day of their birth has lived; the day is that of the place.
        assert!(die(&patient, at("1958-03-05T00:01:00Z")).is_ok());
        let mut east = facts();
        east.died_on = "1958-03-05".parse().ok();
        let command = Command::RecordDeath { at: at("1958-03-04T23:30:00Z") };
        assert!(decide(Some(&patient), id(), &east, &command, false, now()).is_ok());
        let events = die(&patient, now()).expect("now is not the future");
        let dead = apply(Some(patient), &events[0]).expect("kept");
        assert_eq!(dead.died, Some(now()));
        assert_eq!(die(&dead, now()), Err(Refused::Known));
        let nobody = Command::RecordDeath { at: now() };
        let nobody = decide(None, id(), &facts(), &nobody, false, now());
        assert_eq!(nobody, Err(Refused::NotFound));
    }

    #[test]
    fn a_death_by_mistake_is_taken_back_by_two_with_a_reason() {
        let dead = apply(Some(registered()), &Event::Died { at: now() }).expect("kept");
        let take = |patient: &Patient, at: Instant, reason: &str, second: bool| {
            let command = Command::WithdrawDeath { at, reason: reason.into() };
            let facts = Facts { second, ..facts() };
            decide(Some(patient), id(), &facts, &command, false, now())
        };
        let alone = take(&dead, now(), "another patient", false);
        assert_eq!(alone, Err(Refused::SecondPersonNeeded));
        assert_eq!(take(&dead, now(), "\u{200b}", true), Err(Refused::ReasonMissing));
        let other = now() - kernel::TimeDelta::seconds(1);
        assert_eq!(take(&dead, other, "another patient", true), Err(Refused::Changed));
        let events = take(&dead, now(), "another patient", true).expect("taken back");
        let alive = apply(Some(dead), &events[0]).expect("kept");
        assert_eq!(alive.died, None);
        assert_eq!(take(&alive, now(), "another patient", true), Err(Refused::Changed));
    }

    fn other() -> PatientId {
        "0192f0c0-0000-7000-8000-000000000002".parse().expect("an id")
    }

    #[test]
    fn a_record_that_takes_another_over_knows_what_both_knew() {
        let (real, mut facts) = determined(&[("amina", "S1"), ("luis", "S2")]);
        let (mut unknown, _) = determined(&[("amina", "B7")]);
        unknown.anti_d_ever = true;
        let allergy =
            Allergy { substance: "Latex".into(), reaction: None, severe: true, recorded_at: now() };
        unknown.allergies = Allergies::Known { list: vec![allergy.clone()] };
        let take = |facts: &Facts, of: PatientId, reason: &str| {
            let command =
                Command::TakeOver { of, known: Box::new(unknown.known()), reason: reason.into() };
            decide(Some(&real), id(), facts, &command, false, now())
        };
        assert_eq!(take(&facts, other(), "brother came"), Err(Refused::SecondPersonNeeded));
        facts.second = true;
        assert_eq!(take(&facts, other(), " "), Err(Refused::ReasonMissing));
        assert_eq!(take(&facts, id(), "brother came"), Err(Refused::SameRecord));
        let events = take(&facts, other(), "brother came").expect("taken over");
        let real = apply(Some(real.clone()), &events[0]).expect("kept");
        assert!(matches!(real.group(), KnownGroup::Conflict(_)), "never silently one of the two");
        assert_eq!(real.determinations.len(), 3);
        assert!(real.anti_d_ever);
        assert_eq!(real.allergies, Allergies::Known { list: vec![allergy] });
        assert_eq!(real.taken_over, [other()]);
        let command =
            Command::TakeOver { of: other(), known: Box::default(), reason: "brother came".into() };
        assert_eq!(
            decide(Some(&real), id(), &facts, &command, false, now()),
            Err(Refused::Known),
            "once is enough"
        );
    }

    #[test]
    fn in_a_record_that_was_taken_over_nothing_is_written() {
        let facts = Facts { second: true, ..facts() };
        let belong = Command::BelongTo { to: other(), reason: "the same person".into() };
        let events =
            decide(Some(&registered()), id(), &facts, &belong, false, now()).expect("belongs");
        let unknown = apply(Some(registered()), &events[0]).expect("kept");
        let refused = Err(Refused::TakenOver { to: other() });
        let group = Command::RecordGroup { group: A_NEG, sample: "1".into(), anti_d: false };
        let took = Command::TakeOver { of: other(), known: Box::default(), reason: "x".into() };
        for command in
            [Command::RecordNoAllergies, Command::RecordDeath { at: now() }, group, took, belong]
        {
            assert_eq!(decide(Some(&unknown), id(), &facts, &command, false, now()), refused);
        }
        let itself = Command::BelongTo { to: id(), reason: "the same person".into() };
        assert_eq!(
            decide(Some(&registered()), id(), &facts, &itself, false, now()),
            Err(Refused::SameRecord)
        );
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
