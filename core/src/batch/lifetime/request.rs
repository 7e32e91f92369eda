//! What is asked of lifetime models as documents: what the bindings hand over, with the defaults of every choice.

use serde::{Deserialize, Serialize};

use super::super::output::{ResultColumn, ResultTable};
use super::super::{OnError, Progress};
use super::summary::SummaryOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::insight::lifetime::{
    ConfidenceInterval, FitStatus, FittedModel, Horizon, IntervalMethod, Intervals, Measure, Period, Purchases, Summary,
};

/// Draws of the parameters, unless their number is said.
const DRAWS: usize = 1000;

/// A period as a word (`day`, `week`, `month`, `year`) or a number of days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PeriodChoice {
    /// A number of days.
    Days(f64),
    /// A word.
    Word(String),
}

impl Default for PeriodChoice {
    fn default() -> Self {
        Self::Days(Period::default().days())
    }
}

impl PeriodChoice {
    /// The period.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for an unknown word, and a number that is not finite and above 0.
    pub fn period(&self) -> Result<Period> {
        match self {
            Self::Days(days) => Period::from_days(*days),
            Self::Word(word) => word.parse(),
        }
    }
}

/// [`SummaryOptions`] as a document; what is not there is at its default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SummaryRequest {
    /// The unit of recency and age.
    pub period: PeriodChoice,
    /// Until when purchases were observed.
    pub observed_until: String,
    /// Where the calibration ends.
    pub calibration_until: Option<String>,
    /// The zone in which days are counted, and which times without a zone are of.
    pub time_zone: Option<String>,
    /// What becomes of values of zero or less.
    pub returns: Option<String>,
    /// The kinds that are purchases.
    pub of: Vec<String>,
    /// The column of the customer.
    pub customer: Option<String>,
    /// The column of the instant.
    pub at: Option<String>,
    /// The column of the value.
    pub value: Option<String>,
    /// `raise` or `collect`.
    pub on_error: Option<String>,
}

impl SummaryRequest {
    /// Calls with the options that it stands for.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a choice that there is not, and what the call gives.
    pub fn with<T>(&self, progress: Option<Progress<'_>>, call: impl FnOnce(&SummaryOptions<'_>) -> Result<T>) -> Result<T> {
        let of: Vec<&str> = self.of.iter().map(String::as_str).collect();
        let until: crate::insight::lifetime::Until = self.observed_until.parse()?;
        let mut options = SummaryOptions { period: self.period.period()?, of: &of, ..SummaryOptions::new(until) };
        options.calibration_until = self.calibration_until.as_deref().map(str::parse).transpose()?;
        options.returns = self.returns.as_deref().map_or(Ok(options.returns), str::parse)?;
        options.time_zone = self.time_zone.as_deref().unwrap_or(options.time_zone);
        options.customer = self.customer.as_deref().unwrap_or(options.customer);
        options.at = self.at.as_deref().unwrap_or(options.at);
        options.value = self.value.as_deref();
        options.on_error = match self.on_error.as_deref() {
            None | Some("raise") => OnError::Fail,
            Some("collect") => OnError::Collect,
            Some(_) => return Err(Error::new(ErrorKind::InvalidArgument, "`on_error` is neither \"raise\" nor \"collect\"")),
        };
        options.progress = progress;
        call(&options)
    }
}

/// Which columns of a table of customers are read, and in which unit their times are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FitRequest {
    /// The unit of recency and age.
    pub period: PeriodChoice,
    /// The column of how many customers each row stands for.
    pub weights: Option<String>,
    /// The columns of covariates that bear on how long customers stay.
    pub life: Vec<String>,
    /// The columns of covariates that bear on how often they buy.
    pub trans: Vec<String>,
    /// The penalties of the squared coefficients of the two; none when absent.
    pub penalty: Option<[f64; 2]>,
    /// The model's prior as a document; none when absent.
    pub prior: Option<serde_json::Value>,
}

impl FitRequest {
    /// What a fitted model reads of a table: its own period and covariates.
    #[must_use]
    pub fn of(model: &FittedModel) -> Self {
        let named = |prefix: &str| {
            let params = model.params().into_iter();
            params.filter_map(|(name, _)| name.strip_prefix(prefix).map(str::to_owned)).collect()
        };
        Self { period: PeriodChoice::Days(model.period().days()), life: named("life."), trans: named("trans."), ..Self::default() }
    }

    /// The columns of covariates, each once.
    #[must_use]
    pub fn covariates(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.life.iter().chain(&self.trans) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// Fits the model of that name, with the covariates if there are any.
    ///
    /// # Errors
    /// As [`FittedModel::fit`] and [`FittedModel::fit_with_covariates`].
    pub fn fit(&self, model: &str, summary: &Summary) -> Result<FittedModel> {
        match (self.life.is_empty() && self.trans.is_empty(), &self.prior) {
            (true, prior) => FittedModel::fit(model, summary, prior.as_ref().unwrap_or(&serde_json::Value::Null)),
            (false, Some(_)) => Err(invalid("a fit with covariates takes no `prior`").with_help("give a `penalty` instead")),
            (false, None) => FittedModel::fit_with_covariates(model, summary, &self.life, &self.trans, self.penalty.unwrap_or_default()),
        }
    }
}

/// A prediction: which one, how far ahead, and how sure.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PredictionRequest {
    /// Its name: `probability_alive` …
    pub measure: String,
    /// How many days ahead.
    pub days: Option<f64>,
    /// How many periods of the model ahead, in place of days: what a model that counts opportunities wants.
    pub periods: Option<f64>,
    /// How many repeat purchases, of `probability_of_count`.
    pub count: Option<u32>,
    /// The continuous discount rate per period, of discounted transactions.
    pub discount_rate: Option<f64>,
    /// The discount per 30 days, of a customer's lifetime value; 0.01 when absent, as in `lifetimes`.
    pub discount: Option<f64>,
    /// The part of the spend that is kept, of a customer's lifetime value; 1 when absent.
    pub margin: Option<f64>,
    /// With an interval of this level.
    pub interval: Option<f64>,
    /// The interval by so many draws of the parameters, 1000 when only a seed is given; by the delta method when neither is.
    pub draws: Option<usize>,
    /// Where the draws begin.
    pub seed: Option<u64>,
}

impl PredictionRequest {
    /// How an interval is made.
    fn method(&self) -> IntervalMethod {
        match (self.draws, self.seed) {
            (None, None) => IntervalMethod::Delta,
            (draws, seed) => IntervalMethod::Draws { count: draws.unwrap_or(DRAWS), seed: seed.unwrap_or(0) },
        }
    }

    /// How far ahead, in periods of the model.
    fn ahead(&self, model: &FittedModel) -> Result<Option<f64>> {
        match (self.days, self.periods) {
            (Some(_), Some(_)) => Err(invalid("`days` and `periods` are both given").with_help("give one of them")),
            (Some(days), None) => Ok(Some(model.period().periods(days))),
            (None, periods) => Ok(periods),
        }
    }

    /// How far ahead, in days.
    fn days_ahead(&self, model: &FittedModel) -> Result<f64> {
        let Some(periods) = self.ahead(model)? else { return Err(invalid(format!("`{}` wants `days`", self.measure))) };
        Ok(self.days.unwrap_or(periods * model.period().days()))
    }

    fn horizon(&self, model: &FittedModel) -> Result<Horizon> {
        let days = self.days_ahead(model)?;
        Ok(Horizon { days, discount: self.discount.unwrap_or(0.01), margin: self.margin.unwrap_or(1.0) })
    }

    /// The prediction for every row, and with an interval its standard error and ends: columns `NAME`, `NAME_standard_error`, `NAME_lower`, `NAME_upper`.
    /// `customer_lifetime_value` wants a model of `spend`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a prediction that there is not or the model does not make, and for options that it does not take.
    pub fn predict(&self, model: &FittedModel, spend: Option<&FittedModel>, summary: &Summary) -> Result<ResultTable> {
        let name = self.measure.as_str();
        let mut columns = Vec::new();
        match (name, spend) {
            ("customer_lifetime_value", Some(spend)) => {
                let horizon = self.horizon(model)?;
                match self.interval {
                    None => columns.push((name.to_owned(), model.customer_lifetime_value(spend, summary, &horizon)?)),
                    Some(level) => {
                        let intervals = model.customer_lifetime_value_intervals(spend, summary, &horizon, level, self.method())?;
                        columns.extend(with_ends(name, intervals));
                    }
                }
            }
            ("customer_lifetime_value", None) => {
                return Err(invalid("`customer_lifetime_value` wants a model of spend").with_help("give a fitted gamma_gamma as `spend`"));
            }
            ("probability_of_count", _) => {
                let Some(count) = self.count else { return Err(invalid("`probability_of_count` wants `count`")) };
                let probability = model.probability_of_count(count, self.days_ahead(model)?)?;
                columns.push((name.to_owned(), vec![probability; summary.len()]));
            }
            _ => {
                let measure = Measure::named(name, self.ahead(model)?, self.discount_rate)?;
                match self.interval {
                    None => columns.push((name.to_owned(), model.predict(summary, measure)?)),
                    Some(level) => columns.extend(with_ends(name, model.predict_intervals(summary, measure, level, self.method())?)),
                }
            }
        }
        let columns = columns.into_iter().map(|(name, values)| (name, ResultColumn::Numbers(values))).collect();
        Ok(ResultTable { columns, rejected: Vec::new() })
    }

    /// Every prediction that the model makes of every row: whether alive, purchases to expect if it is said how far ahead, and with a model of spend
    /// what a purchase and the customer are worth.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_all(&self, model: &FittedModel, spend: Option<&FittedModel>, summary: &Summary) -> Result<ResultTable> {
        let ahead = self.days.is_some() || self.periods.is_some();
        let bare = |measure: &str| Self {
            measure: measure.to_owned(),
            interval: self.interval,
            draws: self.draws,
            seed: self.seed,
            ..Self::default()
        };
        let timed = |measure: &str| Self { days: self.days, periods: self.periods, ..bare(measure) };
        let mut parts = Vec::new();
        if model.answers(Measure::ProbabilityAlive) {
            parts.push(bare("probability_alive").predict(model, None, summary)?);
            if ahead {
                parts.push(timed("conditional_expected_transactions").predict(model, None, summary)?);
            }
        }
        if model.answers(Measure::ConditionalExpectedSpend) {
            parts.push(bare("conditional_expected_spend").predict(model, None, summary)?);
        }
        if let Some(spend) = spend {
            parts.push(bare("conditional_expected_spend").predict(spend, None, summary)?);
            if ahead {
                let value = Self { discount: self.discount, margin: self.margin, ..timed("customer_lifetime_value") };
                parts.push(value.predict(model, Some(spend), summary)?);
            }
        }
        Ok(ResultTable { columns: parts.into_iter().flat_map(|part| part.columns).collect(), rejected: Vec::new() })
    }

    /// The prediction for one customer, whose times are in the model's period.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), and [`ErrorKind::InvalidTable`] for purchases that no customer can have.
    pub fn predict_one(&self, model: &FittedModel, spend: Option<&FittedModel>, row: &Purchases) -> Result<ResultTable> {
        let summary = Summary::new(vec![row.frequency], vec![row.recency], vec![row.age], model.period())?;
        self.predict(model, spend, &summary.with_monetary_value(vec![row.monetary_value])?)
    }
}

fn with_ends(name: &str, intervals: Intervals) -> [(String, Vec<f64>); 4] {
    let Intervals { estimate, standard_error, lower, upper } = intervals;
    let named = |end: &str| format!("{name}_{end}");
    [(name.to_owned(), estimate), (named("standard_error"), standard_error), (named("lower"), lower), (named("upper"), upper)]
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

/// All that a model says of itself, as a document.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ModelFacts {
    /// Its name: `bg_nbd` …
    pub model: &'static str,
    /// Days in the period of its parameters.
    pub period_days: f64,
    /// The parameters by name.
    pub params: indexmap::IndexMap<String, f64>,
    /// Their standard errors; none if they were given.
    pub standard_errors: Option<indexmap::IndexMap<String, f64>>,
    /// The log-likelihood of the data.
    pub log_likelihood: Option<f64>,
    /// Akaike's information criterion.
    pub aic: Option<f64>,
    /// Schwarz's information criterion.
    pub bic: Option<f64>,
    /// Customers that the fit saw.
    pub customers: Option<f64>,
    /// How the fit ended.
    pub status: Option<FitStatus>,
    /// How it went.
    pub report: Option<crate::insight::lifetime::Report>,
}

impl ModelFacts {
    /// Of a model.
    #[must_use]
    pub fn of(model: &FittedModel) -> Self {
        Self {
            model: model.name(),
            period_days: model.period().days(),
            params: model.params().into_iter().collect(),
            standard_errors: model.standard_errors().map(|errors| errors.into_iter().collect()),
            log_likelihood: model.log_likelihood(),
            aic: model.aic(),
            bic: model.bic(),
            customers: model.customers(),
            status: model.status(),
            report: model.report().cloned(),
        }
    }

    /// The intervals of a model's parameters, `[lower, upper]` by name.
    ///
    /// # Errors
    /// As [`FittedModel::confidence_intervals`].
    pub fn intervals(model: &FittedModel, level: f64) -> Result<indexmap::IndexMap<String, [f64; 2]>> {
        let intervals = model.confidence_intervals(level)?.into_iter();
        Ok(intervals.map(|ConfidenceInterval { name, lower, upper }| (name, [lower, upper])).collect())
    }
}
