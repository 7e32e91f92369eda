//! The sections of a random journey file that decisions read.

use super::conditions::{condition, number};
use super::dice::Dice;
use super::journey::journey_and_names;
use super::traits::{ACTIONS, CHANNELS, Motion, Name, OUTCOMES, Sort, TOPICS};
use crate::reference::document::read_yaml;
use serde_json::Value as Json;
use std::fmt::Write;

pub const PURPOSES: [&str; 3] = ["service", "marketing", "news"];
const NAMES: [&str; 7] = [ACTIONS[0], ACTIONS[1], "offer", "survey", "tip", "thanks", "reminder"];
const GROUPS: [&str; 2] = ["campaign", "care"];
const CAPS: [&str; 4] = ["weekly", "daily", "monthly", "topical"];
pub const WAITS: [&str; 9] = ["1h", "12h", "1d", "2d", "7d", "14d", "30d", "45s", "90d"];

pub fn journey(dice: &mut Dice<'_>) -> String {
    let (mut file, mut names) = journey_and_names(dice);
    let channels = CHANNELS.map(|channel| format!("{channel}: {{ {} }}", channel_options(dice).join(", "))).join(", ");
    let begin = file.find("channels: {").expect("channels");
    let end = begin + file[begin..].find('\n').expect("a line");
    file.replace_range(begin..end, &format!("channels: {{ {channels} }}"));
    let root = read_yaml(&file);
    file.push_str("inputs: { p: number, flag: boolean, mood: text }\ncontext: { intent: text }\n");
    for (name, sort) in [
        ("input.p", Sort::Number),
        ("input.flag", Sort::Boolean),
        ("input.mood", Sort::Text(vec!["calm", "cross"])),
        ("context.intent", Sort::Text(vec!["buy", "leave"])),
        ("context.channel", Sort::Text(CHANNELS.to_vec())),
    ] {
        names.push(Name { name: name.to_owned(), sort, motion: Motion::Barred });
    }
    let defaults = ["{}", "{ default: opted_in }", "{ default: opted_in, global_privacy_control: true }", "{ default: opted_out }"];
    let purposes = [format!("service: {}", dice.pick(&["{ required: true }", "{ required: true }", "{ default: opted_in }"]))]
        .into_iter()
        .chain(["marketing", "news"].map(|name| format!("{name}: {}", dice.pick(&defaults))));
    let _ = writeln!(file, "purposes: {{ {} }}", purposes.collect::<Vec<_>>().join(", "));
    let caps = policy(dice, &mut file, &names);
    let groups = dice.below(3);
    let asks = dice.below(3);
    if groups > 0 {
        file.push_str("groups:\n");
    }
    for group in &GROUPS[..groups] {
        let keys = action_keys(dice, &root, &names, &caps, 12);
        let _ = writeln!(file, "  {group}: {{ {} }}", keys.join(", "));
    }
    file.push_str("actions:\n");
    for (number, name) in NAMES.iter().take(dice.between(2, NAMES.len())).enumerate() {
        let mut keys = vec![format!("name: {name}"), format!("purpose: {}", dice.pick(&["marketing", "marketing", "news", "service"]))];
        if groups > 0 && dice.chance(50) {
            keys.push(format!("group: {}", dice.pick(&GROUPS[..groups])));
        }
        if number > 0 && asks > 0 && dice.chance(25) {
            keys.push(format!("ask: {}", ["contact", "plan"][dice.below(asks)]));
        }
        keys.extend(action_keys(dice, &root, &names, &caps, 25));
        let _ = writeln!(file, "  - {{ {} }}", keys.join(", "));
    }
    if asks > 0 {
        let answers = [
            "all: [ { choice: in } ]",
            "email: [ { choice: in, channel: email } ]",
            "tents: [ { choice: in, topic: tents }, { choice: out, topic: boots } ]",
            "none: [ { choice: out } ]",
        ];
        let _ = writeln!(file, "asks:\n  contact: {{ question: May we?, answers: {{ {} }} }}", answers.join(", "));
    }
    if asks > 1 {
        file.push_str("  plan: { question: Which plan?, attribute: plan }\n");
    }
    if dice.chance(25) {
        let _ = writeln!(file, "holdout: {}", holdout(dice));
    }
    if dice.chance(40) {
        owners(dice, &mut file, &root);
    }
    file
}

fn channel_options(dice: &mut Dice<'_>) -> Vec<String> {
    let mut options = Vec::new();
    if dice.chance(60) {
        options.push(format!("owner: {}", dice.pick(&["crm", "digital"])));
    }
    if dice.chance(35) {
        let hours = ["00:00", "01:30", "06:00", "08:00", "12:00", "18:45", "21:00", "23:59"];
        let (from, to) = (dice.pick(&hours), dice.pick(&hours));
        if from != to {
            options.push(format!("quiet_hours: {{ from: \"{from}\", to: \"{to}\" }}"));
        }
    }
    options
}

/// The contact policy; the names of its caps.
fn policy(dice: &mut Dice<'_>, file: &mut String, names: &[Name]) -> Vec<String> {
    file.push_str("contact_policy:\n  kind: page_viewed\n");
    let mut named = Vec::new();
    if dice.chance(50) {
        let _ = writeln!(file, "  unknown_time_zone: {}", dice.pick(&["hold", "journey", "send"]));
    }
    if dice.chance(30) {
        let _ = writeln!(file, "  minimum_gap: {}", dice.pick(&WAITS));
        named.push("minimum_gap".to_owned());
    }
    if dice.chance(50) {
        let _ = writeln!(file, "  answered: [{}]", dice.some(&OUTCOMES, 2).join(", "));
    }
    let caps = dice.below(4);
    if caps > 0 {
        file.push_str("  caps:\n");
    }
    for cap in &CAPS[..caps] {
        let per = dice.pick(&["1d", "7d", "12h", "30d", "2d", "400d", "calendar_day", "calendar_week", "calendar_month", "calendar_day"]);
        let mut keys = vec![format!("name: {cap}"), format!("at_most: {}", dice.between(1, 3)), format!("per: {per}")];
        if per.starts_with("calendar_") && dice.chance(40) {
            keys.push(format!("time_zone: {}", dice.pick(&["customer", "UTC", "Asia/Tokyo", "America/New_York"])));
        }
        for (key, values) in [
            ("channel", &CHANNELS[..]),
            ("purpose", &PURPOSES[..]),
            ("topic", &TOPICS[..]),
            ("action", &NAMES[..2]),
            ("owner", &["crm", "digital"][..]),
        ] {
            if dice.chance(14) {
                keys.push(format!("{key}: [{}]", dice.some(values, 2).join(", ")));
            }
        }
        let _ = writeln!(file, "    - {{ {} }}", keys.join(", "));
        named.push((*cap).to_owned());
    }
    let vetoes = dice.below(3);
    if vetoes > 0 {
        file.push_str("  vetoes:\n");
    }
    for _ in 0..vetoes {
        let mut keys = vec![format!("when: \"({}) && ({})\"", condition(dice, names, false, 1), condition(dice, names, false, 1))];
        for (key, values) in [("channels", &CHANNELS[..]), ("purposes", &PURPOSES[..]), ("actions", &NAMES[..2])] {
            if dice.chance(35) {
                keys.push(format!("{key}: [{}]", dice.some(values, 2).join(", ")));
            }
        }
        let _ = writeln!(file, "    - {{ {} }}", keys.join(", "));
    }
    named
}

/// Gates and factors, each as often as this.
fn action_keys(dice: &mut Dice<'_>, root: &Json, names: &[Name], caps: &[String], percent: usize) -> Vec<String> {
    let mut keys = Vec::new();
    if dice.chance(percent * 2) {
        keys.push(format!("channels: [{}]", dice.some(&CHANNELS, 3).join(", ")));
    }
    if dice.chance(percent) {
        keys.push("channel: preferred".to_owned());
    }
    if dice.chance(percent) {
        let supplied: Vec<&str> = names
            .iter()
            .filter(|name| name.sort == Sort::Text(TOPICS.to_vec()) && name.motion == Motion::Still)
            .map(|name| name.name.as_str())
            .collect();
        let topic = if supplied.is_empty() || dice.chance(50) { dice.pick(&TOPICS) } else { dice.pick(&supplied) };
        keys.push(format!("topic: {topic}"));
    }
    if dice.chance(percent) {
        keys.push(format!("owner: {}", dice.pick(&["crm", "digital", "studio"])));
    }
    if dice.chance(percent) {
        let tracks: Vec<(&String, &Json)> = root["tracks"].as_object().expect("tracks").iter().collect();
        let (track, stages) = dice.pick(&tracks);
        let stages: Vec<&str> = stages.as_array().expect("stages").iter().filter_map(|stage| stage["name"].as_str()).collect();
        keys.push(format!("stages: {{ {track}: [{}] }}", dice.some(&stages, 4).join(", ")));
    }
    if dice.chance(percent) {
        keys.push(format!("when: \"{}\"", condition(dice, names, false, 1)));
    }
    if dice.chance(percent / 2) {
        let (from, until) =
            (dice.pick(&["2023-06-01T00:00:00Z", "2024-03-05T12:30:00+01:00", "2026-01-01T00:00:00Z"]), "2030-01-01T00:00:00Z");
        keys.push(format!("valid: {{ from: \"{from}\", until: \"{until}\" }}"));
    }
    if dice.chance(percent / 2) {
        keys.push(format!("limit: {}", dice.between(1, 4)));
    }
    if dice.chance(percent) {
        let twice = if dice.chance(50) { format!(", times: 2, within: {}", dice.pick(&WAITS)) } else { String::new() };
        let outcomes = dice.some(&OUTCOMES, 2).join(", ");
        keys.push(format!("after: {{ outcome: [{outcomes}], wait: {}{twice} }}", dice.pick(&WAITS)));
    }
    for key in ["obeys", "counts_toward"] {
        let caps: Vec<&str> = caps.iter().map(String::as_str).collect();
        if dice.chance(percent / 2) {
            let some = if caps.is_empty() || dice.chance(30) { Vec::new() } else { dice.some(&caps, 3) };
            keys.push(format!("{key}: [{}]", some.join(", ")));
        }
    }
    for key in ["value", "propensity", "weight"] {
        if dice.chance(percent * 2) {
            let factor = if dice.chance(70) {
                dice.pick(&["2", "0.1", "0.7", "3", "12", "0"]).to_owned()
            } else {
                format!("\"{}\"", number(dice, names, 1))
            };
            keys.push(format!("{key}: {factor}"));
        }
    }
    if dice.chance(percent) {
        let boost = |dice: &mut Dice<'_>| {
            format!("{{ when: \"{}\", add: {} }}", condition(dice, names, false, 0), dice.pick(&["0.5", "0.1", "-0.3", "2"]))
        };
        let boosts: Vec<String> = (0..dice.between(1, 2)).map(|_| boost(dice)).collect();
        keys.push(format!("boosts: [ {} ]", boosts.join(", ")));
    }
    if dice.chance(percent / 3) {
        keys.push(format!("holdout: {}", holdout(dice)));
    }
    keys
}

fn holdout(dice: &mut Dice<'_>) -> String {
    let algorithm = dice.pick(&["sha256", "growthbook_v2", "unleash"]);
    format!("{{ share: {}, salt: s{}, algorithm: {algorithm} }}", dice.pick(&["0.1", "0.5", "0.9"]), dice.below(20))
}

fn owners(dice: &mut Dice<'_>, file: &mut String, root: &Json) {
    file.push_str("owners:\n");
    for (track, stages) in root["tracks"].as_object().expect("tracks") {
        let stages: Vec<&str> = stages.as_array().expect("stages").iter().filter_map(|stage| stage["name"].as_str()).collect();
        let cells: Vec<String> = dice
            .some(&stages, 3)
            .iter()
            .map(|stage| format!("{stage}: {{ {}: {} }}", dice.pick(&CHANNELS), dice.pick(&["crm", "key_accounts"])))
            .collect();
        let _ = writeln!(file, "  {track}: {{ {} }}", cells.join(", "));
    }
}
