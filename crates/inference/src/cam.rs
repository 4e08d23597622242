//! Class-activation maps: which places of the picture raised a score.

use crate::prep::letterbox_rect;
use image::{GrayImage, Luma};
use serde::{Deserialize, Serialize};

/// The exact map of one class: the mean of the unclipped map plus the bias of the class is its logit.
///
/// It explains the score; it is no outline of disease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassMap {
    /// Name of the class in the manifest.
    pub label: String,
    /// Columns of the map.
    pub width: u32,
    /// Rows of the map.
    pub height: u32,
    /// Row by row, 0 to 1 on a scale that is fixed per class in the pack (never the maximum of this picture, or a
    /// normal film would show a hot spot). Negative contributions are 0. The map covers the whole letterboxed square.
    pub values: Vec<f32>,
}

impl ClassMap {
    /// The map laid over a picture of `width` x `height`: bilinear, with the letterbox's bars cut away, 0 to 255.
    /// The sides are those of the analysed picture or any others in its proportion; 8,192 at most are drawn.
    pub fn over(&self, width: u32, height: u32) -> GrayImage {
        let (w, h) = (width.clamp(1, 8192), height.clamp(1, 8192));
        // The letterbox measured on a fine square, so that rounding to the network's pixels does not shift the map.
        let side = 1 << 16;
        let rect = letterbox_rect(width, height, side);
        let at = |pixel: u32, count: u32, start: u32, extent: u32, cells: u32| {
            let inside = (f64::from(pixel) + 0.5) / f64::from(count);
            let square = (f64::from(start) + inside * f64::from(extent)) / f64::from(side);
            (square * f64::from(cells) - 0.5).clamp(0.0, f64::from(cells.saturating_sub(1)))
        };
        let value = |x: u32, y: u32| {
            let index = y.min(self.height.saturating_sub(1)) as usize * self.width as usize
                + x.min(self.width.saturating_sub(1)) as usize;
            f64::from(self.values.get(index).copied().unwrap_or(0.0))
        };
        let places = |count: u32, start: u32, extent: u32, cells: u32| -> Vec<(u32, f64)> {
            let places = (0..count).map(|pixel| at(pixel, count, start, extent, cells));
            places.map(|place| (place as u32, place.fract())).collect()
        };
        let xs = places(w, rect.x, rect.width, self.width);
        let ys = places(h, rect.y, rect.height, self.height);
        GrayImage::from_fn(w, h, |px, py| {
            let ((x0, fx), (y0, fy)) = (xs[px as usize], ys[py as usize]);
            let top = value(x0, y0) * (1.0 - fx) + value(x0 + 1, y0) * fx;
            let bottom = value(x0, y0 + 1) * (1.0 - fx) + value(x0 + 1, y0 + 1) * fx;
            Luma([((top * (1.0 - fy) + bottom * fy) * 255.0).round().clamp(0.0, 255.0) as u8])
        })
    }
}
