//! The scenarios of bloodbank.md from the donor to the released component, as `fn sNN_...`, and
//! the properties behind them.

mod components;
mod donation;
mod donors;
mod doubles;
mod intake;
mod photos;
mod profiles;
mod recall;
mod release;
mod tests;
mod todo;

use bloodbank::Sex;
use bloodbank::donor::{self, *};
use bloodbank::profile::{DonationKind, Profile};
use kernel::{CommandId, DonationId, DonorId, Instant, Millilitres, NaiveDate, StaffId};
use uuid::Uuid;

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

pub fn staff(n: u128) -> StaffId {
    StaffId(Uuid::from_u128(0x57AF_0000 + n))
}

pub fn command(n: u128) -> CommandId {
    CommandId(Uuid::from_u128(0xC0_0000 + n))
}

/// The 20th of November 2026: the today of these tests.
pub fn today() -> NaiveDate {
    day("2026-11-20")
}

pub fn identity(sex: Sex, born: &str) -> Identity {
    Identity {
        number: "D-17".into(),
        name: Name { family: "Otieno".into(), given: "Achieng".into() },
        born: Some(day(born)),
        sex,
        papers: vec![],
        photo: None,
    }
}

pub fn facts(questionnaire: &Questionnaire) -> donor::Facts<'_> {
    donor::Facts {
        actor: staff(1),
        second: None,
        today: today(),
        clock_suspect: false,
        later: false,
        similar: &[],
        others: &[],
        questionnaire,
    }
}

/// Applies a command that must be accepted.
pub fn told(donor: Donor, command_: &Command, n: u128) -> Donor {
    let questionnaire = Questionnaire::basic();
    let facts = donor::Facts { second: Some(staff(2)), ..facts(&questionnaire) };
    let now = at("2026-11-20T08:00:00Z");
    let who = Profile::who();
    let events = decide(Some(&donor), &facts, command_, &[], &who, now, command(n));
    let events = events.expect("accepted");
    let id = donor.id;
    events.iter().fold(donor, |donor, event| apply(Some(donor), id, event).expect("known"))
}

/// Registered, with consent.
pub fn donor(sex: Sex, born: &str) -> Donor {
    let registered = Event::Registered {
        identity: identity(sex, born),
        contact: Some(Contact {
            phone: Some("0700000001".into()),
            email: None,
            area: Some("Hill".into()),
            language: None,
        }),
        likely_same: vec![],
    };
    let id = DonorId(Uuid::from_u128(0xD0));
    let donor = apply(None, id, &registered).expect("registered");
    let consent = Command::Consent { text: "donor".into(), text_version: 1, guardian: None };
    told(donor, &consent, 1)
}

pub fn man() -> Donor {
    donor(Sex::Male, "1990-05-01")
}

pub fn woman() -> Donor {
    donor(Sex::Female, "1990-05-01")
}

pub fn donation_id(n: u128) -> DonationId {
    DonationId(Uuid::from_u128(0xDD_0000 + n))
}

pub fn past(n: u128, kind: DonationKind, on: NaiveDate) -> Past {
    Past {
        donation: donation_id(n),
        kind,
        on,
        red_cells_returned: None,
        volume: None,
        elsewhere: None,
    }
}

/// After a donation so many days before today.
pub fn gave(donor: Donor, kind: DonationKind, days_ago: u64) -> Donor {
    let on = today() - kernel::TimeDelta::days(i64::try_from(days_ago).expect("few"));
    let n = donor.donations.len() as u128 + 1;
    told(donor, &Command::RecordDonation { past: past(n, kind, on) }, 100 + n)
}

/// Nothing to complain of.
pub fn answers() -> Answers {
    let well =
        |question: &Question| (question.id.clone(), Answer { yes: !question.when, when: None });
    Questionnaire::basic().questions.iter().map(well).collect()
}

/// A healthy visit for 450 mL.
pub fn visit(kind: DonationKind) -> Visit {
    Visit {
        kind,
        bag: Some(Millilitres(450)),
        identity_shown: true,
        vitals: Vitals {
            weight: Some(720),
            height: Some(170),
            haemoglobin: Some(145),
            systolic: Some(120),
            diastolic: Some(75),
            pulse: Some(70),
            temperature: Some(368),
            platelets: Some(220),
        },
        answers: answers(),
    }
}

pub fn judged(donor: &Donor, visit: &Visit, on: NaiveDate, profile: &Profile) -> Eligibility {
    let questionnaire = Questionnaire::basic();
    let ask = Ask { visit, today: on, questionnaire: &questionnaire, similar: &[] };
    eligibility(donor, &ask, profile)
}

/// For a whole blood donation with a healthy visit today.
pub fn verdict(donor: &Donor, profile: &Profile) -> Verdict {
    judged(donor, &visit(DonationKind::WholeBlood), today(), profile).verdict
}

pub fn until(verdict: &Verdict) -> Option<Ends> {
    match verdict {
        Verdict::Defer { until, .. } => Some(*until),
        _ => None,
    }
}

pub fn because(verdict: &Verdict) -> Option<Why> {
    match verdict {
        Verdict::Defer { why, .. } => Some(*why),
        _ => None,
    }
}
