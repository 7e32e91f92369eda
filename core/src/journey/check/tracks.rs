//! Tracks: compile the rules, find what turns with time, warn of what cannot work.

use super::super::document::Step;
use super::super::overlap::may_hold_together;
use super::super::plan::{LeafKind, Plan, StagePlan, TrackPlan};
use super::super::spec::{JourneySpec, StageSpec};
use super::names::CustomerNames;
use super::traits::below;
use super::{Check, at_path};
use crate::diagnostic::suggest;
use crate::expression::{Checked, Condition, LeafSet, Motion, Movement, Movements, Turn, compile_condition, turns};

const MAX_STAGES: usize = 64;

impl Check<'_> {
    pub(super) fn tracks(&mut self, spec: &JourneySpec, plan: &mut Plan) {
        for (name, stages) in &spec.tracks {
            let path = at_path!["tracks", name];
            if stages.is_empty() {
                self.error("empty_list", &path, format!("track `{name}` has no stages"), None);
            }
            if stages.len() > MAX_STAGES {
                let message = format!("track `{name}` has {} stages, more than {MAX_STAGES}", stages.len());
                self.error("too_many_stages", &path, message, None);
                continue;
            }
            if self.is_full() {
                break;
            }
            let track = self.track(plan, &path, name, stages);
            self.reachability(&path, plan, &track);
            plan.may_bounce |= self.bounces(&path, plan, &track);
            plan.tracks.push(track);
        }
        plan.watched = watched(plan);
    }

    fn track(&mut self, plan: &Plan, path: &[Step], name: &str, specs: &[StageSpec]) -> TrackPlan {
        let mut stages = Vec::new();
        let mut turning: Vec<Vec<Turn>> = Vec::new();
        for (at, spec) in specs.iter().enumerate() {
            let mut path = path.to_vec();
            path.push(Step::Item(at));
            self.name(&below(&path, "name"), &spec.name);
            if specs.iter().take(at).any(|other| other.name == spec.name) {
                self.error("duplicate_name", &below(&path, "name"), format!("stage `{}` is declared twice", spec.name), None);
            }
            let (stage, turns) = self.stage(plan, &path, at, spec, specs);
            stages.push(stage);
            turning.push(turns);
        }
        // What may happen from each stage: entering another, or its own `while` ending.
        let turns = (0..stages.len())
            .map(|current| {
                let relevant =
                    stages.iter().zip(&turning).enumerate().filter(|(at, (stage, _))| {
                        stage.from.get(current).copied().unwrap_or(false) || (*at == current && stage.stays_while)
                    });
                relevant.flat_map(|(_, (_, turns))| turns.iter().cloned()).collect()
            })
            .collect();
        TrackPlan { name: name.to_owned(), stages, turns, all_turns: turning.into_iter().flatten().collect() }
    }

    fn stage(&mut self, plan: &Plan, path: &[Step], at: usize, spec: &StageSpec, specs: &[StageSpec]) -> (StagePlan, Vec<Turn>) {
        let stays_while = spec.while_.is_some();
        let (key, text) = match (&spec.when, &spec.while_) {
            (Some(_), Some(_)) => {
                self.error("several_aggregates", path, format!("stage `{}` has both `when` and `while`", spec.name), None);
                ("when", None)
            }
            (Some(text), None) => ("when", Some(text)),
            (None, Some(text)) => ("while", Some(text)),
            (None, None) => {
                if at > 0 {
                    let help = "give it `when` or `while`; only the first stage goes without".to_owned();
                    self.error("missing_key", path, format!("stage `{}` has no condition", spec.name), Some(help));
                }
                if spec.guard.is_some() {
                    self.error("unknown_option", &below(path, "guard"), "a `guard` wants a `when` or `while`", None);
                }
                ("when", None)
            }
        };
        let mut turns = Vec::new();
        let condition = text.and_then(|text| self.rule(plan, &below(path, key), text, &mut turns));
        let guard = spec.guard.as_ref().and_then(|text| self.rule(plan, &below(path, "guard"), text, &mut turns));
        let mut operands = LeafSet::default();
        condition.iter().chain(&guard).for_each(|condition| condition.leaves(&mut operands));
        let mut of_condition = LeafSet::default();
        condition.iter().for_each(|condition| condition.leaves(&mut of_condition));
        let reads = reads_of(plan, &operands);
        let stage = StagePlan {
            name: spec.name.clone(),
            condition,
            stays_while,
            guard,
            from: self.entered_from(path, at, spec, specs),
            rule: match (text, &spec.guard) {
                (Some(text), Some(guard)) => format!("({text}) && ({guard})"),
                (Some(text), None) => text.clone(),
                (None, _) => String::new(),
            },
            operands,
            reads,
            condition_reads: reads_of(plan, &of_condition),
        };
        (stage, turns)
    }

    fn rule(&mut self, plan: &Plan, path: &[Step], text: &str, out: &mut Vec<Turn>) -> Option<Condition> {
        let mut names = CustomerNames { plan, words: &mut self.words, later: &[] };
        match compile_condition(text, &mut names) {
            Ok(Checked { plan: condition, cost }) => {
                self.cost(path, cost);
                if let Err(reason) = turns(&condition, &PlanMovements { plan }, out) {
                    let message = format!("the instant at which this turns cannot be computed exactly: {reason}");
                    let help = "compare one growing value with something that stands still between records: a count within a window, \
                                `days_since`, a segment of such";
                    self.error("turning_instant", path, message, Some(help.to_owned()));
                }
                Some(condition)
            }
            Err(problems) => {
                self.problems(path, text, problems);
                None
            }
        }
    }

    fn entered_from(&mut self, path: &[Step], at: usize, spec: &StageSpec, specs: &[StageSpec]) -> Vec<bool> {
        let Some(from) = &spec.from else {
            let conditioned = spec.when.is_some() || spec.while_.is_some();
            let every_other = spec.while_.is_some();
            return (0..specs.len()).map(|other| conditioned && other != at && (every_other || other < at)).collect();
        };
        let mut entered = vec![false; specs.len()];
        for (item, name) in from.names().iter().enumerate() {
            let mut path = below(path, "from");
            if matches!(from, super::super::spec::OneOrMany::Many(_)) {
                path.push(Step::Item(item));
            }
            match specs.iter().position(|other| other.name == *name) {
                Some(other) if other == at => {
                    self.error("own_stage", &path, format!("stage `{name}` cannot be entered from itself"), None);
                }
                Some(other) => {
                    if let Some(entered) = entered.get_mut(other) {
                        *entered = true;
                    }
                }
                None => {
                    let help = suggest(name, specs.iter().map(|other| other.name.as_str()), "there are");
                    self.error("unknown_stage", &path, format!("stage `{name}` is not declared"), help);
                }
            }
        }
        if from.names().is_empty() {
            self.error("empty_list", &below(path, "from"), "the list is empty", Some("leave `from` out for the default".to_owned()));
        }
        entered
    }

    fn reachability(&mut self, path: &[Step], plan: &Plan, track: &TrackPlan) {
        let may_enter = |from: usize, to: usize| {
            let Some(stage) = track.stages.get(to) else { return false };
            stage.from.get(from).copied().unwrap_or(false) && stage.condition.is_some()
        };
        let possible: Vec<bool> = track
            .stages
            .iter()
            .map(|stage| {
                let parts: Vec<&Condition> = stage.condition.iter().chain(&stage.guard).collect();
                may_hold_together(plan, &parts)
            })
            .collect();
        let count = track.stages.len();
        let mut reached = vec![false; count];
        let mut open = vec![0];
        while let Some(at) = open.pop() {
            if reached.get(at).copied().unwrap_or(true) {
                continue;
            }
            if let Some(reached) = reached.get_mut(at) {
                *reached = true;
            }
            open.extend((0..count).filter(|to| may_enter(at, *to) && possible.get(*to).copied().unwrap_or(false)));
        }
        for (at, stage) in track.stages.iter().enumerate() {
            let mut path = path.to_vec();
            path.push(Step::Item(at));
            if !reached.get(at).copied().unwrap_or(true) {
                let help = match possible.get(at) {
                    Some(false) => "its condition contradicts itself",
                    _ => "no stage that can be reached is in its `from`",
                };
                self.warning("unreachable_stage", &path, format!("nobody can reach stage `{}`", stage.name), Some(help.to_owned()));
            }
            let can_leave = stage.stays_while || (0..count).any(|to| may_enter(at, to));
            if count > 1 && !can_leave {
                let help = "no other stage has it in its `from`".to_owned();
                self.warning("stage_without_exit", &path, format!("nobody can leave stage `{}`", stage.name), Some(help));
            }
        }
    }

    /// Warns of two stages that can each be entered from the other at one instant; says whether any circle of stages can.
    fn bounces(&mut self, path: &[Step], plan: &Plan, track: &TrackPlan) -> bool {
        // From a `while` stage that holds, only an earlier stage takes over.
        let moves = |from: usize, to: usize| {
            let (Some(a), Some(b)) = (track.stages.get(from), track.stages.get(to)) else { return false };
            b.from.get(from).copied().unwrap_or(false) && b.condition.is_some() && !(a.stays_while && to > from)
        };
        let mut steps = vec![Vec::new(); track.stages.len()];
        for (one, a) in track.stages.iter().enumerate() {
            for (other, b) in track.stages.iter().enumerate().skip(one + 1) {
                let (there, back) = (moves(one, other), moves(other, one));
                if !there && !back {
                    continue;
                }
                let conditions: Vec<&Condition> = a.condition.iter().chain(&a.guard).chain(&b.condition).chain(&b.guard).collect();
                if !may_hold_together(plan, &conditions) {
                    continue;
                }
                for (from, to) in
                    [(one, other), (other, one)].into_iter().zip([there, back]).filter(|(_, moves)| *moves).map(|(step, _)| step)
                {
                    steps.get_mut(from).into_iter().for_each(|steps: &mut Vec<usize>| steps.push(to));
                }
                if there && back {
                    let mut path = path.to_vec();
                    path.push(Step::Item(other));
                    let message =
                        format!("stages `{}` and `{}` can bounce: each may be entered from the other while both hold", a.name, b.name);
                    let help = "make their conditions exclude each other, or narrow `from`".to_owned();
                    self.warning("stages_bounce", &path, message, Some(help));
                }
            }
        }
        has_circle(steps)
    }
}

/// Whether a way along the steps leads back to where it began: takes away what leads nowhere, until nothing changes.
fn has_circle(mut steps: Vec<Vec<usize>>) -> bool {
    loop {
        let ends: Vec<bool> = steps.iter().map(Vec::is_empty).collect();
        let before: usize = steps.iter().map(Vec::len).sum();
        steps.iter_mut().for_each(|steps| steps.retain(|to| !ends.get(*to).copied().unwrap_or(true)));
        match steps.iter().map(Vec::len).sum() {
            0 => return false,
            after if after == before => return true,
            _ => {}
        }
    }
}

/// How the leaves of a plan move.
pub(super) struct PlanMovements<'a> {
    pub(super) plan: &'a Plan,
}

impl Movements for PlanMovements<'_> {
    fn number(&self, leaf: u32) -> Movement {
        match self.plan.leaf(leaf) {
            LeafKind::Trait(plan) => plan.operation.movement(),
            LeafKind::Score(plan) => plan.movement,
            _ => Movement { motion: Motion::Still, never_negative: false, clock: false },
        }
    }

    fn condition(&self, leaf: u32) -> Option<&Condition> {
        match self.plan.leaf(leaf) {
            LeafKind::Segment(segment) => Some(&segment.condition),
            _ => None,
        }
    }

    fn name(&self, leaf: u32) -> &str {
        match self.plan.leaf(leaf) {
            LeafKind::Trait(plan) => &plan.name,
            LeafKind::Score(plan) => &plan.name,
            LeafKind::Segment(plan) => &plan.name,
            LeafKind::Nothing => "",
        }
    }
}

/// The traits that leaves rest on, through scores and segments.
fn traits_below(plan: &Plan, leaves: &LeafSet, out: &mut LeafSet) {
    for leaf in leaves.iter() {
        match plan.leaf(leaf) {
            LeafKind::Trait(_) => out.insert(leaf),
            LeafKind::Score(score) => score.leaves.iter().for_each(|leaf| out.insert(leaf)),
            LeafKind::Segment(segment) => {
                let mut below = LeafSet::default();
                segment.condition.leaves(&mut below);
                traits_below(plan, &below, out);
            }
            LeafKind::Nothing => {}
        }
    }
}

fn reads_of(plan: &Plan, operands: &LeafSet) -> Vec<bool> {
    let mut traits = LeafSet::default();
    traits_below(plan, operands, &mut traits);
    let mut reads = vec![false; plan.traits.len()];
    for leaf in traits.iter() {
        if let Some(read) = reads.get_mut(leaf as usize) {
            *read = true;
        }
    }
    reads
}

fn watched(plan: &Plan) -> Vec<u32> {
    let mut traits = LeafSet::default();
    for stage in plan.tracks.iter().flat_map(|track| &track.stages) {
        traits_below(plan, &stage.operands, &mut traits);
    }
    traits.iter().filter(|leaf| plan.traits.get(*leaf as usize).is_some_and(|t| t.operation.within().is_some())).collect()
}
