//! A decision online: 20 actions of three conditions each, three vetoes, four caps, for a customer with 200 touchpoints.
//!
//!     cargo bench -p wayfare-tests --bench decide
//!
//! `decide_table` does the same for everybody of a table.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant as Clock;

use wayfare::{Choice, Inputs, Instant, Journey, Preference, Profile, Touchpoint};

const HOUR: i64 = 3_600_000_000;
const START: i64 = 1_767_225_600_000_000;
const TOUCHPOINTS: i64 = 200;
const ROUNDS: usize = 31;
const CALLS: usize = 2_000;

/// The rules of `tests/bench/decide_peers.py`, with a policy.
fn journey() -> Journey {
    let mut text = String::from(
        "wayfare: 1
name: Bench
channels: { email: { owner: crm }, web: { owner: digital } }
touchpoints: { page_viewed: {}, purchased: {}, message_sent: {}, ticket_opened: {} }
traits:
  orders: { count: purchased }
  spend: { sum: value, of: purchased }
  views_30d: { count: page_viewed, within: 30d }
  days_since_order: { days_since: purchased }
  tickets: { count: ticket_opened, within: 30d }
purposes: { service: { required: true }, marketing: {} }
inputs: { p_click: number }
contact_policy:
  kind: message_sent
  caps:
    - { at_most: 2, per: 7d }
    - { at_most: 1, per: calendar_day, channel: email }
    - { at_most: 4, per: 30d, purpose: marketing }
    - { at_most: 8, per: calendar_month }
  vetoes:
    - { when: tickets > 0, purposes: marketing }
    - { when: orders > 500 }
    - { when: spend > 100000 }
actions:
",
    );
    for number in 0..20 {
        let _ = writeln!(
            text,
            "  - {{ name: action_{number}, purpose: marketing, channels: [email, web], value: {}, propensity: input.p_click, \
             when: orders >= {} && days_since_order <= {} && views_30d > {} }}",
            10 + number,
            number % 5 + 1,
            20 - number,
            number % 7,
        );
    }
    Journey::from_yaml(&text).expect("a good journey")
}

fn instant(hours: i64) -> Instant {
    Instant::from_micros(START + hours * HOUR).expect("an instant")
}

fn profile(journey: &Journey) -> Profile {
    let mut profile = journey.profile("c-42");
    for n in 0..TOUCHPOINTS {
        let touchpoint = match n % 20 {
            0..5 => Touchpoint::new("purchased", instant(n * 20)).channel("web").value(29.33),
            7 => Touchpoint::new("message_sent", instant(n * 20)).channel("email").outbound().action("action_3"),
            _ => Touchpoint::new("page_viewed", instant(n * 20)).channel("web"),
        };
        profile.observe(&touchpoint).expect("a good touchpoint");
    }
    profile.prefer(&Preference::new(Choice::In, instant(0)).purpose("marketing")).expect("a good preference");
    profile
}

fn measure(name: &str, call: impl Fn() -> usize) {
    let mut nanos: Vec<u128> = (0..ROUNDS)
        .map(|_| {
            let began = Clock::now();
            for _ in 0..CALLS {
                black_box(call());
            }
            began.elapsed().as_nanos() / CALLS as u128
        })
        .collect();
    nanos.sort_unstable();
    println!("{name:60} {:>7} ns, the best round {:>7} ns", nanos[ROUNDS / 2], nanos[0]);
}

fn main() {
    let journey = journey();
    let profile = profile(&journey);
    let now = instant(TOUCHPOINTS * 20 + 24);
    let inputs = Inputs::new().set("p_click", 0.2);
    let decide = || profile.decide(black_box(now), &inputs).expect("a decision");
    assert_eq!((decide().action(), decide().may_send()), (Some("action_5"), true));
    let moved = "2026-07-01T00:00:00Z".parse().expect("an instant");

    measure("decide", || decide().action().map_or(0, str::len));
    measure("decide, made of nothing but the inputs", || {
        let inputs = Inputs::new().set("p_click", black_box(0.2));
        profile.decide(now, &inputs).expect("a decision").action().map_or(0, str::len)
    });
    measure("decide, top 3", || profile.decide_top(now, &inputs, 3).expect("decisions").len());
    measure("decide, months later", || usize::from(profile.decide(black_box(moved), &inputs).expect("a decision").may_send()));
    measure("decide + because", || decide().because().len());
    measure("decide + explain", || decide().explain().len());
    measure("a copy of the profile", || profile.clone().customer().len());
}
