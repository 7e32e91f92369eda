//! What a Pareto/NBD with known parameters expects of a customer.

use libm::{expm1, log1p};

use crate::insight::lifetime::log_concave::{LogConcave, Panels};
use crate::insight::lifetime::purchases::Purchases;
use crate::insight::lifetime::special::ln_rising;

use super::ParetoNbdParams;
use super::likelihood::LogTerms;

/// ln of the likelihood of a history (Fader, Hardie 2005, "A note on deriving the Pareto/NBD model", equation 19).
pub(crate) fn log_likelihood(params: &ParetoNbdParams, row: &Purchases) -> f64 {
    LogTerms::new(params, row).log_sum() + ln_rising(params.r, row.frequency)
}

pub(crate) fn probability_alive(params: &ParetoNbdParams, row: &Purchases) -> f64 {
    LogTerms::new(params, row).probability_alive()
}

/// E[X(T, T + t) | x, t_x, T] (Fader, Hardie 2005, equation 41): the mean rate of one who is alive, times the mean time that they
/// stay so within t.
pub(crate) fn conditional_expected_transactions(params: &ParetoNbdParams, row: &Purchases, periods: f64) -> f64 {
    let rate = (params.r + f64::from(row.frequency)) / (params.alpha + row.age);
    probability_alive(params, row) * rate * mean_lifetime_within(params.s, params.beta + row.age, periods)
}

/// E[X(t)] of a new customer (Schmittlein, Morrison, Colombo 1987, equation 17).
pub(crate) fn expected_transactions(params: &ParetoNbdParams, periods: f64) -> f64 {
    params.r / params.alpha * mean_lifetime_within(params.s, params.beta, periods)
}

/// Transactions yet to come, each discounted by e^(-delta t) (Fader, Hardie, Lee 2005, "RFM and CLV", equation 6, there with
/// Tricomi's function: U(s, s, z) = z^(1 - s) U(1, 2 - s, z), and w U(1, 2 - s, delta w) = Int e^(-delta t) (1 + t/w)^-s dt).
pub(crate) fn discounted_expected_residual_transactions(params: &ParetoNbdParams, row: &Purchases, delta: f64) -> f64 {
    let rate = (params.r + f64::from(row.frequency)) / (params.alpha + row.age);
    probability_alive(params, row) * rate * discounted_lifetime(params.s, params.beta + row.age, delta)
}

/// Int_0^t (w/(w + v))^s dv: finite for every s, through s = 1.
fn mean_lifetime_within(s: f64, w: f64, periods: f64) -> f64 {
    let growth = log1p(periods / w);
    let excess = 1.0 - s;
    if excess == 0.0 { w * growth } else { w * expm1(excess * growth) / excess }
}

/// Int_0^inf e^(-delta v) (w/(w + v))^s dv.
fn discounted_lifetime(s: f64, w: f64, delta: f64) -> f64 {
    let z = delta * w;
    if z == 0.0 {
        return if s > 1.0 { w / (s - 1.0) } else { f64::INFINITY };
    }
    let shape = Discounted { s, z };
    // At this y the discount alone is e^-60 of what it was at its own mode or at zero.
    let upper = log1p((60.0 + (1.0 - s).max(0.0) * 60.0) / z);
    w * libm::exp(Panels::new(&shape, upper).log_integral(&shape))
}

/// The integrand over y = ln(1 + v/w).
struct Discounted {
    s: f64,
    z: f64,
}

impl LogConcave for Discounted {
    fn log_height(&self, y: f64) -> f64 {
        (1.0 - self.s) * y - self.z * expm1(y)
    }

    fn slope(&self, y: f64) -> f64 {
        (1.0 - self.s) - self.z * libm::exp(y)
    }
}
