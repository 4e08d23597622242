//! A patient's blood sample: who it is of, how long it is good for, what it showed
//! (bloodbank.md 2.7 and 2.8).

use crate::care::{
    CareRule, Refusal, StaffFact, Task, TaskKind, changed, not_after, not_before, text, two_people,
    unknown,
};
use crate::care_policy::CarePolicy;
use crate::unit::Expiry;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _};
use kernel::{Abo, BloodGroup, Instant, PatientId, Rhd, SampleId, StaffId, instant_of_wall};
use serde::{Deserialize, Serialize};

/// What was said about a transfusion or a pregnancy when the sample was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    No,
    Yes,
    /// Counts as yes.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExposureKind {
    Transfusion,
    Pregnancy,
}

/// Something that may have made new antibodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Exposure {
    pub kind: ExposureKind,
    pub at: Instant,
    pub recorded_at: Instant,
}

/// What stands on the label of the tube.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Identifier {
    /// Of the hospital, the state, or the emergency department for somebody unknown.
    UniqueNumber(String),
    Name(String),
    BirthDate(NaiveDate),
}

/// The patient as the record knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatientIdentity {
    pub id: PatientId,
    pub numbers: Vec<String>,
    pub name: String,
    pub birth_date: Option<NaiveDate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Reading {
    Group(Abo),
    MixedField,
    NotReadable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RhdReading {
    Negative,
    Positive,
    /// Weak or partial: the patient is treated as negative until somebody resolves it (2.2).
    Weak,
}

/// One determination of the group on this sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typing {
    /// Of the cells.
    pub forward: Reading,
    /// Of the plasma.
    pub reverse: Reading,
    pub rhd: RhdReading,
    pub by: StaffId,
    pub at: Instant,
}

impl Typing {
    /// The group, when both sides agree.
    pub fn group(&self) -> Option<BloodGroup> {
        let (Reading::Group(forward), Reading::Group(reverse)) = (self.forward, self.reverse)
        else {
            return None;
        };
        let rhd = if self.rhd == RhdReading::Positive { Rhd::Positive } else { Rhd::Negative };
        (forward == reverse).then_some(BloodGroup { abo: forward, rhd })
    }
}

/// The search for antibodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Screen {
    Negative,
    /// Positive, or not clear.
    Positive,
}

/// The state of the aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    pub id: SampleId,
    pub patient: PatientId,
    /// The number on the tube.
    pub number: String,
    pub drawn_wall: NaiveDateTime,
    pub zone: chrono_tz::Tz,
    pub drawn_at: Instant,
    pub drawn_by: StaffId,
    /// The second person who identified the patient at the bedside.
    pub identified_by: StaffId,
    pub received_at: Instant,
    pub at_risk: bool,
    pub valid_until: Expiry,
    pub rejected: Option<String>,
    pub typings: Vec<Typing>,
    pub screen: Option<Screen>,
    pub version: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Receive {
        patient: PatientId,
        number: String,
        identifiers: Vec<Identifier>,
        drawn_wall: NaiveDateTime,
        zone: chrono_tz::Tz,
        drawn_by: StaffId,
        identified_by: StaffId,
        transfused: Answer,
        pregnant: Answer,
    },
    Reject {
        reason: String,
    },
    Type {
        typing: Typing,
    },
    RecordScreen {
        screen: Screen,
    },
    /// A transfusion or a pregnancy became known, or happened, after the sample was drawn.
    NoteExposure {
        exposure: Exposure,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Received {
        patient: PatientId,
        number: String,
        drawn_wall: NaiveDateTime,
        zone: chrono_tz::Tz,
        drawn_at: Instant,
        drawn_by: StaffId,
        identified_by: StaffId,
        at_risk: bool,
        valid_until: Expiry,
        at: Instant,
    },
    Rejected {
        reason: String,
    },
    Typed {
        typing: Typing,
    },
    Screened {
        screen: Screen,
    },
    ValidityShortened {
        valid_until: Expiry,
        because: Exposure,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The patient whom the command names.
    pub patient: Option<PatientIdentity>,
    pub exposures: Vec<Exposure>,
    pub staff: Vec<StaffFact>,
}

/// Until when a sample is good. After a transfusion or pregnancy the day of drawing is day 0 and
/// the sample ends with 23:59 of the last day; otherwise so many hours later, to the minute.
pub fn valid_until(
    drawn_wall: NaiveDateTime,
    zone: chrono_tz::Tz,
    at_risk: bool,
    policy: &CarePolicy,
) -> Expiry {
    if at_risk {
        let days = TimeDelta::days(i64::from(policy.sample_risk_days.value));
        let last = drawn_wall.date().checked_add_signed(days).unwrap_or(drawn_wall.date());
        let end = NaiveTime::from_hms_opt(23, 59, 0).unwrap_or_default();
        return Expiry::of_label(last.and_time(end), zone);
    }
    let hours = TimeDelta::hours(i64::from(policy.sample_hours.value));
    let drawn = instant_of_wall(drawn_wall, zone);
    let end = drawn.checked_add_signed(hours).unwrap_or(drawn);
    Expiry::of_label(zone.from_utc_datetime(&end.naive_utc()).naive_local(), zone)
}

/// Whether new antibodies may be on their way: said so, not known, or recorded within the look-back
/// before the drawing or at any time after it.
pub fn at_risk(
    drawn_at: Instant,
    transfused: Answer,
    pregnant: Answer,
    exposures: &[Exposure],
    policy: &CarePolicy,
) -> bool {
    transfused != Answer::No
        || pregnant != Answer::No
        || exposures.iter().any(|exposure| counts(exposure, drawn_at, policy))
}

fn counts(exposure: &Exposure, drawn_at: Instant, policy: &CarePolicy) -> bool {
    let back = TimeDelta::days(i64::from(policy.risk_look_back_days.value));
    drawn_at.checked_sub_signed(back).is_none_or(|earliest| exposure.at >= earliest)
}

/// Decides a command on a sample.
///
/// # Errors
/// A label that does not name one patient for certain, one person where two are needed, a sample
/// that is not usable any more.
pub fn decide(
    state: Option<&Sample>,
    facts: &Facts,
    command: &Command,
    policy: &CarePolicy,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    let sample = match (state, command) {
        (None, Command::Receive { .. }) => return receive(facts, command, policy, now),
        (None, _) => return Err(unknown("sample")),
        (Some(sample), Command::Receive { .. }) => {
            return Err(Refusal::stop(CareRule::Known).with("number", &sample.number));
        }
        (Some(sample), _) => sample,
    };
    let event = match command {
        Command::Receive { .. } => return Ok(vec![]), // answered above
        Command::Reject { reason } => {
            if sample.rejected.is_some() {
                return Err(changed("rejected"));
            }
            Event::Rejected { reason: text(reason, "reason")? }
        }
        Command::Type { typing } => {
            sample.usable(now)?;
            crate::care::active(typing.by, &facts.staff)?;
            not_after("at", typing.at, now)?;
            not_before("at", typing.at, sample.drawn_at)?;
            Event::Typed { typing: *typing }
        }
        Command::RecordScreen { screen } => {
            sample.usable(now)?;
            not_before("at", now, sample.drawn_at)?;
            Event::Screened { screen: *screen }
        }
        Command::NoteExposure { exposure } => {
            not_after("at", exposure.at, now)?;
            if sample.at_risk || !counts(exposure, sample.drawn_at, policy) {
                return Ok(vec![]);
            }
            let shorter = valid_until(sample.drawn_wall, sample.zone, true, policy);
            let valid_until =
                if shorter.at < sample.valid_until.at { shorter } else { sample.valid_until };
            Event::ValidityShortened { valid_until, because: *exposure }
        }
    };
    Ok(vec![event])
}

fn receive(
    facts: &Facts,
    command: &Command,
    policy: &CarePolicy,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    let Command::Receive {
        patient,
        number,
        identifiers,
        drawn_wall,
        zone,
        drawn_by,
        identified_by,
        transfused,
        pregnant,
    } = command
    else {
        return Ok(vec![]);
    };
    let known = facts
        .patient
        .as_ref()
        .filter(|known| known.id == *patient)
        .ok_or_else(|| unknown("patient"))?;
    label_names(known, identifiers)?;
    two_people(*drawn_by, *identified_by, &facts.staff)?;
    if !crate::care::active(*drawn_by, &facts.staff)?.draws {
        return Err(Refusal::stop(CareRule::MayNotDraw).with("staff", drawn_by));
    }
    let drawn_at = instant_of_wall(*drawn_wall, *zone);
    not_after("drawnAt", drawn_at, now)?;
    let at_risk = at_risk(drawn_at, *transfused, *pregnant, &facts.exposures, policy);
    let valid_until = valid_until(*drawn_wall, *zone, at_risk, policy);
    if valid_until.is_past(now) {
        return Err(
            Refusal::stop(CareRule::SampleTooOld).with("validUntil", valid_until.at.to_rfc3339())
        );
    }
    Ok(vec![Event::Received {
        patient: *patient,
        number: text(number, "number")?,
        drawn_wall: *drawn_wall,
        zone: *zone,
        drawn_at,
        drawn_by: *drawn_by,
        identified_by: *identified_by,
        at_risk,
        valid_until,
        at: now,
    }])
}

/// A unique number of this patient, and nothing that contradicts the record. Name and birth date
/// alone never suffice: two people may share both (scenario 21).
fn label_names(known: &PatientIdentity, identifiers: &[Identifier]) -> Result<(), Refusal> {
    let mut unique = false;
    for identifier in identifiers {
        let (field, agrees) = match identifier {
            Identifier::UniqueNumber(number) => {
                let plain = |number: &str| number.split_whitespace().collect::<String>();
                let agrees = known.numbers.iter().any(|one| plain(one) == plain(number));
                unique |= agrees;
                ("number", agrees)
            }
            Identifier::Name(name) => ("name", same_words(name, &known.name)),
            Identifier::BirthDate(date) => ("birthDate", known.birth_date == Some(*date)),
        };
        if !agrees {
            return Err(Refusal::stop(CareRule::IdentityMismatch).with("field", field));
        }
    }
    if unique { Ok(()) } else { Err(Refusal::stop(CareRule::UniqueNumberMissing)) }
}

/// The same words in whatever order: one label says `SMITH, John`, the next `John Smith`.
fn same_words(one: &str, other: &str) -> bool {
    let plain = |text: &str| {
        let words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|w| !w.is_empty());
        let mut words: Vec<String> = words.map(str::to_lowercase).collect();
        words.sort_unstable();
        words
    };
    !plain(one).is_empty() && plain(one) == plain(other)
}

/// The sample after an event.
pub fn apply(state: Option<Sample>, id: SampleId, event: &Event) -> Option<Sample> {
    if let Event::Received {
        patient,
        number,
        drawn_wall,
        zone,
        drawn_at,
        drawn_by,
        identified_by,
        at_risk,
        valid_until,
        at,
    } = event
    {
        return state.or_else(|| {
            Some(Sample {
                id,
                patient: *patient,
                number: number.clone(),
                drawn_wall: *drawn_wall,
                zone: *zone,
                drawn_at: *drawn_at,
                drawn_by: *drawn_by,
                identified_by: *identified_by,
                received_at: *at,
                at_risk: *at_risk,
                valid_until: *valid_until,
                rejected: None,
                typings: vec![],
                screen: None,
                version: 1,
            })
        });
    }
    let mut sample = state?;
    sample.version += 1;
    match event {
        Event::Received { .. } => {} // answered above
        Event::Rejected { reason } => sample.rejected = Some(reason.clone()),
        Event::Typed { typing } => sample.typings.push(*typing),
        // A screen that was once positive stays so: a later negative does not take it back.
        Event::Screened { screen } => {
            if sample.screen != Some(Screen::Positive) {
                sample.screen = Some(*screen);
            }
        }
        Event::ValidityShortened { valid_until, .. } => {
            sample.at_risk = true;
            if valid_until.at < sample.valid_until.at {
                sample.valid_until = *valid_until;
            }
        }
    }
    Some(sample)
}

impl Sample {
    /// The tube as what is known of the patient by `now` leaves it: blood given since it was drawn, or within
    /// the look-back before, shortens its life, whoever wrote that down and wherever (bloodbank.md 2.8,
    /// scenario 48). What happened after `now` shortens nothing that was done then.
    #[must_use]
    pub fn in_light_of(
        mut self,
        exposures: &[Exposure],
        policy: &CarePolicy,
        now: Instant,
    ) -> Self {
        let told = |one: &Exposure| one.at <= now && counts(one, self.drawn_at, policy);
        if !self.at_risk && exposures.iter().any(told) {
            self.at_risk = true;
            let short = valid_until(self.drawn_wall, self.zone, true, policy);
            if short.at < self.valid_until.at {
                self.valid_until = short;
            }
        }
        self
    }

    /// Not rejected and not too old.
    ///
    /// # Errors
    /// Which of the two.
    pub fn usable(&self, now: Instant) -> Result<(), Refusal> {
        if let Some(reason) = &self.rejected {
            return Err(Refusal::stop(CareRule::SampleRejected).with("reason", reason));
        }
        if self.valid_until.is_past(now) {
            return Err(Refusal::stop(CareRule::SampleTooOld)
                .with("validUntil", self.valid_until.at.to_rfc3339())
                .with("zone", self.valid_until.zone));
        }
        Ok(())
    }

    /// The group that every typing of this tube gives; none before the first, and none while one
    /// of them does not read clearly or two disagree.
    pub fn group(&self) -> Option<BloodGroup> {
        let first = self.typings.first()?.group()?;
        self.typings.iter().all(|typing| typing.group() == Some(first)).then_some(first)
    }

    /// A typing that does not read clearly, or two that disagree.
    pub fn discrepant(&self) -> bool {
        !self.typings.is_empty() && self.group().is_none()
    }
}

/// What has to be done after an event.
pub fn tasks(sample: SampleId, event: &Event) -> Vec<Task> {
    match event {
        Event::ValidityShortened { valid_until, .. } => vec![
            Task::now(TaskKind::RecheckUnits)
                .with("sample", sample)
                .with("validUntil", valid_until.at.to_rfc3339()),
        ],
        Event::Typed { typing } if typing.group().is_none() => {
            vec![Task::now(TaskKind::MedicalReview).with("sample", sample)]
        }
        Event::Rejected { .. } => vec![Task::now(TaskKind::NewSample).with("sample", sample)],
        _ => vec![],
    }
}
