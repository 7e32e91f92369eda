//! Traits.

use std::cell::Cell;
use std::sync::Arc;

use super::super::document::Step;
use super::super::plan::{Operation, Plan, Source, TraitPlan, Update};
use super::super::spec::{JourneySpec, OneOrMany, TraitSpec};
use super::names::{TouchpointNames, direction_names, domain_of};
use super::{Check, at_path};
use crate::diagnostic::suggest;
use crate::expression::{Checked, Condition, Number, Type, compile_condition, compile_number};

/// The aggregate of a trait: its key and operand.
enum Aggregate<'a> {
    Kinds(&'static str, &'a OneOrMany),
    Field(&'static str, &'a str),
    Attribute(&'a str),
    Lifetime,
}

impl Aggregate<'_> {
    fn key(&self) -> &'static str {
        match self {
            Self::Kinds(key, _) | Self::Field(key, _) => key,
            Self::Attribute(_) => "attribute",
            Self::Lifetime => "lifetime",
        }
    }
}

fn aggregates(spec: &TraitSpec) -> Vec<Aggregate<'_>> {
    let kinds = [
        ("count", &spec.count),
        ("days_since", &spec.days_since),
        ("days_since_first", &spec.days_since_first),
        ("tenure", &spec.tenure),
        ("typical_gap", &spec.typical_gap),
    ];
    let fields = [
        ("sum", &spec.sum),
        ("mean", &spec.mean),
        ("min", &spec.min),
        ("max", &spec.max),
        ("first", &spec.first),
        ("last", &spec.last),
        ("distinct", &spec.distinct),
        ("most_frequent", &spec.most_frequent),
        ("favourite", &spec.favourite),
        ("strength", &spec.strength),
    ];
    let kinds = kinds.into_iter().filter_map(|(key, names)| Some(Aggregate::Kinds(key, names.as_ref()?)));
    let fields = fields.into_iter().filter_map(|(key, field)| Some(Aggregate::Field(key, field.as_ref()?)));
    let lifetime = spec.lifetime.is_some().then_some(Aggregate::Lifetime);
    kinds.chain(fields).chain(spec.attribute.as_deref().map(Aggregate::Attribute)).chain(lifetime).collect()
}

const WINDOWED: [&str; 9] = ["count", "sum", "mean", "min", "max", "first", "last", "distinct", "most_frequent"];

impl Check<'_> {
    pub(super) fn traits(&mut self, spec: &JourneySpec, plan: &mut Plan, used: &[Cell<bool>]) {
        for (name, trait_spec) in &spec.traits {
            if self.is_full() {
                break;
            }
            let path = at_path!["traits", name];
            let compiled = self.one_trait(plan, &path, name, trait_spec, used);
            plan.counts_days |= matches!(compiled.operation, Operation::TypicalGap { .. });
            plan.traits.push(compiled);
        }
    }

    fn one_trait(&mut self, plan: &mut Plan, path: &[Step], name: &str, spec: &TraitSpec, used: &[Cell<bool>]) -> TraitPlan {
        let found = aggregates(spec);
        let nothing = TraitPlan {
            name: name.to_owned(),
            operation: Operation::Count { within: None },
            kind: Type::Number,
            holds: Type::Number,
            domain: None,
            lifetime: None,
        };
        let aggregate = match found.as_slice() {
            [one] => one,
            [] => {
                let help = "give one of `count`, `sum`, `mean`, `min`, `max`, `first`, `last`, `distinct`, `most_frequent`, `days_since`, `days_since_first`, `tenure`, `typical_gap`, `favourite`, `strength`, `attribute`, `lifetime`";
                self.error("no_aggregate", path, format!("trait `{name}` does not say what to compute"), Some(help.to_owned()));
                return nothing;
            }
            [first, second, ..] => {
                let message = format!("trait `{name}` has both `{}` and `{}`", first.key(), second.key());
                self.error("several_aggregates", path, message, Some("make two traits of it".to_owned()));
                return nothing;
            }
        };
        self.options(path, aggregate.key(), spec);
        let within = self.positive_duration(&below(path, "within"), spec.within.as_deref());
        let half_life = self.positive_duration(&below(path, "half_life"), spec.half_life.as_deref()).unwrap_or(1);
        match *aggregate {
            Aggregate::Attribute(attribute) => self.attribute_trait(plan, path, attribute).map_or(nothing, |(operation, kind)| TraitPlan {
                name: name.to_owned(),
                operation,
                kind,
                holds: kind,
                domain: None,
                lifetime: None,
            }),
            Aggregate::Lifetime => self.lifetime_trait(plan, path, name, spec, used).unwrap_or(nothing),
            Aggregate::Kinds(key, names) => {
                let kinds = self.kind_list(plan, &below(path, key), names);
                let operation = match key {
                    "count" => Operation::Count { within },
                    "days_since" => Operation::DaysSince,
                    "days_since_first" => Operation::DaysSinceFirst,
                    "tenure" => Operation::Tenure,
                    _ => self.typical_gap(path, spec),
                };
                let filter = self.filter(plan, path, spec.where_.as_deref(), &kinds, used);
                if let Some(until) = &spec.until {
                    let ends = self.kind_list(plan, &below(path, "until"), until);
                    feed(plan, &ends, None, &Source::End);
                }
                feed(plan, &kinds, filter, &Source::Touch);
                TraitPlan { name: name.to_owned(), operation, kind: Type::Number, holds: Type::Number, domain: None, lifetime: None }
            }
            Aggregate::Field(key, field) => {
                let kinds = match &spec.of {
                    Some(of) => self.kind_list(plan, &below(path, "of"), of),
                    None => vec![true; plan.kinds.len()],
                };
                let Some(slot) = self.field(plan, &below(path, key), field, &kinds, used) else { return nothing };
                let field_type = plan.fields.get(slot).map_or(Type::Number, |field| field.kind);
                let (operation, wanted) = match key {
                    "sum" => (Operation::Sum { within }, Some(Type::Number)),
                    "mean" => (Operation::Mean { within }, Some(Type::Number)),
                    "min" => (Operation::Least { within }, Some(Type::Number)),
                    "max" => (Operation::Greatest { within }, Some(Type::Number)),
                    "first" => (Operation::First { within }, None),
                    "last" => (Operation::Last { within }, None),
                    "distinct" => (Operation::Distinct { within }, None),
                    "most_frequent" => (Operation::MostFrequent { within }, None),
                    "favourite" => (Operation::Favourite { half_life }, Some(Type::Text)),
                    _ => (Operation::Strength { half_life }, Some(Type::Text)),
                };
                if let Some(wanted) = wanted.filter(|wanted| *wanted != field_type) {
                    let message = format!("`{key}` wants {}, and `{field}` is {}", wanted.name(), field_type.name());
                    self.error("type_mismatch", &below(path, key), message, None);
                }
                let filter = self.filter(plan, path, spec.where_.as_deref(), &kinds, used);
                feed(plan, &kinds, filter, &Source::Slot(slot));
                let kind = match operation {
                    Operation::First { .. } | Operation::Last { .. } | Operation::MostFrequent { .. } | Operation::Favourite { .. } => {
                        field_type
                    }
                    _ => Type::Number,
                };
                let (kind_names, directions) = (kind_names(plan), direction_names());
                let domain = (kind == Type::Text)
                    .then(|| domain_of(plan, &kind_names, &directions, slot).map(|(values, what)| (values.to_vec(), what)))
                    .flatten();
                TraitPlan { name: name.to_owned(), operation, kind, holds: field_type, domain, lifetime: None }
            }
        }
    }

    fn options(&mut self, path: &[Step], key: &'static str, spec: &TraitSpec) {
        let takes_of = !matches!(key, "count" | "days_since" | "days_since_first" | "tenure" | "typical_gap" | "attribute");
        let decays = matches!(key, "favourite" | "strength");
        let given = [
            ("of", spec.of.is_some(), takes_of),
            ("where", spec.where_.is_some(), key != "attribute"),
            ("within", spec.within.is_some(), WINDOWED.contains(&key)),
            ("until", spec.until.is_some(), key == "tenure"),
            ("prior", spec.prior.is_some(), key == "typical_gap"),
            ("half_life", spec.half_life.is_some(), decays),
            ("model", spec.model.is_some(), key == "lifetime"),
            ("days", spec.days.is_some(), key == "lifetime"),
            ("yearly_discount_rate", spec.yearly_discount_rate.is_some(), key == "lifetime"),
            ("returns", spec.returns.is_some(), key == "lifetime"),
        ];
        for (option, given, taken) in given {
            if given && !taken {
                let help = match (option, takes_of) {
                    ("of", false) if key != "attribute" => Some(format!("write the kinds behind `{key}:`")),
                    _ => None,
                };
                self.key_error("unknown_option", &below(path, option), format!("`{key}` takes no `{option}`"), help);
            }
        }
        if decays && spec.half_life.is_none() {
            self.error("missing_key", path, format!("`{key}` wants a `half_life`"), Some("add `half_life: 7d`, say".to_owned()));
        }
    }

    fn attribute_trait(&mut self, plan: &Plan, path: &[Step], attribute: &str) -> Option<(Operation, Type)> {
        if let Some(at) = plan.attributes.iter().position(|(name, _)| name == attribute) {
            return plan.attributes.get(at).map(|(_, kind)| (Operation::Attribute(at), *kind));
        }
        let help = suggest(attribute, plan.attributes.iter().map(|(name, _)| name.as_str()), "there are");
        self.error("unknown_attribute", &below(path, "attribute"), format!("attribute `{attribute}` is not declared"), help);
        None
    }

    fn typical_gap(&mut self, path: &[Step], spec: &TraitSpec) -> Operation {
        let Some(prior) = &spec.prior else { return Operation::TypicalGap { prior_days: 0.0, weight: 0.0 } };
        for (key, value) in [("days", prior.days), ("weight", prior.weight)] {
            let mut path = below(path, "prior");
            path.push(Step::Key(key.to_owned()));
            self.finite(&path, value);
            if value < 0.0 || (key == "weight" && value == 0.0) {
                self.error("number_out_of_range", &path, format!("`{key}` must be greater than zero"), None);
            }
        }
        Operation::TypicalGap { prior_days: prior.days, weight: prior.weight }
    }

    pub(super) fn field(&mut self, plan: &Plan, path: &[Step], field: &str, kinds: &[bool], used: &[Cell<bool>]) -> Option<usize> {
        let carried = |at: usize| TouchpointNames::carried(plan, kinds, at);
        let found = plan.fields.iter().position(|plan| plan.name == field);
        if let Some(slot) = found.filter(|slot| carried(*slot)) {
            if let Some(used) = used.get(slot) {
                used.set(true);
            }
            return Some(slot);
        }
        let all: Vec<&str> = plan.fields.iter().enumerate().filter(|(at, _)| carried(*at)).map(|(_, f)| f.name.as_str()).collect();
        let help = match found {
            Some(_) => Some(format!("`{field}` is a property of other kinds than those in `of`")),
            None => suggest(field, all, "there are"),
        };
        self.error("unknown_property", path, format!("these touchpoints have no field `{field}`"), help);
        None
    }

    /// Compiles a `where`.
    pub(super) fn filter(
        &mut self,
        plan: &Plan,
        path: &[Step],
        text: Option<&str>,
        kinds: &[bool],
        used: &[Cell<bool>],
    ) -> Option<Arc<Condition>> {
        let text = text?;
        let (kind_names, directions) = (kind_names(plan), direction_names());
        let mut names = TouchpointNames { plan, kinds, kind_names: &kind_names, directions: &directions, used, words: &mut self.words };
        match compile_condition(text, &mut names) {
            Ok(Checked { plan, .. }) => Some(Arc::new(plan)),
            Err(problems) => {
                self.problems(&below(path, "where"), text, problems);
                None
            }
        }
    }

    /// Compiles an expression on a touchpoint.
    pub(super) fn touchpoint_number(&mut self, plan: &Plan, path: &[Step], text: &str, kinds: &[bool], used: &[Cell<bool>]) -> Number {
        let (kind_names, directions) = (kind_names(plan), direction_names());
        let mut names = TouchpointNames { plan, kinds, kind_names: &kind_names, directions: &directions, used, words: &mut self.words };
        match compile_number(text, &mut names) {
            Ok(Checked { plan, .. }) => plan,
            Err(problems) => {
                self.problems(path, text, problems);
                Number::Constant(f64::NAN)
            }
        }
    }
}

fn kind_names(plan: &Plan) -> Vec<String> {
    plan.kinds.iter().map(|kind| kind.name.clone()).collect()
}

pub(super) fn below(path: &[Step], key: &str) -> Vec<Step> {
    let mut path = path.to_vec();
    path.push(Step::Key(key.to_owned()));
    path
}

/// Has the kinds feed the trait that is compiled next.
pub(super) fn feed(plan: &mut Plan, kinds: &[bool], filter: Option<Arc<Condition>>, source: &Source) {
    let target = plan.traits.len() as u32;
    for (kind, _) in plan.kinds.iter_mut().zip(kinds).filter(|(_, chosen)| **chosen) {
        kind.updates.push(Update { target, filter: filter.clone(), source: source.clone() });
    }
}
