//! Members of staff. Their passwords are not here: a password opens a key slot, and no verifier
//! is kept anywhere else.

use kernel::{Instant, Role, StaffId};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    pub id: StaffId,
    /// What is typed at the door; lower case, unique here.
    pub user: String,
    pub display_name: String,
    pub role: Role,
    pub active: bool,
    pub since: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Add { user: String, display_name: String, role: Role },
    SetActive { active: bool },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Added { staff: Staff },
    ActiveSet { active: bool },
}

#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub name_taken: bool,
    /// Active administrators beside this person.
    pub other_administrators: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Refused {
    #[error("a name is needed")]
    NameMissing,
    #[error("a sign-in name has letters, digits, and . - _ between them")]
    NameUnfit,
    #[error("this user name is taken")]
    NameTaken,
    #[error("somebody has to stay administrator")]
    LastAdministrator,
    #[error("this person is not known here")]
    NotFound,
}

/// The form in which user names are kept and compared.
pub fn user_name(text: &str) -> String {
    text.trim().to_lowercase()
}

/// The longest sign-in name, in characters.
const LONGEST_USER: usize = 64;

/// Whether a name, in the form of [`user_name`], can be given to somebody: letters of any script,
/// digits, `.`, `-` and `_`, at least one of them a letter or a digit. What nobody can see, tell
/// apart or type at the door, or what means something in a path, is not among them.
pub fn is_user_name(user: &str) -> bool {
    // Letters by their class, and nothing is drawn for them.
    let is_blank = |c| matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    let is_letter = |c: char| c.is_alphanumeric() && !is_blank(c);
    user.chars().count() <= LONGEST_USER
        && user.chars().any(is_letter)
        && user.chars().all(|c| is_letter(c) || matches!(c, '.' | '-' | '_'))
}

pub fn decide(
    state: Option<&Staff>,
    id: StaffId,
    facts: &Facts,
    command: &Command,
    now: Instant,
) -> Result<Vec<Event>, Refused> {
    match (state, command) {
        (_, Command::Add { user, display_name, role }) => {
            if user_name(user).is_empty() || kernel::said(display_name).is_none() {
                return Err(Refused::NameMissing);
            }
            if !is_user_name(&user_name(user)) {
                return Err(Refused::NameUnfit);
            }
            if state.is_some() || facts.name_taken {
                return Err(Refused::NameTaken);
            }
            let staff = Staff {
                id,
                user: user_name(user),
                display_name: display_name.trim().to_owned(),
                role: *role,
                active: true,
                since: now,
            };
            Ok(vec![Event::Added { staff }])
        }
        (None, Command::SetActive { .. }) => Err(Refused::NotFound),
        (Some(staff), Command::SetActive { active }) => {
            if !active && staff.role == Role::Administrator && facts.other_administrators == 0 {
                return Err(Refused::LastAdministrator);
            }
            Ok(vec![Event::ActiveSet { active: *active }])
        }
    }
}

pub fn apply(state: Option<Staff>, event: &Event) -> Option<Staff> {
    match event {
        Event::Added { staff } => Some(staff.clone()),
        Event::ActiveSet { active } => state.map(|s| Staff { active: *active, ..s }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_name_can_be_seen_and_typed() {
        for good in ["amina", "j.smith-2", "o_neill", "فاطمة", "jiří", "7"] {
            assert!(is_user_name(good), "{good}");
        }
        let long = "a".repeat(65);
        for bad in [
            "",
            ".",
            "..",
            "-",
            "a b",
            "a/b",
            "a\\b",
            "a\u{200b}",
            "\u{202e}ada",
            "ada\u{7}",
            "\u{3164}",
            "a@b",
            "a:b",
            "a\nb",
            "a\u{fe0f}",
            &long,
        ] {
            assert!(!is_user_name(bad), "{bad:?}");
            let add =
                Command::Add { user: bad.into(), display_name: "Ada".into(), role: Role::Nurse };
            let id = StaffId(Default::default());
            let refused = decide(None, id, &Facts::default(), &add, Instant::default());
            let why = if bad.is_empty() { Refused::NameMissing } else { Refused::NameUnfit };
            assert_eq!(refused, Err(why), "{bad:?}");
        }
    }

    #[test]
    fn the_last_administrator_stays() {
        let now = Instant::default();
        let id = StaffId(Default::default());
        let add = Command::Add {
            user: " Ada ".into(),
            display_name: "Ada".into(),
            role: Role::Administrator,
        };
        let events = decide(None, id, &Facts::default(), &add, now).expect("added");
        let ada = apply(None, &events[0]).expect("added");
        assert_eq!(ada.user, "ada");
        let refused =
            decide(Some(&ada), id, &Facts::default(), &Command::SetActive { active: false }, now);
        assert_eq!(refused, Err(Refused::LastAdministrator));
    }
}
