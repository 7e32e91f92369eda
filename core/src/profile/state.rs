//! The one fold: what a customer's records have come to, instant by instant.

use serde::{Deserialize, Serialize};

use super::contacts::Contacts;
use super::slot;
use super::tracks::{self, Listener, TrackState};
use super::traits::TraitState;
use crate::expression::{Scope, Truth, Type};
use crate::journey::plan::{BandPlan, LeafKind, MakeUp, Operation, Plan, PointsPlan, ScorePlan, Source, TIME_ZONE, TraitPlan};
use crate::symbol::{Strings, Symbol};
use crate::time::{DayClock, zone};

/// Stands for "from the beginning of time".
pub(crate) const ALWAYS: i64 = i64::MIN;

/// One record, ready to be folded.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Incoming<'a> {
    /// A touchpoint: one slot a field.
    Touch { slots: &'a [u64], id: Option<&'a str> },
    /// An attribute change: index and slot.
    Change { values: &'a [(u32, u64)], id: Option<&'a str> },
}

/// A customer's folded records.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct State {
    /// The first and the newest instant folded.
    pub(crate) first: Option<i64>,
    pub(crate) newest: Option<i64>,
    pub(crate) traits: Vec<TraitState>,
    pub(crate) attributes: Vec<u64>,
    pub(crate) tracks: Vec<TrackState>,
    /// Kept if the journey decides on contacts.
    pub(crate) contacts: Option<Box<Contacts>>,
    #[serde(skip)]
    clock: Option<DayClock>,
    #[serde(skip)]
    clock_is_own: bool,
}

impl State {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            first: None,
            newest: None,
            traits: plan.traits.iter().map(|plan| TraitState::new(plan.operation)).collect(),
            attributes: plan.attributes.iter().map(|(_, kind)| slot::unknown(*kind)).collect(),
            tracks: plan.tracks.iter().map(|_| TrackState::default()).collect(),
            contacts: plan.decision.keeps_contacts().then(Box::default),
            clock: None,
            clock_is_own: false,
        }
    }

    /// Back to the state of a customer nothing is known of.
    pub(crate) fn clear(&mut self, plan: &Plan) {
        (self.first, self.newest) = (None, None);
        self.traits.iter_mut().for_each(TraitState::clear);
        self.attributes.iter_mut().zip(&plan.attributes).for_each(|(value, (_, kind))| *value = slot::unknown(*kind));
        self.tracks.iter_mut().for_each(|track| *track = TrackState::default());
        self.contacts.iter_mut().for_each(|contacts| contacts.clear());
        if self.clock_is_own {
            (self.clock, self.clock_is_own) = (None, false);
        }
    }

    /// Folds all records of one instant, which is later than any folded before.
    #[inline]
    pub(crate) fn fold<L: Listener>(&mut self, plan: &Plan, strings: &Strings, at: i64, records: &[Incoming<'_>], listener: &mut L) {
        let has_tracks = !plan.tracks.is_empty();
        if has_tracks && let Some(newest) = self.newest {
            let mut moving = std::mem::take(&mut self.tracks);
            tracks::advance(plan, self, strings, &mut moving, newest, at, listener);
            self.tracks = moving;
            self.expire(plan, at);
        }
        self.first = self.first.or(Some(at));
        self.newest = Some(at);
        for record in records {
            match record {
                Incoming::Touch { slots, .. } => self.touch(plan, strings, at, slots),
                Incoming::Change { values, .. } => self.change(plan, strings, values),
            }
        }
        if has_tracks {
            let mut moving = std::mem::take(&mut self.tracks);
            tracks::settle(plan, self, strings, &mut moving, at, records, listener);
            self.tracks = moving;
        }
    }

    /// Lets go of what has left the windows that rules see.
    pub(crate) fn expire(&mut self, plan: &Plan, now: i64) {
        for watched in &plan.watched {
            let at = *watched as usize;
            if let (Some(state), Some(plan)) = (self.traits.get_mut(at), plan.traits.get(at))
                && let Some(within) = plan.operation.within()
            {
                state.expire(within, now);
            }
        }
    }

    /// Lets go of what has left any window.
    pub(crate) fn expire_all(&mut self, plan: &Plan, now: i64) {
        for (state, plan) in self.traits.iter_mut().zip(&plan.traits) {
            if let Some(within) = plan.operation.within() {
                state.expire(within, now);
            }
        }
        self.contacts.iter_mut().for_each(|contacts| contacts.expire(now));
    }

    #[inline]
    fn touch(&mut self, plan: &Plan, strings: &Strings, at: i64, slots: &[u64]) {
        if let Some(contacts) = &mut self.contacts
            && plan.kind_of(slots).is_some()
        {
            contacts.touch(plan, strings, at, slots);
        }
        let (clock, attributes) = (&mut self.clock, &self.attributes);
        touch(plan, strings, at, slots, &mut self.traits, || clock.get_or_insert_with(|| day_clock(plan, strings, attributes)).day(at));
    }

    fn change(&mut self, plan: &Plan, strings: &Strings, values: &[(u32, u64)]) {
        for (attribute, value) in values {
            if let Some(to) = self.attributes.get_mut(*attribute as usize) {
                *to = *value;
            }
            let is_zone = plan.attributes.get(*attribute as usize).is_some_and(|(name, _)| name == TIME_ZONE);
            if plan.counts_days && is_zone {
                self.clock = Some(day_clock(plan, strings, &self.attributes));
                self.clock_is_own = true;
            }
        }
    }

    /// What the state reads at an instant that is not before the newest record.
    #[inline]
    pub(crate) fn lens<'a>(&'a self, plan: &'a Plan, strings: &'a Strings, now: i64) -> Lens<'a> {
        Lens { plan, traits: &self.traits, attributes: &self.attributes, strings, now }
    }

    /// Hands every symbol that the state holds to `visit`, which may change it.
    pub(crate) fn map_symbols(&mut self, plan: &Plan, visit: &mut impl FnMut(Symbol) -> Symbol) {
        self.traits.iter_mut().zip(&plan.traits).for_each(|(state, plan)| state.map_symbols(plan, visit));
        self.contacts.iter_mut().for_each(|contacts| contacts.map_symbols(visit));
        for (value, (_, kind)) in self.attributes.iter_mut().zip(&plan.attributes) {
            if *kind == Type::Text {
                *value = slot::text(visit(slot::symbol(*value)));
            }
        }
    }
}

/// Folds a touchpoint into a customer's traits. `day` is the day it is where the customer lives.
#[inline]
pub(crate) fn touch(plan: &Plan, strings: &Strings, at: i64, slots: &[u64], traits: &mut [TraitState], mut day: impl FnMut() -> i64) {
    let Some(kind) = plan.kind_of(slots) else { return };
    let scope = TouchScope { slots, strings };
    for update in &kind.updates {
        if update.filter.as_ref().is_some_and(|filter| !filter.evaluate(&scope).is_true()) {
            continue;
        }
        let target = update.target as usize;
        let (Some(state), Some(trait_plan)) = (traits.get_mut(target), plan.traits.get(target)) else { continue };
        match &update.source {
            Source::Touch => state.touch(trait_plan, at, &mut day),
            Source::End => state.end(at),
            Source::Slot(field) => {
                let value = slots.get(*field).copied().unwrap_or_default();
                if slot::is_known(value, trait_plan.holds) {
                    state.take(trait_plan, at, value);
                }
            }
            Source::Number(number) => {
                let value = number.evaluate(&scope);
                if !value.is_nan() {
                    state.take(trait_plan, at, slot::number(value));
                }
            }
        }
    }
}

/// The traits that a touchpoint feeds.
pub(crate) fn targets<'a>(plan: &'a Plan, strings: &'a Strings, slots: &'a [u64]) -> impl Iterator<Item = usize> + 'a {
    let kind = plan.kind_of(slots);
    let scope = TouchScope { slots, strings };
    let updates = kind.map_or(&[][..], |kind| kind.updates.as_slice());
    updates
        .iter()
        .filter(move |update| {
            let passes = update.filter.as_ref().is_none_or(|filter| filter.evaluate(&scope).is_true());
            let target = plan.traits.get(update.target as usize);
            passes
                && match &update.source {
                    Source::Touch | Source::End => true,
                    Source::Slot(field) => {
                        let value = slots.get(*field).copied().unwrap_or_default();
                        target.is_some_and(|target| slot::is_known(value, target.holds))
                    }
                    Source::Number(number) => !number.evaluate(&scope).is_nan(),
                }
        })
        .map(|update| update.target as usize)
}

fn day_clock(plan: &Plan, strings: &Strings, attributes: &[u64]) -> DayClock {
    let own = attributes.first().map(|value| strings.text(slot::symbol(*value))).filter(|name| !name.is_empty()).and_then(zone);
    DayClock::new(own.unwrap_or_else(|| plan.zone.clone()))
}

/// A touchpoint's fields: the leaf is the slot.
struct TouchScope<'a> {
    slots: &'a [u64],
    strings: &'a Strings,
}

impl TouchScope<'_> {
    #[inline]
    fn slot(&self, leaf: u32) -> u64 {
        self.slots.get(leaf as usize).copied().unwrap_or_default()
    }
}

impl Scope for TouchScope<'_> {
    #[inline]
    fn number(&self, leaf: u32) -> f64 {
        f64::from_bits(self.slot(leaf))
    }

    #[inline]
    fn symbol(&self, leaf: u32) -> Symbol {
        slot::symbol(self.slot(leaf))
    }

    #[inline]
    fn truth(&self, leaf: u32) -> Truth {
        slot::truth(self.slot(leaf))
    }

    fn text(&self, symbol: Symbol) -> &str {
        self.strings.text(symbol)
    }
}

/// A customer's traits, scores and segments at an instant.
#[derive(Clone, Copy)]
pub(crate) struct Lens<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) traits: &'a [TraitState],
    pub(crate) attributes: &'a [u64],
    pub(crate) strings: &'a Strings,
    pub(crate) now: i64,
}

impl<'a> Lens<'a> {
    #[inline]
    fn named(&self, leaf: u32) -> Option<(&'a TraitPlan, &'a TraitState)> {
        Some((self.plan.traits.get(leaf as usize)?, self.traits.get(leaf as usize)?))
    }

    /// The value of a trait, score or segment.
    pub(crate) fn slot(&self, leaf: u32) -> u64 {
        let kind = match self.plan.leaf(leaf) {
            LeafKind::Trait(plan) => plan.kind,
            LeafKind::Segment(_) => Type::Boolean,
            _ => Type::Number,
        };
        match kind {
            Type::Number => slot::number(self.number(leaf)),
            Type::Text => slot::text(self.symbol(leaf)),
            Type::Boolean => slot::of_truth(self.truth(leaf)),
        }
    }

    #[inline]
    fn any(&self, leaf: u32) -> u64 {
        match self.named(leaf) {
            Some((plan, state)) => match plan.operation {
                Operation::Attribute(at) => self.attributes.get(at).copied().unwrap_or(slot::unknown(plan.kind)),
                _ => state.slot(plan, self.now),
            },
            None => 0,
        }
    }

    /// The value of a score.
    pub(crate) fn score(&self, plan: &ScorePlan) -> f64 {
        let sum = match &plan.make_up {
            MakeUp::Points(elements) => elements.iter().fold(0.0, |sum, element| sum + self.points(element)),
            MakeUp::Weighted(elements) => elements.iter().fold(0.0, |sum, element| sum + element.weight * element.value.evaluate(self)),
            MakeUp::Rfm(bands) => bands.iter().fold(0.0, |sum, band| sum + self.band(band)),
        };
        match sum.is_finite() {
            true => sum.max(plan.at_least).min(plan.at_most),
            false => f64::NAN,
        }
    }

    /// What each element contributes; NaN when unknown.
    pub(crate) fn make_up<'p>(&self, plan: &'p ScorePlan) -> Vec<(&'p str, f64)> {
        match &plan.make_up {
            MakeUp::Points(elements) => elements.iter().map(|element| (element.label.as_str(), self.points(element))).collect(),
            MakeUp::Weighted(elements) => {
                elements.iter().map(|element| (element.label.as_str(), element.weight * element.value.evaluate(self))).collect()
            }
            MakeUp::Rfm(bands) => bands.iter().map(|band| (band.label, self.band(band))).collect(),
        }
    }

    #[inline]
    fn points(&self, element: &PointsPlan) -> f64 {
        match self.number(element.leaf) {
            points if points.is_finite() => points.min(element.at_most),
            _ => f64::NAN,
        }
    }

    fn band(&self, band: &BandPlan) -> f64 {
        let value = self.number(band.leaf);
        if value.is_nan() {
            return f64::NAN;
        }
        let passed = match band.fewer_is_better {
            true => band.cuts.iter().filter(|cut| value <= **cut).count(),
            false => band.cuts.iter().filter(|cut| **cut < value).count(),
        };
        band.unit * (passed + 1) as f64
    }
}

impl Scope for Lens<'_> {
    #[inline]
    fn number(&self, leaf: u32) -> f64 {
        match self.named(leaf) {
            Some((plan, _)) if matches!(plan.operation, Operation::Attribute(_)) => f64::from_bits(self.any(leaf)),
            Some((plan, state)) => state.number(plan, self.now),
            None => match self.plan.leaf(leaf) {
                LeafKind::Score(score) => self.score(score),
                _ => f64::NAN,
            },
        }
    }

    #[inline]
    fn symbol(&self, leaf: u32) -> Symbol {
        slot::symbol(self.any(leaf))
    }

    #[inline]
    fn truth(&self, leaf: u32) -> Truth {
        match self.plan.leaf(leaf) {
            LeafKind::Segment(segment) => segment.condition.evaluate(self),
            _ => slot::truth(self.any(leaf)),
        }
    }

    fn text(&self, symbol: Symbol) -> &str {
        self.strings.text(symbol)
    }
}
