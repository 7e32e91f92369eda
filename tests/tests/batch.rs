//! A table and profiles agree to the last bit, however the rows are ordered, chunked and shared between threads.

use serde_json::{Map, Value as Json};
use wayfare::arrow::{AsOf, OnError, Outcome, Request, run, transitions};
use wayfare::{Column, ErrorKind, Instant, Journey, ResultColumn, RunOptions, Table};
use wayfare_tests::random::{Seed, arrival, at, instants};
use wayfare_tests::reference::{difference, random};
use wayfare_tests::tables::{Customer, questions, row_of_view, rows, tables, touchpoints_without_ids};
use wayfare_tests::{online, vectors};

const SEEDS: std::ops::Range<u64> = 5_000..5_120;
const DAY: i64 = 86_400_000_000;

/// A journey and some customers with records.
fn population(seed: u64) -> (String, Journey, Vec<Customer>, Seed) {
    population_of(seed, 6)
}

fn population_of(seed: u64, most: usize) -> (String, Journey, Vec<Customer>, Seed) {
    let mut rng = Seed::new(seed);
    let yaml = random::journey_yaml(&mut rng.bits());
    let journey = Journey::from_yaml(&yaml).unwrap();
    let customers = (0..1 + rng.below(most)).map(|number| {
        let records = random::records(&mut rng.bits(), &yaml);
        // Some names fit sixteen bytes, some do not.
        let name = if number % 3 == 2 { format!("a-customer-with-a-long-name-{number}") } else { format!("c-{number}") };
        (name, arrival(&yaml, &records, &mut rng).0)
    });
    let customers = customers.collect();
    (yaml, journey, customers, rng)
}

fn shuffled<'a>(customers: &'a [Customer], rng: &mut Seed) -> Vec<(&'a str, &'a Json)> {
    let mut all: Vec<(&str, &Json)> =
        customers.iter().flat_map(|(name, records)| records.iter().map(move |record| (name.as_str(), record))).collect();
    for at in (1..all.len()).rev() {
        all.swap(at, rng.below(at + 1));
    }
    all
}

fn answer(journey: &Journey, records: &[(&str, &Json)], as_of: AsOf<'_>, chunk: usize) -> Outcome {
    let (touchpoints, customers) = tables(journey, records, chunk);
    run(journey, &Request { customers: Some(&customers), ..Request::new(&touchpoints, as_of) }).unwrap()
}

/// What a profile says that saw the records up to an instant, if any.
fn expected(journey: &Journey, customer: &Customer, now: i64) -> Option<Map<String, Json>> {
    let mut profile = journey.profile(&customer.0);
    let seen: Vec<&Json> = customer.1.iter().filter(|record| at(record).is_none_or(|at| at <= now)).collect();
    online::fold_all(&mut profile, seen.iter().copied());
    let mut row = row_of_view(&online::view(&profile, Instant::from_micros(now).unwrap()).unwrap());
    row.insert("customer".to_owned(), customer.0.clone().into());
    (!seen.is_empty()).then_some(row)
}

fn same(expected: &Map<String, Json>, found: &Map<String, Json>, what: &str) {
    let (expected, found) = (Json::Object(expected.clone()), Json::Object(found.clone()));
    if let Some(place) = difference(&expected, &found) {
        panic!("{what}: profile and table{place}");
    }
}

#[test]
fn a_table_says_what_profiles_say() {
    for seed in SEEDS {
        let (yaml, journey, mut customers, mut rng) = population(seed);
        let newest = customers.iter().flat_map(|(_, records)| instants(records)).max().unwrap_or(0);
        let records = shuffled(&customers, &mut rng);
        for now in [newest, newest - 30 * DAY, newest + 90 * DAY] {
            let outcome = answer(&journey, &records, AsOf::At(Instant::from_micros(now).unwrap()), 7);
            let mut sorted = customers.clone();
            sorted.sort_by(|a, b| a.0.cmp(&b.0));
            let expected: Vec<_> = sorted.iter().filter_map(|customer| expected(&journey, customer, now)).collect();
            let found = rows(&outcome.table);
            assert_eq!(expected.len(), found.len(), "seed {seed}: customers\n{yaml}");
            for (expected, found) in expected.iter().zip(&found) {
                same(expected, found, &format!("seed {seed} at {now}\n{yaml}"));
            }
        }
        customers.clear();
    }
}

/// Many are folded side by side then, unless two instants are asked about.
#[test]
fn touchpoints_without_ids_and_tracks_say_what_profiles_say() {
    for seed in SEEDS.step_by(2) {
        let (yaml, _, mut customers, mut rng) = population_of(seed, 80);
        let yaml = yaml.split("tracks:\n").next().unwrap();
        let journey = Journey::from_yaml(yaml).unwrap();
        for (_, records) in &mut customers {
            records.retain(|record| record.get("set").is_none());
            records.iter_mut().for_each(|record| drop(record.as_object_mut().unwrap().remove("id")));
        }
        customers.sort_by(|a, b| a.0.cmp(&b.0));
        let newest = customers.iter().flat_map(|(_, records)| instants(records)).max().unwrap_or(0);
        let touchpoints = touchpoints_without_ids(&journey, &shuffled(&customers, &mut rng), 13);
        for now in [newest, newest - 30 * DAY, newest + 90 * DAY] {
            let instants = [now, now + DAY].map(|now| Instant::from_micros(now).unwrap());
            let expected: Vec<_> = customers.iter().filter_map(|customer| expected(&journey, customer, now)).collect();
            for (variant, as_of) in [AsOf::Each(&instants), AsOf::At(instants[0]), AsOf::Each(&instants[..1])].into_iter().enumerate() {
                let mut found = rows(&run(&journey, &Request::new(&touchpoints, as_of)).unwrap().table);
                found.retain_mut(|row| row.remove("as_of").is_none_or(|at| at == instants[0].to_string()));
                assert_eq!(expected.len(), found.len(), "seed {seed}: customers\n{yaml}");
                for (expected, found) in expected.iter().zip(&found) {
                    same(expected, found, &format!("variant {variant} seed {seed} at {now}\n{yaml}"));
                }
            }
        }
    }
}

#[test]
fn order_chunks_and_threads_change_nothing() {
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let many = rayon::ThreadPoolBuilder::new().num_threads(5).build().unwrap();
    for seed in SEEDS.step_by(3) {
        let (_, journey, customers, mut rng) = population(seed);
        let newest = Instant::from_micros(customers.iter().flat_map(|(_, records)| instants(records)).max().unwrap_or(0)).unwrap();
        let (first, second) = (shuffled(&customers, &mut rng), shuffled(&customers, &mut rng));
        let serial = one.install(|| answer(&journey, &first, AsOf::At(newest), 1_000_000));
        let parallel = many.install(|| answer(&journey, &second, AsOf::At(newest), 3));
        assert_eq!(serial.table, parallel.table, "seed {seed}");
    }
}

#[test]
fn several_instants_and_questions_see_nothing_of_what_comes_later() {
    for seed in SEEDS.step_by(2) {
        let (yaml, journey, customers, mut rng) = population(seed);
        let known = instants(&customers.iter().flat_map(|(_, records)| records.clone()).collect::<Vec<_>>());
        let asked: Vec<i64> = (0..4).map(|_| known[rng.below(known.len())] + [0, -1, 40 * DAY][rng.below(3)]).collect();
        let records = shuffled(&customers, &mut rng);

        let list: Vec<Instant> = asked.iter().map(|at| Instant::from_micros(*at).unwrap()).collect();
        let mut wanted = Vec::new();
        let mut sorted = customers.clone();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        let mut rising = asked.clone();
        rising.sort_unstable();
        rising.dedup();
        for customer in &sorted {
            for now in &rising {
                wanted.extend(expected(&journey, customer, *now).map(|mut row| {
                    row.insert("as_of".to_owned(), Instant::from_micros(*now).unwrap().to_string().into());
                    row
                }));
            }
        }
        let found = rows(&answer(&journey, &records, AsOf::Each(&list), 11).table);
        assert_eq!(wanted.len(), found.len(), "seed {seed}\n{yaml}");
        wanted.iter().zip(&found).for_each(|(wanted, found)| same(wanted, found, &format!("seed {seed}\n{yaml}")));

        let questions_table =
            questions(&asked.iter().map(|at| (customers[rng.below(customers.len())].0.as_str(), *at)).collect::<Vec<_>>());
        for found in rows(&answer(&journey, &records, AsOf::Table(&questions_table), 11).table) {
            let customer = customers.iter().find(|(name, _)| found["customer"] == name.as_str()).unwrap();
            let now = found["as_of"].as_str().unwrap().parse::<Instant>().unwrap();
            if let Some(mut wanted) = expected(&journey, customer, now.as_micros()) {
                wanted.insert("as_of".to_owned(), found["as_of"].clone());
                same(&wanted, &found, &format!("seed {seed}\n{yaml}"));
            }
        }
    }
}

#[test]
fn transitions_are_those_of_the_profiles() {
    for seed in SEEDS {
        let (yaml, journey, customers, mut rng) = population(seed);
        let newest = customers.iter().flat_map(|(_, records)| instants(records)).max().unwrap_or(0);
        let until = Instant::from_micros(newest + 60 * DAY).unwrap();
        let mut wanted = Vec::new();
        let mut sorted = customers.clone();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, records) in &sorted {
            let mut profile = journey.profile(name);
            online::fold_all(&mut profile, records);
            for mut row in online::transitions(&profile, until).unwrap().as_array().unwrap().clone() {
                row["customer"] = name.as_str().into();
                wanted.push(row);
            }
        }
        let (touchpoints, changes) = tables(&journey, &shuffled(&customers, &mut rng), 5);
        let request = Request { customers: Some(&changes), ..Request::new(&touchpoints, AsOf::At(until)) };
        let found: Json = rows(&transitions(&journey, &request).unwrap().table).into_iter().map(Json::Object).collect();
        if let Some(place) = difference(&Json::Array(wanted), &found) {
            panic!("seed {seed}: {place}\n{yaml}");
        }
        let explained = transitions(&journey, &Request { explain: true, ..request }).unwrap().table;
        assert!(rows(&explained).iter().all(|row| !row["because"].as_str().unwrap().is_empty()));
    }
}

#[test]
fn the_vectors_hold_in_a_table() {
    let mut failed = Vec::new();
    for (name, case) in vectors::cases().into_iter().filter(|(_, case)| case.diagnostics.is_none()) {
        let journey =
            if case.journey.trim_start().starts_with('{') { Journey::from_json(&case.journey) } else { Journey::from_yaml(&case.journey) };
        let journey = journey.unwrap();
        let records: Vec<(&str, &Json)> = case.records.iter().map(|record| ("c-1", record)).collect();
        for view in case.views.iter().filter(|_| !case.records.is_empty()) {
            let found = rows(&answer(&journey, &records, AsOf::At(view.at.parse().unwrap()), 2).table);
            let Some(found) = found.first() else { continue };
            let mut wanted = view.expect.clone();
            wanted.remove("make_up");
            for part in ["traits", "scores", "segments"] {
                for (key, value) in wanted.get(part).and_then(Json::as_object).into_iter().flatten() {
                    if difference(value, &found[key]).is_some() {
                        failed.push(format!("{name}: {key}: expected {value}, found {}", found[key]));
                    }
                }
            }
            for (track, stage) in wanted.get("stages").and_then(Json::as_object).into_iter().flatten() {
                for (key, column) in [("stage", track.clone()), ("since", format!("{track}_since"))] {
                    if stage.get(key).is_some_and(|value| difference(value, &found[&column]).is_some()) {
                        failed.push(format!("{name}: {column}: expected {}, found {}", stage[key], found[&column]));
                    }
                }
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn bad_rows_fail_the_table_or_are_collected() {
    let journey = Journey::from_yaml(
        "wayfare: 1\nname: Shop\nchannels: { web: {} }\ntouchpoints: { purchased: {} }\ntraits: { orders: { count: purchased, output: true } }\n",
    )
    .unwrap();
    let good = serde_json::json!({"at": "2026-01-01T00:00:00Z", "kind": "purchased", "channel": "web"});
    let bad = serde_json::json!({"at": "2026-01-01T00:00:00Z", "kind": "purchsed", "channel": "web"});
    let (touchpoints, _) = tables(&journey, &[("a", &good), ("b", &bad), ("a", &good)], 2);
    let request = Request::new(&touchpoints, AsOf::At("2026-02-01T00:00:00Z".parse().unwrap()));
    let error = run(&journey, &request).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidTable);
    insta::assert_snapshot!(error.message(), @"touchpoints: row 1, column `kind`: kind `purchsed` is not declared; did you mean `purchased`?");
    let outcome = run(&journey, &Request { on_error: OnError::Collect, ..request }).unwrap();
    assert_eq!(rows(&outcome.table)[0]["orders"], 2);
    assert_eq!((rows(&outcome.table).len(), outcome.rejected.num_rows()), (1, 1));
}

#[test]
fn a_run_can_be_stopped() {
    let (_, journey, customers, mut rng) = population(1);
    let (touchpoints, _) = tables(&journey, &shuffled(&customers, &mut rng), 100);
    let stop = |_: u64, _: u64| false;
    let request = Request { progress: Some(&stop), ..Request::new(&touchpoints, AsOf::At("2030-01-01T00:00:00Z".parse().unwrap())) };
    assert_eq!(run(&journey, &request).unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn a_customer_of_whom_only_the_future_knows_is_not_there() {
    // What no rule reads shows that a customer exists, but not before it happens.
    let journey = Journey::from_yaml(
        "wayfare: 1\nname: Shop\ntouchpoints: { purchased: {}, opened: {} }\ntraits: { orders: { count: purchased, output: true } }\n",
    )
    .unwrap();
    let at = ["2026-01-01T00:00:00Z", "2026-01-09T00:00:00Z", "2026-01-05T00:00:00Z", "2026-01-05T00:00:00.000001Z"];
    let at: Vec<Instant> = at.iter().map(|at| at.parse().unwrap()).collect();
    let touchpoints = Table::new()
        .column("customer", Column::texts(&["ada", "bo", "cy", "di"]))
        .column("at", Column::instants(&at))
        .column("kind", Column::texts(&["purchased", "opened", "opened", "opened"]));
    let found = journey.run(&touchpoints, &RunOptions::at(at[2])).unwrap();
    let Some(ResultColumn::Texts(customers)) = found.column("customer") else { panic!("no customers") };
    assert_eq!(customers.iter().flatten().collect::<Vec<_>>(), ["ada", "cy"]);
}

/// Customers of many rows, sorted, each with how many touchpoints it has.
fn counted(keys: &[String]) -> Vec<(String, i64)> {
    let journey = Journey::from_yaml(
        "wayfare: 1\nname: Shop\ntouchpoints: { purchased: {} }\ntraits: { orders: { count: purchased, output: true } }\n",
    )
    .unwrap();
    let (at, kinds) = (vec![Instant::from_micros(1).unwrap(); keys.len()], vec!["purchased"; keys.len()]);
    let texts: Vec<&str> = keys.iter().map(String::as_str).collect();
    let touchpoints =
        Table::new().column("customer", Column::texts(&texts)).column("at", Column::instants(&at)).column("kind", Column::texts(&kinds));
    let found = journey.run(&touchpoints, &RunOptions::at(at[0])).unwrap();
    let (Some(ResultColumn::Texts(customers)), Some(ResultColumn::Integers(orders))) = (found.column("customer"), found.column("orders"))
    else {
        panic!("no customers")
    };
    customers.iter().flatten().map(str::to_owned).zip(orders.iter().copied()).collect()
}

#[test]
fn keys_of_many_rows_may_be_others_than_those_looked_at_first() {
    const ROWS: usize = 1 << 18;
    let regular: Vec<String> = (0..ROWS).map(|row| format!("c-{:05}", row * 7_919 % 40_000)).collect();
    for odd in ["", "c-00007", "c-40000", "c-99999", "d-00000", "c-000077", "c-7", "c-0000a", "somebody with a longer name than the others"]
    {
        let mut keys = regular.clone();
        if !odd.is_empty() {
            keys[ROWS / 2 + 3] = odd.to_owned();
        }
        let mut expected = std::collections::BTreeMap::<String, i64>::new();
        keys.iter().for_each(|key| *expected.entry(key.clone()).or_default() += 1);
        assert!(counted(&keys) == expected.into_iter().collect::<Vec<_>>(), "with `{odd}` among them");
    }
}
