//! What a trait reads of a customer's purchases.

use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::insight::lifetime::{FittedModel, History, Measure, Purchases, Returns};
use crate::time::day_in;

/// How purchases are folded and what is read of them.
#[derive(Debug)]
pub(crate) struct LifetimePlan {
    pub(crate) quantity: Quantity,
    pub(crate) returns: Returns,
    /// The zone in which days are counted: the journey's, for every customer, as in a summary.
    pub(crate) zone: TimeZone,
}

#[derive(Debug)]
pub(crate) enum Quantity {
    Frequency,
    RecencyDays,
    AgeDays,
    MonetaryValue,
    /// What a model says.
    Measure(Arc<FittedModel>, Measure),
}

impl LifetimePlan {
    /// The number of the day of an instant.
    pub(crate) fn day(&self, at: i64) -> i64 {
        day_in(&self.zone, at)
    }

    /// The value at an instant; NaN if there was no purchase.
    pub(crate) fn value(&self, history: &History, now: i64) -> f64 {
        let Some(told) = history.told(self.returns) else {
            return match self.quantity {
                Quantity::Frequency => 0.0,
                _ => f64::NAN,
            };
        };
        let today = || self.day(now);
        let shown = match &self.quantity {
            Quantity::Frequency => f64::from(told.frequency()),
            Quantity::RecencyDays => told.recency(1.0),
            Quantity::AgeDays => told.age(today(), 1.0),
            Quantity::MonetaryValue => told.monetary_value(),
            Quantity::Measure(model, measure) => {
                let period_days = model.period().days();
                let row = Purchases {
                    frequency: told.frequency(),
                    recency: told.recency(period_days),
                    age: told.age(today(), period_days),
                    monetary_value: told.monetary_value(),
                };
                model.evaluate(*measure, &row)
            }
        };
        if shown.is_finite() { shown } else { f64::NAN }
    }
}
