//! One customer: the records folded so far, exact within the journey's allowed lateness.

mod codec;
pub(crate) mod contacts;
pub(crate) mod encode;
mod fold;
pub(crate) mod ledger;
mod merge;
pub(crate) mod slot;
pub(crate) mod state;
pub(crate) mod tracks;
pub(crate) mod traits;
mod view;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::sync::OnceLock;

use crate::decision::Whose;
use crate::error::{Error, ErrorKind, Result};
use crate::journey::Journey;
use crate::record::{AttributeChange, Preference, Touchpoint};
use crate::symbol::Strings;
use crate::time::Instant;
use fold::{Body, Fold, Stored};
use ledger::Word;
use state::ALWAYS;

pub(crate) use fold::Moved;
pub use view::{Cause, Contribution, NextChange, Stage, Transition, View};
pub(crate) use view::{Pairs, ValueText, described, plain, shown};
pub(crate) use view::{advance_to, next_move};

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Observed {
    /// It was folded.
    Folded,
    /// A record with its id was there already; nothing changed.
    Duplicate,
}

/// One customer's folded records: the single customer view. It is a pure function of the set of its records.
///
/// Records may come in any order within the journey's `allowed_lateness`; what is older has been folded away, so a profile stays small.
///
/// ```
/// use wayfare::{Journey, Touchpoint};
///
/// let journey = Journey::from_yaml(
///     "wayfare: 1
/// name: Shop
/// touchpoints: { purchased: {} }
/// traits:
///   orders: { count: purchased }
///   days_since_order: { days_since: purchased }
/// tracks:
///   relationship:
///     - { name: prospect }
///     - { name: customer, from: [prospect, former], when: orders >= 1 && days_since_order <= 90 }
///     - { name: former, from: [customer], when: days_since_order > 90 }
/// ",
/// )?;
/// let mut profile = journey.profile("c-42");
/// profile.observe(&Touchpoint::new("purchased", "2026-01-10T12:00:00Z".parse()?).value(30.0))?;
///
/// let view = profile.view("2026-02-01T00:00:00Z".parse()?)?;
/// assert_eq!(view.stage("relationship").unwrap().stage, "customer");
/// let next = view.next_change().unwrap();
/// assert_eq!((next.to, next.at.to_string().as_str()), ("former", "2026-04-10T12:00:00.000001Z"));
/// # Ok::<(), wayfare::Error>(())
/// ```
#[derive(Clone)]
pub struct Profile {
    journey: Journey,
    customer: String,
    strings: Strings,
    /// What no record can come before any more.
    base: Fold,
    /// Records after `base`, in the order of the fold.
    pending: VecDeque<Stored>,
    /// `base` and all of `pending`.
    head: Fold,
    /// Every preference, in order.
    ledger: Vec<Word>,
    /// Per holdout of the journey, whether the customer is in it; computed once.
    held: OnceLock<Box<[bool]>>,
}

impl Journey {
    /// The profile of a customer nothing is known of yet.
    #[must_use]
    pub fn profile(&self, customer: &str) -> Profile {
        let base = Fold::new(&self.plan);
        Profile {
            journey: self.clone(),
            customer: customer.to_owned(),
            strings: Strings::new(self.plan.words.clone()),
            head: base.clone(),
            base,
            pending: VecDeque::new(),
            ledger: Vec::new(),
            held: OnceLock::new(),
        }
    }
}

impl Profile {
    /// The customer's id.
    #[must_use]
    pub fn customer(&self) -> &str {
        &self.customer
    }

    /// The journey that it is folded with.
    #[must_use]
    pub fn journey(&self) -> &Journey {
        &self.journey
    }

    pub(crate) fn strings(&self) -> &Strings {
        &self.strings
    }

    pub(crate) fn whose(&self) -> Whose<'_> {
        Whose { customer: &self.customer, ledger: &self.ledger, held: &self.held }
    }

    /// The instant of the newest record; none if there is none, or only attributes that always held.
    #[must_use]
    pub fn newest(&self) -> Option<Instant> {
        self.head.state.newest.filter(|at| *at != ALWAYS).map(Instant::from_valid)
    }

    /// Folds a touchpoint.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRecord`] if it does not fit the journey, [`ErrorKind::TooLate`] if it is older than `allowed_lateness` permits. The
    /// profile is unchanged then.
    pub fn observe(&mut self, touchpoint: &Touchpoint<'_>) -> Result<Observed> {
        let at = touchpoint.at.as_micros();
        self.check_lateness(at)?;
        let slots = encode::touchpoint(&self.journey.plan, &mut self.strings, touchpoint)?;
        Ok(self.fold(Stored { at, id: touchpoint.id.map(Into::into), body: Body::Touch(slots) }))
    }

    /// Folds an attribute change.
    ///
    /// # Errors
    /// As [`observe`](Self::observe). A change without an instant is accepted as long as every record so far is within `allowed_lateness`.
    pub fn set(&mut self, change: &AttributeChange<'_>) -> Result<Observed> {
        let at = change.at.map_or(ALWAYS, Instant::as_micros);
        self.check_lateness(at)?;
        let values = encode::change(&self.journey.plan, &mut self.strings, change)?;
        Ok(self.fold(Stored { at, id: change.id.map(Into::into), body: Body::Change(values) }))
    }

    /// Takes in a preference: the customer's word. It may come late by any time; it changes no trait and no stage.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRecord`] if it does not fit the journey. The profile is unchanged then.
    pub fn prefer(&mut self, preference: &Preference<'_>) -> Result<Observed> {
        let word = Word::new(&self.journey.plan, &mut self.strings, preference)?;
        Ok(match ledger::insert(&mut self.ledger, word, &self.strings) {
            true => Observed::Folded,
            false => Observed::Duplicate,
        })
    }

    /// The earliest instant that a record may have. INVARIANT: the newest record that came, be it a duplicate, is never folded away.
    fn horizon(&self) -> Option<i64> {
        self.pending.back().filter(|newest| newest.at != ALWAYS).map(|newest| newest.at - self.journey.plan.lateness)
    }

    fn check_lateness(&self, at: i64) -> Result<()> {
        let Some(horizon) = self.horizon().filter(|horizon| at < *horizon) else { return Ok(()) };
        let horizon_instant = Instant::from_valid(horizon.max(Instant::MIN.as_micros()));
        if at != ALWAYS {
            return Err(Error::too_late(Instant::from_valid(at), horizon_instant));
        }
        let timed = |fold: &Fold| fold.state.newest.is_some_and(|newest| newest != ALWAYS);
        match timed(&self.base) || self.pending.iter().any(|record| record.at != ALWAYS && record.at < horizon) {
            true => Err(Error::new(ErrorKind::TooLate, "an attribute without an instant comes after records that were folded away")
                .with_help("give the change its instant, or set it before the first touchpoint")),
            false => Ok(()),
        }
    }

    fn fold(&mut self, record: Stored) -> Observed {
        let in_order =
            self.head.state.newest.is_none_or(|newest| record.at > newest) && self.pending.back().is_none_or(|last| record.at > last.at);
        let observed = match in_order {
            true => {
                let counted = self.head.one(&self.journey.plan, &self.strings, &record);
                self.pending.push_back(record);
                if counted { Observed::Folded } else { Observed::Duplicate }
            }
            false => self.insert(record),
        };
        self.fold_away();
        observed
    }

    /// Takes in a record that does not come last, and folds again from the base.
    fn insert(&mut self, record: Stored) -> Observed {
        let plan = &*self.journey.plan;
        let strings = &self.strings;
        let at = self.pending.partition_point(|other| other.order(&record, plan, strings).is_lt());
        let same = self.pending.get(at).is_some_and(|other| other.order(&record, plan, strings).is_eq());
        if same && record.id.is_some() {
            return Observed::Duplicate;
        }
        let before = record.id.is_some().then(|| (self.head.counted, self.head.state.clone()));
        self.pending.insert(at, record);
        self.refold();
        match before {
            // One more counts, or it took the place of another with its id.
            Some((counted, before)) if self.head.counted == counted && self.same_state(&before) => Observed::Duplicate,
            _ => Observed::Folded,
        }
    }

    fn same_state(&self, before: &state::State) -> bool {
        let now = &self.head.state;
        now.first == before.first
            && now.newest == before.newest
            && now.traits == before.traits
            && now.attributes == before.attributes
            && now.contacts == before.contacts
    }

    fn refold(&mut self) {
        self.head.clone_from(&self.base);
        self.head.all(&self.journey.plan, &self.strings, &self.pending);
    }

    /// Moves records that none can come before any more from `pending` into `base`.
    fn fold_away(&mut self) {
        let Some(horizon) = self.horizon() else { return };
        let settled = self.pending.partition_point(|record| record.at < horizon);
        // What always held waits for the first record that has an instant: until then more of it may come and take its place in the order.
        if settled.checked_sub(1).and_then(|last| self.pending.get(last)).is_some_and(|last| last.at != ALWAYS) {
            self.base.all(&self.journey.plan, &self.strings, self.pending.iter().take(settled));
            self.pending.drain(..settled);
            self.forget_words();
        }
    }

    /// Lets go of words that nothing holds any more, once they are many.
    fn forget_words(&mut self) {
        const MANY_WORDS: u32 = 256;
        if self.strings.extra_len() < MANY_WORDS || !self.strings.extra_len().is_power_of_two() {
            return;
        }
        if let Ok(smaller) = codec::from_bytes(&self.journey, &codec::to_bytes(self)) {
            *self = smaller;
        }
    }

    /// What is true at an instant.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the instant is before records that were folded away: only a table remembers the whole past.
    pub fn view(&self, now: Instant) -> Result<View<'_>> {
        let plan = &*self.journey.plan;
        Ok(View::new(plan, &self.strings, self.fold_at(now)?, now))
    }

    /// The first move that will happen after `now` if no further record comes.
    ///
    /// # Errors
    /// As [`view`](Self::view).
    pub fn next_change(&self, now: Instant) -> Result<Option<NextChange<'_>>> {
        let plan = &*self.journey.plan;
        let view = View::new(plan, &self.strings, self.fold_at(now)?, now);
        let moved = next_move(plan, &self.strings, &view.fold.state, view.tracks(), now);
        Ok(moved.and_then(|moved| moved.named(plan)))
    }

    /// The moves up to an instant, in order, each with its cause and the values that decided.
    ///
    /// # Errors
    /// As [`view`](Self::view).
    pub fn history(&self, now: Instant) -> Result<History<'_>> {
        let plan = &*self.journey.plan;
        let fold = self.fold_at(now)?;
        let mut later = Vec::new();
        let mut tracks = fold.state.tracks.clone();
        advance_to(plan, &self.strings, &fold.state, &mut tracks, now, &mut later);
        Ok(History { plan, strings: &self.strings, fold, later })
    }

    /// The fold of the records up to an instant.
    fn fold_at(&self, now: Instant) -> Result<Cow<'_, Fold>> {
        let now = now.as_micros();
        if self.head.state.newest.is_none_or(|newest| newest <= now) {
            return Ok(Cow::Borrowed(&self.head));
        }
        if let Some(folded) = self.base.state.newest.filter(|folded| *folded > now && *folded != ALWAYS) {
            let message = format!("the profile can look back to {} only", Instant::from_valid(folded));
            return Err(Error::new(ErrorKind::InvalidArgument, message)
                .with_help("records older than `allowed_lateness` are folded away; run the journey over a table for any past instant"));
        }
        let mut fold = self.base.clone();
        fold.all(&self.journey.plan, &self.strings, self.pending.iter().take_while(|record| record.at <= now));
        Ok(Cow::Owned(fold))
    }

    /// The profile as bytes, to keep it. The same records always give the same bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::to_bytes(self)
    }

    /// A profile from the bytes that [`to_bytes`](Self::to_bytes) gave.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidProfile`] if they are something else or were damaged, [`ErrorKind::JourneyMismatch`] if the profile was folded with another
    /// journey file.
    pub fn from_bytes(journey: &Journey, bytes: &[u8]) -> Result<Self> {
        codec::from_bytes(journey, bytes)
    }
}

impl PartialEq for Profile {
    fn eq(&self, other: &Self) -> bool {
        self.to_bytes() == other.to_bytes()
    }
}

impl fmt::Debug for Profile {
    /// No customer data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile").field("journey", &self.journey.name()).finish_non_exhaustive()
    }
}

/// The moves of one customer.
pub struct History<'a> {
    plan: &'a crate::journey::plan::Plan,
    strings: &'a Strings,
    fold: Cow<'a, Fold>,
    later: Vec<Moved>,
}

impl History<'_> {
    /// The transitions, in order.
    pub fn transitions(&self) -> impl Iterator<Item = Transition<'_>> {
        let moves = self.fold.history.iter().chain(&self.later);
        moves.filter_map(|moved| Transition::new(self.plan, self.strings, moved))
    }
}

impl fmt::Debug for History<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").finish_non_exhaustive()
    }
}
