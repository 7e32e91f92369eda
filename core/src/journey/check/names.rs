//! The names that conditions may use: a touchpoint's fields, or a customer's traits, scores and segments.

use std::cell::Cell;

use super::super::plan::{CHANNEL, DIRECTION, DIRECTIONS, FIELDS, KIND, Plan, TOPIC};
use crate::expression::{Leaf, Names, Type};
use crate::symbol::{Symbol, Words};

/// A touchpoint's fields: the leaf is the slot.
pub(super) struct TouchpointNames<'a> {
    pub(super) plan: &'a Plan,
    pub(super) kinds: &'a [bool],
    pub(super) kind_names: &'a [String],
    pub(super) directions: &'a [String],
    pub(super) used: &'a [Cell<bool>],
    pub(super) words: &'a mut Words,
}

impl<'a> TouchpointNames<'a> {
    pub(super) fn carried(plan: &Plan, kinds: &[bool], field: usize) -> bool {
        plan.kinds.iter().zip(kinds).any(|(kind, chosen)| *chosen && kind.carries.get(field).copied().unwrap_or(false))
    }
}

/// The declared values of a touchpoint's field.
pub(super) fn domain_of<'a>(
    plan: &'a Plan,
    kind_names: &'a [String],
    directions: &'a [String],
    field: usize,
) -> Option<(&'a [String], &'static str)> {
    match field {
        KIND => Some((kind_names, "kind")),
        CHANNEL => Some((&plan.channels, "channel")),
        DIRECTION => Some((directions, "direction")),
        TOPIC => plan.topics.as_deref().map(|topics| (topics, "topic")),
        _ => None,
    }
}

pub(super) fn direction_names() -> Vec<String> {
    DIRECTIONS.map(str::to_owned).to_vec()
}

impl Names for TouchpointNames<'_> {
    fn leaf(&self, name: &str) -> Option<Leaf<'_>> {
        let field = self.plan.fields.iter().position(|field| field.name == name)?;
        if !Self::carried(self.plan, self.kinds, field) {
            return None;
        }
        if let Some(used) = self.used.get(field) {
            used.set(true);
        }
        let kind = self.plan.fields.get(field)?.kind;
        let domain = domain_of(self.plan, self.kind_names, self.directions, field);
        Some(Leaf { index: field as u32, kind, domain, cost: 0 })
    }

    fn all(&self) -> Vec<&str> {
        let carried = |at: &usize| Self::carried(self.plan, self.kinds, *at);
        self.plan.fields.iter().enumerate().filter(|(at, _)| carried(at)).map(|(_, field)| field.name.as_str()).collect()
    }

    fn what(&self) -> &'static str {
        "field of these touchpoints"
    }

    fn intern(&mut self, text: &str) -> Symbol {
        Symbol(self.words.intern(text))
    }

    fn hint(&self, name: &str) -> Option<String> {
        let declared = self.plan.fields.iter().skip(FIELDS.len()).any(|field| field.name == name);
        declared.then(|| format!("`{name}` is a property of other kinds"))
    }
}

/// A customer's traits, scores and the segments so far.
pub(super) struct CustomerNames<'a> {
    pub(super) plan: &'a Plan,
    pub(super) words: &'a mut Words,
    /// Segments that come later in the file and may not be used yet.
    pub(super) later: &'a [&'a str],
}

impl Names for CustomerNames<'_> {
    fn leaf(&self, name: &str) -> Option<Leaf<'_>> {
        let plan = self.plan;
        if let Some((at, found)) = super::trait_named(plan, name) {
            let domain = found.domain.as_ref().map(|(values, what)| (values.as_slice(), *what));
            return Some(Leaf { index: at as u32, kind: found.kind, domain, cost: 0 });
        }
        if let Some(at) = plan.scores.iter().position(|score| score.name == name) {
            return Some(Leaf { index: plan.score_leaf(at), kind: Type::Number, domain: None, cost: 16 });
        }
        let at = plan.segments.iter().position(|segment| segment.name == name)?;
        let cost = plan.segments.get(at).map_or(1, |segment| segment.cost);
        Some(Leaf { index: plan.segment_leaf(at), kind: Type::Boolean, domain: None, cost })
    }

    fn all(&self) -> Vec<&str> {
        let traits = self.plan.traits.iter().take(self.plan.named_traits).map(|plan| plan.name.as_str());
        let scores = self.plan.scores.iter().map(|plan| plan.name.as_str());
        traits.chain(scores).chain(self.plan.segments.iter().map(|plan| plan.name.as_str())).collect()
    }

    fn what(&self) -> &'static str {
        "trait, score or segment"
    }

    fn intern(&mut self, text: &str) -> Symbol {
        Symbol(self.words.intern(text))
    }

    fn hint(&self, name: &str) -> Option<String> {
        if self.later.contains(&name) {
            return Some("a segment may use only segments written above it".to_owned());
        }
        if self.plan.kinds.iter().any(|kind| kind.name == name) {
            return Some(format!("`{name}` is a kind of touchpoint: declare a trait, like `{{ count: {name} }}`"));
        }
        if self.plan.attributes.iter().any(|(attribute, _)| attribute == name) {
            return Some(format!("`{name}` is an attribute: declare a trait, `{{ attribute: {name} }}`"));
        }
        None
    }
}
