//! Runs `tests/vectors/progress.json`: a model of progress worked out a second time by dense linear algebra.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use wayfare::arrow::Table;
use wayfare::paths::{Paths, PathsRequest};
use wayfare::progress::{PointsOptions, ProgressModel, ProgressRequest, ScoreRequest};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    source: String,
    touchpoints: Touchpoints,
    conversion: String,
    observed_until: String,
    options: ProgressRequest,
    /// Relative to the greatest probability.
    tolerance: f64,
    expect: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Touchpoints {
    customer: Vec<i64>,
    at: Vec<i64>,
    kind: Vec<String>,
    channel: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    states: u64,
    recalibration: Map<String, Json>,
    windows: u64,
    brier: f64,
    slope: f64,
    intercept: f64,
    touchpoints: Vec<Touchpoint>,
    points: Vec<Point>,
    score: Scored,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Touchpoint {
    row: usize,
    before: Option<f64>,
    after: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Point {
    from: Option<String>,
    to: String,
    count: u64,
    mean_change: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scored {
    history: Vec<Map<String, Json>>,
    now: String,
    later: Vec<String>,
    probabilities: Vec<f64>,
}

fn paths(file: &File) -> Paths {
    let rows = &file.touchpoints;
    let text = |texts: &[String]| Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
    let batch = RecordBatch::try_from_iter([
        ("customer", Arc::new(Int64Array::from(rows.customer.clone())) as ArrayRef),
        ("at", Arc::new(TimestampMicrosecondArray::from(rows.at.clone()).with_timezone("UTC")) as ArrayRef),
        ("kind", text(&rows.kind)),
        ("channel", text(&rows.channel)),
    ])
    .expect("a batch");
    let request = PathsRequest {
        conversion: vec![file.conversion.clone()],
        observed_until: Some(file.observed_until.clone()),
        ..PathsRequest::default()
    };
    wayfare::arrow::paths::paths(&Table::new(batch.schema(), vec![batch]), &request, None, None).expect("paths").paths
}

#[test]
fn the_model_is_that_of_dense_linear_algebra() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/progress.json")).expect("the vectors");
    let file: File = serde_json::from_str(&text).expect("vectors");
    assert!(!file.source.is_empty());
    let paths = paths(&file);
    let close = |what: &str, found: f64, expected: f64| {
        assert!((found - expected).abs() <= file.tolerance * expected.abs().max(1.0), "{what}: {found} for {expected}");
    };
    let (model, expect) = (ProgressModel::fit(&paths, &file.options.options().expect("options")).expect("a model"), &file.expect);
    assert_eq!((model.report().states, model.calibration().windows), (expect.states, expect.windows));
    let recalibration = serde_json::to_value(model.recalibration()).expect("a document");
    for (name, value) in &expect.recalibration {
        // What two terms share between them is told less exactly.
        let (found, value) = (recalibration[name].as_f64().expect("a number"), value.as_f64().expect("a number"));
        assert!((found - value).abs() <= 1e3 * file.tolerance * value.abs().max(1.0), "{name}: {found} for {value}");
    }
    close("brier", model.calibration().brier, expect.brier);
    close("slope", model.calibration().slope.expect("a slope"), expect.slope);
    close("intercept", model.calibration().intercept.expect("an intercept"), expect.intercept);
    let found = model.at_touchpoints(&paths).expect("touchpoints");
    for Touchpoint { row, before, after } in &expect.touchpoints {
        assert_eq!(found.before[*row].is_nan(), before.is_none());
        before.iter().for_each(|before| close("before", found.before[*row], *before));
        close("after", found.after[*row], *after);
    }
    let points = model.high_value_points(&paths, &PointsOptions { draws: 0, level: 0.95 }).expect("points");
    assert_eq!(points.len(), expect.points.len());
    for (point, wanted) in points.iter().zip(&expect.points) {
        let called = |touchpoint: &wayfare::progress::Touchpoint| {
            if touchpoint.conversion { Some("conversion".to_owned()) } else { touchpoint.word.clone() }
        };
        assert_eq!((point.from.as_ref().and_then(called), called(&point.to)), (wanted.from.clone(), Some(wanted.to.clone())));
        assert_eq!(point.count, wanted.count);
        close("mean_change", point.mean_change, wanted.mean_change);
    }
    let scored = &expect.score;
    let instants = |texts: &[String]| texts.iter().map(|text| text.parse().expect("an instant")).collect();
    let request =
        ScoreRequest { history: scored.history.clone(), now: scored.now.parse().expect("an instant"), later: instants(&scored.later) };
    let score = request.score(&model).expect("a score");
    for (found, expected) in std::iter::once(score.probability).chain(score.later).zip(&scored.probabilities) {
        close("probability", found, *expected);
    }
    // A document holds all of it.
    let again: ProgressModel = serde_json::from_str(&serde_json::to_string(&model).expect("a document")).expect("a model");
    assert_eq!(again.at_touchpoints(&paths).expect("touchpoints").after, found.after);
}

#[test]
fn what_is_wrong_is_said() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/progress.json")).expect("the vectors");
    let paths = paths(&serde_json::from_str(&text).expect("vectors"));
    let fit = |request: ProgressRequest| ProgressModel::fit(&paths, &request.options()?).map(drop);
    let default = ProgressRequest::default;
    let cases = [
        (ProgressRequest { by: Some("chanel".to_owned()), ..default() }, "the paths have no `chanel`; did you mean `channel`?"),
        (ProgressRequest { horizon: Some("soon".to_owned()), ..default() }, "`soon` is not a duration"),
        (ProgressRequest { horizon: Some("0d".to_owned()), ..default() }, "the `horizon` is not above 0"),
        (ProgressRequest { memory: Some(3), ..default() }, "the `memory` is 3, and can be 0, 1 or 2 touchpoints"),
        (ProgressRequest { steps: Some(0), ..default() }, "there are 0 `steps`, and can be 1 to 1000"),
        (ProgressRequest { value: Some(-1.0), ..default() }, "the `value` of a conversion is not zero or more"),
    ];
    for (request, says) in cases {
        let error = fit(request).expect_err("an error").to_string();
        assert!(error.starts_with(says), "{error}");
    }
    let strings = Paths::from_strings(&["ad > shop"], &[1], &[], &[1], " > ").expect("paths");
    let error = ProgressModel::fit(&strings, &wayfare::progress::ProgressOptions::default()).expect_err("no times").to_string();
    assert!(error.starts_with("these paths came as strings, which have no times"), "{error}");
}
