//! Look-back: the graph of who got what of whom, from a donor down, from a recipient up, and from a
//! bag both ways (bloodbank.md 2.12).

use super::id;
use crate::backend::Inner;
use crate::blood::{check_of, unit_id};
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use crate::people::patient_id;
use bloodbank::Effective;
use bloodbank::bedside::{Status as AtBed, Transfusion};
use bloodbank::issue::{Dispensation, Status as Way};
use bloodbank::lab::{MarkerState as Stand, PartState};
use bloodbank::lookback::{self, Given, Lineage as _, Recall, Target};
use kernel::{DonationId, DonorId, Instant, PatientId, Permission, UnitId};
use std::collections::BTreeSet;
use store_sqlite::Graph;
use wire::*;

/// Bags of one map that are sent at once.
const MOST_BAGS: usize = 1_500;

/// What a walk found, before anything is read for the screen.
#[derive(Default)]
struct Found {
    donors: BTreeSet<DonorId>,
    donations: Vec<DonationId>,
    bags: Vec<UnitId>,
    outside: BTreeSet<UnitId>,
    recipients: BTreeSet<PatientId>,
    edges: BTreeSet<LineageEdge>,
}

fn edge(from: impl ToString, to: impl ToString) -> LineageEdge {
    LineageEdge { from: from.to_string(), to: to.to_string() }
}

/// Everything that hangs on these donations.
fn walk(graph: &Graph<'_>, donations: &[DonationId], also: &[UnitId]) -> Found {
    let mut found = Found::default();
    let mut seen = BTreeSet::new();
    let mut bags = lookback::concerned(graph, donations);
    bags.extend(lookback::ancestors(graph, &lookback::descendants(graph, also)));
    bags.retain(|bag| seen.insert(*bag));
    let mut of: BTreeSet<DonationId> = donations.iter().copied().collect();
    for bag in &bags {
        let parents = graph.parents(*bag);
        for parent in &parents {
            found.edges.insert(edge(parent, bag));
        }
        if let Some(donation) = graph.donation_of(*bag) {
            match graph.donor_of(donation) {
                Some(_) => {
                    of.insert(donation);
                    found.edges.insert(edge(donation, bag));
                }
                None => {
                    found.outside.insert(*bag);
                }
            }
        }
        for patient in graph.recipients(*bag) {
            found.recipients.insert(patient);
            found.edges.insert(edge(bag, patient));
        }
    }
    for donation in of {
        let Some(donor) = graph.donor_of(donation) else { continue };
        found.donors.insert(donor);
        found.donations.push(donation);
        found.edges.insert(edge(donor, donation));
    }
    found.bags = bags;
    found
}

impl Inner {
    /// From a donor to everybody who received, with the records of the same person.
    pub(crate) fn lookback_donor(&mut self, ask: ById) -> Result<LookBackMap, Error> {
        self.actor(Permission::RecallBlood)?;
        let first: DonorId = id(&ask.id)?;
        let donor = self.store()?.donor(first)?.ok_or_else(|| no(Code::NotFound))?;
        let graph = self.store()?.lineage();
        let donations: Vec<DonationId> = std::iter::once(first)
            .chain(donor.same_as)
            .flat_map(|donor| graph.donations_of(donor))
            .collect();
        let mut found = walk(&graph, &donations, &[]);
        graph.finish()?;
        found.donors.insert(first);
        self.map(LookBackFrom::Donor, ask.id, found)
    }

    /// From a bag up to its donations and down to whoever got of them.
    pub(crate) fn lookback_unit(&mut self, ask: ById) -> Result<LookBackMap, Error> {
        self.actor(Permission::RecallBlood)?;
        let unit = unit_id(&ask.id)?;
        if self.store()?.unit(unit)?.is_none() && self.store()?.part(unit)?.is_none() {
            return Err(no(Code::NotFound));
        }
        let graph = self.store()?.lineage();
        let donations: BTreeSet<DonationId> = lookback::ancestors(&graph, &[unit])
            .into_iter()
            .filter_map(|bag| graph.donation_of(bag))
            .collect();
        let donations: Vec<DonationId> = donations.into_iter().collect();
        let found = walk(&graph, &donations, &[unit]);
        graph.finish()?;
        self.map(LookBackFrom::Unit, ask.id, found)
    }

    /// From a recipient to everybody who gave, and on to the others who received of the same.
    pub(crate) fn lookback_patient(&mut self, ask: ById) -> Result<LookBackMap, Error> {
        let actor = self.actor(Permission::RecallBlood)?;
        let patient = patient_id(&ask.id)?;
        self.note_read(&actor, patient, "lookback")?;
        let graph = self.store()?.lineage();
        let up = lookback::from_recipient(&graph, patient);
        let mut donations: Vec<DonationId> =
            up.donors.iter().flat_map(|donor| graph.donations_of(*donor)).collect();
        donations.extend(up.from_outside.iter().filter_map(|bag| graph.donation_of(*bag)));
        let mut found = walk(&graph, &donations, &up.units);
        graph.finish()?;
        found.recipients.insert(patient);
        self.map(LookBackFrom::Patient, ask.id, found)
    }

    /// The graph with what is read for the screen. Whoever is named was looked at, and that is kept.
    fn map(&mut self, from: LookBackFrom, id: String, found: Found) -> Result<LookBackMap, Error> {
        let actor = self.anyone()?;
        let sees = actor.role.may(Permission::SeeDonorTests);
        let now = self.now()?;
        let more = found.bags.len().saturating_sub(MOST_BAGS);
        let mut bags = vec![];
        for bag in found.bags.iter().take(MOST_BAGS) {
            bags.push(self.lineage_bag(*bag, found.outside.contains(bag), now)?);
        }
        let mut donors = vec![];
        for donor in &found.donors {
            let known = match sees {
                true => self.store()?.donor(*donor)?,
                false => None,
            };
            donors.push(LineageDonor {
                id: donor.to_string(),
                number: known.as_ref().map(|d| d.identity.number.clone()),
                name: known.as_ref().map(crate::donors::name_of),
            });
        }
        let (mut donations, mut seen) = (vec![], vec![]);
        for donation in &found.donations {
            let Some(one) = self.store()?.donation(*donation)? else { continue };
            let unclear = match sees {
                true => self.unclear_markers(*donation)?,
                false => vec![],
            };
            if !unclear.is_empty() {
                seen.push(*donation);
            }
            donations.push(LineageDonation {
                id: donation.to_string(),
                check: check_of(&one.din).unwrap_or_default(),
                din: one.din,
                at: rfc3339(one.begun_at),
                found: unclear,
            });
        }
        let mut recipients = vec![];
        for patient in &found.recipients {
            // An edge may name somebody whose record is not here.
            if self.store()?.patient(*patient)?.is_some() {
                recipients.push(self.patient_row(*patient)?);
            }
        }
        for donation in seen {
            self.note_seen(&actor, donation, "lookback")?;
        }
        for patient in found.recipients {
            self.note_read(&actor, patient, "lookback")?;
        }
        Ok(LookBackMap {
            from,
            id,
            donors,
            donations,
            bags,
            recipients,
            edges: found.edges.into_iter().collect(),
            sees_donors: sees,
            more: u32::try_from(more).unwrap_or(u32::MAX),
        })
    }

    fn unclear_markers(&self, donation: DonationId) -> Result<Vec<MarkerRow>, Error> {
        let Some(tests) = self.store()?.tests(donation)? else { return Ok(vec![]) };
        Ok(tests
            .markers(&self.policy().rule_book)
            .into_iter()
            .filter(|(_, state)| {
                matches!(state, Stand::Indeterminate | Stand::InitialReactive | Stand::Unsafe)
            })
            .map(|(marker, state)| MarkerRow { marker: same(marker), state: same(state) })
            .collect())
    }

    fn lineage_bag(&self, id: UnitId, outside: bool, now: Instant) -> Result<LineageBag, Error> {
        let naming = |din: &str| -> Result<Option<String>, Error> {
            Ok(self.recall_naming(id, din)?.map(|recall| recall.to_string()))
        };
        if let Some(unit) = self.store()?.unit(id)? {
            let recall = naming(&unit.din)?;
            return Ok(LineageBag {
                id: id.to_string(),
                check: check_of(&unit.din).unwrap_or_default(),
                din: unit.din.clone(),
                product_code: unit.product_code.clone(),
                component: Some(same(unit.component)),
                state: self.bag_state(id, now)?,
                site: unit.site.clone(),
                place: unit.place.clone(),
                expires_at: Some(rfc3339(unit.expires.at)),
                from_outside: outside,
                recall,
            });
        }
        let part = self.store()?.part(id)?;
        let din = part.as_ref().map(|part| part.din.clone()).unwrap_or_default();
        let recall = naming(&din)?;
        Ok(LineageBag {
            id: id.to_string(),
            check: check_of(&din).unwrap_or_default(),
            din,
            product_code: part.as_ref().map(|p| p.product_code.clone()).unwrap_or_default(),
            component: part.as_ref().and_then(|p| p.product.component()).map(same),
            state: self.bag_state(id, now)?,
            site: self.site().to_owned(),
            place: String::new(),
            expires_at: part.map(|part| rfc3339(part.expires.at)),
            from_outside: outside,
            recall,
        })
    }

    /// Where a bag is now: on the shelf, at a bedside, or still in the laboratory.
    pub(crate) fn bag_state(&self, id: UnitId, now: Instant) -> Result<BagState, Error> {
        if let Some(unit) = self.store()?.unit(id)? {
            return Ok(match unit.effective_status(now) {
                Effective::Available => BagState::Available,
                Effective::Reserved { .. } => BagState::Reserved,
                Effective::Quarantined => BagState::Quarantined,
                Effective::InTransit => BagState::InTransit,
                Effective::Discarded => BagState::Discarded,
                Effective::Expired => BagState::Expired,
                Effective::Issued { .. } if self.was_given(id)? => BagState::Transfused,
                Effective::Issued { .. } => BagState::Issued,
            });
        }
        Ok(match self.store()?.part(id)?.map(|part| part.state) {
            Some(PartState::Modified) => BagState::UsedUp,
            Some(PartState::Discarded) => BagState::Discarded,
            Some(_) => BagState::InLaboratory,
            None => BagState::NotKnown,
        })
    }

    /// Whether some of it has run into somebody.
    pub(crate) fn was_given(&self, unit: UnitId) -> Result<bool, Error> {
        let used: Vec<Dispensation> = self.store()?.care_of_unit(unit)?;
        if used.iter().any(|one| one.status == Way::Used) {
            return Ok(true);
        }
        let at_bed: Vec<Transfusion> = self.store()?.care_of_unit(unit)?;
        Ok(at_bed
            .iter()
            .any(|one| one.started_at.is_some() || matches!(one.status, AtBed::Running { .. })))
    }

    /// A recall that names this bag, or its whole number; an open one first.
    pub(crate) fn recall_naming(
        &self,
        unit: UnitId,
        din: &str,
    ) -> Result<Option<kernel::RecallId>, Error> {
        let mut all = self.store()?.care_naming::<Recall>(unit)?;
        all.extend(self.store()?.care_naming::<Recall>(Target::number(din))?);
        let open = all.iter().find(|one| one.closed_at.is_none());
        Ok(open.or(all.first()).map(|one| one.id))
    }

    /// The donations that a marker of this donation reaches back to, itself among them.
    pub(crate) fn reached_back(
        &self,
        donation: &bloodbank::donation::Donation,
        marker: bloodbank::profile::Marker,
    ) -> Result<Vec<DonationId>, Error> {
        let policy = self.policy();
        let graph = self.store()?.lineage();
        let donor = self.store()?.donor(donation.donor)?;
        let same_person = donor.map(|donor| donor.same_as).unwrap_or_default();
        let all: Vec<DonationId> = std::iter::once(donation.donor)
            .chain(same_person)
            .flat_map(|donor| graph.donations_of(donor))
            .collect();
        graph.finish()?;
        let (mut given, mut last_negative) = (vec![], None);
        for id in all {
            let Some(one) = self.store()?.donation(id)? else { continue };
            given.push(Given { donation: id, at: one.begun_at });
            // A later one says nothing about the time before.
            if id == donation.id || one.begun_at >= donation.begun_at {
                continue;
            }
            let Some(tests) = self.store()?.tests(id)? else { continue };
            if tests.marker(marker, &policy.rule_book) == Stand::NonReactive {
                let of = tests.results.iter().filter(|result| result.marker == marker);
                let at = of.filter_map(|result| result.versions.last()).map(|v| v.at).max();
                last_negative = last_negative.max(at);
            }
        }
        Ok(lookback::in_window(&given, window_name(marker), last_negative, &policy.care))
    }
}

/// The name of a marker in the windows of policy.
fn window_name(marker: bloodbank::profile::Marker) -> &'static str {
    use bloodbank::profile::Marker as M;
    match marker {
        M::Hiv => "hiv",
        M::Hcv => "hcv",
        M::Hbv | M::HbCore => "hbsag",
        M::Syphilis => "syphilis",
        M::Htlv => "htlv",
        M::Malaria => "malaria",
        M::Chagas => "chagas",
        M::WestNile => "west_nile",
        M::Babesia => "babesia",
    }
}
