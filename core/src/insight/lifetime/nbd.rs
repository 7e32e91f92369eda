//! NBD.

use crate::error::Result;

use super::beta_geometric::{counts, fit_nbd};
use super::fitted::{Fitted, Model};
use super::measure::{Measure, Predict, Transactions, evaluate_transactions};
use super::params::positive_params;
use super::prior::Prior;
use super::purchases::Purchases;
use super::special::ln_rising;
use super::summary::Summary;

positive_params! {
    /// The parameters of [`Nbd`].
    NbdParams {
        /// Shape of the gamma distribution of purchase rates: the larger, the more alike customers are. No unit.
        r,
        /// Rate of that distribution, in periods: customers buy r/alpha times a period on average.
        alpha,
    }
}

/// How many purchases to expect of each customer, where nobody ever leaves: the limit of BG/NBD, MBG/NBD and Pareto/NBD without dropout.
///
/// Assumptions: a customer buys at random, at a rate of their own; rates are gamma distributed (shape r, rate alpha).
///
/// ```text
/// L(x, T) = Γ(r+x)/(Γ(r) x!) (α/(α+T))^r (T/(α+T))^x        x frequency, T age
/// ```
///
/// Unlike that of the models with dropout this is the likelihood of the count, not of the times; so the log-likelihood compares with theirs only after
/// the sum of ln(T^x/x!) is taken off.
///
/// Reference: Ehrenberg 1959, "The pattern of consumer purchases", Applied Statistics 8(1).
///
/// ```
/// use wayfare::lifetime::{Nbd, NbdParams, Purchases};
/// let model = Nbd::from_params(NbdParams { r: 0.385, alpha: 12.07 })?;
/// let row = Purchases { frequency: 2, recency: 30.4, age: 38.86, monetary_value: 0.0 };
/// assert!((model.conditional_expected_transactions(&row, 39.0) - 39.0 * 2.385 / 50.93).abs() < 1e-12);
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Nbd {
    prior: Prior,
}

impl Model for Nbd {
    type Params = NbdParams;
    const NAME: &'static str = "nbd";
}

impl Nbd {
    /// The model without a prior.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With beliefs from before the data; those of dropping out do not count.
    #[must_use]
    pub fn with_prior(mut self, prior: Prior) -> Self {
        self.prior = prior;
        self
    }

    /// The parameters that make the data most likely.
    ///
    /// # Errors
    /// As [`BgNbd::fit`](super::BgNbd::fit).
    pub fn fit(&self, summary: &Summary) -> Result<Fitted<Self>> {
        let (mut fit, prior) = fit_nbd(Self::NAME, summary, &Prior { dropout: None, ..self.prior })?;
        fit.value += counts(summary);
        Ok(Fitted::from_fit(&NbdParams { r: 1.0, alpha: 1.0 }, fit, prior, summary))
    }

    /// The model with parameters that are known: it predicts, without errors.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if one is not finite and above 0.
    pub fn from_params(params: NbdParams) -> Result<Fitted<Self>> {
        Fitted::known(params)
    }
}

impl NbdParams {
    fn rate(&self, row: &Purchases) -> f64 {
        (self.r + f64::from(row.frequency)) / (self.alpha + row.age)
    }
}

impl Transactions for NbdParams {
    fn log_likelihood(&self, row: &Purchases) -> f64 {
        let x = f64::from(row.frequency);
        let often = if row.frequency == 0 { 0.0 } else { -x * libm::log1p(self.alpha / row.age) };
        ln_rising(self.r, row.frequency) - ln_rising(1.0, row.frequency) - self.r * libm::log1p(row.age / self.alpha) + often
    }

    fn probability_alive(&self, _row: &Purchases) -> f64 {
        1.0
    }

    fn conditional_expected_transactions(&self, row: &Purchases, periods: f64) -> f64 {
        self.rate(row) * periods
    }

    fn expected_transactions(&self, periods: f64) -> f64 {
        self.r / self.alpha * periods
    }

    fn discounted_expected_residual_transactions(&self, row: &Purchases, discount_rate: f64) -> f64 {
        self.rate(row) / discount_rate
    }
}

impl Predict for NbdParams {
    fn evaluate(&self, measure: Measure, row: &Purchases) -> f64 {
        evaluate_transactions(self, measure, row)
    }
}
