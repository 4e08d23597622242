//! Red cells of O RhD negative are for those who need them: who is proposed RhD positive first when
//! too many of them have gone to others (bloodbank.md 2.2 and 4.3.1).

use crate::request::Request;
use crate::{KnownGroup, PatientFacts, Policy, Unit, is_protected};
use kernel::{Abo, BloodGroup, Component, Rhd};

pub(crate) const O_NEGATIVE: BloodGroup = BloodGroup { abo: Abo::O, rhd: Rhd::Negative };

/// Whether RhD positive red cells may be proposed to this patient before O RhD negative: in an
/// emergency of a patient who is known to be RhD negative and not O, and whom anti-D could not harm
/// (bloodbank.md 2.2, the rows of men above 18 and women above 50: "RhD-pos allowed in bleeding or
/// shortage"). All others keep their order: somebody whose group nobody knows, girls, women who may
/// have children, boys, whoever ever had anti-D, and whoever has nothing else to be given.
pub fn may_spare_o_negative(request: &Request, patient: &PatientFacts, policy: &Policy) -> bool {
    let group = match patient.group {
        KnownGroup::Once(group) | KnownGroup::Confirmed(group) => group,
        KnownGroup::Unknown | KnownGroup::Conflict(_) => return false,
    };
    request.component == Component::RedCells
        && request.urgency.is_critical()
        && group.rhd == Rhd::Negative
        && group.abo != Abo::O
        && !patient.anti_d_ever
        && !is_protected(patient, policy)
}

/// The lines in their order, with those of O RhD negative beyond the first `spare` after all others.
/// Answers where the moved ones begin.
pub(crate) fn spared<L>(
    lines: Vec<L>,
    spare: u32,
    is_free_o_negative: impl Fn(&L) -> bool,
) -> (Vec<L>, usize) {
    let mut seen = 0;
    let (mut kept, moved): (Vec<L>, Vec<L>) = lines.into_iter().partition(|line| {
        let counts = is_free_o_negative(line);
        seen += u32::from(counts);
        !counts || seen <= spare
    });
    let begin = kept.len();
    kept.extend(moved);
    (kept, begin)
}

/// O RhD negative red cells for somebody who has another group.
pub(crate) fn is_for_others(unit: &Unit, patient: Option<BloodGroup>) -> bool {
    unit.component == Component::RedCells && unit.group == O_NEGATIVE && patient != Some(O_NEGATIVE)
}

#[cfg(test)]
mod tests {
    use super::spared;

    #[test]
    fn the_first_so_many_stay_and_the_others_go_behind_in_their_order() {
        let of = |spare| spared(vec!["b1", "o1", "o2", "o3", "+1"], spare, |l| l.starts_with('o'));
        assert_eq!(of(0), (vec!["b1", "+1", "o1", "o2", "o3"], 2));
        assert_eq!(of(1), (vec!["b1", "o1", "+1", "o2", "o3"], 3));
        assert_eq!(of(9), (vec!["b1", "o1", "o2", "o3", "+1"], 5));
    }
}
