//! What a donor sees of themselves: on a screen that a member of staff opened for them, and as a
//! certificate. Neither test results nor the code of a deferral are read here at all.

use crate::backend::Inner;
use crate::care::id;
use crate::convert::{rfc3339, same};
use crate::error::{Error, no};
use crate::export::{place, unwritten};
use bloodbank::donor::{Donor, Next, Why, next_dates};
use bloodbank::profile::DonationKind as Kind;
use kernel::{DonationId, DonorId, Permission};
use labels::{Certificate, Job, Language, Media, Printer};
use records::Audit;
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

/// What was given, in the language of the paper.
fn gave(kind: Kind, language: Language) -> &'static str {
    match (kind, language) {
        (Kind::WholeBlood, Language::English) => "whole blood",
        (Kind::Platelets, Language::English) => "platelets",
        (Kind::Plasma, Language::English) => "plasma",
        (Kind::DoubleRedCells, Language::English) => "red cells",
        (Kind::WholeBlood, Language::Arabic) => "دم كامل",
        (Kind::Platelets, Language::Arabic) => "صفائح دموية",
        (Kind::Plasma, Language::Arabic) => "بلازما",
        (Kind::DoubleRedCells, Language::Arabic) => "كريات دم حمراء",
    }
}

impl Inner {
    pub(crate) fn donor_own(&mut self, ask: ById) -> Result<DonorOwn, Error> {
        let actor = self.actor(Permission::SeeDonors)?;
        self.note_donor(&actor, &ask.id, "own")?;
        self.own_view(id(&ask.id)?)
    }

    /// The same for a screen that is turned to the donor: from now on the program answers nobody until
    /// whoever opened it has typed their password.
    pub(crate) fn kiosk_open(&mut self, ask: ById) -> Result<DonorOwn, Error> {
        let actor = self.actor(Permission::SeeDonors)?;
        self.note_donor(&actor, &ask.id, "kiosk")?;
        let own = self.own_view(id(&ask.id)?)?;
        self.session_lock(Nothing {})?;
        Ok(own)
    }

    /// A certificate of one donation, for its donor: what was given and when, no group and no result.
    pub(crate) fn certificate_save(&mut self, ask: CertificateSave) -> Result<SavedFiles, Error> {
        let actor = self.actor(Permission::RegisterDonors)?;
        let donation: DonationId = id(&ask.donation)?;
        let folder = place(self.home(), &ask.folder)?;
        let (name, bytes) = self.certificate(donation, ask.language)?;
        let to = folder.display().to_string();
        let of = vec![donation.to_string()];
        self.audit(&actor, Audit::Printed { what: "certificate".into(), of, to: to.clone() })?;
        let mut saved = SavedFiles { folder: to, files: vec![], refused: vec![] };
        match sqlite::write_new(&folder.join(&name), &bytes) {
            Ok(()) => saved.files.push(name),
            Err(error) => saved.refused.push(NotSaved { name, error: unwritten(&error) }),
        }
        Ok(saved)
    }

    fn certificate(
        &self,
        id: DonationId,
        language: PaperLanguage,
    ) -> Result<(String, Vec<u8>), Error> {
        let donation = self.store()?.donation(id)?.ok_or_else(|| no(Code::NotFound))?;
        let ended = donation.ended.as_ref().ok_or_else(|| no(Code::Changed))?;
        let donor = self.store()?.donor(donation.donor)?.ok_or_else(|| no(Code::NotFound))?;
        let facility = self.store()?.facility()?.ok_or_else(|| no(Code::NoFacility))?;
        let language = match language {
            PaperLanguage::En => Language::English,
            PaperLanguage::Ar => Language::Arabic,
        };
        let name = &donor.identity.name;
        let certificate = Certificate {
            donor: format!("{} {}", name.given, name.family).trim().to_owned(),
            donated_on: ended.at.with_timezone(&facility.zone).date_naive(),
            gave: gave(donation.kind, language).to_owned(),
            count: None,
            place: facility.name.clone(),
            facility: facility.name,
            signed_by: None,
        };
        let job = Job {
            printer: Printer::Office,
            media: Media::A4,
            language,
            maker: concat!("HealthSync ", env!("CARGO_PKG_VERSION")).to_owned(),
            made_at: self.now()?.with_timezone(&facility.zone).fixed_offset(),
        };
        let printed = labels::certificate(&job, &certificate)
            .map_err(|error| CommandError::refusal(Code::Malformed).with("detail", error))?;
        Ok((format!("certificate-{}.pdf", donation.din), printed.pdf))
    }

    fn own_view(&self, of: DonorId) -> Result<DonorOwn, Error> {
        let donor: Donor = self.store()?.donor(of)?.ok_or_else(|| no(Code::NotFound))?;
        let donor = self.person_of(&donor)?;
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
