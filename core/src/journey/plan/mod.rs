//! The checked, compiled journey as the engine reads it.

pub(crate) mod decision;
pub(crate) mod lifetime;
pub(crate) mod rule;

use std::sync::Arc;

use jiff::tz::TimeZone;

use self::decision::DecisionPlan;
use self::lifetime::LifetimePlan;
use crate::expression::{Condition, LeafSet, Motion, Movement, Number, Turn, Type};
use crate::insight::lifetime::FittedModel;
use crate::symbol::Words;

/// Fields every touchpoint has, in slot order; properties follow.
pub(crate) const FIELDS: [(&str, Type); 9] = [
    ("kind", Type::Text),
    ("channel", Type::Text),
    ("direction", Type::Text),
    ("topic", Type::Text),
    ("action", Type::Text),
    ("outcome", Type::Text),
    ("purpose", Type::Text),
    ("owner", Type::Text),
    ("value", Type::Number),
];
pub(crate) const KIND: usize = 0;
pub(crate) const CHANNEL: usize = 1;
pub(crate) const DIRECTION: usize = 2;
pub(crate) const TOPIC: usize = 3;
pub(crate) const ACTION: usize = 4;
pub(crate) const OUTCOME: usize = 5;
pub(crate) const PURPOSE: usize = 6;
pub(crate) const OWNER: usize = 7;
/// The fields that tell of contacts and what came of them.
pub(crate) const CONTACT_FIELDS: std::ops::RangeInclusive<usize> = CHANNEL..=OWNER;
/// The two words of `direction`.
pub(crate) const DIRECTIONS: [&str; 2] = ["inbound", "outbound"];
/// The attribute that every journey has, at index 0.
pub(crate) const TIME_ZONE: &str = "time_zone";

/// Everything the engine needs. Shared, immutable.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) fingerprint: [u8; 16],
    pub(crate) zone: TimeZone,
    pub(crate) lateness: i64,
    pub(crate) words: Arc<Words>,
    /// How many of the words are of what is folded; those after them are of decisions alone and no profile depends on their numbers.
    pub(crate) fold_words: u32,
    /// Kind `k` is the symbol `k + 1`.
    pub(crate) kinds: Vec<KindPlan>,
    pub(crate) channels: Vec<String>,
    pub(crate) topics: Option<Vec<String>>,
    pub(crate) fields: Vec<FieldPlan>,
    pub(crate) attributes: Vec<(String, Type)>,
    /// Named traits, then the hidden ones that scores rest on.
    pub(crate) traits: Vec<TraitPlan>,
    pub(crate) named_traits: usize,
    pub(crate) scores: Vec<ScorePlan>,
    pub(crate) segments: Vec<SegmentPlan>,
    pub(crate) tracks: Vec<TrackPlan>,
    /// Windowed traits that a stage rule sees.
    pub(crate) watched: Vec<u32>,
    /// Whether stages of a track may lead to each other at one instant.
    pub(crate) may_bounce: bool,
    /// Whether a trait counts calendar days of the customer's own.
    pub(crate) counts_days: bool,
    /// Lifetime models by name; none where one is wrong, and then there is no journey.
    pub(crate) lifetime: Vec<(String, Option<Arc<FittedModel>>)>,
    pub(crate) decision: DecisionPlan,
}

#[derive(Debug)]
pub(crate) struct KindPlan {
    pub(crate) name: String,
    /// Which of `Plan::fields` it may carry.
    pub(crate) carries: Vec<bool>,
    /// Which of them anything that it feeds reads.
    pub(crate) needs: Vec<bool>,
    pub(crate) updates: Vec<Update>,
}

/// A field of a touchpoint, one slot each.
#[derive(Debug)]
pub(crate) struct FieldPlan {
    pub(crate) name: String,
    pub(crate) kind: Type,
    /// Whether anything reads it; slots of other fields stay unknown.
    pub(crate) used: bool,
}

/// One trait that a touchpoint of some kind feeds.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) target: u32,
    pub(crate) filter: Option<Arc<Condition>>,
    pub(crate) source: Source,
}

/// What a touchpoint brings to a trait.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// Itself.
    Touch,
    /// The end of a spell.
    End,
    /// A field, if it is known.
    Slot(usize),
    /// A number, if it is known.
    Number(Number),
}

#[derive(Debug)]
pub(crate) struct TraitPlan {
    pub(crate) name: String,
    pub(crate) operation: Operation,
    pub(crate) kind: Type,
    /// The type of what its state holds.
    pub(crate) holds: Type,
    pub(crate) domain: Option<(Vec<String>, &'static str)>,
    /// What is read of its purchases, if it folds any.
    pub(crate) lifetime: Option<Box<LifetimePlan>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Operation {
    Count {
        within: Option<i64>,
    },
    Sum {
        within: Option<i64>,
    },
    Mean {
        within: Option<i64>,
    },
    Least {
        within: Option<i64>,
    },
    Greatest {
        within: Option<i64>,
    },
    First {
        within: Option<i64>,
    },
    Last {
        within: Option<i64>,
    },
    Distinct {
        within: Option<i64>,
    },
    MostFrequent {
        within: Option<i64>,
    },
    DaysSince,
    DaysSinceFirst,
    Tenure,
    TypicalGap {
        prior_days: f64,
        weight: f64,
    },
    Favourite {
        half_life: i64,
    },
    Strength {
        half_life: i64,
    },
    Decayed {
        half_life: i64,
    },
    /// Of purchases; `still` if it changes only with one.
    Lifetime {
        still: bool,
        integer: bool,
    },
    Attribute(usize),
}

impl Operation {
    pub(crate) fn within(self) -> Option<i64> {
        match self {
            Self::Count { within }
            | Self::Sum { within }
            | Self::Mean { within }
            | Self::Least { within }
            | Self::Greatest { within }
            | Self::First { within }
            | Self::Last { within }
            | Self::Distinct { within }
            | Self::MostFrequent { within } => within,
            _ => None,
        }
    }

    pub(crate) fn is_integer(self) -> bool {
        matches!(self, Self::Count { .. } | Self::Distinct { .. } | Self::Lifetime { integer: true, .. })
    }

    pub(crate) fn movement(self) -> Movement {
        let still = |never_negative| Movement { motion: Motion::Still, never_negative, clock: false };
        match self {
            Self::DaysSince | Self::DaysSinceFirst | Self::Tenure => Movement { motion: Motion::Rising, never_negative: true, clock: true },
            Self::Strength { .. } | Self::Decayed { .. } | Self::Lifetime { still: false, .. } => {
                Movement { motion: Motion::Irregular, never_negative: true, clock: false }
            }
            Self::Count { .. } | Self::Distinct { .. } | Self::TypicalGap { .. } => still(true),
            _ => still(false),
        }
    }
}

#[derive(Debug)]
pub(crate) struct ScorePlan {
    pub(crate) name: String,
    pub(crate) make_up: MakeUp,
    pub(crate) at_least: f64,
    pub(crate) at_most: f64,
    pub(crate) movement: Movement,
    pub(crate) leaves: LeafSet,
}

#[derive(Debug)]
pub(crate) enum MakeUp {
    Points(Vec<PointsPlan>),
    Weighted(Vec<WeightedPlan>),
    Rfm(Box<[BandPlan; 3]>),
}

#[derive(Debug)]
pub(crate) struct PointsPlan {
    pub(crate) label: String,
    pub(crate) leaf: u32,
    pub(crate) at_most: f64,
}

#[derive(Debug)]
pub(crate) struct WeightedPlan {
    pub(crate) label: String,
    pub(crate) value: Number,
    pub(crate) weight: f64,
}

#[derive(Debug)]
pub(crate) struct BandPlan {
    pub(crate) label: &'static str,
    pub(crate) leaf: u32,
    pub(crate) cuts: Vec<f64>,
    pub(crate) unit: f64,
    pub(crate) fewer_is_better: bool,
}

#[derive(Debug)]
pub(crate) struct SegmentPlan {
    pub(crate) name: String,
    pub(crate) condition: Condition,
    /// What evaluating it costs, in nodes.
    pub(crate) cost: usize,
}

#[derive(Debug)]
pub(crate) struct TrackPlan {
    pub(crate) name: String,
    pub(crate) stages: Vec<StagePlan>,
    /// Per current stage, the comparisons that may turn with time and matter there.
    pub(crate) turns: Vec<Vec<Turn>>,
    /// Those of all stages.
    pub(crate) all_turns: Vec<Turn>,
}

#[derive(Debug)]
pub(crate) struct StagePlan {
    pub(crate) name: String,
    pub(crate) condition: Option<Condition>,
    pub(crate) stays_while: bool,
    pub(crate) guard: Option<Condition>,
    pub(crate) from: Vec<bool>,
    /// The rule's text, for explanations.
    pub(crate) rule: String,
    /// The traits, scores and segments that the rule names.
    pub(crate) operands: LeafSet,
    /// The traits that the rule rests on, and those that its condition alone does.
    pub(crate) reads: Vec<bool>,
    pub(crate) condition_reads: Vec<bool>,
}

impl Plan {
    pub(crate) fn score_leaf(&self, score: usize) -> u32 {
        (self.traits.len() + score) as u32
    }

    pub(crate) fn segment_leaf(&self, segment: usize) -> u32 {
        (self.traits.len() + self.scores.len() + segment) as u32
    }

    /// The leaf of something that the host hands in: inputs, then context.
    pub(crate) fn given_leaf(&self, given: usize) -> u32 {
        (self.traits.len() + self.scores.len() + self.segments.len() + given) as u32
    }

    /// What the host hands in, by its leaf: what rules call it, and its type.
    pub(crate) fn given(&self, leaf: u32) -> Option<(&str, Type)> {
        let at = (leaf as usize).checked_sub(self.given_leaf(0) as usize)?;
        let (_, kind) = self.decision.inputs.iter().chain(&self.decision.context).nth(at)?;
        Some((self.decision.given_names.get(at)?, *kind))
    }

    /// What a leaf is.
    pub(crate) fn leaf(&self, leaf: u32) -> LeafKind<'_> {
        let leaf = leaf as usize;
        let after_traits = leaf.wrapping_sub(self.traits.len());
        match (self.traits.get(leaf), self.scores.get(after_traits)) {
            (Some(plan), _) => LeafKind::Trait(plan),
            (None, Some(score)) => LeafKind::Score(score),
            (None, None) => match self.segments.get(after_traits.wrapping_sub(self.scores.len())) {
                Some(segment) => LeafKind::Segment(segment),
                None => LeafKind::Nothing,
            },
        }
    }

    /// The kind of a touchpoint, of which these are the slots.
    #[inline]
    pub(crate) fn kind_of(&self, slots: &[u64]) -> Option<&KindPlan> {
        self.kinds.get((slots.get(KIND).copied()? as usize).checked_sub(1)?)
    }
}

/// What a leaf of a customer's expression stands for.
pub(crate) enum LeafKind<'a> {
    Trait(&'a TraitPlan),
    Score(&'a ScorePlan),
    Segment(&'a SegmentPlan),
    Nothing,
}
