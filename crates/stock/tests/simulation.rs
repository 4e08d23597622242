//! The simulation in its quick form: two seeds, some months. What has to hold whatever the numbers.

use stock::Settings;
use stock::sim::{Counts, Outcome, Rules, World, part, run};

const SEEDS: [u64; 2] = [1, 2];

fn all_rules() -> Vec<Rules> {
    Rules::steps().into_iter().chain([Rules::by_hand(5, 24, 0)]).collect()
}
fn runs(world: &World, rules: &Rules) -> Vec<Outcome> {
    let one =
        |seed| run(world, rules, seed).unwrap_or_else(|error| panic!("{}: {error}", rules.name));
    SEEDS.into_iter().map(one).collect()
}
fn mean(outcomes: &[Outcome], figure: impl Fn(&Counts) -> f64) -> f64 {
    outcomes.iter().map(|outcome| figure(&outcome.counts)).sum::<f64>() / outcomes.len() as f64
}

#[test]
fn no_unit_is_lost_given_twice_or_given_after_its_end_under_any_rules() {
    for world in [World::red_cells(), World::platelets(), World::own_donors()] {
        let world = world.short(50, 15);
        for rules in all_rules() {
            for outcome in runs(&world, &rules) {
                let balance = outcome.balance;
                assert!(balance.holds(), "{:?} {}: {balance:?}", world.component, rules.name);
                assert!(balance.received > 300 && balance.transfused > 200, "{balance:?}");
                let units = outcome.counts.units;
                assert!(units.transfused <= balance.transfused);
                assert!(units.outdated <= balance.outdated);
                let by_group: u64 = outcome.counts.groups.values().map(|(_, used)| used).sum();
                let by_site: u64 = outcome.counts.sites.iter().map(|(_, used)| used).sum();
                assert_eq!((by_group, by_site), (units.transfused, units.transfused));
            }
        }
    }
}

#[test]
fn a_run_is_the_same_every_time_and_other_seeds_are_other_days() {
    let world = World::red_cells().short(60, 20);
    let rules = Rules::program(Settings::of_the_book());
    let [one, two] = runs(&world, &rules).try_into().expect("two seeds");
    assert_eq!(one, run(&world, &rules, 1).unwrap());
    assert_ne!(one.counts.units, two.counts.units);
}

#[test]
fn all_rules_meet_the_same_patients() {
    let world = World::red_cells().short(60, 20);
    let asked = |rules: &Rules| -> Vec<(u32, bool)> {
        let counts = run(&world, rules, 1).unwrap().counts;
        counts.requests.iter().map(|request| (request.asked, request.critical)).collect()
    };
    let first = asked(&Rules::b0());
    assert!(first.len() > 300);
    for rules in all_rules() {
        assert_eq!(asked(&rules), first, "{}", rules.name);
    }
}

#[test]
fn units_are_sent_only_where_the_sites_exchange_and_then_the_small_site_wastes_less() {
    let world = World::red_cells().short(130, 40);
    let with = runs(&world, &Rules::program(Settings::of_the_book()));
    let without = Rules { exchange: false, ..Rules::program(Settings::of_the_book()) };
    let without = runs(&world, &without);
    assert_eq!(mean(&without, |counts| counts.sent as f64), 0.0);
    assert!(mean(&with, |counts| counts.sent as f64) > 5.0);
    let small = |counts: &Counts| part(counts.waste_of(2));
    assert!(mean(&with, small) < mean(&without, small) / 2.0);
}

#[test]
fn the_program_wastes_half_of_the_baseline_and_refuses_fewer_critical_requests() {
    let world = World::red_cells().short(180, 50);
    let baseline = runs(&world, &Rules::b0());
    let program = runs(&world, &Rules::program(Settings::of_the_book()));
    let waste = |counts: &Counts| part(counts.waste());
    assert!(mean(&program, waste) < mean(&baseline, waste) / 2.0);
    let critical = |counts: &Counts| part(counts.critical());
    assert!(mean(&program, critical) > mean(&baseline, critical));
    let misuse = |counts: &Counts| part(counts.o_negative());
    assert!(mean(&program, misuse) < 0.04 && mean(&program, misuse) < mean(&baseline, misuse));
}

#[test]
fn the_line_keeps_o_negative_for_its_own_and_nobody_who_bleeds_pays_for_it() {
    let world = World::red_cells().short(180, 50);
    let with_line = |permille| {
        let mut settings = Settings::of_the_book();
        settings.o_negative.value.line_permille = permille;
        runs(&world, &Rules::program(settings))
    };
    let (kept, free) = (with_line(0), with_line(999));
    let misuse = |counts: &Counts| part(counts.o_negative());
    assert!(mean(&kept, misuse) < mean(&free, misuse));
    let critical = |counts: &Counts| part(counts.critical());
    assert!(mean(&kept, critical) >= mean(&free, critical));
}

#[test]
fn the_worst_span_is_at_least_the_share_of_the_whole_time() {
    let world = World::red_cells().short(120, 30);
    for outcome in runs(&world, &Rules::b0()) {
        let counts = outcome.counts;
        let (whole, month) = (part(counts.o_negative()), part(counts.worst_o_negative(30)));
        assert!(month >= whole && whole > 0.0, "{month} {whole}");
        assert_eq!(counts.o_negative.len() as u64, counts.o_negative().denominator);
    }
}
