//! The probability of exactly so many repeat purchases within a time, under each model.

use libm::{exp, expm1, log, log1p};

use super::bg_bb::{BgBbParams, Factors, MOST};
use super::bg_nbd::BgNbdParams;
use super::fitted::{Fitted, Model};
use super::log_concave::{LogConcave, Panels};
use super::mbg_nbd::MbgNbdParams;
use super::nbd::NbdParams;
use super::params::Params;
use super::pareto_nbd::ParetoNbdParams;
use super::special::ln_rising;

/// Parameters that know how often a new customer buys.
pub trait CountDistribution: Params {
    /// The probability of exactly `count` repeat purchases within `periods` of the first; NaN for a time that is negative or not finite.
    fn probability_of_count(&self, count: u32, periods: f64) -> f64;
}

impl<M: Model> Fitted<M>
where
    M::Params: CountDistribution,
{
    /// The probability that a new customer makes exactly `count` repeat purchases within `periods` of the first: the expected frequency histogram.
    ///
    /// ```
    /// use wayfare::lifetime::{BgNbd, BgNbdParams};
    /// let model = BgNbd::from_params(BgNbdParams { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 })?;
    /// let sum: f64 = (0..200).map(|count| model.probability_of_count(count, 39.0)).sum();
    /// assert!((model.probability_of_count(0, 39.0) - 0.573_786_352_096_009_4).abs() < 1e-12);
    /// assert!((sum - 1.0).abs() < 1e-9);
    /// # Ok::<(), wayfare::Error>(())
    /// ```
    #[must_use]
    pub fn probability_of_count(&self, count: u32, periods: f64) -> f64 {
        self.params().probability_of_count(count, periods)
    }
}

/// Before and at time zero there is no repeat purchase.
fn at_the_start(count: u32, periods: f64) -> Option<f64> {
    match periods {
        0.0 => Some(if count == 0 { 1.0 } else { 0.0 }),
        _ if periods > 0.0 && periods.is_finite() => None,
        _ => Some(f64::NAN),
    }
}

impl CountDistribution for NbdParams {
    fn probability_of_count(&self, count: u32, periods: f64) -> f64 {
        at_the_start(count, periods).unwrap_or_else(|| Alive::new(self.r, self.alpha, count, periods).mass())
    }
}

impl CountDistribution for BgNbdParams {
    /// Fader, Hardie, Lee 2005, equation 8.
    fn probability_of_count(&self, count: u32, periods: f64) -> f64 {
        at_the_start(count, periods).unwrap_or_else(|| {
            let alive = Alive::new(self.r, self.alpha, count, periods);
            let (stayed, left) = chances(self.a, self.b, count);
            stayed * alive.mass() + left * alive.tail()
        })
    }
}

impl CountDistribution for MbgNbdParams {
    /// Batislam, Denizel, Filiztekin 2007: as BG/NBD, with a chance to drop out right after the first purchase.
    fn probability_of_count(&self, count: u32, periods: f64) -> f64 {
        at_the_start(count, periods).unwrap_or_else(|| {
            let alive = Alive::new(self.r, self.alpha, count, periods);
            let (stayed, left) = chances(self.a, self.b, count.saturating_add(1));
            stayed * alive.mass() + left * alive.tail()
        })
    }
}

impl CountDistribution for ParetoNbdParams {
    /// Fader, Hardie 2006, "Deriving an expression for P(X(t) = x) under the Pareto/NBD model", before the integral over the time of dropping out is
    /// written with 2F1.
    fn probability_of_count(&self, count: u32, periods: f64) -> f64 {
        at_the_start(count, periods).unwrap_or_else(|| {
            let alive = exp(Alive::new(self.r, self.alpha, count, periods).log_mass - self.s * log1p(periods / self.beta));
            let leaving = Leaving { params: self, n: f64::from(count), unit: self.alpha.min(self.beta) };
            let panels = Panels::new(&leaving, log1p(periods / leaving.unit));
            let constant = ln_rising(self.r, count) - ln_rising(1.0, count) + log(self.s * leaving.unit / self.beta);
            alive + exp(constant + panels.log_integral(&leaving))
        })
    }
}

impl CountDistribution for BgBbParams {
    /// Fader, Hardie, Shang 2010, equation 8; `periods` counts the opportunities that fall into it whole.
    fn probability_of_count(&self, count: u32, periods: f64) -> f64 {
        if !(0.0..=f64::from(MOST)).contains(&periods) {
            return f64::NAN;
        }
        let n = periods as u32;
        if count > n {
            return 0.0;
        }
        let factors = Factors::new(self, n);
        let choose = |m: u32| ln_rising(f64::from(m - count + 1), count) - ln_rising(1.0, count);
        let alive = exp(choose(n) + factors.log_buying(count, n) + factors.log_alive(n));
        alive + (count..n).map(|m| exp(choose(m) + factors.log_buying(count, m) + factors.log_dead(m))).sum::<f64>()
    }
}

/// Purchases of someone who stays alive: a negative binomial with r and z = t/(alpha + t).
struct Alive {
    r: f64,
    n: u32,
    z: f64,
    /// 1 - z.
    rest: f64,
    log_mass: f64,
}

impl Alive {
    fn new(r: f64, alpha: f64, n: u32, t: f64) -> Self {
        let (z, rest) = (t / (alpha + t), alpha / (alpha + t));
        let purchases = if n > 0 { f64::from(n) * -log1p(alpha / t) } else { 0.0 };
        let log_mass = ln_rising(r, n) - ln_rising(1.0, n) - r * log1p(t / alpha) + purchases;
        Self { r, n, z, rest, log_mass }
    }

    fn mass(&self) -> f64 {
        exp(self.log_mass)
    }

    /// The probability of n or more, the regularised incomplete beta function I_z(n, r).
    fn tail(&self) -> f64 {
        let (n, r) = (f64::from(self.n), self.r);
        match self.n {
            0 => 1.0,
            _ if self.z < (n + 1.0) / (n + r + 2.0) => self.mass() * beta_fraction(n, r, self.z),
            // The lower tail: z^n (1 - z)^r/(r B(n, r)) is the mass times n/r.
            _ => 1.0 - self.mass() * n / r * beta_fraction(r, n, self.rest),
        }
    }
}

/// The continued fraction of a B(a, b) I_z(a, b)/(z^a (1 - z)^b) (DLMF 8.17.22), by Lentz's algorithm.
fn beta_fraction(a: f64, b: f64, z: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut c, mut d) = (1.0, 1.0 / guard(1.0 - (a + b) * z / (a + 1.0)));
    let mut fraction = d;
    for step in 1..100_000_u32 {
        let m = f64::from(step);
        let even = m * (b - m) * z / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * z / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

/// The probability of staying through n chances to leave, B(a, b + n)/B(a, b), and of leaving at the n-th; 1 and 0 for no chance.
fn chances(a: f64, b: f64, n: u32) -> (f64, f64) {
    if n == 0 {
        return (1.0, 0.0);
    }
    let before = exp(ln_rising(b, n - 1) - ln_rising(a + b, n - 1));
    let last = f64::from(n) - 1.0;
    (before * (b + last) / (a + b + last), before * a / (a + b + last))
}

/// The integrand over y = ln(1 + u/m), m = min(alpha, beta): of n purchases until u, and of leaving at u.
struct Leaving<'a> {
    params: &'a ParetoNbdParams,
    n: f64,
    unit: f64,
}

impl LogConcave for Leaving<'_> {
    fn log_height(&self, y: f64) -> f64 {
        let ParetoNbdParams { r, alpha, s, beta } = *self.params;
        let u = self.unit * expm1(y);
        let purchases = if self.n > 0.0 { self.n * -log1p(alpha / u) } else { 0.0 };
        y + purchases - r * log1p(u / alpha) - (s + 1.0) * log1p(u / beta)
    }

    fn slope(&self, y: f64) -> f64 {
        let ParetoNbdParams { r, alpha, s, beta } = *self.params;
        let (u, grown) = (self.unit * expm1(y), self.unit * exp(y));
        let purchases = if self.n > 0.0 { self.n * alpha / (u * (alpha + u)) } else { 0.0 };
        1.0 + (purchases - r / (alpha + u) - (s + 1.0) / (beta + u)) * grown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::lifetime::{BgBb, BgNbd, MbgNbd, Nbd, ParetoNbd};

    // Each from its definition with mpmath 1.3 at 30 digits: a quadrature for Pareto/NBD, the incomplete beta function for BG/NBD and MBG/NBD, binomials
    // and beta functions for BG/BB.
    #[test]
    fn counts_are_as_probable_as_mpmath_says() {
        let pareto = ParetoNbdParams { r: 0.55, alpha: 10.5, s: 0.6, beta: 11.6 };
        let bg = BgNbdParams { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
        let mbg = MbgNbdParams { r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 };
        let bb = BgBbParams { alpha: 1.204, beta: 0.75, gamma: 0.657, delta: 2.783 };
        let truths = [
            (0, [0.593_181_710_314_788_8, 0.573_786_352_096_009_4, 0.582_473_189_493_289, 0.287_299_696_178_475_84]),
            (1, [0.165_323_685_730_743_32, 0.199_395_280_835_911_46, 0.182_783_077_287_540_5, 0.139_829_422_836_258_8]),
            (2, [0.082_465_562_260_205_28, 0.085_429_759_539_060_76, 0.086_894_825_673_490_52, 0.086_015_146_946_813_63]),
            (10, [0.004_236_830_109_943_704, 0.003_590_429_540_189_673_4, 0.003_626_187_795_290_027_7, 0.014_044_507_989_626_049]),
            (100, [6.195_068_018_620_304e-13, 5.534_090_538_590_004e-9, 2.425_282_479_168_056e-10, 0.000_483_437_983_829_312_9]),
        ];
        for (count, truth) in truths {
            let found = [
                pareto.probability_of_count(count, 39.0),
                bg.probability_of_count(count, 39.0),
                mbg.probability_of_count(count, 39.0),
                bb.probability_of_count(count, 300.0),
            ];
            for (found, truth) in found.iter().zip(truth) {
                assert!((found / truth - 1.0).abs() < 1e-12, "{count}: {found} {truth}");
            }
        }
    }

    #[test]
    fn probabilities_add_up_and_their_mean_is_what_is_expected() -> crate::Result<()> {
        fn hold<M: Model>(model: &Fitted<M>, periods: f64)
        where
            M::Params: CountDistribution + crate::insight::lifetime::Transactions,
        {
            let masses: Vec<f64> = (0..3000).map(|count| model.probability_of_count(count, periods)).collect();
            let mean: f64 = masses.iter().zip(0_u32..).map(|(mass, count)| mass * f64::from(count)).sum();
            assert!((masses.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{}", M::NAME);
            assert!((mean / model.expected_transactions(periods) - 1.0).abs() < 1e-10, "{} {mean}", M::NAME);
        }
        for periods in [1.0, 39.0, 300.0] {
            hold(&ParetoNbd::from_params(ParetoNbdParams { r: 0.55, alpha: 10.5, s: 0.6, beta: 11.6 })?, periods);
            hold(&BgNbd::from_params(BgNbdParams { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 })?, periods);
            hold(&MbgNbd::from_params(MbgNbdParams { r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 })?, periods);
            hold(&Nbd::from_params(NbdParams { r: 0.385, alpha: 12.07 })?, periods);
            hold(&BgBb::from_params(BgBbParams { alpha: 1.204, beta: 0.75, gamma: 0.657, delta: 2.783 })?, periods);
        }
        Ok(())
    }
}
