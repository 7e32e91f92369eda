//! Random contacts, outcomes and preferences of one customer, close together.

use super::decisions::PURPOSES;
use super::dice::Dice;
use super::records::{self, find_durations, text};
use super::traits::{ACTIONS, CHANNELS, KINDS, OUTCOMES, TOPICS};
use crate::reference::document::read_yaml;
use crate::reference::records::instant;
use serde_json::{Map, Value as Json, json};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

pub fn records(dice: &mut Dice<'_>, yaml: &str) -> Vec<Json> {
    let mut records = records::records(dice, yaml);
    let root = read_yaml(yaml);
    let mut durations = Vec::new();
    find_durations(&root, &mut durations);
    let actions: Vec<&str> = root["actions"].as_array().expect("actions").iter().filter_map(|action| action["name"].as_str()).collect();
    let newest = records.iter().filter_map(|record| record["at"].as_str()).map(instant).max();
    let mut at = newest.unwrap_or(instant("2024-03-01T09:30:00Z"));
    let first = records.len();
    for number in 0..dice.between(0, 14) {
        at += match dice.below(8) {
            0 => 0,
            1 if !durations.is_empty() => dice.pick(&durations).min(30 * DAY),
            2 => dice.between(1, 12 * 86_400) as i64 * SECOND,
            3 => dice.between(1, 3_600_000) as i64 * 1_000,
            _ => dice.between(1, 2 * 86_400) as i64 * SECOND,
        };
        let mut record = match dice.below(10) {
            0 => zone(dice),
            1..3 => outcome(dice, &actions),
            3..5 => preference(dice),
            _ => contact(dice, &actions),
        };
        record.insert("at".into(), json!(text(at)));
        if record.contains_key("choice") {
            record.insert("id".into(), json!(format!("p{number}")));
            if dice.chance(20) {
                record.insert("expires".into(), json!(text(at + dice.between(1, 20 * 86_400) as i64 * SECOND)));
            }
        }
        records.push(Json::Object(record));
        // Delivered twice.
        if dice.chance(5) && records.len() > first {
            let again = records[records.len() - 1].clone();
            if again.get("id").is_some() {
                records.push(again);
            }
        }
    }
    dice.shuffle(&mut records);
    records
}

fn object(json: Json) -> Map<String, Json> {
    json.as_object().expect("an object").clone()
}

fn zone(dice: &mut Dice<'_>) -> Map<String, Json> {
    let zones = ["Europe/London", "Asia/Kolkata", "Pacific/Auckland", "America/New_York", "Australia/Lord_Howe"];
    object(json!({"set": {"time_zone": dice.pick(&zones)}}))
}

fn contact(dice: &mut Dice<'_>, actions: &[&str]) -> Map<String, Json> {
    let mut record = object(json!({"kind": dice.pick(&KINDS), "channel": dice.pick(&CHANNELS), "direction": "outbound"}));
    if dice.chance(80) {
        record.insert("action".into(), json!(dice.pick(actions)));
    }
    if dice.chance(40) {
        record.insert("topic".into(), json!(dice.pick(&TOPICS)));
    }
    if dice.chance(20) {
        record.insert("purpose".into(), json!(dice.pick(&PURPOSES)));
    }
    if dice.chance(20) {
        record.insert("owner".into(), json!(dice.pick(&["crm", "digital", "studio"])));
    }
    if dice.chance(20) {
        record.insert("outcome".into(), json!(dice.pick(&OUTCOMES)));
    }
    record
}

fn outcome(dice: &mut Dice<'_>, actions: &[&str]) -> Map<String, Json> {
    let action = if dice.chance(80) { dice.pick(actions) } else { dice.pick(&ACTIONS) };
    object(json!({"kind": dice.pick(&KINDS), "channel": dice.pick(&CHANNELS), "action": action, "outcome": dice.pick(&OUTCOMES)}))
}

fn preference(dice: &mut Dice<'_>) -> Map<String, Json> {
    let mut record = object(json!({"choice": dice.pick(&["in", "in", "in", "out", "out", "pending", "objected"])}));
    for (name, values) in [("channel", &CHANNELS[..]), ("purpose", &PURPOSES[..]), ("topic", &TOPICS[..])] {
        if dice.chance(35) {
            record.insert(name.into(), json!(dice.pick(values)));
        }
    }
    record
}

pub fn moment(dice: &mut Dice<'_>) -> (Map<String, Json>, Map<String, Json>) {
    let (mut inputs, mut context) = (Map::new(), Map::new());
    if dice.chance(60) {
        inputs.insert("p".into(), json!(dice.below(100) as f64 / 100.0));
    }
    if dice.chance(60) {
        inputs.insert("flag".into(), json!(dice.chance(50)));
    }
    if dice.chance(60) {
        inputs.insert("mood".into(), json!(dice.pick(&["calm", "cross"])));
    }
    if dice.chance(20) {
        context.insert("channel".into(), json!(dice.pick(&CHANNELS)));
    }
    if dice.chance(30) {
        context.insert("intent".into(), json!(dice.pick(&["buy", "leave"])));
    }
    if dice.chance(10) {
        context.insert("topic".into(), json!(dice.pick(&TOPICS)));
    }
    (inputs, context)
}
