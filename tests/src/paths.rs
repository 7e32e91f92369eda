//! Paths by their definition: touchpoint by touchpoint and conversion by conversion, with no thought for speed.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use wayfare::Instant;

/// A touchpoint as a document: `customer`, `at` (microseconds), `kind`, `channel`, `value`, `id`.
pub type Touch = Map<String, Json>;

/// What is asked, in the words of a request.
#[derive(Debug, Clone)]
pub struct Asked {
    pub conversion: Vec<&'static str>,
    pub touchpoints: Vec<&'static str>,
    /// Microseconds by kind of conversion.
    pub lookback: BTreeMap<&'static str, i64>,
    pub repeat: &'static str,
    pub unit: &'static str,
    pub session_gap: i64,
    pub observed_until: Option<i64>,
}

struct One<'a> {
    touch: &'a Touch,
    at: i64,
    converts: bool,
    counts: bool,
    session: usize,
}

/// The rows of the table of paths.
pub fn paths(touches: &[Touch], asked: &Asked) -> Vec<Json> {
    let mut customers: BTreeMap<&str, Vec<&Touch>> = BTreeMap::new();
    let at = |touch: &Touch| touch["at"].as_i64().expect("an instant");
    for touch in touches.iter().filter(|touch| asked.observed_until.is_none_or(|until| at(touch) <= until)) {
        customers.entry(touch["customer"].as_str().expect("a customer")).or_default().push(touch);
    }
    let histories: Vec<(&str, Vec<One<'_>>)> = customers.iter().map(|(customer, touches)| (*customer, history(touches, asked))).collect();
    let latest = histories.iter().flat_map(|(_, history)| history).map(|one| one.at).max().unwrap_or_default();
    let until = asked.observed_until.unwrap_or(latest);
    histories.iter().flat_map(|(customer, history)| of_customer(customer, history, until, asked)).collect()
}

fn history<'a>(touches: &[&'a Touch], asked: &Asked) -> Vec<One<'a>> {
    let is_conversion = |touch: &Touch| asked.conversion.iter().any(|kind| touch["kind"] == *kind);
    let mut all: Vec<One<'a>> = Vec::new();
    let mut sorted = touches.to_vec();
    sorted.sort_by_key(|touch| {
        let text = |name: &str| touch[name].as_str().map(str::to_owned);
        let channel = text("channel");
        let value = touch["value"].as_f64().map_or(0, |value| 1 + (value * 1e6) as i64);
        (touch["at"].as_i64(), text("id"), is_conversion(touch), text("kind"), (channel.is_none(), channel), value)
    });
    for touch in sorted {
        let at = touch["at"].as_i64().expect("an instant");
        if !touch["id"].is_null() && all.iter().any(|one| one.touch["id"] == touch["id"]) {
            continue;
        }
        let converts = is_conversion(touch);
        let counts = !converts && (asked.touchpoints.is_empty() || asked.touchpoints.iter().any(|kind| touch["kind"] == *kind));
        let session = all.last().map_or(0, |before| before.session + usize::from(at - before.at > asked.session_gap));
        all.push(One { touch, at, converts, counts, session });
    }
    if asked.unit == "session" {
        let passed = |at: usize| if asked.repeat == "restart" { all[..at].iter().filter(|one| one.converts).count() } else { 0 };
        let is_first =
            |at: usize| !(0..at).any(|other| all[other].counts && all[other].session == all[at].session && passed(other) == passed(at));
        let first: Vec<bool> = (0..all.len()).map(|at| all[at].counts && is_first(at)).collect();
        all.iter_mut().zip(first).for_each(|(one, first)| one.counts = first);
    }
    all
}

fn of_customer(customer: &str, history: &[One<'_>], until: i64, asked: &Asked) -> Vec<Json> {
    let mut conversions: Vec<usize> = (0..history.len()).filter(|at| history[*at].converts).collect();
    if asked.repeat == "first" {
        conversions.truncate(1);
    }
    let begins = |at: usize| {
        let kind = history[at].touch["kind"].as_str().expect("a kind");
        asked.lookback.get(kind).map_or(i64::MIN, |lookback| history[at].at - lookback)
    };
    let is_on = |touch: usize, at: usize| {
        let between = conversions.iter().any(|other| touch < *other && *other < at);
        history[touch].counts && touch < at && history[touch].at >= begins(at) && (asked.repeat == "all" || !between)
    };
    let mut told: Vec<(Vec<usize>, i64, Option<usize>)> = Vec::new();
    let mut before = None;
    for at in conversions.iter().copied().map(Some).chain([None]) {
        let end = at.unwrap_or(history.len());
        let lost: Vec<usize> = (before.map_or(0, |before: usize| before + 1)..end)
            .filter(|touch| history[*touch].counts && !conversions.iter().any(|other| is_on(*touch, *other)))
            .collect();
        let follows_the_first = asked.repeat == "first" && before.is_some();
        if !lost.is_empty() && !follows_the_first {
            let later = conversions.iter().filter(|other| **other >= end).map(|other| begins(*other));
            let ended = if asked.repeat == "all" { later.min() } else { at.map(begins) };
            told.push((lost, ended.unwrap_or(until), None));
        }
        if let Some(at) = at {
            told.push(((0..at).filter(|touch| is_on(*touch, at)).collect(), history[at].at, Some(at)));
        }
        before = at.or(before);
    }
    let shown = |at: i64| Instant::from_micros(at).expect("an instant").to_string();
    let row = |(number, (on, ended, conversion)): (usize, (Vec<usize>, i64, Option<usize>))| {
        let words: Vec<&str> = on.iter().map(|touch| history[*touch].touch["channel"].as_str().unwrap_or("(none)")).collect();
        json!({
            "customer": customer,
            "number": number + 1,
            "path": words.join(" > "),
            "touchpoints": on.len(),
            "started_at": on.first().map(|touch| shown(history[*touch].at)),
            "ended_at": shown(ended),
            "conversions": i32::from(conversion.is_some()),
            "value": conversion.and_then(|at| history[at].touch["value"].as_f64()).unwrap_or(0.0),
            "nulls": i32::from(conversion.is_none()),
        })
    };
    told.into_iter().enumerate().map(row).collect()
}
