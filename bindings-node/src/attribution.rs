//! Attribution: paths and JSON in, Arrow IPC and JSON out. Whatever takes long is done off the event loop.

use std::sync::Arc;

use napi::bindgen_prelude::{AsyncTask, Buffer, External};
use napi::{Env, Task};
use napi_derive::napi;
use wayfare::arrow::attribution::{self as tables, Credited};
use wayfare::attribution::{AttributionRequest, MarkovCounts, MarkovRequest, OrderRequest};
use wayfare::paths::Paths;

use crate::error::guard;
use crate::lifetime::{document, json};
use crate::paths::PathsAsking;
use crate::table::write;

/// Credits by word as an Arrow IPC stream, and what they are as JSON.
#[napi(object, object_from_js = false)]
pub struct CreditedTables {
    pub table: Buffer,
    pub facts: String,
}

/// What is credited: paths by a model, or counts of a chain.
pub enum Crediting {
    Paths(Arc<Paths>, Box<AttributionRequest>),
    Counts(Box<MarkovCounts>),
}

impl Task for Crediting {
    type Output = (Vec<u8>, String);
    type JsValue = CreditedTables;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        guard(|| {
            let Credited { table, facts, .. } = match self {
                Self::Paths(paths, request) => tables::attribute(paths, request)?,
                Self::Counts(counts) => tables::counted(counts)?,
            };
            Ok((write(&table)?, json(&facts)?))
        })
    }

    fn resolve(&mut self, _: Env, (table, facts): Self::Output) -> napi::Result<Self::JsValue> {
        Ok(CreditedTables { table: table.into(), facts })
    }
}

#[napi]
pub fn attribution_of(paths: &External<Arc<Paths>>, request: String) -> napi::Result<AsyncTask<Crediting>> {
    guard(|| Ok(AsyncTask::new(Crediting::Paths(Arc::clone(paths), document(&request)?))))
}

#[napi]
pub fn attribution_credits(paths: &External<Arc<Paths>>, request: String) -> napi::Result<AsyncTask<PathsAsking>> {
    guard(|| {
        let request: AttributionRequest = document(&request)?;
        Ok(PathsAsking::task(paths, move |paths| tables::credits(paths, &request)))
    })
}

#[napi]
pub fn attribution_side_by_side(
    paths: &External<Arc<Paths>>,
    by: Option<String>,
    measure: Option<String>,
) -> napi::Result<AsyncTask<PathsAsking>> {
    guard(|| Ok(PathsAsking::task(paths, move |paths| tables::side_by_side(paths, by.as_deref(), measure.as_deref()))))
}

#[napi]
pub fn attribution_orders(paths: &External<Arc<Paths>>, request: String) -> napi::Result<AsyncTask<PathsAsking>> {
    guard(|| {
        let request: OrderRequest = document(&request)?;
        Ok(PathsAsking::task(paths, move |paths| tables::orders(paths, &request)))
    })
}

/// Counts of an absorbing chain: none yet, or those of paths.
#[napi]
pub fn markov_counts(paths: Option<&External<Arc<Paths>>>, request: String) -> napi::Result<External<MarkovCounts>> {
    guard(|| {
        let request: MarkovRequest = document(&request)?;
        Ok(External::new(match paths {
            Some(paths) => request.count(paths)?,
            None => request.empty()?,
        }))
    })
}

#[napi]
pub fn markov_counts_from_bytes(bytes: &[u8]) -> napi::Result<External<MarkovCounts>> {
    guard(|| Ok(External::new(MarkovCounts::from_bytes(bytes)?)))
}

#[napi]
pub fn markov_counts_to_bytes(counts: &External<MarkovCounts>) -> napi::Result<Buffer> {
    guard(|| Ok(counts.to_bytes().into()))
}

/// Adds a path; a word that is not known is null.
#[napi]
pub fn markov_counts_add(
    counts: &mut External<MarkovCounts>,
    path: Vec<Option<String>>,
    conversions: i64,
    value: f64,
    nulls: i64,
) -> napi::Result<()> {
    guard(|| {
        let words: Vec<Option<&str>> = path.iter().map(Option::as_deref).collect();
        Ok(counts.add(&words, conversions.unsigned_abs(), value, nulls.unsigned_abs())?)
    })
}

#[napi]
pub fn markov_counts_merge(counts: &mut External<MarkovCounts>, other: &External<MarkovCounts>) -> napi::Result<()> {
    guard(|| Ok(counts.merge(other)?))
}

#[napi]
pub fn markov_counts_subtract(counts: &mut External<MarkovCounts>, other: &External<MarkovCounts>) -> napi::Result<()> {
    guard(|| Ok(counts.subtract(other)?))
}

/// What is to be known of counts.
#[napi(object, object_from_js = false)]
pub struct MarkovCountsFacts {
    pub order: u32,
    pub by: String,
    pub states: f64,
    pub conversions: f64,
}

#[napi]
pub fn markov_counts_facts(counts: &External<MarkovCounts>) -> napi::Result<MarkovCountsFacts> {
    guard(|| {
        Ok(MarkovCountsFacts {
            order: counts.order() as u32,
            by: counts.by().to_owned(),
            states: counts.states() as f64,
            conversions: counts.conversions() as f64,
        })
    })
}

#[napi]
pub fn markov_counts_attribution(counts: &External<MarkovCounts>) -> napi::Result<AsyncTask<Crediting>> {
    guard(|| Ok(AsyncTask::new(Crediting::Counts(Box::new((**counts).clone())))))
}
