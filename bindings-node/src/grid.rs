//! A journey to look at.

use std::sync::Arc;

use napi::bindgen_prelude::{AsyncTask, Buffer, External};
use napi::{Env, Task};
use napi_derive::napi;
use wayfare::{Grid, arrow};

use crate::error::guard;
use crate::journey::Reading;
use crate::profile::json;
use crate::run::{Asked, Job, Question};
use crate::table::write;

#[napi]
pub fn grid_new(journey: &External<Reading>) -> napi::Result<External<Grid>> {
    guard(|| Ok(External::new(journey.journey()?.grid())))
}

#[napi]
pub fn grid_of_tables(
    journey: &External<Reading>,
    job: &External<Arc<Job>>,
    asked: Asked,
    conversions: Vec<String>,
) -> napi::Result<AsyncTask<Filling>> {
    guard(|| Ok(AsyncTask::new(Filling { question: Question::new(journey, job, "touchpoints", &asked)?, conversions })))
}

/// Fills a grid.
pub struct Filling {
    question: Question,
    conversions: Vec<String>,
}

/// A grid, and the refused rows as an Arrow IPC stream.
#[napi(object, object_from_js = false)]
pub struct Filled {
    pub grid: External<Grid>,
    pub rejected: Buffer,
}

impl Task for Filling {
    type Output = (Grid, Vec<u8>);
    type JsValue = Filled;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        guard(|| {
            let conversions: Vec<&str> = self.conversions.iter().map(String::as_str).collect();
            let grid = self.question.ask(|journey, request| arrow::grid_of(journey, request, &conversions))?;
            let rejected = write(&arrow::rejected(&grid.rejected)?)?;
            Ok((grid, rejected))
        })
    }

    fn resolve(&mut self, _: Env, (grid, rejected): Self::Output) -> napi::Result<Self::JsValue> {
        Ok(Filled { grid: External::new(grid), rejected: rejected.into() })
    }
}

#[napi]
pub fn grid_only(grid: &External<Grid>, track: String) -> napi::Result<External<Grid>> {
    guard(|| Ok(External::new(grid.only(&track)?)))
}

#[napi]
pub fn grid_document(grid: &External<Grid>) -> napi::Result<String> {
    guard(|| json(&**grid))
}

#[napi]
pub fn grid_text(grid: &External<Grid>) -> napi::Result<String> {
    guard(|| Ok(grid.to_text()))
}

#[napi]
pub fn grid_html(grid: &External<Grid>) -> napi::Result<String> {
    guard(|| Ok(grid.to_html()))
}

#[napi]
pub fn grid_svg(grid: &External<Grid>) -> napi::Result<String> {
    guard(|| Ok(grid.to_svg()))
}

/// A row a cell, as an Arrow IPC stream.
#[napi]
pub fn grid_table(grid: &External<Grid>) -> napi::Result<Buffer> {
    guard(|| Ok(write(&arrow::grid_table(grid)?)?.into()))
}

#[napi]
pub fn diagram_document(journey: &External<Reading>) -> napi::Result<String> {
    guard(|| json(&journey.journey()?.diagram()))
}

#[napi]
pub fn diagram_mermaid(journey: &External<Reading>) -> napi::Result<String> {
    guard(|| Ok(journey.journey()?.diagram().to_mermaid()))
}

#[napi]
pub fn diagram_svg(journey: &External<Reading>) -> napi::Result<String> {
    guard(|| Ok(journey.journey()?.diagram().to_svg()))
}
