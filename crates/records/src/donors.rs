//! The donor side of the blood bank as the ledger sees it: donors, donations and the numbers of the
//! site. The rules are those of `bloodbank`; the rule book and the questionnaire come from the
//! policy that the command names.

use crate::{Body, Context, Event, Facts, Key, Records, Refused, State};
use bloodbank::donation::{self, SiteNumbers};
use bloodbank::donor;
use chrono::NaiveDate;
use kernel::StaffId;
use ledger::States;

/// What a decision about donors and donations may know beside its aggregates.
#[derive(Clone, Debug, Default)]
pub struct DonorFacts {
    /// Confirmed in the same dialogue.
    pub second: Option<StaffId>,
    /// Of the site; the local day follows from it and from the time of the command.
    pub zone: Option<chrono_tz::Tz>,
    pub site: String,
    pub clock_suspect: bool,
    /// Who else a new donor might be.
    pub similar: Vec<donor::Candidate>,
    /// Other records of the donors of the command, and those they are compared with.
    pub others: Vec<donor::Donor>,
}

impl DonorFacts {
    fn zone(&self) -> chrono_tz::Tz {
        self.zone.unwrap_or(chrono_tz::UTC)
    }
    fn today(&self, cx: &Context) -> NaiveDate {
        cx.now.with_timezone(&self.zone()).date_naive()
    }
}

/// Decides a part of a command that is about a donor, a donation or the numbers of the site. A
/// donation that begins looks at its donor and at the numbers as the same command has them.
pub(crate) fn decide(
    states: &States<Records>,
    facts: &Facts,
    body: &Body,
    cx: &Context,
) -> Result<Vec<Event>, Refused> {
    let facts = &facts.donor;
    let of = |key: Key| states.get(&key).and_then(Option::as_ref);
    let profile = &cx.policy.rule_book;
    match body {
        Body::Donor { id, command } => {
            let state = match of(Key::Donor(*id)) {
                Some(State::Donor(donor)) => Some(&**donor),
                None => None,
                Some(_) => return Err(Refused::Mismatch),
            };
            let known = donor::Facts {
                actor: cx.later.as_ref().map_or(cx.actor.id, |later| later.by),
                second: facts.second,
                today: facts.today(cx),
                // The time on a form is a person's, not the clock's.
                clock_suspect: facts.clock_suspect && cx.later.is_none(),
                later: cx.later.is_some(),
                similar: &facts.similar,
                others: &facts.others,
                questionnaire: &cx.policy.questionnaire,
            };
            let over: &[donor::Rule] =
                if cx.duplicates_overridden { &[donor::Rule::LikelySame] } else { &[] };
            let events = donor::decide(state, &known, command, over, profile, cx.now, cx.by)
                .map_err(Refused::Donor)?;
            Ok(events.into_iter().map(Event::Donor).collect())
        }
        Body::Donation { id, command } => {
            let state = match of(Key::Donation(*id)) {
                Some(State::Donation(donation)) => Some(&**donation),
                None => None,
                Some(_) => return Err(Refused::Mismatch),
            };
            let giver = match command {
                donation::Command::Begin { donor, .. } => match of(Key::Donor(*donor)) {
                    Some(State::Donor(donor)) => Some(donor::person(donor, &facts.others)),
                    _ => None,
                },
                _ => None,
            };
            let none = SiteNumbers::new(&facts.site);
            let own = match of(Key::Numbers) {
                Some(State::Numbers(numbers)) => numbers.of(&facts.site),
                _ => none,
            };
            let known = donation::Facts {
                actor: cx.actor.id,
                second: facts.second,
                donor: giver.as_ref(),
                numbers: &own,
                site: &facts.site,
                zone: facts.zone(),
                later: cx.later.is_some(),
            };
            let events = donation::decide(state, &known, command, profile, cx.now, cx.by)
                .map_err(Refused::Donation)?;
            Ok(events.into_iter().map(Event::Donation).collect())
        }
        Body::Numbers(command) => {
            let state = match of(Key::Numbers) {
                Some(State::Numbers(numbers)) => Some(numbers),
                None => None,
                Some(_) => return Err(Refused::Mismatch),
            };
            let event =
                donation::decide_numbers(state, &facts.site, command).map_err(Refused::Numbers)?;
            Ok(vec![Event::Numbers(event)])
        }
        _ => Err(Refused::Mismatch),
    }
}

/// The state after an event of one of these three.
pub(crate) fn apply(state: Option<State>, key: Key, event: &Event) -> Option<State> {
    match (event, key, state) {
        (Event::Donor(e), Key::Donor(id), None) => {
            donor::apply(None, id, e).map(|d| State::Donor(Box::new(d)))
        }
        (Event::Donor(e), Key::Donor(id), Some(State::Donor(d))) => {
            donor::apply(Some(*d), id, e).map(|d| State::Donor(Box::new(d)))
        }
        (Event::Donation(e), Key::Donation(id), None) => {
            donation::apply(None, id, e).map(|d| State::Donation(Box::new(d)))
        }
        (Event::Donation(e), Key::Donation(id), Some(State::Donation(d))) => {
            donation::apply(Some(*d), id, e).map(|d| State::Donation(Box::new(d)))
        }
        (Event::Numbers(e), _, None) => donation::apply_numbers(None, e).map(State::Numbers),
        (Event::Numbers(e), _, Some(State::Numbers(n))) => {
            donation::apply_numbers(Some(n), e).map(State::Numbers)
        }
        // An event never meets a state of another kind: both carry the same key.
        (_, _, other) => other,
    }
}

pub(crate) fn donor_kind(command: &donor::Command) -> &'static str {
    use donor::Command as C;
    match command {
        C::Register { .. } => "donor.register",
        C::Amend { .. } => "donor.amend",
        C::SetContact { .. } => "donor.contact",
        C::EraseContact { .. } => "donor.contact_erase",
        C::Agree { .. } => "donor.agree",
        C::Consent { .. } => "donor.consent",
        C::WithdrawConsent => "donor.consent_withdraw",
        C::SetHealth { .. } => "donor.health",
        C::RecordGroup { .. } => "donor.group",
        C::Defer { .. } => "donor.defer",
        C::DeferUntil { .. } => "donor.defer_until",
        C::LiftDeferral { .. } => "donor.lift",
        C::Screen { .. } => "donor.screen",
        C::Clear { .. } => "donor.clear",
        C::RecordDonation { .. } => "donor.donation",
        C::ReportAfter { .. } => "donor.report_after",
        C::SettleLikeness { .. } => "donor.settle",
        C::NoteAsked { .. } => "donor.asked",
        C::SetPhoto { .. } => "donor.photo",
        C::RemovePhoto { .. } => "donor.photo_remove",
    }
}

pub(crate) fn donation_kind(command: &donation::Command) -> &'static str {
    use donation::Command as C;
    match command {
        C::Begin { .. } => "donation.begin",
        C::End { .. } => "donation.end",
        C::React { .. } => "donation.react",
        C::Exclude { .. } => "donation.exclude",
        C::Hold { .. } => "donation.hold",
        C::LiftHold { .. } => "donation.lift",
        C::AddParts { .. } => "donation.parts",
    }
}

pub(crate) fn number_kind(command: &donation::NumberCommand) -> &'static str {
    match command {
        donation::NumberCommand::Hold { .. } => "numbers.hold",
        donation::NumberCommand::Use { .. } => "numbers.use",
    }
}
