//! What is open to be read in which window of this computer. Kept in memory with the session and
//! never recorded: a signed report says that a study was read, looking at it does not.

use crate::backend::{Inner, Session};
use crate::error::{Error, no};
use kernel::{Instant, Permission, StudyId, TimeDelta};
use std::collections::{BTreeMap, BTreeSet};
use wire::*;

/// A window that has not asked for so long is gone. A hidden one may be woken once a minute only.
const SILENT: TimeDelta = TimeDelta::seconds(75);
/// More windows than anybody opens: a page that makes up names fills no memory.
const WINDOWS: usize = 64;
const NAME_CHARS: usize = 64;

/// By the window's name: the study it shows, and when it said so.
#[derive(Default)]
pub(crate) struct Windows(BTreeMap<String, (StudyId, Instant)>);

impl Windows {
    fn say(&mut self, window: String, study: Option<StudyId>, now: Instant) {
        self.0.retain(|_, (_, at)| now - *at <= SILENT);
        match study {
            None => drop(self.0.remove(&window)),
            Some(study) if self.0.len() < WINDOWS || self.0.contains_key(&window) => {
                self.0.insert(window, (study, now));
            }
            Some(_) => {}
        }
    }

    fn elsewhere(&self, window: &str) -> BTreeSet<StudyId> {
        let others = self.0.iter().filter(|(name, _)| name.as_str() != window);
        others.map(|(_, (study, _))| *study).collect()
    }
}

impl Session {
    /// Nobody reads behind a locked screen. Unlocked, the windows say again what they show.
    pub(crate) fn lock(&mut self) {
        self.locked = true;
        self.reading = Windows::default();
    }
}

impl Inner {
    /// Asked by itself again and again, so it keeps no screen from locking.
    pub(crate) fn reading_here(&mut self, ask: ReadingHere) -> Result<ReadingElsewhere, Error> {
        self.seen(Permission::SeeImages)?;
        let length = ask.window.chars().count();
        if length == 0 || length > NAME_CHARS {
            let detail = "a window has a name of 1 to 64 characters";
            return Err(CommandError::refusal(Code::Malformed).with("detail", detail).into());
        }
        let study = ask.study.map(|id| id.parse::<StudyId>().map_err(|_| no(Code::NotFound)));
        let study = study.transpose()?;
        let now = self.now()?;
        let session = self.session.as_mut().ok_or_else(|| no(Code::NotSignedIn))?;
        session.reading.say(ask.window.clone(), study, now);
        let studies = session.reading.elsewhere(&ask.window);
        Ok(ReadingElsewhere { studies: studies.iter().map(StudyId::to_string).collect() })
    }
}
