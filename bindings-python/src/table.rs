//! Tables in by the PyCapsule protocol of Arrow; tables, or what they come to, out.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3_arrow::PyTable;
use pyo3_arrow::input::AnyRecordBatch;
use wayfare::arrow::{AsOf, ExtraColumns, OnError, Outcome as Tables, Request, Table};
use wayfare::identity::IdentityGraph;
use wayfare::{ErrorKind, Instant, Journey};

use crate::convert;
use crate::error::{Failure, Outcome, argument, table};
use crate::work::{Progress, Watch, worked};

/// A question about tables: the keywords of all methods that ask one. A method sets those that it has.
pub(crate) struct Asked<'a, 'py> {
    pub(crate) preferences: Option<&'a Bound<'py, PyAny>>,
    pub(crate) customers: Option<&'a Bound<'py, PyAny>>,
    pub(crate) inputs: Option<&'a Bound<'py, PyAny>>,
    pub(crate) identity: Option<Arc<IdentityGraph>>,
    pub(crate) explain: bool,
    pub(crate) name: &'static str,
    pub(crate) frame: &'a Bound<'py, PyAny>,
    pub(crate) as_of: &'a Bound<'py, PyAny>,
    pub(crate) how: How<'a, 'py>,
}

/// The keywords that all of these methods have.
pub(crate) struct How<'a, 'py> {
    pub(crate) naive_time_zone: Option<String>,
    pub(crate) on_error: &'a str,
    pub(crate) extra_columns: &'a str,
    pub(crate) progress: Option<&'a Bound<'py, PyAny>>,
}

impl<'a, 'py> Asked<'a, 'py> {
    /// A question about one table. `name` is what the caller calls it.
    pub(crate) fn about(name: &'static str, frame: &'a Bound<'py, PyAny>, as_of: &'a Bound<'py, PyAny>, how: How<'a, 'py>) -> Self {
        Self { preferences: None, customers: None, inputs: None, identity: None, explain: false, name, frame, as_of, how }
    }

    pub(crate) fn py(&self) -> Python<'py> {
        self.frame.py()
    }

    /// The table that it is about.
    pub(crate) fn main(&self) -> &'a Bound<'py, PyAny> {
        self.frame
    }

    /// The answer as a frame of the kind that came in, or with `on_error="collect"` that and the refused rows.
    pub(crate) fn frame(self, journey: &Journey, ask: fn(&Journey, &Request<'_>) -> wayfare::Result<Tables>) -> Outcome<Bound<'py, PyAny>> {
        let frame = self.frame;
        let ask = move |journey: &Journey, request: &Request<'_>| ask(journey, request).map(|tables| (tables.table, tables.rejected));
        self.answer(journey, ask, |table| like(frame, table))
    }

    /// The answer as `show` makes it of what the core gives, or with `on_error="collect"` that and the refused rows.
    pub(crate) fn answer<T: Send + 'static>(
        self,
        journey: &Journey,
        ask: impl FnOnce(&Journey, &Request<'_>) -> wayfare::Result<(T, RecordBatch)> + Send + 'static,
        show: impl FnOnce(T) -> Outcome<Bound<'py, PyAny>>,
    ) -> Outcome<Bound<'py, PyAny>> {
        let (py, frame) = (self.frame.py(), self.frame);
        let (job, progress) = (self.job()?, Progress::new(py, self.how.progress)?);
        let (on_error, journey) = (job.on_error, journey.clone());
        let (answer, rejected) = worked(py, &progress, move |watch| job.work(watch, |request| ask(&journey, request)))?;
        let shown = show(answer)?;
        match on_error {
            OnError::Collect => Ok((shown, like(frame, rejected)?).into_pyobject(py)?.into_any()),
            _ => Ok(shown),
        }
    }

    fn job(&self) -> Outcome<Job> {
        let optional = |name, frame: Option<&Bound<'_, PyAny>>| frame.map(|frame| Frame::new(name, frame));
        Ok(Job {
            about: Frame::new(self.name, self.frame),
            preferences: optional("preferences", self.preferences),
            customers: optional("customers", self.customers),
            inputs: optional("inputs", self.inputs),
            identity: self.identity.clone(),
            as_of: when(self.as_of)?,
            naive_time_zone: self.how.naive_time_zone.clone(),
            on_error: match self.how.on_error {
                "raise" => OnError::Fail,
                "collect" => OnError::Collect,
                _ => return Err(argument("`on_error` is neither \"raise\" nor \"collect\"", None)),
            },
            extra_columns: match self.how.extra_columns {
                "refuse" => ExtraColumns::Refuse,
                "ignore" => ExtraColumns::Ignore,
                _ => return Err(argument("`extra_columns` is neither \"refuse\" nor \"ignore\"", None)),
            },
            explain: self.explain,
        })
    }
}

/// What is done on the other thread.
struct Job {
    about: Frame,
    preferences: Option<Frame>,
    customers: Option<Frame>,
    inputs: Option<Frame>,
    identity: Option<Arc<IdentityGraph>>,
    as_of: When,
    naive_time_zone: Option<String>,
    on_error: OnError,
    extra_columns: ExtraColumns,
    explain: bool,
}

enum When {
    At(Instant),
    Each(Vec<Instant>),
    Table(Frame),
}

impl Job {
    fn work<T>(self, watch: &Watch, ask: impl FnOnce(&Request<'_>) -> wayfare::Result<T>) -> Outcome<T> {
        let optional = |frame: Option<Frame>| frame.map(|frame| frame.read(watch)).transpose();
        let touchpoints = self.about.read(watch)?;
        let preferences = optional(self.preferences)?;
        let customers = optional(self.customers)?;
        let inputs = optional(self.inputs)?;
        let (each, at_table);
        let as_of = match self.as_of {
            When::At(at) => AsOf::At(at),
            When::Each(instants) => {
                each = instants;
                AsOf::Each(&each)
            }
            When::Table(frame) => {
                at_table = frame.read(watch)?;
                AsOf::Table(&at_table)
            }
        };
        let progress = |done: u64, total: u64| watch.note(done, total);
        let request = Request {
            preferences: preferences.as_ref(),
            customers: customers.as_ref(),
            inputs: inputs.as_ref(),
            identity: self.identity.as_deref(),
            naive_time_zone: self.naive_time_zone.as_deref(),
            on_error: self.on_error,
            extra_columns: self.extra_columns,
            explain: self.explain,
            progress: Some(&progress),
            ..Request::new(&touchpoints, as_of)
        };
        Ok(ask(&request)?)
    }
}

/// A table of any kind, and what the caller calls it.
pub(crate) struct Frame {
    name: &'static str,
    frame: Py<PyAny>,
}

impl Frame {
    pub(crate) fn new(name: &'static str, frame: &Bound<'_, PyAny>) -> Self {
        Self { name, frame: frame.clone().unbind() }
    }

    /// Reads it to its end. It is opened only now: of one connection to a database, one stream at a time may be.
    pub(crate) fn read(self, watch: &Watch) -> Outcome<Table> {
        let name = self.name;
        let reader = Python::attach(|py| opened(&self.frame.into_bound(py), name))?;
        let schema = reader.schema();
        let mut batches = Vec::new();
        for batch in reader {
            if watch.is_stopped() {
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
}

/// A table as a stream of Arrow batches.
fn opened(frame: &Bound<'_, PyAny>, name: &'static str) -> Outcome<Box<dyn RecordBatchReader + Send>> {
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
        _ => Ok(When::Table(Frame::new("as_of", as_of))),
    }
}

/// A table in the kind of frame that came in; where none did, as a `pyarrow.Table`.
pub(crate) fn like<'py>(frame: &Bound<'py, PyAny>, batch: RecordBatch) -> Outcome<Bound<'py, PyAny>> {
    static LIKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let schema = batch.schema();
    let native = PyTable::try_new(vec![batch], schema)?;
    Ok(LIKE.import(frame.py(), "wayfare._frames", "like")?.call1((frame, native))?)
}

/// A table in the kind of frame that a library has; without such a library as a `pyarrow.Table`.
pub(crate) fn like_named<'py>(py: Python<'py>, library: &str, batch: RecordBatch) -> Outcome<Bound<'py, PyAny>> {
    static LIKE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let schema = batch.schema();
    let native = PyTable::try_new(vec![batch], schema)?;
    Ok(LIKE.import(py, "wayfare._frames", "like_named")?.call1((library, native))?)
}
