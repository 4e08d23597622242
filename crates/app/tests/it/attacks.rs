//! What a reading of the program with an attacker's eyes found: every test says one of the ways that
//! are shut now.

use super::*;

fn donor(given: &str, born: &str) -> Value {
    json!({
        "family": "Otieno", "given": given, "birthDate": born, "sex": "male", "phone": null,
        "area": null, "paper": null, "consent": true, "guardian": null, "override": null,
    })
}

#[test]
fn a_deferred_donor_behind_thirty_namesakes_is_met_when_he_registers_again() {
    let desk = Desk::training();
    desk.sign_in("amina");
    for n in 0..30 {
        desk.ok("donor.register", donor("Mohammed", &format!("{}-03-05", 1950 + n)));
    }
    let deferred = text(&desk.ok("donor.register", donor("Mohammed", "1995-06-07")), "id");
    desk.ok(
        "donor.defer",
        json!({ "donor": deferred, "code": "hiv", "happened": "2026-11-20", "note": null }),
    );
    // With a new telephone, and in another spelling.
    for given in ["Mohammed", "Mohamed"] {
        let mut again = donor(given, "1995-06-07");
        again["phone"] = json!("0700 111 222");
        let said = desk.no("donor.register", again, Code::PossibleDuplicate);
        assert!(said.args["candidates"].contains("1995-06-07"), "{said:?}");
    }
    // Born in other years, nobody is met.
    desk.ok("donor.register", donor("Mohammed", "2001-06-07"));
}

#[test]
fn a_patient_behind_thirty_namesakes_is_met_before_a_second_record_is_made() {
    let desk = Desk::training();
    desk.sign_in("joseph");
    let patient = |born: &str| json!({ "family": "Otieno", "given": "Mary", "birthDate": born, "sex": "female" });
    for n in 0..30 {
        desk.ok("patient.register", patient(&format!("{}", 1920 + 2 * n)));
    }
    desk.ok("patient.register", patient("1995-06-07"));
    for born in ["1995-06-07", "1995", "1996-01-01"] {
        let said = desk.no("patient.register", patient(born), Code::PossibleDuplicate);
        assert!(said.args["candidates"].contains("1995-06-07"), "{born}: {said:?}");
    }
    desk.ok("patient.register", patient("2001-02-03"));
}
