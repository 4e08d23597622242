//! One sample of every shape of the donor side, as `samples` has them for the rest: never changed,
//! never taken away.

use bloodbank::donation::{
    Block, Command as N, Ended, Event as NE, Grade, Hold, HoldReason, NumberCommand, NumberEvent,
    Reaction, ReactionKind,
};
use bloodbank::donor::{
    Answer, Channel, Command as D, Contact, Deferral, Effect, Eligibility, Ends, Event as DE,
    Health, Identity, Likeness, Name, Next, Paper, Past, Photo, PhotoConsent, Picture, Reason,
    Screening, Sign, Verdict, Visit, Vitals, Why,
};
use bloodbank::profile::DonationKind;
use chrono::NaiveDate;
use kernel::{
    Abo, BloodGroup, CommandId, Component, DonationId, DonorId, Instant, Millilitres, Rhd, StaffId,
    UnitId, of_micros,
};
use ledger::Aggregates as _;
use records::{Audit, Body, Event, Key, Records, State};
use uuid::Uuid;

const DIN: &str = "A999726000700";

fn at(minutes: i64) -> Instant {
    of_micros(1_790_000_000_000_000 + minutes * 60_000_000)
}
fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0199_4a00_0000_7000_8000_0000_0001_0000 + n)
}
fn donor_id() -> DonorId {
    DonorId(id(1))
}
fn other() -> DonorId {
    DonorId(id(2))
}
fn cause() -> CommandId {
    CommandId(id(3))
}
fn donation_id() -> DonationId {
    DonationId::of_din(DIN)
}
fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}
fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}
fn group() -> BloodGroup {
    BloodGroup { abo: Abo::B, rhd: Rhd::Positive }
}
fn reason() -> String {
    "said at the desk".into()
}

fn identity() -> Identity {
    Identity {
        number: "DN000001K".into(),
        name: Name { family: "Odhiambo".into(), given: "Peter".into() },
        born: Some(day("1990-05-17")),
        sex: bloodbank::Sex::Male,
        papers: vec![Paper { scheme: "national".into(), number: "A 12".into() }],
        photo: text("ab"),
    }
}
fn contact() -> Contact {
    Contact {
        phone: text("+254 700 000 001"),
        email: text("p@example.invalid"),
        area: text("Lakeside"),
        language: text("en"),
    }
}
fn visit() -> Visit {
    let answer = Answer { yes: true, when: Some(day("2026-09-01")) };
    Visit {
        kind: DonationKind::WholeBlood,
        bag: Some(Millilitres(450)),
        identity_shown: true,
        vitals: Vitals {
            weight: Some(720),
            height: Some(175),
            haemoglobin: Some(148),
            systolic: Some(120),
            diastolic: Some(76),
            pulse: Some(70),
            temperature: Some(367),
            platelets: Some(220),
        },
        answers: [("tattoo".to_owned(), answer)].into(),
    }
}
fn past() -> Past {
    Past {
        donation: donation_id(),
        kind: DonationKind::WholeBlood,
        on: day("2026-09-21"),
        red_cells_returned: Some(false),
        volume: Some(Millilitres(450)),
        elsewhere: None,
    }
}
fn deferral() -> Deferral {
    Deferral {
        cause: cause(),
        code: "tattoo".into(),
        happened: day("2026-09-01"),
        ends: Ends::On(day("2027-09-01")),
        only: vec![Component::Platelets],
        profile: "who 1".into(),
        source: "table 2.5".into(),
        note: text("left arm"),
    }
}
fn screening() -> Screening {
    let reason = |why, effect| Reason {
        why,
        effect,
        args: [("code".to_owned(), "tattoo".to_owned())].into(),
        source: "table 2.5".into(),
    };
    Screening {
        cause: cause(),
        at: at(2),
        on: day("2026-09-21"),
        visit: visit(),
        result: Eligibility {
            kind: DonationKind::WholeBlood,
            verdict: Verdict::Defer {
                until: Ends::On(day("2027-09-01")),
                why: Why::Deferred,
                code: text("tattoo"),
            },
            pending: true,
            reasons: vec![
                reason(Why::LikelySame, Effect::Pending),
                reason(Why::Deferred, Effect::Defer(Ends::On(day("2027-09-01")))),
                reason(Why::Deferred, Effect::Limit(vec![Component::Plasma])),
                reason(Why::Pulse, Effect::Refer),
            ],
            next: vec![Next {
                kind: DonationKind::Plasma,
                on: Some(day("2027-09-01")),
                why: Some(Why::Deferred),
                code: text("tattoo"),
            }],
        },
        profile: "who 1".into(),
        by: StaffId(id(4)),
        cleared: Some((StaffId(id(5)), reason_text())),
    }
}
fn reason_text() -> String {
    "seen and fit".into()
}
fn picture() -> Picture {
    let (sha256, media_type) = ("ab".repeat(32), "image/jpeg".to_owned());
    Picture { sha256, media_type, bytes: 61_204, cols: 480, rows: 640 }
}
fn photo_consent() -> PhotoConsent {
    PhotoConsent { text: "photo".into(), text_version: 1, guardian: text("mother") }
}
fn block() -> Block {
    Block { fin: "A9997".into(), year: 26, first: 700, last: 999, site: "here".into() }
}
fn hold() -> Hold {
    Hold { cause: cause(), reason: HoldReason::ExcludedByDonor, at: at(9) }
}
fn reaction() -> Reaction {
    Reaction {
        cause: cause(),
        kind: ReactionKind::Vasovagal,
        grade: Grade::try_from(2).expect("a grade"),
        at: at(8),
        note: text("lay down"),
    }
}

pub fn commands() -> Vec<(&'static str, Body)> {
    let donor = |command| Body::Donor { id: donor_id(), command };
    let donation = |command| Body::Donation { id: donation_id(), command };
    let of_donors = [
        D::Register { identity: identity(), contact: Some(contact()) },
        D::Amend { identity: identity(), reason: reason() },
        D::SetContact { contact: contact() },
        D::EraseContact { reason: reason() },
        D::Agree { channel: Channel::Sms, agreed: true },
        D::Consent { text: "donation".into(), text_version: 1, guardian: text("mother") },
        D::WithdrawConsent,
        D::SetHealth {
            health: Health {
                after_menopause: Some(false),
                ever_pregnant: Some(true),
                hla_negative: None,
            },
        },
        D::RecordGroup { group: group(), donation: Some(donation_id()) },
        D::Defer { code: "tattoo".into(), happened: day("2026-09-01"), note: text("left arm") },
        D::DeferUntil {
            code: "hiv".into(),
            ends: Ends::Never,
            only: vec![Component::Plasma],
            reason: reason(),
        },
        D::LiftDeferral { cause: cause(), code: "tattoo".into(), reason: reason() },
        D::Screen { visit: visit() },
        D::Clear { screening: cause(), reason: reason_text() },
        D::RecordDonation { past: past() },
        D::ReportAfter { donation: donation_id(), code: "fever".into(), note: text("38.5") },
        D::SettleLikeness { other: other(), same: true, reason: reason() },
        D::NoteAsked { channel: Channel::Call },
        D::SetPhoto {
            picture: picture(),
            consent: Some(photo_consent()),
            replaces: Some("cd".repeat(32)),
        },
        D::RemovePhoto { sha256: "ab".repeat(32), reason: reason(), erased: true },
    ];
    let of_donations = [
        N::Begin {
            din: DIN.into(),
            donor: donor_id(),
            donation: DonationKind::WholeBlood,
            bag: text("triple-450"),
        },
        N::End { at: at(7), volume: Millilitres(452), red_cells_returned: Some(true) },
        N::React {
            reaction: ReactionKind::Vasovagal,
            grade: Grade::try_from(2).expect("a grade"),
            note: text("lay down"),
        },
        N::Exclude { excluded: true },
        N::Hold { reason: HoldReason::Other("label torn".into()) },
        N::LiftHold { hold: cause(), reason: reason() },
        N::AddParts { parts: vec![UnitId::of_label(DIN, "D1001V00")] },
    ];
    let elsewhere = Past { elsewhere: text("Kisumu"), ..past() };
    let numbers = [NumberCommand::Hold { block: block() }, NumberCommand::Use { din: DIN.into() }];
    let searched = Audit::DonorsSearched { screen: "donor_search_by_phone".into() };
    let seen = Audit::DonorSeen { donor: donor_id(), screen: "donor".into() };
    let list = Audit::ListSeen { screen: "call_list".into(), rows: 37 };
    of_donors
        .into_iter()
        .map(donor)
        .chain(of_donations.into_iter().map(donation))
        .chain(numbers.into_iter().map(Body::Numbers))
        .map(|body| ("all", body))
        .chain([
            ("donors_searched", Body::Audit(searched)),
            ("donor_seen", Body::Audit(seen)),
            ("list_seen", Body::Audit(list)),
        ])
        .chain([
            ("elsewhere", donor(D::RecordDonation { past: elsewhere })),
            ("first", donor(D::SetPhoto { picture: picture(), consent: None, replaces: None })),
        ])
        .collect()
}

pub fn events() -> Vec<(&'static str, Key, Event)> {
    let donor = [
        (
            "registered",
            DE::Registered {
                identity: identity(),
                contact: Some(contact()),
                likely_same: vec![Likeness {
                    donor: other(),
                    signs: vec![Sign::SamePaper, Sign::AlikeName],
                    permanently_deferred: true,
                    likely: true,
                }],
            },
        ),
        ("amended", DE::Amended { identity: identity(), reason: reason() }),
        ("contact_set", DE::ContactSet { contact: contact() }),
        ("agreed", DE::Agreed { channel: Channel::Sms, agreed: true, at: at(1) }),
        (
            "consented",
            DE::Consented {
                text: "donation".into(),
                text_version: 1,
                guardian: text("mother"),
                at: at(1),
            },
        ),
        (
            "health_set",
            DE::HealthSet { health: Health { ever_pregnant: Some(false), ..Health::default() } },
        ),
        (
            "group_recorded",
            DE::GroupRecorded { group: group(), donation: Some(donation_id()), at: at(20) },
        ),
        ("deferred", DE::Deferred { deferral: deferral() }),
        ("screened", DE::Screened { screening: Box::new(screening()) }),
        ("cleared", DE::Cleared { screening: cause(), by: StaffId(id(5)), reason: reason_text() }),
        ("donation_recorded", DE::DonationRecorded { past: past() }),
        (
            "reported_after",
            DE::ReportedAfter {
                cause: cause(),
                donation: donation_id(),
                code: "fever".into(),
                note: text("38.5"),
                at: at(30),
            },
        ),
        ("asked", DE::Asked { channel: Channel::Call, at: at(40) }),
    ];
    let gone = [
        (
            "deferral_lifted",
            DE::DeferralLifted { cause: cause(), code: "tattoo".into(), reason: reason() },
        ),
        ("likeness_settled", DE::LikenessSettled { other: other(), same: true, reason: reason() }),
        ("consent_withdrawn", DE::ConsentWithdrawn { at: at(50) }),
        ("contact_erased", DE::ContactErased { reason: reason() }),
        ("two_people", DE::LikenessSettled { other: other(), same: false, reason: reason() }),
        (
            "photo_set",
            DE::PhotoSet {
                photo: Photo {
                    picture: picture(),
                    consent: photo_consent(),
                    by: StaffId(id(4)),
                    at: at(60),
                },
            },
        ),
        (
            "photo_removed",
            DE::PhotoRemoved { sha256: "ab".repeat(32), reason: reason(), erased: false },
        ),
    ];
    let donation = [
        (
            "begun",
            NE::Begun {
                din: DIN.into(),
                donor: donor_id(),
                donation: DonationKind::WholeBlood,
                bag: text("triple-450"),
                site: "here".into(),
                zone: chrono_tz::Africa::Nairobi,
                first_time: true,
                not_for: vec![Component::Platelets],
                at: at(3),
            },
        ),
        (
            "ended",
            NE::Ended {
                ended: Ended {
                    at: at(7),
                    volume: Millilitres(452),
                    red_cells_returned: Some(true),
                },
            },
        ),
        ("reacted", NE::Reacted { reaction: reaction() }),
        ("excluded", NE::Excluded { excluded: true }),
        ("held", NE::Held { hold: hold() }),
        ("parts_added", NE::PartsAdded { parts: vec![UnitId::of_label(DIN, "D1001V00")] }),
    ];
    let lifted = NE::HoldLifted { hold: cause(), reason: reason() };
    let numbers = [
        ("held", NumberEvent::Held { block: block() }),
        ("used", NumberEvent::Used { din: DIN.into() }),
    ];
    let of_donor = |(name, event)| (name, Key::Donor(donor_id()), Event::Donor(event));
    let of_donation = |(name, event)| (name, Key::Donation(donation_id()), Event::Donation(event));
    donor
        .into_iter()
        .chain(gone)
        .map(of_donor)
        .chain(donation.into_iter().chain([("hold_lifted", lifted)]).map(of_donation))
        .chain(numbers.into_iter().map(|(name, e)| (name, Key::Numbers, Event::Numbers(e))))
        .collect()
}

/// What all events up to the one of this name leave behind.
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
        ("known", after(Key::Donor(donor_id()), "asked")),
        ("erased", after(Key::Donor(donor_id()), "contact_erased")),
        ("two_people", after(Key::Donor(donor_id()), "two_people")),
        ("photo", after(Key::Donor(donor_id()), "photo_set")),
        ("photo_gone", after(Key::Donor(donor_id()), "photo_removed")),
        ("held", after(Key::Donation(donation_id()), "parts_added")),
        ("lifted", after(Key::Donation(donation_id()), "hold_lifted")),
        ("used", after(Key::Numbers, "used")),
    ]
}
