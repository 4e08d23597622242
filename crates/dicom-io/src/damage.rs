//! Files damaged on purpose, for the tests and for `fuzz-dicom`: the same bytes everywhere from the
//! same number, without a dependency. Not part of reading files.

use crate::{inspect_bytes, open_bytes, render_with_overlays};

/// A small generator (xorshift).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 16).unwrap_or(0) % end.max(1)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[1]
    }
}

/// The file damaged in way number `way`: bits turned, bytes changed, cut, lost or doubled, and
/// lengths that lie, both anywhere and where a length stands.
#[must_use]
pub fn damaged(original: &[u8], way: u64) -> Vec<u8> {
    // An odd constant spreads neighbouring numbers over the generator's states.
    let mut dice = Dice((way + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let mut bytes = original.to_vec();
    for _ in 0..=dice.below(3) {
        if bytes.is_empty() {
            bytes.push(0);
        }
        // Headers are short and decide much: every third blow falls on the first part of the file.
        let reach = if dice.below(3) == 0 { bytes.len().min(4096) } else { bytes.len() };
        let at = dice.below(reach);
        match dice.below(12) {
            0..=4 => bytes[at] ^= 1 << dice.below(8),
            5 | 6 => bytes[at] = dice.byte(),
            7 => bytes.truncate(at),
            8 => lie(&mut bytes, at, &mut dice),
            9 => {
                let elements = element_lengths(&bytes[..reach]);
                let place = dice.below(elements.len());
                if let Some(at) = elements.get(place).copied() {
                    lie(&mut bytes, at, &mut dice);
                }
            }
            10 => {
                bytes.remove(at);
            }
            _ => {
                let end = (at + 1 + dice.below(32)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
        }
    }
    bytes
}

/// What a length field looks like when it lies.
fn lie(bytes: &mut [u8], at: usize, dice: &mut Dice) {
    const LIES: [u32; 8] =
        [0, 1, 0xFFFF, 0xFFFF_FFFE, u32::MAX, 0x7FFF_FFFF, 0x0100_0000, 0x0002_0000];
    let lie = LIES[dice.below(LIES.len())].to_le_bytes();
    for (byte, new) in bytes.iter_mut().skip(at).zip(lie) {
        *byte = new;
    }
}

/// Places of lengths: after anything that looks like a tag and a VR, and after item tags.
fn element_lengths(bytes: &[u8]) -> Vec<usize> {
    bytes
        .windows(8)
        .enumerate()
        .filter_map(|(at, w)| {
            if w[4].is_ascii_uppercase() && w[5].is_ascii_uppercase() {
                return Some(at + if w[6] == 0 && w[7] == 0 { 8 } else { 6 });
            }
            (w[..2] == [0xFE, 0xFF] && w[3] == 0xE0).then_some(at + 4)
        })
        .collect()
}

/// Does with a file what the program does: looks at its header, opens it, draws its first and its
/// last frame. Returns how it ended: `opened`, `gave_up` where a decoder's panic had to be caught,
/// else the code of the refusal.
#[must_use]
pub fn everything(bytes: Vec<u8>) -> &'static str {
    let inspected = inspect_bytes(&bytes).map(|_| ());
    let drawn = open_bytes(bytes, "damaged.dcm").and_then(|opened| {
        render_with_overlays(&opened, 0)?;
        if opened.meta.frames > 1 {
            render_with_overlays(&opened, opened.meta.frames - 1)?;
        }
        Ok(())
    });
    let gave_up = |error: &crate::ReadError| error.to_string().contains("gave up");
    match (inspected, drawn) {
        (Err(error), _) | (_, Err(error)) if gave_up(&error) => "gave_up",
        (_, Err(error)) => error.code(),
        (_, Ok(())) => "opened",
    }
}
