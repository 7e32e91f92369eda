//! A state with what surrounds it: the ids it has seen, and its history.

use std::cmp::Ordering;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize, Serializer};

use super::encode;
use super::slot;
use super::state::{Incoming, State};
use super::tracks::{CauseKind, Listener, Move};
use crate::expression::Type;
use crate::journey::plan::{LeafKind, Plan, StagePlan};
use crate::symbol::{Strings, Symbol};

/// From this many ids on, forgotten ones are looked for.
const MANY_IDS: usize = 32;

/// A record as a profile keeps it until it is folded away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) at: i64,
    pub(crate) id: Option<Box<str>>,
    pub(crate) body: Body,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Body {
    Change(Vec<(u32, u64)>),
    Touch(Vec<u64>),
}

impl Stored {
    /// The order of the fold.
    pub(crate) fn order(&self, other: &Self, plan: &Plan, strings: &Strings) -> Ordering {
        self.at.cmp(&other.at).then_with(|| match (&self.body, &other.body) {
            (Body::Change(_), Body::Touch(_)) => Ordering::Less,
            (Body::Touch(_), Body::Change(_)) => Ordering::Greater,
            (Body::Change(left), Body::Change(right)) => self.id.cmp(&other.id).then_with(|| encode::by_change(plan, strings, left, right)),
            (Body::Touch(left), Body::Touch(right)) => self.id.cmp(&other.id).then_with(|| encode::by_content(plan, strings, left, right)),
        })
    }

    fn incoming(&self) -> Incoming<'_> {
        match &self.body {
            Body::Change(values) => Incoming::Change { values, id: self.id.as_deref() },
            Body::Touch(slots) => Incoming::Touch { slots, id: self.id.as_deref() },
        }
    }

    pub(crate) fn map_symbols(&mut self, plan: &Plan, visit: &mut impl FnMut(Symbol) -> Symbol) {
        let mut map = |value: &mut u64| *value = slot::text(visit(slot::symbol(*value)));
        match &mut self.body {
            Body::Touch(slots) => {
                slots.iter_mut().zip(&plan.fields).filter(|(_, field)| field.kind == Type::Text).for_each(|(value, _)| map(value));
            }
            Body::Change(values) => {
                let is_text = |at: u32| plan.attributes.get(at as usize).is_some_and(|(_, kind)| *kind == Type::Text);
                values.iter_mut().filter(|(at, _)| is_text(*at)).for_each(|(_, value)| map(value));
            }
        }
    }
}

/// A move as the history keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Moved {
    pub(crate) track: u16,
    pub(crate) at: i64,
    pub(crate) from: u16,
    pub(crate) to: u16,
    pub(crate) fell: bool,
    pub(crate) cause: CauseKind,
    pub(crate) record: Option<Box<str>>,
    /// The values of the rule's operands, in their order.
    pub(crate) operands: Vec<u64>,
}

impl Moved {
    pub(crate) fn rule<'p>(&self, plan: &'p Plan) -> Option<&'p StagePlan> {
        let track = plan.tracks.get(usize::from(self.track))?;
        track.stages.get(usize::from(if self.fell { self.from } else { self.to }))
    }

    pub(crate) fn map_symbols(&mut self, plan: &Plan, visit: &mut impl FnMut(Symbol) -> Symbol) {
        let Some(rule) = self.rule(plan) else { return };
        for (leaf, value) in rule.operands.iter().zip(&mut self.operands) {
            if matches!(plan.leaf(leaf), LeafKind::Trait(plan) if plan.kind == Type::Text) {
                *value = slot::text(visit(slot::symbol(*value)));
            }
        }
    }
}

impl Listener for Vec<Moved> {
    const LISTENS: bool = true;

    fn moved(&mut self, happened: &Move<'_>) {
        let fell = happened.lens.plan.tracks.get(happened.track).and_then(|track| track.stages.get(happened.to));
        self.push(Moved {
            track: happened.track as u16,
            at: happened.at,
            from: happened.from as u16,
            to: happened.to as u16,
            fell: fell.is_none_or(|entered| !std::ptr::eq(entered, happened.rule)),
            cause: happened.cause,
            record: happened.record.map(Into::into),
            operands: happened.rule.operands.iter().map(|leaf| happened.lens.slot(leaf)).collect(),
        });
    }
}

/// Ids of accepted records, each with its instant; the sort tells touchpoints from changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Seen {
    #[serde(serialize_with = "in_order")]
    ids: HashMap<(bool, Box<str>), i64, FixedState>,
    #[serde(skip)]
    look_at: usize,
}

/// The same ids are always the same bytes.
fn in_order<S: Serializer>(ids: &HashMap<(bool, Box<str>), i64, FixedState>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(ids.iter().collect::<BTreeMap<_, _>>())
}

impl Seen {
    /// Whether a record is the first with its id; then it is remembered.
    fn accept(&mut self, is_touch: bool, id: Option<&str>, at: i64, lateness: i64) -> bool {
        let Some(id) = id else { return true };
        match self.ids.entry((is_touch, id.into())) {
            Entry::Occupied(before) if *before.get() >= at.saturating_sub(lateness) => return false,
            Entry::Occupied(mut before) => _ = before.insert(at),
            Entry::Vacant(place) => _ = place.insert(at),
        }
        if self.ids.len() >= self.look_at.max(MANY_IDS) {
            self.forget(at, lateness);
            self.look_at = 2 * self.ids.len();
        }
        true
    }

    /// Whether a record with that id and of that instant was accepted.
    pub(crate) fn has(&self, record: &Stored) -> bool {
        let Some(id) = &record.id else { return false };
        self.ids.get(&(matches!(record.body, Body::Touch(_)), id.clone())) == Some(&record.at)
    }

    pub(crate) fn forget(&mut self, newest: i64, lateness: i64) {
        self.ids.retain(|_, at| *at >= newest.saturating_sub(lateness));
    }
}

/// A state, its history and the ids it has seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fold {
    pub(crate) state: State,
    pub(crate) history: Vec<Moved>,
    pub(crate) seen: Seen,
    /// How many records counted.
    #[serde(skip)]
    pub(crate) counted: u64,
}

impl Fold {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self { state: State::new(plan), history: Vec::new(), seen: Seen::default(), counted: 0 }
    }

    /// Folds one record that comes after everything folded so far. Says whether it counted.
    pub(crate) fn one(&mut self, plan: &Plan, strings: &Strings, record: &Stored) -> bool {
        if !self.accept(plan, record) {
            return false;
        }
        self.state.fold(plan, strings, record.at, &[record.incoming()], &mut self.history);
        true
    }

    /// Folds records in the order of the fold, all later than what was folded so far.
    pub(crate) fn all<'a>(&mut self, plan: &Plan, strings: &Strings, records: impl IntoIterator<Item = &'a Stored>) {
        let mut instant: Vec<Incoming<'a>> = Vec::new();
        let mut records = records.into_iter().peekable();
        while let Some(record) = records.next() {
            let is_last = records.peek().is_none_or(|next| next.at != record.at);
            if is_last && instant.is_empty() {
                // Most are alone in their instant, and need no list.
                self.one(plan, strings, record);
                continue;
            }
            if self.accept(plan, record) {
                instant.push(record.incoming());
            }
            if is_last {
                self.state.fold(plan, strings, record.at, &instant, &mut self.history);
                instant.clear();
            }
        }
    }

    fn accept(&mut self, plan: &Plan, record: &Stored) -> bool {
        let counts = self.seen.accept(matches!(record.body, Body::Touch(_)), record.id.as_deref(), record.at, plan.lateness);
        self.counted += u64::from(counts);
        counts
    }

    pub(crate) fn map_symbols(&mut self, plan: &Plan, visit: &mut impl FnMut(Symbol) -> Symbol) {
        self.state.map_symbols(plan, visit);
        self.history.iter_mut().for_each(|moved| moved.map_symbols(plan, visit));
    }
}
