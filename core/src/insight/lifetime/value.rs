//! Customer lifetime value: what is to come, times what it is worth, discounted.

use std::ops::Range;

use rayon::prelude::*;

use crate::error::{Error, ErrorKind, Result};

use super::fit::linear::Matrix;
use super::fitted::{Fitted, Model, check};
use super::gamma_gamma::{GammaGamma, GammaGammaParams};
use super::intervals::{Interval, IntervalMethod, Intervals, Question, intervals, one_row};
use super::measure::{CHUNK, Measure, MeasureRange, Predict};
use super::params::{at_coordinates, coordinates};
use super::period::Period;
use super::purchases::Purchases;
use super::summary::Summary;

/// Days between the instants at which cash flows are discounted: the month of `lifetimes`.
pub const DAYS_PER_MONTH: f64 = 30.0;
/// A horizon of a thousand years is a mistake.
const MOST_MONTHS: f64 = 12_000.0;

/// Over which time a customer's value is counted, and how.
///
/// The purchases of each 30 days ahead count as if they came at the end of them (the last stretch may be shorter), each as much as the customer's expected
/// spend times the margin, discounted by `(1 + discount)^(days/30)`:
///
/// ```text
/// value = margin * spend * sum_k [E(t_k) - E(t_{k-1})] / (1 + discount)^(t_k / 30),    t_k = 30, 60 … days
/// ```
///
/// So 360 days give the number of `lifetimes`' `customer_lifetime_value` with `time=12` and `freq="D"` (by `freq="W"` it takes 4.345 weeks for a month). To discount continuously and without a horizon, multiply
/// [`discounted_expected_residual_transactions`](super::Fitted::discounted_expected_residual_transactions) by spend and margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Horizon {
    /// How far ahead, in days.
    pub days: f64,
    /// The discount per 30 days: 0.01 is 12.7 % a year.
    pub discount: f64,
    /// The part of the spend that is kept: 1 for revenue.
    pub margin: f64,
}

impl Horizon {
    /// The instants at which cash flows are discounted, in days.
    fn ends(&self) -> Vec<f64> {
        let whole = (self.days / DAYS_PER_MONTH).floor();
        let mut ends: Vec<f64> = (1..=whole as u32).map(|month| f64::from(month) * DAYS_PER_MONTH).collect();
        if self.days > whole * DAYS_PER_MONTH {
            ends.push(self.days);
        }
        ends
    }

    fn check(&self) -> Result<()> {
        let wrong = |what: String| Err(Error::new(ErrorKind::InvalidArgument, what));
        if !(self.days >= 0.0 && self.days <= MOST_MONTHS * DAYS_PER_MONTH) {
            return wrong(format!("a horizon of {} days: it must be 0 to {}", self.days, MOST_MONTHS * DAYS_PER_MONTH));
        }
        if !(self.discount.is_finite() && self.discount > -1.0) {
            return wrong(format!("a discount of {} per 30 days: it must be finite and above -1", self.discount));
        }
        if !self.margin.is_finite() {
            return wrong(format!("a margin of {}: it must be finite", self.margin));
        }
        Ok(())
    }
}

/// The value of some rows.
fn fill(
    transactions: &impl Predict,
    spend: &GammaGammaParams,
    (horizon, period): (&Horizon, Period),
    summary: &Summary,
    rows: Range<usize>,
    places: &mut [f64],
) {
    places.fill(0.0);
    let mut before = vec![0.0; places.len()];
    let mut until = vec![0.0; places.len()];
    for end in horizon.ends() {
        let measure = Measure::ConditionalExpectedTransactions { periods: period.periods(end) };
        transactions.fill(measure, summary, rows.clone(), &mut until);
        let discount = libm::pow(1.0 + horizon.discount, -end / DAYS_PER_MONTH);
        places.iter_mut().zip(until.iter().zip(&before)).for_each(|(place, (until, before))| *place += discount * (until - before));
        std::mem::swap(&mut before, &mut until);
    }
    spend.fill(Measure::ConditionalExpectedSpend, summary, rows, &mut until);
    places.iter_mut().zip(&until).for_each(|(place, spend)| *place *= horizon.margin * spend);
}

/// Value asked of a model of purchases and a model of spend, whose errors are independent.
struct Asked<'a, M: Model> {
    transactions: &'a Fitted<M>,
    spend: &'a Fitted<GammaGamma>,
    horizon: Horizon,
}

impl<M: Model> Question for Asked<'_, M>
where
    M::Params: Predict,
{
    fn centre(&self) -> Vec<f64> {
        [coordinates(self.transactions.params()), coordinates(self.spend.params())].concat()
    }

    fn covariance(&self) -> Result<Matrix> {
        let (one, other) = (&self.transactions.uncertain()?.covariance, &self.spend.uncertain()?.covariance);
        let first = one.size();
        Ok(Matrix::from_fn(first + other.size(), |row, column| match (row < first, column < first) {
            (true, true) => one.get(row, column),
            (false, false) => other.get(row - first, column - first),
            _ => 0.0,
        }))
    }

    fn range(&self) -> MeasureRange {
        if self.horizon.margin > 0.0 { MeasureRange::Positive } else { MeasureRange::Any }
    }

    fn fill(&self, at: &[f64], summary: &Summary, rows: Range<usize>, places: &mut [f64]) {
        let (one, other) = at.split_at(at.len().saturating_sub(3));
        let transactions = at_coordinates(self.transactions.params(), one);
        let spend = at_coordinates(self.spend.params(), other);
        fill(&transactions, &spend, (&self.horizon, self.transactions.period()), summary, rows, places);
    }
}

impl<M: Model> Fitted<M>
where
    M::Params: Predict,
{
    /// What each customer is worth over the horizon, in the money of `spend`.
    ///
    /// ```
    /// use wayfare::lifetime::{BgNbd, BgNbdParams, GammaGamma, GammaGammaParams, Horizon, Period, Summary};
    /// let purchases = BgNbd::from_params(BgNbdParams { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 })?;
    /// let spend = GammaGamma::from_params(GammaGammaParams { p: 6.25, q: 3.74, gamma: 15.44 })?;
    /// let summary =
    ///     Summary::new(vec![2], vec![213.0 / 7.0], vec![272.0 / 7.0], Period::WEEK)?.with_monetary_value(vec![22.345])?;
    /// let value = purchases.customer_lifetime_value(&spend, &summary, &Horizon { days: 360.0, discount: 0.01, margin: 1.0 })?;
    /// // lifetimes 0.11.3 says so too, in days.
    /// assert!((value[0] - 35.8781861843).abs() < 1e-9);
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the horizon is out of range; [`ErrorKind::InvalidTable`] if the summary has no monetary values.
    pub fn customer_lifetime_value(&self, spend: &Fitted<GammaGamma>, summary: &Summary, horizon: &Horizon) -> Result<Vec<f64>> {
        valued(summary, horizon)?;
        tells_purchases(self, summary)?;
        let mut out = vec![0.0; summary.len()];
        out.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, places)| {
            let begin = chunk * CHUNK;
            fill(self.params(), spend.params(), (horizon, self.period()), summary, begin..begin + places.len(), places);
        });
        Ok(out)
    }

    /// The same with intervals; the errors of the two fits count as independent.
    ///
    /// # Errors
    /// As [`customer_lifetime_value`](Self::customer_lifetime_value), and [`ErrorKind::InvalidArgument`] if parameters were given, not fitted, or the
    /// level is not between 0 and 1.
    pub fn customer_lifetime_value_intervals(
        &self,
        spend: &Fitted<GammaGamma>,
        summary: &Summary,
        horizon: &Horizon,
        level: f64,
        method: IntervalMethod,
    ) -> Result<Intervals> {
        valued(summary, horizon)?;
        tells_purchases(self, summary)?;
        intervals(&Asked { transactions: self, spend, horizon: *horizon }, summary, level, method)
    }

    /// What one customer is worth over the horizon, with an interval.
    ///
    /// # Errors
    /// As [`customer_lifetime_value_intervals`](Self::customer_lifetime_value_intervals), and [`ErrorKind::InvalidTable`] for purchases that no
    /// customer can have.
    pub fn customer_lifetime_value_interval(
        &self,
        spend: &Fitted<GammaGamma>,
        row: &Purchases,
        horizon: &Horizon,
        level: f64,
        method: IntervalMethod,
    ) -> Result<Interval> {
        self.customer_lifetime_value_intervals(spend, &one_row(row, self.period())?, horizon, level, method)?.only()
    }
}

/// Whether the model tells how often customers buy, and the table has what it reads.
fn tells_purchases<M: Model>(fitted: &Fitted<M>, summary: &Summary) -> Result<()>
where
    M::Params: Predict,
{
    check::<M>(Measure::ConditionalExpectedTransactions { periods: 0.0 })?;
    fitted.params().reads(summary)
}

fn valued(summary: &Summary, horizon: &Horizon) -> Result<()> {
    horizon.check()?;
    if summary.monetary_value().is_none() {
        return Err(Error::table("customer_lifetime_value needs the column `monetary_value`, and the summary has none"));
    }
    Ok(())
}
