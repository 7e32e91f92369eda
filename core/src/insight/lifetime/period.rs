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

    /// How many periods so many days are.
    #[must_use]
    pub fn periods(self, days: f64) -> f64 {
        days / self.0
    }
}
