//! The steps of a funnel as they are written, and which words serve them.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::chain::ChainRules;
use crate::error::{Error, ErrorKind, Result};
use crate::time::Duration;

/// Bits of an event. INVARIANT: steps and what breaks chains together are no more.
const MOST: usize = 32;

/// One word or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// This one.
    One(String),
    /// Any of these.
    Any(Vec<String>),
}

impl Words {
    fn all(&self) -> &[String] {
        match self {
            Self::One(word) => std::slice::from_ref(word),
            Self::Any(words) => words,
        }
    }
}

/// What serves a step of a funnel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Step {
    /// A touchpoint with one of these words.
    Words(Words),
    /// A touchpoint with one of these words in each of these dimensions: `{ kind: viewed, channel: [email, app] }`.
    All(IndexMap<String, Words>),
}

impl From<&str> for Step {
    fn from(word: &str) -> Self {
        Self::Words(Words::One(word.to_owned()))
    }
}

impl Step {
    /// `viewed or searched`, `viewed with channel email or app`.
    fn name(&self, by: &str) -> String {
        let either = |words: &Words| words.all().join(" or ");
        match self {
            Self::Words(words) => either(words),
            Self::All(conditions) => {
                let own = conditions.get(by).map(either);
                let others = conditions.iter().filter(|(dimension, _)| *dimension != by);
                let others = others.map(|(dimension, words)| format!("{dimension} {}", either(words))).collect::<Vec<_>>().join(", ");
                match (own, others.is_empty()) {
                    (Some(own), true) => own,
                    (Some(own), false) => format!("{own} with {others}"),
                    (None, _) => others,
                }
            }
        }
    }

    fn conditions<'s>(&'s self, by: &'s str) -> Vec<(&'s str, &'s [String])> {
        match self {
            Self::Words(words) => vec![(by, words.all())],
            Self::All(conditions) => conditions.iter().map(|(dimension, words)| (dimension.as_str(), words.all())).collect(),
        }
    }
}

/// A funnel as a document: what is not there is at its default.
///
/// ```
/// use wayfare::paths::FunnelRequest;
///
/// let funnel = FunnelRequest::new(["viewed", "added", "purchased"]).within("30m".parse()?);
/// assert_eq!(funnel.by, "kind");
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FunnelRequest {
    /// The steps, in order; 31 at most.
    pub steps: Vec<Step>,
    /// The most that may lie between the first step and any other, the boundary included: `30m`. Any time when it is not there.
    pub within: Option<String>,
    /// The dimension whose words steps are.
    pub by: String,
    /// Touchpoints that end a chain.
    pub exclude: Vec<Step>,
    /// Whether any touchpoint that is not the next step ends a chain.
    pub strict_order: bool,
    /// Whether a touchpoint that serves a step once more ends a chain.
    pub strict_deduplication: bool,
    /// Whether each step must be later than the one before, not at its instant.
    pub strict_increase: bool,
    /// `any`: touchpoints of one instant count in whichever order the steps are; `in_order`: by their ids.
    pub same_instant: String,
    /// `customer` or `path`: whose touchpoints make a chain.
    pub per: String,
}

impl Default for FunnelRequest {
    fn default() -> Self {
        Self {
            steps: Vec::new(),
            within: None,
            by: "kind".to_owned(),
            exclude: Vec::new(),
            strict_order: false,
            strict_deduplication: false,
            strict_increase: false,
            same_instant: "any".to_owned(),
            per: "customer".to_owned(),
        }
    }
}

impl FunnelRequest {
    /// A funnel of these steps, every choice at its default.
    #[must_use]
    pub fn new<S: Into<Step>>(steps: impl IntoIterator<Item = S>) -> Self {
        Self { steps: steps.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// With the most that may lie between the first step and any other.
    #[must_use]
    pub fn within(mut self, within: Duration) -> Self {
        self.within = Some(within.to_string());
        self
    }

    /// With another dimension whose words steps are.
    #[must_use]
    pub fn by(mut self, dimension: &str) -> Self {
        self.by = dimension.to_owned();
        self
    }

    /// The names of the steps.
    pub(crate) fn names(&self) -> Vec<String> {
        self.steps.iter().map(|step| step.name(&self.by)).collect()
    }

    /// Whether chains are of paths, not of customers.
    pub(crate) fn is_per_path(&self) -> Result<bool> {
        one_of("per", &self.per, [("customer", false), ("path", true)])
    }

    pub(crate) fn window(&self) -> Result<Option<Duration>> {
        self.within.as_deref().map(str::parse).transpose()
    }

    /// The rules of its chains, once it is known to be sound.
    pub(crate) fn rules(&self) -> Result<ChainRules> {
        if self.steps.is_empty() {
            return Err(
                invalid("a funnel without steps".to_owned()).with_help("give one step at least, in order: `[\"viewed\", \"purchased\"]`")
            );
        }
        if self.steps.len() + self.exclude.len() > MOST || self.steps.len() == MOST {
            return Err(invalid(format!("a funnel of {} steps, and {} that end a chain", self.steps.len(), self.exclude.len()))
                .with_help("31 steps, and 32 of both together, are the most"));
        }
        for (what, steps) in [("step", &self.steps), ("exclusion", &self.exclude)] {
            for (number, step) in (1..).zip(steps) {
                let conditions = step.conditions(&self.by);
                if conditions.is_empty() || conditions.iter().any(|(_, words)| words.is_empty()) {
                    return Err(invalid(format!("{what} {number} of the funnel names no word")));
                }
            }
        }
        if self.strict_deduplication && self.overlaps() {
            return Err(invalid("`strict_deduplication` with steps that one touchpoint can serve both".to_owned())
                .with_help("leave it out, or give steps that have no word in common"));
        }
        Ok(ChainRules {
            steps: self.steps.len(),
            within: self.window()?.map(Duration::as_micros),
            strict_order: self.strict_order,
            strict_deduplication: self.strict_deduplication,
            strict_increase: self.strict_increase,
            in_order: one_of("same_instant", &self.same_instant, [("any", false), ("in_order", true)])?,
        })
    }

    /// Whether there are two steps with no dimension in which they have no word in common.
    pub(crate) fn overlaps(&self) -> bool {
        let conditions: Vec<_> = self.steps.iter().map(|step| step.conditions(&self.by)).collect();
        let apart = |a: &[(&str, &[String])], b: &[(&str, &[String])]| {
            a.iter().any(|(dimension, words)| {
                b.iter().any(|(other, others)| dimension == other && !words.iter().any(|word| others.contains(word)))
            })
        };
        conditions.iter().enumerate().any(|(at, a)| conditions.iter().skip(at + 1).any(|b| !apart(a, b)))
    }

    /// The names of the dimensions that it looks at.
    #[must_use]
    pub fn dimensions(&self) -> Vec<&str> {
        self.looks().iter().map(|look| look.dimension).collect()
    }

    /// The dimensions that it looks at, each with the steps that its words serve.
    pub(crate) fn looks(&self) -> Vec<Look<'_>> {
        let mut looks: IndexMap<&str, Look<'_>> = IndexMap::new();
        let all = self.steps.iter().chain(&self.exclude).map(|step| step.conditions(&self.by));
        let conditions: Vec<_> = all.collect();
        let every = u32::MAX >> (MOST - conditions.len().clamp(1, MOST));
        for (bit, (dimension, words)) in (0..).zip(&conditions).flat_map(|(bit, step)| step.iter().map(move |condition| (bit, condition))) {
            let look = looks.entry(dimension).or_insert_with(|| Look { dimension, words: IndexMap::new(), others: every });
            look.others &= !(1 << bit);
            words.iter().for_each(|word| *look.words.entry(word.as_str()).or_default() |= 1_u32 << bit);
        }
        looks.into_values().collect()
    }
}

/// Which steps the words of a dimension serve.
#[derive(Debug)]
pub(crate) struct Look<'r> {
    pub(crate) dimension: &'r str,
    pub(crate) words: IndexMap<&'r str, u32>,
    /// Those that every word serves.
    pub(crate) others: u32,
}

impl Look<'_> {
    pub(crate) fn serves(&self, word: Option<&str>) -> u32 {
        self.others | word.and_then(|word| self.words.get(word)).copied().unwrap_or_default()
    }
}

fn one_of<T: Copy, const N: usize>(name: &str, said: &str, choices: [(&str, T); N]) -> Result<T> {
    choices.iter().find(|(choice, _)| *choice == said).map(|(_, meant)| *meant).ok_or_else(|| {
        let words = choices.map(|(choice, _)| format!("`{choice}`")).join(" or ");
        invalid(format!("`{said}` is no `{name}`")).with_help(format!("give {words}"))
    })
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(document: serde_json::Value) -> FunnelRequest {
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn a_funnel_that_says_nothing_is_refused() {
        let said = |document| read(document).rules().unwrap_err().to_string();
        assert!(said(serde_json::json!({})).contains("a funnel without steps"));
        assert!(said(serde_json::json!({ "steps": ["a", []] })).contains("step 2 of the funnel names no word"));
        assert!(said(serde_json::json!({ "steps": ["a"], "exclude": [{}] })).contains("exclusion 1 of the funnel names no word"));
        assert!(
            read(serde_json::json!({ "steps": ["a"], "per": "visit" }))
                .is_per_path()
                .unwrap_err()
                .to_string()
                .contains("`visit` is no `per`")
        );
        assert!(said(serde_json::json!({ "steps": ["a"], "same_instant": "all" })).contains("`all` is no `same_instant`"));
        assert!(said(serde_json::json!({ "steps": ["a"], "within": "soon" })).contains("`soon` is not a duration"));
        assert!(said(serde_json::json!({ "steps": vec!["a"; 32] })).contains("a funnel of 32 steps"));
        assert!(said(serde_json::json!({ "steps": ["a", "a"], "strict_deduplication": true })).contains("can serve both"));
    }

    #[test]
    fn words_serve_the_steps_that_name_them() {
        let request = read(serde_json::json!({ "steps": ["a", ["b", "c"], { "kind": "b", "channel": ["web"] }], "exclude": ["x"] }));
        let [kind, channel] = request.looks().try_into().unwrap();
        assert_eq!((kind.dimension, channel.dimension), ("kind", "channel"));
        assert_eq!(
            [Some("a"), Some("b"), Some("c"), Some("x"), Some("y"), None].map(|word| kind.serves(word)),
            [1, 0b110, 0b10, 0b1000, 0, 0]
        );
        assert_eq!([Some("web"), Some("app"), None].map(|word| channel.serves(word)), [0b1111, 0b1011, 0b1011]);
        assert_eq!(request.names(), ["a", "b or c", "b with channel web"]);
        assert!(request.overlaps());
        let apart = read(serde_json::json!({ "steps": [{ "kind": "b", "channel": "app" }, { "kind": "b", "channel": "web" }] }));
        assert!(!apart.overlaps());
    }
}
