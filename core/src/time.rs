//! Instants, durations and time zones.

use std::fmt;
use std::str::FromStr;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, ErrorKind, Result};

/// Microseconds in a day of 86,400 s.
pub(crate) const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A point in time: microseconds since 1970-01-01T00:00:00Z, from the year -9999 to 9999.
///
/// It is read from RFC 3339 with an offset; a time without one is refused, and so is one finer than a microsecond.
///
/// ```
/// use wayfare::Instant;
///
/// let at: Instant = "2026-03-01T10:30:00+01:00".parse()?;
/// assert_eq!(at.to_string(), "2026-03-01T09:30:00Z");
/// assert!("2026-03-01T10:30:00".parse::<Instant>().is_err());
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// The earliest instant.
    pub const MIN: Self = Self(-377_705_023_201_000_000);
    /// The latest instant.
    pub const MAX: Self = Self(253_402_207_200_999_999);

    /// From microseconds since the epoch.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] outside of [`Instant::MIN`] to [`Instant::MAX`].
    pub fn from_micros(micros: i64) -> Result<Self> {
        match (Self::MIN.0..=Self::MAX.0).contains(&micros) {
            true => Ok(Self(micros)),
            false => Err(Error::new(ErrorKind::InvalidArgument, "the instant is outside of the years -9999 to 9999")),
        }
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    pub(crate) const fn from_valid(micros: i64) -> Self {
        Self(micros)
    }
}

impl FromStr for Instant {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let invalid = |message: &str| Error::new(ErrorKind::InvalidArgument, message);
        let help = "write it with an offset, like `2026-03-01T09:30:00Z`";
        let timestamp = Timestamp::from_str(text).map_err(|_| invalid("the instant is not RFC 3339 with an offset").with_help(help))?;
        if timestamp.subsec_nanosecond() % 1_000 != 0 {
            return Err(invalid("the instant is finer than a microsecond").with_help("round it to microseconds"));
        }
        Self::from_micros(timestamp.as_microsecond())
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => timestamp.fmt(f),
            Err(_) => write!(f, "{} us", self.0),
        }
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Days from `at` to `now`, as every trait and rule counts them.
#[inline]
pub(crate) fn days_between(at: i64, now: i64) -> f64 {
    (now - at) as f64 / MICROS_PER_DAY as f64
}

/// A length of time in whole microseconds, written `7d`, `12h`, `30m`, `45s` or `2w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(i64);

impl Duration {
    /// The longest one: 100,000 days.
    pub const MAX: Self = Self(100_000 * MICROS_PER_DAY);

    /// From whole days.
    #[must_use]
    pub const fn from_days(days: u16) -> Self {
        Self(days as i64 * MICROS_PER_DAY)
    }

    pub(crate) const fn from_valid(micros: i64) -> Self {
        Self(micros)
    }

    /// Its length in microseconds.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }
}

impl FromStr for Duration {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let invalid = || {
            Error::new(ErrorKind::InvalidArgument, format!("`{text}` is not a duration"))
                .with_help("write a number and a unit: `7d`, `12h`, `30m`, `45s` or `2w`; a year is `365d`")
        };
        let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(invalid)?;
        let micros: i64 = match unit {
            "w" => 7 * MICROS_PER_DAY,
            "d" => MICROS_PER_DAY,
            "h" => 3_600_000_000,
            "m" => 60_000_000,
            "s" => 1_000_000,
            _ => return Err(invalid()),
        };
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        let length = number.parse::<i64>().ok().and_then(|n| n.checked_mul(micros)).ok_or_else(invalid)?;
        match length <= Self::MAX.0 {
            true => Ok(Self(length)),
            false => Err(Error::new(ErrorKind::InvalidArgument, format!("`{text}` is longer than 100000d"))),
        }
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, micros) in [("d", MICROS_PER_DAY), ("h", 3_600_000_000), ("m", 60_000_000)] {
            if self.0 % micros == 0 {
                return write!(f, "{}{unit}", self.0 / micros);
            }
        }
        write!(f, "{}s", self.0 / 1_000_000)
    }
}

/// The zone of that IANA name, if there is one. Only the bundled database is read.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// The number of the local day that holds the instant, counted from 1970-01-01.
pub(crate) fn day_in(zone: &TimeZone, at: i64) -> i64 {
    let offset = Timestamp::from_microsecond(at).map_or(0, |timestamp| i64::from(zone.to_offset(timestamp).seconds()));
    (at + offset * 1_000_000).div_euclid(MICROS_PER_DAY)
}

/// The last instant of the local day of that number; none outside of the years that there are.
pub(crate) fn end_of_day(zone: &TimeZone, day: i64) -> Option<Instant> {
    let epoch = jiff::civil::date(1970, 1, 1);
    let next = epoch.checked_add(jiff::Span::new().try_days(day + 1).ok()?).ok()?.to_zoned(zone.clone()).ok()?;
    Instant::from_micros(next.timestamp().as_microsecond() - 1).ok()
}

/// Tells calendar days in one zone; remembers the stretch of constant offset that it was in last.
#[derive(Debug, Clone)]
pub(crate) struct DayClock {
    zone: TimeZone,
    from: i64,
    until: i64,
    offset: i64,
}

impl DayClock {
    pub(crate) fn new(zone: TimeZone) -> Self {
        Self { zone, from: 0, until: 0, offset: 0 }
    }

    /// The number of the local day that holds the instant, counted from 1970-01-01.
    pub(crate) fn day(&mut self, at: i64) -> i64 {
        if at < self.from || at >= self.until {
            self.find_stretch(at);
        }
        (at + self.offset).div_euclid(MICROS_PER_DAY)
    }

    fn find_stretch(&mut self, at: i64) {
        let Ok(timestamp) = Timestamp::from_microsecond(at) else { return };
        let micros = |t: Timestamp| t.as_microsecond();
        self.offset = i64::from(self.zone.to_offset(timestamp).seconds()) * 1_000_000;
        self.until = self.zone.following(timestamp).next().map_or(i64::MAX, |t| micros(t.timestamp()));
        // The transition at `at` itself, if there is one, begins the stretch.
        let next = Timestamp::from_microsecond(at + 1).unwrap_or(timestamp);
        self.from = self.zone.preceding(next).next().map_or(i64::MIN, |t| micros(t.timestamp()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_clock_follows_daylight_saving() {
        let mut clock = DayClock::new(zone("Europe/London").unwrap());
        let day = |clock: &mut DayClock, text: &str| clock.day(text.parse::<Instant>().unwrap().as_micros());
        let winter = day(&mut clock, "2026-01-10T23:30:00Z");
        assert_eq!(day(&mut clock, "2026-01-11T00:00:00Z"), winter + 1);
        let summer = day(&mut clock, "2026-07-10T22:59:59Z");
        assert_eq!(day(&mut clock, "2026-07-10T23:00:00Z"), summer + 1);
        assert_eq!(day(&mut clock, "2026-01-10T23:30:00Z"), winter);
    }

    #[test]
    fn durations_are_read_and_refused() {
        assert_eq!("2w".parse::<Duration>().unwrap().to_string(), "14d");
        assert_eq!("90m".parse::<Duration>().unwrap().to_string(), "90m");
        for wrong in ["", "d", "7", "7 d", "-1d", "1.5d", "7y", "7mo", "999999999999999999d", "200000d", "é"] {
            assert!(wrong.parse::<Duration>().is_err(), "{wrong}");
        }
    }
}
