//! Making a picture another size, with a triangle as wide as a pixel of the smaller one.
//!
//! The numbers are those of the image crate's `FilterType::Triangle`, bit by bit: with it the
//! training arrays were made. This goes along the rows as they lie in memory, which is ten times
//! faster for a large film.

use image::RgbImage;

/// For each place of the result: the first place of the source that counts, and the weights from
/// there on.
fn windows(from: u32, to: u32) -> Vec<(usize, Vec<f32>)> {
    let ratio = from as f32 / to as f32;
    let reach = ratio.max(1.0);
    let window = |place: u32| {
        let middle = (place as f32 + 0.5) * ratio;
        let last = i64::from(from);
        let first = ((middle - reach).floor() as i64).clamp(0, last - 1);
        let end = ((middle + reach).ceil() as i64).clamp(first + 1, last);
        let middle = middle - 0.5;
        let weight = |i: i64| (1.0 - ((i as f32 - middle) / reach).abs()).max(0.0);
        let mut weights: Vec<f32> = (first..end).map(weight).collect();
        let sum: f32 = weights.iter().fold(0.0, |sum, w| sum + w);
        weights.iter_mut().for_each(|w| *w /= sum);
        (first as usize, weights)
    };
    (0..to).map(window).collect()
}

/// The picture in another size. A side of 0 makes a picture of none.
pub(crate) fn triangle(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    if picture.dimensions() == (width, height) {
        return picture.clone();
    }
    let line = picture.width() as usize * 3;
    if line == 0 || picture.height() == 0 {
        return RgbImage::new(width, height);
    }
    let (rows, columns) = (windows(picture.height(), height), windows(picture.width(), width));
    let mut sums = vec![0f32; line];
    let mut out = Vec::with_capacity(rows.len() * columns.len() * 3);
    for (first, weights) in &rows {
        sums.fill(0.0);
        let lines = picture.as_raw()[first * line..].chunks_exact(line);
        for (values, weight) in lines.zip(weights) {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += f32::from(*value) * weight;
            }
        }
        for (first, weights) in &columns {
            let mut pixel = [0f32; 3];
            for (values, weight) in sums[first * 3..].as_chunks::<3>().0.iter().zip(weights) {
                for (sum, value) in pixel.iter_mut().zip(values) {
                    *sum += value * weight;
                }
            }
            out.extend(pixel.map(|v| v.clamp(0.0, 255.0).round() as u8));
        }
    }
    RgbImage::from_raw(width, height, out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::imageops::{FilterType, resize};

    #[test]
    fn every_size_gives_the_numbers_of_the_image_crate() {
        let mut state = 0x9e37_79b9_u32;
        let mut next = move |below: u32| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state % below
        };
        for round in 0..60 {
            let (w, h) = (1 + next(if round < 50 { 90 } else { 1500 }), 1 + next(300));
            let (to_w, to_h) = (1 + next(140), 1 + next(140));
            let picture = RgbImage::from_fn(w, h, |_, _| {
                image::Rgb([next(256) as u8, next(256) as u8, next(256) as u8])
            });
            let expected = resize(&picture, to_w, to_h, FilterType::Triangle);
            assert!(triangle(&picture, to_w, to_h) == expected, "{w} x {h} to {to_w} x {to_h}");
        }
    }
}
