//! The person acting. Permissions are the unit; roles are named sets of them, in one table.

use crate::StaffId;
use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// One thing a member of staff may do. Checked in the use case, nowhere else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Permission { $($(#[$doc])* $name),* }
        impl Permission {
            pub const ALL: &[Permission] = &[$(Permission::$name),*];
        }
    };
}
permissions!(
    SeePatients,
    RegisterPatients,
    RecordAllergies,
    RecordBloodGroup,
    SeeStock,
    ReceiveBlood,
    ReserveBlood,
    IssueBlood,
    DiscardBlood,
    OverrideBloodWarning,
    SeeDonors,
    RegisterDonors,
    ScreenDonors,
    JudgeDonors,
    SeeDonorTests,
    TestDonations,
    /// Ask for blood for a patient.
    RequestBlood,
    /// Stand as the one who drew a patient's tube.
    DrawSamples,
    /// Receive and type samples, crossmatch, read a unit's group again.
    Crossmatch,
    /// Check, start, watch and end a transfusion at the bedside.
    Transfuse,
    /// Classify and close a case of haemovigilance.
    JudgeReactions,
    /// Open and close recalls and look-backs.
    RecallBlood,
    /// Write to donors that blood is needed.
    AskDonors,
    BeSecondPerson,
    SeeImages,
    ImportImages,
    AnalyseImages,
    JudgeFindings,
    WriteReports,
    ManageStaff,
    ManageFacility,
    AdoptPolicy,
    ReadAudit,
);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Administrator,
    Physician,
    Radiologist,
    BloodBankScientist,
    Nurse,
    Reception,
    Auditor,
    /// Nobody: a rule of the program acts (`system/<rule>@<version>`). It is given to no member of
    /// staff, stands in no list, and may nothing that a person may.
    System,
}

impl Role {
    pub const ALL: &[Role] = &[
        Role::Administrator,
        Role::Physician,
        Role::Radiologist,
        Role::BloodBankScientist,
        Role::Nurse,
        Role::Reception,
        Role::Auditor,
    ];

    /// The table of who may do what (sync-security 5.2, narrowed to what exists today).
    pub fn permissions(self) -> &'static [Permission] {
        use Permission::*;
        match self {
            Role::Administrator => &[ManageStaff, ManageFacility, AdoptPolicy, ReadAudit],
            Role::Physician => &[
                SeePatients,
                RegisterPatients,
                RecordAllergies,
                SeeStock,
                ReserveBlood,
                OverrideBloodWarning,
                SeeDonors,
                RegisterDonors,
                ScreenDonors,
                JudgeDonors,
                SeeDonorTests,
                RequestBlood,
                DrawSamples,
                Transfuse,
                JudgeReactions,
                RecallBlood,
                AskDonors,
                BeSecondPerson,
                SeeImages,
                ImportImages,
                AnalyseImages,
                JudgeFindings,
                WriteReports,
            ],
            Role::Radiologist => &[
                SeePatients,
                RegisterPatients,
                RecordAllergies,
                SeeImages,
                ImportImages,
                AnalyseImages,
                JudgeFindings,
                WriteReports,
            ],
            Role::BloodBankScientist => &[
                SeePatients,
                RegisterPatients,
                RecordBloodGroup,
                SeeStock,
                ReceiveBlood,
                ReserveBlood,
                IssueBlood,
                DiscardBlood,
                OverrideBloodWarning,
                SeeDonors,
                RegisterDonors,
                ScreenDonors,
                SeeDonorTests,
                TestDonations,
                RequestBlood,
                DrawSamples,
                Crossmatch,
                JudgeReactions,
                RecallBlood,
                AskDonors,
                BeSecondPerson,
                AdoptPolicy,
            ],
            Role::Nurse => &[
                SeePatients,
                RegisterPatients,
                RecordAllergies,
                SeeStock,
                SeeDonors,
                RegisterDonors,
                ScreenDonors,
                RequestBlood,
                DrawSamples,
                Transfuse,
                BeSecondPerson,
                SeeImages,
                ImportImages,
                AnalyseImages,
            ],
            Role::Reception => &[SeePatients, RegisterPatients, SeeDonors, RegisterDonors],
            Role::Auditor => &[ReadAudit],
            Role::System => &[],
        }
    }

    pub fn may(self, permission: Permission) -> bool {
        self.permissions().contains(&permission)
    }
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub id: StaffId,
    pub user: String,
    pub role: Role,
}

impl Actor {
    /// A rule of the program that acts by itself.
    pub fn system(rule: &str, version: u16) -> Self {
        Self {
            id: StaffId(uuid::Uuid::nil()),
            user: format!("system/{rule}@{version}"),
            role: Role::System,
        }
    }
}
