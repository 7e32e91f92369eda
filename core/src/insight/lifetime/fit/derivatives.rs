//! A log-likelihood of four parameters with its derivatives.

use super::linear::Matrix;
use super::newton::Evaluation;

/// The value, gradient and Hessian in the logarithms of four parameters.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Derivatives {
    pub(crate) value: f64,
    pub(crate) gradient: [f64; 4],
    pub(crate) hessian: [[f64; 4]; 4],
}

impl Derivatives {
    pub(crate) fn add(&mut self, weight: f64, other: &Self) {
        self.value += weight * other.value;
        self.gradient.iter_mut().zip(other.gradient).for_each(|(sum, term)| *sum += weight * term);
        let entries = self.hessian.as_flattened_mut().iter_mut();
        entries.zip(other.hessian.as_flattened()).for_each(|(sum, term)| *sum += weight * term);
    }

    /// Adds a function of the coordinates `first` and `first` + 1: its value, gradient and second derivatives 00, 01, 11.
    pub(crate) fn add_pair(&mut self, first: usize, value: f64, gradient: [f64; 2], second: [f64; 3]) {
        self.value += value;
        self.gradient.iter_mut().skip(first).zip(gradient).for_each(|(sum, term)| *sum += term);
        let [one, mixed, two] = second;
        for (row, terms) in self.hessian.iter_mut().skip(first).zip([[one, mixed], [mixed, two]]) {
            row.iter_mut().skip(first).zip(terms).for_each(|(sum, term)| *sum += term);
        }
    }

    pub(crate) fn into_evaluation(self) -> Evaluation {
        let entry = |row: usize, column: usize| self.hessian.get(row).and_then(|row| row.get(column)).copied().unwrap_or(f64::NAN);
        Evaluation { value: self.value, gradient: self.gradient.to_vec(), hessian: Matrix::from_fn(4, entry) }
    }
}

/// The four parameters at a point of the optimiser.
pub(crate) fn parameters(at: &[f64]) -> [f64; 4] {
    let mut at = at.iter().map(|at| libm::exp(*at));
    [(); 4].map(|()| at.next().unwrap_or(f64::NAN))
}
