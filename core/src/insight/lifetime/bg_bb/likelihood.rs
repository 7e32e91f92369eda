//! The likelihood of one history of opportunities under the BG/BB, with its derivatives.
//!
//! ```text
//! L = B(alpha + x, beta + n - x)/B(alpha, beta) B(gamma, delta + n)/B(gamma, delta)                                alive at n
//!   + Sum_(m = t_x)^(n - 1) B(alpha + x, beta + m - x)/B(alpha, beta) B(gamma + 1, delta + m)/B(gamma, delta)      dead after m
//! ```
//! (Fader, Hardie, Shang 2010, equation 5.) As x, m and n are integers every ratio is a product of terms like alpha + i, so that sums of
//! their logarithms and reciprocals give L, the gradient and the Hessian without a special function.

use libm::{exp, log};

use crate::insight::lifetime::fit::derivatives::Derivatives;

use super::BgBbParams;
use super::history::History;

/// ln of the rising factorial p (p + 1) ... (p + k - 1), with its first and second derivative by p, for k = 0, 1, ...
#[derive(Debug)]
struct Rising(Vec<[f64; 3]>);

impl Rising {
    fn new(start: f64, most: u32) -> Self {
        let mut sums = Vec::with_capacity(most as usize + 1);
        let mut sum = [0.0; 3];
        sums.push(sum);
        for k in 0..most {
            let term = start + f64::from(k);
            let per = 1.0 / term;
            sum = [sum[0] + log(term), sum[1] + per, sum[2] - per * per];
            sums.push(sum);
        }
        Self(sums)
    }

    fn at(&self, k: u32) -> [f64; 3] {
        self.0.get(k as usize).copied().unwrap_or([f64::NAN; 3])
    }
}

/// All that the terms of L need at one set of parameters, for histories of up to `most` opportunities.
#[derive(Debug)]
pub(crate) struct Factors {
    params: BgBbParams,
    alpha: Rising,
    beta: Rising,
    both: Rising,
    gamma_and_delta: Rising,
    delta: Rising,
}

impl Factors {
    pub(crate) fn new(params: &BgBbParams, most: u32) -> Self {
        Self {
            params: *params,
            alpha: Rising::new(params.alpha, most),
            beta: Rising::new(params.beta, most),
            both: Rising::new(params.alpha + params.beta, most),
            gamma_and_delta: Rising::new(params.gamma + params.delta, most + 1),
            delta: Rising::new(params.delta, most),
        }
    }

    /// ln B(alpha + x, beta + m - x)/B(alpha, beta).
    pub(crate) fn log_buying(&self, x: u32, m: u32) -> f64 {
        self.alpha.at(x)[0] + self.beta.at(m - x)[0] - self.both.at(m)[0]
    }

    /// ln B(gamma, delta + n)/B(gamma, delta).
    pub(crate) fn log_alive(&self, n: u32) -> f64 {
        self.delta.at(n)[0] - self.gamma_and_delta.at(n)[0]
    }

    /// ln B(gamma + 1, delta + m)/B(gamma, delta).
    pub(crate) fn log_dead(&self, m: u32) -> f64 {
        log(self.params.gamma) + self.delta.at(m)[0] - self.gamma_and_delta.at(m + 1)[0]
    }

    /// ln of the terms of L: that of the living first.
    fn log_terms(&self, History { x, t_x, n }: History) -> impl Iterator<Item = f64> + Clone + '_ {
        let alive = self.log_buying(x, n) + self.log_alive(n);
        std::iter::once(alive).chain((t_x..n).map(move |m| self.log_buying(x, m) + self.log_dead(m)))
    }

    /// ln L.
    pub(crate) fn log_likelihood(&self, history: History) -> f64 {
        log_sum(self.log_terms(history))
    }

    /// The probability of being alive at the opportunity n (P(alive) of the literature is that of n + 1).
    pub(crate) fn probability_alive_at_last(&self, history: History) -> f64 {
        let terms = self.log_terms(history);
        terms.clone().next().map_or(f64::NAN, |alive| exp(alive - log_sum(terms)))
    }

    /// ln L with its derivatives.
    pub(crate) fn derivatives(&self, History { x, t_x, n }: History) -> Derivatives {
        let mut sums = Sums { top: f64::NEG_INFINITY, ..Sums::default() };
        sums.add(self.term(x, n, n, false));
        (t_x..n).for_each(|m| sums.add(self.term(x, m, m + 1, true)));
        sums.derivatives()
    }

    /// ln of a term and its derivatives by the parameters: `tries` opportunities to buy, `chances` to leave.
    fn term(&self, x: u32, tries: u32, chances: u32, dead: bool) -> Term {
        let [a, b, ab] = [self.alpha.at(x), self.beta.at(tries - x), self.both.at(tries)];
        let [d, gd] = [self.delta.at(tries), self.gamma_and_delta.at(chances)];
        let gamma = self.params.gamma;
        let (left, slope, bend) = if dead { (log(gamma), 1.0 / gamma, -1.0 / (gamma * gamma)) } else { (0.0, 0.0, 0.0) };
        let BgBbParams { alpha, beta, delta, .. } = self.params;
        let gradient = [alpha * (a[1] - ab[1]), beta * (b[1] - ab[1]), gamma * (slope - gd[1]), delta * (d[1] - gd[1])];
        Term {
            value: a[0] + b[0] - ab[0] + left + d[0] - gd[0],
            gradient,
            second: [
                gradient[0] + alpha * alpha * (a[2] - ab[2]),
                -alpha * beta * ab[2],
                gradient[1] + beta * beta * (b[2] - ab[2]),
                gradient[2] + gamma * gamma * (bend - gd[2]),
                -gamma * delta * gd[2],
                gradient[3] + delta * delta * (d[2] - gd[2]),
            ],
        }
    }
}

fn log_sum(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let top = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    top + log(terms.map(|term| exp(term - top)).sum::<f64>())
}

/// ln of a term of L and its derivatives by the logarithms of the parameters; of the second ones those that are not zero: alpha alpha,
/// alpha beta, beta beta, gamma gamma, gamma delta, delta delta.
struct Term {
    value: f64,
    gradient: [f64; 4],
    second: [f64; 6],
}

/// Weighted sums over the terms, in units of e^top.
#[derive(Default)]
struct Sums {
    top: f64,
    weight: f64,
    gradient: [f64; 4],
    outer: [[f64; 4]; 4],
    second: [f64; 6],
}

impl Sums {
    fn add(&mut self, term: Term) {
        if term.value > self.top {
            let by = exp(self.top - term.value);
            self.top = term.value;
            self.weight *= by;
            let sums = self.gradient.iter_mut().chain(self.outer.as_flattened_mut()).chain(&mut self.second);
            sums.for_each(|sum| *sum *= by);
        }
        let weight = exp(term.value - self.top);
        self.weight += weight;
        for ((sum, row), slope) in self.gradient.iter_mut().zip(&mut self.outer).zip(term.gradient) {
            *sum += weight * slope;
            row.iter_mut().zip(term.gradient).for_each(|(sum, other)| *sum += weight * slope * other);
        }
        self.second.iter_mut().zip(term.second).for_each(|(sum, second)| *sum += weight * second);
    }

    fn derivatives(&self) -> Derivatives {
        let per = 1.0 / self.weight;
        let gradient = self.gradient.map(|sum| sum * per);
        let [aa, ab, bb, gg, gd, dd] = self.second.map(|sum| sum * per);
        let mean = [[aa, ab, 0.0, 0.0], [ab, bb, 0.0, 0.0], [0.0, 0.0, gg, gd], [0.0, 0.0, gd, dd]];
        let mut hessian = self.outer.map(|row| row.map(|sum| sum * per));
        for ((row, mean), slope) in hessian.iter_mut().zip(mean).zip(gradient) {
            for ((entry, mean), other) in row.iter_mut().zip(mean).zip(gradient) {
                *entry += mean - slope * other;
            }
        }
        Derivatives { value: self.top + log(self.weight), gradient, hessian }
    }
}
