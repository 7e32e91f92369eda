//! The decision funnel: whom each action reaches, and which gate stops the others.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::{Serialize, Serializer};

use super::decide::{GATES, each_scene, place_of};
use super::identity::by_person;
use super::input::Table;
use super::prepare::{Monitor, Reads, prepare};
use super::{AsOf, RunOptions};
use crate::decision::{Gate, REASONS, Scene, gate_at, pick, stopped};
use crate::error::{BadRow, Result};
use crate::figures::{counted, grouped};
use crate::journey::Journey;
use crate::journey::plan::decision::DecisionPlan;

/// What an action came to: how many customers each gate stopped, in the order of the gates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ActionReach {
    /// The action.
    pub action: String,
    /// Stopped by stages, conditions, validity.
    pub eligibility: u64,
    /// Stopped by the customer's word, on every channel.
    pub preference: u64,
    /// Stopped by the contact policy.
    pub policy: u64,
    /// Left alone, to measure against.
    pub holdout: u64,
    /// Could have been said; another went first.
    pub arbitration: u64,
    /// Chosen, and may be sent.
    pub chosen: u64,
    /// The same by reason, in the order of the gates; reasons that stopped nobody are left out. In a document it is an object.
    #[serde(serialize_with = "object")]
    pub reasons: Vec<(&'static str, u64)>,
}

fn object<S: Serializer>(reasons: &[(&'static str, u64)], serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_map(reasons.iter().copied())
}

/// How many customers a channel may be used for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ChannelReach {
    /// The channel.
    pub channel: String,
    /// Customers who allow contact on it for some purpose that is not required.
    pub may_use: u64,
}

/// Whom the actions of a journey reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reach {
    /// Customers, or customers and instants if several were asked about.
    pub customers: u64,
    /// For whom something may be sent.
    pub addressed: u64,
    /// Who would be addressed, were they not held out.
    pub held_out: u64,
    /// For whom something may be sent later, if nothing changes.
    pub waiting: u64,
    /// For whom there is nothing to say.
    pub unaddressed: u64,
    /// The actions, in file order.
    pub actions: Vec<ActionReach>,
    /// The channels, in file order.
    pub channels: Vec<ChannelReach>,
    /// Rows of the input that were refused, with [`OnError::Collect`](super::OnError::Collect).
    #[serde(skip)]
    pub rejected: Vec<BadRow>,
}

/// Counters that all workers share.
struct Counts {
    customers: AtomicU64,
    addressed: AtomicU64,
    held_out: AtomicU64,
    waiting: AtomicU64,
    /// Per action and reason; the first reason stands for "chosen".
    actions: Vec<Vec<AtomicU64>>,
    channels: Vec<AtomicU64>,
}

impl Counts {
    fn new(decision: &DecisionPlan) -> Self {
        let zero = || AtomicU64::new(0);
        let zeros = |number: usize| (0..number).map(|_| zero()).collect::<Vec<_>>();
        Self {
            customers: zero(),
            addressed: zero(),
            held_out: zero(),
            waiting: zero(),
            actions: decision.actions.iter().map(|_| zeros(REASONS.len())).collect(),
            channels: zeros(decision.channels.len()),
        }
    }

    fn note(&self, scene: &Scene<'_>) {
        let count = |counter: &AtomicU64| _ = counter.fetch_add(1, Relaxed);
        count(&self.customers);
        let chosen = pick(scene);
        match chosen {
            Some(pick) if pick.held_out => count(&self.held_out),
            Some(pick) if pick.not_before.is_some() => count(&self.waiting),
            Some(_) => count(&self.addressed),
            None => {}
        }
        let decision = &scene.person.plan.decision;
        for ((number, action), counters) in decision.actions.iter().enumerate().zip(&self.actions) {
            let channels = scene.channels(action);
            let stops = channels.iter().map(|channel| stopped(scene, number, action, *channel, chosen.as_ref()));
            // The channel on which it came furthest.
            let furthest = stops.map(place_of).max_by_key(|reason| if *reason == 0 { usize::MAX } else { *reason });
            furthest.and_then(|reason| counters.get(reason)).into_iter().for_each(count);
        }
        for (channel, counter) in decision.channels.iter().zip(&self.channels) {
            let mut purposes = decision.purposes.iter().filter(|purpose| !purpose.required);
            if purposes.any(|purpose| scene.may_use(purpose, channel.symbol)) {
                count(counter);
            }
        }
    }

    fn told(&self, decision: &DecisionPlan, rejected: Vec<BadRow>) -> Reach {
        let read = |counter: &AtomicU64| counter.load(Relaxed);
        let [customers, addressed, held_out, waiting] = [&self.customers, &self.addressed, &self.held_out, &self.waiting].map(read);
        let actions = decision.actions.iter().zip(&self.actions).map(|(action, counters)| {
            let counts: Vec<u64> = counters.iter().map(read).collect();
            let at =
                |gate: Gate| counts.iter().enumerate().filter(|(place, _)| gate_at(*place) == Some(gate)).map(|(_, times)| times).sum();
            ActionReach {
                action: action.name.clone(),
                eligibility: at(Gate::Eligibility),
                preference: at(Gate::Preference),
                policy: at(Gate::Policy),
                holdout: at(Gate::Holdout),
                arbitration: at(Gate::Arbitration),
                chosen: counts.first().copied().unwrap_or_default(),
                reasons: REASONS.into_iter().zip(counts).skip(1).filter(|(_, times)| *times > 0).collect(),
            }
        });
        let channels = decision.channels.iter().zip(&self.channels);
        Reach {
            customers,
            addressed,
            held_out,
            waiting,
            unaddressed: customers - addressed - held_out - waiting,
            actions: actions.collect(),
            channels: channels.map(|(channel, may_use)| ChannelReach { channel: channel.name.clone(), may_use: read(may_use) }).collect(),
            rejected,
        }
    }
}

impl Journey {
    /// Whom each action reaches and how many customers each gate stops, in order; customers for whom there is nothing to say; channels that nobody may be contacted on.
    ///
    /// # Errors
    /// As [`decide`](Self::decide).
    pub fn reach<'a>(&self, touchpoints: &Table<'a>, options: &RunOptions<'a>) -> Result<Reach> {
        if let Some(graph) = options.identity {
            return by_person(&self.plan, graph, "touchpoints", touchpoints, options, |touchpoints, options| {
                self.reach(touchpoints, options)
            });
        }
        let decision = &self.plan.decision;
        let prepared = prepare(&self.plan, touchpoints, options, Reads::Contacts)?;
        let monitor = Monitor::new(options, &prepared);
        let counts = Counts::new(decision);
        let dated = !matches!(options.as_of, AsOf::At(_));
        each_scene(&prepared, &monitor, &options.as_of, dated, 1, |scene, _| {
            counts.note(scene);
            0
        });
        monitor.finish()?;
        Ok(counts.told(decision, prepared.finish()?))
    }
}

impl ActionReach {
    /// How many customers each gate stopped, in the order of the gates.
    pub(super) fn stopped(&self) -> impl Iterator<Item = (Gate, u64)> {
        let counts = [self.eligibility, self.preference, self.policy, self.holdout, self.arbitration];
        GATES.into_iter().zip(counts)
    }
}

impl Reach {
    /// All customers in one line.
    pub(super) fn headline(&self) -> String {
        let customers = counted(self.customers, "customer");
        let [addressed, held_out, waiting, unaddressed] =
            [self.addressed, self.held_out, self.waiting, self.unaddressed].map(|count| grouped(count as f64));
        format!("{customers}: {addressed} addressed, {held_out} held out, {waiting} waiting, {unaddressed} with nothing to say")
    }

    /// A plain table: a line an action, a column a gate.
    #[must_use]
    pub fn to_text(&self) -> String {
        let heads = GATES.map(Gate::as_str).into_iter().chain(["chosen"]);
        let width = self.actions.iter().map(|action| action.action.chars().count()).max().unwrap_or(0).max("action".len());
        let mut text = format!("{}\n\n{:width$}", self.headline(), "action");
        heads.for_each(|head| _ = write!(text, "  {head:>11}"));
        for action in &self.actions {
            _ = write!(text, "\n{:width$}", action.action);
            let counts = action.stopped().map(|(_, stopped)| stopped).chain([action.chosen]);
            counts.for_each(|number| _ = write!(text, "  {number:>11}"));
        }
        for channel in self.channels.iter().filter(|channel| channel.may_use == 0) {
            _ = write!(text, "\n\nnobody may be contacted on `{}`", channel.channel);
        }
        text
    }
}
