//! BG/BB.

mod history;
mod likelihood;
mod limits;
mod objective;
mod predict;

use serde::{Deserialize, Serialize};
use std::ops::Range;

use crate::error::{Error, Result};

use super::fit::fit;
use super::fitted::{Fitted, Model};
use super::measure::{Measure, Predict, Transactions, evaluate_transactions};
use super::params::positive_params;
use super::prior::{DropoutPrior, Prior};
use super::purchases::Purchases;
use super::summary::Summary;

use history::{History, grouped};
use objective::Likelihood;

pub(crate) use history::MOST;
pub(crate) use likelihood::Factors;

positive_params! {
    /// The parameters of [`BgBb`].
    BgBbParams {
        /// First parameter of the beta distribution of purchase probabilities: alpha/(alpha + beta) is the mean. No unit.
        alpha,
        /// Second parameter of that distribution. No unit.
        beta,
        /// First parameter of the beta distribution of dropout probabilities: gamma/(gamma + delta) is the mean. No unit.
        gamma,
        /// Second parameter of that distribution. No unit.
        delta,
    }
}

/// How many purchases to expect of each customer where there are opportunities, one after the other, that each may take or not: an appeal a year, an
/// event a month.
///
/// Assumptions: while alive a customer takes each opportunity with a probability of their own; those are beta distributed (alpha, beta). At the
/// beginning of each opportunity they drop out with another; those are beta distributed (gamma, delta). The two are independent.
///
/// ```text
/// L(x, t, n) = B(α+x, β+n-x)/B(α, β) B(γ, δ+n)/B(γ, δ) + Σ m from t to n-1: B(α+x, β+m-x)/B(α, β) B(γ+1, δ+m)/B(γ, δ)
///
/// x frequency, t recency (the opportunity of the last purchase, 0 without one), n age (opportunities there were since the first purchase)
/// ```
///
/// The period of a [`Summary`] for it is one opportunity, and recency and age are whole numbers. A horizon counts the opportunities that fall into it
/// whole. `discount_rate` is the literature's d: a purchase at the k-th next opportunity counts 1/(1 + d)^k. The probability to be alive is
/// that at the next opportunity, n + 1, as in the literature.
///
/// Reference: Fader, Hardie and Shang 2010, "Customer-base analysis in a discrete-time noncontractual setting", Marketing Science 29(6), equations 5,
/// 8, 9, 11, 13 and 14.
///
/// ```
/// use wayfare::lifetime::{BgBb, BgBbParams, Purchases};
/// // The published estimate for 11,104 donors over six years.
/// let model = BgBb::from_params(BgBbParams { alpha: 1.204, beta: 0.750, gamma: 0.657, delta: 2.783 })?;
/// let row = Purchases { frequency: 3, recency: 4.0, age: 6.0, monetary_value: 0.0 };
/// assert!((model.probability_alive(&row) - 0.439_462_857_055_756_5).abs() < 1e-12);
/// assert!((model.conditional_expected_transactions(&row, 5.0) - 1.034_228_498_421_104).abs() < 1e-12);
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct BgBb {
    prior: BgBbPrior,
}

/// A prior, for an estimate of maximum posterior density; see [`Prior`]. The default is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BgBbPrior {
    /// Of the purchase probabilities: mean alpha/(alpha + beta), concentration alpha + beta.
    pub purchase: Option<DropoutPrior>,
    /// Of the dropout probabilities: mean gamma/(gamma + delta), concentration gamma + delta.
    pub dropout: Option<DropoutPrior>,
}

impl BgBbPrior {
    fn check(&self) -> Result<()> {
        Prior::check([self.purchase, self.dropout].map(|dropout| Prior { rate: None, dropout }))
    }
}

impl Model for BgBb {
    type Params = BgBbParams;
    const NAME: &'static str = "bg_bb";
}

impl BgBb {
    /// The model without a prior.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With beliefs from before the data.
    #[must_use]
    pub fn with_prior(mut self, prior: BgBbPrior) -> Self {
        self.prior = prior;
        self
    }

    /// The parameters that make the data most likely.
    ///
    /// # Errors
    /// As [`BgNbd::fit`](super::BgNbd::fit), and [`ErrorKind::InvalidTable`](crate::ErrorKind::InvalidTable) if recency or age is not a whole number of
    /// opportunities, or there are more purchases than opportunities.
    pub fn fit(&self, summary: &Summary) -> Result<Fitted<Self>> {
        self.prior.check()?;
        let data = grouped(summary)?;
        let short = |why: &str| Err(Error::too_little_data(Self::NAME, why));
        if data.is_empty() {
            return short("there is no customer");
        }
        if data.iter().all(|(history, _)| history.n == 0) {
            return short("nobody had an opportunity");
        }
        if data.iter().all(|(history, _)| history.x == 0) && self.prior.purchase.is_none() {
            return short("nobody bought a second time");
        }
        let objective = Likelihood { data: &data, prior: self.prior };
        let names = ["alpha", "beta", "gamma", "delta"].map(str::to_owned);
        let every_start = data.len() < FEW;
        let found = fit(Self::NAME, &names, &objective, &starts(), every_start, || limits::candidates(&objective))?;
        let prior = objective.log_prior(&found.at);
        Ok(Fitted::from_fit(&BgBbParams { alpha: 1.0, beta: 1.0, gamma: 1.0, delta: 1.0 }, found, prior, summary))
    }

    /// The model with parameters that are known: it predicts, without errors.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if one is not finite and above 0.
    pub fn from_params(params: BgBbParams) -> Result<Fitted<Self>> {
        Fitted::known(params)
    }
}

/// Below so many distinct histories all starts are tried and the limit models are compared with an interior maximum too.
const FEW: usize = 1000;

fn starts() -> Vec<Vec<f64>> {
    [[1.0, 1.0, 0.7, 3.0], [0.5, 1.5, 0.5, 1.0], [5.0, 5.0, 1.0, 20.0], [0.2, 0.2, 3.0, 6.0], [20.0, 60.0, 5.0, 20.0]]
        .map(|start| start.map(libm::log).to_vec())
        .to_vec()
}

impl Transactions for BgBbParams {
    fn log_likelihood(&self, row: &Purchases) -> f64 {
        self.one(Measure::LogLikelihood, row)
    }

    fn probability_alive(&self, row: &Purchases) -> f64 {
        self.one(Measure::ProbabilityAlive, row)
    }

    fn conditional_expected_transactions(&self, row: &Purchases, periods: f64) -> f64 {
        self.one(Measure::ConditionalExpectedTransactions { periods }, row)
    }

    fn expected_transactions(&self, periods: f64) -> f64 {
        predict::expected_transactions(self, periods)
    }

    fn discounted_expected_residual_transactions(&self, row: &Purchases, discount_rate: f64) -> f64 {
        self.one(Measure::DiscountedExpectedResidualTransactions { discount_rate }, row)
    }
}

impl BgBbParams {
    /// The answer for one row; NaN if it is not one of whole numbers.
    fn one(&self, measure: Measure, row: &Purchases) -> f64 {
        History::of(row).map_or(f64::NAN, |history| predict::answer(self, &Factors::new(self, history.n), measure, history))
    }
}

impl Predict for BgBbParams {
    fn evaluate(&self, measure: Measure, row: &Purchases) -> f64 {
        evaluate_transactions(self, measure, row)
    }

    fn fill(&self, measure: Measure, summary: &Summary, rows: Range<usize>, places: &mut [f64]) {
        if let Measure::ExpectedTransactions { periods } = measure {
            places.fill(predict::expected_transactions(self, periods));
            return;
        }
        let histories: Vec<Option<History>> = rows.map(|at| summary.get(at).and_then(|row| History::of(&row).ok())).collect();
        let factors = Factors::new(self, histories.iter().flatten().map(|history| history.n).max().unwrap_or(0));
        // Few histories are distinct: each is answered once.
        let mut distinct: Vec<History> = histories.iter().copied().flatten().collect();
        distinct.sort_unstable();
        distinct.dedup();
        let answers: Vec<f64> = distinct.iter().map(|history| predict::answer(self, &factors, measure, *history)).collect();
        for (place, history) in places.iter_mut().zip(histories) {
            let answer = history.and_then(|history| answers.get(distinct.binary_search(&history).ok()?).copied());
            *place = answer.unwrap_or(f64::NAN);
        }
    }
}

#[cfg(test)]
mod tests;
