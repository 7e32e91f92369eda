//! `wayfare.Journey`.

use std::path::PathBuf;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};

use crate::convert::{self, Reduced};
use crate::error::{Diagnostic, Outcome, argument, guarded};
use crate::grid::{self, Diagram, Grid};
use crate::identity::{IdentityGraph, shared};
use crate::profile::Profile;
use crate::table::{Asked, How};
use crate::what_if;

/// A checked, compiled journey file.
#[pyclass(frozen, module = "wayfare")]
pub(crate) struct Journey {
    pub(crate) inner: wayfare::Journey,
    text: Text,
    /// The keys of a view's dicts, and what a decision names.
    pub(crate) keys: Keys,
}

/// The names of a journey as Python has them, made once.
pub(crate) struct Keys {
    pub(crate) tracks: Vec<Py<PyString>>,
    pub(crate) traits: Vec<Py<PyString>>,
    pub(crate) scores: Vec<Py<PyString>>,
    pub(crate) segments: Vec<Py<PyString>>,
    pub(crate) actions: Vec<Py<PyString>>,
    pub(crate) channels: Vec<Py<PyString>>,
}

impl Keys {
    fn new(py: Python<'_>, journey: &wayfare::Journey) -> Self {
        let key = |name: &str| PyString::intern(py, name).unbind();
        Self {
            tracks: journey.tracks().map(key).collect(),
            traits: journey.traits().map(key).collect(),
            scores: journey.scores().map(key).collect(),
            segments: journey.segments().map(key).collect(),
            actions: journey.actions().map(key).collect(),
            channels: journey.channels().map(key).collect(),
        }
    }
}

/// What it was read from; it pickles as that.
enum Text {
    Yaml(String),
    Json(String),
    Document(serde_json::Value),
}

impl Journey {
    fn new(py: Python<'_>, inner: wayfare::Journey, text: Text) -> Self {
        Self { keys: Keys::new(py, &inner), inner, text }
    }

    fn yaml(py: Python<'_>, text: String) -> Outcome<Self> {
        Ok(Self::new(py, wayfare::Journey::from_yaml(&text)?, Text::Yaml(text)))
    }

    fn json(py: Python<'_>, text: String) -> Outcome<Self> {
        Ok(Self::new(py, wayfare::Journey::from_json(&text)?, Text::Json(text)))
    }
}

#[pymethods]
impl Journey {
    /// Reads, checks and compiles a journey file: JSON if it ends in `.json`, else YAML.
    #[staticmethod]
    fn from_file(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        guarded(|| {
            let bytes = std::fs::read(&path).map_err(PyErr::from)?;
            let text = String::from_utf8(bytes).map_err(|_| argument("the journey file is not UTF-8 text", None))?;
            match path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
                true => Self::json(py, text),
                false => Self::yaml(py, text),
            }
        })
    }

    /// Reads, checks and compiles a journey written in YAML.
    #[staticmethod]
    fn from_yaml(py: Python<'_>, text: String) -> PyResult<Self> {
        guarded(|| Self::yaml(py, text))
    }

    /// Reads, checks and compiles a journey written in JSON.
    #[staticmethod]
    fn from_json(py: Python<'_>, text: String) -> PyResult<Self> {
        guarded(|| Self::json(py, text))
    }

    /// Checks and compiles a journey that is built of dicts, lists, text, numbers and booleans.
    #[staticmethod]
    fn from_dict(document: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(|| {
            let read = convert::document(document)?;
            Ok(Self::new(document.py(), wayfare::Journey::from_value(&read)?, Text::Document(read)))
        })
    }

    /// One of the journeys that come with wayfare: `retail`, `subscription`, `insurance`.
    #[staticmethod]
    fn template(py: Python<'_>, name: &str) -> PyResult<Self> {
        guarded(|| Self::yaml(py, wayfare::template_text(name)?.to_owned()))
    }

    /// The journey's name.
    #[getter]
    fn name(&self) -> &str {
        self.inner.name()
    }

    /// What the check warned of: the journey runs, but perhaps not as meant.
    #[getter]
    fn warnings(&self) -> Vec<Diagnostic> {
        self.inner.warnings().iter().cloned().map(Diagnostic).collect()
    }

    /// The tracks, in file order.
    #[getter]
    fn tracks(&self) -> Vec<&str> {
        self.inner.tracks().collect()
    }

    /// The stages of a track, in file order. Raises `InvalidArgumentError` if there is no such track.
    fn stages(&self, track: &str) -> PyResult<Vec<&str>> {
        guarded(|| self.inner.stages(track).ok_or_else(|| argument(format!("the journey has no track `{track}`"), None)))
    }

    /// The traits, in file order.
    #[getter]
    fn traits(&self) -> Vec<&str> {
        self.inner.traits().collect()
    }

    /// The scores, in file order.
    #[getter]
    fn scores(&self) -> Vec<&str> {
        self.inner.scores().collect()
    }

    /// The segments, in file order.
    #[getter]
    fn segments(&self) -> Vec<&str> {
        self.inner.segments().collect()
    }

    /// The fields a touchpoint may have beside `customer`, `at` and `id`, with their types.
    #[getter]
    fn touchpoint_fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        typed(py, self.inner.touchpoint_fields())
    }

    /// The attributes a customer may have, with their types.
    #[getter]
    fn attributes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        typed(py, self.inner.attributes())
    }

    /// What the host may hand in with decisions, with the types.
    #[getter]
    fn inputs<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        typed(py, self.inner.spec().inputs.iter().map(|(name, kind)| (name.as_str(), *kind)))
    }

    /// The profile of a customer nothing is known of yet.
    fn profile(slf: &Bound<'_, Self>, customer: &str) -> PyResult<Profile> {
        guarded(|| Ok(Profile::new(slf.clone().unbind(), slf.get().inner.profile(customer))))
    }

    /// What is true of every customer of a table: one row a customer and instant.
    #[pyo3(signature = (
        touchpoints, *, preferences = None, customers = None, as_of, identity = None, naive_time_zone = None, on_error = "raise", extra_columns = "refuse",
        progress = None
    ))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn run<'py>(
        &self,
        touchpoints: &Bound<'py, PyAny>,
        preferences: Option<&Bound<'py, PyAny>>,
        customers: Option<&Bound<'py, PyAny>>,
        as_of: &Bound<'py, PyAny>,
        identity: Option<&Bound<'py, IdentityGraph>>,
        naive_time_zone: Option<String>,
        on_error: &str,
        extra_columns: &str,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let how = How { naive_time_zone, on_error, extra_columns, progress };
        let asked = Asked { identity: shared(identity)?, preferences, customers, ..Asked::about("touchpoints", touchpoints, as_of, how) };
        guarded(|| asked.frame(&self.inner, wayfare::arrow::run))
    }

    /// Every move of every customer of a table up to `as_of`: one row a transition.
    #[pyo3(signature = (
        touchpoints, *, preferences = None, customers = None, as_of, explain = false, identity = None, naive_time_zone = None, on_error = "raise",
        extra_columns = "refuse", progress = None
    ))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn transitions<'py>(
        &self,
        touchpoints: &Bound<'py, PyAny>,
        preferences: Option<&Bound<'py, PyAny>>,
        customers: Option<&Bound<'py, PyAny>>,
        as_of: &Bound<'py, PyAny>,
        explain: bool,
        identity: Option<&Bound<'py, IdentityGraph>>,
        naive_time_zone: Option<String>,
        on_error: &str,
        extra_columns: &str,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let how = How { naive_time_zone, on_error, extra_columns, progress };
        let asked =
            Asked { identity: shared(identity)?, preferences, customers, explain, ..Asked::about("touchpoints", touchpoints, as_of, how) };
        guarded(|| asked.frame(&self.inner, wayfare::arrow::transitions))
    }

    /// The one relevant thing to say to every customer of a table, or nothing: one row a customer and instant.
    #[pyo3(signature = (
        touchpoints, *, preferences = None, customers = None, inputs = None, as_of, explain = false, identity = None, naive_time_zone = None,
        on_error = "raise", extra_columns = "refuse", progress = None
    ))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn decide<'py>(
        &self,
        touchpoints: &Bound<'py, PyAny>,
        preferences: Option<&Bound<'py, PyAny>>,
        customers: Option<&Bound<'py, PyAny>>,
        inputs: Option<&Bound<'py, PyAny>>,
        as_of: &Bound<'py, PyAny>,
        explain: bool,
        identity: Option<&Bound<'py, IdentityGraph>>,
        naive_time_zone: Option<String>,
        on_error: &str,
        extra_columns: &str,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let how = How { naive_time_zone, on_error, extra_columns, progress };
        let asked = Asked {
            identity: shared(identity)?,
            preferences,
            customers,
            inputs,
            explain,
            ..Asked::about("touchpoints", touchpoints, as_of, how)
        };
        guarded(|| asked.frame(&self.inner, wayfare::arrow::decide))
    }

    /// `wayfare.paths` with the owners and the stages of this journey.
    #[pyo3(signature = (table, **options))]
    fn paths<'py>(slf: &Bound<'py, Self>, table: &Bound<'py, PyAny>, options: Option<&Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
        static PATHS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let options = options.map_or_else(|| Ok(PyDict::new(slf.py())), |options| options.copy())?;
        options.set_item("journey", slf)?;
        PATHS.import(slf.py(), "wayfare._paths", "paths")?.call((table,), Some(&options))
    }

    /// Whether there may be contact with every customer of a table of preferences: one row a customer, channel, purpose and topic.
    #[pyo3(signature = (
        preferences, *, as_of, naive_time_zone = None, on_error = "raise", extra_columns = "refuse", progress = None
    ))]
    fn ledger<'py>(
        &self,
        preferences: &Bound<'py, PyAny>,
        as_of: &Bound<'py, PyAny>,
        naive_time_zone: Option<String>,
        on_error: &str,
        extra_columns: &str,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let how = How { naive_time_zone, on_error, extra_columns, progress };
        let asked = Asked::about("preferences", preferences, as_of, how);
        guarded(|| asked.frame(&self.inner, wayfare::arrow::ledger))
    }

    /// Whom each action reaches, and how many customers each gate stops.
    #[pyo3(signature = (
        touchpoints, *, preferences = None, customers = None, inputs = None, as_of, naive_time_zone = None, on_error = "raise",
        extra_columns = "refuse", progress = None
    ))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn reach<'py>(
        &self,
        touchpoints: &Bound<'py, PyAny>,
        preferences: Option<&Bound<'py, PyAny>>,
        customers: Option<&Bound<'py, PyAny>>,
        inputs: Option<&Bound<'py, PyAny>>,
        as_of: &Bound<'py, PyAny>,
        naive_time_zone: Option<String>,
        on_error: &str,
        extra_columns: &str,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let how = How { naive_time_zone, on_error, extra_columns, progress };
        let asked = Asked { preferences, customers, inputs, ..Asked::about("touchpoints", touchpoints, as_of, how) };
        guarded(|| what_if::reach(&self.inner, asked))
    }

    /// The same past under this file and another: what differs.
    #[pyo3(signature = (
        other, touchpoints, *, preferences = None, customers = None, inputs = None, as_of = None, over = None, naive_time_zone = None,
        on_error = "raise", extra_columns = "refuse", progress = None
    ))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn compare<'py>(
        &self,
        other: &Bound<'py, Self>,
        touchpoints: &Bound<'py, PyAny>,
        preferences: Option<&Bound<'py, PyAny>>,
        customers: Option<&Bound<'py, PyAny>>,
        inputs: Option<&Bound<'py, PyAny>>,
        as_of: Option<&Bound<'py, PyAny>>,
        over: Option<&Bound<'py, PyAny>>,
        naive_time_zone: Option<String>,
        on_error: &str,
        extra_columns: &str,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let how = How { naive_time_zone, on_error, extra_columns, progress };
        guarded(|| {
            let instants = what_if::instants(as_of, over)?;
            let asked = Asked { preferences, customers, inputs, ..Asked::about("touchpoints", touchpoints, instants, how) };
            what_if::compare(&self.inner, &other.get().inner, asked)
        })
    }

    /// The experience grid: a cell a track, stage and channel. With touchpoints, filled with what happened up to `as_of`.
    #[pyo3(signature = (
        touchpoints = None, *, customers = None, as_of = None, conversions = None, naive_time_zone = None, on_error = "raise",
        extra_columns = "refuse", progress = None
    ))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    fn grid<'py>(
        &self,
        py: Python<'py>,
        touchpoints: Option<&Bound<'py, PyAny>>,
        customers: Option<&Bound<'py, PyAny>>,
        as_of: Option<&Bound<'py, PyAny>>,
        conversions: Option<&Bound<'py, PyAny>>,
        naive_time_zone: Option<String>,
        on_error: &str,
        extra_columns: &str,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let how = How { naive_time_zone, on_error, extra_columns, progress };
        guarded(|| match (touchpoints, as_of) {
            (Some(touchpoints), Some(as_of)) => {
                let asked = Asked { customers, ..Asked::about("touchpoints", touchpoints, as_of, how) };
                grid::filled(&self.inner, asked, conversions)
            }
            (Some(_), None) => Err(argument("`as_of` is missing", Some("say as of which instant the grid is to be filled"))),
            (None, None) if customers.is_none() && conversions.is_none() => Ok(Bound::new(py, Grid(self.inner.grid()))?.into_any()),
            (None, _) => Err(argument("`touchpoints` is missing", Some("a grid is filled from a table of touchpoints"))),
        })
    }

    /// The tracks as a diagram.
    fn diagram(&self) -> PyResult<Diagram> {
        guarded(|| Ok(Diagram(self.inner.diagram())))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| self.inner.spec() == other.get().inner.spec())
    }

    fn __hash__(&self) -> u64 {
        self.inner.name().bytes().fold(0, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)))
    }

    fn __repr__(&self) -> String {
        format!("<wayfare.Journey {:?}: tracks {}>", self.inner.name(), self.tracks().join(", "))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py, (Bound<'py, PyAny>,)>> {
        guarded(|| {
            let (py, class) = (slf.py(), slf.get_type());
            let (read, text) = match &slf.get().text {
                Text::Yaml(text) => ("from_yaml", text.into_pyobject(py).map_err(PyErr::from)?.into_any()),
                Text::Json(text) => ("from_json", text.into_pyobject(py).map_err(PyErr::from)?.into_any()),
                Text::Document(document) => ("from_dict", convert::loads(py, &document.to_string())?),
            };
            Ok((class.getattr(read)?, (text,)))
        })
    }
}

fn typed<'py, 'a>(py: Python<'py>, names: impl Iterator<Item = (&'a str, wayfare::ValueType)>) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, kind) in names {
        let kind = match kind {
            wayfare::ValueType::Number => "number",
            wayfare::ValueType::Text => "text",
            wayfare::ValueType::Boolean => "boolean",
        };
        dict.set_item(name, kind)?;
    }
    Ok(dict)
}
