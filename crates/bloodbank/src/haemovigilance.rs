//! A case of haemovigilance: what was seen, what it may be, how sure the cause is, what has to be
//! done, and when it may be closed (bloodbank.md 2.11).

use crate::Command as UnitCommand;
use crate::Unit;
use crate::care::{CareRule, Refusal, Task, TaskKind, changed, text, unknown, within};
use crate::unit::Status as UnitStatus;
use chrono::TimeDelta;
use kernel::{CaseId, CommandId, Instant, PatientId, StaffId, TransfusionId, UnitId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    FebrileNonHaemolytic,
    MildFebrile,
    Allergic,
    Anaphylactic,
    AcuteHaemolytic,
    DelayedHaemolytic,
    DelayedSerologic,
    Trali,
    Taco,
    Dyspnoea,
    Hypotensive,
    Purpura,
    GraftVersusHost,
    InfectionBacterial,
    InfectionViral,
    InfectionParasitic,
    Haemosiderosis,
    Hyperkalaemia,
    Other,
    /// Incidents, with or without harm.
    WrongComponent,
    RequirementNotMet,
    HandlingError,
    NearMiss,
}

/// When a category begins and ends after the start of the transfusion, and where that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    pub from: TimeDelta,
    /// None: no end.
    pub until: Option<TimeDelta>,
    pub source: &'static str,
}

impl Category {
    pub const ALL: [Category; 23] = [
        Category::FebrileNonHaemolytic,
        Category::MildFebrile,
        Category::Allergic,
        Category::Anaphylactic,
        Category::AcuteHaemolytic,
        Category::DelayedHaemolytic,
        Category::DelayedSerologic,
        Category::Trali,
        Category::Taco,
        Category::Dyspnoea,
        Category::Hypotensive,
        Category::Purpura,
        Category::GraftVersusHost,
        Category::InfectionBacterial,
        Category::InfectionViral,
        Category::InfectionParasitic,
        Category::Haemosiderosis,
        Category::Hyperkalaemia,
        Category::Other,
        Category::WrongComponent,
        Category::RequirementNotMet,
        Category::HandlingError,
        Category::NearMiss,
    ];

    /// Nobody was harmed by the blood itself.
    pub fn is_incident(self) -> bool {
        matches!(
            self,
            Category::WrongComponent
                | Category::RequirementNotMet
                | Category::HandlingError
                | Category::NearMiss
        )
    }

    /// The window of a category (2.11), counted from the start of the transfusion.
    pub fn timing(self) -> Option<Timing> {
        let hours = TimeDelta::hours;
        let days = TimeDelta::days;
        let of = |from, until, source| Some(Timing { from, until: Some(until), source });
        match self {
            Category::FebrileNonHaemolytic => {
                of(hours(0), hours(4), "ISBT working party 2011 (K); TRIP counts 2 h after the end")
            }
            Category::MildFebrile => of(hours(0), hours(4), "TRIP definitions"),
            Category::Allergic | Category::Anaphylactic => {
                of(hours(0), hours(4), "TRIP definitions; Australia (NBA 2013) 24 h")
            }
            Category::AcuteHaemolytic => of(hours(0), hours(24), "TRIP definitions"),
            Category::DelayedHaemolytic | Category::DelayedSerologic => {
                of(hours(24), days(28), "TRIP definitions")
            }
            Category::Trali => of(hours(0), hours(6), "TRIP definitions"),
            Category::Taco => of(hours(0), hours(12), "TRIP definitions"),
            Category::Dyspnoea => of(hours(0), hours(24), "ISBT working party 2011 (K)"),
            Category::Hypotensive => of(hours(0), hours(1), "ISBT working party 2011 (K)"),
            Category::Purpura => of(days(5), days(12), "ISBT working party 2011 (K)"),
            Category::GraftVersusHost => of(days(2), days(42), "ISBT working party 2011 (K)"),
            _ => None,
        }
    }
}

/// Signs of overload that there are beside dyspnoea and hypoxia: as many as the page asks for.
const MOST_OVERLOAD_SIGNS: u32 = 5;

/// What was seen. Booleans are findings that somebody looked for; not looked for is false, and a
/// suggestion says what it rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// Rise since the start, 1/10 degree.
    pub rise_tenths: Option<i32>,
    /// The highest, 1/10 degree.
    pub highest_tenths: Option<i32>,
    pub rigors: bool,
    pub urticaria: bool,
    pub wheeze_or_angioedema: bool,
    /// Fall of the systolic pressure in mmHg.
    pub systolic_drop: Option<u32>,
    pub dyspnoea: bool,
    pub hypoxia: bool,
    pub bilateral_infiltrates: bool,
    /// Signs of overload beside dyspnoea and hypoxia: pressure, balance, heart size, BNP.
    pub overload_signs: u32,
    pub haemoglobinuria: bool,
    pub haemolysis: bool,
    pub direct_antiglobulin_positive: bool,
    pub new_antibody: bool,
    pub platelets_fell: bool,
    pub culture_positive: bool,
}

impl Findings {
    /// Both together: what was found once stays found, of two measures the one further off counts.
    pub fn and(self, other: Findings) -> Findings {
        Findings {
            rise_tenths: self.rise_tenths.max(other.rise_tenths),
            highest_tenths: self.highest_tenths.max(other.highest_tenths),
            rigors: self.rigors || other.rigors,
            urticaria: self.urticaria || other.urticaria,
            wheeze_or_angioedema: self.wheeze_or_angioedema || other.wheeze_or_angioedema,
            systolic_drop: self.systolic_drop.max(other.systolic_drop),
            dyspnoea: self.dyspnoea || other.dyspnoea,
            hypoxia: self.hypoxia || other.hypoxia,
            bilateral_infiltrates: self.bilateral_infiltrates || other.bilateral_infiltrates,
            overload_signs: self.overload_signs.max(other.overload_signs),
            haemoglobinuria: self.haemoglobinuria || other.haemoglobinuria,
            haemolysis: self.haemolysis || other.haemolysis,
            direct_antiglobulin_positive: self.direct_antiglobulin_positive
                || other.direct_antiglobulin_positive,
            new_antibody: self.new_antibody || other.new_antibody,
            platelets_fell: self.platelets_fell || other.platelets_fell,
            culture_positive: self.culture_positive || other.culture_positive,
        }
    }

    /// Values that no living person has are slips of the finger, as in the observations.
    fn plausible(&self) -> Result<(), Refusal> {
        // Between the coldest and the hottest that an observation may say.
        let tenths = |value: i32| u32::try_from(value).unwrap_or(u32::MAX);
        for (field, value, least, most) in [
            ("riseTenths", self.rise_tenths.map(|rise| rise.unsigned_abs()), 0, 200),
            ("highestTenths", self.highest_tenths.map(tenths), 250, 450),
            ("systolicDrop", self.systolic_drop, 0, 300),
            ("overloadSigns", Some(self.overload_signs), 0, MOST_OVERLOAD_SIGNS),
        ] {
            if let Some(value) = value {
                within(field, value, least, most)?;
            }
        }
        Ok(())
    }

    /// What the observations of one transfusion show by themselves.
    pub fn measured(transfusion: &crate::bedside::Transfusion) -> Findings {
        let vitals = || transfusion.observations.iter().map(|one| one.vitals);
        let rise = transfusion.temperature_rise().filter(|rise| *rise > 0);
        let before = transfusion.observations.first().and_then(|one| one.vitals.systolic);
        let lowest = vitals().filter_map(|one| one.systolic).min();
        let drop = before.zip(lowest).map(|(before, lowest)| before.saturating_sub(lowest));
        Findings {
            rise_tenths: rise,
            highest_tenths: vitals().filter_map(|one| one.temperature).max(),
            systolic_drop: drop.filter(|drop| *drop > 0),
            // Under 90 % on room air, the line of the definitions of TRALI and TACO.
            hypoxia: vitals().filter_map(|one| one.oxygen).any(|oxygen| oxygen < 90),
            ..Findings::default()
        }
    }
}

/// A mix-up that a refusal has prevented: which rule, and whose wristband it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prevented {
    pub rule: CareRule,
    pub found: Option<PatientId>,
}

/// A category that the findings allow, and by which of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggested {
    pub category: Category,
    pub met: Vec<&'static str>,
}

/// The categories that findings and time allow. It proposes; a person classifies.
pub fn suggest(findings: &Findings, after_start: TimeDelta) -> Vec<Suggested> {
    let rise = findings.rise_tenths.unwrap_or(0);
    let hot = findings.highest_tenths.unwrap_or(0) >= 380;
    let drop = findings.systolic_drop.unwrap_or(0) >= 30;
    let haemolysis = findings.haemolysis || findings.haemoglobinuria;
    let lungs = findings.dyspnoea || findings.hypoxia;
    let mut all: Vec<(Category, Vec<&'static str>)> = vec![];
    let mut add = |category, met: &[(&'static str, bool)]| {
        all.push((category, met.iter().filter(|(_, yes)| *yes).map(|(name, _)| *name).collect()));
    };
    if findings.culture_positive || rise >= 20 && (findings.rigors || drop) {
        add(
            Category::InfectionBacterial,
            &[
                ("culture_positive", findings.culture_positive),
                ("rise_2", rise >= 20),
                ("rigors", findings.rigors),
                ("pressure_drop_30", drop),
            ],
        );
    }
    if haemolysis {
        let met = [
            ("haemolysis", haemolysis),
            ("direct_antiglobulin", findings.direct_antiglobulin_positive),
        ];
        add(Category::AcuteHaemolytic, &met);
        add(Category::DelayedHaemolytic, &met);
    } else if findings.new_antibody {
        add(Category::DelayedSerologic, &[("new_antibody", true)]);
    }
    if rise >= 20 || findings.rigors || hot && rise >= 10 {
        add(
            Category::FebrileNonHaemolytic,
            &[
                ("rise_2", rise >= 20),
                ("rigors", findings.rigors),
                ("above_38_and_rise_1", hot && rise >= 10),
            ],
        );
    } else if rise >= 10 {
        add(Category::MildFebrile, &[("rise_1", true)]);
    }
    let allergy = findings.urticaria || findings.wheeze_or_angioedema;
    if allergy && (drop || findings.wheeze_or_angioedema && lungs) {
        add(
            Category::Anaphylactic,
            &[
                ("urticaria", findings.urticaria),
                ("wheeze_or_angioedema", findings.wheeze_or_angioedema),
                ("pressure_drop_30", drop),
            ],
        );
    } else if allergy {
        add(
            Category::Allergic,
            &[
                ("urticaria", findings.urticaria),
                ("wheeze_or_angioedema", findings.wheeze_or_angioedema),
            ],
        );
    }
    let overload = findings.overload_signs.saturating_add(u32::from(lungs));
    if lungs && overload >= 3 {
        add(Category::Taco, &[("pulmonary", true), ("three_criteria", true)]);
    }
    if findings.hypoxia && findings.bilateral_infiltrates && overload < 3 {
        add(Category::Trali, &[("hypoxia", true), ("bilateral_infiltrates", true)]);
    } else if lungs && overload < 3 && !allergy {
        add(Category::Dyspnoea, &[("dyspnoea", findings.dyspnoea), ("hypoxia", findings.hypoxia)]);
    }
    if drop && !allergy && rise < 10 {
        add(Category::Hypotensive, &[("pressure_drop_30", true)]);
    }
    if findings.platelets_fell {
        add(Category::Purpura, &[("platelets_fell", true)]);
    }
    all.into_iter()
        .filter(|(category, _)| {
            category.timing().is_none_or(|window| {
                after_start >= window.from && window.until.is_none_or(|end| after_start <= end)
            })
        })
        .map(|(category, met)| Suggested { category, met })
        .collect()
}

/// ISBT/IHN 2011 (K).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    NonSevere,
    Severe,
    LifeThreatening,
    Death,
}

impl Severity {
    pub fn grade(self) -> u8 {
        match self {
            Severity::NonSevere => 1,
            Severity::Severe => 2,
            Severity::LifeThreatening => 3,
            Severity::Death => 4,
        }
    }
}

/// How likely the transfusion caused it. This value of ISBT is stored; all others are derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Imputability {
    NotAssessable,
    Excluded,
    Unlikely,
    Possible,
    Probable,
    Definite,
}

impl Imputability {
    pub const ALL: [Imputability; 6] = [
        Imputability::NotAssessable,
        Imputability::Excluded,
        Imputability::Unlikely,
        Imputability::Possible,
        Imputability::Probable,
        Imputability::Definite,
    ];
    /// Directive 2005/61/EC: `NA`, 0 to 3 [S59].
    pub fn eu(self) -> &'static str {
        match self {
            Imputability::NotAssessable => "NA",
            Imputability::Excluded | Imputability::Unlikely => "0",
            Imputability::Possible => "1",
            Imputability::Probable => "2",
            Imputability::Definite => "3",
        }
    }
    /// CDC NHSN haemovigilance protocol [S60].
    pub fn cdc(self) -> &'static str {
        match self {
            Imputability::NotAssessable => "not_determined",
            Imputability::Excluded => "ruled_out",
            Imputability::Unlikely => "doubtful",
            Imputability::Possible => "possible",
            Imputability::Probable => "probable",
            Imputability::Definite => "definite",
        }
    }
    /// EU levels 2 and 3 go to the authority.
    pub fn must_notify_eu(self) -> bool {
        matches!(self, Imputability::Probable | Imputability::Definite)
    }
}

/// A step of the work-up that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Clerical,
    Visual,
    DirectAntiglobulin,
    RepeatGroups,
    Culture,
    BagReturned,
    /// The authority was told: to whom, and under which number, is the result.
    Reported,
}

/// Without these no case of a reaction is closed.
pub const NEEDED_TO_CLOSE: [Step; 3] = [Step::Clerical, Step::Visual, Step::DirectAntiglobulin];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    pub step: Step,
    pub result: String,
    pub by: StaffId,
    pub at: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classification {
    pub category: Category,
    pub severity: Severity,
    pub imputability: Imputability,
    pub by: StaffId,
    pub at: Instant,
}

/// The state of the aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub id: CaseId,
    pub patient: PatientId,
    /// None for a near miss before any blood flowed.
    pub transfusion: Option<TransfusionId>,
    pub units: Vec<UnitId>,
    pub findings: Findings,
    /// Suspicions that reach beyond this bag.
    pub suspected: BTreeSet<Category>,
    /// What a refusal prevented, where the case is about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prevented: Option<Prevented>,
    pub opened_at: Instant,
    pub steps: Vec<Done>,
    pub classification: Option<Classification>,
    pub closed_at: Option<Instant>,
    pub version: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Open {
        patient: PatientId,
        transfusion: Option<TransfusionId>,
        units: Vec<UnitId>,
        findings: Findings,
        suspected: BTreeSet<Category>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prevented: Option<Prevented>,
    },
    /// What was seen or measured later; nothing that was found is taken back.
    Find {
        findings: Findings,
    },
    Suspect {
        category: Category,
    },
    RecordStep {
        step: Step,
        result: String,
        by: StaffId,
    },
    Classify {
        category: Category,
        severity: Severity,
        imputability: Imputability,
        by: StaffId,
    },
    Close,
    Reopen {
        reason: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Opened {
        patient: PatientId,
        transfusion: Option<TransfusionId>,
        units: Vec<UnitId>,
        findings: Findings,
        suspected: BTreeSet<Category>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prevented: Option<Prevented>,
        at: Instant,
    },
    Found {
        findings: Findings,
    },
    Suspected {
        category: Category,
    },
    StepRecorded {
        done: Done,
    },
    Classified {
        classification: Classification,
    },
    Closed {
        at: Instant,
    },
    Reopened {
        reason: String,
    },
}

/// Decides a command on a case.
///
/// # Errors
/// A case without a unit where blood flowed; closing before the work-up and the classification.
pub fn decide(
    state: Option<&Case>,
    command: &Command,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    let case = match (state, command) {
        (None, Command::Open { patient, transfusion, units, findings, suspected, prevented }) => {
            if transfusion.is_some() && units.is_empty() {
                return Err(Refusal::stop(CareRule::Blank).with("field", "units"));
            }
            findings.plausible()?;
            return Ok(vec![Event::Opened {
                patient: *patient,
                transfusion: *transfusion,
                units: units.clone(),
                findings: *findings,
                suspected: suspected.clone(),
                prevented: *prevented,
                at: now,
            }]);
        }
        (None, _) => return Err(unknown("case")),
        (Some(_), Command::Open { .. }) => return Err(Refusal::stop(CareRule::Known)),
        (Some(case), _) => case,
    };
    if case.closed_at.is_some() && !matches!(command, Command::Reopen { .. }) {
        return Err(changed("closed"));
    }
    let event = match command {
        Command::Open { .. } => return Ok(vec![]), // answered above
        Command::Find { findings } => {
            findings.plausible()?;
            let findings = case.findings.and(*findings);
            if findings == case.findings {
                return Ok(vec![]);
            }
            Event::Found { findings }
        }
        Command::Suspect { category } if case.suspected.contains(category) => return Ok(vec![]),
        Command::Suspect { category } => Event::Suspected { category: *category },
        Command::RecordStep { step, result, by } => Event::StepRecorded {
            done: Done { step: *step, result: text(result, "result")?, by: *by, at: now },
        },
        Command::Classify { category, severity, imputability, by } => Event::Classified {
            classification: Classification {
                category: *category,
                severity: *severity,
                imputability: *imputability,
                by: *by,
                at: now,
            },
        },
        Command::Close => {
            let missing = case.missing();
            if !missing.is_empty() {
                let named: Vec<String> = missing.iter().map(crate::crossmatch::snake).collect();
                return Err(Refusal::stop(CareRule::StepMissing).with("steps", named.join(",")));
            }
            if case.classification.is_none() {
                return Err(Refusal::stop(CareRule::StepMissing).with("steps", "classification"));
            }
            Event::Closed { at: now }
        }
        Command::Reopen { reason } => {
            if case.closed_at.is_none() {
                return Err(changed("open"));
            }
            Event::Reopened { reason: text(reason, "reason")? }
        }
    };
    Ok(vec![event])
}

/// The case after an event.
pub fn apply(state: Option<Case>, id: CaseId, event: &Event) -> Option<Case> {
    if let (
        None,
        Event::Opened { patient, transfusion, units, findings, suspected, prevented, at },
    ) = (&state, event)
    {
        return Some(Case {
            id,
            patient: *patient,
            transfusion: *transfusion,
            units: units.clone(),
            findings: *findings,
            suspected: suspected.clone(),
            prevented: *prevented,
            opened_at: *at,
            steps: vec![],
            classification: None,
            closed_at: None,
            version: 1,
        });
    }
    let mut state = state?;
    state.version += 1;
    match event {
        Event::Opened { .. } => state.version -= 1,
        Event::Found { findings } => state.findings = *findings,
        Event::Suspected { category } => {
            state.suspected.insert(*category);
        }
        Event::StepRecorded { done } => state.steps.push(done.clone()),
        Event::Classified { classification } => state.classification = Some(*classification),
        Event::Closed { at } => state.closed_at = Some(*at),
        Event::Reopened { .. } => state.closed_at = None,
    }
    Some(state)
}

impl Step {
    /// The step that ends a task of the work-up.
    pub fn of_task(task: TaskKind) -> Option<Step> {
        Some(match task {
            TaskKind::ClericalCheck => Step::Clerical,
            TaskKind::VisualCheck => Step::Visual,
            TaskKind::DirectAntiglobulinTest => Step::DirectAntiglobulin,
            TaskKind::RepeatGroups => Step::RepeatGroups,
            TaskKind::Culture => Step::Culture,
            TaskKind::ReturnBagAndSet => Step::BagReturned,
            TaskKind::NotifyAuthority => Step::Reported,
            _ => return None,
        })
    }
}

impl Case {
    /// What an opened case asks for, whatever was done of it.
    pub fn work(&self) -> Vec<Task> {
        let opened = Event::Opened {
            patient: self.patient,
            transfusion: self.transfusion,
            units: vec![],
            findings: self.findings,
            suspected: BTreeSet::new(),
            prevented: self.prevented,
            at: self.opened_at,
        };
        let classified = self
            .classification
            .map(|classification| tasks(self, &Event::Classified { classification }));
        tasks(self, &opened).into_iter().chain(classified.into_iter().flatten()).collect()
    }

    /// Whether a task of it is behind us. `running`: its transfusion goes on.
    pub fn is_done(&self, task: &Task, running: bool) -> bool {
        match (Step::of_task(task.what), task.what) {
            (Some(step), _) => self.steps.iter().any(|done| done.step == step),
            (None, TaskKind::StopTransfusion) => !running,
            // Whoever judged the case has called them.
            (None, TaskKind::AlertWard | TaskKind::AlertPhysician) => self.classification.is_some(),
            (None, _) => false,
        }
    }

    /// What an open case still asks for: `alerts` of its bags and a transfusion that goes on by themselves,
    /// the steps of the work-up as one line.
    pub fn left(&self, alerts: Vec<Task>, running: bool) -> Vec<Task> {
        if self.closed_at.is_some() {
            return vec![];
        }
        let open = |task: &Task| !self.is_done(task, running);
        let (steps, mut left): (Vec<Task>, Vec<Task>) = alerts
            .into_iter()
            .chain(self.work())
            .filter(open)
            .partition(|task| Step::of_task(task.what).is_some());
        left.push(
            Task::now(TaskKind::WorkUpCase)
                .with("case", self.id)
                .with("patient", self.patient)
                .with("steps", steps.len()),
        );
        left
    }

    /// Whether no blood of it can be looked at: something was prevented, or it is an incident, as judged or,
    /// before anybody judged it, as it was reported.
    fn without_blood(&self) -> bool {
        let incident = match self.classification {
            Some(judged) => judged.category.is_incident(),
            None => !self.suspected.is_empty() && self.suspected.iter().all(|c| c.is_incident()),
        };
        self.transfusion.is_none() && (self.prevented.is_some() || incident)
    }

    /// The steps that have to be done before the case may be closed. A near miss and an incident have no
    /// blood to look at, so only the clerical check remains; a reaction has, also where nobody wrote its
    /// transfusion down (bloodbank.md 2.11). What must be reported is reported first.
    pub fn missing(&self) -> Vec<Step> {
        let needed: &[Step] =
            if self.without_blood() { &[Step::Clerical] } else { &NEEDED_TO_CLOSE };
        let report: &[Step] = if self.must_notify_eu() { &[Step::Reported] } else { &[] };
        needed
            .iter()
            .chain(report)
            .filter(|step| !self.steps.iter().any(|done| done.step == **step))
            .copied()
            .collect()
    }

    /// What goes to the European authority: a serious reaction that is probably or certainly due to
    /// the blood.
    pub fn must_notify_eu(&self) -> bool {
        self.classification
            .is_some_and(|c| !c.category.is_incident() && c.imputability.must_notify_eu())
    }
}

/// The list of work that an opened case begins with, in the order of 2.11.
pub fn tasks(case: &Case, event: &Event) -> Vec<Task> {
    let on = |what| Task::now(what).with("case", case.id).with("patient", case.patient);
    match event {
        Event::Opened { transfusion: Some(_), .. } => [
            TaskKind::StopTransfusion,
            TaskKind::ClericalCheck,
            TaskKind::ReturnBagAndSet,
            TaskKind::DirectAntiglobulinTest,
            TaskKind::VisualCheck,
            TaskKind::RepeatGroups,
            TaskKind::Culture,
        ]
        .map(on)
        .to_vec(),
        Event::Opened { transfusion: None, .. } if case.without_blood() => {
            vec![on(TaskKind::ClericalCheck)]
        }
        // Blood ran, though nobody wrote its transfusion down.
        Event::Opened { transfusion: None, .. } => {
            [TaskKind::ClericalCheck, TaskKind::DirectAntiglobulinTest, TaskKind::VisualCheck]
                .map(on)
                .to_vec()
        }
        Event::Classified { .. } if case.must_notify_eu() => vec![on(TaskKind::NotifyAuthority)],
        _ => vec![],
    }
}

/// Whether other bags of the same donation may do the same harm.
fn reaches_further(suspected: &BTreeSet<Category>, findings: &Findings) -> bool {
    findings.culture_positive
        // A rise of two degrees is held to be bacterial until shown otherwise.
        || findings.rise_tenths.unwrap_or(0) >= 20
        || suspected.iter().any(|category| {
            matches!(
                category,
                Category::InfectionBacterial
                    | Category::InfectionViral
                    | Category::InfectionParasitic
                    | Category::Trali
            )
        })
}

/// The quarantine of the sister components, as commands of a reaction (kernel.md 2.6): pure, each
/// with an id of its cause, so that running it twice or on two machines has one effect. Sisters are
/// the other live units of the donations that the case's units come from.
pub fn hold_sisters(
    case: &Case,
    event: &Event,
    cause: CommandId,
    sisters: &[Unit],
) -> Vec<(CommandId, UnitId, UnitCommand)> {
    let asks = matches!(
        event,
        Event::Opened { .. }
            | Event::Found { .. }
            | Event::Suspected { .. }
            | Event::Classified { .. }
    ) || matches!(event, Event::StepRecorded { done } if done.step == Step::Culture);
    let mut thought = case.suspected.clone();
    thought.extend(case.classification.map(|judged| judged.category));
    if !asks || !reaches_further(&thought, &case.findings) {
        return vec![];
    }
    sisters
        .iter()
        .filter(|unit| !case.units.contains(&unit.id))
        .filter(|unit| {
            !matches!(unit.status, UnitStatus::Issued { .. } | UnitStatus::Discarded { .. })
        })
        .map(|unit| {
            let id = CommandId::of_reaction(cause, "hold_sisters", unit.id.0);
            let reason = format!("reaction-case {}", case.id);
            (id, unit.id, UnitCommand::Quarantine { reason })
        })
        .collect()
}
