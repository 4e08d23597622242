//! The recovery code: 160 random bits that a person can print, read aloud and type.

use rand::{RngCore as _, rngs::OsRng};
use zeroize::Zeroizing;

/// Crockford's base 32, with the five symbols that only the check character uses (mod 37).
const SYMBOLS: &[u8; 37] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";
const LENGTH: usize = 32;
const GROUP: usize = 4;

/// What is wrong with a typed code. Each can be seen without trying it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryTypo {
    /// A code has 33 characters, the last of which is the check character.
    #[error("the recovery code has 33 characters, this has {found}")]
    Length { found: usize },
    /// `at` counts from 1 and leaves spaces and hyphens out.
    #[error("character {at} does not occur in a recovery code")]
    Character { at: usize },
    #[error("a character of the recovery code is mistyped: compare it with the print")]
    Check,
}

/// A recovery code. Wiped when dropped; shown only by [`RecoveryCode::printed`].
pub struct RecoveryCode(Zeroizing<[u8; 20]>);

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

impl RecoveryCode {
    pub(super) fn random() -> Self {
        let mut secret = Zeroizing::new([0u8; 20]);
        OsRng.fill_bytes(secret.as_mut_slice());
        Self(secret)
    }

    pub(super) fn secret(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// The code for paper: eight groups of four and the check character.
    pub fn printed(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(48));
        let digits = digits(&self.0);
        for (at, digit) in digits.iter().enumerate() {
            if at > 0 && at % GROUP == 0 {
                text.push('-');
            }
            text.push(SYMBOLS[usize::from(*digit)] as char);
        }
        text.push('-');
        text.push(SYMBOLS[check(&digits)] as char);
        text
    }

    /// Reads a code as people type it: any case, spaces and hyphens anywhere, O for 0, I and L
    /// for 1. Every single wrong character and every swap of neighbours is noticed.
    pub fn parse(typed: &str) -> Result<Self, RecoveryTypo> {
        let mut values = Zeroizing::new(Vec::with_capacity(LENGTH + 1));
        let letters = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
        for (at, letter) in (1..).zip(letters) {
            let upper = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = SYMBOLS.iter().position(|symbol| char::from(*symbol) == upper);
            match value {
                Some(value) if value < 32 || at == LENGTH + 1 => values.push(value as u8),
                _ if at > LENGTH + 1 => values.push(0),
                _ => return Err(RecoveryTypo::Character { at }),
            }
        }
        if values.len() != LENGTH + 1 {
            return Err(RecoveryTypo::Length { found: values.len() });
        }
        let digits: [u8; LENGTH] = values[..LENGTH].try_into().expect("the length was just seen");
        if check(&digits) != usize::from(values[LENGTH]) {
            return Err(RecoveryTypo::Check);
        }
        let mut secret = Zeroizing::new([0u8; 20]);
        for (bytes, eight) in secret.chunks_mut(5).zip(digits.chunks(8)) {
            let bits = eight.iter().fold(0u64, |bits, digit| bits << 5 | u64::from(*digit));
            bytes.copy_from_slice(&bits.to_be_bytes()[3..]);
        }
        Ok(Self(secret))
    }
}

/// Five bytes are eight digits.
fn digits(secret: &[u8; 20]) -> [u8; LENGTH] {
    let mut digits = [0u8; LENGTH];
    for (eight, bytes) in digits.chunks_mut(8).zip(secret.chunks(5)) {
        let bits = bytes.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        for (at, digit) in eight.iter_mut().enumerate() {
            *digit = (bits >> (35 - 5 * at) & 31) as u8;
        }
    }
    digits
}

fn check(digits: &[u8; LENGTH]) -> usize {
    digits.iter().fold(0, |rest, digit| (rest * 32 + usize::from(*digit)) % 37)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_code_is_read_again_however_it_is_typed() {
        for _ in 0..50 {
            let code = RecoveryCode::random();
            let text = code.printed();
            assert_eq!(text.len(), 41, "eight groups of four, eight hyphens, one check character");
            let sloppy = text.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
            for typed in [text.as_str(), &sloppy] {
                assert_eq!(RecoveryCode::parse(typed).unwrap().secret(), code.secret());
            }
        }
    }

    #[test]
    fn every_single_wrong_character_is_noticed() {
        let text = RecoveryCode::random().printed();
        for at in (0..text.len()).filter(|at| text.as_bytes()[*at] != b'-') {
            for symbol in SYMBOLS {
                if text.as_bytes()[at] == *symbol {
                    continue;
                }
                let mut typed = text.as_bytes().to_vec();
                typed[at] = *symbol;
                let typed = String::from_utf8(typed).unwrap();
                assert!(RecoveryCode::parse(&typed).is_err(), "{at} {}", *symbol as char);
            }
        }
    }

    #[test]
    fn every_swap_of_neighbours_is_noticed() {
        let text = RecoveryCode::random().printed().replace('-', "");
        for at in 0..text.len() - 1 {
            let mut typed = text.as_bytes().to_vec();
            if typed[at] == typed[at + 1] {
                continue;
            }
            typed.swap(at, at + 1);
            assert!(RecoveryCode::parse(std::str::from_utf8(&typed).unwrap()).is_err(), "{at}");
        }
    }

    #[test]
    fn a_typo_says_what_it_is() {
        let parse = |t: &str| RecoveryCode::parse(t).unwrap_err();
        assert_eq!(parse(""), RecoveryTypo::Length { found: 0 });
        assert_eq!(parse("ABC"), RecoveryTypo::Length { found: 3 });
        assert_eq!(parse("AB!"), RecoveryTypo::Character { at: 3 });
        assert_eq!(parse("ABU"), RecoveryTypo::Character { at: 3 });
        assert_eq!(parse(&"é".repeat(40)), RecoveryTypo::Character { at: 1 });
        assert_eq!(parse(&"0".repeat(40)), RecoveryTypo::Length { found: 40 });
        assert_eq!(parse(&format!("{}1", "0".repeat(32))), RecoveryTypo::Check);
    }
}
