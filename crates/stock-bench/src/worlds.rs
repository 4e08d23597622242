//! Other hospitals than those on which the settings were tried: do the goals hold there?

use kernel::BloodGroup;
use stock::Settings;
use stock::sim::{Place, World};

/// A world, what is different in it, and the settings that say so.
pub struct Other {
    pub name: &'static str,
    pub world: World,
    pub settings: Settings,
}

/// Near the groups of much of South Asia, rounded; no source is claimed for it.
const SOUTH: [f64; 8] = [0.02, 0.31, 0.01, 0.22, 0.02, 0.34, 0.0, 0.08];

/// Red cells, each different from [`World::red_cells`] in one thing.
pub fn others() -> Vec<Other> {
    let other = |name, change: fn(&mut World, &mut Settings)| {
        let (mut world, mut settings) = (World::red_cells(), Settings::of_the_book());
        change(&mut world, &mut settings);
        Other { name, world, settings }
    };
    vec![
        other(
            "a third of B, few RhD negative (O- 2, O+ 31, A- 1, A+ 22, B- 2, B+ 34, AB+ 8 %), and \
             the settings do not say so",
            |w, _| w.mix = SOUTH,
        ),
        other("the same, and the settings say so", |w, s| {
            w.mix = SOUTH;
            let stated = BloodGroup::ALL.into_iter().zip(SOUTH);
            s.mix.value = stated.map(|(g, part)| (g, (part * 10_000.0) as u32)).collect();
        }),
        other("the supplier needs three days", |w, s| {
            w.lead = 3;
            s.lead_days.value = 3;
        }),
        other("the supplier does not send 15 %", |w, _| w.not_sent = 0.15),
        other("units come with 8 to 20 days", |w, _| w.life = (8, 20)),
        other("C:T 2.5", |w, _| w.asked_per_used = 2.5),
        other("one request in three is critical", |w, _| w.critical = 0.33),
        other("five sites of 20, 6, 3, 1 and 0.5 a day", |w, _| {
            let place = |(name, daily): (&str, f64)| Place {
                name: name.into(),
                daily,
                emergency_care: true,
                donated: 0.0,
            };
            let sites = [("a", 20.0), ("b", 6.0), ("c", 3.0), ("d", 1.0), ("e", 0.5)];
            w.places = sites.map(place).into();
        }),
        other("three sites of 2 a day", |w, _| w.places.iter_mut().for_each(|p| p.daily = 2.0)),
    ]
}
