//! Arbitration: which of the candidates goes first.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::scene::{Scene, Stop, Time};

/// A candidate that was chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pick {
    pub(crate) action: usize,
    pub(crate) channel: usize,
    pub(crate) priority: f64,
    /// It may not go before.
    pub(crate) not_before: Option<i64>,
    /// It may not go: it is what would have been said.
    pub(crate) held_out: bool,
}

/// The first candidate that passes all gates; else the first that the holdout alone stops; else the one that time lets go first.
pub(crate) fn pick(scene: &Scene<'_>, taken: &[usize]) -> Option<Pick> {
    let (first, held) = first(scene, taken);
    first.or(held).or_else(|| waiting(scene, taken))
}

/// The first candidate that passes all gates.
pub(crate) fn passing(scene: &Scene<'_>, taken: &[usize]) -> Option<Pick> {
    first(scene, taken).0
}

/// The first candidate that passes all gates, and the first of those before it that the holdout alone stops.
fn first(scene: &Scene<'_>, taken: &[usize]) -> (Option<Pick>, Option<Pick>) {
    let mut held = None;
    let mut ranked = ranked(scene, taken);
    while let Some(Ranked { priority, action: number }) = ranked.pop() {
        let Some(action) = scene.person.plan.decision.actions.get(number) else { continue };
        if scene.eligible(number, action, Time::Binds).is_err() {
            continue;
        }
        for channel in scene.channels(action).iter().copied() {
            let pick = Pick { action: number, channel, priority, not_before: None, held_out: false };
            match scene.passes(action, channel, Time::Binds) {
                Ok(()) => return (Some(pick), held),
                Err(Stop::HeldOut) if held.is_none() => held = Some(Pick { held_out: true, ..pick }),
                Err(_) => {}
            }
        }
    }
    (None, held)
}

/// An action and its priority: the greater goes first, of equals the earlier in the file.
#[derive(Debug, Clone, Copy)]
struct Ranked {
    priority: f64,
    action: usize,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.priority.total_cmp(&other.priority).then(other.action.cmp(&self.action))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}

/// The actions whose priority is known. A heap, and priority before eligibility: mostly only the first few are looked at, and a priority is a product.
fn ranked(scene: &Scene<'_>, taken: &[usize]) -> BinaryHeap<Ranked> {
    let actions = &scene.person.plan.decision.actions;
    let mut ranked = Vec::with_capacity(actions.len());
    for (number, action) in actions.iter().enumerate().filter(|(number, _)| !taken.contains(number)) {
        ranked.extend(scene.priority(number, action).map(|priority| Ranked { priority, action: number }));
    }
    ranked.into()
}

fn waiting(scene: &Scene<'_>, taken: &[usize]) -> Option<Pick> {
    let mut first: Option<(i64, Pick)> = None;
    let mut ranked = ranked(scene, taken);
    while let Some(Ranked { priority, action: number }) = ranked.pop() {
        let Some(action) = scene.person.plan.decision.actions.get(number) else { continue };
        for channel in scene.channels(action).iter().copied() {
            if let Some(at) = scene.not_before(number, action, channel)
                && first.is_none_or(|(earliest, _)| at < earliest)
            {
                first = Some((at, Pick { action: number, channel, priority, not_before: Some(at), held_out: false }));
            }
        }
    }
    first.map(|(_, pick)| pick)
}
