//! What is believed of customers before the data: for small data, where a likelihood alone may run off to an edge.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

use super::beta_geometric::{Dropout, Jet, Rate};

/// A belief of a positive number: log-normal. For a probability the logit is normal in place of the logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Belief {
    /// As likely above as below.
    pub median: f64,
    /// The standard deviation of the logarithm (of the logit): 1 says "within a factor of 7 either way, 95 times in a hundred".
    pub spread: f64,
}

impl Belief {
    pub(crate) fn is_sound(self) -> bool {
        self.median.is_finite() && self.median > 0.0 && self.spread.is_finite() && self.spread > 0.0
    }

    /// The logarithm of the normal density at a distance from its centre, but for a constant, with its derivatives.
    pub(crate) fn normal(self, distance: f64) -> (f64, f64, f64) {
        let precision = 1.0 / (self.spread * self.spread);
        (-0.5 * precision * distance * distance, -precision * distance, -precision)
    }
}

/// Beliefs of how fast customers buy: the gamma distribution of rates by its mean r/alpha and its shape r.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatePrior {
    /// Purchases per period: r/alpha.
    pub mean: Belief,
    /// How alike customers are: r.
    pub concentration: Belief,
}

/// Beliefs of how soon customers drop out: the beta distribution of probabilities by its mean a/(a + b) and its concentration a + b.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DropoutPrior {
    /// The probability to drop out after a purchase: a/(a + b).
    pub mean: Belief,
    /// How alike customers are: a + b.
    pub concentration: Belief,
}

/// A prior, for an estimate of maximum posterior density. Its logarithm is added to the *summed* log-likelihood, so it fades as customers come in. The
/// density is that of the logarithms of the parameters, up to a constant. The default is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Prior {
    /// Of the rate of purchases.
    pub rate: Option<RatePrior>,
    /// Of dropping out.
    pub dropout: Option<DropoutPrior>,
}

impl Prior {
    /// What is wrong with it.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let sound = |mean: Belief, concentration: Belief| mean.is_sound() && concentration.is_sound();
        if self.rate.is_some_and(|prior| !sound(prior.mean, prior.concentration))
            || self.dropout.is_some_and(|prior| !sound(prior.mean, prior.concentration))
        {
            return Some("a prior's median and spread must be finite and above 0");
        }
        self.dropout.is_some_and(|prior| prior.mean.median >= 1.0).then_some("the prior's median of a probability must be below 1")
    }

    /// Refuses parts of a prior of which one is wrong.
    pub(crate) fn check(parts: impl IntoIterator<Item = Self>) -> Result<()> {
        let problem = parts.into_iter().find_map(|part| part.problem());
        problem.map_or(Ok(()), |problem| Err(Error::new(ErrorKind::InvalidArgument, problem)))
    }

    /// By (ln r, ln alpha).
    pub(crate) fn rate_jet(&self, rate: Rate) -> Jet {
        let (Some(prior), Rate::Gamma { r, alpha }) = (self.rate, rate) else { return Jet::default() };
        let (mean, slope, bend) = prior.mean.normal(libm::log(r / alpha) - libm::log(prior.mean.median));
        let (concentration, shape_slope, shape_bend) = prior.concentration.normal(libm::log(r) - libm::log(prior.concentration.median));
        Jet { value: mean + concentration, first: [slope + shape_slope, -slope], second: [bend + shape_bend, -bend, bend] }
    }

    /// By (ln a, ln b).
    pub(crate) fn dropout_jet(&self, dropout: Dropout) -> Jet {
        let (Some(prior), Dropout::Beta { a, b }) = (self.dropout, dropout) else { return Jet::default() };
        let median = prior.mean.median;
        let (mean, slope, bend) = prior.mean.normal(libm::log(a / b) - libm::log(median / (1.0 - median)));
        let (concentration, sum_slope, sum_bend) = prior.concentration.normal(libm::log(a + b) - libm::log(prior.concentration.median));
        let share = a / (a + b);
        let other = 1.0 - share;
        Jet {
            value: mean + concentration,
            first: [slope + sum_slope * share, -slope + sum_slope * other],
            second: [
                bend + sum_bend * share * share + sum_slope * share * other,
                -bend + sum_bend * share * other - sum_slope * share * other,
                bend + sum_bend * other * other + sum_slope * share * other,
            ],
        }
    }
}
