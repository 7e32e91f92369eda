//! All coalitions at once.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: a coalition is a number below 2^players, and every table has 2^players entries")]

use std::ops::AddAssign;

use rayon::prelude::*;

use super::coalitions::Sets;
use super::{Coalitions, Payoff};

/// Entries of a table that are summed while they lie in the cache.
const BLOCK: usize = 1 << 13;

impl Coalitions {
    /// φ_i = Σ_{S∋i} w(|S|-1) v(S) - Σ_{S∌i} w(|S|) v(S), w(s) = s! (n-s-1)! / n!. The v(S) come of one zeta transform of the counts; the sums over
    /// the coalitions of each player of one fold, so that no Möbius transform is needed.
    pub(super) fn exact(&self, payoff: Payoff) -> Vec<f64> {
        let players = self.players();
        if players == 0 {
            return Vec::new();
        }
        match (payoff, self.small()) {
            (Payoff::Conversions, Some((conversions, paths))) => shapley(players, &self.within(&conversions), &self.within(&paths)),
            _ => shapley(players, &self.within(&self.brings(payoff)), &self.within(&self.paths)),
        }
    }

    /// What the sets within each coalition come to together: the zeta transform.
    fn within<T: Copy + Default + AddAssign + Send + Sync>(&self, of_sets: &[T]) -> Vec<T> {
        let mut table = vec![T::default(); 1 << self.players()];
        // INVARIANT: so few players are always bits.
        if let Sets::Masks(sets) = &self.sets {
            sets.iter().zip(of_sets).for_each(|(set, own)| table[*set as usize] += *own);
        }
        zeta(&mut table);
        table
    }
}

/// Adds to each entry those of all subsets of its number. Halves before the whole: then most of it happens in the cache.
fn zeta<T: Copy + AddAssign + Send + Sync>(table: &mut [T]) {
    if table.len() > BLOCK {
        let (without, with) = table.split_at_mut(table.len() / 2);
        rayon::join(|| zeta(without), || zeta(with));
        with.par_chunks_mut(BLOCK).zip(without.par_chunks(BLOCK)).for_each(|(with, without)| add(with, without));
        return;
    }
    let mut half = 1;
    while half < table.len() {
        table.chunks_exact_mut(2 * half).for_each(|pair| add_half(pair, half));
        half *= 2;
    }
}

fn add_half<T: Copy + AddAssign>(pair: &mut [T], half: usize) {
    let (without, with) = pair.split_at_mut(half);
    add(with, without);
}

fn add<T: Copy + AddAssign>(with: &mut [T], without: &[T]) {
    with.iter_mut().zip(without).for_each(|(with, without)| *with += *without);
}

trait Count: Copy + Sync {
    fn number(self) -> f64;
}

impl Count for u32 {
    fn number(self) -> f64 {
        f64::from(self)
    }
}

impl Count for u64 {
    fn number(self) -> f64 {
        self as f64
    }
}

impl Count for f64 {
    fn number(self) -> f64 {
        self
    }
}

/// v of a coalition; 0 where it has no paths.
fn rate(brings: impl Count, paths: impl Count) -> f64 {
    if paths.number() > 0.0 { brings.number() / paths.number() } else { 0.0 }
}

fn shapley<B: Count, P: Count>(players: usize, brings: &[B], paths: &[P]) -> Vec<f64> {
    // w(s) for s = 0 ..= n-1: 1/n, and from there by s+1 over n-s-1.
    let mut weights = vec![1.0 / players as f64; players];
    for size in 1..players {
        weights[size] = weights[size - 1] * size as f64 / (players - size) as f64;
    }
    let joined: Vec<f64> = (0..=players).map(|size| if size == 0 { 0.0 } else { weights[size - 1] }).collect();
    let left: Vec<f64> = (0..=players).map(|size| if size == players { 0.0 } else { weights[size] }).collect();
    let sizes: Vec<usize> = (0..BLOCK.min(paths.len())).map(|at| at.count_ones() as usize).collect();
    let mut worth = vec![0.0; paths.len()];
    // One part without any player that a block tells apart, so that sums do not depend on threads.
    let without: Vec<f64> = worth
        .par_chunks_mut(BLOCK)
        .zip(brings.par_chunks(BLOCK).zip(paths.par_chunks(BLOCK)))
        .enumerate()
        .map(|(block, (entries, (brings, paths)))| {
            let mut sum = 0.0;
            let players_of_block = block.count_ones() as usize;
            for ((entry, size), (brings, paths)) in entries.iter_mut().zip(&sizes).zip(brings.iter().zip(paths)) {
                let (size, worth) = (players_of_block + size, rate(*brings, *paths));
                sum += left[size] * worth;
                *entry = worth * (joined[size] + left[size]);
            }
            sum
        })
        .collect();
    let without: f64 = without.iter().sum();
    let mut values = vec![0.0; players];
    for player in (0..players).rev() {
        let (low, high) = worth.split_at_mut(1 << player);
        values[player] = high.par_chunks(BLOCK).map(|part| part.iter().sum::<f64>()).collect::<Vec<_>>().iter().sum::<f64>() - without;
        low.par_chunks_mut(BLOCK).zip(high.par_chunks(BLOCK)).for_each(|(low, high)| add(low, high));
        worth.truncate(1 << player);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets_are_summed() {
        let mut table: Vec<u64> = (0..1 << 15).map(|entry| entry * entry % 97).collect();
        let own = table.clone();
        zeta(&mut table);
        for coalition in [0_usize, 1, 5, 0b101_1010_1111, (1 << 15) - 1] {
            let sum: u64 = (0..own.len()).filter(|set| set & coalition == *set).map(|set| own[set]).sum();
            assert_eq!(table[coalition], sum);
        }
    }

    #[test]
    fn a_game_of_two() {
        // v({0}) = 0.2, v({1}) = 0.5, v({0, 1}) = 1.
        let values = shapley(2, &[0.0, 0.2, 0.5, 1.0], &[1_u64; 4]);
        assert!((values[0] - 0.35).abs() < 1e-15 && (values[1] - 0.65).abs() < 1e-15);
    }
}
