//! Purchases to come of a customer who is alive: H(t) = E[(1 - (1 + p t/alpha)^-r)/p] over p ~ Beta(a, b), and the same discounted.
//!
//! Two ways, both measured against 50-digit arithmetic:
//! - near: with eps = a - 1, c = a + b - 1, z = t/(alpha + t), Euler's transformation of the published 2F1 (Fader, Hardie and Lee 2005, equation 10), with
//!   the 1 of its series taken out: `H = c [-expm1(eps ln(1 - z))/eps - (1 - z)^eps sum_{n >= 1} (eps + 1)_{n-1} (c - r)_n/((c)_n n!) z^n]`. It goes
//!   through a = 1, and through thousands of purchases.
//! - else: the expectation itself, see [`average`].

use super::average::average;
use super::exponential_integral::scaled_exponential_integral;

/// A customer who is alive: rates are Gamma(r, alpha), dropouts Beta(a, b), given what they bought.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Alive {
    pub(crate) r: f64,
    pub(crate) alpha: f64,
    pub(crate) a: f64,
    pub(crate) b: f64,
}

/// Beyond this z the series takes more than a hundred terms.
const NEAR: f64 = 0.8;
const MOST_TERMS: u32 = 400;
/// Relative to what is summed: a difference this small has lost too many digits.
const CANCELLED: f64 = 0.02;

impl Alive {
    /// Purchases to expect within `time`.
    pub(crate) fn expected(&self, time: f64) -> f64 {
        if time == 0.0 {
            return 0.0;
        }
        self.near(time).unwrap_or_else(|| self.far(time / self.alpha))
    }

    /// All purchases to come, discounted continuously: the integral of e^(-rate t) H'(t), which for one p is r/p e^y E_{r+1}(y) with y = rate alpha/p
    /// (E the generalized exponential integral). At a rate of 0 it is the limit, finite for a above 1.
    pub(crate) fn discounted(&self, rate: f64) -> f64 {
        let scaled = rate * self.alpha;
        if scaled == 0.0 {
            return if self.a > 1.0 { (self.a + self.b - 1.0) / (self.a - 1.0) } else { f64::INFINITY };
        }
        average(self.a, self.b, self.r, scaled / (self.r + 1.0), |p| self.r / p * scaled_exponential_integral(self.r + 1.0, scaled / p))
    }

    /// The expectation of what is expected for each p.
    fn far(&self, time: f64) -> f64 {
        average(self.a, self.b, self.r, 1.0 / (time * (self.r + 1.0)), |p| -libm::expm1(-self.r * libm::log1p(p * time)) / p)
    }

    fn near(&self, time: f64) -> Option<f64> {
        let z = time / (self.alpha + time);
        let eps = self.a - 1.0;
        let logarithm = libm::log1p(-z);
        if z > NEAR || eps * -logarithm > 5.0 {
            return None;
        }
        let c = eps + self.b;
        let d = c - self.r;
        let mut term = d / c * z;
        let mut sum = term;
        let mut most = term.abs();
        let mut n = 1.0;
        for _ in 0..MOST_TERMS {
            term *= (eps + n) * (d + n) / ((c + n) * (n + 1.0)) * z;
            sum += term;
            most = most.max(term.abs());
            n += 1.0;
            if term.abs() <= 1e-17 * sum.abs() {
                let power = libm::exp(eps * logarithm);
                let whole = if eps.abs() < 1e-300 { -logarithm } else { -libm::expm1(eps * logarithm) / eps };
                let found = whole - power * sum;
                let sound = found > CANCELLED * whole.abs().max(power * most) && c > 0.01;
                return sound.then_some(c * found);
            }
        }
        None
    }
}
