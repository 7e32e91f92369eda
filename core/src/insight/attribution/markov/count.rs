//! Counts of a whole table of paths, on all cores.
#![expect(
    clippy::indexing_slicing,
    reason = "INVARIANT: a state has no more bits than `Layout::states`, and the tables are as long as those say"
)]

use std::collections::HashMap;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::counts::{Ends, MarkovCounts, StateCounts, too_many};
use crate::error::{Error, ErrorKind, Result};
use crate::insight::attribution::reading::Reading;

/// Rows that are counted at a time.
const CHUNK: usize = 1 << 14;
/// A table of counts has at most so many bits of index; beyond, moves are hashed.
const TABLE_BITS: u32 = 20;

impl MarkovCounts {
    /// The counts of paths, of the words that they have in a dimension. Without `nulls` paths that did not convert are left aside.
    ///
    /// ```
    /// use wayfare::{attribution::MarkovCounts, paths::Paths};
    ///
    /// let paths = Paths::from_strings(&["email > search", "search"], &[3, 1], &[90.0, 20.0], &[10, 4], " > ")?;
    /// let counts = MarkovCounts::from_paths(&paths, "channel", 1, true)?;
    /// assert_eq!((counts.states(), counts.conversions()), (2, 4));
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for an order or a dimension that there is not, and for more different words than states of that length can be told apart.
    pub fn from_paths(paths: &crate::paths::Paths, by: &str, order: usize, nulls: bool) -> Result<Self> {
        Self::of(&Reading::new(paths, by)?, order, nulls)
    }

    pub(crate) fn of(reading: &Reading<'_>, order: usize, nulls: bool) -> Result<Self> {
        let mut made = Self::new(order, reading.by())?;
        let layout = Layout::new(reading.words().len(), order)?;
        let tallies = || reading.rows().iter().enumerate().map(|(number, row)| (reading.tally(number, row), row.end - row.start));
        let visits = tallies().try_fold(0_u64, |sum, (tally, events)| {
            let times = tally.conversions.checked_add(tally.nulls)?;
            sum.checked_add(times.checked_mul(events.max(1) as u64)?)
        });
        made.visits = visits.ok_or_else(too_many)?;
        let table = reading.rows().par_chunks(CHUNK).enumerate().fold(
            || Table::new(layout),
            |mut table, (chunk, rows)| {
                for (row, number) in rows.iter().zip(chunk * CHUNK..) {
                    let tally = reading.tally(number, row);
                    let ended = if nulls { tally.nulls } else { 0 };
                    if tally.conversions + ended > 0 {
                        table.walk(reading.codes(row), tally.conversions, ended, tally.value);
                    }
                }
                table
            },
        );
        let table = table.reduce(|| Table::new(layout), Table::merged);
        table.written(&mut made, reading.words());
        Ok(made)
    }
}

/// A state is the numbers of its words from 1, each in as many bits as the greatest takes, the latest lowest; one of a short path has zeros above.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) bits: u32,
    order: usize,
}

impl Layout {
    pub(super) fn new(words: usize, order: usize) -> Result<Self> {
        let bits = usize::BITS - words.leading_zeros();
        if bits as usize * (order + 1) > 63 {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("{words} different words are too many for a chain of order {order}"),
            )
            .with_help("take a lower order, or a dimension with fewer words"));
        }
        Ok(Self { bits: bits.max(1), order })
    }

    fn mask(self) -> u64 {
        (1 << (self.bits * self.order as u32)) - 1
    }

    fn is_small(self) -> bool {
        self.bits * (self.order as u32 + 1) <= TABLE_BITS
    }

    /// The numbers of the words of a state, from 0.
    pub(super) fn gram(self, mut state: u64) -> Vec<u32> {
        let mut gram = Vec::new();
        while state != 0 {
            gram.push((state & ((1 << self.bits) - 1)) as u32 - 1);
            state >>= self.bits;
        }
        gram.reverse();
        gram
    }
}

/// What is being counted.
struct Table {
    layout: Layout,
    states: States,
    /// By state and the word that came next.
    moves: Counters,
    nobody: Ends,
}

/// By state; the values lie apart, for most paths have none.
enum States {
    Dense(Vec<(u64, Ends)>),
    Hashed(HashMap<u64, (u64, Ends), FixedState>),
}

enum Counters {
    Dense(Vec<u64>),
    Hashed(HashMap<u64, u64, FixedState>),
}

impl Table {
    fn new(layout: Layout) -> Self {
        let (states, moves) = match layout.is_small() {
            true => {
                let states = vec![(0, Ends::default()); layout.mask() as usize + 1];
                (States::Dense(states), Counters::Dense(vec![0; (layout.mask() as usize + 1) << layout.bits]))
            }
            false => (States::Hashed(HashMap::default()), Counters::Hashed(HashMap::default())),
        };
        Self { layout, states, moves, nobody: Ends::default() }
    }

    #[inline]
    fn walk(&mut self, codes: impl Iterator<Item = u32>, conversions: u64, nulls: u64, value: f64) {
        let Layout { bits, order } = self.layout;
        let (mask, times) = (self.layout.mask(), conversions + nulls);
        let (mut touches, mut state, mut before) = (0, 0_u64, 0_u64);
        for code in codes {
            let word = u64::from(code) + 1;
            state = (state << bits | word) & mask;
            touches += 1;
            if touches < order || state == before {
                continue;
            }
            match before {
                0 => self.states.place(state).0 += times,
                _ => self.moves.add(before << bits | word, times),
            }
            before = state;
        }
        let ends = match (touches, before) {
            (0, _) => &mut self.nobody,
            (_, 0) => {
                let place = self.states.place(state);
                place.0 += times;
                &mut place.1
            }
            _ => &mut self.states.place(before).1,
        };
        ends.conversions += conversions;
        ends.nulls += nulls;
        ends.value.add(value);
    }

    fn merged(mut self, other: Self) -> Self {
        other.states.each(|state, (start, ends)| {
            let place = self.states.place(state);
            place.0 += start;
            place.1.merge(ends);
        });
        other.moves.each(|key, times| self.moves.add(key, times));
        self.nobody.merge(&other.nobody);
        self
    }

    fn written(self, counts: &mut MarkovCounts, words: &[Option<String>]) {
        for word in words {
            counts.number(word.as_deref());
        }
        self.states.each(|state, (start, ends)| {
            let made = StateCounts { start: *start, ends: ends.clone(), ..StateCounts::default() };
            counts.states.insert(self.layout.gram(state), made);
        });
        self.moves.each(|key, times| {
            let from = self.layout.gram(key >> self.layout.bits);
            let next = (key & ((1 << self.layout.bits) - 1)) as u32 - 1;
            counts.states.entry(from).or_default().moves.insert(next, times);
        });
        counts.states.retain(|_, state| state.exits() > 0);
        counts.nobody = self.nobody;
    }
}

impl States {
    #[inline]
    fn place(&mut self, state: u64) -> &mut (u64, Ends) {
        match self {
            Self::Dense(states) => &mut states[state as usize],
            Self::Hashed(states) => states.entry(state).or_default(),
        }
    }

    /// Those that a path began with or ended in. In no order: every use of it sorts, or adds whole numbers and exact sums.
    fn each(&self, mut see: impl FnMut(u64, &(u64, Ends))) {
        match self {
            Self::Dense(states) => {
                let counted = |counts: &(u64, Ends)| counts.0 + counts.1.conversions + counts.1.nulls > 0;
                states.iter().zip(0..).filter(|(counts, _)| counted(counts)).for_each(|(counts, state)| see(state, counts));
            }
            Self::Hashed(states) => states.iter().for_each(|(state, counts)| see(*state, counts)),
        }
    }
}

impl Counters {
    #[inline]
    fn add(&mut self, key: u64, times: u64) {
        match self {
            Self::Dense(counters) => counters[key as usize] += times,
            Self::Hashed(counters) => *counters.entry(key).or_default() += times,
        }
    }

    /// In no order, as of [`States::each`].
    fn each(&self, mut see: impl FnMut(u64, u64)) {
        match self {
            Self::Dense(counters) => counters.iter().zip(0..).filter(|(times, _)| **times > 0).for_each(|(times, key)| see(key, *times)),
            Self::Hashed(counters) => counters.iter().for_each(|(key, times)| see(*key, *times)),
        }
    }
}
