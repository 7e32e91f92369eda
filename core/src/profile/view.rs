//! What is true of a customer at an instant.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::fold::{Fold, Moved};
use super::slot;
use super::state::{Lens, State};
use super::tracks::{self, CauseKind, Silence, TrackState};
use crate::expression::{Scope, Type};
use crate::journey::plan::{LeafKind, Plan, TraitPlan};
use crate::record::Value;
use crate::symbol::Strings;
use crate::time::Instant;

/// Where a customer stands on one track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Stage<'a> {
    /// The track.
    #[serde(skip)]
    pub track: &'a str,
    /// The stage.
    pub stage: &'a str,
    /// When it was entered; for a stage never left, the instant of the customer's first record. None if it was always so.
    pub since: Option<Instant>,
}

/// The next move, if nothing happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct NextChange<'a> {
    /// When.
    pub at: Instant,
    /// On which track.
    pub track: &'a str,
    /// From which stage.
    pub from: &'a str,
    /// To which stage.
    pub to: &'a str,
}

/// What one element of a score contributes.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Contribution<'a> {
    /// The element.
    pub element: &'a str,
    /// What it adds to the score; none if it is unknown.
    pub contribution: Option<f64>,
}

/// What caused a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// A touchpoint.
    Touchpoint,
    /// An attribute change.
    Attribute,
    /// Nothing but the passing of time.
    Time,
}

impl Cause {
    /// As results show it: `touchpoint`, `attribute`, `time`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Touchpoint => "touchpoint",
            Self::Attribute => "attribute",
            Self::Time => "time",
        }
    }
}

impl From<CauseKind> for Cause {
    fn from(cause: CauseKind) -> Self {
        match cause {
            CauseKind::Touchpoint => Self::Touchpoint,
            CauseKind::Attribute => Self::Attribute,
            CauseKind::Time => Self::Time,
        }
    }
}

/// One move of a customer on a track, and why.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Transition<'a> {
    /// The track.
    pub track: &'a str,
    /// When; none for "from the beginning of time".
    pub at: Option<Instant>,
    /// The stage that was left.
    pub from: &'a str,
    /// The stage that was entered.
    pub to: &'a str,
    /// What caused it.
    pub cause: Cause,
    /// The id of the record that caused it, if one did and had an id.
    pub record: Option<&'a str>,
    /// The rule that decided: that of the stage entered, or, after a fall, the one that no longer held.
    pub rule: &'a str,
    /// Whether it was a fall to the first stage, because `rule` no longer held.
    pub fell: bool,
    /// What the rule's operands were at that instant.
    pub operands: Vec<(&'a str, Value<'a>)>,
}

impl<'a> Transition<'a> {
    pub(crate) fn new(plan: &'a Plan, strings: &'a Strings, moved: &'a Moved) -> Option<Self> {
        let track = plan.tracks.get(usize::from(moved.track))?;
        let rule = moved.rule(plan)?;
        let operands = rule.operands.iter().zip(&moved.operands).map(|(leaf, value)| {
            let (name, kind, integer) = described(plan.leaf(leaf));
            (name, shown(strings, *value, kind, integer))
        });
        Some(Self {
            track: &track.name,
            at: (moved.at != super::state::ALWAYS).then(|| Instant::from_valid(moved.at)),
            from: &track.stages.get(usize::from(moved.from))?.name,
            to: &track.stages.get(usize::from(moved.to))?.name,
            cause: moved.cause.into(),
            record: moved.record.as_deref(),
            rule: &rule.rule,
            fell: moved.fell,
            operands: operands.collect(),
        })
    }

    /// The rule and what its operands were, in one line: `orders >= 2 (orders = 3)`.
    #[must_use]
    pub fn because(&self) -> String {
        let operands: Vec<String> = self.operands.iter().map(|(name, value)| format!("{name} = {}", plain(*value))).collect();
        let no_longer = if self.fell { "no longer " } else { "" };
        match operands.is_empty() {
            true => format!("{no_longer}{}", self.rule),
            false => format!("{no_longer}{} ({})", self.rule, operands.join(", ")),
        }
    }
}

impl serde::Serialize for Transition<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("track", self.track)?;
        map.serialize_entry("at", &self.at)?;
        map.serialize_entry("from", self.from)?;
        map.serialize_entry("to", self.to)?;
        map.serialize_entry("cause", &self.cause)?;
        map.serialize_entry("record", &self.record)?;
        map.serialize_entry("rule", self.rule)?;
        map.serialize_entry("fell", &self.fell)?;
        map.serialize_entry("operands", &Pairs(self.operands.iter().map(|(name, value)| (*name, ValueText(*value))).collect()))?;
        map.end()
    }
}

pub(crate) fn plain(value: Value<'_>) -> String {
    match value {
        Value::Unknown => "unknown".to_owned(),
        Value::Number(value) => format!("{value}"),
        Value::Integer(value) => format!("{value}"),
        Value::Text(text) => format!("\"{text}\""),
        Value::Boolean(value) => format!("{value}"),
    }
}

/// The name of a leaf, its type, and whether it is a whole number.
pub(crate) fn described(leaf: LeafKind<'_>) -> (&str, Type, bool) {
    match leaf {
        LeafKind::Trait(plan) => (&plan.name, plan.kind, plan.operation.is_integer()),
        LeafKind::Score(plan) => (&plan.name, Type::Number, false),
        LeafKind::Segment(plan) => (&plan.name, Type::Boolean, false),
        LeafKind::Nothing => ("", Type::Number, false),
    }
}

pub(crate) fn shown(strings: &Strings, value: u64, kind: Type, integer: bool) -> Value<'_> {
    match kind {
        _ if !slot::is_known(value, kind) => Value::Unknown,
        Type::Number if integer => Value::Integer(f64::from_bits(value) as i64),
        Type::Number => Value::Number(f64::from_bits(value)),
        Type::Text => Value::Text(strings.text(slot::symbol(value))),
        Type::Boolean => Value::Boolean(value == 1),
    }
}

/// What is true of a customer at an instant. It is computed as it is read.
pub struct View<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) strings: &'a Strings,
    pub(crate) fold: Cow<'a, Fold>,
    tracks: OnceLock<Vec<TrackState>>,
    pub(crate) now: Instant,
}

impl<'a> View<'a> {
    pub(crate) fn new(plan: &'a Plan, strings: &'a Strings, fold: Cow<'a, Fold>, now: Instant) -> Self {
        Self { plan, strings, fold, tracks: OnceLock::new(), now }
    }

    /// Where the tracks stand.
    pub(crate) fn tracks(&self) -> &[TrackState] {
        self.tracks.get_or_init(|| {
            let mut tracks = self.fold.state.tracks.clone();
            advance_to(self.plan, self.strings, &self.fold.state, &mut tracks, self.now, &mut Silence);
            tracks
        })
    }

    fn lens(&self) -> Lens<'_> {
        self.fold.state.lens(self.plan, self.strings, self.now.as_micros())
    }

    /// The instant of the view.
    #[must_use]
    pub fn at(&self) -> Instant {
        self.now
    }

    /// Where the customer stands on each track, in file order.
    pub fn stages(&self) -> impl ExactSizeIterator<Item = Stage<'_>> {
        self.plan.tracks.iter().zip(self.tracks()).map(|(track, at)| Stage {
            track: &track.name,
            stage: track.stages.get(usize::from(at.stage)).map_or("", |stage| &stage.name),
            since: tracks::since(*at, self.fold.state.first),
        })
    }

    /// Where the customer stands on one track.
    #[must_use]
    pub fn stage(&self, track: &str) -> Option<Stage<'_>> {
        self.stages().find(|stage| stage.track == track)
    }

    /// The traits, in file order.
    pub fn traits(&self) -> impl ExactSizeIterator<Item = (&str, Value<'_>)> {
        let named = self.plan.traits.iter().take(self.plan.named_traits);
        named.enumerate().map(|(at, plan)| (plan.name.as_str(), self.trait_value(at, plan)))
    }

    fn trait_value(&self, at: usize, plan: &TraitPlan) -> Value<'_> {
        shown(self.strings, self.lens().slot(at as u32), plan.kind, plan.operation.is_integer())
    }

    /// The scores, in file order; none where one is unknown.
    pub fn scores(&self) -> impl ExactSizeIterator<Item = (&str, Option<f64>)> {
        let known = |value: f64| (!value.is_nan()).then_some(value);
        self.plan.scores.iter().map(move |plan| (plan.name.as_str(), known(self.lens().score(plan))))
    }

    /// What each element of a score contributes, in file order, before the score's own bounds.
    #[must_use]
    pub fn make_up(&self, score: &str) -> Option<Vec<Contribution<'_>>> {
        let plan = self.plan.scores.iter().find(|plan| plan.name == score)?;
        let contributions = self.lens().make_up(plan).into_iter();
        Some(contributions.map(|(element, value)| Contribution { element, contribution: (!value.is_nan()).then_some(value) }).collect())
    }

    /// The segments, in file order; none where membership is unknown.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = (&str, Option<bool>)> {
        self.plan.segments.iter().map(|plan| (plan.name.as_str(), plan.condition.evaluate(&self.lens()).known()))
    }

    /// A trait, score or segment by its name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<Value<'_>> {
        if let Some(at) = self.plan.traits.iter().take(self.plan.named_traits).position(|plan| plan.name == name) {
            return self.plan.traits.get(at).map(|plan| self.trait_value(at, plan));
        }
        if let Some(plan) = self.plan.scores.iter().find(|plan| plan.name == name) {
            let value = self.lens().score(plan);
            return Some(if value.is_nan() { Value::Unknown } else { Value::Number(value) });
        }
        let at = self.plan.segments.iter().position(|plan| plan.name == name)?;
        Some(match self.lens().truth(self.plan.segment_leaf(at)).known() {
            Some(value) => Value::Boolean(value),
            None => Value::Unknown,
        })
    }

    /// The first move that will happen if no further record comes; of several at one instant, that of the first track.
    #[must_use]
    pub fn next_change(&self) -> Option<NextChange<'_>> {
        next_move(self.plan, self.strings, &self.fold.state, self.tracks(), self.now)?.named(self.plan)
    }
}

/// Takes tracks from the newest record to an instant.
pub(crate) fn advance_to<L: tracks::Listener>(
    plan: &Plan,
    strings: &Strings,
    state: &State,
    moving: &mut [TrackState],
    now: Instant,
    listener: &mut L,
) {
    if let Some(newest) = state.newest.filter(|_| !moving.is_empty()) {
        tracks::advance(plan, state, strings, moving, newest, now.as_micros().saturating_add(1), listener);
    }
}

/// The first move after an instant, as plain numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Next {
    pub(crate) at: i64,
    track: u16,
    from: u16,
    to: u16,
}

impl Next {
    pub(crate) fn named(self, plan: &Plan) -> Option<NextChange<'_>> {
        let track = plan.tracks.get(usize::from(self.track))?;
        Some(NextChange {
            at: Instant::from_valid(self.at),
            track: &track.name,
            from: &track.stages.get(usize::from(self.from))?.name,
            to: &track.stages.get(usize::from(self.to))?.name,
        })
    }
}

/// Hears the first move only.
struct First(Option<Next>);

impl tracks::Listener for First {
    const LISTENS: bool = true;

    fn moved(&mut self, happened: &tracks::Move<'_>) {
        self.0.get_or_insert(Next { at: happened.at, track: happened.track as u16, from: happened.from as u16, to: happened.to as u16 });
    }
}

pub(crate) fn next_move(plan: &Plan, strings: &Strings, state: &State, at: &[TrackState], now: Instant) -> Option<Next> {
    // Before the first record nothing can turn.
    state.newest?;
    let mut first = First(None);
    let mut moving = at.to_vec();
    tracks::first_move(plan, state, strings, &mut moving, now.as_micros(), &mut first);
    first.0
}

impl std::fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View").field("at", &self.now).finish_non_exhaustive()
    }
}

/// Key and value pairs as a map.
pub(crate) struct Pairs<'a, T>(pub(crate) Vec<(&'a str, T)>);

impl<T: Serialize> Serialize for Pairs<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// A value as a document shows it.
pub(crate) struct ValueText<'a>(pub(crate) Value<'a>);

impl Serialize for ValueText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Unknown => serializer.serialize_none(),
            Value::Number(value) => serializer.serialize_f64(value),
            Value::Integer(value) => serializer.serialize_i64(value),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Boolean(value) => serializer.serialize_bool(value),
        }
    }
}

/// `{stages, traits, scores, make_up, segments, next_change}`; unknown is null.
impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("stages", &Pairs(self.stages().map(|stage| (stage.track, stage)).collect()))?;
        map.serialize_entry("traits", &Pairs(self.traits().map(|(name, value)| (name, ValueText(value))).collect()))?;
        map.serialize_entry("scores", &Pairs(self.scores().collect()))?;
        let make_up = self.plan.scores.iter().map(|plan| (plan.name.as_str(), self.make_up(&plan.name)));
        map.serialize_entry("make_up", &Pairs(make_up.collect()))?;
        map.serialize_entry("segments", &Pairs(self.segments().collect()))?;
        map.serialize_entry("next_change", &self.next_change())?;
        map.end()
    }
}
