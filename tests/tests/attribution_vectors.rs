//! Runs every `tests/vectors/attribution_*.json`: credits in exact fractions.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use wayfare::arrow::Table;
use wayfare::attribution::{Attribution, AttributionRequest};
use wayfare::paths::{Paths, PathsRequest};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    source: String,
    paths: Option<Texts>,
    touchpoints: Option<Touchpoints>,
    conversion: Option<String>,
    cases: Vec<Map<String, Json>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    path: Vec<String>,
    conversions: Vec<u64>,
    value: Vec<f64>,
    nulls: Vec<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Touchpoints {
    customer: Vec<String>,
    at: Vec<i64>,
    kind: Vec<String>,
    channel: Vec<String>,
    value: Vec<Option<f64>>,
}

impl File {
    fn paths(&self) -> Paths {
        if let Some(texts) = &self.paths {
            let paths: Vec<&str> = texts.path.iter().map(String::as_str).collect();
            return Paths::from_strings(&paths, &texts.conversions, &texts.value, &texts.nulls, " > ").expect("paths");
        }
        let rows = self.touchpoints.as_ref().expect("touchpoints");
        let text = |texts: &[String]| Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
        let batch = RecordBatch::try_from_iter([
            ("customer", text(&rows.customer)),
            ("at", Arc::new(TimestampMicrosecondArray::from(rows.at.clone()).with_timezone("UTC")) as ArrayRef),
            ("kind", text(&rows.kind)),
            ("channel", text(&rows.channel)),
            ("value", Arc::new(Float64Array::from(rows.value.clone())) as ArrayRef),
        ])
        .expect("a batch");
        let request = PathsRequest { conversion: self.conversion.iter().cloned().collect(), ..PathsRequest::default() };
        wayfare::arrow::paths::paths(&Table::new(batch.schema(), vec![batch]), &request, None, None).expect("paths").paths
    }
}

fn column<'a>(found: &'a Attribution, name: &str) -> &'a [f64] {
    match name {
        "conversions" => &found.conversions,
        "value" => &found.value,
        measure => found.measure(measure).unwrap_or_else(|| panic!("a measure {measure}")),
    }
}

#[test]
fn every_number_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("the vectors").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let mut ran = 0;
    for path in files {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        if !(name.starts_with("attribution_") && name.ends_with(".json")) {
            continue;
        }
        let file: File =
            serde_json::from_str(&std::fs::read_to_string(&path).expect("the file")).expect("the form of an attribution vector");
        assert!(!file.source.is_empty(), "{name} names its source");
        let paths = file.paths();
        for case in &file.cases {
            let mut choices = case.clone();
            let case_name = choices.remove("name").expect("a name");
            let Some(Json::Object(expect)) = choices.remove("expect") else { panic!("{case_name} expects nothing") };
            let request: AttributionRequest = serde_json::from_value(Json::Object(choices)).expect("a request");
            let found = request.attribute(&paths).expect("credits");
            for (column_name, expected) in &expect {
                let expected = expected.as_array().expect("a column");
                let what = format!("{name} {case_name} {column_name}");
                if column_name == "words" {
                    let labels: Vec<Json> = found.labels.iter().map(|label| label.text().into()).collect();
                    assert_eq!(&labels, expected, "{what}");
                    continue;
                }
                let values = column(&found, column_name);
                assert_eq!(values.len(), expected.len(), "{what}");
                let most = expected.iter().filter_map(Json::as_f64).fold(0.0_f64, |most, value| most.max(value.abs()));
                for (value, expected) in values.iter().zip(expected) {
                    match expected.as_f64() {
                        Some(expected) => assert!((value - expected).abs() <= 1e-13 * most, "{what}: {value} for {expected}"),
                        None => assert!(value.is_nan(), "{what}: {value} for none"),
                    }
                }
            }
            ran += 1;
        }
    }
    assert!(ran >= 44, "{ran} cases ran");
}
