//! DICOM files and pictures made in code: nothing copied, nothing to license.

use dicom_core::value::DataSetSequence;
use dicom_core::value::{PixelFragmentSequence, PrimitiveValue, Value};
use dicom_core::{DataElement, Length, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::mem::InMemElement;
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};

pub const IMPLICIT: &str = "1.2.840.10008.1.2";
pub const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub const BIG: &str = "1.2.840.10008.1.2.2";
pub const RLE: &str = "1.2.840.10008.1.2.5";
pub const JPEG: &str = "1.2.840.10008.1.2.4.50";
pub const VIDEO: &str = "1.2.840.10008.1.2.4.100";

/// What a small file should hold.
#[derive(Clone)]
pub struct Recipe {
    pub syntax: &'static str,
    pub photometric: &'static str,
    pub rows: u16,
    pub cols: u16,
    pub frames: u16,
    pub bits_allocated: u16,
    pub bits_stored: u16,
    pub signed: bool,
    pub planar: bool,
    /// Sample values in file order, for native and RLE files.
    pub samples: Vec<i32>,
    /// Ready fragments, for JPEG.
    pub fragments: Vec<Vec<u8>>,
    pub extra: Vec<(Tag, VR, String)>,
    /// Tables, sequences and other things that are no text.
    pub elements: Vec<InMemElement>,
}

impl Recipe {
    pub fn mono(syntax: &'static str, bits_allocated: u16, bits_stored: u16, signed: bool) -> Self {
        let (rows, cols) = (5, 7);
        let low = if signed { -(1_i32 << (bits_stored - 1)) } else { 0 };
        let span = (1_i64 << bits_stored) - 1;
        let last = i64::from(rows * cols - 1);
        let samples = (0..=last)
            .map(|i| low + i32::try_from(i * span / last).expect("fits the depth"))
            .collect();
        Self {
            syntax,
            photometric: "MONOCHROME2",
            rows: u16::try_from(rows).expect("small"),
            cols: u16::try_from(cols).expect("small"),
            frames: 1,
            bits_allocated,
            bits_stored,
            signed,
            planar: false,
            samples,
            fragments: Vec::new(),
            extra: Vec::new(),
            elements: Vec::new(),
        }
    }

    pub fn with(mut self, tag: Tag, vr: VR, value: &str) -> Self {
        self.extra.push((tag, vr, value.to_owned()));
        self
    }

    pub fn with_element(mut self, element: InMemElement) -> Self {
        self.elements.push(element);
        self
    }

    fn samples_per_pixel(&self) -> u16 {
        if matches!(self.photometric, "RGB" | "YBR_FULL") { 3 } else { 1 }
    }

    /// The file, preamble and all.
    pub fn bytes(&self) -> Vec<u8> {
        let mut object = InMemDicomObject::new_empty();
        let mut text = |tag, vr, value: &str| {
            object.put(DataElement::new(tag, vr, PrimitiveValue::from(value)));
        };
        text(tags::SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.7");
        text(tags::SOP_INSTANCE_UID, VR::UI, "1.2.3.4");
        text(tags::STUDY_INSTANCE_UID, VR::UI, "1.2.3");
        text(tags::MODALITY, VR::CS, "DX");
        text(tags::PATIENT_NAME, VR::PN, "DOE^JANE");
        text(tags::PATIENT_BIRTH_DATE, VR::DA, "20100203");
        text(tags::STUDY_DATE, VR::DA, "20260204");
        text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, self.photometric);
        text(tags::NUMBER_OF_FRAMES, VR::IS, &self.frames.to_string());
        for (tag, vr, value) in &self.extra {
            text(*tag, *vr, value);
        }
        let mut number = |tag, value: u16| {
            object.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
        };
        number(tags::SAMPLES_PER_PIXEL, self.samples_per_pixel());
        number(tags::PLANAR_CONFIGURATION, self.planar.into());
        number(tags::ROWS, self.rows);
        number(tags::COLUMNS, self.cols);
        number(tags::BITS_ALLOCATED, self.bits_allocated);
        number(tags::BITS_STORED, self.bits_stored);
        number(tags::HIGH_BIT, self.bits_stored - 1);
        number(tags::PIXEL_REPRESENTATION, self.signed.into());
        for element in &self.elements {
            object.put(element.clone());
        }
        if self.photometric == "PALETTE COLOR" {
            put_palette(&mut object);
        }
        self.put_pixels(&mut object);
        let meta = FileMetaTableBuilder::new().transfer_syntax(self.syntax);
        let mut bytes = Vec::new();
        object.with_meta(meta).expect("has its UIDs").write_all(&mut bytes).expect("memory");
        bytes
    }

    fn put_pixels(&self, object: &mut InMemDicomObject) {
        let fragments = match self.syntax {
            RLE => self.rle_fragments(),
            _ => self.fragments.clone(),
        };
        if !fragments.is_empty() || self.syntax == VIDEO {
            let sequence = PixelFragmentSequence::new_fragments(fragments);
            let value: Value<InMemDicomObject, Vec<u8>> = Value::PixelSequence(sequence);
            object.put(DataElement::new_with_len(
                tags::PIXEL_DATA,
                VR::OB,
                Length::UNDEFINED,
                value,
            ));
        } else if self.bits_allocated == 32 {
            let bytes: Vec<u8> = self.samples.iter().flat_map(|v| v.to_le_bytes()).collect();
            object.put(DataElement::new(
                tags::PIXEL_DATA,
                VR::OB,
                PrimitiveValue::U8(bytes.into()),
            ));
        } else if self.bits_allocated == 16 {
            let words: Vec<u16> = self.samples.iter().map(|v| (v & 0xFFFF) as u16).collect();
            let value = PrimitiveValue::U16(words.into());
            object.put(DataElement::new(tags::PIXEL_DATA, VR::OW, value));
        } else {
            let value = PrimitiveValue::U8(self.packed_bytes().into());
            object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, value));
        }
    }

    fn packed_bytes(&self) -> Vec<u8> {
        if self.bits_allocated == 1 {
            let bit = |(i, v): (usize, &i32)| ((*v & 1) as u8) << i;
            self.samples.chunks(8).map(|eight| eight.iter().enumerate().map(bit).sum()).collect()
        } else {
            self.samples.iter().map(|v| (v & 0xFF) as u8).collect()
        }
    }

    fn rle_fragments(&self) -> Vec<Vec<u8>> {
        let per_frame = self.samples.len() / usize::from(self.frames);
        self.samples.chunks(per_frame).map(|frame| self.rle_frame(frame)).collect()
    }

    fn rle_frame(&self, frame: &[i32]) -> Vec<u8> {
        let channels = usize::from(self.samples_per_pixel());
        let mut planes: Vec<Vec<u8>> = Vec::new();
        for channel in 0..channels {
            let values = || frame.iter().skip(channel).step_by(channels);
            if self.bits_allocated == 16 {
                planes.push(values().map(|v| (v >> 8 & 0xFF) as u8).collect());
            }
            planes.push(values().map(|v| (v & 0xFF) as u8).collect());
        }
        let mut header = vec![u32::try_from(planes.len()).expect("few")];
        let mut body = Vec::new();
        for plane in planes {
            header.push(64 + u32::try_from(body.len()).expect("small"));
            body.extend(pack_bits(&plane));
        }
        header.resize(16, 0);
        let mut out: Vec<u8> = header.iter().flat_map(|n| n.to_le_bytes()).collect();
        out.extend(body);
        if out.len() % 2 == 1 {
            out.push(0);
        }
        out
    }
}

/// A sequence of data sets.
pub fn sequence(tag: Tag, items: Vec<InMemDicomObject>) -> InMemElement {
    DataElement::new(tag, VR::SQ, DataSetSequence::from(items))
}

/// A data set of a few elements.
pub fn item(elements: Vec<InMemElement>) -> InMemDicomObject {
    InMemDicomObject::from_element_iter(elements)
}

pub fn words(tag: Tag, vr: VR, words: &[u16]) -> InMemElement {
    DataElement::new(tag, vr, PrimitiveValue::U16(words.into()))
}

pub fn text(tag: Tag, vr: VR, value: &str) -> InMemElement {
    DataElement::new(tag, vr, PrimitiveValue::from(value))
}

/// PackBits with both kinds of run.
fn pack_bits(plane: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = plane;
    while let Some(&first) = rest.first() {
        let run = rest.iter().take(128).take_while(|byte| **byte == first).count();
        if run > 1 {
            out.extend([(257 - run) as u8, first]);
            rest = &rest[run..];
        } else {
            let literal = rest.len().min(3);
            out.push((literal - 1) as u8);
            out.extend(&rest[..literal]);
            rest = &rest[literal..];
        }
    }
    out
}

fn put_palette(object: &mut InMemDicomObject) {
    let channels = [
        (
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::RED_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            0x1000_u16,
        ),
        (
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::GREEN_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            0x2000,
        ),
        (
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DESCRIPTOR,
            tags::BLUE_PALETTE_COLOR_LOOKUP_TABLE_DATA,
            0x3000,
        ),
    ];
    for (descriptor, data, step) in channels {
        // Four entries; the first belongs to stored value 10.
        let head = PrimitiveValue::U16(vec![4, 10, 16].into());
        object.put(DataElement::new(descriptor, VR::US, head));
        let table: Vec<u16> = (0..4).map(|i| i * step + 0x00FF).collect();
        object.put(DataElement::new(data, VR::OW, PrimitiveValue::U16(table.into())));
    }
}

/// A grey JPEG of one shade per row.
pub fn grey_jpeg(rows: u16, cols: u16) -> Vec<u8> {
    let picture = image::GrayImage::from_fn(cols.into(), rows.into(), |_, y| {
        image::Luma([u8::try_from(y * 255 / u32::from(rows)).expect("a byte")])
    });
    encode(&picture.into(), image::ImageFormat::Jpeg)
}

pub fn encode(picture: &image::DynamicImage, format: image::ImageFormat) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut out, format).expect("written to memory");
    out.into_inner()
}

/// The same JPEG with an EXIF block that says how the camera was held.
pub fn with_exif_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    let length = u16::try_from(exif.len() + 2).expect("short").to_be_bytes();
    let mut out = jpeg[..2].to_vec();
    out.extend([0xFF, 0xE1]);
    out.extend(length);
    out.extend(exif);
    out.extend(&jpeg[2..]);
    out
}

/// A PNG that is only a header saying how large it would be.
pub fn png_header(cols: u32, rows: u32) -> Vec<u8> {
    let mut ihdr = b"IHDR".to_vec();
    ihdr.extend(cols.to_be_bytes());
    ihdr.extend(rows.to_be_bytes());
    ihdr.extend([8, 0, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n\0\0\0\x0D".to_vec();
    out.extend(&ihdr);
    out.extend(crc(&ihdr).to_be_bytes());
    out.extend(b"\0\0\0\0IDAT\x35\xAF\x06\x1E\0\0\0\0IEND\xAE\x42\x60\x82");
    out
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
        crc
    })
}
