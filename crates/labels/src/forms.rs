//! The blank forms for the hours without power or program. What is written on them is entered
//! later with the time it happened, which is the first box of every form.

use crate::form::Inside::{Din, Moment, Room, Ticks};
use crate::form::{Form, LYING, UPRIGHT};
use crate::{Error, Job, Printed};

/// A form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blank {
    /// A ward asks for blood.
    Request,
    /// A sample is drawn, and two people say from whom.
    Sample,
    /// What left the blood bank, unit by unit.
    IssueLog,
    /// One unit at one bedside.
    Transfusion,
    /// What lies on the shelves, and what came and went.
    Stock,
    /// One donor at the donor desk, from the questions to the bag.
    Donation,
    /// One donation at the bench, from its components to the release.
    Bench,
}

impl Blank {
    /// Every one, in the order of the work.
    pub const ALL: [Self; 7] = [
        Self::Request,
        Self::Sample,
        Self::IssueLog,
        Self::Transfusion,
        Self::Stock,
        Self::Donation,
        Self::Bench,
    ];

    fn page(self) -> (f64, f64) {
        match self {
            Self::IssueLog | Self::Stock => LYING,
            Self::Request | Self::Sample | Self::Transfusion | Self::Donation | Self::Bench => {
                UPRIGHT
            }
        }
    }

    fn draw(self, form: &mut Form, facility: &str) {
        match self {
            Self::Request => request(form, facility),
            Self::Sample => sample(form, facility),
            Self::IssueLog => issue_log(form, facility),
            Self::Transfusion => transfusion(form, facility),
            Self::Stock => stock(form, facility),
            Self::Donation => donation(form, facility),
            Self::Bench => bench(form, facility),
        }
        let words = form.word("f.foot");
        form.foot(words);
    }
}

/// One form, so many copies.
///
/// # Errors
/// [`Error::Empty`] and [`Error::TooMany`] for no copy and for more than 100.
pub fn blank(job: &Job, form: Blank, facility: &str, copies: usize) -> Result<Printed, Error> {
    blanks(job, &vec![form; copies.min(MOST + 1)], facility)
}

/// These forms, one to a page.
///
/// # Errors
/// [`Error::Empty`] and [`Error::TooMany`] for none and for more than 100.
pub fn blanks(job: &Job, forms: &[Blank], facility: &str) -> Result<Printed, Error> {
    let first = forms.first().ok_or(Error::Empty)?;
    if forms.len() > MOST {
        return Err(Error::TooMany { most: MOST });
    }
    let mut paper = Form::new(job, first.page());
    for (n, form) in forms.iter().enumerate() {
        if n > 0 {
            paper.next(form.page());
        }
        form.draw(&mut paper, facility);
    }
    Ok(paper.finish(job, "Forms for downtime"))
}

const MOST: usize = 100;
const YES_NO: [&str; 3] = ["f.yes", "f.no", "not_known"];

fn head(form: &mut Form, facility: &str, title: &'static str) {
    form.head(facility, title);
    let words = form.word("f.how");
    let face = form.face(8.0);
    form.say(words, face, 2);
    form.y += 1.0;
}

/// Whom it is about: the same boxes in the same place on every form of a patient.
fn patient(form: &mut Form) {
    form.section("f.patient");
    form.row(12.0, &[("f.family", 0.36, Room), ("f.given", 0.36, Room), ("f.number", 0.28, Room)]);
    form.row(
        12.0,
        &[
            ("f.born", 0.36, Room),
            ("f.sex", 0.36, Ticks(&["female", "male", "f.other"])),
            ("f.ward", 0.28, Room),
        ],
    );
}

fn request(form: &mut Form, facility: &str) {
    head(form, facility, "f.request.title");
    form.row(14.0, &[("f.when", 0.5, Moment), ("f.needed_by", 0.5, Moment)]);
    patient(form);
    form.section("f.request.blood");
    form.row(
        12.0,
        &[
            ("f.urgency", 0.62, Ticks(&["f.routine", "f.urgent", "f.emergency", "f.massive"])),
            ("f.sample_number", 0.38, Room),
        ],
    );
    form.table(
        &[("f.component", 0.25), ("f.units", 0.12), ("f.needs", 0.38), ("f.group_asked", 0.25)],
        &["f.red_cells", "f.platelets", "f.plasma", "f.cryo", "f.whole_blood"],
        5,
        8.0,
    );
    form.row(16.0, &[("f.indication", 1.0, Room)]);
    form.row(
        12.0,
        &[
            ("f.haemoglobin", 0.25, Room),
            ("f.platelet_count", 0.25, Room),
            ("f.inr", 0.25, Room),
            ("f.weight", 0.25, Room),
        ],
    );
    form.row(
        12.0,
        &[
            (
                "f.group_known",
                0.5,
                Ticks(&["f.o", "f.a", "f.b", "f.ab", "f.positive", "f.negative"]),
            ),
            ("f.antibodies", 0.5, Ticks(&YES_NO)),
        ],
    );
    form.row(12.0, &[("f.transfused", 0.5, Ticks(&YES_NO)), ("f.pregnant", 0.5, Ticks(&YES_NO))]);
    form.row(
        13.0,
        &[("f.asked_by", 0.4, Room), ("f.signature", 0.34, Room), ("f.telephone", 0.26, Room)],
    );
    form.section("f.request.uncrossmatched");
    let words = form.word("f.request.responsibility");
    let face = form.face(8.5);
    form.say(words, face, 2);
    form.y += 0.6;
    form.row(
        14.0,
        &[("f.physician", 0.32, Room), ("f.signature", 0.24, Room), ("f.signed_at", 0.44, Moment)],
    );
    entered(form);
}

fn sample(form: &mut Form, facility: &str) {
    head(form, facility, "f.sample.title");
    form.row(14.0, &[("f.when", 0.56, Moment), ("f.sample_number", 0.44, Room)]);
    patient(form);
    form.section("f.sample.bedside");
    for step in
        ["f.sample.step1", "f.sample.step2", "f.sample.step3", "f.sample.step4", "f.sample.step5"]
    {
        form.step(step);
    }
    form.y += 1.0;
    form.section("f.sample.first");
    form.row(
        14.0,
        &[("f.name", 0.34, Room), ("f.signature", 0.22, Room), ("f.signed_at", 0.44, Moment)],
    );
    form.section("f.sample.second");
    form.row(
        14.0,
        &[("f.name", 0.34, Room), ("f.signature", 0.22, Room), ("f.signed_at", 0.44, Moment)],
    );
    form.row(20.0, &[("f.sample.not_identified", 1.0, Room)]);
    form.section("f.sample.laboratory");
    form.row(
        14.0,
        &[
            ("f.received_at", 0.44, Moment),
            ("f.received_by", 0.28, Room),
            ("f.sample.decision", 0.28, Ticks(&["f.accepted", "f.rejected"])),
        ],
    );
    form.row(16.0, &[("f.sample.why_rejected", 1.0, Room)]);
    entered(form);
}

fn issue_log(form: &mut Form, facility: &str) {
    head(form, facility, "f.issue.title");
    form.table(
        &[
            ("f.when", 0.1),
            ("f.din_check", 0.15),
            ("f.product_code", 0.08),
            ("f.group_unit", 0.07),
            ("f.expires", 0.08),
            ("f.patient_number", 0.18),
            ("f.compatible", 0.09),
            ("f.looked", 0.06),
            ("f.issued_by", 0.09),
            ("f.collected_by", 0.1),
        ],
        &[],
        12,
        10.2,
    );
    form.y += 1.5;
    form.row(12.0, &[("f.sheet", 0.14, Room), ("f.site", 0.46, Room), ("f.name", 0.4, Room)]);
    form.y += 1.0;
    let words = form.word("f.issue.note");
    let face = form.face(8.0);
    form.say(words, face, 2);
}

fn transfusion(form: &mut Form, facility: &str) {
    head(form, facility, "f.transfusion.title");
    form.row(14.0, &[("f.when", 0.56, Moment), ("f.slip_number", 0.44, Room)]);
    patient(form);
    form.section("f.unit");
    form.row(
        13.0,
        &[("f.din_check", 0.56, Din), ("f.product_code", 0.22, Room), ("f.expires", 0.22, Room)],
    );
    form.row(
        11.0,
        &[
            (
                "f.group_unit",
                0.5,
                Ticks(&["f.o", "f.a", "f.b", "f.ab", "f.positive", "f.negative"]),
            ),
            (
                "f.group_patient",
                0.5,
                Ticks(&["f.o", "f.a", "f.b", "f.ab", "f.positive", "f.negative"]),
            ),
        ],
    );
    form.section("f.transfusion.check");
    for step in
        ["f.transfusion.step1", "f.transfusion.step2", "f.transfusion.step3", "f.transfusion.step4"]
    {
        form.step(step);
    }
    form.y += 0.6;
    form.row(
        12.0,
        &[
            ("f.checker1", 0.28, Room),
            ("f.signature", 0.22, Room),
            ("f.checker2", 0.28, Room),
            ("f.signature", 0.22, Room),
        ],
    );
    form.section("f.transfusion.course");
    form.row(14.0, &[("f.started_at", 0.5, Moment), ("f.ended_at", 0.5, Moment)]);
    form.table(
        &[
            ("f.observation", 0.17),
            ("f.time", 0.1),
            ("f.temperature", 0.12),
            ("f.pulse", 0.11),
            ("f.pressure", 0.14),
            ("f.breaths", 0.11),
            ("f.oxygen", 0.1),
            ("f.initials", 0.15),
        ],
        &["f.before", "f.minutes15", "f.minutes30", "f.hour1", "f.hour2", "f.hour3", "f.end"],
        7,
        6.4,
    );
    form.row(
        12.0,
        &[
            ("f.volume", 0.22, Room),
            ("f.outcome", 0.78, Ticks(&["f.uneventful", "f.reaction", "f.stopped", "f.not_given"])),
        ],
    );
    form.row(14.0, &[("f.what_was_done", 1.0, Room)]);
    entered(form);
}

fn stock(form: &mut Form, facility: &str) {
    head(form, facility, "f.stock.title");
    form.row(
        13.0,
        &[
            ("f.when", 0.32, Moment),
            ("f.site", 0.24, Room),
            ("f.counted_by", 0.22, Room),
            ("f.second_counter", 0.22, Room),
        ],
    );
    form.section("f.stock.count");
    let groups =
        ["f.o_neg", "f.o_pos", "f.a_neg", "f.a_pos", "f.b_neg", "f.b_pos", "f.ab_neg", "f.ab_pos"];
    let mut columns = vec![("f.component", 0.16)];
    columns.extend(groups.map(|name| (name, 0.085)));
    columns.extend([("f.quarantine", 0.09), ("f.next_expiry", 0.07)]);
    form.table(
        &columns,
        &["f.red_cells", "f.platelets", "f.plasma", "f.cryo", "f.whole_blood"],
        5,
        7.4,
    );
    form.section("f.stock.moves");
    form.table(
        &[
            ("f.when", 0.14),
            ("f.din_check", 0.18),
            ("f.product_code", 0.1),
            ("f.group_unit", 0.08),
            ("f.expires", 0.1),
            ("f.in_out", 0.08),
            ("f.reason", 0.2),
            ("f.by", 0.12),
        ],
        &[],
        7,
        8.2,
    );
}

/// The questions that every rule book asks; what a country asks besides is written below them.
const QUESTIONS: [&str; 14] = [
    "f.q.well",
    "f.q.medicine",
    "f.q.illness",
    "f.q.operation",
    "f.q.transfused",
    "f.q.tattoo",
    "f.q.needle",
    "f.q.malaria",
    "f.q.hepatitis",
    "f.q.vaccine",
    "f.q.drugs",
    "f.q.risk",
    "f.q.pregnant",
    "f.q.delivery",
];

fn donation(form: &mut Form, facility: &str) {
    head(form, facility, "f.donation.title");
    form.row(13.0, &[("f.when", 0.56, Moment), ("f.donation.number", 0.44, Room)]);
    form.section("f.donation.donor");
    form.row(
        11.0,
        &[("f.family", 0.36, Room), ("f.given", 0.36, Room), ("f.donation.paper", 0.28, Room)],
    );
    form.row(
        11.0,
        &[
            ("f.born", 0.2, Room),
            ("f.sex", 0.36, Ticks(&["female", "male", "f.other"])),
            ("f.donation.last", 0.22, Room),
            ("f.telephone", 0.22, Room),
        ],
    );
    form.section("f.donation.questions");
    form.asked(&QUESTIONS, 5.8);
    form.row(15.0, &[("f.donation.more", 1.0, Room)]);
    form.section("f.donation.measured");
    form.row(
        11.2,
        &[
            ("f.weight", 0.18, Room),
            ("f.haemoglobin", 0.22, Room),
            ("f.pressure", 0.24, Room),
            ("f.pulse", 0.18, Room),
            ("f.temperature", 0.18, Room),
        ],
    );
    form.row(
        11.2,
        &[
            (
                "f.donation.decision",
                0.54,
                Ticks(&["f.donation.may", "f.donation.later", "f.donation.asked"]),
            ),
            ("f.donation.why", 0.46, Room),
        ],
    );
    form.row(
        11.2,
        &[("f.donation.list", 0.54, Ticks(&["f.yes", "f.no"])), ("f.donation.decided", 0.46, Room)],
    );
    form.section("f.donation.consent");
    form.step("f.donation.agrees");
    form.row(
        12.0,
        &[("f.donation.signed", 0.34, Room), ("f.by", 0.22, Room), ("f.signed_at", 0.44, Moment)],
    );
    form.section("f.donation.bag");
    form.row(12.0, &[("f.din_check", 0.56, Din), ("f.donation.bag_lot", 0.44, Room)]);
    form.row(12.5, &[("f.started_at", 0.5, Moment), ("f.ended_at", 0.5, Moment)]);
    form.row(
        11.2,
        &[
            ("f.donation.same", 0.36, Ticks(&["f.yes", "f.no"])),
            ("f.donation.volume", 0.2, Room),
            ("f.donation.bled_by", 0.44, Room),
        ],
    );
    form.row(
        11.2,
        &[
            (
                "f.donation.reaction",
                0.6,
                Ticks(&[
                    "f.donation.none",
                    "f.donation.faint",
                    "f.donation.bruise",
                    "f.donation.else",
                ]),
            ),
            ("f.donation.done", 0.4, Room),
        ],
    );
    entered(form);
}

fn bench(form: &mut Form, facility: &str) {
    head(form, facility, "f.bench.title");
    form.row(13.0, &[("f.when", 0.44, Moment), ("f.din_check", 0.56, Din)]);
    form.section("f.bench.components");
    form.table(
        &[
            ("f.component", 0.19),
            ("f.product_code", 0.16),
            ("f.bench.volume", 0.12),
            ("f.bench.made_at", 0.15),
            ("f.expires", 0.15),
            ("f.bench.look", 0.1),
            ("f.by", 0.13),
        ],
        &["f.red_cells", "f.platelets", "f.plasma", "f.cryo"],
        5,
        6.8,
    );
    form.section("f.bench.group");
    form.table(
        &[
            ("f.bench.reader", 0.17),
            ("f.bench.anti_a", 0.08),
            ("f.bench.anti_b", 0.08),
            ("f.bench.anti_d", 0.08),
            ("f.bench.weak_d", 0.09),
            ("f.bench.a_cells", 0.08),
            ("f.bench.b_cells", 0.08),
            ("f.bench.reads", 0.13),
            ("f.bench.lots", 0.11),
            ("f.bench.by_time", 0.1),
        ],
        &["f.bench.first", "f.bench.second"],
        2,
        9.0,
    );
    form.row(
        10.0,
        &[
            (
                "f.bench.screen",
                0.44,
                Ticks(&["f.bench.clear", "f.bench.found", "f.bench.not_done"]),
            ),
            ("f.bench.before", 0.56, Room),
        ],
    );
    form.section("f.bench.markers");
    form.table(
        &[
            ("f.bench.marker", 0.16),
            ("f.bench.lot1", 0.14),
            ("f.bench.controls", 0.09),
            ("f.bench.result", 0.09),
            ("f.bench.by_time", 0.1),
            ("f.bench.lot2", 0.14),
            ("f.bench.controls", 0.09),
            ("f.bench.result", 0.09),
            ("f.bench.by_time", 0.1),
        ],
        &["f.bench.hiv", "f.bench.hbv", "f.bench.hcv", "f.bench.syphilis"],
        6,
        7.0,
    );
    form.section("f.bench.release");
    for step in ["f.bench.step1", "f.bench.step2", "f.bench.step3"] {
        form.step(step);
    }
    form.y += 0.6;
    form.row(
        10.5,
        &[
            (
                "f.bench.decision",
                0.54,
                Ticks(&["f.bench.released", "f.bench.kept", "f.bench.discarded"]),
            ),
            ("f.bench.why", 0.46, Room),
        ],
    );
    for name in ["f.bench.releases", "f.bench.agrees"] {
        form.row(
            12.5,
            &[(name, 0.34, Room), ("f.signature", 0.22, Room), ("f.signed_at", 0.44, Moment)],
        );
    }
    entered(form);
}

/// Who put it into the program, and when.
fn entered(form: &mut Form) {
    form.y += 2.0;
    form.row(14.0, &[("f.entered_at", 0.5, Moment), ("f.entered_by", 0.5, Room)]);
}
