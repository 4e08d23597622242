//! The donation identification number (data structure 001) and its check character.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::DinError;

const CHECK: &[u8; 37] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";

/// A donation identification number: 13 characters, upper case, alphabet checked, unique for a
/// hundred years. Flags are no part of it.
///
/// Layout: facility (5), nominal year (2), serial (6). First character `A-N P-Z 1-9`; second and
/// third `A-N P-Z 0-9`; all others digits (ST-001, 2.4.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Din([u8; 13]);

fn facility_letter(c: char) -> bool {
    c.is_ascii_uppercase() && c != 'O'
}

/// Whether `c` (upper case) may stand at place `index` (from 0) of a donation number.
pub(crate) fn allowed(index: usize, c: char) -> bool {
    match index {
        0 => facility_letter(c) || matches!(c, '1'..='9'),
        1 | 2 => facility_letter(c) || c.is_ascii_digit(),
        _ => c.is_ascii_digit(),
    }
}

impl Din {
    /// Reads the 13 characters as they are stored or scanned, without check character. Lower case
    /// is taken as upper case; spaces are not tolerated here.
    ///
    /// # Errors
    /// [`DinError::WrongLength`] or [`DinError::BadCharacter`].
    pub fn new(text: &str) -> Result<Din, DinError> {
        let got = text.chars().count();
        if got != 13 {
            return Err(DinError::WrongLength { expected: 13, got });
        }
        Din::of(text.chars())
    }

    /// Takes the first 13 of `chars`; the caller has counted them.
    fn of(chars: impl Iterator<Item = char>) -> Result<Din, DinError> {
        let mut din = [0u8; 13];
        for (index, (slot, found)) in din.iter_mut().zip(chars).enumerate() {
            let upper = found.to_ascii_uppercase();
            if !allowed(index, upper) {
                return Err(DinError::BadCharacter { position: index + 1, found });
            }
            // An allowed character is ASCII, so nothing is lost.
            *slot = upper as u8;
        }
        Ok(Din(din))
    }

    /// Reads what a person typed: 13 characters **and** the check character from the box beside
    /// them, in any case, with spaces anywhere (`A9998 18 123456 N`).
    ///
    /// # Errors
    /// [`DinError`], which never tells the right check character.
    pub fn parse_typed(text_with_check: &str) -> Result<Din, DinError> {
        let typed: Vec<char> =
            text_with_check.chars().filter(|c| !c.is_whitespace()).take(4096).collect();
        let [number @ .., check] = typed.as_slice() else {
            return Err(DinError::WrongLength { expected: 14, got: 0 });
        };
        if number.len() != 13 {
            return Err(DinError::WrongLength { expected: 14, got: typed.len() });
        }
        let din = Din::of(number.iter().copied())?;
        let check = check.to_ascii_uppercase();
        if !(check.is_ascii_digit() || check.is_ascii_uppercase() || check == '*') {
            return Err(DinError::BadCharacter { position: 14, found: check });
        }
        if check == din.check_char() { Ok(din) } else { Err(DinError::BadCheck) }
    }

    /// Makes a number from its parts, for a site that labels its own donations.
    ///
    /// # Errors
    /// [`DinError`] when the facility is not a five-character facility number, the year is above
    /// 99 or the serial above 999 999.
    pub fn compose(facility: &str, year: u8, serial: u32) -> Result<Din, DinError> {
        Din::new(&format!("{facility}{year:02}{serial:06}"))
    }

    /// The 13 characters.
    pub fn as_str(&self) -> &str {
        // Every constructor stores ASCII only; were that ever broken, an empty text matches nothing.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Facility identification number: the first five characters.
    pub fn fin(&self) -> &str {
        &self.as_str()[..5]
    }

    /// The two digits of the nominal year, 0 to 99. One month of overlap is allowed, so this is
    /// not a collection date.
    pub fn year(&self) -> u8 {
        (self.0[5] - b'0') * 10 + (self.0[6] - b'0')
    }

    /// The full nominal year, seen from `today` (a year such as 2026): the latest year with these
    /// two digits that is not later than next year. A number is unique for a hundred years.
    pub fn year_seen_from(&self, today: i32) -> i32 {
        let latest = today.saturating_add(1);
        latest.saturating_sub(latest.saturating_sub(i32::from(self.year())).rem_euclid(100))
    }

    /// Serial number within facility and year, six digits.
    pub fn serial(&self) -> &str {
        &self.as_str()[7..]
    }

    /// The check value 0 to 36 (ISO/IEC 7064, mod 37-2; ST-001 appendix A).
    pub fn check_value(&self) -> u8 {
        let sum = self.0.iter().fold(0u32, |sum, c| {
            let value = if c.is_ascii_digit() { c - b'0' } else { c - b'A' + 10 };
            (sum + u32::from(value)) * 2 % 37
        });
        // sum is below 37, so the result fits.
        ((38 - sum) % 37) as u8
    }

    /// The check character printed in a box beside the number, never inside the barcode.
    pub fn check_char(&self) -> char {
        CHECK[usize::from(self.check_value())] as char
    }

    /// The flag that carries the check value inside the barcode (type 3: 60 to 96).
    pub fn check_flag(&self) -> Flag {
        Flag::digits(60 + self.check_value())
    }

    /// For reading by eye: `A9998 18 123456`. The check character stands apart, in a box.
    pub fn display(&self) -> String {
        format!("{} {:02} {}", self.fin(), self.year(), self.serial())
    }

    /// The text of the barcode: `=`, the number, the flag.
    pub fn to_structure(&self, flag: Flag) -> String {
        format!("={}{}", self.as_str(), flag.as_str())
    }
}

impl fmt::Display for Din {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Din {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Din({})", self.as_str())
    }
}

impl FromStr for Din {
    type Err = DinError;
    fn from_str(text: &str) -> Result<Din, DinError> {
        Din::new(text)
    }
}

impl TryFrom<String> for Din {
    type Error = DinError;
    fn try_from(text: String) -> Result<Din, DinError> {
        Din::new(&text)
    }
}

impl From<Din> for String {
    fn from(din: Din) -> String {
        din.as_str().to_owned()
    }
}

/// The two flag characters behind a donation number in a barcode. They say which label of the set
/// this is; they are no part of the number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "String")]
pub struct Flag([u8; 2]);

/// What a flag says (ST-001, 2.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum FlagMeaning {
    /// `00`: nothing is said.
    Unspecified,
    /// Container 1 to 9 of the set.
    Container(u8),
    /// Second (demand-printed) label.
    SecondLabel,
    /// Pilot tube.
    PilotTube,
    /// Test tube.
    TestTube,
    /// Donor record.
    DonorRecord,
    /// Tube for nucleic acid testing.
    NatTube,
    /// Tube for bacterial testing.
    BacterialTube,
    /// To be matched with the unit.
    MatchWithUnit,
    /// Partial label.
    PartialLabel,
    /// Attached label.
    AttachedLabel,
    /// 20 to 59: the facility's own meaning.
    Local(u8),
    /// 60 to 96: the check value 0 to 36, already verified by [`crate::read`].
    Check(u8),
    /// Reserved, or not known to this crate.
    Other,
}

impl Flag {
    /// `00`.
    pub const UNSPECIFIED: Flag = Flag([b'0', b'0']);

    /// Two characters from `0-9 A-H J-N P R-Y`, lower case taken as upper case.
    pub fn new(text: &str) -> Option<Flag> {
        let mut chars = text.chars().map(|c| c.to_ascii_uppercase());
        match (chars.next(), chars.next(), chars.next()) {
            (Some(a), Some(b), None) if Flag::allowed(a) && Flag::allowed(b) => {
                Some(Flag([a as u8, b as u8]))
            }
            _ => None,
        }
    }

    pub(crate) fn allowed(c: char) -> bool {
        matches!(c, '0'..='9' | 'A'..='H' | 'J'..='N' | 'P' | 'R'..='Y')
    }

    /// A numeric flag; only 0 to 99 is ever passed.
    fn digits(value: u8) -> Flag {
        Flag([b'0' + value / 10 % 10, b'0' + value % 10])
    }

    /// The two characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// What the flag says.
    pub fn meaning(&self) -> FlagMeaning {
        let Ok(value) = self.as_str().parse::<u8>() else {
            return FlagMeaning::Other;
        };
        match value {
            0 => FlagMeaning::Unspecified,
            1..=4 => FlagMeaning::Container(value),
            15..=19 => FlagMeaning::Container(value - 10),
            5 => FlagMeaning::SecondLabel,
            6 => FlagMeaning::PilotTube,
            7 => FlagMeaning::TestTube,
            8 => FlagMeaning::DonorRecord,
            9 => FlagMeaning::NatTube,
            10 => FlagMeaning::BacterialTube,
            11 => FlagMeaning::MatchWithUnit,
            12 => FlagMeaning::PartialLabel,
            13 => FlagMeaning::AttachedLabel,
            20..=59 => FlagMeaning::Local(value),
            60..=96 => FlagMeaning::Check(value - 60),
            _ => FlagMeaning::Other,
        }
    }
}

impl fmt::Debug for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flag({})", self.as_str())
    }
}

impl From<Flag> for String {
    fn from(flag: Flag) -> String {
        flag.as_str().to_owned()
    }
}
