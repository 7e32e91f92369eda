//! The sections that decisions read: purposes, policy, actions, asks, holdout, owners.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{NumberOrExpression, OneOrMany};

/// What a contact is for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PurposeSpec {
    /// A legal or service message: it needs no opt-in.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// What holds until the customer says a word: `opted_out` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<DefaultChoice>,
    /// A Global Privacy Control signal opts out of it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub global_privacy_control: bool,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What holds for a purpose until the customer says a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DefaultChoice {
    /// They want it.
    OptedIn,
    /// They do not want it.
    OptedOut,
}

/// The hours in which a channel is silent, in the customer's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHoursSpec {
    /// The first quiet minute, `HH:MM`.
    pub from: String,
    /// The first minute that is not quiet any more, `HH:MM`; earlier than `from`, it is the next day's.
    pub to: String,
}

/// What is done where the zone of a customer matters and is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownTimeZone {
    /// Nothing is sent.
    Hold,
    /// The journey's zone is taken.
    #[default]
    Journey,
    /// It is sent at any hour; calendar caps take the journey's zone.
    Send,
}

/// What bounds contact.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ContactPolicySpec {
    /// What is done where the customer's zone matters and is not known: `journey` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_time_zone: Option<UnknownTimeZone>,
    /// The least time between two outbound contacts: a duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_gap: Option<String>,
    /// The kind that `decision.touchpoint()` writes, where the action does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The outcomes that count as an answer, for `channel: preferred`: `accepted` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered: Option<OneOrMany>,
    /// How often there may be contact.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caps: Vec<CapSpec>,
    /// What forbids contact.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vetoes: Vec<VetoSpec>,
}

/// How often there may be contact. Where a selector is absent, any contact counts and is bound.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapSpec {
    /// What the cap is called in explanations and in an action's `obeys` and `counts_toward`; `2 per 7d` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The most contacts.
    pub at_most: u32,
    /// In what time: a duration, `calendar_day`, `calendar_week` (from Monday) or `calendar_month`.
    pub per: String,
    /// The zone of the calendar: `customer` (when absent) or an IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Contacts on these channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<OneOrMany>,
    /// Contacts for these purposes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<OneOrMany>,
    /// Contacts about these topics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<OneOrMany>,
    /// Contacts with these actions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<OneOrMany>,
    /// Contacts with the actions of these groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<OneOrMany>,
    /// Contacts of these owners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<OneOrMany>,
}

/// What forbids contact while a condition holds, or is unknown.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VetoSpec {
    /// What it is called in explanations; its condition when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The condition. Unknown forbids as well.
    pub when: String,
    /// The purposes it stops; all but the required ones when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purposes: Option<OneOrMany>,
    /// The channels it stops; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<OneOrMany>,
    /// The actions it stops; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<OneOrMany>,
    /// The groups whose actions it stops; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<OneOrMany>,
}

/// A wait after an outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AfterSpec {
    /// The outcome, or any of several.
    pub outcome: OneOrMany,
    /// How often; once when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Within what time they came: a duration; needed if `times` is more than 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// How long to wait after the last of them: a duration.
    pub wait: String,
}

/// When an action exists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ValidSpec {
    /// The first instant, RFC 3339 with an offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The first instant at which it is over, RFC 3339 with an offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// What raises or lowers a priority while a condition holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BoostSpec {
    /// What it is called in explanations; its condition when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The condition; unknown does not boost.
    pub when: String,
    /// What is added: 0.5 makes the priority half as much again.
    pub add: f64,
}

/// A group of customers that is left alone, to measure against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldoutSpec {
    /// The share that is held out, 0 to 1.
    pub share: f64,
    /// What makes this holdout independent of others.
    pub salt: String,
    /// How ids become buckets: `sha256` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<crate::decision::HoldoutAlgorithm>,
}

/// An action, or a group whose gates its actions inherit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ActionSpec {
    /// Unique among the actions. A group has its key instead.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The group whose gates it inherits. Only of an action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The question that it asks. Only of an action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// What it is about: a text trait that supplies the topic, or a topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The team that answers for it; that of the grid's cell or of the channel when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The channels it may go by, the better ones first; all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<OneOrMany>,
    /// `preferred`: of the channels, first the one that the customer answered most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelChoice>,
    /// Per track, the stages in which it may be said.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub stages: IndexMap<String, OneOrMany>,
    /// The condition under which it may be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// When it exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid: Option<ValidSpec>,
    /// How often at most it is said to one customer, ever; of a group, all its actions together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// A wait after an outcome; of a group, of any of its actions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<AfterSpec>,
    /// The caps that bind it, by name; all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obeys: Option<OneOrMany>,
    /// The caps that it counts toward, by name; all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts_toward: Option<OneOrMany>,
    /// What it is worth if it works: 1 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<NumberOrExpression>,
    /// How probably it works: 1 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propensity: Option<NumberOrExpression>,
    /// What the business adds to that: 1 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<NumberOrExpression>,
    /// What raises or lowers the priority.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub boosts: Vec<BoostSpec>,
    /// Customers that it is not said to, to measure against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holdout: Option<HoldoutSpec>,
    /// The kind of touchpoint that it is recorded as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Who chooses among an action's channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelChoice {
    /// The customer: the channel they answered most comes first.
    Preferred,
}

/// A question to the customer. It has `answers`, or an `attribute` that takes the answer as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AskSpec {
    /// The question.
    pub question: String,
    /// The attribute that the answer becomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// The answers to choose from, and the preferences that each expresses.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub answers: IndexMap<String, Vec<AnswerSpec>>,
}

/// A preference that an answer expresses; "any" where a field is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerSpec {
    /// On this channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// About this topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// For this purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// What the customer says.
    pub choice: crate::record::Choice,
}
