//! Typing and infection markers (scenarios 35 to 40).

use super::*;
use bloodbank::KnownGroup;
use bloodbank::Refused;
use bloodbank::lab::{
    self, Action, Command as C, Event as E, Grade, Interpretation, KitLot, MarkerState, Outcome,
    Run, RunProblem, Sheet, Stage, TestState, Tests, TypingState, discrepancy_actions, interpret,
};
use bloodbank::profile::Marker;
use kernel::{Abo, BloodGroup, Rhd, RunId, UnitId};
use proptest::prelude::*;

type Answer = Result<Vec<E>, Refused<lab::Rule>>;

pub fn now() -> Instant {
    at("2026-11-20T10:00:00Z")
}

pub fn run(marker: Marker) -> Run {
    Run {
        id: RunId(Uuid::from_u128(0x12_0000 + marker as u128)),
        marker,
        kit: KitLot { kit: "rapid".into(), lot: "L7".into(), expires: day("2026-12-31") },
        on: today(),
        positive_control: true,
        negative_control: true,
    }
}

/// One laboratory with a counter for the names of its commands.
#[derive(Clone)]
pub struct Bench {
    pub tests: Tests,
    pub profile: Profile,
    pub history: KnownGroup,
    pub first_time: bool,
    count: u128,
}

impl Bench {
    pub fn new(donation: DonationId, profile: Profile) -> Self {
        let history = KnownGroup::Unknown;
        Self { tests: Tests::none(donation), profile, history, first_time: true, count: 0 }
    }

    /// Asks without doing.
    pub fn ask(&self, by: u128, run: Option<&Run>, command_: &C) -> Answer {
        let facts = lab::Facts {
            actor: staff(by),
            second: Some(staff(by + 100)),
            run,
            history: &self.history,
            first_time: self.first_time,
        };
        let id = command(0x7000 + self.count);
        lab::decide(&self.tests, &facts, command_, &self.profile, now(), id)
    }

    /// Does it and gives the command's id.
    pub fn tell(&mut self, by: u128, run: Option<&Run>, command_: &C) -> CommandId {
        let events = self.ask(by, run, command_).expect("accepted");
        let tests = std::mem::replace(&mut self.tests, Tests::none(donation_id(0)));
        self.tests = events.iter().fold(tests, lab::apply);
        self.count += 1;
        command(0x7000 + self.count - 1)
    }

    pub fn result(
        &mut self,
        by: u128,
        marker: Marker,
        stage: Stage,
        outcome: Outcome,
    ) -> CommandId {
        self.result_in(by, &run(marker), stage, outcome)
    }

    fn result_in(&mut self, by: u128, run: &Run, stage: Stage, outcome: Outcome) -> CommandId {
        let command_ = C::EnterResult { marker: run.marker, stage, run: run.id, outcome };
        self.tell(by, Some(run), &command_)
    }

    pub fn verify(&mut self, by: u128, entry: CommandId) {
        self.tell(by, None, &C::VerifyResult { entry });
    }

    /// Entered by one, verified by two.
    pub fn verified(&mut self, marker: Marker, stage: Stage, outcome: Outcome) {
        let entry = self.result(1, marker, stage, outcome);
        self.verify(2, entry);
    }

    pub fn all_clear(&mut self) {
        for marker in self.profile.testing.mandatory.clone() {
            self.verified(marker.value, Stage::Initial, Outcome::NonReactive);
        }
    }

    pub fn typed(&mut self, group: BloodGroup, lot: &str) {
        let command_ =
            C::EnterTyping { method: "tube".into(), lot: lot.into(), sheet: sheet(group) };
        let entry = self.tell(1, None, &command_);
        self.tell(2, None, &C::VerifyTyping { entry });
    }

    pub fn state(&self) -> TestState {
        self.tests.state(&self.profile)
    }

    pub fn typing(&self) -> TypingState {
        self.tests.typing(&self.history, self.first_time, &self.profile)
    }
}

pub fn sheet(group: BloodGroup) -> Sheet {
    let grade = |reacts| if reacts { Grade::Positive } else { Grade::Negative };
    let (a, b) = (matches!(group.abo, Abo::A | Abo::AB), matches!(group.abo, Abo::B | Abo::AB));
    Sheet {
        anti_a: grade(a),
        anti_b: grade(b),
        anti_d: grade(group.rhd == Rhd::Positive),
        control: Grade::Negative,
        a_cells: grade(!a),
        b_cells: grade(!b),
    }
}

const A_POS: BloodGroup = BloodGroup { abo: Abo::A, rhd: Rhd::Positive };
const O_POS: BloodGroup = BloodGroup { abo: Abo::O, rhd: Rhd::Positive };

fn bench() -> Bench {
    Bench::new(donation_id(1), Profile::who())
}

fn rule(answer: Answer) -> Option<lab::Rule> {
    match answer {
        Err(Refused::HardStop { rule, .. }) => Some(rule),
        _ => None,
    }
}

#[test]
fn s35_nobody_takes_back_a_reactive_they_entered_and_another_needs_a_reason() {
    let mut bench = bench();
    bench.all_clear();
    let entry = bench.result(1, Marker::Hbv, Stage::Initial, Outcome::Reactive);
    assert_eq!(bench.state(), TestState::InitialReactive(vec![Marker::Hbv]));
    let correct = |reason: &str| C::CorrectResult {
        entry,
        outcome: Outcome::NonReactive,
        reason: reason.into(),
    };
    assert_eq!(rule(bench.ask(1, None, &correct("typo"))), Some(lab::Rule::SamePerson));
    assert_eq!(rule(bench.ask(3, None, &correct(" "))), Some(lab::Rule::FieldMissing));
    bench.tell(3, None, &correct("sample of the neighbour, tube read again"));
    let result = bench.tests.results.last().expect("a result");
    assert_eq!(result.versions.len(), 2, "the first version stays");
    assert_eq!(result.versions[0].outcome, Outcome::Reactive);
    assert_eq!(bench.state(), TestState::Testing(vec![Marker::Hbv]), "a claim, not yet a result");
    assert_eq!(
        rule(bench.ask(3, None, &C::VerifyResult { entry })),
        Some(lab::Rule::SamePerson),
        "who corrected does not verify"
    );
    bench.verify(2, entry);
    assert_eq!(bench.state(), TestState::NonReactive);
    // The unit is still in quarantine: only release.rs lets it out, with two people.
}

#[test]
fn a_confirmed_reactive_is_for_ever() {
    let mut bench = bench();
    bench.all_clear();
    bench.verified(Marker::Hiv, Stage::Initial, Outcome::Reactive);
    assert_eq!(bench.state(), TestState::InitialReactive(vec![Marker::Hiv]));
    bench.verified(Marker::Hiv, Stage::Repeat, Outcome::Reactive);
    assert_eq!(bench.state(), TestState::Unsafe(vec![Marker::Hiv]));
    bench.verified(Marker::Hiv, Stage::Repeat, Outcome::NonReactive);
    let entries: Vec<_> = bench.tests.results.iter().map(|r| (r.entry, r.outcome_now())).collect();
    for (entry, outcome) in entries {
        if outcome == Outcome::Reactive {
            let correct =
                C::CorrectResult { entry, outcome: Outcome::NonReactive, reason: "wish".into() };
            assert_eq!(rule(bench.ask(9, None, &correct)), Some(lab::Rule::UnsafeIsFinal));
        }
    }
    bench.tell(9, None, &C::InvalidateRun { run: run(Marker::Hiv).id, reason: "control".into() });
    assert_eq!(bench.state(), TestState::Unsafe(vec![Marker::Hiv]), "not by an invalid run either");
}

trait Now {
    fn outcome_now(&self) -> Outcome;
}

impl Now for lab::MarkerResult {
    fn outcome_now(&self) -> Outcome {
        self.versions.last().expect("a version").outcome
    }
}

#[test]
fn two_negative_repeats_do_not_free_the_blood() {
    let mut bench = bench();
    bench.all_clear();
    bench.verified(Marker::Hcv, Stage::Initial, Outcome::Reactive);
    for _ in 0..2 {
        bench.verified(Marker::Hcv, Stage::Repeat, Outcome::NonReactive);
    }
    assert_eq!(bench.state(), TestState::Indeterminate(vec![Marker::Hcv]));
    let mut discards = Profile::who();
    discards.testing.discard_on_initial_reactive.value = true;
    let mut small = Bench::new(donation_id(2), discards);
    small.verified(Marker::Hcv, Stage::Initial, Outcome::Reactive);
    assert_eq!(
        small.state(),
        TestState::Unsafe(vec![Marker::Hcv]),
        "where policy says so, at once"
    );
}

#[test]
fn s37_results_of_an_expired_lot_count_for_nothing() {
    let mut bench = bench();
    bench.all_clear();
    assert_eq!(bench.state(), TestState::NonReactive);
    let mut late = bench.clone();
    let mut expired = run(Marker::Syphilis);
    expired.kit.expires = day("2026-11-19");
    expired.id = RunId(Uuid::from_u128(0xBAD));
    assert_eq!(expired.problem(), Some(RunProblem::LotExpired));
    // The donation was only tested in that run.
    late.tests.results.retain(|result| result.marker != Marker::Syphilis);
    let entry = late.result_in(1, &expired, Stage::Initial, Outcome::NonReactive);
    late.verify(2, entry);
    assert_eq!(late.state(), TestState::Testing(vec![Marker::Syphilis]));
    // And when it is noticed afterwards, everything in the run goes back.
    let run_ = run(Marker::Syphilis);
    bench.tell(3, None, &C::InvalidateRun { run: run_.id, reason: "lot expired".into() });
    assert_eq!(bench.state(), TestState::Testing(vec![Marker::Syphilis]));
    let mut failed = run(Marker::Hiv);
    failed.negative_control = false;
    assert_eq!(failed.problem(), Some(RunProblem::ControlFailed));
    let mut last_day = run(Marker::Hiv);
    last_day.kit.expires = today();
    assert_eq!(last_day.problem(), None, "the day on the kit is its last");
}

#[test]
fn s38_a_group_that_is_not_the_donors_holds_flags_and_looks_at_the_neighbours() {
    let mut donor = man();
    for n in [1, 2] {
        donor = told(donor, &Command::RecordGroup { group: A_POS, donation: None }, n);
    }
    let mut bench = bench();
    bench.history = donor.group();
    bench.first_time = false;
    bench.typed(O_POS, "lot 1");
    assert_eq!(bench.typing(), TypingState::NoMatch);
    let earlier = [UnitId(Uuid::from_u128(1)), UnitId(Uuid::from_u128(2))];
    let batch = [donation_id(7), donation_id(1), donation_id(8), donation_id(9)];
    let actions = discrepancy_actions(bench.typing(), donation_id(1), &donor, &earlier, &batch);
    assert_eq!(
        actions,
        [
            Action::HoldDonation(donation_id(1)),
            Action::FlagUnit(earlier[0]),
            Action::FlagUnit(earlier[1]),
            Action::CheckSample(donation_id(7)),
            Action::CheckSample(donation_id(8)),
        ]
    );
    assert_eq!(donor.group(), KnownGroup::Confirmed(A_POS), "the history stays as it is");
    assert_eq!(bench.typing().group(), None, "no label");
    // A work-up with another lot that two people sign ends it.
    let resolve = |group| C::ResolveTyping { group, reason: "tube exchanged; new sample".into() };
    assert_eq!(rule(bench.ask(1, None, &resolve(A_POS))), Some(lab::Rule::NotSupported));
    bench.typed(A_POS, "lot 2");
    assert_eq!(bench.typing(), TypingState::NoMatch, "two sheets disagree");
    bench.tell(1, None, &resolve(A_POS));
    assert_eq!(bench.typing(), TypingState::Resolved(A_POS));
    bench.typed(O_POS, "lot 3");
    assert_eq!(bench.typing(), TypingState::NoMatch, "a new doubt opens it again");
    assert_eq!(
        discrepancy_actions(TypingState::Match(A_POS), donation_id(1), &donor, &earlier, &batch),
        []
    );
}

#[test]
fn s39_a_first_donation_has_two_independent_typings() {
    let mut bench = bench();
    assert_eq!(bench.typing(), TypingState::NotDone);
    bench.typed(A_POS, "lot 1");
    assert_eq!(bench.typing(), TypingState::Ambiguous { needs: 1 });
    bench.typed(A_POS, "lot 1");
    assert_eq!(bench.typing(), TypingState::Ambiguous { needs: 1 }, "the same reagents again");
    bench.typed(A_POS, "lot 2");
    assert_eq!(bench.typing(), TypingState::Match(A_POS));
    let mut regular = self::bench();
    regular.history = KnownGroup::Confirmed(A_POS);
    regular.first_time = false;
    regular.typed(A_POS, "lot 1");
    assert_eq!(regular.typing(), TypingState::Match(A_POS), "the history is the other");
}

#[test]
fn s40_who_entered_a_typing_or_a_result_does_not_verify_it() {
    let mut bench = bench();
    let enter = C::EnterTyping { method: "tube".into(), lot: "1".into(), sheet: sheet(A_POS) };
    let entry = bench.tell(5, None, &enter);
    let verify = C::VerifyTyping { entry };
    assert_eq!(rule(bench.ask(5, None, &verify)), Some(lab::Rule::SamePerson));
    bench.tell(6, None, &verify);
    assert_eq!(rule(bench.ask(7, None, &verify)), Some(lab::Rule::AlreadyVerified));
    let entry = bench.result(5, Marker::Hiv, Stage::Initial, Outcome::NonReactive);
    let verify = C::VerifyResult { entry };
    assert_eq!(rule(bench.ask(5, None, &verify)), Some(lab::Rule::SamePerson));
    let unverified = bench.tests.marker(Marker::Hiv, &bench.profile);
    assert_eq!(unverified, MarkerState::Unverified);
    bench.tell(6, None, &verify);
    assert_eq!(bench.tests.marker(Marker::Hiv, &bench.profile), MarkerState::NonReactive);
    let nobody = C::VerifyResult { entry: command(1) };
    assert_eq!(rule(bench.ask(6, None, &nobody)), Some(lab::Rule::NoSuchEntry));
}

#[test]
fn a_grey_zone_or_too_little_blood_is_no_result() {
    for outcome in [Outcome::GreyZone, Outcome::NotEnough] {
        let mut bench = bench();
        bench.all_clear();
        bench.verified(Marker::Hiv, Stage::Initial, outcome);
        assert_eq!(bench.state(), TestState::Indeterminate(vec![Marker::Hiv]), "{outcome:?}");
    }
    let bench = bench();
    let repeat = C::EnterResult {
        marker: Marker::Hiv,
        stage: Stage::Repeat,
        run: run(Marker::Hiv).id,
        outcome: Outcome::NonReactive,
    };
    let answer = bench.ask(1, Some(&run(Marker::Hiv)), &repeat);
    assert_eq!(rule(answer), Some(lab::Rule::StageWrong), "nothing to repeat");
    let other = bench.ask(1, Some(&run(Marker::Hcv)), &repeat);
    assert_eq!(rule(other), Some(lab::Rule::NotFound), "another marker's run");
}

#[test]
fn every_group_is_read_from_its_sheet_and_no_sheet_that_contradicts_itself() {
    for group in BloodGroup::ALL {
        assert_eq!(interpret(&sheet(group)), Interpretation::Group(group));
    }
    let with = |change: &dyn Fn(&mut Sheet)| {
        let mut sheet = sheet(A_POS);
        change(&mut sheet);
        interpret(&sheet)
    };
    assert_eq!(with(&|s| s.anti_d = Grade::Weak), Interpretation::Group(A_POS), "weak D donates D");
    assert_eq!(with(&|s| s.b_cells = Grade::Negative), Interpretation::Discrepant);
    assert_eq!(with(&|s| s.a_cells = Grade::Weak), Interpretation::Discrepant);
    assert_eq!(with(&|s| s.anti_a = Grade::MixedField), Interpretation::Discrepant);
    assert_eq!(with(&|s| s.anti_a = Grade::Weak), Interpretation::Discrepant);
    assert_eq!(with(&|s| s.a_cells = Grade::NotDone), Interpretation::Incomplete);
    assert_eq!(with(&|s| s.control = Grade::Positive), Interpretation::Invalid);
    let mut bench = bench();
    let mut odd = sheet(A_POS);
    odd.anti_a = Grade::MixedField;
    bench.tell(1, None, &C::EnterTyping { method: "tube".into(), lot: "1".into(), sheet: odd });
    assert_eq!(bench.typing(), TypingState::Indeterminate, "a doubt counts before it is verified");
}

proptest! {
    #[test]
    fn one_positive_is_never_removed_by_a_later_negative(
        before in proptest::collection::vec((0u8..4, any::<bool>(), any::<bool>()), 0..6),
        after in proptest::collection::vec((0u8..4, any::<bool>(), any::<bool>()), 0..8),
        discard in any::<bool>(),
    ) {
        let mut profile = Profile::who();
        profile.testing.discard_on_initial_reactive.value = discard;
        let mut bench = Bench::new(donation_id(1), profile);
        bench.all_clear();
        let outcome = |n| match n {
            0 => Outcome::NonReactive,
            1 => Outcome::NonReactive,
            2 => Outcome::GreyZone,
            _ => Outcome::NotEnough,
        };
        let feed = |bench: &mut Bench, list: Vec<(u8, bool, bool)>| {
            for (n, repeat, verify) in list {
                let stage = if repeat { Stage::Repeat } else { Stage::Initial };
                let run = run(Marker::Hiv);
                let enter = C::EnterResult { marker: Marker::Hiv, stage, run: run.id, outcome: outcome(n) };
                if bench.ask(1, Some(&run), &enter).is_err() { continue }
                let entry = bench.tell(1, Some(&run), &enter);
                if verify { bench.verify(2, entry) }
            }
        };
        feed(&mut bench, before);
        let entry = bench.result(1, Marker::Hiv, Stage::Initial, Outcome::Reactive);
        bench.verify(2, entry);
        let state = |bench: &Bench| bench.tests.marker(Marker::Hiv, &bench.profile);
        let was_unsafe = state(&bench) == MarkerState::Unsafe;
        prop_assert_eq!(was_unsafe, discard);
        feed(&mut bench, after);
        prop_assert!(state(&bench) >= MarkerState::Indeterminate, "{:?}", state(&bench));
        prop_assert!(!was_unsafe || state(&bench) == MarkerState::Unsafe);
        prop_assert!(bench.state() != TestState::NonReactive);
    }
}
