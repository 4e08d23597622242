//! What is kept of a donor over the years: health, what was told after a donation, what was given
//! elsewhere, and all of it in the order in which it came to be known.

use crate::backend::{Asked, Inner, Passed};
use crate::care::recall_more;
use crate::convert::{rfc3339, same};
use crate::donors::{day, donation_id, donor_id};
use crate::error::{Error, no};
use bloodbank::donation::{Command as OfDonation, HoldReason};
use bloodbank::donor::{Command, Deferral, Donor, Ends, Event, Health, Past, Verdict};
use bloodbank::lookback::{Found, Recall, Target};
use kernel::{DonationId, Permission};
use records::{Body, CareKey, Key};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::*;

/// A line with the values of its sentence.
type Line = (DonorEvent, BTreeMap<&'static str, String>);

/// Lines of the history sent at once.
const LINES: usize = 300;

impl Inner {
    pub(crate) fn donor_health(&mut self, ask: DonorHealth) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ScreenDonors)?;
        let health = Health {
            after_menopause: ask.health.after_menopause,
            ever_pregnant: ask.health.ever_pregnant,
            hla_negative: ask.health.hla_negative,
        };
        self.about_donor(&actor, donor_id(&ask.donor)?, Command::SetHealth { health }, None)
    }

    /// What a donor tells after giving: the donation is held, all bags of it and of their pools are
    /// recalled wherever they are, and the donor is deferred where that follows; in one command.
    pub(crate) fn donation_report(&mut self, ask: DonationReport) -> Result<ReportTaken, Error> {
        let actor = self.actor(Permission::ScreenDonors)?;
        let id = donation_id(&ask.donation)?;
        let donation = self.store()?.donation(id)?.ok_or_else(|| no(Code::NotFound))?;
        let note = ask.note.as_deref().and_then(kernel::said);
        if ask.what == AfterGiving::Other && note.is_none() {
            return Err(no(Code::ReasonMissing));
        }
        let told = Command::ReportAfter { donation: id, code: same(ask.what), note };
        let mut parts = vec![Body::Donor { id: donation.donor, command: told }];
        if !donation.holds.iter().any(|hold| hold.reason == HoldReason::ReportedAfter) {
            let command = OfDonation::Hold { reason: HoldReason::ReportedAfter };
            parts.push(Body::Donation { id, command });
        }
        if let Some(code) = ask.defer {
            let happened = day(ask.happened.as_deref().unwrap_or_default())?;
            let command = Command::Defer { code, happened, note: None };
            parts.push(Body::Donor { id: donation.donor, command });
        }
        let mut targets = vec![];
        for target in self.targets_of(&[id])? {
            if !self.is_recalled(&target)? {
                targets.push(target);
            }
        }
        let issued = targets.iter().filter(|target| target.found == Found::Issued).count();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let mut taken =
            ReportTaken { recall: None, bags: count(targets.len()), issued: count(issued) };
        // Whoever may see the stock reads it on every bag: what was told stays with the donor.
        let reason = format!("the donor of {} told something after giving", donation.din);
        let mut rest = vec![];
        if let Some((recall, open, later)) = self.recall_of_targets(reason, &targets) {
            parts.push(open);
            taken.recall = Some(recall.to_string());
            rest = recall_more(recall, later);
        }
        let facts = Arc::new(self.donor_facts()?);
        let told = Asked { parts, facts, passed: Passed::default() };
        self.save_commands(&actor, std::iter::once(told).chain(rest).collect())?;
        Ok(taken)
    }

    /// Whether an open recall names a bag already.
    fn is_recalled(&self, target: &Target) -> Result<bool, Error> {
        let Some(recall) = self.recall_naming(target.unit, &target.din)? else { return Ok(false) };
        let recall: Recall = self.care_there(CareKey::Recall(recall))?;
        Ok(recall.closed_at.is_none())
    }

    /// A donation elsewhere counts from now on; what was given here too soon after it is held.
    pub(crate) fn donor_elsewhere(&mut self, ask: GivenElsewhere) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ScreenDonors)?;
        let id = donor_id(&ask.donor)?;
        let donor = self.store()?.donor(id)?.ok_or_else(|| no(Code::NotFound))?;
        let place = kernel::said(&ask.place).ok_or_else(|| no(Code::PlaceMissing))?;
        let kind: bloodbank::profile::DonationKind = same(ask.kind);
        let past = Past {
            donation: DonationId(self.options.clock.new_uuid()),
            kind,
            on: day(&ask.on)?,
            red_cells_returned: ask.red_cells_returned.filter(|_| kind.is_apheresis()),
            volume: None,
            elsewhere: Some(place.clone()),
        };
        let tell = Command::RecordDonation { past: past.clone() };
        // As the records will be with it.
        let event = Event::DonationRecorded { past };
        let with = bloodbank::donor::apply(Some(donor.clone()), id, &event).unwrap_or(donor);
        let mut records = vec![with];
        records.extend(self.other_records(id)?);
        let (stop, _) = self.follow_up(&records, &place)?;
        let tell = vec![Body::Donor { id, command: tell }];
        let groups = std::iter::once(tell).chain(stop).collect();
        let facts = self.donor_facts()?;
        self.save_groups(&actor, groups, facts, &Passed::default())?;
        Ok(Nothing {})
    }

    /// Everything that became known of a donor, the newest first, with what was lifted and taken back.
    pub(crate) fn donor_history(&mut self, ask: ById) -> Result<DonorHistory, Error> {
        let actor = self.actor(Permission::ScreenDonors)?;
        let id = donor_id(&ask.id)?;
        let own = self.store()?.donor(id)?.ok_or_else(|| no(Code::NotFound))?;
        let may_know = actor.role.may(Permission::SeeDonorTests);
        let names = self.staff_names()?;
        let name = |user: &String| names.get(user).cloned().unwrap_or_else(|| user.clone());
        let mut lines = vec![];
        for record in std::iter::once(own).chain(self.other_records(id)?) {
            for row in self.store()?.history(Key::Donor(record.id))? {
                let records::Event::Donor(event) = &row.event else { continue };
                let Some((what, args)) = self.line_of(event, may_know)? else { continue };
                let line = DonorLine {
                    what,
                    at: rfc3339(row.at),
                    by: name(&row.user),
                    second: row.second.as_ref().map(name),
                    args: args.into_iter().map(|(k, v)| (k.to_owned(), v)).collect(),
                    record: (record.id != id).then(|| record.identity.number.clone()),
                };
                lines.push((row.gseq, line));
            }
        }
        // Of one command in the order in which it says things.
        lines.sort_by_key(|(gseq, _)| *gseq);
        Ok(DonorHistory {
            lines: lines.into_iter().rev().take(LINES).map(|(_, line)| line).collect(),
        })
    }

    /// The line of an event; none for what stands elsewhere on the page, such as how to reach a donor.
    /// Which deferral it was is only for those who may know.
    fn line_of(&self, event: &Event, may_know: bool) -> Result<Option<Line>, Error> {
        use DonorEvent as D;
        let bit = |name, value: Option<bool>| value.map(|value| (name, value.to_string()));
        let (what, args): (D, Vec<(&'static str, String)>) = match event {
            Event::Registered { .. } => (D::Registered, vec![]),
            Event::Amended { reason, .. } => (D::Amended, vec![("reason", reason.clone())]),
            Event::Consented { .. } => (D::Consented, vec![]),
            Event::ConsentWithdrawn { .. } => (D::ConsentWithdrawn, vec![]),
            Event::HealthSet { health } => {
                let said = [
                    bit("afterMenopause", health.after_menopause),
                    bit("everPregnant", health.ever_pregnant),
                    bit("hlaNegative", health.hla_negative.filter(|_| may_know)),
                ];
                (D::HealthSaid, said.into_iter().flatten().collect())
            }
            Event::GroupRecorded { group, .. } => {
                (D::GroupFound, vec![("abo", same(group.abo)), ("rhd", same(group.rhd))])
            }
            Event::Deferred { deferral } => (D::Deferred, deferral_args(deferral, may_know)),
            Event::DeferralLifted { code, reason, .. } => {
                let known = [("code", code.clone()), ("reason", reason.clone())];
                (D::DeferralLifted, known.into_iter().filter(|_| may_know).collect())
            }
            Event::Screened { screening } => {
                let verdict = match screening.result.verdict {
                    Verdict::Accept => "accept",
                    Verdict::AcceptLimited { .. } => "accept_limited",
                    Verdict::Refer => "refer",
                    Verdict::Defer { .. } => "defer",
                };
                (D::Screened, vec![("verdict", verdict.to_owned())])
            }
            Event::Cleared { reason, .. } => (D::Cleared, vec![("reason", reason.clone())]),
            Event::DonationRecorded { past } => match &past.elsewhere {
                // Told a second time with its end.
                None if past.volume.is_some() => return Ok(None),
                None => (D::Gave, vec![("kind", same(past.kind))]),
                Some(place) => (
                    D::GaveElsewhere,
                    vec![
                        ("kind", same(past.kind)),
                        ("on", past.on.to_string()),
                        ("place", place.clone()),
                    ],
                ),
            },
            Event::ReportedAfter { code, note, .. } => {
                let mut args = vec![("what", code.clone())];
                args.extend(note.clone().map(|note| ("note", note)));
                (D::ToldAfter, args)
            }
            Event::LikenessSettled { other, same, reason } => {
                let other = self.store()?.donor(*other)?;
                let number = other.map(|other| other.identity.number).unwrap_or_default();
                let what = if *same { D::SamePerson } else { D::TwoPeople };
                (what, vec![("other", number), ("reason", reason.clone())])
            }
            Event::PhotoSet { .. } => (D::PhotoSet, vec![]),
            Event::PhotoRemoved { reason, erased, .. } => {
                (D::PhotoRemoved, vec![("reason", reason.clone()), ("erased", erased.to_string())])
            }
            Event::ContactSet { .. }
            | Event::ContactErased { .. }
            | Event::Agreed { .. }
            | Event::Asked { .. } => return Ok(None),
        };
        Ok(Some((what, args.into_iter().collect())))
    }

    /// The determinations of a donor's group, the newest first.
    pub(crate) fn groups_found(&self, donor: &Donor) -> Result<Vec<GroupFound>, Error> {
        let mut found = vec![];
        for one in donor.groups.iter().rev() {
            let donation = match one.donation {
                Some(id) => self.store()?.donation(id)?,
                None => None,
            };
            found.push(GroupFound {
                group: same(one.group),
                at: rfc3339(one.at),
                din: donation.map(|donation| donation.din),
            });
        }
        Ok(found)
    }

    /// What a donor told after giving, the newest first.
    pub(crate) fn told_after(&self, donor: &Donor) -> Result<Vec<ToldAfter>, Error> {
        let mut told = vec![];
        for report in donor.reports.iter().rev() {
            let donation = self.store()?.donation(report.donation)?;
            told.push(ToldAfter {
                what: serde_json::from_value(report.code.clone().into())
                    .unwrap_or(AfterGiving::Other),
                note: report.note.clone(),
                at: rfc3339(report.at),
                din: donation.map(|donation| donation.din).unwrap_or_default(),
            });
        }
        Ok(told)
    }
}

fn deferral_args(deferral: &Deferral, may_know: bool) -> Vec<(&'static str, String)> {
    let ends = match deferral.ends {
        Ends::On(day) => day.to_string(),
        Ends::WhenLifted => "when_lifted".to_owned(),
        Ends::Never => "never".to_owned(),
    };
    let code = may_know.then(|| ("code", deferral.code.clone()));
    code.into_iter().chain([("ends", ends)]).collect()
}
