//! How much O RhD negative may go to patients of other groups, counted in units of one site's own
//! records (bloodbank.md 2.2, 4.1 and 4.3.1). Who is meant, and who never is, says
//! `bloodbank::may_spare_o_negative`.

use bloodbank::kpi::Ratio;
use serde::{Deserialize, Serialize};

/// When RhD positive red cells are proposed before O RhD negative ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ONegativeRule {
    /// The share of all O RhD negative given that may go to others, in 1/1000.
    pub line_permille: u32,
    /// Of the last so many days.
    pub window_days: u32,
    /// From how many days before its end a unit of O RhD negative is looked at for another site,
    /// where it is given to patients of its own group; the days of the component count when they are
    /// more.
    pub exchange_days: u32,
}

impl ONegativeRule {
    /// How many more may go to others without the share of the window going over the line; `recent`
    /// is `bloodbank::kpi::o_negative_to_others` of the window.
    ///
    /// What this answers is a bound for those who may be given something else. An emergency without a
    /// group and a patient whom anti-D could harm are counted, but never bound by it.
    pub fn spare(&self, recent: Ratio) -> u32 {
        // others + n <= line * (given + n)
        let line = u64::from(self.line_permille.min(999));
        let left = (line * recent.denominator).saturating_sub(1_000 * recent.numerator);
        u32::try_from(left / (1_000 - line)).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULE: ONegativeRule =
        ONegativeRule { line_permille: 20, window_days: 365, exchange_days: 14 };

    #[test]
    fn one_in_fifty_may_go_to_others() {
        let spare = |others, given| RULE.spare(Ratio::new(others, given));
        // 1 of 49 + 1 and 2 of 99 + 1 are 2 %; 1 of 48 + 1 and 2 of 98 + 1 are more.
        assert_eq!((spare(0, 48), spare(0, 49), spare(1, 98), spare(1, 99)), (0, 1, 0, 1));
        assert_eq!((spare(6, 500), spare(10, 500), spare(30, 500)), (4, 0, 0));
        assert_eq!(spare(0, 0), 0, "without a history nothing is spared");
    }

    proptest! {
        #[test]
        fn what_is_spared_never_crosses_the_line_and_one_more_would(
            line in 0..1_000u32, others in 0..5_000u64, own in 0..5_000u64,
        ) {
            let rule = ONegativeRule { line_permille: line, ..RULE };
            let given = others + own;
            let spare = u64::from(rule.spare(Ratio::new(others, given)));
            let over = |n: u64| 1_000 * (others + n) > u64::from(line) * (given + n);
            prop_assert!(spare == 0 || !over(spare));
            prop_assert!(over(spare + 1));
        }
    }
}
