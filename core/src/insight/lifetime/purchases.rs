//! One customer, as the models read them.

use serde::{Deserialize, Serialize};

/// What the models read of one customer: repeat purchases in distinct periods. Times are in the model's period (weeks, say) unless the model counts
/// opportunities.
///
/// ```
/// use wayfare::lifetime::Purchases;
/// // Customer 1516 of the CDNOW sample: 26 repeat purchases, the last 30.86 weeks after the first, watched for 31 weeks.
/// let row = Purchases { frequency: 26, recency: 30.86, age: 31.0, monetary_value: 12.5 };
/// assert!(row.recency <= row.age);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Purchases {
    /// Repeat purchases: the periods (days, as a rule) with a purchase, without the first one. `x` in the literature.
    pub frequency: u32,
    /// Time from the first purchase to the last; 0 without a repeat purchase. `t_x` in the literature.
    pub recency: f64,
    /// Time from the first purchase to the end of the observation. `T` in the literature; `n` opportunities for a discrete model.
    pub age: f64,
    /// Mean value of the repeat purchases; 0 without one.
    pub monetary_value: f64,
}

impl Purchases {
    /// Why no customer can have bought like this: the column and the reason.
    pub(crate) fn problem(&self) -> Option<(&'static str, &'static str)> {
        if !(self.age.is_finite() && self.age >= 0.0) {
            return Some(("age", "must be a finite number of periods, 0 or more"));
        }
        if !(self.recency.is_finite() && self.recency >= 0.0) {
            return Some(("recency", "must be a finite number of periods, 0 or more"));
        }
        if self.recency > self.age {
            return Some(("recency", "is greater than `age`: the last purchase lies after the end of the observation"));
        }
        if self.frequency == 0 && self.recency > 0.0 {
            return Some(("recency", "must be 0 where `frequency` is 0: recency is the time from the first purchase to the last"));
        }
        if self.frequency > 0 && self.recency == 0.0 {
            return Some(("recency", "must be above 0 where `frequency` is above 0: a repeat purchase lies after the first"));
        }
        if !self.monetary_value.is_finite() {
            return Some(("monetary_value", "must be finite"));
        }
        None
    }
}
