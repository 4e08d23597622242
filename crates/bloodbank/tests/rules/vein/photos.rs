//! A picture to know a donor by: never without its own yes, and never anything but a picture.

use super::*;
use bloodbank::Refused;

fn picture(sha256: &str) -> Picture {
    Picture {
        sha256: sha256.repeat(32),
        media_type: "image/jpeg".into(),
        bytes: 60_000,
        cols: 480,
        rows: 640,
    }
}

fn yes() -> Option<PhotoConsent> {
    Some(PhotoConsent { text: "photo".into(), text_version: 1, guardian: None })
}

fn set(sha256: &str, replaces: Option<&str>) -> Command {
    let replaces = replaces.map(|sha256| sha256.repeat(32));
    Command::SetPhoto { picture: picture(sha256), consent: yes(), replaces }
}

fn said(donor: &Donor, command_: &Command) -> Result<Vec<Event>, Refused<Rule>> {
    let questionnaire = Questionnaire::basic();
    let now = at("2026-11-20T08:00:00Z");
    decide(Some(donor), &facts(&questionnaire), command_, &[], &Profile::who(), now, command(9))
}

#[track_caller]
fn no(donor: &Donor, command: &Command, rule: Rule) {
    match said(donor, command) {
        Err(Refused::HardStop { rule: found, .. }) => assert_eq!(found, rule),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_picture_is_kept_with_who_took_it_and_the_yes_to_it() {
    let donor = told(man(), &set("ab", None), 1);
    let photo = donor.photo.expect("kept");
    assert_eq!(photo.picture, picture("ab"));
    assert_eq!((photo.by, photo.at), (staff(1), at("2026-11-20T08:00:00Z")));
    assert_eq!(Some(photo.consent), yes());
}

#[test]
fn the_yes_to_giving_blood_is_no_yes_to_a_picture() {
    let donor = man();
    assert!(donor.consent().is_some());
    let silent = Command::SetPhoto { picture: picture("ab"), consent: None, replaces: None };
    no(&donor, &silent, Rule::NoPhotoConsent);
    // And a yes to a picture is none to giving blood.
    let stranger = Donor { consents: vec![], ..donor };
    assert!(told(stranger, &set("ab", None), 1).consent().is_none());
}

#[test]
fn beside_a_minor_somebody_else_says_yes_too() {
    // WHO: under 18. Seventeen until tomorrow.
    let young = donor(Sex::Female, "2008-11-21");
    no(&young, &set("ab", None), Rule::NoPhotoGuardian);
    let with = |guardian: &str| Command::SetPhoto {
        picture: picture("ab"),
        consent: yes().map(|yes| PhotoConsent { guardian: Some(guardian.into()), ..yes }),
        replaces: None,
    };
    no(&young, &with("  "), Rule::NoPhotoGuardian);
    let kept = told(young, &with(" Her mother "), 1).photo.expect("kept");
    assert_eq!(kept.consent.guardian.as_deref(), Some("Her mother"));
    let grown = donor(Sex::Female, "2008-11-20");
    assert!(said(&grown, &set("ab", None)).is_ok(), "eighteen today");
}

#[test]
fn nothing_but_a_small_jpeg_is_taken_for_a_picture() {
    let donor = man();
    let good = picture("ab");
    let unfit = [
        Picture { sha256: "AB".repeat(32), ..good.clone() },
        Picture { sha256: "ab".into(), ..good.clone() },
        Picture { media_type: "image/png".into(), ..good.clone() },
        Picture { bytes: 0, ..good.clone() },
        Picture { bytes: (1 << 20) + 1, ..good.clone() },
        Picture { cols: 481, ..good.clone() },
        Picture { rows: 641, ..good.clone() },
        Picture { cols: 95, ..good },
    ];
    for picture in unfit {
        let command = Command::SetPhoto { picture, consent: yes(), replaces: None };
        no(&donor, &command, Rule::PhotoUnfit);
    }
}

#[test]
fn a_picture_is_replaced_or_removed_only_by_whoever_saw_it() {
    let remove = |sha256: &str, reason: &str| Command::RemovePhoto {
        sha256: sha256.repeat(32),
        reason: reason.into(),
        erased: true,
    };
    let donor = man();
    no(&donor, &set("cd", Some("ab")), Rule::NoSuchPhoto);
    no(&donor, &remove("ab", "asked for"), Rule::NoSuchPhoto);
    let donor = told(donor, &set("ab", None), 1);
    // Somebody else was there first.
    no(&donor, &set("cd", None), Rule::NoSuchPhoto);
    let donor = told(donor, &set("cd", Some("ab")), 2);
    assert_eq!(donor.photo.as_ref().map(|p| p.picture.clone()), Some(picture("cd")));
    no(&donor, &remove("ab", "asked for"), Rule::NoSuchPhoto);
    no(&donor, &remove("cd", " "), Rule::FieldMissing);
    assert_eq!(told(donor, &remove("cd", "asked for"), 3).photo, None);
}

#[test]
fn the_picture_of_another_record_is_not_that_of_this_one() {
    let other = told(man(), &set("ab", None), 1);
    let other = Donor { id: DonorId(Uuid::from_u128(0xD1)), ..other };
    let donor = Donor { same_as: vec![other.id], ..man() };
    assert_eq!(person(&donor, &[other]).photo, None);
}
