//! Removal effects of all words at once.

use rayon::prelude::*;

use super::chain::Chain;
use super::counts::MarkovCounts;
use super::dense::Square;
use crate::error::{Error, ErrorKind, Result};

/// Orders up to this are solved by one factorisation.
const DENSE_ORDER: usize = 2;
/// As long as the chain has no more states than this.
const DENSE_STATES: usize = 1 << 10;
/// A factorisation may stand in for an iteration that does not end up to so many states.
const FALL_BACK_STATES: usize = 1 << 12;
const SWEEPS: usize = 10_000;
/// An iteration ends when no sweep changes anything by more than this part of the greatest entry.
const SETTLED: f64 = 4.0 * f64::EPSILON;
/// And has failed if it never came below this.
const TOLERATED: f64 = 1e-12;
/// Words whose removal is followed side by side.
const LANES: usize = 8;

/// What the removal of each word costs, as a part of what there is.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Effects {
    pub(crate) conversions: Vec<f64>,
    pub(crate) value: Vec<f64>,
}

/// Effects, and how they were found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Solution {
    pub(crate) effects: Effects,
    pub(crate) states: usize,
    /// The probability that a path converts.
    pub(crate) conversion_probability: f64,
    pub(crate) method: &'static str,
    /// Of an iteration: how many sweeps, and the last relative change.
    pub(crate) iteration: Option<(usize, f64)>,
}

impl MarkovCounts {
    /// Solves the chain of counts in their canonical form; effects are by word of that form.
    ///
    /// # Errors
    /// [`ErrorKind::NotFitted`] if an iteration did not settle and there are too many states to factor.
    pub(crate) fn solved(&self) -> Result<Solution> {
        let chain = Chain::of(self);
        match self.order <= DENSE_ORDER && chain.states() <= DENSE_STATES {
            true => factored(&chain),
            false => iterated(&chain),
        }
    }
}

/// RE = x_B (N_BB)⁻¹ f_B / (s0 f) with N = (I - Q)⁻¹, x = s0 N, f = N r: B are the states that hold the word.
fn factored(chain: &Chain) -> Result<Solution> {
    let states = chain.states();
    let mut system = Square::zeros(states);
    for state in 0..states {
        system.set(state, state, 1.0);
        for (to, probability) in chain.moves(state) {
            system.set(state, *to, system.get(state, *to) - probability);
        }
    }
    let visits = system.factored().ok_or_else(singular)?.inverse();
    let times = |right: &[f64]| -> Vec<f64> {
        let row = |state| right.iter().enumerate().map(|(to, right)| visits.get(state, to) * right).sum();
        (0..states).map(row).collect()
    };
    let expected: Vec<f64> =
        (0..states).map(|to| chain.start.iter().enumerate().map(|(from, start)| start * visits.get(from, to)).sum()).collect();
    let removed = |held: &[usize], ahead: &[f64]| -> Result<f64> {
        let pick = |from: &[f64]| -> Vec<f64> { held.iter().filter_map(|state| from.get(*state).copied()).collect() };
        let ahead = pick(ahead);
        if ahead.iter().all(|ahead| *ahead == 0.0) {
            return Ok(0.0);
        }
        let through = visits.block(held).factored().ok_or_else(singular)?.solve(&ahead);
        Ok(dot(&pick(&expected), &through))
    };
    let holding = chain.holding();
    let effects = |right: &[f64]| -> Result<(f64, Vec<f64>)> {
        let ahead = times(right);
        let all = dot(&chain.start, &ahead);
        let lost: Result<Vec<f64>> = holding.iter().map(|held| removed(held, &ahead)).collect();
        Ok((all, lost?.into_iter().map(|lost| part(lost, all)).collect()))
    };
    let (conversion_probability, conversions) = effects(&chain.converts)?;
    let (_, value) = effects(&chain.earns)?;
    Ok(Solution { effects: Effects { conversions, value }, states, conversion_probability, method: "lu", iteration: None })
}

/// The same by sweeps of Gauss and Seidel. What is followed is what a removal takes: d = f on states that hold the word, else d = Q d. It rises from zero, so
/// that a small effect keeps its digits.
fn iterated(chain: &Chain) -> Result<Solution> {
    let everything: Vec<usize> = (0..chain.words).collect();
    let (holding, mut sweeps, mut residual) = (chain.holding(), 0, 0.0_f64);
    let mut effects = |right: &[f64]| -> (f64, Vec<f64>) {
        let (ahead, count, change) = swept(chain, |state| [right.get(state).copied().unwrap_or(0.0)], &[]);
        (sweeps, residual) = (sweeps.max(count), residual.max(change));
        let ahead: Vec<f64> = ahead.into_iter().map(|[ahead]| ahead).collect();
        let all = dot(&chain.start, &ahead);
        let batches: Vec<_> = everything.par_chunks(LANES).map(|words| removals(chain, &holding, &ahead, words)).collect();
        let mut lost = Vec::new();
        for (batch, count, change) in batches {
            (sweeps, residual) = (sweeps.max(count), residual.max(change));
            lost.extend(batch);
        }
        (all, lost.into_iter().map(|lost| part(lost, all)).collect())
    };
    let (conversion_probability, conversions) = effects(&chain.converts);
    let (_, value) = effects(&chain.earns);
    if residual <= TOLERATED {
        let effects = Effects { conversions, value };
        let iteration = Some((sweeps, residual));
        return Ok(Solution { effects, states: chain.states(), conversion_probability, method: "iteration", iteration });
    }
    match chain.states() <= FALL_BACK_STATES {
        true => factored(chain),
        false => Err(Error::new(
            ErrorKind::NotFitted,
            format!("the iteration over {} states did not settle: after {sweeps} sweeps the last change was {residual:e}", chain.states()),
        )
        .with_help("take a lower order")),
    }
}

/// What the removal of some words takes, the sweeps and the last change.
fn removals(chain: &Chain, holding: &[Vec<usize>], ahead: &[f64], words: &[usize]) -> (Vec<f64>, usize, f64) {
    let mut fixed = vec![[false; LANES]; chain.states()];
    for (lane, word) in words.iter().enumerate() {
        for state in holding.get(*word).into_iter().flatten() {
            fixed.get_mut(*state).and_then(|lanes| lanes.get_mut(lane)).into_iter().for_each(|fixed| *fixed = true);
        }
    }
    let own = |state: usize| -> [f64; LANES] {
        let ahead = ahead.get(state).copied().unwrap_or(0.0);
        fixed.get(state).map_or([0.0; LANES], |lanes| lanes.map(|fixed| if fixed { ahead } else { 0.0 }))
    };
    let (taken, sweeps, change) = swept(chain, own, &fixed);
    let lost = |lane: usize| chain.start.iter().zip(&taken).map(|(start, taken)| start * taken.get(lane).copied().unwrap_or(0.0)).sum();
    ((0..words.len()).map(lost).collect(), sweeps, change)
}

/// The solution of d = own + Q d, where lanes that are fixed have d = own.
fn swept<const L: usize>(chain: &Chain, own: impl Fn(usize) -> [f64; L], fixed: &[[bool; L]]) -> (Vec<[f64; L]>, usize, f64) {
    let mut found = vec![[0.0; L]; chain.states()];
    let (mut change, mut sweeps) = (f64::INFINITY, 0);
    while sweeps < SWEEPS && change > SETTLED {
        sweeps += 1;
        let (mut moved, mut most) = (0.0_f64, 0.0_f64);
        // From the last state back, and then forth: whichever way most paths go, one of them follows it.
        for step in 0..chain.states() {
            let state = if sweeps % 2 == 1 { chain.states() - 1 - step } else { step };
            let mut sum = own(state);
            let still = fixed.get(state).copied().unwrap_or([false; L]);
            for (to, probability) in chain.moves(state) {
                let ahead = found.get(*to).copied().unwrap_or([0.0; L]);
                sum.iter_mut()
                    .zip(ahead)
                    .zip(still)
                    .for_each(|((sum, ahead), still)| *sum += if still { 0.0 } else { probability * ahead });
            }
            if let Some(place) = found.get_mut(state) {
                place.iter().zip(sum).for_each(|(old, new)| (moved, most) = (moved.max((new - old).abs()), most.max(new.abs())));
                *place = sum;
            }
        }
        change = if most > 0.0 { moved / most } else { 0.0 };
    }
    (found, sweeps, change)
}

fn part(lost: f64, all: f64) -> f64 {
    if all > 0.0 { lost / all } else { 0.0 }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).fold(0.0, |sum, (one, other)| sum + one * other)
}

fn singular() -> Error {
    Error::new(ErrorKind::NotFitted, "the chain has states that paths never leave")
}
