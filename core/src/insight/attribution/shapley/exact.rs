//! All coalitions at once.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: a coalition is a number below 2^players, and every table has 2^players entries")]

use std::ops::AddAssign;

use rayon::prelude::*;

use super::coalitions::Sets;
use super::{Coalitions, Payoff};

/// Players that a block tells apart: what its coalitions are added to fits the nearest cache.
const PLAYERS_OF_BLOCK: usize = 10;
/// Blocks that are summed by one thread; always as many, so that sums do not depend on threads.
const BLOCKS: usize = 64;
/// Entries of a table that are not worth another thread.
const ALONE: usize = 1 << 16;
/// Sums that grow side by side, where one would wait for itself.
const LANES: usize = 8;

impl Coalitions {
    /// φ_i = Σ_{S∋i} w(|S|-1) v(S) - Σ_{S∌i} w(|S|) v(S), w(s) = s! (n-s-1)! / n!. The v(S) come of one zeta transform of the counts; the sums over
    /// the coalitions of each player of one fold, so that no Möbius transform is needed.
    pub(super) fn exact(&self, payoff: Payoff) -> Vec<f64> {
        match (payoff, self.few()) {
            (Payoff::Conversions, Some(few)) => shapley(&self.within(few)),
            _ => {
                let worths = self.brings(payoff).into_iter().zip(&self.paths).map(|(brings, paths)| Worth { brings, paths: *paths });
                shapley(&self.within(worths))
            }
        }
    }

    /// What the sets within each coalition come to together: the zeta transform.
    fn within<T: Tally>(&self, of_sets: impl Iterator<Item = T>) -> Vec<T> {
        let mut table = vec![T::default(); 1 << self.players()];
        // INVARIANT: so few players are always bits.
        if let Sets::Masks(sets) = &self.sets {
            sets.iter().zip(of_sets).for_each(|(set, own)| table[*set as usize] += own);
        }
        zeta(&mut table);
        table
    }

    /// The conversions and the paths of each set, if all of them together fit 31 bits.
    fn few(&self) -> Option<impl Iterator<Item = Few>> {
        let all = self.paths.iter().try_fold(0_u64, |sum, paths| sum.checked_add(*paths))?;
        i32::try_from(all).ok()?;
        Some(self.conversions.iter().zip(&self.paths).map(|(conversions, paths)| Few(conversions << 32 | paths)))
    }
}

/// What the paths within a coalition come to.
trait Tally: Copy + Default + AddAssign + Send + Sync {
    /// v of the coalition; 0 where it has no paths, and these bring nothing.
    fn rate(self) -> f64;
}

/// Conversions in the upper half and paths in the lower, so that both are added at once.
#[derive(Debug, Clone, Copy, Default)]
struct Few(u64);

impl AddAssign for Few {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Tally for Few {
    #[inline]
    fn rate(self) -> f64 {
        f64::from((self.0 >> 32) as i32) / f64::from((self.0 as i32).max(1))
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Worth {
    brings: f64,
    paths: u64,
}

impl AddAssign for Worth {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        self.brings += other.brings;
        self.paths += other.paths;
    }
}

impl Tally for Worth {
    #[inline]
    fn rate(self) -> f64 {
        self.brings / self.paths.max(1) as f64
    }
}

/// Adds to each entry those of all subsets of its number. Halves before the whole: then most of it happens in the cache.
fn zeta<T: Tally>(table: &mut [T]) {
    if let Ok(eight) = <&mut [T; 8]>::try_from(&mut *table) {
        for half in [1, 2, 4] {
            (0..8).filter(|at| at & half != 0).for_each(|at| eight[at] += eight[at ^ half]);
        }
    } else if table.len() > 1 {
        let (without, with) = table.split_at_mut(table.len() / 2);
        if with.len() < ALONE {
            zeta(without);
            zeta(with);
            add(with, without);
        } else {
            rayon::join(|| zeta(without), || zeta(with));
            with.par_chunks_mut(ALONE / 2).zip(without.par_chunks(ALONE / 2)).for_each(|(with, without)| add(with, without));
        }
    }
}

fn add<T: Copy + AddAssign>(with: &mut [T], without: &[T]) {
    with.iter_mut().zip(without).for_each(|(with, without)| *with += *without);
}

/// The values of a game of 2^players coalitions.
///
/// With c(S) = (w(|S|-1) + w(|S|)) v(S), φ_i = Σ_{S∋i} c(S) - Σ_S w(|S|) v(S). The second sum is the same for all players, and all values sum to that of
/// everybody together, so that it need not be taken.
fn shapley<T: Tally>(table: &[T]) -> Vec<f64> {
    let players = table.len().ilog2() as usize;
    // w(s) for s = 0 ..= n-1: 1/n, and from there by s+1 over n-s-1; what v is weighed by, for each size.
    let mut weights = vec![1.0 / players as f64; players];
    for size in 1..players {
        weights[size] = weights[size - 1] * size as f64 / (players - size) as f64;
    }
    let of_size = |size: usize| size.checked_sub(1).map_or(0.0, |left| weights[left]) + weights.get(size).copied().unwrap_or(0.0);
    // Of a block by how many players it has whom it does not tell apart.
    let block = table.len().min(1 << PLAYERS_OF_BLOCK);
    let low = block.ilog2() as usize;
    let weights: Vec<Vec<f64>> =
        (0..=players - low).map(|more| (0..block).map(|at: usize| of_size(more + at.count_ones() as usize)).collect()).collect();
    let parts: Vec<(Vec<f64>, Vec<f64>)> = table
        .par_chunks(BLOCKS * block)
        .enumerate()
        .map(|(part, tallies)| {
            let (mut sums, mut of_blocks, mut worth) = (vec![0.0; block], Vec::with_capacity(BLOCKS), vec![0.0; block]);
            for (tallies, number) in tallies.chunks_exact(block).zip(part * BLOCKS..) {
                let weights = &weights[number.count_ones() as usize];
                worth.iter_mut().zip(tallies).zip(weights).for_each(|((worth, tally), weight)| *worth = tally.rate() * weight);
                add(&mut sums, &worth);
                of_blocks.push(sum(&worth));
            }
            (sums, of_blocks)
        })
        .collect();
    let mut sums = vec![0.0; block];
    let mut of_blocks = Vec::with_capacity(table.len() / block);
    for (part, blocks) in parts {
        add(&mut sums, &part);
        of_blocks.extend(blocks);
    }
    let mut values = with_each(sums);
    values.extend(with_each(of_blocks));
    let everybody = table.last().map_or(0.0, |tally| tally.rate());
    let common = (sum(&values) - everybody) / players as f64;
    values.iter_mut().for_each(|value| *value -= common);
    values
}

/// For each player the sum over the coalitions with it.
fn with_each(mut worth: Vec<f64>) -> Vec<f64> {
    let players = worth.len().ilog2() as usize;
    let mut sums = vec![0.0; players];
    for player in (0..players).rev() {
        let (without, with) = worth.split_at_mut(1 << player);
        sums[player] = sum(with);
        add(without, with);
        worth.truncate(1 << player);
    }
    sums
}

fn sum(terms: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (whole, rest) = terms.as_chunks::<LANES>();
    whole.iter().for_each(|terms| add(&mut lanes, terms));
    add(&mut lanes, rest);
    lanes.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets_are_summed() {
        for players in [0, 1, 2, 3, 4, 7, 15, 18] {
            let mut table: Vec<Few> = (0..1 << players).map(|entry| Few(entry * entry % 97)).collect();
            let own = table.clone();
            zeta(&mut table);
            for coalition in [0_usize, 1, 5, 0b101_1010_1111, (1 << 18) - 1].map(|coalition| coalition & ((1 << players) - 1)) {
                let sum: u64 = (0..own.len()).filter(|set| set & coalition == *set).map(|set| own[set].0).sum();
                assert_eq!(table[coalition].0, sum);
            }
        }
    }

    #[test]
    fn a_game_of_two() {
        // v({0}) = 0.2, v({1}) = 0.5, v({0, 1}) = 1.
        let values = shapley(&[0.0, 0.2, 0.5, 1.0].map(|brings| Worth { brings, paths: 1 }));
        assert!((values[0] - 0.35).abs() < 1e-15 && (values[1] - 0.65).abs() < 1e-15);
    }

    #[test]
    fn a_game_of_more_players_than_a_block_has_is_their_own_shares() {
        // What everybody brings by himself: v(S) = Σ_{i∈S} (i + 1).
        for players in [1_usize, 9, 10, 11, 13, 17] {
            let own = |coalition: usize, player: usize| if coalition >> player & 1 == 1 { player as f64 + 1.0 } else { 0.0 };
            let all = |coalition: usize| (0..players).map(|player| own(coalition, player)).sum();
            let table: Vec<Worth> = (0..1 << players).map(|coalition| Worth { brings: all(coalition), paths: 1 }).collect();
            for (player, value) in shapley(&table).iter().enumerate() {
                assert!((value - player as f64 - 1.0).abs() < 1e-11, "{players} players: {player} has {value}");
            }
        }
    }

    #[test]
    fn nobody_plays() {
        assert_eq!(shapley(&[Worth::default()]), Vec::<f64>::new());
    }
}
