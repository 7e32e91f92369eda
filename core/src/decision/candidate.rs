//! Every candidate, and the gate that stopped it.

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::ConsentReason;
use super::explain;
use super::pick::Pick;
use super::scene::{Scene, Stop, Time};
use crate::expression::Type;
use crate::journey::plan::decision::ActionPlan;
use crate::journey::plan::rule::RulePlan;
use crate::profile::{Pairs, ValueText, described, shown, slot};
use crate::record::Value;
use crate::time::Instant;

/// The floor at which a candidate was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Gate {
    /// Stages, conditions, validity.
    Eligibility,
    /// The customer's word.
    Preference,
    /// Vetoes, limits, waits, caps, quiet hours.
    Policy,
    /// The customer is left alone, to measure against.
    Holdout,
    /// Another candidate goes first.
    Arbitration,
}

impl Gate {
    /// As documents and tables show it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eligibility => "eligibility",
            Self::Preference => "preference",
            Self::Policy => "policy",
            Self::Holdout => "holdout",
            Self::Arbitration => "arbitration",
        }
    }
}

impl Stop {
    /// Its place among [`REASONS`].
    pub(crate) fn place(self) -> usize {
        match self {
            Self::NotValidYet => 1,
            Self::NotValidAnyMore => 2,
            Self::Stage(_) => 3,
            Self::Condition => 4,
            Self::TopicUnknown => 5,
            Self::NothingToAsk => 6,
            Self::OtherChannel => 7,
            Self::Consent(verdict) => match verdict.because {
                ConsentReason::Objected => 8,
                ConsentReason::OptedOut => 9,
                ConsentReason::Pending => 10,
                _ => 11,
            },
            Self::Veto(_, false) => 12,
            Self::Veto(_, true) => 13,
            Self::Limit => 14,
            Self::Cooldown => 15,
            Self::Cap(_) => 16,
            Self::QuietHours => 17,
            Self::TimeZoneUnknown => 18,
            Self::HeldOut => 19,
            Self::PriorityUnknown => 20,
            Self::Outranked => 21,
        }
    }

    /// The reason, as the reference lists it.
    pub(crate) fn reason(self) -> &'static str {
        REASONS.get(self.place()).copied().unwrap_or_default()
    }

    pub(crate) fn gate(self) -> Gate {
        gate_at(self.place()).unwrap_or(Gate::Arbitration)
    }
}

/// Reasons in the order of the gates. The first stands for none: the candidate goes first. The last is what tables say where a journey has no actions.
pub(crate) const REASONS: [&str; 23] = [
    "first",
    "not_valid_yet",
    "not_valid_any_more",
    "stage",
    "condition",
    "topic_unknown",
    "nothing_to_ask",
    "other_channel",
    "objected",
    "opted_out",
    "pending",
    "default_out",
    "veto",
    "veto_unknown",
    "limit",
    "cooldown",
    "cap",
    "quiet_hours",
    "time_zone_unknown",
    "held_out",
    "priority_unknown",
    "outranked",
    "no_actions",
];

/// The gate of the reason at a place.
pub(crate) fn gate_at(place: usize) -> Option<Gate> {
    Some(match place {
        1..=7 => Gate::Eligibility,
        8..=11 => Gate::Preference,
        12..=18 => Gate::Policy,
        19 => Gate::Holdout,
        20..=21 => Gate::Arbitration,
        _ => return None,
    })
}

/// An action on a channel, and what became of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Candidate<'a> {
    /// The action.
    pub action: &'a str,
    /// The channel.
    pub channel: &'a str,
    /// About what.
    pub topic: Option<&'a str>,
    /// The team that answers for it.
    pub owner: Option<&'a str>,
    /// For what.
    pub purpose: Option<&'a str>,
    /// What it is worth; none if it is not eligible, or a factor is unknown.
    pub priority: Option<f64>,
    /// Where it was stopped; none for the one that was chosen.
    pub gate: Option<Gate>,
    /// Why, as the reference lists it.
    pub reason: Option<&'static str>,
    /// Why, in words.
    pub because: String,
    /// The rule that stopped it, if one did.
    pub rule: Option<&'a str>,
    /// What the rule's operands were, called as rules call them: `orders`, `input.p_click`, `context.intent`.
    pub operands: Vec<(&'a str, Value<'a>)>,
    /// What would have to change for it to pass that gate.
    pub would_change: Option<String>,
    /// The first instant at which it may go, if nothing but time forbids it.
    pub not_before: Option<Instant>,
}

impl Serialize for Candidate<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("action", self.action)?;
        map.serialize_entry("channel", self.channel)?;
        map.serialize_entry("topic", &self.topic)?;
        map.serialize_entry("owner", &self.owner)?;
        map.serialize_entry("purpose", &self.purpose)?;
        map.serialize_entry("priority", &self.priority)?;
        map.serialize_entry("gate", &self.gate)?;
        map.serialize_entry("reason", &self.reason)?;
        map.serialize_entry("because", &self.because)?;
        map.serialize_entry("rule", &self.rule)?;
        map.serialize_entry("operands", &Pairs(self.operands.iter().map(|(name, value)| (*name, ValueText(*value))).collect()))?;
        map.serialize_entry("would_change", &self.would_change)?;
        map.serialize_entry("not_before", &self.not_before)?;
        map.end()
    }
}

/// One boost that held.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Boost<'a> {
    /// What it is called.
    pub name: &'a str,
    /// What it added.
    pub add: f64,
}

/// What a priority is the product of: `propensity × value × weight × (1 + Σ add)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Factors<'a> {
    /// How probably it works.
    pub propensity: f64,
    /// What it is worth if it works; of an ask, what the answer could unlock.
    pub value: f64,
    /// What the business adds.
    pub weight: f64,
    /// The boosts that held.
    pub boosts: Vec<Boost<'a>>,
}

/// The best candidate of another action.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RunnerUp<'a> {
    /// Its action.
    pub action: &'a str,
    /// Its channel.
    pub channel: &'a str,
    /// Its priority.
    pub priority: f64,
}

pub(super) fn factors<'a>(scene: &Scene<'a>, number: usize, action: &'a ActionPlan) -> Factors<'a> {
    let multiplied = scene.factors(number, action);
    let held = action.boosts.iter().filter(|boost| scene.truth(&boost.rule).is_true());
    Factors {
        propensity: multiplied.propensity,
        value: multiplied.value,
        weight: multiplied.weight,
        boosts: held.map(|boost| Boost { name: &boost.name, add: boost.add }).collect(),
    }
}

/// What became of one candidate; none if it is the one that may go.
pub(crate) fn stopped(scene: &Scene<'_>, number: usize, action: &ActionPlan, channel: usize, pick: Option<&Pick>) -> Option<Stop> {
    let is_pick = pick.is_some_and(|pick| (pick.action, pick.channel) == (number, channel));
    let gates = scene.eligible(number, action, Time::Binds).and_then(|()| scene.passes(action, channel, Time::Binds));
    match gates {
        Err(stop) => Some(stop),
        Ok(()) if scene.priority(number, action).is_none() => Some(Stop::PriorityUnknown),
        Ok(()) => (!is_pick).then_some(Stop::Outranked),
    }
}

pub(super) fn candidates<'a>(scene: &Scene<'a>, taken: &[usize], pick: Option<&Pick>) -> Vec<Candidate<'a>> {
    let plan = scene.person.plan;
    let mut all = Vec::new();
    for (number, action) in plan.decision.actions.iter().enumerate().filter(|(number, _)| !taken.contains(number)) {
        for channel in scene.channels(action).iter().copied() {
            let stop = stopped(scene, number, action, channel, pick);
            all.push(candidate(scene, number, action, channel, stop));
        }
    }
    all
}

fn candidate<'a>(scene: &Scene<'a>, number: usize, action: &'a ActionPlan, channel: usize, stop: Option<Stop>) -> Candidate<'a> {
    let plan = scene.person.plan;
    let tags = scene.tags(action, channel);
    let text = |symbol: crate::symbol::Symbol| symbol.known().then(|| scene.person.strings.text(symbol));
    let rule = match stop {
        Some(Stop::Condition) => Some(&action.rule),
        Some(Stop::Veto(veto, _)) => plan.decision.vetoes.get(veto).map(|veto| &veto.rule),
        _ => None,
    };
    let eligible = stop.is_none_or(|stop| stop.gate() != Gate::Eligibility);
    let not_before = stop.filter(|stop| stop.is_time()).and_then(|_| scene.not_before(number, action, channel)).map(Instant::from_valid);
    Candidate {
        action: &action.name,
        channel: plan.decision.channels.get(channel).map_or("", |channel| &channel.name),
        topic: text(tags.topic),
        owner: text(tags.owner),
        purpose: text(tags.purpose),
        priority: if eligible { scene.priority(number, action) } else { None },
        gate: stop.map(Stop::gate),
        reason: stop.map(Stop::reason),
        because: explain::stop(scene, action, channel, stop),
        rule: rule.map(|rule| rule.text.as_str()),
        operands: rule.map_or_else(Vec::new, |rule| operands(scene, rule)),
        would_change: stop.and_then(|stop| explain::would_change(scene, action, channel, stop, not_before)),
        not_before,
    }
}

/// What the operands of a rule are now.
pub(super) fn operands<'a>(scene: &Scene<'a>, rule: &'a RulePlan) -> Vec<(&'a str, Value<'a>)> {
    let (plan, strings, given) = (scene.person.plan, scene.person.strings, scene.given);
    let operand = |leaf: u32| match plan.given(leaf) {
        Some((name, kind)) => {
            let value = scene.handed_in(leaf).unwrap_or(slot::unknown(kind));
            let text = given.text(slot::symbol(value)).filter(|_| kind == Type::Text);
            (name, text.map_or_else(|| shown(strings, value, kind, false), Value::Text))
        }
        None => {
            let (name, kind, integer) = described(plan.leaf(leaf));
            (name, shown(strings, scene.lens().slot(leaf), kind, integer))
        }
    };
    rule.operands.iter().map(operand).collect()
}
