//! A place where blood lies, what its thermometer said, and what follows from that: an alarm is
//! derived from the readings, never stored (bloodbank.md 2.3; issue, "Stock").

use crate::care::{CareRule, Refusal, Task, TaskKind, changed, not_after, text, unknown, within};
use chrono::TimeDelta;
use kernel::{Instant, PlaceId, StaffId};
use serde::{Deserialize, Serialize};

/// Readings that the state keeps; the older ones stand in the record.
pub const KEPT: usize = 1_000;

/// The range of a place and how long it may be left. A site's own data, within sanity bounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// 1/10 degree Celsius, inclusive.
    pub least: i32,
    pub most: i32,
    /// Minutes out of range before it is an alarm: a door that was opened is none.
    pub delay_minutes: u32,
    /// Minutes without a reading before that is an alarm of its own.
    pub gap_minutes: u32,
}

/// One reading of the thermometer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    pub at: Instant,
    /// 1/10 degree Celsius.
    pub tenths: i32,
    /// Who read it; a sensor's readings come by whoever set it up.
    pub by: StaffId,
}

/// What a person said about an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// The beginning of the alarm.
    pub from: Instant,
    pub words: String,
    pub by: StaffId,
    pub at: Instant,
}

/// The state of the aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub id: PlaceId,
    pub name: String,
    pub site: String,
    pub limits: Limits,
    /// Nothing is put here any more.
    pub in_use: bool,
    /// By time.
    pub readings: Vec<Reading>,
    pub noted: Vec<Noted>,
    /// Since when it is in use: from then on somebody has to read its thermometer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_since: Option<Instant>,
    pub version: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    Put {
        name: String,
        site: String,
        limits: Limits,
        in_use: bool,
    },
    /// Read now, or earlier and written down late.
    Read {
        reading: Reading,
    },
    Note {
        from: Instant,
        words: String,
        by: StaffId,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Put {
        name: String,
        site: String,
        limits: Limits,
        in_use: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Instant>,
    },
    Read {
        reading: Reading,
    },
    Noted {
        noted: Noted,
    },
}

/// No thermometer of a blood bank shows more or less, 1/10 degree.
const COLDEST: i32 = -1_000;
const WARMEST: i32 = 600;

fn sane(limits: &Limits) -> Result<(), Refusal> {
    for (field, value) in [("least", limits.least), ("most", limits.most)] {
        if !(COLDEST..=WARMEST).contains(&value) {
            return Err(out_of_bounds(field, value));
        }
    }
    if limits.least >= limits.most {
        return Err(out_of_bounds("least", limits.least));
    }
    within("delayMinutes", limits.delay_minutes, 1, 240)?;
    within("gapMinutes", limits.gap_minutes, 5, 24 * 60)
}

fn out_of_bounds(field: &'static str, value: i32) -> Refusal {
    Refusal::stop(CareRule::OutOfBounds)
        .with("field", field)
        .with("value", value)
        .with("least", COLDEST)
        .with("most", WARMEST)
}

/// Decides a command on a place.
///
/// # Errors
/// A range that cannot have been meant, a reading from the future, a note on no alarm.
pub fn decide(
    state: Option<&Place>,
    command: &Command,
    now: Instant,
) -> Result<Vec<Event>, Refusal> {
    match (state, command) {
        (_, Command::Put { name, site, limits, in_use }) => {
            let (name, site) = (text(name, "name")?, text(site, "site")?);
            if state.is_some_and(|place| place.name != name || place.site != site) {
                return Err(changed("name"));
            }
            sane(limits)?;
            let (limits, in_use) = (limits.clone(), *in_use);
            Ok(vec![Event::Put { name, site, limits, in_use, at: Some(now) }])
        }
        (None, _) => Err(unknown("place")),
        (Some(place), Command::Read { reading }) => {
            not_after("at", reading.at, now)?;
            if !(COLDEST..=WARMEST).contains(&reading.tenths) {
                return Err(out_of_bounds("tenths", reading.tenths));
            }
            if place.readings.iter().any(|one| one.at == reading.at) {
                return Err(Refusal::stop(CareRule::Known).with("at", reading.at.to_rfc3339()));
            }
            Ok(vec![Event::Read { reading: *reading }])
        }
        (Some(place), Command::Note { from, words, by }) => {
            if !alarms(place, now).iter().any(|alarm| alarm.from == *from) {
                return Err(unknown("alarm"));
            }
            let words = text(words, "words")?;
            Ok(vec![Event::Noted { noted: Noted { from: *from, words, by: *by, at: now } }])
        }
    }
}

/// The place after an event.
pub fn apply(state: Option<Place>, id: PlaceId, event: &Event) -> Option<Place> {
    let mut state = match (state, event) {
        (Some(state), _) => state,
        (None, Event::Put { name, site, limits, in_use, at }) => {
            return Some(Place {
                id,
                name: name.clone(),
                site: site.clone(),
                limits: limits.clone(),
                in_use: *in_use,
                readings: vec![],
                noted: vec![],
                used_since: at.filter(|_| *in_use),
                version: 1,
            });
        }
        (None, _) => return None,
    };
    state.version += 1;
    match event {
        Event::Put { limits, in_use, at, .. } => {
            // Taken into use again: what was silent while nobody used it is no alarm.
            state.used_since = match (*in_use, state.in_use) {
                (false, _) => None,
                (true, true) => state.used_since,
                (true, false) => *at,
            };
            state.limits = limits.clone();
            state.in_use = *in_use;
        }
        Event::Read { reading } => {
            // What was written down late stands where it belongs.
            let place = state.readings.partition_point(|one| one.at <= reading.at);
            state.readings.insert(place, *reading);
            let more = state.readings.len().saturating_sub(KEPT);
            state.readings.drain(..more);
        }
        Event::Noted { noted } => state.noted.push(noted.clone()),
    }
    Some(state)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    TooWarm,
    TooCold,
    NoReadings,
}

/// A time in which nobody can say that the place kept its range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    pub kind: AlarmKind,
    pub from: Instant,
    /// None: it goes on.
    pub until: Option<Instant>,
    /// The worst reading.
    pub extreme: Option<i32>,
}

impl Limits {
    fn side(&self, tenths: i32) -> Option<AlarmKind> {
        if tenths > self.most {
            Some(AlarmKind::TooWarm)
        } else if tenths < self.least {
            Some(AlarmKind::TooCold)
        } else {
            None
        }
    }
}

/// Every alarm that the kept readings show, by time: out of range for longer than the delay, from the
/// first reading outside to the first one inside; and every stretch without readings. A place that is
/// not in use rings for nothing new.
pub fn alarms(place: &Place, now: Instant) -> Vec<Alarm> {
    let limits = &place.limits;
    let delay = TimeDelta::minutes(i64::from(limits.delay_minutes));
    let gap = TimeDelta::minutes(i64::from(limits.gap_minutes));
    let mut found: Vec<Alarm> = vec![];
    let mut running: Option<Alarm> = None;
    let end = |alarm: Alarm, until: Option<Instant>, found: &mut Vec<Alarm>| {
        if until.unwrap_or(now) - alarm.from >= delay {
            found.push(Alarm { until, ..alarm });
        }
    };
    for reading in &place.readings {
        let side = limits.side(reading.tenths);
        match (running.take(), side) {
            (Some(mut alarm), Some(kind)) if alarm.kind == kind => {
                let extreme = alarm.extreme.unwrap_or(reading.tenths);
                alarm.extreme = Some(match kind {
                    AlarmKind::TooCold => extreme.min(reading.tenths),
                    _ => extreme.max(reading.tenths),
                });
                running = Some(alarm);
            }
            (before, side) => {
                if let Some(alarm) = before {
                    end(alarm, Some(reading.at), &mut found);
                }
                running = side.map(|kind| Alarm {
                    kind,
                    from: reading.at,
                    until: None,
                    extreme: Some(reading.tenths),
                });
            }
        }
    }
    if let Some(alarm) = running {
        end(alarm, None, &mut found);
    }
    let silent = |from: Instant, until: Option<Instant>| Alarm {
        kind: AlarmKind::NoReadings,
        from,
        until,
        extreme: None,
    };
    for (one, next) in place.readings.iter().zip(place.readings.iter().skip(1)) {
        if next.at - one.at > gap {
            found.push(silent(one.at, Some(next.at)));
        }
    }
    // Since the last reading, or since it is in use: a place that nobody has read yet rings too.
    let last = place.readings.last().map(|last| last.at);
    if let Some(since) = last.max(place.used_since).filter(|_| place.in_use)
        && now - since > gap
    {
        found.push(silent(since, None));
    }
    // Nobody read it between its beginning and the first reading.
    if let (Some(since), Some(first)) = (place.used_since, place.readings.first())
        && first.at - since > gap
        && place.readings.len() < KEPT
    {
        found.push(silent(since, Some(first.at)));
    }
    found.sort_by_key(|alarm| (alarm.from, alarm.until));
    found
}

impl Place {
    /// Whether a bag lies in this place by its own words: "Fridge 1, shelf B" is in "Fridge 1".
    pub fn holds(&self, place: &str) -> bool {
        let rest = place.strip_prefix(self.name.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(','))
    }

    /// What a person said about the alarm that began then. The silence after the last reading begins with
    /// that reading, as an alarm of its own may: what was said before the silence rang says nothing of it.
    pub fn note(&self, alarm: &Alarm) -> Option<&Noted> {
        let gap = TimeDelta::minutes(i64::from(self.limits.gap_minutes));
        let heard =
            |noted: &&Noted| alarm.kind != AlarmKind::NoReadings || noted.at - alarm.from > gap;
        self.noted.iter().rev().filter(|noted| noted.from == alarm.from).find(heard)
    }

    /// The alarms that nobody has said anything about, by time.
    pub fn unanswered(&self, now: Instant) -> Vec<Alarm> {
        let mut all = alarms(self, now);
        all.retain(|alarm| self.note(alarm).is_none());
        all
    }

    /// An alarm that goes on, or that nobody has said anything about, the latest first.
    pub fn ringing(&self, now: Instant) -> Option<Alarm> {
        let mut all = alarms(self, now);
        all.reverse();
        all.into_iter().find(|alarm| alarm.until.is_none() || self.note(alarm).is_none())
    }
}

/// What has to be done about a place: its bags are brought away while it is out of its range and nobody has
/// said anything; an alarm that is over, or a thermometer that nobody reads, is answered with words.
pub fn tasks(place: &Place, now: Instant) -> Vec<(Alarm, Task)> {
    let open = place.unanswered(now);
    let goes_on = |alarm: &Alarm| alarm.until.is_none() && alarm.kind != AlarmKind::NoReadings;
    let (rings, over): (Vec<Alarm>, Vec<Alarm>) = open.into_iter().partition(goes_on);
    let of = |what, alarm: Alarm, count: usize| {
        (alarm, Task::now(what).with("place", place.id).with("alarms", count))
    };
    let count = over.len();
    let rings = rings.into_iter().map(|alarm| of(TaskKind::PlaceOutOfRange, alarm, 1));
    // Of many that are over one line with the first of them: they are answered on one page.
    let over = over.into_iter().take(1).map(|alarm| of(TaskKind::AnswerAlarm, alarm, count));
    rings.chain(over).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::of_micros;
    use uuid::Uuid;

    fn at(minutes: i64) -> Instant {
        of_micros(1_800_000_000_000_000 + minutes * 60_000_000)
    }
    fn who() -> StaffId {
        StaffId(Uuid::from_u128(1))
    }
    fn id() -> PlaceId {
        PlaceId::of_name("here", "Fridge 1")
    }
    fn fridge() -> Place {
        let limits = Limits { least: 20, most: 60, delay_minutes: 10, gap_minutes: 60 };
        run(
            None,
            Command::Put { name: "Fridge 1".into(), site: "here".into(), limits, in_use: true },
            at(0),
        )
        .expect("put")
    }
    fn run(state: Option<Place>, command: Command, now: Instant) -> Result<Place, Refusal> {
        let events = decide(state.as_ref(), &command, now)?;
        let end = events.iter().fold(state, |state, event| apply(state, id(), event));
        Ok(end.expect("known"))
    }
    /// Minutes and tenths.
    fn with(readings: &[(i64, i32)]) -> Place {
        readings.iter().fold(fridge(), |place, (minutes, tenths)| {
            let reading = Reading { at: at(*minutes), tenths: *tenths, by: who() };
            run(Some(place), Command::Read { reading }, at(*minutes)).expect("read")
        })
    }

    #[test]
    fn a_door_that_was_open_is_no_alarm_and_what_lasts_is() {
        let place = with(&[(0, 40), (5, 75), (10, 40)]);
        assert_eq!(alarms(&place, at(20)), []);
        let place = with(&[(0, 40), (5, 75), (10, 82), (15, 70), (20, 58)]);
        assert_eq!(
            alarms(&place, at(20)),
            [Alarm {
                kind: AlarmKind::TooWarm,
                from: at(5),
                until: Some(at(20)),
                extreme: Some(82)
            }]
        );
    }

    #[test]
    fn what_has_not_come_back_goes_on_and_rings_from_the_delay_on() {
        let place = with(&[(0, 40), (5, 19)]);
        assert_eq!(alarms(&place, at(14)), []);
        let ringing = place.ringing(at(15)).expect("rings");
        assert_eq!((ringing.kind, ringing.until), (AlarmKind::TooCold, None));
        // The very limits are in range.
        assert_eq!(alarms(&with(&[(0, 20), (30, 60)]), at(40)), []);
    }

    #[test]
    fn from_too_warm_to_too_cold_is_two_alarms() {
        let place = with(&[(0, 70), (15, 10), (30, 40)]);
        let kinds: Vec<_> = alarms(&place, at(30)).into_iter().map(|a| a.kind).collect();
        assert_eq!(kinds, [AlarmKind::TooWarm, AlarmKind::TooCold]);
    }

    #[test]
    fn a_thermometer_that_is_silent_is_an_alarm_and_a_place_out_of_use_is_not_waited_for() {
        let place = with(&[(0, 40), (61, 40)]);
        assert_eq!(alarms(&place, at(61))[0].kind, AlarmKind::NoReadings);
        assert_eq!(alarms(&place, at(61))[0].until, Some(at(61)));
        assert_eq!(alarms(&place, at(130)).len(), 2);
        let put = Command::Put {
            name: "Fridge 1".into(),
            site: "here".into(),
            limits: place.limits.clone(),
            in_use: false,
        };
        let out = run(Some(place), put, at(61)).expect("put");
        assert_eq!(alarms(&out, at(130)).len(), 1);
    }

    #[test]
    fn a_place_that_nobody_has_read_yet_rings_and_one_taken_into_use_again_is_waited_for_from_then()
    {
        assert_eq!(alarms(&fridge(), at(60)), []);
        let silent = fridge().ringing(at(61)).expect("rings");
        assert_eq!((silent.kind, silent.from, silent.until), (AlarmKind::NoReadings, at(0), None));
        let read = with(&[(90, 40)]);
        assert_eq!(alarms(&read, at(91))[0].until, Some(at(90)), "it was silent until then");
        let put = |place: Place, in_use, now| {
            let (name, site, limits) = ("Fridge 1".into(), "here".into(), place.limits.clone());
            run(Some(place), Command::Put { name, site, limits, in_use }, now).expect("put")
        };
        let again = put(put(with(&[(0, 40)]), false, at(10)), true, at(500));
        assert_eq!(alarms(&again, at(560)), []);
        assert_eq!(alarms(&again, at(561))[0].from, at(500));
    }

    #[test]
    fn what_was_written_down_late_stands_where_it_belongs_and_ends_the_alarm_then() {
        let place = with(&[(0, 70), (30, 75)]);
        let late = Reading { at: at(6), tenths: 40, by: who() };
        let place = run(Some(place), Command::Read { reading: late }, at(40)).expect("read");
        let found = alarms(&place, at(40));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].from, found[0].until), (at(30), None));
    }

    #[test]
    fn a_place_that_is_too_warm_now_is_urgent_and_what_is_over_is_one_line_until_it_is_answered() {
        let kinds = |place: &Place, now| -> Vec<(TaskKind, Option<String>)> {
            let all = tasks(place, now).into_iter();
            all.map(|(_, task)| (task.what, task.args.get("alarms").cloned())).collect()
        };
        let place = with(&[(0, 40), (5, 75), (10, 70), (20, 40)]);
        assert_eq!(kinds(&place, at(25)), [(TaskKind::AnswerAlarm, Some("1".into()))]);
        let place = with(&[(0, 40), (5, 75), (20, 40), (30, 10), (45, 40), (50, 80)]);
        assert_eq!(
            kinds(&place, at(61)),
            [
                (TaskKind::PlaceOutOfRange, Some("1".into())),
                (TaskKind::AnswerAlarm, Some("2".into()))
            ]
        );
        assert!(TaskKind::PlaceOutOfRange.is_urgent() && !TaskKind::AnswerAlarm.is_urgent());
        let note = |from| Command::Note { from, words: "Power was off".into(), by: who() };
        let place = [5, 30, 50]
            .into_iter()
            .fold(place, |place, from| run(Some(place), note(at(from)), at(61)).expect("noted"));
        assert_eq!(kinds(&place, at(61)), []);
        // Nobody reads it: somebody has to, and no bag is in danger that anybody knows of.
        assert_eq!(kinds(&place, at(200)), [(TaskKind::AnswerAlarm, Some("1".into()))]);
    }

    #[test]
    fn a_note_belongs_to_an_alarm_and_stills_one_that_is_over() {
        let place = with(&[(0, 40), (5, 75), (20, 50)]);
        let note = |from| Command::Note { from, words: "Power was off".into(), by: who() };
        let none = run(Some(place.clone()), note(at(0)), at(25)).expect_err("no alarm then");
        assert_eq!(none.stopped_by(), Some(CareRule::NotFound));
        assert!(place.ringing(at(25)).is_some());
        let noted = run(Some(place), note(at(5)), at(25)).expect("noted");
        assert_eq!(noted.ringing(at(25)), None);
        assert_eq!(alarms(&noted, at(25)).len(), 1, "it stays in the list");
    }

    #[test]
    fn a_shelf_is_in_its_fridge_and_another_fridge_is_not() {
        let place = fridge();
        assert!(place.holds("Fridge 1") && place.holds("Fridge 1, shelf B"));
        assert!(!place.holds("Fridge 10") && !place.holds("Fridge 2, by Fridge 1"));
    }

    #[test]
    fn nonsense_is_refused() {
        let stop = |limits| {
            let put = Command::Put { name: "X".into(), site: "here".into(), limits, in_use: true };
            run(None, put, at(0)).expect_err("refused").stopped_by()
        };
        let limits = |least, most, delay_minutes, gap_minutes| Limits {
            least,
            most,
            delay_minutes,
            gap_minutes,
        };
        for bad in [
            limits(60, 20, 10, 60),
            limits(-2_000, 20, 10, 60),
            limits(20, 60, 0, 60),
            limits(20, 60, 10, 2_000),
        ] {
            assert_eq!(stop(bad), Some(CareRule::OutOfBounds));
        }
        let hot = Reading { at: at(1), tenths: 999, by: who() };
        let refused = run(Some(fridge()), Command::Read { reading: hot }, at(1));
        assert_eq!(refused.expect_err("hot").stopped_by(), Some(CareRule::OutOfBounds));
        let early = Reading { at: at(9), tenths: 40, by: who() };
        let refused = run(Some(fridge()), Command::Read { reading: early }, at(1));
        assert_eq!(refused.expect_err("early").stopped_by(), Some(CareRule::TimeNotPossible));
    }

    #[test]
    fn the_state_keeps_only_the_newest_readings() {
        let many: Vec<(i64, i32)> = (0..1_100).map(|n| (n * 5, 40)).collect();
        let place = with(&many);
        assert_eq!(place.readings.len(), KEPT);
        assert_eq!(place.readings[0].at, at(500));
        assert_eq!(alarms(&place, at(5_500)), []);
    }
}
