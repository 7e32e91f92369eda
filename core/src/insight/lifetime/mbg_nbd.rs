//! MBG/NBD.

use crate::error::Result;

use super::beta_geometric::{Customer, Family, fit_family};
use super::fitted::{Fitted, Model};
use super::params::positive_params;
use super::prior::Prior;
use super::summary::Summary;

positive_params! {
    /// The parameters of [`MbgNbd`].
    MbgNbdParams {
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

/// How many purchases to expect of each customer who may leave, unseen, after any purchase, the first included.
///
/// Assumptions: those of [`BgNbd`](super::BgNbd), but a customer may drop out after the first purchase too; so one who never came back is not taken to be
/// alive for good.
///
/// ```text
/// L(x, t, T) = Γ(r+x)/Γ(r) α^r [ B(a, b+x+1)/B(a, b) (α+T)^-(r+x) + B(a+1, b+x)/B(a, b) (α+t)^-(r+x) ]
///
/// x frequency, t recency, T age
/// ```
///
/// References: Batislam, Denizel and Filiztekin 2007, "Empirical validation and comparison of models for customer base analysis", International Journal of
/// Research in Marketing 24(3); Hoppe and Wagner 2007, "Customer base analysis: the case for a central variant of the betageometric/NBD model",
/// Marketing - Journal of Research and Management 3(2).
///
/// ```
/// use wayfare::lifetime::{MbgNbd, MbgNbdParams, Purchases};
/// // The estimate of the R package BTYDplus for the CDNOW sample, in weeks.
/// let model = MbgNbd::from_params(MbgNbdParams { r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 })?;
/// let never_came_back = Purchases { frequency: 0, recency: 0.0, age: 272.0 / 7.0, monetary_value: 0.0 };
/// assert!((model.probability_alive(&never_came_back) - 0.389_743_001_685_518_5).abs() < 1e-12);
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MbgNbd {
    prior: Prior,
}

impl Model for MbgNbd {
    type Params = MbgNbdParams;
    const NAME: &'static str = "mbg_nbd";
}

impl MbgNbd {
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
        let (fit, prior) = fit_family(Self::NAME, summary, 1, &self.prior)?;
        Ok(Fitted::from_fit(&MbgNbdParams { r: 1.0, alpha: 1.0, a: 1.0, b: 1.0 }, fit, prior, summary))
    }

    /// The model with parameters that are known: it predicts, without errors.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if one is not finite and above 0.
    pub fn from_params(params: MbgNbdParams) -> Result<Fitted<Self>> {
        Fitted::known(params)
    }
}

impl Family for MbgNbdParams {
    fn customer(&self) -> Customer {
        Customer { r: self.r, alpha: self.alpha, a: self.a, b: self.b, first: 1 }
    }
}
