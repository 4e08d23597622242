//! When a product ends.

use super::{Product, Refused, Rule, Work};
use crate::profile::{Anchor, Profile, Span};
use crate::unit::Expiry;
use chrono::{NaiveDate, TimeDelta, Timelike as _};
use chrono_tz::Tz;
use kernel::Instant;

/// How a product comes about.
#[derive(Clone, Copy, Debug)]
pub struct Making<'a> {
    pub product: Product,
    /// The end of the collection; of a pool the earliest.
    pub collected_at: Instant,
    /// When this product was made: separated, thawed, pooled.
    pub made_at: Instant,
    /// None: made of the donation itself.
    pub work: Option<Work>,
    /// The system was opened.
    pub open: bool,
    /// The ends that it may not outlive: those of the parents, or of what stands for them.
    pub caps: &'a [Expiry],
    /// The whole blood that it was part of, for plasma whose life hangs on that.
    pub whole_blood: Product,
    /// Of the labelling facility.
    pub zone: Tz,
}

/// The end of a product: the shortest of its own life, of what was done to it, and of its caps.
/// A life in days ends at 23:59 of the last day where it was labelled (the collection is day 0);
/// one in hours ends with the minute so many elapsed hours later, whatever the clocks on the wall
/// do meanwhile.
///
/// # Errors
/// [`Rule::NoLife`] and [`Rule::TimesReversed`].
pub fn expiry(making: &Making<'_>, profile: &Profile) -> Result<Expiry, Refused> {
    let Making { product, collected_at, made_at, zone, .. } = *making;
    if made_at < collected_at {
        return Err(Refused::stop(Rule::TimesReversed));
    }
    let no_life = || Refused::stop(Rule::NoLife).with("product", format!("{product:?}"));
    let today = made_at.with_timezone(&zone).date_naive();
    let life = profile.life(product, today).ok_or_else(no_life)?.value;
    let own = match life.anchor {
        Anchor::Collection => end(collected_at, life.span, zone),
        Anchor::Making => end(made_at, life.span, zone),
        Anchor::WholeBloodEnd => {
            let whole = profile.life(making.whole_blood, today).ok_or_else(no_life)?.value;
            end(collected_at, whole.span, zone).and_then(|first| end(first.at, life.span, zone))
        }
    };
    let treated = making.work.and_then(|work| {
        let rule = profile
            .works
            .iter()
            .map(|row| row.value)
            .filter(|rule| rule.work == work)
            .filter(|rule| rule.component.is_none() || rule.component == product.component())
            .filter(|rule| rule.open.is_none_or(|open| open == making.open))
            .filter_map(|rule| rule.life)
            .min_by_key(|span| span.hours_at_most())?;
        Some(end(made_at, rule, zone))
    });
    let mut ends = vec![own.ok_or_else(no_life)?];
    if let Some(treated) = treated {
        ends.push(treated.ok_or_else(no_life)?);
    }
    ends.extend(making.caps);
    ends.into_iter().min_by_key(|end| end.at).ok_or_else(no_life)
}

/// The end of a span that begins at `from`. `None` past the end of the calendar.
fn end(from: Instant, span: Span, zone: Tz) -> Option<Expiry> {
    if let Span::Hours(hours) = span {
        let end = from.checked_add_signed(TimeDelta::hours(i64::from(hours)))?;
        let end = end.checked_sub_signed(TimeDelta::seconds(i64::from(end.second())))?;
        let end = end.with_nanosecond(0)?;
        // Not read from the wall: an hour that the clocks repeat would be an hour too short. The
        // label shows the minute, and the minute counts to its last second as on every label.
        let wall = end.with_timezone(&zone).naive_local();
        return Some(Expiry { wall, zone, at: end.checked_add_signed(TimeDelta::seconds(59))? });
    }
    let day: NaiveDate = from.with_timezone(&zone).date_naive();
    let last = span.after(day)?.and_hms_opt(23, 59, 0)?;
    let expiry = Expiry::of_label(last, zone);
    (expiry.at > from).then_some(expiry)
}
