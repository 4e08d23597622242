//! Code 128 (ISO/IEC 15417): from text to bars in the fewest modules, in the sets B and C.

use crate::Error;

/// Widths of bars and spaces of each value in modules, beginning with a bar; the last is the stop.
pub(crate) const PATTERNS: [&str; 107] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212",
    "221213", "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221",
    "223211", "221132", "221231", "213212", "223112", "312131", "311222", "321122", "321221",
    "312212", "322112", "322211", "212123", "212321", "232121", "111323", "131123", "131321",
    "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331", "132131",
    "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131",
    "311123", "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111",
    "111224", "111422", "121124", "121421", "141122", "141221", "112214", "112412", "122114",
    "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111", "111242",
    "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311",
    "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112",
];
pub(crate) const CODE_C: u8 = 99;
pub(crate) const CODE_B: u8 = 100;
pub(crate) const START_B: u8 = 104;
pub(crate) const START_C: u8 = 105;
pub(crate) const STOP: u8 = 106;
/// White on both sides, in modules (ST-001: 10 X at least).
pub(crate) const QUIET: u32 = 10;
/// Longer texts are refused: no label has room, and a reader would have to be aimed.
const MOST: usize = 80;

/// The values of a symbol, from start to stop.
///
/// # Errors
/// [`Error::NotInBarcode`] for what set B has not, [`Error::Empty`], [`Error::TooLong`].
pub(crate) fn values(text: &str) -> Result<Vec<u8>, Error> {
    if let Some(found) = text.chars().find(|c| !(' '..='~').contains(c)) {
        return Err(Error::NotInBarcode { found });
    }
    if text.is_empty() {
        return Err(Error::Empty);
    }
    if text.len() > MOST {
        return Err(Error::TooLong { most: MOST });
    }
    let mut values = shortest(text.as_bytes());
    let sum = values.iter().zip(0_u32..).map(|(value, at)| u32::from(*value) * at.max(1));
    // Below 103, so nothing is lost.
    let check = (sum.sum::<u32>() % 103) as u8;
    values.extend([check, STOP]);
    Ok(values)
}

/// The two sets that a text of printable ASCII needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    B,
    C,
}

/// Start and data in the fewest values: from the end of the text backwards, for each place and
/// set, whether to go on or to switch.
fn shortest(text: &[u8]) -> Vec<u8> {
    const NEVER: usize = usize::MAX / 4;
    let pair = |at: usize| {
        let two = text.get(at..at + 2)?;
        two.iter().all(u8::is_ascii_digit).then(|| (two[0] - b'0') * 10 + (two[1] - b'0'))
    };
    // What is left to write from a place on, in each set, in values.
    let (mut left_b, mut left_c) = (vec![0; text.len() + 1], vec![0; text.len() + 1]);
    for at in (0..text.len()).rev() {
        let in_b = 1 + left_b[at + 1];
        let in_c = if pair(at).is_some() { 1 + left_c[at + 2] } else { NEVER };
        left_b[at] = in_b.min(1 + in_c);
        left_c[at] = in_c.min(1 + in_b);
    }
    let mut set = if left_c[0] < left_b[0] { Set::C } else { Set::B };
    let mut values = vec![if set == Set::C { START_C } else { START_B }];
    let mut at = 0;
    while at < text.len() {
        match (set, pair(at)) {
            (Set::C, Some(two)) if left_c[at] == 1 + left_c[at + 2] => {
                values.push(two);
                at += 2;
            }
            (Set::B, _) if left_b[at] == 1 + left_b[at + 1] => {
                values.push(text[at] - b' ');
                at += 1;
            }
            (Set::C, _) => {
                values.push(CODE_B);
                set = Set::B;
            }
            (Set::B, _) => {
                values.push(CODE_C);
                set = Set::C;
            }
        }
    }
    values
}

/// Bars and spaces in turn, in modules, beginning and ending with a bar.
///
/// # Errors
/// As [`values`].
pub(crate) fn widths(text: &str) -> Result<Vec<u32>, Error> {
    let values = values(text)?;
    let patterns = values.iter().filter_map(|value| PATTERNS.get(usize::from(*value)));
    Ok(patterns.flat_map(|p| p.bytes().map(|digit| u32::from(digit - b'0'))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_eleven_modules_and_stands_once() {
        let mut seen = std::collections::BTreeSet::new();
        for (value, pattern) in PATTERNS.iter().enumerate() {
            let widths: Vec<u32> = pattern.bytes().map(|d| u32::from(d - b'0')).collect();
            assert_eq!(widths.iter().sum::<u32>(), if value == 106 { 13 } else { 11 }, "{pattern}");
            assert!(widths.iter().all(|width| (1..=4).contains(width)), "{pattern}");
            let bars: u32 = widths.iter().step_by(2).sum();
            assert!(value == 106 || bars.is_multiple_of(2), "{pattern}");
            assert!(seen.insert(pattern), "{pattern}");
        }
    }

    #[test]
    fn the_check_is_the_sum_of_the_standard() {
        // "PJJ123C" in set B: 48 42 42 17 18 19 35, weighted 1 to 7, with start B.
        let sum = (104 + 48 + 84 + 126 + 68 + 90 + 114 + 245_u32) % 103;
        let sum = u8::try_from(sum).expect("below 103");
        assert_eq!(values("PJJ123C").expect("text"), [104, 48, 42, 42, 17, 18, 19, 35, sum, 106]);
    }

    #[test]
    fn digits_go_in_pairs_where_that_is_shorter() {
        let modules = |text: &str| widths(text).expect("text").iter().sum::<u32>();
        // bloodbank.md 3.6: 145 modules, and 211 in set B alone.
        assert_eq!(modules("=G12341765432170"), 145);
        assert_eq!(modules("=%5100"), 90);
        assert_eq!(modules("12345678"), 11 * 6 + 13);
        assert_eq!(
            values("1234567").expect("text").len(),
            8,
            "start C, 3 pairs, switch, 7, check, stop"
        );
    }

    #[test]
    fn what_set_b_has_not_is_refused() {
        assert_eq!(values("é"), Err(Error::NotInBarcode { found: 'é' }));
        assert_eq!(values("a\tb"), Err(Error::NotInBarcode { found: '\t' }));
        assert_eq!(values(""), Err(Error::Empty));
        assert_eq!(values(&"x".repeat(81)), Err(Error::TooLong { most: 80 }));
    }
}
