//! Wall clocks and calendars: what the clock shows at an instant, and when it shows something else.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

fn timestamp(at: i64) -> Timestamp {
    Timestamp::from_microsecond(at).expect("an instant")
}

fn date(zone: &TimeZone, at: i64) -> Date {
    timestamp(at).to_zoned(zone.clone()).date()
}

/// `HH:MM`.
pub fn time(text: &str) -> Time {
    let (hour, minute) = text.split_once(':').expect("HH:MM");
    jiff::civil::time(hour.parse().expect("an hour"), minute.parse().expect("a minute"), 0, 0)
}

/// The first day of the period that a day lies in.
fn first_day(per: &str, day: Date) -> Date {
    match per {
        "calendar_day" => day,
        "calendar_week" => {
            let back = day.weekday().since(Weekday::Monday);
            day - i64::from(back).days()
        }
        "calendar_month" => day.first_of_month(),
        other => panic!("no such period: {other}"),
    }
}

/// Two instants of one calendar day, week or month.
pub fn same_period(per: &str, zone: &TimeZone, one: i64, other: i64) -> bool {
    first_day(per, date(zone, one)) == first_day(per, date(zone, other))
}

/// The instants at which the next few periods may begin: midnights of the days that follow, and changes of the clock.
pub fn beginnings(per: &str, zone: &TimeZone, now: i64) -> Vec<i64> {
    let days = if per == "calendar_month" { 33 } else { 9 };
    let today = date(zone, now);
    (0..=days).flat_map(|ahead| shown_at(zone, today + i64::from(ahead).days(), Time::midnight())).collect()
}

/// Whether the clock on the wall shows a time in `[from, to)`.
pub fn is_quiet(from: &str, to: &str, zone: &TimeZone, at: i64) -> bool {
    let (from, to, shown) = (time(from), time(to), timestamp(at).to_zoned(zone.clone()).time());
    if from < to { from <= shown && shown < to } else { shown >= from || shown < to }
}

/// Every instant, from the day of `at` on, at which quiet hours may begin or end.
pub fn bounds(from: &str, to: &str, zone: &TimeZone, at: i64) -> Vec<i64> {
    let today = date(zone, at);
    let mut found = Vec::new();
    for ahead in -1_i64..=3 {
        for bound in [from, to] {
            found.extend(shown_at(zone, today + ahead.days(), time(bound)));
        }
    }
    found
}

/// The instants at which the clock shows a time of a day, none to two, and the changes of the clock around it.
fn shown_at(zone: &TimeZone, day: Date, time: Time) -> Vec<i64> {
    let shown = day.to_datetime(time);
    let ambiguous = zone.to_ambiguous_timestamp(shown);
    let both = [ambiguous.earlier(), ambiguous.later()];
    let near = ambiguous.compatible().expect("an instant");
    let before = near - 30.hours();
    let changes = zone.following(before).take_while(|change| change.timestamp() <= near + 30.hours()).map(|change| change.timestamp());
    both.into_iter().flatten().chain(changes).map(|found| found.as_microsecond()).collect()
}
