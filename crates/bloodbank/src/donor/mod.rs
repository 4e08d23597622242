//! A person who gives blood: who it is, what was agreed to, what stands in the way, and when they
//! may give again.
//!
//! A deferral is never forgotten and never shortened by another: the end that counts is the latest
//! of all, and only naming one lifts it. Every screening is kept, also the one that ended with a
//! no, with the profile and version it was decided under; a later profile does not change it.
//!
//! How names are compared is not known here: [`Candidate`] comes as a fact from whoever compares.

mod apply;
mod candidates;
mod decide;
mod eligibility;
mod person;
mod photo;
mod privacy;
mod questionnaire;
mod state;

pub use apply::apply;
pub use candidates::{Candidate, Likeness, Sign, candidates, near};
pub use decide::{Command, Event, Facts, Rule, decide};
pub use eligibility::{
    Ask, Effect, Eligibility, Next, Reason, Verdict, Why, age_on, bag_weight_allows,
    earliest_after, eligibility, next_dates,
};
pub use person::{person, records_of};
pub use photo::{PHOTO, agreed_to_photo};
pub use privacy::{Purpose, Seen, Trace, see, shown_hold};
pub use questionnaire::{
    Answer, Answers, BadQuestionnaire, Consequence, Question, Questionnaire, Unanswered,
};
pub use state::{
    AfterReport, Agreement, Channel, Consent, Contact, Deferral, Donor, Ends, GroupFinding, Health,
    Identity, Name, Paper, Past, Photo, PhotoConsent, Picture, Screening, Visit, Vitals,
};
