//! Every candidate, and all that stops it.

use super::action::{Action, any_or_names};
use super::consent::judge;
use super::contact::{Tags, caps};
use super::holdout::is_held_out;
use super::scene::Scene;
use crate::reference::document::{duration, texts};
use crate::reference::records::{Record, instant};
use serde_json::Value as Json;

/// An action on a channel.
#[derive(Clone)]
pub struct Candidate {
    /// Its number in the file.
    pub action: usize,
    pub name: String,
    pub channel: String,
    pub purpose: String,
    pub topic: Option<String>,
    pub owner: Option<String>,
    pub priority: Option<f64>,
    /// The first gate that stops it, and why.
    pub gate: Option<(&'static str, &'static str)>,
    pub not_before: Option<i64>,
}

/// What stops for a time only.
pub const TIME: [&str; 4] = ["not_valid_yet", "cooldown", "cap", "quiet_hours"];

impl Candidate {
    pub fn tags(&self, scene: &Scene<'_>) -> Tags {
        Tags {
            channel: Some(self.channel.clone()),
            purpose: Some(self.purpose.clone()),
            topic: self.topic.clone(),
            action: Some(self.name.clone()),
            group: scene.actions[self.action].group.map(|(name, _)| name.to_owned()),
            owner: self.owner.clone(),
        }
    }
}

impl Scene<'_> {
    /// In file order, then as the channels of the action stand.
    pub fn candidates(&self) -> Vec<Candidate> {
        let pairs = (0..self.actions.len()).flat_map(|action| self.channels(&self.actions[action]).into_iter().map(move |c| (action, c)));
        pairs.map(|(action, channel)| self.candidate(action, &channel)).collect()
    }

    fn candidate(&self, action: usize, channel: &str) -> Candidate {
        let mut candidate = self.unjudged(action, channel);
        let stops = self.stops(&candidate);
        candidate.gate = stops.first().copied();
        if !stops.is_empty() && stops.iter().all(|(_, reason)| TIME.contains(reason)) {
            candidate.not_before = self.not_before(&candidate);
        }
        candidate
    }

    pub fn unjudged(&self, number: usize, channel: &str) -> Candidate {
        let action = &self.actions[number];
        Candidate {
            action: number,
            name: action.name().to_owned(),
            channel: channel.to_owned(),
            purpose: action.purpose().to_owned(),
            topic: self.topic(action).ok().flatten(),
            owner: self.owner(action, channel),
            priority: self.priority(action),
            gate: None,
            not_before: None,
        }
    }

    /// Every reason against a candidate now, in the order of the gates.
    pub fn stops(&self, candidate: &Candidate) -> Vec<(&'static str, &'static str)> {
        let action = &self.actions[candidate.action];
        let mut stops = Vec::new();
        let mut stop = |gate, reasons: Vec<&'static str>| stops.extend(reasons.into_iter().map(|reason| (gate, reason)));
        stop("eligibility", self.not_eligible(action, &candidate.channel));
        stop("preference", self.not_wanted(candidate));
        stop("policy", self.against_policy(candidate));
        let held_out = |holdout: Option<&Json>| holdout.is_some_and(|holdout| is_held_out(holdout, self.customer));
        let required = self.file["purposes"][&candidate.purpose]["required"] == true;
        if action.both("holdout").into_iter().any(|own| held_out(Some(own))) || (!required && held_out(self.file.get("holdout"))) {
            stop("holdout", vec!["held_out"]);
        }
        if candidate.priority.is_none() {
            stop("arbitration", vec!["priority_unknown"]);
        }
        stops
    }

    pub fn not_eligible(&self, action: &Action<'_>, channel: &str) -> Vec<&'static str> {
        let mut reasons = self.not_eligible_but_for_conditions(action, channel);
        if action.both("when").into_iter().any(|when| self.holds(when) != Some(true)) {
            reasons.push("condition");
        }
        if action.is_ask() && self.unlocked(action).is_none() {
            reasons.push("nothing_to_ask");
        }
        const ORDER: [&str; 7] =
            ["not_valid_yet", "not_valid_any_more", "stage", "condition", "topic_unknown", "nothing_to_ask", "other_channel"];
        reasons.sort_by_key(|reason| ORDER.iter().position(|one| one == reason));
        reasons
    }

    pub fn not_eligible_but_for_conditions(&self, action: &Action<'_>, channel: &str) -> Vec<&'static str> {
        let mut reasons = Vec::new();
        if action.both("valid").into_iter().any(|valid| valid["from"].as_str().is_some_and(|from| self.now < instant(from))) {
            reasons.push("not_valid_yet");
        }
        if action.both("valid").into_iter().any(|valid| valid["until"].as_str().is_some_and(|until| self.now >= instant(until))) {
            reasons.push("not_valid_any_more");
        }
        if !action.both("stages").into_iter().all(|stages| self.stands_in(stages)) {
            reasons.push("stage");
        }
        if self.topic(action).is_err() {
            reasons.push("topic_unknown");
        }
        if self.inbound().is_some_and(|here| here != channel) {
            reasons.push("other_channel");
        }
        reasons
    }

    fn not_wanted(&self, candidate: &Candidate) -> Vec<&'static str> {
        let topic = candidate.topic.as_deref();
        let consent = judge(self.file, &self.ledger, self.now, &candidate.channel, &candidate.purpose, topic);
        if consent.allowed { Vec::new() } else { vec![consent.because] }
    }

    fn against_policy(&self, candidate: &Candidate) -> Vec<&'static str> {
        let action = &self.actions[candidate.action];
        let mut reasons: Vec<&'static str> = self.vetoed(candidate).into_iter().collect();
        let said = |action: &str| self.contacts.iter().filter(|contact| contact.tags.action.as_deref() == Some(action)).count() as u64;
        let own_limit = action.own["limit"].as_u64().is_some_and(|limit| said(action.name()) >= limit);
        let group_limit = action.group.is_some_and(|(name, group)| {
            let of_group = self.actions.iter().filter(|one| one.in_group(name)).map(|one| said(one.name())).sum::<u64>();
            group["limit"].as_u64().is_some_and(|limit| of_group >= limit)
        });
        if own_limit || group_limit {
            reasons.push("limit");
        }
        let in_time = self.stopped_by_time(candidate, self.now);
        reasons.extend(in_time.into_iter().filter(|reason| *reason != "not_valid_yet"));
        if self.zone_is_missing(candidate) {
            reasons.push("time_zone_unknown");
        }
        reasons
    }

    fn vetoed(&self, candidate: &Candidate) -> Option<&'static str> {
        let action = &self.actions[candidate.action];
        let vetoes = self.file["contact_policy"]["vetoes"].as_array().into_iter().flatten();
        for veto in vetoes {
            let purpose = match veto.get("purposes") {
                Some(named) => any_or_names(Some(named), Some(&candidate.purpose)),
                None => self.file["purposes"][&candidate.purpose]["required"] != true,
            };
            let covers = purpose
                && any_or_names(veto.get("channels"), Some(&candidate.channel))
                && any_or_names(veto.get("actions"), Some(&candidate.name))
                && any_or_names(veto.get("groups"), action.group.map(|(name, _)| name));
            match self.holds(&veto["when"]) {
                Some(true) if covers => return Some("veto"),
                None if covers => return Some("veto_unknown"),
                _ => {}
            }
        }
        None
    }

    /// What stops a candidate at an instant and may cease to by itself, if nothing more becomes known.
    pub fn stopped_by_time(&self, candidate: &Candidate, at: i64) -> Vec<&'static str> {
        let action = &self.actions[candidate.action];
        let mut reasons = Vec::new();
        if action.both("valid").into_iter().any(|valid| valid["from"].as_str().is_some_and(|from| at < instant(from))) {
            reasons.push("not_valid_yet");
        }
        if self.waits(action).into_iter().any(|(begun, ends)| begun <= at && at < ends) {
            reasons.push("cooldown");
        }
        if self.inbound().is_some() {
            return reasons;
        }
        let tags = candidate.tags(self);
        if caps(self.file)
            .iter()
            .any(|cap| any_or_names(action.get("obeys"), Some(&cap.name)) && cap.covers(&tags) && cap.is_full(self, at))
        {
            reasons.push("cap");
        }
        if let (Some((from, to)), Some(zone)) = (self.quiet_hours(candidate), self.clock_zone())
            && super::calendar::is_quiet(from, to, &zone, at)
        {
            reasons.push("quiet_hours");
        }
        reasons
    }

    pub fn quiet_hours(&self, candidate: &Candidate) -> Option<(&str, &str)> {
        let hours = self.file["channels"][&candidate.channel].get("quiet_hours")?;
        Some((hours["from"].as_str()?, hours["to"].as_str()?))
    }

    fn zone_is_missing(&self, candidate: &Candidate) -> bool {
        let action = &self.actions[candidate.action];
        let tags = candidate.tags(self);
        let needed = || {
            self.quiet_hours(candidate).is_some()
                || caps(self.file)
                    .iter()
                    .any(|cap| cap.needs_zone() && any_or_names(action.get("obeys"), Some(&cap.name)) && cap.covers(&tags))
        };
        self.inbound().is_none() && self.holds_without_zone() && needed()
    }

    /// When the waits of an action and of its group begin and end.
    pub fn waits(&self, action: &Action<'_>) -> Vec<(i64, i64)> {
        let own = action.own.get("after").map(|after| self.waits_after(after, &[action.name()]));
        let of_group = action.group.and_then(|(name, group)| {
            let names: Vec<&str> = self.actions.iter().filter(|one| one.in_group(name)).map(Action::name).collect();
            group.get("after").map(|after| self.waits_after(after, &names))
        });
        own.into_iter().chain(of_group).flatten().collect()
    }

    fn waits_after(&self, after: &Json, names: &[&str]) -> Vec<(i64, i64)> {
        let outcomes = texts(&after["outcome"]);
        let times = after["times"].as_u64().unwrap_or(1) as usize;
        let wait = duration(after["wait"].as_str().expect("a duration"));
        let counts = |record: &&Record| {
            let field = |name: &str| record.touchpoint()?.field(name).map(|value| value.text().to_owned());
            field("action").is_some_and(|action| names.contains(&action.as_str()))
                && field("outcome").is_some_and(|one| outcomes.contains(&one))
        };
        let at: Vec<i64> = self.records.iter().filter(counts).map(|record| record.at).collect();
        let completes = |end: &&i64| {
            let begin = after["within"].as_str().map_or(i64::MIN, |within| **end - duration(within));
            at.iter().filter(|one| begin < **one && *one <= *end).count() >= times
        };
        at.iter().filter(completes).map(|end| (*end, end + wait)).collect()
    }
}
