//! The fits of the CDNOW sample, to many digits; the data are those that the Python package lifetimes ships, which `make test-rust` fetches.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use wayfare::lifetime::{FittedModel, Period, Returns, Summary, SummaryOptions, Until, summarize};
use wayfare::{Column, Instant, Table};

#[derive(Deserialize)]
struct Numbers {
    tolerance: Tolerance,
    fits: Vec<Fit>,
}

#[derive(Deserialize)]
struct Tolerance {
    params: f64,
    standard_errors: f64,
    log_likelihood: f64,
}

#[derive(Deserialize)]
struct Fit {
    weeks: String,
    model: String,
    params: Map<String, Json>,
    standard_errors: Map<String, Json>,
    log_likelihood: f64,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn lines(file: &str) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(root().join("target/demo/lifetimes/datasets").join(file)).ok()?;
    Some(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect())
}

/// The calibration of the sample, from its purchases. A CD that was given away is a purchase without a value.
fn exact(rows: &[String], returns: Returns) -> Summary {
    let rows: Vec<Vec<&str>> = rows.iter().map(|line| line.split_whitespace().collect()).collect();
    let day = |text: &str| format!("{}-{}-{}T00:00:00Z", &text[..4], &text[4..6], &text[6..]).parse::<Instant>().expect("a day");
    let customers: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    let at: Vec<Instant> = rows.iter().map(|row| day(row[2])).collect();
    let values: Vec<f64> = rows.iter().map(|row| row[4].parse().expect("a value")).collect();
    let purchases = Table::new()
        .column("customer", Column::texts(&customers))
        .column("at", Column::instants(&at))
        .column("value", Column::numbers(&values));
    let options = SummaryOptions { returns, ..SummaryOptions::new("1997-09-30".parse::<Until>().expect("a day")) };
    summarize(&purchases, &options).expect("a summary").summary
}

/// The summary as lifetimes ships it: weeks, and means, of two decimals.
fn rounded(rows: &[String]) -> Summary {
    let rows: Vec<Vec<f64>> =
        rows.iter().skip(1).map(|line| line.split(',').map(|cell| cell.parse().expect("a number")).collect()).collect();
    let column = |at: usize| rows.iter().map(|row| row[at]).collect::<Vec<f64>>();
    let frequency = column(1).into_iter().map(|frequency| frequency as u32).collect();
    Summary::new(frequency, column(2), column(3), Period::WEEK).expect("a summary").with_monetary_value(column(4)).expect("means")
}

#[test]
fn the_maximum_is_found_to_many_digits() {
    let (Some(purchases), Some(summaries)) = (lines("CDNOW_sample.txt"), lines("cdnow_customers_summary_with_transactions.csv")) else {
        println!("skipped: the data are fetched by `make test-rust`");
        return;
    };
    let numbers = std::fs::read_to_string(root().join("tests/reference-numbers/cdnow_fits.json")).expect("the numbers");
    let Numbers { tolerance, fits } = serde_json::from_str(&numbers).expect("their form");
    assert_eq!(fits.len(), 10);
    for fit in fits {
        let what = format!("{} on {} weeks", fit.model, fit.weeks);
        let returns = if fit.model == "gamma_gamma" { Returns::Drop } else { Returns::Keep };
        let summary = if fit.weeks == "exact" { exact(&purchases, returns) } else { rounded(&summaries) };
        let model = FittedModel::fit(&fit.model, &summary, &Json::Null).expect("a fit");
        let near = |found: Vec<(String, f64)>, expected: &Map<String, Json>, allowed: f64| {
            for (name, found) in found {
                let expected = expected[&name].as_f64().expect("a number");
                assert!((found / expected - 1.0).abs() <= allowed, "{what}: {name} {found} is not {expected}");
            }
        };
        near(model.params(), &fit.params, tolerance.params);
        near(model.standard_errors().expect("errors"), &fit.standard_errors, tolerance.standard_errors);
        assert!((model.log_likelihood().expect("one") - fit.log_likelihood).abs() <= tolerance.log_likelihood, "{what}: log-likelihood");
    }
}
