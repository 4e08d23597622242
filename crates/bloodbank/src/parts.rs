//! A text that is too long for one barcode: cut into numbered parts, each in a code of its own, that are
//! scanned in any order and put together again.
//!
//! Letters and digits only, and no letter small: every keyboard layout and every scanner types those
//! alike. A part carries how many there are, what all of them make together and whether it was read
//! right itself, so that a part of another paper, or one that lost a letter on its way through the
//! keyboard, is refused at once and never put together. Nothing here proves who wrote a text: that is the
//! signature inside of it.

use std::collections::BTreeMap;
use thiserror::Error;

/// What the text of a part begins with.
pub const MARK: &str = "HSP1";
/// Characters of the text in one part. With what goes around it, a Data Matrix of 44 modules holds that:
/// two centimetres, which every hand scanner has in view.
pub const LENGTH: usize = 180;
/// Parts of one text at most; more would be read by nobody.
pub const MOST: usize = 32;
/// Mark, number, of how many, what all make together.
const HEAD: usize = MARK.len() + 2 + 2 + 7;
/// Whether it was read right.
const CHECK: usize = 5;
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// One part, read right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: usize,
    pub of: usize,
    /// The same in all parts of one text.
    pub whole: String,
    pub piece: String,
}

/// Why a scanned text is no part, or does not belong to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unfit {
    #[error("this is no part of a slip")]
    NoPart,
    /// A letter was lost or changed on its way through the keyboard.
    #[error("the part was not read right")]
    Misread,
    #[error("the part belongs to another slip")]
    OfAnother,
}

/// Parts as far as they were scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gathered {
    pub of: usize,
    /// Numbers, in order.
    pub missing: Vec<usize>,
    /// When none is missing.
    pub text: Option<String>,
}

/// The parts of a text; none where it has other characters than capital letters and digits, or is empty,
/// or too long for [`MOST`].
pub fn cut(text: &str) -> Option<Vec<String>> {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    if text.is_empty() || !text.chars().all(plain) || text.len() > MOST * LENGTH {
        return None;
    }
    let (whole, of) = (sum(text.as_bytes(), 7), text.len().div_ceil(LENGTH));
    let mut parts = vec![];
    // As long as one another: none is much larger on paper than its neighbour.
    let (mut rest, mut left) = (text, of);
    while left > 0 {
        let (piece, more) = rest.split_at_checked(rest.len().div_ceil(left))?;
        let number = of - left + 1;
        let part = format!("{MARK}{number:02}{of:02}{whole}{piece}");
        let check = sum(part.as_bytes(), CHECK);
        parts.push(format!("{part}{check}"));
        (rest, left) = (more, left - 1);
    }
    Some(parts)
}

/// Whether a text is meant to be a part.
pub fn is_part(text: &str) -> bool {
    text.trim().get(..MARK.len()).is_some_and(|mark| mark.eq_ignore_ascii_case(MARK))
}

impl std::str::FromStr for Part {
    type Err = Unfit;

    /// A keyboard whose capitals are locked turns a scan around: small letters are read as capital ones.
    fn from_str(text: &str) -> Result<Self, Unfit> {
        if !is_part(text) {
            return Err(Unfit::NoPart);
        }
        let text = text.trim().to_ascii_uppercase();
        let end = text.len().checked_sub(CHECK).ok_or(Unfit::Misread)?;
        let (part, check) = text.split_at_checked(end).ok_or(Unfit::Misread)?;
        if part.len() <= HEAD || sum(part.as_bytes(), CHECK) != check {
            return Err(Unfit::Misread);
        }
        let field = |from: usize, to: usize| part.get(from..to).ok_or(Unfit::Misread);
        let figure = |text: &str| text.parse::<usize>().map_err(|_| Unfit::Misread);
        let (number, of) = (figure(field(4, 6)?)?, figure(field(6, 8)?)?);
        if number == 0 || number > of || of > MOST {
            return Err(Unfit::Misread);
        }
        let (whole, piece) = (field(8, HEAD)?.to_owned(), field(HEAD, end)?.to_owned());
        Ok(Self { number, of, whole, piece })
    }
}

/// Puts together what was scanned, in whatever order; the same part twice counts once.
///
/// # Errors
/// Of the first that is no part, was misread, or belongs to another text than the first one.
pub fn gather<'a>(scanned: impl IntoIterator<Item = &'a str>) -> Result<Gathered, Unfit> {
    let mut known: BTreeMap<usize, Part> = BTreeMap::new();
    let mut first: Option<(usize, String)> = None;
    for text in scanned {
        let part: Part = text.parse()?;
        let (of, whole) = first.get_or_insert_with(|| (part.of, part.whole.clone()));
        if (*of, &*whole) != (part.of, &part.whole) {
            return Err(Unfit::OfAnother);
        }
        if known.get(&part.number).is_some_and(|before| *before != part) {
            return Err(Unfit::OfAnother);
        }
        known.insert(part.number, part);
    }
    let Some((of, whole)) = first else { return Err(Unfit::NoPart) };
    let missing: Vec<usize> = (1..=of).filter(|number| !known.contains_key(number)).collect();
    if !missing.is_empty() {
        return Ok(Gathered { of, missing, text: None });
    }
    let text: String = known.into_values().map(|part| part.piece).collect();
    if sum(text.as_bytes(), 7) != whole {
        return Err(Unfit::OfAnother);
    }
    Ok(Gathered { of, missing, text: Some(text) })
}

/// The CRC-32 of IEEE 802.3 in so many characters, 5 bits to each, the lowest first.
fn sum(bytes: &[u8], characters: usize) -> String {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    let crc = !crc;
    (0..characters).map(|n| letter(crc.checked_shr(5 * n as u32).unwrap_or(0))).collect()
}

/// Of the lowest 5 bits.
fn letter(bits: u32) -> char {
    LETTERS.get((bits & 31) as usize).copied().map_or('A', char::from)
}

/// Bytes as letters and digits, 5 bits to each (RFC 4648, without padding).
pub fn to_letters(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut count) = (0_u32, 0_u32);
    for byte in bytes {
        (held, count) = ((held << 8) | u32::from(*byte), count + 8);
        while count >= 5 {
            count -= 5;
            text.push(letter(held >> count));
        }
        held &= (1 << count) - 1;
    }
    if count > 0 {
        text.push(letter(held << (5 - count)));
    }
    text
}

/// The bytes again; none for other characters, a length that no bytes have, or bits that should be empty.
pub fn of_letters(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut count) = (0_u32, 0_u32);
    for c in text.bytes() {
        let bits = LETTERS.iter().position(|known| *known == c)?;
        (held, count) = ((held << 5) | u32::try_from(bits).ok()?, count + 5);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(held >> count & 0xff).ok()?);
        }
        held &= (1 << count) - 1;
    }
    (count < 5 && held == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refs(parts: &[String]) -> Vec<&str> {
        parts.iter().map(String::as_str).collect()
    }

    #[test]
    fn the_sum_is_that_of_the_standard() {
        // The check value of CRC-32 is CBF43926.
        let crc: u32 = 0xCBF4_3926;
        let wanted: String = (0..7).map(|n| letter(crc >> (5 * n))).collect();
        assert_eq!(sum(b"123456789", 7), wanted);
    }

    #[test]
    fn letters_are_those_of_the_standard() {
        assert_eq!(to_letters(b"foobar"), "MZXW6YTBOI");
        assert_eq!(of_letters("MZXW6YTBOI").as_deref(), Some(&b"foobar"[..]));
        assert_eq!(of_letters("MZXW6YTB0I"), None, "0 and 1 are no letters of it");
        assert_eq!(of_letters("B"), None, "no bytes are as long");
        assert_eq!(of_letters("MZ"), None, "bits beyond the end");
    }

    #[test]
    fn what_is_missing_is_told_by_its_number() {
        let text = "HST2".repeat(120);
        let parts = cut(&text).expect("plain");
        assert_eq!(parts.len(), 3);
        assert!(parts.iter().all(|part| part.len() <= HEAD + LENGTH + CHECK));
        let some = gather([&*parts[2], &*parts[0], &*parts[2]]).expect("ours");
        assert_eq!((some.of, some.missing, some.text), (3, vec![2], None));
        let all = gather([&*parts[2], &*parts[0], &*parts[1]]).expect("ours");
        assert_eq!(all.text.as_deref(), Some(&*text));
        // Capitals are locked at this keyboard.
        let small = parts[1].to_lowercase();
        assert_eq!(gather([&*parts[2], &*small, &*parts[0]]).expect("ours").text, Some(text));
    }

    #[test]
    fn a_part_of_another_paper_is_never_put_in() {
        let one = cut(&"A1".repeat(200)).expect("plain");
        let other = cut(&"A2".repeat(200)).expect("plain");
        assert_eq!(one.len(), other.len());
        assert_eq!(gather([&*one[0], &*other[1]]), Err(Unfit::OfAnother));
        assert_eq!(gather([]), Err(Unfit::NoPart));
        assert_eq!(gather(["HSC1AB"]), Err(Unfit::NoPart));
    }

    #[test]
    fn what_no_code_carries_is_not_cut() {
        assert_eq!(cut(""), None);
        assert_eq!(cut("a"), None);
        assert_eq!(cut("A B"), None);
        assert_eq!(cut(&"A".repeat(MOST * LENGTH + 1)), None);
        assert_eq!(cut(&"A".repeat(MOST * LENGTH)).map(|parts| parts.len()), Some(MOST));
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_its_parts_in_any_order(
            text in "[A-Z0-9]{1,1500}",
            seed in any::<u64>(),
        ) {
            let mut parts = cut(&text).expect("plain");
            // Turned and doubled.
            let turn = usize::try_from(seed % parts.len() as u64).expect("small");
            parts.rotate_left(turn);
            parts.push(parts[0].clone());
            parts.reverse();
            prop_assert_eq!(gather(refs(&parts)).expect("ours").text, Some(text));
        }

        #[test]
        fn one_letter_changed_lost_or_doubled_is_found(
            text in "[A-Z0-9]{1,600}", at in any::<prop::sample::Index>(), new in "[A-Z0-9]", how in 0..3,
        ) {
            let parts = cut(&text).expect("plain");
            let mut torn = parts[0].clone();
            let place = at.index(torn.len());
            match how {
                0 => torn.replace_range(place..=place, &new),
                1 => { torn.remove(place); }
                _ => torn.insert_str(place, &new),
            }
            prop_assume!(torn != parts[0]);
            prop_assert!(gather([&*torn]).is_err());
        }

        #[test]
        fn no_text_at_all_makes_it_panic(text in ".{0,80}", tail in "[ -~]{0,200}") {
            let _ = gather([&*text]);
            let marked = format!("{MARK}{tail}{text}");
            prop_assert!(gather([&*marked]).is_err());
            let _ = of_letters(&text);
        }

        #[test]
        fn bytes_come_back_from_their_letters(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(of_letters(&to_letters(&bytes)), Some(bytes));
        }
    }
}
