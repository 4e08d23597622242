//! The figures of a period: each is defined once, in `bloodbank::kpi`, and shown with what it is a
//! share of. Counted from read tables; nothing is kept.

use crate::backend::Inner;
use crate::convert::same;
use crate::error::{Error, no};
use crate::outreach::{count, figure};
use bloodbank::kpi::{self, CRITICAL_MINUTES, GivenTo, Ratio};
use chrono::TimeDelta;
use kernel::{BloodGroup, Component, Instant, Permission};
use std::collections::HashMap;
use wire::{Code, CommandError, FigureName as N, FigureRow, Figures, FiguresAsk, WastageRow};

/// Days of one period at most.
const MOST_DAYS: i64 = 3_660;

impl Inner {
    pub(crate) fn figures_show(&mut self, ask: FiguresAsk) -> Result<Figures, Error> {
        self.actor(Permission::SeeStock)?;
        let (first, last) = (crate::donors::day(&ask.from)?, crate::donors::day(&ask.to)?);
        if last < first || (last - first).num_days() > MOST_DAYS {
            return Err(CommandError::refusal(Code::Malformed)
                .with("detail", "the period ends before it begins, or is longer than ten years")
                .into());
        }
        let ((from, _), (_, to)) = (self.day_of(first)?, self.day_of(last)?);
        let policy = self.policy();
        let (hours, days) =
            (policy.care.contact.response_hours.value, policy.care.contact.turnout_days.value);
        let presumed = self.now()? - TimeDelta::hours(i64::from(policy.care.presumed_hours.value));
        let store = self.store()?;
        let supplied = store.supplied(from, to, CRITICAL_MINUTES)?;
        let units = store.units_of(from, to, presumed)?;
        let asked = store.appeals_delivered(from, to)?;
        let given = self.o_negative(from, to)?;
        let row = |name, ratio: Ratio, within: Option<u32>| FigureRow {
            name,
            figure: figure(ratio),
            within,
        };
        let minutes = u32::try_from(CRITICAL_MINUTES).ok();
        let (median, requests_given) = kpi::request_time(&supplied);
        let rows = vec![
            row(N::InventoryAccuracy, self.store()?.counted(from, to)?, None),
            row(N::Fulfilment, kpi::fulfilment(&supplied), None),
            row(N::CriticalFulfilment, kpi::critical_fulfilment(&supplied), minutes),
            row(N::Waste, kpi::waste(&units, false), None),
            row(N::WasteWithColdChain, kpi::waste(&units, true), None),
            row(N::WasteOfIssues, kpi::waste_of_issues(&units), None),
            row(N::CrossmatchedToTransfused, kpi::crossmatched_to_transfused(&units), None),
            row(N::ONegativeToOthers, kpi::o_negative_to_others(&given), None),
            row(N::AppealResponse, kpi::response(&asked, hours), Some(hours)),
            row(N::AppealTurnOut, kpi::turn_out(&asked, days), Some(days)),
        ];
        let discarded = self.store()?.discarded(from, to)?;
        Ok(Figures {
            from: first.to_string(),
            to: last.to_string(),
            rows,
            request_minutes: median.and_then(|time| u32::try_from(time.num_minutes()).ok()),
            requests_given: count(requests_given),
            requests: count(supplied.len()),
            wastage: discarded
                .into_iter()
                .map(|(reason, units)| WastageRow { reason: same(reason), units })
                .collect(),
        })
    }

    /// How many red cells of O RhD negative may still go to patients of other groups, by the last days
    /// of this store and the rule of the book.
    pub(crate) fn o_negative_spare(&self, now: Instant) -> Result<u32, Error> {
        let rule = stock::Settings::of_the_book().o_negative.value;
        let since = now - TimeDelta::days(i64::from(rule.window_days));
        Ok(rule.spare(kpi::o_negative_to_others(&self.o_negative(since, now)?)))
    }

    /// Red cells of O RhD negative as they were given, with the group of each patient as it is known
    /// now.
    fn o_negative(&self, from: Instant, to: Instant) -> Result<Vec<GivenTo>, Error> {
        use bloodbank::KnownGroup as K;
        let o_negative = BloodGroup { abo: kernel::Abo::O, rhd: kernel::Rhd::Negative };
        let mut known: HashMap<kernel::PatientId, Option<BloodGroup>> = HashMap::new();
        let mut given = vec![];
        for (_, patient) in self.store()?.o_negative_given(from, to)? {
            let group = match known.get(&patient) {
                Some(group) => *group,
                None => {
                    let facts = self.patient_facts(patient)?.ok_or_else(|| no(Code::NotFound))?;
                    let group = match facts.group {
                        K::Once(group) | K::Confirmed(group) => Some(group),
                        K::Unknown | K::Conflict(_) => None,
                    };
                    known.insert(patient, group);
                    group
                }
            };
            let component = Component::RedCells;
            given.push(GivenTo { component, unit: o_negative, patient: group });
        }
        Ok(given)
    }
}
