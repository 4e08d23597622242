//! The product code (data structure 003).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::ReadError;

pub(crate) const NAME: &str = "product code";

/// A product code: description (5), type of collection (1), division (2).
///
/// Together with the donation number it names one bag; the donation number alone does not. What
/// the description means stands in the licensee's table, not here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ProductCode([u8; 8]);

fn swap_case(c: char) -> char {
    if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
}

impl ProductCode {
    /// Reads the eight characters behind `=<`.
    ///
    /// The first character is always a capital, so when it arrives small the scanner or Caps Lock
    /// has changed the case: then the division gets its case back by place, and the type of
    /// collection by swapping.
    ///
    /// # Errors
    /// [`ReadError::WrongLength`] or [`ReadError::BadCharacter`]. For blood components (`E`, `F`)
    /// the description is numeric and the division `00`, `A0` to `Z0`, `Aa` to `Zz`, or `99`
    /// (which says that a [`crate::Scan::Division`] follows).
    pub fn new(code: &str) -> Result<ProductCode, ReadError> {
        let got = code.chars().count();
        let chars: Vec<char> = code.chars().take(8).collect();
        let Ok(mut chars) = <[char; 8]>::try_from(chars) else {
            return Err(ReadError::WrongLength { name: NAME, expected: 8, got });
        };
        if got != 8 {
            return Err(ReadError::WrongLength { name: NAME, expected: 8, got });
        }
        let original = chars;
        let bad = |index: usize| ReadError::BadCharacter {
            name: NAME,
            position: index + 1,
            found: original[index],
        };
        if let Some(index) = chars.iter().position(|c| !c.is_ascii_alphanumeric()) {
            return Err(bad(index));
        }
        if !chars[0].is_ascii_alphabetic() {
            return Err(bad(0));
        }
        let case_lost = chars[0].is_ascii_lowercase();
        for c in &mut chars[..5] {
            *c = c.to_ascii_uppercase();
        }
        let blood = matches!(chars[0], 'E' | 'F');
        if case_lost {
            chars[5] = swap_case(chars[5]);
            if blood {
                chars[6] = chars[6].to_ascii_uppercase();
                chars[7] = chars[7].to_ascii_lowercase();
            } else {
                chars[6] = swap_case(chars[6]);
                chars[7] = swap_case(chars[7]);
            }
        }
        if blood {
            if let Some(index) = (1..5).find(|&index| !chars[index].is_ascii_digit()) {
                return Err(bad(index));
            }
            match (chars[6], chars[7]) {
                ('0', '0') | ('9', '9') | ('A'..='Z', '0' | 'a'..='z') => {}
                ('0' | '9' | 'A'..='Z', _) => return Err(bad(7)),
                _ => return Err(bad(6)),
            }
        }
        // All are ASCII by the first test above.
        Ok(ProductCode(chars.map(|c| c as u8)))
    }

    /// The eight characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Product description code: the first five characters.
    pub fn description(&self) -> &str {
        &self.as_str()[..5]
    }

    /// Type of collection: `V` volunteer, `0` not said, `1` autologous only, and so on.
    pub fn collection_type(&self) -> char {
        self.0[5] as char
    }

    /// Division: `00` undivided, `A0` first split, `Aa` second split, `99` see structure 032.
    pub fn division(&self) -> &str {
        &self.as_str()[6..]
    }

    /// Whether the bag was never split (as far as this code says).
    pub fn is_undivided(&self) -> bool {
        self.division() == "00"
    }

    /// Whether the division stands in a structure of its own (032) that must be scanned too.
    pub fn needs_division(&self) -> bool {
        self.division() == "99"
    }

    /// Whether the code is national or local (`A` to `D`), so that its meaning ends at the border
    /// or at the door of the facility.
    pub fn is_local(&self) -> bool {
        matches!(self.0[0], b'A'..=b'D')
    }

    /// The text of the barcode.
    pub fn to_structure(&self) -> String {
        format!("=<{}", self.as_str())
    }
}

impl fmt::Display for ProductCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ProductCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProductCode({})", self.as_str())
    }
}

impl FromStr for ProductCode {
    type Err = ReadError;
    fn from_str(text: &str) -> Result<ProductCode, ReadError> {
        ProductCode::new(text)
    }
}

impl TryFrom<String> for ProductCode {
    type Error = ReadError;
    fn try_from(text: String) -> Result<ProductCode, ReadError> {
        ProductCode::new(&text)
    }
}

impl From<ProductCode> for String {
    fn from(code: ProductCode) -> String {
        code.as_str().to_owned()
    }
}
