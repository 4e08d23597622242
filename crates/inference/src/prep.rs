//! The one pre-processing function. Training arrays (`examples/prep.rs`) and the program call the
//! same [`prepare`], so the network never sees a picture made another way than the ones it learnt from.

use image::imageops::FilterType;
use image::{DynamicImage, GrayImage, RgbImage};
use serde::{Deserialize, Serialize};

/// What the network expects: a square of `size` x `size` pixels, one channel, `(x / 255 - mean) / std`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// Side of the square, in pixels.
    pub size: u32,
    /// Mean of the training pixels, on a scale of 0 to 1.
    pub mean: f32,
    /// Standard deviation of the training pixels, on a scale of 0 to 1.
    pub std: f32,
    /// Name of the resampling filter. Only `triangle` exists; another word is refused at load.
    pub filter: String,
    /// Name of the fitting rule. Only `letterbox-black` exists; another word is refused at load.
    pub fit: String,
}

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

/// The letterboxed square as bytes, before normalisation: what the training arrays store.
pub fn letterbox(gray: &GrayImage, size: u32) -> GrayImage {
    let size = size.max(1);
    let mut square = GrayImage::new(size, size);
    if gray.width() == 0 || gray.height() == 0 {
        return square;
    }
    let r = letterbox_rect(gray.width(), gray.height(), size);
    // Through `DynamicImage`, whose resampler is compiled (and optimised) with the image crate and
    // not again, unoptimised, with ours in a debug build.
    let small = DynamicImage::ImageLuma8(gray.clone())
        .resize_exact(r.width, r.height, FilterType::Triangle)
        .into_luma8();
    for (row, line) in small.rows().enumerate() {
        for (col, pixel) in line.enumerate() {
            square.put_pixel(r.x + col as u32, r.y + row as u32, *pixel);
        }
    }
    square
}

/// `(x / 255 - mean) / std` over the bytes of a letterboxed square, row by row.
pub fn normalise(square: &GrayImage, spec: &InputSpec) -> Vec<f32> {
    square.as_raw().iter().map(|&b| (f32::from(b) / 255.0 - spec.mean) / spec.std).collect()
}

/// From a grey picture of any size to the network's input: `size * size` values, row by row.
pub fn prepare(gray: &GrayImage, spec: &InputSpec) -> Vec<f32> {
    normalise(&letterbox(gray, spec.size), spec)
}

/// [`letterbox`] in three channels: what the colour arrays of the training store.
pub fn letterbox_rgb(picture: &RgbImage, size: u32) -> RgbImage {
    let size = size.max(1);
    let mut square = RgbImage::new(size, size);
    if picture.width() == 0 || picture.height() == 0 {
        return square;
    }
    let r = letterbox_rect(picture.width(), picture.height(), size);
    let small = DynamicImage::ImageRgb8(picture.clone())
        .resize_exact(r.width, r.height, FilterType::Triangle)
        .into_rgb8();
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
