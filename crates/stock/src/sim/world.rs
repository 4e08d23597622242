//! The hospitals, the patients and the supply of the simulation: what happens whatever the rules.

use super::chance::Chance;
use crate::{Settings, Week};
use kernel::{BloodGroup, Component};

/// One hospital.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub name: String,
    /// Units transfused on a mean day, of all groups.
    pub daily: f64,
    pub emergency_care: bool,
    /// Units that its own donors give on a mean day, of whatever group they have, wanted or not.
    pub donated: f64,
}

/// What happens. The numbers of [`World::red_cells`] and [`World::platelets`] are those of
/// bloodbank.md 4.4.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    pub component: Component,
    pub places: Vec<Place>,
    /// Of the patients and of the donors, in the order of the stock board.
    pub mix: [f64; 8],
    pub week: Week,
    pub days: u32,
    /// Of these, not counted.
    pub warm_up: u32,
    /// C:T, units asked for and reserved for every unit that is transfused.
    pub asked_per_used: f64,
    pub units_per_request: f64,
    /// Share of the requests that are critical: these are transfused whole.
    pub critical: f64,
    /// Share of the critical requests whose patient's group nobody knows yet.
    pub group_unknown: f64,
    /// Shape of the gamma law by which whole days differ; 16 is a coefficient of variation of 0.25.
    pub day_shape: u32,
    /// Days that a delivered unit still has, the least and the most.
    pub life: (u32, u32),
    /// Share of the ordered units that the supplier does not send.
    pub not_sent: f64,
    /// Share of a daily order's unit groups that the buyer cannot choose: platelets come as they are.
    pub any_group: bool,
    /// Days from an order to the shelf, and between two shelves.
    pub lead: u32,
    pub travel: u32,
}

/// Of the public platelet environment, Monday first (bloodbank.md 4.4 [S77]).
const WEEK: Week = [37.5, 37.3, 39.2, 37.8, 40.5, 27.2, 28.4];

impl World {
    /// Three hospitals of 12, 4 and 1.2 red cells a day over two years.
    pub fn red_cells() -> Self {
        let middle = WEEK.iter().sum::<f64>() / 7.0;
        let settings = Settings::of_the_book();
        let place = |name: &str, daily| Place {
            name: name.into(),
            daily,
            emergency_care: true,
            donated: 0.0,
        };
        Self {
            component: Component::RedCells,
            places: vec![place("town", 12.0), place("hill", 4.0), place("valley", 1.2)],
            mix: BloodGroup::ALL.map(|group| settings.share(group)),
            week: WEEK.map(|units| units / middle),
            days: 730,
            warm_up: 90,
            asked_per_used: 1.8,
            units_per_request: 2.0,
            critical: 0.15,
            group_unknown: 0.0,
            day_shape: 16,
            life: (20, 33),
            not_sent: 0.03,
            any_group: false,
            lead: 1,
            travel: 1,
        }
    }

    /// The two hospitals that stock platelets, 9 and 3 a day, with 2 to 4 usable days.
    pub fn platelets() -> Self {
        let mut world = Self::red_cells();
        world.component = Component::Platelets;
        world.places.truncate(2);
        for (place, daily) in world.places.iter_mut().zip([9.0, 3.0]) {
            place.daily = daily;
        }
        world.asked_per_used = 1.15;
        world.critical = 0.25;
        world.units_per_request = 1.3;
        world.life = (2, 4);
        world.any_group = true;
        world
    }

    /// The red cells of a bank with donors of its own and patients whom nobody knows: donors of the
    /// largest hospital give 30 % of its need, and one critical request in ten has no group.
    pub fn own_donors() -> Self {
        let mut world = Self::red_cells();
        if let Some(place) = world.places.first_mut() {
            place.donated = 0.3 * place.daily;
        }
        world.group_unknown = 0.1;
        world
    }

    /// The first days of the world, for a test.
    pub fn short(mut self, days: u32, warm_up: u32) -> Self {
        (self.days, self.warm_up) = (days, warm_up);
        self
    }

    /// The requests of one day at one place, in order of time.
    pub(super) fn requests(&self, seed: u64, place: usize, day: u32) -> Vec<Asked> {
        let mut chance = Chance::new(seed, &[1, place as u64, u64::from(day)]);
        let weekday = self.week.get(day as usize % 7).copied().unwrap_or(1.0);
        let daily = self.places.get(place).map_or(0.0, |place| place.daily);
        let units = daily * self.asked_per_used * weekday;
        let rate = units * chance.around_one(self.day_shape) / self.units_per_request;
        let mut found = vec![];
        let mut time = chance.wait(rate);
        while time < 1.0 {
            found.push(self.request(&mut chance, time));
            time += chance.wait(rate);
        }
        found
    }

    /// Share of the units of a routine request that are transfused, so that critical and routine
    /// requests together have `asked_per_used`.
    fn routine_used(&self) -> f64 {
        ((1.0 / self.asked_per_used - self.critical) / (1.0 - self.critical)).clamp(0.0, 1.0)
    }

    fn request(&self, chance: &mut Chance, time: f64) -> Asked {
        let group = BloodGroup::ALL[chance.choose(&self.mix)];
        let mut count = 1;
        while count < 12 && chance.happens(1.0 - 1.0 / self.units_per_request) {
            count += 1;
        }
        let critical = chance.happens(self.critical);
        let known = !chance.happens(if critical { self.group_unknown } else { 0.0 });
        let used = (0..count).map(|_| chance.happens(self.routine_used()) || critical).collect();
        let (age, female) = (chance.between(1, 90), chance.happens(0.5));
        Asked { time, group, critical, known, used, age, female }
    }
}

/// One request as chance makes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    /// Part of the day that has passed.
    pub time: f64,
    pub group: BloodGroup,
    pub critical: bool,
    /// Whether the hospital knows the group.
    pub known: bool,
    /// For every unit, whether it is transfused or comes back.
    pub used: Vec<bool>,
    pub age: u32,
    pub female: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_uses_what_it_says_and_asks_for_more() {
        let world = World::red_cells();
        let (mut used, mut asked, mut critical, mut count) = (0.0, 0.0, 0.0, 0.0);
        for seed in 0..10 {
            for request in (0..364).flat_map(|day| world.requests(seed, 0, day)) {
                used += request.used.iter().filter(|used| **used).count() as f64;
                asked += request.used.len() as f64;
                critical += f64::from(u8::from(request.critical));
                count += 1.0;
            }
        }
        assert!((used / 3_640.0 - 12.0).abs() < 0.25, "{}", used / 3_640.0);
        assert!((critical / count - 0.15).abs() < 0.01);
        assert!((asked / used - 1.8).abs() < 0.03);
        assert!((asked / count - 2.0).abs() < 0.05);
    }

    #[test]
    fn the_same_seed_has_the_same_requests_and_another_has_others() {
        let world = World::own_donors();
        assert_eq!(world.requests(3, 1, 40), world.requests(3, 1, 40));
        assert_ne!(world.requests(3, 1, 40), world.requests(4, 1, 40));
        let times: Vec<f64> = world.requests(3, 0, 4).iter().map(|asked| asked.time).collect();
        assert!(times.is_sorted() && !times.is_empty());
    }
}
