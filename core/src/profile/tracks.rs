//! Tracks in continuous time: evaluated at each critical instant, in order, and nowhere else.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::state::{ALWAYS, Incoming, State};
use crate::expression::Turn;
use crate::journey::plan::{Operation, Plan, StagePlan, TrackPlan};
use crate::symbol::Strings;
use crate::time::Instant;

/// From this many window leaves on, looking ahead works on a copy that lets go of them.
const MANY_STEPS: usize = 16;

/// Where a customer stands on a track. `entered` is none while they never moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct TrackState {
    pub(crate) stage: u16,
    pub(crate) entered: Option<i64>,
}

/// What caused a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum CauseKind {
    Touchpoint,
    Attribute,
    Time,
}

/// One move, as it happens.
pub(crate) struct Move<'a> {
    pub(crate) track: usize,
    pub(crate) at: i64,
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) cause: CauseKind,
    pub(crate) record: Option<&'a str>,
    /// The stage whose rule decided: the one entered, or the one that no longer held.
    pub(crate) rule: &'a StagePlan,
    /// The state as the rule saw it.
    pub(crate) lens: super::state::Lens<'a>,
}

/// Hears of moves. With [`Silence`] nothing is computed for them.
pub(crate) trait Listener {
    /// Whether it wants to know.
    const LISTENS: bool;
    fn moved(&mut self, happened: &Move<'_>);
}

/// Nobody listens.
pub(crate) struct Silence;

impl Listener for Silence {
    const LISTENS: bool = false;
    fn moved(&mut self, _: &Move<'_>) {}
}

/// Goes through the critical instants after `from` and before `until` at which no record comes.
pub(crate) fn advance<L: Listener>(
    plan: &Plan,
    state: &State,
    strings: &Strings,
    tracks: &mut [TrackState],
    from: i64,
    until: i64,
    listener: &mut L,
) {
    let mut state = Cow::Borrowed(state);
    let (mut now, mut steps) = (from, 0);
    while let Some(next) = next_critical(plan, &state, strings, tracks, now, until) {
        now = next;
        steps += 1;
        if steps % MANY_STEPS == 0 {
            state.to_mut().expire(plan, now);
        }
        settle(plan, &state, strings, tracks, now, &[], listener);
    }
}

/// The first move after `from`, if no further record comes.
pub(crate) fn first_move<L: Listener>(
    plan: &Plan,
    state: &State,
    strings: &Strings,
    tracks: &mut [TrackState],
    from: i64,
    listener: &mut L,
) {
    let mut state = Cow::Borrowed(state);
    let (mut now, mut steps) = (from, 0);
    let before = tracks.to_vec();
    while let Some(next) = next_critical(plan, &state, strings, tracks, now, Instant::MAX.as_micros()) {
        now = next;
        steps += 1;
        if steps % MANY_STEPS == 0 {
            state.to_mut().expire(plan, now);
        }
        settle(plan, &state, strings, tracks, now, &[], listener);
        if *tracks != *before {
            return;
        }
    }
}

/// The earliest instant after `now` and before `until` at which something that a rule sees changes.
fn next_critical(plan: &Plan, state: &State, strings: &Strings, tracks: &[TrackState], now: i64, until: i64) -> Option<i64> {
    let (mut end, mut found) = (until, None);
    for watched in &plan.watched {
        let at = *watched as usize;
        if let (Some(state), Some(plan)) = (state.traits.get(at), plan.traits.get(at))
            && let Some(leave) = plan.operation.within().and_then(|within| state.next_leave(within, now))
            && leave < end
        {
            (end, found) = (leave, Some(leave));
        }
    }
    let mut look = |turns: &[Turn]| {
        for turn in turns {
            if let Some(instant) = turning_instant(plan, state, strings, turn, now, end) {
                (end, found) = (instant, Some(instant));
            }
        }
    };
    if plan.may_bounce && is_restless(plan, state, strings, tracks, now) {
        plan.tracks.iter().for_each(|track| look(&track.all_turns));
    } else {
        for (track, at) in plan.tracks.iter().zip(tracks) {
            look(track.turns.get(usize::from(at.stage)).map_or(&[][..], Vec::as_slice));
        }
    }
    found
}

/// Whether a track stands where it stands only because it may enter a stage once an instant: then it moves at the next critical instant,
/// whatever makes it one.
fn is_restless(plan: &Plan, state: &State, strings: &Strings, tracks: &[TrackState], now: i64) -> bool {
    let lens = state.lens(plan, strings, now);
    plan.tracks.iter().zip(tracks).any(|(track, at)| next_stage(track, *at, &lens, 0).is_some())
}

/// The first instant after `now` and before `end` at which the comparison comes out differently.
///
/// INVARIANT: between `now` and `end` only the growing values move, and the comparison is monotone in them (see `expression::shape`).
fn turning_instant(plan: &Plan, state: &State, strings: &Strings, turn: &Turn, now: i64, end: i64) -> Option<i64> {
    let sides = |at: i64| {
        let lens = state.lens(plan, strings, at);
        (turn.left.evaluate(&lens), turn.right.evaluate(&lens))
    };
    let phase = |at: i64| {
        let (left, right) = sides(at);
        turn.phase(left, right)
    };
    let last = end.checked_sub(1).filter(|last| *last > now)?;
    let ((left_now, right_now), (left_last, right_last)) = (sides(now), sides(last));
    let before = turn.phase(left_now, right_now);
    if turn.phase(left_last, right_last) == before {
        return None;
    }
    // INVARIANT: the comparison is as `before` at `low`, and different at `high`.
    let (mut low, mut high) = (now, last);
    let (gap_now, gap_last) = (left_now - right_now, left_last - right_last);
    let share = gap_now / (gap_now - gap_last);
    if share > 0.0 && share < 1.0 {
        // The sides are almost straight: look around the straight line's crossing first.
        let guess = now.saturating_add((share * (last - now) as f64) as i64);
        let mut reach = 1;
        while reach < 1 << 20 && high - low > 1 {
            let (left, right) = (guess.saturating_sub(reach), guess.saturating_add(reach));
            let mut tight = true;
            if left > low && left < high {
                match phase(left) == before {
                    true => low = left,
                    false => (high, tight) = (left, false),
                }
            }
            if right > low && right < high {
                match phase(right) == before {
                    true => (low, tight) = (right, false),
                    false => high = right,
                }
            }
            if tight {
                break;
            }
            reach *= 16;
        }
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match phase(middle) == before {
            true => low = middle,
            false => high = middle,
        }
    }
    match turn.tells(before, phase(high)) {
        true => Some(high),
        false => turning_instant(plan, state, strings, turn, high, end),
    }
}

/// Lets every track come to rest at a critical instant.
pub(crate) fn settle<L: Listener>(
    plan: &Plan,
    state: &State,
    strings: &Strings,
    tracks: &mut [TrackState],
    now: i64,
    records: &[Incoming<'_>],
    listener: &mut L,
) {
    let lens = state.lens(plan, strings, now);
    for (number, (track, at)) in plan.tracks.iter().zip(tracks).enumerate() {
        let mut entered = 0_u64;
        while let Some((to, fell)) = next_stage(track, *at, &lens, entered) {
            let from = usize::from(at.stage);
            if L::LISTENS
                && let Some(rule) = track.stages.get(if fell { from } else { to })
            {
                let (cause, record) = cause(lens, if fell { &rule.condition_reads } else { &rule.reads }, records);
                listener.moved(&Move { track: number, at: now, from, to, cause, record, rule, lens });
            }
            entered |= 1 << to;
            *at = TrackState { stage: to as u16, entered: Some(now) };
        }
    }
}

/// The stage to enter next at this instant, and whether it is a fall to the first one.
#[inline]
fn next_stage(track: &TrackPlan, at: TrackState, lens: &super::state::Lens<'_>, entered: u64) -> Option<(usize, bool)> {
    let current = usize::from(at.stage);
    let mut held = true;
    for (to, stage) in track.stages.iter().enumerate() {
        if to == current {
            if stage.stays_while {
                held = stage.condition.as_ref().is_some_and(|condition| condition.evaluate(lens).is_true());
                if held {
                    return None;
                }
            }
            continue;
        }
        if !stage.from.get(current).copied().unwrap_or(false) || entered & (1 << to) != 0 {
            continue;
        }
        let holds = |condition: &crate::expression::Condition| condition.evaluate(lens).is_true();
        if stage.condition.as_ref().is_some_and(holds) && stage.guard.as_ref().is_none_or(holds) {
            return Some((to, false));
        }
    }
    (!held && current != 0 && entered & 1 == 0).then_some((0, true))
}

/// The last of the instant's records that feeds what the rule reads, else time.
fn cause<'a>(lens: super::state::Lens<'_>, reads: &[bool], records: &[Incoming<'a>]) -> (CauseKind, Option<&'a str>) {
    let read = |leaf: usize| reads.get(leaf).copied().unwrap_or(false);
    for record in records.iter().rev() {
        match record {
            Incoming::Touch { slots, id } => {
                if super::state::targets(lens.plan, lens.strings, slots).any(read) {
                    return (CauseKind::Touchpoint, *id);
                }
            }
            Incoming::Change { values, id } => {
                let fed = |leaf: usize| match lens.plan.traits.get(leaf).map(|plan| plan.operation) {
                    Some(Operation::Attribute(at)) => values.iter().any(|(changed, _)| *changed as usize == at),
                    _ => false,
                };
                if (0..lens.plan.named_traits).any(|leaf| read(leaf) && fed(leaf)) {
                    return (CauseKind::Attribute, *id);
                }
            }
        }
    }
    (CauseKind::Time, None)
}

/// The instant a stage was entered, as shown: none if it was always so.
pub(crate) fn since(track: TrackState, first: Option<i64>) -> Option<Instant> {
    track.entered.or(first).filter(|at| *at != ALWAYS).map(Instant::from_valid)
}
