//! The rules of decision 0007 and of kernel.md 2.1 to 2.7, one by one, on aggregates made for it: a
//! shelf of bags that may be put there, promised and given. The simulation tries them all at once.

use crate::judge::Decision;
use crate::{
    Aggregates, Answer, Authority, Logged, Pending, Push, Standing, States, Verdict, Workstation,
};
use kernel::{CommandId, Instant, of_micros};
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq)]
enum Bag {
    Free,
    Promised(&'static str),
    Given(&'static str),
    /// Not a bag: the law, under key 255.
    Law(u32),
}

#[derive(Clone, Debug)]
enum Ask {
    Put,
    Promise(&'static str),
    Give(&'static str),
    Pass(u32),
}

#[derive(Clone, Debug, PartialEq)]
enum Was {
    Put,
    Promised(&'static str),
    Given(&'static str),
    Passed(u32),
}

#[derive(Clone, Debug, PartialEq)]
enum No {
    Known,
    Unknown,
    Taken,
    Unfit,
    /// Nobody may be given anything under this law.
    Forbidden,
}

/// People to whom nothing may be given.
type Unfit = Vec<&'static str>;
/// Number of the law a command was made under; 9 forbids all giving.
type Under = u32;

const LAW: u8 = 255;

#[derive(Debug)]
enum Shelf {}

impl Aggregates for Shelf {
    type Key = u8;
    type State = Bag;
    type Body = Ask;
    type Event = Was;
    type Facts = Unfit;
    type Refused = No;
    type Context = Under;

    fn decide(states: &States<Self>, unfit: &Unfit, ask: &Ask, under: &Under) -> Decision<Self> {
        let (key, bag) = states.iter().next().expect("a command names one bag");
        let event = match (ask, bag) {
            (Ask::Pass(law), _) => Was::Passed(*law),
            (Ask::Put, None) => Was::Put,
            (Ask::Put, Some(_)) => return Err(No::Known),
            (_, None) => return Err(No::Unknown),
            (Ask::Promise(who) | Ask::Give(who), _) if unfit.contains(who) => {
                return Err(No::Unfit);
            }
            (Ask::Give(_), _) if *under == 9 => return Err(No::Forbidden),
            (Ask::Promise(who), Some(Bag::Free)) => Was::Promised(who),
            (Ask::Give(who), Some(Bag::Free)) => Was::Given(who),
            (Ask::Give(who), Some(Bag::Promised(to))) if who == to => Was::Given(who),
            _ => return Err(No::Taken),
        };
        Ok(vec![(*key, event)])
    }

    fn happened(_: &States<Self>, ask: &Ask, _: &Unfit, _: &Under) -> Vec<(u8, Was)> {
        match ask {
            Ask::Give(who) => vec![(1, Was::Given(who))],
            _ => vec![],
        }
    }

    fn apply(_: Option<Bag>, _: u8, event: &Was) -> Option<Bag> {
        Some(match event {
            Was::Put => Bag::Free,
            Was::Promised(who) => Bag::Promised(who),
            Was::Given(who) => Bag::Given(who),
            Was::Passed(law) => Bag::Law(*law),
        })
    }

    fn overtaken(states: &BTreeMap<u8, Bag>, _: &Ask, under: &Under, _: Instant) -> Option<Under> {
        match states.get(&LAW) {
            Some(Bag::Law(law)) if law > under => Some(*law),
            _ => None,
        }
    }
}

fn id(n: u64) -> CommandId {
    CommandId(Uuid::from_u128(u128::from(n)))
}

fn now() -> Instant {
    of_micros(1_790_000_000_000_000)
}

fn pending(n: u64, key: u8, body: Ask, standing: Standing) -> Pending<Shelf> {
    Pending {
        id: id(n),
        dseq: 0,
        keys: vec![key],
        body,
        standing,
        after: vec![],
        at_risk: false,
        in_trunk: false,
        events: vec![],
    }
}

/// What an authority is told by device `device` as its `dseq`-th command.
fn tell(
    authority: &mut Authority<Shelf>,
    device: u32,
    dseq: u64,
    key: u8,
    body: Ask,
    standing: Standing,
) -> Answer<No> {
    let id = id(u64::from(device) * 1_000 + dseq);
    let push = Push { id, dseq, keys: vec![key], body, standing, after: vec![] };
    authority.receive(device, &push, &vec![], &0, now()).expect("the next number")
}

fn send(
    station: &Workstation<Shelf>,
    authority: &mut Authority<Shelf>,
    unfit: &Unfit,
) -> Vec<Answer<No>> {
    let receive = |push: &Push<Shelf>| authority.receive(1, push, unfit, &0, now());
    station.push().iter().map(receive).collect::<Result<_, _>>().expect("numbers in order")
}

fn take(
    station: &mut Workstation<Shelf>,
    page: &[Logged<Shelf>],
    answers: &[Answer<No>],
    unfit: &'static [&'static str],
) {
    station.take(page, answers, &|_, _| unfit.to_vec(), &|_| 0);
}

/// A workstation that has put bag 1 on its shelf, with the lease for it, all answered.
fn shelf() -> (Workstation<Shelf>, Authority<Shelf>) {
    let (mut station, mut authority) = (Workstation::default(), Authority::default());
    station.act(pending(1, 1, Ask::Put, Standing::Final), &vec![], &0).expect("a new bag");
    let answers = send(&station, &mut authority, &vec![]);
    authority.grant(1, 1);
    take(&mut station, authority.pull(0), &answers, &[]);
    assert!(station.pending().is_empty());
    (station, authority)
}

#[test]
fn what_was_given_stays_given_when_news_comes_that_would_have_refused_it() {
    let (mut station, mut authority) = shelf();
    let give = pending(2, 1, Ask::Give("amina"), Standing::Final);
    station.act(give, &vec![], &0).expect("nothing speaks against it");
    // The laboratory finds amina unfit while the answer is on its way.
    take(&mut station, &[], &[], &["amina"]);
    assert_eq!(station.present(&1), Some(&Bag::Given("amina")));
    assert!(station.pending()[0].at_risk);
    // So nobody else is given the same bag.
    let second = pending(3, 1, Ask::Give("bea"), Standing::Final);
    assert_eq!(station.act(second, &vec![], &0), Err(No::Taken));
    // The authority, which knows, files it as an incident and takes nothing back either.
    let answers = send(&station, &mut authority, &vec!["amina"]);
    assert_eq!(answers[0].verdict, Verdict::Incident(No::Unfit));
    take(&mut station, authority.pull(1), &answers, &["amina"]);
    assert_eq!(station.present(&1), Some(&Bag::Given("amina")));
    assert!(station.pending().is_empty());
}

#[test]
fn a_request_that_news_refuses_is_at_risk_and_its_promise_is_gone() {
    let (mut station, _) = shelf();
    let promise = pending(2, 1, Ask::Promise("amina"), Standing::Requested);
    station.act(promise, &vec![], &0).expect("nothing speaks against it");
    take(&mut station, &[], &[], &["amina"]);
    assert!(station.pending()[0].at_risk);
    assert_eq!(station.present(&1), Some(&Bag::Free));
}

#[test]
fn nothing_is_promised_behind_the_back_of_the_holder_of_a_lease() {
    let (mut station, mut authority) = shelf();
    let asked = tell(&mut authority, 2, 1, 1, Ask::Promise("bea"), Standing::Requested);
    assert_eq!(asked.verdict, Verdict::LeasedElsewhere);
    // The holder decides offline and is never refused.
    let give = pending(2, 1, Ask::Give("amina"), Standing::Final);
    station.act(give, &vec![], &0).expect("it holds the lease");
    assert_eq!(send(&station, &mut authority, &vec![])[0].verdict, Verdict::Applied);
    // What a person says happened is heard in any case.
    let said = tell(&mut authority, 2, 2, 1, Ask::Give("bea"), Standing::Attested);
    assert_eq!(said.verdict, Verdict::Incident(No::Taken));
}

#[test]
fn a_command_whose_answer_was_lost_is_not_decided_again_on_top_of_its_own_effect() {
    let (mut station, mut authority) = shelf();
    let promise = pending(2, 1, Ask::Promise("amina"), Standing::Requested);
    station.act(promise, &vec![], &0).expect("the bag is free");
    let first = send(&station, &mut authority, &vec![]);
    // The page arrives, the answer does not.
    take(&mut station, authority.pull(1), &[], &[]);
    assert!(station.pending()[0].in_trunk);
    assert!(!station.pending()[0].at_risk, "it was decided against its own effect");
    assert_eq!(station.present(&1), Some(&Bag::Promised("amina")));
    // Sent again, it has the same answer and no second effect.
    let again = send(&station, &mut authority, &vec![]);
    assert_eq!(again, first);
    assert_eq!(authority.log().len(), 2);
    take(&mut station, &[], &again, &[]);
    assert!(station.pending().is_empty());
}

#[test]
fn an_answer_that_comes_before_its_page_takes_nothing_from_the_screen() {
    let (mut station, mut authority) = shelf();
    let promise = pending(2, 1, Ask::Promise("amina"), Standing::Requested);
    station.act(promise, &vec![], &0).expect("the bag is free");
    let answers = send(&station, &mut authority, &vec![]);
    take(&mut station, &[], &answers, &[]);
    assert_eq!(station.present(&1), Some(&Bag::Promised("amina")));
    assert_eq!(station.pending().len(), 1);
}

#[test]
fn facts_are_asked_for_each_command_by_itself() {
    let (mut station, _) = shelf();
    station.act(pending(2, 2, Ask::Put, Standing::Final), &vec![], &0).expect("a second bag");
    for (n, key, who) in [(3, 1, "amina"), (4, 2, "bea")] {
        let promise = pending(n, key, Ask::Promise(who), Standing::Requested);
        station.act(promise, &vec![], &0).expect("the bag is free");
    }
    let of = |p: &Pending<Shelf>, _: &BTreeMap<u8, Bag>| {
        if p.id == id(3) { vec!["amina"] } else { vec![] }
    };
    station.take(&[], &[], &of, &|_| 0);
    let at_risk: Vec<_> = station.pending().iter().filter(|p| p.at_risk).map(|p| p.id).collect();
    assert_eq!(at_risk, [id(3)]);
    assert_eq!(station.present(&2), Some(&Bag::Promised("bea")));
}

#[test]
fn a_lease_moves_only_when_it_is_granted_and_the_one_before_loses_it() {
    let (_, mut authority) = shelf();
    let asked = tell(&mut authority, 2, 1, 1, Ask::Promise("bea"), Standing::Requested);
    assert_eq!(asked.verdict, Verdict::LeasedElsewhere);
    authority.grant(1, 2);
    let asked = tell(&mut authority, 2, 2, 1, Ask::Promise("bea"), Standing::Requested);
    assert_eq!(asked.verdict, Verdict::Applied);
    let late = tell(&mut authority, 1, 2, 1, Ask::Promise("amina"), Standing::Requested);
    assert_eq!(late.verdict, Verdict::LeasedElsewhere);
}

#[test]
fn an_urgent_law_stops_requests_on_their_way_and_has_final_ones_looked_at() {
    let (mut station, mut authority) = shelf();
    station.act(pending(2, 2, Ask::Put, Standing::Final), &vec![], &0).expect("a second bag");
    let asked = pending(3, 1, Ask::Promise("amina"), Standing::Requested);
    station.act(asked, &vec![], &0).expect("the bag is free");
    let given = pending(4, 2, Ask::Give("bea"), Standing::Final);
    station.act(given, &vec![], &0).expect("the bag is free");
    let passed = tell(&mut authority, 7, 1, LAW, Ask::Pass(9), Standing::Attested);
    assert_eq!(passed.verdict, Verdict::Applied);
    let answers = send(&station, &mut authority, &vec![]);
    let verdicts: Vec<_> = answers.iter().map(|a| &a.verdict).collect();
    assert_eq!(
        verdicts,
        [&Verdict::Applied, &Verdict::PolicyChanged, &Verdict::Incident(No::Forbidden)]
    );
    assert_eq!(authority.states().get(&1), Some(&Bag::Free));
    assert_eq!(authority.states().get(&2), Some(&Bag::Given("bea")));
    // At home: the promise is gone, the bag that was given stays given.
    take(&mut station, authority.pull(1), &answers, &[]);
    assert!(station.pending().is_empty());
    assert_eq!(station.present(&1), Some(&Bag::Free));
    assert_eq!(station.present(&2), Some(&Bag::Given("bea")));
}

#[test]
fn what_depends_on_a_request_that_was_stopped_is_stopped_with_it() {
    let (_, mut authority) = shelf();
    tell(&mut authority, 7, 1, LAW, Ask::Pass(1), Standing::Attested);
    authority.grant(1, 2);
    let stopped = tell(&mut authority, 2, 1, 1, Ask::Promise("bea"), Standing::Requested);
    assert_eq!(stopped.verdict, Verdict::PolicyChanged);
    let push = Push {
        id: id(77),
        dseq: 2,
        keys: vec![1],
        body: Ask::Give("bea"),
        standing: Standing::Requested,
        after: vec![stopped.id],
    };
    let answer = authority.receive(2, &push, &vec![], &1, now()).expect("the next number");
    assert_eq!(answer.verdict, Verdict::DependsOnRejected);
}
