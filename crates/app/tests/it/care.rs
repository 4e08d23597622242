//! From the request to the counter, through the real store.

use super::*;

const A_NEG: &str = "A negative";

fn group_of(words: &str) -> Value {
    let (abo, rhd) = words.split_once(' ').expect("two words");
    json!({ "abo": abo, "rhd": rhd })
}

/// An order of one bag of red cells with this haemoglobin.
fn order(patient: &str, haemoglobin: u32, urgency: &str) -> Value {
    json!({
        "patient": patient, "component": "red_cells", "count": 1, "urgency": urgency,
        "indication": "anaemia", "measured": [{ "measure": "haemoglobin", "value": haemoglobin }],
        "needs": [], "freshDays": null, "neededBy": "2026-11-20T18:00:00Z", "consent": true,
    })
}

impl Desk {
    /// What the scanner reads from a bag.
    pub(super) fn bag(&self, unit: &str) -> Value {
        let row = self.ok("unit.view", json!({ "id": unit }))["row"].clone();
        json!({ "din": row["din"], "productCode": row["productCode"], "group": row["group"] })
    }

    /// A tube of today, received by whoever is signed in, without a result.
    pub(super) fn tube(&self, patient: &str, number: &str) -> String {
        let person = self.ok("patient.view", json!({ "id": patient }));
        let ask = json!({
            "patient": patient, "number": number, "labelNumber": person["hospitalNumber"],
            "labelName": null, "labelBirthDate": null, "drawnWall": "2026-11-20T14:30",
            "drawnBy": "mbeki", "identifiedBy": "ferreira", "transfused": "no", "pregnant": "no",
        });
        text(&self.ok("sample.receive", ask), "id")
    }

    fn typed(&self, sample: &str, group: &Value, second: Value) {
        let side = json!({ "kind": "group", "value": group["abo"] });
        let ask = json!({
            "sample": sample, "forward": side, "reverse": side, "rhd": group["rhd"], "second": second,
        });
        self.ok("sample.type", ask);
    }

    /// A tube typed as the record says, with a negative screen.
    pub(super) fn sampled(&self, patient: &str, group: &str) -> String {
        let sample = self.tube(patient, &format!("T-{}", &patient[patient.len() - 6..]));
        self.typed(&sample, &group_of(group), Value::Null);
        self.ok("sample.screen", json!({ "sample": sample, "screen": "negative" }));
        sample
    }

    /// The group of a bag, read again by two people; afterwards the first is signed in.
    pub(super) fn retyped(&self, unit: &str) {
        let ask = json!({ "unit": unit, "group": self.bag(unit)["group"] });
        for who in ["luis", "amina"] {
            self.sign_in(who);
            self.ok("unit.retype", ask.clone());
        }
    }

    pub(super) fn crossmatch(
        &self,
        unit: &str,
        patient: &str,
        method: &str,
        outcome: &str,
    ) -> Value {
        json!({
            "patient": patient, "unit": unit, "method": method, "outcome": outcome, "doneWall": null,
        })
    }

    /// A bag that may go to this patient the ordinary way, who has a tube that can be used.
    pub(super) fn crossmatched(&self, unit: &str, patient: &str) {
        self.retyped(unit);
        self.ok("crossmatch.record", self.crossmatch(unit, patient, "ahg", "compatible"));
    }

    pub(super) fn issue(&self, unit: &str, patient: &str, over: Value, second: Value) -> Value {
        json!({
            "unit": unit, "patient": patient, "wristband": null, "bag": self.bag(unit), "slip": null,
            "collectedBy": "Ruth Mbeki, ward 3", "appearanceOk": true, "emergency": null,
            "protocol": null, "override": over, "second": second,
        })
    }

    /// The gate of this name as the counter shows it.
    pub(super) fn gate(&self, ask: &Value, name: &str) -> Value {
        let view = self.ok("issue.gates", ask.clone());
        let gates = view["gates"].as_array().expect("gates");
        gates
            .iter()
            .find(|g| g["gate"] == name)
            .unwrap_or_else(|| panic!("{name} in {view}"))
            .clone()
    }

    pub(super) fn place(&self, patient: &str, count: u32, urgency: &str) -> String {
        let mut ask = order(patient, 82, urgency);
        ask["count"] = json!(count);
        text(&self.ok("request.place", ask), "id")
    }

    /// The lift of the only quarantine of a bag.
    pub(super) fn lift(&self, unit: &str) -> Value {
        let view = self.ok("unit.view", json!({ "id": unit }));
        json!({ "unit": unit, "cause": view["quarantines"][0]["cause"], "reason": "Looked at again" })
    }

    pub(super) fn status_of(&self, unit: &str) -> String {
        text(&self.ok("unit.view", json!({ "id": unit }))["row"], "status")
    }
}

#[test]
fn a_threshold_is_advice_and_never_in_the_way() {
    let desk = Desk::training();
    desk.sign_in("ferreira");
    let smith = desk.patient("smith john");
    let ask = |value: u32, urgency: &str| order(&smith, value, urgency);
    let advice = desk.ok("request.advise", ask(82, "routine"));
    assert_eq!((&advice[0]["below"], &advice[0]["reconsider"]), (&json!(70), &json!(true)));
    assert_eq!(desk.ok("request.advise", ask(64, "routine"))[0]["reconsider"], false);
    assert_eq!(desk.ok("request.advise", ask(82, "emergency")), json!([]));
    desk.ok("request.place", ask(82, "routine"));
    let mut absurd = ask(82, "routine");
    absurd["count"] = json!(51);
    desk.no("request.place", absurd, Code::OutOfBounds);
}

#[test]
fn nothing_leaves_the_ordinary_way_without_a_tube_a_typing_a_screen_and_a_crossmatch() {
    let desk = Desk::training();
    desk.sign_in("ferreira");
    let smith = desk.patient("smith john");
    let request = desk.place(&smith, 1, "urgent");
    desk.sign_in("amina");
    desk.ok("request.accept", json!({ "id": request }));
    let view = desk.ok("request.view", json!({ "id": request }));
    assert_eq!(view["row"]["sample"], "too_old", "the tube of two weeks ago");
    let best = view["proposal"][0].clone();
    assert_eq!(best["unit"]["group"], group_of(A_NEG), "the patient's own group first: {best}");
    let unit = text(&best["unit"], "id");
    let units = json!({ "request": request, "units": [unit], "override": null, "second": null });
    desk.ok("request.allocate", units);
    assert_eq!(desk.status_of(&unit), "reserved");
    let give = desk.issue(&unit, &smith, Value::Null, Value::Null);
    desk.no("issue.give", give.clone(), Code::SampleTooOld);

    let sample = desk.tube(&smith, "T-1");
    let why = desk.ok("crossmatch.ask", json!({ "patient": smith, "unit": unit }));
    assert_eq!(why["need"]["kind"], "emergency_only", "not screened: {why}");
    desk.typed(&sample, &group_of(A_NEG), Value::Null);
    desk.ok("sample.screen", json!({ "sample": sample, "screen": "negative" }));
    let why = desk.ok("crossmatch.ask", json!({ "patient": smith, "unit": unit }));
    assert_eq!(why["need"]["method"], "immediate_spin", "{why}");
    let failed = why["failed"].as_array().expect("a list");
    // Nobody has proven the record since the program began, so nothing is said of it.
    for condition in ["switched_on", "validated_on_site", "record_intact"] {
        assert!(failed.contains(&json!(condition)), "{why}");
    }
    desk.no("issue.give", give.clone(), Code::CrossmatchMissing);
    let by_computer = desk.crossmatch(&unit, &smith, "electronic", "compatible");
    desk.no("crossmatch.record", by_computer, Code::ElectronicNotAllowed);
    desk.ok("crossmatch.record", desk.crossmatch(&unit, &smith, "immediate_spin", "compatible"));
    let view = desk.ok("request.view", json!({ "id": request }));
    assert_eq!(view["allocated"][0]["ready"], true, "{}", view["allocated"][0]);

    let mut unscanned = give.clone();
    unscanned["bag"] = Value::Null;
    desk.no("issue.give", unscanned, Code::ScanDisagrees);
    let mut swapped = give.clone();
    swapped["bag"]["din"] = json!("A999726000009");
    desk.no("issue.give", swapped, Code::ScanDisagrees);
    let mut other = give.clone();
    other["wristband"] = json!(desk.patient("smythe"));
    desk.no("issue.give", other, Code::WristbandOfAnother);
    let issue = text(&desk.ok("issue.give", give.clone()), "id");
    let view = desk.ok("request.view", json!({ "id": request }));
    assert_eq!((&view["row"]["status"], &view["row"]["issued"]), (&json!("closed"), &json!(1)));
    desk.no("issue.give", give, Code::UnitGone);

    // Back within half an hour and cold: on the shelf. The next time with a broken seal: not.
    desk.clock.advance(TimeDelta::minutes(20));
    desk.sign_in("amina");
    let back = |issue: &str, seal: bool| {
        json!({
            "issue": issue, "temperature": 55, "sealIntact": seal, "segmentAttached": true,
            "appearanceOk": true,
        })
    };
    let answer = desk.ok("issue.return", back(&issue, true));
    assert_eq!((&answer["back"], desk.status_of(&unit).as_str()), (&json!(true), "available"));
    desk.no("issue.return", back(&issue, true), Code::Changed);
    let record = desk.ok("blood.record", json!({ "id": smith }));
    assert_eq!(record["issues"][0]["status"], "returned", "{record}");
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s63_what_comes_back_too_late_or_too_warm_goes_into_quarantine() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    desk.sampled(&smith, A_NEG);
    for (serial, minutes, temperature, back) in
        [(301, 30, 100, true), (302, 31, 60, false), (303, 10, 110, false)]
    {
        let unit = desk.receive(serial, Abo::A, Rhd::Negative);
        desk.crossmatched(&unit, &smith);
        let give = desk.issue(&unit, &smith, Value::Null, Value::Null);
        let issue = text(&desk.ok("issue.give", give), "id");
        desk.clock.advance(TimeDelta::minutes(minutes));
        desk.sign_in("amina");
        let ask = json!({
            "issue": issue, "temperature": temperature, "sealIntact": true, "segmentAttached": true,
            "appearanceOk": true,
        });
        let answer = desk.ok("issue.return", ask);
        let status = desk.status_of(&unit);
        assert_eq!(answer["back"], back, "{minutes} min, {temperature}: {answer}");
        assert_eq!(status, if back { "available" } else { "quarantined" }, "{answer}");
    }
}

#[test]
fn s53_a_bag_that_is_held_for_another_patient_is_not_given_to_this_one() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let (smith, smythe) = (desk.patient("smith john"), desk.patient("smythe"));
    desk.sampled(&smythe, "O positive");
    let unit = desk.receive(310, Abo::O, Rhd::Positive);
    desk.crossmatched(&unit, &smythe);
    let over =
        json!({ "rules": ["rhd_mismatch"], "reason": "Two bags are needed for the theatre" });
    let second = json!({ "user": "luis", "password": "training" });
    let hold = json!({ "unit": unit, "patient": smith, "override": over, "second": second });
    desk.ok("unit.reserve", hold);
    let give = desk.issue(&unit, &smythe, Value::Null, Value::Null);
    desk.no("issue.give", give.clone(), Code::UnitReserved);
    assert_eq!(desk.gate(&give, "held_for_this_patient")["result"], "stop");
}

#[test]
fn s20_an_antibody_that_becomes_known_frees_the_bag_and_asks_for_one_without_the_antigen() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    desk.sampled(&smith, A_NEG);
    let unit = desk.receive(320, Abo::A, Rhd::Negative);
    desk.crossmatched(&unit, &smith);
    desk.ok("unit.reserve", json!({ "unit": unit, "patient": smith }));
    desk.ok(
        "history.antibody",
        json!({
            "patient": smith, "antigen": "K", "words": null, "foundOn": "2019-03-01",
            "toldBy": "Transfusion card of the regional hospital",
        }),
    );
    assert_eq!(desk.status_of(&unit), "available", "the hold has ended with the same command");
    let record = desk.ok("blood.record", json!({ "id": smith }));
    assert_eq!(record["antibodies"][0]["antigen"], "K");
    // Not tested is a warning, tested positive stops, tested negative passes.
    let give = desk.issue(&unit, &smith, Value::Null, Value::Null);
    let error = desk.no("issue.give", give.clone(), Code::AntigenPositive);
    assert_eq!(error.kind, ErrorKind::NeedsOverride);
    let other = desk.receive(321, Abo::A, Rhd::Negative);
    desk.crossmatched(&other, &smith);
    let antigen =
        |unit: &str, positive: bool| json!({ "unit": unit, "antigen": "K", "positive": positive });
    desk.ok("unit.antigen", antigen(&unit, true));
    assert_eq!(desk.no("issue.give", give, Code::AntigenPositive).kind, ErrorKind::Refusal);
    desk.no("unit.antigen", antigen(&unit, false), Code::Known);
    desk.ok("unit.antigen", antigen(&other, false));
    desk.ok("issue.give", desk.issue(&other, &smith, Value::Null, Value::Null));
}

#[test]
fn s54_irradiation_asked_for_after_the_hold_frees_the_bag_that_is_not_irradiated() {
    let desk = Desk::training();
    desk.sign_in("ferreira");
    let smith = desk.patient("smith john");
    let request = desk.place(&smith, 1, "urgent");
    desk.sign_in("amina");
    desk.sampled(&smith, A_NEG);
    let unit = desk.receive(330, Abo::A, Rhd::Negative);
    desk.crossmatched(&unit, &smith);
    let units = json!({ "request": request, "units": [unit], "override": null, "second": null });
    desk.ok("request.allocate", units.clone());
    desk.sign_in("ferreira");
    let need = json!({ "request": request, "need": { "attribute": "irradiated" } });
    desk.ok("request.need", need);
    assert_eq!(desk.status_of(&unit), "available");
    desk.sign_in("amina");
    let give = desk.issue(&unit, &smith, Value::Null, Value::Null);
    desk.no("issue.give", give.clone(), Code::RequirementUnmet);
    // Two people read the label; whoever may not do it alone is not the second.
    let irradiated =
        |second: Value| json!({ "unit": unit, "attribute": "irradiated", "second": second });
    desk.no("unit.attribute", irradiated(Value::Null), Code::SecondPersonNeeded);
    for other in ["amina", "mbeki"] {
        let second = json!({ "user": other, "password": "training" });
        desk.no("unit.attribute", irradiated(second), Code::SecondPersonRefused);
    }
    desk.ok("unit.attribute", irradiated(json!({ "user": "luis", "password": "training" })));
    desk.ok("request.allocate", units);
    desk.ok("issue.give", give);
}

#[test]
fn s48_a_transfusion_that_becomes_known_shortens_the_tube() {
    let desk = Desk::training();
    desk.sign_in("amina");
    // Nobody has transfused this one yet.
    let smythe = desk.patient("smythe");
    desk.sampled(&smythe, "O positive");
    let until =
        |desk: &Desk| desk.ok("blood.record", json!({ "id": smythe }))["samples"][0].clone();
    assert_eq!(until(&desk)["atRisk"], false);
    let long = text(&until(&desk), "validUntil");
    let ask = json!({ "patient": smythe, "kind": "transfusion", "on": "2026-11-01" });
    desk.ok("history.exposure", ask);
    let now = until(&desk);
    assert_eq!(now["atRisk"], true);
    let short = text(&now, "validUntil");
    assert!(short < long, "{short} {long}");
    assert!(short.starts_with("2026-11-23T20:59"), "day 3, 23:59 at this place: {short}");
}

#[test]
fn s21_a_tube_is_taken_only_with_the_number_of_this_patient_and_two_people() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let person = desk.ok("patient.view", json!({ "id": smith }));
    let ask = |number: Value, by: &str, other: &str| {
        json!({
            "patient": smith, "number": "T-9", "labelNumber": number, "labelName": "SMITH, John",
            "labelBirthDate": "1958-03-05", "drawnWall": "2026-11-20T14:30", "drawnBy": by,
            "identifiedBy": other, "transfused": "no", "pregnant": "no",
        })
    };
    let number = person["hospitalNumber"].clone();
    desk.no("sample.receive", ask(json!(""), "mbeki", "ferreira"), Code::UniqueNumberMissing);
    desk.no("sample.receive", ask(json!("H1"), "mbeki", "ferreira"), Code::IdentityMismatch);
    desk.no("sample.receive", ask(number.clone(), "mbeki", "mbeki"), Code::SamePersonTwice);
    desk.no("sample.receive", ask(number.clone(), "mbeki", "nobody"), Code::PersonNotActive);
    // Who draws no blood drew no tube: neither the desk nor the administrator.
    desk.no("sample.receive", ask(number.clone(), "joseph", "mbeki"), Code::MayNotDraw);
    desk.no("sample.receive", ask(number.clone(), "admin", "mbeki"), Code::MayNotDraw);
    let names = desk.ok("staff.names", json!({}));
    let draws: Vec<&str> = names
        .as_array()
        .expect("people")
        .iter()
        .filter(|one| one["draws"] == true)
        .filter_map(|one| one["user"].as_str())
        .collect();
    assert!(draws.contains(&"mbeki") && !draws.contains(&"joseph"), "{draws:?}");
    let mut later = ask(number.clone(), "mbeki", "ferreira");
    later["drawnWall"] = json!("2026-11-20T15:30");
    desk.no("sample.receive", later, Code::TimeNotPossible);
    desk.ok("sample.receive", ask(number.clone(), "mbeki", "ferreira"));
    // One number is one tube, however it is written.
    let mut again = ask(number, "mbeki", "ferreira");
    again["number"] = json!("t 9");
    desk.no("sample.receive", again, Code::Known);
}

#[test]
fn a_tube_that_disagrees_with_the_record_stops_everything_but_group_o_and_the_physician() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let sample = desk.tube(&smith, "T-2");
    desk.typed(&sample, &group_of("B positive"), Value::Null);
    desk.ok("sample.screen", json!({ "sample": sample, "screen": "negative" }));
    let person = desk.ok("patient.view", json!({ "id": smith }));
    assert_eq!(person["group"]["state"], "conflict", "the record knows with the same command");
    let unit = desk.receive(340, Abo::A, Rhd::Negative);
    desk.retyped(&unit);
    let spun = desk.crossmatch(&unit, &smith, "ahg", "compatible");
    desk.no("crossmatch.record", spun, Code::OnlyGroupO);
    let give = desk.issue(&unit, &smith, Value::Null, Value::Null);
    desk.no("issue.give", give, Code::PatientGroupConflict);
}

#[test]
fn s58_s59_an_unknown_patient_is_given_o_uncrossmatched_and_what_is_owed_is_listed() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let unknown = desk.patient("unknown");
    let unit = desk.receive(350, Abo::O, Rhd::Negative);
    desk.retyped(&unit);
    let plain = desk.issue(&unit, &unknown, Value::Null, Value::Null);
    desk.no("issue.give", plain.clone(), Code::SampleMissing);
    let order = |physician: &str, why: &str, password: Value| {
        let mut ask = plain.clone();
        ask["emergency"] =
            json!({ "physician": physician, "justification": why, "password": password });
        ask
    };
    desk.no("issue.give", order("luis", "Bleeding to death", Value::Null), Code::NotAPhysician);
    desk.no("issue.give", order("ferreira", " ", Value::Null), Code::OrderMissing);
    let wrong = order("ferreira", "Bleeding to death", json!("guess"));
    desk.no("issue.give", wrong, Code::SecondPersonRefused);
    let owed = order("ferreira", "Bleeding to death", Value::Null);
    let issue = text(&desk.ok("issue.give", owed), "id");
    let list = desk.ok("issue.list", json!({}));
    assert_eq!(list["unsigned"][0]["unsignedBy"], "Dr Ana Ferreira", "{list}");
    assert_eq!(list["owed"][0]["uncrossmatched"], true, "{list}");
    // Nobody signs for another.
    desk.sign_in("mbeki");
    desk.no("issue.sign", json!({ "issue": issue }), Code::NotAPhysician);
    desk.sign_in("ferreira");
    desk.ok("issue.sign", json!({ "issue": issue }));
    desk.no("issue.sign", json!({ "issue": issue }), Code::Changed);
    assert_eq!(desk.ok("issue.list", json!({}))["unsigned"], json!([]));

    // The crossmatch that was owed shows that it did not fit: a case stands there with it.
    desk.sign_in("amina");
    desk.sampled(&unknown, "O positive");
    desk.ok("crossmatch.record", desk.crossmatch(&unit, &unknown, "ahg", "incompatible"));
    assert_eq!(desk.ok("issue.list", json!({}))["owed"], json!([]));
    let record = desk.ok("blood.record", json!({ "id": unknown }));
    assert_eq!(record["crossmatches"][0]["retrospective"], true);
    let seen = desk.ok("patient.view", json!({ "id": unknown }));
    let kinds: Vec<_> =
        seen["timeline"].as_array().expect("a list").iter().map(|e| e["what"].clone()).collect();
    assert!(kinds.contains(&json!("reaction_case_opened")), "{kinds:?}");
    assert!(kinds.contains(&json!("uncrossmatched_issued")), "{kinds:?}");
    // And it stops the same bag for good, an emergency or not.
    let again = desk.receive(351, Abo::O, Rhd::Negative);
    desk.ok("crossmatch.record", desk.crossmatch(&again, &unknown, "ahg", "incompatible"));
    let mut ask = desk.issue(&again, &unknown, Value::Null, Value::Null);
    ask["emergency"] =
        json!({ "physician": "ferreira", "justification": "Bleeding", "password": null });
    desk.no("issue.give", ask, Code::CrossmatchIncompatible);
}

#[test]
fn a_slip_is_of_one_bag_and_one_patient_and_is_used_once() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let (smith, smythe) = (desk.patient("smith john"), desk.patient("smythe"));
    desk.sampled(&smith, A_NEG);
    let unit = desk.receive(360, Abo::A, Rhd::Negative);
    desk.crossmatched(&unit, &smith);
    let slip = |patient: &str| {
        text(&desk.ok("slip.make", json!({ "unit": unit, "patient": patient })), "text")
    };
    let with = |text: &str| {
        let mut ask = desk.issue(&unit, &smith, Value::Null, Value::Null);
        ask["slip"] = json!(text);
        ask
    };
    desk.no("issue.give", with(&slip(&smythe)), Code::SlipOfAnother);
    let ours = slip(&smith);
    let read = |text: &str| desk.ok("scan.read", json!({ "text": text, "typed": false }));
    assert_eq!(read(&ours)["parts"], json!([{ "kind": "slip", "genuine": true }]));
    assert_eq!(read(&ours[..90])["parts"], json!([{ "kind": "slip", "genuine": false }]));
    for wrong in ["", "HSC1", "HSC1ZZ", &ours[..ours.len() - 2], &ours.replace('A', "B")] {
        desk.no("issue.give", with(wrong), Code::SlipNotGenuine);
    }
    let issue = text(&desk.ok("issue.give", with(&ours)), "id");
    desk.ok(
        "issue.return",
        json!({
            "issue": issue, "temperature": null, "sealIntact": true, "segmentAttached": true,
            "appearanceOk": true,
        }),
    );
    desk.no("issue.give", with(&ours), Code::SlipUsed);
    desk.ok("issue.give", with(&slip(&smith)));
}

#[test]
fn a_group_that_is_read_otherwise_on_the_bag_takes_it_off_the_shelf() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let unit = desk.receive(370, Abo::O, Rhd::Negative);
    let read = |words: &str| json!({ "unit": unit, "group": group_of(words) });
    desk.ok("unit.retype", read("O positive"));
    assert_eq!(desk.status_of(&unit), "quarantined");
    desk.no("unit.retype", read("O positive"), Code::SamePersonTwice);
    desk.sign_in("luis");
    desk.ok("unit.retype", read("O positive"));
    let traits = desk.ok("unit.traits", json!({ "id": unit }));
    assert_eq!(traits["confirmed"], group_of("O positive"), "{traits}");
    // What two people read counts more than the label, whoever would lift it.
    desk.no("unit.lift", desk.lift(&unit), Code::UnitGroupMismatch);
}

#[test]
fn s40_two_readings_that_differ_hold_the_bag_until_a_third_person_settles_them() {
    let desk = Desk::training();
    desk.sign_in("admin");
    let add = json!({
        "user": "nadia", "displayName": "Nadia Haddad", "role": "blood_bank_scientist",
        "password": "a third person",
    });
    desk.ok("staff.add", add);
    desk.sign_in("amina");
    let unit = desk.receive(371, Abo::O, Rhd::Negative);
    let read = |words: &str, reason: Value| json!({ "unit": unit, "group": group_of(words), "reason": reason });
    desk.ok("unit.retype", read("O negative", Value::Null));
    assert_eq!(desk.status_of(&unit), "available");
    desk.sign_in("luis");
    desk.ok("unit.retype", read("O positive", Value::Null));
    assert_eq!(desk.status_of(&unit), "quarantined", "nobody knows which of the two is right");
    let traits = desk.ok("unit.traits", json!({ "id": unit }));
    assert_eq!((&traits["confirmed"], &traits["readByMe"]), (&Value::Null, &json!(true)));
    assert_eq!(traits["readings"].as_array().map(Vec::len), Some(2), "{traits}");
    desk.no("unit.lift", desk.lift(&unit), Code::UnitGroupMismatch);
    desk.no("unit.retype", read("O negative", json!("wrong tube")), Code::SamePersonTwice);
    desk.sign_in("nadia");
    desk.no("unit.retype", read("O negative", Value::Null), Code::Blank);
    desk.ok("unit.retype", read("O negative", json!("Luis held the tube of another bag")));
    let traits = desk.ok("unit.traits", json!({ "id": unit }));
    assert_eq!(traits["confirmed"], group_of("O negative"), "{traits}");
    assert_eq!(traits["settled"], "Luis held the tube of another bag");
    assert_eq!(desk.status_of(&unit), "quarantined", "settling frees nothing by itself");
    desk.ok("unit.lift", desk.lift(&unit));
    assert_eq!(desk.status_of(&unit), "available");
}

#[test]
fn a_cancelled_request_sets_its_bags_free() {
    let desk = Desk::training();
    desk.sign_in("ferreira");
    let smith = desk.patient("smith john");
    let request = desk.place(&smith, 2, "routine");
    let units: Vec<String> = desk.ok("request.view", json!({ "id": request }))["proposal"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|line| text(&line["unit"], "id"))
        .collect();
    assert_eq!(units.len(), 2);
    let ask = json!({ "request": request, "units": units, "override": null, "second": null });
    desk.ok("request.allocate", ask.clone());
    desk.no("request.allocate", ask, Code::Known);
    let cancel = |reason: &str| json!({ "request": request, "reason": reason });
    desk.no("request.cancel", cancel(" "), Code::Blank);
    desk.ok("request.cancel", cancel("Discharged"));
    for unit in &units {
        assert_eq!(desk.status_of(unit), "available");
    }
    desk.no("request.cancel", cancel("Again"), Code::RequestClosed);
    let list = desk.ok("request.list", json!({}));
    assert!(list["open"].as_array().expect("open").iter().all(|r| r["id"] != json!(request)));
}

#[test]
fn a_bag_that_was_found_incompatible_is_not_proposed_again() {
    let desk = Desk::training();
    desk.sign_in("ferreira");
    let smith = desk.patient("smith john");
    let request = desk.place(&smith, 1, "urgent");
    desk.sign_in("amina");
    desk.sampled(&smith, A_NEG);
    let proposed = || {
        let view = desk.ok("request.view", json!({ "id": request }));
        (text(&view["proposal"][0]["unit"], "id"), view["leftOut"].clone())
    };
    let (unit, _) = proposed();
    desk.ok("crossmatch.record", desk.crossmatch(&unit, &smith, "ahg", "incompatible"));
    let (other, left_out) = proposed();
    assert_ne!(other, unit);
    let why = &left_out[0];
    assert_eq!(why["unit"]["id"], json!(unit), "{why}");
    assert_eq!(why["reasons"][0]["args"]["rule"], "crossmatch_incompatible");
}

/// Everything that the electronic crossmatch asks of the site itself: two people validate it, the
/// record is proven, and the rules have it on.
pub(super) fn electronic(desk: &Desk) -> String {
    desk.sign_in("amina");
    let program = desk.ok("policy.show", json!({}))["electronic"]["program"].clone();
    let record = json!({
        "program": program, "carriedOutOn": "2026-11-19", "protocol": "QM 12/2026, cases 1 to 40",
        "passed": true, "aboPreventionShown": true, "note": null,
        "second": { "user": "luis", "password": "training" },
    });
    let validation = text(&desk.ok("validation.record", record), "id");
    let book = desk.ok("policy.show", json!({}));
    let on = json!({
        "base": book["newest"]["hash"], "reason": "validated on our machines", "urgent": false,
        "stock": null, "effectiveWall": null, "values": [{
            "name": "care.electronic_crossmatch", "value": "true", "source": "QM 12/2026",
            "confirmed": true,
        }],
    });
    desk.ok("policy.adopt", on);
    desk.sign_in("audit");
    assert_eq!(desk.ok("proof.verify", json!({}))["verdict"], "whole");
    desk.sign_in("amina");
    validation
}

fn stands(desk: &Desk) -> Value {
    desk.ok("policy.show", json!({}))["electronic"]["stands"].clone()
}

/// What is asked of a crossmatch, and which conditions of the electronic one do not hold.
fn needed(desk: &Desk, unit: &str, patient: &str) -> Value {
    desk.ok("crossmatch.ask", json!({ "unit": unit, "patient": patient }))
}

#[test]
fn the_computer_crossmatches_only_where_the_site_validated_it_and_loses_it_with_the_validation() {
    let desk = Desk::training();
    desk.sign_in("amina");
    assert_eq!(stands(&desk), "not_validated", "off by default");
    let smith = desk.patient("smith john");
    desk.sampled(&smith, A_NEG);
    let unit = desk.receive(380, Abo::A, Rhd::Negative);
    desk.retyped(&unit);
    let failed = needed(&desk, &unit, &smith)["failed"].clone();
    for condition in ["switched_on", "validated_on_site", "record_intact"] {
        assert!(failed.as_array().expect("a list").contains(&json!(condition)), "{failed}");
    }
    let done = desk.crossmatch(&unit, &smith, "electronic", "compatible");
    desk.no("crossmatch.record", done.clone(), Code::ElectronicNotAllowed);

    let validation = electronic(&desk);
    assert_eq!(stands(&desk), "on");
    let need = needed(&desk, &unit, &smith);
    assert_eq!(need["failed"], json!([]), "{need}");
    assert_eq!(need["need"], json!({ "kind": "method", "method": "electronic" }));
    desk.ok("crossmatch.record", done);
    let give = desk.issue(&unit, &smith, Value::Null, Value::Null);
    assert_eq!(desk.gate(&give, "crossmatch")["result"], "pass");

    // Taken back, the crossmatch that rested on it gives nothing any more, at the counter too.
    let withdraw = json!({ "validation": validation, "reason": "a scanner read wrong" });
    desk.ok("validation.withdraw", withdraw);
    assert_eq!(stands(&desk), "withdrawn");
    desk.no("issue.give", give, Code::MethodTooWeak);
}

#[test]
fn a_validation_takes_two_people_and_names_the_program_that_runs_here() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let program = desk.ok("policy.show", json!({}))["electronic"]["program"].clone();
    let ask = |program: &Value, protocol: &str, passed: bool, second: Value| {
        json!({
            "program": program, "carriedOutOn": "2026-11-19", "protocol": protocol,
            "passed": passed, "aboPreventionShown": true, "note": null, "second": second,
        })
    };
    let luis = json!({ "user": "luis", "password": "training" });
    let record = "validation.record";
    desk.no(record, ask(&program, "QM 12", true, Value::Null), Code::SecondPersonNeeded);
    desk.no(record, ask(&json!("0.0.1"), "QM 12", true, luis.clone()), Code::Changed);
    desk.no(record, ask(&program, " ", true, luis.clone()), Code::Blank);
    desk.ok(record, ask(&program, "QM 12", true, luis.clone()));
    assert_eq!(stands(&desk), "record_not_proven");
    // The last one counts: it failed.
    desk.clock.advance(TimeDelta::minutes(1));
    desk.ok(record, ask(&program, "QM 13", false, luis));
    assert_eq!(stands(&desk), "not_validated");
    let rows = desk.ok("policy.show", json!({}))["electronic"]["validations"].clone();
    assert_eq!(
        (&rows[0]["protocol"], &rows[0]["second"]),
        (&json!("QM 13"), &json!("Luis Santos"))
    );
}

#[test]
fn s45_s46_one_determination_or_an_antibody_of_long_ago_takes_the_computer_away() {
    let desk = Desk::training();
    electronic(&desk);
    let smith = desk.patient("smith john");
    desk.sampled(&smith, A_NEG);
    let unit = desk.receive(381, Abo::A, Rhd::Negative);
    desk.retyped(&unit);
    desk.ok("crossmatch.record", desk.crossmatch(&unit, &smith, "electronic", "compatible"));
    let give = desk.issue(&unit, &smith, Value::Null, Value::Null);
    let antibody = json!({
        "patient": smith, "antigen": "E", "words": null, "foundOn": "2019-05-02",
        "toldBy": "Karlstad",
    });
    desk.ok("history.antibody", antibody);
    let other = desk.receive(382, Abo::A, Rhd::Negative);
    desk.retyped(&other);
    let by_computer = desk.crossmatch(&other, &smith, "electronic", "compatible");
    let error = desk.no("crossmatch.record", by_computer, Code::ElectronicNotAllowed);
    assert_eq!(error.args["offered"], "ahg");
    desk.no("issue.give", give, Code::MethodTooWeak);

    let once = desk.patient("unknown");
    desk.sampled(&once, "O negative");
    let o = desk.receive(383, Abo::O, Rhd::Negative);
    desk.retyped(&o);
    let by_computer = desk.crossmatch(&o, &once, "electronic", "compatible");
    let error = desk.no("crossmatch.record", by_computer, Code::ElectronicNotAllowed);
    assert_eq!(error.args["conditions"], "two_determinations");
    assert_eq!(error.args["offered"], "immediate_spin_group_o");
}
