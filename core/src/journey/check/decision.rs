//! The sections that decisions read.

use super::super::document::Step;
use super::super::plan::Plan;
use super::super::plan::decision::{AnswerPlan, AskPlan, ChannelPlan, HoldoutPlan, PurposePlan, UnknownZone, WordPlan};
use super::super::plan::rule::RulePlan;
use super::super::spec::{
    AnswerSpec, AskSpec, ChannelSpec, DefaultChoice, HoldoutSpec, JourneySpec, NumberOrExpression, OneOrMany, UnknownTimeZone, ValueType,
};
use super::names::CustomerNames;
use super::traits::below;
use super::{Check, at_path};
use crate::diagnostic::suggest;
use crate::expression::{Checked, Leaf, Names, Number, Type, compile_condition, compile_number};
use crate::symbol::Symbol;

/// How far back the contact ledger remembers.
pub(super) const MEMORY: i64 = crate::profile::contacts::MEMORY;

impl Check<'_> {
    pub(super) fn decision(&mut self, spec: &JourneySpec, plan: &mut Plan) {
        self.given(spec, plan);
        self.purposes(spec, plan);
        self.channel_plans(spec, plan);
        self.holdouts(spec, plan);
        self.asks(spec, plan);
        self.actions(spec, plan);
        self.policy(spec, plan);
        self.expectations(spec, plan);
        self.owners(spec, plan);
    }

    fn given(&mut self, spec: &JourneySpec, plan: &mut Plan) {
        let declared = |check: &mut Self, section: &str, names: &indexmap::IndexMap<String, ValueType>, taken: &[&str]| {
            for name in names.keys() {
                let path = at_path![section, name];
                check.name(&path, name);
                if taken.contains(&name.as_str()) {
                    check.key_error("reserved_name", &path, format!("`{name}` is part of every context"), Some("leave it out".to_owned()));
                }
            }
            names.iter().map(|(name, kind)| (name.clone(), Type::from(*kind))).collect::<Vec<_>>()
        };
        plan.decision.inputs = declared(self, "inputs", &spec.inputs, &[]);
        let context = declared(self, "context", &spec.context, &["channel", "topic"]);
        let always = ["channel", "topic"].map(|name| (name.to_owned(), Type::Text));
        plan.decision.context = always.into_iter().chain(context).collect();
        let called =
            |prefix: &'static str, given: &[(String, Type)]| given.iter().map(|(name, _)| format!("{prefix}{name}")).collect::<Vec<_>>();
        plan.decision.given_names = [called("input.", &plan.decision.inputs), called("context.", &plan.decision.context)].concat();
    }

    fn purposes(&mut self, spec: &JourneySpec, plan: &mut Plan) {
        for (name, purpose) in &spec.purposes {
            let path = at_path!["purposes", name];
            self.name(&path, name);
            if purpose.required && purpose.default == Some(DefaultChoice::OptedOut) {
                let help = "a required purpose needs no opt-in: leave one of the two out".to_owned();
                self.error("unknown_option", &below(&path, "default"), format!("purpose `{name}` is required and opted out"), Some(help));
            }
            plan.decision.purposes.push(PurposePlan {
                name: name.clone(),
                symbol: Symbol(self.words.intern(name)),
                required: purpose.required,
                default_in: purpose.default == Some(DefaultChoice::OptedIn),
                privacy_control: purpose.global_privacy_control,
            });
        }
    }

    fn channel_plans(&mut self, spec: &JourneySpec, plan: &mut Plan) {
        for (name, channel) in &spec.channels {
            let owner = self.owner(&at_path!["channels", name, "owner"], channel.owner.as_deref());
            let quiet = self.quiet_hours(&at_path!["channels", name, "quiet_hours"], channel);
            plan.decision.channels.push(ChannelPlan { name: name.clone(), symbol: Symbol(self.words.intern(name)), owner, quiet });
        }
        let policy = spec.contact_policy.as_ref().and_then(|policy| policy.unknown_time_zone).unwrap_or_default();
        plan.decision.unknown_zone = match policy {
            UnknownTimeZone::Hold => UnknownZone::Hold,
            UnknownTimeZone::Journey => UnknownZone::Journey,
            UnknownTimeZone::Send => UnknownZone::Send,
        };
    }

    pub(super) fn owner(&mut self, path: &[Step], owner: Option<&str>) -> Symbol {
        match owner {
            None => Symbol::NONE,
            Some(owner) if owner.trim().is_empty() => {
                self.error("empty_name", path, "the owner is empty", None);
                Symbol::NONE
            }
            Some(owner) => Symbol(self.words.intern(owner)),
        }
    }

    fn quiet_hours(&mut self, path: &[Step], channel: &ChannelSpec) -> Option<(i64, i64)> {
        let hours = channel.quiet_hours.as_ref()?;
        let mut minute = |key: &str, text: &str| {
            let found = minute_of_day(text);
            if found.is_none() {
                let help = "write hours and minutes, like `21:00`".to_owned();
                self.error("invalid_time", &below(path, key), format!("`{text}` is not a time of day"), Some(help));
            }
            found
        };
        let (from, to) = (minute("from", &hours.from), minute("to", &hours.to));
        let (from, to) = (from?, to?);
        if from == to {
            self.error("invalid_time", path, "the quiet hours begin when they end", Some("leave them out if there are none".to_owned()));
        }
        Some((from, to))
    }

    fn holdouts(&mut self, spec: &JourneySpec, plan: &mut Plan) {
        plan.decision.holdout = spec.holdout.as_ref().map(|holdout| self.holdout(plan, &at_path!["holdout"], holdout));
    }

    pub(super) fn holdout(&mut self, plan: &mut Plan, path: &[Step], holdout: &HoldoutSpec) -> usize {
        if !(0.0..=1.0).contains(&holdout.share) {
            self.error("number_out_of_range", &below(path, "share"), format!("the share {} is not from 0 to 1", holdout.share), None);
        }
        if holdout.salt.is_empty() {
            let help = "two holdouts with one salt hold out the same customers".to_owned();
            self.error("empty_name", &below(path, "salt"), "the salt is empty", Some(help));
        }
        let algorithm = holdout.algorithm.unwrap_or_default();
        plan.decision.holdouts.push(HoldoutPlan { share: holdout.share, salt: holdout.salt.clone(), algorithm });
        plan.decision.holdouts.len() - 1
    }

    fn asks(&mut self, spec: &JourneySpec, plan: &mut Plan) {
        for (name, ask) in &spec.asks {
            let path = at_path!["asks", name];
            self.name(&path, name);
            if ask.question.trim().is_empty() {
                self.error("empty_name", &below(&path, "question"), "the question is empty", None);
            }
            let asked = self.ask(plan, &path, name, ask);
            plan.decision.asks.push(asked);
        }
    }

    fn ask(&mut self, plan: &Plan, path: &[Step], name: &str, ask: &AskSpec) -> AskPlan {
        let attribute = ask.attribute.as_ref().and_then(|attribute| {
            let found = plan.attributes.iter().position(|(known, _)| known == attribute);
            if found.is_none() {
                let help = suggest(attribute, plan.attributes.iter().map(|(known, _)| known.as_str()), "there are");
                self.error("unknown_attribute", &below(path, "attribute"), format!("attribute `{attribute}` is not declared"), help);
            }
            found
        });
        match (ask.attribute.is_some(), ask.answers.is_empty()) {
            (false, true) => {
                let help = "give `answers`, or the `attribute` that takes the answer".to_owned();
                self.error("missing_key", path, format!("ask `{name}` does nothing with an answer"), Some(help));
            }
            (true, false) => self.error("several_aggregates", path, format!("ask `{name}` has both `attribute` and `answers`"), None),
            _ => {}
        }
        let answers = ask.answers.iter().map(|(answer, words)| {
            let path = [path, &at_path!["answers", answer]].concat();
            let words = words.iter().enumerate().map(|(at, word)| self.answer(plan, &[path.as_slice(), &at_path![at]].concat(), word));
            AnswerPlan { name: answer.clone(), words: words.collect() }
        });
        AskPlan { name: name.to_owned(), question: ask.question.clone(), attribute, answers: answers.collect() }
    }

    fn answer(&mut self, plan: &Plan, path: &[Step], word: &AnswerSpec) -> WordPlan {
        let symbol = |check: &mut Self, key: &str, name: Option<&String>| {
            name.map_or(Symbol::NONE, |name| check.tag(plan, &below(path, key), key, name))
        };
        WordPlan {
            channel: symbol(self, "channel", word.channel.as_ref()),
            topic: symbol(self, "topic", word.topic.as_ref()),
            purpose: symbol(self, "purpose", word.purpose.as_ref()),
            choice: word.choice,
        }
    }

    fn owners(&mut self, spec: &JourneySpec, plan: &mut Plan) {
        for (track_name, stages) in &spec.owners {
            let path = at_path!["owners", track_name];
            let Some(track) = self.track_named(plan, &path, track_name) else { continue };
            for (stage_name, channels) in stages {
                let path = at_path!["owners", track_name, stage_name];
                let Some(stage) = self.stage_named(plan, &path, track, stage_name) else { continue };
                for (channel, owner) in channels {
                    let path = at_path!["owners", track_name, stage_name, channel];
                    let symbol = self.tag_key(plan, &path, "channel", channel);
                    let owner = self.owner(&path, Some(owner));
                    if let Some(channel) = plan.decision.channels.iter().position(|plan| plan.symbol == symbol) {
                        plan.decision.owners.push((track, stage, channel, owner));
                    }
                }
            }
        }
    }

    pub(super) fn track_named(&mut self, plan: &Plan, path: &[Step], name: &str) -> Option<usize> {
        let found = plan.tracks.iter().position(|track| track.name == name);
        if found.is_none() {
            let help = suggest(name, plan.tracks.iter().map(|track| track.name.as_str()), "there are");
            self.key_error("unknown_track", path, format!("track `{name}` is not declared"), help);
        }
        found
    }

    /// A stage that is a key of the file.
    fn stage_named(&mut self, plan: &Plan, path: &[Step], track: usize, name: &str) -> Option<usize> {
        let stages = plan.tracks.get(track).map_or(&[][..], |track| &track.stages);
        let found = stages.iter().position(|stage| stage.name == name);
        if found.is_none() {
            let help = suggest(name, stages.iter().map(|stage| stage.name.as_str()), "there are");
            self.key_error("unknown_stage", path, format!("stage `{name}` is not declared"), help);
        }
        found
    }

    /// The symbol of a tag's value: what is declared must be declared.
    pub(super) fn tag(&mut self, plan: &Plan, path: &[Step], what: &str, name: &str) -> Symbol {
        self.tag_at(plan, path, what, name, false)
    }

    fn tag_key(&mut self, plan: &Plan, path: &[Step], what: &str, name: &str) -> Symbol {
        self.tag_at(plan, path, what, name, true)
    }

    fn tag_at(&mut self, plan: &Plan, path: &[Step], what: &str, name: &str, is_key: bool) -> Symbol {
        let decision = &plan.decision;
        let declared: Option<(&'static str, Vec<&str>)> = match what {
            "channel" => Some(("unknown_channel", plan.channels.iter().map(String::as_str).collect())),
            "purpose" => Some(("unknown_purpose", decision.purposes.iter().map(|purpose| purpose.name.as_str()).collect())),
            "topic" => plan.topics.as_ref().map(|topics| ("unknown_topic", topics.iter().map(String::as_str).collect())),
            "action" => Some(("unknown_action", decision.actions.iter().map(|action| action.name.as_str()).collect())),
            "group" => Some(("unknown_group", decision.groups.iter().map(|group| group.name.as_str()).collect())),
            _ => None,
        };
        if let Some((code, names)) = declared
            && !names.contains(&name)
        {
            let (message, help) = (format!("{what} `{name}` is not declared"), suggest(name, names, "there are"));
            match is_key {
                true => self.key_error(code, path, message, help),
                false => self.error(code, path, message, help),
            }
        }
        Symbol(self.words.intern(name))
    }

    /// The symbols of a list of tags' values.
    pub(super) fn tags(&mut self, plan: &Plan, path: &[Step], what: &str, names: Option<&OneOrMany>) -> Option<Vec<Symbol>> {
        let names = names?;
        if names.names().is_empty() {
            self.error("empty_list", path, "the list is empty", Some("leave it out if any is meant".to_owned()));
        }
        Some(self.items(path, names, |check, path, name| check.tag(plan, path, what, name)))
    }

    /// Each name of one or a list, with its path.
    pub(super) fn items<T>(&mut self, path: &[Step], names: &OneOrMany, mut each: impl FnMut(&mut Self, &[Step], &str) -> T) -> Vec<T> {
        let item = |at: usize| match names {
            OneOrMany::One(_) => path.to_vec(),
            OneOrMany::Many(_) => [path, &at_path![at]].concat(),
        };
        names.names().iter().enumerate().map(|(at, name)| each(self, &item(at), name)).collect()
    }

    /// A rule over traits, scores, segments, inputs and context.
    pub(super) fn decision_rule(&mut self, plan: &mut Plan, path: &[Step], text: &str) -> RulePlan {
        let mut names = DecisionNames(CustomerNames { plan, words: &mut self.words, later: &[] });
        let condition = match compile_condition(text, &mut names) {
            Ok(Checked { plan: condition, cost }) => {
                self.cost(path, cost);
                condition
            }
            Err(problems) => {
                self.problems(path, text, problems);
                return RulePlan::default();
            }
        };
        plan.decision.conditions.rule(text, condition)
    }

    /// A number, or an expression over traits, scores, inputs and context.
    pub(super) fn decision_number(&mut self, plan: &Plan, path: &[Step], value: Option<&NumberOrExpression>) -> Number {
        match value {
            None => Number::Constant(1.0),
            Some(NumberOrExpression::Number(value)) => Number::Constant(self.finite(path, *value)),
            Some(NumberOrExpression::Expression(text)) => {
                let mut names = DecisionNames(CustomerNames { plan, words: &mut self.words, later: &[] });
                match compile_number(text, &mut names) {
                    Ok(Checked { plan: number, cost }) => {
                        self.cost(path, cost);
                        number
                    }
                    Err(problems) => {
                        self.problems(path, text, problems);
                        Number::Constant(1.0)
                    }
                }
            }
        }
    }
}

/// `HH:MM` in microseconds of the day.
fn minute_of_day(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let digits = |text: &str, below: i64| match text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()) {
        true => text.parse().ok().filter(|number: &i64| *number < below),
        false => None,
    };
    Some((digits(hours, 24)? * 60 + digits(minutes, 60)?) * 60_000_000)
}

/// A customer's names, and what the host hands in.
pub(super) struct DecisionNames<'a>(pub(super) CustomerNames<'a>);

impl Names for DecisionNames<'_> {
    fn leaf(&self, name: &str) -> Option<Leaf<'_>> {
        let plan = self.0.plan;
        let given = |names: &[(String, Type)], offset: usize, what: &str| {
            let at = names.iter().position(|(known, _)| name.strip_prefix(what) == Some(known))?;
            let (known, kind) = names.get(at)?;
            let domain = match (what, known.as_str()) {
                ("context.", "channel") => Some((plan.channels.as_slice(), "channel")),
                ("context.", "topic") => plan.topics.as_deref().map(|topics| (topics, "topic")),
                _ => None,
            };
            Some(Leaf { index: plan.given_leaf(offset + at), kind: *kind, domain, cost: 0 })
        };
        let (inputs, context) = (&plan.decision.inputs, &plan.decision.context);
        self.0.leaf(name).or_else(|| given(inputs, 0, "input.")).or_else(|| given(context, inputs.len(), "context."))
    }

    fn all(&self) -> Vec<&str> {
        self.0.all()
    }

    fn what(&self) -> &'static str {
        self.0.what()
    }

    fn intern(&mut self, text: &str) -> Symbol {
        self.0.intern(text)
    }

    fn hint(&self, name: &str) -> Option<String> {
        let decision = &self.0.plan.decision;
        let near = |given: &str, names: &[(String, Type)], section: &str| {
            name.strip_prefix(given)?;
            let full: Vec<String> = names.iter().map(|(name, _)| format!("{given}{name}")).collect();
            suggest(name, full.iter().map(String::as_str), "there are").or_else(|| Some(format!("declare it under `{section}`")))
        };
        near("input.", &decision.inputs, "inputs").or_else(|| near("context.", &decision.context, "context")).or_else(|| self.0.hint(name))
    }
}
