//! The one pre-processing function. Training arrays (`examples/prep.rs`) and the program call the
//! same [`letterbox_rgb`], so the network never sees a picture made another way than the ones it learnt from.

use crate::resample;
use image::RgbImage;
use serde::{Deserialize, Serialize};

/// A rectangle in pixels, left-top origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    /// Width, at least 1.
    pub width: u32,
    /// Height, at least 1.
    pub height: u32,
}

/// Where the picture lies inside the letterboxed square of side `size`.
///
/// The longer side fills the square; the shorter is centred, never less than one pixel. A picture
/// without pixels is treated as 1 x 1.
pub fn letterbox_rect(width: u32, height: u32, size: u32) -> Rect {
    let (w, h) = (u64::from(width.max(1)), u64::from(height.max(1)));
    let (long, side) = (w.max(h), u64::from(size.max(1)));
    // Rounded to the nearest pixel; the result is <= size, so it fits a u32.
    let fit = |v: u64| (((v * side * 2 + long) / (long * 2)).clamp(1, side)) as u32;
    let (fw, fh) = (fit(w), fit(h));
    Rect { x: (size.max(1) - fw) / 2, y: (size.max(1) - fh) / 2, width: fw, height: fh }
}

/// The letterboxed square as bytes, before normalisation: what the training arrays store. A grey
/// picture has three equal channels.
pub fn letterbox_rgb(picture: &RgbImage, size: u32) -> RgbImage {
    let size = size.max(1);
    let mut square = RgbImage::new(size, size);
    if picture.width() == 0 || picture.height() == 0 {
        return square;
    }
    let r = letterbox_rect(picture.width(), picture.height(), size);
    let small = resample::triangle(picture, r.width, r.height);
    for (row, line) in small.rows().enumerate() {
        for (col, pixel) in line.enumerate() {
            square.put_pixel(r.x + col as u32, r.y + row as u32, *pixel);
        }
    }
    square
}

/// `(x / 255 - mean) / std` of a letterboxed square, channel by channel: `[3, size, size]`.
pub fn normalise_rgb(square: &RgbImage, mean: &[f32; 3], std: &[f32; 3]) -> Vec<f32> {
    let pixels = (square.width() * square.height()) as usize;
    let mut planes = vec![0f32; pixels * 3];
    for (i, pixel) in square.pixels().enumerate() {
        for c in 0..3 {
            planes[c * pixels + i] = (f32::from(pixel.0[c]) / 255.0 - mean[c]) / std[c];
        }
    }
    planes
}
