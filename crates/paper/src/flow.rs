//! Words into lines of a given width.

use crate::letters::{Letters, Side, invisible};
use std::collections::VecDeque;

/// Lines are this many times the size of their letters apart.
pub const LEADING: f32 = 1.35;
/// Of one piece of text; no page holds more, and each is shaped several times.
const MOST_LETTERS: usize = 2000;

/// How words look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Face {
    /// In points.
    pub size: f32,
    pub bold: bool,
    /// 0 black, 1 white.
    pub grey: f32,
    /// Where lines begin; by their first letter where nothing is said.
    pub side: Option<Side>,
}

impl Face {
    /// Black, in the regular weight.
    #[must_use]
    pub const fn new(size: f32) -> Self {
        Self { size, bold: false, grey: 0.0, side: None }
    }
    /// The same, bold.
    #[must_use]
    pub const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
    /// The same in a shade: 0 black, 1 white.
    #[must_use]
    pub const fn grey(self, grey: f32) -> Self {
        Self { grey, ..self }
    }
    /// The same, beginning on a side.
    #[must_use]
    pub const fn from(self, side: Side) -> Self {
        Self { side: Some(side), ..self }
    }
}

/// Text without what steers instead of being read: control characters are spaces, marks of
/// direction are left out. A name could otherwise turn the digits beside it around.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars()
        .take(MOST_LETTERS)
        // A joiner within a word shapes it and turns nothing around.
        .filter(|c| !invisible(*c) || matches!(c, '\u{200c}' | '\u{200d}'))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A number, a date or another piece that runs from the left whatever stands around it: in a line
/// that runs from the right, `21-Nov-2026` would otherwise read `Nov-2026-21`.
#[must_use]
pub fn left(text: &str) -> String {
    format!("\u{2066}{}\u{2069}", plain(text))
}

/// A name or another piece that runs as its own letters do, and turns nothing beside it around.
#[must_use]
pub fn apart(text: &str) -> String {
    format!("\u{2068}{}\u{2069}", plain(text))
}

/// As [`plain`], for a line put together with [`left`] and [`apart`]: the marks around those pieces
/// stay.
#[must_use]
pub fn composed(text: &str) -> String {
    let steers = |c: char| {
        invisible(c) && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{2066}' | '\u{2068}' | '\u{2069}')
    };
    let kept = text.chars().take(MOST_LETTERS).filter(|c| !steers(*c));
    kept.map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The width of one line, in points.
#[must_use]
pub fn width(letters: &Letters, text: &str, face: Face) -> f32 {
    letters.shape_in(text, face.bold, face.side).width() * face.size / 1000.0
}

/// Words that break into at most `most` lines within `width`. What does not fit ends in an
/// ellipsis; a word longer than a line is cut where it must.
#[must_use]
pub fn lines(letters: &Letters, text: &str, width: f32, face: Face, most: usize) -> Vec<String> {
    let measure = |text: &str| self::width(letters, text, face);
    let text: String = text.chars().take(MOST_LETTERS).collect();
    let mut words: VecDeque<String> = text.split_whitespace().map(str::to_owned).collect();
    let mut lines = vec![];
    while !words.is_empty() && lines.len() < most {
        let mut line = String::new();
        while let Some(word) = words.front() {
            let longer = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
            if measure(&longer) <= width {
                line = longer;
                words.pop_front();
                continue;
            }
            if line.is_empty() {
                // One word that is longer than a line, such as a hash: it is cut where it must.
                let (head, tail) = cut(letters, word, width, face);
                words[0] = tail;
                line = head;
            }
            break;
        }
        lines.push(line);
    }
    if let Some(last) = lines.last_mut().filter(|_| !words.is_empty()) {
        *last = cut(letters, last, width - measure("…"), face).0 + "…";
    }
    lines
}

/// As much of a text as fits, at least one letter, and the rest.
#[must_use]
pub fn cut(letters: &Letters, text: &str, width: f32, face: Face) -> (String, String) {
    let measure = |text: &str| self::width(letters, text, face);
    if measure(text) <= width {
        return (text.to_owned(), String::new());
    }
    let mut end = 0;
    for (place, letter) in text.char_indices() {
        let next = place + letter.len_utf8();
        if end > 0 && measure(&text[..next]) > width {
            break;
        }
        end = next;
    }
    (text[..end].trim_end().to_owned(), text[end..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_its_room_and_a_rest_ends_in_an_ellipsis() {
        let letters = Letters::load();
        let face = Face::new(10.0);
        let text = "Wolfeschlegelsteinhausenbergerdorff and some words more ".repeat(9);
        let found = lines(&letters, &text, 90.0, face, 6);
        assert_eq!(found.len(), 6);
        assert!(found.iter().all(|line| width(&letters, line, face) <= 90.0), "{found:?}");
        assert!(found[5].ends_with('…'), "{found:?}");
        assert!(lines(&letters, "", 90.0, face, 6).is_empty());
        assert!(lines(&letters, "a", 90.0, face, 0).is_empty());
    }

    #[test]
    fn a_line_too_narrow_for_a_letter_ends() {
        let found = lines(&Letters::load(), "wide", -5.0, Face::new(10.0), 3);
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn a_date_in_a_line_from_the_right_keeps_its_order() {
        let letters = Letters::load();
        let read = |text: &str| {
            let shaped = letters.shape_in(&composed(text), false, Some(Side::Right));
            shaped.glyphs.iter().map(|glyph| glyph.text.as_str()).collect::<String>()
        };
        let bare = read("سُحبت 21-Nov-2026 14:05");
        assert!(!bare.contains("21-Nov-2026"), "the trouble this is for: {bare}");
        let line =
            read(&format!("سُحبت {} {}", left("21-Nov-2026 14:05"), apart("\u{2069}N. Haddad")));
        assert!(line.contains("21-Nov-2026 14:05") && line.contains("N. Haddad"), "{line}");
    }

    #[test]
    fn marks_that_turn_text_around_are_left_out() {
        assert_eq!(plain("A\u{202e}12\u{2066}3\n\u{0}B\u{feff}"), "A123  B");
        assert_eq!(plain("می\u{200c}خواهم"), "می\u{200c}خواهم", "a joiner belongs to the word");
    }
}
