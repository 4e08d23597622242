//! The bedside, haemovigilance and massive transfusion, through the real store. Scenario numbers are
//! those of bloodbank.md 6; the rules alone are tested in `bloodbank`.

use super::*;

const NURSE: &str = "mbeki";

/// A bag of A negative that has left for John Smith with its slip.
pub(super) struct Out {
    pub(super) unit: String,
    pub(super) issue: String,
    slip: String,
}

pub(super) struct Ward {
    pub(super) desk: Desk,
    pub(super) smith: String,
    smythe: String,
}

impl Ward {
    pub(super) fn open() -> Self {
        let desk = Desk::training();
        desk.sign_in("amina");
        let (smith, smythe) = (desk.patient("smith john"), desk.patient("smythe"));
        desk.sampled(&smith, "A negative");
        Self { desk, smith, smythe }
    }

    /// Gives out a bag; afterwards the scientist is signed in.
    pub(super) fn out(&self, serial: u32) -> Out {
        let desk = &self.desk;
        let unit = desk.receive(serial, Abo::A, Rhd::Negative);
        desk.crossmatched(&unit, &self.smith);
        let slip = desk.ok("slip.make", json!({ "unit": unit, "patient": self.smith }));
        let slip = text(&slip, "text");
        let mut give = desk.issue(&unit, &self.smith, Value::Null, Value::Null);
        give["slip"] = json!(slip);
        let issue = text(&desk.ok("issue.give", give), "id");
        Out { unit, issue, slip }
    }

    pub(super) fn check(&self, out: &Out, second: &str) -> Value {
        json!({
            "issue": out.issue, "wristband": self.smith, "spokenAgrees": true,
            "bag": self.desk.bag(&out.unit), "slip": out.slip, "appearanceOk": true,
            "consent": true, "second": { "user": second, "password": "training" },
        })
    }

    fn vitals(temperature: u32) -> Value {
        json!({ "temperature": temperature, "pulse": 88, "systolic": 120, "diastolic": 76 })
    }

    pub(super) fn start(&self, out: &Out) -> Value {
        json!({
            "issue": out.issue, "vitals": Self::vitals(367), "override": null, "second": null,
        })
    }

    /// A transfusion that runs; afterwards the nurse is signed in.
    pub(super) fn running(&self, serial: u32) -> Out {
        let out = self.out(serial);
        self.desk.sign_in(NURSE);
        self.desk.ok("bedside.check", self.check(&out, "ferreira"));
        self.desk.ok("bedside.start", self.start(&out));
        out
    }

    pub(super) fn observe(&self, out: &Out, temperature: u32) -> Value {
        let ask = json!({
            "issue": out.issue, "vitals": Self::vitals(temperature), "findings": null,
        });
        self.desk.ok("bedside.observe", ask)
    }

    pub(super) fn later(&self, minutes: i64) {
        self.desk.clock.advance(TimeDelta::minutes(minutes));
        self.desk.sign_in(NURSE);
    }

    pub(super) fn view(&self, out: &Out) -> Value {
        self.desk.ok("bedside.view", json!({ "id": out.issue }))
    }

    fn alarms(&self, out: &Out) -> Vec<String> {
        let view = self.view(out);
        let alarms = view["row"]["alarms"].as_array().expect("alarms");
        alarms.iter().map(|a| text(a, "alarm")).collect()
    }

    fn cases(&self) -> Vec<Value> {
        self.desk.ok("case.list", json!({}))["open"].as_array().expect("open").clone()
    }

    pub(super) fn case(&self, id: &str) -> Value {
        self.desk.ok("case.view", json!({ "id": id }))
    }

    /// The components made of the same donation as a bag: fresh frozen plasma.
    fn sister(&self, serial: u32) -> String {
        let mut label = self.desk.label(serial, Abo::A, Rhd::Negative);
        label["productCode"] = json!("D1003V00");
        label["component"] = json!("plasma");
        label["volumeMl"] = json!(220);
        text(&self.desk.ok("unit.receive", label), "id")
    }

    fn status_of(&self, unit: &str) -> String {
        text(&self.desk.ok("unit.view", json!({ "id": unit }))["row"], "status")
    }
}

fn kinds(work: &Value, done: bool) -> Vec<String> {
    let work = work.as_array().expect("tasks");
    work.iter().filter(|t| t["done"] == done).map(|t| text(t, "what")).collect()
}

#[test]
fn a_bag_is_checked_by_two_begun_observed_ended_and_its_outcome_said() {
    let ward = Ward::open();
    let out = ward.out(401);
    let desk = &ward.desk;
    let list = desk.ok("bedside.list", json!({}));
    assert_eq!(list["waiting"][0]["id"], json!(out.issue), "{list}");
    desk.no("bedside.check", ward.check(&out, "ferreira"), Code::Forbidden);
    desk.sign_in(NURSE);
    desk.no("bedside.start", ward.start(&out), Code::NotFound);
    for (field, code) in [
        ("spokenAgrees", Code::IdentityMismatch),
        ("appearanceOk", Code::AppearanceNotAccepted),
        ("consent", Code::ConsentMissing),
    ] {
        let mut ask = ward.check(&out, "ferreira");
        ask[field] = json!(false);
        desk.no("bedside.check", ask, code);
    }
    desk.ok("bedside.check", ward.check(&out, "ferreira"));
    let mut cold = ward.start(&out);
    cold["vitals"] = json!({ "pulse": 80 });
    desk.no("bedside.start", cold, Code::StepMissing);
    desk.ok("bedside.start", ward.start(&out));
    desk.no("bedside.start", ward.start(&out), Code::Changed);
    desk.no("bedside.check", ward.check(&out, "ferreira"), Code::AlreadyTransfused);
    assert_eq!(ward.alarms(&out), [""; 0]);
    ward.later(15);
    assert_eq!(ward.alarms(&out), ["observation_due"]);
    ward.observe(&out, 369);
    assert_eq!(ward.alarms(&out), [""; 0]);
    ward.later(90);
    let end = json!({ "issue": out.issue, "vitals": Ward::vitals(368), "volumeMl": 284 });
    desk.ok("bedside.end", end);
    assert_eq!(ward.alarms(&out), ["outcome_missing"]);
    let said = |outcome: &str| json!({ "issue": out.issue, "outcome": outcome, "findings": null });
    let done = desk.ok("bedside.outcome", said("uneventful"));
    assert_eq!(done["case"], Value::Null);
    let view = ward.view(&out);
    assert_eq!((&view["row"]["stand"], &view["volumeMl"]), (&json!("done"), &json!(284)), "{view}");
    assert_eq!(view["observations"].as_array().map(Vec::len), Some(3), "{view}");
    let list = desk.ok("bedside.list", json!({}));
    let recent = list["recent"].as_array().expect("recent");
    assert!(recent.iter().any(|row| row["id"] == json!(out.issue)), "{list}");
    // What was used does not come back to the shelf.
    desk.sign_in("amina");
    let back = json!({
        "issue": out.issue, "temperature": 40, "sealIntact": true, "segmentAttached": true,
        "appearanceOk": true,
    });
    desk.no("issue.return", back, Code::AlreadyTransfused);
    let seen = desk.ok("patient.view", json!({ "id": ward.smith }));
    let lines: Vec<_> =
        seen["timeline"].as_array().expect("a list").iter().map(|e| e["what"].clone()).collect();
    for what in ["transfusion_started", "transfusion_ended", "transfusion_outcome"] {
        assert!(lines.contains(&json!(what)), "{what} in {lines:?}");
    }
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s22_a_wristband_of_another_clears_the_screen_and_writes_the_near_miss_by_itself() {
    let ward = Ward::open();
    let out = ward.out(402);
    let before = ward.cases().len();
    let desk = &ward.desk;
    desk.sign_in(NURSE);
    let scan = |wristband: &str| json!({ "issue": out.issue, "wristband": wristband, "bag": null, "slip": null });
    desk.ok("bedside.scan", scan(&ward.smith));
    let error = desk.no("bedside.scan", scan(&ward.smythe), Code::WristbandOfAnother);
    assert_eq!(error.args["clears"], "true");
    let case = ward.case(&error.args["nearMiss"]);
    assert_eq!(case["row"]["prevented"], "wristband_of_another");
    assert_eq!(case["row"]["suspected"], json!(["near_miss"]));
    assert_eq!(case["row"]["patient"]["id"], json!(ward.smith));
    assert_eq!(case["found"]["id"], json!(ward.smythe));
    assert_eq!(kinds(&case["work"], false), ["clerical_check"]);
    // The same again at once is the same near miss; the whole check finds it too.
    let again = desk.no("bedside.scan", scan(&ward.smythe), Code::WristbandOfAnother);
    assert_eq!(again.args["nearMiss"], error.args["nearMiss"]);
    let mut check = ward.check(&out, "ferreira");
    check["wristband"] = json!(ward.smythe);
    desk.no("bedside.check", check, Code::WristbandOfAnother);
    assert_eq!(ward.cases().len(), before + 1);
    assert_eq!(ward.view(&out)["row"]["stand"], "out", "nothing was checked");

    // At the counter just so.
    desk.sign_in("amina");
    let unit = desk.receive(403, Abo::A, Rhd::Negative);
    desk.crossmatched(&unit, &ward.smith);
    // With the scan that shows it, before anything is sent.
    let scan =
        |wristband: &str| json!({ "patient": ward.smith, "unit": unit, "wristband": wristband });
    desk.ok("issue.scan", scan(&ward.smith));
    let seen = desk.no("issue.scan", scan(&ward.smythe), Code::WristbandOfAnother);
    assert_eq!(seen.args["clears"], "true");
    let mut give = desk.issue(&unit, &ward.smith, Value::Null, Value::Null);
    give["wristband"] = json!(ward.smythe);
    let error = desk.no("issue.give", give, Code::WristbandOfAnother);
    assert_eq!(seen.args["nearMiss"], error.args["nearMiss"], "one mix-up is one near miss");
    assert_eq!(ward.case(&error.args["nearMiss"])["row"]["units"][0]["id"], json!(unit));
    assert_eq!(ward.cases().len(), before + 2);
}

#[test]
fn one_person_at_one_patient_writes_one_near_miss_of_a_kind_for_as_long_as_one_look_lasts() {
    let ward = Ward::open();
    let (one, other) = (ward.out(407), ward.out(408));
    let before = ward.cases().len();
    let desk = &ward.desk;
    let stranger = desk.patient("unknown");
    let missed = |out: &Out, wristband: &str| {
        let ask = json!({ "issue": out.issue, "wristband": wristband, "bag": null, "slip": null });
        let error = desk.no("bedside.scan", ask, Code::WristbandOfAnother);
        error.args["nearMiss"].clone()
    };
    desk.sign_in(NURSE);
    let first = missed(&one, &ward.smythe);
    // Another bag, another wristband: a script that goes through them writes no book full of cases.
    assert_eq!(missed(&other, &ward.smythe), first);
    assert_eq!(missed(&one, &stranger), first);
    desk.clock.advance(TimeDelta::minutes(14));
    desk.sign_in(NURSE);
    assert_eq!(missed(&other, &stranger), first);
    assert_eq!(ward.cases().len(), before + 1);
    // Somebody else is in a mix-up of their own; so is the same person at the next look.
    desk.sign_in("ferreira");
    assert_ne!(missed(&other, &ward.smythe), first);
    desk.clock.advance(TimeDelta::minutes(2));
    desk.sign_in(NURSE);
    assert_ne!(missed(&one, &ward.smythe), first);
    assert_eq!(ward.cases().len(), before + 3);
}

#[test]
fn s51_swapped_slips_are_found_at_the_bed() {
    let ward = Ward::open();
    let (one, other) = (ward.out(404), ward.out(405));
    let desk = &ward.desk;
    desk.sign_in(NURSE);
    let scan = |bag: &Out, slip: &Out| {
        json!({
            "issue": one.issue, "wristband": ward.smith, "bag": desk.bag(&bag.unit),
            "slip": slip.slip,
        })
    };
    let error = desk.no("bedside.scan", scan(&one, &other), Code::SlipOfAnother);
    assert_eq!(error.args["clears"], "false");
    assert_eq!(ward.case(&error.args["nearMiss"])["row"]["prevented"], "slip_of_another");
    desk.no("bedside.scan", scan(&other, &one), Code::ScanDisagrees);
    desk.ok("bedside.scan", scan(&one, &one));
    // A later print is not the slip with which it left.
    let print = desk.ok("slip.make", json!({ "unit": one.unit, "patient": ward.smith }));
    let mut check = ward.check(&one, "ferreira");
    check["slip"] = print["text"].clone();
    desk.no("bedside.check", check, Code::SlipOfAnother);
    desk.ok("bedside.check", ward.check(&one, "ferreira"));
}

#[test]
fn s62_the_second_person_is_another_one_and_active() {
    let ward = Ward::open();
    let out = ward.out(406);
    let desk = &ward.desk;
    desk.sign_in(NURSE);
    let alone = desk.no("bedside.check", ward.check(&out, NURSE), Code::SecondPersonRefused);
    assert_eq!(alone.args["why"], "same_person");
    let mut nobody = ward.check(&out, NURSE);
    nobody["second"] = Value::Null;
    desk.no("bedside.check", nobody, Code::SecondPersonNeeded);
    desk.sign_in("admin");
    let staff = desk.ok("staff.list", json!({}));
    let luis = staff.as_array().expect("staff").iter().find(|s| s["user"] == "luis");
    let luis = text(luis.expect("works here"), "id");
    desk.ok("staff.set_active", json!({ "id": luis, "active": false }));
    desk.sign_in(NURSE);
    desk.no("bedside.check", ward.check(&out, "luis"), Code::SecondPersonRefused);
    assert_eq!(ward.view(&out)["row"]["stand"], "out");
    desk.ok("bedside.check", ward.check(&out, "ferreira"));
    let view = ward.view(&out);
    assert_eq!(view["second"], "Dr Ana Ferreira", "{view}");
}

#[test]
fn s48_a_transfusion_that_begins_shortens_the_tube() {
    let ward = Ward::open();
    let sample = || {
        let record = ward.desk.ok("blood.record", json!({ "id": ward.smith }));
        record["samples"][0].clone()
    };
    // The training facility has transfused this patient already.
    let before = sample();
    let out = ward.running(407);
    let after = sample();
    assert_eq!(after["atRisk"], true);
    assert!(text(&after, "validUntil") <= text(&before, "validUntil"), "{before} {after}");
    let record = ward.desk.ok("blood.record", json!({ "id": ward.smith }));
    assert_eq!(record["exposures"][0]["kind"], "transfusion", "{record}");
    let issue = record["issues"].as_array().expect("issues").iter();
    let issue = issue.into_iter().find(|i| i["id"] == json!(out.issue)).expect("this one");
    assert_eq!(issue["status"], "used");
}

#[test]
fn s48_blood_that_left_and_never_came_back_shortens_the_tube_though_nobody_wrote_its_start_down() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let patient = desk.patient("unknown");
    desk.sampled(&patient, "O positive");
    let unit = desk.receive(590, Abo::O, Rhd::Positive);
    desk.crossmatched(&unit, &patient);
    let tube = || desk.ok("blood.record", json!({ "id": patient }))["samples"][0].clone();
    let before = tube();
    assert_eq!(before["atRisk"], false, "{before}");
    desk.ok("issue.give", desk.issue(&unit, &patient, Value::Null, Value::Null));
    assert_eq!(tube(), before, "it may still come back");
    desk.clock.advance(TimeDelta::hours(2));
    desk.sign_in("amina");
    let after = tube();
    assert_eq!(after["atRisk"], true, "{after}");
    assert!(text(&after, "validUntil") < text(&before, "validUntil"), "{before} {after}");
    // Five days later the gate asks for another tube.
    for _ in 0..5 {
        desk.clock.advance(TimeDelta::days(1));
        desk.sign_in("amina");
    }
    let next = desk.receive(591, Abo::O, Rhd::Positive);
    desk.retyped(&next);
    let crossmatch = desk.crossmatch(&next, &patient, "ahg", "compatible");
    desk.no("crossmatch.record", crossmatch, Code::SampleTooOld);
}

#[test]
fn s65_four_hours_without_an_end_are_an_alarm_and_a_day_is_presumed() {
    let ward = Ward::open();
    let out = ward.running(408);
    ward.later(15);
    ward.observe(&out, 368);
    ward.later(224);
    assert_eq!(ward.alarms(&out), [""; 0], "3 h 59 min");
    ward.later(1);
    assert_eq!(ward.alarms(&out), ["running_too_long"]);
    let list = ward.desk.ok("bedside.list", json!({}));
    let row = list["running"].as_array().expect("running").iter();
    let row = row.into_iter().find(|r| r["id"] == json!(out.issue)).expect("it runs");
    assert_eq!(
        (&row["presumed"], &row["alarms"][0]["alarm"]),
        (&json!(false), &json!("running_too_long"))
    );
    ward.later(20 * 60);
    let view = ward.view(&out);
    assert_eq!(view["row"]["presumed"], true, "{view}");
    assert_eq!(view["row"]["stand"], "running", "it is shown and never stored");
}

#[test]
fn a_bag_that_left_long_ago_is_begun_only_by_who_may_answer_for_it() {
    let ward = Ward::open();
    let out = ward.out(409);
    let desk = &ward.desk;
    ward.later(31);
    assert_eq!(ward.alarms(&out), ["start_late"]);
    desk.ok("bedside.check", ward.check(&out, "ferreira"));
    assert_eq!(ward.alarms(&out), ["start_late"]);
    let error = desk.no("bedside.start", ward.start(&out), Code::OutTooLong);
    assert_eq!(error.kind, ErrorKind::NeedsOverride);
    let mut over = ward.start(&out);
    over["override"] = json!({ "rules": ["out_too_long"], "reason": "Cold box, 4 degrees" });
    over["second"] = json!({ "user": "luis", "password": "training" });
    desk.no("bedside.start", over.clone(), Code::Forbidden);
    desk.sign_in("ferreira");
    desk.ok("bedside.start", over);
}

#[test]
fn s66_a_rise_of_two_degrees_opens_the_case_and_holds_what_came_of_the_same_donation() {
    let ward = Ward::open();
    let sister = ward.sister(410);
    let out = ward.running(410);
    let desk = &ward.desk;
    ward.later(20);
    assert_eq!(ward.observe(&out, 380)["case"], Value::Null, "1.3 degrees");
    assert_eq!(ward.status_of(&sister), "available");
    let case = text(&ward.observe(&out, 387), "case");
    assert_eq!(ward.status_of(&sister), "quarantined");
    let view = ward.view(&out);
    assert_eq!(view["case"], json!(case));
    assert_eq!(kinds(&view["tasks"], false), ["stop_transfusion", "alert_physician"], "{view}");
    assert_eq!(kinds(&view["tasks"], true), ["open_reaction_case"], "{view}");
    let stop = |reason: &str| {
        json!({
            "issue": out.issue, "reason": reason, "findings": { "signs": ["rigors"] },
        })
    };
    desk.no("bedside.stop", stop(" "), Code::Blank);
    assert_eq!(desk.ok("bedside.stop", stop("Fever and rigors"))["case"], json!(case));
    let seen = ward.case(&case);
    assert_eq!(seen["findings"]["riseTenths"], 20, "{seen}");
    assert_eq!(seen["findings"]["signs"], json!(["rigors"]));
    assert_eq!(seen["held"][0]["id"], json!(sister));
    let categories: Vec<String> = seen["suggestions"]
        .as_array()
        .expect("suggestions")
        .iter()
        .map(|s| text(s, "category"))
        .collect();
    assert_eq!(categories, ["infection_bacterial", "febrile_non_haemolytic"]);
    assert_eq!(kinds(&seen["work"], true), ["stop_transfusion"]);
    let open = kinds(&seen["work"], false);
    for task in ["clerical_check", "visual_check", "direct_antiglobulin_test", "culture"] {
        assert!(open.contains(&task.to_owned()), "{task} in {open:?}");
    }

    desk.sign_in("amina");
    let close = json!({ "id": case });
    let error = desk.no("case.close", close.clone(), Code::StepMissing);
    assert_eq!(error.args["steps"], "clerical,visual,direct_antiglobulin");
    let step = |step: &str| json!({ "case": case, "step": step, "result": "Nothing found" });
    for done in ["clerical", "visual", "direct_antiglobulin"] {
        desk.ok("case.step", step(done));
    }
    let error = desk.no("case.close", close.clone(), Code::StepMissing);
    assert_eq!(error.args["steps"], "classification");
    desk.ok(
        "case.classify",
        json!({
            "case": case, "category": "febrile_non_haemolytic", "severity": "non_severe",
            "imputability": "possible",
        }),
    );
    desk.ok("case.close", close);
    desk.no("case.step", step("culture"), Code::Changed);
    desk.ok("case.reopen", json!({ "case": case, "reason": "The culture grew" }));
    desk.ok("case.find", json!({ "case": case, "findings": { "signs": ["culture_positive"] } }));
    let signs = ward.case(&case)["findings"]["signs"].clone();
    assert_eq!(signs, json!(["rigors", "culture_positive"]));
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s67_a_probable_cause_is_two_in_europe_and_goes_to_the_authority() {
    let ward = Ward::open();
    let out = ward.running(411);
    let desk = &ward.desk;
    ward.later(30);
    desk.ok(
        "bedside.stop",
        json!({ "issue": out.issue, "reason": "Hives", "findings": { "signs": ["urticaria"] } }),
    );
    let case = text(&ward.view(&out), "case");
    desk.no("case.close", json!({ "id": case }), Code::Forbidden);
    desk.sign_in("ferreira");
    let classify = |imputability: &str| {
        json!({
            "case": case, "category": "allergic", "severity": "severe",
            "imputability": imputability,
        })
    };
    for (imputability, eu, cdc, notify) in [
        ("not_assessable", "NA", "not_determined", false),
        ("unlikely", "0", "doubtful", false),
        ("possible", "1", "possible", false),
        ("probable", "2", "probable", true),
    ] {
        desk.ok("case.classify", classify(imputability));
        let view = ward.case(&case);
        let judged = &view["judgement"];
        assert_eq!((&judged["eu"], &judged["cdc"]), (&json!(eu), &json!(cdc)), "{judged}");
        assert_eq!(view["row"]["mustNotify"], notify, "{imputability}");
        let open = kinds(&view["work"], false);
        assert_eq!(open.contains(&"notify_authority".to_owned()), notify, "{open:?}");
    }
}

#[test]
fn more_sisters_than_fit_into_one_command_are_all_held() {
    let ward = Ward::open();
    let mut sisters = vec![];
    for n in 1..=22 {
        let mut label = ward.desk.label(412, Abo::A, Rhd::Negative);
        // Divisions of one component: the same donation, a product code of its own.
        label["productCode"] = json!(format!("D1003V{n:02}"));
        label["component"] = json!("plasma");
        label["volumeMl"] = json!(60);
        sisters.push(text(&ward.desk.ok("unit.receive", label), "id"));
    }
    let out = ward.running(412);
    ward.later(10);
    ward.observe(&out, 390);
    for sister in &sisters {
        assert_eq!(ward.status_of(sister), "quarantined");
    }
}

#[test]
fn s59_what_a_later_crossmatch_shows_rings_the_ward_and_the_physician() {
    let ward = Ward::open();
    let desk = &ward.desk;
    let unit = desk.receive(440, Abo::O, Rhd::Negative);
    desk.retyped(&unit);
    let mut give = desk.issue(&unit, &ward.smith, Value::Null, Value::Null);
    give["emergency"] =
        json!({ "physician": "ferreira", "justification": "Bleeding", "password": null });
    let issue = text(&desk.ok("issue.give", give), "id");
    let list = desk.ok("bedside.list", json!({}));
    let row = list["waiting"].as_array().expect("waiting").iter();
    let row = row.into_iter().find(|r| r["id"] == json!(issue)).expect("it is out");
    assert_eq!(row["uncrossmatched"], true);
    let before = ward.cases().len();
    let done = desk.crossmatch(&unit, &ward.smith, "ahg", "incompatible");
    desk.ok("crossmatch.record", done);
    let cases = ward.cases();
    assert_eq!(cases.len(), before + 1);
    let case = cases.iter().find(|c| c["units"][0]["id"] == json!(unit)).expect("its case");
    let view = ward.case(&text(case, "id"));
    let open = kinds(&view["work"], false);
    let asked = [
        "alert_ward",
        "alert_physician",
        "clerical_check",
        "direct_antiglobulin_test",
        "visual_check",
    ];
    assert_eq!(open, asked, "{view}");
}

/// Every bag of a pack as a scanner reads it.
fn bags(desk: &Desk, protocol: &str, number: usize) -> (Vec<String>, Vec<Value>) {
    let view = desk.ok("protocol.view", json!({ "id": protocol }));
    let units: Vec<String> = view["packs"][number - 1]["bags"]
        .as_array()
        .expect("bags")
        .iter()
        .map(|bag| text(&bag["unit"], "id"))
        .collect();
    let bags = units.iter().map(|unit| desk.bag(unit)).collect();
    (units, bags)
}

fn give_pack(protocol: &str, number: usize, bags: &[Value]) -> Value {
    json!({
        "protocol": protocol, "number": number, "physician": "ferreira", "password": null,
        "collectedBy": "Theatre 2", "appearanceOk": true, "bags": bags, "override": null,
        "second": null,
    })
}

pub(super) fn activate(desk: &Desk, patient: &str) -> String {
    desk.sign_in("ferreira");
    let ask = json!({ "patient": patient, "reason": "Ruptured spleen" });
    let protocol = text(&desk.ok("protocol.activate", ask.clone()), "id");
    desk.no("protocol.activate", ask, Code::Known);
    protocol
}

/// A woman of 25 of whom nobody knows the group.
fn unknown_woman(desk: &Desk) -> String {
    let new = json!({
        "family": "Unknown", "given": "Female", "birthDate": "2001-05-01", "sex": "female",
    });
    text(&desk.ok("patient.register", new), "id")
}

fn red_cells(view: &Value) -> Vec<Value> {
    let line = view["next"].as_array().expect("lines").iter();
    let line = line.into_iter().find(|l| l["component"] == "red_cells").expect("red cells");
    line["bags"].as_array().expect("bags").iter().map(|b| b["unit"]["group"].clone()).collect()
}

#[test]
fn s58_a_pack_for_an_unknown_woman_is_o_negative_and_o_positive_once_the_team_has_switched() {
    let desk = Desk::training();
    desk.sign_in("amina");
    for serial in 450..455 {
        let unit = desk.receive(serial, Abo::O, Rhd::Negative);
        desk.retyped(&unit);
    }
    let woman = unknown_woman(&desk);
    let protocol = activate(&desk, &woman);
    let view = |desk: &Desk| desk.ok("protocol.view", json!({ "id": protocol }));
    let group = |rhd: &str| json!({ "abo": "O", "rhd": rhd });
    let first = view(&desk);
    assert_eq!(red_cells(&first), vec![group("negative"); 4], "{first}");
    assert_eq!(first["nextNumber"], 1);
    let switch = json!({ "protocol": protocol, "reason": "Four given, few left" });
    desk.sign_in("amina");
    desk.no("protocol.switch", switch.clone(), Code::NotAPhysician);
    desk.sign_in("ferreira");
    desk.ok("protocol.switch", switch.clone());
    desk.no("protocol.switch", switch, Code::Changed);
    let then = view(&desk);
    assert_eq!(red_cells(&then), vec![group("positive"); 4], "{then}");
    desk.sign_in("amina");
    let own = json!({ "protocol": protocol, "group": group("negative") });
    desk.no("protocol.group", own, Code::SampleMissing);
}

#[test]
fn a_bag_given_at_the_counter_under_a_massive_transfusion_is_a_pack_of_its_own_and_is_accounted_for()
 {
    let ward = Ward::open();
    let desk = &ward.desk;
    let unit = desk.receive(456, Abo::A, Rhd::Negative);
    desk.crossmatched(&unit, &ward.smith);
    let protocol = activate(desk, &ward.smith);
    let other = activate(desk, &ward.smythe);
    desk.sign_in("amina");
    let mut give = desk.issue(&unit, &ward.smith, Value::Null, Value::Null);
    let gates = desk.ok("issue.gates", give.clone());
    assert_eq!(gates["protocol"], json!({ "id": protocol, "pack": null }), "{gates}");
    assert_eq!(gates["returnMinutes"], 30);
    give["protocol"] = json!(other);
    desk.no("issue.give", give.clone(), Code::Changed);
    give["protocol"] = json!(protocol);
    desk.ok("issue.give", give);
    let view = desk.ok("protocol.view", json!({ "id": protocol }));
    assert_eq!(view["packs"][0]["bags"][0]["unit"]["id"], json!(unit), "{view}");
    assert!(view["packs"][0]["issuedAt"].is_string(), "{view}");
    assert_eq!(view["row"]["unaccounted"], 1, "{view}");
}

#[test]
fn a_reaction_that_shows_itself_after_days_has_its_case() {
    let ward = Ward::open();
    let out = ward.running(457);
    let desk = &ward.desk;
    desk.sign_in("ferreira");
    let open = json!({
        "transfusion": null, "patient": ward.smith, "units": [out.unit],
        "findings": { "overloadSigns": 0, "signs": ["haemolysis"] },
        "suspected": ["delayed_haemolytic"],
    });
    let case = ward.case(&text(&desk.ok("case.open", open), "id"));
    assert_eq!(case["row"]["suspected"], json!(["delayed_haemolytic"]), "{case}");
    assert_eq!(case["row"]["units"][0]["id"], json!(out.unit), "{case}");
}

#[test]
fn s60_a_protocol_closes_when_every_bag_of_every_cooler_is_accounted_for() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let units: Vec<String> = (460..470)
        .map(|serial| {
            let unit = desk.receive(serial, Abo::O, Rhd::Negative);
            desk.retyped(&unit);
            unit
        })
        .collect();
    let woman = unknown_woman(&desk);
    let protocol = activate(&desk, &woman);
    desk.sign_in("amina");
    let pack = |number: u32| json!({ "protocol": protocol, "number": number, "units": units });
    desk.no("protocol.pack", pack(2), Code::PackNotNext);
    desk.ok("protocol.pack", pack(1));
    desk.no("protocol.pack", pack(2), Code::Known);
    let (packed, bags) = bags(&desk, &protocol, 1);
    assert_eq!(packed, units);
    // A bag that nobody scanned leaves nothing of the pack.
    let error = desk.no("protocol.issue", give_pack(&protocol, 1, &bags[1..]), Code::ScanDisagrees);
    assert_eq!(error.args["unit"], units[0]);
    assert_eq!(desk.ok("issue.list", json!({}))["out"], json!([]));
    desk.ok("protocol.issue", give_pack(&protocol, 1, &bags));
    desk.no("protocol.issue", give_pack(&protocol, 1, &bags), Code::Changed);
    let out = desk.ok("issue.list", json!({}));
    assert_eq!(out["out"].as_array().map(Vec::len), Some(10));
    assert_eq!(out["unsigned"].as_array().map(Vec::len), Some(10), "a signature is owed");
    assert_eq!(out["owed"][0]["uncrossmatched"], true);
    let view = desk.ok("protocol.view", json!({ "id": protocol }));
    let prompts: Vec<_> =
        view["prompts"].as_array().expect("prompts").iter().map(|p| text(p, "prompt")).collect();
    // Whom anti-D could harm is not proposed the switch; ten bags are about a blood volume.
    assert_eq!(prompts, ["abbreviated_crossmatch"], "{view}");

    let account =
        |unit: &str, fate: &str| json!({ "protocol": protocol, "unit": unit, "fate": fate });
    desk.no("protocol.account", account(&units[0], "returned"), Code::StepMissing);
    for unit in &units[..4] {
        desk.ok("protocol.account", account(unit, "transfused"));
    }
    // Said of the wrong bag: it is out again, and its page says both.
    let status = |at: usize| desk.ok("unit.view", json!({ "id": units[at] }));
    assert_eq!(
        (&status(3)["given"], &status(3)["row"]["status"]),
        (&json!(true), &json!("issued"))
    );
    let back = |reason: &str| json!({ "protocol": protocol, "unit": units[3], "reason": reason });
    desk.no("protocol.withdraw", back(" "), Code::Blank);
    desk.ok("protocol.withdraw", back("the bag lay under the trolley"));
    desk.no("protocol.withdraw", back("once more"), Code::Changed);
    let view = status(3);
    assert_eq!(view["given"], false);
    assert_eq!(view["history"][0]["what"], "not_given", "{view}");
    assert_eq!(view["history"][0]["reason"], "the bag lay under the trolley");
    assert_eq!(view["history"][1]["what"], "given");
    assert_eq!(desk.ok("issue.list", json!({}))["out"].as_array().map(Vec::len), Some(7));
    desk.ok("protocol.account", account(&units[3], "transfused"));
    desk.no("protocol.close", json!({ "id": protocol }), Code::Changed);
    // Three come back to the counter: the records show it.
    for row in desk.ok("issue.list", json!({}))["out"].as_array().expect("out") {
        if units[4..7].contains(&text(&row["unit"], "id")) {
            let back = json!({
                "issue": row["id"], "temperature": 45, "sealIntact": true, "segmentAttached": true,
                "appearanceOk": true,
            });
            desk.ok("issue.return", back);
        }
    }
    desk.ok("protocol.end", json!({ "id": protocol }));
    let error = desk.no("protocol.close", json!({ "id": protocol }), Code::UnitsUnaccounted);
    assert_eq!((&*error.args["count"], &*error.args["of"]), ("3", "10"));
    for unit in &units[7..] {
        desk.ok("protocol.account", account(unit, "transfused"));
    }
    desk.ok("protocol.close", json!({ "id": protocol }));
    let view = desk.ok("protocol.view", json!({ "id": protocol }));
    assert_eq!(view["row"]["status"], "closed");
    assert_eq!(view["packs"][0]["bags"][5]["fate"], "returned", "{view}");
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn s60_a_bag_of_the_second_protocol_is_not_the_firsts_to_speak_of() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let unit = desk.receive(480, Abo::O, Rhd::Negative);
    desk.retyped(&unit);
    let woman = unknown_woman(&desk);
    let out = |protocol: &str| {
        desk.sign_in("amina");
        desk.ok("protocol.pack", json!({ "protocol": protocol, "number": 1, "units": [unit] }));
        let (_, bags) = bags(&desk, protocol, 1);
        desk.ok("protocol.issue", give_pack(protocol, 1, &bags));
    };
    let first = activate(&desk, &woman);
    out(&first);
    let issue = desk.ok("issue.list", json!({}))["out"][0]["id"].clone();
    let back = json!({
        "issue": issue, "temperature": 45, "sealIntact": true, "segmentAttached": true,
        "appearanceOk": true,
    });
    desk.ok("issue.return", back);
    desk.sign_in("ferreira");
    desk.ok("protocol.end", json!({ "id": first }));
    let said = |of: &str, fate: &str| json!({ "protocol": of, "unit": unit, "fate": fate });
    desk.sign_in("amina");
    desk.ok("protocol.account", said(&first, "returned"));
    let second = activate(&desk, &woman);
    out(&second);
    desk.ok("protocol.account", said(&second, "transfused"));
    // Taken back in the first, nothing happens to what the second gave; nor may the first say it was given.
    let wrong = json!({ "protocol": first, "unit": unit, "reason": "another cooler" });
    desk.ok("protocol.withdraw", wrong);
    desk.no("protocol.account", said(&first, "transfused"), Code::StepMissing);
    assert_eq!(desk.ok("unit.view", json!({ "id": unit }))["given"], true);
    desk.ok("protocol.account", said(&first, "returned"));
}

#[test]
fn the_training_facility_has_transfused_and_has_one_case_to_judge() {
    let desk = Desk::training();
    desk.sign_in(NURSE);
    let cases = desk.ok("case.list", json!({}));
    assert_eq!(cases["open"].as_array().map(Vec::len), Some(1), "{cases}");
    let case = text(&cases["open"][0], "id");
    let view = desk.ok("case.view", json!({ "id": case }));
    assert_eq!(view["suggestions"][0]["category"], "mild_febrile", "{view}");
    assert_eq!(view["transfusion"]["outcome"], "reaction");
    let list = desk.ok("bedside.list", json!({}));
    assert_eq!(list["waiting"], json!([]), "all that left was given: {list}");
}

#[test]
fn s59_a_bag_found_incompatible_after_it_left_is_neither_checked_nor_begun() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let unknown = desk.patient("unknown");
    let issued = |serial: u32| {
        desk.sign_in("amina");
        let unit = desk.receive(serial, Abo::O, Rhd::Negative);
        desk.retyped(&unit);
        let mut give = desk.issue(&unit, &unknown, Value::Null, Value::Null);
        give["emergency"] = json!({ "physician": "ferreira", "justification": "Bleeding to death", "password": null });
        let issue = text(&desk.ok("issue.give", give), "id");
        (unit, issue)
    };
    let check = |unit: &str, issue: &str| {
        json!({
            "issue": issue, "wristband": unknown, "spokenAgrees": true, "bag": desk.bag(unit),
            "slip": null, "appearanceOk": true, "consent": true,
            "second": { "user": "ferreira", "password": "training" },
        })
    };
    let start = |issue: &str| json!({ "issue": issue, "vitals": Ward::vitals(367), "override": null, "second": null });
    let alarms =
        |issue: &str| desk.ok("bedside.view", json!({ "id": issue }))["row"]["alarms"].to_string();
    let (first, at_bed) = issued(360);
    let (second, on_its_way) = issued(361);
    let (third, runs) = issued(362);
    desk.sign_in(NURSE);
    desk.ok("bedside.check", check(&first, &at_bed));
    desk.ok("bedside.check", check(&third, &runs));
    desk.ok("bedside.start", start(&runs));
    desk.sign_in("amina");
    desk.sampled(&unknown, "O positive");
    for unit in [&first, &second, &third] {
        desk.ok("crossmatch.record", desk.crossmatch(unit, &unknown, "ahg", "incompatible"));
    }
    desk.sign_in(NURSE);
    desk.no("bedside.start", start(&at_bed), Code::CrossmatchIncompatible);
    desk.no("bedside.check", check(&second, &on_its_way), Code::CrossmatchIncompatible);
    for issue in [&at_bed, &on_its_way, &runs] {
        assert!(alarms(issue).contains("\"incompatible\""), "{}", alarms(issue));
    }
}

#[test]
fn what_is_passed_for_a_pack_stands_at_the_bags_that_asked_for_it_and_at_no_other() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let bag = |serial: u32, rhd: Rhd| {
        let unit = desk.receive(serial, Abo::O, rhd);
        desk.retyped(&unit);
        unit
    };
    let (fits, saves) = (bag(480, Rhd::Negative), bag(481, Rhd::Positive));
    // A boy of twelve, O RhD negative.
    let protocol = activate(&desk, &desk.patient("diallo"));
    desk.sign_in("amina");
    let units = json!([fits, saves]);
    desk.ok("protocol.pack", json!({ "protocol": protocol, "number": 1, "units": units }));
    let (_, scanned) = bags(&desk, &protocol, 1);
    let mut give = give_pack(&protocol, 1, &scanned);
    let said = desk.call("protocol.issue", give.clone()).expect_err("RhD positive to this boy");
    assert!(said.rules.contains(&Code::RhdMismatch), "{said:?}");
    give["override"] = json!({ "rules": said.rules, "reason": "Bleeding to death" });
    give["second"] = json!({ "user": "ferreira", "password": "training" });
    desk.ok("protocol.issue", give);
    let passed = |unit: &str| {
        let history = desk.ok("unit.view", json!({ "id": unit }))["history"].clone();
        let issued = history.as_array().expect("acts").iter().find(|act| act["what"] == "issued");
        issued.unwrap_or_else(|| panic!("{history}"))["overrides"].to_string()
    };
    assert!(passed(&saves).contains("rhd_mismatch"), "{}", passed(&saves));
    assert!(!passed(&fits).contains("rhd_mismatch"), "{}", passed(&fits));
}
