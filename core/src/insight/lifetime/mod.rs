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

mod beta_geometric;
mod bg_bb;
mod bg_nbd;
mod count_distribution;
mod covariates;
mod document;
mod erased;
mod fit;
mod fitted;
mod gamma_gamma;
mod history;
mod intervals;
mod log_concave;
mod mbg_nbd;
mod measure;
mod nbd;
mod normal;
mod params;
mod pareto_nbd;
mod period;
mod prior;
mod purchases;
mod special;
mod summary;
mod until;
mod value;
mod word;

pub use crate::batch::{
    CustomerSummary, FitRequest, Holdout, ModelFacts, PeriodChoice, PredictionRequest, SummaryColumns, SummaryOptions, SummaryReport,
    SummaryRequest, frequency_histogram, holdout_by_frequency, probability_alive_matrix, read_summary, summarize, tracking,
};
pub use crate::fit_status::{Drift, Edge, FitStatus, Limit};
pub use bg_bb::{BgBb, BgBbParams, BgBbPrior};
pub use bg_nbd::{BgNbd, BgNbdParams};
pub use count_distribution::CountDistribution;
pub use covariates::{Coefficient, CovariateModel, CovariateParams, WithCovariates, WithEffects};
pub use document::FittedModel;
pub use fit::Report;
pub use fitted::{ConfidenceInterval, Fitted, Model};
pub use gamma_gamma::{GammaGamma, GammaGammaParams, SpendPrior};
pub(crate) use history::History;
pub use history::Returns;
pub use intervals::{Interval, IntervalMethod, Intervals};
pub use mbg_nbd::{MbgNbd, MbgNbdParams};
pub use measure::{Measure, Predict, Transactions};
pub use nbd::{Nbd, NbdParams};
pub use params::{Params, Scale};
pub use pareto_nbd::{ParetoNbd, ParetoNbdParams, ParetoNbdPrior};
pub use period::Period;
pub use prior::{Belief, DropoutPrior, Prior, RatePrior};
pub use purchases::Purchases;
pub use summary::Summary;
pub use until::Until;
pub(crate) use until::known_zone;
pub use value::{DAYS_PER_MONTH, Horizon};
pub(crate) use word::chosen;
