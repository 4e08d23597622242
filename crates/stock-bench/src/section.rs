//! The section of `docs/benchmarks.md`.

use crate::runs::{Runs, percent, with_interval};
use crate::worlds::others;
use anyhow::{Context as _, Result};
use kernel::Component;
use std::{fmt::Write as _, ops::RangeInclusive};
use stock::Settings;
use stock::sim::{Rules, World};

type Seeds = RangeInclusive<u64>;

/// Runs everything and writes the tables; `say` hears each as soon as it stands.
pub fn write(seeds: &Seeds, say: impl Fn(&str)) -> Result<String> {
    let (world, platelets) = (World::red_cells(), World::platelets());
    let all = |world: &World, rules: Vec<Rules>| -> Result<Vec<Runs>> {
        rules.iter().map(|rules| Runs::of(world, rules, seeds)).collect()
    };
    let program = || Rules::program(Settings::of_the_book());
    let (mut text, mut said) = (String::new(), 0);
    let mut tell = |text: &str| {
        say(text.get(said..).unwrap_or_default());
        said = text.len();
    };
    writeln!(
        text,
        "Seeds {} to {}, {} days each after {} of warm-up; intervals are 95 %, paired by seed where \
         two rules are compared.\n",
        seeds.start(),
        seeds.end(),
        world.days - world.warm_up,
        world.warm_up
    )?;
    let fresh = fresh(seeds);
    let both = |world: &World, theirs: &[Runs]| -> Result<[Vec<Goal>; 2]> {
        let again = |rules: Rules| Runs::of(world, &rules, &fresh);
        let others: Result<Vec<Runs>> = Rules::sensitivity().into_iter().map(again).collect();
        let ours = Runs::of(world, &program(), seeds)?;
        Ok([goals(&ours, theirs), goals(&again(program())?, &others?)])
    };
    let sensitivity = all(&world, Rules::sensitivity())?;
    let found = both(&world, &sensitivity)?;
    goal_table(&mut text, "Goal (red cells, three hospitals that exchange)", &found, &fresh)?;
    let found = both(&platelets, &all(&platelets, Rules::sensitivity())?)?;
    let found = found.map(|goals| goals.into_iter().filter(|goal| !goal.of_o_negative).collect());
    goal_table(&mut text, "Goal (platelets, two hospitals that exchange)", &found, &fresh)?;
    writeln!(
        text,
        "A goal holds when the whole interval is on its side; of \"goal 2 %\" the mean.\n"
    )?;
    tell(&text);
    frontier(&mut text, "Platelets", &all(&platelets, sweep_platelets())?)?;
    tell(&text);
    line_table(&mut text, &all(&world, lines())?, &Runs::of(&world, &Rules::b0(), seeds)?)?;
    tell(&text);
    let steps = all(&world, Rules::steps())?;
    step_table(&mut text, &steps)?;
    sensitivity_table(&mut text, &sensitivity, &steps)?;
    tell(&text);
    frontier(&mut text, "Red cells", &all(&world, sweep_red_cells())?)?;
    let donors = World::own_donors();
    let wanted = [Rules::b0(), Rules::by_hand(5, 24, 0), program()];
    harder(&mut text, &all(&donors, wanted.into())?)?;
    tell(&text);
    other_worlds(&mut text, seeds)?;
    tell(&text);
    Ok(text)
}

/// Seeds on which nothing was ever tried: twice as many, far from the others.
fn fresh(seeds: &Seeds) -> Seeds {
    let count = seeds.end() - seeds.start() + 1;
    let first = seeds.start() + 7_000;
    first..=first + 2 * count - 1
}

fn holds(reached: bool) -> &'static str {
    if reached { "yes" } else { "**no**" }
}

/// A goal, what was measured, and whether it holds.
struct Goal {
    name: String,
    measured: String,
    holds: bool,
    of_o_negative: bool,
}

/// The goals beside the baselines, of which "7 d, 72 h, 30 %" is B0.
fn goals(ours: &Runs, others: &[Runs]) -> Vec<Goal> {
    let mut found = vec![];
    let mut line = |name: String, measured, holds| {
        let of_o_negative = name.starts_with("O negative");
        found.push(Goal { name, measured, holds, of_o_negative });
    };
    for b0 in others.iter().filter(|other| other.name == Rules::by_hand(7, 72, 30).name) {
        let less = ours.less_waste_than(b0);
        line("waste at least 50 % below B0".into(), with_interval(less, 1), less.low >= 0.5);
    }
    for other in others {
        let less = ours.less_waste_than(other);
        let measured = with_interval(less, 1);
        let name = format!("waste at least 30 % below \"{}\"", other.name);
        line(name, measured, less.low >= 0.3);
    }
    let (critical, misuse) = (ours.critical(), ours.o_negative());
    let (worst, year) = (ours.worst_o_negative(), ours.worst_year_o_negative());
    let to_others = |what: &str| format!("O negative to others, {what}");
    let measured = with_interval(critical, 2);
    line("critical met, at least 99.5 %".into(), measured, critical.low >= 0.995);
    line(to_others("goal 2 %"), with_interval(misuse, 2), misuse.mean <= 0.02);
    line(to_others("never above 3 %"), with_interval(misuse, 2), misuse.high <= 0.03);
    line(to_others("the worst seed"), percent(worst, 2), worst <= 0.03);
    line(to_others("the worst 365 days of any seed"), percent(year, 2), year <= 0.03);
    found
}

fn goal_table(text: &mut String, what: &str, found: &[Vec<Goal>; 2], fresh: &Seeds) -> Result<()> {
    let [first, second] = found;
    let (from, to) = (fresh.start(), fresh.end());
    writeln!(
        text,
        "| {what} | Measured | Holds | Seeds {from} to {to}, not seen before | Holds |"
    )?;
    writeln!(text, "|---|---|---|---|---|")?;
    for (goal, again) in first.iter().zip(second) {
        let (name, measured, reached) = (&goal.name, &goal.measured, holds(goal.holds));
        let (other, also) = (&again.measured, holds(again.holds));
        writeln!(text, "| {name} | {measured} % | {reached} | {other} % | {also} |")?;
    }
    writeln!(text)?;
    Ok(())
}

/// What the line for O negative costs, and what it gains.
fn line_table(text: &mut String, all: &[Runs], b0: &Runs) -> Result<()> {
    writeln!(
        text,
        "| Red cells, the line for O negative | To others % | Worst seed % | Worst 365 days % \
         | Waste % | Less than B0, % | Critical met % | Sent per 100 used |"
    )?;
    writeln!(text, "|---|---|---|---|---|---|---|---|")?;
    for runs in all {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            runs.name,
            with_interval(runs.o_negative(), 2),
            percent(runs.worst_o_negative(), 2),
            percent(runs.worst_year_o_negative(), 2),
            with_interval(runs.waste(), 2),
            with_interval(runs.less_waste_than(b0), 1),
            with_interval(runs.critical(), 2),
            percent(runs.sent().mean, 1),
        )?;
    }
    writeln!(text)?;
    Ok(())
}

fn lines() -> Vec<Rules> {
    let of = |name: &str, line_permille: u32, exchange_days: u32| {
        let mut settings = Settings::of_the_book();
        settings.o_negative.value.line_permille = line_permille;
        settings.o_negative.value.exchange_days = exchange_days;
        Rules { name: name.into(), ..Rules::program(settings) }
    };
    vec![
        of("no line: O negative before RhD positive", 999, 0),
        of("3 %", 30, 0),
        of("2 %", 20, 0),
        of("1 %, as shipped", 10, 0),
        of("0 %: RhD positive first, always", 0, 0),
        of("1 %, and to another site from 14 days", 10, 14),
        of("1 %, and to another site from 21 days", 10, 21),
    ]
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
    let with_floor = |units: u32, permilles: &[u32]| {
        let of = programs(permilles).into_iter().map(move |mut rules| {
            let floors = rules.settings.floors.value.iter_mut();
            let platelets = floors.filter(|floor| floor.component == Component::Platelets);
            platelets.for_each(|floor| floor.units = units);
            let name = format!("{}, {units} of O and of A kept", rules.name);
            Rules { name, ..rules }
        });
        of.collect::<Vec<_>>()
    };
    let mut all = with_floor(1, &[500, 600, 700, 800, 900]);
    all.extend(with_floor(2, &[500, 550, 580, 600, 700, 800, 900]));
    all.extend(with_floor(3, &[500, 600, 700]));
    all.extend(by_hand(&[2, 3, 5, 7], 24, 30));
    all
}
