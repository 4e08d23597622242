//! What a patient could be given: the best units here, and whether one of them may be set aside, by the
//! decision that a reservation runs.

use crate::backend::Inner;
use crate::blood::unit_id;
use crate::convert::same;
use crate::error::{Error, refused};
use crate::people::patient_id;
use bloodbank::{Command, Effective};
use kernel::{BloodGroup as Group, CommandId, Component as C, Permission};
use records::{Body, Context};
use std::collections::BTreeMap;
use store_sqlite::UnitFilter;
use wire::*;

/// Alternatives sent at once; the keys 1 to 9 choose among them.
const SHOWN: usize = 9;
/// Of one component, for a list to pick several from.
const SHOWN_OF_ONE: usize = 60;

impl Inner {
    pub(crate) fn counter_ask(&mut self, ask: CounterAsk) -> Result<CounterView, Error> {
        let actor = self.actor(Permission::SeeStock)?;
        let now = self.now()?;
        let patient = ask.patient.as_deref().map(patient_id).transpose()?;
        if let Some(id) = patient {
            self.note_read(&actor, id, "counter")?;
        }
        let unit = match ask.unit.as_deref().map(unit_id).transpose()? {
            Some(id) => self.store()?.unit(id)?,
            None => None,
        };
        let filter = UnitFilter {
            live_only: true,
            site: Some(self.site().to_owned()),
            component: unit.as_ref().map(|u| u.component).or(ask.component.map(same)),
            ..UnitFilter::default()
        };
        let units = self.store()?.units(&filter)?;
        let mut left: BTreeMap<(C, Group), u32> = BTreeMap::new();
        for unit in &units {
            // A bag without H is none of its letters.
            let counts = unit.phenotype.is_ordinary();
            if counts && unit.effective_status(now) == Effective::Available {
                *left.entry((unit.component, unit.group)).or_default() += 1;
            }
        }
        let here = unit.as_ref().and_then(|u| left.get(&(u.component, u.group)).copied());
        let mut facts = self.unit_facts(patient, here)?;
        // Of the whole shelf: an alternative must not be such a bag either.
        let at_odds = self.store()?.donations_at_odds()?;
        facts.unit.siblings = at_odds.iter().filter_map(bloodbank::Sibling::of).collect();
        let refused = match (&unit, patient) {
            (Some(unit), Some(patient)) => {
                let command = Command::Reserve { patient, until: None };
                let context = Context {
                    now,
                    later: None,
                    by: CommandId(self.options.clock.new_uuid()),
                    actor,
                    overridden: vec![],
                    duplicates_overridden: false,
                    policy: self.policy(),
                };
                let body = Body::Unit { id: unit.id, command };
                match self.store()?.decide(&body, &facts, &context)? {
                    Ok(()) => None,
                    Err(refusal) => Some(refused(refusal).into_command_error()),
                }
            }
            _ => None,
        };
        let ranked =
            bloodbank::rank(&units, &facts.unit, &self.policy(), now, |component, group| {
                left.get(&(component, group)).copied().unwrap_or(0)
            });
        // A unit that needs an override is no alternative to a refusal.
        let mut ranked: Vec<_> = ranked.into_iter().filter(|r| r.cautions.is_empty()).collect();
        if let Some(unit) = &unit {
            ranked.retain(|r| units.get(r.index).is_some_and(|u| u.id != unit.id));
        }
        let alternatives_total = u32::try_from(ranked.len()).unwrap_or(u32::MAX);
        let mut alternatives = vec![];
        let shown = if ask.component.is_some() { SHOWN_OF_ONE } else { SHOWN };
        for one in ranked.into_iter().take(shown) {
            if let Some(unit) = units.get(one.index) {
                alternatives.push(Alternative {
                    unit: self.unit_row(unit)?,
                    why: same(one.why),
                    scarce_left: one.scarce_left,
                });
            }
        }
        Ok(CounterView { refused, alternatives, alternatives_total })
    }
}
