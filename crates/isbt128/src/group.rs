//! Blood groups (data structure 002).

use serde::{Deserialize, Serialize};

use crate::error::ReadError;

pub(crate) const NAME: &str = "blood group";

/// ABO group of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Abo {
    /// No A and no B antigen (and the H antigen present: Bombay is not O).
    O,
    /// A antigen.
    A,
    /// B antigen.
    B,
    /// Both antigens.
    AB,
}

/// RhD of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rhd {
    /// D antigen present.
    Positive,
    /// D antigen absent.
    Negative,
}

/// For whom the label says the unit was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DonationType {
    /// For any patient.
    General,
    /// Only for an emergency.
    EmergencyOnly,
    /// Only for the donor himself or herself.
    AutologousOnly,
    /// Only for the patient named by the donor.
    DirectedOnly,
}

/// A label in the place of the blood group that says what may not be done with the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitStatus {
    /// `Mq`: hold.
    Quarantine,
    /// `Md`: discard.
    Discard,
    /// `Mx`: not for transfusion.
    NotForTransfusion,
    /// `Mb`: biohazard.
    Biohazard,
    /// `Ma`: autologous collection.
    Autologous,
    /// `Mr`: research use only.
    Research,
}

/// What the first two characters of the code say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "reading", rename_all = "snake_case")]
pub enum GroupReading {
    /// A group that can be compared with a patient's.
    Group {
        /// ABO.
        abo: Abo,
        /// RhD; none when the label gives ABO only.
        rhd: Option<Rhd>,
        /// For whom.
        donation_type: DonationType,
    },
    /// Bombay: no A, no B, no H antigen. Compatible with Bombay only, never with O.
    Bombay {
        /// RhD.
        rhd: Rhd,
    },
    /// No group at all, but a status.
    Status {
        /// Which.
        status: UnitStatus,
    },
    /// `00`: the group is not given.
    NotGiven,
    /// A code this crate does not know (para-Bombay and pooled codes among them). It has no group.
    Unlisted,
}

/// The blood group label of a unit: the code as it stands on the label, and its reading.
///
/// The code is text (`0600` has a leading zero); the numeric order of the codes means nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AboRhd {
    code: String,
    /// Third character: Rh and Kell phenotype as the label gives it, `0` when it gives none.
    phenotype: char,
    #[serde(flatten)]
    reading: GroupReading,
}

/// ABO, RhD, then the first two characters for: any patient, emergency, own donor, named patient.
const GROUPS: [(Abo, Rhd, [&str; 4]); 8] = [
    (Abo::O, Rhd::Negative, ["95", "92", "97", "91"]),
    (Abo::O, Rhd::Positive, ["51", "48", "53", "47"]),
    (Abo::A, Rhd::Negative, ["06", "03", "08", "02"]),
    (Abo::A, Rhd::Positive, ["62", "59", "64", "58"]),
    (Abo::B, Rhd::Negative, ["17", "14", "19", "13"]),
    (Abo::B, Rhd::Positive, ["73", "70", "75", "69"]),
    (Abo::AB, Rhd::Negative, ["28", "25", "30", "24"]),
    (Abo::AB, Rhd::Positive, ["84", "81", "86", "80"]),
];

const TYPES: [DonationType; 4] = [
    DonationType::General,
    DonationType::EmergencyOnly,
    DonationType::AutologousOnly,
    DonationType::DirectedOnly,
];

fn reading(gg: &str) -> GroupReading {
    let status = |status| GroupReading::Status { status };
    let abo_only =
        |abo| GroupReading::Group { abo, rhd: None, donation_type: DonationType::General };
    match gg {
        "00" => return GroupReading::NotGiven,
        "H6" => return GroupReading::Bombay { rhd: Rhd::Positive },
        "G6" => return GroupReading::Bombay { rhd: Rhd::Negative },
        "55" => return abo_only(Abo::O),
        "66" => return abo_only(Abo::A),
        "77" => return abo_only(Abo::B),
        "88" => return abo_only(Abo::AB),
        "Mq" => return status(UnitStatus::Quarantine),
        "Md" => return status(UnitStatus::Discard),
        "Mx" => return status(UnitStatus::NotForTransfusion),
        "Mb" => return status(UnitStatus::Biohazard),
        "Ma" => return status(UnitStatus::Autologous),
        "Mr" => return status(UnitStatus::Research),
        _ => {}
    }
    for (abo, rhd, codes) in GROUPS {
        for (code, donation_type) in codes.into_iter().zip(TYPES) {
            if code == gg {
                return GroupReading::Group { abo, rhd: Some(rhd), donation_type };
            }
        }
    }
    GroupReading::Unlisted
}

impl AboRhd {
    /// Reads the four characters behind `=%`. The case is set right by place: capital first, small
    /// letter second after a letter (`Mq`).
    ///
    /// # Errors
    /// [`ReadError::WrongLength`] or [`ReadError::BadCharacter`]. A code that is well formed but
    /// not known is no error: its reading is [`GroupReading::Unlisted`].
    pub fn new(code: &str) -> Result<AboRhd, ReadError> {
        let got = code.chars().count();
        let chars: Vec<char> = code.chars().take(4).collect();
        let &[g1, g2, r, e] = chars.as_slice() else {
            return Err(ReadError::WrongLength { name: NAME, expected: 4, got });
        };
        if got != 4 {
            return Err(ReadError::WrongLength { name: NAME, expected: 4, got });
        }
        for (index, found) in [g1, g2, r, e].into_iter().enumerate() {
            // The fourth character is reserved by the standard and must be 0.
            if !found.is_ascii_alphanumeric() || (index == 3 && found != '0') {
                return Err(ReadError::BadCharacter { name: NAME, position: index + 1, found });
            }
        }
        let g1 = g1.to_ascii_uppercase();
        let g2 = if g1.is_ascii_alphabetic() {
            g2.to_ascii_lowercase()
        } else {
            g2.to_ascii_uppercase()
        };
        let phenotype = r.to_ascii_uppercase();
        let reading = reading(&format!("{g1}{g2}"));
        Ok(AboRhd { code: format!("{g1}{g2}{phenotype}0"), phenotype, reading })
    }

    /// The label for a known group, for printing. Without RhD only [`DonationType::General`]
    /// exists, hence the option.
    pub fn for_group(abo: Abo, rhd: Option<Rhd>, donation_type: DonationType) -> Option<AboRhd> {
        let gg = match rhd {
            None if donation_type != DonationType::General => return None,
            None => match abo {
                Abo::O => "55",
                Abo::A => "66",
                Abo::B => "77",
                Abo::AB => "88",
            },
            Some(rhd) => {
                let (_, _, codes) = GROUPS.into_iter().find(|(a, r, _)| *a == abo && *r == rhd)?;
                let place = TYPES.into_iter().position(|t| t == donation_type)?;
                codes[place]
            }
        };
        AboRhd::new(&format!("{gg}00")).ok()
    }

    /// The four characters as they stand on the label.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What the code says.
    pub fn reading(&self) -> GroupReading {
        self.reading
    }

    /// Third character of the code: Rh and Kell phenotype, `0` when none is given.
    pub fn phenotype(&self) -> char {
        self.phenotype
    }

    /// The ABO group, when the label gives one. None for Bombay, a status or an unlisted code.
    pub fn abo(&self) -> Option<Abo> {
        match self.reading {
            GroupReading::Group { abo, .. } => Some(abo),
            _ => None,
        }
    }

    /// RhD, when the label gives it (Bombay included).
    pub fn rhd(&self) -> Option<Rhd> {
        match self.reading {
            GroupReading::Group { rhd, .. } => rhd,
            GroupReading::Bombay { rhd } => Some(rhd),
            _ => None,
        }
    }

    /// For whom the unit was given, when the label gives a group.
    pub fn donation_type(&self) -> Option<DonationType> {
        match self.reading {
            GroupReading::Group { donation_type, .. } => Some(donation_type),
            _ => None,
        }
    }

    /// The status the label gives in place of a group.
    pub fn status(&self) -> Option<UnitStatus> {
        match self.reading {
            GroupReading::Status { status } => Some(status),
            _ => None,
        }
    }

    /// The text of the barcode.
    pub fn to_structure(&self) -> String {
        format!("=%{}", self.code)
    }
}
