//! JPEG-LS (ITU-T T.87 | ISO/IEC 14495-1), lossless and near-lossless, 2 to 16 bits, one to four
//! colours, all three interleavings. Names follow the standard's (`A`, `B`, `C`, `N`, `Ra` to `Rd`)
//! so that the two can be read side by side.
//!
//! Refused by name: mapping tables, point transform, sub-sampled colours, restart marks. None of
//! them occurs in DICOM files that we know of.

use super::{Expected, Samples, Unpacked};
use crate::error::{ReadError, Result};

fn disorder() -> ReadError {
    ReadError::broken("its JPEG-LS pixels are in disorder")
}

fn unread(what: &str) -> ReadError {
    ReadError::pixels(format!("JPEG-LS with {what}"))
}

/// The frame header (SOF55).
#[derive(Debug, Clone, Copy)]
struct Frame {
    precision: u32,
    rows: usize,
    cols: usize,
    components: usize,
}

/// Coding parameters of an LSE segment, 0 meaning the default.
#[derive(Debug, Clone, Copy, Default)]
struct Preset {
    maxval: i32,
    t: [i32; 3],
    reset: i32,
}

struct Scan {
    components: Vec<usize>,
    near: i32,
    interleave: u8,
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

    /// The next marker and the body of its segment; empty for the end of the picture.
    fn next(&mut self) -> Result<(u8, &'a [u8])> {
        if self.data.get(self.at) != Some(&0xFF) {
            return Err(if self.at >= self.data.len() { ReadError::Truncated } else { disorder() });
        }
        while self.data.get(self.at) == Some(&0xFF) {
            self.at += 1;
        }
        let marker = *self.data.get(self.at).ok_or(ReadError::Truncated)?;
        self.at += 1;
        if marker == 0xD9 {
            return Ok((marker, &[]));
        }
        let head = self.data.get(self.at..self.at + 2).ok_or(ReadError::Truncated)?;
        let length = usize::from(u16::from_be_bytes([head[0], head[1]]));
        if length < 2 {
            return Err(disorder());
        }
        let body = self.data.get(self.at + 2..self.at + length).ok_or(ReadError::Truncated)?;
        self.at += length;
        Ok((marker, body))
    }
}

fn word(body: &[u8], at: usize) -> Result<u16> {
    body.get(at..at + 2).map(|b| u16::from_be_bytes([b[0], b[1]])).ok_or_else(disorder)
}

fn byte(body: &[u8], at: usize) -> Result<u8> {
    body.get(at).copied().ok_or_else(disorder)
}

fn frame_header(body: &[u8]) -> Result<(Frame, Vec<u8>)> {
    let components = usize::from(byte(body, 5)?);
    let mut ids = Vec::with_capacity(components);
    for index in 0..components {
        ids.push(byte(body, 6 + index * 3)?);
        if byte(body, 7 + index * 3)? != 0x11 {
            return Err(unread("sub-sampled colours"));
        }
    }
    let frame = Frame {
        precision: u32::from(byte(body, 0)?),
        rows: usize::from(word(body, 1)?),
        cols: usize::from(word(body, 3)?),
        components,
    };
    if !(2..=16).contains(&frame.precision) {
        return Err(disorder());
    }
    Ok((frame, ids))
}

fn scan_header(body: &[u8], ids: &[u8]) -> Result<Scan> {
    let count = usize::from(byte(body, 0)?);
    let mut components = Vec::with_capacity(count);
    for index in 0..count {
        let id = byte(body, 1 + index * 2)?;
        components.push(ids.iter().position(|known| *known == id).ok_or_else(disorder)?);
        if byte(body, 2 + index * 2)? != 0 {
            return Err(unread("a mapping table"));
        }
    }
    let after = 1 + count * 2;
    let scan = Scan {
        components,
        near: i32::from(byte(body, after)?),
        interleave: byte(body, after + 1)?,
    };
    if byte(body, after + 2)? & 0x0F != 0 {
        return Err(unread("a point transform"));
    }
    let fits = match scan.interleave {
        0 => count == 1,
        1 | 2 => (1..=4).contains(&count),
        _ => false,
    };
    if fits { Ok(scan) } else { Err(disorder()) }
}

fn preset(body: &[u8]) -> Result<Preset> {
    match byte(body, 0)? {
        1 => {
            let number = |at| word(body, at).map(i32::from);
            Ok(Preset {
                maxval: number(1)?,
                t: [number(3)?, number(5)?, number(7)?],
                reset: number(9)?,
            })
        }
        2 | 3 => Err(unread("a mapping table")),
        _ => Err(unread("oversized dimensions")),
    }
}

/// Reads up to the frame header and holds it against what was promised.
pub(super) fn check(data: &[u8], expected: &Expected) -> Result<()> {
    let mut markers = Markers::open(data)?;
    loop {
        match markers.next()? {
            (0xF7, body) => {
                let (frame, _) = frame_header(body)?;
                return expected.same_size(frame.rows, frame.cols, frame.components);
            }
            (0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF, _) => {
                return Err(ReadError::broken("JPEG pixels in a file that says JPEG-LS"));
            }
            (0xD9 | 0xDA, _) => return Err(disorder()),
            _ => {}
        }
    }
}

pub(super) fn decode(data: &[u8], expected: &Expected) -> Result<Unpacked> {
    check(data, expected)?;
    let mut markers = Markers::open(data)?;
    let mut frame = None;
    let mut parameters = Preset::default();
    let mut samples = Vec::new();
    let mut done = [false; 4];
    loop {
        match markers.next()? {
            (0xF7, body) => {
                let header = frame_header(body)?;
                expected.same_size(header.0.rows, header.0.cols, header.0.components)?;
                samples = vec![0_u16; expected.values()];
                frame = Some(header);
            }
            (0xF8, body) => parameters = preset(body)?,
            (0xDD, body) if body.iter().any(|byte| *byte != 0) => {
                return Err(unread("restart marks"));
            }
            (0xDA, body) => {
                let (frame, ids) = frame.as_ref().ok_or_else(disorder)?;
                let scan = scan_header(body, ids)?;
                let limits = Limits::new(frame.precision, &parameters, scan.near)?;
                let rest = data.get(markers.at..).ok_or(ReadError::Truncated)?;
                let mut bits = Bits::new(rest);
                read_scan(&mut bits, frame, &scan, &limits, &mut samples)?;
                markers.at += bits.end();
                for component in &scan.components {
                    done[*component & 3] = true;
                }
                if done.iter().take(frame.components).all(|done| *done) {
                    // Nothing after the last scan can change the picture.
                    return Ok(Unpacked {
                        samples: Samples::Narrow(samples),
                        precision: Some(frame.precision),
                        is_rgb: None,
                        as_written: false,
                    });
                }
            }
            (0xD9, _) => return Err(ReadError::Truncated),
            _ => {}
        }
    }
}

/// Everything that follows from precision, preset and NEAR (T.87 A.2.1, C.2.4.1.1).
struct Limits {
    maxval: i32,
    near: i32,
    range: i32,
    qbpp: u32,
    limit: u32,
    t: [i32; 3],
    reset: i32,
}

impl Limits {
    fn new(precision: u32, preset: &Preset, near: i32) -> Result<Self> {
        let top = (1_i32 << precision) - 1;
        let maxval = if preset.maxval == 0 { top } else { preset.maxval };
        if maxval > top || near > (maxval / 2).min(255) {
            return Err(disorder());
        }
        let clamp = |value: i32, low: i32| if value > maxval || value < low { low } else { value };
        let [d1, d2, d3] = if maxval >= 128 {
            let factor = (maxval.min(4095) + 128) / 256;
            [factor + 2 + 3 * near, factor * 4 + 3 + 5 * near, factor * 17 + 4 + 7 * near]
        } else {
            let factor = 256 / (maxval + 1);
            [
                (3 / factor + 3 * near).max(2),
                (7 / factor + 5 * near).max(3),
                (21 / factor + 7 * near).max(4),
            ]
        };
        let or = |given: i32, default: i32| if given == 0 { default } else { given };
        let t1 = or(preset.t[0], clamp(d1, near + 1));
        let t2 = or(preset.t[1], clamp(d2, t1));
        let t3 = or(preset.t[2], clamp(d3, t2));
        let reset = or(preset.reset, 64);
        if t1 <= near || t2 < t1 || t3 < t2 || t3 > maxval.max(t2) || reset < 3 {
            return Err(disorder());
        }
        let range = (maxval + 2 * near) / (2 * near + 1) + 1;
        let bits = |n: i32| 32 - (n - 1).leading_zeros();
        let qbpp = bits(range);
        let bpp = bits(maxval + 1).max(2);
        Ok(Self {
            maxval,
            near,
            range,
            qbpp,
            limit: 2 * (bpp + bpp.max(8)),
            t: [t1, t2, t3],
            reset,
        })
    }

    /// A gradient in one of nine steps (A.3.3).
    fn quantise(&self, d: i32) -> i32 {
        let [t1, t2, t3] = self.t;
        let size = d.abs();
        let step = if size <= self.near {
            0
        } else if size < t1 {
            1
        } else if size < t2 {
            2
        } else if size < t3 {
            3
        } else {
            4
        };
        if d < 0 { -step } else { step }
    }

    /// A predicted value and its error, brought back into the range of values (A.4.4 and A.4.5).
    fn reconstruct(&self, predicted: i32, error: i32) -> i32 {
        let step = 2 * self.near + 1;
        let value = predicted + error * step;
        let turned = if value < -self.near {
            value + self.range * step
        } else if value > self.maxval + self.near {
            value - self.range * step
        } else {
            value
        };
        turned.clamp(0, self.maxval)
    }
}

#[derive(Clone, Copy)]
struct Context {
    a: i32,
    b: i32,
    c: i32,
    n: i32,
}

#[derive(Clone, Copy)]
struct RunContext {
    a: i32,
    n: i32,
    nn: i32,
}

struct Model {
    regular: Vec<Context>,
    run: [RunContext; 2],
}

/// Run lengths in bits (A.2.1).
const J: [u32; 32] = [
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13,
    14, 15,
];

impl Model {
    fn new(limits: &Limits) -> Self {
        let a = ((limits.range + 32) / 64).max(2);
        Self {
            regular: vec![Context { a, b: 0, c: 0, n: 1 }; 365],
            run: [RunContext { a, n: 1, nn: 0 }; 2],
        }
    }

    /// One sample outside a run (A.4 to A.6). `q` is the signed number of the context.
    fn regular(&mut self, bits: &mut Bits, limits: &Limits, q: i32, predicted: i32) -> Result<i32> {
        let negative = q < 0;
        let index = usize::try_from(q.unsigned_abs()).unwrap_or(0);
        let context = self.regular.get_mut(index).ok_or_else(disorder)?;
        let correction = if negative { -context.c } else { context.c };
        let predicted = (predicted + correction).clamp(0, limits.maxval);
        let k = golomb(context.n, context.a)?;
        let mapped = bits.golomb(k, limits.limit, limits.qbpp)?;
        let error = if limits.near == 0 && k == 0 && 2 * context.b <= -context.n {
            if mapped & 1 == 1 { (mapped - 1) / 2 } else { -(mapped / 2) - 1 }
        } else if mapped & 1 == 0 {
            mapped / 2
        } else {
            -((mapped + 1) / 2)
        };
        // What no encoder writes must not make the counters run away.
        if error.abs() > 65_536 {
            return Err(disorder());
        }
        context.b += error * (2 * limits.near + 1);
        context.a += error.abs();
        if context.n == limits.reset {
            context.a >>= 1;
            context.b >>= 1;
            context.n >>= 1;
        }
        context.n += 1;
        if context.b <= -context.n {
            context.b = (context.b + context.n).max(1 - context.n);
            context.c = (context.c - 1).max(-128);
        } else if context.b > 0 {
            context.b = (context.b - context.n).min(0);
            context.c = (context.c + 1).min(127);
        }
        Ok(limits.reconstruct(predicted, if negative { -error } else { error }))
    }

    /// The sample that ends a run (A.7.2). `flat`: its neighbours `ra` and `rb` are alike.
    fn interruption(
        &mut self,
        bits: &mut Bits,
        limits: &Limits,
        run_index: usize,
        flat: bool,
        ra: i32,
        rb: i32,
    ) -> Result<i32> {
        let kind = i32::from(flat);
        let context = &mut self.run[usize::from(flat)];
        let k = golomb(context.n, context.a + if flat { context.n >> 1 } else { 0 })?;
        let mapped = bits.golomb(k, limits.limit - J[run_index] - 1, limits.qbpp)?;
        let folded = mapped + kind;
        let odd = folded & 1 == 1;
        let size = (folded + i32::from(odd)) / 2;
        let error = if (k != 0 || 2 * context.nn >= context.n) == odd { -size } else { size };
        if error.abs() > 65_536 {
            return Err(disorder());
        }
        context.nn += i32::from(error < 0);
        context.a += (mapped + 1 - kind) >> 1;
        if context.n == limits.reset {
            context.a >>= 1;
            context.n >>= 1;
            context.nn >>= 1;
        }
        context.n += 1;
        if flat {
            return Ok(limits.reconstruct(ra, error));
        }
        Ok(limits.reconstruct(rb, if rb < ra { -error } else { error }))
    }
}

fn golomb(n: i32, a: i32) -> Result<u32> {
    (0..=24).find(|k| n << k >= a).ok_or_else(disorder)
}

/// The lines of one component: the one being read and the one above, with a sample more at either
/// end for the neighbours outside the picture.
struct Lines {
    current: Vec<i32>,
    above: Vec<i32>,
    run_index: usize,
}

impl Lines {
    fn new(cols: usize) -> Self {
        Self { current: vec![0; cols + 2], above: vec![0; cols + 2], run_index: 0 }
    }

    fn begin(&mut self, cols: usize) {
        std::mem::swap(&mut self.current, &mut self.above);
        self.current[0] = self.above[1];
        self.above[cols + 1] = self.above[cols];
    }

    /// Ra, Rb, Rc, Rd of column `x`, which stands at `x + 1`.
    fn neighbours(&self, x: usize) -> [i32; 4] {
        [self.current[x], self.above[x + 1], self.above[x], self.above[x + 2]]
    }
}

fn context_and_prediction(limits: &Limits, [ra, rb, rc, rd]: [i32; 4]) -> (i32, i32) {
    let q = limits.quantise(rd - rb) * 81 + limits.quantise(rb - rc) * 9 + limits.quantise(rc - ra);
    let predicted = if rc >= ra.max(rb) {
        ra.min(rb)
    } else if rc <= ra.min(rb) {
        ra.max(rb)
    } else {
        ra + rb - rc
    };
    (q, predicted)
}

/// Length of a run that begins at `x`, at most `left` samples; moves the run index (A.7.1).
fn run_length(bits: &mut Bits, run_index: &mut usize, left: usize) -> Result<usize> {
    let mut length = 0;
    while bits.bit()? {
        let whole = 1_usize << J[*run_index];
        let step = whole.min(left - length);
        length += step;
        if step == whole {
            *run_index = (*run_index + 1).min(31);
        }
        if length == left {
            return Ok(length);
        }
    }
    let extra = usize::try_from(bits.bits(J[*run_index])?).map_err(|_| disorder())?;
    // The rest of a run that is interrupted ends before the line does.
    if length + extra >= left {
        return Err(disorder());
    }
    Ok(length + extra)
}

fn read_scan(
    bits: &mut Bits,
    frame: &Frame,
    scan: &Scan,
    limits: &Limits,
    samples: &mut [u16],
) -> Result<()> {
    let cols = frame.cols;
    let mut model = Model::new(limits);
    let mut lines: Vec<Lines> = scan.components.iter().map(|_| Lines::new(cols)).collect();
    let mut run_index = 0;
    for row in 0..frame.rows {
        for lines in &mut lines {
            lines.begin(cols);
        }
        if scan.interleave == 2 {
            triplets(bits, limits, &mut model, &mut lines, &mut run_index, cols)?;
        } else {
            for lines in &mut lines {
                line(bits, limits, &mut model, lines, cols)?;
            }
        }
        for (lines, component) in lines.iter().zip(&scan.components) {
            let out = samples.iter_mut().skip(row * cols * frame.components + component);
            for (sample, value) in out.step_by(frame.components).zip(&lines.current[1..=cols]) {
                *sample = u16::try_from(*value).unwrap_or(u16::MAX);
            }
        }
    }
    Ok(())
}

fn line(
    bits: &mut Bits,
    limits: &Limits,
    model: &mut Model,
    lines: &mut Lines,
    cols: usize,
) -> Result<()> {
    let mut x = 0;
    while x < cols {
        let near = lines.neighbours(x);
        let (q, predicted) = context_and_prediction(limits, near);
        if q != 0 {
            lines.current[x + 1] = model.regular(bits, limits, q, predicted)?;
            x += 1;
            continue;
        }
        let ra = near[0];
        let length = run_length(bits, &mut lines.run_index, cols - x)?;
        lines.current[x + 1..=x + length].fill(ra);
        x += length;
        if x < cols {
            let rb = lines.above[x + 1];
            let flat = (ra - rb).abs() <= limits.near;
            lines.current[x + 1] =
                model.interruption(bits, limits, lines.run_index, flat, ra, rb)?;
            lines.run_index = lines.run_index.saturating_sub(1);
            x += 1;
        }
    }
    Ok(())
}

/// A line of colours side by side: a run only where all of them are in one.
fn triplets(
    bits: &mut Bits,
    limits: &Limits,
    model: &mut Model,
    lines: &mut [Lines],
    run_index: &mut usize,
    cols: usize,
) -> Result<()> {
    let mut x = 0;
    while x < cols {
        let run = lines.iter().all(|l| context_and_prediction(limits, l.neighbours(x)).0 == 0);
        if !run {
            for lines in lines.iter_mut() {
                let (q, predicted) = context_and_prediction(limits, lines.neighbours(x));
                lines.current[x + 1] = model.regular(bits, limits, q, predicted)?;
            }
            x += 1;
            continue;
        }
        let length = run_length(bits, run_index, cols - x)?;
        for lines in lines.iter_mut() {
            let ra = lines.current[x];
            lines.current[x + 1..=x + length].fill(ra);
        }
        x += length;
        if x < cols {
            for lines in lines.iter_mut() {
                let (ra, rb) = (lines.current[x], lines.above[x + 1]);
                lines.current[x + 1] =
                    model.interruption(bits, limits, *run_index, false, ra, rb)?;
            }
            *run_index = run_index.saturating_sub(1);
            x += 1;
        }
    }
    Ok(())
}

/// Bits from the highest on; after a byte of ones the next byte has seven (T.87 9.1).
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
    after_ones: bool,
}

impl<'a> Bits<'a> {
    fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, held: 0, count: 0, after_ones: false }
    }

    fn fill(&mut self) {
        while self.count <= 48 {
            let Some(&byte) = self.data.get(self.at) else { return };
            if self.after_ones {
                if byte & 0x80 != 0 {
                    // A marker: the scan ends here.
                    return;
                }
                self.held = self.held << 7 | u64::from(byte);
                self.count += 7;
            } else {
                self.held = self.held << 8 | u64::from(byte);
                self.count += 8;
            }
            self.after_ones = byte == 0xFF;
            self.at += 1;
        }
    }

    fn bits(&mut self, count: u32) -> Result<u32> {
        if self.count < count {
            self.fill();
            if self.count < count {
                return Err(ReadError::Truncated);
            }
        }
        self.count -= count;
        let value = self.held >> self.count & ((1 << count) - 1);
        u32::try_from(value).map_err(|_| disorder())
    }

    fn bit(&mut self) -> Result<bool> {
        Ok(self.bits(1)? == 1)
    }

    /// A number in the length-limited Golomb code (A.5.3).
    fn golomb(&mut self, k: u32, limit: u32, qbpp: u32) -> Result<i32> {
        let most = limit.checked_sub(qbpp + 1).ok_or_else(disorder)?;
        let mut zeros = 0;
        while !self.bit()? {
            zeros += 1;
            if zeros > most {
                return Err(disorder());
            }
        }
        let value = if zeros < most { zeros << k | self.bits(k)? } else { self.bits(qbpp)? + 1 };
        i32::try_from(value).map_err(|_| disorder())
    }

    /// Where the next marker may be: the fill has read ahead by whole bytes, but never over one.
    fn end(&self) -> usize {
        // Whatever was read ahead belongs to this scan or is padding: search on from the last byte
        // that can have been used.
        let used = self.at.saturating_sub(usize::try_from(self.count / 7 + 1).unwrap_or(0));
        let mut at = used;
        while let Some(&[a, b]) = self.data.get(at..at + 2) {
            if a == 0xFF && b & 0x80 != 0 && b != 0xFF {
                return at;
            }
            at += 1;
        }
        self.data.len()
    }
}
