//! A decision for each of a million customers, beside what the fold of their touchpoints costs.
//!
//!     cargo bench -p wayfare-tests --bench decide_table

use std::fmt::Write as _;
use std::time::Instant as Clock;

use cpu_time::ProcessTime;
use wayfare::{Column, Instant, Journey, RunOptions, Table};

const CUSTOMERS: i64 = 1_000_000;
const TOUCHPOINTS: u64 = 2_000_000;
const ROUNDS: usize = 5;
const SECOND: i64 = 1_000_000;
const START: i64 = 1_767_225_600_000_000;
const DAYS: i64 = 90;

/// Twenty actions of three conditions each on two channels, a veto and two caps.
fn journey() -> Journey {
    let mut text = String::from(
        "wayfare: 1
name: Bench
channels: { email: {}, web: {} }
touchpoints: { page_viewed: {}, purchased: {}, message_sent: {} }
traits:
  orders: { count: purchased }
  views_30d: { count: page_viewed, within: 30d }
  days_since_order: { days_since: purchased }
purposes: { marketing: { default: opted_in } }
inputs: { p_click: number }
contact_policy:
  kind: message_sent
  caps:
    - { at_most: 2, per: 7d }
    - { at_most: 1, per: calendar_day, channel: email }
  vetoes:
    - { when: orders > 500 }
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
            400 - 10 * number,
            number % 7,
        );
    }
    Journey::from_yaml(&text).expect("a good journey")
}

/// Numbers that look random: splitmix64.
fn scattered(n: u64) -> u64 {
    let n = (n.wrapping_add(1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// Seconds of cpu, the best of several rounds.
fn measure(name: &str, call: impl Fn() -> usize) -> f64 {
    let mut seconds: Vec<(f64, f64)> = (0..ROUNDS)
        .map(|_| {
            let (began, worked) = (Clock::now(), ProcessTime::now());
            assert!(call() > 0);
            (worked.elapsed().as_secs_f64(), began.elapsed().as_secs_f64())
        })
        .collect();
    seconds.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (cpu, wall) = seconds[0];
    println!("{name:10} {cpu:>7.3} s of cpu, {wall:>7.3} s");
    cpu
}

fn main() {
    let journey = journey();
    let customer: Vec<i64> = (0..TOUCHPOINTS).map(|n| (scattered(3 * n) % CUSTOMERS as u64) as i64).collect();
    let ats = (0..TOUCHPOINTS).map(|n| (scattered(3 * n + 1) % (DAYS * 86_400) as u64) as i64 * SECOND);
    let at: Vec<Instant> = ats.map(|at| Instant::from_micros(START + at).expect("an instant")).collect();
    let kind: Vec<&str> = (0..TOUCHPOINTS).map(|n| ["page_viewed", "purchased"][(scattered(3 * n + 2) >> 60 & 1) as usize]).collect();
    let touchpoints = Table::new()
        .column("customer", Column::integers(&customer))
        .column("at", Column::instants(&at))
        .column("kind", Column::texts(&kind));
    let everyone: Vec<i64> = (0..CUSTOMERS).collect();
    let clicks: Vec<f64> = (0..CUSTOMERS as u64).map(|n| (scattered(n) >> 11) as f64 / (1u64 << 53) as f64).collect();
    let inputs = Table::new().column("customer", Column::integers(&everyone)).column("p_click", Column::numbers(&clicks));

    let plain = RunOptions::at(Instant::from_micros(START + DAYS * 86_400 * SECOND).expect("an instant"));
    let options = RunOptions { inputs: Some(&inputs), ..plain.clone() };
    let run = measure("run", || journey.run(&touchpoints, &plain).expect("a table").rows());
    let decide = measure("decide", || journey.decide(&touchpoints, &options).expect("a table").rows());
    println!("beyond the fold {:.2} us of cpu a customer: {:.2} M customers/s on two cores", decide - run, 2.0 / (decide - run));
}
