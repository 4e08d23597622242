//! What a barcode says, in words.

use crate::End;
use clap::Subcommand;
use isbt128::{DonationType, FlagMeaning, GroupReading, Rhd, Scan, UnitStatus};
use serde_json::json;

#[derive(Subcommand)]
pub(crate) enum Isbt {
    /// What a barcode says.
    Decode {
        /// The text that a scanner sends, for instance '=%5100'.
        text: String,
    },
}

pub(crate) fn isbt(ask: &Isbt) -> End {
    let Isbt::Decode { text } = ask;
    let scans = match isbt128::read(text) {
        Ok(scans) => scans,
        Err(error) => {
            let end = End::failed(format!("This barcode cannot be read: {error}."));
            return End { json: json!({ "error": error }), ..end };
        }
    };
    let json = serde_json::to_value(&scans).unwrap_or_default();
    if scans.iter().all(|scan| matches!(scan, Scan::Unknown { .. })) {
        let words = "This is no ISBT 128 barcode: perhaps a hospital's own number.";
        return End { json, ..End::failed(words) };
    }
    let out = scans.iter().map(|scan| format!("{}: {}\n", scan.name(), words(scan))).collect();
    End { out, ..End::done(json, "") }
}

/// The content of one structure as a person says it.
fn words(scan: &Scan) -> String {
    const DAY: &str = "%d %b %Y";
    const MINUTE: &str = "%d %b %Y %H:%M";
    match scan {
        Scan::Din { din, flag } => {
            format!("{} [{}]{}", din.display(), din.check_char(), of_flag(flag.meaning()))
        }
        Scan::AboRhd(group) => format!("{} (code {})", of_group(group.reading()), group.code()),
        Scan::Product { code } => {
            let local = if code.is_local() { ", a national or local code" } else { "" };
            let division = match code.division() {
                "00" => "undivided".to_owned(),
                "99" => "its division is on a barcode of its own".to_owned(),
                division => format!("division {division}"),
            };
            format!("{code} (description {}, {division}{local})", code.description())
        }
        Scan::Expiry(expiry) if expiry.minute_given() => {
            format!("{}, local time of the label", expiry.at().format(MINUTE))
        }
        Scan::Expiry(expiry) => format!("{}, end of the day", expiry.at().format(DAY)),
        Scan::Collection(moment) | Scan::Production(moment) => match moment.at() {
            Some(at) => at.format(MINUTE).to_string(),
            None => moment.date().format(DAY).to_string(),
        },
        Scan::PatientId { id, .. } => id.clone(),
        Scan::PatientBirthDate { date, .. } => date.format(DAY).to_string(),
        Scan::Division { code } => code.clone(),
        Scan::Staff { facility, id } => format!("{id} of facility {facility}"),
        Scan::Other { raw, .. } => format!("{raw} (not read further)"),
        Scan::Unknown { raw } => format!("{raw} (no ISBT 128 structure)"),
    }
}

fn of_flag(flag: FlagMeaning) -> String {
    match flag {
        FlagMeaning::Container(n) => format!(", container {n} of the set"),
        FlagMeaning::Check(_) => ", its check value fits".into(),
        FlagMeaning::SecondLabel => ", second label".into(),
        FlagMeaning::PilotTube => ", pilot tube".into(),
        FlagMeaning::TestTube => ", test tube".into(),
        FlagMeaning::DonorRecord => ", donor record".into(),
        FlagMeaning::NatTube => ", tube for nucleic acid testing".into(),
        FlagMeaning::BacterialTube => ", tube for bacterial testing".into(),
        FlagMeaning::MatchWithUnit => ", to be matched with the unit".into(),
        FlagMeaning::PartialLabel => ", partial label".into(),
        FlagMeaning::AttachedLabel => ", attached label".into(),
        FlagMeaning::Local(n) => format!(", label {n} of the facility's own"),
        FlagMeaning::Unspecified | FlagMeaning::Other => String::new(),
    }
}

fn of_group(reading: GroupReading) -> String {
    let rhd = |rhd| match rhd {
        Rhd::Positive => "RhD positive",
        Rhd::Negative => "RhD negative",
    };
    match reading {
        GroupReading::Group { abo, rhd: found, donation_type } => {
            let found = found.map_or("RhD not given", rhd);
            let whom = match donation_type {
                DonationType::General => "",
                DonationType::EmergencyOnly => ", for an emergency only",
                DonationType::AutologousOnly => ", for the donor only",
                DonationType::DirectedOnly => ", for the patient named by the donor only",
            };
            format!("{abo:?}, {found}{whom}")
        }
        GroupReading::Bombay { rhd: found } => {
            format!("Bombay (compatible with Bombay only, never O), {}", rhd(found))
        }
        GroupReading::Status { status } => match status {
            UnitStatus::Quarantine => "no group: hold this unit",
            UnitStatus::Discard => "no group: discard this unit",
            UnitStatus::NotForTransfusion => "no group: not for transfusion",
            UnitStatus::Biohazard => "no group: biohazard",
            UnitStatus::Autologous => "no group: autologous collection",
            UnitStatus::Research => "no group: for research only",
        }
        .into(),
        GroupReading::NotGiven => "the group is not given".into(),
        GroupReading::Unlisted => "a code without a group that is known here".into(),
    }
}
