//! The workstation as its page sees it: every sentence here is said through `Backend::call`, on a
//! home of its own and with a clock that the test moves.

mod apheresis;
mod appeals;
mod appointments;
mod attacks;
mod bad_input;
mod batch;
mod bedside;
mod blood;
mod care;
mod clock;
mod collections;
mod connections;
mod death;
mod desk;
mod donors;
mod door;
mod doubles;
mod downtime;
mod fetching;
mod figures;
mod forecast;
mod grouping;
mod keeping;
mod kept;
mod lab;
mod many;
mod models;
mod offers;
mod packs;
mod photos;
mod policy;
mod printing;
mod processing;
mod quality;
mod recall;
mod reminders;
mod rule_book;
mod shut;
mod sites;
mod stock;
mod taking_over;
mod tasks;
mod told_after;

use app::{Backend, Cost, Options};
use isbt128::{Abo, AboRhd, Din, DonationType, Flag, Rhd};
use kernel::{Clock, ManualClock, Permission, Role, TimeDelta};
use serde_json::{Value, json};
use sqlite::keyslots::KeySlots;
use std::sync::Arc;
use wire::{Code, CommandError, ErrorKind};

struct Desk {
    home: tempfile::TempDir,
    clock: Arc<ManualClock>,
    backend: Option<Backend>,
    packs: std::path::PathBuf,
    receives: bool,
}

impl Desk {
    fn empty() -> Self {
        let start = "2026-11-20T12:00:00Z".parse().expect("an instant");
        let clock = Arc::new(ManualClock::at(start));
        let home = tempfile::tempdir().expect("a folder");
        let packs = home.path().join("no packs");
        let mut desk = Self { home, clock, backend: None, packs, receives: false };
        desk.restart();
        desk
    }

    fn training() -> Self {
        let desk = Self::empty();
        desk.ok("setup.look_around", json!({}));
        desk
    }

    /// A training facility with the packs of the repository.
    fn imaging() -> Self {
        let mut desk = Self::training();
        desk.packs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
        desk.restart();
        desk
    }

    fn restart(&mut self) {
        self.stop();
        self.backend = Some(Backend::start(Options {
            home: self.home.path().to_owned(),
            clock: self.clock.clone(),
            cost: Some(Cost::minimum_for_tests()),
            // No pack: an analysis then fails in words, which is enough here.
            packs: self.packs.clone(),
            keyring: false,
            decoder: None,
            receives: self.receives,
        }));
    }

    fn stop(&mut self) {
        if let Some(backend) = self.backend.take() {
            backend.close();
        }
    }

    fn backend(&self) -> &Backend {
        self.backend.as_ref().expect("started")
    }

    fn call(&self, name: &str, payload: Value) -> Result<Value, CommandError> {
        self.backend().call(name, payload)
    }

    #[track_caller]
    fn ok(&self, name: &str, payload: Value) -> Value {
        match self.call(name, payload) {
            Ok(value) => value,
            Err(error) => panic!("{name}: {error:?}"),
        }
    }

    #[track_caller]
    fn no(&self, name: &str, payload: Value, code: Code) -> CommandError {
        match self.call(name, payload) {
            Ok(value) => panic!("{name} was not refused: {value}"),
            Err(error) => {
                assert_eq!(error.code, code, "{name}: {error:?}");
                error
            }
        }
    }

    fn sign_in(&self, user: &str) {
        self.ok("session.sign_in", json!({ "user": user, "password": "training" }));
    }

    fn door(&self) -> String {
        text(&self.ok("app.status", json!({})), "door")
    }

    /// The id of the first patient a search finds.
    fn patient(&self, search: &str) -> String {
        let found = self.ok("patient.search", json!({ "text": search, "limit": 5 }));
        text(&found["rows"][0], "id")
    }

    /// Receives a bag of red cells by the text of its barcodes; answers its label.
    fn label(&self, serial: u32, abo: Abo, rhd: Rhd) -> Value {
        let din = Din::compose("A9997", 26, serial).expect("a number");
        let group = AboRhd::for_group(abo, Some(rhd), DonationType::General).expect("a group");
        let burst = format!("{}{}", din.to_structure(Flag::UNSPECIFIED), group.to_structure());
        let read = self.ok("scan.read", json!({ "text": burst, "typed": false }));
        let parts = read["parts"].as_array().expect("parts");
        let part = |kind: &str| {
            parts.iter().find(|p| p["kind"] == kind).unwrap_or_else(|| panic!("{kind} in {read}"))
        };
        json!({
            "din": part("donation_number")["din"], "productCode": "D1001V00",
            "component": "red_cells", "group": part("group")["group"],
            "expiresWall": "2026-12-24T23:59", "collectedWall": null, "volumeMl": 280,
            "place": "Fridge 1", "supplier": null,
        })
    }

    fn receive(&self, serial: u32, abo: Abo, rhd: Rhd) -> String {
        text(&self.ok("unit.receive", self.label(serial, abo, rhd)), "id")
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop();
    }
}

#[track_caller]
fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}")).to_owned()
}

fn report(study: &str) -> Value {
    json!({
        "study": study, "template": "chest", "revision": 0,
        "sections": [{ "name": "findings", "text": "Clear lungs." }],
    })
}

/// A payload of the right shape for every command that is not the door's.
fn payloads() -> Vec<(&'static str, Value)> {
    let unit = json!({ "unit": "x", "reason": "r" });
    let group = json!({ "abo": "O", "rhd": "positive" });
    let order = json!({
        "patient": "x", "component": "red_cells", "count": 1, "urgency": "routine",
        "indication": "i", "measured": [], "needs": [], "neededBy": "x", "consent": true,
    });
    let bag = json!({ "din": "x", "productCode": "x", "group": group });
    let reach = json!({ "withinMetres": 1, "areas": [], "unknownToo": true });
    let appeal = json!({
        "reason": "r", "component": "red_cells", "groups": [], "channel": "call_list",
        "wanted": 1, "hours": 1, "reach": reach,
    });
    let issue = json!({
        "unit": "x", "patient": "x", "bag": bag, "collectedBy": "w", "appearanceOk": true,
    });
    vec![
        ("staff.list", json!({})),
        (
            "staff.add",
            json!({ "user": "zoe", "displayName": "Zoe", "role": "nurse", "password": "0123456789" }),
        ),
        ("staff.set_active", json!({ "id": "x", "active": true })),
        ("staff.set_password", json!({ "id": "x", "password": "0123456789" })),
        ("session.change_password", json!({ "old": "x", "new": "0123456789" })),
        ("preference.put", json!({ "name": "viewer_keys", "body": "{}" })),
        ("preference.get", json!({ "name": "viewer_keys" })),
        ("clock.confirm", json!({ "wall": "2026-11-20T12:00:00Z", "reason": "r", "second": null })),
        ("proof.verify", json!({})),
        ("recovery.renew", json!({})),
        ("recovery.confirm", json!({ "code": "x" })),
        ("draft.put", json!({ "screen": "x", "body": "{}" })),
        ("draft.get", json!({ "screen": "x" })),
        ("draft.drop", json!({ "screen": "x" })),
        ("scanner.set", json!({ "prefix": "", "suffix": "", "gapMs": 60, "layout": "" })),
        ("policy.show", json!({})),
        ("late.rules", json!({ "wall": "2026-11-20T12:00" })),
        ("policy.adopt", json!({ "base": "", "values": [], "reason": "r", "urgent": false })),
        ("policy.rule_book_save", json!({ "path": "" })),
        ("backup.make", json!({ "path": "" })),
        ("patient.search", json!({ "text": "", "limit": 5 })),
        ("patient.register", json!({ "family": "", "given": "", "sex": "female" })),
        ("patient.view", json!({ "id": "x" })),
        ("patient.allergy", json!({ "patient": "x", "entry": { "kind": "none_known" } })),
        ("patient.group", json!({ "patient": "x", "group": group, "sample": "s", "antiD": false })),
        (
            "patient.group_withdraw",
            json!({ "patient": "x", "nth": 0, "at": "x", "reason": "r", "second": null }),
        ),
        ("patient.take_over", json!({ "patient": "x", "of": "y", "reason": "r", "second": null })),
        ("patient.died", json!({ "patient": "x", "wall": "2026-11-20T12:00" })),
        (
            "patient.died_withdraw",
            json!({ "patient": "x", "at": "x", "reason": "r", "second": null }),
        ),
        ("scan.read", json!({ "text": "x", "typed": false })),
        ("unit.board", json!({})),
        ("unit.list", json!({})),
        ("unit.view", json!({ "id": "x" })),
        (
            "unit.receive",
            json!({
                "din": "x", "productCode": "x", "group": group, "expiresWall": "x", "place": "x"
            }),
        ),
        ("unit.reserve", json!({ "unit": "x", "patient": "x" })),
        ("unit.reserve_many", json!({ "units": ["x"], "patient": "x" })),
        ("unit.release", unit.clone()),
        ("unit.quarantine", unit),
        ("unit.lift", json!({ "unit": "x", "cause": "x", "reason": "r" })),
        ("unit.discard", json!({ "unit": "x", "reason": "leak" })),
        ("counter.ask", json!({ "patient": null, "unit": null })),
        ("stock.forecast", json!({ "component": "red_cells" })),
        ("stock.what_if", json!({ "component": "red_cells", "changes": [] })),
        (
            "print.save",
            json!({
                "what": { "kind": "forms", "forms": [] }, "printer": "office", "media": "a4",
                "language": "en", "folder": ""
            }),
        ),
        ("staff.names", json!({})),
        ("request.choices", json!({})),
        ("request.advise", order.clone()),
        ("request.list", json!({})),
        ("request.view", json!({ "id": "x" })),
        ("request.place", order),
        ("request.accept", json!({ "id": "x" })),
        ("request.allocate", json!({ "request": "x", "units": [] })),
        ("request.unallocate", json!({ "request": "x", "unit": "x", "reason": "r" })),
        ("request.urgency", json!({ "request": "x", "urgency": "urgent", "reason": "r" })),
        ("request.need", json!({ "request": "x", "need": { "attribute": "irradiated" } })),
        ("request.cancel", json!({ "request": "x", "reason": "r" })),
        ("request.close", json!({ "id": "x" })),
        ("sample.list", json!({})),
        (
            "sample.receive",
            json!({
                "patient": "x", "number": "n", "labelNumber": "n", "drawnWall": "x",
                "drawnBy": "x", "identifiedBy": "x", "transfused": "no", "pregnant": "no"
            }),
        ),
        (
            "sample.type",
            json!({
                "sample": "x", "forward": { "kind": "mixed_field" },
                "reverse": { "kind": "not_readable" }, "rhd": "weak"
            }),
        ),
        ("sample.screen", json!({ "sample": "x", "screen": "negative" })),
        ("sample.reject", json!({ "sample": "x", "reason": "r" })),
        ("blood.record", json!({ "id": "x" })),
        ("history.antibody", json!({ "patient": "x", "foundOn": "x", "toldBy": "t" })),
        (
            "history.need",
            json!({ "patient": "x", "need": { "antigen_negative": "K" }, "reason": "r" }),
        ),
        ("history.exposure", json!({ "patient": "x", "kind": "pregnancy", "on": "x" })),
        ("history.transplant", json!({ "id": "x" })),
        ("history.phenotype", json!({ "patient": "x", "phenotype": "bombay" })),
        ("crossmatch.ask", json!({ "patient": "x", "unit": "x" })),
        (
            "crossmatch.record",
            json!({ "patient": "x", "unit": "x", "method": "ahg", "outcome": "compatible" }),
        ),
        ("crossmatch.withdraw", json!({ "crossmatch": "x", "reason": "r" })),
        ("unit.traits", json!({ "id": "x" })),
        ("unit.retype", json!({ "unit": "x", "group": group })),
        ("unit.attribute", json!({ "unit": "x", "attribute": "washed", "second": null })),
        ("unit.antigen", json!({ "unit": "x", "antigen": "K", "positive": false })),
        ("slip.make", json!({ "unit": "x", "patient": "x" })),
        ("issue.gates", issue.clone()),
        ("issue.give", issue),
        ("issue.scan", json!({ "patient": "x", "unit": "x", "wristband": "x" })),
        ("issue.list", json!({})),
        ("issue.sign", json!({ "issue": "x" })),
        ("issue.anti_d", json!({ "issue": "x", "words": "x" })),
        (
            "issue.return",
            json!({
                "issue": "x", "sealIntact": true, "segmentAttached": true, "appearanceOk": true
            }),
        ),
        ("issue.in_error", json!({ "issue": "x", "reason": "r" })),
        ("lookback.donor", json!({ "id": "x" })),
        ("lookback.unit", json!({ "id": "x" })),
        ("lookback.patient", json!({ "id": "x" })),
        ("recall.list", json!({})),
        ("recall.view", json!({ "id": "x" })),
        ("recall.open", json!({ "reason": "r", "units": ["x"], "dins": [] })),
        ("recall.extend", json!({ "recall": "x", "units": ["x"], "dins": [] })),
        ("recall.acknowledge", json!({ "recall": "x", "site": null })),
        ("recall.close", json!({ "id": "x" })),
        ("tasks.list", json!({})),
        ("tasks.count", json!({})),
        ("site.list", json!({})),
        ("site.know", json!({ "code": "x", "fingerprint": "x" })),
        ("site.forget", json!({ "name": "x" })),
        ("site.use", json!({ "site": "x", "component": "red_cells", "uses": [] })),
        ("stock.offers", json!({ "component": "red_cells" })),
        ("transfer.list", json!({})),
        ("transfer.view", json!({ "id": "x" })),
        ("transfer.begin", json!({ "to": "", "component": "red_cells" })),
        ("transfer.pack", json!({ "transfer": "x", "bag": { "din": "x", "productCode": null } })),
        ("transfer.unpack", json!({ "transfer": "x", "unit": "x" })),
        ("transfer.scan_out", json!({ "transfer": "x", "tenths": 40 })),
        ("transfer.gather", json!({ "parts": ["x"] })),
        ("transfer.read", json!({ "text": "x" })),
        (
            "transfer.scan_in",
            json!({
                "slip": "x", "bag": { "din": "x", "productCode": null }, "tenths": 40,
                "place": "x", "label": null
            }),
        ),
        ("transfer.missing", json!({ "transfer": "x", "unit": "x", "reason": "r" })),
        ("count.place", json!({ "place": "x", "scanned": [] })),
        (
            "count.close",
            json!({
                "place": "x", "scanned": [{ "din": "x", "productCode": null }], "explained": [],
                "second": null
            }),
        ),
        ("place.list", json!({})),
        ("place.view", json!({ "id": "x" })),
        (
            "place.put",
            json!({
                "name": "", "least": 20, "most": 60, "delayMinutes": 10, "gapMinutes": 60,
                "inUse": true
            }),
        ),
        ("place.reading", json!({ "place": "x", "tenths": 40, "wall": null })),
        ("place.note", json!({ "place": "x", "from": "x", "words": "w" })),
        ("bedside.list", json!({})),
        ("bedside.view", json!({ "id": "x" })),
        ("bedside.scan", json!({ "issue": "x", "wristband": "x", "bag": null, "slip": null })),
        (
            "bedside.check",
            json!({
                "issue": "x", "wristband": "x", "spokenAgrees": true, "bag": bag, "slip": "x",
                "appearanceOk": true, "consent": true, "second": null
            }),
        ),
        ("bedside.start", json!({ "issue": "x", "vitals": {}, "override": null, "second": null })),
        ("bedside.observe", json!({ "issue": "x", "vitals": {}, "findings": null })),
        ("bedside.stop", json!({ "issue": "x", "reason": "r", "findings": null })),
        ("bedside.end", json!({ "issue": "x", "vitals": {}, "volumeMl": null })),
        ("bedside.outcome", json!({ "issue": "x", "outcome": "uneventful", "findings": null })),
        ("case.list", json!({})),
        ("case.view", json!({ "id": "x" })),
        (
            "case.open",
            json!({
                "transfusion": null, "patient": "x", "units": [], "findings": {}, "suspected": []
            }),
        ),
        ("case.find", json!({ "case": "x", "findings": {} })),
        ("case.suspect", json!({ "case": "x", "category": "trali" })),
        ("case.step", json!({ "case": "x", "step": "clerical", "result": "r" })),
        (
            "case.classify",
            json!({
                "case": "x", "category": "trali", "severity": "severe", "imputability": "possible"
            }),
        ),
        ("case.close", json!({ "id": "x" })),
        ("case.reopen", json!({ "case": "x", "reason": "r" })),
        ("protocol.list", json!({})),
        ("protocol.view", json!({ "id": "x" })),
        ("protocol.activate", json!({ "patient": "x", "reason": "r" })),
        ("protocol.pack", json!({ "protocol": "x", "number": 1, "units": null })),
        (
            "protocol.issue",
            json!({
                "protocol": "x", "number": 1, "physician": "p", "password": null,
                "collectedBy": "w", "appearanceOk": true, "bags": [], "override": null,
                "second": null
            }),
        ),
        ("protocol.group", json!({ "protocol": "x", "group": group })),
        ("protocol.switch", json!({ "protocol": "x", "reason": "r" })),
        ("protocol.account", json!({ "protocol": "x", "unit": null, "fate": null })),
        ("work.label", json!({ "unit": "x", "label": "x" })),
        ("protocol.withdraw", json!({ "protocol": "x", "unit": "x", "reason": "x" })),
        ("protocol.end", json!({ "id": "x" })),
        ("protocol.close", json!({ "id": "x" })),
        ("donor.desk", json!({})),
        ("donor.search", json!({ "text": "", "limit": 5 })),
        ("donor.register", json!({ "family": "", "given": "", "sex": "female", "consent": false })),
        ("donor.view", json!({ "id": "x" })),
        ("donor.consent", json!({ "donor": "x", "guardian": null })),
        (
            "donor.screen",
            json!({ "donor": "x", "kind": "plasma", "identityShown": true, "answers": [] }),
        ),
        ("donor.clear", json!({ "donor": "x", "screening": "x", "reason": "r" })),
        ("donor.defer", json!({ "donor": "x", "code": "x", "happened": "x", "note": null })),
        (
            "donor.lift",
            json!({ "donor": "x", "cause": "x", "code": "x", "reason": "r", "second": null }),
        ),
        (
            "donor.health",
            json!({
                "donor": "x",
                "health": { "afterMenopause": null, "everPregnant": null, "hlaNegative": null }
            }),
        ),
        ("donor.history", json!({ "id": "x" })),
        (
            "donor.elsewhere",
            json!({
                "donor": "x", "kind": "whole_blood", "on": "x", "place": "p",
                "redCellsReturned": null
            }),
        ),
        ("donor.photo", json!({ "donor": "x", "sha256": "x" })),
        (
            "donor.photo_set",
            json!({
                "donor": "x", "file": "x", "agreed": true, "guardian": null, "replaces": null
            }),
        ),
        ("donor.photo_remove", json!({ "donor": "x", "sha256": "x", "reason": "r" })),
        (
            "donation.report",
            json!({
                "donation": "x", "what": "fever", "note": null, "defer": null, "happened": null
            }),
        ),
        ("donor.doubles", json!({})),
        ("donor.double", json!({ "donor": "x", "other": "x" })),
        (
            "donor.settle",
            json!({ "donor": "x", "other": "y", "same": true, "reason": "r", "second": null }),
        ),
        ("donation.begin", json!({ "donor": "x", "din": null, "bag": "x" })),
        ("donation.end", json!({ "donation": "x", "volumeMl": 450, "minutes": null })),
        (
            "donation.react",
            json!({ "donation": "x", "reaction": "vasovagal", "grade": 1, "note": null }),
        ),
        ("donation.exclude", json!({ "donation": "x", "excluded": true })),
        ("donation.lift", json!({ "donation": "x", "hold": "x", "reason": "r", "second": null })),
        ("donor.agree", json!({ "donor": "x", "channel": "sms", "agreed": true })),
        ("donor.contact", json!({ "id": "x" })),
        ("appeal.list", json!({})),
        ("appeal.preview", appeal.clone()),
        ("appeal.start", appeal),
        ("appeal.view", json!({ "id": "x" })),
        ("appeal.more", json!({ "appeal": "x", "reach": reach })),
        ("appeal.end", json!({ "appeal": "x", "enough": true })),
        ("message.list", json!({})),
        ("message.answer", json!({ "message": "x", "answer": "yes" })),
        ("reminder.due", json!({})),
        ("reminder.make", json!({})),
        ("appointment.list", json!({ "day": null })),
        ("appointment.book", json!({ "donor": "x", "kind": "whole_blood", "wall": "x" })),
        ("appointment.walk_in", json!({ "donor": "x", "kind": "whole_blood" })),
        ("appointment.move", json!({ "appointment": "x", "wall": "x" })),
        ("appointment.cancel", json!({ "appointment": "x", "reason": "r" })),
        ("appointment.came", json!({ "id": "x" })),
        ("appointment.missed", json!({ "id": "x" })),
        ("donor.own", json!({ "id": "x" })),
        ("kiosk.open", json!({ "id": "x" })),
        ("certificate.save", json!({ "donation": "x", "folder": "", "language": "en" })),
        ("figures.show", json!({ "from": "x", "to": "x" })),
        ("lab.board", json!({})),
        ("lab.find", json!({ "din": "x" })),
        ("lab.view", json!({ "id": "x" })),
        ("lab.divide", json!({ "donation": "x", "parts": [] })),
        (
            "lab.type",
            json!({
                "donation": "x", "method": "m", "lot": "l", "antiA": "negative",
                "antiB": "negative", "antiD": "negative", "control": "negative",
                "aCells": "negative", "bCells": "negative"
            }),
        ),
        (
            "lab.run",
            json!({
                "marker": "hiv", "kit": "k", "lot": "l", "lotExpires": "2027-01-01",
                "positiveControl": true, "negativeControl": true, "results": []
            }),
        ),
        (
            "lab.correct",
            json!({ "donation": "x", "entry": "x", "outcome": "reactive", "reason": "r" }),
        ),
        (
            "validation.record",
            json!({
                "program": "0.1.0", "carriedOutOn": "2026-11-19", "protocol": "p", "passed": true,
                "aboPreventionShown": true, "note": null, "second": null
            }),
        ),
        ("validation.withdraw", json!({ "validation": "x", "reason": "r" })),
        ("lab.invalidate", json!({ "run": "x", "reason": "r" })),
        ("lab.resolve", json!({ "donation": "x", "group": group, "reason": "r", "second": null })),
        ("lab.verify", json!({ "donation": "x", "typings": [], "results": [] })),
        (
            "lab.release",
            json!({
                "donation": "x", "part": "x", "label": "", "looksRight": true,
                "weighsRight": true, "place": "", "second": null
            }),
        ),
        (
            "lab.discard",
            json!({ "donation": "x", "part": "x", "reason": "leak", "note": null, "second": null }),
        ),
        ("work.choices", json!({ "units": [] })),
        (
            "work.do",
            json!({ "units": ["x"], "work": "irradiate", "open": false, "into": [], "place": "x" }),
        ),
        ("numbers.hold", json!({ "fin": "x", "year": 26, "first": 1, "last": 2 })),
        ("study.import", json!({ "handles": [], "patient": null, "analyse": false })),
        ("study.worklist", json!({})),
        ("study.view", json!({ "id": "x" })),
        ("reading.here", json!({ "window": "w", "study": null })),
        ("study.assign", json!({ "study": "x", "patient": "x" })),
        ("analysis.start", json!({ "image": "x", "pack": null })),
        ("analysis.cancel", json!({ "id": "x" })),
        ("analysis.hurry", json!({ "id": "x" })),
        ("analysis.go_on", json!({})),
        ("batch.start", json!({ "handles": [], "task": null, "network": null })),
        ("batch.list", json!({})),
        ("batch.items", json!({ "id": "x", "all": false })),
        ("batch.pause", json!({ "id": "x" })),
        ("batch.resume", json!({ "id": "x" })),
        ("batch.cancel", json!({ "id": "x" })),
        ("batch.forget", json!({ "id": "x" })),
        ("analysis.queue", json!({})),
        ("analysis.judge", json!({ "analysis": "x", "label": "l", "agree": true })),
        ("quality.show", json!({})),
        ("quality.export", json!({ "path": "", "pictures": false, "pixelsChecked": false })),
        ("quality.prevalence", json!({ "analysis": "x", "label": "l", "share": null })),
        ("quality.fit", json!({ "task": "knee_xray_oa", "pack": "x", "head": false })),
        ("quality.fit_install", json!({ "sha256": "00" })),
        ("quality.fit_drop", json!({ "sha256": "00" })),
        ("report.draft", report("x")),
        ("report.sign", report("x")),
        ("report.addend", json!({ "study": "x", "text": "t" })),
        ("model.list", json!({})),
        ("model.enable", json!({ "id": "x", "enabled": true })),
        ("model.import", json!({ "handle": "x" })),
        ("model.use", json!({ "id": "x", "sha256": null })),
        ("model.trust", json!({ "key": "", "name": "x", "fingerprint": "" })),
        ("model.distrust", json!({ "key": "" })),
        ("model.conditions", json!({})),
        (
            "analysis.compare",
            json!({
                "image": "x", "task": null,
                "left": { "id": "x", "sha256": "" }, "right": { "id": "x", "sha256": "" }
            }),
        ),
        ("analysis.rerun", json!({ "id": "x" })),
        ("connections.show", json!({})),
        (
            "receiver.set",
            json!({ "on": false, "title": "X", "allowed": [], "bind": "127.0.0.1", "port": 1 }),
        ),
        ("archive.list", json!({})),
        ("archive.put", json!({ "name": "", "address": "", "plain": false, "door": "open" })),
        ("archive.remove", json!({ "id": "x" })),
        ("archive.test", json!({ "id": "x" })),
        (
            "archive.search",
            json!({
                "archive": "x", "patientName": "", "patientId": "", "accession": "",
                "modality": "", "from": null, "to": null
            }),
        ),
        ("archive.fetch", json!({ "archive": "x", "studyUid": "1.2", "analyse": false })),
        ("archive.fetches", json!({})),
        ("archive.cancel", json!({ "id": "x" })),
        ("archive.forget", json!({ "id": "x" })),
        ("results.offer", json!({ "study": "x", "analysis": null })),
        ("results.save", json!({ "study": "x", "kinds": [], "folder": "" })),
        ("results.send", json!({ "archive": "x", "study": "x", "kinds": [] })),
        (
            "copies.save",
            json!({ "study": "x", "folder": "", "pixelsChecked": true, "keepIntervals": false }),
        ),
    ]
}

#[test]
fn looking_around_gives_a_working_facility() {
    let desk = Desk::empty();
    assert_eq!(desk.door(), "empty");
    let status = desk.ok("setup.look_around", json!({}));
    assert_eq!(status["door"], "sign_in");
    assert_eq!(status["facility"]["training"], true);
    assert_eq!(status["users"].as_array().map(Vec::len), Some(8));
    desk.no("setup.look_around", json!({}), Code::FacilityExists);
    desk.sign_in("amina");
    let board = desk.ok("unit.board", json!({}));
    assert!(board["totals"]["available"].as_u64().is_some_and(|n| n > 50), "{board}");
    assert!(board["totals"]["quarantined"].as_u64().is_some_and(|n| n > 0), "{board}");
    let people = desk.ok("patient.search", json!({ "text": "smith", "limit": 100 }));
    assert!(people["total"].as_u64().is_some_and(|n| n >= 2), "{people}");
    let proof = desk.backend().verify_with(None).expect("a training facility opens by itself");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn nobody_does_anything_before_signing_in() {
    let desk = Desk::training();
    let payloads = payloads();
    for name in wire::COMMANDS {
        let door =
            ["app.", "setup.", "session.", "scanner.get"].iter().any(|door| name.starts_with(door));
        match payloads.iter().find(|(n, _)| n == name) {
            Some((_, payload)) => {
                desk.no(name, payload.clone(), Code::NotSignedIn);
            }
            None => assert!(door, "{name} has no payload in this test"),
        }
    }
}

/// Columns: administrator, physician, radiologist, blood bank scientist, nurse, reception, auditor.
const TABLE: [(Permission, &str, Option<&str>); 33] = [
    (Permission::SeePatients, ".xxxxx.", Some("patient.search")),
    (Permission::RegisterPatients, ".xxxxx.", Some("patient.register")),
    (Permission::RecordAllergies, ".xx.x..", Some("patient.allergy")),
    (Permission::RecordBloodGroup, "...x...", Some("patient.group")),
    (Permission::SeeStock, ".x.xx..", Some("unit.board")),
    (Permission::ReceiveBlood, "...x...", Some("unit.receive")),
    (Permission::ReserveBlood, ".x.x...", Some("unit.reserve")),
    (Permission::IssueBlood, "...x...", Some("issue.give")),
    (Permission::DiscardBlood, "...x...", Some("unit.discard")),
    // Passed on the way of a reservation or an issue; the second person has a test of its own.
    (Permission::OverrideBloodWarning, ".x.x...", None),
    (Permission::SeeDonors, ".x.xxx.", Some("donor.search")),
    (Permission::RegisterDonors, ".x.xxx.", Some("donor.register")),
    (Permission::ScreenDonors, ".x.xx..", Some("donor.screen")),
    (Permission::JudgeDonors, ".x.....", Some("donor.clear")),
    // What it hides has a test of its own.
    (Permission::SeeDonorTests, ".x.x...", None),
    (Permission::TestDonations, "...x...", Some("lab.board")),
    (Permission::RequestBlood, ".x.xx..", Some("request.place")),
    // Asked of whoever a tube names, not of whoever is signed in: `care.rs` has the test.
    (Permission::DrawSamples, ".x.xx..", None),
    (Permission::Crossmatch, "...x...", Some("sample.receive")),
    // Their commands stand with the bedside, the cases and the recalls.
    (Permission::Transfuse, ".x..x..", Some("bedside.start")),
    (Permission::JudgeReactions, ".x.x...", Some("case.close")),
    (Permission::RecallBlood, ".x.x...", None),
    (Permission::AskDonors, ".x.x...", Some("appeal.start")),
    (Permission::BeSecondPerson, ".x.xx..", None),
    (Permission::SeeImages, ".xx.x..", Some("study.worklist")),
    (Permission::ImportImages, ".xx.x..", Some("study.import")),
    (Permission::AnalyseImages, ".xx.x..", Some("analysis.cancel")),
    (Permission::JudgeFindings, ".xx....", Some("analysis.judge")),
    (Permission::WriteReports, ".xx....", Some("report.sign")),
    (Permission::ManageStaff, "x......", Some("staff.list")),
    (Permission::ManageFacility, "x......", Some("backup.make")),
    (Permission::AdoptPolicy, "x..x...", Some("policy.adopt")),
    (Permission::ReadAudit, "x.....x", Some("proof.verify")),
];

/// One of these is needed for each command; none, for whoever is signed in.
const NEEDS: &[(&str, &[Permission])] = {
    use Permission::*;
    &[
        ("staff.list", &[ManageStaff]),
        ("staff.add", &[ManageStaff]),
        ("staff.set_active", &[ManageStaff]),
        ("staff.set_password", &[ManageStaff]),
        ("session.change_password", &[]),
        ("recovery.renew", &[ManageFacility]),
        ("recovery.confirm", &[ManageFacility]),
        ("clock.confirm", &[ManageFacility, IssueBlood]),
        ("proof.verify", &[ReadAudit]),
        ("policy.show", &[]),
        ("late.rules", &[]),
        ("validation.record", &[AdoptPolicy]),
        ("validation.withdraw", &[AdoptPolicy]),
        ("policy.adopt", &[AdoptPolicy]),
        ("policy.rule_book_save", &[AdoptPolicy]),
        ("backup.make", &[ManageFacility]),
        ("draft.put", &[]),
        ("draft.get", &[]),
        ("draft.drop", &[]),
        ("preference.put", &[]),
        ("preference.get", &[]),
        ("scanner.set", &[ManageFacility]),
        ("patient.search", &[SeePatients]),
        ("patient.register", &[RegisterPatients]),
        ("patient.view", &[SeePatients]),
        ("patient.allergy", &[RecordAllergies]),
        ("patient.group", &[RecordBloodGroup]),
        ("patient.group_withdraw", &[RecordBloodGroup]),
        ("patient.take_over", &[RecordBloodGroup]),
        ("patient.died", &[Transfuse]),
        ("patient.died_withdraw", &[Transfuse]),
        ("scan.read", &[]),
        ("unit.board", &[SeeStock]),
        ("unit.list", &[SeeStock]),
        ("unit.view", &[SeeStock]),
        ("unit.receive", &[ReceiveBlood]),
        ("unit.reserve", &[ReserveBlood]),
        ("unit.reserve_many", &[ReserveBlood]),
        ("unit.release", &[ReserveBlood]),
        ("unit.quarantine", &[ReceiveBlood]),
        ("unit.lift", &[DiscardBlood]),
        ("unit.discard", &[DiscardBlood]),
        ("counter.ask", &[SeeStock]),
        ("stock.forecast", &[SeeStock]),
        ("stock.what_if", &[SeeStock]),
        ("print.save", &[SeePatients]),
        ("staff.names", &[SeePatients]),
        ("request.choices", &[SeePatients]),
        ("request.advise", &[RequestBlood]),
        ("request.list", &[SeePatients]),
        ("request.view", &[SeePatients]),
        ("request.place", &[RequestBlood]),
        ("request.accept", &[ReserveBlood]),
        ("request.allocate", &[ReserveBlood]),
        ("request.unallocate", &[ReserveBlood]),
        ("request.urgency", &[RequestBlood]),
        ("request.need", &[RequestBlood]),
        ("request.cancel", &[RequestBlood]),
        ("request.close", &[ReserveBlood]),
        ("sample.list", &[Crossmatch]),
        ("sample.receive", &[Crossmatch]),
        ("sample.type", &[Crossmatch]),
        ("sample.screen", &[Crossmatch]),
        ("sample.reject", &[Crossmatch]),
        ("blood.record", &[SeePatients]),
        ("history.antibody", &[Crossmatch]),
        ("history.need", &[Crossmatch]),
        ("history.exposure", &[Crossmatch]),
        ("history.transplant", &[Crossmatch]),
        ("history.phenotype", &[Crossmatch]),
        ("crossmatch.ask", &[SeePatients]),
        ("crossmatch.record", &[Crossmatch]),
        ("crossmatch.withdraw", &[Crossmatch]),
        ("unit.traits", &[SeeStock]),
        ("unit.retype", &[Crossmatch]),
        ("unit.attribute", &[Crossmatch]),
        ("unit.antigen", &[Crossmatch]),
        ("slip.make", &[SeeStock]),
        ("issue.gates", &[SeeStock]),
        ("issue.give", &[IssueBlood]),
        ("issue.scan", &[IssueBlood]),
        ("issue.list", &[SeeStock]),
        ("issue.sign", &[RequestBlood]),
        ("issue.anti_d", &[RequestBlood]),
        ("issue.return", &[IssueBlood]),
        ("issue.in_error", &[IssueBlood]),
        ("lookback.donor", &[RecallBlood]),
        ("lookback.unit", &[RecallBlood]),
        ("lookback.patient", &[RecallBlood]),
        ("recall.list", &[SeeStock]),
        ("recall.view", &[SeeStock]),
        ("recall.open", &[RecallBlood]),
        ("recall.extend", &[RecallBlood]),
        ("recall.acknowledge", &[ReceiveBlood]),
        ("recall.close", &[RecallBlood]),
        ("tasks.list", &[SeeStock]),
        ("tasks.count", &[SeeStock]),
        ("site.list", &[SeeStock, ManageFacility]),
        ("site.know", &[ManageFacility]),
        ("site.forget", &[ManageFacility]),
        ("site.use", &[ReceiveBlood]),
        ("stock.offers", &[SeeStock]),
        ("transfer.list", &[SeeStock]),
        ("transfer.view", &[SeeStock]),
        ("transfer.begin", &[ReceiveBlood]),
        ("transfer.pack", &[ReceiveBlood]),
        ("transfer.unpack", &[ReceiveBlood]),
        ("transfer.scan_out", &[ReceiveBlood]),
        ("transfer.gather", &[ReceiveBlood]),
        ("transfer.read", &[ReceiveBlood]),
        ("transfer.scan_in", &[ReceiveBlood]),
        ("transfer.missing", &[ReceiveBlood]),
        ("count.place", &[ReceiveBlood]),
        ("count.close", &[ReceiveBlood]),
        ("place.list", &[SeeStock]),
        ("place.view", &[SeeStock]),
        ("place.put", &[ReceiveBlood]),
        ("place.reading", &[ReceiveBlood]),
        ("place.note", &[ReceiveBlood]),
        ("bedside.list", &[SeeStock]),
        ("bedside.view", &[SeeStock]),
        ("bedside.scan", &[Transfuse]),
        ("bedside.check", &[Transfuse]),
        ("bedside.start", &[Transfuse]),
        ("bedside.observe", &[Transfuse]),
        ("bedside.stop", &[Transfuse]),
        ("bedside.end", &[Transfuse]),
        ("bedside.outcome", &[Transfuse]),
        ("case.list", &[SeeStock]),
        ("case.view", &[SeeStock]),
        ("case.open", &[Transfuse, JudgeReactions]),
        ("case.find", &[Transfuse, JudgeReactions]),
        ("case.suspect", &[JudgeReactions]),
        ("case.step", &[Transfuse, JudgeReactions]),
        ("case.classify", &[JudgeReactions]),
        ("case.close", &[JudgeReactions]),
        ("case.reopen", &[JudgeReactions]),
        ("protocol.list", &[SeeStock]),
        ("protocol.view", &[SeeStock]),
        ("protocol.activate", &[RequestBlood]),
        ("protocol.pack", &[IssueBlood]),
        ("protocol.issue", &[IssueBlood]),
        ("protocol.group", &[IssueBlood]),
        ("protocol.switch", &[RequestBlood]),
        ("protocol.account", &[IssueBlood]),
        ("protocol.withdraw", &[IssueBlood]),
        ("work.label", &[TestDonations]),
        ("protocol.end", &[RequestBlood]),
        ("protocol.close", &[IssueBlood]),
        ("donor.desk", &[SeeDonors]),
        ("donor.search", &[SeeDonors]),
        ("donor.register", &[RegisterDonors]),
        ("donor.view", &[SeeDonors]),
        ("donor.consent", &[RegisterDonors]),
        ("donor.screen", &[ScreenDonors]),
        ("donor.clear", &[JudgeDonors]),
        ("donor.defer", &[ScreenDonors]),
        ("donor.lift", &[JudgeDonors]),
        ("donor.health", &[ScreenDonors]),
        ("donor.history", &[ScreenDonors]),
        ("donor.elsewhere", &[ScreenDonors]),
        ("donor.photo", &[SeeDonors]),
        ("donor.photo_set", &[RegisterDonors]),
        ("donor.photo_remove", &[RegisterDonors]),
        ("donation.report", &[ScreenDonors]),
        ("donor.doubles", &[SeeDonors]),
        ("donor.double", &[SeeDonors]),
        ("donor.settle", &[ScreenDonors]),
        ("donation.begin", &[ScreenDonors]),
        ("donation.end", &[ScreenDonors]),
        ("donation.react", &[ScreenDonors]),
        ("donation.exclude", &[ScreenDonors]),
        ("donation.lift", &[TestDonations, JudgeDonors]),
        ("donor.agree", &[RegisterDonors]),
        ("donor.contact", &[SeeDonors]),
        ("appeal.list", &[SeeDonors]),
        ("appeal.preview", &[AskDonors]),
        ("appeal.start", &[AskDonors]),
        ("appeal.view", &[SeeDonors]),
        ("appeal.more", &[AskDonors]),
        ("appeal.end", &[AskDonors]),
        ("message.list", &[SeeDonors]),
        ("message.answer", &[RegisterDonors]),
        ("reminder.due", &[RegisterDonors]),
        ("reminder.make", &[RegisterDonors]),
        ("appointment.list", &[SeeDonors]),
        ("appointment.book", &[RegisterDonors]),
        ("appointment.walk_in", &[RegisterDonors]),
        ("appointment.move", &[RegisterDonors]),
        ("appointment.cancel", &[RegisterDonors]),
        ("appointment.came", &[RegisterDonors]),
        ("appointment.missed", &[RegisterDonors]),
        ("donor.own", &[SeeDonors]),
        ("kiosk.open", &[SeeDonors]),
        ("certificate.save", &[RegisterDonors]),
        ("figures.show", &[SeeStock]),
        ("lab.board", &[TestDonations]),
        ("lab.find", &[TestDonations]),
        ("lab.view", &[TestDonations]),
        ("lab.divide", &[TestDonations]),
        ("lab.type", &[TestDonations]),
        ("lab.run", &[TestDonations]),
        ("lab.verify", &[TestDonations]),
        ("lab.correct", &[TestDonations]),
        ("lab.invalidate", &[TestDonations]),
        ("lab.resolve", &[TestDonations]),
        ("lab.release", &[TestDonations]),
        ("lab.discard", &[TestDonations]),
        ("work.choices", &[TestDonations]),
        ("work.do", &[TestDonations]),
        ("numbers.hold", &[AdoptPolicy]),
        ("study.import", &[ImportImages]),
        ("study.worklist", &[SeeImages]),
        ("study.view", &[SeeImages]),
        ("reading.here", &[SeeImages]),
        ("study.assign", &[ImportImages]),
        ("analysis.start", &[AnalyseImages]),
        ("analysis.cancel", &[AnalyseImages]),
        ("analysis.hurry", &[AnalyseImages]),
        ("analysis.go_on", &[AnalyseImages]),
        ("batch.start", &[AnalyseImages, ImportImages]),
        ("batch.list", &[SeeImages]),
        ("batch.items", &[SeeImages]),
        ("batch.pause", &[AnalyseImages]),
        ("batch.resume", &[AnalyseImages]),
        ("batch.cancel", &[AnalyseImages]),
        ("batch.forget", &[AnalyseImages]),
        ("analysis.queue", &[SeeImages]),
        ("analysis.judge", &[JudgeFindings]),
        ("quality.show", &[JudgeFindings]),
        ("quality.export", &[JudgeFindings]),
        ("quality.prevalence", &[SeeImages]),
        ("quality.fit", &[JudgeFindings]),
        ("quality.fit_install", &[ManageFacility]),
        ("quality.fit_drop", &[JudgeFindings, ManageFacility]),
        ("report.draft", &[WriteReports]),
        ("report.sign", &[WriteReports]),
        ("report.addend", &[WriteReports]),
        ("model.list", &[]),
        ("model.enable", &[ManageFacility]),
        ("model.import", &[ManageFacility]),
        ("model.use", &[ManageFacility]),
        ("model.trust", &[ManageFacility]),
        ("model.distrust", &[ManageFacility]),
        ("model.conditions", &[]),
        ("analysis.compare", &[AnalyseImages]),
        ("analysis.rerun", &[AnalyseImages]),
        ("connections.show", &[ManageFacility]),
        ("receiver.set", &[ManageFacility]),
        ("archive.list", &[SeeImages]),
        ("archive.put", &[ManageFacility]),
        ("archive.remove", &[ManageFacility]),
        ("archive.test", &[ManageFacility]),
        ("archive.search", &[ImportImages]),
        ("archive.fetch", &[ImportImages]),
        ("archive.fetches", &[SeeImages]),
        ("archive.cancel", &[ImportImages]),
        ("archive.forget", &[ImportImages]),
        ("results.offer", &[SeeImages]),
        ("results.save", &[SeeImages]),
        ("results.send", &[SeeImages]),
        ("copies.save", &[SeeImages]),
    ]
};

#[test]
fn every_role_may_what_the_table_says_and_nothing_else() {
    let people = ["admin", "ferreira", "khan", "amina", "mbeki", "joseph", "audit"];
    let desk = Desk::training();
    let payloads = payloads();
    assert_eq!(TABLE.len(), Permission::ALL.len());
    for (column, role) in Role::ALL.iter().enumerate() {
        desk.sign_in(people[column]);
        for (permission, row, command) in TABLE {
            let may = row.as_bytes()[column] == b'x';
            assert_eq!(role.may(permission), may, "{role:?} {permission:?}");
            let Some(command) = command else { continue };
            let needs = NEEDS.iter().find(|(n, _)| *n == command).expect("in the table").1;
            assert!(needs.contains(&permission), "{command} needs {needs:?}");
        }
        for (command, payload) in &payloads {
            let needs = NEEDS.iter().find(|(n, _)| n == command).map(|(_, needs)| *needs);
            let needs = needs.unwrap_or_else(|| panic!("{command} is in no table of permissions"));
            let may = needs.is_empty() || needs.iter().any(|needed| role.may(*needed));
            let code = desk.call(command, payload.clone()).err().map(|e| e.code);
            assert_eq!(code != Some(Code::Forbidden), may, "{role:?} {command}: {code:?}");
        }
    }
}

#[test]
fn the_door_waits_after_five_wrong_passwords_and_the_wait_doubles() {
    let desk = Desk::training();
    let wrong = || json!({ "user": "amina", "password": "guess" });
    let right = || json!({ "user": "amina", "password": "training" });
    for _ in 0..5 {
        desk.no("session.sign_in", wrong(), Code::WrongPassword);
    }
    let seconds =
        |error: &CommandError| -> i64 { error.args["seconds"].parse().expect("a number") };
    let told = seconds(&desk.no("session.sign_in", right(), Code::LockedOut));
    assert!((30..=31).contains(&told), "{told}");
    desk.sign_in("luis");
    desk.clock.advance(TimeDelta::seconds(told));
    desk.no("session.sign_in", wrong(), Code::WrongPassword);
    let told = seconds(&desk.no("session.sign_in", right(), Code::LockedOut));
    assert!((60..=61).contains(&told), "{told}");
    desk.clock.advance(TimeDelta::seconds(told));
    desk.ok("session.sign_in", right());
    desk.no("session.sign_in", wrong(), Code::WrongPassword);
    desk.ok("session.sign_in", right());
}

#[test]
fn an_idle_screen_locks_and_its_owner_opens_it_again() {
    let desk = Desk::training();
    desk.sign_in("amina");
    desk.clock.advance(TimeDelta::minutes(5));
    desk.ok("unit.board", json!({}));
    desk.clock.advance(TimeDelta::seconds(301));
    assert_eq!(desk.door(), "locked");
    desk.no("unit.board", json!({}), Code::ScreenLocked);
    desk.no("session.unlock", json!({ "password": "guess" }), Code::WrongPassword);
    let status = desk.ok("session.unlock", json!({ "password": "training" }));
    assert_eq!(status["door"], "signed_in");
    desk.ok("unit.board", json!({}));
    desk.ok("session.lock", json!({}));
    desk.no("unit.board", json!({}), Code::ScreenLocked);
}

#[test]
fn the_second_person_is_another_active_person_who_may() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let unit = desk.receive(1, Abo::O, Rhd::Positive);
    let ask = |second: Value| json!({ "unit": unit, "reason": "leak", "second": second });
    let who = |user: &str, password: &str| json!({ "user": user, "password": password });
    desk.no("unit.discard", ask(Value::Null), Code::SecondPersonNeeded);
    for (user, password, why) in [
        ("amina", "training", "same_person"),
        ("joseph", "training", "role"),
        ("nobody", "training", "unknown"),
        ("luis", "guess", "password"),
    ] {
        let error = desk.no("unit.discard", ask(who(user, password)), Code::SecondPersonRefused);
        assert_eq!(error.args["why"], why, "{user}");
    }
    desk.sign_in("admin");
    let staff = desk.ok("staff.list", json!({}));
    let rows = staff.as_array().expect("rows");
    let luis = rows.iter().find(|r| r["user"] == "luis").expect("luis works here");
    desk.ok("staff.set_active", json!({ "id": luis["id"], "active": false }));
    desk.sign_in("amina");
    let error = desk.no("unit.discard", ask(who("luis", "training")), Code::SecondPersonRefused);
    assert_eq!(error.args["why"], "unknown");
    desk.ok("unit.discard", ask(who("mbeki", "training")));
    let view = desk.ok("unit.view", json!({ "id": unit }));
    assert_eq!(view["row"]["status"], "discarded");
    assert_eq!(view["history"][0]["second"], "Ruth Mbeki");
}

#[test]
fn a_unit_received_twice_changes_nothing() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let label = desk.label(2, Abo::A, Rhd::Positive);
    let unit = text(&desk.ok("unit.receive", label.clone()), "id");
    let before = desk.ok("unit.board", json!({}))["totals"].clone();
    desk.no("unit.receive", label, Code::UnitKnown);
    assert_eq!(desk.ok("unit.board", json!({}))["totals"], before);
    let view = desk.ok("unit.view", json!({ "id": unit }));
    assert_eq!(view["history"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_wrong_check_character_and_a_group_barcode_are_no_donation_number() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let din = Din::compose("A9997", 26, 3).expect("a number");
    let typed = |check: char| json!({ "text": format!("{}{check}", din.as_str()), "typed": true });
    let right = din.check_char();
    let wrong = if right == 'A' { 'B' } else { 'A' };
    desk.no("scan.read", typed(wrong), Code::CheckCharacterWrong);
    let read = desk.ok("scan.read", typed(right));
    assert_eq!(read["parts"][0]["kind"], "donation_number");

    let group = AboRhd::for_group(Abo::O, Some(Rhd::Negative), DonationType::General);
    let group = group.expect("a group").to_structure();
    let read = desk.ok("scan.read", json!({ "text": group, "typed": false }));
    assert_eq!(read["parts"][0]["kind"], "group");
    let mut label = desk.label(3, Abo::O, Rhd::Negative);
    label["din"] = json!(group);
    desk.no("unit.receive", label, Code::ScanUnreadable);
}

#[test]
fn an_incompatible_unit_is_refused_and_the_counter_says_what_would_fit() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let unit = desk.receive(4, Abo::B, Rhd::Positive);
    let issue = desk.issue(&unit, &smith, Value::Null, Value::Null);
    desk.sampled(&smith, "A negative");
    let error = desk.no("issue.give", issue, Code::AboIncompatible);
    assert_eq!(error.kind, ErrorKind::Refusal);
    let view = desk.ok("counter.ask", json!({ "patient": smith, "unit": unit }));
    assert_eq!(view["refused"]["code"], "abo_incompatible");
    let others = view["alternatives"].as_array().expect("alternatives");
    assert!(!others.is_empty());
    for other in others {
        assert_eq!(other["unit"]["component"], "red_cells");
        assert!(["A", "O"].iter().any(|abo| other["unit"]["group"]["abo"] == *abo), "{other}");
    }
    let best = text(&others[0]["unit"], "id");
    desk.ok("crossmatch.record", desk.crossmatch(&best, &smith, "ahg", "compatible"));
    desk.ok("issue.give", desk.issue(&best, &smith, Value::Null, Value::Null));
    // Whoever is too late reads who was first, by name.
    let again = desk.issue(&best, &smith, Value::Null, Value::Null);
    let error = desk.no("issue.give", again, Code::UnitGone);
    let staff = desk.ok("staff.names", json!({}));
    let amina = staff.as_array().expect("staff").iter().find(|s| s["user"] == "amina");
    assert_eq!(error.args["by"], amina.expect("amina")["name"].as_str().expect("a name"));
}

#[test]
fn an_rhd_mismatch_needs_a_reason_and_a_second_person_and_both_stay_in_the_history() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let unit = desk.receive(5, Abo::A, Rhd::Positive);
    desk.sampled(&smith, "A negative");
    desk.crossmatched(&unit, &smith);
    let ask = |over: Value, second: Value| desk.issue(&unit, &smith, over, second);
    let error = desk.no("issue.give", ask(Value::Null, Value::Null), Code::RhdMismatch);
    assert_eq!((error.kind, error.rules), (ErrorKind::NeedsOverride, vec![Code::RhdMismatch]));
    let over = |reason: &str| json!({ "rules": ["rhd_mismatch"], "reason": reason });
    desk.no("issue.give", ask(over("  "), Value::Null), Code::ReasonMissing);
    desk.no("issue.give", ask(over("Bleeding"), Value::Null), Code::SecondPersonNeeded);
    let second = json!({ "user": "luis", "password": "training" });
    desk.ok("issue.give", ask(over("Bleeding"), second));
    let view = desk.ok("unit.view", json!({ "id": unit }));
    assert_eq!(view["row"]["status"], "issued");
    let last = &view["history"][0];
    assert_eq!(last["what"], "issued");
    assert_eq!((&last["by"], &last["second"]), (&json!("Amina Okello"), &json!("Luis Santos")));
    assert_eq!(
        (&last["reason"], &last["overrides"]),
        (&json!("Bleeding"), &json!(["rhd_mismatch"]))
    );
}

#[test]
fn s52_a_hold_ends_by_itself_at_its_time_and_the_history_says_so_though_nobody_was_there() {
    let mut desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let unit = desk.receive(9, Abo::A, Rhd::Negative);
    desk.ok("unit.reserve", json!({ "unit": unit, "patient": smith }));
    let view = |desk: &Desk| desk.ok("unit.view", json!({ "id": unit }));
    let until = view(&desk)["row"]["until"].clone();
    desk.clock.advance(TimeDelta::minutes(24 * 60 + 90));
    desk.restart();
    desk.sign_in("luis");
    let ended = view(&desk)["history"][0].clone();
    let by_itself = json!({ "what": "hold_lapsed", "at": until, "by": "" });
    let told = |line: &Value| json!({ "what": line["what"], "at": line["at"], "by": line["by"] });
    assert_eq!(told(&ended), by_itself);
    // Whoever takes the bag next did not end the hold.
    desk.ok("unit.reserve", json!({ "unit": unit, "patient": smith }));
    assert_eq!(told(&view(&desk)["history"][1]), by_itself);
}

#[test]
fn a_reservation_lapses_after_a_day() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let smith = desk.patient("smith john");
    let unit = desk.receive(6, Abo::A, Rhd::Negative);
    desk.ok("unit.reserve", json!({ "unit": unit, "patient": smith }));
    let status = || text(&desk.ok("unit.view", json!({ "id": unit }))["row"], "status");
    assert_eq!(status(), "reserved");
    desk.clock.advance(TimeDelta::minutes(24 * 60 - 1));
    desk.sign_in("amina");
    assert_eq!(status(), "reserved");
    desk.clock.advance(TimeDelta::minutes(1));
    assert_eq!(status(), "available");
}

#[test]
fn somebody_who_may_be_here_already_is_registered_only_on_purpose() {
    let desk = Desk::training();
    desk.sign_in("joseph");
    let mut john =
        json!({ "family": "Smith", "given": "John", "birthDate": "1958-03-05", "sex": "male" });
    let error = desk.no("patient.register", john.clone(), Code::PossibleDuplicate);
    assert_eq!(error.kind, ErrorKind::NeedsOverride);
    assert!(error.args["candidates"].contains("SMITH"), "{:?}", error.args);
    john["override"] = json!({ "rules": ["possible_duplicate"], "reason": "His son, same day" });
    desk.ok("patient.register", john);
    desk.ok("patient.register", json!({ "family": "Zwickl", "given": "Ottilie", "sex": "female" }));
}

#[test]
fn a_misspelt_name_is_found() {
    let desk = Desk::training();
    desk.sign_in("joseph");
    for typed in ["smithe", "smyth", "SMYHTE", "Smythe J"] {
        let found = desk.ok("patient.search", json!({ "text": typed, "limit": 20 }));
        let rows = found["rows"].as_array().expect("rows");
        assert!(rows.iter().any(|r| r["family"] == "Smythe"), "{typed}: {found}");
    }
    let nobody = desk.ok("patient.search", json!({ "text": "qqqqqq", "limit": 20 }));
    assert_eq!(nobody["total"], 0);
}

#[test]
fn a_real_facility_is_set_up_reopened_and_recovered() {
    let mut desk = Desk::empty();
    let password = "correct horse battery";
    let set_up = |password: &str| {
        json!({
            "facility": "Lakeside", "zone": "Africa/Nairobi", "profile": "who", "language": "en",
            "adminUser": "grace", "adminName": "Grace", "adminPassword": password,
        })
    };
    desk.no("setup.facility", set_up("short"), Code::PasswordTooShort);
    let code = text(&desk.ok("setup.facility", set_up(password)), "recoveryCode");
    assert_eq!(desk.door(), "confirm_recovery");
    desk.no("setup.confirm", json!({ "code": "AAAA-BBBB" }), Code::RecoveryCodeWrong);
    let typed = code.to_lowercase().replace('-', " ");
    assert_eq!(desk.ok("setup.confirm", json!({ "code": typed }))["door"], "signed_in");

    desk.restart();
    assert_eq!(desk.door(), "sign_in");
    let with = |password: &str| json!({ "user": "Grace", "password": password });
    desk.no("session.sign_in", with("wrong horse battery"), Code::WrongPassword);
    assert_eq!(desk.ok("session.sign_in", with(password))["door"], "signed_in");

    desk.restart();
    let new = "a new and longer one";
    let recover = |code: &str| json!({ "code": code, "user": "grace", "newPassword": new });
    desk.no("session.recover", recover("AAAA-BBBB"), Code::RecoveryCodeWrong);
    assert_eq!(desk.ok("session.recover", recover(&code))["door"], "signed_in");
    desk.restart();
    desk.no("session.sign_in", with(password), Code::WrongPassword);
    desk.ok("session.sign_in", with(new));
}

#[test]
fn a_store_of_a_newer_program_is_left_alone() {
    let mut desk = Desk::training();
    desk.stop();
    let home = desk.home.path();
    let dek = KeySlots::load(home).expect("slots").unlock_training().expect("public");
    let db = sqlite::open(&home.join("store.db"), &dek, sqlite::Role::Writer).expect("opens");
    db.pragma_update(None, "user_version", 99).expect("written");
    drop(db);
    desk.restart();
    let status = desk.ok("app.status", json!({}));
    assert_eq!(
        (&status["door"], &status["problem"]["code"]),
        (&json!("problem"), &json!("store_newer"))
    );
}

#[test]
fn one_torn_key_slot_is_mended_and_two_are_told() {
    let mut desk = Desk::training();
    let (a, b) = (desk.home.path().join("keyslots.a"), desk.home.path().join("keyslots.b"));
    desk.stop();
    std::fs::write(&a, b"torn").expect("written");
    desk.restart();
    assert_eq!(desk.door(), "sign_in");
    assert_eq!(
        std::fs::read(&a).expect("there"),
        b"torn",
        "a start leaves it for the proof to see"
    );
    desk.sign_in("amina");
    assert_ne!(std::fs::read(&a).expect("there"), b"torn", "mended from the other");
    desk.stop();
    std::fs::write(&a, b"torn").expect("written");
    std::fs::write(&b, b"torn").expect("written");
    desk.restart();
    let status = desk.ok("app.status", json!({}));
    assert_eq!(status["problem"]["code"], "key_slots_damaged");
    desk.no("setup.look_around", json!({}), Code::FacilityExists);
}

fn png(shade: u8) -> Vec<u8> {
    let picture = image::GrayImage::from_fn(64, 64, |x, y| {
        image::Luma([u8::try_from((x * 3 + y) % 200).expect("small") / 2 + shade])
    });
    let mut out = std::io::Cursor::new(vec![]);
    picture.write_to(&mut out, image::ImageFormat::Png).expect("a picture");
    out.into_inner()
}

#[test]
fn the_worklist_says_who_is_writing_a_report_until_it_is_signed() {
    let desk = Desk::training();
    desk.sign_in("khan");
    let handle = desk.backend().hold_bytes("film.png", png(3)).expect("held").handle;
    let ask = json!({ "handles": [handle], "patient": null, "analyse": false });
    let study = text(&desk.ok("study.import", ask)["files"][0], "study");
    let writing = || desk.ok("study.worklist", json!({}))["rows"][0]["writing"].clone();
    assert_eq!(writing(), Value::Null);
    // Begun and not saved: another person at this desk sees that, and nothing of the text.
    let begun = r#"{"template":"chest","sections":[],"revision":0}"#;
    desk.ok("draft.put", json!({ "screen": format!("report {study}"), "body": begun }));
    desk.sign_in("ferreira");
    assert_eq!(writing(), "Dr Sameera Khan");
    desk.sign_in("khan");
    desk.ok("report.draft", report(&study));
    desk.ok("draft.drop", json!({ "screen": format!("report {study}") }));
    assert_eq!(writing(), "Dr Sameera Khan");
    let mut last = report(&study);
    last["revision"] = json!(1);
    desk.ok("report.sign", last);
    assert_eq!(writing(), Value::Null);
}

#[test]
fn a_window_knows_what_the_others_show_until_they_close_crash_or_the_screen_locks() {
    let desk = Desk::training();
    desk.sign_in("khan");
    let study = "01900000-0000-7000-8000-000000000001";
    let says = |window: &str, study: Value| {
        desk.ok("reading.here", json!({ "window": window, "study": study }))["studies"].clone()
    };
    assert_eq!(says("first", json!(study)), json!([]), "its own study is not elsewhere");
    assert_eq!(says("second", Value::Null), json!([study]));
    // Closed.
    says("first", Value::Null);
    assert_eq!(says("second", Value::Null), json!([]));
    // Crashed: it is silent from here on.
    says("first", json!(study));
    desk.clock.advance(TimeDelta::seconds(75));
    assert_eq!(says("second", Value::Null), json!([study]), "a hidden window asks once a minute");
    desk.clock.advance(TimeDelta::seconds(1));
    assert_eq!(says("second", Value::Null), json!([]));
    // Locked, and another person in front of it.
    says("first", json!(study));
    desk.ok("session.lock", json!({}));
    desk.no("reading.here", json!({ "window": "second", "study": null }), Code::ScreenLocked);
    desk.sign_in("ferreira");
    assert_eq!(says("second", Value::Null), json!([]));
    // Asking is no touch of a hand: the screen locks all the same.
    for _ in 0..6 {
        desk.clock.advance(TimeDelta::minutes(1));
        let _ = desk.call("reading.here", json!({ "window": "second", "study": null }));
    }
    desk.no("study.worklist", json!({}), Code::ScreenLocked);
    desk.sign_in("khan");
    let name = "x".repeat(65);
    desk.no("reading.here", json!({ "window": name, "study": null }), Code::Malformed);
}

#[test]
fn a_report_is_drafted_signed_and_added_to_and_a_signed_one_never_changes() {
    let desk = Desk::training();
    desk.sign_in("khan");
    let patient = desk.patient("Oyelaran");
    let handle = desk.backend().hold_bytes("film.png", png(3)).expect("held").handle;
    let ask = json!({ "handles": [handle], "patient": patient, "analyse": false });
    let study = text(&desk.ok("study.import", ask)["files"][0], "study");
    let write = |said: &str, revision: u32| {
        json!({
            "study": study, "template": "chest", "revision": revision,
            "sections": [{ "name": "findings", "text": said }, { "name": "impression", "text": "" }],
        })
    };
    let view = || desk.ok("study.view", json!({ "id": study }));
    let timeline = || {
        let view = desk.ok("patient.view", json!({ "id": patient }));
        let entries = view["timeline"].as_array().expect("entries").clone();
        let reports = entries.into_iter().map(|e| text(&e, "what"));
        reports.filter(|what| what.starts_with("report")).count()
    };
    assert_eq!(view()["report"], Value::Null);
    assert_eq!(view()["row"]["report"], "none");

    desk.ok("report.draft", write("Consolidation.", 0));
    assert_eq!(view()["row"]["report"], "draft");
    assert_eq!(view()["report"]["written"]["by"], "Dr Sameera Khan", "a person is called by name");
    assert_eq!(timeline(), 0, "what is not signed is nobody's report");
    desk.no("report.addend", json!({ "study": study, "text": "late" }), Code::ReportNotSigned);

    // Somebody else began from the empty page: told, and the first draft is still there.
    desk.sign_in("ferreira");
    desk.no("report.draft", write("Nothing.", 0), Code::Changed);
    desk.no("report.sign", write(" ", 1), Code::ReportEmpty);
    desk.ok("report.sign", write("Consolidation, right lower zone.", 1));
    let signed = view()["report"].clone();
    assert_eq!(signed["signed"]["by"], signed["written"]["by"]);
    assert_eq!(signed["sections"][0]["text"], "Consolidation, right lower zone.");

    desk.sign_in("khan");
    for name in ["report.draft", "report.sign"] {
        desk.no(name, write("Another thing.", 2), Code::ReportSigned);
    }
    desk.ok("report.addend", json!({ "study": study, "text": "Compared with 2024." }));
    let after = view()["report"].clone();
    assert_eq!(after["sections"], signed["sections"], "an addendum leaves the signed text alone");
    assert_eq!(after["signed"], signed["signed"]);
    assert_eq!(after["addenda"][0]["text"], "Compared with 2024.");
    assert_eq!(view()["row"]["report"], "signed");
    assert_eq!(timeline(), 2, "the signature and the addendum");

    let nobody = "0190b5a0-0000-7000-8000-000000000000";
    desk.no("report.sign", report(nobody), Code::NotFound);
    let long = "x".repeat(17 * 1024);
    desk.no("report.addend", json!({ "study": study, "text": long }), Code::Malformed);
    let proof = desk.backend().verify_with(None).expect("a training facility opens by itself");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn a_broken_file_fails_alone() {
    let desk = Desk::training();
    desk.sign_in("mbeki");
    let hold =
        |name: &str, bytes: Vec<u8>| desk.backend().hold_bytes(name, bytes).expect("held").handle;
    let mut cut = png(1);
    cut.truncate(cut.len() / 2);
    let handles = vec![
        hold("letter.dcm", b"Dear colleague, this is a letter.".to_vec()),
        hold("good.png", png(1)),
        hold("cut.png", cut),
        hold("empty.png", vec![]),
        "file-nobody-has".to_owned(),
    ];
    let ask = json!({ "handles": handles, "patient": null, "analyse": false });
    let files = desk.ok("study.import", ask)["files"].clone();
    for n in [0, 2, 3, 4] {
        assert!(files[n]["error"]["code"].is_string(), "{}", files[n]);
        assert_eq!(files[n]["error"]["kind"], "refusal", "{}", files[n]);
    }
    assert!(files[1]["error"].is_null(), "{}", files[1]);
    let study = desk.ok("study.view", json!({ "id": files[1]["study"] }));
    assert_eq!(study["images"][0]["fileName"], "good.png");
    let again =
        json!({ "handles": [hold("again.png", png(1))], "patient": null, "analyse": false });
    assert_eq!(desk.ok("study.import", again)["files"][0]["known"], true);
}

#[test]
fn what_was_cancelled_in_the_queue_is_never_recorded() {
    let desk = Desk::training();
    desk.sign_in("ferreira");
    let handles: Vec<_> = (0..12)
        .map(|n| desk.backend().hold_bytes(&format!("{n}.png"), png(n * 2)).expect("held").handle)
        .collect();
    let ask = json!({ "handles": handles, "patient": null, "analyse": true });
    let files = desk.ok("study.import", ask)["files"].clone();
    let files = files.as_array().expect("files");
    let mut cancelled = vec![];
    for file in files.iter().rev() {
        let id = text(file, "analysis");
        match desk.call("analysis.cancel", json!({ "id": id })) {
            Ok(_) => cancelled.push(id),
            Err(error) => assert_eq!(error.code, Code::AnalysisNotRunning),
        }
    }
    desk.backend().wait_for_analyses();
    let queue = desk.ok("analysis.queue", json!({}));
    for job in queue["jobs"].as_array().expect("jobs") {
        let id = text(job, "analysis");
        let want = if cancelled.contains(&id) { "cancelled" } else { "failed" };
        assert_eq!(job["state"], want, "{job}");
    }
    for file in files {
        let study = desk.ok("study.view", json!({ "id": file["study"] }));
        for analysis in study["analyses"].as_array().expect("a list") {
            assert!(!cancelled.contains(&text(analysis, "id")), "cancelled and recorded");
            assert_eq!(analysis["reason"], "model_missing");
        }
    }
    for id in cancelled {
        desk.no("analysis.cancel", json!({ "id": id }), Code::AnalysisNotRunning);
    }
}

#[test]
fn bad_input_is_a_refusal_and_never_a_fault() {
    let desk = Desk::training();
    desk.sign_in("amina");
    desk.no("no.such_command", json!({}), Code::UnknownCommand);
    for name in wire::COMMANDS.iter().filter(|n| !n.starts_with("setup.")) {
        for payload in [json!([]), json!(7), json!({ "id": 7, "text": [], "unit": {} })] {
            if let Err(error) = desk.call(name, payload) {
                assert_ne!(error.kind, ErrorKind::Fault, "{name}: {error:?}");
            }
        }
    }
    assert!(desk.clock.now().timestamp() > 0);
}
