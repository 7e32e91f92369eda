//! What decisions come to, off the event loop.

use std::sync::Arc;

use napi::bindgen_prelude::{AsyncTask, Buffer, External};
use napi::{Env, Task};
use napi_derive::napi;
use wayfare::{Journey, arrow};

use crate::error::{Fault, guard};
use crate::journey::Reading;
use crate::profile::json;
use crate::run::{Asked, Job, Question};
use crate::table::write;

/// What was found out: as a JSON text, in a few lines and as a picture; the rows that differ and the refused ones as Arrow IPC streams.
#[napi(object)]
pub struct Told {
    pub document: String,
    pub text: String,
    pub picture: String,
    /// Of a comparison, whether nothing differs.
    pub is_empty: Option<bool>,
    pub differences: Option<Buffer>,
    pub rejected: Buffer,
}

#[napi]
pub fn reach_of_tables(journey: &External<Reading>, job: &External<Arc<Job>>, asked: Asked) -> napi::Result<AsyncTask<WhatIf>> {
    guard(|| Ok(AsyncTask::new(WhatIf { question: Question::new(journey, job, "touchpoints", &asked)?, other: None })))
}

#[napi]
pub fn compare_tables(
    journey: &External<Reading>,
    other: &External<Reading>,
    job: &External<Arc<Job>>,
    asked: Asked,
) -> napi::Result<AsyncTask<WhatIf>> {
    guard(|| {
        let other = Some(other.journey()?.clone());
        Ok(AsyncTask::new(WhatIf { question: Question::new(journey, job, "touchpoints", &asked)?, other }))
    })
}

/// Whom a journey reaches or, with another, what differs.
pub struct WhatIf {
    question: Question,
    other: Option<Journey>,
}

/// A [`Told`] that may cross threads.
pub struct Found {
    document: String,
    text: String,
    picture: String,
    is_empty: Option<bool>,
    differences: Option<Vec<u8>>,
    rejected: Vec<u8>,
}

impl WhatIf {
    fn reach(&self) -> Result<Found, Fault> {
        let reach = self.question.ask(arrow::reach)?;
        let rejected = write(&arrow::rejected(&reach.rejected)?)?;
        let (document, text, picture) = (json(&reach)?, reach.to_text(), reach.to_svg());
        Ok(Found { document, text, picture, is_empty: None, differences: None, rejected })
    }

    fn compare(&self, other: &Journey) -> Result<Found, Fault> {
        let comparison = self.question.ask(|journey, request| arrow::compare(journey, other, request))?;
        let differences = Some(write(&arrow::differences(&comparison)?)?);
        let rejected = write(&arrow::rejected(&comparison.rejected)?)?;
        let (document, text, picture) = (json(&comparison)?, comparison.to_text(), comparison.to_svg());
        Ok(Found { document, text, picture, is_empty: Some(comparison.is_empty()), differences, rejected })
    }
}

impl Task for WhatIf {
    type Output = Found;
    type JsValue = Told;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        guard(|| match &self.other {
            Some(other) => self.compare(other),
            None => self.reach(),
        })
    }

    fn resolve(&mut self, _: Env, found: Self::Output) -> napi::Result<Self::JsValue> {
        let Found { document, text, picture, is_empty, differences, rejected } = found;
        Ok(Told { document, text, picture, is_empty, differences: differences.map(Into::into), rejected: rejected.into() })
    }
}
