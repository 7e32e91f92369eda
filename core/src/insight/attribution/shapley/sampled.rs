//! Random orders of joining, where coalitions are too many.
#![expect(clippy::indexing_slicing, reason = "INVARIANT: players run below `players()`, of which every table has one entry each")]

use rayon::prelude::*;

use super::coalitions::Sets;
use super::{Coalitions, Payoff, Sampling, Values};
use crate::insight::attribution::resample::Bits;

/// Pairs of permutations between two looks at the standard errors.
const ROUND: usize = 128;
/// Pairs before the first look: an error of fewer says little.
const LEAST: usize = 256;

impl Coalitions {
    /// Each permutation is taken together with its reverse: who joins early in one joins late in the other, so that errors partly cancel (Castro, Gómez and
    /// Tejada 2009, "Polynomial calculation of the Shapley value based on sampling", Computers & Operations Research 36; antithetic pairs as in Mitchell,
    /// Cooper, Frank and Holmes 2022, "Sampling permutations for Shapley value estimation", JMLR 23). The standard error is of the means of pairs.
    pub(super) fn sampled(&self, payoff: Payoff, sampling: &Sampling) -> Values {
        let players = self.players();
        let brings = self.brings(payoff);
        let (mut sums, mut squares) = (vec![0.0; players], vec![0.0; players]);
        let most = (sampling.permutations / 2).max(1);
        let mut pairs = 0;
        let mut errors = vec![f64::INFINITY; players];
        while pairs < most {
            let round: Vec<usize> = (pairs..(pairs + ROUND).min(most)).collect();
            let drawn: Vec<Vec<f64>> = round.par_iter().map(|pair| self.pair(&brings, sampling.seed, *pair)).collect();
            for marginals in &drawn {
                for (player, marginal) in marginals.iter().enumerate() {
                    sums[player] += marginal;
                    squares[player] += marginal * marginal;
                }
            }
            pairs += round.len();
            let count = pairs as f64;
            let variance = |player: usize| ((squares[player] - sums[player] * sums[player] / count) / (count - 1.0).max(1.0)).max(0.0);
            errors = (0..players).map(|player| (variance(player) / count).sqrt()).collect();
            let all: f64 = sums.iter().sum::<f64>() / count;
            if pairs >= LEAST && errors.iter().all(|error| *error <= sampling.standard_error * all.abs()) {
                break;
            }
        }
        let values = sums.iter().map(|sum| sum / pairs as f64).collect();
        Values { values, standard_errors: Some(errors), permutations: Some(2 * pairs) }
    }

    /// The mean marginals of a permutation and its reverse. A pair's draws are its own, whoever makes them.
    fn pair(&self, brings: &[f64], seed: u64, pair: usize) -> Vec<f64> {
        let players = self.players();
        let mut bits = Bits::new(seed, 1, pair as u64);
        let mut order: Vec<usize> = (0..players).collect();
        for at in (1..players).rev() {
            order.swap(at, bits.below(at + 1));
        }
        let mut marginals = vec![0.0; players];
        self.join(brings, &order, &mut marginals);
        order.reverse();
        self.join(brings, &order, &mut marginals);
        marginals.iter_mut().for_each(|marginal| *marginal *= 0.5);
        marginals
    }

    /// Adds what each player changes when it joins those before it. A set of words is there when the last of its players has joined.
    fn join(&self, brings: &[f64], order: &[usize], marginals: &mut [f64]) {
        let mut places = vec![0; order.len()];
        for (place, player) in order.iter().enumerate() {
            places[*player] = place;
        }
        let mut joined = vec![(0.0, 0_u64); order.len()];
        let mut join = |(last, (brings, paths)): (usize, (&f64, &u64))| {
            joined[last].0 += brings;
            joined[last].1 += paths;
        };
        let bring = brings.iter().zip(&self.paths);
        match &self.sets {
            Sets::Masks(sets) => sets.iter().map(|set| last(players_of(*set), &places)).zip(bring).for_each(&mut join),
            Sets::Lists(sets) => {
                let each = sets.iter().map(|set| last(set.iter().map(|player| *player as usize), &places));
                each.zip(bring).for_each(&mut join);
            }
        }
        let (mut all, mut before) = ((0.0, 0), 0.0);
        for (player, (brings, paths)) in order.iter().zip(joined) {
            all = (all.0 + brings, all.1 + paths);
            let worth = if all.1 > 0 { all.0 / all.1 as f64 } else { 0.0 };
            marginals[*player] += worth - before;
            before = worth;
        }
    }
}

/// The place of the last of a set to join.
fn last(set: impl Iterator<Item = usize>, places: &[usize]) -> usize {
    set.map(|player| places[player]).max().unwrap_or(0)
}

fn players_of(mut set: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let player = set.trailing_zeros();
        set &= set.wrapping_sub(1);
        (player < u64::BITS).then_some(player as usize)
    })
}
