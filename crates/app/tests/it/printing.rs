//! Labels, slips and forms as files for a printer.

use super::*;

fn print(desk: &Desk, what: Value, folder: &std::path::Path) -> Vec<u8> {
    let ask = json!({
        "what": what, "printer": "office", "media": "a4", "language": "en", "folder": folder,
    });
    let saved = desk.ok("print.save", ask);
    assert_eq!(saved["refused"], json!([]), "{saved}");
    let name = saved["files"][0].as_str().expect("one file").to_owned();
    let bytes = std::fs::read(folder.join(name)).expect("it is there");
    assert!(bytes.starts_with(b"%PDF-"));
    bytes
}

#[test]
fn everything_that_the_blood_bank_prints_is_written_once_and_stands_in_the_audit() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let folder = tempfile::tempdir().expect("a folder");
    let smith = desk.patient("smith john");
    let sample = desk.sampled(&smith, "A negative");
    let unit = desk.receive(601, Abo::A, Rhd::Negative);
    let other = desk.receive(602, Abo::AB, Rhd::Positive);
    desk.ok("unit.quarantine", json!({ "unit": other, "reason": "Label torn" }));
    desk.crossmatched(&unit, &smith);
    desk.ok("unit.reserve", json!({ "unit": unit, "patient": smith }));
    for what in [
        json!({ "kind": "unit_labels", "units": [unit, other] }),
        json!({ "kind": "slip", "unit": unit, "patient": smith, "ward": "Ward 3" }),
        json!({ "kind": "tube_labels", "sample": sample, "copies": 4 }),
        json!({ "kind": "wristband", "patient": smith }),
        json!({ "kind": "forms", "forms": ["request", "sample", "issue_log", "transfusion", "stock"] }),
    ] {
        assert!(print(&desk, what, folder.path()).len() > 2_000);
        desk.clock.advance(TimeDelta::seconds(1));
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("reads").count(), 5);
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}

#[test]
fn a_file_that_cannot_be_made_or_put_is_a_sentence() {
    let desk = Desk::training();
    desk.sign_in("amina");
    let folder = tempfile::tempdir().expect("a folder");
    let ask = |what: Value, folder: &str| {
        json!({
            "what": what, "printer": "dots203", "media": "roll", "language": "ar", "folder": folder,
        })
    };
    let forms = |list: Value| json!({ "kind": "forms", "forms": list });
    let here = folder.path().display().to_string();
    desk.no("print.save", ask(forms(json!(["stock"])), "/no/such/folder"), Code::FolderUnsuitable);
    desk.no("print.save", ask(forms(json!([])), &here), Code::Malformed);
    let unknown = json!({ "kind": "unit_labels", "units": ["x"] });
    desk.no("print.save", ask(unknown, &here), Code::NotFound);
    // A bag that left with its crossmatch has no tag that says otherwise.
    let list = desk.ok("blood.record", json!({ "id": desk.patient("oyelaran") }));
    let issue = list["issues"][0]["id"].clone();
    desk.no("print.save", ask(json!({ "kind": "tag", "issue": issue }), &here), Code::Changed);
    assert_eq!(std::fs::read_dir(folder.path()).expect("reads").count(), 0);
}
