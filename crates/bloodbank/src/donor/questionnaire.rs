//! The questions before a donation, as a versioned document: an answer names deferral codes, the
//! profile says how long each lasts.

use crate::profile::Profile;
use crate::unit::Sex;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Questionnaire {
    pub id: String,
    pub version: u32,
    pub questions: Vec<Question>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Stable; the words stand in the message catalogue under it.
    pub id: String,
    /// The answer that has a consequence.
    pub when: bool,
    pub then: Consequence,
    /// Ask when it happened, and count from that day. Otherwise it counts from today.
    pub asks_when: bool,
    /// Only of these; empty: of everybody. A donor whose sex is not known answers all.
    pub sexes: Vec<Sex>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consequence {
    /// A deferral code of the profile.
    Defer(String),
    /// A physician decides.
    Refer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub yes: bool,
    pub when: Option<NaiveDate>,
}

/// By question id.
pub type Answers = BTreeMap<String, Answer>;

/// Questions without an answer, or without the day they ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered(pub Vec<String>);

/// A document that cannot be asked from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadQuestionnaire {
    #[error("question {0} stands twice")]
    Twice(String),
    #[error("question {question} names {code}, which the profile does not know")]
    UnknownCode { question: String, code: String },
    #[error("a questionnaire without questions")]
    Empty,
}

impl Questionnaire {
    /// The questions that every rule book read asks. A country brings its own.
    pub fn basic() -> Self {
        let ask = |id: &str, when, then, asks_when| Question {
            id: id.into(),
            when,
            then,
            asks_when,
            sexes: vec![],
        };
        let defer = |code: &str| Consequence::Defer(code.into());
        let women = |question: Question| Question { sexes: vec![Sex::Female], ..question };
        Self {
            id: "basic".into(),
            version: 1,
            questions: vec![
                ask("feeling_well", false, defer("unwell"), false),
                ask("aspirin", true, defer("aspirin"), true),
                ask("tattoo", true, defer("tattoo"), true),
                ask("blood_received", true, defer("blood_received"), true),
                ask("major_surgery", true, defer("major_surgery"), true),
                ask("malaria", true, defer("malaria"), true),
                ask("needle_stick", true, defer("needle_stick"), true),
                ask("hepatitis_contact", true, defer("hepatitis_contact"), true),
                ask("live_vaccine", true, defer("live_vaccine"), true),
                ask("killed_vaccine", true, defer("killed_vaccine"), true),
                ask("injected_drugs", true, defer("injected_drugs"), false),
                ask("long_illness", true, Consequence::Refer, false),
                women(ask("pregnant", true, defer("pregnant"), false)),
                women(ask("delivery", true, defer("delivery"), true)),
                women(ask("miscarriage", true, defer("miscarriage"), true)),
            ],
        }
    }

    /// Checks that it can be asked under a profile.
    ///
    /// # Errors
    /// The first question that cannot.
    pub fn checked(self, profile: &Profile) -> Result<Self, BadQuestionnaire> {
        if self.questions.is_empty() {
            return Err(BadQuestionnaire::Empty);
        }
        let mut seen = BTreeSet::new();
        for question in &self.questions {
            if !seen.insert(&question.id) {
                return Err(BadQuestionnaire::Twice(question.id.clone()));
            }
            if let Consequence::Defer(code) = &question.then
                && !profile.deferrals.iter().any(|row| row.value.code == *code)
            {
                return Err(BadQuestionnaire::UnknownCode {
                    question: question.id.clone(),
                    code: code.clone(),
                });
            }
        }
        Ok(self)
    }

    /// What follows from the answers: the question, its consequence, and the day it counts from.
    ///
    /// # Errors
    /// What has not been answered. Nobody is accepted on half a questionnaire.
    pub fn read<'a>(
        &'a self,
        answers: &Answers,
        sex: Sex,
        today: NaiveDate,
    ) -> Result<Vec<(&'a Question, NaiveDate)>, Unanswered> {
        let known = matches!(sex, Sex::Female | Sex::Male);
        let mut open = vec![];
        let mut found = vec![];
        for question in &self.questions {
            if known && !question.sexes.is_empty() && !question.sexes.contains(&sex) {
                continue;
            }
            match answers.get(&question.id) {
                None => open.push(question.id.clone()),
                Some(answer) if answer.yes != question.when => {}
                Some(answer) => match answer.when {
                    // What is said to happen later has happened today at the latest.
                    Some(day) => found.push((question, day.min(today))),
                    None if question.asks_when => open.push(question.id.clone()),
                    None => found.push((question, today)),
                },
            }
        }
        if open.is_empty() { Ok(found) } else { Err(Unanswered(open)) }
    }
}
