//! What a donor sees of themselves: on a screen that a member of staff opened for them, and as a
//! certificate. Neither test results nor the code of a deferral are read here at all.

use crate::backend::Inner;
use crate::care::id;
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use bloodbank::donor::{Donor, Next, Why, next_dates};
use kernel::{DonorId, Permission};
use wire::*;

/// Donations shown at once.
const GIFTS: usize = 100;

/// The reason of a wait in words that a bystander may read, too.
fn why(next: &Next) -> Option<OwnWhy> {
    next.why.map(|why| match why {
        Why::Interval => OwnWhy::Interval,
        Why::TooOften => OwnWhy::TooOften,
        Why::TooYoung | Why::TooOld | Why::TooOldFirstTime | Why::TooOldApheresis => OwnWhy::Age,
        _ => OwnWhy::AskUs,
    })
}

impl Inner {
    pub(crate) fn donor_own(&mut self, ask: ById) -> Result<DonorOwn, Error> {
        self.actor(Permission::SeeDonors)?;
        self.own_view(id(&ask.id)?)
    }

    /// The same for a screen that is turned to the donor: from now on the program answers nobody until
    /// whoever opened it has typed their password.
    pub(crate) fn kiosk_open(&mut self, ask: ById) -> Result<DonorOwn, Error> {
        self.actor(Permission::SeeDonors)?;
        let own = self.own_view(id(&ask.id)?)?;
        self.session_lock(Nothing {})?;
        Ok(own)
    }

    fn own_view(&self, of: DonorId) -> Result<DonorOwn, Error> {
        let donor: Donor = self.store()?.donor(of)?.ok_or_else(|| no(Code::NotFound))?;
        let (today, policy) = (self.today()?, self.policy());
        let mut gifts = vec![];
        for past in donor.donations.iter().rev().take(GIFTS) {
            let donation = self.store()?.donation(past.donation)?;
            let Some(donation) = donation.filter(|d| d.ended.is_some()) else { continue };
            gifts.push(OwnGift {
                din: donation.din.clone(),
                kind: same(past.kind),
                on: past.on.to_string(),
                volume_ml: donation.ended.map(|ended| ended.volume.0),
            });
        }
        let next = next_dates(&donor, today, &policy.rule_book)
            .iter()
            .map(|next| {
                let why = why(next);
                // A day that hangs on what is told in private is told there, too.
                let on = next.on.filter(|_| why != Some(OwnWhy::AskUs));
                OwnNext { kind: same(next.kind), on: on.map(|day| day.to_string()), why }
            })
            .collect();
        let appointments = self
            .standing_of(of)?
            .into_iter()
            .map(|one| OwnAppointment { at: rfc3339(one.at), kind: same(one.donation) });
        Ok(DonorOwn {
            given: donor.identity.name.given.clone(),
            number: donor.identity.number.clone(),
            gifts,
            next,
            appointments: appointments.collect(),
            today: today.to_string(),
        })
    }
}
