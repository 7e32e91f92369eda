//! The likelihood of one purchase history under the Pareto/NBD, with its derivatives.
//!
//! ```text
//! L = G(r + x)/G(r) alpha^r beta^s { (alpha + T)^-(r + x) (beta + T)^-s                                   alive at T
//!                                   + s Int_tx^T (alpha + u)^-(r + x) (beta + u)^-(s + 1) du }             dead at u
//! ```
//! (Schmittlein, Morrison, Colombo 1987, equation A22 before the integral is written with 2F1.) Both terms are positive. The integral
//! is taken in y = ln((m + u)/(m + t_x)), m = min(alpha, beta), in which the logarithm of the integrand is concave.
//!
//! Derivatives are taken under the integral sign, with respect to the logarithms of the parameters: L is a sum of exp(v_k), hence the
//! gradient of ln L is the mean of the gradients of v_k under the weights exp(v_k), and the Hessian the mean of the Hessians plus the
//! covariance of the gradients.

use libm::{exp, expm1, log, log1p};

use crate::insight::lifetime::fit::derivatives::Derivatives;
use crate::insight::lifetime::log_concave::{LogConcave, Panels};
use crate::insight::lifetime::purchases::Purchases;

use super::ParetoNbdParams;

/// ln of the two terms, from the likelihood without G(r + x)/G(r).
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogTerms {
    pub(crate) alive: f64,
    pub(crate) dead: f64,
}

impl LogTerms {
    pub(crate) fn new(params: &ParetoNbdParams, row: &Purchases) -> Self {
        let death = Death::new(params, f64::from(row.frequency), row.recency);
        let base = death.log_base();
        let dead = match death.panels(row.age) {
            Some(panels) => base + log(params.s * death.start / (params.beta + row.recency)) + panels.log_integral(&death),
            None => f64::NEG_INFINITY,
        };
        Self { alive: base + death.log_alive(row.age), dead }
    }

    /// ln(e^alive + e^dead).
    pub(crate) fn log_sum(&self) -> f64 {
        let (high, low) = if self.alive >= self.dead { (self.alive, self.dead) } else { (self.dead, self.alive) };
        high + log1p(exp(low - high))
    }

    pub(crate) fn probability_alive(&self) -> f64 {
        1.0 / (1.0 + exp(self.dead - self.alive))
    }
}

/// ln L with its derivatives by (ln r, ln alpha, ln s, ln beta); the factor G(r + x)/G(r), which needs x only, is left to the caller.
pub(crate) fn derivatives(params: &ParetoNbdParams, x: f64, recency: f64, age: f64) -> Derivatives {
    let death = Death::new(params, x, recency);
    let mut moments = Moments::default();
    let mut dead_scale = f64::NEG_INFINITY;
    if let Some(panels) = death.panels(age) {
        dead_scale = panels.log_peak + log(params.s * death.start / (params.beta + recency));
        for (y, weight) in panels.nodes() {
            let grown = expm1(y);
            let (log_alpha, log_beta) = death.log_growth(y, grown);
            let height = y - death.purchases * log_alpha - (params.s + 1.0) * log_beta;
            let point = Point::new(params, recency + death.start * grown, death.alpha_base + log_alpha, death.beta_base + log_beta);
            moments.add(weight * exp(height - panels.log_peak), &point.dead(params, x));
        }
    }
    let alive = death.log_alive(age);
    let scale = alive.max(if moments.weight > 0.0 { dead_scale + log(moments.weight) } else { f64::NEG_INFINITY });
    moments.scale(exp(dead_scale - scale));
    moments.add(exp(alive - scale), &Point::new(params, age, log1p(age / params.alpha), log1p(age / params.beta)).alive(params, x));
    moments.derivatives(death.log_base() + scale)
}

/// The integrand of the dead term over u, relative to its value at t_x.
struct Death<'a> {
    params: &'a ParetoNbdParams,
    x: f64,
    purchases: f64,
    recency: f64,
    /// m + t_x.
    start: f64,
    /// (m + t_x) / (M + t_x), M the larger of alpha and beta.
    ratio: f64,
    alpha_is_less: bool,
    alpha_base: f64,
    beta_base: f64,
}

impl<'a> Death<'a> {
    fn new(params: &'a ParetoNbdParams, x: f64, recency: f64) -> Self {
        let alpha_is_less = params.alpha <= params.beta;
        let (less, more) = if alpha_is_less { (params.alpha, params.beta) } else { (params.beta, params.alpha) };
        Self {
            params,
            x,
            purchases: params.r + x,
            recency,
            start: less + recency,
            ratio: (less + recency) / (more + recency),
            alpha_is_less,
            alpha_base: log1p(recency / params.alpha),
            beta_base: log1p(recency / params.beta),
        }
    }

    /// r ln(alpha) + s ln(beta) - (r + x) ln(alpha + t_x) - s ln(beta + t_x).
    fn log_base(&self) -> f64 {
        let purchases = if self.x > 0.0 { self.x * log(self.params.alpha + self.recency) } else { 0.0 };
        -self.params.r * self.alpha_base - self.params.s * self.beta_base - purchases
    }

    fn log_alive(&self, age: f64) -> f64 {
        let rest = age - self.recency;
        -self.purchases * log1p(rest / (self.params.alpha + self.recency)) - self.params.s * log1p(rest / (self.params.beta + self.recency))
    }

    fn panels(&self, age: f64) -> Option<Panels> {
        let upper = log1p((age - self.recency) / self.start);
        (upper > 0.0).then(|| Panels::new(self, upper))
    }

    /// ln((alpha + u)/(alpha + t_x)) and ln((beta + u)/(beta + t_x)), given e^y - 1.
    fn log_growth(&self, y: f64, grown: f64) -> (f64, f64) {
        let other = log1p(self.ratio * grown);
        if self.alpha_is_less { (y, other) } else { (other, y) }
    }
}

impl LogConcave for Death<'_> {
    fn log_height(&self, y: f64) -> f64 {
        let (alpha, beta) = self.log_growth(y, expm1(y));
        y - self.purchases * alpha - (self.params.s + 1.0) * beta
    }

    fn slope(&self, y: f64) -> f64 {
        let other = self.ratio * exp(y) / (1.0 + self.ratio * expm1(y));
        let (alpha, beta) = if self.alpha_is_less { (1.0, other) } else { (other, 1.0) };
        1.0 - self.purchases * alpha - (self.params.s + 1.0) * beta
    }
}

/// What the derivatives of v need at one instant u.
struct Point {
    /// ln((alpha + u)/alpha), ln((beta + u)/beta).
    log_alpha: f64,
    log_beta: f64,
    /// u/(alpha + u), alpha/(alpha + u), and the same of beta.
    past_alpha: f64,
    part_alpha: f64,
    past_beta: f64,
    part_beta: f64,
}

/// The gradient of v and those second derivatives that are not zero: rr, r alpha, alpha alpha, ss, s beta, beta beta.
struct Jet {
    gradient: [f64; 4],
    second: [f64; 6],
}

impl Point {
    fn new(params: &ParetoNbdParams, u: f64, log_alpha: f64, log_beta: f64) -> Self {
        let (in_alpha, in_beta) = (1.0 / (params.alpha + u), 1.0 / (params.beta + u));
        Self {
            log_alpha,
            log_beta,
            past_alpha: u * in_alpha,
            part_alpha: params.alpha * in_alpha,
            past_beta: u * in_beta,
            part_beta: params.beta * in_beta,
        }
    }

    fn dead(&self, params: &ParetoNbdParams, x: f64) -> Jet {
        let mut jet = self.alive(params, x);
        jet.gradient[2] += 1.0;
        jet.gradient[3] -= self.part_beta;
        jet.second[5] -= self.part_beta * self.past_beta;
        jet
    }

    fn alive(&self, params: &ParetoNbdParams, x: f64) -> Jet {
        let ParetoNbdParams { r, s, .. } = *params;
        let gradient = [-r * self.log_alpha, r * self.past_alpha - x * self.part_alpha, -s * self.log_beta, s * self.past_beta];
        let second = [
            -r * self.log_alpha,
            r * self.past_alpha,
            -(r + x) * self.part_alpha * self.past_alpha,
            -s * self.log_beta,
            s * self.past_beta,
            -s * self.part_beta * self.past_beta,
        ];
        Jet { gradient, second }
    }
}

/// Weighted sums over the terms of L: of one, of the gradients, of the Hessians and of the outer products of the gradients.
#[derive(Default)]
struct Moments {
    weight: f64,
    gradient: [f64; 4],
    second: [f64; 6],
    outer: [f64; 10],
}

impl Moments {
    fn add(&mut self, weight: f64, jet: &Jet) {
        self.weight += weight;
        let [a, b, c, d] = jet.gradient;
        let [wa, wb, wc, wd] = [weight * a, weight * b, weight * c, weight * d];
        for (sum, term) in self.gradient.iter_mut().zip([wa, wb, wc, wd]) {
            *sum += term;
        }
        for (sum, term) in self.second.iter_mut().zip(jet.second) {
            *sum += weight * term;
        }
        let outer = [wa * a, wa * b, wa * c, wa * d, wb * b, wb * c, wb * d, wc * c, wc * d, wd * d];
        for (sum, term) in self.outer.iter_mut().zip(outer) {
            *sum += term;
        }
    }

    fn scale(&mut self, by: f64) {
        self.weight *= by;
        let sums = self.gradient.iter_mut().chain(&mut self.second).chain(&mut self.outer);
        sums.for_each(|sum| *sum *= by);
    }

    fn derivatives(&self, log_scale: f64) -> Derivatives {
        let per = 1.0 / self.weight;
        let gradient = self.gradient.map(|sum| sum * per);
        let [a, b, c, d] = gradient;
        let [rr, ra, aa, ss, sb, bb] = self.second.map(|sum| sum * per);
        let [paa, pab, pac, pad, pbb, pbc, pbd, pcc, pcd, pdd] = self.outer.map(|sum| sum * per);
        let (ab, ac, ad) = (pab - a * b + ra, pac - a * c, pad - a * d);
        let (bc, bd, cd) = (pbc - b * c, pbd - b * d, pcd - c * d + sb);
        Derivatives {
            value: log_scale + log(self.weight),
            gradient,
            hessian: [
                [paa - a * a + rr, ab, ac, ad],
                [ab, pbb - b * b + aa, bc, bd],
                [ac, bc, pcc - c * c + ss, cd],
                [ad, bd, cd, pdd - d * d + bb],
            ],
        }
    }
}
