//! The chain: hazards of the next touchpoint and of a conversion in every state, by age, each state shrunk to the shorter one.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use super::age::{self, BINS, CLASSES};
use super::counts::{Counts, Key, Tally};
use super::state::{LEVELS, State, Symbol};

/// A state with fewer stays is not told apart from the shorter one.
const RARE: u64 = 30;
/// The shorter state weighs as much as so many events.
const PRIOR: f64 = 10.0;

/// States and how customers leave them.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain {
    /// Shorter states come first; the first is of everybody.
    pub(super) rows: Vec<Row>,
    pub(super) places: HashMap<State, usize, FixedState>,
}

/// How customers leave a state.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// The shorter state.
    pub(super) parent: usize,
    /// Per microsecond by bin; in the first bin the probability at once.
    pub(super) touch: Vec<f64>,
    pub(super) convert: Vec<f64>,
    /// By class of age: the rows that a touchpoint leads to, and how likely; the rest goes where it goes from the shorter state.
    pub(super) next: [Vec<(usize, f64)>; CLASSES],
    pub(super) inherited: [f64; CLASSES],
}

/// Stays in a state by bin.
#[derive(Debug, Clone, Default)]
struct Stays {
    all: u64,
    bins: [Bin; BINS],
    next: [BTreeMap<Symbol, u64>; CLASSES],
}

#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    ended: u64,
    touched: u64,
    converted: u64,
    /// From the start of the bin to the ends in it, together.
    into: u128,
}

impl Chain {
    /// From counts, with states as long as `level` says.
    pub(super) fn new(counts: &Counts, level: usize) -> Self {
        let levels = gathered(counts, level);
        let mut chain = Self::default();
        for (length, states) in levels.iter().enumerate() {
            for state in states.iter().filter(|(_, stays)| length == 0 || stays.all >= RARE).map(|(state, _)| *state) {
                chain.places.insert(state, chain.places.len());
            }
        }
        for (length, states) in levels.iter().enumerate() {
            for (state, stays) in states.iter().filter(|(_, stays)| length == 0 || stays.all >= RARE) {
                let parent = length.checked_sub(1).map(|shorter| chain.place_within(*state, shorter));
                let row = stays.row(*state, parent.and_then(|parent| Some((parent, chain.rows.get(parent)?))), &chain);
                chain.rows.push(row);
            }
        }
        if chain.rows.is_empty() {
            chain.rows.push(Stays::default().row(State::ANYONE, None, &chain));
        }
        chain
    }

    /// The row of a state, or of the longest shorter one that there is.
    #[inline]
    pub(super) fn place(&self, state: State) -> usize {
        self.place_within(state, LEVELS - 1)
    }

    fn place_within(&self, state: State, longest: usize) -> usize {
        (1..=longest).rev().find_map(|level| self.places.get(&state.level(level)).copied()).unwrap_or(0)
    }
}

/// By level and state; every shorter state has what the longer ones have together.
fn gathered(counts: &Counts, level: usize) -> [BTreeMap<State, Stays>; LEVELS] {
    let mut levels: [BTreeMap<State, Stays>; LEVELS] = Default::default();
    let mut run: Option<(State, Stays)> = None;
    let flush = |run: Option<(State, Stays)>, levels: &mut [BTreeMap<State, Stays>; LEVELS]| {
        let Some((state, stays)) = run else { return };
        for (length, states) in levels.iter_mut().enumerate().take(level + 1) {
            states.entry(state.level(length)).or_default().add(&stays);
        }
    };
    for (key, tally) in &counts.0 {
        if run.as_ref().is_none_or(|(state, _)| *state != key.state()) {
            flush(run.take(), &mut levels);
            run = Some((key.state(), Stays::default()));
        }
        run.iter_mut().for_each(|(_, stays)| stays.count(*key, *tally));
    }
    flush(run, &mut levels);
    levels
}

impl Stays {
    fn count(&mut self, key: Key, tally: Tally) {
        let (next, bin) = (key.next(), age::bin(key.cell()));
        self.all += tally.stays;
        if next != Symbol::NOTHING && !next.is_conversion() {
            self.next.get_mut(age::class(bin)).into_iter().for_each(|next_of| *next_of.entry(next).or_default() += tally.stays);
        }
        let Some(counted) = self.bins.get_mut(bin) else { return };
        counted.ended += tally.stays;
        counted.into += tally.into + u128::from(tally.stays) * u128::from(age::start(key.cell()) - age::bin_start(bin));
        match next {
            Symbol::NOTHING => {}
            next if next.is_conversion() => counted.converted += tally.stays,
            _ => counted.touched += tally.stays,
        }
    }

    fn add(&mut self, other: &Self) {
        self.all += other.all;
        for (bin, more) in self.bins.iter_mut().zip(&other.bins) {
            bin.ended += more.ended;
            bin.touched += more.touched;
            bin.converted += more.converted;
            bin.into += more.into;
        }
        for (next, more) in self.next.iter_mut().zip(&other.next) {
            more.iter().for_each(|(symbol, stays)| *next.entry(*symbol).or_default() += stays);
        }
    }

    /// How long customers were at risk in each bin, in microseconds; in the first bin how many were.
    fn exposures(&self) -> Vec<f64> {
        let mut beyond = self.all;
        let of = |(at, bin): (usize, &Bin)| {
            beyond -= bin.ended;
            match at {
                0 => (beyond + bin.touched + bin.converted) as f64,
                _ => (u128::from(beyond) * u128::from(age::bin_start(at + 1) - age::bin_start(at)) + bin.into) as f64,
            }
        };
        self.bins.iter().enumerate().map(of).collect()
    }

    fn row(&self, state: State, parent: Option<(usize, &Row)>, chain: &Chain) -> Row {
        let exposures = self.exposures();
        let touched: Vec<u64> = self.bins.iter().map(|bin| bin.touched).collect();
        let converted: Vec<u64> = self.bins.iter().map(|bin| bin.converted).collect();
        let (mut touch, mut convert) = match parent {
            None => (crude(&touched, &exposures), crude(&converted, &exposures)),
            Some((_, parent)) => (shrunk(&touched, &exposures, &parent.touch), shrunk(&converted, &exposures, &parent.convert)),
        };
        // At once, one thing happens at most.
        if let (Some(touch), Some(convert)) = (touch.first_mut(), convert.first_mut()) {
            let all = (*touch + *convert).max(1.0);
            (*touch, *convert) = (*touch / all, *convert / all);
        }
        let mut row = Row { parent: parent.map_or(0, |(at, _)| at), touch, convert, ..Row::default() };
        for (at, (next, inherited)) in row.next.iter_mut().zip(&mut row.inherited).enumerate() {
            let prior = if parent.is_some() { PRIOR } else { 0.0 };
            // Where nobody went on at such an age, everybody goes on as at any age: only of everybody, as others have the shorter state.
            let of_class = self.next.get(at).filter(|next| !next.is_empty() || parent.is_some());
            let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
            for (symbol, stays) in of_class.map_or(self.next.as_slice(), std::slice::from_ref).iter().flatten() {
                *counts.entry(chain.place(state.then(*symbol))).or_default() += stays;
            }
            let all = counts.values().sum::<u64>() as f64 + prior;
            *next = counts.into_iter().map(|(place, stays)| (place, stays as f64 / all)).collect();
            *inherited = if parent.is_some() { prior / all } else { 0.0 };
        }
        row
    }
}

/// Events over exposure; where nobody was at risk, as in the bin before.
fn crude(events: &[u64], exposures: &[f64]) -> Vec<f64> {
    let mut before = 0.0;
    let of = |(at, (events, exposure)): (usize, (&u64, &f64))| {
        let hazard = if *exposure > 0.0 { *events as f64 / exposure } else { before };
        before = if at == 0 { 0.0 } else { hazard };
        hazard
    };
    events.iter().zip(exposures).enumerate().map(of).collect()
}

/// As often as in the shorter state, times how much more often things happen in this one, and then by bin.
fn shrunk(events: &[u64], exposures: &[f64], shorter: &[f64]) -> Vec<f64> {
    let expected: f64 = exposures.iter().zip(shorter).map(|(exposure, hazard)| exposure * hazard).sum();
    let factor = (events.iter().sum::<u64>() as f64 + PRIOR) / (expected + PRIOR);
    let of = |((events, exposure), hazard): ((&u64, &f64), &f64)| match factor * hazard {
        prior if prior > 0.0 => (*events as f64 + PRIOR) / (exposure + PRIOR / prior),
        _ => 0.0,
    };
    events.iter().zip(exposures).zip(shorter).map(of).collect()
}
