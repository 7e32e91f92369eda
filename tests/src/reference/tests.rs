use super::random::{journey_yaml, records};
use super::records::instant;
use super::{Reference, difference};
use serde_json::Value;

mod by_hand;
mod tracks_by_hand;

fn generator(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
}

#[test]
fn random_journeys_are_read_and_something_happens() {
    let (mut moves, mut by_time, mut pending, mut unknown_segments, mut bounces) = (0, 0, 0, 0, 0);
    for seed in 0..200 {
        let yaml = journey_yaml(&mut generator(seed));
        assert_eq!(yaml, journey_yaml(&mut generator(seed)));
        let journey = Reference::from_yaml(&yaml);
        let mut customer = records(&mut generator(seed + 1_000_000), &yaml);
        let at = |record: &Value| record["at"].as_str().map(instant);
        let mut instants: Vec<i64> = customer.iter().filter_map(at).collect();
        instants.sort_unstable();
        let now = instants.get(instants.len() * 2 / 3).copied().unwrap_or(0) + (seed as i64 % 3) * 1_234_567_890;
        let (view, transitions) = (journey.view(&customer, now), journey.transitions(&customer, now));
        bounces += usize::from(journey.bounces(&customer, now));
        customer.reverse();
        assert_eq!(difference(&view, &journey.view(&customer, now)), None, "order of arrival\n{yaml}");
        let rows = transitions.as_array().expect("rows");
        moves += rows.len();
        by_time += rows.iter().filter(|row| row["cause"] == "time").count();
        unknown_segments += view["segments"].as_object().expect("segments").values().filter(|s| s.is_null()).count();
        // What is foretold comes true if nothing else comes, and not a microsecond earlier.
        let Some(foretold) = view["next_change"]["at"].as_str().map(instant) else {
            continue;
        };
        pending += 1;
        customer.retain(|record| at(record).is_none_or(|at| at <= now));
        assert_eq!(journey.transitions(&customer, foretold - 1), transitions, "{yaml}");
        assert_eq!(journey.transitions(&customer, foretold)[rows.len()]["to"], view["next_change"]["to"], "{yaml}");
    }
    println!("{moves} moves, {by_time} by time, {pending} pending, {unknown_segments} unknown segments, {bounces} bounce");
    assert!(moves > 300 && by_time > 50 && pending > 20 && unknown_segments > 20);
}
