//! A heat-map over its picture, for programs that show nothing but pictures: what it is and that it
//! is not for diagnosis is drawn into the pixels, so that no viewer can leave it out.

use image::imageops::{FilterType, resize};
use image::{DynamicImage, Rgb, RgbImage};

/// Longest side of what is drawn: enough for a screen, and it bounds the memory.
const LONGEST: u32 = 2048;
/// Narrower pictures are enlarged, so that the letters have room.
const NARROWEST: u32 = 320;
/// Share of the map's colour where the map is strongest.
const STRONGEST: f32 = 0.45;
const WARNING: &str = "NOT FOR DIAGNOSIS";
/// A letter with its gap, in dots.
const LETTER: (u32, u32) = (6, 9);

/// A class-activation map on a fixed scale of 0 to 1000, row by row, and where it lies.
#[derive(Debug, Clone, Copy)]
pub struct Heat<'a> {
    pub cols: u32,
    pub rows: u32,
    pub values: &'a [u16],
    /// Left, top, width and height on the picture, in its pixels.
    pub rect: [f32; 4],
}

impl Heat<'_> {
    /// Strength at a point of the picture, 0 to 1, between the four nearest values; 0 outside.
    fn at(&self, x: f32, y: f32) -> f32 {
        let [left, top, width, height] = self.rect;
        let (u, v) = ((x - left) / width, (y - top) / height);
        if !((0.0..=1.0).contains(&u) && (0.0..=1.0).contains(&v)) {
            return 0.0;
        }
        let step = |share: f32, count: u32| {
            let last = count.saturating_sub(1);
            let place = (share * count as f32 - 0.5).clamp(0.0, last as f32);
            // Within the count, which is a whole number far below 2^24.
            let low = place.floor() as u32;
            (low, (low + 1).min(last), place - place.floor())
        };
        let ((x0, x1, fx), (y0, y1, fy)) = (step(u, self.cols), step(v, self.rows));
        let value = |x: u32, y: u32| {
            let place = usize::try_from(u64::from(y) * u64::from(self.cols) + u64::from(x)).ok();
            let value = place.and_then(|place| self.values.get(place)).copied().unwrap_or(0);
            f32::from(value.min(1000)) / 1000.0
        };
        let row = |y| value(x0, y) * (1.0 - fx) + value(x1, y) * fx;
        row(y0) * (1.0 - fy) + row(y1) * fy
    }
}

/// Draws the map over the picture in orange, the colour bar and the words below it, and the warning
/// into the picture itself. `words`: what the map is of, and by which model; of no patient. Letters
/// beyond ASCII become question marks. At most 2,048 pixels to a side, plus the words.
#[must_use]
pub fn heat_over(picture: &DynamicImage, map: &Heat<'_>, words: &[String]) -> RgbImage {
    let (width, height) = (picture.width().max(1), picture.height().max(1));
    let factor = match (width.max(height), width) {
        (longest, _) if longest > LONGEST => LONGEST as f32 / longest as f32,
        (longest, width) if width < NARROWEST => {
            (NARROWEST as f32 / width as f32).min(LONGEST as f32 / longest as f32)
        }
        _ => 1.0,
    };
    // At most `LONGEST`, and not negative.
    let side = |n: u32| ((n as f32 * factor).round() as u32).max(1);
    let (cols, rows) = (side(width), side(height));
    let filter = if factor > 1.0 { FilterType::Nearest } else { FilterType::Triangle };
    let drawn = resize(&picture.to_rgb8(), cols, rows, filter);
    // A dot of a letter, so that the warning spans about half of the picture.
    let warning = u32::try_from(WARNING.len()).unwrap_or(1) * LETTER.0;
    let dot = (cols / 2).div_ceil(warning).clamp(1, 8);
    let small = (dot / 2).max(1);
    let band = small * LETTER.1 * (u32::try_from(words.len().min(6)).unwrap_or(6) + 2);
    let mut out = RgbImage::new(cols, rows + band);
    for (x, y, pixel) in drawn.enumerate_pixels() {
        let heat = map.at((x as f32 + 0.5) / factor, (y as f32 + 0.5) / factor);
        out.put_pixel(x, y, tinted(*pixel, heat));
    }
    let strip = dot * (LETTER.1 + 2);
    for y in rows.saturating_sub(strip)..rows {
        for x in 0..cols {
            out.put_pixel(x, y, Rgb([0, 0, 0]));
        }
    }
    letters(&mut out, WARNING, (dot * 2, rows.saturating_sub(strip - dot * 2)), dot);
    let line = |n: u32| rows + small * (LETTER.1 * n + 3);
    for (n, text) in (0..).zip(words.iter().take(6)) {
        letters(&mut out, text, (small * 2, line(n)), small);
    }
    let last = u32::try_from(words.len().min(6)).unwrap_or(6);
    bar(&mut out, line(last), small);
    out
}

/// Orange over the picture, as strong as the map. The picture's own light goes down by as much.
fn tinted(pixel: Rgb<u8>, heat: f32) -> Rgb<u8> {
    let share = heat.clamp(0.0, 1.0) * STRONGEST;
    let mix = |own: u8, tint: f32| (f32::from(own) * (1.0 - share) + tint * share).round() as u8;
    Rgb([mix(pixel.0[0], 255.0), mix(pixel.0[1], 140.0), mix(pixel.0[2], 0.0)])
}

/// The colours from 0 to 1, on black and on white.
fn bar(out: &mut RgbImage, top: u32, dot: u32) {
    let (left, length) = (dot * 2 + dot * LETTER.0 * 2, dot * 80);
    letters(out, "0", (dot * 2, top), dot);
    for x in 0..length {
        let heat = x as f32 / length as f32;
        for y in 0..dot * 7 {
            let own = if y < dot * 7 / 2 { 0 } else { 255 };
            if left + x < out.width() && top + y < out.height() {
                out.put_pixel(left + x, top + y, tinted(Rgb([own; 3]), heat));
            }
        }
    }
    letters(out, "1", (left + length + dot * LETTER.0, top), dot);
}

/// White capitals of 5 by 7 dots; what lies outside of the picture is left out.
fn letters(out: &mut RgbImage, text: &str, (left, top): (u32, u32), dot: u32) {
    for (n, letter) in (0..).zip(text.chars()) {
        let letter = letter.to_ascii_uppercase();
        let place = u32::from(letter).checked_sub(32).and_then(|n| usize::try_from(n).ok());
        let shape = place.and_then(|place| SHAPES.get(place)).unwrap_or(&UNKNOWN);
        for (col, dots) in (0..).zip(shape) {
            for row in (0..7).filter(|row| dots & (1 << row) != 0) {
                let (x, y) = (left + dot * (n * LETTER.0 + col), top + dot * row);
                for (x, y) in (0..dot).flat_map(|dx| (0..dot).map(move |dy| (x + dx, y + dy))) {
                    if x < out.width() && y < out.height() {
                        out.put_pixel(x, y, Rgb([255, 255, 255]));
                    }
                }
            }
        }
    }
}

/// The question mark.
const UNKNOWN: [u8; 5] = [0x02, 0x01, 0x51, 0x09, 0x06];

/// From the space to the underscore: five columns, the lowest bit on top.
#[rustfmt::skip]
const SHAPES: [[u8; 5]; 64] = [
    [0x00, 0x00, 0x00, 0x00, 0x00], [0x00, 0x00, 0x5F, 0x00, 0x00], [0x00, 0x07, 0x00, 0x07, 0x00],
    [0x14, 0x7F, 0x14, 0x7F, 0x14], [0x24, 0x2A, 0x7F, 0x2A, 0x12], [0x23, 0x13, 0x08, 0x64, 0x62],
    [0x36, 0x49, 0x55, 0x22, 0x50], [0x00, 0x05, 0x03, 0x00, 0x00], [0x00, 0x1C, 0x22, 0x41, 0x00],
    [0x00, 0x41, 0x22, 0x1C, 0x00], [0x14, 0x08, 0x3E, 0x08, 0x14], [0x08, 0x08, 0x3E, 0x08, 0x08],
    [0x00, 0x50, 0x30, 0x00, 0x00], [0x08, 0x08, 0x08, 0x08, 0x08], [0x00, 0x60, 0x60, 0x00, 0x00],
    [0x20, 0x10, 0x08, 0x04, 0x02],
    [0x3E, 0x51, 0x49, 0x45, 0x3E], [0x00, 0x42, 0x7F, 0x40, 0x00], [0x42, 0x61, 0x51, 0x49, 0x46],
    [0x21, 0x41, 0x45, 0x4B, 0x31], [0x18, 0x14, 0x12, 0x7F, 0x10], [0x27, 0x45, 0x45, 0x45, 0x39],
    [0x3C, 0x4A, 0x49, 0x49, 0x30], [0x01, 0x71, 0x09, 0x05, 0x03], [0x36, 0x49, 0x49, 0x49, 0x36],
    [0x06, 0x49, 0x49, 0x29, 0x1E],
    [0x00, 0x36, 0x36, 0x00, 0x00], [0x00, 0x56, 0x36, 0x00, 0x00], [0x08, 0x14, 0x22, 0x41, 0x00],
    [0x14, 0x14, 0x14, 0x14, 0x14], [0x00, 0x41, 0x22, 0x14, 0x08], [0x02, 0x01, 0x51, 0x09, 0x06],
    [0x32, 0x49, 0x79, 0x41, 0x3E],
    [0x7E, 0x11, 0x11, 0x11, 0x7E], [0x7F, 0x49, 0x49, 0x49, 0x36], [0x3E, 0x41, 0x41, 0x41, 0x22],
    [0x7F, 0x41, 0x41, 0x22, 0x1C], [0x7F, 0x49, 0x49, 0x49, 0x41], [0x7F, 0x09, 0x09, 0x09, 0x01],
    [0x3E, 0x41, 0x49, 0x49, 0x7A], [0x7F, 0x08, 0x08, 0x08, 0x7F], [0x00, 0x41, 0x7F, 0x41, 0x00],
    [0x20, 0x40, 0x41, 0x3F, 0x01], [0x7F, 0x08, 0x14, 0x22, 0x41], [0x7F, 0x40, 0x40, 0x40, 0x40],
    [0x7F, 0x02, 0x0C, 0x02, 0x7F], [0x7F, 0x04, 0x08, 0x10, 0x7F], [0x3E, 0x41, 0x41, 0x41, 0x3E],
    [0x7F, 0x09, 0x09, 0x09, 0x06], [0x3E, 0x41, 0x51, 0x21, 0x5E], [0x7F, 0x09, 0x19, 0x29, 0x46],
    [0x46, 0x49, 0x49, 0x49, 0x31], [0x01, 0x01, 0x7F, 0x01, 0x01], [0x3F, 0x40, 0x40, 0x40, 0x3F],
    [0x1F, 0x20, 0x40, 0x20, 0x1F], [0x3F, 0x40, 0x38, 0x40, 0x3F], [0x63, 0x14, 0x08, 0x14, 0x63],
    [0x07, 0x08, 0x70, 0x08, 0x07], [0x61, 0x51, 0x49, 0x45, 0x43],
    [0x00, 0x7F, 0x41, 0x41, 0x00], [0x02, 0x04, 0x08, 0x10, 0x20], [0x00, 0x41, 0x41, 0x7F, 0x00],
    [0x04, 0x02, 0x01, 0x02, 0x04], [0x40, 0x40, 0x40, 0x40, 0x40],
];
