//! A first walk over the bytes of a DICOM file, before any library sees it.
//!
//! Libraries allocate what a length field says. Here every declared length is held against the
//! bytes that are left, nesting and number of elements are bounded, and the place of the pixel data
//! is noted, so that later only a slice without pixels is parsed and nothing large is copied.

use crate::codec::inflate;
use crate::error::{ReadError, Result};
use crate::syntax::{DEFLATED, Encoding, Packing, Syntax};
use crate::{MAX_INFLATED_BYTES, MAX_INFLATION};
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;
use std::borrow::Cow;
use std::ops::Range;

/// Deepest nesting of sequences; real enhanced objects stay under 8.
const MAX_DEPTH: usize = 16;
const MAX_ELEMENTS: usize = 200_000;
const MAX_OPEN_SEQUENCES: usize = 20_000;
const MAX_TEXT_BYTES: u32 = 1 << 20;
const UNDEFINED: u32 = u32::MAX;

const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

/// Where things lie in the file.
#[derive(Debug)]
pub(crate) struct Layout {
    pub syntax: Syntax,
    /// File meta group (0002,xxxx), always explicit little endian; empty if the file has none.
    pub meta: Range<usize>,
    /// The data set up to the pixel data, or all of it.
    pub dataset: Range<usize>,
    /// Parts of the data set that the library must not see: see [`Walk::doubtful`].
    pub left_out: Vec<Range<usize>>,
    pub pixels: Pixels,
    /// Where the records of a disc's directory begin.
    pub directory_items: Vec<usize>,
}

impl Layout {
    /// The data set as the library gets it: without pixels and without doubtful elements.
    pub(crate) fn clean_dataset<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if self.left_out.is_empty() {
            return Cow::Borrowed(&bytes[self.dataset.clone()]);
        }
        let mut clean = Vec::new();
        let mut at = self.dataset.start;
        for out in &self.left_out {
            clean.extend_from_slice(&bytes[at..out.start]);
            at = out.end;
        }
        clean.extend_from_slice(&bytes[at..self.dataset.end]);
        Cow::Owned(clean)
    }
}

#[derive(Debug)]
pub(crate) enum Pixels {
    None,
    Native {
        range: Range<usize>,
        /// Written as 16-bit words: in big endian files 8-bit samples then stand swapped.
        words: bool,
    },
    Fragments {
        offsets: Vec<u64>,
        fragments: Vec<Range<usize>>,
    },
    /// Floating-point pixels, which belong to maps of numbers and not to pictures.
    Floating,
}

/// Is this a DICOM file? With the `DICM` mark, or without it when the first element is one that
/// real files begin with.
pub(crate) fn looks_like_dicom(bytes: &[u8]) -> bool {
    bytes.get(128..132) == Some(b"DICM") || begins_with_element(bytes)
}

fn begins_with_element(bytes: &[u8]) -> bool {
    let Some(head) = bytes.get(..8) else { return false };
    let group = u16::from_le_bytes([head[0], head[1]]);
    let element = u16::from_le_bytes([head[2], head[3]]);
    if !matches!(group, 0x0002 | 0x0008) || element > 0x1200 {
        return false;
    }
    let left = bytes.len() - 8;
    if known_vr([head[4], head[5]]).is_some() {
        return usize::from(u16::from_le_bytes([head[6], head[7]])) <= left;
    }
    let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    length <= 1024 && usize::try_from(length).is_ok_and(|length| length <= left)
}

/// The file meta group: where it lies and which syntax it names.
struct MetaGroup {
    range: Range<usize>,
    end: usize,
    uid: Option<String>,
}

fn meta_group(bytes: &[u8]) -> Result<MetaGroup> {
    let start = if bytes.get(128..132) == Some(b"DICM") { 132 } else { 0 };
    let mut walk = Walk::new(bytes, Encoding::ExplicitLittle);
    let mut at = start;
    let mut uid = None;
    while at < bytes.len() {
        let group = bytes.get(at..at + 2).map(|g| u16::from_le_bytes([g[0], g[1]]));
        if group != Some(0x0002) {
            break;
        }
        let element = walk.element(at)?;
        let value = walk.value(&element)?;
        if element.tag == Tag(0x0002, 0x0010) {
            let text = String::from_utf8_lossy(&bytes[value.clone()]);
            uid = Some(text.trim_matches(['\0', ' ']).to_owned()).filter(|uid| !uid.is_empty());
        }
        at = value.end;
    }
    let range = if walk.doubtful { at..at } else { start..at };
    Ok(MetaGroup { range, end: at, uid })
}

/// The file with its data set unfolded, if that is deflated; never more than
/// [`MAX_INFLATION`] times its size or [`MAX_INFLATED_BYTES`].
pub(crate) fn unfolded(bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    let meta = meta_group(bytes)?;
    if meta.uid.as_deref() != Some(DEFLATED) {
        return Ok(None);
    }
    let packed = &bytes[meta.end..];
    // A small file may hold a picture that is nearly empty, so the factor begins to count later.
    let limit = packed.len().saturating_mul(MAX_INFLATION).clamp(1 << 24, MAX_INFLATED_BYTES);
    let dataset = inflate(packed, limit)?;
    let mut whole = Vec::with_capacity(meta.end + dataset.len());
    whole.extend_from_slice(&bytes[..meta.end]);
    whole.extend_from_slice(&dataset);
    Ok(Some(whole))
}

/// Walks the whole file once. A deflated file has to be [`unfolded`] before.
pub(crate) fn scan(bytes: &[u8]) -> Result<Layout> {
    let MetaGroup { range: meta, end: at, uid } = meta_group(bytes)?;
    let syntax = match uid {
        Some(uid) => Syntax::of(&uid),
        // No syntax written down: a VR in the first element says explicit.
        _ => match bytes.get(at + 4..at + 6) {
            Some(&[a, b]) if known_vr([a, b]).is_some() => Syntax::of("1.2.840.10008.1.2.1"),
            _ => Syntax::of("1.2.840.10008.1.2"),
        },
    };
    let mut walk = Walk::new(bytes, syntax.encoding);
    let (end, pixels) = walk.top_level(at)?;
    match (&pixels, syntax.packing) {
        (Pixels::Fragments { .. }, Packing::Native) => {
            return Err(ReadError::broken("compressed pixels in a file that says uncompressed"));
        }
        (Pixels::Native { .. }, Packing::Coded(_)) => {
            return Err(ReadError::broken("uncompressed pixels in a file that says compressed"));
        }
        _ => {}
    }
    let Walk { left_out, directory_items, .. } = walk;
    Ok(Layout { syntax, meta, dataset: at..end, left_out, pixels, directory_items })
}

pub(crate) fn refused(syntax: &Syntax) -> ReadError {
    ReadError::UnsupportedSyntax { name: syntax.name.clone(), uid: syntax.uid.clone() }
}

struct Element {
    tag: Tag,
    vr: Option<VR>,
    length: u32,
    value_at: usize,
}

struct Walk<'a> {
    bytes: &'a [u8],
    encoding: Encoding,
    elements: usize,
    open_sequences: usize,
    /// The element just walked holds something that the library would read otherwise than this
    /// walk does: a number of a broken width, an unknown VR, a sequence under UN. It would lose its
    /// place and take the next bytes for a length, of gigabytes at worst (found by the test of
    /// damaged files). Such elements are left out of what it gets.
    doubtful: bool,
    left_out: Vec<Range<usize>>,
    /// The Extended Offset Table, which stands before the pixels.
    long_offsets: Vec<u64>,
    /// The sequence being walked is that of a disc's directory.
    in_directory: bool,
    directory_items: Vec<usize>,
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8], encoding: Encoding) -> Self {
        Self {
            bytes,
            encoding,
            elements: 0,
            open_sequences: 0,
            doubtful: false,
            left_out: Vec::new(),
            long_offsets: Vec::new(),
            in_directory: false,
            directory_items: Vec::new(),
        }
    }

    /// The elements outside any sequence. Stops at the pixel data; what follows it is not read.
    fn top_level(&mut self, mut at: usize) -> Result<(usize, Pixels)> {
        let end = self.bytes.len();
        while at < end {
            // Some writers pad the end with zero bytes.
            if end - at < 8 && self.bytes[at..].iter().all(|byte| *byte == 0) {
                return Ok((at, Pixels::None));
            }
            self.doubtful = false;
            let element = self.element(at)?;
            if matches!(element.tag, Tag(0x7FE0, 0x0008 | 0x0009)) {
                return Ok((at, Pixels::Floating));
            }
            if element.tag == Tag(0x7FE0, 0x0001) && element.length != UNDEFINED {
                let table = self.value(&element)?;
                self.long_offsets = self.bytes[table]
                    .chunks_exact(8)
                    .filter_map(|b| <[u8; 8]>::try_from(b).ok().map(u64::from_le_bytes))
                    .collect();
            }
            if element.tag == Tag(0x7FE0, 0x0010) {
                let pixels = if element.length == UNDEFINED {
                    let (mut offsets, fragments, _) = self.fragments(element.value_at)?;
                    if offsets.is_empty() {
                        offsets = std::mem::take(&mut self.long_offsets);
                    }
                    Pixels::Fragments { offsets, fragments }
                } else {
                    let range = self.value(&element)?;
                    Pixels::Native { range, words: element.vr != Some(VR::OB) }
                };
                return Ok((at, pixels));
            }
            if element.tag.group() == 0xFFFE {
                return Err(ReadError::broken("an item outside a sequence"));
            }
            self.in_directory = element.tag == Tag(0x0004, 0x1220);
            let next = self.skip(&element, 0)?;
            if std::mem::take(&mut self.doubtful) {
                self.left_out.push(at..next);
            }
            at = next;
        }
        Ok((end, Pixels::None))
    }

    /// Position after an element, having looked into it if it is a sequence.
    fn skip(&mut self, element: &Element, depth: usize) -> Result<usize> {
        let sequence = match element.vr {
            Some(vr) => vr == VR::SQ,
            None => dictionary_vr(element.tag) == VR::SQ,
        };
        if element.length == UNDEFINED {
            return match element.vr {
                Some(VR::OB | VR::OW) => {
                    // An icon inside a sequence; anything else has no business to be open.
                    self.doubtful |= element.tag != Tag(0x7FE0, 0x0010);
                    Ok(self.fragments(element.value_at)?.2)
                }
                // A sequence under UN is written in implicit little endian (PS3.5 6.2.2 note 2).
                Some(VR::UN) => {
                    self.doubtful = true;
                    let outer = std::mem::replace(&mut self.encoding, Encoding::ImplicitLittle);
                    let end = self.items(element.value_at, None, depth + 1);
                    self.encoding = outer;
                    end
                }
                None | Some(VR::SQ) => self.items(element.value_at, None, depth + 1),
                Some(_) => Err(ReadError::broken("a value without an end")),
            };
        }
        let range = self.value(element)?;
        if sequence {
            self.items(range.start, Some(range.end), depth + 1)?;
        }
        Ok(range.end)
    }

    /// The items of a sequence, up to `end` or to the delimiter.
    fn items(&mut self, mut at: usize, end: Option<usize>, depth: usize) -> Result<usize> {
        if depth > MAX_DEPTH {
            return Err(ReadError::broken("sequences nested too deeply"));
        }
        if end.is_none() {
            self.open_sequences += 1;
            if self.open_sequences > MAX_OPEN_SEQUENCES {
                return Err(ReadError::broken("too many open sequences"));
            }
        }
        while end.is_none_or(|end| at < end) {
            let item = self.element(at)?;
            match item.tag {
                SEQUENCE_END if end.is_none() => return Ok(item.value_at),
                ITEM => {
                    if depth == 1 && self.in_directory {
                        self.directory_items.push(at);
                    }
                    let item_end =
                        if item.length == UNDEFINED { None } else { Some(self.value(&item)?.end) };
                    if item_end.zip(end).is_some_and(|(item, sequence)| item > sequence) {
                        return Err(ReadError::broken("an item longer than its sequence"));
                    }
                    at = self.item(item.value_at, item_end, depth)?;
                }
                _ => return Err(ReadError::broken("a sequence that holds no items")),
            }
        }
        Ok(at)
    }

    fn item(&mut self, mut at: usize, end: Option<usize>, depth: usize) -> Result<usize> {
        while end.is_none_or(|end| at < end) {
            let element = self.element(at)?;
            if element.tag == ITEM_END && end.is_none() {
                return Ok(element.value_at);
            }
            if element.tag.group() == 0xFFFE {
                return Err(ReadError::broken("an item that ends in the wrong place"));
            }
            at = self.skip(&element, depth)?;
        }
        Ok(at)
    }

    /// Offset table and fragments of encapsulated pixel data, and the position after them.
    fn fragments(&mut self, mut at: usize) -> Result<(Vec<u64>, Vec<Range<usize>>, usize)> {
        let mut offsets = Vec::new();
        let mut fragments = Vec::new();
        let mut first = true;
        // A file cut exactly between two fragments has lost its end mark only; whether all frames
        // are there is counted later.
        while at < self.bytes.len() {
            let item = self.element(at)?;
            match item.tag {
                SEQUENCE_END => return Ok((offsets, fragments, item.value_at)),
                ITEM => {
                    let range = self.value(&item)?;
                    at = range.end;
                    if std::mem::take(&mut first) {
                        offsets = self.bytes[range]
                            .chunks_exact(4)
                            .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]).into())
                            .collect();
                    } else {
                        fragments.push(range);
                    }
                }
                _ => return Err(ReadError::broken("compressed pixels in disorder")),
            }
        }
        Ok((offsets, fragments, at))
    }

    /// The bytes of a value; an error when there are fewer than it says.
    fn value(&self, element: &Element) -> Result<Range<usize>> {
        if element.length == UNDEFINED {
            return Err(ReadError::broken("a value without an end"));
        }
        let length = usize::try_from(element.length).map_err(|_| ReadError::Truncated)?;
        if length > self.bytes.len().saturating_sub(element.value_at) {
            return Err(ReadError::Truncated);
        }
        Ok(element.value_at..element.value_at + length)
    }

    fn element(&mut self, at: usize) -> Result<Element> {
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(ReadError::broken("too many elements"));
        }
        let head = self.bytes.get(at..at + 8).ok_or(ReadError::Truncated)?;
        let u16_at = |i: usize| self.u16([head[i], head[i + 1]]);
        let tag = Tag(u16_at(0), u16_at(2));
        let short_length = u16_at(6);
        let short = [head[4], head[5], head[6], head[7]];
        if self.encoding == Encoding::ImplicitLittle || tag.group() == 0xFFFE {
            let length = self.u32(short);
            if tag.group() != 0xFFFE {
                let vr = dictionary_vr(tag);
                // Only sequences may be open here; what the dictionary does not know counts as one.
                let open_value = length == UNDEFINED && !matches!(vr, VR::SQ | VR::UN);
                self.doubtful |= open_value || broken_width(vr, length);
            }
            return Ok(Element { tag, vr: None, length, value_at: at + 8 });
        }
        // An unknown VR has the long form (PS3.5 7.1.2), as the library reads it too.
        let vr = known_vr([head[4], head[5]]).unwrap_or_else(|| {
            self.doubtful = true;
            VR::UN
        });
        let (length, value_at) = if has_long_form(vr) {
            let long = self.bytes.get(at + 8..at + 12).ok_or(ReadError::Truncated)?;
            (self.u32([long[0], long[1], long[2], long[3]]), at + 12)
        } else {
            (u32::from(short_length), at + 8)
        };
        if matches!(vr, VR::UC | VR::UR | VR::UT) && length > MAX_TEXT_BYTES && length != UNDEFINED
        {
            return Err(ReadError::broken("a text of more than 1 MB"));
        }
        self.doubtful |= broken_width(vr, length);
        Ok(Element { tag, vr: Some(vr), length, value_at })
    }

    fn u16(&self, bytes: [u8; 2]) -> u16 {
        match self.encoding {
            Encoding::ExplicitBig => u16::from_be_bytes(bytes),
            _ => u16::from_le_bytes(bytes),
        }
    }

    fn u32(&self, bytes: [u8; 4]) -> u32 {
        match self.encoding {
            Encoding::ExplicitBig => u32::from_be_bytes(bytes),
            _ => u32::from_le_bytes(bytes),
        }
    }
}

fn known_vr(bytes: [u8; 2]) -> Option<VR> {
    VR::from_binary(bytes)
}

fn has_long_form(vr: VR) -> bool {
    matches!(
        vr,
        VR::OB
            | VR::OD
            | VR::OF
            | VR::OL
            | VR::OV
            | VR::OW
            | VR::SQ
            | VR::SV
            | VR::UC
            | VR::UN
            | VR::UR
            | VR::UT
            | VR::UV
    )
}

fn dictionary_vr(tag: Tag) -> VR {
    StandardDataDictionary.by_tag(tag).map_or(VR::UN, |entry| entry.vr().relaxed())
}

/// A list of numbers whose length is no multiple of one number.
fn broken_width(vr: VR, length: u32) -> bool {
    let width = match vr {
        VR::US | VR::SS | VR::OW => 2,
        VR::UL | VR::SL | VR::FL | VR::AT | VR::OF | VR::OL => 4,
        VR::FD | VR::OD | VR::OV | VR::SV | VR::UV => 8,
        _ => 1,
    };
    length != UNDEFINED && !length.is_multiple_of(width)
}
