//! Everything that the blood bank still has to do, as one list: gathered where each thing is open, judged by
//! the rules of `bloodbank`, and shown as far as whoever asks may know. Nothing of it is stored, so a task is
//! gone when its thing is done.

use super::left_out;
use crate::backend::Inner;
use crate::blood::check_of;
use crate::convert::{rfc3339, same};
use crate::donors::name_of;
use crate::error::Error;
use bloodbank::bedside::{self, Status as AtBed, Transfusion};
use bloodbank::care::{Task, TaskKind};
use bloodbank::donation::{self, HoldReason};
use bloodbank::donor::shown_hold;
use bloodbank::haemovigilance::Case;
use bloodbank::issue::Dispensation;
use bloodbank::lab::{Doubt, Event as OfTests};
use bloodbank::lookback::Recall;
use bloodbank::storage::{self, AlarmKind, Place};
use bloodbank::todo::{self, NotFree};
use bloodbank::transfer;
use kernel::{
    Actor, DonationId, DonorId, Instant, PatientId, Permission, StaffId, TimeDelta, UnitId,
};
use records::{CareKey, Event, Key};
use store_sqlite::Watched;
use wire::*;

/// Rows sent at once.
const MOST: usize = 500;
/// A component of which none lies here and none was given in so many days is not kept here.
const KEPT_DAYS: i64 = 28;

/// Something to be done, before anybody is asked for a name.
struct Found {
    task: Task,
    since: Instant,
    why: TodoWhy,
    hold: Option<HoldReason>,
    place: Option<String>,
    component: Option<kernel::Component>,
    groups: Vec<kernel::BloodGroup>,
    link: TodoLink,
}

impl Found {
    fn new(task: Task, since: Instant, why: TodoWhy, link: TodoLink) -> Self {
        Self { task, since, why, hold: None, place: None, component: None, groups: vec![], link }
    }

    /// A value of the task, as what it names.
    fn of<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.task.args.get(name).and_then(|text| text.parse().ok())
    }

    /// A donor's own matter is for those who may know why a donation is held; donors are asked by those
    /// who may ask them.
    fn is_for(&self, actor: &Actor) -> bool {
        match self.task.what {
            TaskKind::MedicalReview => actor.role.may(Permission::SeeDonorTests),
            TaskKind::AskDonors => actor.role.may(Permission::AskDonors),
            _ => true,
        }
    }
}

/// What is open, the most urgent first, and how many older ones of very many were not looked at.
struct Open {
    found: Vec<Found>,
    unseen: u32,
}

impl Open {
    fn left_out(&mut self, all: u32, listed: usize) {
        self.unseen = self.unseen.saturating_add(left_out(all, listed).unwrap_or(0));
    }

    fn count(&self) -> TodoCount {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let urgent = self.found.iter().filter(|one| one.task.what.is_urgent()).count();
        TodoCount {
            urgent: count(urgent),
            all: count(self.found.len()).saturating_add(self.unseen),
        }
    }
}

impl Inner {
    /// A page asks for it again and again by itself: that is no sign of a person.
    pub(crate) fn tasks_count(&mut self, _: Nothing) -> Result<TodoCount, Error> {
        let actor = self.seen(Permission::SeeStock)?;
        Ok(self.open_tasks(&actor)?.count())
    }

    pub(crate) fn tasks_list(&mut self, _: Nothing) -> Result<Todos, Error> {
        let actor = self.actor(Permission::SeeStock)?;
        let now = self.now()?;
        let open = self.open_tasks(&actor)?;
        let count = open.count();
        let names = self.names()?;
        let mut rows = vec![];
        for one in open.found.iter().take(MOST) {
            rows.push(self.todo_row(one, &actor, &names, now)?);
        }
        let of_somebody = |row: &&TodoRow| row.patient.is_some() || row.donor.is_some();
        let looked_at = rows.iter().filter(of_somebody).count();
        self.note_list(&actor, Key::Facility, "tasks", looked_at)?;
        let left_out = left_out(count.all, rows.len());
        Ok(Todos { rows, count, left_out, as_of: rfc3339(now) })
    }

    fn open_tasks(&self, actor: &Actor) -> Result<Open, Error> {
        let now = self.now()?;
        let mut open = Open { found: vec![], unseen: 0 };
        self.of_donors(&mut open)?;
        self.of_given(&mut open)?;
        self.of_custody(&mut open)?;
        self.of_recalls(&mut open)?;
        self.of_issues(&mut open)?;
        self.of_cases(&mut open)?;
        self.of_beds(&mut open, now)?;
        self.of_places(&mut open, now)?;
        self.of_shelf(&mut open, now)?;
        // It reads the shelf for each of them: not for those who are not shown it.
        if actor.role.may(Permission::AskDonors) {
            self.of_unfilled(&mut open, now)?;
        }
        open.found.retain(|one| one.is_for(actor));
        open.found.sort_by_cached_key(|one| todo::order(&one.task, one.since));
        Ok(open)
    }

    /// Whoever gave too soon, until two people have lifted the hold (bloodbank.md 6, scenario 24).
    fn of_donors(&self, open: &mut Open) -> Result<(), Error> {
        let (held, all) = self.store()?.given_too_soon()?;
        open.left_out(all, held.len());
        for one in held {
            let since = one.holds.iter().find(|h| h.reason == HoldReason::IntervalViolation);
            let Some((task, since)) = donation::review(&one).zip(since) else { continue };
            let link = TodoLink::Donor { id: one.donor.to_string() };
            open.found.push(Found::new(task, since.at, TodoWhy::GaveTooSoon, link));
        }
        Ok(())
    }

    /// Bags that somebody has, of a donation that is not free now (scenario 34).
    fn of_given(&self, open: &mut Open) -> Result<(), Error> {
        let (given, all) = self.store()?.given_in_doubt()?;
        open.left_out(all, given.len());
        for (id, donations) in given {
            let Some(unit) = self.store()?.unit(id)? else { continue };
            let recalled = self.recall_of(&unit)?.is_some();
            let (mut why, mut since) = (vec![], Instant::UNIX_EPOCH);
            for donation in donations {
                for (reason, at) in self.not_free(donation)? {
                    since = since.max(at);
                    why.push(reason);
                }
            }
            why.sort_by_key(|why: &NotFree| !why.alarms());
            let Some(gravest) = why.first().cloned() else { continue };
            let issues: Vec<Dispensation> = self.store()?.care_of_unit(id)?;
            for holder in todo::holders(&unit, &issues) {
                let clinician = match holder.issue {
                    Some(issue) => self.answers_of(issue)?,
                    None => None,
                };
                for task in todo::of_holder(id, holder.patient, &why, recalled, clinician) {
                    let link = TodoLink::Bag { id: id.to_string() };
                    let why = why_of(&gravest);
                    let mut found = Found::new(task, since.max(holder.since), why, link);
                    if let NotFree::Held(reason) = &gravest {
                        found.hold = Some(reason.clone());
                    }
                    open.found.push(found);
                }
            }
        }
        Ok(())
    }

    /// Why a donation is not free, each with since when.
    fn not_free(&self, id: DonationId) -> Result<Vec<(NotFree, Instant)>, Error> {
        let Some(donation) = self.store()?.donation(id)? else { return Ok(vec![]) };
        let tests = self.store()?.tests(id)?;
        let mut found = vec![];
        for why in todo::not_free(&donation, tests.as_ref()) {
            let at = match &why {
                // The tests keep no time of it; their record does.
                NotFree::Tests(Doubt::RunInvalid) => self.run_taken_back(id)?,
                NotFree::Tests(_) => tests.as_ref().and_then(bloodbank::lab::Tests::newest),
                NotFree::Held(reason) => {
                    let hold = donation.holds.iter().find(|hold| hold.reason == *reason);
                    hold.map(|hold| hold.at)
                }
            };
            found.push((why, at.unwrap_or(donation.begun_at)));
        }
        Ok(found)
    }

    fn run_taken_back(&self, id: DonationId) -> Result<Option<Instant>, Error> {
        let history = self.store()?.history(Key::Tests(id))?;
        let taken_back = history
            .iter()
            .rev()
            .find(|row| matches!(&row.event, Event::Tests(OfTests::RunInvalidated { .. })));
        Ok(taken_back.map(|row| row.at))
    }

    /// Bags that a site gave without custody, until a case about it is closed (scenario 56).
    fn of_custody(&self, open: &mut Open) -> Result<(), Error> {
        let (issues, all) = self.store()?.issues_watched(Watched::Custody)?;
        open.left_out(all, issues.len());
        let mut units: Vec<UnitId> = issues.iter().map(|one| one.unit).collect();
        units.sort_unstable();
        units.dedup();
        for id in units {
            let Some(unit) = self.store()?.unit(id)? else { continue };
            let issues: Vec<Dispensation> = self.store()?.care_of_unit(id)?;
            let cases: Vec<Case> = self.store()?.care_naming(id)?;
            for conflict in transfer::conflicts(&unit, &issues) {
                if conflict.settled_by(&cases) {
                    continue;
                }
                // It is worked out in its case, where one is open.
                let case = cases
                    .iter()
                    .find(|case| case.patient == conflict.patient && case.closed_at.is_none());
                for task in transfer::conflict_tasks(&conflict) {
                    let link = match case {
                        Some(case) => TodoLink::Case { id: case.id.to_string() },
                        None => TodoLink::Bag { id: id.to_string() },
                    };
                    let why = TodoWhy::WithoutCustody;
                    open.found.push(Found::new(task, conflict.at, why, link));
                }
            }
        }
        Ok(())
    }

    fn of_recalls(&self, open: &mut Open) -> Result<(), Error> {
        let (recalls, unseen) = self.open_ones::<Recall>()?;
        open.unseen = open.unseen.saturating_add(unseen.unwrap_or(0));
        for recall in recalls {
            let recall = self.recall_now(&recall)?;
            for task in self.recall_tasks(&recall) {
                if recall.is_done(&task) {
                    continue;
                }
                let link = TodoLink::Recall { id: recall.id.to_string() };
                open.found.push(Found::new(task, recall.opened_at, TodoWhy::Recalled, link));
            }
        }
        Ok(())
    }

    /// Signatures and crossmatches that are owed after an emergency.
    fn of_issues(&self, open: &mut Open) -> Result<(), Error> {
        let policy = self.policy();
        for (watched, what) in [
            (Watched::Unsigned, TaskKind::SignEmergencyOrder),
            (Watched::Uncrossmatched, TaskKind::RetrospectiveCrossmatch),
            (Watched::AntiD, TaskKind::AntiDConsult),
        ] {
            let (issues, all) = self.store()?.issues_watched(watched)?;
            // Whether one of these is owed still is known only of those that were looked at.
            if watched != Watched::Uncrossmatched {
                open.left_out(all, issues.len());
            }
            for one in issues {
                let crossmatched = what != TaskKind::RetrospectiveCrossmatch || !self.owed(&one)?;
                for task in one.owed(crossmatched, &policy.care) {
                    if task.what == what {
                        let why = match what {
                            TaskKind::AntiDConsult => TodoWhy::RhdPositive,
                            _ => TodoWhy::NotCrossmatched,
                        };
                        let link = TodoLink::Issues;
                        open.found.push(Found::new(task, one.left_storage_at, why, link));
                    }
                }
            }
        }
        Ok(())
    }

    fn of_cases(&self, open: &mut Open) -> Result<(), Error> {
        let (cases, unseen) = self.open_ones::<Case>()?;
        open.unseen = open.unseen.saturating_add(unseen.unwrap_or(0));
        for case in cases {
            let transfusion: Option<Transfusion> = match case.transfusion {
                Some(id) => self.store()?.care_of(CareKey::Transfusion(id))?,
                None => None,
            };
            let running =
                transfusion.is_some_and(|one| matches!(one.status, AtBed::Running { .. }));
            for mut task in case.left(self.alerts_of(&case)?, running) {
                if let (Some(unit), None) = (case.units.first(), task.args.get("unit")) {
                    task.args.insert("unit", unit.to_string());
                }
                let why = match task.what {
                    TaskKind::AlertWard | TaskKind::AlertPhysician => TodoWhy::Incompatible,
                    _ => TodoWhy::Reaction,
                };
                let why = match case.prevented {
                    Some(_) => TodoWhy::Prevented,
                    None => why,
                };
                let link = TodoLink::Case { id: case.id.to_string() };
                open.found.push(Found::new(task, case.opened_at, why, link));
            }
        }
        Ok(())
    }

    fn of_beds(&self, open: &mut Open, now: Instant) -> Result<(), Error> {
        let (transfusions, unseen) = self.open_ones::<Transfusion>()?;
        open.unseen = open.unseen.saturating_add(unseen.unwrap_or(0));
        let policy = self.policy();
        for one in transfusions {
            for (since, task) in bedside::owed(&one, &policy.care, now) {
                let why = match task.what {
                    TaskKind::StopTransfusion => TodoWhy::RunningTooLong,
                    _ => TodoWhy::NoOutcome,
                };
                let link = TodoLink::Bedside { id: one.id.to_string() };
                open.found.push(Found::new(task, since, why, link));
            }
        }
        Ok(())
    }

    fn of_places(&self, open: &mut Open, now: Instant) -> Result<(), Error> {
        let (places, unseen) = self.open_ones::<Place>()?;
        open.unseen = open.unseen.saturating_add(unseen.unwrap_or(0));
        for place in places {
            for (alarm, task) in storage::tasks(&place, now) {
                let why = match alarm.kind {
                    AlarmKind::TooWarm => TodoWhy::TooWarm,
                    AlarmKind::TooCold => TodoWhy::TooCold,
                    AlarmKind::NoReadings => TodoWhy::NoReadings,
                };
                let link = TodoLink::Place { id: place.id.to_string() };
                let found = Found::new(task, alarm.from, why, link);
                open.found.push(Found { place: Some(place.name.clone()), ..found });
            }
        }
        Ok(())
    }

    /// Groups under their floor and free bags that end soon, from the read table alone: one task each for a
    /// component that this place keeps. Where none of it lies here and none was given lately, the board says
    /// that there is none, and nobody is called for it.
    fn of_shelf(&self, open: &mut Open, now: Instant) -> Result<(), Error> {
        let policy = self.policy();
        let mut standing = self.store()?.standing(now)?;
        standing.retain(|row| row.site == self.site());
        let given = self.store()?.issued_since(self.site(), now - TimeDelta::days(KEPT_DAYS))?;
        for component in kernel::Component::ALL {
            let named = super::word(component);
            let here = || standing.iter().filter(|row| row.component == named);
            if here().next().is_none() && !given.iter().any(|(of, _, _)| *of == named) {
                continue;
            }
            let free = |group| {
                let word = crate::blood::group_word(group);
                let ours = here()
                    .filter(|row| row.stands == "available" && !row.without_h && row.group == word);
                ours.map(|row| row.count).sum()
            };
            if let Some(under) = todo::of_shelf(component, free, &policy) {
                let why = match under.none_left {
                    true => TodoWhy::NoneLeft,
                    false => TodoWhy::UnderFloor,
                };
                let found = Found::new(under.task, now, why, TodoLink::Board);
                open.found.push(Found {
                    component: Some(component),
                    groups: under.groups,
                    ..found
                });
            }
            let soon = todo::ends_soon(component);
            let ending = self.store()?.first_free_end(self.site(), component, now, now + soon)?;
            if let Some((count, first)) = ending {
                let link = TodoLink::Units { component: same(component) };
                let task = todo::ending(count, first);
                let found = Found::new(task, first - soon, TodoWhy::EndsSoon, link);
                open.found.push(Found { component: Some(component), ..found });
            }
        }
        Ok(())
    }

    /// Emergencies that the shelf cannot fill and for which nobody asks donors.
    fn of_unfilled(&self, open: &mut Open, now: Instant) -> Result<(), Error> {
        let (due, unseen) = self.unfilled(now)?;
        open.unseen = open.unseen.saturating_add(unseen);
        for (request, missing) in due {
            let Some(task) = todo::ask_donors(&request, missing) else { continue };
            let groups = self.groups_for(request.patient, request.component)?;
            let link = TodoLink::Appeal { request: request.id.to_string() };
            let found = Found::new(task, request.placed_at, TodoWhy::ShelfCannotFill, link);
            open.found.push(Found {
                component: Some(request.component),
                groups: groups.into_iter().collect(),
                ..found
            });
        }
        Ok(())
    }

    /// A row, with what whoever reads it may know.
    fn todo_row(
        &self,
        one: &Found,
        actor: &Actor,
        names: &super::Names,
        now: Instant,
    ) -> Result<TodoRow, Error> {
        let may = |permission| actor.role.may(permission);
        let task = &one.task;
        let bag = match one.of::<UnitId>("unit") {
            Some(id) => self.store()?.unit(id)?,
            None => None,
        };
        let patient = match one.of::<PatientId>("patient").filter(|_| may(Permission::SeePatients))
        {
            Some(id) if self.store()?.patient(id)?.is_some() => Some(self.patient_row(id)?),
            _ => None,
        };
        let donor = match one.of::<DonorId>("donor").filter(|_| may(Permission::SeeDonors)) {
            Some(id) => self.store()?.donor(id)?,
            None => None,
        };
        let person = one.of::<StaffId>("clinician").or(one.of("staff"));
        let site = match task.args.get("site") {
            // Of an alert to a ward only whom to call matters.
            Some(site)
                if matches!(task.what, TaskKind::AlertSite | TaskKind::AcknowledgeRecall) =>
            {
                Some(self.named(site)?)
            }
            _ => None,
        };
        let about: Vec<&str> = ["unit", "donation", "patient", "case", "place", "site"]
            .iter()
            .filter_map(|name| task.args.get(name).map(String::as_str))
            .collect();
        let knows = may(Permission::SeeDonorTests);
        let count = one.of::<u32>("steps").or(one.of("alarms")).or(one.of("bags")).unwrap_or(0);
        let component = one.component.map(super::word).unwrap_or_default();
        let of_shelf = matches!(task.what, TaskKind::StockCritical | TaskKind::StockUnderFloor);
        let link = link_id(&one.link);
        Ok(TodoRow {
            id: format!("{}/{link}{component}/{}", super::word(task.what), about.join("/")),
            what: same(task.what),
            urgent: task.what.is_urgent(),
            whose: same(task.what.whose()),
            person: person.map(|who| names.of(who)),
            why: match one.why {
                why if is_of_donation(why) && !knows => TodoWhy::NotFree,
                why => why,
            },
            hold: one
                .hold
                .as_ref()
                .filter(|_| knows)
                .map(|reason| shown_hold(reason, knows).to_owned()),
            site,
            din: match &bag {
                Some(_) => None,
                None => task.args.get("din").cloned(),
            },
            bag: bag.map(|unit| TodoBag {
                id: unit.id.to_string(),
                check: check_of(&unit.din).unwrap_or_default(),
                din: unit.din,
                component: same(unit.component),
            }),
            patient,
            donor: donor.map(|donor| TodoDonor {
                id: donor.id.to_string(),
                name: name_of(&donor),
                number: donor.identity.number.clone(),
            }),
            place: one.place.clone(),
            component: one.component.map(same),
            groups: one.groups.iter().copied().map(same).collect(),
            count,
            since: (!of_shelf).then(|| rfc3339(one.since)),
            due: task.due.map(rfc3339),
            overdue: task.due.is_some_and(|due| due < now),
            link: one.link.clone(),
        })
    }
}

fn why_of(why: &NotFree) -> TodoWhy {
    match why {
        NotFree::Tests(doubt) => same(doubt),
        NotFree::Held(_) => TodoWhy::Held,
    }
}

/// Whether it says something of the tests or the holds of a donation.
fn is_of_donation(why: TodoWhy) -> bool {
    use TodoWhy as W;
    matches!(why, W::Reactive | W::NotClear | W::RunInvalid | W::Unverified | W::Held)
}

fn link_id(link: &TodoLink) -> &str {
    match link {
        TodoLink::Bag { id }
        | TodoLink::Donor { id }
        | TodoLink::Recall { id }
        | TodoLink::Case { id }
        | TodoLink::Bedside { id }
        | TodoLink::Place { id }
        | TodoLink::Appeal { request: id } => id,
        TodoLink::Issues | TodoLink::Board | TodoLink::Units { .. } => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_of_the_list_and_every_doubt_has_its_name_on_the_wire() {
        use TaskKind as K;
        for what in [
            K::AlertWard,
            K::AlertPhysician,
            K::AlertSite,
            K::StopTransfusion,
            K::PlaceOutOfRange,
            K::ResolveCustody,
            K::ReviewGiven,
            K::MedicalReview,
            K::SignEmergencyOrder,
            K::AntiDConsult,
            K::RetrospectiveCrossmatch,
            K::AcknowledgeRecall,
            K::TraceRecipient,
            K::WorkUpCase,
            K::RecordOutcome,
            K::AnswerAlarm,
            K::StockCritical,
            K::StockUnderFloor,
            K::UnitsEnding,
            K::AskDonors,
        ] {
            let there: TodoKind = same(what);
            assert_eq!(super::super::word(there), super::super::word(what));
            let _: TodoWhose = same(what.whose());
        }
        for doubt in [Doubt::Reactive, Doubt::NotClear, Doubt::RunInvalid, Doubt::Unverified] {
            let why: TodoWhy = same(doubt);
            assert!(is_of_donation(why), "{why:?} is not shown to everybody");
        }
    }
}
