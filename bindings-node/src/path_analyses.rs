//! What is read off paths: Arrow IPC and JSON in, Arrow IPC, JSON and SVG out. Tables are read off the event loop.

use std::sync::Arc;

use arrow_buffer::Buffer as ArrowBuffer;
use napi::bindgen_prelude::{AsyncTask, Buffer, External, Uint8Array};
use napi::{Env, Task};
use napi_derive::napi;
use wayfare::arrow::path_analyses::{self as analyses, Answer, Question};
use wayfare::paths::{FunnelRequest, FunnelRows, Paths, StageTimeRequest};

use crate::error::guard;
use crate::lifetime::{document, json};
use crate::table::{read, write};

/// A question that is answered off the event loop.
pub struct Answering(Asked);

enum Asked {
    Paths(Arc<Paths>, Question),
    Funnel(ArrowBuffer, FunnelRequest, FunnelRows),
    Stages(ArrowBuffer, StageTimeRequest),
}

/// An answer, and the refused rows of a table as an Arrow IPC stream.
#[napi(object, object_from_js = false)]
pub struct PathsAnswer {
    pub answer: External<Arc<Answer>>,
    pub rejected: Option<Buffer>,
}

impl Task for Answering {
    type Output = (Arc<Answer>, Option<Vec<u8>>);
    type JsValue = PathsAnswer;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        guard(|| {
            let (answer, rejected) = match &self.0 {
                Asked::Paths(paths, question) => (analyses::ask(paths, question)?, None),
                Asked::Funnel(table, request, rows) => {
                    let (answer, rejected) = analyses::funnel(&read("touchpoints", table.clone())?, request, rows, None)?;
                    (answer, Some(write(&rejected)?))
                }
                Asked::Stages(table, request) => (analyses::time_in_stage(&read("transitions", table.clone())?, request, None)?, None),
            };
            Ok((Arc::new(answer), rejected))
        })
    }

    fn resolve(&mut self, _: Env, (answer, rejected): Self::Output) -> napi::Result<Self::JsValue> {
        Ok(PathsAnswer { answer: External::new(answer), rejected: rejected.map(Into::into) })
    }
}

#[napi]
pub fn paths_ask(paths: &External<Arc<Paths>>, question: String) -> napi::Result<AsyncTask<Answering>> {
    guard(|| Ok(AsyncTask::new(Answering(Asked::Paths(Arc::clone(paths), document(&question)?)))))
}

#[napi]
pub fn paths_funnel(table: Uint8Array, request: String, rows: String) -> napi::Result<AsyncTask<Answering>> {
    guard(|| Ok(AsyncTask::new(Answering(Asked::Funnel(ArrowBuffer::from(&*table), document(&request)?, document(&rows)?)))))
}

#[napi]
pub fn paths_time_in_stage(table: Uint8Array, request: String) -> napi::Result<AsyncTask<Answering>> {
    guard(|| Ok(AsyncTask::new(Answering(Asked::Stages(ArrowBuffer::from(&*table), document(&request)?)))))
}

/// A table of an answer as an Arrow IPC stream.
#[napi]
pub fn paths_answer_table(answer: &External<Arc<Answer>>, name: String) -> napi::Result<Buffer> {
    guard(|| Ok(write(&answer.table(&name)?)?.into()))
}

#[napi]
pub fn paths_answer_svg(answer: &External<Arc<Answer>>) -> napi::Result<String> {
    guard(|| Ok(answer.to_svg()))
}

#[napi]
pub fn paths_answer_merge(one: &External<Arc<Answer>>, other: &External<Arc<Answer>>) -> napi::Result<External<Arc<Answer>>> {
    guard(|| Ok(External::new(Arc::new(one.merge(other)?))))
}

#[napi]
pub fn paths_answer_subtract(one: &External<Arc<Answer>>, other: &External<Arc<Answer>>) -> napi::Result<External<Arc<Answer>>> {
    guard(|| Ok(External::new(Arc::new(one.subtract(other)?))))
}

/// The edges, starts and ends of a directly-follows graph as a document.
#[napi]
pub fn paths_answer_graph(answer: &External<Arc<Answer>>) -> napi::Result<String> {
    guard(|| {
        let graph = answer.graph().cloned().unwrap_or_default();
        let edges: Vec<(String, String, u64)> = graph.edges.into_iter().map(|((from, to), count)| (from, to, count)).collect();
        json(&(edges, graph.start, graph.end))
    })
}
