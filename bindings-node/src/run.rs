//! Questions about tables, off the event loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use arrow_buffer::Buffer as ArrowBuffer;
use napi::bindgen_prelude::{AsyncTask, Buffer, External, Uint8Array};
use napi::{Env, Task};
use napi_derive::napi;
use wayfare::arrow::{self, AsOf, ExtraColumns, OnError, Outcome, Request};
use wayfare::identity::IdentityGraph;
use wayfare::{ErrorKind, Instant, Journey};

use crate::error::{Fault, guard};
use crate::journey::Reading;
use crate::table::{read, write};
use crate::value::{At, instant};

/// What JavaScript and a run tell each other while it runs.
#[derive(Default)]
pub struct Job {
    cancelled: AtomicBool,
    done: AtomicU64,
    all: AtomicU64,
}

#[napi]
pub fn job_new() -> napi::Result<External<Arc<Job>>> {
    guard(|| Ok(External::new(Arc::default())))
}

#[napi]
pub fn job_cancel(job: &External<Arc<Job>>) -> napi::Result<()> {
    guard(|| {
        job.cancelled.store(true, Relaxed);
        Ok(())
    })
}

/// The rows done and the rows in all.
#[napi]
pub fn job_progress(job: &External<Arc<Job>>) -> napi::Result<Vec<f64>> {
    guard(|| Ok(vec![job.done.load(Relaxed) as f64, job.all.load(Relaxed) as f64]))
}

/// What is asked of tables: the options of every method that asks, tables as Arrow IPC.
#[napi(object, object_to_js = false)]
pub struct Asked {
    /// The touchpoints; of a ledger the preferences.
    pub about: Uint8Array,
    pub preferences: Option<Uint8Array>,
    pub customers: Option<Uint8Array>,
    pub inputs: Option<Uint8Array>,
    pub naive_time_zone: Option<String>,
    pub on_error: Option<String>,
    pub extra_columns: Option<String>,
    pub explain: Option<bool>,
    /// `asOf` where it is one instant.
    pub at: Option<At>,
    /// `asOf` where it is several.
    pub each: Option<Vec<At>>,
    /// `asOf` where it is a table.
    pub questions: Option<Uint8Array>,
}

/// A question: everything that it needs, owned.
pub struct Question {
    journey: Journey,
    job: Arc<Job>,
    /// What the caller calls the table that it is about.
    name: &'static str,
    about: ArrowBuffer,
    preferences: Option<ArrowBuffer>,
    customers: Option<ArrowBuffer>,
    inputs: Option<ArrowBuffer>,
    questions: Option<ArrowBuffer>,
    at: Option<Instant>,
    each: Vec<Instant>,
    naive_time_zone: Option<String>,
    on_error: OnError,
    extra_columns: ExtraColumns,
    explain: bool,
    identity: Option<Arc<IdentityGraph>>,
}

impl Question {
    /// Takes it over. The bytes are copied: JavaScript may change or hand away its own meanwhile.
    pub fn new(journey: &External<Reading>, job: &External<Arc<Job>>, name: &'static str, asked: &Asked) -> Result<Self, Fault> {
        let copied = |bytes: &Option<Uint8Array>| bytes.as_deref().map(ArrowBuffer::from);
        let on_error = [("raise", OnError::Fail), ("collect", OnError::Collect)];
        let extra_columns = [("refuse", ExtraColumns::Refuse), ("ignore", ExtraColumns::Ignore)];
        Ok(Self {
            journey: journey.journey()?.clone(),
            job: Arc::clone(job),
            name,
            about: ArrowBuffer::from(&*asked.about),
            preferences: copied(&asked.preferences),
            customers: copied(&asked.customers),
            inputs: copied(&asked.inputs),
            questions: copied(&asked.questions),
            at: asked.at.as_ref().map(instant).transpose()?,
            each: asked.each.iter().flatten().map(instant).collect::<Result<_, _>>()?,
            naive_time_zone: asked.naive_time_zone.clone(),
            on_error: choice("onError", asked.on_error.as_deref(), &on_error)?,
            extra_columns: choice("extraColumns", asked.extra_columns.as_deref(), &extra_columns)?,
            explain: asked.explain.unwrap_or_default(),
            identity: None,
        })
    }

    /// By the persons of a graph.
    fn by(self, identity: Option<&External<Arc<IdentityGraph>>>) -> Self {
        Self { identity: identity.map(|graph| Arc::clone(graph)), ..self }
    }

    /// Asks it.
    pub fn ask<T>(&self, ask: impl FnOnce(&Journey, &Request<'_>) -> wayfare::Result<T>) -> Result<T, Fault> {
        let table = |name: &str, bytes: &Option<ArrowBuffer>| bytes.as_ref().map(|bytes| read(name, bytes.clone())).transpose();
        let about = read(self.name, self.about.clone())?;
        let preferences = table("preferences", &self.preferences)?;
        let customers = table("customers", &self.customers)?;
        let inputs = table("inputs", &self.inputs)?;
        let questions = table("asOf", &self.questions)?;
        let as_of = match (&questions, self.at) {
            (Some(table), _) => AsOf::Table(table),
            (None, Some(at)) => AsOf::At(at),
            (None, None) => AsOf::Each(&self.each),
        };
        let progress = |done, all| {
            self.job.done.store(done, Relaxed);
            self.job.all.store(all, Relaxed);
            !self.job.cancelled.load(Relaxed)
        };
        let request = Request {
            preferences: preferences.as_ref(),
            customers: customers.as_ref(),
            inputs: inputs.as_ref(),
            naive_time_zone: self.naive_time_zone.as_deref(),
            on_error: self.on_error,
            extra_columns: self.extra_columns,
            explain: self.explain,
            identity: self.identity.as_deref(),
            progress: Some(&progress),
            ..Request::new(&about, as_of)
        };
        Ok(ask(&self.journey, &request)?)
    }
}

/// The choice that a word names; the default of the crate where there is none.
fn choice<T: Copy + Default>(option: &str, word: Option<&str>, choices: &[(&str, T)]) -> Result<T, Fault> {
    let Some(word) = word else { return Ok(T::default()) };
    let words: Vec<String> = choices.iter().map(|(word, _)| format!("`{word}`")).collect();
    let found = choices.iter().find(|(choice, _)| *choice == word).map(|(_, choice)| *choice);
    found.ok_or_else(|| Fault::new(ErrorKind::InvalidArgument, format!("`{option}` is not one of {}", words.join(", "))))
}

/// The answer and the refused rows, both as Arrow IPC streams.
#[napi(object)]
pub struct Tables {
    pub table: Buffer,
    pub rejected: Buffer,
}

#[napi]
pub fn run_tables(
    journey: &External<Reading>,
    job: &External<Arc<Job>>,
    asked: Asked,
    identity: Option<&External<Arc<IdentityGraph>>>,
) -> napi::Result<AsyncTask<Run>> {
    guard(|| Ok(AsyncTask::new(Run { question: Question::new(journey, job, "touchpoints", &asked)?.by(identity), ask: arrow::run })))
}

#[napi]
pub fn transitions_of_tables(
    journey: &External<Reading>,
    job: &External<Arc<Job>>,
    asked: Asked,
    identity: Option<&External<Arc<IdentityGraph>>>,
) -> napi::Result<AsyncTask<Run>> {
    guard(|| {
        Ok(AsyncTask::new(Run { question: Question::new(journey, job, "touchpoints", &asked)?.by(identity), ask: arrow::transitions }))
    })
}

#[napi]
pub fn decide_tables(
    journey: &External<Reading>,
    job: &External<Arc<Job>>,
    asked: Asked,
    identity: Option<&External<Arc<IdentityGraph>>>,
) -> napi::Result<AsyncTask<Run>> {
    guard(|| Ok(AsyncTask::new(Run { question: Question::new(journey, job, "touchpoints", &asked)?.by(identity), ask: arrow::decide })))
}

#[napi]
pub fn ledger_of_tables(journey: &External<Reading>, job: &External<Arc<Job>>, asked: Asked) -> napi::Result<AsyncTask<Run>> {
    guard(|| Ok(AsyncTask::new(Run { question: Question::new(journey, job, "preferences", &asked)?, ask: arrow::ledger })))
}

/// A question that is answered by a table.
pub struct Run {
    question: Question,
    ask: fn(&Journey, &Request<'_>) -> wayfare::Result<Outcome>,
}

impl Task for Run {
    type Output = (Vec<u8>, Vec<u8>);
    type JsValue = Tables;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        guard(|| {
            let Outcome { table, rejected, .. } = self.question.ask(self.ask)?;
            Ok((write(&table)?, write(&rejected)?))
        })
    }

    fn resolve(&mut self, _: Env, (table, rejected): Self::Output) -> napi::Result<Self::JsValue> {
        Ok(Tables { table: table.into(), rejected: rejected.into() })
    }
}
