//! `wayfare.Profile`.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};
use wayfare::Observed;

use crate::convert::{At, Fields, Reduced, instant};
use crate::error::guarded;
use crate::journey::Journey;
use crate::view::{NextChange, Transition, View};

/// One customer's folded records. A view shares it; it is copied only when a record comes while a view is still held.
#[pyclass(module = "wayfare")]
pub(crate) struct Profile {
    journey: Py<Journey>,
    inner: Arc<wayfare::Profile>,
}

impl Profile {
    pub(crate) fn new(journey: Py<Journey>, inner: wayfare::Profile) -> Self {
        Self { journey, inner: Arc::new(inner) }
    }
}

#[pymethods]
impl Profile {
    /// A profile from what `to_bytes` gave.
    #[staticmethod]
    fn from_bytes(journey: &Bound<'_, Journey>, data: PyBackedBytes) -> PyResult<Self> {
        guarded(|| Ok(Self::new(journey.clone().unbind(), wayfare::Profile::from_bytes(&journey.get().inner, &data)?)))
    }

    /// Folds a touchpoint, given as a mapping, as keywords, or both: `at`, `kind`, and what else is known of it.
    #[pyo3(signature = (touchpoint = None, /, **fields))]
    fn observe(&mut self, touchpoint: Option<&Bound<'_, PyAny>>, fields: Option<&Bound<'_, PyDict>>) -> PyResult<bool> {
        guarded(|| {
            let fields = Fields::read(touchpoint, fields)?;
            let touchpoint = fields.touchpoint()?;
            Ok(Arc::make_mut(&mut self.inner).observe(&touchpoint)? == Observed::Folded)
        })
    }

    /// Folds a change of attributes, given as a mapping, as keywords, or both. Without `at` it always held.
    #[pyo3(signature = (attributes = None, /, *, at = None, id = None, **named))]
    fn set(
        &mut self,
        attributes: Option<&Bound<'_, PyAny>>,
        at: Option<&Bound<'_, PyAny>>,
        id: Option<&str>,
        named: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<bool> {
        guarded(|| {
            let fields = Fields::read(attributes, named)?;
            let change = fields.change(at, id)?;
            Ok(Arc::make_mut(&mut self.inner).set(&change)? == Observed::Folded)
        })
    }

    /// What is true at an instant.
    fn view(&self, now: &Bound<'_, PyAny>) -> PyResult<View> {
        guarded(|| View::new(self.journey.clone_ref(now.py()), self.inner.clone(), instant(now)?))
    }

    /// The first move that will happen after `now` if no further record comes.
    fn next_change(&self, now: &Bound<'_, PyAny>) -> PyResult<Option<NextChange>> {
        guarded(|| Ok(self.inner.next_change(instant(now)?)?.map(NextChange::from)))
    }

    /// The moves up to an instant, in order, each with its cause and the values that decided.
    fn history(&self, now: &Bound<'_, PyAny>) -> PyResult<Vec<Transition>> {
        guarded(|| {
            let history = self.inner.history(instant(now)?)?;
            history.transitions().map(|moved| Transition::new(now.py(), &moved)).collect()
        })
    }

    /// The profile as bytes, to keep it. The same records always give the same bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guarded(|| Ok(PyBytes::new(py, &self.inner.to_bytes())))
    }

    /// The customer's id.
    #[getter]
    fn customer(&self) -> &str {
        self.inner.customer()
    }

    /// The journey that it is folded with.
    #[getter]
    fn journey(&self, py: Python<'_>) -> Py<Journey> {
        self.journey.clone_ref(py)
    }

    /// The instant of the newest record.
    #[getter]
    fn newest(&self) -> Option<At> {
        self.inner.newest().map(At)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        guarded(|| match other.cast::<Self>() {
            Ok(other) => Ok(self.inner == other.try_borrow().map_err(PyErr::from)?.inner),
            Err(_) => Ok(false),
        })
    }

    /// No customer data.
    fn __repr__(&self) -> String {
        format!("<wayfare.Profile of journey {:?}>", self.inner.journey().name())
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py, (Py<Journey>, Bound<'py, PyBytes>)>> {
        let (profile, py) = (slf.borrow(), slf.py());
        Ok((slf.get_type().getattr("from_bytes")?, (profile.journey.clone_ref(py), profile.to_bytes(py)?)))
    }
}
