//! Paths as what they are to a game: sets of words.

use rayon::prelude::*;

use super::Payoff;
use crate::exact::ExactSum;
use crate::insight::attribution::reading::Reading;
use crate::insight::paths::PathRow;

/// Rows that are looked at at a time.
const CHUNK: usize = 1 << 14;

/// The distinct sets of words of paths, sorted, and what each comes to. Players are the words that any path has.
pub(crate) struct Coalitions {
    /// The word of each player.
    pub(crate) words: Vec<u32>,
    pub(super) sets: Sets,
    pub(super) conversions: Vec<u64>,
    pub(super) paths: Vec<u64>,
    value: Vec<f64>,
}

/// Distinct sets of players.
#[derive(Debug)]
pub(super) enum Sets {
    /// A bit for each of at most 64 players.
    Masks(Vec<u64>),
    /// The players of each set, rising.
    Lists(Vec<Vec<u32>>),
}

impl Coalitions {
    pub(crate) fn of(reading: &Reading<'_>) -> Self {
        let used = reading.used();
        let words: Vec<u32> = used.iter().zip(0..).filter(|(used, _)| **used).map(|(_, code)| code).collect();
        let mut places = vec![0_u32; used.len()];
        for (code, player) in words.iter().zip(0..) {
            places.get_mut(*code as usize).into_iter().for_each(|place| *place = player);
        }
        let place = |code: u32| places.get(code as usize).copied().unwrap_or_default();
        let mut made = Self { words, sets: Sets::Masks(Vec::new()), conversions: Vec::new(), paths: Vec::new(), value: Vec::new() };
        made.sets = match made.words.len() <= u64::BITS as usize {
            true => Sets::Masks(made.gathered(reading, |row| reading.codes(row).fold(0, |set, code| set | 1 << place(code)))),
            false => Sets::Lists(made.gathered(reading, |row| {
                let mut set: Vec<u32> = reading.codes(row).map(place).collect();
                set.sort_unstable();
                set.dedup();
                set
            })),
        };
        made
    }

    /// The distinct sets of the paths that have words, and what each comes to. Sums are exact, so that the order of the rows does not matter.
    fn gathered<K: Ord + Default + Send>(&mut self, reading: &Reading<'_>, set: impl Fn(&PathRow) -> K + Sync) -> Vec<K> {
        let rows = reading.rows();
        let sets = rows.par_iter().with_min_len(CHUNK).map(&set);
        let mut sets: Vec<(K, usize)> = sets.zip(0..rows.len()).collect();
        sets.par_sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let mut distinct = Vec::new();
        let mut value = ExactSum::default();
        for same in sets.chunk_by_mut(|one, other| one.0 == other.0) {
            let (mut conversions, mut paths) = (0, 0);
            value.clear();
            for (row, number) in same.iter().filter_map(|(_, number)| Some((rows.get(*number)?, *number))) {
                let tally = reading.tally(number, row);
                conversions += tally.conversions;
                paths += tally.conversions + tally.nulls;
                value.add(tally.value);
            }
            if let Some((set, _)) = same.first_mut().filter(|(set, _)| paths > 0 && *set != K::default()) {
                distinct.push(std::mem::take(set));
                self.conversions.push(conversions);
                self.paths.push(paths);
                self.value.push(value.value());
            }
        }
        distinct
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

    /// The share of conversions among all paths.
    pub(crate) fn rate(&self) -> f64 {
        let (conversions, paths) = (self.conversions.iter().sum::<u64>(), self.paths.iter().sum::<u64>());
        if paths > 0 { conversions as f64 / paths as f64 } else { 0.0 }
    }
}
