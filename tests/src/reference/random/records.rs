//! Random records of one customer.

use super::dice::Dice;
use super::traits::{ACTIONS, BRANDS, CHANNELS, OUTCOMES, PLANS, TOPICS};
use crate::reference::document::{duration, read_yaml};
use crate::reference::records::instant;
use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

pub fn records(dice: &mut Dice<'_>, yaml: &str) -> Vec<Json> {
    let journey = read_yaml(yaml);
    let mut durations = Vec::new();
    find_durations(&journey, &mut durations);
    let kinds: Vec<(&String, &Json)> = journey["touchpoints"].as_object().expect("kinds").iter().collect();
    let mut instants = vec![instant("2023-01-01T09:30:00Z") + dice.below(400) as i64 * DAY];
    let mut records: Vec<Json> = Vec::new();
    let many = if dice.chance(15) { 80 } else { 25 };
    for number in 0..dice.between(0, many) {
        let at = next_instant(dice, &instants, &durations);
        instants.push(at);
        let mut record = if dice.chance(15) {
            attribute_change(dice, at)
        } else {
            let (kind, declared) = dice.pick(&kinds);
            touchpoint(dice, at, kind, declared)
        };
        if dice.chance(60) {
            record.insert("id".into(), json!(format!("e{number}")));
        }
        if dice.chance(12) && !records.is_empty() {
            let seen = dice.pick(&records);
            if dice.chance(30) {
                record = seen.as_object().expect("a record").clone();
            } else if let Some(id) = seen.get("id") {
                record.insert("id".into(), id.clone());
            }
        }
        records.push(Json::Object(record));
    }
    dice.shuffle(&mut records);
    records
}

/// After, or at, or a little before an instant that there is; sometimes exactly a duration of the file later.
fn next_instant(dice: &mut Dice<'_>, instants: &[i64], durations: &[i64]) -> i64 {
    let last = *instants.last().expect("a start");
    let some = |dice: &mut Dice<'_>, most: i64| dice.between(1, most as usize) as i64;
    match dice.below(20) {
        0 | 1 => last,
        2 => dice.pick(instants),
        3 | 4 if !durations.is_empty() => dice.pick(instants) + dice.pick(durations),
        5 => last + some(dice, 90) * SECOND,
        6 => last - some(dice, 10) * DAY,
        7 => last + some(dice, 730) * DAY,
        8 => last + some(dice, 3_000_000_000) * 1_000,
        9 | 10 => last + some(dice, 30) * DAY,
        11 => last + some(dice, 5_000_000) * SECOND + dice.below(1_000_000) as i64,
        _ => last + some(dice, 1_500_000) * SECOND,
    }
}

fn touchpoint(dice: &mut Dice<'_>, at: i64, kind: &str, declared: &Json) -> Map<String, Json> {
    let mut record = Map::new();
    record.insert("at".into(), json!(text(at)));
    record.insert("kind".into(), json!(kind));
    let mut set = |dice: &mut Dice<'_>, name: &str, percent: usize, value: &dyn Fn(&mut Dice<'_>) -> Json| {
        if dice.chance(percent) {
            record.insert(name.to_owned(), value(dice));
        }
    };
    set(dice, "channel", 80, &|dice| json!(dice.pick(&CHANNELS)));
    set(dice, "topic", 60, &|dice| json!(dice.pick(&TOPICS)));
    set(dice, "value", 65, &|dice| match dice.below(4) {
        0 => json!(dice.between(0, 60)),
        1 => json!(dice.pick(&[29.33, 0.1, 12.5, -5.25, 19.99, -0.0, 1e-3, 0.0, 1234567.89])),
        2 => json!(29.33),
        _ => json!(dice.below(10_000) as f64 / 100.0),
    });
    set(dice, "direction", 40, &|dice| json!(dice.pick(&["inbound", "outbound"])));
    set(dice, "action", 25, &|dice| json!(dice.pick(&ACTIONS)));
    set(dice, "outcome", 25, &|dice| json!(dice.pick(&OUTCOMES)));
    for (property, sort) in declared["properties"].as_object().into_iter().flatten() {
        set(dice, property, 70, &|dice| match sort.as_str() {
            Some("number") => json!(dice.between(0, 5)),
            Some("boolean") => json!(dice.chance(50)),
            _ => json!(dice.pick(&BRANDS)),
        });
    }
    record
}

/// A zone is set alone, so that its place among the attributes is no question.
fn attribute_change(dice: &mut Dice<'_>, at: i64) -> Map<String, Json> {
    let mut set = Map::new();
    match dice.below(5) {
        0 => {
            let zones = ["Europe/London", "Asia/Kolkata", "Pacific/Auckland", "America/Los_Angeles"];
            set.insert("time_zone".into(), json!(dice.pick(&zones)));
        }
        1 => {
            set.insert("plan".into(), json!(dice.pick(&PLANS)));
            set.insert("newsletter".into(), json!(dice.chance(50)));
        }
        2 => {
            set.insert("newsletter".into(), json!(dice.chance(50)));
        }
        3 => {
            set.insert("age".into(), json!(dice.between(0, 90)));
        }
        _ => {
            set.insert("plan".into(), json!(dice.pick(&PLANS)));
        }
    }
    let mut record = Map::new();
    if dice.chance(70) {
        record.insert("at".into(), json!(text(at)));
    }
    record.insert("set".into(), Json::Object(set));
    record
}

pub fn text(at: i64) -> String {
    Timestamp::from_microsecond(at).expect("an instant").to_string()
}

pub fn find_durations(json: &Json, found: &mut Vec<i64>) {
    match json {
        Json::Object(map) => {
            for (key, inner) in map {
                match inner {
                    Json::String(text)
                        if !text.starts_with("calendar_")
                            && ["within", "half_life", "allowed_lateness", "per", "wait", "minimum_gap"].contains(&key.as_str()) =>
                    {
                        found.push(duration(text));
                    }
                    _ => find_durations(inner, found),
                }
            }
        }
        Json::Array(list) => list.iter().for_each(|inner| find_durations(inner, found)),
        _ => {}
    }
}
