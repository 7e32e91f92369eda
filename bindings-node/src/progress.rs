//! Progress: paths and JSON in, Arrow IPC and JSON out. Models are fitted off the event loop.

use std::sync::Arc;

use napi::bindgen_prelude::{AsyncTask, Buffer, External};
use napi::{Env, Task};
use napi_derive::napi;
use wayfare::arrow::progress as tables;
use wayfare::paths::Paths;
use wayfare::progress::{PointsRequest, ProgressFacts, ProgressModel, ProgressOptions, ProgressRequest, ScoreRequest};

use crate::error::guard;
use crate::lifetime::{document, json};
use crate::paths::PathsAsking;
use crate::table::write;

/// What a fit gives.
#[napi(object, object_from_js = false)]
pub struct FittedProgress {
    #[napi(ts_type = "ExternalObject<ProgressModel>")]
    pub model: External<Arc<ProgressModel>>,
}

/// A model that is fitted.
pub struct ProgressFitting {
    paths: Arc<Paths>,
    options: ProgressOptions,
}

#[napi]
pub fn progress_fit(paths: &External<Arc<Paths>>, request: String) -> napi::Result<AsyncTask<ProgressFitting>> {
    guard(|| {
        let options = document::<ProgressRequest>(&request)?.options()?;
        Ok(AsyncTask::new(ProgressFitting { paths: Arc::clone(paths), options }))
    })
}

impl Task for ProgressFitting {
    type Output = Arc<ProgressModel>;
    type JsValue = FittedProgress;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        guard(|| Ok(Arc::new(ProgressModel::fit(&self.paths, &self.options)?)))
    }

    fn resolve(&mut self, _: Env, model: Self::Output) -> napi::Result<Self::JsValue> {
        Ok(FittedProgress { model: External::new(model) })
    }
}

#[napi]
pub fn progress_from_document(text: String) -> napi::Result<External<Arc<ProgressModel>>> {
    guard(|| Ok(External::new(Arc::new(document(&text)?))))
}

#[napi]
pub fn progress_document(model: &External<Arc<ProgressModel>>) -> napi::Result<String> {
    guard(|| json(&***model))
}

#[napi]
pub fn progress_facts(model: &External<Arc<ProgressModel>>) -> napi::Result<String> {
    guard(|| json(&ProgressFacts::of(model)))
}

#[napi]
pub fn progress_at_touchpoints(model: &External<Arc<ProgressModel>>, paths: &External<Arc<Paths>>) -> napi::Result<AsyncTask<PathsAsking>> {
    let model = Arc::clone(model);
    guard(|| Ok(PathsAsking::task(paths, move |paths| tables::at_touchpoints(&model, paths))))
}

#[napi]
pub fn progress_points(
    model: &External<Arc<ProgressModel>>,
    paths: &External<Arc<Paths>>,
    request: String,
) -> napi::Result<AsyncTask<PathsAsking>> {
    let model = Arc::clone(model);
    guard(|| {
        let request: PointsRequest = document(&request)?;
        Ok(PathsAsking::task(paths, move |paths| tables::high_value_points(&model, paths, &request)))
    })
}

#[napi]
pub fn progress_calibration(model: &External<Arc<ProgressModel>>, between: bool) -> napi::Result<Buffer> {
    guard(|| Ok(write(&tables::calibration(model, between)?)?.into()))
}

#[napi]
pub fn progress_calibration_svg(model: &External<Arc<ProgressModel>>) -> napi::Result<String> {
    guard(|| Ok(model.calibration_svg()))
}

/// The probability now, and then those at later instants.
#[napi]
pub fn progress_score(model: &External<Arc<ProgressModel>>, request: String) -> napi::Result<Vec<f64>> {
    guard(|| {
        let score = document::<ScoreRequest>(&request)?.score(model)?;
        Ok(std::iter::once(score.probability).chain(score.later).collect())
    })
}
