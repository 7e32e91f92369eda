//! Decisions in plain English.

use super::candidate::{Candidate, operands};
use super::scene::{Scene, Stop};
use super::{ConsentReason, Decision, PreferenceRecord};
use crate::expression::Truth;
use crate::journey::plan::decision::{ActionPlan, Per};
use crate::profile::plain;
use crate::time::{Duration, Instant};

/// Why a candidate was stopped, or that it was chosen.
pub(crate) fn stop(scene: &Scene<'_>, action: &ActionPlan, channel: usize, stop: Option<Stop>) -> String {
    let Some(stop) = stop else { return "it goes first".to_owned() };
    let plan = scene.person.plan;
    let instant = |at: i64| Instant::from_micros(at).map_or_else(|_| "ever".to_owned(), |at| at.to_string());
    match stop {
        Stop::NotValidYet => format!("it is valid from {} on", instant(action.valid.0)),
        Stop::NotValidAnyMore => format!("it was valid until {}", instant(action.valid.1)),
        Stop::Stage(track) => {
            let track_plan = plan.tracks.get(track);
            let at = scene.tracks.get(track).and_then(|at| track_plan?.stages.get(usize::from(at.stage)));
            let at = at.map_or("", |stage| &stage.name);
            format!("on `{}` the customer is `{at}`", track_plan.map_or("", |track| &track.name))
        }
        Stop::Condition => {
            let unknown = scene.truth(&action.rule) == Truth::Unknown;
            format!("{}`{}`{}", if unknown { "it is not known whether " } else { "not " }, action.rule.text, listed(scene, &action.rule))
        }
        Stop::TopicUnknown => "what it would be about is not known".to_owned(),
        Stop::NothingToAsk => "an answer would unlock nothing".to_owned(),
        Stop::OtherChannel => "the customer is there on another channel".to_owned(),
        Stop::Consent(verdict) => {
            let word = verdict.word.and_then(|at| scene.person.ledger.get(at));
            said(verdict.because, word.map(|word| PreferenceRecord::new(scene.person.strings, word)))
        }
        Stop::Veto(veto, unknown) => {
            let Some(veto) = plan.decision.vetoes.get(veto) else { return String::new() };
            let known = if unknown { "may hold: it is not known whether " } else { "holds: " };
            format!("the veto `{}` {known}`{}`{}", veto.name, veto.rule.text, listed(scene, &veto.rule))
        }
        Stop::Limit => "it was said as often as its `limit` permits".to_owned(),
        Stop::Cooldown => "a wait after an outcome has not ended".to_owned(),
        Stop::Cap(cap) => {
            let Some(cap) = plan.decision.caps.get(cap) else { return String::new() };
            let per = match cap.per {
                Per::Rolling(per) => Duration::from_valid(per).to_string(),
                Per::Day => "calendar day".to_owned(),
                Per::Week => "calendar week".to_owned(),
                Per::Month => "calendar month".to_owned(),
            };
            format!("the cap `{}` is full: at most {} per {per}", cap.name, cap.at_most)
        }
        Stop::QuietHours => {
            let name = plan.decision.channels.get(channel).map_or("", |channel| &channel.name);
            format!("`{name}` is silent at this hour")
        }
        Stop::TimeZoneUnknown => "the customer's time zone is not known".to_owned(),
        Stop::HeldOut => "the customer is in the holdout".to_owned(),
        Stop::PriorityUnknown => "a factor of its priority is not known".to_owned(),
        Stop::Outranked => "another goes first".to_owned(),
    }
}

/// `(orders = 1, views = 2)`, with a blank before.
fn listed(scene: &Scene<'_>, rule: &crate::journey::plan::rule::RulePlan) -> String {
    let values: Vec<String> = operands(scene, rule).into_iter().map(|(name, value)| format!("{name} = {}", plain(value))).collect();
    if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) }
}

/// What the customer's word was, or what stands for it.
pub(super) fn said(because: ConsentReason, record: Option<PreferenceRecord<'_>>) -> String {
    let what = match because {
        ConsentReason::OptedOut => "the customer opted out",
        ConsentReason::Objected => "the customer objected",
        ConsentReason::Pending => "the customer's opt-in is not confirmed",
        ConsentReason::DefaultOut => return "the customer said no word about it, and that is a no".to_owned(),
        ConsentReason::OptedIn => "the customer opted in",
        ConsentReason::DefaultIn => return "the customer said no word about it, and that is a yes".to_owned(),
        ConsentReason::Required => return "it needs no opt-in".to_owned(),
    };
    let Some(record) = record else { return what.to_owned() };
    let scope: Vec<&str> = [record.channel, record.topic, record.purpose].into_iter().flatten().collect();
    let scope = if scope.is_empty() { "everything".to_owned() } else { scope.join(", ") };
    format!("{what} on {} ({scope})", record.at)
}

/// What would have to change for a candidate to pass the gate that stopped it.
pub(super) fn would_change(
    scene: &Scene<'_>,
    action: &ActionPlan,
    channel: usize,
    stop: Stop,
    not_before: Option<Instant>,
) -> Option<String> {
    let plan = scene.person.plan;
    let channel = plan.decision.channels.get(channel).map_or("", |channel| channel.name.as_str());
    let purpose = plan.decision.purpose_of(action).map_or("", |purpose| purpose.name.as_str());
    Some(match stop {
        Stop::Stage(track) => {
            let track_plan = plan.tracks.get(track)?;
            let bits = action.stages.iter().filter(|(of, _)| *of == track).fold(u64::MAX, |all, (_, bits)| all & bits);
            let fits = track_plan.stages.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
            let names: Vec<String> = fits.map(|(_, stage)| format!("`{}`", stage.name)).collect();
            format!("the customer would have to be {} on `{}`", names.join(" or "), track_plan.name)
        }
        Stop::Condition => format!("`{}` would have to hold", action.rule.text),
        Stop::TopicUnknown => "the trait that supplies its topic would have to be known".to_owned(),
        Stop::OtherChannel => format!("the customer would have to be there on `{channel}`"),
        Stop::Consent(verdict) => match verdict.because {
            ConsentReason::Objected => "an opt-in at least as wide as the objection".to_owned(),
            ConsentReason::Pending => "the opt-in would have to be confirmed".to_owned(),
            _ => format!("an opt-in for `{purpose}` on `{channel}`"),
        },
        Stop::Veto(veto, _) => format!("`{}` would have to be known and false", plan.decision.vetoes.get(veto)?.rule.text),
        Stop::NotValidYet | Stop::Cooldown | Stop::Cap(_) | Stop::QuietHours => {
            format!("nothing but time: it may go from {} on", not_before?)
        }
        Stop::TimeZoneUnknown => "the attribute `time_zone` would have to be known".to_owned(),
        Stop::PriorityUnknown => "its propensity, value and weight would have to be known".to_owned(),
        Stop::NotValidAnyMore | Stop::NothingToAsk | Stop::Limit | Stop::HeldOut | Stop::Outranked => return None,
    })
}

/// A decision's reason in one line.
pub(super) fn because(decision: &Decision<'_>) -> String {
    let Some((action, channel)) = decision.action().zip(decision.channel()) else { return silence(decision) };
    if decision.held_out() {
        return format!("`{action}` on `{channel}` would have gone first; the customer is in the holdout");
    }
    if let Some(at) = decision.not_before() {
        return format!("`{action}` on `{channel}` may go from {at} on, and nothing may go before");
    }
    let priority = decision.priority().unwrap_or(f64::NAN);
    match (decision.runner_up(), decision.margin()) {
        (Some(second), Some(margin)) => {
            format!("`{action}` has priority {priority}, {margin} more than `{}` on `{}`", second.action, second.channel)
        }
        _ => format!("`{action}` has priority {priority}, and nothing else may be said"),
    }
}

/// Why nothing is said: the gate that stopped the most, and how many at each.
fn silence(decision: &Decision<'_>) -> String {
    let mut gates: Vec<(&str, usize)> = Vec::new();
    for gate in decision.candidates().iter().filter_map(|candidate| candidate.gate) {
        match gates.iter_mut().find(|(name, _)| *name == gate.as_str()) {
            Some((_, times)) => *times += 1,
            None => gates.push((gate.as_str(), 1)),
        }
    }
    let gates: Vec<String> = gates.iter().map(|(gate, times)| format!("{times} at {gate}")).collect();
    match gates.is_empty() {
        true => "the journey has no actions".to_owned(),
        false => format!("every candidate was stopped: {}", gates.join(", ")),
    }
}

/// A decision with all its candidates.
pub(super) fn explain(decision: &Decision<'_>) -> String {
    let mut lines = Vec::new();
    let at = decision.at();
    match (decision.action().zip(decision.channel()), decision.may_send()) {
        (Some((action, channel)), true) => {
            let topic = decision.topic().map_or_else(String::new, |topic| format!(" about `{topic}`"));
            let owner = decision.owner().map_or_else(String::new, |owner| format!(", by `{owner}`"));
            lines.push(format!("At {at}, say `{action}` on `{channel}`{topic}{owner}."));
            lines.extend(decision.factors().map(|factors| format!("  {}", product(decision, &factors))));
        }
        _ => lines.push(format!("At {at}, say nothing.")),
    }
    lines.push(format!("  {}.", decision.because()));
    let others: Vec<Candidate<'_>> = decision.candidates().into_iter().filter(|candidate| candidate.gate.is_some()).collect();
    if !others.is_empty() {
        lines.push("What was not said, and why:".to_owned());
    }
    for candidate in others {
        let gate = candidate.gate.map_or("", |gate| gate.as_str());
        lines.push(format!("  `{}` on `{}`: stopped by {gate}: {}.", candidate.action, candidate.channel, candidate.because));
        lines.extend(candidate.would_change.map(|change| format!("    To change that: {change}.")));
    }
    lines.join("\n")
}

fn product(decision: &Decision<'_>, factors: &super::Factors<'_>) -> String {
    let boosts = factors.boosts.iter().map(|boost| format!(" + {} for `{}`", boost.add, boost.name)).collect::<String>();
    let boosts = if boosts.is_empty() { String::new() } else { format!(" × (1{boosts})") };
    let priority = decision.priority().unwrap_or(f64::NAN);
    format!("Priority {priority} = propensity {} × value {} × weight {}{boosts}.", factors.propensity, factors.value, factors.weight)
}
