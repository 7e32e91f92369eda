//! A slow, obvious evaluator of decisions, written from the page on decisions alone: everything is computed anew from the raw records
//! for every gate, candidate and instant that is asked about.

mod action;
mod ask;
mod calendar;
mod consent;
mod contact;
mod gates;
mod holdout;
mod not_before;
mod scene;
#[cfg(test)]
mod tests;

pub use holdout::is_held_out;

use super::Reference;
use super::value::number_json;
use gates::Candidate;
use scene::Scene;
use serde_json::{Map, Value as Json, json};

/// What to say to a customer, and when it is asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The customer's id: holdouts read it.
    pub customer: &'a str,
    /// Touchpoints, attribute changes and preferences, in no order.
    pub records: &'a [Json],
    /// Microseconds UTC.
    pub now: i64,
    /// What the host hands in.
    pub inputs: &'a Map<String, Json>,
    /// What it tells of the moment.
    pub context: &'a Map<String, Json>,
}

impl Reference {
    /// Of each channel, purpose and topic whether it is allowed, and which word says so.
    pub fn consents(&self, records: &[Json], now: i64) -> Json {
        consent::table(&self.document.root, records, now)
    }

    /// Whether the customer's word allows a contact.
    pub fn allows(&self, records: &[Json], at: i64, channel: &Json, purpose: &Json, topic: &Json) -> bool {
        let (channel, purpose) = (channel.as_str().expect("a channel"), purpose.as_str().expect("a purpose"));
        consent::judge(&self.document.root, &consent::ledger(records, at), at, channel, purpose, topic.as_str()).allowed
    }

    /// The decision, and those that may go together with it: at most `top`.
    pub fn decide(&self, question: &Question<'_>, top: usize) -> Vec<Json> {
        let mut scene = Scene::new(&self.document, question);
        let mut told = Vec::new();
        let mut decisions = Vec::new();
        while decisions.len() < top {
            let candidates: Vec<Candidate> = scene.candidates().into_iter().filter(|c| !told.contains(&c.action)).collect();
            let (decision, chosen) = decide(&scene, candidates);
            match chosen {
                Some(candidate) => {
                    decisions.push(decision);
                    scene.contacts.push(contact::Contact::made(&scene, &candidate));
                    told.push(candidate.action);
                }
                // Only the first decision may say nothing, or say what may not be sent.
                None if decisions.is_empty() => return vec![decision],
                None => break,
            }
        }
        decisions
    }
}

/// The document of a decision, and the candidate that may be sent.
fn decide(scene: &Scene<'_>, mut candidates: Vec<Candidate>) -> (Json, Option<Candidate>) {
    let ranked = |keep: &dyn Fn(&Candidate) -> bool| -> Vec<usize> {
        let mut places: Vec<usize> = (0..candidates.len()).filter(|place| keep(&candidates[*place])).collect();
        // The candidates stand in the order that decides between equals, and the sort keeps it.
        places.sort_by(|a, b| order(&candidates[*b]).total_cmp(&order(&candidates[*a])));
        places
    };
    let passing = ranked(&|c| c.gate.is_none());
    let held_out = ranked(&|c| c.gate == Some(("holdout", "held_out")) && c.priority.is_some());
    let mut waiting = ranked(&|c| c.not_before.is_some());
    waiting.sort_by_key(|place| candidates[*place].not_before);
    let told = passing.first().or(held_out.first()).or(waiting.first()).copied();
    let runner_up = passing.iter().copied().find(|place| Some(candidates[*place].action) != told.map(|told| candidates[told].action));
    for place in passing.iter().skip(1) {
        candidates[*place].gate = Some(("arbitration", "outranked"));
    }
    let may_send = !passing.is_empty();
    let told = told.map(|place| candidates[place].clone());
    let priority = |place: usize| candidates[place].priority;
    let document = json!({
        "action": told.as_ref().map(|c| &c.name),
        "channel": told.as_ref().map(|c| &c.channel),
        "topic": told.as_ref().and_then(|c| c.topic.as_ref()),
        "owner": told.as_ref().and_then(|c| c.owner.as_ref()),
        "purpose": told.as_ref().map(|c| &c.purpose),
        "priority": number_json(told.as_ref().and_then(|c| c.priority)),
        "factors": told.as_ref().map(|c| scene.factors(c.action)),
        "not_before": told.as_ref().filter(|_| !may_send).and_then(|c| instant(c.not_before)),
        "held_out": !may_send && !held_out.is_empty(),
        "may_send": may_send,
        "runner_up": runner_up.map(|place| &candidates[place]).map(|c| {
            json!({"action": c.name, "channel": c.channel, "priority": c.priority})
        }),
        "margin": number_json(runner_up.and_then(|place| Some(told.as_ref()?.priority? - priority(place)?))),
        "candidates": candidates.iter().map(candidate_json).collect::<Vec<_>>(),
    });
    (document, told.filter(|_| may_send))
}

fn order(candidate: &Candidate) -> f64 {
    // A negative zero is a zero.
    candidate.priority.unwrap_or(f64::NEG_INFINITY) + 0.0
}

fn candidate_json(candidate: &Candidate) -> Json {
    let eligible = candidate.gate.is_none_or(|(gate, _)| gate != "eligibility");
    json!({
        "action": candidate.name,
        "channel": candidate.channel,
        "topic": candidate.topic,
        "owner": candidate.owner,
        "purpose": candidate.purpose,
        "priority": number_json(candidate.priority.filter(|_| eligible)),
        "gate": candidate.gate.map(|(gate, _)| gate),
        "reason": candidate.gate.map(|(_, reason)| reason),
        "not_before": instant(candidate.not_before),
    })
}

fn instant(at: Option<i64>) -> Option<String> {
    at.map(|at| super::instant_json(Some(at)).as_str().expect("an instant").to_owned())
}
