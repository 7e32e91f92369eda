//! The online path: `observe` and `view` for a customer with 200 touchpoints, and how the time grows with stages.
//!
//!     cargo bench -p wayfare-tests

use std::hint::black_box;
use std::time::Instant as Clock;

use wayfare::{Instant, Journey, Profile, Touchpoint};

const DAY: i64 = 86_400_000_000;
const START: i64 = 1_700_000_000_000_000;
const TOUCHPOINTS: i64 = 200;
const ROUNDS: usize = 31;

/// Touchpoint number `n`: one every two days, every third a purchase.
fn touchpoint(n: i64) -> Touchpoint<'static> {
    let at = Instant::from_micros(START + n * 2 * DAY).expect("an instant");
    match n % 3 {
        0 => Touchpoint::new("purchased", at).channel("store").value(29.33),
        _ => Touchpoint::new("page_viewed", at).channel("web").topic("tents"),
    }
}

fn folded(journey: &Journey) -> Profile {
    let mut profile = journey.profile("c-42");
    for n in 0..TOUCHPOINTS {
        profile.observe(&touchpoint(n)).expect("a good touchpoint");
    }
    profile
}

/// One more touchpoint, and everything that can be read off a view.
fn step(profile: &mut Profile, n: i64, everything: bool) -> usize {
    let touchpoint = touchpoint(n);
    profile.observe(&touchpoint).expect("a good touchpoint");
    let view = profile.view(Instant::from_micros(START + n * 2 * DAY + DAY).expect("an instant")).expect("a view");
    let mut seen = view.stages().map(|stage| stage.stage.len()).sum();
    if everything {
        seen += view.traits().count() + view.scores().filter(|(_, score)| score.is_some()).count() + view.segments().count();
        seen += usize::from(view.next_change().is_some());
    }
    seen
}

fn measure(name: &str, journey: &Journey) {
    for everything in [false, true] {
        let base = folded(journey);
        let mut nanos: Vec<u128> = (0..ROUNDS)
            .map(|_| {
                let mut profile = base.clone();
                let began = Clock::now();
                for n in TOUCHPOINTS..2 * TOUCHPOINTS {
                    black_box(step(&mut profile, n, everything));
                }
                began.elapsed().as_nanos() / TOUCHPOINTS as u128
            })
            .collect();
        nanos.sort_unstable();
        let what = if everything { "view of everything and the next change" } else { "view of the stages" };
        println!("{name:32} observe + {what:40} {:>6} ns", nanos[ROUNDS / 2]);
    }
}

/// A track of so many stages.
fn stages(count: usize) -> Journey {
    let mut text = String::from(
        "wayfare: 1\nname: Stages\nchannels: { web: {}, store: {} }\ntouchpoints: { page_viewed: {}, purchased: {} }\n\
         traits:\n  orders: { count: purchased }\n  since: { days_since: purchased }\ntracks:\n  road:\n    - { name: s0 }\n",
    );
    for stage in 1..count {
        text.push_str(&format!("    - {{ name: s{stage}, when: orders >= {} && since < {} }}\n", stage * 4, 30 + stage));
    }
    Journey::from_yaml(&text).expect("a good journey")
}

fn main() {
    measure("retail template", &Journey::template("retail").expect("a template"));
    for count in [1, 5, 20] {
        measure(&format!("{count} stages"), &stages(count));
    }
}
