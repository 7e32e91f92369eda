//! The journey file: read, checked, compiled.
//!
//! `document` reads text into a tree with places, `read` turns that into the serde types of `spec`, `check` turns those into a `Plan`, reporting
//! every problem.

mod check;
mod document;
mod overlap;
pub(crate) mod plan;
mod read;
mod schema;
mod spec;
mod template;

use std::fmt;
use std::sync::Arc;

pub(crate) use overlap::may_hold_together;
pub use schema::journey_schema;
pub use spec::{
    ActionSpec, AfterSpec, AnswerSpec, AskSpec, BandSpec, BoostSpec, CapSpec, ChannelChoice, ChannelSpec, ContactPolicySpec, DefaultChoice,
    HoldoutSpec, JourneySpec, KindSpec, LifetimeSpec, NumberOrExpression, OneOrMany, PointsSpec, PriorSpec, PurposeSpec, QuietHoursSpec,
    RfmSpec, ScoreSpec, StageSpec, TraitSpec, UnknownTimeZone, ValidSpec, ValueType, VetoSpec, WeightedSpec,
};
pub use template::{template_names, template_text};

use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::error::{Error, Result};
use document::{Node, Step};
use plan::Plan;

/// A checked, compiled journey file. Cheap to clone, immutable, safe to share between threads.
///
/// ```
/// use wayfare::Journey;
///
/// let journey = Journey::from_yaml(
///     "wayfare: 1
/// name: Shop
/// touchpoints: { purchased: {} }
/// traits:
///   orders: { count: purchased }
/// tracks:
///   relationship:
///     - { name: prospect }
///     - { name: customer, when: orders >= 1 }
/// ",
/// )?;
/// assert_eq!(journey.tracks().collect::<Vec<_>>(), ["relationship"]);
/// assert_eq!(journey.stages("relationship").unwrap(), ["prospect", "customer"]);
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Clone)]
pub struct Journey {
    pub(crate) plan: Arc<Plan>,
    spec: Arc<JourneySpec>,
    warnings: Arc<[Diagnostic]>,
}

impl Journey {
    /// Reads, checks and compiles a journey written in YAML.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidJourney`](crate::ErrorKind::InvalidJourney) with all problems in [`Error::diagnostics`].
    pub fn from_yaml(text: &str) -> Result<Self> {
        Self::from_tree(document::from_yaml(text), Some(text))
    }

    /// Reads, checks and compiles a journey written in JSON.
    ///
    /// # Errors
    /// As [`from_yaml`](Self::from_yaml).
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_tree(document::from_json(text), Some(text))
    }

    /// Reads, checks and compiles a journey that is already in memory as a value. Its diagnostics have paths, no spans.
    ///
    /// # Errors
    /// As [`from_yaml`](Self::from_yaml).
    pub fn from_value(value: &serde_json::Value) -> Result<Self> {
        Self::from_tree(document::from_value(value), None)
    }

    /// Checks and compiles a document that was built in Rust.
    ///
    /// # Errors
    /// As [`from_yaml`](Self::from_yaml).
    pub fn from_spec(spec: &JourneySpec) -> Result<Self> {
        Self::checked(spec.clone(), check::Document::default())
    }

    /// One of the journeys that come with wayfare: `retail`, `subscription`, `insurance`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`](crate::ErrorKind::InvalidArgument) if there is no such template.
    pub fn template(name: &str) -> Result<Self> {
        Self::from_yaml(template_text(name)?)
    }

    fn from_tree(tree: std::result::Result<Node, Box<Diagnostic>>, text: Option<&str>) -> Result<Self> {
        let document = Document::new(tree, text).map_err(|diagnostic| Error::journey(vec![*diagnostic]))?;
        let tree = &document.tree;
        let long = document::too_long(tree);
        if !long.is_empty() {
            return Err(Error::journey(long.iter().map(|path| too_many_entries(tree, text, path)).collect()));
        }
        let read = read::read::<JourneySpec>(tree);
        let faults = document.faults(read.faults);
        match read.spec {
            Some(spec) => Self::checked(spec, check::Document { tree: Some(tree), text, faults, mended: read.mended }),
            None => Err(Error::journey(faults)),
        }
    }

    fn checked(spec: JourneySpec, document: check::Document<'_>) -> Result<Self> {
        let (plan, diagnostics) = check::check(&spec, document);
        match plan {
            Some(plan) => Ok(Self { plan: Arc::new(plan), spec: Arc::new(spec), warnings: diagnostics.into() }),
            None => Err(Error::journey(diagnostics)),
        }
    }

    /// The journey's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.plan.name
    }

    /// What the check warned of: the journey runs, but perhaps not as meant.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The document that it was compiled from.
    #[must_use]
    pub fn spec(&self) -> &JourneySpec {
        &self.spec
    }

    /// The tracks, in file order.
    pub fn tracks(&self) -> impl ExactSizeIterator<Item = &str> {
        self.plan.tracks.iter().map(|track| track.name.as_str())
    }

    /// The stages of a track, in file order.
    #[must_use]
    pub fn stages(&self, track: &str) -> Option<Vec<&str>> {
        let track = self.plan.tracks.iter().find(|plan| plan.name == track)?;
        Some(track.stages.iter().map(|stage| stage.name.as_str()).collect())
    }

    /// The traits, in file order.
    pub fn traits(&self) -> impl ExactSizeIterator<Item = &str> {
        self.plan.traits.iter().take(self.plan.named_traits).map(|plan| plan.name.as_str())
    }

    /// The scores, in file order.
    pub fn scores(&self) -> impl ExactSizeIterator<Item = &str> {
        self.plan.scores.iter().map(|plan| plan.name.as_str())
    }

    /// The segments, in file order.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = &str> {
        self.plan.segments.iter().map(|plan| plan.name.as_str())
    }

    /// The fields a touchpoint of this journey may have beside `customer`, `at` and `id`, with their types: the columns of a table.
    pub fn touchpoint_fields(&self) -> impl ExactSizeIterator<Item = (&str, ValueType)> {
        self.plan.fields.iter().map(|field| (field.name.as_str(), field.kind.into()))
    }

    /// The attributes a customer of this journey may have, `time_zone` first.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = (&str, ValueType)> {
        self.plan.attributes.iter().map(|(name, kind)| (name.as_str(), (*kind).into()))
    }

    /// The channels, in file order.
    pub fn channels(&self) -> impl ExactSizeIterator<Item = &str> {
        self.plan.channels.iter().map(String::as_str)
    }

    /// The actions, in file order.
    pub fn actions(&self) -> impl ExactSizeIterator<Item = &str> {
        self.plan.decision.actions.iter().map(|action| action.name.as_str())
    }

    /// What the host may hand in with a decision, with the types.
    pub fn inputs(&self) -> impl ExactSizeIterator<Item = (&str, ValueType)> {
        self.plan.decision.inputs.iter().map(|(name, kind)| (name.as_str(), (*kind).into()))
    }
}

/// A document that was read as a tree, and the text that it was read from.
pub(crate) struct Document<'t> {
    tree: Node,
    text: Option<&'t str>,
}

impl<'t> Document<'t> {
    fn new(tree: std::result::Result<Node, Box<Diagnostic>>, text: Option<&'t str>) -> std::result::Result<Self, Box<Diagnostic>> {
        Ok(Self { tree: tree?, text })
    }

    pub(crate) fn from_yaml(text: &'t str) -> std::result::Result<Self, Box<Diagnostic>> {
        Self::new(document::from_yaml(text), Some(text))
    }

    pub(crate) fn from_json(text: &'t str) -> std::result::Result<Self, Box<Diagnostic>> {
        Self::new(document::from_json(text), Some(text))
    }

    pub(crate) fn from_value(value: &serde_json::Value) -> std::result::Result<Self, Box<Diagnostic>> {
        Self::new(document::from_value(value), None)
    }

    /// What it says as a type, as far as it can be read, and every structural problem.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(&self) -> (Option<T>, Vec<Diagnostic>) {
        let read = read::read::<T>(&self.tree);
        let faults = self.faults(read.faults);
        (read.spec, faults)
    }

    /// Where in the text the key at the end of a path is, if the document came as text.
    pub(crate) fn span(&self, path: &[&str]) -> Option<Span> {
        let path: Vec<Step> = path.iter().map(|key| Step::Key((*key).to_owned())).collect();
        self.shown(self.tree.key_place(&path).or_else(|| self.tree.place(&path)))
    }

    fn shown(&self, place: document::Place) -> Option<Span> {
        self.text.zip(place).map(|(text, (start, end))| Span::new(text, start, end))
    }

    fn faults(&self, faults: Vec<read::Fault>) -> Vec<Diagnostic> {
        let told = faults.into_iter().map(|fault| {
            let place = match fault.at_key {
                true => self.tree.key_place(&fault.path).or_else(|| self.tree.place(&fault.path)),
                false => self.tree.place(&fault.path),
            };
            Diagnostic {
                code: fault.code,
                severity: Severity::Error,
                path: document::path_text(&fault.path),
                span: self.shown(place),
                message: fault.message,
                help: fault.help,
            }
        });
        told.collect()
    }
}

fn too_many_entries(tree: &Node, text: Option<&str>, path: &[document::Step]) -> Diagnostic {
    Diagnostic {
        code: "too_many_entries",
        severity: Severity::Error,
        path: document::path_text(path),
        span: text.zip(tree.key_place(path).or_else(|| tree.place(path))).map(|(text, (start, end))| Span::new(text, start, end)),
        message: "there are more than 1000 entries (10000 topics)".to_owned(),
        help: None,
    }
}

impl fmt::Debug for Journey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journey").field("name", &self.plan.name).finish_non_exhaustive()
    }
}

impl From<crate::expression::Type> for ValueType {
    fn from(kind: crate::expression::Type) -> Self {
        match kind {
            crate::expression::Type::Number => Self::Number,
            crate::expression::Type::Text => Self::Text,
            crate::expression::Type::Boolean => Self::Boolean,
        }
    }
}

impl From<ValueType> for crate::expression::Type {
    fn from(kind: ValueType) -> Self {
        match kind {
            ValueType::Number => Self::Number,
            ValueType::Text => Self::Text,
            ValueType::Boolean => Self::Boolean,
        }
    }
}
