//! From `JourneySpec` to `Plan`: every rule of the reference is checked, every problem reported.

mod actions;
mod decision;
mod lifetime;
mod names;
mod policy;
mod scores;
mod tracks;
mod traits;

use std::cell::Cell;
use std::sync::Arc;

use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::document::{self, Node, Step, path_text};
use super::plan::decision::TopicPlan;
use super::plan::{CONTACT_FIELDS, DIRECTIONS, FIELDS, FieldPlan, KindPlan, Plan, SegmentPlan, Source, TIME_ZONE, TraitPlan};
use super::spec::{JourneySpec, OneOrMany};
use crate::diagnostic::{Diagnostic, Severity, Span, did_you_mean, suggest};
use crate::expression::{Checked, Condition, LeafSet, Problem, RESERVED, Type, compile_condition};
use crate::symbol::Words;
use crate::time::{Duration, zone};
use names::CustomerNames;

/// Columns of a result that no trait, score, segment or track may be called.
const COLUMNS: [&str; 3] = ["customer", "as_of", "next_change_at"];
const TOUCHPOINT_FIELDS: [&str; 3] = ["customer", "id", "at"];
/// From this many problems on, no further section is checked.
const MAX_DIAGNOSTICS: usize = 100;
/// What evaluating one expression may cost, segments it refers to included.
const MAX_COST: usize = 10_000;

/// Where a spec comes from, and what its reading found.
#[derive(Default)]
pub(super) struct Document<'a> {
    pub(super) tree: Option<&'a Node>,
    pub(super) text: Option<&'a str>,
    pub(super) faults: Vec<Diagnostic>,
    pub(super) mended: Vec<Vec<Step>>,
}

/// Checks a document. Gives the plan and the warnings, or all errors: what a file with errors would be warned of may well follow from them.
pub(super) fn check(spec: &JourneySpec, document: Document<'_>) -> (Option<Plan>, Vec<Diagnostic>) {
    let Document { tree, text, faults, mended } = document;
    let mut check = Check { tree, text, diagnostics: Vec::new(), words: Words::default() };
    let plan = check.journey(spec);
    let mut diagnostics = check.diagnostics;
    diagnostics.retain(|diagnostic| !mended.iter().any(|path| follows(diagnostic, path)));
    diagnostics.extend(faults);
    let plan = (!diagnostics.iter().any(Diagnostic::is_error)).then_some(plan);
    diagnostics.retain(|diagnostic| plan.is_some() || diagnostic.is_error());
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.map_or(usize::MAX, |span| span.start));
    (plan, diagnostics)
}

/// Whether a problem is there only because what stands at a path could not be read.
fn follows(diagnostic: &Diagnostic, path: &[Step]) -> bool {
    const SECTIONS: [&str; 13] = [
        "touchpoints",
        "channels",
        "topics",
        "attributes",
        "lifetime",
        "traits",
        "scores",
        "segments",
        "purposes",
        "inputs",
        "context",
        "groups",
        "asks",
    ];
    const OF_WHAT_IS_BELOW: [&str; 4] = ["no_aggregate", "missing_key", "no_touchpoints", "empty_list"];
    let text = path_text(path);
    let below = diagnostic.path.strip_prefix(&text).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    let above = text.starts_with(&diagnostic.path) && OF_WHAT_IS_BELOW.contains(&diagnostic.code);
    let lost = match path {
        [Step::Key(section)] => did_you_mean(section, SECTIONS).is_some(),
        [.., Step::Key(name)] => diagnostic.message.contains(&format!("`{name}`")),
        _ => false,
    };
    below || above || (lost && diagnostic.code.starts_with("unknown_"))
}

/// What the checks of the sections share.
pub(super) struct Check<'a> {
    tree: Option<&'a Node>,
    text: Option<&'a str>,
    diagnostics: Vec<Diagnostic>,
    words: Words,
}

/// A path from keys and items.
macro_rules! at_path {
    ($($step:expr),* $(,)?) => { Vec::from([$(crate::journey::check::step($step)),*]) };
}
pub(super) use at_path;

pub(super) fn step(step: impl Into<StepFrom>) -> Step {
    step.into().0
}

/// Lets `at_path!` take names and numbers.
pub(super) struct StepFrom(Step);

impl From<&str> for StepFrom {
    fn from(key: &str) -> Self {
        Self(Step::Key(key.to_owned()))
    }
}

impl From<&String> for StepFrom {
    fn from(key: &String) -> Self {
        Self(Step::Key(key.clone()))
    }
}

impl From<usize> for StepFrom {
    fn from(item: usize) -> Self {
        Self(Step::Item(item))
    }
}

impl Check<'_> {
    fn journey(&mut self, spec: &JourneySpec) -> Plan {
        if spec.wayfare != 1 {
            let message = format!("format version {} is not known", spec.wayfare);
            self.error("unknown_version", &at_path!["wayfare"], message, Some("this wayfare reads version 1".to_owned()));
        }
        if spec.name.trim().is_empty() {
            self.error("empty_name", &at_path!["name"], "the name is empty", None);
        }
        let zone = self.zone(spec);
        let lateness =
            self.duration(&at_path!["allowed_lateness"], spec.allowed_lateness.as_deref()).unwrap_or(Duration::from_days(7).as_micros());
        let fields = self.fields(spec);
        let kinds = self.kinds(spec, &fields);
        let channels: Vec<String> = spec.channels.keys().cloned().collect();
        for channel in &channels {
            self.name(&at_path!["channels", channel], channel);
            self.words.intern(channel);
        }
        let topics = self.topics(spec);
        DIRECTIONS.iter().for_each(|word| {
            self.words.intern(word);
        });
        let attributes = self.attributes(spec);
        self.name_space(spec);

        let mut plan = Plan {
            name: spec.name.clone(),
            fingerprint: fingerprint(spec),
            zone,
            lateness,
            words: Arc::default(),
            fold_words: 0,
            kinds,
            channels,
            topics,
            fields,
            attributes,
            traits: Vec::new(),
            named_traits: 0,
            scores: Vec::new(),
            segments: Vec::new(),
            tracks: Vec::new(),
            watched: Vec::new(),
            may_bounce: false,
            counts_days: false,
            lifetime: Vec::new(),
            decision: Default::default(),
        };
        let used: Vec<Cell<bool>> = plan.fields.iter().map(|_| Cell::new(false)).collect();
        if !spec.purposes.is_empty() {
            CONTACT_FIELDS.for_each(|field| used.get(field).into_iter().for_each(|used| used.set(true)));
        }
        plan.lifetime = self.lifetime_models(spec);
        self.traits(spec, &mut plan, &used);
        plan.named_traits = plan.traits.len();
        self.scores(spec, &mut plan, &used);
        for (field, used) in plan.fields.iter_mut().zip(&used) {
            field.used |= used.get();
        }
        let fields = plan.fields.len();
        plan.kinds.iter_mut().for_each(|kind| kind.needs = needs(kind, fields));
        self.segments(spec, &mut plan);
        self.tracks(spec, &mut plan);
        plan.fold_words = self.words.len();
        self.decision(spec, &mut plan);
        self.unused_traits(spec, &plan);
        plan.words = Arc::new(std::mem::take(&mut self.words));
        plan
    }

    fn zone(&mut self, spec: &JourneySpec) -> TimeZone {
        let Some(name) = &spec.time_zone else { return TimeZone::UTC };
        zone(name).unwrap_or_else(|| {
            let help = "write an IANA name, like `Europe/London`".to_owned();
            self.error("unknown_time_zone", &at_path!["time_zone"], format!("time zone `{name}` is not known"), Some(help));
            TimeZone::UTC
        })
    }

    fn fields(&mut self, spec: &JourneySpec) -> Vec<FieldPlan> {
        let mut fields: Vec<FieldPlan> =
            FIELDS.iter().map(|(name, kind)| FieldPlan { name: (*name).to_owned(), kind: *kind, used: *name == "kind" }).collect();
        for (kind, spec) in &spec.touchpoints {
            for (property, value_type) in &spec.properties {
                let path = at_path!["touchpoints", kind, "properties", property];
                if TOUCHPOINT_FIELDS.contains(&property.as_str()) || FIELDS.iter().any(|(name, _)| name == property) {
                    let help = "every touchpoint has that field already; call the property something else".to_owned();
                    self.key_error("reserved_name", &path, format!("`{property}` is a field of every touchpoint"), Some(help));
                    continue;
                }
                self.name(&path, property);
                match fields.iter().find(|field| field.name == *property) {
                    Some(field) if field.kind != (*value_type).into() => {
                        let message = format!("property `{property}` is {} on another kind", field.kind.name());
                        self.error("conflicting_property", &path, message, Some("a property has one type on all kinds".to_owned()));
                    }
                    Some(_) => {}
                    None => fields.push(FieldPlan { name: property.clone(), kind: (*value_type).into(), used: false }),
                }
            }
        }
        fields
    }

    fn kinds(&mut self, spec: &JourneySpec, fields: &[FieldPlan]) -> Vec<KindPlan> {
        if spec.touchpoints.is_empty() {
            let help = "declare the kinds of touchpoint: `touchpoints: { purchased: {} }`".to_owned();
            self.error("no_touchpoints", &at_path!["touchpoints"], "no kind of touchpoint is declared", Some(help));
        }
        spec.touchpoints
            .iter()
            .map(|(name, kind)| {
                self.name(&at_path!["touchpoints", name], name);
                if name == "any" {
                    self.key_error("reserved_name", &at_path!["touchpoints", name], "`any` stands for all kinds", None);
                }
                self.words.intern(name);
                let carries =
                    fields.iter().enumerate().map(|(at, field)| at < FIELDS.len() || kind.properties.contains_key(&field.name)).collect();
                KindPlan { name: name.clone(), carries, needs: Vec::new(), updates: Vec::new() }
            })
            .collect()
    }

    fn topics(&mut self, spec: &JourneySpec) -> Option<Vec<String>> {
        let topics = spec.topics.clone()?;
        let mut seen = std::collections::HashSet::new();
        for (at, topic) in topics.iter().enumerate() {
            if topic.is_empty() {
                self.error("empty_name", &at_path!["topics", at], "the topic is empty", None);
            }
            if !seen.insert(topic) {
                self.error("duplicate_name", &at_path!["topics", at], format!("topic `{topic}` is declared twice"), None);
            }
            self.words.intern(topic);
        }
        Some(topics)
    }

    fn attributes(&mut self, spec: &JourneySpec) -> Vec<(String, Type)> {
        let mut attributes = vec![(TIME_ZONE.to_owned(), Type::Text)];
        for (name, value_type) in &spec.attributes {
            let path = at_path!["attributes", name];
            self.name(&path, name);
            if name == TIME_ZONE {
                self.key_error("reserved_name", &path, "`time_zone` is an attribute of every customer", Some("leave it out".to_owned()));
            } else if ["customer", "at", "id"].contains(&name.as_str()) {
                self.key_error("reserved_name", &path, format!("`{name}` is a column of the customers table"), None);
            } else {
                attributes.push((name.clone(), (*value_type).into()));
            }
        }
        attributes
    }

    /// Traits, scores, segments and tracks are columns of one result.
    fn name_space(&mut self, spec: &JourneySpec) {
        let sections: [(&str, Vec<&String>); 4] = [
            ("traits", spec.traits.keys().collect()),
            ("scores", spec.scores.keys().collect()),
            ("segments", spec.segments.keys().collect()),
            ("tracks", spec.tracks.keys().collect()),
        ];
        let mut seen: Vec<(&str, &String)> = Vec::new();
        for (section, names) in &sections {
            for name in names {
                let path = at_path![*section, *name];
                self.name(&path, name);
                let since = name.strip_suffix("_since").is_some_and(|track| spec.tracks.contains_key(track));
                if COLUMNS.contains(&name.as_str()) || since {
                    self.key_error("reserved_name", &path, format!("`{name}` is a column of every result"), None);
                }
                if let Some((other, _)) = seen.iter().find(|(_, other)| other == name) {
                    let message = format!("`{name}` is already the name of one of the {other}");
                    self.key_error(
                        "duplicate_name",
                        &path,
                        message,
                        Some("each is a column of the result: give them different names".to_owned()),
                    );
                }
                seen.push((section, name));
            }
        }
    }

    fn segments(&mut self, spec: &JourneySpec, plan: &mut Plan) {
        for (name, text) in &spec.segments {
            if self.is_full() {
                break;
            }
            let mut scope = CustomerNames { plan, words: &mut self.words, later: &[] };
            let later: Vec<&str> = spec.segments.keys().skip(plan.segments.len()).map(String::as_str).collect();
            scope.later = &later;
            let compiled = compile_condition(text, &mut scope);
            let (condition, cost) = match compiled {
                Ok(Checked { plan, cost }) => (plan, cost),
                Err(problems) => {
                    self.problems(&at_path!["segments", name], text, problems);
                    (Condition::Constant(false), 1)
                }
            };
            self.cost(&at_path!["segments", name], cost);
            plan.segments.push(SegmentPlan { name: name.clone(), condition, cost });
        }
    }

    /// Whether there are more errors than anybody reads at once.
    fn is_full(&self) -> bool {
        self.diagnostics.len() >= MAX_DIAGNOSTICS
    }

    fn cost(&mut self, path: &[Step], cost: usize) {
        if cost > MAX_COST {
            let message = format!("with the segments that it refers to, the expression has {cost} nodes, more than {MAX_COST}");
            self.error("expression_too_large", path, message, None);
        }
    }

    fn unused_traits(&mut self, spec: &JourneySpec, plan: &Plan) {
        let mut used = LeafSet::default();
        plan.scores.iter().for_each(|score| score.leaves.iter().for_each(|leaf| used.insert(leaf)));
        plan.segments.iter().for_each(|segment| segment.condition.leaves(&mut used));
        for stage in plan.tracks.iter().flat_map(|track| &track.stages) {
            stage.operands.iter().for_each(|leaf| used.insert(leaf));
        }
        let decision = &plan.decision;
        decision.rules().for_each(|rule| rule.operands.iter().for_each(|leaf| used.insert(leaf)));
        for action in &decision.actions {
            [&action.propensity, &action.value, &action.weight].into_iter().for_each(|number| number.leaves(&mut used));
            if let TopicPlan::Trait(leaf) = action.topic {
                used.insert(leaf);
            }
        }
        for (at, (name, trait_spec)) in spec.traits.iter().enumerate() {
            if trait_spec.output != Some(true) && !used.iter().any(|leaf| leaf as usize == at) {
                let help = "if it is there to be read in the result, say `output: true`".to_owned();
                self.warning("unused_trait", &at_path!["traits", name], format!("no rule uses trait `{name}`"), Some(help));
            }
        }
    }

    /// The kinds that a list of names stands for.
    fn kind_list(&mut self, plan: &Plan, path: &[Step], names: &OneOrMany) -> Vec<bool> {
        let mut chosen = vec![false; plan.kinds.len()];
        if names.names().is_empty() {
            self.error("empty_list", path, "no kind is given", Some("name one, or write `any`".to_owned()));
        }
        for (at, name) in names.names().iter().enumerate() {
            let mut path = path.to_vec();
            if let OneOrMany::Many(_) = names {
                path.push(Step::Item(at));
            }
            if name == "any" {
                chosen.fill(true);
            } else if let Some(kind) = plan.kinds.iter().position(|kind| kind.name == *name) {
                if let Some(chosen) = chosen.get_mut(kind) {
                    *chosen = true;
                }
            } else {
                let help = suggest(name, plan.kinds.iter().map(|kind| kind.name.as_str()), "there are");
                self.error("unknown_kind", &path, format!("kind `{name}` is not declared"), help);
            }
        }
        chosen
    }

    fn duration(&mut self, path: &[Step], text: Option<&str>) -> Option<i64> {
        match text?.parse::<Duration>() {
            Ok(duration) => Some(duration.as_micros()),
            Err(error) => {
                self.error("invalid_duration", path, error.message(), error.help().map(str::to_owned));
                None
            }
        }
    }

    /// A duration that is longer than nothing.
    fn positive_duration(&mut self, path: &[Step], text: Option<&str>) -> Option<i64> {
        let duration = self.duration(path, text)?;
        if duration == 0 {
            self.error("invalid_duration", path, "the duration is zero", None);
        }
        Some(duration.max(1))
    }

    fn finite(&mut self, path: &[Step], value: f64) -> f64 {
        if !value.is_finite() {
            self.error("number_out_of_range", path, "the number is not finite", None);
            return 0.0;
        }
        value
    }

    fn name(&mut self, path: &[Step], name: &str) {
        let help = "a lower-case letter, then lower-case letters, digits and `_`, at most 64 characters".to_owned();
        let shaped = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
            && name.len() <= 64
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !shaped {
            self.key_error("invalid_name", path, format!("`{name}` is not a name"), Some(help));
        } else if RESERVED.contains(&name) {
            self.key_error("reserved_name", path, format!("`{name}` is a word of the expression language"), None);
        }
    }

    fn problems(&mut self, path: &[Step], text: &str, problems: Vec<Problem>) {
        for problem in problems {
            let span = self.span_within(path, text, problem.span);
            self.push(problem.code, Severity::Error, path, span, problem.message, problem.help);
        }
    }

    /// The place in the file of a place in an expression's text.
    fn span_within(&self, path: &[Step], text: &str, (start, end): (usize, usize)) -> Option<Span> {
        let (source, (from, to)) = (self.text?, self.tree?.place(path)?);
        let scalar = source.get(from..to).unwrap_or_default().trim_end();
        let place = |at: usize| document::place_within(scalar, text, at);
        Some(match (place(start), place(end)) {
            (Some(start), Some(end)) => Span::new(source, from + start, from + end),
            _ => Span::new(source, from, from + scalar.len()),
        })
    }

    fn error(&mut self, code: &'static str, path: &[Step], message: impl Into<String>, help: Option<String>) {
        let span = self.span(self.tree.and_then(|tree| tree.place(path)));
        self.push(code, Severity::Error, path, span, message.into(), help);
    }

    fn key_error(&mut self, code: &'static str, path: &[Step], message: impl Into<String>, help: Option<String>) {
        let place = self.tree.and_then(|tree| tree.key_place(path).or_else(|| tree.place(path)));
        let span = self.span(place);
        self.push(code, Severity::Error, path, span, message.into(), help);
    }

    fn warning(&mut self, code: &'static str, path: &[Step], message: impl Into<String>, help: Option<String>) {
        let place = self.tree.and_then(|tree| tree.key_place(path).or_else(|| tree.place(path)));
        let span = self.span(place);
        self.push(code, Severity::Warning, path, span, message.into(), help);
    }

    fn span(&self, place: Option<(usize, usize)>) -> Option<Span> {
        let (start, end) = place?;
        Some(Span::new(self.text?, start, end))
    }

    fn push(&mut self, code: &'static str, severity: Severity, path: &[Step], span: Option<Span>, message: String, help: Option<String>) {
        self.diagnostics.push(Diagnostic { code, severity, path: path_text(path), span, message, help });
    }
}

/// The fields that anything a kind feeds reads.
fn needs(kind: &KindPlan, fields: usize) -> Vec<bool> {
    let mut leaves = LeafSet::default();
    for update in &kind.updates {
        update.filter.iter().for_each(|filter| filter.leaves(&mut leaves));
        match &update.source {
            Source::Touch | Source::End => {}
            Source::Slot(slot) => leaves.insert(*slot as u32),
            Source::Number(number) => number.leaves(&mut leaves),
        }
    }
    let mut needs = vec![false; fields];
    for leaf in leaves.iter() {
        if let Some(needs) = needs.get_mut(leaf as usize) {
            *needs = true;
        }
    }
    needs
}

/// What identifies the fold: two journeys with the same fingerprint fold any record alike.
fn fingerprint(spec: &JourneySpec) -> [u8; 16] {
    let mut spec = spec.clone();
    spec.channels.values_mut().for_each(|channel| *channel = Default::default());
    spec.touchpoints.values_mut().for_each(|kind| kind.description = None);
    spec.traits.values_mut().for_each(|spec| (spec.description, spec.output) = (None, None));
    spec.scores.values_mut().for_each(|score| score.description = None);
    spec.tracks.values_mut().flatten().for_each(|stage| (stage.description, stage.expects) = (None, None));
    // Decisions read the fold and do not change it, but for whether contacts are kept at all.
    let keeps_contacts = !spec.purposes.is_empty();
    let JourneySpec {
        wayfare,
        time_zone,
        allowed_lateness,
        channels,
        touchpoints,
        topics,
        attributes,
        traits,
        scores,
        segments,
        tracks,
        ..
    } = spec;
    let folded = JourneySpec {
        wayfare,
        time_zone,
        allowed_lateness,
        channels,
        touchpoints,
        topics,
        attributes,
        traits,
        scores,
        segments,
        tracks,
        ..JourneySpec::default()
    };
    let text = serde_json::to_vec(&(folded, keeps_contacts)).unwrap_or_default();
    let digest = Sha256::digest(&text);
    let mut fingerprint = [0; 16];
    fingerprint.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    fingerprint
}

/// Looks a trait up by its name.
fn trait_named<'p>(plan: &'p Plan, name: &str) -> Option<(usize, &'p TraitPlan)> {
    plan.traits.iter().take(plan.named_traits).enumerate().find(|(_, plan)| plan.name == name)
}
