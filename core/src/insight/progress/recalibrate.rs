//! Probabilities of the chain, put right by what happened to customers that it was not fitted to.

use serde::{Deserialize, Serialize};

use super::age;
use super::logistic::{Observation, Regression, logistic, logit, product, regress};
use super::windows::Window;

/// logit(p) = intercept + slope logit(chain) + age / (age + horizon) (quiet_intercept + quiet_slope logit(chain)): a line for customers who just did
/// something, which turns into another one as they stay quiet.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Recalibration {
    /// The constant.
    pub intercept: f64,
    /// Of the chain's logit.
    pub slope: f64,
    /// What is added to the constant after a long silence.
    pub quiet_intercept: f64,
    /// What is added to the slope after a long silence.
    pub quiet_slope: f64,
    /// Their covariance by customers, in that order.
    pub covariance: [[f64; 4]; 4],
}

impl Recalibration {
    /// From windows of customers that the chain has not seen; none where nothing or everything converted. The line is that of touchpoints alone, so that
    /// these are right whatever customers do between; what silence changes is told by instants between them.
    pub(super) fn fit(windows: &[Window], horizon: i64) -> Option<Self> {
        let touchpoints = || windows.iter().filter(|window| window.at_touchpoint);
        let line = regress(&observed(touchpoints(), |window| ([1.0, logit(window.probability)], 0.0)));
        let Some(line) = line.filter(|line| line.coefficient(1) > 0.0) else {
            // The chain tells nothing: the same probability for everybody.
            let constant = regress(&observed(touchpoints(), |_| ([1.0], 0.0)))?;
            return Some(Self::of(&constant, None));
        };
        let instants = windows.iter().filter(|window| !window.at_touchpoint);
        let quiet = regress(&observed(instants, |window| {
            let [one, logit, quiet, both] = columns(window.probability, window.age, horizon);
            ([quiet, both], product(&[one, logit], &line.coefficients))
        }));
        Some(Self::of(&line, quiet.filter(|quiet| line.coefficient(1) + quiet.coefficient(1) > 0.0)))
    }

    fn of<const N: usize>(line: &Regression<N>, quiet: Option<Regression<2>>) -> Self {
        let error = |at: usize, to: usize| match (at, to, &quiet) {
            (0..2, 0..2, _) => line.covariance.get(at).and_then(|row| row.get(to)).copied().unwrap_or_default(),
            (2.., 2.., Some(quiet)) => quiet.covariance.get(at - 2).and_then(|row| row.get(to - 2)).copied().unwrap_or_default(),
            _ => 0.0,
        };
        let of_quiet = |at| quiet.map_or(0.0, |quiet| quiet.coefficient(at));
        Self {
            intercept: line.coefficient(0),
            slope: line.coefficient(1),
            quiet_intercept: of_quiet(0),
            quiet_slope: of_quiet(1),
            covariance: std::array::from_fn(|at| std::array::from_fn(|to| error(at, to))),
        }
    }

    pub(super) fn coefficients(&self) -> [f64; 4] {
        [self.intercept, self.slope, self.quiet_intercept, self.quiet_slope]
    }
}

/// The probabilities of a row at all nodes.
pub(super) fn put_right(coefficients: &[f64; 4], nodes: &[f64], horizon: i64) -> Vec<f64> {
    let of = |(node, probability): (usize, &f64)| logistic(product(coefficients, &columns(*probability, age::start(node) as f64, horizon)));
    nodes.iter().enumerate().map(of).collect()
}

fn columns(probability: f64, age: f64, horizon: i64) -> [f64; 4] {
    let (logit, quiet) = (logit(probability), age / (age + horizon as f64));
    [1.0, logit, quiet, quiet * logit]
}

fn observed<'w, const N: usize>(
    windows: impl Iterator<Item = &'w Window>,
    columns: impl Fn(&Window) -> ([f64; N], f64),
) -> Vec<Observation<N>> {
    let of = |window: &Window| {
        let (columns, offset) = columns(window);
        Observation { customer: window.customer, columns, offset, happened: window.happened }
    };
    windows.map(of).collect()
}
