//! Who got what of whom, read from aggregates in memory: what the tables of a store answer from an index.

use crate::{Care, CareKey, Key, State};
use bloodbank::issue::Dispensation;
use bloodbank::lab::Part;
use bloodbank::lookback::{Lineage, Target};
use bloodbank::{Status, Unit};
use kernel::{DonationId, DonorId, PatientId, UnitId};
use std::collections::{BTreeMap, BTreeSet};

/// The edges between donors, bags and recipients.
#[derive(Clone, Copy, Debug)]
pub struct Edges<'a>(pub &'a BTreeMap<Key, State>);

impl<'a> Edges<'a> {
    pub fn unit(self, id: UnitId) -> Option<&'a Unit> {
        match self.0.get(&Key::Unit(id)) {
            Some(State::Unit(unit)) => Some(unit),
            _ => None,
        }
    }
    pub fn part(self, id: UnitId) -> Option<&'a Part> {
        match self.0.get(&Key::Part(id)) {
            Some(State::Part(part)) => Some(part),
            _ => None,
        }
    }
    fn parts(self) -> impl Iterator<Item = &'a Part> {
        self.0.values().filter_map(|state| match state {
            State::Part(part) => Some(&**part),
            _ => None,
        })
    }
    /// All issues, in the order of their ids.
    pub fn issues(self) -> impl Iterator<Item = &'a Dispensation> {
        self.0.values().filter_map(|state| match state {
            State::Care(Care::Dispensation(issue)) => Some(&**issue),
            _ => None,
        })
    }
    fn given(self) -> impl Iterator<Item = (UnitId, PatientId)> {
        let of_units = self.0.values().filter_map(|state| match state {
            State::Unit(unit) => match unit.status {
                Status::Issued { patient, .. } => Some((unit.id, patient)),
                _ => None,
            },
            _ => None,
        });
        self.issues().filter(|one| one.stands()).map(|one| (one.unit, one.patient)).chain(of_units)
    }

    /// A bag as a recall names it: on the shelf, or in the laboratory of the site where it was given.
    pub fn target(self, id: UnitId) -> Option<Target> {
        if let Some(unit) = self.unit(id) {
            let clinician = match unit.status {
                Status::Issued { patient, .. } => self.clinician(id, patient),
                _ => None,
            };
            return Some(Target { clinician, ..Target::of(unit) });
        }
        let part = self.part(id)?;
        let site = part.donations.first().and_then(|id| match self.0.get(&Key::Donation(*id)) {
            Some(State::Donation(donation)) => Some(donation.site.as_str()),
            _ => None,
        });
        Some(Target::of_part(part, site.unwrap_or_default()))
    }

    /// Whoever asked for the bag that went to this patient.
    fn clinician(self, unit: UnitId, patient: PatientId) -> Option<kernel::StaffId> {
        let issue = self.issues().find(|one| one.unit == unit && one.patient == patient)?;
        let request =
            issue.request.and_then(|id| match self.0.get(&Key::Care(CareKey::Request(id))) {
                Some(State::Care(Care::Request(request))) => Some(&**request),
                _ => None,
            });
        issue.answers(request)
    }
}

fn each_once<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.collect::<BTreeSet<T>>().into_iter().collect()
}

impl Lineage for Edges<'_> {
    fn donations_of(&self, donor: DonorId) -> Vec<DonationId> {
        let of = self.0.values().filter_map(|state| match state {
            State::Donation(donation) if donation.donor == donor => Some(&**donation),
            _ => None,
        });
        let mut of: Vec<_> = of.map(|donation| (donation.begun_at, donation.id)).collect();
        of.sort_unstable();
        of.into_iter().map(|(_, id)| id).collect()
    }
    fn donor_of(&self, donation: DonationId) -> Option<DonorId> {
        match self.0.get(&Key::Donation(donation)) {
            Some(State::Donation(donation)) => Some(donation.donor),
            _ => None,
        }
    }
    fn units_of(&self, donation: DonationId) -> Vec<UnitId> {
        let of_parts = self.parts().map(|part| (part.id, &part.din));
        let of_units = self.0.values().filter_map(|state| match state {
            State::Unit(unit) => Some((unit.id, &unit.din)),
            _ => None,
        });
        let of_number = of_parts
            .chain(of_units)
            .filter(|(_, din)| DonationId::of_din(din) == donation)
            .map(|(id, _)| id)
            .filter(|id| self.parents(*id).is_empty());
        each_once(of_number)
    }
    fn donation_of(&self, unit: UnitId) -> Option<DonationId> {
        let din = match (self.unit(unit), self.part(unit)) {
            (Some(unit), _) => &unit.din,
            (None, part) => &part?.din,
        };
        self.parents(unit).is_empty().then(|| DonationId::of_din(din))
    }
    fn children(&self, unit: UnitId) -> Vec<UnitId> {
        self.parts().filter(|part| part.parents.contains(&unit)).map(|part| part.id).collect()
    }
    fn parents(&self, unit: UnitId) -> Vec<UnitId> {
        self.part(unit).map(|part| part.parents.clone()).unwrap_or_default()
    }
    fn recipients(&self, unit: UnitId) -> Vec<PatientId> {
        each_once(self.given().filter(|(of, _)| *of == unit).map(|(_, patient)| patient))
    }
    fn units_given_to(&self, patient: PatientId) -> Vec<UnitId> {
        each_once(self.given().filter(|(_, to)| *to == patient).map(|(unit, _)| unit))
    }
}
