//! The massive transfusion protocol: activated, packs made up, issued and brought back, ended, and
//! closed only when every unit of every cooler is accounted for (bloodbank.md 2.9).

use crate::care::{CareRule, Refusal, StaffFact, active, changed, text, unknown};
use crate::care_policy::{CarePolicy, Pack};
use crate::unit::KnownGroup;
use crate::{Args, PatientFacts, Policy, is_protected};
use chrono::TimeDelta;
use kernel::{BloodGroup, Component, Instant, PatientId, ProtocolId, Rhd, StaffId, UnitId};
use serde::{Deserialize, Serialize};

/// One unit of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackUnit {
    pub unit: UnitId,
    pub component: Component,
    pub group: BloodGroup,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    Transfused,
    Returned,
    Discarded,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// Counts from 1.
    pub number: u32,
    pub units: Vec<PackUnit>,
    pub prepared_at: Instant,
    pub issued_at: Option<Instant>,
}

/// The state of the aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protocol {
    pub id: ProtocolId,
    pub patient: PatientId,
    pub activated_by: StaffId,
    pub activated_at: Instant,
    pub reason: String,
    pub packs: Vec<Filled>,
    pub fates: Vec<(UnitId, Fate)>,
    /// Since when RhD-positive red cells are used, with the reason.
    pub rhd_switched: Option<Instant>,
    /// The group as this admission showed it.
    pub current_group: Option<BloodGroup>,
    pub status: Status,
    pub version: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Active,
    /// No more packs; units are being accounted for.
    Ended,
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Activate {
        patient: PatientId,
        by: StaffId,
        reason: String,
    },
    PreparePack {
        number: u32,
        units: Vec<PackUnit>,
    },
    IssuePack {
        number: u32,
    },
    /// A past record does not qualify: the group of a sample of this admission.
    NoteCurrentGroup {
        group: BloodGroup,
    },
    SwitchRhd {
        by: StaffId,
        reason: String,
    },
    Account {
        unit: UnitId,
        fate: Fate,
    },
    /// What was said of a bag was not so: nobody has said anything of it any more.
    Withdraw {
        unit: UnitId,
        reason: String,
        by: StaffId,
    },
    End {
        by: StaffId,
    },
    Close,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Activated { patient: PatientId, by: StaffId, reason: String, at: Instant },
    PackPrepared { number: u32, units: Vec<PackUnit>, at: Instant },
    PackIssued { number: u32, at: Instant },
    CurrentGroupNoted { group: BloodGroup },
    RhdSwitched { by: StaffId, reason: String, at: Instant },
    Accounted { unit: UnitId, fate: Fate },
    FateWithdrawn { unit: UnitId, reason: String, by: StaffId, at: Instant },
    Ended { by: StaffId, at: Instant },
    Closed { at: Instant },
}

/// What pack number `number` holds; the last row of policy repeats.
pub fn pack(policy: &CarePolicy, number: u32) -> Option<&Pack> {
    let index = usize::try_from(number.checked_sub(1)?).ok()?;
    policy.packs.value.get(index).or(policy.packs.value.last())
}

/// Decides a command on a protocol.
///
/// # Errors
/// A step out of order; closing while units are unaccounted for.
pub fn decide(
    state: Option<&Protocol>,
    staff: &[StaffFact],
    command: &Command,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    let protocol = match (state, command) {
        (None, Command::Activate { patient, by, reason }) => {
            active(*by, staff)?;
            let reason = text(reason, "reason")?;
            return Ok(vec![Event::Activated { patient: *patient, by: *by, reason, at: now }]);
        }
        (None, _) => return Err(unknown("protocol")),
        (Some(_), Command::Activate { .. }) => return Err(Refusal::stop(CareRule::Known)),
        (Some(protocol), _) => protocol,
    };
    let must_be_active = || match protocol.status {
        Status::Active => Ok(()),
        Status::Ended => Err(changed("ended")),
        Status::Closed => Err(changed("closed")),
    };
    let event = match command {
        Command::Activate { .. } => return Ok(vec![]), // answered above
        Command::PreparePack { number, units } => {
            must_be_active()?;
            let next = u32::try_from(protocol.packs.len()).unwrap_or(u32::MAX).saturating_add(1);
            if *number != next {
                return Err(Refusal::stop(CareRule::PackNotNext).with("next", next));
            }
            if units.is_empty() {
                return Err(Refusal::stop(CareRule::Blank).with("field", "units"));
            }
            // In an earlier pack or twice in this one: a bag is in one cooler only.
            for (index, one) in units.iter().enumerate() {
                let twice = units.iter().skip(index + 1).any(|other| other.unit == one.unit);
                if twice || protocol.units().any(|other| other.unit == one.unit) {
                    return Err(Refusal::stop(CareRule::Known).with("unit", one.unit));
                }
            }
            Event::PackPrepared { number: *number, units: units.clone(), at: now }
        }
        Command::IssuePack { number } => {
            must_be_active()?;
            let pack = protocol
                .packs
                .iter()
                .find(|pack| pack.number == *number)
                .ok_or_else(|| unknown("pack"))?;
            if pack.issued_at.is_some() {
                return Err(changed("issued"));
            }
            Event::PackIssued { number: *number, at: now }
        }
        Command::NoteCurrentGroup { group } => {
            must_be_active()?;
            Event::CurrentGroupNoted { group: *group }
        }
        Command::SwitchRhd { by, reason } => {
            must_be_active()?;
            if protocol.rhd_switched.is_some() {
                return Err(changed("switched"));
            }
            let who = active(*by, staff)?;
            if !who.physician {
                return Err(Refusal::stop(CareRule::NotAPhysician).with("staff", by));
            }
            Event::RhdSwitched { by: *by, reason: text(reason, "reason")?, at: now }
        }
        Command::Account { unit, fate } => {
            if protocol.status == Status::Closed {
                return Err(changed("closed"));
            }
            if !protocol.units().any(|one| one.unit == *unit) {
                return Err(unknown("unit"));
            }
            match protocol.fate(*unit) {
                Some(known) if known == *fate => return Ok(vec![]),
                // A unit has one fate; what was said of it stands until it is taken back.
                Some(known) => {
                    return Err(Refusal::stop(CareRule::Known)
                        .with("fate", crate::crossmatch::snake(&known)));
                }
                None => Event::Accounted { unit: *unit, fate: *fate },
            }
        }
        Command::Withdraw { unit, reason, by } => {
            if protocol.status == Status::Closed {
                return Err(changed("closed"));
            }
            active(*by, staff)?;
            if protocol.fate(*unit).is_none() {
                return Err(changed("unaccounted"));
            }
            let reason = text(reason, "reason")?;
            Event::FateWithdrawn { unit: *unit, reason, by: *by, at: now }
        }
        Command::End { by } => {
            must_be_active()?;
            active(*by, staff)?;
            Event::Ended { by: *by, at: now }
        }
        Command::Close => {
            if protocol.status != Status::Ended {
                return Err(changed(if protocol.status == Status::Active {
                    "active"
                } else {
                    "closed"
                }));
            }
            let open = protocol.unaccounted();
            if !open.is_empty() {
                let named: Vec<String> = open.iter().map(ToString::to_string).collect();
                return Err(Refusal::stop(CareRule::UnitsUnaccounted)
                    .with("count", open.len())
                    .with("of", protocol.units().count())
                    .with("units", named.join(",")));
            }
            Event::Closed { at: now }
        }
    };
    Ok(vec![event])
}

/// The protocol after an event.
pub fn apply(state: Option<Protocol>, id: ProtocolId, event: &Event) -> Option<Protocol> {
    if let (None, Event::Activated { patient, by, reason, at }) = (&state, event) {
        return Some(Protocol {
            id,
            patient: *patient,
            activated_by: *by,
            activated_at: *at,
            reason: reason.clone(),
            packs: vec![],
            fates: vec![],
            rhd_switched: None,
            current_group: None,
            status: Status::Active,
            version: 1,
        });
    }
    let mut state = state?;
    state.version += 1;
    match event {
        Event::Activated { .. } => state.version -= 1,
        Event::PackPrepared { number, units, at } => state.packs.push(Filled {
            number: *number,
            units: units.clone(),
            prepared_at: *at,
            issued_at: None,
        }),
        Event::PackIssued { number, at } => {
            for pack in state.packs.iter_mut().filter(|pack| pack.number == *number) {
                pack.issued_at = Some(*at);
            }
        }
        Event::CurrentGroupNoted { group } => state.current_group = Some(*group),
        Event::RhdSwitched { at, .. } => state.rhd_switched = Some(*at),
        Event::Accounted { unit, fate } => state.fates.push((*unit, *fate)),
        Event::FateWithdrawn { unit, .. } => state.fates.retain(|(one, _)| one != unit),
        Event::Ended { .. } => state.status = Status::Ended,
        Event::Closed { .. } => state.status = Status::Closed,
    }
    Some(state)
}

impl Protocol {
    /// Every unit of every pack.
    pub fn units(&self) -> impl Iterator<Item = &PackUnit> {
        self.packs.iter().flat_map(|pack| &pack.units)
    }

    fn fate(&self, unit: UnitId) -> Option<Fate> {
        self.fates.iter().find(|(one, _)| *one == unit).map(|(_, fate)| *fate)
    }

    /// Units of which nobody has said what became of them, in the order of the packs. A pack that
    /// never left counts too: its units have to go back on the shelf by a person's hand.
    pub fn unaccounted(&self) -> Vec<UnitId> {
        self.units().filter(|one| self.fate(one.unit).is_none()).map(|one| one.unit).collect()
    }

    /// RhD-negative red cells of the issued packs.
    fn negative_red_cells(&self) -> u32 {
        let given = self.packs.iter().filter(|pack| pack.issued_at.is_some());
        let count = given
            .flat_map(|pack| &pack.units)
            .filter(|one| {
                crate::traits::carries_red_cells(one.component) && one.group.rhd == Rhd::Negative
            })
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Red cells issued in the 24 hours before `now`.
    pub fn red_cells_in_a_day(&self, now: Instant) -> u32 {
        let count = self
            .packs
            .iter()
            .filter(|pack| {
                pack.issued_at.is_some_and(|at| at <= now && now - at < TimeDelta::hours(24))
            })
            .flat_map(|pack| &pack.units)
            .filter(|one| crate::traits::carries_red_cells(one.component))
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// About one blood volume has been replaced: the medical director may allow the abbreviated
    /// crossmatch (2.9).
    pub fn abbreviated_may_be_asked(&self, policy: &CarePolicy, now: Instant) -> bool {
        self.red_cells_in_a_day(now) >= policy.abbreviated_units.value
    }
}

/// Something the screen asks the team about. It decides nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Use RhD-positive red cells from now on (`given`, `after`, `stock`, `floor`).
    SwitchRhdPositive,
    /// The group of this admission is known: leave group O (`group`).
    SwitchToOwnGroup,
    /// The abbreviated crossmatch may be asked for (`redCells`).
    AbbreviatedCrossmatch,
}

/// What to ask the team now. `negative_left` is how many RhD-negative red cells that fit are on the
/// shelf. Nobody whom anti-D could harm, and nobody with anti-D, is ever proposed the switch (2.2).
pub fn prompts(
    protocol: &Protocol,
    patient: &PatientFacts,
    negative_left: u32,
    policy: &Policy,
    care: &CarePolicy,
    now: Instant,
) -> Vec<(Prompt, Args)> {
    if protocol.status != Status::Active {
        return vec![];
    }
    let mut found = vec![];
    let rhd = protocol.current_group.map(|group| group.rhd).or(match &patient.group {
        KnownGroup::Once(group) | KnownGroup::Confirmed(group) => Some(group.rhd),
        _ => None,
    });
    let given = protocol.negative_red_cells();
    let after = care.protocol_rhd_switch.value;
    let o_negative = BloodGroup { abo: kernel::Abo::O, rhd: Rhd::Negative };
    let (floor, _) = policy.floor_and_target(Component::RedCells, o_negative);
    let harmed = is_protected(patient, policy) || patient.anti_d_ever;
    let due = given >= after || negative_left < floor;
    if rhd != Some(Rhd::Positive) && !harmed && protocol.rhd_switched.is_none() && due {
        found.push((
            Prompt::SwitchRhdPositive,
            Args::from([
                ("given", given.to_string()),
                ("after", after.to_string()),
                ("stock", negative_left.to_string()),
                ("floor", floor.to_string()),
            ]),
        ));
    }
    if let Some(group) = protocol.current_group {
        found.push((Prompt::SwitchToOwnGroup, Args::from([("group", group.to_string())])));
    }
    if protocol.abbreviated_may_be_asked(care, now) {
        let count = protocol.red_cells_in_a_day(now);
        found.push((Prompt::AbbreviatedCrossmatch, Args::from([("redCells", count.to_string())])));
    }
    found
}
