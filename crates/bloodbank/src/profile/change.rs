//! How a rule book becomes another one: a file that a country brings, single values that a committee
//! sets otherwise, and the person who answers for the whole.
//!
//! A signature is for what its person has read: whatever changes afterwards is a draft again, and
//! its version is a new one ([`crate::Book::numbered`]), so that `who 3` in the record of a donor
//! names one set of rules for ever.

use super::{BadProfile, Profile, Signature};
use crate::policy::Confirmation;
use chrono::NaiveDate;
use serde_json::Value;

/// One value as the book writes it, with its place: `donors.age_min`, `deferrals.4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookRow {
    pub name: String,
    pub value: Value,
    pub source: String,
    pub effective_from: String,
    pub confirmed: bool,
}

/// What is to stand at one place of the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowSet {
    /// As [`BookRow::name`].
    pub name: String,
    /// In the shape that stands there.
    pub value: Value,
    pub source: String,
    pub confirmed: bool,
}

/// Why a book is not changed, read or signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotChanged {
    /// What was given is no rule book at all.
    #[error("this is no rule book: {0}")]
    Unreadable(String),
    /// The book has no value at this place.
    #[error("the rule book has no value {0}")]
    NoRow(String),
    /// What stands there has another shape.
    #[error("{name} cannot be this: {why}")]
    Shape { name: String, why: String },
    #[error(transparent)]
    Bad(#[from] BadProfile),
    #[error("this rule book is signed already")]
    Signed,
}

impl Profile {
    /// A rule book from a file. A signature in it is only text: whoever answers for it here signs
    /// here.
    ///
    /// # Errors
    /// When it is none, or one that nobody can have meant.
    pub fn of_file(text: &str) -> Result<Self, NotChanged> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let book: Self = serde_json::from_str(text)
            .map_err(|error| NotChanged::Unreadable(error.to_string()))?;
        Ok(Self { signed: None, ..book }.checked()?)
    }

    /// Every value with its origin and its place.
    pub fn book_rows(&self) -> Vec<BookRow> {
        let mut rows = vec![];
        walk("", &self.written(), &mut rows);
        rows
    }

    /// The same book with some values set otherwise from a day on: a draft again, whose version
    /// [`crate::Book::numbered`] gives.
    ///
    /// # Errors
    /// The first value that has no place here or that nobody can have meant.
    pub fn with(&self, set: &[RowSet], from: NaiveDate) -> Result<Self, NotChanged> {
        let mut book = self.written();
        for one in set {
            let no_row = || NotChanged::NoRow(one.name.clone());
            let row = at(&mut book, &one.name).ok_or_else(no_row)?;
            let put = |name: &str, value: Value| (name.to_owned(), value);
            let status =
                if one.confirmed { Confirmation::Confirmed } else { Confirmation::ToBeConfirmed };
            row.extend([
                put("value", one.value.clone()),
                put("source", Value::from(one.source.trim())),
                put("effective_from", Value::from(from.to_string())),
                put("status", serde_json::to_value(status).unwrap_or_default()),
            ]);
            // Read back after each, so that the one with the wrong shape is named.
            if let Err(why) = Self::deserialize_from(&book) {
                return Err(NotChanged::Shape { name: one.name.clone(), why });
            }
        }
        let next = Self::deserialize_from(&book).map_err(NotChanged::Unreadable)?;
        Ok(Self { signed: None, ..next }.checked()?)
    }

    /// The same book with the person who answers for it.
    ///
    /// # Errors
    /// When somebody has signed it already, or the signature is none.
    pub fn signed(&self, signature: Signature) -> Result<Self, NotChanged> {
        if self.signed.is_some() {
            return Err(NotChanged::Signed);
        }
        Ok(Self { signed: Some(signature), ..self.clone() }.checked()?)
    }

    /// Whether both say the same, whatever their number and whoever signed them.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let plain =
            |book: &Self| Self { signed: None, hash: String::new(), version: 0, ..book.clone() };
        plain(self) == plain(other)
    }

    fn written(&self) -> Value {
        // Plain data: it always can be written.
        serde_json::to_value(self).unwrap_or_default()
    }

    fn deserialize_from(value: &Value) -> Result<Self, String> {
        serde_json::from_value(value.clone()).map_err(|error| error.to_string())
    }
}

/// Whether something that the book writes is a value with its origin.
fn is_row(of: &Value) -> bool {
    of.get("value").is_some()
        && ["source", "status"].iter().all(|n| of.get(n).is_some_and(Value::is_string))
}

fn walk(path: &str, of: &Value, rows: &mut Vec<BookRow>) {
    let text = |name: &str| of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let deeper = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match of {
        _ if is_row(of) => rows.push(BookRow {
            name: path.to_owned(),
            value: of.get("value").cloned().unwrap_or_default(),
            source: text("source"),
            effective_from: text("effective_from"),
            confirmed: text("status") == "confirmed",
        }),
        Value::Object(fields) => fields.iter().for_each(|(name, of)| walk(&deeper(name), of, rows)),
        Value::Array(list) => {
            list.iter()
                .enumerate()
                .for_each(|(n, of)| walk(&deeper(&(n + 1).to_string()), of, rows));
        }
        _ => {}
    }
}

/// The value at a place; lists count from one.
fn at<'a>(book: &'a mut Value, name: &str) -> Option<&'a mut serde_json::Map<String, Value>> {
    let mut of = book;
    for step in name.split('.') {
        of = match of {
            Value::Array(list) => list.get_mut(step.parse::<usize>().ok()?.checked_sub(1)?)?,
            // Inside of a value there is no other.
            row if is_row(row) => return None,
            Value::Object(fields) => fields.get_mut(step)?,
            _ => return None,
        };
    }
    if is_row(of) { of.as_object_mut() } else { None }
}
