//! What the blood bank still has to do, of everything that is open, as one list.

use crate::{BloodGroup, Component, PatientRow};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TodoKind {
    AlertWard,
    AlertPhysician,
    AlertSite,
    StopTransfusion,
    PlaceOutOfRange,
    ResolveCustody,
    ReviewGiven,
    /// Of a donor.
    MedicalReview,
    SignEmergencyOrder,
    #[serde(rename = "anti_d_consult")]
    AntiDConsult,
    RetrospectiveCrossmatch,
    AcknowledgeRecall,
    TraceRecipient,
    WorkUpCase,
    RecordOutcome,
    AnswerAlarm,
    /// The shelf cannot meet the next emergency.
    StockCritical,
    /// A group is under its floor, and others stand in for it.
    StockUnderFloor,
    UnitsEnding,
    AskDonors,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TodoWhose {
    Ward,
    Physician,
    BloodBank,
}

/// Why it has to be done, as far as whoever reads it may know. Without the right to see the tests of donors
/// everything that is against a donation reads `not_free`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TodoWhy {
    Reactive,
    NotClear,
    RunInvalid,
    Unverified,
    Held,
    NotFree,
    GaveTooSoon,
    Recalled,
    Incompatible,
    WithoutCustody,
    NotCrossmatched,
    /// RhD positive to somebody whom anti-D could harm.
    RhdPositive,
    Reaction,
    /// A mix-up that a refusal prevented.
    Prevented,
    RunningTooLong,
    NoOutcome,
    TooWarm,
    TooCold,
    NoReadings,
    /// Less is free than is kept for emergencies.
    UnderFloor,
    /// Nothing of the component is free.
    NoneLeft,
    EndsSoon,
    /// An urgent order that the shelf cannot fill.
    ShelfCannotFill,
}

/// Where it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TodoLink {
    Bag {
        id: String,
    },
    Donor {
        id: String,
    },
    Recall {
        id: String,
    },
    Case {
        id: String,
    },
    Bedside {
        id: String,
    },
    Place {
        id: String,
    },
    /// Signatures and crossmatches that are owed.
    Issues,
    /// The stock board.
    Board,
    /// The free bags of a component.
    Units {
        component: Component,
    },
    /// A new appeal to donors for a request.
    Appeal {
        request: String,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TodoBag {
    pub id: String,
    pub din: String,
    pub check: String,
    pub component: Component,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TodoDonor {
    pub id: String,
    pub number: String,
    pub name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TodoRow {
    /// The same for the same task, whenever it is asked for.
    pub id: String,
    pub what: TodoKind,
    /// Of the highest priority.
    pub urgent: bool,
    pub whose: TodoWhose,
    /// Who answers for the patient, or whose signature it is.
    pub person: Option<String>,
    pub why: TodoWhy,
    /// The reason of the hold, for those who may see it.
    pub hold: Option<String>,
    /// The other site, or the one that has to answer.
    pub site: Option<String>,
    pub bag: Option<TodoBag>,
    pub patient: Option<PatientRow>,
    pub donor: Option<TodoDonor>,
    /// The number of the donation, where it is not about a bag.
    pub din: Option<String>,
    pub place: Option<String>,
    /// Of what the shelf has too little, or which bags end.
    pub component: Option<Component>,
    /// The groups that are under their floor, or whose donors help.
    pub groups: Vec<BloodGroup>,
    /// Steps of a work-up, alarms or bags that are open; 0 where there is nothing to count.
    pub count: u32,
    /// None: the shelf does not keep since when.
    pub since: Option<String>,
    /// None: at once.
    pub due: Option<String>,
    pub overdue: bool,
    pub link: TodoLink,
}

/// The highest priority first, then what is due first.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Todos {
    pub rows: Vec<TodoRow>,
    pub count: TodoCount,
    /// Others that wait as well and are not in the list.
    pub left_out: Option<u32>,
    pub as_of: String,
}

/// How much there is of it, of what whoever asks may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TodoCount {
    pub urgent: u32,
    pub all: u32,
}
