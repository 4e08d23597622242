//! How names are compared. Nothing here changes what is shown: a folded name is only a key.

use std::collections::BTreeMap;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Lower case, without marks, in words: `Núñez-Smith` is `["nunez", "smith"]`.
pub fn words(name: &str) -> Vec<String> {
    let folded: String = name
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    folded.split_whitespace().map(str::to_owned).collect()
}

/// A word with its spelling habits taken out, so that SMITH and SMYTHE share a key: doubled
/// letters once, common sound-alikes joined, vowels only at the start.
pub fn sound(word: &str) -> String {
    let joined = word
        .replace("ph", "f")
        .replace("ck", "k")
        .replace("sch", "s")
        .replace("sh", "s")
        .replace("th", "t")
        .replace("kh", "h");
    let mut out = String::new();
    let mut last = None;
    for (i, c) in joined.chars().enumerate() {
        let c = match c {
            'y' | 'j' => 'i',
            'c' | 'q' => 'k',
            'z' => 's',
            'v' | 'w' => 'v',
            'd' => 't',
            'b' => 'p',
            c => c,
        };
        let vowel = matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'h');
        if last != Some(c) && (i == 0 || !vowel) {
            out.push(c);
        }
        last = Some(c);
    }
    out
}

/// Every form of `word` with one character left out, and the word itself: two words within one
/// slip of the finger share at least one form.
pub fn slips(word: &str) -> Vec<String> {
    let chars: Vec<char> = word.chars().take(24).collect();
    let mut out = vec![word.to_owned()];
    if chars.len() >= 4 {
        for skip in 0..chars.len() {
            out.push(
                chars.iter().enumerate().filter(|(i, _)| *i != skip).map(|(_, c)| c).collect(),
            );
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// What two people who could be taken for each other share: how the family name sounds, or the given
/// name of somebody without one.
fn called((family, given): (&str, &str)) -> String {
    let name = if family.trim().is_empty() { given } else { family };
    words(name).iter().map(|word| sound(word)).collect::<Vec<_>>().join(" ")
}

/// Whether two people could be taken for each other on a list (style.md rule 2).
pub fn alike(a: (&str, &str), b: (&str, &str)) -> bool {
    called(a) == called(b)
}

/// For each person of a list (family name, given name) whether another one on it is [`alike`].
pub fn alike_on_a_list(people: &[(&str, &str)]) -> Vec<bool> {
    let calls: Vec<String> = people.iter().map(|person| called(*person)).collect();
    let mut how_many: BTreeMap<&str, usize> = BTreeMap::new();
    for call in &calls {
        *how_many.entry(call).or_default() += 1;
    }
    calls.iter().map(|call| how_many.get(call.as_str()).is_some_and(|many| *many > 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn on_a_list_everybody_is_marked_who_has_a_namesake_and_nobody_for_himself() {
        let people = [("Smith", "John"), ("Brown", "Ann"), ("Smythe", "Jane")];
        assert_eq!(alike_on_a_list(&people), [true, false, true]);
        assert_eq!(alike_on_a_list(&people[..1]), [false]);
    }

    #[test]
    fn smith_and_smythe_are_alike_and_brown_is_not() {
        assert!(alike(("Smith", "John"), ("Smythe", "Joan")));
        assert!(!alike(("Smith", "John"), ("Brown", "John")));
    }

    #[test]
    fn marks_and_hyphens_do_not_matter() {
        assert_eq!(words("Núñez-Smith"), ["nunez", "smith"]);
        assert_eq!(words("الحسيني"), ["الحسيني"]);
    }

    proptest! {
        #[test]
        fn one_missing_letter_still_meets(word in "[a-z]{5,12}", at in 0usize..5) {
            let mut typo = word.clone();
            typo.remove(at);
            let meets = slips(&typo).iter().any(|s| slips(&word).contains(s));
            prop_assert!(meets);
        }
        #[test]
        fn any_text_folds_without_panic(text in ".{0,60}") {
            for word in words(&text) { sound(&word); slips(&word); }
        }
    }
}
