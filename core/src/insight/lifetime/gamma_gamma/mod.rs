//! Gamma-Gamma.

mod estimate;

use crate::error::Result;
use serde::{Deserialize, Serialize};

use super::fitted::{Fitted, Model};
use super::measure::{Measure, Predict};
use super::params::positive_params;
use super::prior::Belief;
use super::purchases::Purchases;
use super::special::ln_beta;
use super::summary::Summary;

positive_params! {
    /// The parameters of [`GammaGamma`].
    GammaGammaParams {
        /// Shape of the value of one purchase: the larger, the less a customer's purchases differ. No unit.
        p,
        /// Shape of the distribution over customers: the larger, the more alike they are. No unit. Customers' means have a finite mean above 1.
        q,
        /// Scale of that distribution, in money.
        gamma,
    }
}

/// What a purchase of each customer is worth on average, told from their own purchases and from everybody's.
///
/// Assumptions: the values of a customer's purchases are gamma distributed (shape p, rate ν) about a mean of their own, which does not change;
/// over customers ν is gamma distributed (shape q, rate gamma). Value and frequency are independent: look at their correlation before you trust it. Only
/// customers with a repeat purchase count in the fit.
///
/// ```text
/// L(x, z) = Γ(px+q)/(Γ(px) Γ(q)) γ^q z^(px-1) x^(px) / (γ + x z)^(px+q)
/// E(value | x, z) = p (γ + x z)/(px + q - 1)
///
/// x frequency, z monetary_value
/// ```
///
/// Where px + q is 1 or less the expectation is infinite, and said to be.
///
/// Reference: Fader and Hardie 2013, "The gamma-gamma model of monetary value", equations 1a and 5; Colombo and Jiang 1999, "A stochastic RFM model",
/// Journal of Interactive Marketing 13(3).
///
/// ```
/// use wayfare::lifetime::{GammaGamma, GammaGammaParams, Purchases};
/// // The published estimate for the CDNOW sample.
/// let model = GammaGamma::from_params(GammaGammaParams { p: 6.25, q: 3.74, gamma: 15.44 })?;
/// let row = Purchases { frequency: 2, recency: 30.4, age: 38.9, monetary_value: 22.345 };
/// assert!((model.conditional_expected_spend(&row) - 24.659_612_860_892_39).abs() < 1e-12);
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct GammaGamma {
    prior: SpendPrior,
}

/// Beliefs of spend from before the data; each is added to the summed log-likelihood, so it fades as customers come in. The default is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SpendPrior {
    /// What a purchase of the typical customer is worth: p gamma / q, in money.
    pub mean: Option<Belief>,
    /// How alike one customer's purchases are: p.
    pub within: Option<Belief>,
    /// How alike customers are: q.
    pub between: Option<Belief>,
}

impl Model for GammaGamma {
    type Params = GammaGammaParams;
    const NAME: &'static str = "gamma_gamma";
}

impl GammaGamma {
    /// The model without a prior.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With beliefs from before the data.
    #[must_use]
    pub fn with_prior(mut self, prior: SpendPrior) -> Self {
        self.prior = prior;
        self
    }

    /// The parameters that make the monetary values most likely.
    ///
    /// # Errors
    /// [`ErrorKind::NotFitted`](crate::ErrorKind::NotFitted) if there is no interior maximum: [`Error::fit_status`](crate::Error::fit_status) says
    /// why, and at a boundary gives the limit model's estimate. [`ErrorKind::InvalidTable`](crate::ErrorKind::InvalidTable) if the summary has no
    /// monetary values, or one that is not above 0 beside a repeat purchase; [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for a
    /// prior that is none.
    pub fn fit(&self, summary: &Summary) -> Result<Fitted<Self>> {
        estimate::fit_spend(Self::NAME, summary, &self.prior)
    }

    /// The model with parameters that are known: it predicts, without errors.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if one is not finite and above 0.
    pub fn from_params(params: GammaGammaParams) -> Result<Fitted<Self>> {
        Fitted::known(params)
    }
}

impl GammaGammaParams {
    /// What a purchase of the customer is worth on average; infinite where the expectation is.
    #[must_use]
    pub fn conditional_expected_spend(&self, row: &Purchases) -> f64 {
        let x = f64::from(row.frequency);
        let spent = if row.frequency == 0 { 0.0 } else { x * row.monetary_value };
        let weight = self.p * x + self.q - 1.0;
        if weight <= 0.0 { f64::INFINITY } else { self.p * (self.gamma + spent) / weight }
    }

    /// The customer's part of the log-likelihood: 0 without a repeat purchase.
    #[must_use]
    pub fn log_likelihood(&self, row: &Purchases) -> f64 {
        if row.frequency == 0 {
            return 0.0;
        }
        let x = f64::from(row.frequency);
        let (shape, spent) = (self.p * x, x * row.monetary_value);
        -ln_beta(shape, self.q)
            - self.q * libm::log1p(spent / self.gamma)
            - shape * libm::log1p(self.gamma / spent)
            - libm::log(row.monetary_value)
    }
}

impl Fitted<GammaGamma> {
    /// What a purchase of the customer is worth on average; infinite where px + q is 1 or less.
    #[must_use]
    pub fn conditional_expected_spend(&self, row: &Purchases) -> f64 {
        self.params().conditional_expected_spend(row)
    }
}

impl Predict for GammaGammaParams {
    fn evaluate(&self, measure: Measure, row: &Purchases) -> f64 {
        match measure {
            Measure::ConditionalExpectedSpend => self.conditional_expected_spend(row),
            Measure::LogLikelihood => self.log_likelihood(row),
            _ => f64::NAN,
        }
    }

    fn answers(measure: Measure) -> bool {
        matches!(measure, Measure::ConditionalExpectedSpend | Measure::LogLikelihood)
    }
}
