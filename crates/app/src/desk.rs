//! What belongs to this desk: drafts of half-filled forms, and how its scanner types.

use crate::backend::Inner;
use crate::convert::rfc3339;
use crate::error::{Error, no};
use kernel::{Permission, TimeDelta};
use wire::*;

/// A draft nobody came back to in this time is dropped.
const DRAFT_DAYS: i64 = 7;
/// The longest report that can be signed (12 headings of 16 KiB) fits with room for what is too long
/// to be signed and must not be lost for that, written as JSON.
const DRAFT_BYTES: usize = 1 << 20;
const SCREEN_CHARS: usize = 64;
const PREFERENCE_BYTES: usize = 8 << 10;

/// The setting's name in the store.
const SCANNER: &str = "scanner";
/// A prefix or suffix is this long at most, unless it is the name of a key.
const AFFIX_CHARS: usize = 8;
const KEYS: [&str; 5] = ["Enter", "Tab", "Escape", "ArrowDown", "NumpadEnter"];
const LAYOUT_CHARS: usize = 64;
const GAP_MS: std::ops::RangeInclusive<u32> = 5..=500;
/// kernel.md 1, "Scanner rhythm".
const DEFAULT_GAP_MS: u32 = 120;
const SILENCE_MS: u32 = 150;

/// A preference is one person's; a sign-in name is never given to another.
fn preference(user: &str, name: PreferenceName) -> Result<String, Error> {
    let name = serde_json::to_value(name)?;
    Ok(format!("person/{user}/{}", name.as_str().unwrap_or_default()))
}

fn malformed(detail: &str) -> Error {
    CommandError::refusal(Code::Malformed).with("detail", detail).into()
}

fn check_screen(screen: &str) -> Result<(), Error> {
    let length = screen.chars().count();
    if length == 0 || length > SCREEN_CHARS {
        return Err(malformed("a screen has a name of 1 to 64 characters"));
    }
    Ok(())
}

impl Inner {
    pub(crate) fn draft_put(&mut self, draft: DraftPut) -> Result<Nothing, Error> {
        let actor = self.anyone()?;
        check_screen(&draft.screen)?;
        if draft.body.len() > DRAFT_BYTES {
            return Err(malformed("a draft has at most 1 MiB"));
        }
        serde_json::from_str::<serde::de::IgnoredAny>(&draft.body)
            .map_err(|error| CommandError::malformed(&error))?;
        let now = self.now()?;
        let store = self.store.as_mut().ok_or_else(|| no(Code::NotSignedIn))?;
        store.drop_drafts_before(now - TimeDelta::days(DRAFT_DAYS))?;
        store.put_draft(&actor.user, &draft.screen, &draft.body, now)?;
        Ok(Nothing {})
    }

    pub(crate) fn draft_get(&mut self, of: DraftOf) -> Result<Draft, Error> {
        let actor = self.anyone()?;
        check_screen(&of.screen)?;
        let then = self.now()? - TimeDelta::days(DRAFT_DAYS);
        let found = self.store()?.draft(&actor.user, &of.screen)?.filter(|(_, at)| *at >= then);
        let (body, at) = found.unzip();
        Ok(Draft { body, at: at.map(rfc3339) })
    }

    pub(crate) fn draft_drop(&mut self, of: DraftOf) -> Result<Nothing, Error> {
        let actor = self.anyone()?;
        check_screen(&of.screen)?;
        let store = self.store.as_mut().ok_or_else(|| no(Code::NotSignedIn))?;
        store.drop_draft(&actor.user, &of.screen)?;
        Ok(Nothing {})
    }

    pub(crate) fn preference_put(&mut self, set: PreferencePut) -> Result<Nothing, Error> {
        let actor = self.anyone()?;
        if set.body.len() > PREFERENCE_BYTES {
            return Err(malformed("a preference has at most 8 KiB"));
        }
        serde_json::from_str::<serde::de::IgnoredAny>(&set.body)
            .map_err(|error| CommandError::malformed(&error))?;
        let key = preference(&actor.user, set.name)?;
        let store = self.store.as_mut().ok_or_else(|| no(Code::NotSignedIn))?;
        store.set_setting(&key, &set.body)?;
        Ok(Nothing {})
    }

    pub(crate) fn preference_get(&mut self, of: PreferenceOf) -> Result<Preference, Error> {
        let actor = self.anyone()?;
        Ok(Preference { body: self.store()?.setting(&preference(&actor.user, of.name)?)? })
    }

    /// Needs an open facility and no person: the sign-in page reads badges by it too.
    pub(crate) fn scanner_get(&mut self, _: Nothing) -> Result<Scanner, Error> {
        let kept = self.store()?.setting(SCANNER)?;
        // A setting that does not read back costs a measurement, not the day.
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Scanner {
            prefix: String::new(),
            suffix: String::new(),
            gap_ms: DEFAULT_GAP_MS,
            silence_ms: SILENCE_MS,
            layout: String::new(),
            measured_at: None,
        }))
    }

    pub(crate) fn scanner_set(&mut self, set: ScannerSet) -> Result<Scanner, Error> {
        self.actor(Permission::ManageFacility)?;
        for affix in [&set.prefix, &set.suffix] {
            let printable =
                affix.chars().count() <= AFFIX_CHARS && !affix.chars().any(char::is_control);
            if !printable && !KEYS.contains(&affix.as_str()) {
                return Err(malformed("a prefix or suffix has at most 8 characters, or is a key"));
            }
        }
        if !GAP_MS.contains(&set.gap_ms) {
            return Err(malformed("a gap is 5 to 500 ms"));
        }
        if set.layout.chars().count() > LAYOUT_CHARS || set.layout.chars().any(char::is_control) {
            return Err(malformed("a layout is named in at most 64 characters"));
        }
        let scanner = Scanner {
            prefix: set.prefix,
            suffix: set.suffix,
            gap_ms: set.gap_ms,
            // A pause within a burst must not look like its end.
            silence_ms: SILENCE_MS.max(set.gap_ms + 30),
            layout: set.layout.trim().to_owned(),
            measured_at: Some(rfc3339(self.now()?)),
        };
        let text = serde_json::to_string(&scanner)?;
        self.store.as_mut().ok_or_else(|| no(Code::NotSignedIn))?.set_setting(SCANNER, &text)?;
        self.tell(&["scanner"]);
        Ok(scanner)
    }
}
