//! From rules down to the data that they rest on.

use serde::Serialize;

use crate::expression::mentions;
use crate::journey::plan::FIELDS;
use crate::journey::{JourneySpec, OneOrMany, ScoreSpec, TraitSpec};

/// The data that rules read, directly and through one another, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DataNeeded {
    /// Traits.
    pub traits: Vec<String>,
    /// Scores.
    pub scores: Vec<String>,
    /// Segments.
    pub segments: Vec<String>,
    /// What the host hands in: `p_click` for `input.p_click`.
    pub inputs: Vec<String>,
    /// What the host tells of the moment: `intent` for `context.intent`.
    pub context: Vec<String>,
    /// The kinds of touchpoint that all of these are computed from.
    pub kinds: Vec<String>,
    /// The attributes that they are computed from.
    pub attributes: Vec<String>,
}

impl DataNeeded {
    /// Adds what a condition or expression on a customer reads.
    pub(super) fn add_rule(&mut self, spec: &JourneySpec, text: &str) {
        mentions(text).names.iter().for_each(|name| self.add_name(spec, name));
    }

    /// Adds a trait, score, segment, input or word of the context, with what it rests on.
    pub(super) fn add_name(&mut self, spec: &JourneySpec, name: &str) {
        if let Some(input) = name.strip_prefix("input.") {
            add(&mut self.inputs, input);
        } else if let Some(word) = name.strip_prefix("context.") {
            add(&mut self.context, word);
        } else if let Some(condition) = spec.segments.get(name) {
            // A segment may use only those above it, and one that is there already is not followed again.
            if add(&mut self.segments, name) {
                self.add_rule(spec, condition);
            }
        } else if let Some(score) = spec.scores.get(name) {
            if add(&mut self.scores, name) {
                self.add_score(spec, score);
            }
        } else if let Some(found) = spec.traits.get(name)
            && add(&mut self.traits, name)
        {
            extend(&mut self.kinds, trait_kinds(spec, found));
            extend(&mut self.attributes, found.attribute.as_deref());
        }
    }

    /// Adds all that another needs.
    pub(super) fn add_all(&mut self, other: &Self) {
        for (mine, theirs) in self.parts_mut().into_iter().zip(other.parts()) {
            extend(mine, theirs.iter().map(String::as_str));
        }
    }

    /// What a reader wants to see: inputs and context as rules write them, then segments, scores and traits.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> + '_ {
        let inputs = self.inputs.iter().map(|name| format!("input.{name}"));
        let context = self.context.iter().map(|name| format!("context.{name}"));
        inputs.chain(context).chain(self.segments.iter().chain(&self.scores).chain(&self.traits).cloned())
    }

    /// The names that another does not have.
    pub(super) fn names_beyond(&self, other: &Self) -> Vec<String> {
        let known: Vec<String> = other.names().collect();
        self.names().filter(|name| !known.contains(name)).collect()
    }

    fn add_score(&mut self, spec: &JourneySpec, score: &ScoreSpec) {
        for points in score.points.iter().flatten() {
            extend(&mut self.kinds, points.on.names().iter().map(String::as_str));
        }
        score.weighted.iter().flatten().for_each(|part| self.add_rule(spec, &part.value));
        if let Some(rfm) = &score.rfm {
            [&rfm.recency, &rfm.frequency, &rfm.monetary].into_iter().for_each(|band| self.add_name(spec, &band.trait_));
        }
    }

    pub(super) fn parts(&self) -> [&Vec<String>; 7] {
        [&self.traits, &self.scores, &self.segments, &self.inputs, &self.context, &self.kinds, &self.attributes]
    }

    fn parts_mut(&mut self) -> [&mut Vec<String>; 7] {
        [&mut self.traits, &mut self.scores, &mut self.segments, &mut self.inputs, &mut self.context, &mut self.kinds, &mut self.attributes]
    }
}

/// The fields of touchpoints that a trait takes its values from.
pub(super) fn trait_field(spec: &TraitSpec) -> Option<&str> {
    let fields = [
        &spec.sum,
        &spec.mean,
        &spec.min,
        &spec.max,
        &spec.first,
        &spec.last,
        &spec.distinct,
        &spec.most_frequent,
        &spec.favourite,
        &spec.strength,
    ];
    let values = ["monetary_value", "conditional_expected_spend"];
    let value = spec.lifetime.as_deref().filter(|quantity| values.contains(quantity)).map(|_| "value");
    fields.into_iter().flatten().next().map(String::as_str).or(value)
}

/// The kinds that feed a trait. One that does not name them is fed by all that carry its field.
fn trait_kinds<'a>(journey: &'a JourneySpec, spec: &'a TraitSpec) -> Vec<&'a str> {
    let lists = [&spec.count, &spec.days_since, &spec.days_since_first, &spec.tenure, &spec.typical_gap, &spec.of, &spec.until];
    let named: Vec<&str> = lists.into_iter().flatten().flat_map(OneOrMany::names).map(String::as_str).collect();
    match (trait_field(spec), named.is_empty()) {
        (Some(field), true) => {
            let everywhere = FIELDS.iter().any(|(name, _)| *name == field);
            let carries = journey.touchpoints.iter().filter(|(_, kind)| everywhere || kind.properties.contains_key(field));
            carries.map(|(name, _)| name.as_str()).collect()
        }
        _ => named,
    }
}

/// Adds the names that are not there yet.
pub(super) fn extend<'n>(names: &mut Vec<String>, more: impl IntoIterator<Item = &'n str>) {
    for name in more {
        add(names, name);
    }
}

/// Adds a name that is not there yet; says whether it was new.
fn add(names: &mut Vec<String>, name: &str) -> bool {
    let new = !names.iter().any(|other| other == name);
    if new {
        names.push(name.to_owned());
    }
    new
}
