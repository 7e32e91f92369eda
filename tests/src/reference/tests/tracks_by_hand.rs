//! Tracks whose every move was worked out on paper.

use crate::reference::records::instant;
use crate::reference::tracks::HORIZON;
use crate::reference::{Reference, difference};
use serde_json::{Value, json};

fn journey(rules: &str) -> Reference {
    let head = "wayfare: 1\nname: n\nchannels: {}\ntouchpoints: { bought: {}, viewed: {}, left: {} }\n";
    let traits = "attributes: { plan: text }
traits:
  orders: { count: bought }
  views: { count: viewed, within: 30d }
  big: { sum: value, of: bought, where: \"value > 5\" }
  since: { days_since: bought }
  since_view: { days_since: viewed }
  gap: { typical_gap: bought, prior: { days: 10, weight: 1 } }
  plan: { attribute: plan }
";
    Reference::from_yaml(&format!("{head}{traits}{rules}"))
}

fn touchpoint(at: &str, kind: &str, id: &str) -> Value {
    json!({"at": at, "kind": kind, "id": id})
}

fn assert_same(left: &Value, right: Value) {
    assert_eq!(difference(left, &right), None, "{left:#}");
}

fn moves(journey: &Reference, records: &[Value], now: &str) -> Value {
    journey.transitions(records, instant(now))
}

const RELATIONSHIP: &str = "tracks:
  relationship:
    - { name: unknown }
    - { name: customer, when: orders >= 1 && since <= 2 * gap, from: [unknown, lapsed] }
    - { name: lapsed, from: [customer], when: since > 2 * gap }
    - { name: browsing, while: views >= 1 }
";

#[test]
fn a_customer_lapses_at_the_microsecond() {
    assert_eq!(HORIZON, instant("9999-12-30T22:00:00Z"));
    let journey = journey(RELATIONSHIP);
    let records = [touchpoint("2024-01-01T00:00:00Z", "bought", "b1"), touchpoint("2024-02-01T00:00:00Z", "bought", "b2")];
    // 20 days after the first; then the gap is (31 + 10) / 2 = 20.5 days, and 41 days are over on 13 March.
    let lapse = "2024-01-21T00:00:00.000001Z";
    let again = "2024-03-13T00:00:00.000001Z";
    let rows = json!([
        {"track": "relationship", "at": "2024-01-01T00:00:00Z", "from": "unknown", "to": "customer", "cause": "touchpoint", "record": "b1"},
        {"track": "relationship", "at": lapse, "from": "customer", "to": "lapsed", "cause": "time", "record": null},
        {"track": "relationship", "at": "2024-02-01T00:00:00Z", "from": "lapsed", "to": "customer", "cause": "touchpoint", "record": "b2"},
        {"track": "relationship", "at": again, "from": "customer", "to": "lapsed", "cause": "time", "record": null},
    ]);
    assert_same(&moves(&journey, &records, again), rows);
    let view = journey.view(&records, instant("2024-02-02T00:00:00Z"));
    let stage = json!({"relationship": {"stage": "customer", "since": "2024-02-01T00:00:00Z"}});
    assert_same(&view["stages"], stage);
    assert_same(&view["next_change"], json!({"track": "relationship", "at": again, "from": "customer", "to": "lapsed"}));
    assert_eq!(journey.view(&records, instant(again))["next_change"], Value::Null);
    // What comes later is not seen: before the second purchase the lapse is what is foretold.
    let before = journey.view(&records, instant("2024-01-02T00:00:00Z"));
    assert_eq!(before["next_change"]["at"], lapse);
}

#[test]
fn a_while_stage_is_left_when_the_window_empties() {
    let journey = journey(RELATIONSHIP);
    let records = [
        touchpoint("2024-01-01T00:00:00Z", "viewed", "v1"),
        touchpoint("2024-01-05T00:00:00Z", "left", "l1"),
        touchpoint("2024-01-31T00:00:00Z", "left", "l2"),
    ];
    // The view leaves its window at the instant of a record that feeds nothing here: the cause is time.
    let rows = json!([
        {"track": "relationship", "at": "2024-01-01T00:00:00Z", "from": "unknown", "to": "browsing", "cause": "touchpoint", "record": "v1"},
        {"track": "relationship", "at": "2024-01-31T00:00:00Z", "from": "browsing", "to": "unknown", "cause": "time", "record": null},
    ]);
    assert_same(&moves(&journey, &records, "2025-01-01T00:00:00Z"), rows);
    let stage = |now: &str| journey.view(&records, instant(now))["stages"]["relationship"].clone();
    assert_same(&stage("2023-01-01T00:00:00Z"), json!({"stage": "unknown", "since": null}));
    assert_same(&stage("2024-02-01T00:00:00Z"), json!({"stage": "unknown", "since": "2024-01-31T00:00:00Z"}));
}

#[test]
fn an_attribute_without_an_instant_has_always_been() {
    let journey = journey("tracks: { plan: [{ name: none }, { name: gold, while: \"plan == 'gold'\" }] }");
    let mut records = vec![json!({"set": {"plan": "gold"}})];
    let stage = |records: &[Value]| journey.view(records, instant("1970-01-01T00:00:00Z"))["stages"]["plan"].clone();
    assert_same(&stage(&[]), json!({"stage": "none", "since": null}));
    assert_same(&stage(&records), json!({"stage": "gold", "since": null}));
    records.push(json!({"at": "2024-01-01T00:00:00Z", "id": "a", "set": {"plan": "basic"}}));
    let rows = json!([
        {"track": "plan", "at": null, "from": "none", "to": "gold", "cause": "attribute", "record": null},
        {"track": "plan", "at": "2024-01-01T00:00:00Z", "from": "gold", "to": "none", "cause": "attribute", "record": "a"},
    ]);
    assert_same(&moves(&journey, &records, "2024-01-01T00:00:00Z"), rows);
}

#[test]
fn moves_of_one_instant() {
    let rules = "segments: { buyer: orders >= 1, heavy: buyer && big > 0 }
tracks:
  chain:
    - { name: a }
    - { name: b, when: buyer, guard: since < 1 }
    - { name: c, when: heavy, from: [b] }
  bounce:
    - { name: a }
    - { name: b, when: orders >= 1, from: [a, c] }
    - { name: c, when: orders >= 1, from: [b] }
";
    let journey = journey(rules);
    let records = [
        json!({"at": "2024-01-01T00:00:00Z", "kind": "bought", "id": "b1", "value": 9.0}),
        json!({"at": "2024-01-01T00:00:00Z", "kind": "bought", "id": "b2", "value": 2.0}),
        json!({"at": "2024-01-01T00:00:00Z", "kind": "viewed", "id": "z"}),
    ];
    let at = "2024-01-01T00:00:00Z";
    // The second rule reads `heavy` and so `buyer`, which b2 feeds too; z feeds neither.
    let row = |track: &str, from: &str, to: &str, record: &str| json!({"track": track, "at": at, "from": from, "to": to, "cause": "touchpoint", "record": record});
    let rows =
        json!([row("chain", "a", "b", "b2"), row("chain", "b", "c", "b2"), row("bounce", "a", "b", "b2"), row("bounce", "b", "c", "b2")]);
    assert_same(&moves(&journey, &records, at), rows);
    // `since < 1` turns a day later: a critical instant, at which `bounce` may go once round again.
    let later = moves(&journey, &records, "2024-01-10T00:00:00Z");
    let rest: Vec<_> = later.as_array().unwrap()[4..].iter().map(|m| (m["at"].clone(), m["to"].clone(), m["cause"].clone())).collect();
    let turn = json!("2024-01-02T00:00:00Z");
    assert_eq!(rest, [(turn.clone(), json!("b"), json!("time")), (turn, json!("c"), json!("time"))]);
}

#[test]
fn comparisons_turn_where_they_turn() {
    let first_move = |condition: &str| {
        let journey = journey(&format!("tracks: {{ t: [{{ name: a }}, {{ name: b, when: \"{condition}\" }}] }}"));
        let records = [touchpoint("2024-01-01T00:00:00Z", "bought", "b"), touchpoint("2024-01-03T00:00:00Z", "viewed", "v")];
        journey.transitions(&records, instant("2025-01-01T00:00:00Z"))[0]["at"].clone()
    };
    assert_eq!(first_move("since >= 1"), "2024-01-02T00:00:00Z");
    assert_eq!(first_move("since > 1"), "2024-01-02T00:00:00.000001Z");
    assert_eq!(first_move("2 * since - 1 == 9"), "2024-01-06T00:00:00Z");
    assert_eq!(first_move("since != 0"), "2024-01-01T00:00:00.000001Z");
    assert_eq!(first_move("10 - since < gap - 20"), "2024-01-21T00:00:00.000001Z");
    assert_eq!(first_move("since_view < since"), "2024-01-03T00:00:00Z");
    assert_eq!(first_move("since_view >= 2 && since <= 4.000000000011575"), "2024-01-05T00:00:00Z");
    assert_eq!(first_move("views == 0 && since_view > 0"), "2024-02-02T00:00:00Z");
    assert_eq!(first_move("since < 0"), Value::Null);
}
