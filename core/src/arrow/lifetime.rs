//! Lifetime models over Arrow tables.

use arrow_array::RecordBatch;

use super::{ExtraColumns, Table, projected, read, with_named, write};
use crate::batch::{self, FitRequest, Holdout, PredictionRequest, Progress, SummaryColumns, SummaryReport, SummaryRequest};
use crate::error::{Error, Result};
use crate::lifetime::{FittedModel, Summary};

/// The frequency from on which customers are taken together, unless another is given: as in the figures of the literature.
const FREQUENCIES: u32 = 7;

/// Purchases summed up by customer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Summed {
    /// A row a customer; [`summarize`](crate::lifetime::summarize) says which columns.
    pub table: RecordBatch,
    /// The refused rows with `on_error: collect`.
    pub rejected: RecordBatch,
    /// What became of the rows.
    pub report: SummaryReport,
}

/// [`summarize`](crate::lifetime::summarize) over an Arrow table.
///
/// # Errors
/// As there.
pub fn summary(transactions: &Table, request: &SummaryRequest, progress: Option<Progress<'_>>) -> Result<Summed> {
    with_purchases(transactions, request, |transactions| {
        request.with(progress, |options| {
            let summed = batch::summarize(transactions, options)?;
            let report = summed.report;
            let outcome = write::outcome(summed.to_table())?;
            Ok(Summed { table: outcome.table, rejected: outcome.rejected, report })
        })
    })
}

/// [`tracking`](crate::lifetime::tracking) over an Arrow table.
///
/// # Errors
/// As there.
pub fn tracking(
    model: &FittedModel,
    transactions: &Table,
    request: &SummaryRequest,
    progress: Option<Progress<'_>>,
) -> Result<RecordBatch> {
    with_purchases(transactions, request, |transactions| {
        let tracked = request.with(progress, |options| batch::tracking(model, transactions, options))?;
        Ok(write::outcome(tracked)?.table)
    })
}

/// Fits the model of that name.
///
/// # Errors
/// As [`FittedModel::fit`] and [`read_summary`](crate::lifetime::read_summary).
pub fn fit(model: &str, summary: &Table, request: &FitRequest) -> Result<FittedModel> {
    let (summary, _) = customers(summary, request)?;
    request.fit(model, &summary)
}

/// One prediction of every row, in columns of its name.
///
/// # Errors
/// As [`PredictionRequest::predict`].
pub fn predict(model: &FittedModel, spend: Option<&FittedModel>, summary: &Table, request: &PredictionRequest) -> Result<RecordBatch> {
    let (summary, _) = customers(summary, &FitRequest::of(model))?;
    Ok(write::outcome(request.predict(model, spend, &summary)?)?.table)
}

/// Every prediction of every row, beside the column `customer` if there is one.
///
/// # Errors
/// As [`PredictionRequest::predict_all`].
pub fn predict_all(model: &FittedModel, spend: Option<&FittedModel>, summary: &Table, request: &PredictionRequest) -> Result<RecordBatch> {
    let (read, _) = customers(summary, &FitRequest::of(model))?;
    let predicted = write::outcome(request.predict_all(model, spend, &read)?)?.table;
    write::beside(summary, "customer", predicted)
}

/// [`frequency_histogram`](crate::lifetime::frequency_histogram) over an Arrow table.
///
/// # Errors
/// As there.
pub fn frequency_histogram(model: &FittedModel, summary: &Table, most: Option<u32>) -> Result<RecordBatch> {
    let (summary, _) = customers(summary, &FitRequest::of(model))?;
    Ok(write::outcome(batch::frequency_histogram(model, &summary, most.unwrap_or(FREQUENCIES))?)?.table)
}

/// [`probability_alive_matrix`](crate::lifetime::probability_alive_matrix) over an Arrow table.
///
/// # Errors
/// As there.
pub fn probability_alive_matrix(model: &FittedModel, summary: &Table, most_frequency: Option<u32>) -> Result<RecordBatch> {
    let (summary, _) = customers(summary, &FitRequest::of(model))?;
    Ok(write::outcome(batch::probability_alive_matrix(model, &summary, most_frequency)?)?.table)
}

/// [`holdout_by_frequency`](crate::lifetime::holdout_by_frequency) over an Arrow table with the columns of a holdout.
///
/// # Errors
/// As there, and [`ErrorKind::InvalidTable`](crate::ErrorKind::InvalidTable) if there is no holdout.
pub fn holdout_by_frequency(model: &FittedModel, summary: &Table, most: Option<u32>) -> Result<RecordBatch> {
    let (summary, holdout) = customers(summary, &FitRequest::of(model))?;
    let holdout = holdout.ok_or_else(|| {
        Error::table("the table `summary` has no holdout")
            .with_help("sum up the purchases with a `calibration_until`: that gives `holdout_frequency` and `holdout_days`")
    })?;
    Ok(write::outcome(batch::holdout_by_frequency(model, &summary, &holdout, most.unwrap_or(FREQUENCIES))?)?.table)
}

/// Only what is asked for is read, so that nothing else of the table has to be readable.
fn with_purchases<T>(transactions: &Table, request: &SummaryRequest, call: impl FnOnce(&batch::Table<'_>) -> Result<T>) -> Result<T> {
    let zone = read::naive_zone(request.time_zone.as_deref().unwrap_or("UTC"))?;
    let mut wanted: Vec<&str> = Vec::new();
    wanted.push(request.customer.as_deref().unwrap_or("customer"));
    wanted.push(request.at.as_deref().unwrap_or("at"));
    wanted.push(request.value.as_deref().unwrap_or("value"));
    wanted.extend((!request.of.is_empty()).then_some("kind"));
    let required = wanted.get(..2).unwrap_or_default();
    with_named("transactions", transactions, required, |name| wanted.contains(&name), &zone, call)
}

fn customers(summary: &Table, request: &FitRequest) -> Result<(Summary, Option<Holdout>)> {
    const COLUMNS: [&str; 8] =
        ["frequency", "recency", "age", "T", "monetary_value", "holdout_frequency", "holdout_days", "holdout_monetary_value"];
    let covariates = request.covariates();
    let weights = request.weights.as_deref();
    let projected = projected(summary, |name| COLUMNS.contains(&name) || covariates.contains(&name) || weights == Some(name));
    let table = read::table("summary", &projected, None, ExtraColumns::Refuse)?;
    batch::read_summary(&table, &SummaryColumns { period: request.period.period()?, weights, covariates: &covariates })
}
