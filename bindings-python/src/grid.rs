//! `wayfare.Grid` and `wayfare.Diagram`: a journey to look at.

use pyo3::prelude::*;

use crate::convert::document_of;
use crate::error::{Outcome, argument, guarded};
use crate::table::{Asked, like};

/// The experience grid: per track, stage and channel, who answers and what may be said; with touchpoints, what happened there.
#[pyclass(frozen, eq, module = "wayfare")]
#[derive(PartialEq)]
pub(crate) struct Grid(pub(crate) wayfare::Grid);

/// `Journey.grid` with touchpoints.
pub(crate) fn filled<'py>(
    journey: &wayfare::Journey,
    asked: Asked<'_, 'py>,
    conversions: Option<&Bound<'py, PyAny>>,
) -> Outcome<Bound<'py, PyAny>> {
    let py = asked.py();
    let conversions: Vec<String> = match conversions {
        None => Vec::new(),
        Some(given) => given
            .extract()
            .map_err(|_| argument("`conversions` is not a list of kinds", Some("pass a list of text, like `[\"purchased\"]`")))?,
    };
    let ask = move |journey: &wayfare::Journey, request: &wayfare::arrow::Request<'_>| {
        let kinds: Vec<&str> = conversions.iter().map(String::as_str).collect();
        let grid = wayfare::arrow::grid_of(journey, request, &kinds)?;
        let rejected = wayfare::arrow::rejected(&grid.rejected)?;
        Ok((grid, rejected))
    };
    asked.answer(journey, ask, |grid| Ok(Bound::new(py, Grid(grid))?.into_any()))
}

#[pymethods]
impl Grid {
    /// What is missing, or there for nothing: a dict a gap, with `code`, `path`, `message` and perhaps `help`.
    #[getter]
    fn gaps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &self.0.gaps))
    }

    /// The grid of one track alone. Raises `InvalidArgumentError` if there is no such track.
    fn only(&self, track: &str) -> PyResult<Self> {
        guarded(|| Ok(Self(self.0.only(track)?)))
    }

    /// All of it as a JSON document: `tracks`, their `stages`, their `cells`, and `gaps`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &self.0))
    }

    /// A plain table, and the gaps.
    fn to_text(&self) -> PyResult<String> {
        guarded(|| Ok(self.0.to_text()))
    }

    /// One page of HTML that stands alone.
    fn to_html(&self) -> PyResult<String> {
        guarded(|| Ok(self.0.to_html()))
    }

    /// A picture that stands alone.
    fn to_svg(&self) -> PyResult<String> {
        guarded(|| Ok(self.0.to_svg()))
    }

    /// A table, a row a cell, as a `pyarrow.Table`; without pyarrow, an object with `__arrow_c_stream__`.
    fn to_table<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| like(py.None().bind(py), wayfare::arrow::grid_table(&self.0)?))
    }

    /// The page in a frame of its own, for notebooks: its style is not theirs.
    fn _repr_html_(&self) -> PyResult<String> {
        guarded(|| {
            let page = self.0.to_html().replace('&', "&amp;").replace('"', "&quot;");
            Ok(format!("<iframe srcdoc=\"{page}\" sandbox style=\"width:100%;height:40rem;border:0\"></iframe>"))
        })
    }

    fn __repr__(&self) -> String {
        let tracks: Vec<&str> = self.0.tracks.iter().map(|track| track.track.as_str()).collect();
        format!("<wayfare.Grid of journey {:?}: tracks {}>", self.0.journey, tracks.join(", "))
    }
}

/// The tracks as a diagram.
#[pyclass(frozen, eq, module = "wayfare")]
#[derive(PartialEq)]
pub(crate) struct Diagram(pub(crate) wayfare::Diagram);

#[pymethods]
impl Diagram {
    /// All of it as a JSON document: `tracks`, their `stages` and `transitions`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &self.0))
    }

    /// The diagram as Mermaid writes one.
    fn to_mermaid(&self) -> PyResult<String> {
        guarded(|| Ok(self.0.to_mermaid()))
    }

    /// A picture that stands alone.
    fn to_svg(&self) -> PyResult<String> {
        guarded(|| Ok(self.0.to_svg()))
    }

    /// The picture, for notebooks.
    fn _repr_svg_(&self) -> PyResult<String> {
        self.to_svg()
    }

    fn __repr__(&self) -> String {
        let tracks: Vec<&str> = self.0.tracks.iter().map(|track| track.track.as_str()).collect();
        format!("<wayfare.Diagram of journey {:?}: tracks {}>", self.0.journey, tracks.join(", "))
    }
}
