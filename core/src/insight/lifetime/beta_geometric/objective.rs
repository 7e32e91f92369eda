//! The log-likelihood of all customers with its derivatives, in parallel over fixed chunks of patterns.

use rayon::prelude::*;

use crate::insight::lifetime::fit::linear::Matrix;
use crate::insight::lifetime::fit::newton::{Evaluation, Objective};
use crate::insight::lifetime::prior::Prior;

use super::grouped::{Grouped, Pattern};
use super::parts::{Dropout, Jet, Rate, Time, softplus};

/// Patterns that are summed in one go; sums of chunks are added in order, so the number of threads does not show.
const CHUNK: usize = 8192;

/// Rate and dropout of a given form, over the data. Coordinates: those of the rate, then those of the dropout.
pub(crate) struct Likelihood<'a> {
    pub(crate) data: &'a Grouped,
    /// Chances to drop out besides the repeat purchases.
    pub(crate) first: u32,
    pub(crate) rate: Rate,
    pub(crate) dropout: Dropout,
    pub(crate) prior: Prior,
}

impl Objective for Likelihood<'_> {
    fn evaluate(&self, at: &[f64]) -> Evaluation {
        let (rate_at, dropout_at) = at.split_at(self.rate.dimensions().min(at.len()));
        let (rate, dropout) = (self.rate.at(rate_at), self.dropout.at(dropout_at));
        let mut sum = self.last_chances(rate, dropout);
        sum.rate.add(&rate.total(self.data));
        sum.dropout.add(&dropout.total(self.data));
        sum.rate.add(&self.prior.rate_jet(rate));
        sum.dropout.add(&self.prior.dropout_jet(dropout));
        sum.into_evaluation(rate.dimensions(), dropout.dimensions())
    }
}

impl Likelihood<'_> {
    /// The sum of ln(1 + e^u).
    fn last_chances(&self, rate: Rate, dropout: Dropout) -> Sums {
        if matches!(dropout, Dropout::Never) {
            return Sums::default();
        }
        let ages: Vec<Time> = self.data.ages.iter().map(|age| rate.time(age.age)).collect();
        let recencies: Vec<Time> = self.data.recencies.iter().map(|recency| rate.time(*recency)).collect();
        let dense = self.data.chances.above.len() as u32;
        let ratios: Vec<Option<Jet>> = (1..=dense).map(|chances| dropout.ratio(chances)).collect();
        let always = matches!(dropout, Dropout::First);
        let one = |patterns: &[Pattern]| {
            let mut sums = Sums::default();
            for pattern in patterns {
                let (Some(recency), Some(age)) = (recencies.get(pattern.recency as usize), ages.get(pattern.age as usize)) else {
                    continue;
                };
                let chances = pattern.frequency.saturating_add(self.first);
                let known = ratios.get(chances as usize - 1).copied();
                match known.unwrap_or_else(|| dropout.ratio(chances)) {
                    Some(last) => sums.pattern(pattern.weight, &rate.ratio(f64::from(pattern.frequency), recency, age), &last, always),
                    None if always => sums.rate.value = f64::NEG_INFINITY,
                    None => {}
                }
            }
            sums
        };
        let mut total = Sums::default();
        if self.data.patterns.len() <= CHUNK {
            return one(&self.data.patterns);
        }
        let parts: Vec<Sums> = self.data.patterns.par_chunks(CHUNK).map(one).collect();
        parts.iter().for_each(|part| total.add(part));
        total
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    rate: Jet,
    dropout: Jet,
    mixed: [[f64; 2]; 2],
}

impl Jet {
    fn add(&mut self, other: &Self) {
        self.value += other.value;
        self.first.iter_mut().zip(other.first).for_each(|(sum, term)| *sum += term);
        self.second.iter_mut().zip(other.second).for_each(|(sum, term)| *sum += term);
    }

    /// Adds what f(self) contributes, with f' = `slope` and f'' = `bend`.
    #[inline]
    fn chain(&mut self, inner: &Self, slope: f64, bend: f64) {
        let [one, two] = inner.first;
        self.first[0] += slope * one;
        self.first[1] += slope * two;
        self.second[0] += slope * inner.second[0] + bend * one * one;
        self.second[1] += slope * inner.second[1] + bend * one * two;
        self.second[2] += slope * inner.second[2] + bend * two * two;
    }
}

impl Sums {
    #[inline]
    fn pattern(&mut self, weight: f64, rate: &Jet, dropout: &Jet, always: bool) {
        let u = rate.value + dropout.value;
        let (value, share) = if always { (u, 1.0) } else { softplus(u) };
        let slope = weight * share;
        let bend = slope * (1.0 - share);
        self.rate.value += weight * value;
        self.rate.chain(rate, slope, bend);
        self.dropout.chain(dropout, slope, bend);
        for (row, one) in self.mixed.iter_mut().zip(rate.first) {
            for (entry, two) in row.iter_mut().zip(dropout.first) {
                *entry += bend * one * two;
            }
        }
    }

    fn add(&mut self, other: &Self) {
        self.rate.add(&other.rate);
        self.dropout.add(&other.dropout);
        for (row, terms) in self.mixed.iter_mut().zip(other.mixed) {
            row.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
        }
    }

    fn into_evaluation(self, rates: usize, dropouts: usize) -> Evaluation {
        let own = |jet: &Jet, row: usize, column: usize| match row + column {
            0 => jet.second[0],
            1 => jet.second[1],
            _ => jet.second[2],
        };
        let mixed = |row: usize, column: usize| self.mixed.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0.0);
        let gradient = self.rate.first.into_iter().take(rates).chain(self.dropout.first.into_iter().take(dropouts)).collect();
        let hessian = Matrix::from_fn(rates + dropouts, |row, column| match (row < rates, column < rates) {
            (true, true) => own(&self.rate, row, column),
            (false, false) => own(&self.dropout, row - rates, column - rates),
            (true, false) => mixed(row, column - rates),
            (false, true) => mixed(column, row - rates),
        });
        Evaluation { value: self.rate.value + self.dropout.value, gradient, hessian }
    }
}
