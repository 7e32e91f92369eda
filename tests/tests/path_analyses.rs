//! Runs `tests/vectors/funnels.json` and `path_analyses.json`: what the plainest way makes of random touchpoints.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use serde_json::{Value as Json, json};
use wayfare::arrow::Table;
use wayfare::arrow::path_analyses::{Answer, Question, ask, funnel};
use wayfare::arrow::paths::paths;
use wayfare::paths::{FunnelRequest, FunnelRows, Paths, PathsRequest};

const TOLERANCE: f64 = 1e-12;

fn cases(file: &str) -> Vec<Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file);
    let document: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    document["cases"].as_array().unwrap().clone()
}

fn table(rows: &[Json]) -> Table {
    let texts = |name: &str| -> ArrayRef { Arc::new(rows.iter().map(|row| row[name].as_str()).collect::<StringArray>()) };
    let ats: TimestampMicrosecondArray = rows.iter().map(|row| row["second"].as_i64().map(|second| second * 1_000_000)).collect();
    let values: Float64Array = rows.iter().map(|row| row["value"].as_f64()).collect();
    let mut columns: Vec<(&str, ArrayRef)> = ["customer", "id", "kind", "channel", "stage"].map(|name| (name, texts(name))).into();
    columns.push(("at", Arc::new(ats.with_timezone("UTC"))));
    columns.push(("value", Arc::new(values)));
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap();
    Table::new(batch.schema(), vec![batch])
}

fn cut(rows: &[Json]) -> Paths {
    let request: PathsRequest = serde_json::from_value(json!({ "conversion": ["purchased"] })).unwrap();
    paths(&table(rows), &request, None, None).unwrap().paths
}

fn asked(paths: &Paths, question: Json) -> Answer {
    let question: Question = serde_json::from_value(question).unwrap();
    ask(paths, &question).unwrap()
}

/// The cells of a table of an answer, row by row.
fn cells(answer: &Answer, name: &str) -> Vec<Vec<Json>> {
    let table = answer.table(name).unwrap();
    let cell = |column: &ArrayRef, row: usize| {
        let any = column.as_any();
        if column.is_null(row) {
            return Json::Null;
        }
        let text = any.downcast_ref::<StringArray>().map(|texts| json!(texts.value(row)));
        let whole = || any.downcast_ref::<Int64Array>().map(|counts| json!(counts.value(row)));
        let number = || any.downcast_ref::<Float64Array>().map(|numbers| json!(numbers.value(row)));
        text.or_else(whole).or_else(number).unwrap()
    };
    (0..table.num_rows()).map(|row| table.columns().iter().map(|column| cell(column, row)).collect()).collect()
}

fn column(answer: &Answer, table: &str, name: &str) -> Vec<Json> {
    let at = answer.table(table).unwrap().schema().index_of(name).unwrap();
    cells(answer, table).into_iter().map(|mut row| row.swap_remove(at)).collect()
}

fn close(found: &Json, expected: &Json, what: &str) {
    match (found, expected) {
        (Json::Array(found), Json::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{what}: {found:?} is not {expected:?}");
            found.iter().zip(expected).for_each(|(found, expected)| close(found, expected, what));
        }
        (Json::Number(found), Json::Number(expected)) => {
            let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
            assert!((found - expected).abs() <= TOLERANCE * expected.abs().max(1.0), "{what}: {found} is not {expected}");
        }
        _ => assert_eq!(found, expected, "{what}"),
    }
}

fn sorted(rows: &Json) -> Json {
    let mut rows = rows.as_array().unwrap().clone();
    rows.sort_by_key(Json::to_string);
    Json::Array(rows)
}

#[test]
fn funnels_are_what_every_start_and_every_touchpoint_in_turn_make_them() {
    for case in cases("funnels.json") {
        let rows = case["rows"].as_array().unwrap();
        let told = asked(&cut(rows), json!({ "funnel": case["asked"] }));
        let names: Vec<Json> = column(&told, "steps", "step");
        for (name, expected) in case["steps"].as_object().unwrap() {
            close(&Json::Array(column(&told, "steps", name)), expected, &format!("{}: {name}", case["name"]));
        }
        let left = cells(&told, "drop_outs").into_iter().map(|row| json!([row[0], row[1], row[2]]));
        let expected = case["drop_outs"].as_array().unwrap().iter();
        let expected = expected.map(|row| json!([names[row[0].as_u64().unwrap() as usize], row[1], row[2]]));
        assert_eq!(Json::Array(left.collect()), Json::Array(expected.collect()), "{}", case["name"]);
        if case["raw"] == json!(true) {
            let request: FunnelRequest = serde_json::from_value(case["asked"].clone()).unwrap();
            let (raw, _) = funnel(&table(rows), &request, &FunnelRows::default(), None).unwrap();
            assert_eq!(cells(&raw, "steps"), cells(&told, "steps"), "{}: of raw rows", case["name"]);
        }
    }
}

#[test]
fn transitions_paths_exits_and_flows_are_those_counted_one_by_one() {
    for case in cases("path_analyses.json") {
        let paths = cut(case["rows"].as_array().unwrap());
        let cells = |question: Json, table: &str| json!(cells(&asked(&paths, question), table));
        let name = case["name"].as_str().unwrap();
        close(&sorted(&cells(json!({ "transition_matrix": {} }), "transitions")), &sorted(&case["transition_matrix"]), name);
        close(&cells(json!({ "top": { "n": 5 } }), "table"), &case["top"], name);
        close(&sorted(&cells(json!({ "exits": {} }), "table")), &sorted(&case["exits"]), name);
        let flow = cells(json!({ "flow": { "steps": case["flow"]["steps"] } }), "links");
        assert_eq!(sorted(&flow), sorted(&case["flow"]["links"]), "{name}");
        let graph = asked(&paths, json!({ "directly_follows": {} }));
        let graph = graph.graph().unwrap();
        let edges: Vec<Json> = graph.edges.iter().map(|((from, to), count)| json!([from, to, count])).collect();
        assert_eq!(sorted(&json!(edges)), sorted(&case["directly_follows"]["edges"]), "{name}");
        assert_eq!(
            (json!(graph.start), json!(graph.end)),
            (case["directly_follows"]["start"].clone(), case["directly_follows"]["end"].clone())
        );
    }
}

#[test]
fn time_in_stages_is_what_lifelines_estimates() {
    for case in cases("path_analyses.json") {
        let paths = cut(case["rows"].as_array().unwrap());
        let until = case["time_in_stage"]["observed_until"].as_i64().unwrap();
        let until = wayfare::Instant::from_micros(until * 1_000_000).unwrap().to_string();
        let told = asked(&paths, json!({ "time_in_stage": { "observed_until": until } }));
        let expected: BTreeMap<String, Json> = serde_json::from_value(case["time_in_stage"]["stages"].clone()).unwrap();
        assert_eq!(column(&told, "stages", "stage"), expected.keys().map(|stage| json!(stage)).collect::<Vec<_>>());
        for name in ["entered", "left", "median_days", "lower_quartile_days", "upper_quartile_days", "restricted_mean_days"] {
            let wanted = expected.values().map(|stage| stage[name].clone()).collect();
            close(&json!(column(&told, "stages", name)), &Json::Array(wanted), &format!("{}: {name}", case["name"]));
        }
        let curve = cells(&told, "curve").into_iter().map(|row| json!(row));
        let wanted = expected.iter().flat_map(|(stage, told)| {
            told["curve"].as_array().unwrap().iter().map(move |point| {
                let mut row = vec![json!(stage)];
                row.extend(point.as_array().unwrap().iter().cloned());
                json!(row)
            })
        });
        for (found, wanted) in curve.zip(wanted.collect::<Vec<_>>()) {
            close(&found, &wanted, case["name"].as_str().unwrap());
        }
    }
}

#[test]
fn pieces_of_a_table_give_the_same_answers_to_the_last_bit() {
    for case in cases("path_analyses.json").iter().chain(&cases("funnels.json")) {
        let rows = case["rows"].as_array().unwrap();
        let (one, other): (Vec<Json>, Vec<Json>) = rows.iter().cloned().partition(|row| row["customer"].as_str().unwrap() < "c4");
        let (all, merged) = (cut(rows), cut(&other).merge(&cut(&one)).unwrap());
        let funnel = case.get("asked").cloned().unwrap_or(json!({ "steps": ["viewed", "added"], "within": "1m" }));
        for question in [
            json!({ "funnel": funnel }),
            json!({ "transition_matrix": {} }),
            json!({ "time_in_stage": {} }),
            json!({ "top": {} }),
            json!({ "exits": {} }),
            json!({ "directly_follows": {} }),
            json!({ "flow": {} }),
        ] {
            assert_eq!(asked(&merged, question.clone()), asked(&all, question));
        }
        for question in [json!({ "transition_matrix": {} }), json!({ "directly_follows": {} })] {
            let of = |rows: &[Json]| asked(&cut(rows), question.clone());
            assert_eq!(of(&one).merge(&of(&other)).unwrap(), asked(&all, question.clone()));
        }
    }
}
