//! The five profiles as they ship. Sources are rows of `../shared/domain/bloodbank.md`; nothing
//! here has been confirmed by a transfusion specialist of the country, so every row says so.

use super::{
    AgeLimit, Anchor, Anticoagulant, Bag, BagWeight, BloodVolume, DeferralRule, DonationKind,
    DonorRules, Haemoglobin, Interval, Lasts, Life, Limit, LookBack, Marker, Pressure, Profile,
    Span, SplitRules, Store, TestingRules, VolumeRange, WorkRule,
};
use crate::lab::{Product, Work};
use crate::policy::{Sourced, unconfirmed as row};
use crate::unit::Sex;
use DonationKind::{DoubleRedCells, Plasma, Platelets, WholeBlood};
use Lasts::{Permanent, UntilLifted};
use Sex::{Female, Male};
use Span::{Days, Hours, Months, Years};
use kernel::{Component, Millilitres};

/// For values that no read source gives.
const HOUSE: &str = "none read; house default";

fn interval(from: DonationKind, to: DonationKind, days: u32) -> Interval {
    Interval { from, to, sex: None, after_menopause: None, red_cells_returned: None, days }
}

fn of(sex: Sex, interval: Interval) -> Interval {
    Interval { sex: Some(sex), ..interval }
}

fn bag_weight(bag: u32, least: u32, more_than: bool) -> BagWeight {
    BagWeight { bag: Millilitres(bag), least, more_than }
}

fn limit(kind: DonationKind, sex: Option<Sex>, most: u32, within_days: u32) -> Limit {
    Limit { kind, sex, most, within_days }
}

fn until(years: u32) -> Option<AgeLimit> {
    Some(AgeLimit { years, whole_year: true })
}

fn rows<T>(source: &str, values: impl IntoIterator<Item = T>) -> Vec<Sourced<T>> {
    values.into_iter().map(|value| row(value, source)).collect()
}

/// Codes with how long they last, everything else the same.
fn listed(source: &str, list: &[(&str, Lasts)]) -> Vec<Sourced<DeferralRule>> {
    rows(
        source,
        list.iter().map(|(code, lasts)| DeferralRule {
            code: (*code).to_owned(),
            lasts: *lasts,
            only: vec![],
        }),
    )
}

/// What keeps people from giving for ever in every rule book, and what a person must look at.
fn everywhere() -> Vec<Sourced<DeferralRule>> {
    let mut all = listed(
        "known, not read (K)",
        &[
            ("hiv", Permanent),
            ("hepatitis_b", Permanent),
            ("hepatitis_c", Permanent),
            ("injected_drugs", Permanent),
            ("haemophilia", Permanent),
            ("blood_cancer", Permanent),
            ("insulin_complication", Permanent),
            ("epilepsy_on_drugs", Permanent),
        ],
    );
    all.extend(listed(
        HOUSE,
        &[
            ("unwell", Lasts::For(Days(14))),
            ("pregnant", UntilLifted),
            ("test_under_review", UntilLifted),
        ],
    ));
    all
}

fn aspirin(source: &str, span: Span) -> Sourced<DeferralRule> {
    let only = vec![Component::Platelets];
    row(DeferralRule { code: "aspirin".into(), lasts: Lasts::For(span), only }, source)
}

fn lives(red_cells_additive: u32, platelets: u32, source: &str) -> Vec<Sourced<Life>> {
    use Anchor::{Collection, Making, WholeBloodEnd};
    use Product as P;
    const FRIDGE: Store = Store { coldest: Some(10), warmest: 60, agitated: false };
    const ROOM: Store = Store { coldest: Some(200), warmest: 240, agitated: false };
    const ROTOR: Store = Store { coldest: Some(200), warmest: 240, agitated: true };
    const FREEZER: Store = Store { coldest: None, warmest: -180, agitated: false };
    const DEEP: Store = Store { coldest: None, warmest: -650, agitated: false };
    rows(
        source,
        [
            (P::WholeBloodCpd, Collection, Days(21), FRIDGE),
            (P::WholeBloodCpda1, Collection, Days(35), FRIDGE),
            (P::WholeBloodFresh, Collection, Hours(24), ROOM),
            (P::RedCellsCpd, Collection, Days(21), FRIDGE),
            (P::RedCellsCpda1, Collection, Days(35), FRIDGE),
            (P::RedCellsAdditive, Collection, Days(red_cells_additive), FRIDGE),
            (P::RedCellsFrozen, Collection, Years(10), DEEP),
            (P::RedCellsDeglycerolised, Making, Days(14), FRIDGE),
            (P::Platelets, Collection, Days(platelets), ROTOR),
            (P::PlateletsApheresis, Collection, Days(platelets), ROTOR),
            (P::PlateletsPooled, Collection, Days(platelets), ROTOR),
            (P::BuffyCoat, Collection, Hours(24), ROOM),
            (P::Granulocytes, Collection, Hours(24), ROOM),
            (P::FreshFrozenPlasma, Collection, Years(1), FREEZER),
            (P::FrozenPlasma24, Collection, Years(1), FREEZER),
            (P::ConvertedPlasma, Collection, Years(5), FREEZER),
            (P::LiquidPlasma, WholeBloodEnd, Days(5), FRIDGE),
            (P::CryoPoorPlasma, Collection, Years(1), FREEZER),
            (P::ThawedFreshFrozen, Making, Hours(24), FRIDGE),
            (P::ThawedPlasma, Making, Hours(120), FRIDGE),
            (P::Cryo, Collection, Years(1), FREEZER),
            (P::CryoThawed, Making, Hours(6), ROOM),
        ]
        .map(|(product, anchor, span, store)| Life { product, anchor, span, store }),
    )
}

fn works(irradiated: Span, latest_day: Option<u32>, source: &str) -> Vec<Sourced<WorkRule>> {
    use Component::{Cryoprecipitate, Plasma, Platelets, RedCells, WholeBlood};
    let rule = |work, component, open, life| WorkRule {
        work,
        component: Some(component),
        open,
        life: Some(life),
        latest_day: None,
    };
    let irradiate = WorkRule {
        work: Work::Irradiate,
        component: Some(RedCells),
        open: None,
        life: Some(irradiated),
        latest_day,
    };
    let mut all = vec![
        row(irradiate, source),
        row(WorkRule { component: Some(WholeBlood), ..irradiate }, source),
    ];
    let table = "our own rule";
    all.extend(rows(
        table,
        [
            rule(Work::Wash, RedCells, None, Hours(24)),
            rule(Work::Wash, Platelets, None, Hours(4)),
            rule(Work::Deglycerolise, RedCells, Some(true), Hours(24)),
            rule(Work::Pool, Platelets, Some(true), Hours(4)),
            rule(Work::Pool, Cryoprecipitate, Some(true), Hours(4)),
            rule(Work::Pool, Plasma, Some(true), Hours(24)),
        ],
    ));
    // Whatever else opens the bag.
    for work in [Work::Leukoreduce, Work::Split, Work::Aliquot, Work::VolumeReduce] {
        all.push(row(rule(work, RedCells, Some(true), Hours(24)), table));
        all.push(row(rule(work, WholeBlood, Some(true), Hours(24)), table));
        all.push(row(rule(work, Platelets, Some(true), Hours(4)), table));
        all.push(row(rule(work, Plasma, Some(true), Hours(24)), HOUSE));
    }
    all
}

fn bags(sizes: &[u32]) -> Vec<Sourced<Bag>> {
    use Product as P;
    let mut all = vec![];
    for &volume in sizes {
        let cpda1 = if volume <= 350 { 49 } else { 63 };
        let bag = |name: &str, anticoagulant, sets: Vec<Vec<Product>>| {
            let value = Bag {
                code: format!("{name}-{volume}"),
                volume: Millilitres(volume),
                tolerance_percent: 10,
                anticoagulant,
                // (K): 63 mL for 450, 49 for 350; 70 for 500 by the same ratio.
                anticoagulant_volume: Millilitres(if volume >= 500 { 70 } else { cpda1 }),
                sets,
            };
            row(
                value,
                "the Circular of Information, quoted; Canadian Blood Services; India, NBTC 2017, anticoagulant (K)",
            )
        };
        let cpda = Anticoagulant::Cpda1;
        all.push(bag("single", cpda, vec![vec![P::WholeBloodCpda1]]));
        all.push(bag("double", cpda, vec![vec![P::RedCellsCpda1, P::FreshFrozenPlasma]]));
        let cpd = Anticoagulant::Cpd;
        let triple = vec![
            vec![P::RedCellsAdditive, P::Platelets, P::FreshFrozenPlasma],
            vec![P::RedCellsAdditive, P::FreshFrozenPlasma],
            vec![P::RedCellsAdditive, P::Cryo, P::CryoPoorPlasma],
        ];
        all.push(bag("triple", cpd, triple));
        let quadruple = vec![vec![P::RedCellsAdditive, P::BuffyCoat, P::FreshFrozenPlasma]];
        all.push(bag("quadruple", cpd, quadruple));
    }
    all
}

fn volumes() -> Vec<Sourced<VolumeRange>> {
    use Product as P;
    rows(
        "the Circular of Information, quoted; Canadian Blood Services; Blood Centers of the Pacific; a teaching page on components; USP, Cryoprecipitated AHF, weight of a litre (K)",
        [
            (P::WholeBloodCpd, 315, 650, 1055),
            (P::WholeBloodCpda1, 315, 650, 1055),
            (P::WholeBloodFresh, 315, 650, 1055),
            (P::RedCellsCpd, 180, 350, 1085),
            (P::RedCellsCpda1, 180, 350, 1085),
            (P::RedCellsAdditive, 230, 400, 1085),
            (P::Platelets, 40, 70, 1030),
            (P::PlateletsApheresis, 100, 500, 1030),
            (P::BuffyCoat, 30, 80, 1060),
            (P::FreshFrozenPlasma, 100, 300, 1030),
            (P::FrozenPlasma24, 100, 300, 1030),
            (P::CryoPoorPlasma, 100, 300, 1030),
            (P::Cryo, 10, 20, 1030),
        ]
        .map(|(product, least, most, grams_per_litre)| VolumeRange {
            product,
            least: Millilitres(least),
            most: Millilitres(most),
            grams_per_litre,
        }),
    )
}

fn splits() -> SplitRules {
    SplitRules {
        bleed_minutes_max: row(15, "known, not read (K)"),
        platelets_within_hours: row(4, "BSIS, its source: platelet-rich plasma method"),
        freeze_within_hours: row(8, "21 CFR 640.34"),
        pool_mixes_rhd: row(false, "Greyhound Blood Bank, its safety rules"),
    }
}

fn testing(markers: &[Marker], source: &str) -> TestingRules {
    TestingRules {
        mandatory: rows(source, markers.iter().copied()),
        discard_on_initial_reactive: row(false, "WHO, Screening Donated Blood 2009"),
        release_people: row(2, "BSIS, its source"),
        typings_first_time: row(2, "21 CFR 640.5"),
    }
}

fn look_back() -> Vec<Sourced<LookBack>> {
    use Marker::{Babesia, Chagas, HbCore, Hbv, Hcv, Hiv, Htlv, Malaria, Syphilis, WestNile};
    let of = |marker, months, source: &str| row(LookBack { marker, months, due_days: 3 }, source);
    let mut all = vec![of(Hiv, 12, "21 CFR 610.46"), of(Hcv, 12, "21 CFR 610.47, analogous (K)")];
    all.extend([Hbv, HbCore, Syphilis, Htlv].map(|m| of(m, 12, HOUSE)));
    all.extend([Malaria, Chagas, WestNile, Babesia].map(|m| of(m, 12, HOUSE)));
    all
}

const FOUR: [Marker; 4] = [Marker::Hiv, Marker::Hbv, Marker::Hcv, Marker::Syphilis];

impl Profile {
    /// The default: WHO 2012.
    pub fn who() -> Self {
        let source = "WHO 2012, by secondary pages";
        let known = "WHO 2012 (K)";
        let mut deferrals = listed(
            "WHO 2012 (K)",
            &[
                ("tattoo", Lasts::For(Months(12))),
                ("malaria", Lasts::For(Months(12))),
                ("malaria_travel", Lasts::For(Months(12))),
                ("delivery", Lasts::For(Months(6))),
                ("miscarriage", Lasts::For(Months(6))),
                ("breast_feeding", UntilLifted),
                ("blood_received", Lasts::For(Months(12))),
                ("major_surgery", Lasts::For(Months(12))),
                ("dengue", Lasts::For(Months(6))),
                ("needle_stick", Lasts::For(Months(12))),
                ("hepatitis_contact", Lasts::For(Months(12))),
                ("treated_syphilis", Lasts::For(Months(12))),
                ("rabies_vaccine", Lasts::For(Months(12))),
                ("live_vaccine", Lasts::For(Days(28))),
                ("killed_vaccine", Lasts::For(Hours(48))),
            ],
        );
        deferrals.push(aspirin("WHO 2012 (K)", Days(5)));
        deferrals.extend(everywhere());
        let mut intervals = rows(
            source,
            [
                of(Male, interval(WholeBlood, WholeBlood, 84)),
                of(Female, interval(WholeBlood, WholeBlood, 112)),
            ],
        );
        intervals.extend(rows(
            known,
            [
                interval(Platelets, Platelets, 28),
                interval(WholeBlood, Platelets, 28),
                interval(WholeBlood, Plasma, 28),
                interval(DoubleRedCells, DoubleRedCells, 183),
                interval(DoubleRedCells, WholeBlood, 183),
                interval(Plasma, Plasma, 14),
            ],
        ));
        Self {
            name: "who".into(),
            version: 1,
            hash: String::new(),
            signed: None,
            donors: DonorRules {
                age_min: row(18, source),
                guardian_under: row(18, source),
                age_max_first: row(until(65), "the limit for a first donation is national"),
                age_max_regular: row(until(65), source),
                age_max_apheresis: row(None, HOUSE),
                age_refers: row(false, HOUSE),
                bag_weights: rows(
                    source,
                    [bag_weight(350, 450, false), bag_weight(450, 500, false)],
                ),
                apheresis_weight: row(500, known),
                double_red_cell_weight: row(700, HOUSE),
                haemoglobin: row(Haemoglobin { female: 120, male: 130 }, source),
                double_red_cell_haemoglobin: row(140, HOUSE),
                low_haemoglobin_days: row(90, HOUSE),
                pressure: row(None, "by national policy"),
                pulse: row(None, HOUSE),
                temperature_max: row(375, HOUSE),
                platelets_min: row(150, HOUSE),
                blood_volume: row(None, HOUSE),
                intervals,
                limits: vec![],
                pregnancy_limits_plasma: row(true, "known, not read (K)"),
                settle_people: row(2, HOUSE),
            },
            deferrals,
            lives: lives(42, 5, "21 CFR 610.53, as FDA until the country says"),
            works: works(Days(28), None, "21 CFR 610.53, as FDA until the country says"),
            bags: bags(&[350, 450]),
            volumes: volumes(),
            splits: splits(),
            testing: testing(&FOUR, "WHO, Screening Donated Blood 2009"),
            look_back: look_back(),
        }
    }

    /// FDA 21 CFR 630, 610, 606 and AABB.
    pub fn fda() -> Self {
        let source = "21 CFR 630 and AABB, by a teaching set (weak)";
        let known = "21 CFR 630 and AABB (K)";
        let mut deferrals = listed(
            "FDA 2020 and 2023; AABB by a teaching set (weak)",
            &[
                ("tattoo", Lasts::For(Months(3))),
                ("malaria_travel", Lasts::For(Months(3))),
                ("delivery", Lasts::For(Days(42))),
                ("miscarriage", Lasts::For(Days(42))),
                ("blood_received", Lasts::For(Months(3))),
                ("major_surgery", UntilLifted),
                ("needle_stick", Lasts::For(Months(3))),
                ("hepatitis_contact", Lasts::For(Months(3))),
                ("treated_syphilis", Lasts::For(Months(3))),
                ("new_partner", Lasts::For(Months(3))),
                ("measles_vaccine", Lasts::For(Days(14))),
                ("prison", Lasts::For(Months(12))),
            ],
        );
        deferrals.extend(listed(
            "FDA (K)",
            &[
                ("malaria", Lasts::For(Years(3))),
                ("typhoid", UntilLifted),
                ("prep_oral", Lasts::For(Months(3))),
                ("prep_injected", Lasts::For(Years(2))),
                ("rabies_vaccine", Lasts::For(Months(12))),
                ("live_vaccine", Lasts::For(Days(28))),
                ("killed_vaccine", Lasts::For(Days(0))),
            ],
        ));
        deferrals.push(aspirin("FDA (K)", Hours(48)));
        deferrals.extend(everywhere());
        let mut intervals = rows(source, [interval(WholeBlood, WholeBlood, 56)]);
        intervals.extend(rows(
            known,
            [
                interval(Platelets, Platelets, 2),
                interval(WholeBlood, Platelets, 56),
                interval(WholeBlood, Plasma, 56),
                interval(Platelets, WholeBlood, 2),
                interval(DoubleRedCells, DoubleRedCells, 112),
                interval(DoubleRedCells, WholeBlood, 112),
                interval(DoubleRedCells, Platelets, 112),
                interval(Plasma, Plasma, 28),
                interval(WholeBlood, DoubleRedCells, 56),
            ],
        ));
        let who = Self::who();
        Self {
            name: "fda".into(),
            donors: DonorRules {
                age_min: row(17, "16 or 17 by state (K)"),
                guardian_under: row(17, "16 or 17 by state (K)"),
                age_max_first: row(None, known),
                age_max_regular: row(None, known),
                bag_weights: rows(
                    known,
                    [bag_weight(450, 500, false), bag_weight(500, 500, false)],
                ),
                haemoglobin: row(Haemoglobin { female: 125, male: 130 }, source),
                pressure: row(
                    Some(Pressure { systolic: (90, 180), diastolic: (50, 100), refers: true }),
                    "AABB 2024",
                ),
                pulse: row(Some((50, 100)), "AABB 2024"),
                temperature_max: row(375, source),
                platelets_min: row(150, known),
                intervals,
                limits: vec![
                    row(limit(Platelets, None, 2, 7), known),
                    row(limit(Platelets, None, 24, 365), source),
                ],
                ..who.donors
            },
            deferrals,
            lives: lives(42, 5, "21 CFR 610.53"),
            works: works(Days(28), None, "21 CFR 610.53"),
            bags: bags(&[450, 500]),
            testing: testing(
                &[
                    Marker::Hiv,
                    Marker::Hbv,
                    Marker::Hcv,
                    Marker::Syphilis,
                    Marker::HbCore,
                    Marker::Htlv,
                    Marker::WestNile,
                ],
                "21 CFR 610.40 (K)",
            ),
            ..who
        }
    }

    /// EU directives 2004/33 and 2005/61.
    pub fn eu() -> Self {
        let source = "EU 2004/33 annex III";
        let known = "EU 2004/33 (K)";
        let who = Self::who();
        // The directive leaves the interval to the states; until one says, the WHO's longer one.
        let mut intervals = who.donors.intervals.clone();
        for row in &mut intervals {
            row.source = "EU leaves it to the states; as WHO".into();
        }
        Self {
            name: "eu".into(),
            donors: DonorRules {
                age_min: row(17, known),
                guardian_under: row(18, known),
                age_max_first: row(until(60), "over 60 for the first time: a physician (K)"),
                age_max_regular: row(until(65), known),
                age_refers: row(true, known),
                bag_weights: rows(
                    known,
                    [bag_weight(450, 500, false), bag_weight(500, 500, false)],
                ),
                haemoglobin: row(Haemoglobin { female: 125, male: 135 }, source),
                pulse: row(Some((50, 110)), known),
                platelets_min: row(150, source),
                intervals,
                ..who.donors
            },
            lives: lives(42, 5, "EU 2004/33 annex IV: up to 49 d, by process"),
            works: works(Days(28), None, "none read; as FDA"),
            bags: bags(&[450, 500]),
            testing: testing(&FOUR, "WHO, Screening Donated Blood 2009"),
            ..who
        }
    }

    /// UK JPAC (Red Book, Donor Selection Guidelines).
    pub fn uk() -> Self {
        let source = "UK, JPAC Red Book 3.6";
        let who = Self::who();
        let mut deferrals = listed(
            "UK, Give Blood list; JPAC donor selection",
            &[
                ("tattoo", Lasts::For(Months(4))),
                ("blood_received", Permanent),
                ("prep_oral", Lasts::For(Months(3))),
            ],
        );
        deferrals.extend(listed(
            "UK, JPAC (K)",
            &[
                ("malaria", UntilLifted),
                ("malaria_travel", Lasts::For(Months(4))),
                ("delivery", Lasts::For(Months(6))),
                ("miscarriage", Lasts::For(Months(6))),
                ("needle_stick", Lasts::For(Months(4))),
                ("hepatitis_contact", Lasts::For(Months(4))),
                ("new_partner", Lasts::For(Months(3))),
                ("live_vaccine", Lasts::For(Days(56))),
                ("killed_vaccine", Lasts::For(Days(0))),
            ],
        ));
        deferrals.push(aspirin(HOUSE, Hours(48)));
        deferrals.extend(everywhere());
        Self {
            name: "uk".into(),
            donors: DonorRules {
                age_min: row(17, source),
                guardian_under: row(17, source),
                age_max_first: row(until(65), source),
                age_max_regular: row(None, source),
                bag_weights: rows(
                    source,
                    [bag_weight(450, 500, false), bag_weight(500, 500, false)],
                ),
                double_red_cell_weight: row(700, source),
                haemoglobin: row(Haemoglobin { female: 125, male: 135 }, source),
                double_red_cell_haemoglobin: row(140, source),
                blood_volume: row(
                    Some(BloodVolume { women_under: 20, least: Millilitres(3500) }),
                    source,
                ),
                // The routine of 16 weeks is a matter of invitation; 12 weeks is the rule.
                intervals: rows(
                    source,
                    [
                        interval(WholeBlood, WholeBlood, 84),
                        interval(Platelets, Platelets, 14),
                        interval(WholeBlood, Platelets, 28),
                        interval(WholeBlood, Plasma, 28),
                        interval(DoubleRedCells, DoubleRedCells, 182),
                        interval(DoubleRedCells, WholeBlood, 182),
                    ],
                ),
                limits: rows(
                    source,
                    [
                        limit(WholeBlood, Some(Female), 3, 365),
                        limit(WholeBlood, Some(Male), 4, 365),
                        limit(Platelets, None, 24, 365),
                    ],
                ),
                ..who.donors
            },
            deferrals,
            lives: lives(35, 5, "UK SAGM 35 d (K), else 21 CFR 610.53"),
            works: works(Days(14), Some(14), "BSH 2020 (K)"),
            bags: bags(&[450, 500]),
            ..who
        }
    }

    /// India, NBTC 2017 and D&C 2020.
    pub fn india() -> Self {
        let source = "India, NBTC 2017";
        let known = "India (K)";
        let who = Self::who();
        let mut deferrals = listed(
            "India, NBTC 2017; deferment table 2009",
            &[
                ("malaria", Lasts::For(Months(3))),
                ("delivery", Lasts::For(Months(12))),
                ("miscarriage", Lasts::For(Months(6))),
                ("breast_feeding", UntilLifted),
                ("major_surgery", Lasts::For(Months(12))),
                ("typhoid", Lasts::For(Months(12))),
                ("hepatitis_contact", Lasts::For(Months(12))),
                ("rabies_vaccine", Lasts::For(Months(12))),
                ("killed_vaccine", Lasts::For(Days(15))),
                ("prison", UntilLifted),
                ("marrow_harvest", Lasts::For(Months(12))),
            ],
        );
        deferrals.extend(listed(
            "India (K)",
            &[
                ("tattoo", Lasts::For(Months(12))),
                ("blood_received", Lasts::For(Months(12))),
                ("minor_surgery", Lasts::For(Months(6))),
                ("dengue", Lasts::For(Months(6))),
                ("needle_stick", Lasts::For(Months(12))),
                ("new_partner", Permanent),
                ("live_vaccine", Lasts::For(Days(28))),
            ],
        ));
        deferrals.push(aspirin("India (K)", Days(3)));
        deferrals.extend(everywhere());
        let back = |red_cells, days| Interval {
            red_cells_returned: Some(red_cells),
            ..interval(Platelets, WholeBlood, days)
        };
        let mut intervals = rows(
            source,
            [
                of(Male, interval(WholeBlood, WholeBlood, 90)),
                of(Female, interval(WholeBlood, WholeBlood, 120)),
                interval(Platelets, Platelets, 2),
                interval(WholeBlood, Platelets, 28),
                interval(WholeBlood, Plasma, 28),
                back(true, 28),
                back(false, 90),
                interval(Plasma, Plasma, 2),
            ],
        );
        intervals.extend(rows(
            known,
            [
                interval(DoubleRedCells, DoubleRedCells, 183),
                interval(DoubleRedCells, WholeBlood, 183),
            ],
        ));
        let mut markers = FOUR.to_vec();
        markers.push(Marker::Malaria);
        Self {
            name: "india".into(),
            donors: DonorRules {
                age_max_first: row(until(60), source),
                age_max_regular: row(until(65), source),
                age_max_apheresis: row(until(60), source),
                bag_weights: rows(
                    source,
                    [bag_weight(350, 450, false), bag_weight(450, 550, true)],
                ),
                apheresis_weight: row(500, source),
                haemoglobin: row(Haemoglobin { female: 125, male: 125 }, source),
                pressure: row(
                    Some(Pressure { systolic: (100, 140), diastolic: (60, 90), refers: false }),
                    source,
                ),
                pulse: row(Some((60, 100)), known),
                temperature_max: row(375, "India 37 °C (K); half a degree above"),
                platelets_min: row(150, known),
                intervals,
                limits: vec![
                    row(limit(Platelets, None, 2, 7), source),
                    row(limit(Platelets, None, 24, 365), source),
                ],
                ..who.donors
            },
            deferrals,
            lives: lives(
                42,
                5,
                "21 CFR 610.53; a hospital table after AABB Standards, 32nd edition, CPDA-1 35 d practice",
            ),
            testing: testing(&markers, "India, national practice"),
            ..who
        }
    }
}
