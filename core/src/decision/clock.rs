//! The clock on the customer's wall: quiet hours and calendar periods.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned, civil::Weekday};

use crate::journey::plan::decision::Per;
use crate::time::MICROS_PER_DAY;

/// The first instant from `at` on at which a channel is not quiet. With it, `at` itself if the channel is not quiet then.
pub(crate) fn loud_from(zone: &TimeZone, (from, to): (i64, i64), at: i64) -> Option<i64> {
    let quiet = |local: i64| match from < to {
        true => (from..to).contains(&local),
        false => local >= from || local < to,
    };
    let mut at = at;
    // Each turn passes one change of the zone's offset; quiet hours end within a day.
    for _ in 0..64 {
        let timestamp = Timestamp::from_microsecond(at).ok()?;
        let offset = i64::from(zone.to_offset(timestamp).seconds()) * 1_000_000;
        let local = (at + offset).rem_euclid(MICROS_PER_DAY);
        if !quiet(local) {
            return Some(at);
        }
        let end = at + (to - local).rem_euclid(MICROS_PER_DAY);
        let change = zone.following(timestamp).next().map_or(i64::MAX, |change| change.timestamp().as_microsecond());
        at = end.min(change);
    }
    None
}

/// The beginnings of the calendar period that holds an instant, and of the one after it.
pub(crate) fn period(zone: &TimeZone, per: Per, at: i64) -> Option<(i64, i64)> {
    let day = Timestamp::from_microsecond(at).ok()?.to_zoned(zone.clone()).date();
    let (first, next) = match per {
        Per::Rolling(_) => return None,
        Per::Day => (day, day.tomorrow().ok()?),
        Per::Week => {
            let after_monday = day.weekday().since(Weekday::Monday);
            let monday = day.checked_sub(jiff::Span::new().days(after_monday)).ok()?;
            (monday, monday.checked_add(jiff::Span::new().days(7)).ok()?)
        }
        Per::Month => (day.first_of_month(), day.last_of_month().tomorrow().ok()?),
    };
    let begins = |date: jiff::civil::Date| -> Option<i64> {
        let midnight: Zoned = date.to_zoned(zone.clone()).ok()?;
        Some(midnight.start_of_day().ok()?.timestamp().as_microsecond())
    };
    Some((begins(first)?, begins(next)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Instant, zone};

    fn micros(text: &str) -> i64 {
        text.parse::<Instant>().unwrap().as_micros()
    }

    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn quiet_hours_follow_the_wall_clock() {
        let london = zone("Europe/London").unwrap();
        let night = (21 * HOUR, 8 * HOUR);
        let cases = [
            ("2026-01-10T20:59:59Z", "2026-01-10T20:59:59Z"),
            ("2026-01-10T21:00:00Z", "2026-01-11T08:00:00Z"),
            // The clocks go forward in the night: 8 o'clock comes an hour earlier.
            ("2026-03-28T22:00:00Z", "2026-03-29T07:00:00Z"),
            ("2026-10-24T22:00:00Z", "2026-10-25T08:00:00Z"),
        ];
        for (at, expected) in cases {
            assert_eq!(loud_from(&london, night, micros(at)), Some(micros(expected)), "{at}");
        }
        // 01:30 is skipped; quiet until then, it is loud from 02:00 on, which is 01:00 UTC.
        assert_eq!(loud_from(&london, (23 * HOUR, 3 * HOUR / 2), micros("2026-03-29T00:15:00Z")), Some(micros("2026-03-29T01:00:00Z")));
        // 01:00 to 01:30 comes twice, and is quiet twice.
        assert_eq!(loud_from(&london, (HOUR, 3 * HOUR / 2), micros("2026-10-25T00:15:00Z")), Some(micros("2026-10-25T00:30:00Z")));
        assert_eq!(loud_from(&london, (HOUR, 3 * HOUR / 2), micros("2026-10-25T01:15:00Z")), Some(micros("2026-10-25T01:30:00Z")));
    }

    #[test]
    fn periods_begin_at_local_midnight() {
        let london = zone("Europe/London").unwrap();
        let found = period(&london, Per::Day, micros("2026-03-29T12:00:00Z"));
        assert_eq!(found, Some((micros("2026-03-29T00:00:00Z"), micros("2026-03-29T23:00:00Z"))));
        let found = period(&london, Per::Week, micros("2026-03-01T12:00:00Z"));
        assert_eq!(found, Some((micros("2026-02-23T00:00:00Z"), micros("2026-03-02T00:00:00Z"))));
        let found = period(&london, Per::Month, micros("2028-02-29T12:00:00Z"));
        assert_eq!(found, Some((micros("2028-02-01T00:00:00Z"), micros("2028-03-01T00:00:00Z"))));
    }
}
