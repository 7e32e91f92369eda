//! The state of one trait: what a touchpoint adds, what time takes away, what it reads at an instant.
//!
//! Reading never changes the state and is right for any instant from the last record on, so that looking ahead needs no copy.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::slot;
use crate::exact::ExactSum;
use crate::expression::Type;
use crate::insight::lifetime::History;
use crate::journey::plan::{Operation, TraitPlan};
use crate::symbol::Symbol;
use crate::time::{Instant, days_between};

/// Interest below this has been forgotten.
const FORGOTTEN: f64 = 1.0 / 1_073_741_824.0;
/// From this many topics on, forgotten ones are looked for.
const MANY_TOPICS: usize = 32;

/// No count of a customer's records comes near it.
const MANY: u64 = 1 << 31;

/// Entries of a window, oldest first.
type Entries<T> = VecDeque<(i64, T)>;

/// See the reference for what each one computes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum TraitState {
    Count(u64),
    CountWithin(VecDeque<i64>),
    Sum(Sum),
    SumWithin(Sum, Entries<f64>),
    Extreme(Option<f64>),
    /// Only entries that a later one does not beat.
    ExtremeWithin(Entries<f64>),
    Edge(Option<u64>),
    FirstWithin(Entries<u64>),
    LastWithin(Option<(i64, u64)>),
    Tally(Tally),
    TallyWithin(Tally, Entries<u64>),
    Since(Option<i64>),
    Tenure {
        began: Option<i64>,
        last_start: Option<i64>,
    },
    Gap(Gap),
    Interest(Interest),
    Decayed {
        weight: f64,
        at: i64,
    },
    Attribute,
    Purchases(History),
}

/// An exact sum, its terms' number, and what it shows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sum {
    exact: ExactSum,
    terms: u64,
}

impl Sum {
    #[inline]
    fn add(&mut self, term: f64) {
        self.exact.add(term);
        self.terms += 1;
    }

    #[inline]
    fn remove(&mut self, term: f64) {
        self.exact.subtract(term);
        self.terms -= 1;
    }

    #[inline]
    fn shown(&self, mean: bool) -> f64 {
        let sum = self.exact.value();
        let shown = match (mean, self.terms) {
            (false, _) => sum,
            (true, 0) => f64::NAN,
            (true, terms) => sum / terms as f64,
        };
        if shown.is_finite() { shown } else { f64::NAN }
    }
}

/// How often each value was seen, and which is the commonest; of equals, the one seen last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tally {
    /// Times seen, and the number of the last sighting.
    seen: BTreeMap<u64, (u32, u64)>,
    sightings: u64,
    commonest: Option<u64>,
}

impl Tally {
    fn add(&mut self, value: u64) {
        self.sightings += 1;
        let entry = self.seen.entry(value).or_default();
        *entry = (entry.0 + 1, self.sightings);
        let mine = *entry;
        let best = self.commonest.and_then(|best| self.seen.get(&best)).copied().unwrap_or_default();
        if mine >= best {
            self.commonest = Some(value);
        }
    }

    fn remove(&mut self, value: u64) {
        let Some(entry) = self.seen.get_mut(&value) else { return };
        entry.0 -= 1;
        if entry.0 == 0 {
            self.seen.remove(&value);
        }
        if self.commonest == Some(value) {
            self.commonest = self.seen.iter().max_by_key(|(_, rank)| **rank).map(|(value, _)| *value);
        }
    }

    fn without(&self, gone: impl Iterator<Item = u64>) -> Self {
        let mut left = self.clone();
        gone.for_each(|value| left.remove(value));
        left
    }
}

/// Gaps between distinct days.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Gap {
    /// The three latest days, rising. INVARIANT: offsets of zones are 26 hours apart at most, so that a day is never more than two before the
    /// latest, and the day before it is among these.
    recent: [Option<i64>; 3],
    /// How many gaps of each length.
    gaps: BTreeMap<i64, u32>,
    number: u32,
    median: f64,
}

impl Gap {
    fn add(&mut self, day: i64) {
        let after = self.recent.partition_point(|recent| recent.is_none_or(|recent| recent < day));
        let next = self.recent.get(after).copied().flatten();
        let Some(earlier) = self.recent.get_mut(..after).filter(|earlier| !earlier.is_empty() && next != Some(day)) else { return };
        let last = earlier.last().copied().flatten();
        earlier.rotate_left(1);
        earlier.iter_mut().last().into_iter().for_each(|latest| *latest = Some(day));
        if let (Some(last), Some(next)) = (last, next) {
            self.remove(next - last);
        }
        [last.map(|last| day - last), next.map(|next| next - day)].into_iter().flatten().for_each(|gap| self.insert(gap));
        if self.number == 0 {
            return;
        }
        let low = self.ranked((self.number - 1) / 2);
        let high = self.ranked(self.number / 2);
        self.median = (low + high) as f64 / 2.0;
    }

    fn insert(&mut self, gap: i64) {
        *self.gaps.entry(gap).or_default() += 1;
        self.number += 1;
    }

    fn remove(&mut self, gap: i64) {
        self.number -= 1;
        match self.gaps.get_mut(&gap) {
            Some(times) if *times > 1 => *times -= 1,
            _ => drop(self.gaps.remove(&gap)),
        }
    }

    fn ranked(&self, rank: u32) -> i64 {
        let mut below = 0;
        for (gap, times) in &self.gaps {
            below += times;
            if below > rank {
                return *gap;
            }
        }
        0
    }

    fn shrunk(&self, prior_days: f64, weight: f64) -> f64 {
        if self.number == 0 {
            return if weight > 0.0 { prior_days } else { f64::NAN };
        }
        let number = f64::from(self.number);
        let shown = (number * self.median + weight * prior_days) / (number + weight);
        if shown.is_finite() { shown } else { f64::NAN }
    }
}

/// Decayed interest by value: its weight at its last touchpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Interest {
    weights: BTreeMap<u64, (f64, i64)>,
    favourite: u64,
    look_at: usize,
}

impl Interest {
    fn add(&mut self, value: u64, at: i64, half_life: i64) {
        let weight = match self.weights.get(&value) {
            None => 1.0,
            Some((weight, then)) => match decayed(*weight, *then, at, half_life) {
                left if left < FORGOTTEN => 1.0,
                left => left + 1.0,
            },
        };
        self.weights.insert(value, (weight, at));
        if weight >= self.strength(at, half_life) {
            self.favourite = value;
        }
        if self.weights.len() >= self.look_at.max(MANY_TOPICS) {
            let favourite = self.favourite;
            self.weights.retain(|value, (weight, then)| *value == favourite || decayed(*weight, *then, at, half_life) >= FORGOTTEN);
            self.look_at = 2 * self.weights.len();
        }
    }

    fn strength(&self, now: i64, half_life: i64) -> f64 {
        self.weights.get(&self.favourite).map_or(0.0, |(weight, then)| decayed(*weight, *then, now, half_life))
    }
}

/// Whether something can have happened at that instant.
fn passed(at: i64, newest: i64) -> bool {
    (Instant::MIN.as_micros()..=newest).contains(&at)
}

#[inline]
fn decayed(weight: f64, then: i64, now: i64, half_life: i64) -> f64 {
    weight * libm::exp2(-((now - then) as f64 / half_life as f64))
}

#[inline]
fn live(at: i64, within: i64, now: i64) -> bool {
    at > now.saturating_sub(within)
}

#[inline]
fn first_live<T>(entries: &Entries<T>, within: i64, now: i64) -> usize {
    match entries.front() {
        Some((at, _)) if live(*at, within, now) => 0,
        _ => entries.partition_point(|(at, _)| !live(*at, within, now)),
    }
}

#[inline]
fn live_count(entries: &VecDeque<i64>, within: i64, now: i64) -> usize {
    match entries.front() {
        Some(at) if live(*at, within, now) => entries.len(),
        _ => entries.len() - entries.partition_point(|at| !live(*at, within, now)),
    }
}

/// Does the same with all states of one plan. The commonest sorts have a loop of their own, in which nothing need be told apart.
macro_rules! by_sort {
    ($plan:expr, $all:expr, |$each:pat_param| $state:ident, $do:expr) => {
        by_sort!($plan, $all, $each, $state, $do, Count(_), CountWithin(_), Sum(_), Since(_), Edge(_))
    };
    ($plan:expr, $all:expr, $each:pat_param, $state:ident, $do:expr, $($sort:ident(_)),+) => {
        match Self::new($plan.operation) {
            $(Self::$sort(_) => $all.for_each(|$each| if let Self::$sort(_) = $state { $do }),)+
            _ => $all.for_each(|$each| $do),
        }
    };
}

impl TraitState {
    pub(crate) fn new(operation: Operation) -> Self {
        use Operation as O;
        match operation {
            O::Count { within: None } => Self::Count(0),
            O::Count { within: Some(_) } => Self::CountWithin(VecDeque::new()),
            O::Sum { within: None } | O::Mean { within: None } => Self::Sum(Sum::default()),
            O::Sum { within: Some(_) } | O::Mean { within: Some(_) } => Self::SumWithin(Sum::default(), Entries::new()),
            O::Least { within: None } | O::Greatest { within: None } => Self::Extreme(None),
            O::Least { within: Some(_) } | O::Greatest { within: Some(_) } => Self::ExtremeWithin(Entries::new()),
            O::First { within: None } | O::Last { within: None } => Self::Edge(None),
            O::First { within: Some(_) } => Self::FirstWithin(Entries::new()),
            O::Last { within: Some(_) } => Self::LastWithin(None),
            O::Distinct { within: None } | O::MostFrequent { within: None } => Self::Tally(Tally::default()),
            O::Distinct { within: Some(_) } | O::MostFrequent { within: Some(_) } => Self::TallyWithin(Tally::default(), Entries::new()),
            O::DaysSince | O::DaysSinceFirst => Self::Since(None),
            O::Tenure => Self::Tenure { began: None, last_start: None },
            O::TypicalGap { .. } => Self::Gap(Gap::default()),
            O::Favourite { .. } | O::Strength { .. } => Self::Interest(Interest::default()),
            O::Decayed { .. } => Self::Decayed { weight: 0.0, at: 0 },
            O::Lifetime { .. } => Self::Purchases(History::default()),
            O::Attribute(_) => Self::Attribute,
        }
    }

    /// Back to "nothing has happened", keeping what is allocated. Inlined, as it may be known already of what sort the state is.
    #[inline(always)]
    pub(crate) fn clear(&mut self) {
        match self {
            Self::Count(count) => *count = 0,
            Self::CountWithin(entries) => entries.clear(),
            Self::Sum(sum) => (sum.terms, _) = (0, sum.exact.clear()),
            Self::SumWithin(sum, entries) => {
                (sum.terms, _) = (0, sum.exact.clear());
                entries.clear();
            }
            Self::Extreme(extreme) => *extreme = None,
            Self::ExtremeWithin(entries) => entries.clear(),
            Self::Edge(edge) => *edge = None,
            Self::FirstWithin(entries) => entries.clear(),
            Self::LastWithin(last) => *last = None,
            Self::Tally(tally) => *tally = Tally::default(),
            Self::TallyWithin(tally, entries) => {
                *tally = Tally::default();
                entries.clear();
            }
            Self::Since(since) => *since = None,
            Self::Tenure { began, last_start } => (*began, *last_start) = (None, None),
            Self::Gap(gap) => *gap = Gap::default(),
            Self::Interest(interest) => *interest = Interest::default(),
            Self::Decayed { weight, at } => (*weight, *at) = (0.0, 0),
            Self::Purchases(history) => history.clear(),
            Self::Attribute => {}
        }
    }

    /// A touchpoint of a kind that feeds it. `day` is asked for by `typical_gap` only.
    #[inline]
    pub(crate) fn touch(&mut self, plan: &TraitPlan, at: i64, day: impl FnOnce() -> i64) {
        match self {
            Self::Count(count) => *count += 1,
            Self::CountWithin(entries) => {
                let within = plan.operation.within().unwrap_or(i64::MAX);
                while entries.front().is_some_and(|oldest| !live(*oldest, within, at)) {
                    entries.pop_front();
                }
                entries.push_back(at);
            }
            Self::Since(since) if plan.operation == Operation::DaysSince => *since = Some(at),
            Self::Since(since) => *since = since.or(Some(at)),
            Self::Tenure { began, last_start } => {
                *last_start = Some(at);
                *began = began.or(Some(at));
            }
            Self::Gap(gap) => gap.add(day()),
            Self::Purchases(_) => self.purchase(plan, at, 0.0),
            _ => {}
        }
    }

    /// A purchase, with what it is worth.
    fn purchase(&mut self, plan: &TraitPlan, at: i64, value: f64) {
        if let (Self::Purchases(history), Some(lifetime)) = (self, &plan.lifetime) {
            history.add(lifetime.day(at), value, lifetime.returns);
        }
    }

    /// The end of a spell.
    pub(crate) fn end(&mut self, at: i64) {
        if let Self::Tenure { began, last_start } = self {
            *began = last_start.filter(|start| *start == at);
        }
    }

    /// A known value that a touchpoint brings.
    #[inline]
    pub(crate) fn take(&mut self, plan: &TraitPlan, at: i64, value: u64) {
        let within = plan.operation.within();
        if let Some(within) = within {
            self.expire(within, at);
        }
        match self {
            Self::Sum(sum) => sum.add(f64::from_bits(value)),
            Self::SumWithin(sum, entries) => {
                sum.add(f64::from_bits(value));
                entries.push_back((at, f64::from_bits(value)));
            }
            Self::Extreme(extreme) => {
                let value = f64::from_bits(value);
                if extreme.is_none_or(|best| beats(plan.operation, value, best)) {
                    *extreme = Some(value);
                }
            }
            Self::ExtremeWithin(entries) => {
                let value = f64::from_bits(value);
                while entries.back().is_some_and(|(_, last)| !beats(plan.operation, *last, value)) {
                    entries.pop_back();
                }
                entries.push_back((at, value));
            }
            Self::Edge(edge) if matches!(plan.operation, Operation::Last { .. }) => *edge = Some(value),
            Self::Edge(edge) => *edge = edge.or(Some(value)),
            Self::FirstWithin(entries) => entries.push_back((at, value)),
            Self::LastWithin(last) => *last = Some((at, value)),
            Self::Tally(tally) => tally.add(value),
            Self::TallyWithin(tally, entries) => {
                tally.add(value);
                entries.push_back((at, value));
            }
            Self::Interest(interest) => {
                if let Operation::Favourite { half_life } | Operation::Strength { half_life } = plan.operation {
                    interest.add(value, at, half_life);
                }
            }
            Self::Decayed { weight, at: then } => {
                if let Operation::Decayed { half_life } = plan.operation {
                    *weight = decayed(*weight, *then, at, half_life) + f64::from_bits(value);
                    *then = at;
                }
            }
            Self::Purchases(_) => self.purchase(plan, at, f64::from_bits(value)),
            _ => {}
        }
    }

    /// Lets go of what has left the window by `now`.
    pub(crate) fn expire(&mut self, within: i64, now: i64) {
        fn pop<T>(entries: &mut Entries<T>, within: i64, now: i64) -> Option<T> {
            match entries.front() {
                Some((at, _)) if !live(*at, within, now) => entries.pop_front().map(|(_, value)| value),
                _ => None,
            }
        }
        match self {
            Self::CountWithin(entries) => {
                while entries.front().is_some_and(|oldest| !live(*oldest, within, now)) {
                    entries.pop_front();
                }
            }
            Self::SumWithin(sum, entries) => {
                while let Some(gone) = pop(entries, within, now) {
                    sum.remove(gone);
                }
            }
            Self::ExtremeWithin(entries) => while pop(entries, within, now).is_some() {},
            Self::FirstWithin(entries) => while pop(entries, within, now).is_some() {},
            Self::LastWithin(last) => *last = last.filter(|(at, _)| live(*at, within, now)),
            Self::TallyWithin(tally, entries) => {
                while let Some(gone) = pop(entries, within, now) {
                    tally.remove(gone);
                }
            }
            _ => {}
        }
    }

    /// The next instant after `now` at which something leaves the window.
    pub(crate) fn next_leave(&self, within: i64, now: i64) -> Option<i64> {
        fn of<T>(entries: &Entries<T>, within: i64, now: i64) -> Option<i64> {
            entries.get(first_live(entries, within, now)).map(|(at, _)| *at)
        }
        let oldest = match self {
            Self::CountWithin(entries) => match entries.front() {
                Some(at) if live(*at, within, now) => Some(*at),
                _ => entries.get(entries.partition_point(|at| !live(*at, within, now))).copied(),
            },
            Self::SumWithin(_, entries) | Self::ExtremeWithin(entries) => of(entries, within, now),
            Self::FirstWithin(entries) | Self::TallyWithin(_, entries) => of(entries, within, now),
            Self::LastWithin(last) => last.map(|(at, _)| at).filter(|at| live(*at, within, now)),
            _ => None,
        };
        oldest.map(|at| at.saturating_add(within))
    }

    /// The value of a trait that is a number; NaN when unknown.
    #[inline]
    pub(crate) fn number(&self, plan: &TraitPlan, now: i64) -> f64 {
        self.number_of_sort(plan, now)
    }

    /// As `number`, where it may be known already of what sort the state is.
    #[inline(always)]
    fn number_of_sort(&self, plan: &TraitPlan, now: i64) -> f64 {
        let operation = plan.operation;
        match self {
            Self::Count(count) => *count as f64,
            Self::Since(Some(at)) => days_between(*at, now),
            Self::Since(None) => f64::NAN,
            Self::Gap(gap) => match operation {
                Operation::TypicalGap { prior_days, weight } => gap.shrunk(prior_days, weight),
                _ => f64::NAN,
            },
            Self::Tenure { began, .. } => began.map_or(f64::NAN, |at| days_between(at, now)),
            Self::Extreme(extreme) => extreme.unwrap_or(f64::NAN),
            Self::Edge(edge) => edge.map_or(f64::NAN, f64::from_bits),
            Self::CountWithin(entries) => live_count(entries, operation.within().unwrap_or(i64::MAX), now) as f64,
            Self::Sum(sum) => sum.shown(matches!(operation, Operation::Mean { .. })),
            Self::Decayed { weight, at } => match operation {
                Operation::Decayed { half_life } if *weight != 0.0 => decayed(*weight, *at, now, half_life),
                _ => 0.0,
            },
            Self::Interest(interest) => match operation {
                Operation::Strength { half_life } => interest.strength(now, half_life),
                _ => f64::NAN,
            },
            Self::Purchases(history) => plan.lifetime.as_ref().map_or(f64::NAN, |lifetime| lifetime.value(history, now)),
            Self::Tally(tally) if matches!(operation, Operation::Distinct { .. }) => tally.seen.len() as f64,
            Self::SumWithin(..) | Self::ExtremeWithin(_) | Self::TallyWithin(..) => self.windowed_number(plan, now),
            _ => f64::from_bits(self.slot(plan, now)),
        }
    }

    fn windowed_number(&self, plan: &TraitPlan, now: i64) -> f64 {
        let within = plan.operation.within().unwrap_or(i64::MAX);
        match self {
            Self::SumWithin(sum, entries) => {
                let mean = matches!(plan.operation, Operation::Mean { .. });
                match first_live(entries, within, now) {
                    0 => sum.shown(mean),
                    gone => {
                        let mut left = sum.clone();
                        entries.iter().take(gone).for_each(|(_, term)| left.remove(*term));
                        left.shown(mean)
                    }
                }
            }
            Self::ExtremeWithin(entries) => entries.get(first_live(entries, within, now)).map_or(f64::NAN, |(_, value)| *value),
            Self::TallyWithin(tally, entries) if matches!(plan.operation, Operation::Distinct { .. }) => {
                match first_live(entries, within, now) {
                    0 => tally.seen.len() as f64,
                    gone => tally.without(entries.iter().take(gone).map(|(_, value)| *value)).seen.len() as f64,
                }
            }
            _ => f64::from_bits(self.slot(plan, now)),
        }
    }

    /// What states of one plan show at an instant.
    pub(crate) fn read_all<'s>(plan: &TraitPlan, now: i64, all: impl Iterator<Item = (&'s Self, &'s mut u64)>) {
        if plan.kind != Type::Number {
            return all.for_each(|(state, cell)| *cell = state.slot(plan, now));
        }
        by_sort!(plan, all, |(state, cell)| state, *cell = slot::number(state.number_of_sort(plan, now)))
    }

    /// Clears states of one plan.
    pub(crate) fn clear_all<'s>(plan: &TraitPlan, all: impl Iterator<Item = &'s mut Self>) {
        by_sort!(plan, all, |state| state, state.clear())
    }

    /// The value of a trait that may be of any type.
    pub(crate) fn slot(&self, plan: &TraitPlan, now: i64) -> u64 {
        let within = plan.operation.within().unwrap_or(i64::MAX);
        let found = match self {
            Self::Edge(edge) => *edge,
            Self::FirstWithin(entries) => entries.get(first_live(entries, within, now)).map(|(_, value)| *value),
            Self::LastWithin(last) => last.filter(|(at, _)| live(*at, within, now)).map(|(_, value)| value),
            Self::Tally(tally) => tally.commonest,
            Self::TallyWithin(tally, entries) => match first_live(entries, within, now) {
                0 => tally.commonest,
                gone => tally.without(entries.iter().take(gone).map(|(_, value)| *value)).commonest,
            },
            Self::Interest(interest) => Some(interest.favourite),
            _ => None,
        };
        found.unwrap_or(slot::unknown(plan.kind))
    }

    /// Hands every symbol that the state holds to `visit`, which may change it.
    pub(crate) fn map_symbols(&mut self, plan: &TraitPlan, visit: &mut impl FnMut(Symbol) -> Symbol) {
        if plan.holds != Type::Text {
            return;
        }
        let mut map = |value: &mut u64| *value = slot::text(visit(slot::symbol(*value)));
        match self {
            Self::Edge(Some(edge)) => map(edge),
            Self::FirstWithin(entries) => entries.iter_mut().for_each(|(_, value)| map(value)),
            Self::LastWithin(Some((_, value))) => map(value),
            Self::Tally(tally) => tally.map_keys(map),
            Self::TallyWithin(tally, entries) => {
                entries.iter_mut().for_each(|(_, value)| map(value));
                tally.map_keys(map);
            }
            Self::Interest(interest) => {
                map(&mut interest.favourite);
                interest.weights = std::mem::take(&mut interest.weights)
                    .into_iter()
                    .map(|(mut value, weight)| {
                        map(&mut value);
                        (value, weight)
                    })
                    .collect();
            }
            _ => {}
        }
    }

    /// Whether the state is one that this plan can have, wherever the bytes came from.
    pub(crate) fn is_sound(&self, plan: &TraitPlan, newest: i64) -> bool {
        fn ordered<T>(entries: &Entries<T>, newest: i64) -> bool {
            entries.iter().is_sorted_by_key(|(at, _)| *at) && entries.iter().all(|(at, _)| passed(*at, newest))
        }
        let past = |at: Option<i64>| at.is_none_or(|at| passed(at, newest));
        if std::mem::discriminant(self) != std::mem::discriminant(&Self::new(plan.operation)) {
            return false;
        }
        match self {
            Self::Count(count) => *count < MANY,
            Self::CountWithin(entries) => entries.iter().is_sorted() && entries.iter().all(|at| passed(*at, newest)),
            Self::Sum(sum) => sum.terms < MANY,
            Self::SumWithin(sum, entries) => {
                sum.terms == entries.len() as u64 && ordered(entries, newest) && entries.iter().all(|(_, v)| v.is_finite())
            }
            Self::Extreme(extreme) => extreme.is_none_or(f64::is_finite),
            Self::ExtremeWithin(entries) => ordered(entries, newest) && entries.iter().all(|(_, value)| value.is_finite()),
            Self::FirstWithin(entries) => ordered(entries, newest),
            Self::LastWithin(last) => past(last.map(|(at, _)| at)),
            Self::Tally(tally) => tally.is_sound(),
            Self::TallyWithin(tally, entries) => tally.is_sound() && ordered(entries, newest) && tally.matches(entries),
            Self::Since(at) => past(*at),
            Self::Tenure { began, last_start } => past(*began) && past(*last_start),
            Self::Gap(gap) => {
                gap.median.is_finite()
                    && u64::from(gap.number) < MANY
                    && gap.gaps.values().try_fold(0_u32, |sum, n| sum.checked_add(*n)) == Some(gap.number)
                    && gap.gaps.keys().all(|gap| *gap > 0)
                    && gap.recent.is_sorted()
                    && gap.recent.iter().flatten().all(|day| day.unsigned_abs() < 10_000_000)
            }
            Self::Interest(interest) => {
                interest.weights.values().all(|(weight, at)| weight.is_finite() && passed(*at, newest))
                    && (interest.weights.is_empty() || interest.weights.contains_key(&interest.favourite))
            }
            Self::Decayed { weight, at } => passed(*at, newest) || (*weight == 0.0 && *at == 0),
            Self::Purchases(history) => history.is_sound(),
            Self::Edge(_) | Self::Attribute => true,
        }
    }

    /// The same state in its one canonical form.
    pub(crate) fn canonicalize(&mut self) {
        match self {
            Self::Sum(sum) | Self::SumWithin(sum, _) => sum.exact = sum.exact.canonical(),
            Self::Purchases(history) => history.canonicalize(),
            _ => {}
        }
    }
}

impl Tally {
    fn map_keys(&mut self, mut map: impl FnMut(&mut u64)) {
        if let Some(commonest) = &mut self.commonest {
            map(commonest);
        }
        self.seen = std::mem::take(&mut self.seen)
            .into_iter()
            .map(|(mut value, rank)| {
                map(&mut value);
                (value, rank)
            })
            .collect();
    }

    fn is_sound(&self) -> bool {
        let counted = self.sightings < MANY
            && self.seen.values().all(|(times, last)| *times > 0 && u64::from(*times) < MANY && *last <= self.sightings);
        counted && self.commonest.is_some() != self.seen.is_empty() && self.commonest.is_none_or(|value| self.seen.contains_key(&value))
    }

    fn matches(&self, entries: &Entries<u64>) -> bool {
        let mut times: BTreeMap<u64, u32> = BTreeMap::new();
        entries.iter().for_each(|(_, value)| *times.entry(*value).or_default() += 1);
        times.len() == self.seen.len() && times.iter().all(|(value, n)| self.seen.get(value).is_some_and(|(times, _)| times == n))
    }
}

#[inline]
fn beats(operation: Operation, value: f64, best: f64) -> bool {
    match operation {
        Operation::Least { .. } => value < best,
        _ => value > best,
    }
}
