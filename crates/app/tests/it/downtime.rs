//! Scenario 61 through the real store: what was written on paper while the program was down is entered
//! later, with the time it happened, and nothing of it is lost.

use super::*;
use chrono::Datelike as _;

/// Hours by which the facility's wall is ahead of UTC.
const ZONE_HOURS: i64 = 3;

impl Desk {
    /// From a downtime form: so many minutes ago, by this person.
    pub(super) fn on_paper(&self, minutes_ago: i64, by: &str) -> Value {
        let at = self.clock.now() - TimeDelta::minutes(minutes_ago);
        let wall = (at + TimeDelta::hours(ZONE_HOURS)).format("%Y-%m-%dT%H:%M").to_string();
        json!({ "wall": wall, "reason": "Issue log, sheet 1, power cut", "by": by })
    }

    /// The power is back after so many minutes.
    pub(super) fn power_back(&self, minutes: i64, user: &str) {
        self.clock.advance(TimeDelta::minutes(minutes));
        self.sign_in(user);
    }

    /// The same command, past the rules that its refusal names.
    pub(super) fn past(&self, name: &str, mut ask: Value, second: &str) -> (Value, Vec<Code>) {
        let error = self.call(name, ask.clone()).expect_err("against a rule");
        assert_eq!(error.kind, ErrorKind::NeedsOverride, "{error:?}");
        ask["override"] =
            json!({ "rules": error.rules, "reason": "It stands so on the form of that night" });
        ask["second"] = json!({ "user": second, "password": "training" });
        (self.ok(name, ask), error.rules)
    }
}

fn rows(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

#[test]
fn s61_an_issue_on_paper_keeps_both_times_and_the_same_line_is_not_entered_twice() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    desk.sampled(&smith, "A negative");
    let unit = desk.receive(601, Abo::A, Rhd::Negative);
    desk.crossmatched(&unit, &smith);
    desk.power_back(180, "amina");

    let mut give = desk.issue(&unit, &smith, Value::Null, Value::Null);
    give["happened"] = desk.on_paper(-10, "luis");
    desk.no("issue.give", give.clone(), Code::TimeNotPossible);
    give["happened"] = desk.on_paper(150, "luis");
    let mut blank = give.clone();
    blank["happened"]["reason"] = json!("  ");
    desk.no("issue.give", blank, Code::ReasonMissing);
    // Before the tube was drawn there was neither it nor a crossmatch: named, never accepted as in order.
    let mut early = give.clone();
    early["happened"] = desk.on_paper(600, "luis");
    let error = desk.no("issue.give", early, Code::SampleMissing);
    assert_eq!(error.kind, ErrorKind::NeedsOverride);
    assert_eq!(error.rules, [Code::SampleMissing, Code::CrossmatchMissing]);

    let issue = text(&desk.ok("issue.give", give.clone()), "id");
    let out = rows(&desk.ok("issue.list", json!({}))["out"]);
    let row = out.iter().find(|row| row["id"] == json!(issue)).expect("it is out");
    assert!(text(row, "recordedAt") > text(row, "at"), "{row}");
    assert_eq!(row["against"], Value::Null, "{row}");

    let seen = desk.ok("patient.view", json!({ "id": smith }));
    let line = rows(&seen["timeline"]).into_iter().find(|e| e["what"] == "unit_issued");
    let line = line.expect("a line");
    assert!(text(&line, "at") > text(&line["happened"], "at"), "{line}");
    assert_eq!(line["happened"]["reason"], "Issue log, sheet 1, power cut");
    assert_ne!(line["happened"]["by"], line["by"], "Luis did it, Amina entered it: {line}");
    let history = rows(&desk.ok("unit.view", json!({ "id": unit }))["history"]);
    assert!(history.iter().any(|h| h["happened"]["at"] == line["happened"]["at"]), "{history:?}");

    let error = desk.no("issue.give", give, Code::AlreadyEntered);
    assert_eq!(error.kind, ErrorKind::Refusal);
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s61_what_broke_a_rule_on_paper_is_named_kept_and_becomes_a_case() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let (smith, smythe) = (desk.patient("smith john"), desk.patient("smythe"));
    desk.sampled(&smith, "A negative");
    let unit = desk.receive(602, Abo::A, Rhd::Negative);
    desk.crossmatched(&unit, &smith);
    desk.ok("issue.give", desk.issue(&unit, &smith, Value::Null, Value::Null));
    desk.power_back(120, "ferreira");
    let cases = rows(&desk.ok("case.list", json!({}))["open"]).len();

    // The same bag stands on a form for somebody else: both records stay.
    desk.sign_in("amina");
    let mut give = desk.issue(&unit, &smythe, Value::Null, Value::Null);
    give["happened"] = desk.on_paper(60, "luis");
    let (_, rules) = desk.past("issue.give", give, "luis");
    assert!(rules.contains(&Code::UnitGone) && rules.contains(&Code::AboIncompatible), "{rules:?}");
    let view = desk.ok("unit.view", json!({ "id": unit }))["row"].clone();
    assert_eq!(view["patient"], json!(smith), "{view}");
    let list = desk.ok("issue.list", json!({}));
    let against = rows(&list["against"]);
    assert_eq!(against[0]["patient"]["id"], json!(smythe), "{list}");
    assert!(rows(&against[0]["against"]).contains(&json!("unit_gone")), "{list}");
    assert!(rows(&list["out"]).iter().any(|row| row["patient"]["id"] == json!(smith)), "{list}");
    let open = rows(&desk.ok("case.list", json!({}))["open"]);
    assert_eq!(open.len(), cases + 1);
    assert!(open.iter().any(|case| case["suspected"] == json!(["wrong_component"])), "{open:?}");

    // A tube that had run out by then is too old, also when it is entered now.
    let late = desk.receive(603, Abo::A, Rhd::Negative);
    desk.retyped(&late);
    // In two steps: a clock that jumps further is not believed.
    desk.power_back(6 * 24 * 60, "amina");
    desk.power_back(3 * 24 * 60, "amina");
    let mut mix = desk.crossmatch(&late, &smith, "ahg", "compatible");
    mix["doneWall"] = desk.on_paper(30, "luis")["wall"].clone();
    desk.no("crossmatch.record", mix, Code::SampleTooOld);
    let mut give = desk.issue(&late, &smith, Value::Null, Value::Null);
    give["happened"] = desk.on_paper(20, "luis");
    let (_, rules) = desk.past("issue.give", give, "luis");
    assert!(rules.contains(&Code::SampleTooOld), "{rules:?}");
    let row = rows(&desk.ok("issue.list", json!({}))["against"]);
    let row = row.iter().find(|row| row["unit"]["id"] == json!(late)).expect("kept").clone();
    assert_eq!(row["uncrossmatched"], true, "one is owed: {row}");
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s61_a_transfusion_on_paper_is_entered_line_by_line_in_its_own_order_of_time() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    desk.sampled(&smith, "A negative");
    let unit = desk.receive(604, Abo::A, Rhd::Negative);
    desk.crossmatched(&unit, &smith);
    let issue = desk.ok("issue.give", desk.issue(&unit, &smith, Value::Null, Value::Null));
    let issue = text(&issue, "id");
    desk.power_back(300, "mbeki");
    let at = |minutes: i64| desk.on_paper(300 - minutes, "mbeki");
    let vitals = |temperature: u32| json!({ "temperature": temperature, "pulse": 88 });

    let mut check = json!({
        "issue": issue, "wristband": smith, "spokenAgrees": true, "bag": desk.bag(&unit),
        "slip": null, "appearanceOk": true, "consent": true, "second": null,
    });
    check["happened"] = at(-5);
    check["happened"]["second"] = json!("ferreira");
    desk.no("bedside.check", check.clone(), Code::TimeNotPossible);
    // One name on the form is no check by two people; consent that is not ticked was not asked.
    let mut alone = check.clone();
    alone["happened"] = at(10);
    alone["consent"] = json!(false);
    let error = desk.no("bedside.check", alone, Code::SamePersonTwice);
    assert_eq!(error.rules, [Code::SamePersonTwice, Code::ConsentMissing]);
    check["happened"] = at(10);
    check["happened"]["second"] = json!("ferreira");
    desk.ok("bedside.check", check);

    let start = |minutes: i64| {
        json!({
            "issue": issue, "vitals": vitals(367), "override": null, "second": null,
            "happened": at(minutes),
        })
    };
    desk.no("bedside.start", start(5), Code::TimeNotPossible);
    desk.ok("bedside.start", start(15));
    let observe = |minutes: i64| {
        json!({
            "issue": issue, "vitals": vitals(369), "findings": null, "happened": at(minutes),
        })
    };
    desk.no("bedside.observe", observe(12), Code::TimeNotPossible);
    desk.ok("bedside.observe", observe(30));
    let end = |minutes: i64| {
        json!({
            "issue": issue, "vitals": vitals(368), "volumeMl": 280, "happened": at(minutes),
        })
    };
    desk.no("bedside.end", end(25), Code::TimeNotPossible);
    desk.ok("bedside.end", end(140));
    // A line in between, entered after the end.
    desk.ok("bedside.observe", observe(75));
    desk.no("bedside.observe", observe(150), Code::TimeNotPossible);
    desk.ok(
        "bedside.outcome",
        json!({ "issue": issue, "outcome": "uneventful", "findings": null, "happened": at(150) }),
    );

    let view = desk.ok("bedside.view", json!({ "id": issue }));
    let seen = rows(&view["observations"]);
    assert_eq!(seen.len(), 4, "{view}");
    for line in &seen {
        assert!(text(line, "recordedAt") > text(line, "at"), "{line}");
    }
    assert_eq!(view["second"], "Dr Ana Ferreira", "{view}");
    let record = desk.ok("blood.record", json!({ "id": smith }));
    let exposure = &record["exposures"][0];
    assert!(text(exposure, "recordedAt") > text(exposure, "at"), "{exposure}");
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s61_a_return_and_a_typing_on_paper_are_judged_for_their_own_time() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let sample = desk.sampled(&smith, "A negative");
    let unit = desk.receive(605, Abo::A, Rhd::Negative);
    desk.crossmatched(&unit, &smith);
    let issue = desk.ok("issue.give", desk.issue(&unit, &smith, Value::Null, Value::Null));
    desk.power_back(200, "amina");
    let mut back = json!({
        "issue": issue["id"], "temperature": 60, "sealIntact": true, "segmentAttached": true,
        "appearanceOk": true, "happened": desk.on_paper(210, "luis"),
    });
    desk.no("issue.return", back.clone(), Code::TimeNotPossible);
    back["happened"] = desk.on_paper(175, "luis");
    let answer = desk.ok("issue.return", back);
    assert_eq!(answer["back"], true, "25 minutes out: {answer}");

    let mut typing = json!({
        "sample": sample, "forward": { "kind": "group", "value": "A" },
        "reverse": { "kind": "group", "value": "A" }, "rhd": "negative", "second": null,
        "happened": desk.on_paper(900, "luis"),
    });
    desk.no("sample.type", typing.clone(), Code::TimeNotPossible);
    typing["happened"] = desk.on_paper(120, "luis");
    desk.ok("sample.type", typing);
    let mut screen = json!({ "sample": sample, "screen": "negative" });
    screen["happened"] = desk.on_paper(900, "luis");
    desk.no("sample.screen", screen.clone(), Code::TimeNotPossible);
    screen["happened"] = desk.on_paper(110, "luis");
    desk.ok("sample.screen", screen);
}

#[test]
fn s61_a_collection_and_its_typing_on_paper_keep_the_time_they_happened() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let new = json!({
        "family": "Odhiambo", "given": "Peter", "birthDate": "1990-05-17", "sex": "male",
        "phone": null, "area": "Lakeside", "paper": null, "consent": true, "guardian": null,
        "override": null,
    });
    let donor = text(&desk.ok("donor.register", new), "id");
    desk.ok("donor.screen", crate::donors::screening(&desk, &donor));
    desk.power_back(120, "amina");
    let mut begin = crate::donors::begin(&donor);
    begin["happened"] = desk.on_paper(-5, "luis");
    desk.no("donation.begin", begin.clone(), Code::TimeNotPossible);
    begin["happened"] = desk.on_paper(130, "luis");
    desk.no("donation.begin", begin.clone(), Code::TimeNotPossible);
    begin["happened"] = desk.on_paper(100, "luis");
    let donation = text(&desk.ok("donation.begin", begin), "id");
    let mut end = json!({ "donation": donation, "volumeMl": 452, "minutes": null });
    end["happened"] = desk.on_paper(110, "luis");
    desk.no("donation.end", end.clone(), Code::DonationTimesReversed);
    end["happened"] = desk.on_paper(92, "luis");
    desk.ok("donation.end", end);
    let given = desk.ok("donor.view", json!({ "id": donor }))["donations"][0].clone();
    let ended = text(&given, "endedAt").parse::<kernel::Instant>().expect("a time");
    assert_eq!((desk.clock.now() - ended).num_minutes(), 92, "{given}");
    let mut sheet = crate::lab::sheet(&donation, "A1");
    sheet["happened"] = desk.on_paper(110, "luis");
    desk.no("lab.type", sheet.clone(), Code::TimeNotPossible);
    sheet["happened"] = desk.on_paper(30, "luis");
    desk.ok("lab.type", sheet);
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

/// The next version of the rules, from now on.
fn rule(desk: &Desk, name: &str, value: &str) {
    let book = desk.ok("policy.show", json!({}));
    let set = json!({ "name": name, "value": value, "source": "our committee", "confirmed": true });
    let ask = json!({
        "base": book["newest"]["hash"], "values": [set], "reason": "the committee of today",
        "urgent": false, "stock": null, "effectiveWall": null,
    });
    desk.ok("policy.adopt", ask);
}

/// A bag that left 100 minutes ago and was checked on paper five minutes later, entered by the nurse.
fn checked_on_paper(desk: &Desk, number: u32) -> (String, String) {
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    desk.sampled(&smith, "A negative");
    let unit = desk.receive(number, Abo::A, Rhd::Negative);
    desk.crossmatched(&unit, &smith);
    let issue = desk.ok("issue.give", desk.issue(&unit, &smith, Value::Null, Value::Null));
    desk.power_back(100, "mbeki");
    let issue = text(&issue, "id");
    let mut check = json!({
        "issue": issue, "wristband": smith, "spokenAgrees": true, "bag": desk.bag(&unit),
        "slip": null, "appearanceOk": true, "consent": true, "second": null,
    });
    check["happened"] = desk.on_paper(95, "mbeki");
    check["happened"]["second"] = json!("ferreira");
    desk.ok("bedside.check", check);
    (issue, smith)
}

/// Started 25 minutes after the bag had left.
fn start_on_paper(desk: &Desk, issue: &str) -> Value {
    json!({
        "issue": issue, "vitals": { "temperature": 367, "pulse": 88 }, "override": null,
        "second": null, "happened": desk.on_paper(75, "mbeki"),
    })
}

#[test]
fn s61_what_was_in_order_by_the_rules_of_its_day_is_recorded_and_says_what_those_of_today_would_stop()
 {
    let desk = Desk::training();
    let (issue, smith) = checked_on_paper(&desk, 611);
    // Thirty minutes were allowed; since an hour ago it is fifteen.
    desk.sign_in("amina");
    rule(&desk, "care.start_minutes", "15");
    let wall = desk.on_paper(75, "mbeki")["wall"].clone();
    let rules = desk.ok("late.rules", json!({ "wall": wall }));
    assert_eq!((&rules["version"], &rules["today"]), (&json!(1), &json!(2)));
    assert_eq!(
        rules["changed"],
        json!([{ "name": "care.start_minutes", "then": "30", "now": "15" }])
    );
    let now = desk.on_paper(0, "mbeki")["wall"].clone();
    assert_eq!(desk.ok("late.rules", json!({ "wall": now }))["changed"], json!([]));
    let ahead = desk.on_paper(-10, "mbeki")["wall"].clone();
    desk.no("late.rules", json!({ "wall": ahead }), Code::TimeNotPossible);

    desk.sign_in("mbeki");
    desk.ok("bedside.start", start_on_paper(&desk, &issue));
    let view = desk.ok("bedside.view", json!({ "id": issue }));
    assert_eq!(view["against"], Value::Null, "it broke no rule: {view}");
    let seen = desk.ok("patient.view", json!({ "id": smith }));
    let line = rows(&seen["timeline"]).into_iter().find(|e| e["what"] == "transfusion_started");
    let happened = line.expect("a line")["happened"].clone();
    assert_eq!(happened["againstToday"], json!(["out_too_long"]), "{happened}");
    assert_eq!(happened["rulesVersion"], 1, "{happened}");
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s61_what_broke_a_rule_of_its_day_is_named_also_where_today_has_none_such() {
    let desk = Desk::training();
    desk.sign_in("amina");
    rule(&desk, "care.start_minutes", "15");
    let (issue, smith) = checked_on_paper(&desk, 612);
    desk.sign_in("amina");
    rule(&desk, "care.start_minutes", "60");
    desk.sign_in("ferreira");
    let error = desk.no("bedside.start", start_on_paper(&desk, &issue), Code::OutTooLong);
    assert_eq!(
        (error.kind, error.rules.clone()),
        (ErrorKind::NeedsOverride, vec![Code::OutTooLong])
    );
    desk.past("bedside.start", start_on_paper(&desk, &issue), "mbeki");
    let view = desk.ok("bedside.view", json!({ "id": issue }));
    assert_eq!(view["against"], json!(["out_too_long"]), "{view}");
    let seen = desk.ok("patient.view", json!({ "id": smith }));
    let line = rows(&seen["timeline"]).into_iter().find(|e| e["what"] == "transfusion_started");
    let happened = line.expect("a line")["happened"].clone();
    assert_eq!(happened["againstToday"], Value::Null, "today lets it pass: {happened}");
    assert_eq!(happened["rulesVersion"], 2, "{happened}");
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s61_a_return_from_paper_holds_by_the_rules_of_both_days() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    desk.sampled(&smith, "A negative");
    let unit = desk.receive(613, Abo::A, Rhd::Negative);
    desk.crossmatched(&unit, &smith);
    let issue = desk.ok("issue.give", desk.issue(&unit, &smith, Value::Null, Value::Null));
    desk.power_back(200, "amina");
    rule(&desk, "care.return_minutes", "20");
    let back = json!({
        "issue": issue["id"], "temperature": 60, "sealIntact": true, "segmentAttached": true,
        "appearanceOk": true, "happened": desk.on_paper(175, "luis"),
    });
    let answer = desk.ok("issue.return", back);
    assert_eq!((&answer["back"], &answer["faults"]), (&json!(false), &json!(["too_long"])));
    let view = desk.ok("unit.view", json!({ "id": unit }))["row"].clone();
    assert_eq!(view["status"], "quarantined", "{view}");
}

#[test]
fn s61_a_screening_on_paper_and_the_donation_after_it_are_entered_in_the_afternoon() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let new = json!({
        "family": "Odhiambo", "given": "Peter", "birthDate": "1990-05-17", "sex": "male",
        "phone": null, "area": "Lakeside", "paper": null, "consent": true, "guardian": null,
        "override": null,
    });
    let donor = text(&desk.ok("donor.register", new), "id");
    desk.power_back(300, "amina");
    let mut screen = crate::donors::screening(&desk, &donor);
    screen["happened"] = desk.on_paper(-5, "luis");
    desk.no("donor.screen", screen.clone(), Code::TimeNotPossible);
    screen["happened"] = desk.on_paper(240, "luis");
    screen["happened"]["reason"] = json!(" ");
    desk.no("donor.screen", screen.clone(), Code::ReasonMissing);
    screen["happened"] = desk.on_paper(240, "luis");
    desk.ok("donor.screen", screen);
    let view = desk.ok("donor.view", json!({ "id": donor }));
    let asked = view["screenings"][0].clone();
    assert_eq!(asked["verdict"], "accept", "{asked}");
    assert!(text(&asked, "by").contains("Luis"), "by whose hand: {asked}");
    let at = text(&asked, "at").parse::<kernel::Instant>().expect("a time");
    assert_eq!((desk.clock.now() - at).num_minutes(), 240, "{asked}");
    assert_eq!((&view["mayGive"], &view["screenedFor"]), (&json!(true), &json!("whole_blood")));

    let mut begin = crate::donors::begin(&donor);
    begin["happened"] = desk.on_paper(250, "luis");
    desk.no("donation.begin", begin.clone(), Code::TimeNotPossible);
    begin["happened"] = desk.on_paper(210, "luis");
    let donation = text(&desk.ok("donation.begin", begin.clone()), "id");
    desk.no("donation.begin", begin, Code::DonorAlreadyGave);
    let mut end = json!({ "donation": donation, "volumeMl": 452, "minutes": null });
    end["happened"] = desk.on_paper(202, "luis");
    desk.ok("donation.end", end);
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s61_a_screening_of_yesterday_is_judged_for_yesterday_and_its_collection_can_still_be_entered() {
    let desk = Desk::training();
    desk.sign_in("amina");
    // Eighteen tomorrow.
    let tomorrow = (desk.clock.now() + TimeDelta::hours(24 + ZONE_HOURS)).date_naive();
    let born = tomorrow.with_year(tomorrow.year() - 18).expect("a day").to_string();
    let new = |family: &str, born: &str| {
        json!({
            "family": family, "given": "Peter", "birthDate": born, "sex": "male", "phone": null,
            "area": "Lakeside", "paper": null, "consent": true, "guardian": null,
            "override": null,
        })
    };
    let young = text(&desk.ok("donor.register", new("Odhiambo", &born)), "id");
    let other = text(&desk.ok("donor.register", new("Wekesa", "1990-05-17")), "id");
    desk.power_back(26 * 60, "amina");
    for (donor, verdict) in [(&young, "defer"), (&other, "accept")] {
        let mut screen = crate::donors::screening(&desk, donor);
        screen["happened"] = desk.on_paper(25 * 60, "luis");
        desk.ok("donor.screen", screen);
        let view = desk.ok("donor.view", json!({ "id": donor }));
        assert_eq!(view["screenings"][0]["verdict"], verdict, "{}", view["screenings"][0]);
        assert_eq!(view["mayGive"], false, "nobody is bled today on it");
        assert_eq!(view["paperOf"].is_object(), verdict == "accept", "{view}");
    }
    desk.no("donation.begin", crate::donors::begin(&other), Code::DonorNotScreened);
    let mut begin = crate::donors::begin(&other);
    begin["happened"] = desk.on_paper(24 * 60 + 30, "luis");
    desk.ok("donation.begin", begin);
    let view = desk.ok("donor.view", json!({ "id": other }));
    assert_eq!(view["paperOf"], Value::Null, "it was entered");
    // Of age by now.
    desk.ok("donor.screen", crate::donors::screening(&desk, &young));
    assert_eq!(desk.ok("donor.view", json!({ "id": young }))["screenings"][0]["verdict"], "accept");
}

#[test]
fn s56_one_of_two_issues_of_a_bag_is_taken_back_as_entered_in_error_by_two_people() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let (smith, smythe) = (desk.patient("smith john"), desk.patient("smythe"));
    desk.sampled(&smith, "A negative");
    let unit = desk.receive(614, Abo::A, Rhd::Negative);
    desk.crossmatched(&unit, &smith);
    let own = desk.ok("issue.give", desk.issue(&unit, &smith, Value::Null, Value::Null));
    desk.power_back(120, "amina");
    let mut give = desk.issue(&unit, &smythe, Value::Null, Value::Null);
    give["happened"] = desk.on_paper(60, "luis");
    let (paper, _) = desk.past("issue.give", give, "luis");
    let against = || rows(&desk.ok("issue.list", json!({}))["against"])[0].clone();
    assert_eq!(against()["inConflict"], true, "{}", against());

    // The case names what was broken when the bag left.
    let open = rows(&desk.ok("case.list", json!({}))["open"]);
    let case = open.iter().find(|case| case["patient"]["id"] == json!(smythe)).expect("opened");
    let broken = || rows(&desk.ok("case.view", json!({ "id": case["id"] }))["against"]);
    assert_eq!((broken().len(), &broken()[0]["issue"]), (1, &paper["id"]), "{:?}", broken());
    assert!(rows(&broken()[0]["rules"]).contains(&json!("unit_gone")), "{:?}", broken());
    assert_eq!(broken()[0]["inError"], false);

    let luis = json!({ "user": "luis", "password": "training" });
    let ask = |issue: &Value, reason: &str, second: Value| json!({ "issue": issue["id"], "reason": reason, "second": second });
    let why = "Sheet 3 names another bag, looked at again";
    desk.no("issue.in_error", ask(&paper, why, Value::Null), Code::SecondPersonNeeded);
    let myself = json!({ "user": "amina", "password": "training" });
    desk.no("issue.in_error", ask(&paper, why, myself), Code::SecondPersonRefused);
    desk.no("issue.in_error", ask(&paper, " ", luis.clone()), Code::Blank);
    desk.no("issue.in_error", ask(&own, why, luis.clone()), Code::NoConflict);
    desk.ok("issue.in_error", ask(&paper, why, luis.clone()));
    desk.no("issue.in_error", ask(&paper, why, luis), Code::Changed);

    let row = against();
    assert_eq!((&row["status"], &row["inConflict"]), (&json!("entered_in_error"), &Value::Null));
    assert_eq!(row["inError"]["reason"], why, "{row}");
    assert!(text(&row["inError"], "second").contains("Luis"), "{row}");
    assert_eq!(row["patient"]["id"], json!(smythe), "nothing is struck out");
    assert_eq!(broken()[0]["inError"], true, "the case keeps it, and says so");
    let out = rows(&desk.ok("issue.list", json!({}))["out"]);
    assert!(out.iter().all(|one| one["patient"]["id"] != json!(smythe)), "{out:?}");
    let view = desk.ok("unit.view", json!({ "id": unit }))["row"].clone();
    assert_eq!(view["patient"], json!(smith), "{view}");
    let seen = desk.ok("patient.view", json!({ "id": smythe }));
    let lines = rows(&seen["timeline"]);
    assert!(lines.iter().any(|e| e["what"] == "issue_entered_in_error"), "{lines:?}");
    assert!(
        lines.iter().any(|e| e["what"] == "unit_issued"
            || e["what"] == "uncrossmatched_issued"
            || e["what"] == "reaction_case_opened"),
        "{lines:?}"
    );
    desk.no(
        "bedside.check",
        json!({
            "issue": paper["id"], "wristband": smythe, "spokenAgrees": true, "bag": desk.bag(&unit),
            "slip": null, "appearanceOk": true, "consent": true,
            "second": { "user": "luis", "password": "training" },
        }),
        Code::Forbidden,
    );
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}
