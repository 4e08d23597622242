//! The slip that goes with a unit to the ward. Its barcode is signed with the key of this store's
//! device: a slip that somebody else wrote, or that was changed, is none.

use crate::backend::Inner;
use crate::blood::unit_id;
use crate::convert::rfc3339;
use crate::error::Error;
use crate::people::patient_id;
use bloodbank::care::CareRule;
use bloodbank::slip::CollectionSlip;
use kernel::{PatientId, Permission, SlipId, UnitId, micros};
use uuid::Uuid;
use wire::*;

const PURPOSE: &[u8] = b"healthsync/collection-slip/v1\0";
/// What the text of a barcode of ours begins with.
const MARK: &str = "HSC1";
/// Slip, patient, unit and the time of the print, in micro-seconds.
const SAID: usize = 16 * 3 + 8;
const SIGNATURE: usize = 64;

/// Whether a text is meant to be a slip of ours.
pub(crate) fn is_slip(text: &str) -> bool {
    text.trim().starts_with(MARK)
}

fn said(slip: &CollectionSlip) -> Vec<u8> {
    let ids = [slip.id.0, slip.patient.0, slip.unit.0];
    let mut bytes: Vec<u8> = ids.iter().flat_map(|id| *id.as_bytes()).collect();
    bytes.extend(micros(slip.printed_at).to_be_bytes());
    bytes
}

impl Inner {
    /// A new slip for one unit and one patient. Every print has its own number.
    pub(crate) fn slip_make(&mut self, ask: SlipAsk) -> Result<SlipMade, Error> {
        let actor = self.actor(Permission::SeeStock)?;
        let unit = self.unit_there(unit_id(&ask.unit)?)?;
        let patient = patient_id(&ask.patient)?;
        let of = self.patient_row(patient)?;
        self.note_read(&actor, patient, "slip")?;
        let slip = CollectionSlip {
            id: SlipId(self.options.clock.new_uuid()),
            patient,
            unit: unit.id,
            printed_at: self.now()?,
        };
        Ok(SlipMade {
            id: slip.id.to_string(),
            text: self.sealed(&slip)?,
            patient: of,
            unit: self.unit_row(&unit)?,
            at: rfc3339(slip.printed_at),
        })
    }

    pub(crate) fn sealed(&self, slip: &CollectionSlip) -> Result<String, Error> {
        let mut bytes = said(slip);
        let signature = self.store()?.sign(PURPOSE, &bytes);
        bytes.extend(signature);
        Ok(format!("{MARK}{}", hex::encode_upper(bytes)))
    }

    /// The slip behind the text of a barcode.
    ///
    /// # Errors
    /// It is none of ours.
    pub(crate) fn slip_of(&self, text: &str) -> Result<CollectionSlip, Error> {
        let not_ours = || super::stop(CareRule::SlipNotGenuine);
        let coded = text.trim().strip_prefix(MARK).ok_or_else(not_ours)?;
        let bytes = hex::decode(coded).map_err(|_| not_ours())?;
        if bytes.len() != SAID + SIGNATURE {
            return Err(not_ours());
        }
        let (said, signature) = bytes.split_at(SAID);
        // An Ed25519 signature is a function of key and bytes: signing again shows whether it is ours.
        if self.store()?.sign(PURPOSE, said)[..] != *signature {
            return Err(not_ours());
        }
        let id = |n: usize| {
            said.get(n * 16..n * 16 + 16)
                .and_then(|b| Uuid::from_slice(b).ok())
                .ok_or_else(not_ours)
        };
        let time: [u8; 8] = said.get(48..).and_then(|b| b.try_into().ok()).ok_or_else(not_ours)?;
        Ok(CollectionSlip {
            id: SlipId(id(0)?),
            patient: PatientId(id(1)?),
            unit: UnitId(id(2)?),
            printed_at: kernel::of_micros(i64::from_be_bytes(time)),
        })
    }
}
