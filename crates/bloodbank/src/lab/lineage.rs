//! Who got what of whom: donations, components, pools and receivers as one graph, and what has to
//! be found in it when something turns out wrong.

use crate::donor::Donor;
use crate::profile::{Marker, Profile};
use chrono::{Days, Months, NaiveDate};
use kernel::{DonationId, Instant, PatientId, UnitId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One component as the record knows it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub unit: UnitId,
    /// Of a component made of a donation itself; none for what was made of other components.
    pub donation: Option<DonationId>,
    pub state: State,
    /// Where it is, or was last.
    pub site: String,
    pub ends_at: Instant,
    pub recipient: Option<PatientId>,
    /// Who answers for the recipient.
    pub clinician: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// On a shelf, reserved or on its way.
    Here,
    Quarantined,
    /// Left the bank, not begun.
    Issued,
    Running,
    Transfused,
    /// Its children stand for it.
    Modified,
    Discarded,
    /// At a site that has not been heard of.
    NotKnown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    pub parent: UnitId,
    pub child: UnitId,
}

/// The graph. Built by whoever reads the record; the walk is here.
#[derive(Clone, Debug, Default)]
pub struct Lineage {
    nodes: BTreeMap<UnitId, Node>,
    children: BTreeMap<UnitId, Vec<UnitId>>,
    parents: BTreeMap<UnitId, Vec<UnitId>>,
    of_donation: BTreeMap<DonationId, Vec<UnitId>>,
    of_recipient: BTreeMap<PatientId, Vec<UnitId>>,
}

/// How a component came into a list; the nearest wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// Made of the donation.
    Direct,
    /// Made of such a component.
    Made,
    /// Went into the same pool.
    SamePool,
}

/// What has to be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handling {
    /// Issued or running: the ward and the clinician are told at once.
    AlertNow,
    /// On a shelf: nobody may give it from now on.
    Quarantine,
    /// The site has not answered: on its list, on paper and by telephone too.
    AskSite,
    /// Given: the clinician decides with the patient.
    TellClinician,
    /// Nothing is left of it; it stays in the list.
    Trace,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub node: Node,
    pub via: Via,
    pub handling: Handling,
}

/// A list with the most urgent first.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Recall {
    pub lines: Vec<Line>,
}

impl Lineage {
    pub fn new(
        nodes: impl IntoIterator<Item = Node>,
        edges: impl IntoIterator<Item = Edge>,
    ) -> Self {
        let mut lineage = Self::default();
        for node in nodes {
            if let Some(donation) = node.donation {
                lineage.of_donation.entry(donation).or_default().push(node.unit);
            }
            if let Some(recipient) = node.recipient {
                lineage.of_recipient.entry(recipient).or_default().push(node.unit);
            }
            lineage.nodes.insert(node.unit, node);
        }
        for Edge { parent, child } in edges {
            lineage.children.entry(parent).or_default().push(child);
            lineage.parents.entry(child).or_default().push(parent);
        }
        lineage
    }

    pub fn node(&self, unit: UnitId) -> Option<&Node> {
        self.nodes.get(&unit)
    }

    /// Everything reached from `from` along the edges, without `from`. A ring in damaged data ends.
    fn reach<'a>(
        edges: &'a BTreeMap<UnitId, Vec<UnitId>>,
        from: impl IntoIterator<Item = UnitId>,
    ) -> BTreeSet<UnitId> {
        let mut open: Vec<UnitId> = from.into_iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(unit) = open.pop() {
            let next: &'a [UnitId] = edges.get(&unit).map_or(&[], Vec::as_slice);
            open.extend(next.iter().filter(|next| seen.insert(**next)));
        }
        seen
    }

    /// The donations that are in a component, through splits and pools.
    pub fn donations_in(&self, unit: UnitId) -> BTreeSet<DonationId> {
        Self::reach(&self.parents, [unit])
            .into_iter()
            .chain([unit])
            .filter_map(|unit| self.nodes.get(&unit)?.donation)
            .collect()
    }
}

/// Everything that was made of these donations, and everything that shared a pool with it.
pub fn recall(lineage: &Lineage, donations: &[DonationId]) -> Recall {
    let direct: BTreeSet<UnitId> = donations
        .iter()
        .flat_map(|donation| lineage.of_donation.get(donation).into_iter().flatten().copied())
        .collect();
    let made = Lineage::reach(&lineage.children, direct.iter().copied());
    let pooled = Lineage::reach(&lineage.parents, made.iter().copied());
    let mut vias: BTreeMap<UnitId, Via> = BTreeMap::new();
    for (units, via) in [(&direct, Via::Direct), (&made, Via::Made), (&pooled, Via::SamePool)] {
        for unit in units {
            vias.entry(*unit).or_insert(via);
        }
    }
    let mut lines: Vec<Line> = vias
        .into_iter()
        .filter_map(|(unit, via)| {
            let node = lineage.nodes.get(&unit)?.clone();
            let handling = match node.state {
                State::Issued | State::Running => Handling::AlertNow,
                State::Here | State::Quarantined => Handling::Quarantine,
                State::NotKnown => Handling::AskSite,
                State::Transfused => Handling::TellClinician,
                State::Modified | State::Discarded => Handling::Trace,
            };
            Some(Line { node, via, handling })
        })
        .collect();
    lines.sort_by_key(|line| (line.handling, line.via, line.node.unit));
    Recall { lines }
}

/// The list of each site, for it to acknowledge; also sites that are offline.
pub fn recall_by_site(recall: &Recall) -> BTreeMap<&str, Vec<&Line>> {
    let mut sites: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    for line in recall.lines.iter().filter(|line| line.handling != Handling::Trace) {
        sites.entry(&line.node.site).or_default().push(line);
    }
    sites
}

/// What a look-back finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookBackList {
    pub marker: Marker,
    /// From this day on; none: everything the donor ever gave.
    pub from: Option<NaiveDate>,
    /// Oldest first, each with everything made of it.
    pub donations: Vec<(DonationId, NaiveDate, Recall)>,
    /// Everything in date is in quarantine and the receivers know.
    pub due: NaiveDate,
}

/// The donations that a new positive throws a doubt on: those of a window before the last negative
/// test, and everything since. Without a negative test, all. A marker without a row in the profile
/// takes everything, too.
pub fn look_back(
    marker: Marker,
    donor: &Donor,
    last_negative: Option<NaiveDate>,
    today: NaiveDate,
    lineage: &Lineage,
    profile: &Profile,
) -> LookBackList {
    let row = profile.look_back.iter().map(|row| row.value).find(|row| row.marker == marker);
    let from = last_negative
        .zip(row)
        .and_then(|(last, row)| last.checked_sub_months(Months::new(row.months)));
    let days = u64::from(row.map_or(1, |row| row.due_days));
    let mut donations: Vec<_> = donor
        .donations
        .iter()
        .filter(|past| from.is_none_or(|from| past.on >= from))
        .map(|past| (past.donation, past.on, recall(lineage, &[past.donation])))
        .collect();
    donations.sort_by_key(|(donation, on, _)| (*on, *donation));
    let due = today.checked_add_days(Days::new(days)).unwrap_or(today);
    LookBackList { marker, from, donations, due }
}

/// From a receiver back to all donations, and on to everybody else who got of them.
pub fn trace_recipient(
    lineage: &Lineage,
    recipient: PatientId,
) -> (BTreeSet<DonationId>, BTreeSet<PatientId>) {
    let units = lineage.of_recipient.get(&recipient).into_iter().flatten();
    let donations: BTreeSet<DonationId> =
        units.flat_map(|unit| lineage.donations_in(*unit)).collect();
    let list: Vec<DonationId> = donations.iter().copied().collect();
    let others = recall(lineage, &list)
        .lines
        .into_iter()
        .filter(|line| line.via != Via::SamePool)
        .filter_map(|line| line.node.recipient)
        .filter(|other| *other != recipient)
        .collect();
    (donations, others)
}
