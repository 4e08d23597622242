//! Codes of a finding, from the catalogue of conditions.

use crate::Finding;
use imaging::catalogue::{Code, catalogue};

/// A system of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    SnomedCt,
    Icd10Cm,
    RadLex,
}

impl System {
    /// As HL7 names it.
    #[must_use]
    pub fn uri(self) -> &'static str {
        match self {
            Self::SnomedCt => "http://snomed.info/sct",
            Self::Icd10Cm => "http://hl7.org/fhir/sid/icd-10-cm",
            Self::RadLex => "http://radlex.org",
        }
    }

    /// As DICOM names it (PS3.16, coding scheme designators).
    #[must_use]
    pub fn designator(self) -> &'static str {
        match self {
            Self::SnomedCt => "SCT",
            Self::Icd10Cm => "I10C",
            Self::RadLex => "RADLEX",
        }
    }
}

/// A code that may be sent to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coding {
    pub system: System,
    pub code: String,
}

/// The codes of a finding, SNOMED CT first. Only sure ones: a code that nobody confirmed, or that
/// means something nearby, would be believed elsewhere. Empty for the class without a finding.
#[must_use]
pub fn codings(finding: &Finding) -> Vec<Coding> {
    let Some(condition) = finding.condition.as_deref().and_then(|id| catalogue().by_id(id)) else {
        return vec![];
    };
    let sure = |system, code: &Option<Code>| {
        let code = code.as_ref().filter(|code| code.sure())?;
        Some(Coding { system, code: code.code.clone() })
    };
    [
        sure(System::SnomedCt, &condition.snomed_ct),
        sure(System::Icd10Cm, &condition.icd_10_cm),
        sure(System::RadLex, &condition.radlex),
    ]
    .into_iter()
    .flatten()
    .collect()
}
