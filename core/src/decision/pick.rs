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
pub(crate) fn pick(scene: &Scene<'_>) -> Option<Pick> {
    pick_hearing(scene, |_| {})
}

/// As [`pick`]; where there is no pick, `hear` has heard what stopped each candidate.
pub(crate) fn pick_hearing(scene: &Scene<'_>, mut hear: impl FnMut(Stop)) -> Option<Pick> {
    let Found { passes, held, waits } = find(scene, &[], &mut hear);
    passes.or(held).or_else(|| waiting(scene, waits))
}

/// The first candidate that passes all gates.
pub(crate) fn passing(scene: &Scene<'_>, taken: &[usize]) -> Option<Pick> {
    find(scene, taken, &mut |_| {}).passes
}

struct Found {
    passes: Option<Pick>,
    /// The first of those before it that the holdout alone stops.
    held: Option<Pick>,
    /// Actions and channels that a gate stops which time opens.
    waits: Vec<(Ranked, usize)>,
}

/// Eligibility first: it stops most actions, and no priority need be known of those.
fn find(scene: &Scene<'_>, taken: &[usize], hear: &mut impl FnMut(Stop)) -> Found {
    let actions = &scene.person.plan.decision.actions;
    let mut found = Found { passes: None, held: None, waits: Vec::new() };
    let (mut ranked, mut unranked) = (scene.memo.ranked.take(), Vec::new());
    ranked.clear();
    for (number, action) in actions.iter().enumerate().filter(|(number, _)| !taken.contains(number)) {
        match scene.eligible(number, action, Time::Binds) {
            Ok(()) => match scene.priority(number, action) {
                Some(priority) => ranked.push(Ranked { priority, action: number }),
                None => unranked.push((number, action)),
            },
            Err(stop) => {
                hear(stop);
                if stop.is_time()
                    && let Some(priority) = scene.priority(number, action)
                {
                    found.waits.extend(scene.channels(action).iter().map(|channel| (Ranked { priority, action: number }, *channel)));
                }
            }
        }
    }
    let mut ranked = BinaryHeap::from(ranked);
    'ranked: while let Some(best) = ranked.pop() {
        let Ranked { priority, action: number } = best;
        let Some(action) = actions.get(number) else { continue };
        for channel in scene.channels(action).iter().copied() {
            let pick = Pick { action: number, channel, priority, not_before: None, held_out: false };
            let Err(stop) = scene.passes(action, channel, Time::Binds) else {
                found.passes = Some(pick);
                break 'ranked;
            };
            hear(stop);
            match stop {
                Stop::HeldOut if found.held.is_none() => found.held = Some(Pick { held_out: true, ..pick }),
                stop if stop.is_time() => found.waits.push((best, channel)),
                _ => {}
            }
        }
    }
    scene.memo.ranked.set(ranked.into_vec());
    if found.passes.is_some() {
        return found;
    }
    for (_, action) in unranked {
        for channel in scene.channels(action).iter() {
            hear(scene.passes(action, *channel, Time::Binds).err().unwrap_or(Stop::PriorityUnknown));
        }
    }
    found
}

/// Of the candidates that time alone stops the one that may go first; of those that may go at once the better one.
fn waiting(scene: &Scene<'_>, mut waits: Vec<(Ranked, usize)>) -> Option<Pick> {
    waits.sort_by(|(a, _), (b, _)| b.cmp(a));
    let mut first: Option<Pick> = None;
    for (Ranked { priority, action: number }, channel) in waits {
        if let Some(action) = scene.person.plan.decision.actions.get(number)
            && let at @ Some(_) = scene.not_before(number, action, channel)
            && first.is_none_or(|first| at < first.not_before)
        {
            first = Some(Pick { action: number, channel, priority, not_before: at, held_out: false });
        }
    }
    first
}

/// An action and its priority: the greater goes first, of equals the earlier in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ranked {
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
