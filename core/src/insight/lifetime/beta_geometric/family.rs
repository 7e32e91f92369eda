//! What BG/NBD and MBG/NBD share: they differ in the first chance to drop out.

use std::ops::Range;

use crate::insight::lifetime::measure::{Measure, Predict, Transactions, evaluate_transactions};
use crate::insight::lifetime::params::Params;
use crate::insight::lifetime::purchases::Purchases;
use crate::insight::lifetime::summary::Summary;

use super::fill::fill;
use super::predict::Customer;

/// Parameters of a model of the family.
pub(crate) trait Family: Params {
    /// A customer under it.
    fn customer(&self) -> Customer;
}

impl<P: Family> Transactions for P {
    fn log_likelihood(&self, row: &Purchases) -> f64 {
        self.customer().log_likelihood(row)
    }

    fn probability_alive(&self, row: &Purchases) -> f64 {
        self.customer().probability_alive(row)
    }

    fn conditional_expected_transactions(&self, row: &Purchases, periods: f64) -> f64 {
        self.customer().conditional_expected_transactions(row, periods)
    }

    fn expected_transactions(&self, periods: f64) -> f64 {
        self.customer().expected_transactions(periods)
    }

    fn discounted_expected_residual_transactions(&self, row: &Purchases, discount_rate: f64) -> f64 {
        self.customer().discounted_expected_residual_transactions(row, discount_rate)
    }
}

impl<P: Family> Predict for P {
    fn evaluate(&self, measure: Measure, row: &Purchases) -> f64 {
        evaluate_transactions(self, measure, row)
    }

    fn fill(&self, measure: Measure, summary: &Summary, rows: Range<usize>, places: &mut [f64]) {
        fill(&self.customer(), measure, summary, rows, places, |row| self.evaluate(measure, row));
    }
}
