//! Tables of the lifetime models: purchases summed up, and what a model makes of them beside what happened.

mod diagnostics;
mod request;
mod summary;
mod summary_table;
mod tracking;

pub use diagnostics::{frequency_histogram, holdout_by_frequency, probability_alive_matrix};
pub use request::{FitRequest, ModelFacts, PeriodChoice, PredictionRequest, SummaryRequest};
pub use summary::{CustomerSummary, Holdout, SummaryOptions, SummaryReport, summarize};
pub use summary_table::{SummaryColumns, read_summary};
pub use tracking::tracking;
