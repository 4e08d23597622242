//! What was written on paper while the program was down and is entered later: with the time it
//! happened, by whose hand, and from which form (bloodbank.md 6, scenario 61).

use crate::backend::{Inner, Passed};
use crate::blood::wall;
use crate::convert::{rfc3339, same};
use crate::error::{Error, no, refused};
use bloodbank::bedside::Occurred;
use kernel::{Actor, Instant, StaffId, instant_of_wall};
use records::{Body, Context, Facts};
use store_sqlite::EventRow;
use wire::*;

impl Inner {
    /// The member of staff with this sign-in name, also one who has left since.
    pub(super) fn once_staff(&self, user: &str) -> Result<StaffId, Error> {
        let user = user.trim().to_lowercase();
        let staff = self.store()?.staff()?;
        staff
            .into_iter()
            .find(|s| s.user == user)
            .map(|s| s.id)
            .ok_or_else(|| CommandError::refusal(Code::PersonNotActive).with("staff", user).into())
    }

    /// When something happened, and who did it, as the page says.
    fn happened(&self, ask: &Happened) -> Result<records::Happened, Error> {
        let at = instant_of_wall(wall(&ask.wall)?, self.zone()?);
        Occurred::late_entry(at, self.now()?).map_err(|why| refused(why.into()))?;
        Ok(records::Happened { at, by: self.once_staff(&ask.by)? })
    }

    /// The same for a command without warnings.
    pub(crate) fn passed_late(&self, ask: Option<&Happened>) -> Result<Passed, Error> {
        self.and_late(Passed::default(), ask)
    }

    /// What was passed, and beside it that it happened earlier; both reasons stand in the record.
    pub(crate) fn and_late(
        &self,
        mut passed: Passed,
        ask: Option<&Happened>,
    ) -> Result<Passed, Error> {
        let Some(ask) = ask else { return Ok(passed) };
        let form = kernel::reason(&ask.reason).ok_or_else(|| no(Code::ReasonMissing))?;
        passed.happened = Some(self.happened(ask)?);
        passed.reason = Some(match passed.reason.take() {
            Some(why) => format!("{form}; {why}"),
            None => form,
        });
        Ok(passed)
    }

    /// [`Inner::passed`] for a command that may be an entry after downtime.
    pub(crate) fn passed_with_late(
        &mut self,
        actor: &Actor,
        over: Option<&Override>,
        second: Option<&SecondPerson>,
        ask: Option<&Happened>,
    ) -> Result<Passed, Error> {
        let passed = self.passed(actor, over, second)?;
        self.and_late(passed, ask)
    }

    /// An entry that the rules of its day let pass and today's would not: it is recorded, and the record
    /// says so. The one place where the two are compared.
    pub(crate) fn told_by_today(
        &self,
        body: &Body,
        facts: &Facts,
        context: &mut Context,
    ) -> Result<(), Error> {
        let Some(today) = context.by_the_entry() else { return Ok(()) };
        let Err(why) = self.store()?.decide(body, facts, &today)? else { return Ok(()) };
        if self.store()?.decide(body, facts, context)?.is_err() {
            // Refused by its own day too, or it waits for what stands before it: that is told elsewhere.
            return Ok(());
        }
        let said = refused(why).into_command_error();
        let codes = if said.rules.is_empty() { vec![said.code] } else { said.rules };
        if let Some(later) = &mut context.later {
            later.against_today = codes.into_iter().map(same::<_, String>).collect();
        }
        Ok(())
    }

    pub(crate) fn happened_row(&self, entry: &EventRow) -> Result<Option<HappenedRow>, Error> {
        let Some(happened) = entry.happened else { return Ok(None) };
        let today = self.policies.at(entry.at).version;
        Ok(Some(HappenedRow {
            at: rfc3339(happened.at),
            by: self.names()?.of(happened.by),
            reason: entry.reason.clone(),
            // A name that a later release does not know any more says nothing to a person.
            against_today: entry
                .against_today
                .iter()
                .filter_map(|name| serde_json::from_value(name.as_str().into()).ok())
                .collect(),
            rules_version: entry.policy.filter(|version| *version != today),
        }))
    }

    /// Which rules will judge an entry of this time, and what has changed since: before it is sent.
    pub(crate) fn late_rules(&mut self, ask: LateAsk) -> Result<LateRules, Error> {
        self.anyone()?;
        let (at, now) = (instant_of_wall(wall(&ask.wall)?, self.zone()?), self.now()?);
        Occurred::late_entry(at, now).map_err(|why| refused(why.into()))?;
        let (then, today) = (self.policies.at(at), self.policies.at(now));
        Ok(LateRules {
            version: then.version,
            today: today.version,
            changed: crate::policy::changed(&then, &today),
        })
    }
}

/// What follows another act was not before it.
pub(crate) fn not_before(earliest: Instant) -> Error {
    CommandError::refusal(Code::TimeNotPossible)
        .with("field", "occurredAt")
        .with("earliest", rfc3339(earliest))
        .into()
}

impl Passed {
    /// When it happens: the time on the form, or now.
    pub(crate) fn at(&self, now: Instant) -> Instant {
        self.happened.map_or(now, |happened| happened.at)
    }

    /// By whose hand: the person on the form, or whoever is signed in.
    pub(crate) fn by(&self, actor: &Actor) -> StaffId {
        self.happened.map_or(actor.id, |happened| happened.by)
    }

    /// Both times, as the rules ask for them.
    pub(crate) fn occurred(&self, now: Instant) -> Option<Occurred> {
        self.happened.map(|happened| Occurred { at: happened.at, recorded_at: now })
    }
}
