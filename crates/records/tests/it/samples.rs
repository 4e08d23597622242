//! One sample of every shape there is, by name. The golden files are these samples as each release
//! wrote them, so a sample is never changed and never taken away: new ones are added.

use bloodbank::{Command as U, DiscardReason, Event as UE, Expiry};
use hospital::patient::{
    Allergies, Allergy, Command as P, Determination, Event as PE, Patient, Sex, Withdrawn,
};
use hospital::staff::{Command as S, Event as SE, Staff};
use imaging::report::{Addendum, Content, Section, Signature};
use imaging::study::{Command as I, Event as IE, Judgement, Study};
use kernel::{
    Abo, AnalysisId, BloodGroup, CommandId, Component, Instant, Millilitres, PatientId, Rhd, Role,
    StaffId, StudyId, UnitId, of_micros,
};
use ledger::Aggregates as _;
use records::{Audit, Body, Event, Facility, Key, Records, State};
use uuid::Uuid;

fn at(minutes: i64) -> Instant {
    of_micros(1_790_000_000_000_000 + minutes * 60_000_000)
}
fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0199_4a00_0000_7000_8000_0000_0000_0000 + n)
}
fn patient_id() -> PatientId {
    PatientId(id(1))
}
fn command_id() -> CommandId {
    CommandId(id(2))
}
fn unit_id() -> UnitId {
    UnitId::of_label("A999826000001", "E0336V00")
}
fn group() -> BloodGroup {
    BloodGroup { abo: Abo::AB, rhd: Rhd::Negative }
}
fn zone() -> chrono_tz::Tz {
    "Africa/Nairobi".parse().expect("a zone")
}
fn wall() -> chrono::NaiveDateTime {
    "2026-12-05T23:59:00".parse().expect("a date")
}
fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn facility() -> Facility {
    Facility {
        name: "Kliniki ya Kijiji “Zahanati” №1".into(),
        zone: zone(),
        profile: "who".into(),
        language: "en".into(),
        training: false,
    }
}
fn staff() -> Staff {
    Staff {
        id: StaffId(id(3)),
        user: "amina".into(),
        display_name: "Amina Yusuf".into(),
        role: Role::BloodBankScientist,
        active: true,
        since: at(0),
    }
}
fn patient() -> Patient {
    Patient {
        id: patient_id(),
        family: "Ndlovu".into(),
        given: "Thandiwe".into(),
        title: text("Mrs"),
        birth_date: "1986-04".parse().ok(),
        sex: Sex::Female,
        phone: text("+254 700 000 001"),
        national_id: text("A1"),
        hospital_number: "HS00001".into(),
        registered_at: at(1),
        allergies: Allergies::NotRecorded,
        determinations: vec![],
        anti_d_ever: false,
        died: None,
        belongs_to: None,
        taken_over: vec![],
    }
}
fn allergy() -> Allergy {
    Allergy {
        substance: "penicillin".into(),
        reaction: text("rash"),
        severe: true,
        recorded_at: at(2),
    }
}
fn determination(sample: &str) -> Determination {
    Determination { group: group(), sample: sample.into(), at: at(3), withdrawn: None }
}
/// An analysis as the first release knew it.
fn analysis() -> imaging::study::Analysis {
    serde_json::from_value(serde_json::json!({
        "id": id(6), "image": id(5), "outcome": "done", "reason": null, "detail": null,
        "findings": [{
            "label": "bacterial_pneumonia", "condition": "pneumonia", "normal": false,
            "p10000": 9120, "threshold10000": 4200, "sensitivity10000": 9500,
            "specificity10000": 9100,
            "map": {"cols": 2, "rows": 1, "values": [0, 65535], "rect_centipixels": [0, 0, 100, 100]},
            "judged": null
        }],
        "outside_intended_use": "age unknown",
        "pack": {"id": "chest-xray-basic", "version": "1.0.0", "sha256": "00"},
        "started_at": at(7), "finished_at": at(8), "timing_ms": [1, 2, 3], "asked_by": "amina"
    }))
    .expect("an analysis")
}
fn study() -> Study {
    serde_json::from_value(serde_json::json!({
        "id": id(4), "patient": null, "file_patient_name": "NDLOVU^THANDIWE",
        "file_patient_id": "HS00001", "file_age_years": 40, "modality": "DX",
        "body_part": "CHEST", "taken_on": "2026-11-01", "added_at": at(6),
        "images": [{"id": id(5), "file_name": "film.dcm", "sha256": "ab", "bytes": 9,
                    "rows": 2, "cols": 3, "frames": 1}],
        "analyses": []
    }))
    .expect("a study")
}
fn received(full: bool) -> UE {
    UE::Received {
        din: "A999826000001".into(),
        product_code: "E0336V00".into(),
        component: Component::RedCells,
        group: group(),
        phenotype: Default::default(),
        expires: Expiry::of_label(wall(), zone()),
        collected_at: full.then(|| at(-100)),
        volume: full.then_some(Millilitres(280)),
        place: "Fridge 2".into(),
        supplier: full.then(|| "Regional centre".to_owned()),
        low_titre: full,
        site: "here".into(),
        at: at(10),
    }
}

/// Every kind of command.
pub fn commands() -> Vec<(&'static str, Body)> {
    let receive = |full: bool| U::Receive {
        din: "A999826000001".into(),
        product_code: "E0336V00".into(),
        component: Component::RedCells,
        group: group(),
        phenotype: Default::default(),
        expires_wall: wall(),
        zone: zone(),
        collected_at: full.then(|| at(-100)),
        volume: full.then_some(Millilitres(280)),
        place: "Fridge 2".into(),
        supplier: full.then(|| "Regional centre".to_owned()),
        low_titre: full,
    };
    let unit = |command| Body::Unit { id: unit_id(), command };
    let person = |command| Body::Patient { id: patient_id(), command };
    let member = |command| Body::Staff { id: StaffId(id(3)), command };
    let film = |command| Body::Study { id: StudyId(id(4)), command };
    let reason = || "found on another shelf".to_owned();
    let (user, display_name) = ("amina".to_owned(), "Amina Yusuf".to_owned());
    vec![
        ("all", Body::Facility(facility())),
        ("all", member(S::Add { user, display_name, role: Role::BloodBankScientist })),
        ("off", member(S::SetActive { active: false })),
        (
            "full",
            person(P::Register {
                family: "Ndlovu".into(),
                given: "Thandiwe".into(),
                title: text("Mrs"),
                birth_date: "1986-04".parse().ok(),
                sex: Sex::Female,
                phone: text("+254 700 000 001"),
                national_id: text("A1"),
                hospital_number: "HS00001".into(),
            }),
        ),
        (
            "bare",
            person(P::Register {
                family: "Ndlovu".into(),
                given: String::new(),
                title: None,
                birth_date: None,
                sex: Sex::NotKnown,
                phone: None,
                national_id: None,
                hospital_number: "HS00002".into(),
            }),
        ),
        (
            "all",
            person(P::RecordAllergy {
                substance: "penicillin".into(),
                reaction: text("rash"),
                severe: true,
            }),
        ),
        ("all", person(P::RecordNoAllergies)),
        ("all", person(P::RecordGroup { group: group(), sample: "S1".into(), anti_d: true })),
        ("full", unit(receive(true))),
        ("bare", unit(receive(false))),
        ("until", unit(U::Reserve { patient: patient_id(), until: Some(at(60)) })),
        ("open", unit(U::Reserve { patient: patient_id(), until: None })),
        ("all", unit(U::Release { reason: reason() })),
        (
            "all",
            unit(U::Issue {
                patient: patient_id(),
                collected_by: "Grace".into(),
                appearance_ok: true,
            }),
        ),
        ("all", unit(U::Quarantine { reason: reason() })),
        ("all", unit(U::LiftQuarantine { reason: reason(), lifts: command_id() })),
        ("all", unit(U::Discard { reason: DiscardReason::ColdChain, note: text("7 degrees") })),
        ("all", unit(U::SendTo { site: "clinic".into() })),
        ("all", unit(U::TakeIn { site: "clinic".into() })),
        ("all", film(I::Add { study: Box::new(study()) })),
        ("all", film(I::Assign { patient: patient_id() })),
        ("done", film(I::Record { analysis: Box::new(analysis()) })),
        (
            "agree",
            film(I::Judge {
                analysis: AnalysisId(id(6)),
                label: "bacterial_pneumonia".into(),
                agree: true,
                correct: None,
                pack: None,
                role: None,
            }),
        ),
        ("signed_in", Body::Audit(Audit::SignedIn)),
        ("signed_out", Body::Audit(Audit::SignedOut)),
        ("read", Body::Audit(Audit::Read { patient: patient_id(), screen: "patient".into() })),
        (
            "refused",
            Body::Audit(Audit::Refused {
                command: "unit.issue".into(),
                subject: "A999826000001".into(),
                rule: "abo_incompatible".into(),
            }),
        ),
        ("backed_up", Body::Audit(Audit::BackedUp { bytes: 4096 })),
        ("restored", Body::Audit(Audit::Restored)),
        ("verified", Body::Audit(Audit::Verified { verdict: "whole".into() })),
    ]
}

/// Every kind of event, with the aggregate it belongs to.
pub fn events() -> Vec<(&'static str, Key, Event)> {
    let unit = |event| (Key::Unit(unit_id()), Event::Unit(event));
    let person = |event| (Key::Patient(patient_id()), Event::Patient(event));
    let member = |event| (Key::Staff(StaffId(id(3))), Event::Staff(event));
    let film = |event| (Key::Study(StudyId(id(4))), Event::Study(event));
    let reason = || "found on another shelf".to_owned();
    let patient_of = patient_id();
    let judgement =
        Judgement { agree: true, correct: None, by: "amina".into(), role: None, at: at(9) };
    let (analysis_id, label) = (AnalysisId(id(6)), "bacterial_pneumonia".to_owned());
    let cause = command_id();
    [
        ("all", (Key::Facility, Event::Facility(facility()))),
        ("added", member(SE::Added { staff: staff() })),
        ("active_set", member(SE::ActiveSet { active: false })),
        ("registered", person(PE::Registered { patient: Box::new(patient()) })),
        ("allergy", person(PE::AllergyRecorded { allergy: allergy() })),
        ("no_allergies", person(PE::NoAllergiesRecorded)),
        ("group", person(PE::GroupRecorded { determination: determination("S1"), anti_d: true })),
        ("received", unit(received(true))),
        ("received_bare", unit(received(false))),
        ("reserved", unit(UE::Reserved { patient: patient_of, until: at(60) })),
        ("hold_lapsed", unit(UE::HoldLapsed { due: at(60) })),
        ("released", unit(UE::Released { patient: patient_of, reason: reason() })),
        (
            "issued",
            unit(UE::Issued { patient: patient_of, at: at(20), collected_by: "Grace".into() }),
        ),
        ("quarantined", unit(UE::Quarantined { reason: reason(), at: at(15), cause })),
        ("lifted", unit(UE::QuarantineLifted { reason: reason(), lifts: command_id() })),
        (
            "discarded",
            unit(UE::Discarded { reason: DiscardReason::Leak, note: text("torn"), at: at(21) }),
        ),
        ("sent", unit(UE::Sent { to: "clinic".into(), at: at(22) })),
        ("taken_in", unit(UE::TakenIn { site: "clinic".into(), at: at(23) })),
        ("added", film(IE::Added { study: Box::new(study()) })),
        ("assigned", film(IE::Assigned { patient: patient_of })),
        ("analysed", film(IE::Analysed { analysis: Box::new(analysis()) })),
        ("judged", film(IE::Judged { analysis: analysis_id, label, judgement })),
    ]
    .into_iter()
    .map(|(name, (key, event))| (name, key, event))
    .collect()
}

/// Every aggregate in every state that events of [`events`] lead to.
pub fn states() -> Vec<(&'static str, State)> {
    let all = events();
    let event = |key_tag: &str, name: &str| {
        let found = all.iter().find(|(n, _, e)| *n == name && tag(e) == key_tag);
        found.map(|(_, key, event)| (*key, event.clone())).expect("a sample of that name")
    };
    let state = |key_tag: &str, names: &[&str]| {
        let mut state = None;
        for name in names {
            let (key, event) = event(key_tag, name);
            state = Records::apply(state, key, &event);
        }
        state.expect("the first event makes it")
    };
    vec![
        ("all", state("facility", &["all"])),
        ("active", state("staff", &["added"])),
        ("off", state("staff", &["added", "active_set"])),
        ("new", state("patient", &["registered"])),
        ("allergic", state("patient", &["registered", "allergy", "group"])),
        ("not_allergic", state("patient", &["registered", "no_allergies"])),
        ("available", state("unit", &["received"])),
        ("bare", state("unit", &["received_bare"])),
        ("reserved", state("unit", &["received", "reserved"])),
        ("issued", state("unit", &["received", "reserved", "issued"])),
        ("quarantined", state("unit", &["received", "quarantined"])),
        ("lifted", state("unit", &["received", "quarantined", "lifted"])),
        ("in_transit", state("unit", &["received", "sent"])),
        ("discarded", state("unit", &["received", "discarded"])),
        ("new", state("study", &["added"])),
        ("judged", state("study", &["added", "assigned", "analysed", "judged"])),
    ]
}

fn tag(event: &Event) -> &'static str {
    match event {
        Event::Facility(_) => "facility",
        Event::Staff(_) => "staff",
        Event::Patient(_) => "patient",
        Event::Unit(_) => "unit",
        Event::Study(_) => "study",
        _ => "later",
    }
}

/// What came after the first release. The names go on where those of the first stop.
pub fn later_commands() -> Vec<(&'static str, Body)> {
    let release = |reason: &str| Body::Unit {
        id: unit_id(),
        command: U::Release { reason: reason.to_owned() },
    };
    let (serial, sha256) = (7, "cd".repeat(32));
    let film = |command| Body::Study { id: StudyId(id(4)), command };
    vec![
        ("urgent", Body::Policies(adopt())),
        ("all", Body::Unit { id: unit_id(), command: U::Move { place: "Fridge 3".into() } }),
        (
            "counted",
            Body::Audit(Audit::Counted {
                place: "Fridge 3".into(),
                booked: 9,
                counted: 8,
                missing: 1,
                elsewhere: 0,
                unexpected: 0,
            }),
        ),
        (
            "site_key",
            Body::Audit(Audit::SiteKey {
                name: "Hill Clinic".into(),
                key: "ef".repeat(32),
                trusted: true,
            }),
        ),
        (
            "site_use",
            Body::Audit(Audit::SiteUse {
                name: "Hill Clinic".into(),
                component: kernel::Component::RedCells,
                days: 28,
                units: vec![
                    (Some(kernel::BloodGroup { abo: Abo::O, rhd: Rhd::Negative }), 6),
                    (None, 40),
                ],
            }),
        ),
        ("two", Body::Together(vec![release("one"), release("two")])),
        ("key_slots", Body::Audit(Audit::KeySlots { serial, sha256 })),
        ("password_set", Body::Audit(Audit::PasswordSet { user: "luis".into() })),
        (
            "pack_installed",
            Body::Audit(Audit::PackInstalled {
                id: "wrist".into(),
                version: "1.0.0".into(),
                sha256: "ab".repeat(32),
                key: "ef".repeat(32),
                made_here: false,
            }),
        ),
        (
            "pack_current",
            Body::Audit(Audit::PackCurrent {
                id: "wrist".into(),
                version: Some("1.0.0".into()),
                sha256: Some("ab".repeat(32)),
            }),
        ),
        (
            "pack_key",
            Body::Audit(Audit::PackKey {
                key: "ef".repeat(32),
                name: "Lake Trust".into(),
                trusted: true,
            }),
        ),
        (
            "pack_signed",
            Body::Audit(Audit::PackSigned {
                id: "wrist".into(),
                version: "1.0.0".into(),
                sha256: "ab".repeat(32),
            }),
        ),
        ("noticed", Body::Audit(Audit::Noticed { what: "attempts_missing".into() })),
        (
            "all",
            Body::Patient {
                id: patient_id(),
                command: P::WithdrawGroup { nth: 0, at: at(3), reason: "another's tube".into() },
            },
        ),
        ("all", Body::Patient { id: patient_id(), command: P::RecordDeath { at: at(33) } }),
        (
            "all",
            Body::Patient {
                id: patient_id(),
                command: P::TakeOver {
                    of: PatientId(id(60)),
                    known: Box::new(known()),
                    reason: "his brother named him".into(),
                },
            },
        ),
        (
            "all",
            Body::Patient {
                id: patient_id(),
                command: P::BelongTo {
                    to: PatientId(id(60)),
                    reason: "his brother named him".into(),
                },
            },
        ),
        (
            "all",
            Body::Patient {
                id: patient_id(),
                command: P::WithdrawDeath { at: at(33), reason: "another's record".into() },
            },
        ),
        (
            "all",
            Body::Audit(Audit::ClockConfirmed { last: at(30), reason: "battery replaced".into() }),
        ),
        (
            "values",
            Body::Study {
                id: StudyId(id(4)),
                command: I::Record { analysis: Box::new(analysis_with_values()) },
            },
        ),
        ("all", film(I::ReportDraft { content: content(), revision: 1 })),
        ("all", film(I::ReportSign { content: content(), revision: 2 })),
        ("all", film(I::ReportAddend { text: "Compared with 2024: unchanged.".into() })),
        (
            "corrected",
            film(I::Judge {
                analysis: AnalysisId(id(6)),
                label: "bacterial_pneumonia".into(),
                agree: false,
                correct: text("viral_pneumonia"),
                pack: Some(judged_pack()),
                role: Some(kernel::Role::Radiologist),
            }),
        ),
        (
            "task_refitted",
            Body::Audit(Audit::TaskRefitted {
                task: "knee_xray_oa".into(),
                pack: "basic-cnn-open".into(),
                version: "0.1.0+site.1".into(),
                sha256: "ab".repeat(32),
                fitted: 84,
                held_out: 36,
            }),
        ),
        (
            "evaluation_exported",
            Body::Audit(Audit::EvaluationExported {
                pictures: 12,
                with_pictures: true,
                sha256: "ef".repeat(32),
            }),
        ),
        ("all", film(I::AddImages { images: vec![later_image()] })),
        ("uids", film(I::Add { study: Box::new(study_with_uids()) })),
        (
            "receiver_set",
            Body::Audit(Audit::ReceiverSet {
                on: true,
                title: "HEALTHSYNC".into(),
                allowed: vec!["CT1".into()],
                address: "127.0.0.1:11112".into(),
                analyse: false,
            }),
        ),
        (
            "receiver_analyses",
            Body::Audit(Audit::ReceiverSet {
                on: true,
                title: "HEALTHSYNC".into(),
                allowed: vec!["CT1".into()],
                address: "127.0.0.1:11112".into(),
                analyse: true,
            }),
        ),
        (
            "archive_set",
            Body::Audit(Audit::ArchiveSet {
                id: id(50).to_string(),
                name: "Regional archive".into(),
                address: "https://archive.example/dicom-web".into(),
                plain: false,
                used: true,
            }),
        ),
        (
            "fetched",
            Body::Audit(Audit::Fetched {
                archive: "Regional archive".into(),
                address: "https://archive.example/dicom-web".into(),
                study_uid: "1.2.3".into(),
            }),
        ),
        (
            "exported",
            Body::Audit(Audit::Exported {
                study: StudyId(id(4)),
                patient: Some(patient_id()),
                what: vec!["pdf".into(), "sr".into()],
                to: "/media/usb".into(),
            }),
        ),
    ]
}

pub fn later_events() -> Vec<(&'static str, Key, Event)> {
    let back = UE::TakenBack {
        patient: patient_id(),
        at: at(30),
        failed: text("warm"),
        cause: command_id(),
    };
    let analysed = IE::Analysed { analysis: Box::new(analysis_with_values()) };
    let film = |event| (Key::Study(StudyId(id(4))), Event::Study(event));
    let images_added = film(IE::ImagesAdded { images: vec![later_image()] });
    let [drafted, signed, addended] = report_events().map(film);
    vec![
        ("images_added", images_added.0, images_added.1),
        ("report_drafted", drafted.0, drafted.1),
        ("report_signed", signed.0, signed.1),
        ("report_addended", addended.0, addended.1),
        ("adopted", Key::Policies, Event::Policies(Box::new(version()))),
        ("taken_back", Key::Unit(unit_id()), Event::Unit(back)),
        (
            "moved",
            Key::Unit(unit_id()),
            Event::Unit(UE::Moved { place: "Fridge 3".into(), at: at(31) }),
        ),
        ("analysed_values", Key::Study(StudyId(id(4))), Event::Study(analysed)),
        ("group_withdrawn", Key::Patient(patient_id()), Event::Patient(group_withdrawn())),
        ("corrected", Key::Study(StudyId(id(4))), Event::Study(corrected())),
        ("took_over", Key::Patient(patient_id()), Event::Patient(took_over())),
        ("belongs_to", Key::Patient(patient_id()), Event::Patient(belongs_to())),
        ("died", Key::Patient(patient_id()), Event::Patient(PE::Died { at: at(33) })),
        ("death_withdrawn", Key::Patient(patient_id()), Event::Patient(death_withdrawn())),
    ]
}

/// Somebody says what it is instead.
fn corrected() -> IE {
    let judgement = Judgement {
        agree: false,
        correct: text("viral_pneumonia"),
        by: "khan".into(),
        role: Some(kernel::Role::Radiologist),
        at: at(32),
    };
    IE::Judged { analysis: AnalysisId(id(6)), label: "bacterial_pneumonia".into(), judgement }
}

fn judged_pack() -> imaging::study::Pack {
    let (id, version) = ("chest-xray-basic".into(), "1.0.0".into());
    imaging::study::Pack { id, version, sha256: "00".into() }
}

pub fn later_states() -> Vec<(&'static str, State)> {
    let book = bloodbank::adopted(None, &version());
    let mut known = patient();
    known.determinations.push(determination("S1"));
    let corrected = hospital::patient::apply(Some(known), &group_withdrawn()).expect("known");
    let after = |event| hospital::patient::apply(Some(patient()), &event).expect("known");
    let film = Key::Study(StudyId(id(4)));
    let judged = [
        IE::Added { study: Box::new(study()) },
        IE::Analysed { analysis: Box::new(analysis()) },
        self::corrected(),
    ];
    let judged = judged
        .into_iter()
        .fold(None, |state, event| Records::apply(state, film, &Event::Study(event)))
        .expect("the first event makes it");
    let reported = std::iter::once(IE::Added { study: Box::new(study()) })
        .chain(report_events())
        .fold(None, |state, event| Records::apply(state, film, &Event::Study(event)))
        .expect("the first event makes it");
    vec![
        ("one", State::Policies(book)),
        ("group_withdrawn", State::Patient(Box::new(corrected))),
        ("took_over", State::Patient(Box::new(after(took_over())))),
        ("belongs_to", State::Patient(Box::new(after(belongs_to())))),
        ("died", State::Patient(Box::new(Patient { died: Some(at(33)), ..patient() }))),
        ("reported", reported),
        ("corrected", judged),
        ("uids", State::Study(Box::new(study_with_uids()))),
    ]
}

fn later_image() -> imaging::study::Image {
    imaging::study::Image {
        id: kernel::ImageId(id(51)),
        file_name: "later.dcm".into(),
        sop_uid: Some("1.2.3.1".into()),
        sha256: "ef".into(),
        bytes: 9,
        rows: 2,
        cols: 3,
        frames: 1,
    }
}

fn study_with_uids() -> Study {
    Study {
        study_uid: Some("1.2.3".into()),
        conflicts_with: Some(StudyId(id(52))),
        images: vec![later_image()],
        ..study()
    }
}

fn known() -> hospital::patient::Known {
    hospital::patient::Known {
        determinations: vec![determination("T7")],
        anti_d_ever: true,
        allergies: vec![allergy()],
        taken_over: vec![PatientId(id(61))],
    }
}

fn took_over() -> PE {
    let (of, known) = (PatientId(id(60)), Box::new(known()));
    PE::TookOver { of, known, reason: "his brother named him".into() }
}

fn belongs_to() -> PE {
    PE::BelongsTo { to: PatientId(id(60)), reason: "his brother named him".into() }
}

fn death_withdrawn() -> PE {
    PE::DeathWithdrawn { withdrawn: Withdrawn { reason: "another's record".into(), at: at(34) } }
}

fn group_withdrawn() -> PE {
    let withdrawn = Withdrawn { reason: "another's tube".into(), at: at(31) };
    PE::GroupWithdrawn { nth: 0, withdrawn }
}

/// A policy travels as the text that was signed; here it need not be a whole one.
const TEXT: &str = r#"{"profile":"who","version":1}"#;

fn adopt() -> bloodbank::Adopt {
    let text = TEXT.to_owned();
    let reason = "the committee of 3 November".into();
    bloodbank::Adopt { text, effective_at: Some(at(90)), reason, urgent: true }
}

fn version() -> bloodbank::PolicyVersion {
    bloodbank::PolicyVersion {
        profile: "who".into(),
        version: 1,
        hash: "ef".repeat(32),
        text: TEXT.into(),
        effective_at: at(0),
        adopted_at: at(0),
        author: "amina".into(),
        reason: "founded".into(),
        urgent: false,
    }
}

fn content() -> Content {
    let section = |name: &str, text: &str| Section { name: name.into(), text: text.into() };
    let findings = section("findings", "Consolidation in the right lower zone.\nNo effusion.");
    Content { template: "chest".into(), sections: vec![findings, section("impression", "")] }
}

fn report_events() -> [IE; 3] {
    let mark = |minutes| Signature { by: "khan".into(), at: at(minutes) };
    let text = "Compared with 2024: unchanged.".to_owned();
    [
        IE::ReportDrafted { content: content(), mark: mark(40) },
        IE::ReportSigned { content: content(), mark: mark(41) },
        IE::ReportAddended { addendum: Addendum { text, by: "khan".into(), at: at(42) } },
    ]
}

fn analysis_with_values() -> imaging::study::Analysis {
    let mut analysis = analysis();
    analysis.values10000 = [("age_max".to_owned(), 160_000)].into();
    analysis
}
