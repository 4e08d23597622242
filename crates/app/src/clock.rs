//! The time that commands carry, and what is done when the computer's clock cannot be right
//! (docs/decisions/0010-clock.md).

use crate::backend::Inner;
use crate::convert::rfc3339;
use crate::error::{Error, no};
use kernel::{Instant, Permission, TimeDelta};
use records::Audit;
use store_sqlite::Store;
use wire::{ClockConfirm, ClockDoubt, Code, CommandError, Nothing};

/// Further behind the last record than this, the computer's clock is doubted (kernel.md 2.3).
const BEHIND: TimeDelta = TimeDelta::minutes(5);
/// Further ahead of the last record than this, it is doubted as well. A facility writes something
/// every day (a sign-in is enough); the shortest-lived component keeps for a week, so that a week's
/// error is the most that could pass unnoticed without a whole shelf of it going bad.
const AHEAD: TimeDelta = TimeDelta::days(7);
/// How old the time may be that a person confirms: they read it, type a reason, fetch a second.
const SHOWN_AGO: TimeDelta = TimeDelta::minutes(15);

/// The computer's clock and the last record's, when they do not fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Doubt {
    pub wall: Instant,
    pub last: Instant,
}

/// The time that a command carries now: never before the last record's. A doubted clock does not
/// move it at all, so that a wrong year is never written down.
pub(crate) fn reckon(wall: Instant, last: Option<Instant>) -> (Instant, Option<Doubt>) {
    let Some(last) = last else { return (wall, None) };
    if wall - last > AHEAD || last - wall > BEHIND {
        (last, Some(Doubt { wall, last }))
    } else {
        (wall.max(last), None)
    }
}

impl Inner {
    fn reckoned(&self) -> Result<(Instant, Option<Doubt>), Error> {
        let last = self.store.as_ref().map(Store::last_time).transpose()?.flatten();
        Ok(reckon(self.options.clock.now(), last))
    }

    /// The clock of a saved command goes back only where two people said so.
    pub(crate) fn now(&self) -> Result<Instant, Error> {
        Ok(self.reckoned()?.0)
    }

    /// Nobody can say whether a unit is in date.
    pub(crate) fn clock_suspect(&self) -> Result<bool, Error> {
        Ok(self.reckoned()?.1.is_some())
    }

    pub(crate) fn clock_doubt(&self) -> Result<Option<ClockDoubt>, Error> {
        let doubt = self.reckoned()?.1;
        Ok(doubt.map(|Doubt { wall, last }| ClockDoubt {
            wall: rfc3339(wall),
            last: rfc3339(last),
            ahead: wall > last,
        }))
    }

    /// Two people say that the computer's clock is right: time goes on from there, back or forth. Whoever
    /// gives out blood may say so as well as who runs the facility: a bag is waited for at night, and while the
    /// clock is in doubt none leaves (bloodbank.md 6, scenario 3).
    pub(crate) fn clock_confirm(&mut self, ask: ClockConfirm) -> Result<Nothing, Error> {
        let runs = self.anyone()?.role.may(Permission::ManageFacility);
        let actor = self.actor(match runs {
            true => Permission::ManageFacility,
            false => Permission::IssueBlood,
        })?;
        let Some(doubt) = self.reckoned()?.1 else { return Err(no(Code::Changed)) };
        let shown: Instant = ask.wall.parse().map_err(|_| {
            CommandError::refusal(Code::Malformed).with("detail", "a time is needed")
        })?;
        // The time that they looked at, and not one to which the clock was set since.
        if (doubt.wall - shown).abs() > SHOWN_AGO {
            return Err(no(Code::Changed));
        }
        let reason = kernel::reason(&ask.reason).ok_or_else(|| no(Code::ReasonMissing))?;
        let second = self.second(&actor, ask.second.as_ref())?;
        let entry = Audit::ClockConfirmed { last: doubt.last, reason };
        self.audit_at(&actor, entry, doubt.wall, Some(second))?;
        self.tell(&["app", "unit", "patient"]);
        Ok(Nothing {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stands_still_under_a_clock_that_cannot_be_right() {
        let last: Instant = "2026-11-20T12:00:00Z".parse().expect("an instant");
        let at = |by: TimeDelta| reckon(last + by, Some(last));
        let doubted = |by| (last, Some(Doubt { wall: last + by, last }));
        for by in [TimeDelta::days(3_650), TimeDelta::days(7) + TimeDelta::microseconds(1)] {
            assert_eq!(at(by), doubted(by));
        }
        for by in [TimeDelta::days(-3_650), TimeDelta::seconds(-301)] {
            assert_eq!(at(by), doubted(by));
        }
        assert_eq!(at(TimeDelta::days(7)), (last + TimeDelta::days(7), None));
        assert_eq!(at(TimeDelta::minutes(-5)), (last, None), "a small correction waits for itself");
        assert_eq!(reckon(last, None), (last, None));
    }
}
