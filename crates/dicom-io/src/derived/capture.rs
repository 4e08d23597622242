//! A picture as a Secondary Capture object.

use super::{About, Evidence, common, file, number, reference, sequence, text};
use crate::deidentify::ExportError;
use dicom_core::value::PrimitiveValue;
use dicom_core::{DataElement, VR};
use dicom_dictionary_std::tags;
use image::DynamicImage;

const SECONDARY_CAPTURE: &str = "1.2.840.10008.5.1.4.1.1.7";

/// A picture as a Secondary Capture object: grey stays MONOCHROME2 of 8 bits, all else becomes RGB.
/// `what`: what was drawn, for the header. `source`: the picture it was made of, if it was.
///
/// Whether a name can be read in the pixels is not said: the picture it was made of may show one.
///
/// # Errors
/// A side of more than 65,535 pixels.
pub fn secondary_capture(
    about: &About,
    picture: &DynamicImage,
    what: &str,
    source: Option<&Evidence>,
) -> Result<Vec<u8>, ExportError> {
    let side = |n: u32| {
        u16::try_from(n).map_err(|_| ExportError::Write { what: "a side over 65,535".into() })
    };
    let (rows, cols) = (side(picture.height())?, side(picture.width())?);
    let (samples, photometric, mut pixels) = match picture {
        DynamicImage::ImageLuma8(grey) => (1, "MONOCHROME2", grey.as_raw().clone()),
        other => (3, "RGB", other.to_rgb8().into_raw()),
    };
    // Values have an even length.
    if pixels.len() % 2 == 1 {
        pixels.push(0);
    }
    let mut elements = common(about, SECONDARY_CAPTURE, "OT", what);
    elements.extend([
        text(tags::IMAGE_TYPE, VR::CS, "DERIVED\\SECONDARY"),
        text(tags::CONVERSION_TYPE, VR::CS, "WSD"),
        text(tags::DERIVATION_DESCRIPTION, VR::ST, what),
        // Made from values and not from a screen, but what was drawn on it is not known here.
        text(tags::PATIENT_ORIENTATION, VR::CS, ""),
        text(tags::LATERALITY, VR::CS, ""),
        number(tags::SAMPLES_PER_PIXEL, samples),
        text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, photometric),
        number(tags::ROWS, rows),
        number(tags::COLUMNS, cols),
        number(tags::BITS_ALLOCATED, 8),
        number(tags::BITS_STORED, 8),
        number(tags::HIGH_BIT, 7),
        number(tags::PIXEL_REPRESENTATION, 0),
        DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(pixels.into())),
    ]);
    if samples == 3 {
        elements.push(number(tags::PLANAR_CONFIGURATION, 0));
    }
    if let Some(source) = source {
        elements.push(sequence(tags::SOURCE_IMAGE_SEQUENCE, vec![reference(source)]));
    }
    file(about, SECONDARY_CAPTURE, elements)
}
