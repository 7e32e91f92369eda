//! Paths: `tests/vectors/paths.json`, and random tables against the definition, in any order, in pieces and on any number of threads.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use wayfare::arrow::paths::{InJourney, paths, sessions, table};
use wayfare::arrow::{AsOf, Request, Table, run};
use wayfare::paths::{Paths, PathsRequest};
use wayfare::{Instant, Journey};
use wayfare_tests::paths::{Asked, Touch};
use wayfare_tests::random::Seed;
use wayfare_tests::reference::difference;
use wayfare_tests::tables::{questions, rows};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "source")]
    _source: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    says: String,
    options: PathsRequest,
    rows: Vec<Map<String, Json>>,
    paths: Vec<Json>,
    sessions: Vec<Json>,
}

/// Touchpoints as a table in batches of so many rows.
fn touchpoints<'r>(all: impl IntoIterator<Item = &'r Map<String, Json>>, rows: usize) -> Table {
    let all: Vec<&Map<String, Json>> = all.into_iter().collect();
    let batch = |rows: &[&Map<String, Json>]| {
        let at = |row: &Map<String, Json>| match &row["at"] {
            Json::String(text) => text.parse::<Instant>().expect("an instant").as_micros(),
            micros => micros.as_i64().expect("microseconds"),
        };
        let ats: TimestampMicrosecondArray = rows.iter().map(|row| Some(at(row))).collect();
        let texts = |name: &str| rows.iter().map(|row| row.get(name).and_then(Json::as_str)).collect::<StringArray>();
        let values: Float64Array = rows.iter().map(|row| row.get("value").and_then(Json::as_f64)).collect();
        let mut columns: Vec<(&str, ArrayRef)> = vec![("at", Arc::new(ats.with_timezone("UTC"))), ("value", Arc::new(values))];
        columns.extend(["customer", "kind", "channel", "id"].map(|name| (name, Arc::new(texts(name)) as ArrayRef)));
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).expect("equal lengths")
    };
    let batches: Vec<RecordBatch> = all.chunks(rows.max(1)).map(batch).collect();
    let schema = batches.first().map_or_else(|| batch(&[]).schema(), RecordBatch::schema);
    Table::new(schema, batches)
}

fn same(expected: &[Json], found: &[Map<String, Json>]) -> Result<(), String> {
    let found: Vec<Json> = found.iter().cloned().map(Json::Object).collect();
    match difference(&Json::Array(expected.to_vec()), &Json::Array(found.clone())) {
        None if expected.len() == found.len() => Ok(()),
        difference => Err(format!("{difference:?}\nexpected {expected:#?}\nfound {found:#?}")),
    }
}

fn cut(table: &Table, request: &PathsRequest) -> Paths {
    paths(table, request, None, None).expect("a table that can be cut").paths
}

#[test]
fn the_vectors_hold() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/paths.json");
    let file: File = serde_json::from_str(&std::fs::read_to_string(path).expect("the vectors")).expect("vectors");
    for case in &file.cases {
        for batch in [1, 2, case.rows.len()] {
            let cut = cut(&touchpoints(&case.rows, batch), &case.options);
            let told = rows(&table(&cut, None, None).expect("a table"));
            same(&case.paths, &told).unwrap_or_else(|wrong| panic!("{}: {}: {wrong}", case.name, case.says));
            assert_eq!(cut.report().sessions, case.sessions.len() as u64, "{}", case.name);
            let told = rows(&sessions(&cut, None).expect("a table"));
            same(&case.sessions, &told).unwrap_or_else(|wrong| panic!("{}: sessions: {wrong}", case.name));
        }
    }
}

const MINUTE: i64 = 60_000_000;
const START: i64 = 1_772_000_000_000_000;

fn touch() -> impl Strategy<Value = Touch> {
    let kind = prop::sample::select(vec!["clicked", "viewed", "purchased", "signed_up"]);
    let channel = prop::option::weighted(0.9, prop::sample::select(vec!["email", "search", "social", "a channel with a long name"]));
    let id = prop::option::weighted(0.3, 0..6_u8);
    let value = prop::option::of(0..1000_u32);
    // Few instants, so that there are ties and touchpoints as old as the lookback.
    (0..6_u8, 0..40_i64, 0..2_i64, kind, channel, id, value).prop_map(|(customer, minute, micro, kind, channel, id, value)| {
        let row = json!({
            "customer": format!("c-{customer}"), "at": START + minute * 10 * MINUTE + micro, "kind": kind, "channel": channel,
            "id": id.map(|id| format!("{id}")), "value": value.map(|value| f64::from(value) / 8.0),
        });
        row.as_object().cloned().expect("an object")
    })
}

fn asked() -> impl Strategy<Value = Asked> {
    let lookback = prop::option::of(prop::sample::select(vec![10_i64, 30, 120]));
    let until = prop::option::of(0..40_i64);
    let repeat = prop::sample::select(vec!["restart", "all", "first"]);
    let unit = prop::sample::select(vec!["touchpoint", "session"]);
    (lookback.clone(), lookback, repeat, unit, any::<bool>(), any::<bool>(), until).prop_map(
        |(one, other, repeat, unit, two, some, until)| Asked {
            conversion: if two { vec!["purchased", "signed_up"] } else { vec!["purchased"] },
            touchpoints: if some { vec!["clicked"] } else { vec![] },
            lookback: [("purchased", one), ("signed_up", other.filter(|_| two))]
                .into_iter()
                .filter_map(|(kind, minutes)| Some((kind, minutes? * MINUTE)))
                .collect::<BTreeMap<_, _>>(),
            repeat,
            unit,
            session_gap: 30 * MINUTE,
            observed_until: until.map(|minute| START + minute * 10 * MINUTE),
        },
    )
}

fn request(asked: &Asked) -> PathsRequest {
    let lookback: Map<String, Json> =
        asked.lookback.iter().map(|(kind, micros)| ((*kind).to_owned(), json!(format!("{}m", micros / MINUTE)))).collect();
    let until = asked.observed_until.map(|at| Instant::from_micros(at).expect("an instant").to_string());
    let request = json!({
        "conversion": asked.conversion, "touchpoints": asked.touchpoints, "lookback": lookback, "repeat": asked.repeat, "unit": asked.unit,
        "session_gap": format!("{}m", asked.session_gap / MINUTE), "observed_until": until,
    });
    serde_json::from_value(request).expect("a request")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn random_tables_come_to_what_the_definition_says(touches in prop::collection::vec(touch(), 0..60), asked in asked()) {
        let found = cut(&touchpoints(&touches, 7), &request(&asked));
        let told = rows(&table(&found, None, None).expect("a table"));
        let expected = wayfare_tests::paths::paths(&touches, &asked);
        prop_assert!(same(&expected, &told).is_ok(), "{}", same(&expected, &told).unwrap_err());
        let nulls = expected.iter().filter(|row| row["nulls"] == 1).count() as u64;
        prop_assert_eq!(found.report().nulls, nulls);
        prop_assert_eq!(found.report().conversions, expected.len() as u64 - nulls);
    }

    #[test]
    fn order_pieces_and_threads_change_no_bit(touches in prop::collection::vec(touch(), 1..60), asked in asked(), seed: u64, parts in 1..4_usize) {
        let request = request(&asked);
        let whole = cut(&touchpoints(&touches, touches.len()), &request);
        let mut shuffled = touches.clone();
        let mut seed = Seed::new(seed);
        for at in (1..shuffled.len()).rev() {
            shuffled.swap(at, seed.below(at + 1));
        }
        let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
        prop_assert_eq!(&one_thread.install(|| cut(&touchpoints(&shuffled, 3), &request)), &whole);
        let of = |row: &Touch| row["customer"].as_str().map_or(0, |customer| customer.len() + customer.as_bytes()[2] as usize) % parts;
        let mut pieces: Vec<Paths> = (0..parts).map(|part| cut(&touchpoints(shuffled.iter().filter(|row| of(row) == part), 5), &request)).collect();
        for at in (1..pieces.len()).rev() {
            pieces.swap(at, seed.below(at + 1));
        }
        let merged = pieces.iter().skip(1).try_fold(pieces[0].clone(), |all, piece| all.merge(piece)).expect("pieces of whole customers");
        prop_assert_eq!(&merged, &whole);
    }
}

fn one_of(seed: &mut Seed, words: &[&'static str]) -> &'static str {
    words[seed.below(words.len())]
}

/// Many customers, so that there are partitions, keys of every kind, and more than one block of everything.
#[test]
fn large_tables_of_every_kind_of_key_come_to_the_same_in_any_order() {
    for key in ["c-{:07}", "{}", "a customer with a long name {}"] {
        let mut seed = Seed::new(7);
        let touches: Vec<Touch> = (0..70_000)
            .map(|_| {
                let row = json!({
                    "customer": key.replace("{:07}", &format!("{:07}", seed.below(9_000))).replace("{}", &seed.below(9_000).to_string()),
                    "at": START + seed.below(1_000_000) as i64 * MINUTE,
                    "kind": one_of(&mut seed, &["clicked", "viewed", "purchased"]),
                    "channel": one_of(&mut seed, &["email", "search", "social"]), "id": null, "value": null,
                });
                row.as_object().cloned().expect("an object")
            })
            .collect();
        let request: PathsRequest = serde_json::from_value(json!({"conversion": ["purchased"], "lookback": "30d"})).expect("a request");
        let whole = cut(&touchpoints(&touches, touches.len()), &request);
        assert_eq!(cut(&touchpoints(touches.iter().rev(), 10_000), &request), whole, "{key}");
        let asked = Asked {
            conversion: vec!["purchased"],
            touchpoints: vec![],
            lookback: [("purchased", 30 * 24 * 60 * MINUTE)].into(),
            repeat: "restart",
            unit: "touchpoint",
            session_gap: 30 * MINUTE,
            observed_until: None,
        };
        let expected = wayfare_tests::paths::paths(&touches, &asked);
        assert_eq!(whole.rows().len(), expected.len(), "{key}");
        let told = rows(&table(&whole, None, None).expect("a table"));
        same(&expected[..1000], &told[..1000]).unwrap_or_else(|wrong| panic!("{key}: {wrong}"));
    }
}

const SHOP: &str = "wayfare: 1
name: Shop
channels: { email: { owner: crm }, search: { owner: media }, social: {} }
touchpoints: { clicked: {}, viewed: {}, purchased: {}, signed_up: {} }
traits: { clicks: { count: clicked, within: 1h }, orders: { count: purchased } }
tracks:
  relationship:
    - { name: unknown }
    - { name: interested, while: clicks >= 1 && orders == 0 }
    - { name: customer, when: orders >= 1 }
owners: { relationship: { customer: { email: service } } }
";

#[test]
fn a_journey_tells_the_stage_in_which_a_touchpoint_found_the_customer() {
    let journey = Journey::from_yaml(SHOP).expect("a journey");
    let mut seed = Seed::new(3);
    let touches: Vec<Touch> = (0..400)
        .map(|_| {
            let row = json!({
                "customer": format!("c-{}", seed.below(20)),
                "at": START + seed.below(60) as i64 * 10 * MINUTE,
                "kind": one_of(&mut seed, &["clicked", "viewed", "purchased"]),
                "channel": one_of(&mut seed, &["email", "search", "social"]), "id": null, "value": null,
            });
            row.as_object().cloned().expect("an object")
        })
        .collect();
    let given = touchpoints(&touches, 100);
    let request: PathsRequest = serde_json::from_value(json!({"conversion": ["purchased"]})).expect("a request");
    let in_journey = InJourney { journey: &journey, track: Some("relationship"), customers: None };
    let cut = paths(&given, &request, Some(in_journey), None).expect("paths").paths;
    assert_eq!(cut.dimensions().collect::<Vec<_>>(), ["channel", "kind", "owner", "stage"]);
    let (stages, owners, channels) = (cut.dimension("stage").unwrap(), cut.dimension("owner").unwrap(), cut.dimension("channel").unwrap());
    let mut before: Vec<(&str, i64)> =
        touches.iter().map(|row| (row["customer"].as_str().unwrap(), row["at"].as_i64().unwrap() - 1)).collect();
    before.sort_unstable();
    let asked = questions(&before);
    let answers = rows(&run(&journey, &Request::new(&given, AsOf::Table(&asked))).expect("answers").table);
    assert_eq!(answers.len(), cut.events());
    for (event, answer) in answers.iter().enumerate() {
        let stage = answer["relationship"].as_str();
        assert_eq!(stages.word(event), stage);
        let owner = match (channels.word(event), stage) {
            (Some("email"), Some("customer")) => Some("service"),
            (Some("email"), _) => Some("crm"),
            (Some("search"), _) => Some("media"),
            _ => None,
        };
        assert_eq!(owners.word(event), owner);
    }
    let error = paths(&given, &request, Some(InJourney { track: Some("loyalty"), ..in_journey }), None).unwrap_err();
    assert_eq!(error.to_string(), "the journey has no track `loyalty`; its tracks are: `relationship`");
}

#[test]
fn what_the_journey_refuses_is_on_no_path() {
    let journey = Journey::from_yaml(SHOP).expect("a journey");
    let row = |minute: i64, kind: &str| {
        json!({"customer": "ada", "at": START + minute * MINUTE, "kind": kind, "channel": "email"}).as_object().cloned().expect("an object")
    };
    let touches = [row(0, "clicked"), row(1, "clickd"), row(2, "purchased")];
    let given = touchpoints(&touches, 3);
    let in_journey = InJourney { journey: &journey, track: Some("relationship"), customers: None };
    let request = |on_error: &str| serde_json::from_value(json!({"conversion": ["purchased"], "on_error": on_error})).expect("a request");
    let error = paths(&given, &request("raise"), Some(in_journey), None).unwrap_err();
    assert_eq!(error.message(), "touchpoints: row 1, column `kind`: kind `clickd` is not declared; did you mean `clicked`?");
    let cut = paths(&given, &request("collect"), Some(in_journey), None).expect("paths");
    assert_eq!((cut.rejected.num_rows(), cut.paths.events(), cut.paths.report().rejected), (1, 2, 1));
    assert_eq!(cut.paths.dimension("stage").unwrap().word(1), Some("interested"));
}
