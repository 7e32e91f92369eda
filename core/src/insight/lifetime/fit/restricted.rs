//! An objective with some of its coordinates held: a limit model is the full one with a parameter at, or far enough towards, its edge.

use super::linear::Matrix;
use super::newton::{Evaluation, Maximum, Objective, Stop, maximize};

/// How far a parameter is taken for its limit: the likelihood differs from that of the limit by this part, and keeps its digits.
pub(crate) const FAR: f64 = 1e12;

/// The objective over the coordinates that are `None`.
pub(crate) struct Restricted<'a, O> {
    pub(crate) full: &'a O,
    pub(crate) held: Vec<Option<f64>>,
}

impl<O: Objective> Objective for Restricted<'_, O> {
    fn evaluate(&self, at: &[f64]) -> Evaluation {
        let mut given = at.iter().copied();
        let point: Vec<f64> = self.held.iter().map(|held| held.unwrap_or_else(|| given.next().unwrap_or(f64::NAN))).collect();
        let full = self.full.evaluate(&point);
        let free: Vec<usize> = self.held.iter().enumerate().filter(|(_, held)| held.is_none()).map(|(at, _)| at).collect();
        let place = |at: usize| free.get(at).copied().unwrap_or(0);
        Evaluation {
            value: full.value,
            gradient: free.iter().filter_map(|at| full.gradient.get(*at).copied()).collect(),
            hessian: Matrix::from_fn(free.len(), |row, column| full.hessian.get(place(row), place(column))),
        }
    }
}

impl<O: Objective> Restricted<'_, O> {
    /// The interior maximum over the free coordinates, if the search finds one.
    pub(crate) fn interior(&self, start: &[f64]) -> Option<Maximum> {
        maximize(self, start).filter(|found| found.stop == Stop::Converged)
    }
}
