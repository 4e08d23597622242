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
        json!({ "kind": "forms", "forms": ["request", "sample", "issue_log", "transfusion", "stock", "donation", "bench"] }),
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

/// The words of a file, or none where `pdftotext` is not installed.
pub(super) fn words(pdf: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("label.pdf");
    std::fs::write(&path, pdf).expect("written");
    let read = std::process::Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output();
    let Ok(out) = read else {
        eprintln!("SKIPPED 1 check: pdftotext (poppler-utils) is not installed");
        return None;
    };
    Some(String::from_utf8_lossy(&out.stdout).into_owned())
}

#[test]
fn a_component_has_a_label_before_its_release_and_it_says_quarantine_until_nothing_stands_against_it()
 {
    let (mut desk, donation) = lab::donation();
    let folder = tempfile::tempdir().expect("a folder");
    let part = lab::divide(&desk, &donation);
    let labels = json!({ "kind": "unit_labels", "units": [part] });
    let untested = print(&desk, labels.clone(), folder.path());
    lab::test_all(&desk, &donation, &["hiv", "hbv", "hcv"]);
    desk.clock.advance(TimeDelta::seconds(1));
    let one_missing = print(&desk, labels.clone(), folder.path());
    desk.ok("lab.run", lab::run("syphilis", &donation, "initial", "non_reactive"));
    desk.sign_in("amina");
    desk.ok("lab.verify", lab::verify(&desk, &donation));
    desk.clock.advance(TimeDelta::seconds(1));
    let whole = print(&desk, labels.clone(), folder.path());
    if let (Some(untested), Some(one_missing), Some(whole)) =
        (words(&untested), words(&one_missing), words(&whole))
    {
        for held in [&untested, &one_missing] {
            assert!(held.to_lowercase().contains("quarantine"), "{held}");
            assert!(!held.to_lowercase().contains("positive"), "{held}");
        }
        assert!(whole.to_lowercase().contains("positive"), "{whole}");
        assert!(!whole.to_lowercase().contains("quarantine"), "{whole}");
        assert!(whole.contains("D1001V00") && whole.contains("290"), "{whole}");
    }

    // What it says is what its release compares, and from then on it is the label of a unit.
    desk.sign_in("luis");
    let read = lab::label(&desk, &donation, Abo::O);
    desk.ok("lab.release", lab::release(&desk, &donation, &part, &read));
    desk.clock.advance(TimeDelta::seconds(1));
    print(&desk, labels.clone(), folder.path());

    // Results of donors are behind it: whoever may not test may not print it.
    let held = lab::divide(&desk, &lab::give(&desk, "Wekesa"));
    desk.sign_in("mbeki");
    let ask = json!({
        "what": { "kind": "unit_labels", "units": [held] }, "printer": "office", "media": "a4",
        "language": "en", "folder": folder.path(),
    });
    desk.no("print.save", ask, Code::Forbidden);
    desk.restart();
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Whole, "{:?}", proof.findings);
}
