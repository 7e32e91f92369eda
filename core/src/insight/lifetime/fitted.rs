//! A model with its parameters: fitted to data, or given.

use std::marker::PhantomData;

use crate::error::{Error, ErrorKind, Result};
use crate::fit_status::FitStatus;

use super::fit::linear::Matrix;
use super::fit::{Fit, Report};
use super::measure::{Measure, Predict, Transactions, column};
use super::normal::quantile;
use super::params::{Params, Scale, at_coordinates, coordinates};
use super::period::Period;
use super::purchases::Purchases;
use super::summary::Summary;

/// A kind of model.
pub trait Model: Sized {
    /// Its parameters.
    type Params: Params;
    /// Its name in documents: `bg_nbd` …
    const NAME: &'static str;
}

/// A model with parameters: only this one predicts. `fit` makes it with standard errors, `from_params` without.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted<M: Model> {
    params: M::Params,
    period: Period,
    estimate: Option<Estimate>,
    model: PhantomData<fn() -> M>,
}

/// What only a fit knows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Estimate {
    /// Of the parameters in the coordinates of the optimiser.
    pub(crate) covariance: Matrix,
    pub(crate) log_likelihood: f64,
    /// With the logarithm of the prior; the log-likelihood where there is none.
    pub(crate) log_posterior: f64,
    pub(crate) customers: f64,
    pub(crate) report: Report,
}

/// A parameter's interval.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfidenceInterval {
    /// The parameter.
    pub name: String,
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

impl<M: Model> Fitted<M> {
    pub(crate) fn known(params: M::Params) -> Result<Self> {
        params.check()?;
        Ok(Self { params, period: Period::WEEK, estimate: None, model: PhantomData })
    }

    pub(crate) fn estimated(params: M::Params, period: Period, estimate: Option<Estimate>) -> Self {
        Self { params, period, estimate, model: PhantomData }
    }

    /// From a maximum; `like` tells the shape of the parameters, `prior` the logarithm of the prior at the maximum.
    pub(crate) fn from_fit(like: &M::Params, fit: Fit, prior: f64, summary: &Summary) -> Self {
        let params = at_coordinates(like, &fit.at);
        let estimate = Estimate {
            covariance: fit.covariance,
            log_likelihood: fit.value - prior,
            log_posterior: fit.value,
            customers: summary.customers(),
            report: fit.report,
        };
        Self::estimated(params, summary.period(), Some(estimate))
    }

    pub(crate) fn estimate(&self) -> Option<&Estimate> {
        self.estimate.as_ref()
    }

    /// The parameters.
    #[must_use]
    pub fn params(&self) -> &M::Params {
        &self.params
    }

    /// The unit of time; a week if the parameters were given without one.
    #[must_use]
    pub fn period(&self) -> Period {
        self.period
    }

    /// The same parameters, to be read in another unit of time.
    #[must_use]
    pub fn with_period(mut self, period: Period) -> Self {
        self.period = period;
        self
    }

    /// How the fit ended: always [`FitStatus::Converged`], for a fit that ends otherwise is an error. None if the parameters were given.
    #[must_use]
    pub fn status(&self) -> Option<FitStatus> {
        self.estimate.as_ref().map(|_| FitStatus::Converged)
    }

    /// How the fit went. None if the parameters were given.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        self.estimate.as_ref().map(|estimate| &estimate.report)
    }

    /// The log-likelihood of the data at the estimate, without the prior. None if the parameters were given.
    #[must_use]
    pub fn log_likelihood(&self) -> Option<f64> {
        self.estimate.as_ref().map(|estimate| estimate.log_likelihood)
    }

    /// The log-likelihood and the logarithm of the prior.
    #[must_use]
    pub fn log_posterior(&self) -> Option<f64> {
        self.estimate.as_ref().map(|estimate| estimate.log_posterior)
    }

    /// Customers the fit saw: the sum of their weights.
    #[must_use]
    pub fn customers(&self) -> Option<f64> {
        self.estimate.as_ref().map(|estimate| estimate.customers)
    }

    /// Akaike's information criterion: 2 k - 2 log-likelihood.
    #[must_use]
    pub fn aic(&self) -> Option<f64> {
        Some(2.0 * self.params.values().len() as f64 - 2.0 * self.log_likelihood()?)
    }

    /// Schwarz's information criterion: k ln(customers) - 2 log-likelihood.
    #[must_use]
    pub fn bic(&self) -> Option<f64> {
        Some(self.params.values().len() as f64 * libm::log(self.customers()?) - 2.0 * self.log_likelihood()?)
    }

    /// Standard errors by the names of the parameters: the delta method on the inverse of the observed information (the negative Hessian at the
    /// maximum). None if the parameters were given.
    #[must_use]
    pub fn standard_errors(&self) -> Option<M::Params> {
        let estimate = self.estimate.as_ref()?;
        let errors: Vec<f64> = self
            .params
            .values()
            .into_iter()
            .zip(self.params.scales())
            .enumerate()
            .map(|(at, (value, scale))| {
                let error = estimate.covariance.get(at, at).sqrt();
                match scale {
                    Scale::Log => value * error,
                    Scale::Linear => error,
                }
            })
            .collect();
        Some(self.params.with_values(&errors))
    }

    /// Wald's interval of each parameter, symmetric in the logarithm for a positive parameter (so it never reaches below 0, and covers better than the
    /// symmetric one), in the value itself for a coefficient.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if `level` is not between 0 and 1, or the parameters were given, not fitted.
    pub fn confidence_intervals(&self, level: f64) -> Result<Vec<ConfidenceInterval>> {
        let z = two_sided(level)?;
        let estimate = self.uncertain()?;
        let centre = coordinates(&self.params);
        let end = |sign: f64| {
            let point: Vec<f64> =
                centre.iter().enumerate().map(|(at, centre)| centre + sign * z * estimate.covariance.get(at, at).sqrt()).collect();
            at_coordinates(&self.params, &point).values()
        };
        let (lower, upper) = (end(-1.0), end(1.0));
        Ok(self
            .params
            .names()
            .into_iter()
            .zip(lower.into_iter().zip(upper))
            .map(|(name, (lower, upper))| ConfidenceInterval { name, lower, upper })
            .collect())
    }

    pub(crate) fn uncertain(&self) -> Result<&Estimate> {
        self.estimate.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::InvalidArgument, "the parameters were given, not fitted: nothing is known of their errors")
                .with_help("fit the model to have intervals")
        })
    }
}

/// The normal quantile of a two-sided interval.
pub(crate) fn two_sided(level: f64) -> Result<f64> {
    if level > 0.0 && level < 1.0 {
        Ok(-quantile(0.5 * (1.0 - level)))
    } else {
        Err(Error::new(ErrorKind::InvalidArgument, format!("a level of {level}: give one between 0 and 1, such as 0.95")))
    }
}

impl<M: Model> Fitted<M>
where
    M::Params: Predict,
{
    /// The answer for every row of a table, in parallel. It is the same to the last bit as one by one, and for any number of threads. The table's
    /// times are read in the model's period, whatever the table's own.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the model does not have the measure, or its time or rate is out of range.
    pub fn predict(&self, summary: &Summary, measure: Measure) -> Result<Vec<f64>> {
        check::<M>(measure)?;
        self.params().reads(summary)?;
        Ok(column(&self.params, measure, summary))
    }
}

/// Whether a model can answer.
pub(crate) fn check<M: Model>(measure: Measure) -> Result<()>
where
    M::Params: Predict,
{
    if !M::Params::answers(measure) {
        let help = match measure {
            Measure::ConditionalExpectedSpend => "ask a model of spend, such as gamma_gamma",
            _ => "ask a model of purchases, such as bg_nbd",
        };
        return Err(Error::new(ErrorKind::InvalidArgument, format!("{} does not answer `{}`", M::NAME, measure.name())).with_help(help));
    }
    let (what, value) = match measure {
        Measure::ConditionalExpectedTransactions { periods } | Measure::ExpectedTransactions { periods } => ("time in periods", periods),
        Measure::DiscountedExpectedResidualTransactions { discount_rate: 0.0 } => {
            return Err(Error::new(ErrorKind::InvalidArgument, "a discount rate of 0: the residual transactions may then be infinite")
                .with_help("give the continuous rate per period, such as 0.0027 a week for 15 % a year"));
        }
        Measure::DiscountedExpectedResidualTransactions { discount_rate } => ("discount rate", discount_rate),
        _ => return Ok(()),
    };
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidArgument, format!("a {what} of {value}: it must be finite and not negative")))
}

impl<M: Model> Fitted<M>
where
    M::Params: Transactions,
{
    /// That the customer has not dropped out by the end of the observation.
    #[must_use]
    pub fn probability_alive(&self, row: &Purchases) -> f64 {
        self.params.probability_alive(row)
    }

    /// Purchases to expect of the customer in the next `periods` (of the model: weeks, say).
    #[must_use]
    pub fn conditional_expected_transactions(&self, row: &Purchases, periods: f64) -> f64 {
        self.params.conditional_expected_transactions(row, periods)
    }

    /// Purchases to expect of a new customer within `periods` of the first, which does not count.
    #[must_use]
    pub fn expected_transactions(&self, periods: f64) -> f64 {
        self.params.expected_transactions(periods)
    }

    /// All purchases to come of the customer, each discounted continuously at `discount_rate` per period.
    #[must_use]
    pub fn discounted_expected_residual_transactions(&self, row: &Purchases, discount_rate: f64) -> f64 {
        self.params.discounted_expected_residual_transactions(row, discount_rate)
    }
}
