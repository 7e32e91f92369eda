//! What decisions read of a journey.

use jiff::tz::TimeZone;

use super::rule::{Conditions, RulePlan};
use crate::decision::HoldoutAlgorithm;
use crate::expression::{Number, Type};
use crate::profile::slot;
use crate::record::Choice;
use crate::symbol::Symbol;

/// Everything about preferences, policy and actions. Names are symbols, so that tags of contacts compare as numbers.
#[derive(Debug, Default)]
pub(crate) struct DecisionPlan {
    /// What the host hands in: the leaves after the segments, `channel` and `topic` of the context right after the inputs.
    pub(crate) inputs: Vec<(String, Type)>,
    pub(crate) context: Vec<(String, Type)>,
    /// What rules call both: `input.p_click`, `context.channel`.
    pub(crate) given_names: Vec<String>,
    pub(crate) purposes: Vec<PurposePlan>,
    pub(crate) channels: Vec<ChannelPlan>,
    pub(crate) conditions: Conditions,
    pub(crate) caps: Vec<CapPlan>,
    pub(crate) vetoes: Vec<VetoPlan>,
    pub(crate) groups: Vec<GroupPlan>,
    pub(crate) actions: Vec<ActionPlan>,
    pub(crate) asks: Vec<AskPlan>,
    pub(crate) holdouts: Vec<HoldoutPlan>,
    /// The journey's own, among `holdouts`.
    pub(crate) holdout: Option<usize>,
    pub(crate) unknown_zone: UnknownZone,
    /// Outcomes that count as an answer.
    pub(crate) answered: Vec<Symbol>,
    /// Track, stage, channel, owner.
    pub(crate) owners: Vec<(usize, usize, usize, Symbol)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum UnknownZone {
    Hold,
    #[default]
    Journey,
    Send,
}

#[derive(Debug)]
pub(crate) struct PurposePlan {
    pub(crate) name: String,
    pub(crate) symbol: Symbol,
    pub(crate) required: bool,
    pub(crate) default_in: bool,
    pub(crate) privacy_control: bool,
}

#[derive(Debug)]
pub(crate) struct ChannelPlan {
    pub(crate) name: String,
    pub(crate) symbol: Symbol,
    pub(crate) owner: Symbol,
    /// Microseconds of the day: the first that is quiet, and the first that is not any more.
    pub(crate) quiet: Option<(i64, i64)>,
}

/// Which contacts are meant: those whose every tag is among the given ones; none given means any.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selector {
    pub(crate) channels: Option<Vec<Symbol>>,
    pub(crate) purposes: Option<Vec<Symbol>>,
    pub(crate) topics: Option<Vec<Symbol>>,
    pub(crate) actions: Option<Vec<Symbol>>,
    pub(crate) owners: Option<Vec<Symbol>>,
}

#[derive(Debug)]
pub(crate) struct CapPlan {
    pub(crate) name: String,
    pub(crate) at_most: usize,
    pub(crate) per: Per,
    /// The calendar's zone; the customer's if there is none.
    pub(crate) zone: Option<TimeZone>,
    pub(crate) covers: Selector,
    /// Actions whose contacts do not count.
    pub(crate) uncounted: Vec<Symbol>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Per {
    Rolling(i64),
    Day,
    Week,
    Month,
}

#[derive(Debug)]
pub(crate) struct VetoPlan {
    pub(crate) name: String,
    pub(crate) rule: RulePlan,
    pub(crate) covers: Selector,
}

/// A wait after outcomes of some actions.
#[derive(Debug, Clone)]
pub(crate) struct AfterPlan {
    pub(crate) actions: Vec<Symbol>,
    pub(crate) outcomes: Vec<Symbol>,
    pub(crate) times: usize,
    pub(crate) within: i64,
    pub(crate) wait: i64,
}

#[derive(Debug)]
pub(crate) struct GroupPlan {
    pub(crate) name: String,
    pub(crate) members: Vec<Symbol>,
    pub(crate) limit: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum TopicPlan {
    None,
    Fixed(Symbol),
    /// A text trait supplies it.
    Trait(u32),
}

#[derive(Debug, Clone)]
pub(crate) struct BoostPlan {
    pub(crate) name: String,
    pub(crate) rule: RulePlan,
    pub(crate) add: f64,
}

#[derive(Debug)]
pub(crate) struct ActionPlan {
    pub(crate) name: String,
    pub(crate) symbol: Symbol,
    pub(crate) group: Option<usize>,
    pub(crate) ask: Option<usize>,
    pub(crate) purpose: usize,
    pub(crate) topic: TopicPlan,
    pub(crate) owner: Symbol,
    pub(crate) channels: Vec<usize>,
    pub(crate) preferred: bool,
    /// Tracks, and per track the stages as bits. All must fit.
    pub(crate) stages: Vec<(usize, u64)>,
    pub(crate) rule: RulePlan,
    pub(crate) valid: (i64, i64),
    pub(crate) limit: Option<u32>,
    pub(crate) afters: Vec<AfterPlan>,
    /// The caps that may bind it and the vetoes that may stop it, whatever the channel, topic and owner turn out to be.
    pub(crate) caps: Vec<usize>,
    pub(crate) vetoes: Vec<usize>,
    pub(crate) propensity: Number,
    pub(crate) value: Number,
    pub(crate) weight: Number,
    pub(crate) boosts: Vec<BoostPlan>,
    pub(crate) holdout: Option<usize>,
    pub(crate) kind: Option<String>,
}

#[derive(Debug)]
pub(crate) struct AskPlan {
    pub(crate) name: String,
    pub(crate) question: String,
    pub(crate) attribute: Option<usize>,
    pub(crate) answers: Vec<AnswerPlan>,
}

#[derive(Debug)]
pub(crate) struct AnswerPlan {
    pub(crate) name: String,
    pub(crate) words: Vec<WordPlan>,
}

/// What an answer says about contact: any where there is no symbol.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WordPlan {
    pub(crate) channel: Symbol,
    pub(crate) topic: Symbol,
    pub(crate) purpose: Symbol,
    pub(crate) choice: Choice,
}

#[derive(Debug)]
pub(crate) struct HoldoutPlan {
    pub(crate) share: f64,
    pub(crate) salt: String,
    pub(crate) algorithm: HoldoutAlgorithm,
}

impl DecisionPlan {
    /// Whether contacts are kept: a journey that never decides has no use for them.
    pub(crate) fn keeps_contacts(&self) -> bool {
        !self.purposes.is_empty()
    }

    /// Every rule: of actions, their boosts, and vetoes.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &RulePlan> {
        let boosts = self.actions.iter().flat_map(|action| &action.boosts).map(|boost| &boost.rule);
        self.actions.iter().map(|action| &action.rule).chain(boosts).chain(self.vetoes.iter().map(|veto| &veto.rule))
    }

    /// The slots of inputs and context of which nothing is handed in.
    pub(crate) fn nothing_given(&self) -> Vec<u64> {
        self.inputs.iter().chain(&self.context).map(|(_, kind)| slot::unknown(*kind)).collect()
    }

    pub(crate) fn action_of(&self, symbol: Symbol) -> Option<&ActionPlan> {
        self.actions.iter().find(|action| action.symbol == symbol)
    }

    pub(crate) fn purpose_of(&self, action: &ActionPlan) -> Option<&PurposePlan> {
        self.purposes.get(action.purpose)
    }
}

/// The tags of a contact, or of one that is thought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tags {
    pub(crate) channel: Symbol,
    pub(crate) topic: Symbol,
    pub(crate) action: Symbol,
    pub(crate) purpose: Symbol,
    pub(crate) owner: Symbol,
}

/// Whether a tag is among the given ones, or none are given.
#[inline]
fn among(symbols: &Option<Vec<Symbol>>, tag: Symbol) -> bool {
    symbols.as_ref().is_none_or(|symbols| symbols.contains(&tag))
}

impl Selector {
    /// Whether it may cover an action, whatever the channel, topic and owner turn out to be.
    pub(crate) fn may_cover(&self, purpose: Symbol, action: Symbol) -> bool {
        among(&self.purposes, purpose) && among(&self.actions, action)
    }

    #[inline]
    pub(crate) fn covers(&self, tags: &Tags) -> bool {
        among(&self.channels, tags.channel)
            && among(&self.purposes, tags.purpose)
            && among(&self.topics, tags.topic)
            && among(&self.actions, tags.action)
            && among(&self.owners, tags.owner)
    }
}
