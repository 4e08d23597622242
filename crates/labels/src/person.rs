//! A person as labels and papers name them.

use crate::Language;
use paper::flow::left;

/// Two identities and what helps to tell two people apart, in the words of the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// As the record writes it: `SMITH, John`.
    pub name: String,
    /// Number in the hospital. Empty for somebody who has none.
    pub number: String,
    /// `05-Mar-1958`, `1958`; empty when not known.
    pub born: String,
    /// Not known when absent.
    pub sex: Option<Sex>,
}

/// Administrative sex, as far as a label says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    Female,
    Male,
    Other,
}

impl Person {
    pub(crate) fn born_words(&self, language: Language) -> String {
        let born = match self.born.trim() {
            "" => language.word("not_known").to_owned(),
            born => left(born),
        };
        format!("{} {born}", language.word("born"))
    }

    pub(crate) fn sex_words(&self, language: Language) -> &'static str {
        match self.sex {
            Some(Sex::Female) => language.word("female"),
            Some(Sex::Male) => language.word("male"),
            Some(Sex::Other) => language.word("other_sex"),
            None => language.word("sex_not_known"),
        }
    }
}
