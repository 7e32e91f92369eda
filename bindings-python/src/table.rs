//! Tables in, a table out: Arrow by the PyCapsule protocol, the work on a thread of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow_array::{RecordBatch, RecordBatchReader};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3_arrow::PyTable;
use pyo3_arrow::input::AnyRecordBatch;
use wayfare::arrow::{AsOf, ExtraColumns, OnError, Outcome as Tables, Request, Table};
use wayfare::{ErrorKind, Instant};

use crate::convert;
use crate::error::{Failure, Outcome, argument, table};

/// How often the caller looks up from waiting: for Ctrl-C, for the progress callback.
const GLANCE: Duration = Duration::from_millis(50);

/// What `Journey.run` and `Journey.transitions` are asked.
pub(crate) struct Asked<'a, 'py> {
    pub(crate) touchpoints: &'a Bound<'py, PyAny>,
    pub(crate) customers: Option<&'a Bound<'py, PyAny>>,
    pub(crate) as_of: &'a Bound<'py, PyAny>,
    pub(crate) naive_time_zone: Option<String>,
    pub(crate) on_error: &'a str,
    pub(crate) extra_columns: &'a str,
    pub(crate) explain: bool,
    pub(crate) progress: Option<&'a Bound<'py, PyAny>>,
}

type Run = fn(&wayfare::Journey, &Request<'_>) -> wayfare::Result<Tables>;
type Reader = Box<dyn RecordBatchReader + Send>;

/// Runs a journey over tables; gives a frame, or with `on_error="collect"` a frame and the refused rows.
pub(crate) fn call<'py>(journey: &wayfare::Journey, run: Run, asked: Asked<'_, 'py>) -> Outcome<Bound<'py, PyAny>> {
    let py = asked.touchpoints.py();
    let on_error = match asked.on_error {
        "raise" => OnError::Fail,
        "collect" => OnError::Collect,
        _ => return Err(argument("`on_error` is neither \"raise\" nor \"collect\"", None)),
    };
    let job = Job {
        journey: journey.clone(),
        run,
        touchpoints: reader(asked.touchpoints, "touchpoints")?,
        customers: asked.customers.map(|customers| reader(customers, "customers")).transpose()?,
        as_of: when(asked.as_of)?,
        naive_time_zone: asked.naive_time_zone,
        on_error,
        extra_columns: match asked.extra_columns {
            "refuse" => ExtraColumns::Refuse,
            "ignore" => ExtraColumns::Ignore,
            _ => return Err(argument("`extra_columns` is neither \"refuse\" nor \"ignore\"", None)),
        },
        explain: asked.explain,
    };
    let progress = Progress::new(py, asked.progress)?;
    let tables = worked(py, job, &progress)?;
    let table = like(asked.touchpoints, tables.table)?;
    match on_error {
        OnError::Collect => Ok((table, like(asked.touchpoints, tables.rejected)?).into_pyobject(py)?.into_any()),
        _ => Ok(table),
    }
}

/// What is done without the interpreter.
struct Job {
    journey: wayfare::Journey,
    run: Run,
    touchpoints: Reader,
    customers: Option<Reader>,
    as_of: When,
    naive_time_zone: Option<String>,
    on_error: OnError,
    extra_columns: ExtraColumns,
    explain: bool,
}

enum When {
    At(Instant),
    Each(Vec<Instant>),
    Table(Reader),
}

/// What the two threads tell each other.
#[derive(Default)]
struct Watch {
    done: AtomicU64,
    total: AtomicU64,
    stop: AtomicBool,
}

impl Job {
    fn work(self, watch: &Watch) -> Outcome<Tables> {
        let touchpoints = gathered(self.touchpoints, "touchpoints", watch)?;
        let customers = self.customers.map(|customers| gathered(customers, "customers", watch)).transpose()?;
        let (each, at_table);
        let as_of = match self.as_of {
            When::At(at) => AsOf::At(at),
            When::Each(instants) => {
                each = instants;
                AsOf::Each(&each)
            }
            When::Table(reader) => {
                at_table = gathered(reader, "as_of", watch)?;
                AsOf::Table(&at_table)
            }
        };
        let progress = |done: u64, total: u64| {
            watch.total.store(total, Ordering::Relaxed);
            watch.done.store(done, Ordering::Relaxed);
            !watch.stop.load(Ordering::Relaxed)
        };
        let request = Request {
            customers: customers.as_ref(),
            naive_time_zone: self.naive_time_zone.as_deref(),
            on_error: self.on_error,
            extra_columns: self.extra_columns,
            explain: self.explain,
            progress: Some(&progress),
            ..Request::new(&touchpoints, as_of)
        };
        Ok((self.run)(&self.journey, &request)?)
    }
}

fn gathered(reader: Reader, name: &str, watch: &Watch) -> Outcome<Table> {
    let schema = reader.schema();
    let mut batches = Vec::new();
    for batch in reader {
        if watch.stop.load(Ordering::Relaxed) {
            return Err(Failure::Boundary {
                kind: ErrorKind::Cancelled,
                message: "stopped while reading".to_owned(),
                help: None,
                field: None,
            });
        }
        batches.push(batch.map_err(|_| table(format!("`{name}` broke off while it was read"), None))?);
    }
    Ok(Table::new(schema, batches))
}

/// Starts the worker and waits for it without holding the interpreter.
fn worked(py: Python<'_>, job: Job, progress: &Progress<'_>) -> Outcome<Tables> {
    let watch = Arc::new(Watch::default());
    let (sender, receiver) = sync_channel(1);
    let seen = watch.clone();
    let worker = std::thread::Builder::new().name("wayfare".to_owned()).spawn(move || {
        let outcome = catch_unwind(AssertUnwindSafe(|| job.work(&seen))).unwrap_or(Err(Failure::Panic));
        // The caller waits until this is there; it cannot be gone.
        let _ = sender.send(outcome);
    });
    worker.map_err(PyErr::from)?;
    let receiver = Mutex::new(receiver);
    loop {
        match py.detach(|| wait(&receiver)) {
            Ok(outcome) => {
                progress.report(&watch)?;
                return outcome;
            }
            Err(RecvTimeoutError::Disconnected) => return Err(Failure::Panic),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Err(error) = py.check_signals().and_then(|()| progress.report(&watch)) {
            watch.stop.store(true, Ordering::Relaxed);
            py.detach(|| while let Err(RecvTimeoutError::Timeout) = wait(&receiver) {});
            return Err(error.into());
        }
    }
}

fn wait(receiver: &Mutex<Receiver<Outcome<Tables>>>) -> Result<Outcome<Tables>, RecvTimeoutError> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(GLANCE)
}

/// The caller's callback, or a bar.
struct Progress<'py> {
    shown: Option<Bound<'py, PyAny>>,
}

impl<'py> Progress<'py> {
    fn new(py: Python<'py>, asked: Option<&Bound<'py, PyAny>>) -> PyResult<Self> {
        static CALLBACK: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let shown = asked.map(|asked| CALLBACK.import(py, "wayfare._progress", "callback")?.call1((asked,))).transpose()?;
        Ok(Self { shown: shown.filter(|shown| !shown.is_none()) })
    }

    /// Tells how far the work is; `False` in answer asks to stop.
    fn report(&self, watch: &Watch) -> PyResult<()> {
        let Some(callback) = &self.shown else { return Ok(()) };
        let total = watch.total.load(Ordering::Relaxed);
        if total > 0 {
            let answer = callback.call1((watch.done.load(Ordering::Relaxed), total))?;
            if answer.cast::<pyo3::types::PyBool>().is_ok_and(|go_on| !go_on.is_true()) {
                watch.stop.store(true, Ordering::Relaxed);
            }
        }
        Ok(())
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        // Only a bar has something to end.
        if let Some(Ok(close)) = self.shown.as_ref().map(|shown| shown.getattr("close")) {
            let _ = close.call0();
        }
    }
}

/// A table of any kind as a stream of Arrow batches.
fn reader(frame: &Bound<'_, PyAny>, name: &'static str) -> Outcome<Reader> {
    static STREAM: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let stream = STREAM.import(frame.py(), "wayfare._frames", "stream")?.call1((frame, name))?;
    let opened = stream.extract::<AnyRecordBatch>().and_then(AnyRecordBatch::into_reader);
    opened.map_err(|_| table(format!("`{name}` is not a table of columns"), Some("pass a table, not one column")))
}

fn when(as_of: &Bound<'_, PyAny>) -> Outcome<When> {
    static MOMENTS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let moments = MOMENTS.import(as_of.py(), "wayfare._frames", "moments")?.call1((as_of,))?;
    match moments.extract::<&str>() {
        Ok("one") => Ok(When::At(convert::instant(as_of)?)),
        Ok("many") => Ok(When::Each(as_of.try_iter()?.map(|at| convert::instant(&at?)).collect::<Outcome<_>>()?)),
        _ => Ok(When::Table(reader(as_of, "as_of")?)),
    }
}

/// A table in the kind of frame that came in.
fn like<'py>(frame: &Bound<'py, PyAny>, batch: RecordBatch) -> Outcome<Bound<'py, PyAny>> {
    static LIKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let schema = batch.schema();
    let native = PyTable::try_new(vec![batch], schema)?;
    Ok(LIKE.import(frame.py(), "wayfare._frames", "like")?.call1((frame, native))?)
}
