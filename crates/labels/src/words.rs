//! The words on paper, in each language, from one file per language.

use paper::Side;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A language that paper is printed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    Arabic,
}

type Words = BTreeMap<String, String>;

fn read(text: &str) -> Words {
    serde_json::from_str(text).expect("a file of the program, used by tests")
}

static ENGLISH: LazyLock<Words> = LazyLock::new(|| read(include_str!("../words/en.json")));
static ARABIC: LazyLock<Words> = LazyLock::new(|| read(include_str!("../words/ar.json")));

impl Language {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::English, Self::Arabic];

    fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Arabic => &ARABIC,
        }
    }

    /// The words of a name such as `slip.title`. A name that no file has stands for itself: a test
    /// looks for that.
    pub(crate) fn word(self, name: &'static str) -> &'static str {
        self.words().get(name).map_or(name, String::as_str)
    }

    /// As BCP 47 has it.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Arabic => "ar",
        }
    }

    /// Where lines begin.
    pub(crate) fn side(self) -> Side {
        match self {
            Self::English => Side::Left,
            Self::Arabic => Side::Right,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn both_languages_have_the_same_names_and_no_empty_words() {
        let names = |language: Language| language.words().keys().collect::<BTreeSet<_>>();
        assert_eq!(names(Language::English), names(Language::Arabic));
        for language in Language::ALL {
            for (name, words) in language.words() {
                assert!(!words.trim().is_empty(), "{name}");
                let arabic = words.chars().any(|c| ('\u{600}'..='\u{6ff}').contains(&c));
                // A few are numbers and signs in both.
                assert!(
                    arabic == (language == Language::Arabic)
                        || !words.contains(char::is_alphabetic),
                    "{name}: {words}"
                );
            }
        }
    }

    #[test]
    fn every_name_in_the_sources_has_words() {
        let sources = [
            include_str!("certificate.rs"),
            include_str!("person.rs"),
            include_str!("form.rs"),
            include_str!("forms.rs"),
            include_str!("sheet.rs"),
            include_str!("slip.rs"),
            include_str!("tube.rs"),
            include_str!("unit.rs"),
            include_str!("wristband.rs"),
        ];
        let mut seen = 0;
        for source in sources {
            for rest in source.split("word(\"").skip(1) {
                let name = rest.split('"').next().unwrap_or_default();
                assert!(Language::English.words().contains_key(name), "{name}");
                seen += 1;
            }
        }
        assert!(seen > 0, "{seen}");
    }
}
