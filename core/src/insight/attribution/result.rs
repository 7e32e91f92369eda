//! What an attribution comes to.

use serde::Serialize;

/// Who a row is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// A word of the dimension.
    Word(String),
    /// Touchpoints without a text in the dimension.
    Null,
    /// Nobody: conversions without a touchpoint.
    Unattributed,
}

impl Label {
    /// What conversions without a touchpoint are called.
    pub const UNATTRIBUTED: &'static str = "unattributed";

    pub(super) fn of(word: &Option<String>) -> Self {
        word.clone().map_or(Self::Null, Self::Word)
    }

    /// The text of it; none for touchpoints without a text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Null => None,
            Self::Unattributed => Some(Self::UNATTRIBUTED),
        }
    }
}

/// Credits by the words of a dimension, in columns of equal length.
///
/// The words are in the order of their bytes, then touchpoints without a text, then conversions without a touchpoint, if there are such. `conversions` sum to
/// the conversions of the paths and `value` to the double nearest to their value, exactly and in any order of addition: each is a whole number of the total's last
/// place.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Attribution {
    /// Who each row is of.
    pub labels: Vec<Label>,
    /// The place on the path of each row, from 1, if credits were asked for by place; none for conversions without a touchpoint.
    pub positions: Option<Vec<Option<u32>>>,
    /// Conversions credited.
    pub conversions: Vec<f64>,
    /// Value credited.
    pub value: Vec<f64>,
    /// What else is known: `removal_effect`, `removal_effect_value`, `shapley_value`, `standard_error` …, in order. NaN where there is nothing to know.
    pub measures: Vec<(String, Vec<f64>)>,
    /// What the numbers are.
    pub facts: Facts,
}

impl Attribution {
    /// A measure by its name.
    #[must_use]
    pub fn measure(&self, name: &str) -> Option<&[f64]> {
        self.measures.iter().find(|(known, _)| known == name).map(|(_, values)| values.as_slice())
    }

    /// The row of a word.
    #[must_use]
    pub fn row(&self, word: &str) -> Option<usize> {
        self.labels.iter().position(|label| matches!(label, Label::Word(known) if known == word))
    }
}

/// What the numbers of an attribution are and how they were found, as a document.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
#[non_exhaustive]
pub struct Facts {
    /// The model: `markov` …
    pub model: &'static str,
    /// The dimension.
    pub by: String,
    /// The order of a chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<usize>,
    /// Whether paths that did not convert counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nulls: Option<bool>,
    /// How many states the chain has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub states: Option<usize>,
    /// The probability that a path of the chain converts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversion_probability: Option<f64>,
    /// How a chain was solved, `lu` or `iteration`; how Shapley values were found, `exact` or `sampled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<&'static str>,
    /// Sweeps of an iteration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweeps: Option<usize>,
    /// The last relative change of an iteration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residual: Option<f64>,
    /// The game whose Shapley values these are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub game: Option<&'static str>,
    /// What all words together are worth in the rate game.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Permutations that were sampled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permutations: Option<usize>,
    /// The level of intervals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<f64>,
    /// The replicates of intervals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicates: Option<usize>,
    /// The seed of intervals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}
