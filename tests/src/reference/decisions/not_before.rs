//! When a candidate may go that only time forbids: each instant at which something may turn is tried, in order.

use super::calendar::bounds;
use super::contact::caps;
use super::gates::Candidate;
use super::scene::Scene;
use crate::reference::records::instant;
use std::collections::BTreeSet;

impl Scene<'_> {
    /// The first instant at which nothing of time stops the candidate, if everything else lets it pass there.
    pub fn not_before(&self, candidate: &Candidate) -> Option<i64> {
        let free = self.turns(candidate).into_iter().find(|at| self.stopped_by_time(candidate, *at).is_empty())?;
        let then = self.at(free);
        let again = then.unjudged(candidate.action, &candidate.channel);
        then.stops(&again).is_empty().then_some(free)
    }

    /// Every later instant at which a gate of time may open for the candidate.
    fn turns(&self, candidate: &Candidate) -> BTreeSet<i64> {
        let action = &self.actions[candidate.action];
        let mut turns: BTreeSet<i64> = BTreeSet::from([self.now]);
        turns.extend(action.both("valid").into_iter().filter_map(|valid| valid["from"].as_str()).map(instant));
        turns.extend(self.waits(action).into_iter().map(|(_, ends)| ends));
        for cap in caps(self.file) {
            turns.extend(cap.turns(self));
        }
        if let (Some((from, to)), Some(zone)) = (self.quiet_hours(candidate), self.clock_zone()) {
            let from_each: Vec<i64> = turns.iter().filter(|at| **at >= self.now).flat_map(|at| bounds(from, to, &zone, *at)).collect();
            turns.extend(from_each);
        }
        turns.retain(|at| *at > self.now);
        turns
    }
}
