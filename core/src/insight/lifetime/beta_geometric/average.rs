//! Expectations over the customers' dropout probabilities.

/// Smaller parts of the sum than this are rounding errors.
const SMALL: f64 = 1e-18;
/// A probability (or its complement) this small changes nothing beside 1.
const NOTHING: f64 = 1e-17;
const MOST_NODES: usize = 20_000;

/// The expectation of f(p) for p ~ Beta(a, b), where f is positive, falls with p, and is constant for p far below `bend`.
///
/// By the trapezoidal rule in the logit w of p. The integrand p^a (1 - p)^b f(p) is analytic in a strip of half-width π about the real axis (half of that
/// counts for a large `power`, with which 1 + p t is raised in f), so the error falls as exp(-2 π * half-width/step) (Trefethen and Weideman 2014, "The
/// exponentially convergent trapezoidal rule", theorem 5.1): below 1e-17 for the steps taken. Where a and b are large the integrand is a narrow normal
/// curve, and the step follows its width. Beyond the point where p or 1 - p no longer shows beside 1 the terms are a geometric series, so small a and b
/// take no more nodes. The same rule gives the norm. All terms are positive: nothing cancels.
pub(crate) fn average(a: f64, b: f64, power: f64, bend: f64, f: impl Fn(f64) -> f64) -> f64 {
    let width = (1.0 / a + 1.0 / b).sqrt();
    let step = (0.5 * width).min(if power > 5.0 { 0.22 } else { 0.33 });
    let top = libm::log(a / b);
    let peak = ln_weight(a, b, top).0;
    let (mut norm, mut sum) = (0.0, 0.0);
    // To the right, where f is least.
    for node in 0..MOST_NODES {
        let w = top + node as f64 * step;
        let (logarithm, p) = ln_weight(a, b, w);
        let weight = libm::exp(logarithm - peak);
        let term = weight * f(p);
        if libm::exp(-w) < NOTHING {
            let rest = 1.0 / -libm::expm1(-b * step);
            norm += weight * rest;
            sum += term * rest;
            break;
        }
        norm += weight;
        sum += term;
        if weight < SMALL * norm && term < SMALL * sum {
            break;
        }
    }
    for node in 1..MOST_NODES {
        let w = top - node as f64 * step;
        let (logarithm, p) = ln_weight(a, b, w);
        let weight = libm::exp(logarithm - peak);
        let term = weight * f(p);
        if p < NOTHING * bend.min(1.0) || p < f64::MIN_POSITIVE {
            let rest = 1.0 / -libm::expm1(-a * step);
            norm += weight * rest;
            sum += term * rest;
            break;
        }
        norm += weight;
        sum += term;
        // f may still grow, but by no more than p falls.
        if weight < SMALL * norm && term * a.max(1.0) < SMALL * sum && a > 1.5 {
            break;
        }
    }
    sum / norm
}

/// ln(p^a (1 - p)^b) and p, of the logit w of p.
fn ln_weight(a: f64, b: f64, w: f64) -> (f64, f64) {
    let small = libm::exp(-w.abs());
    let beside = libm::log1p(small);
    if w > 0.0 { (-a * beside - b * (w + beside), 1.0 / (1.0 + small)) } else { (a * (w - beside) - b * beside, small / (1.0 + small)) }
}
