//! The training facility: made only by commands through the use cases, with a clock that runs
//! over two weeks. It can never join a hospital.

mod asking;
mod transfusing;

use crate::backend::{Backend, Inner, Options};
use crate::error::{Error, no};
use chrono::Datelike as _;
use isbt128::{Abo, AboRhd, DonationType, Expiry, Rhd};
use kernel::{Clock, ManualClock, Role as R, TimeDelta};
use sqlite::keyslots::{KeySlots, TRAINING_PASSWORD};
use std::path::Path;
use std::sync::Arc;
use wire::*;

/// Everybody who works here; the password of all of them is "training".
const PEOPLE: [(&str, &str, R); 8] = [
    ("amina", "Amina Okello", R::BloodBankScientist),
    ("luis", "Luis Santos", R::BloodBankScientist),
    ("ferreira", "Dr Ana Ferreira", R::Physician),
    ("khan", "Dr Sameera Khan", R::Radiologist),
    ("mbeki", "Ruth Mbeki", R::Nurse),
    ("joseph", "Joseph Adeyemi", R::Reception),
    ("admin", "Grace Lindqvist", R::Administrator),
    ("audit", "Tomas Novak", R::Auditor),
];

const ZONE: chrono_tz::Tz = chrono_tz::Africa::Nairobi;

/// Family, given, title, born, sex.
type Person = (&'static str, &'static str, Option<&'static str>, Option<&'static str>, Sex);
const PATIENTS: [Person; 16] = [
    ("Smith", "John", Some("Mr"), Some("1958-03-05"), Sex::Male),
    ("Smythe", "Joan", Some("Ms"), Some("1961-07-19"), Sex::Female),
    ("Ramirez-Okonkwo", "Guadalupe", Some("Mrs"), Some("1961-08-14"), Sex::Female),
    (
        "Oyelaran-Fitzgerald",
        "Oluwaseun Bartholomew Emeka",
        Some("Mr"),
        Some("1949-06-11"),
        Sex::Male,
    ),
    ("الحسيني", "فاطمة الزهراء", None, Some("1988-02"), Sex::Female),
    ("Pereira", "Tomás", Some("Mr"), Some("1975-12-30"), Sex::Male),
    ("", "Suharto", None, Some("1952"), Sex::Male),
    ("Diallo", "Mamadou", Some("Mr"), Some("2014-04-02"), Sex::Male),
    ("Abernathy-Featherstone", "Wilhelmina", Some("Dr"), Some("1940-01-23"), Sex::Female),
    ("Nakamura", "Hana", None, Some("2019-09-09"), Sex::Female),
    ("Novák", "Jiří", Some("Mr"), Some("1990-05-17"), Sex::Male),
    ("Baptiste", "Jean-Marc", Some("Mr"), Some("1983-11-03"), Sex::Male),
    ("Haile", "Selam", Some("Ms"), Some("1997-10-28"), Sex::Female),
    ("Kowalska", "Zofia", Some("Mrs"), Some("1968-04-15"), Sex::Female),
    ("Unknown", "Unknown", None, None, Sex::NotKnown),
    ("Tran", "Thi Mai", Some("Ms"), Some("2001-01-01"), Sex::Female),
];

/// Family, given, born, sex.
const DONORS: [(&str, &str, Option<&str>, Sex); 6] = [
    ("Achieng", "Mercy", Some("1994-06-02"), Sex::Female),
    ("Barasa", "Daniel", Some("1979-11-23"), Sex::Male),
    ("Lindgren", "Astrid", Some("1987-02-14"), Sex::Female),
    ("Mwangi", "Joseph", Some("2001-09-30"), Sex::Male),
    ("Rahman", "Tariq", Some("1968-12-05"), Sex::Male),
    ("Wekesa", "Naomi", None, Sex::Female),
];

/// Product, units per group (O−, O+, A−, A+, B−, B+, AB−, AB+), and the days that are left at the end
/// of the two weeks to the unit that keeps longest.
type Batch = (&'static str, Component, [u32; 8], i64, &'static str);
/// What has been on the shelf for two weeks.
const STOCK: [Batch; 4] = [
    ("D1001V00", Component::RedCells, [3, 14, 4, 12, 2, 7, 1, 3], 28, "Fridge 1"),
    ("D1003V00", Component::Plasma, [2, 5, 2, 5, 1, 3, 1, 3], 351, "Freezer A"),
    ("D1004V00", Component::Cryoprecipitate, [1, 3, 0, 2, 0, 1, 0, 1], 351, "Freezer A"),
    ("D1005V00", Component::WholeBlood, [0, 2, 0, 1, 0, 0, 0, 0], 21, "Fridge 2"),
];
/// Platelets keep five days: these came yesterday.
const FRESH: [Batch; 1] =
    [("D1002V00", Component::Platelets, [0, 3, 1, 3, 0, 1, 0, 1], 4, "Agitator")];

/// Makes a training facility in an empty home, for a command line.
pub fn make_training_facility(home: &Path) -> Result<(), CommandError> {
    let backend = Backend::start(Options { keyring: false, ..Options::at(home) });
    let status = backend.call("setup.look_around", serde_json::json!({}))?;
    backend.close();
    match status.get("problem") {
        Some(serde_json::Value::Null) | None => Ok(()),
        Some(problem) => Err(serde_json::from_value(problem.clone())
            .unwrap_or_else(|_| CommandError::refusal(Code::StoreDamaged))),
    }
}

/// Two weeks of work, done by the people of the facility.
pub(crate) fn furnish(inner: &mut Inner) -> Result<(), Error> {
    let real = inner.options.clock.clone();
    let end = real.now();
    let clock = Arc::new(ManualClock::at(end - TimeDelta::days(14)));
    inner.options.clock = clock.clone();
    let done = two_weeks(inner, &clock, end);
    inner.options.clock = real;
    inner.session = None;
    inner.reads.clear();
    done
}

fn two_weeks(inner: &mut Inner, clock: &ManualClock, end: kernel::Instant) -> Result<(), Error> {
    let (slots, dek) = KeySlots::create_training(&inner.options.home)?;
    inner.slots = Some(slots);
    let people: Vec<_> = PEOPLE.map(|(u, n, r)| (u.to_owned(), n.to_owned(), r)).to_vec();
    let facility = records::Facility {
        name: "Lakeside Training Hospital".into(),
        zone: ZONE,
        profile: "who".into(),
        language: "en".into(),
        training: true,
    };
    inner.found(&dek, facility, &people)?;

    let tick = |minutes: i64| clock.advance(TimeDelta::minutes(minutes));
    sign_in(inner, "joseph")?;
    let mut patients = vec![];
    for (n, (family, given, title, born, sex)) in PATIENTS.into_iter().enumerate() {
        tick(3);
        touch(inner);
        let made = inner.patient_register(PatientRegister {
            family: family.into(),
            given: given.into(),
            title: title.map(Into::into),
            birth_date: born.map(Into::into),
            sex,
            phone: None,
            national_id: None,
            override_: (n == 1).then(|| Override {
                rules: vec![Code::PossibleDuplicate],
                reason: "Another person, seen together at the desk".into(),
            }),
        })?;
        patients.push(made.id);
    }
    let patient = |n: usize| patients.get(n).cloned().unwrap_or_default();

    sign_in(inner, "mbeki")?;
    for (n, substance, reaction, severe) in [
        (3, "Penicillin", Some("Anaphylaxis, 1998"), true),
        (3, "Latex", Some("Rash"), false),
        (2, "Iodinated contrast", None, false),
    ] {
        tick(2);
        touch(inner);
        let entry = AllergyEntry::Substance {
            substance: substance.into(),
            reaction: reaction.map(Into::into),
            severe,
        };
        inner.patient_allergy(AllergyRecord { patient: patient(n), entry })?;
    }
    for n in [0, 5, 7] {
        tick(2);
        touch(inner);
        inner.patient_allergy(AllergyRecord {
            patient: patient(n),
            entry: AllergyEntry::NoneKnown,
        })?;
    }

    let group = |abo, rhd| BloodGroup { abo, rhd, phenotype: None };
    use wire::{Abo as W, Rhd as D};
    let groups = [
        (0, group(W::A, D::Negative), 2, false),
        (1, group(W::O, D::Positive), 2, false),
        (2, group(W::B, D::Positive), 2, false),
        (3, group(W::O, D::Positive), 2, false),
        (4, group(W::AB, D::Negative), 2, false),
        (5, group(W::A, D::Positive), 1, false),
        (7, group(W::O, D::Negative), 2, false),
        (12, group(W::O, D::Negative), 2, true),
        (13, group(W::B, D::Negative), 2, false),
    ];
    let mut sample = 400;
    // The second sample of each is determined by somebody else.
    for (round, who) in [(1, "amina"), (2, "luis")] {
        sign_in(inner, who)?;
        for (n, group, times, anti_d) in groups {
            if times < round {
                continue;
            }
            tick(4);
            touch(inner);
            sample += 1;
            inner.patient_group(GroupRecord {
                patient: patient(n),
                group,
                sample: format!("S26 004 {sample}"),
                anti_d,
                second: None,
            })?;
        }
    }
    sign_in(inner, "amina")?;
    donors(inner, clock, end)?;
    stock(inner, clock, end, &STOCK)?;
    transfusing::retype(inner, clock)?;
    work(inner, clock, &patients)?;
    // Somebody comes in on the days between; a clock that jumps over a week would be doubted.
    clock.set(end - TimeDelta::days(6));
    sign_in(inner, "luis")?;
    clock.set(end - TimeDelta::hours(30));
    sign_in(inner, "amina")?;
    stock(inner, clock, end, &FRESH)?;
    transfusing::waiting(inner, clock, end, &patients)?;
    clock.set(end);
    Ok(())
}

fn sign_in(inner: &mut Inner, user: &str) -> Result<(), Error> {
    let password = TRAINING_PASSWORD.to_owned();
    inner.session_sign_in(Credentials { user: user.into(), password }).map(|_| ())
}

/// The people of the facility do not fall asleep between two commands.
fn touch(inner: &mut Inner) {
    let now = inner.options.clock.now();
    if let Some(session) = inner.session.as_mut() {
        session.last_touch = now;
    }
}

/// Donation numbers for the site, and people who give.
fn donors(inner: &mut Inner, clock: &ManualClock, end: kernel::Instant) -> Result<(), Error> {
    let year = end.with_timezone(&ZONE).year();
    let year = u32::try_from(year.rem_euclid(100)).unwrap_or_default();
    inner.numbers_hold(NumberBlock { fin: "A9998".into(), year, first: 500, last: 999 })?;
    for ((family, given, born, sex), known) in DONORS.into_iter().zip(&asking::KNOWN) {
        clock.advance(TimeDelta::minutes(5));
        touch(inner);
        let made = inner.donor_register(DonorRegister {
            family: family.into(),
            given: given.into(),
            birth_date: born.map(Into::into),
            sex,
            phone: known.2.map(Into::into),
            area: Some(known.3.into()),
            paper: None,
            consent: true,
            guardian: None,
            override_: None,
        })?;
        asking::remember(inner, &made.id, known)?;
    }
    Ok(())
}

/// Days from the collection of a unit to its end.
fn whole_life(component: Component) -> u64 {
    match component {
        Component::RedCells => 42,
        Component::WholeBlood => 35,
        Component::Platelets => 5,
        Component::Plasma | Component::Cryoprecipitate => 365,
    }
}

/// Every unit arrives by the text of its barcodes, as a scanner would type it.
fn stock(
    inner: &mut Inner,
    clock: &ManualClock,
    end: kernel::Instant,
    batches: &[Batch],
) -> Result<(), Error> {
    let broken = |what: &dyn std::fmt::Display| Error::Broken(what.to_string());
    let mut serial = if batches == FRESH { 400 } else { 100 };
    for &(product, component, numbers, life, place) in batches {
        for (g, number) in numbers.into_iter().enumerate() {
            let abo = [Abo::O, Abo::A, Abo::B, Abo::AB][g / 2];
            let rhd = if g % 2 == 0 { Rhd::Negative } else { Rhd::Positive };
            let label = AboRhd::for_group(abo, Some(rhd), DonationType::General)
                .ok_or_else(|| broken(&"no such group"))?;
            for n in 0..number {
                clock.advance(TimeDelta::minutes(2));
                touch(inner);
                serial += 1;
                let din = isbt128::Din::compose("A9998", 26, serial).map_err(|e| broken(&e))?;
                // Short-dated and fresh units side by side, the first one ending tomorrow.
                let spread = (life * i64::from(n + 1) / i64::from(number + 1)).max(1);
                let ends = (end.with_timezone(&ZONE) + TimeDelta::days(spread)).date_naive();
                // Given by somebody a whole life before its end, or the day before it came.
                let given = ends - chrono::Days::new(whole_life(component));
                let came = clock.now().with_timezone(&ZONE).date_naive() - chrono::Days::new(1);
                let collected = given.min(came).and_hms_opt(9, 30, 0).unwrap_or_default();
                let ends = Expiry::end_of(ends).ok_or_else(|| broken(&"no such day"))?;
                let burst = format!(
                    "{}{}",
                    din.to_structure(isbt128::Flag::UNSPECIFIED),
                    label.to_structure()
                );
                let read = inner.scan_read(ScanText { text: burst, typed: false })?;
                let (mut number, mut group) = (None, None);
                for part in read.parts {
                    match part {
                        ScanPart::DonationNumber { din, .. } => number = Some(din),
                        ScanPart::Group { group: g, .. } => group = Some(g),
                        _ => {}
                    }
                }
                inner.unit_receive(UnitReceive {
                    din: number.ok_or_else(|| no(Code::ScanUnreadable))?,
                    product_code: product.into(),
                    component: Some(component),
                    group: group.ok_or_else(|| no(Code::ScanUnreadable))?,
                    expires_wall: ends.at().format("%Y-%m-%dT%H:%M").to_string(),
                    collected_wall: Some(collected.format("%Y-%m-%dT%H:%M").to_string()),
                    zone: None,
                    volume_ml: Some(match component {
                        Component::RedCells => 284,
                        Component::WholeBlood => 470,
                        Component::Platelets => 210,
                        Component::Plasma => 230,
                        Component::Cryoprecipitate => 40,
                    }),
                    place: format!("{place}, shelf {}", ["A", "B", "C"][(serial % 3) as usize]),
                    supplier: Some("Regional blood service".into()),
                })?;
            }
        }
    }
    Ok(())
}

/// Units that were given, held, stopped and discarded.
fn work(inner: &mut Inner, clock: &ManualClock, patients: &[String]) -> Result<(), Error> {
    for (n, times) in [(3usize, 3), (2, 2), (0, 1)] {
        let patient = patients.get(n).cloned().unwrap_or_default();
        transfusing::give(inner, clock, &patient, times, n == 2)?;
    }
    sign_in(inner, "amina")?;
    let list = |inner: &mut Inner, component| -> Result<Vec<UnitRow>, Error> {
        touch(inner);
        Ok(inner
            .unit_list(UnitList {
                component: Some(component),
                status: Some(UnitStatus::Available),
                limit: 500,
                ..UnitList::default()
            })?
            .rows)
    };
    let red = list(inner, Component::RedCells)?;
    if let Some(unit) = red.iter().find(|u| u.group.abo == wire::Abo::B) {
        touch(inner);
        inner.unit_quarantine(UnitReason {
            unit: unit.id.clone(),
            reason: "Fridge 1 above 6 °C for 40 minutes".into(),
        })?;
    }
    if let Some(unit) = list(inner, Component::Plasma)?.last() {
        touch(inner);
        inner.unit_discard(UnitDiscard {
            unit: unit.id.clone(),
            reason: DiscardReason::Leak,
            note: Some("Bag broken on thawing".into()),
            second: Some(SecondPerson { user: "luis".into(), password: TRAINING_PASSWORD.into() }),
        })?;
    }
    // Held for a patient until tomorrow: asked for in the last hours, so that it still stands.
    clock.set(clock.now().max(inner.now()?));
    Ok(())
}
