//! The contact ledger: what was said to a customer, and what came of it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::slot;
use crate::journey::plan::decision::Tags;
use crate::journey::plan::{ACTION, CHANNEL, DIRECTION, DIRECTIONS, OUTCOME, OWNER, PURPOSE, Plan, TOPIC};
use crate::symbol::{Strings, Symbol};
use crate::time::MICROS_PER_DAY;

/// How long contacts and outcomes are remembered.
pub(crate) const MEMORY: i64 = 400 * MICROS_PER_DAY;

/// A contact, an outcome, or both.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) at: i64,
    pub(crate) outbound: bool,
    channel: u32,
    topic: u32,
    action: u32,
    purpose: u32,
    owner: u32,
    outcome: u32,
}

impl Contact {
    /// Something said, of our own accord or in answer.
    pub(crate) fn said(at: i64, outbound: bool, tags: Tags) -> Self {
        let Tags { channel, topic, action, purpose, owner } = tags;
        Self { at, outbound, channel: channel.0, topic: topic.0, action: action.0, purpose: purpose.0, owner: owner.0, outcome: 0 }
    }

    #[inline]
    pub(crate) fn tags(&self) -> Tags {
        Tags {
            channel: Symbol(self.channel),
            topic: Symbol(self.topic),
            action: Symbol(self.action),
            purpose: Symbol(self.purpose),
            owner: Symbol(self.owner),
        }
    }

    pub(crate) fn outcome(&self) -> Symbol {
        Symbol(self.outcome)
    }
}

/// How often something happened, by what it is. Few entries: they are looked through.
type Tallies<K> = Vec<(K, u32)>;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Contacts {
    /// In the order of the fold, no older than [`MEMORY`].
    pub(crate) events: VecDeque<Contact>,
    /// How often each action was said.
    said: Tallies<u32>,
    /// How often a channel brought an outcome of an action.
    outcomes: Tallies<(u32, u32)>,
}

impl Contacts {
    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.said.clear();
        self.outcomes.clear();
    }

    /// Takes in a touchpoint, if it is a contact or an outcome.
    pub(crate) fn touch(&mut self, plan: &Plan, strings: &Strings, at: i64, slots: &[u64]) {
        let tag = |field: usize| slot::symbol(slots.get(field).copied().unwrap_or_default());
        let outbound = tag(DIRECTION).known() && strings.text(tag(DIRECTION)) == DIRECTIONS[1];
        let (action, outcome) = (tag(ACTION), tag(OUTCOME));
        let is_outcome = action.known() && outcome.known();
        if !(outbound || is_outcome) {
            return;
        }
        let decision = &plan.decision;
        let planned = decision.action_of(action);
        let or = |given: Symbol, other: Option<Symbol>| if given.known() { given } else { other.unwrap_or_default() };
        let channel = tag(CHANNEL);
        let of_channel = || decision.channels.iter().find(|plan| plan.symbol == channel).map(|plan| plan.owner);
        let contact = Contact {
            at,
            outbound,
            channel: channel.0,
            topic: tag(TOPIC).0,
            action: action.0,
            purpose: or(tag(PURPOSE), planned.and_then(|action| decision.purpose_of(action)).map(|purpose| purpose.symbol)).0,
            owner: or(or(tag(OWNER), planned.map(|action| action.owner)), of_channel()).0,
            outcome: outcome.0,
        };
        match outbound {
            true if action.known() => count(&mut self.said, action.0),
            false => count(&mut self.outcomes, (channel.0, outcome.0)),
            _ => {}
        }
        self.events.push_back(contact);
        self.expire(at);
    }

    pub(crate) fn expire(&mut self, now: i64) {
        while self.events.front().is_some_and(|oldest| oldest.at <= now.saturating_sub(MEMORY)) {
            self.events.pop_front();
        }
    }

    pub(crate) fn said(&self, action: Symbol) -> u32 {
        self.said.iter().find(|(said, _)| *said == action.0).map_or(0, |(_, times)| *times)
    }

    /// How often a channel was answered.
    pub(crate) fn answers(&self, channel: Symbol, answered: &[Symbol]) -> u32 {
        let counts = |(on, outcome): &(u32, u32)| *on == channel.0 && answered.contains(&Symbol(*outcome));
        self.outcomes.iter().filter(|(key, _)| counts(key)).map(|(_, times)| times).sum()
    }

    pub(crate) fn map_symbols(&mut self, visit: &mut impl FnMut(Symbol) -> Symbol) {
        let mut map = |symbol: &mut u32| *symbol = visit(Symbol(*symbol)).0;
        for contact in &mut self.events {
            let Contact { channel, topic, action, purpose, owner, outcome, .. } = contact;
            [channel, topic, action, purpose, owner, outcome].into_iter().for_each(&mut map);
        }
        self.said.iter_mut().for_each(|(action, _)| map(action));
        self.said.sort_unstable();
        self.outcomes.iter_mut().for_each(|((channel, outcome), _)| {
            map(channel);
            map(outcome);
        });
        self.outcomes.sort_unstable();
    }

    /// Whether every number is one that a fold up to `newest` can have.
    pub(crate) fn is_sound(&self, newest: i64) -> bool {
        self.events.iter().all(|contact| contact.at <= newest && contact.at > newest.saturating_sub(MEMORY))
            && self.events.iter().is_sorted_by_key(|contact| contact.at)
            && self.said.iter().all(|(_, times)| *times > 0)
            && self.outcomes.iter().all(|(_, times)| *times > 0)
    }
}

fn count<K: PartialEq>(tallies: &mut Tallies<K>, what: K) {
    match tallies.iter_mut().find(|(counted, _)| *counted == what) {
        Some((_, times)) => *times = times.saturating_add(1),
        None => tallies.push((what, 1)),
    }
}
