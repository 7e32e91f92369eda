//! Decisions: the engine against the independent evaluator, and what must hold of them whatever the journey and the customer are.

use std::time::{Duration, Instant as Clock};

use serde_json::Value as Json;
use wayfare::{Instant, Journey};
use wayfare_tests::online;
use wayfare_tests::random::{Seed, arrival, instants};
use wayfare_tests::reference::{Question, Reference, difference, instant, random};
use wayfare_tests::vectors::{cases, consent_differences, decision_differences};

/// Without it a vector could be wrong in the way the engine is.
#[test]
fn the_reference_agrees_with_the_vectors() {
    let (mut report, mut failed, mut asked) = (String::new(), 0, 0);
    for (name, case) in cases() {
        if case.decisions.is_empty() && case.consents.is_empty() {
            continue;
        }
        let reference = Reference::from_yaml(&case.journey);
        let mut different = Vec::new();
        for ask in case.decisions.iter().filter(|ask| ask.error.is_none()) {
            let question = Question {
                customer: &case.customer,
                records: &case.records,
                now: instant(&ask.at),
                inputs: &ask.inputs,
                context: &ask.context,
            };
            let found = reference.decide(&question, ask.top.unwrap_or(1));
            different.extend(decision_differences(&ask.expect, &found).into_iter().map(|rest| format!("at {}: {rest}", ask.at)));
        }
        for ask in &case.consents {
            let found = reference.consents(&case.records, instant(&ask.at));
            different.extend(consent_differences(ask, &found).into_iter().map(|rest| format!("at {}: {rest}", ask.at)));
        }
        asked += 1;
        if !different.is_empty() {
            failed += 1;
            report.push_str(&format!("\n{name}\n  {}", different.join("\n  ")));
        }
    }
    assert!(failed == 0, "{failed} of {asked} cases fail:\n{report}");
    assert!(asked >= 160, "only {asked} cases");
}

/// How long to go on, `WAYFARE_SECONDS` apart; a set number of cases comes first.
const SECONDS: u64 = 20;
const CASES_AT_LEAST: u64 = 60;
const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// What the random customers came to: enough of everything must have happened.
#[derive(Default)]
struct Seen {
    decisions: usize,
    consents: usize,
    sent: usize,
    held_out: usize,
    waiting: usize,
    reasons: std::collections::BTreeMap<String, usize>,
}

#[test]
fn random_customers_are_decided_for_as_the_reference_says() {
    let began = Clock::now();
    let (first, time) = (setting("WAYFARE_SEED", 0), Duration::from_secs(setting("WAYFARE_SECONDS", SECONDS)));
    let (mut report, mut failed, mut cases, mut seen) = (String::new(), 0, 0, Seen::default());
    for seed in first.. {
        if cases >= CASES_AT_LEAST && began.elapsed() > time {
            break;
        }
        cases += 1;
        let mut rng = Seed::new(seed);
        let yaml = random::decision_journey_yaml(&mut rng.bits());
        let records = random::decision_records(&mut rng.bits(), &yaml);
        if let Err(what) = compare(&yaml, &records, &mut rng, &mut seen) {
            failed += 1;
            let short = what.lines().next().unwrap_or_default();
            report.push_str(&match failed {
                1..=3 => format!("\nseed {seed}: {what}\n{yaml}{}\n", Json::Array(records)),
                _ => format!("\nseed {seed}: {short}"),
            });
        }
    }
    println!(
        "{cases} customers, {} decisions, {} consents, {} may be sent, {} held out, {} wait, {:?}",
        seen.decisions, seen.consents, seen.sent, seen.held_out, seen.waiting, seen.reasons
    );
    assert!(failed == 0, "{failed} of {cases} customers differ:\n{report}");
    assert!(seen.sent > 20 && seen.held_out > 5 && seen.waiting > 5 && seen.reasons.len() >= 15, "too little happened");
}

fn compare(yaml: &str, records: &[Json], rng: &mut Seed, seen: &mut Seen) -> Result<(), String> {
    let journey = Journey::from_yaml(yaml).map_err(|error| format!("{error}: {:?}", error.diagnostics()))?;
    let reference = Reference::from_yaml(yaml);
    let (arrived, lateness) = arrival(yaml, records, rng);
    let mut profile = journey.profile("c-1");
    for record in &arrived {
        online::fold(&mut profile, record).map_err(|error| format!("{error}: {record}"))?;
    }
    let moved: Vec<Json> = arrived.iter().filter(|record| record.get("choice").is_none()).cloned().collect();
    let known = instants(&arrived);
    let newest = instants(&moved).last().copied().unwrap_or(0);
    let mut asked = vec![newest, newest + 1, newest + rng.below(DAY as usize) as i64, newest + rng.below(30 * DAY as usize) as i64];
    asked.push(newest - rng.below(lateness.min(3 * DAY) as usize + 1) as i64);
    asked.extend(known.iter().copied().filter(|at| *at >= newest - lateness).step_by(4));
    for at in asked {
        let now = Instant::from_micros(at).map_err(|error| error.to_string())?;
        let expected = reference.consents(&arrived, at);
        let found = online::consents(&profile, now);
        seen.consents += expected.as_array().map_or(0, Vec::len);
        if let Some(place) = difference(&expected, &found) {
            return Err(format!("consents at {now}: reference and engine{place}"));
        }
        let (inputs, context) = random::moment(&mut rng.bits());
        let top = 1 + rng.below(3);
        let expected = reference.decide(&Question { customer: "c-1", records: &arrived, now: at, inputs: &inputs, context: &context }, top);
        let found = online::decide(&profile, now, &online::inputs(&inputs, &context), top).map_err(|error| error.to_string())?;
        let told = |place: String| format!("decision at {now} of {top} with {inputs:?} {context:?}: reference and engine{place}");
        if expected.len() != found.len() {
            return Err(told(format!(" give {} and {}\n{expected:?}\n{found:?}", expected.len(), found.len())));
        }
        for (number, (expected, found)) in expected.iter().zip(&found).enumerate() {
            if let Some(place) = same_decision(expected, found, number == 0) {
                return Err(told(format!("[{number}]{place}\n reference {expected}\n engine    {found}")));
            }
            seen.note(expected);
        }
    }
    Ok(())
}

/// The first difference in what the contract names; the candidates of the first decision alone are told.
fn same_decision(expected: &Json, found: &Json, first: bool) -> Option<String> {
    let parts = expected.as_object()?.keys().filter(|part| first || *part != "candidates");
    parts
        .into_iter()
        .find_map(|part| difference(&expected[part], &reduced(&expected[part], &found[part])).map(|rest| format!(".{part}{rest}")))
}

/// What is found, without the keys that the contract does not name.
fn reduced(expected: &Json, found: &Json) -> Json {
    match (expected, found) {
        (Json::Object(expected), Json::Object(found)) => {
            let known = found.iter().filter_map(|(key, value)| Some((key.clone(), reduced(expected.get(key)?, value))));
            Json::Object(known.collect())
        }
        (Json::Array(expected), Json::Array(found)) if expected.len() == found.len() => {
            expected.iter().zip(found).map(|(expected, found)| reduced(expected, found)).collect()
        }
        (_, found) => found.clone(),
    }
}

impl Seen {
    fn note(&mut self, decision: &Json) {
        self.decisions += 1;
        self.sent += usize::from(decision["may_send"] == true);
        self.held_out += usize::from(decision["held_out"] == true);
        self.waiting += usize::from(!decision["not_before"].is_null());
        for candidate in decision["candidates"].as_array().into_iter().flatten() {
            *self.reasons.entry(candidate["reason"].as_str().unwrap_or("chosen").to_owned()).or_default() += 1;
        }
    }
}
