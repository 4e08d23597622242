//! What a person typed into a field that has to say something.

/// Letters and digits that a reason has at least. Fewer is a key pressed to get past the question.
pub const REASON_LEAST: usize = 3;

/// Characters that count as letters and show nothing: the Hangul fillers.
const FILLERS: [char; 4] = ['\u{115f}', '\u{1160}', '\u{3164}', '\u{ffa0}'];

/// The text without what nobody sees at its ends, if it says anything at all: one letter or digit
/// of any script. Spaces, zero-width characters, marks and punctuation alone say nothing.
pub fn said(text: &str) -> Option<String> {
    with_letters(text, 1)
}

/// The same for a reason, which needs [`REASON_LEAST`] letters or digits. Every reason that the
/// program asks for passes here.
pub fn reason(text: &str) -> Option<String> {
    with_letters(text, REASON_LEAST)
}

fn with_letters(text: &str, least: usize) -> Option<String> {
    if text.chars().filter(|c| is_seen(*c)).count() < least {
        return None;
    }
    let shown = |c: char| !c.is_whitespace() && !c.is_control() && !is_zero_width(c);
    Some(in_reading_order(text.trim_matches(|c| !shown(c))))
}

/// The text without the characters that make what follows run the other way (Unicode embeddings,
/// overrides and isolates): with one of them a name of one patient reads as that of another. Marks
/// that only join or part letters stay, as scripts need them.
pub fn in_reading_order(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect()
}

fn is_seen(c: char) -> bool {
    c.is_alphanumeric() && !FILLERS.contains(&c)
}

fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_can_see_is_no_reason() {
        for nothing in [
            "",
            "   ",
            "\u{200b}",
            "\u{200b}\u{200d}\u{2060}\u{feff}",
            "...",
            "- -",
            "ok",
            "\u{3164}\u{3164}\u{3164}",
            "\u{2800}\u{2800}\u{2800}",
            "\u{301}\u{301}\u{301}",
        ] {
            assert_eq!(reason(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_short_reason_of_any_script_is_one() {
        assert_eq!(reason(" \u{200b}torn\u{200b} ").as_deref(), Some("torn"));
        assert_eq!(reason("نزف").as_deref(), Some("نزف"));
        assert_eq!(reason("7 °C, 2 h").as_deref(), Some("7 °C, 2 h"));
    }

    #[test]
    fn no_character_makes_a_name_read_backwards() {
        assert_eq!(said("\u{202e}NHOJ EOD\u{202c}").as_deref(), Some("NHOJ EOD"));
        assert_eq!(in_reading_order("DOE\u{2067}, JOHN\u{2069}"), "DOE, JOHN");
        let persian = "می\u{200c}خواهم";
        assert_eq!(in_reading_order(persian), persian, "a join that the script needs");
    }

    #[test]
    fn a_name_needs_one_letter() {
        assert_eq!(said(" Li ").as_deref(), Some("Li"));
        assert_eq!(said("\u{200b}"), None);
    }
}
