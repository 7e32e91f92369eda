//! Random journeys and random records, good ones: what the engine refuses is not made here.

mod conditions;
mod contacts;
mod decisions;
mod dice;
mod journey;
mod records;
mod traits;

use dice::Dice;
use serde_json::{Map, Value as Json};

/// The text of a valid journey: every form of trait and score, segments, one or two tracks.
pub fn journey_yaml(rng: &mut impl FnMut() -> u64) -> String {
    journey::journey(&mut Dice(rng))
}

/// The text of a valid journey that has something to say: purposes, a contact policy, groups, actions, asks, holdouts.
pub fn decision_journey_yaml(rng: &mut impl FnMut() -> u64) -> String {
    decisions::journey(&mut Dice(rng))
}

/// One customer's records for such a journey, in no order: contacts close together, outcomes, preferences, changes of zone.
pub fn decision_records(rng: &mut impl FnMut() -> u64, yaml: &str) -> Vec<Json> {
    contacts::records(&mut Dice(rng), yaml)
}

/// What the host hands in and what it tells of the moment.
pub fn moment(rng: &mut impl FnMut() -> u64) -> (Map<String, Json>, Map<String, Json>) {
    contacts::moment(&mut Dice(rng))
}

/// One customer's records for such a journey, in no order: ties, duplicates of ids, unknown fields, attribute
/// changes with and without an instant, touchpoints that lie exactly a window apart.
pub fn records(rng: &mut impl FnMut() -> u64, yaml: &str) -> Vec<Json> {
    records::records(&mut Dice(rng), yaml)
}
