//! May this donor give today, what, and if not, when again. Every reason is found, in the order of
//! bloodbank.md 2.5; the strictest decides.

use super::{Candidate, Consequence, Donor, Ends, Past, Questionnaire, Visit, candidates};
use crate::profile::{AgeLimit, DonationKind, DonorRules, Interval, Lasts, Profile};
use crate::unit::Sex;
use chrono::{Datelike as _, Days, NaiveDate};
use kernel::{Component, Millilitres};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub visit: &'a Visit,
    /// The local day of the site.
    pub today: NaiveDate,
    pub questionnaire: &'a Questionnaire,
    /// Who else this might be.
    pub similar: &'a [Candidate],
}

/// The answer with everything that led to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eligibility {
    pub kind: DonationKind,
    pub verdict: Verdict,
    /// Accepted, but what is given is quarantined until somebody has looked: this may be a donor
    /// whom another site knows.
    pub pending: bool,
    /// In the order of evaluation.
    pub reasons: Vec<Reason>,
    /// Per kind of donation, from history alone.
    pub next: Vec<Next>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Verdict {
    Accept,
    /// These components are not made of it.
    AcceptLimited {
        not_for: Vec<Component>,
    },
    /// A physician decides.
    Refer,
    Defer {
        until: Ends,
        why: Why,
        code: Option<String>,
    },
}

/// Why, as a name; the words stand in the message catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    IdentityNotShown,
    /// Looks like another record; `deferred` says that one says never.
    LikelySame,
    /// A deferral, `code`.
    Deferred,
    /// Too soon after `from`, `days`.
    Interval,
    /// `most` within `days`.
    TooOften,
    AgeUnknown,
    TooYoung,
    TooOld,
    TooOldFirstTime,
    TooOldApheresis,
    /// `what` was not measured.
    NotMeasured,
    Weight,
    BloodVolume,
    Haemoglobin,
    Pressure,
    Pulse,
    Temperature,
    PlateletCount,
    /// No bag size was chosen, or the profile has no row for it.
    Bag,
    /// An answer, `question`, that a physician looks at, or whose code the profile does not know.
    Answer,
    Unanswered,
    /// Pregnancies, and no test for HLA antibodies.
    Pregnancies,
    NoConsent,
    NoGuardian,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub why: Why,
    pub effect: Effect,
    /// Values for the sentence, in display form.
    pub args: BTreeMap<String, String>,
    /// Of the policy row; empty where no value is involved.
    pub source: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    Pending,
    Limit(Vec<Component>),
    Refer,
    Defer(Ends),
}

/// From when a donor may give in one way, as far as history says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    pub kind: DonationKind,
    /// None: not as things stand; `why` says what has to change.
    pub on: Option<NaiveDate>,
    /// What the day hangs on; none when nothing stands in the way.
    pub why: Option<Why>,
    /// The deferral code, where a deferral it is.
    pub code: Option<String>,
}

fn reason(why: Why, effect: Effect, source: &str) -> Reason {
    Reason { why, effect, args: BTreeMap::new(), source: source.to_owned() }
}

impl Reason {
    fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }
}

/// The component that a kind of donation is for.
fn aim(kind: DonationKind) -> Component {
    match kind {
        DonationKind::WholeBlood => Component::WholeBlood,
        DonationKind::Platelets => Component::Platelets,
        DonationKind::Plasma => Component::Plasma,
        DonationKind::DoubleRedCells => Component::RedCells,
    }
}

/// Completed years on a day. Born on 29 February: the year is complete on 1 March.
pub fn age_on(born: NaiveDate, day: NaiveDate) -> u32 {
    day.years_since(born).unwrap_or(0)
}

/// The day a person turns `years`.
fn birthday(born: NaiveDate, years: u32) -> Option<NaiveDate> {
    let year = born.year().checked_add(i32::try_from(years).ok()?)?;
    born.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
}

/// The first day on which the limit is passed.
fn too_old_from(born: NaiveDate, limit: AgeLimit) -> Option<NaiveDate> {
    if limit.whole_year {
        birthday(born, limit.years + 1)
    } else {
        birthday(born, limit.years)?.succ_opt()
    }
}

/// The age limits that this donor may run into, with their names.
fn age_limits(
    donor: &Donor,
    kind: DonationKind,
    rules: &DonorRules,
) -> Vec<(Why, AgeLimit, String)> {
    let first = donor.donations.is_empty();
    let mut limits = vec![(Why::TooOld, &rules.age_max_regular)];
    if first {
        limits.push((Why::TooOldFirstTime, &rules.age_max_first));
    }
    if kind.is_apheresis() {
        limits.push((Why::TooOldApheresis, &rules.age_max_apheresis));
    }
    limits
        .into_iter()
        .filter_map(|(why, row)| Some((why, row.value?, row.source.clone())))
        .collect()
}

/// How a row's conditions stand: none when it does not apply, otherwise how many hold for sure or
/// may hold.
fn fits(row: &Interval, past: &Past, donor: &Donor) -> Option<usize> {
    let mut conditions = 0;
    if let Some(sex) = row.sex {
        let known = matches!(donor.identity.sex, Sex::Female | Sex::Male);
        if known && sex != donor.identity.sex {
            return None;
        }
        conditions += 1;
    }
    if let Some(after) = row.after_menopause {
        if donor.health.after_menopause.unwrap_or(false) != after {
            return None;
        }
        conditions += 1;
    }
    if let Some(back) = row.red_cells_returned {
        if past.red_cells_returned.is_some_and(|returned| returned != back) {
            return None;
        }
        conditions += 1;
    }
    Some(conditions)
}

/// The first day on which a donor may give `to` after one donation, with the row's source. A pair
/// that the profile does not name takes its longest interval after whole blood: a gap in a file
/// never shortens a wait.
pub fn earliest_after(
    past: &Past,
    to: DonationKind,
    donor: &Donor,
    profile: &Profile,
) -> Option<(NaiveDate, u32, String)> {
    let rows = &profile.donors.intervals;
    let matching: Vec<_> = rows
        .iter()
        .filter(|row| row.value.from == past.kind && row.value.to == to)
        .filter_map(|row| Some((fits(&row.value, past, donor)?, row)))
        .collect();
    let most = matching.iter().map(|(conditions, _)| *conditions).max();
    let named = matching
        .iter()
        .filter(|(conditions, _)| Some(*conditions) == most)
        .map(|(_, row)| *row)
        .max_by_key(|row| row.value.days);
    let (days, source) = match named {
        Some(row) => (row.value.days, row.source.clone()),
        None => {
            let whole = DonationKind::WholeBlood;
            let row = rows
                .iter()
                .filter(|row| row.value.from == whole && row.value.to == whole)
                .filter(|row| fits(&row.value, past, donor).is_some())
                .max_by_key(|row| row.value.days)?;
            (row.value.days, format!("no row for this pair; {}", row.source))
        }
    };
    let day = past.on.checked_add_days(Days::new(u64::from(days)))?;
    Some((day, days, source))
}

/// Everything that history says against a kind of donation on a day: deferrals, intervals, limits.
fn from_history(
    donor: &Donor,
    kind: DonationKind,
    day: NaiveDate,
    profile: &Profile,
) -> Vec<Reason> {
    let mut found = vec![];
    let mut temporary = vec![];
    for deferral in donor.deferred_on(day) {
        let effect = effect_of(deferral.ends, &deferral.only, kind);
        let entry = reason(Why::Deferred, effect, &deferral.source)
            .with("code", &deferral.code)
            .with("happened", deferral.happened);
        if deferral.ends == Ends::Never { found.push(entry) } else { temporary.push(entry) }
    }
    found.extend(temporary);
    let later = donor.donations.iter().filter_map(|past| {
        let (on, days, source) = earliest_after(past, kind, donor, profile)?;
        (day < on).then(|| {
            reason(Why::Interval, Effect::Defer(Ends::On(on)), &source)
                .with("from", past.on)
                .with("days", days)
        })
    });
    found.extend(later);
    for row in &profile.donors.limits {
        let limit = row.value;
        if limit.kind != kind || limit.sex.is_some_and(|sex| sex != donor.identity.sex) {
            continue;
        }
        // The days on which this kind was given, the latest first.
        let mut days: Vec<_> =
            donor.donations.iter().filter(|past| past.kind == kind).map(|past| past.on).collect();
        days.sort_unstable_by(|a, b| b.cmp(a));
        let Some(oldest) = usize::try_from(limit.most).ok().and_then(|n| days.get(n.max(1) - 1))
        else {
            continue;
        };
        let free = oldest.checked_add_days(Days::new(u64::from(limit.within_days)));
        if let Some(free) = free.filter(|free| day < *free) {
            found.push(
                reason(Why::TooOften, Effect::Defer(Ends::On(free)), &row.source)
                    .with("most", limit.most)
                    .with("days", limit.within_days),
            );
        }
    }
    found
}

/// What a deferral does to one kind of donation. Of whole blood only the named components are not
/// made; a donation that is for one of them waits.
fn effect_of(ends: Ends, only: &[Component], kind: DonationKind) -> Effect {
    if only.is_empty() || only.contains(&aim(kind)) {
        Effect::Defer(ends)
    } else {
        Effect::Limit(only.to_vec())
    }
}

fn from_age(donor: &Donor, kind: DonationKind, day: NaiveDate, rules: &DonorRules) -> Vec<Reason> {
    let Some(born) = donor.identity.born else {
        return vec![reason(Why::AgeUnknown, Effect::Refer, "")];
    };
    let years = age_on(born, day);
    let mut found = vec![];
    if years < rules.age_min.value {
        let ends = birthday(born, rules.age_min.value).map_or(Ends::WhenLifted, Ends::On);
        found.push(
            reason(Why::TooYoung, Effect::Defer(ends), &rules.age_min.source).with("years", years),
        );
    }
    for (why, limit, source) in age_limits(donor, kind, rules) {
        if too_old_from(born, limit).is_some_and(|end| day >= end) {
            let effect =
                if rules.age_refers.value { Effect::Refer } else { Effect::Defer(Ends::Never) };
            found.push(reason(why, effect, &source).with("years", years).with("most", limit.years));
        }
    }
    found
}

/// Whether a donor of this weight (tenths of a kilogram) may fill a bag of this nominal volume.
/// `None`: the profile has no row for the bag.
pub fn bag_weight_allows(rules: &DonorRules, bag: Millilitres, weight: u32) -> Option<bool> {
    let row = rules.bag_weights.iter().find(|row| row.value.bag == bag)?.value;
    Some(if row.more_than { weight > row.least } else { weight >= row.least })
}

/// Nadler's blood volume of a woman, in millilitres: 0.3561 h³ + 0.03308 w + 0.1833 litres.
fn blood_volume(height_cm: u32, weight_tenths: u32) -> u64 {
    let (h, w) = (u64::from(height_cm.min(300)), u64::from(weight_tenths));
    3_561 * h * h * h / 10_000_000 + 3_308 * w / 1_000 + 183
}

fn from_vitals(donor: &Donor, ask: &Ask<'_>, rules: &DonorRules) -> Vec<Reason> {
    let visit = ask.visit;
    let vitals = &visit.vitals;
    let kind = visit.kind;
    let tomorrow = ask.today.succ_opt().map_or(Ends::WhenLifted, Ends::On);
    let mut found = vec![];
    // A value that was not measured is a physician's matter; one outside the rule says for how long.
    let mut measured = |name: &str, value: Option<u32>| {
        if value.is_none() {
            found.push(reason(Why::NotMeasured, Effect::Refer, "").with("what", name));
        }
        value
    };
    let weight = measured("weight", vitals.weight);
    let haemoglobin = measured("haemoglobin", vitals.haemoglobin);
    let pressure = rules.pressure.value.and_then(|limits| {
        let systolic = measured("systolic", vitals.systolic)?;
        let diastolic = measured("diastolic", vitals.diastolic)?;
        Some((limits, systolic, diastolic))
    });
    let pulse =
        rules.pulse.value.and_then(|limits| Some((limits, measured("pulse", vitals.pulse)?)));
    let temperature = measured("temperature", vitals.temperature);
    let platelets = match kind {
        DonationKind::Platelets => measured("platelets", vitals.platelets),
        _ => None,
    };
    if let Some(weight) = weight {
        let kg = format!("{}.{}", weight / 10, weight % 10);
        let too_light = |source: &str| reason(Why::Weight, Effect::Defer(tomorrow), source);
        let apheresis = match kind {
            DonationKind::WholeBlood => None,
            DonationKind::DoubleRedCells => Some(&rules.double_red_cell_weight),
            DonationKind::Platelets | DonationKind::Plasma => Some(&rules.apheresis_weight),
        };
        if let Some(row) = apheresis {
            if weight < row.value {
                found.push(too_light(&row.source).with("weight", kg).with("kind", "apheresis"));
            }
        } else {
            match visit.bag.map(|bag| (bag, bag_weight_allows(rules, bag, weight))) {
                Some((_, Some(true))) => {}
                Some((bag, Some(false))) => {
                    let source = rules.bag_weights.iter().find(|row| row.value.bag == bag);
                    let source = source.map_or("", |row| row.source.as_str());
                    found.push(too_light(source).with("weight", kg).with("bag", bag.0));
                }
                Some((bag, None)) => {
                    found.push(reason(Why::Bag, Effect::Refer, "").with("bag", bag.0));
                }
                None => found.push(reason(Why::Bag, Effect::Refer, "")),
            }
        }
        if let Some(rule) = rules.blood_volume.value {
            let young = donor.identity.born.is_none_or(|b| age_on(b, ask.today) < rule.women_under);
            if young && donor.identity.sex != Sex::Male {
                let source = &rules.blood_volume.source;
                match vitals.height {
                    None => found.push(
                        reason(Why::NotMeasured, Effect::Refer, source).with("what", "height"),
                    ),
                    Some(height) if blood_volume(height, weight) < u64::from(rule.least.0) => {
                        found.push(reason(Why::BloodVolume, Effect::Defer(tomorrow), source));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    if let Some(value) = haemoglobin {
        let row = &rules.haemoglobin;
        let (mut least, mut source) = match donor.identity.sex {
            Sex::Female => (row.value.female, &row.source),
            Sex::Male => (row.value.male, &row.source),
            Sex::Other | Sex::NotKnown => (row.value.female.max(row.value.male), &row.source),
        };
        if kind == DonationKind::DoubleRedCells && rules.double_red_cell_haemoglobin.value > least {
            least = rules.double_red_cell_haemoglobin.value;
            source = &rules.double_red_cell_haemoglobin.source;
        }
        if value < least {
            let days = Days::new(u64::from(rules.low_haemoglobin_days.value));
            let ends = ask.today.checked_add_days(days).map_or(Ends::WhenLifted, Ends::On);
            found.push(
                reason(Why::Haemoglobin, Effect::Defer(ends), source)
                    .with("value", value)
                    .with("least", least),
            );
        }
    }
    let outside = |value: u32, (low, high): (u32, u32)| value < low || value > high;
    if let Some((limits, systolic, diastolic)) = pressure
        && (outside(systolic, limits.systolic) || outside(diastolic, limits.diastolic))
    {
        let effect = if limits.refers { Effect::Refer } else { Effect::Defer(tomorrow) };
        let value = format!("{systolic}/{diastolic}");
        found.push(reason(Why::Pressure, effect, &rules.pressure.source).with("value", value));
    }
    if let Some((limits, pulse)) = pulse
        && outside(pulse, limits)
    {
        let entry = reason(Why::Pulse, Effect::Defer(tomorrow), &rules.pulse.source);
        found.push(entry.with("value", pulse));
    }
    if let Some(value) = temperature
        && value > rules.temperature_max.value
    {
        let source = &rules.temperature_max.source;
        found.push(reason(Why::Temperature, Effect::Defer(tomorrow), source).with("value", value));
    }
    if let Some(value) = platelets
        && value < rules.platelets_min.value
    {
        let source = &rules.platelets_min.source;
        let entry = reason(Why::PlateletCount, Effect::Defer(tomorrow), source);
        found.push(entry.with("value", value));
    }
    found
}

/// The day a deferral of the profile ends, counted from the day it happened.
pub(super) fn ends_of(lasts: Lasts, happened: NaiveDate) -> Ends {
    match lasts {
        Lasts::For(span) => span.after(happened).map_or(Ends::WhenLifted, Ends::On),
        Lasts::UntilLifted => Ends::WhenLifted,
        Lasts::Permanent => Ends::Never,
    }
}

fn from_answers(donor: &Donor, ask: &Ask<'_>, profile: &Profile) -> Vec<Reason> {
    let today = ask.today;
    let found = match ask.questionnaire.read(&ask.visit.answers, donor.identity.sex, today) {
        Ok(found) => found,
        Err(open) => {
            let list = open.0.join(", ");
            let entry = reason(Why::Unanswered, Effect::Defer(Ends::On(today)), "");
            return vec![entry.with("questions", list)];
        }
    };
    found
        .into_iter()
        .filter_map(|(question, happened)| {
            let refer = || reason(Why::Answer, Effect::Refer, "").with("question", &question.id);
            let Consequence::Defer(code) = &question.then else { return Some(refer()) };
            let Some(row) = profile.deferral(code, today) else { return Some(refer()) };
            let ends = ends_of(row.value.lasts, happened);
            ends.holds_on(today).then(|| {
                let effect = effect_of(ends, &row.value.only, ask.visit.kind);
                reason(Why::Deferred, effect, &row.source)
                    .with("code", code)
                    .with("happened", happened)
            })
        })
        .collect()
}

fn from_consent(donor: &Donor, today: NaiveDate, rules: &DonorRules) -> Option<Reason> {
    // It can be given on the spot, so the day does not move.
    let now = Effect::Defer(Ends::On(today));
    let Some(consent) = donor.consent() else { return Some(reason(Why::NoConsent, now, "")) };
    let minor = donor.identity.born.is_some_and(|b| age_on(b, today) < rules.guardian_under.value);
    (minor && consent.guardian.is_none())
        .then(|| reason(Why::NoGuardian, now, &rules.guardian_under.source))
}

/// May this donor give today? Confidential exclusion comes after the donation and is the
/// donation's.
pub fn eligibility(donor: &Donor, ask: &Ask<'_>, profile: &Profile) -> Eligibility {
    let Ask { visit, today, .. } = *ask;
    let rules = &profile.donors;
    let mut reasons = vec![];
    if !visit.identity_shown {
        reasons.push(reason(Why::IdentityNotShown, Effect::Defer(Ends::On(today)), ""));
    }
    let similar = candidates(ask.similar);
    let settled = |id| donor.same_as.contains(&id) || donor.not_same.contains(&id);
    let open = similar.iter().filter(|like| !settled(like.donor)).chain(&donor.likely_same);
    for like in open.filter(|like| like.likely) {
        let entry = reason(Why::LikelySame, Effect::Pending, "");
        reasons.push(entry.with("donor", like.donor).with("deferred", like.permanently_deferred));
    }
    reasons.extend(from_history(donor, visit.kind, today, profile));
    reasons.extend(from_age(donor, visit.kind, today, rules));
    reasons.extend(from_vitals(donor, ask, rules));
    reasons.extend(from_answers(donor, ask, profile));
    let pregnant_once = donor.health.ever_pregnant == Some(true);
    if rules.pregnancy_limits_plasma.value
        && pregnant_once
        && donor.health.hla_negative != Some(true)
    {
        let only = [Component::Plasma, Component::Platelets];
        let effect = match visit.kind {
            // Of whole blood the platelets are few; the plasma is the danger.
            DonationKind::WholeBlood => Effect::Limit(vec![Component::Plasma]),
            kind => effect_of(Ends::WhenLifted, &only, kind),
        };
        reasons.push(reason(Why::Pregnancies, effect, &rules.pregnancy_limits_plasma.source));
    }
    reasons.extend(from_consent(donor, today, rules));
    Eligibility {
        kind: visit.kind,
        verdict: verdict(&reasons),
        pending: reasons.iter().any(|reason| reason.effect == Effect::Pending),
        reasons,
        next: next_dates(donor, today, profile),
    }
}

/// The strictest effect; of several deferrals the longest.
fn verdict(reasons: &[Reason]) -> Verdict {
    let mut longest: Option<(Ends, &Reason)> = None;
    let mut refer = false;
    let mut not_for: Vec<Component> = vec![];
    for reason in reasons {
        match &reason.effect {
            Effect::Pending => {}
            Effect::Limit(components) => not_for.extend(components),
            Effect::Refer => refer = true,
            Effect::Defer(ends) if longest.is_none_or(|(until, _)| *ends > until) => {
                longest = Some((*ends, reason));
            }
            Effect::Defer(_) => {}
        }
    }
    not_for.sort_unstable();
    not_for.dedup();
    match longest {
        Some((until, reason)) => {
            Verdict::Defer { until, why: reason.why, code: reason.args.get("code").cloned() }
        }
        None if refer => Verdict::Refer,
        None if !not_for.is_empty() => Verdict::AcceptLimited { not_for },
        None => Verdict::Accept,
    }
}

/// When the donor may give again, per kind of donation, from history, deferrals and age. What is
/// measured and asked on the day is not foreseen.
pub fn next_dates(donor: &Donor, today: NaiveDate, profile: &Profile) -> Vec<Next> {
    DonationKind::ALL.into_iter().map(|kind| next_date(donor, kind, today, profile)).collect()
}

fn next_date(donor: &Donor, kind: DonationKind, today: NaiveDate, profile: &Profile) -> Next {
    let none = |why: Why, code: Option<String>| Next { kind, on: None, why: Some(why), code };
    let mut day = today;
    let mut bound: Option<(Why, Option<String>)> = None;
    // Each step moves to the end of what stands in the way; what ends later may show only then.
    for _ in 0..64 {
        let mut reasons = from_history(donor, kind, day, profile);
        reasons.extend(from_age(donor, kind, day, &profile.donors));
        reasons.retain(|reason| matches!(reason.effect, Effect::Defer(_) | Effect::Refer));
        match verdict(&reasons) {
            Verdict::Defer { until: Ends::On(end), why, code } if end > day => {
                day = end;
                bound = Some((why, code));
            }
            Verdict::Defer { why, code, .. } => return none(why, code),
            Verdict::Refer => return none(Why::AgeUnknown, None),
            Verdict::Accept | Verdict::AcceptLimited { .. } => {
                let (why, code) = bound.map_or((None, None), |(why, code)| (Some(why), code));
                return Next { kind, on: Some(day), why, code };
            }
        }
    }
    // More ends than anybody has: a person looks.
    none(Why::Deferred, None)
}
