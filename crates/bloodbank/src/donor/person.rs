//! One person under several records. Every record keeps its own history and nothing of it moves;
//! what is decided is decided on all of them together, so the stricter deferral and the longer wait
//! win, also when one of them changes later.

use super::{Donor, Health};

/// The records among `others` that a person has found to be of the same person, through however many
/// decisions.
pub fn records_of<'a>(donor: &'a Donor, others: &'a [Donor]) -> Vec<&'a Donor> {
    let linked = |a: &Donor, b: &Donor| a.same_as.contains(&b.id) || b.same_as.contains(&a.id);
    let mut found: Vec<&Donor> = vec![donor];
    let mut next = 0;
    while let Some(one) = found.get(next).copied() {
        next += 1;
        for other in others {
            if linked(one, other) && !found.iter().any(|known| known.id == other.id) {
                found.push(other);
            }
        }
    }
    found.remove(0);
    found
}

/// The donor with what all records of the person say: deferrals, donations, determinations, reports,
/// doubts and health. Identity, contact, consent and screenings stay those of this record: they were
/// said and asked under it.
pub fn person(donor: &Donor, others: &[Donor]) -> Donor {
    let records = records_of(donor, others);
    let mut all = donor.clone();
    for other in &records {
        for deferral in &other.deferrals {
            let same = |d: &super::Deferral| d.cause == deferral.cause && d.code == deferral.code;
            if !all.deferrals.iter().any(same) {
                all.deferrals.push(deferral.clone());
            }
        }
        for past in &other.donations {
            if !all.donations.iter().any(|known| known.donation == past.donation) {
                all.donations.push(past.clone());
            }
        }
        for found in &other.groups {
            if !all.groups.contains(found) {
                all.groups.push(*found);
            }
        }
        for report in &other.reports {
            if !all.reports.contains(report) {
                all.reports.push(report.clone());
            }
        }
        for like in &other.likely_same {
            if !all.likely_same.iter().any(|known| known.donor == like.donor) {
                all.likely_same.push(like.clone());
            }
        }
        all.health = stricter(all.health, other.health);
        all.last_asked = all.last_asked.max(other.last_asked);
    }
    all.donations.sort_by_key(|past| (past.on, past.donation));
    all.groups.sort_by_key(|found| found.at);
    all.reports.sort_by_key(|report| report.at);
    let of_person = |id| id == donor.id || records.iter().any(|record| record.id == id);
    all.likely_same.retain(|like| !of_person(like.donor));
    all
}

/// Of two answers the one that asks for more care.
fn stricter(a: Health, b: Health) -> Health {
    let both = |x: Option<bool>, y: Option<bool>, careful: bool| match (x, y) {
        (Some(one), _) | (_, Some(one)) if one == careful => Some(careful),
        (Some(_), Some(other)) if other == careful => Some(careful),
        (one, other) => one.or(other),
    };
    Health {
        after_menopause: both(a.after_menopause, b.after_menopause, false),
        ever_pregnant: both(a.ever_pregnant, b.ever_pregnant, true),
        hla_negative: both(a.hla_negative, b.hla_negative, false),
    }
}
