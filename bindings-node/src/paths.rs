//! Paths: Arrow IPC and JSON in, Arrow IPC and JSON out. Tables are read off the event loop.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer as ArrowBuffer;
use napi::bindgen_prelude::{AsyncTask, Buffer, External, Uint8Array};
use napi::{Env, Task};
use napi_derive::napi;
use wayfare::Journey;
use wayfare::arrow::paths as tables;
use wayfare::paths::{Paths, PathsRequest};

use crate::error::guard;
use crate::journey::Reading;
use crate::lifetime::{document, json};
use crate::table::{read, write};

/// A table that is cut into paths.
pub struct Cutting {
    touchpoints: ArrowBuffer,
    request: PathsRequest,
    journey: Option<Journey>,
    track: Option<String>,
    customers: Option<ArrowBuffer>,
}

/// Paths, and the refused rows as an Arrow IPC stream.
#[napi(object, object_from_js = false)]
pub struct CutTables {
    pub paths: External<Arc<Paths>>,
    pub rejected: Buffer,
}

#[napi]
pub fn paths_cut(
    touchpoints: Uint8Array,
    request: String,
    journey: Option<&External<Reading>>,
    track: Option<String>,
    customers: Option<Uint8Array>,
) -> napi::Result<AsyncTask<Cutting>> {
    guard(|| {
        let journey = journey.map(|journey| journey.journey().cloned()).transpose()?;
        let customers = customers.map(|customers| ArrowBuffer::from(&*customers));
        Ok(AsyncTask::new(Cutting {
            touchpoints: ArrowBuffer::from(&*touchpoints),
            request: document(&request)?,
            journey,
            track,
            customers,
        }))
    })
}

impl Task for Cutting {
    type Output = (Arc<Paths>, Vec<u8>);
    type JsValue = CutTables;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        guard(|| {
            let customers = self.customers.clone().map(|customers| read("customers", customers)).transpose()?;
            let (track, customers) = (self.track.as_deref(), customers.as_ref());
            let in_journey = self.journey.as_ref().map(|journey| tables::InJourney { journey, track, customers });
            let cut = tables::paths(&read("touchpoints", self.touchpoints.clone())?, &self.request, in_journey, None)?;
            Ok((Arc::new(cut.paths), write(&cut.rejected)?))
        })
    }

    fn resolve(&mut self, _: Env, (paths, rejected): Self::Output) -> napi::Result<Self::JsValue> {
        Ok(CutTables { paths: External::new(paths), rejected: rejected.into() })
    }
}

/// Paths as texts, each with how often it was gone. No values are an empty list.
#[napi]
pub fn paths_from_strings(
    paths: Vec<String>,
    conversions: Vec<f64>,
    value: Vec<f64>,
    nulls: Vec<f64>,
    separator: Option<String>,
) -> napi::Result<External<Arc<Paths>>> {
    guard(|| Ok(External::new(Arc::new(tables::from_lists(&paths, &conversions, &value, &nulls, separator.as_deref())?))))
}

#[napi]
pub fn paths_merge(one: &External<Arc<Paths>>, other: &External<Arc<Paths>>) -> napi::Result<External<Arc<Paths>>> {
    guard(|| Ok(External::new(Arc::new(one.merge(other)?))))
}

#[napi]
pub fn paths_length(paths: &External<Arc<Paths>>) -> napi::Result<f64> {
    guard(|| Ok(paths.rows().len() as f64))
}

#[napi]
pub fn paths_report(paths: &External<Arc<Paths>>) -> napi::Result<String> {
    guard(|| json(paths.report()))
}

#[napi]
pub fn paths_dimensions(paths: &External<Arc<Paths>>) -> napi::Result<Vec<String>> {
    guard(|| Ok(paths.dimensions().map(str::to_owned).collect()))
}

/// A question about paths that is answered by a table.
type Question = Box<dyn Fn(&Paths) -> wayfare::Result<RecordBatch> + Send>;

/// A question that is answered off the event loop.
pub struct PathsAsking {
    paths: Arc<Paths>,
    question: Question,
}

impl PathsAsking {
    pub fn task(
        paths: &External<Arc<Paths>>,
        question: impl Fn(&Paths) -> wayfare::Result<RecordBatch> + Send + 'static,
    ) -> AsyncTask<Self> {
        AsyncTask::new(Self { paths: Arc::clone(paths), question: Box::new(question) })
    }
}

impl Task for PathsAsking {
    type Output = Vec<u8>;
    type JsValue = Buffer;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        guard(|| write(&(self.question)(&self.paths)?))
    }

    fn resolve(&mut self, _: Env, table: Self::Output) -> napi::Result<Self::JsValue> {
        Ok(table.into())
    }
}

#[napi]
pub fn paths_table(paths: &External<Arc<Paths>>, by: Option<String>, separator: Option<String>) -> napi::Result<AsyncTask<PathsAsking>> {
    guard(|| Ok(PathsAsking::task(paths, move |paths| tables::table(paths, by.as_deref(), separator.as_deref()))))
}

#[napi]
pub fn paths_sessions(paths: &External<Arc<Paths>>, by: Option<String>) -> napi::Result<AsyncTask<PathsAsking>> {
    guard(|| Ok(PathsAsking::task(paths, move |paths| tables::sessions(paths, by.as_deref()))))
}
