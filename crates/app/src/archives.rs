//! Archives of other houses: which there are, and what is asked of them.
//!
//! Their passwords lie in the encrypted store and leave it only towards the archive they belong to. An
//! exchange takes as long as the network does, and holds up nobody: the workstation is let go meanwhile.

use crate::backend::Inner;
use crate::error::{Error, no};
use dicom_web::{Credentials, Failure, Limits, Options, Query};
use kernel::Permission;
use records::Audit;
use serde::{Deserialize, Serialize};
use std::sync::MutexGuard;
use wire::*;

/// The setting's name in the store.
const SETTING: &str = "archives";
const MOST: usize = 50;
const NAME_CHARS: usize = 80;
const SECRET_CHARS: usize = 8_192;
const AUTHORITY_BYTES: usize = 64 << 10;

/// An archive as it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    id: String,
    pub name: String,
    pub address: String,
    plain: bool,
    door: ArchiveDoor,
    user: Option<String>,
    secret: Option<String>,
    authority: Option<String>,
}

impl Kept {
    /// Ready to be asked.
    pub(crate) fn open(&self) -> Result<dicom_web::Archive, Error> {
        let secret = || self.secret.clone().unwrap_or_default();
        let credentials = match self.door {
            ArchiveDoor::Open => Credentials::None,
            ArchiveDoor::Token => Credentials::Token(secret()),
            ArchiveDoor::Password => Credentials::Password {
                user: self.user.clone().unwrap_or_default(),
                password: secret(),
            },
        };
        let options = Options {
            address: self.address.clone(),
            credentials,
            plain: self.plain,
            authority: self.authority.clone(),
            limits: Limits::default(),
        };
        dicom_web::Archive::new(&options).map_err(|failure| self.failed(&failure))
    }

    pub(crate) fn failed(&self, failure: &Failure) -> Error {
        said(failure).with("archive", &self.name).into()
    }

    /// As the audit stream names it.
    pub(crate) fn named(&self) -> String {
        format!("{} ({})", self.name, self.address)
    }

    /// Somebody sends for a study of this archive.
    pub(crate) fn audit_of_fetch(&self, study_uid: &str) -> Audit {
        let (archive, address) = (self.name.clone(), self.address.clone());
        Audit::Fetched { archive, address, study_uid: study_uid.to_owned() }
    }

    fn view(self) -> Archive {
        Archive {
            id: self.id,
            name: self.name,
            address: self.address,
            plain: self.plain,
            door: self.door,
            user: self.user,
            authority: self.authority.is_some(),
        }
    }

    fn audit(&self, used: bool) -> Audit {
        Audit::ArchiveSet {
            id: self.id.clone(),
            name: self.name.clone(),
            address: self.address.clone(),
            plain: self.plain,
            used,
        }
    }
}

fn said(failure: &Failure) -> CommandError {
    CommandError::refusal(Code::ArchiveFailed).with("why", failure.code()).with("detail", failure)
}

fn malformed(detail: &str) -> Error {
    CommandError::refusal(Code::Malformed).with("detail", detail).into()
}

impl Inner {
    pub(crate) fn connections_show(&mut self, _: Nothing) -> Result<Connections, Error> {
        self.actor(Permission::ManageFacility)?;
        let archives = self.archives()?.into_iter().map(Kept::view).collect();
        Ok(Connections { receiver: self.receiver_view()?, archives })
    }

    pub(crate) fn archive_list(&mut self, _: Nothing) -> Result<Vec<ArchiveName>, Error> {
        self.actor(Permission::SeeImages)?;
        self.archive_names()
    }

    pub(crate) fn archive_names(&self) -> Result<Vec<ArchiveName>, Error> {
        let named = |kept: Kept| ArchiveName { id: kept.id, name: kept.name };
        Ok(self.archives()?.into_iter().map(named).collect())
    }

    fn archives(&self) -> Result<Vec<Kept>, Error> {
        let kept = self.store()?.setting(SETTING)?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    pub(crate) fn archive(&self, id: &str) -> Result<Kept, Error> {
        self.archives()?.into_iter().find(|kept| kept.id == id).ok_or_else(|| no(Code::NotFound))
    }

    fn keep_archives(&mut self, archives: &[Kept]) -> Result<(), Error> {
        let text = serde_json::to_string(archives)?;
        self.store.as_mut().ok_or_else(|| no(Code::NotSignedIn))?.set_setting(SETTING, &text)?;
        self.tell(&["connections"]);
        Ok(())
    }

    pub(crate) fn archive_put(&mut self, ask: ArchivePut) -> Result<Made, Error> {
        let actor = self.actor(Permission::ManageFacility)?;
        let mut archives = self.archives()?;
        let place = match &ask.id {
            Some(id) => {
                let place = archives.iter().position(|kept| kept.id == *id);
                Some(place.ok_or_else(|| no(Code::NotFound))?)
            }
            None if archives.len() >= MOST => return Err(malformed("at most 50 archives")),
            None => None,
        };
        let id = match &ask.id {
            Some(id) => id.clone(),
            None => self.options.clock.new_uuid().to_string(),
        };
        let kept = merged(id, ask, place.and_then(|at| archives.get(at)))?;
        let taken = |(at, other): (usize, &Kept)| Some(at) != place && other.name == kept.name;
        if archives.iter().enumerate().any(taken) {
            return Err(no(Code::NameTaken));
        }
        // What cannot even be tried is not kept.
        kept.open()?;
        self.audit(&actor, kept.audit(true))?;
        let made = Made { id: kept.id.clone() };
        archives.push(kept);
        if let Some(at) = place {
            // The newest takes the place of the one that goes.
            archives.swap_remove(at);
        }
        self.keep_archives(&archives)?;
        Ok(made)
    }

    pub(crate) fn archive_remove(&mut self, ask: ById) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ManageFacility)?;
        let gone = self.archive(&ask.id)?;
        let mut archives = self.archives()?;
        archives.retain(|kept| kept.id != ask.id);
        self.audit(&actor, gone.audit(false))?;
        self.keep_archives(&archives)?;
        Ok(Nothing {})
    }

    /// Rows as the page shows them, with the study of the worklist that each already is.
    fn as_rows(&self, found: dicom_web::Found) -> Result<ArchiveFound, Error> {
        let mut rows = vec![];
        for row in found.rows {
            let here = self.store()?.studies_of_uid(&row.study_uid)?;
            rows.push(ArchiveRow {
                here: here.first().map(|study| study.id.to_string()),
                study_uid: row.study_uid,
                patient_name: row.patient_name.as_deref().map(crate::images::plain_name),
                patient_id: row.patient_id,
                accession: row.accession,
                taken_on: row.study_date.as_deref().and_then(day),
                modalities: row.modalities,
                description: row.description,
                images: row.instances,
            });
        }
        Ok(ArchiveFound { rows, more: found.more, unusable: found.unusable })
    }
}

/// What is asked, over what is kept. A secret goes with the address it was given for.
fn merged(id: String, ask: ArchivePut, old: Option<&Kept>) -> Result<Kept, Error> {
    let name = ask.name.trim().to_owned();
    if name.is_empty() {
        return Err(no(Code::NameMissing));
    }
    if name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
        return Err(malformed("a name has at most 80 characters"));
    }
    let address = dicom_web::check_address(&ask.address, ask.plain)
        .map_err(|bad| Error::from(said(&Failure::Address(bad))))?;
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let user = filled(ask.user).map(|user| user.trim().to_owned());
    let same_door = |old: &&Kept| old.address == address && old.door == ask.door;
    let secret = filled(ask.secret).or_else(|| old.filter(same_door)?.secret.clone());
    let (user, secret) = match ask.door {
        ArchiveDoor::Open => (None, None),
        ArchiveDoor::Token => (None, secret),
        ArchiveDoor::Password => (user, secret),
    };
    let lacks = match ask.door {
        ArchiveDoor::Open => false,
        ArchiveDoor::Token => secret.is_none(),
        ArchiveDoor::Password => user.is_none() || secret.is_none(),
    };
    if lacks {
        let error = CommandError::refusal(Code::ArchiveFailed);
        return Err(error.with("why", "no_credentials").with("archive", name).into());
    }
    // A line end would begin another header.
    let unfit = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default();
        text.len() > SECRET_CHARS || text.chars().any(char::is_control)
    };
    if unfit(&user) || unfit(&secret) {
        return Err(malformed("a name or password of an archive has no line ends"));
    }
    let authority = match ask.authority {
        Some(pem) => filled(Some(pem)),
        None => old.and_then(|old| old.authority.clone()),
    };
    if authority.as_ref().is_some_and(|pem| pem.len() > AUTHORITY_BYTES) {
        return Err(said(&Failure::BadAuthority).into());
    }
    Ok(Kept { id, name, plain: ask.plain, door: ask.door, address, user, secret, authority })
}

/// `20261120` as `2026-11-20`.
fn day(text: &str) -> Option<String> {
    let day = chrono::NaiveDate::parse_from_str(text, "%Y%m%d").ok()?;
    Some(day.to_string())
}

/// `2026-11-20` as `20261120`; nothing for no day.
fn digits(day: Option<&str>) -> Result<String, Error> {
    let Some(text) = day.filter(|text| !text.trim().is_empty()) else { return Ok(String::new()) };
    let day = chrono::NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d");
    Ok(day.map_err(|_| malformed("a day is written 2026-11-20"))?.format("%Y%m%d").to_string())
}

/// Commands that let go of the workstation while an archive answers.
pub(crate) trait Abroad {
    fn archive_test(self, ask: ById) -> Result<Nothing, Error>;
    fn archive_search(self, ask: ArchiveSearch) -> Result<ArchiveFound, Error>;
}

impl Abroad for MutexGuard<'_, Inner> {
    fn archive_test(mut self, ask: ById) -> Result<Nothing, Error> {
        self.actor(Permission::ManageFacility)?;
        let kept = self.archive(&ask.id)?;
        drop(self);
        kept.open()?.echo().map_err(|failure| kept.failed(&failure))?;
        Ok(Nothing {})
    }

    fn archive_search(mut self, ask: ArchiveSearch) -> Result<ArchiveFound, Error> {
        self.actor(Permission::ImportImages)?;
        let kept = self.archive(&ask.archive)?;
        let query = Query {
            patient_name: ask.patient_name,
            patient_id: ask.patient_id,
            accession: ask.accession,
            modality: ask.modality,
            from: digits(ask.from.as_deref())?,
            to: digits(ask.to.as_deref())?,
            study_uid: String::new(),
        };
        if query.is_open() {
            return Err(CommandError::refusal(Code::ArchiveFailed)
                .with("why", "no_criterion")
                .into());
        }
        let me = self.me.clone();
        drop(self);
        let found = kept.open()?.search(&query).map_err(|failure| kept.failed(&failure))?;
        let inner = me.upgrade().ok_or_else(|| no(Code::NotSignedIn))?;
        let inner = inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        inner.as_rows(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(address: &str, door: ArchiveDoor, secret: Option<&str>) -> ArchivePut {
        ArchivePut {
            id: None,
            name: "North".into(),
            address: address.into(),
            plain: false,
            door,
            user: Some("desk".into()),
            secret: secret.map(str::to_owned),
            authority: None,
        }
    }

    #[test]
    fn a_secret_that_is_kept_never_follows_to_another_address_or_another_kind_of_door() {
        let put = |ask, old: Option<&Kept>| merged("1".into(), ask, old);
        let (here, door) = ("https://north.example/dicom-web", ArchiveDoor::Password);
        let old = put(ask(here, door, Some("s3cret")), None).expect("kept");
        let same = put(ask(here, door, None), Some(&old)).expect("kept");
        assert_eq!(same.secret.as_deref(), Some("s3cret"));
        assert!(put(ask("https://south.example/dicom-web", door, None), Some(&old)).is_err());
        assert!(put(ask(here, ArchiveDoor::Token, None), Some(&old)).is_err());
        let open = put(ask(here, ArchiveDoor::Open, None), Some(&old)).expect("kept");
        assert!(open.secret.is_none() && open.user.is_none());
        assert!(put(ask(here, door, Some("two\r\nlines")), None).is_err());
        assert!(put(ask("http://north.example/", door, Some("x")), None).is_err());
    }

    #[test]
    fn days_are_told_to_an_archive_in_its_own_form() {
        assert_eq!(digits(Some("2026-11-20")).ok().as_deref(), Some("20261120"));
        assert_eq!(digits(None).ok().as_deref(), Some(""));
        assert!(digits(Some("20.11.2026")).is_err());
        assert_eq!(day("20261120").as_deref(), Some("2026-11-20"));
        assert_eq!(day("2026"), None);
    }
}
