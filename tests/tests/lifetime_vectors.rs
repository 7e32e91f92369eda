//! Runs every `tests/vectors/lifetime_*.json`: the numbers of the papers and of many-digit arithmetic.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use wayfare::lifetime::{FittedModel, Period, Summary};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    source: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    model: String,
    period_days: f64,
    #[serde(default)]
    params: Map<String, Json>,
    row: Option<Row>,
    #[serde(default)]
    expect: Vec<Expected>,
    summary: Option<Columns>,
    fit: Option<Fit>,
    /// Relative; of a logarithm absolute where that is wider.
    tolerance: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    frequency: u32,
    recency: f64,
    age: f64,
    monetary_value: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    measure: String,
    days: Option<f64>,
    discount_rate: Option<f64>,
    count: Option<u32>,
    value: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    frequency: Vec<u32>,
    recency: Vec<f64>,
    age: Vec<f64>,
    weights: Option<Vec<f64>>,
    monetary_value: Option<Vec<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fit {
    params: Map<String, Json>,
    standard_errors: Map<String, Json>,
    log_likelihood: f64,
}

fn named(map: &Map<String, Json>) -> Vec<(String, f64)> {
    map.iter().map(|(name, value)| (name.clone(), value.as_f64().expect("a number"))).collect()
}

fn close(what: &str, found: f64, expected: f64, tolerance: f64) {
    let scale = if what.ends_with("log_likelihood") { expected.abs().max(1.0) } else { expected.abs() };
    // Below the least normal double there are no digits to compare.
    assert!((found - expected).abs() <= tolerance * scale + f64::MIN_POSITIVE, "{what}: {found:e} for {expected:e}");
}

impl Case {
    fn run(&self, file: &str) {
        let period = Period::from_days(self.period_days).expect("a period");
        if let Some(columns) = &self.summary {
            self.fitted(file, columns, period);
        }
        let Some(row) = &self.row else { return };
        let model = FittedModel::from_params(&self.model, &named(&self.params), period).expect("parameters");
        let mut summary = Summary::new(vec![row.frequency], vec![row.recency], vec![row.age], period).expect("a summary");
        if row.monetary_value != 0.0 {
            summary = summary.with_monetary_value(vec![row.monetary_value]).expect("a value");
        }
        for expected in &self.expect {
            let what = format!("{file} {} {} {:?}", self.name, expected.measure, expected.days);
            let found = match (expected.measure.as_str(), expected.count, expected.days) {
                ("probability_of_count", Some(count), Some(days)) => model.probability_of_count(count, days).expect("a probability"),
                (measure, ..) => {
                    let measure = model.measure(measure, expected.days, expected.discount_rate).expect("a measure");
                    model.predict(&summary, measure).expect("predictions")[0]
                }
            };
            let what = if expected.measure == "log_likelihood" { format!("{file} {} log_likelihood", self.name) } else { what };
            close(&what, found, expected.value, self.tolerance);
        }
    }

    fn fitted(&self, file: &str, columns: &Columns, period: Period) {
        let mut summary = Summary::new(columns.frequency.clone(), columns.recency.clone(), columns.age.clone(), period).expect("a summary");
        if let Some(values) = &columns.monetary_value {
            summary = summary.with_monetary_value(values.clone()).expect("values");
        }
        if let Some(weights) = &columns.weights {
            summary = summary.with_weights(weights.clone()).expect("weights");
        }
        let model = FittedModel::fit(&self.model, &summary, &serde_json::Value::Null).expect("a fit");
        let expected = self.fit.as_ref().expect("what the fit comes to");
        let errors = model.standard_errors().expect("errors");
        for (found, expected) in [(model.params(), &expected.params), (errors, &expected.standard_errors)] {
            for ((name, found), (known, expected)) in found.into_iter().zip(named(expected)) {
                assert_eq!(name, known, "{file} {}", self.name);
                close(&format!("{file} {} {name}", self.name), found, expected, self.tolerance);
            }
        }
        let found = model.log_likelihood().expect("one");
        assert!((found - expected.log_likelihood).abs() < 1e-7, "{file} {} log-likelihood {found}", self.name);
    }
}

#[test]
fn every_number_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut ran = 0;
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("the vectors").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    for path in files {
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        if !(name.starts_with("lifetime_") && name.ends_with(".json")) {
            continue;
        }
        let file: File = serde_json::from_str(&std::fs::read_to_string(&path).expect("the file")).expect("the form of a lifetime vector");
        assert!(!file.source.is_empty(), "{name} names its source");
        file.cases.iter().for_each(|case| case.run(&name));
        ran += file.cases.len();
    }
    assert!(ran > 200, "{ran} cases ran");
}
