//! Identity. Every id is a UUIDv7 except that of a physical thing with a worldwide label, which is
//! derived from the label so that two sites that receive the same bag name the same aggregate.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Declares an id newtype, so a `UnitId` can never be passed where a `PatientId` belongs.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(/// One bag of one blood component.
    UnitId);
id!(/// A patient known to this facility.
    PatientId);
id!(/// A member of staff.
    StaffId);
id!(/// One visit to an imaging device, or one picture added by hand.
    StudyId);
id!(/// One image file.
    ImageId);
id!(/// One run of one model over one image.
    AnalysisId);
id!(/// Pictures that were asked about together.
    BatchId);
id!(/// Somebody who gives blood or asked to.
    DonorId);
id!(/// One donation, begun when the needle goes in.
    DonationId);
id!(/// One run of one laboratory test over many samples, with its kit lot and its controls.
    RunId);
id!(/// One signed command.
    CommandId);
id!(/// One tube of blood of one patient.
    SampleId);
id!(/// A ward's request for blood.
    RequestId);
id!(/// One crossmatch of one unit with one sample.
    CrossmatchId);
id!(/// One issue of one unit, from the counter to its end or its return.
    DispensationId);
id!(/// One massive transfusion.
    ProtocolId);
id!(/// One unit at one bedside.
    TransfusionId);
id!(/// One haemovigilance case.
    CaseId);
id!(/// One box of units between two sites.
    TransferId);
id!(/// One printed slip; every print has its own.
    SlipId);
id!(/// One recall or look-back.
    RecallId);
id!(/// One appeal to donors.
    CampaignId);
id!(/// One fridge, freezer or shelf of a site.
    PlaceId);
id!(/// One message to one donor.
    MessageId);
id!(/// A donor is expected at a time.
    AppointmentId);
id!(/// One validation of the electronic crossmatch by a site.
    ValidationId);

/// Derived ids live under this namespace (UUIDv5 of the DNS name `healthsync.invalid`).
const NAMESPACE: Uuid = Uuid::from_u128(0x5f9b_6c1e_7a53_5d0b_9c7e_2f60_11d4_a8e3);

impl UnitId {
    /// The id of a bag: donation number (13 characters), product code (8) and division, if any.
    pub fn of_label(din: &str, product_code: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("unit\0{din}\0{product_code}").as_bytes()))
    }
}

impl DonationId {
    /// The id of the donation with this number (13 characters).
    pub fn of_din(din: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("donation\0{din}").as_bytes()))
    }
}

impl SampleId {
    /// The id of the tube with this number, in the form in which numbers are compared: one number is
    /// one tube, so a number that is used twice names the first.
    pub fn of_number(key: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("sample\0{key}").as_bytes()))
    }
}

impl PlaceId {
    /// The id of the place of this name: bags name their place in words, so two places of one name are
    /// one.
    pub fn of_name(site: &str, name: &str) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("place\0{site}\0{name}").as_bytes()))
    }
}

impl MessageId {
    /// The id of the message about this to this donor by this channel: made twice, it is one message.
    pub fn of(donor: DonorId, about: &str, channel: &str) -> Self {
        let name = format!("message\0{donor}\0{about}\0{channel}");
        Self(Uuid::new_v5(&NAMESPACE, name.as_bytes()))
    }
}

impl CommandId {
    /// The id of a command that a reaction makes: running it twice has one effect.
    pub fn of_reaction(cause: CommandId, rule: &str, target: Uuid) -> Self {
        Self(Uuid::new_v5(&NAMESPACE, format!("reaction\0{cause}\0{rule}\0{target}").as_bytes()))
    }
}
