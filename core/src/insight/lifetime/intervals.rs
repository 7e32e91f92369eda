//! How sure a prediction is, given how sure the parameters are.

use std::ops::Range;

use rayon::prelude::*;

use crate::error::{Error, ErrorKind, Result};

use super::fit::linear::Matrix;
use super::fitted::{Fitted, Model, check, two_sided};
use super::measure::{CHUNK, Measure, MeasureRange, Predict};
use super::normal::Draws;
use super::params::{at_coordinates, coordinates};
use super::period::Period;
use super::purchases::Purchases;
use super::summary::Summary;

/// How to go from errors of parameters to errors of predictions. Both take the estimate to be normal in the logarithms of the parameters; the customer's own
/// chance (will they buy twice or thrice?) is no part of it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum IntervalMethod {
    /// By the gradient of the prediction. The interval is symmetric in the logarithm of a positive prediction, in the logit of a probability.
    Delta,
    /// From predictions at so many draws of the parameters; the same seed, the same interval.
    Draws {
        /// How many; 1000 give ends that are good to a few hundredths of a standard error.
        count: usize,
        /// Where the draws begin.
        seed: u64,
    },
}

/// Predictions with intervals, a row each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Intervals {
    /// The prediction at the estimate.
    pub estimate: Vec<f64>,
    /// Its standard error.
    pub standard_error: Vec<f64>,
    /// The lower end.
    pub lower: Vec<f64>,
    /// The upper end.
    pub upper: Vec<f64>,
}

/// A prediction with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The prediction at the estimate.
    pub estimate: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

/// Something that parameters answer for the rows of a table.
pub(crate) trait Question: Sync {
    /// The estimate, in the coordinates of the optimiser.
    fn centre(&self) -> Vec<f64>;
    /// The covariance there.
    fn covariance(&self) -> Result<Matrix>;
    /// The range of the answers.
    fn range(&self) -> MeasureRange;
    /// The answers of other parameters for some rows.
    fn fill(&self, at: &[f64], summary: &Summary, rows: Range<usize>, places: &mut [f64]);
}

/// A measure, asked of one model.
struct Asked<'a, M: Model> {
    fitted: &'a Fitted<M>,
    measure: Measure,
}

impl<M: Model> Question for Asked<'_, M>
where
    M::Params: Predict,
{
    fn centre(&self) -> Vec<f64> {
        coordinates(self.fitted.params())
    }

    fn covariance(&self) -> Result<Matrix> {
        Ok(self.fitted.uncertain()?.covariance.clone())
    }

    fn range(&self) -> MeasureRange {
        self.measure.range()
    }

    fn fill(&self, at: &[f64], summary: &Summary, rows: Range<usize>, places: &mut [f64]) {
        at_coordinates(self.fitted.params(), at).fill(self.measure, summary, rows, places);
    }
}

impl<M: Model> Fitted<M>
where
    M::Params: Predict,
{
    /// The answer for every row of a table, with an interval of `level` that tells how sure the parameters are. In parallel; the same for any number of
    /// threads.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] as [`predict`](Self::predict), or if the parameters were given, not fitted, or the level is not between 0 and 1.
    pub fn predict_intervals(&self, summary: &Summary, measure: Measure, level: f64, method: IntervalMethod) -> Result<Intervals> {
        check::<M>(measure)?;
        self.params().reads(summary)?;
        intervals(&Asked { fitted: self, measure }, summary, level, method)
    }

    /// The same for one customer.
    ///
    /// # Errors
    /// As [`predict_intervals`](Self::predict_intervals), and [`ErrorKind::InvalidTable`] for purchases that no customer can have.
    pub fn predict_interval(&self, row: &Purchases, measure: Measure, level: f64, method: IntervalMethod) -> Result<Interval> {
        self.predict_intervals(&one_row(row, self.period())?, measure, level, method)?.only()
    }
}

/// A table of one.
pub(crate) fn one_row(row: &Purchases, period: Period) -> Result<Summary> {
    Summary::new(vec![row.frequency], vec![row.recency], vec![row.age], period)?.with_monetary_value(vec![row.monetary_value])
}

impl Intervals {
    pub(crate) fn only(self) -> Result<Interval> {
        let first = |column: &[f64]| column.first().copied().unwrap_or(f64::NAN);
        Ok(Interval {
            estimate: first(&self.estimate),
            standard_error: first(&self.standard_error),
            lower: first(&self.lower),
            upper: first(&self.upper),
        })
    }

    fn append(&mut self, mut other: Self) {
        self.estimate.append(&mut other.estimate);
        self.standard_error.append(&mut other.standard_error);
        self.lower.append(&mut other.lower);
        self.upper.append(&mut other.upper);
    }

    fn push(&mut self, one: Interval) {
        self.estimate.push(one.estimate);
        self.standard_error.push(one.standard_error);
        self.lower.push(one.lower);
        self.upper.push(one.upper);
    }
}

/// The most draws that are taken: a table holds this many numbers a row while it works.
const MOST_DRAWS: usize = 100_000;

/// The answers with intervals.
pub(crate) fn intervals(question: &impl Question, summary: &Summary, level: f64, method: IntervalMethod) -> Result<Intervals> {
    let z = two_sided(level)?;
    let covariance = question.covariance()?;
    let centre = question.centre();
    let points = match method {
        IntervalMethod::Delta => around(&centre),
        IntervalMethod::Draws { count, seed } => {
            if !(2..=MOST_DRAWS).contains(&count) {
                return Err(Error::new(ErrorKind::InvalidArgument, format!("{count} draws: take 2 to {MOST_DRAWS}")));
            }
            drawn(&centre, &covariance, count, seed)
        }
    };
    // Fewer rows at a time where each has many draws, so that memory stays small.
    let rows_at_once = (CHUNK * 16 / points.len().max(16)).max(16);
    let chunks: Vec<Intervals> = (0..summary.len().div_ceil(rows_at_once))
        .into_par_iter()
        .map(|chunk| {
            let rows = chunk * rows_at_once..((chunk + 1) * rows_at_once).min(summary.len());
            let answer = |at: &[f64]| {
                let mut places = vec![0.0; rows.len()];
                question.fill(at, summary, rows.clone(), &mut places);
                places
            };
            let estimates = answer(&centre);
            let columns: Vec<Vec<f64>> = points.iter().map(|point| answer(point)).collect();
            let mut made = Intervals::default();
            for (row, estimate) in estimates.into_iter().enumerate() {
                let mut values: Vec<f64> = columns.iter().filter_map(|column| column.get(row).copied()).collect();
                made.push(match method {
                    IntervalMethod::Delta => delta(estimate, &values, &covariance, z, question.range()),
                    IntervalMethod::Draws { .. } => quantiles(estimate, &mut values, level),
                });
            }
            made
        })
        .collect();
    let mut all = Intervals::default();
    chunks.into_iter().for_each(|chunk| all.append(chunk));
    Ok(all)
}

/// Steps of the five-point derivative: the error is of the order of its fourth power, and rounding costs 1e-13.
const STEP: f64 = 1e-3;

/// The points of the five-point derivatives: four by coordinate.
fn around(centre: &[f64]) -> Vec<Vec<f64>> {
    let moved = |at: usize, by: f64| centre.iter().enumerate().map(|(n, value)| if n == at { value + by } else { *value }).collect();
    (0..centre.len()).flat_map(|at| [-2.0, -1.0, 1.0, 2.0].map(|steps| moved(at, steps * STEP))).collect()
}

fn delta(estimate: f64, values: &[f64], covariance: &Matrix, z: f64, range: MeasureRange) -> Interval {
    let gradient: Vec<f64> = values
        .chunks_exact(4)
        .map(|four| match four {
            [before, last, next, after] => (8.0 * (next - last) - (after - before)) / (12.0 * STEP),
            _ => f64::NAN,
        })
        .collect();
    let variance: f64 = covariance.times(&gradient).iter().zip(&gradient).map(|(one, other)| one * other).sum();
    let standard_error = variance.max(0.0).sqrt();
    let (lower, upper) = match range {
        _ if standard_error == 0.0 => (estimate, estimate),
        MeasureRange::Positive if estimate > 0.0 => {
            let factor = libm::exp(z * standard_error / estimate);
            (estimate / factor, estimate * factor)
        }
        MeasureRange::Share if estimate > 0.0 && estimate < 1.0 => {
            let factor = libm::exp(z * standard_error / (estimate * (1.0 - estimate)));
            (estimate / (estimate + (1.0 - estimate) * factor), estimate / (estimate + (1.0 - estimate) / factor))
        }
        _ => (estimate - z * standard_error, estimate + z * standard_error),
    };
    Interval { estimate, standard_error, lower, upper }
}

/// Draws of the parameters: normal about the estimate.
fn drawn(centre: &[f64], covariance: &Matrix, count: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut draws = Draws::new(seed);
    let lower = covariance.cholesky().unwrap_or_else(|| Matrix::zeros(centre.len()));
    (0..count)
        .map(|_| {
            let independent: Vec<f64> = centre.iter().map(|_| draws.normal()).collect();
            lower.times(&independent).iter().zip(centre).map(|(step, centre)| centre + step).collect()
        })
        .collect()
}

fn quantiles(estimate: f64, values: &mut [f64], level: f64) -> Interval {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (count - 1.0);
    values.sort_unstable_by(f64::total_cmp);
    // Hyndman and Fan 1996, definition 7.
    let quantile = |share: f64| {
        let place = share * (count - 1.0);
        let below = place as usize;
        let one = values.get(below).copied().unwrap_or(f64::NAN);
        let next = values.get(below + 1).copied().unwrap_or(one);
        one + (place - below as f64) * (next - one)
    };
    Interval { estimate, standard_error: variance.sqrt(), lower: quantile(0.5 * (1.0 - level)), upper: quantile(0.5 * (1.0 + level)) }
}
