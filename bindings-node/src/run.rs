//! Tables through a journey, off the event loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use arrow_buffer::Buffer as ArrowBuffer;
use napi::bindgen_prelude::{AsyncTask, Buffer, External};
use napi::{Env, Task};
use napi_derive::napi;
use wayfare::arrow::{AsOf, ExtraColumns, OnError, Outcome, Request, run, transitions};
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

/// What a run is asked.
#[napi(object)]
pub struct RunOptions {
    pub moves: bool,
    pub naive_time_zone: Option<String>,
    pub on_error: Option<String>,
    pub extra_columns: Option<String>,
    pub explain: Option<bool>,
    /// `asOf` where it is one instant.
    pub at: Option<At>,
    /// `asOf` where it is several.
    pub each: Option<Vec<At>>,
}

/// The answer and the refused rows, both as Arrow IPC streams.
#[napi(object)]
pub struct Tables {
    pub table: Buffer,
    pub rejected: Buffer,
}

/// Runs the journey. The bytes are copied first: JavaScript may change or hand away its own meanwhile.
#[napi]
pub fn run_tables(
    journey: &External<Reading>,
    job: &External<Arc<Job>>,
    touchpoints: &[u8],
    customers: Option<&[u8]>,
    questions: Option<&[u8]>,
    options: RunOptions,
) -> napi::Result<AsyncTask<Run>> {
    guard(|| {
        Ok(AsyncTask::new(Run {
            journey: journey.journey()?.clone(),
            job: Arc::clone(job),
            touchpoints: touchpoints.into(),
            customers: customers.map(Into::into),
            questions: questions.map(Into::into),
            options,
        }))
    })
}

/// One run: everything that it needs, owned.
pub struct Run {
    journey: Journey,
    job: Arc<Job>,
    touchpoints: ArrowBuffer,
    customers: Option<ArrowBuffer>,
    questions: Option<ArrowBuffer>,
    options: RunOptions,
}

impl Run {
    fn answer(&self) -> Result<(Vec<u8>, Vec<u8>), Fault> {
        let table = |name: &str, bytes: &Option<ArrowBuffer>| bytes.as_ref().map(|bytes| read(name, bytes.clone())).transpose();
        let touchpoints = read("touchpoints", self.touchpoints.clone())?;
        let customers = table("customers", &self.customers)?;
        let questions = table("asOf", &self.questions)?;
        let each: Vec<Instant> = self.options.each.iter().flatten().map(instant).collect::<Result<_, _>>()?;
        let as_of = match (&questions, &self.options.at) {
            (Some(table), _) => AsOf::Table(table),
            (None, Some(at)) => AsOf::At(instant(at)?),
            (None, None) => AsOf::Each(&each),
        };
        let progress = |done, all| {
            self.job.done.store(done, Relaxed);
            self.job.all.store(all, Relaxed);
            !self.job.cancelled.load(Relaxed)
        };
        let mut request = Request::new(&touchpoints, as_of);
        request.customers = customers.as_ref();
        request.naive_time_zone = self.options.naive_time_zone.as_deref();
        request.progress = Some(&progress);
        if let Some(on_error) = &self.options.on_error {
            request.on_error = choice("onError", on_error, &[("raise", OnError::Fail), ("collect", OnError::Collect)])?;
        }
        if let Some(extra) = &self.options.extra_columns {
            request.extra_columns = choice("extraColumns", extra, &[("refuse", ExtraColumns::Refuse), ("ignore", ExtraColumns::Ignore)])?;
        }
        if let Some(explain) = self.options.explain {
            request.explain = explain;
        }
        let asked = if self.options.moves { transitions } else { run };
        let Outcome { table, rejected, .. } = asked(&self.journey, &request)?;
        Ok((write(&table)?, write(&rejected)?))
    }
}

fn choice<T: Copy>(option: &str, word: &str, choices: &[(&str, T)]) -> Result<T, Fault> {
    let words: Vec<String> = choices.iter().map(|(word, _)| format!("`{word}`")).collect();
    let found = choices.iter().find(|(choice, _)| *choice == word).map(|(_, choice)| *choice);
    found.ok_or_else(|| Fault::new(ErrorKind::InvalidArgument, format!("`{option}` is not one of {}", words.join(", "))))
}

impl Task for Run {
    type Output = (Vec<u8>, Vec<u8>);
    type JsValue = Tables;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        guard(|| self.answer())
    }

    fn resolve(&mut self, _: Env, (table, rejected): Self::Output) -> napi::Result<Self::JsValue> {
        Ok(Tables { table: table.into(), rejected: rejected.into() })
    }
}
