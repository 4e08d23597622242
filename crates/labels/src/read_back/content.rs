//! What the pages of one of our own files paint: boxes, lines, outlines and letters. Not a reader
//! of PDF in general; a file that is written otherwise is refused, never half understood.

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

/// A page of a label is a few kilobytes.
const LARGEST: usize = 16 << 20;
const MM: f64 = 25.4 / 72.0;

/// What is painted, in millimetres from the upper left corner of the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ink {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A filled box, as a bar is.
    Black,
    White,
    /// Anything else that leaves black somewhere in this box: lines, outlines, letters.
    Other,
}

/// What each page paints, in order. Nothing for a file of others.
pub(super) fn pages(pdf: &[u8]) -> Option<Vec<Vec<Ink>>> {
    let mut found = vec![];
    let mut rest = pdf;
    while let Some(at) = find(rest, b"/Type /Page\n") {
        let object = &rest[at..];
        let end = find(object, b"endobj")?;
        let head = std::str::from_utf8(&object[..end]).ok()?;
        let height: f64 =
            after(head, "/MediaBox [")?.split(']').next()?.split(' ').nth(3)?.parse().ok()?;
        let contents: u32 = after(head, "/Contents ")?.split(' ').next()?.parse().ok()?;
        let drawn = stream(pdf, contents)?;
        found.push(paint(std::str::from_utf8(&readable(&drawn)).ok()?, height)?);
        rest = &object[end..];
    }
    (!found.is_empty()).then_some(found)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    let first = what.first()?;
    let mut from = 0;
    loop {
        let at = from + bytes.get(from..)?.iter().position(|byte| byte == first)?;
        if bytes[at..].starts_with(what) {
            return Some(at);
        }
        from = at + 1;
    }
}

fn after<'a>(text: &'a str, what: &str) -> Option<&'a str> {
    text.find(what).map(|at| &text[at + what.len()..])
}

/// The unpacked stream of an object.
fn stream(pdf: &[u8], object: u32) -> Option<Vec<u8>> {
    let start = format!("\n{object} 0 obj\n");
    let body = &pdf[find(pdf, start.as_bytes())? + start.len()..];
    let at = find(body, b"stream\n")?;
    let head = std::str::from_utf8(&body[..at]).ok()?;
    let length: usize = after(head, "/Length ")?.split(['\n', ' ', '>']).next()?.parse().ok()?;
    let from = at + b"stream\n".len();
    let packed = body.get(from..from.checked_add(length)?)?;
    decompress_to_vec_zlib_with_limit(packed, LARGEST).ok()
}

/// The operators as text: strings, which are numbers of glyphs as bytes, are left out.
fn readable(drawn: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(drawn.len());
    let (mut depth, mut escaped) = (0_u32, false);
    for &byte in drawn {
        match (depth, byte) {
            (0, b'(') => depth = 1,
            (0, _) => kept.push(byte),
            _ if escaped => escaped = false,
            (_, b'\\') => escaped = true,
            (_, b'(') => depth += 1,
            (_, b')') => depth -= 1,
            _ => {}
        }
    }
    kept
}

/// Follows the operators that our pages are written with.
fn paint(text: &str, height: f64) -> Option<Vec<Ink>> {
    let mut inks: Vec<Ink> = vec![];
    let mut path: Vec<(f64, f64, f64, f64, bool)> = vec![];
    let (mut grey, mut line, mut size) = (0.0_f64, 1.0_f64, 0.0_f64);
    let mut numbers: Vec<f64> = vec![];
    let ink = |(x0, y0, x1, y1): (f64, f64, f64, f64), what| Ink {
        x: x0 * MM,
        y: (height - y1) * MM,
        width: (x1 - x0) * MM,
        height: (y1 - y0) * MM,
        what,
    };
    for token in text.split_ascii_whitespace() {
        if let Ok(number) = token.parse::<f64>() {
            numbers.push(number);
            continue;
        }
        let n = |at: usize| numbers.get(at).copied();
        match token {
            "g" => grey = n(0)?,
            "w" => line = n(0)?,
            "re" => path.push((n(0)?, n(1)?, n(0)? + n(2)?, n(1)? + n(3)?, true)),
            "m" => path.push((n(0)?, n(1)?, n(0)?, n(1)?, false)),
            "l" => {
                let last = path.last_mut()?;
                *last = (
                    last.0.min(n(0)?),
                    last.1.min(n(1)?),
                    last.2.max(n(0)?),
                    last.3.max(n(1)?),
                    false,
                );
            }
            "f" | "f*" => {
                for (x0, y0, x1, y1, plain) in path.drain(..) {
                    let what = match (plain, grey >= 1.0) {
                        (true, false) => What::Black,
                        (true, true) => What::White,
                        (false, true) => continue,
                        (false, false) => What::Other,
                    };
                    inks.push(ink((x0, y0, x1, y1), what));
                }
            }
            "S" => {
                let half = line / 2.0;
                for (x0, y0, x1, y1, plain) in path.drain(..) {
                    if plain {
                        // Four sides: the inside of a frame is white.
                        for side in
                            [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]
                        {
                            let (a, b, c, d) = side;
                            inks.push(ink((a - half, b - half, c + half, d + half), What::Other));
                        }
                    } else {
                        inks.push(ink((x0 - half, y0 - half, x1 + half, y1 + half), What::Other));
                    }
                }
            }
            "Tf" => size = n(numbers.len().checked_sub(1)?)?,
            // A letter as the box that every letter fills; where it ends, the next begins.
            "Tm" => {
                let (x, y) = (n(4)?, n(5)?);
                inks.push(ink((x, y - 0.1 * size, x + 0.2 * size, y + 0.72 * size), What::Other));
            }
            "G" | "h" | "BT" | "ET" | "Tj" => {}
            name if name.starts_with('/') => {}
            // Anything else is not ours.
            _ => return None,
        }
        numbers.clear();
    }
    Some(inks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_lines_and_letters_are_seen_and_what_is_not_ours_is_refused() {
        let text = "0 g\n72 700 36 72 re\nf\nBT\n/F2 10 Tf\n1 0 0 1 144 600 Tm\n Tj\nET";
        let inks = paint(text, 792.0).expect("ours");
        assert_eq!(
            inks[0],
            Ink { x: 25.4, y: 20.0 * MM, width: 12.7, height: 25.4, what: What::Black }
        );
        assert_eq!(inks[1].what, What::Other);
        assert_eq!(paint("1 0 0 1 5 5 cm", 792.0), None);
        assert_eq!(paint("re", 792.0), None);
        assert_eq!(pages(b"%PDF-1.7 nothing"), None);
        assert_eq!(pages(b"/Type /Page\n/MediaBox [0 0 1 1]\n/Contents 9 0 R\nendobj"), None);
    }

    #[test]
    fn strings_with_brackets_in_them_end_where_they_end() {
        assert_eq!(readable(b"(a\\)b(c)d) Tj (\\\\) Tj"), b" Tj  Tj");
    }
}
