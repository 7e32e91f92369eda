//! One customer's purchases, folded day by day: what a table's summary and a journey's trait both read.

use serde::{Deserialize, Serialize};

use crate::exact::ExactSum;

/// What to do with returns, gifts and other purchases whose value is zero or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Returns {
    /// Refuse the row, and say which: nothing is decided behind the caller's back.
    #[default]
    Refuse,
    /// Leave the row out, as though it were not there.
    Drop,
    /// Add up each day; a day that comes to zero or less was no purchase.
    NetWithinDay,
    /// Count the day as a purchase and its value as it is.
    Keep,
}

impl Returns {
    /// The choices as documents and bindings write them.
    pub(crate) const WORDS: [(&'static str, Self); 4] =
        [("refuse", Self::Refuse), ("drop", Self::Drop), ("net_within_day", Self::NetWithinDay), ("keep", Self::Keep)];
}

impl std::str::FromStr for Returns {
    type Err = crate::error::Error;

    fn from_str(word: &str) -> crate::error::Result<Self> {
        super::chosen("returns", word, &Self::WORDS)
    }
}

/// Purchases up to some day. Those of one day are one purchase, whose value is their exact sum, rounded once.
///
/// INVARIANT: purchases are taken in order of their instants. Their order within a day changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct History {
    /// The first and the last day that is over and had a purchase.
    first: Option<i64>,
    last: i64,
    /// How many such days there were, and what the first was worth and the others together.
    days: u32,
    first_value: f64,
    repeat_value: ExactSum,
    /// The latest day with a touch, not yet over.
    open: Option<i64>,
    open_value: ExactSum,
}

/// What a history reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Told {
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// Days with a purchase, the first one included.
    pub(crate) days: u32,
    pub(crate) first_value: f64,
    /// What the repeat purchases come to.
    pub(crate) repeat_value: f64,
}

impl Told {
    pub(crate) fn frequency(&self) -> u32 {
        self.days - 1
    }

    /// From the first purchase to the last, in periods.
    pub(crate) fn recency(&self, period_days: f64) -> f64 {
        (self.last - self.first) as f64 / period_days
    }

    /// From the first purchase to `today`, in periods.
    pub(crate) fn age(&self, today: i64, period_days: f64) -> f64 {
        (today.max(self.last) - self.first) as f64 / period_days
    }

    /// The mean value of the repeat purchases; 0 when there are none.
    pub(crate) fn monetary_value(&self) -> f64 {
        match self.frequency() {
            0 => 0.0,
            frequency => self.repeat_value / f64::from(frequency),
        }
    }

    /// The mean value of all purchases.
    pub(crate) fn mean_value(&self) -> f64 {
        (self.first_value + self.repeat_value) / f64::from(self.days)
    }
}

impl History {
    pub(crate) fn clear(&mut self) {
        (self.first, self.last, self.days, self.first_value, self.open) = (None, 0, 0, 0.0, None);
        self.repeat_value.clear();
        self.open_value.clear();
    }

    /// A purchase on a day, not before any other. Gives the day before it that had a purchase, if that is over with it.
    #[inline]
    pub(crate) fn add(&mut self, day: i64, value: f64, returns: Returns) -> Option<i64> {
        if returns == Returns::Drop && value <= 0.0 {
            return None;
        }
        // Where clocks are set back over midnight, a day comes again; the one after it has begun.
        let day = self.open.map_or(day, |open| open.max(day));
        let mut over = None;
        if self.open != Some(day) {
            over = self.end(returns);
            self.open = Some(day);
        }
        self.open_value.add(value);
        over
    }

    /// Ends the latest day, and gives it if it had a purchase.
    pub(crate) fn end(&mut self, returns: Returns) -> Option<i64> {
        let day = self.open.take()?;
        let value = self.open_value.value();
        self.open_value.clear();
        if returns == Returns::NetWithinDay && value <= 0.0 {
            return None;
        }
        self.last = day;
        self.days += 1;
        match self.first {
            None => (self.first, self.first_value) = (Some(day), value),
            Some(_) => self.repeat_value.add(value),
        }
        Some(day)
    }

    /// What it comes to with the latest day as it stands; nothing if there was no purchase.
    pub(crate) fn told(&self, returns: Returns) -> Option<Told> {
        let open =
            self.open.map(|day| (day, self.open_value.value())).filter(|(_, value)| returns != Returns::NetWithinDay || *value > 0.0);
        let (first, last, days) = (self.first, self.last, self.days);
        match (first, open) {
            (None, None) => None,
            (None, Some((day, value))) => Some(Told { first: day, last: day, days: 1, first_value: value, repeat_value: 0.0 }),
            (Some(first), None) => Some(Told { first, last, days, first_value: self.first_value, repeat_value: self.repeat_value.value() }),
            (Some(first), Some((day, value))) => {
                let mut repeat = self.repeat_value.clone();
                repeat.add(value);
                Some(Told { first, last: day, days: days + 1, first_value: self.first_value, repeat_value: repeat.value() })
            }
        }
    }

    /// Whether it is one that a fold can have come to, wherever the bytes came from.
    pub(crate) fn is_sound(&self) -> bool {
        let sane = |day: i64| day.unsigned_abs() < 10_000_000;
        let ordered = match (self.first, self.open) {
            (Some(first), open) => sane(first) && sane(self.last) && first <= self.last && open.is_none_or(|open| self.last < open),
            (None, _) => self.days == 0 && self.last == 0,
        };
        ordered
            && self.open.is_none_or(sane)
            && self.first.is_some() == (self.days > 0)
            && (self.first.is_none() || i64::from(self.days) <= self.last - self.first.unwrap_or(0) + 1)
            && self.first_value.is_finite()
    }

    /// The same history in its one canonical form.
    pub(crate) fn canonicalize(&mut self) {
        self.repeat_value = self.repeat_value.canonical();
        self.open_value = self.open_value.canonical();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(purchases: &[(i64, f64)], returns: Returns) -> Option<Told> {
        let mut history = History::default();
        for (day, value) in purchases {
            history.add(*day, *value, returns);
        }
        history.told(returns)
    }

    // Customer 4 of the CDNOW sample: purchases of 1997-01-01, 01-18, 08-02 and 12-12, the last outside of the calibration period.
    #[test]
    fn a_customer_has_the_frequency_recency_and_age_of_the_literature() {
        let told = told(&[(9862, 29.33), (9879, 29.73), (10075, 14.96)], Returns::Refuse).unwrap();
        assert_eq!((told.frequency(), told.recency(7.0), told.age(10134, 7.0)), (2, 213.0 / 7.0, 272.0 / 7.0));
        assert_eq!(told.monetary_value(), (29.73 + 14.96) / 2.0);
    }

    #[test]
    fn purchases_of_one_day_are_one_whatever_their_order() {
        let one = told(&[(1, 5.0), (3, 0.1), (3, 0.2), (3, 0.3)], Returns::Refuse);
        assert_eq!(one, told(&[(1, 5.0), (3, 0.3), (3, 0.1), (3, 0.2)], Returns::Refuse));
        assert_eq!(one.map(|told| (told.frequency(), told.monetary_value())), Some((1, 0.6)));
    }

    #[test]
    fn a_day_of_returns_is_a_purchase_only_if_it_is_said_so() {
        let days = [(1, 20.0), (5, 10.0), (5, -10.0), (9, 30.0)];
        assert_eq!(told(&days, Returns::NetWithinDay).map(|told| (told.frequency(), told.monetary_value())), Some((1, 30.0)));
        assert_eq!(told(&days, Returns::Drop).map(|told| (told.frequency(), told.monetary_value())), Some((2, 20.0)));
        assert_eq!(told(&days, Returns::Keep).map(|told| (told.frequency(), told.monetary_value())), Some((2, 15.0)));
        assert_eq!(told(&[(1, -1.0)], Returns::NetWithinDay), None);
    }
}
