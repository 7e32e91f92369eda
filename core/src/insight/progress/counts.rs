//! Stays in states, counted: whole numbers, so that parts add up to the whole in any order.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::age;
use super::state::{State, Symbol};
use super::timeline::{Customer, Stay, Timeline};

/// Stays of one kind: in a state, of an age within a cell, with what came next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key(pub(super) u64);

impl Key {
    /// `state << 27 | cell << 20 | next`.
    #[inline]
    pub(super) const fn new(state: State, cell: u8, next: Symbol) -> Self {
        Self(state.0 << 27 | (cell as u64) << 20 | next.0 as u64)
    }

    pub(super) const fn state(self) -> State {
        State(self.0 >> 27)
    }

    pub(super) const fn cell(self) -> usize {
        (self.0 >> 20 & 0x7f) as usize
    }

    pub(super) const fn next(self) -> Symbol {
        Symbol((self.0 & 0xf_ffff) as u32)
    }
}

/// How many stays, and how far they reach into their cell together, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    pub(super) stays: u64,
    pub(super) into: u128,
}

/// Stays by kind, in the order of the kinds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Counts(pub(super) Vec<(Key, Tally)>);

impl Stay {
    #[inline]
    pub(super) fn key(&self) -> (Key, u64) {
        let (cell, into) = age::cell(self.age);
        (Key::new(self.state, cell, self.next), into)
    }
}

impl Counts {
    /// Of the customers that are wanted.
    pub(super) fn of(timeline: &Timeline, wanted: impl Fn(&Customer<'_>) -> bool + Sync) -> Self {
        let chunks = timeline.chunks(|customers| {
            let mut tallies: HashMap<Key, Tally, FixedState> = HashMap::default();
            for customer in customers.filter(|customer| wanted(customer)) {
                for stay in customer.stays(timeline.observed_until) {
                    let (key, into) = stay.key();
                    let tally = tallies.entry(key).or_default();
                    tally.stays += 1;
                    tally.into += u128::from(into);
                }
            }
            Self::sorted(tallies)
        });
        Self::merged(chunks)
    }

    /// By bin of age in place of cell: all that hazards are made of.
    pub(super) fn by_bin(&self) -> Self {
        let mut tallies: HashMap<Key, Tally, FixedState> = HashMap::default();
        for (key, part) in &self.0 {
            let start = age::bin_start(age::bin(key.cell()));
            let tally = tallies.entry(Key::new(key.state(), age::cell(start as i64).0, key.next())).or_default();
            tally.stays += part.stays;
            tally.into += part.into + u128::from(part.stays) * u128::from(age::start(key.cell()) - start);
        }
        Self::sorted(tallies)
    }

    fn sorted(tallies: HashMap<Key, Tally, FixedState>) -> Self {
        // Sorted at once: the order of the map is not seen.
        let mut all: Vec<(Key, Tally)> = tallies.into_iter().collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        Self(all)
    }

    /// All of them together.
    pub(super) fn merged(parts: Vec<Self>) -> Self {
        let mut tallies: HashMap<Key, Tally, FixedState> = HashMap::default();
        for (key, part) in parts.into_iter().flat_map(|part| part.0) {
            let tally = tallies.entry(key).or_default();
            tally.stays += part.stays;
            tally.into += part.into;
        }
        Self::sorted(tallies)
    }
}
