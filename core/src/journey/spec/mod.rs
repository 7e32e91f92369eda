//! The unchecked document.

mod decision;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use decision::{
    ActionSpec, AfterSpec, AnswerSpec, AskSpec, BoostSpec, CapSpec, ChannelChoice, ContactPolicySpec, DefaultChoice, HoldoutSpec,
    PurposeSpec, QuietHoursSpec, UnknownTimeZone, ValidSpec, VetoSpec,
};

/// A journey file as it was read: shape and types are right, nothing else is checked. [`Journey::from_spec`](crate::Journey::from_spec) checks it.
///
/// ```
/// use wayfare::{Journey, JourneySpec};
///
/// let spec: JourneySpec = serde_json::from_str(
///     r#"{"wayfare": 1, "name": "Shop", "touchpoints": {"purchased": {}}, "traits": {"orders": {"count": "purchased", "output": true}}}"#,
/// )?;
/// let journey = Journey::from_spec(&spec)?;
/// assert_eq!(journey.name(), "Shop");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JourneySpec {
    /// The format's version: 1.
    pub wayfare: u32,
    /// The journey's name.
    pub name: String,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// IANA zone of a customer who has none; `UTC` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// How late an online record may come, and how long its id is remembered: a duration; `7d` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_lateness: Option<String>,
    /// The channels, by name.
    #[serde(default)]
    pub channels: IndexMap<String, ChannelSpec>,
    /// The kinds of touchpoint, by name.
    pub touchpoints: IndexMap<String, KindSpec>,
    /// The topics; any topic is accepted when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topics: Option<Vec<String>>,
    /// The customer attributes and their types.
    #[serde(default)]
    pub attributes: IndexMap<String, ValueType>,
    /// Fitted lifetime models that traits read, by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub lifetime: IndexMap<String, LifetimeSpec>,
    /// Typed facts computed from records, by name.
    #[serde(default)]
    pub traits: IndexMap<String, TraitSpec>,
    /// Numbers with their make-up, by name.
    #[serde(default)]
    pub scores: IndexMap<String, ScoreSpec>,
    /// Named conditions.
    #[serde(default)]
    pub segments: IndexMap<String, String>,
    /// Axes and their stages, by name.
    #[serde(default)]
    pub tracks: IndexMap<String, Vec<StageSpec>>,
    /// What a contact may be for, by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub purposes: IndexMap<String, PurposeSpec>,
    /// What the host hands in with a decision, as `input.NAME`, and its type.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub inputs: IndexMap<String, ValueType>,
    /// What the host tells of the moment beside `channel` and `topic`, as `context.NAME`, and its type.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub context: IndexMap<String, ValueType>,
    /// What bounds contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_policy: Option<ContactPolicySpec>,
    /// Groups of actions, by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub groups: IndexMap<String, ActionSpec>,
    /// What could be said, the first of equals first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionSpec>,
    /// Questions to the customer, by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub asks: IndexMap<String, AskSpec>,
    /// Customers that nothing is said to, to measure against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holdout: Option<HoldoutSpec>,
    /// Track, stage, channel: the team that answers for that cell of the experience grid.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub owners: IndexMap<String, IndexMap<String, IndexMap<String, String>>>,
}

/// A channel.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelSpec {
    /// The team that answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// When it is silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHoursSpec>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A kind of touchpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KindSpec {
    /// Its own properties and their types.
    #[serde(default)]
    pub properties: IndexMap<String, ValueType>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The type of a property or attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// A finite double.
    Number,
    /// Text.
    Text,
    /// True or false.
    Boolean,
}

/// One name or a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One name.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    pub(crate) fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
}

/// A number, or an expression that gives one.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum NumberOrExpression {
    /// A number.
    Number(f64),
    /// CEL text.
    Expression(String),
}

/// A trait: exactly one of the aggregates, and its options. The reference gives each formula.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TraitSpec {
    /// Number of touchpoints of these kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<OneOrMany>,
    /// Exact sum of a numeric field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum: Option<String>,
    /// Mean of a numeric field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<String>,
    /// Least value of a numeric field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// Greatest value of a numeric field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// First known value of a field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// Last known value of a field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// Number of different values of a field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distinct: Option<String>,
    /// Commonest value of a field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_frequent: Option<String>,
    /// Days since the last touchpoint of these kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_since: Option<OneOrMany>,
    /// Days since the first touchpoint of these kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_since_first: Option<OneOrMany>,
    /// Days since the current unbroken spell began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenure: Option<OneOrMany>,
    /// Median gap between days with such a touchpoint, shrunk to the prior.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typical_gap: Option<OneOrMany>,
    /// Value of a text field with the greatest decayed interest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub favourite: Option<String>,
    /// Decayed interest of that favourite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strength: Option<String>,
    /// Last known value of an attribute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// What the purchases come to, or what a lifetime model says of them: `frequency`, `probability_alive` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<String>,
    /// The kinds that are looked at; any when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<OneOrMany>,
    /// A condition on the touchpoint.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub where_: Option<String>,
    /// A window: a duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// The kinds that end a spell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<OneOrMany>,
    /// What a typical gap is shrunk to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior: Option<PriorSpec>,
    /// How fast interest decays: a duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half_life: Option<String>,
    /// The lifetime model of when purchases happen, one of `lifetime`; or of what they are worth, for `conditional_expected_spend`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How many days ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<f64>,
    /// The continuous discount rate per year of 365 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub yearly_discount_rate: Option<f64>,
    /// What becomes of values of zero or less: `keep`, `drop` or `net_within_day`; `keep` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returns: Option<String>,
    /// It is there to be read in the result, even if no rule uses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<bool>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A lifetime model with its parameters, as a fit found them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LifetimeSpec {
    /// `bg_nbd`, `mbg_nbd`, `pareto_nbd` or `gamma_gamma`.
    pub model: String,
    /// Days in the period that the parameters are counted in; 7 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_days: Option<f64>,
    /// The parameters, by the literature's names.
    pub params: IndexMap<String, f64>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What a typical gap is shrunk to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriorSpec {
    /// The gap to expect before anything is known, in days.
    pub days: f64,
    /// How many gaps it counts for.
    pub weight: f64,
}

/// A score: exactly one of `points`, `weighted`, `rfm`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScoreSpec {
    /// Points for touchpoints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<Vec<PointsSpec>>,
    /// Weighted expressions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted: Option<Vec<WeightedSpec>>,
    /// Recency, frequency, monetary value, from frozen cut points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rfm: Option<RfmSpec>,
    /// Upper bound of the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// Lower bound of the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Points that touchpoints add.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PointsSpec {
    /// What the element is called in the make-up; its kinds when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The kinds that add points.
    pub on: OneOrMany,
    /// A condition on the touchpoint.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub where_: Option<String>,
    /// How many points: a number, or an expression on the touchpoint.
    pub add: NumberOrExpression,
    /// How fast they decay: a duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_life: Option<String>,
    /// How long they count: a duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Upper bound of what the element contributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
}

/// One weighted expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeightedSpec {
    /// What the element is called in the make-up; its expression when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// An expression on traits.
    pub value: String,
    /// Its weight.
    pub weight: f64,
}

/// Recency, frequency and monetary value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RfmSpec {
    /// Days since: fewer is better.
    pub recency: BandSpec,
    /// How often: more is better.
    pub frequency: BandSpec,
    /// How much: more is better.
    pub monetary: BandSpec,
}

/// A trait and the cut points between its bands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BandSpec {
    /// A numeric trait.
    #[serde(rename = "trait")]
    pub trait_: String,
    /// Cut points, rising; at most 8.
    pub cuts: Vec<f64>,
}

/// One place on a track.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StageSpec {
    /// Unique within the track.
    pub name: String,
    /// The stages it may be entered from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<OneOrMany>,
    /// May be entered once this holds; left only for another stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Entered when this holds, left when it no longer does.
    #[serde(default, rename = "while", skip_serializing_if = "Option::is_none")]
    pub while_: Option<String>,
    /// Must hold as well at the instant of entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<String>,
    /// Actions of which at least one must be able to answer this stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expects: Option<OneOrMany>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}
