//! Pareto/NBD.

mod likelihood;
mod limits;
mod objective;
mod predict;

use serde::{Deserialize, Serialize};
use std::ops::Range;

use crate::error::Result;

use super::beta_geometric::{Grouped, grouped};
use super::fit::fit;
use super::fitted::{Fitted, Model};
use super::measure::{Measure, Predict, Transactions, evaluate_transactions};
use super::params::positive_params;
use super::prior::{Prior, RatePrior};
use super::purchases::Purchases;
use super::summary::Summary;

use objective::Likelihood;

pub(crate) use likelihood::derivatives;
pub(crate) use objective::rising_part;

positive_params! {
    /// The parameters of [`ParetoNbd`].
    ParetoNbdParams {
        /// Shape of the gamma distribution of purchase rates: the larger, the more alike customers are. No unit.
        r,
        /// Rate of that distribution, in periods: customers buy r/alpha times a period on average while alive.
        alpha,
        /// Shape of the gamma distribution of dropout rates: the larger, the more alike customers are. No unit.
        s,
        /// Rate of that distribution, in periods: customers drop out s/beta times a period on average.
        beta,
    }
}

/// How many purchases to expect of each customer who may leave, unseen, at any time.
///
/// Assumptions: while alive a customer buys at random, at a rate of their own; rates are gamma distributed (shape r, rate alpha). Each customer lives
/// for an exponentially distributed time, at a dropout rate of their own; those are gamma distributed (shape s, rate beta), which makes lifetimes
/// Pareto distributed. The two rates are independent.
///
/// ```text
/// L(x, t, T) = Γ(r+x)/Γ(r) α^r β^s [ (α+T)^-(r+x) (β+T)^-s + s ∫ from t to T (α+u)^-(r+x) (β+u)^-(s+1) du ]
///
/// x frequency, t recency, T age
/// ```
///
/// The integral is summed as it stands, from positive terms; so nothing cancels, unlike in the form with hypergeometric functions.
///
/// References: Schmittlein, Morrison and Colombo 1987, "Counting your customers", Management Science 33(1); Fader and Hardie 2005, "A note on deriving
/// the Pareto/NBD model and related expressions".
///
/// ```
/// use wayfare::lifetime::{ParetoNbd, ParetoNbdParams, Purchases};
/// // Customer 1516 of the CDNOW sample at the maximum-likelihood estimate, in weeks.
/// let model = ParetoNbd::from_params(ParetoNbdParams { r: 0.55327704685318, alpha: 10.5776834633023, s: 0.606239989127826, beta: 11.668735288855 })?;
/// let row = Purchases { frequency: 26, recency: 216.0 / 7.0, age: 31.0, monetary_value: 0.0 };
/// assert!((model.probability_alive(&row) - 0.997_873_404_714_996_2).abs() < 1e-12);
/// assert!((model.conditional_expected_transactions(&row, 52.0) - 25.455_183_503_522_967).abs() < 1e-10);
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ParetoNbd {
    prior: ParetoNbdPrior,
}

/// A prior, for an estimate of maximum posterior density; see [`Prior`]. The default is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ParetoNbdPrior {
    /// Of the purchase rates: mean r/alpha, concentration r.
    pub rate: Option<RatePrior>,
    /// Of the dropout rates: mean s/beta, concentration s.
    pub dropout: Option<RatePrior>,
}

impl ParetoNbdPrior {
    pub(crate) fn check(&self) -> Result<()> {
        Prior::check([self.rate, self.dropout].map(|rate| Prior { rate, dropout: None }))
    }
}

impl Model for ParetoNbd {
    type Params = ParetoNbdParams;
    const NAME: &'static str = "pareto_nbd";
}

impl ParetoNbd {
    /// The model without a prior.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With beliefs from before the data.
    #[must_use]
    pub fn with_prior(mut self, prior: ParetoNbdPrior) -> Self {
        self.prior = prior;
        self
    }

    /// The parameters that make the data most likely.
    ///
    /// # Errors
    /// As [`BgNbd::fit`](super::BgNbd::fit).
    pub fn fit(&self, summary: &Summary) -> Result<Fitted<Self>> {
        self.prior.check()?;
        let data = grouped(Self::NAME, summary, 1, self.prior.rate.is_some())?;
        let objective = Likelihood { data: &data, prior: self.prior };
        let starts = starts(&data);
        let names = ["r", "alpha", "s", "beta"].map(str::to_owned);
        let found = fit(Self::NAME, &names, &objective, &starts, summary.len() < FEW, || limits::candidates(&objective))?;
        let prior = objective.log_prior(&found.at);
        Ok(Fitted::from_fit(&ParetoNbdParams { r: 1.0, alpha: 1.0, s: 1.0, beta: 1.0 }, found, prior, summary))
    }

    /// The model with parameters that are known: it predicts, without errors.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if one is not finite and above 0.
    pub fn from_params(params: ParetoNbdParams) -> Result<Fitted<Self>> {
        Fitted::known(params)
    }
}

/// Below, all starts are tried and the limit models are compared with an interior maximum too: small data can have several maxima.
const FEW: usize = 1000;

/// Starts by (shape of the purchase rates, shape of the dropout rates, mean lifetime over the mean age); rate and age are from the data, so time has
/// no unit here.
pub(crate) fn starts(data: &Grouped) -> Vec<Vec<f64>> {
    let age = mean_age(data);
    let rate = data.total_purchases().max(1e-3) / data.total_age();
    [(0.6, 0.6, 0.5), (1.0, 1.0, 0.1), (2.0, 2.0, 5.0), (0.3, 0.2, 0.05), (5.0, 10.0, 1.0), (50.0, 1.0, 0.5)]
        .into_iter()
        .map(|(shape, dropout, life): (f64, f64, f64)| {
            // Who drops out early buys faster than purchases by time say.
            let alpha = shape / (rate * (1.0 + 0.5 / life.max(0.1)));
            [shape, alpha, dropout, dropout * life * age].map(libm::log).to_vec()
        })
        .collect()
}

fn mean_age(data: &Grouped) -> f64 {
    data.total_age() / data.ages.iter().map(|age| age.customers).sum::<f64>()
}

impl Transactions for ParetoNbdParams {
    fn log_likelihood(&self, row: &Purchases) -> f64 {
        predict::log_likelihood(self, row)
    }

    fn probability_alive(&self, row: &Purchases) -> f64 {
        predict::probability_alive(self, row)
    }

    fn conditional_expected_transactions(&self, row: &Purchases, periods: f64) -> f64 {
        predict::conditional_expected_transactions(self, row, periods)
    }

    fn expected_transactions(&self, periods: f64) -> f64 {
        predict::expected_transactions(self, periods)
    }

    fn discounted_expected_residual_transactions(&self, row: &Purchases, discount_rate: f64) -> f64 {
        predict::discounted_expected_residual_transactions(self, row, discount_rate)
    }
}

impl Predict for ParetoNbdParams {
    fn evaluate(&self, measure: Measure, row: &Purchases) -> f64 {
        evaluate_transactions(self, measure, row)
    }

    /// In a table of days many customers share frequency, recency and age: an answer is kept for the next of them, which changes no bit.
    fn fill(&self, measure: Measure, summary: &Summary, rows: Range<usize>, places: &mut [f64]) {
        if let Measure::ExpectedTransactions { periods } = measure {
            places.fill(predict::expected_transactions(self, periods));
            return;
        }
        const SLOTS: usize = 2048;
        let mut known: Vec<(u32, f64, f64, f64)> = vec![(0, f64::NAN, f64::NAN, 0.0); SLOTS];
        for (place, at) in places.iter_mut().zip(rows) {
            let Some(row) = summary.get(at) else { continue };
            let times = row.recency.to_bits().rotate_left(21) ^ row.age.to_bits();
            let mixed = (times ^ u64::from(row.frequency).wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
            let Some(slot) = known.get_mut((mixed >> 53) as usize % SLOTS) else { continue };
            if !(slot.0 == row.frequency && slot.1 == row.recency && slot.2 == row.age) {
                *slot = (row.frequency, row.recency, row.age, self.evaluate(measure, &row));
            }
            *place = slot.3;
        }
    }
}

#[cfg(test)]
mod tests;
