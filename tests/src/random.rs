//! Random customers: the bits they are made of, and the order in which their records arrive.

use serde_json::Value as Json;
use wayfare::{Duration, Instant};

/// Reproducible random bits (splitmix64).
pub struct Seed(u64);

impl Seed {
    /// The same seed gives the same bits.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// The bits as a function.
    pub fn bits(&mut self) -> impl FnMut() -> u64 + '_ {
        || self.draw()
    }

    /// A number below another.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.draw()) * bound as u128) >> 64) as usize
    }
}

/// The instant of a record; none for an attribute that always held.
pub fn at(record: &Json) -> Option<i64> {
    record.get("at").and_then(Json::as_str).map(|text| text.parse::<Instant>().expect("an instant").as_micros())
}

/// The instants of records, in order.
pub fn instants(records: &[Json]) -> Vec<i64> {
    let mut found: Vec<i64> = records.iter().filter_map(at).collect();
    found.sort_unstable();
    found
}

/// The journey's `allowed_lateness` in microseconds.
pub fn lateness(yaml: &str) -> i64 {
    let written = yaml.lines().find_map(|line| line.strip_prefix("allowed_lateness: ")).unwrap_or("7d");
    written.trim().parse::<Duration>().expect("a duration").as_micros()
}

/// The records in a random order of arrival that keeps each within the journey's lateness; and that lateness.
pub fn arrival(yaml: &str, records: &[Json], seed: &mut Seed) -> (Vec<Json>, i64) {
    let lateness = lateness(yaml);
    let mut waiting: Vec<(Option<i64>, &Json)> = records.iter().map(|record| (at(record), record)).collect();
    waiting.sort_by_key(|(at, _)| *at);
    let mut arrived = Vec::new();
    while !waiting.is_empty() {
        // Whoever goes next must not make the oldest of the others too late. What always held goes before anything settles.
        let oldest = waiting.first().and_then(|(at, _)| *at);
        let may_go = waiting.iter().take_while(|(at, _)| match (*at, oldest) {
            (Some(at), Some(oldest)) => at - oldest <= lateness,
            (Some(_), None) => false,
            (None, _) => true,
        });
        let next = seed.below(may_go.count());
        arrived.push(waiting.remove(next).1.clone());
    }
    (arrived, lateness)
}
