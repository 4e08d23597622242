//! The door between two starts of the program.

use super::*;

fn guess(desk: &Desk, password: &str) -> Result<Value, CommandError> {
    desk.call("session.sign_in", json!({ "user": "amina", "password": password }))
}

#[test]
fn a_restart_gives_nobody_a_free_guess() {
    let mut desk = Desk::training();
    for _ in 0..5 {
        assert_eq!(guess(&desk, "wrong").unwrap_err().code, Code::WrongPassword);
        desk.restart();
    }
    assert_eq!(guess(&desk, "training").unwrap_err().code, Code::LockedOut);
    desk.clock.advance(TimeDelta::seconds(29));
    desk.restart();
    let error = guess(&desk, "training").unwrap_err();
    assert_eq!((error.code, &*error.args["seconds"]), (Code::LockedOut, "2"));
    desk.clock.advance(TimeDelta::seconds(1));
    guess(&desk, "training").expect("the wait is over");
    desk.restart();
    guess(&desk, "training").expect("and forgotten");
}

#[test]
fn a_clock_set_back_does_not_shorten_a_wait() {
    let mut desk = Desk::training();
    for _ in 0..5 {
        guess(&desk, "wrong").unwrap_err();
    }
    desk.clock.advance(TimeDelta::days(-3));
    desk.restart();
    assert_eq!(guess(&desk, "training").unwrap_err().code, Code::LockedOut);
    desk.clock.advance(TimeDelta::seconds(29));
    assert_eq!(guess(&desk, "training").unwrap_err().code, Code::LockedOut);
    desk.clock.advance(TimeDelta::seconds(2));
    guess(&desk, "training").expect("the whole wait was served, and not three days");
}

#[test]
fn deleted_counters_cost_a_wait_and_are_written_down() {
    let mut desk = Desk::training();
    desk.stop();
    std::fs::remove_file(desk.home.path().join("attempts")).expect("it was there");
    desk.restart();
    assert_eq!(guess(&desk, "training").unwrap_err().code, Code::LockedOut);
    let proof = desk.backend().verify_with(None).expect("opens");
    assert_eq!(proof.verdict, app::Verdict::Tampered);
    assert!(proof.findings.iter().any(|f| f.what == "attempts"), "{:?}", proof.findings);
    desk.clock.advance(TimeDelta::seconds(31));
    desk.sign_in("audit");
    let proof = desk.ok("proof.verify", json!({}));
    assert_eq!(proof["verdict"], "whole", "{proof}");
    assert_eq!(proof["noticed"][0]["what"], "attempts_missing", "{proof}");
}
