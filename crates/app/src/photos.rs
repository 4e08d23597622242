//! A picture to know a donor by: chosen as a file, drawn again small and without anything that a
//! camera wrote beside the pixels, kept in the encrypted store, and shown where the record is shown.
//!
//! Reading and unpacking can take seconds and happen while nobody holds the workstation.

use crate::backend::Inner;
use crate::donors::{donor_id, refused_donor};
use crate::error::{Error, no};
use crate::files::Source;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bloodbank::donor::{Command, PHOTO, PhotoConsent, Picture, agreed_to_photo};
use dicom_io::{ReadError, SourceFormat, collection};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use kernel::{Actor, DonorId, Permission};
use records::Key;
use std::sync::{MutexGuard, PoisonError};
use wire::*;

/// The largest file that is read: what a telephone takes is under 30 MB.
const MOST_BYTES: u64 = 32 << 20;
const QUALITY: u8 = 85;
/// The consent text that the page shows, by name and version: the words stand with the page.
const CONSENT: (&str, u32) = ("photo", 1);

/// Commands that let go of the workstation while they work.
pub(crate) trait LetsGo {
    fn donor_photo_set(self, ask: PhotoSet) -> Result<Nothing, Error>;
}

impl LetsGo for MutexGuard<'_, Inner> {
    fn donor_photo_set(mut self, ask: PhotoSet) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RegisterDonors)?;
        let id = donor_id(&ask.donor)?;
        let (text, text_version) = (CONSENT.0.to_owned(), CONSENT.1);
        let guardian = ask.guardian.as_deref().and_then(kernel::said);
        let consent = ask.agreed.then_some(PhotoConsent { text, text_version, guardian });
        // Without a yes nothing of the file is looked at.
        self.photo_agreed(&actor, id, consent.as_ref())?;
        let taken = self.files.lock().unwrap_or_else(PoisonError::into_inner).take(&ask.file);
        let (_, source) = taken.ok_or_else(|| no(Code::NotFound))?;
        let (me, opened) = (self.me.upgrade().ok_or_else(|| no(Code::NotSignedIn))?, self.opened);
        drop(self);
        let drawn = drawn_again(source)?;
        let mut inner = me.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.opened != opened {
            return Err(no(Code::NotSignedIn));
        }
        let digest = inner.store_mut()?.put_blob(&drawn.jpeg)?;
        let picture = Picture {
            sha256: hex::encode(digest),
            media_type: PHOTO.media_type.to_owned(),
            bytes: u64::try_from(drawn.jpeg.len()).unwrap_or(u64::MAX),
            cols: drawn.cols,
            rows: drawn.rows,
        };
        let command = Command::SetPhoto { picture, consent, replaces: ask.replaces };
        let saved = inner.about_donor(&actor, id, command, None);
        if saved.is_err() && inner.store_mut()?.drop_blob(&digest).is_err() {
            tracing::warn!("a picture that no record names could not be forgotten");
        }
        saved
    }
}

impl Inner {
    /// The yes to a picture, asked for before the file is read; a no is written down.
    fn photo_agreed(
        &mut self,
        actor: &Actor,
        id: DonorId,
        consent: Option<&PhotoConsent>,
    ) -> Result<(), Error> {
        let donor = self.store()?.donor(id)?.ok_or_else(|| no(Code::NotFound))?;
        let (policy, today) = (self.policy(), self.today()?);
        match agreed_to_photo(&donor, consent, &policy.rule_book, today) {
            Ok(_) => Ok(()),
            Err(why) => {
                let subject = Key::Donor(id).to_string();
                Err(self.written_down(actor, "donor.photo", subject, refused_donor(why))?)
            }
        }
    }

    /// The picture of a record, for whoever may see the record; the look leaves a line as that of the
    /// record does.
    pub(crate) fn donor_photo(&mut self, ask: PhotoAsk) -> Result<PhotoPicture, Error> {
        let actor = self.actor(Permission::SeeDonors)?;
        let donor = self.store()?.donor(donor_id(&ask.donor)?)?;
        let photo = donor.ok_or_else(|| no(Code::NotFound))?.photo;
        // Removed or replaced since the page was drawn.
        let Some(photo) = photo.filter(|photo| photo.picture.sha256 == ask.sha256) else {
            return Err(no(Code::Changed));
        };
        self.note_donor(&actor, &ask.donor, "photo")?;
        let mut digest = [0; 32];
        hex::decode_to_slice(&photo.picture.sha256, &mut digest)
            .map_err(|_| no(Code::PhotoBroken))?;
        let bytes = self.store()?.blob(&digest)?.ok_or_else(|| no(Code::PhotoBroken))?;
        Ok(PhotoPicture {
            media_type: photo.picture.media_type,
            data: BASE64.encode(bytes),
            cols: photo.picture.cols,
            rows: photo.picture.rows,
        })
    }

    /// Takes the picture off the record; its bytes go with the command unless another record is kept
    /// by the same picture.
    pub(crate) fn donor_photo_remove(&mut self, ask: PhotoRemove) -> Result<PhotoRemoved, Error> {
        let actor = self.actor(Permission::RegisterDonors)?;
        let id = donor_id(&ask.donor)?;
        let erased = !self.store()?.is_named_beside(id, &ask.sha256)?;
        let command = Command::RemovePhoto { sha256: ask.sha256, reason: ask.reason, erased };
        self.about_donor(&actor, id, command, None)?;
        Ok(PhotoRemoved { erased })
    }
}

struct Drawn {
    jpeg: Vec<u8>,
    cols: u32,
    rows: u32,
}

/// The picture of a file, upright, at most as large as one that is kept, as a JPEG of our own: no place,
/// no camera and no name that the file carried comes along.
fn drawn_again(source: Source) -> Result<Drawn, Error> {
    let bytes = match source {
        Source::Bytes(bytes) => bytes,
        Source::Path(path) => collection::read_limited(&path, MOST_BYTES).map_err(unread)?,
    };
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MOST_BYTES) {
        return Err(no(Code::ImageTooLarge));
    }
    // What it begins like, before anything of it is unpacked.
    match dicom_io::picture_kind(&bytes).map_err(unread)? {
        SourceFormat::Png => {}
        SourceFormat::Jpeg if ends(&bytes) => {}
        SourceFormat::Jpeg => return Err(no(Code::PhotoBroken)),
        _ => return Err(no(Code::PhotoNotAPicture)),
    }
    let opened = dicom_io::open_bytes(bytes, "").map_err(unread)?;
    if !matches!(opened.kind(), SourceFormat::Png | SourceFormat::Jpeg) {
        return Err(no(Code::PhotoNotAPicture));
    }
    let mut picture = dicom_io::render(&opened, 0).map_err(unread)?;
    drop(opened);
    if picture.width() > PHOTO.cols || picture.height() > PHOTO.rows {
        picture = picture.resize(PHOTO.cols, PHOTO.rows, FilterType::Triangle);
    }
    let (cols, rows) = (picture.width(), picture.height());
    if cols.min(rows) < PHOTO.least_side {
        let least = PHOTO.least_side;
        return Err(CommandError::refusal(Code::PhotoTooSmall).with("least", least).into());
    }
    let mut jpeg = vec![];
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode_image(&picture.into_rgb8())
        .map_err(|error| Error::Broken(format!("a picture could not be drawn again: {error}")))?;
    Ok(Drawn { jpeg, cols, rows })
}

/// Whether the pixels of a JPEG come to their end: the library fills what is missing with grey.
fn ends(jpeg: &[u8]) -> bool {
    const SCAN: u8 = 0xDA;
    let mut at = 2;
    // Mark, and the length of what follows it; a preview inside has an end of its own.
    while let Some(&[0xFF, mark, high, low]) = jpeg.get(at..at + 4) {
        if mark == SCAN {
            let pixels = jpeg.get(at..).unwrap_or_default();
            return pixels.windows(2).any(|pair| pair == [0xFF, 0xD9]);
        }
        // Fill before a mark.
        at += if mark == 0xFF { 1 } else { 2 + usize::from(u16::from_be_bytes([high, low])) };
    }
    false
}

fn unread(error: ReadError) -> Error {
    no(match error {
        ReadError::TooLarge { .. } => Code::ImageTooLarge,
        ReadError::Heic => Code::ImageHeic,
        ReadError::NotAnImage
        | ReadError::Empty
        | ReadError::NoPixels
        | ReadError::ForProcessing
        | ReadError::UnsupportedSyntax { .. }
        | ReadError::UnsupportedPixels { .. } => Code::PhotoNotAPicture,
        ReadError::Io(_)
        | ReadError::NoDecoder(_)
        | ReadError::TookTooLong { .. }
        | ReadError::Truncated
        | ReadError::Broken { .. }
        | ReadError::NoSuchFrame { .. } => Code::PhotoBroken,
    })
}
