//! One sample of every shape of the laboratory, as `samples` has them for the rest.

use bloodbank::DiscardReason;
use bloodbank::lab::{
    Attributes, Command as T, Event as TE, Grade, Inspection, KitLot, Made, MarkerResult, New,
    Outcome, Part, PartCommand, PartEvent, PartState, Product, Resolution, Run, Sheet, Stage,
    Treatment, Typing, Version, Work,
};
use bloodbank::profile::Marker;
use kernel::{
    Abo, BloodGroup, CommandId, DonationId, Instant, Millilitres, Rhd, RunId, StaffId, UnitId,
    of_micros,
};
use ledger::Aggregates as _;
use records::{Audit, Body, Event, Key, Records, RunRecord, State};
use uuid::Uuid;

const DIN: &str = "A999726000700";
const CODE: &str = "D1001V00";

fn at(minutes: i64) -> Instant {
    of_micros(1_790_000_000_000_000 + minutes * 60_000_000)
}
fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0199_4a00_0000_7000_8000_0000_0002_0000 + n)
}
fn entry(n: u128) -> CommandId {
    CommandId(id(10 + n))
}
fn who(n: u128) -> StaffId {
    StaffId(id(20 + n))
}
fn run_id() -> RunId {
    RunId(id(1))
}
fn donation() -> DonationId {
    DonationId::of_din(DIN)
}
fn unit() -> UnitId {
    UnitId::of_label(DIN, CODE)
}
fn group() -> BloodGroup {
    BloodGroup { abo: Abo::O, rhd: Rhd::Positive }
}
fn kit() -> KitLot {
    let expires = "2027-06-30".parse().expect("a day");
    KitLot { kit: "Elisa".into(), lot: "L1".into(), expires }
}
fn sheet() -> Sheet {
    Sheet {
        anti_a: Grade::Negative,
        anti_b: Grade::NotDone,
        anti_d: Grade::Weak,
        control: Grade::Negative,
        a_cells: Grade::Positive,
        b_cells: Grade::MixedField,
    }
}
fn made() -> Vec<Made> {
    vec![Made {
        product: Product::RedCellsAdditive,
        product_code: CODE.into(),
        volume: Millilitres(290),
        at: at(60),
    }]
}
fn treatment() -> Treatment {
    let new = New { din: DIN.into(), product_code: "D1101V00".into(), volume: Millilitres(280) };
    Treatment { work: Work::Irradiate, open: true, at: at(70), into: vec![new] }
}
fn part() -> Part {
    let wall = "2027-01-01T23:59:00".parse().expect("a date");
    Part {
        id: unit(),
        din: DIN.into(),
        product_code: CODE.into(),
        product: Product::RedCellsAdditive,
        attributes: Attributes { leukoreduced: true, ..Attributes::default() },
        group: None,
        volume: Millilitres(290),
        collected_at: at(7),
        made_at: at(60),
        expires: bloodbank::Expiry::of_label(wall, chrono_tz::Africa::Nairobi),
        frozen_until: None,
        zone: chrono_tz::Africa::Nairobi,
        donations: vec![donation()],
        parents: vec![],
        whole_blood: Product::WholeBloodCpd,
        state: PartState::Quarantine,
    }
}
fn version(outcome: Outcome) -> Version {
    Version { outcome, by: who(1), at: at(70), reason: Some("read again".into()) }
}
fn result() -> MarkerResult {
    MarkerResult {
        entry: entry(2),
        marker: Marker::Hiv,
        stage: Stage::Initial,
        run: run_id(),
        run_valid: true,
        versions: vec![version(Outcome::Reactive)],
        verified_by: None,
    }
}
fn reason() -> String {
    "controls mixed up".into()
}

pub fn commands() -> Vec<(&'static str, Body)> {
    let tests = [
        T::EnterTyping { method: "tube".into(), lot: "A1".into(), sheet: sheet() },
        T::VerifyTyping { entry: entry(1) },
        T::ResolveTyping { group: group(), reason: reason() },
        T::EnterResult {
            marker: Marker::Hiv,
            stage: Stage::Repeat,
            run: run_id(),
            outcome: Outcome::GreyZone,
        },
        T::VerifyResult { entry: entry(2) },
        T::CorrectResult { entry: entry(2), outcome: Outcome::NotEnough, reason: reason() },
        T::InvalidateRun { run: run_id(), reason: reason() },
    ];
    let parts = [
        PartCommand::Make { made: made() },
        PartCommand::Release {
            inspection: Inspection { looks_right: true, weighs_right: false },
            label_verified: true,
        },
        PartCommand::Discard { reason: DiscardReason::Other, note: Some("reactive".into()) },
        PartCommand::Take { product: Product::RedCellsAdditive },
        PartCommand::Treat { treatment: treatment() },
        PartCommand::Modify { work: Work::Irradiate },
    ];
    let record = RunRecord {
        marker: Marker::Syphilis,
        kit: kit(),
        positive_control: true,
        negative_control: false,
    };
    let seen = Audit::ResultsSeen { donation: donation(), screen: "lab".into() };
    tests
        .into_iter()
        .map(|command| Body::Tests { id: donation(), command })
        .chain(parts.into_iter().map(|command| Body::Part { id: unit(), command }))
        .chain([Body::Run { id: run_id(), record }])
        .map(|body| ("all", body))
        .chain([("results_seen", Body::Audit(seen))])
        .collect()
}

pub fn events() -> Vec<(&'static str, Key, Event)> {
    let typing = Typing {
        entry: entry(1),
        method: "tube".into(),
        lot: "A1".into(),
        sheet: sheet(),
        by: who(1),
        at: at(65),
        verified_by: None,
    };
    let resolution = Resolution {
        group: group(),
        reason: reason(),
        by: who(1),
        second: who(2),
        at: at(66),
        typings: 1,
    };
    let tests = [
        ("typing_entered", TE::TypingEntered { typing }),
        ("typing_verified", TE::TypingVerified { entry: entry(1), by: who(2) }),
        ("typing_resolved", TE::TypingResolved { resolution }),
        ("result_entered", TE::ResultEntered { result: result() }),
        ("result_verified", TE::ResultVerified { entry: entry(2), by: who(2) }),
        (
            "result_corrected",
            TE::ResultCorrected { entry: entry(2), version: version(Outcome::NonReactive) },
        ),
        ("run_invalidated", TE::RunInvalidated { run: run_id(), reason: reason() }),
        ("found_unsafe", TE::FoundUnsafe { marker: Marker::Hiv }),
    ];
    let parts = [
        ("made", PartEvent::Made { part: Box::new(part()) }),
        ("released", PartEvent::Released { group: group() }),
        ("modified", PartEvent::Modified { work: Work::Pool, at: at(80) }),
        (
            "discarded",
            PartEvent::Discarded {
                reason: DiscardReason::Other,
                note: Some("reactive".into()),
                at: at(80),
            },
        ),
    ];
    let run = Run {
        id: run_id(),
        marker: Marker::Syphilis,
        kit: kit(),
        on: "2026-09-21".parse().expect("a day"),
        positive_control: true,
        negative_control: false,
    };
    tests
        .into_iter()
        .map(|(name, e)| (name, Key::Tests(donation()), Event::Tests(e)))
        .chain(parts.into_iter().map(|(name, e)| (name, Key::Part(unit()), Event::Part(e))))
        .chain([("all", Key::Run(run_id()), Event::Run(run))])
        .collect()
}

/// What all events of one aggregate up to the one of this name leave behind.
fn after(key: Key, last: &str) -> State {
    let mut state = None;
    for (name, of, event) in events().into_iter().filter(|(_, of, _)| *of == key) {
        state = Records::apply(state, of, &event);
        if name == last {
            break;
        }
    }
    state.expect("the first event makes it")
}

pub fn states() -> Vec<(&'static str, State)> {
    vec![
        ("unsafe", after(Key::Tests(donation()), "found_unsafe")),
        ("quarantine", after(Key::Part(unit()), "made")),
        ("available", after(Key::Part(unit()), "released")),
        ("discarded", after(Key::Part(unit()), "discarded")),
        ("all", after(Key::Run(run_id()), "all")),
    ]
}
