//! The log-likelihood of all customers with its derivatives, in parallel over fixed chunks of histories.

use rayon::prelude::*;

use crate::insight::lifetime::beta_geometric::Dropout;
use crate::insight::lifetime::fit::derivatives::{Derivatives, parameters};
use crate::insight::lifetime::fit::newton::{Evaluation, Objective};
use crate::insight::lifetime::prior::Prior;

use super::history::History;
use super::likelihood::Factors;
use super::{BgBbParams, BgBbPrior};

/// Histories that are summed in one go; sums of chunks are added in order, so the number of threads does not show.
const CHUNK: usize = 512;

/// Over (ln alpha, ln beta, ln gamma, ln delta).
pub(crate) struct Likelihood<'a> {
    pub(crate) data: &'a [(History, f64)],
    pub(crate) prior: BgBbPrior,
}

impl Objective for Likelihood<'_> {
    fn evaluate(&self, at: &[f64]) -> Evaluation {
        let [alpha, beta, gamma, delta] = parameters(at);
        let most = self.data.iter().map(|(history, _)| history.n).max().unwrap_or(0);
        let factors = Factors::new(&BgBbParams { alpha, beta, gamma, delta }, most);
        let one = |rows: &[(History, f64)]| {
            let mut sum = Derivatives::default();
            rows.iter().for_each(|(history, weight)| sum.add(*weight, &factors.derivatives(*history)));
            sum
        };
        let mut sum = Derivatives::default();
        if self.data.len() <= CHUNK {
            sum = one(self.data);
        } else {
            let parts: Vec<Derivatives> = self.data.par_chunks(CHUNK).map(one).collect();
            parts.iter().for_each(|part| sum.add(1.0, part));
        }
        self.prior.add_to(&mut sum, [alpha, beta, gamma, delta]);
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

impl BgBbPrior {
    /// Adds its logarithm.
    fn add_to(&self, sum: &mut Derivatives, [alpha, beta, gamma, delta]: [f64; 4]) {
        for (first, prior, a, b) in [(0, self.purchase, alpha, beta), (2, self.dropout, gamma, delta)] {
            let jet = Prior { rate: None, dropout: prior }.dropout_jet(Dropout::Beta { a, b });
            sum.add_pair(first, jet.value, jet.first, jet.second);
        }
    }
}
