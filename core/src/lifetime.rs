//! What a customer is worth: models of repeat purchases and of spend, fitted to a [`Summary`] and asked about any customer.
//!
//! ```
//! use wayfare::lifetime::{BgNbd, BgNbdParams, Measure, Period, Purchases, Summary};
//!
//! let known = BgNbd::from_params(BgNbdParams { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 })?;
//! let summary = Summary::new(vec![2, 0], vec![213.0 / 7.0, 0.0], vec![272.0 / 7.0, 272.0 / 7.0], Period::WEEK)?;
//! let year = known.predict(&summary, Measure::ConditionalExpectedTransactions { periods: 52.0 })?;
//! assert!((year[0] - 1.558_828_971_812_840_1).abs() < 1e-10);
//! # Ok::<(), wayfare::Error>(())
//! ```
//!
//! A fit that did not end at an interior maximum is an error that says how it ended ([`FitStatus`]), never a number.

pub use crate::batch::{
    CustomerSummary, FitRequest, Holdout, ModelFacts, PeriodChoice, PredictionRequest, SummaryColumns, SummaryOptions, SummaryReport,
    SummaryRequest, frequency_histogram, holdout_by_frequency, probability_alive_matrix, read_summary, summarize, tracking,
};
pub use crate::fit_status::{Drift, Edge, FitStatus, Limit};
pub use crate::insight::lifetime::{
    Belief, BgBb, BgBbParams, BgBbPrior, BgNbd, BgNbdParams, Coefficient, ConfidenceInterval, CountDistribution, CovariateModel,
    CovariateParams, DAYS_PER_MONTH, DropoutPrior, Fitted, FittedModel, GammaGamma, GammaGammaParams, Horizon, Interval, IntervalMethod,
    Intervals, MbgNbd, MbgNbdParams, Measure, Model, Nbd, NbdParams, Params, ParetoNbd, ParetoNbdParams, ParetoNbdPrior, Period, Predict,
    Prior, Purchases, RatePrior, Report, Returns, Scale, SpendPrior, Summary, Transactions, Until, WithCovariates, WithEffects,
};
