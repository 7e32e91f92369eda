//! What a BG/BB with known parameters expects of a customer.

use crate::insight::lifetime::measure::Measure;

use super::BgBbParams;
use super::history::History;
use super::likelihood::Factors;

/// More opportunities than this ahead are not summed one by one.
const HORIZON: f64 = 1e7;

/// A measure of one history; `factors` must reach its n.
pub(crate) fn answer(params: &BgBbParams, factors: &Factors, measure: Measure, history: History) -> f64 {
    let History { x, n, .. } = history;
    if measure == Measure::LogLikelihood {
        return factors.log_likelihood(history);
    }
    let alive = factors.probability_alive_at_last(history);
    match measure {
        // At the next opportunity, n + 1: what the literature and `BTYD` call P(alive).
        Measure::ProbabilityAlive => alive * stay(params, f64::from(n)),
        // Equation 13, as a sum of positive terms: the probability of being alive at each opportunity. It needs no case for gamma = 1.
        Measure::ConditionalExpectedTransactions { periods } => alive * buys(params, x, n) * lifetime_within(params, n, periods),
        // Equation 14.
        Measure::DiscountedExpectedResidualTransactions { discount_rate } => {
            alive * buys(params, x, n) * discounted_lifetime(params, n, discount_rate)
        }
        Measure::ExpectedTransactions { periods } => expected_transactions(params, periods),
        _ => f64::NAN,
    }
}

/// Purchases expected of a new customer within the first opportunities (Fader, Hardie, Shang 2010, equation 9).
pub(crate) fn expected_transactions(params: &BgBbParams, periods: f64) -> f64 {
    buys(params, 0, 0) * lifetime_within(params, 0, periods)
}

/// The probability that someone alive at the opportunity n is so at the next.
fn stay(params: &BgBbParams, n: f64) -> f64 {
    (params.delta + n) / (params.gamma + params.delta + n)
}

/// The mean probability of buying at an opportunity, of someone who bought at x of n.
fn buys(params: &BgBbParams, x: u32, n: u32) -> f64 {
    (params.alpha + f64::from(x)) / (params.alpha + params.beta + f64::from(n))
}

/// The opportunities among the next ones at which someone alive at n is alive, on average.
fn lifetime_within(params: &BgBbParams, n: u32, periods: f64) -> f64 {
    if !(0.0..=HORIZON).contains(&periods) {
        return f64::NAN;
    }
    let opportunities = periods as u32;
    let (mut alive, mut sum) = (1.0, 0.0);
    for k in 0..opportunities {
        alive *= stay(params, f64::from(n) + f64::from(k));
        sum += alive;
        if alive < 1e-300 {
            break;
        }
    }
    sum
}

/// Sum_(k = 1)^inf P(alive at n + k | alive at n) z^k with z = 1/(1 + d): z stay 2F1(1, delta + n + 1; gamma + delta + n + 1; z).
fn discounted_lifetime(params: &BgBbParams, n: u32, discount: f64) -> f64 {
    let first = params.delta + f64::from(n) + 1.0;
    if discount == 0.0 {
        return if params.gamma > 1.0 {
            stay(params, f64::from(n)) * (params.gamma + first - 1.0) / (params.gamma - 1.0)
        } else {
            f64::INFINITY
        };
    }
    stay(params, f64::from(n)) / (1.0 + discount) * one_and(first, params.gamma + first, discount)
}

/// 2F1(1, b; c; 1/(1 + d)) for c > b > 0, d > 0.
///
/// Gauss's continued fraction (DLMF 15.7.1, with b = 0) with all its coefficients in (0, 1), evaluated forward: as a product of factors above one
/// (Gautschi's series form of a fraction with positive terms), so that nothing cancels however near to 1 the argument is.
fn one_and(b: f64, c: f64, discount: f64) -> f64 {
    let z = 1.0 / (1.0 + discount);
    // 1/(1 - a_1 z/(1 - a_2 z/(1 - ...))): its convergents grow, with rho_(k+1) = a z (1 + rho_k)/(1 - a z (1 + rho_k)).
    let (mut sum, mut term, mut rho) = (1.0, 1.0, 0.0);
    for k in 0..20_000_000_u32 {
        let m = f64::from(k / 2);
        let a = if k % 2 == 0 {
            // a_(2m+1) = (b + m)(c - 1 + m)/((c + 2m - 1)(c + 2m)), with a = 1 in the first place.
            (b + m) * (c - 1.0 + m) / ((c + 2.0 * m - 1.0) * (c + 2.0 * m))
        } else {
            // a_(2m+2) = (m + 1)(c - b + m)/((c + 2m)(c + 2m + 1)).
            (m + 1.0) * (c - b + m) / ((c + 2.0 * m) * (c + 2.0 * m + 1.0))
        };
        let part = a * z * (1.0 + rho);
        rho = part / (1.0 - part);
        term *= rho;
        sum += term;
        if term < 1e-17 * sum {
            break;
        }
    }
    sum
}
