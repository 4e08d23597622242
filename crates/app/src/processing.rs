//! What is done to a bag after it was made: its children stand for it, with their own end, and what was
//! known of it is known of them (bloodbank.md 2.3).

use crate::backend::{Inner, Passed};
use crate::blood::{code_after, fits_code, kept, product_made, unit_id};
use crate::convert::same;
use crate::error::{Error, no, too_many};
use bloodbank::care::CareRule;
use bloodbank::donation::NumberCommand;
use bloodbank::lab::{self, New, Part, PartCommand, PartState, Product, Treatment, Work as Do};
use bloodbank::traits::{Attribute, Command as OfTraits, UnitTraits};
use bloodbank::{Command as OfUnit, DiscardReason, Effective, Rule, Unit};
use kernel::{Instant, Millilitres, Permission};
use records::{Body, CareBody, MOST_WRITES};
use wire::*;

/// What one command writes of a pool: its number and the three records of the new bag, and two of each
/// bag that goes into it.
const MOST_POOLED: usize = (MOST_WRITES - 4) / 2;
/// Of a division: two records of the bag that ends, and three of each that comes of it.
const MOST_NEW: usize = (MOST_WRITES - 2) / 3;

/// A bag on the bench: as it stands on the shelf, and as a component.
struct OnBench {
    unit: Unit,
    part: Option<Part>,
    product: Product,
}

/// The hold was asked for once, past its warnings; moving it to the child asks nobody again.
const OF_A_HOLD: [Rule; 4] =
    [Rule::RhdMismatch, Rule::PlasmaMismatch, Rule::GroupNotConfirmed, Rule::NotIdenticalGroup];

impl Inner {
    pub(crate) fn work_choices(&mut self, ask: WorkAsk) -> Result<Vec<WorkChoice>, Error> {
        self.actor(Permission::TestDonations)?;
        let bags = self.on_bench(&ask.units)?;
        let Some(first) = bags.first() else { return Ok(vec![]) };
        let volume = bags.iter().filter_map(|bag| bag.unit.volume).map(|v| v.0).sum();
        let may = Do::ALL.into_iter().filter(|work| (*work == Do::Pool) == (bags.len() > 1));
        Ok(may
            .filter_map(|work| {
                let product = work.makes(first.product)?;
                Some(WorkChoice {
                    work: same(work),
                    product: same(product),
                    code: code_after(&first.unit.product_code, &crate::care::word(work))
                        .unwrap_or_default(),
                    volume_ml: volume,
                    several: matches!(work, Do::Split | Do::Aliquot),
                    most_bags: u32::try_from(MOST_POOLED).unwrap_or(u32::MAX),
                    most_new: u32::try_from(MOST_NEW).unwrap_or(u32::MAX),
                })
            })
            .collect())
    }

    fn on_bench(&self, units: &[String]) -> Result<Vec<OnBench>, Error> {
        let mut bags = vec![];
        for text in units {
            let unit = self.unit_there(unit_id(text)?)?;
            let part = self.store()?.part(unit.id)?;
            let product = match &part {
                Some(part) => part.product,
                None => product_made(&unit.product_code).ok_or_else(|| {
                    CommandError::refusal(Code::LabRefused)
                        .with("rule", "not_done_to_this")
                        .with("product", &unit.product_code)
                })?,
            };
            bags.push(OnBench { unit, part, product });
        }
        Ok(bags)
    }

    /// Treats bags: all or nothing, one signed command. A bag that was held stays held as its child.
    pub(crate) fn work_do(&mut self, ask: WorkDo) -> Result<WorkDone, Error> {
        let actor = self.actor(Permission::TestDonations)?;
        let bags = self.on_bench(&ask.units)?;
        let late = self.passed_late(ask.happened.as_ref())?;
        // The life of what was thawed, opened or pooled runs from the act, not from its entry (bloodbank.md
        // 2.3, scenarios 8 and 9).
        let (work, now): (Do, _) = (same(ask.work), late.at(self.now()?));
        for bag in &bags {
            let newest = self.store()?.history(records::Key::Unit(bag.unit.id))?.pop();
            if let Some(newest) = newest.filter(|entry| entry.at > now) {
                return Err(crate::care::not_before(newest.at));
            }
        }
        let first = bags.first().ok_or_else(|| no(Code::NotFound))?;
        // A bag must never end without what it became, so one command holds the whole of it.
        if bags.len() > MOST_POOLED {
            return Err(too_many("pool", bags.len(), MOST_POOLED));
        }
        if ask.into.len() > MOST_NEW {
            return Err(too_many("division", ask.into.len(), MOST_NEW));
        }
        let (mut parts, mut facts) = (vec![], self.donor_facts()?);
        facts.unit = self.unit_facts(None, None)?.unit;
        // A pool has a number of its own; everything else keeps that of its parent.
        let din = match work {
            Do::Pool => {
                let din = self.next_number(self.today()?)?.as_str().to_owned();
                parts.push(Body::Numbers(NumberCommand::Use { din: din.clone() }));
                din
            }
            _ => first.unit.din.clone(),
        };
        let treatment = Treatment {
            work,
            open: ask.open,
            at: now,
            into: ask
                .into
                .iter()
                .map(|one| New {
                    din: din.clone(),
                    product_code: one.product_code.trim().to_uppercase(),
                    volume: Millilitres(one.volume_ml),
                })
                .collect(),
        };
        for bag in &bags {
            self.may_come_to_the_bench(&bag.unit, now)?;
            // One bag for one stays held; of more nobody could say which of them is whose.
            let held = matches!(bag.unit.effective_status(now), Effective::Reserved { .. });
            if held && (bags.len() > 1 || treatment.into.len() > 1) {
                return Err(CommandError::refusal(Code::UnitReserved)
                    .with("unit", bag.unit.id)
                    .into());
            }
            if bag.part.is_none() {
                let command = PartCommand::Take { product: bag.product };
                parts.push(Body::Part { id: bag.unit.id, command });
            }
            facts.lab.treated.push(bag.unit.id);
            facts.unit.siblings.extend(self.siblings(&bag.unit.din)?);
        }
        if bags.iter().any(|bag| bag.unit.phenotype != first.unit.phenotype) {
            return Err(no(Code::PhenotypeIncompatible));
        }
        let children = self.children(&bags, &treatment)?;
        for child in &children {
            fits_code(&child.product_code, child.product)?;
        }
        if let Some(child) = children.first()
            && let Some(component) = child.product.component()
        {
            let book = &self.policy().rule_book;
            let range = kept(Some(child.product), component, book, self.today()?);
            self.place_suits(&ask.place, component, range)?;
        }
        for child in &children {
            let command = PartCommand::Treat { treatment: treatment.clone() };
            parts.push(Body::Part { id: child.id, command });
        }
        for bag in &bags {
            parts.push(Body::Part { id: bag.unit.id, command: PartCommand::Modify { work } });
            let note = Some(crate::care::word(work));
            let command = OfUnit::Discard { reason: DiscardReason::Processed, note };
            parts.push(Body::Unit { id: bag.unit.id, command });
        }
        let traits = self.inherited(&bags, work)?;
        for child in &children {
            let (low_titre, phenotype) = (first.unit.low_titre, first.unit.phenotype);
            let command = lab::receipt(child, &ask.place, low_titre, phenotype);
            let command = command.map_err(crate::lab::refused_lab)?;
            parts.push(Body::Unit { id: child.id, command });
            let traits = Box::new(traits.clone());
            let command = Box::new(OfTraits::Inherit { from: first.unit.id, traits });
            parts.push(Body::Care(CareBody::Traits { id: child.id, command }));
        }
        if let (Effective::Reserved { patient, .. }, [child]) =
            (first.unit.effective_status(now), &children[..])
        {
            facts.unit.patient = self.patient_facts(patient)?;
            let command = OfUnit::Reserve { patient, until: None };
            parts.push(Body::Unit { id: child.id, command });
            parts.extend(self.in_its_place(patient, &first.unit, child.id)?);
        }
        // What was passed when the parent was set aside is passed for its child; else nothing was.
        let rules = match facts.unit.patient {
            Some(_) => OF_A_HOLD.map(CareRule::Unit).to_vec(),
            None => vec![],
        };
        self.save(&actor, Body::Together(parts), facts, Passed { rules, ..late })?;
        Ok(WorkDone { units: children.iter().map(|child| child.id.to_string()).collect() })
    }

    /// The new label is on the bag and says what it must: from now on the bag goes to who needs it.
    pub(crate) fn work_label(&mut self, ask: WorkLabel) -> Result<Nothing, Error> {
        let actor = self.actor(Permission::TestDonations)?;
        let unit = self.unit_there(unit_id(&ask.unit)?)?;
        let part = self.store()?.part(unit.id)?.ok_or_else(|| no(Code::Changed))?;
        // What is read has to be the label on the bag, so the bag is here.
        let gone = matches!(unit.effective_status(self.now()?), Effective::InTransit);
        if gone || unit.site != self.site() {
            return Err(no(Code::UnitNotHere));
        }
        let faults = crate::lab::read_back(&ask.label, &part, unit.group, unit.phenotype);
        if !faults.is_empty() {
            let refused = crate::lab::lab_refused(lab::Rule::LabelNotVerified);
            return Err(crate::lab::naming_faults(refused, &faults));
        }
        let mut facts = self.unit_facts(None, None)?;
        facts.care.unit = Some(unit.clone());
        let command = Box::new(OfTraits::ReadLabel { verified: true });
        let body = Body::Care(CareBody::Traits { id: unit.id, command });
        self.save(&actor, body, facts, Passed::default())?;
        Ok(Nothing {})
    }

    fn may_come_to_the_bench(&self, unit: &Unit, now: Instant) -> Result<(), Error> {
        let held = self.bag_on_hold(unit.id)?.is_some() || self.recall_of(unit)?.is_some();
        let free =
            matches!(unit.effective_status(now), Effective::Available | Effective::Reserved { .. });
        if held || !free {
            let error = CommandError::refusal(Code::LabRefused).with("rule", "not_available");
            return Err(error.into());
        }
        Ok(())
    }

    /// What comes of a treatment, as its decision will say it.
    fn children(&self, bags: &[OnBench], treatment: &Treatment) -> Result<Vec<Part>, Error> {
        let (policy, now) = (self.policies.at(treatment.at), treatment.at);
        let mut parents = vec![];
        for bag in bags {
            parents.push(match &bag.part {
                Some(part) => part.clone(),
                None => lab::taken(&bag.unit, bag.product).map_err(crate::lab::refused_lab)?,
            });
        }
        let parents: Vec<&Part> = parents.iter().collect();
        let made = lab::treat(&parents, treatment, &policy.rule_book, now);
        let made = made.map_err(crate::lab::refused_lab)?;
        Ok(made.into_iter().map(|part| Part { state: PartState::Available, ..part }).collect())
    }

    /// What is known of the parents is known of the children; of a pool what all of them have.
    fn inherited(&self, bags: &[OnBench], work: Do) -> Result<UnitTraits, Error> {
        let mut all = vec![];
        for bag in bags {
            all.push(self.traits_of(&bag.unit)?);
        }
        let mut all = all.into_iter();
        let mut traits = all.next().unwrap_or_default();
        for other in all {
            traits.attributes.retain(|one| other.attributes.contains(one));
            traits.antigens.retain(|one, positive| other.antigens.get(one) == Some(positive));
            traits.confirmed = None;
        }
        traits.entered = None;
        traits.label_unread = true;
        traits.attributes.extend(match work {
            Do::Irradiate => Some(Attribute::Irradiated),
            Do::Leukoreduce => Some(Attribute::Leukoreduced),
            Do::Wash => Some(Attribute::Washed),
            _ => None,
        });
        Ok(traits)
    }
}
