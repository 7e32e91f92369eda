//! Two years of customers: nothing that was sent breaks the customer's word or the contact policy.

use wayfare_tests::simulator::{JOURNEY, simulate};

/// `WAYFARE_CUSTOMERS`, or as many as take some seconds; `make simulate` has 10,000.
fn customers() -> u64 {
    std::env::var("WAYFARE_CUSTOMERS").map_or(40, |text| text.parse().unwrap())
}

/// Without it a cap could be passed, or a no be overheard, where no hand-made case looks.
#[test]
fn nothing_that_is_sent_breaks_a_word_or_a_cap() {
    let totals = simulate(0, customers(), 730);
    println!(
        "{} customers, {} decisions, {} sent, {} waited, {} held out",
        totals.customers, totals.decisions, totals.sent, totals.waited, totals.held_out
    );
    assert!(
        totals.breaches.is_empty(),
        "{} breaches:\n{}",
        totals.breaches.len(),
        totals.breaches[..totals.breaches.len().min(20)].join("\n")
    );
    let many = totals.customers;
    assert!(totals.sent > 10 * many && totals.waited > 5 * many && totals.held_out > many, "too little happened: {totals:?}");
}

/// Without it the checker could be blind.
#[test]
fn the_checker_sees_a_breach() {
    use serde_json::json;
    let sent = |at: &str, channel: &str, action: &str, purpose: &str| {
        let mut sent = json!({"kind": "message_sent", "direction": "outbound", "channel": channel, "action": action});
        (sent["at"], sent["purpose"]) = (json!(at), json!(purpose));
        sent
    };
    let checker = wayfare_tests::checker::Checker::new(JOURNEY);
    let breaches = |records: &[serde_json::Value]| checker.breaches("c-1", records, "Europe/London").len();
    let offer = |at: &str| sent(at, "email", "offer", "marketing");
    assert_eq!(breaches(&[offer("2026-01-01T12:00:00Z")]), 0);
    assert_eq!(breaches(&[offer("2026-01-01T21:00:00Z")]), 1, "at night");
    assert_eq!(breaches(&[offer("2026-01-01T12:00:00Z"), offer("2026-01-02T12:00:00Z")]), 0);
    assert_eq!(breaches(&[offer("2026-01-01T12:00:00Z"), offer("2026-01-01T20:00:00Z")]), 1, "twice a day");
    assert_eq!(breaches(&[offer("2026-01-01T12:00:00Z"), sent("2026-01-01T17:59:59Z", "web", "show_interest", "marketing")]), 1, "no gap");
    let three = ["2026-01-01T12:00:00Z", "2026-01-04T12:00:00Z", "2026-01-08T11:59:59Z"].map(offer);
    assert_eq!(breaches(&three), 1, "three a week");
    assert_eq!(breaches(&[json!({"at": "2026-01-01T11:00:00Z", "choice": "out"}), offer("2026-01-01T12:00:00Z")]), 1, "against a no");
    assert_eq!(breaches(&[sent("2026-01-01T12:00:00Z", "email", "survey", "research")]), 1, "against the default");
    assert_eq!(
        breaches(&[json!({"at": "2026-01-01T11:00:00Z", "kind": "ticket_opened"}), offer("2026-01-01T12:00:00Z")]),
        1,
        "against the veto"
    );
    let rejected = json!({"at": "2026-01-01T11:00:00Z", "kind": "answered", "action": "win_back", "outcome": "rejected"});
    assert_eq!(breaches(&[rejected, sent("2026-03-01T12:00:00Z", "email", "win_back", "marketing")]), 1, "cooling down");
}
