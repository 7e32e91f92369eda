//! Which actions can be said at all, and in which stages: "no" only where it can be shown.

use super::cells::Said;
use crate::expression::{Condition, Leaf, Names, Type, compile_condition};
use crate::journey::plan::{Plan, TrackPlan};
use crate::journey::{Journey, ValidSpec, may_hold_together};
use crate::symbol::{Symbol, Words};
use crate::time::Instant;

/// What is known of all actions.
pub(super) struct Reach {
    /// Per action why it can never be said, if it cannot.
    never: Vec<Option<String>>,
    /// Per action, track and stage, whether it may be said.
    may: Vec<Vec<Vec<bool>>>,
    tracks: Vec<String>,
}

impl Reach {
    pub(super) fn new(journey: &Journey, actions: &[Said<'_>]) -> Self {
        let plan = &*journey.plan;
        let mut words = (*plan.words).clone();
        let (mut never, mut may) = (Vec::new(), Vec::new());
        for action in actions {
            let conditions: Vec<Condition> = action.both().filter_map(|spec| compiled(plan, &mut words, spec.when.as_deref()?)).collect();
            let stages: Vec<Vec<bool>> = plan.tracks.iter().map(|track| stages(plan, track, action, &conditions)).collect();
            never.push(reason(journey, action, &conditions, &stages));
            may.push(stages);
        }
        Self { never, may, tracks: plan.tracks.iter().map(|track| track.name.clone()).collect() }
    }

    /// Why an action can never be said.
    pub(super) fn never(&self, action: &Said<'_>) -> Option<&str> {
        self.never.get(action.at)?.as_deref()
    }

    pub(super) fn may_be_said(&self, action: &Said<'_>, track: &str, stage: usize) -> bool {
        let track = self.tracks.iter().position(|other| other == track);
        let may = track.and_then(|track| self.may.get(action.at)?.get(track)?.get(stage));
        self.never(action).is_none() && may.copied().unwrap_or(true)
    }
}

/// Per stage of a track, whether the action's `stages` have it and its condition may hold there.
fn stages(plan: &Plan, track: &TrackPlan, action: &Said<'_>, conditions: &[Condition]) -> Vec<bool> {
    let may = track.stages.iter().map(|stage| {
        // What made a customer enter a `when` stage may be over; a `while` stage is left when it is.
        let lasts = stage.condition.iter().filter(|_| stage.stays_while);
        action.allows(&track.name, &stage.name) && may_hold_together(plan, &conditions.iter().chain(lasts).collect::<Vec<_>>())
    });
    may.collect()
}

fn reason(journey: &Journey, action: &Said<'_>, conditions: &[Condition], stages: &[Vec<bool>]) -> Option<String> {
    let plan = &*journey.plan;
    if action.channels.is_empty() {
        return Some("it has no channel to go by".to_owned());
    }
    if action.both().any(|spec| spec.limit == Some(0)) {
        return Some("its `limit` is 0".to_owned());
    }
    if !is_ever_valid(action) {
        return Some("its `valid`, or its group's, is over before it begins".to_owned());
    }
    if !may_hold_together(plan, &conditions.iter().collect::<Vec<_>>()) {
        return Some("its condition contradicts itself".to_owned());
    }
    for (track, stages) in plan.tracks.iter().zip(stages) {
        let allowed = |at: usize| track.stages.get(at).is_some_and(|stage| action.allows(&track.name, &stage.name));
        let reached = |at: usize| !is_unreachable(journey, &track.name, at);
        let count = track.stages.len();
        if !(0..count).any(allowed) {
            return Some(format!("its `stages` and those of its group have no stage of track `{}` in common", track.name));
        }
        if !(0..count).any(|at| allowed(at) && reached(at)) {
            return Some(format!("nobody can reach its stages on track `{}`", track.name));
        }
        if !stages.iter().enumerate().any(|(at, may)| *may && reached(at)) {
            return Some(format!("its condition contradicts that of its stages on track `{}`", track.name));
        }
    }
    None
}

/// Whether the check of the file found that nobody can reach the stage.
pub(super) fn is_unreachable(journey: &Journey, track: &str, stage: usize) -> bool {
    let path = format!("tracks.{track}[{stage}]");
    journey.warnings().iter().any(|warning| warning.code == "unreachable_stage" && warning.path == path)
}

fn is_ever_valid(action: &Said<'_>) -> bool {
    let instants = |end: fn(&ValidSpec) -> &Option<String>| {
        let texts = action.both().filter_map(|spec| spec.valid.as_ref()).filter_map(move |valid| end(valid).as_deref());
        texts.filter_map(|text| text.parse::<Instant>().ok())
    };
    match (instants(|valid| &valid.from).max(), instants(|valid| &valid.until).min()) {
        (Some(from), Some(until)) => from < until,
        _ => true,
    }
}

fn compiled(plan: &Plan, words: &mut Words, text: &str) -> Option<Condition> {
    compile_condition(text, &mut CustomerNames { plan, words }).ok().map(|checked| checked.plan)
}

/// A customer's traits, scores and segments. A condition with other names is left aside: nothing is known of it.
struct CustomerNames<'a> {
    plan: &'a Plan,
    words: &'a mut Words,
}

impl Names for CustomerNames<'_> {
    fn leaf(&self, name: &str) -> Option<Leaf<'_>> {
        let plan = self.plan;
        let leaf = |index: u32, kind: Type| Some(Leaf { index, kind, domain: None, cost: 0 });
        if let Some(at) = plan.traits.iter().take(plan.named_traits).position(|other| other.name == name) {
            return leaf(at as u32, plan.traits.get(at)?.kind);
        }
        if let Some(at) = plan.scores.iter().position(|score| score.name == name) {
            return leaf(plan.score_leaf(at), Type::Number);
        }
        let at = plan.segments.iter().position(|segment| segment.name == name)?;
        leaf(plan.segment_leaf(at), Type::Boolean)
    }

    fn all(&self) -> Vec<&str> {
        Vec::new()
    }

    fn what(&self) -> &'static str {
        "trait, score or segment"
    }

    fn intern(&mut self, text: &str) -> Symbol {
        Symbol(self.words.intern(text))
    }
}
