//! Labels, slips, tags, wristbands and blank forms as files for a printer. Every barcode is read back
//! before a file is handed out: a label that nobody can scan is not printed.

use crate::backend::Inner;
use crate::blood::{kept, product_name, storage, unit_id};
use crate::care::id;
use crate::error::{Error, no};
use crate::export::{Wrote as _, nothing_in, place, unwritten};
use crate::people::patient_id;
use bloodbank::issue::{Basis, Dispensation};
use bloodbank::lab::{Part, PartState};
use bloodbank::parts;
use bloodbank::sample::Sample;
use bloodbank::slip::CollectionSlip;
use bloodbank::traits::{Attribute, Phenotype};
use bloodbank::transfer::Transfer;
use bloodbank::{Effective, Unit};
use isbt128::{AboRhd, Din, DonationType, Expiry, Flag, Moment, ProductCode};
use kernel::{
    Abo, BloodGroup as Group, Component, Instant, Millilitres, PatientId, Permission, Rhd, SlipId,
    UnitId, micros,
};
use labels::{
    Blank, BoxSlip, Content, Job, Language, Media, Person, Printed, Printer, Product, Sex, Slip,
    SlipUnit, Tag, TubeLabel, UnitLabel, Wristband,
};
use records::{Audit, CareKey, Key};
use std::collections::BTreeSet;
use wire::*;

/// What a unit that must not be used is labelled with instead of a group (ISBT 128): held, or to be
/// discarded.
const QUARANTINE: &str = "Mq00";
const DISCARD: &str = "Md00";
/// Labels of one tube at most.
const COPIES: u32 = 40;

/// A file and what it is about, for the audit stream.
struct Ready {
    printed: Printed,
    name: String,
    of: Vec<String>,
}

impl Inner {
    pub(crate) fn print_save(&mut self, ask: PrintSave) -> Result<SavedFiles, Error> {
        let actor = self.actor(Permission::SeePatients)?;
        let folder = place(self.home(), &ask.folder)?;
        let job = self.print_job(&ask)?;
        let ready = self.ready(&job, &ask.what)?;
        if let Err(misread) = labels::read_back(&ready.printed) {
            return Err(Error::Broken(format!("a barcode does not read back: {misread}")));
        }
        let to = folder.display().to_string();
        let what = ready.name.clone();
        self.audit(&actor, Audit::Printed { what, of: ready.of, to })?;
        let mut saved = nothing_in(&folder);
        // A name of its own for every print: the one before may still lie in the queue.
        let stamp = self.now()?.with_timezone(&self.zone()?).format("%Y%m%d-%H%M%S-%3f");
        let name = format!("{}-{stamp}.pdf", ready.name);
        let done = sqlite::write_new(&folder.join(&name), &ready.printed.pdf);
        saved.wrote(&name, done.map_err(|e| unwritten(&e)));
        Ok(saved)
    }

    fn print_job(&self, ask: &PrintSave) -> Result<Job, Error> {
        let now = self.now()?.with_timezone(&self.zone()?);
        Ok(Job {
            printer: match ask.printer {
                PrinterKind::Dots203 => Printer::Dots203,
                PrinterKind::Dots300 => Printer::Dots300,
                PrinterKind::Office => Printer::Office,
            },
            media: match ask.media {
                PrintMedia::Roll => Media::Roll,
                PrintMedia::A4 => Media::A4,
            },
            language: match ask.language.as_str() {
                "ar" => Language::Arabic,
                _ => Language::English,
            },
            maker: concat!("HealthSync ", env!("CARGO_PKG_VERSION")).to_owned(),
            made_at: now.fixed_offset(),
        })
    }

    fn ready(&mut self, job: &Job, what: &PrintWhat) -> Result<Ready, Error> {
        let facility = self.store()?.facility()?.map(|f| f.name).unwrap_or_default();
        let (printed, name, of) = match what {
            PrintWhat::UnitLabels { units } => {
                self.actor(Permission::SeeStock)?;
                let mut labels_of = vec![];
                for text in units {
                    labels_of.push(self.bag_label(unit_id(text)?, &facility)?);
                }
                (labels::unit_labels(job, &labels_of), "unit-labels", units.clone())
            }
            PrintWhat::Slip { unit, patient, ward } => {
                // It goes with a bag to the ward, and says what a patient needs.
                self.actor(Permission::SeeStock)?;
                let slip = self.slip(unit, patient, ward, facility)?;
                let of = vec![unit.clone(), patient.clone()];
                (labels::collection_slip(job, &slip), "collection-slip", of)
            }
            PrintWhat::BoxSlip { transfer } => {
                self.actor(Permission::SeeStock)?;
                let slip = self.box_slip(transfer, facility)?;
                (labels::box_slip(job, &slip), "box-slip", vec![transfer.clone()])
            }
            PrintWhat::Tag { issue } => {
                self.actor(Permission::SeeStock)?;
                let tag = self.tag(issue)?;
                (labels::uncrossmatched_tags(job, &[tag]), "uncrossmatched", vec![issue.clone()])
            }
            PrintWhat::TubeLabels { sample, copies } => {
                self.actor(Permission::Crossmatch)?;
                let found: Sample = self.care_there(CareKey::Sample(id(sample)?))?;
                let label = TubeLabel {
                    patient: self.person(found.patient)?,
                    sample: found.number.clone(),
                    drawn: None,
                };
                let all = vec![label; usize::try_from((*copies).clamp(1, COPIES)).unwrap_or(1)];
                (labels::tube_labels(job, &all), "tube-labels", vec![sample.clone()])
            }
            PrintWhat::Wristband { patient } => {
                let band = Wristband { patient: self.person(patient_id(patient)?)?, facility };
                (labels::wristbands(job, &[band]), "wristband", vec![patient.clone()])
            }
            PrintWhat::Forms { forms } => {
                let blanks: Vec<Blank> = forms
                    .iter()
                    .map(|form| match form {
                        BlankForm::Request => Blank::Request,
                        BlankForm::Sample => Blank::Sample,
                        BlankForm::IssueLog => Blank::IssueLog,
                        BlankForm::Transfusion => Blank::Transfusion,
                        BlankForm::Stock => Blank::Stock,
                        BlankForm::Donation => Blank::Donation,
                        BlankForm::Bench => Blank::Bench,
                    })
                    .collect();
                (labels::blanks(job, &blanks, &facility), "blank-forms", vec![])
            }
        };
        let printed =
            printed.map_err(|why| CommandError::refusal(Code::Malformed).with("detail", why))?;
        Ok(Ready { printed, name: name.to_owned(), of })
    }

    /// The label of a bag: of one in the stock, or of one that waits at the bench for its release, which
    /// compares what a scanner reads off this very label.
    fn bag_label(&mut self, id: UnitId, facility: &str) -> Result<UnitLabel, Error> {
        if self.store()?.unit(id)?.is_some() {
            return self.unit_label(&self.unit_there(id)?, facility);
        }
        let part = self.store()?.part(id)?.ok_or_else(|| no(Code::NotFound))?;
        let actor = self.actor(Permission::TestDonations)?;
        let held = match part.state {
            PartState::Available | PartState::Quarantine | PartState::Recalled => QUARANTINE,
            PartState::Discarded => DISCARD,
            // What was made of it has labels of its own.
            PartState::Modified => return Err(no(Code::UnitGone)),
        };
        let group = match self.group_to_label(&part, &actor)? {
            Some(group) => code_of_group(group, Phenotype::Ordinary)?,
            None => stopped(held)?,
        };
        let component = part.product.component().ok_or_else(|| no(Code::NotFound))?;
        Labelled {
            din: &part.din,
            product_code: &part.product_code,
            kept: kept(Some(part.product), component, &self.policy().rule_book, self.today()?),
            group,
            expires: &part.expires,
            collected_at: Some(part.collected_at),
            volume: Some(part.volume),
            attributes: attributes(&part),
        }
        .label(facility)
    }

    fn unit_label(&self, unit: &Unit, facility: &str) -> Result<UnitLabel, Error> {
        let group = match unit.effective_status(self.now()?) {
            // Its label went with it; a second one would make another bag look like it.
            Effective::Issued { .. } => return Err(no(Code::UnitGone)),
            Effective::Discarded | Effective::Expired => stopped(DISCARD)?,
            Effective::Quarantined => stopped(QUARANTINE)?,
            _ if self.bag_on_hold(unit.id)?.is_some() => stopped(QUARANTINE)?,
            Effective::Available | Effective::Reserved { .. } | Effective::InTransit => {
                code_of_group(unit.group, unit.phenotype)?
            }
        };
        Labelled {
            din: &unit.din,
            product_code: &unit.product_code,
            kept: self.kept_as(unit.id, &unit.product_code, unit.component)?,
            group,
            expires: &unit.expires,
            collected_at: unit.collected_at,
            volume: unit.volume,
            attributes: self.traits_of(unit)?.attributes,
        }
        .label(facility)
    }

    fn slip_unit(&self, unit: &Unit) -> Result<SlipUnit, Error> {
        Ok(SlipUnit {
            din: din(&unit.din)?,
            product_code: product_code(&unit.product_code)?,
            product_name: product_name(&unit.product_code).unwrap_or_default(),
            group: code_of_group(unit.group, unit.phenotype)?,
            expires: unit.expires.wall,
        })
    }

    /// A slip of its own for every print; its barcode is signed.
    fn slip(&self, unit: &str, patient: &str, ward: &str, facility: String) -> Result<Slip, Error> {
        let unit = self.unit_there(unit_id(unit)?)?;
        let patient = patient_id(patient)?;
        let (now, zone) = (self.now()?, self.zone()?);
        let number = SlipId(self.options.clock.new_uuid());
        let slip = CollectionSlip { id: number, patient, unit: unit.id, printed_at: now };
        let facts = self.unit_care(patient, &unit)?;
        let local = |at: Instant| at.with_timezone(&zone).naive_local();
        let known = facts.unit.patient.as_ref().map(|p| (&p.group, p.phenotype));
        let shown =
            facts.care.crossmatch.as_ref().filter(|done| {
                done.covers(unit.id, patient, facts.care.sample.as_ref(), now).is_ok()
            });
        let session = self.session.as_ref().map(|s| s.actor.id);
        Ok(Slip {
            facility,
            number: number.to_string().chars().rev().take(6).collect::<String>().to_uppercase(),
            sealed: self.sealed(&slip)?,
            patient: self.person(patient)?,
            patient_group: match known {
                // No code says para-Bombay, and O would be wrong.
                Some((_, Phenotype::ParaBombay)) => None,
                Some((bloodbank::KnownGroup::Confirmed(group), phenotype)) => {
                    Some(code_of_group(*group, phenotype)?)
                }
                _ => None,
            },
            ward: ward.to_owned(),
            unit: self.slip_unit(&unit)?,
            crossmatch: shown.map(|done| crate::care::word(done.method).replace('_', " ")),
            special: facts
                .care
                .history
                .needs(now)
                .iter()
                .map(|need| match need {
                    bloodbank::traits::Need::Attribute(a) => crate::care::word(a).replace('_', " "),
                    bloodbank::traits::Need::AntigenNegative(a) => format!("{} negative", a.sign()),
                })
                .collect(),
            valid_until: match unit.effective_status(now) {
                Effective::Reserved { until, .. } => Some(local(until)),
                _ => None,
            },
            printed_at: local(now),
            printed_by: match session {
                Some(who) => self.names()?.of(who),
                None => String::new(),
            },
        })
    }

    /// The paper of a box that left here. It says the same at every print: its slip was signed once.
    fn box_slip(&self, transfer: &str, facility: String) -> Result<BoxSlip, Error> {
        let key = CareKey::Transfer(id(transfer)?);
        let sent: Transfer = self.care_there(key)?;
        let slip = sent.slip.as_ref().filter(|slip| slip.from == self.site());
        let slip = slip.ok_or_else(|| no(Code::Changed))?;
        let codes = parts::cut(&self.slip_text(slip)?)
            .ok_or_else(|| CommandError::refusal(Code::Malformed).with("detail", "slip"))?;
        let mut bags = vec![];
        for unit in &slip.units {
            bags.push(self.slip_unit(&self.unit_there(*unit)?)?);
        }
        let zone = self.zone()?;
        let local = |at: Instant| at.with_timezone(&zone).naive_local();
        // Who closed it is who gave the command that made the slip.
        let history = self.store()?.history(Key::Care(key))?;
        // The history knows whole microseconds; the clock that the slip was signed by may say more.
        let closed = micros(slip.sent_at);
        let by = history.iter().find(|row| micros(row.at) == closed).map(|row| row.user.clone());
        let names = self.staff_names()?;
        let named = |user: &String| names.get(user).cloned().unwrap_or_else(|| user.clone());
        let session = self.session.as_ref().map(|session| session.actor.id);
        Ok(BoxSlip {
            facility,
            number: slip.id.to_string().chars().rev().take(6).collect::<String>().to_uppercase(),
            from: self.named(&slip.from)?,
            to: self.named(&slip.to)?,
            content: match slip.component {
                Component::RedCells => Content::RedCells,
                Component::Platelets => Content::Platelets,
                Component::Plasma => Content::Plasma,
                Component::Cryoprecipitate => Content::Cryoprecipitate,
                Component::WholeBlood => Content::WholeBlood,
            },
            sent_at: local(slip.sent_at),
            sent_by: by.as_ref().map(named).unwrap_or_default(),
            // The first of them was read when it was closed; the others while it travelled.
            tenths: sent.readings.first().map(|reading| reading.tenths),
            codes,
            bags,
            printed_at: local(self.now()?),
            printed_by: match session {
                Some(who) => self.names()?.of(who),
                None => String::new(),
            },
        })
    }

    fn tag(&self, issue: &str) -> Result<Tag, Error> {
        let issue: Dispensation = self.care_there(CareKey::Dispensation(id(issue)?))?;
        let Basis::Uncrossmatched { order } = &issue.basis else { return Err(no(Code::Changed)) };
        let unit = self.unit_there(issue.unit)?;
        let zone = self.zone()?;
        Ok(Tag {
            patient: self.person(issue.patient)?,
            unit: self.slip_unit(&unit)?,
            ordered_by: self.names()?.of(order.physician),
            issued_at: issue.left_storage_at.with_timezone(&zone).naive_local(),
        })
    }

    fn person(&self, id: PatientId) -> Result<Person, Error> {
        let patient = self.store()?.patient(id)?.ok_or_else(|| no(Code::NotFound))?;
        use hospital::patient::Sex as S;
        Ok(Person {
            name: patient.display_name(),
            number: patient.hospital_number.clone(),
            born: patient.birth_date.map(born_words).unwrap_or_default(),
            sex: match patient.sex {
                S::Female => Some(Sex::Female),
                S::Male => Some(Sex::Male),
                S::Other => Some(Sex::Other),
                S::NotKnown => None,
            },
        })
    }
}

/// A birth date as screens show it (style.md, screens, 6): `05-Mar-1958`, or as far as it is known.
fn born_words(date: hospital::patient::BirthDate) -> String {
    let shown = match (date.month, date.day) {
        (Some(_), Some(_)) => "%d-%b-%Y",
        (Some(_), None) => "%b-%Y",
        (None, _) => "%Y",
    };
    date.earliest().map_or_else(|| date.to_string(), |day| day.format(shown).to_string())
}

/// What a label says of a bag, wherever the bag stands.
struct Labelled<'a> {
    din: &'a str,
    product_code: &'a str,
    kept: StorageRange,
    /// The group, or what must not be done with the bag.
    group: AboRhd,
    expires: &'a bloodbank::Expiry,
    collected_at: Option<Instant>,
    volume: Option<Millilitres>,
    attributes: BTreeSet<Attribute>,
}

impl Labelled<'_> {
    fn label(self, facility: &str) -> Result<UnitLabel, Error> {
        let zone = self.expires.zone;
        let collected = |at: Instant| Moment::to_the_minute(at.with_timezone(&zone).naive_local());
        Ok(UnitLabel {
            din: din(self.din)?,
            flag: Flag::UNSPECIFIED,
            group: self.group,
            product: Product {
                name: product_name(self.product_code).unwrap_or_default(),
                // No licensee's table is installed: the codes are the house's own, and the label says so.
                table: None,
                code: product_code(self.product_code)?,
                volume_ml: self.volume.map(|v| v.0),
                anticoagulant: None,
                storage: storage(self.kept),
            },
            expires: Expiry::to_the_minute(self.expires.wall)
                .ok_or_else(|| Error::Broken("an end that no label holds".into()))?,
            collected: self.collected_at.and_then(collected),
            facility: facility.to_owned(),
            registration: None,
            donation: None,
            special: self
                .attributes
                .iter()
                .map(|attribute| crate::care::word(attribute).replace('_', " "))
                .collect(),
            notice: None,
        })
    }
}

/// What was done to a component on the bench, as a ward asks for it.
fn attributes(part: &Part) -> BTreeSet<Attribute> {
    let done = part.attributes;
    let all = [
        (done.irradiated, Attribute::Irradiated),
        (done.leukoreduced, Attribute::Leukoreduced),
        (done.washed, Attribute::Washed),
    ];
    all.into_iter().filter(|(is, _)| *is).map(|(_, attribute)| attribute).collect()
}

/// The code that stands where a group would.
fn stopped(code: &str) -> Result<AboRhd, Error> {
    AboRhd::new(code).map_err(|_| Error::Broken("no label of a stopped bag".into()))
}

fn din(text: &str) -> Result<Din, Error> {
    Din::new(text).map_err(|e| CommandError::refusal(Code::ScanUnreadable).with("detail", e).into())
}

fn product_code(text: &str) -> Result<ProductCode, Error> {
    ProductCode::new(text)
        .map_err(|e| CommandError::refusal(Code::ScanUnreadable).with("detail", e).into())
}

/// The four characters of a group label. Bombay has codes of its own; blood without H is never coded as O.
fn code_of_group(group: Group, phenotype: Phenotype) -> Result<AboRhd, Error> {
    if !phenotype.is_ordinary() {
        let code = if group.rhd == Rhd::Negative { "G600" } else { "H600" };
        return AboRhd::new(code).map_err(|_| Error::Broken("a code that is none".into()));
    }
    let abo = match group.abo {
        Abo::O => isbt128::Abo::O,
        Abo::A => isbt128::Abo::A,
        Abo::B => isbt128::Abo::B,
        Abo::AB => isbt128::Abo::AB,
    };
    let rhd = match group.rhd {
        Rhd::Negative => isbt128::Rhd::Negative,
        Rhd::Positive => isbt128::Rhd::Positive,
    };
    AboRhd::for_group(abo, Some(rhd), DonationType::General)
        .ok_or_else(|| Error::Broken("a group without a code".into()))
}
