//! The likelihood of a customer factors into how fast they buy and when they drop out; each part has a general form and its limits.
//!
//! With n chances to drop out, x purchases, the last at t, observed until T:
//!
//! ```text
//! L = P(x purchases, T) P(no dropout in n chances) (1 + e^u),   u = ln P(dropout at the last chance)/P(none) + ln P(x, t)/P(x, T)
//! ```
//!
//! Both parts give their sum over the customers and their part of u, with first and second derivatives by the coordinates of the optimiser.

use super::grouped::{Grouped, Tail};
use crate::insight::lifetime::special::{NEAR, digamma_difference, ln_gamma_ratio, trigamma};

/// A number with its derivatives by two coordinates: the second derivatives are 00, 01, 11.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Jet {
    pub(crate) value: f64,
    pub(crate) first: [f64; 2],
    pub(crate) second: [f64; 3],
}

/// How fast customers buy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Rate {
    /// Rates are gamma distributed: r, alpha.
    Gamma { r: f64, alpha: f64 },
    /// One rate for all (r, alpha -> infinity).
    One { rate: f64 },
}

/// When customers drop out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Dropout {
    /// Probabilities are beta distributed: a, b.
    Beta { a: f64, b: f64 },
    /// One probability for all (a, b -> infinity).
    One { logit: f64 },
    /// A share drops out at the first chance, the others never (a, b -> 0).
    FirstOrNever { logit: f64 },
    /// Nobody drops out (a -> 0).
    Never,
    /// All drop out at the first chance (b -> 0).
    First,
}

impl Rate {
    pub(crate) const fn dimensions(self) -> usize {
        match self {
            Self::Gamma { .. } => 2,
            Self::One { .. } => 1,
        }
    }

    /// The same form elsewhere.
    pub(crate) fn at(self, point: &[f64]) -> Self {
        let mut point = point.iter().map(|at| libm::exp(*at));
        let mut next = || point.next().unwrap_or(f64::NAN);
        match self {
            Self::Gamma { .. } => Self::Gamma { r: next(), alpha: next() },
            Self::One { .. } => Self::One { rate: next() },
        }
    }

    /// The sum over the customers of ln P(x purchases, T).
    pub(crate) fn total(self, data: &Grouped) -> Jet {
        match self {
            Self::Gamma { r, alpha } => {
                let mut natural = rising(&data.purchases, r); // by r; by alpha below
                let logarithm = libm::log(alpha);
                let (mut by_alpha, mut mixed, mut by_alpha_twice) = (0.0, 0.0, 0.0);
                for age in &data.ages {
                    let sum = alpha + age.age;
                    let inverse = 1.0 / sum;
                    let share = age.age * inverse / alpha;
                    let growth = libm::log1p(age.age / alpha);
                    natural.value -= (r * age.customers + age.purchases) * growth + age.purchases * logarithm;
                    natural.first[0] -= age.customers * growth;
                    by_alpha += r * age.customers * share - age.purchases * inverse;
                    mixed += age.customers * share;
                    by_alpha_twice += age.purchases * inverse * inverse - r * age.customers * share * (1.0 / alpha + inverse);
                }
                natural.first[1] = by_alpha;
                natural.second[1] = mixed;
                natural.second[2] = by_alpha_twice;
                logarithmic(natural, [r, alpha])
            }
            Self::One { rate } => {
                let (purchases, age) = (data.total_purchases(), data.total_age());
                Jet {
                    value: purchases * libm::log(rate) - rate * age,
                    first: [purchases - rate * age, 0.0],
                    second: [-rate * age, 0.0, 0.0],
                }
            }
        }
    }
}

/// The recurring terms of u by distinct time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Time {
    time: f64,
    /// ln(1 + time/alpha): its differences stay exact as alpha grows without end.
    growth: f64,
    inverse: f64,
}

impl Rate {
    pub(crate) fn time(self, time: f64) -> Time {
        match self {
            Self::Gamma { alpha, .. } => Time { time, growth: libm::log1p(time / alpha), inverse: 1.0 / (alpha + time) },
            Self::One { .. } => Time { time, growth: 0.0, inverse: 0.0 },
        }
    }

    /// ln P(x, t)/P(x, T).
    #[inline]
    pub(crate) fn ratio(self, frequency: f64, recency: &Time, age: &Time) -> Jet {
        match self {
            Self::Gamma { r, alpha } => {
                let shape = r + frequency;
                let logarithm = age.growth - recency.growth;
                let slope = (recency.time - age.time) * age.inverse * recency.inverse;
                let by_alpha = alpha * shape * slope;
                Jet {
                    value: shape * logarithm,
                    first: [r * logarithm, by_alpha],
                    second: [r * logarithm, r * alpha * slope, by_alpha - alpha * by_alpha * (age.inverse + recency.inverse)],
                }
            }
            Self::One { rate } => {
                let value = rate * (age.time - recency.time);
                Jet { value, first: [value, 0.0], second: [value, 0.0, 0.0] }
            }
        }
    }
}

impl Dropout {
    pub(crate) const fn dimensions(self) -> usize {
        match self {
            Self::Beta { .. } => 2,
            Self::One { .. } | Self::FirstOrNever { .. } => 1,
            Self::Never | Self::First => 0,
        }
    }

    pub(crate) fn at(self, point: &[f64]) -> Self {
        let mut point = point.iter().copied();
        let mut next = || point.next().unwrap_or(f64::NAN);
        match self {
            Self::Beta { .. } => Self::Beta { a: libm::exp(next()), b: libm::exp(next()) },
            Self::One { .. } => Self::One { logit: next() },
            Self::FirstOrNever { .. } => Self::FirstOrNever { logit: next() },
            Self::Never | Self::First => self,
        }
    }

    /// The sum over the customers of ln P(no dropout in n chances).
    pub(crate) fn total(self, data: &Grouped) -> Jet {
        let chances = &data.chances;
        match self {
            Self::Beta { a, b } => beta_total(chances, a, b),
            Self::One { logit } => {
                let far: f64 = chances.far.iter().map(|(number, weight)| weight * f64::from(number - NEAR)).sum();
                bernoulli(chances.above.iter().sum::<f64>() + far, logit)
            }
            Self::FirstOrNever { logit } => bernoulli(chances.above.first().copied().unwrap_or(0.0), logit),
            Self::Never | Self::First => Jet::default(),
        }
    }

    /// ln P(dropout at the n-th chance)/P(none in n), if it can be.
    pub(crate) fn ratio(self, chances: u32) -> Option<Jet> {
        match self {
            Self::Beta { a, b } => {
                let before = f64::from(chances) - 1.0;
                let share = b / (b + before);
                Some(Jet {
                    value: libm::log(a) - libm::log(b + before),
                    first: [1.0, -share],
                    second: [0.0, 0.0, -share * before / (b + before)],
                })
            }
            Self::One { logit } => Some(Jet { value: logit, first: [1.0, 0.0], second: [0.0; 3] }),
            Self::FirstOrNever { logit } => (chances == 1).then_some(Jet { value: logit, first: [1.0, 0.0], second: [0.0; 3] }),
            Self::Never => None,
            Self::First => (chances == 1).then_some(Jet::default()),
        }
    }
}

/// The sum of n ln(1 - p) by the logit of p.
fn bernoulli(number: f64, logit: f64) -> Jet {
    let (value, share) = softplus(logit);
    Jet { value: -number * value, first: [-number * share, 0.0], second: [-number * share * (1.0 - share), 0.0, 0.0] }
}

/// ln(1 + e^u), and its derivative.
#[inline]
pub(crate) fn softplus(u: f64) -> (f64, f64) {
    let small = libm::exp(-u.abs());
    let share = 1.0 / (1.0 + small);
    let beside = libm::log1p(small);
    if u > 0.0 { (u + beside, share) } else { (beside, small * share) }
}

/// The sum of ln Gamma(r + x) - ln Gamma(r) and its derivatives by r (in the places of the first coordinate).
pub(crate) fn rising(tail: &Tail, r: f64) -> Jet {
    let mut jet = Jet::default();
    for (i, weight) in tail.above.iter().enumerate() {
        let term = r + i as f64;
        let inverse = 1.0 / term;
        jet.value += weight * libm::log(term);
        jet.first[0] += weight * inverse;
        jet.second[0] -= weight * inverse * inverse;
    }
    let begin = r + f64::from(NEAR);
    for (number, weight) in &tail.far {
        let steps = f64::from(number - NEAR);
        jet.value += weight * ln_gamma_ratio(begin, steps);
        jet.first[0] += weight * digamma_difference(begin, steps);
        jet.second[0] += weight * (trigamma(begin + steps) - trigamma(begin));
    }
    jet
}

/// The sum of ln B(a, b + n)/B(a, b).
fn beta_total(tail: &Tail, a: f64, b: f64) -> Jet {
    let mut jet = Jet::default();
    for (i, weight) in tail.above.iter().enumerate() {
        let failing = b + i as f64;
        let both = 1.0 / (a + failing);
        let one = 1.0 / failing;
        jet.value -= weight * libm::log1p(a * one);
        jet.first[0] -= weight * both;
        jet.first[1] += weight * a * one * both;
        jet.second[0] += weight * both * both;
        jet.second[1] += weight * both * both;
        jet.second[2] -= weight * a * one * both * (one + both);
    }
    let (lower, upper) = (b + f64::from(NEAR), a + b + f64::from(NEAR));
    for (number, weight) in &tail.far {
        let steps = f64::from(number - NEAR);
        let psi = |begin: f64| digamma_difference(begin, steps);
        let psi_slope = |begin: f64| trigamma(begin + steps) - trigamma(begin);
        jet.value += weight * (ln_gamma_ratio(lower, steps) - ln_gamma_ratio(upper, steps));
        jet.first[0] -= weight * psi(upper);
        jet.first[1] += weight * (psi(lower) - psi(upper));
        jet.second[0] -= weight * psi_slope(upper);
        jet.second[1] -= weight * psi_slope(upper);
        jet.second[2] += weight * (psi_slope(lower) - psi_slope(upper));
    }
    logarithmic(jet, [a, b])
}

/// The chain rule from parameters to their logarithms.
fn logarithmic(natural: Jet, [one, two]: [f64; 2]) -> Jet {
    let first = [one * natural.first[0], two * natural.first[1]];
    let second = [one * one * natural.second[0] + first[0], one * two * natural.second[1], two * two * natural.second[2] + first[1]];
    Jet { value: natural.value, first, second }
}
