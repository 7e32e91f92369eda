//! Newton's method in a trust region (Nocedal and Wright 2006, "Numerical Optimization", chapter 4), for a maximum.

use super::linear::{Matrix, dot, greatest, norm};

/// What is to be as great as can be, with its derivatives.
pub(crate) trait Objective {
    /// The value, gradient and Hessian at a point; a value that is not finite says that the point is out of reach.
    fn evaluate(&self, at: &[f64]) -> Evaluation;
}

/// A function at a point.
#[derive(Debug, Clone)]
pub(crate) struct Evaluation {
    pub(crate) value: f64,
    pub(crate) gradient: Vec<f64>,
    pub(crate) hessian: Matrix,
}

impl Evaluation {
    fn is_finite(&self) -> bool {
        self.value.is_finite() && self.gradient.iter().all(|entry| entry.is_finite()) && self.hessian.is_finite()
    }
}

/// Why the search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// At a maximum: the last step was a rounding error long.
    Converged,
    /// The value no longer grows to speak of, yet the steps stay long: towards an edge, or along a ridge.
    Drifting,
    /// Neither, within the allowed iterations.
    Exhausted,
}

/// Where the search ended.
#[derive(Debug, Clone)]
pub(crate) struct Maximum {
    pub(crate) at: Vec<f64>,
    pub(crate) evaluation: Evaluation,
    pub(crate) iterations: u32,
    pub(crate) stop: Stop,
}

const MOST_ITERATIONS: u32 = 300;
/// Parameters are logarithms (or coefficients of order 1), so a first step of 1 is a factor of e.
const FIRST_RADIUS: f64 = 1.0;
const GREATEST_RADIUS: f64 = 4.0;
/// A step this long is a rounding error: parameters are demanded to 1e-7.
const SHORT_STEP: f64 = 1e-11;
/// Relative to the value, a gain below this is lost in the rounding of the sum.
const ROUNDING: f64 = 1e-14;
/// Farther from the start than a factor of e^40, a parameter is at the edge.
const FARTHEST: f64 = 40.0;

/// The maximum that is reached from a start, if the start is in reach.
pub(crate) fn maximize(objective: &impl Objective, start: &[f64]) -> Option<Maximum> {
    let mut at = start.to_vec();
    let mut here = objective.evaluate(&at);
    if !here.is_finite() {
        return None;
    }
    let mut radius = FIRST_RADIUS;
    let mut least_decrement = f64::INFINITY;
    let mut stuck = 0;
    for iterations in 1..=MOST_ITERATIONS {
        let step = step(&here, radius);
        let length = greatest(&step.vector);
        let rounding = ROUNDING * here.value.abs().max(1.0);
        let done = |stop, at, evaluation| Some(Maximum { at, evaluation, iterations, stop });
        if step.is_newton && length < SHORT_STEP {
            return done(Stop::Converged, at, here);
        }
        if step.gain <= 0.0 || step.gain.is_nan() {
            // No way up: flat, or an exact maximum along the directions that count.
            return done(if step.is_newton { Stop::Converged } else { Stop::Drifting }, at, here);
        }
        let too_far = at.iter().zip(start).any(|(at, start)| (at - start).abs() > FARTHEST);
        if too_far || (step.gain < rounding && length > 1e-2) {
            return done(Stop::Drifting, at, here);
        }
        let next: Vec<f64> = at.iter().zip(&step.vector).map(|(at, step)| at + step).collect();
        let there = objective.evaluate(&next);
        if step.gain < 10.0 * rounding && step.is_newton {
            // The value can no longer judge a step: Newton's are taken while they shrink.
            if !there.is_finite() || step.gain >= 0.25 * least_decrement {
                return done(Stop::Converged, at, here);
            }
            least_decrement = step.gain;
            (at, here) = (next, there);
            continue;
        }
        let ratio = if there.is_finite() { (there.value - here.value) / step.gain } else { -1.0 };
        if ratio < 0.25 {
            radius = 0.25 * norm(&step.vector);
        } else if ratio > 0.75 && !step.is_newton {
            radius = (2.0 * radius).min(GREATEST_RADIUS);
        }
        if ratio > 1e-4 {
            (at, here) = (next, there);
            stuck = 0;
        } else {
            stuck += 1;
            if radius < SHORT_STEP || stuck > 60 {
                return done(if step.gain < 1e3 * rounding { Stop::Converged } else { Stop::Exhausted }, at, here);
            }
        }
    }
    Some(Maximum { at, evaluation: here, iterations: MOST_ITERATIONS, stop: Stop::Exhausted })
}

struct Step {
    vector: Vec<f64>,
    /// What the quadratic model promises.
    gain: f64,
    /// It is Newton's own, not cut short.
    is_newton: bool,
}

/// The best step of the quadratic model no longer than `radius`.
fn step(here: &Evaluation, radius: f64) -> Step {
    let curvature = here.hessian.negated();
    let promise = |vector: &[f64]| dot(&here.gradient, vector) - 0.5 * dot(vector, &curvature.times(vector));
    if let Some(lower) = curvature.cholesky() {
        let vector = lower.cholesky_solve(&here.gradient);
        if norm(&vector) <= radius {
            let gain = promise(&vector);
            return Step { vector, gain, is_newton: true };
        }
    }
    let pairs = curvature.eigen();
    let along: Vec<(f64, f64, &[f64])> =
        pairs.iter().map(|(value, vector)| (*value, dot(vector, &here.gradient), vector.as_slice())).collect();
    let damped = |damping: f64| {
        let mut vector = vec![0.0; here.gradient.len()];
        for (value, slope, direction) in &along {
            let weight = slope / (value + damping);
            if weight.is_finite() {
                vector.iter_mut().zip(*direction).for_each(|(entry, part)| *entry += weight * part);
            }
        }
        vector
    };
    let least = along.first().map_or(0.0, |first| first.0);
    let mut low = (-least).max(0.0);
    let mut high = low + norm(&here.gradient) / radius;
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if norm(&damped(middle)) > radius {
            low = middle
        } else {
            high = middle
        }
        if high - low <= 1e-3 * high {
            break;
        }
    }
    let mut vector = damped(high);
    if let (true, Some((_, slope, direction))) = (least < 0.0, along.first()) {
        // The hard case: no slope along the direction that curves up, so the rest of the radius goes there.
        let rest = (radius * radius - dot(&vector, &vector)).max(0.0).sqrt();
        if rest > 0.1 * radius {
            let sign = if *slope < 0.0 { -rest } else { rest };
            vector.iter_mut().zip(*direction).for_each(|(entry, part)| *entry += sign * part);
        }
    }
    let gain = promise(&vector);
    Step { vector, gain, is_newton: false }
}
