//! BG/NBD.

use crate::error::Result;

use super::beta_geometric::{Customer, Family, fit_family};
use super::fitted::{Fitted, Model};
use super::params::positive_params;
use super::prior::Prior;
use super::summary::Summary;

positive_params! {
    /// The parameters of [`BgNbd`].
    BgNbdParams {
        /// Shape of the gamma distribution of purchase rates: the larger, the more alike customers are. No unit.
        r,
        /// Rate of that distribution, in periods: customers buy r/alpha times a period on average while alive.
        alpha,
        /// First parameter of the beta distribution of dropout probabilities: a/(a + b) is the mean. No unit.
        a,
        /// Second parameter of that distribution. No unit.
        b,
    }
}

/// How many purchases to expect of each customer who may leave, unseen, after any repeat purchase.
///
/// Assumptions: while alive a customer buys at random, at a rate of their own; rates are gamma distributed (shape r, rate alpha). After each repeat
/// purchase they drop out with a probability of their own; those are beta distributed (a, b). Rate and probability are independent. A customer
/// without a repeat purchase is always alive; [`MbgNbd`](super::MbgNbd) lifts that.
///
/// ```text
/// L(x, t, T) = Γ(r+x)/Γ(r) α^r [ B(a, b+x)/B(a, b) (α+T)^-(r+x) + (x > 0) B(a+1, b+x-1)/B(a, b) (α+t)^-(r+x) ]
///
/// x frequency, t recency, T age
/// ```
///
/// Reference: Fader, Hardie and Lee 2005, "Counting your customers" the easy way, Marketing Science 24(2), equation 6.
///
/// ```
/// use wayfare::lifetime::{BgNbd, BgNbdParams, Purchases};
/// // The published estimate for the CDNOW sample, in weeks.
/// let model = BgNbd::from_params(BgNbdParams { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 })?;
/// let row = Purchases { frequency: 2, recency: 213.0 / 7.0, age: 272.0 / 7.0, monetary_value: 22.35 };
/// assert!((model.probability_alive(&row) - 0.726_589_721_835_494_8).abs() < 1e-12);
/// assert!((model.conditional_expected_transactions(&row, 39.0) - 1.226_115_806_149_322).abs() < 1e-12);
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct BgNbd {
    prior: Prior,
}

impl Model for BgNbd {
    type Params = BgNbdParams;
    const NAME: &'static str = "bg_nbd";
}

impl BgNbd {
    /// The model without a prior.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With beliefs from before the data.
    #[must_use]
    pub fn with_prior(mut self, prior: Prior) -> Self {
        self.prior = prior;
        self
    }

    /// The parameters that make the data most likely.
    ///
    /// # Errors
    /// [`ErrorKind::NotFitted`](crate::ErrorKind::NotFitted) if there is no interior maximum: [`Error::fit_status`](crate::Error::fit_status) says
    /// why, and at a boundary gives the limit model's estimate. [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) for a prior that
    /// is none.
    pub fn fit(&self, summary: &Summary) -> Result<Fitted<Self>> {
        let (fit, prior) = fit_family(Self::NAME, summary, 0, &self.prior)?;
        Ok(Fitted::from_fit(&BgNbdParams { r: 1.0, alpha: 1.0, a: 1.0, b: 1.0 }, fit, prior, summary))
    }

    /// The model with parameters that are known: it predicts, without errors.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if one is not finite and above 0.
    pub fn from_params(params: BgNbdParams) -> Result<Fitted<Self>> {
        Fitted::known(params)
    }
}

impl Family for BgNbdParams {
    fn customer(&self) -> Customer {
        Customer { r: self.r, alpha: self.alpha, a: self.a, b: self.b, first: 0 }
    }
}
