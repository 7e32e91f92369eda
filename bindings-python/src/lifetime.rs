//! The native half of `wayfare.lifetime`: tables and documents in, tables and documents out.

use pyo3::prelude::*;
use pyo3::types::PyString;
use serde::de::DeserializeOwned;
use wayfare::ResultColumn;
use wayfare::arrow::{Table, lifetime as tables};
use wayfare::lifetime::{FitRequest, FittedModel, ModelFacts, PredictionRequest, Purchases, SummaryRequest};

use crate::convert::{Reduced, document, document_of};
use crate::error::{Outcome, argument, guarded};
use crate::table::{Frame, like};
use crate::work::{Progress, Watch, worked};

/// A fitted lifetime model of any kind.
#[pyclass(frozen, eq, module = "wayfare._wayfare")]
#[derive(PartialEq)]
pub(crate) struct LifetimeModel(FittedModel);

/// Transactions summed up by customer: the frame, the refused rows if they are collected, and the report.
#[pyfunction]
#[pyo3(signature = (transactions, request, progress = None))]
pub(crate) fn lifetime_summary<'py>(
    transactions: &Bound<'py, PyAny>,
    request: &Bound<'py, PyAny>,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    guarded(|| {
        let py = transactions.py();
        let request: SummaryRequest = read(request)?;
        let frame = Frame::new("transactions", transactions);
        let summed = worked(py, &Progress::new(py, progress)?, move |watch| {
            let transactions = frame.read(watch)?;
            Ok(tables::summary(&transactions, &request, Some(&|done, total| watch.note(done, total)))?)
        })?;
        Ok((like(transactions, summed.table)?, like(transactions, summed.rejected)?, document_of(py, &summed.report)?))
    })
}

#[pymethods]
impl LifetimeModel {
    /// Fits the model of a name to a table of customers.
    #[staticmethod]
    fn fit(model: String, summary: &Bound<'_, PyAny>, request: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(|| {
            let request: FitRequest = read(request)?;
            asked(summary, move |table| tables::fit(&model, table, &request)).map(Self)
        })
    }

    /// The model of a name with parameters that are known; `period` as in a request.
    #[staticmethod]
    fn from_params(model: &str, params: Vec<(String, f64)>, period: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(|| {
            let period: wayfare::lifetime::PeriodChoice = read(period)?;
            Ok(Self(FittedModel::from_params(model, &params, period.period()?)?))
        })
    }

    /// From a document of `to_dict`.
    #[staticmethod]
    fn from_dict(model: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(|| Ok(Self(read(model)?)))
    }

    /// All of it as a JSON document.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &self.0))
    }

    /// What it says of itself, as a document.
    fn facts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &ModelFacts::of(&self.0)))
    }

    /// The intervals of its parameters by name.
    fn confidence_intervals<'py>(&self, py: Python<'py>, level: f64) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &ModelFacts::intervals(&self.0, level)?))
    }

    /// One prediction of every row of a table.
    #[pyo3(signature = (summary, request, spend))]
    fn predict<'py>(
        &self,
        summary: &Bound<'py, PyAny>,
        request: &Bound<'py, PyAny>,
        spend: Option<&Bound<'py, Self>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.predicted(summary, request, spend, tables::predict)
    }

    /// Every prediction of every row of a table.
    #[pyo3(signature = (summary, request, spend))]
    fn predict_all<'py>(
        &self,
        summary: &Bound<'py, PyAny>,
        request: &Bound<'py, PyAny>,
        spend: Option<&Bound<'py, Self>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.predicted(summary, request, spend, tables::predict_all)
    }

    /// One prediction of one customer: the estimate, and with an interval its standard error and ends.
    #[pyo3(signature = (row, request, spend))]
    fn predict_one(&self, row: &Bound<'_, PyAny>, request: &Bound<'_, PyAny>, spend: Option<&Bound<'_, Self>>) -> PyResult<Vec<f64>> {
        guarded(|| {
            let (row, request): (Purchases, PredictionRequest) = (read(row)?, read(request)?);
            let predicted = request.predict_one(&self.0, spend.map(|spend| &spend.get().0), &row)?;
            let first = |(_, column): &(String, ResultColumn)| match column {
                ResultColumn::Numbers(values) => values.first().copied(),
                _ => None,
            };
            Ok(predicted.columns.iter().filter_map(first).collect())
        })
    }

    /// How many customers have which frequency, beside how many are expected to.
    #[pyo3(signature = (summary, most))]
    fn frequency_histogram<'py>(&self, summary: &Bound<'py, PyAny>, most: Option<u32>) -> PyResult<Bound<'py, PyAny>> {
        let model = self.0.clone();
        guarded(|| like(summary, asked(summary, move |table| tables::frequency_histogram(&model, table, most))?))
    }

    /// Who is alive by frequency and recency.
    #[pyo3(signature = (summary, most_frequency))]
    fn probability_alive_matrix<'py>(&self, summary: &Bound<'py, PyAny>, most_frequency: Option<u32>) -> PyResult<Bound<'py, PyAny>> {
        let model = self.0.clone();
        guarded(|| like(summary, asked(summary, move |table| tables::probability_alive_matrix(&model, table, most_frequency))?))
    }

    /// The holdout by frequency in the calibration.
    #[pyo3(signature = (summary, most))]
    fn holdout_by_frequency<'py>(&self, summary: &Bound<'py, PyAny>, most: Option<u32>) -> PyResult<Bound<'py, PyAny>> {
        let model = self.0.clone();
        guarded(|| like(summary, asked(summary, move |table| tables::holdout_by_frequency(&model, table, most))?))
    }

    /// Repeat purchases by period, beside what is expected.
    fn tracking<'py>(&self, transactions: &Bound<'py, PyAny>, request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| {
            let (py, model) = (transactions.py(), self.0.clone());
            let request: SummaryRequest = read(request)?;
            let frame = Frame::new("transactions", transactions);
            let tracked = worked(py, &Progress::new(py, None)?, move |watch| {
                let transactions = frame.read(watch)?;
                Ok(tables::tracking(&model, &transactions, &request, Some(&|done, total| watch.note(done, total)))?)
            })?;
            like(transactions, tracked)
        })
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py, (Bound<'py, PyAny>,)>> {
        let from_dict = slf.get_type().getattr("from_dict")?;
        Ok((from_dict, (slf.get().to_dict(slf.py())?,)))
    }
}

impl LifetimeModel {
    fn predicted<'py>(
        &self,
        summary: &Bound<'py, PyAny>,
        request: &Bound<'py, PyAny>,
        spend: Option<&Bound<'py, Self>>,
        predict: fn(&FittedModel, Option<&FittedModel>, &Table, &PredictionRequest) -> wayfare::Result<arrow_array::RecordBatch>,
    ) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| {
            let request: PredictionRequest = read(request)?;
            let (model, spend) = (self.0.clone(), spend.map(|spend| spend.get().0.clone()));
            like(summary, asked(summary, move |table| predict(&model, spend.as_ref(), table, &request))?)
        })
    }
}

/// Asks about a table of customers, on a thread of its own.
fn asked<T: Send + 'static>(summary: &Bound<'_, PyAny>, ask: impl FnOnce(&Table) -> wayfare::Result<T> + Send + 'static) -> Outcome<T> {
    let (py, frame) = (summary.py(), Frame::new("summary", summary));
    worked(py, &Progress::new(py, None)?, move |watch: &Watch| Ok(ask(&frame.read(watch)?)?))
}

/// A document as the type that the core reads.
pub(crate) fn read<T: DeserializeOwned>(value: &Bound<'_, PyAny>) -> Outcome<T> {
    let read = match value.cast::<PyString>() {
        Ok(text) => serde_json::Value::String(text.to_str()?.to_owned()),
        Err(_) => document(value)?,
    };
    serde_json::from_value(read).map_err(|error| argument(error.to_string(), None))
}
