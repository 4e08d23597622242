//! The section of `docs/benchmarks.md`.

use crate::runs::{Runs, percent, with_interval};
use crate::worlds::others;
use anyhow::{Context as _, Result};
use std::{fmt::Write as _, ops::RangeInclusive};
use stock::Settings;
use stock::sim::{Rules, World};

type Seeds = RangeInclusive<u64>;

/// Runs everything and writes the tables.
pub fn write(seeds: &Seeds) -> Result<String> {
    let world = World::red_cells();
    let all = |world: &World, rules: Vec<Rules>| -> Result<Vec<Runs>> {
        rules.iter().map(|rules| Runs::of(world, rules, seeds)).collect()
    };
    let steps = all(&world, Rules::steps())?;
    let ours = steps.last().context("no rules")?;
    let sensitivity = all(&world, Rules::sensitivity())?;
    let mut text = String::new();
    writeln!(
        text,
        "Seeds {} to {}, {} days each after {} of warm-up; intervals are 95 %, paired by seed where \
         two rules are compared.\n",
        seeds.start(),
        seeds.end(),
        world.days - world.warm_up,
        world.warm_up
    )?;
    let fresh = seeds.start() + 1_000..=seeds.end() + 1_000;
    let again = |rules: Rules| Runs::of(&world, &rules, &fresh);
    let again_others: Result<Vec<Runs>> = Rules::sensitivity().into_iter().map(again).collect();
    let (again_b0, again) = (again(Rules::b0())?, again(Rules::program(Settings::of_the_book()))?);
    let first = goals(ours, steps.first().context("no baseline")?, &sensitivity);
    let second = goals(&again, &again_b0, &again_others?);
    writeln!(
        text,
        "| Goal (red cells, three hospitals that exchange) | Measured | Holds \
         | Seeds {} to {}, not seen before | Holds |",
        fresh.start(),
        fresh.end()
    )?;
    writeln!(text, "|---|---|---|---|---|")?;
    for ((goal, measured, reached), (_, other, also)) in first.iter().zip(&second) {
        let (reached, also) = (holds(*reached), holds(*also));
        writeln!(text, "| {goal} | {measured} % | {reached} | {other} % | {also} |")?;
    }
    writeln!(
        text,
        "\nA goal holds when the whole interval is on its side; of \"goal 2 %\" the mean.\n"
    )?;
    step_table(&mut text, &steps)?;
    sensitivity_table(&mut text, &sensitivity, &steps)?;
    frontier(&mut text, "Red cells", &all(&world, sweep_red_cells())?)?;
    let donors = World::own_donors();
    let wanted = [Rules::b0(), Rules::by_hand(5, 24, 0), Rules::program(Settings::of_the_book())];
    harder(&mut text, &all(&donors, wanted.into())?)?;
    other_worlds(&mut text, seeds)?;
    frontier(&mut text, "Platelets", &all(&World::platelets(), sweep_platelets())?)?;
    Ok(text)
}

fn holds(reached: bool) -> &'static str {
    if reached { "yes" } else { "**no**" }
}

/// Each goal, what was measured, and whether it holds.
fn goals(ours: &Runs, b0: &Runs, others: &[Runs]) -> Vec<(String, String, bool)> {
    let less = ours.less_waste_than(b0);
    let mut found =
        vec![("waste at least 50 % below B0".into(), with_interval(less, 1), less.low >= 0.5)];
    for other in others {
        let less = ours.less_waste_than(other);
        let goal = format!("waste at least 30 % below \"{}\"", other.name);
        found.push((goal, with_interval(less, 1), less.low >= 0.3));
    }
    let (critical, misuse, worst) = (ours.critical(), ours.o_negative(), ours.worst_o_negative());
    let mut line = |goal: &str, measured, reached| found.push((goal.into(), measured, reached));
    line("critical met, at least 99.5 %", with_interval(critical, 2), critical.low >= 0.995);
    line("O negative to others, goal 2 %", with_interval(misuse, 2), misuse.mean <= 0.02);
    line("O negative to others, never above 3 %", with_interval(misuse, 2), misuse.high <= 0.03);
    line("... not even in the worst of the seeds", percent(worst, 2), worst <= 0.03);
    found
}

fn step_table(text: &mut String, steps: &[Runs]) -> Result<()> {
    writeln!(
        text,
        "| Red cells, one rule after the other | Waste % | Less than B0, % | Critical met % | All met % \
         | O neg. to others % | Other group given % | Sent per 100 used |"
    )?;
    writeln!(text, "|---|---|---|---|---|---|---|---|")?;
    let b0 = steps.first().context("no baseline")?;
    for runs in steps {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            runs.name,
            with_interval(runs.waste(), 2),
            with_interval(runs.less_waste_than(b0), 1),
            with_interval(runs.critical(), 2),
            percent(runs.fulfilment().mean, 1),
            percent(runs.o_negative().mean, 1),
            percent(runs.other_group().mean, 1),
            percent(runs.sent().mean, 1),
        )?;
    }
    writeln!(text)?;
    Ok(())
}

fn sensitivity_table(text: &mut String, others: &[Runs], steps: &[Runs]) -> Result<()> {
    let last: Vec<&Runs> = steps.iter().skip(3).collect();
    writeln!(
        text,
        "| Baseline: days of stock, hold, not the oldest | Its waste % | Its critical met % \
         | B3 less, % | B4 less, % | B5 less, % |"
    )?;
    writeln!(text, "|---|---|---|---|---|---|")?;
    for other in others {
        write!(text, "| {} | {} ", other.name, percent(other.waste().mean, 2))?;
        write!(text, "| {} ", percent(other.critical().mean, 2))?;
        for runs in &last {
            write!(text, "| {} ", with_interval(runs.less_waste_than(other), 1))?;
        }
        writeln!(text, "|")?;
    }
    writeln!(text)?;
    Ok(())
}

fn frontier(text: &mut String, what: &str, all: &[Runs]) -> Result<()> {
    writeln!(
        text,
        "| {what}, the frontier | Waste % | Critical met % | All met % | O neg. to others % |"
    )?;
    writeln!(text, "|---|---|---|---|---|")?;
    for runs in all {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            runs.name,
            with_interval(runs.waste(), 2),
            with_interval(runs.critical(), 2),
            with_interval(runs.fulfilment(), 1),
            percent(runs.o_negative().mean, 1),
        )?;
    }
    writeln!(text)?;
    Ok(())
}

fn harder(text: &mut String, all: &[Runs]) -> Result<()> {
    writeln!(
        text,
        "| Own donors (30 % of the largest site's need, any group) and one critical patient in ten \
         unknown | Waste % | Critical met % | All met % | O neg. to others % | of these known at the \
         time % |"
    )?;
    writeln!(text, "|---|---|---|---|---|---|")?;
    for runs in all {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            runs.name,
            with_interval(runs.waste(), 2),
            with_interval(runs.critical(), 2),
            percent(runs.fulfilment().mean, 1),
            percent(runs.o_negative().mean, 1),
            with_interval(runs.o_negative_known(), 1),
        )?;
    }
    writeln!(text)?;
    Ok(())
}

fn other_worlds(text: &mut String, seeds: &Seeds) -> Result<()> {
    writeln!(
        text,
        "| Red cells elsewhere, the same settings | Waste % | Less than \"7 d, 72 h, 30 %\", % \
         | Less than \"5 d, 24 h, 0 %\", % | Critical met % (theirs) | All met % (theirs) \
         | O neg. to others % |"
    )?;
    writeln!(text, "|---|---|---|---|---|---|---|")?;
    for other in others() {
        let of = |rules: Rules| Runs::of(&other.world, &rules, seeds);
        let (b0, lean) = (of(Rules::b0())?, of(Rules::by_hand(5, 24, 0))?);
        let ours = of(Rules::program(other.settings.clone()))?;
        writeln!(
            text,
            "| {} | {} | {} | {} | {} ({}, {}) | {} ({}, {}) | {} |",
            other.name,
            percent(ours.waste().mean, 2),
            with_interval(ours.less_waste_than(&b0), 1),
            with_interval(ours.less_waste_than(&lean), 1),
            with_interval(ours.critical(), 2),
            percent(b0.critical().mean, 1),
            percent(lean.critical().mean, 1),
            percent(ours.fulfilment().mean, 1),
            percent(b0.fulfilment().mean, 1),
            percent(lean.fulfilment().mean, 1),
            with_interval(ours.o_negative(), 1),
        )?;
    }
    writeln!(text)?;
    Ok(())
}

fn programs(permilles: &[u32]) -> Vec<Rules> {
    let of = |permille: &u32| {
        let mut settings = Settings::of_the_book();
        settings.service.value.iter_mut().for_each(|row| row.permille = *permille);
        let name = format!("program, q {:.3}", f64::from(*permille) / 1_000.0);
        Rules { name, ..Rules::program(settings) }
    };
    permilles.iter().map(of).collect()
}

fn by_hand(days: &[u32], hold_hours: u32, not_oldest: u32) -> Vec<Rules> {
    let of = |days: &u32| {
        let rules = Rules::by_hand(*days, hold_hours, not_oldest);
        Rules { name: format!("by hand, {}", rules.name), ..rules }
    };
    days.iter().map(of).collect()
}

fn sweep_red_cells() -> Vec<Rules> {
    let program = programs(&[800, 900, 950, 970, 980, 990, 995, 999]);
    program.into_iter().chain(by_hand(&[4, 5, 7, 10, 14], 24, 0)).collect()
}

fn sweep_platelets() -> Vec<Rules> {
    let program = programs(&[500, 600, 700, 800, 900, 980]);
    program.into_iter().chain(by_hand(&[2, 3, 5, 7], 24, 30)).collect()
}
