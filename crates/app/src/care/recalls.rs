//! Recalls: which bags, where each is, who has answered. The bags that are still here are stopped by
//! the reaction of the ledger, in the same transaction (bloodbank.md 2.12).

use super::id;
use crate::backend::{Asked, Inner, Passed};
use crate::blood::{check_of, unit_id};
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use bloodbank::care::{Task, TaskKind};
use bloodbank::issue::Dispensation;
use bloodbank::lookback::{self, Command, Event, Found, Lineage as _, Recall, Target};
use bloodbank::request::Request;
use chrono::TimeDelta;
use kernel::{DonationId, Instant, Permission, RecallId, StaffId, UnitId};
use records::{Body, CareBody, CareKey, Facts};
use std::collections::BTreeSet;
use wire::*;

/// Bags that one command names; the reaction moves each of them in the same transaction.
const AT_ONCE: usize = 300;
/// Days for which closed recalls stand in the list.
const SHOWN_DAYS: i64 = 365;

/// A recall with the command that opens it and the groups of bags that are added after.
type Opened = (RecallId, Body, Vec<Vec<Target>>);

pub(super) fn body(id: RecallId, command: Command) -> Body {
    Body::Care(CareBody::Recall { id, command: Box::new(command) })
}

/// The rest of a long list, each group in a command of its own with its quarantines: the first group
/// opened the recall.
pub(crate) fn recall_more(
    recall: RecallId,
    groups: impl IntoIterator<Item = Vec<Target>>,
) -> Vec<Asked> {
    let extend = |targets| Asked::plain(vec![body(recall, Command::Extend { targets })]);
    groups.into_iter().map(extend).collect()
}

impl Inner {
    pub(crate) fn recall_list(&mut self, _: Nothing) -> Result<Recalls, Error> {
        self.actor(Permission::SeeStock)?;
        let now = self.now()?;
        let (open, left_out): (Vec<Recall>, _) = self.open_ones()?;
        let since = now - TimeDelta::days(SHOWN_DAYS);
        let lately: Vec<Recall> = self.store()?.care_since(since)?;
        let mut rows = vec![];
        for one in open.iter().rev() {
            rows.push(self.recall_row(&self.recall_now(one)?, now));
        }
        let open = rows;
        let closed = lately.iter().filter(|one| one.closed_at.is_some());
        let closed = closed.map(|one| self.recall_row(one, now)).collect();
        Ok(Recalls { open, closed, left_out })
    }

    fn recall_row(&self, recall: &Recall, now: Instant) -> RecallRow {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let due = self.recall_tasks(recall).iter().filter_map(|task| task.due).min();
        let issued = recall.targets.iter().filter(|target| target.found == Found::Issued).count();
        RecallRow {
            id: recall.id.to_string(),
            reason: recall.reason.clone(),
            opened_at: rfc3339(recall.opened_at),
            closed_at: recall.closed_at.map(rfc3339),
            bags: count(recall.targets.len()),
            issued: count(issued),
            pending: recall.pending().into_iter().map(str::to_owned).collect(),
            overdue: recall.closed_at.is_none() && due.is_some_and(|due| due < now),
        }
    }

    /// A recall with its bags as they are now.
    pub(super) fn recall_now(&self, recall: &Recall) -> Result<Recall, Error> {
        recall.as_it_is(|bag| {
            let Some(target) = self.recall_target(bag)? else { return Ok(None) };
            let clinician = match target.found {
                Found::Issued => self.answers_for(bag)?,
                _ => None,
            };
            Ok(Some(Target { clinician, ..target }))
        })
    }

    /// Whoever answers for the patient of a bag that has left.
    fn answers_for(&self, bag: UnitId) -> Result<Option<StaffId>, Error> {
        match self.dispensation_of(bag)? {
            Some(issue) => self.answers_of(&issue),
            None => Ok(None),
        }
    }

    /// Whoever answers for the patient of this issue.
    pub(super) fn answers_of(&self, issue: &Dispensation) -> Result<Option<StaffId>, Error> {
        let request = match issue.request {
            Some(request) => self.store()?.care_of::<Request>(CareKey::Request(request))?,
            None => None,
        };
        Ok(issue.answers(request.as_ref()))
    }

    /// What has to be done, derived from the recall as it is: never stored.
    pub(super) fn recall_tasks(&self, recall: &Recall) -> Vec<Task> {
        let event = Event::Opened {
            reason: recall.reason.clone(),
            targets: recall.targets.clone(),
            at: recall.opened_at,
        };
        lookback::tasks(recall, &event, &self.policy().care)
    }

    pub(crate) fn recall_view(&mut self, ask: ById) -> Result<RecallView, Error> {
        let actor = self.actor(Permission::SeeStock)?;
        let recall: Recall = self.care_there(CareKey::Recall(id(&ask.id)?))?;
        let recall = self.recall_now(&recall)?;
        let now = self.now()?;
        let names = self.names()?;
        let (mut targets, mut seen) = (vec![], BTreeSet::new());
        for target in &recall.targets {
            let unit = self.store()?.unit(target.unit)?;
            let patient = match target.patient {
                Some(patient) if self.store()?.patient(patient)?.is_some() => {
                    seen.insert(patient);
                    Some(self.patient_row(patient)?)
                }
                _ => None,
            };
            targets.push(RecallTarget {
                id: target.unit.to_string(),
                din: target.din.clone(),
                check: check_of(&target.din).unwrap_or_default(),
                site: target.site.clone(),
                found: same(target.found),
                state: self.bag_state(target.unit, now)?,
                patient,
                unit: unit.map(|unit| self.unit_row(&unit)).transpose()?,
            });
        }
        let mut tasks = vec![];
        for task in self.recall_tasks(&recall) {
            tasks.extend(self.recall_task(&recall, &task, now)?);
        }
        for patient in seen {
            self.note_read(&actor, patient, "recall")?;
        }
        Ok(RecallView {
            row: self.recall_row(&recall, now),
            targets,
            answers: recall
                .acknowledged
                .iter()
                .map(|one| RecallAnswer {
                    site: one.site.clone(),
                    by: names.of(one.by),
                    at: rfc3339(one.at),
                })
                .collect(),
            tasks,
            here: self.site().to_owned(),
        })
    }

    fn recall_task(
        &self,
        recall: &Recall,
        task: &Task,
        now: Instant,
    ) -> Result<Option<RecallTask>, Error> {
        let what = match task.what {
            TaskKind::AlertWard => RecallTaskKind::AlertWard,
            TaskKind::AlertPhysician => RecallTaskKind::AlertPhysician,
            TaskKind::TraceRecipient => RecallTaskKind::TraceRecipient,
            TaskKind::AcknowledgeRecall => RecallTaskKind::AcknowledgeRecall,
            _ => return Ok(None),
        };
        let said = |name: &str| task.args.get(name).cloned();
        let target = said("unit")
            .and_then(|unit| recall.targets.iter().find(|one| one.unit.to_string() == unit));
        let patient = match target.and_then(|one| one.patient) {
            Some(patient) => Some(self.patient_name(patient)?),
            None => None,
        };
        let clinician = match said("clinician").and_then(|id| id.parse().ok()) {
            Some(id) => Some(self.names()?.of(id)),
            None => None,
        };
        let site = said("site").or_else(|| target.map(|one| one.site.clone()));
        let done = recall.is_done(task);
        Ok(Some(RecallTask {
            what,
            due: task.due.map(rfc3339),
            overdue: !done && task.due.is_some_and(|due| due < now),
            din: target.map(|one| one.din.clone()),
            patient,
            clinician,
            site,
            done,
        }))
    }

    pub(crate) fn recall_open(&mut self, ask: RecallOpen) -> Result<Made, Error> {
        let actor = self.actor(Permission::RecallBlood)?;
        let targets = self.recall_targets(&ask.units, &ask.dins)?;
        let new = RecallId(self.options.clock.new_uuid());
        let mut groups = targets.chunks(AT_ONCE).map(<[Target]>::to_vec);
        let first = groups.next().unwrap_or_default();
        let command = Command::Open { reason: ask.reason, targets: first };
        let open = Asked::plain(vec![body(new, command)]);
        let all = std::iter::once(open).chain(recall_more(new, groups));
        self.save_commands(&actor, all.collect())?;
        self.tell(&["recall", "unit"]);
        Ok(Made { id: new.to_string() })
    }

    pub(crate) fn recall_extend(&mut self, ask: RecallExtend) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RecallBlood)?;
        let recall: Recall = self.care_there(CareKey::Recall(id(&ask.recall)?))?;
        let mut targets = self.recall_targets(&ask.units, &ask.dins)?;
        targets.retain(|new| !recall.targets.iter().any(|known| known.unit == new.unit));
        if targets.is_empty() {
            return Err(CommandError::refusal(Code::Known).with("field", "units").into());
        }
        let groups = targets.chunks(AT_ONCE).map(<[Target]>::to_vec);
        self.save_commands(&actor, recall_more(recall.id, groups))?;
        self.tell(&["recall", "unit"]);
        Ok(Nothing {})
    }

    /// The bags that were named, all of a named number, what was made of them and the rest of their
    /// pools, each with where it is now.
    fn recall_targets(&self, units: &[String], dins: &[String]) -> Result<Vec<Target>, Error> {
        let mut ahead = vec![];
        let mut named: Vec<UnitId> =
            units.iter().map(|unit| unit_id(unit)).collect::<Result<_, _>>()?;
        for din in dins {
            let number = din.split_whitespace().collect::<String>().to_uppercase();
            let graph = self.store()?.lineage();
            let mut of_number = graph.units_of(DonationId::of_din(&number));
            graph.finish()?;
            of_number.extend(self.store()?.units_of_din(&number)?);
            // What of this number has not come yet is stopped when it does.
            match isbt128::Din::new(&number) {
                Ok(din) => ahead.push(Target::of_number(din.as_str(), self.site())),
                Err(error) if of_number.is_empty() => {
                    let refused = CommandError::refusal(Code::ScanUnreadable);
                    return Err(refused.with("detail", error).into());
                }
                Err(_) => {}
            }
            named.extend(of_number);
        }
        if named.is_empty() && ahead.is_empty() {
            return Err(CommandError::refusal(Code::Blank).with("field", "units").into());
        }
        let graph = self.store()?.lineage();
        let made = lookback::descendants(&graph, &named);
        let all = lookback::ancestors(&graph, &made);
        graph.finish()?;
        let mut seen = BTreeSet::new();
        let mut targets = ahead;
        for bag in all {
            if !seen.insert(bag) {
                continue;
            }
            match self.recall_target(bag)? {
                Some(target) => targets.push(target),
                None if named.contains(&bag) => return Err(no(Code::NotFound)),
                None => {}
            }
        }
        Ok(targets)
    }

    fn recall_target(&self, id: UnitId) -> Result<Option<Target>, Error> {
        if let Some(unit) = self.store()?.unit(id)? {
            return Ok(Some(Target::of(&unit)));
        }
        let part = self.store()?.part(id)?;
        Ok(part.map(|part| Target::of_part(&part, self.site())))
    }

    /// What stops a bag that comes in although it is recalled.
    pub(crate) fn stop_of_recall(&self, id: UnitId, din: &str) -> Result<Option<Body>, Error> {
        let reason = "recalled before it came in".to_owned();
        let command = bloodbank::Command::Quarantine { reason };
        Ok(self.recall_naming(id, din)?.map(|_| Body::Unit { id, command }))
    }

    /// The bags of these donations and of their pools.
    pub(crate) fn targets_of(&self, donations: &[DonationId]) -> Result<Vec<Target>, Error> {
        let graph = self.store()?.lineage();
        let all = lookback::concerned(&graph, donations);
        graph.finish()?;
        let mut targets = vec![];
        for bag in all {
            targets.extend(self.recall_target(bag)?);
        }
        Ok(targets)
    }

    /// The look-back that a confirmed marker opens, with its bags in groups; the first is opened in
    /// the command of the finding itself. None when nothing was made of the donor's blood yet.
    pub(crate) fn look_back_of(
        &mut self,
        donation: &bloodbank::donation::Donation,
        marker: bloodbank::profile::Marker,
    ) -> Result<Option<Opened>, Error> {
        let reached = self.reached_back(donation, marker)?;
        let targets = self.targets_of(&reached)?;
        // Whoever may see the stock reads it on every bag: what was found stays with the tests.
        let reason = format!("look-back of donation {}", donation.din);
        Ok(self.recall_of_targets(reason, &targets))
    }

    /// A recall of these bags, the first group in the command that opens it. None without a bag.
    pub(crate) fn recall_of_targets(&self, reason: String, targets: &[Target]) -> Option<Opened> {
        let mut groups = targets.chunks(AT_ONCE).map(<[Target]>::to_vec);
        let first = groups.next()?;
        let new = RecallId(self.options.clock.new_uuid());
        let open = body(new, Command::Open { reason, targets: first });
        Some((new, open, groups.collect()))
    }

    /// Whoever looked into the fridges of a site says so.
    pub(crate) fn recall_acknowledge(&mut self, ask: RecallAcknowledge) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::ReceiveBlood)?;
        let site = ask.site.unwrap_or_else(|| self.site().to_owned());
        let command = Command::Acknowledge { site, by: actor.id };
        let body = body(id(&ask.recall)?, command);
        self.save(&actor, body, Facts::default(), Passed::default())?;
        Ok(Nothing {})
    }

    pub(crate) fn recall_close(&mut self, ask: ById) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::RecallBlood)?;
        let body = body(id(&ask.id)?, Command::Close);
        self.save(&actor, body, Facts::default(), Passed::default())?;
        Ok(Nothing {})
    }
}
