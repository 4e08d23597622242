use super::*;
use bloodbank::contact::{
    Campaign, Channel, Contact, NotNow, batch_size, may_leave_at, select, why_not,
};
use bloodbank::outbox::{
    self, About, Command, Event as Sent, Facts as Known, Message, Reply, Status as Box_, Turn, due,
    purged_by_enough, purged_by_stop, purged_by_turn, read_reply, why_not_reminded,
};
use kernel::{AppointmentId, CampaignId, DonationId, MessageId};
use std::collections::{BTreeMap, BTreeSet};

fn willing(n: u128) -> Contact {
    Contact {
        donor: donor(n),
        person: format!("person {n}"),
        group: Some(O_NEG),
        agreed: BTreeSet::from([Channel::Sms]),
        stopped: false,
        eligible_from: Some(noon() - hours(24)),
        deferred: false,
        available: true,
        last_appeal_at: None,
        metres: Some(u32::try_from(n).expect("small") * 100),
    }
}
fn appeal(n: u128) -> Campaign {
    Campaign {
        id: CampaignId(uuid(30, n)),
        owner: "hill".into(),
        component: Component::RedCells,
        groups: BTreeSet::from([O_NEG]),
        channel: Channel::Sms,
        zone: NAIROBI,
        void_at: noon() + hours(12),
        wanted: 2,
        within_metres: 10_000,
        unknown_too: false,
    }
}
fn known(contact: &Contact, campaign: &Campaign) -> Known {
    Known {
        contacts: BTreeMap::from([(contact.donor, contact.clone())]),
        campaign: Some(campaign.clone()),
        zone: Some(NAIROBI),
        turns: BTreeMap::new(),
        site: "hill".into(),
    }
}
fn queue_at(
    facts: &Known,
    about: About,
    donor: DonorId,
    now: Instant,
) -> Result<Vec<Sent>, Refusal> {
    let command = Command::Queue { donor, about, channel: Channel::Sms };
    outbox::decide(None, facts, command, &care(), now)
}
fn queue(contact: &Contact, campaign: &Campaign, now: Instant) -> Result<Vec<Sent>, Refusal> {
    let about = About::Appeal { campaign: campaign.id };
    queue_at(&known(contact, campaign), about, contact.donor, now)
}
fn made(donor: DonorId, about: About, events: &[Sent]) -> Message {
    let id: MessageId = about.message(donor, Channel::Sms);
    outbox::apply(None, id, &events[0]).expect("queued")
}
fn queued(contact: &Contact, campaign: &Campaign) -> Message {
    let about = About::Appeal { campaign: campaign.id };
    made(contact.donor, about, &queue(contact, campaign, noon()).expect("queued"))
}
fn decide(message: &Message, command: Command, now: Instant) -> Result<Vec<Sent>, Refusal> {
    outbox::decide(Some(message), &Known::default(), command, &care(), now)
}
fn apply(message: Message, event: &Sent) -> Message {
    let id = message.id;
    outbox::apply(Some(message), id, event).expect("it is known")
}

#[test]
fn s75_a_stop_empties_the_queue_of_that_donor_and_of_nobody_else() {
    let three: Vec<Message> = (1..=3).map(|n| queued(&willing(1), &appeal(n))).collect();
    let messages = [three, vec![queued(&willing(2), &appeal(1))]].concat();
    assert_eq!(read_reply(" Stop!", &[]), Reply::Stop);
    assert_eq!(read_reply("acha", &["Acha"]), Reply::Stop, "in the site's own words");
    let purge = purged_by_stop(&messages, &BTreeSet::from([donor(1)]));
    assert_eq!(purge, [0, 1, 2]);
    for index in purge {
        let events = decide(&messages[index], Command::Purge, noon()).expect("purged");
        assert_eq!(apply(messages[index].clone(), &events[0]).status, Box_::Purged);
    }
}

#[test]
fn s75_who_is_deferred_or_not_yet_eligible_is_never_queued() {
    let cases = [
        (Contact { deferred: true, ..willing(1) }, NotNow::Deferred),
        (Contact { eligible_from: Some(noon() + hours(1)), ..willing(1) }, NotNow::NotYetEligible),
        (Contact { eligible_from: None, ..willing(1) }, NotNow::NotYetEligible),
        (Contact { stopped: true, ..willing(1) }, NotNow::Stopped),
        (Contact { agreed: BTreeSet::new(), ..willing(1) }, NotNow::NoAgreement),
        (Contact { available: false, ..willing(1) }, NotNow::NotAvailable),
        (Contact { group: Some(A_POS), ..willing(1) }, NotNow::OtherGroup),
        (Contact { group: None, ..willing(1) }, NotNow::OtherGroup),
        (Contact { metres: Some(10_001), ..willing(1) }, NotNow::TooFar),
        (Contact { metres: None, ..willing(1) }, NotNow::DistanceUnknown),
        (
            Contact {
                last_appeal_at: Some(noon() - TimeDelta::days(7) + minutes(1)),
                ..willing(1)
            },
            NotNow::AskedRecently,
        ),
    ];
    for (contact, why) in cases {
        assert_eq!(why_not(&contact, &appeal(1), &care().contact, noon()), [why]);
        let answer = queue(&contact, &appeal(1), noon());
        assert_eq!(stop(answer), CareRule::MayNotBeAsked, "{why:?}");
    }
    let week = Contact { last_appeal_at: Some(noon() - TimeDelta::days(7)), ..willing(1) };
    assert_eq!(why_not(&week, &appeal(1), &care().contact, noon()), []);
}

#[test]
fn s75_one_donor_registered_at_two_sites_gets_one_message() {
    let twin = Contact { person: "person 1".into(), ..willing(2) };
    let all = [twin, willing(1), willing(3)];
    let chosen = select(&all, &appeal(1), &BTreeSet::new(), 9, &care().contact, noon());
    assert_eq!(chosen.chosen, [donor(1), donor(3)], "the nearest first");
    assert_eq!(chosen.left_out, [(donor(2), vec![NotNow::SamePerson])]);
    // What one registration says holds for the person.
    let stopped = Contact { person: "person 1".into(), stopped: true, ..willing(2) };
    let chosen =
        select(&[stopped, willing(1)], &appeal(1), &BTreeSet::new(), 9, &care().contact, noon());
    assert_eq!(chosen.chosen, []);
    // Reached already, by a batch before.
    let asked = BTreeSet::from(["person 1".to_owned()]);
    assert_eq!(select(&[willing(1)], &appeal(1), &asked, 9, &care().contact, noon()).chosen, []);
    // Another site does not send for this campaign at all.
    let town = Known { site: "town".into(), ..known(&willing(1), &appeal(1)) };
    let elsewhere = queue_at(&town, About::Appeal { campaign: appeal(1).id }, donor(1), noon());
    assert_eq!(stop(elsewhere), CareRule::CustodyElsewhere);
}

#[test]
fn at_night_a_message_waits_for_eight_in_the_morning_at_the_place_of_the_donor() {
    let leave = |text: &str| may_leave_at(at(text), NAIROBI, &care().contact);
    assert_eq!(leave("2026-11-19T12:00:00Z"), at("2026-11-19T12:00:00Z"), "15:00 there");
    assert_eq!(leave("2026-11-19T16:59:59Z"), at("2026-11-19T16:59:59Z"), "19:59:59");
    assert_eq!(leave("2026-11-19T17:00:00Z"), at("2026-11-20T05:00:00Z"), "20:00: tomorrow");
    assert_eq!(leave("2026-11-19T22:00:00Z"), at("2026-11-20T05:00:00Z"), "01:00: today there");
}

#[test]
fn an_appeal_that_is_over_never_leaves_though_the_modem_was_off() {
    let message = queued(&willing(1), &appeal(1));
    assert!(due(&message, noon()));
    let late = noon() + hours(12);
    assert!(!due(&message, late));
    assert_eq!(decide(&message, Command::NoteSent, late), Ok(vec![Sent::Purged]));
    let night = Campaign { void_at: noon() + hours(10), ..appeal(1) };
    let answer = queue(&willing(1), &night, at("2026-11-19T18:00:00Z"));
    assert_eq!(stop(answer), CareRule::TimeNotPossible, "void before the quiet hours are over");
}

#[test]
fn a_failure_is_tried_again_later_and_not_for_ever() {
    let mut message = queued(&willing(1), &appeal(1));
    let mut waits = vec![];
    let mut now = noon();
    while message.status == Box_::Queued {
        let events = decide(&message, Command::NoteFailed, now).expect("noted");
        message = apply(message, &events[0]);
        if message.status == Box_::Queued {
            waits.push((message.not_before - now).num_minutes());
            now = message.not_before;
        }
    }
    assert_eq!((message.status, waits), (Box_::Failed, vec![10, 20, 40]));
}

#[test]
fn enough_acceptances_empty_the_queue_and_a_sent_message_stays_sent() {
    let campaign = appeal(1);
    let yes = |n| Message {
        said_yes_at: Some(noon()),
        status: Box_::Replied,
        ..queued(&willing(n), &campaign)
    };
    let waiting = queued(&willing(9), &campaign);
    assert_eq!(purged_by_enough(&[yes(1), waiting.clone()], &campaign), Vec::<usize>::new());
    let messages = [yes(1), yes(2), waiting];
    assert_eq!(purged_by_enough(&messages, &campaign), [2]);
    assert_eq!(decide(&messages[0], Command::Purge, noon()), Ok(vec![]));
}

#[test]
fn a_reply_is_believed_only_when_it_is_one_word() {
    assert_eq!(read_reply("YES", &[]), Reply::Yes);
    assert_eq!(read_reply("no.", &[]), Reply::No);
    assert_eq!(read_reply("later", &[]), Reply::Later);
    assert_eq!(read_reply("yes but my sister", &[]), Reply::NotUnderstood);
    assert_eq!(read_reply("", &[]), Reply::NotUnderstood);
    assert_eq!(read_reply("please stop this", &[]), Reply::Stop);
}

#[test]
fn the_batch_follows_the_sites_own_yield() {
    let contact = care().contact;
    assert_eq!(batch_size(3, 0, 0, &contact), 12, "the prior: one in four");
    assert_eq!(batch_size(3, 50, 100, &contact), 7, "51 of 104, rounded up");
    assert_eq!(batch_size(0, 5, 10, &contact), 0);
}

#[test]
fn a_message_that_is_queued_twice_is_one_message() {
    let (contact, campaign) = (willing(1), appeal(1));
    let first = queued(&contact, &campaign);
    let about = About::Appeal { campaign: campaign.id };
    assert_eq!(about.message(contact.donor, Channel::Sms), first.id);
    let command = Command::Queue { donor: contact.donor, about, channel: Channel::Sms };
    let again = outbox::decide(Some(&first), &known(&contact, &campaign), command, &care(), noon());
    assert_eq!(again, Ok(vec![]));
    assert_ne!(about.message(contact.donor, Channel::Voice), first.id, "another channel");
    assert_ne!(about.message(donor(2), Channel::Sms), first.id, "another donor");
}

#[test]
fn nobody_is_called_who_was_deferred_or_said_stop_while_the_message_waited() {
    let message = queued(&willing(1), &appeal(1));
    for contact in [
        Contact { deferred: true, ..willing(1) },
        Contact { stopped: true, ..willing(1) },
        Contact { agreed: BTreeSet::new(), ..willing(1) },
    ] {
        let facts = known(&contact, &appeal(1));
        let answer = outbox::decide(Some(&message), &facts, Command::NoteSent, &care(), noon());
        assert_eq!(stop(answer), CareRule::MayNotBeAsked, "{contact:?}");
    }
    let facts = known(&willing(1), &appeal(1));
    let sent = outbox::decide(Some(&message), &facts, Command::NoteSent, &care(), noon());
    assert_eq!(sent, Ok(vec![Sent::Sent]));
}

#[test]
fn a_reminder_leaves_a_day_before_and_not_at_night() {
    let remind = |contact: &Contact, text: &str| {
        let about = About::Appointment { appointment: AppointmentId(uuid(31, 1)), at: at(text) };
        let events = queue_at(&known(contact, &appeal(1)), about, contact.donor, noon())?;
        Ok(made(contact.donor, about, &events).not_before)
    };
    // 10:00 in Nairobi, a week ahead: a day before at the same hour.
    let leaves = remind(&willing(1), "2026-11-26T07:00:00Z");
    assert_eq!(leaves, Ok(at("2026-11-25T07:00:00Z")));
    // 06:00 there: at eight o'clock of the day before the two hours are gone by, not at night.
    let early = remind(&willing(1), "2026-11-26T03:00:00Z");
    assert_eq!(early, Ok(at("2026-11-25T05:00:00Z")));
    // Neither group nor distance nor the pause between appeals matters for what was agreed.
    let far = Contact { metres: None, group: None, last_appeal_at: Some(noon()), ..willing(1) };
    assert!(remind(&far, "2026-11-26T07:00:00Z").is_ok());
    for contact in [
        Contact { stopped: true, ..willing(1) },
        Contact { agreed: BTreeSet::new(), ..willing(1) },
        Contact { deferred: true, ..willing(1) },
    ] {
        let answer = remind(&contact, "2026-11-26T07:00:00Z");
        assert_eq!(stop(answer), CareRule::MayNotBeAsked, "{contact:?}");
    }
}

fn gift(n: u128) -> DonationId {
    DonationId(uuid(32, n))
}
fn turn() -> Turn {
    Turn { last: Some(gift(1)), from: Some(noon()), ..Turn::default() }
}
fn told(contact: &Contact, turn: &Turn, now: Instant) -> Result<Vec<Sent>, Refusal> {
    let facts = Known {
        turns: BTreeMap::from([(contact.donor, turn.clone())]),
        ..known(contact, &appeal(1))
    };
    queue_at(&facts, About::MayGive { after: gift(1) }, contact.donor, now)
}

#[test]
fn s75_nobody_is_told_that_they_may_give_again_before_the_day_twice_or_against_their_will() {
    let held = told(&willing(1), &turn(), noon()).expect("queued");
    let message = made(donor(1), About::MayGive { after: gift(1) }, &held);
    assert_eq!((message.not_before, message.void_at), (noon(), noon() + TimeDelta::days(14)));
    let not = |contact: Contact, turn: Turn, why: NotNow| {
        let policy = &care().contact;
        assert_eq!(why_not_reminded(&contact, &turn, Channel::Sms, policy, noon()), [why]);
        assert_eq!(stop(told(&contact, &turn, noon())), CareRule::MayNotBeAsked, "{why:?}");
    };
    let early = Turn { from: Some(noon() + minutes(1)), ..turn() };
    not(willing(1), early, NotNow::NotYetEligible);
    not(willing(1), Turn { from: None, ..turn() }, NotNow::NotYetEligible);
    not(willing(1), Turn { expected: true, ..turn() }, NotNow::Expected);
    not(willing(1), Turn { reminded: true, ..turn() }, NotNow::Reminded);
    not(willing(1), Turn { stopped: true, ..turn() }, NotNow::Stopped);
    let asked = Some(noon() - TimeDelta::days(7) + minutes(1));
    for (contact, why) in [
        (Contact { stopped: true, ..willing(1) }, NotNow::Stopped),
        (Contact { agreed: BTreeSet::from([Channel::Email]), ..willing(1) }, NotNow::NoAgreement),
        (Contact { deferred: true, ..willing(1) }, NotNow::Deferred),
        (Contact { available: false, ..willing(1) }, NotNow::NotAvailable),
        (Contact { last_appeal_at: asked, ..willing(1) }, NotNow::AskedRecently),
    ] {
        not(contact, turn(), why);
    }
    // Neither group nor distance matters, and when whole blood may be given is another matter.
    let far = Contact { group: None, metres: None, eligible_from: None, ..willing(1) };
    assert!(told(&far, &turn(), noon()).is_ok());
    // At night it waits for the morning.
    let night = told(&willing(1), &turn(), at("2026-11-19T20:00:00Z")).expect("queued");
    let message = made(donor(1), About::MayGive { after: gift(1) }, &night);
    assert_eq!(message.not_before, at("2026-11-20T05:00:00Z"));
    // After a donation that is not their last nobody is told anything.
    let since = Turn { last: Some(gift(2)), ..turn() };
    assert_eq!(stop(told(&willing(1), &since, noon())), CareRule::Changed);
    assert!(
        queue_at(
            &known(&willing(1), &appeal(1)),
            About::MayGive { after: gift(1) },
            donor(1),
            noon()
        )
        .is_err()
    );
}

#[test]
fn s75_what_came_between_keeps_a_reminder_from_leaving() {
    let about = About::MayGive { after: gift(1) };
    let message = made(donor(1), about, &told(&willing(1), &turn(), noon()).expect("queued"));
    assert_ne!(About::MayGive { after: gift(2) }.message(donor(1), Channel::Sms), message.id);
    let leave = |contact: &Contact, turn: Turn| {
        let facts =
            Known { turns: BTreeMap::from([(donor(1), turn)]), ..known(contact, &appeal(1)) };
        outbox::decide(Some(&message), &facts, Command::NoteSent, &care(), noon())
    };
    // It is the reminder that was made.
    let waits = Turn { reminded: true, ..turn() };
    assert_eq!(leave(&willing(1), waits.clone()), Ok(vec![Sent::Sent]));
    for turn in [
        Turn { last: Some(gift(2)), ..waits.clone() },
        Turn { expected: true, ..waits.clone() },
        Turn { from: Some(noon() + hours(1)), ..waits.clone() },
    ] {
        assert_eq!(stop(leave(&willing(1), turn.clone())), CareRule::MayNotBeAsked, "{turn:?}");
    }
    let asked = Contact { last_appeal_at: Some(noon() - hours(1)), ..willing(1) };
    assert_eq!(stop(leave(&asked, waits)), CareRule::MayNotBeAsked);
}

#[test]
fn s75_a_reminder_is_taken_out_when_its_donor_gave_was_deferred_or_is_expected() {
    use bloodbank::donor::{
        Contact as Reach, Deferral, Donor, Ends, Event as Of, Identity, Name, Past,
    };
    let today = noon().date_naive();
    let day = |days: i64| today + TimeDelta::days(days);
    let registered = Of::Registered {
        identity: Identity {
            number: "D1".into(),
            name: Name { family: "Test".into(), given: "One".into() },
            born: None,
            sex: bloodbank::Sex::Female,
            papers: vec![],
            photo: None,
        },
        contact: Some(Reach { phone: Some("1".into()), email: None, area: None, language: None }),
        likely_same: vec![],
    };
    let gave = |n: u128, days: i64| Of::DonationRecorded {
        past: Past {
            donation: gift(n),
            kind: bloodbank::profile::DonationKind::WholeBlood,
            on: day(days),
            red_cells_returned: None,
            volume: None,
            elsewhere: None,
        },
    };
    let deferred = |ends: Ends, only: Vec<Component>| Of::Deferred {
        deferral: Deferral {
            cause: cause(1),
            code: "tattoo".into(),
            happened: today,
            ends,
            only,
            profile: "who 1".into(),
            source: String::new(),
            note: None,
        },
    };
    let after = |events: &[Of]| -> Donor {
        let all = [&[registered.clone(), gave(1, -90)], events].concat();
        all.iter()
            .fold(None, |state, event| bloodbank::donor::apply(state, donor(1), event))
            .expect("registered")
    };
    let about = About::MayGive { after: gift(1) };
    let reminder = made(donor(1), about, &told(&willing(1), &turn(), noon()).expect("queued"));
    // An appeal has its own rules.
    let queue = [queued(&willing(1), &appeal(1)), reminder];
    let gone = |donor: Donor, expected: bool| purged_by_turn(&queue, &[donor], expected, today);
    assert_eq!(gone(after(&[]), false), Vec::<usize>::new());
    assert_eq!(gone(after(&[]), true), [1]);
    assert_eq!(gone(after(&[gave(2, 0)]), false), [1]);
    // News of an earlier day is no donation since.
    assert_eq!(gone(after(&[gave(2, -300)]), false), Vec::<usize>::new());
    assert_eq!(gone(after(&[deferred(Ends::Never, vec![])]), false), [1]);
    assert_eq!(gone(after(&[deferred(Ends::On(day(1)), vec![])]), false), [1]);
    assert_eq!(gone(after(&[deferred(Ends::On(day(0)), vec![])]), false), Vec::<usize>::new());
    let of_plasma = deferred(Ends::Never, vec![Component::Plasma]);
    assert_eq!(gone(after(&[of_plasma]), false), Vec::<usize>::new());
    let erased = Of::ContactErased { reason: "asked".into() };
    assert_eq!(gone(after(&[erased]), false), [1]);
}
