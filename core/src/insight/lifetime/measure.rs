//! What can be asked of a fitted model, of one customer or of a table.

use std::ops::Range;

use rayon::prelude::*;

use crate::error::{Error, ErrorKind, Result};

use super::params::Params;
use super::purchases::Purchases;
use super::summary::Summary;

/// A prediction. Times and rates are per period of the model.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Measure {
    /// That the customer has not dropped out by the end of the observation.
    ProbabilityAlive,
    /// Purchases to expect of the customer in the next so many periods.
    ConditionalExpectedTransactions {
        /// How far ahead.
        periods: f64,
    },
    /// Purchases to expect of a new customer within so many periods of the first.
    ExpectedTransactions {
        /// How far ahead.
        periods: f64,
    },
    /// All purchases to come, each discounted continuously to today.
    DiscountedExpectedResidualTransactions {
        /// The continuous rate per period.
        discount_rate: f64,
    },
    /// What a purchase of the customer is worth on average.
    ConditionalExpectedSpend,
    /// The customer's part of the log-likelihood.
    LogLikelihood,
}

impl Measure {
    /// As documents and tables call it: `probability_alive` …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProbabilityAlive => "probability_alive",
            Self::ConditionalExpectedTransactions { .. } => "conditional_expected_transactions",
            Self::ExpectedTransactions { .. } => "expected_transactions",
            Self::DiscountedExpectedResidualTransactions { .. } => "discounted_expected_residual_transactions",
            Self::ConditionalExpectedSpend => "conditional_expected_spend",
            Self::LogLikelihood => "log_likelihood",
        }
    }

    /// The measure of that name, so many periods ahead and with a rate per period, as far as it has them.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for an unknown name, and a time or rate that is missing or not wanted.
    pub(crate) fn named(name: &str, periods: Option<f64>, discount_rate: Option<f64>) -> Result<Self> {
        let wrong = |what: String| Error::new(ErrorKind::InvalidArgument, what);
        let wanted = |option: &str| wrong(format!("`{name}` wants `{option}`"));
        let unwanted = |option: &str| Err(wrong(format!("`{name}` takes no `{option}`")));
        let ahead = || periods.ok_or_else(|| wanted("days"));
        let (measure, takes_time, takes_rate) = match name {
            "probability_alive" => (Self::ProbabilityAlive, false, false),
            "conditional_expected_spend" => (Self::ConditionalExpectedSpend, false, false),
            "log_likelihood" => (Self::LogLikelihood, false, false),
            "conditional_expected_transactions" => (Self::ConditionalExpectedTransactions { periods: ahead()? }, true, false),
            "expected_transactions" => (Self::ExpectedTransactions { periods: ahead()? }, true, false),
            "discounted_expected_residual_transactions" => {
                let discount_rate = discount_rate.ok_or_else(|| wanted("discount_rate"))?;
                (Self::DiscountedExpectedResidualTransactions { discount_rate }, false, true)
            }
            _ => return Err(wrong(format!("there is no prediction `{name}`"))),
        };
        match (periods.is_some() && !takes_time, discount_rate.is_some() && !takes_rate) {
            (true, _) => unwanted("days"),
            (_, true) => unwanted("discount_rate"),
            _ => Ok(measure),
        }
    }

    /// The range of its values, which decides on which scale an interval is symmetric.
    pub(crate) const fn range(self) -> MeasureRange {
        match self {
            Self::ProbabilityAlive => MeasureRange::Share,
            Self::LogLikelihood => MeasureRange::Any,
            _ => MeasureRange::Positive,
        }
    }
}

/// The range of a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MeasureRange {
    /// 0 to 1.
    Share,
    /// 0 or more.
    Positive,
    /// Any number.
    Any,
}

/// Parameters that answer measures.
pub trait Predict: Params {
    /// The answer for one customer; NaN for a measure that the model does not have.
    fn evaluate(&self, measure: Measure, row: &Purchases) -> f64;

    /// Whether the model has an answer to the measure at all: to all but spend, unless it says otherwise.
    fn answers(measure: Measure) -> bool {
        !matches!(measure, Measure::ConditionalExpectedSpend)
    }

    /// Nothing, if the table has all that the answers need beside frequency, recency and age.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) names a covariate that is missing.
    fn reads(&self, _summary: &Summary) -> Result<()> {
        Ok(())
    }

    /// The answers for some rows of a table, into as many places: the same to the last bit as one by one.
    fn fill(&self, measure: Measure, summary: &Summary, rows: Range<usize>, places: &mut [f64]) {
        for (place, at) in places.iter_mut().zip(rows) {
            *place = summary.get(at).map_or(f64::NAN, |row| self.evaluate(measure, &row));
        }
    }
}

/// Rows of a table that are answered together.
pub(crate) const CHUNK: usize = 8192;

/// The answers for every row, in parallel; they do not depend on the number of threads.
pub(crate) fn column(params: &impl Predict, measure: Measure, summary: &Summary) -> Vec<f64> {
    let mut out = vec![0.0; summary.len()];
    out.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, places)| {
        let begin = chunk * CHUNK;
        params.fill(measure, summary, begin..begin + places.len(), places);
    });
    out
}

/// Parameters of a model of purchases over time.
pub trait Transactions: Params {
    /// The customer's part of the log-likelihood.
    fn log_likelihood(&self, row: &Purchases) -> f64;

    /// That the customer has not dropped out by the end of the observation.
    fn probability_alive(&self, row: &Purchases) -> f64;

    /// Purchases to expect of the customer in the next `periods`.
    fn conditional_expected_transactions(&self, row: &Purchases, periods: f64) -> f64;

    /// Purchases to expect of a new customer within `periods` of the first.
    fn expected_transactions(&self, periods: f64) -> f64;

    /// All purchases to come of the customer, each discounted continuously at `discount_rate` per period.
    fn discounted_expected_residual_transactions(&self, row: &Purchases, discount_rate: f64) -> f64;
}

/// [`Predict::evaluate`] for a model of purchases over time.
pub(crate) fn evaluate_transactions(params: &impl Transactions, measure: Measure, row: &Purchases) -> f64 {
    match measure {
        Measure::ProbabilityAlive => params.probability_alive(row),
        Measure::ConditionalExpectedTransactions { periods } => params.conditional_expected_transactions(row, periods),
        Measure::ExpectedTransactions { periods } => params.expected_transactions(periods),
        Measure::DiscountedExpectedResidualTransactions { discount_rate } => {
            params.discounted_expected_residual_transactions(row, discount_rate)
        }
        Measure::LogLikelihood => params.log_likelihood(row),
        Measure::ConditionalExpectedSpend => f64::NAN,
    }
}
