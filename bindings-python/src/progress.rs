//! The native half of `wayfare.progress`: paths and documents in, tables and documents out.

use std::sync::Arc;

use pyo3::prelude::*;
use wayfare::arrow::progress as tables;
use wayfare::progress::{PointsRequest, ProgressFacts, ProgressModel as Model, ProgressRequest, ScoreRequest};

use crate::convert::{Reduced, document_of};
use crate::error::guarded;
use crate::lifetime::read;
use crate::paths::Paths;
use crate::table::like_named;

/// A fitted model of progress.
#[pyclass(frozen, eq, name = "ProgressModel", module = "wayfare._wayfare")]
#[derive(PartialEq)]
pub(crate) struct ProgressModel(Arc<Model>);

#[pymethods]
impl ProgressModel {
    /// Fits, calibrates and tests a model on paths.
    #[staticmethod]
    fn fit(py: Python<'_>, paths: &Paths, request: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(|| {
            let options = read::<ProgressRequest>(request)?.options()?;
            Ok(Self(Arc::new(paths.worked(py, move |paths| Model::fit(paths, &options))?)))
        })
    }

    /// From a document of `to_dict`.
    #[staticmethod]
    fn from_dict(model: &Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(|| Ok(Self(Arc::new(read(model)?))))
    }

    /// All of it as a JSON document.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &*self.0))
    }

    /// What it says of itself, as a document.
    fn facts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| document_of(py, &ProgressFacts::of(&self.0)))
    }

    /// A row a touchpoint of paths.
    fn at_touchpoints<'py>(&self, py: Python<'py>, paths: &Paths) -> PyResult<Bound<'py, PyAny>> {
        let model = self.0.clone();
        paths.asked(py, move |paths| tables::at_touchpoints(&model, paths))
    }

    /// A row a touchpoint or transition.
    fn high_value_points<'py>(&self, py: Python<'py>, paths: &Paths, request: &Bound<'_, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (model, request): (_, PointsRequest) = (self.0.clone(), guarded(|| read(request))?);
        paths.asked(py, move |paths| tables::high_value_points(&model, paths, &request))
    }

    /// A row a tenth of the windows of the customers that it was tested on, as a frame of a library.
    fn calibration<'py>(&self, py: Python<'py>, between: bool, library: &str) -> PyResult<Bound<'py, PyAny>> {
        guarded(|| like_named(py, library, tables::calibration(&self.0, between)?))
    }

    /// The same as a picture.
    fn calibration_svg(&self) -> PyResult<String> {
        guarded(|| Ok(self.0.calibration_svg()))
    }

    /// The probability of one customer now, and at later instants.
    fn score(&self, request: &Bound<'_, PyAny>) -> PyResult<(f64, Vec<f64>)> {
        guarded(|| {
            let score = read::<ScoreRequest>(request)?.score(&self.0)?;
            Ok((score.probability, score.later))
        })
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py, (Bound<'py, PyAny>,)>> {
        let from_dict = slf.get_type().getattr("from_dict")?;
        Ok((from_dict, (slf.get().to_dict(slf.py())?,)))
    }
}
