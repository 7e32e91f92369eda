//! The log-likelihood of all customers with its derivatives, in parallel over fixed chunks of patterns.

use rayon::prelude::*;

use crate::insight::lifetime::beta_geometric::{Grouped, Pattern, Rate, Tail, rising};
use crate::insight::lifetime::fit::derivatives::{Derivatives, parameters};
use crate::insight::lifetime::fit::newton::{Evaluation, Objective};
use crate::insight::lifetime::prior::Prior;

use super::likelihood::derivatives;
use super::{ParetoNbdParams, ParetoNbdPrior};

/// Patterns that are summed in one go; sums of chunks are added in order, so the number of threads does not show.
const CHUNK: usize = 512;

/// Over (ln r, ln alpha, ln s, ln beta).
pub(crate) struct Likelihood<'a> {
    pub(crate) data: &'a Grouped,
    pub(crate) prior: ParetoNbdPrior,
}

impl Objective for Likelihood<'_> {
    fn evaluate(&self, at: &[f64]) -> Evaluation {
        let [r, alpha, s, beta] = parameters(at);
        let params = ParetoNbdParams { r, alpha, s, beta };
        let one = |patterns: &[Pattern]| {
            let mut sum = Derivatives::default();
            for pattern in patterns {
                let recency = self.data.recencies.get(pattern.recency as usize).copied().unwrap_or(f64::NAN);
                let age = self.data.ages.get(pattern.age as usize).map_or(f64::NAN, |age| age.age);
                sum.add(pattern.weight, &derivatives(&params, f64::from(pattern.frequency), recency, age));
            }
            sum
        };
        let mut sum = Derivatives::default();
        if self.data.patterns.len() <= CHUNK {
            sum = one(&self.data.patterns);
        } else {
            let parts: Vec<Derivatives> = self.data.patterns.par_chunks(CHUNK).map(one).collect();
            parts.iter().for_each(|part| sum.add(1.0, part));
        }
        sum.add(1.0, &rising_part(&self.data.purchases, r));
        self.prior.add_to(&mut sum, [r, alpha, s, beta]);
        sum.into_evaluation()
    }
}

impl Likelihood<'_> {
    /// The logarithm of the prior.
    pub(crate) fn log_prior(&self, at: &[f64]) -> f64 {
        let mut sum = Derivatives::default();
        self.prior.add_to(&mut sum, parameters(at));
        sum.value
    }
}

impl ParetoNbdPrior {
    /// Adds its logarithm.
    pub(crate) fn add_to(&self, sum: &mut Derivatives, [r, alpha, s, beta]: [f64; 4]) {
        for (first, prior, shape, rate) in [(0, self.rate, r, alpha), (2, self.dropout, s, beta)] {
            let jet = Prior { rate: prior, dropout: None }.rate_jet(Rate::Gamma { r: shape, alpha: rate });
            sum.add_pair(first, jet.value, jet.first, jet.second);
        }
    }
}

/// The sum of ln G(r + x)/G(r).
pub(crate) fn rising_part(purchases: &Tail, r: f64) -> Derivatives {
    let natural = rising(purchases, r);
    let slope = r * natural.first[0];
    let mut part = Derivatives { value: natural.value, ..Derivatives::default() };
    part.gradient[0] = slope;
    part.hessian[0][0] = slope + r * r * natural.second[0];
    part
}
