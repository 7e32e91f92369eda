//! `wayfare.View` and what it is made of.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList};
use wayfare::Instant;

use crate::convert::{At, loads, shown};
use crate::error::{Failure, Outcome, guarded};
use crate::journey::{Journey, Keys};

/// What is true of a customer at an instant. Each part is computed when it is first read.
#[pyclass(frozen, module = "wayfare")]
pub(crate) struct View {
    journey: Py<Journey>,
    profile: Arc<wayfare::Profile>,
    now: Instant,
    stages: PyOnceLock<Py<PyDict>>,
    traits: PyOnceLock<Py<PyDict>>,
    scores: PyOnceLock<Py<PyDict>>,
    segments: PyOnceLock<Py<PyDict>>,
    make_up: PyOnceLock<Py<PyDict>>,
}

impl View {
    pub(crate) fn new(journey: Py<Journey>, profile: Arc<wayfare::Profile>, now: Instant) -> Outcome<Self> {
        profile.view(now)?;
        let parts = PyOnceLock::new;
        Ok(Self { journey, profile, now, stages: parts(), traits: parts(), scores: parts(), segments: parts(), make_up: parts() })
    }

    fn core(&self) -> Outcome<wayfare::View<'_>> {
        Ok(self.profile.view(self.now)?)
    }

    fn keys(&self) -> &Keys {
        &self.journey.get().keys
    }
}

/// The part, filled the first time.
fn part<'py>(
    py: Python<'py>,
    cell: &PyOnceLock<Py<PyDict>>,
    fill: impl FnOnce(&Bound<'py, PyDict>) -> Outcome<()>,
) -> PyResult<Py<PyDict>> {
    guarded(|| {
        let filled = cell.get_or_try_init(py, || {
            let dict = PyDict::new(py);
            fill(&dict)?;
            Ok::<_, Failure>(dict.unbind())
        })?;
        Ok(filled.clone_ref(py))
    })
}

#[pymethods]
impl View {
    /// The instant.
    #[getter]
    fn at(&self) -> At {
        At(self.now)
    }

    /// Where the customer stands on each track.
    #[getter]
    fn stages(&self, py: Python<'_>) -> PyResult<Py<PyDict>> {
        part(py, &self.stages, |dict| {
            for (track, stage) in self.keys().tracks.iter().zip(self.core()?.stages()) {
                let stage = Stage { stage: stage.stage.to_owned(), since: stage.since.map(At) };
                dict.set_item(track, stage.into_pyobject(py)?)?;
            }
            Ok(())
        })
    }

    /// The traits; `None` if unknown.
    #[getter]
    fn traits(&self, py: Python<'_>) -> PyResult<Py<PyDict>> {
        part(py, &self.traits, |dict| {
            let (keys, view) = (&self.keys().traits, self.core()?);
            keys.iter().zip(view.traits()).try_for_each(|(key, (_, value))| Ok(dict.set_item(key, shown(py, value)?)?))
        })
    }

    /// The scores; `None` if unknown.
    #[getter]
    fn scores(&self, py: Python<'_>) -> PyResult<Py<PyDict>> {
        part(py, &self.scores, |dict| {
            let (keys, view) = (&self.keys().scores, self.core()?);
            keys.iter().zip(view.scores()).try_for_each(|(key, (_, value))| Ok(dict.set_item(key, value)?))
        })
    }

    /// The segments; `None` if membership is unknown.
    #[getter]
    fn segments(&self, py: Python<'_>) -> PyResult<Py<PyDict>> {
        part(py, &self.segments, |dict| {
            let (keys, view) = (&self.keys().segments, self.core()?);
            keys.iter().zip(view.segments()).try_for_each(|(key, (_, value))| Ok(dict.set_item(key, value)?))
        })
    }

    /// What each element of each score contributes, before the score's own bounds.
    #[getter]
    fn make_up(&self, py: Python<'_>) -> PyResult<Py<PyDict>> {
        part(py, &self.make_up, |dict| {
            let view = self.core()?;
            for score in self.journey.get().inner.scores() {
                let elements = view.make_up(score).into_iter().flatten().map(Contribution::from);
                let elements = elements.map(|element| element.into_pyobject(py)).collect::<Result<Vec<_>, _>>()?;
                dict.set_item(score, PyList::new(py, elements)?)?;
            }
            Ok(())
        })
    }

    /// The first move that will happen if no further record comes.
    #[getter]
    fn next_change(&self) -> PyResult<Option<NextChange>> {
        guarded(|| Ok(self.core()?.next_change().map(NextChange::from)))
    }

    /// All of it as a JSON document: `stages, traits, scores, make_up, segments, next_change`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| loads(py, &document(&self.core()?)?))
    }

    /// No customer data.
    fn __repr__(&self) -> String {
        format!("<wayfare.View at {}>", self.now)
    }
}

pub(crate) fn document(value: &impl serde::Serialize) -> Outcome<String> {
    serde_json::to_string(value).map_err(|_| Failure::Panic)
}

/// Where a customer stands on one track.
#[pyclass(frozen, eq, hash, get_all, module = "wayfare")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Stage {
    /// The stage.
    stage: String,
    /// When it was entered; for a stage never left, the instant of the first record. `None` if it was always so.
    since: Option<At>,
}

#[pymethods]
impl Stage {
    fn __repr__(&self) -> String {
        let since = self.since.map_or("None".to_owned(), |since| since.0.to_string());
        format!("Stage(stage={:?}, since={since})", self.stage)
    }
}

/// The next move, if nothing happens.
#[pyclass(frozen, eq, hash, get_all, module = "wayfare")]
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct NextChange {
    /// When.
    at: At,
    /// On which track.
    track: String,
    /// From which stage.
    from_: String,
    /// To which stage.
    to: String,
}

impl From<wayfare::NextChange<'_>> for NextChange {
    fn from(next: wayfare::NextChange<'_>) -> Self {
        Self { at: At(next.at), track: next.track.to_owned(), from_: next.from.to_owned(), to: next.to.to_owned() }
    }
}

#[pymethods]
impl NextChange {
    fn __repr__(&self) -> String {
        format!("NextChange(at={}, track={:?}, from_={:?}, to={:?})", self.at.0, self.track, self.from_, self.to)
    }
}

/// What one element of a score contributes.
#[pyclass(frozen, eq, get_all, module = "wayfare")]
#[derive(PartialEq)]
pub(crate) struct Contribution {
    /// The element.
    element: String,
    /// What it adds to the score; `None` if it is unknown.
    contribution: Option<f64>,
}

impl From<wayfare::Contribution<'_>> for Contribution {
    fn from(part: wayfare::Contribution<'_>) -> Self {
        Self { element: part.element.to_owned(), contribution: part.contribution }
    }
}

#[pymethods]
impl Contribution {
    fn __repr__(&self) -> String {
        let contribution = self.contribution.map_or("None".to_owned(), |value| format!("{value:?}"));
        format!("Contribution(element={:?}, contribution={contribution})", self.element)
    }
}

/// One move of a customer on a track, and why.
#[pyclass(frozen, module = "wayfare")]
pub(crate) struct Transition {
    /// The track.
    #[pyo3(get)]
    track: String,
    /// When; `None` for "from the beginning of time".
    #[pyo3(get)]
    at: Option<At>,
    /// The stage that was left.
    #[pyo3(get)]
    from_: String,
    /// The stage that was entered.
    #[pyo3(get)]
    to: String,
    /// What caused it.
    #[pyo3(get)]
    cause: &'static str,
    /// The id of the record that caused it, if one did and had an id.
    #[pyo3(get)]
    record: Option<String>,
    /// The rule that decided: that of the stage entered, or, after a fall, the one that no longer held.
    #[pyo3(get)]
    rule: String,
    /// Whether it was a fall to the first stage, because `rule` no longer held.
    #[pyo3(get)]
    fell: bool,
    /// What the rule's operands were at that instant.
    #[pyo3(get)]
    operands: Py<PyDict>,
    /// The rule and what its operands were, in one line: `orders >= 2 (orders = 3)`.
    #[pyo3(get)]
    because: String,
    document: String,
}

impl Transition {
    pub(crate) fn new(py: Python<'_>, moved: &wayfare::Transition<'_>) -> Outcome<Self> {
        let operands = PyDict::new(py);
        for (name, value) in &moved.operands {
            operands.set_item(name, shown(py, *value)?)?;
        }
        Ok(Self {
            track: moved.track.to_owned(),
            at: moved.at.map(At),
            from_: moved.from.to_owned(),
            to: moved.to.to_owned(),
            cause: moved.cause.as_str(),
            record: moved.record.map(str::to_owned),
            rule: moved.rule.to_owned(),
            fell: moved.fell,
            operands: operands.unbind(),
            because: moved.because(),
            document: document(moved)?,
        })
    }
}

#[pymethods]
impl Transition {
    /// All of it as a JSON document: `track, at, from, to, cause, record, rule, fell, operands`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| loads(py, &self.document))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.document == other.get().document)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.document.as_str().into_pyobject(py)?.hash()
    }

    fn __repr__(&self) -> String {
        let at = self.at.map_or("None".to_owned(), |at| at.0.to_string());
        format!("Transition(track={:?}, at={at}, from_={:?}, to={:?}, cause={:?})", self.track, self.from_, self.to, self.cause)
    }
}
