//! Dates as barcodes carry them: last three digits of the year, day of the year, perhaps a minute.
//!
//! All of them are wall time at the labelling facility. Which zone that is, the barcode does not say.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use serde::Serialize;

use crate::error::{DateProblem, ReadError};

/// When a unit expires: it may be used up to and including this minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Expiry {
    at: NaiveDateTime,
    minute_given: bool,
}

impl Expiry {
    /// An expiry to the minute, for printing. None outside the years 1900 to 2099, which is all
    /// that the code can say without doubt. Seconds are cut off.
    pub fn to_the_minute(at: NaiveDateTime) -> Option<Expiry> {
        let at = at.with_second(0)?.with_nanosecond(0)?;
        printable(at.date()).then_some(Expiry { at, minute_given: true })
    }

    /// An expiry at the end of a day: 23:59 (ST-001, 2.4.5).
    pub fn end_of(day: NaiveDate) -> Option<Expiry> {
        let at = day.and_hms_opt(23, 59, 0)?;
        printable(day).then_some(Expiry { at, minute_given: false })
    }

    /// The last minute of use, wall time at the labelling facility; 23:59 when only a day is given.
    pub fn at(&self) -> NaiveDateTime {
        self.at
    }

    /// Whether the label gives the minute (`&>`) or only the day (`=>`).
    pub fn minute_given(&self) -> bool {
        self.minute_given
    }

    /// The text of the barcode.
    pub fn to_structure(&self) -> String {
        if self.minute_given {
            format!("&>{}{}", day_code(self.at.date()), minute_code(self.at))
        } else {
            format!("=>{}", day_code(self.at.date()))
        }
    }
}

/// A moment in the past of a unit (collection, production): a day, perhaps with the minute.
///
/// Unlike an expiry, a day alone is not rounded to a minute: 23:59 would make a unit younger than
/// it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Moment {
    date: NaiveDate,
    at: Option<NaiveDateTime>,
}

impl Moment {
    /// Only the day. None outside the years 1900 to 2099.
    pub fn day(date: NaiveDate) -> Option<Moment> {
        printable(date).then_some(Moment { date, at: None })
    }

    /// To the minute; seconds are cut off. None outside the years 1900 to 2099.
    pub fn to_the_minute(at: NaiveDateTime) -> Option<Moment> {
        let at = at.with_second(0)?.with_nanosecond(0)?;
        printable(at.date()).then_some(Moment { date: at.date(), at: Some(at) })
    }

    /// The day.
    pub fn date(&self) -> NaiveDate {
        self.date
    }

    /// The minute, when the label gives it.
    pub fn at(&self) -> Option<NaiveDateTime> {
        self.at
    }

    /// The content of the barcode without its data identifier: 6 or 10 characters.
    pub(crate) fn content(&self) -> String {
        match self.at {
            None => day_code(self.date),
            Some(at) => format!("{}{}", day_code(self.date), minute_code(at)),
        }
    }
}

fn printable(day: NaiveDate) -> bool {
    (1900..=2099).contains(&day.year())
}

fn day_code(day: NaiveDate) -> String {
    format!("{:03}{:03}", day.year().rem_euclid(1000), day.ordinal())
}

fn minute_code(at: NaiveDateTime) -> String {
    format!("{:02}{:02}", at.hour(), at.minute())
}

/// Checks that every character is a digit and gives their numeric value place by place.
pub(crate) fn digits(name: &'static str, content: &str) -> Result<Vec<u32>, ReadError> {
    content
        .chars()
        .enumerate()
        .map(|(index, found)| {
            found.to_digit(10).ok_or(ReadError::BadCharacter { name, position: index + 1, found })
        })
        .collect()
}

fn number(digits: &[u32]) -> u32 {
    digits.iter().fold(0, |n, d| n * 10 + d)
}

/// `cyyjjj`, digits already checked.
fn day(name: &'static str, d: &[u32]) -> Result<NaiveDate, ReadError> {
    let bad = |problem| ReadError::BadDate { name, problem };
    // The three digits are the last three of the year. Taken literally, 126 would be 2126 and 999
    // would be 2999: a bag that never expires. Only the centuries that can be meant are accepted.
    let base = match d.first() {
        Some(0) => 2000,
        Some(9) => 1000,
        _ => return Err(bad(DateProblem::Century)),
    };
    let year = i32::try_from(base + number(&d[..3])).map_err(|_| bad(DateProblem::Century))?;
    NaiveDate::from_yo_opt(year, number(&d[3..6])).ok_or(bad(DateProblem::DayOfYear))
}

/// `cyyjjj` or `cyyjjjhhmm`; the caller has checked the length.
pub(crate) fn moment(name: &'static str, content: &str) -> Result<Moment, ReadError> {
    let bad = |problem| ReadError::BadDate { name, problem };
    let d = digits(name, content)?;
    if d.len() != 6 && d.len() != 10 {
        return Err(ReadError::WrongLength { name, expected: 6, got: d.len() });
    }
    let date = day(name, &d)?;
    if d.len() == 6 {
        return Ok(Moment { date, at: None });
    }
    let (hour, minute) = (number(&d[6..8]), number(&d[8..10]));
    if hour > 23 {
        return Err(bad(DateProblem::Hour));
    }
    let time = NaiveTime::from_hms_opt(hour, minute, 0).ok_or(bad(DateProblem::Minute))?;
    Ok(Moment { date, at: Some(date.and_time(time)) })
}

/// The same two forms, read as an expiry.
pub(crate) fn expiry(name: &'static str, content: &str) -> Result<Expiry, ReadError> {
    let moment = moment(name, content)?;
    match moment.at {
        Some(at) => Ok(Expiry { at, minute_given: true }),
        None => Expiry::end_of(moment.date)
            .ok_or(ReadError::BadDate { name, problem: DateProblem::Century }),
    }
}

/// `yyyymmdd`, digits already checked: a date of birth.
pub(crate) fn calendar_day(name: &'static str, d: &[u32]) -> Result<NaiveDate, ReadError> {
    let bad = ReadError::BadDate { name, problem: DateProblem::Calendar };
    let [y1, y2, y3, y4, m1, m2, d1, d2] = d else {
        return Err(bad);
    };
    let year = i32::try_from(number(&[*y1, *y2, *y3, *y4])).map_err(|_| bad.clone())?;
    NaiveDate::from_ymd_opt(year, m1 * 10 + m2, d1 * 10 + d2)
        .filter(|date| (1850..=2099).contains(&date.year()))
        .ok_or(bad)
}
