//! What the training facility asked for, crossmatched and gave, and what waits on its desks.

use super::{sign_in, touch};
use crate::backend::Inner;
use crate::error::Error;
use kernel::{ManualClock, TimeDelta};
use wire::*;

/// Bags whose group nobody has read again yet: work for who tries the program.
const UNREAD: usize = 4;

fn tick(inner: &mut Inner, clock: &ManualClock, minutes: i64) {
    clock.advance(TimeDelta::minutes(minutes));
    touch(inner);
}

/// The group of every bag with red cells, entered by one person and verified by another.
pub(super) fn retype(inner: &mut Inner, clock: &ManualClock) -> Result<(), Error> {
    let mut bags = vec![];
    for component in [Component::RedCells, Component::WholeBlood] {
        let ask = UnitList { component: Some(component), limit: 500, ..UnitList::default() };
        bags.extend(inner.unit_list(ask)?.rows);
    }
    bags.sort_by(|one, other| one.din.cmp(&other.din));
    for (who, but) in [("amina", UNREAD / 2), ("luis", UNREAD)] {
        sign_in(inner, who)?;
        let read = bags.len().saturating_sub(but);
        for bag in bags.iter().take(read) {
            tick(inner, clock, 1);
            inner.unit_retype(UnitRetype {
                unit: bag.id.clone(),
                group: bag.group,
                reason: None,
            })?;
        }
    }
    Ok(())
}

fn tube(
    inner: &mut Inner,
    patient: &str,
    number: &str,
    typed: Option<BloodGroup>,
    screened: bool,
) -> Result<(), Error> {
    let id = crate::people::patient_id(patient)?;
    let row = inner.patient_row(id)?;
    let zone = inner.zone()?;
    let drawn = (inner.options.clock.now() - TimeDelta::minutes(20)).with_timezone(&zone);
    let made = inner.sample_receive(SampleReceive {
        patient: patient.to_owned(),
        number: number.into(),
        label_number: row.hospital_number,
        label_name: None,
        label_birth_date: None,
        drawn_wall: drawn.format("%Y-%m-%dT%H:%M").to_string(),
        drawn_by: "mbeki".into(),
        identified_by: "ferreira".into(),
        transfused: SaidAnswer::No,
        pregnant: SaidAnswer::No,
    })?;
    if let Some(group) = typed {
        let side = GroupSide::Group(group.abo);
        let rhd = match group.rhd {
            Rhd::Negative => RhdSide::Negative,
            Rhd::Positive => RhdSide::Positive,
        };
        inner.sample_type(SampleType {
            sample: made.id.clone(),
            forward: side,
            reverse: side,
            rhd,
            second: None,
            happened: None,
        })?;
    }
    if screened {
        let sample = made.id;
        inner.sample_screen(SampleScreen {
            sample,
            screen: ScreenResult::Negative,
            happened: None,
        })?;
    }
    Ok(())
}

fn order(inner: &Inner, patient: &str, count: u32, urgency: Urgency, hours: i64) -> RequestPlace {
    RequestPlace {
        patient: patient.to_owned(),
        component: Component::RedCells,
        count,
        urgency,
        indication: "anaemia".into(),
        measured: vec![Measured { measure: Measure::Haemoglobin, value: 64 }],
        needs: vec![],
        fresh_days: None,
        needed_by: crate::convert::rfc3339(inner.options.clock.now() + TimeDelta::hours(hours)),
        consent: true,
    }
}

fn known_group(inner: &Inner, patient: &str) -> Result<Option<BloodGroup>, Error> {
    let facts = inner.patient_facts(crate::people::patient_id(patient)?)?;
    Ok(match facts.map(|facts| facts.group) {
        Some(bloodbank::KnownGroup::Once(g) | bloodbank::KnownGroup::Confirmed(g)) => {
            Some(crate::convert::same(g))
        }
        _ => None,
    })
}

/// One request from the ward to the counter.
pub(super) fn give(
    inner: &mut Inner,
    clock: &ManualClock,
    patient: &str,
    count: u32,
    feverish: bool,
) -> Result<(), Error> {
    let mut given = 0;
    sign_in(inner, "ferreira")?;
    tick(inner, clock, 16 * 60);
    let ask = order(inner, patient, count, Urgency::Urgent, 6);
    let request = inner.request_place(ask)?.id;
    sign_in(inner, "amina")?;
    tick(inner, clock, 30);
    let group = known_group(inner, patient)?;
    let number = format!("S26 005 {}", &request[request.len() - 4..]);
    tube(inner, patient, &number, group, true)?;
    tick(inner, clock, 40);
    inner.request_accept(ById { id: request.clone() })?;
    let proposed = inner.request_view(ById { id: request.clone() })?.proposal;
    let units: Vec<UnitRow> = proposed.into_iter().map(|line| line.unit).collect();
    inner.request_allocate(RequestUnits {
        request,
        units: units.iter().map(|unit| unit.id.clone()).collect(),
        override_: None,
        second: None,
    })?;
    for unit in units {
        tick(inner, clock, 15);
        inner.crossmatch_record(CrossmatchRecord {
            patient: patient.to_owned(),
            unit: unit.id.clone(),
            method: CrossmatchMethod::Ahg,
            outcome: CrossmatchOutcome::Compatible,
            done_wall: None,
        })?;
        tick(inner, clock, 20);
        let bag = BagScan { din: unit.din, product_code: unit.product_code, group: unit.group };
        let slip =
            inner.slip_make(SlipAsk { unit: unit.id.clone(), patient: patient.to_owned() })?.text;
        let made = inner.issue_give(IssueAsk {
            unit: unit.id,
            patient: patient.to_owned(),
            wristband: None,
            bag: Some(bag.clone()),
            slip: Some(slip.clone()),
            collected_by: "Ruth Mbeki, ward 3".into(),
            appearance_ok: true,
            emergency: None,
            protocol: None,
            override_: None,
            second: None,
            happened: None,
        })?;
        given += 1;
        let course = if feverish && given == count { Course::Feverish } else { Course::Quiet };
        transfuse(inner, clock, BedsideBag { issue: made.id, patient, bag, slip }, course)?;
        sign_in(inner, "amina")?;
    }
    Ok(())
}

/// How a transfusion of the training facility goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Course {
    Quiet,
    /// Warmer by a little over a degree at its end: a case that waits for somebody to judge it.
    Feverish,
}

struct BedsideBag<'a> {
    issue: String,
    patient: &'a str,
    bag: BagScan,
    slip: String,
}

/// One bag from the door of the ward to the word on how it went.
fn transfuse(
    inner: &mut Inner,
    clock: &ManualClock,
    at: BedsideBag<'_>,
    course: Course,
) -> Result<(), Error> {
    let BedsideBag { issue, patient, bag, slip } = at;
    let vitals = |temperature: i32, pulse: u32| VitalSigns {
        temperature: Some(temperature),
        pulse: Some(pulse),
        systolic: Some(118),
        diastolic: Some(74),
        breaths: Some(16),
        oxygen: Some(97),
    };
    sign_in(inner, "mbeki")?;
    tick(inner, clock, 12);
    inner.bedside_check(BedsideCheck {
        issue: issue.clone(),
        wristband: patient.to_owned(),
        spoken_agrees: true,
        bag,
        slip: Some(slip),
        override_: None,
        happened: None,
        appearance_ok: true,
        consent: true,
        second: Some(SecondPerson {
            user: "ferreira".into(),
            password: super::TRAINING_PASSWORD.into(),
        }),
    })?;
    tick(inner, clock, 2);
    let start = BedsideStart {
        issue: issue.clone(),
        vitals: vitals(367, 88),
        override_: None,
        second: None,
        happened: None,
    };
    inner.bedside_start(start)?;
    tick(inner, clock, 15);
    let vitals_seen = vitals(368, 86);
    inner.bedside_observe(BedsideObserve {
        issue: issue.clone(),
        vitals: vitals_seen,
        findings: None,
        happened: None,
    })?;
    tick(inner, clock, 100);
    let warm = course == Course::Feverish;
    inner.bedside_end(BedsideEnd {
        issue: issue.clone(),
        vitals: if warm { vitals(379, 98) } else { vitals(368, 84) },
        volume_ml: Some(284),
        happened: None,
    })?;
    tick(inner, clock, 10);
    inner.bedside_outcome(BedsideOutcome {
        issue,
        outcome: match course {
            Course::Quiet => TransfusionOutcome::Uneventful,
            Course::Feverish => TransfusionOutcome::Reaction,
        },
        findings: None,
        happened: None,
    })?;
    Ok(())
}

/// What waits: requests at three stages.
pub(super) fn waiting(
    inner: &mut Inner,
    clock: &ManualClock,
    end: kernel::Instant,
    patients: &[String],
) -> Result<(), Error> {
    let patient = |n: usize| patients.get(n).cloned().unwrap_or_default();
    clock.set(end - TimeDelta::hours(3));
    sign_in(inner, "ferreira")?;
    for (n, count, urgency, hours) in
        [(4, 2, Urgency::Routine, 20), (3, 2, Urgency::Urgent, 6), (13, 1, Urgency::Routine, 30)]
    {
        tick(inner, clock, 5);
        let ask = order(inner, &patient(n), count, urgency, hours);
        inner.request_place(ask)?;
    }
    sign_in(inner, "amina")?;
    for (n, number, typed, screened) in
        [(3, "S26 006 101", true, true), (4, "S26 006 102", false, false)]
    {
        tick(inner, clock, 10);
        let group = match typed {
            true => known_group(inner, &patient(n))?,
            false => None,
        };
        tube(inner, &patient(n), number, group, screened)?;
    }
    Ok(())
}
