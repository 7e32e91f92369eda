//! Lifetime models: Arrow IPC and JSON in, Arrow IPC and JSON out. Tables are read off the event loop.

use arrow_array::RecordBatch;
use arrow_buffer::Buffer as ArrowBuffer;
use napi::bindgen_prelude::{AsyncTask, Buffer, External, Uint8Array};
use napi::{Env, Task};
use napi_derive::napi;
use serde::de::DeserializeOwned;
use wayfare::arrow::{Table, lifetime as tables};
use wayfare::lifetime::{FitRequest, FittedModel, ModelFacts, PeriodChoice, PredictionRequest, Purchases, SummaryRequest};
use wayfare::{ErrorKind, ResultColumn};

use crate::error::{Fault, guard};
use crate::run::Tables;
use crate::table::{read, write};

pub(crate) fn document<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::new(ErrorKind::InvalidArgument, error.to_string()))
}

pub(crate) fn json(written: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(written).map_err(|error| Fault::new(ErrorKind::InvalidArgument, error.to_string()))
}

#[napi]
pub fn lifetime_known(model: String, params: String, period: String) -> napi::Result<External<FittedModel>> {
    guard(|| {
        let params: serde_json::Map<String, serde_json::Value> = document(&params)?;
        let named: Vec<(String, f64)> = params.into_iter().map(|(name, value)| (name, value.as_f64().unwrap_or(f64::NAN))).collect();
        Ok(External::new(FittedModel::from_params(&model, &named, document::<PeriodChoice>(&period)?.period()?)?))
    })
}

#[napi]
pub fn lifetime_from_document(text: String) -> napi::Result<External<FittedModel>> {
    guard(|| Ok(External::new(document(&text)?)))
}

#[napi]
pub fn lifetime_document(model: &External<FittedModel>) -> napi::Result<String> {
    guard(|| json(&**model))
}

#[napi]
pub fn lifetime_facts(model: &External<FittedModel>) -> napi::Result<String> {
    guard(|| json(&ModelFacts::of(model)))
}

#[napi]
pub fn lifetime_intervals(model: &External<FittedModel>, level: f64) -> napi::Result<String> {
    guard(|| json(&ModelFacts::intervals(model, level)?))
}

/// The estimate, and with an interval its standard error and ends.
#[napi]
pub fn lifetime_predict_one(
    model: &External<FittedModel>,
    spend: Option<&External<FittedModel>>,
    row: String,
    request: String,
) -> napi::Result<Vec<f64>> {
    guard(|| {
        let (row, request): (Purchases, PredictionRequest) = (document(&row)?, document(&request)?);
        let predicted = request.predict_one(model, spend.map(|spend| &**spend), &row)?;
        let first = |(_, column): &(String, ResultColumn)| match column {
            ResultColumn::Numbers(values) => values.first().copied(),
            _ => None,
        };
        Ok(predicted.columns.iter().filter_map(first).collect())
    })
}

#[napi]
pub fn lifetime_summary(transactions: Uint8Array, request: String) -> napi::Result<AsyncTask<Summing>> {
    guard(|| Ok(AsyncTask::new(Summing { transactions: ArrowBuffer::from(&*transactions), request: document(&request)? })))
}

/// Purchases that are summed up.
pub struct Summing {
    transactions: ArrowBuffer,
    request: SummaryRequest,
}

impl Task for Summing {
    type Output = (Vec<u8>, Vec<u8>);
    type JsValue = Tables;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        guard(|| {
            let summed = tables::summary(&read("transactions", self.transactions.clone())?, &self.request, None)?;
            Ok((write(&summed.table)?, write(&summed.rejected)?))
        })
    }

    fn resolve(&mut self, _: Env, (table, rejected): Self::Output) -> napi::Result<Self::JsValue> {
        Ok(Tables { table: table.into(), rejected: rejected.into() })
    }
}

/// The fitted model as a document.
#[napi]
pub fn lifetime_fit(model: String, summary: Uint8Array, request: String) -> napi::Result<AsyncTask<Fitting>> {
    guard(|| Ok(AsyncTask::new(Fitting { model, summary: ArrowBuffer::from(&*summary), request: document(&request)? })))
}

/// A model that is fitted.
pub struct Fitting {
    model: String,
    summary: ArrowBuffer,
    request: FitRequest,
}

impl Task for Fitting {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        guard(|| json(&tables::fit(&self.model, &read("summary", self.summary.clone())?, &self.request)?))
    }

    fn resolve(&mut self, _: Env, model: Self::Output) -> napi::Result<Self::JsValue> {
        Ok(model)
    }
}

/// A question about a table that is answered by one.
pub struct Asking {
    name: &'static str,
    table: ArrowBuffer,
    model: FittedModel,
    spend: Option<FittedModel>,
    question: Question,
}

enum Question {
    One(PredictionRequest),
    All(PredictionRequest),
    Histogram(Option<u32>),
    Matrix(Option<u32>),
    Holdout(Option<u32>),
    Tracking(SummaryRequest),
}

impl Asking {
    fn new(name: &'static str, table: &Uint8Array, model: &External<FittedModel>, question: Question) -> Self {
        Self { name, table: ArrowBuffer::from(&**table), model: (**model).clone(), spend: None, question }
    }

    fn answer(&self, table: &Table) -> wayfare::Result<RecordBatch> {
        let (model, spend) = (&self.model, self.spend.as_ref());
        match &self.question {
            Question::One(request) => tables::predict(model, spend, table, request),
            Question::All(request) => tables::predict_all(model, spend, table, request),
            Question::Histogram(most) => tables::frequency_histogram(model, table, *most),
            Question::Matrix(most) => tables::probability_alive_matrix(model, table, *most),
            Question::Holdout(most) => tables::holdout_by_frequency(model, table, *most),
            Question::Tracking(request) => tables::tracking(model, table, request, None),
        }
    }
}

impl Task for Asking {
    type Output = Vec<u8>;
    type JsValue = Buffer;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        guard(|| write(&self.answer(&read(self.name, self.table.clone())?)?))
    }

    fn resolve(&mut self, _: Env, table: Self::Output) -> napi::Result<Self::JsValue> {
        Ok(table.into())
    }
}

/// One prediction of every row, or all that the model makes.
#[napi]
pub fn lifetime_predict(
    model: &External<FittedModel>,
    spend: Option<&External<FittedModel>>,
    summary: Uint8Array,
    request: String,
    all: bool,
) -> napi::Result<AsyncTask<Asking>> {
    guard(|| {
        let request = document(&request)?;
        let question = if all { Question::All(request) } else { Question::One(request) };
        let spend = spend.map(|spend| (**spend).clone());
        Ok(AsyncTask::new(Asking { spend, ..Asking::new("summary", &summary, model, question) }))
    })
}

#[napi]
pub fn lifetime_histogram(model: &External<FittedModel>, summary: Uint8Array, most: Option<u32>) -> napi::Result<AsyncTask<Asking>> {
    guard(|| Ok(AsyncTask::new(Asking::new("summary", &summary, model, Question::Histogram(most)))))
}

#[napi]
pub fn lifetime_matrix(model: &External<FittedModel>, summary: Uint8Array, most: Option<u32>) -> napi::Result<AsyncTask<Asking>> {
    guard(|| Ok(AsyncTask::new(Asking::new("summary", &summary, model, Question::Matrix(most)))))
}

#[napi]
pub fn lifetime_holdout(model: &External<FittedModel>, summary: Uint8Array, most: Option<u32>) -> napi::Result<AsyncTask<Asking>> {
    guard(|| Ok(AsyncTask::new(Asking::new("summary", &summary, model, Question::Holdout(most)))))
}

#[napi]
pub fn lifetime_tracking(model: &External<FittedModel>, transactions: Uint8Array, request: String) -> napi::Result<AsyncTask<Asking>> {
    guard(|| {
        let question = Question::Tracking(document(&request)?);
        Ok(AsyncTask::new(Asking::new("transactions", &transactions, model, question)))
    })
}
