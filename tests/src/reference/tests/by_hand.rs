//! Small journeys whose answers were worked out on paper.

use crate::reference::records::instant;
use crate::reference::{Reference, difference};
use serde_json::{Value, json};

fn traits(text: &str) -> Reference {
    let head = "wayfare: 1\nname: n\nchannels: { web: {}, store: {} }\n";
    let kinds = "touchpoints: { bought: { properties: { items: number } }, viewed: {}, left: {} }\n";
    Reference::from_yaml(&format!("{head}{kinds}attributes: {{ plan: text }}\n{text}"))
}

fn assert_same(left: &Value, right: Value) {
    assert_eq!(difference(left, &right), None, "{left:#}");
}

fn view(journey: &Reference, records: &[Value], now: &str) -> Value {
    journey.view(records, instant(now))
}

fn bought(at: &str, value: f64) -> Value {
    json!({"at": at, "kind": "bought", "value": value})
}

#[test]
fn aggregates() {
    let journey = traits(
        "traits:
  n: { count: bought }
  n_2d: { count: bought, within: 2d }
  total: { sum: value }
  average: { mean: value, of: bought }
  least: { min: value }
  most: { max: value }
  first: { first: channel }
  last: { last: channel, of: [bought, viewed], where: \"value > 1\" }
  ways: { distinct: channel }
  usual: { most_frequent: channel }
  kinds: { distinct: kind, within: 1d }
  outbound: { count: any, where: \"direction == 'outbound'\" }
  inbound: { count: any, where: \"direction == 'inbound'\" }
",
    );
    let records = [
        json!({"at": "2024-01-03T00:00:00Z", "kind": "bought", "value": 0.2, "channel": "store"}),
        json!({"at": "2024-01-01T00:00:00Z", "kind": "bought", "value": 0.1, "channel": "web"}),
        json!({"at": "2024-01-02T00:00:00Z", "kind": "viewed", "value": 0.7, "direction": "outbound"}),
        json!({"at": "2024-01-02T00:00:00Z", "kind": "bought"}),
        json!({"at": "2024-01-09T00:00:00Z", "kind": "bought", "value": 9.0}),
    ];
    // Exactly: 0.1 + 0.2 + 0.7 = 1; in sequence too, but 0.1 + 0.2 alone is 0.30000000000000004.
    assert_same(
        &view(&journey, &records, "2024-01-03T00:00:00Z")["traits"],
        json!({
            "n": 3, "n_2d": 2, "total": 1.0, "average": (0.1 + 0.2) / 2.0, "least": 0.1, "most": 0.7, "first": "web",
            "last": null, "ways": 2, "usual": "store", "kinds": 1, "outbound": 1, "inbound": 3,
        }),
    );
    let nothing = view(&journey, &records, "2023-01-01T00:00:00Z");
    assert_same(
        &nothing["traits"],
        json!({
            "n": 0, "n_2d": 0, "total": 0.0, "average": null, "least": null, "most": null, "first": null,
            "last": null, "ways": 0, "usual": null, "kinds": 0, "outbound": 0, "inbound": 0,
        }),
    );
}

#[test]
fn times() {
    let journey = traits(
        "time_zone: America/New_York
traits:
  since: { days_since: bought }
  since_first: { days_since_first: bought }
  member: { tenure: bought, until: left }
  gap: { typical_gap: bought, prior: { days: 60, weight: 3 } }
  plain_gap: { typical_gap: bought }
",
    );
    let mut records = vec![bought("2024-01-01T12:00:00Z", 1.0)];
    let now = "2024-03-01T00:00:00Z";
    assert_same(
        &view(&journey, &records, now)["traits"],
        json!({"since": 59.5, "since_first": 59.5, "member": 59.5, "gap": 60.0, "plain_gap": null}),
    );
    // In New York both are the day before their day in UTC: 10 January and 20 February; gaps of 9 and 41 days.
    records.push(bought("2024-01-11T01:00:00Z", 1.0));
    records.push(bought("2024-02-21T03:00:00Z", 1.0));
    records.push(json!({"at": "2024-01-11T01:00:00Z", "kind": "left"}));
    assert_same(
        &view(&journey, &records, now)["traits"],
        json!({
            "since": 8.875, "since_first": 59.5, "member": 49.0 + 23.0 / 24.0,
            "gap": (2.0 * 25.0 + 3.0 * 60.0) / 5.0, "plain_gap": 25.0,
        }),
    );
    records.push(json!({"at": "2024-02-28T00:00:00Z", "kind": "left"}));
    assert_eq!(view(&journey, &records, now)["traits"]["member"], Value::Null);
    // From 1 February they live in London: the last one is on 21 February.
    records.push(json!({"at": "2024-02-01T00:00:00Z", "set": {"time_zone": "Europe/London"}}));
    assert_eq!(view(&journey, &records, now)["traits"]["plain_gap"], json!((9.0 + 42.0) / 2.0));
}

#[test]
fn interest() {
    let journey = traits(
        "traits:
  likes: { favourite: topic, of: viewed, half_life: 1d }
  how_much: { strength: topic, of: viewed, half_life: 1d }
",
    );
    let viewed = |at: &str, topic: &str| json!({"at": at, "kind": "viewed", "topic": topic});
    let mut records = vec![viewed("2024-01-01T00:00:00Z", "a"), viewed("2024-01-01T00:00:00Z", "a"), viewed("2024-01-02T00:00:00Z", "b")];
    // On 2 January both weigh 1; b was seen last. A day later it weighs a half.
    let seen = view(&journey, &records, "2024-01-03T00:00:00Z");
    assert_same(&seen["traits"], json!({"likes": "b", "how_much": 0.5}));
    records.push(viewed("2024-01-02T00:00:00Z", "a"));
    // In record order a (1 + 1) comes before b (1), which does not reach it.
    assert_eq!(view(&journey, &records, "2024-01-02T00:00:00Z")["traits"]["likes"], "a");
    records.push(viewed("2024-01-03T00:00:00Z", "a"));
    let seen = view(&journey, &records, "2024-01-03T00:00:00Z");
    assert_same(&seen["traits"], json!({"likes": "a", "how_much": 2.0}));
    let seen = view(&journey, &[], "2024-01-03T00:00:00Z");
    assert_same(&seen["traits"], json!({"likes": null, "how_much": 0.0}));
    // 30 days leave 2^-30, which counts; 31 leave less, which does not.
    let strength = |day: &str| {
        let records = [viewed("2024-01-01T00:00:00Z", "a"), viewed(day, "a")];
        view(&journey, &records, day)["traits"]["how_much"].as_f64().unwrap()
    };
    assert_eq!(strength("2024-01-31T00:00:00Z"), 1.0 + 2f64.powi(-30));
    assert_eq!(strength("2024-02-01T00:00:00Z"), 1.0);
}

#[test]
fn scores_and_segments() {
    let journey = traits(
        "traits:
  n: { count: bought }
  since: { days_since: bought }
  spend: { sum: value, of: bought }
scores:
  engagement:
    points:
      - { on: [viewed, left], add: 1, half_life: 1d }
      - { name: purchases, on: bought, add: \"value / 10\", at_most: 2.5 }
      - { on: any, where: \"channel == 'web'\", add: 4, within: 1d }
    at_most: 8
  worth:
    weighted:
      - { value: n, weight: 2 }
      - { name: rest, value: \"min(since / 2, 10)\", weight: -1 }
    at_least: 0
  rfm:
    rfm:
      recency: { trait: since, cuts: [1, 2] }
      frequency: { trait: n, cuts: [1, 2, 3] }
      monetary: { trait: spend, cuts: [50, 120] }
segments:
  keen: engagement > 3
  big: keen && worth > 0
",
    );
    let records = [
        json!({"at": "2024-01-01T00:00:00Z", "kind": "viewed", "channel": "web"}),
        json!({"at": "2024-01-02T00:00:00Z", "kind": "left", "channel": "web"}),
        bought("2024-01-01T00:00:00Z", 20.0),
        bought("2024-01-01T00:00:00Z", 30.0),
        json!({"at": "2024-01-01T00:00:00Z", "kind": "bought"}),
    ];
    let seen = view(&journey, &records, "2024-01-02T00:00:00Z");
    // 1/2 + 1; 2 + 3, cut to 2.5; only the touchpoint of 2 January is still in the window.
    // The last purchase is exactly a day ago: cuts 1 and 2 are at or above it. 3 purchases: above 1 and 2. 50 is not above 50.
    assert_same(&seen["scores"], json!({"engagement": 8.0, "worth": 5.5, "rfm": 331.0}));
    assert_same(
        &seen["make_up"],
        json!({
            "engagement": [
                {"element": "viewed, left", "contribution": 1.5},
                {"element": "purchases", "contribution": 2.5},
                {"element": "any", "contribution": 4.0},
            ],
            "worth": [{"element": "n", "contribution": 6.0}, {"element": "rest", "contribution": -0.5}],
            "rfm": [
                {"element": "recency", "contribution": 300.0},
                {"element": "frequency", "contribution": 30.0},
                {"element": "monetary", "contribution": 1.0},
            ],
        }),
    );
    assert_same(&seen["segments"], json!({"keen": true, "big": true}));
    let nothing = view(&journey, &[], "2024-01-02T00:00:00Z");
    assert_same(&nothing["scores"], json!({"engagement": 0.0, "worth": null, "rfm": null}));
    assert_same(&nothing["segments"], json!({"keen": false, "big": false}));
    assert_same(&nothing["make_up"]["rfm"][0], json!({"element": "recency", "contribution": null}));
}

#[test]
fn duplicates() {
    let journey = traits("allowed_lateness: 2d\ntraits: { total: { sum: value }, plan: { attribute: plan } }\n");
    let bought = |at: &str, value: f64| json!({"at": at, "kind": "bought", "value": value, "id": "x"});
    let records = [
        bought("2024-01-03T00:00:00Z", 10.0), // 2 days after an accepted one: a duplicate
        bought("2024-01-01T00:00:00Z", 1.0),
        bought("2024-01-03T00:00:00.000001Z", 100.0), // further than that: accepted
        bought("2024-01-01T00:00:00Z", 2.0),          // same instant and id: the lesser content stands
        json!({"at": "2024-01-01T00:00:00Z", "id": "x", "set": {"plan": "gold"}}),
        json!({"at": "2024-01-02T00:00:00Z", "id": "x", "set": {"plan": "basic"}}),
        json!({"set": {"plan": "silver"}}),
    ];
    assert_same(&view(&journey, &records, "2025-01-01T00:00:00Z")["traits"], json!({"total": 101.0, "plan": "gold"}));
    assert_eq!(view(&journey, &records, "1999-01-01T00:00:00Z")["traits"]["plan"], "silver");
}
