//! The end of an observation, as people write it.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::error::{Error, ErrorKind, Result};
use crate::time::Instant;

/// Until when something was observed: an instant, or a date or a time of day in the zone in which days are counted. A date is its whole day.
///
/// ```
/// use wayfare::lifetime::Until;
///
/// let whole_day: Until = "1997-09-30".parse()?;
/// assert_eq!(whole_day.instant("UTC")?.to_string(), "1997-09-30T23:59:59.999999Z");
/// let instant: Until = "1997-09-30T12:00:00+02:00".parse()?;
/// assert_eq!(instant.instant("UTC")?.to_string(), "1997-09-30T10:00:00Z");
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Until(End);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    At(Instant),
    Local(DateTime),
    Day(Date),
}

impl Until {
    /// The instant that it is in a zone with an IANA name.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if there is no such zone.
    pub fn instant(self, time_zone: &str) -> Result<Instant> {
        self.within(&known_zone(time_zone)?)
    }

    pub(crate) fn within(self, zone: &TimeZone) -> Result<Instant> {
        let outside = |_| Error::new(ErrorKind::InvalidArgument, "the end of the observation is outside of the years -9999 to 9999");
        let timestamp = match self.0 {
            End::At(instant) => return Ok(instant),
            End::Local(local) => local.to_zoned(zone.clone()).map_err(outside)?.timestamp(),
            End::Day(day) => {
                let next = day.tomorrow().and_then(|next| next.to_zoned(zone.clone())).map_err(outside)?.timestamp();
                return Instant::from_micros(next.as_microsecond() - 1);
            }
        };
        Instant::from_micros(timestamp.as_microsecond())
    }
}

pub(crate) fn known_zone(name: &str) -> Result<TimeZone> {
    crate::time::zone(name).ok_or_else(|| {
        Error::new(ErrorKind::InvalidArgument, format!("time zone `{name}` is not known"))
            .with_help("write an IANA name, like `Europe/London`")
    })
}

impl From<Instant> for Until {
    fn from(instant: Instant) -> Self {
        Self(End::At(instant))
    }
}

impl FromStr for Until {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.len() == 10
            && let Ok(day) = text.parse::<Date>()
        {
            return Ok(Self(End::Day(day)));
        }
        let refused = match text.parse::<Instant>() {
            Ok(instant) => return Ok(instant.into()),
            Err(error) => error,
        };
        let time = text.get(10..).unwrap_or_default();
        match text.parse::<DateTime>() {
            Ok(local) if !time.contains(['Z', 'z', '+', '-', '[']) && local.subsec_nanosecond() % 1_000 == 0 => Ok(Self(End::Local(local))),
            _ => Err(Error::new(refused.kind(), format!("the end of an observation: {}", refused.message()))
                .with_help("write a date like `1997-09-30` for its whole day, or an instant like `1997-09-30T12:00:00Z`")),
        }
    }
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            End::At(instant) => instant.fmt(f),
            End::Local(local) => local.fmt(f),
            End::Day(day) => day.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str, zone: &str) -> String {
        text.parse::<Until>().and_then(|until| until.instant(zone)).map_or_else(|error| error.message().to_owned(), |at| at.to_string())
    }

    #[test]
    fn a_date_is_its_whole_day_where_days_are_counted() {
        assert_eq!(instant("1997-09-30", "America/New_York"), "1997-10-01T03:59:59.999999Z");
        assert_eq!(instant("2026-03-29", "Europe/London"), "2026-03-29T22:59:59.999999Z");
    }

    #[test]
    fn a_time_without_an_offset_is_local() {
        assert_eq!(instant("1997-09-30T12:00:00", "America/New_York"), "1997-09-30T16:00:00Z");
        assert_eq!(instant("1997-09-30 12:00:00", "UTC"), "1997-09-30T12:00:00Z");
        assert_eq!(instant("1997-09-30T12:00:00-01:00", "America/New_York"), "1997-09-30T13:00:00Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for wrong in ["", "yesterday", "1997-9-30", "1997-02-30", "1997-09-30T12:00:00.0000001", "1997-09-30T25:00:00"] {
            assert!(wrong.parse::<Until>().is_err(), "{wrong}");
        }
    }
}
