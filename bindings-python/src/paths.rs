//! The native half of `wayfare.Paths`: tables and documents in, tables and documents out.

use std::sync::Arc;

use arrow_array::RecordBatch;
use pyo3::prelude::*;
use wayfare::arrow::paths as tables;
use wayfare::paths::PathsRequest;

use crate::convert::document_of;
use crate::error::{Outcome, guarded};
use crate::journey::Journey;
use crate::lifetime::read;
use crate::table::{Frame, like, like_named};
use crate::work::{Progress, worked};

/// Paths, and the library whose frames they came in.
#[pyclass(frozen, eq, name = "Paths", module = "wayfare._wayfare")]
#[derive(Clone)]
pub(crate) struct Paths {
    pub(crate) paths: Arc<wayfare::paths::Paths>,
    pub(crate) library: String,
}

/// Whatever library they came in.
impl PartialEq for Paths {
    fn eq(&self, other: &Self) -> bool {
        self.paths == other.paths
    }
}

/// Cuts a table of touchpoints into paths: the paths, and the refused rows if they are collected.
#[pyfunction]
#[pyo3(signature = (touchpoints, request, library, journey = None, track = None, customers = None, progress = None))]
pub(crate) fn cut_paths<'py>(
    touchpoints: &Bound<'py, PyAny>,
    request: &Bound<'py, PyAny>,
    library: String,
    journey: Option<&Bound<'py, Journey>>,
    track: Option<String>,
    customers: Option<&Bound<'py, PyAny>>,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Paths, Bound<'py, PyAny>)> {
    guarded(|| {
        let py = touchpoints.py();
        let request: PathsRequest = read(request)?;
        let frame = Frame::new("touchpoints", touchpoints);
        let customers = customers.map(|customers| Frame::new("customers", customers));
        let journey = journey.map(|journey| journey.get().inner.clone());
        let cut = worked(py, &Progress::new(py, progress)?, move |watch| {
            let touchpoints = frame.read(watch)?;
            let customers = customers.map(|customers| customers.read(watch)).transpose()?;
            let in_journey =
                journey.as_ref().map(|journey| tables::InJourney { journey, track: track.as_deref(), customers: customers.as_ref() });
            Ok(tables::paths(&touchpoints, &request, in_journey, Some(&|done, total| watch.note(done, total)))?)
        })?;
        Ok((Paths { paths: Arc::new(cut.paths), library }, like(touchpoints, cut.rejected)?))
    })
}

#[pymethods]
impl Paths {
    /// Paths as texts, of a table with the columns `path`, `conversions`, and where there are such `value` and `nulls`.
    #[staticmethod]
    #[pyo3(signature = (table, separator, library))]
    fn from_table(table: &Bound<'_, PyAny>, separator: Option<String>, library: String) -> PyResult<Self> {
        guarded(|| {
            let (py, frame) = (table.py(), Frame::new("paths", table));
            let paths =
                worked(py, &Progress::new(py, None)?, move |watch| Ok(tables::from_strings(&frame.read(watch)?, separator.as_deref())?))?;
            Ok(Self { paths: Arc::new(paths), library })
        })
    }

    /// As of one table with all rows of both.
    fn merge(&self, py: Python<'_>, other: &Self) -> PyResult<Self> {
        guarded(|| {
            let (one, other) = (self.paths.clone(), other.paths.clone());
            let merged = worked(py, &Progress::new(py, None)?, move |_| Ok(one.merge(&other)?))?;
            Ok(Self { paths: Arc::new(merged), library: self.library.clone() })
        })
    }

    /// What became of the rows.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, self.paths.report()))
    }

    /// The names of what is known of every touchpoint.
    fn dimensions(&self) -> Vec<String> {
        self.paths.dimensions().map(str::to_owned).collect()
    }

    /// A row a path.
    #[pyo3(signature = (by, separator))]
    fn to_table<'py>(&self, py: Python<'py>, by: Option<String>, separator: Option<String>) -> PyResult<Bound<'py, PyAny>> {
        self.asked(py, move |paths| tables::table(paths, by.as_deref(), separator.as_deref()))
    }

    /// A row a session.
    #[pyo3(signature = (by))]
    fn sessions<'py>(&self, py: Python<'py>, by: Option<String>) -> PyResult<Bound<'py, PyAny>> {
        self.asked(py, move |paths| tables::sessions(paths, by.as_deref()))
    }

    /// The library whose frames the paths came in.
    fn library(&self) -> &str {
        &self.library
    }

    fn __len__(&self) -> usize {
        self.paths.rows().len()
    }
}

impl Paths {
    /// Asks on a thread of its own; the answer is a frame of the kind that the paths came in.
    pub(crate) fn asked<'py>(
        &self,
        py: Python<'py>,
        ask: impl FnOnce(&wayfare::paths::Paths) -> wayfare::Result<RecordBatch> + Send + 'static,
    ) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| {
            let table = self.worked(py, ask)?;
            like_named(py, &self.library, table)
        })
    }

    /// Asks on a thread of its own.
    pub(crate) fn worked<T: Send + 'static>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&wayfare::paths::Paths) -> wayfare::Result<T> + Send + 'static,
    ) -> Outcome<T> {
        let paths = self.paths.clone();
        worked(py, &Progress::new(py, None)?, move |_| Ok(ask(&paths)?))
    }
}
