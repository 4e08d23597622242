//! A picture to know a donor by. Nobody needs one: it is kept with a yes of its own, and goes when
//! somebody says why.

use super::decide::{Refused, text};
use super::{Donor, Event, Facts, Photo, PhotoConsent, Picture, Rule, age_on};
use crate::profile::Profile;
use chrono::NaiveDate;
use kernel::Instant;

/// What is kept as a picture, and nothing else: what was chosen is drawn again in this form, so that
/// nothing a camera wrote beside the pixels comes along.
pub struct Kept {
    pub media_type: &'static str,
    pub cols: u32,
    pub rows: u32,
    /// The smaller side of one in which a face is still known.
    pub least_side: u32,
    pub bytes: u64,
}

pub const PHOTO: Kept =
    Kept { media_type: "image/jpeg", cols: 480, rows: 640, least_side: 96, bytes: 1 << 20 };

/// Whether the donor, and whoever has to beside a minor, said yes to a picture.
///
/// # Errors
/// Who did not.
pub fn agreed_to_photo(
    donor: &Donor,
    consent: Option<&PhotoConsent>,
    profile: &Profile,
    today: NaiveDate,
) -> Result<PhotoConsent, Refused> {
    let said = consent.ok_or_else(|| Refused::stop(Rule::NoPhotoConsent))?;
    let guardian = said.guardian.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let years = profile.donors.guardian_under.value;
    let minor = donor.identity.born.is_some_and(|born| age_on(born, today) < years);
    if minor && guardian.is_none() {
        return Err(Refused::stop(Rule::NoPhotoGuardian).with("years", years));
    }
    Ok(PhotoConsent {
        text: text(&said.text, "text")?,
        text_version: said.text_version,
        guardian: guardian.map(str::to_owned),
    })
}

/// The picture of the record is the one that somebody means, or both are none.
pub(super) fn stands(donor: &Donor, meant: Option<&String>) -> Result<(), Refused> {
    let known = donor.photo.as_ref().map(|photo| &photo.picture.sha256);
    if known == meant { Ok(()) } else { Err(Refused::stop(Rule::NoSuchPhoto)) }
}

pub(super) struct Asked<'a> {
    pub picture: &'a Picture,
    pub consent: Option<&'a PhotoConsent>,
    pub replaces: &'a Option<String>,
}

pub(super) fn set(
    donor: &Donor,
    facts: &Facts<'_>,
    asked: &Asked<'_>,
    profile: &Profile,
    now: Instant,
) -> Result<Event, Refused> {
    let consent = agreed_to_photo(donor, asked.consent, profile, facts.today)?;
    stands(donor, asked.replaces.as_ref())?;
    if let Some(what) = unfit(asked.picture) {
        return Err(Refused::stop(Rule::PhotoUnfit).with("what", what));
    }
    let picture = asked.picture.clone();
    Ok(Event::PhotoSet { photo: Photo { picture, consent, by: facts.actor, at: now } })
}

/// What of a picture is not as every kept one is.
fn unfit(picture: &Picture) -> Option<&'static str> {
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let Picture { sha256, media_type, bytes, cols, rows } = picture;
    if sha256.len() != 64 || !sha256.chars().all(hex) {
        return Some("sha256");
    }
    if media_type != PHOTO.media_type {
        return Some("media_type");
    }
    if *bytes == 0 || *bytes > PHOTO.bytes {
        return Some("bytes");
    }
    let small = (*cols).min(*rows) < PHOTO.least_side;
    (small || *cols > PHOTO.cols || *rows > PHOTO.rows).then_some("size")
}
