//! The header of a file as a table that people can read. No pixel data.

use crate::error::{ReadError, Result};
use crate::{guarded, header, picture, scan};
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::header::Header;
use dicom_core::value::Value;
use dicom_dictionary_std::{StandardDataDictionary, tags};
use dicom_object::InMemDicomObject;
use dicom_object::mem::InMemElement;
use imaging::pixels::SourceFormat;
use serde_json::{Value as Json, json};
use std::path::Path;

/// Longer values are cut and end in `…`.
const MAX_VALUE_CHARS: usize = 80;
const MAX_ROWS: usize = 5_000;

/// The header of a file:
/// `{ "format", "bytes", "transfer_syntax": {"uid","name"}, "elements": [{"depth","tag","name","vr","value"}] }`
/// for DICOM (also in syntaxes whose pixels cannot be read), and
/// `{ "format", "bytes", "rows", "cols", "samples", "bits" }` for other pictures.
///
/// # Errors
/// As [`crate::open`].
pub fn inspect(path: impl AsRef<Path>) -> Result<Json> {
    inspect_bytes(&crate::read_file(path.as_ref())?)
}

/// [`inspect`] for a file already in memory.
///
/// # Errors
/// As [`crate::open`].
pub fn inspect_bytes(bytes: &[u8]) -> Result<Json> {
    guarded(|| {
        if bytes.is_empty() {
            return Err(ReadError::Empty);
        }
        if scan::looks_like_dicom(bytes) {
            return match scan::unfolded(bytes)? {
                Some(whole) => dicom(&whole),
                None => dicom(bytes),
            };
        }
        let format: SourceFormat = picture::sniff(bytes).ok_or(ReadError::NotAnImage)??;
        let (meta, _) = picture::open(bytes, format)?;
        Ok(json!({
            "format": meta.format, "bytes": bytes.len(), "rows": meta.rows, "cols": meta.cols,
            "samples": meta.samples, "bits": meta.bits_stored,
        }))
    })
}

fn dicom(bytes: &[u8]) -> Result<Json> {
    let layout = scan::scan(bytes)?;
    let mut rows = Vec::new();
    let explicit = crate::syntax::Syntax::of("1.2.840.10008.1.2.1");
    let meta = &bytes[layout.meta.clone()];
    if let Ok(group) = InMemDicomObject::read_dataset_with_ts(meta, &explicit.library()) {
        list(&group, 0, &mut rows);
    }
    list(&header::parse(bytes, &layout)?, 0, &mut rows);
    Ok(json!({
        "format": SourceFormat::Dicom,
        "bytes": bytes.len(),
        "transfer_syntax": { "uid": layout.syntax.uid, "name": layout.syntax.name },
        "elements": rows,
    }))
}

fn list(object: &InMemDicomObject, depth: usize, rows: &mut Vec<Json>) {
    for element in object {
        if rows.len() >= MAX_ROWS {
            return;
        }
        let tag = element.tag();
        let name = StandardDataDictionary.by_tag(tag).map_or("", |entry| entry.alias());
        rows.push(json!({
            "depth": depth,
            "tag": format!("({:04X},{:04X})", tag.group(), tag.element()),
            "name": name,
            "vr": element.vr().to_string(),
            "value": shown(element),
        }));
        for item in element.items().unwrap_or_default() {
            list(item, depth + 1, rows);
        }
    }
}

fn shown(element: &InMemElement) -> String {
    use dicom_core::VR;
    let text = match element.value() {
        Value::Sequence(items) => {
            format!("{} items", items.items().len())
        }
        Value::PixelSequence(_) => "pixels, not shown".to_owned(),
        Value::Primitive(value) => {
            let bulk = matches!(element.vr(), VR::OB | VR::OW | VR::OF | VR::OD | VR::UN | VR::OL);
            if element.tag() == tags::PIXEL_DATA || (bulk && value.calculate_byte_len() > 64) {
                format!("{} bytes, not shown", value.calculate_byte_len())
            } else {
                value.to_str().into_owned()
            }
        }
    };
    let clean: String = text
        .trim_end_matches(['\0', ' '])
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if clean.chars().count() <= MAX_VALUE_CHARS {
        return clean;
    }
    clean.chars().take(MAX_VALUE_CHARS).chain(['…']).collect()
}
