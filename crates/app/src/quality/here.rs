//! The figures of each task and pack over the results that are stored here.

use super::{RECENT_DAYS, count, task_of};
use imaging::quality::{Row, Said, group, measured, newest_answers, newest_refusals, said, since};
use imaging::study::{Analysis, Finding, Outcome, Pack};
use inference::describe::{Description, Metric, Task};
use inference::refit::{self, Count, What};
use inference::site::{self, Drift, Figure, Maybe, Picture, Trend};
use kernel::{Instant, TimeDelta};
use std::collections::BTreeMap;
use wire::*;

/// One row for each task and pack, the most used first.
pub(super) fn all(rows: &[Row<'_>], installed: &[Description], now: Instant) -> Vec<TaskQuality> {
    let mut groups: BTreeMap<(&str, &str), Vec<Row<'_>>> = BTreeMap::new();
    for row in rows {
        if let (Some(task), Some(pack)) = (&row.analysis.task, &row.analysis.pack) {
            groups.entry((task, &pack.sha256)).or_default().push(*row);
        }
    }
    let mut out: Vec<TaskQuality> =
        groups.into_values().filter_map(|group| one(&group, rows, installed, now)).collect();
    out.sort_by(|a, b| b.analysed.cmp(&a.analysed).then_with(|| a.task.cmp(&b.task)));
    out
}

/// `rows`: of one task and pack; `all`: of every task and pack.
fn one(
    rows: &[Row<'_>],
    all: &[Row<'_>],
    installed: &[Description],
    now: Instant,
) -> Option<TaskQuality> {
    let newest = rows.last()?.analysis;
    let pack = newest.pack.as_ref()?;
    let done: Vec<Row<'_>> = of(rows, Outcome::Done);
    let mut refused = BTreeMap::new();
    for row in of(rows, Outcome::Abstained) {
        let reason = row.analysis.reason.clone().unwrap_or_else(|| "not_known".to_owned());
        *refused.entry(reason).or_insert(0u32) += 1;
    }
    let judgements: Vec<Said> = done.iter().filter_map(|r| said(r.analysis)).collect();
    let times = |what: Said| count(judgements.iter().filter(|s| **s == what).count());
    let labels: &[Finding] = done.last().map_or(&[], |r| &r.analysis.findings);
    let pictures = pictures(&newest_answers(&done), labels);
    let share = |parts: u32| f64::from(parts) / 10_000.0;
    let cut = |f: &Finding| f.threshold10000.map(|t| share(t) as f32);
    let here = site::here(&pictures, &labels.iter().map(cut).collect::<Vec<_>>());
    let described = task_of(installed, newest);
    let card = described.and_then(|t| card_figure(&t.metrics));
    let refusals = newest_refusals(rows);
    let right = |is: bool| {
        let judged = refusals.iter().filter_map(|r| r.analysis.judged.as_ref());
        count(judged.filter(|j| j.agree == is).count())
    };
    let answers = newest_answers(&done).len();
    let auroc = maybe(here.macro_auroc);
    let label = |(f, l): (&Finding, &site::LabelHere)| LabelQuality {
        label: f.label.clone(),
        condition: f.condition.clone(),
        normal: f.normal,
        n: count(l.n),
        threshold: f.threshold10000.map(share),
        sensitivity: maybe(l.sensitivity),
        specificity: maybe(l.specificity),
        auroc: maybe(l.auroc),
    };
    Some(TaskQuality {
        task: newest.task.clone()?,
        pack: named(pack),
        network: newest.network.clone(),
        analysed: count(rows.len()),
        answered: count(done.len()),
        failed: count(of(rows, Outcome::Failed).len()),
        refused,
        judged: count(judgements.len()),
        agreed: times(Said::Agreed),
        disagreed: times(Said::Disagreed),
        corrected: times(Said::Corrected),
        pictures: count(here.n),
        labels: labels.iter().zip(&here.labels).map(label).collect(),
        confusion: here.confusion.iter().map(|r| r.iter().map(|n| count(*n)).collect()).collect(),
        accuracy: maybe(here.accuracy),
        below_card: below(&auroc, card.as_ref()),
        macro_auroc: auroc,
        card_auroc: card,
        bins: here.bins.iter().map(bin).collect(),
        ece: here.ece,
        drift: drifts(rows, now),
        time: time(&done),
        coverage: maybe(site::share(answers, answers + refusals.len())),
        refusals_right: right(true),
        refusals_wrong: right(false),
        refused_findings: count(described.map_or(0, |t| findings(t, &refusals))),
        fit: described.map(|t| fit(t, all, &refusals)),
    })
}

/// Refused pictures that truly show a finding.
fn findings(task: &Task, refusals: &[Row<'_>]) -> usize {
    let is = |label: &str| task.labels.iter().any(|l| l.name == label && l.condition.is_some());
    refusals.iter().filter(|r| r.truth.is_some_and(|t| is(t.label))).count()
}

/// What a fit needs, and has: the pictures of the task that somebody judged, whichever pack answered,
/// but those that this one refused.
fn fit(task: &Task, all: &[Row<'_>], refusals: &[Row<'_>]) -> FitNeeds {
    let pictures = super::refit::pictures(task, all);
    let answered =
        |row: &Row<'_>| !refusals.iter().any(|refused| refused.image.sha256 == row.image.sha256);
    let list: Vec<(String, usize)> = pictures
        .into_iter()
        .filter(|(row, _)| answered(row))
        .map(|(row, truth)| (group(row.study), truth))
        .collect();
    let counts = refit::counts(task.labels.len(), list.iter().map(|(g, t)| (g.as_str(), *t)));
    let enough = |what: What| counts.iter().all(|c| c.enough(what));
    let label = |(l, c): (&inference::describe::Label, &Count)| FitCount {
        label: l.name.clone(),
        condition: l.condition.clone().unwrap_or_else(|| l.name.clone()),
        found: count(c.found),
        held_out: count(c.held_out),
    };
    FitNeeds {
        labels: task.labels.iter().zip(&counts).map(label).collect(),
        least_temperature: count(What::Temperature.least()),
        least_head: count(What::Head.least()),
        least_held_out: count(refit::LEAST_HELD_OUT),
        temperature: enough(What::Temperature),
        head: enough(What::Head),
    }
}

fn of<'a>(rows: &[Row<'a>], outcome: Outcome) -> Vec<Row<'a>> {
    rows.iter().filter(|r| r.analysis.outcome == outcome).copied().collect()
}

fn named(pack: &Pack) -> PackRef {
    let Pack { id, version, sha256 } = pack.clone();
    PackRef { id, version, sha256 }
}

/// The judged answers, each label in the order of `labels`; an answer of other labels is left out.
fn pictures(answers: &[Row<'_>], labels: &[Finding]) -> Vec<Picture> {
    let of = |row: &Row<'_>| -> Option<Picture> {
        let right = row.truth?.label;
        let truth = labels.iter().position(|f| f.label == right)?;
        let p = |f: &Finding| {
            let same = row.analysis.findings.iter().find(|own| own.label == f.label)?;
            // At most 10 000, which is exact.
            Some(same.p10000 as f32 / 10_000.0)
        };
        let probabilities = labels.iter().map(p).collect::<Option<Vec<f32>>>()?;
        Some(Picture { group: imaging::quality::group(row.study), probabilities, truth })
    };
    answers.iter().filter_map(of).collect()
}

fn maybe(figure: Maybe) -> MaybeFigure {
    match figure {
        Maybe::Known(Figure { value, low, high, n }) => MaybeFigure {
            value: Some(value),
            low: Some(low),
            high: Some(high),
            n: count(n),
            needs: 0,
        },
        Maybe::Needs(needs) => {
            MaybeFigure { value: None, low: None, high: None, n: 0, needs: count(needs) }
        }
    }
}

/// The figure of the card that is measured as the one here is: over what was answered.
fn card_figure(metrics: &[Metric]) -> Option<CardFigure> {
    let find = |name: &str| metrics.iter().find(|m| m.name.starts_with(name));
    let found = find("Macro AUROC of the labels, answered")
        .or_else(|| find("Macro AUROC of the labels"))?;
    let Metric { value, low, high, n, .. } = found;
    Some(CardFigure { value: *value, low: *low, high: *high, n: count(*n) })
}

fn below(here: &MaybeFigure, card: Option<&CardFigure>) -> bool {
    let limit = card.map(|c| c.low.unwrap_or(c.value));
    here.high.zip(limit).is_some_and(|(high, limit)| high < limit)
}

fn bin(b: &inference::figures::Bin) -> CalibrationBin {
    CalibrationBin { sure: b.sure, right: b.right, n: count(b.n) }
}

/// Distance over all that the gates measured, probability of a finding over what was answered.
fn drifts(rows: &[Row<'_>], now: Instant) -> Vec<DriftView> {
    let distance: Vec<(Row<'_>, f64)> =
        rows.iter().filter_map(|r| Some((*r, measured(r.analysis, "distance")?))).collect();
    let done = of(rows, Outcome::Done);
    let any: Vec<(Row<'_>, f64)> = done.iter().map(|r| (*r, any_finding(r.analysis))).collect();
    vec![compared("distance", &distance, now), compared("probability", &any, now)]
}

fn any_finding(analysis: &Analysis) -> f64 {
    let parts: u32 = analysis.findings.iter().filter(|f| !f.normal).map(|f| f.p10000).sum();
    measured(analysis, "any").unwrap_or(f64::from(parts) / 10_000.0)
}

/// The first results against those of the last days that are not among them.
fn compared(what: &str, values: &[(Row<'_>, f64)], now: Instant) -> DriftView {
    let (first, later) = values.split_at(values.len().min(site::REFERENCE));
    let then = now - TimeDelta::days(RECENT_DAYS);
    let first: Vec<f64> = first.iter().map(|v| v.1).collect();
    let recent: Vec<f64> = later.iter().filter(|v| since(&v.0, then)).map(|v| v.1).collect();
    let Drift { trend, index, chance, first_n, recent_n, edges, first, recent } =
        site::drift(&first, &recent);
    let (trend, needs) = match trend {
        Trend::TooFew(needs) => (DriftTrend::TooFew, needs),
        Trend::Steady => (DriftTrend::Steady, 0),
        Trend::Changed => (DriftTrend::Changed, 0),
        Trend::Much => (DriftTrend::Much, 0),
    };
    DriftView {
        what: what.to_owned(),
        trend,
        needs: count(needs),
        index,
        chance,
        first_n: count(first_n),
        recent_n: count(recent_n),
        edges,
        first,
        recent,
    }
}

fn time(done: &[Row<'_>]) -> Option<TimeView> {
    let sum = |r: &Row<'_>| r.analysis.timing_ms.iter().fold(0u32, |s, t| s.saturating_add(*t));
    let mut all: Vec<u32> = done.iter().map(sum).collect();
    all.sort_unstable();
    let median = *all.get(all.len() / 2)?;
    let most = *all.get((all.len() * 95 / 100).min(all.len() - 1))?;
    Some(TimeView { median, most, n: count(all.len()) })
}
