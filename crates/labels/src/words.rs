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
                // Letters of blood groups are the same in both.
                assert!(
                    arabic == (language == Language::Arabic) || words.len() < 3,
                    "{name}: {words}"
                );
            }
        }
    }

    #[test]
    fn every_name_in_the_sources_has_words() {
        let sources = [
            include_str!("box_slip.rs"),
            include_str!("certificate.rs"),
            include_str!("number.rs"),
            include_str!("person.rs"),
            include_str!("form.rs"),
            include_str!("group.rs"),
            include_str!("forms.rs"),
            include_str!("sheet.rs"),
            include_str!("slip.rs"),
            include_str!("tube.rs"),
            include_str!("unit.rs"),
            include_str!("wristband.rs"),
        ];
        let mut seen = BTreeSet::new();
        let areas = ["box", "f", "number", "unit", "slip", "tag", "certificate", "sheet"];
        // Every piece of text that reads like a name, wherever it stands.
        for name in sources.into_iter().flat_map(|source| source.split('"')) {
            let area = name.split_once('.').map_or("", |(area, _)| area);
            let plain =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_');
            if areas.contains(&area) && name.chars().all(plain) && !name.ends_with(".rs") {
                assert!(Language::English.words().contains_key(name), "{name}");
                seen.insert(name.to_owned());
            }
        }
        let has_area = |name: &&String| name.contains('.');
        let all: BTreeSet<String> =
            Language::English.words().keys().filter(has_area).cloned().collect();
        assert_eq!(seen, all, "and no words that nobody prints");
    }
}
