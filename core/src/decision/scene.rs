//! One customer at one instant, as a decision sees them: the gates, and what a candidate is worth.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::sync::OnceLock;

use jiff::tz::TimeZone;

use super::clock;
use super::consent::{Verdict, judge};
use super::inputs::Given;
use super::pick::Ranked;
use crate::expression::{Scope, Truth};
use crate::journey::plan::Plan;
use crate::journey::plan::decision::{ActionPlan, CapPlan, Per, PurposePlan, Tags, TopicPlan, UnknownZone};
use crate::journey::plan::rule::{RulePlan, Told};
use crate::profile::contacts::{Contact, Contacts};
use crate::profile::ledger::Word;
use crate::profile::state::State;
use crate::profile::tracks::{Silence, TrackState};
use crate::profile::{advance_to, slot};
use crate::symbol::{Strings, Symbol};
use crate::time::{Instant, MICROS_PER_DAY, zone};

/// Whom a decision is about.
#[derive(Clone, Copy)]
pub(crate) struct Person<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) strings: &'a Strings,
    pub(crate) customer: &'a str,
    pub(crate) state: &'a State,
    pub(crate) ledger: &'a [Word],
    /// Per holdout, whether the customer is in it.
    pub(crate) held: &'a OnceLock<Box<[bool]>>,
}

/// What stops a candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Stop {
    NotValidYet,
    NotValidAnyMore,
    Stage(usize),
    Condition,
    TopicUnknown,
    NothingToAsk,
    OtherChannel,
    Consent(Verdict),
    Veto(usize, bool),
    Limit,
    Cooldown,
    Cap(usize),
    QuietHours,
    TimeZoneUnknown,
    HeldOut,
    PriorityUnknown,
    Outranked,
}

impl Stop {
    /// Whether nothing but time forbids.
    pub(crate) fn is_time(self) -> bool {
        matches!(self, Self::NotValidYet | Self::Cooldown | Self::Cap(_) | Self::QuietHours)
    }
}

/// Whether the gates that open with time are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    Binds,
    Lifted,
}

/// Room for what a scene reads only once; a table's scenes hand it on.
#[derive(Default)]
pub(crate) struct Memo {
    /// What came of the tests that rules make, once `is_told`.
    tests: Vec<Told>,
    is_told: Cell<bool>,
    /// Per other condition of the plan, what it came to, once it was evaluated.
    trees: Vec<Cell<Option<Truth>>>,
    /// Per trait and score, its number, once it was read.
    numbers: Vec<Cell<f64>>,
    /// Room for arbitration.
    pub(super) ranked: Cell<Vec<Ranked>>,
}

impl Memo {
    fn clear(&mut self, plan: &Plan) {
        self.tests.clear();
        self.tests.resize(plan.decision.conditions.words(), Cell::new((0, 0)));
        self.is_told.set(false);
        self.trees.clear();
        self.trees.resize(plan.decision.conditions.trees.len(), Cell::new(None));
        self.numbers.clear();
        self.numbers.resize(plan.traits.len() + plan.scores.len(), Cell::new(f64::from_bits(UNREAD)));
    }
}

/// Stands for a number that was not read yet: a NaN that no reading gives.
const UNREAD: u64 = 0x7ff8_dead_0000_0000;

pub(crate) struct Scene<'a> {
    pub(crate) person: Person<'a>,
    pub(crate) given: &'a Given<'a>,
    pub(crate) tracks: &'a [TrackState],
    pub(crate) now: i64,
    /// Contacts that are thought of as made now.
    extra: &'a [Contact],
    nothing: Contacts,
    pub(super) memo: Memo,
    zone: OnceCell<Option<TimeZone>>,
    asks: OnceCell<Vec<OnceCell<Option<f64>>>>,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(person: Person<'a>, given: &'a Given<'a>, tracks: &'a [TrackState], now: i64, extra: &'a [Contact]) -> Self {
        Self::with_memo(person, given, tracks, now, extra, Memo::default())
    }

    pub(crate) fn with_memo(
        person: Person<'a>,
        given: &'a Given<'a>,
        tracks: &'a [TrackState],
        now: i64,
        extra: &'a [Contact],
        mut memo: Memo,
    ) -> Self {
        memo.clear(person.plan);
        Self { person, given, tracks, now, extra, nothing: Contacts::default(), memo, zone: OnceCell::new(), asks: OnceCell::new() }
    }

    pub(crate) fn into_memo(self) -> Memo {
        self.memo
    }

    pub(crate) fn is_inbound(&self) -> bool {
        self.given.channel.is_some()
    }

    fn contacts(&self) -> &Contacts {
        self.person.state.contacts.as_deref().unwrap_or(&self.nothing)
    }

    /// Contacts, the newest first.
    fn newest_first(&self) -> impl Iterator<Item = &Contact> {
        self.extra.iter().rev().chain(self.contacts().events.iter().rev())
    }

    pub(crate) fn truth(&self, rule: &RulePlan) -> Truth {
        if !rule.tests.is_empty() && !self.memo.is_told.replace(true) {
            self.person.plan.decision.conditions.tell(self, &self.memo.tests);
        }
        let mut result = Truth::True;
        for (tests, told) in rule.tests.iter().zip(&self.memo.tests) {
            let (holds, fails) = told.get();
            if tests & fails != 0 {
                return Truth::False;
            }
            if tests & !holds != 0 {
                result = Truth::Unknown;
            }
        }
        for number in &rule.trees {
            match self.tree(*number as usize) {
                Truth::False => return Truth::False,
                Truth::Unknown => result = Truth::Unknown,
                Truth::True => {}
            }
        }
        result
    }

    fn tree(&self, number: usize) -> Truth {
        let (Some(known), Some(tree)) = (self.memo.trees.get(number), self.person.plan.decision.conditions.trees.get(number)) else {
            return Truth::Unknown;
        };
        known.get().unwrap_or_else(|| {
            let truth = tree.evaluate(self);
            known.set(Some(truth));
            truth
        })
    }

    pub(crate) fn topic(&self, action: &ActionPlan) -> Symbol {
        match action.topic {
            TopicPlan::None => Symbol::NONE,
            TopicPlan::Fixed(topic) => topic,
            TopicPlan::Trait(leaf) => self.symbol(leaf),
        }
    }

    /// Whether a trait is to supply the topic, and does not know it.
    pub(crate) fn lacks_topic(&self, action: &ActionPlan) -> bool {
        matches!(action.topic, TopicPlan::Trait(_)) && !self.topic(action).known()
    }

    pub(crate) fn owner(&self, action: &ActionPlan, channel: usize) -> Symbol {
        if action.owner.known() {
            return action.owner;
        }
        let decision = &self.person.plan.decision;
        let stands = |track: usize, stage: usize| self.tracks.get(track).is_some_and(|at| usize::from(at.stage) == stage);
        let cell = decision.owners.iter().find(|(track, stage, on, _)| *on == channel && stands(*track, *stage));
        cell.map(|(.., owner)| *owner).or_else(|| decision.channels.get(channel).map(|channel| channel.owner)).unwrap_or_default()
    }

    pub(crate) fn tags(&self, action: &ActionPlan, channel: usize) -> Tags {
        let decision = &self.person.plan.decision;
        Tags {
            channel: decision.channels.get(channel).map_or(Symbol::NONE, |channel| channel.symbol),
            topic: self.topic(action),
            action: action.symbol,
            purpose: decision.purpose_of(action).map_or(Symbol::NONE, |purpose| purpose.symbol),
            owner: self.owner(action, channel),
        }
    }

    /// The channels of an action, the better ones first.
    pub(crate) fn channels<'p>(&self, action: &'p ActionPlan) -> Cow<'p, [usize]> {
        let mut channels = Cow::Borrowed(action.channels.as_slice());
        if action.preferred {
            let decision = &self.person.plan.decision;
            let answers = |channel: &usize| {
                decision.channels.get(*channel).map_or(0, |channel| self.contacts().answers(channel.symbol, &decision.answered))
            };
            channels.to_mut().sort_by_key(|channel| std::cmp::Reverse(answers(channel)));
        }
        channels
    }

    /// The gates of an action that no channel changes.
    pub(crate) fn eligible(&self, number: usize, action: &ActionPlan, time: Time) -> Result<(), Stop> {
        if self.now < action.valid.0 && time == Time::Binds {
            return Err(Stop::NotValidYet);
        }
        if self.now >= action.valid.1 {
            return Err(Stop::NotValidAnyMore);
        }
        let elsewhere = |(track, stages): &&(usize, u64)| self.tracks.get(*track).is_none_or(|at| stages >> at.stage & 1 == 0);
        if let Some((track, _)) = action.stages.iter().find(elsewhere) {
            return Err(Stop::Stage(*track));
        }
        if !self.truth(&action.rule).is_true() {
            return Err(Stop::Condition);
        }
        if self.lacks_topic(action) {
            return Err(Stop::TopicUnknown);
        }
        if action.ask.is_some() && self.unlocks(number, action).is_none() {
            return Err(Stop::NothingToAsk);
        }
        Ok(())
    }

    /// The gates of an action on one channel.
    pub(crate) fn passes(&self, action: &ActionPlan, channel: usize, time: Time) -> Result<(), Stop> {
        if self.given.channel.is_some_and(|here| here != channel) {
            return Err(Stop::OtherChannel);
        }
        let tags = self.tags(action, channel);
        let verdict = self.consent(action, &tags, &[]);
        if !verdict.allows() {
            return Err(Stop::Consent(verdict));
        }
        self.vetoes(action, &tags)?;
        if self.limit_reached(action) {
            return Err(Stop::Limit);
        }
        if time == Time::Binds && self.cooled_at(action, self.now) > self.now {
            return Err(Stop::Cooldown);
        }
        if !self.is_inbound() {
            self.contact_gates(action, channel, &tags, time)?;
        }
        match self.is_held(action) {
            true => Err(Stop::HeldOut),
            false => Ok(()),
        }
    }

    /// Caps and quiet hours.
    fn contact_gates(&self, action: &ActionPlan, channel: usize, tags: &Tags, time: Time) -> Result<(), Stop> {
        let decision = &self.person.plan.decision;
        let mut needs_zone = false;
        for number in &action.caps {
            let Some(cap) = decision.caps.get(*number).filter(|cap| cap.covers.covers(tags)) else { continue };
            match self.opens(cap, self.now) {
                Opens::At(at) if at > self.now && time == Time::Binds => return Err(Stop::Cap(*number)),
                Opens::Never => return Err(Stop::Cap(*number)),
                Opens::NeedsZone => needs_zone = true,
                Opens::At(_) => {}
            }
        }
        match self.loud_at(channel, self.now) {
            Opens::At(at) if at > self.now && time == Time::Binds => return Err(Stop::QuietHours),
            Opens::NeedsZone => needs_zone = true,
            _ => {}
        }
        match needs_zone {
            true => Err(Stop::TimeZoneUnknown),
            false => Ok(()),
        }
    }

    /// Whether the contact is allowed, were the customer to say some words more.
    pub(crate) fn consent(&self, action: &ActionPlan, tags: &Tags, supposed: &[Word]) -> Verdict {
        let words = self.person.ledger.iter().chain(supposed);
        match self.person.plan.decision.purpose_of(action) {
            Some(purpose) => judge(words, purpose, tags.channel, tags.topic, self.now),
            None => Verdict { because: super::ConsentReason::DefaultOut, word: None },
        }
    }

    /// Whether there may be contact on a channel for a purpose, about nothing in particular.
    pub(crate) fn may_use(&self, purpose: &PurposePlan, channel: Symbol) -> bool {
        judge(self.person.ledger.iter(), purpose, channel, Symbol::NONE, self.now).allows()
    }

    fn vetoes(&self, action: &ActionPlan, tags: &Tags) -> Result<(), Stop> {
        for number in &action.vetoes {
            let Some(veto) = self.person.plan.decision.vetoes.get(*number).filter(|veto| veto.covers.covers(tags)) else { continue };
            match self.truth(&veto.rule) {
                Truth::True => return Err(Stop::Veto(*number, false)),
                Truth::Unknown => return Err(Stop::Veto(*number, true)),
                Truth::False => {}
            }
        }
        Ok(())
    }

    fn said(&self, action: Symbol) -> u32 {
        self.contacts().said(action) + self.extra.iter().filter(|contact| contact.tags().action == action).count() as u32
    }

    fn limit_reached(&self, action: &ActionPlan) -> bool {
        let group = action.group.and_then(|group| self.person.plan.decision.groups.get(group));
        let of_group = group.is_some_and(|group| {
            group.limit.is_some_and(|limit| group.members.iter().map(|member| self.said(*member)).sum::<u32>() >= limit)
        });
        of_group || action.limit.is_some_and(|limit| self.said(action.symbol) >= limit)
    }

    /// When the last wait after an outcome ends; `at` if none binds then.
    fn cooled_at(&self, action: &ActionPlan, at: i64) -> i64 {
        let mut end = at;
        for after in &action.afters {
            let mut times: Vec<i64> = Vec::new();
            for contact in self.newest_first() {
                if contact.at + after.within.saturating_add(after.wait) <= at {
                    break;
                }
                if after.outcomes.contains(&contact.outcome()) && after.actions.contains(&contact.tags().action) {
                    times.push(contact.at);
                }
            }
            // The newest that completes as many as are waited for.
            let completing = times.windows(after.times.max(1)).find_map(|window| match window {
                [newest, .., oldest] if newest - oldest >= after.within => None,
                [newest, ..] => Some(*newest),
                [] => None,
            });
            end = end.max(completing.map_or(at, |newest| newest + after.wait));
        }
        end
    }

    fn is_held(&self, action: &ActionPlan) -> bool {
        let decision = &self.person.plan.decision;
        if decision.holdouts.is_empty() {
            return false;
        }
        let held = self.person.held.get_or_init(|| {
            decision.holdouts.iter().map(|holdout| holdout.algorithm.bucket(self.person.customer, &holdout.salt) < holdout.share).collect()
        });
        let is_in = |holdout: Option<usize>| holdout.and_then(|number| held.get(number)).copied().unwrap_or(false);
        let required = decision.purpose_of(action).is_some_and(|purpose| purpose.required);
        is_in(action.holdout) || (!required && is_in(decision.holdout))
    }

    fn zone(&self) -> Option<&TimeZone> {
        let own = || {
            let name = self.person.state.attributes.first().map(|value| self.person.strings.text(slot::symbol(*value)));
            name.filter(|name| !name.is_empty()).and_then(zone)
        };
        self.zone.get_or_init(own).as_ref()
    }

    /// From `at` on, when a cap lets one more contact pass, if none is made until then.
    fn opens(&self, cap: &CapPlan, at: i64) -> Opens {
        if cap.at_most == 0 {
            return Opens::Never;
        }
        let counted = |since: i64| {
            let counts = |contact: &&Contact| {
                let tags = contact.tags();
                contact.outbound && cap.covers.covers(&tags) && !cap.uncounted.contains(&tags.action)
            };
            self.newest_first().take_while(move |contact| contact.at > since).filter(counts)
        };
        if let Per::Rolling(per) = cap.per {
            // The newest `at_most` must leave one by one: the last of them decides.
            let last = counted(at - per).nth(cap.at_most - 1);
            return Opens::At(last.map_or(at, |contact| contact.at + per));
        }
        // Most calendars need not be looked at: there were too few contacts in the longest such period.
        let longest = match cap.per {
            Per::Day => 2,
            Per::Week => 8,
            _ => 32,
        };
        let few = counted(at - longest * MICROS_PER_DAY).nth(cap.at_most - 1).is_none();
        let zone = match (&cap.zone, self.zone(), self.person.plan.decision.unknown_zone) {
            (Some(zone), ..) | (None, Some(zone), _) => zone,
            (None, None, UnknownZone::Hold) => return Opens::NeedsZone,
            (None, None, _) => &self.person.plan.zone,
        };
        if few {
            return Opens::At(at);
        }
        let Some((first, next)) = clock::period(zone, cap.per, at) else { return Opens::Never };
        match counted(first - 1).nth(cap.at_most - 1) {
            None => Opens::At(at),
            Some(_) => Opens::At(next),
        }
    }

    fn loud_at(&self, channel: usize, at: i64) -> Opens {
        let decision = &self.person.plan.decision;
        let Some(quiet) = decision.channels.get(channel).and_then(|channel| channel.quiet) else { return Opens::At(at) };
        let zone = match (self.zone(), decision.unknown_zone) {
            (Some(zone), _) => zone,
            (None, UnknownZone::Hold) => return Opens::NeedsZone,
            (None, UnknownZone::Journey) => &self.person.plan.zone,
            (None, UnknownZone::Send) => return Opens::At(at),
        };
        clock::loud_from(zone, quiet, at).map_or(Opens::Never, Opens::At)
    }

    /// The first instant from now on at which a candidate may go, if nothing but time forbids it now, and nothing else forbids it then.
    pub(crate) fn not_before(&self, number: usize, action: &ActionPlan, channel: usize) -> Option<i64> {
        self.eligible(number, action, Time::Lifted).ok()?;
        self.passes(action, channel, Time::Lifted).ok()?;
        self.priority(number, action)?;
        let tags = self.tags(action, channel);
        let caps =
            || action.caps.iter().filter_map(|number| self.person.plan.decision.caps.get(*number)).filter(|cap| cap.covers.covers(&tags));
        let mut at = self.now.max(action.valid.0);
        loop {
            let mut next = self.cooled_at(action, at);
            if !self.is_inbound() {
                for cap in caps() {
                    next = next.max(self.opens(cap, at).instant()?);
                }
                next = next.max(self.loud_at(channel, at).instant()?);
            }
            if next == at {
                break;
            }
            at = next;
        }
        if at > Instant::MAX.as_micros() {
            return None;
        }
        let mut tracks = self.person.state.tracks.clone();
        advance_to(self.person.plan, self.person.strings, self.person.state, &mut tracks, Instant::from_valid(at), &mut Silence);
        let said = self.person.ledger.partition_point(|word| word.at <= self.now);
        let person = Person { ledger: self.person.ledger.get(..said).unwrap_or_default(), ..self.person };
        let then = Scene::new(person, self.given, &tracks, at, self.extra);
        then.eligible(number, action, Time::Binds).ok()?;
        then.passes(action, channel, Time::Binds).ok()?;
        then.priority(number, action).map(|_| at)
    }

    /// What a candidate is worth; none if a part of that is unknown.
    pub(crate) fn priority(&self, number: usize, action: &ActionPlan) -> Option<f64> {
        let factors = self.factors(number, action);
        let priority = factors.propensity * factors.value * factors.weight * (1.0 + factors.boost);
        // Negative zero is zero: the two rank alike.
        priority.is_finite().then_some(priority + 0.0)
    }

    pub(crate) fn factors(&self, number: usize, action: &ActionPlan) -> Multiplied {
        let boosts = action.boosts.iter().filter(|boost| self.truth(&boost.rule).is_true());
        let unlocked = if action.ask.is_some() { self.unlocks(number, action).unwrap_or(f64::NAN) } else { 1.0 };
        Multiplied {
            propensity: action.propensity.evaluate(self),
            value: action.value.evaluate(self) * unlocked,
            weight: action.weight.evaluate(self),
            boost: boosts.fold(0.0, |sum, boost| sum + boost.add),
        }
    }

    /// The greatest priority that an answer to an ask could bring within reach.
    fn unlocks(&self, number: usize, action: &ActionPlan) -> Option<f64> {
        let actions = &self.person.plan.decision.actions;
        let cells = self.asks.get_or_init(|| actions.iter().map(|_| OnceCell::new()).collect());
        *cells.get(number)?.get_or_init(|| super::ask::unlocked(self, action))
    }
}

/// The factors of a priority.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Multiplied {
    pub(crate) propensity: f64,
    pub(crate) value: f64,
    pub(crate) weight: f64,
    pub(crate) boost: f64,
}

/// When a gate that time opens is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opens {
    At(i64),
    Never,
    NeedsZone,
}

impl Opens {
    fn instant(self) -> Option<i64> {
        match self {
            Self::At(at) => Some(at),
            _ => None,
        }
    }
}

impl Scope for Scene<'_> {
    #[inline]
    fn number(&self, leaf: u32) -> f64 {
        match self.handed_in(leaf) {
            Some(value) => f64::from_bits(value),
            None => match self.memo.numbers.get(leaf as usize) {
                Some(number) if number.get().to_bits() == UNREAD => {
                    number.set(self.lens().number(leaf));
                    number.get()
                }
                Some(number) => number.get(),
                None => self.lens().number(leaf),
            },
        }
    }

    #[inline]
    fn symbol(&self, leaf: u32) -> Symbol {
        match self.handed_in(leaf) {
            Some(value) => slot::symbol(value),
            None => self.lens().symbol(leaf),
        }
    }

    #[inline]
    fn truth(&self, leaf: u32) -> Truth {
        match self.handed_in(leaf) {
            Some(value) => slot::truth(value),
            None => self.lens().truth(leaf),
        }
    }

    fn text(&self, symbol: Symbol) -> &str {
        self.given.text(symbol).unwrap_or_else(|| self.person.strings.text(symbol))
    }
}

impl<'a> Scene<'a> {
    #[inline]
    pub(crate) fn lens(&self) -> crate::profile::state::Lens<'a> {
        self.person.state.lens(self.person.plan, self.person.strings, self.now)
    }

    #[inline]
    pub(crate) fn handed_in(&self, leaf: u32) -> Option<u64> {
        (leaf as usize).checked_sub(self.person.plan.given_leaf(0) as usize).and_then(|at| self.given.slot(at))
    }
}
