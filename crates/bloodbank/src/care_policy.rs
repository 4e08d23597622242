//! The numbers of the transfusion side that a clinician may change, each with its source.

use crate::policy::{BadPolicy, Confirmation, Sourced};
use chrono::NaiveDate;
use kernel::Component;
use serde::{Deserialize, Serialize};

/// One profile of the rules between request and bedside. Immutable; adopted together with
/// [`crate::Policy`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarePolicy {
    pub profile: String,
    /// Days that a sample is good for after transfusion or pregnancy, or when nobody knows; the day
    /// of drawing is day 0 and the sample ends at 23:59 of the last.
    pub sample_risk_days: Sourced<u32>,
    /// Hours that every other sample is good for.
    pub sample_hours: Sourced<u32>,
    /// How far back a transfusion or pregnancy counts, in days.
    pub risk_look_back_days: Sourced<u32>,
    pub electronic_crossmatch: Sourced<bool>,
    /// The patient's history must have been brought up to date within so many minutes.
    pub electronic_sync_minutes: Sourced<u32>,
    /// Hours that a crossmatch is good for, never longer than its sample.
    pub crossmatch_hours: Sourced<u32>,
    pub retrospective_hours: Sourced<u32>,
    /// Hours in which a physician decides on anti-D immunoglobulin after RhD-positive blood.
    #[serde(default = "anti_d_hours")]
    pub anti_d_hours: Sourced<u32>,
    /// Minutes out of storage after which no unit goes back on the shelf.
    pub return_minutes: Sourced<u32>,
    /// The highest temperature at return of a refrigerated unit, in 1/10 degree Celsius.
    pub return_tenths_max: Sourced<i32>,
    pub return_excursions_max: Sourced<u32>,
    /// Minutes from leaving storage to the start.
    pub start_minutes: Sourced<u32>,
    /// Minutes from the start to the end.
    pub transfusion_minutes: Sourced<u32>,
    /// Minutes from the start to the first observation.
    pub observe_minutes: Sourced<u32>,
    /// Hours after which a transfusion without an end is shown as presumed.
    pub presumed_hours: Sourced<u32>,
    /// Rise of temperature, in 1/10 degree, that stops a transfusion.
    pub fever_rise_tenths: Sourced<i32>,
    /// Low-titre group O whole blood: units for one patient, 0 forbids it.
    pub low_titre_whole_blood_max: Sourced<u32>,
    /// A compatible group while the patient's own is on the shelf asks for a reason.
    pub reason_for_other_group: Sourced<bool>,
    /// Rows of a protocol; the last repeats.
    pub packs: Sourced<Vec<Pack>>,
    /// RhD-negative red cells in one protocol after which RhD-positive are proposed.
    pub protocol_rhd_switch: Sourced<u32>,
    /// Red cells in 24 hours from which the abbreviated crossmatch is allowed.
    pub abbreviated_units: Sourced<u32>,
    pub thresholds: Sourced<Vec<Threshold>>,
    /// Temperatures on the way, by component.
    pub transport: Sourced<Vec<TransportRange>>,
    pub look_back: Sourced<Vec<LookBackWindow>>,
    /// Days in which the tasks of a look-back are due.
    pub look_back_task_days: Sourced<u32>,
    pub contact: ContactPolicy,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    pub lines: Vec<PackLine>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackLine {
    pub component: Component,
    pub count: u32,
}

/// A level under which a transfusion is usually thought of. Advice, never a gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// The code of an indication, as in a request.
    pub indication: String,
    pub component: Component,
    pub measure: Measure,
    /// Units of the measure.
    pub below: u32,
    pub source: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// g/L
    Haemoglobin,
    /// 10^9/L
    PlateletCount,
    /// INR in tenths
    Inr,
    /// mg/dL
    Fibrinogen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransportRange {
    pub component: Component,
    /// 1/10 degree Celsius, inclusive.
    pub least: i32,
    pub most: i32,
}

/// Which donations a reactive marker reaches back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookBackWindow {
    pub marker: String,
    /// Days before the last negative test.
    pub days_before_negative: u32,
}

/// When a donor may be written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactPolicy {
    /// Local hours, [from, to): no message leaves outside.
    pub from_hour: Sourced<u32>,
    pub to_hour: Sourced<u32>,
    pub days_between_appeals: Sourced<u32>,
    /// Hours in which a YES counts as an answer to this message.
    pub response_hours: Sourced<u32>,
    /// Days in which a donation counts as turn-out.
    pub turnout_days: Sourced<u32>,
    /// Successes and failures that the estimate of the yield starts with.
    pub yield_prior: Sourced<(u32, u32)>,
}

/// What a number of this name may be at all; none for a name that is no number here.
pub fn care_bounds(name: &str) -> Option<(u32, u32)> {
    Some(match name {
        "sample_risk_days" => (1, 7),
        "sample_hours" => (24, 2160),
        "risk_look_back_days" => (30, 365),
        "electronic_sync_minutes" => (1, 10080),
        "crossmatch_hours" => (1, 336),
        "retrospective_hours" => (1, 72),
        "anti_d_hours" => (1, 240),
        "return_minutes" => (1, 60),
        "return_excursions_max" => (1, 10),
        "start_minutes" => (5, 120),
        "transfusion_minutes" => (30, 360),
        "observe_minutes" => (5, 60),
        "presumed_hours" => (5, 336),
        "low_titre_whole_blood_max" => (0, 20),
        "protocol_rhd_switch" => (1, 20),
        "abbreviated_units" => (4, 20),
        "look_back_task_days" => (1, 30),
        "contact.from_hour" => (0, 23),
        "contact.to_hour" => (1, 24),
        "contact.days_between_appeals" => (1, 90),
        "contact.response_hours" => (1, 24 * 7),
        "contact.turnout_days" => (1, 60),
        _ => return None,
    })
}

impl CarePolicy {
    /// The default profile. Nothing in it has been confirmed by a specialist.
    pub fn who() -> Self {
        use Component::{Cryoprecipitate, Plasma, Platelets, RedCells, WholeBlood};
        let line = |component, count| PackLine { component, count };
        let threshold = |indication: &str, component, measure, below, source: &str| Threshold {
            indication: indication.into(),
            component,
            measure,
            below,
            source: source.into(),
        };
        let window = |marker: &str, days_before_negative| LookBackWindow {
            marker: marker.into(),
            days_before_negative,
        };
        Self {
            profile: "who".into(),
            sample_risk_days: open(3, "21 CFR 606.151(b), day 0 (K)"),
            sample_hours: open(168, "Greyhound Blood Bank, its safety rules: 168 h"),
            risk_look_back_days: open(90, "Greyhound Blood Bank, its safety rules"),
            electronic_crossmatch: open(
                false,
                "University of Alberta after AABB; Judd, Vox Sanguinis 1998; FDA guidance on computer crossmatch 2011: off by default",
            ),
            electronic_sync_minutes: open(24 * 60, "our own rule: 24 h"),
            crossmatch_hours: open(
                72,
                "Greyhound Blood Bank, its safety rules: never longer than the sample",
            ),
            retrospective_hours: open(24, "Greyhound Blood Bank, its safety rules"),
            anti_d_hours: anti_d_hours(),
            return_minutes: open(30, "30 min; 60 min in Ontario (Transfusion FAQ)"),
            return_tenths_max: open(100, "a bench test, Lab Medicine 2014: 10 degrees"),
            return_excursions_max: open(3, "UK, JPAC GI-03 2016"),
            start_minutes: open(30, "Brunskill 2012"),
            transfusion_minutes: open(240, "Brunskill 2012"),
            observe_minutes: open(15, "BSH 2018 (K)"),
            presumed_hours: open(24, "VBECS user guide 2.3.2: a period of the site's own"),
            fever_rise_tenths: open(20, "TRIP definitions"),
            low_titre_whole_blood_max: open(4, "AABB 5.27 (K)"),
            reason_for_other_group: open(false, "our own rule: identical first"),
            packs: open(
                vec![Pack { lines: vec![line(RedCells, 4), line(Plasma, 4), line(Platelets, 1)] }],
                "Fairview, massive transfusion protocol: 4 to 4 to 1",
            ),
            protocol_rhd_switch: open(4, "AABB Association Bulletin 19-02"),
            abbreviated_units: open(
                8,
                "LearnHaem, massive transfusion: 8 to 10 adult units in 24 h",
            ),
            thresholds: open(
                vec![
                    threshold(
                        "anaemia",
                        RedCells,
                        Measure::Haemoglobin,
                        70,
                        "restrictive threshold, AABB 2023 (K)",
                    ),
                    threshold(
                        "anaemia_cardiac",
                        RedCells,
                        Measure::Haemoglobin,
                        80,
                        "restrictive threshold in heart disease, AABB 2023 (K)",
                    ),
                    threshold(
                        "thrombocytopenia",
                        Platelets,
                        Measure::PlateletCount,
                        10,
                        "prophylaxis, AABB 2015 (K)",
                    ),
                    threshold(
                        "procedure",
                        Platelets,
                        Measure::PlateletCount,
                        50,
                        "before an invasive procedure, BSH 2017 (K)",
                    ),
                    threshold(
                        "bleeding",
                        Cryoprecipitate,
                        Measure::Fibrinogen,
                        200,
                        "OU Medical Center 2012",
                    ),
                ],
                "to be confirmed by the site's transfusion committee",
            ),
            transport: open(
                [
                    (RedCells, 10, 100),
                    (WholeBlood, 10, 100),
                    (Platelets, 200, 240),
                    (Plasma, -1_000, -180),
                    (Cryoprecipitate, -1_000, -180),
                ]
                .map(|(component, least, most)| TransportRange { component, least, most })
                .to_vec(),
                "AABB Standards 32, temperature chart: 1 to 10, 20 to 24, frozen stays frozen",
            ),
            look_back: open(
                vec![
                    window("hiv", 365),
                    window("hcv", 365),
                    window("hbsag", 365),
                    window("syphilis", 365),
                ],
                "21 CFR 610.46: 12 months for HIV; the others by analogy (K)",
            ),
            look_back_task_days: open(3, "21 CFR 610.46"),
            contact: ContactPolicy {
                from_hour: open(8, "our own rule: quiet hours of the place"),
                to_hour: open(20, "our own rule: quiet hours of the place"),
                days_between_appeals: open(7, "our own rule"),
                response_hours: open(24, "our own measure: replies within 24 h"),
                turnout_days: open(14, "our own measure: donated within 14 d"),
                yield_prior: open((1, 3), "Beta prior, near the 28.4 % of a trial of reminders"),
            },
        }
    }

    /// Checks the sanity bounds.
    ///
    /// # Errors
    /// The first value that cannot have been meant.
    pub fn checked(self) -> Result<Self, BadPolicy> {
        let numbers = [
            ("sample_risk_days", &self.sample_risk_days),
            ("sample_hours", &self.sample_hours),
            ("risk_look_back_days", &self.risk_look_back_days),
            ("electronic_sync_minutes", &self.electronic_sync_minutes),
            ("crossmatch_hours", &self.crossmatch_hours),
            ("retrospective_hours", &self.retrospective_hours),
            ("anti_d_hours", &self.anti_d_hours),
            ("return_minutes", &self.return_minutes),
            ("return_excursions_max", &self.return_excursions_max),
            ("start_minutes", &self.start_minutes),
            ("transfusion_minutes", &self.transfusion_minutes),
            ("observe_minutes", &self.observe_minutes),
            ("presumed_hours", &self.presumed_hours),
            ("low_titre_whole_blood_max", &self.low_titre_whole_blood_max),
            ("protocol_rhd_switch", &self.protocol_rhd_switch),
            ("abbreviated_units", &self.abbreviated_units),
            ("look_back_task_days", &self.look_back_task_days),
            ("contact.from_hour", &self.contact.from_hour),
            ("contact.to_hour", &self.contact.to_hour),
            ("contact.days_between_appeals", &self.contact.days_between_appeals),
            ("contact.response_hours", &self.contact.response_hours),
            ("contact.turnout_days", &self.contact.turnout_days),
        ];
        for (name, sourced) in numbers {
            let value = sourced.value;
            let (least, most) = care_bounds(name).unwrap_or((0, u32::MAX));
            if !(least..=most).contains(&value) {
                return Err(BadPolicy::OutOfBounds { name, value, least, most });
            }
            if kernel::said(&sourced.source).is_none() {
                return Err(BadPolicy::Blank { name });
            }
        }
        // Signed values; the error speaks of magnitudes, which is enough to find the row.
        for (name, value, least, most) in [
            ("return_tenths_max", self.return_tenths_max.value, 10, 150),
            ("fever_rise_tenths", self.fever_rise_tenths.value, 5, 30),
        ] {
            if !(least..=most).contains(&value) {
                let (value, least, most) =
                    (value.unsigned_abs(), least.unsigned_abs(), most.unsigned_abs());
                return Err(BadPolicy::OutOfBounds { name, value, least, most });
            }
        }
        let (from, to) = (self.contact.from_hour.value, self.contact.to_hour.value);
        if from >= to {
            let (name, least, most) = ("contact.from_hour", 0, to.saturating_sub(1));
            return Err(BadPolicy::OutOfBounds { name, value: from, least, most });
        }
        let prior = self.contact.yield_prior.value;
        let (name, least, most) = ("contact.yield_prior", 1, 1_000);
        for value in [prior.0, prior.1] {
            if !(least..=most).contains(&value) {
                return Err(BadPolicy::OutOfBounds { name, value, least, most });
            }
        }
        if self.packs.value.is_empty() {
            return Err(BadPolicy::Blank { name: "packs" });
        }
        for line in self.packs.value.iter().flat_map(|pack| &pack.lines) {
            let (name, least, most) = ("pack line", 1, 20);
            if !(least..=most).contains(&line.count) {
                return Err(BadPolicy::OutOfBounds { name, value: line.count, least, most });
            }
        }
        if self.packs.value.iter().any(|pack| pack.lines.is_empty()) {
            return Err(BadPolicy::Blank { name: "pack line" });
        }
        for window in &self.look_back.value {
            let (name, least, most) = ("look-back window", 1, 3_650);
            let value = window.days_before_negative;
            if !(least..=most).contains(&value) {
                return Err(BadPolicy::OutOfBounds { name, value, least, most });
            }
        }
        Ok(self)
    }

    /// The names of the values that no specialist has confirmed.
    pub fn open_values(&self) -> Vec<&'static str> {
        macro_rules! unconfirmed {
            ($($name:literal: $field:expr),* $(,)?) => {{
                let mut found = vec![];
                $(if $field.status == Confirmation::ToBeConfirmed { found.push($name); })*
                found
            }};
        }
        unconfirmed![
            "sample_risk_days": self.sample_risk_days,
            "sample_hours": self.sample_hours,
            "risk_look_back_days": self.risk_look_back_days,
            "electronic_crossmatch": self.electronic_crossmatch,
            "electronic_sync_minutes": self.electronic_sync_minutes,
            "crossmatch_hours": self.crossmatch_hours,
            "retrospective_hours": self.retrospective_hours,
            "anti_d_hours": self.anti_d_hours,
            "return_minutes": self.return_minutes,
            "return_tenths_max": self.return_tenths_max,
            "return_excursions_max": self.return_excursions_max,
            "start_minutes": self.start_minutes,
            "transfusion_minutes": self.transfusion_minutes,
            "observe_minutes": self.observe_minutes,
            "presumed_hours": self.presumed_hours,
            "fever_rise_tenths": self.fever_rise_tenths,
            "low_titre_whole_blood_max": self.low_titre_whole_blood_max,
            "reason_for_other_group": self.reason_for_other_group,
            "packs": self.packs,
            "protocol_rhd_switch": self.protocol_rhd_switch,
            "abbreviated_units": self.abbreviated_units,
            "thresholds": self.thresholds,
            "transport": self.transport,
            "look_back": self.look_back,
            "look_back_task_days": self.look_back_task_days,
            "contact.from_hour": self.contact.from_hour,
            "contact.to_hour": self.contact.to_hour,
            "contact.days_between_appeals": self.contact.days_between_appeals,
            "contact.response_hours": self.contact.response_hours,
            "contact.turnout_days": self.contact.turnout_days,
            "contact.yield_prior": self.contact.yield_prior,
        ]
    }

    /// The transport range of a component; none when policy names none.
    pub fn transport_of(&self, component: Component) -> Option<TransportRange> {
        self.transport.value.iter().find(|row| row.component == component).copied()
    }
}

impl Default for CarePolicy {
    fn default() -> Self {
        Self::who()
    }
}

/// Also of a policy that was adopted before it had this row.
fn anti_d_hours() -> Sourced<u32> {
    open(72, "anti-D immunoglobulin within 72 h, BSH 2014 (K)")
}

fn open<T>(value: T, source: &str) -> Sourced<T> {
    Sourced {
        value,
        source: source.to_owned(),
        effective_from: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default(),
        status: Confirmation::ToBeConfirmed,
    }
}
