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
