//! Paths as what they are to a game: sets of words.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use super::Payoff;
use crate::exact::ExactSum;
use crate::insight::attribution::reading::{Reading, Tally};

/// Rows that are looked at at a time.
const CHUNK: usize = 1 << 14;

/// What the paths of exactly one set of words come to.
#[derive(Debug, Clone, Default)]
struct Sum {
    conversions: u64,
    paths: u64,
    value: ExactSum,
}

impl Sum {
    fn add(&mut self, tally: Tally) {
        self.conversions += tally.conversions;
        self.paths += tally.conversions + tally.nulls;
        self.value.add(tally.value);
    }

    fn merge(&mut self, other: &Self) {
        self.conversions += other.conversions;
        self.paths += other.paths;
        self.value.merge(&other.value);
    }
}

/// The distinct sets of words of paths, sorted, and what each comes to. Players are the words that any path has.
pub(crate) struct Coalitions {
    /// The word of each player.
    pub(crate) words: Vec<u32>,
    /// By set, the players of it, rising.
    pub(super) sets: Vec<Vec<u32>>,
    conversions: Vec<u64>,
    pub(super) paths: Vec<u64>,
    value: Vec<f64>,
}

type Sums<K> = HashMap<K, Sum, FixedState>;

impl Coalitions {
    pub(crate) fn of(reading: &Reading<'_>) -> Self {
        let used = reading.used();
        let words: Vec<u32> = used.iter().zip(0..).filter(|(used, _)| **used).map(|(_, code)| code).collect();
        let mut places = vec![0_u32; used.len()];
        for (code, player) in words.iter().zip(0..) {
            places.get_mut(*code as usize).into_iter().for_each(|place| *place = player);
        }
        let place = |code: u32| places.get(code as usize).copied().unwrap_or_default();
        let sums: Vec<(Vec<u32>, Sum)> = match words.len() <= 64 {
            true => gathered(reading, |row: &mut dyn Iterator<Item = u32>| row.fold(0_u64, |set, code| set | 1 << place(code)))
                .into_iter()
                .map(|(set, sum)| ((0..64).filter(|player| set >> player & 1 == 1).collect(), sum))
                .collect(),
            false => gathered(reading, |row: &mut dyn Iterator<Item = u32>| {
                let mut set: Vec<u32> = row.map(place).collect();
                set.sort_unstable();
                set.dedup();
                set
            })
            .into_iter()
            .collect(),
        };
        let mut sums: Vec<(Vec<u32>, Sum)> = sums.into_iter().filter(|(set, _)| !set.is_empty()).collect();
        sums.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        let mut made = Self { words, sets: Vec::new(), conversions: Vec::new(), paths: Vec::new(), value: Vec::new() };
        for (set, sum) in sums {
            made.sets.push(set);
            made.conversions.push(sum.conversions);
            made.paths.push(sum.paths);
            made.value.push(sum.value.value());
        }
        made
    }

    pub(crate) fn players(&self) -> usize {
        self.words.len()
    }

    /// What each set brings.
    pub(super) fn brings(&self, payoff: Payoff) -> Vec<f64> {
        match payoff {
            Payoff::Conversions => self.conversions.iter().map(|conversions| *conversions as f64).collect(),
            Payoff::Value => self.value.clone(),
        }
    }

    /// The conversions of each set and its paths, if all of them together fit 32 bits.
    pub(super) fn small(&self) -> Option<(Vec<u32>, Vec<u32>)> {
        let all = self.paths.iter().try_fold(0_u64, |sum, paths| sum.checked_add(*paths))?;
        u32::try_from(all).ok()?;
        Some((self.conversions.iter().map(|count| *count as u32).collect(), self.paths.iter().map(|count| *count as u32).collect()))
    }

    /// The share of conversions among all paths.
    pub(crate) fn rate(&self) -> f64 {
        let (conversions, paths) = (self.conversions.iter().sum::<u64>(), self.paths.iter().sum::<u64>());
        if paths > 0 { conversions as f64 / paths as f64 } else { 0.0 }
    }
}

/// Sums by set. They are exact, so that the order of the rows and the threads do not matter.
fn gathered<K: std::hash::Hash + Eq + Send>(reading: &Reading<'_>, set: impl Fn(&mut dyn Iterator<Item = u32>) -> K + Sync) -> Sums<K> {
    let parts = reading.rows().par_chunks(CHUNK).enumerate().fold(Sums::default, |mut sums, (chunk, rows)| {
        for (row, number) in rows.iter().zip(chunk * CHUNK..) {
            let tally = reading.tally(number, row);
            if tally.conversions + tally.nulls > 0 {
                sums.entry(set(&mut reading.codes(row))).or_default().add(tally);
            }
        }
        sums
    });
    parts.reduce(Sums::default, |mut sums, more| {
        more.into_iter().for_each(|(set, sum)| sums.entry(set).or_default().merge(&sum));
        sums
    })
}
