//! The unit of time of a model.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// The unit in which recency and age are counted, as a number of days.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Period(f64);

impl Period {
    /// One day.
    pub const DAY: Self = Self(1.0);
    /// Seven days: the unit of the literature.
    pub const WEEK: Self = Self(7.0);

    /// A unit of so many days.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if `days` is not finite and above 0.
    pub fn from_days(days: f64) -> Result<Self> {
        if days.is_finite() && days > 0.0 {
            Ok(Self(days))
        } else {
            Err(Error::new(ErrorKind::InvalidArgument, format!("a period of {days} days: it must be finite and above 0")))
        }
    }

    /// Days in one period.
    #[must_use]
    pub const fn days(self) -> f64 {
        self.0
    }

    /// The units as documents and bindings write them. A month and a year are the means of the Gregorian calendar: 365.2425 days a year.
    const WORDS: [(&str, Self); 4] = [("day", Self::DAY), ("week", Self::WEEK), ("month", Self(365.2425 / 12.0)), ("year", Self(365.2425))];

    /// How many periods so many days are.
    #[must_use]
    pub fn periods(self, days: f64) -> f64 {
        days / self.0
    }
}

impl Default for Period {
    /// A week.
    fn default() -> Self {
        Self::WEEK
    }
}

/// `day`, `week`, `month` or `year`: 1, 7, 30.436875 and 365.2425 days.
///
/// ```
/// use wayfare::lifetime::Period;
/// assert_eq!("week".parse::<Period>()?, Period::WEEK);
/// assert!("fortnight".parse::<Period>().is_err());
/// # Ok::<(), wayfare::Error>(())
/// ```
impl std::str::FromStr for Period {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        super::chosen("period", word, &Self::WORDS)
    }
}
