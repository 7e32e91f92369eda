//! The log-likelihood of customers who differ by covariates, in parallel over fixed chunks.

use std::cmp::Ordering;
use std::marker::PhantomData;

use rayon::prelude::*;

use crate::insight::lifetime::beta_geometric::Tail;
use crate::insight::lifetime::fit::derivatives::Derivatives;
use crate::insight::lifetime::fit::linear::Matrix;
use crate::insight::lifetime::fit::newton::{Evaluation, Objective};
use crate::insight::lifetime::pareto_nbd::rising_part;
use crate::insight::lifetime::purchases::Purchases;
use crate::insight::lifetime::summary::Summary;

use super::effects::WithEffects;

/// Customers that are summed in one go; sums of chunks are added in order, so the number of threads does not show.
const CHUNK: usize = 512;

/// Customers alike in everything that the likelihood reads.
#[derive(Debug, Clone)]
struct Group {
    row: Purchases,
    weight: f64,
    /// The standardised covariates of the lifetime, then those of the transactions.
    covariates: Vec<f64>,
}

/// A column brought to mean 0 and standard deviation 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standard {
    pub(crate) mean: f64,
    pub(crate) deviation: f64,
}

/// The data of a fit with covariates.
pub(crate) struct Data {
    groups: Vec<Group>,
    purchases: Tail,
    /// Of the covariates of the lifetime, then those of the transactions.
    pub(crate) standards: Vec<Standard>,
    pub(crate) lives: usize,
}

impl Data {
    /// From columns: those of the lifetime, then those of the transactions. The error is the place of a column that does not vary.
    pub(crate) fn new(summary: &Summary, columns: &[&[f64]], lives: usize, purchases: Tail) -> Result<Self, usize> {
        let total: f64 = summary.customers();
        let mut standards = Vec::new();
        for (at, column) in columns.iter().enumerate() {
            let weighted = |of: &dyn Fn(f64) -> f64| {
                column.iter().enumerate().map(|(row, value)| summary.weight(row) * of(*value)).sum::<f64>() / total
            };
            let mean = weighted(&|value| value);
            let deviation = weighted(&|value| (value - mean) * (value - mean)).sqrt();
            // A relative 1e-12 is what rounding leaves of a constant.
            if deviation.is_nan() || deviation <= 1e-12 * mean.abs() {
                return Err(at);
            }
            standards.push(Standard { mean, deviation });
        }
        let one = |(at, row): (usize, Purchases)| Group {
            row: Purchases { monetary_value: 0.0, ..row },
            weight: summary.weight(at),
            covariates: columns
                .iter()
                .zip(&standards)
                .map(|(column, standard)| (column.get(at).copied().unwrap_or(f64::NAN) - standard.mean) / standard.deviation)
                .collect(),
        };
        let mut groups: Vec<Group> = summary.iter().enumerate().map(one).filter(|group| group.weight > 0.0).collect();
        groups.sort_by(Group::order);
        groups.dedup_by(|next, kept| {
            let same = next.order(kept) == Ordering::Equal;
            if same {
                kept.weight += next.weight;
            }
            same
        });
        Ok(Self { groups, purchases, standards, lives })
    }
}

impl Group {
    fn order(&self, other: &Self) -> Ordering {
        let times = |group: &Self| (group.row.frequency, group.row.recency.to_bits(), group.row.age.to_bits());
        times(self).cmp(&times(other)).then_with(|| {
            let pairs = self.covariates.iter().zip(&other.covariates);
            pairs.map(|(one, other)| one.total_cmp(other)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        })
    }
}

/// Over the logarithms of the four parameters, then the coefficients of the standardised covariates.
pub(crate) struct Likelihood<'a, P> {
    pub(crate) data: &'a Data,
    /// The weight of the square of each coefficient of a covariate as it was given.
    pub(crate) penalty: [f64; 2],
    pub(crate) params: PhantomData<P>,
}

impl<P: WithEffects> Objective for Likelihood<'_, P> {
    fn evaluate(&self, at: &[f64]) -> Evaluation {
        let size = 4 + self.data.standards.len();
        let (own, coefficients) = at.split_at(4.min(at.len()));
        let one = |groups: &[Group]| {
            let mut sums = Sums::new(size);
            for group in groups {
                let (life, trans) = self.scores(&group.covariates, coefficients);
                let mut values = [0.0; 4];
                for ((value, own), (by_life, by_trans)) in values.iter_mut().zip(own).zip(P::LIFE.into_iter().zip(P::TRANS)) {
                    *value = libm::exp(own + by_life * life + by_trans * trans);
                }
                sums.add_group::<P>(group, self.data.lives, &P::parts(values, &group.row).0);
            }
            sums
        };
        let parts: Vec<Sums> = self.data.groups.par_chunks(CHUNK).map(one).collect();
        let mut sum = Sums::new(size);
        parts.iter().for_each(|part| sum.add(part));
        let r = own.first().map_or(f64::NAN, |r| libm::exp(*r));
        let rising = rising_part(&self.data.purchases, r);
        sum.value += rising.value;
        if let (Some(slope), [[bend, ..], ..]) = (sum.gradient.first_mut(), rising.hessian) {
            *slope += rising.gradient[0];
            sum.hessian.add(0, 0, bend);
        }
        for (place, (coefficient, weight)) in coefficients.iter().zip(self.penalties()).enumerate() {
            sum.value -= weight * coefficient * coefficient;
            if let Some(slope) = sum.gradient.get_mut(4 + place) {
                *slope -= 2.0 * weight * coefficient;
            }
            sum.hessian.add(4 + place, 4 + place, -2.0 * weight);
        }
        Evaluation { value: sum.value, gradient: sum.gradient, hessian: sum.hessian }
    }
}

impl<P> Likelihood<'_, P> {
    fn scores(&self, covariates: &[f64], coefficients: &[f64]) -> (f64, f64) {
        let mut terms = covariates.iter().zip(coefficients).map(|(covariate, coefficient)| covariate * coefficient);
        let life = terms.by_ref().take(self.data.lives).sum();
        (life, terms.sum())
    }

    /// The weight of the square of each coefficient of a standardised covariate.
    fn penalties(&self) -> impl Iterator<Item = f64> + '_ {
        let weight = |at: usize| if at < self.data.lives { self.penalty[0] } else { self.penalty[1] };
        self.data.standards.iter().enumerate().map(move |(at, standard)| weight(at) / (standard.deviation * standard.deviation))
    }

    /// The logarithm of the prior that the penalty amounts to.
    pub(crate) fn log_prior(&self, at: &[f64]) -> f64 {
        at.iter().skip(4).zip(self.penalties()).map(|(coefficient, weight)| -weight * coefficient * coefficient).sum()
    }
}

/// The likelihood and its derivatives by all coordinates.
struct Sums {
    value: f64,
    gradient: Vec<f64>,
    hessian: Matrix,
}

impl Sums {
    fn new(size: usize) -> Self {
        Self { value: 0.0, gradient: vec![0.0; size], hessian: Matrix::zeros(size) }
    }

    fn add(&mut self, other: &Self) {
        self.value += other.value;
        self.gradient.iter_mut().zip(&other.gradient).for_each(|(sum, term)| *sum += term);
        for row in 0..self.hessian.size() {
            for column in 0..self.hessian.size() {
                self.hessian.add(row, column, other.hessian.get(row, column));
            }
        }
    }

    /// The logarithms of the customer's parameters are linear in the coordinates: coordinate k moves them along `direction` k, times `size` k.
    fn add_group<P: WithEffects>(&mut self, group: &Group, lives: usize, parts: &Derivatives) {
        let unit = |at: usize| {
            let mut direction = [0.0; 4];
            if let Some(entry) = direction.get_mut(at) {
                *entry = 1.0;
            }
            direction
        };
        let own = (0..4).map(|at| (unit(at), 1.0));
        let covariates =
            group.covariates.iter().enumerate().map(|(at, covariate)| (if at < lives { P::LIFE } else { P::TRANS }, *covariate));
        let directions: Vec<([f64; 4], f64)> = own.chain(covariates).collect();
        let dot = |one: &[f64; 4], other: &[f64; 4]| one.iter().zip(other).map(|(one, other)| one * other).sum::<f64>();
        self.value += group.weight * parts.value;
        for (row, ((direction, size), slope)) in directions.iter().zip(&mut self.gradient).enumerate() {
            let weight = group.weight * size;
            *slope += weight * dot(direction, &parts.gradient);
            let bend = parts.hessian.map(|line| dot(&line, direction));
            for (column, (other, other_size)) in directions.iter().enumerate() {
                self.hessian.add(row, column, weight * other_size * dot(&bend, other));
            }
        }
    }
}
