//! Groups and actions, and the stages that expect an answer.

use super::super::document::Step;
use super::super::plan::decision::{ActionPlan, BoostPlan, GroupPlan, TopicPlan};
use super::super::plan::rule::RulePlan;
use super::super::plan::{Operation, Plan};
use super::super::spec::{ActionSpec, BoostSpec, JourneySpec, OneOrMany, ValidSpec};
use super::traits::below;
use super::{Check, at_path};
use crate::diagnostic::suggest;
use crate::expression::Type;
use crate::symbol::Symbol;
use crate::time::Instant;

impl Check<'_> {
    pub(super) fn actions(&mut self, spec: &JourneySpec, plan: &mut Plan) {
        if let (Some(first), true) = (spec.actions.first(), spec.purposes.is_empty()) {
            let help = "declare what contacts are for: `purposes: { marketing: {}, service: { required: true } }`".to_owned();
            self.error(
                "missing_key",
                &at_path!["actions", 0],
                format!("action `{}` needs a purpose, and none is declared", first.name),
                Some(help),
            );
        }
        for (name, group) in &spec.groups {
            let path = at_path!["groups", name];
            self.name(&path, name);
            for (key, given) in [("name", !group.name.is_empty()), ("group", group.group.is_some()), ("ask", group.ask.is_some())] {
                if given {
                    self.error("unknown_option", &below(&path, key), format!("a group has no `{key}`"), None);
                }
            }
            let members = spec.actions.iter().filter(|action| action.group.as_deref() == Some(name.as_str()));
            let members = members.map(|action| Symbol(self.words.intern(&action.name))).collect();
            plan.decision.groups.push(GroupPlan { name: name.clone(), members, limit: group.limit });
        }
        let mut inherited = Vec::new();
        for (at, (name, group)) in spec.groups.iter().enumerate() {
            let members = plan.decision.groups.get(at).map_or_else(Vec::new, |group| group.members.clone());
            inherited.push(self.gates(plan, &at_path!["groups", name], group, &members));
        }
        for (at, action) in spec.actions.iter().enumerate() {
            if self.is_full() {
                break;
            }
            let path = at_path!["actions", at];
            match action.name.is_empty() {
                true => self.error("missing_key", &path, "the key `name` is missing", None),
                false => self.name(&below(&path, "name"), &action.name),
            }
            if spec.actions.iter().take(at).any(|other| other.name == action.name) {
                self.error("duplicate_name", &below(&path, "name"), format!("action `{}` is declared twice", action.name), None);
            }
            let group = action.group.as_ref().and_then(|group| {
                self.tag(plan, &below(&path, "group"), "group", group);
                spec.groups.get_index_of(group)
            });
            let from_group = group.and_then(|group| Some((group, spec.groups.get_index(group)?.1, inherited.get(group)?)));
            let mut planned = self.action(plan, &path, action, from_group);
            planned.kind = planned.kind.or_else(|| spec.contact_policy.as_ref()?.kind.clone());
            plan.decision.actions.push(planned);
        }
    }

    /// The gates of an action, or those that all actions of a group have of it.
    fn gates(&mut self, plan: &mut Plan, path: &[Step], spec: &ActionSpec, actions: &[Symbol]) -> Gates {
        let when = spec.when.as_ref();
        Gates {
            stages: self.stages_named(plan, path, spec),
            rule: when.map_or_else(RulePlan::default, |text| self.decision_rule(plan, &below(path, "when"), text)),
            valid: self.valid(path, spec.valid.as_ref()),
            after: spec.after.as_ref().map(|after| self.after(&below(path, "after"), after, actions)),
            boosts: self.boosts(plan, path, &spec.boosts),
            holdout: spec.holdout.as_ref().map(|holdout| self.holdout(plan, &below(path, "holdout"), holdout)),
        }
    }

    fn action(
        &mut self,
        plan: &mut Plan,
        path: &[Step],
        action: &ActionSpec,
        from_group: Option<(usize, &ActionSpec, &Gates)>,
    ) -> ActionPlan {
        let symbol = Symbol(self.words.intern(&action.name));
        let own = self.gates(plan, path, action, &[symbol]);
        let nothing = Gates::default();
        let (group_spec, of_group) = from_group.map_or((None, &nothing), |(_, spec, inherited)| (Some(spec), inherited));
        // A field of the action, else of its group, with the path where it stands.
        let group_path = action.group.as_ref().map_or_else(Vec::new, |group| at_path!["groups", group]);
        macro_rules! given {
            ($field:ident) => {
                match (&action.$field, group_spec.and_then(|group| group.$field.as_ref())) {
                    (Some(own), _) => Some((own, below(path, stringify!($field)))),
                    (None, Some(inherited)) => Some((inherited, below(&group_path, stringify!($field)))),
                    (None, None) => None,
                }
            };
        }
        let purpose = match given!(purpose) {
            Some((name, path)) => {
                let symbol = self.tag(plan, &path, "purpose", name);
                plan.decision.purposes.iter().position(|purpose| purpose.symbol == symbol).unwrap_or_default()
            }
            None => {
                if !plan.decision.purposes.is_empty() {
                    let names = plan.decision.purposes.iter().map(|purpose| purpose.name.as_str());
                    let help = suggest("", names, "there are");
                    self.error("missing_key", path, format!("action `{}` has no purpose", action.name), help);
                }
                0
            }
        };
        let channels = match given!(channels) {
            Some((names, path)) => {
                let chosen = self.tags(plan, &path, "channel", Some(names)).unwrap_or_default();
                chosen.iter().filter_map(|symbol| plan.decision.channels.iter().position(|plan| plan.symbol == *symbol)).collect()
            }
            None => (0..plan.decision.channels.len()).collect(),
        };
        if plan.decision.channels.is_empty() {
            let help = "declare the channels: `channels: { email: {} }`".to_owned();
            self.error("missing_key", path, format!("action `{}` has no channel to go by", action.name), Some(help));
        }
        let topic = given!(topic).map_or(TopicPlan::None, |(name, path)| self.topic(plan, &path, name));
        let owner = given!(owner).map_or(Symbol::NONE, |(owner, path)| self.owner(&path, Some(owner)));
        let ask = action.ask.as_ref().and_then(|ask| {
            let found = plan.decision.asks.iter().position(|plan| plan.name == *ask);
            if found.is_none() {
                let help = suggest(ask, plan.decision.asks.iter().map(|ask| ask.name.as_str()), "there are");
                self.error("unknown_ask", &below(path, "ask"), format!("ask `{ask}` is not declared"), help);
            }
            found
        });
        let kind = given!(kind).map(|(kind, path)| {
            self.kind_named(plan, &path, kind);
            kind.clone()
        });
        let mut number = |given: Option<(&super::super::spec::NumberOrExpression, Vec<Step>)>| {
            let path = given.as_ref().map_or_else(Vec::new, |(_, path)| path.clone());
            self.decision_number(plan, &path, given.map(|(number, _)| number))
        };
        let (propensity, value, weight) = (number(given!(propensity)), number(given!(value)), number(given!(weight)));
        ActionPlan {
            name: action.name.clone(),
            symbol,
            group: from_group.map(|(group, ..)| group),
            ask,
            purpose,
            topic,
            owner,
            channels,
            preferred: given!(channel).is_some(),
            stages: of_group.stages.iter().chain(&own.stages).copied().collect(),
            rule: of_group.rule.and(&own.rule),
            valid: (own.valid.0.max(of_group.valid.0), own.valid.1.min(of_group.valid.1)),
            limit: action.limit,
            afters: own.after.iter().chain(&of_group.after).cloned().collect(),
            caps: Vec::new(),
            vetoes: Vec::new(),
            propensity,
            value,
            weight,
            boosts: of_group.boosts.iter().chain(&own.boosts).cloned().collect(),
            holdout: own.holdout.or(of_group.holdout),
            kind,
        }
    }

    fn boosts(&mut self, plan: &mut Plan, path: &[Step], boosts: &[BoostSpec]) -> Vec<BoostPlan> {
        let boosts = boosts.iter().enumerate().map(|(at, boost)| {
            let path = [path, &at_path!["boosts", at]].concat();
            BoostPlan {
                name: boost.name.clone().unwrap_or_else(|| boost.when.clone()),
                rule: self.decision_rule(plan, &below(&path, "when"), &boost.when),
                add: self.finite(&below(&path, "add"), boost.add),
            }
        });
        boosts.collect()
    }

    fn stages_named(&mut self, plan: &Plan, path: &[Step], action: &ActionSpec) -> Vec<(usize, u64)> {
        let mut chosen = Vec::new();
        for (track_name, names) in &action.stages {
            let path = [path, &at_path!["stages", track_name]].concat();
            let Some(track) = self.track_named(plan, &path, track_name) else { continue };
            let stages = plan.tracks.get(track).map_or(&[][..], |track| &track.stages);
            if names.names().is_empty() {
                self.error("empty_list", &path, "the list is empty", Some("leave the track out if any stage is meant".to_owned()));
            }
            let bits = self.items(&path, names, |check, path, name| match stages.iter().position(|stage| stage.name == name) {
                Some(at) => 1_u64 << at,
                None => {
                    let help = suggest(name, stages.iter().map(|stage| stage.name.as_str()), "there are");
                    check.error("unknown_stage", path, format!("stage `{name}` is not declared"), help);
                    0
                }
            });
            chosen.push((track, bits.into_iter().fold(0, |all, bit| all | bit)));
        }
        chosen
    }

    fn topic(&mut self, plan: &Plan, path: &[Step], name: &str) -> TopicPlan {
        let supplies = super::trait_named(plan, name);
        let declared = plan.topics.as_ref().is_some_and(|topics| topics.iter().any(|topic| topic == name));
        match supplies {
            Some(_) if declared => {
                let help = "call one of the two something else".to_owned();
                self.error("ambiguous_topic", path, format!("`{name}` is a trait and a topic"), Some(help));
                TopicPlan::None
            }
            Some((at, found)) => {
                if found.kind != Type::Text || matches!(found.operation, Operation::Count { .. }) {
                    let message = format!("trait `{name}` is {}, where a topic is needed", found.kind.name());
                    self.error("type_mismatch", path, message, None);
                }
                TopicPlan::Trait(at as u32)
            }
            None => TopicPlan::Fixed(self.tag(plan, path, "topic", name)),
        }
    }

    fn valid(&mut self, path: &[Step], valid: Option<&ValidSpec>) -> (i64, i64) {
        let mut instant = |key: &str, text: Option<&String>, none: i64| match text.map(|text| text.parse::<Instant>()) {
            None => none,
            Some(Ok(instant)) => instant.as_micros(),
            Some(Err(error)) => {
                let path = [path, &at_path!["valid", key]].concat();
                self.error("invalid_instant", &path, error.message(), error.help().map(str::to_owned));
                none
            }
        };
        let from = instant("from", valid.and_then(|valid| valid.from.as_ref()), i64::MIN);
        let until = instant("until", valid.and_then(|valid| valid.until.as_ref()), i64::MAX);
        if from >= until {
            self.error("number_out_of_range", &below(path, "valid"), "it is over before it begins", None);
        }
        (from, until)
    }

    /// A stage may require that some action answers it.
    pub(super) fn expectations(&mut self, spec: &JourneySpec, plan: &Plan) {
        for (track, (track_name, stages)) in spec.tracks.iter().enumerate() {
            for (at, stage) in stages.iter().enumerate() {
                let Some(expects) = &stage.expects else { continue };
                let path = at_path!["tracks", track_name, at, "expects"];
                self.expected(plan, &path, (track, at, &stage.name), expects);
            }
        }
    }

    fn expected(&mut self, plan: &Plan, path: &[Step], (track, stage, name): (usize, usize, &str), expects: &OneOrMany) {
        let answers = |action: &ActionPlan| action.stages.iter().all(|(other, bits)| *other != track || bits >> stage & 1 == 1);
        let found = self.items(path, expects, |check, path, action| {
            check.tag(plan, path, "action", action);
            plan.decision.actions.iter().any(|plan| plan.name == action && answers(plan))
        });
        if !found.contains(&true) {
            let names: Vec<String> = expects.names().iter().map(|name| format!("`{name}`")).collect();
            let message = format!("nothing answers stage `{name}`: {} may not be said in it", names.join(", "));
            self.warning("stage_unanswered", path, message, Some("add the stage to the action's `stages`".to_owned()));
        }
    }
}

/// Gates as they stand in the file.
struct Gates {
    stages: Vec<(usize, u64)>,
    rule: RulePlan,
    valid: (i64, i64),
    after: Option<super::super::plan::decision::AfterPlan>,
    boosts: Vec<BoostPlan>,
    holdout: Option<usize>,
}

impl Default for Gates {
    fn default() -> Self {
        Self { stages: Vec::new(), rule: RulePlan::default(), valid: (i64::MIN, i64::MAX), after: None, boosts: Vec::new(), holdout: None }
    }
}
