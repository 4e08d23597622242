//! One sample of every shape of the transfusion side, as `samples` has them for the rest.

use bloodbank::appeal::{AreaDistance, Command as Q, EndWhy, Event as QE, Plan, Reach};
use bloodbank::appointment::{Command as A, Event as AE};
use bloodbank::bedside::{
    BedsideCheck, Command as B, Event as BE, Observation, Outcome as End, Vitals,
};
use bloodbank::care::CareRule;
use bloodbank::contact::Channel;
use bloodbank::crossmatch::{Command as X, Event as XE, Method, Outcome};
use bloodbank::haemovigilance::{
    Category, Classification, Command as V, Done, Event as VE, Findings, Imputability, Prevented,
    Severity, Step,
};
use bloodbank::history::{
    Against, Antibody, Command as H, Determination, Event as HE, History, Resolution,
};
use bloodbank::issue::{
    BagScan, Basis, Command as I, EmergencyOrder, Event as IE, IssueAsk, Return, ReturnFault, Stamp,
};
use bloodbank::lookback::{Acknowledged, Command as L, Event as LE, Found, Target};
use bloodbank::mtp::{Command as M, Event as ME, Fate, PackUnit};
use bloodbank::outbox::{About, Command as O, Event as OE, Reply};
use bloodbank::profile::DonationKind;
use bloodbank::request::{Command as R, Event as RE, Measured, Order, Urgency};
use bloodbank::sample::{
    Answer, Command as S, Event as SE, Exposure, ExposureKind, Identifier, Reading, RhdReading,
    Screen, Typing,
};
use bloodbank::slip::CollectionSlip;
use bloodbank::storage::{Command as PC, Event as PE, Limits, Noted, Reading as Degrees};
use bloodbank::traits::{
    Antigen, Attribute, Command as T, Entered, Event as TE, Need, Phenotype, Requirement, Retype,
};
use bloodbank::transfer::{BoxReading, Command as W, Event as WE, TransferSlip};
use bloodbank::validation::{Command as Y, Event as YE, Validation, Withdrawn};
use bloodbank::{Expiry, care_policy::Measure};
use kernel::{
    Abo, AppointmentId, BloodGroup, CampaignId, CaseId, Component, CrossmatchId, DispensationId,
    DonationId, DonorId, Instant, MessageId, Millilitres, PatientId, PlaceId, ProtocolId, RecallId,
    RequestId, Rhd, SampleId, SlipId, StaffId, TransferId, TransfusionId, UnitId, ValidationId,
    of_micros,
};
use ledger::Aggregates as _;
use records::{Body, CareBody, CareEvent, CareKey, Dispense, Event, Key, Records, State};
use uuid::Uuid;

fn at(minutes: i64) -> Instant {
    of_micros(1_790_000_000_000_000 + minutes * 60_000_000)
}
fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0199_4a00_0000_7000_8000_0000_0003_0000 + n)
}
fn patient() -> PatientId {
    PatientId(id(1))
}
fn who(n: u128) -> StaffId {
    StaffId(id(20 + n))
}
fn unit() -> UnitId {
    UnitId::of_label("A999726000700", "D1001V00")
}
fn tube() -> SampleId {
    SampleId::of_number("T9")
}
fn zone() -> chrono_tz::Tz {
    chrono_tz::Africa::Nairobi
}
fn wall() -> chrono::NaiveDateTime {
    "2026-09-20T10:30:00".parse().expect("a time")
}
fn group() -> BloodGroup {
    BloodGroup { abo: Abo::B, rhd: Rhd::Negative }
}
fn words() -> String {
    "Ward 3 asked for it".into()
}
fn expiry() -> Expiry {
    Expiry::of_label("2026-09-23T23:59:00".parse().expect("a time"), zone())
}
fn exposure() -> Exposure {
    Exposure { kind: ExposureKind::Pregnancy, at: at(-9_000), recorded_at: at(5) }
}
fn typing() -> Typing {
    Typing {
        forward: Reading::Group(Abo::B),
        reverse: Reading::MixedField,
        rhd: RhdReading::Weak,
        by: who(1),
        at: at(4),
    }
}
fn order() -> Order {
    Order {
        patient: patient(),
        component: Component::RedCells,
        count: 2,
        urgency: Urgency::Emergency,
        indication: "anaemia".into(),
        measured: vec![Measured { measure: Measure::Haemoglobin, value: 64 }],
        needs: vec![Need::Attribute(Attribute::Irradiated), Need::AntigenNegative(Antigen::SmallC)],
        fresh_days: Some(5),
        needed_by: at(60),
        requested_by: who(2),
        consent: true,
    }
}
fn bag() -> BagScan {
    BagScan {
        din: "A999726000700".into(),
        product_code: "D1001V00".into(),
        group: group(),
        phenotype: Default::default(),
    }
}
fn slip() -> CollectionSlip {
    CollectionSlip { id: SlipId(id(30)), patient: patient(), unit: unit(), printed_at: at(7) }
}
fn emergency() -> EmergencyOrder {
    EmergencyOrder { physician: who(2), justification: words(), signed_at: Some(at(8)) }
}
fn returned() -> Return {
    Return {
        left: Stamp::exact(at(8)),
        back: Stamp { at: at(40), uncertain_s: 30 },
        temperature: Some(62),
        seal_intact: true,
        segment_attached: false,
        appearance_ok: true,
        excursions: 1,
    }
}
fn vitals() -> Vitals {
    Vitals {
        temperature: Some(371),
        pulse: Some(80),
        systolic: Some(120),
        diastolic: None,
        breaths: Some(16),
        oxygen: Some(98),
    }
}
fn seen() -> Observation {
    Observation { vitals: vitals(), by: who(1), at: at(12) }
}
fn findings() -> Findings {
    Findings { rise_tenths: Some(15), rigors: true, ..Findings::default() }
}
fn target() -> Target {
    Target {
        unit: unit(),
        din: "A999726000700".into(),
        site: "here".into(),
        found: Found::Issued,
        patient: Some(patient()),
        clinician: None,
    }
}
fn pack() -> Vec<PackUnit> {
    vec![PackUnit { unit: unit(), component: Component::Plasma, group: group() }]
}
fn reading() -> BoxReading {
    BoxReading { at: at(3), tenths: 45 }
}
fn fridge() -> PlaceId {
    PlaceId::of_name("here", "Fridge 1")
}
fn limits() -> Limits {
    Limits { least: 20, most: 60, delay_minutes: 10, gap_minutes: 60 }
}
fn degrees(minutes: i64) -> Degrees {
    Degrees { at: at(minutes), tenths: 71, by: who(1) }
}
fn transfer_slip() -> TransferSlip {
    TransferSlip {
        id: SlipId(id(31)),
        transfer: TransferId(id(10)),
        from: "here".into(),
        to: "clinic".into(),
        component: Component::RedCells,
        units: vec![unit()],
        sent_at: at(3),
    }
}

fn giver() -> DonorId {
    DonorId(id(50))
}
fn campaign() -> CampaignId {
    CampaignId(id(51))
}
fn appointment() -> AppointmentId {
    AppointmentId(id(52))
}
fn about() -> About {
    About::Appeal { campaign: campaign() }
}
fn message() -> MessageId {
    about().message(giver(), Channel::Sms)
}
fn reach() -> Reach {
    let areas = vec![AreaDistance { area: "Lakeside".into(), metres: 2_500 }];
    Reach { within_metres: 10_000, areas, unknown_too: true }
}
fn plan() -> Box<Plan> {
    Box::new(Plan {
        request: Some(RequestId(id(2))),
        reason: words(),
        component: Component::RedCells,
        groups: [group()].into(),
        channel: Channel::CallList,
        zone: zone(),
        void_at: at(720),
        wanted: 3,
        reach: reach(),
    })
}

pub fn commands() -> Vec<(&'static str, Body)> {
    let mut all = care_commands();
    all.extend(outreach_commands());
    let of_paper = records::Audit::Printed {
        what: "unit-labels".into(),
        of: vec![unit().to_string()],
        to: "/media/usb".into(),
    };
    let again = About::MayGive { after: DonationId(id(71)) };
    let (donor, channel) = (giver(), Channel::CallList);
    let may_give = CareBody::Message {
        id: again.message(donor, channel),
        command: Box::new(O::Queue { donor, about: again, channel }),
    };
    all.into_iter()
        .map(|body| ("all", Body::Care(body)))
        .chain([("printed", Body::Audit(of_paper)), ("may_give", Body::Care(may_give))])
        .collect()
}

fn outreach_commands() -> Vec<CareBody> {
    let message = |c: O| CareBody::Message { id: message(), command: Box::new(c) };
    let appeal = |c: Q| CareBody::Campaign { id: campaign(), command: Box::new(c) };
    let booked = |c: A| CareBody::Appointment { id: appointment(), command: Box::new(c) };
    let validated = |c: Y| CareBody::Validation { id: ValidationId(id(54)), command: Box::new(c) };
    let donation = DonationKind::WholeBlood;
    vec![
        message(O::Queue { donor: giver(), about: about(), channel: Channel::Sms }),
        message(O::NoteSent),
        message(O::NoteDelivered),
        message(O::NoteFailed),
        message(O::NoteReply { reply: Reply::Later }),
        message(O::NoteDonated),
        message(O::Purge),
        appeal(Q::Start { plan: plan(), by: who(1) }),
        appeal(Q::Widen { reach: reach() }),
        appeal(Q::End { why: EndWhy::NoLongerNeeded }),
        booked(A::Book { donor: giver(), donation, at: at(1_440), by: who(1) }),
        booked(A::WalkIn { donor: giver(), donation, by: who(1) }),
        booked(A::Move { at: at(2_880) }),
        booked(A::Cancel { reason: words() }),
        booked(A::NoteCame),
        booked(A::NoteDidNotCome),
        validated(Y::Record {
            program: "0.1.0".into(),
            carried_out_on: "2026-11-19".parse().expect("a day"),
            protocol: words(),
            passed: true,
            abo_prevention_shown: true,
            note: Some(words()),
            second: who(2),
        }),
        validated(Y::Withdraw { reason: words() }),
    ]
}

fn care_commands() -> Vec<CareBody> {
    let history = |c: H| CareBody::History { id: patient(), command: Box::new(c) };
    let request = |c: R| CareBody::Request { id: RequestId(id(2)), command: Box::new(c) };
    let sample = |c: S| CareBody::Sample { id: tube(), command: Box::new(c) };
    let crossmatch = |c: X| CareBody::Crossmatch { id: CrossmatchId(id(3)), command: Box::new(c) };
    let issue = |does: I| {
        let command = Box::new(Dispense { unit: unit(), does });
        CareBody::Dispensation { id: DispensationId(id(4)), command }
    };
    let bed = |c: B| CareBody::Transfusion { id: TransfusionId(id(4)), command: Box::new(c) };
    let case = |c: V| CareBody::Case { id: CaseId(id(5)), command: Box::new(c) };
    let recall = |c: L| CareBody::Recall { id: RecallId(id(6)), command: Box::new(c) };
    let protocol = |c: M| CareBody::Protocol { id: ProtocolId(id(7)), command: Box::new(c) };
    let traits = |c: T| CareBody::Traits { id: unit(), command: Box::new(c) };
    let place = |c: PC| CareBody::Place { id: fridge(), command: Box::new(c) };
    let transfer = |c: W| CareBody::Transfer { id: TransferId(id(10)), command: Box::new(c) };
    let ask = IssueAsk {
        patient: patient(),
        wristband: Some(patient()),
        bag: bag(),
        slip: Some(slip()),
        collected_by: "Grace".into(),
        appearance_ok: true,
        emergency: Some(emergency()),
        protocol: Some(ProtocolId(id(7))),
        authoriser: Some(who(2)),
    };
    let check = BedsideCheck {
        wristband: patient(),
        spoken_agrees: true,
        bag: bag(),
        slip: Some(slip()),
        first: who(1),
        second: who(2),
        appearance_ok: true,
        consent: true,
    };
    let all = vec![
        history(H::RecordAntibody {
            against: Against::Antigen(Antigen::BigK),
            found_at: at(-9_000),
            told_by: words(),
            recorded_by: who(1),
        }),
        history(H::Require {
            need: Need::Attribute(Attribute::Washed),
            until: Some(at(9_000)),
            reason: words(),
            recorded_by: who(1),
        }),
        history(H::NoteExposure { exposure: ExposureKind::Transfusion, at: at(-100) }),
        history(H::Determine { sample: tube(), group: group(), at: at(3), historic: true }),
        history(H::Resolve { group: group(), reason: words(), first: who(1), second: who(2) }),
        history(H::NoteTransplant),
        history(H::NotePhenotype { phenotype: Phenotype::ParaBombay }),
        history(H::TakeOver { of: PatientId(id(40)), history: Box::default() }),
        request(R::Place { order: order() }),
        request(R::Accept { by: who(1) }),
        request(R::Allocate { unit: unit() }),
        request(R::Unallocate { unit: unit(), reason: words() }),
        request(R::NoteIssued { unit: unit() }),
        request(R::ChangeUrgency { urgency: Urgency::Massive, reason: words() }),
        request(R::AddNeed { need: Need::AntigenNegative(Antigen::BigC) }),
        request(R::Cancel { reason: words() }),
        request(R::Close),
        sample(S::Receive {
            patient: patient(),
            number: "T-9".into(),
            identifiers: vec![
                Identifier::UniqueNumber("H1".into()),
                Identifier::Name("Jane Roe".into()),
                Identifier::BirthDate("1980-02-01".parse().expect("a day")),
            ],
            drawn_wall: wall(),
            zone: zone(),
            drawn_by: who(1),
            identified_by: who(2),
            transfused: Answer::Unknown,
            pregnant: Answer::No,
        }),
        sample(S::Reject { reason: words() }),
        sample(S::Type { typing: typing() }),
        sample(S::RecordScreen { screen: Screen::Positive }),
        sample(S::NoteExposure { exposure: exposure() }),
        crossmatch(X::Record {
            patient: patient(),
            unit: unit(),
            method: Method::Ahg,
            outcome: Outcome::Incompatible,
            done_at: at(5),
            by: who(1),
            retrospective: true,
        }),
        crossmatch(X::Withdraw { reason: words() }),
        issue(I::Issue { ask: Box::new(ask) }),
        issue(I::SignOrder { physician: who(2) }),
        issue(I::AnswerAntiD { words: words(), physician: who(2) }),
        issue(I::TakeBack { back: returned() }),
        issue(I::NoteUsed),
        issue(I::WithdrawUse { reason: words() }),
        issue(I::EnterInError { reason: words(), second: who(2) }),
        bed(B::Check { check: Box::new(check) }),
        bed(B::Start { vitals: vitals(), by: who(1) }),
        bed(B::Observe { vitals: vitals(), by: who(1) }),
        bed(B::Stop { reason: words(), by: who(1) }),
        bed(B::End { vitals: vitals(), volume: Some(Millilitres(280)), by: who(1) }),
        bed(B::RecordOutcome { outcome: End::Uneventful }),
        case(V::Open {
            patient: patient(),
            transfusion: Some(TransfusionId(id(4))),
            units: vec![unit()],
            findings: findings(),
            suspected: [Category::Taco, Category::InfectionBacterial].into(),
            prevented: None,
        }),
        case(V::Find { findings: findings() }),
        case(V::Suspect { category: Category::Trali }),
        case(V::RecordStep { step: Step::Clerical, result: words(), by: who(1) }),
        case(V::Classify {
            category: Category::Allergic,
            severity: Severity::NonSevere,
            imputability: Imputability::Probable,
            by: who(2),
        }),
        case(V::Close),
        case(V::Reopen { reason: words() }),
        recall(L::Open { reason: words(), targets: vec![target()] }),
        recall(L::Extend { targets: vec![target()] }),
        recall(L::Acknowledge { site: "here".into(), by: who(1) }),
        recall(L::Close),
        protocol(M::Activate { patient: patient(), by: who(2), reason: words() }),
        protocol(M::PreparePack { number: 1, units: pack() }),
        protocol(M::IssuePack { number: 1 }),
        protocol(M::NoteCurrentGroup { group: group() }),
        protocol(M::SwitchRhd { by: who(2), reason: words() }),
        protocol(M::Account { unit: unit(), fate: Fate::Returned }),
        protocol(M::Withdraw { unit: unit(), reason: words(), by: who(1) }),
        protocol(M::End { by: who(2) }),
        protocol(M::Close),
        traits(T::EnterGroup { group: group(), phenotype: Default::default() }),
        traits(T::VerifyGroup { group: group(), phenotype: Default::default() }),
        traits(T::SettleGroup { group: group(), phenotype: Default::default(), reason: words() }),
        traits(T::SetAttribute { attribute: Attribute::CmvNegative }),
        traits(T::RecordAntigen { antigen: Antigen::SmallE, positive: false }),
        traits(T::NotePhenotype { phenotype: Phenotype::Bombay }),
        traits(T::Inherit { from: UnitId(id(41)), traits: Box::default() }),
        traits(T::ReadLabel { verified: true }),
        transfer(W::Begin {
            from: "here".into(),
            to: "clinic".into(),
            component: Component::RedCells,
        }),
        transfer(W::Pack { unit: unit() }),
        transfer(W::Unpack { unit: unit() }),
        transfer(W::ScanOut { slip: SlipId(id(31)), reading: reading() }),
        transfer(W::ScanIn { unit: unit(), slip: transfer_slip(), reading: reading() }),
        transfer(W::ReportMissing { unit: unit(), reason: words() }),
        place(PC::Put {
            name: "Fridge 1".into(),
            site: "here".into(),
            limits: limits(),
            in_use: true,
        }),
        place(PC::Read { reading: degrees(110) }),
        place(PC::Note { from: at(110), words: words(), by: who(1) }),
    ];
    all
}

/// In an order in which they can happen: the states are what they lead to.
pub fn events() -> Vec<(&'static str, Key, Event)> {
    let mut all: Vec<(&'static str, Key, Event)> = vec![];
    let mut add = |name: &'static str, key: CareKey, event: CareEvent| {
        all.push((name, Key::Care(key), Event::Care(event)));
    };
    let key = CareKey::History(patient());
    let mut history = |name, e: HE| add(name, key, e.into());
    history(
        "history_antibody",
        HE::AntibodyRecorded(Antibody {
            against: Against::Unidentified("warm autoantibody".into()),
            found_at: at(-9_000),
            told_by: words(),
            recorded_by: who(1),
        }),
    );
    history(
        "history_required",
        HE::Required(Requirement {
            need: Need::Attribute(Attribute::HbsNegative),
            from: at(1),
            until: None,
            reason: words(),
            recorded_by: who(1),
        }),
    );
    history("history_exposed", HE::Exposed(exposure()));
    let one = Determination { sample: tube(), group: group(), at: at(3), historic: true };
    history("history_determined", HE::Determined(one));
    history(
        "history_resolved",
        HE::Resolved(Resolution {
            group: group(),
            reason: words(),
            first: who(1),
            second: who(2),
            at: at(4),
        }),
    );
    history("history_transplanted", HE::Transplanted);
    history("history_phenotype", HE::PhenotypeNoted(Phenotype::Bombay));
    let other = Box::new(History::default());
    history("history_taken_over", HE::TakenOver { of: PatientId(id(40)), history: other });

    let key = CareKey::Request(RequestId(id(2)));
    let mut request = |name, e: RE| add(name, key, e.into());
    request("request_placed", RE::Placed { order: order(), at: at(1) });
    request("request_accepted", RE::Accepted { by: who(1) });
    request("request_allocated", RE::Allocated { unit: unit() });
    request("request_unallocated", RE::Unallocated { unit: unit(), reason: words() });
    request("request_issued", RE::IssuedOf { unit: unit() });
    let urgency = Urgency::Routine;
    request("request_urgency", RE::UrgencyChanged { urgency, reason: words() });
    request("request_need", RE::NeedAdded { need: Need::AntigenNegative(Antigen::Jka) });
    request("request_closed", RE::Closed);
    request("request_cancelled", RE::Cancelled { reason: words() });

    let key = CareKey::Sample(tube());
    let mut sample = |name, e: SE| add(name, key, e.into());
    sample(
        "sample_received",
        SE::Received {
            patient: patient(),
            number: "T-9".into(),
            drawn_wall: wall(),
            zone: zone(),
            drawn_at: at(2),
            drawn_by: who(1),
            identified_by: who(2),
            at_risk: false,
            valid_until: expiry(),
            at: at(3),
        },
    );
    sample("sample_typed", SE::Typed { typing: typing() });
    sample("sample_screened", SE::Screened { screen: Screen::Negative });
    sample(
        "sample_shortened",
        SE::ValidityShortened { valid_until: expiry(), because: exposure() },
    );
    sample("sample_rejected", SE::Rejected { reason: words() });

    let key = CareKey::Crossmatch(CrossmatchId(id(3)));
    add(
        "crossmatch_recorded",
        key,
        XE::Recorded {
            patient: patient(),
            unit: unit(),
            sample: tube(),
            method: Method::ImmediateSpin,
            outcome: Outcome::Compatible,
            done_at: at(4),
            at: at(5),
            by: who(1),
            valid_until: at(4_000),
            retrospective: false,
        }
        .into(),
    );
    add("crossmatch_withdrawn", key, XE::Withdrawn { reason: words() }.into());

    let key = CareKey::Dispensation(DispensationId(id(4)));
    let mut issue = |name, e: IE| add(name, key, e.into());
    issue(
        "issue_issued",
        IE::Issued {
            unit: unit(),
            component: Component::RedCells,
            patient: patient(),
            request: Some(RequestId(id(2))),
            protocol: None,
            basis: Basis::Uncrossmatched {
                order: EmergencyOrder { signed_at: None, ..emergency() },
            },
            slip: Some(SlipId(id(30))),
            collected_by: "Grace".into(),
            anti_d_risk: true,
            at: at(8),
            recorded_at: None,
            against: vec![],
            by: None,
            site: None,
        },
    );
    issue("issue_signed", IE::OrderSigned { physician: who(2), at: at(9) });
    issue("issue_used", IE::NotedUsed);
    let failed = vec![ReturnFault::TooLong, ReturnFault::TimeUncertain];
    issue("issue_taken_back", IE::TakenBack { at: at(50), failed });
    let (by, second) = (who(1), who(2));
    issue("issue_entered_in_error", IE::EnteredInError { at: at(51), reason: words(), by, second });
    issue("issue_not_used", IE::UseWithdrawn { at: at(52), reason: words(), by: who(1) });

    let key = CareKey::Transfusion(TransfusionId(id(4)));
    let mut bed = |name, e: BE| add(name, key, e.into());
    bed(
        "bedside_checked",
        BE::Checked {
            unit: unit(),
            patient: patient(),
            left_storage_at: at(8),
            first: who(1),
            second: who(2),
            at: at(11),
            against: vec![],
        },
    );
    bed("bedside_started", BE::Started { observation: seen(), against: vec![] });
    bed("bedside_observed", BE::Observed { observation: seen() });
    let volume = Some(Millilitres(250));
    bed("bedside_ended", BE::Ended { observation: seen(), volume, at: at(90) });
    bed("bedside_stopped", BE::Stopped { reason: words(), by: who(1), at: at(91) });
    bed("bedside_outcome", BE::OutcomeRecorded { outcome: End::Reaction });

    let key = CareKey::Case(CaseId(id(5)));
    let mut case = |name, e: VE| add(name, key, e.into());
    case(
        "case_opened",
        VE::Opened {
            patient: patient(),
            transfusion: Some(TransfusionId(id(4))),
            units: vec![unit()],
            findings: findings(),
            suspected: [Category::FebrileNonHaemolytic].into(),
            prevented: None,
            at: at(92),
        },
    );
    case("case_suspected", VE::Suspected { category: Category::InfectionViral });
    let done = Done { step: Step::Culture, result: words(), by: who(1), at: at(93) };
    case("case_step", VE::StepRecorded { done });
    case(
        "case_classified",
        VE::Classified {
            classification: Classification {
                category: Category::Allergic,
                severity: Severity::Severe,
                imputability: Imputability::Definite,
                by: who(2),
                at: at(94),
            },
        },
    );
    case("case_closed", VE::Closed { at: at(95) });
    case("case_reopened", VE::Reopened { reason: words() });
    case("case_found", VE::Found { findings: findings() });

    let missed = VE::Opened {
        patient: patient(),
        transfusion: None,
        units: vec![unit()],
        findings: Findings::default(),
        suspected: [Category::NearMiss].into(),
        prevented: Some(Prevented {
            rule: CareRule::WristbandOfAnother,
            found: Some(PatientId(id(9))),
        }),
        at: at(99),
    };
    add("case_near_miss", CareKey::Case(CaseId(id(15))), missed.into());

    let key = CareKey::Recall(RecallId(id(6)));
    let mut recall = |name, e: LE| add(name, key, e.into());
    recall("recall_opened", LE::Opened { reason: words(), targets: vec![target()], at: at(100) });
    recall("recall_extended", LE::Extended { targets: vec![target()] });
    let acknowledged = Acknowledged { site: "here".into(), by: who(1), at: at(101) };
    recall("recall_acknowledged", LE::Acknowledged { acknowledged });
    recall("recall_closed", LE::Closed { at: at(102) });

    let key = CareKey::Protocol(ProtocolId(id(7)));
    let mut protocol = |name, e: ME| add(name, key, e.into());
    protocol(
        "protocol_activated",
        ME::Activated { patient: patient(), by: who(2), reason: words(), at: at(1) },
    );
    protocol("protocol_pack", ME::PackPrepared { number: 1, units: pack(), at: at(2) });
    protocol("protocol_issued", ME::PackIssued { number: 1, at: at(3) });
    protocol("protocol_group", ME::CurrentGroupNoted { group: group() });
    protocol("protocol_switched", ME::RhdSwitched { by: who(2), reason: words(), at: at(4) });
    protocol("protocol_accounted", ME::Accounted { unit: unit(), fate: Fate::Transfused });
    protocol("protocol_ended", ME::Ended { by: who(2), at: at(5) });
    protocol("protocol_closed", ME::Closed { at: at(6) });
    let (unit_of, by) = (unit(), who(1));
    protocol(
        "protocol_withdrawn",
        ME::FateWithdrawn { unit: unit_of, reason: words(), by, at: at(4) },
    );

    let key = CareKey::Traits(unit());
    let mut traits = |name, e: TE| add(name, key, e.into());
    traits(
        "traits_entered",
        TE::GroupEntered {
            entered: Entered { group: group(), phenotype: Default::default(), by: who(1) },
        },
    );
    let retype = Retype {
        group: group(),
        phenotype: Default::default(),
        entered_by: who(1),
        verified_by: who(2),
    };
    traits("traits_verified", TE::GroupVerified { retype });
    traits("traits_attribute", TE::AttributeSet { attribute: Attribute::Leukoreduced });
    traits("traits_antigen", TE::AntigenRecorded { antigen: Antigen::Fya, positive: true });
    traits("traits_phenotype", TE::PhenotypeNoted { phenotype: Phenotype::Bombay });
    let from = UnitId(id(41));
    traits("traits_inherited", TE::Inherited { from, traits: Box::default() });
    traits("traits_label_read", TE::LabelRead { by: who(1) });
    let read = Entered { group: group(), phenotype: Default::default(), by: who(3) };
    traits("traits_differs", TE::GroupDiffers { read });
    traits("traits_settled", TE::GroupSettled { retype, reason: words() });

    let key = CareKey::Transfer(TransferId(id(10)));
    let mut transfer = |name, e: WE| add(name, key, e.into());
    let (from, to) = ("here".to_owned(), "clinic".to_owned());
    transfer("transfer_begun", WE::Begun { from, to, component: Component::RedCells });
    transfer("transfer_packed", WE::Packed { unit: unit() });
    transfer("transfer_unpacked", WE::Unpacked { unit: unit() });
    transfer("transfer_packed_again", WE::Packed { unit: unit() });
    transfer("transfer_out", WE::ScannedOut { slip: transfer_slip(), reading: reading() });
    transfer("transfer_missing", WE::ReportedMissing { unit: unit(), reason: words() });
    transfer(
        "transfer_in",
        WE::ScannedIn {
            unit: unit(),
            slip: transfer_slip(),
            reading: reading(),
            too_warm_or_cold: true,
        },
    );

    let key = CareKey::Place(fridge());
    let mut place = |name, e: PE| add(name, key, e.into());
    let (name, site) = ("Fridge 1".to_owned(), "here".to_owned());
    place("place_put", PE::Put { name, site, limits: limits(), in_use: true, at: None });
    place("place_read", PE::Read { reading: degrees(110) });
    place("place_read_late", PE::Read { reading: degrees(105) });
    let noted = Noted { from: at(110), words: words(), by: who(1), at: at(120) };
    place("place_noted", PE::Noted { noted });
    // Of their own: what was written on paper comes on top of no other sample.
    let given = IE::Issued {
        unit: unit(),
        component: Component::RedCells,
        patient: patient(),
        request: None,
        protocol: None,
        basis: Basis::NoCrossmatch,
        slip: None,
        collected_by: "Grace".into(),
        anti_d_risk: false,
        at: at(8),
        recorded_at: Some(at(400)),
        against: vec![CareRule::CrossmatchMissing, CareRule::Unit(bloodbank::Rule::UnitGone)],
        by: None,
        site: None,
    };
    add("issue_issued_on_paper", CareKey::Dispensation(DispensationId(id(64))), given.into());
    let handed_over = IE::Issued {
        unit: unit(),
        component: Component::Plasma,
        patient: patient(),
        request: None,
        protocol: None,
        basis: Basis::NoCrossmatchNeeded,
        slip: None,
        collected_by: "Grace".into(),
        anti_d_risk: false,
        at: at(8),
        recorded_at: None,
        against: vec![],
        by: Some(who(1)),
        site: Some("here".into()),
    };
    let asks = DispensationId(id(67));
    let exposed = IE::Issued {
        unit: unit(),
        component: Component::RedCells,
        patient: patient(),
        request: None,
        protocol: None,
        basis: Basis::NoCrossmatchNeeded,
        slip: None,
        collected_by: "Grace".into(),
        anti_d_risk: true,
        at: at(8),
        recorded_at: None,
        against: vec![],
        by: Some(who(1)),
        site: Some("here".into()),
    };
    add("issue_exposed", CareKey::Dispensation(asks), exposed.into());
    add("issue_anti_d_opened", CareKey::Dispensation(asks), IE::AntiDOpened.into());
    let answered = IE::AntiDAnswered { words: words(), physician: who(2), at: at(9) };
    add("issue_anti_d_answered", CareKey::Dispensation(asks), answered.into());
    add("issue_issued_by", CareKey::Dispensation(DispensationId(id(65))), handed_over.into());
    let asked_for = Target { clinician: Some(who(2)), ..target() };
    let named = LE::Opened { reason: words(), targets: vec![asked_for], at: at(100) };
    add("recall_clinician", CareKey::Recall(RecallId(id(66))), named.into());
    let checked = BE::Checked {
        unit: unit(),
        patient: patient(),
        left_storage_at: at(8),
        first: who(1),
        second: who(1),
        at: at(11),
        against: vec![CareRule::SamePersonTwice],
    };
    let key = CareKey::Transfusion(TransfusionId(id(64)));
    add("bedside_checked_on_paper", key, checked.into());
    let against = vec![CareRule::StepMissing];
    let started = BE::Started { observation: seen(), against };
    add("bedside_started_on_paper", key, started.into());
    let (name, site) = ("Fridge 9".to_owned(), "here".to_owned());
    let put = PE::Put { name, site, limits: limits(), in_use: true, at: Some(at(1)) };
    add("place_put_at", CareKey::Place(PlaceId::of_name("here", "Fridge 9")), put.into());
    let key = CareKey::Message(message());
    let mut message = |name, e: OE| add(name, key, e.into());
    let (donor, channel) = (giver(), Channel::Sms);
    let queued = OE::Queued {
        donor,
        about: about(),
        channel,
        not_before: at(30),
        void_at: at(720),
        at: at(1),
    };
    message("message_queued", queued);
    message("message_again", OE::Failed { again_at: Some(at(40)) });
    message("message_sent", OE::Sent);
    message("message_delivered", OE::Delivered { at: at(41) });
    message("message_replied", OE::Replied { reply: Reply::Yes, at: at(50) });
    message("message_donated", OE::Donated { at: at(900) });
    message("message_failed", OE::Failed { again_at: None });
    message("message_purged", OE::Purged);
    let appointed = About::Appointment { appointment: appointment(), at: at(1_440) };
    let key = CareKey::Message(appointed.message(donor, Channel::Email));
    let reminder = OE::Queued {
        donor,
        about: appointed,
        channel: Channel::Email,
        not_before: at(30),
        void_at: at(1_440),
        at: at(1),
    };
    add("message_reminder", key, reminder.into());
    let again = About::MayGive { after: DonationId(id(71)) };
    let key = CareKey::Message(again.message(donor, Channel::CallList));
    let may_give = OE::Queued {
        donor,
        about: again,
        channel: Channel::CallList,
        not_before: at(30),
        void_at: at(20_160),
        at: at(1),
    };
    add("message_may_give", key, may_give.into());

    let key = CareKey::Campaign(campaign());
    let mut appeal = |name, e: QE| add(name, key, e.into());
    let owner = "here".to_owned();
    appeal("appeal_started", QE::Started { plan: plan(), owner, by: who(1), at: at(1) });
    appeal("appeal_widened", QE::Widened { reach: reach() });
    appeal("appeal_ended", QE::Ended { why: EndWhy::Enough, at: at(60) });

    let key = CareKey::Appointment(appointment());
    let mut booked = |name, e: AE| add(name, key, e.into());
    let donation = DonationKind::WholeBlood;
    let (by, booked_at) = (who(1), at(1));
    booked("appointment_booked", AE::Booked { donor, donation, at: at(1_440), by, booked_at });
    booked("appointment_moved", AE::Moved { at: at(2_880) });
    booked("appointment_came", AE::Came { at: at(2_885) });
    booked("appointment_missed", AE::DidNotCome);
    booked("appointment_cancelled", AE::Cancelled { reason: words() });
    let key = CareKey::Appointment(AppointmentId(id(53)));
    let walked_in = AE::WalkedIn { donor, donation: DonationKind::Plasma, by, at: at(3_000) };
    add("appointment_walked_in", key, walked_in.into());

    let key = CareKey::Validation(ValidationId(id(54)));
    let validation = Validation {
        id: ValidationId(id(54)),
        site: "here".into(),
        program: "0.1.0".into(),
        carried_out_on: "2026-11-19".parse().expect("a day"),
        protocol: words(),
        passed: true,
        abo_prevention_shown: true,
        note: Some(words()),
        by: who(1),
        second: who(2),
        recorded_at: at(1),
        withdrawn: None,
        version: 1,
    };
    let recorded = YE::Recorded { validation: Box::new(validation) };
    add("validation_recorded", key, recorded.into());
    let withdrawn = Withdrawn { reason: words(), by: who(3), at: at(2) };
    add("validation_withdrawn", key, YE::Withdrawn { withdrawn }.into());
    all
}

/// Every state on the way.
pub fn states() -> Vec<(&'static str, State)> {
    let mut states: std::collections::BTreeMap<Key, State> = Default::default();
    let mut out = vec![];
    for (name, key, event) in events() {
        let state = Records::apply(states.remove(&key), key, &event).expect("it happened");
        states.insert(key, state.clone());
        out.push((name, state));
    }
    out
}
