//! The native half of `wayfare.attribution`: paths and documents in, tables and documents out.

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use wayfare::arrow::attribution as tables;
use wayfare::attribution::{AttributionRequest, MarkovCounts as Counts, MarkovRequest, OrderRequest};

use crate::convert::{Reduced, document_of};
use crate::error::guarded;
use crate::lifetime::read;
use crate::paths::Paths;
use crate::table::like_named;
use crate::work::{Progress, worked};

/// Credits by word, and what they are.
#[pyfunction]
pub(crate) fn attribution_of<'py>(
    paths: &Bound<'py, Paths>,
    request: &Bound<'py, PyAny>,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    guarded(|| {
        let (py, request): (_, AttributionRequest) = (paths.py(), read(request)?);
        let found = paths.get().worked(py, move |paths| tables::attribute(paths, &request))?;
        Ok((like_named(py, &paths.get().library, found.table)?, document_of(py, &found.facts)?))
    })
}

/// Credits of every conversion.
#[pyfunction]
pub(crate) fn attribution_credits<'py>(paths: &Bound<'py, Paths>, request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    guarded(|| {
        let request: AttributionRequest = read(request)?;
        Ok(paths.get().asked(paths.py(), move |paths| tables::credits(paths, &request))?)
    })
}

/// Every model beside the others.
#[pyfunction]
#[pyo3(signature = (paths, by, measure))]
pub(crate) fn attribution_side_by_side<'py>(
    paths: &Bound<'py, Paths>,
    by: Option<String>,
    measure: Option<String>,
) -> PyResult<Bound<'py, PyAny>> {
    paths.get().asked(paths.py(), move |paths| tables::side_by_side(paths, by.as_deref(), measure.as_deref()))
}

/// How well chains of several orders foretell paths that they have not seen.
#[pyfunction]
pub(crate) fn attribution_orders<'py>(paths: &Bound<'py, Paths>, request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    guarded(|| {
        let request: OrderRequest = read(request)?;
        Ok(paths.get().asked(paths.py(), move |paths| tables::orders(paths, &request))?)
    })
}

/// The counts of an absorbing chain, and the library whose frames they answer with.
#[pyclass(eq, name = "MarkovCounts", module = "wayfare._wayfare")]
pub(crate) struct MarkovCounts {
    counts: Counts,
    library: String,
}

impl PartialEq for MarkovCounts {
    /// Whether they count the same, whichever library's frames they answer with.
    fn eq(&self, other: &Self) -> bool {
        self.counts == other.counts
    }
}

#[pymethods]
impl MarkovCounts {
    #[new]
    fn new(request: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(|| Ok(Self { counts: read::<MarkovRequest>(request)?.empty()?, library: String::new() }))
    }

    /// The counts of paths.
    #[staticmethod]
    fn from_paths(paths: &Bound<'_, Paths>, request: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(|| {
            let request: MarkovRequest = read(request)?;
            let counts = paths.get().worked(paths.py(), move |paths| request.count(paths))?;
            Ok(Self { counts, library: paths.get().library.clone() })
        })
    }

    #[staticmethod]
    fn from_bytes(bytes: PyBackedBytes) -> PyResult<Self> {
        guarded(|| Ok(Self { counts: Counts::from_bytes(&bytes)?, library: String::new() }))
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guarded(|| Ok(PyBytes::new(py, &self.counts.to_bytes())))
    }

    /// Adds a path.
    fn add(&mut self, path: Vec<Option<String>>, conversions: u64, value: f64, nulls: u64) -> PyResult<()> {
        guarded(|| {
            let words: Vec<Option<&str>> = path.iter().map(Option::as_deref).collect();
            Ok(self.counts.add(&words, conversions, value, nulls)?)
        })
    }

    /// Adds other counts.
    fn merge(&mut self, other: &Self) -> PyResult<()> {
        guarded(|| Ok(self.counts.merge(&other.counts)?))
    }

    /// Takes other counts away.
    fn subtract(&mut self, other: &Self) -> PyResult<()> {
        guarded(|| Ok(self.counts.subtract(&other.counts)?))
    }

    fn order(&self) -> usize {
        self.counts.order()
    }

    fn by(&self) -> &str {
        self.counts.by()
    }

    fn states(&self) -> usize {
        self.counts.states()
    }

    fn conversions(&self) -> u64 {
        self.counts.conversions()
    }

    /// Credits by word, and what they are.
    fn attribution<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        guarded(|| {
            let counts = self.counts.clone();
            let found = worked(py, &Progress::new(py, None)?, move |_| Ok(tables::counted(&counts)?))?;
            Ok((like_named(py, &self.library, found.table)?, document_of(py, &found.facts)?))
        })
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py, (Bound<'py, PyBytes>,)>> {
        let from_bytes = slf.get_type().getattr("from_bytes")?;
        Ok((from_bytes, (slf.borrow().to_bytes(slf.py())?,)))
    }
}
