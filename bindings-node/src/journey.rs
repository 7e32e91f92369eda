//! A journey file, read.

use napi::Either;
use napi::bindgen_prelude::External;
use napi_derive::napi;
use serde_json::json;
use wayfare::{Diagnostic, Error, ErrorKind, Journey};

use crate::error::{Fault, diagnostics_json, guard};
use crate::value::Pairs;

/// What reading a journey file came to: the journey or the error, and the diagnostics either way.
pub struct Reading {
    outcome: Result<Journey, Error>,
}

impl From<Result<Journey, Error>> for Reading {
    fn from(outcome: Result<Journey, Error>) -> Self {
        Self { outcome }
    }
}

impl Reading {
    pub fn journey(&self) -> Result<&Journey, Fault> {
        self.outcome.as_ref().map_err(|error| error.clone().into())
    }

    fn diagnostics(&self) -> &[Diagnostic] {
        match &self.outcome {
            Ok(journey) => journey.warnings(),
            Err(error) => error.diagnostics(),
        }
    }
}

#[napi]
pub fn journey_from_yaml(text: String) -> napi::Result<External<Reading>> {
    guard(|| Ok(External::new(Journey::from_yaml(&text).into())))
}

#[napi]
pub fn journey_from_json(text: String) -> napi::Result<External<Reading>> {
    guard(|| Ok(External::new(Journey::from_json(&text).into())))
}

/// An object that JavaScript wrote as JSON: its diagnostics have paths, no places in a text that nobody sees.
#[napi]
pub fn journey_from_object(json: String) -> napi::Result<External<Reading>> {
    guard(|| {
        let value = serde_json::from_str(&json)
            .map_err(|_| Fault::new(ErrorKind::InvalidArgument, "the object has text that is not Unicode (a lone surrogate)"))?;
        Ok(External::new(Journey::from_value(&value).into()))
    })
}

#[napi]
pub fn journey_template(name: String) -> napi::Result<External<Reading>> {
    guard(|| Ok(External::new(Journey::template(&name).into())))
}

/// The error as JSON text, or the journey's outline as JSON text.
#[napi]
pub fn journey_outline(reading: &External<Reading>) -> napi::Result<Either<String, JourneyError>> {
    guard(|| {
        let journey = match reading.journey() {
            Ok(journey) => journey,
            Err(fault) => return Ok(Either::B(JourneyError { error: fault.json() })),
        };
        let stages = |track| journey.stages(track).unwrap_or_default();
        let outline = json!({
            "name": journey.name(),
            "tracks": journey.tracks().collect::<Vec<_>>(),
            "stages": Pairs::new(journey.tracks().map(|track| (track, stages(track)))),
            "traits": journey.traits().collect::<Vec<_>>(),
            "scores": journey.scores().collect::<Vec<_>>(),
            "segments": journey.segments().collect::<Vec<_>>(),
            "touchpointFields": Pairs::new(journey.touchpoint_fields()),
            "attributes": Pairs::new(journey.attributes()),
            "channels": journey.channels().collect::<Vec<_>>(),
            "actions": journey.actions().collect::<Vec<_>>(),
            "inputs": Pairs::new(journey.inputs()),
        });
        Ok(Either::A(outline.to_string()))
    })
}

/// Why there is no journey.
#[napi(object)]
pub struct JourneyError {
    pub error: String,
}

/// The diagnostics as a JSON array: the warnings of a journey, the errors and warnings of what is none.
#[napi]
pub fn journey_diagnostics(reading: &External<Reading>) -> napi::Result<String> {
    guard(|| Ok(diagnostics_json(reading.diagnostics())))
}

/// The diagnostic of that index with its source line underlined.
#[napi]
pub fn render_diagnostic(reading: &External<Reading>, index: u32, source: String, file: String) -> napi::Result<Option<String>> {
    guard(|| Ok(reading.diagnostics().get(index as usize).map(|diagnostic| diagnostic.render(&source, &file))))
}

#[napi]
pub fn template_names() -> napi::Result<Vec<&'static str>> {
    guard(|| Ok(wayfare::template_names().to_vec()))
}

#[napi]
pub fn template_text(name: String) -> napi::Result<&'static str> {
    guard(|| Ok(wayfare::template_text(&name)?))
}

#[napi]
pub fn journey_schema() -> napi::Result<String> {
    guard(|| Ok(wayfare::journey_schema().to_string()))
}

#[napi]
pub fn rfm_cuts(values: &[f64], bands: u32) -> napi::Result<Vec<f64>> {
    guard(|| Ok(wayfare::rfm_cuts(values, bands as usize)?))
}
