//! Covariates that do not change with time.

mod effects;
mod objective;
mod params;

use std::marker::PhantomData;

use crate::error::{Error, ErrorKind, Result};

use super::beta_geometric::grouped;
use super::fit::fit;
use super::fit::linear::Matrix;
use super::fitted::{Fitted, Model};
use super::params::{Params, coordinates};
use super::summary::Summary;

use objective::{Data, Likelihood};

pub use effects::{CovariateModel, WithEffects};
pub use params::{Coefficient, CovariateParams};

/// [`BgNbd`](super::BgNbd) or [`ParetoNbd`](super::ParetoNbd) whose customers differ by what is known of them beside their purchases: gender, the channel
/// of the first order, the price of it. The covariates are columns of the summary and do not change with time.
///
/// Each customer has parameters of their own. With the score of the transactions `trans` = Σ coefficient × covariate, that of the lifetime `life` alike:
///
/// ```text
/// Pareto/NBD   α exp(-trans)    β exp(-life)
/// BG/NBD       α exp(-trans)    a exp(life), b exp(life)
/// ```
///
/// so that `trans` multiplies the mean rate of buying by exp(trans), and for Pareto/NBD `life` multiplies the mean rate of dropping out. For BG/NBD `life`
/// leaves the mean probability of dropping out, a/(a + b), and makes customers more alike; that is the form of the literature.
///
/// References: Fader and Hardie 2007, "Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models"; the R package CLVTools 0.11
/// (`bgnbd_staticcov_LL`, `pnbd_staticcov_LL`).
///
/// ```
/// use wayfare::lifetime::{BgNbd, Params, ParetoNbd, Purchases, WithCovariates};
/// let named = |names: &[(&str, f64)]| names.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect::<Vec<_>>();
/// let params = named(&[("r", 0.55), ("alpha", 10.6), ("s", 0.61), ("beta", 11.7), ("life.gender", -0.4), ("trans.gender", 0.5)]);
/// let model = WithCovariates::<ParetoNbd>::from_params(&params)?;
/// let woman = model.for_customer(&named(&[("gender", 1.0)]))?;
/// assert!((woman.params().alpha - 10.6 * (-0.5_f64).exp()).abs() < 1e-12);
/// let row = Purchases { frequency: 2, recency: 20.0, age: 30.0, monetary_value: 0.0 };
/// assert!(woman.conditional_expected_transactions(&row, 52.0) > 0.0);
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct WithCovariates<M> {
    life: Vec<String>,
    trans: Vec<String>,
    penalty: [f64; 2],
    model: PhantomData<M>,
}

impl<M: CovariateModel> Model for WithCovariates<M> {
    type Params = CovariateParams<M::Params>;
    const NAME: &'static str = M::WITH_COVARIATES;
}

impl<M: CovariateModel> WithCovariates<M> {
    /// With the names of the covariates that bear on the lifetime, and of those that bear on the transactions; a covariate may be in both.
    pub fn new<L: Into<String>, T: Into<String>>(life: impl IntoIterator<Item = L>, trans: impl IntoIterator<Item = T>) -> Self {
        let life = life.into_iter().map(Into::into).collect();
        Self { life, trans: trans.into_iter().map(Into::into).collect(), penalty: [0.0; 2], model: PhantomData }
    }

    /// With a penalty: `life` times the sum of the squared coefficients of the lifetime, and `trans` alike, come off the *summed* log-likelihood, so it fades
    /// as customers come in. CLVTools takes `reg.lambdas` off the log-likelihood per customer: theirs times the number of customers is ours.
    #[must_use]
    pub fn with_penalty(mut self, life: f64, trans: f64) -> Self {
        self.penalty = [life, trans];
        self
    }

    /// The parameters and coefficients that make the data most likely.
    ///
    /// # Errors
    /// As [`BgNbd::fit`](super::BgNbd::fit). [`ErrorKind::InvalidArgument`] if the summary lacks a covariate, one is the same for every customer or named
    /// twice, or a penalty is negative or not finite.
    pub fn fit(&self, summary: &Summary) -> Result<Fitted<Self>> {
        let wrong = |what: String| Err(Error::new(ErrorKind::InvalidArgument, what));
        if self.penalty.iter().any(|penalty| !(penalty.is_finite() && *penalty >= 0.0)) {
            return wrong("a penalty must be finite and 0 or more".to_owned());
        }
        for group in [&self.life, &self.trans] {
            for (at, name) in group.iter().enumerate() {
                if group.iter().take(at).any(|other| other == name) {
                    return wrong(format!("covariate `{name}` is given twice"));
                }
            }
        }
        let names = || self.life.iter().chain(&self.trans);
        let columns: Vec<&[f64]> =
            names().map(|name| summary.covariate(name).ok_or_else(|| params::missing(name))).collect::<Result<_>>()?;
        let grouped = grouped(Self::NAME, summary, 1, false)?;
        let data = match Data::new(summary, &columns, self.life.len(), grouped.purchases.clone()) {
            Ok(data) => data,
            Err(at) => {
                let name = names().nth(at).map_or("", String::as_str);
                return wrong(format!("covariate `{name}` is the same for every customer: it tells nothing apart"));
            }
        };
        let objective = Likelihood::<M::Params> { data: &data, penalty: self.penalty, params: PhantomData };
        let without = M::fit_without(summary);
        let with_zeros = |start: Vec<f64>| [start, vec![0.0; columns.len()]].concat();
        let starts: Vec<Vec<f64>> = match &without {
            Ok(fitted) => vec![with_zeros(coordinates(fitted.params()))],
            Err(_) => super::pareto_nbd::starts(&grouped).into_iter().map(with_zeros).collect(),
        };
        let coefficients = |names: &[String]| names.iter().map(|name| Coefficient { covariate: name.clone(), value: 0.0 }).collect();
        let like = CovariateParams { model: M::unit(), life: coefficients(&self.life), trans: coefficients(&self.trans) };
        // A model that runs to an edge without covariates names the limit model; that says more than the ridge it leaves here.
        let mut found =
            fit(Self::NAME, &like.names(), &objective, &starts, false, Vec::new).map_err(|error| without.err().unwrap_or(error))?;
        let prior = objective.log_prior(&found.at);
        let back = self.to_given::<M>(&data);
        found.at = back.times(&found.at);
        found.covariance = sandwich(&back, &found.covariance);
        Ok(Fitted::from_fit(&like, found, prior, summary))
    }

    /// The linear map from coefficients of standardised covariates to those of the covariates as they were given.
    fn to_given<B: CovariateModel>(&self, data: &Data) -> Matrix {
        let size = 4 + data.standards.len();
        let mut map = Matrix::from_fn(size, |row, column| f64::from(u8::from(row == column)));
        for (at, standard) in data.standards.iter().enumerate() {
            let direction = if at < data.lives { B::Params::LIFE } else { B::Params::TRANS };
            map.set(4 + at, 4 + at, 1.0 / standard.deviation);
            for (row, by) in direction.into_iter().enumerate() {
                map.set(row, 4 + at, -by * standard.mean / standard.deviation);
            }
        }
        map
    }

    /// The model with parameters and coefficients that are known, by name: `r`, …, `life.gender`, `trans.gender`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if a parameter is missing, unknown, given twice or out of range.
    pub fn from_params(named: &[(String, f64)]) -> Result<Fitted<Self>> {
        Fitted::known(CovariateParams::from_named(named)?)
    }
}

/// A C Aᵀ.
fn sandwich(map: &Matrix, covariance: &Matrix) -> Matrix {
    let size = map.size();
    let row = |at: usize| (0..size).map(|column| map.get(at, column)).collect::<Vec<f64>>();
    Matrix::from_fn(size, |one, other| super::fit::linear::dot(&row(one), &covariance.times(&row(other))))
}

impl<M: CovariateModel> Fitted<WithCovariates<M>> {
    /// The model of one customer, by their covariates; it answers what the model without covariates does.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if a covariate of the model is missing or not finite.
    pub fn for_customer(&self, covariates: &[(String, f64)]) -> Result<Fitted<M>> {
        Ok(Fitted::known(self.params().of_customer(covariates)?)?.with_period(self.period()))
    }
}
