//! What a journey file lacks, or has for nothing.

use super::cells::Said;
use super::needs::{DataNeeded, extend, trait_field};
use super::reach::Reach;
use super::{Gap, GridStage, GridTrack};
use crate::expression::mentions;
use crate::journey::{ActionSpec, JourneySpec, NumberOrExpression, OneOrMany};

pub(super) fn gaps(spec: &JourneySpec, tracks: &[GridTrack], actions: &[Said<'_>], reach: &Reach) -> Vec<Gap> {
    let mut gaps = Vec::new();
    unowned(spec, tracks, &mut gaps);
    unsaid(spec, tracks, actions, reach, &mut gaps);
    unused(spec, actions, &mut gaps);
    gaps
}

impl Gap {
    fn new(code: &'static str, path: String, message: String, help: &str) -> Self {
        Self { code, path, message, help: (!help.is_empty()).then(|| help.to_owned()), track: None }
    }

    fn on(mut self, track: &str) -> Self {
        self.track = Some(track.to_owned());
        self
    }
}

fn unowned(spec: &JourneySpec, tracks: &[GridTrack], gaps: &mut Vec<Gap>) {
    for (at, (channel, declared)) in spec.channels.iter().enumerate() {
        let nobodys = |stage: &&GridStage| stage.cells.get(at).is_none_or(|cell| cell.owner.is_none());
        let path = format!("channels.{channel}");
        if declared.owner.is_none() && tracks.iter().flat_map(|track| &track.stages).all(|stage| nobodys(&stage)) {
            gaps.push(Gap::new("unowned_cell", path, format!("nobody owns channel `{channel}`"), "give it an `owner`"));
            continue;
        }
        for track in tracks {
            let stages: Vec<String> = track.stages.iter().filter(nobodys).map(|stage| format!("`{}`", stage.stage)).collect();
            if !stages.is_empty() {
                let message = format!("nobody owns channel `{channel}` in {} of track `{}`", stages.join(", "), track.track);
                let help = "give the channel an `owner`, or these cells one under `owners`";
                gaps.push(Gap::new("unowned_cell", path.clone(), message, help).on(&track.track));
            }
        }
    }
}

fn unsaid(spec: &JourneySpec, tracks: &[GridTrack], actions: &[Said<'_>], reach: &Reach, gaps: &mut Vec<Gap>) {
    for action in actions {
        if let Some(reason) = reach.never(action) {
            let message = format!("action `{}` can never be said", action.spec.name);
            gaps.push(Gap::new("unreachable_action", format!("actions[{}]", action.at), message, reason));
        }
    }
    if spec.actions.is_empty() {
        gaps.push(Gap::new("no_actions", "actions".to_owned(), "there is nothing to say".to_owned(), "declare `actions`"));
        return;
    }
    for track in tracks {
        for (at, stage) in track.stages.iter().enumerate() {
            if stage.cells.iter().all(|cell| cell.actions.is_empty()) {
                let message = format!("nothing may be said in stage `{}`", stage.stage);
                let path = format!("tracks.{}[{at}]", track.track);
                gaps.push(Gap::new("stage_without_action", path, message, "no action allows it on any channel").on(&track.track));
            }
        }
    }
    for channel in spec.channels.keys() {
        if !actions.iter().any(|action| action.channels.contains(&channel.as_str())) {
            let message = format!("no action uses channel `{channel}`");
            let help = "add it to an action's `channels`, or leave it if customers only come by it";
            gaps.push(Gap::new("unused_channel", format!("channels.{channel}"), message, help));
        }
    }
}

fn unused(spec: &JourneySpec, actions: &[Said<'_>], gaps: &mut Vec<Gap>) {
    let used = Used::new(spec, actions);
    let mut section = |code: &'static str, section: &str, what: &str, help: &str, names: Vec<&String>, used: &[String]| {
        for name in names.into_iter().filter(|name| !used.contains(name)) {
            gaps.push(Gap::new(code, format!("{section}.{name}"), format!("{what} `{name}`"), help));
        }
    };
    let help = "no trait or score is computed from it, and no action is recorded as it";
    section("unused_kind", "touchpoints", "nothing reads touchpoints of kind", help, spec.touchpoints.keys().collect(), &used.data.kinds);
    let help = "declare a trait with `attribute`, or leave it out";
    let attributes = spec.attributes.keys().collect();
    section("unused_attribute", "attributes", "nothing reads or asks for attribute", help, attributes, &used.data.attributes);
    let help = "read it in a condition or a factor, or leave it out";
    section("unused_input", "inputs", "no rule reads input", help, spec.inputs.keys().collect(), &used.data.inputs);
    section("unused_context", "context", "no rule reads the context's", help, spec.context.keys().collect(), &used.data.context);
    section("unused_purpose", "purposes", "no action has purpose", "", spec.purposes.keys().collect(), &used.purposes);
    section("unused_group", "groups", "no action is in group", "", spec.groups.keys().collect(), &used.groups);
    section(
        "unused_ask",
        "asks",
        "no action asks",
        "an ask is put to a customer by an action with `ask`",
        spec.asks.keys().collect(),
        &used.asks,
    );
    for (at, topic) in spec.topics.iter().flatten().enumerate().filter(|(_, topic)| !used.topics(topic)) {
        let message = format!("no action, trait or rule is about topic `{topic}`");
        gaps.push(Gap::new("unused_topic", format!("topics[{at}]"), message, ""));
    }
}

/// What anything in the file uses.
#[derive(Default)]
struct Used {
    data: DataNeeded,
    purposes: Vec<String>,
    groups: Vec<String>,
    asks: Vec<String>,
    topics: Vec<String>,
    /// A trait takes its values from the topics, whichever they are.
    any_topic: bool,
}

impl Used {
    fn new(spec: &JourneySpec, actions: &[Said<'_>]) -> Self {
        let mut used = Self::default();
        for name in spec.traits.keys().chain(spec.scores.keys()) {
            used.data.add_name(spec, name);
        }
        used.any_topic = spec.traits.values().any(|spec| trait_field(spec) == Some("topic"));
        rules(spec).into_iter().for_each(|text| used.rule(spec, text));
        for filter in touchpoint_rules(spec) {
            used.topics.extend(mentions(filter).texts);
        }
        let policy = spec.contact_policy.as_ref();
        extend(&mut used.data.kinds, policy.and_then(|policy| policy.kind.as_deref()));
        extend(&mut used.data.kinds, actions.iter().filter_map(|action| action.kind));
        for action in spec.actions.iter().chain(spec.groups.values()) {
            used.action(action);
        }
        for ask in spec.asks.values() {
            extend(&mut used.data.attributes, ask.attribute.as_deref());
            used.topics.extend(ask.answers.values().flatten().filter_map(|answer| answer.topic.clone()));
        }
        let caps = policy.into_iter().flat_map(|policy| &policy.caps);
        used.topics.extend(caps.filter_map(|cap| cap.topic.as_ref()).flat_map(OneOrMany::names).cloned());
        used
    }

    fn rule(&mut self, spec: &JourneySpec, text: &str) {
        self.data.add_rule(spec, text);
        self.topics.extend(mentions(text).texts);
    }

    fn action(&mut self, action: &ActionSpec) {
        self.purposes.extend(action.purpose.clone());
        self.groups.extend(action.group.clone());
        self.asks.extend(action.ask.clone());
        self.topics.extend(action.topic.clone());
    }

    fn topics(&self, topic: &String) -> bool {
        self.any_topic || self.topics.contains(topic)
    }
}

/// The conditions and expressions on customers of the whole file.
fn rules(spec: &JourneySpec) -> Vec<&str> {
    let mut rules: Vec<&str> = spec.segments.values().map(String::as_str).collect();
    for stage in spec.tracks.values().flatten() {
        rules.extend([&stage.when, &stage.while_, &stage.guard].into_iter().flatten().map(String::as_str));
    }
    for action in spec.actions.iter().chain(spec.groups.values()) {
        rules.extend(action.when.as_deref());
        rules.extend(action.boosts.iter().map(|boost| boost.when.as_str()));
        rules.extend([&action.value, &action.propensity, &action.weight].into_iter().flatten().filter_map(text_of));
    }
    rules.extend(spec.contact_policy.iter().flat_map(|policy| &policy.vetoes).map(|veto| veto.when.as_str()));
    rules
}

/// Those on touchpoints.
fn touchpoint_rules(spec: &JourneySpec) -> Vec<&str> {
    let mut rules: Vec<&str> = spec.traits.values().filter_map(|spec| spec.where_.as_deref()).collect();
    for points in spec.scores.values().flat_map(|score| score.points.iter().flatten()) {
        rules.extend(points.where_.as_deref());
        rules.extend(text_of(&points.add));
    }
    rules
}

fn text_of(value: &NumberOrExpression) -> Option<&str> {
    match value {
        NumberOrExpression::Number(_) => None,
        NumberOrExpression::Expression(text) => Some(text),
    }
}
