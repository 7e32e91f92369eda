//! Customers' touchpoints as symbols, in order.

use std::ops::Range;

use rayon::prelude::*;

use super::state::{CONVERSION, MOST_STAGES, MOST_WORDS, State, Symbol, UNKNOWN, UNKNOWN_STAGE};
use crate::splitmix::mixed;

/// So many customers are worked on at once; sums over them are in this order, however many cores there are.
pub(super) const CHUNK: usize = 2_048;

/// What was done by whom and when, each customer's touchpoints one after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Timeline {
    pub(super) ends: Vec<usize>,
    pub(super) ats: Vec<i64>,
    pub(super) symbols: Vec<Symbol>,
    /// The number of each touchpoint among those of the paths.
    pub(super) events: Vec<usize>,
    /// What decides where a customer belongs.
    pub(super) keys: Vec<u64>,
    pub(super) observed_until: i64,
}

/// The words that touchpoints are told apart by, and the stages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Alphabet {
    pub(super) words: Vec<Option<String>>,
    pub(super) stages: Vec<Option<String>>,
}

/// What a model is fitted, calibrated and tested on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Fit,
    Calibrate,
    Test,
}

/// Of four customers so many are of the fit, and so many calibrate.
const FIT: u64 = 2;
const CALIBRATE: u64 = 1;

impl Part {
    pub(super) fn of(key: u64, seed: u64) -> Self {
        match ((u128::from(mixed(key ^ mixed(seed ^ 0x7061_7274))) * 4) >> 64) as u64 {
            share if share < FIT => Self::Fit,
            share if share < FIT + CALIBRATE => Self::Calibrate,
            _ => Self::Test,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Fit => "fit",
            Self::Calibrate => "calibrate",
            Self::Test => "test",
        }
    }
}

/// One customer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Customer<'t> {
    pub(super) number: usize,
    pub(super) key: u64,
    pub(super) ats: &'t [i64],
    pub(super) symbols: &'t [Symbol],
    pub(super) events: &'t [usize],
}

/// A stay in a state: from a touchpoint to what came next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stay {
    pub(super) state: State,
    /// How long it took, in microseconds.
    pub(super) age: i64,
    /// What came next; [`Symbol::NOTHING`] until the end of the observation.
    pub(super) next: Symbol,
}

impl Timeline {
    pub(super) fn customers(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn customer(&self, number: usize) -> Option<Customer<'_>> {
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let range: Range<usize> = start..*self.ends.get(number)?;
        Some(Customer {
            number,
            key: *self.keys.get(number)?,
            ats: self.ats.get(range.clone())?,
            symbols: self.symbols.get(range.clone())?,
            events: self.events.get(range)?,
        })
    }

    /// What a function makes of chunks of customers, in their order.
    pub(super) fn chunks<T: Send>(&self, make: impl Fn(&mut dyn Iterator<Item = Customer<'_>>) -> T + Sync) -> Vec<T> {
        let starts: Vec<usize> = (0..self.customers()).step_by(CHUNK).collect();
        let each = |start: usize| make(&mut (start..(start + CHUNK).min(self.customers())).filter_map(|number| self.customer(number)));
        starts.into_par_iter().map(each).collect()
    }
}

impl Customer<'_> {
    pub(super) fn stays(&self, observed_until: i64) -> impl Iterator<Item = Stay> + '_ {
        let mut state: Option<State> = None;
        self.symbols.iter().zip(self.ats).enumerate().map(move |(at, (symbol, from))| {
            let now = state.map_or_else(|| State::first(*symbol), |before| before.then(*symbol));
            state = Some(now);
            let next = self.symbols.get(at + 1).copied().unwrap_or(Symbol::NOTHING);
            let until = self.ats.get(at + 1).copied().unwrap_or(observed_until);
            // What a conversion is called, and its stage, do not tell conversions apart.
            let next = if next.is_conversion() { Symbol::new(0, CONVERSION) } else { next };
            Stay { state: now, age: until.saturating_sub(*from).max(0), next }
        })
    }

    /// Of each touchpoint the instant of the first conversion after it.
    pub(super) fn next_conversions(&self, into: &mut Vec<Option<i64>>) {
        into.clear();
        let mut next = None;
        for (symbol, at) in self.symbols.iter().zip(self.ats).rev() {
            into.push(next);
            if symbol.is_conversion() {
                next = Some(*at);
            }
        }
        into.reverse();
    }
}

impl Alphabet {
    /// Why there are too many words or stages, if there are.
    pub(super) fn too_many(&self) -> Option<(&'static str, usize, usize)> {
        let counted = [("by", self.words.len(), MOST_WORDS), ("stage", self.stages.len(), MOST_STAGES)];
        counted.into_iter().find(|(_, count, most)| count > most)
    }

    pub(super) fn word(&self, word: Option<&str>) -> u16 {
        find(&self.words, word).map_or(UNKNOWN, |at| at as u16)
    }

    pub(super) fn stage(&self, stage: Option<&str>) -> u8 {
        find(&self.stages, stage).map_or(UNKNOWN_STAGE, |at| at as u8)
    }
}

fn find(words: &[Option<String>], word: Option<&str>) -> Option<usize> {
    words.binary_search_by_key(&(word.is_none(), word), |known| (known.is_none(), known.as_deref())).ok()
}
