//! JPEG (ITU-T T.81) where the library stops: sequential DCT of 12 bits, and lossless of 2 to 16.
//!
//! Huffman coding only. The inverse DCT is done in `f64` with plain multiplications and additions,
//! so that every machine arrives at the same values, within half a step of the exact transform.

use super::Expected;
use crate::error::{ReadError, Result};

pub(super) fn disorder() -> ReadError {
    ReadError::broken("its JPEG pixels are in disorder")
}

fn unread(what: &str) -> ReadError {
    ReadError::pixels(format!("JPEG with {what}"))
}

/// The kinds of JPEG by their frame mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Process {
    /// SOF0 and SOF1.
    Sequential,
    /// SOF2.
    Progressive,
    /// SOF3.
    Lossless,
}

#[derive(Debug, Clone)]
pub(super) struct Component {
    id: u8,
    h: usize,
    v: usize,
    quantiser: usize,
}

/// The frame header.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub process: Process,
    pub precision: u32,
    pub rows: usize,
    pub cols: usize,
    pub components: Vec<Component>,
}

impl Frame {
    fn sampling(&self) -> (usize, usize) {
        let most = |of: fn(&Component) -> usize| self.components.iter().map(of).max().unwrap_or(1);
        (most(|c| c.h), most(|c| c.v))
    }
}

/// The marks before the first scan, as far as they matter for deciding.
pub(super) struct Head {
    pub frame: Frame,
    /// The stream carries a JFIF or Adobe mark and so says what its colours are.
    pub says_colour: bool,
}

fn word(body: &[u8], at: usize) -> Result<usize> {
    body.get(at..at + 2).map(|b| usize::from(u16::from_be_bytes([b[0], b[1]]))).ok_or_else(disorder)
}

fn byte(body: &[u8], at: usize) -> Result<u8> {
    body.get(at).copied().ok_or_else(disorder)
}

/// A walk from marker to marker.
struct Markers<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Markers<'a> {
    fn open(data: &'a [u8]) -> Result<Self> {
        if !data.starts_with(&[0xFF, 0xD8]) {
            return Err(disorder());
        }
        Ok(Self { data, at: 2 })
    }

    fn next(&mut self) -> Result<(u8, &'a [u8])> {
        // Some encoders leave bytes between segments; the library skips them too.
        while *self.data.get(self.at).ok_or(ReadError::Truncated)? != 0xFF {
            self.at += 1;
        }
        while self.data.get(self.at) == Some(&0xFF) {
            self.at += 1;
        }
        let marker = *self.data.get(self.at).ok_or(ReadError::Truncated)?;
        self.at += 1;
        if matches!(marker, 0x00 | 0x01 | 0xD0..=0xD9) {
            return Ok((marker, &[]));
        }
        let length = word(self.data, self.at).map_err(|_| ReadError::Truncated)?;
        if length < 2 {
            return Err(disorder());
        }
        let body = self.data.get(self.at + 2..self.at + length).ok_or(ReadError::Truncated)?;
        self.at += length;
        Ok((marker, body))
    }
}

/// Reads up to the first scan.
pub(super) fn head(data: &[u8]) -> Result<Head> {
    let mut markers = Markers::open(data)?;
    let mut says_colour = false;
    let mut frame = None;
    loop {
        match markers.next()? {
            (0xE0, body) if body.starts_with(b"JFIF") => says_colour = true,
            (0xEE, body) if body.starts_with(b"Adobe") => says_colour = true,
            (0xF7, _) => return Err(ReadError::broken("JPEG-LS pixels in a file that says JPEG")),
            (marker @ (0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF), body) => {
                frame = Some(frame_header(marker, body)?);
            }
            (0xDA, _) => {
                let frame = frame.ok_or_else(disorder)?;
                return Ok(Head { frame, says_colour });
            }
            (0xD9, _) => return Err(ReadError::Truncated),
            _ => {}
        }
    }
}

fn frame_header(marker: u8, body: &[u8]) -> Result<Frame> {
    let process = match marker {
        0xC0 | 0xC1 => Process::Sequential,
        0xC2 => Process::Progressive,
        0xC3 => Process::Lossless,
        0xC9..=0xCB | 0xCD..=0xCF => return Err(unread("arithmetic coding")),
        _ => return Err(unread("hierarchical coding")),
    };
    let count = usize::from(byte(body, 5)?);
    if !(1..=4).contains(&count) {
        return Err(disorder());
    }
    let mut components = Vec::with_capacity(count);
    for index in 0..count {
        let at = 6 + index * 3;
        let sampling = byte(body, at + 1)?;
        let (h, v) = (usize::from(sampling >> 4), usize::from(sampling & 15));
        if !(1..=4).contains(&h) || !(1..=4).contains(&v) {
            return Err(disorder());
        }
        let quantiser = usize::from(byte(body, at + 2)?);
        components.push(Component { id: byte(body, at)?, h, v, quantiser });
    }
    let precision = u32::from(byte(body, 0)?);
    if !(2..=16).contains(&precision) {
        return Err(disorder());
    }
    Ok(Frame { process, precision, rows: word(body, 1)?, cols: word(body, 3)?, components })
}

/// Unpacks a 12-bit sequential or a lossless stream whose size has been found right. Samples pixel
/// by pixel, colours as they were coded.
pub(super) fn decode(data: &[u8], expected: &Expected) -> Result<Vec<u16>> {
    let mut markers = Markers::open(data)?;
    let mut tables = Tables::default();
    let mut restart = 0;
    let mut frame: Option<Frame> = None;
    let mut planes: Vec<Plane> = Vec::new();
    let mut left = 0_usize;
    loop {
        match markers.next()? {
            (0xC4, body) => tables.huffman(body)?,
            (0xDB, body) => tables.quantisers(body)?,
            (0xDD, body) => restart = word(body, 0)?,
            (marker @ (0xC0 | 0xC1 | 0xC3), body) if frame.is_none() => {
                let header = frame_header(marker, body)?;
                expected.same_size(header.rows, header.cols, header.components.len())?;
                planes = planes_of(&header)?;
                left = planes.len();
                frame = Some(header);
            }
            (0xDA, body) => {
                let frame = frame.as_ref().ok_or_else(disorder)?;
                let scan = scan_header(body, frame)?;
                let rest = data.get(markers.at..).ok_or(ReadError::Truncated)?;
                let mut bits = Bits::new(rest);
                match frame.process {
                    Process::Lossless => {
                        lossless(&mut bits, frame, &scan, &tables, restart, &mut planes)?;
                    }
                    _ => sequential(&mut bits, frame, &scan, &tables, restart, &mut planes)?,
                }
                markers.at += bits.end();
                left = left.saturating_sub(scan.components.len());
                if left == 0 {
                    return Ok(interleave(frame, &planes));
                }
            }
            (0xD9, _) => return Err(ReadError::Truncated),
            _ => {}
        }
    }
}

/// Samples of one component, whole blocks of them.
struct Plane {
    width: usize,
    samples: Vec<u16>,
}

fn planes_of(frame: &Frame) -> Result<Vec<Plane>> {
    let (hmax, vmax) = frame.sampling();
    let lossless = frame.process == Process::Lossless;
    if lossless && frame.components.iter().any(|c| (c.h, c.v) != (hmax, vmax)) {
        return Err(unread("lossless sub-sampled colours"));
    }
    Ok(frame
        .components
        .iter()
        .map(|c| {
            let (width, height) = if lossless {
                (frame.cols, frame.rows)
            } else {
                (frame.cols.div_ceil(8 * hmax) * 8 * c.h, frame.rows.div_ceil(8 * vmax) * 8 * c.v)
            };
            Plane { width, samples: vec![0; width * height] }
        })
        .collect())
}

fn interleave(frame: &Frame, planes: &[Plane]) -> Vec<u16> {
    let (hmax, vmax) = frame.sampling();
    let mut out = Vec::with_capacity(frame.rows * frame.cols * planes.len());
    for y in 0..frame.rows {
        for x in 0..frame.cols {
            for (plane, c) in planes.iter().zip(&frame.components) {
                let at = (y * c.v / vmax) * plane.width + x * c.h / hmax;
                out.push(plane.samples.get(at).copied().unwrap_or(0));
            }
        }
    }
    out
}

struct ScanPart {
    component: usize,
    dc: usize,
    ac: usize,
}

struct Scan {
    components: Vec<ScanPart>,
    /// Predictor of a lossless scan, 1 to 7.
    predictor: u8,
    point_transform: u32,
}

fn scan_header(body: &[u8], frame: &Frame) -> Result<Scan> {
    let count = usize::from(byte(body, 0)?);
    if !(1..=4).contains(&count) {
        return Err(disorder());
    }
    let mut components = Vec::with_capacity(count);
    for index in 0..count {
        let id = byte(body, 1 + index * 2)?;
        let tables = byte(body, 2 + index * 2)?;
        components.push(ScanPart {
            component: frame.components.iter().position(|c| c.id == id).ok_or_else(disorder)?,
            dc: usize::from(tables >> 4 & 3),
            ac: usize::from(tables & 3),
        });
    }
    let after = 1 + count * 2;
    let scan = Scan {
        components,
        predictor: byte(body, after)?,
        point_transform: u32::from(byte(body, after + 2)? & 15),
    };
    if frame.process == Process::Lossless
        && (!(1..=7).contains(&scan.predictor) || scan.point_transform >= frame.precision)
    {
        return Err(disorder());
    }
    Ok(scan)
}

#[derive(Default)]
struct Tables {
    dc: [Option<Huffman>; 4],
    ac: [Option<Huffman>; 4],
    quantisers: [Option<[f64; 64]>; 4],
}

impl Tables {
    fn huffman(&mut self, mut body: &[u8]) -> Result<()> {
        while !body.is_empty() {
            let head = byte(body, 0)?;
            let counts = body.get(1..17).ok_or_else(disorder)?;
            let total: usize = counts.iter().map(|n| usize::from(*n)).sum();
            let values = body.get(17..17 + total).ok_or_else(disorder)?;
            let table = Huffman::new(counts, values)?;
            let place = usize::from(head & 3);
            if head >> 4 == 0 {
                self.dc[place] = Some(table);
            } else {
                self.ac[place] = Some(table);
            }
            body = &body[17 + total..];
        }
        Ok(())
    }

    fn quantisers(&mut self, mut body: &[u8]) -> Result<()> {
        while !body.is_empty() {
            let head = byte(body, 0)?;
            let wide = head >> 4 != 0;
            let length = if wide { 128 } else { 64 };
            let steps = body.get(1..1 + length).ok_or_else(disorder)?;
            let mut table = [0.0; 64];
            for (index, step) in table.iter_mut().enumerate() {
                *step = if wide {
                    f64::from(u16::from_be_bytes([steps[index * 2], steps[index * 2 + 1]]))
                } else {
                    f64::from(steps[index])
                };
            }
            self.quantisers[usize::from(head & 3)] = Some(table);
            body = &body[1 + length..];
        }
        Ok(())
    }
}

/// A Huffman table: codes of up to nine bits by looking them up, longer ones by their length.
struct Huffman {
    short: Vec<(u8, u8)>,
    /// For each length: the first code, the first place in `values`, how many.
    long: [(u32, usize, u32); 17],
    values: Vec<u8>,
}

const LOOK: u32 = 9;

impl Huffman {
    fn new(counts: &[u8], values: &[u8]) -> Result<Self> {
        let mut long = [(0, 0, 0); 17];
        let mut short = vec![(0, 0); 1 << LOOK];
        let (mut code, mut place) = (0_u32, 0_usize);
        for (length, count) in (1_u32..=16).zip(counts) {
            let count = u32::from(*count);
            if code + count > 1 << length {
                return Err(disorder());
            }
            long[usize::try_from(length).unwrap_or(0)] = (code, place, count);
            if length <= LOOK {
                for index in 0..count {
                    let value = values
                        .get(place + usize::try_from(index).unwrap_or(0))
                        .copied()
                        .ok_or_else(disorder)?;
                    let first = usize::try_from((code + index) << (LOOK - length)).unwrap_or(0);
                    let number = 1_usize << (LOOK - length);
                    let bits = u8::try_from(length).unwrap_or(0);
                    short.get_mut(first..first + number).ok_or_else(disorder)?.fill((bits, value));
                }
            }
            code = (code + count) << 1;
            place += usize::try_from(count).unwrap_or(0);
        }
        Ok(Self { short, long, values: values.to_vec() })
    }

    fn read(&self, bits: &mut Bits) -> Result<u8> {
        let ahead = bits.peek(16);
        let (length, value) = self.short[usize::try_from(ahead >> (16 - LOOK)).unwrap_or(0)];
        if length > 0 {
            bits.take(length.into())?;
            return Ok(value);
        }
        for length in LOOK + 1..=16 {
            let (first, place, count) = self.long[usize::try_from(length).unwrap_or(0)];
            let code = ahead >> (16 - length);
            if code >= first && code - first < count {
                bits.take(length)?;
                let place = place + usize::try_from(code - first).unwrap_or(0);
                return self.values.get(place).copied().ok_or_else(disorder);
            }
        }
        Err(if bits.exhausted() { ReadError::Truncated } else { disorder() })
    }
}

/// Entropy-coded bits; the zero after a byte of ones is dropped, a marker ends them.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
    /// Zero bits invented after the end. A whole symbol of them means that the data are cut.
    invented: u32,
}

impl<'a> Bits<'a> {
    fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, held: 0, count: 0, invented: 0 }
    }

    fn fill(&mut self) {
        while self.count <= 48 {
            let byte = match (self.data.get(self.at), self.data.get(self.at + 1)) {
                (Some(0xFF), Some(0)) => {
                    self.at += 2;
                    0xFF
                }
                (Some(0xFF), _) | (None, _) => {
                    self.invented += 8;
                    0
                }
                (Some(byte), _) => {
                    self.at += 1;
                    *byte
                }
            };
            self.held = self.held << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    /// The next bits without taking them; zeros after the end.
    fn peek(&mut self, count: u32) -> u32 {
        if self.count < count {
            self.fill();
        }
        u32::try_from(self.held >> (self.count - count) & ((1 << count) - 1)).unwrap_or(0)
    }

    fn take(&mut self, count: u32) -> Result<()> {
        self.count = self.count.checked_sub(count).ok_or_else(disorder)?;
        if self.exhausted() { Err(ReadError::Truncated) } else { Ok(()) }
    }

    fn exhausted(&self) -> bool {
        self.invented > self.count
    }

    /// A number of `size` bits with its sign folded in (T.81 F.2.2.1).
    fn extended(&mut self, size: u32) -> Result<i32> {
        if size == 0 {
            return Ok(0);
        }
        let raw = self.peek(size).cast_signed();
        self.take(size)?;
        Ok(if raw < 1 << (size - 1) { raw - (1 << size) + 1 } else { raw })
    }

    /// Goes to the next restart mark.
    fn restart(&mut self) -> Result<()> {
        (self.held, self.count, self.invented) = (0, 0, 0);
        // Padding before the mark is at most a byte, and the fill never passes a mark.
        while let Some(&[a, b]) = self.data.get(self.at..self.at + 2) {
            if a == 0xFF && (0xD0..=0xD7).contains(&b) {
                self.at += 2;
                return Ok(());
            }
            if a == 0xFF && b != 0 && b != 0xFF {
                return Err(disorder());
            }
            self.at += 1;
        }
        Err(ReadError::Truncated)
    }

    /// Where the next marker begins.
    fn end(&self) -> usize {
        let mut at = self.at.saturating_sub(8);
        while let Some(&[a, b]) = self.data.get(at..at + 2) {
            if a == 0xFF && b != 0 && b != 0xFF && !(0xD0..=0xD7).contains(&b) {
                return at;
            }
            at += 1;
        }
        self.data.len()
    }
}

fn table(of: &[Option<Huffman>; 4], index: usize) -> Result<&Huffman> {
    of.get(index).and_then(Option::as_ref).ok_or_else(disorder)
}

/// A lossless scan (T.81 annex H). Prediction starts anew after a restart mark, as in a first line.
fn lossless(
    bits: &mut Bits,
    frame: &Frame,
    scan: &Scan,
    tables: &Tables,
    restart: usize,
    planes: &mut [Plane],
) -> Result<()> {
    let (rows, cols) = (frame.rows, frame.cols);
    let parts = scan
        .components
        .iter()
        .map(|part| Ok((part.component, table(&tables.dc, part.dc)?)))
        .collect::<Result<Vec<_>>>()?;
    let start = 1_i32 << (frame.precision - scan.point_transform - 1);
    let mut left = restart;
    // The line on which prediction last began anew.
    let mut first_row = 0;
    let mut fresh = true;
    for y in 0..rows {
        for x in 0..cols {
            if restart > 0 {
                if left == 0 {
                    bits.restart()?;
                    left = restart;
                    (fresh, first_row) = (true, y);
                }
                left -= 1;
            }
            for (component, huffman) in &parts {
                let size = u32::from(huffman.read(bits)?);
                let difference = match size {
                    0..=15 => bits.extended(size)?,
                    16 => 32_768,
                    _ => return Err(disorder()),
                };
                let samples = &mut planes[*component].samples;
                let at = y * cols + x;
                let value = |at: usize| i32::from(samples[at]);
                let predicted = if fresh {
                    start
                } else if y == first_row && x > 0 {
                    value(at - 1)
                } else if x == 0 {
                    if y > 0 { value(at - cols) } else { start }
                } else {
                    let (ra, rb, rc) = (value(at - 1), value(at - cols), value(at - cols - 1));
                    match scan.predictor {
                        1 => ra,
                        2 => rb,
                        3 => rc,
                        4 => ra + rb - rc,
                        5 => ra + ((rb - rc) >> 1),
                        6 => rb + ((ra - rc) >> 1),
                        _ => (ra + rb) >> 1,
                    }
                };
                samples[at] = u16::try_from((predicted + difference) & 0xFFFF).unwrap_or(0);
            }
            fresh = false;
        }
    }
    if scan.point_transform > 0 {
        for (component, _) in &parts {
            for sample in &mut planes[*component].samples {
                *sample <<= scan.point_transform;
            }
        }
    }
    Ok(())
}

const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// A scan of sequential DCT (T.81 annex F).
fn sequential(
    bits: &mut Bits,
    frame: &Frame,
    scan: &Scan,
    tables: &Tables,
    restart: usize,
    planes: &mut [Plane],
) -> Result<()> {
    struct Part<'a> {
        component: usize,
        h: usize,
        v: usize,
        dc: &'a Huffman,
        ac: &'a Huffman,
        quantiser: &'a [f64; 64],
        before: i32,
    }
    let alone = scan.components.len() == 1;
    let mut parts = Vec::with_capacity(scan.components.len());
    for part in &scan.components {
        let component = &frame.components[part.component];
        parts.push(Part {
            component: part.component,
            // A component alone in its scan goes block by block.
            h: if alone { 1 } else { component.h },
            v: if alone { 1 } else { component.v },
            dc: table(&tables.dc, part.dc)?,
            ac: table(&tables.ac, part.ac)?,
            quantiser: tables
                .quantisers
                .get(component.quantiser)
                .and_then(Option::as_ref)
                .ok_or_else(disorder)?,
            before: 0,
        });
    }
    let (hmax, vmax) = frame.sampling();
    let (across, down) = match &parts[..] {
        [part] if alone => {
            let c = &frame.components[part.component];
            (
                (frame.cols * c.h).div_ceil(hmax).div_ceil(8),
                (frame.rows * c.v).div_ceil(vmax).div_ceil(8),
            )
        }
        _ => (frame.cols.div_ceil(8 * hmax), frame.rows.div_ceil(8 * vmax)),
    };
    let cosines = cosines();
    let top = f64::from((1_u32 << frame.precision) - 1);
    let middle = f64::from(1_u32 << (frame.precision - 1));
    let mut left = restart;
    for my in 0..down {
        for mx in 0..across {
            if restart > 0 {
                if left == 0 {
                    bits.restart()?;
                    left = restart;
                    for part in &mut parts {
                        part.before = 0;
                    }
                }
                left -= 1;
            }
            for part in &mut parts {
                for by in 0..part.v {
                    for bx in 0..part.h {
                        let mut block = [0.0; 64];
                        coefficients(
                            bits,
                            part.dc,
                            part.ac,
                            part.quantiser,
                            &mut part.before,
                            &mut block,
                        )?;
                        let light = inverse_dct(&block, &cosines);
                        let plane = &mut planes[part.component];
                        let corner = (my * part.v + by) * 8 * plane.width + (mx * part.h + bx) * 8;
                        for (y, line) in light.chunks_exact(8).enumerate() {
                            let at = corner + y * plane.width;
                            let out = plane.samples.get_mut(at..at + 8).ok_or_else(disorder)?;
                            for (sample, value) in out.iter_mut().zip(line) {
                                // `as` on a clamped value is exact.
                                *sample = (value + middle).round().clamp(0.0, top) as u16;
                            }
                        }
                    }
                }
            }
        }
    }
    Ok(())
}

fn coefficients(
    bits: &mut Bits,
    dc: &Huffman,
    ac: &Huffman,
    quantiser: &[f64; 64],
    before: &mut i32,
    block: &mut [f64; 64],
) -> Result<()> {
    let size = u32::from(dc.read(bits)?);
    if size > 16 {
        return Err(disorder());
    }
    *before = before.wrapping_add(bits.extended(size)?);
    block[0] = f64::from(*before) * quantiser[0];
    let mut index = 1;
    while index < 64 {
        let symbol = ac.read(bits)?;
        let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        if size == 0 {
            if run != 15 {
                break;
            }
            index += 16;
            continue;
        }
        index += run;
        let place = *ZIGZAG.get(index).ok_or_else(disorder)?;
        block[place] = f64::from(bits.extended(size)?) * quantiser[index];
        index += 1;
    }
    Ok(())
}

/// `cosines[x][u]` with the weights of the inverse transform.
fn cosines() -> [[f64; 8]; 8] {
    // cos(k * pi / 16) written out: a library's cosine may differ in the last bit between machines.
    const C: [f64; 9] = [
        1.0,
        0.980_785_280_403_230_4,
        0.923_879_532_511_286_7,
        0.831_469_612_302_545_2,
        std::f64::consts::FRAC_1_SQRT_2,
        0.555_570_233_019_602_2,
        0.382_683_432_365_089_8,
        0.195_090_322_016_128_27,
        0.0,
    ];
    let cosine = |k: usize| match k % 32 {
        k @ 0..=8 => C[k],
        k @ 9..=16 => -C[16 - k],
        k @ 17..=24 => -C[k - 16],
        k => C[32 - k],
    };
    let mut table = [[0.0; 8]; 8];
    for (x, line) in table.iter_mut().enumerate() {
        for (u, weight) in line.iter_mut().enumerate() {
            let scale = if u == 0 { C[4] } else { 1.0 };
            *weight = 0.5 * scale * cosine((2 * x + 1) * u);
        }
    }
    table
}

fn inverse_dct(block: &[f64; 64], cosines: &[[f64; 8]; 8]) -> [f64; 64] {
    let mut half = [0.0; 64];
    for v in 0..8 {
        let line = &block[v * 8..v * 8 + 8];
        if line.iter().all(|c| *c == 0.0) {
            continue;
        }
        for x in 0..8 {
            half[v * 8 + x] = line.iter().zip(&cosines[x]).map(|(c, w)| c * w).sum();
        }
    }
    let mut out = [0.0; 64];
    for y in 0..8 {
        for x in 0..8 {
            out[y * 8 + x] = (0..8).map(|v| half[v * 8 + x] * cosines[y][v]).sum();
        }
    }
    out
}
