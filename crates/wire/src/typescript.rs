//! Prints the TypeScript of every type and of the command table.

use crate::*;
use ts_rs::{Config, TS};

macro_rules! declare {
    ($cfg:expr, $($t:ty),* $(,)?) => { vec![$(format!("export {}", <$t>::decl($cfg))),*] };
}

macro_rules! map {
    ($($wire:literal $name:ident($req:ty) -> $res:ty;)*) => {
        fn command_map(cfg: &Config) -> String {
            let mut out = String::from("export interface Commands {\n");
            $(out += &format!(
                "  {:?}: {{ req: {}; res: {} }};\n", $wire, <$req>::name(cfg), <$res>::name(cfg)
            );)*
            out + "}\n"
        }
    };
}
for_each_command!(map);

/// The whole of `ui/src/wire/index.ts`.
pub fn typescript() -> String {
    let cfg = &Config::default();
    let types = declare!(
        cfg,
        Nothing,
        Made,
        ById,
        ErrorKind,
        Code,
        CommandError,
        Override,
        SecondPerson,
        Door,
        Status,
        Facility,
        Session,
        UserName,
        Role,
        Permission,
        SetUp,
        SetUpDone,
        Credentials,
        Password,
        Recover,
        RecoveryCode,
        StaffAdd,
        StaffRow,
        StaffActive,
        ProofReport,
        ProofVerdict,
        ProofFinding,
        PolicyBook,
        PolicyValue,
        StockTarget,
        PolicyVersionRow,
        PolicyNewest,
        PolicyValueSet,
        PolicyAdopt,
        BackupTo,
        BackupDone,
        DraftPut,
        DraftOf,
        Draft,
        Scanner,
        PreferencePut,
        PreferenceOf,
        PreferenceName,
        Preference,
        StaffPassword,
        PasswordChange,
        ScannerSet,
        Sex,
        PatientRegister,
        PatientSearch,
        PatientFound,
        PatientRow,
        Allergies,
        Allergy,
        AllergyEntry,
        AllergyRecord,
        GroupRecord,
        GroupState,
        PatientView,
        TimelineEntry,
        TimelineKind,
        Abo,
        Rhd,
        BloodGroup,
        Component,
        UnitStatus,
        ScanText,
        ScanRead,
        ScanPart,
        OtherScan,
        StorageRange,
        Level,
        StockBoard,
        StockTotals,
        StockLine,
        StockCell,
        UnitList,
        UnitsFound,
        UnitRow,
        UnitView,
        UnitHistory,
        UnitAct,
        UnitReceive,
        UnitReserve,
        UnitReserveMany,
        UnitIssue,
        UnitReason,
        UnitDiscard,
        DiscardReason,
        CounterAsk,
        CounterView,
        CheckName,
        CheckResult,
        Check,
        Alternative,
        AlternativeWhy,
        StudyImport,
        Imported,
        ImportedFile,
        PickedFile,
        WorklistAsk,
        Worklist,
        StudyRow,
        AnalysisState,
        StudyView,
        ImageView,
        Window,
        AnalysisStart,
        AnalysisView,
        OutsideUse,
        Timing,
        PackRef,
        FindingView,
        Likelihood,
        HeatMap,
        MapRect,
        Judgement,
        FindingJudge,
        StudyAssign,
        Queue,
        AnalysisJob,
        PackView,
        Packs,
    );
    format!(
        "// Printed by `cargo xtask bindings` from crates/wire. Never edited by hand.\n\n{}\n\n{}",
        types.join("\n\n"),
        command_map(cfg)
    )
}
