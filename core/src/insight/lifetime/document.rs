//! A fitted model as data: what bindings, pickles and journey files carry.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::error::{Error, ErrorKind, Result};
use crate::fit_status::FitStatus;

use super::bg_bb::{BgBb, BgBbParams};
use super::bg_nbd::{BgNbd, BgNbdParams};
use super::covariates::{CovariateModel, WithCovariates};
use super::fit::Report;
use super::fit::linear::Matrix;
use super::fitted::{ConfidenceInterval, Estimate, Fitted, Model};
use super::gamma_gamma::{GammaGamma, GammaGammaParams};
use super::intervals::{IntervalMethod, Intervals};
use super::mbg_nbd::{MbgNbd, MbgNbdParams};
use super::measure::Measure;
use super::nbd::{Nbd, NbdParams};
use super::params::Params;
use super::pareto_nbd::{ParetoNbd, ParetoNbdParams};
use super::period::Period;
use super::summary::Summary;
use super::value::Horizon;

/// The version of the document.
const VERSION: u32 = 1;

/// Any model with its parameters. As a document it is `{"version": 1, "model": "bg_nbd", "period_days": 7, "params": {"r": 0.243, …}}`, and for a fit
/// also `covariance` (of the logarithms of the parameters), `log_likelihood`, `log_posterior`, `customers` and `report`.
///
/// ```
/// use wayfare::lifetime::{FittedModel, Period};
/// let text = r#"{"version": 1, "model": "bg_nbd", "period_days": 7, "params": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}}"#;
/// let model: FittedModel = serde_json::from_str(text)?;
/// assert_eq!((model.name(), model.period()), ("bg_nbd", Period::WEEK));
/// assert_eq!(model.params()[1], ("alpha".to_owned(), 4.414));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
#[non_exhaustive]
pub enum FittedModel {
    /// BG/NBD.
    BgNbd(Fitted<BgNbd>),
    /// MBG/NBD.
    MbgNbd(Fitted<MbgNbd>),
    /// NBD.
    Nbd(Fitted<Nbd>),
    /// Pareto/NBD.
    ParetoNbd(Fitted<ParetoNbd>),
    /// BG/BB.
    BgBb(Fitted<BgBb>),
    /// BG/NBD with covariates.
    BgNbdCovariates(Fitted<WithCovariates<BgNbd>>),
    /// Pareto/NBD with covariates.
    ParetoNbdCovariates(Fitted<WithCovariates<ParetoNbd>>),
    /// Gamma-Gamma.
    GammaGamma(Fitted<GammaGamma>),
}

/// Does the same with whatever model it is.
macro_rules! each {
    ($model:expr, $fitted:ident => $do:expr) => {
        match $model {
            FittedModel::BgNbd($fitted) => $do,
            FittedModel::MbgNbd($fitted) => $do,
            FittedModel::Nbd($fitted) => $do,
            FittedModel::ParetoNbd($fitted) => $do,
            FittedModel::BgBb($fitted) => $do,
            FittedModel::BgNbdCovariates($fitted) => $do,
            FittedModel::ParetoNbdCovariates($fitted) => $do,
            FittedModel::GammaGamma($fitted) => $do,
        }
    };
}

pub(crate) use each;

/// Does the same with whatever model of purchases over time it is.
macro_rules! each_of_purchases {
    ($model:expr, $fitted:ident => $do:expr) => {
        match $model {
            FittedModel::BgNbd($fitted) => $do,
            FittedModel::MbgNbd($fitted) => $do,
            FittedModel::Nbd($fitted) => $do,
            FittedModel::ParetoNbd($fitted) => $do,
            FittedModel::BgBb($fitted) => $do,
            FittedModel::BgNbdCovariates($fitted) => $do,
            FittedModel::ParetoNbdCovariates($fitted) => $do,
            FittedModel::GammaGamma(_) => Err(no_purchases()),
        }
    };
}

fn no_purchases() -> Error {
    Error::new(ErrorKind::InvalidArgument, "gamma_gamma is a model of spend: it does not tell how often a customer buys")
        .with_help("ask a model of purchases, such as bg_nbd")
}

/// A prior from its document.
fn believed<P: DeserializeOwned + Default>(prior: &serde_json::Value) -> Result<P> {
    if prior.is_null() {
        return Ok(P::default());
    }
    P::deserialize(prior).map_err(|error| {
        Error::new(ErrorKind::InvalidArgument, format!("the prior cannot be read: {error}"))
            .with_help("a belief is `{median, spread}`, and a prior names what it is of as the model's page does")
    })
}

impl FittedModel {
    /// Fits the model of that name. A prior is a document of the model's own ([`Prior`](super::Prior), [`SpendPrior`](super::SpendPrior) …), such as
    /// `{"rate": {"mean": {"median": 0.1, "spread": 1}, "concentration": {"median": 1, "spread": 1}}}`; none is null.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for an unknown name and a document that is no prior of the model, else those of the model's own `fit`.
    pub fn fit(model: &str, summary: &Summary, prior: &serde_json::Value) -> Result<Self> {
        Ok(match model {
            BgNbd::NAME => Self::BgNbd(BgNbd::new().with_prior(believed(prior)?).fit(summary)?),
            MbgNbd::NAME => Self::MbgNbd(MbgNbd::new().with_prior(believed(prior)?).fit(summary)?),
            Nbd::NAME => Self::Nbd(Nbd::new().with_prior(believed(prior)?).fit(summary)?),
            ParetoNbd::NAME => Self::ParetoNbd(ParetoNbd::new().with_prior(believed(prior)?).fit(summary)?),
            BgBb::NAME => Self::BgBb(BgBb::new().with_prior(believed(prior)?).fit(summary)?),
            GammaGamma::NAME => Self::GammaGamma(GammaGamma::new().with_prior(believed(prior)?).fit(summary)?),
            WithCovariates::<BgNbd>::NAME | WithCovariates::<ParetoNbd>::NAME if !prior.is_null() => {
                return Err(Error::new(ErrorKind::InvalidArgument, format!("{model} takes no prior")).with_help("give a penalty instead"));
            }
            WithCovariates::<BgNbd>::NAME => Self::BgNbdCovariates(with_all(summary).fit(summary)?),
            WithCovariates::<ParetoNbd>::NAME => Self::ParetoNbdCovariates(with_all(summary).fit(summary)?),
            other => return Err(unknown(other)),
        })
    }

    /// Fits the model of that name (`bg_nbd` or `pareto_nbd`) with covariates of the summary: those named in `life` on the lifetime, those in `trans` on the
    /// transactions, and their penalties; see [`WithCovariates`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a model that takes no covariates, else those of [`WithCovariates::fit`].
    pub fn fit_with_covariates(model: &str, summary: &Summary, life: &[String], trans: &[String], penalty: [f64; 2]) -> Result<Self> {
        let [on_life, on_trans] = penalty;
        Ok(match model {
            BgNbd::NAME => Self::BgNbdCovariates(WithCovariates::new(life, trans).with_penalty(on_life, on_trans).fit(summary)?),
            ParetoNbd::NAME => Self::ParetoNbdCovariates(WithCovariates::new(life, trans).with_penalty(on_life, on_trans).fit(summary)?),
            other => {
                return Err(Error::new(ErrorKind::InvalidArgument, format!("{other} takes no covariates")).with_help(format!(
                    "give one of {}, {}",
                    BgNbd::NAME,
                    ParetoNbd::NAME
                )));
            }
        })
    }

    /// The model of that name with parameters that are known.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for an unknown name, and a parameter that is missing, unknown or out of range.
    pub fn from_params(model: &str, params: &[(String, f64)], period: Period) -> Result<Self> {
        let made = match model {
            BgNbd::NAME => Self::BgNbd(Fitted::known(BgNbdParams::from_named(params)?)?.with_period(period)),
            MbgNbd::NAME => Self::MbgNbd(Fitted::known(MbgNbdParams::from_named(params)?)?.with_period(period)),
            Nbd::NAME => Self::Nbd(Fitted::known(NbdParams::from_named(params)?)?.with_period(period)),
            ParetoNbd::NAME => Self::ParetoNbd(Fitted::known(ParetoNbdParams::from_named(params)?)?.with_period(period)),
            BgBb::NAME => Self::BgBb(Fitted::known(BgBbParams::from_named(params)?)?.with_period(period)),
            WithCovariates::<BgNbd>::NAME => Self::BgNbdCovariates(WithCovariates::from_params(params)?.with_period(period)),
            WithCovariates::<ParetoNbd>::NAME => Self::ParetoNbdCovariates(WithCovariates::from_params(params)?.with_period(period)),
            GammaGamma::NAME => Self::GammaGamma(Fitted::known(GammaGammaParams::from_named(params)?)?.with_period(period)),
            other => return Err(unknown(other)),
        };
        Ok(made)
    }

    /// The model's name: `bg_nbd` …
    #[must_use]
    pub fn name(&self) -> &'static str {
        fn name<M: Model>(_: &Fitted<M>) -> &'static str {
            M::NAME
        }
        each!(self, fitted => name(fitted))
    }

    /// The unit of time.
    #[must_use]
    pub fn period(&self) -> Period {
        each!(self, fitted => fitted.period())
    }

    /// Names and values of the parameters.
    #[must_use]
    pub fn params(&self) -> Vec<(String, f64)> {
        each!(self, fitted => fitted.params().named())
    }

    /// Names and standard errors; see [`Fitted::standard_errors`].
    #[must_use]
    pub fn standard_errors(&self) -> Option<Vec<(String, f64)>> {
        each!(self, fitted => fitted.standard_errors().map(|errors| errors.named()))
    }

    /// See [`Fitted::confidence_intervals`].
    ///
    /// # Errors
    /// As there.
    pub fn confidence_intervals(&self, level: f64) -> Result<Vec<ConfidenceInterval>> {
        each!(self, fitted => fitted.confidence_intervals(level))
    }

    /// See [`Fitted::log_likelihood`].
    #[must_use]
    pub fn log_likelihood(&self) -> Option<f64> {
        each!(self, fitted => fitted.log_likelihood())
    }

    /// See [`Fitted::aic`].
    #[must_use]
    pub fn aic(&self) -> Option<f64> {
        each!(self, fitted => fitted.aic())
    }

    /// See [`Fitted::bic`].
    #[must_use]
    pub fn bic(&self) -> Option<f64> {
        each!(self, fitted => fitted.bic())
    }

    /// See [`Fitted::customers`].
    #[must_use]
    pub fn customers(&self) -> Option<f64> {
        each!(self, fitted => fitted.customers())
    }

    /// See [`Fitted::status`].
    #[must_use]
    pub fn status(&self) -> Option<FitStatus> {
        each!(self, fitted => fitted.status())
    }

    /// See [`Fitted::report`].
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        each!(self, fitted => fitted.report())
    }

    /// The measure of that name, with its time in days and its rate per period, as far as it has them: `probability_alive`,
    /// `conditional_expected_transactions`, `expected_transactions`, `discounted_expected_residual_transactions`, `conditional_expected_spend`,
    /// `log_likelihood`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for an unknown name, and a time or rate that is missing or not wanted.
    pub fn measure(&self, name: &str, days: Option<f64>, discount_rate: Option<f64>) -> Result<Measure> {
        Measure::named(name, days.map(|days| self.period().periods(days)), discount_rate)
    }

    /// The probability that a new customer makes exactly `count` repeat purchases within `days` of the first; see [`Fitted::probability_of_count`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if this is a model of spend or one with covariates, which has no one new customer, or the time is negative or not
    /// finite.
    pub fn probability_of_count(&self, count: u32, days: f64) -> Result<f64> {
        if !(days.is_finite() && days >= 0.0) {
            return Err(Error::new(ErrorKind::InvalidArgument, format!("a time of {days} days: it must be finite and not negative")));
        }
        let periods = self.period().periods(days);
        match self {
            Self::BgNbd(fitted) => Ok(fitted.probability_of_count(count, periods)),
            Self::MbgNbd(fitted) => Ok(fitted.probability_of_count(count, periods)),
            Self::Nbd(fitted) => Ok(fitted.probability_of_count(count, periods)),
            Self::ParetoNbd(fitted) => Ok(fitted.probability_of_count(count, periods)),
            Self::BgBb(fitted) => Ok(fitted.probability_of_count(count, periods)),
            Self::GammaGamma(_) => Err(no_purchases()),
            Self::BgNbdCovariates(_) | Self::ParetoNbdCovariates(_) => {
                Err(Error::new(ErrorKind::InvalidArgument, format!("{} has no one new customer: each has covariates", self.name()))
                    .with_help("ask the model of a customer with given covariates"))
            }
        }
    }

    /// See [`Fitted::predict`].
    ///
    /// # Errors
    /// As there.
    pub fn predict(&self, summary: &Summary, measure: Measure) -> Result<Vec<f64>> {
        each!(self, fitted => fitted.predict(summary, measure))
    }

    /// See [`Fitted::predict_intervals`].
    ///
    /// # Errors
    /// As there.
    pub fn predict_intervals(&self, summary: &Summary, measure: Measure, level: f64, method: IntervalMethod) -> Result<Intervals> {
        each!(self, fitted => fitted.predict_intervals(summary, measure, level, method))
    }

    /// See [`Fitted::customer_lifetime_value`].
    ///
    /// # Errors
    /// As there, and [`ErrorKind::InvalidArgument`] if this is no model of purchases or `spend` none of spend.
    pub fn customer_lifetime_value(&self, spend: &Self, summary: &Summary, horizon: &Horizon) -> Result<Vec<f64>> {
        let spend = spend.spend()?;
        each_of_purchases!(self, fitted => fitted.customer_lifetime_value(spend, summary, horizon))
    }

    /// See [`Fitted::customer_lifetime_value_intervals`].
    ///
    /// # Errors
    /// As there, and [`ErrorKind::InvalidArgument`] if this is no model of purchases or `spend` none of spend.
    pub fn customer_lifetime_value_intervals(
        &self,
        spend: &Self,
        summary: &Summary,
        horizon: &Horizon,
        level: f64,
        method: IntervalMethod,
    ) -> Result<Intervals> {
        let spend = spend.spend()?;
        each_of_purchases!(self, fitted => fitted.customer_lifetime_value_intervals(spend, summary, horizon, level, method))
    }

    fn spend(&self) -> Result<&Fitted<GammaGamma>> {
        match self {
            Self::GammaGamma(fitted) => Ok(fitted),
            other => Err(Error::new(ErrorKind::InvalidArgument, format!("{} is no model of spend", other.name()))
                .with_help("give a fitted gamma_gamma as `spend`")),
        }
    }
}

/// Every covariate of the summary, on the lifetime and on the transactions.
fn with_all<M: CovariateModel>(summary: &Summary) -> WithCovariates<M> {
    WithCovariates::new(summary.covariate_names(), summary.covariate_names())
}

fn unknown(model: &str) -> Error {
    let covariates = [WithCovariates::<BgNbd>::NAME, WithCovariates::<ParetoNbd>::NAME];
    let names = [[BgNbd::NAME, MbgNbd::NAME, Nbd::NAME, ParetoNbd::NAME, BgBb::NAME, GammaGamma::NAME].as_slice(), &covariates].concat();
    Error::new(ErrorKind::InvalidArgument, format!("there is no model `{model}`")).with_help(format!("give one of {}", names.join(", ")))
}

/// The document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    model: String,
    period_days: f64,
    params: IndexMap<String, f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    covariance: Option<Vec<Vec<f64>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log_likelihood: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log_posterior: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customers: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    report: Option<Report>,
}

impl From<FittedModel> for Document {
    fn from(model: FittedModel) -> Self {
        let estimate = each!(&model, fitted => fitted.estimate());
        let rows =
            |matrix: &Matrix| (0..matrix.size()).map(|row| (0..matrix.size()).map(|column| matrix.get(row, column)).collect()).collect();
        Self {
            version: VERSION,
            model: model.name().to_owned(),
            period_days: model.period().days(),
            params: model.params().into_iter().collect(),
            covariance: estimate.map(|estimate| rows(&estimate.covariance)),
            log_likelihood: estimate.map(|estimate| estimate.log_likelihood),
            log_posterior: estimate.map(|estimate| estimate.log_posterior),
            customers: estimate.map(|estimate| estimate.customers),
            report: estimate.map(|estimate| estimate.report.clone()),
        }
    }
}

impl TryFrom<Document> for FittedModel {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        let wrong = |what: String| Error::new(ErrorKind::InvalidArgument, what);
        if document.version != VERSION {
            return Err(wrong(format!("version {} of a fitted model: this program reads {VERSION}", document.version)));
        }
        let estimate = document.estimate()?;
        let params: Vec<(String, f64)> = document.params.into_iter().collect();
        let known = Self::from_params(&document.model, &params, Period::from_days(document.period_days)?)?;
        let Some(estimate) = estimate else { return Ok(known) };
        let ordered: Vec<String> = known.params().into_iter().map(|(name, _)| name).collect();
        if !params.iter().map(|(name, _)| name).eq(&ordered) {
            return Err(wrong(format!("the parameters stand in another order than the covariance: give {}", ordered.join(", "))));
        }
        Ok(match known {
            Self::BgNbd(fitted) => Self::BgNbd(fitted.with_estimate(estimate)?),
            Self::MbgNbd(fitted) => Self::MbgNbd(fitted.with_estimate(estimate)?),
            Self::Nbd(fitted) => Self::Nbd(fitted.with_estimate(estimate)?),
            Self::ParetoNbd(fitted) => Self::ParetoNbd(fitted.with_estimate(estimate)?),
            Self::BgBb(fitted) => Self::BgBb(fitted.with_estimate(estimate)?),
            Self::BgNbdCovariates(fitted) => Self::BgNbdCovariates(fitted.with_estimate(estimate)?),
            Self::ParetoNbdCovariates(fitted) => Self::ParetoNbdCovariates(fitted.with_estimate(estimate)?),
            Self::GammaGamma(fitted) => Self::GammaGamma(fitted.with_estimate(estimate)?),
        })
    }
}

impl Document {
    /// All that a fit knows, or nothing.
    fn estimate(&self) -> Result<Option<Estimate>> {
        let (covariance, log_likelihood, log_posterior, customers, report) =
            match (&self.covariance, self.log_likelihood, self.log_posterior, self.customers, &self.report) {
                (None, None, None, None, None) => return Ok(None),
                (Some(one), Some(two), Some(three), Some(four), Some(five)) => (one, two, three, four, five),
                _ => {
                    return Err(Error::new(
                        ErrorKind::InvalidArgument,
                        "a fitted model has all of covariance, log_likelihood, log_posterior, customers and report, or none",
                    ));
                }
            };
        let size = covariance.len();
        let entry = |row: usize, column: usize| covariance.get(row).and_then(|row| row.get(column)).copied().unwrap_or(f64::NAN);
        let square = Matrix::from_fn(size, entry);
        if covariance.iter().any(|row| row.len() != size) || square.cholesky().is_none() {
            return Err(Error::new(ErrorKind::InvalidArgument, "the covariance is no square, positive definite matrix"));
        }
        Ok(Some(Estimate { covariance: square, log_likelihood, log_posterior, customers, report: report.clone() }))
    }
}

impl<M: Model> Fitted<M> {
    /// With what a fit knew.
    fn with_estimate(self, estimate: Estimate) -> Result<Self> {
        if estimate.covariance.size() != self.params().values().len() {
            return Err(Error::new(ErrorKind::InvalidArgument, "the covariance has another size than the parameters"));
        }
        Ok(Self::estimated(self.params().clone(), self.period(), Some(estimate)))
    }
}
