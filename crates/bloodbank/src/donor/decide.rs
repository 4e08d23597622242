//! What may be recorded about a donor: the only place that says no.

use super::eligibility::ends_of;
use super::{
    Ask, Candidate, Channel, Contact, Deferral, Donor, Effect, Ends, Health, Identity, Likeness,
    Past, PhotoConsent, Picture, Questionnaire, Screening, Verdict, Visit, Why, candidates,
    eligibility, person, photo,
};
use crate::profile::{Lasts, Profile};
use crate::rule;
use chrono::NaiveDate;
use kernel::{BloodGroup, CommandId, Component, DonationId, DonorId, Instant, StaffId};
use serde::{Deserialize, Serialize};

/// The stable names of the reasons for a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    NotFound,
    DonorKnown,
    /// A text or a list that must not be blank (`field`).
    FieldMissing,
    /// Born after today.
    BirthDate,
    /// Somebody of that description is registered (`donor`); passes with an override.
    LikelySame,
    /// The profile has no rule for this code (`code`).
    UnknownCode,
    /// No deferral of that name stands here.
    NoSuchDeferral,
    /// A permanent deferral, or one after a test, is lifted by two people.
    SecondPersonNeeded,
    /// The same person twice.
    SamePerson,
    /// No screening of that name, or not one that waits for a physician.
    NotReferred,
    /// The clock is not to be trusted, so no interval can be.
    ClockUnsure,
    /// No such donation of this donor.
    NoSuchDonation,
    /// Nobody waits to be compared.
    NoSuchLikeness,
    /// A donation elsewhere on a day that has not come, or before the donor was born.
    GivenDay,
    /// This donation elsewhere is written down already.
    GivenKnown,
    /// A picture needs a yes of its own.
    NoPhotoConsent,
    /// Nobody agreed to the picture beside a minor (`years`).
    NoPhotoGuardian,
    /// Not what is kept as a picture (`what`).
    PhotoUnfit,
    /// The picture that is meant is not the one of the record.
    NoSuchPhoto,
}

pub(super) type Refused = rule::Refused<Rule>;
type Decision = Result<Vec<Event>, Refused>;

/// What may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Register {
        identity: Identity,
        contact: Option<Contact>,
    },
    Amend {
        identity: Identity,
        reason: String,
    },
    SetContact {
        contact: Contact,
    },
    /// Asked for by the donor. Donations and their traces stay.
    EraseContact {
        reason: String,
    },
    Agree {
        channel: Channel,
        agreed: bool,
    },
    Consent {
        text: String,
        text_version: u32,
        guardian: Option<String>,
    },
    WithdrawConsent,
    SetHealth {
        health: Health,
    },
    /// From the laboratory; never overwrites.
    RecordGroup {
        group: BloodGroup,
        donation: Option<DonationId>,
    },
    /// By a code of the profile, counted from the day it happened.
    Defer {
        code: String,
        happened: NaiveDate,
        note: Option<String>,
    },
    /// After a positive test, or by a physician: as long as it says.
    DeferUntil {
        code: String,
        ends: Ends,
        only: Vec<Component>,
        reason: String,
    },
    LiftDeferral {
        cause: CommandId,
        code: String,
        reason: String,
    },
    /// Asks and measures, and records what came of it, whatever it is.
    Screen {
        visit: Visit,
    },
    /// A physician lets a referred donor give.
    Clear {
        screening: CommandId,
        reason: String,
    },
    /// It has happened; never refused for an interval. Told again, it is brought up to date.
    RecordDonation {
        past: Past,
    },
    /// A donor says later what would have mattered (`code`).
    ReportAfter {
        donation: DonationId,
        code: String,
        note: Option<String>,
    },
    /// The same person, or not, after a look.
    SettleLikeness {
        other: DonorId,
        same: bool,
        reason: String,
    },
    /// An appeal or a reminder went out.
    NoteAsked {
        channel: Channel,
    },
    /// A picture to know the donor by, in place of the one that `replaces` names.
    SetPhoto {
        picture: Picture,
        /// None: there was no yes, and then there is no picture.
        consent: Option<PhotoConsent>,
        replaces: Option<String>,
    },
    /// The picture is not shown again. `erased`: its bytes go with this command; otherwise something
    /// else is kept by the same bytes.
    RemovePhoto {
        sha256: String,
        reason: String,
        erased: bool,
    },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Registered {
        identity: Identity,
        contact: Option<Contact>,
        likely_same: Vec<Likeness>,
    },
    Amended {
        identity: Identity,
        reason: String,
    },
    ContactSet {
        contact: Contact,
    },
    ContactErased {
        reason: String,
    },
    Agreed {
        channel: Channel,
        agreed: bool,
        at: Instant,
    },
    Consented {
        text: String,
        text_version: u32,
        guardian: Option<String>,
        at: Instant,
    },
    ConsentWithdrawn {
        at: Instant,
    },
    HealthSet {
        health: Health,
    },
    GroupRecorded {
        group: BloodGroup,
        donation: Option<DonationId>,
        at: Instant,
    },
    Deferred {
        deferral: Deferral,
    },
    DeferralLifted {
        cause: CommandId,
        code: String,
        reason: String,
    },
    Screened {
        screening: Box<Screening>,
    },
    Cleared {
        screening: CommandId,
        by: StaffId,
        reason: String,
    },
    DonationRecorded {
        past: Past,
    },
    ReportedAfter {
        cause: CommandId,
        donation: DonationId,
        code: String,
        note: Option<String>,
        at: Instant,
    },
    LikenessSettled {
        other: DonorId,
        same: bool,
        reason: String,
    },
    Asked {
        channel: Channel,
        at: Instant,
    },
    PhotoSet {
        photo: super::Photo,
    },
    PhotoRemoved {
        sha256: String,
        reason: String,
        erased: bool,
    },
}

/// All that a decision may know beside the donor.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    pub actor: StaffId,
    /// Confirmed in the same dialogue.
    pub second: Option<StaffId>,
    /// The local day of the site.
    pub today: NaiveDate,
    pub clock_suspect: bool,
    /// It stood on paper and is entered later: judged for the day it happened.
    pub later: bool,
    /// Who else this might be, from here and from the lists of other sites.
    pub similar: &'a [Candidate],
    /// Other records that this one was compared with, or found to be of the same person.
    pub others: &'a [Donor],
    pub questionnaire: &'a Questionnaire,
}

/// Decides a command on one donor; the arguments are those of [`crate::decide`].
///
/// # Errors
/// The first hard stop, or a warning that the override does not cover.
pub fn decide(
    state: Option<&Donor>,
    facts: &Facts<'_>,
    command: &Command,
    overridden: &[Rule],
    profile: &Profile,
    now: Instant,
    by: CommandId,
) -> Decision {
    let donor = match (state, command) {
        (None, Command::Register { identity, contact }) => {
            return register(facts, identity, contact.as_ref(), overridden);
        }
        (None, _) => return Err(Refused::stop(Rule::NotFound)),
        (Some(donor), Command::Register { .. }) => {
            return Err(Refused::stop(Rule::DonorKnown).with("donor", donor.id));
        }
        (Some(donor), _) => donor,
    };
    let event = match command {
        // Answered above.
        Command::Register { .. } => return Ok(vec![]),
        Command::Amend { identity, reason } => {
            Event::Amended { identity: sound(identity, facts)?, reason: text(reason, "reason")? }
        }
        Command::SetContact { contact } => Event::ContactSet { contact: contact.clone() },
        Command::EraseContact { reason } => {
            Event::ContactErased { reason: text(reason, "reason")? }
        }
        Command::Agree { channel, agreed } => {
            Event::Agreed { channel: *channel, agreed: *agreed, at: now }
        }
        Command::Consent { text: name, text_version, guardian } => Event::Consented {
            text: text(name, "text")?,
            text_version: *text_version,
            guardian: guardian
                .as_deref()
                .map(str::trim)
                .filter(|g| !g.is_empty())
                .map(str::to_owned),
            at: now,
        },
        Command::WithdrawConsent => Event::ConsentWithdrawn { at: now },
        Command::SetHealth { health } => Event::HealthSet { health: *health },
        Command::RecordGroup { group, donation } => {
            Event::GroupRecorded { group: *group, donation: *donation, at: now }
        }
        Command::Defer { code, happened, note } => {
            let row = profile
                .deferral(code, facts.today)
                .ok_or_else(|| Refused::stop(Rule::UnknownCode).with("code", code))?;
            Event::Deferred {
                deferral: Deferral {
                    cause: by,
                    code: code.clone(),
                    // Nothing that is still to come makes a deferral shorter.
                    happened: *happened.min(&facts.today),
                    ends: ends_of(row.value.lasts, *happened.min(&facts.today)),
                    only: row.value.only.clone(),
                    profile: named(profile),
                    source: row.source.clone(),
                    note: note.clone(),
                },
            }
        }
        Command::DeferUntil { code, ends, only, reason } => Event::Deferred {
            deferral: Deferral {
                cause: by,
                code: text(code, "code")?,
                happened: facts.today,
                ends: *ends,
                only: only.clone(),
                profile: named(profile),
                source: String::new(),
                note: Some(text(reason, "reason")?),
            },
        },
        Command::LiftDeferral { cause, code, reason } => lift(donor, facts, *cause, code, reason)?,
        Command::Screen { visit } => return screen(donor, facts, visit, profile, now, by),
        Command::Clear { screening, reason } => {
            let waits = donor.screenings.iter().any(|s| {
                s.cause == *screening && s.result.verdict == Verdict::Refer && s.cleared.is_none()
            });
            if !waits {
                return Err(Refused::stop(Rule::NotReferred));
            }
            let reason = text(reason, "reason")?;
            Event::Cleared { screening: *screening, by: facts.actor, reason }
        }
        Command::RecordDonation { past } => {
            if donor.donations.contains(past) {
                return Ok(vec![]); // told twice
            }
            if past.elsewhere.is_some() {
                given_elsewhere(&person(donor, facts.others), past, facts)?;
            }
            Event::DonationRecorded { past: past.clone() }
        }
        Command::ReportAfter { donation, code, note } => {
            if !donor.donations.iter().any(|known| known.donation == *donation) {
                return Err(Refused::stop(Rule::NoSuchDonation).with("donation", donation));
            }
            Event::ReportedAfter {
                cause: by,
                donation: *donation,
                code: text(code, "code")?,
                note: note.clone(),
                at: now,
            }
        }
        Command::SettleLikeness { other, same, reason } => {
            return settle(donor, facts, (*other, *same, reason), profile, by);
        }
        Command::NoteAsked { channel } => Event::Asked { channel: *channel, at: now },
        Command::SetPhoto { picture, consent, replaces } => {
            let asked = photo::Asked { picture, consent: consent.as_ref(), replaces };
            photo::set(donor, facts, &asked, profile, now)?
        }
        Command::RemovePhoto { sha256, reason, erased } => {
            photo::stands(donor, Some(sha256))?;
            let (sha256, reason) = (sha256.clone(), text(reason, "reason")?);
            Event::PhotoRemoved { sha256, reason, erased: *erased }
        }
    };
    Ok(vec![event])
}

fn named(profile: &Profile) -> String {
    format!("{} {}", profile.name, profile.version)
}

pub(super) fn text(given: &str, field: &'static str) -> Result<String, Refused> {
    crate::words::text(given, field)
        .ok_or_else(|| Refused::stop(Rule::FieldMissing).with("field", field))
}

fn sound(identity: &Identity, facts: &Facts<'_>) -> Result<Identity, Refused> {
    let mut identity = identity.clone();
    identity.number = text(&identity.number, "number")?;
    identity.name.family = text(&identity.name.family, "family")?;
    // With a clock that jumps nobody can say who is born tomorrow.
    if !facts.clock_suspect && identity.born.is_some_and(|born| born > facts.today) {
        return Err(Refused::stop(Rule::BirthDate));
    }
    Ok(identity)
}

fn register(
    facts: &Facts<'_>,
    identity: &Identity,
    contact: Option<&Contact>,
    overridden: &[Rule],
) -> Decision {
    let identity = sound(identity, facts)?;
    let likely_same: Vec<Likeness> =
        candidates(facts.similar).into_iter().filter(|like| like.likely).collect();
    if let Some(first) = likely_same.first()
        && !overridden.contains(&Rule::LikelySame)
    {
        let refused =
            Refused::NeedsOverride { rules: vec![Rule::LikelySame], args: rule::Args::new() };
        return Err(refused
            .with("donor", first.donor)
            .with("deferred", likely_same.iter().any(|like| like.permanently_deferred)));
    }
    Ok(vec![Event::Registered { identity, contact: contact.cloned(), likely_same }])
}

fn lift(
    donor: &Donor,
    facts: &Facts<'_>,
    cause: CommandId,
    code: &str,
    reason: &str,
) -> Result<Event, Refused> {
    let deferral = donor
        .deferrals
        .iter()
        .find(|deferral| deferral.cause == cause && deferral.code == code)
        .ok_or_else(|| Refused::stop(Rule::NoSuchDeferral).with("code", code))?;
    let reason = text(reason, "reason")?;
    if !matches!(deferral.ends, Ends::On(_)) {
        match facts.second {
            None => return Err(Refused::stop(Rule::SecondPersonNeeded).with("code", code)),
            Some(second) if second == facts.actor => return Err(Refused::stop(Rule::SamePerson)),
            Some(_) => {}
        }
    }
    Ok(Event::DeferralLifted { cause, code: code.to_owned(), reason })
}

/// The same person or two: what was looked at is either waiting to be compared, or another record that
/// is known here. Nothing of either record is changed but the link.
fn settle(
    donor: &Donor,
    facts: &Facts<'_>,
    (other, same, reason): (DonorId, bool, &str),
    profile: &Profile,
    by: CommandId,
) -> Decision {
    let like = donor.likely_same.iter().find(|like| like.donor == other);
    let known = facts.others.iter().find(|record| record.id == other);
    let decided = if same { &donor.same_as } else { &donor.not_same };
    if other == donor.id || (like.is_none() && known.is_none()) || decided.contains(&other) {
        return Err(Refused::stop(Rule::NoSuchLikeness).with("donor", other));
    }
    let reason = text(reason, "reason")?;
    if profile.donors.settle_people.value >= 2 {
        match facts.second {
            None => return Err(Refused::stop(Rule::SecondPersonNeeded)),
            Some(second) if second == facts.actor => return Err(Refused::stop(Rule::SamePerson)),
            Some(_) => {}
        }
    }
    let settled = Event::LikenessSettled { other, same, reason: reason.clone() };
    // Where the other record is known here, what stands in it counts as it is (`person`); of one at
    // another site only this is known.
    let never = known.is_none() && like.is_some_and(|like| like.permanently_deferred);
    if !(same && never) {
        return Ok(vec![settled]);
    }
    // The never that stands under the other name stands here, too.
    let deferral = Deferral {
        cause: by,
        code: "deferred_elsewhere".into(),
        happened: facts.today,
        ends: Ends::Never,
        only: vec![],
        profile: named(profile),
        source: String::new(),
        note: Some(reason),
    };
    Ok(vec![settled, Event::Deferred { deferral }])
}

/// Whether a donation that somebody tells of can have been.
fn given_elsewhere(person: &Donor, past: &Past, facts: &Facts<'_>) -> Result<(), Refused> {
    // With a clock that jumps nobody can say which day has not come.
    let to_come = !facts.clock_suspect && past.on > facts.today;
    if to_come || person.identity.born.is_some_and(|born| past.on <= born) {
        return Err(Refused::stop(Rule::GivenDay).with("day", past.on));
    }
    // The same day and kind under another number is the same donation, told by two.
    let again = |known: &Past| {
        known.donation == past.donation || (known.on == past.on && known.kind == past.kind)
    };
    if person.donations.iter().any(again) {
        return Err(Refused::stop(Rule::GivenKnown).with("day", past.on));
    }
    Ok(())
}

fn screen(
    donor: &Donor,
    facts: &Facts<'_>,
    visit: &Visit,
    profile: &Profile,
    now: Instant,
    by: CommandId,
) -> Decision {
    if facts.clock_suspect {
        return Err(Refused::stop(Rule::ClockUnsure));
    }
    let ask = Ask {
        visit,
        today: facts.today,
        questionnaire: facts.questionnaire,
        similar: facts.similar,
    };
    // Whoever gives is the person, under whichever record they are asked.
    let mut whole = person(donor, facts.others);
    if facts.later {
        // What was given since says nothing about whether one could give then.
        whole.donations.retain(|past| past.on <= facts.today);
    }
    let result = eligibility(&whole, &ask, profile);
    let mut events = vec![];
    // What an answer brought to light is kept, so that the next site knows without asking.
    let answered = facts.questionnaire.read(&visit.answers, donor.identity.sex, facts.today);
    for (question, happened) in answered.unwrap_or_default() {
        let super::Consequence::Defer(code) = &question.then else { continue };
        let Some(row) = profile.deferral(code, facts.today) else { continue };
        // An illness of today passes with today; only what lasts is worth keeping.
        if matches!(row.value.lasts, Lasts::For(_))
            && !ends_of(row.value.lasts, happened).holds_on(facts.today)
        {
            continue;
        }
        events.push(Event::Deferred {
            deferral: Deferral {
                cause: by,
                code: code.clone(),
                happened,
                ends: ends_of(row.value.lasts, happened),
                only: row.value.only.clone(),
                profile: named(profile),
                source: row.source.clone(),
                note: None,
            },
        });
    }
    // Low haemoglobin lasts longer than the day.
    for reason in &result.reasons {
        if let (Why::Haemoglobin, Effect::Defer(ends)) = (reason.why, &reason.effect) {
            events.push(Event::Deferred {
                deferral: Deferral {
                    cause: by,
                    code: "low_haemoglobin".into(),
                    happened: facts.today,
                    ends: *ends,
                    only: vec![],
                    profile: named(profile),
                    source: reason.source.clone(),
                    note: None,
                },
            });
        }
    }
    let screening = Screening {
        cause: by,
        at: now,
        on: facts.today,
        visit: visit.clone(),
        result,
        profile: named(profile),
        by: facts.actor,
        cleared: None,
    };
    // The screening first: what it found is its consequence, not its cause.
    events.insert(0, Event::Screened { screening: Box::new(screening) });
    Ok(events)
}
