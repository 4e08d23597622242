//! A copy of a DICOM file without its patient: the Basic Application Level Confidentiality Profile
//! (PS3.15 annex E), made stricter: instead of removing what a table names, only what is known to
//! describe the picture is kept. A new private or textual attribute is then gone by default.
//!
//! Kept: numbers, codes and geometry of the image, acquisition, dose and segment groups, and coded
//! concepts. Replaced: name and number of the patient. Mapped: every UID that is not the standard's
//! own, the same way each time with the same key, so that a study stays together and a follow-up
//! stays with it. Emptied: what the standard requires to be present. Gone: everything else, all
//! private groups, overlays, curves and icons with it. Pixels are copied byte for byte, so a name
//! that is part of the picture stays: where that is likely, [`deidentify`] refuses until a person
//! has looked.

use crate::error::ReadError;
use crate::{guarded, header, scan};
use chrono::{Days, NaiveDate};
use dicom_core::header::Header;
use dicom_core::value::{DataSetSequence, PrimitiveValue};
use dicom_core::{DataElement, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::mem::InMemElement;
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};
use sha2::{Digest, Sha256};

/// What the copy is to say.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Stands for the patient's name and number.
    pub pseudonym: String,
    /// Secret of this installation: without it nobody can tell which UID became which.
    pub key: [u8; 32],
    /// Days by which all dates of one patient move, so that intervals stay true; `None` removes
    /// dates. Times of day are removed either way.
    pub shift_days: Option<i64>,
    /// A person has looked at the pixels and found no name in them.
    pub pixels_checked: bool,
}

/// Why no copy was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    #[error(
        "The picture itself may show a name ({why}); look at it, and export it again saying that you have."
    )]
    MayShowName { why: String },
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("The copy could not be written ({what}).")]
    Write { what: String },
}

/// What stands for one patient, the same each time with the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disguise {
    /// `ANON-` and twelve letters and digits: a safe name of a folder, too.
    pub pseudonym: String,
    /// By how many days the dates of this patient move: 1 to 3,650 back.
    pub days: i64,
}

/// What stands for the patient of this file. Who is who follows from the number in the header and
/// its issuer, else from name and birth date; files that say none of these stand for themselves.
///
/// # Errors
/// Not readable.
pub fn disguise(bytes: &[u8], key: &[u8; 32]) -> Result<Disguise, ReadError> {
    if bytes.is_empty() || !scan::looks_like_dicom(bytes) {
        return Err(ReadError::NotAnImage);
    }
    let whole = guarded(|| scan::unfolded(bytes))?;
    let bytes = whole.as_deref().unwrap_or(bytes);
    let object = guarded(|| header::parse(bytes, &scan::scan(bytes)?))?;
    let said = |fields: &[Tag]| {
        let words = fields.iter().map(|tag| header::text(&object, *tag).unwrap_or_default());
        // A separator that no header holds, so that two fields are never read as one.
        let words = words.collect::<Vec<_>>().join("\0");
        words.chars().any(|c| c != '\0').then_some(words)
    };
    let who = said(&[tags::PATIENT_ID])
        .and_then(|_| said(&[tags::PATIENT_ID, tags::ISSUER_OF_PATIENT_ID]))
        .or_else(|| said(&[tags::PATIENT_NAME, tags::PATIENT_BIRTH_DATE]))
        .or_else(|| said(&[tags::SOP_INSTANCE_UID]))
        .unwrap_or_default();
    let digest = keyed(key, &format!("patient\0{who}"));
    let days = i64::from(u16::from_le_bytes([digest[6], digest[7]])) % 3650;
    Ok(Disguise { pseudonym: format!("ANON-{}", hex::encode(&digest[..6])), days: -1 - days })
}

/// Makes the copy. Its transfer syntax is that of the original; a deflated one is written plain.
///
/// # Errors
/// Not readable, or [`ExportError::MayShowName`].
pub fn deidentify(bytes: &[u8], plan: &Plan) -> Result<Vec<u8>, ExportError> {
    if bytes.is_empty() || !scan::looks_like_dicom(bytes) {
        return Err(ReadError::NotAnImage.into());
    }
    let whole = guarded(|| scan::unfolded(bytes))?;
    let bytes = whole.as_deref().unwrap_or(bytes);
    let layout = guarded(|| scan::scan(bytes))?;
    let object = guarded(|| header::parse(bytes, &layout))?;
    if !plan.pixels_checked
        && let Some(why) = may_show_name(&object)
    {
        return Err(ExportError::MayShowName { why });
    }
    let mut copy = cleaned(&object, plan, true);
    let syntax = match whole {
        Some(_) => "1.2.840.10008.1.2.1",
        None => layout.syntax.uid.as_str(),
    };
    let uid = |tag| header::text(&copy, tag).unwrap_or_default();
    let (class, instance) = (uid(tags::SOP_CLASS_UID), uid(tags::SOP_INSTANCE_UID));
    state(&mut copy, plan);
    let mut out = file_head(syntax, &class, &instance)?;
    copy.write_dataset_with_ts(&mut out, &layout.syntax.library()).map_err(unwritten)?;
    match &layout.pixels {
        scan::Pixels::None | scan::Pixels::Floating => {}
        scan::Pixels::Native { range, .. } => {
            out.extend_from_slice(&bytes[layout.dataset.end..range.end]);
        }
        scan::Pixels::Fragments { fragments, .. } => {
            let end = fragments.last().map_or(layout.dataset.end, |last| last.end);
            out.extend_from_slice(&bytes[layout.dataset.end..end]);
            // The end mark, which a cut file may have lost.
            out.extend_from_slice(&[0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
        }
    }
    Ok(out)
}

pub(crate) fn unwritten(error: impl std::error::Error) -> ExportError {
    ExportError::Write { what: error.to_string() }
}

/// Preamble and file meta group.
pub(crate) fn file_head(syntax: &str, class: &str, instance: &str) -> Result<Vec<u8>, ExportError> {
    let meta = FileMetaTableBuilder::new()
        .transfer_syntax(syntax)
        .media_storage_sop_class_uid(class)
        .media_storage_sop_instance_uid(instance)
        .build()
        .map_err(unwritten)?;
    let mut out = vec![0; 128];
    out.extend_from_slice(b"DICM");
    meta.write(&mut out).map_err(unwritten)?;
    Ok(out)
}

/// Ultrasound, endoscopy, photographs and captured screens carry names in their pixels.
fn may_show_name(object: &InMemDicomObject) -> Option<String> {
    let text = |tag| header::text(object, tag).unwrap_or_default();
    match text(tags::BURNED_IN_ANNOTATION).as_str() {
        "YES" => return Some("its header says so".into()),
        "NO" => return None,
        _ => {}
    }
    let modality = text(tags::MODALITY);
    if matches!(modality.as_str(), "US" | "IVUS" | "ES" | "XC" | "OT" | "DOC" | "GM" | "SC") {
        return Some(format!("modality {modality}"));
    }
    let capture = text(tags::SOP_CLASS_UID).starts_with("1.2.840.10008.5.1.4.1.1.7");
    capture.then(|| "a captured screen".into())
}

/// What becomes of an attribute.
enum Fate {
    Keep,
    Go,
    MapUid,
    ShiftDate,
}

fn fate(tag: Tag, vr: VR) -> Fate {
    let Tag(group, element) = tag;
    if group % 2 == 1 {
        return Fate::Go;
    }
    let kept = match group {
        0x0008 => matches!(
            element,
            0x0005 | 0x0008 | 0x0016 | 0x0018 | 0x0060 | 0x0064 | 0x0068 | 0x0070 | 0x1090
            // Coded concepts.
            | 0x0100 | 0x0102 | 0x0104 | 0x2218 | 0x2228 | 0x2220
            // References to other instances.
            | 0x1115 | 0x1140 | 0x1150 | 0x1155 | 0x1160 | 0x1199 | 0x2112 | 0x1195
            // Dates, shifted or gone.
            | 0x0020..=0x0023
            | 0x9205..=0x9215
        ),
        0x0018 | 0x0020 | 0x0022 | 0x0028 | 0x0048 | 0x0054 | 0x0062 | 0x2050 | 0x3004 | 0x5200
        | 0x7FE0 => true,
        _ => false,
    };
    if !kept {
        return Fate::Go;
    }
    match vr {
        VR::UI => Fate::MapUid,
        VR::DA if group == 0x0008 => Fate::ShiftDate,
        VR::DA | VR::DT | VR::TM | VR::PN | VR::AE | VR::AS | VR::UR | VR::UN => Fate::Go,
        VR::LO | VR::SH | VR::LT | VR::ST | VR::UC | VR::UT => {
            let describes_picture = matches!(
                tag,
                // Coded concepts, maker and model, names of windows and tables, stack and segment.
                Tag(0x0008, 0x0100 | 0x0102 | 0x0104 | 0x0070 | 0x1090)
                    | Tag(0x0028, 0x1055 | 0x3003 | 0x3004 | 0x1054)
                    | Tag(0x0020, 0x9056)
                    | Tag(0x0062, 0x0005)
            );
            if describes_picture { Fate::Keep } else { Fate::Go }
        }
        _ => Fate::Keep,
    }
}

fn cleaned(object: &InMemDicomObject, plan: &Plan, top: bool) -> InMemDicomObject {
    let elements = object.iter().filter_map(|element| {
        let (tag, vr) = (element.tag(), element.vr());
        if let Some(items) = element.items() {
            return match fate(tag, VR::SQ) {
                Fate::Keep => {
                    let items: Vec<_> =
                        items.iter().map(|item| cleaned(item, plan, false)).collect();
                    Some(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)))
                }
                _ => None,
            };
        }
        // An open sequence of fragments other than the pixels is an icon.
        let value = element.value().primitive()?;
        match fate(tag, vr) {
            Fate::Go => None,
            Fate::Keep => Some(element.clone()),
            Fate::MapUid => {
                let mapped: Vec<String> =
                    value.to_multi_str().iter().map(|uid| map_uid(uid, plan)).collect();
                Some(DataElement::new(tag, vr, PrimitiveValue::Strs(mapped.into())))
            }
            Fate::ShiftDate if top => {
                let date = shifted(header::date(object, tag)?, plan.shift_days?)?;
                let text = date.format("%Y%m%d").to_string();
                Some(DataElement::new(tag, vr, PrimitiveValue::from(text)))
            }
            Fate::ShiftDate => None,
        }
    });
    InMemDicomObject::from_element_iter(elements)
}

fn shifted(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let size = Days::new(days.unsigned_abs());
    if days < 0 { date.checked_sub_days(size) } else { date.checked_add_days(size) }
}

/// The UID that stands for another: under 2.25, from the first 128 bits of a keyed hash.
fn map_uid(uid: &str, plan: &Plan) -> String {
    let uid = uid.trim_matches(['\0', ' ']);
    // The standard's own name kinds of objects and syntaxes, not objects.
    if uid.is_empty() || uid.starts_with("1.2.840.10008.") {
        return uid.to_owned();
    }
    let number =
        keyed(&plan.key, uid).iter().take(16).fold(0_u128, |n, byte| n << 8 | u128::from(*byte));
    format!("2.25.{number}")
}

/// Hashed twice with the key, so that nothing can be appended to a known input.
fn keyed(key: &[u8; 32], text: &str) -> [u8; 32] {
    let inner = Sha256::new().chain_update(key).chain_update(text).finalize();
    Sha256::new().chain_update(key).chain_update(inner).finalize().into()
}

/// What has to be there: the pseudonym, empty fields, and the statement of what was done.
fn state(copy: &mut InMemDicomObject, plan: &Plan) {
    let mut put = |tag, vr, value: &str| {
        copy.put(DataElement::new(tag, vr, PrimitiveValue::from(value)));
    };
    put(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192");
    put(tags::PATIENT_NAME, VR::PN, &plan.pseudonym);
    put(tags::PATIENT_ID, VR::LO, &plan.pseudonym);
    put(tags::PATIENT_IDENTITY_REMOVED, VR::CS, "YES");
    put(tags::DEIDENTIFICATION_METHOD, VR::LO, "PS3.15 Basic Profile, only image data kept");
    let times = if plan.shift_days.is_some() { "MODIFIED" } else { "REMOVED" };
    put(tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED, VR::CS, times);
    for (tag, vr) in [
        (tags::PATIENT_BIRTH_DATE, VR::DA),
        (tags::PATIENT_SEX, VR::CS),
        (tags::STUDY_DATE, VR::DA),
        (tags::STUDY_TIME, VR::TM),
        (tags::ACCESSION_NUMBER, VR::SH),
        (tags::REFERRING_PHYSICIAN_NAME, VR::PN),
        (tags::STUDY_ID, VR::SH),
    ] {
        if copy.get(tag).is_none() {
            copy.put(DataElement::new(tag, vr, PrimitiveValue::Empty));
        }
    }
    let mut methods = vec![code("113100", "DCM", "Basic Application Confidentiality Profile")];
    if plan.shift_days.is_some() {
        methods.push(code(
            "113107",
            "DCM",
            "Retain Longitudinal Temporal Information Modified Dates Option",
        ));
    }
    copy.put(DataElement::new(
        tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE,
        VR::SQ,
        DataSetSequence::from(methods),
    ));
}

/// A coded concept.
pub(crate) fn code(value: &str, scheme: &str, meaning: &str) -> InMemDicomObject {
    let text = |tag, vr, text: &str| -> InMemElement {
        DataElement::new(tag, vr, PrimitiveValue::from(text))
    };
    InMemDicomObject::from_element_iter([
        text(tags::CODE_VALUE, VR::SH, value),
        text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, scheme),
        text(tags::CODE_MEANING, VR::LO, meaning),
    ])
}
