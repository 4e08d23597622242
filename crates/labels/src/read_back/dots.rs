//! A part of a page as the dots of a printer.

use super::content::{Ink, What};
use crate::Area;

/// Rows of dots from the top.
pub(super) struct Dots {
    pub width: usize,
    pub height: usize,
    black: Vec<bool>,
}

/// Dots that are white from each side on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edges {
    pub left: usize,
    pub right: usize,
    pub top: usize,
    pub bottom: usize,
}

impl Dots {
    /// Paints every dot that a box touches, as the strictest renderers do. Nothing when something
    /// that is no box lies in the area, or when the area is no area.
    pub(super) fn paint(inks: &[Ink], area: Area, dot: f64) -> Option<Self> {
        let count = |mm: f64| (mm / dot).round();
        let (width, height) = (count(area.width), count(area.height));
        if !(1.0..=20_000.0).contains(&width) || !(1.0..=20_000.0).contains(&height) {
            return None;
        }
        let (width, height) = (width as usize, height as usize);
        let mut dots = Self { width, height, black: vec![false; width * height] };
        for ink in inks {
            let from = |at: f64, corner: f64| ((at - corner) / dot + 1e-3).floor();
            let to = |at: f64, corner: f64| ((at - corner) / dot - 1e-3).ceil();
            let (x0, x1) = (from(ink.x, area.x), to(ink.x + ink.width, area.x));
            let (y0, y1) = (from(ink.y, area.y), to(ink.y + ink.height, area.y));
            let inside = |n: f64, most: usize| n.clamp(0.0, most as f64) as usize;
            let (x0, x1) = (inside(x0, width), inside(x1, width));
            let (y0, y1) = (inside(y0, height), inside(y1, height));
            if x0 >= x1 || y0 >= y1 {
                continue;
            }
            if ink.what == What::Other {
                return None;
            }
            for row in y0..y1 {
                dots.black[row * width + x0..row * width + x1].fill(ink.what == What::Black);
            }
        }
        Some(dots)
    }

    /// Whether the dot is black; white outside.
    pub(super) fn black(&self, x: usize, y: usize) -> bool {
        x < self.width && self.black.get(y * self.width + x).copied().unwrap_or(false)
    }

    pub(super) fn row(&self, y: usize) -> &[bool] {
        let from = (y * self.width).min(self.black.len());
        &self.black[from..(from + self.width).min(self.black.len())]
    }

    pub(super) fn white_edges(&self) -> Edges {
        let column = |x: &usize| (0..self.height).all(|y| !self.black(*x, y));
        let row = |y: &usize| self.row(*y).iter().all(|black| !black);
        Edges {
            left: (0..self.width).take_while(column).count(),
            right: (0..self.width).rev().take_while(column).count(),
            top: (0..self.height).take_while(row).count(),
            bottom: (0..self.height).rev().take_while(row).count(),
        }
    }
}
