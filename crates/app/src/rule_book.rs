//! The rule book of donors, components and tests: another one in place of the one that stands, single
//! values set otherwise, the person who answers for it, and the file that it travels in.

use crate::backend::Inner;
use crate::backup;
use crate::error::{Error, no};
use crate::files::Source;
use bloodbank::profile::{BadProfile, BookRow, NotChanged, Profile, RowSet, Signature};
use chrono::NaiveDate;
use dicom_io::collection;
use kernel::{Actor, Permission};
use std::io::Write as _;
use std::path::Path;
use std::sync::PoisonError;
use wire::*;

/// A rule book has some hundred values; a file that is longer is something else.
const MOST_BYTES: u64 = 1 << 20;

/// A rule book as the page shows it.
pub(crate) fn shown(book: &Profile) -> RuleBookView {
    RuleBookView {
        name: book.name.clone(),
        version: book.version,
        signed: book.signed.as_ref().map(|signed| RuleBookSigned {
            by: signed.by.clone(),
            country: signed.country.clone(),
            on: signed.on.to_string(),
        }),
        rows: book.book_rows().into_iter().map(row).collect(),
    }
}

fn row(of: BookRow) -> RuleBookRow {
    RuleBookRow {
        name: of.name,
        value: match of.value {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        },
        source: of.source,
        effective_from: of.effective_from,
        confirmed: of.confirmed,
    }
}

impl Inner {
    /// The rule book that the next version of the rules has: as asked for, or the one that stands.
    pub(crate) fn next_rule_book(
        &mut self,
        actor: &Actor,
        ask: &PolicyAdopt,
        stands: &Profile,
        from: NaiveDate,
    ) -> Result<Profile, Error> {
        let changes = ask.rule_book.is_some() || !ask.rows.is_empty();
        if let Some(country) = &ask.sign_for {
            let more = changes || !ask.values.is_empty() || ask.stock.is_some();
            if more {
                return Err(unfit("signed_unread", stands.name.as_str()));
            }
            let names = self.staff_names()?;
            let by = names.get(&actor.user).unwrap_or(&actor.user).clone();
            let country = country.trim().to_uppercase();
            let on = self.now()?.with_timezone(&self.zone()?).date_naive();
            return stands.signed(Signature { by, country, on }).map_err(not_changed);
        }
        if !changes {
            return Ok(stands.clone());
        }
        let book = match &ask.rule_book {
            None => stands.clone(),
            Some(RuleBookFrom::BuiltIn { name }) => Profile::built_in()
                .into_iter()
                .find(|book| book.name == *name)
                .ok_or_else(|| no(Code::NotFound))?,
            Some(RuleBookFrom::File { file }) => self.rule_book_of_file(file)?,
        };
        let set: Vec<RowSet> = ask.rows.iter().map(|set| row_set(&book, set)).collect();
        let next = book.with(&set, from).map_err(not_changed)?;
        Ok(self.numbered_book(next))
    }

    fn rule_book_of_file(&mut self, handle: &str) -> Result<Profile, Error> {
        let taken = self.files.lock().unwrap_or_else(PoisonError::into_inner).take(handle);
        let (_, source) = taken.ok_or_else(|| no(Code::NotFound))?;
        let unread = |detail: &dyn std::fmt::Display| unfit("unreadable", detail);
        let bytes = match source {
            Source::Bytes(bytes) => bytes,
            Source::Path(path) => {
                collection::read_limited(&path, MOST_BYTES).map_err(|error| unread(&error))?
            }
        };
        if u64::try_from(bytes.len()).is_ok_and(|length| length > MOST_BYTES) {
            return Err(unread(&"longer than 1 MiB"));
        }
        let text = String::from_utf8(bytes).map_err(|error| unread(&error))?;
        Profile::of_file(&text).map_err(not_changed)
    }

    /// Writes the newest rule book as a file that can be changed and brought in again.
    pub(crate) fn policy_rule_book_save(&mut self, ask: RuleBookSave) -> Result<Nothing, Error> {
        self.actor(Permission::AdoptPolicy)?;
        let place = backup::place(self.home(), Path::new(ask.path.trim()))?;
        let text = serde_json::to_string_pretty(&self.newest_policy().rule_book)?;
        let made = std::fs::File::create_new(&place);
        let written = made.and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|error| backup::unwritten(&error))?;
        Ok(Nothing {})
    }
}

/// A word where a word stands, otherwise as JSON; what is no JSON is refused by its shape.
fn row_set(book: &Profile, set: &RuleBookSet) -> RowSet {
    let rows = book.book_rows();
    let stands = rows.iter().find(|row| row.name == set.name);
    let word = stands.is_some_and(|row| row.value.is_string());
    let text = || serde_json::Value::from(set.value.trim());
    RowSet {
        name: set.name.clone(),
        value: match word {
            true => text(),
            false => serde_json::from_str(&set.value).unwrap_or_else(|_| text()),
        },
        source: set.source.clone(),
        confirmed: set.confirmed,
    }
}

fn unfit(why: &str, detail: impl std::fmt::Display) -> Error {
    CommandError::refusal(Code::RuleBookUnfit).with("why", why).with("detail", detail).into()
}

fn not_changed(why: NotChanged) -> Error {
    match why {
        NotChanged::Unreadable(detail) => unfit("unreadable", detail),
        NotChanged::NoRow(name) => unfit("no_value", name),
        NotChanged::Shape { name, .. } => unfit("shape", name),
        NotChanged::Signed => unfit("signed", ""),
        NotChanged::Bad(why) => bad(why).into(),
    }
}

/// A rule book that nobody can have meant, in the words of the wire.
pub(crate) fn bad(why: BadProfile) -> CommandError {
    let unfit = |why: &str, detail: String| {
        CommandError::refusal(Code::RuleBookUnfit).with("why", why).with("detail", detail)
    };
    match why {
        BadProfile::OutOfBounds { name, value, least, most } => {
            CommandError::refusal(Code::PolicyOutOfBounds)
                .with("name", name)
                .with("value", value)
                .with("least", least)
                .with("most", most)
        }
        BadProfile::Twice { name } => unfit("twice", name),
        BadProfile::Blank { name } => unfit("blank", name),
        BadProfile::Missing { name } => unfit("missing", name),
        BadProfile::OtherCountry { name, .. } => unfit("country", name),
    }
}
