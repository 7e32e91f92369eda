//! From an objective to a maximum that is one, or to the reason why there is none.

pub(crate) mod derivatives;
pub(crate) mod linear;
pub(crate) mod newton;
pub(crate) mod restricted;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::fit_status::{Drift, FitStatus, Limit};

use linear::{Matrix, greatest};
use newton::{Maximum, Objective, Stop, maximize};

/// How a fit went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Iterations of Newton's method, from the start that led to the maximum.
    pub iterations: u32,
    /// Starts that were tried.
    pub starts: u32,
    /// The greatest entry of the gradient there, by the logarithms of the parameters.
    pub gradient_norm: f64,
    /// The greatest over the least curvature there, by the logarithms of the parameters: above 1e6, say, the data hardly tell some combination.
    pub condition_number: f64,
}

/// An interior maximum, in the coordinates of the optimiser.
#[derive(Debug, Clone)]
pub(crate) struct Fit {
    pub(crate) at: Vec<f64>,
    pub(crate) value: f64,
    pub(crate) covariance: Matrix,
    pub(crate) report: Report,
}

/// A limit model that was fitted to the same data, and the way there.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) drift: Vec<Drift>,
    pub(crate) limit: Limit,
    /// Of the limit model with the prior's part, if there is a prior.
    pub(crate) value: f64,
}

/// Eigenvalues of the negative Hessian, least first, with their vectors.
type Curvatures = Vec<(f64, Vec<f64>)>;

/// Less curvature than this (a standard error of 300 on a logarithm) is none.
const LEAST_CURVATURE: f64 = 1e-5;
/// A limit model whose log-likelihood comes this near explains the data as well: the edge is the maximum.
const AS_GOOD: f64 = 1e-6;
/// Where there is no maximum inside that the data tell from the edge, so much log-likelihood tells nothing either.
const HARDLY_WORSE: f64 = 1e-3;

/// Searches from the starts, in order, until an interior maximum is found (from all of them with `every_start`, and the best counts). If there is
/// none, or it lies no higher than one of `limits`, the status says why.
pub(crate) fn fit(
    model: &str,
    names: &[String],
    objective: &impl Objective,
    starts: &[Vec<f64>],
    every_start: bool,
    limits: impl FnOnce() -> Vec<Candidate>,
) -> Result<Fit> {
    let mut tried = 0;
    let mut best: Option<(Maximum, Curvatures)> = None;
    for start in starts {
        tried += 1;
        let Some(found) = maximize(objective, start) else { continue };
        let curvatures = found.evaluation.hessian.negated().eigen();
        if best.as_ref().is_none_or(|(best, _)| found.evaluation.value > best.evaluation.value + 1e-9 * best.evaluation.value.abs()) {
            best = Some((found, curvatures));
        }
        if !every_start && best.as_ref().is_some_and(|(best, curvatures)| is_interior(best, curvatures)) {
            break;
        }
    }
    let Some((best, curvatures)) = best else {
        return Err(Error::not_fitted(model, FitStatus::Flat));
    };
    let interior = is_interior(&best, &curvatures);
    if (!interior || every_start)
        && let Some(status) = at_limit(best.evaluation.value, if interior { AS_GOOD } else { HARDLY_WORSE }, limits())
    {
        return Err(Error::not_fitted(model, status));
    }
    if !interior {
        return Err(Error::not_fitted(model, undecided(names, &curvatures)));
    }
    let curvature = best.evaluation.hessian.negated();
    let Some(covariance) = curvature.inverse() else {
        return Err(Error::not_fitted(model, undecided(names, &curvatures)));
    };
    let (least, most) = (curvatures.first().map_or(1.0, |first| first.0), curvatures.last().map_or(1.0, |last| last.0));
    let report = Report {
        iterations: best.iterations,
        starts: tried,
        gradient_norm: greatest(&best.evaluation.gradient),
        condition_number: most / least,
    };
    Ok(Fit { at: best.at, value: best.evaluation.value, covariance, report })
}

fn is_interior(found: &Maximum, curvatures: &[(f64, Vec<f64>)]) -> bool {
    found.stop == Stop::Converged && curvatures.iter().all(|(value, _)| *value > LEAST_CURVATURE)
}

/// The simplest limit model that is as good as the best, if one is as good as what the search found.
fn at_limit(value: f64, slack: f64, candidates: Vec<Candidate>) -> Option<FitStatus> {
    let slack = slack + 1e-13 * value.abs();
    let greatest = candidates.iter().map(|candidate| candidate.value).fold(f64::NEG_INFINITY, f64::max);
    if greatest < value - slack || greatest.is_nan() {
        return None;
    }
    let simplest =
        candidates.into_iter().filter(|candidate| candidate.value >= greatest - slack).min_by_key(|one| one.limit.params.len())?;
    Some(FitStatus::Boundary { parameters: simplest.drift, limit: simplest.limit })
}

/// No maximum and no limit model: which parameters the data leave open.
fn undecided(names: &[String], curvatures: &[(f64, Vec<f64>)]) -> FitStatus {
    if curvatures.iter().all(|(value, _)| *value <= LEAST_CURVATURE) {
        return FitStatus::Flat;
    }
    let open = |at: usize| {
        let weights = curvatures.iter().filter(|(value, _)| *value <= LEAST_CURVATURE).filter_map(|(_, vector)| vector.get(at));
        weights.fold(0.0_f64, |most, weight| most.max(weight.abs())) > 0.3
    };
    let mut parameters: Vec<String> = names.iter().enumerate().filter(|(at, _)| open(*at)).map(|(_, name)| name.clone()).collect();
    if parameters.is_empty() {
        // The search ended without a flat direction: what it knows least is what it names.
        let weakest = curvatures.first().map(|(_, vector)| vector.as_slice()).unwrap_or_default();
        parameters = names.iter().zip(weakest).filter(|(_, weight)| weight.abs() > 0.3).map(|(name, _)| name.clone()).collect();
    }
    FitStatus::Ridge { parameters }
}
