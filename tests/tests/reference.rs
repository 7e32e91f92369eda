//! The engine against the reference evaluator, which was written from the reference pages alone: bit for bit.

use std::time::{Duration, Instant as Clock};

use serde_json::{Value as Json, json};
use wayfare::{Instant, Journey};
use wayfare_tests::online;
use wayfare_tests::random::{Seed, arrival, instants};
use wayfare_tests::reference::{Reference, difference, random};

/// How long to go on, `WAYFARE_SECONDS` apart; a set number of cases comes first.
const SECONDS: u64 = 20;
const CASES_AT_LEAST: u64 = 100;
const DAY: i64 = 86_400_000_000;

#[test]
fn random_customers_come_out_as_the_reference_says() {
    let began = Clock::now();
    let setting = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let (first, time) = (setting("WAYFARE_SEED", 0), Duration::from_secs(setting("WAYFARE_SECONDS", SECONDS)));
    let (mut report, mut failed, mut views, mut moves, mut cases) = (String::new(), 0, 0, 0, 0);
    for seed in first.. {
        if cases >= CASES_AT_LEAST && began.elapsed() > time {
            break;
        }
        cases += 1;
        let mut rng = Seed::new(seed);
        let yaml = random::journey_yaml(&mut rng.bits());
        let records = random::records(&mut rng.bits(), &yaml);
        match compare(&yaml, &records, &mut rng) {
            Ok((more_views, more_moves)) => (views, moves) = (views + more_views, moves + more_moves),
            Err(what) => {
                failed += 1;
                if failed <= 5 {
                    report.push_str(&format!("\nseed {seed}: {what}\n{yaml}{}\n", Json::Array(records)));
                }
            }
        }
    }
    println!("{cases} customers, {views} views, {moves} transitions");
    assert!(failed == 0, "{failed} of {cases} customers differ:\n{report}");
    assert!(views > 300 && moves > 200, "too little happened: {views} views, {moves} transitions");
}

fn compare(yaml: &str, records: &[Json], rng: &mut Seed) -> Result<(usize, usize), String> {
    let journey = Journey::from_yaml(yaml).map_err(|error| error.to_string())?;
    let reference = Reference::from_yaml(yaml);
    let (arrived, lateness) = arrival(yaml, records, rng);
    let mut profile = journey.profile("c-1");
    for record in &arrived {
        online::fold(&mut profile, record).map_err(|error| format!("{error}: {record}"))?;
    }
    let known = instants(&arrived);
    let newest = known.last().copied().unwrap_or(0);
    let mut asked = vec![newest, newest + 1, newest + 200 * DAY];
    // As far back as the profile can look.
    asked.extend(known.iter().copied().filter(|at| *at >= newest - lateness).step_by(3));
    let (mut views, mut moves) = (0, 0);
    for at in asked {
        let now = Instant::from_micros(at).map_err(|error| error.to_string())?;
        let (found, found_moves) = (online::view(&profile, now), online::transitions(&profile, now));
        let (found, found_moves) = (found.map_err(|error| error.to_string())?, found_moves.map_err(|error| error.to_string())?);
        let expected = reference.view(&arrived, at);
        if let Some(place) = difference(&expected, &found) {
            return Err(format!("view at {now}: reference and engine{place}"));
        }
        let expected = reference.transitions(&arrived, at);
        if let Some(place) = difference(&expected, &found_moves) {
            return Err(format!("transitions up to {now}: {place}\n reference {expected}\n engine    {found_moves}"));
        }
        (views, moves) = (views + 1, moves.max(found_moves.as_array().map_or(0, Vec::len)));
    }
    Ok((views, moves))
}

#[test]
fn the_comparison_sees_a_difference() {
    let (one, other) = (json!({"a": [1, 2.5]}), json!({"a": [1, 2.500_000_000_000_000_4]}));
    assert!(difference(&one, &other).is_some());
    assert!(difference(&one, &json!({"a": [1.0, 2.5]})).is_none());
}
